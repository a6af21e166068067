//! Panels that need data to be judged, as whole windows: small and large text, both looks,
//! both themes.
//!
//! The full pictures stay in the target folder, for whoever wants to look at them; small ones are
//! held against references.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use image::{DynamicImage, imageops};
use parallax::app::action::{Action, Named};
use parallax::app::anomalies::{AnomalyAsk, AnomalyWatch};
use parallax::app::headless::Studio;
use parallax::app::panels::topics::{Look as BrokerLook, TopicRow, TopicsView};
use parallax::app::settings::{Theme, ViewSettings};
use parallax::app::telemetry::{Inbox, Sources};
use parallax::app::topics::Topics;
use parallax::app::viewport::Look;
use parallax::scene::Scene;
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::telemetry::BrowsedTopic;
use parallax::telemetry::status::{LinkState, SourceStatus, UnmappedTopic};
use parallax::telemetry::topic::Unmapped;

use super::compare;
use super::yard::{self, NOW};

/// A window of a small desk, pixels.
const WINDOW: (u32, u32) = (1_600, 1_000);
/// What is held against references.
const SMALL: (u32, u32) = (640, 400);
/// A theme, a look, and text at 80, 100 or 200 %: how often it is made larger, or smaller if below
/// zero.
const DESKS: [(&str, Theme, Look, i32); 4] = [
    ("80", Theme::Dark, Look::Operate, -2),
    ("200", Theme::Dark, Look::Operate, 10),
    ("present", Theme::Dark, Look::Present, 0),
    ("light", Theme::Light, Look::Operate, 0),
];

/// Three hours of the tanks, ten seconds apart; one of them leaks in the last half hour.
fn tell_past(studio: &mut Studio, scene: &Scene) {
    let mut batch = SampleBatch::new(Origin::Measured);
    for step in 0..1_080_u32 {
        let at = NOW.plus_secs(f64::from(step) * 10.0 - 10_800.0);
        for (place, tag) in ["TK-1", "TK-2", "TK-3"].iter().enumerate() {
            let id = scene.find_signal(&format!("{tag}.level")).expect("a level");
            // No random numbers: two waves whose lengths have nothing in common.
            let turn = f64::from(step) * (0.7 + 0.31 * place as f64);
            let noise = 0.03 * turn.sin() + 0.02 * (turn * 2.39).cos();
            let leak = if place == 1 {
                f64::from(step.saturating_sub(900)) * 0.004
            } else {
                0.0
            };
            batch.push(id, Sample::good(at, 3.0 + noise - leak));
        }
    }
    studio.tell(&batch);
}

fn find_anomalies(studio: &mut Studio, scene: &Scene) {
    yard::be_quiet(studio, scene);
    tell_past(studio, scene);
    studio.act(Action::Select(scene.find_asset("TK-2")));
    let ids = ["TK-1.level", "TK-2.level", "TK-3.level"];
    let signals = ids
        .map(|name| scene.find_signal(name).expect("a level"))
        .to_vec();
    studio.act(Action::FindAnomalies(Box::new(AnomalyAsk {
        signals,
        train: (NOW.plus_secs(-10_800.0), NOW.plus_secs(-5_400.0)),
        per_day: 2.0,
        against: None,
    })));
    let began = Instant::now();
    while studio.world().resource::<AnomalyWatch>().view.running {
        assert!(began.elapsed() < Duration::from_secs(60), "no detector");
        studio.act(Action::Hover(None));
    }
}

fn browse_topics(studio: &mut Studio, scene: &Scene) {
    yard::be_quiet(studio, scene);
    let mut source = SourceStatus::new("Yard broker", "mqtt://broker.example:1883");
    source.link = LinkState::Connected {
        since: NOW.plus_secs(-3_600.0),
    };
    (source.messages, source.unmapped_messages) = (18_240, 7);
    source.last_message = Some(NOW.plus_secs(-1.0));
    let unmapped = UnmappedTopic {
        why: Unmapped::UnknownAsset,
        count: 7,
        last_payload: "21.5".to_owned(),
        last_seen: NOW.plus_secs(-1.0),
    };
    source
        .unmapped
        .insert("yard/TK1/temperature".to_owned(), unmapped);
    let mut look = BrokerLook::of(0, &source, NOW);
    look.filter = "#".to_owned();
    (look.messages, look.left_out) = (1_250, 12);
    let long = "{\"lvl\": 2.53, \"temp\": 11.5, \"t\": \"2026-03-01T11:45:00Z\", \"q\": \"good\", \"unit\": \"m\"}";
    look.topics = vec![
        topic("yard/TK-1/level", "4.10", Ok("TK-1.level".to_owned())),
        topic("yard/TK-2/level", "3.20", Ok("TK-2.level".to_owned())),
        topic(
            "rtu/north/station-17/analog-inputs/channel-4",
            long,
            Err(Unmapped::NoPattern),
        ),
        topic("yard/TK1/temperature", "21.5", Err(Unmapped::UnknownAsset)),
        topic("yard/P-1/speed", "82", Ok("P-1.speed".to_owned())),
    ];
    let world = studio.world();
    // No feed says otherwise.
    world.remove_resource::<Inbox>();
    world.resource_mut::<Sources>().statuses = vec![source];
    world.resource_mut::<Topics>().view = TopicsView { look: Some(look) };
}

fn topic(topic: &str, payload: &str, leads_to: Result<String, Unmapped>) -> TopicRow {
    TopicRow {
        seen: BrowsedTopic {
            topic: topic.into(),
            count: 250,
            rate_hz: 2.5,
            payload: payload.into(),
            payload_bytes: payload.len(),
            last_seen: NOW.plus_secs(-2.0),
            retained: false,
        },
        leads_to,
    }
}

/// Draws a desk in every way; `show` brings its tab to the front.
fn draw_all(name: &str, tell: fn(&mut Studio, &Scene), show: fn(&mut Studio, &Scene)) {
    let opened = yard::yard();
    let scene = std::sync::Arc::clone(&opened.scene);
    let studio = Studio::new(opened, NOW, WINDOW);
    let mut studio = studio.unwrap_or_else(|error| panic!("{error}"));
    studio.act(Action::GoToBookmark(0));
    studio.panels().view_only = false;
    tell(&mut studio, &scene);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desks");
    fs::create_dir_all(&folder).expect("a folder");
    let drawn = DESKS.map(|(suffix, theme, look, times)| {
        let mut settings = studio.world().resource_mut::<ViewSettings>();
        (settings.theme, settings.look) = (theme, look);
        let (turn, back) = match times < 0 {
            true => (Named::ZoomOut, Named::ZoomIn),
            false => (Named::ZoomIn, Named::ZoomOut),
        };
        (0..times.abs()).for_each(|_| studio.act(Action::Named(turn)));
        // Small screens have a layout of their own.
        show(&mut studio, &scene);
        let picture = studio.picture().unwrap_or_else(|error| panic!("{error}"));
        (0..times.abs()).for_each(|_| studio.act(Action::Named(back)));
        let picture = DynamicImage::ImageRgba8(picture).to_rgb8();
        let name = format!("{name}-{suffix}");
        picture
            .save(folder.join(format!("{name}.png")))
            .expect("written");
        let small = imageops::thumbnail(&picture, SMALL.0, SMALL.1);
        compare::hold(&name, &small, (8, 5))
    });
    for told in drawn {
        told.unwrap_or_else(|why| panic!("{why}"));
    }
}

#[test]
fn anomalies_look_as_they_did() {
    draw_all("anomalies", find_anomalies, |studio, _| {
        studio.act(Action::Named(Named::ShowAnomalies));
    });
}

#[test]
fn topics_look_as_they_did() {
    draw_all("topics", browse_topics, |studio, scene| {
        let show = Action::Named(Named::ShowTopics);
        studio.panels().follow(&show, scene);
    });
}

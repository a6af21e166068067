//! What must be seen on every screen and at every scale is seen, whole and beside each other.

use egui::Rect;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use parallax::app::panels::layout::Tab;
use parallax::timeline::TimelineCommand;

use crate::alarm_panels::{crowd, rows};
use crate::panels::{Screen, draw, draw_sized};
use crate::plant::{NOW, Stage};

const SCREENS: [[f32; 2]; 2] = [[1_280.0, 800.0], [1_920.0, 1_080.0]];
const SCALES: [f32; 7] = [0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0];

/// What of `texts` is on screen, and where.
fn places(harness: &Harness<'_, Screen>, texts: &[&str]) -> Vec<(String, Rect)> {
    let found = texts.iter().flat_map(|text| {
        let nodes = harness.query_all_by_label_contains(text);
        nodes.map(|node| ((*text).to_owned(), node.rect()))
    });
    found.collect()
}

#[track_caller]
fn check_apart(places: &[(String, Rect)], within: Rect, case: &str) {
    for (place, (text, rect)) in places.iter().enumerate() {
        assert!(
            within.contains_rect(*rect),
            "{case}: `{text}` is cut: {rect} of {within}"
        );
        for (other, there) in &places[place + 1..] {
            let shared = rect.intersect(*there);
            let apart = shared.width() <= 0.5 || shared.height() <= 0.5;
            assert!(apart, "{case}: `{text}` {rect} lies over `{other}` {there}");
        }
    }
}

#[test]
fn the_top_bar_keeps_mode_time_and_counts_at_every_scale() {
    let mut stage = Stage::new();
    stage.demo = true;
    stage.live_alarms.active_by_priority = [12, 345, 1_678];
    stage.live_alarms.unacknowledged = 777;
    stage.finish_run(1, 0);
    for (mode, secs) in [
        ("LIVE", None),
        ("HISTORY", Some(-720.0)),
        ("SIMULATED", Some(6_600.0)),
    ] {
        if let Some(secs) = secs {
            stage.steer(TimelineCommand::Seek(NOW.plus_secs(secs)));
        }
        for [width, height] in SCREENS {
            for scale in SCALES {
                let case = format!("{mode} at {width} × {height}, {scale}");
                let size = [width / scale, height / scale];
                let harness = draw_sized(&stage, Screen::default(), size);
                let needed = [mode, "DEMO", ":00 UTC", " active now, priority "];
                let rest = [
                    "File",
                    "Help",
                    "Menu",
                    "Hill waterworks",
                    " ago",
                    "777 new",
                    "Operate",
                    "Present",
                ];
                let bar = Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(size[0], 50.0));
                let in_bar = |texts: &[&str]| {
                    let mut places = places(&harness, texts);
                    places.retain(|(_, rect)| bar.contains(rect.center()));
                    places
                };
                let always = in_bar(&needed);
                assert_eq!(always.len(), 6, "{case}: {always:?}");
                let all: Vec<_> = always.into_iter().chain(in_bar(&rest)).collect();
                check_apart(&all, bar, &case);
            }
        }
    }
}

#[test]
fn what_the_top_bar_leaves_out_stands_in_its_menu() {
    let stage = Stage::new();
    let mut harness = draw_sized(&stage, Screen::default(), [640.0, 400.0]);
    assert_eq!(harness.query_all_by_label("File").count(), 0);
    harness.get_by_label("Menu").click();
    harness.run();
    for menu in ["File", "View", "Time", "Help"] {
        let found = harness.query_all_by_label_contains(menu).count();
        assert!(found > 0, "{menu} is not in the menu");
    }
}

#[test]
fn alarms_are_listed_on_the_smallest_screen_at_the_largest_scale() {
    let stage = crowd(500);
    for [width, height] in SCREENS {
        for scale in SCALES {
            let case = format!("{width} × {height} at {scale}");
            let size = [width / scale, height / scale];
            let harness = draw_sized(&stage, Screen::showing(Tab::Alarms), size);
            let drawn = rows(&harness);
            assert!(drawn >= 3, "{case}: {drawn} rows");
            let head = places(
                &harness,
                &["500 active", "Acknowledge all", "to acknowledge"],
            );
            let screen = Rect::from_min_size(egui::Pos2::ZERO, size.into());
            let mut head = head;
            head.retain(|(_, rect)| rect.top() > 80.0);
            assert!(head.len() >= 3, "{case}: {head:?}");
            check_apart(&head, screen, &case);
            let message = harness
                .query_all_by_label("Level high")
                .map(|node| node.rect().width())
                .fold(0.0, f32::max);
            assert!(message > 55.0, "{case}: a message has {message} points");
        }
    }
}

#[test]
fn a_message_of_many_words_is_read_on_a_common_screen() {
    let mut stage = crowd(20);
    let long = "Level of the clear-water tank above its highest working level";
    for signal in &mut stage.scene.signals {
        for limit in &mut signal.limits {
            long.clone_into(&mut limit.message);
        }
    }
    let harness = draw(&stage, Screen::showing(Tab::Alarms));
    let found = harness.query_all_by_label(long);
    let widest = found.map(|node| node.rect().width()).fold(0.0, f32::max);
    assert!(widest > 280.0, "{widest} points at 1600 × 1000");
}

//! The alarm desk on screen, by what is written on it.

mod banner;
mod beacons;
mod commands;
mod judged;
mod list;

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use parallax::alarm::{Alarm, AlarmId, AlarmState, Standing};
use parallax::app::panels::RecordingView;
use parallax::scene::Priority;
use parallax::session::Opened;
use parallax::simulation::Plant;

use super::panels::Screen;
use super::plant::{NOW, Stage};
use super::twin::tanks;

/// A plant of so many tanks, each with an alarm: of each ten one is urgent, three are high;
/// every other one waits, the first is the newest.
pub(crate) fn crowd(count: usize) -> Stage {
    let scene = tanks(count);
    let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut stage = Stage::of(Opened {
        scene: Arc::new(scene),
        plant: Arc::new(plant),
        file: "test.ron".into(),
        folder: ".".into(),
        drawings: Vec::new(),
    });
    let sources: Vec<_> = stage.scene.alarm_sources().collect();
    let alarms = sources.iter().enumerate().map(|(place, source)| {
        let (standing, state) = match place % 2 {
            0 => (Standing::Unacknowledged, AlarmState::Unacknowledged),
            _ => (Standing::Acknowledged, AlarmState::Acknowledged),
        };
        let raised = NOW.plus_secs(-10.0 - place as f64);
        Alarm {
            id: AlarmId(place as u32),
            signal: source.signal(),
            limit: Some(0),
            rule: None,
            kind: stage.scene.signal(source.signal()).limits[0].kind,
            priority: match place % 10 {
                0 => Priority::Urgent,
                1..=3 => Priority::High,
                _ => Priority::Low,
            },
            standing,
            state,
            since: raised,
            raised,
            value: 9.5,
            acknowledged: None,
        }
    });
    stage.alarms = alarms.collect();
    stage.live.clone_from(&stage.alarms);
    stage.live_alarms.unacknowledged = count.div_ceil(2);
    stage.live_alarms.acknowledged = count / 2;
    stage.live_alarms.shelved = 2;
    stage
}

pub(crate) fn record(stage: &mut Stage) {
    stage.recording = Some(RecordingView {
        place: "store".to_owned(),
        status: None,
        trouble: None,
    });
}

pub(crate) fn rows(harness: &Harness<'_, Screen>) -> usize {
    harness.query_all_by_label_contains("Choose TK-").count()
}

pub(crate) fn press(harness: &mut Harness<'_, Screen>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

//! One frame of the twin: from a sample, an action or a run to what the world shows.

use std::path::Path;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use parallax::alarm::AlarmState;
use parallax::app::action::{Action, Named};
use parallax::app::scene::{AlarmMarks, OpenScene};
use parallax::app::selection::Selection;
use parallax::app::simulation::Runs;
use parallax::app::telemetry::Historian;
use parallax::app::timeline::Frame;
use parallax::scene::{Priority, Scene};
use parallax::session;
use parallax::signal::{Origin, Sample, SignalId};
use parallax::simulation::RunState;
use parallax::timeline::{Mode, TimelineCommand};

use super::twin::{Twin, secs, tanks};

const LEVEL: SignalId = SignalId(0);

#[test]
fn a_sample_reaches_its_reading_in_the_same_frame() {
    let mut twin = Twin::of(tanks(1));
    twin.send(&[(LEVEL, Sample::good(secs(10), 1.5))]);
    twin.update();
    let row = twin.reading("TK-1.level").expect("a value");
    assert_eq!((row.sample.value, row.stale), (1.5, false));
}

#[test]
fn readings_change_only_where_something_changed() {
    let mut twin = Twin::of(tanks(100));
    let changes = |twin: &Twin| {
        let frame = twin.app.world().resource::<Frame>();
        frame.cursor.changed().len()
    };
    twin.update();
    twin.update();
    assert_eq!(changes(&twin), 0, "a still plant is left alone");
    twin.send(&[(SignalId(8), Sample::good(secs(1), 2.0))]);
    twin.update();
    assert_eq!(changes(&twin), 1);
    twin.update();
    assert_eq!(changes(&twin), 0);
}

#[test]
fn a_value_grows_stale_and_is_never_shown_as_fresh() {
    let mut twin = Twin::of(tanks(2));
    twin.send(&[
        (LEVEL, Sample::good(secs(0), 1.0)),
        (SignalId(2), Sample::good(secs(100), 2.0)),
    ]);
    twin.update();
    assert!(
        twin.reading("TK-1.level").expect("kept").stale,
        "60 s are over"
    );
    assert!(!twin.reading("TK-2.level").expect("kept").stale);
    twin.steer(TimelineCommand::Seek(secs(60)));
    assert!(
        !twin.reading("TK-1.level").expect("kept").stale,
        "it was fresh then"
    );
}

#[test]
fn a_lost_link_makes_its_signals_stale_at_once() {
    let mut twin = Twin::of(tanks(1));
    twin.send(&[(LEVEL, Sample::good(secs(10), 1.0))]);
    twin.app
        .world_mut()
        .resource_mut::<Historian>()
        .lose_link([LEVEL], secs(10));
    twin.update();
    let row = twin.reading("TK-1.level").expect("the last value stays");
    assert!(row.stale && row.lost);
}

#[test]
fn beyond_the_present_there_is_no_data_without_a_run() {
    let mut twin = Twin::of(tanks(1));
    twin.send(&[(LEVEL, Sample::good(secs(10), 1.0))]);
    twin.update();
    twin.steer(TimelineCommand::Seek(secs(11)));
    assert_eq!(twin.timeline().mode(), Mode::Beyond);
    assert_eq!(twin.reading("TK-1.level"), None, "never a held last value");
}

#[test]
fn an_alarm_marks_its_asset_and_is_acknowledged_live_only() {
    let mut twin = Twin::of(tanks(2));
    twin.send(&[(LEVEL, Sample::good(secs(10), 9.5))]);
    twin.update();
    twin.update();
    assert_eq!(twin.alarms().len(), 1);
    let id = twin.alarms()[0].id;
    let mark = |twin: &Twin, tag: &str| {
        let world = twin.app.world();
        let asset = world.resource::<OpenScene>().scene.find_asset(tag);
        world.resource::<AlarmMarks>().of(asset.expect("an asset"))
    };
    assert_eq!(
        mark(&twin, "TK-1")
            .0
            .map(|(priority, waits)| (priority, waits.0)),
        Some((Priority::High, true))
    );
    assert_eq!(mark(&twin, "TK-2").0, None);

    twin.send(&[(LEVEL, Sample::good(secs(20), 9.5))]);
    twin.steer(TimelineCommand::Seek(secs(12)));
    twin.act(Action::Acknowledge(id));
    assert!(
        twin.last_notice().contains("live only"),
        "{}",
        twin.last_notice()
    );
    assert_eq!(twin.alarms()[0].state, AlarmState::Unacknowledged);

    twin.act(Action::Named(Named::GoLive));
    twin.act(Action::Acknowledge(id));
    twin.update();
    assert_eq!(twin.alarms()[0].state, AlarmState::Acknowledged);
    twin.steer(TimelineCommand::Seek(secs(5)));
    assert!(twin.alarms().is_empty(), "the list is as it was");
}

#[test]
fn selecting_is_the_same_everywhere() {
    let mut twin = Twin::of(tanks(3));
    let asset = twin.scene().find_asset("TK-2");
    twin.act(Action::Select(asset));
    assert_eq!(twin.app.world().resource::<Selection>().selected, asset);
    twin.act(Action::Named(Named::Escape));
    assert_eq!(twin.app.world().resource::<Selection>().selected, None);
}

#[test]
fn opening_scenes_over_and_over_leaks_no_entity() {
    let mut twin = Twin::of(tanks(20));
    let count = |twin: &mut Twin| {
        let mut query = twin.app.world_mut().query::<Entity>();
        query.iter(twin.app.world()).count()
    };
    let before = count(&mut twin);
    for _ in 0..20 {
        parallax::app::scene::open(twin.app.world_mut(), tanks(20).into());
        twin.update();
    }
    assert_eq!(count(&mut twin), before);
}

/// The waterworks, with no network: samples are put in by hand.
fn waterworks() -> (Twin, SignalId) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/waterworks");
    let mut opened = session::open(&folder).unwrap_or_else(|error| panic!("{error}"));
    let text = std::fs::read_to_string(&opened.file).expect("the scene file");
    let mut scene: Scene = parallax::scene::parse(&text).expect("a valid scene");
    scene.sources.clear();
    opened.scene = scene.into();
    let twin = Twin::opened(opened);
    let level = twin
        .scene()
        .find_signal("TK-401.level")
        .expect("the reservoir's level");
    (twin, level)
}

#[test]
fn a_run_starts_at_the_playhead_in_the_past_or_at_the_present() {
    let (mut twin, level) = waterworks();
    for at in 0..=100 {
        twin.send(&[(level, Sample::good(secs(at), 3.0))]);
    }
    twin.update();
    let mut scenario = session::baseline(&twin.scene());
    scenario.horizon = Duration::from_secs(600);
    scenario.members = 1;
    let run = Action::StartRun(Box::new(scenario));
    twin.steer(TimelineCommand::Seek(secs(40)));
    twin.act(run.clone());
    twin.steer(TimelineCommand::Seek(secs(40)));
    // What "Run from now" asks for when the past is looked at, in one frame.
    let live = Action::Timeline(TimelineCommand::GoLive);
    twin.app.world_mut().write_message(live);
    twin.act(run);
    let runs = &twin.app.world().resource::<Runs>().records;
    let starts: Vec<_> = runs.iter().map(|record| record.start).collect();
    assert_eq!(starts, [secs(40), secs(100)]);
}

#[test]
fn a_run_is_branched_while_the_plant_goes_on_and_answers_for_the_future() {
    let (mut twin, level) = waterworks();
    let scene = twin.scene();
    twin.send(&[(level, Sample::good(secs(0), 3.0))]);
    twin.update();
    let mut scenario = session::baseline(&scene);
    scenario.horizon = Duration::from_secs(3_600);
    scenario.members = 3;
    twin.act(Action::StartRun(Box::new(scenario)));
    let began = Instant::now();
    let mut step = 0;
    loop {
        step += 1;
        twin.send(&[(level, Sample::good(secs(step), 3.0))]);
        twin.update();
        let runs = twin.app.world().resource::<Runs>();
        let record = runs.records.first().expect("the run is listed");
        match &record.state {
            RunState::Running => assert!(began.elapsed() < Duration::from_secs(60), "no end"),
            RunState::Finished => break,
            other => panic!("{other:?}"),
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let now = twin.timeline().now();
    assert_eq!(now, secs(step), "live went on meanwhile");
    let ahead = secs(1_800);
    assert!(ahead > now, "the test machine is too slow for this test");
    twin.steer(TimelineCommand::Seek(ahead));
    assert_eq!(twin.timeline().mode(), Mode::Simulated);
    let row = twin.reading("TK-401.level").expect("the run answers");
    assert!(!row.stale && row.sample.value > 0.0);
    let history = twin.app.world().resource::<Historian>();
    let run = twin.timeline().selected_run().expect("it was selected");
    assert!(
        history
            .latest_at(Origin::BandHigh(run), level, ahead)
            .is_some()
    );
    twin.steer(TimelineCommand::Seek(secs(3_601)));
    assert_eq!(
        twin.reading("TK-401.level"),
        None,
        "no data past the horizon"
    );
}

//! A water network of EPANET in the program: planned with, looked at, changed by a planner.

use std::fs;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use egui_kittest::kittest::Queryable;
use parallax::app::action::Action;
use parallax::app::launch::{Launch, StoreChoice};
use parallax::app::panels::layout::Tab;
use parallax::app::scene::{AlarmMark, AlarmMarks, OpenScene};
use parallax::app::selection::Selection;
use parallax::app::simulation::Runs;
use parallax::app::timeline::{Frame, Playback};
use parallax::scene::{Effect, Priority};
use parallax::session::{self, FeedPlan, Opened};
use parallax::simulation::RunState;
use parallax::timeline::{Mode, TimelineCommand};

use super::panels::{Screen, check_texts, draw};
use super::plant::Stage;

/// A pump fills a tank over a main; without it the tank runs dry in the night.
const TOWN: &str = "\
[JUNCTIONS]
 J1   10   5
 J2   20   3
[RESERVOIRS]
 R    30
[TANKS]
 T    60   3   0.5   6   12   0
[PIPES]
 P1   J1   J2   1000   300   130
 P2   J2   T    500    250   130
[PUMPS]
 PU   R    J1   HEAD lift
[CURVES]
 lift 30   50
[OPTIONS]
 Units  LPS
[COORDINATES]
 J1   0     0
 J2   1000  0
 R    -100  0
 T    1400  300
[END]
";

fn town() -> Opened {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("town.inp");
    fs::write(&file, TOWN).expect("a file");
    session::open(&file).unwrap_or_else(|error| panic!("{error}"))
}

/// The twin of the town, without a picture, after its launch.
fn twin() -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, parallax::app::twin))
        .insert_resource(TimeUpdateStrategy::ManualDuration(Duration::from_millis(
            100,
        )));
    let launch = Launch {
        opened: town(),
        feed: FeedPlan::Sources { broker: None },
        store: StoreChoice::None,
    };
    launch
        .enter(app.world_mut())
        .unwrap_or_else(|error| panic!("{error}"));
    app
}

/// Waits until `count` runs are finished.
fn finish_runs(app: &mut App, count: usize) {
    let began = Instant::now();
    let finished = |app: &App| {
        let runs = &app.world().resource::<Runs>().records;
        let done = runs.iter().filter(|run| run.state == RunState::Finished);
        done.count()
    };
    while finished(app) < count {
        assert!(began.elapsed() < Duration::from_secs(60), "no end");
        app.update();
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn act(app: &mut App, action: Action) {
    app.world_mut().write_message(action);
    app.update();
}

#[test]
fn without_a_plant_a_network_shows_its_future_at_once() {
    let mut app = twin();
    finish_runs(&mut app, 1);
    app.update();
    let timeline = &app.world().resource::<Playback>().0;
    assert_eq!(timeline.mode(), Mode::Simulated);
    let now = timeline.now();
    let scene = &app.world().resource::<OpenScene>().scene;
    let junction = scene.asset(scene.find_asset("J1").expect("there"));
    let rows = app.world().resource::<Frame>().cursor.rows();
    let pressure = rows[junction.signals.start as usize];
    assert!(
        pressure.is_some_and(|row| row.sample.value > 0.0),
        "{pressure:?}"
    );
    std::thread::sleep(Duration::from_millis(20));
    app.update();
    let later = app.world().resource::<Playback>().now();
    assert_eq!(later, now, "nothing goes on where no plant is");
}

#[test]
fn what_passes_a_limit_ahead_is_marked_at_the_playhead() {
    let mut app = twin();
    finish_runs(&mut app, 1);
    let scene = app.world().resource::<OpenScene>().scene.clone();
    let trip = scene
        .find_scenario("PU trips at +1 h")
        .expect("there")
        .clone();
    act(&mut app, Action::StartRun(Box::new(trip)));
    finish_runs(&mut app, 2);
    let start = app.world().resource::<Runs>().records[1].start;
    let mark_at = |app: &mut App, hours: f64| {
        let at = start.plus_secs(hours * 3_600.0);
        act(app, Action::Timeline(TimelineCommand::Seek(at)));
        let scene = &app.world().resource::<OpenScene>().scene;
        let tank = scene.find_asset("T").expect("there");
        let mark = app.world().resource::<AlarmMarks>().of(tank).0;
        mark.map(|(priority, _)| priority)
    };
    assert_eq!(mark_at(&mut app, 2.0), None);
    assert_eq!(mark_at(&mut app, 23.0), Some(Priority::High), "it ran dry");
    act(&mut app, Action::Timeline(TimelineCommand::GoLive));
    let scene = &app.world().resource::<OpenScene>().scene;
    let tank = scene.find_asset("T").expect("there");
    let mark = app.world().resource::<AlarmMarks>().of(tank);
    assert_eq!(mark, AlarmMark(None), "no alarm of the present");
}

#[test]
fn a_planner_closes_a_pipe_in_three_clicks() {
    let mut stage = Stage::of(town());
    let pipe = stage.scene.find_asset("P1");
    stage.selection = Selection::one(pipe);
    let mut screen = draw(&stage, Screen::showing(Tab::Inspector));
    screen.get_by_label("Set in a scenario").click();
    screen.run();
    let open = stage.signal("P1.open");
    assert_eq!(screen.state().actions, [Action::Override(open)]);
    drop(screen);

    let mut edited = Screen::default();
    for _ in 0..2 {
        // Asked for twice, it is there once.
        edited.panels.follow(&Action::Override(open), &stage.scene);
    }
    let mut screen = draw(&stage, edited);
    check_texts(&screen, &["P1.open"]);
    screen.get_by_label("Run from now").click();
    screen.run();
    let started = screen.state().started().expect("a run");
    let overrides: Vec<_> = started
        .overrides
        .iter()
        .map(|held| (held.signal, held.effect.clone()))
        .collect();
    assert_eq!(overrides, [(open, Effect::Set(0.0))]);
}

#[test]
fn what_became_of_an_imported_file_is_told() {
    let mut stage = Stage::of(town());
    stage.planned = true;
    let screen = draw(&stage, Screen::showing(Tab::Sources));
    check_texts(
        &screen,
        &[
            "PLAN: no plant connected",
            "No source",
            "Imported",
            "junctions",
        ],
    );
    let guessed = stage.scene.imports[0].guessed.len();
    check_texts(&screen, &[&format!("Guessed: {guessed}")]);
}

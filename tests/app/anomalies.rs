//! Anomalies in the window: found as the command finds them, gone on with, and told plainly.

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use egui_kittest::kittest::Queryable;
use parallax::app::action::{Action, Named};
use parallax::app::anomalies::{AnomalyAsk, AnomalyView, AnomalyWatch};
use parallax::app::panels::layout::Tab;
use parallax::cli::{DetectArgs, detect};
use parallax::forecast::anomaly::{DetectorSettings, FalseAlarms};
use parallax::scene;
use parallax::session::{self, Anomalies, DetectPlan};
use parallax::signal::{Origin, RunId, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use parallax::timeline::TimelineCommand;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::panels::{Screen, check_texts, draw, draw_sized};
use super::plant::{NOW, Stage};
use super::twin::Twin;

/// Rows, of which so many are learned from; the pump's flow falls later.
const ROWS: u32 = 900;
const LEARNED: u32 = 400;
const FALLS: u32 = 700;
/// The distance of rows, s.
const STEP: u32 = 10;

const SCENE: &str = r#"Scene(
    format: 1,
    name: "Pump",
    types: {"pump": (shape: Pump, size: (2, 1, 1), signals: [
        (name: "flow", unit: "m3/h", range: (0, 400), max_age: "30s"),
        (name: "pressure", unit: "bar", range: (0, 10), max_age: "30s"),
        (name: "speed", unit: "%", range: (0, 100), max_age: "30s"),
    ])},
    assets: [(tag: "P-1", type: "pump")],
)"#;

fn at(row: u32) -> Timestamp {
    Timestamp::from_secs(1_767_225_600 + i64::from(row * STEP))
}

/// What the pump shows at a row, in units of the scene.
fn values(row: u32) -> [f64; 3] {
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(row));
    let noise: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(&mut random));
    let fall = if row >= FALLS { 25.0 } else { 0.0 };
    [
        310.0 - fall + 3.0 * noise[0],
        4.0 + 0.05 * noise[1] + 0.02 * noise[0],
        82.0,
    ]
}

/// Rows as samples, as a source would send them.
fn samples(twin: &Twin, rows: std::ops::Range<u32>) -> Vec<(SignalId, Sample)> {
    let scene = twin.scene();
    let mut samples = Vec::new();
    for row in rows {
        for (id, value) in (0..).map(SignalId).zip(values(row)) {
            let si = scene.signal(id).unit.to_si(value);
            samples.push((id, Sample::good(at(row), si)));
        }
    }
    samples
}

fn ask() -> AnomalyAsk {
    AnomalyAsk {
        signals: (0..3).map(SignalId).collect(),
        train: (at(0), at(LEARNED - 1)),
        per_day: 2.0,
        against: None,
    }
}

fn view(twin: &Twin) -> &AnomalyView {
    &twin.app.world().resource::<AnomalyWatch>().view
}

/// Asks, and waits for the thread.
fn find(twin: &mut Twin, ask: AnomalyAsk) {
    twin.act(Action::FindAnomalies(Box::new(ask)));
    for _ in 0..2_000 {
        if !view(twin).running {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
        twin.update();
    }
    panic!("the thread found nothing");
}

fn pump() -> Twin {
    Twin::of(scene::parse(SCENE).unwrap_or_else(|problems| panic!("{problems:?}")))
}

/// Time, score, flag and shares of each row, as the command writes them.
fn of_command(rows: u32) -> Vec<(String, f64, bool, Vec<f64>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = folder.path().join("scene.ron");
    fs::write(&scene, SCENE).expect("written");
    let mut text = "time,P-1.flow,P-1.pressure,P-1.speed\n".to_owned();
    for row in 0..rows {
        let [flow, pressure, speed] = values(row);
        writeln!(text, "{},{flow},{pressure},{speed}", at(row)).expect("text");
    }
    let file = folder.path().join("run.csv");
    fs::write(&file, text).expect("written");
    let out = folder.path().join("out");
    detect(&DetectArgs {
        files: vec![file],
        scene,
        asset: None,
        train: LEARNED as usize,
        model: None,
        budget: "2/day".parse::<FalseAlarms>().expect("a budget"),
        twin: None,
        out: out.clone(),
    });
    let table = fs::read_to_string(out.join("run.csv")).expect("scores");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |cell: &&str| cell.parse::<f64>().expect("a number");
        let shares = cells[6..].iter().map(number).collect();
        (
            cells[0].to_owned(),
            number(&cells[2]),
            cells[3] == "1",
            shares,
        )
    };
    table.lines().skip(1).map(row).collect()
}

#[test]
fn the_window_finds_what_the_command_writes_and_goes_on_with_what_comes_in() {
    let mut twin = pump();
    let early = samples(&twin, 0..LEARNED + 100);
    twin.send(&early);
    twin.update();
    find(&mut twin, ask());
    assert_eq!(view(&twin).trouble, None);
    assert!(view(&twin).excursions.is_empty());
    // The rest comes in while the detector is open: no more than some rows in a frame.
    let late = samples(&twin, LEARNED + 100..ROWS);
    twin.send(&late);
    twin.update();
    let found = view(&twin).found.as_ref().expect("a detector");
    assert!(
        found.verdicts.len() < ROWS as usize - 100,
        "a frame is short"
    );
    for _ in 0..20 {
        twin.update();
    }
    let found = view(&twin).found.as_ref().expect("a detector");
    // The last row waits a step for what is late.
    assert_eq!(found.verdicts.len(), ROWS as usize - 1);
    let written = of_command(ROWS);
    for (verdict, (time, score, flagged, shares)) in found.verdicts.iter().zip(&written) {
        assert_eq!(&verdict.at.to_string(), time);
        assert_eq!(
            (verdict.score, verdict.flagged),
            (*score, *flagged),
            "{time}"
        );
        assert_eq!(&verdict.contributions, shares, "{time}");
    }
    assert_eq!(found.detector().ignored[0].signal, "P-1.speed");
    let [excursion] = &view(&twin).excursions[..] else {
        panic!("{:?}", view(&twin).excursions)
    };
    assert!(excursion.from >= at(FALLS) && excursion.from <= at(FALLS + 30));
    assert!(excursion.shares[0] > 0.5, "{excursion:?}");
    let change = &found.changes[0];
    assert_eq!(change.signal, "P-1.flow");
    assert!(twin.alarms().is_empty(), "an estimate is no alarm");
}

#[test]
fn what_cannot_be_learned_is_told_with_what_to_do() {
    #[track_caller]
    fn check(twin: &mut Twin, ask: AnomalyAsk, said: &str) {
        find(twin, ask);
        assert!(view(twin).found.is_none());
        let trouble = view(twin).trouble.clone().expect("a reason");
        assert!(trouble.contains(said), "{trouble}");
    }
    let mut twin = pump();
    let early = samples(&twin, 0..LEARNED);
    twin.send(&early);
    twin.update();
    let none = AnomalyAsk {
        signals: Vec::new(),
        ..ask()
    };
    check(&mut twin, none, "tick those to watch");
    let before = AnomalyAsk {
        train: (at(0).plus_secs(-900.0), at(0).plus_secs(-600.0)),
        ..ask()
    };
    check(&mut twin, before, "Nothing was recorded in the stretch");
    let short = AnomalyAsk {
        train: (at(0), at(20)),
        ..ask()
    };
    check(&mut twin, short, "choose a longer stretch");
    let constant = AnomalyAsk {
        signals: vec![SignalId(2)],
        ..ask()
    };
    check(&mut twin, constant, "P-1.speed is constant in training");
    let gaps = AnomalyAsk {
        train: (at(0).plus_secs(-86_400.0), at(LEARNED - 1)),
        ..ask()
    };
    check(&mut twin, gaps, "is missing in most training rows");
    // What was wrong is gone once it is right.
    find(&mut twin, ask());
    assert_eq!(view(&twin).trouble, None);
}

#[test]
fn the_residual_of_a_run_is_watched_where_it_covers_the_stretch() {
    let mut twin = pump();
    let all = samples(&twin, 0..ROWS);
    twin.send(&all);
    let run = RunId(3);
    let mut batch = SampleBatch::new(Origin::Simulated(run));
    let unit = twin.scene().signal(SignalId(0)).unit;
    for row in (0..=800).step_by(5) {
        batch.push(SignalId(0), Sample::good(at(row), unit.to_si(310.0)));
    }
    let world = twin.app.world_mut();
    let mut history = world.resource_mut::<parallax::app::telemetry::Historian>();
    history.insert(&batch);
    history.set_reach(batch.origin, at(800));
    twin.update();
    let residual = AnomalyAsk {
        against: Some(run),
        ..ask()
    };
    find(&mut twin, residual);
    assert_eq!(view(&twin).trouble, None);
    let found = view(&twin).found.as_ref().expect("a detector");
    assert_eq!(found.detector().signals, ["P-1.flow"]);
    let last = found.verdicts.back().expect("rows");
    assert_eq!(last.at, at(800), "no further than the run");
    assert!(last.flagged && !view(&twin).excursions.is_empty());
}

/// A stage whose tank and pump were watched, with what was found of `P-1.flow`.
fn watched() -> Stage {
    let mut stage = Stage::new();
    stage.select("P-1");
    let plan = DetectPlan {
        signals: vec![stage.signal("P-1.flow"), stage.signal("P-1.speed")],
        // The pump starts 900 s after the first sample.
        train: (NOW.plus_secs(-2_900.0), NOW.plus_secs(-2_120.0)),
        until: NOW.plus_secs(-5.0),
        step: Duration::from_secs(5),
        against: None,
        settings: DetectorSettings::default(),
    };
    let running = DetectPlan {
        train: (NOW.plus_secs(-2_000.0), NOW.plus_secs(-1_000.0)),
        ..plan.clone()
    };
    // Standing still there is nothing to learn; running there is.
    assert!(Anomalies::find(&stage.history, &stage.scene, plan).is_err());
    let found = Anomalies::find(&stage.history, &stage.scene, running);
    stage
        .anomalies
        .take(found.map_err(|error| error.to_string()));
    stage
}

#[test]
fn the_panel_asks_for_what_is_chosen() {
    let mut stage = Stage::new();
    let mut harness = draw(&stage, Screen::showing(Tab::Anomalies));
    check_texts(&harness, &["Select an asset"]);
    drop(harness);
    stage.select("P-1");
    harness = draw(&stage, Screen::showing(Tab::Anomalies));
    check_texts(&harness, &["No detector is trained yet", "All of PS-1"]);
    harness.get_by_label("P-1.running").click();
    harness.run();
    harness.get_by_label("Find anomalies").click();
    harness.run();
    let Some(Action::FindAnomalies(asked)) = harness.state().actions.last() else {
        panic!("{:?}", harness.state().actions)
    };
    let flow_and_speed = ["P-1.flow", "P-1.speed"].map(|name| stage.signal(name));
    assert_eq!(asked.signals, flow_and_speed);
    let hour = (
        stage.timeline.now().plus_secs(-3_600.0),
        stage.timeline.now(),
    );
    assert_eq!(
        (asked.train, asked.per_day, asked.against),
        (hour, 1.0, None)
    );
}

#[test]
fn the_span_of_the_time_bar_is_learned_from() {
    let mut stage = Stage::new();
    stage.select("P-1");
    let span = (NOW.plus_secs(-1_500.0), NOW.plus_secs(-500.0));
    stage.steer(TimelineCommand::Loop(Some(span)));
    let mut harness = draw(&stage, Screen::showing(Tab::Anomalies));
    harness.get_by_label("The span on the time bar").click();
    harness.run();
    harness.get_by_label("Find anomalies").click();
    harness.run();
    let Some(Action::FindAnomalies(asked)) = harness.state().actions.last() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!(asked.train, span);
}

#[test]
fn what_was_found_is_told_and_leads_there() {
    let mut stage = watched();
    let found = stage.anomalies.found.as_ref().expect("a detector");
    let now = found.at(stage.timeline.now()).expect("a row");
    let text = format!("{:.2} × the limit", now.score);
    {
        let harness = draw(&stage, Screen::showing(Tab::Anomalies));
        let method = "Signals as measured: level, correlation, scatter";
        check_texts(&harness, &[method, "Now", &text, "1 not watched"]);
    }
    // An excursion that was made up, so that the list has a line for sure.
    let mut verdicts: Vec<_> = found.verdicts.iter().cloned().collect();
    for verdict in &mut verdicts {
        verdict.flagged = false;
    }
    verdicts[300].flagged = true;
    stage.anomalies.excursions = session::excursions(&verdicts);
    let from = verdicts[300].at;
    for size in [[1_600.0, 1_000.0], [1_000.0, 700.0]] {
        let mut harness = draw_sized(&stage, Screen::showing(Tab::Anomalies), size);
        if harness.query_by_label("Findings").is_some() {
            harness.get_by_label("Findings").click();
            harness.run();
        }
        let label = from.format("%d %b %H:%M:%S");
        harness.get_by_label(&label).click();
        harness.run();
        let seek = Action::Timeline(TimelineCommand::Seek(from));
        assert_eq!(harness.state().actions.last(), Some(&seek), "{size:?}");
    }
}

#[test]
fn the_palette_shows_the_anomalies_of_the_selected_asset() {
    let stage = Stage::new();
    let mut screen = Screen::default();
    screen
        .panels
        .show_anomalies_of(stage.scene.find_asset("TK-2"));
    let harness = draw(&stage, screen);
    check_texts(&harness, &["TK-2.level", "Find anomalies"]);
    assert_eq!(Named::find("show-anomalies"), Some(Named::ShowAnomalies));
}

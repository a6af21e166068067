//! Failures foretold in the window: from the playhead, live and back in time, and what to do.

use std::path::Path;
use std::time::Duration;

use egui_kittest::kittest::Queryable;
use parallax::app::action::Action;
use parallax::app::health::{HealthView, HealthWatch};
use parallax::app::panels::layout::Tab;
use parallax::app::simulation::Runs;
use parallax::forecast::health::{Outlook, RemainingLife};
use parallax::scene::{self, AssetIndex};
use parallax::session;
use parallax::signal::{RunId, Sample, SignalId};
use parallax::simulation::{Against, Plant};
use parallax::time::Timestamp;
use parallax::timeline::TimelineCommand;

use super::panels::{Screen, check_texts, draw};
use super::plant::{NOW, Stage};
use super::twin::Twin;

const SCENE: &str = r#"Scene(
    format: 1,
    name: "Mill",
    types: {"mill": (shape: Pump, size: (2, 1, 1), signals: [
        (name: "power", unit: "kW", range: (0, 400), max_age: "2min"),
        (name: "wear", unit: "%", range: (0, 100), max_age: "2min", prognosis: (threshold: 100)),
    ])},
    assets: [(tag: "M-1", type: "mill"), (tag: "M-2", type: "mill")],
)"#;

const HOUR: f64 = 3_600.0;

fn at(hours: f64) -> Timestamp {
    Timestamp::from_secs(1_767_225_600).plus_secs(hours * HOUR)
}

/// A tenth of its life an hour, told every minute.
fn worn(signal: SignalId, minutes: std::ops::Range<u32>) -> Vec<(SignalId, Sample)> {
    let sample = |minute: u32| {
        let hours = f64::from(minute) / 60.0;
        (signal, Sample::good(at(hours), 0.1 * hours))
    };
    minutes.map(sample).collect()
}

fn view(twin: &Twin) -> &HealthView {
    &twin.app.world().resource::<HealthWatch>().view
}

/// Waits until what is foretold is seen from then.
fn settle(twin: &mut Twin, seen_from: Timestamp) {
    for _ in 0..2_000 {
        twin.update();
        if !view(twin).running && view(twin).at == Some(seen_from) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the past was never read");
}

/// The median life of M-1 in hours, from its last sample on.
fn median(twin: &Twin, signal: SignalId) -> Option<f64> {
    let outlook = view(twin).outlooks.get(&signal).copied().flatten()?;
    Some(outlook.life?.p50? / HOUR)
}

#[test]
fn a_machine_is_foretold_from_the_playhead_live_and_back_in_time() {
    let mut twin = Twin::of(scene::parse(SCENE).unwrap_or_else(|all| panic!("{all:?}")));
    let wear = twin.scene().find_signal("M-1.wear").expect("a signal");
    let other = twin.scene().find_signal("M-2.wear").expect("a signal");
    twin.send(&worn(wear, 0..241));
    settle(&mut twin, at(4.0));
    // Four hours took 40 %: six are left.
    let left = median(&twin, wear).expect("enough was seen");
    assert!((left - 6.0).abs() < 1e-6, "{left}");
    assert_eq!(view(&twin).outlooks[&other], None, "nothing was seen of it");
    // What comes in is followed, without reading the past again.
    twin.send(&worn(wear, 241..301));
    for _ in 0..5 {
        twin.update();
    }
    assert_eq!(
        (view(&twin).at, view(&twin).running),
        (Some(at(5.0)), false)
    );
    let left = median(&twin, wear).expect("enough was seen");
    assert!((left - 5.0).abs() < 1e-6, "{left}");
    // An hour in: what came later is not known there.
    twin.steer(TimelineCommand::Seek(at(1.0)));
    settle(&mut twin, at(1.0));
    let left = median(&twin, wear).expect("enough was seen");
    assert!((left - 9.0).abs() < 1e-6, "{left}");
    twin.steer(TimelineCommand::GoLive);
    settle(&mut twin, at(5.0));
    let left = median(&twin, wear).expect("enough was seen");
    assert!((left - 5.0).abs() < 1e-6, "{left}");
    assert!(twin.alarms().is_empty(), "an estimate is no alarm");
}

/// A stage of two mills, of which one was seen.
fn stage() -> Stage {
    let scene = scene::parse(SCENE).unwrap_or_else(|problems| panic!("{problems:?}"));
    let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut stage = Stage::bare(scene, plant);
    let [one, other] = ["M-1.wear", "M-2.wear"].map(|name| stage.signal(name));
    let outlook = Outlook {
        at: NOW.plus_secs(-600.0),
        indicator: 0.4,
        since: NOW.plus_secs(-4.0 * HOUR),
        seen: 240,
        hourly: Some(0.1),
        life: Some(RemainingLife {
            p10: Some(5.0 * HOUR),
            p50: Some(6.0 * HOUR),
            p90: Some(7.0 * HOUR),
            reached: 1.0,
        }),
    };
    stage.health = HealthView {
        at: Some(NOW),
        outlooks: [(one, None), (other, Some(outlook))].into(),
        ..HealthView::default()
    };
    stage
}

#[test]
fn the_list_begins_with_who_fails_first_and_leads_there() {
    let stage = stage();
    let mut harness = draw(&stage, Screen::showing(Tab::Health));
    // Ten minutes after it was seen ten less are left.
    check_texts(
        &harness,
        &[
            "As seen from now",
            "40.0 of 100.0 %",
            "10 min ago",
            "about 5 h 50 min",
            "nothing was seen",
        ],
    );
    // The tree has them too, and stands to the left.
    let of_list = |name: &'static str| {
        let all = harness.get_all_by_label(name);
        let last = all.max_by(|one, other| one.rect().left().total_cmp(&other.rect().left()));
        last.unwrap_or_else(|| panic!("no {name}"))
    };
    assert!(of_list("M-2").rect().top() < of_list("M-1").rect().top());
    of_list("M-2").click();
    harness.run();
    let asset = stage.scene.find_asset("M-2").expect("it is there");
    let asked = &harness.state().actions;
    let selects = |action: &Action| matches!(action, Action::Select(Some(one)) if *one == asset);
    let flies = |action: &Action| matches!(action, Action::FlyTo(one) if *one == asset);
    assert!(
        asked.iter().any(selects) && asked.iter().any(flies),
        "{asked:?}"
    );
}

#[test]
fn the_faceplate_tells_how_long_the_machine_lasts() {
    let mut stage = stage();
    stage.select("M-2");
    let harness = draw(&stage, Screen::showing(Tab::Inspector));
    check_texts(
        &harness,
        &[
            "about 5 h 50 min",
            "4 h 50 min to 6 h 50 min in 8 of 10 cases",
            "until it reaches 100 %",
        ],
    );
}

#[test]
fn a_scene_without_a_prognosis_says_how_to_get_one() {
    let stage = Stage::new();
    let harness = draw(&stage, Screen::showing(Tab::Health));
    check_texts(&harness, &["No signal foretells a failure"]);
}

#[test]
fn maintenance_is_weighed_in_three_runs_that_are_compared() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/factory");
    let opened = session::open(&folder).unwrap_or_else(|error| panic!("{error}"));
    let mut twin = Twin::opened(opened);
    let scene = twin.scene();
    let wear = scene.find_signal("CP-104.wear").expect("a signal");
    twin.send(&[(wear, Sample::good(at(0.0), 0.9))]);
    twin.update();
    let capper = scene.find_asset("CP-104").expect("the capper");
    twin.act(Action::WeighMaintenance(capper, Duration::from_hours(2)));
    let runs = twin.app.world().resource::<Runs>();
    let told: Vec<_> = runs
        .records
        .iter()
        .map(|run| run.scenario.name.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "Maintain CP-104 never",
            "Maintain CP-104 in 2 h 0 min",
            "Maintain CP-104 now"
        ]
    );
    assert_eq!(runs.compared, Some(Against::Run(RunId(1))));
    assert_eq!(twin.timeline().selected_run(), Some(RunId(3)));
    let maintain = scene.find_signal("CP-104.maintain").expect("a signal");
    let asked: Vec<_> = runs
        .records
        .iter()
        .map(|run| {
            let all = run.scenario.overrides.iter();
            let own = all.filter(|one| one.signal == maintain);
            own.map(|one| one.from).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        asked,
        [vec![], vec![Duration::from_hours(2)], vec![Duration::ZERO]]
    );
    // Three at once leave no room for three more: nothing is half done.
    twin.act(Action::WeighMaintenance(capper, Duration::from_hours(2)));
    assert!(
        twin.last_notice().contains("Three runs are needed"),
        "{}",
        twin.last_notice()
    );
    assert_eq!(twin.app.world().resource::<Runs>().records.len(), 3);
    for run in 1..=3 {
        twin.act(Action::CancelRun(RunId(run)));
    }
    // What cannot be maintained is told.
    let stop = scene
        .assets
        .iter()
        .position(|asset| asset.signals.is_empty());
    let stop = AssetIndex(stop.expect("something without signals") as u32);
    twin.act(Action::WeighMaintenance(stop, Duration::from_hours(2)));
    assert!(
        twin.last_notice().contains("no signal `maintain`"),
        "{}",
        twin.last_notice()
    );
}

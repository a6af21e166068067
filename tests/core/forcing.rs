//! What a scenario prescribes over time: from files beside the scene, and from the past.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parallax::history::{History, HistoryConfig};
use parallax::scene::{ForcingSource, Scenario};
use parallax::session::{self, ForcingError, Opened, resolve};
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::simulation::{InitialState, Run, RunPlan};
use parallax::time::Timestamp;

use super::scenes;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const HOUR: Duration = Duration::from_secs(3_600);

/// A scene whose second scenario is prescribed by `forcing`; the line of that is 14.
fn scene(forcing: &str) -> String {
    format!(
        r#"Scene(
    format: 1,
    name: "Tank",
    types: {{
        "tank": (label: "Tank", shape: Tank, size: (2, 2, 2), signals: [
            (name: "level", unit: "cm", range: (0, 100), max_age: "10min"),
        ]),
    }},
    assets: [(tag: "T-1", type: "tank")],
    scenarios: [
        (name: "As is"),
        (name: "Filled", horizon: "6h", step: "10min", forcing: [
            // The line below is the one that matters.
            {forcing}
        ]),
        (name: "Filled again", based_on: "Filled"),
    ],
)"#
    )
}

/// Opens a scene with a file `levels.csv` beside it.
fn open(folder: &Path, forcing: &str, levels: &str) -> Result<Opened, String> {
    fs::write(folder.join("scene.ron"), scene(forcing)).expect("written");
    fs::write(folder.join("levels.csv"), levels).expect("written");
    session::open(folder).map_err(|error| error.to_string())
}

fn empty(opened: &Opened) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        ..HistoryConfig::default()
    };
    History::new(opened.scene.signals.len(), config)
}

fn filled(opened: &Opened, history: &History) -> Result<Scenario, ForcingError> {
    let scenario = opened.scene.find_scenario("Filled").expect("a scenario");
    resolve(
        scenario.clone(),
        &opened.scene,
        &opened.folder,
        history,
        START,
    )
}

#[track_caller]
fn points(scenario: &Scenario) -> Vec<(f64, f64)> {
    match &scenario.forcing[0].source {
        ForcingSource::Points(points) => points.to_vec(),
        other => panic!("not resolved: {other:?}"),
    }
}

const BY_FILE: &str = r#"(signal: "T-1.level", file: "levels.csv", column: "east"),"#;

#[test]
fn times_of_a_file_are_durations_seconds_or_instants() {
    let wanted = [(0.0, 0.2), (5_400.0, 0.35), (7_200.0, 0.5)];
    for times in [
        ["0s", "90min", "2h"],
        ["0", "5400", "7200.0"],
        [
            "2026-01-01T00:00:00Z",
            "2026-01-01T02:30:00+01:00",
            "2026-01-01 02:00:00",
        ],
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [one, two, three] = times;
        let rows = format!("time,west,east\n{one},1,20\n{two},,35\n\"{three}\", 3 ,50\n");
        let opened = open(folder.path(), BY_FILE, &rows).expect("a sound scene");
        let scenario = filled(&opened, &empty(&opened)).expect("it can be followed");
        let found = points(&scenario);
        assert_eq!(found.len(), wanted.len(), "{times:?}");
        for ((secs, value), (wanted_secs, wanted)) in found.into_iter().zip(wanted) {
            assert_eq!(secs, wanted_secs, "{times:?}");
            assert!(
                (value - wanted).abs() < 1e-12,
                "{times:?}: {value}, not {wanted}"
            );
        }
    }
}

#[test]
fn instants_before_the_start_are_left_behind_and_a_file_that_is_over_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows =
        "time,east\n2025-12-31T22:00:00Z,5\n2025-12-31T23:00:00Z,10\n2026-01-01T01:00:00Z,30\n";
    let opened = open(folder.path(), BY_FILE, rows).expect("a sound scene");
    let scenario = filled(&opened, &empty(&opened)).expect("it can be followed");
    assert_eq!(points(&scenario), [(-3_600.0, 0.1), (3_600.0, 0.3)]);

    let scenario = opened
        .scene
        .find_scenario("Filled")
        .expect("a scenario")
        .clone();
    let (scene, folder, late) = (&opened.scene, &opened.folder, START + HOUR * 2);
    let error = resolve(scenario, scene, folder, &empty(&opened), late).expect_err("all is over");
    let told = error.to_string();
    assert!(
        told.contains("2026-01-01T01:00:00Z") && told.contains("levels.csv"),
        "{told}"
    );
}

/// The scene is refused, and tells its line and each of `words`.
#[track_caller]
fn check_refused(forcing: &str, levels: &str, words: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told = match open(folder.path(), forcing, levels) {
        Ok(_) => panic!("a scene with {forcing} and {levels:?} opens"),
        Err(told) => told,
    };
    assert!(told.contains("scene.ron:14: "), "{told}");
    for word in words {
        assert!(told.contains(word), "no `{word}` in {told}");
    }
    assert_eq!(
        told.matches("scene.ron:").count(),
        1,
        "told once, inherited or not: {told}"
    );
}

#[test]
fn a_file_that_cannot_be_used_is_a_problem_on_the_line_that_names_it() {
    let named = |file: &str| format!(r#"(signal: "T-1.level", file: "{file}", column: "east"),"#);
    let good = "time,east\n0s,1\n";
    check_refused(&named("gone.csv"), good, &["cannot read", "gone.csv"]);
    for outside in ["../levels.csv", "/etc/hostname", "a/../../levels.csv", ""] {
        check_refused(&named(outside), good, &["not in the scene's folder"]);
    }
    check_refused(
        BY_FILE,
        "time,eats\n0s,1\n",
        &["no column `east`", "did you mean `eats`?"],
    );
    check_refused(BY_FILE, "when,east\n0s,1\n", &["no column `time`"]);
    check_refused(
        BY_FILE,
        "time,east\n0s,1\n1h,wet\n",
        &["line 3: `wet` is no number in cm"],
    );
    check_refused(
        BY_FILE,
        "time,east\n0s,1\nlater,2\n",
        &["line 3: `later` is neither"],
    );
    check_refused(BY_FILE, "time,east\n0s,NaN\n", &["line 2: `NaN`"]);
    check_refused(BY_FILE, "time,east\n-5,1\n", &["line 2: `-5`"]);
    check_refused(
        BY_FILE,
        "time,east\n2h,1\n1h,2\n",
        &["line 3: `1h` does not come after"],
    );
    check_refused(
        BY_FILE,
        "time,east\n0s,1\n2026-01-01T00:00:00Z,2\n",
        &["line 3: instants and durations do not mix"],
    );
    check_refused(BY_FILE, "time,east\n0s,\n", &["`east` has no value"]);
    check_refused(BY_FILE, "", &["no column"]);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outside = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(outside.path(), "time,east\n0s,1\n").expect("written");
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link.csv")).expect("a link");
    let forcing = BY_FILE.replace("levels.csv", "link.csv");
    let told = open(folder.path(), &forcing, "")
        .err()
        .expect("it leads out");
    assert!(told.contains("not in the scene's folder"), "{told}");
}

#[test]
fn the_past_is_repeated_where_it_was_measured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let forcing = r#"(signal: "T-1.level", repeat: "2h"),"#;
    let opened = open(folder.path(), forcing, "").expect("a sound scene");
    let mut history = empty(&opened);
    let error = filled(&opened, &history).expect_err("nothing was measured");
    assert!(!error.is_coming());
    let told = error.to_string();
    assert!(
        told.contains("`T-1.level` cannot be repeated: nothing usable"),
        "{told}"
    );

    let level = opened.scene.find_signal("T-1.level").expect("a level");
    let value = |secs: f64| 0.5 + secs / 100_000.0;
    let samples = (0..120).map(|minute| {
        let at = START - HOUR * 2 + Duration::from_secs(60) * minute;
        (level, Sample::good(at, value(f64::from(minute) * 60.0)))
    });
    history.insert(&SampleBatch {
        origin: Origin::Measured,
        samples: samples.collect(),
    });
    let scenario = filled(&opened, &history).expect("it was measured");
    let points = points(&scenario);
    assert_eq!(points.len(), 360, "six hours of minutes");
    for (secs, found) in points {
        let wanted = value(secs % 7_200.0);
        assert!(
            (found - wanted).abs() < 1e-9,
            "{found} at {secs} s, not {wanted}"
        );
    }
}

#[test]
fn what_is_never_measured_cannot_be_repeated() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let forcing = r#"(signal: "T-1.level", repeat: "2h"),"#;
    let text = scene(forcing).replace("max_age: \"10min\"", "measured: false");
    fs::write(folder.path().join("scene.ron"), text).expect("written");
    let told = session::open(folder.path()).err().expect("refused");
    let told = told.to_string();
    assert!(told.contains("scene.ron:14: "), "{told}");
    assert!(
        told.contains("T-1.level") && told.contains("not measured"),
        "{told}"
    );
}

#[test]
fn demand_follows_the_points_of_the_shipped_scenario() {
    let opened = scenes::waterworks();
    let scene = &opened.scene;
    let heat = scene.find_scenario("Heat builds up").expect("it ships");
    let factor = scene.find_signal("D-411.demand_factor").expect("a factor");
    let demand = scene.find_signal("D-411.demand").expect("a demand");
    let at_noon = |scenario: &Scenario| {
        let scenario = Scenario {
            members: 1,
            uncertain: Vec::new(),
            correlations: Vec::new(),
            ..scenario.clone()
        };
        let plan = RunPlan {
            plant: Arc::clone(&opened.plant),
            initial: InitialState::unknown(scene, START),
            scenario,
            seed: 1,
        };
        let mut run = Run::start(Arc::new(plan), 0).expect("it starts");
        run.advance_to(START + HOUR * 36).expect("it goes on");
        (run.value(factor), run.value(demand))
    };
    let plain = Scenario {
        forcing: Vec::new(),
        ..heat.clone()
    };
    let (hot, usual) = (at_noon(heat), at_noon(&plain));
    assert!(
        (hot.0 - 1.3).abs() < 1e-3,
        "half-way from 120 to 140 %: {}",
        hot.0
    );
    assert!(
        (hot.1 / usual.1 - 1.3).abs() < 0.02,
        "{} against {}",
        hot.1,
        usual.1
    );
}

//! Failures foretold from a store, through the command; what a scene may ask for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use parallax::problem::Problem;
use parallax::scene;
use parallax::session::{Recording, StorePlan};
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::time::Timestamp;

const SCENE: &str = r#"Scene(
    format: 1,
    name: "Mill",
    types: {"mill": (shape: Pump, size: (2, 1, 1), signals: [
        (name: "power", unit: "kW", range: (0, 400), max_age: "2min"),
        (name: "wear", unit: "%", range: (0, 100), max_age: "2min", prognosis: (threshold: 100)),
    ])},
    assets: [(tag: "M-1", type: "mill"), (tag: "M-2", type: "mill"), (tag: "M-3", type: "mill")],
)"#;

const HOUR: f64 = 3_600.0;

fn at(hours: f64) -> Timestamp {
    Timestamp::from_secs(1_767_225_600).plus_secs(hours * HOUR)
}

fn parallax(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// A store in which M-1 wears by 5 % an hour from 20 % on for ten hours, is renewed after four of
/// them, and M-2 by 8 % for five hours.
fn recorded(folder: &Path) -> String {
    let scene = scene::parse(SCENE).unwrap_or_else(|problems| panic!("{problems:?}"));
    let place = folder.join("store").display().to_string();
    let plan = StorePlan {
        place: place.clone(),
        record: true,
    };
    let scene = std::sync::Arc::new(scene);
    let mut recording = Recording::start(&scene, &plan, None).expect("it starts");
    let [one, other] = ["M-1.wear", "M-2.wear"].map(|name| scene.find_signal(name).expect("known"));
    for minute in 0..=600 {
        let hours = f64::from(minute) / 60.0;
        let mut batch = SampleBatch::new(Origin::Measured);
        let worn = if hours < 4.0 {
            0.2 + 0.05 * hours
        } else {
            0.05 * (hours - 4.0)
        };
        batch.push(one, Sample::good(at(hours), worn));
        if hours <= 5.0 {
            batch.push(other, Sample::good(at(hours), 0.08 * hours));
        }
        while !recording.has_room() {
            thread::sleep(Duration::from_millis(1));
        }
        recording.record(&batch);
    }
    recording.close().expect("closed");
    place
}

/// `(asset, median in hours)` of each machine, as the command tells them.
fn foreseen(scene: &str, store: &str, at: Option<Timestamp>) -> Vec<(String, Option<f64>)> {
    let at = at.map(|at| at.to_string());
    let mut arguments = vec!["health", "foresee", scene, "--store", store];
    arguments.extend(at.iter().flat_map(|at| ["--at", at.as_str()]));
    let done = parallax(&arguments);
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{stderr}");
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON on stdout");
    let machines = told["machines"].as_array().expect("a list").iter();
    machines
        .map(|one| {
            let asset = one["asset"].as_str().expect("a tag").to_owned();
            (asset, one["p50_s"].as_f64().map(|secs| secs / HOUR))
        })
        .collect()
}

#[test]
fn the_command_tells_which_machine_of_a_store_fails_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    fs::write(&file, SCENE).expect("written");
    let (file, store) = (file.display().to_string(), recorded(folder.path()));
    let told = foreseen(&file, &store, None);
    let tags: Vec<_> = told.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!(tags, ["M-2", "M-1", "M-3"]);
    // M-2 stood at 40 % when it was seen last, M-1 at 30 % since it was renewed.
    let near = |told: Option<f64>, hours: f64| told.is_some_and(|told| (told - hours).abs() < 1e-6);
    assert!(near(told[0].1, 60.0 / 8.0), "{told:?}");
    assert!(near(told[1].1, 70.0 / 5.0), "{told:?}");
    assert_eq!(told[2].1, None);
    // From before its renewal nobody sees it.
    let early = foreseen(&file, &store, Some(at(3.0)));
    let first = early
        .iter()
        .find(|(tag, _)| tag == "M-1")
        .expect("it is told");
    assert!(near(first.1, 65.0 / 5.0), "{early:?}");
}

#[test]
fn a_scene_that_foretells_nothing_is_told_how_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    fs::write(&file, SCENE.replace(", prognosis: (threshold: 100)", "")).expect("written");
    let done = parallax(&[
        "health",
        "foresee",
        &file.display().to_string(),
        "--store",
        "none",
    ]);
    assert_eq!(done.status.code(), Some(2));
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(told.contains("prognosis: (threshold: 100)"), "{told}");
}

#[test]
fn what_cannot_foretell_is_refused_with_its_line() {
    #[track_caller]
    fn check(wear: &str, line: u32, said: &str) {
        let own = r#"(name: "wear", unit: "%", range: (0, 100), max_age: "2min", prognosis: (threshold: 100))"#;
        let text = SCENE.replace(own, wear);
        assert_ne!(text, SCENE);
        let problems = scene::parse(&text).expect_err("it is wrong");
        let is_it = |one: &Problem| one.line == Some(line) && one.message.contains(said);
        assert!(problems.iter().any(is_it), "{problems:?}");
    }
    check(
        r#"(name: "wear", unit: "%", range: (0, 100), measured: false, prognosis: (threshold: 100))"#,
        6,
        "`wear` is not measured",
    );
    check(
        r#"(name: "wear", states: ["new", "old"], range: (0, 1), prognosis: (threshold: 1))"#,
        6,
        "`wear` has states",
    );
    check(
        r#"(name: "wear", unit: "mm", range: (0, 9), prognosis: (threshold: 2, law: Exponential(2)))"#,
        6,
        "the floor 2 is not below the threshold",
    );
    check(
        r#"(name: "wear", unit: "bar", range: (0, 9), prognosis: (threshold: 2, law: Crack(exponent: 3,
            coefficient: 1e-11, spread: 1, stress_range: 80, cycles_per_hour: 60, noise: 0.1)))"#,
        6,
        "the length of a crack is a length",
    );
    check(
        r#"(name: "wear", unit: "mm", range: (0, 9), prognosis: (threshold: 2, indicator: Rms("0s")))"#,
        6,
        "this time is zero",
    );
    check(
        r#"(name: "wear", unit: "mm", range: (0, 9), prognosis: (threshold: inf))"#,
        6,
        "the threshold is inf",
    );
}

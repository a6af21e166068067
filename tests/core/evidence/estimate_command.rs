//! `parallax estimate` as a script sees it: what the emulated plant hides, from a recorded store.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::branch::{record, stream};
use crate::scenes;

fn estimate(store: &Path, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parallax"))
        .arg("estimate")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/waterworks"))
        .arg("--store")
        .arg(store)
        .args(["--window", "1h", "--step", "10min", "--out"])
        .arg(out)
        .env_remove("RUST_LOG")
        .output()
        .expect("the program starts")
}

#[test]
fn the_command_writes_what_it_found_of_each_parameter() {
    let opened = scenes::waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (store, out) = (folder.path().join("store"), folder.path().join("out"));
    let batches: Vec<_> = stream(&opened, 90, 11).collect();
    record(&opened.scene, &store, &batches);
    let done = estimate(&store, &out);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let talk = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(0), "{said}\n{talk}");
    let told: Value = serde_json::from_str(&said).expect("JSON on stdout");
    let text = fs::read_to_string(out.join("estimate.json")).expect("estimate.json");
    let kept: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told, kept, "the file says what the screen says");
    assert_eq!(
        told["at"], "2026-01-01T01:30:00Z",
        "the last recorded instant"
    );

    let parameters = told["parameters"].as_array().expect("parameters");
    assert_eq!(parameters.len(), opened.scene.estimate.len());
    for parameter in parameters {
        let number = |field: &str| parameter[field].as_f64().expect("a number");
        let (low, value, high) = (number("low_95"), number("value"), number("high_95"));
        assert!(low < value && value < high, "{parameter}");
        let signal = parameter["signal"].as_str().expect("a name");
        // The emulated districts take what their models say: the factor is 1.
        if signal.ends_with(".demand_factor") {
            assert!((value - 1.0).abs() < 0.05, "{parameter}");
        }
    }
}

#[test]
fn a_store_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = estimate(&folder.path().join("nowhere"), folder.path());
    assert_eq!(done.status.code(), Some(2));
    let talk = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(talk.contains("nowhere"), "{talk}");
    assert!(!folder.path().join("estimate.json").exists());
}

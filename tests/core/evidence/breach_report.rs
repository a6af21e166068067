//! `run.json` says when members first breach a limit, stretch by stretch.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn the_report_counts_each_member_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .arg("simulate")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/waterworks"))
        .args(["--scenario", "Reservoir inlet valve shut for repair"])
        .args(["--members", "10", "--out"])
        .arg(folder.path())
        .env_remove("RUST_LOG")
        .output()
        .expect("the program starts");
    assert_eq!(done.status.code(), Some(0));
    let text = fs::read_to_string(folder.path().join("run.json")).expect("run.json");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let breaches = report["breaches"].as_array().expect("breaches");
    assert!(!breaches.is_empty(), "the reservoir runs low");
    for breach in breaches {
        let when = &breach["when"];
        let stretches = when["first_breaches"].as_array().expect("stretches");
        let counts: Vec<u64> = stretches.iter().filter_map(Value::as_u64).collect();
        let breached: u64 = counts.iter().sum();
        assert_eq!(breached + when["never"].as_u64().expect("a count"), 10);
        let probability = breach["probability"].as_f64().expect("a number");
        assert_eq!(probability, breached as f64 / 10.0, "{breach}");

        // The median instant lies in the stretch up to which half of those that breach have.
        let bin = when["bin_s"].as_f64().expect("a number");
        let median = breach["median_first_s"].as_f64().expect("a number");
        let place = ((median / bin) as usize).min(counts.len() - 1);
        let before: u64 = counts[..place].iter().sum();
        assert!(2 * before < breached, "{breach}");
        assert!(2 * (before + counts[place]) >= breached, "{breach}");
    }
}

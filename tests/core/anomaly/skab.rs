//! The Skoltech Anomaly Benchmark, by its own protocol.
//!
//! As the benchmark's notebooks do: every labelled file by itself, trained on its first 400 rows
//! whatever they are, one set of parameters, a verdict for every row; true and false positives and
//! negatives are summed over the rows of all files, and F1, FAR and MAR taken of the sums. Its
//! README's table is "on test set": rows after the first 400. Both sums are checked. Labels are
//! read here, for scoring, and by nothing else: the scene ignores their columns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use parallax::forecast::anomaly::Confusion;

use super::super::telemetry::data;

const TRAINED: usize = 400;

/// The labelled files, group by group.
fn files(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut files = Vec::new();
    for group in ["valve1", "valve2", "other"] {
        let entries = fs::read_dir(folder.join(group)).expect("a group of SKAB");
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        files.extend(paths.into_iter().map(|path| (group, path)));
    }
    files
}

fn column(path: &Path, delimiter: u8, name: &str) -> Vec<f64> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_path(path)
        .expect("a CSV file");
    let header = reader.headers().expect("a header");
    let place = header.iter().position(|head| head == name).expect(name);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row[place].parse().expect("a number"))
        .collect()
}

#[test]
fn the_published_detectors_of_skab_are_outdone() {
    let name = "the_published_detectors_of_skab_are_outdone";
    let Some(folder) = data(name, "skab/data") else {
        return;
    };
    let files = files(&folder);
    assert_eq!(files.len(), 34);
    let out = tempfile::tempdir().expect("a folder");
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/pump-rig");
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .arg("detect")
        .args(files.iter().map(|(_, path)| path))
        .args(["--train", "400", "--scene"])
        .arg(&scene)
        .arg("--out")
        .arg(out.path())
        .output()
        .expect("the program starts");
    let talk = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{talk}");
    let report: serde_json::Value =
        serde_json::from_slice(&done.stdout).expect("a report on stdout");
    let (mut test, mut all) = (Confusion::default(), Confusion::default());
    let mut groups: Vec<(&str, Confusion)> = Vec::new();
    for (place, (group, path)) in files.iter().enumerate() {
        let name = report["files"][place]["name"].as_str().expect("a name");
        let flags = column(&out.path().join(format!("{name}.csv")), b',', "flag");
        let labels = column(path, b';', "anomaly");
        assert_eq!(flags.len(), labels.len(), "{}", path.display());
        let mut after = Confusion::default();
        for (row, (flag, label)) in flags.iter().zip(&labels).enumerate() {
            all.count(*flag > 0.0, *label > 0.0);
            if row >= TRAINED {
                after.count(*flag > 0.0, *label > 0.0);
            }
        }
        test += after;
        match groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, sum)) => *sum += after,
            None => groups.push((group, after)),
        }
    }
    let told = |rows: &Confusion| {
        let percent = |share: Option<f64>| 100.0 * share.expect("rows of both kinds");
        format!(
            "F1 {:.3}, FAR {:.2} %, MAR {:.2} %",
            rows.f1().expect("anomalies"),
            percent(rows.false_alarm_rate()),
            percent(rows.missing_alarm_rate())
        )
    };
    println!("rows after training: {}", told(&test));
    println!("all rows:            {}", told(&all));
    for (group, rows) in &groups {
        println!("{group:<20} {}", told(rows));
    }
    assert!(test.f1() > Some(0.80), "{}", told(&test));
    assert!(all.f1() > Some(0.78), "{}", told(&all));
    assert!(test.false_alarm_rate() < Some(0.25), "{}", told(&test));
    for (group, rows) in &groups {
        assert!(rows.f1() > Some(0.78), "{group}: {}", told(rows));
    }
}

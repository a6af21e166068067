//! `parallax detect` as a script sees it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use tempfile::TempDir;

const ROWS: usize = 600;

/// A recording of the pump rig: flow and vibration; the flow falls at row 500.
fn recording(header: &str, seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut text = format!("{header}\n");
    for row in 0..ROWS {
        let noise: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(&mut random));
        let flow = if row < 500 { 125.0 } else { 115.0 };
        let (flow, vibration) = (flow + noise[0], 0.2 + 0.01 * noise[1]);
        let (minute, second) = (row / 60, row % 60);
        text += &format!("2026-03-09 10:{minute:02}:{second:02};{flow:.4};{vibration:.5}\n");
    }
    text
}

const COLUMNS: &str = "datetime;Volume Flow RateRMS;Accelerometer1RMS";

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.folder.path().join(name), text).expect("written");
        self.path(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect(name)
    }

    fn detect(&self, arguments: &[&str]) -> Output {
        let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/pump-rig");
        Command::new(env!("CARGO_BIN_EXE_parallax"))
            .args(["detect", "--out", &self.path("out"), "--scene"])
            .arg(scene)
            .args(arguments)
            .env_remove("RUST_LOG")
            .output()
            .expect("the program starts")
    }
}

#[track_caller]
fn check(output: &Output, code: i32, said: &str) {
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{talk}");
    assert!(talk.contains(said), "{talk}");
}

#[test]
fn a_fault_is_written_row_by_row_with_its_signal_and_its_change() {
    let desk = Desk::new();
    let file = desk.write("run.csv", &recording(COLUMNS, 1));
    check(
        &desk.detect(&[&file, "--train", "300"]),
        0,
        "which is missing",
    );
    let table = desk.read("out/run.csv");
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), ROWS);
    assert!(table.starts_with("time,training,score,flag,monitor,leading_signal,contribution "));
    let cells: Vec<&str> = rows[550].split(',').collect();
    assert_eq!((cells[1], cells[3], cells[5]), ("0", "1", "FT-1.flow"));
    let changes = desk.read("out/run.changes.csv");
    assert!(changes.contains("FT-1.flow"), "{changes}");

    // What was learned is used again, and says the same.
    let model = desk.path("out/run.detector.json");
    let kept = desk.write("kept.json", &fs::read_to_string(model).expect("a detector"));
    check(&desk.detect(&[&file, "--model", &kept]), 0, "");
    assert_eq!(desk.read("out/run.csv"), table);
}

#[test]
fn a_twin_that_knows_the_fault_leaves_no_residual() {
    let desk = Desk::new();
    let file = desk.write("run.csv", &recording(COLUMNS, 1));
    let twin = desk.write("twin.csv", &recording(COLUMNS, 2));
    check(
        &desk.detect(&[&file, "--train", "300", "--twin", &twin]),
        0,
        "",
    );
    let table = desk.read("out/run.csv");
    let flagged = table
        .lines()
        .skip(300)
        .filter(|row| row.split(',').nth(3) == Some("1"));
    assert!(flagged.count() < 15);
}

#[test]
fn files_that_cannot_be_used_are_named_with_the_reason() {
    let desk = Desk::new();
    let good = desk.write("good.csv", &recording(COLUMNS, 3));
    let wrong = desk.write("wrong.csv", "datetime;speed\n2026-03-09 10:00:00;1\n");
    // The others are done all the same.
    let output = desk.detect(&[&wrong, &good, "--train", "300"]);
    check(&output, 1, "no column of any signal of this scene");
    assert_eq!(desk.read("out/good.csv").lines().count(), ROWS + 1);
    check(
        &desk.detect(&[&good, "--train", "50"]),
        1,
        "50 rows are too few",
    );
    check(
        &desk.detect(&[&good, "--asset", "P-9"]),
        2,
        "no asset `P-9`",
    );
    check(&desk.detect(&[&good, "--budget", "often"]), 2, "1/day");
    check(
        &desk.detect(&[&good, "--model", &wrong]),
        2,
        "not a detector",
    );
    check(
        &desk.detect(&[&desk.path("none.csv")]),
        1,
        "cannot read recorded data",
    );
}

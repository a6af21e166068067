//! The command line as a script sees it: stdout, stderr, exit codes and files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use parallax::time::Timestamp;

use super::mosquitto::{Mosquitto, QUEUEING};
use super::telemetry::data;

fn parallax(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .expect("the program starts")
}

fn scene(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenes")
        .join(name)
        .display()
        .to_string()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn check_code(output: &Output, code: i32) {
    let (out, err) = (stdout(output), stderr(output));
    assert_eq!(
        output.status.code(),
        Some(code),
        "stdout: {out}\nstderr: {err}"
    );
}

#[test]
fn the_shipped_scenes_have_no_problems() {
    for name in ["waterworks", "pump-rig"] {
        let checked = parallax(&["check", &scene(name)]);
        check_code(&checked, 0);
        assert!(
            stdout(&checked).contains("no problems"),
            "{}",
            stdout(&checked)
        );
    }
}

/// The exit code of a command to which nobody listens, and what it said to stderr.
#[track_caller]
fn unheard(arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(arguments)
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(std::process::Child::wait_with_output);
    let output = output.expect("a command");
    (output.status.code(), stderr(&output))
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let wrong = tempfile::NamedTempFile::new().expect("a file");
    let wrong_path = wrong.path().to_str().expect("a path");
    fs::write(wrong_path, "Scene(format: 1, assets: 5)").expect("a scene");
    for (arguments, code) in [
        (["check", &scene("factory")], 0),
        (["check", wrong_path], 1),
    ] {
        assert_eq!(
            unheard(&arguments),
            (Some(code), String::new()),
            "{arguments:?}"
        );
    }
    // Nobody listens to stderr either.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["check", "no/such/scene"])
        .stderr(writer)
        .status();
    assert_eq!(status.expect("a command").code(), Some(2));
}

#[test]
fn a_broken_scene_names_file_line_and_fix_and_exits_with_1() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("broken.ron");
    let text = "Scene(\n    format: 1,\n    name: \"X\",\n    types: {\n        \"tank\": (shape: Tank),\n    },\n    assets: [\n        (tag: \"T-1\", type: \"tnak\"),\n        (tag: \"T-1\", type: \"tank\"),\n    ],\n)\n";
    fs::write(&file, text).expect("written");
    let checked = parallax(&["check", &file.display().to_string()]);
    check_code(&checked, 1);
    let out = stdout(&checked);
    assert!(
        out.contains("broken.ron:8:") && out.contains("did you mean `tank`?"),
        "{out}"
    );
    assert!(
        out.contains("broken.ron:9:") && out.contains("T-1"),
        "all problems at once: {out}"
    );
}

#[test]
fn a_missing_document_is_told_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("scene.ron");
    let text = "Scene(\n    format: 1,\n    name: \"X\",\n    types: {\n        \"tank\": (shape: Tank),\n    },\n    assets: [\n        (tag: \"T-1\", type: \"tank\",\n            documents: [(title: \"Manual\", file: \"gone.pdf\")]),\n    ],\n)\n";
    fs::write(&file, text).expect("written");
    let checked = parallax(&["check", &file.display().to_string()]);
    check_code(&checked, 1);
    let out = stdout(&checked);
    assert!(
        out.contains("scene.ron:9: ") && out.contains("gone.pdf"),
        "{out}"
    );
    fs::write(folder.path().join("gone.pdf"), "found again").expect("written");
    let checked = parallax(&["check", &file.display().to_string()]);
    check_code(&checked, 0);
    let out = stdout(&checked);
    assert!(out.contains("documents  1 files, 0 web pages"), "{out}");
}

/// A reservoir feeds one junction through one pipe.
const NETWORK: &str = "[TITLE]\nVillage\n[JUNCTIONS]\n A 10 2\n[RESERVOIRS]\n S 40\n[PIPES]\n \
    M S A 800 200 120\n[OPTIONS]\n Units LPS\n[REPORT]\n Status No\n[END]\n";

#[test]
fn a_network_is_checked_with_a_report_and_simulated_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("Village.INP");
    fs::write(&file, NETWORK).expect("written");
    let checked = parallax(&["check", &file.display().to_string()]);
    check_code(&checked, 0);
    let out = stdout(&checked);
    for told in [
        "Village.INP: no problems",
        "scene      Village",
        "matched  1 junctions, 1 reservoirs, 1 pipes",
        "the file has no map",
        "ignored  line 12: ",
        "models     Village",
        "scenarios  Next 24 hours, Fire at A",
    ] {
        assert!(out.contains(told), "no `{told}` in {out}");
    }

    let runs = folder.path().join("runs");
    let done = parallax(&[
        "simulate",
        &file.display().to_string(),
        "--horizon",
        "1h",
        "--out",
        &runs.display().to_string(),
    ]);
    check_code(&done, 0);
    let rows = fs::read_to_string(runs.join("run.csv")).expect("run.csv");
    assert!(
        rows.contains("\n0,Village,demand,L/s,0,2\n"),
        "{}",
        &rows[..400]
    );
    let report = fs::read_to_string(runs.join("run.json")).expect("run.json");
    assert!(report.contains("\"models_fingerprint\""), "{report}");
}

#[test]
fn a_mistake_in_a_network_names_its_line_and_exits_with_1() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("village.inp");
    fs::write(&file, NETWORK.replace("M S A 800", "M S B 800")).expect("written");
    let checked = parallax(&["check", &file.display().to_string()]);
    check_code(&checked, 1);
    let out = stdout(&checked);
    let place = format!("{}:8: ", file.display());
    assert!(out.contains(&place), "{out}");

    let gone = parallax(&["check", "no-such-network.inp"]);
    check_code(&gone, 2);
    assert!(
        stderr(&gone).contains("no-such-network.inp"),
        "{}",
        stderr(&gone)
    );
}

#[test]
fn a_scene_that_is_not_there_exits_with_2() {
    let checked = parallax(&["check", "no-such-scene"]);
    check_code(&checked, 2);
    assert!(
        stderr(&checked).contains("no-such-scene"),
        "{}",
        stderr(&checked)
    );
    assert!(stdout(&checked).is_empty());
}

#[test]
fn simulate_writes_rows_in_the_units_of_the_scene() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().display().to_string();
    let done = parallax(&[
        "simulate",
        &scene("waterworks"),
        "--horizon",
        "1h",
        "--step",
        "10min",
        "--members",
        "1",
        "--out",
        &out,
    ]);
    check_code(&done, 0);
    let mut rows = csv::Reader::from_path(folder.path().join("run.csv")).expect("run.csv is there");
    let header: Vec<_> = rows
        .headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        header,
        ["time_s", "tag", "signal", "unit", "member", "value"]
    );
    let rows: Vec<_> = rows.records().collect::<Result<_, _>>().expect("rows");
    let level = |time: &str| {
        let row = rows
            .iter()
            .find(|row| &row[0] == time && &row[2] == "level")
            .expect("a level");
        (
            row[3].to_owned(),
            row[4].to_owned(),
            row[5].parse::<f64>().expect("a number"),
        )
    };
    assert_eq!(level("0").0, "m");
    assert_eq!(level("3600").1, "0", "one member is named by its number");
    assert!((0.0..20.0).contains(&level("3600").2));
    let report = fs::read_to_string(folder.path().join("run.json")).expect("run.json is there");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["horizon_s"], 3_600.0);
    assert_eq!(report["members"], 1);
    assert!(report["solves"].as_u64().is_some_and(|solves| solves > 0));
    assert!(
        report["residual_max"]
            .as_f64()
            .is_some_and(|residual| residual < 1e-3)
    );
    let told: serde_json::Value = serde_json::from_str(&stdout(&done)).expect("JSON on stdout");
    assert_eq!(told, report);
}

#[test]
fn an_ensemble_is_written_as_quantiles_in_parquet_too() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().display().to_string();
    let done = parallax(&[
        "simulate",
        &scene("waterworks"),
        "--horizon",
        "1h",
        "--step",
        "20min",
        "--members",
        "4",
        "--format",
        "parquet",
        "--out",
        &out,
    ]);
    check_code(&done, 0);
    let file = fs::File::open(folder.path().join("run.parquet")).expect("run.parquet is there");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let rows: Vec<String> = reader
        .get_row_iter(None)
        .expect("rows")
        .map(|row| row.expect("a row").to_string())
        .collect();
    assert_eq!(
        rows.len() % 12,
        0,
        "4 instants × 3 quantiles for each signal"
    );
    assert!(
        rows.iter().any(|row| row.contains("\"p90\"")),
        "{}",
        rows[0]
    );
}

#[test]
fn arguments_that_make_no_sense_are_refused_with_a_hint() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let out = out.path().display().to_string();
    let works = scene("waterworks");
    for (arguments, hint) in [
        (
            vec!["simulate", &works, "--out", &out, "--scenario", "Liev"],
            "did you mean `Live`",
        ),
        (
            vec!["simulate", &works, "--out", &out, "--set", "nonsense"],
            "TAG.SIGNAL=VALUE",
        ),
        (
            vec!["simulate", &works, "--out", &out, "--set", "P-999.speed=1"],
            "no such signal",
        ),
        (
            vec!["simulate", &works, "--out", &out, "--members", "0"],
            "members",
        ),
        (
            vec!["simulate", &works, "--out", &out, "--horizon", "soon"],
            "duration",
        ),
        (
            vec!["snapshot", &works, "--size", "1x1", "--out", "x.png"],
            "320x200",
        ),
    ] {
        let refused = parallax(&arguments);
        check_code(&refused, 2);
        assert!(
            stderr(&refused).contains(hint),
            "{arguments:?}: {}",
            stderr(&refused)
        );
    }
}

#[test]
fn a_value_can_be_set_at_the_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().display().to_string();
    let done = parallax(&[
        "simulate",
        &scene("waterworks"),
        "--horizon",
        "10min",
        "--members",
        "1",
        "--set",
        "TK-401.level=3.21",
        "--out",
        &out,
    ]);
    check_code(&done, 0);
    let text = fs::read_to_string(folder.path().join("run.csv")).expect("run.csv is there");
    let start = text
        .lines()
        .find(|line| line.starts_with("0,TK-401,level,m,0,"))
        .expect("the level");
    let value: f64 = start
        .rsplit(',')
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a number");
    assert!((value - 3.21).abs() < 1e-9, "{start}");
}

/// SKAB's column and the pump rig's signal.
const RIG: [(&str, &str); 8] = [
    ("Accelerometer1RMS", "M-1,vibration"),
    ("Accelerometer2RMS", "P-1,vibration"),
    ("Current", "M-1,current"),
    ("Pressure", "PT-1,pressure"),
    ("Temperature", "M-1,temperature"),
    ("Thermocouple", "TT-1,temperature"),
    ("Voltage", "M-1,voltage"),
    ("Volume Flow RateRMS", "FT-1,flow"),
];

#[test]
fn a_recording_goes_through_a_real_broker_into_the_history_whole() {
    let test = "a_recording_goes_through_a_real_broker_into_the_history_whole";
    let Some(file) = data(test, "skab/data/valve1/3.csv") else {
        return;
    };
    let Some(broker) = Mosquitto::start(test, QUEUEING) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().display().to_string();
    let (file, url) = (file.display().to_string(), broker.url());
    let done = parallax(&[
        "replay",
        &file,
        "--scene",
        &scene("pump-rig"),
        "--speed",
        "max",
        "--broker",
        &url,
        "--headless",
        "--out",
        &out,
    ]);
    check_code(&done, 0);

    let mut recorded: BTreeMap<String, Vec<(Timestamp, f64)>> = BTreeMap::new();
    let text = fs::read_to_string(folder.path().join("recorded.csv")).expect("recorded.csv");
    assert_eq!(
        text.lines().next(),
        Some("time,tag,signal,unit,value,quality")
    );
    for line in text.lines().skip(1) {
        let cells: Vec<_> = line.split(',').collect();
        assert_eq!(cells[5], "Good", "{line}");
        let at = cells[0].parse().expect("a time");
        let value = cells[4].parse().expect("a number");
        recorded
            .entry(format!("{},{}", cells[1], cells[2]))
            .or_default()
            .push((at, value));
    }

    let mut rows = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_path(&file)
        .expect("the file");
    let header = rows.headers().expect("a header").clone();
    let rows: Vec<_> = rows.records().collect::<Result<_, _>>().expect("rows");
    assert!(rows.len() > 500);
    for (column, signal) in RIG {
        let place = header
            .iter()
            .position(|name| name == column)
            .expect("SKAB's column");
        let held = &recorded[signal];
        assert_eq!(held.len(), rows.len(), "{signal}");
        // The file is in order of time, and so is the history: gaps stay gaps.
        for (row, (at, value)) in rows.iter().zip(held) {
            let expected: Timestamp = row[0].parse().expect("a time");
            let number: f64 = row[place].parse().expect("a number");
            assert_eq!(*at, expected, "{signal}");
            assert!(
                (value - number).abs() <= 1e-9 * number.abs().max(1.0),
                "{signal} at {at}"
            );
        }
    }
    assert_eq!(recorded.len(), RIG.len(), "nothing else was recorded");
}

#[test]
fn a_worn_machine_is_weighed_maintained_now_later_and_never() {
    let done = parallax(&[
        "maintain",
        "factory",
        "CP-104",
        "--at",
        "0s",
        "--at",
        "4h",
        "--members",
        "12",
        "--set",
        "CP-104.wear=90",
    ]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let told: serde_json::Value = serde_json::from_str(&stdout(&done)).expect("JSON on stdout");
    let options = told["options"].as_array().expect("a list");
    let after: Vec<_> = options.iter().map(|one| one["after_s"].as_f64()).collect();
    assert_eq!(after, [None, Some(0.0), Some(14_400.0)]);
    let named = |rows: &serde_json::Value, name: &str| {
        let rows = rows.as_array().expect("rows").iter();
        let row = rows.clone().find(|row| row["name"] == name);
        row.unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let [never, now, later] = [0, 1, 2].map(|place| &options[place]);
    for name in ["Pallets stored", "Repairs and maintenance, €"] {
        let mean = |option: &serde_json::Value| {
            named(&option["kpis"], name)["mean"]
                .as_f64()
                .expect("a mean")
        };
        for option in [now, later] {
            let gain = named(&option["gains"], name);
            let more = gain["mean"].as_f64().expect("a gain");
            assert!(
                (more - (mean(option) - mean(never))).abs() < 1e-6,
                "{name}: {gain}"
            );
        }
    }
    let saved = |option: &serde_json::Value| {
        let gain = named(&option["gains"], "Repairs and maintenance, €");
        (
            -gain["mean"].as_f64().expect("a gain"),
            gain["is_sure"] == true,
        )
    };
    assert!(
        saved(now).0 > 0.0 && saved(now).1,
        "now saves {:?} €",
        saved(now)
    );
    assert!(
        saved(now).0 > saved(later).0,
        "{:?} {:?}",
        saved(now),
        saved(later)
    );

    let wrong = parallax(&["maintain", "factory", "CP-140"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("CP-104"), "{}", stderr(&wrong));
}

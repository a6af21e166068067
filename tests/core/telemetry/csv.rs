//! Files of recorded data.

use std::fs;
use std::path::PathBuf;

use parallax::scene::Scene;
use parallax::telemetry::csv::{CsvError, CsvFile, Row};
use parallax::telemetry::payload::Rejection;
use tempfile::TempDir;

use super::{data, id, rig, small_plant};

struct Read {
    rows: Vec<Row>,
    problems: Vec<String>,
    faults: Vec<(u64, String, String, Rejection)>,
}

fn written(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("data.csv");
    fs::write(&path, text).expect("written");
    (folder, path)
}

#[track_caller]
fn read(text: &str, scene: &Scene) -> Read {
    let (_folder, path) = written(text);
    let mut file = CsvFile::open(&path, scene).expect("a usable file");
    let mut rows = Vec::new();
    let mut row = Row::default();
    while file.read(scene, &mut row).expect("readable") {
        rows.push(row.clone());
    }
    let problems = file.problems().iter();
    let faults = file.faults().first.iter();
    assert_eq!(file.faults().count, faults.len() as u64);
    Read {
        rows,
        problems: problems.map(|problem| problem.message.clone()).collect(),
        faults: faults
            .map(|fault| {
                let (column, cell) = (fault.column.clone(), fault.cell.clone());
                (fault.line, column, cell, fault.reason)
            })
            .collect(),
    }
}

/// The last message of a file that cannot be used.
#[track_caller]
fn refusal(text: &str, scene: &Scene) -> String {
    let (_folder, path) = written(text);
    match CsvFile::open(&path, scene) {
        Err(CsvError::Unusable { problems, .. }) => {
            problems.last().expect("a problem").message.clone()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a usable file"),
    }
}

#[test]
fn columns_are_found_by_full_and_by_own_name_in_any_case() {
    let scene = small_plant();
    let read = read(
        "time,p-101.FLOW,level\n2026-03-01 06:00:00,36,2.5\n",
        &scene,
    );
    let expected = [
        (id(&scene, "P-101.flow"), 0.01),
        (id(&scene, "TK-1.level"), 2.5),
    ];
    assert_eq!(read.rows.len(), 1);
    assert_eq!(read.rows[0].at.to_string(), "2026-03-01T06:00:00Z");
    assert_eq!(read.rows[0].line, 2);
    for ((signal, value), (expected_signal, expected)) in read.rows[0].values.iter().zip(expected) {
        assert_eq!(*signal, expected_signal);
        assert!((value - expected).abs() < 1e-15);
    }
    assert!(read.problems.is_empty());
}

#[test]
fn delimiters_times_and_decimal_commas_are_guessed() {
    let scene = small_plant();
    for text in [
        "level;when\n2,5;2026-03-01T06:00:00Z\n",
        "level\ttimestamp\n2.5\t1772344800\n",
        "\u{feff}DateTime|level\n2026-03-01 06:00:00|2.5\n",
        "when,level\n2026-03-01 06:00:00,2.5\r\n",
    ] {
        let read = read(text, &scene);
        assert_eq!(read.rows.len(), 1, "{text}");
        assert_eq!(
            read.rows[0].at.to_string(),
            "2026-03-01T06:00:00Z",
            "{text}"
        );
        assert_eq!(
            read.rows[0].values,
            [(id(&scene, "TK-1.level"), 2.5)],
            "{text}"
        );
    }
}

#[test]
fn broken_cells_are_counted_with_their_place_and_cost_only_themselves() {
    let scene = small_plant();
    let text = "time,level,state\n\
        2026-03-01 06:00:00,1,running\n\
        2026-03-01 06:00:01,wet,stopped\n\
        soon,3,stopped\n\
        2026-03-01 06:00:03,,\n\
        2026-03-01 06:00:02,NaN\n";
    let read = read(text, &scene);
    let values: Vec<_> = read.rows.iter().map(|row| row.values.len()).collect();
    assert_eq!(values, [2, 1, 0, 0]);
    assert!(
        read.rows[3].at < read.rows[2].at,
        "the file's order is kept"
    );
    let fault =
        |line, column: &str, cell: &str, reason| (line, column.to_owned(), cell.to_owned(), reason);
    assert_eq!(
        read.faults,
        [
            fault(3, "level", "wet", Rejection::NotANumber),
            fault(4, "time", "soon", Rejection::BadTime),
            fault(6, "level", "NaN", Rejection::NotFinite),
        ]
    );
}

#[test]
fn unknown_double_and_missing_columns_are_problems() {
    let mut scene = rig();
    let text = "datetime;Pressure;Presure;PT-1.pressure;anomaly\n2026-03-01 06:00:00;1;2;3;0\n";
    let read = read(text, &scene);
    let said = |message: &str| read.problems.iter().any(|problem| problem == message);
    assert!(said("column `Presure` is no signal of this scene"));
    assert!(said("a second column for `PT-1.pressure`: `PT-1.pressure`"));
    assert!(said(
        "the scene expects a column `Voltage`, which is missing"
    ));
    assert_eq!(read.rows[0].values.len(), 1);
    scene.replay.as_mut().expect("the rig has it").time = Some("when".to_owned());
    assert_eq!(refusal(text, &scene), "no column of times");
}

#[test]
fn files_that_are_no_recording_are_refused() {
    let scene = small_plant();
    let no_signal = "no column of any signal of this scene";
    assert_eq!(refusal("time,a,b\n2026-03-01,1,2\n", &scene), no_signal);
    assert_eq!(refusal("level,flow\n1,2\n", &scene), "no column of times");
    assert_eq!(refusal("", &scene), "no column of times");
    let missing = CsvFile::open(&PathBuf::from("/nowhere/data.csv"), &scene);
    let error = missing.err().expect("no such file").to_string();
    assert!(error.contains("/nowhere/data.csv"), "{error}");
}

#[test]
fn a_file_of_the_test_bed_is_read_whole() {
    let name = "a_file_of_the_test_bed_is_read_whole";
    let Some(path) = data(name, "skab/data/valve1/1.csv") else {
        return;
    };
    let scene = rig();
    let text = fs::read_to_string(&path).expect("readable");
    let read = read(&text, &scene);
    assert_eq!(read.rows.len(), text.lines().count() - 1);
    assert!(read.rows.iter().all(|row| row.values.len() == 8));
    assert!(read.problems.is_empty() && read.faults.is_empty());
}

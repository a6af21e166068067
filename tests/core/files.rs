//! Scenes opened from disk; runs and recordings written and read back.

use std::fs::{self, File};
use std::path::Path;

use parallax::files::{
    Member, OpenError, OpenScene, RecordedRow, RunFormat, RunRow, RunWriter, find_scene,
    write_recorded_csv, write_run,
};
use parallax::signal::Quality;
use parallax::time::Timestamp;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use tempfile::TempDir;

const SMALL: &str = "(format: 1, name: \"Small\", types: {}, assets: [])";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Opens a scene that imports nothing.
fn open_scene(path: &Path) -> Result<OpenScene, OpenError> {
    parallax::files::open_scene(path, &mut |_, import| {
        panic!("nothing to import: {import:?}")
    })
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a file in a temporary folder");
}

/// What the folder holds, so that no draft is left behind unseen.
fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_scene_is_its_folder_or_its_file() {
    let folder = folder();
    let file = folder.path().join("scene.ron");
    write(&file, SMALL);
    for path in [folder.path(), &file] {
        let open = open_scene(path).expect("a scene");
        assert_eq!(open.scene.name, "Small");
        assert_eq!(
            (open.file.as_path(), open.folder.as_path()),
            (file.as_path(), folder.path())
        );
    }
}

#[test]
fn a_folder_without_a_scene_says_what_a_scene_is() {
    let folder = folder();
    let error = open_scene(folder.path()).expect_err("an empty folder");
    assert!(matches!(error, OpenError::NoSceneInFolder { .. }));
    assert!(
        error.to_string().contains("a folder with a scene.ron"),
        "{error}"
    );
}

#[test]
fn an_invalid_scene_reports_every_problem_with_file_and_line() {
    let folder = folder();
    let file = folder.path().join("plant.ron");
    write(
        &file,
        "(format: 1, name: \"\",\n types: {}, assets: [\n(tag: \"P-1\", type: \"pump\")])",
    );
    let error = open_scene(&file).expect_err("two mistakes");
    assert!(
        error.to_string().starts_with("2 problems in the scene: "),
        "{error}"
    );
    let report = error.report();
    let place = file.display();
    assert!(
        report.contains(&format!("{place}:1: the name of the scene is empty")),
        "{report}"
    );
    assert!(
        report.contains(&format!("{place}:3: there is no type `pump`")),
        "{report}"
    );
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let folder = folder();
    let file = folder.path().join("plant.ron");
    fs::write(&file, [0xFF, 0xFE, 0x00]).expect("a file");
    assert!(matches!(open_scene(&file), Err(OpenError::Read { .. })));
}

#[test]
fn scenes_that_ship_are_found_by_name() {
    let path = find_scene("pump-rig").expect("it ships");
    assert!(path.join("scene.ron").is_file());
    let given = path.join("scene.ron");
    assert_eq!(
        find_scene(&given.display().to_string()).expect("a path"),
        given
    );

    let error = find_scene("pump-rigg").expect_err("a slip of the finger");
    assert!(
        error.to_string().contains("did you mean `pump-rig`?"),
        "{error}"
    );
    let error = find_scene("nowhere/plant.ron").expect_err("no such file");
    assert!(matches!(error, OpenError::NotFound { .. }));
    let error = open_scene(Path::new("nowhere/plant.ron")).expect_err("no such file");
    assert!(matches!(error, OpenError::NotFound { .. }));
}

/// Rows whose numbers have no short decimal form, and texts that CSV must quote.
fn rows(count: usize) -> impl Iterator<Item = RunRow<'static>> {
    let members = [
        Member::Number(0),
        Member::Number(99),
        Member::P10,
        Member::P50,
        Member::P90,
    ];
    let signals = [
        ("P-1", "flow", "m3/h"),
        ("TK, \"1\"", "level", "m"),
        ("Ä-1", "state", ""),
    ];
    (0..count).map(move |index| {
        let (tag, signal, unit) = signals[index % signals.len()];
        RunRow {
            time_s: index as f64 / 3.0,
            tag,
            signal,
            unit,
            member: members[index % members.len()],
            value: (index as f64 - 7.0).powi(3) * 1e-9,
        }
    })
}

fn write_rows(format: RunFormat, path: &Path, count: usize) {
    let mut run: Box<dyn RunWriter> = write_run(format, path).expect("a new file");
    for row in rows(count) {
        run.write(&row).expect("a row");
    }
    assert!(!path.exists(), "half a file stands in its place");
    run.finish().expect("a file");
}

#[test]
fn a_run_survives_csv_to_the_last_bit() {
    let folder = folder();
    let path = folder.path().join("run.csv");
    write_rows(RunFormat::Csv, &path, 1_000);
    let mut csv = csv::Reader::from_path(&path).expect("a CSV file");
    let header: Vec<&str> = csv.headers().expect("a header").iter().collect();
    assert_eq!(
        header,
        ["time_s", "tag", "signal", "unit", "member", "value"]
    );
    let mut count = 0;
    for (row, expected) in csv.records().zip(rows(1_000)) {
        let row = row.expect("a row");
        assert_eq!(row[0].parse(), Ok(expected.time_s));
        assert_eq!(
            [&row[1], &row[2], &row[3]],
            [expected.tag, expected.signal, expected.unit]
        );
        assert_eq!(row[4], expected.member.to_string());
        assert_eq!(row[5].parse(), Ok(expected.value));
        count += 1;
    }
    assert_eq!(count, 1_000);
    assert_eq!(names_in(folder.path()), ["run.csv"]);
}

#[test]
fn a_run_survives_parquet_over_several_row_groups() {
    const COUNT: usize = 250_000;
    let folder = folder();
    let path = folder.path().join("run.parquet");
    write_rows(RunFormat::Parquet, &path, COUNT);
    let file = File::open(&path).expect("a file");
    let parquet = SerializedFileReader::new(file).expect("a Parquet file");
    assert_eq!(parquet.metadata().num_row_groups(), 3);
    let mut count = 0;
    for (row, expected) in parquet.get_row_iter(None).expect("rows").zip(rows(COUNT)) {
        let row = row.expect("a row");
        assert_eq!(row.get_double(0).ok(), Some(expected.time_s));
        let texts = [1, 2, 3, 4].map(|column| row.get_string(column).expect("a text").as_str());
        let member = expected.member.to_string();
        assert_eq!(
            texts,
            [expected.tag, expected.signal, expected.unit, &member]
        );
        assert_eq!(row.get_double(5).ok(), Some(expected.value));
        count += 1;
    }
    assert_eq!(count, COUNT);
    assert_eq!(names_in(folder.path()), ["run.parquet"]);
}

#[test]
fn an_empty_run_is_a_file_without_rows() {
    let folder = folder();
    let path = folder.path().join("run.parquet");
    write_rows(RunFormat::Parquet, &path, 0);
    let file = File::open(&path).expect("a file");
    let parquet = SerializedFileReader::new(file).expect("a Parquet file");
    assert_eq!(parquet.metadata().file_metadata().num_rows(), 0);
    assert_eq!(
        parquet
            .metadata()
            .file_metadata()
            .schema_descr()
            .num_columns(),
        6
    );
}

#[test]
fn a_run_that_is_broken_off_leaves_the_old_file() {
    for format in [RunFormat::Csv, RunFormat::Parquet] {
        let folder = folder();
        let path = folder.path().join(format.file_name());
        write(&path, "old");
        let mut run = write_run(format, &path).expect("a new file");
        for row in rows(10) {
            run.write(&row).expect("a row");
        }
        drop(run);
        assert_eq!(fs::read_to_string(&path).expect("the old file"), "old");
        assert_eq!(names_in(folder.path()), [format.file_name()]);
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = folder();
    let path = folder.path().join("missing/run.csv");
    let error = write_run(RunFormat::Csv, &path)
        .err()
        .expect("no such folder");
    assert!(error.to_string().contains("missing/run.csv"), "{error}");
}

#[test]
fn recorded_samples_carry_time_and_quality() {
    let folder = folder();
    let path = folder.path().join("recorded.csv");
    let row = RecordedRow {
        at: Timestamp::from_nanos(1_580_000_000_250_000_000),
        tag: "M-1",
        signal: "current",
        unit: "A",
        value: 0.1 + 0.2,
        quality: Quality::BadSensorFailure,
    };
    write_recorded_csv(&path, [row]).expect("a file");
    assert_eq!(
        fs::read_to_string(&path).expect("a file"),
        "time,tag,signal,unit,value,quality\n\
         2020-01-26T00:53:20.25Z,M-1,current,A,0.30000000000000004,BadSensorFailure\n"
    );
}

//! Files of rows, written and read, by us and by others.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parallax::recording::exchange::{
    COLUMNS, ExchangeError, FileFormat, Imported, MAX_KEPT_FAULTS, ReadSettings, RowSink, Selected,
    Selection,
};
use parallax::recording::{Names, Row, SeriesIndex};
use parallax::signal::{Quality, Sample};
use parallax::time::Timestamp;
use parquet::basic::{LogicalType, Repetition, TimeUnit};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type,
    Int96, Int96Type,
};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use proptest::prelude::*;
use tempfile::TempDir;

use super::rows::{Collected, Told, all_told, any_rows, edge_rows, names, told};

const FORMATS: [FileFormat; 2] = [FileFormat::Csv, FileFormat::Parquet];

fn read(
    format: FileFormat,
    path: &Path,
    strict: bool,
) -> Result<(Imported, Collected), ExchangeError> {
    let mut collected = Collected::default();
    let imported = format.read(path, ReadSettings { strict }, &mut collected)?;
    assert_eq!(imported.rows, collected.rows.len() as u64);
    Ok((imported, collected))
}

/// Writes rows, batch by batch, and reads them again.
fn round_trip(format: FileFormat, names: &Names, rows: &[Row], batch: usize) -> Collected {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("rows");
    let mut writer = format.create(&path).expect("a writer");
    for rows in rows.chunks(batch) {
        writer.rows(names, rows).expect("written");
    }
    assert!(!path.exists(), "nothing is there before it is complete");
    assert_eq!(writer.finish().expect("written"), rows.len() as u64);
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    let (imported, collected) = read(format, &path, true).expect("readable");
    assert_eq!(imported.faults.count, 0, "{:?}", imported.faults.first);
    assert!(imported.ignored.is_empty());
    collected
}

#[test]
fn a_file_gives_back_every_row_bit_for_bit() {
    let (names, rows) = (names(), edge_rows());
    for format in FORMATS {
        let collected = round_trip(format, &names, &rows, 10);
        let expected: Vec<_> = rows.iter().map(|row| told(&names, row)).collect();
        assert_eq!(collected.rows, expected, "{format:?}");
        let states = collected.states("Pümpe_2", "läuft%");
        assert_eq!(states, ["off", "on", "a, \"b\""], "{format:?}");
    }
}

#[test]
fn a_file_without_rows_is_one() {
    for format in FORMATS {
        assert!(round_trip(format, &names(), &[], 1).rows.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_rows_round_trip(rows in any_rows(400), batch in 1_usize..200) {
        let names = names();
        for format in FORMATS {
            let collected = round_trip(format, &names, &rows, batch);
            prop_assert_eq!(collected.sorted(), all_told(&names, &rows));
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read_but_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("rows");
        fs::write(&path, &bytes).expect("written");
        for format in FORMATS {
            prop_assert!(read(format, &path, false).is_err());
        }
    }
}

#[test]
fn rows_of_many_groups_and_of_changing_names_round_trip() {
    // Each batch brings its own names, in which a series has another place.
    let all = names();
    let mut expected = Vec::new();
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("rows.parquet");
    let mut writer = FileFormat::of(&path)
        .expect("known")
        .create(&path)
        .expect("a writer");
    for batch in 0..50_u32 {
        let mut own = Names::default();
        for place in 0..5 {
            own.add(all.get(SeriesIndex((batch + place) % 5)).clone());
        }
        let rows: Vec<_> = (0..10_000)
            .map(|row| {
                let at = Timestamp::from_secs(i64::from(batch * 10_000 + row));
                Row::new(SeriesIndex(row % 5), Sample::good(at, f64::from(row % 3)))
            })
            .collect();
        expected.extend(rows.iter().map(|row| told(&own, row)));
        writer.rows(&own, &rows).expect("written");
    }
    assert_eq!(writer.finish().expect("written"), 500_000);
    let (_, collected) = read(FileFormat::Parquet, &path, false).expect("readable");
    assert!(
        collected.rows == expected,
        "the same rows in the same order"
    );
}

#[test]
fn only_what_is_selected_passes() {
    let (names, rows) = (names(), edge_rows());
    let selection = Selection {
        from: Timestamp::from_nanos(0),
        to: Timestamp::from_nanos(100),
        signals: vec!["P-*.flow".to_owned(), "*%".to_owned()],
    };
    let mut collected = Collected::default();
    let mut selected = Selected::new(&selection, &mut collected);
    for rows in rows.chunks(7) {
        selected.rows(&names, rows).expect("taken");
    }
    let wanted =
        |row: &&Row| (0..=100).contains(&row.at.nanos()) && [0, 1, 3].contains(&row.series.0);
    let expected: Vec<_> = rows
        .iter()
        .filter(wanted)
        .map(|row| told(&names, row))
        .collect();
    assert!(expected.len() > 3);
    assert_eq!(collected.rows, expected);
}

// CSV by others.

fn written(text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("data.csv");
    fs::write(&path, text).expect("written");
    (folder, path)
}

#[track_caller]
fn read_text(text: impl AsRef<[u8]>) -> (Imported, Collected) {
    let (_folder, path) = written(text);
    read(FileFormat::Csv, &path, false).expect("readable")
}

fn value_of(told: &Told) -> f64 {
    f64::from_bits(told.value.expect("a value"))
}

#[test]
fn few_columns_in_any_order_are_enough() {
    for text in [
        "value,time,TAG,signal,remark\n1.5,2026-03-01 06:00:00,P-1,flow,x\n",
        "\u{feff}tag;signal;timestamp;value;remark\nP-1;flow;2026-03-01T07:00:00+01:00;1,5;x\n",
        "tag\tsignal\tsource_time\tvalue\tremark\nP-1\tflow\t2026-03-01T06:00:00Z\t1.5\tx\n",
    ] {
        let (imported, collected) = read_text(text);
        assert_eq!(imported.faults.first, []);
        assert_eq!(imported.ignored, ["remark"]);
        let [row] = &collected.rows[..] else {
            panic!("one row of {text}");
        };
        assert_eq!((&*row.name.tag, &*row.name.signal), ("P-1", "flow"));
        assert_eq!(row.at.to_string(), "2026-03-01T06:00:00Z");
        assert_eq!(row.received, row.at);
        assert_eq!((value_of(row), row.quality), (1.5, Quality::Good));
        assert_eq!((&*row.unit, row.clock), ("", "source"));
    }
}

#[test]
fn units_become_si() {
    let (imported, collected) = read_text(
        "tag,signal,time,value,unit\n\
         P-1,flow,2026-03-01T06:00:00Z,36,m3/h\n\
         P-1,flow,2026-03-01T06:00:01Z,0.5,m³/s\n\
         T-1,temperature,2026-03-01T06:00:00Z,20,degC\n\
         V-1,opening,2026-03-01T06:00:00Z,85,%\n\
         X-1,any,2026-03-01T06:00:00Z,-0,\n",
    );
    assert_eq!(imported.faults.first, []);
    let told: Vec<_> = collected
        .rows
        .iter()
        .map(|row| (&*row.unit, value_of(row)))
        .collect();
    assert_eq!(
        told,
        [
            ("m³/s", 0.01),
            ("m³/s", 0.5),
            ("K", 293.15),
            ("", 0.85),
            ("", -0.0)
        ]
    );
    assert!(value_of(&collected.rows[4]).is_sign_negative());
}

#[test]
fn qualities_are_names_or_codes() {
    for (text, quality) in [
        ("", Quality::Good),
        ("good", Quality::Good),
        ("BadSensorFailure", Quality::BadSensorFailure),
        ("Bad_SensorFailure", Quality::BadSensorFailure),
        ("0x808C0000", Quality::BadSensorFailure),
        ("2156658688", Quality::BadSensorFailure),
    ] {
        let (_, collected) = read_text(format!(
            "tag,signal,time,value,quality\nP-1,flow,2026-03-01T06:00:00Z,1,{text}\n"
        ));
        assert_eq!(collected.rows[0].quality, quality, "{text}");
    }
}

#[test]
fn states_become_known_as_they_come() {
    let (_, collected) = read_text(
        "tag,signal,time,value,text\n\
         P-1,running,2026-03-01T06:00:00Z,2,tripped\n\
         P-1,running,2026-03-01T06:00:01Z,0,off\n\
         P-1,running,2026-03-01T06:00:02Z,0.5,a remark\n\
         P-1,running,2026-03-01T06:00:03Z,1e9,another\n",
    );
    assert_eq!(collected.states("P-1", "running"), ["off", "", "tripped"]);
    assert_eq!(collected.rows.len(), 4);
}

#[test]
fn bad_lines_are_told_and_good_ones_are_taken() {
    let start = "tag,signal,source_time,value,unit,origin,quality,clock\n";
    let good = "P-1,flow,2026-03-01T06:00:00Z,1,m3/h,measured,Good,source\n";
    for (line, message) in [
        (
            "P-1,flow,yesterday,1,m3/h,,,",
            "`yesterday` in `source_time` is not a time",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,wet,,,,",
            "`wet` in `value` is not a number",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,NaN,,,,",
            "not a finite number",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1e400,,,,",
            "not a finite number",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,,,,Good,",
            "the value is missing",
        ),
        (",flow,2026-03-01T06:00:00Z,1,,,,", "the tag is empty"),
        ("P-1,,2026-03-01T06:00:00Z,1,,,,", "the signal is empty"),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1,furlong,,,",
            "`furlong` is not a known unit",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1,bar,,,",
            "does not fit `m³/s`",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1,,simulated,,",
            "the origin `simulated`",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1,,,excellent,",
            "`excellent` in `quality`",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1,,,,sundial",
            "`sundial` in `clock`",
        ),
        (
            "P-1,flow,2026-03-01T06:00:00Z,1",
            "4 cells, where the first line has 8",
        ),
        ("P-1,flow,2500-03-01T06:00:00Z,1,,,,", "is not a time"),
    ] {
        let (_folder, path) = written(format!("{start}{good}{line}\n{good}"));
        let (imported, _) = read(FileFormat::Csv, &path, false).expect("readable");
        assert_eq!((imported.rows, imported.faults.count), (2, 1), "{line}");
        let problem = &imported.faults.first[0];
        assert_eq!(problem.line, Some(3), "{line}");
        assert!(
            problem.message.contains(message),
            "{line}: {}",
            problem.message
        );
        assert!(!problem.hint.is_empty(), "{line}");
        // All or nothing: nothing, then.
        let mut collected = Collected::default();
        let strict = FileFormat::Csv.read(&path, ReadSettings { strict: true }, &mut collected);
        let Err(ExchangeError::Strict { faults, .. }) = strict else {
            panic!("{line}: {strict:?}");
        };
        assert_eq!(faults.first[0].message, problem.message);
        assert!(collected.rows.is_empty());
    }
}

#[test]
fn of_many_bad_lines_the_first_are_told_and_all_are_counted() {
    let text = "tag,signal,time,value\n".to_owned() + &"P-1,flow,never,1\n".repeat(1_000);
    let (imported, _) = read_text(text);
    assert_eq!(imported.faults.count, 1_000);
    assert_eq!(imported.faults.first.len(), MAX_KEPT_FAULTS);
}

#[test]
fn a_line_that_is_not_utf_8_is_told() {
    let (imported, _) = read_text(
        b"tag,signal,time,value\nP-\xff,flow,2026-03-01T06:00:00Z,1\nP-1,flow,2026-03-01T06:00:00Z,1\n",
    );
    assert_eq!((imported.rows, imported.faults.count), (1, 1));
    assert!(
        imported.faults.first[0]
            .message
            .contains("cell 1 is not UTF-8")
    );
}

#[test]
fn a_csv_that_cannot_be_used_is_refused_with_a_reason() {
    let open = "tag,signal,time,value\n\"".to_owned() + &"x,\n".repeat(1 << 20);
    for (text, reason) in [
        ("", "no column `tag`"),
        ("time,P-1.flow\n", "no column `tag`"),
        ("tag,signal,value\n", "no column `source_time`"),
        ("tag,signal,time,value,tag\n", "`tag` stands there twice"),
        (&open, "close the quote"),
    ] {
        let (_folder, path) = written(text);
        let error = read(FileFormat::Csv, &path, false).err().expect("an error");
        let error = error.to_string();
        assert!(error.contains(reason), "{error}");
        assert!(error.contains("data.csv"), "{error}");
    }
    let error = read(FileFormat::Csv, Path::new("/nowhere/data.csv"), false).err();
    assert!(matches!(error, Some(ExchangeError::Read { .. })));
    let error = FileFormat::Csv.create(Path::new("/nowhere/data.csv")).err();
    assert!(matches!(error, Some(ExchangeError::Write { .. })));
}

// Parquet by others.

/// A column of a foreign file.
struct Foreign {
    about: Type,
    write: Box<dyn Fn(&mut parquet::file::writer::SerializedColumnWriter<'_>)>,
}

fn column<T: DataType>(
    name: &str,
    logical: Option<LogicalType>,
    cells: Vec<Option<T::T>>,
) -> Foreign {
    let about = Type::primitive_type_builder(name, T::get_physical_type())
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
        .expect("a type");
    let levels: Vec<_> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<_> = cells.into_iter().flatten().collect();
    Foreign {
        about,
        write: Box::new(move |column| {
            let written = column
                .typed::<T>()
                .write_batch(&values, Some(&levels), None);
            written.expect("written");
        }),
    }
}

fn texts(name: &str, cells: [&str; 2]) -> Foreign {
    let cells = cells.map(|cell| (!cell.is_empty()).then(|| ByteArray::from(cell)));
    column::<ByteArrayType>(name, Some(LogicalType::String), cells.into())
}

fn foreign_file(columns: Vec<Foreign>, metadata: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("data.parquet");
    let fields = columns.iter().map(|column| Arc::new(column.about.clone()));
    let schema = Type::group_type_builder("schema")
        .with_fields(fields.collect())
        .build()
        .expect("a schema");
    let entries = metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(entries.collect()))
        .build();
    let file = File::create(&path).expect("a file");
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    for column in columns {
        let mut writer = group.next_column().expect("a column").expect("one more");
        (column.write)(&mut writer);
        writer.close().expect("closed");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
    (folder, path)
}

/// A file of two rows with these columns beside tag and signal.
#[track_caller]
fn read_foreign(time: Foreign, value: Foreign, more: Vec<Foreign>) -> (Imported, Vec<Told>) {
    let mut columns = vec![value, texts("Signal", ["flow", "flow"]), time];
    columns.extend(more);
    columns.push(texts("tag", ["P-1", "P-1"]));
    let (_folder, path) = foreign_file(columns, &[]);
    let (imported, collected) = read(FileFormat::Parquet, &path, false).expect("readable");
    (imported, collected.rows)
}

fn stamps(unit: TimeUnit, utc: bool, counts: [i64; 2]) -> Foreign {
    let logical = Some(LogicalType::timestamp(utc, unit));
    column::<Int64Type>("time", logical, counts.map(Some).into())
}

fn doubles() -> Foreign {
    column::<DoubleType>("value", None, vec![Some(1.0), Some(2.0)])
}

const SECOND: i64 = 1_795_000_000;

#[test]
fn times_of_any_unit_are_read() {
    let int96 = |nanos: u64| {
        let days = SECOND / 86_400 + 2_440_588;
        let in_day = (SECOND % 86_400) as u64 * 1_000_000_000 + nanos;
        let mut instant = Int96::new();
        instant.set_data(in_day as u32, (in_day >> 32) as u32, days as u32);
        Some(instant)
    };
    let text = |nanos: &str| {
        Some(ByteArray::from(
            format!("2026-11-18T11:06:40{nanos}Z").as_str(),
        ))
    };
    for (time, second) in [
        (
            stamps(TimeUnit::MILLIS, true, [SECOND * 1_000, SECOND * 1_000 + 7]),
            7_000_000,
        ),
        (
            stamps(
                TimeUnit::MICROS,
                false,
                [SECOND * 1_000_000, SECOND * 1_000_000 + 7],
            ),
            7_000,
        ),
        (
            stamps(
                TimeUnit::NANOS,
                true,
                [SECOND * 1_000_000_000, SECOND * 1_000_000_000 + 7],
            ),
            7,
        ),
        (
            column::<Int96Type>("time", None, vec![int96(0), int96(7)]),
            7,
        ),
        (
            column::<ByteArrayType>(
                "time",
                Some(LogicalType::String),
                vec![text(""), text(".000000007")],
            ),
            7,
        ),
    ] {
        let (imported, rows) = read_foreign(time, doubles(), Vec::new());
        assert_eq!(imported.faults.first, []);
        let times: Vec<_> = rows
            .iter()
            .map(|row| row.at.nanos() - SECOND * 1_000_000_000)
            .collect();
        assert_eq!(times, [0, second]);
    }
}

#[test]
fn values_of_any_kind_are_read() {
    for (value, expected) in [
        (
            column::<FloatType>("value", None, vec![Some(0.5), Some(-2.0)]),
            [0.5, -2.0],
        ),
        (
            column::<Int32Type>("value", None, vec![Some(-5), Some(7)]),
            [-5.0, 7.0],
        ),
        (
            column::<Int32Type>(
                "value",
                Some(LogicalType::integer(32, false)),
                vec![Some(-1), Some(7)],
            ),
            [4_294_967_295.0, 7.0],
        ),
        (
            column::<Int64Type>("VALUE", None, vec![Some(-5), Some(1 << 40)]),
            [-5.0, 1_099_511_627_776.0],
        ),
        (
            column::<BoolType>("value", None, vec![Some(false), Some(true)]),
            [0.0, 1.0],
        ),
    ] {
        let (imported, rows) =
            read_foreign(stamps(TimeUnit::NANOS, true, [1, 2]), value, Vec::new());
        assert_eq!(imported.faults.first, []);
        assert_eq!([value_of(&rows[0]), value_of(&rows[1])], expected);
    }
}

#[test]
fn rows_of_others_with_a_mistake_are_told() {
    let more = vec![
        texts("unit", ["bar", "furlong"]),
        texts("quality", ["BadNotConnected", ""]),
        texts("flavour", ["", ""]),
    ];
    let value = column::<DoubleType>("value", None, vec![None, Some(1.0)]);
    let (imported, rows) = read_foreign(stamps(TimeUnit::NANOS, true, [1, 2]), value, more);
    assert_eq!(imported.ignored, ["flavour"]);
    assert_eq!(imported.faults.count, 1);
    assert!(
        imported.faults.first[0]
            .message
            .starts_with("row 2: `furlong`")
    );
    assert_eq!((rows.len(), rows[0].value, &*rows[0].unit), (1, None, "Pa"));
    // Beyond what can be told in nanoseconds.
    let far = stamps(TimeUnit::MILLIS, true, [i64::MAX, 0]);
    let (imported, rows) = read_foreign(far, doubles(), Vec::new());
    assert_eq!((imported.faults.count, rows.len()), (1, 1));
    assert!(imported.faults.first[0].message.contains("too far away"));
    let nan = column::<DoubleType>("value", None, vec![Some(f64::NAN), None]);
    let (imported, rows) = read_foreign(stamps(TimeUnit::NANOS, true, [1, 2]), nan, Vec::new());
    assert_eq!((imported.faults.count, rows.len()), (2, 0));
}

#[test]
fn a_parquet_file_that_cannot_be_used_is_refused_with_a_reason() {
    let time = || stamps(TimeUnit::NANOS, true, [1, 2]);
    let named = || [texts("tag", ["P", "P"]), texts("signal", ["f", "f"])];
    let file = |columns: Vec<Foreign>, metadata: &[(&str, &str)]| {
        let all = named().into_iter().chain(columns).collect();
        foreign_file(all, metadata)
    };
    let plain = column::<Int64Type>("time", None, vec![Some(1), Some(2)]);
    let text = texts("value", ["1", "2"]);
    for ((_folder, path), reason) in [
        (
            foreign_file(vec![time(), doubles()], &[]),
            "no column `tag`",
        ),
        (
            file(vec![time()], &[]),
            "no column `value`; there must be tag",
        ),
        (file(vec![doubles()], &[]), "no column `source_time`"),
        (file(vec![plain, doubles()], &[]), "does not tell its unit"),
        (
            file(vec![time(), text], &[]),
            "must hold whole or floating-point numbers",
        ),
        (
            file(vec![time(), doubles()], &[("parallax.schema", "2")]),
            "newer Parallax",
        ),
        (written("PAR1 this is not"), "not a whole Parquet file"),
        (written(""), "not a whole Parquet file"),
    ] {
        let error = read(FileFormat::Parquet, &path, false)
            .err()
            .expect("an error");
        let error = error.to_string();
        assert!(error.contains(reason), "{error}");
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}

#[test]
fn a_truncated_or_damaged_file_never_panics() {
    let (names, rows) = (names(), edge_rows());
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("whole.parquet");
    let mut writer = FileFormat::Parquet.create(&path).expect("a writer");
    writer.rows(&names, &rows).expect("written");
    writer.finish().expect("written");
    let whole = fs::read(&path).expect("readable");
    let damaged = folder.path().join("damaged.parquet");
    for length in 0..whole.len() {
        fs::write(&damaged, &whole[..length]).expect("written");
        let cut = read(FileFormat::Parquet, &damaged, false);
        assert!(
            matches!(cut, Err(ExchangeError::Broken { .. })),
            "cut at {length}"
        );
    }
    for place in 0..whole.len() {
        for bit in [0, 3, 7] {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            fs::write(&damaged, &bytes).expect("written");
            // What was flipped may be of no account, or a value; it must not end the program.
            read(FileFormat::Parquet, &damaged, false).ok();
        }
    }
}

#[test]
fn what_is_written_has_the_columns_that_are_promised() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("rows.csv");
    let mut writer = FileFormat::Csv.create(&path).expect("a writer");
    let at = "2026-11-22T13:00:00.000000001Z".parse().expect("a time");
    writer
        .rows(
            &names(),
            &[
                Row::new(SeriesIndex(3), Sample::good(at, 1.0)),
                Row::lost(SeriesIndex(0), at),
            ],
        )
        .expect("written");
    writer.finish().expect("written");
    let text = fs::read_to_string(&path).expect("readable");
    let expected = [
        &COLUMNS.join(","),
        "Pümpe_2,läuft%,measured,,2026-11-22T13:00:00.000000001Z,2026-11-22T13:00:00.000000001Z,1,on,Good,source",
        "P-101,flow,measured,m³/s,2026-11-22T13:00:00.000000001Z,2026-11-22T13:00:00.000000001Z,,,BadNotConnected,receiver",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

//! DuckDB and pyarrow read segments as they were written.

use std::collections::BTreeSet;

use bytes::Bytes;
use parallax::recording::{Block, Name, Names, Row, Series, StartFrame, Who};
use parallax::signal::{Clock, Sample};
use parallax::time::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Shape, assert_same_block, open, write};
use crate::recording::peers::{Both, ask};
use crate::recording::plant::Plant;

/// A row as the script tells it.
type Told = (
    String,
    String,
    String,
    String,
    i64,
    i64,
    Option<String>,
    Option<String>,
    i32,
    String,
);

fn told(block: &Block) -> Vec<Told> {
    let mut told = Vec::new();
    for (place, series) in block.series.iter().enumerate() {
        for row in block.rows_of(place) {
            let columns = &block.columns;
            let mark = columns.mark[row];
            let value = (!mark.is_lost()).then(|| columns.value[row]);
            let state = value.and_then(|value| {
                let whole = value >= 0.0 && value.fract() == 0.0;
                whole.then(|| series.states.get(value as usize).cloned())?
            });
            told.push((
                series.name.tag.to_string(),
                series.name.signal.to_string(),
                series.who.text().to_owned(),
                series.unit.to_string(),
                columns.at[row].nanos(),
                columns.received[row].nanos(),
                value.map(|value| format!("{:016x}", value.to_bits())),
                state,
                mark.quality().code() as i32,
                match mark.clock() {
                    Clock::Source => "source".to_owned(),
                    Clock::Receiver => "receiver".to_owned(),
                },
            ));
        }
    }
    told
}

#[test]
fn duckdb_and_pyarrow_read_every_row_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for (seed, extreme, rows) in [
        (1, false, 2_000),
        (2, true, 2_000),
        (3, true, 1),
        (4, false, 9),
    ] {
        let shape = Shape {
            seed,
            series: 30,
            rows,
            slices: 3,
            extreme,
        };
        let slices = shape.build();
        let path = folder.path().join("part.parquet");
        std::fs::write(&path, write(&slices)).expect("a file");
        let arguments = ["rows".as_ref(), path.as_os_str()];
        let Some(read) = ask::<Both<Vec<DuckTold>>>("duckdb_and_pyarrow_read_every_row", arguments)
        else {
            return;
        };
        let expected: Vec<Told> = slices.iter().flat_map(|(_, block)| told(block)).collect();
        let read_rows: Vec<Told> = read
            .pyarrow
            .into_iter()
            .map(|row| row.exact(None))
            .collect();
        assert_eq!(read_rows, expected, "pyarrow, seed {seed}");
        let read = read.duckdb.into_iter().zip(&expected);
        let read: Vec<Told> = read.map(|(row, told)| row.exact(Some(told))).collect();
        assert_eq!(read, expected, "DuckDB, seed {seed}");
    }
}

/// A row with times that may not be told.
#[derive(Debug, serde::Deserialize)]
struct DuckTold(
    String,
    String,
    String,
    String,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
    i32,
    String,
);

impl DuckTold {
    /// With `expected` for times that DuckDB takes for infinite: the greatest number of 64 bits
    /// and the two least.
    fn exact(self, expected: Option<&Told>) -> Told {
        let infinite = |at: &i64| at.unsigned_abs() >= i64::MAX as u64;
        let time = |told: Option<i64>, expected: Option<i64>| {
            told.or(expected.filter(infinite))
                .expect("a time that can be told")
        };
        (
            self.0,
            self.1,
            self.2,
            self.3,
            time(self.4, expected.map(|row| row.4)),
            time(self.5, expected.map(|row| row.5)),
            self.6,
            self.7,
            self.8,
            self.9,
        )
    }
}

#[test]
fn duckdb_and_pyarrow_count_and_sum_a_plant_alike() {
    let mut plant = Plant::new(1_500, 11);
    let parts = [(); 2].map(|()| {
        let mut rows = Vec::new();
        (0..150).for_each(|_| plant.report(&mut rows));
        Block::new(plant.names(), rows)
    });
    assert_same_sums("duckdb_and_pyarrow_count_and_sum_a_plant_alike", &parts);
}

/// One signal whose sample at `row` is made by `make`.
fn one_signal(rows: i64, make: impl Fn(i64) -> (i64, f64)) -> Block {
    let mut names = Names::default();
    let series = names.add(Series {
        name: Name::new("TK-1", "level"),
        who: Who::Measured,
        unit: "m".into(),
        states: [].into(),
    });
    let row = |row| {
        let (at, value) = make(row);
        Row::new(series, Sample::good(Timestamp::from_nanos(at), value))
    };
    Block::new(&names, (0..rows).map(row).collect())
}

#[test]
fn each_way_of_encoding_is_read_by_all() {
    use parquet::basic::Encoding;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    const SECOND: i64 = 1_000_000_000;
    // Times that never repeat, though the steps between them are alike.
    let uneven = |row: i64| row * SECOND + row * row % 7_919 * 1_009;
    let seeded = |row: i64| ChaCha8Rng::seed_from_u64(row as u64);
    for (name, block, time, value) in [
        (
            "smooth",
            one_signal(50_000, |row| (uneven(row), 3.0 + (row as f64 * 1e-4).sin())),
            Encoding::DELTA_BINARY_PACKED,
            Encoding::BYTE_STREAM_SPLIT,
        ),
        (
            "any bits",
            one_signal(50_000, |row| {
                let random = &mut seeded(row);
                let at = random.random::<i64>() / 2;
                (
                    at,
                    random.random_range(-1.0..1.0) * 10_f64.powi(random.random_range(-300..300)),
                )
            }),
            Encoding::DELTA_BINARY_PACKED,
            Encoding::PLAIN,
        ),
        (
            // More entries than two bytes can tell apart.
            "100,000 steps",
            one_signal(600_000, |row| {
                (
                    row * SECOND,
                    f64::from(seeded(row).random_range(0..100_000)) * 0.1,
                )
            }),
            Encoding::DELTA_BINARY_PACKED,
            Encoding::RLE_DICTIONARY,
        ),
    ] {
        let bytes = write(&[(StartFrame::default(), block.clone())]);
        let file = SerializedFileReader::new(Bytes::from(bytes.clone())).expect("Parquet");
        let group = file.metadata().row_group(0);
        for (column, encoding) in [(4, time), (6, value)] {
            let used: Vec<Encoding> = group.column(column).encodings().collect();
            assert!(
                used.contains(&encoding),
                "{name}: {used:?} without {encoding}"
            );
        }
        let segment = open(bytes).expect("opens");
        assert_same_block(&segment.read_slice(0).expect("a slice").1, &block);
        segment.verify().expect("whole");
        assert_same_sums("each_way_of_encoding_is_read_by_all", &[block]);
    }
}

/// Sees that both peers sum up the blocks, a file each, as we do.
#[track_caller]
fn assert_same_sums(test: &str, blocks: &[Block]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["sums".into()];
    let mut rows: Vec<Told> = Vec::new();
    for (part, block) in blocks.iter().enumerate() {
        let path = folder.path().join(format!("part-{part}.parquet"));
        std::fs::write(&path, write(&[(StartFrame::default(), block.clone())])).expect("a file");
        arguments.push(path.into_os_string());
        rows.extend(told(block));
    }
    let names: BTreeSet<_> = rows.iter().map(|row| (&row.0, &row.1)).collect();
    let values = rows.iter().filter_map(|row| row.6.as_deref());
    let values: Vec<f64> = values
        .map(|bits| f64::from_bits(u64::from_str_radix(bits, 16).expect("bits")))
        .collect();
    let expected = Sums(
        rows.len(),
        values.len(),
        values.iter().sum(),
        rows.iter()
            .map(|row| i128::from(row.8))
            .sum::<i128>()
            .to_string(),
        rows.iter().map(|row| row.4).min().expect("rows"),
        rows.iter().map(|row| row.4).max().expect("rows"),
        rows.iter().map(|row| row.5).max().expect("rows"),
        names.len(),
        rows.iter().filter(|row| row.7.is_some()).count(),
        rows.iter().filter(|row| row.9 == "source").count(),
    );
    let Some(read) = ask::<Both<Sums>>(test, arguments) else {
        return;
    };
    let scale: f64 = values.iter().map(|value| value.abs()).sum();
    for (who, read) in [("DuckDB", read.duckdb), ("pyarrow", read.pyarrow)] {
        // Sums of floating-point numbers depend on their order.
        assert!(
            (read.2 - expected.2).abs() <= 1e-12 * scale,
            "{who}: {read:?}"
        );
        assert_eq!(
            Sums {
                2: expected.2,
                ..read
            },
            expected,
            "{who}"
        );
    }
}

/// What the script sums up.
#[derive(Debug, PartialEq, serde::Deserialize)]
struct Sums(
    usize,
    usize,
    f64,
    String,
    i64,
    i64,
    i64,
    usize,
    usize,
    usize,
);

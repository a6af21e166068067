//! Segments: what is written is read, by us and by others, and damage is told.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parallax::history::SampleColumns;
use parallax::recording::depot::{DepotError, Piece};
use parallax::recording::segment::{
    Effort, Segment, SegmentError, SegmentHeader, SegmentMistake, SegmentWriter,
};
use parallax::recording::{Block, Name, Names, Row, Series, SeriesIndex, StartFrame, Who};
use parallax::signal::{Clock, Quality, Sample};
use parallax::time::Timestamp;
use proptest::prelude::*;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::peers::{Both, ask};
use super::plant::Plant;

/// A file in memory.
pub(super) struct Memory(pub(super) Bytes);

impl Piece for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes, DepotError> {
        if range.start > range.end || range.end > self.len() {
            return Err(DepotError {
                place: "memory".to_owned(),
                source: std::io::ErrorKind::UnexpectedEof.into(),
            });
        }
        Ok(self.0.slice(range.start as usize..range.end as usize))
    }
}

fn open(bytes: impl Into<Bytes>) -> Result<Segment, SegmentError> {
    Segment::open(Arc::new(Memory(bytes.into())), "part.parquet")
}

pub(super) fn header() -> SegmentHeader {
    SegmentHeader {
        recorder: "main".to_owned(),
        order: 0x2a7,
        written: Timestamp::from_secs(1_795_352_400),
        replaces: vec!["samples/date=2026-11-22/hour=13/part-main-0000000000000001.parquet".into()],
    }
}

fn write(slices: &[(StartFrame, Block)]) -> Vec<u8> {
    let mut writer = SegmentWriter::new(Vec::new(), header(), Effort::Live).expect("begins");
    for (frame, block) in slices {
        writer.write_slice(frame, block).expect("a slice");
    }
    writer.finish().expect("an end").0
}

/// How rows of a random segment come about.
#[derive(Clone, Copy, Debug)]
struct Shape {
    seed: u64,
    series: usize,
    rows: usize,
    slices: usize,
    /// Every bit pattern and instant there is, or what a plant sends.
    extreme: bool,
}

fn any_shape(extreme: bool) -> impl Strategy<Value = Shape> {
    (any::<u64>(), 1..40_usize, 1..3_000_usize, 1..4_usize).prop_map(
        move |(seed, series, rows, slices)| Shape {
            seed,
            series,
            rows,
            slices,
            extreme,
        },
    )
}

const STATES: &[&[&str]] = &[&[], &[], &["stopped", "running"], &["", "ö", "fault"]];
const UNITS: &[&str] = &["", "Pa", "m³/s", "K"];
const BITS: &[f64] = &[
    0.0,
    -0.0,
    f64::MIN,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    -f64::NAN,
    1.0,
    2.0,
];

impl Shape {
    fn build(self) -> Vec<(StartFrame, Block)> {
        let random = &mut ChaCha8Rng::seed_from_u64(self.seed);
        let mut names = Names::default();
        while names.len() < self.series {
            let tag = format!("P-{}", random.random_range(0..1 + self.series / 2));
            names.add(Series {
                name: Name::new(&tag, ["flow", "level", "é"].choose(random).expect("some")),
                who: *[Who::Measured, Who::Estimated].choose(random).expect("two"),
                unit: (*UNITS.choose(random).expect("some")).into(),
                states: STATES
                    .choose(random)
                    .expect("some")
                    .iter()
                    .map(|&s| s.into())
                    .collect(),
            });
            if random.random_bool(0.02) {
                break; // all names may be taken
            }
        }
        let hour = 3_600_000_000_000;
        let slices = (0..self.slices as i64).map(|slice| {
            let start = slice * hour;
            let rows = (0..self.rows).map(|_| {
                let series = SeriesIndex(random.random_range(0..names.len()) as u32);
                self.row(random, series, start)
            });
            let block = Block::new(&names, rows.collect());
            let from = block.span().expect("rows").0;
            let mut frame = StartFrame::default();
            let mut series: Vec<_> = names.series().iter().collect();
            series.sort_by_key(|series| (series.name.clone(), series.who));
            for series in series {
                if random.random_bool(0.7) {
                    let mut sample = self.sample(random, start);
                    sample.at = sample.at.min(from);
                    let lost = (sample.at.nanos() % 3 == 0).then_some(sample.received);
                    frame.rows.push((series.clone(), sample, lost));
                }
            }
            (frame, block)
        });
        slices.collect()
    }

    fn row(self, random: &mut impl Rng, series: SeriesIndex, start: i64) -> Row {
        let sample = self.sample(random, start);
        if random.random_bool(0.03) {
            return Row::lost(series, sample.at);
        }
        Row::new(series, sample)
    }

    fn sample(self, random: &mut impl Rng, start: i64) -> Sample {
        let (at, value) = if self.extreme {
            let value = match random.random_range(0..3) {
                0 => f64::from_bits(random.random()),
                _ => *BITS.choose(random).expect("some"),
            };
            let at = match random.random_range(0..9) {
                0 => i64::MIN,
                1 => i64::MAX,
                _ => random.random(),
            };
            (at, value)
        } else {
            let at = start + random.random_range(0..500) * 1_000_000_007;
            (at, f64::from(random.random_range(-3..40)) * 0.1)
        };
        Sample {
            at: Timestamp::from_nanos(at),
            value,
            quality: *Quality::ALL.choose(random).expect("some"),
            clock: *[Clock::Source, Clock::Receiver]
                .choose(random)
                .expect("two"),
            received: Timestamp::from_nanos(at.saturating_add(random.random_range(0..1_000))),
        }
    }
}

/// Rows so that they can be compared bit by bit: a NaN is equal to itself.
fn rows(columns: &SampleColumns) -> Vec<(i64, i64, Option<u64>, Quality, Clock)> {
    let row = |row: usize| {
        let mark = columns.mark[row];
        let value = (!mark.is_lost()).then(|| columns.value[row].to_bits());
        let (at, received) = (columns.at[row].nanos(), columns.received[row].nanos());
        (at, received, value, mark.quality(), mark.clock())
    };
    (0..columns.len()).map(row).collect()
}

#[track_caller]
fn assert_same_block(read: &Block, written: &Block) {
    assert_eq!(read.series, written.series);
    assert_eq!(read.ends, written.ends);
    assert_eq!(rows(&read.columns), rows(&written.columns));
}

#[track_caller]
fn assert_same_frame(read: &StartFrame, written: &StartFrame) {
    let row = |(series, sample, lost): &(Series, Sample, Option<Timestamp>)| {
        let mut columns = SampleColumns::default();
        columns.push(*sample);
        (series.clone(), rows(&columns), *lost)
    };
    let read: Vec<_> = read.rows.iter().map(row).collect();
    let written: Vec<_> = written.rows.iter().map(row).collect();
    assert_eq!(read, written);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read(shape in any::<bool>().prop_flat_map(any_shape)) {
        let slices = shape.build();
        let segment = open(write(&slices)).expect("opens");
        let info = segment.info();
        prop_assert_eq!((info.schema, info.order, &info.recorder[..]), (1, 0x2a7, "main"));
        prop_assert_eq!(info.written, header().written);
        prop_assert_eq!(&info.replaces, &header().replaces);
        prop_assert_eq!(info.slices.len(), slices.len());
        for (place, (frame, block)) in slices.iter().enumerate() {
            let about = &segment.info().slices[place];
            prop_assert_eq!(Some((about.from, about.to)), block.span());
            prop_assert_eq!(about.rows, block.len() as u64);
            let (read_frame, read_block) = segment.read_slice(place).expect("a slice");
            assert_same_block(&read_block, block);
            assert_same_frame(&read_frame, frame);
            assert_same_frame(&segment.read_frame(place).expect("a frame"), frame);
        }
        let check = segment.verify().expect("whole");
        prop_assert_eq!(check.rows, slices.iter().map(|(_, block)| block.len() as u64).sum::<u64>());
    }

    #[test]
    fn a_signal_is_found_without_the_rest(
        shape in any_shape(false),
        span in (-100..2_000_i64, 0..9_000_i64),
        which: prop::sample::Index,
    ) {
        let slices = shape.build();
        let segment = open(write(&slices)).expect("opens");
        let wanted = which.get(&slices[0].1.series);
        let from = Timestamp::from_secs(span.0);
        let to = Timestamp::from_secs(span.0 + span.1);
        let mut expected = Vec::new();
        let mut known = Vec::new();
        for (_, block) in &slices {
            let Some(place) = block.series.iter().position(|series| series == wanted) else {
                continue;
            };
            let own = rows(&block.columns)[block.rows_of(place)].to_vec();
            let before = expected.len();
            let inside = from.nanos()..=to.nanos();
            expected.extend(own.into_iter().filter(|row| inside.contains(&row.0)));
            if expected.len() > before {
                known = vec![wanted.clone()];
            }
        }
        let found = segment.read_series(&wanted.name, wanted.who, from, to).expect("reads");
        prop_assert_eq!(found.0, known);
        prop_assert_eq!(rows(&found.1), expected);
    }

    #[test]
    fn a_flipped_bit_is_found(shape in any_shape(false), at: prop::sample::Index, bit in 0..8_u32) {
        let shape = Shape { rows: shape.rows % 400 + 1, ..shape };
        let mut bytes = write(&shape.build());
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let found = open(bytes).and_then(|segment| segment.verify());
        prop_assert!(found.is_err(), "byte {at} bit {bit}");
        prop_assert!(found.unwrap_err().to_string().ends_with(": part.parquet"));
    }
}

#[test]
fn no_byte_can_change_or_be_missing_unseen() {
    let whole = write(&tiny().build());
    for at in 0..whole.len() {
        let error = open(whole[..at].to_vec()).err().map(|error| error.mistake);
        assert!(
            matches!(error, Some(SegmentMistake::NotParquet)),
            "{at}: {error:?}"
        );
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let found = open(bytes).and_then(|segment| segment.verify());
        assert!(found.is_err(), "byte {at} of {}", whole.len());
    }
}

/// Puts the right checksum on a footer that was tampered with.
fn reseal(bytes: &mut [u8]) {
    let tail = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[tail..tail + 4].try_into().expect("four")) as usize;
    let footer = &mut bytes[tail - length..];
    let key = b"parallax.seal\x18\x08";
    let at = footer.windows(key.len()).rposition(|part| part == key);
    let at = at.expect("a seal") + key.len();
    footer[at..at + 8].copy_from_slice(b"00000000");
    let seal = format!("{:08x}", crc32fast::hash(footer));
    footer[at..at + 8].copy_from_slice(seal.as_bytes());
}

fn small() -> Shape {
    Shape {
        seed: 5,
        series: 9,
        rows: 300,
        slices: 2,
        extreme: false,
    }
}

fn tiny() -> Shape {
    Shape {
        series: 4,
        rows: 40,
        ..small()
    }
}

#[test]
fn a_newer_schema_is_refused_by_its_number() {
    let mut bytes = write(&small().build());
    let key = b"parallax.schema\x18\x01";
    let at = bytes.windows(key.len()).rposition(|part| part == key);
    bytes[at.expect("a schema") + key.len()] = b'2';
    reseal(&mut bytes);
    let error = open(bytes).err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some(
            "its schema is version 2, and this Parallax knows 1: use a newer Parallax: part.parquet"
        )
    );
}

#[test]
fn foreign_files_are_refused_with_the_way_out() {
    let foreign = foreign_parquet();
    for (bytes, start) in [
        (foreign.as_slice(), "not written by Parallax"),
        (b"", "not a whole Parquet file"),
        (b"PAR1", "not a whole Parquet file"),
        (b"PAR1PAR1", "not a whole Parquet file"),
        (b"PAR1\0\0\0\0PAR1", "not written by Parallax"),
        (b"PAR1\xff\xff\xff\xffPAR1", "not a whole Parquet file"),
        (b"time,tag,signal\n", "not a whole Parquet file"),
    ] {
        let error = open(bytes.to_vec()).err().map(|error| error.to_string());
        let error = error.expect("refused");
        assert!(
            error.starts_with(start) && error.ends_with(": part.parquet"),
            "{error}"
        );
    }
}

/// Parquet of somebody else.
fn foreign_parquet() -> Vec<u8> {
    use parquet::data_type::DoubleType;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    let schema = parse_message_type("message m { REQUIRED DOUBLE value; }").expect("a schema");
    let mut file = SerializedFileWriter::new(Vec::new(), schema.into(), Arc::default()).expect("");
    let mut group = file.next_row_group().expect("a group");
    let mut column = group.next_column().expect("a column").expect("one");
    column
        .typed::<DoubleType>()
        .write_batch(&[1.0], None, None)
        .expect("a value");
    column.close().expect("closes");
    group.close().expect("closes");
    file.into_inner().expect("closes")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whoever can make a seal can say anything in a footer: it must not end the program.
    #[test]
    fn a_hostile_footer_is_an_error_or_changes_nothing(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = write(&small().build());
        let tail = bytes.len() - 8;
        let length = u32::from_le_bytes(bytes[tail..tail + 4].try_into().expect("four")) as usize;
        for (at, byte) in changes {
            let at = tail - length + at.index(length);
            bytes[at] = byte;
        }
        let key = b"parallax.seal\x18\x08";
        prop_assume!(bytes[tail - length..].windows(key.len()).any(|part| part == key));
        reseal(&mut bytes);
        if let Ok(segment) = open(bytes) {
            segment.verify().ok();
            for slice in 0..segment.info().slices.len() {
                segment.read_slice(slice).ok();
            }
            let name = Name::new("P-1", "flow");
            segment.read_series(&name, Who::Measured, Timestamp::MIN, Timestamp::MAX).ok();
        }
    }
}

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
    const SECS: usize = 150;
    let mut plant = Plant::new(1_500, 11);
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    let mut all = SampleColumns::default();
    let (mut states, mut sum) = (0, 0.0);
    for part in 0..2 {
        let mut rows = Vec::new();
        (0..SECS).for_each(|_| plant.report(&mut rows));
        let block = Block::new(plant.names(), rows);
        states += told(&block).iter().filter(|row| row.7.is_some()).count();
        let path = folder.path().join(format!("part-{part}.parquet"));
        std::fs::write(&path, write(&[(StartFrame::default(), block.clone())])).expect("a file");
        paths.push(path.into_os_string());
        all.at.extend(block.columns.at);
        all.received.extend(block.columns.received);
        all.value.extend(block.columns.value);
        all.mark.extend(block.columns.mark);
    }
    let rows = 0..all.len();
    let there = |row: &usize| !all.mark[*row].is_lost();
    rows.clone()
        .filter(there)
        .for_each(|row| sum += all.value[row]);
    let quality = all
        .mark
        .iter()
        .map(|mark| i128::from(mark.quality().code() as i32));
    let sources = all.mark.iter().filter(|mark| mark.clock() == Clock::Source);
    let expected = Sums(
        all.len(),
        rows.filter(there).count(),
        sum,
        quality.sum::<i128>().to_string(),
        all.at.iter().min().expect("rows").nanos(),
        all.at.iter().max().expect("rows").nanos(),
        all.received.iter().max().expect("rows").nanos(),
        plant.names().len(),
        states,
        sources.count(),
    );
    paths.insert(0, "sums".into());
    let Some(read) = ask::<Both<Sums>>("duckdb_and_pyarrow_count_and_sum", paths) else {
        return;
    };
    for (who, read) in [("DuckDB", read.duckdb), ("pyarrow", read.pyarrow)] {
        // Sums of floating-point numbers depend on their order.
        assert!((read.2 / expected.2 - 1.0).abs() < 1e-12, "{who}: {read:?}");
        assert_eq!(
            Sums(
                read.0, read.1, expected.2, read.3, read.4, read.5, read.6, read.7, read.8, read.9
            ),
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

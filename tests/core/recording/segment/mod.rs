//! Segments: what is written is read, by us and by others, and damage is told.

mod damage;
mod readers;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parallax::history::SampleColumns;
use parallax::recording::depot::{DepotError, Piece};
use parallax::recording::segment::{Effort, Segment, SegmentError, SegmentHeader, SegmentWriter};
use parallax::recording::{Block, Name, Names, Row, Series, SeriesIndex, StartFrame, Who};
use parallax::signal::{Clock, Quality, Sample};
use parallax::time::Timestamp;
use proptest::prelude::*;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

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

#[test]
fn what_is_no_slice_is_not_written() {
    let (frame, block) = small().build().remove(0);
    let refused = |frame: &StartFrame, block: &Block| {
        let mut writer = SegmentWriter::new(Vec::new(), header(), Effort::Live).expect("begins");
        let error = writer.write_slice(frame, block).err();
        error.map(|error| error.to_string())
    };
    assert_eq!(refused(&frame, &block), None);
    let no_rows = refused(&frame, &Block::default());
    assert_eq!(
        no_rows.as_deref(),
        Some("cannot be written: a slice has no rows")
    );
    let mut unsorted = block.clone();
    let rows = unsorted.rows_of(0);
    assert!(rows.len() > 1);
    unsorted.columns.at.swap(rows.start, rows.start + 1);
    let unsorted = refused(&frame, &unsorted);
    assert_eq!(
        unsorted.as_deref(),
        Some("cannot be written: rows of a slice are not sorted by time")
    );
    let mut shuffled = block.clone();
    shuffled.series.swap(0, 1);
    let shuffled = refused(&frame, &shuffled);
    assert_eq!(
        shuffled.as_deref(),
        Some("cannot be written: the series of a slice are not sorted")
    );
    let mut short = block.clone();
    short.columns.value.pop();
    let short = refused(&frame, &short);
    assert_eq!(
        short.as_deref(),
        Some("cannot be written: columns of a slice differ in length")
    );
    let mut late = frame;
    late.rows[0].1.at = Timestamp::from_secs(9_000_000);
    let late = refused(&late, &block);
    assert_eq!(
        late.as_deref(),
        Some("cannot be written: the frame at a start has a later sample")
    );
}

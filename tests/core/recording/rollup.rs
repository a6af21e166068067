//! Rollups: buckets say what the samples say, however they were put together.

use std::sync::Arc;
use std::time::Duration;

use parallax::recording::segment::{Bucket, Effort, Rollup, RollupFile, RollupWriter};
use parallax::recording::{Block, Names, Row, SeriesIndex, Who};
use parallax::signal::Quality;
use parallax::time::Timestamp;
use proptest::prelude::*;

use super::plant::Plant;
use super::segment::{Memory, header};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Rows of a small plant from its start to some minutes later.
fn rows(seed: u64, secs: usize) -> (Names, Vec<Row>) {
    let mut plant = Plant::new(40, seed);
    let mut rows = Vec::new();
    (0..secs).for_each(|_| plant.report(&mut rows));
    // Links that fail more often than a plant would have it.
    for row in rows.iter_mut().skip(7).step_by(301) {
        *row = Row::lost(row.series, row.at);
    }
    (plant.names().clone(), rows)
}

fn write(rollups: &[Rollup]) -> Vec<u8> {
    let mut writer = RollupWriter::new(Vec::new(), header(), Effort::Live).expect("begins");
    for rollup in rollups {
        writer.write(rollup).expect("buckets");
    }
    writer.finish().expect("an end").0
}

fn open(bytes: Vec<u8>) -> RollupFile {
    RollupFile::open(Arc::new(Memory(bytes.into())), "part.parquet").expect("opens")
}

/// Equal, but for what rounding does to a mean that is summed up in another order.
#[track_caller]
fn assert_alike(a: &Rollup, b: &Rollup) {
    assert_eq!((&a.series, &a.ends), (&b.series, &b.ends));
    for (a, b) in a.buckets.iter().zip(&b.buckets) {
        assert!(
            (a.mean - b.mean).abs() <= 1e-12 * a.mean.abs(),
            "{a:?} {b:?}"
        );
        assert_eq!(*a, Bucket { mean: a.mean, ..*b });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_bucket_says_what_its_samples_say(seed: u64, secs in 1..400_usize) {
        let (names, rows) = rows(seed, secs);
        let rollup = Rollup::of(&Block::new(&names, rows.clone()), MINUTE);
        let mut counted = 0;
        for (place, series) in rollup.series.iter().enumerate() {
            for bucket in &rollup.buckets[rollup.buckets_of(place)] {
                let index = names.find(&series.name, series.who);
                let end = bucket.start + MINUTE;
                let inside = |row: &&Row| Some(row.series) == index && bucket.start <= row.at && row.at < end;
                let within: Vec<&Row> = rows.iter().filter(inside).collect();
                let mut samples: Vec<_> = within.iter().filter_map(|row| row.sample()).collect();
                samples.sort_by_key(|sample| sample.at);
                let values = || samples.iter().map(|sample| sample.value);
                counted += samples.len();
                prop_assert_eq!(bucket.count, samples.len() as u64);
                prop_assert_eq!(bucket.min, values().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(bucket.max, values().fold(f64::NEG_INFINITY, f64::max));
                let mean = values().sum::<f64>() / samples.len() as f64;
                prop_assert!((bucket.mean - mean).abs() <= 1e-12 * mean.abs());
                let (first, last) = (samples[0], samples[samples.len() - 1]);
                prop_assert_eq!((bucket.first, bucket.first_at), (first.value, first.at));
                prop_assert_eq!((bucket.last, bucket.last_at), (last.value, last.at));
                let worst = within.iter().map(|row| row.quality).max();
                prop_assert_eq!(Some(bucket.worst), worst);
            }
        }
        prop_assert_eq!(counted, rows.iter().filter(|row| row.value.is_some()).count());
    }

    #[test]
    fn parts_merged_are_the_whole(seed: u64, secs in 2..400_usize, cut: prop::sample::Index) {
        let (names, mut rows) = rows(seed, secs);
        let whole = Rollup::of(&Block::new(&names, rows.clone()), MINUTE);
        let late = rows.split_off(cut.index(rows.len()));
        let parts = [rows, late].map(|rows| Rollup::of(&Block::new(&names, rows), MINUTE));
        // A minute whose every sample was lost may be told of in one part and not in the other.
        let merged = Rollup::merged(&parts);
        let strip = |rollup: &Rollup| {
            let mut rollup = rollup.clone();
            rollup.buckets.iter_mut().for_each(|bucket| bucket.worst = Quality::Good);
            rollup
        };
        assert_alike(&strip(&merged), &strip(&whole));
        let hours = Rollup::of(&Block::new(&names, Vec::new()), HOUR);
        prop_assert!(hours.buckets.is_empty());
        let backwards = Rollup::merged(&[parts[1].clone(), parts[0].clone()]);
        assert_alike(&backwards, &merged);
    }

    #[test]
    fn hours_of_minutes_are_hours_of_samples(seed: u64) {
        // Across the end of an hour, with a sample every 17 s.
        let (names, rows) = rows(seed, 300);
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|row| {
                let secs = (row.at.nanos() / 1_000_000_000) % 10_000;
                let at = Timestamp::from_nanos(row.at.nanos() + secs * 16_000_000_000);
                Row { at, ..row }
            })
            .filter(|row| row.value.is_some())
            .collect();
        let block = Block::new(&names, rows);
        let minutes = Rollup::of(&block, MINUTE);
        assert_alike(&minutes.coarser(HOUR), &Rollup::of(&block, HOUR));
    }

    #[test]
    fn what_is_written_is_read(seed: u64, secs in 1..400_usize, span in (-2..400_i64, 0..400_i64)) {
        let (names, rows) = rows(seed, secs);
        let rollups: Vec<Rollup> = rows
            .chunks(rows.len().div_ceil(3))
            .map(|rows| Rollup::of(&Block::new(&names, rows.to_vec()), MINUTE))
            .filter(|rollup| !rollup.buckets.is_empty())
            .collect();
        let file = open(write(&rollups));
        let all = Rollup::merged(&rollups);
        prop_assert_eq!(&file.read_all().expect("reads"), &all);
        let rows: usize = rollups.iter().map(|rollup| rollup.buckets.len()).sum();
        prop_assert_eq!(file.verify().expect("whole"), rows as u64);
        let from = super::plant::START + Duration::from_secs(span.0.max(0) as u64);
        let to = from + Duration::from_secs(span.1 as u64);
        for (place, series) in all.series.iter().enumerate() {
            let own = all.buckets[all.buckets_of(place)].iter();
            let inside = own.filter(|bucket| from <= bucket.start && bucket.start <= to);
            let expected: Vec<Bucket> = inside.copied().collect();
            let (known, found) = file
                .read_series(&series.name, series.who, from, to)
                .expect("reads");
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(known.as_slice(), if found.is_empty() { &[][..] } else { std::slice::from_ref(series) });
        }
        let nobody = names.get(SeriesIndex(0));
        let nobody = file.read_series(&nobody.name, Who::Estimated, from, to).expect("reads");
        prop_assert_eq!(nobody, (Vec::new(), Vec::new()));
    }
}

#[test]
fn extremes_do_not_run_over() {
    let (names, _) = rows(1, 1);
    let at = |secs| Timestamp::from_secs(secs);
    let values = [f64::MAX, f64::MAX, f64::MAX, f64::MIN];
    let rows = values.iter().enumerate().map(|(place, &value)| {
        let sample = parallax::signal::Sample::good(at(place as i64), value);
        Row::new(SeriesIndex(0), sample)
    });
    let minute = Rollup::of(&Block::new(&names, rows.collect()), MINUTE).buckets[0];
    assert!(minute.mean.is_finite() && minute.count == 4);
    let mut merged = minute;
    merged.merge(&minute);
    assert!(merged.mean.is_finite() && merged.count == 8);
}

//! Memory and archive answer as one: what a plain list of all rows would answer, or that it
//! is coming, and never anything else.

mod store;

use std::time::Duration;

use parallax::history::{
    Column, FrameCursor, Gap, History, HistoryConfig, Inserted, Resolution, Row as FrameRow,
    SampleColumns, Slice, SliceEntry, SliceId, Strand, StrandKey, Want,
};
use parallax::signal::{Origin, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use proptest::prelude::*;

use store::{Log, Row, SIGNALS, Store, Truth, floor};

/// Instants of a test lie within so many steps.
const STEPS: i64 = 200;

/// A way to tell instants by small numbers: halves of a step from a beginning.
#[derive(Clone, Copy, Debug)]
struct Scale {
    start: i64,
    step: i64,
}

impl Scale {
    fn at(self, halves: i64) -> Timestamp {
        Timestamp::from_nanos(self.start + halves * (self.step / 2))
    }
}

/// Steps from a second to half a day; the borders of an hour, a day and a month lie within.
fn scale() -> impl Strategy<Value = Scale> {
    let secs = prop_oneof![Just(1), Just(50), Just(400), Just(10_817), Just(43_200)];
    let middle = prop_oneof![Just(0_i64), Just(30 * 86_400 * 657)];
    (secs, middle).prop_map(|(secs, middle)| Scale {
        start: (middle - 90 * secs) * 1_000_000_000,
        step: secs * 1_000_000_000,
    })
}

/// What a log may hold, in steps: signal, instant, delay, value; and slices of so many instants.
type Draft = (Vec<(u32, i64, i64, i64)>, usize);

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let signal = prop_oneof![9 => 0..SIGNALS as u32, 1 => Just(7_u32)];
    let row = (signal, -60..60_i64, 0..25_i64, -2..9_i64);
    let log = (prop::collection::vec(row, 1..25), 1..12_usize);
    prop::collection::vec(log, 1..12)
}

/// Logs that move on in time, with rows that come late, lost links, and some estimates. Clocks of the plant are so many half steps ahead of ours.
fn store(scale: Scale, drafts: &[Draft], recorders: u64, ahead: i64) -> Store {
    let logs = drafts.iter().enumerate().map(|(place, (rows, instants))| {
        let middle = STEPS * (place as i64 + 1) / drafts.len() as i64;
        let rows = rows.iter().map(|&(signal, at, delay, value)| {
            // Most rows are nearly on time.
            let at = middle + if at % 4 == 0 { at } else { at / 12 };
            let origin = if value == 4 {
                Origin::Estimated
            } else {
                Origin::Measured
            };
            Row {
                origin,
                signal: SignalId(signal),
                at: scale.at(2 * at),
                received: scale.at(2 * at + if value < 0 { 0 } else { delay - ahead }),
                value: (value >= 0).then_some(value as f64),
            }
        });
        Log {
            recorder: (place as u64 % recorders) as u32,
            order: place as u64 / recorders,
            rows: rows.collect(),
            instants: *instants,
        }
    });
    Store::new(logs.collect(), 0)
}

fn history(slice_bytes: usize, strand_bytes: usize) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        archive_slice_bytes: slice_bytes,
        archive_strand_bytes: strand_bytes,
        ..HistoryConfig::default()
    };
    History::new(SIGNALS, config)
}

fn max_ages(scale: Scale) -> Vec<Duration> {
    let steps = [0, 3, 1_000_000].map(|steps| (scale.step as u64).saturating_mul(steps));
    steps.map(Duration::from_nanos).to_vec()
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![4 => Just(Origin::Measured), 1 => Just(Origin::Estimated)]
}

fn signals() -> impl Iterator<Item = SignalId> {
    (0..SIGNALS as u32).map(SignalId)
}

/// The frame that the truth would show.
fn frame(truths: &[Truth], at: Timestamp, max_age: &[Duration]) -> Vec<Option<FrameRow>> {
    let rows = truths.iter().zip(max_age).map(|(truth, &max_age)| {
        let (sample, lost) = truth.latest_at(at)?;
        Some(FrameRow {
            sample,
            stale: lost.is_some() || at.since(sample.at) > max_age,
            lost: lost.is_some(),
        })
    });
    rows.collect()
}

/// Checks the plain question against the truth.
fn check_latest(
    history: &History,
    truth: &Truth,
    origin: Origin,
    signal: SignalId,
    at: Timestamp,
) -> Result<(), TestCaseError> {
    let seen = history.latest_at(origin, signal, at);
    let expected = truth.latest_at(at);
    prop_assert_eq!(
        seen.map(|seen| seen.sample),
        expected.map(|(sample, _)| sample)
    );
    let lost = seen.and_then(|seen| seen.lost);
    let first = expected.and_then(|(_, lost)| lost);
    prop_assert_eq!(lost.is_some(), first.is_some());
    if let (Some(lost), Some(first)) = (lost, first) {
        // A frame knows the last loss alone, where there was more than one since.
        prop_assert!(first <= lost && lost <= at);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Scrubbing, playing and asking anew show the plant of the list of all rows, once it is
    /// loaded; until then they show nothing and say so.
    #[test]
    fn the_plant_is_as_recorded_or_coming(
        scale in scale(),
        drafts in drafts(),
        recorders in 1..3_u64,
        ahead in prop_oneof![Just(0), 0..20_i64],
        edge in -20..2 * STEPS + 40,
        slice_bytes in prop_oneof![Just(1_usize), Just(1 << 30)],
        merged in any::<bool>(),
        questions in prop::collection::vec((origin(), prop_oneof![
            -30..2 * STEPS + 60,
            // Playing on from the question before.
            Just(i64::MAX),
        ]), 1..30),
    ) {
        let mut store = store(scale, &drafts, recorders, ahead);
        if merged {
            store = store.merged();
        }
        let edge = scale.at(edge);
        let mut history = history(slice_bytes, 1 << 28);
        store.attach(&mut history, edge);
        let max_age = max_ages(scale);
        let mut cursor = FrameCursor::new();
        let mut now = 0;
        for (origin, asked) in questions {
            now = if asked == i64::MAX { now + 1 } else { asked };
            let at = scale.at(now);
            let truths: Vec<Truth> = signals().map(|id| store.truth(origin, id)).collect();
            for round in 0.. {
                let before = cursor.rows().to_vec();
                let changed = cursor.advance(&history, Some(origin), at, &max_age).to_vec();
                for id in signals() {
                    let differs = before.get(id.index()).copied().flatten() != cursor.rows()[id.index()];
                    let told = changed.iter().filter(|other| **other == id).count();
                    prop_assert_eq!(told, usize::from(differs), "{:?}", id);
                }
                prop_assert_eq!(cursor.is_coming(), history.is_coming_at(origin, at));
                if !cursor.is_coming() {
                    break;
                }
                prop_assert!(at < edge, "memory waits for nobody");
                prop_assert_eq!(cursor.rows(), [None; SIGNALS]);
                for id in signals() {
                    prop_assert_eq!(history.latest_at(origin, id, at), None);
                }
                prop_assert!(round < 3, "what is wanted is enough");
                prop_assert!(store.serve(&mut history, usize::MAX), "what lacks is wanted");
            }
            prop_assert_eq!(cursor.rows(), frame(&truths, at, &max_age));
            let mut fresh = FrameCursor::new();
            fresh.advance(&history, Some(origin), at, &max_age);
            prop_assert_eq!(cursor.rows(), fresh.rows());
            for id in signals() {
                check_latest(&history, &truths[id.index()], origin, id, at)?;
            }
            history.wants();
            history.wants();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A signal over time is what the list of all rows says, but for what is coming.
    #[test]
    fn a_signal_over_time_is_as_recorded_but_for_what_is_coming(
        scale in scale(),
        drafts in drafts(),
        recorders in 1..3_u64,
        edge in -20..2 * STEPS + 40,
        strand_bytes in prop_oneof![Just(1_usize), Just(1 << 28)],
        questions in prop::collection::vec(
            (origin(), 0..SIGNALS as u32, -30..2 * STEPS + 60, 0..2 * STEPS, 1..60_usize, 1..4_usize),
            1..12,
        ),
    ) {
        let store = store(scale, &drafts, recorders, 0);
        let edge = scale.at(edge);
        let mut history = history(1 << 30, strand_bytes);
        store.attach(&mut history, edge);
        for (origin, id, start, length, count, most) in questions {
            let id = SignalId(id);
            let truth = store.truth(origin, id);
            let (from, to) = (scale.at(start), scale.at(start + length));
            let expected = truth.range(from, to);
            let resolution = Resolution::for_columns(from, to, count);
            for round in 0.. {
                let told: Vec<Sample> = history.range(origin, id, from, to).copied().collect();
                let coming = history.coming(origin, id, from, to, Resolution::Samples);
                let is_coming = |at: Timestamp| coming.iter().any(|gap| gap.from <= at && at < gap.to);
                let here: Vec<Sample> = expected.iter().filter(|s| !is_coming(s.at)).copied().collect();
                prop_assert_eq!(told, here);
                let columns = history.columns(origin, id, from, to, count);
                let later = history.coming(origin, id, from, to, resolution);
                if coming.is_empty() && later.is_empty() {
                    check_columns(&columns, &truth, (from, to), count, from < edge)?;
                    break;
                }
                prop_assert!(round < 5_000, "what is wanted is enough");
                prop_assert!(store.serve(&mut history, most), "what lacks is wanted");
            }
        }
    }

    #[test]
    fn a_line_leads_in_from_the_sample_before_and_out_to_the_one_after(
        scale in scale(),
        drafts in drafts(),
        edge in -20..2 * STEPS + 40,
        id in (0..SIGNALS as u32).prop_map(SignalId),
        start in -30..2 * STEPS + 60,
        length in 0..2 * STEPS,
    ) {
        let store = store(scale, &drafts, 1, 0);
        let mut history = history(1 << 30, 1 << 28);
        store.attach(&mut history, scale.at(edge));
        let (from, to) = (scale.at(start), scale.at(start + length));
        let truth = store.truth(Origin::Measured, id);
        let mut around: Vec<Sample>;
        let mut round = 0;
        loop {
            around = history.around(Origin::Measured, id, from, to).collect();
            round += 1;
            prop_assert!(round < 5_000);
            if !store.serve(&mut history, 100) {
                break;
            }
        }
        let before = truth.samples.range(..from).next_back();
        let after = truth.samples.range(to..).find(|(at, _)| **at > to);
        let mut expected: Vec<Sample> = before.map(|(_, sample)| *sample).into_iter().collect();
        expected.extend(truth.range(from, to));
        expected.extend(after.map(|(_, sample)| *sample));
        prop_assert_eq!(around, expected);
    }

    /// Told gaps are gaps; once all is loaded, they are all gaps.
    #[test]
    fn gaps_are_where_nothing_fresh_was_recorded(
        scale in scale().prop_filter("fine enough to be told sample by sample", |scale| scale.step < 3e11 as i64),
        drafts in drafts(),
        edge in -20..2 * STEPS + 40,
        id in (0..SIGNALS as u32).prop_map(SignalId),
        start in -30..2 * STEPS + 60,
        length in 0..2 * STEPS,
        max_age in prop_oneof![0..20_u64, Just(100), Just(u64::from(u32::MAX))],
    ) {
        let store = store(scale, &drafts, 1, 0);
        let mut history = history(1 << 30, 1 << 28);
        store.attach(&mut history, scale.at(edge));
        let (from, to) = (scale.at(start), scale.at(start + length));
        let max_age = Duration::from_nanos((scale.step as u64 / 2).saturating_mul(max_age));
        let truth = store.truth(Origin::Measured, id);
        let mut round = 0;
        loop {
            let gaps = history.gaps(id, from, to, max_age);
            let whole = !history.is_coming();
            prop_assert!(gaps.iter().all(|gap| gap.from < gap.to && from <= gap.from && gap.to <= to));
            prop_assert!(gaps.windows(2).all(|pair| pair[0].to < pair[1].from));
            for half in start..start + length {
                let at = scale.at(half);
                let in_gap = gaps.iter().any(|gap| gap.from <= at && at < gap.to);
                let fresh = truth.is_fresh(at, max_age);
                prop_assert!(!(in_gap && fresh), "no gap at {}", half);
                prop_assert!(!whole || in_gap != fresh, "a gap at {}", half);
            }
            round += 1;
            prop_assert!(round < 5_000);
            if !store.serve(&mut history, 1) {
                prop_assert!(whole);
                break;
            }
        }
    }

    /// Summed up, data from the first sample of a bucket to its last count as whole.
    #[test]
    fn gaps_over_a_long_time_are_those_between_buckets(
        scale in scale().prop_filter("coarse", |scale| scale.step > 1e13 as i64),
        drafts in drafts(),
        edge in 2 * STEPS + 30..2 * STEPS + 40,
        id in (0..SIGNALS as u32).prop_map(SignalId),
        max_age in 0..90_u64,
    ) {
        let mut drafts = drafts;
        for (rows, _) in &mut drafts {
            rows.retain(|row| row.3 >= 0);
        }
        drafts.retain(|(rows, _)| !rows.is_empty());
        prop_assume!(!drafts.is_empty());
        let store = store(scale, &drafts, 1, 0);
        let mut history = history(1 << 30, 1 << 28);
        store.attach(&mut history, scale.at(edge));
        let (from, to) = (scale.at(-150), scale.at(2 * STEPS));
        let max_age = Duration::from_secs(60 * max_age);
        let bucket = match Resolution::for_columns(from, to, 1_000) {
            Resolution::Hours => Duration::from_secs(3600),
            Resolution::Minutes => Duration::from_secs(60),
            Resolution::Samples => Duration::from_nanos(1),
        };
        history.gaps(id, from, to, max_age);
        while store.serve(&mut history, 10) {
            history.gaps(id, from, to, max_age);
        }
        let gaps = history.gaps(id, from, to, max_age);
        let samples = store.truth(Origin::Measured, id).range(Timestamp::MIN, to);
        let mut expected = vec![];
        let mut fresh_until = from;
        for (place, sample) in samples.iter().enumerate() {
            if fresh_until < sample.at {
                expected.push(Gap { from: fresh_until, to: sample.at });
            }
            let next = samples.get(place + 1);
            let joined = next.filter(|next| floor(next.at, bucket) == floor(sample.at, bucket));
            let stale = sample.at + max_age + Duration::from_nanos(1);
            fresh_until = fresh_until.max(joined.map_or(stale, |next| next.at));
        }
        if fresh_until < to {
            expected.push(Gap { from: fresh_until, to });
        }
        prop_assert_eq!(gaps, expected);
    }

    /// The archive grows, is rewritten and fails to load, also while something is being
    /// loaded: what is told beside what is coming is always what it holds by then.
    #[test]
    fn changes_of_the_archive_show_as_soon_as_they_are_loaded(
        scale in scale(),
        drafts in drafts(),
        recorders in 1..3_u64,
        id in (0..SIGNALS as u32).prop_map(SignalId),
        (start, length) in (-30..2 * STEPS, 1..2 * STEPS),
        steps in prop::collection::vec((0..6_usize, 0..12_u64), 1..25),
    ) {
        let all = store(scale, &drafts, recorders, 0);
        let (from, to) = (scale.at(start), scale.at(start + length));
        let mut history = history(1 << 30, 1 << 28);
        history.attach(Timestamp::MAX);
        let coming = history.coming(Origin::Measured, id, from, to, Resolution::Samples);
        let end = Timestamp::from_nanos(to.nanos() + 1);
        prop_assert_eq!(coming, [Gap { from, to: end }], "nothing is known yet");
        prop_assert!(history.is_coming_at(Origin::Measured, from));

        let mut store = all.before(0);
        history.set_catalogue(store.entries(), store.spans());
        let mut under_way: Vec<(StrandKey, Strand, u64)> = Vec::new();
        for (step, number) in steps {
            match step {
                0 => {
                    store = all.before(number);
                    history.set_catalogue(store.entries(), store.spans());
                }
                1 => {
                    store = all.before(number).merged();
                    history.set_catalogue(store.entries(), store.spans());
                }
                2 => for want in history.wants() {
                    // Read now, and brought later.
                    if let Want::Strand(key) = want {
                        under_way.push((key, store.strand(key), history.archive_revision()));
                    }
                },
                3 => for (key, strand, as_of) in under_way.drain(..) {
                        history.load_strand(key, strand, as_of);
                    },
                4 => if let Some(&want) = history.wants().first() {
                    history.fail(want, "unplugged");
                    prop_assert!(history.failures().any(|(failed, _)| failed == want));
                },
                _ => {
                    store.serve(&mut history, 2);
                }
            }
            check_loaded(&history, &store, id, (from, to))?;
        }
        for (key, strand, as_of) in under_way.drain(..) {
                        history.load_strand(key, strand, as_of);
                    }
        // A change makes what failed be wanted again.
        let other = all.merged();
        history.set_catalogue(other.entries(), other.spans());
        history.set_catalogue(all.entries(), all.spans());
        prop_assert_eq!(history.failures().count(), 0);
        let mut round = 0;
        while { check_loaded(&history, &all, id, (from, to))?; all.serve(&mut history, 3) } {
            round += 1;
            prop_assert!(round < 5_000);
        }
        let told: Vec<Sample> = history.range(Origin::Measured, id, from, to).copied().collect();
        prop_assert_eq!(told, all.truth(Origin::Measured, id).range(from, to));
    }

    /// Whatever memory lets go of once it is in the archive, the answers stay the same.
    #[test]
    fn what_memory_lets_go_of_is_told_by_the_archive(
        scale in scale(),
        drafts in drafts(),
        releases in prop::collection::vec((-20..2 * STEPS + 40, 0..100_usize), 1..6),
        at in -30..2 * STEPS + 60,
    ) {
        let store = store(scale, &drafts, 1, 0);
        let mut history = history(1 << 30, 1 << 28);
        store.attach(&mut history, Timestamp::MIN);
        for (until, keep) in releases {
            let (until, before) = (scale.at(until), history.edge());
            history.release(until, keep);
            prop_assert!(history.edge() >= before);
            prop_assert!(history.edge() <= before.max(Some(until)));
            for origin in [Origin::Measured, Origin::Estimated] {
                for id in signals() {
                    let (from, to) = (scale.at(at), scale.at(at + 100));
                    history.latest_at(origin, id, from);
                    history.range(origin, id, from, to).count();
                    while store.serve(&mut history, 100) {
                        history.latest_at(origin, id, from);
                        history.range(origin, id, from, to).count();
                    }
                    let truth = store.truth(origin, id);
                    check_latest(&history, &truth, origin, id, from)?;
                    let told: Vec<_> = history.range(origin, id, from, to).copied().collect();
                    prop_assert_eq!(told, truth.range(from, to));
                }
            }
        }
    }
}

/// Checks columns against the samples between their borders.
fn check_columns(
    columns: &[Option<Column>],
    truth: &Truth,
    (from, to): (Timestamp, Timestamp),
    count: usize,
    past: bool,
) -> Result<(), TestCaseError> {
    let bucket = match Resolution::for_columns(from, to, count) {
        Resolution::Minutes if past => 60_000_000_000,
        Resolution::Hours if past => 3_600_000_000_000,
        _ => 1,
    };
    let length = i128::from(to.nanos() - from.nanos());
    let even = |place: usize| {
        let nanos = (place as i128 * length + count as i128 - 1) / count as i128;
        Timestamp::from_nanos(from.nanos() + nanos as i64)
    };
    let bucket = Duration::from_nanos(bucket);
    prop_assert_eq!(columns.len(), count);
    for (place, column) in columns.iter().enumerate() {
        let start = floor(even(place), bucket);
        let end = if place + 1 == count {
            floor(to, bucket) + bucket
        } else {
            floor(even(place + 1), bucket)
        };
        // All columns of a stretch without length are one.
        let inside = truth.samples.range(start..end.max(start));
        let inside: Vec<Sample> = inside.map(|(_, sample)| *sample).collect();
        if length == 0 {
            let counted: usize = columns.iter().flatten().map(|column| column.count).sum();
            prop_assert_eq!(counted, truth.range(from, to).len());
            break;
        }
        let Some((first, last)) = inside.first().zip(inside.last()) else {
            prop_assert_eq!(*column, None, "column {}", place);
            continue;
        };
        let mut expected = Column::of(*first);
        inside[1..].iter().for_each(|sample| expected.add(*sample));
        expected.last = *last;
        let mean = inside.iter().map(|s| s.value).sum::<f64>() / inside.len() as f64;
        let told = column.map_or(f64::NAN, |column| column.mean);
        prop_assert!((told - mean).abs() < 1e-9, "column {}", place);
        expected.mean = told;
        prop_assert_eq!(*column, Some(expected), "column {}", place);
    }
    Ok(())
}

/// Checks what is told beside what is coming, or cannot be loaded.
fn check_loaded(
    history: &History,
    store: &Store,
    id: SignalId,
    (from, to): (Timestamp, Timestamp),
) -> Result<(), TestCaseError> {
    let origin = Origin::Measured;
    let told: Vec<Sample> = history.range(origin, id, from, to).copied().collect();
    let coming = history.coming(origin, id, from, to, Resolution::Samples);
    let mut unknown: Vec<(Timestamp, Timestamp)> =
        coming.iter().map(|gap| (gap.from, gap.to)).collect();
    for (want, _) in history.failures() {
        if let Want::Strand(key) = want {
            let (start, end) = key.span();
            unknown.push((start, Timestamp::from_nanos(end.nanos() + 1)));
        }
    }
    let known = |sample: &&Sample| {
        let mut unknown = unknown.iter();
        !unknown.any(|(start, end)| *start <= sample.at && sample.at < *end)
    };
    let truth = store.truth(origin, id).range(from, to);
    let expected: Vec<_> = truth.iter().filter(known).collect();
    let told: Vec<_> = told.iter().filter(known).collect();
    prop_assert_eq!(told, expected);
    Ok(())
}

fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn samples(signal: SignalId, at: impl IntoIterator<Item = i64>) -> SampleBatch {
    let mut batch = SampleBatch::new(Origin::Measured);
    for at in at {
        batch.push(signal, Sample::good(secs(at), at as f64));
    }
    batch
}

#[test]
fn what_a_signal_showed_before_the_edge_holds_beyond_it() {
    let level = SignalId(0);
    let mut history = history(1 << 30, 1 << 28);
    history.attach(secs(100));
    let inserted = history.insert(&samples(level, [90]));
    assert_eq!(inserted.stored, 1);
    history.lose_link([level], secs(95));
    let inserted = history.insert(&samples(level, [80, 120]));
    let expected = Inserted {
        stored: 1,
        too_old: 1,
        ..Inserted::default()
    };
    assert_eq!(inserted, expected);
    let seen = history.latest_at(Origin::Measured, level, secs(110));
    assert_eq!(
        seen.map(|seen| (seen.sample.value, seen.lost)),
        Some((90.0, Some(secs(95))))
    );
    let of_range = history.range(Origin::Measured, level, secs(0), secs(200));
    assert_eq!(of_range.map(|s| s.value).collect::<Vec<_>>(), [120.0]);
}

#[test]
fn memory_keeps_about_as_much_as_it_was_told() {
    let mut history = history(1 << 30, 1 << 28);
    history.attach(Timestamp::MIN);
    for signal in signals() {
        history.insert(&samples(signal, 0..7_200));
    }
    history.release(secs(7_000), 6_000);
    // A minute more at most, as it lets go by minutes.
    let held = history.len(Origin::Measured);
    assert!((6_000..6_200).contains(&held), "{held}");
    history.release(secs(6_000), 0);
    assert_eq!(history.edge(), Some(secs(6_000)));
    history.release(secs(5_000), 0);
    assert_eq!(history.edge(), Some(secs(6_000)), "it never moves back");
}

#[test]
fn simulated_samples_are_never_looked_for_in_the_archive() {
    let run = Origin::Simulated(parallax::signal::RunId(1));
    let mut history = history(1 << 30, 1 << 28);
    let mut batch = samples(SignalId(0), [10, 20]);
    batch.origin = run;
    history.insert(&batch);
    history.attach(secs(100));
    assert!(history.latest_at(run, SignalId(0), secs(15)).is_some());
    assert_eq!(
        history.range(run, SignalId(0), secs(0), secs(99)).count(),
        2
    );
    assert!(!history.is_coming_at(run, secs(15)));
    assert_eq!(history.wants(), []);
}

#[test]
fn the_span_reaches_back_to_the_oldest_of_the_archive() {
    let mut history = history(1 << 30, 1 << 28);
    history.attach(secs(1_000));
    let entry = SliceEntry {
        id: SliceId(1),
        from: secs(10),
        to: secs(900),
        order: 1,
        recorder: 0,
        rows: 2,
    };
    let spans = vec![(secs(10), secs(400)), (secs(600), secs(900))];
    history.set_catalogue(vec![entry], spans.clone());
    assert_eq!(history.recorded(), spans);
    assert_eq!(history.span(Origin::Measured), Some((secs(10), secs(900))));
    history.insert(&samples(SignalId(0), [1_500]));
    let span = history.span(Origin::Measured);
    assert_eq!(span, Some((secs(10), secs(1_500))));
}

#[test]
fn what_cannot_be_loaded_is_told_and_not_taken_for_empty() {
    let mut history = history(1 << 30, 1 << 28);
    history.attach(secs(1_000));
    let entry = SliceEntry {
        id: SliceId(1),
        from: secs(10),
        to: secs(900),
        order: 1,
        recorder: 0,
        rows: 2,
    };
    history.set_catalogue(vec![entry], Vec::new());
    let mut cursor = FrameCursor::new();
    cursor.advance(&history, Some(Origin::Measured), secs(50), &[]);
    assert!(cursor.is_coming());
    assert_eq!(history.wants(), [Want::Slice(entry.id)]);
    history.fail(Want::Slice(entry.id), "truncated");
    cursor.advance(&history, Some(Origin::Measured), secs(50), &[]);
    assert!(!cursor.is_coming());
    assert_eq!(cursor.rows(), [None; SIGNALS]);
    assert_eq!(history.wants(), []);
    let failures: Vec<_> = history.failures().collect();
    assert_eq!(failures, [(Want::Slice(entry.id), "truncated")]);

    let max_age = Duration::from_secs(5);
    let wants = |history: &History| history.gaps(SignalId(0), secs(50), secs(60), max_age);
    wants(&history);
    for want in history.wants() {
        history.fail(want, "truncated");
    }
    assert_eq!(wants(&history), [], "it may have data");

    // The same slice of a file that was mended has another name.
    let mended = SliceEntry {
        id: SliceId(2),
        ..entry
    };
    history.set_catalogue(vec![mended], Vec::new());
    assert_eq!(history.failures().count(), 0);
    cursor.advance(&history, Some(Origin::Measured), secs(50), &[]);
    assert!(cursor.is_coming());
}

#[test]
fn a_slice_that_is_gone_is_not_taken_in() {
    let mut history = history(1 << 30, 1 << 28);
    history.attach(secs(1_000));
    history.set_catalogue(Vec::new(), Vec::new());
    let before = history.revision();
    let columns = SampleColumns::default();
    let slice = Slice::new(SIGNALS, Vec::new(), Vec::new(), columns);
    history.load_slice(SliceId(9), slice.into());
    assert_eq!((history.revision(), history.archive_bytes()), (before, 0));
}

#[test]
fn what_is_loaded_stays_within_its_bound_of_memory() {
    let budget = 300_000;
    let mut history = history(budget, budget);
    history.attach(secs(100_000));
    let entry = |id: u64| SliceEntry {
        id: SliceId(id),
        from: secs(id as i64 * 600),
        to: secs(id as i64 * 600 + 599),
        order: id,
        recorder: 0,
        rows: 600,
    };
    history.set_catalogue((0..100).map(entry).collect(), Vec::new());
    let level = SignalId(0);
    let columns = |from: i64, count: i64| {
        let mut columns = SampleColumns::default();
        for (_, sample) in samples(level, from..from + count).samples {
            columns.push(sample);
        }
        columns
    };
    let mut largest = 0;
    for id in 0..100 {
        let at = secs(id * 600 + 300);
        // Neither is drawn for more frames than anything is kept for its own sake.
        for _ in 0..2 {
            history.latest_at(Origin::Measured, level, at);
            history.range(Origin::Measured, level, at, at).count();
            for want in history.wants() {
                match want {
                    Want::Slice(id) => {
                        let rows = vec![(Origin::Measured, level, 0..600)];
                        let columns = columns(id.0 as i64 * 600, 600);
                        let slice = Slice::new(SIGNALS, Vec::new(), rows, columns);
                        largest = largest.max(slice.bytes());
                        history.load_slice(id, slice.into());
                    }
                    Want::Strand(key) => {
                        let from = key.span().0.nanos() / 1_000_000_000;
                        let strand = Strand::of_samples(&columns(from, 3_600));
                        largest = largest.max(strand.bytes());
                        history.load_strand(key, strand, history.archive_revision());
                    }
                }
            }
        }
        let seen = history.latest_at(Origin::Measured, level, at);
        assert_eq!(seen.map(|seen| seen.sample.at), Some(at));
        assert_eq!(history.range(Origin::Measured, level, at, at).count(), 1);
        (0..100).for_each(|_| assert_eq!(history.wants(), []));
        let bytes = history.archive_bytes();
        assert!(bytes <= 2 * budget + 2 * largest, "{bytes}");
    }
    assert!(largest < budget && history.archive_bytes() > budget / 2);
}

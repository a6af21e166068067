//! What plots ask of the history: columns that slide, peaks that stay, numbers about a range.

use std::time::Duration;

use parallax::history::{ColumnGrid, History, HistoryConfig, SlidingColumns};
use parallax::signal::{Origin, Quality, QualityClass, RunId, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use proptest::prelude::*;

const LEVEL: SignalId = SignalId(0);
const MEASURED: Origin = Origin::Measured;

const fn nanos(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn insert(history: &mut History, origin: Origin, samples: &[(Timestamp, f64)]) {
    let mut batch = SampleBatch::new(origin);
    for &(at, value) in samples {
        batch.push(LEVEL, Sample::good(at, value));
    }
    history.insert(&batch);
}

/// A plant whose only signal keeps at most so many samples.
fn holding(samples: usize, window: Duration) -> History {
    let config = HistoryConfig {
        window,
        max_samples_per_series: samples,
        ..HistoryConfig::default()
    };
    History::new(1, config)
}

/// One sample of ten million stands out; it is in its column however wide the columns are.
#[test]
fn a_spike_of_one_sample_among_ten_million_is_in_every_zoom() {
    const COUNT: i64 = 10_000_000;
    const STEP: i64 = 1_000_000;
    let mut history = holding(COUNT as usize, Duration::from_secs(86_400));
    let spike = 7_654_321;
    for start in (0..COUNT).step_by(1 << 16) {
        let mut batch = SampleBatch::new(MEASURED);
        for place in start..(start + (1 << 16)).min(COUNT) {
            let value = if place == spike {
                100.0
            } else {
                (place % 7) as f64
            };
            batch.push(LEVEL, Sample::good(nanos(place * STEP), value));
        }
        history.insert(&batch);
    }
    assert_eq!(history.len(MEASURED), COUNT as usize);
    let at = spike * STEP;
    let mut sliding = SlidingColumns::default();
    let mut span = COUNT * STEP;
    while span > 20 * STEP {
        for part in [0, 1, 3, 6, 7] {
            let from = at - span * part / 7;
            let grid = ColumnGrid::around(nanos(from), nanos(from + span), 1_111);
            let columns: Vec<_> = sliding.update(&history, MEASURED, LEVEL, grid).collect();
            let peaks = columns
                .iter()
                .flatten()
                .filter(|column| column.max == 100.0);
            let peaks: Vec<_> = peaks.collect();
            assert_eq!(peaks.len(), 1, "a span of {span} ns from {from}");
            let (first, last) = (peaks[0].first.at.nanos(), peaks[0].last.at.nanos());
            assert!((first..=last).contains(&at), "{first} to {last}, not {at}");
        }
        span = span * 2 / 7;
    }
}

fn check_range(
    samples: &[(i64, f64)],
    (from, to): (i64, i64),
    max_age: u64,
    expected: (usize, f64, f64, f64),
) {
    let mut history = holding(1_000, Duration::from_secs(86_400));
    let samples: Vec<_> = samples
        .iter()
        .map(|&(at, value)| (secs(at), value))
        .collect();
    insert(&mut history, MEASURED, &samples);
    let max_age = Duration::from_secs(max_age);
    let told = history.statistics(MEASURED, LEVEL, secs(from), secs(to), max_age);
    let held = told.held.expect("a value held");
    let found = (told.count, held.mean, held.deviation, held.integral);
    assert_eq!(found.0, expected.0, "{found:?}");
    for (found, expected) in [
        (found.1, expected.1),
        (found.2, expected.2),
        (found.3, expected.3),
    ] {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }
}

#[test]
fn a_value_weighs_as_long_as_it_holds() {
    // 2 for 30 s and 6 for 10 s: mean 3, variance (30 · 1 + 10 · 9) / 40 = 3.
    let samples = [(0, 2.0), (30, 6.0)];
    check_range(&samples, (0, 40), 1_000, (2, 3.0, 3.0_f64.sqrt(), 120.0));
    // What held before the range holds into it, but is none of its samples.
    check_range(
        &samples,
        (10, 40),
        1_000,
        (1, 10.0 / 3.0, (32.0_f64 / 9.0).sqrt(), 100.0),
    );
    // Stale after 5 s: 2 for 5 s, 6 for 5 s.
    check_range(&samples, (0, 40), 5, (2, 4.0, 2.0, 40.0));
    // A large mean hides no variance.
    let high = [(0, 1e9), (30, 1e9 + 4.0)];
    check_range(
        &high,
        (0, 40),
        1_000,
        (2, 1e9 + 1.0, 3.0_f64.sqrt(), 4e10 + 40.0),
    );
}

#[test]
fn of_a_run_nothing_is_counted_beyond_its_end() {
    let mut history = holding(10, Duration::from_secs(86_400));
    let run = Origin::Simulated(RunId(3));
    insert(&mut history, run, &[(secs(10), 1.0), (secs(20), 5.0)]);
    history.set_reach(run, secs(25));
    let told = history.statistics(run, LEVEL, secs(10), secs(50), Duration::from_secs(1));
    assert_eq!(told.held.map(|held| held.secs), Some(15.0));
    assert_eq!(told.missing_secs, 25.0);
    assert_eq!(told.unusable_share(), 0.625);
    let nothing = history.statistics(run, LEVEL, secs(30), secs(30), Duration::ZERO);
    assert_eq!((nothing.held, nothing.unusable_share()), (None, 0.0));
}

proptest! {
    /// Whatever comes in, late or not, and wherever the plot slides, kept columns equal new ones.
    #[test]
    fn sliding_columns_equal_new_ones(
        steps in prop::collection::vec((0..400_i64, prop::bool::ANY, -20..60_i64, 1..4_i64), 1..60),
        width in 1..30_i64,
        count in 1..40_usize,
        cap in 5..60_usize,
        window in 50..500_u64,
    ) {
        let mut history = holding(cap, Duration::from_nanos(window));
        let mut sliding = SlidingColumns::default();
        let mut newest = 0;
        for (place, &(at, late, ahead, widths)) in steps.iter().enumerate() {
            let at = if late { at } else { newest + at % 25 };
            newest = newest.max(at);
            insert(&mut history, MEASURED, &[(nanos(at), place as f64)]);
            // Now and then another zoom.
            let width = if place % 9 == 8 { width * widths } else { width };
            let end = (newest + ahead).div_euclid(width);
            let grid = ColumnGrid { width, first: end - count as i64, count };
            let kept: Vec<_> = sliding.update(&history, MEASURED, LEVEL, grid).map(Option::<&_>::cloned).collect();
            let (from, to) = (grid.first * width, end * width - 1);
            let anew = history.columns(MEASURED, LEVEL, nanos(from), nanos(to), count);
            prop_assert_eq!(kept, anew, "after step {}", place);
        }
    }

    /// The numbers are those of asking at every instant what is shown there.
    #[test]
    fn statistics_are_those_of_every_instant(
        samples in prop::collection::btree_map(0..100_i64, (-9..9_i64, 0..3_usize), 0..25),
        losses in prop::collection::btree_set(0..100_i64, 0..3),
        from in -5..105_i64,
        length in 1..110_i64,
        max_age in 0..40_u64,
    ) {
        let qualities = [Quality::Good, Quality::Uncertain, Quality::BadSensorFailure];
        let mut history = History::new(1, HistoryConfig::default());
        let mut batch = SampleBatch::new(MEASURED);
        for (&at, &(value, quality)) in &samples {
            let quality = qualities[quality];
            batch.push(LEVEL, Sample { quality, ..Sample::good(secs(at), value as f64) });
        }
        history.insert(&batch);
        for &loss in &losses {
            history.lose_link([LEVEL], secs(loss));
        }
        // Half a second off, so that no instant is one at which something changes; an age is
        // whole seconds and a nanosecond.
        let max_age = Duration::from_secs(max_age);
        let told = history.statistics(MEASURED, LEVEL, secs(from), secs(from + length), max_age);
        let (mut used, mut bad, mut missing) = (Vec::new(), 0, 0);
        for second in from..from + length {
            let at = nanos(second * 1_000_000_000 + 500_000_000);
            match history.latest_at(MEASURED, LEVEL, at) {
                Some(seen) if seen.is_stale(at, max_age) => missing += 1,
                Some(seen) if seen.sample.quality.class() == QualityClass::Bad => bad += 1,
                Some(seen) => used.push(seen.sample.value),
                None => missing += 1,
            }
        }
        prop_assert!((told.bad_secs - f64::from(bad)).abs() < 1e-6, "{told:?}, {bad} bad");
        prop_assert!((told.missing_secs - f64::from(missing)).abs() < 1e-6, "{told:?}, {missing} missing");
        let held = told.held.filter(|held| held.secs > 0.5);
        prop_assert_eq!(held.is_some(), !used.is_empty());
        if let Some(held) = held {
            let n = used.len() as f64;
            let mean = used.iter().sum::<f64>() / n;
            let variance = used.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
            prop_assert!((held.secs - n).abs() < 1e-6);
            prop_assert!((held.mean - mean).abs() < 1e-6, "{} not {mean}", held.mean);
            // A value may hold a nanosecond longer than the seconds looked at.
            prop_assert!((held.deviation.powi(2) - variance).abs() < 1e-5);
            prop_assert!((held.integral - mean * n).abs() < 1e-5);
        }
    }
}

//! The history answers by what was inserted, and by nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use parallax::history::{Column, FrameCursor, Gap, History, HistoryConfig, Inserted, Row};
use parallax::population::{FixReport, PopulationId, PopulationRow, Reach};
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use proptest::prelude::*;

const LEVEL: SignalId = SignalId(0);
const RUN: Origin = Origin::Simulated(RunId(1));

fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn batch(origin: Origin, samples: &[(SignalId, i64, f64)]) -> SampleBatch {
    let samples = samples.iter();
    SampleBatch {
        origin,
        samples: samples
            .map(|&(signal, at, value)| (signal, Sample::good(secs(at), value)))
            .collect(),
    }
}

fn history(samples: &[(i64, f64)]) -> History {
    let mut history = History::new(1, HistoryConfig::default());
    let samples: Vec<_> = samples
        .iter()
        .map(|&(at, value)| (LEVEL, at, value))
        .collect();
    history.insert(&batch(Origin::Measured, &samples));
    history
}

fn value_at(history: &History, origin: Origin, at: i64) -> Option<f64> {
    let seen = history.latest_at(origin, LEVEL, secs(at));
    seen.map(|seen| seen.sample.value)
}

#[test]
fn every_sample_of_a_batch_is_accounted_for() {
    let mut history = history(&[(100, 1.0)]);
    let mut mixed = batch(
        Origin::Measured,
        &[
            (LEVEL, 101, 2.0),
            (LEVEL, 100, 3.0),
            (SignalId(9), 101, 2.0),
        ],
    );
    mixed.push(LEVEL, Sample::good(secs(102), f64::NAN));
    mixed.push(LEVEL, Sample::good(secs(102), f64::INFINITY));
    mixed.push(LEVEL, Sample::good(secs(100 - 86_401), 0.0));
    mixed.push(LEVEL, Sample::good(secs(100 - 86_402), 0.0));
    let before = history.revision();
    let expected = Inserted {
        stored: 2, // the newest before the window is kept
        duplicates: 1,
        too_old: 1,
        not_finite: 2,
        unknown: 1,
    };
    assert_eq!(history.insert(&mixed), expected);
    assert_ne!(history.revision(), before);
    assert_eq!(
        value_at(&history, Origin::Measured, 100),
        Some(1.0),
        "the first stays"
    );
    assert_eq!(history.len(Origin::Measured), 3);
}

#[test]
fn a_batch_that_comes_twice_changes_nothing() {
    let rows = batch(Origin::Measured, &[(LEVEL, 1, 1.0), (LEVEL, 2, 2.0)]);
    let mut history = History::new(1, HistoryConfig::default());
    history.insert(&rows);
    let before = history.revision();
    assert_eq!(history.insert(&rows).duplicates, 2);
    assert_eq!(history.revision(), before);
}

#[test]
fn a_measured_value_holds_and_a_simulated_one_ends_with_its_run() {
    let mut history = history(&[(10, 1.0)]);
    history.insert(&batch(RUN, &[(LEVEL, 10, 5.0), (LEVEL, 20, 6.0)]));
    for (at, measured, simulated) in [
        (9, None, None),
        (10, Some(1.0), Some(5.0)),
        (19, Some(1.0), Some(5.0)),
        (20, Some(1.0), Some(6.0)),
        (21, Some(1.0), None),
    ] {
        assert_eq!(
            value_at(&history, Origin::Measured, at),
            measured,
            "at {at}"
        );
        assert_eq!(value_at(&history, RUN, at), simulated, "at {at}");
    }
    history.set_reach(RUN, secs(15));
    assert_eq!(value_at(&history, RUN, 15), Some(5.0));
    assert_eq!(value_at(&history, RUN, 16), None);
    history.forget(RUN);
    assert_eq!(value_at(&history, RUN, 15), None);
    assert_eq!(history.origins().collect::<Vec<_>>(), [Origin::Measured]);
}

#[test]
fn a_lost_link_makes_what_it_brought_stale_at_once_until_the_next_sample() {
    let mut history = history(&[(10, 1.0), (40, 2.0)]);
    history.lose_link([LEVEL, SignalId(7)], secs(20));
    let max_age = Duration::from_secs(3600);
    for (at, lost) in [
        (19, None),
        (20, Some(secs(20))),
        (39, Some(secs(20))),
        (40, None),
    ] {
        let seen = history
            .latest_at(Origin::Measured, LEVEL, secs(at))
            .expect("a value is held");
        assert_eq!(seen.lost, lost, "at {at}");
        assert_eq!(seen.is_stale(secs(at), max_age), lost.is_some(), "at {at}");
    }
}

#[test]
fn what_arrives_after_the_loss_is_not_lost_with_it_even_if_it_is_older() {
    let mut history = history(&[(10, 1.0)]);
    history.lose_link([LEVEL], secs(20));
    let mut late = SampleBatch::new(Origin::Measured);
    let buffered = Sample {
        received: secs(30),
        ..Sample::good(secs(15), 2.0)
    };
    late.push(LEVEL, buffered);
    history.insert(&late);
    let seen = history.latest_at(Origin::Measured, LEVEL, secs(25));
    assert_eq!(
        seen.map(|seen| (seen.sample.value, seen.lost)),
        Some((2.0, None))
    );
}

#[test]
fn age_counts_for_measured_values_only() {
    let mut history = history(&[(0, 1.0)]);
    history.insert(&batch(RUN, &[(LEVEL, 0, 1.0), (LEVEL, 300, 1.0)]));
    let max_age = Duration::from_secs(30);
    for (origin, at, stale) in [
        (Origin::Measured, 30, false),
        (Origin::Measured, 31, true),
        (RUN, 299, false),
    ] {
        let seen = history
            .latest_at(origin, LEVEL, secs(at))
            .expect("a value is held");
        assert_eq!(
            seen.is_stale(secs(at), max_age),
            stale,
            "{origin:?} at {at}"
        );
        assert!((seen.age_secs(secs(at)) - at as f64).abs() < 1e-9);
    }
}

#[test]
fn a_line_gets_the_samples_just_outside_its_plot() {
    let history = history(&[(0, 0.0), (10, 1.0), (20, 2.0), (30, 3.0), (40, 4.0)]);
    let values = |samples: Vec<Sample>| samples.iter().map(|s| s.value).collect::<Vec<_>>();
    let (from, to) = (secs(11), secs(29));
    let inside = history.range(Origin::Measured, LEVEL, from, to);
    assert_eq!(values(inside.copied().collect()), [2.0]);
    let around = history.around(Origin::Measured, LEVEL, from, to);
    assert_eq!(values(around.collect()), [1.0, 2.0, 3.0]);
    let beyond = history.around(Origin::Measured, LEVEL, secs(50), secs(60));
    assert_eq!(values(beyond.collect()), [4.0]);
}

#[test]
fn gaps_begin_where_a_value_turns_stale() {
    let mut history = history(&[(10, 1.0), (12, 1.0), (40, 1.0), (45, 1.0)]);
    history.lose_link([LEVEL], secs(47));
    let max_age = Duration::from_secs(5);
    let stale = Duration::from_nanos(1);
    let gap = |from, to| Gap { from, to };
    let gaps = history.gaps(LEVEL, secs(0), secs(60), max_age);
    let expected = [
        gap(secs(0), secs(10)),
        gap(secs(17) + stale, secs(40)),
        gap(secs(47), secs(60)),
    ];
    assert_eq!(gaps, expected);
    let inner = history.gaps(LEVEL, secs(20), secs(30), max_age);
    assert_eq!(inner, [gap(secs(20), secs(30))]);
}

#[test]
fn the_window_moves_with_the_newest_sample_and_keeps_one_value_before_it() {
    let config = HistoryConfig {
        window: Duration::from_secs(100),
        ..HistoryConfig::default()
    };
    let mut history = History::new(2, config);
    let silent = SignalId(1);
    history.insert(&batch(
        Origin::Measured,
        &[(silent, 0, 7.0), (silent, 1, 8.0)],
    ));
    for at in 0..1000 {
        history.insert(&batch(Origin::Measured, &[(LEVEL, at, at as f64)]));
    }
    assert_eq!(history.span(Origin::Measured), Some((secs(899), secs(999))));
    assert_eq!(history.len(Origin::Measured), 102 + 1);
    let seen = history.latest_at(Origin::Measured, silent, secs(999));
    assert_eq!(seen.map(|seen| seen.sample.value), Some(8.0));
    assert_eq!(history.latest_at(Origin::Measured, silent, secs(0)), None);
}

#[test]
fn of_too_many_samples_the_newest_are_kept() {
    let config = HistoryConfig {
        max_samples: 3,
        ..HistoryConfig::default()
    };
    let mut history = History::new(1, config);
    let rows: Vec<_> = (0..10).map(|at| (LEVEL, at, 0.0)).collect();
    assert_eq!(history.insert(&batch(Origin::Measured, &rows)).stored, 10);
    assert_eq!(
        history.insert(&batch(Origin::Measured, &rows[..7])).too_old,
        7
    );
    assert_eq!(history.len(Origin::Measured), 3);
    assert_eq!(history.span(Origin::Measured), Some((secs(7), secs(9))));
}

#[test]
fn members_of_a_population_are_where_they_were_seen_as_far_as_that_reaches() {
    let cars = PopulationId(1);
    let report = |at, x| FixReport {
        at: secs(at),
        rows: vec![PopulationRow {
            id: 1,
            kind: 0,
            place: None,
            position: [x, 0.0, 0.0],
            heading: 0.0,
            value: 0.0,
        }],
        gone: Vec::new(),
        whole: true,
    };
    let config = HistoryConfig {
        window: Duration::from_secs(640),
        ..HistoryConfig::default()
    };
    let mut history = History::new(0, config);
    assert_eq!(
        history.members_at(cars, secs(0)),
        None,
        "nobody was ever seen"
    );
    assert_eq!(history.insert_fixes(cars, &report(20, 20.0)), 1);
    assert_eq!(history.insert_fixes(cars, &report(10, 10.0)), 1, "late");
    assert_eq!(history.insert_fixes(cars, &report(20, 0.0)), 0, "twice");
    let x = |history: &History, at| {
        let seen = history.members_at(cars, secs(at))?;
        seen.members.first().map(|one| one.row.position[0])
    };
    assert_eq!(x(&history, 15), Some(15.0));
    assert_eq!(
        x(&history, 35),
        Some(20.0),
        "15 s, if nobody says otherwise"
    );
    assert_eq!(x(&history, 36), None);
    let reach = Reach {
        gap: Duration::from_secs(5),
        age: Duration::from_secs(30),
    };
    history.set_reach_of_fixes(cars, reach);
    assert_eq!(x(&history, 15), Some(10.0), "too far apart to guess");
    assert_eq!(x(&history, 50), Some(20.0));
    let lost = history
        .members_at(cars, secs(51))
        .expect("seen before")
        .lost;
    assert_eq!(lost[0].seen, secs(20));
    // The window moves on with what comes in.
    history.insert_fixes(cars, &report(700, 700.0));
    assert_eq!(x(&history, 15), None);
    assert_eq!(history.insert_fixes(cars, &report(30, 30.0)), 0, "too old");
    history.forget(Origin::Measured);
    assert_eq!(history.members_at(cars, secs(700)), None);
}

/// What somebody may do to a history, or ask of it; seconds count from the present.
#[derive(Clone, Debug)]
enum Act {
    Insert(Origin, Vec<(u32, i64, i64, i64)>),
    LoseLink(u32, i64),
    SetReach(i64),
    Forget,
    Ask(Option<Origin>, i64),
}

const SIGNALS: usize = 67; // more than one block of the cursor

/// A few signals on either side of the border between two blocks.
fn signal() -> impl Strategy<Value = u32> {
    prop_oneof![0..2_u32, 63..65_u32]
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![4 => Just(Origin::Measured), 1 => Just(RUN)]
}

fn act() -> impl Strategy<Value = Act> {
    let sample = (signal(), -150..40_i64, 0..5_i64, 0..40_i64);
    prop_oneof![
        5 => (origin(), prop::collection::vec(sample, 1..30))
            .prop_map(|(origin, samples)| Act::Insert(origin, samples)),
        2 => (signal(), -100..40_i64).prop_map(|(signal, at)| Act::LoseLink(signal, at)),
        1 => (-100..40_i64).prop_map(Act::SetReach),
        1 => Just(Act::Forget),
        8 => (prop::option::weighted(0.9, origin()), -250..60_i64)
            .prop_map(|(origin, at)| Act::Ask(origin, at)),
    ]
}

fn act_on(history: &mut History, now: i64, act: &Act) {
    match act {
        Act::Insert(origin, rows) => {
            let mut batch = SampleBatch::new(*origin);
            for &(signal, at, value, delay) in rows {
                let sample = Sample {
                    received: secs(now + at + delay),
                    ..Sample::good(secs(now + at), value as f64)
                };
                batch.push(SignalId(signal), sample);
            }
            history.insert(&batch);
        }
        Act::LoseLink(signal, at) => {
            let group = (0..SIGNALS as u32).filter(|other| other % 3 == signal % 3);
            history.lose_link(group.map(SignalId), secs(now + at));
        }
        Act::SetReach(until) => history.set_reach(RUN, secs(now + until)),
        Act::Forget => history.forget(RUN),
        Act::Ask(..) => {}
    }
}

/// The rows by the plain questions, one signal after the other.
fn rows_by_latest_at(
    history: &History,
    origin: Option<Origin>,
    at: Timestamp,
    max_age: &[Duration],
) -> Vec<Option<Row>> {
    (0..SIGNALS)
        .map(|signal| {
            let seen = history.latest_at(origin?, SignalId(signal as u32), at)?;
            Some(Row {
                sample: seen.sample,
                stale: seen.is_stale(at, max_age[signal]),
                lost: seen.lost.is_some(),
            })
        })
        .collect()
}

fn small_history() -> History {
    let config = HistoryConfig {
        window: Duration::from_secs(100),
        max_samples_per_series: 8,
        ..HistoryConfig::default()
    };
    History::new(SIGNALS, config)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn stepping_a_cursor_equals_a_fresh_one(acts in prop::collection::vec(act(), 1..60)) {
        let max_age: Vec<_> = (0..SIGNALS as u64).map(Duration::from_secs).collect();
        let mut history = small_history();
        let mut cursor = FrameCursor::new();
        for (act, now) in acts.iter().zip((0..).step_by(10)) {
            act_on(&mut history, now, act);
            let Act::Ask(origin, at) = *act else {
                continue;
            };
            let at = secs(now + at);
            let before = cursor.rows().to_vec();
            let changed = cursor.advance(&history, origin, at, &max_age).to_vec();

            let mut fresh = FrameCursor::new();
            fresh.advance(&history, origin, at, &max_age);
            prop_assert_eq!(cursor.rows(), fresh.rows());
            prop_assert_eq!(cursor.rows(), rows_by_latest_at(&history, origin, at, &max_age));
            for signal in 0..SIGNALS {
                let differs = before.get(signal).copied().flatten() != cursor.rows()[signal];
                let told = changed.iter().filter(|id| id.index() == signal).count();
                prop_assert_eq!(told, usize::from(differs), "signal {}", signal);
            }
        }
    }

    /// Late data equals early data: whatever the order, every answer is the same.
    #[test]
    fn any_order_of_arrival_gives_the_same_history(
        (early, late) in prop::collection::btree_map((0..3_u32, 0..500_i64), -9..9_i64, 1..150)
            .prop_map(|samples| samples.into_iter().collect::<Vec<_>>())
            .prop_flat_map(|samples| (Just(samples.clone()), Just(samples).prop_shuffle())),
        split in 1..40_usize,
    ) {
        let insert = |samples: &[((u32, i64), i64)], split| {
            let mut history = small_history();
            for part in samples.chunks(split) {
                let part: Vec<_> = part
                    .iter()
                    .map(|&((signal, at), value)| (SignalId(signal), at, value as f64))
                    .collect();
                history.insert(&batch(Origin::Measured, &part));
            }
            history
        };
        let (early, late) = (insert(&early, 1), insert(&late, split));
        for signal in (0..3).map(SignalId) {
            for at in 0..500 {
                prop_assert_eq!(
                    early.latest_at(Origin::Measured, signal, secs(at)),
                    late.latest_at(Origin::Measured, signal, secs(at))
                );
            }
            let all = |history: &History| {
                history
                    .range(Origin::Measured, signal, Timestamp::MIN, Timestamp::MAX)
                    .copied()
                    .collect::<Vec<_>>()
            };
            prop_assert_eq!(all(&early), all(&late));
        }
        let newest = early.span(Origin::Measured).map(|span| span.1);
        prop_assert_eq!(newest, late.span(Origin::Measured).map(|span| span.1));
    }

    /// Trimming never drops what is inside the window, nor the newest sample before it.
    #[test]
    fn what_is_kept_is_the_window_and_the_value_it_began_with(
        samples in prop::collection::btree_map(0..2000_i64, -9..9_i64, 1..300)
            .prop_map(|samples| samples.into_iter().collect::<Vec<_>>())
            .prop_shuffle(),
        at in 0..2100_i64,
    ) {
        let config = HistoryConfig {
            window: Duration::from_secs(600),
            ..HistoryConfig::default()
        };
        let mut history = History::new(1, config);
        let mut stored = BTreeMap::new();
        for (at, value) in samples {
            history.insert(&batch(Origin::Measured, &[(LEVEL, at, value as f64)]));
            stored.insert(at, value as f64);
        }
        let edge = stored.keys().next_back().map_or(0, |newest| newest - 600);
        let began = stored.range(..edge).next_back().map_or(edge, |(&at, _)| at);
        let kept: BTreeMap<_, _> = stored.range(began..).map(|(&at, &value)| (at, value)).collect();

        let held = kept.range(..=at).next_back().map(|(_, &value)| value);
        prop_assert_eq!(value_at(&history, Origin::Measured, at), held);
        let all = history.range(Origin::Measured, LEVEL, Timestamp::MIN, Timestamp::MAX);
        let all: BTreeMap<_, _> = all.map(|s| (s.at.nanos() / 1_000_000_000, s.value)).collect();
        prop_assert_eq!(all, kept);
    }

    #[test]
    fn columns_sum_up_every_sample_once(
        samples in prop::collection::btree_map(0..300_i64, (-99..99_i64, 0..3_usize), 0..200),
        from in -10..310_i64,
        length in 0..320_i64,
        count in 1..60_usize,
    ) {
        let qualities = [Quality::Good, Quality::Uncertain, Quality::BadSensorFailure];
        let nanos = Timestamp::from_nanos;
        let mut history = History::new(1, HistoryConfig::default());
        let mut batch = SampleBatch::new(Origin::Measured);
        for (&at, &(value, quality)) in &samples {
            let quality = qualities[quality];
            batch.push(LEVEL, Sample { quality, ..Sample::good(nanos(at), value as f64) });
        }
        history.insert(&batch);
        let (start, end) = (nanos(from), nanos(from + length));
        let columns = history.columns(Origin::Measured, LEVEL, start, end, count);
        prop_assert_eq!(columns.len(), count);
        for (place, column) in columns.iter().enumerate() {
            // The instants x with place ≤ (x − from) count / length < place + 1, and the end.
            let inside: Vec<Sample> = history
                .range(Origin::Measured, LEVEL, start, end)
                .filter(|sample| {
                    let at = sample.at.nanos() - from;
                    let column = at as usize * count / (length as usize).max(1);
                    column.min(count - 1) == place
                })
                .copied()
                .collect();
            let expected = inside.first().zip(inside.last()).map(|(&first, &last)| Column {
                first,
                last,
                min: inside.iter().map(|s| s.value).fold(f64::INFINITY, f64::min),
                max: inside.iter().map(|s| s.value).fold(f64::NEG_INFINITY, f64::max),
                mean: column.map_or(f64::NAN, |column| column.mean),
                worst: inside.iter().map(|s| s.quality).fold(Quality::Good, Ord::max),
                count: inside.len(),
            });
            prop_assert_eq!(*column, expected, "column {}", place);
            if let Some(column) = column {
                let mean = inside.iter().map(|s| s.value).sum::<f64>() / column.count as f64;
                prop_assert!((column.mean - mean).abs() < 1e-9, "column {}", place);
            }
        }
    }

    /// A gap is where the plain question finds nothing fresh, and nowhere else.
    #[test]
    fn gaps_are_where_nothing_fresh_is_known(
        samples in prop::collection::btree_set(0..100_i64, 0..20),
        losses in prop::collection::btree_set(0..100_i64, 0..4),
        from in -5..105_i64,
        length in 0..110_i64,
        max_age in 0..20_u64,
    ) {
        let samples: Vec<_> = samples.into_iter().map(|at| (at, 0.0)).collect();
        let mut history = history(&samples);
        for loss in losses {
            history.lose_link([LEVEL], secs(loss));
        }
        let max_age = Duration::from_secs(max_age);
        let gaps = history.gaps(LEVEL, secs(from), secs(from + length), max_age);
        prop_assert!(gaps.iter().all(|gap| gap.from < gap.to));
        prop_assert!(gaps.windows(2).all(|pair| pair[0].to < pair[1].from));
        for half in 2 * from..2 * (from + length) {
            let at = Timestamp::from_nanos(half * 500_000_000);
            let fresh = history
                .latest_at(Origin::Measured, LEVEL, at)
                .is_some_and(|seen| !seen.is_stale(at, max_age));
            let in_gap = gaps.iter().any(|gap| gap.from <= at && at < gap.to);
            prop_assert_eq!(in_gap, !fresh, "at {}", at);
        }
    }
}

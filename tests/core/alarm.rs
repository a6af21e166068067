//! Alarms follow the samples, and the journal tells what they followed.

use std::time::Duration;

use parallax::alarm::{AcknowledgeError, Alarm, AlarmId, AlarmState, Engine};
use parallax::scene::{AssetIndex, Limit, LimitKind, Priority, Scene, Signal};
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use parallax::units::Unit;
use proptest::prelude::*;

const LEVEL: SignalId = SignalId(0);
const HIGH: AlarmId = AlarmId(0);
const RUN: RunId = RunId(1);

fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn limit(kind: LimitKind, at: f64, on_delay: u64, off_delay: u64) -> Limit {
    Limit {
        kind,
        at,
        deadband: 1.0,
        on_delay: Duration::from_secs(on_delay),
        off_delay: Duration::from_secs(off_delay),
        priority: if at.abs() > 10.0 {
            Priority::Urgent
        } else {
            Priority::Low
        },
        message: String::new(),
        advice: String::new(),
    }
}

/// Signals with these limits, whose values are stale after 60 s.
fn scene(limits: &[Vec<Limit>]) -> Scene {
    let mut scene = Scene::default();
    scene.signals = limits
        .iter()
        .map(|limits| Signal {
            asset: AssetIndex(0),
            name: String::new(),
            full_name: String::new(),
            label: String::new(),
            unit: Unit::NUMBER,
            range: (0.0, 1.0),
            decimals: 0,
            max_age: Duration::from_secs(60),
            measured: true,
            shown: false,
            states: Vec::new(),
            limits: limits.clone(),
            write: None,
            prognosis: None,
        })
        .collect();
    scene
}

/// One signal with a high limit at 10 and a low one at 0, deadband 1.
fn engine(on_delay: u64, off_delay: u64) -> Engine {
    Engine::new(&scene(&[vec![
        limit(LimitKind::High, 10.0, on_delay, off_delay),
        limit(LimitKind::Low, 0.0, on_delay, off_delay),
    ]]))
}

fn batch(samples: &[(i64, f64, Quality)]) -> SampleBatch {
    let mut batch = SampleBatch::new(Origin::Measured);
    for &(at, value, quality) in samples {
        batch.push(
            LEVEL,
            Sample {
                quality,
                ..Sample::good(secs(at), value)
            },
        );
    }
    batch
}

fn observe(engine: &mut Engine, samples: &[(i64, f64)]) {
    let samples: Vec<_> = samples
        .iter()
        .map(|&(at, value)| (at, value, Quality::Good))
        .collect();
    engine.observe(&batch(&samples));
}

/// The changes of the high alarm as `(second, state after)`.
fn changes(engine: &Engine) -> Vec<(i64, AlarmState)> {
    engine
        .journal()
        .changes()
        .filter(|change| change.id == HIGH)
        .map(|change| (change.at.nanos() / 1_000_000_000, change.to.state()))
        .collect()
}

/// Shows good samples to an engine with these delays and compares the high alarm's changes.
#[track_caller]
fn check(delays: (u64, u64), samples: &[(i64, f64)], now: i64, expected: &[(i64, AlarmState)]) {
    let mut engine = engine(delays.0, delays.1);
    observe(&mut engine, samples);
    engine.tick(secs(now));
    assert_eq!(changes(&engine), expected);
}

use AlarmState::{
    Acknowledged as Acked, Normal, ReturnedUnacknowledged as Returned, Unacknowledged as Unacked,
};

#[test]
fn a_value_past_the_limit_raises_and_one_back_over_the_deadband_clears() {
    check(
        (0, 0),
        &[(1, 5.0), (2, 10.0), (3, 10.5)],
        9,
        &[(3, Unacked)],
    );
    check(
        (0, 0),
        &[(1, 11.0), (2, 9.5), (3, 9.0)],
        9,
        &[(1, Unacked), (3, Returned)],
    );
    check(
        (0, 0),
        &[(1, 11.0), (2, 9.0), (3, 11.0)],
        9,
        &[(1, Unacked), (2, Returned), (3, Unacked)],
    );
}

#[test]
fn delays_run_out_between_samples_and_without_them() {
    check((5, 0), &[(1, 11.0)], 5, &[]);
    check((5, 0), &[(1, 11.0)], 6, &[(6, Unacked)]);
    check((5, 0), &[(1, 11.0), (9, 11.0)], 9, &[(6, Unacked)]);
    check((5, 0), &[(1, 11.0), (5, 5.0)], 60, &[]);
    check(
        (0, 5),
        &[(1, 11.0), (2, 5.0), (6, 9.5)],
        60,
        &[(1, Unacked)],
    );
    check(
        (0, 5),
        &[(1, 11.0), (2, 5.0)],
        60,
        &[(1, Unacked), (7, Returned)],
    );
}

#[test]
fn a_delay_stops_when_its_value_is_stale() {
    check((60, 0), &[(1, 11.0)], 999, &[(61, Unacked)]);
    check((61, 0), &[(1, 11.0)], 999, &[]);
    check((61, 0), &[(1, 11.0), (70, 5.0)], 999, &[]);
    check((61, 0), &[(1, 11.0), (20, 11.0)], 999, &[(62, Unacked)]);
    // Nothing for over a minute: it starts anew.
    check(
        (70, 0),
        &[(1, 11.0), (62, 11.0), (110, 11.0)],
        999,
        &[(132, Unacked)],
    );
}

#[test]
fn a_bad_sample_neither_raises_nor_clears_and_stops_delays() {
    let bad = Quality::BadSensorFailure;
    let mut engine = engine(5, 0);
    engine.observe(&batch(&[(1, 99.0, bad)]));
    engine.tick(secs(30));
    assert_eq!(changes(&engine), []);

    engine.observe(&batch(&[(31, 11.0, Quality::Uncertain), (33, 11.0, bad)]));
    engine.tick(secs(50));
    assert_eq!(changes(&engine), [], "the delay was interrupted");

    engine.observe(&batch(&[(51, 11.0, Quality::Good), (57, 0.5, bad)]));
    assert_eq!(changes(&engine), [(56, Unacked)]);
    engine.observe(&batch(&[(58, 5.0, Quality::Good)]));
    assert_eq!(changes(&engine), [(56, Unacked), (58, Returned)]);
}

#[test]
fn a_lost_link_holds_the_alarms_it_had_and_stops_delays() {
    let mut engine = engine(5, 0);
    observe(&mut engine, &[(1, 11.0)]);
    engine.lose_link([LEVEL], secs(3));
    engine.tick(secs(30));
    assert_eq!(changes(&engine), []);
    observe(&mut engine, &[(31, 11.0), (40, 11.0)]);
    engine.lose_link([LEVEL], secs(41));
    assert_eq!(engine.state(HIGH), Unacked);
}

#[test]
fn acknowledging_goes_by_the_state() {
    let mut engine = engine(0, 0);
    let nothing = |state| Err(AcknowledgeError::NothingToAcknowledge { state });
    assert_eq!(engine.acknowledge(HIGH, secs(0), "Ada"), nothing(Normal));
    assert_eq!(
        engine.acknowledge(AlarmId(2), secs(0), "Ada"),
        Err(AcknowledgeError::Unknown)
    );

    // Before it returns.
    observe(&mut engine, &[(1, 11.0)]);
    assert_eq!(engine.acknowledge(HIGH, secs(2), "Ada"), Ok(()));
    assert_eq!(engine.acknowledge(HIGH, secs(3), "Bob"), nothing(Acked));
    let by = engine.list()[0]
        .acknowledged
        .clone()
        .map(|acknowledged| acknowledged.by);
    assert_eq!(by.as_deref(), Some("Ada"));
    observe(&mut engine, &[(4, 5.0)]);
    assert_eq!(engine.state(HIGH), Normal);

    // After it has returned.
    observe(&mut engine, &[(5, 11.0), (6, 5.0)]);
    assert_eq!(engine.state(HIGH), Returned);
    assert_eq!(engine.acknowledge(HIGH, secs(7), "Ada"), Ok(()));
    let expected = [
        (1, Unacked),
        (2, Acked),
        (4, Normal),
        (5, Unacked),
        (6, Returned),
        (7, Normal),
    ];
    assert_eq!(changes(&engine), expected);
}

#[test]
fn an_instrument_whose_clock_lags_behind_the_operators_cannot_turn_the_order() {
    let mut engine = engine(0, 0);
    observe(&mut engine, &[(1, 11.0), (2, 5.0)]);
    assert_eq!(engine.acknowledge_all(secs(10), "Ada"), 1);
    observe(&mut engine, &[(9, 11.0)]);
    assert_eq!(engine.state(HIGH), Unacked);
    assert_eq!(engine.at(secs(10)), Some(engine.list()));
}

#[test]
fn a_late_sample_is_counted_and_changes_nothing() {
    let mut engine = engine(0, 0);
    observe(&mut engine, &[(10, 5.0)]);
    observe(&mut engine, &[(10, 11.0), (9, 11.0), (8, -5.0)]);
    assert_eq!((engine.late(), engine.list().len()), (2, 0));
}

#[test]
fn the_list_shows_the_most_urgent_first_and_then_the_newest() {
    let mut engine = Engine::new(&scene(&[
        vec![limit(LimitKind::Low, 1.0, 0, 0)],
        vec![
            limit(LimitKind::High, 5.0, 0, 0),
            limit(LimitKind::HighHigh, 20.0, 0, 0),
        ],
        vec![limit(LimitKind::High, 5.0, 0, 0)],
    ]));
    let mut batch = SampleBatch::new(Origin::Measured);
    for (signal, at, value) in [
        (2, 3, 6.0),
        (1, 1, 6.0),
        (0, 2, 0.0),
        (1, 4, 30.0),
        (1, 5, 25.0),
    ] {
        batch.push(SignalId(signal), Sample::good(secs(at), value));
    }
    engine.observe(&batch);
    assert_eq!(engine.acknowledge(AlarmId(0), secs(6), "Ada"), Ok(()));
    let list = engine.list();
    let told: Vec<_> = list
        .iter()
        .map(|alarm| (alarm.signal.0, alarm.limit))
        .collect();
    assert_eq!(
        told,
        [(1, Some(1)), (2, Some(0)), (0, Some(0)), (1, Some(0))]
    );
    assert_eq!((list[0].value, engine.peak(list[0].id)), (30.0, Some(30.0)));
    assert_eq!((list[3].value, engine.peak(list[3].id)), (6.0, Some(30.0)));
    let counts = engine.counts();
    assert_eq!(
        (counts.unacknowledged, counts.acknowledged, counts.returned),
        (3, 1, 0)
    );
    assert_eq!(counts.active_by_priority, [1, 0, 3]);
}

#[test]
fn a_full_journal_tells_no_more_than_it_knows() {
    let high = vec![limit(LimitKind::High, 10.0, 0, 0)];
    let mut engine = Engine::new(&scene(&vec![high; 3])).with_journal_capacity(1);
    let mut raise = |signal, at| {
        let mut batch = SampleBatch::new(Origin::Measured);
        batch.push(SignalId(signal), Sample::good(secs(at), 11.0));
        engine.observe(&batch);
        let told = |at| engine.at(secs(at)).map(|list| list.len());
        (told(7), told(10), told(20))
    };
    assert_eq!(raise(0, 10), (Some(0), Some(1), Some(1)));
    assert_eq!(raise(1, 20), (None, Some(1), Some(2)));
    assert_eq!(raise(2, 5), (None, Some(2), Some(3)), "from a slow source");
}

#[test]
fn simulated_samples_raise_no_alarm() {
    let mut engine = engine(0, 0);
    let mut samples = batch(&[(1, 99.0, Quality::Good)]);
    samples.origin = Origin::Simulated(RUN);
    engine.observe(&samples);
    assert_eq!(engine.list(), []);
}

/// What may happen to the alarms of a plant with two signals.
#[derive(Clone, Debug)]
enum Act {
    Observe(Vec<(u32, i64, i64, bool)>),
    Tick,
    LoseLink(u32),
    Acknowledge(u32),
    AcknowledgeAll,
}

/// An act, and how many seconds pass before it.
fn act() -> impl Strategy<Value = (i64, Act)> {
    let sample = (0..2_u32, -20..5_i64, -3..14_i64, prop::bool::weighted(0.9));
    let act = prop_oneof![
        6 => prop::collection::vec(sample, 1..6).prop_map(Act::Observe),
        2 => Just(Act::Tick),
        1 => (0..2_u32).prop_map(Act::LoseLink),
        2 => (0..4_u32).prop_map(Act::Acknowledge),
        1 => Just(Act::AcknowledgeAll),
    ];
    (0..20_i64, act)
}

fn two_signals() -> Scene {
    let limits = |delay| {
        vec![
            limit(LimitKind::High, 10.0, delay, 3),
            limit(LimitKind::Low, 0.0, 0, delay),
        ]
    };
    scene(&[limits(0), limits(7)])
}

fn act_on(engine: &mut Engine, now: i64, act: &Act) {
    match act {
        Act::Observe(rows) => {
            let mut batch = SampleBatch::new(Origin::Measured);
            for &(signal, offset, value, good) in rows {
                let quality = if good { Quality::Good } else { Quality::Bad };
                let sample = Sample::good(secs(now + offset), value as f64);
                batch.push(SignalId(signal), Sample { quality, ..sample });
            }
            engine.observe(&batch);
        }
        Act::Tick => engine.tick(secs(now)),
        Act::LoseLink(signal) => engine.lose_link([SignalId(*signal)], secs(now)),
        Act::Acknowledge(id) => {
            let told = engine.acknowledge(AlarmId(*id), secs(now), "Ada");
            assert_ne!(told, Err(AcknowledgeError::Unknown));
        }
        Act::AcknowledgeAll => {
            engine.acknowledge_all(secs(now), "Bob");
            let mut waiting = engine.list().into_iter();
            assert!(
                waiting.all(|alarm| alarm.state.is_acknowledged() || alarm.raised >= secs(now))
            );
        }
    }
}

proptest! {
    /// After every act, the journal tells the list as it is; and what it tells of an
    /// earlier instant is what all the changes up to then lead to.
    #[test]
    fn the_journal_tells_the_list_at_any_instant(
        acts in prop::collection::vec(act(), 1..60),
        capacity in 1..30_usize,
    ) {
        let scene = two_signals();
        let mut whole = Engine::new(&scene);
        let mut bounded = Engine::new(&scene).with_journal_capacity(capacity);
        let mut now = 0;
        for (pause, act) in &acts {
            now += pause;
            act_on(&mut whole, now, act);
            act_on(&mut bounded, now, act);
            prop_assert_eq!(whole.at(Timestamp::MAX), Some(whole.list()));
            prop_assert_eq!(bounded.at(Timestamp::MAX), Some(whole.list()));
        }
        prop_assert!(bounded.journal().changes().len() <= capacity);
        for at in (-20..now + 20).map(secs) {
            let told = whole.at(at).expect("the whole journal tells everything");
            for id in (0..4).map(AlarmId) {
                let last = whole.journal().changes().rfind(|change| change.id == id && change.at <= at);
                let state = last.map_or(Normal, |change| change.to.state());
                let listed = told.iter().find(|alarm| alarm.id == id);
                prop_assert_eq!(listed.map_or(Normal, |alarm| alarm.state), state);
                prop_assert_eq!(listed.map(|alarm| alarm.since), last.filter(|_| state != Normal).map(|last| last.at));
            }
            match bounded.journal().known_from() {
                Some(from) if at < from => prop_assert_eq!(bounded.at(at), None),
                _ => prop_assert_eq!(bounded.at(at), Some(told)),
            }
        }
    }

    /// How samples are cut into batches, and when delays are looked at, makes no difference.
    #[test]
    fn any_split_into_batches_gives_the_same_alarms(
        samples in prop::collection::btree_map((0..300_i64, 0..2_u32), (-3..14_i64, prop::bool::weighted(0.9)), 1..80),
        split in 1..20_usize,
        ticking in any::<bool>(),
    ) {
        let samples: Vec<_> = samples
            .into_iter()
            .map(|((at, signal), (value, good))| {
                let quality = if good { Quality::Good } else { Quality::Bad };
                (SignalId(signal), Sample { quality, ..Sample::good(secs(at), value as f64) })
            })
            .collect();
        let run = |split: usize, ticking: bool| -> (Vec<_>, Vec<Alarm>) {
            let mut engine = Engine::new(&two_signals());
            for part in samples.chunks(split) {
                if ticking {
                    engine.tick(part[0].1.at);
                }
                let mut batch = SampleBatch { origin: Origin::Measured, samples: part.to_vec() };
                batch.samples.reverse(); // the engine sorts
                engine.observe(&batch);
            }
            engine.tick(secs(1000));
            (engine.journal().changes().cloned().collect(), engine.list())
        };
        prop_assert_eq!(run(split, ticking), run(samples.len(), false));
    }
}

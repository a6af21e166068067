//! What a log says about an alarm system, beside what pandas finds in it; and limits tried on
//! history, beside what was judged live.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;

use parallax::alarm::{
    AlarmEvent, AlarmReport, Engine, Happening, Lifecycle, Raised, Shelf, Standing, Trial,
};
use parallax::scene::{Limit, LimitKind, Priority, Scene};
use parallax::session::{AlarmLog, Recording, StorePlan, alarm_rows, try_limits};
use parallax::signal::{Origin, Quality, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use proptest::prelude::*;
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::scenes::waterworks;
use crate::telemetry::skip;

const START: i64 = 1_700_000_000;
const DAY: i64 = 86_400;
const ALARMS: u32 = 80;

fn at(secs: f64) -> Timestamp {
    Timestamp::from_secs(START).plus_secs(secs)
}

/// Thirty days of a plant: alarms that come and go, some that chatter, storms in which
/// everything comes at once, and people who acknowledge, shelve and forget.
fn thirty_days(seed: u64) -> (Vec<AlarmEvent>, Vec<String>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut lives: Vec<_> = (0..ALARMS).map(|id| Lifecycle::new(id % 9 == 0)).collect();
    let names = (0..ALARMS)
        .map(|id| format!("P-{id}.flow low {id}"))
        .collect();
    let priority = |id: u32| match id % 10 {
        0 => Priority::Urgent,
        1 | 2 => Priority::High,
        _ => Priority::Low,
    };
    let mut events = Vec::new();
    let mut now = 0.0;
    let mut storm = 0.0;
    while now < 31.0 * DAY as f64 {
        let raging = storm > now;
        if !raging && random.random_bool(0.002) {
            storm = now + random.random_range(100.0..3_000.0);
        }
        let pause: f64 = if raging { 20.0 } else { 180.0 };
        now += random.random_range(0.5..pause);
        // The first ones are bad actors.
        let id = match random.random_bool(0.3) {
            true => random.random_range(0..3_u32),
            // At last, nothing happens any more to some: they are left as they are.
            false if now > 28.0 * DAY as f64 => random.random_range(0..ALARMS / 2),
            false => random.random_range(0..ALARMS),
        };
        let life = &mut lives[id as usize];
        let acts = [
            if life.is_active() {
                Happening::Cleared
            } else {
                Happening::Raised
            },
            Happening::Acknowledge,
            Happening::Reset,
            Happening::Shelve(Shelf {
                until: at(now + 3_600.0),
                reason: "test".into(),
            }),
            Happening::TakeOutOfService,
            Happening::ReturnToService,
        ];
        let act = match random.random_range(0..100) {
            0..55 => 0,
            55..85 => 1,
            85..92 => 2,
            92..94 => 3,
            94..95 => 4,
            _ => 5,
        };
        let mut note = |from: Standing, to: Standing, at: Timestamp| {
            if from != to {
                events.push(AlarmEvent {
                    at,
                    alarm: id,
                    priority: priority(id),
                    from,
                    to,
                });
            }
        };
        let from = life.standing();
        life.tick(at(now));
        let back = life.standing();
        note(from, back, at(now));
        // A bad actor chatters: it is over at once.
        let again = if id < 3 && act == 0 { 2 } else { 1 };
        for turn in 0..again {
            let from = life.standing();
            let instant = at(now + f64::from(turn) * 0.25);
            let _ = life.apply(acts[act].clone(), instant);
            note(from, life.standing(), instant);
            if turn == 0 && again == 2 {
                let _ = life.apply(Happening::Cleared, instant);
                note(from, life.standing(), instant);
            }
        }
    }
    events.sort_by_key(|event| event.at);
    (events, names)
}

fn state_text(standing: Standing) -> &'static str {
    match standing {
        Standing::Normal => "normal",
        Standing::Unacknowledged => "unacknowledged",
        Standing::Acknowledged => "acknowledged",
        Standing::ReturnedUnacknowledged => "returned",
        Standing::Latched => "latched",
        Standing::Shelved => "shelved",
        Standing::Suppressed => "suppressed",
        Standing::OutOfService => "out of service",
    }
}

#[test]
fn a_report_over_thirty_days_is_what_pandas_finds() {
    let test = "a_report_over_thirty_days_is_what_pandas_finds";
    let Some(python) = std::env::var_os("PARALLAX_PEERS") else {
        skip(test, "$PARALLAX_PEERS names no Python with pandas");
        return;
    };
    let (mut chattering, mut stale) = (0, 0);
    for seed in 1..4 {
        let (events, names) = thirty_days(seed);
        let mut log = "at_ns,alarm,priority,from_state,to_state\n".to_owned();
        for event in &events {
            let priority = format!("{:?}", event.priority).to_lowercase();
            let (from, to) = (state_text(event.from), state_text(event.to));
            let name = &names[event.alarm as usize];
            writeln!(log, "{},{name},{priority},{from},{to}", event.at.nanos()).expect("a text");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("log.csv");
        std::fs::write(&file, log).expect("written");
        let (from, to) = (at(0.5 * DAY as f64), at(30.5 * DAY as f64));
        let output = Command::new(&python)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/peers/alarms.py"
            ))
            .arg(&file)
            .args([from.nanos().to_string(), to.nanos().to_string()])
            .output()
            .expect("Python");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let theirs: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON");
        let ours = AlarmReport::of(&events, &names, from, to);
        // A log in which something of everything is found.
        assert!(ours.told > 2_000 && ours.floods > 0 && ours.fleeting > 0 && ours.shelvings > 0);
        chattering += ours.chattering.len();
        stale += ours.stale.len();
        eprintln!(
            "seed {seed}: {} alarms, {} floods, {} chattering, {} stale",
            ours.told,
            ours.floods,
            ours.chattering.len(),
            ours.stale.len()
        );
        let ours = serde_json::to_value(&ours).expect("JSON");
        for (measure, value) in theirs {
            if measure == "median_secs_to_acknowledge" {
                let pair = (ours[&measure].as_f64(), value.as_f64());
                let (Some(ours), Some(theirs)) = pair else {
                    panic!("{pair:?}")
                };
                assert!(
                    (ours - theirs).abs() < 1e-6,
                    "seed {seed}: {measure}: {ours} {theirs}"
                );
            } else {
                assert_eq!(ours[&measure], value, "seed {seed}: {measure}");
            }
        }
    }
    assert!(
        chattering > 0 && stale > 0,
        "{chattering} chattering, {stale} stale"
    );
}

/// A scene with one limit less, and others moved: what somebody edits.
fn edited(scene: &Scene) -> BTreeMap<SignalId, Vec<Limit>> {
    let wanted = scene
        .signal_ids()
        .filter(|id| !scene.signal(*id).limits.is_empty());
    wanted
        .take(60)
        .map(|id| {
            let signal = scene.signal(id);
            let span = signal.range.1 - signal.range.0;
            let mut limits = signal.limits.clone();
            for (limit, share) in limits.iter_mut().zip([0.4, 0.5, 0.6, 0.7]) {
                limit.at = signal.range.0 + share * span;
            }
            (id, limits)
        })
        .collect()
}

/// What a live engine with these limits in its scene raises, signal by signal.
fn live(
    scene: &Scene,
    tried: &BTreeMap<SignalId, Vec<Limit>>,
    batches: &[SampleBatch],
    until: Timestamp,
) -> Vec<Raised> {
    let mut edited = scene.clone();
    for (id, limits) in tried {
        edited.signals[id.index()].limits = limits.clone();
    }
    let mut engine = Engine::new(&edited);
    for batch in batches {
        engine.observe(batch);
    }
    engine.tick(until);
    let mut raised: Vec<Raised> = Vec::new();
    let mut open = BTreeMap::new();
    let limits: Vec<_> = edited.limits().collect();
    for change in engine.journal().changes() {
        let (signal, limit) = limits[change.id.index()];
        let place = edited
            .signal(signal)
            .limits
            .iter()
            .position(|known| known == limit);
        if !tried.contains_key(&signal) {
            continue;
        }
        if change.to == Standing::Unacknowledged {
            open.insert(change.id, raised.len());
            raised.push(Raised {
                signal,
                limit: place.expect("a limit"),
                raised: change.at,
                cleared: None,
                value: change.value,
            });
        } else if let Some(place) = open.remove(&change.id) {
            raised[place].cleared = Some(change.at);
        }
    }
    raised.sort_by_key(|raised| (raised.raised, raised.signal, raised.limit));
    raised
}

/// Six hours of samples of every measured signal, a random walk through and past its range.
fn six_hours(scene: &Scene, seed: u64) -> Vec<SampleBatch> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut share: Vec<f64> = scene
        .signals
        .iter()
        .map(|_| random.random_range(0.0..1.0))
        .collect();
    (0..2_160)
        .map(|step| {
            let mut batch = SampleBatch::new(Origin::Measured);
            for id in scene.signal_ids().filter(|id| scene.signal(*id).measured) {
                let walk = &mut share[id.index()];
                *walk = (*walk + random.random_range(-0.05..0.05)).clamp(-0.1, 1.1);
                let (low, high) = scene.signal(id).range;
                let sample = Sample::good(at(f64::from(step) * 10.0), low + *walk * (high - low));
                let quality = if random.random_bool(0.01) {
                    Quality::Bad
                } else {
                    Quality::Good
                };
                batch.push(id, Sample { quality, ..sample });
            }
            batch
        })
        .collect()
}

#[test]
fn limits_tried_on_history_raise_what_they_would_have_raised_live() {
    let scene = waterworks().scene;
    let tried = edited(&scene);
    let batches = six_hours(&scene, 5);
    let until = at(21_600.0);
    let expected = live(&scene, &tried, &batches, until);
    assert!(expected.len() > 100, "{} alarms", expected.len());
    let mut trial = Trial::new(&scene, &tried);
    for batch in &batches {
        trial.observe(batch);
    }
    assert_eq!(trial.finish(until), expected);
}

#[test]
fn limits_tried_on_a_store_raise_what_they_would_have_raised_live() {
    let scene: Arc<Scene> = waterworks().scene;
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("store").display().to_string();
    let plan = StorePlan {
        place: place.clone(),
        record: true,
    };
    let mut recording = Recording::start(&scene, &plan, None).expect("it starts");
    let batches = six_hours(&scene, 6);
    let mut engine = Engine::new(&scene);
    for batch in &batches {
        while !recording.has_room() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        recording.record(batch);
        engine.observe(batch);
        recording.note(alarm_rows(&scene, &engine.take_news()));
    }
    let told = engine
        .journal()
        .changes()
        .filter(|change| change.to == Standing::Unacknowledged)
        .count();
    recording.close().expect("closed");
    let store = parallax::recording::Store::open(&place).expect("a store");
    let library = Arc::new(parallax::recording::Library::open(store.depot()).expect("readable"));
    parallax::recording::seal_logs(&store, &library, parallax::telemetry::now).expect("sealed");
    library.refresh().expect("readable");

    // The journal of the alarms makes the report.
    let log = AlarmLog::read(&place).expect("readable");
    let report = AlarmReport::of(&log.events, &log.names, at(0.0), at(21_600.0));
    assert!(told > 100, "{told} alarms");
    assert_eq!(report.told, told);

    let tried = edited(&scene);
    let until = at(21_600.0);
    let raised = try_limits(&scene, &tried, &library, (at(0.0), until)).expect("readable");
    assert_eq!(raised, live(&scene, &tried, &batches, until));
    let kinds: BTreeSet<_> = raised
        .iter()
        .map(|raised| scene.signal(raised.signal).limits[raised.limit].kind)
        .collect();
    assert!(
        kinds.len() > 1 && kinds.contains(&LimitKind::Low),
        "{kinds:?}"
    );
}

proptest! {
    /// However recorded samples are cut into batches, a trial tells the same.
    #[test]
    fn a_trial_does_not_depend_on_batches(seed in 0..1_000_u64, split in 1..400_usize) {
        let scene = small();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let samples: Vec<_> = (0..400)
            .map(|step| (SignalId(0), Sample::good(at(f64::from(step)), random.random_range(0.0..0.01))))
            .collect();
        let tried = BTreeMap::from([(SignalId(0), scene.signals[0].limits.clone())]);
        let run = |split: usize| {
            let mut trial = Trial::new(&scene, &tried);
            for part in samples.chunks(split) {
                trial.observe(&SampleBatch { origin: Origin::Measured, samples: part.to_vec() });
            }
            trial.finish(at(1_000.0))
        };
        prop_assert_eq!(run(split), run(samples.len()));
    }
}

/// One pump with one limit.
fn small() -> Scene {
    let text = r#"Scene(format: 1, name: "Small", types: {
        "pump": (label: "Pump", shape: Pump, size: (1, 1, 1), signals: [
            (name: "flow", unit: "m³/h", range: (0, 36), max_age: "60s", limits: [
                (kind: Low, at: 10, deadband: 2, on_delay: "2s", off_delay: "1s"),
            ]),
        ]),
    }, assets: [(tag: "P-1", type: "pump")])"#;
    parallax::scene::parse(text).expect("a scene")
}

//! A branch begins with the plant's own state, and the plant goes on as if there were none.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use parallax::history::{FrameCursor, History, HistoryConfig};
use parallax::scene::{Override, Scenario, Scene};
use parallax::session::{
    self, Answer, Control, Opened, Past, Question, Recording, StorePast, StorePlan,
};
use parallax::signal::{Origin, QualityClass, RunId, SampleBatch};
use parallax::simulation::{Fingerprint, InitialState, RunPlan, RunState};
use parallax::telemetry::emulator::Disturbance;
use parallax::time::Timestamp;

use crate::scenes;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const MINUTE: Duration = Duration::from_secs(60);

/// What the instruments of the emulated plant show: a batch every minute, made when asked for.
pub(super) fn stream(
    opened: &Opened,
    minutes: u32,
    seed: u64,
) -> impl Iterator<Item = SampleBatch> {
    let scene = &opened.scene;
    let mut plant =
        session::emulated_plant(&opened.plant, scene, START, seed).expect("the plant starts");
    let mut disturbance = Disturbance::new(scene, seed);
    let shown = move |minute: u32| {
        let (mut truth, mut batch) = (Vec::new(), SampleBatch::new(Origin::Measured));
        let at = START + MINUTE * minute;
        plant.truth_at(at, &mut truth).expect("the plant goes on");
        disturbance.apply(at, MINUTE * minute, &truth, &mut batch.samples);
        batch
    };
    (0..=minutes).map(shown)
}

fn empty(scene: &Scene) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        ..HistoryConfig::default()
    };
    History::new(scene.signals.len(), config)
}

/// Records batches into a store in `folder`.
pub(super) fn record(scene: &Arc<Scene>, folder: &Path, batches: &[SampleBatch]) {
    fs::create_dir_all(folder).expect("a folder");
    let plan = StorePlan {
        place: folder.display().to_string(),
        record: true,
    };
    let mut recording = Recording::start(scene, &plan, None).expect("a store");
    for batch in batches {
        while !recording.has_room() {
            thread::sleep(Duration::from_millis(1));
        }
        recording.record(batch);
    }
    recording.close().expect("closed");
}

/// What the screen shows of the plant at `at`, as a state to start from.
fn shown_state(scene: &Scene, history: &History, at: Timestamp) -> InitialState {
    let max_age: Vec<_> = scene.signals.iter().map(|signal| signal.max_age).collect();
    let mut cursor = FrameCursor::new();
    cursor.advance(history, Some(Origin::Measured), at, &max_age);
    let mut state = InitialState::unknown(scene, at);
    for (signal, row) in scene.signal_ids().zip(cursor.rows()) {
        if let Some(row) = row
            && !row.stale
            && row.sample.quality.class() != QualityClass::Bad
        {
            state.set(signal, row.sample.value);
        }
    }
    state
}

fn branched(opened: &Opened, history: &History, at: Timestamp) -> RunPlan {
    let scenario = session::baseline(&opened.scene);
    let (plant, scene) = (&opened.plant, &opened.scene);
    session::branch(plant, scene, &opened.folder, history, scenario, at, 1)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_branch_has_the_hash_of_the_plant_live_from_the_past_and_from_a_store() {
    let opened = scenes::waterworks();
    let scene = &opened.scene;
    let batches: Vec<_> = stream(&opened, 90, 11).collect();
    let instants = [
        START + MINUTE * 20,
        START + MINUTE * 61,
        START + MINUTE * 90,
    ];
    let mut history = empty(scene);
    let mut live = Vec::new();
    for (batch, minute) in batches.iter().zip(0..) {
        history.insert(batch);
        let now = START + MINUTE * minute;
        if instants.contains(&now) {
            let state = shown_state(scene, &history, now);
            assert!(state.known() > 100, "{} signals are known", state.known());
            let plan = branched(&opened, &history, now);
            assert_eq!(plan.initial.fingerprint(), state.fingerprint(), "live");
            live.push(state.fingerprint());
        }
    }
    assert!(live[0] != live[1] && live[1] != live[2], "the plant moves");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("store");
    record(scene, &place, &batches);
    let place = place.display().to_string();
    let mut past = StorePast::open(scene, &place).expect("the store is there");

    for (at, live) in instants.into_iter().zip(live) {
        let plan = branched(&opened, &history, at);
        assert_eq!(plan.initial.fingerprint(), live, "from the past, at {at}");
        let question = Question::Start(at, Box::new(session::baseline(scene)));
        let Answer::Start(start) = past.ask(question).expect("the store answers") else {
            panic!("it was asked for a start");
        };
        assert_eq!(start.initial.fingerprint(), live, "from a store, at {at}");
    }
}

/// A hash of all that is known of what was measured: instants, values and qualities.
fn measured_hash(scene: &Scene, history: &History) -> u64 {
    let (from, to) = history.span(Origin::Measured).expect("it was measured");
    let mut print = Fingerprint::default();
    for signal in scene.signal_ids() {
        for sample in history.range(Origin::Measured, signal, from, to) {
            print.word(u64::from(signal.0));
            print.bytes(format!("{sample:?}").as_bytes());
        }
    }
    print.value()
}

#[test]
fn the_live_stream_is_the_same_with_and_without_branches() {
    let opened = scenes::waterworks();
    let mut alone = empty(&opened.scene);
    for batch in stream(&opened, 120, 5) {
        alone.insert(&batch);
    }

    let history = RwLock::new(empty(&opened.scene));
    let (ended, finished) = (AtomicBool::new(false), AtomicUsize::new(0));
    let write = |batch: &SampleBatch| {
        let mut history = history.write().unwrap_or_else(PoisonError::into_inner);
        history.insert(batch);
    };
    // The same plant again, while others branch from it and write their bands beside it.
    let branch_again = |first: u32| {
        for run in 0.. {
            if ended.load(Ordering::Relaxed) {
                break;
            }
            let plan = {
                let history = history.read().unwrap_or_else(PoisonError::into_inner);
                let Some((_, now)) = history.span(Origin::Measured) else {
                    continue;
                };
                let mut plan = branched(&opened, &history, now);
                plan.scenario.members = 4;
                plan.scenario.horizon = MINUTE * 60;
                plan
            };
            let (id, kept) = (RunId(first + 3 * run), plan.clone());
            let each = |chunk: &_, _: &_, _: &_| {
                session::sample_batches(id, &kept, chunk)
                    .iter()
                    .for_each(&write);
                true
            };
            let done = session::compute(plan, &opened.scene, 2, &Control::default(), each);
            assert_eq!(done.state, RunState::Finished, "{:?}", done.failures);
            finished.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for first in 0..3 {
            let branch_again = &branch_again;
            scope.spawn(move || branch_again(first));
        }
        for (place, batch) in stream(&opened, 120, 5).enumerate() {
            // Six ensembles at least come to their end on the way.
            while finished.load(Ordering::Relaxed) < place / 20 {
                thread::sleep(Duration::from_millis(1));
            }
            write(&batch);
        }
        ended.store(true, Ordering::Relaxed);
    });
    let beside = history.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(beside.origins().count() > 6, "bands were written beside");
    assert_eq!(beside.len(Origin::Measured), alone.len(Origin::Measured));
    assert_eq!(
        measured_hash(&opened.scene, &beside),
        measured_hash(&opened.scene, &alone)
    );
}

/// All that a computation tells, but for the seconds it took: `{:?}` tells every bit.
fn told(opened: &Opened, scenario: &Scenario, seed: u64, threads: usize) -> (String, usize) {
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, START),
        scenario: scenario.clone(),
        seed,
    };
    let mut text = String::new();
    let each = |chunk: &_, _: &_, _: &_| {
        text.push_str(&format!("{chunk:?}\n"));
        true
    };
    let done = session::compute(plan, &opened.scene, threads, &Control::default(), each);
    let told = &done.progress;
    text.push_str(&format!(
        "{:?} {:?} {:?} {:?} {:?} {:x}",
        told.totals, told.breaches, told.kpis, done.state, done.failures, done.result_hash
    ));
    (text, told.breaches.len())
}

#[test]
fn parallel_tells_all_that_serial_tells() {
    let opened = scenes::waterworks();
    let off = |name: &str| {
        let pump = opened.scene.find_signal(name).expect("a signal");
        Override::always(pump, parallax::scene::Effect::Set(0.0))
    };
    let scenario = Scenario {
        members: 19,
        horizon: MINUTE * 600,
        faults: vec![
            off("P-301.available"),
            off("P-302.available"),
            off("P-303.available"),
        ],
        ..session::baseline(&opened.scene)
    };
    let (serial, breaches) = told(&opened, &scenario, 3, 1);
    assert!(breaches > 3, "{breaches}: without pumps the town runs dry");
    for threads in [2, 3] {
        assert!(
            told(&opened, &scenario, 3, threads).0 == serial,
            "{threads} threads"
        );
    }
}

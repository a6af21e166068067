//! Futures of the shipped waterworks: deterministic, restartable, bounded, started from what
//! was measured.

use std::sync::Arc;
use std::time::Duration;

use parallax::history::{History, HistoryConfig};
use parallax::scene::{Effect, Override, Scenario};
use parallax::session::{self, Control, Opened};
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::simulation::{Chunk, InitialState, Run, RunPlan, RunState};
use parallax::time::Timestamp;

use super::scenes;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);

fn scenario(opened: &Opened, members: u32, hours: u64) -> Scenario {
    Scenario {
        members,
        horizon: Duration::from_secs(hours * 3_600),
        ..session::baseline(&opened.scene)
    }
}

fn plan(opened: &Opened, scenario: Scenario, seed: u64) -> RunPlan {
    RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, START),
        scenario,
        seed,
    }
}

/// Every band of a computation, in order, as bits.
fn bits(opened: &Opened, plan: RunPlan, threads: usize) -> Vec<u64> {
    let mut bits = Vec::new();
    let done = session::compute(
        plan,
        &opened.scene,
        threads,
        &Control::default(),
        |chunk: &Chunk, _, _| {
            let values = chunk
                .bands
                .iter()
                .flat_map(|band| [band.p10, band.p50, band.p90]);
            bits.extend(values.map(f64::to_bits));
            true
        },
    );
    assert_eq!(done.state, RunState::Finished, "{:?}", done.failures);
    bits
}

fn values(run: &Run, plan: &RunPlan) -> Vec<u64> {
    plan.plant
        .outputs()
        .iter()
        .map(|signal| run.value(*signal).to_bits())
        .collect()
}

fn signal(opened: &Opened, name: &str) -> SignalId {
    opened
        .scene
        .find_signal(name)
        .unwrap_or_else(|| panic!("the scene has `{name}`"))
}

#[test]
fn parallel_equals_serial_bit_for_bit() {
    let opened = scenes::waterworks();
    for seed in [1, 2] {
        let scenario = scenario(&opened, 7, 3);
        let serial = bits(&opened, plan(&opened, scenario.clone(), seed), 1);
        let parallel = bits(&opened, plan(&opened, scenario, seed), 3);
        assert!(serial == parallel, "seed {seed}");
    }
}

#[test]
fn equal_seeds_give_equal_futures_and_other_seeds_do_not() {
    let opened = scenes::waterworks();
    let compute = |seed| bits(&opened, plan(&opened, scenario(&opened, 3, 2), seed), 1);
    assert!(compute(5) == compute(5));
    assert!(compute(5) != compute(6), "uncertain demand must differ");
}

#[test]
fn a_restored_run_goes_on_as_if_it_had_never_stopped() {
    let opened = scenes::waterworks();
    let plan = Arc::new(plan(&opened, scenario(&opened, 1, 12), 3));
    let mut straight = Run::start(Arc::clone(&plan), 0).expect("the plant starts");
    let mut saved = None;
    for step in 0..96 {
        if step == 40 {
            saved = Some(straight.save());
        }
        straight.step().expect("the plant goes on");
    }
    let mut restored = Run::start(Arc::clone(&plan), 0).expect("the plant starts");
    restored
        .restore(&saved.expect("saved on the way"))
        .expect("it is its own state");
    for _ in 40..96 {
        restored.step().expect("the plant goes on");
    }
    assert_eq!(restored.now(), straight.now());
    assert!(values(&restored, &plan) == values(&straight, &plan));
}

#[test]
fn a_run_starts_from_the_levels_that_were_measured() {
    let opened = scenes::waterworks();
    let scene = &opened.scene;
    let level = scene
        .signal_ids()
        .find(|id| {
            opened.plant.role(*id) == Some(parallax::models::Causality::State)
                && scene.signal(*id).name == "level"
                && scene.signal(*id).measured
        })
        .expect("a tank's level is measured");
    let range = scene.signal(level).range;
    let measured = range.0 + 0.6 * (range.1 - range.0);
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    let mut batch = SampleBatch::new(Origin::Measured);
    batch.push(level, Sample::good(START, measured));
    history.insert(&batch);
    let base = session::baseline(scene);
    let (plant, folder) = (&opened.plant, &opened.folder);
    let plan = session::branch(plant, scene, folder, &history, base.clone(), START, 1)
        .expect("nothing is prescribed");
    assert_eq!(plan.initial.known(), 1);
    let run = Run::start(Arc::new(plan), 0).expect("the plant starts");
    assert_eq!(
        run.value(level),
        measured,
        "{}",
        scene.signal(level).full_name
    );

    // The same level, but bad or long gone, must not be believed.
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    let bad = Sample {
        quality: Quality::BadSensorFailure,
        ..Sample::good(START, measured)
    };
    history.insert(&SampleBatch {
        origin: Origin::Measured,
        samples: vec![(level, bad)],
    });
    let initial = InitialState::from_history(scene, &history, START);
    assert_eq!(initial.value(level), None);
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    history.insert(&batch);
    let later = START + scene.signal(level).max_age + Duration::from_secs(1);
    assert_eq!(
        InitialState::from_history(scene, &history, later).value(level),
        None
    );
}

#[test]
fn an_override_holds_from_its_time_on_and_moves_nothing_before() {
    let opened = scenes::waterworks();
    let pump = signal(&opened, "P-301.running");
    let base = scenario(&opened, 1, 3);
    let mut tripped = base.clone();
    tripped.overrides.push(Override {
        signal: pump,
        effect: Effect::Set(0.0),
        from: Duration::from_secs(3_600),
        until: None,
        ramp: Duration::ZERO,
    });
    let outputs = opened.plant.outputs().len();
    let place = opened
        .plant
        .outputs()
        .iter()
        .position(|output| *output == pump)
        .expect("a model uses the pump");
    let as_is = bits(&opened, plan(&opened, base.clone(), 1), 1);
    let tripped = bits(&opened, plan(&opened, tripped, 1), 1);
    let steps_before = usize::try_from(3_600 / base.step.as_secs()).expect("few");
    let row = outputs * 3;
    assert!(
        as_is[..steps_before * row] == tripped[..steps_before * row],
        "nothing moves early"
    );
    for (step, values) in tripped.chunks(row).enumerate().skip(steps_before + 1) {
        assert_eq!(f64::from_bits(values[place * 3 + 1]), 0.0, "step {step}");
    }
    assert!(as_is != tripped, "a tripped pump is felt");
}

#[test]
fn a_cancelled_run_stops_and_says_so() {
    let opened = scenes::waterworks();
    let control = Control::default();
    let mut chunks = 0;
    let done = session::compute(
        plan(&opened, scenario(&opened, 2, 24), 1),
        &opened.scene,
        1,
        &control,
        |_, _, _| {
            chunks += 1;
            if chunks == 2 {
                control.cancel();
            }
            true
        },
    );
    assert_eq!((done.state, chunks), (RunState::Cancelled, 2));
    assert!(done.progress.reached < START + Duration::from_secs(24 * 3_600));
}

#[test]
fn bands_enter_the_history_by_the_same_door() {
    let opened = scenes::waterworks();
    let plan = plan(&opened, scenario(&opened, 5, 1), 1);
    let (run, kept) = (RunId(9), plan.clone());
    let mut history = History::new(opened.scene.signals.len(), HistoryConfig::default());
    session::compute(
        plan,
        &opened.scene,
        1,
        &Control::default(),
        |chunk, _, _| {
            for batch in session::sample_batches(run, &kept, chunk) {
                history.insert(&batch);
            }
            true
        },
    );
    let end = START + Duration::from_secs(3_600);
    for signal in kept.plant.outputs() {
        let value = |origin| {
            let seen = history.latest_at(origin, *signal, end);
            seen.map(|seen| seen.sample.value)
                .expect("every output has every band")
        };
        let (low, middle, high) = (
            value(Origin::BandLow(run)),
            value(Origin::Simulated(run)),
            value(Origin::BandHigh(run)),
        );
        assert!(low <= middle && middle <= high, "{low} {middle} {high}");
    }
}

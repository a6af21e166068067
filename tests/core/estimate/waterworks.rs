//! The shipped waterworks with hidden numbers, seen through its emulator's instruments.

use std::sync::Arc;
use std::time::Duration;

use parallax::history::{History, HistoryConfig};
use parallax::scene::{
    Correlation, Distribution, Effect, Override, Scenario, Uncertain, UncertainEffect,
};
use parallax::session::{self, EstimatePlan, Opened};
use parallax::signal::{Origin, Quality, Sample, SampleBatch, SignalId};
use parallax::simulation::Run;
use parallax::simulation::estimate::{Estimate, EstimateError, Parameter};
use parallax::telemetry::emulator::Disturbance;
use parallax::time::Timestamp;

use crate::scenes;

/// Six in the morning: demand rises and pumps change over.
const START: Timestamp = Timestamp::from_secs(1_767_225_600 + 6 * 3_600);
const HOURS: u64 = 6;

/// What is true and nobody is told.
const HIDDEN: [(&str, Effect); 5] = [
    ("D-411.demand_factor", Effect::Times(1.15)),
    ("D-412.demand_factor", Effect::Times(0.88)),
    ("D-413.demand_factor", Effect::Times(1.22)),
    ("P-301.wear", Effect::Set(0.12)),
    ("P-102.wear", Effect::Set(0.2)),
];

/// A plant with hidden numbers and what its instruments say of it.
struct Trial {
    opened: Opened,
    history: History,
    end: Timestamp,
    /// What is true at the end, of every signal.
    truth: Vec<f64>,
}

fn signal(opened: &Opened, name: &str) -> SignalId {
    let found = opened.scene.find_signal(name);
    found.unwrap_or_else(|| panic!("the scene has `{name}`"))
}

/// Runs the plant for some hours; instruments whose name contains one of `missing` do not exist,
/// and `spoil` may change what others say.
fn trial(
    hidden: &[(&str, Effect)],
    missing: &[&str],
    seed: u64,
    mut spoil: impl FnMut(&str, &mut Sample),
) -> Trial {
    let mut opened = scenes::waterworks();
    let faults: Vec<_> = hidden
        .iter()
        .map(|(name, effect)| Override::always(signal(&opened, name), effect.clone()))
        .collect();
    let scene = Arc::get_mut(&mut opened.scene).expect("nobody else holds it");
    scene.emulator.faults = faults;
    scene.emulator.drifts.clear();
    let scene = Arc::clone(&opened.scene);
    let mut plant =
        session::emulated_plant(&opened.plant, &scene, START, seed).expect("the plant starts");
    let mut disturbance = Disturbance::new(&scene, seed);
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    let (mut values, mut shown) = (Vec::new(), Vec::new());
    // The plant has settled before the window begins.
    let settle = 3_600;
    let mut truth = vec![f64::NAN; scene.signals.len()];
    for secs in (0..=settle + HOURS * 3_600).step_by(10) {
        let after = Duration::from_secs(secs);
        values.clear();
        shown.clear();
        plant
            .truth_at(START + after, &mut values)
            .expect("the plant goes on");
        for (id, value) in &values {
            truth[id.index()] = *value;
        }
        disturbance.apply(START + after, after, &values, &mut shown);
        shown.retain(|(id, _)| {
            let name = &scene.signal(*id).full_name;
            !missing.iter().any(|part| name.contains(part))
        });
        for (id, sample) in &mut shown {
            spoil(&scene.signal(*id).full_name, sample);
        }
        history.insert(&SampleBatch {
            origin: Origin::Measured,
            samples: shown.clone(),
        });
    }
    Trial {
        opened,
        history,
        end: START + Duration::from_secs(settle + HOURS * 3_600),
        truth,
    }
}

fn plan() -> EstimatePlan {
    EstimatePlan {
        window: Duration::from_secs(HOURS * 3_600),
        seed: 99,
        ..EstimatePlan::default()
    }
}

fn estimate(trial: &Trial) -> Result<Estimate, EstimateError> {
    let opened = &trial.opened;
    session::estimate(
        &opened.plant,
        &opened.scene,
        &trial.history,
        trial.end,
        &plan(),
    )
}

fn parameter<'a>(trial: &Trial, estimate: &'a Estimate, name: &str) -> &'a Parameter {
    let id = signal(&trial.opened, name);
    let found = estimate
        .parameters
        .iter()
        .find(|one| one.prior.signal == id);
    found.unwrap_or_else(|| panic!("`{name}` is free"))
}

#[track_caller]
fn check_recovered(trial: &Trial, estimate: &Estimate, hidden: &[(&str, Effect)]) {
    for (name, effect) in hidden {
        let (Effect::Times(truth) | Effect::Set(truth)) = effect else {
            continue;
        };
        let found = parameter(trial, estimate, name);
        println!("{name}: {:.4} ± {:.4}, true {truth}", found.value, found.sd);
        assert!(
            (found.value / truth - 1.0).abs() < 0.05,
            "{name}: {} ± {} for {truth}",
            found.value,
            found.sd
        );
        assert!(!found.is_uninformed(), "{name}");
    }
}

#[test]
fn hidden_numbers_are_recovered_from_noisy_telemetry() {
    for seed in [1, 2] {
        // Nobody meters the districts.
        let trial = trial(&HIDDEN, &["D-41"], seed, |_, _| {});
        let found = estimate(&trial).expect("there is data");
        for one in &found.residuals {
            println!(
                "{:24} {:4} sd {:.2e} mean {:8.2} rms {:8.2} scale {:6.2} {}",
                trial.opened.scene.signal(one.signal).full_name,
                one.count,
                one.sd,
                one.mean,
                one.rms,
                one.scale,
                one.tells
            );
        }
        println!(
            "{} steps, {} runs, {:?}",
            found.iterations, found.runs, found.costs
        );
        check_recovered(&trial, &found, &HIDDEN);
    }
}

#[test]
fn a_tank_that_nobody_measures_gets_its_level_and_its_doubt() {
    let mut trial = trial(&[], &["TK-401.level", "LT-401.level", "D-41"], 3, |_, _| {});
    let level = signal(&trial.opened, "TK-401.level");
    let scene = Arc::get_mut(&mut trial.opened.scene).expect("nobody else holds it");
    scene.estimate = vec![Uncertain {
        signal: level,
        effect: UncertainEffect::Start,
        distribution: Distribution::Normal(3.0, 1.0),
    }];
    let found = estimate(&trial).expect("there is data");
    let state = found.states.iter().find(|state| state.signal == level);
    let state = state.expect("the level is a state that nobody measures");
    let truth = trial.truth[level.index()];
    println!(
        "level {:.3} ± {:.3} m, true {truth:.3} m",
        state.value, state.sd
    );
    assert!(
        (state.value / truth - 1.0).abs() < 0.05,
        "{} for {truth}",
        state.value
    );
    assert!(state.sd > 0.0 && state.sd < 0.3, "{}", state.sd);

    // A future from there starts at that level, and each member at its own.
    let opened = &trial.opened;
    let scenario = Scenario {
        members: 200,
        ..session::baseline(&opened.scene)
    };
    let plan = session::branch_estimated(
        &opened.plant,
        &opened.scene,
        &opened.folder,
        &trial.history,
        scenario,
        &found,
        7,
    )
    .expect("nothing is prescribed");
    assert_eq!(plan.initial.value(level), Some(state.value));
    let plan = Arc::new(plan);
    let starts: Vec<f64> = (0..200)
        .map(|member| {
            let run = Run::start(Arc::clone(&plan), member).expect("the plant starts");
            run.value(level)
        })
        .collect();
    let mean = starts.iter().sum::<f64>() / 200.0;
    let squares = starts.iter().map(|start| (start - mean).powi(2));
    let sd = (squares.sum::<f64>() / 199.0).sqrt();
    assert!((mean - state.value).abs() < 4.0 * state.sd / 14.0, "{mean}");
    assert!((sd / state.sd - 1.0).abs() < 0.25, "{sd} for {}", state.sd);
}

#[test]
fn a_broken_instrument_does_not_spoil_the_estimate() {
    // A flow meter is stuck, a pressure sensor is biased, and one reading in fifty is nonsense.
    let mut stuck = None;
    let mut count = 0;
    let trial = trial(&HIDDEN, &["D-41"], 4, |name, sample| {
        count += 1;
        match name {
            "FT-411.flow" => sample.value = *stuck.get_or_insert(sample.value),
            "PT-301.pressure" => sample.value += 0.8e5,
            "PL-413.flow" if count % 50 == 0 => sample.value *= 40.0,
            _ => {}
        }
    });
    let found = estimate(&trial).expect("there is data");
    check_recovered(&trial, &found, &HIDDEN);
    let broken = signal(&trial.opened, "PT-301.pressure");
    let residual = found.residuals.iter().find(|one| one.signal == broken);
    let residual = residual.expect("it was compared");
    assert!(residual.rms > 10.0 && residual.scale > 10.0, "{residual:?}");
}

#[test]
fn a_pump_that_stood_still_tells_nothing_of_its_wear() {
    let trial = trial(&[], &[], 5, |_, _| {});
    let found = estimate(&trial).expect("there is data");
    // P-303 stands by.
    let idle = parameter(&trial, &found, "P-303.wear");
    assert!(
        idle.is_uninformed() && (idle.value - 0.05).abs() < 0.01,
        "{idle:?}"
    );
    assert!(!parameter(&trial, &found, "P-301.wear").is_uninformed());
}

#[test]
fn nothing_usable_is_an_error_and_not_an_answer() {
    let trial = trial(&[], &[], 6, |_, sample| {
        sample.quality = Quality::BadSensorFailure;
    });
    let error = estimate(&trial).expect_err("all is bad");
    assert!(matches!(error, EstimateError::NoData { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("2026-01-01") && text.contains("choose a window"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_free_is_refused_with_a_reason() {
    let mut trial = trial(&[], &[], 7, |_, _| {});
    let cases = [
        ("FT-301.flow", UncertainEffect::Times, "no model knows it"),
        ("PL-302.flow", UncertainEffect::Times, "a model computes it"),
        ("TK-401.level", UncertainEffect::Set, "it is a state"),
        ("P-301.wear", UncertainEffect::Start, "it is no state"),
    ];
    for (name, effect, why) in cases {
        let free = signal(&trial.opened, name);
        let scene = Arc::get_mut(&mut trial.opened.scene).expect("nobody else holds it");
        scene.estimate = vec![Uncertain {
            signal: free,
            effect,
            distribution: Distribution::Normal(1.0, 0.1),
        }];
        let error = estimate(&trial).expect_err("it cannot be free").to_string();
        assert!(error.contains(name) && error.contains(why), "{error}");
    }
    let scene = Arc::get_mut(&mut trial.opened.scene).expect("nobody else holds it");
    scene.estimate.clear();
    assert_eq!(estimate(&trial).err(), Some(EstimateError::NothingFree));
}

#[test]
fn an_estimate_is_the_same_on_any_number_of_threads_and_carries_its_correlations() {
    let trial = trial(&HIDDEN, &["D-41", "FT-41", "PL-41"], 8, |_, _| {});
    let opened = &trial.opened;
    let with = |threads| {
        let plan = EstimatePlan { threads, ..plan() };
        session::estimate(
            &opened.plant,
            &opened.scene,
            &trial.history,
            trial.end,
            &plan,
        )
        .expect("there is data")
    };
    let (serial, parallel) = (with(1), with(3));
    assert!(serial == parallel);
    // Without meters at the districts, more in one looks like less in another.
    let plan = session::branch_estimated(
        &opened.plant,
        &opened.scene,
        &opened.folder,
        &trial.history,
        session::baseline(&opened.scene),
        &serial,
        7,
    )
    .expect("nothing is prescribed");
    let ids = ["D-412.demand_factor", "D-413.demand_factor"].map(|name| signal(opened, name));
    let between = |one: &&Correlation| [one.between.0, one.between.1] == ids;
    let correlation = plan.scenario.correlations.iter().find(between);
    println!("{correlation:?}");
    for id in ids {
        let entries = plan
            .scenario
            .uncertain
            .iter()
            .filter(|one| one.signal == id);
        assert_eq!(entries.count(), 1, "one entry for each signal");
    }
    let (one, other) = (1, 2);
    assert!(
        serial.correlation(one, other) < -0.5,
        "{}",
        serial.correlation(one, other)
    );
}

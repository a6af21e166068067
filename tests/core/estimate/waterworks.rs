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
    let mut plant = session::emulated_plant(&opened.plant, &scene, START, seed)
        .expect("the plant starts");
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
    let found = estimate.parameters.iter().find(|one| one.prior.signal == id);
    found.unwrap_or_else(|| panic!("`{name}` is free"))
}

#[track_caller]
fn check_recovered(trial: &Trial, estimate: &Estimate, hidden: &[(&str, Effect)]) {
    for (name, effect) in hidden {
        let (Effect::Times(truth) | Effect::Set(truth)) = effect else {
            continue;
        };
        let found = parameter(trial, estimate, name);
        println!(
            "{name}: {:.4} ± {:.4}, true {truth}",
            found.value, found.sd
        );
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
                one.count, one.sd, one.mean, one.rms, one.scale, one.tells
            );
        }
        println!("{} steps, {} runs, {:?}", found.iterations, found.runs, found.costs);
        check_recovered(&trial, &found, &HIDDEN);
    }
}

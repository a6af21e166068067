//! The scene's own models as the plant: the truth that an emulator disturbs and publishes.

use std::sync::Arc;
use std::time::Duration;

use crate::population::{FixReport, PopulationId};
use crate::scene::{Effect, Override, Scenario, Scene};
use crate::signal::SignalId;
use crate::simulation::{InitialState, Plant, Run, RunError, RunPlan};
use crate::telemetry::TrackedFixes;
use crate::telemetry::emulator::Truth;
use crate::time::Timestamp;

/// A plant that does what its models say, with faults that the models' users do not know of.
pub struct EmulatedPlant {
    run: Run,
    plan: Arc<RunPlan>,
    /// What the plant was told by commands, and holds since.
    written: Vec<Override>,
    outputs: Vec<SignalId>,
    populations: u32,
}

/// Starts the scene's models at `start`, from their design values, with the emulator's faults.
///
/// Fails as the models do if they cannot start.
pub fn emulated_plant(
    plant: &Arc<Plant>,
    scene: &Scene,
    start: Timestamp,
    seed: u64,
) -> Result<EmulatedPlant, RunError> {
    // Advanced by instants, so that neither horizon nor step ever counts.
    let second = Duration::from_secs(1);
    let scenario = Scenario {
        faults: scene.emulator.faults.clone(),
        ..Scenario::plain("The plant", second, second)
    };
    let initial = InitialState::unknown(scene, start);
    let plan = RunPlan {
        plant: Arc::clone(plant),
        initial,
        scenario,
        seed,
    };
    let outputs = plant.outputs().iter().copied();
    let outputs = outputs
        .filter(|signal| scene.signal(*signal).measured)
        .collect();
    let plan = Arc::new(plan);
    Ok(EmulatedPlant {
        run: Run::start(Arc::clone(&plan), 0)?,
        plan,
        written: Vec::new(),
        outputs,
        populations: plant.populations().count() as u32,
    })
}

impl EmulatedPlant {
    /// Holds `signal` at `value`, SI, from `at` on, as a command says.
    pub fn write(&mut self, signal: SignalId, value: f64, at: Timestamp) -> Result<(), RunError> {
        self.written.retain(|known| known.signal != signal);
        self.written.push(Override {
            from: at.since(self.plan.initial.at()),
            ..Override::always(signal, Effect::Set(value))
        });
        let mut plan = (*self.plan).clone();
        plan.scenario.overrides.extend(self.written.iter().cloned());
        let saved = self.run.save();
        let mut run = Run::start(Arc::new(plan), 0)?;
        run.restore(&saved)?;
        self.run = run;
        Ok(())
    }

    /// Goes on to `at` and tells what is true then: every measured signal, SI.
    pub fn truth_at(
        &mut self,
        at: Timestamp,
        truth: &mut Vec<(SignalId, f64)>,
    ) -> Result<(), RunError> {
        self.run.advance_to(at)?;
        truth.extend(
            self.outputs
                .iter()
                .map(|signal| (*signal, self.run.value(*signal))),
        );
        Ok(())
    }
}

impl Truth for EmulatedPlant {
    fn at(&mut self, at: Timestamp, values: &mut Vec<(SignalId, f64)>) -> Result<(), String> {
        self.truth_at(at, values).map_err(|error| error.to_string())
    }

    fn whereabouts(&self) -> Vec<TrackedFixes> {
        let all = (0..self.populations).map(PopulationId);
        let fixes = all.map(|population| {
            let frame = self.run.population(population);
            TrackedFixes {
                population,
                report: FixReport {
                    at: frame.at(),
                    rows: frame.rows().to_vec(),
                    gone: Vec::new(),
                    whole: true,
                },
            }
        });
        fixes.collect()
    }
}

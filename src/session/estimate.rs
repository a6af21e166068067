//! From the last hours of the history to a run that knows what nobody measures.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{ForcingError, branch};
use crate::history::History;
use crate::scene::{Scenario, Scene};
use crate::simulation::estimate::{self, Estimate, EstimateError, Observations, Question, Window};
use crate::simulation::{Plant, RunPlan};
use crate::time::Timestamp;

/// How the past is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstimatePlan {
    /// How far back it is looked at.
    pub window: Duration,
    /// The distance of the instants that are compared.
    pub step: Duration,
    /// Where the models' random numbers come from.
    pub seed: u64,
    /// Threads. The answer does not depend on it.
    pub threads: usize,
}

impl Default for EstimatePlan {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(6 * 3_600),
            step: Duration::from_secs(300),
            seed: 1,
            threads: 1,
        }
    }
}

/// Fits what the scene's `estimate` list names to what was measured before `at`.
pub fn estimate(
    plant: &Arc<Plant>,
    scene: &Scene,
    history: &History,
    at: Timestamp,
    plan: &EstimatePlan,
) -> Result<Estimate, EstimateError> {
    let window = Window::before(at, plan.window, plan.step);
    let observations = observe(plant, scene, history, window)?;
    fit(plant, scene, &observations, plan)
}

/// What the scene's `estimate` list is fitted to.
pub fn observe(
    plant: &Plant,
    scene: &Scene,
    history: &History,
    window: Window,
) -> Result<Observations, EstimateError> {
    let free: Vec<_> = scene.estimate.iter().map(|one| one.signal).collect();
    Observations::from_history(scene, plant, history, window, &free)
}

/// Fits what the scene's `estimate` list names to observations; needs no history any more.
pub fn fit(
    plant: &Arc<Plant>,
    scene: &Scene,
    observations: &Observations,
    plan: &EstimatePlan,
) -> Result<Estimate, EstimateError> {
    let mut question = Question {
        free: scene.estimate.clone(),
        seed: plan.seed,
        parallel: false,
    };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(plan.threads);
    // Where no threads can be had, the calling one will do.
    match (plan.threads > 1)
        .then(|| threads.build())
        .and_then(Result::ok)
    {
        Some(pool) => {
            question.parallel = true;
            pool.install(|| estimate::estimate(scene, plant, observations, &question))
        }
        None => estimate::estimate(scene, plant, observations, &question),
    }
}

/// The plan of `scenario` from the end of the estimate's window: measured where the plant was
/// measured, estimated where it was not, uncertain as far as the estimate is.
pub fn branch_estimated(
    plant: &Arc<Plant>,
    scene: &Scene,
    folder: &Path,
    history: &History,
    scenario: Scenario,
    estimate: &Estimate,
    seed: u64,
) -> Result<RunPlan, ForcingError> {
    let at = estimate.window.end();
    let mut plan = branch(plant, scene, folder, history, scenario, at, seed)?;
    estimate.carry_into(&mut plan);
    Ok(plan)
}

//! From the history to the plan of a run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::forcing::{self, ForcingError};
use crate::history::History;
use crate::scene::{Scenario, Scene};
use crate::simulation::{InitialState, Plant, RunPlan};
use crate::time::Timestamp;

/// The plan of `scenario` from the plant as it was measured at `at`; `folder` is the scene's, for
/// the files that the scenario names.
pub fn branch(
    plant: &Arc<Plant>,
    scene: &Scene,
    folder: &Path,
    history: &History,
    scenario: Scenario,
    at: Timestamp,
    seed: u64,
) -> Result<RunPlan, ForcingError> {
    let scenario = forcing::resolve(scenario, scene, folder, history, at)?;
    let initial = InitialState::from_history(scene, history, at);
    Ok(RunPlan {
        plant: Arc::clone(plant),
        initial,
        scenario,
        seed,
    })
}

/// The scenario in which nothing is done: the scene's first, or a plain day if it has none.
pub fn baseline(scene: &Scene) -> Scenario {
    scene
        .scenarios
        .first()
        .cloned()
        .unwrap_or_else(|| Scenario {
            description: "The plant goes on as it is.".to_owned(),
            ..Scenario::plain(
                "As is",
                Duration::from_secs(86_400),
                Duration::from_secs(300),
            )
        })
}

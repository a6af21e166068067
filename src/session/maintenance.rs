//! When a machine is best maintained: one future with the maintenance at several times.
//!
//! All of them draw the same random numbers, so that what differs comes of the maintenance: a
//! failure that it prevents, the time that it takes, and what both cost.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::prognoses::{ForesightError, foresee};
use super::{Control, compute};
use crate::forecast::health::RemainingLife;
use crate::problem::did_you_mean;
use crate::scene::{Effect, Override, Scenario, Scene};
use crate::signal::SignalId;
use crate::simulation::{KpiDifference, KpiResult, RunPlan, RunState};
use crate::time::exact_duration_text;

/// One time at which a machine could be maintained, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MaintenanceOption {
    /// How long after the start it is asked for; `None` for never.
    pub after: Option<Duration>,
    /// What its members are worth.
    pub kpis: Vec<KpiResult>,
    /// What that is more than without maintenance, KPI by KPI; `None` where one has no value.
    pub gains: Vec<Option<KpiDifference>>,
}

/// Why maintenance cannot be weighed.
#[derive(Debug, Error)]
pub enum MaintenanceError {
    /// Nothing of that tag can be maintained.
    #[error("`{tag}` has no signal `{signal}`; {hint}")]
    NoSignal {
        /// The asset.
        tag: String,
        /// The signal that it lacks.
        signal: &'static str,
        /// What there is.
        hint: String,
    },
    /// A future could not be computed.
    #[error("the future with it {when} stopped: {why}")]
    Run {
        /// When the machine is maintained in it.
        when: String,
        /// Why.
        why: String,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Foresight(#[from] ForesightError),
}

/// `scenario` with a machine maintained once, so long after the start; not at all if `None`.
/// `maintain` is the signal that asks for it.
pub fn maintained(scenario: &Scenario, maintain: SignalId, after: Option<Duration>) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.overrides.retain(|one| one.signal != maintain);
    if let Some(from) = after {
        scenario.overrides.push(Override {
            signal: maintain,
            effect: Effect::Set(1.0),
            from,
            until: None,
            ramp: Duration::ZERO,
        });
    }
    scenario
}

/// The signal `maintain` or `wear` of the asset `tag`.
pub fn machine_signal(
    scene: &Scene,
    tag: &str,
    signal: &'static str,
) -> Result<SignalId, MaintenanceError> {
    scene
        .find_signal(&format!("{tag}.{signal}"))
        .ok_or_else(|| {
            let having = scene.signals.iter().filter(|other| other.name == signal);
            let known = having.map(|other| scene.asset(other.asset).tag.as_str());
            MaintenanceError::NoSignal {
                tag: tag.to_owned(),
                signal,
                hint: did_you_mean(tag, known),
            }
        })
}

/// Computes `plan` without the maintenance that `maintain` asks for, and with it at each of
/// `times` after the start: first without, then as `times` has them.
pub fn weigh_maintenance(
    plan: &RunPlan,
    scene: &Scene,
    maintain: SignalId,
    times: &[Duration],
    threads: usize,
) -> Result<Vec<MaintenanceOption>, MaintenanceError> {
    let mut options: Vec<MaintenanceOption> = Vec::with_capacity(times.len() + 1);
    let all = times.iter().copied().map(Some);
    for after in std::iter::once(None).chain(all) {
        let plan = RunPlan {
            scenario: maintained(&plan.scenario, maintain, after),
            ..plan.clone()
        };
        let done = compute(plan, scene, threads, &Control::default(), |_, _, _| true);
        if done.state != RunState::Finished {
            let when = after.map_or_else(|| "never".to_owned(), exact_duration_text);
            let why = match done.state {
                RunState::Failed(reason) => reason,
                _ => "it was cancelled".to_owned(),
            };
            return Err(MaintenanceError::Run { when, why });
        }
        let kpis = done.progress.kpis;
        let never = options.first().map_or(&kpis, |never| &never.kpis);
        let pairs = kpis.iter().zip(never);
        let gains = pairs.map(|(one, never)| KpiDifference::between(one, never, true));
        let gains = gains.collect();
        options.push(MaintenanceOption { after, kpis, gains });
    }
    Ok(options)
}

/// How long a machine lasts from its last sample on, s, by what a store holds of its signal
/// `wear`; `None` where too little was seen since it was renewed.
pub fn foresee_failure(
    scene: &Arc<Scene>,
    store: &str,
    wear: SignalId,
) -> Result<Option<RemainingLife>, MaintenanceError> {
    let prognoses = foresee(scene, store, &[wear], None)?;
    Ok(prognoses.outlook(wear).and_then(|outlook| outlook.life))
}

//! What is known of a run while and after it runs.

use crate::scene::Scenario;
use crate::signal::{Origin, RunId, SignalId};
use crate::simulation::{BreachTimes, KpiResult, RunPlan, RunTotals};
use crate::time::Timestamp;

/// How far a run has come.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// Members are being advanced.
    Running,
    /// It rests until somebody lets it go on.
    Paused,
    /// The horizon is reached.
    Finished,
    /// Somebody stopped it; what was computed stays.
    Cancelled,
    /// It could not go on; what was computed stays.
    Failed(String),
}

/// One run on the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its name on screen and in origins.
    pub id: RunId,
    /// What it was asked.
    pub scenario: Scenario,
    /// Its analysis time t0.
    pub start: Timestamp,
    /// Where its random numbers come from.
    pub seed: u64,
    /// How far it has come.
    pub reached: Timestamp,
    /// Whether it goes on.
    pub state: RunState,
    /// What it has done so far.
    pub totals: RunTotals,
    /// CPU seconds so far.
    pub cpu_secs: f64,
    /// Limits that members breach.
    pub breaches: Vec<LimitBreach>,
    /// What its members are worth.
    pub kpis: Vec<KpiResult>,
}

/// A limit that members of a run breach: a predicted alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitBreach {
    /// The signal.
    pub signal: SignalId,
    /// Which of the signal's limits.
    pub limit: usize,
    /// The share of members that breach it, 0 to 1.
    pub probability: f64,
    /// The median instant at which those that breach it first do.
    pub median_first: Timestamp,
    /// The instant by which a tenth of them have done so.
    pub earliest: Timestamp,
    /// How many members first breach it in each stretch of the horizon, and how many never.
    pub when: BreachTimes,
}

impl RunState {
    /// True if more will come: it is at work, or rests.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

impl RunRecord {
    /// Of a run that is about to begin.
    pub fn of(id: RunId, plan: &RunPlan) -> Self {
        Self {
            id,
            scenario: plan.scenario.clone(),
            start: plan.initial.at(),
            seed: plan.seed,
            reached: plan.initial.at(),
            state: RunState::Running,
            totals: RunTotals {
                members: plan.scenario.members,
                ..RunTotals::default()
            },
            cpu_secs: 0.0,
            breaches: Vec::new(),
            kpis: Vec::new(),
        }
    }

    /// The last instant that was asked for.
    pub fn horizon_end(&self) -> Timestamp {
        self.start + self.scenario.horizon
    }

    /// The share that is done, 0 to 1.
    pub fn progress(&self) -> f32 {
        let whole = self.scenario.horizon.as_secs_f64();
        (self.reached.secs_since(self.start) / whole).clamp(0.0, 1.0) as f32
    }
}

/// What a run is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// Another run.
    Run(RunId),
    /// What was measured in the same time.
    Measured,
}

impl Against {
    /// The other run, if it is one.
    pub fn run(self) -> Option<RunId> {
        match self {
            Self::Run(run) => Some(run),
            Self::Measured => None,
        }
    }

    /// Whose samples those are.
    pub fn origin(self) -> Origin {
        match self {
            Self::Run(run) => Origin::Simulated(run),
            Self::Measured => Origin::Measured,
        }
    }
}

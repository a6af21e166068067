//! One run of a campaign: what it is asked and what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::scene::{Scenario, Scene};
use crate::session::{Computation, Control, Opened, compute};
use crate::signal::SignalId;
use crate::simulation::{Fingerprint, InitialState, KpiStatistics, RunPlan, RunState};
use crate::time::Timestamp;

/// All that one run depends on, but for the scene: it can be sent to another machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The run, counted from 0.
    pub run: u32,
    /// The analysis time.
    pub start: Timestamp,
    /// What is known at that time: signal and value, SI.
    pub known: Vec<(SignalId, f64)>,
    /// What is done to the plant.
    pub scenario: Scenario,
    /// Where random numbers come from.
    pub seed: u64,
    /// What the plan's fingerprint is where it was made.
    pub fingerprint: u64,
}

/// What came of a run. Equal tasks have equal outcomes, bit for bit, on every machine; what
/// differs is in [`Effort`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it did not reach its horizon; `None` if it did.
    pub failure: Option<String>,
    /// Members that were asked for.
    pub members: u32,
    /// Members that could not go on.
    pub failed_members: u32,
    /// By KPI of the scene, in its unit; `None` if there is no value.
    pub kpis: Vec<Option<KpiValue>>,
    /// The probability of breaching a limit, by `tag.signal kind`; those of 0 left out.
    pub breaches: BTreeMap<String, f64>,
    /// The fingerprint of the plan that was run.
    pub plan_fingerprint: u64,
    /// A hash of all outputs of all members.
    pub result_hash: u64,
}

/// One KPI of a run, in its unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiValue {
    /// The mean over members.
    pub mean: f64,
    /// The 95 % interval of the mean, by Student's t.
    pub interval: Option<(f64, f64)>,
    /// A tenth of the members lie below.
    pub p10: f64,
    /// Half of the members lie below.
    pub p50: f64,
    /// A tenth of the members lie above.
    pub p90: f64,
}

/// What a run took, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effort {
    /// CPU seconds.
    pub cpu_secs: f64,
    /// Who computed it.
    pub worker: String,
}

impl Task {
    /// The task of one run from `initial`.
    pub fn new(
        run: u32,
        opened: &Opened,
        initial: &InitialState,
        scenario: Scenario,
        seed: u64,
    ) -> Self {
        let known = opened.scene.signal_ids();
        let mut task = Self {
            run,
            start: initial.at(),
            known: known
                .filter_map(|signal| Some((signal, initial.value(signal)?)))
                .collect(),
            scenario,
            seed,
            fingerprint: 0,
        };
        task.fingerprint = task.plan(opened).fingerprint();
        task
    }

    /// The plan of this task in a scene.
    pub fn plan(&self, opened: &Opened) -> RunPlan {
        let mut initial = InitialState::unknown(&opened.scene, self.start);
        for (signal, value) in &self.known {
            initial.set(*signal, *value);
        }
        RunPlan {
            plant: Arc::clone(&opened.plant),
            initial,
            scenario: self.scenario.clone(),
            seed: self.seed,
        }
    }

    /// Computes it with `threads` threads. The outcome does not depend on them.
    pub fn compute(&self, opened: &Opened, threads: usize, worker: &str) -> (Outcome, Effort) {
        let plan = self.plan(opened);
        let plan_fingerprint = plan.fingerprint();
        let control = Control::default();
        let done = compute(plan, &opened.scene, threads, &control, |_, _, _| true);
        let effort = Effort {
            cpu_secs: done.progress.cpu_secs,
            worker: worker.to_owned(),
        };
        (Outcome::of(&opened.scene, &done, plan_fingerprint), effort)
    }
}

impl Outcome {
    fn of(scene: &Scene, done: &Computation, plan_fingerprint: u64) -> Self {
        let mut kpis = vec![None; scene.kpis.len()];
        for result in &done.progress.kpis {
            if let Some(kpi) = scene.kpis.get(result.kpi) {
                kpis[result.kpi] = result.statistics.map(|told| KpiValue::of(&told, kpi.unit));
            }
        }
        let breaches = done.progress.breaches.iter();
        Self {
            failure: match &done.state {
                RunState::Finished => None,
                RunState::Failed(reason) => Some(reason.clone()),
                RunState::Running | RunState::Paused | RunState::Cancelled => {
                    Some("cancelled".to_owned())
                }
            },
            members: done.progress.totals.members,
            failed_members: done.progress.totals.failed_members,
            kpis,
            breaches: breaches
                .map(|breach| {
                    let name = breach_name(scene, breach.signal, breach.limit);
                    (name, breach.probability)
                })
                .collect(),
            plan_fingerprint,
            result_hash: done.result_hash,
        }
    }

    /// A number over all that it says: it travels with the outcome, and shows what was garbled.
    pub fn check_sum(&self) -> u64 {
        let mut print = Fingerprint::default();
        print.bytes(format!("{self:?}").as_bytes());
        print.value()
    }
}

impl KpiValue {
    fn of(told: &KpiStatistics, unit: crate::units::Unit) -> Self {
        let value = |si| unit.from_si(si);
        Self {
            mean: value(told.mean),
            interval: told.interval.map(|(low, high)| (value(low), value(high))),
            p10: value(told.p10),
            p50: value(told.p50),
            p90: value(told.p90),
        }
    }
}

/// A limit's name in tables: `TK-1.level Low`.
pub(super) fn breach_name(scene: &Scene, signal: SignalId, limit: usize) -> String {
    let signal = scene.signal(signal);
    match signal.limits.get(limit) {
        Some(rule) => format!("{} {:?}", signal.full_name, rule.kind),
        None => signal.full_name.clone(),
    }
}

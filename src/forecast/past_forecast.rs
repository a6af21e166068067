//! A run that lies in the history, scored as its future becomes the past.

use std::sync::Arc;
use std::time::Duration;

use super::{Case, Predicted, Scorer, SkillTable, Subject, day_before, measured_at};
use crate::history::{History, Observation};
use crate::scene::Scene;
use crate::signal::{Origin, RunId, SignalId};
use crate::time::Timestamp;

/// A run of the program, held against what then happened.
///
/// Of an ensemble the history keeps P10, P50 and P90 alone, so that the CRPS is that of three
/// quantiles.
#[derive(Clone, Debug)]
pub struct PastForecast {
    run: RunId,
    start: Timestamp,
    step: Duration,
    signals: Vec<SignalId>,
    persistence: Option<Vec<Option<f64>>>,
    scorer: Scorer,
    /// The output that is looked at next, counted from the start.
    next: u32,
    outputs: u32,
}

impl PastForecast {
    /// A run from `start` with an output every `step` up to `horizon`. `subjects` are about
    /// `signals`, which are those that are scored.
    pub fn new(
        run: RunId,
        start: Timestamp,
        step: Duration,
        horizon: Duration,
        signals: Vec<SignalId>,
        subjects: Arc<[Subject]>,
    ) -> Self {
        let outputs = horizon.as_nanos() / step.as_nanos().max(1);
        Self {
            run,
            start,
            step,
            signals,
            persistence: None,
            scorer: Scorer::new(subjects),
            next: 1,
            outputs: u32::try_from(outputs).unwrap_or(u32::MAX - 1),
        }
    }

    /// The run.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The signals that are scored.
    pub fn signals(&self) -> &[SignalId] {
        &self.signals
    }

    /// True once the whole run is scored.
    pub fn is_finished(&self) -> bool {
        self.next > self.outputs
    }

    /// Scores what the run has said of instants up to `known`, at most `budget` of them. Returns
    /// how many it looked at; 0 if it has to wait.
    ///
    /// `known` is now, less what late samples take to come; the run is computed up to `reached`.
    pub fn score(
        &mut self,
        scene: &Scene,
        history: &History,
        known: Timestamp,
        reached: Timestamp,
        budget: usize,
    ) -> usize {
        let until = known.min(reached);
        let mut looked = 0;
        while looked < budget && !self.is_finished() {
            let ahead = self.step.saturating_mul(self.next);
            let at = self.start + ahead;
            if at > until || !self.score_at(scene, history, at, ahead) {
                break;
            }
            self.next += 1;
            looked += 1;
        }
        looked
    }

    /// Adds what is scored so far to `table`, as one run.
    pub fn add_to(&self, table: &mut SkillTable) {
        self.scorer.add_to(table);
    }

    /// Scores one instant; false while what was measured is being loaded.
    fn score_at(
        &mut self,
        scene: &Scene,
        history: &History,
        at: Timestamp,
        ahead: Duration,
    ) -> bool {
        let measured = |at| measured_at(scene, history, &self.signals, at);
        if self.persistence.is_none() {
            self.persistence = measured(self.start);
        }
        let yesterday = measured(day_before(self.start, ahead));
        let (Some(truths), Some(yesterday)) = (measured(at), yesterday) else {
            return false;
        };
        let Some(persistence) = &self.persistence else {
            return false;
        };
        for (subject, signal) in self.signals.iter().enumerate() {
            let value = |origin| {
                let seen = history.latest_at(origin, *signal, at);
                let seen = seen.filter(|seen: &Observation| seen.sample.at == at);
                seen.map(|seen| seen.sample.value)
            };
            let Some(middle) = value(Origin::Simulated(self.run)) else {
                continue;
            };
            let band = value(Origin::BandLow(self.run)).zip(value(Origin::BandHigh(self.run)));
            let Some(truth) = truths[subject] else {
                self.scorer.leave_out(subject, ahead);
                continue;
            };
            self.scorer.add(&Case {
                subject,
                ahead,
                predicted: match band {
                    Some((low, high)) => Predicted::Quantiles(low, middle, high),
                    None => Predicted::Value(middle),
                },
                truth,
                persistence: persistence[subject],
                day_before: yesterday[subject],
            });
        }
        true
    }
}

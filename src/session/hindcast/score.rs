//! One hindcast: a run from the past, chunk by chunk beside what was measured.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::past::{Answer, Question, Start};
use super::{HindcastPlan, OneError, Past, PastError};
use crate::forecast::{Case, Predicted, Scorer, Subject, day_before};
use crate::session::{Control, compute, forcing};
use crate::signal::SignalId;
use crate::simulation::{Chunk, Ensemble, RunPlan, RunState};
use crate::time::Timestamp;

/// Makes hindcasts of a plan, from one instant at a time.
pub(super) struct OneHindcast<'a> {
    plan: &'a HindcastPlan,
    signals: Arc<[SignalId]>,
    subjects: Arc<[Subject]>,
    /// By scored signal: its place among the plant's outputs.
    outputs: Vec<usize>,
    /// By scored signal: what its model, and all before that, start from.
    starts_from: Vec<Vec<SignalId>>,
}

/// What one hindcast gave.
pub(super) struct Made {
    pub(super) scorer: Scorer,
    pub(super) scored: bool,
    /// Signals that runs start from and that were not fit.
    pub(super) unfit: Vec<SignalId>,
    pub(super) cpu_secs: f64,
}

impl<'a> OneHindcast<'a> {
    pub(super) fn new(plan: &'a HindcastPlan) -> Self {
        let signals: Arc<[SignalId]> = plan.signals().into();
        let outputs = plan.plant.outputs();
        let places: HashMap<_, _> = outputs.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
        // Most signals of a plant are of few models, and start from the same.
        let mut by_model: HashMap<Option<&str>, Vec<SignalId>> = HashMap::new();
        let mut starts_from = |signal: &SignalId| {
            let model = plan.plant.model_of(*signal);
            let known = by_model.entry(model);
            known
                .or_insert_with(|| plan.plant.starts_from(*signal))
                .clone()
        };
        Self {
            outputs: signals
                .iter()
                .filter_map(|id| places.get(id).copied())
                .collect(),
            starts_from: signals.iter().map(&mut starts_from).collect(),
            subjects: plan.subjects(&signals),
            signals,
            plan,
        }
    }

    /// Runs from `start` and scores it.
    pub(super) fn make(
        &self,
        start: Timestamp,
        past: &mut dyn Past,
        threads: usize,
        cancel: &AtomicBool,
    ) -> Result<Made, OneError> {
        let plan = self.plan;
        let asked = plan.scenario.clone();
        let asked = forcing::resolve_files(asked, &plan.scene, &plan.folder, start)?;
        let begun = self.begin(start, past.ask(Question::Start(start, Box::new(asked)))?)?;
        let is_fit = |from: &Vec<SignalId>| !from.iter().any(|id| begun.unfit.contains(id));
        let fit: Vec<bool> = self.starts_from.iter().map(is_fit).collect();
        let mut made = Made {
            scorer: Scorer::new(Arc::clone(&self.subjects)),
            scored: false,
            unfit: self.unfit(&begun.unfit),
            cpu_secs: 0.0,
        };
        if !fit.contains(&true) {
            return Ok(made); // nothing that it could say would count
        }
        let run = RunPlan {
            plant: Arc::clone(&plan.plant),
            initial: begun.initial,
            scenario: begun.scenario?,
            seed: plan.seed_at(start),
        };
        let persistence = self.measured(past, vec![start])?.pop().unwrap_or_default();
        let scoring = &mut Scoring {
            one: self,
            fit,
            persistence,
            start,
            scorer: &mut made.scorer,
            scored: &mut made.scored,
            members: Vec::new(),
        };
        let (mut lost, control) = (None, Control::default());
        let done = compute(run, &plan.scene, threads, &control, |chunk, ensemble, _| {
            lost = scoring.chunk(past, chunk, ensemble).err();
            // Who draws or answers goes first.
            std::thread::yield_now();
            lost.is_none() && !cancel.load(Ordering::Relaxed)
        });
        if let Some(error) = lost {
            return Err(error.into());
        }
        made.cpu_secs = done.progress.cpu_secs;
        match done.state {
            RunState::Failed(reason) => Err(OneError::Run(reason)),
            _ => Ok(made),
        }
    }

    fn begin(&self, start: Timestamp, answer: Answer) -> Result<Start, OneError> {
        match answer {
            Answer::Start(begun) if begun.initial.at() == start => Ok(*begun),
            _ => Err(PastError::Gone.into()),
        }
    }

    /// Of the signals that were not fit, those that something starts from.
    fn unfit(&self, unfit: &[SignalId]) -> Vec<SignalId> {
        let used = |id: &&SignalId| self.starts_from.iter().any(|from| from.contains(id));
        unfit.iter().filter(used).copied().collect()
    }

    fn measured(
        &self,
        past: &mut dyn Past,
        instants: Vec<Timestamp>,
    ) -> Result<Vec<Vec<Option<f64>>>, PastError> {
        let count = instants.len();
        match past.ask(Question::Measured(Arc::clone(&self.signals), instants))? {
            Answer::Measured(rows) if rows.len() == count => Ok(rows),
            _ => Err(PastError::Gone),
        }
    }
}

/// A hindcast at work.
struct Scoring<'a> {
    one: &'a OneHindcast<'a>,
    /// By scored signal: whether all that it starts from was fit.
    fit: Vec<bool>,
    persistence: Vec<Option<f64>>,
    start: Timestamp,
    scorer: &'a mut Scorer,
    scored: &'a mut bool,
    /// What the members say of one value, reused.
    members: Vec<f64>,
}

impl Scoring<'_> {
    fn chunk(
        &mut self,
        past: &mut dyn Past,
        chunk: &Chunk,
        ensemble: &Ensemble,
    ) -> Result<(), PastError> {
        let width = ensemble.plan().plant.outputs().len();
        let whole = chunk.times.len() * width;
        let count = ensemble.plan().scenario.members.max(1) as usize;
        // One that failed has said less than the others, and counts no more.
        let members: Vec<&[f64]> = (0..count)
            .map(|member| ensemble.member_values(member))
            .filter(|values| values.len() == whole)
            .collect();
        let ahead = |at: &Timestamp| at.since(self.start);
        let before = chunk.times.iter();
        let before = before.map(|at| day_before(self.start, ahead(at)));
        let mut instants = chunk.times.clone();
        instants.extend(before);
        let measured = self.one.measured(past, instants)?;
        let (truths, days) = measured.split_at(chunk.times.len());
        for (place, at) in chunk.times.iter().enumerate() {
            let row = place * width;
            for subject in 0..self.one.signals.len() {
                let ahead = at.since(self.start);
                let Some(truth) = truths[place][subject].filter(|_| self.fit[subject]) else {
                    self.scorer.leave_out(subject, ahead);
                    continue;
                };
                let output = row + self.one.outputs[subject];
                self.members.clear();
                self.members
                    .extend(members.iter().map(|values| values[output]));
                self.members.sort_unstable_by(f64::total_cmp);
                self.scorer.add(&Case {
                    subject,
                    ahead,
                    predicted: Predicted::Members(&self.members),
                    truth,
                    persistence: self.persistence.get(subject).copied().flatten(),
                    day_before: days[place][subject],
                });
                *self.scored |= !ahead.is_zero();
            }
        }
        Ok(())
    }
}

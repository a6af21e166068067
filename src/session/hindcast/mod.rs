//! Hindcasts: runs from the recorded past, held against what then happened.
//!
//! A [`HindcastPlan`] says which; [`hindcast`] computes them one after another, on the calling
//! thread; a [`HindcastJob`] does so on a thread of its own, behind a program that goes on. What
//! was measured comes from a [`Past`]: a store, a history in memory, or one that another thread
//! holds.
//!
//! A forecast is scored only where all that it starts from was known: if a signal that the
//! models start from was bad, stale or of a lost link at the analysis time, what they say of all
//! that depends on it counts for nothing.

mod job;
mod past;
mod past_run;
mod score;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use thiserror::Error;

pub use job::{HindcastJob, PastSource};
pub use past::{Answer, MemoryPast, Past, PastError, Question, StorePast};
pub use past_run::past_forecast;
use score::OneHindcast;

use super::ForcingError;
use crate::forecast::{SkillTable, Subject};
use crate::scene::{Scenario, Scene};
use crate::signal::SignalId;
use crate::simulation::Plant;
use crate::time::Timestamp;

/// More hindcasts are refused: choose a longer distance.
const MAX_STARTS: u64 = 100_000;

/// Which hindcasts are made.
#[derive(Clone)]
pub struct HindcastPlan {
    /// What exists.
    pub scene: Arc<Scene>,
    /// Its models.
    pub plant: Arc<Plant>,
    /// The scene's folder, for files that the scenario names.
    pub folder: PathBuf,
    /// What each run is asked; its horizon is how far ahead is looked.
    pub scenario: Scenario,
    /// The first analysis time.
    pub from: Timestamp,
    /// The last instant that is held against a run.
    pub to: Timestamp,
    /// The distance of analysis times.
    pub every: Duration,
    /// Where random numbers come from; each run has its own of it.
    pub seed: u64,
}

/// Why no hindcast can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HindcastError {
    /// The plant has no models.
    #[error("the scene has no models, so there is nothing to forecast")]
    NoModels,
    /// Analysis times without a distance.
    #[error("the distance of hindcasts must be longer than 0")]
    NoDistance,
    /// The scenario has no outputs.
    #[error("the step must be longer than 0 and within the lead time")]
    NoSteps,
    /// The stretch is too short for one run.
    #[error("from {from} to {to} there is no room for a run of {lead_secs} s")]
    TooShort {
        /// The first instant.
        from: Timestamp,
        /// The last one.
        to: Timestamp,
        /// How far a run looks ahead.
        lead_secs: u64,
    },
    /// It would take for ever.
    #[error("{count} hindcasts are more than {MAX_STARTS}; choose a longer distance")]
    TooMany {
        /// How many.
        count: u64,
    },
}

/// How far hindcasts have come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HindcastProgress {
    /// How many there are in all.
    pub planned: usize,
    /// Those that are done, scored or not.
    pub done: usize,
    /// Of them, those that gave at least one score.
    pub scored: usize,
    /// Why others could not be made, the first few.
    pub failures: Vec<String>,
    /// How many could not be made.
    pub failed: usize,
    /// Signals that were not fit to start from, and in how many hindcasts.
    pub unfit: Vec<(SignalId, usize)>,
    /// CPU seconds of the runs.
    pub cpu_secs: f64,
    /// True once there is nothing left to do, or it was cancelled.
    pub finished: bool,
}

/// Failures that are kept in words.
const MAX_FAILURES: usize = 20;

impl HindcastPlan {
    /// The analysis times, the oldest first.
    pub fn starts(&self) -> Result<Vec<Timestamp>, HindcastError> {
        if self.plant.is_empty() {
            return Err(HindcastError::NoModels);
        }
        let (lead, step) = (self.scenario.horizon, self.scenario.step);
        if step.is_zero() || step > lead {
            return Err(HindcastError::NoSteps);
        }
        let every = self.every.as_nanos();
        if every == 0 {
            return Err(HindcastError::NoDistance);
        }
        let last = self.to - lead;
        if last < self.from {
            return Err(HindcastError::TooShort {
                from: self.from,
                to: self.to,
                lead_secs: lead.as_secs(),
            });
        }
        let count = u64::try_from(last.since(self.from).as_nanos() / every).unwrap_or(u64::MAX);
        let count = count.saturating_add(1);
        if count > MAX_STARTS {
            return Err(HindcastError::TooMany { count });
        }
        let starts = (0..count as u32).map(|place| self.from + self.every * place);
        Ok(starts.collect())
    }

    /// The signals that are scored: computed, and measured too.
    pub fn signals(&self) -> Vec<SignalId> {
        let outputs = self.plant.outputs().iter().copied();
        let scored = |signal: &SignalId| {
            self.scene.signal(*signal).measured && self.plant.model_of(*signal).is_some()
        };
        outputs.filter(scored).collect()
    }

    /// What the scores of these signals are about.
    pub fn subjects(&self, signals: &[SignalId]) -> Arc<[Subject]> {
        let subject = |id: &SignalId| Subject::of(&self.scene, *id, self.plant.model_of(*id));
        signals.iter().map(subject).collect()
    }

    /// The seed of the run from `start`: the same whatever other hindcasts are made.
    fn seed_at(&self, start: Timestamp) -> u64 {
        // SplitMix64 (Steele, Lea and Flood 2014), so that near instants have far seeds.
        let mut mixed = self.seed ^ start.nanos() as u64;
        mixed = mixed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Makes the hindcasts of a plan, one after another, or until `cancel` is set.
///
/// `each` gets what is known after every one; if it returns false, the rest is left. The table
/// does not depend on `threads`.
pub fn hindcast(
    plan: &HindcastPlan,
    past: &mut dyn Past,
    threads: usize,
    cancel: &AtomicBool,
    mut each: impl FnMut(&HindcastProgress, &SkillTable) -> bool,
) -> Result<(HindcastProgress, SkillTable), HindcastError> {
    let starts = plan.starts()?;
    let mut table = SkillTable::default();
    let mut progress = HindcastProgress {
        planned: starts.len(),
        ..HindcastProgress::default()
    };
    let one = OneHindcast::new(plan);
    for start in starts {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        let made = one.make(start, past, threads, cancel);
        if cancel.load(Ordering::Relaxed) {
            break; // half a run is none
        }
        progress.done += 1;
        match made {
            Ok(made) => {
                progress.scored += usize::from(made.scored);
                progress.cpu_secs += made.cpu_secs;
                for signal in made.unfit {
                    match progress.unfit.iter_mut().find(|(id, _)| *id == signal) {
                        Some((_, count)) => *count += 1,
                        None => progress.unfit.push((signal, 1)),
                    }
                }
                made.scorer.add_to(&mut table);
            }
            Err(error) => {
                progress.failed += 1;
                if progress.failures.len() < MAX_FAILURES {
                    progress.failures.push(format!("{start}: {error}"));
                }
            }
        }
        if !each(&progress, &table) {
            break;
        }
    }
    progress.finished = true;
    Ok((progress, table))
}

/// Why one hindcast could not be made.
#[derive(Debug, Error)]
enum OneError {
    #[error(transparent)]
    Past(#[from] PastError),
    #[error(transparent)]
    Forcing(#[from] ForcingError),
    #[error("{0}")]
    Run(String),
}

//! Who tells hindcasts what was measured.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::forecast::measured_at;
use crate::history::{History, HistoryConfig};
use crate::scene::{Scenario, Scene};
use crate::session::forcing::{self, ForcingError};
use crate::session::{Recording, RecordingError, StorePlan};
use crate::signal::{Origin, QualityClass, SignalId};
use crate::simulation::InitialState;
use crate::time::Timestamp;

/// How long a store may take to load an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much of a store is kept in memory, bytes.
const STORE_BYTES: usize = 256 << 20;

/// Why what was measured cannot be told.
#[derive(Debug, Error)]
pub enum PastError {
    /// The store takes too long.
    #[error("the store did not load the past within {} s", PATIENCE.as_secs())]
    Slow,
    /// Whoever holds the history is gone, or wants no more.
    #[error("nobody tells the past any more")]
    Gone,
}

/// What is asked of the past.
pub enum Question {
    /// What a run from this instant starts from; what it repeats of the past is yet to be put in.
    Start(Timestamp, Box<Scenario>),
    /// What these signals were at these instants.
    Measured(Arc<[SignalId]>, Vec<Timestamp>),
}

/// What the past tells.
pub enum Answer {
    /// What a run starts from.
    Start(Box<Start>),
    /// By instant and signal: the value, SI, where it is known for good.
    Measured(Vec<Vec<Option<f64>>>),
}

/// What a run from the past starts from.
pub struct Start {
    /// What was known.
    pub initial: InitialState,
    /// Signals that had a value which was not fit: bad, stale or of a lost link.
    pub unfit: Vec<SignalId>,
    /// The scenario with what it repeats.
    pub scenario: Result<Scenario, ForcingError>,
}

/// Who tells what was measured.
pub trait Past {
    /// Answers; waits if it has to.
    fn ask(&mut self, question: Question) -> Result<Answer, PastError>;
}

/// Answers from a history; gives the question back while something is being loaded.
pub(super) fn answer(
    scene: &Scene,
    history: &History,
    question: Question,
) -> Result<Answer, Question> {
    match question {
        Question::Start(at, scenario) => {
            if history.is_coming_at(Origin::Measured, at) {
                return Err(Question::Start(at, scenario));
            }
            let asked = Scenario::clone(&scenario);
            let resolved = forcing::resolve_repeats(asked, scene, history, at);
            if resolved.as_ref().is_err_and(ForcingError::is_coming) {
                return Err(Question::Start(at, scenario));
            }
            Ok(Answer::Start(Box::new(Start {
                initial: InitialState::from_history(scene, history, at),
                unfit: unfit_at(scene, history, at),
                scenario: resolved,
            })))
        }
        Question::Measured(signals, instants) => {
            let rows = instants
                .iter()
                .map(|at| measured_at(scene, history, &signals, *at));
            // All are asked for before one is waited for, so that they are loaded together.
            let rows: Vec<_> = rows.collect();
            match rows.into_iter().collect() {
                Some(rows) => Ok(Answer::Measured(rows)),
                None => Err(Question::Measured(signals, instants)),
            }
        }
    }
}

/// The signals that have a value at `at` which is not fit to start from: bad, stale or of a lost
/// link. One that was never measured is none of them: its model starts from its design.
pub(super) fn unfit_at(scene: &Scene, history: &History, at: Timestamp) -> Vec<SignalId> {
    let is_unfit = |signal: &SignalId| {
        let seen = history.latest_at(Origin::Measured, *signal, at);
        seen.is_some_and(|seen| {
            seen.sample.quality.class() == QualityClass::Bad
                || seen.is_stale(at, scene.signal(*signal).max_age)
        })
    };
    scene.signal_ids().filter(is_unfit).collect()
}

/// A history in memory, for programs that draw no frames.
pub struct MemoryPast<'a> {
    /// What exists.
    pub scene: &'a Scene,
    /// What was measured.
    pub history: &'a History,
}

impl Past for MemoryPast<'_> {
    fn ask(&mut self, question: Question) -> Result<Answer, PastError> {
        answer(self.scene, self.history, question).map_err(|_| PastError::Slow)
    }
}

/// A store, opened to be read alone: whoever records to it goes on.
pub struct StorePast {
    scene: Arc<Scene>,
    recording: Recording,
    history: History,
}

impl StorePast {
    /// Opens the store at `place`: a folder, or a URL of the cloud.
    pub fn open(scene: &Arc<Scene>, place: &str) -> Result<Self, RecordingError> {
        let plan = StorePlan {
            place: place.to_owned(),
            record: false,
        };
        let recording = Recording::start(scene, &plan, None)?;
        let config = HistoryConfig {
            archive_slice_bytes: STORE_BYTES,
            ..HistoryConfig::default()
        };
        let mut history = History::new(scene.signals.len(), config);
        recording.attach(&mut history)?;
        Ok(Self {
            scene: Arc::clone(scene),
            recording,
            history,
        })
    }

    /// The first and the last instant of which something was measured.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.history.span(Origin::Measured)
    }

    /// Where the store is.
    pub fn place(&self) -> &Path {
        Path::new(self.recording.place())
    }
}

impl Past for StorePast {
    fn ask(&mut self, mut question: Question) -> Result<Answer, PastError> {
        let until = Instant::now() + PATIENCE;
        loop {
            question = match answer(&self.scene, &self.history, question) {
                Ok(answer) => return Ok(answer),
                Err(again) => again,
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.recording.serve_all(&mut self.history, left) {
                return Err(PastError::Slow);
            }
        }
    }
}

//! Hindcasts behind a program that goes on: a modest thread, asked how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::past::{Answer, Question, answer};
use super::{HindcastError, HindcastPlan, HindcastProgress, Past, PastError, StorePast, hindcast};
use crate::forecast::SkillTable;
use crate::history::History;
use crate::recording::Wake;
use crate::scene::Scene;

/// Tables that may wait to be taken; what comes meanwhile is told with the next.
const TABLES_WAITING: usize = 2;
/// How often a thread that waits for an answer looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);
/// Instants in one question at most, so that an answer takes a small part of a frame.
const INSTANTS: usize = 8;

/// Where a job finds what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastSource {
    /// In the store at this place, which the job reads by itself.
    Store(String),
    /// In a history that another thread holds, which answers by [`HindcastJob::serve`].
    Memory,
}

/// Hindcasts on a thread of their own, one after another. Dropping it ends them.
///
/// A program has one at a time.
pub struct HindcastJob {
    scene: Arc<Scene>,
    cancel: Arc<AtomicBool>,
    told: Receiver<Told>,
    questions: Receiver<Question>,
    answers: Sender<Answer>,
    /// What could not be answered yet: it is being loaded.
    waiting: Option<Question>,
    progress: HindcastProgress,
    table: Option<SkillTable>,
}

/// What the thread tells.
struct Told {
    progress: HindcastProgress,
    table: SkillTable,
}

impl Drop for HindcastJob {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl HindcastJob {
    /// Starts the hindcasts of a plan; `wake` is called when there is news.
    ///
    /// A plan that cannot be followed is refused here; a store that cannot be read is told as
    /// the progress' failure.
    pub fn start(
        plan: HindcastPlan,
        source: PastSource,
        wake: Option<Wake>,
    ) -> Result<Self, HindcastError> {
        let planned = plan.starts()?.len();
        let cancel = Arc::new(AtomicBool::new(false));
        let (to_owner, told) = bounded(TABLES_WAITING);
        let (to_holder, questions) = bounded(1);
        let (answers, from_holder) = bounded(1);
        let scene = Arc::clone(&plan.scene);
        let worker = Worker {
            plan,
            cancel: Arc::clone(&cancel),
            to_owner,
            wake: wake.unwrap_or_else(|| Arc::new(|| {})),
        };
        let asked = AskedPast {
            questions: to_holder,
            answers: from_holder,
            cancel: Arc::clone(&cancel),
            wake: Arc::clone(&worker.wake),
        };
        let spawned = thread::Builder::new()
            .name("hindcast".to_owned())
            .spawn(move || worker.work(source, asked));
        let mut progress = HindcastProgress {
            planned,
            ..HindcastProgress::default()
        };
        if let Err(error) = spawned {
            progress.fail(format!("no thread for hindcasts: {error}"));
        }
        Ok(Self {
            scene,
            cancel,
            told,
            questions,
            answers,
            waiting: None,
            progress,
            table: None,
        })
    }

    /// Answers one question about the past, if there is one: to be called once a frame with the
    /// history that people look at. Takes a small part of a frame, and never waits.
    pub fn serve(&mut self, history: &History) {
        let question = self
            .waiting
            .take()
            .or_else(|| self.questions.try_recv().ok());
        let Some(question) = question else { return };
        match answer(&self.scene, history, question) {
            // A thread that is gone needs no answer.
            Ok(answer) => drop(self.answers.try_send(answer)),
            Err(again) => self.waiting = Some(again),
        }
    }

    /// How far it is.
    pub fn progress(&mut self) -> &HindcastProgress {
        self.poll();
        &self.progress
    }

    /// The skill as far as it is known, if there is news since it was last taken.
    pub fn take(&mut self) -> Option<SkillTable> {
        self.poll();
        self.table.take()
    }

    /// Ends it soon; what is known stays.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    fn poll(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            self.progress = told.progress;
            self.table = Some(told.table);
        }
    }
}

impl HindcastProgress {
    /// Notes that nothing can be done.
    fn fail(&mut self, reason: String) {
        self.failed = self.planned;
        self.failures.push(reason);
        self.finished = true;
    }
}

/// What the thread owns.
struct Worker {
    plan: HindcastPlan,
    cancel: Arc<AtomicBool>,
    to_owner: Sender<Told>,
    wake: Wake,
}

impl Worker {
    fn work(self, source: PastSource, asked: AskedPast) {
        be_modest();
        let done = match source {
            PastSource::Memory => self.make(asked),
            PastSource::Store(place) => match StorePast::open(&self.plan.scene, &place) {
                Ok(past) => self.make(past),
                Err(error) => Err(error.to_string()),
            },
        };
        let told = done.unwrap_or_else(|reason| {
            let mut progress = HindcastProgress {
                planned: self.plan.starts().map_or(0, |starts| starts.len()),
                ..HindcastProgress::default()
            };
            progress.fail(reason);
            Told {
                progress,
                table: SkillTable::default(),
            }
        });
        // The last word waits for whoever takes it; an owner that is gone wants none.
        self.to_owner.send(told).ok();
        (self.wake)();
    }

    fn make(&self, mut past: impl Past) -> Result<Told, String> {
        let each = |progress: &HindcastProgress, table: &SkillTable| {
            if !self.to_owner.is_full() {
                let told = Told {
                    progress: progress.clone(),
                    table: table.clone(),
                };
                // Full again: it is told with the next.
                self.to_owner.try_send(told).ok();
                (self.wake)();
            }
            true
        };
        let made = hindcast(&self.plan, &mut past, 1, &self.cancel, each);
        let (progress, table) = made.map_err(|error| error.to_string())?;
        Ok(Told { progress, table })
    }
}

/// Lets every other thread of the machine go first.
fn be_modest() {
    #[cfg(target_os = "linux")]
    rustix::process::nice(15).ok(); // not allowed to be modest: then not
}

/// A past that the owner of the job holds.
struct AskedPast {
    questions: Sender<Question>,
    answers: Receiver<Answer>,
    cancel: Arc<AtomicBool>,
    wake: Wake,
}

impl AskedPast {
    fn ask_once(&self, question: Question) -> Result<Answer, PastError> {
        self.questions.send(question).map_err(|_| PastError::Gone)?;
        (self.wake)();
        loop {
            match self.answers.recv_timeout(LOOK) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Timeout) if !self.cancel.load(Ordering::Relaxed) => {}
                Err(_) => return Err(PastError::Gone),
            }
        }
    }
}

impl Past for AskedPast {
    /// Asks for few instants at a time, so that no frame has much to answer.
    fn ask(&mut self, question: Question) -> Result<Answer, PastError> {
        let (signals, instants) = match question {
            Question::Measured(signals, instants) => (signals, instants),
            start => return self.ask_once(start),
        };
        let mut rows = Vec::with_capacity(instants.len());
        for some in instants.chunks(INSTANTS) {
            let question = Question::Measured(Arc::clone(&signals), some.to_vec());
            match self.ask_once(question)? {
                Answer::Measured(told) => rows.extend(told),
                Answer::Start(_) => return Err(PastError::Gone),
            }
        }
        Ok(Answer::Measured(rows))
    }
}

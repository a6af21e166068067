//! A plant that is not there: publishes what the models say, disturbed, over MQTT.
//!
//! The truth comes from a function, as the models live on another floor. A
//! [`Disturbance`] makes measurements of it, and a thread paces and publishes them.
//! With a backfill it begins in the past, like a gateway that kept data while its
//! link was down, and catches up as fast as the broker takes it.

mod disturbance;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use disturbance::Disturbance;
use thiserror::Error;
use tracing::warn;

use super::clock::now;
use super::mqtt::PublishError;
use super::publish::Publisher;
use super::track::TrackedFixes;
use crate::scene::Scene;
use crate::signal::{Sample, SignalId};
use crate::time::Timestamp;

/// How many samples of one signal go into one message of the backfill.
const BACKFILL_CHUNK: usize = 64;
/// How much of the past of those who move is told: there are many of them.
const TRACKED_PAST: Duration = Duration::from_hours(1);
/// How long the thread sleeps before it looks at its stop flag.
const LOOK: Duration = Duration::from_millis(50);

/// What the plant really does: appends the value, SI, of each signal at an instant.
///
/// Asked for instants in order. An `Err` says why the plant cannot go on.
pub trait Truth: Send {
    /// The values at `at`.
    fn at(&mut self, at: Timestamp, values: &mut Vec<(SignalId, f64)>) -> Result<(), String>;

    /// Who is where at the instant that was asked for last.
    fn whereabouts(&self) -> Vec<TrackedFixes> {
        Vec::new()
    }
}

impl<F> Truth for F
where
    F: FnMut(Timestamp, &mut Vec<(SignalId, f64)>) -> Result<(), String> + Send,
{
    fn at(&mut self, at: Timestamp, values: &mut Vec<(SignalId, f64)>) -> Result<(), String> {
        self(at, values)
    }
}

/// The past that an emulator begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// How far back it begins.
    pub span: Duration,
    /// The distance of its samples.
    pub step: Duration,
}

/// Why an emulator ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EmulatorError {
    /// The plant cannot go on.
    #[error("the emulated plant stopped: {0}")]
    Truth(String),
    /// A step of zero would never end.
    #[error("the emulator's period and the backfill's step must be longer than zero")]
    ZeroStep,
    /// The thread could not be started.
    #[error("cannot start the emulator: {0}")]
    Thread(String),
    /// The broker.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// How far an emulator is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmulatorProgress {
    /// Samples published.
    pub samples: u64,
    /// The instant of the last ones.
    pub at: Option<Timestamp>,
    /// True once it has caught up with the clock.
    pub live: bool,
    /// Why it ended, if it did.
    pub error: Option<EmulatorError>,
}

/// A running emulator. Dropping it stops it.
pub struct Emulator {
    stop: Arc<AtomicBool>,
    progress: Arc<Mutex<EmulatorProgress>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts publishing the measured signals of `scene` from `truth`.
    pub fn start(
        scene: Arc<Scene>,
        truth: impl Truth + 'static,
        publisher: Publisher,
        seed: u64,
        backfill: Option<Backfill>,
    ) -> Result<Self, EmulatorError> {
        let period = scene.emulator.period;
        if period.is_zero() || backfill.is_some_and(|past| past.step.is_zero()) {
            return Err(EmulatorError::ZeroStep);
        }
        let begin = backfill.map_or_else(now, |past| now() - past.span);
        let stop = Arc::new(AtomicBool::new(false));
        let progress = Arc::new(Mutex::new(EmulatorProgress::default()));
        let plant = Plant {
            disturbance: Disturbance::new(&scene, seed),
            truth: Box::new(truth),
            publisher,
            begin,
            period,
            stop: Arc::clone(&stop),
            progress: Arc::clone(&progress),
            values: Vec::new(),
            measured: Vec::new(),
            waiting: vec![Vec::new(); scene.signals.len()],
            scene,
        };
        let thread = thread::Builder::new()
            .name("emulator".to_owned())
            .spawn(move || plant.run(backfill))
            .map_err(|error| EmulatorError::Thread(error.to_string()))?;
        Ok(Self {
            stop,
            progress,
            thread: Some(thread),
        })
    }

    /// How far it is.
    pub fn progress(&self) -> EmulatorProgress {
        let progress = self.progress.lock();
        progress.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // It looks at the flag many times a second; a panic there was printed there.
            thread.join().ok();
        }
    }
}

struct Plant {
    scene: Arc<Scene>,
    disturbance: Disturbance,
    truth: Box<dyn Truth>,
    publisher: Publisher,
    begin: Timestamp,
    period: Duration,
    stop: Arc<AtomicBool>,
    progress: Arc<Mutex<EmulatorProgress>>,
    values: Vec<(SignalId, f64)>,
    measured: Vec<(SignalId, Sample)>,
    /// Samples of the backfill that wait for a full message, by [`SignalId`].
    waiting: Vec<Vec<Sample>>,
}

impl Plant {
    fn run(mut self, backfill: Option<Backfill>) {
        let outcome = self.catch_up(backfill).and_then(|at| self.go_live(at));
        if let Err(error) = outcome
            && error != EmulatorError::Publish(PublishError::Stopped)
        {
            warn!(%error, "the emulator ended");
            self.note(|progress| progress.error = Some(error));
        }
    }

    /// Publishes the past in messages of many samples; gives the next instant.
    fn catch_up(&mut self, backfill: Option<Backfill>) -> Result<Timestamp, EmulatorError> {
        let mut at = self.begin;
        if let Some(past) = backfill {
            while at + past.step < now() && !self.stopped() {
                self.measure(at)?;
                for (signal, sample) in self.measured.drain(..) {
                    self.waiting[signal.index()].push(sample);
                }
                self.send_waiting(BACKFILL_CHUNK)?;
                if now().since(at) <= TRACKED_PAST {
                    self.send_whereabouts()?;
                }
                at = at + past.step;
            }
            self.send_waiting(1)?;
        }
        Ok(at)
    }

    /// Sends the signals that have at least `enough` samples waiting.
    fn send_waiting(&mut self, enough: usize) -> Result<(), EmulatorError> {
        for (place, samples) in self.waiting.iter_mut().enumerate() {
            if samples.len() >= enough {
                let signal = SignalId(place as u32);
                self.publisher.send(signal, samples, &self.stop)?;
                let (count, at) = (samples.len(), samples.last().map(|sample| sample.at));
                samples.clear();
                let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
                progress.samples += count as u64;
                progress.at = progress.at.max(at);
            }
        }
        Ok(())
    }

    fn go_live(&mut self, mut at: Timestamp) -> Result<(), EmulatorError> {
        while self.wait_for(at) {
            self.measure(at)?;
            for (signal, sample) in &self.measured {
                let samples = std::slice::from_ref(sample);
                self.publisher.send(*signal, samples, &self.stop)?;
            }
            self.send_whereabouts()?;
            let count = self.measured.len() as u64;
            let live = now().since(at) < self.period;
            self.note(|progress| {
                progress.samples += count;
                progress.at = Some(at);
                progress.live = live;
            });
            at = at + self.period;
        }
        Ok(())
    }

    fn send_whereabouts(&self) -> Result<(), EmulatorError> {
        for fixes in self.truth.whereabouts() {
            self.publisher.send_fixes(&fixes, &self.stop)?;
        }
        Ok(())
    }

    /// What the instruments show at `at`, as far as some topic carries it.
    fn measure(&mut self, at: Timestamp) -> Result<(), EmulatorError> {
        self.values.clear();
        self.truth
            .at(at, &mut self.values)
            .map_err(EmulatorError::Truth)?;
        let (scene, publisher) = (&self.scene, &self.publisher);
        self.values
            .retain(|(id, _)| scene.signal(*id).measured && publisher.carries(*id));
        self.measured.clear();
        let since = at.since(self.begin);
        self.disturbance
            .apply(at, since, &self.values, &mut self.measured);
        Ok(())
    }

    fn wait_for(&self, at: Timestamp) -> bool {
        while !self.stopped() {
            let left = at.since(now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(LOOK));
        }
        false
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn note(&self, write: impl FnOnce(&mut EmulatorProgress)) {
        write(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

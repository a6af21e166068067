//! Failures foretold by what was recorded and by what comes in.

use std::sync::Arc;

use super::recorded::{MemorySamples, samples_in_memory};
use super::{Recording, RecordingError, StorePlan};
use crate::forecast::health::{HealthMonitor, Outlook};
use crate::history::{History, HistoryConfig};
use crate::recording::{Library, LibraryError, Name, Who};
use crate::scene::{Prognosis, Scene};
use crate::signal::{Origin, SignalId};
use crate::time::Timestamp;

/// Machines are followed from so long before on: who wears for longer without being renewed is
/// foretold by its last weeks, s.
const LOOK_BACK: f64 = 28.0 * 86_400.0;
/// Samples of one signal that are taken in at once while they come in.
const SAMPLES_AT_ONCE: usize = 4_096;

/// Every signal that foretells a failure, as of one instant.
#[derive(Clone, Debug)]
pub struct Prognoses {
    followed: Vec<Followed>,
}

#[derive(Clone, Debug)]
struct Followed {
    signal: SignalId,
    monitor: HealthMonitor,
    /// Everything up to here was taken in.
    at: Timestamp,
}

/// The signals of a scene that foretell failures.
pub fn prognosed(scene: &Scene) -> Vec<SignalId> {
    let ids = scene.signal_ids();
    ids.filter(|id| scene.signal(*id).prognosis.is_some())
        .collect()
}

impl Prognoses {
    /// By all that was measured up to `at`: of the store what lies before memory, then memory.
    ///
    /// Reads files: not for the thread that draws.
    pub fn recorded(
        scene: &Scene,
        library: Option<&Library>,
        memory: &MemorySamples,
        at: Timestamp,
    ) -> Result<Self, LibraryError> {
        let from = at.plus_secs(-LOOK_BACK);
        let mut followed = Vec::new();
        for (id, samples) in memory.signals() {
            let signal = scene.signal(*id);
            // Whoever asks for what has no prognosis asks for wear.
            let wear = Prognosis::of_wear();
            let prognosis = signal.prognosis.as_deref().unwrap_or(&wear);
            let mut monitor = HealthMonitor::new(prognosis);
            if let (Some(library), Some(edge)) = (library, memory.edge())
                && from < edge
            {
                let name = Name::new(&scene.asset(signal.asset).tag, &signal.name);
                let until = Timestamp::from_nanos(edge.nanos().saturating_sub(1)).min(at);
                let stored = library.series(&name, Who::Measured, from, until)?;
                let samples = (0..stored.len()).filter_map(|row| stored.sample(row));
                samples.for_each(|sample| monitor.observe(&sample));
            }
            let held = samples.iter().filter(|one| (from..=at).contains(&one.at));
            held.for_each(|sample| monitor.observe(sample));
            followed.push(Followed {
                signal: *id,
                monitor,
                at,
            });
        }
        Ok(Self { followed })
    }

    /// Takes in what memory holds up to `to`; the signals of which there was something.
    pub fn go_on(&mut self, history: &History, to: Timestamp) -> Vec<SignalId> {
        let mut told = Vec::new();
        for one in &mut self.followed {
            let next = Timestamp::from_nanos(one.at.nanos().saturating_add(1));
            if next > to {
                continue;
            }
            let samples = history.range(Origin::Measured, one.signal, next, to);
            let mut taken = 0;
            one.at = to;
            for sample in samples.take(SAMPLES_AT_ONCE) {
                one.monitor.observe(sample);
                taken += 1;
                if taken == SAMPLES_AT_ONCE {
                    // The others come next time.
                    one.at = sample.at;
                }
            }
            if taken > 0 {
                told.push(one.signal);
            }
        }
        told
    }

    /// The signals, in the order of the scene.
    pub fn signals(&self) -> impl Iterator<Item = SignalId> + '_ {
        self.followed.iter().map(|one| one.signal)
    }

    /// What is foretold by a signal; `None` before anything was seen of it.
    pub fn outlook(&self, signal: SignalId) -> Option<Outlook> {
        let one = self.followed.iter().find(|one| one.signal == signal);
        one.and_then(|one| one.monitor.outlook())
    }
}

/// What a store foretells by these signals, at its end or at an instant before.
pub fn foresee(
    scene: &Arc<Scene>,
    store: &str,
    signals: &[SignalId],
    at: Option<Timestamp>,
) -> Result<Prognoses, ForesightError> {
    let plan = StorePlan {
        place: store.to_owned(),
        record: false,
    };
    let recording = Recording::start(scene, &plan, None)?;
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    recording.attach(&mut history)?;
    let memory = samples_in_memory(&history, signals);
    let library = recording.library();
    // What no segment holds yet is in memory.
    let sealed = library.catalogue().span().map(|(_, end)| end);
    let logged = history.span(Origin::Measured).map(|(_, end)| end);
    let at = at.or(sealed.max(logged)).unwrap_or(Timestamp::MIN);
    Ok(Prognoses::recorded(scene, Some(library), &memory, at)?)
}

/// Why nothing can be foreseen.
#[derive(Debug, thiserror::Error)]
pub enum ForesightError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] RecordingError),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] LibraryError),
}

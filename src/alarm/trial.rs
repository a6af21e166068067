//! Limits tried on history: what edited limits would have raised in a stretch of recorded
//! samples, judged by the engine that judges live ones.

use std::collections::BTreeMap;

use super::engine::Engine;
use super::lifecycle::Standing;
use super::state::AlarmId;
use crate::scene::{Limit, Scene, Signal};
use crate::signal::{SampleBatch, SignalId};
use crate::time::Timestamp;

/// Edited limits on their way through recorded samples.
///
/// Only the limits that are tried are judged. All are normal at the beginning, and nobody
/// acknowledges anything.
#[derive(Clone, Debug)]
pub struct Trial {
    engine: Engine,
    /// The signals that are tried, in order; the engine knows them by their places.
    signals: Vec<SignalId>,
    places: BTreeMap<SignalId, SignalId>,
    /// By alarm of the engine.
    limits: Vec<(SignalId, usize)>,
    journal: Vec<Raised>,
    open: BTreeMap<AlarmId, usize>,
}

/// A stretch of time over which a limit would have been passed.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// Whose limit.
    pub signal: SignalId,
    /// Its place among the limits that are tried.
    pub limit: usize,
    /// When the alarm is raised.
    pub raised: Timestamp,
    /// When it clears; `None` if it does not.
    pub cleared: Option<Timestamp>,
    /// The value that raises it, SI.
    pub value: f64,
}

impl Trial {
    /// A trial of these limits, each in the place of all limits of its signal in `scene`.
    pub fn new(scene: &Scene, tried: &BTreeMap<SignalId, Vec<Limit>>) -> Self {
        let known = |id: &&SignalId| id.index() < scene.signals.len();
        let signals: Vec<SignalId> = tried.keys().filter(known).copied().collect();
        let edited = signals.iter().map(|id| Signal {
            limits: tried.get(id).cloned().unwrap_or_default(),
            ..scene.signal(*id).clone()
        });
        let small = Scene::from_parts(Vec::new(), edited.collect());
        let limits = signals.iter().flat_map(|id| {
            let count = tried.get(id).map_or(0, Vec::len);
            (0..count).map(move |limit| (*id, limit))
        });
        Self {
            engine: Engine::new(&small),
            places: signals.iter().copied().zip((0..).map(SignalId)).collect(),
            limits: limits.collect(),
            signals,
            journal: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    /// The signals whose samples it needs.
    pub fn signals(&self) -> &[SignalId] {
        &self.signals
    }

    /// Judges recorded samples; batches come in the order in which they were seen live.
    pub fn observe(&mut self, batch: &SampleBatch) {
        let samples = batch.samples.iter();
        let wanted =
            samples.filter_map(|(signal, sample)| Some((*self.places.get(signal)?, *sample)));
        let batch = SampleBatch {
            origin: batch.origin,
            samples: wanted.collect(),
        };
        self.engine.observe(&batch);
        self.take_in();
    }

    /// The links of these signals were lost then.
    pub fn lose_link(&mut self, signals: impl IntoIterator<Item = SignalId>, at: Timestamp) {
        let wanted = signals
            .into_iter()
            .filter_map(|signal| self.places.get(&signal).copied());
        let wanted: Vec<_> = wanted.collect();
        self.engine.lose_link(wanted, at);
        self.take_in();
    }

    /// What the limits raise up to `until`, in order of time.
    pub fn finish(mut self, until: Timestamp) -> Vec<Raised> {
        self.engine.tick(until);
        self.take_in();
        self.journal
            .sort_by_key(|raised| (raised.raised, raised.signal, raised.limit));
        self.journal
    }

    fn take_in(&mut self) {
        for change in self.engine.take_news() {
            if change.to == Standing::Unacknowledged {
                let (signal, limit) = self.limits[change.id.index()];
                self.open.insert(change.id, self.journal.len());
                self.journal.push(Raised {
                    signal,
                    limit,
                    raised: change.at,
                    cleared: None,
                    value: change.value,
                });
            } else if let Some(place) = self.open.remove(&change.id) {
                self.journal[place].cleared = Some(change.at);
            }
        }
    }
}

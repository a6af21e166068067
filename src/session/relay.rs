//! What an instrument measures, its pipe shows.
//!
//! A connection says that two signals are one quantity. Models write one end and the
//! master copies it; in the live plant it is the instrument that knows, at either end.

use crate::scene::Scene;
use crate::signal::{SampleBatch, SignalId};

/// For each measured signal, the signals nobody measures that carry the same value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relay {
    listeners: Vec<Vec<SignalId>>,
}

impl Relay {
    /// The relay of `scene`'s connections.
    pub fn new(scene: &Scene) -> Self {
        let mut listeners = vec![Vec::new(); scene.signals.len()];
        for (from, to) in &scene.connections {
            let ends = [(*from, *to), (*to, *from)];
            for (knows, shows) in ends {
                if scene.signal(knows).measured && !scene.signal(shows).measured {
                    listeners[knows.index()].push(shows);
                }
            }
        }
        Self { listeners }
    }

    /// Adds to `batch` what its samples say of other signals.
    pub fn extend(&self, batch: &mut SampleBatch) {
        for place in 0..batch.samples.len() {
            let (signal, sample) = batch.samples[place];
            for listener in self.listeners.get(signal.index()).into_iter().flatten() {
                batch.push(*listener, sample);
            }
        }
    }

    /// `signals`, and those that show the same.
    pub fn with_listeners(&self, signals: impl Iterator<Item = SignalId>) -> Vec<SignalId> {
        signals
            .flat_map(|signal| {
                let listeners = self.listeners.get(signal.index()).into_iter().flatten();
                std::iter::once(signal).chain(listeners.copied())
            })
            .collect()
    }
}

//! The plant at the instant a run begins.

use crate::history::History;
use crate::scene::Scene;
use crate::signal::{Origin, QualityClass, SignalId};
use crate::time::Timestamp;

/// What is known of every signal at the analysis time t0: copied out of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct InitialState {
    at: Timestamp,
    values: Vec<Option<f64>>,
}

impl InitialState {
    /// Nothing is known: models start from their own design values.
    pub fn unknown(scene: &Scene, at: Timestamp) -> Self {
        Self {
            at,
            values: vec![None; scene.signals.len()],
        }
    }

    /// What was measured at `at`. Bad and stale values count as unknown.
    pub fn from_history(scene: &Scene, history: &History, at: Timestamp) -> Self {
        let known = |id: SignalId| {
            let seen = history.latest_at(Origin::Measured, id, at)?;
            let usable = seen.sample.quality.class() != QualityClass::Bad
                && !seen.is_stale(at, scene.signal(id).max_age);
            usable.then_some(seen.sample.value)
        };
        Self {
            at,
            values: scene.signal_ids().map(known).collect(),
        }
    }

    /// Says that `signal` is `value`, SI.
    pub fn set(&mut self, signal: SignalId, value: f64) {
        if let Some(place) = self.values.get_mut(signal.index()) {
            *place = Some(value);
        }
    }

    /// The analysis time.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What is known of `signal`, SI.
    pub fn value(&self, signal: SignalId) -> Option<f64> {
        self.values.get(signal.index()).copied().flatten()
    }

    /// How many signals are known.
    pub fn known(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// A number that is equal for equal states, on every machine (FNV-1a of the bits).
    pub fn fingerprint(&self) -> u64 {
        let at = self.at.nanos().to_le_bytes();
        let values = self.values.iter().flat_map(|value| {
            let known = [u8::from(value.is_some())];
            known
                .into_iter()
                .chain(value.unwrap_or(0.0).to_bits().to_le_bytes())
        });
        at.into_iter()
            .chain(values)
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }
}

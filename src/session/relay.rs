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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene;
    use crate::signal::{Origin, Sample};
    use crate::time::Timestamp;

    /// A flow meter that is measured, and the pipe before and behind it, which are not.
    const PIPES: &str = r#"(
        format: 1, name: "Pipes",
        types: {
            "pipe": (shape: Pipe, signals: [(name: "flow", unit: "L/s", range: (0, 9), measured: false)]),
            "meter": (shape: Instrument, signals: [(name: "flow", unit: "m3/h", range: (0, 30))]),
        },
        assets: [
            (tag: "PL-1", type: "pipe", route: [(0, 0, 0), (1, 0, 0)]),
            (tag: "FT-1", type: "meter"),
            (tag: "PL-2", type: "pipe", route: [(1, 0, 0), (2, 0, 0)]),
        ],
        connections: [(from: "PL-1.flow", to: "FT-1.flow"), (from: "FT-1.flow", to: "PL-2.flow")],
    )"#;

    #[test]
    fn what_a_meter_measures_shows_on_both_sides_of_it() {
        let scene = scene::parse(PIPES).expect("a valid scene");
        let id = |name| scene.find_signal(name).expect("a signal of the scene");
        let (before, meter, behind) = (id("PL-1.flow"), id("FT-1.flow"), id("PL-2.flow"));
        let relay = Relay::new(&scene);
        let sample = Sample::good(Timestamp::from_secs(5), 0.002);
        let mut batch = SampleBatch {
            origin: Origin::Measured,
            samples: vec![(meter, sample)],
        };
        relay.extend(&mut batch);
        assert_eq!(
            batch.samples,
            [(meter, sample), (before, sample), (behind, sample)]
        );
        let lost = relay.with_listeners(std::iter::once(meter));
        assert_eq!(lost, [meter, before, behind], "they go stale with it");
        // Nobody measures the pipes, so nothing follows from them.
        let mut batch = SampleBatch {
            origin: Origin::Measured,
            samples: vec![(before, sample)],
        };
        relay.extend(&mut batch);
        assert_eq!(batch.samples.len(), 1);
    }
}

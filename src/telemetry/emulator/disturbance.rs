//! From the truth to what instruments show: noise, drift, silence.
//!
//! No clock: equal seeds and equal calls give equal samples, bit for bit.
//!
//! ```text
//! shown = truth + drift · (t − from) + sd · N(0, 1)
//! ```
//!
//! An instrument falls silent at the instants of a Poisson process and gives no samples
//! until it is back. State signals have no noise: a running pump does not half run.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp, StandardNormal};

use crate::scene::Scene;
use crate::signal::{Sample, SignalId};
use crate::time::Timestamp;

/// Makes measurements of the truth.
#[derive(Clone, Debug)]
pub struct Disturbance {
    /// Standard deviation of noise, SI, by [`SignalId`]; 0 for none.
    noise: Vec<f64>,
    drifts: Vec<(SignalId, f64, Duration)>,
    silences: Vec<Silence>,
    generator: ChaCha8Rng,
}

/// When one instrument is silent.
#[derive(Clone, Debug)]
struct Silence {
    signal: SignalId,
    /// Between the end of one silence and the start of the next, 1/s.
    between: Exp<f64>,
    /// How long one lasts, s.
    lasts: f64,
    /// The next or present silence begins here, s since the start.
    begins: f64,
    generator: ChaCha8Rng,
}

impl Disturbance {
    /// The disturbance of `scene`'s emulator section.
    pub fn new(scene: &Scene, seed: u64) -> Self {
        let noise = scene.signal_ids().map(|id| {
            let steady = !scene.signal(id).states.is_empty();
            let sd = scene.emulator.noise.get(id.index()).copied();
            sd.filter(|sd| !steady && sd.is_finite()).unwrap_or(0.0)
        });
        let drop_outs = scene.emulator.drop_outs.iter().zip(1..);
        let silences = drop_outs.filter_map(|((signal, per_hour, lasts), place)| {
            Silence::new(*signal, *per_hour, *lasts, generator(seed, place))
        });
        Self {
            noise: noise.collect(),
            drifts: scene.emulator.drifts.clone(),
            silences: silences.collect(),
            generator: generator(seed, 0),
        }
    }

    /// Appends what the instruments show at `at`, which is `since` the start. Calls
    /// must go forward in time.
    pub fn apply(
        &mut self,
        at: Timestamp,
        since: Duration,
        truth: &[(SignalId, f64)],
        out: &mut Vec<(SignalId, Sample)>,
    ) {
        let secs = since.as_secs_f64();
        let mut silent = Vec::new();
        for silence in &mut self.silences {
            if silence.holds(secs) {
                silent.push(silence.signal);
            }
        }
        for (signal, value) in truth {
            let sd = self.noise.get(signal.index()).copied().unwrap_or(0.0);
            let mut shown = value + self.drift(*signal, secs);
            if sd > 0.0 {
                // Drawn for the silent too, so that they do not change the others' noise.
                let deviate: f64 = StandardNormal.sample(&mut self.generator);
                shown += sd * deviate;
            }
            if shown.is_finite() && !silent.contains(signal) {
                out.push((*signal, Sample::good(at, shown)));
            }
        }
    }

    /// The drift of `signal`, SI, `secs` after the start.
    fn drift(&self, signal: SignalId, secs: f64) -> f64 {
        let own = self.drifts.iter().filter(|(id, ..)| *id == signal);
        own.map(|(_, per_sec, from)| per_sec * (secs - from.as_secs_f64()).max(0.0))
            .sum()
    }
}

impl Silence {
    /// `None` if it never happens.
    fn new(
        signal: SignalId,
        per_hour: f64,
        lasts: Duration,
        mut generator: ChaCha8Rng,
    ) -> Option<Self> {
        let between = Exp::new(per_hour / 3_600.0).ok()?;
        if per_hour <= 0.0 || lasts.is_zero() {
            return None;
        }
        let begins = between.sample(&mut generator);
        Some(Self {
            signal,
            between,
            lasts: lasts.as_secs_f64(),
            begins,
            generator,
        })
    }

    /// True if the instrument is silent `secs` after the start.
    fn holds(&mut self, secs: f64) -> bool {
        while secs >= self.begins + self.lasts {
            self.begins += self.lasts + self.between.sample(&mut self.generator);
        }
        secs >= self.begins
    }
}

fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream);
    generator
}

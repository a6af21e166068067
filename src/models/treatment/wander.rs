//! What comes from outside and wanders: raw turbidity, temperature, pH.
//!
//! ```text
//! x' = x e^(−Δt/τ) + σ √(1 − e^(−2Δt/τ)) N(0, 1)      Ornstein–Uhlenbeck, exact for any Δt
//! y  = m + x + d cos(2π (t − t_peak) / day)            or m eˣ + …, when skewed
//! ```
//!
//! (Gillespie 1996, Physical Review E 54, 2084.)

use std::f64::consts::TAU;

use super::dice::Dice;
use super::spec::WanderSpec;
use crate::models::ModelState;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::time::Timestamp;
use crate::units::Unit;

const DAY: f64 = 86_400.0;

/// A signal that wanders around its mean and comes back.
#[derive(Clone, Debug)]
pub(super) struct Wander {
    port: usize,
    factor: usize,
    mean: f64,
    spread: f64,
    memory: f64,
    skewed: bool,
    daily: f64,
    peak: f64,
    /// The deviation x, in the mean's SI unit or of its logarithm.
    deviation: f64,
}

impl Wander {
    pub(super) fn compile(
        spec: &WanderSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let (mean, quantity) = reader.any_value(entry, "mean", &spec.mean);
        // A spread and a swing are differences: 2 degC of them are 2 K, not 275.15 K.
        let unit = spec.mean.split_whitespace().nth(1).unwrap_or_default();
        let unit: Unit = unit.parse().unwrap_or(Unit::NUMBER);
        let fine = spec.spread.is_finite() && spec.spread >= 0.0;
        let spread = reader.checked(entry, "spread", spec.spread, fine, "0 or more");
        if spec.skewed && mean <= 0.0 {
            let message = format!("the median of {} must be above zero", entry.called());
            reader.problem(entry, "mean", message, "or leave out `skewed`");
        }
        let factor = format!("{}_factor", spec.signal);
        let (place, number) = ((entry, "signal"), crate::units::Quantity::Number);
        Self {
            port: wiring.write(place, &spec.signal, quantity, Some(mean), reader),
            factor: wiring.read(place, &factor, number, Some(1.0), reader),
            mean,
            spread: if spec.skewed {
                spread
            } else {
                unit.span_to_si(spread)
            },
            memory: reader.positive_span(entry, "memory", &spec.memory),
            skewed: spec.skewed,
            daily: unit.span_to_si(spec.daily),
            peak: spec.peak * 3_600.0,
            deviation: 0.0,
        }
    }

    /// Takes up where the signal was measured, or anywhere it might be.
    pub(super) fn initialise(
        &mut self,
        at: Timestamp,
        known: Option<f64>,
        values: &mut [f64],
        dice: &mut Dice,
    ) {
        let factor = values[self.factor];
        let told = known.map(|value| value / factor - self.swing(at));
        let anywhere = self.spread * dice.normal();
        self.deviation = match told.filter(|value| value.is_finite()) {
            Some(value) if self.skewed && value > 0.0 => (value / self.mean).ln(),
            Some(value) if !self.skewed => value - self.mean,
            _ => anywhere,
        };
        self.write(at, values);
    }

    /// Moves on by `secs`.
    pub(super) fn wander(&mut self, secs: f64, dice: &mut Dice) {
        let kept = (-secs / self.memory).exp();
        let fresh = self.spread * (1.0 - kept * kept).sqrt();
        self.deviation = self.deviation * kept + fresh * dice.normal();
    }

    pub(super) fn write(&self, at: Timestamp, values: &mut [f64]) {
        let base = if self.skewed {
            self.mean * self.deviation.exp()
        } else {
            self.mean + self.deviation
        };
        values[self.port] = values[self.factor] * (base + self.swing(at));
    }

    /// The place of the signal among the ports.
    pub(super) fn port(&self) -> usize {
        self.port
    }

    fn swing(&self, at: Timestamp) -> f64 {
        let secs = at.secs_since(Timestamp::from_secs(0)).rem_euclid(DAY);
        self.daily * (TAU * (secs - self.peak) / DAY).cos()
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        state.reals.push(self.deviation);
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.deviation = saved.real()?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Seed;

    #[test]
    fn its_spread_and_memory_are_those_asked_for() {
        let mut dice = Dice::new(Seed {
            run: 7,
            member: 0,
            model: 0,
        });
        let mut wander = Wander {
            port: 0,
            factor: 1,
            mean: 10.0,
            spread: 2.0,
            memory: 600.0,
            skewed: false,
            daily: 0.0,
            peak: 0.0,
            deviation: 0.0,
        };
        let mut seen = Vec::new();
        for _ in 0..60_000 {
            wander.wander(60.0, &mut dice);
            seen.push(wander.deviation);
        }
        let count = seen.len() as f64;
        let mean = seen.iter().sum::<f64>() / count;
        let variance = seen.iter().map(|x| x * x).sum::<f64>() / count;
        let lagged = seen.windows(11).map(|pair| pair[0] * pair[10]).sum::<f64>() / count;
        assert!(mean.abs() < 0.15, "mean {mean}");
        assert!(
            (variance.sqrt() - 2.0).abs() < 0.1,
            "spread {}",
            variance.sqrt()
        );
        // Ten steps are one memory: the correlation is 1/e.
        assert!(
            (lagged / variance - 0.368).abs() < 0.05,
            "{}",
            lagged / variance
        );
    }
}

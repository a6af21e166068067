//! Wear that adds up: a Wiener process with drift.
//!
//! ```text
//! x(t + dt) − x(t) ~ N(μ dt, σ² dt)
//! T = first time x reaches the limit: inverse Gaussian
//! ```
//!
//! μ is learned online: with a flat prior its posterior after a time τ is N(x̄/τ, σ²/τ). σ² is the
//! mean square of the increments about it. The first-passage law: Chhikara and Folks, The Inverse
//! Gaussian Distribution (1989).

use super::remaining_life::{RemainingLife, normal_cdf};

/// Points of the drift's posterior over which the first passage is averaged.
const DRIFTS: u32 = 41;

/// Follows one indicator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WienerDrift {
    first: Option<(f64, f64)>,
    last: Option<(f64, f64)>,
    /// Σ dx² / dt over the increments, and how many.
    squares: f64,
    increments: usize,
}

impl WienerDrift {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the indicator at a time; what does not come later than the last is left out.
    pub fn observe(&mut self, time: f64, value: f64) {
        if !time.is_finite() || !value.is_finite() {
            return;
        }
        let Some((before, level)) = self.last else {
            (self.first, self.last) = (Some((time, value)), Some((time, value)));
            return;
        };
        let dt = time - before;
        if dt > 0.0 {
            self.squares += (value - level).powi(2) / dt;
            self.increments += 1;
            self.last = Some((time, value));
        }
    }

    /// The drift: its mean, its standard deviation, and the diffusion σ. `None` before three
    /// increments.
    pub fn drift(&self) -> Option<(f64, f64, f64)> {
        let ((start, low), (end, high)) = (self.first?, self.last?);
        if self.increments < 3 {
            return None;
        }
        let elapsed = end - start;
        let mean = (high - low) / elapsed;
        let count = self.increments as f64;
        let variance = (self.squares - mean * mean * elapsed).max(0.0) / (count - 1.0);
        Some((mean, (variance / elapsed).sqrt(), variance.sqrt()))
    }

    /// When the indicator will reach `limit`, from above or below.
    pub fn remaining(&self, limit: f64) -> Option<RemainingLife> {
        let (mean, deviation, sigma) = self.drift()?;
        let (_, first_level) = self.first?;
        let (_, level) = self.last?;
        let side = if limit >= first_level { 1.0 } else { -1.0 };
        let distance = side * (limit - level);
        let within = |time: f64| {
            let draws = (0..DRIFTS).map(|draw| {
                // The middle of each of equally likely classes of the posterior.
                let share = (f64::from(draw) + 0.5) / f64::from(DRIFTS);
                let drift = side * (mean + deviation * normal_quantile(share));
                first_passage(distance, drift, sigma, time)
            });
            draws.sum::<f64>() / f64::from(DRIFTS)
        };
        Some(RemainingLife::from_cdf(within))
    }
}

/// The probability that `distance` is covered within `time`.
fn first_passage(distance: f64, drift: f64, sigma: f64, time: f64) -> f64 {
    if distance <= 0.0 {
        return 1.0;
    }
    if time <= 0.0 {
        return 0.0;
    }
    let spread = sigma * time.sqrt();
    if spread <= 1e-12 * distance {
        return if drift * time >= distance { 1.0 } else { 0.0 };
    }
    let direct = normal_cdf((drift * time - distance) / spread);
    let exponent = 2.0 * drift * distance / (sigma * sigma);
    let mirrored = normal_cdf((-drift * time - distance) / spread);
    // A tiny probability times a huge factor: their product is what counts.
    let reflected = if mirrored > 0.0 {
        (exponent + mirrored.ln()).exp()
    } else {
        0.0
    };
    (direct + reflected).min(1.0)
}

fn normal_quantile(share: f64) -> f64 {
    -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_drift_gives_the_inverse_gaussian() {
        // μ = 1, σ = 1, distance 10: P(T ≤ 10) by the closed form.
        let expected = 0.5 + (20.0_f64).exp() * normal_cdf(-20.0 / 10.0_f64.sqrt());
        assert!((first_passage(10.0, 1.0, 1.0, 10.0) - expected).abs() < 1e-9);
        assert_eq!(first_passage(-1.0, 1.0, 1.0, 0.0), 1.0);
    }

    #[test]
    fn steady_wear_is_extrapolated() {
        let mut wear = WienerDrift::new();
        for step in 0..200 {
            let ripple = if step % 2 == 0 { 0.05 } else { -0.05 };
            wear.observe(f64::from(step), 0.1 * f64::from(step) + ripple);
        }
        let life = wear.remaining(30.0).expect("enough is known");
        let median = life.p50.expect("it is reached");
        assert!((median - 101.0).abs() < 10.0, "{life:?}");
        assert!(life.p10 < life.p50 && life.p50 < life.p90);
    }

    #[test]
    fn nothing_is_said_of_too_little() {
        let mut wear = WienerDrift::new();
        wear.observe(0.0, 1.0);
        wear.observe(f64::NAN, 1.0);
        assert_eq!(wear.remaining(2.0), None);
    }
}

//! Wear that feeds on itself: an exponential trend with multiplicative noise.
//!
//! ```text
//! ln (y − φ) = a + b t + ε,   ε ~ N(0, σ²)
//! P(T ≤ τ) = Φ((a + b (t + τ) − ln (limit − φ)) / sd)
//! ```
//!
//! (a, b) are normal and are updated with every value (recursive least squares with a prior). N.
//! Gebraeel et al., Residual-life distributions from component degradation signals, IIE Transactions
//! 37 (2005).

use nalgebra::{Matrix2, Vector2};

use super::remaining_life::{RemainingLife, normal_cdf};

/// What is believed of a and b before any value: next to nothing.
const VAGUE: f64 = 1e6;
/// Values before anything is said.
const FEWEST: usize = 5;

/// Follows one indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct ExponentialTrend {
    /// φ: what the indicator is without wear.
    floor: f64,
    origin: Option<f64>,
    last: f64,
    mean: Vector2<f64>,
    /// Without σ².
    covariance: Matrix2<f64>,
    /// Σ of squared innovations over their variances.
    squares: f64,
    count: usize,
}

impl ExponentialTrend {
    /// Knows nothing yet but what the indicator is without wear.
    pub fn new(floor: f64) -> Self {
        Self {
            floor,
            origin: None,
            last: 0.0,
            mean: Vector2::zeros(),
            covariance: Matrix2::identity() * VAGUE,
            squares: 0.0,
            count: 0,
        }
    }

    /// Takes in the indicator at a time. Values that are not above the floor say nothing.
    pub fn observe(&mut self, time: f64, value: f64) {
        let above = value - self.floor;
        if !time.is_finite() || !above.is_finite() || above <= 0.0 {
            return;
        }
        let origin = *self.origin.get_or_insert(time);
        let x = Vector2::new(1.0, time - origin);
        let spread = 1.0 + (x.transpose() * self.covariance * x)[(0, 0)];
        let gain = self.covariance * x / spread;
        let innovation = above.ln() - x.dot(&self.mean);
        self.mean += gain * innovation;
        self.covariance -= gain * x.transpose() * self.covariance;
        // The first two values fix the line and tell nothing about the noise.
        if self.count >= 2 {
            self.squares += innovation * innovation / spread;
        }
        self.count += 1;
        self.last = time;
    }

    /// The growth rate b, per unit of time, and its standard deviation.
    pub fn rate(&self) -> Option<(f64, f64)> {
        let variance = self.noise()?;
        Some((self.mean[1], (variance * self.covariance[(1, 1)]).sqrt()))
    }

    /// When the trend will reach `limit`.
    pub fn remaining(&self, limit: f64) -> Option<RemainingLife> {
        let variance = self.noise()?;
        let origin = self.origin?;
        let target = limit - self.floor;
        if target <= 0.0 {
            return None;
        }
        let below = |time: f64| {
            let x = Vector2::new(1.0, self.last - origin + time);
            let spread = variance * (x.transpose() * self.covariance * x)[(0, 0)];
            normal_cdf((x.dot(&self.mean) - target.ln()) / spread.max(1e-300).sqrt())
        };
        Some(RemainingLife::from_cdf(below))
    }

    /// σ²; `None` before enough is known.
    fn noise(&self) -> Option<f64> {
        (self.count >= FEWEST).then(|| (self.squares / (self.count - 2) as f64).max(1e-18))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_exponential_is_told_to_the_digit() {
        let mut trend = ExponentialTrend::new(1.0);
        for step in 0..50 {
            let time = f64::from(step);
            trend.observe(time, 1.0 + 0.2 * (0.05 * time).exp());
        }
        // 0.2 e^(0.05 t) = 20 at t = 20 ln 100 = 92.10.
        let life = trend.remaining(21.0).expect("enough is known");
        let median = life.p50.expect("it is reached");
        assert!(
            (median - (20.0 * 100.0_f64.ln() - 49.0)).abs() < 0.01,
            "{life:?}"
        );
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        use rand::SeedableRng;
        use rand_distr::{Distribution, StandardNormal};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let truth = 20.0 * 100.0_f64.ln() - 59.0;
        let held = (0..400).filter(|_| {
            let mut trend = ExponentialTrend::new(0.0);
            for step in 0..60 {
                let time = f64::from(step);
                let noise: f64 = StandardNormal.sample(&mut random);
                trend.observe(time, 0.2 * (0.05 * time + 0.2 * noise).exp());
            }
            let life = trend.remaining(20.0).expect("enough is known");
            life.p10 < Some(truth) && Some(truth) < life.p90
        });
        let share = held.count() as f64 / 400.0;
        assert!((0.72..0.88).contains(&share), "{share}");
    }
}

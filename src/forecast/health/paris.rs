//! A crack that grows with every cycle: Paris' law, followed by an extended Kalman filter.
//!
//! ```text
//! da/dN = C (Δσ √(π a))^m
//! state (ln a, ln C);  measured: a with noise
//! cycles from a to a_c, m ≠ 2:  (a_c^(1−m/2) − a^(1−m/2)) / (C (Δσ √π)^m (1 − m/2))
//! ```
//!
//! P. Paris, F. Erdogan, A critical analysis of crack propagation laws, J. Basic Eng. 85 (1963).

use nalgebra::{Matrix2, Vector2};

use super::remaining_life::{RemainingLife, normal_cdf};

/// What is believed of a crack, and how it is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct ParisCrack {
    /// m.
    exponent: f64,
    /// (Δσ √π)^m.
    loading: f64,
    /// The relative standard deviation of a measured length.
    noise: f64,
    cycle: f64,
    /// (ln a, ln C)
    state: Vector2<f64>,
    covariance: Matrix2<f64>,
}

impl ParisCrack {
    /// A crack of `length` at cycle 0, each with a standard deviation of its logarithm. `range` is
    /// the stress range Δσ. `None` unless all are positive and finite.
    pub fn new(
        (length, length_sd): (f64, f64),
        (coefficient, coefficient_sd): (f64, f64),
        exponent: f64,
        range: f64,
        noise: f64,
    ) -> Option<Self> {
        let given = [
            length,
            length_sd,
            coefficient,
            coefficient_sd,
            exponent,
            range,
            noise,
        ];
        let positive = given.iter().all(|one| one.is_finite() && *one > 0.0);
        positive.then(|| Self {
            exponent,
            loading: (range * std::f64::consts::PI.sqrt()).powf(exponent),
            noise,
            cycle: 0.0,
            state: Vector2::new(length.ln(), coefficient.ln()),
            covariance: Matrix2::from_diagonal(&Vector2::new(
                length_sd * length_sd,
                coefficient_sd * coefficient_sd,
            )),
        })
    }

    /// Takes in a measured length; what is not later or not positive is left out.
    pub fn observe(&mut self, cycle: f64, length: f64) {
        let cycles = cycle - self.cycle;
        if !cycles.is_finite() || cycles < 0.0 || !length.is_finite() || length <= 0.0 {
            return;
        }
        self.advance(cycles);
        self.cycle = cycle;
        let variance = self.covariance[(0, 0)] + self.noise * self.noise;
        let gain = self.covariance.column(0) / variance;
        self.state += gain * (length.ln() - self.state[0]);
        let row = self.covariance.row(0).into_owned();
        self.covariance -= gain * row;
    }

    /// ln C and its standard deviation.
    pub fn coefficient(&self) -> (f64, f64) {
        (self.state[1], self.covariance[(1, 1)].max(0.0).sqrt())
    }

    /// The cycles until the crack is `critical` long.
    pub fn remaining(&self, critical: f64) -> Option<RemainingLife> {
        if !critical.is_finite() || critical <= 0.0 {
            return None;
        }
        if self.state[0] >= critical.ln() {
            return Some(RemainingLife::from_cdf(|_| 1.0));
        }
        // ln N is nearly normal: linear in ln C, and smooth in ln a.
        let life = |state: &Vector2<f64>| self.cycles_between(state, critical).ln();
        let centre = life(&self.state);
        let nudge = 1e-5;
        let slope = Vector2::new(
            (life(&(self.state + Vector2::new(nudge, 0.0))) - centre) / nudge,
            -1.0,
        );
        let spread = (slope.transpose() * self.covariance * slope)[(0, 0)];
        let spread = spread.max(1e-18).sqrt();
        Some(RemainingLife::from_cdf(|cycles| {
            if cycles > 0.0 {
                normal_cdf((cycles.ln() - centre) / spread)
            } else {
                0.0
            }
        }))
    }

    /// The state and its covariance so many cycles later.
    fn advance(&mut self, cycles: f64) {
        let after = |state: &Vector2<f64>| self.length_after(state, cycles).ln();
        let next = after(&self.state);
        let nudge = 1e-6;
        let by_length = (after(&(self.state + Vector2::new(nudge, 0.0))) - next) / nudge;
        let by_coefficient = (after(&(self.state + Vector2::new(0.0, nudge))) - next) / nudge;
        let jacobian = Matrix2::new(by_length, by_coefficient, 0.0, 1.0);
        self.state[0] = next;
        self.covariance = jacobian * self.covariance * jacobian.transpose();
    }

    fn length_after(&self, state: &Vector2<f64>, cycles: f64) -> f64 {
        let (length, rate) = (state[0].exp(), state[1].exp() * self.loading * cycles);
        let power = 1.0 - 0.5 * self.exponent;
        if power.abs() < 1e-9 {
            return length * rate.exp();
        }
        let left = length.powf(power) + power * rate;
        // Beyond the pole of m > 2 the crack has run through: as long as one likes.
        left.max(1e-12 * length.powf(power)).powf(1.0 / power)
    }

    fn cycles_between(&self, state: &Vector2<f64>, critical: f64) -> f64 {
        let (length, rate) = (state[0].exp(), state[1].exp() * self.loading);
        let power = 1.0 - 0.5 * self.exponent;
        if power.abs() < 1e-9 {
            return (critical / length).ln() / rate;
        }
        (critical.powf(power) - length.powf(power)) / (rate * power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_life_of_a_known_crack_is_the_integral_of_the_law() {
        let crack =
            ParisCrack::new((0.01, 1e-6), (1e-10, 1e-6), 3.0, 80.0, 0.02).expect("positive");
        let life = crack
            .remaining(0.05)
            .and_then(|life| life.p50)
            .expect("reached");
        let (mut length, mut cycles) = (0.01, 0.0);
        while length < 0.05 {
            let rate = 1e-10 * (80.0 * (std::f64::consts::PI * length).sqrt()).powf(3.0);
            length += rate * 10.0;
            cycles += 10.0;
        }
        assert!(
            (life / cycles - 1.0).abs() < 0.01,
            "{life} against {cycles}"
        );
    }

    #[test]
    fn the_coefficient_is_learned_from_measured_lengths() {
        let truth =
            ParisCrack::new((0.01, 1e-6), (1.5e-10, 1e-6), 3.0, 80.0, 0.02).expect("positive");
        let mut crack =
            ParisCrack::new((0.01, 0.05), (1e-10, 0.5), 3.0, 80.0, 0.02).expect("positive");
        for step in 0..60 {
            let cycle = 250.0 * f64::from(step);
            let ripple = if step % 2 == 0 { 1.01 } else { 0.99 };
            crack.observe(cycle, truth.length_after(&truth.state, cycle) * ripple);
        }
        let (found, deviation) = crack.coefficient();
        assert!((found - 1.5e-10_f64.ln()).abs() < 0.1, "{found}");
        assert!(deviation < 0.1);
        assert_eq!(ParisCrack::new((0.0, 1.0), (1.0, 1.0), 3.0, 1.0, 0.1), None);
    }
}

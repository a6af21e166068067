//! Paired differences, summed up as they come.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How sure an interval of the mean is. There are as many verdicts as signals times lead times,
/// so that 95 % would be wrong somewhere on every screen.
const CONFIDENCE: f64 = 0.99;

/// Count, mean and spread of differences (Welford 1962; merged as by Chan, Golub and LeVeque 1979).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Differences {
    count: u64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Differences {
    /// Takes in one.
    pub fn add(&mut self, difference: f64) {
        self.count += 1;
        let from_mean = difference - self.mean;
        self.mean += from_mean / self.count as f64;
        self.squares += from_mean * (difference - self.mean);
    }

    /// Takes in all of another.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let apart = other.mean - self.mean;
        self.squares += other.squares + apart * apart * self.count as f64 * share;
        self.mean += apart * share;
        self.count = count;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; 0 if there are none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The interval that holds the true mean in 99 of 100 cases (Student's t); `None` for fewer
    /// than two.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let freedom = self.count.checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
        let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
        let error = (self.squares.max(0.0) / freedom / self.count as f64).sqrt();
        let reach = error * student.inverse_cdf(0.5 + 0.5 * CONFIDENCE);
        Some((self.mean - reach, self.mean + reach))
    }
}

//! How many false alarms an operator accepts, and the limits that follow.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use thiserror::Error;

/// No single look at a window is allowed to be wrong more often than this.
const LARGEST_SHARE: f64 = 0.05;
const SMALLEST_SHARE: f64 = 1e-9;

/// Why a text is no budget.
#[derive(Clone, Debug, PartialEq, Error)]
#[error(
    "`{text}` is no budget of false alarms; write a number and a time, such as 1/day or 0.5/hour"
)]
pub struct BudgetError {
    text: String,
}

/// So many false alarms may be raised in a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FalseAlarms {
    per_day: f64,
}

impl FalseAlarms {
    /// So many in a day. `None` unless that is a positive number.
    pub fn per_day(per_day: f64) -> Option<Self> {
        (per_day.is_finite() && per_day > 0.0).then_some(Self { per_day })
    }

    /// The share of windows that may be beyond a limit by chance, if windows of `window_secs` are
    /// looked at one after another.
    pub(super) fn share(self, window_secs: f64) -> f64 {
        let share = self.per_day * window_secs / 86_400.0;
        share.clamp(SMALLEST_SHARE, LARGEST_SHARE)
    }
}

impl Default for FalseAlarms {
    fn default() -> Self {
        Self { per_day: 1.0 }
    }
}

impl FromStr for FalseAlarms {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<Self, BudgetError> {
        let wrong = || BudgetError {
            text: text.to_owned(),
        };
        let (count, time) = text.split_once('/').ok_or_else(wrong)?;
        let count: f64 = count.trim().parse().map_err(|_| wrong())?;
        let a_day = match time.trim() {
            "minute" => 1_440.0,
            "hour" => 24.0,
            "day" => 1.0,
            "week" => 1.0 / 7.0,
            "month" => 1.0 / 30.0,
            "year" => 1.0 / 365.0,
            _ => return Err(wrong()),
        };
        Self::per_day(count * a_day).ok_or_else(wrong)
    }
}

impl fmt::Display for FalseAlarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/day", self.per_day)
    }
}

/// The value that a statistic of this mean and variance exceeds with probability `share`, if it is
/// distributed as g χ² with h degrees of freedom.
///
/// G. E. P. Box, Some theorems on quadratic forms, Ann. Math. Stat. 25 (1954).
pub(super) fn quadratic_limit(mean: f64, variance: f64, share: f64) -> f64 {
    let mean = mean.max(1e-12);
    let degrees = (2.0 * mean * mean / variance.max(1e-12)).clamp(0.5, 1e4);
    let g = mean / degrees;
    match ChiSquared::new(degrees) {
        Ok(distribution) => g * distribution.inverse_cdf(1.0 - share),
        Err(_) => unreachable!("degrees of freedom are positive"),
    }
}

/// The limit of a two-sided CUSUM of standard normal steps with reference value `k` that raises a
/// false alarm every `run_length` steps.
///
/// D. Siegmund, Sequential Analysis (1985), with the correction 1.166 for discrete time.
pub(super) fn cusum_limit(k: f64, run_length: f64) -> f64 {
    let average = |limit: f64| {
        let b = limit + 1.166;
        0.5 * ((2.0 * k * b).exp() - 2.0 * k * b - 1.0) / (2.0 * k * k)
    };
    let (mut low, mut high) = (0.0, 60.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if average(middle) < run_length {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_read_and_nonsense_is_refused() {
        let read = |text: &str| text.parse::<FalseAlarms>().map(|budget| budget.per_day);
        assert_eq!(read("2/day"), Ok(2.0));
        assert_eq!(read("0.5 / hour"), Ok(12.0));
        for wrong in [
            "",
            "1",
            "x/day",
            "0/day",
            "-1/day",
            "1/fortnight",
            "inf/day",
        ] {
            let error = read(wrong).expect_err(wrong);
            assert!(error.to_string().contains("1/day"), "{error}");
        }
    }

    #[test]
    fn the_quadratic_limit_is_that_of_chi_squared() {
        // The mean of 8 squared standard normals: χ²_8 / 8, whose 99 % point is 20.090 / 8.
        let limit = quadratic_limit(1.0, 2.0 / 8.0, 0.01);
        assert!((limit - 20.090 / 8.0).abs() < 1e-3, "{limit}");
    }

    #[test]
    fn the_cusum_limit_is_the_published_one() {
        // Montgomery, Statistical Quality Control, table 9.3: k = 0.5, h = 4 gives 168 steps, 5 gives 465.
        assert!((cusum_limit(0.5, 168.0) - 4.0).abs() < 0.05);
        assert!((cusum_limit(0.5, 465.0) - 5.0).abs() < 0.05);
    }
}

//! How good estimates of remaining life were.

use serde::{Deserialize, Serialize};

/// Scores of estimates against the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetSkill {
    /// How many estimates.
    pub count: usize,
    /// The RMSE against remaining lives that are capped as in training.
    pub rmse_capped: f64,
    /// The RMSE against remaining lives as they are.
    pub rmse: f64,
    /// The asymmetric score of the PHM08 challenge, against remaining lives as they are.
    pub score: f64,
    /// The share of intervals that hold the truth; an interval up to the cap means the cap or more.
    pub coverage: f64,
    /// The mean width of the intervals.
    pub width: f64,
}

impl FleetSkill {
    /// Of (estimate, low, high, truth).
    pub fn of(cases: &[(f64, f64, f64, f64)], cap: f64) -> Self {
        let count = cases.len();
        let mean = |of: &dyn Fn(&(f64, f64, f64, f64)) -> f64| {
            cases.iter().map(of).sum::<f64>() / count.max(1) as f64
        };
        let held = |(_, low, high, truth): &(f64, f64, f64, f64)| {
            let truth = truth.min(cap);
            if (*low..=*high).contains(&truth) {
                1.0
            } else {
                0.0
            }
        };
        Self {
            count,
            rmse_capped: mean(&|(one, _, _, truth)| (one - truth.min(cap)).powi(2)).sqrt(),
            rmse: mean(&|(one, _, _, truth)| (one - truth).powi(2)).sqrt(),
            score: cases
                .iter()
                .map(|(one, _, _, truth)| asymmetric_score(one - truth))
                .sum(),
            coverage: mean(&held),
            width: mean(&|(_, low, high, _)| high - low),
        }
    }
}

/// The penalty for an error, estimate less truth: late estimates cost more than early ones.
///
/// A. Saxena et al., Damage propagation modeling for aircraft engine run-to-failure simulation,
/// PHM08 (2008).
pub fn asymmetric_score(error: f64) -> f64 {
    let scale = if error < 0.0 { -13.0 } else { 10.0 };
    (error / scale).exp() - 1.0
}

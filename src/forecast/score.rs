//! How good one forecast of one value was, and the sums of many.
//!
//! ```text
//! CRPS(F, y) = ∫ (F(x) − [x ≥ y])² dx                              Gneiting and Raftery 2007
//!            = 1/m Σ |xᵢ − y| − 1/(2 m²) Σᵢ Σⱼ |xᵢ − xⱼ|           of members, exact
//!            ≈ 2/K Σ ρ_τ(y − q_τ)                                  of K quantiles, Bracher et al. 2021
//! Brier      = 1/2 Σ_s (p_s − [s = y])²                            of states, 0 to 1
//! ```
//!
//! Each is *proper*: nobody gains by saying anything but what he thinks. Of a single value the
//! CRPS is the absolute error, so that a run of one member and persistence can be held against
//! an ensemble.
//!
//! The error (bias, RMSE, MAE) is that of the median, which is what is drawn.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Differences;
use crate::quantile::quantile;

/// The share of the future from P10 to P90.
const BAND: f64 = 0.8;

/// What was forecast of one value, SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Predicted<'a> {
    /// One value, with no word about how sure it is.
    Value(f64),
    /// P10, P50 and P90.
    Quantiles(f64, f64, f64),
    /// What each member of an ensemble says, in ascending order; at least one.
    Members(&'a [f64]),
}

/// One forecast of one value, and what then happened. All values SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case<'a> {
    /// Which of the scorer's subjects.
    pub subject: usize,
    /// How long after the analysis time.
    pub ahead: Duration,
    /// What was forecast.
    pub predicted: Predicted<'a>,
    /// What was measured.
    pub truth: f64,
    /// What was measured at the analysis time.
    pub persistence: Option<f64>,
    /// What was measured at the same time of the last day that was known at the analysis time.
    pub day_before: Option<f64>,
}

/// What scores of distributions were made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// There are none yet.
    #[default]
    Nothing,
    /// Single values.
    Values,
    /// P10, P50 and P90 alone: near the exact score, and as proper.
    Quantiles,
    /// All members: exact.
    Members,
    /// Some of this, some of that.
    Mixed,
}

/// How a forecast did over many values of one signal at one lead time.
///
/// Values of one forecast hang together, so what is uncertain is judged by how many *runs*
/// there are, not values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Values scored.
    pub count: u64,
    /// Values that could not be scored: the truth was missing, stale or not good.
    pub left_out: u64,
    /// Forecasts that the values are of.
    pub runs: u64,
    /// What the CRPS was made from.
    pub basis: Basis,
    /// Sums over values.
    pub(super) error: f64,
    pub(super) squared_error: f64,
    pub(super) absolute_error: f64,
    /// CRPS, or the Brier score of a state.
    pub(super) loss: f64,
    /// Values that had a band, and those that lay in it.
    pub(super) banded: u64,
    pub(super) covered: u64,
    /// The sum of what an honest forecast's bands would have held of them.
    pub(super) expected: f64,
    /// Runs that had a band.
    pub(super) banded_runs: u64,
    pub(super) persistence: Against,
    pub(super) day_before: Against,
}

/// The same values as a forecast without a model would have had them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Against {
    /// Values that it was known for.
    pub(super) count: u64,
    pub(super) squared_error: f64,
    /// Its loss over them, and the forecast's own over the same.
    pub(super) loss: f64,
    pub(super) own_loss: f64,
    /// By run: its mean loss less the forecast's. Above 0, the forecast gains.
    pub(super) gains: Differences,
}

impl Predicted<'_> {
    /// The median; `whole` for states, which have nothing between two values.
    pub fn median(&self, whole: bool) -> f64 {
        match self {
            Self::Value(value) | Self::Quantiles(_, value, _) => *value,
            Self::Members(sorted) => quantile(sorted, 0.5, whole),
        }
    }

    /// P10 and P90, if it says how sure it is.
    pub fn band(&self) -> Option<(f64, f64)> {
        match self {
            Self::Value(_) => None,
            Self::Quantiles(low, _, high) => Some((*low, *high)),
            Self::Members(sorted) => (sorted.len() > 1).then(|| {
                let at = |share| quantile(sorted, share, false);
                (at(0.1), at(0.9))
            }),
        }
    }

    /// The share of truths that the band of an honest forecast holds. Of few members it is less
    /// than 0.8: P10 and P90 lie between ranks, each of which is as likely as the truth's.
    fn expected_coverage(&self) -> f64 {
        match self {
            Self::Value(_) => 0.0,
            Self::Quantiles(..) => BAND,
            Self::Members(sorted) => {
                let count = sorted.len() as f64;
                BAND * (count - 1.0).max(0.0) / (count + 1.0)
            }
        }
    }

    /// The CRPS, in the signal's SI unit.
    pub fn crps(&self, truth: f64) -> f64 {
        match self {
            Self::Value(value) => (value - truth).abs(),
            Self::Quantiles(low, middle, high) => {
                crps_of_quantiles(&[(0.1, *low), (0.5, *middle), (0.9, *high)], truth)
            }
            Self::Members(sorted) => crps_of_members(sorted, truth),
        }
    }

    /// The Brier score of a state. Of quantiles only the median counts: they do not tell how
    /// probable each state is.
    pub fn brier(&self, truth: f64) -> f64 {
        match self {
            Self::Value(value) | Self::Quantiles(_, value, _) => brier(&[*value], truth),
            Self::Members(sorted) => brier(sorted, truth),
        }
    }

    fn basis(&self) -> Basis {
        match self {
            Self::Value(_) => Basis::Values,
            Self::Quantiles(..) => Basis::Quantiles,
            Self::Members(sorted) if sorted.len() > 1 => Basis::Members,
            Self::Members(_) => Basis::Values,
        }
    }
}

impl Basis {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, known) | (known, Self::Nothing) => known,
            (one, other) if one == other => one,
            _ => Self::Mixed,
        }
    }
}

impl Score {
    /// Takes in a case of a run that [`close_run`](Self::close_run) will end.
    pub(super) fn add(&mut self, case: &Case<'_>, is_state: bool) {
        let loss_of = |predicted: &Predicted<'_>| match is_state {
            true => predicted.brier(case.truth),
            false => predicted.crps(case.truth),
        };
        let error = case.predicted.median(is_state) - case.truth;
        let loss = loss_of(&case.predicted);
        self.count += 1;
        self.basis = self.basis.and(case.predicted.basis());
        self.error += error;
        self.squared_error += error * error;
        self.absolute_error += error.abs();
        self.loss += loss;
        if let Some((low, high)) = case.predicted.band().filter(|_| !is_state) {
            self.banded += 1;
            self.expected += case.predicted.expected_coverage();
            self.covered += u64::from((low..=high).contains(&case.truth));
        }
        let baselines = [
            (&mut self.persistence, case.persistence),
            (&mut self.day_before, case.day_before),
        ];
        for (against, value) in baselines {
            let Some(value) = value else { continue };
            against.count += 1;
            against.squared_error += (value - case.truth).powi(2);
            against.loss += loss_of(&Predicted::Value(value));
            against.own_loss += loss;
        }
    }

    /// Ends the run whose values were taken in: it counts as one.
    pub(super) fn close_run(mut self) -> Self {
        self.runs = u64::from(self.count > 0);
        self.banded_runs = u64::from(self.banded > 0);
        for against in [&mut self.persistence, &mut self.day_before] {
            if against.count > 0 {
                let gain = (against.loss - against.own_loss) / against.count as f64;
                against.gains.add(gain);
            }
        }
        self
    }

    /// Takes in what another table knows of the same.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.left_out += other.left_out;
        self.runs += other.runs;
        self.basis = self.basis.and(other.basis);
        self.error += other.error;
        self.squared_error += other.squared_error;
        self.absolute_error += other.absolute_error;
        self.loss += other.loss;
        self.banded += other.banded;
        self.covered += other.covered;
        self.expected += other.expected;
        self.banded_runs += other.banded_runs;
        self.persistence.merge(&other.persistence);
        self.day_before.merge(&other.day_before);
    }

    /// The mean error, SI: forecast − truth.
    pub fn bias(&self) -> Option<f64> {
        mean(self.error, self.count)
    }

    /// The root of the mean squared error, SI.
    pub fn rmse(&self) -> Option<f64> {
        mean(self.squared_error, self.count).map(f64::sqrt)
    }

    /// The mean absolute error, SI.
    pub fn mae(&self) -> Option<f64> {
        mean(self.absolute_error, self.count)
    }

    /// The mean CRPS, SI, or Brier score of a state.
    pub fn loss(&self) -> Option<f64> {
        mean(self.loss, self.count)
    }

    /// The share of truths that lay from P10 to P90.
    pub fn coverage(&self) -> Option<f64> {
        mean(self.covered as f64, self.banded)
    }

    /// The share that an honest forecast of as many members would have: 0.8 for many.
    pub fn expected_coverage(&self) -> Option<f64> {
        mean(self.expected, self.banded)
    }

    /// The interval that holds the true coverage in 95 of 100 cases, each run counting as one.
    pub fn coverage_interval(&self) -> Option<(f64, f64)> {
        Some(wilson_interval(self.coverage()?, self.banded_runs))
    }
}

impl Against {
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.squared_error += other.squared_error;
        self.loss += other.loss;
        self.own_loss += other.own_loss;
        self.gains.merge(&other.gains);
    }

    pub(super) fn rmse(&self) -> Option<f64> {
        mean(self.squared_error, self.count).map(f64::sqrt)
    }

    pub(super) fn loss(&self) -> Option<f64> {
        mean(self.loss, self.count)
    }

    /// 1 for a perfect forecast, 0 for one no better than this, below 0 for a worse one.
    pub(super) fn skill(&self) -> Option<f64> {
        (self.loss > 0.0).then(|| 1.0 - self.own_loss / self.loss)
    }
}

fn mean(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

/// The CRPS of an ensemble whose members are in ascending order: exact for the steps of their
/// distribution. 0 if there are none.
pub fn crps_of_members(sorted: &[f64], truth: f64) -> f64 {
    let count = sorted.len() as f64;
    if sorted.is_empty() {
        return 0.0;
    }
    let mut distance = 0.0;
    let mut spread = 0.0;
    for (place, value) in sorted.iter().enumerate() {
        distance += (value - truth).abs();
        // Of all pairs, this value is the greater in `place` and the smaller in the rest.
        spread += value * (2.0 * place as f64 + 1.0 - count);
    }
    (distance / count - spread / (count * count)).max(0.0)
}

/// The CRPS as quantiles `(share, value)` tell it: twice the mean of their pinball losses.
/// 0 if there are none.
pub fn crps_of_quantiles(quantiles: &[(f64, f64)], truth: f64) -> f64 {
    let pinball = |(share, value): &(f64, f64)| {
        let above = truth - value;
        (share * above).max((share - 1.0) * above)
    };
    let sum: f64 = quantiles.iter().map(pinball).sum();
    2.0 * sum / quantiles.len().max(1) as f64
}

/// The Brier score of members in ascending order that each name a state: 0 if all are right,
/// 1 if all are wrong and of one mind.
pub fn brier(sorted: &[f64], truth: f64) -> f64 {
    let count = sorted.len().max(1) as f64;
    let right = sorted.iter().filter(|value| same_state(**value, truth));
    let right = right.count() as f64 / count;
    let wrong = sorted
        .chunk_by(|one, other| same_state(*one, *other))
        .filter(|chunk| !same_state(chunk[0], truth))
        .map(|chunk| (chunk.len() as f64 / count).powi(2));
    0.5 * ((1.0 - right).powi(2) + wrong.sum::<f64>())
}

fn same_state(one: f64, other: f64) -> bool {
    one.round() == other.round()
}

/// The 95 % interval of a share seen in `trials` (Wilson 1927); all of 0 to 1 without a trial.
pub fn wilson_interval(share: f64, trials: u64) -> (f64, f64) {
    /// The 97.5 % point of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if trials == 0 {
        return (0.0, 1.0);
    }
    let trials = trials as f64;
    let scale = 1.0 + Z * Z / trials;
    let middle = (share + 0.5 * Z * Z / trials) / scale;
    let variance = share * (1.0 - share) / trials + 0.25 * Z * Z / (trials * trials);
    let reach = Z / scale * variance.max(0.0).sqrt();
    ((middle - reach).max(0.0), (middle + reach).min(1.0))
}

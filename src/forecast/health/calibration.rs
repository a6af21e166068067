//! Intervals from errors on units that were held out: split conformal prediction, by class of what
//! was predicted.
//!
//! V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World (2005).

use serde::{Deserialize, Serialize};

/// Classes of predicted life.
const CLASSES: usize = 8;
/// Fewer errors are no class of their own.
const FEWEST: usize = 20;

/// The errors of one class of predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Class {
    /// The mean of its predictions.
    predicted: f64,
    /// Truth less prediction, rising.
    errors: Vec<f64>,
}

/// How wrong predictions were on units that were held out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Calibration {
    classes: Vec<Class>,
}

impl Calibration {
    /// From pairs of prediction and truth.
    pub(super) fn of(pairs: &[(f64, f64)]) -> Self {
        let mut pairs = pairs.to_vec();
        pairs.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let size = pairs.len().div_ceil(CLASSES).max(FEWEST);
        let class = |pairs: &[(f64, f64)]| {
            let mut errors: Vec<f64> = pairs.iter().map(|(one, truth)| truth - one).collect();
            errors.sort_by(f64::total_cmp);
            let sum: f64 = pairs.iter().map(|(one, _)| one).sum();
            Class {
                predicted: sum / pairs.len() as f64,
                errors,
            }
        };
        Self {
            classes: pairs.chunks(size).map(class).collect(),
        }
    }

    /// The interval about a prediction that holds the truth with probability `share`, no farther
    /// than from 0 to `cap`. Where its upper end is the cap, all that is left out lies below.
    pub(super) fn interval(&self, predicted: f64, share: f64, cap: f64) -> (f64, f64) {
        let tail = 0.5 * (1.0 - share);
        let high = predicted + self.error(predicted, 1.0 - tail);
        let (high, below) = if high >= cap - 1e-9 {
            (cap, 2.0 * tail)
        } else {
            (high, tail)
        };
        let low = predicted + self.error(predicted, below);
        (low.clamp(0.0, cap), high.clamp(0.0, cap))
    }

    /// A quantile of the error, straight between the classes.
    fn error(&self, predicted: f64, share: f64) -> f64 {
        let next = self
            .classes
            .partition_point(|class| class.predicted <= predicted);
        let before = next
            .checked_sub(1)
            .and_then(|place| self.classes.get(place));
        match (before, self.classes.get(next)) {
            (Some(one), Some(other)) => {
                let way = (predicted - one.predicted) / (other.predicted - one.predicted);
                (1.0 - way) * one.quantile(share) + way * other.quantile(share)
            }
            (Some(only), None) | (None, Some(only)) => only.quantile(share),
            (None, None) => 0.0,
        }
    }
}

impl Class {
    /// With the correction for a finite sample: away from the median.
    fn quantile(&self, share: f64) -> f64 {
        let count = self.errors.len() as f64;
        let rank = share * (count + 1.0) - 1.0;
        let rank = if share < 0.5 {
            rank.floor()
        } else {
            rank.ceil()
        };
        let rank = rank.clamp(0.0, count - 1.0);
        self.errors[rank as usize]
    }
}

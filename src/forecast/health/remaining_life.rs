//! The distribution of a remaining useful life.

/// Quantiles are looked for no farther than this many times the unit of time.
const FARTHEST: f64 = 1e9;

/// When a limit will be reached, as a distribution. Times are in the unit of the model's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RemainingLife {
    /// In one of ten cases it is shorter. `None`: in fewer the limit is ever reached.
    pub p10: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// In nine of ten cases it is shorter.
    pub p90: Option<f64>,
    /// The probability that the limit is ever reached.
    pub reached: f64,
}

impl RemainingLife {
    /// The same in another unit of time, of which one of now makes so many.
    pub(super) fn scaled(self, factor: f64) -> Self {
        let scaled = |time: Option<f64>| time.map(|time| time * factor);
        Self {
            p10: scaled(self.p10),
            p50: scaled(self.p50),
            p90: scaled(self.p90),
            reached: self.reached,
        }
    }

    /// The same, told so long after. What should have been over then is over now.
    pub fn after(self, time: f64) -> Self {
        let left = |quantile: Option<f64>| quantile.map(|one| (one - time).max(0.0));
        Self {
            p10: left(self.p10),
            p50: left(self.p50),
            p90: left(self.p90),
            reached: self.reached,
        }
    }

    /// From the probability that the limit is reached within a time, which never falls.
    pub(super) fn from_cdf(within: impl Fn(f64) -> f64) -> Self {
        let reached = within(FARTHEST).clamp(0.0, 1.0);
        let at_once = within(0.0);
        // Later than the quantile before.
        let quantile = |share: f64, before: Option<f64>| {
            if at_once >= share {
                return Some(0.0);
            }
            if reached < share {
                return None;
            }
            let before = before.unwrap_or(0.0);
            let (mut low, mut high) = (before, before.max(1e-6));
            while within(high) < share && high < FARTHEST {
                (low, high) = (high, high * 2.0);
            }
            // To a billionth of itself: nobody knows more.
            while high - low > 1e-9 * high {
                let middle = 0.5 * (low + high);
                if within(middle) < share {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            Some(high)
        };
        let p10 = quantile(0.1, None);
        let p50 = quantile(0.5, p10);
        let p90 = quantile(0.9, p50);
        Self {
            p10,
            p50,
            p90,
            reached,
        }
    }
}

/// The standard normal distribution function.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2)
}

//! Whether a forecast is worth more than none, as far as the cases tell.

use serde::{Deserialize, Serialize};

use super::score::{Against, Score};

/// No verdict from fewer runs.
pub const MIN_RUNS: u64 = 8;

/// A forecast that needs no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    /// It stays as it was at the analysis time.
    Persistence,
    /// It is as it was at this time of the last day known.
    DayBefore,
}

/// What a forecast is worth beside the better baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is better, by more than chance.
    Skilful,
    /// It is as good: the difference may be chance, or is too small to be shown.
    NoBetter,
    /// It is worse, by more than chance.
    Worse,
    /// There are too few runs to tell.
    Unknown,
}

impl Verdict {
    /// As a table says it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Skilful => "skilful",
            Self::NoBetter => "no better",
            Self::Worse => "worse",
            Self::Unknown => "unknown",
        }
    }
}

/// A verdict and what it stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The better baseline; `None` if nothing is known of any.
    pub baseline: Option<Baseline>,
    /// Runs that were held against it.
    pub runs: u64,
    /// The mean gain over the baseline, in CRPS (SI) or Brier score; below 0 for a loss.
    pub gain: f64,
    /// Where the true gain lies in 99 of 100 cases.
    pub interval: Option<(f64, f64)>,
}

/// Judges a score. Gains of less than `margin` are none.
///
/// The test is paired: of each run, the forecast's and the baseline's loss over the same values.
pub(super) fn judge(score: &Score, margin: f64) -> Judgement {
    let known = |against: &Against| against.gains.count() >= MIN_RUNS;
    let both = known(&score.persistence) && known(&score.day_before);
    // The better baseline is the one that leaves less to gain; one without a loss leaves nothing.
    let left = |against: &Against| against.skill().unwrap_or(f64::NEG_INFINITY);
    let day_is_better = both && left(&score.day_before) < left(&score.persistence);
    let only_day = !known(&score.persistence) && known(&score.day_before);
    let (baseline, against) = match day_is_better || only_day {
        true => (Baseline::DayBefore, &score.day_before),
        false => (Baseline::Persistence, &score.persistence),
    };
    let gains = &against.gains;
    let interval = gains.interval();
    let verdict = match interval.filter(|_| known(against)) {
        None => Verdict::Unknown,
        Some((low, _)) if low > 0.0 && gains.mean() > margin => Verdict::Skilful,
        Some((_, high)) if high < 0.0 && gains.mean() < -margin => Verdict::Worse,
        Some(_) => Verdict::NoBetter,
    };
    Judgement {
        verdict,
        baseline: (gains.count() > 0).then_some(baseline),
        runs: gains.count(),
        gain: gains.mean(),
        interval,
    }
}

//! When the level of a signal moved: a CUSUM over windows that starts again after each change.
//!
//! ```text
//! S⁺ = max(0, S⁺ + z − k)     z: the mean of a window in scales, about the level so far
//! S⁻ = max(0, S⁻ − z − k)     a change where one exceeds h; it began where that one left zero
//! ```
//!
//! E. S. Page, Continuous inspection schemes, Biometrika 41 (1954).

use super::budget::{FalseAlarms, cusum_limit};
use crate::time::Timestamp;

/// The reference value k: shifts of twice this many scales are found soonest.
const REFERENCE: f64 = 0.5;
/// Windows that a scale is taken from at least.
const FEWEST_WINDOWS: usize = 4;

/// The level of a signal moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// When it was found.
    pub at: Timestamp,
    /// When it began, as far as can be told.
    pub since: Timestamp,
    /// The level before.
    pub before: f64,
    /// The level since.
    pub after: f64,
}

/// Watches the level of one signal, from windows that do not overlap.
#[derive(Clone, Debug)]
pub struct ChangeWatch {
    window: usize,
    limit: f64,
    level: f64,
    scale: f64,
    sum: f64,
    count: usize,
    first: Option<Timestamp>,
    upward: Excess,
    downward: Excess,
}

/// One side of the CUSUM.
#[derive(Clone, Debug, Default)]
struct Excess {
    value: f64,
    since: Option<Timestamp>,
    sum: f64,
    windows: usize,
}

impl ChangeWatch {
    /// Learns level and scale from the values of a stretch, `step_secs` apart. `None` if they are
    /// too few or constant.
    pub fn train(
        values: impl IntoIterator<Item = f64>,
        window: usize,
        step_secs: f64,
        budget: FalseAlarms,
    ) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().collect();
        let window = window.max(1);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let means: Vec<f64> = values.chunks_exact(window).map(mean).collect();
        if means.len() < FEWEST_WINDOWS {
            return None;
        }
        let level = mean(&means);
        let squares = means.iter().map(|one| (one - level).powi(2)).sum::<f64>();
        let scale = (squares / (means.len() - 1) as f64).sqrt();
        let windows_between = 1.0 / budget.share(window as f64 * step_secs);
        (scale > 1e-12 * level.abs()).then(|| Self {
            window,
            limit: cusum_limit(REFERENCE, windows_between),
            level,
            scale,
            sum: 0.0,
            count: 0,
            first: None,
            upward: Excess::default(),
            downward: Excess::default(),
        })
    }

    /// Takes in the next value; a change, if this value completes one.
    pub fn push(&mut self, at: Timestamp, value: f64) -> Option<Change> {
        self.first.get_or_insert(at);
        self.sum += value;
        self.count += 1;
        if self.count < self.window {
            return None;
        }
        let mean = self.sum / self.count as f64;
        let start = self.first.take().unwrap_or(at);
        (self.sum, self.count) = (0.0, 0);
        let z = (mean - self.level) / self.scale;
        self.upward.take(z - REFERENCE, mean, start);
        self.downward.take(-z - REFERENCE, mean, start);
        let found = [&self.upward, &self.downward]
            .into_iter()
            .find(|side| side.value > self.limit)?;
        let after = found.sum / found.windows.max(1) as f64;
        let change = Change {
            at,
            since: found.since.unwrap_or(start),
            before: self.level,
            after,
        };
        self.level = after;
        self.upward = Excess::default();
        self.downward = Excess::default();
        Some(change)
    }
}

impl Excess {
    fn take(&mut self, step: f64, mean: f64, start: Timestamp) {
        self.value += step;
        if self.value <= 0.0 {
            *self = Self::default();
            return;
        }
        self.since.get_or_insert(start);
        self.sum += mean;
        self.windows += 1;
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_step_is_found_once_with_its_begin_and_its_levels() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut noise = || random.random_range(-1.0..1.0);
        let before: Vec<f64> = (0..400).map(|_| 5.0 + noise()).collect();
        let budget = FalseAlarms::per_day(1.0).expect("positive");
        let mut watch = ChangeWatch::train(before, 10, 1.0, budget).expect("enough");
        let at = |second: i64| Timestamp::from_nanos(second * 1_000_000_000);
        let mut found = Vec::new();
        for second in 0..1_000 {
            let level = if second < 500 { 5.0 } else { 6.0 };
            found.extend(watch.push(at(second), level + noise()));
        }
        assert_eq!(found.len(), 1, "{found:?}");
        let change = found[0];
        assert!(
            (change.since.secs_since(at(500))).abs() <= 20.0,
            "{change:?}"
        );
        assert!(change.at.secs_since(at(500)) <= 100.0, "{change:?}");
        assert!((change.before - 5.0).abs() < 0.1 && (change.after - 6.0).abs() < 0.2);
    }

    #[test]
    fn what_never_moves_cannot_be_watched() {
        let budget = FalseAlarms::default();
        assert!(ChangeWatch::train(vec![1.0; 400], 10, 1.0, budget).is_none());
        assert!(ChangeWatch::train([1.0, 2.0], 10, 1.0, budget).is_none());
    }
}

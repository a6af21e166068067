//! A signal over a stretch of time in a few numbers, each value weighing as long as it held.
//!
//! A value holds until the next sample, until it is stale or its link is lost, and, of a run,
//! until the end of what was simulated: just as long as the history would answer with it.
//!
//! Limitations: of a stretch in the archive, what is not loaded yet counts as missing, and short
//! gaps are missed as in [`History::gaps`].

use std::time::Duration;

use super::{Gap, History, Track};
use crate::signal::{Origin, QualityClass, Sample, SignalId};
use crate::time::Timestamp;

/// What a signal did over a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RangeStatistics {
    /// Samples in the stretch, both ends included.
    pub count: usize,
    /// Of the values that could be used; `None` if none held for any time.
    pub held: Option<HeldValues>,
    /// How long a bad value was all there was, s.
    pub bad_secs: f64,
    /// How long there was nothing, or nothing fresh, s.
    pub missing_secs: f64,
}

/// The values of good and uncertain samples, weighed by the time for which each held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldValues {
    /// For how long they held, s.
    pub secs: f64,
    /// The lowest, SI.
    pub min: f64,
    /// The highest, SI.
    pub max: f64,
    /// The mean over time, SI.
    pub mean: f64,
    /// The standard deviation over time, SI.
    pub deviation: f64,
    /// The integral over time, SI times s.
    pub integral: f64,
}

impl RangeStatistics {
    /// The part of the stretch, 0 to 1, in which nothing could be used.
    pub fn unusable_share(&self) -> f64 {
        let unusable = self.bad_secs + self.missing_secs;
        let whole = unusable + self.held.map_or(0.0, |held| held.secs);
        if whole > 0.0 { unusable / whole } else { 0.0 }
    }
}

impl History {
    /// What `signal` did from `from` to `to`, by what `origin` says; measured values are stale
    /// once older than `max_age`.
    pub fn statistics(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
        max_age: Duration,
    ) -> RangeStatistics {
        let mut sums = WeightedSums::default();
        let mut statistics = RangeStatistics::default();
        if to <= from {
            return statistics;
        }
        let gaps = match origin {
            Origin::Measured => self.gaps(signal, from, to, max_age),
            _ => self.unsaid(origin, to),
        };
        let mut gaps = gaps.into_iter().peekable();
        let mut hold = |held: Option<Sample>, start: Timestamp, end: Timestamp| {
            while gaps.next_if(|gap| gap.to <= start).is_some() {}
            let fresh_to = gaps.peek().map_or(end, |gap| gap.from.clamp(start, end));
            let fresh = fresh_to.secs_since(start);
            statistics.missing_secs += end.secs_since(fresh_to);
            match held {
                Some(sample) if sample.quality.class() == QualityClass::Bad => {
                    statistics.bad_secs += fresh;
                }
                Some(sample) => sums.add(sample.value, fresh),
                None => statistics.missing_secs += fresh,
            }
        };
        let mut held = self.sample_before(origin, signal, from);
        let mut since = from;
        let mut count = 0;
        for sample in self.range(origin, signal, from, to) {
            count += 1;
            hold(held, since, sample.at);
            (held, since) = (Some(*sample), sample.at);
        }
        hold(held, since, to);
        statistics.count = count;
        statistics.held = sums.finish();
        statistics
    }

    /// What lies beyond the end of what `origin` says, up to `to`.
    fn unsaid(&self, origin: Origin, to: Timestamp) -> Vec<Gap> {
        let reach = self.tracks.get(&origin).and_then(Track::reach);
        let end = reach.filter(|end| *end < to);
        end.map_or_else(Vec::new, |from| vec![Gap { from, to }])
    }
}

/// Mean and variance with weights, one value after another (West 1979), which lose no digits to
/// a large mean.
#[derive(Debug)]
struct WeightedSums {
    secs: f64,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for WeightedSums {
    fn default() -> Self {
        Self {
            secs: 0.0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl WeightedSums {
    fn add(&mut self, value: f64, secs: f64) {
        if secs <= 0.0 {
            return;
        }
        self.secs += secs;
        let off = value - self.mean;
        self.mean += off * (secs / self.secs);
        self.squares += secs * off * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    fn finish(&self) -> Option<HeldValues> {
        (self.secs > 0.0).then(|| HeldValues {
            secs: self.secs,
            min: self.min,
            max: self.max,
            mean: self.mean,
            deviation: (self.squares / self.secs).max(0.0).sqrt(),
            integral: self.mean * self.secs,
        })
    }
}

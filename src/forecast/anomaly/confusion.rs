//! Flags against labels, for benchmarks. Labels are never seen by a detector.

use std::ops::AddAssign;

use serde::Serialize;

/// Rows by what was flagged and what was true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Flagged, and anomalous.
    pub true_positives: usize,
    /// Flagged, and ordinary.
    pub false_positives: usize,
    /// Not flagged, and anomalous.
    pub false_negatives: usize,
    /// Not flagged, and ordinary.
    pub true_negatives: usize,
}

impl Confusion {
    /// Counts a row.
    pub fn count(&mut self, flagged: bool, anomalous: bool) {
        let cell = match (flagged, anomalous) {
            (true, true) => &mut self.true_positives,
            (true, false) => &mut self.false_positives,
            (false, true) => &mut self.false_negatives,
            (false, false) => &mut self.true_negatives,
        };
        *cell += 1;
    }

    /// F1 of the anomalous rows; `None` where nothing is flagged and nothing is anomalous.
    pub fn f1(&self) -> Option<f64> {
        let wrong = self.false_positives + self.false_negatives;
        share(2 * self.true_positives, 2 * self.true_positives + wrong)
    }

    /// The share of ordinary rows that are flagged: the false alarm rate.
    pub fn false_alarm_rate(&self) -> Option<f64> {
        share(
            self.false_positives,
            self.false_positives + self.true_negatives,
        )
    }

    /// The share of anomalous rows that are not flagged: the missing alarm rate.
    pub fn missing_alarm_rate(&self) -> Option<f64> {
        share(
            self.false_negatives,
            self.false_negatives + self.true_positives,
        )
    }
}

impl AddAssign for Confusion {
    fn add_assign(&mut self, other: Self) {
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.false_negatives += other.false_negatives;
        self.true_negatives += other.true_negatives;
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

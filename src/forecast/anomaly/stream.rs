//! A detector at work: one row in, one verdict out. It knows no row before it is pushed.

use std::borrow::Cow;

use super::detector::{Detector, DetectorError};
use super::monitor::{Finding, MonitorKind};
use super::table::SignalTable;
use super::window::{Shown, Window};
use crate::time::Timestamp;

/// What a detector says about a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The instant of the row.
    pub at: Timestamp,
    /// True for rows of the stretch that the detector was trained on.
    pub training: bool,
    /// How far the row is out: 1 is the limit.
    pub score: f64,
    /// True while an excursion lasts.
    pub flagged: bool,
    /// The monitor that is farthest out.
    pub monitor: MonitorKind,
    /// The share of each signal in that, in the order of the detector's signals; they sum to 1
    /// where anything deviates at all.
    pub contributions: Vec<f64>,
}

/// A detector that takes rows as they come in.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    detector: Cow<'a, Detector>,
    windows: Vec<Window>,
    /// What is ordinary by now, by monitor.
    means: Vec<Vec<f64>>,
    /// The highest score of late.
    peak: f64,
}

impl<'a> Stream<'a> {
    pub(super) fn new(detector: Cow<'a, Detector>) -> Self {
        let means = detector.monitors.iter();
        Self {
            windows: detector.windows(),
            means: means.map(|monitor| monitor.means.clone()).collect(),
            peak: 0.0,
            detector,
        }
    }

    /// The detector that is at work, as it was trained.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Takes in the rows of a table that has the detector's signals, among others.
    pub fn score(&mut self, table: &SignalTable) -> Result<Vec<Verdict>, DetectorError> {
        let places = self.detector.places(table)?;
        let verdicts = (0..table.len()).map(|row| {
            let values = table.row(row);
            let values: Vec<_> = places.iter().map(|place| values[*place]).collect();
            self.push(table.times()[row], &values)
        });
        Ok(verdicts.collect())
    }

    /// Takes in the next row, values in the order of the detector's signals.
    pub fn push(&mut self, at: Timestamp, values: &[Option<f64>]) -> Verdict {
        let detector = self.detector.as_ref();
        let windows = self.windows.iter_mut().enumerate();
        let shown: Vec<Shown> = windows
            .map(|(place, window)| window.push(values.get(place).copied().flatten()))
            .collect();
        let weights: Vec<f64> = shown.iter().map(|one| one.weight).collect();
        let levels: Vec<_> = shown.iter().map(|one| one.level).collect();
        let spreads: Vec<_> = shown.iter().map(|one| one.spread).collect();
        let indicators = |kind| match kind {
            MonitorKind::Level | MonitorKind::Correlation => &levels,
            MonitorKind::Spread => &spreads,
        };
        let mut worst: Option<(MonitorKind, Finding)> = None;
        for (monitor, means) in detector.monitors.iter().zip(&self.means) {
            let finding = monitor.look(indicators(monitor.kind), &weights, means);
            if worst
                .as_ref()
                .is_none_or(|(_, other)| finding.score > other.score)
            {
                worst = Some((monitor.kind, finding));
            }
        }
        let (monitor, finding) = worst.unwrap_or((
            MonitorKind::Level,
            Finding {
                score: 0.0,
                shares: vec![0.0; values.len()],
            },
        ));
        let settings = &detector.settings;
        let faded = self.peak * (-1.0 / settings.peak_memory).exp();
        self.peak = faded.max(finding.score);
        let trained = detector.trained;
        let training = (trained.from..=trained.to).contains(&at);
        // The reference follows the plant, but not into a fault.
        if at > trained.to && finding.score < 1.0 {
            let rate = 1.0 / settings.follow.unwrap_or(trained.rows as f64).max(1.0);
            for (monitor, means) in detector.monitors.iter().zip(&mut self.means) {
                let row = indicators(monitor.kind);
                for (mean, value) in means.iter_mut().zip(row) {
                    if let Some(value) = value {
                        *mean += (value - *mean) * rate;
                    }
                }
            }
        }
        Verdict {
            at,
            training,
            score: finding.score,
            flagged: finding.score > 1.0 && finding.score > settings.clear_below * self.peak,
            monitor,
            contributions: finding.shares,
        }
    }
}

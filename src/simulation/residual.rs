//! What was measured less what a run expected of the same instant, in standard deviations where
//! the run's band tells how sure it is.
//!
//! ```text
//! residual = measured − P50          sigma = (P90 − P10) / 2.5631
//! ```
//!
//! P10 and P90 of a normal distribution lie 2.5631 standard deviations apart.

use crate::history::Row;
use crate::scene::Signal;
use crate::signal::{Origin, QualityClass, RunId, Sample};
use crate::simulation::RunRecord;
use crate::time::Timestamp;

/// P10 and P90 of a normal distribution lie so many standard deviations apart.
const P10_TO_P90: f64 = 2.563_103;
/// A band narrower than this part of the signal's range says nothing: its members are alike.
const NARROWEST: f64 = 1e-4;

/// How a reading compares with what a run expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Residual {
    /// The run says nothing of it, or it is not to be compared: a state, or what nobody measures.
    None,
    /// The run expects a value, but the reading is missing, old or bad.
    Doubtful {
        /// What the run expects, SI.
        expected: f64,
    },
    /// Both are known.
    Known {
        /// What the run expects, SI.
        expected: f64,
        /// Measured less expected, SI.
        off: f64,
        /// The standard deviation of what the run expects, SI; `None` without a band.
        sigma: Option<f64>,
    },
}

impl Residual {
    /// Of a signal: `measured` is what it shows, `said` what an origin said of it at that instant.
    pub fn of(
        signal: &Signal,
        run: RunId,
        measured: Option<&Row>,
        said: impl Fn(Origin) -> Option<Sample>,
    ) -> Self {
        if !signal.states.is_empty() {
            return Self::None;
        }
        let value = |origin| {
            let sample: Sample = said(origin)?;
            let usable = sample.quality.class() != QualityClass::Bad;
            usable.then_some(sample.value)
        };
        let Some(expected) = value(Origin::Simulated(run)) else {
            return Self::None;
        };
        let Some(measured) = measured.filter(|row| is_usable(row)) else {
            // Where nobody measures, nothing is missing.
            return match signal.measured || measured.is_some() {
                true => Self::Doubtful { expected },
                false => Self::None,
            };
        };
        let edges = value(Origin::BandLow(run)).zip(value(Origin::BandHigh(run)));
        let least = NARROWEST * (signal.range.1 - signal.range.0).abs();
        let width = edges.map(|(low, high)| high - low);
        Self::Known {
            expected,
            off: measured.sample.value - expected,
            sigma: width
                .filter(|width| *width > least)
                .map(|width| width / P10_TO_P90),
        }
    }

    /// How many standard deviations the measurement is off, with its sign.
    pub fn sigmas(self) -> Option<f64> {
        match self {
            Self::Known { off, sigma, .. } => sigma.map(|sigma| off / sigma),
            Self::None | Self::Doubtful { .. } => None,
        }
    }
}

/// True if a reading may be held against another value of its instant.
pub fn is_usable(row: &Row) -> bool {
    row.sample.quality.class() != QualityClass::Bad && !row.stale && !row.lost
}

/// The run against which the plant is held at an instant of the present or the past: the selected
/// one if it tells of that instant, else of those that do the one that started last.
pub fn judging_run(
    runs: &[RunRecord],
    selected: Option<RunId>,
    at: Timestamp,
) -> Option<&RunRecord> {
    let tells = |run: &&RunRecord| (run.start..=run.reached).contains(&at);
    let chosen = runs.iter().find(|run| Some(run.id) == selected);
    let newest = || runs.iter().filter(tells).max_by_key(|run| run.id);
    chosen.filter(tells).or_else(newest)
}

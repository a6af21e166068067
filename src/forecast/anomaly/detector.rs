//! A detector: trained on a stretch of rows, kept as a file.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::budget::FalseAlarms;
use super::monitor::{Monitor, MonitorKind, Recipe};
use super::stream::{Stream, Verdict};
use super::table::SignalTable;
use super::window::{Shown, Window};
use crate::time::Timestamp;

/// The form of a written detector.
const FORMAT: u32 = 1;
/// Training needs this many windows.
const FEWEST_WINDOWS: usize = 4;
/// Above so many signals the correlations are not estimated: their number grows with the square.
const MOST_CORRELATED: usize = 200;
/// No window of training rows may know less than this share of a signal.
const LEAST_KNOWN: f64 = 0.5;

/// How a detector is trained. One set for all plants: what differs between them is learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectorSettings {
    /// The false alarms that an operator accepts.
    pub budget: FalseAlarms,
    /// The length of the trailing window, rows.
    pub window: usize,
    /// 1: signals are taken as independent; 0: correlated as they were in training.
    pub shrinkage: f64,
    /// The limits of the levels, correlations and spreads are widened so many times: correlations
    /// and spreads are estimated from fewer independent values than levels.
    pub margins: [f64; 3],
    /// An excursion is over when the score is below this share of its peak.
    pub clear_below: f64,
    /// Peaks are forgotten with this time constant, rows.
    pub peak_memory: f64,
    /// The time constant with which the reference follows the plant while nothing is flagged,
    /// rows; as many as were trained on if not given.
    pub follow: Option<f64>,
}

impl Default for DetectorSettings {
    fn default() -> Self {
        Self {
            budget: FalseAlarms::default(),
            window: 30,
            shrinkage: 0.3,
            margins: [1.0, 2.0, 1.5],
            clear_below: 0.5,
            peak_memory: 500.0,
            follow: None,
        }
    }
}

/// Why a detector cannot be trained or used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DetectorError {
    /// There is too little to learn from.
    #[error("{rows} rows are too few to learn from; train on at least {needed}")]
    TooFewRows {
        /// The rows that there are.
        rows: usize,
        /// The rows that it takes.
        needed: usize,
    },
    /// No signal can be watched.
    #[error("no signal can be watched: {}", .ignored.iter().map(|one| format!("{} {}", one.signal, one.reason)).collect::<Vec<_>>().join(", "))]
    NoSignals {
        /// What is wrong with each.
        ignored: Vec<IgnoredSignal>,
    },
    /// The rows lack signals that the detector knows.
    #[error("the detector was trained with signals that are not here: {}", .signals.join(", "))]
    MissingSignals {
        /// Their names.
        signals: Vec<String>,
    },
    /// A file is no detector.
    #[error("not a detector: {message}")]
    Unreadable {
        /// What the reader says.
        message: String,
    },
    /// A file is newer than this program.
    #[error("detector format {found} is newer than {FORMAT}; use a newer Parallax")]
    TooNew {
        /// Its format.
        found: u32,
    },
}

/// A signal that is not watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IgnoredSignal {
    /// Its name.
    pub signal: String,
    /// Why.
    pub reason: String,
}

/// What a detector was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingStretch {
    /// The first row.
    pub from: Timestamp,
    /// The last row.
    pub to: Timestamp,
    /// How many rows.
    pub rows: usize,
    /// The median distance of rows, s.
    pub step_secs: f64,
    /// The share of its own rows that the detector flags.
    pub flagged_share: f64,
}

/// A signal as it was in training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ordinary {
    mean: f64,
    variance: f64,
}

/// What was ordinary, and how far from it is too far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    format: u32,
    /// The version of the program that trained it.
    version: String,
    /// How it was trained.
    pub settings: DetectorSettings,
    /// What it was trained on.
    pub trained: TrainingStretch,
    /// The signals that it watches.
    pub signals: Vec<String>,
    /// The signals that it does not watch.
    pub ignored: Vec<IgnoredSignal>,
    pub(super) ordinary: Vec<Ordinary>,
    pub(super) monitors: Vec<Monitor>,
}

impl Detector {
    /// Learns from some rows of a table.
    pub fn train(
        table: &SignalTable,
        rows: Range<usize>,
        settings: &DetectorSettings,
    ) -> Result<Self, DetectorError> {
        let rows = rows.start..rows.end.min(table.len());
        let needed = FEWEST_WINDOWS * settings.window.max(2);
        if rows.len() < needed {
            return Err(DetectorError::TooFewRows {
                rows: rows.len(),
                needed,
            });
        }
        let mut signals = Vec::new();
        let mut ordinary = Vec::new();
        let mut ignored = Vec::new();
        for (place, name) in table.names().iter().enumerate() {
            let values = rows.clone().map(|row| table.row(row)[place]);
            match Ordinary::of(values) {
                Ok(one) => {
                    signals.push(name.clone());
                    ordinary.push(one);
                }
                Err(reason) => ignored.push(IgnoredSignal {
                    signal: name.clone(),
                    reason: reason.to_owned(),
                }),
            }
        }
        if signals.is_empty() {
            return Err(DetectorError::NoSignals { ignored });
        }
        let step_secs = table.step_secs(rows.clone()).unwrap_or(1.0);
        let mut detector = Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: settings.clone(),
            trained: TrainingStretch {
                from: table.times()[rows.start],
                to: table.times()[rows.end - 1],
                rows: rows.len(),
                step_secs,
                flagged_share: 0.0,
            },
            signals,
            ignored,
            ordinary,
            monitors: Vec::new(),
        };
        detector.learn(table, rows.clone())?;
        let verdicts = detector.score_rows(table, rows)?;
        let flagged = verdicts.iter().filter(|verdict| verdict.flagged).count();
        detector.trained.flagged_share = flagged as f64 / verdicts.len() as f64;
        Ok(detector)
    }

    /// Scores every row of a table, each from it and earlier rows.
    pub fn score(&self, table: &SignalTable) -> Result<Vec<Verdict>, DetectorError> {
        self.score_rows(table, 0..table.len())
    }

    /// A detector that takes rows as they come in, values in the order of its signals.
    pub fn stream(&self) -> Stream<'_> {
        Stream::new(Cow::Borrowed(self))
    }

    /// As [`stream`](Self::stream), for whoever keeps both.
    pub fn into_stream(self) -> Stream<'static> {
        Stream::new(Cow::Owned(self))
    }

    /// The detector as text for a file.
    pub fn to_json(&self) -> Result<String, DetectorError> {
        serde_json::to_string_pretty(self).map_err(|error| DetectorError::Unreadable {
            message: error.to_string(),
        })
    }

    /// Reads a detector that was written.
    pub fn from_json(text: &str) -> Result<Self, DetectorError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| DetectorError::Unreadable {
            message: error.to_string(),
        };
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if head.format > FORMAT {
            return Err(DetectorError::TooNew { found: head.format });
        }
        let detector: Self = serde_json::from_str(text).map_err(unreadable)?;
        let width = detector.signals.len();
        let fits = detector.monitors.iter().all(|monitor| monitor.fits(width));
        if detector.ordinary.len() != width || !fits || detector.settings.window < 2 {
            return Err(DetectorError::Unreadable {
                message: "its parts do not fit together; train it again".to_owned(),
            });
        }
        Ok(detector)
    }

    pub(super) fn windows(&self) -> Vec<Window> {
        let window = |one: &Ordinary| Window::new(self.settings.window, one.mean, one.variance);
        self.ordinary.iter().map(window).collect()
    }

    fn score_rows(
        &self,
        table: &SignalTable,
        rows: Range<usize>,
    ) -> Result<Vec<Verdict>, DetectorError> {
        let places = self.places(table)?;
        let mut stream = self.stream();
        let verdicts = rows.map(|row| {
            let values = table.row(row);
            let values: Vec<_> = places.iter().map(|place| values[*place]).collect();
            stream.push(table.times()[row], &values)
        });
        Ok(verdicts.collect())
    }

    /// Where the signals stand in a table.
    pub(super) fn places(&self, table: &SignalTable) -> Result<Vec<usize>, DetectorError> {
        let place = |name: &String| table.names().iter().position(|other| other == name);
        let places: Vec<_> = self.signals.iter().map(place).collect();
        let missing = self.signals.iter().zip(&places);
        let missing: Vec<_> = missing
            .filter(|(_, place)| place.is_none())
            .map(|(name, _)| name.clone())
            .collect();
        if missing.is_empty() {
            Ok(places.into_iter().flatten().collect())
        } else {
            Err(DetectorError::MissingSignals { signals: missing })
        }
    }

    fn learn(&mut self, table: &SignalTable, rows: Range<usize>) -> Result<(), DetectorError> {
        let places = self.places(table)?;
        let mut windows = self.windows();
        let (mut levels, mut spreads) = (Vec::new(), Vec::new());
        for row in rows {
            let values = table.row(row);
            let shown = windows.iter_mut().zip(&places);
            let shown: Vec<Shown> = shown
                .map(|(window, place)| window.push(values[*place]))
                .collect();
            levels.push(shown.iter().map(|one| one.level).collect());
            spreads.push(shown.iter().map(|one| one.spread).collect());
        }
        let settings = &self.settings;
        let window = settings.window as f64;
        let mut kinds = vec![MonitorKind::Level, MonitorKind::Spread];
        if (2..=MOST_CORRELATED).contains(&self.signals.len()) {
            kinds.push(MonitorKind::Correlation);
        }
        let share = settings.budget.share(window * self.trained.step_secs) / kinds.len() as f64;
        let train = |kind: &MonitorKind| {
            // What independent values would scatter by: a mean of so many, and the logarithm of
            // a sample variance.
            let floors = match kind {
                MonitorKind::Level | MonitorKind::Correlation => {
                    let scatter = |one: &Ordinary| (one.variance / window).sqrt();
                    self.ordinary.iter().map(scatter).collect()
                }
                MonitorKind::Spread => vec![0.5 * (2.0 / window).sqrt(); self.ordinary.len()],
            };
            let recipe = Recipe {
                kind: *kind,
                window: settings.window,
                shrinkage: match kind {
                    MonitorKind::Correlation => settings.shrinkage,
                    MonitorKind::Level | MonitorKind::Spread => 1.0,
                },
                share,
                margin: match kind {
                    MonitorKind::Level => settings.margins[0],
                    MonitorKind::Correlation => settings.margins[1],
                    MonitorKind::Spread => settings.margins[2],
                },
                floors,
            };
            let indicators = match kind {
                MonitorKind::Level | MonitorKind::Correlation => &levels,
                MonitorKind::Spread => &spreads,
            };
            Monitor::train(&recipe, indicators)
        };
        self.monitors = kinds.iter().map(train).collect();
        Ok(())
    }
}

impl Ordinary {
    /// The mean and variance of what is known, or why the signal cannot be watched.
    fn of(values: impl Iterator<Item = Option<f64>>) -> Result<Self, &'static str> {
        let values: Vec<_> = values.collect();
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        if (known.len() as f64) < LEAST_KNOWN * values.len() as f64 {
            return Err("is missing in most training rows");
        }
        let count = known.len() as f64;
        let mean = known.iter().sum::<f64>() / count;
        let variance = known
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / count;
        if variance <= (1e-9 * mean).powi(2) {
            return Err("is constant in training");
        }
        Ok(Self { mean, variance })
    }
}

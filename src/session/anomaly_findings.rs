//! What a detector found, as a person reads it: flagged stretches, and changes of a level.

use crate::forecast::anomaly::{Change, ChangeWatch, Detector, MonitorKind, SignalTable, Verdict};
use crate::time::Timestamp;

/// Flagged rows without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Excursion {
    /// The first flagged row.
    pub from: Timestamp,
    /// The last one.
    pub to: Timestamp,
    /// The highest score; 1 is the limit.
    pub peak: f64,
    /// When that was.
    pub peak_at: Timestamp,
    /// The monitor that was farthest out then.
    pub monitor: MonitorKind,
    /// The share of each signal then, in the order of the detector's signals.
    pub shares: Vec<f64>,
    /// True if it goes on at the last row.
    pub lasts: bool,
}

/// A change of the level of a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalChange {
    /// The full name of the signal.
    pub signal: String,
    /// From where to where, SI.
    pub change: Change,
}

/// A watch for each signal of a detector that can be watched for changes.
#[derive(Clone, Debug)]
pub struct ChangeWatches {
    signals: Vec<(String, ChangeWatch)>,
    trained: Timestamp,
}

/// The excursions of rows in order of time.
pub fn excursions<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Vec<Excursion> {
    let mut found: Vec<Excursion> = Vec::new();
    for verdict in verdicts {
        let open = found.last_mut().filter(|last| last.lasts);
        match (open, verdict.flagged) {
            (None, false) => {}
            (None, true) => found.push(Excursion {
                from: verdict.at,
                to: verdict.at,
                peak: verdict.score,
                peak_at: verdict.at,
                monitor: verdict.monitor,
                shares: verdict.contributions.clone(),
                lasts: true,
            }),
            (Some(open), false) => open.lasts = false,
            (Some(open), true) => {
                open.to = verdict.at;
                if verdict.score > open.peak {
                    open.peak = verdict.score;
                    open.peak_at = verdict.at;
                    open.monitor = verdict.monitor;
                    open.shares.clone_from(&verdict.contributions);
                }
            }
        }
    }
    found
}

/// The changes of each signal after the rows that the detector was trained on, in order of time.
pub fn changes(detector: &Detector, table: &SignalTable) -> Vec<SignalChange> {
    ChangeWatches::train(detector, table).push(table)
}

impl ChangeWatches {
    /// Learns from the rows that the detector was trained on. A signal that never moves there
    /// cannot be watched.
    pub fn train(detector: &Detector, table: &SignalTable) -> Self {
        let trained = detector.trained;
        let watch = |name: &String| {
            let place = table.names().iter().position(|other| other == name)?;
            let known = table.times().iter().zip(table.column(place));
            let learned = known
                .filter(|(at, _)| (trained.from..=trained.to).contains(at))
                .filter_map(|(_, value)| value);
            let watch = ChangeWatch::train(
                learned,
                detector.settings.window,
                trained.step_secs,
                detector.settings.budget,
            )?;
            Some((name.clone(), watch))
        };
        Self {
            signals: detector.signals.iter().filter_map(watch).collect(),
            trained: trained.to,
        }
    }

    /// Takes in further rows; those of training are passed over.
    pub fn push(&mut self, table: &SignalTable) -> Vec<SignalChange> {
        let mut found = Vec::new();
        for (name, watch) in &mut self.signals {
            let Some(place) = table.names().iter().position(|other| other == name) else {
                continue;
            };
            for (at, value) in table.times().iter().zip(table.column(place)) {
                let Some(value) = value.filter(|_| *at > self.trained) else {
                    continue;
                };
                if let Some(change) = watch.push(*at, value) {
                    let signal = name.clone();
                    found.push(SignalChange { signal, change });
                }
            }
        }
        found.sort_by_key(|one| one.change.at);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flagged_rows_without_a_gap_are_one_excursion_that_tells_its_peak() {
        let row = |second: i64, score: f64| Verdict {
            at: Timestamp::from_secs(second),
            training: false,
            score,
            flagged: score > 1.0,
            monitor: MonitorKind::Level,
            contributions: vec![score, 0.0],
        };
        let rows = [0.2, 1.5, 3.0, 1.2, 0.9, 2.0].iter().zip(0..);
        let rows: Vec<_> = rows.map(|(score, second)| row(second, *score)).collect();
        let found = excursions(&rows);
        assert_eq!(found.len(), 2, "{found:?}");
        let at = Timestamp::from_secs;
        let first = &found[0];
        assert_eq!((first.from, first.peak_at, first.to), (at(1), at(2), at(3)));
        assert_eq!((first.peak, first.shares[0]), (3.0, 3.0));
        assert_eq!((first.lasts, found[1].lasts), (false, true));
    }
}

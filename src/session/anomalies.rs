//! Anomalies that go on being looked for: what was found in the history, and in what comes in.

use std::collections::VecDeque;
use std::time::Duration;

use super::anomaly_findings::{ChangeWatches, SignalChange};
use super::detect::{DetectPlan, watched_table};
use crate::forecast::anomaly::{Detector, DetectorError, Stream, Verdict};
use crate::history::History;
use crate::scene::Scene;
use crate::signal::{Origin, SignalId};
use crate::time::Timestamp;

/// Rows that are kept; the oldest are dropped.
const MOST_ROWS: usize = 20_000;
/// Changes that are kept; the oldest are dropped.
const MOST_CHANGES: usize = 500;
/// Rows to learn from, unless the signals have fewer samples.
const TRAINING_ROWS: f64 = 4_000.0;
/// Distances of rows that people can say, s.
const STEPS: [u64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];

/// A detector at work, and what it said so far.
#[derive(Clone, Debug)]
pub struct Anomalies {
    /// What is looked for.
    pub plan: DetectPlan,
    /// What was said of the last rows, in order of time.
    pub verdicts: VecDeque<Verdict>,
    /// The last changes of a level, in the order in which they were found.
    pub changes: VecDeque<SignalChange>,
    stream: Stream<'static>,
    watches: ChangeWatches,
    /// The rows that were scored, dropped ones included.
    rows: u64,
}

impl Anomalies {
    /// Learns from a stretch of the history and scores what follows.
    pub fn find(history: &History, scene: &Scene, plan: DetectPlan) -> Result<Self, DetectorError> {
        let (from, to) = plan.train;
        let table = watched_table(history, scene, &plan, (from, plan.until.max(to)));
        let rows = table.times().partition_point(|at| *at <= to);
        let detector = Detector::train(&table, 0..rows, &plan.settings)?;
        let mut watches = ChangeWatches::train(&detector, &table);
        let mut stream = detector.into_stream();
        Ok(Self {
            verdicts: stream.score(&table)?.into(),
            changes: watches.push(&table).into(),
            rows: table.len() as u64,
            plan,
            stream,
            watches,
        })
    }

    /// The detector as it was trained.
    pub fn detector(&self) -> &Detector {
        self.stream.detector()
    }

    /// Scores what came in since, at most so many rows; how many there were.
    ///
    /// A row is scored a step after its instant: what was sent then has come.
    pub fn go_on(&mut self, history: &History, scene: &Scene, now: Timestamp, most: u32) -> usize {
        let step = self.plan.step.as_secs_f64();
        let next = self.plan.train.0.plus_secs(self.rows as f64 * step);
        let mut due = now.plus_secs(-step);
        if let Some(run) = self.plan.against {
            // Beyond its end the twin says nothing.
            let end = history.span(Origin::Simulated(run)).map(|(_, end)| end);
            due = due.min(end.unwrap_or(Timestamp::MIN));
        }
        let last = next.plus_secs(f64::from(most.max(1) - 1) * step).min(due);
        if next > last {
            return 0;
        }
        let table = watched_table(history, scene, &self.plan, (next, last));
        let Ok(verdicts) = self.stream.score(&table) else {
            // The plan's signals are those that the detector was trained on.
            return 0;
        };
        let taken = verdicts.len();
        self.rows += taken as u64;
        self.verdicts.extend(verdicts);
        self.changes.extend(self.watches.push(&table));
        while self.verdicts.len() > MOST_ROWS {
            self.verdicts.pop_front();
        }
        while self.changes.len() > MOST_CHANGES {
            self.changes.pop_front();
        }
        taken
    }

    /// What was said last of an instant or before, unless that was long before.
    pub fn at(&self, at: Timestamp) -> Option<&Verdict> {
        let place = self.verdicts.partition_point(|one| one.at <= at);
        let last = &self.verdicts[place.checked_sub(1)?];
        let age = at.secs_since(last.at);
        (age <= 3.0 * self.plan.step.as_secs_f64()).then_some(last)
    }
}

/// The distance of rows for a detector that learns from the first stretch and scores until the
/// end: about that of samples, but never so short that rows are too many.
pub fn row_step(
    history: &History,
    signals: &[SignalId],
    train: (Timestamp, Timestamp),
    until: Timestamp,
) -> Duration {
    let mut distances: Vec<f64> = Vec::new();
    for signal in signals {
        let times = history.range(Origin::Measured, *signal, train.0, train.1);
        let times: Vec<_> = times.map(|sample| sample.at).collect();
        let apart = times.windows(2).map(|pair| pair[1].secs_since(pair[0]));
        let mut apart: Vec<f64> = apart.filter(|secs| *secs > 0.0).collect();
        apart.sort_by(f64::total_cmp);
        distances.extend(apart.get(apart.len() / 2));
    }
    distances.sort_by(f64::total_cmp);
    let usual = distances.get(distances.len() / 2).copied().unwrap_or(1.0);
    let learned = train.1.secs_since(train.0) / TRAINING_ROWS;
    let scored = until.secs_since(train.0) / (MOST_ROWS / 2) as f64;
    let shortest = usual.max(learned).max(scored);
    // A nanosecond more or less is no other distance.
    let round = STEPS
        .into_iter()
        .find(|secs| *secs as f64 >= shortest * 0.999);
    round.map_or(
        Duration::from_secs(shortest.ceil() as u64),
        Duration::from_secs,
    )
}

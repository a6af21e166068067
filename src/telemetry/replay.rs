//! Replays recorded data over MQTT, paced by its own times.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::clock::now;
use super::csv::{CsvError, CsvFile, Faults, Row};
use super::mqtt::PublishError;
use super::publish::Publisher;
use crate::scene::Scene;
use crate::signal::{Clock, Quality, Sample};
use crate::time::Timestamp;

/// The fastest pace, as a multiple of real time.
pub const MAX_SPEED: f64 = 10_000.0;
/// How long a replay sleeps before it looks at its stop flag.
const LOOK: Duration = Duration::from_millis(50);
/// How long the broker may take to accept the rest at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(30);

/// How fast to replay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// Seconds of the recording per second, above 0 and up to [`MAX_SPEED`].
    Times(f64),
    /// As fast as the broker takes it.
    Max,
}

/// Why a replay ended early.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The pace is no number above 0 and up to [`MAX_SPEED`].
    #[error("speed {0} is not above 0 and at most 10000; write `max` for no pacing")]
    BadSpeed(f64),
    /// The file.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The broker.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Rows published.
    pub rows: u64,
    /// Samples published.
    pub samples: u64,
    /// The time of the last row.
    pub at: Option<Timestamp>,
}

/// What a replay did.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayReport {
    /// The file.
    pub path: PathBuf,
    /// How far it came.
    pub progress: Progress,
    /// Cells that gave no value.
    pub faults: Faults,
    /// True if it was stopped before its end.
    pub stopped: bool,
}

/// Publishes all of `file` and waits until the broker has it.
///
/// Samples keep the times of the file, in the order of the file; rows that go back in
/// time go out at once. `progress` is told after every row.
pub fn replay(
    file: &mut CsvFile,
    scene: &Scene,
    publisher: &Publisher,
    speed: Speed,
    stop: &AtomicBool,
    mut progress: impl FnMut(Progress),
) -> Result<ReplayReport, ReplayError> {
    let mut pace = Pace::new(speed)?;
    let mut done = Progress::default();
    let mut row = Row::default();
    let mut stopped = false;
    while !stopped && file.read(scene, &mut row)? {
        stopped = !pace.wait_for(row.at, stop);
        if stopped {
            break;
        }
        match publish(&row, publisher, stop) {
            Ok(()) => {}
            Err(PublishError::Stopped) => {
                stopped = true;
                break;
            }
            Err(error) => return Err(error.into()),
        }
        done.rows += 1;
        done.samples += row.values.len() as u64;
        done.at = Some(row.at);
        progress(done);
    }
    if !stopped {
        publisher.flush(FLUSH_TIMEOUT)?;
    }
    Ok(ReplayReport {
        path: file.path().to_owned(),
        progress: done,
        faults: file.faults().clone(),
        stopped,
    })
}

fn publish(row: &Row, publisher: &Publisher, stop: &AtomicBool) -> Result<(), PublishError> {
    for (signal, value) in &row.values {
        let sample = Sample {
            at: row.at,
            value: *value,
            quality: Quality::Good,
            clock: Clock::Source,
            received: now(),
        };
        publisher.send(*signal, &[sample], stop)?;
    }
    Ok(())
}

/// Holds rows back until their time has come.
struct Pace {
    /// Seconds of the recording per second; `None` for no pacing.
    times: Option<f64>,
    /// The first row's time, and when it went out.
    start: Option<(Timestamp, Instant)>,
}

impl Pace {
    fn new(speed: Speed) -> Result<Self, ReplayError> {
        let times = match speed {
            Speed::Max => None,
            Speed::Times(times) if times > 0.0 && times <= MAX_SPEED => Some(times),
            Speed::Times(times) => return Err(ReplayError::BadSpeed(times)),
        };
        Ok(Self { times, start: None })
    }

    /// Waits until `at` has come; false if `stop` was set.
    fn wait_for(&mut self, at: Timestamp, stop: &AtomicBool) -> bool {
        let (first, started) = *self.start.get_or_insert((at, Instant::now()));
        loop {
            if stop.load(Ordering::Acquire) {
                return false;
            }
            let due = self.times.map(|times| at.since(first).div_f64(times));
            let left = due.map(|due| due.saturating_sub(started.elapsed()));
            match left {
                Some(left) if !left.is_zero() => thread::sleep(left.min(LOOK)),
                _ => return true,
            }
        }
    }
}

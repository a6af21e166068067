//! `parallax replay FILE… --headless`: recorded data through a broker into a history.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::args::ReplaySpeed;
use super::output::talk;
use super::{PROBLEMS_FOUND, ReplayArgs, could_not, print_json};
use crate::files::{self, ExportError};
use crate::history::{FrameCursor, History, HistoryConfig, Inserted};
use crate::recording::LibraryError;
use crate::session::{self, Feed, FeedError, FeedPlan, OpenError, Opened, ReplayState, Summary};
use crate::signal::Origin;
use crate::telemetry::SourceChange;
use crate::telemetry::replay::Speed;

/// How long nothing must arrive after the last row before all is taken as arrived.
const QUIET: Duration = Duration::from_millis(500);
/// How long the rest may take when samples are known to be missing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nothing was recorded.
#[derive(Debug, Error)]
enum RecordError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error(transparent)]
    Write(#[from] ExportError),
    #[error("the result cannot be written: {0}")]
    Out(#[from] std::io::Error),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error("{0}")]
    Replay(String),
    #[error("give a folder for the result with --out")]
    NoOut,
}

impl From<ReplaySpeed> for Speed {
    fn from(speed: ReplaySpeed) -> Self {
        match speed {
            ReplaySpeed::Times(times) => Self::Times(times),
            ReplaySpeed::Max => Self::Max,
        }
    }
}

/// Plays the files and writes `recorded.csv`: what the history holds at the end.
pub fn replay(args: &ReplayArgs) -> ExitCode {
    match try_replay(args) {
        Ok(complete) if complete => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(PROBLEMS_FOUND),
        Err(error) => could_not(error),
    }
}

fn try_replay(args: &ReplayArgs) -> Result<bool, RecordError> {
    let out = args.out.as_ref().ok_or(RecordError::NoOut)?;
    let opened = session::open(&args.scene)?;
    let plan = FeedPlan::Replay {
        files: args.files.clone(),
        speed: args.speed.into(),
        broker: args.broker.clone(),
    };
    let feed = Feed::start(&opened, plan, &None)?;
    // A recording may be longer than any window, and is wanted whole.
    let config = HistoryConfig {
        window: Duration::MAX,
        max_samples_per_series: usize::MAX,
        max_samples: usize::MAX,
        ..HistoryConfig::default()
    };
    let mut history = History::new(opened.scene.signals.len(), config);
    let (state, taken) = record(&feed, &mut history);
    if let Some(error) = state.error {
        return Err(RecordError::Replay(error));
    }
    tell_oddities(&state);
    fs::create_dir_all(out)?;
    let recorded = out.join("recorded.csv");
    let signals: Vec<_> = opened.scene.signal_ids().collect();
    let samples = session::samples_in_memory(&history, &signals);
    let rows = session::recorded_rows(&opened.scene, None, &samples)?;
    files::write_recorded_csv(&recorded, rows)?;
    write_summary(out, &opened, &feed, &history)?;
    let published = published(&state);
    talk!(
        "{published} samples played, {} in the history, {} of an instant that had one already",
        history.len(Origin::Measured),
        taken.duplicates
    );
    let complete = (taken.stored + taken.duplicates) as u64 >= published;
    Ok(complete && state.reports.iter().all(|report| report.faults.count == 0))
}

fn published(state: &ReplayState) -> u64 {
    let reports = state.reports.iter();
    reports.map(|report| report.progress.samples).sum()
}

/// Takes in what arrives until the replay has ended and all of it is there.
fn record(feed: &Feed, history: &mut History) -> (ReplayState, Inserted) {
    let mut taken = Inserted::default();
    let mut last = Instant::now();
    loop {
        if let Some(event) = feed.next_within(Duration::from_millis(50)) {
            last = Instant::now();
            match event.change {
                SourceChange::Samples(batch) => {
                    let inserted = history.insert(&batch);
                    taken.stored += inserted.stored;
                    taken.duplicates += inserted.duplicates;
                }
                SourceChange::Disconnected { reason } => talk!("link lost: {reason}"),
                SourceChange::Connected | SourceChange::Fixes(_) => {}
            }
            continue;
        }
        let state = feed.replay_state().unwrap_or_default();
        let complete = (taken.stored + taken.duplicates) as u64 >= published(&state);
        let quiet = last.elapsed() > if complete { QUIET } else { PATIENCE };
        if state.ended && quiet {
            return (state, taken);
        }
    }
}

fn tell_oddities(state: &ReplayState) {
    for (file, problem) in &state.problems {
        talk!("{}", problem.located(&file.display().to_string()));
    }
    for report in &state.reports {
        for fault in &report.faults.first {
            talk!(
                "{}:{}: column `{}`: `{}` gave no value: {}",
                report.path.display(),
                fault.line,
                fault.column,
                fault.cell,
                fault.reason
            );
        }
        let untold = report
            .faults
            .count
            .saturating_sub(report.faults.first.len() as u64);
        if untold > 0 {
            talk!("{}: and {untold} more cells", report.path.display());
        }
    }
}

fn write_summary(
    out: &Path,
    opened: &Opened,
    feed: &Feed,
    history: &History,
) -> Result<(), RecordError> {
    let scene = &opened.scene;
    let mut summary = Summary::default();
    if let Some((_, newest)) = history.span(Origin::Measured) {
        let max_ages: Vec<_> = scene.signals.iter().map(|signal| signal.max_age).collect();
        let mut cursor = FrameCursor::default();
        cursor.advance(history, Some(Origin::Measured), newest, &max_ages);
        summary.count_signals(scene, cursor.rows());
    }
    summary.count_messages(&feed.statuses());
    summary.write(&out.join("summary.json"))?;
    print_json(&summary);
    Ok(())
}

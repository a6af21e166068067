//! Runs a campaign: asks for what is not done yet, keeps what is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::design::Design;
use super::journal::{Header, Journal, JournalError, Row};
use super::plan::Campaign;
use super::run::{Effort, Outcome, Task};
use super::search::{self, Merit};
use super::tables;
use crate::files::ExportError;
use crate::scene::Scenario;
use crate::session::Opened;

/// Tables are written this often while runs come in.
const TABLES_EVERY: Duration = Duration::from_secs(30);

/// A run that is done: its number, what came of it and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The run.
    pub run: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// What it took, and where.
    pub effort: Effort,
    /// True if it takes the place of a wrong result of the same run.
    pub is_correction: bool,
}

/// Whoever computes tasks: this machine or many.
pub trait Executor {
    /// Computes all of `tasks`, in any order. `done` gets each exactly once, but for
    /// corrections; what it returns as an error ends the work.
    fn compute(
        &mut self,
        campaign: &Campaign,
        tasks: &[Task],
        done: &mut dyn FnMut(Done) -> Result<(), CampaignError>,
    ) -> Result<(), CampaignError>;
}

/// Why a campaign could not go on. The runs that are done stay.
#[derive(Debug, Error)]
pub enum CampaignError {
    /// The folder cannot be used.
    #[error("cannot use the folder: {source}: {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// The journal of its runs cannot be gone on with.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A table could not be written.
    #[error(transparent)]
    Write(#[from] ExportError),
    /// Somebody wants no more of it.
    #[error("cancelled")]
    Cancelled,
    /// The machines that compute could not be reached, or did not do their work.
    #[error("{0}")]
    Cluster(String),
}

/// What a campaign came to.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignReport {
    /// Every run, in order.
    pub rows: Vec<Row>,
    /// How many of them were done before.
    pub resumed: usize,
    /// Runs that did not reach their horizon.
    pub failed: usize,
    /// The best run of a search.
    pub best: Option<(u32, Merit)>,
}

/// Computes what `campaign` asks for and `out` does not hold yet, and writes its tables.
///
/// `each` gets every run as it is done, with how many are known to be wanted in all.
pub fn run(
    campaign: &Campaign,
    out: &Path,
    executor: &mut dyn Executor,
    each: &mut dyn FnMut(&Row, usize),
) -> Result<CampaignReport, CampaignError> {
    let refused = |source| CampaignError::Folder {
        path: out.to_owned(),
        source,
    };
    fs::create_dir_all(out).map_err(refused)?;
    let header = Header {
        format: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        campaign: campaign.fingerprint(),
    };
    let (mut journal, kept) = Journal::open(out, &header)?;
    fs::write(out.join("plan.ron"), &campaign.text).map_err(refused)?;
    let mut rows: BTreeMap<u32, Row> = kept.into_iter().map(|row| (row.run, row)).collect();
    let resumed = rows.len();
    let mut written = Instant::now();
    let mut asked: Vec<Vec<Option<f64>>> = campaign.design.points();
    loop {
        let batch = wanted(campaign, &asked, &rows);
        if batch.is_empty() {
            let Design::Search(search) = &campaign.design else {
                break;
            };
            let more = search::ask(search, &merits(campaign, &rows), campaign.seed);
            if more.is_empty() {
                break;
            }
            asked.extend(more);
            // What was done before an interruption is asked in the same order again.
            asked = in_order(asked, &rows);
            continue;
        }
        let total = rows.len() + batch.len();
        let points: BTreeMap<u32, Vec<Option<f64>>> = batch
            .iter()
            .map(|(task, point)| (task.run, point.clone()))
            .collect();
        let seeds: BTreeMap<u32, u64> = batch
            .iter()
            .map(|(task, _)| (task.run, task.seed))
            .collect();
        let tasks: Vec<Task> = batch.into_iter().map(|(task, _)| task).collect();
        executor.compute(campaign, &tasks, &mut |done| {
            let row = Row {
                run: done.run,
                parameters: points.get(&done.run).cloned().unwrap_or_default(),
                seed: seeds.get(&done.run).copied().unwrap_or_default(),
                outcome: done.outcome,
                effort: done.effort,
            };
            if rows.contains_key(&row.run) && !done.is_correction {
                return Ok(()); // a second answer of two machines changes nothing
            }
            journal.push(&row)?;
            if !done.is_correction {
                each(&row, total);
            }
            rows.insert(row.run, row);
            if written.elapsed() >= TABLES_EVERY {
                tables::write_rows(campaign, out, rows.values())?;
                written = Instant::now();
            }
            Ok(())
        })?;
    }
    let best = best(campaign, &rows);
    let report = CampaignReport {
        failed: rows
            .values()
            .filter(|row| row.outcome.failure.is_some())
            .count(),
        rows: rows.into_values().collect(),
        resumed,
        best,
    };
    tables::write(campaign, out, &report)?;
    Ok(report)
}

/// The points of a search: those that are done by their runs, then those that are not.
fn in_order(asked: Vec<Vec<Option<f64>>>, rows: &BTreeMap<u32, Row>) -> Vec<Vec<Option<f64>>> {
    let mut points: Vec<Vec<Option<f64>>> = Vec::new();
    let mut waiting = asked;
    for row in rows.values() {
        let same = |point: &Vec<Option<f64>>| search::key(point) != search::key(&row.parameters);
        waiting.retain(same);
    }
    let count = waiting.len() + rows.len();
    let mut waiting = waiting.into_iter();
    for run in 0..count as u32 {
        match rows.get(&run) {
            Some(row) => points.push(row.parameters.clone()),
            None => points.extend(waiting.next()),
        }
    }
    points
}

/// The tasks that are asked and not done, with their points.
fn wanted(
    campaign: &Campaign,
    asked: &[Vec<Option<f64>>],
    rows: &BTreeMap<u32, Row>,
) -> Vec<(Task, Vec<Option<f64>>)> {
    let replications = campaign.replications;
    let each = asked.iter().enumerate().flat_map(|(place, point)| {
        let runs = 0..replications;
        runs.map(move |replication| {
            (
                place as u32 * replications + replication,
                replication,
                point,
            )
        })
    });
    let open = each.filter(|(run, ..)| !rows.contains_key(run));
    open.map(|(run, replication, point)| {
        let seed = campaign.seed.wrapping_add(u64::from(replication));
        let scenario = scenario_of(campaign, run, point);
        let task = Task::new(run, &campaign.opened, &campaign.initial, scenario, seed);
        (task, point.clone())
    })
    .collect()
}

/// The scenario of one run. What the plan says of a signal takes the place of what the scenario
/// says of it, as in a scenario that is based on another.
pub(super) fn scenario_of(campaign: &Campaign, run: u32, point: &[Option<f64>]) -> Scenario {
    let mut scenario = campaign.scenario.clone();
    let parameters = campaign.design.parameters();
    let changes = || {
        let both = parameters.iter().zip(point);
        both.filter_map(|(parameter, value)| Some((parameter, (*value)?)))
    };
    for (parameter, _) in changes() {
        scenario
            .overrides
            .retain(|known| !parameter.signals.contains(&known.signal));
    }
    for (parameter, value) in changes() {
        parameter.apply(value, &mut scenario);
    }
    if changes().next().is_some() {
        scenario.based_on = Some(scenario.name);
        scenario.name = format!("Run {run}");
    }
    scenario
}

fn merits(campaign: &Campaign, rows: &BTreeMap<u32, Row>) -> BTreeMap<search::Point, Merit> {
    let Design::Search(search) = &campaign.design else {
        return BTreeMap::new();
    };
    let merit = |row: &Row| Merit::of(search, &campaign.opened.scene, &row.outcome);
    let rows = rows.values();
    rows.map(|row| (search::key(&row.parameters), merit(row)))
        .collect()
}

/// The best run of a search, the first of equals.
fn best(campaign: &Campaign, rows: &BTreeMap<u32, Row>) -> Option<(u32, Merit)> {
    let Design::Search(search) = &campaign.design else {
        return None;
    };
    let merit = |row: &Row| Merit::of(search, &campaign.opened.scene, &row.outcome);
    let merits = rows.values().map(|row| (row.run, merit(row)));
    merits.reduce(|best, one| if one.1 < best.1 { one } else { best })
}

/// This machine, with its threads.
#[derive(Clone, Copy, Debug)]
pub struct LocalExecutor {
    /// How many.
    pub threads: usize,
}

impl Executor for LocalExecutor {
    /// Many runs side by side, or one after another with all threads where runs are few.
    fn compute(
        &mut self,
        campaign: &Campaign,
        tasks: &[Task],
        done: &mut dyn FnMut(Done) -> Result<(), CampaignError>,
    ) -> Result<(), CampaignError> {
        let opened = &campaign.opened;
        let side_by_side = tasks.len().min(self.threads.max(1));
        if side_by_side < self.threads || side_by_side < 2 {
            for task in tasks {
                done(one(task, opened, self.threads))?;
            }
            return Ok(());
        }
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, receiver) = crossbeam_channel::bounded(side_by_side);
        thread::scope(|scope| {
            for _ in 0..side_by_side {
                let (sender, next, stop) = (sender.clone(), &next, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed)
                        && let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed))
                        && sender.send(one(task, opened, 1)).is_ok()
                    {}
                });
            }
            drop(sender);
            // Ends when the threads do; without a receiver they end early.
            let result = receiver.iter().try_for_each(&mut *done);
            stop.store(true, Ordering::Relaxed);
            drop(receiver);
            result
        })
    }
}

fn one(task: &Task, opened: &Opened, threads: usize) -> Done {
    let (outcome, effort) = task.compute(opened, threads, "local");
    Done {
        run: task.run,
        outcome,
        effort,
        is_correction: false,
    }
}

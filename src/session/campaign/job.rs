//! A campaign on threads of its own, for a program that draws meanwhile.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::drive::{CampaignError, CampaignReport, Done, Executor, LocalExecutor, run};
use super::journal::Row;
use super::plan::Campaign;
use super::run::Task;
use crate::recording::Wake;

/// Rows that may wait to be taken; a campaign that is faster waits.
const ROWS_WAITING: usize = 64;

/// How a campaign stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum JobState {
    /// Runs are being computed.
    #[default]
    Running,
    /// All are done.
    Finished,
    /// Somebody ended it; what was computed stays.
    Cancelled,
    /// It could not go on; what was computed stays.
    Failed(String),
}

/// A campaign that is being computed. Dropping it ends it.
pub struct CampaignJob {
    campaign: Arc<Campaign>,
    folder: PathBuf,
    cancel: Arc<AtomicBool>,
    told: Receiver<Told>,
    state: JobState,
}

enum Told {
    /// A run is done, of so many that are known to be wanted.
    Row(Box<Row>, usize),
    Ended(Result<CampaignReport, CampaignError>),
}

impl Drop for CampaignJob {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl CampaignJob {
    /// Starts computing `campaign` with `threads` threads, and keeps its tables in `folder`.
    /// `wake` is called when there is news.
    pub fn start(
        campaign: Campaign,
        folder: PathBuf,
        threads: usize,
        wake: Option<Wake>,
    ) -> io::Result<Self> {
        let campaign = Arc::new(campaign);
        let cancel = Arc::new(AtomicBool::new(false));
        let (sender, told) = bounded(ROWS_WAITING);
        let (asked, out, stop) = (Arc::clone(&campaign), folder.clone(), Arc::clone(&cancel));
        let wake = wake.unwrap_or_else(|| Arc::new(|| {}));
        thread::Builder::new()
            .name("campaign".to_owned())
            .spawn(move || {
                let mut executor = Stoppable {
                    inner: LocalExecutor { threads },
                    stop,
                };
                // Whoever has gone wants no result.
                let mut each = |row: &Row, wanted: usize| {
                    sender.send(Told::Row(Box::new(row.clone()), wanted)).ok();
                    wake();
                };
                let ended = run(&asked, &out, &mut executor, &mut each);
                sender.send(Told::Ended(ended)).ok();
                wake();
            })?;
        Ok(Self {
            campaign,
            folder,
            cancel,
            told,
            state: JobState::Running,
        })
    }

    /// What is computed.
    pub fn campaign(&self) -> &Arc<Campaign> {
        &self.campaign
    }

    /// Where its tables are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How it stands.
    pub fn state(&self) -> &JobState {
        &self.state
    }

    /// Ends it after the runs at work.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// The runs that were done since this was last asked, at the end all of them; and how many
    /// are wanted in all, if there is news of that. Never waits.
    pub fn take(&mut self) -> (Vec<Row>, Option<usize>) {
        let (mut rows, mut wanted) = (Vec::new(), None);
        if self.state != JobState::Running {
            return (rows, wanted);
        }
        loop {
            match self.told.try_recv() {
                Ok(Told::Row(row, of)) => {
                    rows.push(*row);
                    wanted = Some(of);
                }
                Ok(Told::Ended(ended)) => {
                    self.state = match ended {
                        Ok(report) => {
                            // Among them those of an earlier time, which were not computed again.
                            rows = report.rows;
                            JobState::Finished
                        }
                        Err(CampaignError::Cancelled) => JobState::Cancelled,
                        Err(error) => JobState::Failed(error.to_string()),
                    };
                    break;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.state = JobState::Failed("its thread ended without a word".to_owned());
                    break;
                }
            }
        }
        (rows, wanted)
    }
}

/// This machine, until somebody wants no more.
struct Stoppable {
    inner: LocalExecutor,
    stop: Arc<AtomicBool>,
}

impl Executor for Stoppable {
    fn compute(
        &mut self,
        campaign: &Campaign,
        tasks: &[Task],
        done: &mut dyn FnMut(Done) -> Result<(), CampaignError>,
    ) -> Result<(), CampaignError> {
        let Self { inner, stop } = self;
        inner.compute(campaign, tasks, &mut |one| {
            done(one)?;
            match stop.load(Ordering::Relaxed) {
                true => Err(CampaignError::Cancelled),
                false => Ok(()),
            }
        })
    }
}

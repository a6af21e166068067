//! What a worker does with tasks: it opens scenes and computes runs, or members of one run.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::drive::CampaignError;
use super::run::{Effort, Outcome, Task};
use super::spread;
use crate::cluster::{self, Handler};
use crate::session::Opened;

/// The version that workers and producers must share.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A worker keeps so many scenes open.
const OPEN_SCENES: usize = 4;

/// What one message asks for.
#[derive(Serialize, Deserialize)]
pub(super) enum Work<'t> {
    /// Some runs of a campaign; the answer is a list of [`Answer`] as JSON.
    Runs(Cow<'t, [Task]>),
    /// Some members of one run; the answer is that of [`spread`].
    Members(Box<Task>, Range<u32>),
}

/// A run as it comes back.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) run: u32,
    pub(super) outcome: Outcome,
    pub(super) effort: Effort,
    /// The outcome's check sum where it was computed.
    pub(super) check_sum: u64,
}

/// Computes others' runs for ever.
pub fn work(urls: &str, slots: usize) -> Result<(), CampaignError> {
    let uname = rustix::system::uname();
    let host = uname
        .nodename()
        .to_string_lossy()
        .replace(['.', ' ', '*', '>'], "_");
    let name = format!("{host}-{}", std::process::id());
    let worker: Arc<dyn Handler> = Arc::new(RunWorker::new(&name));
    let stop = Arc::new(AtomicBool::new(false));
    Ok(cluster::work(urls, VERSION, &name, slots, &worker, &stop)?)
}

/// Opens scenes and computes their runs.
pub struct RunWorker {
    name: String,
    scenes: Mutex<Scenes>,
}

/// The scenes that are open, the oldest first in line to be closed.
#[derive(Default)]
struct Scenes {
    open: HashMap<String, Opened>,
    line: VecDeque<String>,
}

impl RunWorker {
    /// A worker that knows no scene yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            scenes: Mutex::default(),
        }
    }

    fn scene(&self, address: &str) -> Option<Opened> {
        self.scenes.lock().ok()?.open.get(address).cloned()
    }

    fn run(&self, task: &Task, opened: &Opened) -> Result<Answer, String> {
        let (outcome, effort) = task.compute(opened, 1, &self.name);
        if outcome.plan_fingerprint != task.fingerprint {
            return Err(format!("run {} is another one here", task.run));
        }
        Ok(Answer {
            run: task.run,
            check_sum: outcome.check_sum(),
            outcome,
            effort,
        })
    }
}

impl Handler for RunWorker {
    fn has(&self, address: &str) -> bool {
        self.scene(address).is_some()
    }

    fn open(&self, address: &str, bundle: &[u8]) -> Result<(), String> {
        let bundle = Bundle::unpack(bundle)?;
        if format!("{:016x}", bundle.address()) != address {
            return Err("the bundle is not what its address says".to_owned());
        }
        let opened = bundle.open().map_err(|error| error.to_string())?;
        let mut scenes = self.scenes.lock().map_err(|error| error.to_string())?;
        if scenes.line.len() >= OPEN_SCENES
            && let Some(oldest) = scenes.line.pop_front()
        {
            scenes.open.remove(&oldest);
        }
        if scenes.open.insert(address.to_owned(), opened).is_none() {
            scenes.line.push_back(address.to_owned());
        }
        Ok(())
    }

    fn compute(&self, address: &str, task: &[u8]) -> Result<Vec<u8>, String> {
        let opened = self
            .scene(address)
            .ok_or("the scene was closed meanwhile")?;
        match serde_json::from_slice(task).map_err(|error| error.to_string())? {
            Work::Runs(tasks) => {
                let answers = tasks.iter().map(|task| self.run(task, &opened));
                let answers = answers.collect::<Result<Vec<_>, _>>()?;
                serde_json::to_vec(&answers).map_err(|error| error.to_string())
            }
            Work::Members(task, numbers) => spread::answer(&task, numbers, &opened),
        }
    }
}

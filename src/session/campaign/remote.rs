//! Campaigns on many machines: tasks as bytes, and how far an answer is trusted.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::drive::{CampaignError, Done, Executor};
use super::plan::Campaign;
use super::run::{Effort, Outcome, Task};
use crate::cluster::{self, ClusterError, Handler, Job, Verdict};
use crate::session::Opened;

/// The version that workers and producers must share.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A message carries work of this length at least, s, so that sending it does not count.
const LEAST_SECS: f64 = 0.05;
/// And no more runs than this.
const MAX_GROUP: usize = 200;
/// One run of so many is computed here as well and compared.
const RECOMPUTED: u32 = 20;
/// A worker keeps so many scenes open.
const OPEN_SCENES: usize = 4;

/// A run as it comes back.
#[derive(Serialize, Deserialize)]
struct Answer {
    run: u32,
    outcome: Outcome,
    effort: Effort,
    /// The outcome's check sum where it was computed.
    check_sum: u64,
}

/// Workers that are reached through NATS.
pub struct ClusterExecutor {
    urls: String,
    bundle: Vec<u8>,
    address: String,
    /// How many times it was asked, so that no two questions are mistaken for each other.
    asked: u32,
}

impl From<ClusterError> for CampaignError {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(error.to_string())
    }
}

impl ClusterExecutor {
    /// Workers at `urls`, for the runs of `campaign`.
    pub fn new(urls: &str, campaign: &Campaign) -> Result<Self, CampaignError> {
        let bundle = serde_json::to_vec(&campaign.bundle);
        Ok(Self {
            urls: urls.to_owned(),
            bundle: bundle.map_err(|error| CampaignError::Cluster(error.to_string()))?,
            address: format!("{:016x}", campaign.bundle.address()),
            asked: 0,
        })
    }

    /// Cuts tasks into messages that take long enough; the first run is timed here.
    fn groups<'t>(&self, campaign: &Campaign, tasks: &'t [Task]) -> Vec<&'t [Task]> {
        let Some(first) = tasks.first() else {
            return Vec::new();
        };
        let began = Instant::now();
        first.compute(&campaign.opened, 1, "");
        let each = began.elapsed().as_secs_f64().max(1e-6);
        let size = (LEAST_SECS / each).ceil() as usize;
        tasks.chunks(size.clamp(1, MAX_GROUP)).collect()
    }
}

impl Executor for ClusterExecutor {
    /// Every answer is checked by its sum and its plan's fingerprint, and a share of them by
    /// computing them here as well.
    fn compute(
        &mut self,
        campaign: &Campaign,
        tasks: &[Task],
        done: &mut dyn FnMut(Done) -> Result<(), CampaignError>,
    ) -> Result<(), CampaignError> {
        let groups = self.groups(campaign, tasks);
        let texts: Result<Vec<_>, _> = groups.iter().map(serde_json::to_vec).collect();
        let texts = texts.map_err(|error| CampaignError::Cluster(error.to_string()))?;
        self.asked += 1;
        let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let nanos = nanos.map_or(0, |since| since.as_nanos());
        let session = format!("{:016x}{nanos:x}{:x}", campaign.fingerprint(), self.asked);
        let job = Job {
            session: &session,
            version: VERSION,
            bundle: (&self.address, &self.bundle),
            tasks: &texts,
        };
        let mut failed = None;
        let produced = cluster::produce(&self.urls, &job, &mut |place, _, bytes| {
            let answers = match check(campaign, groups[place], bytes) {
                Ok(answers) => answers,
                Err(why) => return Verdict::Poisoned(why),
            };
            for answer in answers {
                let told = done(Done {
                    run: answer.run,
                    outcome: answer.outcome,
                    effort: answer.effort,
                });
                if let Err(error) = told {
                    let why = error.to_string();
                    failed = Some(error);
                    return Verdict::Stop(why);
                }
            }
            Verdict::Accepted
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(produced?),
        }
    }
}

/// The answers of one message, or what is wrong with them.
fn check(campaign: &Campaign, tasks: &[Task], bytes: &[u8]) -> Result<Vec<Answer>, String> {
    let answers: Vec<Answer> =
        serde_json::from_slice(bytes).map_err(|error| format!("no answer: {error}"))?;
    if answers.len() != tasks.len() {
        return Err(format!("{} answers to {} runs", answers.len(), tasks.len()));
    }
    for (task, answer) in tasks.iter().zip(&answers) {
        let (run, outcome) = (task.run, &answer.outcome);
        if answer.run != run || outcome.plan_fingerprint != task.fingerprint {
            return Err(format!("run {run} was another one where it was computed"));
        }
        if outcome.check_sum() != answer.check_sum {
            return Err(format!(
                "run {run} has another check sum than it was sent with"
            ));
        }
        // A share that nobody can foresee without the task, and equal for equal tasks.
        let drawn = (task.fingerprint >> 7) % u64::from(RECOMPUTED) == 0;
        if drawn && task.compute(&campaign.opened, 1, "").0 != *outcome {
            return Err(format!(
                "run {run} has another result when it is computed again"
            ));
        }
    }
    Ok(answers)
}

/// Computes runs of others' campaigns until `stop` is set.
pub fn work_until(
    urls: &str,
    name: &str,
    slots: usize,
    stop: &Arc<AtomicBool>,
) -> Result<(), CampaignError> {
    let handler: Arc<dyn Handler> = Arc::new(Worker {
        name: name.to_owned(),
        scenes: Mutex::default(),
    });
    Ok(cluster::work(urls, VERSION, name, slots, &handler, stop)?)
}

/// Computes runs of others' campaigns for ever.
pub fn work(urls: &str, slots: usize) -> Result<(), CampaignError> {
    let uname = rustix::system::uname();
    let host = uname
        .nodename()
        .to_string_lossy()
        .replace(['.', ' ', '*', '>'], "_");
    let name = format!("{host}-{}", std::process::id());
    work_until(urls, &name, slots, &Arc::new(AtomicBool::new(false)))
}

/// Opens scenes and computes their runs.
struct Worker {
    name: String,
    scenes: Mutex<Scenes>,
}

/// The scenes that are open, the oldest first in line to be closed.
#[derive(Default)]
struct Scenes {
    open: HashMap<String, Opened>,
    line: VecDeque<String>,
}

impl Worker {
    fn scene(&self, address: &str) -> Option<Opened> {
        self.scenes.lock().ok()?.open.get(address).cloned()
    }
}

impl Handler for Worker {
    fn has(&self, address: &str) -> bool {
        self.scene(address).is_some()
    }

    fn open(&self, address: &str, bundle: &[u8]) -> Result<(), String> {
        let bundle: Bundle = serde_json::from_slice(bundle).map_err(|error| error.to_string())?;
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
        let tasks: Vec<Task> = serde_json::from_slice(task).map_err(|error| error.to_string())?;
        let mut answers = Vec::with_capacity(tasks.len());
        for task in &tasks {
            let (outcome, effort) = task.compute(&opened, 1, &self.name);
            if outcome.plan_fingerprint != task.fingerprint {
                return Err(format!("run {} is another one here", task.run));
            }
            answers.push(Answer {
                run: task.run,
                check_sum: outcome.check_sum(),
                outcome,
                effort,
            });
        }
        serde_json::to_vec(&answers).map_err(|error| error.to_string())
    }
}

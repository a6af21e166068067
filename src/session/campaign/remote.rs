//! Campaigns on many machines: which runs travel together, and how far an answer is trusted.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

use super::drive::{CampaignError, Done, Executor};
use super::plan::Campaign;
use super::run::Task;
use super::worker::{Answer, VERSION, Work};
use crate::cluster::{self, ClusterError, Job, Judge, News, Verdict};

/// A message carries work of this length at least, s, so that sending it does not count.
const LEAST_SECS: f64 = 0.05;
/// And no more runs than this.
const MAX_GROUP: usize = 200;
/// One run of so many is computed here as well and compared.
const RECOMPUTED: u64 = 20;
/// How often it is said that nothing comes.
const SAY_EVERY_SECS: u64 = 10;
/// How long there may be no worker at all.
pub(super) const PATIENCE: Duration = Duration::from_secs(600);
/// How long there may be no result.
pub(super) const LONGEST: Duration = Duration::from_secs(6 * 3_600);

/// Workers that are reached through NATS.
pub struct ClusterExecutor {
    /// A message carries work of this length at least, s.
    pub least_secs: f64,
    /// One run of so many is computed here as well and compared; 0 for none.
    pub recompute_one_in: u64,
    /// Given up when for so long there was neither a result nor a worker.
    pub patience: Duration,
    urls: String,
    bundle: Vec<u8>,
    address: String,
    trouble: Trouble,
}

/// What went wrong with workers so far, though the campaign went on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Workers of another version.
    pub refused: Vec<String>,
    /// Workers that are not believed any more.
    pub distrusted: Vec<String>,
    /// Messages of theirs that were accepted before and were computed again.
    pub rechecked: usize,
    /// Runs that were counted with a wrong result and then corrected.
    pub corrected: usize,
}

impl From<ClusterError> for CampaignError {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(error.to_string())
    }
}

impl ClusterExecutor {
    /// Workers at `urls`, for the runs of `campaign`.
    pub fn new(urls: &str, campaign: &Campaign) -> Result<Self, CampaignError> {
        let bundle = campaign.bundle.pack();
        Ok(Self {
            least_secs: LEAST_SECS,
            recompute_one_in: RECOMPUTED,
            patience: PATIENCE,
            urls: urls.to_owned(),
            bundle: bundle.map_err(|error| CampaignError::Cluster(error.to_string()))?,
            address: format!("{:016x}", campaign.bundle.address()),
            trouble: Trouble::default(),
        })
    }

    /// What went wrong with workers so far.
    pub fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Cuts tasks into messages that take long enough; the first run is timed here.
    fn groups<'t>(&self, campaign: &Campaign, tasks: &'t [Task]) -> Vec<&'t [Task]> {
        let Some(first) = tasks.first() else {
            return Vec::new();
        };
        let began = Instant::now();
        first.compute(&campaign.opened, 1, "");
        let each = began.elapsed().as_secs_f64().max(1e-6);
        let size = (self.least_secs / each).ceil() as usize;
        tasks.chunks(size.clamp(1, MAX_GROUP)).collect()
    }
}

/// A name for work that nobody used before.
pub(super) fn new_session(of: u64) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.as_nanos());
    format!("{of:016x}{:016x}", RandomState::new().hash_one(nanos))
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
        let text = |group: &&[Task]| serde_json::to_vec(&Work::Runs(Cow::Borrowed(*group)));
        let texts: Result<Vec<_>, _> = groups.iter().map(text).collect();
        let texts = texts.map_err(|error| CampaignError::Cluster(error.to_string()))?;
        let session = new_session(campaign.fingerprint());
        let job = Job {
            session: &session,
            version: VERSION,
            bundle: (&self.address, &self.bundle),
            tasks: &texts,
            patience: self.patience,
            longest: LONGEST,
        };
        let mut judge = CampaignJudge {
            campaign,
            known: vec![None; groups.len()],
            groups,
            done,
            recompute_one_in: self.recompute_one_in,
            lot: RandomState::new(),
            trouble: &mut self.trouble,
            failed: None,
        };
        let produced = cluster::produce(&self.urls, &job, &mut judge);
        match judge.failed {
            Some(error) => Err(error),
            None => Ok(produced?),
        }
    }
}

/// Judges the answers to a campaign's messages.
struct CampaignJudge<'a> {
    campaign: &'a Campaign,
    groups: Vec<&'a [Task]>,
    /// By message: the check sums of what was accepted.
    known: Vec<Option<Vec<u64>>>,
    done: &'a mut dyn FnMut(Done) -> Result<(), CampaignError>,
    recompute_one_in: u64,
    /// Draws the share that is computed again, so that no worker can foresee it.
    lot: RandomState,
    trouble: &'a mut Trouble,
    failed: Option<CampaignError>,
}

impl Judge for CampaignJudge<'_> {
    fn judge(&mut self, place: usize, _: &str, result: &[u8]) -> Verdict {
        let answers = match self.check(self.groups[place], result) {
            Ok(answers) => answers,
            Err(why) => return Verdict::Poisoned(why),
        };
        let sums = answers.iter().map(|answer| answer.check_sum).collect();
        let before = self.known[place].replace(sums);
        for (index, answer) in answers.into_iter().enumerate() {
            let is_correction = before.is_some();
            let counted = before.as_ref().and_then(|sums| sums.get(index));
            if counted == Some(&answer.check_sum) {
                continue; // it was right
            }
            self.trouble.corrected += usize::from(is_correction);
            let told = (self.done)(Done {
                run: answer.run,
                outcome: answer.outcome,
                effort: answer.effort,
                is_correction,
            });
            if let Err(error) = told {
                let why = error.to_string();
                self.failed = Some(error);
                return Verdict::Stop(why);
            }
        }
        Verdict::Accepted
    }

    fn hear(&mut self, news: News) -> bool {
        match &news {
            News::Refused { worker, .. } => self.trouble.refused.push(worker.clone()),
            News::Distrusted { worker, again, .. } => {
                self.trouble.distrusted.push(worker.clone());
                self.trouble.rechecked += again;
            }
            News::Waiting { .. } => {}
        }
        say(&news);
        true
    }
}

/// Says what happens beside results.
pub(super) fn say(news: &News) {
    match news {
        News::Waiting {
            open,
            workers,
            secs,
        } if *secs > 0 && secs % SAY_EVERY_SECS == 0 => tracing::info!(
            "waiting for {open} results since {secs} s; {workers} workers may compute them"
        ),
        News::Waiting { .. } => {}
        News::Refused { worker, version } => {
            tracing::warn!("worker {worker} is version {version}, this is {VERSION}: refused");
        }
        News::Distrusted { worker, why, again } => tracing::warn!(
            "worker {worker} is not believed any more: {why}; {again} results of it are \
             computed again elsewhere"
        ),
    }
}

impl CampaignJudge<'_> {
    /// The answers of one message, or what is wrong with them.
    fn check(&self, tasks: &[Task], bytes: &[u8]) -> Result<Vec<Answer>, String> {
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
            let one_in = self.recompute_one_in;
            let is_drawn = one_in > 0 && self.lot.hash_one(run).is_multiple_of(one_in);
            if is_drawn && task.compute(&self.campaign.opened, 1, "").0 != *outcome {
                return Err(format!(
                    "run {run} has another result when it is computed again"
                ));
            }
        }
        Ok(answers)
    }
}

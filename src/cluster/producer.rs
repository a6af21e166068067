//! Puts tasks into the queue, and takes results until all are there.
//!
//! Results are read from their stream one by one, by what was read last: no consumer that a
//! server could lose stands between. A worker whose result is wrong is not believed any more:
//! what it did before is done again by others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use async_nats::{HeaderMap, Subscriber};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::{
    BUNDLE, ClusterError, FAILED, ID, Link, MAX_BUNDLE_BYTES, NOT_WORKER, OBJECT, PATIENCE, TASK,
    WORKER, block_on, connect, patiently, subject_of, text_of,
};

/// A task is tried so often.
const MAX_TRIES: u32 = 6;
/// Tasks on their way into the queue at a time.
const SENDING: usize = 32;
/// Waits for a result grow from the first to the last.
const FIRST_LOOK: Duration = Duration::from_millis(2);
const LAST_LOOK: Duration = Duration::from_millis(500);
/// How often it is said what is waited for.
const SAY_EVERY: Duration = Duration::from_secs(1);
/// A worker that was not heard of for so long is gone.
const GONE: Duration = Duration::from_secs(10);
/// How often workers hear that work goes on.
const HERE_EVERY: Duration = Duration::from_secs(1);

/// What is to be computed.
pub struct Job<'a> {
    /// Tells this work from all other.
    pub session: &'a str,
    /// Workers of this version take it.
    pub version: &'a str,
    /// What the tasks share, and its address.
    pub bundle: (&'a str, &'a [u8]),
    /// The tasks.
    pub tasks: &'a [Vec<u8>],
    /// Given up when for so long there was neither a result nor a worker that may compute.
    pub patience: Duration,
    /// Given up when for so long there was no result, whoever is there.
    pub longest: Duration,
}

/// What is thought of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Accepted,
    /// It is wrong: another worker must do it again, with all that this one did.
    Poisoned(String),
    /// Nothing more is wanted.
    Stop(String),
}

/// What happens beside results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing came for a second, or one more.
    Waiting {
        /// Tasks without a result.
        open: usize,
        /// Workers that may compute them.
        workers: usize,
        /// Seconds since the last result.
        secs: u64,
    },
    /// A worker of another version is there. It is told so.
    Refused {
        /// Its name.
        worker: String,
        /// Its version.
        version: String,
    },
    /// A worker is not believed any more.
    Distrusted {
        /// Its name.
        worker: String,
        /// What it did.
        why: String,
        /// Tasks that it did before, and that others do again.
        again: usize,
    },
}

/// Whoever knows what results are.
pub trait Judge {
    /// Judges the result of the task at a place, by a worker. A task whose result was accepted
    /// comes a second time only if its worker is not believed any more.
    fn judge(&mut self, place: usize, worker: &str, result: &[u8]) -> Verdict;
    /// Hears what else happens; false if nothing more is wanted.
    fn hear(&mut self, news: News) -> bool;
}

/// Has all tasks of `job` computed, and gives `judge` the results.
pub fn produce(urls: &str, job: &Job<'_>, judge: &mut dyn Judge) -> Result<(), ClusterError> {
    block_on(async {
        let link = connect(urls, "parallax-campaign").await?;
        let result = run(&link, job, judge).await;
        tidy(&link, job).await;
        result
    })
}

async fn run(link: &Link, job: &Job<'_>, judge: &mut dyn Judge) -> Result<(), ClusterError> {
    link.tasks().await?;
    let results = link.results().await?;
    send_bundle(link, job).await?;
    let subscribe = async |subject: String| {
        let subscriber = link.client.subscribe(subject).await;
        subscriber.map_err(|error| ClusterError::Stopped(error.to_string()))
    };
    let mut producer = Producer {
        link,
        job,
        judge,
        results,
        hellos: subscribe("parallax.worker.*".to_owned()).await?,
        bell: subscribe(format!("parallax.result.{}", job.session)).await?,
        open: (0..job.tasks.len())
            .map(|place| (place, BTreeSet::new()))
            .collect(),
        tries: vec![1; job.tasks.len()],
        done_by: BTreeMap::new(),
        distrusted: BTreeSet::new(),
        refused: BTreeSet::new(),
        heard: BTreeMap::new(),
        last_failure: String::new(),
    };
    let here = async {
        let subject = format!("parallax.producer.{}", job.session);
        loop {
            link.client.publish(subject.clone(), "".into()).await.ok(); // says it again
            tokio::time::sleep(HERE_EVERY).await;
        }
    };
    let work = std::pin::pin!(producer.run());
    match futures_util::future::select(work, std::pin::pin!(here)).await {
        futures_util::future::Either::Left((done, _)) => done,
        futures_util::future::Either::Right((never, _)) => never,
    }
}

/// The work while it goes on.
struct Producer<'a> {
    link: &'a Link,
    job: &'a Job<'a>,
    judge: &'a mut dyn Judge,
    results: Stream,
    hellos: Subscriber,
    /// Rings when a result is on its way.
    bell: Subscriber,
    /// Tasks without an accepted result, and who must not compute them.
    open: BTreeMap<usize, BTreeSet<String>>,
    /// By task: which try is in the queue, counted from 1.
    tries: Vec<u32>,
    /// By task with an accepted result: whose it is.
    done_by: BTreeMap<usize, String>,
    distrusted: BTreeSet<String>,
    refused: BTreeSet<String>,
    /// When a worker of this version was heard of last.
    heard: BTreeMap<String, Instant>,
    /// Why a task was put into the queue again, the last time.
    last_failure: String,
}

impl Producer<'_> {
    async fn run(&mut self) -> Result<(), ClusterError> {
        let this = &*self;
        let places = (0..this.job.tasks.len()).map(|place| this.send(place));
        let sent = stream::iter(places).buffer_unordered(SENDING);
        sent.try_collect::<()>().await?;
        let subject = format!("parallax.result.{}", self.job.session);
        let mut next = 1;
        let mut wait = FIRST_LOOK;
        let (mut last_result, mut last_hope) = (Instant::now(), Instant::now());
        let mut said = Instant::now();
        let mut trouble = String::new();
        while !self.open.is_empty() {
            self.hear_hellos().await?;
            let asked = self
                .results
                .get_first_raw_message_by_subject(&subject, next);
            match asked.await {
                Ok(message) => {
                    next = message.sequence + 1;
                    self.take(&message.headers, message.payload.to_vec())
                        .await?;
                    (last_result, last_hope) = (Instant::now(), Instant::now());
                    said = last_result;
                    wait = FIRST_LOOK;
                    continue;
                }
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                    trouble.clear();
                }
                Err(error) => trouble = error.to_string(),
            }
            let workers = self.workers();
            if workers > 0 {
                last_hope = Instant::now();
            }
            if said.elapsed() >= SAY_EVERY {
                said = Instant::now();
                let (open, secs) = (self.open.len(), last_result.elapsed().as_secs());
                self.tell(News::Waiting {
                    open,
                    workers,
                    secs,
                })?;
            }
            if last_hope.elapsed() >= self.job.patience || last_result.elapsed() >= self.job.longest
            {
                return Err(ClusterError::Silent {
                    open: self.open.len(),
                    tasks: self.job.tasks.len(),
                    workers,
                    secs: last_result.elapsed().as_secs(),
                    why: if trouble.is_empty() {
                        self.last_failure.clone()
                    } else {
                        trouble
                    },
                });
            }
            // The bell rings a little before the result can be read.
            if let Ok(Some(_)) = tokio::time::timeout(wait, self.bell.next()).await {
                while let Some(Some(_)) = self.bell.next().now_or_never() {}
                wait = FIRST_LOOK;
            } else {
                wait = (wait * 2).min(LAST_LOOK);
            }
        }
        Ok(())
    }

    /// Takes one result.
    async fn take(&mut self, headers: &HeaderMap, payload: Vec<u8>) -> Result<(), ClusterError> {
        let id = text_of(headers, TASK);
        let worker = text_of(headers, WORKER).to_owned();
        // `<session>-<place>-<try>`
        let mut parts = id.rsplit('-');
        let (attempt, place) = (parts.next(), parts.next());
        let number = |part: Option<&str>| part.and_then(|text| text.parse::<u32>().ok());
        let (Some(attempt), Some(place)) = (number(attempt), number(place)) else {
            return Ok(()); // nothing of ours
        };
        let place = place as usize;
        if !self.open.contains_key(&place) {
            return Ok(()); // a second answer
        }
        let is_current = self.tries[place] == attempt;
        if self.distrusted.contains(&worker) {
            return match is_current {
                true => {
                    self.again(place, &worker, "its worker is not believed")
                        .await
                }
                false => Ok(()),
            };
        }
        let failed = !text_of(headers, FAILED).is_empty();
        let fetched = match text_of(headers, OBJECT) {
            "" => Ok(payload),
            name => self.link.fetch(name).await,
        };
        let verdict = match fetched {
            Err(error) => Err(error.to_string()),
            Ok(bytes) if failed => Err(String::from_utf8_lossy(&bytes).into_owned()),
            Ok(bytes) => Ok(self.judge.judge(place, &worker, &bytes)),
        };
        match verdict {
            Ok(Verdict::Accepted) => {
                self.open.remove(&place);
                self.done_by.insert(place, worker);
                Ok(())
            }
            Ok(Verdict::Stop(why)) => Err(ClusterError::Stopped(why)),
            Ok(Verdict::Poisoned(why)) => self.distrust(place, &worker, why).await,
            Err(why) if is_current => self.again(place, &worker, &why).await,
            Err(_) => Ok(()),
        }
    }

    /// Believes a worker no more: what it did is done again by others.
    async fn distrust(
        &mut self,
        place: usize,
        worker: &str,
        why: String,
    ) -> Result<(), ClusterError> {
        self.distrusted.insert(worker.to_owned());
        let told = format!("distrusted {} {why}", self.job.session);
        let subject = format!("parallax.told.{worker}");
        self.link.client.publish(subject, told.into()).await.ok(); // it is not believed anyhow
        let done = self.done_by.iter().filter(|(_, by)| *by == worker);
        let before: Vec<_> = done.map(|(place, _)| *place).collect();
        self.tell(News::Distrusted {
            worker: worker.to_owned(),
            why: why.clone(),
            again: before.len(),
        })?;
        self.again(place, worker, &why).await?;
        for place in before {
            self.done_by.remove(&place);
            self.open.insert(place, BTreeSet::new());
            self.again(place, worker, &why).await?;
        }
        Ok(())
    }

    /// Puts a task into the queue once more, for anybody but `worker` and those before.
    async fn again(&mut self, place: usize, worker: &str, why: &str) -> Result<(), ClusterError> {
        if let Some(not) = self.open.get_mut(&place) {
            not.insert(worker.to_owned());
            not.extend(self.distrusted.iter().cloned());
        }
        let tries = self.tries[place];
        if tries >= MAX_TRIES {
            let (task, why) = (format!("{}-{place}", self.job.session), why.to_owned());
            return Err(ClusterError::Task { task, tries, why });
        }
        tracing::warn!("task {place} of worker {worker}: {why}; running it again elsewhere");
        self.last_failure = format!("{worker}: {why}");
        self.tries[place] += 1;
        self.send(place).await
    }

    /// Puts the present try of a task into the queue.
    async fn send(&self, place: usize) -> Result<(), ClusterError> {
        let (job, attempt) = (self.job, self.tries[place]);
        let mut headers = HeaderMap::new();
        headers.insert(ID, format!("{}-{place}-{attempt}", job.session));
        headers.insert(BUNDLE, job.bundle.0);
        let not = self.open.get(&place).into_iter().flatten();
        let not: Vec<_> = not.map(String::as_str).collect();
        if !not.is_empty() {
            headers.insert(NOT_WORKER, not.join(" "));
        }
        let subject = format!("parallax.task.{}.{}", subject_of(job.version), job.session);
        self.link
            .publish(&subject, &headers, &job.tasks[place])
            .await
    }

    /// Hears who is there; a worker of another version is told that it is refused.
    async fn hear_hellos(&mut self) -> Result<(), ClusterError> {
        while let Some(Some(hello)) = self.hellos.next().now_or_never() {
            let text = String::from_utf8_lossy(&hello.payload).into_owned();
            let (worker, version) = text.split_once(' ').unwrap_or((&text, ""));
            if version == self.job.version {
                self.heard.insert(worker.to_owned(), Instant::now());
                continue;
            }
            if !self.refused.insert(worker.to_owned()) {
                continue;
            }
            let why = format!(
                "refused version {version}: this work needs {}",
                self.job.version
            );
            let subject = format!("parallax.told.{worker}");
            self.link.client.publish(subject, why.into()).await.ok(); // it takes no task anyhow
            self.tell(News::Refused {
                worker: worker.to_owned(),
                version: version.to_owned(),
            })?;
        }
        Ok(())
    }

    /// How many workers are there that may compute one of the open tasks.
    fn workers(&mut self) -> usize {
        self.heard.retain(|_, at| at.elapsed() < GONE);
        let may = |worker: &&String| {
            !self.distrusted.contains(*worker)
                && self.open.values().any(|not| !not.contains(*worker))
        };
        self.heard.keys().filter(may).count()
    }

    fn tell(&mut self, news: News) -> Result<(), ClusterError> {
        match self.judge.hear(news) {
            true => Ok(()),
            false => Err(ClusterError::Stopped(
                "it is not wanted any more".to_owned(),
            )),
        }
    }
}

/// Puts the bundle where workers find it, unless it is there.
async fn send_bundle(link: &Link, job: &Job<'_>) -> Result<(), ClusterError> {
    let (address, bytes) = job.bundle;
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(ClusterError::TooLarge {
            what: "the scene with its files",
            bytes: bytes.len(),
            most: MAX_BUNDLE_BYTES,
        });
    }
    let store = link.bundles().await?;
    if store
        .info(address)
        .await
        .is_ok_and(|known| known.size == bytes.len())
    {
        return Ok(());
    }
    patiently("sending the bundle", async || {
        let mut reader = bytes;
        store.put(address, &mut reader).await
    })
    .await?;
    Ok(())
}

/// Removes what is left of this work; what cannot be removed now goes by its age.
async fn tidy(link: &Link, job: &Job<'_>) {
    let tasks = format!("parallax.task.{}.{}", subject_of(job.version), job.session);
    let results = format!("parallax.result.{}", job.session);
    let purge = async {
        link.tasks().await?.purge().filter(tasks).await.ok();
        link.results().await?.purge().filter(results).await.ok();
        Ok::<_, ClusterError>(())
    };
    tokio::time::timeout(PATIENCE / 12, purge).await.ok();
}

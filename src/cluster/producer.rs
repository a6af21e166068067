//! Puts tasks into the queue, and takes results until all are there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;

use super::{
    BUNDLE, ClusterError, FAILED, ID, KEPT, Link, MAX_BUNDLE_BYTES, NOT_WORKER, TASK, WORKER,
    block_on, connect, field, patiently, subject_of,
};

/// A task is tried so often.
const MAX_TRIES: u32 = 4;
/// How long a question for results waits.
const ASK_FOR: Duration = Duration::from_secs(1);
/// Times that nothing comes until it is asked by another consumer: the last may be lost.
const QUIET: u32 = 5;
/// Results taken at a time.
const BATCH: usize = 100;

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
}

/// What is thought of a result.
pub enum Verdict {
    /// It is right.
    Accepted,
    /// It is wrong: another worker must do it again.
    Poisoned(String),
    /// Nothing more is wanted.
    Stop(String),
}

/// Has all tasks of `job` computed. `judge` gets each result, with the task's place and the
/// worker's name; of one that it accepts no second comes.
pub fn produce(
    urls: &str,
    job: &Job<'_>,
    judge: &mut dyn FnMut(usize, &str, &[u8]) -> Verdict,
) -> Result<(), ClusterError> {
    block_on(async {
        let link = connect(urls, "parallax-campaign").await?;
        let result = run(&link, job, judge).await;
        tidy(&link, job).await;
        result
    })
}

async fn run(
    link: &Link,
    job: &Job<'_>,
    judge: &mut dyn FnMut(usize, &str, &[u8]) -> Verdict,
) -> Result<(), ClusterError> {
    link.tasks().await?;
    let results = link.results().await?;
    send_bundle(link, job).await?;
    let name = format!("producer-{}", job.session);
    let mut last_sequence = 0;
    let mut open: BTreeMap<usize, u32> = (0..job.tasks.len()).map(|place| (place, 1)).collect();
    for place in 0..job.tasks.len() {
        send(link, job, place, 1, "").await?;
    }
    let here = link.client.subscribe("parallax.worker.*").await;
    let mut here = here.map_err(|error| ClusterError::Stopped(error.to_string()))?;
    let mut foreign = BTreeSet::new();
    let mut generation = 0;
    while !open.is_empty() {
        generation += 1;
        // A consumer that was lost with its server is made anew, behind what was taken.
        let config = pull::Config {
            name: Some(format!("{name}-{generation}")),
            filter_subject: format!("parallax.result.{}", job.session),
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: last_sequence + 1,
            },
            ack_policy: AckPolicy::None,
            inactive_threshold: KEPT / 24,
            // One that lives on a single server is lost with it, without a word.
            num_replicas: link.replicas,
            ..pull::Config::default()
        };
        let consumer = patiently("asking for results", async || {
            results.create_consumer(config.clone()).await
        })
        .await?;
        let mut quiet = 0;
        while !open.is_empty() && quiet < QUIET {
            quiet += 1;
            let fetched = consumer
                .fetch()
                .max_messages(BATCH)
                .expires(ASK_FOR)
                .messages()
                .await;
            let Ok(mut batch) = fetched else { break };
            let mut lost = false;
            while let Some(message) = batch.next().await {
                let Ok(message) = message else {
                    lost = true;
                    break;
                };
                quiet = 0;
                last_sequence = message
                    .info()
                    .map_or(last_sequence, |info| info.stream_sequence);
                take(link, job, judge, &mut open, &message).await?;
            }
            while let Ok(Some(hello)) = tokio::time::timeout(Duration::ZERO, here.next()).await {
                let text = String::from_utf8_lossy(&hello.payload).into_owned();
                let (worker, version) = text.split_once(' ').unwrap_or((&text, ""));
                if version != job.version && foreign.insert(text.clone()) {
                    let wanted = job.version;
                    tracing::warn!(
                        "worker {worker} is version {version}, this is {wanted}: refused"
                    );
                    let why = format!("version {version}; the campaign needs {wanted}");
                    link.client
                        .publish(format!("parallax.told.{worker}"), why.into())
                        .await
                        .ok();
                }
            }
            if lost {
                break;
            }
        }
    }
    Ok(())
}

/// Takes one result.
async fn take(
    link: &Link,
    job: &Job<'_>,
    judge: &mut dyn FnMut(usize, &str, &[u8]) -> Verdict,
    open: &mut BTreeMap<usize, u32>,
    message: &async_nats::jetstream::Message,
) -> Result<(), ClusterError> {
    let id = field(message, TASK);
    let worker = field(message, WORKER).to_owned();
    // `<session>-<place>-<try>`
    let mut parts = id.rsplit('-');
    let (attempt, place) = (parts.next(), parts.next());
    let number = |part: Option<&str>| part.and_then(|text| text.parse::<u32>().ok());
    let (Some(attempt), Some(place)) = (number(attempt), number(place)) else {
        return Ok(()); // nothing of ours
    };
    let place = place as usize;
    let Some(&current) = open.get(&place) else {
        return Ok(()); // a second answer
    };
    let verdict = if field(message, FAILED).is_empty() {
        judge(place, &worker, &message.payload)
    } else {
        Verdict::Poisoned(String::from_utf8_lossy(&message.payload).into_owned())
    };
    match verdict {
        Verdict::Accepted => {
            open.remove(&place);
            Ok(())
        }
        Verdict::Stop(why) => Err(ClusterError::Stopped(why)),
        Verdict::Poisoned(_) if attempt != current => Ok(()),
        Verdict::Poisoned(why) => {
            let task = id.to_owned();
            if current >= MAX_TRIES {
                let tries = current;
                return Err(ClusterError::Task { task, tries, why });
            }
            tracing::warn!("task {task} of worker {worker}: {why}; running it again elsewhere");
            let told = format!("task {task}: {why}");
            link.client
                .publish(format!("parallax.told.{worker}"), told.into())
                .await
                .ok();
            open.insert(place, current + 1);
            send(link, job, place, current + 1, &worker).await
        }
    }
}

/// Puts a task into the queue, for anybody but `not`.
async fn send(
    link: &Link,
    job: &Job<'_>,
    place: usize,
    attempt: u32,
    not: &str,
) -> Result<(), ClusterError> {
    let mut headers = HeaderMap::new();
    headers.insert(ID, format!("{}-{place}-{attempt}", job.session));
    headers.insert(BUNDLE, job.bundle.0);
    if !not.is_empty() {
        headers.insert(NOT_WORKER, not);
    }
    let subject = format!("parallax.task.{}.{}", subject_of(job.version), job.session);
    link.publish(&subject, &headers, &job.tasks[place]).await
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
    if store.info(address).await.is_ok() {
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
    tokio::time::timeout(Duration::from_secs(5), purge)
        .await
        .ok();
}

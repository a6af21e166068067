//! Takes tasks, computes them, sends results.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::AckKind;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull;
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use tokio::task::{JoinSet, spawn_blocking};

use super::{
    ACK_WAIT, BUNDLE, ClusterError, FAILED, ID, LAST_WAIT, Link, MAX_BUNDLE_BYTES, NOT_WORKER,
    TASK, WORKER, block_on, connect, field, patiently, subject_of,
};

/// How long a question for work waits.
const ASK_FOR: Duration = Duration::from_secs(2);
/// How often a worker says that it is there.
const HERE_EVERY: Duration = Duration::from_secs(1);

/// Whoever knows what tasks are.
pub trait Handler: Send + Sync + 'static {
    /// True if the bundle at this address is open.
    fn has(&self, address: &str) -> bool;
    /// Opens a bundle, or says why it cannot be used.
    fn open(&self, address: &str, bundle: &[u8]) -> Result<(), String>;
    /// Computes a task, or says why it cannot.
    fn compute(&self, address: &str, task: &[u8]) -> Result<Vec<u8>, String>;
}

/// Works until `stop` is set: takes the tasks of `version`, `slots` at a time.
///
/// A task is acknowledged after its result is safe with the servers, and until then said to be
/// in progress; of a worker that dies, another gets it. Lost servers are waited for.
pub fn work(
    urls: &str,
    version: &str,
    name: &str,
    slots: usize,
    handler: &Arc<dyn Handler>,
    stop: &Arc<AtomicBool>,
) -> Result<(), ClusterError> {
    block_on(async {
        let link = connect(urls, name).await?;
        let mut slots_at_work = JoinSet::new();
        for _ in 0..slots.max(1) {
            let (link, handler, stop) = (link.clone(), Arc::clone(handler), Arc::clone(stop));
            let (version, name) = (version.to_owned(), name.to_owned());
            slots_at_work.spawn_local(async move {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = slot(&link, &version, &name, &handler, &stop).await {
                        tracing::warn!("{error}; going on");
                        tokio::time::sleep(LAST_WAIT).await;
                    }
                }
            });
        }
        let here = format!("parallax.worker.{}", subject_of(version));
        let told = link.client.subscribe(format!("parallax.told.{name}")).await;
        let mut told = told.map_err(|error| ClusterError::Stopped(error.to_string()))?;
        while !stop.load(Ordering::Relaxed) {
            let hello = format!("{name} {version}");
            link.client.publish(here.clone(), hello.into()).await.ok(); // says it again
            if let Ok(Some(message)) = tokio::time::timeout(HERE_EVERY, told.next()).await {
                tracing::error!(
                    "a producer refuses: {}",
                    String::from_utf8_lossy(&message.payload)
                );
            }
        }
        while slots_at_work.join_next().await.is_some() {}
        Ok(())
    })
}

/// One task after another.
async fn slot(
    link: &Link,
    version: &str,
    name: &str,
    handler: &Arc<dyn Handler>,
    stop: &AtomicBool,
) -> Result<(), ClusterError> {
    let tasks = link.tasks().await?;
    let durable = format!("workers-{}", subject_of(version));
    let config = pull::Config {
        durable_name: Some(durable.clone()),
        filter_subject: format!("parallax.task.{}.>", subject_of(version)),
        ack_wait: ACK_WAIT,
        ..pull::Config::default()
    };
    let consumer = patiently("asking for work", async || {
        tasks.get_or_create_consumer(&durable, config.clone()).await
    })
    .await?;
    while !stop.load(Ordering::Relaxed) {
        let fetched = consumer
            .fetch()
            .max_messages(1)
            .expires(ASK_FOR)
            .messages()
            .await;
        let mut batch = fetched.map_err(|error| ClusterError::Stopped(error.to_string()))?;
        while let Some(message) = batch.next().await {
            let message = message.map_err(|error| ClusterError::Stopped(error.to_string()))?;
            one(link, name, handler, &message).await?;
        }
    }
    Ok(())
}

/// Computes one task and sends its result.
async fn one(
    link: &Link,
    name: &str,
    handler: &Arc<dyn Handler>,
    message: &Message,
) -> Result<(), ClusterError> {
    if field(message, NOT_WORKER) == name {
        // Another is to do it; where there is none, the producer gives up in time.
        let later = AckKind::Nak(Some(Duration::from_millis(500)));
        message.ack_with(later).await.ok(); // comes back by itself
        return Ok(());
    }
    let address = field(message, BUNDLE).to_owned();
    let done = match bring(link, handler, &address).await {
        Err(why) => Err(why),
        Ok(()) => {
            let (handler, task) = (Arc::clone(handler), message.payload.clone());
            let mut work = spawn_blocking(move || handler.compute(&address, &task));
            loop {
                match tokio::time::timeout(ACK_WAIT / 4, &mut work).await {
                    Ok(done) => break done.unwrap_or_else(|error| Err(error.to_string())),
                    Err(_) => message.ack_with(AckKind::Progress).await.ok(), // next time then
                };
            }
        }
    };
    let id = field(message, ID);
    let mut headers = HeaderMap::new();
    headers.insert(ID, id);
    headers.insert(TASK, id);
    headers.insert(WORKER, name);
    let payload = done.unwrap_or_else(|why| {
        headers.insert(FAILED, "yes");
        why.into_bytes()
    });
    // `parallax.task.<version>.<session>`
    let session = message
        .subject
        .as_str()
        .rsplit('.')
        .next()
        .unwrap_or_default();
    let subject = format!("parallax.result.{session}");
    link.publish(&subject, &headers, &payload).await?;
    patiently("acknowledging", async || message.double_ack().await).await
}

/// Sees that the bundle is open.
async fn bring(link: &Link, handler: &Arc<dyn Handler>, address: &str) -> Result<(), String> {
    if handler.has(address) {
        return Ok(());
    }
    let store = link.bundles().await.map_err(|error| error.to_string())?;
    let object = patiently("fetching the bundle", async || store.get(address).await).await;
    let object = object.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let mut object = object.take(MAX_BUNDLE_BYTES as u64 + 1);
    object
        .read_to_end(&mut bytes)
        .await
        .map_err(|error| error.to_string())?;
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err("the bundle is too large".to_owned());
    }
    let (handler, address) = (Arc::clone(handler), address.to_owned());
    let opened = spawn_blocking(move || handler.open(&address, &bytes)).await;
    opened.unwrap_or_else(|error| Err(error.to_string()))
}

//! Takes tasks, computes them, sends results.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::AckKind;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull;
use futures_util::{FutureExt, StreamExt};
use tokio::task::{JoinSet, spawn_blocking};

use super::{
    ACK_WAIT, BUNDLE, ClusterError, FAILED, FIRST_WAIT, ID, KEPT, LARGE_RESULT_BYTES, Link,
    MAX_BUNDLE_BYTES, MAX_RESULT_BYTES, NOT_WORKER, OBJECT, TASK, WORKER, block_on, connect,
    patiently, read, subject_of, text_of,
};

/// How long a question for work waits.
const ASK_FOR: Duration = Duration::from_secs(2);
/// Work whose producer was not heard of for so long rests.
const SILENT: Duration = Duration::from_secs(60);
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
    /// Hears what a producer holds against this worker.
    fn hear(&self, why: &str) {
        tracing::error!("a producer says: {why}");
    }
}

/// What a worker knows of those who give it work.
#[derive(Default)]
struct Producers {
    /// When each session was heard of last.
    heard: BTreeMap<String, Instant>,
    /// The sessions that do not believe this worker.
    against: BTreeSet<String>,
}

impl Producers {
    /// True if work of this session is to be done here. A session that was not heard of yet is
    /// given the time to say that it is there.
    fn want(&mut self, session: &str) -> bool {
        let heard = self
            .heard
            .entry(session.to_owned())
            .or_insert_with(Instant::now);
        heard.elapsed() < SILENT && !self.against.contains(session)
    }
}

/// One of the hands of a worker.
#[derive(Clone)]
struct Slot {
    link: Link,
    name: String,
    handler: Arc<dyn Handler>,
    producers: Rc<RefCell<Producers>>,
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
        let subscribe = async |subject: String| {
            let subscriber = link.client.subscribe(subject).await;
            subscriber.map_err(|error| ClusterError::Stopped(error.to_string()))
        };
        let mut told = subscribe(format!("parallax.told.{name}")).await?;
        let mut here = subscribe("parallax.producer.*".to_owned()).await?;
        let slot = Slot {
            link: link.clone(),
            name: name.to_owned(),
            handler: Arc::clone(handler),
            producers: Rc::default(),
        };
        let mut slots_at_work = JoinSet::new();
        for _ in 0..slots.max(1) {
            let (slot, stop, version) = (slot.clone(), Arc::clone(stop), version.to_owned());
            slots_at_work.spawn_local(async move {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = slot.work(&version, &stop).await {
                        tracing::warn!("{error}; going on");
                        tokio::time::sleep(FIRST_WAIT * 10).await;
                    }
                }
            });
        }
        let subject = format!("parallax.worker.{}", subject_of(version));
        while !stop.load(Ordering::Relaxed) {
            let hello = format!("{name} {version}");
            link.client
                .publish(subject.clone(), hello.into())
                .await
                .ok(); // says it again
            while let Some(Some(message)) = here.next().now_or_never() {
                let session = message.subject.as_str().rsplit('.').next();
                let session = session.unwrap_or_default().to_owned();
                let mut producers = slot.producers.borrow_mut();
                producers.heard.retain(|_, at| at.elapsed() < KEPT);
                producers.heard.insert(session, Instant::now());
            }
            if let Ok(Some(message)) = tokio::time::timeout(HERE_EVERY, told.next()).await {
                let text = String::from_utf8_lossy(&message.payload);
                if let Some(rest) = text.strip_prefix("distrusted ") {
                    let session = rest.split(' ').next().unwrap_or_default();
                    slot.producers
                        .borrow_mut()
                        .against
                        .insert(session.to_owned());
                }
                handler.hear(&text);
            }
        }
        while slots_at_work.join_next().await.is_some() {}
        Ok(())
    })
}

impl Slot {
    /// One task after another.
    async fn work(&self, version: &str, stop: &AtomicBool) -> Result<(), ClusterError> {
        let tasks = self.link.tasks().await?;
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
        let failed = |error: String| ClusterError::Stopped(format!("asking for work: {error}"));
        while !stop.load(Ordering::Relaxed) {
            let fetched = consumer
                .fetch()
                .max_messages(1)
                .expires(ASK_FOR)
                .messages()
                .await;
            let mut batch = fetched.map_err(|error| failed(error.to_string()))?;
            while let Some(message) = batch.next().await {
                let message = message.map_err(|error| failed(error.to_string()))?;
                self.one(&message).await?;
            }
        }
        Ok(())
    }

    /// Computes one task and sends its result.
    async fn one(&self, message: &Message) -> Result<(), ClusterError> {
        let none = HeaderMap::new();
        let fields = message.headers.as_ref().unwrap_or(&none);
        // `parallax.task.<version>.<session>`
        let session = message.subject.as_str().rsplit('.').next();
        let session = session.unwrap_or_default();
        let mut not = text_of(fields, NOT_WORKER).split(' ');
        let is_wanted = self.producers.borrow_mut().want(session);
        if !is_wanted || not.any(|not| not == self.name) {
            // Another is to do it, or nobody; its producer gives up in time.
            let later = AckKind::Nak(Some(Duration::from_millis(500)));
            message.ack_with(later).await.ok(); // comes back by itself
            return Ok(());
        }
        let address = text_of(fields, BUNDLE).to_owned();
        let done = match self.bring(&address).await {
            Err(why) => Err(why),
            Ok(()) => {
                let (handler, task) = (Arc::clone(&self.handler), message.payload.clone());
                let mut work = spawn_blocking(move || handler.compute(&address, &task));
                loop {
                    match tokio::time::timeout(ACK_WAIT / 4, &mut work).await {
                        Ok(done) => break done.unwrap_or_else(|error| Err(error.to_string())),
                        Err(_) => message.ack_with(AckKind::Progress).await.ok(), // next time then
                    };
                }
            }
        };
        let id = text_of(fields, ID);
        let mut headers = HeaderMap::new();
        headers.insert(ID, id);
        headers.insert(TASK, id);
        headers.insert(WORKER, self.name.as_str());
        let done = done.and_then(|bytes| match bytes.len() > MAX_RESULT_BYTES {
            true => Err(format!("the result has more than {MAX_RESULT_BYTES} bytes")),
            false => Ok(bytes),
        });
        let mut payload = done.unwrap_or_else(|why| {
            headers.insert(FAILED, "yes");
            why.into_bytes()
        });
        if payload.len() >= LARGE_RESULT_BYTES {
            let object = format!("{id}-{}", self.name);
            self.link.store(&object, &payload).await?;
            headers.insert(OBJECT, object);
            payload.clear();
        }
        let subject = format!("parallax.result.{session}");
        self.link.publish(&subject, &headers, &payload).await?;
        patiently("acknowledging", async || message.double_ack().await).await
    }

    /// Sees that the bundle is open.
    async fn bring(&self, address: &str) -> Result<(), String> {
        if self.handler.has(address) {
            return Ok(());
        }
        let store = self.link.bundles().await;
        let store = store.map_err(|error| error.to_string())?;
        let fetched = patiently("fetching the bundle", async || {
            read(&store, address, MAX_BUNDLE_BYTES).await
        });
        let bytes = fetched.await.map_err(|error| error.to_string())?;
        let (handler, address) = (Arc::clone(&self.handler), address.to_owned());
        let opened = spawn_blocking(move || handler.open(&address, &bytes)).await;
        opened.unwrap_or_else(|error| Err(error.to_string()))
    }
}

//! Publishes with quality of service 1, and knows what the broker has accepted.
//!
//! Every message stays here until the broker acknowledged it. After a cut all that is
//! left is sent again, in its order: some of it arrives twice, none of it is lost.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use thiserror::Error;
use tracing::warn;

use super::backoff::Backoff;
use super::endpoint::{Endpoint, EndpointError};
use super::link::{self, Link, News, Purpose, Requests};

/// How many messages may wait for the broker.
const WINDOW: usize = 1_000;
/// How often a waiting caller looks at its stop flag.
const LOOK: Duration = Duration::from_millis(50);
/// How long leaving in good order may take.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why something was not published.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PublishError {
    /// The caller's stop flag was set while waiting.
    #[error("stopped")]
    Stopped,
    /// The topic has wildcards.
    #[error("`{topic}` is not a topic that can be published to")]
    BadTopic {
        /// The topic.
        topic: String,
    },
    /// No topic of the source carries this signal.
    #[error("no topic carries `{signal}`")]
    NoTopic {
        /// The signal.
        signal: String,
    },
    /// The broker did not accept everything in time.
    #[error("{waiting} messages were not accepted in time ({reason})")]
    NotAccepted {
        /// How many.
        waiting: usize,
        /// What went wrong last.
        reason: String,
    },
    /// The broker refused messages for good; MQTT 5 says why.
    #[error("the broker refused {count} messages ({reason})")]
    Refused {
        /// How many.
        count: u64,
        /// Why the last one was refused.
        reason: String,
    },
}

/// A connection for publishing. Dropping it drops what was not accepted yet: see
/// [`flush`](Self::flush).
pub struct Outbox {
    shared: Arc<Shared>,
    requests: Box<dyn Requests>,
    stop: Option<Sender<()>>,
    ended: Receiver<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    up: bool,
    stopping: bool,
    /// The number of the next message.
    next: u64,
    /// Everything that the broker has not acknowledged, by number.
    outstanding: BTreeMap<u64, Publication>,
    /// What waits in the link's queue, in its order.
    queued: VecDeque<u64>,
    /// What is on its way, by packet identifier.
    in_flight: HashMap<u16, u64>,
    accepted: u64,
    refused: u64,
    last_error: Option<String>,
}

struct Publication {
    topic: String,
    payload: String,
}

impl Outbox {
    /// Starts connecting to `endpoint`, on a thread of its own.
    pub fn open(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        // Each outstanding message is in the link's queue at most once.
        let link = link::open(endpoint, Purpose::Publish, WINDOW + 8);
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = bounded(0);
        let (ending, ended) = bounded(0);
        let requests = link.requests();
        let carrier = Carrier {
            requests: link.requests(),
            link,
            shared: Arc::clone(&shared),
            stopped,
            backoff: Backoff::default(),
        };
        thread::Builder::new()
            .name("telemetry-publish".to_owned())
            .spawn(move || {
                let _ending = ending;
                carrier.run();
            })?;
        Ok(Self {
            shared,
            requests,
            stop: Some(stop),
            ended,
        })
    }

    /// Publishes; waits while too much is on its way, until `stop` is set.
    pub fn publish(
        &self,
        topic: &str,
        payload: String,
        stop: &AtomicBool,
    ) -> Result<(), PublishError> {
        let bad_topic = topic.is_empty() || topic.contains(['+', '#']);
        if bad_topic {
            return Err(PublishError::BadTopic {
                topic: topic.to_owned(),
            });
        }
        let mut state = self.shared.lock();
        while state.outstanding.len() >= WINDOW {
            if stop.load(Ordering::Acquire) {
                return Err(PublishError::Stopped);
            }
            state = self.shared.wait(state, LOOK);
        }
        let number = state.next;
        state.next += 1;
        let publication = Publication {
            topic: topic.to_owned(),
            payload,
        };
        if state.up {
            state.queue(number, &publication, &*self.requests);
        }
        state.outstanding.insert(number, publication);
        Ok(())
    }

    /// Waits until the broker has everything.
    pub fn flush(&self, timeout: Duration) -> Result<(), PublishError> {
        let deadline = Instant::now() + timeout;
        let mut state = self.shared.lock();
        while !state.outstanding.is_empty() {
            if Instant::now() >= deadline {
                return Err(PublishError::NotAccepted {
                    waiting: state.outstanding.len(),
                    reason: state.last_error.clone().unwrap_or("too slow".to_owned()),
                });
            }
            state = self.shared.wait(state, LOOK);
        }
        match mem::take(&mut state.refused) {
            0 => Ok(()),
            count => Err(PublishError::Refused {
                count,
                reason: state.last_error.clone().unwrap_or_default(),
            }),
        }
    }

    /// How many messages the broker has accepted.
    pub fn accepted(&self) -> u64 {
        self.shared.lock().accepted
    }

    /// How many messages wait for the broker.
    pub fn waiting(&self) -> usize {
        self.shared.lock().outstanding.len()
    }

    /// True while there is a link.
    pub fn connected(&self) -> bool {
        self.shared.lock().up
    }

    /// What went wrong last, in words.
    pub fn last_error(&self) -> Option<String> {
        self.shared.lock().last_error.clone()
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        drop(self.stop.take());
        self.requests.disconnect();
        if self.ended.recv_timeout(LEAVE_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            warn!("a publisher did not end in time; its thread is left behind");
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>, at_most: Duration) -> MutexGuard<'s, State> {
        let waited = self.changed.wait_timeout(state, at_most);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl State {
    fn queue(&mut self, number: u64, publication: &Publication, requests: &dyn Requests) {
        if requests.publish(&publication.topic, &publication.payload, false) {
            self.queued.push_back(number);
        }
    }
}

/// The thread's side.
struct Carrier {
    link: Box<dyn Link>,
    requests: Box<dyn Requests>,
    shared: Arc<Shared>,
    stopped: Receiver<()>,
    backoff: Backoff,
}

impl Carrier {
    fn run(mut self) {
        loop {
            match self.link.next() {
                Ok(News::Left) => return,
                Ok(news) => self.take(news),
                Err(fault) => self.lose(fault.words),
            }
            if self.shared.lock().stopping && !self.shared.lock().up {
                return;
            }
        }
    }

    fn take(&mut self, news: News) {
        let mut state = self.shared.lock();
        match news {
            News::Up => {
                state.up = true;
                let outstanding = mem::take(&mut state.outstanding);
                for (number, publication) in &outstanding {
                    state.queue(*number, publication, &*self.requests);
                }
                state.outstanding = outstanding;
            }
            News::Sent(pkid) => {
                if let Some(number) = state.queued.pop_front() {
                    state.in_flight.insert(pkid, number);
                }
            }
            News::Settled { pkid, refusal } => {
                if let Some(number) = state.in_flight.remove(&pkid) {
                    state.outstanding.remove(&number);
                    match refusal {
                        None => {
                            state.accepted += 1;
                            self.backoff.reset();
                        }
                        Some(reason) => {
                            state.refused += 1;
                            state.last_error = Some(reason);
                        }
                    }
                    self.shared.changed.notify_all();
                }
            }
            News::Message(_) | News::Subscribed { .. } | News::Left | News::Other => {}
        }
    }

    fn lose(&mut self, reason: String) {
        {
            // Under the lock, so that no caller queues for the link that is gone.
            let mut state = self.shared.lock();
            self.link.reset();
            state.up = false;
            state.queued.clear();
            state.in_flight.clear();
            state.last_error = Some(reason);
        }
        // Ends early when the handle is dropped.
        self.stopped.recv_timeout(self.backoff.next_wait()).ok();
    }
}

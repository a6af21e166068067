//! Looks at what a broker publishes, on a connection and a thread of its own.
//!
//! Subscribes with quality of service 0 and a clean session, so that nothing is left at the
//! broker and the running sources are not disturbed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::backoff::Backoff;
use super::endpoint::{Endpoint, EndpointError};
use super::link::{self, Link, News, Purpose, Requests};
use crate::telemetry::clock::now;
use crate::telemetry::fault::LinkFault;
use crate::telemetry::status::{LinkState, SourceStatus};
use crate::telemetry::topic_book::{BrowsedTopic, TopicBook};

/// How many requests may wait for the link.
const REQUEST_CAPACITY: usize = 16;

/// Looks at a broker until it is dropped.
pub struct Browser {
    shared: Arc<Mutex<Shared>>,
    filter: String,
    stopping: Arc<AtomicBool>,
    requests: Box<dyn Requests>,
    /// Dropped to wake the thread from any wait but the socket's.
    _stop: Sender<()>,
}

struct Shared {
    book: TopicBook,
    status: SourceStatus,
}

impl Browser {
    /// What is subscribed to.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// How the link is. Counts are those of the look.
    pub fn status(&self) -> SourceStatus {
        let shared = lock(&self.shared);
        SourceStatus {
            messages: shared.book.messages(),
            ..shared.status.clone()
        }
    }

    /// The topics by name, and how many were left out.
    pub fn topics(&self) -> (Vec<BrowsedTopic>, usize) {
        let shared = lock(&self.shared);
        (shared.book.topics(now()), shared.book.left_out())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The thread ends by itself: nothing waits for it, for it may be connecting.
        self.stopping.store(true, Ordering::Release);
        self.requests.disconnect();
    }
}

/// Begins to look at what fits `filter` at `endpoint`.
pub fn browse(endpoint: &Endpoint, name: &str, filter: &str) -> Result<Browser, EndpointError> {
    let link = link::open(endpoint, Purpose::Browse, REQUEST_CAPACITY);
    let requests = link.requests();
    let shared = Arc::new(Mutex::new(Shared {
        book: TopicBook::new(now()),
        status: SourceStatus::new(name, &endpoint.url()),
    }));
    let stopping = Arc::new(AtomicBool::new(false));
    let (stop, stopped) = bounded(0);
    let looker = Looker {
        requests: link.requests(),
        link,
        filter: filter.to_owned(),
        shared: Arc::clone(&shared),
        stopping: Arc::clone(&stopping),
        stopped,
        backoff: Backoff::default(),
    };
    thread::Builder::new()
        .name("telemetry-browse".to_owned())
        .spawn(move || looker.run())?;
    Ok(Browser {
        shared,
        filter: filter.to_owned(),
        stopping,
        requests,
        _stop: stop,
    })
}

struct Looker {
    link: Box<dyn Link>,
    requests: Box<dyn Requests>,
    filter: String,
    shared: Arc<Mutex<Shared>>,
    stopping: Arc<AtomicBool>,
    stopped: Receiver<()>,
    backoff: Backoff,
}

impl Looker {
    fn run(mut self) {
        while !self.stopping.load(Ordering::Acquire) {
            match self.link.next() {
                Ok(News::Left) => return,
                Ok(news) => self.take(&news),
                Err(fault) => {
                    if self.lose(fault) {
                        return;
                    }
                }
            }
        }
    }

    fn take(&mut self, news: &News) {
        let mut shared = lock(&self.shared);
        match news {
            News::Up => {
                shared.status.link = LinkState::Connected { since: now() };
                shared.status.fault = None;
                shared.status.refused_filters.clear();
                self.backoff.reset();
                self.requests
                    .subscribe(std::slice::from_ref(&self.filter), false);
            }
            News::Subscribed { refused } => {
                shared.status.subscribed = true;
                if !refused.is_empty() {
                    shared.status.refused_filters = vec![self.filter.clone()];
                }
            }
            News::Message(message) => {
                if let Some(topic) = message.topic() {
                    let at = now();
                    shared.status.last_message = Some(at);
                    let book = &mut shared.book;
                    book.note(topic, message.payload(), message.retained(), at);
                }
            }
            News::Sent(_) | News::Settled { .. } | News::Left | News::Other => {}
        }
    }

    /// Waits before the next attempt; true if there is to be none.
    fn lose(&mut self, fault: LinkFault) -> bool {
        self.link.reset();
        let wait = self.backoff.next_wait();
        let at = now();
        {
            let status = &mut lock(&self.shared).status;
            let since = match status.link {
                LinkState::Waiting { since, .. } => since,
                _ => at,
            };
            let retry_at = at + wait;
            status.link = LinkState::Waiting { since, retry_at };
            status.subscribed = false;
            status.last_error = Some(fault.words.clone());
            status.fault = Some(fault);
        }
        self.stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout)
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // Counts stay usable even if a reader panicked while it held the lock.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

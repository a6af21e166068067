//! The way of commands to the plant, and how an emulated plant hears them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use thiserror::Error;

use super::mqtt::{Endpoint, EndpointError, PublishError};
use super::publish::Publisher;
use super::topic::TopicMap;
use crate::signal::{Sample, SignalId};

/// A connection on which commands are sent, with quality of service 1.
///
/// Nothing is sent later than it was asked for: without a link it is refused, and
/// [`forget`](Self::forget) drops what the broker has not accepted.
pub struct OrderLink {
    endpoint: Endpoint,
    topics: Arc<TopicMap>,
    publisher: Publisher,
}

/// Why a command did not leave.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OrderLinkError {
    /// There is no link to the broker.
    #[error("there is no link to the broker{}", reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default())]
    NotConnected {
        /// What went wrong last.
        reason: Option<String>,
    },
    /// It could not be published.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl OrderLink {
    /// Starts connecting; `topics` are those of the commands.
    pub fn open(endpoint: Endpoint, topics: Arc<TopicMap>) -> Result<Self, EndpointError> {
        let publisher = Publisher::open(&endpoint, Arc::clone(&topics))?;
        Ok(Self {
            endpoint,
            topics,
            publisher,
        })
    }

    /// True if some topic carries commands to `signal`.
    pub fn carries(&self, signal: SignalId) -> bool {
        self.publisher.carries(signal)
    }

    /// True while there is a link.
    pub fn connected(&self) -> bool {
        self.publisher.outbox().connected()
    }

    /// Sends what shall be written, in SI; the payload is in the signal's unit.
    pub fn send(&self, signal: SignalId, sample: Sample) -> Result<(), OrderLinkError> {
        let outbox = self.publisher.outbox();
        if !outbox.connected() {
            let reason = outbox.last_error();
            return Err(OrderLinkError::NotConnected { reason });
        }
        // The window of messages is far larger than the orders that may be under way, so that
        // this never waits.
        let stop = AtomicBool::new(true);
        Ok(self.publisher.send(signal, &[sample], &stop)?)
    }

    /// Drops what the broker has not accepted, so that it is not obeyed when nobody expects it.
    pub fn forget(&mut self) {
        if self.publisher.outbox().waiting() == 0 {
            return;
        }
        if let Ok(fresh) = Publisher::open(&self.endpoint, Arc::clone(&self.topics)) {
            self.publisher = fresh;
        }
    }
}

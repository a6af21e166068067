//! Publishes samples on the scene's topics, as a plant would.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::mqtt::{Endpoint, EndpointError, Outbox, PublishError};
use super::payload;
use super::topic::{Address, TopicMap};
use super::track::{TrackMap, TrackedFixes};
use crate::signal::{Sample, SignalId};

/// Publishes samples with quality of service 1.
pub struct Publisher {
    outbox: Outbox,
    topics: Arc<TopicMap>,
    /// By [`SignalId`]; `None` where the source has no topic for it.
    addresses: Vec<Option<Address>>,
    tracks: Arc<TrackMap>,
}

impl Publisher {
    /// Starts connecting to `endpoint`; samples go out by `topics`.
    pub fn open(endpoint: &Endpoint, topics: Arc<TopicMap>) -> Result<Self, EndpointError> {
        let signals = topics.scene().signal_ids();
        let addresses = signals.map(|signal| topics.address(signal)).collect();
        Ok(Self {
            outbox: Outbox::open(endpoint)?,
            topics,
            addresses,
            tracks: Arc::default(),
        })
    }

    /// The same, which also tells who is where.
    pub fn with_tracks(self, tracks: Arc<TrackMap>) -> Self {
        Self { tracks, ..self }
    }

    /// Publishes where members are; nothing if no topic carries their population.
    pub fn send_fixes(&self, fixes: &TrackedFixes, stop: &AtomicBool) -> Result<(), PublishError> {
        let Some(track) = self.tracks.of(fixes.population) else {
            return Ok(());
        };
        let payload = payload::encode_fixes(track, &fixes.report);
        self.outbox.publish(&track.topic, payload, stop)
    }

    /// True if some topic carries `signal`.
    pub fn carries(&self, signal: SignalId) -> bool {
        matches!(self.addresses.get(signal.index()), Some(Some(_)))
    }

    /// Publishes samples of one signal as one message; waits while too much is on its
    /// way, until `stop` is set.
    pub fn send(
        &self,
        signal: SignalId,
        samples: &[Sample],
        stop: &AtomicBool,
    ) -> Result<(), PublishError> {
        if samples.is_empty() {
            return Ok(());
        }
        let about = self.topics.scene().signal(signal);
        let Some(Some(address)) = self.addresses.get(signal.index()) else {
            return Err(PublishError::NoTopic {
                signal: about.full_name.clone(),
            });
        };
        let format = self.topics.format(address.pattern);
        let payload = payload::encode(format, address.key.as_deref(), about, samples);
        self.outbox.publish(&address.topic, payload, stop)
    }

    /// Waits until the broker has accepted everything.
    pub fn flush(&self, timeout: Duration) -> Result<(), PublishError> {
        self.outbox.flush(timeout)
    }

    /// The connection, for its counts.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

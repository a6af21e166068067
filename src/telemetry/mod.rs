//! The edge to the plant: brokers, files and an emulated plant, on threads of their own.
//!
//! ```text
//! broker ─► mqtt::listen ─► topic ─► payload ─► SourceEvent ─► the app's history
//! CSV ────► replay ───┐
//! models ─► emulator ─┴──► Publisher ─► broker
//! a person's orders ─► OrderLink ─► broker ─► the plant
//! broker ─► mqtt::browse ─► TopicBook, while somebody looks at what is published
//! ```
//!
//! Replay and emulator publish over MQTT like a plant, so that there is one way in.
//! Floor 4: threads, sockets and the wall clock are allowed here; above this floor
//! nobody reads a socket. Nothing here knows the history: events go into a bounded
//! channel, and when that is full the broker queues.

pub mod broker;
pub mod clock;
pub mod csv;
pub mod diagnosis;
pub mod emulator;
pub mod fault;
pub mod mapping;
pub mod mqtt;
pub mod orders;
pub mod payload;
pub mod publish;
pub mod replay;
pub mod status;
pub mod topic;
pub mod topic_book;
pub mod track;

use std::sync::Arc;

pub use broker::EmbeddedBroker;
pub use clock::now;
pub use diagnosis::{Diagnosis, Trouble, diagnose};
pub use fault::{FaultKind, LinkFault};
pub use mqtt::{Browser, Endpoint, SourceHandle, SourceSettings, browse, listen};
pub use orders::{OrderLink, OrderLinkError};
pub use publish::Publisher;
pub use status::SourceStatus;
pub use topic::TopicMap;
pub use topic_book::{BrowsedTopic, TopicBook};
pub use track::{Track, TrackError, TrackMap, TrackedFixes};

use crate::signal::SampleBatch;
use crate::time::Timestamp;

/// Called when there is something to look at, from a thread of telemetry.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Something that a source tells.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceEvent {
    /// Which source: its place in [`Scene::sources`](crate::scene::Scene::sources).
    pub source: usize,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub change: SourceChange,
}

/// What happened to a source.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceChange {
    /// The link is up.
    Connected,
    /// The link is lost: what the source carries is stale at once.
    Disconnected {
        /// Why, in words.
        reason: String,
    },
    /// Samples arrived.
    Samples(SampleBatch),
    /// A tracking system told where members of populations are.
    Fixes(Vec<TrackedFixes>),
}

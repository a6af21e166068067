//! One MQTT connection, whichever version it speaks.
//!
//! rumqttc has one client for 3.1.1 and another for 5, with the same shape and
//! different types. [`Link`] and [`Requests`] are that shape. What they hide besides:
//!
//! * After a failure rumqttc keeps what was under way for the next connection. Some of
//!   it would be wrong there (acknowledgements of a session that is gone), some would be
//!   lost (publications, if the session is new). [`Link::reset`] clears all of it; who
//!   publishes keeps its own list.
//! * Messages of any size that the protocol allows are read, up to 256 MiB. A smaller
//!   limit would cut the link, and the broker would send the same message again after
//!   each reconnect, for ever. What is too large is rejected later, and counted.

use std::error::Error;
use std::io;

use super::endpoint::Endpoint;
use super::tls;
use super::{v4, v5};
use crate::scene::MqttVersion;
use crate::telemetry::fault::{FaultKind, LinkFault};

/// The largest packet of the protocol, bytes.
pub(super) const MAX_PACKET_BYTES: u32 = 268_435_455;
/// How long an attempt to connect may take, s.
pub(super) const CONNECT_TIMEOUT_SECS: u64 = 5;
/// How long a broker keeps our session while there is no link, s. MQTT 5 only; an
/// older broker keeps it as long as it likes, or until we end it.
pub(super) const SESSION_EXPIRY_SECS: u32 = 3_600;
/// How many messages the broker may send before the first is acknowledged. MQTT 5 only.
pub(super) const RECEIVE_MAXIMUM: u16 = 1_000;
/// How many publications may be under way.
pub(super) const MAX_IN_FLIGHT: u16 = 100;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To receive: acknowledges by hand, and has a session that outlives a cut.
    Listen,
    /// To publish.
    Publish,
    /// To look at what others publish: leaves no trace at the broker.
    Browse,
}

/// Something that happened on a link.
#[derive(Debug)]
pub(super) enum News {
    /// The broker accepted us.
    Up,
    /// A message came.
    Message(Message),
    /// The broker answered a subscription; the places of the filters that it refused.
    Subscribed { refused: Vec<usize> },
    /// The oldest publication that was not yet sent went out under this identifier.
    Sent(u16),
    /// The broker has this publication, or refuses it for good.
    Settled { pkid: u16, refusal: Option<String> },
    /// We left, in good order.
    Left,
    /// Nothing of interest.
    Other,
}

/// A message, of either version.
#[derive(Debug)]
pub(super) enum Message {
    V4(rumqttc::Publish),
    V5(rumqttc::v5::mqttbytes::v5::Publish),
}

impl Message {
    /// The topic; `None` if it is not UTF-8.
    pub(super) fn topic(&self) -> Option<&str> {
        match self {
            Self::V4(publish) => Some(&publish.topic),
            Self::V5(publish) => std::str::from_utf8(&publish.topic).ok(),
        }
    }

    /// The payload.
    pub(super) fn payload(&self) -> &[u8] {
        match self {
            Self::V4(publish) => &publish.payload,
            Self::V5(publish) => &publish.payload,
        }
    }

    /// True if the broker had kept it for us.
    pub(super) fn retained(&self) -> bool {
        match self {
            Self::V4(publish) => publish.retain,
            Self::V5(publish) => publish.retain,
        }
    }

    /// What to acknowledge; `None` for quality of service 0.
    pub(super) fn pkid(&self) -> Option<u16> {
        let pkid = match self {
            Self::V4(publish) => publish.pkid,
            Self::V5(publish) => publish.pkid,
        };
        (pkid != 0).then_some(pkid)
    }
}

/// A connection to a broker, to be polled by one thread.
pub(super) trait Link: Send {
    /// Waits for the next thing to happen; connects first where there is no link.
    /// An `Err` says why there is none.
    fn next(&mut self) -> Result<News, LinkFault>;

    /// True if [`next`](Self::next) will not wait.
    fn has_more(&self) -> bool;

    /// After an `Err`: forgets all that was under way, and gives back the messages
    /// that had been read already.
    fn reset(&mut self) -> Vec<Message>;

    /// Makes the next connection end the session that the broker keeps for us.
    fn end_session(&mut self);

    /// A handle to ask for things. Requests are served in [`next`](Self::next).
    fn requests(&self) -> Box<dyn Requests>;
}

/// Asks a link for things; each returns false if its queue is full.
pub(super) trait Requests: Send + Sync {
    /// Publishes with quality of service 1.
    fn publish(&self, topic: &str, payload: &str, retain: bool) -> bool;

    /// Subscribes with quality of service 0 or 1.
    fn subscribe(&self, filters: &[String], at_least_once: bool) -> bool;

    /// Takes a subscription back.
    fn unsubscribe(&self, filter: &str) -> bool;

    /// Acknowledges a message.
    fn acknowledge(&self, pkid: u16) -> bool;

    /// Leaves in good order.
    fn disconnect(&self) -> bool;
}

/// A link to `endpoint` that connects at its first poll.
pub(super) fn open(endpoint: &Endpoint, purpose: Purpose, capacity: usize) -> Box<dyn Link> {
    match endpoint.version {
        MqttVersion::V311 => Box::new(v4::V4Link::new(endpoint, purpose, capacity)),
        MqttVersion::V5 => Box::new(v5::V5Link::new(endpoint, purpose, capacity)),
    }
}

/// What a failure means: TLS's own words where it is one, else those of its first cause.
pub(super) fn fault_of(error: &(dyn Error + 'static)) -> LinkFault {
    if let Some(words) = tls::explain(error) {
        return LinkFault::new(FaultKind::Tls, words);
    }
    let mut first_cause = error;
    while let Some(cause) = first_cause.source() {
        first_cause = cause;
    }
    let refused_by = first_cause.downcast_ref::<io::Error>();
    let kind = refused_by.map_or(FaultKind::Other, kind_of);
    LinkFault::new(kind, first_cause.to_string())
}

fn kind_of(error: &io::Error) -> FaultKind {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => FaultKind::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            FaultKind::NoRoute
        }
        ErrorKind::TimedOut => FaultKind::NoAnswer,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => FaultKind::Closed,
        // The standard library has no kind for a name that nobody knows, but these words.
        _ if error.to_string().contains("lookup address") => FaultKind::UnknownHost,
        _ => FaultKind::Other,
    }
}

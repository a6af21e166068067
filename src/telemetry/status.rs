//! How a source is doing: what the sources panel shows.

use std::collections::HashMap;

use super::fault::LinkFault;
use super::payload::{Rejection, Rejections};
use super::topic::Unmapped;
use crate::time::Timestamp;

/// How many unmapped topics are kept; later ones are only counted.
pub const MAX_UNMAPPED_TOPICS: usize = 256;
/// How much of an unmapped topic's last payload is kept, bytes.
pub const MAX_KEPT_PAYLOAD: usize = 200;
/// Longer topics are kept cut off, bytes.
const MAX_KEPT_TOPIC: usize = 512;

/// Whether a source is connected, and if not, what it is doing about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LinkState {
    /// Looking for the broker for the first time.
    #[default]
    Connecting,
    /// Connected.
    Connected {
        /// Since when.
        since: Timestamp,
    },
    /// Waiting to try again.
    Waiting {
        /// Since when there is no link.
        since: Timestamp,
        /// When the next attempt is made.
        retry_at: Timestamp,
    },
    /// Ended by us.
    Stopped,
}

/// How late samples are, by their source's clock, s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Of the last message with a source time.
    pub last: f64,
    /// Smoothed over some twenty messages.
    pub mean: f64,
    /// The largest since the start.
    pub worst: f64,
}

/// A topic that leads to no signal.
#[derive(Clone, Debug, PartialEq)]
pub struct UnmappedTopic {
    /// Why.
    pub why: Unmapped,
    /// How many messages came.
    pub count: u64,
    /// The beginning of the last payload, as readable text.
    pub last_payload: String,
    /// When it came.
    pub last_seen: Timestamp,
}

/// What came by one entry of a source's topics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteTally {
    /// The entry's pattern.
    pub pattern: String,
    /// Messages.
    pub messages: u64,
    /// Messages of which something gave no sample.
    pub refused: u64,
    /// The last of these.
    pub last: Option<RefusedMessage>,
}

/// A message of which something gave no sample.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedMessage {
    /// Why.
    pub why: Rejection,
    /// Its topic.
    pub topic: String,
    /// The beginning of its payload, as readable text.
    pub payload: String,
    /// When it came.
    pub at: Timestamp,
}

impl RefusedMessage {
    pub(super) fn new(why: Rejection, topic: &str, payload: &[u8], at: Timestamp) -> Self {
        Self {
            why,
            topic: beginning(topic, MAX_KEPT_TOPIC).to_owned(),
            payload: readable(payload),
            at,
        }
    }
}

/// How a source is doing. All counts are since the program started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceStatus {
    /// What the source is called on screen.
    pub name: String,
    /// The broker, `mqtt://host:port`.
    pub broker: String,
    /// Whether it is connected.
    pub link: LinkState,
    /// True once the broker has answered the subscriptions of this link.
    pub subscribed: bool,
    /// Messages received.
    pub messages: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Samples that they gave.
    pub samples: u64,
    /// What gave none, by reason.
    pub rejected: Rejections,
    /// Messages on topics that lead to no signal.
    pub unmapped_messages: u64,
    /// Those topics, at most [`MAX_UNMAPPED_TOPICS`] of them.
    pub unmapped: HashMap<String, UnmappedTopic>,
    /// How late samples are; `None` before the first that has a source time.
    pub lag: Option<Lag>,
    /// When the last message came.
    pub last_message: Option<Timestamp>,
    /// How often the link came back.
    pub reconnects: u64,
    /// What went wrong last, in words.
    pub last_error: Option<String>,
    /// Why there is no link; `None` while there is one.
    pub fault: Option<LinkFault>,
    /// The filters to which the broker did not let us subscribe on this link.
    pub refused_filters: Vec<String>,
    /// What came by each entry of the source's topics.
    pub routes: Vec<RouteTally>,
}

impl SourceStatus {
    /// The status of a source that has not connected yet.
    pub fn new(name: &str, broker: &str) -> Self {
        Self {
            name: name.to_owned(),
            broker: broker.to_owned(),
            ..Self::default()
        }
    }

    /// True while the link is up.
    pub fn connected(&self) -> bool {
        matches!(self.link, LinkState::Connected { .. })
    }

    /// The state in words: `connected`, `no link, trying again in 4 s`.
    pub fn state_text(&self, now: Timestamp) -> String {
        match self.link {
            LinkState::Connecting => "connecting".to_owned(),
            LinkState::Connected { .. } => "connected".to_owned(),
            LinkState::Waiting { retry_at, .. } => {
                let secs = retry_at.secs_since(now).max(0.0).ceil();
                format!("no link, trying again in {secs} s")
            }
            LinkState::Stopped => "stopped".to_owned(),
        }
    }

    /// Takes note of a lag, s.
    pub(super) fn note_lag(&mut self, secs: f64) {
        self.lag = Some(match self.lag {
            None => Lag {
                last: secs,
                mean: secs,
                worst: secs,
            },
            Some(lag) => Lag {
                last: secs,
                mean: lag.mean + 0.1 * (secs - lag.mean),
                worst: lag.worst.max(secs),
            },
        });
    }

    /// Takes note of a message on a topic that leads nowhere.
    pub(super) fn note_unmapped(
        &mut self,
        topic: &str,
        why: Unmapped,
        payload: &[u8],
        at: Timestamp,
    ) {
        self.unmapped_messages += 1;
        match why {
            Unmapped::NoPattern => {}
            Unmapped::UnknownAsset => self.rejected.count(Rejection::UnknownAsset),
            Unmapped::UnknownSignal => self.rejected.count(Rejection::UnknownSignal),
        }
        let topic = beginning(topic, MAX_KEPT_TOPIC);
        if let Some(known) = self.unmapped.get_mut(topic) {
            known.count += 1;
            known.last_payload = readable(payload);
            known.last_seen = at;
        } else if self.unmapped.len() < MAX_UNMAPPED_TOPICS {
            let first = UnmappedTopic {
                why,
                count: 1,
                last_payload: readable(payload),
                last_seen: at,
            };
            self.unmapped.insert(topic.to_owned(), first);
        }
    }
}

/// At most `bytes` of a text, cut between characters.
fn beginning(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn readable(payload: &[u8]) -> String {
    let kept = &payload[..payload.len().min(MAX_KEPT_PAYLOAD)];
    String::from_utf8_lossy(kept).into_owned()
}

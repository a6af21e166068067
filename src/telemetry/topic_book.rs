//! What a broker publishes, by topic: how often, how fast, and what came last. Bounded.
//!
//! Reads no clock: every instant is an argument.

use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::time::Timestamp;

/// How many topics are kept; later ones are only counted.
pub const MAX_TOPICS: usize = 10_000;
/// How much of a topic's last payload is kept, bytes.
pub const MAX_PAYLOAD_KEPT: usize = 1_024;
/// How many topics that were left out are told apart.
const MAX_LEFT_OUT: usize = 262_144;
/// Over so many whole seconds a rate is counted.
const RATE_SECS: i64 = 10;

/// A topic of the broker, and what came by it last.
#[derive(Clone, Debug, PartialEq)]
pub struct BrowsedTopic {
    /// The topic.
    pub topic: Arc<str>,
    /// How many messages came.
    pub count: u64,
    /// Messages per second over the last ten seconds, or since the first look if that is less.
    pub rate_hz: f64,
    /// The beginning of the last payload, as readable text.
    pub payload: Arc<str>,
    /// How long the last payload is, bytes.
    pub payload_bytes: usize,
    /// When it came.
    pub last_seen: Timestamp,
    /// True if the broker had kept the last message for whoever comes.
    pub retained: bool,
}

impl BrowsedTopic {
    /// True if only the beginning of the last payload is known.
    pub fn is_cut(&self) -> bool {
        self.payload_bytes > MAX_PAYLOAD_KEPT
    }
}

/// What came by the topics of a broker since somebody began to look.
#[derive(Debug)]
pub struct TopicBook {
    since: Timestamp,
    topics: HashMap<Arc<str>, Known>,
    left_out: HashSet<u64>,
    hasher: RandomState,
    messages: u64,
}

#[derive(Debug)]
struct Known {
    count: u64,
    payload: Arc<str>,
    payload_bytes: usize,
    last_seen: Timestamp,
    retained: bool,
    /// Messages in each of the last seconds, by the second's remainder.
    by_second: [u32; RATE_SECS as usize],
    /// The second of the last message.
    second: i64,
}

impl TopicBook {
    /// An empty book; the look begins at `since`.
    pub fn new(since: Timestamp) -> Self {
        Self {
            since,
            topics: HashMap::new(),
            left_out: HashSet::new(),
            hasher: RandomState::new(),
            messages: 0,
        }
    }

    /// Takes note of a message.
    pub fn note(&mut self, topic: &str, payload: &[u8], retained: bool, at: Timestamp) {
        self.messages += 1;
        let is_full = self.topics.len() >= MAX_TOPICS;
        if is_full && !self.topics.contains_key(topic) {
            if self.left_out.len() < MAX_LEFT_OUT {
                self.left_out.insert(self.hasher.hash_one(topic));
            }
            return;
        }
        let known = match self.topics.entry(topic.into()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Known {
                count: 0,
                payload: Arc::from(""),
                payload_bytes: 0,
                last_seen: at,
                retained,
                by_second: [0; RATE_SECS as usize],
                second: second_of(at),
            }),
        };
        known.count += 1;
        known.count_at(second_of(at));
        known.payload = readable(payload);
        known.payload_bytes = payload.len();
        known.last_seen = at;
        known.retained = retained;
    }

    /// How many messages came.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// How many topics are kept.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// True if nothing came.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// How many topics are not kept; at least so many, if there are very many.
    pub fn left_out(&self) -> usize {
        self.left_out.len()
    }

    /// The topics by name, with their rates at `now`.
    pub fn topics(&self, now: Timestamp) -> Vec<BrowsedTopic> {
        let seconds = now.secs_since(self.since).clamp(1.0, RATE_SECS as f64);
        let mut topics: Vec<_> = self
            .topics
            .iter()
            .map(|(topic, known)| BrowsedTopic {
                topic: Arc::clone(topic),
                count: known.count,
                rate_hz: known.lately(second_of(now)) as f64 / seconds,
                payload: Arc::clone(&known.payload),
                payload_bytes: known.payload_bytes,
                last_seen: known.last_seen,
                retained: known.retained,
            })
            .collect();
        topics.sort_unstable_by(|one, other| one.topic.cmp(&other.topic));
        topics
    }
}

impl Known {
    fn count_at(&mut self, second: i64) {
        // A clock that is put back counts in the last second that it had.
        let second = second.max(self.second);
        if second - self.second >= RATE_SECS {
            self.by_second = [0; RATE_SECS as usize];
        } else {
            for passed in self.second + 1..=second {
                self.by_second[place(passed)] = 0;
            }
        }
        self.second = second;
        self.by_second[place(second)] += 1;
    }

    /// Messages in the last ten seconds.
    fn lately(&self, now: i64) -> u64 {
        let oldest = (now - RATE_SECS + 1).max(self.second - RATE_SECS + 1);
        let seconds = oldest..=self.second;
        seconds
            .map(|second| u64::from(self.by_second[place(second)]))
            .sum()
    }
}

fn place(second: i64) -> usize {
    second.rem_euclid(RATE_SECS) as usize
}

fn second_of(at: Timestamp) -> i64 {
    at.nanos().div_euclid(1_000_000_000)
}

fn readable(payload: &[u8]) -> Arc<str> {
    let kept = &payload[..payload.len().min(MAX_PAYLOAD_KEPT)];
    String::from_utf8_lossy(kept).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp::from_secs(1_772_344_800);

    fn at(secs: f64) -> Timestamp {
        BEGAN.plus_secs(secs)
    }

    #[test]
    fn a_rate_is_counted_over_ten_seconds_and_forgotten_after() {
        let mut book = TopicBook::new(BEGAN);
        // Four a second for half a minute.
        for message in 0..120 {
            book.note("a", b"1", false, at(f64::from(message) / 4.0));
        }
        let rate = |book: &TopicBook, secs: f64| book.topics(at(secs))[0].rate_hz;
        assert_eq!(rate(&book, 29.9), 4.0);
        // Five of the ten seconds are silent.
        assert_eq!(rate(&book, 34.9), 2.0);
        assert_eq!(rate(&book, 60.0), 0.0);
        book.note("a", b"1", false, at(60.0));
        assert_eq!(rate(&book, 60.0), 0.1);
        assert_eq!(book.topics(at(60.0))[0].count, 121);
    }

    #[test]
    fn a_first_second_is_no_slower_than_it_is() {
        let mut book = TopicBook::new(BEGAN);
        for message in 0..20 {
            book.note("a", b"1", false, at(f64::from(message) / 10.0));
        }
        assert_eq!(book.topics(at(2.0))[0].rate_hz, 10.0);
    }

    #[test]
    fn a_clock_that_is_put_back_breaks_nothing() {
        let mut book = TopicBook::new(BEGAN);
        book.note("a", b"1", false, at(100.0));
        book.note("a", b"2", false, at(3.0));
        let topics = book.topics(at(100.0));
        assert_eq!((topics[0].count, topics[0].rate_hz), (2, 0.2));
    }

    #[test]
    fn a_hundred_thousand_topics_stay_within_bounds_and_the_rest_is_counted() {
        let mut book = TopicBook::new(BEGAN);
        let payload = vec![b'x'; 4_000];
        for pass in 0..2 {
            for topic in 0..100_000 {
                book.note(
                    &format!("plant/{topic}"),
                    &payload,
                    false,
                    at(f64::from(pass)),
                );
            }
        }
        assert_eq!(book.len(), MAX_TOPICS);
        assert_eq!(book.left_out(), 100_000 - MAX_TOPICS);
        assert_eq!(book.messages(), 200_000);
        let topics = book.topics(at(1.0));
        assert!(
            topics
                .iter()
                .all(|topic| topic.payload.len() == MAX_PAYLOAD_KEPT)
        );
        assert!(
            topics
                .iter()
                .all(|topic| topic.is_cut() && topic.count == 2)
        );
        assert!(topics.is_sorted_by(|one, other| one.topic < other.topic));
    }
}

//! What a source counts while it reads, until the status is written.

use std::mem;

use crate::telemetry::payload::Rejections;
use crate::telemetry::status::{RefusedMessage, RouteTally, SourceStatus};
use crate::telemetry::topic::TopicMap;

/// What was counted since the status was last written.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) rejected: Rejections,
    pub(super) lag_secs: Option<f64>,
    /// By entry of the topics: messages, those refused, and the last of these.
    routes: Vec<(usize, u64, u64, Option<RefusedMessage>)>,
}

impl Tally {
    /// Counts a message that came by this entry of the topics.
    pub(super) fn count(&mut self, pattern: usize, refused: Option<RefusedMessage>) {
        let known = self.routes.iter().position(|known| known.0 == pattern);
        let place = known.unwrap_or_else(|| {
            self.routes.push((pattern, 0, 0, None));
            self.routes.len() - 1
        });
        let (_, messages, refusals, last) = &mut self.routes[place];
        *messages += 1;
        if refused.is_some() {
            *refusals += 1;
            *last = refused;
        }
    }

    /// Writes up what came by the entries of the topics.
    pub(super) fn write_routes(&mut self, status: &mut SourceStatus) {
        for (place, messages, refused, last) in mem::take(&mut self.routes) {
            if let Some(tally) = status.routes.get_mut(place) {
                tally.messages += messages;
                tally.refused += refused;
                tally.last = last.or(tally.last.take());
            }
        }
    }
}

/// One tally for each entry of the topics, with what is known of it already.
pub(super) fn tallies(topics: &TopicMap, known: &[RouteTally]) -> Vec<RouteTally> {
    let tally = |pattern: &str| {
        let known = known.iter().find(|tally| tally.pattern == pattern);
        known.cloned().unwrap_or_else(|| RouteTally {
            pattern: pattern.to_owned(),
            ..RouteTally::default()
        })
    };
    topics.patterns().map(tally).collect()
}

//! The plant at an instant, told by the slices that together know it.

use std::cmp::Reverse;
use std::ops::Range;

use super::catalogue::SliceEntry;
use super::slice::Part;
use crate::history::track::Held;
use crate::signal::{Sample, SignalId};
use crate::time::Timestamp;

/// The loaded slices that know what an origin says over a span of instants.
#[derive(Debug)]
pub(in crate::history) struct Stairs<'a> {
    /// The state of the catalogue that chose them.
    pub(in crate::history) revision: u64,
    /// The instants for which they know it.
    pub(in crate::history) span: Range<Timestamp>,
    steps: Vec<Step<'a>>,
}

#[derive(Debug)]
struct Step<'a> {
    entry: SliceEntry,
    part: &'a Part,
}

/// A sample beside others, greatest first: by instant; of equal instants what a frame says,
/// for it has compared them already; else what was written first.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    sample: Sample,
    rank: (Timestamp, Reverse<u32>, bool, Reverse<u64>),
}

impl<'a> Stairs<'a> {
    pub(super) fn new(revision: u64, span: Range<Timestamp>) -> Self {
        Self {
            revision,
            span,
            steps: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, entry: SliceEntry, part: &'a Part) {
        self.steps.push(Step { entry, part });
    }

    /// What `signal` shows at `at`, which lies in the span.
    pub(in crate::history) fn held_at(&self, signal: SignalId, at: Timestamp) -> Held {
        let mut best: Option<Candidate> = None;
        let mut until = self.span.end;
        for step in &self.steps {
            let (row, next) = step.part.neighbours(signal, at);
            until = next.map_or(until, |next| until.min(next));
            let told = row.map(|sample| step.candidate(*sample, false));
            let known = step.start(signal, at, row);
            let known = known.map(|sample| step.candidate(sample, true));
            for candidate in told.into_iter().chain(known) {
                if best.is_none_or(|best| best.rank < candidate.rank) {
                    best = Some(candidate);
                }
            }
        }
        let sample = best.map(|best| best.sample);
        let since = sample.map_or(Timestamp::MIN, |sample| sample.at);
        Held {
            sample,
            lost: sample.and_then(|sample| self.lost_after(signal, &sample)),
            span: self.span.start.max(since)..until,
        }
    }

    /// When the link was lost after `sample` came over it: no sooner than its own instant.
    fn lost_after(&self, signal: SignalId, sample: &Sample) -> Option<Timestamp> {
        let losses = self.steps.iter().flat_map(|step| {
            let start = step.part.start(signal).and_then(|start| start.lost);
            let before = start.filter(|&lost| lost >= sample.received);
            let within = step.part.lost_since(signal, sample.received);
            before.into_iter().chain(within)
        });
        losses.min().map(|lost| lost.max(sample.at))
    }
}

impl Step<'_> {
    /// What the frame says, if that counts beside `row`.
    fn start(&self, signal: SignalId, at: Timestamp, row: Option<&Sample>) -> Option<Sample> {
        // All rows come after the frame, but for those of its own instant.
        if row.is_some_and(|row| row.at > self.entry.from) {
            return None;
        }
        let start = self.part.start(signal)?.sample;
        start.filter(|sample| sample.at <= at)
    }

    fn candidate(&self, sample: Sample, frame: bool) -> Candidate {
        let (recorder, order) = (Reverse(self.entry.recorder), Reverse(self.entry.order));
        Candidate {
            sample,
            rank: (sample.at, recorder, frame, order),
        }
    }
}

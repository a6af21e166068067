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
    part: Part<'a>,
}

/// Where a sample stands in a step.
#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    Row(usize),
    Start(&'a Sample),
}

/// By which of several samples the newest is chosen: the greatest by instant; of equal
/// instants what a frame says, for it has compared them already; else what was written first.
type Rank = (Timestamp, Reverse<u32>, bool, Reverse<u64>);

impl<'a> Stairs<'a> {
    pub(super) fn new(revision: u64, span: Range<Timestamp>) -> Self {
        Self {
            revision,
            span,
            steps: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, entry: SliceEntry, part: Part<'a>) {
        self.steps.push(Step { entry, part });
    }

    /// What `signal` shows at `at`, which lies in the span.
    pub(in crate::history) fn held_at(&self, signal: SignalId, at: Timestamp) -> Held {
        let mut best: Option<(Rank, &Step<'_>, Place<'_>)> = None;
        let mut until = self.span.end;
        for step in &self.steps {
            let (row, next) = step.part.neighbours(signal, at);
            until = next.map_or(until, |next| until.min(next));
            let told = row.map(|(row, told_at)| (told_at, Place::Row(row)));
            let known = step.start(signal, at, row.map(|(_, at)| at));
            let known = known.map(|sample| (sample.at, Place::Start(sample)));
            for (at, place) in told.into_iter().chain(known) {
                let rank = step.rank(at, matches!(place, Place::Start(_)));
                if best.is_none_or(|(best, ..)| best < rank) {
                    best = Some((rank, step, place));
                }
            }
        }
        let sample = best.and_then(|(_, step, place)| match place {
            Place::Row(row) => step.part.sample(row),
            Place::Start(sample) => Some(*sample),
        });
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

impl<'a> Step<'a> {
    /// What the frame says, if that counts beside a row of that instant.
    fn start(&self, signal: SignalId, at: Timestamp, row: Option<Timestamp>) -> Option<&'a Sample> {
        // All rows come after the frame, but for those of its own instant.
        if row.is_some_and(|row| row > self.entry.from) {
            return None;
        }
        let start = self.part.start(signal)?.sample.as_ref()?;
        (start.at <= at).then_some(start)
    }

    fn rank(&self, at: Timestamp, frame: bool) -> Rank {
        let (recorder, order) = (Reverse(self.entry.recorder), Reverse(self.entry.order));
        (at, recorder, frame, order)
    }
}

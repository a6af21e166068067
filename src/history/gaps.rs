//! Where a signal has nothing fresh to show.

use std::time::Duration;

use super::Gap;
use super::archive::Stretch;
use super::track::stale_from;
use crate::signal::Sample;
use crate::time::Timestamp;

/// Where it is known that something fresh is shown, or not known what.
#[derive(Debug)]
pub(super) struct Known {
    max_age: Duration,
    /// From an instant, up to but not including another.
    fresh: Vec<(Timestamp, Timestamp)>,
    unknown: Vec<(Timestamp, Timestamp)>,
}

impl Known {
    pub(super) fn new(max_age: Duration) -> Self {
        Self {
            max_age,
            fresh: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Adds data without a break from `start`, no sooner than what was added before, to
    /// `last`, whose link was `lost`.
    pub(super) fn add(&mut self, start: Timestamp, last: &Sample, lost: Option<Timestamp>) {
        if let Some(before) = self.fresh.last_mut() {
            before.1 = before.1.min(start);
        }
        self.fresh
            .push((start, stale_from(last, lost, self.max_age)));
    }

    /// Adds a stretch of which nothing is known: what it holds may be fresh beyond its end.
    pub(super) fn add_unknown(&mut self, stretch: Stretch) {
        self.unknown
            .push((stretch.from, stretch.end() + self.max_age));
    }

    /// What is left of `asked`.
    pub(super) fn gaps(mut self, asked: Stretch) -> Vec<Gap> {
        self.fresh.append(&mut self.unknown);
        self.fresh.sort_unstable();
        let mut gaps = Vec::new();
        let mut known_until = asked.from;
        for (from, to) in self.fresh {
            push(
                &mut gaps,
                Gap {
                    from: known_until,
                    to: from.min(asked.end()),
                },
            );
            known_until = known_until.max(to);
        }
        push(
            &mut gaps,
            Gap {
                from: known_until,
                to: asked.end(),
            },
        );
        gaps
    }
}

/// Adds a gap that begins no sooner than the last one ends; one without length is none.
pub(super) fn push(gaps: &mut Vec<Gap>, gap: Gap) {
    match gaps.last_mut() {
        Some(last) if last.to == gap.from => last.to = last.to.max(gap.to),
        _ if gap.from < gap.to => gaps.push(gap),
        _ => {}
    }
}

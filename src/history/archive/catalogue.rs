//! What the archive holds, by slices: which of them tell the plant at an instant.
//!
//! A slice holds rows of a stretch of time, and the frame at its start: the newest sample
//! of every signal at or before it, of all rows that had been written by then. Late data
//! make slices overlap, so the newest slice alone does not know everything. The walk back
//! from an instant takes every slice, and leaves out those whose rows lie, all of them, in
//! the frame of one taken before: one that was written no earlier and starts no sooner
//! than they end.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::stretch::{Stretch, Stretches};
use crate::time::Timestamp;

/// A slice of the archive, while the program runs. Its rows never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SliceId(pub u64);

/// What is known of a slice without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SliceEntry {
    /// Which slice.
    pub id: SliceId,
    /// The instant of its oldest row, and of its frame.
    pub from: Timestamp,
    /// The instant of its newest row.
    pub to: Timestamp,
    /// Rises with the time of writing. The frame knows all rows of its recorder up to its
    /// start whose order is no greater.
    pub order: u64,
    /// Who wrote it. Orders of two recorders do not compare.
    pub recorder: u32,
    /// How many rows it has.
    pub rows: u64,
}

/// All slices, and the stretches that have data.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    ladders: Vec<Ladder>,
    /// All slices by id.
    entries: Vec<SliceEntry>,
    /// Where there are rows, or sums of rows that were dropped with age.
    held: Stretches,
    spans: Vec<(Timestamp, Timestamp)>,
    revision: u64,
    /// Where the latest revisions differ from those before, the latest first.
    changes: VecDeque<Stretches>,
}

/// Changes that are remembered; for who is further behind, all has changed.
const CHANGES: usize = 64;

/// The slices that answer for an instant, and the instants for which they do.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) span: Range<Timestamp>,
    pub(super) entries: Vec<SliceEntry>,
}

/// The slices of one recorder.
#[derive(Debug, Default)]
struct Ladder {
    /// Sorted by start, then by order.
    entries: Vec<SliceEntry>,
    /// By place, what bounds the entries up to and with it.
    peaks: Vec<Peak>,
}

/// The greatest order and the latest end of some entries.
#[derive(Clone, Copy, Debug)]
struct Peak {
    order: u64,
    to: Timestamp,
}

impl Catalogue {
    /// Takes new contents; false if they are the old ones.
    pub(super) fn replace(
        &mut self,
        entries: Vec<SliceEntry>,
        spans: Vec<(Timestamp, Timestamp)>,
    ) -> bool {
        // Stable sorts: what is nearly in order already takes little more than a look.
        let mut entries = entries;
        entries.sort_by_key(|entry| entry.id);
        entries.dedup_by_key(|entry| entry.id);
        let mut recorders: BTreeMap<u32, Ladder> = BTreeMap::new();
        for entry in &mut entries {
            entry.to = entry.to.max(entry.from);
            let ladder = recorders.entry(entry.recorder).or_default();
            ladder.entries.push(*entry);
        }
        let changed = Stretches::new(differences(&self.entries, &entries));
        let told = spans
            .iter()
            .filter_map(|&(from, to)| Stretch::new(from, to));
        self.held = Stretches::new(entries.iter().map(SliceEntry::stretch).chain(told));
        self.ladders = recorders.into_values().map(Ladder::sorted).collect();
        self.entries = entries;
        self.spans = spans;
        let news = !changed.is_empty() || self.revision == 0;
        if news {
            self.revision += 1;
            self.changes.truncate(CHANGES - 1);
            self.changes.push_front(changed);
        }
        news
    }

    /// The part of a stretch in which something changed after a revision.
    pub(super) fn changed_since(&self, revision: u64, stretch: Stretch) -> Option<Stretch> {
        let behind = self.revision.saturating_sub(revision) as usize;
        if behind > self.changes.len() {
            return Some(stretch);
        }
        let changes = self.changes.iter().take(behind);
        let parts = changes.filter_map(|change| change.hull_of_meet(stretch));
        parts.reduce(Stretch::hull)
    }

    /// Rises with every change; 0 before the first contents.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn has(&self, id: SliceId) -> bool {
        self.entries
            .binary_search_by_key(&id, |entry| entry.id)
            .is_ok()
    }

    pub(super) fn spans(&self) -> &[(Timestamp, Timestamp)] {
        &self.spans
    }

    /// Where there are data.
    pub(super) fn held(&self) -> &Stretches {
        &self.held
    }

    /// The slices that together know the plant at `at`.
    pub(super) fn steps(&self, at: Timestamp) -> Steps {
        let mut steps = Steps {
            span: Timestamp::MIN..Timestamp::MAX,
            entries: Vec::new(),
        };
        for ladder in &self.ladders {
            ladder.walk(at, &mut steps);
        }
        steps
    }
}

impl SliceEntry {
    fn stretch(&self) -> Stretch {
        Stretch {
            from: self.from,
            to: self.to,
        }
    }

    /// True if its frame knows every row of slices within these bounds.
    fn knows(&self, peak: &Peak) -> bool {
        self.order >= peak.order && self.from >= peak.to
    }
}

impl Ladder {
    fn sorted(mut self) -> Self {
        self.entries
            .sort_by_key(|entry| (entry.from, entry.order, entry.id));
        let mut peak = Peak {
            order: 0,
            to: Timestamp::MIN,
        };
        let peaks = self.entries.iter().map(|entry| {
            peak.order = peak.order.max(entry.order);
            peak.to = peak.to.max(entry.to);
            peak
        });
        self.peaks = peaks.collect();
        self
    }

    fn walk(&self, at: Timestamp, steps: &mut Steps) {
        let past = self.entries.partition_point(|entry| entry.from <= at);
        let (before, after) = self.entries.split_at(past);
        if let Some(entry) = before.last() {
            steps.span.start = steps.span.start.max(entry.from);
        }
        if let Some(entry) = after.first() {
            steps.span.end = steps.span.end.min(entry.from);
        }
        let first = steps.entries.len();
        for (entry, peak) in before.iter().zip(&self.peaks).rev() {
            let own = Peak {
                order: entry.order,
                to: entry.to,
            };
            let counting = &steps.entries[first..];
            if counting.iter().any(|step| step.knows(peak)) {
                break; // and all before it too
            }
            if !counting.iter().any(|step| step.knows(&own)) {
                steps.entries.push(*entry);
            }
        }
    }
}

/// Where one of two lists by id has a slice that the other does not.
fn differences(old: &[SliceEntry], new: &[SliceEntry]) -> Vec<Stretch> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut differences = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(one), Some(other)) => one.id.cmp(&other.id),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return differences,
        };
        let gone = old.next_if(|_| order.is_le());
        let came = new.next_if(|_| order.is_ge());
        if gone != came {
            let both = gone.into_iter().chain(came);
            differences.extend(both.map(SliceEntry::stretch));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64, from: i64, to: i64, order: u64) -> SliceEntry {
        SliceEntry {
            id: SliceId(id),
            from: Timestamp::from_secs(from),
            to: Timestamp::from_secs(to),
            order,
            recorder: 0,
            rows: 1,
        }
    }

    #[track_caller]
    fn check(entries: &[SliceEntry], at: i64, expected: &[u64]) {
        let mut catalogue = Catalogue::default();
        catalogue.replace(entries.to_vec(), Vec::new());
        let steps = catalogue.steps(Timestamp::from_secs(at));
        let ids: Vec<u64> = steps.entries.iter().map(|entry| entry.id.0).collect();
        assert_eq!(ids, expected, "at {at}");
    }

    #[test]
    fn slices_end_to_end_need_one() {
        let entries = [entry(1, 0, 9, 1), entry(2, 10, 19, 2), entry(3, 20, 29, 3)];
        check(&entries, -1, &[]);
        check(&entries, 15, &[2]);
        check(&entries, 99, &[3]);
    }

    #[test]
    fn slices_that_overlap_a_little_need_two() {
        let entries = [entry(1, 0, 11, 1), entry(2, 10, 21, 2), entry(3, 20, 31, 3)];
        check(&entries, 25, &[3, 2]);
    }

    #[test]
    fn what_came_late_counts_until_a_later_frame_knows_it() {
        let entries = [
            entry(1, 0, 9, 1),
            entry(4, 2, 3, 4),
            entry(2, 10, 19, 2),
            entry(3, 20, 29, 3),
            entry(5, 30, 39, 5),
        ];
        check(&entries, 25, &[3, 4]);
        check(&entries, 35, &[5]);
    }

    /// The newest of late slices does not hide one that was written before it but ends later
    /// than it starts.
    #[test]
    fn late_slices_that_overlap_all_count() {
        let entries = [
            entry(3, 940, 955, 6),
            entry(2, 950, 1020, 7),
            entry(1, 1000, 1030, 5),
        ];
        check(&entries, 1010, &[1, 2, 3]);
    }

    #[test]
    fn a_change_is_told_where_it_is() {
        let mut catalogue = Catalogue::default();
        let all = Stretch::new(Timestamp::MIN, Timestamp::MAX).expect("some time");
        catalogue.replace(vec![entry(1, 0, 9, 1), entry(2, 10, 19, 2)], Vec::new());
        assert!(!catalogue.replace(vec![entry(2, 10, 19, 2), entry(1, 0, 9, 1)], Vec::new()));
        assert_eq!(catalogue.changed_since(1, all), None);
        assert!(catalogue.replace(vec![entry(1, 0, 9, 1), entry(3, 12, 30, 2)], Vec::new()));
        let stretch = |from, to| Stretch::new(Timestamp::from_secs(from), Timestamp::from_secs(to));
        assert_eq!(catalogue.changed_since(1, all), stretch(10, 30));
        assert_eq!(catalogue.changed_since(0, all), stretch(0, 30));
        assert!(!catalogue.has(SliceId(2)));
        for id in 10..10 + CHANGES as u64 {
            catalogue.replace(vec![entry(id, 5, 5, 1)], Vec::new());
        }
        assert_eq!(catalogue.changed_since(1, all), Some(all), "too long ago");
        assert_eq!(catalogue.changed_since(10, all), stretch(5, 5));
    }
}

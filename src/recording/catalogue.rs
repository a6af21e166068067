//! Which segments there are, and which of their slices answer for an instant.
//!
//! Everything follows from the names and footers of the files: there is no list beside them
//! that could say something else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::layout::{SegmentName, Table};
use super::segment::SliceInfo;
use crate::history::{SliceEntry, SliceId};
use crate::time::Timestamp;

/// A hole in the samples that is no longer than this is not told as one, ns.
const HOLE: i64 = 60_000_000_000;

/// What arrives later than this after its instant is late.
const LATE: Duration = Duration::from_secs(60);

/// Rows that are loaded together at most, where slices do not overlap.
const GROUP_ROWS: u64 = 2_000_000;

/// A slice of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceRef {
    /// The segment.
    pub segment: Arc<SegmentName>,
    /// Its place in the segment.
    pub slice: usize,
    /// Never the same for two slices.
    pub id: u64,
    /// The first source time.
    pub from: Timestamp,
    /// The last source time.
    pub to: Timestamp,
    /// Rises with the time of writing, slice by slice.
    pub order: u64,
    /// How many rows it has.
    pub rows: u64,
}

/// The order of the first slice of what is sealed from log `log`: what is less was written before.
pub(super) const fn first_order(log: u64) -> u64 {
    log << 17
}

/// The segments of a store.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    samples: BTreeMap<Arc<SegmentName>, Vec<SliceRef>>,
    /// Segments of the other tables.
    others: BTreeSet<SegmentName>,
    /// All slices of samples by `from`.
    slices: Vec<SliceRef>,
    next_id: u64,
    revision: u64,
    settled: Option<Timestamp>,
}

impl Catalogue {
    /// Changes whenever the catalogue does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The slices as the history knows them.
    pub fn entries(&self) -> Vec<SliceEntry> {
        let mut recorders: Vec<&str> = Vec::new();
        let entries = self.slices.iter().map(|slice| {
            let name = slice.segment.recorder.as_str();
            let recorder = recorders.iter().position(|known| *known == name);
            let recorder = recorder.unwrap_or_else(|| {
                recorders.push(name);
                recorders.len() - 1
            });
            SliceEntry {
                id: SliceId(slice.id),
                from: slice.from,
                to: slice.to,
                order: slice.order,
                recorder: recorder as u32,
                rows: slice.rows,
            }
        });
        entries.collect()
    }

    /// The instant up to which all that came in is in a segment, but for what comes late.
    pub fn settled(&self) -> Timestamp {
        let end = || self.slices.last().map(|slice| slice.to - LATE);
        self.settled.or_else(end).unwrap_or(Timestamp::MIN)
    }

    /// Notes that all that was received by `received` is in a segment.
    pub(super) fn settle(&mut self, received: Timestamp) {
        self.settled = self.settled.max(Some(received - LATE));
        self.revision += 1;
    }

    /// The slices of samples, by their first source time.
    pub fn slices(&self) -> &[SliceRef] {
        &self.slices
    }

    /// The highest number that a segment of a recorder has.
    pub fn highest_order(&self, recorder: &str) -> Option<u64> {
        let samples = self.samples.keys().map(|name| &**name);
        let all = samples.chain(&self.others);
        let own = all.filter(|name| name.recorder == recorder);
        own.map(|name| name.order).max()
    }

    /// The segments of samples.
    pub fn samples(&self) -> impl Iterator<Item = &Arc<SegmentName>> {
        self.samples.keys()
    }

    /// The segments of another table, by hour, but for those that a merged one replaces.
    pub fn of(&self, table: Table) -> impl Iterator<Item = &SegmentName> {
        let counting = Counting::of(self.others.iter().filter(|name| name.table == table));
        let named = self.others.iter().filter(move |name| name.table == table);
        named.filter(move |name| counting.counts(name))
    }

    /// The segments of samples that a merged one replaces.
    pub fn replaced_samples(&self) -> Vec<Arc<SegmentName>> {
        let counting = Counting::of(self.samples.keys().map(|name| &**name));
        let replaced = self.samples.keys().filter(|name| !counting.counts(name));
        replaced.cloned().collect()
    }

    /// The segments of other tables that a merged one replaces.
    pub fn replaced_others(&self, table: Table) -> Vec<SegmentName> {
        let named = || self.others.iter().filter(move |name| name.table == table);
        let counting = Counting::of(named());
        named()
            .filter(|name| !counting.counts(name))
            .cloned()
            .collect()
    }

    /// True if this segment of samples is known.
    pub fn knows(&self, name: &SegmentName) -> bool {
        self.samples.contains_key(name)
    }

    /// Adds a segment of samples, or another version of it.
    pub fn add_samples(&mut self, name: SegmentName, slices: &[SliceInfo]) {
        self.add_all_samples([(name, slices.to_vec())]);
    }

    /// Adds segments of samples, or other versions of them.
    pub fn add_all_samples(
        &mut self,
        segments: impl IntoIterator<Item = (SegmentName, Vec<SliceInfo>)>,
    ) {
        let before = self.next_id;
        for (name, slices) in segments {
            self.put(name, &slices);
        }
        if self.next_id > before {
            self.arrange();
        }
    }

    fn put(&mut self, name: SegmentName, slices: &[SliceInfo]) {
        let name = Arc::new(name);
        let base = first_order(name.order) | u64::from(name.merged) << 16;
        let slices = slices.iter().enumerate().map(|(place, slice)| {
            self.next_id += 1;
            SliceRef {
                segment: Arc::clone(&name),
                slice: place,
                id: self.next_id,
                from: slice.from,
                to: slice.to,
                order: base + place as u64,
                rows: slice.rows,
            }
        });
        let slices = slices.collect();
        self.samples.insert(name, slices);
    }

    /// Replaces what is known of other tables.
    pub fn set_others(&mut self, names: BTreeSet<SegmentName>) {
        if self.others != names {
            self.others = names;
            self.revision += 1;
        }
    }

    /// Adds a segment of another table.
    pub fn add_other(&mut self, name: SegmentName) {
        self.others.insert(name);
        self.revision += 1;
    }

    /// Forgets a segment.
    pub fn remove(&mut self, name: &SegmentName) {
        self.others.remove(name);
        self.samples.remove(name);
        self.arrange();
    }

    /// Forgets the segments of samples that are not among `names`.
    pub fn keep_samples(&mut self, names: &BTreeSet<SegmentName>) {
        let before = self.samples.len();
        self.samples.retain(|name, _| names.contains(&**name));
        if self.samples.len() < before {
            self.arrange();
        }
    }

    /// The slices that together tell the plant at `at`, the latest first; of those written
    /// before `order`, where given.
    ///
    /// A slice's frame knows all that was written before the slice and lies at or before its
    /// start. So walking back from `at`, a slice counts unless one that counts was written
    /// after it and starts no sooner than it ends.
    pub fn answering(&self, at: Timestamp, order: Option<u64>) -> Vec<&SliceRef> {
        let end = self.slices.partition_point(|slice| slice.from <= at);
        let mut counting: Vec<&SliceRef> = Vec::new();
        let written = |slice: &&SliceRef| order.is_none_or(|order| slice.order < order);
        for slice in self.slices[..end].iter().rev().filter(written) {
            let is_known = counting.iter().any(|later| {
                later.segment.recorder == slice.segment.recorder
                    && later.order > slice.order
                    && later.from >= slice.to
            });
            if !is_known {
                counting.push(slice);
            }
        }
        counting
    }

    /// The slices with rows between `from` and `to`, both included, in order of writing.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Vec<&SliceRef> {
        let end = self.slices.partition_point(|slice| slice.from <= to);
        let mut found: Vec<_> = self.slices[..end]
            .iter()
            .filter(|slice| slice.to >= from)
            .collect();
        found.sort_by_key(|slice| slice.order);
        found
    }

    /// The first and the last source time.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let from = self.slices.first()?.from;
        let to = self.slices.iter().map(|slice| slice.to).max()?;
        Some((from, to))
    }

    /// The stretches of time of which something is recorded.
    pub fn stretches(&self) -> Vec<(Timestamp, Timestamp)> {
        let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
        for slice in &self.slices {
            match stretches.last_mut() {
                Some((_, to)) if slice.from.nanos().saturating_sub(to.nanos()) <= HOLE => {
                    *to = slice.to.max(*to);
                }
                _ => stretches.push((slice.from, slice.to)),
            }
        }
        stretches
    }

    fn arrange(&mut self) {
        let counting = Counting::of(self.samples.keys().map(|name| &**name));
        let slices = self
            .samples
            .iter()
            .filter(|(name, _)| counting.counts(name));
        self.slices = slices.flat_map(|(_, slices)| slices.clone()).collect();
        self.slices.sort_by_key(|slice| (slice.from, slice.order));
        self.revision += 1;
    }
}

/// Slices in groups that do not overlap in time, each of bearable size where that can be.
pub(super) fn groups(mut slices: Vec<SliceRef>) -> Vec<Vec<SliceRef>> {
    slices.sort_by_key(|slice| (slice.from, slice.order));
    let mut groups: Vec<Vec<SliceRef>> = Vec::new();
    let (mut rows, mut end) = (0, Timestamp::MIN);
    for slice in slices {
        let fits = rows + slice.rows <= GROUP_ROWS;
        match groups.last_mut() {
            Some(group) if fits || slice.from <= end => group.push(slice.clone()),
            _ => {
                groups.push(vec![slice.clone()]);
                rows = 0;
            }
        }
        rows += slice.rows;
        end = end.max(slice.to);
    }
    for group in &mut groups {
        group.sort_by_key(|slice| slice.order);
    }
    groups
}

/// By hour and recorder, the order of the newest merged segment: it holds what is not newer.
struct Counting(BTreeMap<(i64, String), u64>);

impl Counting {
    /// For segments of one table.
    fn of<'a>(names: impl Iterator<Item = &'a SegmentName>) -> Self {
        let mut newest = BTreeMap::new();
        for name in names.filter(|name| name.merged) {
            let key = (name.hour, name.recorder.clone());
            let newest = newest.entry(key).or_insert(name.order);
            *newest = name.order.max(*newest);
        }
        Self(newest)
    }

    fn counts(&self, name: &SegmentName) -> bool {
        let newest = self.0.get(&(name.hour, name.recorder.clone()));
        newest.is_none_or(|&order| (name.order, name.merged) >= (order, true))
    }
}

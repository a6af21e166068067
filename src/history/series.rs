//! The samples of one signal, in order of source time.
//!
//! A sorted list of sorted chunks. Appending is O(1). A late sample finds its chunk by
//! binary search and moves at most one chunk's worth of its neighbours, so even a whole
//! backfill that arrives after everything else costs O(log n) a sample, and reads never
//! have to merge. Dropping from the front is O(1) a sample: it only counts up `skip`.

use std::collections::VecDeque;

use super::archive::just_before;
use crate::signal::Sample;
use crate::time::Timestamp;

/// Samples in one chunk, 4 KiB: small enough to move, large enough to keep the list short.
const CHUNK: usize = 128;

/// The samples of one signal, each at its own instant.
#[derive(Debug, Default)]
pub(super) struct Series {
    /// No chunk is empty, and their samples rise in time from first to last.
    chunks: VecDeque<Chunk>,
    /// Samples at the front of the first chunk that are dropped already; fewer than it holds.
    skip: usize,
    len: usize,
    /// The newest sample once more: most questions are for it, and here it is at hand.
    last: Option<Sample>,
    /// The instants of the first and the second sample, at hand as well.
    front: Option<Timestamp>,
    second: Option<Timestamp>,
    received: Option<Timestamp>,
    /// Samples that came behind newer ones.
    late: u64,
}

/// At least one sample, and not more than [`CHUNK`].
#[derive(Debug)]
struct Chunk {
    /// The instant of the first one, here so that a search need not go and look.
    start: Timestamp,
    samples: Vec<Sample>,
}

/// A place between two samples: `index` of `chunk`, which may be just past its end.
#[derive(Clone, Copy)]
struct Place {
    chunk: usize,
    index: usize,
}

impl Series {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn first(&self) -> Option<&Sample> {
        self.chunks.front().map(|chunk| &chunk.samples[self.skip])
    }

    /// The instant of the first one.
    pub(super) fn front(&self) -> Option<Timestamp> {
        self.front
    }

    pub(super) fn last(&self) -> Option<&Sample> {
        self.last.as_ref()
    }

    /// When the latest arrival among its samples arrived.
    pub(super) fn received(&self) -> Option<Timestamp> {
        self.received
    }

    /// How many samples came behind newer ones.
    pub(super) fn late(&self) -> u64 {
        self.late
    }

    /// Puts a sample in its place; false if that instant has one already, which stays.
    pub(super) fn insert(&mut self, sample: Sample) -> bool {
        let late = self.last().is_some_and(|last| sample.at <= last.at);
        if late {
            if !self.insert_late(sample) {
                return false;
            }
            self.late += 1;
        } else {
            self.append(sample);
        }
        self.len += 1;
        if late || self.len <= 2 {
            self.note_front();
        }
        self.received = self.received.max(Some(sample.received));
        true
    }

    fn append(&mut self, sample: Sample) {
        self.last = Some(sample);
        match self.chunks.back_mut() {
            Some(chunk) if chunk.samples.len() < CHUNK => chunk.samples.push(sample),
            _ => self.chunks.push_back(Chunk::new(vec![sample])),
        }
    }

    fn insert_late(&mut self, sample: Sample) -> bool {
        let mut place = self.after(sample.at);
        if self.before(place).is_some_and(|held| held.at == sample.at) {
            return false;
        }
        if place.chunk == 0 && self.skip > 0 {
            self.chunks[0].drop_front(self.skip);
            place.index -= self.skip;
            self.skip = 0;
        }
        if self.chunks[place.chunk].samples.len() == CHUNK {
            let upper_half = self.chunks[place.chunk].samples.split_off(CHUNK / 2);
            self.chunks.insert(place.chunk + 1, Chunk::new(upper_half));
            if place.index > CHUNK / 2 {
                place.chunk += 1;
                place.index -= CHUNK / 2;
            }
        }
        self.chunks[place.chunk].insert(place.index, sample);
        true
    }

    /// Drops what lies before the newest sample older than `edge`, and the oldest of more
    /// than `cap` samples. Returns how many.
    pub(super) fn trim(&mut self, edge: Timestamp, cap: usize) -> usize {
        if self.len <= cap && self.second.is_none_or(|second| second >= edge) {
            return 0;
        }
        let before = self.len;
        while let Some(next) = self.chunks.get(1)
            && let whole = self.chunks[0].samples.len() - self.skip
            && (next.start < edge || self.len - whole >= cap)
        {
            self.chunks.pop_front();
            self.skip = 0;
            self.len -= whole;
        }
        while self.len > cap || self.behind_first().is_some_and(|second| second.at < edge) {
            self.drop_first();
        }
        if self.len == 0 {
            self.last = None;
        }
        self.note_front();
        before - self.len
    }

    /// The samples in runs: from when to when, and how many.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Timestamp, Timestamp, usize)> {
        let skips = std::iter::once(self.skip).chain(std::iter::repeat(0));
        self.chunks.iter().zip(skips).filter_map(|(chunk, skip)| {
            let kept = &chunk.samples[skip..];
            let (first, last) = kept.first().zip(kept.last())?;
            Some((first.at, last.at, kept.len()))
        })
    }

    fn note_front(&mut self) {
        self.front = self.first().map(|first| first.at);
        self.second = self.behind_first().map(|second| second.at);
    }

    fn behind_first(&self) -> Option<&Sample> {
        let first = self.chunks.front()?;
        let second = first.samples.get(self.skip + 1);
        second.or_else(|| self.first_of(1))
    }

    fn drop_first(&mut self) {
        self.skip += 1;
        self.len -= 1;
        if self.chunks[0].samples.len() == self.skip {
            self.chunks.pop_front();
            self.skip = 0;
        }
    }

    /// The newest sample at or before `at`.
    pub(super) fn latest_at(&self, at: Timestamp) -> Option<&Sample> {
        match self.last() {
            Some(last) if last.at <= at => Some(last),
            Some(_) => self.before(self.after(at)),
            None => None,
        }
    }

    /// The newest sample before `at`.
    pub(super) fn last_before(&self, at: Timestamp) -> Option<&Sample> {
        self.latest_at(just_before(at)?)
    }

    /// The newest sample at or before `at`, and the oldest after it.
    pub(super) fn neighbours(&self, at: Timestamp) -> (Option<&Sample>, Option<&Sample>) {
        match self.last() {
            Some(last) if last.at <= at => (Some(last), None),
            Some(_) => {
                let place = self.after(at);
                (self.before(place), self.behind(place))
            }
            None => (None, None),
        }
    }

    /// The samples from `from` to `to`, both included, chunk by chunk.
    pub(super) fn slices(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &[Sample]> {
        let is_empty = self.chunks.is_empty() || to < from;
        let start = match just_before(from) {
            Some(before) if !is_empty => self.after(before),
            _ => Place {
                chunk: 0,
                index: self.skip,
            },
        };
        let end = if is_empty { start } else { self.after(to) };
        let chunks = if is_empty {
            0..0
        } else {
            start.chunk..end.chunk + 1
        };
        chunks.map(move |chunk| {
            let first = if chunk == start.chunk { start.index } else { 0 };
            let samples = &self.chunks[chunk].samples;
            let past = if chunk == end.chunk {
                end.index
            } else {
                samples.len()
            };
            &samples[first..past]
        })
    }

    /// The place just after the newest sample at or before `at`. There must be a chunk.
    fn after(&self, at: Timestamp) -> Place {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.start <= at)
            .saturating_sub(1);
        let end = self.chunks.get(chunk + 1).map(|next| next.start);
        let index = self.chunks[chunk].after(at, end);
        let skip = if chunk == 0 { self.skip } else { 0 };
        Place {
            chunk,
            index: index.max(skip),
        }
    }

    /// The sample just before a place that [`after`](Self::after) gave.
    fn before(&self, place: Place) -> Option<&Sample> {
        let skip = if place.chunk == 0 { self.skip } else { 0 };
        (place.index > skip).then(|| &self.chunks[place.chunk].samples[place.index - 1])
    }

    /// The sample just behind a place.
    fn behind(&self, place: Place) -> Option<&Sample> {
        let here = self.chunks[place.chunk].samples.get(place.index);
        here.or_else(|| self.first_of(place.chunk + 1))
    }

    fn first_of(&self, chunk: usize) -> Option<&Sample> {
        self.chunks.get(chunk).map(|chunk| &chunk.samples[0])
    }
}

impl Chunk {
    fn new(samples: Vec<Sample>) -> Self {
        Self {
            start: samples[0].at,
            samples,
        }
    }

    /// The place just after the newest sample at or before `at`; the next chunk starts at `end`.
    ///
    /// Most signals are sampled evenly, so the place is guessed first: a jump in time then
    /// touches one line of memory a signal, where a binary search touches four.
    fn after(&self, at: Timestamp, end: Option<Timestamp>) -> usize {
        let samples = &self.samples;
        if let Some(end) = end {
            let share = at.secs_since(self.start) / end.secs_since(self.start);
            let guess = (share * samples.len() as f64) as usize;
            let fits = |place: usize| {
                let before = place.checked_sub(1).and_then(|last| samples.get(last));
                let behind = samples.get(place);
                before.is_some_and(|before| before.at <= at)
                    && behind.is_none_or(|behind| behind.at > at)
            };
            if fits(guess + 1) {
                return guess + 1;
            }
        }
        samples.partition_point(|sample| sample.at <= at)
    }

    fn insert(&mut self, index: usize, sample: Sample) {
        self.samples.insert(index, sample);
        self.start = self.samples[0].at;
    }

    /// Drops the first samples; some must remain.
    fn drop_front(&mut self, count: usize) {
        self.samples.drain(..count);
        self.start = self.samples[0].at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(nanos: i64) -> Sample {
        Sample::good(Timestamp::from_nanos(nanos), nanos as f64)
    }

    fn instants(series: &Series) -> Vec<i64> {
        let all = series.slices(Timestamp::MIN, Timestamp::MAX);
        all.flatten().map(|sample| sample.at.nanos()).collect()
    }

    #[test]
    fn a_backfill_of_many_chunks_in_front_keeps_the_order() {
        let mut series = Series::default();
        let rows = 3 * CHUNK as i64;
        for nanos in (rows..2 * rows).chain(0..rows) {
            assert!(series.insert(sample(nanos)));
        }
        assert_eq!(instants(&series), (0..2 * rows).collect::<Vec<_>>());
        assert!(!series.insert(sample(rows / 2)), "the instant is taken");
        assert_eq!(series.len(), 2 * rows as usize);
    }

    proptest! {
        /// A sorted set is the whole specification of a series.
        #[test]
        fn a_series_reads_like_a_sorted_set(
            inserted in prop::collection::vec(0..3000_i64, 1..2500),
            edge in 0..3000_i64,
            cap in 1..2000_usize,
            from in -10..3010_i64,
            length in 0..3000_i64,
        ) {
            let mut series = Series::default();
            let mut set = std::collections::BTreeSet::new();
            for nanos in inserted {
                prop_assert_eq!(series.insert(sample(nanos)), set.insert(nanos));
            }
            series.trim(Timestamp::from_nanos(edge), cap);
            let kept_below = set.range(..edge).next_back().copied();
            let mut kept: Vec<i64> = kept_below.into_iter().chain(set.range(edge..).copied()).collect();
            kept.drain(..kept.len().saturating_sub(cap));
            prop_assert_eq!(instants(&series), kept.clone());
            prop_assert_eq!(series.len(), kept.len());

            let to = from + length;
            let between = series
                .slices(Timestamp::from_nanos(from), Timestamp::from_nanos(to))
                .flatten()
                .map(|sample| sample.at.nanos())
                .collect::<Vec<_>>();
            let expected = kept.iter().copied().filter(|at| (from..=to).contains(at));
            prop_assert_eq!(between, expected.collect::<Vec<_>>());

            let (before, after) = series.neighbours(Timestamp::from_nanos(from));
            prop_assert_eq!(
                before.map(|sample| sample.at.nanos()),
                kept.iter().copied().rfind(|&at| at <= from)
            );
            prop_assert_eq!(
                after.map(|sample| sample.at.nanos()),
                kept.iter().copied().find(|&at| at > from)
            );

            // Late samples still find their place after a trim.
            if let (Some(&first), Some(&last)) = (kept.first(), kept.last()) {
                for nanos in first..=last {
                    prop_assert_eq!(series.insert(sample(nanos)), !kept.contains(&nanos));
                }
                prop_assert_eq!(instants(&series), (first..=last).collect::<Vec<_>>());
            }
        }
    }
}

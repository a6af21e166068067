//! The plant over a stretch of time: every row of it, and the frame at its start.
//!
//! Samples lie signal after signal, each whole in one place: a jump in time then touches
//! one line of memory a signal.

use std::ops::Range;

use super::block::SampleColumns;
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

/// What a signal showed at the start of a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StartRow {
    /// Who says so.
    pub origin: Origin,
    /// Which signal.
    pub signal: SignalId,
    /// Its newest sample at or before the start, if it had one.
    pub sample: Option<Sample>,
    /// When its link was last lost, at or before the start.
    pub lost: Option<Timestamp>,
}

/// The plant over a stretch, decoded.
#[derive(Debug)]
pub struct Slice {
    parts: Vec<Part>,
    bytes: usize,
}

/// What one origin says in a slice.
#[derive(Debug)]
pub(super) struct Part {
    origin: Origin,
    samples: Vec<Sample>,
    /// By signal.
    lanes: Vec<Lane>,
    /// By signal.
    start: Vec<Option<Start>>,
    /// Sorted by signal, then by instant.
    losses: Vec<(SignalId, Timestamp)>,
}

/// A row of the frame at the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) sample: Option<Sample>,
    pub(super) lost: Option<Timestamp>,
}

/// Where the samples of a signal lie. First and last are here so that a search need not go
/// and look.
#[derive(Clone, Copy, Debug)]
struct Lane {
    rows: (usize, usize),
    first: Timestamp,
    last: Timestamp,
}

const EMPTY: Lane = Lane {
    rows: (0, 0),
    first: Timestamp::MAX,
    last: Timestamp::MIN,
};

impl Slice {
    /// The slice of a plant with this many signals: its frame, and by signal the rows of
    /// `columns` that are its own, in order of time.
    ///
    /// What the plant does not have, and values that are not finite, are left out.
    pub fn new(
        signals: usize,
        frame: Vec<StartRow>,
        ranges: Vec<(Origin, SignalId, Range<usize>)>,
        columns: &SampleColumns,
    ) -> Self {
        let mut slice = Self {
            parts: Vec::new(),
            bytes: 0,
        };
        for row in frame {
            if row.signal.index() < signals {
                slice.part_mut(row.origin, signals).start[row.signal.index()] = Some(Start {
                    sample: row.sample.filter(|sample| sample.value.is_finite()),
                    lost: row.lost,
                });
            }
        }
        for (origin, signal, rows) in ranges {
            if signal.index() < signals && rows.end <= columns.len() {
                slice.part_mut(origin, signals).take(signal, columns, rows);
            }
        }
        for part in &mut slice.parts {
            part.samples.shrink_to_fit();
            part.losses.sort_unstable();
        }
        slice.bytes = slice.parts.iter().map(Part::bytes).sum();
        slice
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What `origin` says in it.
    pub(super) fn part(&self, origin: Origin) -> Option<&Part> {
        self.parts.iter().find(|part| part.origin == origin)
    }

    fn part_mut(&mut self, origin: Origin, signals: usize) -> &mut Part {
        let known = self.parts.iter().position(|part| part.origin == origin);
        let place = known.unwrap_or_else(|| {
            self.parts.push(Part {
                origin,
                samples: Vec::new(),
                lanes: vec![EMPTY; signals],
                start: vec![None; signals],
                losses: Vec::new(),
            });
            self.parts.len() - 1
        });
        &mut self.parts[place]
    }
}

impl Part {
    /// The newest sample at or before `at`, and the instant of the one after it.
    pub(super) fn neighbours(
        &self,
        signal: SignalId,
        at: Timestamp,
    ) -> (Option<&Sample>, Option<Timestamp>) {
        let lane = self.lanes[signal.index()];
        if at < lane.first {
            let next = (lane.rows.0 < lane.rows.1).then_some(lane.first);
            return (None, next);
        }
        let samples = &self.samples[lane.rows.0..lane.rows.1];
        if at >= lane.last {
            return (samples.last(), None);
        }
        let after = lane.after(samples, at);
        let before = after.checked_sub(1).map(|before| &samples[before]);
        (before, samples.get(after).map(|next| next.at))
    }

    /// What the frame at the start says.
    pub(super) fn start(&self, signal: SignalId) -> Option<&Start> {
        self.start[signal.index()].as_ref()
    }

    /// The first loss of the link at or after `received`.
    pub(super) fn lost_since(&self, signal: SignalId, received: Timestamp) -> Option<Timestamp> {
        let known = self
            .losses
            .partition_point(|loss| *loss < (signal, received));
        let (of, at) = *self.losses.get(known)?;
        (of == signal).then_some(at)
    }

    /// Takes the rows of a signal that has none yet.
    fn take(&mut self, signal: SignalId, columns: &SampleColumns, rows: Range<usize>) {
        let lane = &mut self.lanes[signal.index()];
        if lane.rows.1 > 0 {
            return;
        }
        let first = self.samples.len();
        let mut rises = true;
        self.samples.reserve(rows.len());
        for row in rows {
            match columns.sample(row) {
                Some(sample) if sample.value.is_finite() => {
                    let last = self.samples[first..].last();
                    rises &= last.is_none_or(|last| last.at < sample.at);
                    self.samples.push(sample);
                }
                Some(_) => {}
                None => self.losses.push((signal, columns.at[row])),
            }
        }
        if !rises {
            sort_lane(&mut self.samples, first);
        }
        if let [one, ..] = &self.samples[first..] {
            *lane = Lane {
                rows: (first, self.samples.len()),
                first: one.at,
                last: self.samples.last().map_or(one.at, |last| last.at),
            };
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(self.samples.as_slice())
            + size_of_val(self.lanes.as_slice())
            + size_of_val(self.start.as_slice())
            + size_of_val(self.losses.as_slice())
    }
}

impl Lane {
    /// The place just after the newest sample at or before `at`, which lies between first
    /// and last.
    ///
    /// Most signals are sampled evenly, so the place is guessed, and searched for from there.
    fn after(&self, samples: &[Sample], at: Timestamp) -> usize {
        let share = at.secs_since(self.first) / self.last.secs_since(self.first);
        let guess = ((share * (samples.len() - 1) as f64) as usize).min(samples.len() - 1);
        let is_before = |place: usize| samples[place].at <= at;
        let mut stride = 1;
        let (low, high) = if is_before(guess) {
            let mut low = guess + 1;
            loop {
                let probe = low + stride - 1;
                if probe >= samples.len() {
                    break (low, samples.len());
                }
                if !is_before(probe) {
                    break (low, probe);
                }
                low = probe + 1;
                stride *= 2;
            }
        } else {
            let mut high = guess;
            loop {
                let probe = high.saturating_sub(stride);
                if high == 0 || is_before(probe) {
                    break ((probe + 1).min(high), high);
                }
                high = probe;
                stride *= 2;
            }
        };
        low + samples[low..high].partition_point(|sample| sample.at <= at)
    }
}

/// Puts the samples from `first` on in order of time; of equal instants the first stays.
fn sort_lane(samples: &mut Vec<Sample>, first: usize) {
    let mut lane = samples.split_off(first);
    lane.sort_by_key(|sample| sample.at);
    lane.dedup_by_key(|sample| sample.at);
    samples.append(&mut lane);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEVEL: SignalId = SignalId(1);

    proptest! {
        /// A sorted list is the whole specification of a lane, however unevenly it is sampled.
        #[test]
        fn a_lane_reads_like_a_sorted_list(
            mut times in prop::collection::vec(prop_oneof![0..50_i64, 0..100_000_i64], 0..80),
            sorted in any::<bool>(),
            asked in prop::collection::vec(prop_oneof![-5..60_i64, 0..100_000_i64], 1..60),
        ) {
            if sorted {
                times.sort_unstable();
                times.dedup();
            }
            let nanos = Timestamp::from_nanos;
            let mut columns = SampleColumns::default();
            for (place, &at) in times.iter().enumerate() {
                columns.push(Sample::good(nanos(at), place as f64));
                if at % 5 == 0 {
                    columns.push_lost(nanos(at));
                }
            }
            columns.push(Sample::good(nanos(7), f64::NAN));
            let ranges = vec![
                (Origin::Measured, SignalId(0), 0..0),
                (Origin::Measured, LEVEL, 0..columns.len()),
                (Origin::Measured, LEVEL, 0..1),
                (Origin::Measured, SignalId(2), 0..columns.len() + 1),
                (Origin::Measured, SignalId(9), 0..columns.len()),
            ];
            let slice = Slice::new(3, Vec::new(), ranges, &columns);
            let part = slice.part(Origin::Measured).expect("it has rows");
            for &at in times.iter().chain(&asked) {
                let before = times.iter().filter(|time| **time <= at).max();
                let first = times.iter().position(|time| Some(time) == before);
                let next = times.iter().filter(|time| **time > at).min();
                let (row, after) = part.neighbours(LEVEL, nanos(at));
                prop_assert_eq!(row.map(|row| row.value), first.map(|place| place as f64));
                prop_assert_eq!(after, next.copied().map(nanos));
                let lost = times.iter().filter(|time| **time % 5 == 0 && **time >= at).min();
                prop_assert_eq!(part.lost_since(LEVEL, nanos(at)), lost.copied().map(nanos));
                for other in [SignalId(0), SignalId(2)] {
                    prop_assert_eq!(part.neighbours(other, nanos(at)), (None, None));
                    prop_assert_eq!(part.lost_since(other, nanos(at)), None);
                }
            }
        }
    }
}

//! The plant over a stretch of time: every row of it, and the frame at its start.
//!
//! Rows stay column by column as they were decoded, signal after signal: a jump in time
//! touches a line of memory a signal and column, and loading copies nothing.

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
    columns: SampleColumns,
    lanes: Vec<Lanes>,
    bytes: usize,
}

/// What one origin says in a slice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    columns: &'a SampleColumns,
    lanes: &'a Lanes,
}

/// A row of the frame at the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) sample: Option<Sample>,
    pub(super) lost: Option<Timestamp>,
}

/// The signals of one origin.
#[derive(Debug)]
struct Lanes {
    origin: Origin,
    /// By signal.
    lanes: Vec<Lane>,
    /// By signal.
    start: Vec<Option<Start>>,
    /// Sorted by signal, then by instant.
    losses: Vec<(SignalId, Timestamp)>,
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
        columns: SampleColumns,
    ) -> Self {
        let mut slice = Self {
            columns,
            lanes: Vec::new(),
            bytes: 0,
        };
        for row in frame {
            if row.signal.index() < signals {
                slice.lanes_mut(row.origin, signals).start[row.signal.index()] = Some(Start {
                    sample: row.sample.filter(|sample| sample.value.is_finite()),
                    lost: row.lost,
                });
            }
        }
        let whole = slice.columns.whole_rows();
        for (origin, signal, rows) in ranges {
            let known = signal.index() < signals && rows.end <= whole;
            if known && !rows.is_empty() {
                slice.take(origin, signal, rows, signals);
            }
        }
        for lanes in &mut slice.lanes {
            lanes.losses.sort_unstable();
        }
        let lanes: usize = slice.lanes.iter().map(Lanes::bytes).sum();
        slice.bytes = slice.columns.bytes() + lanes;
        slice
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What `origin` says in it.
    pub(super) fn part(&self, origin: Origin) -> Option<Part<'_>> {
        let lanes = self.lanes.iter().find(|lanes| lanes.origin == origin)?;
        Some(Part {
            columns: &self.columns,
            lanes,
        })
    }

    /// Takes the rows of a signal that has none yet.
    fn take(&mut self, origin: Origin, signal: SignalId, rows: Range<usize>, signals: usize) {
        let mut losses = Vec::new();
        let kept = tidy(&mut self.columns, rows, &mut losses);
        let lane = Lane {
            rows: (kept.start, kept.end),
            first: kept
                .clone()
                .next()
                .map_or(EMPTY.first, |row| self.columns.at[row]),
            last: kept.last().map_or(EMPTY.last, |row| self.columns.at[row]),
        };
        let lanes = self.lanes_mut(origin, signals);
        let place = &mut lanes.lanes[signal.index()];
        if place.rows == EMPTY.rows {
            *place = lane;
            let losses = losses.into_iter().map(|at| (signal, at));
            lanes.losses.extend(losses);
        }
    }

    fn lanes_mut(&mut self, origin: Origin, signals: usize) -> &mut Lanes {
        let known = self.lanes.iter().position(|lanes| lanes.origin == origin);
        let place = known.unwrap_or_else(|| {
            self.lanes.push(Lanes {
                origin,
                lanes: vec![EMPTY; signals],
                start: vec![None; signals],
                losses: Vec::new(),
            });
            self.lanes.len() - 1
        });
        &mut self.lanes[place]
    }
}

impl<'a> Part<'a> {
    /// The row of the newest sample at or before `at`, its instant, and that of the one after.
    pub(super) fn neighbours(
        &self,
        signal: SignalId,
        at: Timestamp,
    ) -> (Option<(usize, Timestamp)>, Option<Timestamp>) {
        let lane = &self.lanes.lanes[signal.index()];
        let (start, end) = lane.rows;
        if at < lane.first {
            return (None, (start < end).then_some(lane.first));
        }
        if at >= lane.last {
            return ((start < end).then(|| (end - 1, lane.last)), None);
        }
        let times = &self.columns.at[start..end];
        let after = lane.after(times, at);
        let before = after
            .checked_sub(1)
            .map(|before| (start + before, times[before]));
        (before, times.get(after).copied())
    }

    /// The sample of a row that [`neighbours`](Self::neighbours) gave.
    pub(super) fn sample(&self, row: usize) -> Option<Sample> {
        self.columns.sample(row)
    }

    /// What the frame at the start says.
    pub(super) fn start(&self, signal: SignalId) -> Option<&'a Start> {
        self.lanes.start[signal.index()].as_ref()
    }

    /// The first loss of the link at or after `received`.
    pub(super) fn lost_since(&self, signal: SignalId, received: Timestamp) -> Option<Timestamp> {
        let losses = &self.lanes.losses;
        let known = losses.partition_point(|loss| *loss < (signal, received));
        let (of, at) = *losses.get(known)?;
        (of == signal).then_some(at)
    }
}

impl Lanes {
    fn bytes(&self) -> usize {
        size_of_val(self.lanes.as_slice())
            + size_of_val(self.start.as_slice())
            + size_of_val(self.losses.as_slice())
    }
}

impl Lane {
    /// The place just after the newest of `times` at or before `at`, which lies between first
    /// and last.
    ///
    /// Most signals are sampled evenly, so the place is guessed, and searched for from there.
    fn after(&self, times: &[Timestamp], at: Timestamp) -> usize {
        let share = at.secs_since(self.first) / self.last.secs_since(self.first);
        let guess = ((share * (times.len() - 1) as f64) as usize).min(times.len() - 1);
        let is_before = |place: usize| times[place] <= at;
        let mut stride = 1;
        let (low, high) = if is_before(guess) {
            let mut low = guess + 1;
            loop {
                let probe = low + stride - 1;
                if probe >= times.len() {
                    break (low, times.len());
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
        low + times[low..high].partition_point(|time| *time <= at)
    }
}

/// Leaves of some rows the samples alone, in order of time and each at its own instant, and
/// takes out when the link was lost. Returns where they are, at the start of `rows`.
fn tidy(
    columns: &mut SampleColumns,
    rows: Range<usize>,
    losses: &mut Vec<Timestamp>,
) -> Range<usize> {
    let rises = columns.at[rows.clone()].is_sorted_by(|one, next| one < next);
    let mut values = columns.value[rows.clone()].iter();
    let mut marks = columns.mark[rows.clone()].iter();
    if rises && values.all(|value| value.is_finite()) && marks.all(|mark| !mark.is_lost()) {
        return rows;
    }
    let mut samples = Vec::with_capacity(rows.len());
    for row in rows.clone() {
        match columns.sample(row) {
            Some(sample) if sample.value.is_finite() => samples.push(sample),
            Some(_) => {}
            None => losses.push(columns.at[row]),
        }
    }
    samples.sort_by_key(|sample| sample.at);
    samples.dedup_by_key(|sample| sample.at);
    for (row, sample) in rows.clone().zip(&samples) {
        columns.set(row, sample);
    }
    rows.start..rows.start + samples.len()
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
            let slice = Slice::new(3, Vec::new(), ranges, columns);
            let part = slice.part(Origin::Measured).expect("it has rows");
            for &at in times.iter().chain(&asked) {
                let before = times.iter().filter(|time| **time <= at).max();
                let first = times.iter().position(|time| Some(time) == before);
                let next = times.iter().filter(|time| **time > at).min();
                let (row, after) = part.neighbours(LEVEL, nanos(at));
                let value = row.and_then(|(row, _)| part.sample(row)).map(|sample| sample.value);
                prop_assert_eq!(value, first.map(|place| place as f64));
                prop_assert_eq!(row.map(|(_, at)| at), before.copied().map(nanos));
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

//! Columns that are kept while a plot slides along with the present, so that a frame costs what
//! is new and not what is shown.
//!
//! Borders lie on whole multiples of a column's width. A column is made anew if samples came
//! into it or may have: the newest one and all behind it, those at the front that were
//! dropped, and every one after a late sample.

use std::collections::VecDeque;
use std::ops::Range;

use super::archive::Stretch;
use super::{Column, History};
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

/// The columns of one signal by one origin, as they were last asked for.
#[derive(Debug, Default)]
pub struct SlidingColumns {
    kept: Option<Kept>,
    columns: VecDeque<Option<Column>>,
}

/// Which columns are asked for: so many, each so wide, from a multiple of that width on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnGrid {
    /// The width of a column, ns; positive.
    pub width: i64,
    /// The first column's start, in widths.
    pub first: i64,
    /// How many.
    pub count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    origin: Origin,
    signal: SignalId,
    grid: ColumnGrid,
    state: SeriesState,
}

/// All that tells whether what was read of a series may still be read so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SeriesState {
    /// Of the track; another one has another.
    pub(super) epoch: u64,
    /// How many samples came behind newer ones.
    pub(super) late: u64,
    /// The oldest visible sample.
    pub(super) first: Sample,
    /// The newest sample.
    pub(super) last: Sample,
}

impl ColumnGrid {
    /// The columns that take in `from` to `to` in `count` steps, with one more on each side.
    pub fn around(from: Timestamp, to: Timestamp, count: usize) -> Self {
        let count = count.max(1);
        let span = i128::from(to.nanos()) - i128::from(from.nanos());
        let width = (span / count as i128).clamp(1, i64::MAX.into()) as i64;
        Self {
            width,
            first: from.nanos().div_euclid(width).saturating_sub(1),
            count: count + 3,
        }
    }

    /// The instant at which a column starts.
    pub fn start(self, column: i64) -> Timestamp {
        Timestamp::from_nanos(column.saturating_mul(self.width))
    }

    fn place(self, at: Timestamp) -> i64 {
        at.nanos().div_euclid(self.width)
    }

    /// The first and the last instant of all columns from one up to but not including another.
    fn span(self, from: i64, to: i64) -> (Timestamp, Timestamp) {
        let end = to.saturating_mul(self.width).saturating_sub(1);
        (self.start(from), Timestamp::from_nanos(end))
    }

    /// What comes after the last column.
    pub fn end(self) -> i64 {
        self.first.saturating_add_unsigned(self.count as u64)
    }
}

impl SlidingColumns {
    /// The columns of a grid, exactly as [`History::columns`] would sum them up.
    pub fn update(
        &mut self,
        history: &History,
        origin: Origin,
        signal: SignalId,
        grid: ColumnGrid,
    ) -> impl Iterator<Item = Option<&Column>> {
        self.bring_up(history, origin, signal, grid);
        self.columns.iter().map(Option::as_ref)
    }

    /// Some of the columns of the grid that was last asked for, by their numbers.
    pub fn part(
        &self,
        grid: ColumnGrid,
        numbers: &Range<i64>,
    ) -> impl Iterator<Item = Option<&Column>> {
        let skipped = numbers.start.saturating_sub(grid.first).max(0) as usize;
        let count = numbers.end.saturating_sub(numbers.start).max(0) as usize;
        let part = self.columns.iter().skip(skipped).take(count);
        part.map(Option::as_ref)
    }

    /// Makes the columns of a grid what [`History::columns`] would sum up; the numbers of those
    /// that were made before and are as they were.
    pub fn bring_up(
        &mut self,
        history: &History,
        origin: Origin,
        signal: SignalId,
        grid: ColumnGrid,
    ) -> Range<i64> {
        let (from, to) = grid.span(grid.first, grid.end());
        let state = history.series_state(origin, signal);
        let in_memory = Stretch::new(from, to)
            .is_none_or(|asked| !history.reaches_archive(origin, signal, asked));
        let old = self.kept.take().filter(|kept| {
            (kept.origin, kept.signal, kept.grid.width) == (origin, signal, grid.width)
        });
        let reusable = match (old, state) {
            (Some(old), Some(state)) if in_memory => old.reusable(&state, history),
            _ => None,
        };
        let same = self.slide(reusable, grid, |from, to| {
            let (start, end) = grid.span(from, to);
            history.columns(origin, signal, start, end, (to - from) as usize)
        });
        self.kept = state.filter(|_| in_memory).map(|state| Kept {
            origin,
            signal,
            grid,
            state,
        });
        same
    }

    /// Keeps the columns from `reusable.1` up to `reusable.2` of those that began at
    /// `reusable.0`, and makes the rest of the grid; which were kept.
    fn slide(
        &mut self,
        reusable: Option<(i64, i64, i64)>,
        grid: ColumnGrid,
        make: impl Fn(i64, i64) -> Vec<Option<Column>>,
    ) -> Range<i64> {
        let (began, from, to) = reusable.unwrap_or((grid.first, grid.first, grid.first));
        let (from, to) = (from.max(grid.first), to.min(grid.end()));
        if from >= to {
            self.columns = make(grid.first, grid.end()).into();
            return grid.first..grid.first;
        }
        self.columns.truncate((to - began) as usize);
        self.columns.drain(..(from - began) as usize);
        if from > grid.first {
            for column in make(grid.first, from).into_iter().rev() {
                self.columns.push_front(column);
            }
        }
        if to < grid.end() {
            self.columns.extend(make(to, grid.end()));
        }
        from..to
    }
}

impl Kept {
    /// Where the columns began, and which of them are as they were: from one up to, but not
    /// including, another.
    fn reusable(&self, state: &SeriesState, history: &History) -> Option<(i64, i64, i64)> {
        let old = &self.state;
        if (old.epoch, old.late) != (state.epoch, state.late) {
            return None;
        }
        // Another history may have counted as far.
        let seen = history.latest_at(self.origin, self.signal, old.last.at);
        if seen.is_none_or(|seen| seen.sample != old.last) {
            return None;
        }
        let from = match old.first == state.first {
            true => self.grid.first,
            false => self.grid.place(state.first.at).saturating_add(1),
        };
        let to = match old.last == state.last {
            true => self.grid.end(),
            false => self.grid.place(old.last.at).min(self.grid.end()),
        };
        let from = from.max(self.grid.first);
        (from < to).then_some((self.grid.first, from, to))
    }
}

//! Rows in the order in which a segment holds them: by series, then by source time.

use std::collections::BTreeMap;
use std::ops::Range;

use super::row::{Names, Row, Series, SeriesIndex};
use crate::history::{Mark, SampleColumns};
use crate::signal::Sample;
use crate::time::Timestamp;

/// Rows sorted by tag, signal, origin and source time, each (series, time) once.
///
/// A row that tells of a lost link may share its time with a sample, and comes after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The series that have rows, sorted by tag, signal and origin.
    pub series: Vec<Series>,
    /// By series, where its rows end; they begin where those of the series before end.
    pub ends: Vec<usize>,
    /// The rows.
    pub columns: SampleColumns,
}

/// What every known series showed at an instant: its newest sample at or before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartFrame {
    /// The sample, and when its link was lost after it had come; sorted by tag, signal and
    /// origin.
    pub rows: Vec<(Series, Sample, Option<Timestamp>)>,
}

impl Block {
    /// Sorts `rows`. Of rows of one series with equal time the first counts.
    pub fn new(names: &Names, mut rows: Vec<Row>) -> Self {
        let order = ranks(names, &rows);
        // Stable, so that the first of equal rows stays the first.
        rows.sort_by_key(|row| (order[row.series.index()], row.at, row.value.is_none()));
        rows.dedup_by_key(|row| (row.series, row.at, row.value.is_none()));
        let mut block = Self {
            columns: SampleColumns::with_capacity(rows.len()),
            ..Self::default()
        };
        let mut last = None;
        for row in rows {
            if last != Some(row.series) {
                last = Some(row.series);
                block.series.push(names.get(row.series).clone());
                block.ends.push(block.columns.len());
            }
            match row.sample() {
                Some(sample) => block.columns.push(sample),
                None => block.columns.push_lost(row.at),
            }
            if let Some(end) = block.ends.last_mut() {
                *end = block.columns.len();
            }
        }
        block
    }

    /// All rows of `blocks`; of rows of one series with equal time that of the first block counts.
    pub fn merged(mut blocks: Vec<Self>) -> Self {
        if blocks.len() <= 1 {
            return blocks.pop().unwrap_or_default();
        }
        // By series, where it has rows.
        let mut places: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
        for (source, block) in blocks.iter().enumerate() {
            for (place, series) in block.series.iter().enumerate() {
                let key = (&series.name, series.who);
                places.entry(key).or_default().push((source, place));
            }
        }
        let rows = blocks.iter().map(Self::len).sum();
        let mut all = Self {
            columns: SampleColumns::with_capacity(rows),
            ..Self::default()
        };
        let mut order: Vec<(Timestamp, bool, usize, usize)> = Vec::new();
        for sources in places.values() {
            order.clear();
            for &(source, place) in sources {
                let columns = &blocks[source].columns;
                let rows = blocks[source].rows_of(place);
                order.extend(rows.map(|row| {
                    let lost = columns.mark[row].is_lost();
                    (columns.at[row], lost, source, row)
                }));
            }
            // Stretch after stretch, which sorts in one pass.
            order.sort();
            order.dedup_by_key(|row| (row.0, row.1));
            for &(_, _, source, row) in &order {
                all.columns.push_row(&blocks[source].columns, row);
            }
            let (source, place) = sources[0];
            all.series.push(blocks[source].series[place].clone());
            all.ends.push(all.columns.len());
        }
        all
    }

    /// The rows that `keep` says, told by the place of their series and their own.
    pub fn filtered(&self, keep: impl Fn(usize, usize) -> bool) -> Self {
        let mut kept = Self::default();
        for (place, series) in self.series.iter().enumerate() {
            let before = kept.columns.len();
            for row in self.rows_of(place).filter(|&row| keep(place, row)) {
                kept.columns.push_row(&self.columns, row);
            }
            if kept.columns.len() > before {
                kept.series.push(series.clone());
                kept.ends.push(kept.columns.len());
            }
        }
        kept
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The rows of a series, by its place in [`series`](Self::series).
    pub fn rows_of(&self, place: usize) -> Range<usize> {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[place]
    }

    /// The first and the last source time.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.columns.at.iter().min()?;
        let last = self.columns.at.iter().max()?;
        Some((*first, *last))
    }

    /// What a series showed at `at`, by its rows and by what is `known`: its newest sample, and
    /// when its link was lost after that had come.
    pub fn newest_of(
        &self,
        place: usize,
        at: Timestamp,
        known: Option<(Sample, Option<Timestamp>)>,
    ) -> Option<(Sample, Option<Timestamp>)> {
        let rows = self.rows_of(place);
        let past = self.columns.at[rows.clone()].partition_point(|&row| row <= at);
        let told = rows.start..rows.start + past;
        let own = told.clone().rev().find_map(|row| self.columns.sample(row));
        let (sample, lost) = match (own, known) {
            (Some(own), Some((known, lost))) if own.at <= known.at => (known, lost),
            (Some(own), _) => (own, None),
            (None, known) => known?,
        };
        // The first loss after it had come; what was lost already stays so.
        let losses = told.filter(|&row| self.columns.mark[row].is_lost());
        let losses = losses.map(|row| self.columns.at[row]);
        let lost = losses
            .chain(lost)
            .filter(|&lost| lost >= sample.received)
            .min();
        Some((sample, lost))
    }

    /// Adds a row to the last series, or to a new one that must come after it.
    pub fn push(&mut self, series: &Series, row: &Row) {
        if self.series.last() != Some(series) {
            self.series.push(series.clone());
            self.ends.push(self.columns.len());
        }
        self.columns.at.push(row.at);
        self.columns.received.push(row.received);
        self.columns.value.push(row.value.unwrap_or_default());
        let mark = match row.value {
            Some(_) => Mark::of(row.quality, row.clock),
            None => Mark::lost(),
        };
        self.columns.mark.push(mark);
        if let Some(end) = self.ends.last_mut() {
            *end = self.columns.len();
        }
    }
}

/// By index, the place of each series that has rows when sorted by tag, signal and origin.
fn ranks(names: &Names, rows: &[Row]) -> Vec<u32> {
    let mut seen = vec![false; names.len()];
    for row in rows {
        seen[row.series.index()] = true;
    }
    let present = (0..names.len() as u32).map(SeriesIndex);
    let sorted: BTreeMap<_, _> = present
        .filter(|index| seen[index.index()])
        .map(|index| {
            let series = names.get(index);
            ((&series.name, series.who), index)
        })
        .collect();
    let mut ranks = vec![0; names.len()];
    for (rank, index) in sorted.values().enumerate() {
        ranks[index.index()] = rank as u32;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Name, Who};
    use crate::signal::Quality;

    fn series(tag: &str, signal: &str) -> Series {
        Series {
            name: Name::new(tag, signal),
            who: Who::Measured,
            unit: "Pa".into(),
            states: [].into(),
        }
    }

    #[test]
    fn rows_are_sorted_by_name_and_time_and_the_first_of_equals_counts() {
        let mut names = Names::default();
        let late = names.add(series("P-2", "flow"));
        let early = names.add(series("P-1", "flow"));
        let row =
            |series, secs, value| Row::new(series, Sample::good(Timestamp::from_secs(secs), value));
        let block = Block::new(
            &names,
            vec![
                row(late, 2, 1.0),
                row(early, 5, 2.0),
                row(late, 1, 3.0),
                row(late, 2, 4.0),
                Row::lost(late, Timestamp::from_secs(2)),
            ],
        );
        assert_eq!(block.series, [series("P-1", "flow"), series("P-2", "flow")]);
        assert_eq!(block.ends, [1, 4]);
        assert_eq!(block.rows_of(1), 1..4);
        assert_eq!(block.columns.value[..3], [2.0, 3.0, 1.0]);
        assert_eq!(block.columns.sample(3), None);
        assert_eq!(block.columns.mark[3].quality(), Quality::BadNotConnected);
        assert_eq!(
            block.span(),
            Some((Timestamp::from_secs(1), Timestamp::from_secs(5)))
        );
    }
}

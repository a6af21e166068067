//! Writes a segment of samples.

use std::io::Write;

use super::column::Values;
use super::error::SegmentMistake;
use super::info::{SegmentHeader, SegmentInfo};
use super::schema::SAMPLES;
use super::table_writer::{Effort, Slice, TableWriter};
use super::words::Words;
use crate::history::Mark;
use crate::recording::{Block, Series, StartFrame};
use crate::signal::Clock;

/// Writes a segment of samples, slice by slice.
pub struct SegmentWriter<W: Write + Send> {
    table: TableWriter<W>,
}

impl<W: Write + Send> SegmentWriter<W> {
    /// Begins a segment.
    pub fn new(out: W, header: SegmentHeader, effort: Effort) -> Result<Self, SegmentMistake> {
        let table = TableWriter::new(out, &SAMPLES, header, effort)?;
        Ok(Self { table })
    }

    /// Adds a slice: what every known series showed at its start, and its rows, of which
    /// there must be one. Slices come in the order of their time.
    pub fn write_slice(&mut self, frame: &StartFrame, block: &Block) -> Result<(), SegmentMistake> {
        let Some((from, to)) = block.span() else {
            return Err(SegmentMistake::Unfit("a slice has no rows"));
        };
        let columns = &block.columns;
        let same = [
            columns.received.len(),
            columns.value.len(),
            columns.mark.len(),
            block.ends.last().copied().unwrap_or_default(),
        ];
        let fits = same.iter().all(|&rows| rows == columns.len())
            && block.series.len() == block.ends.len()
            && block.ends.is_sorted_by(|a, b| a < b);
        if !fits {
            return Err(SegmentMistake::Unfit("columns of a slice differ in length"));
        }
        if !(0..block.series.len()).all(|place| is_sorted(block, place)) {
            return Err(SegmentMistake::Unfit(
                "rows of a slice are not sorted by time",
            ));
        }
        if frame.rows.iter().any(|(_, sample, _)| sample.at > from) {
            return Err(SegmentMistake::Unfit(
                "the frame at a start has a later sample",
            ));
        }
        let source: Vec<u64> = columns.at.iter().map(|at| at.nanos() as u64).collect();
        let received = columns.received.iter();
        let received: Vec<u64> = received.map(|at| at.nanos() as u64).collect();
        let rows = columns.mark.iter().enumerate();
        let lost = rows.filter(|(_, mark)| mark.is_lost());
        let lost: Vec<usize> = lost.map(|(row, _)| row).collect();
        let rows = columns.value.iter().zip(&columns.mark);
        let there = rows.filter(|(_, mark)| !mark.is_lost());
        let values: Vec<u64> = there.map(|(value, _)| value.to_bits()).collect();
        let (quality, clock) = marks(&columns.mark);
        let text = states(block);
        self.table.write(&Slice {
            from,
            to,
            frame,
            series: &block.series,
            ends: &block.ends,
            columns: vec![
                Values::Numbers {
                    present: &source,
                    missing: &[],
                },
                Values::Numbers {
                    present: &received,
                    missing: &[],
                },
                Values::Numbers {
                    present: &values,
                    missing: &lost,
                },
                Values::Words(&text),
                Values::Words(&quality),
                Values::Words(&clock),
            ],
        })
    }

    /// Writes what stands at the end. At least one slice must have been written.
    pub fn finish(self) -> Result<(W, SegmentInfo), SegmentMistake> {
        self.table.finish()
    }
}

/// True if a series has each time once, and in order; a lost link comes after a sample.
pub(super) fn is_sorted(block: &Block, place: usize) -> bool {
    let columns = &block.columns;
    let key = |row: usize| (columns.at[row], columns.mark[row].is_lost());
    let rows = block.rows_of(place);
    (rows.start + 1..rows.end).all(|row| key(row - 1) < key(row))
}

/// The column `clock`.
pub(super) const fn clock_text(clock: Clock) -> &'static str {
    match clock {
        Clock::Source => "source",
        Clock::Receiver => "receiver",
    }
}

/// The columns `quality` and `clock`.
fn marks(marks: &[Mark]) -> (Words, Words) {
    let (mut qualities, mut clocks) = (Words::default(), Words::default());
    for run in marks.chunk_by(|a, b| a == b) {
        let code = run[0].quality().code();
        qualities.push(Some(&code.to_le_bytes()), run.len());
        clocks.push(Some(clock_text(run[0].clock()).as_bytes()), run.len());
    }
    (qualities, clocks)
}

/// The column `text`: the names of states.
fn states(block: &Block) -> Words {
    let mut words = Words::default();
    for (place, series) in block.series.iter().enumerate() {
        let rows = block.rows_of(place);
        if series.states.is_empty() {
            words.push(None, rows.len());
            continue;
        }
        for row in rows {
            let lost = block.columns.mark[row].is_lost();
            let state = state(series, block.columns.value[row]).filter(|_| !lost);
            words.push(state.map(str::as_bytes), 1);
        }
    }
    words
}

/// The name of the state that a value stands for.
pub(super) fn state(series: &Series, value: f64) -> Option<&str> {
    // A cast saturates; what is no whole number is no state.
    let place = value as usize;
    let state = series.states.get(place)?;
    (place as f64 == value).then_some(state)
}

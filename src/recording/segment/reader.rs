//! Reads a segment of samples: a slice of it, or one signal.

use std::ops::Range;
use std::sync::Arc;

use super::directory::Directory;
use super::encoding::{Damage, take};
use super::error::{SegmentError, SegmentMistake};
use super::info::SegmentInfo;
use super::page_reader::{ColumnPart, PageReader};
use super::schema::SAMPLES;
use super::table::{SliceBytes, Table};
use super::writer::clock_text;
use crate::history::{Mark, SampleColumns};
use crate::recording::depot::Piece;
use crate::recording::{Block, Name, Series, StartFrame, Who};
use crate::signal::{Clock, Quality};
use crate::time::Timestamp;

/// An open segment of samples.
pub struct Segment {
    pub(super) table: Table,
}

/// The places of columns in the table.
pub(super) const SOURCE_TIME: usize = 4;
pub(super) const RECEIVE_TIME: usize = 5;
pub(super) const VALUE: usize = 6;
pub(super) const TEXT: usize = 7;
pub(super) const QUALITY: usize = 8;
pub(super) const CLOCK: usize = 9;

impl Segment {
    /// Opens a segment that lies at `place`, as errors name it. Reads its footer, no rows.
    pub fn open(piece: Arc<dyn Piece>, place: &str) -> Result<Self, SegmentError> {
        Table::open(piece, place, &SAMPLES).map(|table| Self { table })
    }

    /// What it says of itself.
    pub fn info(&self) -> &SegmentInfo {
        &self.table.info
    }

    /// A slice, and what every known series showed at its start.
    pub fn read_slice(&self, slice: usize) -> Result<(StartFrame, Block), SegmentError> {
        let read = || {
            let bytes = self.table.slice_bytes(slice)?;
            self.decode(slice, &bytes)
        };
        read().map_err(|mistake| self.table.error(mistake))
    }

    /// What every known series showed at the start of a slice.
    pub fn read_frame(&self, slice: usize) -> Result<StartFrame, SegmentError> {
        let read = || self.table.frame(slice);
        read().map_err(|mistake| self.table.error(mistake))
    }

    /// All rows of a signal from `from` to `to`, both included, in order of time; and what the
    /// file says of the series, once for each unit and states that it ever had.
    ///
    /// Reads only the pages that can hold them.
    pub fn read_series(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<Series>, SampleColumns), SegmentError> {
        let read = || self.find(name, who, from, to);
        read().map_err(|mistake| self.table.error(mistake))
    }

    /// A slice from its bytes.
    pub(super) fn decode(
        &self,
        slice: usize,
        bytes: &SliceBytes,
    ) -> Result<(StartFrame, Block), SegmentMistake> {
        let catalogue = self.table.catalogue()?;
        let (directory, frame) = self.table.start_of(slice, bytes)?;
        let column = |column| self.table.column(slice, column, bytes);
        let columns = read_columns(column, &mut PageReader::new()?)?;
        let Directory { places, ends } = directory;
        let series = places.iter().map(|&place| catalogue.get(place).cloned());
        let block = Block {
            series: series.collect::<Result<_, _>>()?,
            ends,
            columns,
        };
        Ok((frame, block))
    }

    fn find(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<Series>, SampleColumns), SegmentMistake> {
        let catalogue = self.table.catalogue()?;
        let (mut series, mut rows) = (Vec::new(), SampleColumns::default());
        let places = catalogue.find(name, who);
        if places.is_empty() {
            return Ok((series, rows));
        }
        let mut reader = PageReader::new()?;
        for (slice, about) in self.table.info.slices.iter().enumerate() {
            if about.to < from || to < about.from {
                continue;
            }
            let directory = self.table.directory(slice)?;
            for &place in &places {
                let Some(owned) = directory.rows_of(place) else {
                    continue;
                };
                if self.read_rows(slice, owned, (from, to), &mut reader, &mut rows)? {
                    let found = catalogue.get(place)?;
                    if !series.contains(found) {
                        series.push(found.clone());
                    }
                }
            }
        }
        Ok((series, sorted(rows)))
    }

    /// Adds those of the `owned` rows that lie within a span; true if there are any.
    fn read_rows(
        &self,
        slice: usize,
        owned: Range<usize>,
        (from, to): (Timestamp, Timestamp),
        reader: &mut PageReader,
        out: &mut SampleColumns,
    ) -> Result<bool, SegmentMistake> {
        let (part, first) = self.table.rows(slice, SOURCE_TIME, &owned)?;
        let cut = |rows: &Range<usize>, first: usize| rows.start - first..rows.end - first;
        let (mut times, mut lost) = (Vec::new(), Vec::new());
        part.numbers(reader, cut(&owned, first), time, &mut times, &mut lost)?;
        let before = times.partition_point(|&at| at < from);
        let through = times.partition_point(|&at| at <= to);
        if before >= through {
            return Ok(false);
        }
        out.at.extend(&times[before..through]);
        let wanted = owned.start + before..owned.start + through;
        let part = |column| self.table.rows(slice, column, &wanted);

        let (received, first) = part(RECEIVE_TIME)?;
        let rows = cut(&wanted, first);
        received.numbers(reader, rows, time, &mut out.received, &mut lost)?;

        let (value, first) = part(VALUE)?;
        let rows = cut(&wanted, first);
        value.numbers(
            reader,
            rows.clone(),
            f64::from_bits,
            &mut out.value,
            &mut lost,
        )?;
        lost.iter_mut().for_each(|row| *row -= rows.start);

        let (quality, first) = part(QUALITY)?;
        let quality = cut_runs(&qualities(&quality, reader)?, &cut(&wanted, first));
        let (clock, first) = part(CLOCK)?;
        let clock = cut_runs(&clocks(&clock, reader)?, &cut(&wanted, first));
        push_marks(&quality, &clock, &lost, &mut out.mark)?;
        Ok(true)
    }
}

/// All columns that tell of samples, whole.
fn read_columns(
    column: impl Fn(usize) -> Result<ColumnPart, SegmentMistake>,
    reader: &mut PageReader,
) -> Result<SampleColumns, SegmentMistake> {
    let mut out = SampleColumns::default();
    let (part, mut lost) = (column(SOURCE_TIME)?, Vec::new());
    part.numbers(reader, 0..part.rows, time, &mut out.at, &mut lost)?;
    let part = column(RECEIVE_TIME)?;
    part.numbers(reader, 0..part.rows, time, &mut out.received, &mut lost)?;
    let part = column(VALUE)?;
    part.numbers(
        reader,
        0..part.rows,
        f64::from_bits,
        &mut out.value,
        &mut lost,
    )?;
    let quality = qualities(&column(QUALITY)?, reader)?;
    let clock = clocks(&column(CLOCK)?, reader)?;
    out.mark.reserve(out.at.len());
    push_marks(&quality, &clock, &lost, &mut out.mark)?;
    Ok(out)
}

/// Rows that say the same.
type Runs<T> = Vec<(T, usize)>;

pub(super) fn qualities(
    part: &ColumnPart,
    reader: &mut PageReader,
) -> Result<Runs<Quality>, Damage> {
    let words = part.words(reader, |bytes| {
        let code = take(bytes, 4)?.first_chunk().copied().unwrap_or_default();
        let quality = Quality::from_code(u32::from_le_bytes(code));
        if quality.code() == u32::from_le_bytes(code) {
            Ok(quality)
        } else {
            Err("a quality is unknown")
        }
    })?;
    words.whole()
}

pub(super) fn clocks(part: &ColumnPart, reader: &mut PageReader) -> Result<Runs<Clock>, Damage> {
    let words = part.words(reader, |bytes| {
        let word = take_word(bytes)?;
        let clocks = [Clock::Source, Clock::Receiver];
        let clock = clocks
            .into_iter()
            .find(|clock| clock_text(*clock).as_bytes() == word);
        clock.ok_or("a clock is unknown")
    })?;
    words.whole()
}

/// Takes an entry of a dictionary of words.
pub(super) fn take_word<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Damage> {
    let length = take(bytes, 4)?.first_chunk().copied().unwrap_or_default();
    take(bytes, u32::from_le_bytes(length) as usize)
}

pub(super) fn time(bits: u64) -> Timestamp {
    Timestamp::from_nanos(bits as i64)
}

/// The part of runs that covers these rows.
fn cut_runs<T: Copy>(runs: &Runs<T>, rows: &Range<usize>) -> Runs<T> {
    let mut start = 0;
    let mut cut = Vec::new();
    for &(what, count) in runs {
        let end = start + count;
        let taken = end.min(rows.end).saturating_sub(start.max(rows.start));
        if taken > 0 {
            cut.push((what, taken));
        }
        start = end;
    }
    cut
}

/// Adds a mark for each row.
fn push_marks(
    quality: &Runs<Quality>,
    clock: &Runs<Clock>,
    lost: &[usize],
    out: &mut Vec<Mark>,
) -> Result<(), Damage> {
    let before = out.len();
    let mut clocks = clock.iter().copied();
    let (mut clock, mut left) = clocks.next().unwrap_or_default();
    for &(quality, mut count) in quality {
        while count > 0 {
            if left == 0 {
                (clock, left) = clocks.next().ok_or("columns differ in length")?;
            }
            let taken = count.min(left);
            let mark = Mark::of(quality, clock);
            out.extend(std::iter::repeat_n(mark, taken));
            count -= taken;
            left -= taken;
        }
    }
    for &row in lost {
        let mark = out
            .get_mut(before + row)
            .ok_or("columns differ in length")?;
        *mark = Mark::lost();
    }
    Ok(())
}

/// Rows in order of time, as those of several slices may not be.
fn sorted(rows: SampleColumns) -> SampleColumns {
    if rows.at.is_sorted() {
        return rows;
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&row| (rows.at[row], rows.mark[row].is_lost()));
    SampleColumns {
        at: order.iter().map(|&row| rows.at[row]).collect(),
        received: order.iter().map(|&row| rows.received[row]).collect(),
        value: order.iter().map(|&row| rows.value[row]).collect(),
        mark: order.iter().map(|&row| rows.mark[row]).collect(),
    }
}

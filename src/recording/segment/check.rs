//! Sees whether a segment is whole and true: every byte that can be read is, and what the file
//! says of its rows is what the rows say.

use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

use super::bounds::Bounds;
use super::encoding::Damage;
use super::error::{SegmentError, SegmentMistake};
use super::page_reader::{ColumnPart, PageReader};
use super::reader::{Segment, TEXT, take_word};
use super::schema::{ColumnSpec, Kind};
use super::table::{SliceBytes, Table};
use super::writer::{is_sorted, state};
use crate::recording::{Block, StartFrame};
use crate::time::Timestamp;

/// What was seen in a segment that is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentCheck {
    /// Its rows.
    pub rows: u64,
    /// Its slices.
    pub slices: usize,
    /// The series that have rows, or a sample at the start of a slice.
    pub series: usize,
    /// Its pages of rows.
    pub pages: usize,
    /// Its bytes.
    pub bytes: u64,
}

impl Segment {
    /// Reads and checks everything.
    pub fn verify(&self) -> Result<SegmentCheck, SegmentError> {
        let check = || {
            self.table.check_magic()?;
            let mut check = SegmentCheck {
                rows: self.info().rows(),
                slices: self.info().slices.len(),
                series: self.table.catalogue()?.series.len(),
                pages: 0,
                bytes: self.table.len(),
            };
            for slice in 0..check.slices {
                let bytes = self.table.slice_bytes(slice)?;
                let (frame, block) = self.decode(slice, &bytes)?;
                self.check_rows(slice, &frame, &block)?;
                self.check_words(slice, &bytes, &block)?;
                for column in 0..self.table.spec.columns.len() {
                    check.pages += check_column(&self.table, slice, column, &bytes)?;
                }
            }
            Ok(check)
        };
        check().map_err(|mistake: SegmentMistake| self.table.error(mistake))
    }

    fn check_rows(&self, slice: usize, frame: &StartFrame, block: &Block) -> Result<(), Damage> {
        let about = &self.info().slices[slice];
        if block.span() != Some((about.from, about.to)) {
            return Err("a slice covers another stretch of time than it tells");
        }
        let key = |place: usize| (&block.series[place].name, block.series[place].who);
        if !(1..block.series.len()).all(|place| key(place - 1) < key(place)) {
            return Err("the series of a slice are not sorted");
        }
        let empty = |place: usize| block.rows_of(place).is_empty();
        if (0..block.series.len()).any(|place| empty(place) || !is_sorted(block, place)) {
            return Err("the rows of a series are not sorted by time");
        }
        let key = |row: usize| (&frame.rows[row].0.name, frame.rows[row].0.who);
        if !(1..frame.rows.len()).all(|row| key(row - 1) < key(row)) {
            return Err("the frame at the start of a slice is not sorted");
        }
        let late = |at: Timestamp| at > about.from;
        if frame.rows.iter().any(|(_, sample, _)| late(sample.at)) {
            return Err("the frame at the start of a slice has a later sample");
        }
        Ok(())
    }

    /// The columns that tell in words what the directory tells by places, and the states.
    fn check_words(
        &self,
        slice: usize,
        bytes: &SliceBytes,
        block: &Block,
    ) -> Result<(), SegmentMistake> {
        let mut reader = PageReader::new()?;
        let mut words = |column| {
            let part = self.table.column(slice, column, bytes)?;
            let words = part.words(&mut reader, |bytes| take_word(bytes).map(<[u8]>::to_vec))?;
            let runs = words.runs.iter().flat_map(|&(word, rows)| {
                std::iter::repeat_n(
                    word.map(|place| words.entries[place as usize].clone()),
                    rows,
                )
            });
            Ok::<Vec<Option<Vec<u8>>>, SegmentMistake>(runs.collect())
        };
        for column in 0..4 {
            let told = words(column)?;
            for (place, series) in block.series.iter().enumerate() {
                let owner = match column {
                    0 => &*series.name.tag,
                    1 => &*series.name.signal,
                    2 => series.who.text(),
                    _ => &*series.unit,
                };
                let rows = told.get(block.rows_of(place));
                let same = |word: &Option<Vec<u8>>| word.as_deref() == Some(owner.as_bytes());
                if !rows.is_some_and(|rows| rows.iter().all(same)) {
                    return Err("rows belong to another series than the slice tells".into());
                }
            }
        }
        let told = words(TEXT)?;
        for (place, series) in block.series.iter().enumerate() {
            for row in block.rows_of(place) {
                let lost = block.columns.mark[row].is_lost();
                let name = state(series, block.columns.value[row]).filter(|_| !lost);
                if told.get(row).and_then(Option::as_deref) != name.map(str::as_bytes) {
                    return Err("a text is not the state that its value stands for".into());
                }
            }
        }
        Ok(())
    }
}

/// Sees that the statistics of a column and of its pages are those of its rows; how many pages
/// it has.
pub(super) fn check_column(
    table: &Table,
    slice: usize,
    column: usize,
    bytes: &SliceBytes,
) -> Result<usize, SegmentMistake> {
    let spec = table.spec.columns[column];
    let mut reader = PageReader::new()?;
    let whole = table.column(slice, column, bytes)?;
    let chunk = table.chunk(slice, column);
    let bounds = bounds_of(&whole, spec, &mut reader)?;
    if chunk.statistics().map(strip) != Some(strip(&bounds.statistics(spec.kind))) {
        return Err("the statistics of a column are not those of its rows".into());
    }
    let locations = table.locations(slice, column)?;
    let index = table.column_index(slice, column)?;
    for (page, location) in locations.iter().enumerate() {
        let start = usize::try_from(location.first_row_index).unwrap_or(usize::MAX);
        let end = locations.get(page + 1).map(|next| next.first_row_index);
        let end = usize::try_from(end.unwrap_or(chunk.num_values())).unwrap_or_default();
        if start >= end {
            return Err("a page has no rows".into());
        }
        let (part, first) = table.rows(slice, column, &(start..end))?;
        if first != start || part.rows != end - start {
            return Err("an offset index is not that of its column".into());
        }
        let bounds = bounds_of(&part, spec, &mut reader)?;
        let told = index.as_ref().map(|index| page_bounds(index, page));
        let (least, greatest) = bounds.plain(spec.kind);
        let found = Some((least, greatest, bounds.missing as i64));
        if told.is_some_and(|told| told != found) {
            return Err("the least and greatest values of a page are not those of its rows".into());
        }
    }
    Ok(locations.len())
}

/// Statistics without what only the format's oldest readers look at.
fn strip(statistics: &Statistics) -> (Option<Vec<u8>>, Option<Vec<u8>>, Option<u64>) {
    (
        statistics.min_bytes_opt().map(<[u8]>::to_vec),
        statistics.max_bytes_opt().map(<[u8]>::to_vec),
        statistics.null_count_opt(),
    )
}

fn bounds_of(
    part: &ColumnPart,
    spec: ColumnSpec,
    reader: &mut PageReader,
) -> Result<Bounds, Damage> {
    if matches!(spec.kind, Kind::Word | Kind::Code) {
        let words = part.words(reader, |bytes| match spec.kind {
            Kind::Word => take_word(bytes).map(<[u8]>::to_vec),
            _ => super::encoding::take(bytes, 4).map(<[u8]>::to_vec),
        })?;
        let missing = words.runs.iter().filter(|(word, _)| word.is_none());
        let missing = missing.map(|(_, rows)| rows).sum();
        let used = words.runs.iter().filter_map(|(word, _)| *word);
        let used = used.map(|place| words.entries[place as usize].as_slice());
        return Ok(Bounds::of_words(used, missing, spec.kind));
    }
    let (mut numbers, mut missing) = (Vec::new(), Vec::new());
    part.numbers(
        reader,
        0..part.rows,
        |bits| bits,
        &mut numbers,
        &mut missing,
    )?;
    let mut gaps = missing.iter().copied().peekable();
    let mut row = 0;
    numbers.retain(|_| {
        row += 1;
        gaps.next_if_eq(&(row - 1)).is_none()
    });
    Ok(Bounds::of_numbers(&numbers, missing.len(), spec.kind))
}

/// What the index says of a page: least, greatest and how many rows say nothing.
fn page_bounds(index: &ColumnIndexMetaData, page: usize) -> Option<(Vec<u8>, Vec<u8>, i64)> {
    let missing = index.null_count(page)?;
    if index.is_null_page(page) {
        return Some((Vec::new(), Vec::new(), missing));
    }
    let (least, greatest) = match index {
        ColumnIndexMetaData::INT32(all) => (
            all.min_value(page)?.to_le_bytes().to_vec(),
            all.max_value(page)?.to_le_bytes().to_vec(),
        ),
        ColumnIndexMetaData::INT64(all) => (
            all.min_value(page)?.to_le_bytes().to_vec(),
            all.max_value(page)?.to_le_bytes().to_vec(),
        ),
        ColumnIndexMetaData::DOUBLE(all) => (
            all.min_value(page)?.to_le_bytes().to_vec(),
            all.max_value(page)?.to_le_bytes().to_vec(),
        ),
        ColumnIndexMetaData::BYTE_ARRAY(all) => {
            (all.min_value(page)?.to_vec(), all.max_value(page)?.to_vec())
        }
        _ => return None,
    };
    Some((least, greatest, missing))
}

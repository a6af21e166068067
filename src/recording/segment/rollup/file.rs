//! Rollups as Parquet files: a row for each series and bucket.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use super::bucket::{Bucket, Rollup};
use crate::recording::depot::Piece;
use crate::recording::segment::check::check_column;
use crate::recording::segment::column::Values;
use crate::recording::segment::error::{SegmentError, SegmentMistake};
use crate::recording::segment::info::{SegmentHeader, SegmentInfo};
use crate::recording::segment::page_reader::{ColumnPart, PageReader};
use crate::recording::segment::reader::{qualities, time};
use crate::recording::segment::schema::BUCKETS;
use crate::recording::segment::table::Table;
use crate::recording::segment::table_writer::{Effort, Slice, TableWriter};
use crate::recording::segment::words::Words;
use crate::recording::{Name, Series, StartFrame, Who};
use crate::time::Timestamp;

/// Writes a file of buckets.
pub struct RollupWriter<W: Write + Send> {
    table: TableWriter<W>,
}

/// An open file of buckets.
pub struct RollupFile {
    table: Table,
}

/// The places of columns in the table.
const FIRST_NUMBER: usize = 4;
const QUALITY: usize = 13;

impl<W: Write + Send> RollupWriter<W> {
    /// Begins a file.
    pub fn new(out: W, header: SegmentHeader, effort: Effort) -> Result<Self, SegmentMistake> {
        let table = TableWriter::new(out, &BUCKETS, header, effort)?;
        Ok(Self { table })
    }

    /// Adds buckets, of which there must be one: a slice of the file.
    pub fn write(&mut self, rollup: &Rollup) -> Result<(), SegmentMistake> {
        let buckets = &rollup.buckets;
        let starts = || buckets.iter().map(|bucket| bucket.start);
        let Some((from, to)) = starts().min().zip(starts().max()) else {
            return Err(SegmentMistake::Unfit("there are no buckets"));
        };
        let fits = rollup.series.len() == rollup.ends.len()
            && rollup.ends.is_sorted_by(|a, b| a < b)
            && rollup.ends.last() == Some(&buckets.len());
        if !fits {
            return Err(SegmentMistake::Unfit("buckets belong to no series"));
        }
        let column = |bits: fn(&Bucket) -> u64| buckets.iter().map(bits).collect::<Vec<u64>>();
        let columns = [
            column(|bucket| bucket.start.nanos() as u64),
            column(|bucket| bucket.min.to_bits()),
            column(|bucket| bucket.max.to_bits()),
            column(|bucket| bucket.mean.to_bits()),
            column(|bucket| bucket.first.to_bits()),
            column(|bucket| bucket.first_at.nanos() as u64),
            column(|bucket| bucket.last.to_bits()),
            column(|bucket| bucket.last_at.nanos() as u64),
            column(|bucket| bucket.count),
        ];
        let mut qualities = Words::default();
        for run in buckets.chunk_by(|a, b| a.worst == b.worst) {
            qualities.push(Some(&run[0].worst.code().to_le_bytes()), run.len());
        }
        let numbers = columns.iter().map(|present| Values::Numbers {
            present,
            missing: &[],
        });
        self.table.write(&Slice {
            from,
            to,
            frame: &StartFrame::default(),
            series: &rollup.series,
            ends: &rollup.ends,
            columns: numbers.chain([Values::Words(&qualities)]).collect(),
        })
    }

    /// Writes what stands at the end.
    pub fn finish(self) -> Result<(W, SegmentInfo), SegmentMistake> {
        self.table.finish()
    }
}

impl RollupFile {
    /// Opens a file that lies at `place`, as errors name it. Reads its footer, no rows.
    pub fn open(piece: Arc<dyn Piece>, place: &str) -> Result<Self, SegmentError> {
        Table::open(piece, place, &BUCKETS).map(|table| Self { table })
    }

    /// What it says of itself. A slice covers the starts of its buckets.
    pub fn info(&self) -> &SegmentInfo {
        &self.table.info
    }

    /// All buckets, those of all its slices merged.
    pub fn read_all(&self) -> Result<Rollup, SegmentError> {
        let read = || {
            let mut reader = PageReader::new()?;
            let slices = (0..self.info().slices.len()).map(|slice| self.slice(slice, &mut reader));
            let mut all = slices.collect::<Result<Vec<_>, SegmentMistake>>()?;
            Ok(match all.as_slice() {
                [_] => all.remove(0),
                _ => Rollup::merged(&all),
            })
        };
        read().map_err(|mistake: SegmentMistake| self.table.error(mistake))
    }

    /// The buckets of a signal that start from `from` to `to`, both included, in order; and what
    /// the file says of the series, once for each unit and states that it ever had.
    pub fn read_series(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<Series>, Vec<Bucket>), SegmentError> {
        let read = || self.find(name, who, from, to);
        read().map_err(|mistake| self.table.error(mistake))
    }

    /// Reads and checks everything; how many buckets there are.
    pub fn verify(&self) -> Result<u64, SegmentError> {
        let check = || {
            self.table.check_magic()?;
            let mut reader = PageReader::new()?;
            for slice in 0..self.info().slices.len() {
                let bytes = self.table.slice_bytes(slice)?;
                for column in 0..BUCKETS.columns.len() {
                    check_column(&self.table, slice, column, &bytes)?;
                }
                let rollup = self.slice(slice, &mut reader)?;
                for place in 0..rollup.series.len() {
                    let own = &rollup.buckets[rollup.buckets_of(place)];
                    if !own.is_sorted_by(|a, b| a.start < b.start) {
                        return Err("the buckets of a series are not sorted by time".into());
                    }
                }
            }
            Ok(self.info().rows())
        };
        check().map_err(|mistake: SegmentMistake| self.table.error(mistake))
    }

    fn slice(&self, slice: usize, reader: &mut PageReader) -> Result<Rollup, SegmentMistake> {
        let catalogue = self.table.catalogue()?;
        let bytes = self.table.slice_bytes(slice)?;
        let (directory, _) = self.table.start_of(slice, &bytes)?;
        let column = |column| self.table.column(slice, column, &bytes);
        let whole = |place| column(place).map(|part| (part, 0));
        let rows = directory.ends.last().copied().unwrap_or_default();
        let buckets = decode(whole, &(0..rows), reader)?;
        let series = directory.places.iter();
        let series = series.map(|&place| catalogue.get(place).cloned());
        Ok(Rollup {
            series: series.collect::<Result<_, _>>()?,
            ends: directory.ends,
            buckets,
        })
    }

    fn find(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<Series>, Vec<Bucket>), SegmentMistake> {
        let catalogue = self.table.catalogue()?;
        let places = catalogue.find(name, who);
        let mut reader = PageReader::new()?;
        let (mut known, mut found) = (Vec::new(), Rollup::default());
        let mut rows: Vec<(u32, Bucket)> = Vec::new();
        for (slice, about) in self.info().slices.iter().enumerate() {
            if places.is_empty() || about.to < from || to < about.from {
                continue;
            }
            let directory = self.table.directory(slice)?;
            for &place in &places {
                let Some(owned) = directory.rows_of(place).filter(|rows| !rows.is_empty()) else {
                    continue;
                };
                let column = |column| self.table.rows(slice, column, &owned);
                let own = decode(column, &owned, &mut reader)?.into_iter();
                let inside = own.filter(|bucket| from <= bucket.start && bucket.start <= to);
                rows.extend(inside.map(|bucket| (place, bucket)));
            }
        }
        rows.sort_by_key(|(_, bucket)| bucket.start);
        for (place, bucket) in rows {
            let series = catalogue.get(place)?;
            if !known.contains(series) {
                known.push(series.clone());
            }
            found.push(series, bucket);
        }
        Ok((known, found.buckets))
    }
}

/// The buckets in these rows, by their columns; each column comes with the first row it has.
fn decode(
    column: impl Fn(usize) -> Result<(ColumnPart, usize), SegmentMistake>,
    rows: &Range<usize>,
    reader: &mut PageReader,
) -> Result<Vec<Bucket>, SegmentMistake> {
    const DIFFER: &str = "columns differ in length";
    let mut numbers: Vec<Vec<u64>> = Vec::new();
    for place in FIRST_NUMBER..QUALITY {
        let (part, first) = column(place)?;
        let wanted = rows.start - first..rows.end - first;
        let (mut bits, mut missing) = (Vec::new(), Vec::new());
        part.numbers(reader, wanted, |bits| bits, &mut bits, &mut missing)?;
        if bits.len() != rows.len() {
            return Err(DIFFER.into());
        }
        numbers.push(bits);
    }
    let (part, first) = column(QUALITY)?;
    let qualities = qualities(&part, reader)?.into_iter();
    let worst = qualities.flat_map(|(quality, rows)| std::iter::repeat_n(quality, rows));
    let mut worst = worst.skip(rows.start - first);
    let bucket = |row: usize| {
        let number = |column: usize| f64::from_bits(numbers[column][row]);
        let at = |column: usize| time(numbers[column][row]);
        Some(Bucket {
            start: at(0),
            min: number(1),
            max: number(2),
            mean: number(3),
            first: number(4),
            first_at: at(5),
            last: number(6),
            last_at: at(7),
            count: numbers[8][row],
            worst: worst.next()?,
        })
    };
    let buckets: Option<Vec<Bucket>> = (0..rows.len()).map(bucket).collect();
    Ok(buckets.ok_or(DIFFER)?)
}

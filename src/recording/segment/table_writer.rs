//! Writes the file of a table: slices one after another, then the catalogue and the footer.
//!
//! ```text
//! PAR1
//! directory of slice 0, frame at its start       ours: compressed, with a checksum
//! columns of slice 0                             a row group, all its pages with checksums
//! directory of slice 1, …
//! catalogue: all series                          ours
//! column indexes, offset indexes                 Parquet's page index
//! footer                                         Parquet's, sealed with a checksum
//! ```

use std::io::Write;
use std::sync::Arc;

use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use zstd::bulk::Compressor;

use super::catalogue::CatalogueWriter;
use super::chunk::Chunk;
use super::column::{Pages, Values};
use super::directory::{Directory, encode_frame};
use super::error::SegmentMistake;
use super::info::{SCHEMA, SegmentHeader, SegmentInfo, SliceInfo};
use super::parcel::Parcel;
use super::schema::TableSpec;
use super::seal::{Held, blank};
use super::words::{Words, cut_pages};
use crate::recording::{Series, StartFrame};
use crate::time::Timestamp;

/// Rows of a page of a column of long runs, which takes next to no bytes.
const LONG_PAGE_ROWS: usize = 262_144;
/// The most rows of a slice, so that none is larger than memory.
pub(super) const MOST_ROWS: usize = 1 << 24;

/// How hard to compress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// As fast as rows come in.
    #[default]
    Live,
    /// An eighth smaller for three times the work: for what is kept for years.
    Archive,
}

/// Writes a file of a table.
pub(super) struct TableWriter<W: Write + Send> {
    table: &'static TableSpec,
    file: SerializedFileWriter<Held<W>>,
    info: SegmentInfo,
    catalogue: CatalogueWriter,
    compressor: Compressor<'static>,
}

/// The rows of a slice, column by column from the fifth on.
pub(super) struct Slice<'a> {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) frame: &'a StartFrame,
    pub(super) series: &'a [Series],
    /// By series, where its rows end.
    pub(super) ends: &'a [usize],
    pub(super) columns: Vec<Values<'a>>,
}

impl<W: Write + Send> TableWriter<W> {
    pub(super) fn new(
        out: W,
        table: &'static TableSpec,
        header: SegmentHeader,
        effort: Effort,
    ) -> Result<Self, SegmentMistake> {
        let sorting = ["tag", "signal", "origin", table.columns[4].name];
        let sorting = sorting.iter().filter_map(|name| table.place(name));
        let sorting = sorting.map(|place| SortingColumn {
            column_idx: place as i32,
            descending: false,
            nulls_first: false,
        });
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_created_by(concat!("parallax ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_sorting_columns(Some(sorting.collect()))
            .build();
        let schema = table.parquet()?;
        let file = SerializedFileWriter::new(Held::new(out), schema, Arc::new(properties))?;
        Ok(Self {
            table,
            file,
            info: SegmentInfo {
                schema: SCHEMA,
                recorder: header.recorder,
                order: header.order,
                written: header.written,
                replaces: header.replaces,
                slices: Vec::new(),
            },
            catalogue: CatalogueWriter::default(),
            compressor: Compressor::new(match effort {
                Effort::Live => 5,
                Effort::Archive => 14,
            })?,
        })
    }

    /// Adds a slice.
    pub(super) fn write(&mut self, slice: &Slice<'_>) -> Result<(), SegmentMistake> {
        let rows = slice.ends.last().copied().unwrap_or_default();
        if rows == 0 {
            return Err(SegmentMistake::Unfit("a slice has no rows"));
        }
        if rows > MOST_ROWS {
            return Err(SegmentMistake::Unfit(
                "a slice has more than 16 million rows",
            ));
        }
        let key = |series: &Series| (series.name.clone(), series.who);
        if !slice.series.is_sorted_by(|a, b| key(a) < key(b)) {
            return Err(SegmentMistake::Unfit(
                "the series of a slice are not sorted",
            ));
        }
        let directory = Directory::new(slice.series, slice.ends, &mut self.catalogue);
        let directory = self.add(&directory.encode())?;
        let frame = encode_frame(slice.frame, &mut self.catalogue)?;
        let frame = self.add(&frame)?;
        self.write_columns(slice)?;
        self.info.slices.push(SliceInfo {
            from: slice.from,
            to: slice.to,
            rows: rows as u64,
            directory,
            frame,
        });
        Ok(())
    }

    fn write_columns(&mut self, slice: &Slice<'_>) -> Result<(), SegmentMistake> {
        let short = cut_pages(slice.ends, self.table.page_rows);
        let long = cut_pages(slice.ends, LONG_PAGE_ROWS);
        let [tag, signal, origin, unit] = owners(slice.series, slice.ends);
        let owners = [&tag, &signal, &origin, &unit].map(Values::Words);
        let descriptors = self.file.schema_descr().columns().to_vec();
        let mut group = self.file.next_row_group()?;
        let columns = self.table.columns.iter().zip(descriptors);
        let values = owners.iter().chain(&slice.columns);
        for ((place, (column, descriptor)), values) in columns.enumerate().zip(values) {
            // Tag and signal are what other readers find a signal's rows by.
            let found_by = place < 2 || matches!(values, Values::Numbers { .. });
            let ends = if found_by { &short } else { &long };
            let pages = Pages::new(*column, values, ends, &mut self.compressor)?;
            let chunk = Chunk::new(descriptor, column.kind, &pages, &mut self.compressor)?;
            group.append_column(&chunk.bytes, chunk.close)?;
        }
        group.close()?;
        Ok(())
    }

    /// Writes catalogue and footer.
    pub(super) fn finish(mut self) -> Result<(W, SegmentInfo), SegmentMistake> {
        let catalogue = self.catalogue.encode();
        let catalogue = self.add(&catalogue)?;
        let pairs = self.info.to_metadata(self.table, catalogue)?;
        for pair in pairs.into_iter().chain(blank()) {
            self.file.append_key_value_metadata(pair);
        }
        let from = self.file.bytes_written() as u64;
        self.file.flush()?;
        self.file.inner_mut().hold();
        let out = self.file.into_inner()?.seal(from)?;
        Ok((out, self.info))
    }

    /// Adds bytes of our own.
    fn add(&mut self, raw: &[u8]) -> Result<Parcel, SegmentMistake> {
        let (parcel, packed) = Parcel::pack(raw, self.file.bytes_written() as u64)?;
        self.file.write_all(&packed)?;
        Ok(parcel)
    }
}

/// The first four columns: whose rows they are.
fn owners(series: &[Series], ends: &[usize]) -> [Words; 4] {
    let mut words: [Words; 4] = Default::default();
    let mut start = 0;
    for (series, &end) in series.iter().zip(ends) {
        let texts = [
            &*series.name.tag,
            &*series.name.signal,
            series.who.text(),
            &*series.unit,
        ];
        for (words, text) in words.iter_mut().zip(texts) {
            words.push(Some(text.as_bytes()), end - start);
        }
        start = end;
    }
    words
}

//! A column of a slice as bytes, with all that is to be said about them: a column chunk.

use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::bounds::Bounds;
use super::column::{Page, Pages};
use super::error::SegmentMistake;
use super::page_header::{LARGEST, PageHeader};
use super::schema::Kind;

/// A column chunk, as it is appended to a file.
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) close: ColumnCloseResult,
}

impl Chunk {
    /// Compresses the pages, unless that makes them larger.
    pub(super) fn new(
        descriptor: ColumnDescPtr,
        kind: Kind,
        pages: &Pages,
        compressor: &mut Compressor<'_>,
    ) -> Result<Self, SegmentMistake> {
        let raw: Vec<&[u8]> = pages.bodies().collect();
        if raw.iter().any(|body| body.len() > LARGEST) {
            return Err(SegmentMistake::Unfit("its names take more than 64 MiB"));
        }
        let mut packed = Vec::with_capacity(raw.len());
        for body in &raw {
            packed.push(compressor.compress(body)?);
        }
        let smaller = packed.iter().map(Vec::len).sum::<usize>()
            < raw.iter().map(|body| body.len()).sum::<usize>();
        if smaller {
            let packed = packed.iter().map(Vec::as_slice);
            // Which level it was is not told in the file.
            let codec = Compression::ZSTD(ZstdLevel::default());
            Ok(join(descriptor, kind, pages, packed, codec)?)
        } else {
            let codec = Compression::UNCOMPRESSED;
            Ok(join(descriptor, kind, pages, raw.into_iter(), codec)?)
        }
    }
}

/// Puts the pages, as they are `stored`, one after another.
fn join<'a>(
    descriptor: ColumnDescPtr,
    kind: Kind,
    pages: &Pages,
    mut stored: impl Iterator<Item = &'a [u8]>,
    codec: Compression,
) -> Result<Chunk, ParquetError> {
    let mut bytes = Vec::new();
    let mut uncompressed = 0;
    let mut push = |bytes: &mut Vec<u8>, raw: &[u8], count, encoding, dictionary| {
        let body = stored.next().unwrap_or_default();
        let header = PageHeader {
            dictionary,
            raw_bytes: raw.len(),
            bytes: body.len(),
            crc: crc32fast::hash(body),
            count,
            encoding,
        };
        let before = bytes.len();
        header.push(bytes);
        uncompressed += bytes.len() - before + raw.len();
        bytes.extend(body);
        bytes.len() - before
    };
    let mut encodings = vec![Encoding::RLE];
    if let Some((entries, count)) = &pages.dictionary {
        push(&mut bytes, entries, *count, Encoding::PLAIN, true);
        encodings.push(Encoding::PLAIN);
    }
    let data_offset = bytes.len();
    let mut locations = OffsetIndexBuilder::new();
    let mut all = Bounds::default();
    let mut rows = 0;
    for page in &pages.pages {
        let at = bytes.len();
        let length = push(&mut bytes, &page.body, page.rows, page.encoding, false);
        locations.append_offset_and_size(at as i64, length as i32);
        locations.append_row_count(page.rows as i64);
        rows += page.rows;
        all = all.and(page.bounds.clone());
    }
    encodings.extend(pages.pages.first().map(|page| page.encoding));
    encodings.dedup();
    let metadata = ColumnChunkMetaData::builder(descriptor)
        .set_encodings(encodings)
        .set_compression(codec)
        .set_num_values(rows as i64)
        .set_total_compressed_size(bytes.len() as i64)
        .set_total_uncompressed_size(uncompressed as i64)
        .set_dictionary_page_offset(pages.dictionary.is_some().then_some(0))
        .set_data_page_offset(data_offset as i64)
        .set_statistics(all.statistics(kind))
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: bytes.len() as u64,
        rows_written: rows as u64,
        metadata,
        bloom_filter: None,
        column_index: index(kind, &pages.pages)?,
        offset_index: Some(locations.build()),
    };
    Ok(Chunk {
        bytes: bytes.into(),
        close,
    })
}

/// The least and greatest value of every page; `None` if a page has values but no order.
fn index(kind: Kind, pages: &[Page]) -> Result<Option<ColumnIndexMetaData>, ParquetError> {
    let mut builder = ColumnIndexBuilder::new(kind.physical());
    for page in pages {
        let bounds = &page.bounds;
        let empty = bounds.missing == page.rows as u64;
        if bounds.range.is_none() && !empty {
            return Ok(None);
        }
        let (least, greatest) = bounds.plain(kind);
        let not_numbers = (kind == Kind::Number).then_some(bounds.not_numbers as i64);
        builder.append(empty, least, greatest, bounds.missing as i64, not_numbers);
    }
    let ranges: Vec<_> = pages.iter().map(|page| &page.bounds.range).collect();
    let rising = ranges.windows(2).all(|pair| match (pair[0], pair[1]) {
        (Some(one), Some(next)) => one.0 <= next.0 && one.1 <= next.1,
        _ => false,
    });
    builder.set_boundary_order(if rising {
        BoundaryOrder::ASCENDING
    } else {
        BoundaryOrder::UNORDERED
    });
    builder.build().map(Some)
}

impl Pages {
    /// The bytes of all its pages, the dictionary first.
    fn bodies(&self) -> impl Iterator<Item = &[u8]> {
        let dictionary = self
            .dictionary
            .iter()
            .map(|(entries, _)| entries.as_slice());
        dictionary.chain(self.pages.iter().map(|page| page.body.as_slice()))
    }
}

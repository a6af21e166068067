//! Reads the file of a table: its footer at once, all else when it is asked for.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use parquet::basic::CompressionCodec;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::index_reader::{decode_column_index, decode_offset_index};
use parquet::file::page_index::offset_index::PageLocation;

use super::catalogue::Catalogue;
use super::directory::{Directory, decode_frame};
use super::encoding::Damage;
use super::error::{SegmentError, SegmentMistake};
use super::info::{Indexes, SegmentInfo, SliceInfo};
use super::page_reader::ColumnPart;
use super::parcel::Parcel;
use super::schema::TableSpec;
use super::seal::{self, MAGIC, TAIL};
use super::table_writer::MOST_ROWS;
use crate::recording::StartFrame;
use crate::recording::depot::Piece;

/// What is read of the end of a file at first; a footer mostly fits.
const FIRST_READ: u64 = 1 << 16;

/// An open file of a table.
pub(super) struct Table {
    piece: Arc<dyn Piece>,
    place: String,
    pub(super) spec: &'static TableSpec,
    pub(super) info: SegmentInfo,
    metadata: ParquetMetaData,
    catalogue_parcel: Parcel,
    indexes: Indexes,
    catalogue: OnceLock<Arc<Catalogue>>,
    index_bytes: OnceLock<Bytes>,
}

/// All bytes of a slice, as they lie in the file.
pub(super) struct SliceBytes {
    start: u64,
    bytes: Bytes,
}

impl From<Damage> for SegmentMistake {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl Table {
    /// Reads the footer of a file and sees that all it tells can be.
    pub(super) fn open(
        piece: Arc<dyn Piece>,
        place: &str,
        spec: &'static TableSpec,
    ) -> Result<Self, SegmentError> {
        Self::read(piece, place, spec).map_err(|mistake| mistake.at(place))
    }

    fn read(
        piece: Arc<dyn Piece>,
        place: &str,
        spec: &'static TableSpec,
    ) -> Result<Self, SegmentMistake> {
        let length = piece.len();
        let end = piece.read(length.saturating_sub(FIRST_READ)..length)?;
        let footer_bytes = footer_length(&end).ok_or(SegmentMistake::NotParquet)?;
        let start = length
            .checked_sub(footer_bytes)
            .filter(|start| *start >= MAGIC.len() as u64)
            .ok_or(SegmentMistake::NotParquet)?;
        let footer = match (end.len() as u64).checked_sub(footer_bytes) {
            Some(before) => end.slice(before as usize..),
            None => piece.read(start..length)?,
        };
        let indexes = seal::open(&footer)?;
        let metadata = ParquetMetaDataReader::decode_metadata(&footer[..footer.len() - TAIL])?;
        let pairs = metadata.file_metadata().key_value_metadata();
        let pairs = pairs.map(Vec::as_slice).unwrap_or_default();
        let (info, catalogue_parcel) = SegmentInfo::from_metadata(pairs, spec)?;
        let table = Self {
            piece,
            place: place.to_owned(),
            spec,
            info,
            metadata,
            catalogue_parcel,
            indexes,
            catalogue: OnceLock::new(),
            index_bytes: OnceLock::new(),
        };
        table.check(start)?;
        Ok(table)
    }

    /// Sees that metadata, whose seal is whole, tell of the file that they stand in.
    fn check(&self, footer: u64) -> Result<(), Damage> {
        let order = MAGIC.len() as u64 <= self.catalogue_parcel.at
            && self.catalogue_parcel.end() <= self.indexes.from
            && self.indexes.from <= self.indexes.to
            && self.indexes.to == footer;
        if !order {
            return Err("its parts lie where they cannot");
        }
        let schema = self.metadata.file_metadata().schema_descr();
        let same = schema.num_columns() == self.spec.columns.len()
            && schema
                .columns()
                .iter()
                .zip(self.spec.columns)
                .all(|(found, wanted)| {
                    found.name() == wanted.name
                        && found.physical_type() == wanted.kind.physical()
                        && found.max_def_level() == i16::from(wanted.optional)
                        && found.max_rep_level() == 0
                });
        if !same {
            return Err("its columns are not those of its table");
        }
        let groups = self.metadata.row_groups();
        if groups.len() != self.info.slices.len() {
            return Err("it has more or fewer row groups than slices");
        }
        for (place, (group, slice)) in groups.iter().zip(&self.info.slices).enumerate() {
            let rows = group.columns().iter().map(ColumnChunkMetaData::num_values);
            let told = slice.rows as i64;
            if group.num_rows() != told || rows.into_iter().any(|rows| rows != told) {
                return Err("a slice has more or fewer rows than it tells");
            }
            if slice.rows == 0 || slice.rows > MOST_ROWS as u64 {
                return Err("a slice has an impossible number of rows");
            }
            let whole = self.range_of(place)?;
            for column in 0..self.spec.columns.len() {
                let range = self.chunk_range(place, column)?;
                if range.start < slice.frame.end() || range.end > whole.end {
                    return Err("a column lies outside its slice");
                }
            }
        }
        Ok(())
    }

    /// Where the bytes of a slice lie: directory, frame and columns.
    fn range_of(&self, slice: usize) -> Result<Range<u64>, Damage> {
        let about = &self.info.slices[slice];
        let end = self.chunk_range(slice, self.spec.columns.len() - 1)?.end;
        let order = MAGIC.len() as u64 <= about.directory.at
            && about.directory.end() == about.frame.at
            && about.frame.end() <= end
            && end <= self.catalogue_parcel.at;
        if order {
            Ok(about.directory.at..end)
        } else {
            Err("a slice lies where it cannot")
        }
    }

    fn chunk_range(&self, slice: usize, column: usize) -> Result<Range<u64>, Damage> {
        let chunk = self.metadata.row_group(slice).column(column);
        let start = chunk
            .dictionary_page_offset()
            .unwrap_or(chunk.data_page_offset());
        let range = || {
            let start = u64::try_from(start).ok()?;
            let data = u64::try_from(chunk.data_page_offset()).ok()?;
            let bytes = u64::try_from(chunk.compressed_size()).ok()?;
            let end = start.checked_add(bytes)?;
            (start <= data && data <= end && end <= self.indexes.from).then_some(start..end)
        };
        range().ok_or("a column lies where it cannot")
    }

    /// A slice of it, by place.
    pub(super) fn slice(&self, slice: usize) -> Result<&SliceInfo, SegmentMistake> {
        let missing = SegmentMistake::Unfit("it has no slice of this number");
        self.info.slices.get(slice).ok_or(missing)
    }

    /// The error that names the file.
    pub(super) fn error(&self, mistake: impl Into<SegmentMistake>) -> SegmentError {
        mistake.into().at(&self.place)
    }

    /// How many bytes the file has.
    pub(super) fn len(&self) -> u64 {
        self.piece.len()
    }

    /// Its series.
    pub(super) fn catalogue(&self) -> Result<Arc<Catalogue>, SegmentMistake> {
        if let Some(catalogue) = self.catalogue.get() {
            return Ok(catalogue.clone());
        }
        let raw = self.parcel(&self.catalogue_parcel)?;
        let catalogue = Arc::new(Catalogue::decode(&raw)?);
        Ok(self.catalogue.get_or_init(|| catalogue).clone())
    }

    fn parcel(&self, parcel: &Parcel) -> Result<Vec<u8>, SegmentMistake> {
        let packed = self.piece.read(parcel.at..parcel.end())?;
        Ok(parcel.unpack(&packed)?)
    }

    /// Which series have how many rows in a slice.
    pub(super) fn directory(&self, slice: usize) -> Result<Directory, SegmentMistake> {
        let about = self.slice(slice)?;
        let raw = self.parcel(&about.directory)?;
        Ok(Directory::decode(&raw, about.rows as usize)?)
    }

    /// What every known series showed at the start of a slice.
    pub(super) fn frame(&self, slice: usize) -> Result<StartFrame, SegmentMistake> {
        let raw = self.parcel(&self.slice(slice)?.frame)?;
        Ok(decode_frame(&raw, &*self.catalogue()?)?)
    }

    /// All bytes of a slice.
    pub(super) fn slice_bytes(&self, slice: usize) -> Result<SliceBytes, SegmentMistake> {
        self.slice(slice)?;
        let range = self.range_of(slice)?;
        let start = range.start;
        let bytes = self.piece.read(range)?;
        Ok(SliceBytes { start, bytes })
    }

    /// Directory and frame of a slice of which all bytes are here.
    pub(super) fn start_of(
        &self,
        slice: usize,
        bytes: &SliceBytes,
    ) -> Result<(Directory, StartFrame), SegmentMistake> {
        let about = self.slice(slice)?;
        let raw = about
            .directory
            .unpack(&bytes.part(about.directory.range())?)?;
        let directory = Directory::decode(&raw, about.rows as usize)?;
        let raw = about.frame.unpack(&bytes.part(about.frame.range())?)?;
        let frame = decode_frame(&raw, &*self.catalogue()?)?;
        Ok((directory, frame))
    }

    /// A whole column of a slice of which all bytes are here.
    pub(super) fn column(
        &self,
        slice: usize,
        column: usize,
        bytes: &SliceBytes,
    ) -> Result<ColumnPart, SegmentMistake> {
        let range = self.chunk_range(slice, column)?;
        let chunk = self.metadata.row_group(slice).column(column);
        let data = chunk.data_page_offset() as u64;
        let dictionary = chunk.dictionary_page_offset().is_some();
        let dictionary = dictionary.then(|| bytes.part(range.start..data));
        Ok(self.part(
            chunk,
            dictionary.transpose()?,
            bytes.part(data..range.end)?,
            chunk.num_values() as usize,
        ))
    }

    /// The pages of a column that hold these rows of a slice, and the first row they hold.
    pub(super) fn rows(
        &self,
        slice: usize,
        column: usize,
        rows: &Range<usize>,
    ) -> Result<(ColumnPart, usize), SegmentMistake> {
        const BROKEN: Damage = "an offset index is not that of its column";
        let range = self.chunk_range(slice, column)?;
        let chunk = self.metadata.row_group(slice).column(column);
        let total = chunk.num_values() as usize;
        let locations = self.locations(slice, column)?;
        let first_row = |page: &PageLocation| usize::try_from(page.first_row_index).ok();
        let before = |row: usize| {
            locations.partition_point(|page| first_row(page).is_some_and(|first| first < row))
        };
        let first = before(rows.start.saturating_add(1))
            .checked_sub(1)
            .ok_or(BROKEN)?;
        let end = before(rows.end).max(first + 1);
        let start_row = first_row(&locations[first]).ok_or(BROKEN)?;
        let end_row = locations
            .get(end)
            .map_or(Some(total), first_row)
            .ok_or(BROKEN)?;
        let start = u64::try_from(locations[first].offset).map_err(|_| BROKEN)?;
        let last = &locations[end - 1];
        let stop = last.offset.saturating_add(last.compressed_page_size.into());
        let stop = u64::try_from(stop).map_err(|_| BROKEN)?;
        let data = chunk.data_page_offset() as u64;
        let inside = data <= start && start < stop && stop <= range.end;
        let holds = start_row <= rows.start && rows.end <= end_row && end_row <= total;
        if !inside || !holds {
            return Err(BROKEN.into());
        }
        let dictionary = chunk.dictionary_page_offset().is_some();
        // One read where the dictionary is followed by the very pages.
        let (dictionary, pages) = if dictionary && start == data {
            let both = self.piece.read(range.start..stop)?;
            let cut = (data - range.start) as usize;
            (Some(both.slice(..cut)), both.slice(cut..))
        } else {
            let dictionary = dictionary.then(|| self.piece.read(range.start..data));
            (dictionary.transpose()?, self.piece.read(start..stop)?)
        };
        let part = self.part(chunk, dictionary, pages, end_row - start_row);
        Ok((part, start_row))
    }

    fn part(
        &self,
        chunk: &ColumnChunkMetaData,
        dictionary: Option<Bytes>,
        pages: Bytes,
        rows: usize,
    ) -> ColumnPart {
        ColumnPart {
            dictionary,
            pages,
            rows,
            compressed: chunk.compression_codec() != CompressionCodec::UNCOMPRESSED,
            optional: chunk.column_descr().max_def_level() > 0,
        }
    }

    /// Where the pages of a column lie.
    pub(super) fn locations(
        &self,
        slice: usize,
        column: usize,
    ) -> Result<Vec<PageLocation>, SegmentMistake> {
        let chunk = self.metadata.row_group(slice).column(column);
        let place = chunk.offset_index_offset().zip(chunk.offset_index_length());
        let bytes = self.index(place)?;
        Ok(decode_offset_index(&bytes)?.page_locations)
    }

    /// The least and greatest value of each page of a column; `None` where they have no order.
    pub(super) fn column_index(
        &self,
        slice: usize,
        column: usize,
    ) -> Result<Option<ColumnIndexMetaData>, SegmentMistake> {
        let chunk = self.metadata.row_group(slice).column(column);
        let place = chunk.column_index_offset().zip(chunk.column_index_length());
        if place.is_none() {
            return Ok(None);
        }
        let bytes = self.index(place)?;
        Ok(Some(decode_column_index(&bytes, chunk.column_type())?))
    }

    /// What the metadata say of a column of a slice.
    pub(super) fn chunk(&self, slice: usize, column: usize) -> &ColumnChunkMetaData {
        self.metadata.row_group(slice).column(column)
    }

    /// Bytes of the page indexes, which are read all at once.
    fn index(&self, place: Option<(i64, i32)>) -> Result<Bytes, SegmentMistake> {
        let missing = "a column has no page index";
        let (at, length) = place.ok_or(missing)?;
        let all = match self.index_bytes.get() {
            Some(all) => all.clone(),
            None => {
                let all = self.piece.read(self.indexes.from..self.indexes.to)?;
                if crc32fast::hash(&all) != self.indexes.crc {
                    return Err("the page indexes have another checksum".into());
                }
                self.index_bytes.get_or_init(|| all).clone()
            }
        };
        let start = u64::try_from(at)
            .ok()
            .and_then(|at| at.checked_sub(self.indexes.from));
        let start = start
            .and_then(|start| usize::try_from(start).ok())
            .ok_or(missing)?;
        let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        if end > all.len() {
            return Err(missing.into());
        }
        Ok(all.slice(start..end))
    }

    /// Sees that the file begins as it must.
    pub(super) fn check_magic(&self) -> Result<(), SegmentMistake> {
        if *self.piece.read(0..MAGIC.len() as u64)? == *MAGIC {
            Ok(())
        } else {
            Err(SegmentMistake::NotParquet)
        }
    }
}

impl SliceBytes {
    fn part(&self, range: Range<u64>) -> Result<Bytes, Damage> {
        let start = range.start.checked_sub(self.start);
        let end = range.end.checked_sub(self.start);
        let part = start
            .zip(end)
            .filter(|&(start, end)| start <= end && end <= self.bytes.len() as u64);
        let (start, end) = part.ok_or("a column lies outside its slice")?;
        Ok(self.bytes.slice(start as usize..end as usize))
    }
}

/// The bytes of the footer with its tail, by the end of a file.
fn footer_length(end: &[u8]) -> Option<u64> {
    let (before, magic) = end.split_last_chunk::<4>()?;
    let (_, length) = before.split_last_chunk::<4>()?;
    (magic == MAGIC).then(|| u64::from(u32::from_le_bytes(*length)) + TAIL as u64)
}

//! What can be wrong with a segment, and what to do about it.

use parquet::errors::ParquetError;
use thiserror::Error;

use crate::recording::depot::DepotError;

/// Why a segment could not be read or written.
#[derive(Debug, Error)]
#[error("{mistake}: {place}")]
pub struct SegmentError {
    /// The file, as a person finds it.
    pub place: String,
    /// What is wrong.
    pub mistake: SegmentMistake,
}

/// What is wrong with a segment.
#[derive(Debug, Error)]
pub enum SegmentMistake {
    /// It does not begin or end as a Parquet file does.
    #[error(
        "not a whole Parquet file: it may have been cut off; restore it from a copy, or take it out of the store"
    )]
    NotParquet,
    /// Parquet, but of somebody else.
    #[error(
        "not written by Parallax: take it out of the store and bring its rows in with `parallax import`"
    )]
    Foreign,
    /// Written by us, but another kind of table.
    #[error("it holds the table `{found}` where `{wanted}` is expected; move it where it belongs")]
    OtherTable {
        /// What it holds.
        found: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// A version of us wrote it that is newer.
    #[error("its schema is version {found}, and this Parallax knows {known}: use a newer Parallax")]
    Newer {
        /// The version of its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Its bytes are not what was written.
    #[error("damaged: {0}; restore the file from a copy, or take it out of the store")]
    Damaged(&'static str),
    /// Its metadata cannot be read.
    #[error("damaged: {0}; restore the file from a copy, or take it out of the store")]
    Metadata(ParquetError),
    /// It could not be read.
    #[error("{}", .0.source)]
    Unread(DepotError),
    /// It could not be written.
    #[error("{0}")]
    Unwritten(std::io::Error),
    /// What is to be written is not as a segment must be.
    #[error("cannot be written: {0}")]
    Unfit(&'static str),
}

impl SegmentMistake {
    /// The error that names the file.
    pub fn at(self, place: &str) -> SegmentError {
        SegmentError {
            place: place.to_owned(),
            mistake: self,
        }
    }
}

impl From<DepotError> for SegmentMistake {
    fn from(error: DepotError) -> Self {
        Self::Unread(error)
    }
}

impl From<std::io::Error> for SegmentMistake {
    fn from(error: std::io::Error) -> Self {
        Self::Unwritten(error)
    }
}

impl From<ParquetError> for SegmentMistake {
    fn from(error: ParquetError) -> Self {
        Self::Metadata(error)
    }
}

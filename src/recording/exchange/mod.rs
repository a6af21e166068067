//! Rows to and from files that others write and read: CSV and Parquet.
//!
//! A reader gives batches of rows to a [`RowSink`]; a writer is one. A store, a table of
//! PostgreSQL and a file can so be joined in any way, and none of them holds all rows:
//!
//! ```text
//! store ──┐                ┌─► write_csv, write_parquet
//! read_csv, read_parquet ──┼─► RowSink: store
//! PostgresTable::import ───┘                └─► PostgresTable::export
//! ```
//!
//! The columns are those of the segments of a store, see [`COLUMNS`].

mod cell;
mod draft;
mod intake;
mod parquet_column;
mod parquet_schema;
mod read_csv;
mod read_parquet;
mod selection;
mod write_csv;
mod write_parquet;

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

pub(super) use cell::{clock_text, read_clock, state_text};
pub(super) use intake::{Cells, Intake};
use parquet::errors::ParquetError;
pub use read_csv::read_csv;
pub use read_parquet::read_parquet;
pub use selection::{Selected, Selection};
use thiserror::Error;
pub use write_csv::write_csv;
pub use write_parquet::write_parquet;

use super::row::{Names, Row};
use crate::problem::Problem;

/// The columns of samples, in every format. Times are UTC, values SI.
pub const COLUMNS: [&str; 10] = [
    "tag",
    "signal",
    "origin",
    "unit",
    "source_time",
    "receive_time",
    "value",
    "text",
    "quality",
    "clock",
];

/// How many mistakes are told in full.
pub const MAX_KEPT_FAULTS: usize = 20;

/// Takes rows, batch by batch.
pub trait RowSink {
    /// Takes rows in any order. Their series are places in `names`.
    ///
    /// A place means the same in all batches of one reader; `names` grows from batch to
    /// batch, and so do the states of a series, which files tell value by value.
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError>;
}

/// A sink whose rows become a file when it is finished, and nothing before that.
pub trait RowWriter: RowSink {
    /// Puts the file in its place; the number of its rows.
    fn finish(self: Box<Self>) -> Result<u64, ExchangeError>;
}

/// How rows stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Text, one line per row.
    Csv,
    /// Parquet, the format of the segments of a store.
    Parquet,
}

/// How to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSettings {
    /// Take all rows or, if one of them has a mistake, none.
    pub strict: bool,
}

/// Rows that could not be taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// How many.
    pub count: u64,
    /// The first [`MAX_KEPT_FAULTS`] of them.
    pub first: Vec<Problem>,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// How many rows were given to the sink.
    pub rows: u64,
    /// The rows that were not.
    pub faults: Faults,
    /// Columns that mean nothing to us.
    pub ignored: Vec<String>,
}

/// Why rows could not be exchanged.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The file system did not give the file.
    #[error("cannot read file: {source}: {}", path.display())]
    Read {
        /// What it says.
        source: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// The file system did not take the file.
    #[error("cannot write file: {source}: {}", path.display())]
    Write {
        /// What it says.
        source: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// The file holds no samples, or not in a way that we read.
    #[error("{reason}: {}", path.display())]
    Unusable {
        /// What is wrong with it, and how to mend it.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// The file is no Parquet, or broken.
    #[error("not a whole Parquet file ({source}); write or copy it again: {}", path.display())]
    Broken {
        /// What the reader says.
        source: ParquetError,
        /// The file.
        path: PathBuf,
    },
    /// The rows could not be put into Parquet.
    #[error("cannot write Parquet: {source}: {}", path.display())]
    Parquet {
        /// What the writer says.
        source: ParquetError,
        /// The file.
        path: PathBuf,
    },
    /// Some rows have mistakes, and all or none were wanted.
    #[error("nothing is read, for {} of its rows have mistakes; mend them or read without `strict`: {}", faults.count, path.display())]
    Strict {
        /// The mistakes.
        faults: Faults,
        /// The file.
        path: PathBuf,
    },
    /// Who was to take the rows did not.
    #[error("{0}")]
    Sink(#[source] Box<dyn Error + Send + Sync>),
}

impl FileFormat {
    /// The format by the end of the file's name.
    pub fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?;
        match end.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Begins to write a file.
    pub fn create(self, path: &Path) -> Result<Box<dyn RowWriter>, ExchangeError> {
        Ok(match self {
            Self::Csv => Box::new(write_csv(path)?),
            Self::Parquet => Box::new(write_parquet(path)?),
        })
    }

    /// Gives all rows of a file to `sink`.
    pub fn read(
        self,
        path: &Path,
        settings: ReadSettings,
        sink: &mut dyn RowSink,
    ) -> Result<Imported, ExchangeError> {
        match self {
            Self::Csv => read_csv(path, settings, sink),
            Self::Parquet => read_parquet(path, settings, sink),
        }
    }
}

impl ExchangeError {
    /// The error of a sink.
    pub fn sink(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Sink(error.into())
    }
}

impl Faults {
    pub(super) fn push(&mut self, problem: Problem) {
        self.count += 1;
        if self.first.len() < MAX_KEPT_FAULTS {
            self.first.push(problem);
        }
    }
}

/// Reads once or, if all rows are wanted or none, first in vain.
fn read_by(
    path: &Path,
    settings: ReadSettings,
    sink: &mut dyn RowSink,
    read: impl Fn(&mut dyn RowSink) -> Result<Imported, ExchangeError>,
) -> Result<Imported, ExchangeError> {
    if settings.strict {
        let Imported { faults, .. } = read(&mut Discard)?;
        if faults.count > 0 {
            let path = path.to_owned();
            return Err(ExchangeError::Strict { faults, path });
        }
    }
    read(sink)
}

/// Takes rows and forgets them.
struct Discard;

impl RowSink for Discard {
    fn rows(&mut self, _names: &Names, _rows: &[Row]) -> Result<(), ExchangeError> {
        Ok(())
    }
}

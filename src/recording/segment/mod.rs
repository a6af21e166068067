//! Segments: sealed rows in Parquet files, smaller than others write them and quick to load.
//!
//! A *slice* is a row group: rows sorted by tag, signal, origin and source time, which cover a
//! stretch of time and are loaded at once. Before its columns stand bytes of ours that say which
//! series have how many rows, and what every known series showed at its start; other readers
//! pass them by. pandas, DuckDB or Spark see one plain table.
//!
//! What makes them small: times and values stand as places in a dictionary of the slice, in
//! whole bytes, so that zstd finds them again from signal to signal. What makes them quick:
//! columns are decoded straight into the history's columns, and no text is ever read row by row.
//!
//! Damage is found, not guessed at: pages, directories, page indexes and the footer have
//! checksums each.

mod bounds;
mod catalogue;
mod check;
mod chunk;
mod column;
mod directory;
mod encoding;
mod error;
mod info;
mod page_header;
mod page_reader;
mod parcel;
mod reader;
mod rollup;
mod schema;
mod seal;
mod table;
mod table_writer;
mod words;
mod writer;

pub use check::SegmentCheck;
pub use error::{SegmentError, SegmentMistake};
pub use info::{SCHEMA, SegmentHeader, SegmentInfo, SliceInfo};
pub use reader::Segment;
pub use rollup::{Bucket, Rollup, RollupFile, RollupWriter};
pub use table_writer::Effort;
pub use writer::SegmentWriter;

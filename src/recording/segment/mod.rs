//! Parquet segments: slices of samples, each with the frame at its start.
mod read;
mod rollup;
mod schema;
mod write;

use crate::time::Timestamp;
pub use read::Segment;
pub use rollup::{Bucket, Rollup, RollupFile, RollupWriter, buckets};
use serde::{Deserialize, Serialize};
use thiserror::Error;
pub use write::SegmentWriter;

/// What a segment says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SegmentHeader {
    /// Who wrote it.
    pub recorder: String,
    /// Its order.
    pub order: u64,
    /// When.
    pub written: i64,
}

/// A slice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceInfo {
    /// First source time, ns.
    from_ns: i64,
    /// Last source time, ns.
    to_ns: i64,
    /// Rows.
    pub rows: u64,
    frame: (u64, u64),
    frame_crc: u32,
}

impl SliceInfo {
    /// First source time.
    pub fn from(&self) -> Timestamp {
        Timestamp::from_nanos(self.from_ns)
    }
    /// Last source time.
    pub fn to(&self) -> Timestamp {
        Timestamp::from_nanos(self.to_ns)
    }
}

/// Metadata.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SegmentInfo {
    /// Header.
    pub header: SegmentHeader,
    /// Slices.
    pub slices: Vec<SliceInfo>,
}

/// Why not.
#[derive(Debug, Error)]
pub enum SegmentError {
    /// Parquet.
    #[error("not a whole Parquet file ({0})")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Depot.
    #[error(transparent)]
    Depot(#[from] crate::recording::depot::DepotError),
    /// Other.
    #[error("{0}")]
    Wrong(String),
}

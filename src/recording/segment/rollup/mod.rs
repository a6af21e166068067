//! Samples summed up: a row for each series and minute, or hour.
//!
//! Rows are summed up as they are, good or bad; the worst quality tells. A sample that stands in
//! two segments counts twice until they are merged. A lost link is no sample: it lowers the
//! worst quality of a bucket, and makes none.

mod bucket;
mod file;

pub use bucket::{Bucket, Rollup};
pub use file::{RollupFile, RollupWriter};

//! The historian on disk: every sample kept, in files that others read. Floor 4.
//!
//! A *store* is a folder, or a prefix in the cloud. The newest rows stand in a write-ahead
//! log; sealed rows stand in Parquet segments, partitioned by date and hour, which
//! pandas, DuckDB, Spark or ClickHouse read as they are:
//!
//! ```text
//! STORE/store.ron                                      settings, for people to edit
//! STORE/lock                                           held by the one recorder
//! STORE/log/0000000000000001.wal                       the newest rows
//! STORE/samples/date=2026-11-22/hour=13/part-….parquet every sample, once
//! STORE/minutes/date=2026-11-22/hour=13/part-….parquet the same, summed up by minute
//! STORE/hours/date=2026-11-22/hour=00/part-….parquet   and by hour
//! STORE/alarms|notes|audit/date=2026-11-22/….parquet   what people and alarms did
//! ```
//!
//! Rows know assets and signals by name, not by their place in a scene, so that a store
//! outlives the scene it was recorded for.

mod block;
pub mod depot;
pub mod layout;
mod row;
pub mod segment;

pub use block::{Block, StartFrame};
pub use layout::{SegmentName, Table};
pub use row::{Name, Names, Row, Series, SeriesIndex, Who};

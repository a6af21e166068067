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
//! STORE/audit.jsonl                                    who did what, each line sealed
//! STORE/samples/date=2026-11-22/hour=13/part-….parquet every sample, once
//! STORE/minutes/date=2026-11-22/hour=13/part-….parquet the same, summed up by minute
//! STORE/hours/date=2026-11-22/part-….parquet           and by hour
//! STORE/members/date=2026-11-22/hour=13/part-….parquet where those who move were seen
//! STORE/alarms|notes|audit/date=2026-11-22/….parquet   what people and alarms did
//! ```
//!
//! Rows know assets and signals by name, not by their place in a scene, so that a store
//! outlives the scene it was recorded for.

mod audit;
mod audit_trail;
mod block;
mod catalogue;
pub mod depot;
pub mod exchange;
mod intake;
mod journal;
pub mod layout;
mod library;
mod loader;
mod lock;
pub mod log;
pub mod postgres;
mod readers;
pub mod recorder;
mod row;
mod sealer;
pub mod segment;
mod settings;
mod store;
mod verify;

pub use audit::{AuditBook, AuditError, AuditFault, AuditSeal, AuditVerdict};
pub use audit_trail::AuditTrail;
pub use block::{Block, StartFrame};
pub use catalogue::{Catalogue, SliceRef};
pub use depot::DepotError;
pub use intake::{Intake, IntakeError, reserve_order, seal_logs};
pub use journal::{
    AlarmRecord, AuditRecord, Journal, JournalEntry, JournalError, MembersRecord, NoteRecord,
};
pub use layout::{SegmentName, Table};
pub use library::{Library, LibraryError};
pub use loader::{Loaded, Loader, SignalNames, Wake};
pub use lock::{LockError, StoreLock};
pub use log::{LogFile, LogFileError};
pub use recorder::{Recorder, RecorderError, RecorderStatus, Working};
pub use row::{Name, Names, Row, Series, SeriesIndex, Who};
pub use sealer::{Sealer, SealerError};
pub use settings::{Retention, SettingsError, StoreSettings};
pub use store::{Store, StoreError};
pub use verify::{StoreCheck, verify};

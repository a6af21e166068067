//! The write-ahead log: the newest rows, in files that only grow, until they are sealed.
//!
//! A log file is a header and records, one after another. Numbers are little-endian;
//! *number* is LEB128 (seven bits a byte, the lowest first), *signed* is the same after
//! zigzag (0, −1, 1, −2, …), *text* is its length in bytes as a number and UTF-8.
//!
//! ```text
//! header   magic 89 'P' 'L' 'X' 'W' 'A' 'L' 0A · version u32 = 1 · order u64 · began i64, ns UTC
//!          · recorder text · crc32 u32 of all before
//! record   length u32 of the payload · crc32 u32 · payload
//! payload  1 · count number · count × (tag text · signal text · who u8 · unit text
//!                                      · count number · count × state text)     series
//!          2 · count number · count × row                                       rows
//!          3 · table u8 · at i64 · JSON text                                    journal
//! row      control u8 · what control does not say is as it was in the row before:
//!            bit 0  series is the one after that of the row before; else number: its place
//!                   among the series that this file has named so far
//!            bit 1  source time is as before; else signed: ns since that of the row before
//!            bit 2  receive time is as before; else bit 3: it is the source time; else
//!                   signed: ns since that of the row before
//!            bit 4  quality, clock and loss are as before; else bits u8 (1: the receiver's
//!                   clock, 2: the link was lost) and the OPC UA status code, its upper u16
//!          · value f64, unless the link was lost
//! ```
//!
//! Before the first row of a record all numbers are 0, quality is good, the clock is the
//! source's, and "the series after" is the first. A record's checksum runs over its length
//! and payload and continues that of the record before it, the first one that of the
//! header: a record in another place, or of another file, is as wrong as a damaged one.
//!
//! What was written is read up to the first record that is incomplete or damaged. There the
//! file ends; nothing behind it is used, and [`LogEnd`] tells.

mod decode;
mod encode;
mod files;
mod wire;
mod writer;

pub use decode::read_log;
pub use encode::LogEncoder;
pub(super) use encode::series_bytes;
pub(super) use files::{Leftovers, folder_of};
pub use files::{LogFile, LogFileError};
use thiserror::Error;
pub use writer::{LogWriter, PendingSync};

use super::layout::Table;
use super::row::{Names, Row};
use crate::time::Timestamp;

/// The first bytes. The first is no letter, and a transfer as text would change the last.
const MAGIC: [u8; 8] = *b"\x89PLXWAL\x0A";
/// The version of this description.
const VERSION: u32 = 1;
/// Bytes before the payload of a record: its length and its checksum.
const FRAMING: usize = 8;

/// First byte of a payload.
mod kind {
    pub(super) const SERIES: u8 = 1;
    pub(super) const ROWS: u8 = 2;
    pub(super) const JOURNAL: u8 = 3;
}

/// Bits of a row's first byte.
mod control {
    pub(super) const NEXT_SERIES: u8 = 1;
    pub(super) const SAME_AT: u8 = 1 << 1;
    pub(super) const SAME_RECEIVED: u8 = 1 << 2;
    pub(super) const RECEIVED_AT: u8 = 1 << 3;
    pub(super) const SAME_MARK: u8 = 1 << 4;
    pub(super) const ALL: u8 = (1 << 5) - 1;
}

/// Bits of a row's mark.
mod mark {
    pub(super) const RECEIVER: u8 = 1;
    pub(super) const LOST: u8 = 1 << 1;
}

/// A line of a journal: what alarms did, what people noted and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Which journal.
    pub table: Table,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, as JSON; the log does not look into it.
    pub json: String,
}

/// What a log file holds.
#[derive(Clone, Debug)]
pub struct LogContents {
    /// Its place among the logs and segments of its recorder.
    pub order: u64,
    /// Who wrote it.
    pub recorder: String,
    /// When it was begun, by the recorder's clock.
    pub began: Timestamp,
    /// The series that its rows speak of.
    pub names: Names,
    /// The rows, as they came.
    pub rows: Vec<Row>,
    /// The lines of journals, as they came.
    pub journal: Vec<JournalRow>,
    /// How it ends.
    pub end: LogEnd,
}

/// How a log file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogEnd {
    /// With a whole record.
    Clean,
    /// With something that is no record, and is left out.
    Torn {
        /// Where that begins.
        offset: u64,
        /// How many bytes it is.
        lost_bytes: u64,
        /// What is wrong with it.
        reason: Tear,
    },
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Tear {
    /// It goes on beyond the end of the file: it was being written when all ended.
    #[error("a record is incomplete")]
    Incomplete,
    /// There are only zeros: the file system had made room when all ended.
    #[error("there are only zeros")]
    Zeros,
    /// It is not what was written.
    #[error("a record does not match its checksum")]
    Checksum,
    /// It is what was written, and makes no sense.
    #[error("a record makes no sense: {0}")]
    Content(&'static str),
}

/// Why bytes are not a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LogError {
    /// They begin as no log does.
    #[error("this is no log of a store")]
    Foreign,
    /// They begin as one, and then the header is incomplete or damaged.
    #[error("the header of this log is damaged")]
    Header,
    /// They are of a version to come.
    #[error("this log has version {0}, newer than {VERSION}; open the store with a newer Parallax")]
    Newer(u32),
    /// Its header gives another order than its name.
    #[error("this is log {0:016x} under the name of another")]
    Misnamed(u64),
}

//! What a recorder asks of whoever turns closed logs into segments.

use std::error::Error;

use thiserror::Error;

use crate::recording::log::JournalRow;
use crate::recording::row::{Names, Row};
use crate::recording::settings::Retention;
use crate::time::Timestamp;

/// A log file that is complete, to be written into segments.
#[derive(Clone, Debug)]
pub struct SealedLog {
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
}

/// What may be done when there is nothing to seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Housekeeping {
    /// What is kept for how long.
    pub retention: Retention,
    /// False while there is no space: then only what gives some back may be done.
    pub may_grow: bool,
    /// The present instant.
    pub now: Timestamp,
}

/// How far housekeeping came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Housekept {
    /// There is nothing left to do for now.
    Done,
    /// One thing was done, and there is another.
    More,
}

/// Why a log could not be sealed. It is tried again.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct SealError(#[from] pub Box<dyn Error + Send + Sync>);

/// Turns closed logs into segments, on a thread of its own.
pub trait Seal: Send {
    /// Writes the rows of a log into segments; when it returns they are safe there, and the
    /// log is taken away.
    ///
    /// Logs come in their order. One may come again, equal, whole or half sealed as it may
    /// be: after an error, or a crash.
    fn seal(&mut self, log: SealedLog) -> Result<(), SealError>;

    /// Does a part of what keeps the store in order: one that takes a second, not an hour.
    /// Called when no log waits.
    fn housekeep(&mut self, _work: Housekeeping) -> Result<Housekept, SealError> {
        Ok(Housekept::Done)
    }
}

impl SealError {
    /// What went wrong, from an error or a text.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

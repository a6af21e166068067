//! The files of the log: `STORE/log/0000000000000001.wal`, by order.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::decode::{read_header, read_log};
use super::{LogContents, LogError};

/// More bytes than a header has.
const HEADER_BYTES: u64 = 4096;

/// A log file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its place among the logs and segments of its recorder.
    pub order: u64,
    /// Where it is.
    pub path: PathBuf,
    /// Its size when it was found.
    pub bytes: u64,
}

/// Why a log file cannot be read or written.
#[derive(Debug, Error)]
pub enum LogFileError {
    /// The file system says no.
    #[error("{source}: {}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// It is no log that can be read.
    #[error("{cause}: {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: LogError,
    },
}

/// What the recorders before have left in the log's folder.
#[derive(Debug, Default)]
pub(in crate::recording) struct Leftovers {
    /// Logs to be sealed, the oldest first.
    pub(in crate::recording) logs: Vec<LogFile>,
    /// The highest order of all that was found.
    pub(in crate::recording) highest: Option<u64>,
    /// Files that are no logs any more: where they are now, and why.
    pub(in crate::recording) set_aside: Vec<LogFileError>,
}

/// The log's folder in a store.
pub(in crate::recording) fn folder_of(store: &Path) -> PathBuf {
    store.join("log")
}

/// The name of a log file.
pub(super) fn name_of(order: u64) -> String {
    format!("{order:016x}.wal")
}

/// The name of a log file that is not yet complete enough to be one.
pub(super) fn draft_of(order: u64) -> String {
    format!(".{order:016x}.wal.part")
}

impl LogFile {
    /// The log files of a store, the oldest first; none if there is no such folder.
    pub fn list(store: &Path) -> Result<Vec<Self>, LogFileError> {
        let folder = folder_of(store);
        let list = || {
            let mut files = Vec::new();
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let name = entry.file_name();
                let Some(order) = order_of(&name.to_string_lossy()) else {
                    continue;
                };
                // Sealed and taken away since it was listed.
                let Ok(about) = entry.metadata() else {
                    continue;
                };
                files.push(Self {
                    order,
                    path: entry.path(),
                    bytes: about.len(),
                });
            }
            files.sort_by_key(|file| file.order);
            io::Result::Ok(files)
        };
        match list() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(LogFileError::Refused {
                path: folder,
                source,
            }),
            Ok(files) => Ok(files),
        }
    }

    /// What it holds, as far as it is whole.
    pub fn read(&self) -> Result<LogContents, LogFileError> {
        let bytes = fs::read(&self.path).map_err(|source| self.refused(source))?;
        let contents = read_log(&bytes).map_err(|cause| self.unreadable(cause))?;
        if contents.order == self.order {
            Ok(contents)
        } else {
            Err(self.unreadable(LogError::Misnamed(contents.order)))
        }
    }

    /// The bytes from `offset` on.
    pub(in crate::recording) fn tail(&self, offset: u64) -> Result<Vec<u8>, LogFileError> {
        let bytes = fs::read(&self.path).map_err(|source| self.refused(source))?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(bytes.get(offset..).unwrap_or_default().to_vec())
    }

    fn check_header(&self) -> Result<(), LogFileError> {
        let mut bytes = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(HEADER_BYTES).read_to_end(&mut bytes))
            .map_err(|source| self.refused(source))?;
        match read_header(&bytes) {
            Ok(header) if header.order == self.order => Ok(()),
            Ok(header) => Err(self.unreadable(LogError::Misnamed(header.order))),
            Err(cause) => Err(self.unreadable(cause)),
        }
    }

    fn refused(&self, source: io::Error) -> LogFileError {
        LogFileError::Refused {
            path: self.path.clone(),
            source,
        }
    }

    fn unreadable(&self, cause: LogError) -> LogFileError {
        LogFileError::Unreadable {
            path: self.path.clone(),
            cause,
        }
    }
}

impl Leftovers {
    /// Finds what is there. Only headers are read, so that much of it takes no longer.
    ///
    /// A file that is no log any more is given another name, for a person to look at; one
    /// that only a newer program can read is an error.
    pub(in crate::recording) fn find(store: &Path) -> Result<Self, LogFileError> {
        let mut found = Self::default();
        for file in LogFile::list(store)? {
            found.highest = Some(file.order);
            match file.check_header() {
                Ok(()) => found.logs.push(file),
                Err(
                    error @ (LogFileError::Refused { .. }
                    | LogFileError::Unreadable {
                        cause: LogError::Newer(_),
                        ..
                    }),
                ) => return Err(error),
                Err(LogFileError::Unreadable { cause, .. }) => {
                    let path = set_aside(&file)?;
                    let told = LogFileError::Unreadable { path, cause };
                    found.set_aside.push(told);
                }
            }
        }
        Ok(found)
    }
}

/// Gives a file a name that is no log's.
fn set_aside(file: &LogFile) -> Result<PathBuf, LogFileError> {
    let mut path = file.path.with_extension("wal.damaged");
    let mut number = 1;
    while path.exists() {
        number += 1;
        path = file.path.with_extension(format!("wal.damaged.{number}"));
    }
    fs::rename(&file.path, &path).map_err(|source| file.refused(source))?;
    Ok(path)
}

fn order_of(name: &str) -> Option<u64> {
    let order = u64::from_str_radix(name.strip_suffix(".wal")?, 16).ok()?;
    (name_of(order) == name).then_some(order)
}

//! Why the log cannot be written for now.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::space::size_text;
use crate::recording::lock::LockError;
use crate::recording::log::LogWriter;

/// Why nothing is written.
#[derive(Debug, Error)]
pub(super) enum WriteError {
    #[error("{source}: {}", path.display())]
    Refused { path: PathBuf, source: io::Error },
    #[error(
        "the store has reached its quota of {}; raise it in store.ron, or make room: {}",
        size_text(*quota),
        folder.display()
    )]
    Quota { quota: u64, folder: PathBuf },
    #[error("{source}: the log was taken away, and cannot be put back: {}", folder.display())]
    Gone { folder: PathBuf, source: io::Error },
    #[error("the store was taken away, and another disk is in its place; put it back: {}", folder.display())]
    OtherDisk { folder: PathBuf },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("there are no numbers left for log files")]
    NoOrder,
}

impl WriteError {
    /// The file system says no to a log.
    pub(super) fn refused(log: &LogWriter, source: io::Error) -> Self {
        Self::Refused {
            path: log.file().path,
            source,
        }
    }
}

/// The disk that a folder is on, or would be on if it were made again.
pub(super) fn device_of(folder: &Path) -> Option<u64> {
    let mut existing = folder.ancestors().filter_map(|path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        fs::metadata(path).ok()
    });
    existing.next().map(|about| about.dev())
}

//! The runs that are done, one line each, safe on disk before the next is counted.
//!
//! `done.jsonl` opens with a line that says what campaign it belongs to. A last line that was
//! torn by a crash is cut off; its run is computed again. Of two lines of one run the later one
//! holds: it corrects the other. The file is locked while a campaign writes it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::run::{Effort, Outcome};

/// The file in the campaign's folder.
const NAME: &str = "done.jsonl";
/// A longer journal is refused: 4 GiB.
const MAX_BYTES: u64 = 4 << 30;

/// One run of a campaign that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The run, counted from 0.
    pub run: u32,
    /// One value for each parameter, in its unit; `None` where it is as the scenario says.
    pub parameters: Vec<Option<f64>>,
    /// Where its random numbers came from.
    pub seed: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// What it took, and where.
    pub effort: Effort,
}

/// What a journal belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: u32,
    pub(super) version: String,
    pub(super) campaign: u64,
}

/// Why a journal cannot be gone on with.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file system refused.
    #[error("cannot keep the journal: {source}: {}", path.display())]
    File {
        /// The journal.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// Another campaign writes it now.
    #[error("another campaign is at work in this folder: wait for its end, or name another: {}", path.display())]
    Busy {
        /// The journal.
        path: PathBuf,
    },
    /// It was begun by another program.
    #[error(
        "the runs here are of Parallax {found}, and this is {}: finish them with that one, or \
         name another folder: {}",
        env!("CARGO_PKG_VERSION"), path.display()
    )]
    OtherVersion {
        /// The version that began it.
        found: String,
        /// The journal.
        path: PathBuf,
    },
    /// It belongs to another plan or scene.
    #[error(
        "the plan or its scene has changed since these runs were computed: name another folder, \
         or remove this one: {}",
        path.display()
    )]
    OtherPlan {
        /// The journal.
        path: PathBuf,
    },
    /// A line in the middle of it is no run.
    #[error("line {line} is no run: {source}: {}", path.display())]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
        /// The journal.
        path: PathBuf,
    },
}

/// The runs that are done, on disk.
pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of a folder, or begins one; with the runs that it holds.
    pub(super) fn open(folder: &Path, header: &Header) -> Result<(Self, Vec<Row>), JournalError> {
        let path = folder.join(NAME);
        let refused = |source| JournalError::File {
            path: path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false);
        let mut file = file.open(&path).map_err(refused)?;
        // The lock goes with the process, however that ends.
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Busy { path }),
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        if file.metadata().map_err(refused)?.len() > MAX_BYTES {
            return Err(refused(io::Error::other("it is longer than 4 GiB")));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(refused)?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(refused)?;
        file.seek(SeekFrom::End(0)).map_err(refused)?;
        let mut rows = Vec::new();
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        for (place, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
            let wrong = |source| JournalError::Line {
                line: place + 1,
                source,
                path: path.clone(),
            };
            if place > 0 {
                rows.push(serde_json::from_slice(line).map_err(wrong)?);
                continue;
            }
            let found: Header = serde_json::from_slice(line).map_err(wrong)?;
            if found.version != header.version || found.format != header.format {
                let found = found.version;
                return Err(JournalError::OtherVersion { found, path });
            }
            if found.campaign != header.campaign {
                return Err(JournalError::OtherPlan { path });
            }
        }
        let mut journal = Self { file, path };
        if whole == 0 {
            journal.append(header)?;
        }
        Ok((journal, rows))
    }

    /// Writes a run; it is safe when this returns.
    pub(super) fn push(&mut self, row: &Row) -> Result<(), JournalError> {
        self.append(row)
    }

    fn append(&mut self, entry: &impl Serialize) -> Result<(), JournalError> {
        let written = serde_json::to_vec(entry).map_err(io::Error::other);
        let written = written.and_then(|mut line| {
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.file.sync_data()
        });
        written.map_err(|source| JournalError::File {
            path: self.path.clone(),
            source,
        })
    }
}

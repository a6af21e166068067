//! Writes one log file: many rows at once, and safe against whatever the disk does.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encode::LogEncoder;
use super::files::{LogFile, draft_of, name_of};
use super::{JournalRow, folder_of};
use crate::recording::lock::is_at;
use crate::recording::row::{Names, Row};
use crate::time::Timestamp;

/// A log file that is being written.
///
/// What is not yet safe on the disk stays in memory. A write or a sync that failed, half
/// done perhaps, is done again, at the same place in the file.
#[derive(Debug)]
pub struct LogWriter {
    order: u64,
    path: PathBuf,
    file: Arc<File>,
    /// Holds what is in the file behind `synced`, or is still to be written there.
    encoder: LogEncoder,
    /// How much of the file is safe.
    synced: u64,
    /// How much of what the encoder holds has been handed to the file.
    written: usize,
    rows: u64,
    written_rows: u64,
    synced_rows: u64,
}

/// A log file on its way to be safe, up to where it had been written.
#[derive(Debug)]
pub struct PendingSync {
    file: Arc<File>,
    bytes: usize,
    rows: u64,
}

impl LogWriter {
    /// Begins log `order` in the store's folder. When this returns its header is safe, so
    /// that a crash never leaves a log without one.
    pub fn create(store: &Path, order: u64, recorder: &str, began: Timestamp) -> io::Result<Self> {
        let mut encoder = LogEncoder::new(order, recorder, began);
        let path = folder_of(store).join(name_of(order));
        let file = Arc::new(put(&path, order, encoder.bytes())?);
        let synced = encoder.bytes().len();
        encoder.take_away(synced);
        Ok(Self {
            order,
            path,
            file,
            encoder,
            synced: synced as u64,
            written: 0,
            rows: 0,
            written_rows: 0,
            synced_rows: 0,
        })
    }

    /// Adds rows, in memory; see [`LogEncoder::rows`].
    pub fn append(&mut self, names: &Names, rows: &[Row]) {
        self.encoder.rows(names, rows);
        self.rows += rows.len() as u64;
    }

    /// Adds a line of a journal, in memory.
    pub fn note(&mut self, note: &JournalRow) {
        self.encoder.note(note);
    }

    /// Writes what was added to the file: safe if this program ends, not if the machine does.
    pub fn write(&mut self) -> io::Result<()> {
        let bytes = &self.encoder.bytes()[self.written..];
        if !bytes.is_empty() {
            let place = self.synced + self.written as u64;
            self.file.write_all_at(bytes, place)?;
            self.written += bytes.len();
        }
        self.written_rows = self.rows;
        Ok(())
    }

    /// Writes what was added and waits until it is safe on the disk.
    pub fn sync(&mut self) -> io::Result<()> {
        let pending = self.begin_sync()?;
        let result = pending.wait();
        self.end_sync(&pending, result)
    }

    /// Writes what was added; it is safe when [`PendingSync::wait`] has returned, elsewhere
    /// perhaps, and [`end_sync`](Self::end_sync) has been told. More may be added meanwhile.
    pub fn begin_sync(&mut self) -> io::Result<PendingSync> {
        self.write()?;
        Ok(PendingSync {
            file: Arc::clone(&self.file),
            bytes: self.written,
            rows: self.rows,
        })
    }

    /// Ends what [`begin_sync`](Self::begin_sync) began, with what came of it.
    pub fn end_sync(&mut self, pending: &PendingSync, result: io::Result<()>) -> io::Result<()> {
        if !Arc::ptr_eq(&self.file, &pending.file) {
            return Ok(()); // put back since then, and safe since then
        }
        if let Err(error) = result {
            // The system may have forgotten what it could not write, and say it only once.
            self.written = 0;
            self.written_rows = self.synced_rows;
            return Err(error);
        }
        self.settle(pending.bytes, pending.rows);
        Ok(())
    }

    /// False if the file has been taken away, or its folder: what is written is lost when
    /// it is closed.
    pub fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    /// Puts the whole file in its place again, after it was taken away.
    pub fn put_back(&mut self) -> io::Result<()> {
        let safe = usize::try_from(self.synced).map_err(io::Error::other)?;
        let mut bytes = vec![0; safe];
        self.file.read_exact_at(&mut bytes, 0)?;
        bytes.extend(self.encoder.bytes());
        self.file = Arc::new(put(&self.path, self.order, &bytes)?);
        self.written = self.encoder.bytes().len();
        self.written_rows = self.rows;
        self.settle(self.written, self.rows);
        Ok(())
    }

    /// Its place among the logs.
    pub const fn order(&self) -> u64 {
        self.order
    }

    /// Rows that were added.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Of these, the rows that have yet to be written.
    pub const fn unwritten_rows(&self) -> u64 {
        self.rows - self.written_rows
    }

    /// Of these, the rows that are safe.
    pub const fn synced_rows(&self) -> u64 {
        self.synced_rows
    }

    /// Bytes that have yet to be written.
    pub fn unwritten_bytes(&self) -> u64 {
        (self.encoder.bytes().len() - self.written) as u64
    }

    /// Bytes that are not safe yet.
    pub fn unsynced_bytes(&self) -> u64 {
        self.encoder.bytes().len() as u64
    }

    /// The size of the file when all is written.
    pub fn bytes(&self) -> u64 {
        self.synced + self.unsynced_bytes()
    }

    /// The file that it writes.
    pub fn file(&self) -> LogFile {
        LogFile {
            order: self.order,
            path: self.path.clone(),
            bytes: self.bytes(),
        }
    }

    /// Of what was written so many bytes are safe, and so many rows of the file.
    fn settle(&mut self, bytes: usize, rows: u64) {
        self.synced += bytes as u64;
        self.written -= bytes;
        self.synced_rows = rows;
        self.encoder.take_away(bytes);
    }
}

impl PendingSync {
    /// Waits until it is safe on the disk.
    pub fn wait(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// True if it is about this log, as it is now.
    pub fn is_of(&self, log: &LogWriter) -> bool {
        Arc::ptr_eq(&self.file, &log.file)
    }
}

/// Puts a file in its place at once and safely, and leaves it open.
fn put(path: &Path, order: u64, bytes: &[u8]) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let draft = folder.join(draft_of(order));
    let put = || {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&draft)?;
        file.write_all_at(bytes, 0)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(folder)?.sync_all()?;
        Ok(file)
    };
    put().inspect_err(|_| {
        fs::remove_file(&draft).ok(); // gone already is as good
    })
}

//! The thread that writes the log: rows come in, and are on the disk a second later.

use std::fs;
use std::io;
use std::mem;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use thiserror::Error;

use super::space::size_text;
use super::status::{Shared, Working};
use crate::recording::lock::{LockError, StoreLock};
use crate::recording::log::{JournalRow, LogFile, LogWriter, folder_of};
use crate::recording::row::{Names, Row};
use crate::recording::settings::StoreSettings;

/// What could not be written is tried again so soon.
const RETRY: Duration = Duration::from_secs(1);
/// The longest that this thread sleeps.
const TICK: Duration = Duration::from_secs(1);
/// After so many bytes what was taken is written before more is taken.
const BURST: u64 = 4 << 20;
/// More bytes than this are not kept in memory until the next sync: it comes at once.
const UNSYNCED: u64 = 64 << 20;
/// Bytes of a row, about: what else waits in memory counts as so many rows.
pub(super) const ROW_BYTES: u64 = 48;
/// At the end, so often and so long is a disk waited for that takes nothing.
const LAST_ATTEMPTS: u32 = 5;
const LAST_PAUSE: Duration = Duration::from_millis(200);

/// What the thread is asked to do.
pub(super) enum Message {
    Rows(Vec<Row>),
    Note(JournalRow),
    /// Make all safe and end; with `true` the log is closed, to be sealed.
    End(bool),
}

/// Why nothing is written.
#[derive(Debug, Error)]
enum WriteError {
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

pub(super) struct Writing {
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: Receiver<Message>,
    pub(super) sealing: Sender<LogFile>,
    pub(super) folder: PathBuf,
    pub(super) settings: StoreSettings,
    pub(super) names: Names,
    pub(super) lock: StoreLock,
    pub(super) log: LogWriter,
    pub(super) times: Times,
    /// The disk that the store is on.
    pub(super) device: Option<u64>,
    /// Rows of the logs before this one.
    pub(super) rows_before: u64,
}

/// When what is due.
pub(super) struct Times {
    synced: Instant,
    checked: Instant,
    /// When the first row came into the log.
    begun: Option<Instant>,
    retry: Option<Instant>,
}

/// Tells when the thread ends as no thread should.
struct Alarm(Arc<Shared>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if thread::panicking() {
            let reason = "recording has failed; restart to go on".to_owned();
            self.0
                .set(|status| &mut status.writing, Working::Stopped(reason));
        }
    }
}

impl Times {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            synced: now,
            checked: now,
            begun: None,
            retry: None,
        }
    }
}

impl Writing {
    /// Writes until the end is asked for; gives back the lock, for as long as sealing goes on.
    pub(super) fn run(mut self) -> StoreLock {
        let _alarm = Alarm(Arc::clone(&self.shared));
        let close = loop {
            match self.inbox.recv_timeout(self.pause()) {
                Ok(message) => {
                    if let Some(close) = self.take_all(message) {
                        break close;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break false,
            }
            let now = Instant::now();
            if self.times.retry.is_none_or(|retry| retry <= now) {
                self.attempt(now);
            }
            self.tell();
        };
        self.end(close);
        self.lock
    }

    /// Takes this message and those behind it, up to a burst; or how the end is meant.
    fn take_all(&mut self, first: Message) -> Option<bool> {
        let limit = self.log.unsynced_bytes() + BURST;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Rows(rows) => {
                    let count = rows.len() as u64;
                    self.take_rows(rows);
                    self.count_unwritten();
                    self.shared.queued.fetch_sub(count, Ordering::AcqRel);
                }
                Message::Note(note) => {
                    self.times.begun.get_or_insert_with(Instant::now);
                    self.log.note(&note);
                    self.count_unwritten();
                    self.shared
                        .queued
                        .fetch_sub(weight(&note), Ordering::AcqRel);
                }
                Message::End(close) => return Some(close),
            }
            next = None;
            if self.log.unsynced_bytes() < limit {
                next = self.inbox.try_recv().ok();
            }
        }
        None
    }

    fn take_rows(&mut self, mut rows: Vec<Row>) {
        let count = rows.len();
        rows.retain(|row| row.series.index() < self.names.len());
        let unknown = (count - rows.len()) as u64;
        if unknown > 0 {
            // The caller's mistake; others' rows are kept all the same.
            self.shared.lost.fetch_add(unknown, Ordering::AcqRel);
            self.shared.tell(format!(
                "{unknown} rows of series that this recorder does not know are lost"
            ));
        }
        if !rows.is_empty() {
            self.times.begun.get_or_insert_with(Instant::now);
            self.log.append(&self.names, &rows);
        }
    }

    /// Writes what waits, or tells why not.
    fn attempt(&mut self, now: Instant) -> bool {
        match self.write(now) {
            Ok(()) => {
                if self.times.retry.take().is_some() {
                    self.shared.tell("recording goes on".to_owned());
                }
                self.count_unwritten();
                self.shared
                    .set(|status| &mut status.writing, Working::Running);
                true
            }
            Err(error) => {
                let reason = error.to_string();
                if self.times.retry.replace(now + RETRY).is_none() {
                    self.shared.tell(format!(
                        "the log cannot be written; what comes waits in memory: {reason}"
                    ));
                }
                self.count_unwritten();
                self.shared
                    .set(|status| &mut status.writing, Working::Stopped(reason));
                false
            }
        }
    }

    fn write(&mut self, now: Instant) -> Result<(), WriteError> {
        if self.times.retry.is_some() || now.duration_since(self.times.checked) >= TICK {
            self.check_place()?;
            self.times.checked = now;
        }
        if let Some(quota) = self.settings.quota {
            let stored = self.shared.stored_bytes.load(Ordering::Acquire);
            if stored.saturating_add(self.log_bytes()) > quota {
                let folder = self.folder.clone();
                return Err(WriteError::Quota { quota, folder });
            }
        }
        let path = self.log.file().path;
        let refused = |source| WriteError::Refused { path, source };
        let unsynced = self.log.unsynced_bytes();
        let due = now.duration_since(self.times.synced) >= self.settings.sync;
        if unsynced > 0 && (due || unsynced > UNSYNCED) {
            let taken = self.shared.now();
            self.log.sync().map_err(refused)?;
            self.times.synced = now;
            self.shared.update(|status| status.synced = Some(taken));
        } else {
            self.log.write().map_err(refused)?;
        }
        let begun = self.times.begun;
        let old = begun.is_some_and(|begun| now.duration_since(begun) >= self.settings.seal_after);
        if old || self.log.rows() >= self.settings.seal_rows {
            self.next_log()?;
        }
        Ok(())
    }

    /// Closes this log, to be sealed, and begins the next.
    fn next_log(&mut self) -> Result<(), WriteError> {
        let closed = self.log.file();
        let path = closed.path.clone();
        let taken = self.shared.now();
        self.log
            .sync()
            .map_err(|source| WriteError::Refused { path, source })?;
        self.shared.update(|status| status.synced = Some(taken));
        let order = self.log.order().checked_add(1).ok_or(WriteError::NoOrder)?;
        let next = LogWriter::create(&self.folder, order, &self.settings.recorder, taken);
        let next = next.map_err(|source| WriteError::Refused {
            path: folder_of(&self.folder),
            source,
        })?;
        let before = mem::replace(&mut self.log, next);
        self.rows_before += before.rows();
        self.times.begun = None;
        self.shared
            .closed_bytes
            .fetch_add(closed.bytes, Ordering::AcqRel);
        self.sealing.send(closed).ok(); // sealing has failed, and said so: the next start does it
        Ok(())
    }

    /// Puts the log back if someone took it away, and the store's folder with it.
    fn check_place(&mut self) -> Result<(), WriteError> {
        let locked = self.lock.is_in_place();
        if locked && self.log.is_in_place() {
            return Ok(());
        }
        let gone = |source| WriteError::Gone {
            folder: self.folder.clone(),
            source,
        };
        // What is left when a disk is unplugged is not the store, though it has its name.
        if !self.folder.join("store.ron").exists() && device_of(&self.folder) != self.device {
            let folder = self.folder.clone();
            return Err(WriteError::OtherDisk { folder });
        }
        fs::create_dir_all(folder_of(&self.folder)).map_err(gone)?;
        if !locked {
            self.lock = StoreLock::acquire(&self.folder, self.shared.now())?;
            // A missing file of settings says the defaults, as the new one does.
            StoreSettings::write_defaults(&self.folder).ok();
        }
        if !self.log.is_in_place() {
            self.log.put_back().map_err(gone)?;
            self.shared.tell(format!(
                "the log was taken away while it was written, and has been put back: {}",
                self.log.file().path.display()
            ));
        }
        Ok(())
    }

    /// Makes all safe, if the disk lets us.
    fn end(&mut self, close: bool) {
        for attempt in 0..LAST_ATTEMPTS {
            if attempt > 0 {
                thread::sleep(LAST_PAUSE);
            }
            self.times.synced = Instant::now();
            if self.attempt(Instant::now()) && self.make_safe(close) {
                break;
            }
        }
        let lost = self.log.rows() - self.log.synced_rows();
        if self.log.unsynced_bytes() > 0 {
            self.shared.lost.fetch_add(lost, Ordering::AcqRel);
            self.shared.tell(format!(
                "recording ends, and the disk does not take the last {lost} rows: they are lost"
            ));
        }
        self.shared.unwritten.store(0, Ordering::Release);
        self.tell();
        self.shared.set(|status| &mut status.writing, Working::Idle);
    }

    fn make_safe(&mut self, close: bool) -> bool {
        if close && self.times.begun.is_some() {
            return self.next_log().is_ok();
        }
        let taken = self.shared.now();
        let synced = self.log.sync().is_ok();
        if synced {
            self.shared.update(|status| status.synced = Some(taken));
        }
        synced
    }

    /// How long there is nothing to do.
    fn pause(&self) -> Duration {
        let now = Instant::now();
        let mut due = now + TICK;
        if let Some(retry) = self.times.retry {
            due = due.min(retry);
        } else {
            if self.log.unsynced_bytes() > 0 {
                due = due.min(self.times.synced + self.settings.sync);
            }
            if let Some(begun) = self.times.begun {
                due = due.min(begun + self.settings.seal_after);
            }
        }
        due.saturating_duration_since(now)
    }

    fn count_unwritten(&self) {
        let rows = self.log.unwritten_rows();
        let bytes = self.log.unwritten_bytes();
        let unwritten = rows.max(bytes / ROW_BYTES);
        self.shared.unwritten.store(unwritten, Ordering::Release);
    }

    fn log_bytes(&self) -> u64 {
        self.shared.closed_bytes.load(Ordering::Acquire) + self.log.bytes()
    }

    fn tell(&self) {
        let log_bytes = self.log_bytes();
        let written = self.rows_before + self.log.rows() - self.log.unwritten_rows();
        let synced = self.rows_before + self.log.synced_rows();
        self.shared.update(|status| {
            status.rows_written = written;
            status.rows_synced = synced;
            status.log_bytes = log_bytes;
        });
    }
}

/// As how many rows a line of a journal counts.
pub(super) fn weight(note: &JournalRow) -> u64 {
    1 + note.json.len() as u64 / ROW_BYTES
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

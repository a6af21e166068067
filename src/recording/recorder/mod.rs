//! The recorder: takes rows from the frame without a wait, and keeps them.
//!
//! Three threads. One writes what comes to the log; one waits, once a second, until the disk
//! has it safe; and one, which gives way to all else, has closed logs sealed into segments,
//! oldest first. A [`Recorder`] is the handle on them; dropping it makes all safe and ends
//! them.
//!
//! While the disk is full, gone or read-only, rows wait in memory and it is tried again
//! every second. What finds no room there either is counted and told: nothing is lost in
//! silence. Order comes from counters, waiting from a clock that only goes forward: when
//! the wall clock is set back nothing changes but the times in messages.

mod seal;
mod sealing;
mod space;
mod status;
mod syncing;
mod write_error;
mod writing;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, unbounded};
pub use seal::{Housekeeping, Housekept, Seal, SealError, SealedLog};
use sealing::{Attempt, Sealing};
use space::Space;
use status::Shared;
pub use status::{Notice, RecorderStatus, Working};
use syncing::Syncing;
use thiserror::Error;
use write_error::device_of;
use writing::{Message, Times, Writing, weight};

use super::depot::{Depot, DepotError, Folder};
use super::layout::{SegmentName, Table};
use super::lock::{LockError, StoreLock};
use super::log::{JournalRow, Leftovers, LogFileError, LogWriter, folder_of, series_bytes};
use super::row::{Names, Row, SeriesIndex};
use super::settings::{SettingsError, StoreSettings};
use crate::time::Timestamp;

/// How many rows wait in memory, at most.
const CAPACITY: u64 = 4 << 20;
/// With less room than this a caller does well to wait.
const ROOM: u64 = 1 << 16;
/// The most bytes that the names of a series take, all together.
const SERIES_BYTES: usize = 1 << 20;
/// The most bytes of a line of a journal.
const NOTE_BYTES: usize = 16 << 20;

/// Why a store cannot be recorded to.
#[derive(Debug, Error)]
pub enum RecorderError {
    /// There is no folder, and none can be made.
    #[error("{source}: {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// Someone else writes it, or no one may.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Its settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A log that is there cannot be read.
    #[error(transparent)]
    Log(#[from] LogFileError),
    /// Its segments cannot be listed.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// A name that no log can hold.
    #[error("the names of a series take more than {SERIES_BYTES} bytes; shorten them: `{tag}`")]
    Series {
        /// The beginning of the tag of its asset.
        tag: String,
    },
    /// A file has the last number there is.
    #[error("there are no numbers left for log files; take away what is not yours: {}", path.display())]
    NoOrder {
        /// The store.
        path: PathBuf,
    },
    /// A thread could not be started.
    #[error("no thread for the recorder: {0}")]
    Thread(#[source] io::Error),
}

/// Records rows to a store. Dropping it makes what was taken safe, and ends its threads.
pub struct Recorder {
    shared: Arc<Shared>,
    settings: StoreSettings,
    messages: Sender<Message>,
    writing: Option<JoinHandle<StoreLock>>,
    sealing: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Begins to record to the store in `folder`, which is made if it is not there.
    ///
    /// Rows speak of `names`. What a recorder before left in the log is sealed first, in the
    /// background. `now` tells the time for messages and files; `wake` is called, from any
    /// thread, when the status has changed in a way that a person wants to see.
    pub fn start(
        folder: &Path,
        names: Names,
        sealer: Box<dyn Seal>,
        now: fn() -> Timestamp,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Result<Self, RecorderError> {
        check_names(&names)?;
        let logs = folder_of(folder);
        fs::create_dir_all(&logs).map_err(|source| RecorderError::Folder {
            path: logs.clone(),
            source,
        })?;
        let lock = StoreLock::acquire(folder, now())?;
        StoreSettings::write_defaults(folder)?;
        let settings = StoreSettings::read(folder)?;
        let leftovers = Leftovers::find(folder)?;
        let order = next_order(folder, &leftovers)?;
        let log = LogWriter::create(folder, order, &settings.recorder, now());
        let log = log.map_err(|source| RecorderError::Folder { path: logs, source })?;

        let shared = Arc::new(Shared::new(now, wake));
        for error in &leftovers.set_aside {
            shared.tell(format!(
                "a log was found damaged, and is set aside: {error}"
            ));
        }
        let waiting: u64 = leftovers.logs.iter().map(|file| file.bytes).sum();
        shared.closed_bytes.store(waiting, Ordering::Release);
        let count = leftovers.logs.len();
        shared.update(|status| status.logs_waiting = count);

        let (to_sealing, for_sealing) = unbounded();
        let (messages, inbox) = unbounded();
        let (to_syncing, jobs) = unbounded();
        let (to_writing, done) = unbounded();
        let sealing = Sealing {
            shared: Arc::clone(&shared),
            sealer,
            inbox: for_sealing,
            queue: leftovers.logs.into(),
            space: Space::new(folder, &settings),
            retention: settings.retention,
            attempt: Attempt::default(),
        };
        let syncing = Syncing {
            jobs,
            done: to_writing,
            store: folder.to_owned(),
            recorder: settings.recorder.clone(),
        };
        let writing = Writing {
            shared: Arc::clone(&shared),
            inbox,
            jobs: to_syncing,
            done,
            sealing: to_sealing,
            folder: folder.to_owned(),
            settings: settings.clone(),
            names,
            lock,
            log,
            closing: None,
            times: Times::new(),
            device: device_of(folder),
            rows_before: 0,
        };
        let mut recorder = Self {
            shared,
            settings,
            messages,
            writing: None,
            sealing: None,
        };
        // Dropped where one of them cannot be had, it ends those that are there.
        spawn("log-sync", move || syncing.run())?;
        recorder.writing = Some(spawn("log-write", move || writing.run())?);
        recorder.sealing = Some(spawn("log-seal", move || sealing.run())?);
        Ok(recorder)
    }

    /// How the store is kept.
    pub const fn settings(&self) -> &StoreSettings {
        &self.settings
    }

    /// Takes rows; never waits. False if not all found room: the last ones are lost then,
    /// counted and told.
    pub fn record(&self, mut rows: Vec<Row>) -> bool {
        let count = rows.len() as u64;
        let room = CAPACITY.saturating_sub(self.shared.rows_waiting());
        let taken = count.min(room);
        rows.truncate(usize::try_from(taken).unwrap_or(usize::MAX));
        let sent = rows.is_empty() || self.send(taken, Message::Rows(rows));
        let lost = if sent { count - taken } else { count };
        self.count_lost(lost);
        lost == 0
    }

    /// Takes a line of a journal; never waits. False if it found no room, or is over 16 MiB:
    /// that is told.
    pub fn note(&self, note: JournalRow) -> bool {
        let weight = weight(&note);
        let fits = note.json.len() <= NOTE_BYTES
            && weight <= CAPACITY.saturating_sub(self.shared.rows_waiting());
        let at = note.at;
        let taken = fits && self.send(weight, Message::Note(note));
        if !taken {
            self.shared.tell(format!(
                "a line of a journal is lost, of {at}: no room for it"
            ));
        }
        taken
    }

    /// False while rows wait in such number that more would soon be lost.
    pub fn has_room(&self) -> bool {
        self.shared.rows_waiting() + ROOM <= CAPACITY
    }

    /// How it is doing.
    pub fn status(&self) -> RecorderStatus {
        self.shared.status()
    }

    /// Makes all safe and ends. What is not sealed yet will be when recording starts again.
    pub fn close(mut self) -> RecorderStatus {
        self.end(false);
        self.shared.status()
    }

    /// Makes all safe, seals all of it, and ends; sooner if something cannot be sealed.
    pub fn finish(mut self) -> RecorderStatus {
        self.end(true);
        self.shared.status()
    }

    fn send(&self, weight: u64, message: Message) -> bool {
        self.shared.queued.fetch_add(weight, Ordering::AcqRel);
        let sent = self.messages.send(message).is_ok();
        if !sent {
            self.shared.queued.fetch_sub(weight, Ordering::AcqRel);
        }
        sent
    }

    fn count_lost(&self, lost: u64) {
        let shared = &self.shared;
        let total = shared.lost.fetch_add(lost, Ordering::AcqRel) + lost;
        let losing = shared.losing.swap(lost > 0, Ordering::AcqRel);
        if lost > 0 && !losing {
            shared.tell(format!(
                "rows are being lost: {CAPACITY} wait in memory, and there is no room for more"
            ));
        } else if lost == 0 && losing {
            shared.tell(format!(
                "there is room again; {total} rows are lost since recording started"
            ));
        }
    }

    fn end(&mut self, seal: bool) {
        if !seal {
            self.shared.leave.store(true, Ordering::Release);
        }
        self.shared.ending.store(true, Ordering::Release);
        self.messages.send(Message::End(seal)).ok(); // its thread is gone: nothing to end
        // The lock is held until nothing is written any more.
        let lock = self.writing.take().map(JoinHandle::join);
        if let Some(sealing) = self.sealing.take()
            && sealing.join().is_err()
        {
            self.shared.tell("sealing has failed".to_owned());
        }
        drop(lock);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.writing.is_some() {
            self.end(false);
        }
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, RecorderError> {
    let thread = Builder::new().name(name.to_owned());
    thread.spawn(work).map_err(RecorderError::Thread)
}

fn check_names(names: &Names) -> Result<(), RecorderError> {
    for index in (0..names.len() as u32).map(SeriesIndex) {
        if series_bytes(names, index) > SERIES_BYTES {
            let tag = names.get(index).name.tag.chars().take(60).collect();
            return Err(RecorderError::Series { tag });
        }
    }
    Ok(())
}

/// A number that no log and no segment of the store has had.
///
/// The log's folder knows it: a log is taken away only when a later one is there. Where the
/// folder has been emptied the segments are asked.
fn next_order(folder: &Path, leftovers: &Leftovers) -> Result<u64, RecorderError> {
    let mut highest = leftovers.highest;
    if highest.is_none() {
        for table in Table::ALL {
            let entries = Folder::new(folder).list(table.folder())?;
            let names = entries
                .iter()
                .filter_map(|entry| SegmentName::parse(&entry.path));
            highest = highest.max(names.map(|name| name.order).max());
        }
    }
    let next = highest.map_or(Some(1), |order| order.checked_add(1));
    next.ok_or_else(|| RecorderError::NoOrder {
        path: folder.to_owned(),
    })
}

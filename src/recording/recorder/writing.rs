//! The thread that writes the log: rows come in, and are on the disk a second later.

use std::fs;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, never, select};

use super::status::{Shared, Working};
use super::syncing::{Done, Job};
use super::write_error::{WriteError, device_of};
use crate::recording::lock::StoreLock;
use crate::recording::log::{JournalRow, LogFile, LogWriter, PendingSync, folder_of};
use crate::recording::row::{Names, Row};
use crate::recording::settings::StoreSettings;
use crate::time::Timestamp;

/// What could not be written is tried again so soon.
const RETRY: Duration = Duration::from_secs(1);
/// The longest that this thread sleeps.
const TICK: Duration = Duration::from_secs(1);
/// After so many bytes what was taken is written before more is taken.
const BURST: u64 = 4 << 20;
/// More bytes than this are not kept in memory until the next sync: it comes at once.
const UNSYNCED: u64 = 64 << 20;
/// A log takes no more than so many times the rows after which it is to be closed.
const LONGEST: u64 = 2;
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

pub(super) struct Writing {
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: Receiver<Message>,
    pub(super) jobs: Sender<Job>,
    pub(super) done: Receiver<Done>,
    pub(super) sealing: Sender<LogFile>,
    pub(super) folder: PathBuf,
    pub(super) settings: StoreSettings,
    pub(super) names: Names,
    pub(super) lock: StoreLock,
    /// The log that rows are added to.
    pub(super) log: LogWriter,
    /// The log before it, until it is safe and can be sealed.
    pub(super) closing: Option<LogWriter>,
    pub(super) times: Times,
    /// The disk that the store is on.
    pub(super) device: Option<u64>,
    /// Rows of the logs before these.
    pub(super) rows_before: u64,
}

/// When what is due, and what is under way.
pub(super) struct Times {
    synced: Instant,
    checked: Instant,
    /// When the first row came into the log.
    begun: Option<Instant>,
    /// While something fails: when it is tried again.
    retry: Option<Instant>,
    /// True while the disk is waited for.
    busy: bool,
    /// True if the last job failed.
    job_failed: bool,
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
            busy: false,
            job_failed: false,
        }
    }
}

impl Writing {
    /// Writes until the end is asked for; gives back the lock, for as long as sealing goes on.
    pub(super) fn run(mut self) -> StoreLock {
        let _alarm = Alarm(Arc::clone(&self.shared));
        let close = loop {
            let pause = self.pause();
            let inbox = if self.is_full() {
                never()
            } else {
                self.inbox.clone()
            };
            select! {
                recv(inbox) -> message => match message {
                    Ok(message) => {
                        if let Some(close) = self.take_all(message) {
                            break close;
                        }
                    }
                    Err(_) => break false,
                },
                recv(self.done) -> done => match done {
                    Ok(done) => self.take_done(done),
                    Err(_) => break false,
                },
                default(pause) => {}
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
            if self.log.unsynced_bytes() < limit && !self.is_full() {
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

    /// Writes what waits, and asks for what is due; or tells why not.
    fn attempt(&mut self, now: Instant) {
        if let Err(error) = self.write(now) {
            self.fail(&error, now);
        } else if self.times.job_failed {
            // Written, but not yet safe, or not yet in the right file.
            self.times.retry = Some(now + RETRY);
        } else {
            if self.times.retry.take().is_some() {
                self.shared.tell("recording goes on".to_owned());
            }
            self.shared
                .set(|status| &mut status.writing, Working::Running);
        }
        self.count_unwritten();
    }

    fn fail(&mut self, error: &WriteError, now: Instant) {
        let reason = error.to_string();
        if self.times.retry.replace(now + RETRY).is_none() {
            self.shared.tell(format!(
                "the log cannot be written; what comes waits in memory: {reason}"
            ));
        }
        self.shared
            .set(|status| &mut status.writing, Working::Stopped(reason));
    }

    fn write(&mut self, now: Instant) -> Result<(), WriteError> {
        if self.times.retry.is_some() || now.duration_since(self.times.checked) >= TICK {
            self.check_place()?;
            self.times.checked = now;
        }
        self.check_quota()?;
        for log in self.logs_mut() {
            log.write()
                .map_err(|source| WriteError::refused(log, source))?;
        }
        if self.times.busy {
            return Ok(());
        }
        let unsynced = self.log.unsynced_bytes();
        let due = now.duration_since(self.times.synced) >= self.settings.sync;
        if let Some(closing) = &mut self.closing {
            let pending = closing.begin_sync();
            let pending = pending.map_err(|source| WriteError::refused(closing, source))?;
            self.ask(Job::Sync(pending, self.shared.now()));
        } else if unsynced > 0 && (due || unsynced > UNSYNCED) {
            self.times.synced = now;
            let pending = self.log.begin_sync();
            let pending = pending.map_err(|source| WriteError::refused(&self.log, source))?;
            self.ask(Job::Sync(pending, self.shared.now()));
        } else if self.is_complete(now) {
            let order = self.next_order()?;
            self.ask(Job::Create(order, self.shared.now()));
        }
        Ok(())
    }

    fn ask(&mut self, job: Job) {
        // Where its thread is gone, so is `done`, and that ends this one.
        self.times.busy = self.jobs.send(job).is_ok();
    }

    fn take_done(&mut self, done: Done) {
        self.times.busy = false;
        let result = match done {
            Done::Synced(pending, written, result) => self.take_synced(&pending, written, result),
            Done::Created(Ok(next)) => {
                self.begin(next);
                Ok(())
            }
            Done::Created(Err(source)) => Err(WriteError::Refused {
                path: folder_of(&self.folder),
                source,
            }),
        };
        self.times.job_failed = result.is_err();
        match result {
            Ok(()) if self.times.retry.is_some() => self.times.retry = Some(Instant::now()),
            Ok(()) => {}
            Err(error) => self.fail(&error, Instant::now()),
        }
    }

    fn take_synced(
        &mut self,
        pending: &PendingSync,
        written: Timestamp,
        result: io::Result<()>,
    ) -> Result<(), WriteError> {
        let log = self.logs_mut().find(|log| pending.is_of(log));
        if let Some(log) = log {
            log.end_sync(pending, result)
                .map_err(|source| WriteError::refused(log, source))?;
            self.shared.update(|status| status.synced = Some(written));
        }
        self.hand_over();
        Ok(())
    }

    /// True if the log is large or old enough to be closed.
    fn is_complete(&self, now: Instant) -> bool {
        let begun = self.times.begun;
        let old = begun.is_some_and(|begun| now.duration_since(begun) >= self.settings.seal_after);
        old || self.log.rows() >= self.settings.seal_rows
    }

    /// True while more rows would make the log too long to be sealed in one go: they wait
    /// until the next one is there.
    fn is_full(&self) -> bool {
        let most = self.settings.seal_rows.saturating_mul(LONGEST);
        self.log.rows() >= most && !self.shared.ending.load(Ordering::Acquire)
    }

    fn next_order(&self) -> Result<u64, WriteError> {
        self.log.order().checked_add(1).ok_or(WriteError::NoOrder)
    }

    /// Goes on in the next log. The one before is closed when it is safe.
    fn begin(&mut self, next: LogWriter) {
        self.closing = Some(mem::replace(&mut self.log, next));
        self.times.begun = None;
        self.hand_over();
    }

    /// Has the log before this one sealed if all of it is safe.
    fn hand_over(&mut self) {
        if let Some(closing) = self.closing.take_if(|log| log.unsynced_bytes() == 0) {
            let file = closing.file();
            self.rows_before += closing.rows();
            self.shared
                .closed_bytes
                .fetch_add(file.bytes, Ordering::AcqRel);
            self.sealing.send(file).ok(); // sealing has failed, and said so: the next start does it
        }
    }

    fn check_quota(&self) -> Result<(), WriteError> {
        let stored = self.shared.stored_bytes.load(Ordering::Acquire);
        match self.settings.quota {
            Some(quota) if stored.saturating_add(self.log_bytes()) > quota => {
                let folder = self.folder.clone();
                Err(WriteError::Quota { quota, folder })
            }
            _ => Ok(()),
        }
    }

    /// Puts the log back if someone took it away, and the store's folder with it.
    fn check_place(&mut self) -> Result<(), WriteError> {
        let locked = self.lock.is_in_place();
        if locked && self.logs().all(LogWriter::is_in_place) {
            return Ok(());
        }
        let folder = self.folder.clone();
        let gone = |source| WriteError::Gone {
            folder: folder.clone(),
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
        let shared = Arc::clone(&self.shared);
        for log in self.logs_mut() {
            if !log.is_in_place() {
                log.put_back().map_err(gone)?;
                shared.tell(format!(
                    "the log was taken away while it was written, and has been put back: {}",
                    log.file().path.display()
                ));
            }
        }
        self.hand_over();
        Ok(())
    }

    /// Makes all safe, if the disk lets us.
    fn end(&mut self, close: bool) {
        for attempt in 0..LAST_ATTEMPTS {
            if attempt > 0 {
                thread::sleep(LAST_PAUSE);
            }
            if self.times.busy {
                match self.done.recv() {
                    Ok(done) => self.take_done(done),
                    Err(_) => self.times.busy = false,
                }
            }
            match self.make_safe(close) {
                Ok(()) => break,
                Err(error) => self.fail(&error, Instant::now()),
            }
        }
        let (mut rows, mut bytes) = (0, 0);
        for log in self.logs() {
            rows += log.rows() - log.synced_rows();
            bytes += log.unsynced_bytes();
        }
        if bytes > 0 {
            self.shared.lost.fetch_add(rows, Ordering::AcqRel);
            self.shared.tell(format!(
                "recording ends, and the disk does not take the last {rows} rows: they are lost"
            ));
        }
        self.shared.unwritten.store(0, Ordering::Release);
        self.tell();
        self.shared.set(|status| &mut status.writing, Working::Idle);
    }

    fn make_safe(&mut self, close: bool) -> Result<(), WriteError> {
        self.check_place()?;
        self.check_quota()?;
        let written = self.shared.now();
        for log in self.logs_mut() {
            log.sync()
                .map_err(|source| WriteError::refused(log, source))?;
        }
        self.shared.update(|status| status.synced = Some(written));
        self.hand_over();
        if close && self.times.begun.is_some() {
            let order = self.next_order()?;
            let next = LogWriter::create(&self.folder, order, &self.settings.recorder, written);
            self.begin(next.map_err(|source| WriteError::Refused {
                path: folder_of(&self.folder),
                source,
            })?);
        }
        Ok(())
    }

    /// How long there is nothing to do.
    fn pause(&self) -> Duration {
        let now = Instant::now();
        let mut due = now + TICK;
        if let Some(retry) = self.times.retry {
            due = due.min(retry);
        } else if !self.times.busy {
            if self.closing.is_some() {
                due = now;
            }
            if self.log.unsynced_bytes() > 0 {
                due = due.min(self.times.synced + self.settings.sync);
            }
            if let Some(begun) = self.times.begun {
                due = due.min(begun + self.settings.seal_after);
            }
        }
        due.saturating_duration_since(now)
    }

    /// The logs that are open, in their order.
    fn logs(&self) -> impl Iterator<Item = &LogWriter> {
        self.closing.iter().chain([&self.log])
    }

    fn logs_mut(&mut self) -> impl Iterator<Item = &mut LogWriter> {
        self.closing.iter_mut().chain([&mut self.log])
    }

    fn count_unwritten(&self) {
        let (mut rows, mut bytes) = (0, 0);
        for log in self.logs() {
            rows += log.unwritten_rows();
            // A disk that takes for ever to be safe must not fill the memory either.
            let unsafe_bytes = log.unsynced_bytes().saturating_sub(UNSYNCED);
            bytes += log.unwritten_bytes().max(unsafe_bytes);
        }
        let unwritten = rows.max(bytes / ROW_BYTES);
        self.shared.unwritten.store(unwritten, Ordering::Release);
    }

    fn log_bytes(&self) -> u64 {
        let open: u64 = self.logs().map(LogWriter::bytes).sum();
        self.shared.closed_bytes.load(Ordering::Acquire) + open
    }

    fn tell(&self) {
        let log_bytes = self.log_bytes();
        let (mut written, mut synced) = (self.rows_before, self.rows_before);
        for log in self.logs() {
            written += log.rows() - log.unwritten_rows();
            synced += log.synced_rows();
        }
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

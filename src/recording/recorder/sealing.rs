//! The thread that has closed logs sealed, in their order, and the store kept in order.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::seal::{Housekeeping, Housekept, Seal, SealError, SealedLog};
use super::space::{Space, size_text};
use super::status::{Shared, Working};
use crate::recording::log::{LogEnd, LogFile, LogFileError, Tear};
use crate::recording::settings::Retention;

/// The longest that this thread sleeps.
const TICK: Duration = Duration::from_secs(1);
/// After an error it is tried again so soon, then after twice as long, and so on …
const FIRST_RETRY: Duration = Duration::from_millis(500);
/// … up to this.
const LAST_RETRY: Duration = Duration::from_mins(1);
/// How often the store is put in order when there is nothing to seal.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

pub(super) struct Sealing {
    pub(super) shared: Arc<Shared>,
    pub(super) sealer: Box<dyn Seal>,
    /// Ends when no more logs will come.
    pub(super) inbox: Receiver<LogFile>,
    pub(super) queue: VecDeque<LogFile>,
    pub(super) space: Space,
    pub(super) retention: Retention,
    pub(super) attempt: Attempt,
}

/// When what failed is tried again.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    failures: u32,
    at: Option<Instant>,
    housekeep_at: Option<Instant>,
    /// The log whose damaged end has been told.
    told: Option<u64>,
    /// Why sealing has stopped, as it was told.
    stopped: Option<Cause>,
    /// What was last told of housekeeping.
    complaint: String,
}

/// Why nothing is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Space,
    Error,
}

/// Tells when the thread ends as no thread should.
struct Alarm(Arc<Shared>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if thread::panicking() {
            let reason = "sealing has failed; restart to go on: the log keeps what comes";
            self.0.set(
                |status| &mut status.sealing,
                Working::Stopped(reason.to_owned()),
            );
        }
    }
}

impl Sealing {
    pub(super) fn run(mut self) {
        let _alarm = Alarm(Arc::clone(&self.shared));
        give_way();
        loop {
            let ending = self.take_new();
            if self.shared.leave.load(Ordering::Acquire) {
                return;
            }
            self.measure();
            let sealed = self.seal_next();
            if sealed {
                continue;
            }
            if ending {
                return; // all is sealed, or what is left cannot be
            }
            if self.housekeep() {
                continue;
            }
            match self.inbox.recv_timeout(self.pause()) {
                Ok(log) => self.push(log),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
    }

    /// Takes what waits; true if no more will come.
    fn take_new(&mut self) -> bool {
        loop {
            match self.inbox.try_recv() {
                Ok(log) => self.push(log),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
    }

    fn push(&mut self, log: LogFile) {
        self.queue.push_back(log);
        self.tell_queue();
    }

    fn measure(&mut self) {
        self.space.measure();
        let free = self.space.free();
        self.shared.update(|status| status.free_bytes = free);
        let stored = self.space.stored();
        self.shared.stored_bytes.store(stored, Ordering::Release);
    }

    /// Seals the log that is next; false if there is none, or it has to wait.
    fn seal_next(&mut self) -> bool {
        let Some(log) = self.queue.front().cloned() else {
            return false;
        };
        if self.attempt.at.is_some_and(|at| Instant::now() < at) {
            return false;
        }
        let log_bytes = self.shared.closed_bytes.load(Ordering::Acquire);
        if let Some(refusal) = self.space.refusal(log.bytes, log_bytes) {
            self.stop(Cause::Space, refusal);
            return false;
        }
        self.set(Working::Running);
        if let Err(error) = self.seal(&log) {
            let exponent = self.attempt.failures.min(10);
            let pause = (FIRST_RETRY * 2_u32.pow(exponent)).min(LAST_RETRY);
            self.attempt.failures += 1;
            self.attempt.at = Some(Instant::now() + pause);
            let reason = format!("log {:016x} cannot be sealed: {error}", log.order);
            self.stop(Cause::Error, reason);
            return false;
        }
        self.attempt.failures = 0;
        self.attempt.at = None;
        self.attempt.housekeep_at = None;
        if self.attempt.stopped.take().is_some() {
            self.shared.tell("sealing goes on".to_owned());
        }
        self.queue.pop_front();
        self.shared
            .closed_bytes
            .fetch_sub(log.bytes, Ordering::AcqRel);
        self.shared.update(|status| {
            status.logs_sealed += 1;
            status.sealed_order = Some(log.order);
            status.sealing = Working::Idle;
        });
        self.tell_queue();
        self.shared.wake();
        true
    }

    fn seal(&mut self, log: &LogFile) -> Result<(), SealError> {
        let contents = match log.read() {
            Ok(contents) => contents,
            Err(LogFileError::Refused { path, source })
                if source.kind() == io::ErrorKind::NotFound && is_store(&path) =>
            {
                let path = path.display();
                self.shared.tell(format!(
                    "a log has been taken away before it was sealed, and its rows with it: {path}"
                ));
                return Ok(());
            }
            Err(error) => return Err(SealError::new(error)),
        };
        if let LogEnd::Torn {
            offset,
            lost_bytes,
            reason,
        } = contents.end
            && self.attempt.told != Some(log.order)
        {
            let kept = keep_tail(log, offset, reason).map_err(SealError::new)?;
            let kept = kept.map_or(String::new(), |path| {
                format!("; what was cut is kept: {}", path.display())
            });
            self.shared.tell(format!(
                "the end of a log was cut, {} from byte {offset} on: {reason}{kept}: {}",
                size_text(lost_bytes),
                log.path.display()
            ));
            self.attempt.told = Some(log.order);
        }
        if !contents.rows.is_empty() || !contents.journal.is_empty() {
            self.sealer.seal(SealedLog {
                order: contents.order,
                recorder: contents.recorder,
                began: contents.began,
                names: contents.names,
                rows: contents.rows,
                journal: contents.journal,
            })?;
        }
        take_away(log).map_err(|source| {
            SealError::new(LogFileError::Refused {
                path: log.path.clone(),
                source,
            })
        })
    }

    /// Puts the store in order a little; true if there is more to be done at once.
    fn housekeep(&mut self) -> bool {
        let now = Instant::now();
        if self.attempt.housekeep_at.is_some_and(|at| now < at) {
            return false;
        }
        let log_bytes = self.shared.closed_bytes.load(Ordering::Acquire);
        let work = Housekeeping {
            retention: self.retention,
            may_grow: self.space.refusal(0, log_bytes).is_none(),
            now: self.shared.now(),
        };
        match self.sealer.housekeep(work) {
            Ok(Housekept::More) => return true,
            Ok(Housekept::Done) => self.attempt.complaint.clear(),
            Err(error) => {
                let complaint = format!("the store could not be put in order: {error}");
                if self.attempt.complaint != complaint {
                    self.shared.tell(complaint.clone());
                    self.attempt.complaint = complaint;
                }
            }
        }
        self.attempt.housekeep_at = Some(now + HOUSEKEEPING);
        false
    }

    fn pause(&self) -> Duration {
        let retry = self.attempt.at.filter(|_| !self.queue.is_empty());
        retry.map_or(TICK, |at| {
            at.saturating_duration_since(Instant::now()).min(TICK)
        })
    }

    fn stop(&mut self, cause: Cause, reason: String) {
        // Told once, though the numbers in it may change from attempt to attempt.
        if self.attempt.stopped.replace(cause) != Some(cause) {
            self.shared.tell(format!("sealing has stopped: {reason}"));
        }
        self.set(Working::Stopped(reason));
    }

    fn set(&self, working: Working) {
        self.shared.set(|status| &mut status.sealing, working);
    }

    fn tell_queue(&self) {
        let waiting = self.queue.len();
        self.shared.update(|status| status.logs_waiting = waiting);
    }
}

/// Lets all other work go first.
fn give_way() {
    // On Linux this is the thread's alone; elsewhere it would slow the whole program.
    #[cfg(target_os = "linux")]
    rustix::process::nice(10).ok(); // not allowed to be modest: then not
}

/// True if the store of a log is there, whatever is in it.
fn is_store(log: &Path) -> bool {
    log.parent().is_some_and(Path::is_dir)
}

/// Keeps the end of a log that cannot be read, for a person who may read more out of it.
fn keep_tail(log: &LogFile, offset: u64, reason: Tear) -> Result<Option<PathBuf>, LogFileError> {
    if reason == Tear::Zeros {
        return Ok(None);
    }
    let path = log.path.with_extension("wal.cut");
    let tail = log.tail(offset)?;
    match fs::write(&path, tail) {
        Ok(()) => Ok(Some(path)),
        Err(source) => Err(LogFileError::Refused { path, source }),
    }
}

fn take_away(log: &LogFile) -> io::Result<()> {
    match fs::remove_file(&log.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Else a failure of power could bring it back, to be sealed once more.
    match log.path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

//! What a recorder tells about itself, to whoever asks and as often as they like.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::time::Timestamp;

/// How many of its latest messages a recorder keeps.
const NOTICES: usize = 32;

/// How a recorder is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecorderStatus {
    /// Rows that the log took since the start: safe if this program ends.
    pub rows_written: u64,
    /// Of these, the rows that are safe on the disk.
    pub rows_synced: u64,
    /// Rows that wait in memory.
    pub rows_waiting: u64,
    /// Rows that could not be kept.
    pub rows_lost: u64,
    /// When what the log had taken was last made safe on the disk.
    pub synced: Option<Timestamp>,
    /// Bytes of all log files that are not sealed yet.
    pub log_bytes: u64,
    /// Closed log files that wait to be sealed.
    pub logs_waiting: usize,
    /// Log files that were sealed since the start.
    pub logs_sealed: u64,
    /// The last that was sealed.
    pub sealed_order: Option<u64>,
    /// Free bytes of the disk, if it says.
    pub free_bytes: Option<u64>,
    /// Whether the log is being written.
    pub writing: Working,
    /// Whether log files become segments.
    pub sealing: Working,
    /// The latest messages, the oldest first.
    pub notices: VecDeque<Notice>,
    /// How many messages there have been.
    pub notice_count: u64,
}

/// Whether a part of a recorder does its work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Working {
    /// It waits for work.
    #[default]
    Idle,
    /// It works.
    Running,
    /// It cannot, and tries again.
    Stopped(String),
}

/// A message for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub message: String,
}

/// What the threads of a recorder and its owner share.
pub(super) struct Shared {
    /// Rows in messages that have not been looked at.
    pub(super) queued: AtomicU64,
    /// Rows, or what takes as much memory, that could not be written yet.
    pub(super) unwritten: AtomicU64,
    pub(super) lost: AtomicU64,
    /// True while rows find no room.
    pub(super) losing: AtomicBool,
    /// Bytes of closed log files.
    pub(super) closed_bytes: AtomicU64,
    /// Bytes of segments, where a quota asks for them.
    pub(super) stored_bytes: AtomicU64,
    /// Set when the end has been asked for.
    pub(super) ending: AtomicBool,
    /// Set when what is not sealed is left to the next start.
    pub(super) leave: AtomicBool,
    status: Mutex<RecorderStatus>,
    now: fn() -> Timestamp,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Working {
    /// The reason why it has stopped.
    pub fn stopped(&self) -> Option<&str> {
        match self {
            Self::Stopped(reason) => Some(reason),
            Self::Idle | Self::Running => None,
        }
    }
}

impl Shared {
    pub(super) fn new(now: fn() -> Timestamp, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self {
            queued: AtomicU64::new(0),
            unwritten: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            losing: AtomicBool::new(false),
            closed_bytes: AtomicU64::new(0),
            stored_bytes: AtomicU64::new(0),
            ending: AtomicBool::new(false),
            leave: AtomicBool::new(false),
            status: Mutex::default(),
            now,
            wake,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// The status as it is now.
    pub(super) fn status(&self) -> RecorderStatus {
        let mut status = self.locked().clone();
        status.rows_waiting = self.rows_waiting();
        status.rows_lost = self.lost.load(Ordering::Relaxed);
        status
    }

    pub(super) fn rows_waiting(&self) -> u64 {
        self.queued.load(Ordering::Acquire) + self.unwritten.load(Ordering::Acquire)
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut RecorderStatus)) {
        change(&mut self.locked());
    }

    /// Changes what `part` tells of its work.
    pub(super) fn set(&self, part: fn(&mut RecorderStatus) -> &mut Working, working: Working) {
        let mut status = self.locked();
        let part = part(&mut status);
        let changed = *part != working;
        *part = working;
        drop(status);
        if changed {
            self.wake();
        }
    }

    /// Tells the operator.
    pub(super) fn tell(&self, message: String) {
        tracing::warn!("{message}");
        let at = self.now();
        self.update(|status| {
            if status.notices.len() == NOTICES {
                status.notices.pop_front();
            }
            status.notices.push_back(Notice { at, message });
            status.notice_count += 1;
        });
        self.wake();
    }

    pub(super) fn wake(&self) {
        (self.wake)();
    }

    fn locked(&self) -> MutexGuard<'_, RecorderStatus> {
        // Plain numbers: whoever panicked while holding it left nothing half done.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

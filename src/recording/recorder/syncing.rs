//! The thread that waits for the disk, so that writing the log does not have to.
//!
//! To make a file safe takes milliseconds, and seconds while much else is being written.
//! What comes in meanwhile goes to the file all the same, and so outlives a crash.

use std::io;
use std::path::PathBuf;

use crossbeam_channel::{Receiver, Sender};

use crate::recording::log::{LogWriter, PendingSync};
use crate::time::Timestamp;

/// What is to be waited for; one at a time.
pub(super) enum Job {
    /// What was written is safe. The instant is when it had been written.
    Sync(PendingSync, Timestamp),
    /// The log after this one is there.
    Create(u64, Timestamp),
}

/// What came of a job.
pub(super) enum Done {
    Synced(PendingSync, Timestamp, io::Result<()>),
    Created(io::Result<LogWriter>),
}

pub(super) struct Syncing {
    pub(super) jobs: Receiver<Job>,
    pub(super) done: Sender<Done>,
    pub(super) store: PathBuf,
    pub(super) recorder: String,
}

impl Syncing {
    /// Works until no more jobs can come.
    pub(super) fn run(self) {
        for job in &self.jobs {
            let done = match job {
                Job::Sync(pending, written) => {
                    let result = pending.wait();
                    Done::Synced(pending, written, result)
                }
                Job::Create(order, began) => {
                    Done::Created(LogWriter::create(&self.store, order, &self.recorder, began))
                }
            };
            if self.done.send(done).is_err() {
                return; // nobody waits for it any more
            }
        }
    }
}

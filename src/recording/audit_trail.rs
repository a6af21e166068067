//! The way into the sealed log of what people did: a thread, so that nobody waits for the disk.
//!
//! The log is open only while something is written, so that another program may write its own
//! records in between. What cannot be written waits and is tried again, and why is told.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::audit::{AuditBook, AuditError};
use super::journal::AuditRecord;

/// How long the log stays open after a record, and how long until one that failed is tried again.
const REST: Duration = Duration::from_millis(500);

/// Takes in what people did. Dropping it writes what waits.
pub struct AuditTrail {
    sender: Option<Sender<AuditRecord>>,
    trouble: Arc<Mutex<Option<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl AuditTrail {
    /// Begins to write the log in this folder.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let (sender, records) = unbounded();
        let trouble = Arc::new(Mutex::new(None));
        let told = Arc::clone(&trouble);
        let folder = folder.to_owned();
        let thread = thread::Builder::new()
            .name("audit".into())
            .spawn(move || write_all(&folder, &records, &told))?;
        Ok(Self {
            sender: Some(sender),
            trouble,
            thread: Some(thread),
        })
    }

    /// Takes in a record. Never waits.
    pub fn append(&self, record: AuditRecord) {
        if let Some(sender) = &self.sender {
            // The thread ends only after the sender is gone.
            sender.send(record).ok();
        }
    }

    /// Why records could not be written, if they could not.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().ok().and_then(|told| told.clone())
    }
}

impl Drop for AuditTrail {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn write_all(folder: &Path, records: &Receiver<AuditRecord>, told: &Mutex<Option<String>>) {
    let mut book: Option<AuditBook> = None;
    let mut waiting: VecDeque<AuditRecord> = VecDeque::new();
    loop {
        let next = match (&book, waiting.is_empty()) {
            (None, true) => records.recv().map_err(|_| RecvTimeoutError::Disconnected),
            _ => records.recv_timeout(REST),
        };
        let is_last = matches!(next, Err(RecvTimeoutError::Disconnected));
        match next {
            Ok(record) => waiting.push_back(record),
            // Others may write now.
            Err(_) => book = None,
        }
        let written = write(folder, &mut book, &mut waiting);
        if written.is_err() {
            book = None;
        }
        if let Ok(mut told) = told.lock() {
            *told = written
                .err()
                .map(|why| format!("the audit is not written: {why}"));
        }
        if is_last {
            return;
        }
    }
}

/// Writes what waits, in order; what could not be written still waits then.
fn write(
    folder: &Path,
    book: &mut Option<AuditBook>,
    waiting: &mut VecDeque<AuditRecord>,
) -> Result<(), AuditError> {
    while let Some(record) = waiting.front() {
        let open = match book {
            Some(open) => open,
            None => book.insert(AuditBook::open(folder)?),
        };
        open.append(record)?;
        waiting.pop_front();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn record(number: i64) -> AuditRecord {
        AuditRecord {
            at: Timestamp::from_secs(1_700_000_000 + number),
            by: "Ada".to_owned(),
            action: "acknowledge".to_owned(),
            subject: format!("TK-{number}.level"),
            detail: String::new(),
        }
    }

    #[test]
    fn all_that_was_taken_in_is_written_when_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        for part in 0..3 {
            let trail = AuditTrail::start(folder.path()).expect("a thread");
            for number in 0..20 {
                trail.append(record(part * 20 + number));
            }
        }
        let read = AuditBook::read(folder.path()).expect("readable");
        assert_eq!(read, (0..60).map(record).collect::<Vec<_>>());
        let verdict = AuditBook::verify(folder.path()).expect("readable");
        assert_eq!((verdict.fault, verdict.seal.records), (None, 60));
    }

    #[test]
    fn nothing_is_appended_to_a_changed_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        std::fs::write(&path, "{}\n").expect("written");
        let trail = AuditTrail::start(folder.path()).expect("a thread");
        trail.append(record(1));
        while trail.trouble().is_none() {
            thread::yield_now();
        }
        let told = trail.trouble().expect("a trouble");
        assert!(told.contains("record 1"), "{told}");
        drop(trail);
        let text = std::fs::read_to_string(&path).expect("readable");
        assert_eq!(text, "{}\n");
    }
}

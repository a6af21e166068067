//! Who did what, so that nobody can change it unnoticed: a text file in which each line holds
//! the hash of the line before.
//!
//! ```text
//! {"number":1,"at":"…","by":"Ada","action":"shelve","subject":"P-101.flow","detail":"…","previous":"000…","hash":"9f2…"}
//! ```
//!
//! The hash is SHA-256 over all other fields, each with its length before it. Lines are
//! appended and forced to the disk one by one. A last line that a crash cut off is taken away
//! when the file is opened again.
//!
//! Limitations: whoever can write the file can make a new one, or cut lines off its end. Keep
//! the newest hash elsewhere, such as in the shift report, and compare it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::journal::AuditRecord;
use crate::time::Timestamp;

/// The name of the file in a store.
const FILE: &str = "audit.jsonl";

/// The number and the hash of the newest record: enough to see that nothing was cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditSeal {
    /// How many records there are.
    pub records: u64,
    /// The hash of the last one, in hexadecimal; empty if there is none.
    pub hash: String,
}

/// The file, open for one writer.
#[derive(Debug)]
pub struct AuditBook {
    path: PathBuf,
    file: File,
    seal: AuditSeal,
}

/// Why the file could not be read or written.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The disk refused.
    #[error("{source}: {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it was changed, so nothing may be appended.
    #[error("{fault}; keep the file as evidence and move it away: {}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: AuditFault,
    },
}

/// The first record that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("record {record}: {what}")]
pub struct AuditFault {
    /// Its number, from 1: its line.
    pub record: u64,
    /// What is wrong.
    pub what: &'static str,
}

/// What a check of the file found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// Up to the first fault, or of all.
    pub seal: AuditSeal,
    /// The first fault.
    pub fault: Option<AuditFault>,
    /// True if the last line was cut off in writing; it counts for nothing.
    pub torn: bool,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    number: u64,
    at: String,
    by: String,
    action: String,
    subject: String,
    detail: String,
    previous: String,
    hash: String,
}

impl AuditBook {
    /// Opens the book of a store, made if it is not there. A changed one is refused; while
    /// another program has it open, this waits.
    pub fn open(store: &Path) -> Result<Self, AuditError> {
        let path = store.join(FILE);
        let refused = |source| AuditError::File {
            path: path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(&path);
        let file = file.map_err(refused)?;
        match file.lock() {
            // A file system without locks has one program at a time by agreement.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(refused(error)),
            _ => {}
        }
        let (verdict, whole) = check(&file).map_err(refused)?;
        if let Some(fault) = verdict.fault {
            return Err(AuditError::Broken { path, fault });
        }
        if verdict.torn {
            file.set_len(whole).map_err(refused)?;
        }
        Ok(Self {
            path,
            file,
            seal: verdict.seal,
        })
    }

    /// Writes a record down, on the disk when this returns.
    pub fn append(&mut self, record: &AuditRecord) -> Result<&AuditSeal, AuditError> {
        let mut line = Line {
            number: self.seal.records + 1,
            at: record.at.to_string(),
            by: record.by.clone(),
            action: record.action.clone(),
            subject: record.subject.clone(),
            detail: record.detail.clone(),
            previous: self.seal.hash.clone(),
            hash: String::new(),
        };
        line.hash = line.digest();
        let refused = |source| AuditError::File {
            path: self.path.clone(),
            source,
        };
        let mut text = serde_json::to_vec(&line)
            .map_err(io::Error::from)
            .map_err(refused)?;
        text.push(b'\n');
        let written = self.file.write_all(&text);
        written
            .and_then(|()| self.file.sync_data())
            .map_err(refused)?;
        self.seal = AuditSeal {
            records: line.number,
            hash: line.hash,
        };
        Ok(&self.seal)
    }

    /// The newest record's number and hash.
    pub fn seal(&self) -> &AuditSeal {
        &self.seal
    }

    /// Checks the book of a store; a store without one has no records.
    pub fn verify(store: &Path) -> Result<AuditVerdict, AuditError> {
        let path = store.join(FILE);
        let refused = |source| AuditError::File {
            path: path.clone(),
            source,
        };
        if !fs::exists(&path).map_err(refused)? {
            return Ok(AuditVerdict {
                seal: AuditSeal::default(),
                fault: None,
                torn: false,
            });
        }
        let file = File::open(&path).map_err(refused)?;
        let (verdict, _) = check(&file).map_err(refused)?;
        Ok(verdict)
    }

    /// The records of a store's book up to the first fault, in order.
    pub fn read(store: &Path) -> Result<Vec<AuditRecord>, AuditError> {
        let path = store.join(FILE);
        let refused = |source| AuditError::File {
            path: path.clone(),
            source,
        };
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(refused)?,
        };
        let mut records = Vec::new();
        walk(&file, |line, at| {
            records.push(AuditRecord {
                at,
                by: line.by,
                action: line.action,
                subject: line.subject,
                detail: line.detail,
            });
        })
        .map_err(refused)?;
        Ok(records)
    }
}

impl Line {
    /// SHA-256 over all fields but the hash.
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.number.to_be_bytes());
        for field in [
            &self.at,
            &self.by,
            &self.action,
            &self.subject,
            &self.detail,
            &self.previous,
        ] {
            // Its length before it, so that nothing moves from one field to the next.
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        let digest = hasher.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The line as it was written after `seal`, with its instant.
    fn read(text: &[u8], seal: &AuditSeal) -> Result<(Self, Timestamp), &'static str> {
        let line: Self = serde_json::from_slice(text).map_err(|_| "the line is no record")?;
        let at = line.at.parse().map_err(|_| "the line is no record")?;
        if line.number != seal.records + 1 {
            return Err("the number is not the next one: a record is missing or was added");
        }
        if line.previous != seal.hash {
            return Err("it does not follow the record before: one was changed or is missing");
        }
        if line.hash != line.digest() {
            return Err("its text is not what its hash says: it was changed");
        }
        // The same record in other words, such as with spaces, was not written here.
        match serde_json::to_vec(&line) {
            Ok(written) if written == text => Ok((line, at)),
            _ => Err("it is not written as this program writes: it was changed"),
        }
    }
}

fn check(file: &File) -> io::Result<(AuditVerdict, u64)> {
    walk(file, |_, _| {})
}

/// Goes through the lines up to the first fault. Tells the verdict, and where the last whole
/// line ends.
fn walk(file: &File, mut take: impl FnMut(Line, Timestamp)) -> io::Result<(AuditVerdict, u64)> {
    let mut reader = BufReader::new(file);
    let mut verdict = AuditVerdict {
        seal: AuditSeal::default(),
        fault: None,
        torn: false,
    };
    let (mut text, mut whole) = (Vec::new(), 0);
    loop {
        text.clear();
        let read = reader.read_until(b'\n', &mut text)? as u64;
        if read == 0 {
            return Ok((verdict, whole));
        }
        let told = text.strip_suffix(b"\n");
        match Line::read(told.unwrap_or(&text), &verdict.seal) {
            // A whole record without its end: it was forced to the disk with its end.
            Ok(_) | Err(_) if told.is_none() => {
                verdict.torn = true;
                return Ok((verdict, whole));
            }
            Ok((line, at)) => {
                verdict.seal = AuditSeal {
                    records: line.number,
                    hash: line.hash.clone(),
                };
                take(line, at);
                whole += read;
            }
            Err(what) => {
                verdict.fault = Some(AuditFault {
                    record: verdict.seal.records + 1,
                    what,
                });
                return Ok((verdict, whole));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64) -> AuditRecord {
        AuditRecord {
            at: Timestamp::from_secs(1_700_000_000 + number as i64),
            by: "Ada \"the\" operator".to_owned(),
            action: "shelve".to_owned(),
            subject: format!("P-{number}.flow"),
            detail: "2 h: cleaning ✓".to_owned(),
        }
    }

    fn book(records: u64) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 1..=records {
            // Opened anew each time: the chain goes on.
            let mut book = AuditBook::open(folder.path()).expect("it opens");
            let seal = book.append(&record(number)).expect("written");
            assert_eq!(seal.records, number);
        }
        folder
    }

    #[test]
    fn records_come_back_as_they_were_written() {
        let folder = book(5);
        let records = AuditBook::read(folder.path()).expect("readable");
        let expected: Vec<_> = (1..=5).map(record).collect();
        assert_eq!(records, expected);
    }

    #[test]
    fn every_flipped_byte_names_its_record() {
        let folder = book(6);
        let path = folder.path().join(FILE);
        let whole = fs::read(&path).expect("readable");
        let mut line = 1;
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).expect("written");
            let verdict = AuditBook::verify(folder.path()).expect("readable");
            let is_last = place == whole.len() - 1;
            // Without its end the last line reads as torn.
            assert_eq!(verdict.torn, is_last, "byte {place}");
            let named = verdict.fault.map(|fault| fault.record);
            assert_eq!(named, (!is_last).then_some(line), "byte {place}");
            line += u64::from(whole[place] == b'\n');
        }
        fs::write(&path, &whole).expect("written");
        let verdict = AuditBook::verify(folder.path()).expect("readable");
        assert_eq!((verdict.fault, verdict.seal.records), (None, 6));
    }

    #[test]
    fn a_missing_or_doubled_record_is_named_and_nothing_is_appended() {
        let folder = book(4);
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).expect("readable");
        let lines: Vec<_> = text.lines().collect();
        for (order, named) in [
            (vec![0, 2, 3], 2),
            (vec![0, 1, 1, 2, 3], 3),
            (vec![1, 0, 2, 3], 1),
        ] {
            let changed: String = order
                .iter()
                .map(|place| format!("{}\n", lines[*place]))
                .collect();
            fs::write(&path, changed).expect("written");
            let verdict = AuditBook::verify(folder.path()).expect("readable");
            assert_eq!(
                verdict.fault.map(|fault| fault.record),
                Some(named),
                "{order:?}"
            );
            assert!(matches!(
                AuditBook::open(folder.path()),
                Err(AuditError::Broken { .. })
            ));
        }
    }

    #[test]
    fn a_torn_last_line_is_cut_and_the_chain_goes_on() {
        let folder = book(3);
        let path = folder.path().join(FILE);
        let whole = fs::read(&path).expect("readable");
        fs::write(&path, &whole[..whole.len() - 20]).expect("written");
        let mut opened = AuditBook::open(folder.path()).expect("it opens");
        assert_eq!(opened.seal().records, 2);
        opened.append(&record(3)).expect("written");
        drop(opened);
        assert_eq!(fs::read(&path).expect("readable"), whole);
    }
}

//! Reading every byte of a store, to tell all that is wrong.

use std::fs;

use super::layout::{SegmentName, Table};
use super::library::{Library, LibraryError};
use super::log::{LogEnd, read_log};
use super::store::Store;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct StoreCheck {
    /// Segments that were read whole.
    pub segments: usize,
    /// Log files that were read whole.
    pub logs: usize,
    /// Rows in segments of samples.
    pub rows: u64,
    /// Rows in logs.
    pub log_rows: u64,
    /// All that is wrong: the file, and what.
    pub problems: Vec<(String, String)>,
}

/// Reads all of a store. What is wrong is told, nothing is changed.
pub fn verify(store: &Store, library: &Library) -> Result<StoreCheck, LibraryError> {
    let mut check = StoreCheck {
        problems: library.broken(),
        ..StoreCheck::default()
    };
    let depot = library.depot();
    for table in Table::ALL {
        for entry in depot.list(table.folder())? {
            let Some(name) = SegmentName::parse(&entry.path) else {
                continue; // told by the library
            };
            if check.problems.iter().any(|(path, _)| *path == entry.path) {
                continue;
            }
            match library.check(&name) {
                Ok(rows) if table == Table::Samples => {
                    check.segments += 1;
                    check.rows += rows;
                }
                Ok(_) => check.segments += 1,
                Err(error) => check.problems.push((entry.path, error.to_string())),
            }
        }
    }
    check_logs(store, &mut check);
    Ok(check)
}

fn check_logs(store: &Store, check: &mut StoreCheck) {
    let folder = store.folder().join("log");
    let Ok(listed) = fs::read_dir(&folder) else {
        return; // no log: nothing was recorded, or all is sealed
    };
    for file in listed.flatten() {
        let path = file.path();
        if path.extension().is_none_or(|extension| extension != "wal") {
            continue;
        }
        let name = path.display().to_string();
        let read = fs::read(&path).map_err(|error| error.to_string());
        match read.and_then(|bytes| read_log(&bytes).map_err(|error| error.to_string())) {
            Ok(log) => {
                check.logs += 1;
                check.log_rows += log.rows.len() as u64;
                if let LogEnd::Torn {
                    offset,
                    lost_bytes,
                    reason,
                } = log.end
                {
                    let torn = format!(
                        "{reason} at byte {offset}: the last {lost_bytes} bytes are left out"
                    );
                    check.problems.push((name, torn));
                }
            }
            Err(why) => check.problems.push((name, why)),
        }
    }
}

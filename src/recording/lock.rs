//! One recorder per store: a lock that ends with its process, however that ends.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::time::Timestamp;

/// The name of the file in the store's folder.
const FILE: &str = "lock";

/// Why a store cannot be had for writing.
#[derive(Debug, Error)]
pub enum LockError {
    /// Someone else writes it.
    #[error("another recorder writes this store ({holder}); end it, or choose another store: {}", path.display())]
    Held {
        /// What the other one wrote about itself.
        holder: String,
        /// The lock.
        path: PathBuf,
    },
    /// The lock cannot be written.
    #[error("{source}: {}", path.display())]
    Refused {
        /// The lock.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
}

/// The right to write a store. Dropping it gives it up; so does the end of the process.
#[derive(Debug)]
pub struct StoreLock {
    file: File,
    path: PathBuf,
}

impl StoreLock {
    /// Takes the lock of the store in `folder`, which must exist; never waits.
    pub fn acquire(folder: &Path, now: Timestamp) -> Result<Self, LockError> {
        let path = folder.join(FILE);
        let refused = |source| LockError::Refused {
            path: path.clone(),
            source,
        };
        // Not truncated: what stands there may be another's.
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                let holder = match holder.trim() {
                    "" => "it has not said who it is".to_owned(),
                    holder => holder.chars().take(120).collect(),
                };
                return Err(LockError::Held { holder, path });
            }
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        // Who holds it is told as a courtesy: on a full disk the lock holds without it.
        let written = file
            .set_len(0)
            .and_then(|()| writeln!(file, "process {} since {now}", std::process::id()));
        if let Err(error) = written
            && error.kind() != io::ErrorKind::StorageFull
        {
            return Err(refused(error));
        }
        Ok(Self { file, path })
    }

    /// False if the file has been taken away: then another can take the store.
    pub fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }
}

/// True unless it is certain that `path` no longer leads to `file`.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(found)) => (open.dev(), open.ino()) == (found.dev(), found.ino()),
        (_, Err(error)) => !matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        ),
        (Err(_), _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_has_one_writer_and_the_second_hears_who() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Timestamp::from_secs(1_800_000_000);
        let first = StoreLock::acquire(folder.path(), now).expect("the lock");
        let refused = StoreLock::acquire(folder.path(), now).expect_err("a second lock");
        let told = refused.to_string();
        let holder = format!("process {} since {now}", std::process::id());
        assert!(told.contains(&holder), "{told}");
        assert!(told.contains("lock"), "{told}");
        drop(first);
        StoreLock::acquire(folder.path(), now).expect("the lock is free again");
    }

    #[test]
    fn a_lock_that_was_taken_away_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = StoreLock::acquire(folder.path(), Timestamp::default()).expect("the lock");
        assert!(lock.is_in_place());
        fs::remove_file(folder.path().join(FILE)).expect("removed");
        assert!(!lock.is_in_place());
        let again = StoreLock::acquire(folder.path(), Timestamp::default()).expect("a new one");
        assert!(again.is_in_place() && !lock.is_in_place());
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = folder.path().join("gone");
        let refused = StoreLock::acquire(&gone, Timestamp::default()).expect_err("no folder");
        assert!(matches!(refused, LockError::Refused { .. }), "{refused}");
        assert!(refused.to_string().contains("gone/lock"), "{refused}");
    }
}

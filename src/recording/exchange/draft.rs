//! A file under a temporary name, put in its place when it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::ExchangeError;

/// Tells drafts of one process apart.
static NEXT_DRAFT: AtomicU32 = AtomicU32::new(0);

/// The name of a draft and of the file that it becomes. Removed if dropped before that.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    target: PathBuf,
    placed: bool,
}

impl Draft {
    /// Opens a new draft of `target`, in the same folder.
    pub(super) fn create(target: &Path) -> Result<(Self, BufWriter<File>), ExchangeError> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let number = NEXT_DRAFT.fetch_add(1, Ordering::Relaxed);
        let path = target.with_file_name(format!(".{name}.{}-{number}.part", process::id()));
        let draft = Self {
            path,
            target: target.to_owned(),
            placed: false,
        };
        match File::create_new(&draft.path) {
            Ok(file) => Ok((draft, BufWriter::new(file))),
            Err(source) => Err(draft.refused(source)),
        }
    }

    /// Puts the complete file in its place, over what was there.
    pub(super) fn place(mut self, file: BufWriter<File>) -> Result<(), ExchangeError> {
        self.try_place(file)
            .map_err(|source| self.refused(source))?;
        self.placed = true;
        Ok(())
    }

    fn try_place(&self, mut file: BufWriter<File>) -> io::Result<()> {
        file.flush()?;
        // Renamed before its bytes are safe, a crash could leave an empty file in place.
        file.get_ref().sync_all()?;
        fs::rename(&self.path, &self.target)
    }

    /// The file that this becomes.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn refused(&self, source: io::Error) -> ExchangeError {
        ExchangeError::Write {
            source,
            path: self.target.clone(),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed {
            fs::remove_file(&self.path).ok(); // gone already is as good
        }
    }
}

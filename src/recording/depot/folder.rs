//! A depot in a folder of this machine.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;

use super::{Depot, DepotError, Entry, Piece};

/// Tells drafts of one process apart.
static NEXT_DRAFT: AtomicU32 = AtomicU32::new(0);

/// Files of a folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

struct OpenFile {
    file: File,
    bytes: u64,
    path: PathBuf,
}

impl Folder {
    /// The depot in `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file of it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn list_into(&self, folder: &Path, out: &mut Vec<Entry>) -> io::Result<()> {
        let listed = match fs::read_dir(folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in listed {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_string_lossy().starts_with('.') {
                continue; // a draft
            }
            let path = entry.path();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.list_into(&path, out)?;
            } else if kind.is_file()
                && let Ok(inside) = path.strip_prefix(&self.root)
            {
                // Taken away since it was listed: not there is not an error.
                let Ok(about) = entry.metadata() else {
                    continue;
                };
                out.push(Entry {
                    path: inside.to_string_lossy().into_owned(),
                    bytes: about.len(),
                });
            }
        }
        Ok(())
    }
}

impl Depot for Folder {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, DepotError> {
        let path = self.path(folder);
        let mut entries = Vec::new();
        self.list_into(&path, &mut entries)
            .map_err(|source| refused(&path, source))?;
        Ok(entries)
    }

    fn open(&self, path: &str) -> Result<Arc<dyn Piece>, DepotError> {
        let path = self.path(path);
        let open = || {
            let file = File::open(&path)?;
            let bytes = file.metadata()?.len();
            io::Result::Ok((file, bytes))
        };
        let (file, bytes) = open().map_err(|source| refused(&path, source))?;
        Ok(Arc::new(OpenFile { file, bytes, path }))
    }

    fn put(&self, path: &str, bytes: Bytes) -> Result<(), DepotError> {
        let path = self.path(path);
        let folder = path.parent().unwrap_or(&self.root);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number = NEXT_DRAFT.fetch_add(1, Ordering::Relaxed);
        let draft = folder.join(format!(".{name}.{}-{number}.part", std::process::id()));
        let write = || {
            fs::create_dir_all(folder)?;
            let mut file = File::create_new(&draft)?;
            file.write_all(&bytes)?;
            // Renamed before its bytes are safe, a crash could leave an empty file in place.
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|source| {
            fs::remove_file(&draft).ok(); // gone already is as good
            refused(&path, source)
        })
    }

    fn remove(&self, path: &str) -> Result<(), DepotError> {
        let path = self.path(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused(&path, error)),
            _ => Ok(()),
        }
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }
}

impl Piece for OpenFile {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes, DepotError> {
        let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        if range.end > self.bytes {
            let source = io::Error::from(io::ErrorKind::UnexpectedEof);
            return Err(refused(&self.path, source));
        }
        let mut bytes = vec![0; length];
        self.file
            .read_exact_at(&mut bytes, range.start)
            .map_err(|source| refused(&self.path, source))?;
        Ok(bytes.into())
    }
}

fn refused(path: &Path, source: io::Error) -> DepotError {
    DepotError {
        place: path.display().to_string(),
        source,
    }
}

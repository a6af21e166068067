//! Files that a scene names and that must lie in its folder.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a file that a scene names is not used.
#[derive(Debug)]
pub(super) enum NotInside {
    /// The path leads out of the folder, by its words or by a link.
    Outside,
    /// The file system refused.
    Refused(io::Error),
}

/// The path of `file` in `folder`, absolute and with all links followed.
pub(super) fn path_inside(folder: &Path, file: &str) -> Result<PathBuf, NotInside> {
    let inner = Path::new(file).components();
    let mut inner = inner.map(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if file.is_empty() || !inner.all(|is_inner| is_inner) {
        return Err(NotInside::Outside);
    }
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let whole = folder.join(file).canonicalize();
    let whole = whole.map_err(NotInside::Refused)?;
    let within = folder.canonicalize().map_err(NotInside::Refused)?;
    match whole.starts_with(within) {
        true => Ok(whole),
        false => Err(NotInside::Outside),
    }
}

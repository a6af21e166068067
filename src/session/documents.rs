//! The documents of a scene: whether their files are there, and what to hand to a viewer.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Opened;
use super::inside::{NotInside, path_inside};
use crate::problem::Problem;
use crate::scene::compile::document_files;
use crate::scene::{Document, DocumentKind, DocumentPlace, Scene};

/// Why a document cannot be opened.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The path leads out of the scene's folder.
    #[error("`{file}` is not in the scene's folder; put it there, and write its path from there")]
    Outside {
        /// The path as it is written.
        file: String,
    },
    /// The file system refused.
    #[error(
        "the document `{file}` cannot be read: {source}; its path starts at the scene's folder"
    )]
    Refused {
        /// The path as it is written.
        file: String,
        /// What the file system says.
        source: io::Error,
    },
    /// It is a link to something that might be run.
    #[error("`{file}` leads to a file that is no document; name a document itself")]
    NoDocument {
        /// The path as it is written.
        file: String,
    },
    /// It is a folder, or something stranger.
    #[error("`{file}` is no file; name a file in the scene's folder")]
    NoFile {
        /// The path as it is written.
        file: String,
    },
}

/// What a viewer is given to show a document: an absolute path, or an address.
///
/// The file is looked for anew: links may lead elsewhere than they did when the scene was opened.
pub fn document_target(document: &Document, folder: &Path) -> Result<OsString, DocumentError> {
    match &document.place {
        DocumentPlace::Page(url) => Ok(url.into()),
        DocumentPlace::File { file, .. } => find(folder, file).map(|(path, _)| path.into()),
    }
}

/// Looks how long the documents of a scene are.
pub(super) fn measure(scene: &mut Scene, folder: &Path) {
    for document in &mut scene.documents {
        if let DocumentPlace::File { file, bytes } = &mut document.place {
            *bytes = find(folder, file).ok().map(|(_, length)| length);
        }
    }
}

/// The documents that cannot be opened, each with the line that names it.
pub fn lost_documents(opened: &Opened) -> Vec<Problem> {
    if opened.scene.documents.is_empty() {
        return Vec::new();
    }
    let Ok(text) = fs::read_to_string(&opened.file) else {
        return Vec::new(); // gone since it was opened
    };
    let mut problems = Vec::new();
    for named in document_files(&text) {
        if let Err(error) = find(&opened.folder, &named.file) {
            let text = error.to_string();
            let (message, hint) = text.split_once("; ").unwrap_or((&text, ""));
            problems.push(Problem::new(named.line, message, hint));
        }
    }
    problems.sort();
    problems
}

/// Where the file is, and its length, bytes.
fn find(folder: &Path, file: &str) -> Result<(PathBuf, u64), DocumentError> {
    let file = || file.to_owned();
    let refused = |source| DocumentError::Refused {
        source,
        file: file(),
    };
    let path = path_inside(folder, &file()).map_err(|error| match error {
        NotInside::Outside => DocumentError::Outside { file: file() },
        NotInside::Refused(source) => refused(source),
    })?;
    if path.to_str().and_then(DocumentKind::of_file).is_none() {
        return Err(DocumentError::NoDocument { file: file() });
    }
    let known = fs::metadata(&path).map_err(refused)?;
    match known.is_file() {
        true => Ok((path, known.len())),
        false => Err(DocumentError::NoFile { file: file() }),
    }
}

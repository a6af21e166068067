//! Where the files of a store are kept: a folder, or a bucket in the cloud.
//!
//! A file is put in its place whole or not at all, and never changed afterwards.

mod folder;
#[cfg(feature = "lake")]
mod lake;
mod place;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
pub use folder::Folder;
#[cfg(feature = "lake")]
pub use lake::Lake;
pub use place::{PlaceError, open};
use thiserror::Error;

/// Why a file of a store could not be had or put.
#[derive(Debug, Error)]
#[error("{source}: {place}")]
pub struct DepotError {
    /// What was tried to be read or written, as a person finds it.
    pub place: String,
    /// What the file system or the cloud says.
    pub source: std::io::Error,
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path inside the depot, with `/` between folders.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// A file that is open for reading, in pieces and in any order.
pub trait Piece: Send + Sync {
    /// Its size.
    fn len(&self) -> u64;

    /// True if there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some of its bytes; fewer than asked for is an error.
    fn read(&self, range: Range<u64>) -> Result<Bytes, DepotError>;
}

/// Files by path.
pub trait Depot: Send + Sync {
    /// The files below a folder, in any order. Drafts are not among them; a folder that does
    /// not exist has none.
    fn list(&self, folder: &str) -> Result<Vec<Entry>, DepotError>;

    /// Opens a file.
    fn open(&self, path: &str) -> Result<Arc<dyn Piece>, DepotError>;

    /// Puts a whole file in its place, over what was there; safe when this returns.
    fn put(&self, path: &str, bytes: Bytes) -> Result<(), DepotError>;

    /// Takes a file away; one that is not there is gone already.
    fn remove(&self, path: &str) -> Result<(), DepotError>;

    /// Where it is, as a person finds it. Without secrets.
    fn place(&self) -> String;
}

//! Opening a store: a folder of this machine, or a place in the cloud with a folder beside it
//! for lock and log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::depot::{self, Depot, PlaceError};
use super::layout::Table;
use super::settings::{SettingsError, StoreSettings};

/// A store and how it is kept.
pub struct Store {
    place: String,
    folder: PathBuf,
    depot: Arc<dyn Depot>,
    settings: StoreSettings,
}

/// Why there is no store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Nothing was ever recorded there.
    #[error("there is no store here; `parallax record` makes one: {place}")]
    Missing {
        /// Where it was looked for.
        place: String,
    },
    /// The folder cannot be used.
    #[error("the store's folder cannot be used: {source}: {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// Something else is in the folder.
    #[error(
        "this folder holds other things than a store; choose an empty or a new one: {}",
        path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The place cannot be reached.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Its settings are not valid.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl Store {
    /// Opens the store at `place`, which must be there.
    pub fn open(place: &str) -> Result<Self, StoreError> {
        let depot = depot::open(place)?.into();
        let folder = folder_of(place);
        if !is_remote(place) && !is_store(&folder) {
            return Err(StoreError::Missing {
                place: place.to_owned(),
            });
        }
        Self::with(place, folder, depot)
    }

    /// Opens the store at `place`, made if it is not there. A folder that holds other things
    /// is refused.
    pub fn open_or_create(place: &str) -> Result<Self, StoreError> {
        let depot = depot::open(place)?.into();
        let folder = folder_of(place);
        let refused = |source| StoreError::Folder {
            path: folder.clone(),
            source,
        };
        fs::create_dir_all(&folder).map_err(refused)?;
        let mut inside = fs::read_dir(&folder).map_err(refused)?;
        if !is_store(&folder) && inside.next().is_some() {
            return Err(StoreError::Occupied { path: folder });
        }
        StoreSettings::write_defaults(&folder)?;
        Self::with(place, folder, depot)
    }

    fn with(place: &str, folder: PathBuf, depot: Arc<dyn Depot>) -> Result<Self, StoreError> {
        let settings = StoreSettings::read(&folder)?;
        Ok(Self {
            place: place.to_owned(),
            folder,
            depot,
            settings,
        })
    }

    /// Where it is, as a person says it.
    pub fn place(&self) -> String {
        self.place.clone()
    }

    /// The folder of lock, log and settings.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where its segments are.
    pub fn depot(&self) -> Arc<dyn Depot> {
        Arc::clone(&self.depot)
    }

    /// How it is kept.
    pub fn settings(&self) -> &StoreSettings {
        &self.settings
    }
}

/// True if a folder is that of a store.
fn is_store(folder: &Path) -> bool {
    let tables = Table::ALL.map(Table::folder);
    let names = ["store.ron", "log"].into_iter().chain(tables);
    names.into_iter().any(|name| folder.join(name).exists())
}

/// True if a place is not on this machine.
fn is_remote(place: &str) -> bool {
    place.contains("://") && !place.starts_with("file://")
}

/// The folder on this machine that belongs to a place.
fn folder_of(place: &str) -> PathBuf {
    if !is_remote(place) {
        return PathBuf::from(place.strip_prefix("file://").unwrap_or(place));
    }
    let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = given("XDG_STATE_HOME").map(PathBuf::from).or_else(|| {
        let home = given("HOME")?;
        Some(Path::new(&home).join(".local/state"))
    });
    let name: String = place
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let state = state.unwrap_or_else(|| PathBuf::from("."));
    state.join("parallax/logs").join(name)
}

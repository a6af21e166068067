//! Rows from elsewhere into a store: through its log, as if they had been recorded, so that a
//! crash loses and doubles nothing.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::exchange::{ExchangeError, RowSink};
use super::library::{Library, LibraryError};
use super::lock::{LockError, StoreLock};
use super::log::{LogFile, LogFileError, LogWriter};
use super::recorder::{Recorder, RecorderError};
use super::row::{Names, Row, SeriesIndex};
use super::sealer::Sealer;
use super::store::Store;
use crate::time::Timestamp;

/// Rows of one log file.
const LOG_ROWS: usize = 1_000_000;

/// Why rows could not be taken in.
#[derive(Debug, Error)]
pub enum IntakeError {
    /// Another program writes the store.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogFileError),
    /// The log cannot be written.
    #[error("the log cannot be written: {source}: {}", path.display())]
    Write {
        /// The store's folder.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// The log cannot be sealed.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// The log cannot be sealed, and waits.
    #[error("what was taken in waits in the log: {0}")]
    Unsealed(String),
    /// The store cannot be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
}

/// Takes rows into the log of a store. Held until it is dropped, nobody else records there.
pub struct Intake {
    folder: PathBuf,
    recorder: String,
    lock: StoreLock,
    names: Names,
    places: HashMap<(usize, u32), SeriesIndex>,
    rows: Vec<Row>,
    next_order: u64,
    /// Which reader the rows come from: each has its own places of series.
    reader: usize,
    now: fn() -> Timestamp,
}

impl Intake {
    /// Begins to take rows into `store`.
    pub fn begin(
        store: &Store,
        library: &Library,
        now: fn() -> Timestamp,
    ) -> Result<Self, IntakeError> {
        let log = store.folder().join("log");
        std::fs::create_dir_all(&log).map_err(|source| IntakeError::Write {
            path: log.clone(),
            source,
        })?;
        reserve_order(store, library, now)?;
        let lock = StoreLock::acquire(store.folder(), now())?;
        let last = LogFile::list(store.folder())?.pop();
        Ok(Self {
            folder: store.folder().to_owned(),
            recorder: store.settings().recorder.clone(),
            lock,
            names: Names::default(),
            places: HashMap::new(),
            rows: Vec::new(),
            next_order: last.map_or(1, |last| last.order + 1),
            reader: 0,
            now,
        })
    }

    /// Says that what comes next is from another reader.
    pub fn next_reader(&mut self) {
        self.reader += 1;
        self.places.clear();
    }

    fn write(&mut self) -> std::io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let began = (self.now)();
        let mut log = LogWriter::create(&self.folder, self.next_order, &self.recorder, began)?;
        log.append(&self.names, &self.rows);
        log.write()?;
        log.sync()?;
        self.next_order += 1;
        self.rows.clear();
        Ok(())
    }

    fn place(&mut self, names: &Names, series: SeriesIndex) -> SeriesIndex {
        let key = (self.reader, series.0);
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let place = self.names.add(names.get(series).clone());
        self.places.insert(key, place);
        place
    }

    /// Writes what waits, and lets others in again.
    pub fn finish(mut self) -> Result<(), IntakeError> {
        let written = self.write();
        let Self { lock, folder, .. } = self;
        drop(lock);
        written.map_err(|source| IntakeError::Write {
            path: folder,
            source,
        })
    }
}

impl RowSink for Intake {
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError> {
        for row in rows {
            let series = self.place(names, row.series);
            self.rows.push(Row { series, ..*row });
        }
        if self.rows.len() >= LOG_ROWS {
            self.write().map_err(ExchangeError::sink)?;
        }
        Ok(())
    }
}

/// Sees to it that the log's next number is beyond that of every segment, also where the
/// segments are in the cloud and the log's folder is new.
pub fn reserve_order(
    store: &Store,
    library: &Library,
    now: fn() -> Timestamp,
) -> Result<(), IntakeError> {
    if LogFile::list(store.folder())?.pop().is_some() {
        return Ok(());
    }
    let recorder = &store.settings().recorder;
    let Some(highest) = library.catalogue().highest_order(recorder) else {
        return Ok(());
    };
    let refused = |source| IntakeError::Write {
        path: store.folder().to_owned(),
        source,
    };
    std::fs::create_dir_all(store.folder().join("log")).map_err(refused)?;
    let _lock = StoreLock::acquire(store.folder(), now())?;
    let log = LogWriter::create(store.folder(), highest + 1, recorder, now());
    log.map(drop).map_err(refused)
}

/// Seals every log of a store that nobody records to. Returns how many there were.
pub fn seal_logs(
    store: &Store,
    library: &Arc<Library>,
    now: fn() -> Timestamp,
) -> Result<u64, IntakeError> {
    reserve_order(store, library, now)?;
    let sealer = Sealer::new(Arc::clone(library), store.settings().clone(), now);
    let names = Names::default();
    let quiet = Arc::new(|| {});
    let recorder = Recorder::start(store.folder(), names, Box::new(sealer), now, quiet)?;
    let status = recorder.finish();
    match status.sealing.stopped() {
        Some(why) => Err(IntakeError::Unsealed(why.to_owned())),
        None => Ok(status.logs_sealed),
    }
}

//! Reading a store: frames, series over time, and all rows between two instants.
//!
//! Blocks: called by the loader's thread, the sealer and the command line, never by a frame.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use thiserror::Error;

use super::block::{Block, StartFrame};
use super::catalogue::{Catalogue, SliceRef, groups};
use super::depot::{Depot, DepotError};
use super::journal::{Journal, JournalEntry, JournalError, read_journal};
use super::layout::{SegmentName, Table, hour_of, start_of_hour};
use super::readers::read_all;
use super::row::{Name, Series, Who};
use super::segment::{Bucket, Rollup, RollupFile, Segment, SegmentError};
use crate::history::SampleColumns;
use crate::signal::Sample;
use crate::time::Timestamp;

/// Segments of which the footer is held.
const FOOTERS: usize = 512;

/// Why the store could not be read.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// The folder or the cloud refused.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// A segment is not what it should be.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// A journal is not what it should be.
    #[error("{source}: {segment}")]
    Journal {
        /// Its path in the store.
        segment: String,
        /// What is wrong.
        source: JournalError,
    },
}

/// A store that is open for reading.
pub struct Library {
    depot: Arc<dyn Depot>,
    catalogue: RwLock<Catalogue>,
    footers: Mutex<Recent<SegmentName, Arc<Segment>>>,
    rollups: Mutex<Recent<SegmentName, Arc<RollupFile>>>,
    /// Files that are no segments, or broken ones: told once, never used.
    broken: Mutex<BTreeMap<String, String>>,
}

/// The values used last.
struct Recent<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl Library {
    /// Opens what is in `depot`, which may be nothing.
    pub fn open(depot: Arc<dyn Depot>) -> Result<Self, LibraryError> {
        let library = Self {
            depot,
            catalogue: RwLock::default(),
            footers: Mutex::new(Recent::new()),
            rollups: Mutex::new(Recent::new()),
            broken: Mutex::default(),
        };
        library.refresh()?;
        Ok(library)
    }

    /// Where the files are.
    pub fn depot(&self) -> &Arc<dyn Depot> {
        &self.depot
    }

    /// What there is.
    pub fn catalogue(&self) -> RwLockReadGuard<'_, Catalogue> {
        self.catalogue
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// For who writes segments.
    pub(super) fn catalogue_mut(&self) -> RwLockWriteGuard<'_, Catalogue> {
        self.catalogue
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Files that are no segments or broken ones, with what is wrong.
    pub fn broken(&self) -> Vec<(String, String)> {
        let broken = lock(&self.broken);
        broken
            .iter()
            .map(|(path, why)| (path.clone(), why.clone()))
            .collect()
    }

    /// Looks for segments that came or went. A broken file is told and left out.
    pub fn refresh(&self) -> Result<(), LibraryError> {
        let (mut samples, mut others) = (BTreeSet::new(), BTreeSet::new());
        let listed = read_all(&Table::ALL, |table| self.depot.list(table.folder()));
        for (table, entries) in Table::ALL.into_iter().zip(listed) {
            for entry in entries? {
                match SegmentName::parse(&entry.path) {
                    Some(name) if table == Table::Samples => {
                        samples.insert(name);
                    }
                    Some(name) => {
                        others.insert(name);
                    }
                    None if table == Table::Samples && entry.path.ends_with(".parquet") => {
                        let why = "the name is not that of a segment of this store";
                        lock(&self.broken).insert(entry.path, why.to_owned());
                    }
                    None => {}
                }
            }
        }
        let new: Vec<_> = {
            let catalogue = self.catalogue();
            let new = samples.iter().filter(|name| !catalogue.knows(name));
            new.cloned().collect()
        };
        let read = read_all(&new, |name| match self.segment(name) {
            Ok(segment) => Some((name.clone(), segment.info().slices.clone())),
            // Taken away since it was listed.
            Err(LibraryError::Depot(error))
                if error.source.kind() == std::io::ErrorKind::NotFound =>
            {
                None
            }
            Err(error) => {
                lock(&self.broken).insert(name.to_string(), error.to_string());
                None
            }
        });
        let read: Vec<_> = read.into_iter().flatten().collect();
        let mut catalogue = self.catalogue_mut();
        catalogue.keep_samples(&samples);
        catalogue.add_all_samples(read);
        catalogue.set_others(others);
        Ok(())
    }

    /// A segment of samples.
    pub fn segment(&self, name: &SegmentName) -> Result<Arc<Segment>, LibraryError> {
        if let Some(segment) = lock(&self.footers).get(name) {
            return Ok(segment);
        }
        let piece = self.depot.open(&name.to_string())?;
        let segment = Arc::new(Segment::open(piece, &name.to_string())?);
        lock(&self.footers).put(name.clone(), Arc::clone(&segment));
        Ok(segment)
    }

    fn rollup(&self, name: &SegmentName) -> Result<Arc<RollupFile>, LibraryError> {
        if let Some(file) = lock(&self.rollups).get(name) {
            return Ok(file);
        }
        let piece = self.depot.open(&name.to_string())?;
        let file = Arc::new(RollupFile::open(piece, &name.to_string())?);
        lock(&self.rollups).put(name.clone(), Arc::clone(&file));
        Ok(file)
    }

    /// Reads all of a segment. Returns how many rows it has.
    pub(super) fn check(&self, name: &SegmentName) -> Result<u64, LibraryError> {
        let journal = Journal::ALL
            .into_iter()
            .find(|journal| journal.table() == name.table);
        match (name.table, journal) {
            (Table::Samples, _) => {
                // Not what is held of it: what is on the disk now.
                self.forget(name);
                Ok(self.segment(name)?.verify()?.rows)
            }
            (_, Some(journal)) => Ok(self.read_journal(journal, name)?.len() as u64),
            (_, None) => {
                self.forget(name);
                Ok(self.rollup(name)?.verify()?)
            }
        }
    }

    fn read_journal(
        &self,
        journal: Journal,
        name: &SegmentName,
    ) -> Result<Vec<JournalEntry>, LibraryError> {
        let piece = self.depot.open(&name.to_string())?;
        let bytes = piece.read(0..piece.len())?;
        read_journal(journal, bytes).map_err(|source| LibraryError::Journal {
            segment: name.to_string(),
            source,
        })
    }

    /// Forgets the footers of a file that is written anew under its name.
    pub(super) fn forget(&self, name: &SegmentName) {
        lock(&self.footers).remove(name);
        lock(&self.rollups).remove(name);
    }

    /// All of a slice.
    pub fn slice(&self, slice: &SliceRef) -> Result<(StartFrame, Block), LibraryError> {
        Ok(self.segment(&slice.segment)?.read_slice(slice.slice)?)
    }

    /// All rows of some slices, each once.
    pub(super) fn merged(&self, slices: &[SliceRef]) -> Result<Block, LibraryError> {
        let mut blocks = Vec::with_capacity(slices.len());
        for slice in slices {
            blocks.push(self.slice(slice)?.1);
        }
        Ok(Block::merged(blocks))
    }

    /// Gives all rows between `from` and `to`, both included, block by block in order of time;
    /// within a block by series.
    pub fn for_each_block<E: From<LibraryError>>(
        &self,
        from: Timestamp,
        to: Timestamp,
        mut take: impl FnMut(Block) -> Result<(), E>,
    ) -> Result<(), E> {
        let slices: Vec<SliceRef> = {
            let catalogue = self.catalogue();
            catalogue.between(from, to).into_iter().cloned().collect()
        };
        for group in groups(slices) {
            let block = self.merged(&group)?;
            let inside = |at: Timestamp| (from..=to).contains(&at);
            let all = block.columns.at.iter().all(|&at| inside(at));
            take(if all {
                block
            } else {
                block.filtered(|_, row| inside(block.columns.at[row]))
            })?;
        }
        Ok(())
    }

    /// What every series showed at `at`, by what was written before `order`, where given.
    pub fn frame_at(&self, at: Timestamp, order: Option<u64>) -> Result<StartFrame, LibraryError> {
        let counting: Vec<SliceRef> = {
            let catalogue = self.catalogue();
            let counting = catalogue.answering(at, order);
            counting.into_iter().cloned().collect()
        };
        // Oldest order first: of equal instants what was written first counts.
        let mut counting = counting;
        counting.sort_by_key(|slice| slice.order);
        let mut newest: BTreeMap<(Name, Who), (Series, Sample, Option<Timestamp>)> =
            BTreeMap::new();
        for slice in &counting {
            let (frame, block) = self.slice(slice)?;
            for (series, sample, lost) in frame.rows {
                let key = (series.name.clone(), series.who);
                let known = newest.get(&key).map(|(_, known, lost)| (known.at, *lost));
                let (at, known_lost) = known.unwrap_or((Timestamp::MIN, None));
                if sample.at > at || known.is_none() {
                    newest.insert(key, (series, sample, lost));
                } else if sample.at == at && known_lost.is_none() {
                    newest.entry(key).and_modify(|row| row.2 = lost);
                }
            }
            for (place, series) in block.series.iter().enumerate() {
                let key = (series.name.clone(), series.who);
                let known = newest.get(&key).map(|(_, sample, lost)| (*sample, *lost));
                if let Some((sample, lost)) = block.newest_of(place, at, known) {
                    newest.insert(key, (series.clone(), sample, lost));
                }
            }
        }
        Ok(StartFrame {
            rows: newest.into_values().collect(),
        })
    }

    /// The rows of a series between `from` and `to`, both included, in order of time.
    pub fn series(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<SampleColumns, LibraryError> {
        let segments: Vec<Arc<SegmentName>> = {
            let catalogue = self.catalogue();
            let mut segments: Vec<_> = catalogue
                .between(from, to)
                .into_iter()
                .map(|slice| Arc::clone(&slice.segment))
                .collect();
            segments.dedup();
            segments
        };
        let read = read_all(&segments, |segment| {
            let (_, rows) = self.segment(segment)?.read_series(name, who, from, to)?;
            Ok(rows)
        });
        let parts = read.into_iter().collect::<Result<Vec<_>, LibraryError>>()?;
        Ok(merged(
            parts.into_iter().filter(|rows| !rows.is_empty()).collect(),
        ))
    }

    /// All buckets of a rollup.
    pub(super) fn rollup_rows(&self, name: &SegmentName) -> Result<Rollup, LibraryError> {
        Ok(self.rollup(name)?.read_all()?)
    }

    /// The buckets of a series that start between `from` and `to`, both included.
    pub fn buckets(
        &self,
        table: Table,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Bucket>, LibraryError> {
        let (first, last) = (table.partition(from), hour_of(to));
        let files: Vec<SegmentName> = {
            let catalogue = self.catalogue();
            let files = catalogue.of(table);
            files
                .filter(|file| (first..=last).contains(&file.hour))
                .cloned()
                .collect()
        };
        let mut buckets: BTreeMap<Timestamp, Bucket> = BTreeMap::new();
        let read = read_all(&files, |file| {
            let (_, read) = self.rollup(file)?.read_series(name, who, from, to)?;
            Ok::<_, LibraryError>(read)
        });
        for read in read {
            for bucket in read? {
                buckets
                    .entry(bucket.start)
                    .and_modify(|known| known.merge(&bucket))
                    .or_insert(bucket);
            }
        }
        Ok(buckets.into_values().collect())
    }

    /// The entries of a journal, of the last `days` days that have some, in order of time; but
    /// for those that were sealed from the logs `without`.
    pub fn journal(
        &self,
        journal: Journal,
        days: i64,
        without: &[u64],
    ) -> Result<Vec<JournalEntry>, LibraryError> {
        let files: Vec<SegmentName> = {
            let catalogue = self.catalogue();
            let files = catalogue.of(journal.table());
            let wanted = files.filter(|file| !without.contains(&file.order));
            wanted.cloned().collect()
        };
        let newest = files.iter().map(|file| file.hour).max().unwrap_or(0);
        let mut rows = Vec::new();
        for file in files {
            if file.hour <= newest - 24 * days {
                continue;
            }
            rows.extend(self.read_journal(journal, &file)?);
        }
        // Stable: what happened in one instant stays as it was written.
        rows.sort_by_key(|row| row.at_ns);
        Ok(rows)
    }

    /// The entries of a journal from `from` to `to`, in order of time; but for those that were
    /// sealed from the logs `without`.
    pub fn journal_between(
        &self,
        journal: Journal,
        from: Timestamp,
        to: Timestamp,
        without: &[u64],
    ) -> Result<Vec<JournalEntry>, LibraryError> {
        let table = journal.table();
        let partitions = table.partition(from)..=table.partition(to);
        let files: Vec<SegmentName> = {
            let catalogue = self.catalogue();
            let files = catalogue.of(table);
            let wanted = files
                .filter(|file| partitions.contains(&file.hour) && !without.contains(&file.order));
            wanted.cloned().collect()
        };
        let mut rows = Vec::new();
        for file in files {
            let all = self.read_journal(journal, &file)?;
            let inside = |row: &JournalEntry| (from..=to).contains(&row.at());
            rows.extend(all.into_iter().filter(inside));
        }
        rows.sort_by_key(|row| row.at_ns);
        Ok(rows)
    }

    /// The buckets of whole hours, from the table of hours where a day is summed up already.
    pub fn hours(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Bucket>, LibraryError> {
        let summed: BTreeSet<i64> = {
            let catalogue = self.catalogue();
            catalogue.of(Table::Hours).map(|name| name.hour).collect()
        };
        let (first, last) = (Table::Hours.partition(from), Table::Hours.partition(to));
        let mut hours: BTreeMap<Timestamp, Bucket> = BTreeMap::new();
        for day in (first..=last).step_by(24) {
            let (from, until) = (start_of_hour(day).max(from), start_of_hour(day + 24));
            let to = Timestamp::from_nanos(until.nanos() - 1).min(to);
            let table = match summed.contains(&day) {
                true => Table::Hours,
                false => Table::Minutes,
            };
            for mut bucket in self.buckets(table, name, who, from, to)? {
                bucket.start = start_of_hour(hour_of(bucket.start));
                hours
                    .entry(bucket.start)
                    .and_modify(|known| known.merge(&bucket))
                    .or_insert(bucket);
            }
        }
        Ok(hours.into_values().collect())
    }
}

/// Rows of one series from several places, the first written first: in order of time, and of
/// rows of one instant the first written.
fn merged(mut parts: Vec<SampleColumns>) -> SampleColumns {
    if parts.len() <= 1 {
        return parts.pop().unwrap_or_default();
    }
    let mut places: Vec<(Timestamp, bool, usize, usize)> = Vec::new();
    for (part, rows) in parts.iter().enumerate() {
        let rows = (0..rows.len()).map(|row| (rows.at[row], rows.mark[row].is_lost(), part, row));
        places.extend(rows);
    }
    places.sort_unstable();
    places.dedup_by_key(|place| (place.0, place.1));
    let mut all = SampleColumns::with_capacity(places.len());
    for (_, _, part, row) in places {
        all.push_row(&parts[part], row);
    }
    all
}

impl<K: Clone + Eq + std::hash::Hash, V: Clone> Recent<K, V> {
    fn new() -> Self {
        Self {
            values: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    fn get(&self, key: &K) -> Option<V> {
        self.values.get(key).cloned()
    }

    /// The oldest goes first: footers are cheap to read again.
    fn put(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > FOOTERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.order.retain(|known| known != key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

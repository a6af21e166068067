//! From a closed log to segments: sorted, without duplicates, each slice with the frame at
//! its start.

mod merge;
mod retention;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::block::{Block, StartFrame};
use super::catalogue::{SliceRef, first_order};
use super::depot::DepotError;
use super::journal::{Journal, JournalEntry, JournalError, write_journal};
use super::layout::{SegmentName, Table, hour_of};
use super::library::{Library, LibraryError};
use super::log::JournalRow;
use super::recorder::{Housekeeping, Housekept, Seal, SealError, SealedLog};
use super::row::{Name, Row, Series, Who};
use super::segment::{Effort, Rollup, RollupWriter, SegmentHeader, SegmentMistake, SegmentWriter};
use super::settings::StoreSettings;
use crate::signal::Sample;
use crate::time::Timestamp;

/// What a bucket of the table of minutes sums up, and one of hours.
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// An hour is merged so long after the newest sample has left it.
const GRACE: Duration = Duration::from_mins(5);
/// How often files are looked for that need not be kept.
const LET_GO_EVERY: Duration = Duration::from_mins(1);

/// Rows of a slice at most: a few tens of MB when loaded.
const SLICE_ROWS: usize = 2_000_000;

/// Why a log could not be sealed.
#[derive(Debug, Error)]
pub enum SealerError {
    /// What is there could not be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A file could not be written.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// Rows could not be put into Parquet.
    #[error("rows could not be put into a segment: {0}")]
    Segment(#[from] SegmentMistake),
    /// A journal could not be put into Parquet.
    #[error("a journal could not be written: {0}")]
    Journal(#[from] JournalError),
}

/// Writes segments. There is one for a store.
pub struct Sealer {
    library: Arc<Library>,
    settings: StoreSettings,
    /// The newest sample of every series; `None` until something was sealed.
    newest: Option<HashMap<(Name, Who), (Series, Sample, Option<Timestamp>)>>,
    /// The slice that was sealed or read last.
    last: Option<(SegmentName, usize, Arc<Block>)>,
    /// When a segment says that it was written.
    now: fn() -> Timestamp,
    /// When old files are looked for next.
    let_go_at: Option<Instant>,
}

impl Sealer {
    /// A sealer for the store behind `library`.
    pub fn new(library: Arc<Library>, settings: StoreSettings, now: fn() -> Timestamp) -> Self {
        Self {
            library,
            settings,
            newest: None,
            last: None,
            now,
            let_go_at: None,
        }
    }

    /// Writes all rows of `log`. Doing it again writes the same files again.
    fn seal_log(&mut self, log: SealedLog) -> Result<(), SealerError> {
        let mut hours: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
        for row in &log.rows {
            hours.entry(hour_of(row.at)).or_default().push(*row);
        }
        for (hour, rows) in hours {
            let block = self.without_known(Block::new(&log.names, rows), log.order)?;
            if !block.is_empty() {
                self.write_hour(hour, log.order, block)?;
            }
        }
        self.write_journals(log.order, &log.journal)?;
        // Nobody's clock but that of the last arrival: a sample of the future says nothing.
        if let Some(last) = log.rows.last() {
            self.library.catalogue_mut().settle(last.received);
        }
        Ok(())
    }

    /// The rows that are not in the store yet.
    fn without_known(&mut self, block: Block, log: u64) -> Result<Block, SealerError> {
        let Some((from, to)) = block.span() else {
            return Ok(block);
        };
        let overlapping: Vec<SliceRef> = {
            let catalogue = self.library.catalogue();
            let slices = catalogue.between(from, to).into_iter();
            let before = slices.filter(|slice| is_before(slice, log));
            before.cloned().collect()
        };
        if overlapping.is_empty() {
            return Ok(block);
        }
        let mut known: HashSet<(usize, Timestamp, bool)> = HashSet::new();
        for slice in overlapping {
            let held = self.rows_of(&slice)?;
            let mut places = held.series.iter().enumerate().peekable();
            for (place, series) in block.series.iter().enumerate() {
                let key = (&series.name, series.who);
                while places
                    .next_if(|(_, other)| (&other.name, other.who) < key)
                    .is_some()
                {}
                let Some((other, _)) = places.next_if(|(_, other)| (&other.name, other.who) == key)
                else {
                    continue;
                };
                let rows = held.rows_of(other);
                let at = &held.columns.at[rows.clone()];
                let first = rows.start + at.partition_point(|&at| at < from);
                let past = rows.start + at.partition_point(|&at| at <= to);
                known.extend((first..past).map(|row| {
                    let lost = held.columns.mark[row].is_lost();
                    (place, held.columns.at[row], lost)
                }));
            }
        }
        if known.is_empty() {
            return Ok(block);
        }
        Ok(block.filtered(|place, row| {
            let lost = block.columns.mark[row].is_lost();
            !known.contains(&(place, block.columns.at[row], lost))
        }))
    }

    /// The rows of a slice; the one sealed last is still here.
    fn rows_of(&mut self, slice: &SliceRef) -> Result<Arc<Block>, SealerError> {
        if let Some((segment, place, block)) = &self.last
            && *place == slice.slice
            && *segment == *slice.segment
        {
            return Ok(Arc::clone(block));
        }
        let (_, block) = self.library.slice(slice)?;
        let block = Arc::new(block);
        self.last = Some(((*slice.segment).clone(), slice.slice, Arc::clone(&block)));
        Ok(block)
    }

    fn write_hour(&mut self, hour: i64, log: u64, block: Block) -> Result<(), SealerError> {
        let name = SegmentName {
            table: Table::Samples,
            hour,
            recorder: self.settings.recorder.clone(),
            order: log,
            merged: false,
        };
        // What comes late lies among what is sealed: a slice of its own, written first, so that
        // slices of new rows never overlap.
        let sealed_until = {
            let catalogue = self.library.catalogue();
            let slices = catalogue.slices().iter();
            let same = slices
                .filter(|slice| slice.segment.hour == hour && is_before(slice, log))
                .filter(|slice| slice.segment.recorder == name.recorder);
            same.map(|slice| slice.to).max()
        };
        let is_late = |row: usize| sealed_until.is_some_and(|until| block.columns.at[row] <= until);
        let late = block.filtered(|_, row| is_late(row));
        let new = match late.is_empty() {
            true => block,
            false => block.filtered(|_, row| !is_late(row)),
        };
        let minutes = [&late, &new].map(|part| Rollup::of(part, MINUTE));
        let minutes = Rollup::merged(&minutes);

        let mut writer = SegmentWriter::new(Vec::new(), self.header(log), Effort::Live)?;
        let mut last = None;
        for part in [late].into_iter().chain(slices_of(new)) {
            let Some((from, _)) = part.span() else {
                continue;
            };
            let frame = self.frame_before(from, log, last.as_ref())?;
            writer.write_slice(&frame, &part)?;
            self.note_newest(&part);
            last = Some(part);
        }
        let (bytes, info) = writer.finish()?;

        let minutes_name = SegmentName {
            table: Table::Minutes,
            ..name.clone()
        };
        let mut rollup = RollupWriter::new(Vec::new(), self.header(log), Effort::Live)?;
        // Where there are only lost links there is nothing to sum up.
        if !minutes.buckets.is_empty() {
            rollup.write(&minutes)?;
        }
        let (rollup, _) = rollup.finish()?;
        let depot = self.library.depot();
        // Samples last: a store that has them has the minutes too.
        depot.put(&minutes_name.to_string(), rollup.into())?;
        depot.put(&name.to_string(), bytes.into())?;
        self.library.forget(&minutes_name);
        self.library.forget(&name);
        let mut catalogue = self.library.catalogue_mut();
        catalogue.add_other(minutes_name);
        let slices = info.slices.len();
        catalogue.add_samples(name.clone(), &info.slices);
        if let Some(block) = last {
            self.last = Some((name, slices - 1, Arc::new(block)));
        }
        Ok(())
    }

    fn header(&self, order: u64) -> SegmentHeader {
        SegmentHeader {
            recorder: self.settings.recorder.clone(),
            order,
            written: (self.now)(),
            replaces: Vec::new(),
        }
    }

    /// What every series showed at `at`, by all that was written before a slice of `log` that
    /// starts there; `before` is the slice before it in the same segment.
    fn frame_before(
        &mut self,
        at: Timestamp,
        log: u64,
        before: Option<&Block>,
    ) -> Result<StartFrame, SealerError> {
        if self.newest.is_none() {
            self.newest = Some(self.newest_in_store(log)?);
        }
        let newest = self.newest.get_or_insert_default();
        let mut rows: Vec<_> = Vec::with_capacity(newest.len());
        let mut is_whole = true;
        for (series, sample, lost) in newest.values() {
            // A loss after `at` is told by its own row.
            if sample.at <= at && lost.is_none_or(|lost| lost <= at) {
                rows.push((series.clone(), *sample, *lost));
            } else {
                is_whole = false;
            }
        }
        if !is_whole {
            // Newer samples hide what was there at `at`: the store knows it.
            let mut frame = self.library.frame_at(at, None)?;
            if let Some(before) = before {
                offer(&mut frame, before, at);
            }
            return Ok(frame);
        }
        rows.sort_by(|(one, ..), (other, ..)| (&one.name, one.who).cmp(&(&other.name, other.who)));
        Ok(StartFrame { rows })
    }

    /// The newest sample of every series that was written before `log`.
    fn newest_in_store(
        &self,
        log: u64,
    ) -> Result<HashMap<(Name, Who), (Series, Sample, Option<Timestamp>)>, SealerError> {
        let order = first_order(log);
        let frame = self.library.frame_at(Timestamp::MAX, Some(order))?;
        let rows = frame.rows.into_iter();
        Ok(rows
            .map(|row| ((row.0.name.clone(), row.0.who), row))
            .collect())
    }

    fn note_newest(&mut self, block: &Block) {
        let newest = self.newest.get_or_insert_default();
        for (place, series) in block.series.iter().enumerate() {
            let key = (series.name.clone(), series.who);
            let known = newest.get(&key).map(|(_, sample, lost)| (*sample, *lost));
            if let Some((sample, lost)) = block.newest_of(place, Timestamp::MAX, known) {
                newest.insert(key, (series.clone(), sample, lost));
            }
        }
    }

    fn write_journals(&mut self, order: u64, rows: &[JournalRow]) -> Result<(), SealerError> {
        let entries: Vec<_> = rows.iter().filter_map(JournalEntry::from_row).collect();
        let mut tables: BTreeMap<(Journal, i64), Vec<&JournalEntry>> = BTreeMap::new();
        for entry in &entries {
            let day = entry.table.table().partition(entry.at());
            tables.entry((entry.table, day)).or_default().push(entry);
        }
        for ((journal, day), rows) in tables {
            let name = SegmentName {
                table: journal.table(),
                hour: day,
                recorder: self.settings.recorder.clone(),
                order,
                merged: false,
            };
            let bytes = write_journal(journal, &rows)?;
            self.library.depot().put(&name.to_string(), bytes.into())?;
            self.library.catalogue_mut().add_other(name);
        }
        Ok(())
    }
}

impl Seal for Sealer {
    fn seal(&mut self, log: SealedLog) -> Result<(), SealError> {
        self.seal_log(log).map_err(SealError::new)
    }

    fn housekeep(&mut self, work: Housekeeping) -> Result<Housekept, SealError> {
        let until = {
            let catalogue = self.library.catalogue();
            catalogue.span().map(|(_, to)| to - GRACE)
        };
        if work.may_grow
            && let Some(until) = until
            && self.merge_one(until).map_err(SealError::new)?
        {
            return Ok(Housekept::More);
        }
        self.settings.retention = work.retention;
        if self.let_go_at.is_none_or(|at| Instant::now() >= at) {
            self.let_go_at = Some(Instant::now() + LET_GO_EVERY);
            self.let_go(work.now).map_err(SealError::new)?;
        }
        Ok(Housekept::Done)
    }
}

/// True if a slice was written before `log` was sealed, and will not be written again with it.
fn is_before(slice: &SliceRef, log: u64) -> bool {
    slice.segment.order < log || slice.segment.merged && slice.segment.order == log
}

/// `block` cut along time into slices of bearable size.
fn slices_of(block: Block) -> Vec<Block> {
    if block.len() <= SLICE_ROWS {
        return vec![block];
    }
    let count = block.len().div_ceil(SLICE_ROWS);
    let mut times = block.columns.at.clone();
    let step = times.len().div_ceil(count);
    let mut edges = vec![Timestamp::MIN];
    for slice in 1..count {
        let (_, edge, _) = times.select_nth_unstable(slice * step);
        if edges.last() < Some(edge) {
            edges.push(*edge);
        }
    }
    edges.push(Timestamp::MAX);
    let slices = edges.windows(2).map(|edge| {
        block.filtered(|_, row| {
            let at = block.columns.at[row];
            // The end of time belongs to the last slice.
            edge[0] <= at && (at < edge[1] || edge[1] == Timestamp::MAX)
        })
    });
    slices.filter(|slice| !slice.is_empty()).collect()
}

/// Adds to a frame at `at` what the rows of `block` say.
fn offer(frame: &mut StartFrame, block: &Block, at: Timestamp) {
    let rows = std::mem::take(&mut frame.rows).into_iter();
    let mut rows: BTreeMap<_, _> = rows
        .map(|row| ((row.0.name.clone(), row.0.who), row))
        .collect();
    for (place, series) in block.series.iter().enumerate() {
        let key = (series.name.clone(), series.who);
        let known = rows.get(&key).map(|(_, sample, lost)| (*sample, *lost));
        if let Some((sample, lost)) = block.newest_of(place, at, known) {
            rows.insert(key, (series.clone(), sample, lost));
        }
    }
    frame.rows = rows.into_values().collect();
}

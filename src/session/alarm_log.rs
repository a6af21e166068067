//! What a store tells of alarms over a long time: their log, and limits tried on its samples.

use std::collections::{BTreeMap, HashMap};

use super::alarm_journal::{priority_of, standing_of};
use super::recording::{RecordingError, logs_of};
use super::watch::recorded_stretches;
use crate::alarm::{AlarmEvent, Raised, Trial};
use crate::recording::log::LogContents;
use crate::recording::{
    AlarmRecord, Block, Journal, JournalEntry, Library, LibraryError, Store, Who,
};
use crate::scene::{Limit, Scene};
use crate::signal::{Origin, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Older journals are not read, days: a century.
const ALL_DAYS: i64 = 36_525;

/// The alarm log of a store: what happened, and the names of the alarms.
#[derive(Clone, Debug, Default)]
pub struct AlarmLog {
    /// In order of time.
    pub events: Vec<AlarmEvent>,
    /// By alarm: `tag.signal limit`.
    pub names: Vec<String>,
}

/// An alarm log, and the stretches of which there are samples.
pub type WatchedLog = (AlarmLog, Vec<(Timestamp, Timestamp)>);

impl AlarmLog {
    /// From the rows of a journal; those that name a state of another program are left out.
    pub fn of(rows: &[JournalEntry]) -> Self {
        let mut log = Self::default();
        let mut places: HashMap<String, u32> = HashMap::new();
        for record in rows.iter().filter_map(AlarmRecord::from_entry) {
            let states = standing_of(&record.from).zip(standing_of(&record.to));
            let (Some((from, to)), Some(priority)) = (states, priority_of(&record.priority)) else {
                continue;
            };
            let name = format!("{}.{} {}", record.tag, record.signal, record.limit);
            let alarm = *places.entry(name).or_insert_with_key(|name| {
                log.names.push(name.clone());
                log.names.len() as u32 - 1
            });
            log.events.push(AlarmEvent {
                at: record.at,
                alarm,
                priority,
                from,
                to,
            });
        }
        // Stable: changes of one instant stay as they happened.
        log.events.sort_by_key(|event| event.at);
        log
    }

    /// All that the store at `place` tells.
    pub fn read(place: &str) -> Result<Self, RecordingError> {
        Self::read_watched(place).map(|(log, _)| log)
    }

    /// The same, with the stretches of which there are samples.
    pub fn read_watched(place: &str) -> Result<WatchedLog, RecordingError> {
        let store = Store::open(place)?;
        let library = Library::open(store.depot())?;
        let logs = logs_of(store.folder())?;
        let rows = journal_rows(&library, &logs, Journal::Alarms)?;
        Ok((Self::of(&rows), recorded_stretches(&library, &logs)))
    }

    /// Its first and its last instant.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.events.first()?.at, self.events.last()?.at))
    }
}

/// The rows of a journal in order of time: those in the library, and those that still stand in logs.
pub(super) fn journal_rows(
    library: &Library,
    logs: &[LogContents],
    journal: Journal,
) -> Result<Vec<JournalEntry>, LibraryError> {
    let here: Vec<u64> = logs.iter().map(|log| log.order).collect();
    let mut rows = library.journal(journal, ALL_DAYS, &here)?;
    let left = logs.iter().flat_map(|log| &log.journal);
    let left = left.filter_map(JournalEntry::from_row);
    rows.extend(left.filter(|entry| entry.table == journal));
    // Stable: what happened in one instant stays as it was written.
    rows.sort_by_key(JournalEntry::at);
    Ok(rows)
}

/// What limits would have raised in what a store recorded from `from` to `to`, both included.
///
/// Samples are judged in order of time, as if all had come in time; what stands in the log of
/// a running recorder is not seen.
pub fn try_limits(
    scene: &Scene,
    tried: &BTreeMap<SignalId, Vec<Limit>>,
    library: &Library,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Raised>, LibraryError> {
    let mut trial = Trial::new(scene, tried);
    library.for_each_block(from, to, |block| {
        replay(scene, &block, &mut trial);
        Ok::<_, LibraryError>(())
    })?;
    Ok(trial.finish(to))
}

/// Shows a block to a trial in order of time.
fn replay(scene: &Scene, block: &Block, trial: &mut Trial) {
    let mut rows: Vec<(Timestamp, SignalId, usize)> = Vec::new();
    for (place, series) in block.series.iter().enumerate() {
        let full = format!("{}.{}", series.name.tag, series.name.signal);
        let wanted = scene.find_signal(&full);
        let wanted =
            wanted.filter(|id| series.who == Who::Measured && trial.signals().contains(id));
        if let Some(id) = wanted {
            rows.extend(
                block
                    .rows_of(place)
                    .map(|row| (block.columns.at[row], id, row)),
            );
        }
    }
    rows.sort_by_key(|(at, _, row)| (*at, *row));
    let mut batch = SampleBatch::new(Origin::Measured);
    for (at, id, row) in rows {
        match block.columns.sample(row) {
            Some(sample) => batch.push(id, sample),
            None => {
                trial.observe(&std::mem::replace(
                    &mut batch,
                    SampleBatch::new(Origin::Measured),
                ));
                trial.lose_link([id], at);
            }
        }
    }
    trial.observe(&batch);
}

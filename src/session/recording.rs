//! A scene and its store together: what comes in is recorded, and what was recorded answers
//! for the past.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use thiserror::Error;

use super::alarm_changes;
use super::members::PastMembers;
use crate::alarm::Engine;
use crate::history::{History, Want};
use crate::recording::log::LogContents;
use crate::recording::{
    AuditRecord, AuditTrail, IntakeError, Journal, JournalEntry, Library, LibraryError, Loaded,
    Loader, LogFile, LogFileError, Name, Names, NoteRecord, Recorder, RecorderError,
    RecorderStatus, Row, Sealer, Series, SeriesIndex, SignalNames, Store, StoreError, Table, Wake,
    Who, reserve_order,
};
use crate::scene::Scene;
use crate::signal::{Origin, SampleBatch, SignalId};
use crate::telemetry::now;
use crate::time::Timestamp;

/// Samples in memory that are in the store too; older ones are loaded when they are looked at.
const MEMORY_SAMPLES: usize = 4_000_000;
/// Days of the alarm journal that are taken up again.
const JOURNAL_DAYS: i64 = 31;
/// Days of notes that are shown.
const NOTE_DAYS: i64 = 3_660;
/// Logs that are taken into memory when a store is opened; there are more only where sealing
/// had stopped.
const LOGS_TAKEN_UP: usize = 8;
/// Results of the loader taken in per frame at most.
const RESULTS_PER_FRAME: usize = 16;

/// Where a scene's samples are kept, and whether new ones are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePlan {
    /// A folder, or a URL of the cloud.
    pub place: String,
    /// True if what comes in is recorded; else the store is only read.
    pub record: bool,
}

/// Why there is no recording.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// Nothing can be recorded.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// The log's folder cannot be used.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A log cannot be read.
    #[error(transparent)]
    Log(#[from] LogFileError),
    /// A thread could not be started.
    #[error("no thread for the store: {0}")]
    Thread(#[from] std::io::Error),
}

/// A store that a scene is recorded to and its past is read from.
pub struct Recording {
    place: String,
    scene: Arc<Scene>,
    library: Arc<Library>,
    /// What stood in the log when the store was opened.
    left: Vec<LogContents>,
    recorder: Option<Recorder>,
    /// Where it is told who did what; nowhere if the store is only read.
    trail: Option<AuditTrail>,
    loader: Loader,
    asked: Vec<Want>,
    pub(super) past_members: PastMembers,
    /// Why something of the past could not be shown, the last time.
    trouble: Option<String>,
}

impl Recording {
    /// Opens the store of a scene, making it if it is to be recorded to.
    pub fn start(
        scene: &Arc<Scene>,
        plan: &StorePlan,
        wake: Option<Wake>,
    ) -> Result<Self, RecordingError> {
        let store = if plan.record {
            Store::open_or_create(&plan.place)?
        } else {
            Store::open(&plan.place)?
        };
        let library = Arc::new(Library::open(store.depot())?);
        // Read before a recorder seals it and takes it away.
        let left = logs_of(store.folder())?;
        let recorder = match plan.record {
            true => {
                reserve_order(&store, &library, now)?;
                let sealer = Sealer::new(Arc::clone(&library), store.settings().clone(), now);
                let mut names = Names::default();
                for series in series_of(scene) {
                    names.add(series);
                }
                let told = wake.clone().unwrap_or_else(|| Arc::new(|| {}));
                let recorder = Recorder::start(store.folder(), names, Box::new(sealer), now, told)?;
                Some(recorder)
            }
            false => None,
        };
        let trail = plan.record.then(|| AuditTrail::start(store.folder()));
        let names = scene.signals.iter().map(|signal| {
            let tag = &scene.asset(signal.asset).tag;
            Name::new(tag, &signal.name)
        });
        let names = Arc::new(SignalNames::new(names.collect()));
        let past_members = PastMembers::start(Arc::clone(&library), now(), wake.clone())?;
        let loader = Loader::start(Arc::clone(&library), names, !plan.record, wake)?;
        Ok(Self {
            place: store.place(),
            scene: Arc::clone(scene),
            library,
            left,
            recorder,
            trail: trail.transpose()?,
            loader,
            asked: Vec::new(),
            past_members,
            trouble: None,
        })
    }

    /// Where the store is.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The store, for reading.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// How the recorder is; `None` if the store is only read.
    pub fn status(&self) -> Option<RecorderStatus> {
        self.recorder.as_ref().map(Recorder::status)
    }

    /// False while the recorder cannot take more: let what comes wait where it is.
    pub fn has_room(&self) -> bool {
        self.recorder.as_ref().is_none_or(Recorder::has_room)
    }

    /// Takes up where the store ends: history and alarms are as they were.
    pub fn restore(
        &self,
        history: &mut History,
        alarms: &mut Engine,
    ) -> Result<(), RecordingError> {
        self.attach(history)?;
        self.restore_alarms(alarms)
    }

    /// Lets alarms be as the store's journal left them.
    pub fn restore_alarms(&self, alarms: &mut Engine) -> Result<(), RecordingError> {
        let rows = self.journal(Journal::Alarms, JOURNAL_DAYS)?;
        alarms.restore(alarm_changes(&self.scene, &rows));
        Ok(())
    }

    /// What operators noted, in order of the instants that the notes are about.
    pub fn notes(&self) -> Result<Vec<NoteRecord>, RecordingError> {
        let rows = self.journal(Journal::Notes, NOTE_DAYS)?;
        let mut notes: Vec<_> = rows.iter().filter_map(NoteRecord::from_entry).collect();
        notes.sort_by_key(|note| note.at);
        Ok(notes)
    }

    /// What is wrong with recording or reading, if something is.
    pub fn wrong(&self) -> Option<String> {
        let status = self.status();
        let stopped = status.as_ref().and_then(|status| {
            let stopped = status.writing.stopped();
            stopped.or_else(|| status.sealing.stopped())
        });
        let audit = || self.trail.as_ref().and_then(AuditTrail::trouble);
        let stopped = stopped.map(str::to_owned).or_else(audit);
        stopped.or_else(|| self.trouble.clone())
    }

    /// Lets `history` answer for all that the store knows, and puts in its memory what the
    /// store showed last.
    pub fn attach(&self, history: &mut History) -> Result<(), RecordingError> {
        let end = self.library.catalogue().span().map(|(_, to)| to);
        // A sample of the future must not keep the present out of memory.
        let edge = end.map_or(Timestamp::MIN, |end| {
            Timestamp::from_nanos(end.nanos().saturating_add(1)).min(now())
        });
        history.attach(edge);
        {
            let catalogue = self.library.catalogue();
            history.set_catalogue(catalogue.entries(), catalogue.stretches());
        }
        let frame = self.library.frame_at(edge, None)?;
        let mut batches = [Origin::Measured, Origin::Estimated].map(SampleBatch::new);
        let mut losses: BTreeMap<Timestamp, Vec<SignalId>> = BTreeMap::new();
        for (series, sample, lost) in frame.rows {
            if let Some(signal) = self.signal_of(&series.name) {
                batches[series.who as usize].push(signal, sample);
                if let Some(lost) = lost.filter(|_| series.who == Who::Measured) {
                    losses.entry(lost).or_default().push(signal);
                }
            }
        }
        for batch in &batches {
            history.insert(batch);
        }
        for (lost, signals) in losses {
            history.lose_link(signals, lost);
        }
        self.take_up_logs(history);
        Ok(())
    }

    /// Puts in memory what stood in the log: that was not in segments when the store was opened.
    fn take_up_logs(&self, history: &mut History) {
        for log in &self.left {
            let series = log.names.series().iter();
            let signals: Vec<_> = series
                .map(|series| Some((self.signal_of(&series.name)?, series.who)))
                .collect();
            let mut batches = [Origin::Measured, Origin::Estimated].map(SampleBatch::new);
            for row in &log.rows {
                let Some((signal, who)) = signals[row.series.index()] else {
                    continue;
                };
                match row.sample() {
                    Some(sample) => batches[who as usize].push(signal, sample),
                    None => history.lose_link([signal], row.at),
                }
            }
            for batch in &batches {
                history.insert(batch);
            }
        }
    }

    /// The entries of a journal: those of the segments, and of the log as it stood.
    fn journal(&self, journal: Journal, days: i64) -> Result<Vec<JournalEntry>, RecordingError> {
        // What is sealed of these logs meanwhile is here already.
        let here: Vec<u64> = self.left.iter().map(|log| log.order).collect();
        let mut entries = self.library.journal(journal, days, &here)?;
        let lines = self.left.iter().flat_map(|log| &log.journal);
        let left = lines.filter_map(JournalEntry::from_row);
        entries.extend(left.filter(|entry| entry.table == journal));
        Ok(entries)
    }

    /// Where those who move were seen from `from` to `to`: in the segments, and in the log as it
    /// stood.
    pub(super) fn members_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<JournalEntry>, RecordingError> {
        let here: Vec<u64> = self.left.iter().map(|log| log.order).collect();
        let library = &self.library;
        let mut entries = library.journal_between(Journal::Members, from, to, &here)?;
        let lines = self.left.iter().flat_map(|log| &log.journal);
        let left = lines.filter(|line| line.table == Table::Members);
        let left = left.filter_map(JournalEntry::from_row);
        entries.extend(left.filter(|entry| (from..=to).contains(&entry.at())));
        Ok(entries)
    }

    /// Records what came in.
    pub fn record(&mut self, batch: &SampleBatch) {
        let (Some(recorder), Some(who)) = (&self.recorder, Who::of(batch.origin)) else {
            return;
        };
        let rows = batch.samples.iter().filter_map(|(signal, sample)| {
            let series = self.series_index(*signal, who)?;
            sample.value.is_finite().then(|| Row::new(series, *sample))
        });
        recorder.record(rows.collect());
    }

    /// Records that the link of these signals was lost.
    pub fn lose_link(&mut self, signals: &[SignalId], at: Timestamp) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        let rows = signals.iter().filter_map(|&signal| {
            let series = self.series_index(signal, Who::Measured)?;
            Some(Row::lost(series, at))
        });
        recorder.record(rows.collect());
    }

    /// Records what alarms and people did.
    pub fn note(&mut self, rows: Vec<JournalEntry>) {
        if let Some(recorder) = &self.recorder {
            for row in rows {
                recorder.note(row.to_row());
            }
        }
    }

    /// Records what somebody did: in the sealed log, and in the table of the store that others
    /// read. False if nothing is recorded.
    pub fn audit(&mut self, record: AuditRecord) -> bool {
        let Some(trail) = &self.trail else {
            return false;
        };
        trail.append(record.clone());
        self.note(vec![record.into()]);
        true
    }

    /// Brings into `history` what was loaded, and asks for what it lacks. Never waits.
    ///
    /// Returns true if something was brought.
    pub fn serve(&mut self, history: &mut History) -> bool {
        let mut brought = false;
        for _ in 0..RESULTS_PER_FRAME {
            let Some(loaded) = self.loader.take() else {
                break;
            };
            self.take_in(loaded, history);
            brought = true;
        }
        let wants = history.wants();
        if wants != self.asked {
            self.loader.ask(wants.clone(), history.archive_revision());
            self.asked = wants;
        }
        brought
    }

    fn take_in(&mut self, loaded: Loaded, history: &mut History) {
        match loaded {
            Loaded::Catalogue(entries, stretches) => {
                history.set_catalogue(entries, stretches);
                let settled = self.library.catalogue().settled();
                history.release(settled, MEMORY_SAMPLES);
            }
            Loaded::Slice(id, slice) => history.load_slice(id, slice),
            Loaded::Strand(key, strand, as_of) => history.load_strand(key, strand, as_of),
            Loaded::Failed(want, why) => {
                self.trouble = Some(why.clone());
                history.fail(want, why);
            }
        }
    }

    /// Waits until all that `history` lacks is there, up to `patience`. For programs that draw
    /// no frames.
    pub fn serve_all(&mut self, history: &mut History, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let wants = history.wants();
        let mut missing: HashSet<Want> = wants.iter().copied().collect();
        self.loader.ask(wants, history.archive_revision());
        while !missing.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            let Some(loaded) = self.loader.take_within(left) else {
                return false;
            };
            if let Some(want) = loaded.want() {
                missing.remove(&want);
            }
            self.take_in(loaded, history);
        }
        true
    }

    /// Writes all that waits and ends. Tells how the recorder was at last.
    pub fn close(mut self) -> Result<Option<RecorderStatus>, RecordingError> {
        let recorder = self.recorder.take();
        Ok(recorder.map(Recorder::close))
    }

    fn signal_of(&self, name: &Name) -> Option<SignalId> {
        let full = format!("{}.{}", name.tag, name.signal);
        self.scene.find_signal(&full)
    }

    fn series_index(&self, signal: SignalId, who: Who) -> Option<SeriesIndex> {
        let count = self.scene.signals.len() as u32;
        (signal.0 < count).then(|| match who {
            Who::Measured => SeriesIndex(signal.0),
            Who::Estimated => SeriesIndex(count + signal.0),
        })
    }
}

/// The newest logs of a store. One that cannot be read is told by who records.
pub(super) fn logs_of(folder: &Path) -> Result<Vec<LogContents>, RecordingError> {
    let files = LogFile::list(folder)?;
    let newest = files.len().saturating_sub(LOGS_TAKEN_UP);
    let logs = files[newest..].iter().filter_map(|file| file.read().ok());
    Ok(logs.collect())
}

/// The series of a scene: all signals as measured, then all as estimated.
pub fn series_of(scene: &Scene) -> Vec<Series> {
    let who = [Who::Measured, Who::Estimated];
    let all = who.into_iter().flat_map(|who| {
        scene.signals.iter().map(move |signal| Series {
            name: Name::new(&scene.asset(signal.asset).tag, &signal.name),
            who,
            unit: signal.unit.quantity().si_unit().name().into(),
            states: signal.states.clone().into(),
        })
    });
    all.collect()
}

/// Where a scene is recorded if nothing else is said: below the user's folder for data.
pub fn default_store(scene: &Scene) -> PathBuf {
    data_place(scene, "stores")
}

/// The name of the desktop's user; "operator" if the desktop does not tell.
pub fn desktop_user() -> String {
    let given = |name: &str| std::env::var(name).ok();
    let names = [given("USER"), given("LOGNAME"), given("USERNAME")];
    let mut names = names.into_iter().flatten();
    let known = names.find(|name| !name.trim().is_empty());
    known.unwrap_or_else(|| "operator".to_owned())
}

/// Where this user's data of a `kind` are kept for a scene.
pub fn data_place(scene: &Scene, kind: &str) -> PathBuf {
    let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = given("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| {
        let home = given("HOME")?;
        Some(Path::new(&home).join(".local/share"))
    });
    let words = scene.name.to_lowercase();
    let words: String = words
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    let folder = data.unwrap_or_else(|| PathBuf::from("."));
    let place = folder.join("parallax").join(kind);
    place.join(words.trim_matches('-'))
}

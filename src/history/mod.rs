//! What was seen: every sample, by origin and signal, in order of source time.
//!
//! Samples enter by [`History::insert`], late and in any order. Two samples of one
//! signal with the same time keep the first, so that a batch that comes twice changes
//! nothing. They leave by [`History::latest_at`] and [`FrameCursor`] (the plant at an
//! instant), and by [`History::range`], [`History::columns`] and [`History::statistics`] (a
//! signal over time).
//! Floor 2: the history knows neither scene nor models, and reads no clock.
//!
//! The newest samples are held in memory. With an [archive] attached, it
//! answers for what lies before an edge, and memory for the rest; who asks need not know.
//!
//! Limitations: the window counts back from the newest measured sample, so the edge has to
//! refuse times that lie far in the future. Populations are held in memory alone.

mod archive;
mod columns;
mod frame;
mod gaps;
mod past;
mod populations;
mod reading;
mod release;
mod series;
mod sliding;
mod statistics;
mod touched;
mod track;

use std::collections::BTreeMap;
use std::time::Duration;

pub use archive::{
    Bucket, Mark, Resolution, SampleColumns, Slice, SliceEntry, SliceId, StartRow, Strand,
    StrandKey, Want,
};
pub use columns::Column;
pub use frame::{FrameCursor, Row};
pub use sliding::{ColumnGrid, SlidingColumns};
pub use statistics::{HeldValues, RangeStatistics};

use self::archive::{Archive, Stairs};
use self::populations::Populations;
use self::track::{Bounds, Fate, Track};
use crate::population::{FixReport, Fixes, PopulationId, Reach, Whereabouts};
use crate::signal::{Origin, Sample, SampleBatch, SignalId};
use crate::time::Timestamp;

/// How much of the past is kept. Simulated samples are kept until they are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryConfig {
    /// Samples older than the newest by more than this are dropped, but for the last of each signal.
    pub window: Duration,
    /// Samples of one signal; the oldest are dropped.
    pub max_samples_per_series: usize,
    /// Samples of all signals of one origin, shared equally among them. Each takes 32 bytes.
    pub max_samples: usize,
    /// Fixes of all members of one population; the oldest are dropped. Each takes 80 bytes.
    pub max_fixes: usize,
    /// Memory for the plant at instants of the archive; what is in use stays even beyond.
    pub archive_slice_bytes: usize,
    /// Memory for signals over time in the archive; what is in use stays even beyond.
    pub archive_strand_bytes: usize,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    /// Samples that are in the history now and were not before.
    pub stored: usize,
    /// Samples of an instant that had one already.
    pub duplicates: usize,
    /// Samples older than what is kept.
    pub too_old: usize,
    /// Samples whose value is not a finite number.
    pub not_finite: usize,
    /// Samples of a signal that the plant does not have.
    pub unknown: usize,
}

/// What a signal shows at an instant: its newest sample at or before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The sample.
    pub sample: Sample,
    /// Who says so.
    pub origin: Origin,
    /// When the link was lost that had brought it, if that was no later than the instant.
    pub lost: Option<Timestamp>,
}

/// A stretch without data: nothing, or a stale value, from `from` up to but not including `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first instant without data.
    pub from: Timestamp,
    /// The first instant with data again, or the end of what was asked.
    pub to: Timestamp,
}

/// The samples of a plant.
#[derive(Debug)]
pub struct History {
    config: HistoryConfig,
    signals: usize,
    tracks: BTreeMap<Origin, Track>,
    populations: Populations,
    archive: Archive,
    revision: u64,
    epochs: u64,
}

/// Who answers for an origin at an instant.
#[derive(Debug)]
enum Answer<'a> {
    Memory(&'a Track),
    Archive(Stairs<'a>),
    /// The archive, once it has loaded what it needs.
    Coming,
    Nobody,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(24 * 3600),
            max_samples_per_series: 200_000,
            max_samples: 50_000_000,
            max_fixes: 4_000_000,
            archive_slice_bytes: 1 << 30,
            archive_strand_bytes: 1 << 28,
        }
    }
}

impl Inserted {
    /// All that was not stored for a mistake of the sender.
    pub fn refused(self) -> usize {
        self.not_finite + self.unknown
    }
}

impl Observation {
    /// How old it is at `at`, s.
    pub fn age_secs(&self, at: Timestamp) -> f64 {
        at.secs_since(self.sample.at)
    }

    /// True if it should not be taken for the present value at `at` any more.
    ///
    /// A simulated value holds until the run's next output, however long that is.
    pub fn is_stale(&self, at: Timestamp, max_age: Duration) -> bool {
        let ages = matches!(self.origin, Origin::Measured | Origin::Estimated);
        self.lost.is_some() || ages && at.since(self.sample.at) > max_age
    }
}

impl History {
    /// An empty history of a plant with this many signals.
    pub fn new(signals: usize, config: HistoryConfig) -> Self {
        Self {
            config,
            signals,
            tracks: BTreeMap::new(),
            populations: Populations::default(),
            archive: Archive::new(&config),
            revision: 0,
            epochs: 0,
        }
    }

    /// How many signals the plant has.
    pub fn signals(&self) -> usize {
        self.signals
    }

    /// Changes whenever an answer may have changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes in a batch. The only way for samples to come in.
    pub fn insert(&mut self, batch: &SampleBatch) -> Inserted {
        let mut inserted = Inserted::default();
        if batch.samples.is_empty() {
            return inserted;
        }
        let signals = self.signals;
        let track = self.track_mut(batch.origin);
        for &(signal, sample) in &batch.samples {
            let counter = if signal.index() >= signals {
                &mut inserted.unknown
            } else if !sample.value.is_finite() {
                &mut inserted.not_finite
            } else {
                match track.insert(signal, sample) {
                    Fate::Stored => &mut inserted.stored,
                    Fate::Duplicate => &mut inserted.duplicates,
                    Fate::TooOld => &mut inserted.too_old,
                }
            };
            *counter += 1;
        }
        track.sweep(batch.samples.len());
        if inserted.stored > 0 {
            self.revision += 1;
        }
        inserted
    }

    /// Notes that the link that brought these measured signals was lost at `at`.
    ///
    /// What had been received by then reads as stale from then on, up to the next sample.
    /// `at` is told by the clock of [`Sample::received`].
    pub fn lose_link(&mut self, signals: impl IntoIterator<Item = SignalId>, at: Timestamp) {
        let known = self.signals;
        let track = self.track_mut(Origin::Measured);
        let mut news = false;
        for signal in signals {
            news |= signal.index() < known && track.lose_link(signal, at);
        }
        if news {
            self.revision += 1;
        }
    }

    /// Says that `origin` answers up to `until` and no further.
    ///
    /// A simulated origin that was told nothing answers up to its newest sample.
    pub fn set_reach(&mut self, origin: Origin, until: Timestamp) {
        self.track_mut(origin).set_reach(until);
        self.revision += 1;
    }

    /// Drops all that `origin` ever said.
    pub fn forget(&mut self, origin: Origin) {
        let dropped_samples = self.tracks.remove(&origin).is_some();
        let dropped_fixes = origin == Origin::Measured && self.populations.forget();
        if dropped_samples || dropped_fixes {
            self.revision += 1;
        }
    }

    /// Whose samples are here.
    pub fn origins(&self) -> impl Iterator<Item = Origin> {
        let tracks = self.tracks.iter();
        tracks
            .filter(|(_, track)| track.len() > 0)
            .map(|(&origin, _)| origin)
    }

    /// How many samples of `origin` are held in memory.
    pub fn len(&self, origin: Origin) -> usize {
        self.tracks.get(&origin).map_or(0, Track::len)
    }

    /// True if no origin has a sample.
    pub fn is_empty(&self) -> bool {
        self.origins().next().is_none()
    }

    /// The oldest and the newest sample of any signal, within the window and, of what was
    /// measured, in the archive.
    ///
    /// After samples were dropped, the oldest may be told too old until as many more
    /// samples as there are signals have come in.
    pub fn span(&self, origin: Origin) -> Option<(Timestamp, Timestamp)> {
        let memory = self.tracks.get(&origin).and_then(Track::span);
        let archive = self.archive.ends().filter(|_| origin == Origin::Measured);
        let archive = archive.map(|ends| (ends.from, ends.to));
        let spans = memory.into_iter().chain(archive);
        spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Says how far fixes of a population speak for the time around them.
    pub fn set_reach_of_fixes(&mut self, population: PopulationId, reach: Reach) {
        let most = self.config.max_fixes;
        self.populations.set_reach(population, reach, most);
        self.revision += 1;
    }

    /// Takes in where members of a population were seen; how many of the fixes were new.
    pub fn insert_fixes(&mut self, population: PopulationId, report: &FixReport) -> usize {
        let (window, most) = (self.config.window, self.config.max_fixes);
        let stored = self.populations.insert(population, report, window, most);
        self.revision += 1;
        stored
    }

    /// The same of a report of long ago, read from a store; it is not dropped for its age.
    pub fn insert_past_fixes(&mut self, population: PopulationId, report: &FixReport) -> usize {
        let most = self.config.max_fixes;
        let stored = self.populations.insert_past(population, report, most);
        self.revision += 1;
        stored
    }

    /// Drops the fixes that were read of long ago.
    pub fn forget_past_fixes(&mut self) {
        self.populations.forget_past();
        self.revision += 1;
    }

    /// True if more was read of long ago than is kept.
    pub fn past_fixes_overflowed(&self) -> bool {
        self.populations.past_overflowed()
    }

    /// Fixes from before are not in memory, but for what was read of long ago.
    pub fn floor_of_fixes(&self) -> Timestamp {
        self.populations.floor()
    }

    /// Who of a population was where at `at`, as far as what was seen reaches; `None` if nobody
    /// was ever seen.
    pub fn members_at(&self, population: PopulationId, at: Timestamp) -> Option<Whereabouts> {
        self.populations.at(population, at)
    }

    /// What was seen of a population: what memory holds, or at an instant before, what was read of
    /// long ago.
    pub fn fixes(&self, population: PopulationId, at: Timestamp) -> Option<&Fixes> {
        self.populations.fixes(population, at)
    }

    fn track_of(&self, origin: Origin, signal: SignalId) -> Option<&Track> {
        let track = self.tracks.get(&origin)?;
        (signal.index() < self.signals).then_some(track)
    }

    fn track_mut(&mut self, origin: Origin) -> &mut Track {
        let share = self.config.max_samples / self.signals.max(1);
        let bounds = if is_windowed(origin) {
            Bounds {
                window: Some(self.config.window),
                samples: self.config.max_samples_per_series.min(share).max(1),
            }
        } else {
            Bounds {
                window: None,
                samples: usize::MAX,
            }
        };
        self.tracks.entry(origin).or_insert_with(|| {
            self.epochs += 1;
            let mut track = Track::new(origin, self.epochs, self.signals, bounds);
            if let Some(edge) = self.archive.edge().filter(|_| is_windowed(origin)) {
                track.raise_floor(edge);
            }
            track
        })
    }
}

/// True for the origins that go on for ever.
fn is_windowed(origin: Origin) -> bool {
    matches!(origin, Origin::Measured | Origin::Estimated)
}

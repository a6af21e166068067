//! The past that is not in memory: known by stretches, loaded when it is asked for.
//!
//! Pure as all of the history: it knows a [`Catalogue`] of what exists, holds what was
//! loaded within a bound of memory, answers from that, and keeps a list of what it was
//! asked for and lacks. A loader (floor 4) serves the list. *Slices* tell the plant at an
//! instant, *strands* a signal over time. What is not here yet reads as coming, never as
//! an older value or as a gap.

mod block;
mod cache;
mod catalogue;
mod portion;
mod slice;
mod stairs;
mod strand;
mod stretch;
mod wants;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use block::{Mark, SampleColumns};
pub use catalogue::{SliceEntry, SliceId};
pub use slice::{Slice, StartRow};
pub use strand::{Bucket, Resolution, Strand, StrandKey};
pub use wants::Want;

pub(super) use self::portion::{Portion, joined};
pub(super) use self::stairs::Stairs;
pub(super) use self::stretch::{Stretch, just_before};

use self::cache::Cache;
use self::catalogue::Catalogue;
use self::portion::State;
use self::wants::{SLICE_PATIENCE, STRAND_PATIENCE, Wants};
use super::HistoryConfig;
use crate::signal::{Origin, SignalId};
use crate::time::Timestamp;

/// What is known of the past before an edge.
#[derive(Debug)]
pub(super) struct Archive {
    /// It answers for what lies before; `None` if there is no archive.
    edge: Option<Timestamp>,
    catalogue: Catalogue,
    slices: Cache<SliceId, Arc<Slice>>,
    strands: Cache<StrandKey, HeldStrand>,
    failures: HashMap<Want, String>,
    wants: Mutex<Wants>,
    /// How often the wants were told.
    round: AtomicU64,
}

/// Who knows the plant at an instant of the archive.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// These slices.
    Stairs(Stairs<'a>),
    /// Slices that are to be loaded first.
    Coming,
    /// A slice that cannot be loaded.
    Unreadable,
}

#[derive(Debug)]
struct HeldStrand {
    strand: Strand,
    /// Where the archive has changed since it was read.
    changed: Option<Stretch>,
}

impl Archive {
    pub(super) fn new(config: &HistoryConfig) -> Self {
        Self {
            edge: None,
            catalogue: Catalogue::default(),
            slices: Cache::new(config.archive_slice_bytes, SLICE_PATIENCE),
            strands: Cache::new(config.archive_strand_bytes, STRAND_PATIENCE),
            failures: HashMap::new(),
            wants: Mutex::default(),
            round: AtomicU64::new(0),
        }
    }

    /// The end of what it answers for.
    pub(super) fn edge(&self) -> Option<Timestamp> {
        self.edge
    }

    /// Moves the edge on; it never moves back.
    pub(super) fn raise_edge(&mut self, edge: Timestamp) {
        self.edge = self.edge.max(Some(edge));
    }

    /// The part of a stretch for which it answers.
    pub(super) fn part_of(&self, stretch: Stretch) -> Option<Stretch> {
        stretch.before(self.edge?)
    }

    pub(super) fn spans(&self) -> &[(Timestamp, Timestamp)] {
        self.catalogue.spans()
    }

    /// The earliest and the latest instant of which it has data.
    pub(super) fn ends(&self) -> Option<Stretch> {
        self.part_of(self.catalogue.held().ends()?)
    }

    pub(super) fn bytes(&self) -> usize {
        self.slices.bytes() + self.strands.bytes()
    }

    pub(super) fn set_catalogue(
        &mut self,
        entries: Vec<SliceEntry>,
        spans: Vec<(Timestamp, Timestamp)>,
    ) -> bool {
        if !self.catalogue.replace(entries, spans) {
            return false;
        }
        let catalogue = &self.catalogue;
        self.slices.retain(|id| catalogue.has(id));
        self.strands.for_each(|key, held| {
            let news = catalogue.changed_since(catalogue.revision() - 1, key.stretch());
            held.changed = held.changed.into_iter().chain(news).reduce(Stretch::hull);
        });
        self.failures.clear();
        lock(&self.wants).retain_slices(|id| catalogue.has(id));
        true
    }

    /// Rises with every change of the catalogue; 0 before the first.
    pub(super) fn revision(&self) -> u64 {
        self.catalogue.revision()
    }

    pub(super) fn load_slice(&mut self, id: SliceId, slice: Arc<Slice>) -> bool {
        self.landed(Want::Slice(id));
        let known = self.catalogue.has(id);
        if known {
            let bytes = slice.bytes();
            self.slices.put(id, slice, bytes, self.round());
        }
        known
    }

    pub(super) fn load_strand(&mut self, key: StrandKey, strand: Strand, as_of: u64) {
        self.landed(Want::Strand(key));
        let changed = self.catalogue.changed_since(as_of, key.stretch());
        let bytes = strand.bytes();
        let held = HeldStrand { strand, changed };
        self.strands.put(key, held, bytes, self.round());
    }

    pub(super) fn fail(&mut self, want: Want, reason: String) {
        self.landed(want);
        self.failures.insert(want, reason);
    }

    fn landed(&mut self, want: Want) {
        lock(&self.wants).landed(want);
        self.failures.remove(&want);
    }

    pub(super) fn failures(&self) -> impl Iterator<Item = (Want, &str)> {
        let failures = self.failures.iter();
        failures.map(|(&want, reason)| (want, reason.as_str()))
    }

    pub(super) fn wants(&self) -> Vec<Want> {
        let round = self.round.fetch_add(1, Ordering::Relaxed);
        lock(&self.wants).told(round)
    }

    pub(super) fn is_coming(&self) -> bool {
        !lock(&self.wants).is_empty()
    }

    /// Who knows what `origin` says of the plant at `at`, before the edge.
    pub(super) fn plant_at(&self, origin: Origin, at: Timestamp) -> Found<'_> {
        let revision = self.catalogue.revision();
        if revision == 0 {
            return Found::Coming;
        }
        let round = self.round();
        let steps = self.catalogue.steps(at);
        let mut stairs = Stairs::new(revision, steps.span);
        let (mut coming, mut unreadable) = (false, false);
        for entry in steps.entries {
            let want = Want::Slice(entry.id);
            if let Some(slice) = self.slices.get(entry.id, round) {
                if let Some(part) = slice.part(origin) {
                    stairs.push(entry, part);
                }
            } else if self.failures.contains_key(&want) {
                unreadable = true;
            } else {
                coming = true;
                lock(&self.wants).note(want, round);
            }
        }
        match (unreadable, coming) {
            (true, _) => Found::Unreadable,
            (false, true) => Found::Coming,
            (false, false) => Found::Stairs(stairs),
        }
    }

    /// What is known of a signal over the part of a stretch before the edge, in order of time.
    /// Where there is nothing, there is no portion.
    pub(super) fn portions(
        &self,
        origin: Origin,
        signal: SignalId,
        stretch: Stretch,
        resolution: Resolution,
    ) -> Vec<Portion<'_>> {
        let mut portions = Vec::new();
        let Some(edge) = self.edge else {
            return portions;
        };
        if self.catalogue.revision() == 0 {
            let state = State::Coming;
            let whole = stretch.before(edge);
            portions.extend(whole.map(|stretch| Portion { stretch, state }));
            return portions;
        }
        for (part, resolution) in portion::parts(stretch, edge, resolution) {
            for (piece, stretch) in self.pieces(part, resolution) {
                let state = self.strand(StrandKey {
                    origin,
                    signal,
                    resolution,
                    piece,
                });
                portions.push(Portion { stretch, state });
            }
        }
        portions
    }

    /// The hours of a stretch that may have data, of whatever signal.
    pub(super) fn hours(&self, stretch: Stretch) -> impl Iterator<Item = Stretch> {
        let unknown = (self.catalogue.revision() == 0).then_some(stretch);
        let known = self.pieces(stretch, Resolution::Samples);
        unknown.into_iter().chain(known.map(|(_, part)| part))
    }

    /// The pieces of a stretch that have data, of whatever signal, and their part of it.
    fn pieces(
        &self,
        stretch: Stretch,
        resolution: Resolution,
    ) -> impl Iterator<Item = (i64, Stretch)> {
        let held = self.catalogue.held().meet(stretch);
        let pieces = held
            .flat_map(move |held| resolution.piece_of(held.from)..=resolution.piece_of(held.to));
        let mut last = None;
        let each = pieces.filter(move |&piece| last.replace(piece) != Some(piece));
        each.filter_map(move |piece| Some((piece, resolution.stretch_of(piece).meet(stretch)?)))
    }

    /// Looks a strand up, and asks for it if it is missing or outdated.
    fn strand(&self, key: StrandKey) -> State<'_> {
        let round = self.round();
        let want = Want::Strand(key);
        let held = self.strands.get(key, round);
        let failed = self.failures.contains_key(&want);
        if !failed && held.is_none_or(|held| held.changed.is_some()) {
            lock(&self.wants).note(want, round);
        }
        match held {
            Some(held) => State::Loaded {
                strand: &held.strand,
                changed: held.changed,
                coming: !failed,
            },
            None if failed => State::Unreadable,
            None => State::Coming,
        }
    }

    fn round(&self) -> u64 {
        self.round.load(Ordering::Relaxed)
    }
}

/// A list of wants is whole at every instant, even if a reader died.
fn lock(wants: &Mutex<Wants>) -> MutexGuard<'_, Wants> {
    wants.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What the owner of an archive tells the history: up to where it answers, what it holds,
//! and what was loaded of it.

use std::sync::Arc;

use super::archive::{Slice, SliceEntry, SliceId, Strand, StrandKey, Want};
use super::release::{Run, keep_from};
use super::{History, is_windowed};
use crate::time::Timestamp;

/// The edge lies on whole minutes where it can, so that sums by minute need not be parted, ns.
const MINUTE: i64 = 60_000_000_000;

impl History {
    /// From now on the archive answers for all that was measured or estimated before `edge`,
    /// and memory for the rest.
    ///
    /// What signals last showed before the edge is still to be inserted, if memory does not
    /// have it, and so is the loss of their links: it holds beyond the edge. Until the first
    /// [`set_catalogue`](Self::set_catalogue) the past is coming.
    pub fn attach(&mut self, edge: Timestamp) {
        self.archive.raise_edge(edge);
        for (&origin, track) in &mut self.tracks {
            if is_windowed(origin) {
                track.raise_floor(edge);
            }
        }
        self.revision += 1;
    }

    /// Where the archive ends and memory begins; `None` if there is no archive.
    pub fn edge(&self) -> Option<Timestamp> {
        self.archive.edge()
    }

    /// Says that the archive has everything before `until`: of more than `keep` samples in
    /// memory the oldest are dropped, but none from `until` on, and the edge moves on.
    ///
    /// About `keep` samples stay, somewhat more rather than fewer.
    pub fn release(&mut self, until: Timestamp, keep: usize) {
        let Some(edge) = self.archive.edge() else {
            return;
        };
        let tracks = || {
            let tracks = self.tracks.iter();
            tracks.filter(|(origin, _)| is_windowed(**origin))
        };
        let held: usize = tracks().map(|(_, track)| track.len()).sum();
        if held <= keep {
            return;
        }
        let runs = tracks().flat_map(|(_, track)| track.runs());
        let runs = runs.filter_map(|run| Run::new(run, edge)).collect();
        let Some(from) = keep_from(runs, keep) else {
            return;
        };
        let from = from.min(until);
        let into_minute = from.nanos().rem_euclid(MINUTE);
        let from = Timestamp::from_nanos(from.nanos().saturating_sub(into_minute));
        if from > edge {
            self.attach(from);
        }
    }

    /// Says what the archive holds, instead of what it held before: its slices, and the
    /// stretches of which it has any data, for people to see.
    ///
    /// What is gone is dropped. What changed is asked for again when it is next looked at,
    /// and so is what could not be loaded.
    pub fn set_catalogue(&mut self, entries: Vec<SliceEntry>, spans: Vec<(Timestamp, Timestamp)>) {
        if self.archive.set_catalogue(entries, spans) {
            self.revision += 1;
        }
    }

    /// The stretches of which the archive has data, as
    /// [`set_catalogue`](Self::set_catalogue) told them.
    pub fn recorded(&self) -> &[(Timestamp, Timestamp)] {
        self.archive.spans()
    }

    /// Takes in a slice that was [wanted](Self::wants); one that is no longer known is dropped.
    pub fn load_slice(&mut self, id: SliceId, slice: Arc<Slice>) {
        if self.archive.load_slice(id, slice) {
            self.revision += 1;
        }
    }

    /// Takes in a strand, read from the archive as it was at the
    /// [revision](Self::archive_revision) `as_of` or later. One without samples says that
    /// there are none.
    pub fn load_strand(&mut self, key: StrandKey, strand: Strand, as_of: u64) {
        self.archive.load_strand(key, strand, as_of);
        self.revision += 1;
    }

    /// Rises with every change of the archive that [`set_catalogue`](Self::set_catalogue) tells.
    pub fn archive_revision(&self) -> u64 {
        self.archive.revision()
    }

    /// Says why something wanted cannot be loaded. It is not wanted again until the archive
    /// changes, and reads as unknown.
    pub fn fail(&mut self, want: Want, reason: impl Into<String>) {
        self.archive.fail(want, reason.into());
        self.revision += 1;
    }

    /// What cannot be loaded at present, and why.
    pub fn failures(&self) -> impl Iterator<Item = (Want, &str)> {
        self.archive.failures()
    }

    /// What was asked for lately and is not loaded, the latest question first.
    ///
    /// To be called about once a frame. A slice is told once for each frame that asks for
    /// it, a strand for some frames more, so that what is looked up only now and then gets
    /// its turn too.
    pub fn wants(&self) -> Vec<Want> {
        self.archive.wants()
    }

    /// True if something that was asked for lately is to be loaded.
    pub fn is_coming(&self) -> bool {
        self.archive.is_coming()
    }

    /// The memory that the loaded past takes.
    pub fn archive_bytes(&self) -> usize {
        self.archive.bytes()
    }
}

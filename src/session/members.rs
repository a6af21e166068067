//! Where those who move were seen, as a store keeps it, by name, and back.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Recording, RecordingError};
use crate::history::History;
use crate::population::Population;
use crate::recording::layout::{hour_of, start_of_hour};
use crate::recording::{Journal, JournalEntry, Library, MembersRecord, Wake};
use crate::scene::spec::TrackSpec;
use crate::simulation::Plant;
use crate::telemetry::payload::{Arrival, Rejections, decode_fixes, encode_fixes};
use crate::telemetry::{TrackMap, TrackedFixes};
use crate::time::Timestamp;

/// How much of the past is taken up again when a store is opened.
const TAKEN_UP: Duration = Duration::from_hours(2);
/// Fixes that lie so near to an instant tell of it as well, in the hour before or after.
const NEAR: Duration = Duration::from_mins(1);
/// Hours of long ago that are kept at once.
const MOST_HOURS: usize = 24;

/// The words of a plant for those who move in it.
pub struct MemberBook {
    names: Vec<String>,
    tracks: TrackMap,
}

impl MemberBook {
    /// The words of `plant`.
    pub fn new(plant: &Plant) -> Self {
        let populations: Vec<&Population> = plant.populations().collect();
        let names = populations.iter().map(|one| one.name.clone());
        let specs = populations.iter().map(|one| TrackSpec::plain(&one.name));
        let specs: Vec<_> = specs.collect();
        // Each of these specs names a population of this very list, and spans that can be read.
        let tracks = TrackMap::new(&specs, &populations).unwrap_or_default();
        Self {
            names: names.collect(),
            tracks,
        }
    }

    /// What a store keeps of fixes.
    pub fn rows(&self, fixes: &[TrackedFixes]) -> Vec<JournalEntry> {
        let rows = fixes.iter().filter_map(|fixes| {
            let track = self.tracks.of(fixes.population)?;
            let name = self.names.get(fixes.population.0 as usize)?;
            Some(MembersRecord {
                at: fixes.report.at,
                population: name.clone(),
                report: encode_fixes(track, &fixes.report),
            })
        });
        rows.map(JournalEntry::from).collect()
    }

    /// The fixes that a store kept; those of populations and kinds that the plant does not have
    /// any more are left out.
    pub fn fixes(&self, rows: &[JournalEntry]) -> Vec<TrackedFixes> {
        let mut found = Vec::new();
        for record in rows.iter().filter_map(MembersRecord::from_entry) {
            let Some(place) = self
                .names
                .iter()
                .position(|name| *name == record.population)
            else {
                continue;
            };
            let Some(track) = self.tracks.iter().nth(place) else {
                continue;
            };
            let arrival = Arrival {
                at: record.at,
                retained: false,
            };
            let (mut reports, mut rejected) = (Vec::new(), Rejections::default());
            let bytes = record.report.as_bytes();
            decode_fixes(bytes, track, arrival, &mut reports, &mut rejected);
            let population = track.population;
            let reports = reports.into_iter();
            found.extend(reports.map(|report| TrackedFixes { population, report }));
        }
        found
    }
}

/// Reads from a store where those who move were, an hour at a time, on a thread of its own that
/// ends with this.
pub(super) struct PastMembers {
    /// What is younger was taken up when the store was opened, or came in since.
    known_from: Timestamp,
    /// Hours that were asked for, since the Unix epoch.
    asked: BTreeSet<i64>,
    hours: Sender<i64>,
    loaded: Receiver<Vec<JournalEntry>>,
}

impl PastMembers {
    /// Starts the thread; `wake` is called when an hour was read.
    pub(super) fn start(
        library: Arc<Library>,
        now: Timestamp,
        wake: Option<Wake>,
    ) -> io::Result<Self> {
        let (hours, wanted) = unbounded::<i64>();
        let (tell, loaded) = unbounded();
        thread::Builder::new()
            .name("members".to_owned())
            .spawn(move || {
                for hour in wanted {
                    let from = start_of_hour(hour);
                    let to = Timestamp::from_nanos(start_of_hour(hour + 1).nanos() - 1);
                    // What cannot be read is told by who loads samples: it lies beside them.
                    let rows = library.journal_between(Journal::Members, from, to, &[]);
                    if tell.send(rows.unwrap_or_default()).is_err() {
                        return;
                    }
                    if let Some(wake) = &wake {
                        wake();
                    }
                }
            })?;
        Ok(Self {
            known_from: now - TAKEN_UP,
            asked: BTreeSet::new(),
            hours,
            loaded,
        })
    }

    /// Asks for the hour of `at` and for that beyond an edge it is near to, each once, if they are
    /// not in memory. Of too many hours all but these are forgotten.
    fn ask(&mut self, history: &mut History, at: Timestamp) {
        if at >= self.known_from.max(history.floor_of_fixes() + NEAR) {
            return;
        }
        let wanted = [at, at - NEAR, at + NEAR].map(hour_of);
        let is_new = wanted.iter().any(|hour| !self.asked.contains(hour));
        let is_full = self.asked.len() >= MOST_HOURS || history.past_fixes_overflowed();
        if is_new && is_full {
            self.asked.clear();
            history.forget_past_fixes();
        }
        for hour in wanted {
            if self.asked.insert(hour) {
                // A thread that is gone reads nothing: nobody is shown then.
                self.hours.send(hour).ok();
            }
        }
    }
}

impl Recording {
    /// Asks the store who was where around `at`, if memory does not go back so far, and puts in
    /// `history` what was read since it was asked last. Never waits.
    pub fn serve_members(&mut self, book: &MemberBook, history: &mut History, at: Timestamp) {
        self.past_members.ask(history, at);
        while let Ok(rows) = self.past_members.loaded.try_recv() {
            for fixes in book.fixes(&rows) {
                history.insert_past_fixes(fixes.population, &fixes.report);
            }
        }
    }

    /// Puts in `history` where those who move were seen from `from` to `to`; how many fixes were
    /// new.
    pub fn load_members(
        &self,
        book: &MemberBook,
        history: &mut History,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<usize, RecordingError> {
        let rows = self.members_between(from, to)?;
        let fixes = book.fixes(&rows);
        let stored = fixes
            .iter()
            .map(|fixes| history.insert_fixes(fixes.population, &fixes.report));
        Ok(stored.sum())
    }

    /// Puts in `history` where those who move were seen last, up to `now`.
    pub fn restore_members(
        &self,
        book: &MemberBook,
        history: &mut History,
        now: Timestamp,
    ) -> Result<usize, RecordingError> {
        self.load_members(book, history, now - TAKEN_UP, now)
    }
}

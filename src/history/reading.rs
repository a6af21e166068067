//! The questions to a history, answered from memory and archive as if they were one.

use std::time::Duration;

use super::archive::{Found, Portion, Resolution, Stretch, joined, just_before};
use super::columns::{Column, Sums};
use super::sliding::SeriesState;
use super::track::Track;
use super::{Answer, Gap, History, Observation, gaps, is_windowed};
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

/// Of a stretch parted in so many, a gap that is shorter than one may be missed.
const GAP_COLUMNS: usize = 1_000;

impl History {
    /// What `signal` shows at `at`, by what `origin` says.
    ///
    /// `None` before its first sample, beyond what a run has simulated, and while
    /// [it is coming](Self::is_coming_at).
    pub fn latest_at(
        &self,
        origin: Origin,
        signal: SignalId,
        at: Timestamp,
    ) -> Option<Observation> {
        if signal.index() >= self.signals {
            return None;
        }
        let held = match self.answer(origin, at) {
            Answer::Memory(track) => track.held_at(signal, at),
            Answer::Archive(stairs) => stairs.held_at(signal, at),
            Answer::Coming | Answer::Nobody => return None,
        };
        held.sample.map(|sample| Observation {
            sample,
            origin,
            lost: held.lost.filter(|&lost| lost <= at),
        })
    }

    /// True if the archive has yet to load what it needs to tell the plant at `at`; asks for it.
    pub fn is_coming_at(&self, origin: Origin, at: Timestamp) -> bool {
        matches!(self.answer(origin, at), Answer::Coming)
    }

    /// The samples from `from` to `to`, both included, in order of time, as far as they are
    /// [loaded](Self::coming).
    pub fn range(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &Sample> {
        let asked = Stretch::new(from, to);
        let portions = asked.map_or_else(Vec::new, |asked| {
            self.portions(origin, signal, asked, Resolution::Samples)
        });
        let past = portions.into_iter().flat_map(|portion| portion.samples());
        past.chain(self.present(origin, signal, asked).flatten())
    }

    /// As [`range`](Self::range), with the sample before and the one after: what a line needs
    /// that runs off both edges of a plot.
    pub fn around(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = Sample> {
        let before = self.sample_before(origin, signal, from);
        let after = self.sample_after(origin, signal, to);
        let between = self.range(origin, signal, from, to).copied();
        before.into_iter().chain(between).chain(after)
    }

    /// The samples from `from` to `to`, both included, summed up in `count` columns of equal width,
    /// as far as they are [loaded](Self::coming).
    ///
    /// Of columns that are a minute or wider and reach into the archive, the borders lie on
    /// whole minutes, or hours, so that each still knows its extremes to the digit.
    pub fn columns(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
        count: usize,
    ) -> Vec<Option<Column>> {
        let Some(asked) = Stretch::new(from, to).filter(|_| count > 0) else {
            return vec![None; count];
        };
        let resolution = Resolution::for_columns(from, to, count);
        let past = self.past_of(origin, signal, asked).is_some();
        let bucket = resolution.bucket_nanos().filter(|_| past);
        let mut sums = Sums::new(asked, count, bucket);
        let asked = sums.stretch();
        for portion in self.portions(origin, signal, asked, resolution) {
            portion.add_to(&mut sums);
        }
        for samples in self.present(origin, signal, Some(asked)) {
            sums.add_samples(samples);
        }
        sums.finish()
    }

    /// What is missing at present of an answer at this resolution: stretches that are being
    /// loaded. [`Resolution::for_columns`] tells that of [`columns`](Self::columns).
    pub fn coming(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
        resolution: Resolution,
    ) -> Vec<Gap> {
        let Some(asked) = Stretch::new(from, to) else {
            return Vec::new();
        };
        let whole = asked.widened(resolution.bucket_nanos());
        let portions = self.portions(origin, signal, whole, resolution);
        joined(portions.iter().filter_map(Portion::coming))
    }

    /// The stretches between `from` and `to` in which a measured signal shows nothing, or a
    /// value older than `max_age` or of a lost link.
    ///
    /// What is not loaded is no gap. Of a stretch in the archive that is longer than half a
    /// day, gaps shorter than some minutes are missed, and so are lost links.
    pub fn gaps(
        &self,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
        max_age: Duration,
    ) -> Vec<Gap> {
        let origin = Origin::Measured;
        let asked = just_before(to).and_then(|last| Stretch::new(from, last));
        let Some(asked) = asked else {
            return Vec::new();
        };
        let past = self.past_of(origin, signal, asked);
        let mut gaps = past.map_or_else(Vec::new, |past| {
            let resolution = Resolution::for_columns(from, to, GAP_COLUMNS);
            self.past_gaps(signal, past, resolution, max_age)
        });
        let memory_from = past.map_or(from, Stretch::end);
        let rest = match self.track_of(origin, signal) {
            Some(track) => track.gaps(signal, memory_from, to, max_age),
            None if memory_from < to => vec![Gap {
                from: memory_from,
                to,
            }],
            None => Vec::new(),
        };
        for gap in rest {
            gaps::push(&mut gaps, gap);
        }
        gaps
    }

    /// Who answers for `origin` at `at`; nobody beyond its reach.
    pub(super) fn answer(&self, origin: Origin, at: Timestamp) -> Answer<'_> {
        let reach = self.tracks.get(&origin).and_then(Track::reach);
        if reach.is_some_and(|reach| at > reach) {
            return Answer::Nobody;
        }
        self.keeper(origin, at)
    }

    /// Who has the samples of `origin` at `at`.
    fn keeper(&self, origin: Origin, at: Timestamp) -> Answer<'_> {
        let edge = self.archive.edge().filter(|_| is_windowed(origin));
        if edge.is_none_or(|edge| at >= edge) {
            let track = self.tracks.get(&origin);
            return track.map_or(Answer::Nobody, Answer::Memory);
        }
        match self.archive.plant_at(origin, at) {
            Found::Stairs(stairs) => Answer::Archive(stairs),
            Found::Coming => Answer::Coming,
            Found::Unreadable => Answer::Nobody,
        }
    }

    /// The gaps in a stretch of the archive.
    fn past_gaps(
        &self,
        signal: SignalId,
        past: Stretch,
        resolution: Resolution,
        max_age: Duration,
    ) -> Vec<Gap> {
        // What came before may still be fresh: one piece is looked back, or the plant is asked.
        let bucket = resolution.bucket_nanos().unwrap_or(1).unsigned_abs();
        let lead = max_age.saturating_add(Duration::from_nanos(bucket));
        let short = lead <= resolution.piece();
        let mut known = gaps::Known::new(max_age);
        let asked = Stretch {
            from: if short { past.from - lead } else { past.from },
            to: past.to,
        };
        let portions = self.portions(Origin::Measured, signal, asked, resolution);
        let losses: Vec<Timestamp> = portions
            .iter()
            .flat_map(|portion| portion.losses().iter().copied())
            .collect();
        let lost_after = |sample: &Sample| {
            let first = losses.partition_point(|&loss| loss < sample.received);
            losses.get(first).map(|&loss| loss.max(sample.at))
        };
        if !short {
            match self.keeper(Origin::Measured, past.from) {
                Answer::Archive(stairs) => {
                    let held = stairs.held_at(signal, past.from);
                    if let Some(sample) = held.sample {
                        let lost = held.lost.into_iter().chain(lost_after(&sample)).min();
                        known.add(sample.at, &sample, lost);
                    }
                }
                _ => known.add_unknown(Stretch {
                    to: past.from,
                    ..past
                }),
            }
        }
        for portion in &portions {
            for (start, last) in portion.runs() {
                known.add(start, &last, lost_after(&last));
            }
            if let Some(unknown) = portion.unknown() {
                known.add_unknown(unknown);
            }
        }
        known.gaps(past)
    }

    /// The newest sample before `at`.
    pub(super) fn sample_before(
        &self,
        origin: Origin,
        signal: SignalId,
        at: Timestamp,
    ) -> Option<Sample> {
        let before = just_before(at)?;
        if signal.index() >= self.signals {
            return None;
        }
        match self.keeper(origin, before) {
            Answer::Memory(track) => track.held_at(signal, before).sample,
            Answer::Archive(stairs) => stairs.held_at(signal, before).sample,
            Answer::Coming | Answer::Nobody => None,
        }
    }

    /// The oldest sample after `at`, as far as pieces are loaded up to it.
    fn sample_after(&self, origin: Origin, signal: SignalId, at: Timestamp) -> Option<Sample> {
        let after = Timestamp::from_nanos(at.nanos().checked_add(1)?);
        let rest = Stretch::new(after, Timestamp::MAX)?;
        if let Some(past) = self.past_of(origin, signal, rest) {
            // Piece by piece, so that no more is asked for than it takes.
            for piece in self.archive.hours(past) {
                for portion in self.portions(origin, signal, piece, Resolution::Samples) {
                    if let Some(first) = portion.samples().first() {
                        return Some(*first);
                    }
                    if portion.coming().is_some() {
                        return None;
                    }
                }
            }
        }
        self.present(origin, signal, Some(rest))
            .flatten()
            .next()
            .copied()
    }

    /// The part of a stretch for which the archive answers.
    fn past_of(&self, origin: Origin, signal: SignalId, asked: Stretch) -> Option<Stretch> {
        let known = is_windowed(origin) && signal.index() < self.signals;
        self.archive.part_of(asked).filter(|_| known)
    }

    /// True if the archive answers for a part of a stretch.
    pub(super) fn reaches_archive(&self, origin: Origin, signal: SignalId, asked: Stretch) -> bool {
        self.past_of(origin, signal, asked).is_some()
    }

    /// All that tells whether what was read of a signal may still be read so.
    pub(super) fn series_state(&self, origin: Origin, signal: SignalId) -> Option<SeriesState> {
        self.track_of(origin, signal)?.state(signal)
    }

    /// What the archive knows of a signal.
    fn portions(
        &self,
        origin: Origin,
        signal: SignalId,
        asked: Stretch,
        resolution: Resolution,
    ) -> Vec<Portion<'_>> {
        match self.past_of(origin, signal, asked) {
            Some(past) => self.archive.portions(origin, signal, past, resolution),
            None => Vec::new(),
        }
    }

    /// What memory knows of a signal from the edge on, piece by piece.
    fn present(
        &self,
        origin: Origin,
        signal: SignalId,
        asked: Option<Stretch>,
    ) -> impl Iterator<Item = &[Sample]> {
        let edge = self.archive.edge().filter(|_| is_windowed(origin));
        let asked = asked.and_then(|asked| asked.since(edge.unwrap_or(Timestamp::MIN)));
        let answering = asked.zip(self.track_of(origin, signal));
        answering
            .into_iter()
            .flat_map(move |(asked, track)| track.slices(signal, asked.from, asked.to))
    }
}

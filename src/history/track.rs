//! The samples of every signal from one origin, and how long each of them holds.

use std::ops::Range;
use std::time::Duration;

use super::Gap;
use super::gaps;
use super::series::Series;
use super::sliding::SeriesState;
use super::touched::Touched;
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

/// What became of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stored,
    Duplicate,
    TooOld,
}

/// How much of an origin is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Samples older than the newest of any signal by more than this are dropped.
    pub(super) window: Option<Duration>,
    /// Samples of one signal.
    pub(super) samples: usize,
}

/// What a signal shows at an instant, and the span of instants over which that stays so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) sample: Option<Sample>,
    /// When the link was lost that brought the sample, whether before or after the asked instant.
    pub(super) lost: Option<Timestamp>,
    pub(super) span: Range<Timestamp>,
}

/// The samples of every signal from one origin.
///
/// With a window, what is *visible* of a signal is every sample inside the window and
/// the newest before it, so that a value that rarely changes is not lost. This depends
/// on the samples alone and not on the order in which they came. What is no longer
/// visible is dropped when its signal is next inserted into or swept.
#[derive(Debug)]
pub(super) struct Track {
    origin: Origin,
    /// Never the same for two tracks of one history, even of the same origin.
    epoch: u64,
    series: Vec<Series>,
    /// By signal, rising; no entries at all while no link was ever lost.
    losses: Vec<Vec<Timestamp>>,
    touched: Touched,
    reach: Option<Timestamp>,
    bounds: Bounds,
    /// The oldest sample, or something older; see [`sweep`](Self::sweep).
    oldest: Timestamp,
    newest: Timestamp,
    edge: Timestamp,
    /// The edge lies nowhere before it.
    floor: Timestamp,
    len: usize,
    swept: usize,
    swept_oldest: Timestamp,
}

impl Track {
    pub(super) fn new(origin: Origin, epoch: u64, signals: usize, bounds: Bounds) -> Self {
        Self {
            origin,
            epoch,
            series: std::iter::repeat_with(Series::default)
                .take(signals)
                .collect(),
            losses: Vec::new(),
            touched: Touched::new(signals),
            reach: None,
            bounds,
            oldest: Timestamp::MAX,
            newest: Timestamp::MIN,
            edge: Timestamp::MIN,
            floor: Timestamp::MIN,
            len: 0,
            swept: 0,
            swept_oldest: Timestamp::MAX,
        }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The oldest instant inside the window.
    pub(super) fn edge(&self) -> Timestamp {
        self.edge
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn touched(&self) -> &Touched {
        &self.touched
    }

    /// True if its samples grow old; a simulated value holds until the next output.
    pub(super) fn ages(&self) -> bool {
        matches!(self.origin, Origin::Measured | Origin::Estimated)
    }

    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        (self.len > 0).then(|| (self.oldest.max(self.edge).min(self.newest), self.newest))
    }

    pub(super) fn set_reach(&mut self, until: Timestamp) {
        self.reach = Some(until);
    }

    /// The last instant for which it answers; `None` for no end.
    pub(super) fn reach(&self) -> Option<Timestamp> {
        if self.ages() {
            self.reach
        } else {
            Some(self.reach.unwrap_or(self.newest))
        }
    }

    /// Puts one sample of a known signal in its place.
    pub(super) fn insert(&mut self, signal: SignalId, sample: Sample) -> Fate {
        if sample.at > self.newest {
            self.newest = sample.at;
            self.edge = self
                .bounds
                .window
                .map_or(self.floor, |window| self.floor.max(self.newest - window));
        }
        let series = &mut self.series[signal.index()];
        if sample.at < self.edge
            && let Some(kept) = series.last_before(self.edge)
            && sample.at < kept.at
        {
            return Fate::TooOld;
        }
        let full = series.len() >= self.bounds.samples;
        if full && series.front().is_some_and(|front| sample.at < front) {
            return Fate::TooOld;
        }
        if !series.insert(sample) {
            return Fate::Duplicate;
        }
        self.len += 1;
        self.len -= series.trim(self.edge, self.bounds.samples);
        self.oldest = self.oldest.min(sample.at);
        self.swept_oldest = self.swept_oldest.min(sample.at);
        self.touched.push(signal);
        Fate::Stored
    }

    /// Lets go of what lies before `floor`, but for the last sample of each signal, as if the
    /// window began no sooner.
    pub(super) fn raise_floor(&mut self, floor: Timestamp) {
        self.floor = self.floor.max(floor);
        self.edge = self.edge.max(floor);
        self.oldest = Timestamp::MAX;
        for series in &mut self.series {
            self.len -= series.trim(self.edge, self.bounds.samples);
            let first = series.first().map_or(Timestamp::MAX, |first| first.at);
            self.oldest = self.oldest.min(first);
        }
        (self.swept, self.swept_oldest) = (0, Timestamp::MAX);
    }

    /// The samples of all signals in runs: from when to when, and how many.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Timestamp, Timestamp, usize)> {
        self.series.iter().flat_map(Series::runs)
    }

    /// Trims the next `count` signals in turn, so that silent ones let go of old samples
    /// too and the oldest sample is known again after each round.
    pub(super) fn sweep(&mut self, count: usize) {
        if self.bounds.window.is_none() {
            return;
        }
        for _ in 0..count.min(self.series.len()) {
            let series = &mut self.series[self.swept];
            self.len -= series.trim(self.edge, self.bounds.samples);
            if let Some(front) = series.front() {
                self.swept_oldest = self.swept_oldest.min(front);
            }
            self.swept += 1;
            if self.swept == self.series.len() {
                self.oldest = self.swept_oldest;
                self.swept = 0;
                self.swept_oldest = Timestamp::MAX;
            }
        }
    }

    /// Notes that the link of `signal` was lost; false if that says nothing new.
    pub(super) fn lose_link(&mut self, signal: SignalId, at: Timestamp) -> bool {
        if self.losses.is_empty() {
            self.losses.resize(self.series.len(), Vec::new());
        }
        let received = self.series[signal.index()].received();
        let losses = &mut self.losses[signal.index()];
        // With nothing received since the loss before, all there is was lost already.
        if losses
            .last()
            .is_some_and(|&last| received.is_none_or(|received| received <= last) || at <= last)
        {
            return false;
        }
        // Samples of before the window have only the newest loss of before it to fear.
        let outdated = losses.partition_point(|&loss| loss < self.edge);
        losses.drain(..outdated.saturating_sub(1));
        losses.push(at);
        self.touched.push(signal);
        true
    }

    /// What `signal` shows at `at`, whatever the reach; the span holds for the present
    /// [`edge`](Self::edge) only.
    pub(super) fn held_at(&self, signal: SignalId, at: Timestamp) -> Held {
        let series = &self.series[signal.index()];
        let (sample, next) = series.neighbours(at);
        let visible = sample.filter(|sample| self.is_visible(series, sample));
        let since = sample.map_or(Timestamp::MIN, |sample| sample.at);
        let until = next.map_or(Timestamp::MAX, |next| next.at);
        Held {
            sample: visible.copied(),
            lost: visible.and_then(|sample| self.lost_after(signal, sample)),
            span: since..until,
        }
    }

    /// The visible samples of `signal` from `from` to `to`, both included, piece by piece.
    pub(super) fn slices(
        &self,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &[Sample]> {
        let series = &self.series[signal.index()];
        let kept = series.last_before(self.edge).map(|kept| kept.at);
        series.slices(kept.map_or(from, |kept| from.max(kept)), to)
    }

    /// All that tells whether what was read of a signal may still be read so; `None` if it has
    /// no sample.
    pub(super) fn state(&self, signal: SignalId) -> Option<SeriesState> {
        let series = &self.series[signal.index()];
        let first = series.last_before(self.edge).or_else(|| series.first());
        Some(SeriesState {
            epoch: self.epoch,
            late: series.late(),
            first: *first?,
            last: *series.last()?,
        })
    }

    /// The instants of the visible samples just before `from` and just after `to`, where there are
    /// some, instead of `from` and `to`.
    pub(super) fn widened(
        &self,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
    ) -> (Timestamp, Timestamp) {
        let series = &self.series[signal.index()];
        (
            series.last_before(from).map_or(from, |sample| sample.at),
            series.neighbours(to).1.map_or(to, |sample| sample.at),
        )
    }

    /// The stretches of `from..to` in which `signal` shows nothing, or a stale value.
    pub(super) fn gaps(
        &self,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
        max_age: Duration,
    ) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        let mut push = |gap| gaps::push(&mut gaps, gap);
        let (start, _) = self.widened(signal, from, to);
        // The first instant at which nothing so far has a fresh value.
        let mut fresh_until = from;
        for sample in self.slices(signal, start, to).flatten() {
            push(Gap {
                from: fresh_until,
                to: sample.at.min(to),
            });
            let stale = stale_from(sample, self.lost_after(signal, sample), max_age);
            fresh_until = stale.max(from);
        }
        push(Gap {
            from: fresh_until,
            to,
        });
        gaps
    }

    /// When the link was lost after `sample` came over it: no sooner than its own instant.
    fn lost_after(&self, signal: SignalId, sample: &Sample) -> Option<Timestamp> {
        let losses = self.losses.get(signal.index())?;
        let first = losses.partition_point(|&loss| loss < sample.received);
        losses.get(first).map(|&loss| loss.max(sample.at))
    }

    fn is_visible(&self, series: &Series, sample: &Sample) -> bool {
        sample.at >= self.edge
            || series
                .last_before(self.edge)
                .is_none_or(|kept| kept.at <= sample.at)
    }
}

/// The first instant at which `sample` is stale, by its age or because its link was `lost`.
pub(super) fn stale_from(sample: &Sample, lost: Option<Timestamp>, max_age: Duration) -> Timestamp {
    let too_old = sample.at + max_age + Duration::from_nanos(1);
    lost.map_or(too_old, |lost| lost.min(too_old))
}

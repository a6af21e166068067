//! One signal over a stretch of time, sample by sample or summed up.

use std::time::Duration;

use super::block::SampleColumns;
use super::stretch::Stretch;
use crate::history::columns::Column;
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How finely a signal is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Every sample. A piece is an hour.
    Samples,
    /// Summed up by minute. A piece is a day.
    Minutes,
    /// Summed up by hour. A piece is 30 days.
    Hours,
}

/// A piece of a signal: what is loaded and kept as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StrandKey {
    /// Who says so.
    pub origin: Origin,
    /// Which signal.
    pub signal: SignalId,
    /// How finely.
    pub resolution: Resolution,
    /// Which hour, day or 30 days: as many whole ones as lie between it and the Unix epoch.
    pub piece: i64,
}

/// All samples of a minute or an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The first instant of the minute or the hour.
    pub start: Timestamp,
    /// The samples, summed up.
    pub column: Column,
}

/// A piece of a signal, decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Strand(Rows);

#[derive(Clone, Debug, PartialEq)]
enum Rows {
    /// In order of time, as are the instants at which the link was lost.
    Samples {
        samples: Vec<Sample>,
        losses: Vec<Timestamp>,
    },
    /// In order of time.
    Buckets(Vec<Bucket>),
}

impl Resolution {
    /// The coarsest that still fills each of `count` columns between `from` and `to`.
    pub fn for_columns(from: Timestamp, to: Timestamp, count: usize) -> Self {
        let length = i128::from(to.nanos()) - i128::from(from.nanos());
        match length / (count.max(1) as i128) {
            width if width >= HOUR.into() => Self::Hours,
            width if width >= MINUTE.into() => Self::Minutes,
            _ => Self::Samples,
        }
    }

    /// How long a bucket is, ns; none for samples.
    pub(in crate::history) const fn bucket_nanos(self) -> Option<i64> {
        match self {
            Self::Samples => None,
            Self::Minutes => Some(MINUTE),
            Self::Hours => Some(HOUR),
        }
    }

    /// How long a piece is.
    pub(in crate::history) fn piece(self) -> Duration {
        Duration::from_nanos(self.piece_nanos().unsigned_abs())
    }

    /// The piece of an instant.
    pub const fn piece_of(self, at: Timestamp) -> i64 {
        at.nanos().div_euclid(self.piece_nanos())
    }

    pub(super) fn stretch_of(self, piece: i64) -> Stretch {
        let length = i128::from(self.piece_nanos());
        let start = i128::from(piece) * length;
        Stretch::of_nanos(start, start + length - 1)
    }

    const fn piece_nanos(self) -> i64 {
        match self {
            Self::Samples => HOUR,
            Self::Minutes => DAY,
            Self::Hours => 30 * DAY,
        }
    }
}

impl StrandKey {
    /// The first and the last instant of the piece.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let stretch = self.stretch();
        (stretch.from, stretch.to)
    }

    pub(super) fn stretch(&self) -> Stretch {
        self.resolution.stretch_of(self.piece)
    }
}

impl Strand {
    /// Every sample of the piece; of equal instants the first counts.
    ///
    /// Values that are not finite are left out.
    pub fn of_samples(columns: &SampleColumns) -> Self {
        let mut samples = Vec::with_capacity(columns.len());
        let mut losses = Vec::new();
        for row in 0..columns.len() {
            match columns.sample(row) {
                Some(sample) if sample.value.is_finite() => samples.push(sample),
                Some(_) => {}
                None => losses.push(columns.at[row]),
            }
        }
        samples.sort_by_key(|sample| sample.at);
        samples.dedup_by_key(|sample| sample.at);
        losses.sort_unstable();
        losses.dedup();
        Self(Rows::Samples { samples, losses })
    }

    /// The piece summed up; buckets of the same start are merged.
    ///
    /// It may stand for samples too, where those were dropped with age.
    pub fn of_buckets(mut buckets: Vec<Bucket>) -> Self {
        buckets.sort_by_key(|bucket| bucket.start);
        buckets.dedup_by(|later, merged| {
            let same = later.start == merged.start;
            if same {
                merged.column.merge(&later.column);
            }
            same
        });
        Self(Rows::Buckets(buckets))
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        let rows = match &self.0 {
            Rows::Samples { samples, losses } => {
                size_of_val(samples.as_slice()) + size_of_val(losses.as_slice())
            }
            Rows::Buckets(buckets) => size_of_val(buckets.as_slice()),
        };
        rows + size_of::<(StrandKey, Self)>()
    }

    /// The samples in a stretch.
    pub(super) fn samples(&self, stretch: Stretch) -> &[Sample] {
        match &self.0 {
            Rows::Samples { samples, .. } => within(samples, stretch, |sample| sample.at),
            Rows::Buckets(_) => &[],
        }
    }

    /// The instants in a stretch at which the link was lost.
    pub(super) fn losses(&self, stretch: Stretch) -> &[Timestamp] {
        match &self.0 {
            Rows::Samples { losses, .. } => within(losses, stretch, |at| *at),
            Rows::Buckets(_) => &[],
        }
    }

    /// The buckets that begin in a stretch.
    pub(super) fn buckets(&self, stretch: Stretch) -> &[Bucket] {
        match &self.0 {
            Rows::Samples { .. } => &[],
            Rows::Buckets(buckets) => within(buckets, stretch, |bucket| bucket.start),
        }
    }
}

/// Of `sorted`, what lies in the stretch.
fn within<T>(sorted: &[T], stretch: Stretch, at: impl Fn(&T) -> Timestamp) -> &[T] {
    let first = sorted.partition_point(|item| at(item) < stretch.from);
    let past = sorted.partition_point(|item| at(item) <= stretch.to);
    &sorted[first..past]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_lies_in_its_piece() {
        for resolution in [Resolution::Samples, Resolution::Minutes, Resolution::Hours] {
            for nanos in [i64::MIN, -HOUR, -1, 0, 1, HOUR - 1, HOUR, 7 * DAY, i64::MAX] {
                let at = Timestamp::from_nanos(nanos);
                let key = StrandKey {
                    origin: Origin::Measured,
                    signal: SignalId(0),
                    resolution,
                    piece: resolution.piece_of(at),
                };
                let (from, to) = key.span();
                assert!(from <= at && at <= to, "{resolution:?} at {nanos}");
                assert_eq!(resolution.piece_of(from), key.piece);
                assert_eq!(resolution.piece_of(to), key.piece);
            }
        }
    }

    #[test]
    fn the_resolution_follows_the_width_of_a_column() {
        let check = |hours: i64, count, expected| {
            let to = Timestamp::from_secs(hours * 3600);
            let found = Resolution::for_columns(Timestamp::from_secs(0), to, count);
            assert_eq!(found, expected, "{hours} h in {count}");
        };
        check(1, 1000, Resolution::Samples);
        check(24, 1000, Resolution::Minutes);
        check(1000, 1000, Resolution::Hours);
        check(1, 0, Resolution::Hours);
        let all = Resolution::for_columns(Timestamp::MIN, Timestamp::MAX, 1);
        assert_eq!(all, Resolution::Hours);
    }
}

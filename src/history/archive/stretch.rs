//! Stretches of time, and sets of them. Both ends are included, so that nothing overflows
//! at the ends of time.

use crate::time::Timestamp;

/// The instants from `from` to `to`, both included. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::history) struct Stretch {
    pub(in crate::history) from: Timestamp,
    pub(in crate::history) to: Timestamp,
}

/// Stretches that neither touch nor overlap, in order of time.
#[derive(Debug, Default)]
pub(super) struct Stretches(Vec<Stretch>);

impl Stretch {
    /// `None` if there is no instant between.
    pub(in crate::history) fn new(from: Timestamp, to: Timestamp) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// Cut off at the ends of time.
    pub(in crate::history) fn of_nanos(from: i128, to: i128) -> Self {
        let instant = |nanos: i128| {
            let nanos = nanos.clamp(i64::MIN.into(), i64::MAX.into());
            Timestamp::from_nanos(nanos as i64)
        };
        Self {
            from: instant(from),
            to: instant(to),
        }
    }

    /// All buckets of so many ns that it reaches into.
    pub(in crate::history) fn widened(self, bucket: Option<i64>) -> Self {
        let bucket = i128::from(bucket.unwrap_or(1));
        let (from, to) = (i128::from(self.from.nanos()), i128::from(self.to.nanos()));
        let last = to - to.rem_euclid(bucket);
        Self::of_nanos(from - from.rem_euclid(bucket), last + bucket - 1)
    }

    /// What both have.
    pub(in crate::history) fn meet(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// The shortest that has both.
    pub(super) fn hull(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }

    /// The part before `end`.
    pub(in crate::history) fn before(self, end: Timestamp) -> Option<Self> {
        Self::new(self.from, self.to.min(just_before(end)?))
    }

    /// The part from `start` on.
    pub(in crate::history) fn since(self, start: Timestamp) -> Option<Self> {
        Self::new(self.from.max(start), self.to)
    }

    /// The first instant after it, or the end of time.
    pub(in crate::history) fn end(self) -> Timestamp {
        Timestamp::from_nanos(self.to.nanos().saturating_add(1))
    }
}

impl Stretches {
    pub(super) fn new(stretches: impl IntoIterator<Item = Stretch>) -> Self {
        let mut sorted: Vec<_> = stretches.into_iter().collect();
        sorted.sort_by_key(|stretch| stretch.from);
        let mut joined: Vec<Stretch> = Vec::new();
        for stretch in sorted {
            match joined.last_mut() {
                Some(last) if stretch.from <= last.end() => last.to = last.to.max(stretch.to),
                _ => joined.push(stretch),
            }
        }
        Self(joined)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The earliest and the latest instant.
    pub(super) fn ends(&self) -> Option<Stretch> {
        let (first, last) = self.0.first().zip(self.0.last())?;
        Some(first.hull(*last))
    }

    /// What they share with `other`, stretch by stretch.
    pub(super) fn meet(&self, other: Stretch) -> impl Iterator<Item = Stretch> {
        let first = self.0.partition_point(|stretch| stretch.to < other.from);
        self.0[first..].iter().map_while(move |s| s.meet(other))
    }

    /// The shortest stretch that has all that they share with `other`.
    pub(super) fn hull_of_meet(&self, other: Stretch) -> Option<Stretch> {
        self.meet(other).reduce(Stretch::hull)
    }
}

/// The last instant before `at`, if there is one.
pub(in crate::history) fn just_before(at: Timestamp) -> Option<Timestamp> {
    at.nanos().checked_sub(1).map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stretch(from: i64, to: i64) -> Stretch {
        Stretch {
            from: Timestamp::from_nanos(from),
            to: Timestamp::from_nanos(to),
        }
    }

    proptest! {
        /// A set of instants is the whole specification.
        #[test]
        fn stretches_hold_the_instants_of_each(
            parts in prop::collection::vec((0..60_i64, 0..9_i64), 0..12),
            (from, length) in (0..60_i64, 0..20_i64),
        ) {
            let set = Stretches::new(parts.iter().map(|&(from, more)| stretch(from, from + more)));
            let inside = |at: i64| parts.iter().any(|&(from, more)| (from..=from + more).contains(&at));
            let asked = stretch(from, from + length);
            let met: Vec<Stretch> = set.meet(asked).collect();
            for at in 0..90 {
                let told = met.iter().filter(|s| s.meet(stretch(at, at)).is_some()).count();
                let expected = (from..=from + length).contains(&at) && inside(at);
                prop_assert_eq!(told, usize::from(expected), "at {}", at);
            }
            prop_assert!(met.windows(2).all(|pair| pair[0].end() < pair[1].from));
        }
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        let all = stretch(i64::MIN, i64::MAX);
        assert_eq!(all.end(), Timestamp::MAX);
        assert_eq!(all.before(Timestamp::MIN), None);
        assert_eq!(Stretches::new([all, all]).ends(), Some(all));
    }
}

//! Lead times: how far ahead a forecast looks, in classes that are the same everywhere.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The ends of the classes, s; each begins where the one before ends.
const ENDS: [u64; Lead::COUNT] = [
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    18 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
];

/// A class of lead times.
///
/// Classes do not depend on a forecast's horizon, so that all tables can be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lead(usize);

impl Lead {
    /// How many classes there are.
    pub const COUNT: usize = 12;

    /// The class of a lead time; `None` for the analysis time itself, which is no forecast, and
    /// beyond a week.
    pub fn of(ahead: Duration) -> Option<Self> {
        let place = ENDS.partition_point(|end| Duration::from_secs(*end) < ahead);
        (!ahead.is_zero() && place < Self::COUNT).then_some(Self(place))
    }

    /// Every class, the nearest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// Its place among all classes.
    pub fn index(self) -> usize {
        self.0
    }

    /// Its end, which it includes.
    pub fn until(self) -> Duration {
        // A class that was read from a file may be none of ours.
        let end = ENDS.get(self.0).copied().unwrap_or(u64::MAX);
        Duration::from_secs(end)
    }

    /// Its begin, which it does not include.
    pub fn from(self) -> Duration {
        let before = self.0.checked_sub(1).and_then(|place| ENDS.get(place));
        Duration::from_secs(before.copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_belongs_to_the_class_that_it_ends() {
        for (secs, place) in [
            (0.0, None),
            (1.0, Some(0)),
            (300.0, Some(0)),
            (300.5, Some(1)),
            (86_400.0, Some(9)),
            (604_800.0, Some(11)),
            (604_801.0, None),
        ] {
            let lead = Lead::of(Duration::from_secs_f64(secs));
            assert_eq!(lead.map(Lead::index), place, "{secs} s");
        }
    }

    #[test]
    fn classes_lie_without_a_gap() {
        let classes: Vec<_> = Lead::all().collect();
        assert_eq!(classes[0].from(), Duration::ZERO);
        for pair in classes.windows(2) {
            assert_eq!(pair[0].until(), pair[1].from());
        }
    }
}

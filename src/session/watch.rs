//! Since when, and with which gaps, somebody watched a plant.

use crate::time::Timestamp;

/// A shorter stretch without data is no gap, s: the window in which alarms are counted.
const SHORTEST_GAP_SECS: f64 = 600.0;

/// A stretch of time of which something is known, with its gaps.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// When watching began.
    pub from: Timestamp,
    /// Up to when it was asked for.
    pub to: Timestamp,
    /// In which nothing was recorded, in order; all within.
    pub gaps: Vec<(Timestamp, Timestamp)>,
}

impl Watch {
    /// What of the time between `from` and `to` the recorded `stretches` cover, in any order;
    /// `None` if none of it.
    pub fn of(
        stretches: impl IntoIterator<Item = (Timestamp, Timestamp)>,
        (from, to): (Timestamp, Timestamp),
    ) -> Option<Self> {
        let clipped = stretches
            .into_iter()
            .map(|(first, last)| (first.max(from), last.min(to)));
        let mut clipped: Vec<_> = clipped.filter(|(first, last)| first <= last).collect();
        clipped.sort_unstable();
        let begun = clipped.first()?.0;
        let mut gaps = Vec::new();
        let mut until = begun;
        for (first, last) in clipped.into_iter().chain([(to, to)]) {
            if first.secs_since(until) > SHORTEST_GAP_SECS {
                gaps.push((until, first));
            }
            until = until.max(last);
        }
        Some(Self {
            from: begun,
            to,
            gaps,
        })
    }

    /// How long nothing was recorded, s.
    pub fn gap_secs(&self) -> f64 {
        let secs = self.gaps.iter().map(|(from, to)| to.secs_since(*from));
        secs.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: f64) -> Timestamp {
        Timestamp::from_secs(0).plus_secs(hour * 3_600.0)
    }

    #[track_caller]
    fn check(stretches: &[(f64, f64)], from: f64, gaps: &[(f64, f64)]) {
        let stretches = stretches.iter().map(|(from, to)| (at(*from), at(*to)));
        let watch = Watch::of(stretches, (at(0.0), at(24.0))).expect("watched");
        let gaps: Vec<_> = gaps.iter().map(|(from, to)| (at(*from), at(*to))).collect();
        assert_eq!((watch.from, watch.to), (at(from), at(24.0)));
        assert_eq!(watch.gaps, gaps);
    }

    #[test]
    fn watching_begins_with_the_first_data_and_gaps_are_told() {
        check(&[(-5.0, 24.0)], 0.0, &[]);
        check(&[(20.0, 24.0)], 20.0, &[]);
        // In any order, one over the other, with a hole of an hour and one of five minutes.
        check(
            &[(12.0, 24.0), (2.0, 8.0), (3.0, 9.0), (10.0, 11.92)],
            2.0,
            &[(9.0, 10.0)],
        );
        // It ended before the present.
        check(&[(1.0, 20.0)], 1.0, &[(20.0, 24.0)]);
        check(&[(1.0, 5.0), (8.0, 9.0)], 1.0, &[(5.0, 8.0), (9.0, 24.0)]);
    }

    #[test]
    fn where_nothing_was_recorded_nobody_watched() {
        assert_eq!(Watch::of([], (at(0.0), at(24.0))), None);
        let before = [(at(-9.0), at(-1.0)), (at(25.0), at(26.0))];
        assert_eq!(Watch::of(before, (at(0.0), at(24.0))), None);
    }
}

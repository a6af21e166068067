//! Since when, and with which gaps, somebody watched a plant.

use std::collections::BTreeMap;

use super::alarm_log::AlarmLog;
use crate::alarm::AlarmReport;
use crate::recording::Library;
use crate::recording::log::LogContents;
use crate::time::Timestamp;

/// A shorter stretch without data is no gap, s: the window in which alarms are counted.
const SHORTEST_GAP_SECS: f64 = 600.0;
/// ns.
const MINUTE: i64 = 60_000_000_000;

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

    /// Of what was watched within `span`: where no alarm was told but samples were recorded,
    /// somebody watched and saw none.
    pub fn with_alarms(
        log: &AlarmLog,
        mut stretches: Vec<(Timestamp, Timestamp)>,
        span: (Timestamp, Timestamp),
    ) -> Option<Self> {
        // Of the oldest time the alarms may still be told while its samples are gone.
        if let Some((first, last)) = log.span() {
            let begun = stretches.iter().map(|(from, _)| *from).min();
            stretches.push((first, begun.unwrap_or(last).max(first)));
        }
        Self::of(stretches, span)
    }

    /// The report on what was watched.
    pub fn report(&self, log: &AlarmLog) -> AlarmReport {
        AlarmReport::with_gaps(&log.events, &log.names, (self.from, self.to), &self.gaps)
    }

    /// All in which nothing was recorded of the time from `from` on.
    pub fn gaps_since(&self, from: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let before = (from < self.from).then_some((from, self.from));
        before
            .into_iter()
            .chain(self.gaps.iter().copied())
            .collect()
    }

    /// How long nothing was recorded, s.
    pub fn gap_secs(&self) -> f64 {
        let secs = self.gaps.iter().map(|(from, to)| to.secs_since(*from));
        secs.sum()
    }
}

/// The stretches of which a store has samples: those in the library, and those that still stand in
/// logs, a minute or more apart.
pub(super) fn recorded_stretches(
    library: &Library,
    logs: &[LogContents],
) -> Vec<(Timestamp, Timestamp)> {
    let mut stretches = library.catalogue().stretches();
    // By minute, the first and the last row: a log may hold millions.
    let mut minutes: BTreeMap<i64, (Timestamp, Timestamp)> = BTreeMap::new();
    for row in logs.iter().flat_map(|log| &log.rows) {
        let minute = row.at.nanos().div_euclid(MINUTE);
        let known = minutes.entry(minute).or_insert((row.at, row.at));
        *known = (known.0.min(row.at), known.1.max(row.at));
    }
    let minutes: Vec<_> = minutes.into_iter().collect();
    let runs = minutes.chunk_by(|(one, _), (next, _)| next - one <= 1);
    stretches.extend(runs.filter_map(|run| Some((run.first()?.1.0, run.last()?.1.1))));
    stretches
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

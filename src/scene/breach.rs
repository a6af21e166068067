//! How many members of an ensemble pass a limit, and when they do so first.

use super::{LimitWatch, Threshold};
use crate::time::Timestamp;

/// Watches every member of an ensemble against one limit.
///
/// What comes out depends on the members' values only, not on the order of the members.
#[derive(Clone, Debug, PartialEq)]
pub struct BreachCounter {
    threshold: Threshold,
    members: Vec<MemberWatch>,
}

/// The breaches of one limit in an ensemble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreachStatistics {
    /// Members of the ensemble that could go on.
    pub members: usize,
    /// Members that pass the limit, for longer than its delay, at least once.
    pub breached: usize,
    /// Of these, the instants before which 10 %, 50 % and 90 % do so first; `None` if none does.
    pub first: Option<FirstBreach>,
}

/// When the members that pass a limit do so first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBreach {
    /// 10 % of them are no later.
    pub p10: Timestamp,
    /// Half of them are no later.
    pub p50: Timestamp,
    /// 90 % of them are no later.
    pub p90: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct MemberWatch {
    watch: LimitWatch,
    first: Option<Timestamp>,
    left_out: bool,
}

impl BreachCounter {
    /// A counter for an ensemble of this many members.
    pub fn new(threshold: Threshold, members: usize) -> Self {
        Self {
            threshold,
            members: vec![MemberWatch::default(); members],
        }
    }

    /// Takes in the value, SI, of a member from `at` on. Instants of a member must not go back.
    ///
    /// A member that is past the limit from its first value on counts as well.
    ///
    /// # Panics
    /// If there is no such member.
    pub fn observe(&mut self, member: usize, at: Timestamp, value: f64) {
        let MemberWatch { watch, first, .. } = &mut self.members[member];
        if first.is_some() {
            return; // later breaches change nothing
        }
        let crossings = watch.observe(&self.threshold, at, value);
        *first = crossings
            .into_iter()
            .flatten()
            .find(|crossing| crossing.raised)
            .map(|crossing| crossing.at);
    }

    /// A member could not go on: it counts neither as one that passes nor as one that does not.
    ///
    /// # Panics
    /// If there is no such member.
    pub fn leave_out(&mut self, member: usize) {
        self.members[member].left_out = true;
    }

    /// When each member that passes the limit does so first, in order of members.
    pub fn firsts(&self) -> impl Iterator<Item = Timestamp> {
        let counted = self.members.iter().filter(|one| !one.left_out);
        counted.filter_map(|one| one.first)
    }

    /// The statistics so far.
    pub fn statistics(&self) -> BreachStatistics {
        let counted = || self.members.iter().filter(|one| !one.left_out);
        let mut firsts: Vec<_> = counted().filter_map(|one| one.first).collect();
        firsts.sort_unstable();
        // Nearest rank: the smallest that at least this share does not exceed.
        let rank = |percent: usize| {
            let rank = (percent * firsts.len()).div_ceil(100);
            firsts.get(rank.checked_sub(1)?).copied()
        };
        BreachStatistics {
            members: counted().count(),
            breached: firsts.len(),
            first: rank(10)
                .zip(rank(50))
                .zip(rank(90))
                .map(|((p10, p50), p90)| FirstBreach { p10, p50, p90 }),
        }
    }
}

impl BreachStatistics {
    /// The share of members that pass the limit, 0 to 1.
    pub fn probability(&self) -> f64 {
        self.breached as f64 / self.members.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HIGH: Threshold = Threshold {
        is_upper: true,
        at: 10.0,
        clear: 10.0,
        on_delay: Duration::from_secs(5),
        off_delay: Duration::ZERO,
    };

    /// Member m passes the limit at second m, if m is odd.
    fn observe(counter: &mut BreachCounter, members: impl Iterator<Item = usize>) {
        for member in members {
            for secs in 0..40 {
                let past = member % 2 == 1 && secs >= member;
                let at = Timestamp::from_secs(secs as i64);
                counter.observe(member, at, if past { 11.0 } else { 9.0 });
            }
        }
    }

    #[test]
    fn breaches_are_counted_by_member_with_their_first_instants() {
        let mut counter = BreachCounter::new(HIGH, 20);
        observe(&mut counter, 0..20);
        let statistics = counter.statistics();
        assert_eq!((statistics.members, statistics.breached), (20, 10));
        assert_eq!(statistics.probability(), 0.5);
        // Members 1, 3, ..., 19, each 5 s later.
        let expected = FirstBreach {
            p10: Timestamp::from_secs(6),
            p50: Timestamp::from_secs(14),
            p90: Timestamp::from_secs(22),
        };
        assert_eq!(statistics.first, Some(expected));
    }

    #[test]
    fn a_breach_shorter_than_the_delay_does_not_count() {
        let mut counter = BreachCounter::new(HIGH, 1);
        counter.observe(0, Timestamp::from_secs(0), 11.0);
        counter.observe(0, Timestamp::from_secs(4), 9.0);
        counter.observe(0, Timestamp::from_secs(60), 9.0);
        assert_eq!(counter.statistics().first, None);
        assert_eq!(counter.statistics().probability(), 0.0);
    }

    #[test]
    fn a_member_that_could_not_go_on_is_left_out() {
        let mut counter = BreachCounter::new(HIGH, 4);
        observe(&mut counter, 0..4);
        assert_eq!(counter.statistics().probability(), 0.5);
        counter.leave_out(0);
        assert_eq!(counter.statistics().probability(), 2.0 / 3.0);
        counter.leave_out(1);
        let statistics = counter.statistics();
        assert_eq!((statistics.members, statistics.breached), (2, 1));
    }
}

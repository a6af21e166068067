//! Where the members of every population were seen.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::population::{FixReport, Fixes, PopulationId, Reach, Whereabouts};
use crate::time::Timestamp;

/// How far fixes speak where nobody said otherwise.
const USUAL: Reach = Reach {
    gap: Duration::from_secs(15),
    age: Duration::from_secs(15),
};

/// The fixes of every population.
#[derive(Debug, Default)]
pub(super) struct Populations(BTreeMap<PopulationId, Tracked>);

#[derive(Debug)]
struct Tracked {
    fixes: Fixes,
    /// Hours of long ago that were read from a store.
    past: Fixes,
    reach: Reach,
    /// What is older than the window was dropped when the newest fix was this old.
    swept: Timestamp,
}

impl Populations {
    /// Fixes of `population` speak this far from now on.
    pub(super) fn set_reach(&mut self, population: PopulationId, reach: Reach, most: usize) {
        self.tracked(population, most).reach = reach;
    }

    /// Takes a report in; how many of its fixes were new and not too old.
    pub(super) fn insert(
        &mut self,
        population: PopulationId,
        report: &FixReport,
        window: Duration,
        most: usize,
    ) -> usize {
        let tracked = self.tracked(population, most);
        let stored = tracked.fixes.insert(report);
        // Not at every report: it looks at all members.
        if report.at.since(tracked.swept) > window / 64 {
            tracked.swept = report.at;
            tracked.fixes.raise_floor(report.at - window);
        }
        stored
    }

    /// Takes in a report of long ago.
    pub(super) fn insert_past(
        &mut self,
        population: PopulationId,
        report: &FixReport,
        most: usize,
    ) -> usize {
        self.tracked(population, most).past.insert(report)
    }

    /// Drops what was read of long ago.
    pub(super) fn forget_past(&mut self) {
        for tracked in self.0.values_mut() {
            tracked.past.clear();
        }
    }

    /// What is older is not in memory but for what was read of long ago.
    pub(super) fn floor(&self) -> Timestamp {
        let floors = self.0.values().map(|tracked| tracked.fixes.floor());
        floors.max().unwrap_or(Timestamp::MIN)
    }

    /// True if of what was read of long ago some had to be dropped again.
    pub(super) fn past_overflowed(&self) -> bool {
        let mut pasts = self.0.values().map(|tracked| &tracked.past);
        pasts.any(|past| past.floor() > Timestamp::MIN)
    }

    /// Who of `population` was where; `None` if nobody was ever seen.
    pub(super) fn at(&self, population: PopulationId, at: Timestamp) -> Option<Whereabouts> {
        let tracked = self.0.get(&population)?;
        let reach = tracked.reach;
        // After its end the past says nothing, not even that somebody is lost.
        let past = tracked
            .past
            .span()
            .filter(|(_, end)| at <= *end + reach.age);
        let past = past.map(|_| tracked.past.at(at, reach));
        let now = (!tracked.fixes.is_empty()).then(|| tracked.fixes.at(at, reach));
        match (past, now) {
            (Some(past), Some(now)) => Some(past.merged(now)),
            (past, now) => past.or(now),
        }
    }

    /// What memory holds; at an instant of long ago, what was read of it.
    pub(super) fn fixes(&self, population: PopulationId, at: Timestamp) -> Option<&Fixes> {
        let tracked = self.0.get(&population)?;
        let begin = tracked.fixes.span().map(|(begin, _)| begin);
        let is_past = !tracked.past.is_empty() && begin.is_none_or(|begin| at < begin);
        Some(if is_past {
            &tracked.past
        } else {
            &tracked.fixes
        })
    }

    /// Drops all fixes; false if there were none.
    pub(super) fn forget(&mut self) -> bool {
        let mut had = false;
        for tracked in self.0.values_mut() {
            had |= !tracked.fixes.is_empty() || !tracked.past.is_empty();
            tracked.fixes.clear();
            tracked.past.clear();
            tracked.swept = Timestamp::MIN;
        }
        had
    }

    fn tracked(&mut self, population: PopulationId, most: usize) -> &mut Tracked {
        self.0.entry(population).or_insert_with(|| Tracked {
            fixes: Fixes::new(most),
            past: Fixes::new(most),
            reach: USUAL,
            swept: Timestamp::MIN,
        })
    }
}

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

    /// Who of `population` was where; `None` if nobody was ever seen.
    pub(super) fn at(&self, population: PopulationId, at: Timestamp) -> Option<Whereabouts> {
        let tracked = self.0.get(&population)?;
        let is_known = !tracked.fixes.is_empty();
        is_known.then(|| tracked.fixes.at(at, tracked.reach))
    }

    pub(super) fn fixes(&self, population: PopulationId) -> Option<&Fixes> {
        self.0.get(&population).map(|tracked| &tracked.fixes)
    }

    /// Drops all fixes; false if there were none.
    pub(super) fn forget(&mut self) -> bool {
        let mut had = false;
        for tracked in self.0.values_mut() {
            had |= !tracked.fixes.is_empty();
            tracked.fixes.clear();
            tracked.swept = Timestamp::MIN;
        }
        had
    }

    fn tracked(&mut self, population: PopulationId, most: usize) -> &mut Tracked {
        self.0.entry(population).or_insert_with(|| Tracked {
            fixes: Fixes::new(most),
            reach: USUAL,
            swept: Timestamp::MIN,
        })
    }
}

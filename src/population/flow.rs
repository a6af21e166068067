//! What flows between places over a range of time: the numbers of a Sankey diagram.

use std::collections::BTreeMap;

use super::{Fixes, PopulationMove, Trail};
use crate::time::Timestamp;

/// What flowed from one place to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowLink {
    /// Where it came from; `None` if it came into being at `to`.
    pub from: Option<u32>,
    /// Where it went; `None` if it ceased to be at `from`.
    pub to: Option<u32>,
    /// What it was.
    pub kind: u16,
    /// How many.
    pub count: u64,
    /// How many a second.
    pub rate: f64,
}

/// What came to a place and left it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Members that came from other places.
    pub came: u64,
    /// Members that went to other places.
    pub went: u64,
    /// Members that came into being there.
    pub made: u64,
    /// Members that ceased to be there.
    pub used: u64,
}

impl Stock {
    /// How many more are there at the end than at the beginning.
    pub fn change(&self) -> i64 {
        (self.came + self.made) as i64 - (self.went + self.used) as i64
    }
}

/// What flowed between the places of a population over a range of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    /// The beginning of the range.
    pub from: Timestamp,
    /// The end of the range.
    pub until: Timestamp,
    /// Every flow, by origin, goal and kind.
    pub links: Vec<FlowLink>,
    /// What each place took and gave; empty places are left out.
    pub stocks: BTreeMap<u32, Stock>,
}

impl Flows {
    /// What flowed after `from` and up to `until`, as far as `trail` tells.
    pub fn of(trail: &Trail, from: Timestamp, until: Timestamp) -> Self {
        let (first, last) = trail.span();
        let from = from.clamp(first, last);
        let until = until.clamp(from, last);
        Self::count(trail.moves(from, until), from, until)
    }

    /// What a tracking system saw flow after `from` and up to `until`, as far as it reaches.
    pub fn seen(fixes: &Fixes, from: Timestamp, until: Timestamp) -> Option<Self> {
        let (first, last) = fixes.span()?;
        let from = from.clamp(first, last);
        let until = until.clamp(from, last);
        Some(Self::count(fixes.moves(from, until).iter(), from, until))
    }

    fn count<'a>(
        moves: impl Iterator<Item = &'a PopulationMove>,
        from: Timestamp,
        until: Timestamp,
    ) -> Self {
        let mut counts: BTreeMap<_, u64> = BTreeMap::new();
        let mut stocks: BTreeMap<u32, Stock> = BTreeMap::new();
        for step in moves {
            *counts.entry((step.from, step.to, step.kind)).or_default() += 1;
            if let Some(place) = step.from {
                let stock = stocks.entry(place).or_default();
                match step.to {
                    Some(_) => stock.went += 1,
                    None => stock.used += 1,
                }
            }
            if let Some(place) = step.to {
                let stock = stocks.entry(place).or_default();
                match step.from {
                    Some(_) => stock.came += 1,
                    None => stock.made += 1,
                }
            }
        }
        let span = until.secs_since(from);
        let links = counts
            .into_iter()
            .map(|((from, to, kind), count)| FlowLink {
                from,
                to,
                kind,
                count,
                rate: if span > 0.0 { count as f64 / span } else { 0.0 },
            });
        Self {
            from,
            until,
            links: links.collect(),
            stocks,
        }
    }

    /// What flowed from one place to another, whatever it was, per second.
    pub fn rate(&self, from: u32, to: u32) -> f64 {
        let links = self.links.iter();
        let these = links.filter(|link| (link.from, link.to) == (Some(from), Some(to)));
        these.map(|link| link.rate).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn flows_count_what_moved_within_the_range_and_no_more() {
        let mut trail = Trail::new(secs(0), 100);
        let step = |at, from, to| PopulationMove {
            at: secs(at),
            id: 0,
            kind: 0,
            from,
            to,
        };
        trail.extend(
            secs(100),
            [
                step(10, None, Some(0)),
                step(20, Some(0), Some(1)),
                step(30, Some(0), Some(1)),
                step(40, Some(1), None),
                step(60, Some(0), Some(1)),
            ],
        );
        let flows = Flows::of(&trail, secs(10), secs(50));
        assert_eq!(flows.rate(0, 1), 2.0 / 40.0);
        assert_eq!(flows.links.len(), 2);
        let stock = flows.stocks[&1];
        assert_eq!((stock.came, stock.used, stock.change()), (2, 1, 1));
        // What was not recorded does not thin the flow.
        assert_eq!(
            Flows::of(&trail, secs(50), secs(900)).rate(0, 1),
            1.0 / 50.0
        );
    }
}

//! Where members were seen: fixes of a tracking system, in order of time, and who is where
//! between and after them.
//!
//! A fix may come late and in any order; the answers depend on the fixes alone. Between two
//! fixes no more than [`Reach::gap`] apart a member moves straight from one to the other. It
//! stays at its last fix for [`Reach::age`] and is *lost* from then on: nobody is drawn ahead
//! of what was seen, and nobody jumps over a gap.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::time::Duration;

use super::frame::moved;
use super::{PopulationMove, PopulationRow};
use crate::time::Timestamp;

/// Members that are looked at to tell how often fixes come.
const PACED: usize = 256;

/// What a tracking system says about a population at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct FixReport {
    /// When its members were there.
    pub at: Timestamp,
    /// Where they were.
    pub rows: Vec<PopulationRow>,
    /// Who has left and is nowhere from now on.
    pub gone: Vec<u64>,
    /// True if `rows` are all there are: who is not among them is nowhere.
    pub whole: bool,
}

/// How far a fix speaks for the time around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Between two fixes that lie further apart nobody is on the way.
    pub gap: Duration,
    /// Who was not seen for longer is lost.
    pub age: Duration,
}

/// A member, and what tells where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located {
    /// The member at the asked instant; of one that is lost, where it was seen last.
    pub row: PopulationRow,
    /// When it was seen, at the asked instant or before.
    pub seen: Timestamp,
}

/// Who of a population was where at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whereabouts {
    /// Who was there, by rising id.
    pub members: Vec<Located>,
    /// Who had been there, did not leave, and was not seen for too long; by rising id.
    pub lost: Vec<Located>,
}

impl Whereabouts {
    /// Puts together what memory and what a store says of one instant. Of a member that both know
    /// that holds which was seen later.
    pub fn merged(self, other: Self) -> Self {
        let mut known: BTreeMap<u64, (Located, bool)> = BTreeMap::new();
        for found in [self, other] {
            let there = found.members.into_iter().map(|one| (one, true));
            let lost = found.lost.into_iter().map(|one| (one, false));
            for (one, is_there) in there.chain(lost) {
                let known = known.entry(one.row.id).or_insert((one, is_there));
                // Between two fixes of which only one of them knows both.
                let better = is_there && !known.1;
                if one.seen > known.0.seen || (one.seen == known.0.seen && better) {
                    *known = (one, is_there);
                }
            }
        }
        let mut merged = Self::default();
        for (one, is_there) in known.into_values() {
            match is_there {
                true => merged.members.push(one),
                false => merged.lost.push(one),
            }
        }
        merged
    }
}

/// The fixes of a population.
///
/// Of more fixes than it may keep the oldest are dropped, some at a time.
#[derive(Clone, Debug)]
pub struct Fixes {
    /// By member; `None` where it left.
    members: BTreeMap<u64, VecDeque<(Timestamp, Option<PopulationRow>)>>,
    /// When all that there were were told.
    whole: BTreeSet<Timestamp>,
    len: usize,
    most: usize,
    /// What is older was dropped.
    floor: Timestamp,
}

impl Fixes {
    /// No fixes, of which `most` are kept.
    pub fn new(most: usize) -> Self {
        Self {
            members: BTreeMap::new(),
            whole: BTreeSet::new(),
            len: 0,
            most: most.max(4),
            floor: Timestamp::MIN,
        }
    }

    /// Takes a report in; how many of its fixes were new and not too old. Rows that are not
    /// finite are passed over.
    pub fn insert(&mut self, report: &FixReport) -> usize {
        if report.at < self.floor {
            return 0;
        }
        let before = self.len;
        for row in report.rows.iter().filter(|row| row.is_finite()) {
            self.put(report.at, row.id, Some(*row));
        }
        for id in &report.gone {
            self.put(report.at, *id, None);
        }
        if report.whole {
            self.whole.insert(report.at);
        }
        let stored = self.len - before;
        if self.len > self.most {
            self.drop_oldest();
        }
        stored
    }

    /// What is older than this was dropped, and is not taken in again.
    pub fn floor(&self) -> Timestamp {
        self.floor
    }

    /// Drops all of them.
    pub fn clear(&mut self) {
        *self = Self::new(self.most);
    }

    /// How many fixes are kept.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if nobody was ever seen.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// From when to when somebody was seen.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let fixes = self.members.values();
        let ends = fixes.filter_map(|fixes| Some((fixes.front()?.0, fixes.back()?.0)));
        ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// How long passes between two fixes of a member: what half of the members, of the first
    /// hundreds, tell by their newest two.
    pub fn pace(&self) -> Option<Duration> {
        let newest = self.members.values().take(PACED).filter_map(|fixes| {
            let (last, row) = fixes.back()?;
            let (before, _) = fixes.get(fixes.len().checked_sub(2)?)?;
            row.map(|_| last.since(*before))
        });
        let mut between: Vec<Duration> = newest.collect();
        between.sort_unstable();
        between.get(between.len() / 2).copied()
    }

    /// Who was where at `at`.
    pub fn at(&self, at: Timestamp, reach: Reach) -> Whereabouts {
        let mut found = Whereabouts::default();
        for fixes in self.members.values() {
            let after = fixes.partition_point(|(seen, _)| *seen <= at);
            let Some(&(seen, Some(row))) = after.checked_sub(1).and_then(|last| fixes.get(last))
            else {
                continue;
            };
            if self.was_missed(seen, Bound::Included(at)) {
                continue;
            }
            let next = fixes.get(after).filter(|(next, _)| {
                next.since(seen) <= reach.gap && !self.was_missed(seen, Bound::Excluded(*next))
            });
            let row = match next {
                Some((next, Some(target))) => {
                    let share = at.secs_since(seen) / next.secs_since(seen);
                    moved(&row, target, share)
                }
                _ => row,
            };
            let known = matches!(next, Some((_, Some(_)))) || at.since(seen) <= reach.age;
            let list = if known {
                &mut found.members
            } else {
                &mut found.lost
            };
            list.push(Located { row, seen });
        }
        found
    }

    /// Where member `id` was seen from `from` to `to`, in order of time.
    pub fn track(
        &self,
        id: u64,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, PopulationRow)> {
        let fixes = self.members.get(&id).into_iter().flatten();
        let fixes = fixes.skip_while(move |(at, _)| *at < from);
        let fixes = fixes.take_while(move |(at, _)| *at <= to);
        fixes.filter_map(|(at, row)| Some((*at, (*row)?)))
    }

    /// Who went from which place to which after `from` and up to `to`, in order of time, as far as
    /// reports name places. On the way from one to the next a member still counts for the first.
    ///
    /// Who is there when the reports begin has come from nowhere that is known: that is no move.
    pub fn moves(&self, from: Timestamp, to: Timestamp) -> Vec<PopulationMove> {
        let begin = self.span().map(|(begin, _)| begin);
        let mut moves = Vec::new();
        for (&id, fixes) in &self.members {
            let mut way = Way {
                id,
                place: None,
                kind: 0,
                // Where who is there from the beginning came from is not known.
                is_new: fixes.front().map(|(at, _)| *at) != begin,
            };
            let mut step = |at: Timestamp, row: Option<PopulationRow>| {
                let step = way.go_on(at, row).filter(|_| at > from);
                moves.extend(step);
            };
            let mut fixes = fixes.iter().take_while(|(at, _)| *at <= to).peekable();
            while let Some((at, row)) = fixes.next() {
                step(*at, *row);
                let next = fixes.peek().map(|(next, _)| *next);
                let told = (Bound::Excluded(*at), Bound::Unbounded);
                let missed = self.whole.range(told).next().copied();
                let missed = missed.filter(|missed| match next {
                    Some(next) => *missed < next,
                    None => *missed <= to,
                });
                if let Some(missed) = missed {
                    step(missed, None);
                }
            }
        }
        moves.sort_by_key(|step| step.at);
        moves
    }

    /// Drops what is older than `floor`, and does not take it in again.
    pub fn raise_floor(&mut self, floor: Timestamp) {
        if floor <= self.floor {
            return;
        }
        self.floor = floor;
        self.members.retain(|_, fixes| {
            let old = fixes.partition_point(|(at, _)| *at < floor);
            self.len -= old;
            fixes.drain(..old);
            !fixes.is_empty()
        });
        self.whole = self.whole.split_off(&floor);
    }

    /// True if all that there were were told after `seen` and up to `until`: who was seen at
    /// `seen`, and not since, was not among them.
    fn was_missed(&self, seen: Timestamp, until: Bound<Timestamp>) -> bool {
        let mut told = self.whole.range((Bound::Excluded(seen), until));
        told.next().is_some()
    }

    fn put(&mut self, at: Timestamp, id: u64, row: Option<PopulationRow>) {
        let fixes = self.members.entry(id).or_default();
        let place = fixes.partition_point(|(held, _)| *held < at);
        if fixes.get(place).is_none_or(|(held, _)| *held != at) {
            fixes.insert(place, (at, row));
            self.len += 1;
        }
    }

    /// Drops about a quarter, and never the newest instant.
    fn drop_oldest(&mut self) {
        let mut times: Vec<_> = self.members.values().flatten().map(|(at, _)| *at).collect();
        let quarter = times.len() / 4;
        let (_, floor, newer) = times.select_nth_unstable(quarter);
        let floor = *floor;
        let next = newer.iter().filter(|at| **at > floor).min();
        if let Some(next) = next {
            self.raise_floor(*next);
        }
    }
}

/// A member on its way from place to place.
struct Way {
    id: u64,
    /// The place that it was at last, or is on the way from.
    place: Option<u32>,
    kind: u16,
    /// True if it is nowhere, and is known to have been.
    is_new: bool,
}

impl Way {
    /// What the next fix makes of it; a fix without a row says that it is nowhere.
    fn go_on(&mut self, at: Timestamp, row: Option<PopulationRow>) -> Option<PopulationMove> {
        let from = self.place;
        let to = match row {
            // Under way it still counts for where it was.
            Some(row) => row.place.or(from),
            None => None,
        };
        self.kind = row.map_or(self.kind, |row| row.kind);
        self.place = to;
        let is_known = from.is_some() || self.is_new;
        self.is_new = match row {
            Some(_) => self.is_new && to.is_none(),
            None => true,
        };
        (from != to && is_known).then_some(PopulationMove {
            at,
            id: self.id,
            kind: self.kind,
            from,
            to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACH: Reach = Reach {
        gap: Duration::from_secs(10),
        age: Duration::from_secs(15),
    };

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn row(id: u64, x: f64) -> PopulationRow {
        PopulationRow {
            id,
            kind: 0,
            place: None,
            position: [x, 0.0, 0.0],
            heading: 0.0,
            value: 0.0,
        }
    }

    #[test]
    fn moves_are_told_from_place_to_place_as_far_as_places_are_named() {
        let mut fixes = Fixes::new(100);
        let mut tell = |at: i64, id: u64, place: Option<u32>| {
            let row = PopulationRow {
                place,
                ..row(id, 0.0)
            };
            let report = FixReport {
                at: secs(at),
                rows: vec![row],
                gone: Vec::new(),
                whole: false,
            };
            fixes.insert(&report);
        };
        // There from the beginning, on the way, arrived.
        tell(0, 1, Some(4));
        tell(10, 1, None);
        tell(20, 1, Some(5));
        // Came later, and left.
        tell(15, 2, Some(4));
        fixes.insert(&FixReport {
            at: secs(30),
            rows: Vec::new(),
            gone: vec![2],
            whole: false,
        });
        let told = |from, to| -> Vec<_> {
            let moves = fixes.moves(secs(from), secs(to)).into_iter();
            moves
                .map(|step| (step.at, step.id, step.from, step.to))
                .collect()
        };
        assert_eq!(
            told(0, 99),
            [
                (secs(15), 2, None, Some(4)),
                (secs(20), 1, Some(4), Some(5)),
                (secs(30), 2, Some(4), None),
            ]
        );
        assert_eq!(told(20, 29), []);
        // Who is not among all that there are has left, also at the very end.
        fixes.insert(&FixReport {
            at: secs(40),
            rows: Vec::new(),
            gone: Vec::new(),
            whole: true,
        });
        for until in [40, 99] {
            let moves = fixes.moves(secs(35), secs(until));
            let told: Vec<_> = moves
                .iter()
                .map(|step| (step.at, step.id, step.to))
                .collect();
            assert_eq!(told, [(secs(40), 1, None)]);
        }
    }

    fn report(at: i64, rows: &[(u64, f64)]) -> FixReport {
        FixReport {
            at: secs(at),
            rows: rows.iter().map(|(id, x)| row(*id, *x)).collect(),
            gone: Vec::new(),
            whole: false,
        }
    }

    /// East of each, m, and of the lost.
    fn seen(fixes: &Fixes, at: i64) -> (Vec<(u64, f64)>, Vec<u64>) {
        let found = fixes.at(secs(at), REACH);
        let east = |one: &Located| (one.row.id, one.row.position[0]);
        let lost = found.lost.iter().map(|one| one.row.id);
        (found.members.iter().map(east).collect(), lost.collect())
    }

    #[test]
    fn members_move_between_fixes_stay_for_their_age_and_never_jump_over_a_gap() {
        let mut fixes = Fixes::new(100);
        for (at, x) in [(10, 0.0), (20, 100.0), (60, 500.0)] {
            fixes.insert(&report(at, &[(1, x)]));
        }
        assert_eq!(seen(&fixes, 9), (vec![], vec![]), "before anybody was seen");
        assert_eq!(seen(&fixes, 13), (vec![(1, 30.0)], vec![]));
        assert_eq!(seen(&fixes, 20), (vec![(1, 100.0)], vec![]));
        assert_eq!(seen(&fixes, 35), (vec![(1, 100.0)], vec![]), "held");
        assert_eq!(seen(&fixes, 36), (vec![], vec![1]), "lost in the gap");
        assert_eq!(seen(&fixes, 59), (vec![], vec![1]));
        assert_eq!(seen(&fixes, 75), (vec![(1, 500.0)], vec![]));
        assert_eq!(
            seen(&fixes, 76),
            (vec![], vec![1]),
            "nothing is extrapolated"
        );
    }

    #[test]
    fn who_left_or_is_missing_among_all_is_nowhere() {
        let mut fixes = Fixes::new(100);
        fixes.insert(&report(0, &[(1, 1.0), (2, 2.0)]));
        fixes.insert(&FixReport {
            gone: vec![1],
            ..report(5, &[])
        });
        fixes.insert(&FixReport {
            whole: true,
            ..report(8, &[(3, 3.0)])
        });
        assert_eq!(seen(&fixes, 4).0, [(1, 1.0), (2, 2.0)]);
        assert_eq!(seen(&fixes, 5), (vec![(2, 2.0)], vec![]));
        assert_eq!(seen(&fixes, 8), (vec![(3, 3.0)], vec![]));
        fixes.insert(&report(9, &[(2, 90.0)]));
        assert_eq!(
            seen(&fixes, 7).0,
            [(2, 2.0)],
            "not on the way through an instant at which it was nowhere"
        );
    }

    #[test]
    fn the_order_in_which_fixes_come_changes_nothing() {
        let mut reports = Vec::new();
        for at in 0..40 {
            let rows: Vec<_> = (0..7).filter(|id| (at + id) % 5 > 0).collect();
            let rows: Vec<_> = rows
                .iter()
                .map(|id| (*id as u64, (at * id) as f64))
                .collect();
            reports.push(FixReport {
                whole: at % 3 == 0,
                gone: vec![(at % 9 + 7) as u64],
                ..report(at * 2, &rows)
            });
        }
        let all = |order: &mut dyn Iterator<Item = &FixReport>| {
            let mut fixes = Fixes::new(10_000);
            order.for_each(|report| _ = fixes.insert(report));
            (0..100)
                .map(|at| fixes.at(secs(at), REACH))
                .collect::<Vec<_>>()
        };
        let forwards = all(&mut reports.iter());
        assert!(forwards.iter().any(|found| found.members.len() > 3));
        assert_eq!(forwards, all(&mut reports.iter().rev()));
        let twice = &mut reports.iter().chain(&reports[5..20]);
        assert_eq!(forwards, all(twice), "told twice, known once");
    }

    #[test]
    fn of_too_many_fixes_the_newest_are_kept() {
        let mut fixes = Fixes::new(40);
        for at in 0..1_000 {
            assert_eq!(fixes.insert(&report(at, &[(1, 0.0), (2, 0.0)])), 2);
            assert!(fixes.len() <= 40, "{} at {at} s", fixes.len());
        }
        assert!(fixes.len() >= 28, "{}", fixes.len());
        assert_eq!(seen(&fixes, 999).0.len(), 2);
        assert_eq!(fixes.insert(&report(3, &[(1, 0.0)])), 0, "too old");
        assert_eq!(fixes.track(1, secs(990), secs(995)).count(), 6);
    }
}

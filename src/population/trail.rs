//! Who went where: the moves of a population from place to place, in order of time.

use std::collections::VecDeque;

use crate::time::Timestamp;

/// A member came to a place, left one, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PopulationMove {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub id: u64,
    /// What it is.
    pub kind: u16,
    /// The place that it left; `None` if it came into being.
    pub from: Option<u32>,
    /// The place that it came to; `None` if it ceased to be.
    pub to: Option<u32>,
}

/// The stay of a member at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: u32,
    /// Since when; at the latest if it was there before the trail begins.
    pub from: Timestamp,
    /// Until when; `None` if it is still there.
    pub until: Option<Timestamp>,
}

/// The moves of a population over a stretch of time, in order of time.
///
/// Of more moves than it may keep, the oldest are dropped.
#[derive(Clone, Debug)]
pub struct Trail {
    moves: VecDeque<PopulationMove>,
    /// Who was where before the first move that is kept is not known before this.
    from: Timestamp,
    until: Timestamp,
    most: usize,
}

impl Trail {
    /// An empty trail that begins at `from` and keeps up to `most` moves.
    pub fn new(from: Timestamp, most: usize) -> Self {
        Self {
            moves: VecDeque::new(),
            from,
            until: from,
            most: most.max(1),
        }
    }

    /// Goes on to `until` with what happened since; what it knows already is passed over.
    pub fn extend(&mut self, until: Timestamp, moves: impl IntoIterator<Item = PopulationMove>) {
        if until < self.until || (until == self.until && !self.moves.is_empty()) {
            return;
        }
        let known = self.until;
        let is_first = self.moves.is_empty();
        let new = moves.into_iter().filter(|m| is_first || m.at > known);
        self.moves.extend(new);
        self.until = until;
        let surplus = self.moves.len().saturating_sub(self.most);
        if let Some(last) = self.moves.drain(..surplus).next_back() {
            self.from = last.at;
        }
    }

    /// From when to when it tells all.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.from, self.until)
    }

    /// The moves after `from`, up to and at `to`.
    pub fn moves(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &PopulationMove> + Clone {
        let first = self.moves.partition_point(|m| m.at <= from);
        let end = self.moves.partition_point(|m| m.at <= to).max(first);
        self.moves.range(first..end)
    }

    /// Where member `id` has been up to `at`, first to last.
    pub fn visits(&self, id: u64, at: Timestamp) -> Vec<Visit> {
        let mut visits: Vec<Visit> = Vec::new();
        let end = self.moves.partition_point(|m| m.at <= at);
        for step in self.moves.range(..end).filter(|m| m.id == id) {
            match (visits.last_mut(), step.from) {
                (Some(last), _) => last.until = Some(step.at),
                (None, Some(place)) => visits.push(Visit {
                    place,
                    from: self.from,
                    until: Some(step.at),
                }),
                (None, None) => {}
            }
            if let Some(place) = step.to {
                visits.push(Visit {
                    place,
                    from: step.at,
                    until: None,
                });
            }
        }
        visits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn step(at: i64, id: u64, from: Option<u32>, to: Option<u32>) -> PopulationMove {
        PopulationMove {
            at: secs(at),
            id,
            kind: 0,
            from,
            to,
        }
    }

    fn visit(place: u32, from: i64, until: Option<i64>) -> Visit {
        Visit {
            place,
            from: secs(from),
            until: until.map(secs),
        }
    }

    #[test]
    fn where_a_member_has_been_is_told_up_to_the_instant_asked() {
        let mut trail = Trail::new(secs(0), 100);
        trail.extend(
            secs(30),
            [
                step(0, 1, None, Some(4)),
                step(5, 2, None, Some(4)),
                step(10, 1, Some(4), Some(5)),
                step(30, 1, Some(5), None),
            ],
        );
        // Told twice, known once.
        trail.extend(secs(30), [step(30, 1, Some(5), None)]);
        trail.extend(secs(20), [step(10, 1, Some(4), Some(5))]);
        assert_eq!(trail.moves(Timestamp::MIN, secs(99)).count(), 4);
        assert_eq!(trail.visits(1, secs(9)), [visit(4, 0, None)]);
        assert_eq!(
            trail.visits(1, secs(99)),
            [visit(4, 0, Some(10)), visit(5, 10, Some(30))]
        );
        assert_eq!(trail.visits(2, secs(99)), [visit(4, 5, None)]);
        assert!(trail.visits(3, secs(99)).is_empty());
    }

    #[test]
    fn the_oldest_moves_are_dropped_and_the_trail_says_since_when_it_tells_all() {
        let mut trail = Trail::new(secs(0), 2);
        trail.extend(secs(1), [step(1, 1, None, Some(0))]);
        trail.extend(
            secs(9),
            [step(4, 1, Some(0), Some(1)), step(8, 1, Some(1), Some(2))],
        );
        assert_eq!(trail.span(), (secs(1), secs(9)));
        assert_eq!(
            trail.visits(1, secs(9)),
            [
                visit(0, 1, Some(4)),
                visit(1, 4, Some(8)),
                visit(2, 8, None)
            ]
        );
    }
}

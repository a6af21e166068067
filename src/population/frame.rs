//! Who was where at one instant, and between two.

use std::f64::consts::{PI, TAU};

use super::PopulationRow;
use crate::time::Timestamp;

/// Who was where at one instant: one row for each member, by rising id, all finite.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationFrame {
    at: Timestamp,
    rows: Vec<PopulationRow>,
}

impl PopulationFrame {
    /// The frame of `rows` in any order.
    ///
    /// Rows that are not finite are left out, and of rows with the same id all but the first.
    pub fn new(at: Timestamp, mut rows: Vec<PopulationRow>) -> Self {
        rows.retain(PopulationRow::is_finite);
        if !rows.is_sorted_by(|row, next| row.id < next.id) {
            rows = by_id(&rows);
        }
        Self { at, rows }
    }

    /// The instant it speaks of.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Its rows, by rising id.
    pub fn rows(&self) -> &[PopulationRow] {
        &self.rows
    }

    /// Member `id`, if it is there.
    pub fn member(&self, id: u64) -> Option<&PopulationRow> {
        let place = self.rows.binary_search_by_key(&id, |row| row.id).ok()?;
        self.rows.get(place)
    }

    /// The frame at `at`, between `before` and `after`.
    ///
    /// Positions move straight, headings turn the shorter way. Kind, place and value are those
    /// of `before`. Who leaves stays in place until `after`; who comes appears with it.
    pub fn between(before: &Self, after: &Self, at: Timestamp) -> Self {
        let length = after.at.secs_since(before.at);
        if length <= 0.0 {
            return before.clone();
        }
        let share = (at.secs_since(before.at) / length).clamp(0.0, 1.0);
        if share >= 1.0 {
            return after.clone();
        }
        let mut later = after.rows.iter().peekable();
        let rows = before.rows.iter().map(|row| {
            while later.next_if(|candidate| candidate.id < row.id).is_some() {}
            match later.peek() {
                Some(target) if target.id == row.id => moved(row, target, share),
                _ => *row,
            }
        });
        Self {
            at,
            rows: rows.collect(),
        }
    }
}

/// One row of each id, the first, by rising id.
///
/// What is sorted are the ids alone: rows are long.
fn by_id(rows: &[PopulationRow]) -> Vec<PopulationRow> {
    let mut order: Vec<_> = rows.iter().map(|row| row.id).zip(0_usize..).collect();
    order.sort_unstable();
    order.dedup_by_key(|(id, _)| *id);
    order.into_iter().map(|(_, place)| rows[place]).collect()
}

/// `row` on its way to `target`.
pub(super) fn moved(row: &PopulationRow, target: &PopulationRow, share: f64) -> PopulationRow {
    let position = std::array::from_fn(|axis| {
        row.position[axis] + share * (target.position[axis] - row.position[axis])
    });
    // The turn, wrapped to [−π, π).
    let turn = (target.heading - row.heading + PI).rem_euclid(TAU) - PI;
    PopulationRow {
        position,
        heading: row.heading + share * turn,
        ..*row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, x: f64, heading: f64) -> PopulationRow {
        PopulationRow {
            id,
            kind: 0,
            place: None,
            position: [x, 0.0, 0.0],
            heading,
            value: x,
        }
    }

    fn frame(secs: i64, rows: &[PopulationRow]) -> PopulationFrame {
        PopulationFrame::new(Timestamp::from_secs(secs), rows.to_vec())
    }

    #[test]
    fn a_frame_is_sorted_finite_and_has_each_id_once() {
        let frame = frame(
            0,
            &[
                row(7, 1.0, 0.0),
                row(3, f64::NAN, 0.0),
                row(2, 5.0, 0.0),
                row(7, 9.0, 0.0),
            ],
        );
        assert_eq!(frame.rows(), [row(2, 5.0, 0.0), row(7, 1.0, 0.0)]);
        assert_eq!(frame.member(7), Some(&row(7, 1.0, 0.0)));
        assert_eq!(frame.member(3), None);
    }

    #[test]
    fn members_move_straight_and_turn_the_shorter_way() {
        let before = frame(0, &[row(1, 0.0, 3.0)]);
        let after = frame(10, &[row(1, 20.0, -3.0)]);
        let middle = PopulationFrame::between(&before, &after, Timestamp::from_secs(5));
        let seen = middle.rows()[0];
        assert_eq!(seen.position, [10.0, 0.0, 0.0]);
        // From 3 rad to −3 rad is 2π − 6 rad onwards, over π; not 6 rad back over 0.
        assert!((seen.heading - PI).abs() < 1e-12, "{}", seen.heading);
        assert_eq!(seen.value, 0.0, "a value is held, not blended");
    }

    #[test]
    fn who_leaves_stays_until_the_next_frame_and_who_comes_waits_for_it() {
        let before = frame(0, &[row(1, 0.0, 0.0), row(4, 4.0, 0.0)]);
        let after = frame(10, &[row(2, 2.0, 0.0), row(4, 8.0, 0.0)]);
        let ids = |secs| {
            PopulationFrame::between(&before, &after, Timestamp::from_secs(secs))
                .rows()
                .iter()
                .map(|row| row.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(9), [1, 4]);
        assert_eq!(ids(10), [2, 4]);
    }
}

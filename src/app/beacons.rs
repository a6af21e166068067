//! Alarms in the view: beside their asset, together where they would lie over each other, at
//! the edge where they are out of sight.
//!
//! Pure: from places to marks. None is lost, wherever the camera looks: the alarms of all marks
//! together are those that went in.

use std::collections::{BTreeMap, HashMap};

use super::viewport::Sight;
use crate::scene::{AssetIndex, Priority};

/// Marks nearer than this to each other become one, points.
const NEAR: f32 = 26.0;
/// Out of sight is told in so many directions.
const DIRECTIONS: usize = 8;

/// The alarms of an asset, and where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alarmed {
    /// Whose alarms.
    pub asset: AssetIndex,
    /// Where it lies.
    pub sight: Sight,
    /// How many are active.
    pub active: usize,
    /// How many are expected.
    pub expected: usize,
    /// The most urgent of those that are active, else of those that are expected.
    pub priority: Priority,
    /// True if one waits to be acknowledged.
    pub waits: bool,
}

/// One mark over the view.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What it tells.
    pub kind: MarkKind,
    /// Where, points from the tab's upper left corner.
    pub at: [f32; 2],
    /// Whose alarms, the most urgent first.
    pub assets: Vec<AssetIndex>,
    /// How many are active.
    pub active: usize,
    /// How many are expected.
    pub expected: usize,
    /// The most urgent.
    pub priority: Priority,
    /// True if one waits to be acknowledged.
    pub waits: bool,
}

/// What a mark tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MarkKind {
    /// The alarms of the asset at its place.
    Badge,
    /// Those of several assets about there.
    Cluster,
    /// Those in a direction out of sight: to the right and down, of length 1.
    Arrow([f32; 2]),
}

/// A rectangle, points: left, top, right, bottom.
pub type Bounds = [f32; 4];

/// The marks: within `seen` at their places, from elsewhere on the border of `edge`, which lies
/// within `seen`.
pub fn marks(alarmed: &[Alarmed], seen: Bounds, edge: Bounds) -> Vec<Mark> {
    let mut order: Vec<&Alarmed> = alarmed.iter().collect();
    order.sort_by_key(|one| (one.active == 0, one.priority, !one.waits, one.asset));
    let mut marks: Vec<Mark> = Vec::new();
    // By square of the side `NEAR`, the marks in it.
    let mut squares: HashMap<(i32, i32), Vec<usize>> = HashMap::new();
    let mut arrows: BTreeMap<usize, Mark> = BTreeMap::new();
    for one in order {
        match one.sight {
            Sight::Ahead(at) if holds(seen, at) => {
                let square = |value: f32| (value / NEAR).floor() as i32;
                let (column, row) = (square(at[0]), square(at[1]));
                let around = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (column + x, row + y)));
                let near = around
                    .filter_map(|square| squares.get(&square))
                    .flatten()
                    .copied()
                    .filter(|&mark| distance(marks[mark].at, at) < NEAR)
                    .min();
                match near {
                    Some(mark) => marks[mark].take_in(one, MarkKind::Cluster),
                    None => {
                        squares.entry((column, row)).or_default().push(marks.len());
                        marks.push(Mark::of(one, MarkKind::Badge, at));
                    }
                }
            }
            sight => {
                let sector = sector_of(direction(sight, edge));
                let towards = direction_of(sector);
                match arrows.get_mut(&sector) {
                    Some(mark) => mark.take_in(one, MarkKind::Arrow(towards)),
                    None => {
                        let at = on_border(edge, towards);
                        arrows.insert(sector, Mark::of(one, MarkKind::Arrow(towards), at));
                    }
                }
            }
        }
    }
    marks.extend(arrows.into_values());
    marks
}

impl Mark {
    fn of(one: &Alarmed, kind: MarkKind, at: [f32; 2]) -> Self {
        Self {
            kind,
            at,
            assets: vec![one.asset],
            active: one.active,
            expected: one.expected,
            priority: one.priority,
            waits: one.waits,
        }
    }

    /// Adds one that is no more urgent.
    fn take_in(&mut self, one: &Alarmed, kind: MarkKind) {
        self.kind = kind;
        self.assets.push(one.asset);
        self.active += one.active;
        self.expected += one.expected;
        self.waits |= one.waits;
    }
}

fn holds([left, top, right, bottom]: Bounds, [x, y]: [f32; 2]) -> bool {
    (left..=right).contains(&x) && (top..=bottom).contains(&y)
}

fn distance(one: [f32; 2], other: [f32; 2]) -> f32 {
    (one[0] - other[0]).hypot(one[1] - other[1])
}

fn middle([left, top, right, bottom]: Bounds) -> [f32; 2] {
    [(left + right) / 2.0, (top + bottom) / 2.0]
}

/// Where to look from the middle of the picture, to the right and down.
fn direction(sight: Sight, edge: Bounds) -> [f32; 2] {
    match sight {
        Sight::Ahead(at) => {
            let middle = middle(edge);
            [at[0] - middle[0], at[1] - middle[1]]
        }
        Sight::Behind(towards) => towards,
    }
}

/// The direction's place among all, counted clockwise from the right.
fn sector_of([right, down]: [f32; 2]) -> usize {
    let turn = down.atan2(right) / std::f32::consts::TAU;
    // What is straight behind, or nowhere, is told below.
    if !turn.is_finite() || (right == 0.0 && down == 0.0) {
        return DIRECTIONS / 4;
    }
    (turn * DIRECTIONS as f32)
        .round()
        .rem_euclid(DIRECTIONS as f32) as usize
        % DIRECTIONS
}

fn direction_of(sector: usize) -> [f32; 2] {
    let turn = std::f32::consts::TAU * sector as f32 / DIRECTIONS as f32;
    [turn.cos(), turn.sin()]
}

/// Where a ray from the middle leaves the rectangle.
fn on_border(edge: Bounds, [right, down]: [f32; 2]) -> [f32; 2] {
    let [x, y] = middle(edge);
    let half = [edge[2] - x, edge[3] - y];
    let reach = |half: f32, share: f32| {
        if share.abs() < 1e-4 {
            f32::INFINITY
        } else {
            half / share.abs()
        }
    };
    let length = reach(half[0], right).min(reach(half[1], down));
    [x + right * length, y + down * length]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Bounds = [0.0, 0.0, 800.0, 600.0];
    const EDGE: Bounds = [24.0, 24.0, 776.0, 576.0];

    fn alarmed(asset: u32, sight: Sight, priority: Priority) -> Alarmed {
        Alarmed {
            asset: AssetIndex(asset),
            sight,
            active: 1,
            expected: 0,
            priority,
            waits: false,
        }
    }

    #[test]
    fn what_lies_apart_stays_apart_and_what_lies_together_is_counted() {
        let at = |x, y| Sight::Ahead([x, y]);
        let all = [
            alarmed(0, at(100.0, 100.0), Priority::Low),
            alarmed(1, at(110.0, 105.0), Priority::Urgent),
            alarmed(2, at(400.0, 300.0), Priority::High),
        ];
        let marks = marks(&all, SEEN, EDGE);
        assert_eq!(marks.len(), 2, "{marks:?}");
        assert_eq!(marks[0].kind, MarkKind::Cluster);
        assert_eq!(marks[0].assets, [AssetIndex(1), AssetIndex(0)]);
        assert_eq!((marks[0].active, marks[0].priority), (2, Priority::Urgent));
        assert_eq!(marks[0].at, [110.0, 105.0], "where the most urgent is");
        assert_eq!(marks[1].kind, MarkKind::Badge);
    }

    #[test]
    fn what_is_out_of_sight_is_counted_by_direction() {
        #[track_caller]
        fn check(sight: Sight, expected: [f32; 2]) {
            let marks = marks(&[alarmed(0, sight, Priority::Low)], SEEN, EDGE);
            let [mark] = &marks[..] else {
                panic!("{marks:?}")
            };
            assert!(matches!(mark.kind, MarkKind::Arrow(_)), "{mark:?}");
            assert!(distance(mark.at, expected) < 0.5, "{:?}", mark.at);
        }
        check(Sight::Ahead([3_000.0, 300.0]), [776.0, 300.0]);
        check(Sight::Ahead([-50.0, 310.0]), [24.0, 300.0]);
        check(Sight::Ahead([400.0, -9.0]), [400.0, 24.0]);
        check(Sight::Ahead([f32::NAN, 0.0]), [400.0, 576.0]);
        check(Sight::Behind([-3.0, 0.1]), [24.0, 300.0]);
        check(Sight::Behind([0.0, 0.0]), [400.0, 576.0]);
        // Diagonally, the ray leaves through the nearer side.
        check(Sight::Behind([1.0, 1.0]), [676.0, 576.0]);
        let two = [
            alarmed(0, Sight::Behind([-1.0, 0.0]), Priority::Low),
            alarmed(1, Sight::Ahead([-99.0, 299.0]), Priority::High),
        ];
        let marks = marks(&two, SEEN, EDGE);
        assert_eq!(marks.len(), 1);
        assert_eq!((marks[0].active, marks[0].priority), (2, Priority::High));
    }
}

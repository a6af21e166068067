//! All that lies in a box dragged over the picture.
//!
//! Dragged to the right, the box takes what lies in it wholly; dragged to the left, also what it
//! only touches: the habit of drawing programs.

use bevy::math::{Vec2, Vec3};

use super::super::coords;
use super::super::viewport::BoxDrag;
use super::bvh::Sight;
use super::orbit::Lens;
use super::plant::Plant;
use super::shapes;
use crate::scene::{Asset, AssetIndex, Scene, Shape};

/// The assets in the box, sorted.
pub(super) fn within(
    drag: &BoxDrag,
    size: [f32; 2],
    lens: &Lens,
    scene: &Scene,
    plant: &Plant,
    sight: &Sight<'_>,
) -> Vec<AssetIndex> {
    let (from, to) = (Vec2::from(drag.from), Vec2::from(drag.to));
    let frame = Frame {
        low: from.min(to),
        high: from.max(to),
        touching: to.x < from.x,
    };
    let half = Vec2::from(size) * 0.5;
    let projected = |world: Vec3| {
        let (at, _) = lens.project(world)?;
        Some(half + Vec2::new(at.x, -at.y) * half)
    };
    let (low, high) = sight.section;
    let taken = |asset: &AssetIndex| {
        let index = asset.index();
        let own = scene.asset(*asset);
        let Some(extent) = plant.extents.get(index) else {
            return false;
        };
        let cut = extent.high.cmplt(low).any() || extent.low.cmpgt(high).any();
        if own.shape == Shape::Unseen || cut || !(sight.drawn)(*asset) {
            return false;
        }
        if own.runs_along() {
            // The box around a pipe says little of where it runs.
            let course = course(own, extent.low.y - lowest(own));
            let points: Vec<_> = course.into_iter().filter_map(projected).collect();
            return frame.takes_line(&points, own.route.len());
        }
        let mut corners = [Vec2::ZERO; 8];
        for (corner, world) in corners.iter_mut().zip(extent.corners()) {
            let Some(at) = projected(world) else {
                return false;
            };
            *corner = at;
        }
        frame.takes_corners(corners)
    };
    scene.asset_indices().filter(taken).collect()
}

/// The bends of a pipe that is lifted by `lift` m.
fn course(asset: &Asset, lift: f32) -> Vec<Vec3> {
    let bends = asset.route.iter();
    bends
        .map(|&at| coords::point(at) + Vec3::Y * lift)
        .collect()
}

/// The lowest height of a pipe that is not lifted, m.
fn lowest(asset: &Asset) -> f32 {
    let heights = asset.route.iter().map(|at| at[2] as f32);
    let (_, down, _) = shapes::reach(asset.shape, coords::size(asset.size));
    heights.reduce(f32::min).unwrap_or(0.0) - down
}

struct Frame {
    low: Vec2,
    high: Vec2,
    /// Also what it only touches.
    touching: bool,
}

impl Frame {
    fn holds(&self, at: Vec2) -> bool {
        at.cmpge(self.low).all() && at.cmple(self.high).all()
    }

    /// Of a line with so many points, those that are ahead of the eye.
    fn takes_line(&self, points: &[Vec2], all: usize) -> bool {
        if self.touching {
            return points.windows(2).any(|leg| self.crosses(leg[0], leg[1]));
        }
        points.len() == all && points.iter().all(|at| self.holds(*at))
    }

    /// True if a part of the line lies in it (Liang and Barsky 1984).
    fn crosses(&self, from: Vec2, to: Vec2) -> bool {
        let along = to - from;
        let (mut begin, mut end) = (0.0_f32, 1.0_f32);
        for axis in 0..2 {
            let (low, high) = (self.low[axis] - from[axis], self.high[axis] - from[axis]);
            if along[axis].abs() < 1e-9 {
                if low > 0.0 || high < 0.0 {
                    return false;
                }
                continue;
            }
            let (one, two) = (low / along[axis], high / along[axis]);
            begin = begin.max(one.min(two));
            end = end.min(one.max(two));
        }
        begin <= end
    }

    /// Of what lies between these corners. Their outline is only asked for where the corners alone
    /// do not tell.
    fn takes_corners(&self, corners: [Vec2; 8]) -> bool {
        if !self.touching {
            return corners.iter().all(|at| self.holds(*at));
        }
        let low = corners.into_iter().fold(Vec2::MAX, Vec2::min);
        let high = corners.into_iter().fold(Vec2::MIN, Vec2::max);
        if high.cmplt(self.low).any() || low.cmpgt(self.high).any() {
            return false;
        }
        corners.iter().any(|at| self.holds(*at)) || self.touches_hull(hull(corners.to_vec()))
    }

    /// True if it touches what lies in a convex outline.
    fn touches_hull(&self, outline: Vec<Vec2>) -> bool {
        let mut sides = outline.iter().zip(outline.iter().cycle().skip(1));
        if sides.clone().any(|(from, to)| self.crosses(*from, *to)) {
            return true;
        }
        // Else the frame may lie within the outline.
        let middle = (self.low + self.high) * 0.5;
        outline.len() > 2 && sides.all(|(from, to)| (*to - *from).perp_dot(middle - *from) >= 0.0)
    }
}

/// The convex outline of points, counter-clockwise (Andrew 1979).
fn hull(mut points: Vec<Vec2>) -> Vec<Vec2> {
    points.sort_by(|one, two| one.x.total_cmp(&two.x).then(one.y.total_cmp(&two.y)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let chain = |points: &mut dyn Iterator<Item = Vec2>| {
        let mut chain: Vec<Vec2> = Vec::new();
        for point in points {
            while let [.., before, last] = chain[..]
                && (last - before).perp_dot(point - last) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        // The other chain begins where this one ends.
        chain.pop();
        chain
    };
    let mut outline = chain(&mut points.iter().copied());
    outline.extend(chain(&mut points.iter().rev().copied()));
    outline
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(touching: bool) -> Frame {
        Frame {
            low: Vec2::new(10.0, 10.0),
            high: Vec2::new(20.0, 20.0),
            touching,
        }
    }

    fn square(middle: f32, half: f32) -> [Vec2; 8] {
        let at = |x: f32, y: f32| Vec2::new(middle + x * half, middle + y * half);
        [
            at(-1.0, -1.0),
            at(1.0, 1.0),
            at(-1.0, 1.0),
            at(1.0, -1.0),
            at(0.0, 0.2),
            at(0.1, 0.0),
            at(-0.3, 0.1),
            at(0.0, 0.0),
        ]
    }

    #[test]
    fn to_the_right_takes_what_is_inside_and_to_the_left_what_is_touched() {
        for (middle, half, inside, touched) in [
            (15.0, 2.0, true, true),
            (20.0, 2.0, false, true),
            (15.0, 40.0, false, true),
            (40.0, 5.0, false, false),
        ] {
            let corners = square(middle, half);
            assert_eq!(frame(false).takes_corners(corners), inside, "{middle}");
            assert_eq!(frame(true).takes_corners(corners), touched, "{middle}");
        }
    }

    #[test]
    fn a_pipe_that_runs_across_is_touched() {
        let across = [Vec2::new(0.0, 15.0), Vec2::new(50.0, 16.0)];
        assert!(frame(true).takes_line(&across, 2));
        assert!(!frame(false).takes_line(&across, 2));
        // The box around it would be.
        let beside = [Vec2::new(0.0, 15.0), Vec2::new(15.0, 40.0)];
        assert!(!frame(true).takes_line(&beside, 2));
        let inside = [Vec2::splat(11.0), Vec2::splat(19.0)];
        assert!(frame(false).takes_line(&inside, 2));
        assert!(
            !frame(false).takes_line(&inside, 3),
            "a part is behind the eye"
        );
    }

    proptest! {
        #[test]
        fn corners_tell_what_their_outline_tells(
            corners in prop::array::uniform8((-30.0..60.0f32, -30.0..60.0f32)),
        ) {
            let corners = corners.map(Vec2::from);
            let outline = hull(corners.to_vec());
            let inside = outline.iter().all(|at| frame(false).holds(*at));
            prop_assert_eq!(frame(false).takes_corners(corners), inside);
            let touched = frame(true).touches_hull(outline);
            prop_assert_eq!(frame(true).takes_corners(corners), touched);
        }

        #[test]
        fn an_outline_has_all_points_to_its_left(
            points in prop::collection::vec((-50.0..50.0f32, -50.0..50.0f32), 3..30),
        ) {
            let points: Vec<_> = points.into_iter().map(Vec2::from).collect();
            let outline = hull(points.clone());
            for (from, to) in outline.iter().zip(outline.iter().cycle().skip(1)) {
                for point in &points {
                    prop_assert!((*to - *from).perp_dot(*point - *from) >= -1e-2);
                }
            }
        }
    }
}

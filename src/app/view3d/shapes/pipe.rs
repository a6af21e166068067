//! Pipes: a tube along its route, with elbows, flanges and saddles; mains of a network, bare.

use bevy::math::{Quat, Vec3};

use super::super::detail::Detail;
use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::{Motion, Part};

/// There are many flanges, and all are small.
/// Sides of a pipe among very many.
const BARE_SIDES: usize = 8;
const FLANGE_SIDES: usize = 14;
/// Mains are many and thin.
const MAIN_SIDES: usize = 8;
/// The pattern that flows along a pipe is this many diameters long.
const PATTERN: f32 = 8.0;
/// Flanged joints stand about this many diameters apart.
const JOINT: f32 = 30.0;

/// Draws a pipe of this diameter, m, along a route in its own space.
///
/// `floor` tells the height of the ground below a point, for the saddles.
pub(in super::super) fn pipe(
    route: &[Vec3],
    diameter: f32,
    detail: Detail,
    floor: impl Fn(Vec3) -> f32,
) -> Sketch {
    let mut sketch = Sketch::default();
    let s = &mut sketch;
    let radius = diameter * 0.5;
    let path = rounded(route, diameter * 1.5);
    let sides = if detail.fittings {
        round_segments(radius).clamp(10, 20)
    } else {
        BARE_SIDES
    };
    s.of(Part::Pipe)
        .marked_tube(&path, radius, sides, diameter * PATTERN);
    if !detail.fittings {
        return sketch;
    }
    for pair in path.windows(2) {
        straight(s, pair[0], pair[1], diameter, &floor);
    }
    if let [first, .., last] = path.as_slice() {
        let ends = [(*first, path[1]), (*last, path[path.len() - 2])];
        for (end, inward) in ends {
            let along = (inward - end).normalize_or(Vec3::X);
            flange(s, end + along * diameter * 0.12, along, diameter, 0.26);
        }
    }
    sketch
}

/// Draws a main of a network: a bare tube that is never narrower than `points` on screen.
///
/// Its pattern is counted in metres: the shader sets its length by the map's scale.
pub(in super::super) fn main(sketch: &mut Sketch, route: &[Vec3], diameter: f32, points: f32) {
    let half = diameter * 0.5;
    let swell = Motion::Swell {
        half,
        points: points * 0.5,
    };
    sketch.of(Part::Pipe).moving(swell, |s| {
        s.marked_tube(route, half, MAIN_SIDES, 1.0);
    });
}

/// Joints and saddles along a straight piece.
fn straight(s: &mut Sketch, from: Vec3, to: Vec3, diameter: f32, floor: &impl Fn(Vec3) -> f32) {
    let length = from.distance(to);
    let along = (to - from).normalize_or(Vec3::X);
    let pieces = (length / (diameter * JOINT)) as usize;
    for piece in 1..=pieces.min(200) {
        let at = from.lerp(to, piece as f32 / (pieces + 1) as f32);
        flange(s, at, along, diameter, 0.3);
    }
    // Saddles carry a level pipe that runs close above the ground.
    if along.y.abs() > 0.1 || length < diameter * 4.0 {
        return;
    }
    let count = ((length / (diameter * JOINT * 0.4)) as usize).clamp(1, 200);
    for place in 0..count {
        let at = from.lerp(to, (place as f32 + 0.5) / count as f32);
        let gap = at.y - diameter * 0.5 - floor(at);
        if (diameter * 0.1..diameter * 6.0).contains(&gap) {
            saddle(s, at, along, diameter, gap);
        }
    }
}

fn flange(s: &mut Sketch, at: Vec3, along: Vec3, diameter: f32, thick: f32) {
    let turn = Quat::from_rotation_arc(Vec3::Y, along);
    let half = diameter * thick * 0.5;
    s.placed(at, turn, |s| {
        let (out, bevel) = (diameter * 0.68, half * 0.25);
        let profile = [
            rim(0.0, -half, 0.0, -1.0),
            rim(out - bevel, -half, 0.0, -1.0),
            rim(out, bevel - half, 1.0, 0.0),
            rim(out, half - bevel, 1.0, 0.0),
            rim(out - bevel, half, 0.0, 1.0),
            rim(0.0, half, 0.0, 1.0),
        ];
        s.of(Part::Metal).turned(&profile, FLANGE_SIDES);
    });
}

fn saddle(s: &mut Sketch, at: Vec3, along: Vec3, diameter: f32, gap: f32) {
    let turn = Quat::from_rotation_arc(Vec3::X, Vec3::new(along.x, 0.0, along.z).normalize());
    let foot = at - Vec3::Y * (diameter * 0.5 + gap);
    s.placed(foot, turn, |s| {
        s.of(Part::Concrete).block(
            Vec3::new(-diameter * 0.22, 0.0, -diameter * 0.6),
            Vec3::new(diameter * 0.22, gap + diameter * 0.3, diameter * 0.6),
            diameter * 0.05,
        );
    });
}

/// The route with its corners rounded at `radius`, m, or less where there is no room.
fn rounded(route: &[Vec3], radius: f32) -> Vec<Vec3> {
    const STEPS: usize = 6;
    let mut path: Vec<Vec3> = Vec::with_capacity(route.len() * STEPS);
    for (place, at) in route.iter().enumerate() {
        let neighbours = (place > 0)
            .then(|| route[place - 1])
            .zip(route.get(place + 1));
        let Some((before, after)) = neighbours else {
            path.push(*at);
            continue;
        };
        let (into, out) = (*at - before, *after - *at);
        let turn = into.angle_between(out);
        let room = into.length().min(out.length()) * 0.5;
        let cut = (radius * (turn * 0.5).tan()).min(room);
        if !(0.02..3.0).contains(&turn) || cut <= 1e-4 {
            path.push(*at);
            continue;
        }
        let (from, to) = (*at - into.normalize() * cut, *at + out.normalize() * cut);
        for step in 0..=STEPS {
            let share = step as f32 / STEPS as f32;
            // A quadratic curve that touches both legs: close to an arc, and always finite.
            let (one, two) = (from.lerp(*at, share), at.lerp(to, share));
            path.push(one.lerp(two, share));
        }
    }
    path.dedup_by(|b, a| a.distance_squared(*b) < 1e-8);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Detail = Detail {
        fittings: true,
        round_feet: true,
    };

    #[test]
    fn a_pipe_goes_through_the_ends_of_its_route() {
        let route = [
            Vec3::ZERO,
            Vec3::new(10.0, 0.0, 0.0),
            Vec3::new(10.0, 0.0, -8.0),
            Vec3::new(10.0, 3.0, -8.0),
        ];
        let path = rounded(&route, 1.0);
        assert_eq!((path[0], path[path.len() - 1]), (route[0], route[3]));
        assert!(path.len() > route.len(), "corners are rounded");
        let longest = route.windows(2).map(|w| w[0].distance(w[1])).sum::<f32>();
        let length = path.windows(2).map(|w| w[0].distance(w[1])).sum::<f32>();
        assert!(length < longest && length > longest * 0.85, "{length}");
    }

    #[test]
    fn strange_routes_stay_finite() {
        let back = [Vec3::ZERO, Vec3::X, Vec3::ZERO];
        let same = [Vec3::ONE, Vec3::ONE, Vec3::ONE];
        let single = [Vec3::ONE];
        for route in [&back[..], &same[..], &single[..], &[]] {
            let sketch = pipe(route, 0.3, FINE, |_| 0.0);
            for (at, normal) in sketch.vertices() {
                assert!(at.is_finite() && normal.is_finite(), "{route:?}");
            }
        }
    }

    #[test]
    fn triangles_are_bounded_by_length() {
        let route = [Vec3::ZERO, Vec3::X * 2_000.0];
        assert!(pipe(&route, 0.8, FINE, |_| -1.0).triangles().count() < 40_000);
    }
}

//! What runs along a course: conveyors, cable trays, roads. Straight along x where it has no
//! route.

use std::ops::Range;

use bevy::math::Vec3;

use super::super::mesh::Sketch;
use super::super::part::Part;

/// The pattern of a belt is this long, m.
const PATTERN: f32 = 1.0;

/// A course in the space of an asset: its points, and the direction to the right at each.
struct Course {
    points: Vec<Vec3>,
    rights: Vec<Vec3>,
}

impl Course {
    /// Through `route`, or straight along x over `length`; corners are mitred.
    fn of(route: &[Vec3], length: f32) -> Self {
        let straight = [Vec3::X * length * -0.5, Vec3::X * length * 0.5];
        let mut points: Vec<Vec3> = if route.len() < 2 { &straight } else { route }.to_vec();
        points.dedup_by(|one, two| one.distance(*two) < 1e-4);
        let ahead = |from: Vec3, to: Vec3| {
            let way = to - from;
            Vec3::new(way.x, 0.0, way.z).normalize_or(Vec3::X)
        };
        let last = points.len().saturating_sub(1);
        let rights = (0..points.len()).map(|place| {
            let before = (place > 0).then(|| ahead(points[place - 1], points[place]));
            let after = (place < last).then(|| ahead(points[place], points[place + 1]));
            let (one, two) = (
                before.or(after).unwrap_or(Vec3::X),
                after.or(before).unwrap_or(Vec3::X),
            );
            let middle = (one + two).normalize_or(one);
            let right = middle.cross(Vec3::Y);
            // As wide across the mitre as elsewhere, within reason.
            right / middle.dot(one).max(0.35)
        });
        Self {
            rights: rights.collect(),
            points,
        }
    }

    /// A band between two distances to the right, at two heights: its top, sides and bottom.
    ///
    /// `uv.x` counts lengths of the pattern along the course.
    fn band(&self, s: &mut Sketch, (left, right): (f32, f32), (low, high): (f32, f32)) {
        let faces = [
            ((left, high), (right, high), Vec3::Y),
            ((right, low), (left, low), Vec3::NEG_Y),
            ((left, low), (left, high), Vec3::NEG_X),
            ((right, high), (right, low), Vec3::X),
        ];
        for (one, two, look) in faces {
            let mut along = 0.0;
            let mut rows: Vec<[u32; 2]> = Vec::new();
            for (place, (at, side)) in self.points.iter().zip(&self.rights).enumerate() {
                if place > 0 {
                    along += at.distance(self.points[place - 1]) / PATTERN;
                }
                let normal = side.normalize_or(Vec3::Z) * look.x + Vec3::Y * look.y;
                let corner = |(out, up): (f32, f32)| *at + *side * out + Vec3::Y * up;
                rows.push([
                    s.vertex(corner(one), normal, [along, 0.0]),
                    s.vertex(corner(two), normal, [along, 1.0]),
                ]);
            }
            for pair in rows.windows(2) {
                s.quad(pair[0][0], pair[0][1], pair[1][1], pair[1][0]);
            }
        }
        self.ends(s, (left, right), (low, high));
    }

    fn ends(&self, s: &mut Sketch, (left, right): (f32, f32), (low, high): (f32, f32)) {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return;
        };
        for (at, side, ahead) in [
            (first, self.rights.first(), false),
            (last, self.rights.last(), true),
        ] {
            let Some(side) = side else { continue };
            let corner = |out: f32, up: f32| *at + *side * out + Vec3::Y * up;
            let (a, b) = if ahead { (right, left) } else { (left, right) };
            s.face([
                corner(a, low),
                corner(b, low),
                corner(b, high),
                corner(a, high),
            ]);
        }
    }

    /// Places along the course, each `step` m from the last, with the direction to the right.
    fn every(&self, step: f32) -> Vec<(Vec3, Vec3)> {
        let mut places = Vec::new();
        for leg in self.points.windows(2) {
            let (from, to) = (leg[0], leg[1]);
            let length = from.distance(to);
            let right = (to - from).normalize_or(Vec3::X).cross(Vec3::Y);
            let count = ((length / step).round() as usize).clamp(1, 400);
            for place in 0..count {
                let share = (place as f32 + 0.5) / count as f32;
                places.push((from.lerp(to, share), right.normalize_or(Vec3::Z)));
            }
        }
        places
    }
}

/// Belt conveyor: side frames, a belt with a pattern that moves, legs to the ground.
///
/// A route runs along the top of the belt, `tall` m above what the conveyor stands on.
pub(in super::super) fn conveyor(s: &mut Sketch, route: &[Vec3], size: Vec3) {
    let (wide, tall) = (size.z, size.y);
    let course = Course::of(&at_foot(route, tall), size.x);
    let half = wide * 0.5;
    let frame = (wide * 0.08).min(0.08);
    let deep = (tall * 0.22).min(wide * 0.4);
    framed_belt(s, &course, (half, frame), tall - deep..tall, 0.16..0.7);
    legs(s, &course, half - frame * 0.5, frame, tall - deep * 0.8);
}

/// Roller conveyor: rollers between side frames.
pub(in super::super) fn roller_conveyor(s: &mut Sketch, route: &[Vec3], size: Vec3) {
    let (wide, tall) = (size.z, size.y);
    let course = Course::of(&at_foot(route, tall), size.x);
    let half = wide * 0.5;
    let frame = (wide * 0.07).min(0.07);
    let deep = (tall * 0.2).min(wide * 0.3);
    // Below the rollers, a plate that takes the moving pattern.
    framed_belt(s, &course, (half, frame), tall - deep..tall, 0.55..0.8);
    s.of(Part::Metal);
    let radius = deep * 0.22;
    for (at, right) in course.every((radius * 5.0).max(0.12)) {
        let up = Vec3::Y * (tall - radius * 1.2);
        let reach = right * (half - frame);
        s.tube(&[at + up - reach, at + up + reach], radius, 6);
    }
    legs(s, &course, half - frame * 0.5, frame, tall - deep * 0.8);
}

/// Two side frames from `heights.start` to `heights.end`, and between them a belt, which lies
/// `below` their top by these shares of their height.
fn framed_belt(
    s: &mut Sketch,
    course: &Course,
    (half, frame): (f32, f32),
    heights: Range<f32>,
    below: Range<f32>,
) {
    let (top, deep) = (heights.end, heights.end - heights.start);
    s.of(Part::Body);
    course.band(s, (-half, -half + frame), (heights.start, top));
    course.band(s, (half - frame, half), (heights.start, top));
    s.of(Part::Belt);
    course.band(
        s,
        (-half + frame, half - frame),
        (top - deep * below.end, top - deep * below.start),
    );
}

/// A route along the top becomes one along the foot.
fn at_foot(route: &[Vec3], tall: f32) -> Vec<Vec3> {
    route.iter().map(|at| *at - Vec3::Y * tall).collect()
}

fn legs(s: &mut Sketch, course: &Course, out: f32, thick: f32, tall: f32) {
    if tall < thick {
        return;
    }
    s.of(Part::Metal);
    for (at, right) in course.every(2.4) {
        for side in [-1.0, 1.0] {
            let foot = at + right * out * side;
            let half = thick * 0.4;
            s.block(
                foot - Vec3::new(half, 0.0, half),
                foot + Vec3::new(half, tall, half),
                0.0,
            );
        }
    }
}

/// Cable tray: a shallow channel with cables in it, hung or on brackets.
pub(in super::super) fn cable_tray(s: &mut Sketch, route: &[Vec3], size: Vec3) {
    let (wide, tall) = (size.z, size.y);
    let course = Course::of(route, size.x);
    let half = wide * 0.5;
    let sheet = (tall * 0.12).min(wide * 0.06);
    s.of(Part::Metal);
    course.band(s, (-half, half), (0.0, sheet));
    course.band(s, (-half, -half + sheet), (sheet, tall));
    course.band(s, (half - sheet, half), (sheet, tall));
    let cable = (wide * 0.07).min(tall * 0.4);
    for place in 0..4 {
        let out = half * (-0.6 + 0.4 * place as f32);
        s.of(if place % 2 == 0 {
            Part::Dark
        } else {
            Part::Body
        });
        course.band(s, (out - cable, out + cable), (sheet, sheet + cable * 1.6));
    }
}

/// Road: asphalt with a broken middle line, just above the ground.
pub(in super::super) fn road(s: &mut Sketch, route: &[Vec3], size: Vec3) {
    let course = Course::of(route, size.x);
    let half = size.z * 0.5;
    let thick = size.y.clamp(0.02, 0.2).min(half);
    s.of(Part::Concrete);
    course.band(s, (-half, -half * 0.94), (0.0, thick * 1.4));
    course.band(s, (half * 0.94, half), (0.0, thick * 1.4));
    s.of(Part::Asphalt);
    course.band(s, (-half * 0.94, half * 0.94), (0.0, thick));
    s.of(Part::Dial);
    let (mark, wide) = (
        (size.z * 0.25).clamp(0.05, 1.5),
        (size.z * 0.012).max(0.002),
    );
    for (at, right) in course.every(mark * 3.0) {
        let along = Vec3::Y.cross(right);
        let up = Vec3::Y * thick * 1.06;
        s.face([
            at + up - along * mark * 0.5 - right * wide,
            at + up - along * mark * 0.5 + right * wide,
            at + up + along * mark * 0.5 + right * wide,
            at + up + along * mark * 0.5 - right * wide,
        ]);
    }
}

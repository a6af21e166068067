//! Open basins and filters: concrete walls with water between them.

use bevy::math::{Vec2, Vec3};

use super::super::mesh::Sketch;
use super::super::part::{Motion, Part};

/// Open rectangular basin.
pub(super) fn basin(s: &mut Sketch, size: Vec3) {
    let wall = wall_of(size);
    shell(s, size, wall);
    water(s, size, wall, size.y * 0.06, size.y * 0.94);
    gauges(s, size, size.y * 0.08, size.y * 0.92);
    baffles(s, size, wall);
    rails(s, size, wall);
}

/// Rapid gravity filter: sand, wash troughs, water above.
pub(super) fn filter_bed(s: &mut Sketch, size: Vec3) {
    let wall = wall_of(size);
    shell(s, size, wall);
    let inner = Vec2::new(size.x * 0.5 - wall, size.z * 0.5 - wall);
    let sand = size.y * 0.5;
    s.of(Part::Sand).face([
        Vec3::new(-inner.x, sand, inner.y),
        Vec3::new(inner.x, sand, inner.y),
        Vec3::new(inner.x, sand, -inner.y),
        Vec3::new(-inner.x, sand, -inner.y),
    ]);
    water(s, size, wall, sand + size.y * 0.02, size.y * 0.9);

    // Wash troughs hang across the shorter way, a little above the water.
    let across = size.x < size.z;
    let (long, short) = if across {
        (inner.y, inner.x)
    } else {
        (inner.x, inner.y)
    };
    let count = ((long * 2.0 / 1.9) as usize).clamp(2, 6);
    let (half, deep) = (long * 0.12 / count as f32 * 2.0, size.y * 0.14);
    let lip = size.y * 0.93;
    for place in 0..count {
        let along = long * (2.0 * (place as f32 + 0.5) / count as f32 - 1.0);
        for (edge, thick) in [(-half, 0.18), (half * 0.82, 0.18), (-half, 2.0)] {
            let low = if thick > 1.0 {
                lip - deep
            } else {
                lip - deep * 0.98
            };
            let high = if thick > 1.0 { lip - deep * 0.7 } else { lip };
            let (from, to) = (along + edge, along + edge + half * thick);
            let (a, b) = if across {
                (Vec3::new(-short, low, from), Vec3::new(short, high, to))
            } else {
                (Vec3::new(from, low, -short), Vec3::new(to, high, short))
            };
            s.of(Part::Metal).block(a, b, half * 0.03);
        }
    }
    gauges(s, size, size.y * 0.5, size.y * 0.9);
    rails(s, size, wall);
}

fn wall_of(size: Vec3) -> f32 {
    (size.x.min(size.z) * 0.06).min(0.35)
}

/// Walls, a floor and a footing.
fn shell(s: &mut Sketch, size: Vec3, wall: f32) {
    s.of(Part::Body)
        .wall_ring(Vec2::new(size.x, size.z), wall, 0.0, size.y);
    let (half, floor) = (Vec2::new(size.x, size.z) * 0.5, size.y * 0.04);
    s.of(Part::Concrete).block(
        Vec3::new(-half.x + wall, 0.0, -half.y + wall),
        Vec3::new(half.x - wall, floor, half.y - wall),
        0.0,
    );
    // A coping around the top gives the wall an edge in flat light.
    let lip = wall * 0.18;
    s.wall_ring(
        Vec2::new(size.x + lip * 2.0, size.z + lip * 2.0),
        wall + lip * 2.0,
        size.y - wall * 0.35,
        size.y,
    );
    // Buttresses every few metres along the longer walls.
    let count = ((size.x / 5.0) as usize).min(12);
    for place in 0..count {
        let x = size.x * ((place as f32 + 0.5) / count as f32 - 0.5);
        for z in [-half.y - lip, half.y + lip] {
            s.block(
                Vec3::new(x - wall * 0.5, 0.0, z - lip),
                Vec3::new(x + wall * 0.5, size.y - wall * 0.4, z + lip),
                0.0,
            );
        }
    }
}

/// The water's surface between two heights, moved by the fill.
fn water(s: &mut Sketch, size: Vec3, wall: f32, empty: f32, full: f32) {
    let half = Vec2::new(size.x * 0.5 - wall, size.z * 0.5 - wall);
    // Drawn where it casts no shadow on itself: shadows do not know how it moves.
    let height = empty;
    s.moving(Motion::Rise { empty, full }, |s| {
        s.of(Part::Water).face([
            Vec3::new(-half.x, height, half.y),
            Vec3::new(half.x, height, half.y),
            Vec3::new(half.x, height, -half.y),
            Vec3::new(-half.x, height, -half.y),
        ]);
    });
}

/// Glass strips in the four outer walls, for who looks from low down.
fn gauges(s: &mut Sketch, size: Vec3, low: f32, high: f32) {
    let proud = (size.min_element() * 0.01).min(0.02);
    let wide = (size.x.min(size.z) * 0.05).clamp(size.y * 0.05, size.y * 0.2);
    s.of(Part::Gauge);
    let (x, z) = (size.x * 0.5 + proud, size.z * 0.5 + proud);
    for side in [-1.0_f32, 1.0] {
        let across = Vec3::new(wide * side, 0.0, 0.0);
        let middle = Vec3::new(size.x * 0.22, 0.0, z * side);
        s.face(strip(middle, across, low, high));
        let across = Vec3::new(0.0, 0.0, -wide * side);
        let middle = Vec3::new(x * side, 0.0, size.z * 0.22);
        s.face(strip(middle, across, low, high));
    }
}

fn strip(middle: Vec3, half: Vec3, low: f32, high: f32) -> [Vec3; 4] {
    [
        middle - half + Vec3::Y * low,
        middle + half + Vec3::Y * low,
        middle + half + Vec3::Y * high,
        middle - half + Vec3::Y * high,
    ]
}

/// Walls that lead the water to and fro through a large basin.
fn baffles(s: &mut Sketch, size: Vec3, wall: f32) {
    let count = ((size.x / 7.0) as usize).min(6);
    let half = size.z * 0.5 - wall;
    s.of(Part::Concrete);
    for place in 0..count {
        let x = size.x * ((place as f32 + 1.0) / (count as f32 + 1.0) - 0.5);
        let (low, high) = if place % 2 == 0 {
            (-half, half * 0.6)
        } else {
            (-half * 0.6, half)
        };
        let thick = wall * 0.35;
        s.block(
            Vec3::new(x - thick, 0.0, low),
            Vec3::new(x + thick, size.y * 0.97, high),
            thick * 0.2,
        );
    }
}

/// A hand rail along the back and the left, above head-high walls only.
fn rails(s: &mut Sketch, size: Vec3, wall: f32) {
    if size.y < 1.2 || size.x.min(size.z) < 3.0 {
        return;
    }
    let (rise, bar) = (1.0, 0.035);
    let half = Vec2::new(size.x * 0.5 - wall * 0.5, size.z * 0.5 - wall * 0.5);
    let corners = [
        Vec3::new(-half.x, size.y, half.y),
        Vec3::new(-half.x, size.y, -half.y),
        Vec3::new(half.x, size.y, -half.y),
    ];
    s.of(Part::Metal);
    for level in [0.55, 1.0] {
        s.tube(&corners.map(|at| at + Vec3::Y * rise * level), bar, 5);
    }
    for pair in corners.windows(2) {
        let posts = ((pair[0].distance(pair[1]) / 2.0) as usize).clamp(2, 14);
        for post in 0..=posts {
            let foot = pair[0].lerp(pair[1], post as f32 / posts as f32);
            s.tube(&[foot, foot + Vec3::Y * rise], bar, 5);
        }
    }
}

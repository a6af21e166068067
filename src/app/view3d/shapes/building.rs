//! Buildings, seen through: floor, low walls, columns and the frame of the roof.

use bevy::math::{Vec2, Vec3};

use super::super::mesh::Sketch;
use super::super::part::Part;
use super::PickBox;

/// Columns stand about this far apart, m.
const BAY: f32 = 6.0;

/// Building shell with a flat roof, seen through.
pub(super) fn building(s: &mut Sketch, size: Vec3) {
    let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
    let (floor, low) = (floor_of(size), low_wall(size));
    let wall = wall_of(size);
    s.of(Part::Concrete)
        .block(-half, half + Vec3::Y * floor, floor * 0.3);
    walls(s, size, wall, floor, low);

    // Columns along the edges, and beams that join their heads.
    let column = wall * 0.85;
    let beam = wall * 0.9;
    s.of(Part::Metal);
    for (x, z) in columns(size, wall) {
        s.block(
            Vec3::new(x - column * 0.5, floor, z - column * 0.5),
            Vec3::new(x + column * 0.5, size.y - beam, z + column * 0.5),
            column * 0.1,
        );
    }
    s.of(Part::Roof);
    s.wall_ring(Vec2::new(size.x, size.z), beam, size.y - beam * 1.2, size.y);
    let bays = bays(size.x);
    for bay in 1..bays {
        let x = -half.x + size.x * bay as f32 / bays as f32;
        s.block(
            Vec3::new(x - beam * 0.25, size.y - beam * 0.9, -half.z + beam * 0.5),
            Vec3::new(x + beam * 0.25, size.y - beam * 0.4, half.z - beam * 0.5),
            0.0,
        );
    }
}

/// The floor, and the four low walls.
pub(super) fn pick_boxes(size: Vec3) -> Vec<PickBox> {
    let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
    let (low, wall) = (low_wall(size).min(size.y), wall_of(size));
    let across = |low: Vec3, high: Vec3| PickBox { low, high };
    vec![
        across(-half, half + Vec3::Y * floor_of(size)),
        across(-half, Vec3::new(half.x, low, -half.z + wall)),
        across(Vec3::new(-half.x, 0.0, half.z - wall), half + Vec3::Y * low),
        across(-half, Vec3::new(-half.x + wall, low, half.z)),
        across(Vec3::new(half.x - wall, 0.0, -half.z), half + Vec3::Y * low),
    ]
}

fn floor_of(size: Vec3) -> f32 {
    // Just above the shadows on the ground, and below whatever stands inside.
    (size.y * 0.01).min(0.04)
}

fn low_wall(size: Vec3) -> f32 {
    (size.y * 0.22).min(1.1)
}

fn wall_of(size: Vec3) -> f32 {
    (size.x.min(size.z) * 0.05).min(0.35)
}

/// Low walls with a wide gate in the middle of the front.
fn walls(s: &mut Sketch, size: Vec3, wall: f32, floor: f32, low: f32) {
    let half = Vec2::new(size.x * 0.5, size.z * 0.5);
    let gate = (size.x * 0.12).min(2.0);
    let pieces = [
        (
            Vec2::new(-half.x, -half.y),
            Vec2::new(half.x, -half.y + wall),
        ),
        (
            Vec2::new(-half.x, -half.y + wall),
            Vec2::new(-half.x + wall, half.y),
        ),
        (
            Vec2::new(half.x - wall, -half.y + wall),
            Vec2::new(half.x, half.y),
        ),
        (
            Vec2::new(-half.x + wall, half.y - wall),
            Vec2::new(-gate, half.y),
        ),
        (
            Vec2::new(gate, half.y - wall),
            Vec2::new(half.x - wall, half.y),
        ),
    ];
    s.of(Part::Wall);
    for (from, to) in pieces {
        s.block(
            Vec3::new(from.x, floor * 0.5, from.y),
            Vec3::new(to.x, low, to.y),
            wall * 0.08,
        );
    }
}

fn bays(length: f32) -> usize {
    ((length / BAY).round() as usize).clamp(1, 16)
}

/// Where columns stand: along all four edges, each corner once.
fn columns(size: Vec3, wall: f32) -> Vec<(f32, f32)> {
    let (x, z) = (size.x * 0.5 - wall * 0.5, size.z * 0.5 - wall * 0.5);
    let (wide, deep) = (bays(size.x), bays(size.z));
    let mut places = Vec::new();
    for step in 0..=wide {
        let along = -x + 2.0 * x * step as f32 / wide as f32;
        places.extend([(along, -z), (along, z)]);
    }
    for step in 1..deep {
        let along = -z + 2.0 * z * step as f32 / deep as f32;
        places.extend([(-x, along), (x, along)]);
    }
    places
}

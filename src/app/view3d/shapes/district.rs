//! A district: a small cluster of houses along two streets.

use bevy::math::{Quat, Vec3};

use super::super::mesh::Sketch;
use super::super::part::Part;

/// Houses: place across and along the plot, heading in quarter turns, and how large.
///
/// Laid out by hand, so that a district looks built and is the same every time.
const HOUSES: [(f32, f32, f32, f32); 11] = [
    (-0.78, -0.72, 0.1, 1.0),
    (-0.30, -0.78, 0.0, 0.9),
    (0.22, -0.74, 1.0, 1.1),
    (0.74, -0.70, 0.05, 0.95),
    (-0.80, -0.05, 1.0, 0.9),
    (-0.28, 0.02, 0.0, 1.45),
    (0.36, -0.04, 0.95, 0.9),
    (0.82, 0.06, 1.0, 1.0),
    (-0.66, 0.74, 0.0, 1.05),
    (0.02, 0.76, 1.05, 0.95),
    (0.62, 0.72, 0.0, 1.15),
];

/// A small cluster of houses.
pub(super) fn district(s: &mut Sketch, size: Vec3) {
    let plot = Vec3::new(size.x, 0.0, size.z);
    let ground = (size.y * 0.015).min(0.06);
    s.of(Part::Concrete)
        .block(-plot * 0.5, plot * 0.5 + Vec3::Y * ground, 0.0);
    let long = (size.x / 7.6).min(size.z / 6.0).min(size.y * 1.5);
    for (across, along, heading, scale) in HOUSES {
        let at = Vec3::new(across * 0.44 * size.x, ground, along * 0.43 * size.z);
        let turn = Quat::from_rotation_y(heading * std::f32::consts::FRAC_PI_2);
        let tall = (size.y - ground) * scale / 1.45;
        s.placed(at, turn, |s| house(s, Vec3::new(long, tall, long * 0.72)));
    }
}

/// A house with a gable roof, its ridge along x.
fn house(s: &mut Sketch, size: Vec3) {
    let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
    let eaves = size.y * 0.56;
    s.of(Part::Body)
        .block(-half, half + Vec3::Y * eaves, size.x * 0.015);
    let over = size.x * 0.06;
    let (x, z) = (half.x + over, half.z + over);
    let drop = eaves - over * 0.6;
    let corners = [
        Vec3::new(-x, drop, z),
        Vec3::new(x, drop, z),
        Vec3::new(x, drop, -z),
        Vec3::new(-x, drop, -z),
    ];
    let ridge = [Vec3::new(-x, size.y, 0.0), Vec3::new(x, size.y, 0.0)];
    s.of(Part::Roof);
    s.face([corners[0], corners[1], ridge[1], ridge[0]]);
    s.face([corners[2], corners[3], ridge[0], ridge[1]]);
    s.face([corners[3], corners[2], corners[1], corners[0]]);
    s.of(Part::Body);
    for (a, b, top, out) in [
        (corners[3], corners[0], ridge[0], Vec3::NEG_X),
        (corners[1], corners[2], ridge[1], Vec3::X),
    ] {
        let [a, b, c] = [a, b, top].map(|at| s.vertex(at, out, [0.0, 0.0]));
        s.triangle(a, b, c);
    }
    s.of(Part::Roof).block(
        Vec3::new(half.x * 0.4, eaves, half.z * 0.2),
        Vec3::new(half.x * 0.58, size.y * 1.02, half.z * 0.45),
        0.0,
    );
    // Door and windows.
    s.of(Part::Dark);
    for side in [-1.0_f32, 1.0] {
        for (x, low, high) in [(-0.6, 0.35, 0.75), (0.0, 0.0, 0.72), (0.6, 0.35, 0.75)] {
            s.block(
                Vec3::new(half.x * (x - 0.13), eaves * low, side * half.z * 0.98 - 0.0),
                Vec3::new(half.x * (x + 0.13), eaves * high, side * half.z * 0.98)
                    + Vec3::Z * half.z * 0.04,
                0.0,
            );
        }
    }
}

//! Valves: a body between flanges, a yoke with a position scale, a wheel that turns and rises.

use std::f32::consts::TAU;

use bevy::math::{Quat, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::{Motion, Part};

/// Hand or control valve with a wheel, in line along x.
pub(super) fn valve(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let bore = (size.y * 0.17).min(size.z * 0.34);
    let axis = bore * 1.75;
    s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
        s.of(Part::Body);
        s.turned(
            &[
                rim(bore * 0.9, -half, 1.0, 0.0),
                rim(bore * 0.9, -half * 0.62, 1.0, -0.2),
                rim(bore * 1.3, -half * 0.3, 1.0, -0.5),
                rim(bore * 1.42, 0.0, 1.0, 0.0),
                rim(bore * 1.3, half * 0.3, 1.0, 0.5),
                rim(bore * 0.9, half * 0.62, 1.0, 0.2),
                rim(bore * 0.9, half, 1.0, 0.0),
            ],
            round_segments(bore),
        );
        s.of(Part::Metal);
        for (low, high) in [(-half, -half + bore * 0.34), (half - bore * 0.34, half)] {
            s.cylinder(bore * 1.6, low, high, bore * 0.07);
        }
    });
    let (bonnet, stem) = (axis + bore * 2.0, size.y * 0.8);
    s.of(Part::Body);
    s.turned(
        &[
            rim(bore * 1.05, axis, 1.0, 0.0),
            rim(bore * 0.95, axis + bore * 1.2, 1.0, 0.1),
            rim(bore * 0.8, bonnet, 1.0, 0.3),
            rim(bore * 0.5, bonnet + bore * 0.3, 0.3, 1.0),
            rim(0.0, bonnet + bore * 0.3, 0.0, 1.0),
        ],
        round_segments(bore),
    );
    s.of(Part::Metal);
    s.at(Vec3::Y * (axis + bore * 1.25), |s| {
        s.cylinder(bore * 1.35, 0.0, bore * 0.26, bore * 0.05);
    });
    yoke(s, bore, bonnet, stem);
    wheel(s, bore * 2.0, stem, size.y - stem);
}

/// Two columns with a scale on both sides that shows how far the valve is open.
fn yoke(s: &mut Sketch, bore: f32, low: f32, high: f32) {
    s.of(Part::Metal);
    for side in [-1.0, 1.0] {
        let x = side * bore * 0.62;
        s.tube(
            &[Vec3::new(x, low, 0.0), Vec3::new(x, high, 0.0)],
            bore * 0.13,
            6,
        );
    }
    s.block(
        Vec3::new(-bore * 0.8, high - bore * 0.25, -bore * 0.3),
        Vec3::new(bore * 0.8, high, bore * 0.3),
        bore * 0.04,
    );
    s.of(Part::Gauge);
    let (half, proud) = (bore * 0.4, bore * 0.14);
    for side in [-1.0_f32, 1.0] {
        // `Wheel` with no lift: the shader reads the position instead of the fill.
        s.moving(Motion::Wheel { lift: 0.0 }, |s| {
            let across = Vec3::X * half * side;
            let middle = Vec3::Z * proud * side;
            let (low, high) = (Vec3::Y * (low + bore * 0.3), Vec3::Y * (high - bore * 0.3));
            s.face([
                middle - across + low,
                middle + across + low,
                middle + across + high,
                middle - across + high,
            ]);
        });
    }
}

fn wheel(s: &mut Sketch, radius: f32, height: f32, room: f32) {
    let bar = radius * 0.09;
    let lift = (room - bar * 2.0).max(0.0);
    s.moving(Motion::Wheel { lift }, |s| {
        s.of(Part::Metal)
            .cylinder(bar * 0.8, height - lift, height + bar * 1.5, bar * 0.1);
        s.of(Part::Handle)
            .ring(radius - bar * 1.6, radius, height, height + bar * 1.5);
        for spoke in 0..3 {
            let turn = Quat::from_rotation_y(TAU * spoke as f32 / 3.0);
            s.placed(Vec3::Y * (height + bar * 0.75), turn, |s| {
                s.block(
                    Vec3::new(0.0, -bar * 0.4, -bar * 0.45),
                    Vec3::new(radius - bar, bar * 0.4, bar * 0.45),
                    0.0,
                );
            });
        }
    });
}

//! Electric motors and couplings: what turns.

use std::f32::consts::TAU;

use bevy::math::{Quat, Vec3};

use super::super::mesh::Sketch;
use super::super::part::{Motion, Part};

/// An electric motor alone on its feet, its shaft to the left.
pub(super) fn motor_alone(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.44).min(size.z * 0.46);
    let axis = size.y - radius * 1.12;
    let half = size.x * 0.5;
    foot(
        s,
        Vec3::new(size.x * 0.03, 0.0, 0.0),
        size.x * 0.3,
        axis,
        radius,
    );
    motor(s, -half * 0.62, half, axis, radius);
    let shaft = Motion::Shaft { y: axis, z: 0.0 };
    s.moving(shaft, |s| {
        s.of(Part::Metal);
        s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
            s.cylinder(radius * 0.16, -half, -half * 0.6, radius * 0.03);
        });
        s.of(Part::Handle).block(
            Vec3::new(-half, axis + radius * 0.13, -radius * 0.05),
            Vec3::new(-half * 0.7, axis + radius * 0.22, radius * 0.05),
            0.0,
        );
    });
}

/// A motor lying along x from `from` to `to`, its fan at the right end.
pub(super) fn motor(s: &mut Sketch, from: f32, to: f32, axis: f32, radius: f32) {
    let long = to - from;
    let (front, cowl) = (from + long * 0.1, from + long * 0.76);
    s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
        s.of(Part::Accent);
        s.cylinder(radius * 0.86, front, cowl, radius * 0.04);
        // End shield and fan cowl.
        s.of(Part::Metal)
            .cylinder(radius * 0.93, from, front, radius * 0.06);
        s.of(Part::Accent);
        s.cylinder(radius * 0.96, cowl, to - long * 0.05, radius * 0.08);
    });
    // Cooling fins along the frame.
    s.of(Part::Accent);
    for fin in 0..16 {
        let turn = Quat::from_rotation_x(TAU * (fin as f32 + 0.5) / 16.0);
        s.placed(Vec3::new(0.0, axis, 0.0), turn, |s| {
            s.block(
                Vec3::new(front + long * 0.03, radius * 0.8, -radius * 0.03),
                Vec3::new(cowl - long * 0.03, radius * 1.0, radius * 0.03),
                0.0,
            );
        });
    }
    // Terminal box on top.
    let box_low = Vec3::new(from + long * 0.3, axis + radius * 0.8, -radius * 0.34);
    let box_high = Vec3::new(from + long * 0.58, axis + radius * 1.12, radius * 0.34);
    s.of(Part::Metal).block(box_low, box_high, radius * 0.05);
    fan(s, to - long * 0.05, to, axis, radius * 0.8);
}

/// A fan behind its grille: four light blades on a dark disc, so that turning is seen.
fn fan(s: &mut Sketch, from: f32, to: f32, axis: f32, radius: f32) {
    let middle = (from + to) * 0.5;
    s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
        s.of(Part::Dark).cylinder(radius, from, middle, 0.0);
    });
    s.moving(Motion::Shaft { y: axis, z: 0.0 }, |s| {
        s.of(Part::Handle);
        for blade in 0..4 {
            let turn = Quat::from_rotation_x(TAU * blade as f32 / 4.0);
            s.placed(Vec3::new(0.0, axis, 0.0), turn, |s| {
                s.block(
                    Vec3::new(middle, radius * 0.2, -radius * 0.13),
                    Vec3::new(to, radius * 0.92, radius * 0.13),
                    0.0,
                );
            });
        }
        s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
            s.of(Part::Metal)
                .cylinder(radius * 0.24, middle, to, radius * 0.04);
        });
    });
}

/// A coupling between two shafts with a light key, turning with them.
pub(super) fn coupling(s: &mut Sketch, from: f32, to: f32, axis: f32, radius: f32) {
    let long = to - from;
    s.moving(Motion::Shaft { y: axis, z: 0.0 }, |s| {
        s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
            s.of(Part::Metal).cylinder(radius * 0.4, from, to, 0.0);
            s.of(Part::Dark);
            s.cylinder(radius, from + long * 0.2, from + long * 0.47, radius * 0.06);
            s.cylinder(radius, from + long * 0.53, from + long * 0.8, radius * 0.06);
        });
        s.of(Part::Handle);
        for key in 0..3 {
            let turn = Quat::from_rotation_x(TAU * key as f32 / 3.0);
            s.placed(Vec3::new(0.0, axis, 0.0), turn, |s| {
                s.block(
                    Vec3::new(from + long * 0.18, radius * 0.8, -radius * 0.22),
                    Vec3::new(from + long * 0.82, radius * 1.06, radius * 0.22),
                    0.0,
                );
            });
        }
    });
}

/// Feet under a motor: two rails from the base up to its frame.
pub(super) fn foot(s: &mut Sketch, at: Vec3, half: f32, axis: f32, radius: f32) {
    s.of(Part::Metal);
    for side in [-1.0, 1.0] {
        let z = at.z + side * radius * 0.62;
        s.block(
            Vec3::new(at.x - half, at.y, z - radius * 0.14),
            Vec3::new(at.x + half, axis - radius * 0.5, z + radius * 0.14),
            radius * 0.03,
        );
    }
}

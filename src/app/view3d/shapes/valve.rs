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

/// Gate valve: a flat high body, a yoke, a wheel that rises.
pub(super) fn gate_valve(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let bore = (size.y * 0.15).min(size.z * 0.32);
    let axis = bore * 1.75;
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body).cylinder(bore, -half, half, 0.0);
        s.of(Part::Metal);
        for (low, high) in [(-half, -half + bore * 0.34), (half - bore * 0.34, half)] {
            s.cylinder(bore * 1.6, low, high, bore * 0.07);
        }
    });
    let bonnet = axis + (size.y - axis) * 0.46;
    s.of(Part::Body).block(
        Vec3::new(-half * 0.34, axis - bore * 1.3, -bore * 1.1),
        Vec3::new(half * 0.34, bonnet, bore * 1.1),
        bore * 0.18,
    );
    s.of(Part::Metal).block(
        Vec3::new(-half * 0.46, bonnet - bore * 0.5, -bore * 1.3),
        Vec3::new(half * 0.46, bonnet - bore * 0.2, bore * 1.3),
        bore * 0.05,
    );
    let stem = size.y * 0.8;
    yoke(s, bore, bonnet, stem);
    wheel(s, bore * 1.9, stem, size.y - stem);
}

/// Butterfly valve: a short wafer between flanges, with a disc that turns and a lever scale.
pub(super) fn butterfly_valve(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let bore = (size.y * 0.3).min(size.z * 0.4);
    let axis = bore * 1.3;
    let wafer = (half * 0.55).min(bore * 0.5);
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body)
            .ring(bore * 0.82, bore * 1.22, -wafer, wafer);
        s.of(Part::Metal);
        for (low, high) in [(-half, -wafer), (wafer, half)] {
            s.ring(bore * 0.86, bore * 1.28, low, high);
        }
    });
    // The disc turns with the stem, across the pipe when shut.
    s.moving(Motion::Wheel { lift: 0.0 }, |s| {
        s.of(Part::Handle);
        s.along_x(Vec3::Y * axis, |s| {
            s.cylinder(bore * 0.8, -wafer * 0.16, wafer * 0.16, wafer * 0.04);
        });
        s.of(Part::Metal)
            .cylinder(bore * 0.1, axis, size.y * 0.94, 0.0);
        s.of(Part::Handle).block(
            Vec3::new(-bore * 0.09, size.y * 0.92, -bore * 0.1),
            Vec3::new(bore * 0.09, size.y, bore * 0.9),
            bore * 0.03,
        );
    });
    s.of(Part::Body).block(
        Vec3::new(-bore * 0.3, axis + bore * 1.1, -bore * 0.3),
        Vec3::new(bore * 0.3, size.y * 0.8, bore * 0.3),
        bore * 0.05,
    );
    scale(
        s,
        bore * 0.26,
        bore * 0.32,
        axis + bore * 1.2,
        size.y * 0.78,
    );
}

/// Control valve: a globe body under a round diaphragm actuator.
pub(super) fn control_valve(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let bore = (size.y * 0.13).min(size.z * 0.28);
    let axis = bore * 1.75;
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body).turned(
            &[
                rim(bore * 0.9, -half, 1.0, 0.0),
                rim(bore * 0.95, -half * 0.5, 1.0, -0.3),
                rim(bore * 1.5, 0.0, 1.0, 0.0),
                rim(bore * 0.95, half * 0.5, 1.0, 0.3),
                rim(bore * 0.9, half, 1.0, 0.0),
            ],
            round_segments(bore),
        );
        s.of(Part::Metal);
        for (low, high) in [(-half, -half + bore * 0.34), (half - bore * 0.34, half)] {
            s.cylinder(bore * 1.6, low, high, bore * 0.07);
        }
    });
    let (bonnet, head) = (axis + bore * 2.2, size.y * 0.72);
    s.of(Part::Body)
        .cylinder(bore * 0.8, axis, bonnet, bore * 0.1);
    yoke(s, bore, bonnet, head);
    let (radius, top) = ((size.z * 0.48).min(half * 1.1).max(bore), size.y);
    let middle = f32::midpoint(head, top);
    s.of(Part::Accent).turned(
        &[
            rim(0.0, head, 0.0, -1.0),
            rim(radius * 0.35, head, 0.0, -1.0),
            rim(radius * 0.9, middle - (top - head) * 0.12, 0.5, -1.0),
            rim(radius * 0.9, middle + (top - head) * 0.12, 0.5, 1.0),
            rim(radius * 0.35, top - (top - head) * 0.1, 0.4, 1.0),
            rim(0.0, top - (top - head) * 0.05, 0.0, 1.0),
        ],
        round_segments(radius),
    );
    s.of(Part::Metal).ring(
        radius * 0.8,
        radius,
        middle - (top - head) * 0.05,
        middle + (top - head) * 0.05,
    );
    s.cylinder(radius * 0.1, top - (top - head) * 0.1, top, 0.0);
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
    scale(
        s,
        bore * 0.4,
        bore * 0.14,
        low + bore * 0.3,
        high - bore * 0.3,
    );
}

/// A scale of the position at the front and at the back.
fn scale(s: &mut Sketch, half: f32, proud: f32, low: f32, high: f32) {
    s.of(Part::Gauge);
    for side in [-1.0_f32, 1.0] {
        // `Wheel` with no lift: the shader reads the position instead of the fill.
        s.moving(Motion::Wheel { lift: 0.0 }, |s| {
            let across = Vec3::X * half * side;
            let middle = Vec3::Z * proud * side;
            let (low, high) = (Vec3::Y * low, Vec3::Y * high);
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

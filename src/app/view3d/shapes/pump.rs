//! Pumps: a centrifugal pump with its motor, and a small dosing pump.

use bevy::math::{Quat, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::Part;
use super::machine::{coupling, foot, motor};

/// Centrifugal pump with motor on a base, suction to the left, discharge upwards.
pub(super) fn pump(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let plinth = size.y * 0.12;
    let radius = (size.y * 0.34).min(size.z * 0.46).min(size.x * 0.3);
    let axis = plinth + radius * 1.05;
    // Foundation and steel frame.
    s.of(Part::Concrete).block(
        Vec3::new(-half, 0.0, -size.z * 0.5),
        Vec3::new(half, plinth * 0.7, size.z * 0.5),
        plinth * 0.15,
    );
    s.of(Part::Metal).block(
        Vec3::new(-half * 0.94, plinth * 0.7, -size.z * 0.42),
        Vec3::new(half * 0.96, plinth, size.z * 0.42),
        plinth * 0.05,
    );
    let middle = -half * 0.5;
    volute(s, Vec3::new(middle, axis, 0.0), radius, half, size.y);
    let bearing = middle + radius * 0.45;
    s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
        s.of(Part::Body)
            .cylinder(radius * 0.42, bearing, -half * 0.14, radius * 0.06);
    });
    coupling(s, -half * 0.14, half * 0.1, axis, radius * 0.42);
    foot(
        s,
        Vec3::new(half * 0.52, plinth, 0.0),
        half * 0.24,
        axis,
        radius * 0.9,
    );
    motor(s, half * 0.1, half * 0.98, axis, radius * 0.82);
}

/// The casing with its suction and discharge flanges.
fn volute(s: &mut Sketch, middle: Vec3, radius: f32, half: f32, height: f32) {
    let thick = radius * 0.46;
    s.along_x(middle, |s| {
        s.of(Part::Body);
        let profile = [
            rim(0.0, -thick, 0.0, -1.0),
            rim(radius * 0.62, -thick, 0.0, -1.0),
            rim(radius * 0.9, -thick * 0.66, 0.8, -0.7),
            rim(radius, 0.0, 1.0, 0.0),
            rim(radius * 0.9, thick * 0.66, 0.8, 0.7),
            rim(radius * 0.62, thick, 0.0, 1.0),
            rim(0.0, thick, 0.0, 1.0),
        ];
        s.turned(&profile, round_segments(radius).max(24));
        // Suction: a pipe end towards the left.
        let (bore, end) = (radius * 0.4, -half - middle.x);
        s.cylinder(bore, end + bore * 0.1, -thick * 0.9, bore * 0.05);
        s.of(Part::Metal)
            .cylinder(bore * 1.5, end, end + bore * 0.34, bore * 0.08);
    });
    // Discharge: upwards beside the middle, tangential to the casing.
    s.at(middle + Vec3::Z * radius * 0.5, |s| {
        let (bore, top) = (radius * 0.34, height - middle.y);
        s.of(Part::Body).turned(
            &[
                rim(bore * 1.25, 0.0, 1.0, 0.0),
                rim(bore, top * 0.55, 1.0, 0.1),
                rim(bore, top - bore * 0.2, 1.0, 0.0),
            ],
            round_segments(bore),
        );
        s.of(Part::Metal)
            .cylinder(bore * 1.55, top - bore * 0.36, top, bore * 0.08);
    });
    // Feet of the casing.
    s.of(Part::Body);
    for side in [-1.0, 1.0] {
        s.at(Vec3::new(middle.x, 0.0, side * radius * 0.6), |s| {
            s.block(
                Vec3::new(-thick * 0.8, middle.y - radius * 1.05, -radius * 0.12),
                Vec3::new(thick * 0.8, middle.y - radius * 0.3, radius * 0.12),
                radius * 0.03,
            );
        });
    }
}

/// Small dosing pump: drive box, head with its two hoses, stroke knob.
pub(super) fn dosing_pump(s: &mut Sketch, size: Vec3) {
    let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
    let base = size.y * 0.14;
    s.of(Part::Concrete)
        .block(-half, half + Vec3::Y * base, base * 0.15);
    s.of(Part::Body).block(
        Vec3::new(-half.x * 0.2, base, -half.z * 0.66),
        Vec3::new(half.x * 0.86, size.y * 0.9, half.z * 0.66),
        size.min_element() * 0.08,
    );
    // The display and the knob look to the front.
    s.of(Part::Dark).face(panel(
        Vec3::new(half.x * 0.32, size.y * 0.68, half.z * 0.665),
        half.x * 0.36,
        size.y * 0.1,
    ));
    let radius = size.y.min(size.z) * 0.14;
    let front = Quat::from_rotation_x(std::f32::consts::FRAC_PI_2);
    s.placed(
        Vec3::new(half.x * 0.32, size.y * 0.38, half.z * 0.64),
        front,
        |s| {
            s.of(Part::Handle)
                .cylinder(radius, 0.0, half.z * 0.3, radius * 0.12);
        },
    );
    // Head.
    let axis = size.y * 0.48;
    let head = (size.y * 0.26).min(half.z * 0.7).min(half.x * 0.9);
    s.along_x(Vec3::new(0.0, axis, 0.0), |s| {
        s.of(Part::Metal);
        s.cylinder(head * 0.7, -half.x * 0.4, -half.x * 0.15, head * 0.08);
        s.of(Part::Accent);
        s.cylinder(head, -half.x * 0.72, -half.x * 0.38, head * 0.12);
    });
    let bore = head * 0.16;
    s.of(Part::Metal);
    let x = -half.x * 0.55;
    s.tube(
        &[
            Vec3::new(x, axis + head * 0.8, 0.0),
            Vec3::new(x, size.y - bore, 0.0),
            Vec3::new(-half.x, size.y - bore, 0.0),
        ],
        bore,
        8,
    );
    s.tube(
        &[
            Vec3::new(x, axis - head * 0.8, 0.0),
            Vec3::new(x, base + bore * 1.5, 0.0),
            Vec3::new(-half.x, base + bore * 1.5, 0.0),
        ],
        bore,
        8,
    );
}

fn panel(middle: Vec3, half: f32, tall: f32) -> [Vec3; 4] {
    [
        middle + Vec3::new(-half, -tall, 0.0),
        middle + Vec3::new(half, -tall, 0.0),
        middle + Vec3::new(half, tall, 0.0),
        middle + Vec3::new(-half, tall, 0.0),
    ]
}

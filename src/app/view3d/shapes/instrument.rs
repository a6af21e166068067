//! Instruments: a post with a round head whose dial looks to both sides.

use std::f32::consts::{FRAC_PI_2, TAU};

use bevy::math::{Quat, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::Part;

/// Instrument on a stand.
pub(super) fn instrument(s: &mut Sketch, size: Vec3) {
    let wide = size.x.max(size.z).min(size.y * 0.9);
    let head = (wide * 0.48).min(size.y * 0.3);
    let middle = size.y - head * 1.04;
    let post = head * 0.17;
    s.of(Part::Concrete)
        .cylinder(head * 0.7, 0.0, size.y * 0.04, head * 0.08);
    s.of(Part::Metal)
        .cylinder(post, 0.0, middle - head * 0.7, post * 0.2);
    s.cylinder(
        post * 2.1,
        middle - head * 1.12,
        middle - head * 0.8,
        post * 0.3,
    );
    // The head: a drum that looks a little upwards, to the front and to the back.
    let tilt = Quat::from_rotation_x(FRAC_PI_2 * 0.86);
    s.placed(Vec3::Y * middle, tilt, |s| {
        let thick = head * 0.36;
        s.of(Part::Body);
        s.turned(
            &[
                rim(head * 0.82, -thick * 0.9, 0.0, -1.0),
                rim(head * 0.92, -thick, 0.0, -1.0),
                rim(head, -thick * 0.75, 1.0, 0.0),
                rim(head, thick * 0.75, 1.0, 0.0),
                rim(head * 0.92, thick, 0.0, 1.0),
                rim(head * 0.82, thick * 0.9, 0.0, 1.0),
            ],
            round_segments(head).max(20),
        );
        for back in [0.0, std::f32::consts::PI] {
            s.placed(Vec3::ZERO, Quat::from_rotation_z(back), |s| {
                dial(s, head * 0.84, thick * 0.88);
            });
        }
    });
    // A cable gland and the stub towards the process.
    s.of(Part::Metal);
    let stub = [
        Vec3::new(0.0, size.y * 0.3, 0.0),
        Vec3::new(wide * 0.32, size.y * 0.3, 0.0),
        Vec3::new(wide * 0.42, size.y * 0.2, 0.0),
        Vec3::new(wide * 0.42, 0.0, 0.0),
    ];
    s.tube(&stub, post * 0.5, 6);
}

/// A light face with ticks on a dark rim and a hand at rest.
fn dial(s: &mut Sketch, radius: f32, height: f32) {
    let face = [rim(radius, height, 0.0, 1.0), rim(0.0, height, 0.0, 1.0)];
    s.of(Part::Dial).turned(&face, 24);
    let top = height + radius * 0.03;
    s.of(Part::Dark);
    for tick in 0..9 {
        let turn = Quat::from_rotation_y(TAU * (tick as f32 / 12.0 - 0.0833));
        s.placed(Vec3::Y * top, turn, |s| {
            stroke(s, radius * 0.74, radius * 0.9, radius);
        });
    }
    let turn = Quat::from_rotation_y(TAU * 0.3);
    s.placed(Vec3::Y * top, turn, |s| {
        stroke(s, -radius * 0.15, radius * 0.66, radius);
    });
}

/// A flat stroke along x on the face of a dial.
fn stroke(s: &mut Sketch, from: f32, to: f32, radius: f32) {
    let half = radius * 0.038;
    s.face([
        Vec3::new(from, 0.0, half),
        Vec3::new(to, 0.0, half),
        Vec3::new(to, 0.0, -half),
        Vec3::new(from, 0.0, -half),
    ]);
}

//! Process vessels: lying, conical and round tanks, columns, shell-and-tube heat exchangers.

use std::f32::consts::FRAC_PI_2;

use bevy::math::{Quat, Vec3};

use super::super::mesh::{Rim, Sketch, rim, round_segments};
use super::super::part::{Motion, Part};

/// Lying cylinder with dished ends on two saddles, with a level glass at the front.
pub(super) fn horizontal_tank(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.42).min(size.z * 0.46).min(size.x * 0.4);
    let axis = size.y - radius * 1.12;
    let half = size.x * 0.5 - radius * 0.1;
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body)
            .turned(&capsule(radius, half, radius * 0.5), round_segments(radius));
        s.of(Part::Metal);
        for at in [-0.45, 0.45] {
            let middle = half * at;
            let band = radius * 0.05;
            s.ring(radius * 0.99, radius * 1.03, middle - band, middle + band);
        }
    });
    for side in [-1.0, 1.0] {
        saddle(s, side * half * 0.58, axis, radius);
    }
    // A nozzle and a manhole on top.
    s.at(Vec3::new(half * 0.2, axis, 0.0), |s| {
        s.of(Part::Body)
            .cylinder(radius * 0.2, radius * 0.8, radius * 1.06, 0.0);
        s.of(Part::Metal)
            .cylinder(radius * 0.28, radius * 1.04, radius * 1.12, radius * 0.02);
    });
    s.at(Vec3::new(-half * 0.5, axis, 0.0), |s| {
        s.of(Part::Metal)
            .cylinder(radius * 0.09, radius * 0.8, radius * 1.1, radius * 0.02);
    });
    // The glass stands clear of the shell, and reads over its whole height.
    let (low, high) = (axis - radius * 0.86, axis + radius * 0.86);
    for side in [-1.0_f32, 1.0] {
        let turn = Quat::from_rotation_y(if side > 0.0 {
            0.0
        } else {
            std::f32::consts::PI
        });
        s.placed(Vec3::new(half * 0.5 * side, 0.0, 0.0), turn, |s| {
            level_glass(s, radius * 1.02, radius * 0.14, low, high);
        });
    }
}

/// A flat glass at the front, `out` m from the axis, between two heights.
fn level_glass(s: &mut Sketch, out: f32, wide: f32, low: f32, high: f32) {
    let frame = wide * 0.35;
    s.of(Part::Gauge).face([
        Vec3::new(-wide, low, out + frame),
        Vec3::new(wide, low, out + frame),
        Vec3::new(wide, high, out + frame),
        Vec3::new(-wide, high, out + frame),
    ]);
    s.of(Part::Metal);
    for side in [-1.0, 1.0] {
        let x = side * (wide + frame * 0.5);
        s.block(
            Vec3::new(x - frame * 0.5, low - frame, out),
            Vec3::new(x + frame * 0.5, high + frame, out + frame * 1.3),
            0.0,
        );
    }
    // What holds it to the shell.
    for height in [low - frame * 0.5, high + frame * 0.5] {
        s.block(
            Vec3::new(-wide - frame, height - frame * 0.5, 0.0),
            Vec3::new(wide + frame, height + frame * 0.5, out + frame * 1.3),
            0.0,
        );
    }
}

/// The outline of a lying vessel, from its left end to its right.
fn capsule(radius: f32, half: f32, dish: f32) -> Vec<Rim> {
    let shell = half - dish;
    let mut profile = Vec::new();
    for step in 0..=6 {
        let angle = FRAC_PI_2 * (1.0 - step as f32 / 6.0);
        let (sin, cos) = angle.sin_cos();
        profile.push(rim(
            radius * cos.max(0.0),
            -shell - dish * sin,
            cos * dish,
            -sin * radius,
        ));
    }
    for step in 0..=6 {
        let angle = FRAC_PI_2 * step as f32 / 6.0;
        let (sin, cos) = angle.sin_cos();
        profile.push(rim(
            radius * cos.max(0.0),
            shell + dish * sin,
            cos * dish,
            sin * radius,
        ));
    }
    if let [first, .., last] = profile.as_mut_slice() {
        *first = rim(0.0, -shell - dish, 0.0, -1.0);
        *last = rim(0.0, shell + dish, 0.0, 1.0);
    }
    profile
}

fn saddle(s: &mut Sketch, x: f32, axis: f32, radius: f32) {
    let (thick, wide) = (radius * 0.12, radius * 0.72);
    s.of(Part::Concrete).block(
        Vec3::new(x - thick * 1.8, 0.0, -wide * 1.1),
        Vec3::new(x + thick * 1.8, axis * 0.12, wide * 1.1),
        0.0,
    );
    s.of(Part::Metal).block(
        Vec3::new(x - thick, axis * 0.12, -wide),
        Vec3::new(x + thick, axis - radius * 0.55, wide),
        thick * 0.1,
    );
}

/// Upright tank with a cone below, on legs: hoppers and silos.
pub(super) fn conical_tank(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.46;
    let (outlet, knee) = (size.y * 0.12, size.y * 0.42);
    let eaves = size.y * 0.9;
    s.of(Part::Body).turned(
        &[
            rim(0.0, outlet, 0.0, -1.0),
            rim(radius * 0.14, outlet, 0.0, -1.0),
            rim(radius * 0.14, outlet, 1.0, -0.6),
            rim(radius, knee, 1.0, -0.6),
            rim(radius, knee, 1.0, 0.0),
            rim(radius, eaves, 1.0, 0.0),
            rim(radius, eaves, 0.4, 1.0),
            rim(radius * 0.16, size.y * 0.985, 0.4, 1.0),
            rim(0.0, size.y * 0.985, 0.0, 1.0),
        ],
        round_segments(radius),
    );
    super::tank::level_strips(s, radius, knee + radius * 0.04, eaves - radius * 0.04, 0.34);
    s.of(Part::Metal);
    for height in [knee, eaves] {
        let band = radius * 0.03;
        s.ring(radius * 0.98, radius * 1.04, height - band, height + band);
    }
    s.cylinder(radius * 0.2, outlet * 0.72, outlet * 1.02, radius * 0.02);
    s.cylinder(radius * 0.2, size.y * 0.975, size.y, radius * 0.02);
    for leg in 0..4 {
        let turn = Quat::from_rotation_y(FRAC_PI_2 * (leg as f32 + 0.5));
        s.placed(Vec3::ZERO, turn, |s| {
            let wide = radius * 0.07;
            s.of(Part::Metal).block(
                Vec3::new(radius - wide, 0.0, -wide),
                Vec3::new(radius + wide, knee + radius * 0.2, wide),
                0.0,
            );
            s.of(Part::Concrete).block(
                Vec3::new(radius - wide * 1.7, 0.0, -wide * 1.7),
                Vec3::new(radius + wide * 1.7, size.y * 0.015, wide * 1.7),
                0.0,
            );
        });
    }
}

/// Ball on columns: gas under pressure.
pub(super) fn sphere(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.42).min(size.x.min(size.z) * 0.47);
    let middle = size.y - radius * 1.06;
    let profile: Vec<_> = (0..=18)
        .map(|step| {
            let angle = std::f32::consts::PI * (step as f32 / 18.0 - 0.5);
            let (sin, cos) = angle.sin_cos();
            let out = if step == 0 || step == 18 { 0.0 } else { cos };
            rim(radius * out, middle + radius * sin, out, sin)
        })
        .collect();
    s.of(Part::Body).turned(&profile, round_segments(radius));
    super::tank::level_strips(
        s,
        radius,
        middle - radius * 0.16,
        middle + radius * 0.16,
        0.3,
    );
    let legs = 8;
    for leg in 0..legs {
        let turn = Quat::from_rotation_y(std::f32::consts::TAU * leg as f32 / legs as f32);
        s.placed(Vec3::ZERO, turn, |s| {
            let at = radius * 0.92;
            s.at(Vec3::X * at, |s| {
                s.of(Part::Metal)
                    .cylinder(radius * 0.045, 0.0, middle, radius * 0.01);
                s.of(Part::Concrete)
                    .cylinder(radius * 0.1, 0.0, size.y * 0.02, radius * 0.01);
            });
            // Bracing to the next leg.
            let next = Quat::from_rotation_y(std::f32::consts::TAU / legs as f32) * (Vec3::X * at);
            s.of(Part::Metal).tube(
                &[
                    Vec3::new(at, middle * 0.15, 0.0),
                    next + Vec3::Y * middle * 0.75,
                ],
                radius * 0.014,
                5,
            );
        });
    }
    s.at(Vec3::Y * middle, |s| {
        s.of(Part::Metal)
            .ring(radius * 0.16, radius * 0.2, radius * 1.0, radius * 1.05);
        s.cylinder(radius * 0.08, radius * 0.96, radius * 1.03, 0.0);
    });
}

/// Tall distillation or absorption column on its skirt, with platforms.
pub(super) fn column(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.34;
    let (skirt, top) = (size.y * 0.1, size.y - radius * 0.7);
    s.of(Part::Concrete)
        .cylinder(radius * 1.3, 0.0, size.y * 0.012, radius * 0.02);
    s.of(Part::Metal).turned(
        &[
            rim(radius * 1.12, size.y * 0.012, 1.0, 0.1),
            rim(radius, skirt, 1.0, 0.1),
        ],
        round_segments(radius),
    );
    let mut profile = vec![rim(radius, skirt, 1.0, 0.0), rim(radius, top, 1.0, 0.0)];
    for step in 1..=6 {
        let (sin, cos) = (FRAC_PI_2 * step as f32 / 6.0).sin_cos();
        let out = if step == 6 { 0.0 } else { cos };
        profile.push(rim(radius * out, top + radius * 0.6 * sin, out, sin));
    }
    s.of(Part::Body).turned(&profile, round_segments(radius));
    super::tank::level_strips(s, radius, skirt * 1.1, skirt + (top - skirt) * 0.16, 0.3);
    s.of(Part::Metal);
    for share in [0.3, 0.55, 0.8] {
        let height = skirt + (top - skirt) * share;
        s.ring(radius, radius * 1.5, height, height + size.y * 0.004);
        s.ring(
            radius * 1.46,
            radius * 1.5,
            height + radius * 0.3,
            height + radius * 0.34,
        );
        for post in 0..8 {
            let turn = Quat::from_rotation_y(std::f32::consts::TAU * post as f32 / 8.0);
            s.placed(Vec3::Y * height, turn, |s| {
                let bar = radius * 0.02;
                s.block(
                    Vec3::new(radius * 1.46 - bar, 0.0, -bar),
                    Vec3::new(radius * 1.46 + bar, radius * 0.32, bar),
                    0.0,
                );
            });
        }
    }
    // The overhead line: up from the head, over and down the side.
    let bore = radius * 0.14;
    let out = radius * 1.32;
    s.of(Part::Body).tube(
        &[
            Vec3::new(0.0, top, 0.0),
            Vec3::new(0.0, size.y - bore, 0.0),
            Vec3::new(out, size.y - bore, 0.0),
            Vec3::new(out, size.y * 0.02, 0.0),
        ],
        bore,
        10,
    );
    s.of(Part::Metal);
    for share in [0.2, 0.45, 0.7] {
        let height = skirt + (top - skirt) * share;
        s.along_x(Vec3::new(-radius, height, 0.0), |s| {
            s.cylinder(bore, -bore * 2.0, bore, 0.0);
            s.cylinder(bore * 1.6, -bore * 2.4, -bore * 1.8, 0.0);
        });
    }
}

/// Lying shell-and-tube heat exchanger on saddles, its channel head to the left.
pub(super) fn heat_exchanger(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.3).min(size.z * 0.44).min(size.x * 0.2);
    let axis = size.y - radius * 1.75;
    let half = size.x * 0.5;
    let joint = radius * 0.12;
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body);
        s.cylinder(radius * 0.9, -half * 0.62, half * 0.8, 0.0);
        // The bonnet at the right, and the channel at the left.
        s.turned(
            &[
                rim(radius * 0.9, half * 0.78, 1.0, 0.0),
                rim(radius * 0.86, half * 0.88, 1.0, 0.4),
                rim(radius * 0.5, half * 0.98, 0.6, 1.0),
                rim(0.0, half, 0.0, 1.0),
            ],
            round_segments(radius),
        );
        s.of(Part::Accent)
            .cylinder(radius * 0.9, -half * 0.94, -half * 0.62, 0.0);
        s.of(Part::Metal);
        for at in [-half * 0.98, -half * 0.62, half * 0.78] {
            s.cylinder(radius, at, at + joint, joint * 0.2);
            s.cylinder(radius, at + joint * 1.2, at + joint * 2.2, joint * 0.2);
        }
    });
    for (x, up) in [(-0.5, true), (0.66, true), (-0.8, true), (-0.8, false)] {
        let (bore, way) = (radius * 0.26, if up { 1.0 } else { -1.0 });
        let turn = Quat::from_rotation_x(if up { 0.0 } else { std::f32::consts::PI });
        let reach = if way > 0.0 { size.y - axis } else { axis * 0.8 };
        s.placed(Vec3::new(half * x, axis, 0.0), turn, |s| {
            s.of(Part::Body)
                .cylinder(bore, radius * 0.6, reach - joint * 0.5, 0.0);
            s.of(Part::Metal)
                .cylinder(bore * 1.55, reach - joint, reach, joint * 0.1);
        });
    }
    for x in [-half * 0.3, half * 0.5] {
        s.of(Part::Metal).block(
            Vec3::new(x - radius * 0.14, 0.0, -radius * 0.7),
            Vec3::new(x + radius * 0.14, axis - radius * 0.5, radius * 0.7),
            0.0,
        );
    }
}

/// Compressor set: a casing driven by a motor, over an oil tank, with its after-cooler.
pub(super) fn compressor(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let base = size.y * 0.16;
    let radius = (size.y * 0.28).min(size.z * 0.4).min(size.x * 0.2);
    let axis = base + radius * 1.15;
    s.of(Part::Concrete).block(
        Vec3::new(-half, 0.0, -size.z * 0.5),
        Vec3::new(half, base * 0.3, size.z * 0.5),
        base * 0.05,
    );
    s.of(Part::Metal).block(
        Vec3::new(-half * 0.96, base * 0.3, -size.z * 0.44),
        Vec3::new(half * 0.96, base, size.z * 0.44),
        base * 0.1,
    );
    // The casing is turned, with a split flange along its middle.
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body).turned(
            &[
                rim(0.0, -half * 0.92, 0.0, -1.0),
                rim(radius * 0.4, -half * 0.92, 0.0, -1.0),
                rim(radius * 0.5, -half * 0.84, 1.0, -0.6),
                rim(radius * 0.98, -half * 0.66, 0.7, -0.6),
                rim(radius, -half * 0.45, 1.0, 0.0),
                rim(radius * 0.8, -half * 0.2, 0.8, 0.5),
                rim(radius * 0.42, -half * 0.08, 0.6, 1.0),
                rim(0.0, -half * 0.08, 0.0, 1.0),
            ],
            round_segments(radius).max(28),
        );
    });
    s.of(Part::Metal).block(
        Vec3::new(-half * 0.72, axis - radius * 0.07, -radius * 1.14),
        Vec3::new(-half * 0.22, axis + radius * 0.07, radius * 1.14),
        radius * 0.02,
    );
    for (x, share) in [(-half * 0.62, 1.0), (-half * 0.34, 0.82)] {
        s.at(Vec3::new(x, axis, 0.0), |s| {
            let (bore, top) = (radius * 0.3 * share, size.y - axis);
            s.of(Part::Body)
                .cylinder(bore, radius * 0.6, top * 0.96, 0.0);
            s.of(Part::Metal)
                .cylinder(bore * 1.5, top * 0.93, top, bore * 0.06);
        });
    }
    super::machine::coupling(s, -half * 0.08, half * 0.16, axis, radius * 0.36);
    super::machine::foot(
        s,
        Vec3::new(half * 0.56, base, 0.0),
        half * 0.26,
        axis,
        radius * 0.9,
    );
    super::machine::motor(s, half * 0.16, half * 0.94, axis, radius * 0.84);
    s.of(Part::Metal);
    for x in [-half * 0.66, -half * 0.28] {
        s.block(
            Vec3::new(x - radius * 0.12, base, -radius * 0.7),
            Vec3::new(x + radius * 0.12, axis - radius * 0.5, radius * 0.7),
            0.0,
        );
    }
    // The local panel.
    let panel = Vec3::new(-half * 0.1, base, -size.z * 0.4);
    s.of(Part::Wall).block(
        panel,
        panel + Vec3::new(half * 0.24, size.y * 0.4, size.z * 0.1),
        radius * 0.03,
    );
}

/// Fan or blower wheel that turns in a ring, upright; it stands on a foot.
pub(super) fn fan(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.44).min(size.z * 0.48);
    let axis = size.y - radius * 1.04;
    let half = size.x * 0.5;
    s.along_x(Vec3::Y * axis, |s| {
        s.of(Part::Body)
            .ring(radius * 0.9, radius, -half * 0.6, half * 0.6);
        s.of(Part::Metal)
            .cylinder(radius * 0.16, -half * 0.4, half, radius * 0.02);
    });
    s.moving(Motion::Shaft { y: axis, z: 0.0 }, |s| {
        s.of(Part::Handle);
        for blade in 0..6 {
            let turn = Quat::from_rotation_x(std::f32::consts::TAU * blade as f32 / 6.0);
            let pitch = Quat::from_rotation_y(0.6);
            s.placed(Vec3::Y * axis, turn, |s| {
                s.placed(Vec3::ZERO, pitch, |s| {
                    s.block(
                        Vec3::new(-half * 0.06, radius * 0.14, -radius * 0.16),
                        Vec3::new(half * 0.06, radius * 0.86, radius * 0.16),
                        0.0,
                    );
                });
            });
        }
    });
    s.of(Part::Metal);
    for side in [-1.0, 1.0] {
        s.block(
            Vec3::new(-half * 0.5, 0.0, side * radius * 0.6 - radius * 0.06),
            Vec3::new(
                half * 0.5,
                axis - radius * 0.66,
                side * radius * 0.6 + radius * 0.06,
            ),
            0.0,
        );
    }
    s.block(
        Vec3::new(-half * 0.7, 0.0, -radius * 0.8),
        Vec3::new(half * 0.7, size.y * 0.04, radius * 0.8),
        0.0,
    );
}

//! Hospitals: beds, bedside monitors, scanners; and people as simple figures.

use bevy::math::{Vec2, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::Part;

/// Hospital bed, its head towards −x.
pub(super) fn bed(s: &mut Sketch, size: Vec3) {
    let (half, deep) = (size.x * 0.5, size.z * 0.5);
    let (frame, top) = (size.y * 0.42, size.y * 0.58);
    let bevel = size.z * 0.04;
    for (x, z) in [(-0.8, -0.7), (0.8, -0.7), (-0.8, 0.7), (0.8, 0.7)] {
        super::works::wheel(
            s,
            Vec3::new(half * x, size.y * 0.07, deep * z),
            size.y * 0.07,
            size.z * 0.02,
        );
    }
    s.of(Part::Metal).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.8, size.z * 0.5),
        (size.y * 0.12, size.y * 0.2),
        0.0,
    );
    for x in [-0.4, 0.4] {
        s.slab(
            Vec2::new(half * x, 0.0),
            Vec2::new(size.x * 0.05, size.z * 0.3),
            (size.y * 0.18, frame),
            0.0,
        );
    }
    s.of(Part::Metal).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.94, size.z * 0.94),
        (frame, frame + size.y * 0.05),
        0.0,
    );
    s.of(Part::Dial).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.92, size.z * 0.9),
        (frame + size.y * 0.05, top),
        bevel,
    );
    // The blanket takes the colour of the asset.
    s.of(Part::Body).slab(
        Vec2::new(half * 0.24, 0.0),
        Vec2::new(size.x * 0.66, size.z * 0.94),
        (frame + size.y * 0.08, top + size.y * 0.03),
        bevel,
    );
    s.of(Part::Dial).slab(
        Vec2::new(-half * 0.7, 0.0),
        Vec2::new(size.x * 0.16, size.z * 0.6),
        (top - size.y * 0.02, top + size.y * 0.08),
        bevel * 0.8,
    );
    s.of(Part::Accent);
    for (x, tall) in [(-1.0, 1.0), (1.0, 0.82)] {
        s.slab(
            Vec2::new(x * (half - size.x * 0.015), 0.0),
            Vec2::new(size.x * 0.03, size.z * 0.96),
            (frame - size.y * 0.04, size.y * tall),
            bevel * 0.3,
        );
    }
    s.of(Part::Metal);
    for z in [-1.0, 1.0] {
        for height in [0.68, 0.76] {
            s.along_x(
                Vec3::new(-half * 0.2, size.y * height, z * deep * 0.96),
                |s| {
                    s.cylinder(size.y * 0.014, -half * 0.4, half * 0.4, 0.0);
                },
            );
        }
        for x in [-0.56, 0.16] {
            s.slab(
                Vec2::new(half * x, z * deep * 0.96),
                Vec2::splat(size.y * 0.03),
                (frame, size.y * 0.77),
                0.0,
            );
        }
    }
}

/// Patient monitor on a stand, its screen towards +z.
pub(super) fn monitor(s: &mut Sketch, size: Vec3) {
    let bar = size.x.min(size.z) * 0.05;
    s.of(Part::Metal)
        .cylinder(size.x.min(size.z) * 0.4, 0.0, size.y * 0.03, 0.0);
    s.cylinder(bar, 0.0, size.y * 0.8, 0.0);
    s.of(Part::Body).slab(
        Vec2::ZERO,
        Vec2::new(size.x, size.z * 0.4),
        (size.y * 0.66, size.y),
        bar * 0.6,
    );
    s.of(Part::Glass).block(
        Vec3::new(-size.x * 0.43, size.y * 0.7, size.z * 0.19),
        Vec3::new(size.x * 0.3, size.y * 0.97, size.z * 0.21),
        0.0,
    );
    s.of(Part::Handle);
    for key in 0..4 {
        let height = size.y * (0.72 + 0.065 * key as f32);
        s.block(
            Vec3::new(size.x * 0.35, height, size.z * 0.19),
            Vec3::new(size.x * 0.44, height + size.y * 0.03, size.z * 0.21),
            0.0,
        );
    }
}

/// Scanner: a ring with a table through it along x.
pub(super) fn scanner(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.5).min(size.z * 0.5);
    let half = size.x * 0.5;
    s.along_x(Vec3::new(-half * 0.4, radius, 0.0), |s| {
        s.of(Part::Body)
            .ring(radius * 0.42, radius, -half * 0.22, half * 0.22);
        s.of(Part::Accent)
            .ring(radius * 0.42, radius * 0.5, half * 0.2, half * 0.24);
    });
    s.of(Part::Metal).slab(
        Vec2::new(half * 0.5, 0.0),
        Vec2::new(size.x * 0.36, size.z * 0.24),
        (0.0, radius * 0.7),
        radius * 0.03,
    );
    s.of(Part::Dial).slab(
        Vec2::new(half * 0.12, 0.0),
        Vec2::new(size.x * 0.86, size.z * 0.28),
        (radius * 0.7, radius * 0.8),
        radius * 0.02,
    );
}

/// A standing person as a plain figure; its clothes take the colour of the asset.
pub(super) fn person(s: &mut Sketch, size: Vec3) {
    let wide = size.x.min(size.z * 1.6).min(size.y * 0.32);
    let leg = size.y * 0.47;
    let tube = wide * 0.14;
    s.of(Part::Dark);
    for side in [-1.0, 1.0] {
        s.tube(
            &[
                Vec3::new(side * wide * 0.17, 0.0, 0.0),
                Vec3::new(side * wide * 0.18, leg, 0.0),
            ],
            tube,
            8,
        );
    }
    s.of(Part::Body).turned(
        &[
            rim(0.0, leg * 0.96, 0.0, -1.0),
            rim(wide * 0.3, leg * 0.96, 1.0, -0.2),
            rim(wide * 0.28, size.y * 0.62, 1.0, 0.0),
            rim(wide * 0.36, size.y * 0.78, 1.0, 0.1),
            rim(wide * 0.3, size.y * 0.82, 0.5, 1.0),
            rim(wide * 0.1, size.y * 0.84, 0.3, 1.0),
            rim(0.0, size.y * 0.84, 0.0, 1.0),
        ],
        round_segments(wide * 0.3).max(12),
    );
    for side in [-1.0, 1.0] {
        s.tube(
            &[
                Vec3::new(side * wide * 0.34, size.y * 0.8, 0.0),
                Vec3::new(side * wide * 0.43, size.y * 0.62, wide * 0.04),
                Vec3::new(side * wide * 0.4, size.y * 0.46, wide * 0.16),
            ],
            tube * 0.7,
            7,
        );
    }
    let head = size.y * 0.075;
    let ball: Vec<_> = (0..=8)
        .map(|step| {
            let angle = std::f32::consts::PI * (step as f32 / 8.0 - 0.5);
            let (sin, cos) = angle.sin_cos();
            let out = if step == 0 || step == 8 { 0.0 } else { cos };
            rim(head * 0.82 * out, size.y - head + head * sin, out, sin)
        })
        .collect();
    s.of(Part::Dial).turned(&ball, 12);
    s.cylinder(head * 0.4, size.y * 0.83, size.y * 0.87, 0.0);
}

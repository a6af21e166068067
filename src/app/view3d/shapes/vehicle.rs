//! What drives: AGVs, forklifts, trucks, cars, buses. The front looks towards +x.

use bevy::math::{Vec2, Vec3};

use super::super::mesh::Sketch;
use super::super::part::Part;
use super::works::wheel;

/// Two wheels on an axle at `x`.
fn axle(s: &mut Sketch, x: f32, radius: f32, wide: f32) {
    let half = (wide * 0.09).min(radius * 0.5);
    for side in [-1.0, 1.0] {
        wheel(
            s,
            Vec3::new(x, radius, side * (wide * 0.5 - half * 1.1)),
            radius,
            half,
        );
    }
}

/// Automated guided vehicle: low, with a lift plate and a scanner in front.
pub(super) fn agv(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let bevel = size.min_element() * 0.1;
    let radius = size.y * 0.2;
    s.of(Part::Dark).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.96, size.z * 0.9),
        (size.y * 0.12, size.y * 0.3),
        0.0,
    );
    s.of(Part::Body).slab(
        Vec2::ZERO,
        Vec2::new(size.x, size.z),
        (size.y * 0.28, size.y * 0.86),
        bevel,
    );
    s.of(Part::Metal).slab(
        Vec2::new(-half * 0.06, 0.0),
        Vec2::new(size.x * 0.78, size.z * 0.86),
        (size.y * 0.84, size.y),
        bevel * 0.2,
    );
    s.at(Vec3::new(half * 0.84, 0.0, 0.0), |s| {
        s.of(Part::Dark)
            .cylinder(size.z * 0.1, size.y * 0.8, size.y * 1.0, 0.0);
    });
    // A light band says where its front is.
    s.of(Part::Handle).block(
        Vec3::new(half * 0.985, size.y * 0.5, -size.z * 0.36),
        Vec3::new(half * 1.004, size.y * 0.6, size.z * 0.36),
        0.0,
    );
    for x in [-0.6, 0.6] {
        axle(s, half * x, radius, size.z * 0.94);
    }
}

/// Forklift truck: mast and forks in front, counterweight behind, an open cab.
pub(super) fn forklift(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let (front, rear) = (half * 0.3, -half);
    let radius = size.y * 0.13;
    let bevel = size.z * 0.06;
    s.of(Part::Body).block(
        Vec3::new(rear, size.y * 0.1, -size.z * 0.46),
        Vec3::new(rear + size.x * 0.24, size.y * 0.46, size.z * 0.46),
        bevel,
    );
    s.block(
        Vec3::new(rear + size.x * 0.2, size.y * 0.12, -size.z * 0.44),
        Vec3::new(front, size.y * 0.3, size.z * 0.44),
        bevel * 0.6,
    );
    s.of(Part::Dark).block(
        Vec3::new(rear + size.x * 0.24, size.y * 0.3, -size.z * 0.22),
        Vec3::new(rear + size.x * 0.4, size.y * 0.38, size.z * 0.22),
        bevel * 0.4,
    );
    s.block(
        Vec3::new(rear + size.x * 0.22, size.y * 0.36, -size.z * 0.2),
        Vec3::new(rear + size.x * 0.27, size.y * 0.56, size.z * 0.2),
        bevel * 0.3,
    );
    // The guard over the driver.
    for z in [-0.4, 0.4] {
        for (foot, head) in [
            (rear + size.x * 0.1, rear + size.x * 0.2),
            (front - size.x * 0.03, front - size.x * 0.1),
        ] {
            s.of(Part::Dark).tube(
                &[
                    Vec3::new(foot, size.y * 0.28, size.z * z),
                    Vec3::new(head, size.y * 0.94, size.z * z),
                ],
                size.z * 0.03,
                6,
            );
        }
    }
    s.of(Part::Dark).block(
        Vec3::new(rear + size.x * 0.18, size.y * 0.93, -size.z * 0.43),
        Vec3::new(front - size.x * 0.08, size.y * 0.96, size.z * 0.43),
        0.0,
    );
    // Mast and forks.
    for z in [-0.3, 0.3] {
        s.of(Part::Metal).slab(
            Vec2::new(front + size.x * 0.04, size.z * z),
            Vec2::new(size.x * 0.04, size.z * 0.08),
            (size.y * 0.05, size.y),
            0.0,
        );
        s.of(Part::Dark).block(
            Vec3::new(
                front + size.x * 0.05,
                size.y * 0.04,
                size.z * z - size.z * 0.06,
            ),
            Vec3::new(half, size.y * 0.065, size.z * z + size.z * 0.06),
            0.0,
        );
    }
    s.of(Part::Metal).block(
        Vec3::new(front + size.x * 0.04, size.y * 0.06, -size.z * 0.36),
        Vec3::new(front + size.x * 0.075, size.y * 0.3, size.z * 0.36),
        0.0,
    );
    axle(s, front - size.x * 0.06, radius, size.z);
    axle(s, rear + size.x * 0.14, radius * 0.8, size.z * 0.94);
}

/// Lorry with a box body.
pub(super) fn truck(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let radius = (size.y * 0.14).min(size.x * 0.07);
    let bevel = size.z * 0.04;
    let cab = half - (size.x * 0.22).min(size.z);
    let chassis = (radius * 0.9, radius * 1.7);
    s.of(Part::Dark).block(
        Vec3::new(-half, chassis.0, -size.z * 0.3),
        Vec3::new(half * 0.96, chassis.1, size.z * 0.3),
        0.0,
    );
    s.of(Part::Dial).block(
        Vec3::new(-half, chassis.1, -size.z * 0.5),
        Vec3::new(cab - size.x * 0.02, size.y, size.z * 0.5),
        bevel * 0.4,
    );
    s.of(Part::Body).block(
        Vec3::new(cab, radius * 0.8, -size.z * 0.47),
        Vec3::new(half, size.y * 0.78, size.z * 0.47),
        bevel,
    );
    windows(
        s,
        (cab, half),
        (size.y * 0.48, size.y * 0.7),
        size.z * 0.47,
        (true, false),
    );
    lights(s, half, size.y * 0.24, size.z * 0.47);
    for x in [
        half - size.x * 0.12,
        -half + size.x * 0.2,
        -half + size.x * 0.09,
    ] {
        axle(s, x, radius, size.z * 0.98);
    }
}

/// Passenger car.
pub(super) fn car(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let radius = (size.y * 0.23).min(size.x * 0.1);
    let bevel = size.z * 0.1;
    let waist = size.y * 0.6;
    s.of(Part::Dark).block(
        Vec3::new(-half * 0.94, radius * 0.5, -size.z * 0.44),
        Vec3::new(half * 0.94, radius * 1.2, size.z * 0.44),
        0.0,
    );
    s.of(Part::Body).block(
        Vec3::new(-half, radius * 0.8, -size.z * 0.5),
        Vec3::new(half, waist, size.z * 0.5),
        bevel,
    );
    cabin(
        s,
        (-half * 0.72, half * 0.36),
        (waist, size.y),
        size.z * 0.47,
    );
    lights(s, half, size.y * 0.44, size.z * 0.46);
    for x in [-0.6, 0.62] {
        axle(s, half * x, radius, size.z);
    }
}

/// A glass house that leans inwards, with its roof in the colour of the body.
fn cabin(s: &mut Sketch, x: (f32, f32), y: (f32, f32), half: f32) {
    let long = x.1 - x.0;
    let (lean, inset) = (long * 0.16, half * 0.14);
    let foot = [
        Vec3::new(x.0, y.0, half),
        Vec3::new(x.1, y.0, half),
        Vec3::new(x.1, y.0, -half),
        Vec3::new(x.0, y.0, -half),
    ];
    let top = y.1 - (y.1 - y.0) * 0.1;
    let head = [
        Vec3::new(x.0 + lean * 0.7, top, half - inset),
        Vec3::new(x.1 - lean * 1.6, top, half - inset),
        Vec3::new(x.1 - lean * 1.6, top, inset - half),
        Vec3::new(x.0 + lean * 0.7, top, inset - half),
    ];
    s.of(Part::Glass);
    for side in 0..4 {
        let next = (side + 1) % 4;
        s.face([foot[side], foot[next], head[next], head[side]]);
    }
    s.of(Part::Body).block(
        head[3] - Vec3::Y * (y.1 - y.0) * 0.06,
        Vec3::new(head[1].x, y.1, head[0].z),
        (y.1 - y.0) * 0.06,
    );
    // The pillars between the doors.
    let middle = f32::midpoint(x.0, x.1) - lean * 0.2;
    for side in [-1.0, 1.0] {
        s.tube(
            &[
                Vec3::new(middle, y.0, side * half),
                Vec3::new(middle, top, side * (half - inset)),
            ],
            long * 0.025,
            5,
        );
    }
}

/// City bus.
pub(super) fn bus(s: &mut Sketch, size: Vec3) {
    let half = size.x * 0.5;
    let radius = (size.y * 0.16).min(size.x * 0.05);
    let bevel = size.z * 0.06;
    s.of(Part::Dark).block(
        Vec3::new(-half * 0.98, radius * 0.5, -size.z * 0.46),
        Vec3::new(half * 0.98, radius, size.z * 0.46),
        0.0,
    );
    s.of(Part::Body).block(
        Vec3::new(-half, radius * 0.8, -size.z * 0.5),
        Vec3::new(half, size.y * 0.94, size.z * 0.5),
        bevel,
    );
    windows(
        s,
        (-half * 0.96, half),
        (size.y * 0.45, size.y * 0.82),
        size.z * 0.5,
        (true, true),
    );
    s.of(Part::Metal).block(
        Vec3::new(-half * 0.6, size.y * 0.93, -size.z * 0.3),
        Vec3::new(half * 0.1, size.y, size.z * 0.3),
        bevel * 0.4,
    );
    lights(s, half, size.y * 0.26, size.z * 0.48);
    for x in [-0.55, 0.6] {
        axle(s, half * x, radius, size.z * 1.0);
    }
}

/// Panes along both sides, in front, and behind if asked for; they stand out a little.
fn windows(s: &mut Sketch, x: (f32, f32), y: (f32, f32), half: f32, ends: (bool, bool)) {
    let proud = half * 0.012;
    let long = x.1 - x.0;
    let panes = ((long / (half * 1.1)).round() as usize).clamp(1, 9);
    let pane = long / panes as f32;
    s.of(Part::Glass);
    for place in 0..panes {
        let middle = x.0 + pane * (place as f32 + 0.5);
        for side in [-1.0, 1.0] {
            s.slab(
                Vec2::new(middle, side * half),
                Vec2::new(pane * 0.86, proud * 2.0),
                y,
                0.0,
            );
        }
    }
    for (end, wanted) in [(x.1, ends.0), (x.0, ends.1)] {
        if wanted {
            s.slab(
                Vec2::new(end, 0.0),
                Vec2::new(proud * 2.0, half * 1.76),
                y,
                0.0,
            );
        }
    }
}

/// Two lamps in front.
fn lights(s: &mut Sketch, front: f32, height: f32, half: f32) {
    s.of(Part::Dial);
    for side in [-1.0, 1.0] {
        s.slab(
            Vec2::new(front, side * half * 0.76),
            Vec2::new(half * 0.03, half * 0.3),
            (height - half * 0.09, height + half * 0.09),
            0.0,
        );
    }
}

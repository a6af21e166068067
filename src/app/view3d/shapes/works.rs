//! Machines of a factory hall: robots, machine tools, fillers, palletisers, racks, pallets.

use std::f32::consts::TAU;

use bevy::math::{Quat, Vec2, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::{Motion, Part};

/// Articulated robot with six axes on a pedestal, its arm towards +x.
pub(super) fn robot(s: &mut Sketch, size: Vec3) {
    let reach = size.x.min(size.y * 1.2);
    let foot = (reach * 0.16).min(size.z * 0.48);
    let middle = -size.x * 0.5 + foot * 1.2;
    let shoulder = Vec3::new(middle + foot * 0.3, size.y * 0.36, 0.0);
    let elbow = Vec3::new(middle + reach * 0.16, size.y * 0.88, 0.0);
    let wrist = Vec3::new(size.x * 0.5 - reach * 0.14, size.y * 0.74, 0.0);
    s.at(Vec3::X * middle, |s| {
        s.of(Part::Concrete)
            .cylinder(foot * 1.15, 0.0, size.y * 0.03, 0.0);
        s.of(Part::Dark)
            .cylinder(foot, size.y * 0.03, size.y * 0.14, foot * 0.06);
        s.of(Part::Body).turned(
            &[
                rim(foot * 0.92, size.y * 0.14, 1.0, 0.0),
                rim(foot * 0.86, size.y * 0.28, 1.0, 0.3),
                rim(foot * 0.5, size.y * 0.38, 0.6, 1.0),
                rim(0.0, size.y * 0.38, 0.0, 1.0),
            ],
            round_segments(foot),
        );
    });
    joint(s, shoulder, foot * 0.5, foot * 0.62);
    arm(s, shoulder, elbow, foot * 0.34);
    joint(s, elbow, foot * 0.4, foot * 0.5);
    arm(s, elbow, wrist, foot * 0.24);
    joint(s, wrist, foot * 0.22, foot * 0.3);
    // The hand, with two fingers.
    let hand = wrist - Vec3::Y * size.y * 0.16;
    arm(s, wrist, hand, foot * 0.16);
    s.of(Part::Metal).slab(
        Vec2::new(hand.x, 0.0),
        Vec2::new(foot * 0.5, foot * 0.8),
        (hand.y - foot * 0.08, hand.y + foot * 0.04),
        0.0,
    );
    for side in [-1.0, 1.0] {
        s.of(Part::Dark).slab(
            Vec2::new(hand.x, side * foot * 0.32),
            Vec2::new(foot * 0.36, foot * 0.08),
            (hand.y - foot * 0.5, hand.y),
            0.0,
        );
    }
}

/// A round joint that turns about z.
fn joint(s: &mut Sketch, at: Vec3, radius: f32, half: f32) {
    s.along_z(at, |s| {
        s.of(Part::Dark)
            .cylinder(radius * 0.8, -half, half, radius * 0.08);
        s.of(Part::Body)
            .cylinder(radius, -half * 0.74, half * 0.74, radius * 0.08);
    });
}

/// A link between two joints that narrows towards its end.
fn arm(s: &mut Sketch, from: Vec3, to: Vec3, radius: f32) {
    let along = (to - from).normalize_or(Vec3::Y);
    let turn = Quat::from_rotation_arc(Vec3::Y, along);
    let length = from.distance(to);
    s.placed(from, turn, |s| {
        s.of(Part::Body).turned(
            &[
                rim(0.0, 0.0, 0.0, -1.0),
                rim(radius * 1.15, 0.0, 1.0, 0.1),
                rim(radius, length * 0.3, 1.0, 0.1),
                rim(radius * 0.8, length, 1.0, 0.1),
                rim(0.0, length, 0.0, 1.0),
            ],
            round_segments(radius),
        );
    });
}

/// Machining centre: an enclosure with a window, doors and a panel on an arm.
pub(super) fn machine_tool(s: &mut Sketch, size: Vec3) {
    let (half, deep) = (size.x * 0.5, size.z * 0.5);
    let bevel = size.min_element() * 0.03;
    s.of(Part::Dark).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.96, size.z * 0.92),
        (0.0, size.y * 0.08),
        0.0,
    );
    s.of(Part::Body).block(
        Vec3::new(-half, size.y * 0.06, -deep),
        Vec3::new(half * 0.72, size.y, deep * 0.86),
        bevel,
    );
    s.block(
        Vec3::new(half * 0.7, size.y * 0.06, -deep),
        Vec3::new(half, size.y * 0.78, deep * 0.6),
        bevel,
    );
    // The front: a wide window between two doors, and a band of the maker's colour.
    let front = deep * 0.86;
    let plate = size.z * 0.014;
    let mut front_plate = |part: Part, x: (f32, f32), y: (f32, f32), proud: f32| {
        s.of(part).block(
            Vec3::new(half * x.0, size.y * y.0, front - plate),
            Vec3::new(half * x.1, size.y * y.1, front + plate * proud),
            0.0,
        );
    };
    front_plate(Part::Accent, (-0.94, 0.66), (0.3, 0.36), 1.0);
    front_plate(Part::Glass, (-0.72, 0.44), (0.42, 0.84), 1.0);
    front_plate(Part::Metal, (-0.16, -0.12), (0.38, 0.88), 2.0);
    front_plate(Part::Handle, (-0.1, -0.06), (0.52, 0.68), 5.0);
    // Panel on its arm at the right.
    let panel = Vec3::new(half * 0.84, size.y * 0.5, deep * 0.76);
    s.of(Part::Metal).block(
        Vec3::new(panel.x - half * 0.03, size.y * 0.34, deep * 0.5),
        Vec3::new(panel.x + half * 0.03, size.y * 0.4, panel.z),
        0.0,
    );
    s.of(Part::Dark).block(
        Vec3::new(
            panel.x - half * 0.14,
            size.y * 0.36,
            panel.z - size.z * 0.02,
        ),
        Vec3::new(
            panel.x + half * 0.14,
            size.y * 0.66,
            panel.z + size.z * 0.02,
        ),
        bevel * 0.4,
    );
    s.of(Part::Glass).block(
        Vec3::new(panel.x - half * 0.11, size.y * 0.5, panel.z),
        Vec3::new(
            panel.x + half * 0.11,
            size.y * 0.63,
            panel.z + size.z * 0.024,
        ),
        0.0,
    );
    lamp(s, Vec3::new(half * 0.5, size.y, -deep * 0.4), size.y * 0.03);
}

/// A signal lamp on a stem: its head takes the colour of the asset.
fn lamp(s: &mut Sketch, at: Vec3, radius: f32) {
    s.at(at, |s| {
        s.of(Part::Metal).cylinder(radius * 0.3, -radius, 0.0, 0.0);
        s.of(Part::Body)
            .cylinder(radius, -radius * 0.4, 0.0, radius * 0.1);
    });
}

/// Rotary filler or capper: a carousel of stations that turns under a fixed head.
pub(super) fn filler(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.46;
    let table = size.y * 0.4;
    s.of(Part::Metal)
        .cylinder(radius * 0.9, 0.0, size.y * 0.08, radius * 0.02);
    s.of(Part::Body)
        .cylinder(radius * 0.66, size.y * 0.08, table * 0.94, radius * 0.02);
    s.of(Part::Metal)
        .cylinder(radius, table * 0.94, table, radius * 0.01);
    s.of(Part::Body)
        .cylinder(radius * 0.26, table, size.y * 0.74, 0.0);
    // The bowl above, with the product in it.
    s.of(Part::Body).turned(
        &[
            rim(0.0, size.y * 0.72, 0.0, -1.0),
            rim(radius * 0.86, size.y * 0.72, 0.0, -1.0),
            rim(radius * 0.92, size.y * 0.75, 1.0, 0.0),
            rim(radius * 0.92, size.y * 0.88, 1.0, 0.0),
            rim(radius * 0.3, size.y * 0.94, 0.4, 1.0),
            rim(0.0, size.y * 0.94, 0.0, 1.0),
        ],
        round_segments(radius),
    );
    super::tank::level_strips(s, radius * 0.92, size.y * 0.755, size.y * 0.875, 0.4);
    s.of(Part::Metal)
        .cylinder(radius * 0.12, size.y * 0.9, size.y, radius * 0.02);
    let stations = 16;
    for station in 0..stations {
        let turn = Quat::from_rotation_y(TAU * station as f32 / stations as f32);
        s.placed(Vec3::X * 0.0, turn, |s| {
            s.at(Vec3::X * radius * 0.82, |s| {
                s.of(Part::Metal).cylinder(
                    radius * 0.045,
                    size.y * 0.58,
                    size.y * 0.73,
                    radius * 0.008,
                );
                // What is filled.
                s.of(Part::Glass).turned(
                    &[
                        rim(0.0, table, 0.0, -1.0),
                        rim(radius * 0.055, table, 1.0, 0.0),
                        rim(radius * 0.055, table + size.y * 0.1, 1.0, 0.1),
                        rim(radius * 0.022, table + size.y * 0.14, 1.0, 0.3),
                        rim(radius * 0.022, size.y * 0.565, 1.0, 0.0),
                        rim(0.0, size.y * 0.565, 0.0, 1.0),
                    ],
                    8,
                );
            });
        });
    }
}

/// Palletiser: a portal over a growing stack of boxes, with a head that lays them.
pub(super) fn palletiser(s: &mut Sketch, size: Vec3) {
    let (half, deep) = (size.x * 0.5, size.z * 0.5);
    let post = (size.x.min(size.z) * 0.06).min(0.3);
    s.of(Part::Body);
    for (x, z) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
        s.slab(
            Vec2::new(x * (half - post * 0.5), z * (deep - post * 0.5)),
            Vec2::splat(post),
            (0.0, size.y),
            post * 0.06,
        );
    }
    for z in [-1.0, 1.0] {
        s.slab(
            Vec2::new(0.0, z * (deep - post * 0.5)),
            Vec2::new(size.x - post * 2.0, post * 0.8),
            (size.y - post, size.y - post * 0.1),
            0.0,
        );
    }
    let bridge = -half * 0.1;
    s.of(Part::Accent).slab(
        Vec2::new(bridge, 0.0),
        Vec2::new(post * 1.2, size.z - post * 1.8),
        (size.y - post * 1.6, size.y - post * 0.9),
        0.0,
    );
    s.of(Part::Metal).slab(
        Vec2::new(bridge, 0.0),
        Vec2::splat(post * 0.7),
        (size.y * 0.6, size.y - post * 1.5),
        0.0,
    );
    s.of(Part::Dark).slab(
        Vec2::new(bridge, 0.0),
        Vec2::new(size.x * 0.34, size.z * 0.4),
        (size.y * 0.57, size.y * 0.61),
        0.0,
    );
    stack(
        s,
        Vec2::new(bridge, 0.0),
        Vec3::new(size.x * 0.42, size.y * 0.5, size.z * 0.52),
        3,
    );
    // A fence at the back.
    s.of(Part::Metal);
    for share in [0.15, 0.3, 0.45] {
        s.slab(
            Vec2::new(0.0, -deep + post * 0.5),
            Vec2::new(size.x - post * 2.0, post * 0.15),
            (size.y * share, size.y * share + post * 0.15),
            0.0,
        );
    }
}

/// A pallet with `layers` of boxes on it.
fn stack(s: &mut Sketch, at: Vec2, size: Vec3, layers: usize) {
    let base = (size.y * 0.14).min(0.15);
    deck(s, at, Vec2::new(size.x, size.z), base);
    let tall = (size.y - base) / layers as f32;
    let gap = size.x.min(size.z) * 0.015;
    s.of(Part::Carton);
    for layer in 0..layers {
        for (x, z) in [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)] {
            s.slab(
                at + Vec2::new(x * size.x, z * size.z),
                Vec2::new(size.x * 0.5, size.z * 0.5) - gap,
                (
                    base + tall * layer as f32,
                    base + tall * (layer + 1) as f32 - gap,
                ),
                gap * 0.5,
            );
        }
    }
}

/// The boards of a pallet, without what it carries.
fn deck(s: &mut Sketch, at: Vec2, wide: Vec2, tall: f32) {
    s.of(Part::Wood);
    for share in [-0.44, 0.0, 0.44] {
        s.slab(
            at + Vec2::new(0.0, share * wide.y),
            Vec2::new(wide.x, wide.y * 0.1),
            (0.0, tall * 0.7),
            0.0,
        );
    }
    for share in [-0.43, -0.215, 0.0, 0.215, 0.43] {
        s.slab(
            at + Vec2::new(share * wide.x, 0.0),
            Vec2::new(wide.x * 0.14, wide.y),
            (tall * 0.7, tall),
            0.0,
        );
    }
}

/// Pallet with its load; the load takes the colour of the asset.
pub(super) fn pallet(s: &mut Sketch, size: Vec3) {
    let base = (size.y * 0.14).min(0.15);
    deck(s, Vec2::ZERO, Vec2::new(size.x, size.z), base);
    let gap = size.min_element() * 0.01;
    s.of(Part::Body);
    for layer in 0..3 {
        let tall = (size.y - base) / 3.0;
        s.slab(
            Vec2::ZERO,
            Vec2::new(size.x * 0.98, size.z * 0.98),
            (
                base + tall * layer as f32,
                base + tall * (layer + 1) as f32 - gap,
            ),
            gap,
        );
    }
}

/// Crate, carton or tote.
pub(super) fn crate_box(s: &mut Sketch, size: Vec3) {
    let bevel = size.min_element() * 0.04;
    s.of(Part::Body)
        .slab(Vec2::ZERO, Vec2::new(size.x, size.z), (0.0, size.y), bevel);
    // The tape over its top.
    s.of(Part::Accent).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.96, size.z * 0.14),
        (size.y * 0.8, size.y * 1.004),
        0.0,
    );
}

/// Pallet rack: uprights, beams in bays and levels, some places taken.
pub(super) fn rack(s: &mut Sketch, size: Vec3) {
    let (half, deep) = (size.x * 0.5, size.z * 0.5);
    let bays = ((size.x / 2.8).round() as usize).clamp(1, 16);
    let levels = ((size.y / 1.9).round() as usize).clamp(2, 8);
    let post = (size.z * 0.08).min(size.x * 0.06).min(0.12);
    let bay = (size.x - post) / bays as f32;
    let level = size.y / levels as f32;
    s.of(Part::Body);
    for upright in 0..=bays {
        let x = -half + post * 0.5 + bay * upright as f32;
        for z in [-1.0, 1.0] {
            s.slab(
                Vec2::new(x, z * (deep - post * 0.5)),
                Vec2::splat(post),
                (0.0, size.y),
                0.0,
            );
        }
        s.of(Part::Metal);
        for brace in 0..levels {
            let low = level * (brace as f32 + 0.1);
            let zig = if brace % 2 == 0 { 1.0 } else { -1.0 };
            s.tube(
                &[
                    Vec3::new(x, low, -zig * (deep - post)),
                    Vec3::new(x, low + level * 0.8, zig * (deep - post)),
                ],
                post * 0.2,
                4,
            );
        }
        s.of(Part::Body);
    }
    s.of(Part::Handle);
    for floor in 1..levels {
        for z in [-1.0, 1.0] {
            s.slab(
                Vec2::new(0.0, z * (deep - post * 0.5)),
                Vec2::new(size.x - post * 2.0, post * 0.7),
                (level * floor as f32 - post * 1.2, level * floor as f32),
                0.0,
            );
        }
    }
    for floor in 0..levels {
        for place in 0..bays {
            // A pattern that looks used, the same each time.
            if (place * 7 + floor * 5) % 4 == 0 {
                continue;
            }
            let x = -half + post * 0.5 + bay * (place as f32 + 0.5);
            let tall = level * (0.5 + 0.08 * ((place + floor) % 4) as f32);
            let low = level * floor as f32;
            s.of(Part::Wood).slab(
                Vec2::new(x, 0.0),
                Vec2::new(bay * 0.8, size.z * 0.9),
                (low, low + level * 0.07),
                0.0,
            );
            s.of(Part::Carton).slab(
                Vec2::new(x, 0.0),
                Vec2::new(bay * 0.76, size.z * 0.86),
                (low + level * 0.07, low + tall),
                level * 0.01,
            );
        }
    }
}

/// Cabinet with a door, a lamp and a fan: switchgear, control and drive cabinets.
pub(super) fn cabinet(s: &mut Sketch, size: Vec3) {
    let bevel = size.min_element() * 0.03;
    let (half, deep) = (size.x * 0.5, size.z * 0.5);
    s.of(Part::Dark).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.96, size.z * 0.94),
        (0.0, size.y * 0.05),
        0.0,
    );
    s.of(Part::Body).slab(
        Vec2::ZERO,
        Vec2::new(size.x, size.z * 0.96),
        (size.y * 0.05, size.y),
        bevel,
    );
    let doors = ((size.x / 0.8).round() as usize).clamp(1, 12);
    let door = size.x / doors as f32;
    for place in 0..doors {
        let x = -half + door * (place as f32 + 0.5);
        s.of(Part::Metal).block(
            Vec3::new(x - door * 0.46, size.y * 0.08, deep * 0.95),
            Vec3::new(x + door * 0.46, size.y * 0.96, deep * 0.985),
            bevel * 0.2,
        );
        s.of(Part::Dark).block(
            Vec3::new(x + door * 0.34, size.y * 0.46, deep * 0.98),
            Vec3::new(x + door * 0.4, size.y * 0.6, deep),
            0.0,
        );
        s.of(Part::Glass).block(
            Vec3::new(x - door * 0.2, size.y * 0.74, deep * 0.98),
            Vec3::new(x + door * 0.2, size.y * 0.86, deep * 0.995),
            0.0,
        );
    }
}

/// A wheel that turns about z, at `at`.
pub(super) fn wheel(s: &mut Sketch, at: Vec3, radius: f32, half: f32) {
    s.along_z(at, |s| {
        s.of(Part::Dark).cylinder(radius, -half, half, radius * 0.1);
        s.of(Part::Metal)
            .cylinder(radius * 0.5, -half * 1.06, half * 1.06, 0.0);
    });
}

/// Wrapping or labelling turntable with a mast: what is on it turns.
pub(super) fn wrapper(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.42;
    s.of(Part::Metal)
        .cylinder(radius, 0.0, size.y * 0.05, radius * 0.01);
    s.of(Part::Dark)
        .cylinder(radius * 0.94, size.y * 0.05, size.y * 0.06, 0.0);
    s.of(Part::Carton).slab(
        Vec2::ZERO,
        Vec2::splat(radius * 1.1),
        (size.y * 0.06, size.y * 0.62),
        radius * 0.02,
    );
    s.of(Part::Body).slab(
        Vec2::new(-size.x * 0.5 + radius * 0.14, 0.0),
        Vec2::new(radius * 0.28, radius * 0.4),
        (0.0, size.y),
        radius * 0.02,
    );
    s.of(Part::Accent).slab(
        Vec2::new(-size.x * 0.5 + radius * 0.34, 0.0),
        Vec2::new(radius * 0.18, radius * 0.3),
        (size.y * 0.3, size.y * 0.55),
        radius * 0.01,
    );
    s.moving(Motion::Still, |s| {
        lamp(
            s,
            Vec3::new(-size.x * 0.5 + radius * 0.14, size.y, 0.0),
            radius * 0.06,
        );
    });
}

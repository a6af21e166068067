//! Cities: buildings with storeys, lamp posts, power poles, transformers, traffic signals.

use bevy::math::{Vec2, Vec3};

use super::super::mesh::{Sketch, round_segments};
use super::super::part::Part;

/// A storey is about this high, m.
const STOREY: f32 = 3.3;
/// A window's bay is about this wide, m.
const BAY: f32 = 3.0;

/// Building with storeys: bands of windows, a plinth, a flat roof with plant on it.
pub(super) fn storeys(s: &mut Sketch, size: Vec3) {
    let storeys = ((size.y / STOREY).round() as usize).clamp(1, 40);
    let parapet = (size.y * 0.03).min(0.9);
    let tall = (size.y - parapet) / storeys as f32;
    let wide = Vec2::new(size.x, size.z);
    s.of(Part::Body)
        .slab(Vec2::ZERO, wide * 0.985, (0.0, size.y - parapet), 0.0);
    s.of(Part::Concrete)
        .slab(Vec2::ZERO, wide, (0.0, tall * 0.14), 0.0);
    // Many small windows cost more than they tell: a tall house has bands.
    let single = storeys * bays(size.x).max(bays(size.z)) <= 60;
    for storey in 0..storeys {
        let low = tall * storey as f32;
        let pane = (low + tall * 0.34, low + tall * 0.84);
        s.of(Part::Glass);
        if single {
            panes(s, wide, pane);
        } else {
            s.wall_ring(wide * 0.992, wide.min_element() * 0.02, pane.0, pane.1);
        }
        s.of(Part::Wall);
        s.wall_ring(
            wide,
            wide.min_element() * 0.02,
            low + tall * 0.94,
            low + tall,
        );
    }
    s.of(Part::Roof);
    s.wall_ring(wide, wide.min_element() * 0.03, size.y - parapet, size.y);
    s.slab(
        Vec2::ZERO,
        wide * 0.96,
        (size.y - parapet * 1.1, size.y - parapet * 0.8),
        0.0,
    );
    s.of(Part::Metal).slab(
        Vec2::new(size.x * 0.18, -size.z * 0.1),
        wide * 0.2,
        (size.y - parapet, size.y),
        0.0,
    );
}

fn bays(length: f32) -> usize {
    ((length / BAY).round() as usize).clamp(1, 14)
}

/// Windows along all four sides, between two heights.
fn panes(s: &mut Sketch, wide: Vec2, heights: (f32, f32)) {
    let proud = wide.min_element() * 0.004;
    let across = bays(wide.x);
    for place in 0..across {
        let bay = wide.x / across as f32;
        let x = -wide.x * 0.5 + bay * (place as f32 + 0.5);
        for side in [-0.4925, 0.4925] {
            s.slab(
                Vec2::new(x, wide.y * side),
                Vec2::new(bay * 0.6, proud * 2.0),
                heights,
                0.0,
            );
        }
    }
    let along = bays(wide.y);
    for place in 0..along {
        let bay = wide.y / along as f32;
        let z = -wide.y * 0.5 + bay * (place as f32 + 0.5);
        for side in [-0.4925, 0.4925] {
            s.slab(
                Vec2::new(wide.x * side, z),
                Vec2::new(proud * 2.0, bay * 0.6),
                heights,
                0.0,
            );
        }
    }
}

/// Lamp post with its arm towards +x.
pub(super) fn street_lamp(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.012).min(size.z * 0.5);
    let reach = size.x * 0.5;
    s.of(Part::Metal)
        .cylinder(radius * 1.8, 0.0, size.y * 0.05, 0.0);
    s.tube(
        &[
            Vec3::ZERO,
            Vec3::Y * size.y * 0.9,
            Vec3::new(reach * 0.2, size.y * 0.975, 0.0),
            Vec3::new(reach * 0.9, size.y * 0.985, 0.0),
        ],
        radius,
        8,
    );
    s.of(Part::Body).block(
        Vec3::new(reach * 0.4, size.y * 0.97, -radius * 2.2),
        Vec3::new(reach, size.y, radius * 2.2),
        radius * 0.4,
    );
    s.of(Part::Dial).block(
        Vec3::new(reach * 0.46, size.y * 0.965, -radius * 1.8),
        Vec3::new(reach * 0.96, size.y * 0.972, radius * 1.8),
        0.0,
    );
}

/// Power pole with cross-arms along x and insulators.
pub(super) fn power_pole(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.014)
        .min(size.z * 0.5)
        .max(size.min_element() * 0.02);
    s.of(Part::Wood).cylinder(radius, 0.0, size.y, 0.0);
    for share in [0.82, 0.93] {
        let height = size.y * share;
        let half = size.x * 0.5;
        s.of(Part::Metal).slab(
            Vec2::ZERO,
            Vec2::new(size.x, radius * 1.2),
            (height, height + radius * 1.2),
            0.0,
        );
        for x in [-0.92, -0.4, 0.4, 0.92] {
            s.at(Vec3::new(half * x, height + radius * 1.2, 0.0), |s| {
                s.of(Part::Body);
                for disc in 0..3 {
                    let low = radius * (0.2 + 0.7 * disc as f32);
                    s.cylinder(radius * 0.7, low, low + radius * 0.45, radius * 0.1);
                }
                s.of(Part::Metal)
                    .cylinder(radius * 0.25, 0.0, radius * 2.5, 0.0);
            });
        }
    }
}

/// Oil-filled power transformer: tank, cooling ribs, conservator, three bushings.
pub(super) fn transformer(s: &mut Sketch, size: Vec3) {
    let (half, deep) = (size.x * 0.5, size.z * 0.5);
    let (low, lid) = (size.y * 0.06, size.y * 0.58);
    let bevel = size.min_element() * 0.02;
    s.of(Part::Concrete)
        .slab(Vec2::ZERO, Vec2::new(size.x, size.z), (0.0, low), 0.0);
    s.of(Part::Body).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.76, size.z * 0.5),
        (low, lid),
        bevel,
    );
    s.of(Part::Metal).slab(
        Vec2::ZERO,
        Vec2::new(size.x * 0.8, size.z * 0.55),
        (lid - bevel, lid + bevel),
        0.0,
    );
    let ribs = 12;
    s.of(Part::Accent);
    for rib in 0..ribs {
        let x = half * 0.7 * (2.0 * (rib as f32 + 0.5) / ribs as f32 - 1.0);
        for side in [-1.0, 1.0] {
            s.block(
                Vec3::new(
                    x - size.x * 0.008,
                    low + size.y * 0.05,
                    (side * deep * 0.49).min(side * deep * 0.94),
                ),
                Vec3::new(
                    x + size.x * 0.008,
                    lid * 0.92,
                    (side * deep * 0.49).max(side * deep * 0.94),
                ),
                0.0,
            );
        }
    }
    // Bushings: stacked sheds.
    for x in [-0.45, 0.0, 0.45] {
        let radius = size.x * 0.035;
        s.at(Vec3::new(half * x, lid, 0.0), |s| {
            let tall = size.y - lid;
            s.of(Part::Wall)
                .cylinder(radius * 0.6, 0.0, tall * 0.94, 0.0);
            for shed in 0..5 {
                let at = tall * (0.1 + 0.16 * shed as f32);
                s.cylinder(radius, at, at + tall * 0.07, tall * 0.015);
            }
            s.of(Part::Metal)
                .cylinder(radius * 0.25, tall * 0.9, tall, 0.0);
        });
    }
    // The conservator lies above, beside the bushings.
    let radius = size.y * 0.09;
    s.along_x(
        Vec3::new(half * 0.2, lid + radius * 1.8, -deep * 0.5),
        |s| {
            s.of(Part::Body)
                .cylinder(radius, -half * 0.5, half * 0.5, radius * 0.1);
        },
    );
    for x in [-0.2, 0.55] {
        s.of(Part::Metal).slab(
            Vec2::new(half * x, -deep * 0.46),
            Vec2::splat(radius * 0.4),
            (lid, lid + radius),
            0.0,
        );
    }
}

/// Traffic signal: three lamps on a post, looking towards +z.
pub(super) fn traffic_light(s: &mut Sketch, size: Vec3) {
    let radius = (size.y * 0.02).min(size.x * 0.2);
    let (low, wide) = (size.y * 0.68, size.x * 0.9);
    s.of(Part::Metal).cylinder(radius, 0.0, low, 0.0);
    s.cylinder(radius * 2.0, 0.0, size.y * 0.04, 0.0);
    s.of(Part::Dark).slab(
        Vec2::ZERO,
        Vec2::new(wide, size.z * 0.6),
        (low, size.y),
        wide * 0.06,
    );
    let tall = size.y - low;
    let lamp = (tall / 8.0).min(wide * 0.36);
    for place in 0..3 {
        let height = low + tall * (place as f32 + 0.5) / 3.0;
        s.along_z(Vec3::new(0.0, height, size.z * 0.3), |s| {
            // Which one is lit is told by what drives the asset.
            s.of(if place == 1 { Part::Body } else { Part::Dial })
                .cylinder(lamp, -lamp * 0.2, size.z * 0.06, lamp * 0.05);
        });
    }
}

/// A tree, for parks and streets.
pub(super) fn tree(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.5;
    s.of(Part::Wood)
        .cylinder(radius * 0.1, 0.0, size.y * 0.45, 0.0);
    let crown: Vec<_> = (0..=8)
        .map(|step| {
            let angle = std::f32::consts::PI * (step as f32 / 8.0 - 0.5);
            let (sin, cos) = angle.sin_cos();
            let out = if step == 0 || step == 8 { 0.0 } else { cos };
            super::super::mesh::rim(
                radius * out,
                size.y * (0.65 + 0.35 * sin),
                out * size.y * 0.35,
                sin * radius,
            )
        })
        .collect();
    s.of(Part::Grass)
        .turned(&crown, round_segments(radius).min(14));
}

//! The intake tower: a shaft in the water with screens, a cabin and a bridge to the bank.

use std::f32::consts::TAU;

use bevy::math::{Quat, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::Part;

/// Intake tower with a screen; its bridge leads along x to the right.
pub(super) fn intake(s: &mut Sketch, size: Vec3) {
    let bridge = size.x > size.z * 1.3;
    let radius = size.z.min(size.x) * 0.5;
    let middle = if bridge { -size.x * 0.5 + radius } else { 0.0 };
    let deck = size.y * 0.6;
    s.at(Vec3::X * middle, |s| tower(s, radius, deck, size.y));
    if bridge {
        walk(s, middle + radius * 0.8, size.x * 0.5, deck, radius * 0.3);
    }
}

fn tower(s: &mut Sketch, radius: f32, deck: f32, top: f32) {
    let shaft = radius * 0.8;
    s.of(Part::Body).turned(
        &[
            rim(shaft * 1.12, 0.0, 1.0, 0.2),
            rim(shaft, deck * 0.2, 1.0, 0.1),
            rim(shaft * 0.94, deck, 1.0, 0.0),
        ],
        round_segments(radius),
    );
    // Screens: dark openings with bars, all round.
    for screen in 0..6 {
        let turn = Quat::from_rotation_y(TAU * (screen as f32 + 0.5) / 6.0);
        s.placed(Vec3::ZERO, turn, |s| {
            let half = shaft * 0.26;
            let (low, high) = (deck * 0.16, deck * 0.52);
            s.of(Part::Dark).block(
                Vec3::new(shaft * 0.8, low, -half),
                Vec3::new(shaft * 1.05, high, half),
                half * 0.05,
            );
            s.of(Part::Metal);
            for bar in 0..5 {
                let z = half * (bar as f32 * 0.45 - 0.9);
                s.block(
                    Vec3::new(shaft * 0.9, low, z - half * 0.06),
                    Vec3::new(shaft * 1.1, high, z + half * 0.06),
                    0.0,
                );
            }
        });
    }
    // Deck, cabin and roof.
    s.of(Part::Concrete)
        .cylinder(radius, deck, deck + radius * 0.12, radius * 0.03);
    let floor = deck + radius * 0.12;
    let eaves = floor + (top - floor) * 0.62;
    s.of(Part::Wall)
        .cylinder(shaft * 0.72, floor, eaves, shaft * 0.03);
    s.of(Part::Dark);
    for window in 0..5 {
        let turn = Quat::from_rotation_y(TAU * window as f32 / 5.0);
        s.placed(Vec3::ZERO, turn, |s| {
            let half = shaft * 0.13;
            let rise = eaves - floor;
            s.block(
                Vec3::new(shaft * 0.66, floor + rise * 0.4, -half),
                Vec3::new(shaft * 0.735, floor + rise * 0.8, half),
                half * 0.1,
            );
        });
    }
    s.of(Part::Roof).turned(
        &[
            rim(0.0, eaves, 0.0, -1.0),
            rim(shaft * 0.9, eaves, 0.0, -1.0),
            rim(shaft * 0.9, eaves + (top - eaves) * 0.12, 1.0, 1.0),
            rim(0.0, top, 0.2, 1.0),
        ],
        round_segments(radius),
    );
    s.of(Part::Metal);
    s.at(Vec3::Y * floor, |s| {
        rail(s, radius * 0.95, (top - floor) * 0.32);
    });
}

/// A round hand rail with posts.
fn rail(s: &mut Sketch, radius: f32, rise: f32) {
    let bar = radius * 0.014;
    for level in [0.55, 1.0] {
        s.ring(
            radius - bar,
            radius + bar,
            rise * level - bar,
            rise * level + bar,
        );
    }
    for post in 0..14 {
        let angle = TAU * post as f32 / 14.0;
        let foot = Vec3::new(angle.cos(), 0.0, angle.sin()) * radius;
        s.tube(&[foot, foot + Vec3::Y * rise], bar, 5);
    }
}

/// The bridge on its piers.
fn walk(s: &mut Sketch, from: f32, to: f32, deck: f32, half: f32) {
    let thick = half * 0.35;
    s.of(Part::Concrete).block(
        Vec3::new(from, deck - thick, -half),
        Vec3::new(to, deck, half),
        thick * 0.1,
    );
    let piers = (((to - from) / (half * 9.0)) as usize).clamp(1, 6);
    for pier in 0..piers {
        let x = from + (to - from) * (pier as f32 + 1.0) / piers as f32 - half * 0.4;
        s.block(
            Vec3::new(x - half * 0.28, 0.0, -half * 0.6),
            Vec3::new(x + half * 0.28, deck - thick, half * 0.6),
            half * 0.06,
        );
    }
    s.of(Part::Metal);
    let (bar, rise) = (half * 0.04, half * 0.95);
    for z in [-half * 0.92, half * 0.92] {
        let rail = [
            Vec3::new(from, deck + rise, z),
            Vec3::new(to, deck + rise, z),
        ];
        s.tube(&rail, bar, 5);
        let posts = (((to - from) / (half * 2.2)) as usize).clamp(2, 16);
        for post in 0..=posts {
            let foot = Vec3::new(from + (to - from) * post as f32 / posts as f32, deck, z);
            s.tube(&[foot, foot + Vec3::Y * rise], bar, 5);
        }
    }
}

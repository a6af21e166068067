//! Tanks and reservoirs: round, closed, with glass strips that show the level.

use std::f32::consts::TAU;

use bevy::math::{Quat, Vec3};

use super::super::mesh::{Sketch, rim, round_segments};
use super::super::part::Part;

/// A strip every quarter turn is seen from every side.
const STRIPS: usize = 4;

/// A tower has so many legs around its column.
const LEGS: usize = 6;

/// Closed upright cylinder with a dome.
pub(super) fn tank(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.5;
    let plinth = (size.y * 0.05).min(0.35);
    let dome = (size.y * 0.16).min(radius * 0.42);
    let shell = (radius * 0.94, plinth, size.y - dome);
    s.of(Part::Concrete)
        .cylinder(radius, 0.0, plinth, plinth * 0.3);
    s.of(Part::Body);
    vessel(s, shell, dome);
    level_strips(
        s,
        shell.0,
        plinth + (shell.2 - plinth) * 0.04,
        shell.2 - dome * 0.2,
        0.36,
    );

    // Stiffeners, where plates meet.
    let band = (radius * 0.03).min(0.08);
    s.of(Part::Metal);
    for share in [0.02, 0.36, 0.70, 0.985] {
        let height = plinth + (shell.2 - plinth) * share;
        s.ring(shell.0 * 0.99, shell.0 + band, height - band, height + band);
    }
    ladder(s, shell.0 + band, plinth, size.y - dome * 0.6);
    nozzle(s, shell.0, plinth + radius * 0.22, radius * 0.13);
    // A manhole with its lid on the dome.
    s.at(Vec3::new(radius * 0.4, size.y - dome * 0.28, 0.0), |s| {
        s.of(Part::Metal)
            .cylinder(radius * 0.14, -dome * 0.3, dome * 0.16, radius * 0.02);
    });
    s.of(Part::Handle)
        .cylinder(radius * 0.05, size.y - dome * 0.05, size.y, radius * 0.01);
}

/// The column and the ring of legs that carry a tank of this size, down to the ground.
pub(in super::super) fn tower(s: &mut Sketch, size: Vec3, tall: f32) {
    let radius = size.x.min(size.z) * 0.5;
    s.of(Part::Concrete)
        .cylinder(radius * 0.28, -tall, 0.0, radius * 0.02);
    for leg in 0..LEGS {
        let angle = TAU * leg as f32 / LEGS as f32;
        let at = Vec3::new(angle.cos(), 0.0, angle.sin()) * radius * 0.8;
        s.at(at, |s| {
            s.of(Part::Metal)
                .cylinder(radius * 0.05, -tall, 0.0, radius * 0.01);
        });
    }
}

/// Round covered reservoir, half sunk, in a grass bank.
pub(super) fn reservoir(s: &mut Sketch, size: Vec3) {
    let radius = size.x.min(size.z) * 0.5;
    let wall = radius * 0.86;
    let (bank, eaves) = (size.y * 0.34, size.y * 0.82);
    s.of(Part::Grass);
    let foot = size.y * 0.02;
    s.turned(
        &[
            rim(radius, -foot, 1.0, 1.2),
            rim(wall * 1.04, bank, 1.0, 2.0),
            rim(wall * 0.98, bank, 0.0, 1.0),
        ],
        round_segments(radius),
    );
    s.of(Part::Body).turned(
        &[rim(wall, 0.0, 1.0, 0.0), rim(wall, eaves, 1.0, 0.0)],
        round_segments(radius),
    );
    let lip = size.y * 0.035;
    s.of(Part::Concrete)
        .ring(wall * 0.9, wall * 1.03, eaves - lip, eaves + lip);
    let roof: Vec<_> = (0..=6)
        .map(|step| {
            let share = step as f32 / 6.0;
            let height = eaves + lip + (size.y - eaves - lip) * (1.0 - (1.0 - share).powi(2));
            rim(
                wall * 0.98 * (1.0 - share),
                height,
                0.12 * (1.0 - share),
                1.0,
            )
        })
        .collect();
    s.of(Part::Roof).turned(&roof, round_segments(radius));
    level_strips(s, wall, bank * 1.12, eaves - lip * 1.6, 0.62);
    for turn in 0..4 {
        let angle = TAU * (turn as f32 / 4.0 + 0.11);
        let out = Vec3::new(angle.cos(), 0.0, -angle.sin()) * wall * 0.62;
        s.at(out + Vec3::Y * (eaves + (size.y - eaves) * 0.5), |s| {
            s.of(Part::Metal)
                .cylinder(wall * 0.018, 0.0, size.y * 0.16, 0.02);
            s.cylinder(wall * 0.034, size.y * 0.15, size.y * 0.19, 0.02);
        });
    }
    s.at(Vec3::new(wall * 0.5, size.y * 0.88, 0.0), |s| {
        let half = wall * 0.06;
        s.of(Part::Metal).block(
            Vec3::new(-half, 0.0, -half),
            Vec3::new(half, size.y * 0.12, half),
            half * 0.1,
        );
    });
}

/// The shell `(radius, low, high)` with a knuckle and a dome on top.
fn vessel(s: &mut Sketch, (radius, low, high): (f32, f32, f32), dome: f32) {
    let knuckle = (dome * 0.35).min(radius * 0.2);
    let mut profile = vec![
        rim(radius, low, 1.0, 0.0),
        rim(radius, high - knuckle * 0.4, 1.0, 0.0),
    ];
    for step in 1..=9 {
        let angle = step as f32 / 9.0 * std::f32::consts::FRAC_PI_2;
        // A superellipse: steep at the rim, flat on top, as a pressed end is.
        let (out, up) = (angle.cos().max(0.0).powf(0.8), angle.sin().powf(1.1));
        profile.push(rim(
            radius * out,
            high - knuckle * 0.4 + (dome + knuckle * 0.4) * up,
            angle.cos() * dome,
            angle.sin() * radius,
        ));
    }
    if let Some(top) = profile.last_mut() {
        *top = rim(0.0, high + dome, 0.0, 1.0);
    }
    s.turned(&profile, round_segments(radius));
}

/// Glass strips around a round wall; `wide` is the share of the wall that is glass.
pub(super) fn level_strips(s: &mut Sketch, radius: f32, low: f32, high: f32, wide: f32) {
    let proud = radius * 1.006 + (radius * 0.006).min(0.004);
    let sweep = TAU / STRIPS as f32 * wide;
    let frame = (radius * 0.025).min(0.1);
    let pieces = round_segments(radius) / STRIPS;
    for strip in 0..STRIPS {
        let from = TAU * (strip as f32 + 0.5) / STRIPS as f32 - sweep * 0.5;
        let glass = [rim(proud, low, 1.0, 0.0), rim(proud, high, 1.0, 0.0)];
        s.of(Part::Gauge).swept(&glass, pieces, from, sweep);
        s.of(Part::Metal);
        for angle in [from, from + sweep] {
            s.placed(Vec3::ZERO, Quat::from_rotation_y(angle), |s| {
                s.block(
                    Vec3::new(radius * 0.99, low, -frame * 0.5),
                    Vec3::new(proud + frame * 0.4, high, frame * 0.5),
                    0.0,
                );
            });
        }
        for height in [low, high] {
            let edge = [
                rim(proud, height - frame * 0.5, 0.0, -1.0),
                rim(proud + frame * 0.4, height - frame * 0.5, 1.0, 0.0),
                rim(proud + frame * 0.4, height + frame * 0.5, 1.0, 0.0),
                rim(proud, height + frame * 0.5, 0.0, 1.0),
            ];
            s.swept(&edge, pieces, from, sweep);
        }
    }
}

/// A ladder up the wall at the right.
fn ladder(s: &mut Sketch, radius: f32, low: f32, high: f32) {
    let half = (radius * 0.09).min(0.25);
    let bar = (half * 0.16).min(0.03);
    let out = radius + half * 0.7;
    s.of(Part::Metal);
    for side in [-half, half] {
        s.tube(
            &[Vec3::new(out, low, side), Vec3::new(out, high, side)],
            bar,
            5,
        );
    }
    let rungs = (((high - low) / (half * 1.6)) as usize).clamp(3, 24);
    for rung in 0..rungs {
        let height = low + (high - low) * (rung as f32 + 0.5) / rungs as f32;
        let ends = [Vec3::new(out, height, -half), Vec3::new(out, height, half)];
        s.tube(&ends, bar * 0.7, 4);
    }
}

/// A short connection with a flange at the left.
fn nozzle(s: &mut Sketch, radius: f32, height: f32, bore: f32) {
    s.along_x(Vec3::new(-radius, height, 0.0), |s| {
        s.of(Part::Body)
            .cylinder(bore, -bore * 1.6, bore, bore * 0.1);
        s.of(Part::Metal)
            .cylinder(bore * 1.6, -bore * 1.9, -bore * 1.5, bore * 0.1);
    });
}

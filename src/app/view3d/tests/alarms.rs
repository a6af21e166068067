//! Alarms over the view: none is lost, wherever the camera looks.

use std::collections::BTreeSet;

use bevy::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::orbit::Pose;
use crate::app::beacons::{Alarmed, Mark, MarkKind, marks};
use crate::scene::{AssetIndex, Priority};

struct Look {
    alarmed: Vec<Alarmed>,
    seen: [f32; 4],
    edge: [f32; 4],
}

/// A random camera among random alarms: close, far away, from above, inside of the plant.
fn look(seed: u64) -> Look {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let spread = [5.0, 60.0, 2_000.0][dice.random_range(0..3)];
    let mut somewhere = |reach: f32| {
        let mut one = || dice.random_range(-reach..reach);
        Vec3::new(one(), one().abs() * 0.3, one())
    };
    let mut pose = Pose::looking(somewhere(spread * 2.0), somewhere(spread));
    let anchors: Vec<Vec3> = (0..400).map(|_| somewhere(spread)).collect();
    pose.plan = if seed.is_multiple_of(4) { 1.0 } else { 0.0 };
    let size = [
        dice.random_range(80.0..2_400.0_f32),
        dice.random_range(80.0..1_400.0_f32),
    ];
    let lens = pose.lens(size[0] / size[1]);
    let count = dice.random_range(0..400);
    let alarmed = (0..).zip(&anchors[..count]).map(|(asset, anchor)| {
        let active = dice.random_range(0..4);
        Alarmed {
            asset: AssetIndex(asset),
            sight: lens.sight(*anchor, size),
            active,
            expected: if active == 0 {
                1
            } else {
                dice.random_range(0..2)
            },
            priority: [Priority::Urgent, Priority::High, Priority::Low][dice.random_range(0..3)],
            waits: dice.random_range(0..2) == 0,
        }
    });
    Look {
        alarmed: alarmed.collect(),
        seen: [0.0, 0.0, size[0], size[1]],
        edge: [20.0, 20.0, size[0] - 20.0, size[1] - 20.0],
    }
}

fn sum(marks: &[Mark], of: impl Fn(&Mark) -> usize) -> usize {
    marks.iter().map(of).sum()
}

#[test]
fn badges_clusters_and_arrows_hold_every_alarm_once_wherever_the_camera_looks() {
    let mut met = [0; 3];
    for seed in 0..400 {
        let look = look(seed);
        let marks = marks(&look.alarmed, look.seen, look.edge);
        let active: usize = look.alarmed.iter().map(|one| one.active).sum();
        let expected: usize = look.alarmed.iter().map(|one| one.expected).sum();
        assert_eq!(sum(&marks, |mark| mark.active), active, "seed {seed}");
        assert_eq!(sum(&marks, |mark| mark.expected), expected, "seed {seed}");
        let told: Vec<_> = marks.iter().flat_map(|mark| &mark.assets).collect();
        let once: BTreeSet<_> = told.iter().collect();
        assert_eq!(told.len(), look.alarmed.len(), "seed {seed}");
        assert_eq!(once.len(), told.len(), "seed {seed}: an asset twice");
        for mark in &marks {
            let place = match mark.kind {
                MarkKind::Badge => 0,
                MarkKind::Cluster => 1,
                MarkKind::Arrow(_) => 2,
            };
            met[place] += 1;
            let [left, top, right, bottom] = match mark.kind {
                MarkKind::Arrow(_) => look.edge,
                _ => look.seen,
            };
            let [x, y] = mark.at;
            let inside = x >= left - 0.1 && x <= right + 0.1 && y >= top - 0.1 && y <= bottom + 0.1;
            assert!(inside, "seed {seed}: {mark:?}");
        }
        let arrows = marks
            .iter()
            .filter(|mark| matches!(mark.kind, MarkKind::Arrow(_)));
        assert!(arrows.count() <= 8, "seed {seed}");
    }
    assert!(
        met.iter().all(|count| *count > 400),
        "every kind was met: {met:?}"
    );
}

#[test]
fn a_mark_tells_its_most_urgent_alarm_and_what_waits() {
    for seed in 0..100 {
        let look = look(seed);
        for mark in marks(&look.alarmed, look.seen, look.edge) {
            let own = |one: &&Alarmed| mark.assets.contains(&one.asset);
            let all: Vec<_> = look.alarmed.iter().filter(own).collect();
            // What is only expected never stands before what is.
            let real = all.iter().filter(|one| one.active > 0);
            let first = real.clone().map(|one| one.priority).min();
            let first = first.or(all.iter().map(|one| one.priority).min());
            assert_eq!(Some(mark.priority), first, "seed {seed}: {mark:?}");
            assert_eq!(mark.waits, all.iter().any(|one| one.waits), "seed {seed}");
        }
    }
}

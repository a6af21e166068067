//! What the program holds at an instant.

use std::fs;

use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;
use serde::Serialize;

use super::super::view3d;

/// What is held. Threads, descriptors and memory are 0 where the system does not tell them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Census {
    /// Entities of the main world.
    pub entities: usize,
    /// Meshes.
    pub meshes: usize,
    /// Images.
    pub images: usize,
    /// Materials of the view.
    pub materials: usize,
    /// Buffers for the graphics card.
    pub buffers: usize,
    /// Threads.
    pub threads: usize,
    /// Open file descriptors.
    pub descriptors: usize,
    /// Resident memory, MiB.
    pub resident_mib: f64,
}

impl Census {
    /// What is held now.
    pub(super) fn of(world: &World) -> Self {
        Self {
            entities: world.entities().count_spawned() as usize,
            meshes: count::<Mesh>(world),
            images: count::<Image>(world),
            materials: view3d::material_count(world),
            buffers: count::<ShaderBuffer>(world),
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
            resident_mib: resident_mib(),
        }
    }

    /// All that is counted one by one, with what it is called.
    pub(super) fn counts(&self) -> [(&'static str, usize); 7] {
        [
            ("entities", self.entities),
            ("meshes", self.meshes),
            ("images", self.images),
            ("materials", self.materials),
            ("buffers", self.buffers),
            ("threads", self.threads),
            ("descriptors", self.descriptors),
        ]
    }

    /// True if nothing is more than in `base`; memory is judged by its slope.
    pub(super) fn is_within(&self, base: &Self) -> bool {
        let pairs = self.counts().into_iter().zip(base.counts());
        pairs.into_iter().all(|((_, now), (_, then))| now <= then)
    }
}

fn count<A: Asset>(world: &World) -> usize {
    world.get_resource::<Assets<A>>().map_or(0, Assets::len)
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

fn resident_mib() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1_024.0
}

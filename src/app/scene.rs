//! The scene as entities: one per asset, with its readings.
//!
//! Spawns when a scene is opened, and takes everything of the last scene away first.

use std::sync::Arc;

use bevy::prelude::*;

use crate::history::Row;
use crate::scene::{AssetIndex, Priority, Scene};

/// A piece of plant, such as pump `P-101`.
///
/// One entity per asset in the scene. Never changes, so [`OpenScene`] can point at it.
#[derive(Component, Debug)]
#[component(immutable)]
#[require(Transform, Visibility, Readings, AlarmMark)]
pub struct PhysicalAsset {
    /// Its place in the scene.
    pub index: AssetIndex,
    /// The name on the plate.
    pub tag: String,
}

/// The asset that this one belongs to: a valve to its pump, a pump to its building.
///
/// A relationship of the plant, not of transforms: places in a scene are in the world.
#[derive(Component, Debug)]
#[relationship(relationship_target = Parts)]
pub struct PartOf(pub Entity);

/// The assets that belong to this one. Kept by Bevy from [`PartOf`].
#[derive(Component, Debug, Default)]
#[relationship_target(relationship = PartOf)]
pub struct Parts(Vec<Entity>);

/// What the signals of an asset show at the playhead, in the order of the asset's signals.
///
/// Written by [`super::timeline::sample_history`] and by nothing else, and only where
/// something changed, so `Changed<Readings>` means what it says.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct Readings(pub Vec<Option<Row>>);

/// The most urgent alarm of an asset at the playhead, and whether it waits to be acknowledged.
///
/// Written by [`super::alarms::mark_assets`] and by nothing else.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmMark(pub Option<(Priority, Unacknowledged)>);

/// True if an alarm waits to be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unacknowledged(pub bool);

/// The scene that is open, and its entities.
///
/// Written by [`open`] alone.
#[derive(Resource)]
pub struct OpenScene {
    /// What exists.
    pub scene: Arc<Scene>,
    /// The entity of each asset, by [`AssetIndex`]: the tag index.
    pub entities: Vec<Entity>,
    /// The parent of all of them.
    pub root: Entity,
}

impl OpenScene {
    /// The entity of an asset.
    pub fn entity(&self, asset: AssetIndex) -> Option<Entity> {
        self.entities.get(asset.index()).copied()
    }

    /// The entity of the asset with this tag.
    pub fn find(&self, tag: &str) -> Option<Entity> {
        self.entity(self.scene.find_asset(tag)?)
    }
}

/// Replaces whatever scene is open by `scene`.
pub fn open(world: &mut World, scene: Arc<Scene>) {
    if let Some(old) = world.remove_resource::<OpenScene>() {
        world.despawn(old.root);
    }
    let root = world
        .spawn((
            Name::new(scene.name.clone()),
            Transform::default(),
            Visibility::default(),
        ))
        .id();
    let entities: Vec<Entity> = scene
        .asset_indices()
        .map(|index| {
            let asset = scene.asset(index);
            let signals = asset.signals.len();
            world
                .spawn((
                    Name::new(asset.tag.clone()),
                    PhysicalAsset {
                        index,
                        tag: asset.tag.clone(),
                    },
                    super::coords::transform(asset.position, asset.heading),
                    Readings(vec![None; signals]),
                ))
                .id()
        })
        .collect();
    for (entity, asset) in entities.iter().zip(&scene.assets) {
        if let Some(parent) = asset.parent {
            world
                .entity_mut(*entity)
                .insert(PartOf(entities[parent.index()]));
        }
    }
    world.entity_mut(root).add_children(&entities);
    world.insert_resource(OpenScene {
        scene,
        entities,
        root,
    });
}

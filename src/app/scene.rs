//! The scene as entities: one per asset. What they show is in [`super::timeline::Frame`].
//!
//! Spawns when a scene is opened, and takes everything of the last scene away first.

use std::sync::Arc;

use bevy::prelude::*;

use crate::import::gltf::Drawing;
use crate::scene::{AssetIndex, Priority, Scene};

/// A piece of plant, such as pump `P-101`.
///
/// One entity per asset in the scene. Never changes, so [`OpenScene`] can point at it.
#[derive(Component, Debug)]
#[component(immutable)]
#[require(Transform, Visibility)]
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

/// The most urgent alarm of an asset at the playhead, and whether it waits to be acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmMark(pub Option<(Priority, Unacknowledged)>);

/// The marks of all assets. Written by [`super::alarms::mark_assets`] alone, and told as
/// changed only where one did.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmMarks {
    /// By [`AssetIndex`].
    marks: Vec<AlarmMark>,
    /// The assets whose mark changed last.
    changed: Vec<AssetIndex>,
}

impl AlarmMarks {
    /// The mark of an asset.
    pub fn of(&self, asset: AssetIndex) -> AlarmMark {
        self.marks.get(asset.index()).copied().unwrap_or_default()
    }

    /// The assets whose mark changed when these were told as changed last.
    pub fn changed(&self) -> &[AssetIndex] {
        &self.changed
    }

    /// The assets that have an alarm.
    pub fn alarmed(&self) -> impl Iterator<Item = AssetIndex> {
        let marked = (0..).zip(&self.marks);
        marked.filter_map(|(index, mark)| mark.0.map(|_| AssetIndex(index)))
    }

    /// Puts these in place of what is there; true if one differs.
    pub(super) fn replace(&mut self, marks: Vec<AlarmMark>) -> bool {
        let before = self.marks.iter().chain(std::iter::repeat(&AlarmMark(None)));
        let pairs = (0..).zip(marks.iter().zip(before));
        let changed = pairs.filter(|(_, (now, before))| now != before);
        let changed: Vec<_> = changed.map(|(index, _)| AssetIndex(index)).collect();
        self.marks = marks;
        let any = !changed.is_empty();
        if any {
            self.changed = changed;
        }
        any
    }
}

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

/// What draws the assets of the scene that is open, by its drawings. Written when it is opened,
/// and by [`super::reload`] when their files change.
#[derive(Resource, Default)]
pub struct SceneDrawings(pub Vec<Arc<Drawing>>);

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
            world
                .spawn((
                    Name::new(asset.tag.clone()),
                    PhysicalAsset {
                        index,
                        tag: asset.tag.clone(),
                    },
                    super::coords::transform(asset.position, asset.heading),
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

//! Another drawing of the open scene: what was built before makes room, nothing else does.

use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::NoAutoAabb;
use bevy::mesh::MeshTag;
use bevy::prelude::*;

use super::super::scene::{OpenScene, PhysicalAsset, SceneDrawings};
use super::camera::Eye;
use super::material::TwinMaterial;
use super::plant::Plant;

/// What is made anew with the meshes of the scene: ground, sky, scenery, shadows, hulls.
#[derive(Component)]
pub(super) struct Built;

/// True if another scene is open, or is drawn by other drawings.
pub(super) fn is_wanted(
    open: Option<Res<OpenScene>>,
    drawings: Option<Res<SceneDrawings>>,
) -> bool {
    let drawn = drawings.is_some_and(|drawings| drawings.is_changed());
    open.is_some_and(|open| open.is_changed() || drawn)
}

/// Takes away what was built of the scene that stays open.
pub(super) fn clear(
    built: Query<Entity, With<Built>>,
    assets: Query<Entity, (With<PhysicalAsset>, With<Mesh3d>)>,
    mut commands: Commands,
) {
    for entity in &built {
        commands.entity(entity).try_despawn();
    }
    for entity in &assets {
        type Look = (
            Mesh3d,
            MeshMaterial3d<TwinMaterial>,
            MeshTag,
            Aabb,
            NoAutoAabb,
        );
        commands.entity(entity).remove::<Look>();
    }
}

/// Lets the eye go where there is something now.
pub(super) fn widen(plant: Res<Plant>, mut eye: ResMut<Eye>) {
    eye.bypass_change_detection()
        .orbit
        .stay_near(plant.whole.into());
}

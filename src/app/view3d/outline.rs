//! The hull around what is selected.

use bevy::camera::visibility::RenderLayers;
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::mesh::MeshTag;
use bevy::prelude::*;

use super::super::reveal::Revealed;
use super::super::scene::{OpenScene, PhysicalAsset};
use super::super::selection::Selection;
use super::counterpart::SHARED;
use super::plant::Plant;
use super::rebuild::Built;
use super::record::Records;

/// Of a larger choice only the first have a hull; all are tinted.
const MOST: usize = 400;

/// The hulls that there are, in use or not. Written by [`follow`] alone.
#[derive(Resource, Default)]
pub(super) struct Outlines(Vec<Entity>);

/// True if hulls may have to stand elsewhere.
pub(super) fn stale(
    selection: Res<Selection>,
    revealed: Res<Revealed>,
    records: Res<Records>,
) -> bool {
    selection.is_changed() || revealed.is_changed() || records.is_changed()
}

/// Lays a hull around each selected asset that is drawn.
pub(super) fn follow(
    selection: Res<Selection>,
    revealed: Res<Revealed>,
    open: Res<OpenScene>,
    plant: Res<Plant>,
    records: Res<Records>,
    shown: Query<(&Mesh3d, &MeshTag, &Transform), With<PhysicalAsset>>,
    mut outlines: ResMut<Outlines>,
    mut commands: Commands,
) {
    if records.is_changed() {
        // Those of the last meshes are gone with them.
        outlines.0.clear();
    }
    let first = selection.selected.into_iter();
    let others = selection.chosen.iter().copied();
    let others = others.filter(|asset| Some(*asset) != selection.selected);
    let drawn = first
        .chain(others)
        .filter(|asset| revealed.draws(*asset))
        .take(MOST);
    let hulls = drawn.filter_map(|asset| shown.get(open.entity(asset)?).ok());
    let mut used = 0;
    for (mesh, tag, place) in hulls {
        let look = (mesh.clone(), tag.clone(), *place, Visibility::Inherited);
        match outlines.0.get(used) {
            Some(hull) => {
                commands.entity(*hull).insert(look);
            }
            None => {
                let hull = commands.spawn((
                    Name::new("outline of the selection"),
                    (ChildOf(open.root), Built),
                    RenderLayers::from_layers(SHARED),
                    MeshMaterial3d(plant.outline.clone()),
                    look,
                    NotShadowCaster,
                    NotShadowReceiver,
                ));
                outlines.0.push(hull.id());
            }
        }
        used += 1;
    }
    for hull in &outlines.0[used..] {
        commands.entity(*hull).insert(Visibility::Hidden);
    }
}

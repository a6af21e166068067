//! What of the plant is drawn: entities shown and hidden, seen through, cut open, pulled apart.

use bevy::asset::Assets;
use bevy::camera::ClearColorConfig;
use bevy::prelude::*;

use super::super::action::Action;
use super::super::coords;
use super::super::reveal::{RevealEdit, Revealed, Section};
use super::super::scene::OpenScene;
use super::super::selection::Selection;
use super::super::settings::ViewSettings;
use super::StillView;
use super::camera::{Eye, Sun};
use super::counterpart::Counterpart;
use super::framing::Extent;
use super::material::TwinMaterial;
use super::plant::Plant;
use super::record::Records;
use super::redraw::Wake;
use crate::scene::AssetIndex;

/// What is drawn of each asset of the open scene. Written by [`apply`] alone.
#[derive(Resource, Default)]
pub(super) struct Concealed {
    /// By [`AssetIndex`].
    shown: Vec<Shown>,
    /// How far apart storeys stand, m.
    spread: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Solid,
    Through,
    Hidden,
}

impl Shown {
    fn of(asset: AssetIndex, revealed: &Revealed, selection: &Selection) -> Self {
        match revealed.draws(asset) {
            false => Self::Hidden,
            true if revealed.now.xray && !selection.holds(asset) => Self::Through,
            true => Self::Solid,
        }
    }

    fn visibility(self) -> Visibility {
        match self {
            Self::Hidden => Visibility::Hidden,
            Self::Solid | Self::Through => Visibility::Inherited,
        }
    }
}

/// What is changed of something that is drawn.
type Drawn = (
    &'static mut Visibility,
    &'static mut Transform,
    Option<&'static mut MeshMaterial3d<TwinMaterial>>,
);

/// True if what is drawn may have changed.
pub(super) fn stale(
    records: Res<Records>,
    revealed: Res<Revealed>,
    selection: Res<Selection>,
    counterpart: Res<Counterpart>,
    settings: Res<ViewSettings>,
) -> bool {
    let edited = revealed.is_changed() || records.is_changed() || settings.is_changed();
    let chosen = revealed.now.xray && selection.is_changed();
    edited || chosen || (revealed.is_edited() && counterpart.is_changed())
}

/// Draws what [`Revealed`] says, as far as it differs from what is drawn.
pub(super) fn apply(
    open: Res<OpenScene>,
    revealed: Res<Revealed>,
    selection: Res<Selection>,
    (counterpart, settings, still, records): (
        Res<Counterpart>,
        Res<ViewSettings>,
        Res<StillView>,
        Res<Records>,
    ),
    mut concealed: ResMut<Concealed>,
    mut plant: ResMut<Plant>,
    mut drawn: Query<Drawn>,
    mut materials: ResMut<Assets<TwinMaterial>>,
    mut suns: Query<&mut DirectionalLight, With<Sun>>,
    mut cameras: Query<&mut Camera>,
    mut wake: ResMut<Wake>,
) {
    let scene = &open.scene;
    // Records that are others belong to meshes that are.
    if records.is_changed() {
        *concealed = Concealed {
            shown: vec![Shown::Solid; scene.assets.len()],
            ..Concealed::default()
        };
    }
    for asset in scene.asset_indices() {
        let shown = Shown::of(asset, &revealed, &selection);
        if std::mem::replace(&mut concealed.shown[asset.index()], shown) == shown {
            continue;
        }
        if let Ok((mut seen, _, Some(mut material))) = drawn.get_mut(open.entities[asset.index()]) {
            seen.set_if_neq(shown.visibility());
            let handle = match shown {
                Shown::Through => &plant.through,
                _ => &plant.solid,
            };
            if material.0 != *handle {
                material.0 = handle.clone();
            }
        }
    }
    for &(asset, mesh) in counterpart.meshes() {
        if let Ok((mut seen, ..)) = drawn.get_mut(mesh) {
            seen.set_if_neq(concealed.shown[asset.index()].visibility());
        }
    }
    let now = &revealed.now;
    // Nothing is dark at the foot of what is not there.
    let ground_off = now.ground_off || !settings.backdrop;
    let feet_off = ground_off || revealed.hides_some() || now.section.is_some() || now.spread > 0.0;
    for (parts, off) in [
        (&plant.land, ground_off),
        (&plant.shade, feet_off),
        (&plant.shadows, ground_off),
        (&plant.sky, !settings.backdrop),
    ] {
        for &part in parts {
            if let Ok((mut seen, ..)) = drawn.get_mut(part) {
                seen.set_if_neq(if off {
                    Visibility::Hidden
                } else {
                    Visibility::Inherited
                });
            }
        }
    }
    if concealed.spread != revealed.now.spread {
        plant.pull_apart(scene, |asset| revealed.lift(scene, asset));
    }
    if concealed.spread != revealed.now.spread || counterpart.is_changed() {
        concealed.spread = revealed.now.spread;
        let own = scene.asset_indices().zip(open.entities.iter().copied());
        for (asset, entity) in own.chain(counterpart.meshes().iter().copied()) {
            let [east, north, up] = scene.asset(asset).position;
            let place = coords::point([east, north, up + revealed.lift(scene, asset)]);
            if let Ok((_, mut transform, _)) = drawn.get_mut(entity)
                && transform.translation != place
            {
                transform.translation = place;
            }
        }
    }
    let cut = revealed.now.section.is_some();
    let stale = |(id, material): (_, &TwinMaterial)| {
        (material.pass.is_cut() && material.cut != cut).then_some(id)
    };
    let stale: Vec<_> = materials.iter().filter_map(stale).collect();
    for id in stale {
        if let Some(mut material) = materials.get_mut(id) {
            material.cut = cut;
        }
    }
    for mut sun in &mut suns {
        // A shadow of what was cut away would tell of something that is not there.
        let shadows = !cut && settings.quality_drawn(still.0).has_shadows();
        if sun.shadow_maps_enabled != shadows {
            sun.shadow_maps_enabled = shadows;
        }
    }
    let behind = match settings.backdrop {
        true => ClearColorConfig::Default,
        false => ClearColorConfig::Custom(Color::NONE),
    };
    for mut camera in &mut cameras {
        let stale = matches!(camera.clear_color, ClearColorConfig::Default) != settings.backdrop;
        if stale {
            camera.clear_color = behind;
        }
    }
    wake.redraw();
}

/// Cuts the plant open where a person would first look: through the middle of what is selected,
/// or of the plant, and open towards the eye.
pub(super) fn offer_section(
    revealed: Res<Revealed>,
    selection: Res<Selection>,
    plant: Res<Plant>,
    eye: Res<Eye>,
    mut actions: MessageWriter<Action>,
) {
    if !revealed.is_section_asked {
        return;
    }
    let chosen = selection.chosen.iter();
    let chosen: Vec<Extent> = chosen
        .filter_map(|asset| plant.extent(*asset).copied())
        .collect();
    let middle = Extent::around(chosen)
        .or_else(|| Extent::around(plant.cluster.iter().copied()))
        .unwrap_or(plant.whole)
        .middle();
    let mut section = around(&plant.whole);
    let from = coords::plant_point(eye.orbit.now.eye() - middle);
    let middle = coords::plant_point(middle);
    let axis = usize::from(from[1].abs() > from[0].abs());
    if from[axis] > 0.0 {
        section.high[axis] = middle[axis];
    } else {
        section.low[axis] = middle[axis];
    }
    actions.write(Action::Reveal(RevealEdit::Section(Some(section))));
}

/// The box around all of the plant, a little wider.
pub(super) fn around(whole: &Extent) -> Section {
    let (low, high) = (
        coords::plant_point(whole.low),
        coords::plant_point(whole.high),
    );
    let room = |axis: usize| (high[axis] - low[axis]).abs() * 0.01 + 0.5;
    Section {
        low: std::array::from_fn(|axis| low[axis].min(high[axis]) - room(axis)),
        high: std::array::from_fn(|axis| low[axis].max(high[axis]) + room(axis)),
    }
}

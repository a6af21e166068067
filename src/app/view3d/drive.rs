//! From what changed in the twin to the records on the graphics card.

use bevy::prelude::*;

use super::super::differences::Differences;
use super::super::scene::{AlarmMark, OpenScene, PhysicalAsset, Readings};
use super::super::selection::Selection;
use super::super::settings::ViewSettings;
use super::drivers::{self, HeatScale, Showing};
use super::plant::Plant;
use super::record::{Records, flag, slot};
use super::redraw::{PictureClock, Wake};
use crate::scene::AssetIndex;

/// What the colours of the view mean, if heat is on. Written by [`choose_heat`] alone.
#[derive(Resource, Default)]
pub(super) struct Heat {
    /// As the scene has it.
    given: Option<HeatScale>,
    /// As it is shown.
    shown: Option<HeatScale>,
    /// The shown one suits the values that there were when it was chosen.
    is_fitted: bool,
}

impl Heat {
    /// The scale that is shown.
    pub(super) fn scale(&self) -> Option<&HeatScale> {
        self.shown.as_ref()
    }
}

/// Finds the scale of the signal that colours the view.
///
/// That of an imported file is fitted once, to the first values there are; then it stays, so
/// that a colour means the same from instant to instant.
pub(super) fn choose_heat(
    settings: Res<ViewSettings>,
    open: Res<OpenScene>,
    readings: Query<(&PhysicalAsset, &Readings)>,
    mut heat: ResMut<Heat>,
) {
    if settings.is_changed() || open.is_changed() {
        let name = settings.heat.as_deref();
        let given = name.and_then(|name| HeatScale::of(&open.scene, name));
        if heat.given != given {
            *heat = Heat {
                shown: given.clone(),
                given,
                is_fitted: open.scene.imports.is_empty(),
            };
        }
    }
    if heat.is_fitted || heat.shown.is_none() {
        return;
    }
    let mut fitted = heat.shown.clone();
    let known = fitted.as_mut().is_some_and(|scale| {
        let own = readings.iter().filter_map(|(asset, readings)| {
            let asset = open.scene.assets.get(asset.index.index())?;
            let id = scale.signal_of(&open.scene, asset)?;
            let place = id.0 - asset.signals.start;
            let row = readings.0.get(place as usize)?.as_ref()?;
            Some(row.sample.value)
        });
        let values: Vec<f64> = own.collect();
        scale.fit(values)
    });
    if known {
        heat.shown = fitted;
        heat.is_fitted = true;
    }
}

/// True if every record must be written anew: another scene, look or heat.
pub(super) fn everything_changed(
    settings: Res<ViewSettings>,
    heat: Res<Heat>,
    differences: Res<Differences>,
    records: Option<Res<Records>>,
) -> bool {
    let another = records.is_some_and(|records| records.is_changed());
    settings.is_changed() || heat.is_changed() || differences.is_changed() || another
}

/// Writes the records of assets whose readings or alarms changed.
pub(super) fn follow_readings(
    open: Res<OpenScene>,
    settings: Res<ViewSettings>,
    heat: Res<Heat>,
    differences: Res<Differences>,
    clock: Res<PictureClock>,
    changed: Query<
        (&PhysicalAsset, &Readings, &AlarmMark),
        Or<(Changed<Readings>, Changed<AlarmMark>)>,
    >,
    mut records: ResMut<Records>,
) {
    let showing = showing(&settings, &heat, &clock);
    for driven in &changed {
        write(&open, driven, showing, &differences, &mut records);
    }
}

/// Writes the records of all assets.
pub(super) fn rewrite_all(
    open: Res<OpenScene>,
    settings: Res<ViewSettings>,
    heat: Res<Heat>,
    differences: Res<Differences>,
    clock: Res<PictureClock>,
    all: Query<(&PhysicalAsset, &Readings, &AlarmMark)>,
    mut records: ResMut<Records>,
    mut wake: ResMut<Wake>,
) {
    let showing = showing(&settings, &heat, &clock);
    for driven in &all {
        write(&open, driven, showing, &differences, &mut records);
    }
    wake.redraw();
}

fn showing<'a>(settings: &ViewSettings, heat: &'a Heat, clock: &PictureClock) -> Showing<'a> {
    Showing {
        look: settings.look,
        heat: heat.scale(),
        difference: None,
        now: clock.motion,
    }
}

fn write(
    open: &OpenScene,
    (asset, readings, mark): (&PhysicalAsset, &Readings, &AlarmMark),
    showing: Showing<'_>,
    differences: &Differences,
    records: &mut ResMut<Records>,
) {
    let share = || differences.shares.get(asset.index.index()).copied();
    let showing = Showing {
        difference: differences.coloured().map(|_| share().flatten()),
        ..showing
    };
    let scene = &open.scene;
    let Some(plate) = scene.assets.get(asset.index.index()) else {
        return;
    };
    let slot = slot(asset.index);
    let last = records.get(slot);
    let next = drivers::record(scene, plate, readings, *mark, showing, last);
    // Change detection of records means another scene; the drivers do not trip it.
    records.bypass_change_detection().set(slot, next);
}

/// Marks what is selected and hovered, and lays the outline around the selection.
pub(super) fn follow_selection(
    selection: Res<Selection>,
    plant: Res<Plant>,
    open: Res<OpenScene>,
    shown: Query<(&Mesh3d, &bevy::mesh::MeshTag, &Transform), With<PhysicalAsset>>,
    mut commands: Commands,
    mut records: ResMut<Records>,
    mut wake: ResMut<Wake>,
    mut last: Local<Selection>,
) {
    let records = records.bypass_change_detection();
    let touched = [
        last.selected,
        last.hovered,
        selection.selected,
        selection.hovered,
    ];
    for asset in touched.into_iter().flatten() {
        point_at(asset, &selection, records);
    }
    *last = *selection;
    wake.redraw();
    let chosen = selection.selected.and_then(|asset| open.entity(asset));
    let mut outline = commands.entity(plant.outline);
    match chosen.and_then(|entity| shown.get(entity).ok()) {
        Some((mesh, tag, place)) => {
            outline.insert((mesh.clone(), tag.clone(), *place, Visibility::Inherited));
        }
        None => {
            outline.insert(Visibility::Hidden);
        }
    }
}

fn point_at(asset: AssetIndex, selection: &Selection, records: &mut Records) {
    let mut record = records.get(slot(asset));
    record.flags &= !flag::POINTED;
    if selection.selected == Some(asset) {
        record.flags |= flag::SELECTED;
    }
    if selection.hovered == Some(asset) {
        record.flags |= flag::HOVERED;
    }
    records.set(slot(asset), record);
}

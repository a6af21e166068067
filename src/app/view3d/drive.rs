//! From what changed in the twin to the records on the graphics card.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::super::differences::Differences;
use super::super::residuals::Residuals;
use super::super::scene::{AlarmMarks, OpenScene};
use super::super::selection::Selection;
use super::super::settings::ViewSettings;
use super::super::timeline::Frame;
use super::drivers::{self, Drivings, HeatScale, Showing};
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
    frame: Res<Frame>,
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
        let rows = frame.cursor.rows();
        let own = scale
            .signals()
            .filter_map(|id| Some(rows.get(id.index())?.as_ref()?.sample.value));
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
    (differences, residuals): (Res<Differences>, Res<Residuals>),
    records: Option<Res<Records>>,
) -> bool {
    let another = records.is_some_and(|records| records.is_changed());
    let compared = differences.is_changed() || residuals.is_changed();
    settings.is_changed() || heat.is_changed() || compared || another
}

/// What the drivers look at.
#[derive(SystemParam)]
pub(super) struct Seen<'w> {
    settings: Res<'w, ViewSettings>,
    heat: Res<'w, Heat>,
    differences: Res<'w, Differences>,
    residuals: Res<'w, Residuals>,
    clock: Res<'w, PictureClock>,
    drivings: Res<'w, Drivings>,
    frame: Res<'w, Frame>,
    marks: Res<'w, AlarmMarks>,
}

impl Seen<'_> {
    /// Writes the records of these assets.
    fn write(&self, assets: impl Iterator<Item = AssetIndex>, records: &mut Records) {
        let plain = Showing {
            look: self.settings.look,
            heat: self.heat.scale(),
            difference: None,
            residual: None,
            now: self.clock.motion,
        };
        let rows = self.frame.cursor.rows();
        for asset in assets {
            let share = || self.differences.shares.get(asset.index()).copied();
            let judged = || self.residuals.assets.get(asset.index()).copied();
            let showing = Showing {
                residual: self.residuals.run.map(|_| judged().unwrap_or_default()),
                difference: self.differences.coloured().map(|_| share().flatten()),
                ..plain
            };
            let last = records.get(slot(asset));
            let mark = self.marks.of(asset);
            let next = drivers::record(&self.drivings, asset, rows, mark, showing, last);
            records.set(slot(asset), next);
        }
    }
}

/// Writes the records of assets whose readings or alarms changed.
pub(super) fn follow_readings(seen: Seen, mut records: ResMut<Records>) {
    // Change detection of records means another scene; the drivers do not trip it.
    let records = records.bypass_change_detection();
    let signals = seen.frame.cursor.changed().iter();
    let mut before = None;
    let owners = signals.filter_map(|&signal| {
        let owner = seen.drivings.owner(signal);
        // The signals of an asset lie side by side, and often come together.
        (before.replace(owner) != Some(owner)).then_some(owner)?
    });
    seen.write(owners, records);
    if seen.marks.is_changed() {
        seen.write(seen.marks.changed().iter().copied(), records);
    }
}

/// Writes the records of all assets.
pub(super) fn rewrite_all(seen: Seen, mut records: ResMut<Records>, mut wake: ResMut<Wake>) {
    let records = records.bypass_change_detection();
    seen.write(seen.drivings.indices(), records);
    wake.redraw();
}

/// Marks what is selected and hovered.
pub(super) fn follow_selection(
    selection: Res<Selection>,
    mut records: ResMut<Records>,
    mut wake: ResMut<Wake>,
    mut last: Local<Selection>,
) {
    let records = records.bypass_change_detection();
    let touched = last.chosen.iter().chain(&selection.chosen).copied();
    for asset in touched.chain(last.hovered).chain(selection.hovered) {
        let mut record = records.get(slot(asset));
        record.flags &= !flag::POINTED;
        if selection.holds(asset) {
            record.flags |= flag::SELECTED;
        }
        if selection.hovered == Some(asset) {
            record.flags |= flag::HOVERED;
        }
        records.set(slot(asset), record);
    }
    last.clone_from(&selection);
    wake.redraw();
}

//! The signal that colours the plant, to be chosen in the top bar or in the View menu.

use std::collections::BTreeSet;

use egui::{Response, Ui};
use egui_phosphor::regular as icon;

use super::Twin;
use super::expected::residuals_allowed;
use crate::app::action::{Action, Named};

/// Width of the list in the top bar, points.
pub const WIDTH: f32 = 116.0;
const NONE: &str = "No heat colours";
/// The same on the closed list.
const NONE_SHORT: &str = "No heat";
/// Not by a signal, but by how far all of them lie from what was expected.
const RESIDUALS: &str = "Residuals, in σ";

/// The choice in the top bar.
pub fn heat_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) -> Response {
    let shown = twin.settings.heat.as_deref();
    let text = match twin.settings.residuals {
        true => RESIDUALS,
        false => shown.map_or(NONE_SHORT, |name| heat_label(twin, name)),
    };
    let combo = egui::ComboBox::from_id_salt("heat")
        .width(WIDTH)
        .truncate()
        .selected_text(format!("{}  {text}", icon::THERMOMETER));
    let shown = combo.show_ui(ui, |ui| choices_ui(ui, twin, actions));
    let hint = match residuals_allowed(twin) {
        Err(why) if twin.settings.residuals => format!("{text}: {why}"),
        _ => format!("{text}. Colour the plant by a signal"),
    };
    shown.response.on_hover_text(hint)
}

/// The same as a part of a menu.
pub fn heat_menu_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    ui.menu_button("Colour by a signal", |ui| choices_ui(ui, twin, actions));
}

fn choices_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let by_residuals = twin.settings.residuals;
    let shown = twin.settings.heat.as_deref().filter(|_| !by_residuals);
    if ui
        .selectable_label(shown.is_none() && !by_residuals, NONE)
        .clicked()
    {
        actions.push(Action::SetHeat(None));
        ui.close();
    }
    let allowed = Named::ToggleResiduals.allowed(twin);
    let choice = egui::Button::selectable(by_residuals, RESIDUALS);
    let choice = ui.add_enabled(allowed.is_ok(), choice);
    let choice = match allowed {
        Ok(()) => choice.on_hover_text(Named::ToggleResiduals.help()),
        Err(why) => choice.on_disabled_hover_text(why),
    };
    if choice.clicked() {
        if !by_residuals {
            actions.push(Action::Named(Named::ToggleResiduals));
        }
        ui.close();
    }
    for name in heat_names(twin) {
        let label = heat_label(twin, name);
        if ui.selectable_label(shown == Some(name), label).clicked() {
            actions.push(Action::SetHeat(Some(name.to_owned())));
            ui.close();
        }
    }
}

/// The names of numeric signals, each once, in order.
fn heat_names<'a>(twin: &Twin<'a>) -> BTreeSet<&'a str> {
    let signals = twin.scene.signals.iter();
    signals
        .filter(|signal| signal.states.is_empty())
        .map(|signal| signal.name.as_str())
        .collect()
}

fn heat_label<'a>(twin: &Twin<'a>, name: &'a str) -> &'a str {
    let mut signals = twin.scene.signals.iter();
    let known = signals.find(|signal| signal.name == name);
    known.map_or(name, |signal| signal.label.as_str())
}

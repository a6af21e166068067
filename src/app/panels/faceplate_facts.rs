//! What a faceplate tells besides signals: parameters, neighbours, notes.

use egui::{Label, RichText, Ui};
use egui_phosphor::regular as icon;

use super::controls::icon_button;
use super::{Twin, theme};
use crate::app::action::{Action, Named};
use crate::scene::{Asset, AssetIndex};
use crate::timeline::TimelineCommand;
use crate::units::Unit;

/// At most so many notes are shown, the newest.
const NOTES: usize = 20;

pub(super) fn parameters_ui(ui: &mut Ui, asset: &Asset) {
    if asset.parameters.is_empty() {
        return;
    }
    ui.add_space(4.0);
    ui.label(theme::caption("Parameters"));
    egui::Grid::new("parameters")
        .num_columns(2)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            for (name, &(value, unit)) in &asset.parameters {
                ui.label(RichText::new(name.replace('_', " ")).color(theme::weak()));
                ui.label(parameter_text(value, unit));
                ui.end_row();
            }
        });
}

/// A place on the earth, to a metre.
pub(super) fn degrees_text(latitude: f64, longitude: f64) -> String {
    let half = |degrees: f64, halves: [char; 2]| halves[usize::from(degrees < 0.0)];
    format!(
        "{:.5}° {}, {:.5}° {}",
        latitude.abs(),
        half(latitude, ['N', 'S']),
        longitude.abs(),
        half(longitude, ['E', 'W'])
    )
}

/// A fact in the unit in which it is written.
fn parameter_text(si: f64, unit: Unit) -> String {
    // Six digits tell every plate's number and hide what conversion adds.
    let value = unit.from_si(si);
    let digits = 5 - (value.abs().max(1e-3).log10().floor() as i32).clamp(-3, 5);
    let text = format!("{value:.*}", digits as usize);
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} {}", unit.symbol()).trim_end().to_owned()
}

/// Its neighbours: those that it names, and those that name it.
pub(super) fn links_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    index: AssetIndex,
    asset: &Asset,
    actions: &mut Vec<Action>,
) {
    let places = (0..).map(AssetIndex).zip(&twin.scene.assets);
    let naming = places.filter(|(_, other)| other.links.contains(&index));
    let naming: Vec<_> = naming
        .map(|(place, _)| place)
        .filter(|place| !asset.links.contains(place))
        .collect();
    for (title, assets) in [("Joined to", &asset.links), ("Joined from", &naming)] {
        if assets.is_empty() {
            continue;
        }
        ui.add_space(8.0);
        ui.label(theme::caption(title));
        ui.horizontal_wrapped(|ui| {
            for &link in assets {
                let linked = twin.scene.asset(link);
                let button = ui.small_button(&linked.tag).on_hover_text(&linked.label);
                if button.clicked() {
                    actions.push(Action::Select(Some(link)));
                }
            }
        });
    }
}

/// What operators noted about it, the newest first; a click goes to the instant.
pub(super) fn notes_ui(ui: &mut Ui, twin: &Twin<'_>, asset: &Asset, actions: &mut Vec<Action>) {
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.label(theme::caption("Notes"));
        if icon_button(ui, icon::NOTE_PENCIL, "Add a note").clicked() {
            actions.push(Action::Named(Named::AddNote));
        }
    });
    let own = twin.notes.iter().rev();
    let own = own.filter(|note| note.tag.as_deref() == Some(&asset.tag));
    for note in own.take(NOTES) {
        let head = format!("{} UTC, {}", note.at.to_clock_text(), note.by);
        if ui.link(head).on_hover_text("Go to that instant").clicked() {
            actions.push(Action::Timeline(TimelineCommand::Seek(note.at)));
        }
        ui.add(Label::new(&note.text).wrap());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_read_like_a_plate() {
        for (written, shown) in [
            ("600 mm", "600 mm"),
            ("12 m", "12 m"),
            ("12 in", "12 in"),
            ("360 m3/h", "360 m³/h"),
            ("130", "130"),
            ("75 kW", "75 kW"),
            ("0 bar", "0 bar"),
            ("1500000", "1500000"),
        ] {
            let (si, unit) = crate::units::parse_measure(written).expect("a fact");
            assert_eq!(parameter_text(si, unit), shown);
        }
    }
}

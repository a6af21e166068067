//! Picking a signal out of thousands: a button that opens a search.

use egui::{Id, Ui};

use super::controls::text_field;
use crate::scene::{Scene, Signal};
use crate::signal::SignalId;

const ROW: f32 = 20.0;

/// A button that opens a list with search; gives the signal that was picked.
pub fn signal_picker_ui(
    ui: &mut Ui,
    scene: &Scene,
    title: &str,
    accept: impl Fn(SignalId, &Signal) -> bool,
) -> Option<SignalId> {
    let mut picked = None;
    let key = ui.id().with(("signal picker", title));
    ui.menu_button(title, |ui| {
        ui.set_width(300.0);
        picked = list_ui(ui, scene, key, accept);
        if picked.is_some() {
            ui.close();
        }
    });
    picked
}

fn list_ui(
    ui: &mut Ui,
    scene: &Scene,
    key: Id,
    accept: impl Fn(SignalId, &Signal) -> bool,
) -> Option<SignalId> {
    let mut search = ui
        .data(|data| data.get_temp::<String>(key))
        .unwrap_or_default();
    let field = egui::TextEdit::singleline(&mut search).hint_text("Search signals");
    let field = text_field(ui, field.desired_width(f32::INFINITY), "Search signals");
    // Asked before the focus is given back.
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    // Keys that are typed at once must not be shortcuts, also where a key opened the list.
    let pass = ui.ctx().cumulative_pass_nr();
    let drawn = ui.data_mut(|data| {
        let drawn = data.get_temp::<u64>(key.with("drawn"));
        data.insert_temp(key.with("drawn"), pass);
        drawn
    });
    let has_opened = drawn.is_none_or(|drawn| drawn + 1 < pass);
    if has_opened || ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    if field.changed() {
        ui.data_mut(|data| data.insert_temp(key, search.clone()));
    }
    let words = search.to_lowercase();
    let fits = |signal: &Signal| {
        let asset = scene.asset(signal.asset);
        let text = format!("{} {} {}", signal.full_name, signal.label, asset.label).to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    };
    let found: Vec<SignalId> = scene
        .signal_ids()
        .filter(|id| accept(*id, scene.signal(*id)) && fits(scene.signal(*id)))
        .collect();
    if found.is_empty() {
        ui.weak("No signal fits");
    }
    let mut picked = None;
    if entered {
        picked = found.first().copied();
    }
    egui::ScrollArea::vertical()
        .max_height(280.0)
        .show_rows(ui, ROW, found.len(), |ui, range| {
            for &id in &found[range] {
                let signal = scene.signal(id);
                let row = ui.selectable_label(false, &signal.full_name);
                let hint = format!("{}, {}", scene.asset(signal.asset).label, signal.label);
                if row.on_hover_text(hint).clicked() {
                    picked = Some(id);
                }
            }
        });
    picked
}

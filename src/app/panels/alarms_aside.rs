//! Alarms that are kept off the list: put there for a time and a reason, and taken back.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::alarms::may_acknowledge;
use super::{Twin, marks, theme};
use crate::alarm::{Alarm, AlarmId, Aside, Happening, Shelf, Standing};
use crate::app::action::Action;
use crate::time::duration_text;

/// For how long an alarm can be shelved, s.
const SPANS: [(&str, f64); 4] = [
    ("15 min", 900.0),
    ("1 h", 3_600.0),
    ("8 h", 28_800.0),
    ("24 h", 86_400.0),
];

/// What is asked of the person who shelves an alarm.
#[derive(Debug, Default)]
pub struct AsideState {
    shelving: Option<(AlarmId, String, String)>,
}

/// What can be done to an alarm.
pub fn menu_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    alarm: &Alarm,
    state: &mut AsideState,
    actions: &mut Vec<Action>,
) {
    let allowed = may_acknowledge(twin);
    let enabled = allowed.is_ok();
    let item = |ui: &mut Ui, text: &str, enabled: bool| {
        let button = ui.add_enabled(enabled, egui::Button::new(text));
        let button = match allowed {
            Err(why) => button.on_disabled_hover_text(why),
            Ok(()) => button,
        };
        let clicked = button.clicked();
        if clicked {
            ui.close();
        }
        clicked
    };
    let waits = !alarm.state.is_acknowledged() && alarm.standing != Standing::Latched;
    if item(ui, "Acknowledge", enabled && waits) {
        actions.push(Action::Acknowledge(alarm.id));
    }
    if item(ui, "Reset", enabled && alarm.standing == Standing::Latched) {
        actions.push(Action::AlarmAct(alarm.id, Happening::Reset));
    }
    if item(ui, "Shelve...", enabled) {
        let tag = twin
            .scene
            .asset(twin.scene.signal(alarm.signal).asset)
            .tag
            .clone();
        let message = alarm.source(twin.scene);
        let message = message.as_ref().map_or("", |source| source.message());
        state.shelving = Some((alarm.id, format!("{tag}: {message}"), String::new()));
    }
    if item(ui, "Take out of service", enabled) {
        actions.push(Action::AlarmAct(alarm.id, Happening::TakeOutOfService));
    }
}

/// Asks why, and for how long, an alarm is shelved.
pub fn shelving_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AsideState,
    actions: &mut Vec<Action>,
) {
    let Some((alarm, title, reason)) = &mut state.shelving else {
        return;
    };
    let mut done = false;
    let fill = theme::RAISED;
    egui::Frame::new()
        .fill(fill)
        .corner_radius(3.0)
        .inner_margin(6)
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new("Shelve").strong());
                ui.label(title.as_str());
                let label = ui.label(theme::note("because"));
                let field = egui::TextEdit::singleline(reason)
                    .desired_width(200.0)
                    .char_limit(200)
                    .hint_text("why it means nothing for now");
                ui.add(field).labelled_by(label.id);
                let told = !reason.trim().is_empty() && may_acknowledge(twin).is_ok();
                for (text, secs) in SPANS {
                    let button = ui.add_enabled(told, egui::Button::new(text));
                    if button.on_disabled_hover_text("Say why first").clicked() {
                        let shelf = Shelf {
                            until: twin.timeline.now().plus_secs(secs),
                            reason: Arc::from(reason.trim()),
                        };
                        actions.push(Action::AlarmAct(*alarm, Happening::Shelve(shelf)));
                        done = true;
                    }
                }
                done |= ui.button("Cancel").clicked();
            });
        });
    ui.add_space(4.0);
    if done {
        state.shelving = None;
    }
}

/// What is kept off the list, why, and until when.
pub fn aside_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if twin.aside.is_empty() {
        return;
    }
    ui.add_space(12.0);
    ui.label(theme::heading(format!(
        "{} kept off the list",
        twin.aside.len()
    )));
    egui::Grid::new("aside")
        .num_columns(5)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            for aside in twin.aside {
                aside_row_ui(ui, twin, aside, actions);
                ui.end_row();
            }
        });
}

fn aside_row_ui(ui: &mut Ui, twin: &Twin<'_>, aside: &Aside, actions: &mut Vec<Action>) {
    let signal = twin.scene.signal(aside.signal);
    ui.label(marks::standing_text(aside.standing));
    ui.label(RichText::new(&twin.scene.asset(signal.asset).tag).strong());
    ui.label(&signal.label);
    let shelf = aside.shelf.as_ref().map(|shelf| {
        let left = shelf.until.secs_since(twin.timeline.now()).max(0.0);
        format!("{}; back in {}", shelf.reason, duration_text(left))
    });
    ui.label(theme::note(shelf.unwrap_or_default()));
    let back = match aside.standing {
        Standing::Shelved => Some(Happening::Unshelve),
        Standing::OutOfService => Some(Happening::ReturnToService),
        // The plant itself takes it back.
        _ => None,
    };
    if let Some(back) = back
        && ui.button("Take back").clicked()
    {
        actions.push(Action::AlarmAct(aside.id, back));
    }
}

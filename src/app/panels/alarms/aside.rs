//! Alarms that are kept off the list: put there for a time and a reason, and taken back.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::super::controls::text_field;
use super::super::{Twin, marks, theme};
use super::comment::CommentState;
use super::filter::{message_of, tag_of};
use super::{may_act, may_act_on};
use crate::access::Right;
use crate::alarm::{Alarm, AlarmId, Aside, Happening, Shelf, Standing};
use crate::app::action::Action;
use crate::app::rights::{At, Need};
use crate::scene::AlarmSource;
use crate::time::duration_text;

/// For how long an alarm can be shelved, s.
const SPANS: [(&str, f64); 4] = [
    ("15 min", 900.0),
    ("1 h", 3_600.0),
    ("8 h", 28_800.0),
    ("24 h", 86_400.0),
];

/// So many of those that are kept off the list are told one by one.
const LISTED: usize = 100;

/// What is asked of the person who shelves an alarm.
#[derive(Debug, Default)]
pub struct AsideState {
    shelving: Option<Shelving>,
}

/// What is about to be shelved.
#[derive(Debug)]
struct Shelving {
    alarms: Vec<AlarmId>,
    title: String,
    reason: String,
    is_new: bool,
}

impl AsideState {
    /// Asks for a reason and a time to shelve these.
    pub fn begin(&mut self, alarms: Vec<AlarmId>, title: String) {
        self.shelving = Some(Shelving {
            alarms,
            title,
            reason: String::new(),
            is_new: true,
        });
    }

    /// True while a reason is asked for.
    pub fn is_open(&self) -> bool {
        self.shelving.is_some()
    }

    /// Shelves nothing.
    pub fn close(&mut self) {
        self.shelving = None;
    }
}

/// What can be done to an alarm.
pub fn menu_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    alarm: &Alarm,
    (state, comment): (&mut AsideState, &mut CommentState),
    actions: &mut Vec<Action>,
) {
    let item = |ui: &mut Ui, text: &str, right: Right, fits: Result<(), &'static str>| {
        let allowed = may_act_on(twin, right, alarm).and(fits);
        let button = ui.add_enabled(allowed.is_ok(), egui::Button::new(text));
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
    let only = |is_so: bool, why: &'static str| if is_so { Ok(()) } else { Err(why) };
    let is_latched = alarm.standing == Standing::Latched;
    let waits = !alarm.state.is_acknowledged() && !is_latched;
    let known = only(waits, "It was acknowledged");
    if item(ui, "Acknowledge", Right::Acknowledge, known) {
        actions.push(Action::Acknowledge(alarm.id));
    }
    let latched = only(is_latched, "It is not latched");
    if item(ui, "Reset", Right::Acknowledge, latched) {
        actions.push(Action::AlarmAct(alarm.id, Happening::Reset));
    }
    if item(ui, "Shelve...", Right::Shelve, Ok(())) {
        let (tag, message) = (tag_of(alarm, twin.scene), message_of(alarm, twin.scene));
        state.begin(vec![alarm.id], format!("{tag}: {message}"));
    }
    if item(ui, "Take out of service", Right::TakeOutOfService, Ok(())) {
        actions.push(Action::AlarmAct(alarm.id, Happening::TakeOutOfService));
    }
    let recorded = twin.recording.map(|_| ());
    let recorded = recorded.ok_or("Nothing is recorded: open the scene with --store");
    let may_note = twin.permits(&Need::Right(Right::Note, At::Signal(alarm.signal)));
    let may_note = recorded.and(may_note);
    let comments = ui.add_enabled(may_note.is_ok(), egui::Button::new("Comment..."));
    let why = may_note.err().unwrap_or_default();
    if comments.on_disabled_hover_text(why).clicked() {
        comment.begin(vec![alarm.id]);
        ui.close();
    }
}

/// Asks why, and for how long, an alarm is shelved.
pub fn shelving_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AsideState,
    actions: &mut Vec<Action>,
) {
    let Some(Shelving {
        alarms,
        title,
        reason,
        is_new,
    }) = &mut state.shelving
    else {
        return;
    };
    let mut done = false;
    let fill = theme::raised();
    egui::Frame::new()
        .fill(fill)
        .corner_radius(3.0)
        .inner_margin(6)
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new("Shelve").strong());
                ui.label(title.as_str());
                ui.label(theme::note("because"));
                let field = egui::TextEdit::singleline(reason)
                    .desired_width(170.0)
                    .char_limit(200)
                    .hint_text("why it means nothing for now");
                let field = text_field(ui, field, "Reason");
                if std::mem::take(is_new) {
                    field.request_focus();
                }
                let allowed = match may_act(twin, Right::Shelve) {
                    Ok(()) if reason.trim().is_empty() => Err("Say why first"),
                    other => other,
                };
                for (text, secs) in SPANS {
                    let button = ui.add_enabled(allowed.is_ok(), egui::Button::new(text));
                    let why = allowed.err().unwrap_or_default();
                    if button.on_disabled_hover_text(why).clicked() {
                        let shelf = Shelf {
                            until: twin.timeline.now().plus_secs(secs),
                            reason: Arc::from(reason.trim()),
                        };
                        let put =
                            |id: &AlarmId| Action::AlarmAct(*id, Happening::Shelve(shelf.clone()));
                        actions.extend(alarms.iter().map(put));
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
            for aside in twin.aside.iter().take(LISTED) {
                aside_row_ui(ui, twin, aside, actions);
                ui.end_row();
            }
        });
    if let Some(more) = twin
        .aside
        .len()
        .checked_sub(LISTED)
        .filter(|more| *more > 0)
    {
        ui.label(theme::note(format!("and {more} more")));
    }
}

fn aside_row_ui(ui: &mut Ui, twin: &Twin<'_>, aside: &Aside, actions: &mut Vec<Action>) {
    let signal = twin.scene.signal(aside.signal);
    ui.label(marks::standing_text(aside.standing));
    ui.label(RichText::new(&twin.scene.asset(signal.asset).tag).strong());
    // An alarm's number is its place among all of them.
    let source = twin.scene.alarm_sources().nth(aside.id.0 as usize);
    let message = source.map_or(signal.label.as_str(), AlarmSource::message);
    ui.label(message).on_hover_text(&signal.label);
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
    let Some(back) = back else { return };
    let right = match back {
        Happening::Unshelve => Right::Shelve,
        _ => Right::TakeOutOfService,
    };
    let allowed = twin.permits(&Need::Right(right, At::Signal(aside.signal)));
    let button = ui.add_enabled(allowed.is_ok(), egui::Button::new("Take back"));
    let why = allowed.err().unwrap_or_default();
    if button.on_disabled_hover_text(why).clicked() {
        actions.push(Action::AlarmAct(aside.id, back));
    }
}

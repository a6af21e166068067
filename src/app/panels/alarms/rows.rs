//! The rows of the alarm list: only those on screen are drawn.

use egui::{Align, Label, Layout, RichText, Sense, Ui, WidgetInfo, WidgetType};
use egui_extras::{Column, TableBuilder, TableRow};
use egui_phosphor::regular as icon;

use super::super::controls::{icon_button_if, text_button_if};
use super::super::frame::offset_text;
use super::super::inspector::limit_name;
use super::super::marks::{self, AlarmLook};
use super::super::{Twin, theme};
use super::comment::comments_on;
use super::filter::{SortKey, asset_of, message_of, tag_of};
use super::{AlarmListState, Line, aside, may_act_on};
use crate::access::Right;
use crate::alarm::{Alarm, AlarmState, Happening, Standing};
use crate::app::action::Action;
use crate::scene::{AlarmSource, AssetIndex, Limit, Signal};

/// Height of a row, points.
pub const ROW: f32 = 26.0;
/// A narrower list says less, points.
const COMPACT: f32 = 900.0;

/// The headers, and what a click on them sorts by.
const HEADERS: [(&str, Option<SortKey>); 9] = [
    ("", None),
    ("", Some(SortKey::Urgency)),
    ("State", Some(SortKey::State)),
    ("Raised", Some(SortKey::Raised)),
    ("Age", None),
    ("Tag", Some(SortKey::Tag)),
    ("Message", Some(SortKey::Message)),
    ("Value and limit", None),
    ("", None),
];

/// One row of the table, with what it speaks of.
struct Entry<'a> {
    line: Line,
    alarm: &'a Alarm,
    signal: &'a Signal,
    limit: Option<&'a Limit>,
    source: Option<AlarmSource<'a>>,
}

/// The table.
pub fn rows_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    lines: &[Line],
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    let compact = ui.available_width() < COMPACT;
    let wide = |wide: f32, narrow: f32| if compact { narrow } else { wide };
    // Widths that a hand has set are kept for each of the two.
    table(ui, if compact { "few alarms" } else { "alarms" })
        .column(Column::exact(20.0))
        .column(Column::exact(22.0))
        .column(Column::initial(wide(150.0, 104.0)).clip(true))
        .column(Column::initial(66.0))
        .column(Column::initial(wide(92.0, 78.0)).clip(true))
        .column(Column::initial(wide(86.0, 64.0)).clip(true))
        .column(Column::remainder().at_least(100.0).clip(true))
        .column(Column::initial(wide(170.0, 132.0)).clip(true))
        .column(Column::exact(wide(120.0, 30.0)))
        .header(20.0, |mut row| {
            for (text, key) in HEADERS {
                row.col(|ui| header_ui(ui, text, key, state));
            }
        })
        .body(|body| {
            body.rows(ROW, lines.len(), |mut row| {
                let line = lines[row.index()];
                let Some(alarm) = twin.alarms.get(line.place as usize) else {
                    return;
                };
                let signal = twin.scene.signal(alarm.signal);
                let entry = Entry {
                    line,
                    alarm,
                    signal,
                    limit: alarm.limit.and_then(|limit| signal.limits.get(limit)),
                    source: alarm.source(twin.scene),
                };
                let chosen = state.chosen.contains(&alarm.id);
                row.set_selected(chosen || twin.selection.selected == Some(signal.asset));
                row_ui(&mut row, twin, &entry, compact, state, actions);
                if row.response().clicked() {
                    let held = row.response().ctx.input(|input| input.modifiers);
                    if held.shift {
                        choose_up_to(alarm, twin, lines, state);
                    } else if held.command {
                        toggle(alarm, state);
                    } else {
                        go_to(signal.asset, actions);
                    }
                }
                row.response().context_menu(|ui| {
                    let asks = (&mut state.aside, &mut state.comment);
                    aside::menu_ui(ui, twin, alarm, asks, actions);
                });
            });
        });
}

fn header_ui(ui: &mut Ui, text: &str, key: Option<SortKey>, state: &mut AlarmListState) {
    let Some(key) = key else {
        ui.label(theme::caption(text));
        return;
    };
    let filter = &mut state.filter;
    let is_sorted = filter.sorted_by == key;
    let arrow = match (is_sorted, filter.reversed) {
        (false, _) => "",
        (true, false) => icon::CARET_DOWN,
        (true, true) => icon::CARET_UP,
    };
    let shown = RichText::new(format!("{}{arrow}", text.to_uppercase())).size(10.5);
    let shown = shown.color(if is_sorted { theme::TEXT } else { theme::WEAK });
    let response = ui.add(Label::new(shown).sense(Sense::click()));
    let what = if key == SortKey::Urgency {
        "urgency"
    } else {
        text
    };
    let name = format!("Sort by {}", what.to_lowercase());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    if response.on_hover_text(&name).clicked() {
        filter.reversed = is_sorted && !filter.reversed;
        filter.sorted_by = key;
    }
}

fn row_ui(
    row: &mut TableRow<'_, '_>,
    twin: &Twin<'_>,
    entry: &Entry<'_>,
    compact: bool,
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    let Entry { alarm, signal, .. } = entry;
    row.col(|ui| {
        let mut on = state.chosen.contains(&alarm.id);
        let box_ = ui.add(egui::Checkbox::without_text(&mut on));
        let (tag, message) = (tag_of(alarm, twin.scene), message_of(alarm, twin.scene));
        let name = format!("Choose {tag} {message}");
        box_.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, on, &name));
        if box_.clicked() {
            toggle(alarm, state);
        }
    });
    row.col(|ui| {
        let name = marks::priority_name(alarm.priority);
        marks::alarm_mark_ui(ui, AlarmLook::of(ui, alarm), &format!("Priority {name}"));
    });
    row.col(|ui| {
        let text = RichText::new(marks::standing_text(alarm.standing));
        ui.label(match alarm.state {
            AlarmState::Unacknowledged => text.color(theme::STRONG),
            _ => text,
        });
    });
    row.col(|ui| {
        let full = alarm.raised.to_clock_text();
        ui.label(alarm.raised.format("%H:%M:%S"))
            .on_hover_text(format!("{full} UTC"));
    });
    row.col(|ui| {
        let secs = alarm.raised.secs_since(twin.timeline.playhead());
        ui.label(offset_text(secs.min(0.0)));
    });
    row.col(|ui| {
        ui.label(RichText::new(&twin.scene.asset(signal.asset).tag).strong());
    });
    row.col(|ui| message_ui(ui, twin, entry, state));
    row.col(|ui| {
        let value = signal.value_with_unit(alarm.value);
        let against = entry.limit.map_or_else(String::new, |limit| {
            format!(
                "  {} {}",
                limit_name(limit.kind),
                signal.value_with_unit(limit.at)
            )
        });
        ui.label(value);
        ui.label(theme::note(against.trim()));
    });
    row.col(|ui| answer_ui(ui, twin, alarm, compact, actions));
}

fn message_ui(ui: &mut Ui, twin: &Twin<'_>, entry: &Entry<'_>, state: &mut AlarmListState) {
    let Entry {
        line,
        alarm,
        signal,
        source,
        ..
    } = entry;
    if line.follows {
        ui.add_space(14.0);
    }
    if line.leads > 0 {
        let open = state.unfolded.contains(&alarm.id);
        let glyph = if open {
            icon::CARET_DOWN
        } else {
            icon::CARET_RIGHT
        };
        let hint = format!("{} that follow from it", line.leads);
        let button = ui.small_button(format!("{glyph} {}", line.leads));
        if button.on_hover_text(hint).clicked() {
            if !state.unfolded.remove(&alarm.id) {
                state.unfolded.insert(alarm.id);
            }
            state.listing.of = None;
        }
    }
    let message = source.map_or(signal.label.as_str(), AlarmSource::message);
    let label = ui.label(message);
    if let Some(source) = source.filter(|source| !source.advice().is_empty()) {
        label.on_hover_text(source.advice());
    }
    let comments: Vec<_> = comments_on(alarm, twin.scene, twin.notes).collect();
    if let Some((newest, text)) = comments.last() {
        let glyph = format!("{} {}", icon::CHAT_TEXT, comments.len());
        let told = comments.iter();
        let told: Vec<_> = told
            .map(|(note, text)| format!("{}: {text}", note.by))
            .collect();
        ui.label(theme::note(glyph)).on_hover_text(told.join("\n"));
        ui.label(theme::note(*text))
            .on_hover_text(format!("{} UTC", newest.written.to_clock_text()));
    }
}

/// What can be said to an alarm.
fn answer_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    alarm: &Alarm,
    compact: bool,
    actions: &mut Vec<Action>,
) {
    let (name, action) = if alarm.standing == Standing::Latched {
        ("Reset", Action::AlarmAct(alarm.id, Happening::Reset))
    } else if !alarm.state.is_acknowledged() {
        ("Acknowledge", Action::Acknowledge(alarm.id))
    } else {
        return;
    };
    let allowed = may_act_on(twin, Right::Acknowledge, alarm);
    let button = if compact {
        icon_button_if(ui, allowed, icon::CHECK, name)
    } else {
        text_button_if(ui, allowed, icon::CHECK, name)
    };
    if button.clicked() {
        actions.push(action);
    }
}

fn toggle(alarm: &Alarm, state: &mut AlarmListState) {
    if !state.chosen.remove(&alarm.id) {
        state.chosen.insert(alarm.id);
    }
    state.anchor = Some(alarm.id);
}

/// Chooses all lines from the one chosen last to this one.
fn choose_up_to(alarm: &Alarm, twin: &Twin<'_>, lines: &[Line], state: &mut AlarmListState) {
    let id_of = |line: &Line| twin.alarms.get(line.place as usize).map(|alarm| alarm.id);
    let place = |id| lines.iter().position(|line| id_of(line) == Some(id));
    let to = place(alarm.id);
    let from = state.anchor.and_then(place).or(to);
    if let (Some(from), Some(to)) = (from, to) {
        let range = from.min(to)..=from.max(to);
        state.chosen.extend(lines[range].iter().filter_map(id_of));
    }
}

/// A table whose rows can be clicked.
pub fn table<'a>(ui: &'a mut Ui, id: &'static str) -> TableBuilder<'a> {
    TableBuilder::new(ui)
        .id_salt(id)
        .striped(true)
        .resizable(true)
        .sense(Sense::click())
        .vscroll(false)
        .cell_layout(Layout::left_to_right(Align::Center))
}

/// Selects an asset and flies there.
pub fn go_to(asset: AssetIndex, actions: &mut Vec<Action>) {
    actions.push(Action::Select(Some(asset)));
    actions.push(Action::FlyTo(asset));
}

/// Selects the asset of an alarm and flies there.
pub fn go_to_alarm(alarm: &Alarm, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    go_to(asset_of(alarm, twin.scene), actions);
}

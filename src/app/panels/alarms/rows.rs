//! The rows of the alarm list: only those on screen are drawn.

use egui::{Align, Label, Layout, RichText, Sense, Ui, WidgetInfo, WidgetType};
use egui_extras::{Column, TableBuilder};
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
/// How much a row says, by the width of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// Mark, tag, message, age and answer.
    Little,
    /// Value and limit as well.
    Less,
    /// Everything, the answer as a symbol.
    Some,
    /// Everything in words.
    Ample,
}

impl Room {
    /// Chosen so that the message has 160 points at least, on screens of common size 300.
    fn of(width: f32) -> Self {
        match width {
            width if width < 580.0 => Self::Little,
            width if width < 820.0 => Self::Less,
            width if width < 1_080.0 => Self::Some,
            _ => Self::Ample,
        }
    }

    /// The columns from left to right. Widths that a hand has set are kept for each room.
    fn columns(self) -> &'static [Field] {
        const ALL: &[Field] = &[
            Field::Choice,
            Field::Mark,
            Field::State,
            Field::Raised,
            Field::Age,
            Field::Tag,
            Field::Message,
            Field::Value,
            Field::Answer,
        ];
        const FEW: &[Field] = &[
            Field::Choice,
            Field::Mark,
            Field::Tag,
            Field::Message,
            Field::Age,
            Field::Answer,
        ];
        const MORE: &[Field] = &[
            Field::Choice,
            Field::Mark,
            Field::Tag,
            Field::Message,
            Field::Value,
            Field::Age,
            Field::Answer,
        ];
        match self {
            Self::Little => FEW,
            Self::Less => MORE,
            Self::Some | Self::Ample => ALL,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Little => "alarms in little room",
            Self::Less => "alarms in less room",
            Self::Some => "alarms in some room",
            Self::Ample => "alarms",
        }
    }
}

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Choice,
    Mark,
    State,
    Raised,
    Age,
    Tag,
    Message,
    Value,
    Answer,
}

impl Field {
    /// The header, and what a click on it sorts by.
    const fn header(self) -> (&'static str, Option<SortKey>) {
        match self {
            Self::Choice | Self::Answer => ("", None),
            Self::Mark => ("", Some(SortKey::Urgency)),
            Self::State => ("State", Some(SortKey::State)),
            Self::Raised => ("Raised", Some(SortKey::Raised)),
            Self::Age => ("Age", None),
            Self::Tag => ("Tag", Some(SortKey::Tag)),
            Self::Message => ("Message", Some(SortKey::Message)),
            Self::Value => ("Value and limit", None),
        }
    }

    /// The message has what the others leave.
    fn column(self, room: Room) -> Column {
        match self {
            Self::Choice => Column::exact(20.0),
            Self::Mark => Column::exact(22.0),
            Self::State => Column::initial(108.0).clip(true),
            Self::Raised => Column::initial(62.0).clip(true),
            Self::Age => Column::initial(98.0).clip(true),
            Self::Tag => Column::initial(68.0).clip(true),
            Self::Message => Column::remainder().at_least(100.0).clip(true),
            Self::Value => Column::initial(150.0).clip(true),
            Self::Answer if room == Room::Ample => Column::exact(120.0),
            Self::Answer => Column::exact(30.0),
        }
    }
}

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
    let room = Room::of(ui.available_width());
    let columns = room.columns();
    let sized = columns.iter().fold(table(ui, room.name()), |table, field| {
        table.column(field.column(room))
    });
    sized
        .header(20.0, |mut row| {
            for field in columns {
                let (text, key) = field.header();
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
                for field in columns {
                    row.col(|ui| field_ui(ui, twin, &entry, (*field, room), state, actions));
                }
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
    let shown = shown.color(if is_sorted {
        theme::text()
    } else {
        theme::weak()
    });
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

fn field_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    entry: &Entry<'_>,
    (field, room): (Field, Room),
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    let Entry { alarm, signal, .. } = entry;
    match field {
        Field::Choice => choice_ui(ui, twin, alarm, state),
        Field::Mark => {
            let (priority, standing) = (
                marks::priority_name(alarm.priority),
                marks::standing_text(alarm.standing),
            );
            let told = format!("Priority {priority}. {standing}");
            marks::alarm_mark_ui(ui, AlarmLook::of(ui, alarm), &told);
        }
        Field::State => {
            let told = marks::standing_text(alarm.standing);
            let text = RichText::new(told);
            let label = Label::new(match alarm.state {
                AlarmState::Unacknowledged => text.color(theme::strong()),
                _ => text,
            });
            ui.add(label.truncate()).on_hover_text(told);
        }
        Field::Raised => {
            let full = alarm.raised.to_clock_text();
            ui.label(alarm.raised.format("%H:%M:%S"))
                .on_hover_text(format!("{full} UTC"));
        }
        Field::Age => {
            let secs = alarm.raised.secs_since(twin.timeline.playhead());
            let full = alarm.raised.to_clock_text();
            ui.label(offset_text(secs.min(0.0)))
                .on_hover_text(format!("Raised {full} UTC"));
        }
        Field::Tag => {
            let asset = twin.scene.asset(signal.asset);
            let tag = Label::new(RichText::new(&asset.tag).strong()).truncate();
            ui.add(tag)
                .on_hover_text(format!("{} {}", asset.tag, asset.label));
        }
        Field::Message => message_ui(ui, twin, entry, state),
        Field::Value => {
            let value = signal.value_with_unit(alarm.value);
            let limit = limit_text(entry).unwrap_or_default();
            let hint = format!("{value} when it was raised. {limit}");
            ui.label(value).on_hover_text(hint);
            ui.label(theme::note(limit));
        }
        Field::Answer => answer_ui(ui, twin, alarm, room, actions),
    }
}

fn choice_ui(ui: &mut Ui, twin: &Twin<'_>, alarm: &Alarm, state: &mut AlarmListState) {
    let mut on = state.chosen.contains(&alarm.id);
    let box_ = ui.add(egui::Checkbox::without_text(&mut on));
    let (tag, message) = (tag_of(alarm, twin.scene), message_of(alarm, twin.scene));
    let name = format!("Choose {tag} {message}");
    box_.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, on, &name));
    if box_.clicked() {
        toggle(alarm, state);
    }
}

/// The limit that is passed: `H 4.20 m`.
fn limit_text(entry: &Entry<'_>) -> Option<String> {
    let limit = entry.limit?;
    let at = entry.signal.value_with_unit(limit.at);
    Some(format!("{} {at}", limit_name(limit.kind)))
}

/// All that there is to say of an alarm, for the pointer.
fn story_ui(ui: &mut Ui, twin: &Twin<'_>, entry: &Entry<'_>, message: &str) {
    let Entry { alarm, signal, .. } = entry;
    let asset = twin.scene.asset(signal.asset);
    ui.label(RichText::new(message).strong());
    ui.label(format!("{} {}, {}", asset.tag, asset.label, signal.label));
    let value = signal.value_with_unit(alarm.value);
    let limit = limit_text(entry).map_or_else(String::new, |limit| format!(", limit {limit}"));
    ui.label(format!("{value} when it was raised{limit}"));
    if let Some(source) = entry.source.filter(|source| !source.advice().is_empty()) {
        ui.label(source.advice());
    }
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
    let comments: Vec<_> = comments_on(alarm, twin.scene, twin.notes).collect();
    // A comment is seen beside the longest message.
    let spared = if comments.is_empty() { 0.0 } else { 120.0 };
    let room = (ui.available_width() - spared).max(60.0);
    let label = ui.scope(|ui| {
        ui.set_max_width(room);
        ui.add(Label::new(message).truncate())
    });
    label
        .inner
        .on_hover_ui(|ui| story_ui(ui, twin, entry, message));
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
fn answer_ui(ui: &mut Ui, twin: &Twin<'_>, alarm: &Alarm, room: Room, actions: &mut Vec<Action>) {
    let (name, action) = if alarm.standing == Standing::Latched {
        ("Reset", Action::AlarmAct(alarm.id, Happening::Reset))
    } else if !alarm.state.is_acknowledged() {
        ("Acknowledge", Action::Acknowledge(alarm.id))
    } else {
        return;
    };
    let allowed = may_act_on(twin, Right::Acknowledge, alarm);
    let button = if room == Room::Ample {
        text_button_if(ui, allowed, icon::CHECK, name)
    } else {
        icon_button_if(ui, allowed, icon::CHECK, name)
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

//! The alarm list, and what the selected run expects to become one.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Align, Layout, RichText, Sense, Ui};
use egui_extras::{Column, TableBuilder, TableRow};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::alarms_aside::{self, AsideState};
use super::controls::{text_button_if, title_with_shortcut};
use super::frame::offset_text;
use super::inspector::limit_name;
use super::marks::{self, AlarmLook};
use super::{Twin, theme};
use crate::alarm::{Alarm, AlarmGroup, AlarmId, AlarmState, Happening, Standing};
use crate::app::action::{Action, Named};
use crate::scene::{AlarmSource, Limit, Signal};
use crate::simulation::{LimitBreach, RunRecord};
use crate::timeline::Mode;

const ROW: f32 = 26.0;
/// Why acknowledging is refused while the playhead is elsewhere.
pub const ONLY_LIVE: &str = "Only while live: go live first";

/// What the alarm list remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AlarmListState {
    only_waiting: bool,
    /// Consequences stand below their cause.
    by_cause: bool,
    /// The causes whose consequences are shown.
    #[serde(skip)]
    unfolded: BTreeSet<AlarmId>,
    #[serde(skip)]
    aside: AsideState,
}

/// The alarm list.
pub fn alarms_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    let mut listed: Vec<&Alarm> = twin
        .alarms
        .iter()
        .filter(|alarm| alarm.state != AlarmState::Normal)
        .filter(|alarm| !state.only_waiting || !alarm.state.is_acknowledged())
        .collect();
    listed.sort_by_key(|alarm| {
        let newest_first = std::cmp::Reverse(alarm.raised);
        (alarm.state.is_acknowledged(), alarm.priority, newest_first)
    });
    head_ui(ui, twin, state, &listed, actions);
    let lines = lines(&listed, twin.alarm_groups, state);
    alarms_aside::shelving_ui(ui, twin, &mut state.aside, actions);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if listed.is_empty() {
                none_ui(ui, twin, state);
            } else {
                list_ui(ui, twin, &lines, state, actions);
            }
            alarms_aside::aside_ui(ui, twin, actions);
            ui.add_space(12.0);
            predicted_ui(ui, twin, actions);
        });
}

fn head_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    listed: &[&Alarm],
    actions: &mut Vec<Action>,
) {
    let active = listed.iter().filter(|a| a.state.is_active()).count();
    let waiting = listed.iter().filter(|a| !a.state.is_acknowledged()).count();
    ui.horizontal(|ui| {
        ui.label(theme::heading(format!("{active} active")));
        ui.label(theme::note(format!("{waiting} to acknowledge")));
        ui.checkbox(&mut state.only_waiting, "Only unacknowledged");
        ui.checkbox(&mut state.by_cause, "By cause")
            .on_hover_text("What came first leads; what follows from it is folded below");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let allowed = match may_acknowledge(twin) {
                Ok(()) if waiting == 0 => Err("Nothing waits to be acknowledged"),
                other => other,
            };
            let hint = title_with_shortcut(ui.ctx(), Named::AcknowledgeAll);
            let button = text_button_if(ui, allowed, icon::CHECKS, "Acknowledge all");
            if button.on_hover_text(hint).clicked() {
                actions.push(Action::Named(Named::AcknowledgeAll));
            }
        });
    });
    ui.add_space(4.0);
}

pub(super) fn may_acknowledge(twin: &Twin<'_>) -> Result<(), &'static str> {
    match twin.timeline.mode() {
        Mode::Live => Ok(()),
        _ => Err(ONLY_LIVE),
    }
}

fn none_ui(ui: &mut Ui, twin: &Twin<'_>, state: &AlarmListState) {
    let what = match (state.only_waiting, twin.timeline.mode()) {
        (true, _) => "No alarm waits to be acknowledged",
        (false, Mode::Live) => "No active alarms",
        (false, Mode::History) => "No alarm was active at this instant",
        (false, Mode::Simulated | Mode::Beyond) => {
            "Alarms of the future are predictions: see below"
        }
    };
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(icon::CHECK_CIRCLE)
                .size(16.0)
                .color(theme::WEAK),
        );
        ui.label(what);
    });
}

/// One line of the list.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    alarm: &'a Alarm,
    /// How many consequences it leads.
    leads: usize,
    /// It is a consequence of the line above.
    follows: bool,
}

/// The lines of the list. By cause, consequences stand below their cause, or are folded into it;
/// none is ever lost: one whose cause is not listed stands by itself.
fn lines<'a>(listed: &[&'a Alarm], groups: &[AlarmGroup], state: &AlarmListState) -> Vec<Line<'a>> {
    let line = |alarm, leads, follows| Line {
        alarm,
        leads,
        follows,
    };
    if !state.by_cause {
        return listed.iter().map(|alarm| line(*alarm, 0, false)).collect();
    }
    let by_id: BTreeMap<AlarmId, &Alarm> = listed.iter().map(|alarm| (alarm.id, *alarm)).collect();
    let mut consequences: BTreeMap<AlarmId, Vec<&Alarm>> = BTreeMap::new();
    let mut follows = BTreeSet::new();
    for group in groups {
        if !by_id.contains_key(&group.headline) {
            continue;
        }
        let known = group.folded.iter().filter_map(|id| by_id.get(id).copied());
        let own: Vec<_> = known.collect();
        follows.extend(own.iter().map(|alarm| alarm.id));
        consequences.insert(group.headline, own);
    }
    let mut lines = Vec::with_capacity(listed.len());
    for &alarm in listed.iter().filter(|alarm| !follows.contains(&alarm.id)) {
        let own = consequences.get(&alarm.id).map_or(&[][..], Vec::as_slice);
        lines.push(line(alarm, own.len(), false));
        if state.unfolded.contains(&alarm.id) {
            lines.extend(own.iter().map(|alarm| line(*alarm, 0, true)));
        }
    }
    lines
}

/// One row of the table, with what it speaks of.
struct Entry<'a> {
    line: Line<'a>,
    alarm: &'a Alarm,
    signal: &'a Signal,
    limit: Option<&'a Limit>,
    source: Option<AlarmSource<'a>>,
}

fn list_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    lines: &[Line<'_>],
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    let headers = [
        "",
        "State",
        "Raised",
        "Age",
        "Tag",
        "Message",
        "Value and limit",
        "",
    ];
    table(ui, "alarms")
        .column(Column::exact(22.0))
        .column(Column::initial(150.0).clip(true))
        .column(Column::initial(66.0))
        .column(Column::initial(92.0).clip(true))
        .column(Column::initial(86.0).clip(true))
        .column(Column::remainder().at_least(120.0).clip(true))
        .column(Column::initial(170.0).clip(true))
        .column(Column::exact(120.0))
        .header(20.0, |mut row| {
            for text in headers {
                row.col(|ui| {
                    ui.label(theme::caption(text));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, lines.len(), |mut row| {
                let line = lines[row.index()];
                let alarm = line.alarm;
                let signal = twin.scene.signal(alarm.signal);
                let entry = Entry {
                    line,
                    alarm,
                    signal,
                    limit: alarm.limit.and_then(|limit| signal.limits.get(limit)),
                    source: alarm.source(twin.scene),
                };
                row.set_selected(twin.selection.selected == Some(signal.asset));
                alarm_row_ui(&mut row, twin, &entry, state, actions);
                go_to_on_click(&row, entry.signal, actions);
                row.response().context_menu(|ui| {
                    alarms_aside::menu_ui(ui, twin, alarm, &mut state.aside, actions);
                });
            });
        });
}

fn alarm_row_ui(
    row: &mut TableRow<'_, '_>,
    twin: &Twin<'_>,
    entry: &Entry<'_>,
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    let Entry {
        line,
        alarm,
        signal,
        limit,
        source,
    } = entry;
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
    row.col(|ui| {
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
            if button.on_hover_text(hint).clicked() && !state.unfolded.remove(&alarm.id) {
                state.unfolded.insert(alarm.id);
            }
        }
        let message = source.map_or(signal.label.as_str(), AlarmSource::message);
        let label = ui.label(message);
        if let Some(source) = source.filter(|source| !source.advice().is_empty()) {
            label.on_hover_text(source.advice());
        }
    });
    row.col(|ui| {
        let value = signal.value_with_unit(alarm.value);
        let against = limit.map_or_else(String::new, |limit| {
            format!(
                "  {} {}",
                limit_name(limit.kind),
                signal.value_with_unit(limit.at)
            )
        });
        ui.label(value);
        ui.label(theme::note(against.trim()));
    });
    row.col(|ui| {
        if alarm.standing == Standing::Latched {
            let button = text_button_if(ui, may_acknowledge(twin), icon::CHECK, "Reset");
            if button.clicked() {
                actions.push(Action::AlarmAct(alarm.id, Happening::Reset));
            }
        } else if !alarm.state.is_acknowledged() {
            let button = text_button_if(ui, may_acknowledge(twin), icon::CHECK, "Acknowledge");
            if button.clicked() {
                actions.push(Action::Acknowledge(alarm.id));
            }
        }
    });
}

/// Predicted alarms of the selected run, the soonest first.
fn predicted_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let selected = twin.timeline.selected_run();
    let Some(run) = twin.runs.iter().find(|run| Some(run.id) == selected) else {
        ui.label(theme::heading("Predicted"));
        ui.label(theme::note(
            "Run a scenario to see which alarms are to be expected",
        ));
        return;
    };
    ui.horizontal(|ui| {
        ui.label(theme::heading("Predicted"));
        ui.label(theme::note(format!(
            "by run {}, scenario {}",
            run.id, run.scenario.name
        )));
    });
    let mut breaches: Vec<&LimitBreach> = run.breaches.iter().collect();
    breaches.sort_by_key(|breach| breach.median_first);
    if breaches.is_empty() {
        let until = run.reached.format("%d %b %H:%M");
        ui.label(format!(
            "No limit is expected to be passed until {until} UTC"
        ));
        return;
    }
    ui.add_space(4.0);
    table(ui, "predicted alarms")
        .column(Column::exact(22.0))
        .column(Column::initial(150.0).clip(true))
        .column(Column::initial(158.0).clip(true))
        .column(Column::initial(86.0).clip(true))
        .column(Column::remainder().at_least(120.0).clip(true))
        .body(|body| {
            body.rows(ROW, breaches.len(), |mut row| {
                let breach = breaches[row.index()];
                breach_row_ui(&mut row, twin, run, breach);
                go_to_on_click(&row, twin.scene.signal(breach.signal), actions);
            });
        });
}

fn breach_row_ui(
    row: &mut TableRow<'_, '_>,
    twin: &Twin<'_>,
    run: &RunRecord,
    breach: &LimitBreach,
) {
    let signal = twin.scene.signal(breach.signal);
    let limit = signal.limits.get(breach.limit);
    row.col(|ui| {
        if let Some(limit) = limit {
            let look = AlarmLook::steady(limit.priority, false);
            marks::alarm_mark_ui(ui, look, "Predicted");
        }
    });
    row.col(|ui| {
        let lead = breach.median_first.secs_since(twin.timeline.now());
        ui.label(RichText::new(offset_text(lead)).strong())
            .on_hover_text(format!(
                "Half of the members that pass it do so by {} UTC, the first at {} UTC",
                breach.median_first.to_clock_text(),
                breach.earliest.to_clock_text()
            ));
    });
    row.col(|ui| {
        let text = if run.scenario.members == 1 {
            "one member".to_owned()
        } else {
            format!("probability {:.2}", breach.probability)
        };
        ui.label(text);
    });
    row.col(|ui| {
        ui.label(RichText::new(&twin.scene.asset(signal.asset).tag).strong());
    });
    row.col(|ui| {
        if let Some(limit) = limit {
            ui.label(&limit.message);
            ui.label(theme::note(format!(
                "{} {}",
                limit_name(limit.kind),
                signal.value_with_unit(limit.at)
            )));
        }
    });
}

fn table<'a>(ui: &'a mut Ui, id: &'static str) -> TableBuilder<'a> {
    TableBuilder::new(ui)
        .id_salt(id)
        .striped(true)
        .resizable(true)
        .sense(Sense::click())
        .vscroll(false)
        .cell_layout(Layout::left_to_right(Align::Center))
}

fn go_to_on_click(row: &TableRow<'_, '_>, signal: &Signal, actions: &mut Vec<Action>) {
    if row.response().clicked() {
        actions.push(Action::Select(Some(signal.asset)));
        actions.push(Action::FlyTo(signal.asset));
    }
}

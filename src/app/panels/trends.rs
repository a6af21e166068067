//! Signals over time: what was measured, what the selected run expects, one strip per unit.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Rect, Response, RichText, Sense, Stroke, Ui, Vec2};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::axis::{TimeAxis, TimeWindow};
use super::controls::{empty_ui, icon_button, text_button, title_with_shortcut};
use super::curve_cache::CurveCache;
use super::range_table::{RangeTable, range_table_ui};
use super::signal_drag::DraggedSignals;
use super::signal_picker::signal_picker_ui;
use super::strips::{Strip, strips_ui};
use super::{Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::selection::Selection;
use crate::scene::{Scene, Signal};
use crate::signal::SignalId;
use crate::time::Timestamp;
use crate::timeline::TimelineCommand;

/// How much of the past can be asked for with one click.
const PASTS: [(f64, &str); 5] = [
    (300.0, "5 min"),
    (1_800.0, "30 min"),
    (7_200.0, "2 h"),
    (21_600.0, "6 h"),
    (86_400.0, "24 h"),
];

/// At most this many signals are drawn.
pub const MAX_SIGNALS: usize = 50;

/// What the trends remember.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct TrendState {
    /// The signals that were picked, by full name, so that they outlast the scene's indices.
    chosen: Vec<String>,
    /// The numbers of the strips of those that are not drawn with all of their unit.
    groups: BTreeMap<String, u32>,
    past_secs: f64,
    /// True if the range that is shown is also told in numbers.
    statistics: bool,
    #[serde(skip)]
    pub(super) hidden: BTreeSet<SignalId>,
    #[serde(skip)]
    pub(super) window: TimeWindow,
    #[serde(skip)]
    pub(super) zoom_from: Option<Timestamp>,
    /// The first strip of the page, and what is under the pointer in a legend.
    #[serde(skip)]
    pub(super) first_strip: usize,
    #[serde(skip)]
    pub(super) pointed: Option<SignalId>,
    #[serde(skip)]
    pub(super) curves: CurveCache,
    /// How large the panel was last, points.
    #[serde(skip)]
    pub(super) size: Vec2,
    #[serde(skip)]
    table: RangeTable,
}

impl Default for TrendState {
    fn default() -> Self {
        Self {
            chosen: Vec::new(),
            groups: BTreeMap::new(),
            past_secs: 1_800.0,
            statistics: false,
            hidden: BTreeSet::new(),
            window: TimeWindow::default(),
            zoom_from: None,
            first_strip: 0,
            pointed: None,
            curves: CurveCache::default(),
            size: Vec2::new(1_000.0, 480.0),
            table: RangeTable::default(),
        }
    }
}

impl TrendState {
    /// Adds a signal, or takes it away.
    pub fn toggle(&mut self, signal: &Signal) {
        match self
            .chosen
            .iter()
            .position(|name| *name == signal.full_name)
        {
            Some(place) => {
                self.chosen.remove(place);
            }
            None => self.chosen.push(signal.full_name.clone()),
        }
    }

    /// True if a person picked this signal.
    pub fn has_chosen(&self, signal: &Signal) -> bool {
        self.chosen.contains(&signal.full_name)
    }

    /// Hides a curve or shows it again; or shows it alone, and all others of its strip again if
    /// it was alone.
    pub(super) fn hide_or_solo(&mut self, id: SignalId, alone: bool, strip: &[(usize, SignalId)]) {
        let others = || {
            strip
                .iter()
                .map(|(_, other)| *other)
                .filter(|other| *other != id)
        };
        if !alone {
            if !self.hidden.remove(&id) {
                self.hidden.insert(id);
            }
        } else if !self.hidden.contains(&id) && others().all(|other| self.hidden.contains(&other)) {
            for other in others() {
                self.hidden.remove(&other);
            }
        } else {
            self.hidden.extend(others());
            self.hidden.remove(&id);
        }
    }

    /// Tells the range that is shown in numbers, or no more.
    pub(super) fn toggle_statistics(&mut self) {
        self.statistics = !self.statistics;
    }

    /// The number of the strip of its unit that a signal is drawn on; 0 is that of most.
    pub(super) fn group(&self, signal: &Signal) -> u32 {
        self.groups.get(&signal.full_name).copied().unwrap_or(0)
    }

    /// Draws a signal on the strip of its unit with this number.
    pub(super) fn join(&mut self, signal: &Signal, group: u32) {
        if group == 0 {
            self.groups.remove(&signal.full_name);
        } else {
            self.groups.insert(signal.full_name.clone(), group);
        }
    }

    /// Draws a signal on a strip of its own, or with others of its unit again.
    pub(super) fn toggle_apart(&mut self, signal: &Signal) {
        if self.groups.remove(&signal.full_name).is_none() {
            let highest = self.groups.values().copied().max().unwrap_or(0);
            self.join(signal, highest.saturating_add(1));
        }
    }

    /// The signals to draw: those picked, else those on the selected asset's label.
    pub fn signals(&self, scene: &Scene, selection: &Selection) -> Vec<SignalId> {
        let chosen = self.chosen.iter();
        let chosen: Vec<_> = chosen.filter_map(|name| scene.find_signal(name)).collect();
        if !chosen.is_empty() {
            return chosen;
        }
        let asset = selection
            .selected
            .and_then(|asset| scene.assets.get(asset.index()));
        let own: Vec<_> = asset.map_or_else(Vec::new, |asset| asset.signal_ids().collect());
        let shown = own.iter().copied().filter(|id| scene.signal(*id).shown);
        match shown.collect::<Vec<_>>() {
            shown if shown.is_empty() => own,
            shown => shown,
        }
    }
}

/// The trends.
pub fn trends_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut TrendState, actions: &mut Vec<Action>) {
    let place = ui.interact(ui.max_rect(), ui.id().with("drop"), Sense::hover());
    state.size = place.rect.size();
    let mut signals = state.signals(twin.scene, twin.selection);
    let left_out = signals.len().saturating_sub(MAX_SIGNALS);
    signals.truncate(MAX_SIGNALS);
    let now = twin.timeline.now();
    let range = state.window.range(now, state.automatic_range(twin));
    head_ui(ui, twin, state, range, actions);
    if signals.is_empty() {
        let hint = "Select an asset, or pick signals with Add signal";
        empty_ui(ui, icon::CHART_LINE, "No signal to draw", hint);
        take_dropped(ui, twin, (&place, &[]), state, actions);
        return;
    }
    let strips = Strip::by_unit(twin.scene, &signals, |signal| state.group(signal));
    if left_out > 0 {
        ui.label(theme::note(format!(
            "{left_out} more signals are not drawn: at most {MAX_SIGNALS} are"
        )));
    }
    if state.statistics {
        let most = (ui.available_height() * 0.6).max(60.0);
        egui::Panel::bottom("range statistics")
            .resizable(true)
            .default_size(120.0_f32.min(most))
            .size_range(48.0..=most)
            .show(ui, |ui| {
                range_table_ui(ui, twin, &mut state.table, &signals, range);
            });
    }
    let places = strips_ui(ui, twin, state, &strips, range, actions);
    take_dropped(ui, twin, (&place, &places), state, actions);
}

/// Adds what is dropped here, to the strip under the pointer if its unit fits.
fn take_dropped(
    ui: &Ui,
    twin: &Twin<'_>,
    (place, strips): (&Response, &[(Rect, &Strip)]),
    state: &mut TrendState,
    actions: &mut Vec<Action>,
) {
    let pointer = ui.ctx().pointer_interact_pos();
    let under = pointer.and_then(|at| strips.iter().find(|(rect, _)| rect.contains(at)));
    let signal_of = |id: &SignalId| twin.scene.signals.get(id.index());
    if let Some(carried) = place.dnd_hover_payload::<DraggedSignals>() {
        let mut signals = carried.0.iter().filter_map(signal_of);
        let onto = under.filter(|(_, strip)| signals.any(|signal| strip.takes(signal)));
        let outline = Stroke::new(1.5, theme::selection());
        let rect = onto.map_or(place.rect, |(rect, _)| *rect);
        let painter = ui.painter();
        painter.rect_stroke(rect, 3.0, outline, egui::StrokeKind::Inside);
    }
    let Some(dropped) = place.dnd_release_payload::<DraggedSignals>() else {
        return;
    };
    for id in &dropped.0 {
        let Some(signal) = signal_of(id) else {
            continue;
        };
        if let Some((_, strip)) = under.filter(|(_, strip)| strip.takes(signal)) {
            state.join(signal, strip.group);
        }
        if !state.has_chosen(signal) {
            actions.push(Action::ToggleTrend(*id));
        }
    }
}

fn head_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    range: (Timestamp, Timestamp),
    actions: &mut Vec<Action>,
) {
    ui.horizontal(|ui| {
        let title = format!("{}  Add signal", icon::PLUS);
        let fresh = |_, signal: &Signal| !state.chosen.contains(&signal.full_name);
        if let Some(id) = signal_picker_ui(ui, twin.scene, &title, fresh) {
            actions.push(Action::ToggleTrend(id));
        }
        ui.separator();
        for (secs, text) in PASTS {
            let chosen = !state.window.is_chosen() && (state.past_secs - secs).abs() < 1.0;
            if ui.selectable_label(chosen, text).clicked() {
                state.past_secs = secs;
                state.window.reset();
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let hint = title_with_shortcut(ui.ctx(), Named::ChooseTrendExport);
            if icon_button(ui, icon::EXPORT, "Export trends")
                .on_hover_text(hint)
                .clicked()
            {
                actions.push(Action::Named(Named::ChooseTrendExport));
            }
            let named = Named::ChooseTrendPicture;
            let hint = title_with_shortcut(ui.ctx(), named);
            if icon_button(ui, icon::IMAGE, "Save a picture")
                .on_hover_text(hint)
                .clicked()
            {
                actions.push(Action::Named(named));
            }
            let lit = ui.selectable_label(state.statistics, format!("{}  Statistics", icon::SIGMA));
            let hint = "Mean, extremes, spread and integral of the range that is shown";
            lit.widget_info(|| {
                let on = state.statistics;
                egui::WidgetInfo::selected(egui::WidgetType::Button, true, on, "Statistics")
            });
            if lit.on_hover_text(hint).clicked() {
                actions.push(Action::Named(Named::ToggleTrendStatistics));
            }
            let picked = !state.chosen.is_empty();
            if picked && icon_button(ui, icon::ERASER, "Remove all signals").clicked() {
                state.chosen.clear();
            }
        });
    });
    if state.window.is_chosen() {
        chosen_ui(ui, state, range, actions);
    }
    ui.add_space(4.0);
}

/// That the plot shows a range of its own, and what can be done with it.
fn chosen_ui(
    ui: &mut Ui,
    state: &mut TrendState,
    range: (Timestamp, Timestamp),
    actions: &mut Vec<Action>,
) {
    ui.horizontal(|ui| {
        let text = if state.window.is_held() {
            "Held: only this plot no longer moves with time"
        } else {
            "Zoomed"
        };
        ui.label(RichText::new(format!("{}  {text}", icon::PAUSE)).color(theme::text()));
        if text_button(ui, icon::ARROWS_OUT_LINE_HORIZONTAL, "Reset").clicked() {
            state.window.reset();
        }
        let hint = "Sets the timeline's loop to what this plot shows";
        if text_button(ui, icon::REPEAT, "Send range to timeline")
            .on_hover_text(hint)
            .clicked()
        {
            actions.push(Action::Timeline(TimelineCommand::Loop(Some(range))));
        }
    });
}

impl TrendState {
    /// Some of the past, the playhead, and as much of the future as a run gives.
    pub(super) fn automatic_range(&self, twin: &Twin<'_>) -> (Timestamp, Timestamp) {
        let timeline = twin.timeline;
        let (now, playhead) = (timeline.now(), timeline.playhead());
        let past = self.past_secs;
        let selected = timeline.selected_run();
        let run = twin.runs.iter().find(|run| Some(run.id) == selected);
        let ahead = run.map_or(past * 0.05, |run| {
            let asked = run.horizon_end().secs_since(now);
            asked.clamp(past * 0.05, past * 2.0)
        });
        let from = now.plus_secs(-past).min(playhead.plus_secs(-past / 2.0));
        // The playhead is never at the edge: what comes next is what it is moved for.
        let beyond = playhead.plus_secs(playhead.secs_since(from) * 0.15);
        let until = if playhead > now { beyond } else { playhead };
        let until = now.plus_secs(ahead).max(until);
        // In steps: a length that changes in every frame would have every curve made anew.
        let step = past / 100.0;
        let steps = (until.secs_since(from) / step - 1e-6).ceil();
        (from, from.plus_secs(steps * step))
    }

    /// Takes the stretch under a drag as the new window.
    pub(super) fn zoom_to(&mut self, axis: &TimeAxis, to: Timestamp, now: Timestamp) {
        if let Some(from) = self.zoom_from.take() {
            let range = (from.min(to), from.max(to));
            // A shaky click is not a zoom.
            if axis.x(range.1) - axis.x(range.0) > 6.0 {
                self.window.set(range, now);
            }
        }
    }
}

//! Anomalies: what is watched together and learned from on the left, what was found on the right.
//!
//! A score is an estimate of a detector, never an alarm of the plant.

mod findings;
mod plot;

pub(super) use plot::estimate_ink;

use std::collections::BTreeSet;

use egui::{Align, DragValue, Layout, RichText, Ui, WidgetInfo, WidgetType};
use egui_phosphor::regular as icon;

use super::controls::{empty_ui, text_button, text_button_if};
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::anomalies::{AnomalyAsk, MOST_SIGNALS};
use crate::scene::{AssetIndex, Scene};
use crate::session::signals_of;
use crate::signal::{RunId, SignalId};
use crate::simulation::RunRecord;
use crate::time::Timestamp;

/// The width of what is asked, points.
const ASKED: f32 = 300.0;
/// A narrower panel has what is asked and what was found on pages, points.
const SIDE_BY_SIDE: f32 = 640.0;
/// The detector learns from so many hours.
const HOURS: std::ops::RangeInclusive<f64> = 0.05..=168.0;
/// False alarms a day that can be accepted.
const BUDGETS: std::ops::RangeInclusive<f64> = 0.01..=100.0;

/// What is asked.
#[derive(Debug)]
pub struct AnomalyState {
    scene: String,
    asset: Option<AssetIndex>,
    /// Signals of it that are not watched.
    left_out: BTreeSet<SignalId>,
    /// True to learn from the span on the time bar.
    from_span: bool,
    /// Else from so many hours before the playhead.
    hours: f64,
    per_day: f64,
    against: Option<RunId>,
    page: Page,
}

/// What a narrow panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Setup,
    Score,
    Findings,
}

impl Default for AnomalyState {
    fn default() -> Self {
        Self {
            scene: String::new(),
            asset: None,
            left_out: BTreeSet::new(),
            from_span: false,
            hours: 1.0,
            per_day: 1.0,
            against: None,
            page: Page::Setup,
        }
    }
}

impl AnomalyState {
    /// Watches an asset and what belongs to it.
    pub fn choose(&mut self, asset: AssetIndex) {
        if self.asset != Some(asset) {
            self.asset = Some(asset);
            self.left_out.clear();
        }
    }

    /// Neither assets nor runs are the same in another scene.
    fn follow_scene(&mut self, scene: &Scene) {
        if self.scene != scene.name {
            *self = Self {
                scene: scene.name.clone(),
                asset: self.asset.filter(|one| one.index() < scene.assets.len()),
                ..Self::default()
            };
        }
    }

    fn train(&self, twin: &Twin<'_>) -> (Timestamp, Timestamp) {
        let to = twin.timeline.playhead().min(twin.timeline.now());
        let before = (to.plus_secs(-3_600.0 * self.hours), to);
        let span = twin.timeline.looped().filter(|_| self.from_span);
        span.map_or(before, |(from, to)| (from, to.min(twin.timeline.now())))
    }
}

/// The tab.
pub fn anomalies_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AnomalyState,
    actions: &mut Vec<Action>,
) {
    state.follow_scene(twin.scene);
    if state.asset.is_none()
        && let Some(asset) = twin.selection.selected
    {
        state.choose(asset);
    }
    if ui.available_width() >= SIDE_BY_SIDE {
        let height = ui.available_height();
        let beside = Layout::top_down(Align::Min);
        ui.horizontal_top(|ui| {
            ui.allocate_ui_with_layout(egui::vec2(ASKED, height), beside, |ui| {
                egui::ScrollArea::vertical()
                    .id_salt("what is watched")
                    .auto_shrink([false, false])
                    .show(ui, |ui| asked_ui(ui, twin, state, actions));
            });
            ui.separator();
            ui.vertical(|ui| {
                findings::score_ui(ui, twin, actions);
                findings::list_ui(ui, twin, actions);
            });
        });
    } else {
        ui.horizontal(|ui| {
            ui.selectable_value(&mut state.page, Page::Setup, "Setup");
            ui.selectable_value(&mut state.page, Page::Score, "Score");
            ui.selectable_value(&mut state.page, Page::Findings, "Findings");
        });
        match state.page {
            Page::Score => findings::score_ui(ui, twin, actions),
            Page::Findings => findings::list_ui(ui, twin, actions),
            Page::Setup => {
                egui::ScrollArea::vertical()
                    .id_salt("what is watched")
                    .auto_shrink([false, false])
                    .show(ui, |ui| asked_ui(ui, twin, state, actions));
            }
        }
    }
}

fn asked_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut AnomalyState, actions: &mut Vec<Action>) {
    let Some(asset) = state.asset else {
        let hint = "Its signals, and those of what belongs to it, are watched together";
        empty_ui(ui, icon::PULSE, "Select an asset", hint);
        return;
    };
    let scene = twin.scene;
    let spec = scene.asset(asset);
    let signals = signals_of(scene, &spec.tag).unwrap_or_default();
    let chosen: Vec<_> = signals
        .iter()
        .copied()
        .filter(|id| !state.left_out.contains(id))
        .collect();
    let train = state.train(twin);
    // What is pressed most stands where it never scrolls away.
    ui.horizontal_wrapped(|ui| {
        let allowed = match chosen.len() {
            0 => Err("Tick a signal to watch"),
            some if some > MOST_SIGNALS => Err("Too many signals: choose a smaller asset"),
            _ if twin.anomalies.running => Err("A detector is being trained"),
            _ => Ok(()),
        };
        if text_button_if(ui, allowed, icon::MAGNIFYING_GLASS, "Find anomalies").clicked() {
            state.page = Page::Score;
            let per_day = state.per_day;
            actions.push(Action::FindAnomalies(Box::new(AnomalyAsk {
                signals: chosen.clone(),
                train,
                per_day,
                against: state.against,
            })));
        }
        if twin.anomalies.running {
            ui.spinner();
        }
        if let Err(why) = allowed {
            ui.label(theme::note(why));
        }
    });
    ui.add_space(4.0);
    ui.label(theme::caption("Learn from"));
    stretch_ui(ui, twin, state, train);
    ui.horizontal(|ui| {
        let field = DragValue::new(&mut state.per_day).range(BUDGETS).speed(0.1);
        let named = ui.add(field);
        named
            .widget_info(|| WidgetInfo::labeled(WidgetType::DragValue, true, "False alarms a day"));
        ui.label("false alarms a day are accepted");
    });
    method_ui(ui, twin, state, train);
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::caption("Watched together"));
        ui.label(RichText::new(&spec.tag).color(theme::strong()))
            .on_hover_text(&spec.label);
        ui.label(theme::note(format!(
            "{} of {}",
            chosen.len(),
            signals.len()
        )));
        if let Some(parent) = spec.parent {
            let text = format!("All of {}", scene.asset(parent).tag);
            if text_button(ui, icon::ARROW_UP, &text).clicked() {
                state.choose(parent);
            }
        }
        let selected = twin.selection.selected.filter(|one| *one != asset);
        if let Some(selected) = selected {
            let text = format!("Watch {}", scene.asset(selected).tag);
            if text_button(ui, icon::CROSSHAIR, &text).clicked() {
                state.choose(selected);
            }
        }
    });
    for id in signals.iter().take(4 * MOST_SIGNALS) {
        let mut is_watched = !state.left_out.contains(id);
        let name = &scene.signal(*id).full_name;
        if ui.checkbox(&mut is_watched, name).changed() {
            match is_watched {
                true => state.left_out.remove(id),
                false => state.left_out.insert(*id),
            };
        }
    }
}

/// Where it is learned from: what was ordinary.
fn stretch_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AnomalyState,
    (from, to): (Timestamp, Timestamp),
) {
    ui.horizontal(|ui| {
        if ui.radio(!state.from_span, "The last").clicked() {
            state.from_span = false;
        }
        let field = DragValue::new(&mut state.hours)
            .range(HOURS)
            .speed(0.05)
            .max_decimals(2)
            .suffix(" h");
        let hours = ui.add(field);
        hours.widget_info(|| {
            WidgetInfo::labeled(WidgetType::DragValue, true, "Hours to learn from")
        });
        ui.label("before the playhead");
    });
    let has_span = twin.timeline.looped().is_some();
    let radio = egui::RadioButton::new(state.from_span && has_span, "The span on the time bar");
    let radio = ui
        .add_enabled(has_span, radio)
        .on_disabled_hover_text("Drag on the time bar, or send a range of the trends there");
    if radio.clicked() {
        state.from_span = true;
    }
    state.from_span &= has_span;
    let text = format!(
        "{} to {} UTC",
        from.format("%d %b %H:%M"),
        to.format("%d %b %H:%M")
    );
    ui.label(theme::note(text));
}

/// Whether the signals are watched, or how far they are off what the twin says.
fn method_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AnomalyState,
    train: (Timestamp, Timestamp),
) {
    let covers = |run: &&RunRecord| run.start <= train.0 && run.reached >= train.1;
    let runs: Vec<_> = twin.runs.iter().filter(covers).collect();
    let known = |id: &RunId| runs.iter().any(|run| run.id == *id);
    state.against = state.against.filter(known);
    let name = |run: &RunRecord| format!("Residual of {} (run {})", run.scenario.name, run.id.0);
    let against = runs.iter().find(|run| Some(run.id) == state.against);
    let text = against.map_or_else(|| "Signals as measured".to_owned(), |run| name(run));
    ui.horizontal(|ui| {
        ui.label("Watch");
        let combo = egui::ComboBox::from_id_salt("watched by")
            .width(180.0)
            .selected_text(&text)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut state.against, None, "Signals as measured");
                for run in &runs {
                    ui.selectable_value(&mut state.against, Some(run.id), name(run));
                }
            });
        combo.response.on_hover_text(
            "By themselves: level, how they move together, and scatter. \
             As residual: measured less what a run of the twin says",
        );
    });
    if runs.is_empty() {
        ui.label(theme::note(
            "No run covers the stretch: for the twin's residual, go to its begin and run a scenario",
        ));
    }
}

//! Limits tried on the recorded past: what they would have raised, beside the scene's own.

use egui::{DragValue, RichText, Sense, Ui, WidgetInfo, WidgetType};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::super::controls::empty_ui;
use super::super::inspector::limit_name;
use super::super::marks::{self, AlarmLook};
use super::super::{Twin, theme};
use super::rows::ROW;
use crate::alarm::Raised;
use crate::app::action::{Action, LimitTrial};
use crate::scene::{AssetIndex, Limit, Scene, Signal};
use crate::signal::SignalId;
use crate::time::{Timestamp, duration_text};
use crate::timeline::TimelineCommand;

/// A wide panel has what was found beside what is edited, points.
const SIDE_BY_SIDE: f32 = 680.0;
/// How far back limits are tried, h.
const SPANS: [(&str, u32); 4] = [("1 h", 1), ("Day", 24), ("Week", 168), ("Month", 720)];

/// What came of it, for the screen. Written by [`crate::app::alarm_review`].
#[derive(Debug, Default)]
pub struct TrialView {
    /// The last trial that ended.
    pub done: Option<TrialResult>,
    /// What was asked last.
    pub asked: Option<LimitTrial>,
    /// True while one is made.
    pub running: bool,
    /// Why there is none.
    pub trouble: Option<String>,
}

/// What limits would have raised.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialResult {
    /// What was tried.
    pub trial: LimitTrial,
    /// What they would have raised, in order of time.
    pub raised: Vec<Raised>,
    /// How often the scene's own limits would have.
    pub own: usize,
    /// From the first to the last sample that was judged; `None` without any.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How many samples were judged.
    pub samples: usize,
}

/// What is being edited.
#[derive(Debug)]
pub struct TrialState {
    signal: Option<SignalId>,
    limits: Vec<Limit>,
    hours: u32,
}

impl Default for TrialState {
    fn default() -> Self {
        Self {
            signal: None,
            limits: Vec::new(),
            hours: 24,
        }
    }
}

impl TrialState {
    /// Shows what was asked elsewhere.
    pub fn follow(&mut self, trial: &LimitTrial) {
        self.signal = Some(trial.signal);
        self.limits.clone_from(&trial.limits);
        self.hours = trial.hours;
    }

    /// Begins with the limits that the scene gives this signal.
    pub fn choose(&mut self, signal: SignalId) {
        self.signal = Some(signal);
        self.limits.clear();
    }

    /// Takes up the scene's limits where nothing is edited yet; the signal, if it has limits.
    fn settle<'a>(&mut self, scene: &'a Scene) -> Option<(SignalId, &'a Signal)> {
        let has_limits = |id: &SignalId| {
            let signal = scene.signals.get(id.index());
            signal.is_some_and(|signal| !signal.limits.is_empty())
        };
        let id = self.signal.filter(has_limits)?;
        let signal = scene.signal(id);
        if self.limits.len() != signal.limits.len() {
            self.limits.clone_from(&signal.limits);
        }
        Some((id, signal))
    }
}

/// The first signal of an asset that has limits.
pub fn limited_signal(asset: AssetIndex, scene: &Scene) -> Option<SignalId> {
    let mut signals = scene.assets.get(asset.index())?.signal_ids();
    signals.find(|id| !scene.signal(*id).limits.is_empty())
}

/// The panel.
pub fn trial_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut TrialState, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        signal_ui(ui, twin, state);
        for (text, hours) in SPANS {
            ui.selectable_value(&mut state.hours, hours, text);
        }
        if twin.desk.trial.running {
            ui.spinner();
        }
    });
    let Some((id, signal)) = state.settle(twin.scene) else {
        let hint = "Choose one above; only signals with limits are offered";
        empty_ui(ui, icon::SLIDERS_HORIZONTAL, "No signal is chosen", hint);
        return;
    };
    ui.add_space(4.0);
    let beside = ui.available_width() >= SIDE_BY_SIDE;
    let edit = |ui: &mut Ui, state: &mut TrialState| {
        egui::Grid::new("tried limits")
            .num_columns(5)
            .spacing([12.0, 4.0])
            .show(ui, |ui| {
                for text in ["", "Limit", "Deadband", "On delay", "In the scene"] {
                    ui.label(theme::caption(text));
                }
                ui.end_row();
                for (limit, own) in state.limits.iter_mut().zip(&signal.limits) {
                    limit_ui(ui, signal, limit, own);
                    ui.end_row();
                }
            });
        let is_changed = state.limits != signal.limits;
        let button = ui.add_enabled(is_changed, egui::Button::new("Back to the scene's"));
        let hint = "Nothing here changes the scene: write what proves good into the scene file";
        if button.on_hover_text(hint).clicked() {
            state.limits.clone_from(&signal.limits);
        }
    };
    let mut result = |ui: &mut Ui| {
        if let Some(trouble) = &twin.desk.trial.trouble {
            ui.label(RichText::new(trouble).color(theme::warning()));
        }
        let done = twin.desk.trial.done.as_ref();
        if let Some(done) = done.filter(|done| done.trial.signal == id) {
            result_ui(ui, signal, done, actions);
        }
    };
    if beside {
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| edit(ui, state));
            ui.add_space(16.0);
            ui.vertical(|ui| result(ui));
        });
    } else {
        edit(ui, state);
        ui.separator();
        result(ui);
    }
    ask(twin, state, id, actions);
}

/// Asks for what is edited, as soon as the last trial is done.
fn ask(twin: &Twin<'_>, state: &TrialState, signal: SignalId, actions: &mut Vec<Action>) {
    let trial = LimitTrial {
        signal,
        limits: state.limits.clone(),
        hours: state.hours,
    };
    let view = twin.desk.trial;
    if view.asked.as_ref() != Some(&trial) && !view.running {
        actions.push(Action::TryLimits(Box::new(trial)));
    }
}

fn signal_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut TrialState) {
    let scene = twin.scene;
    let shown = state.signal.and_then(|id| scene.signals.get(id.index()));
    let shown = shown.map_or("Choose a signal", |signal| signal.full_name.as_str());
    let mut chosen = None;
    egui::ComboBox::from_id_salt("tried signal")
        .selected_text(shown)
        .width(190.0)
        .height(320.0)
        .show_ui(ui, |ui| {
            // Those of what is selected first.
            let has = |id: &SignalId| !scene.signal(*id).limits.is_empty();
            let own = |id: &SignalId| Some(scene.signal(*id).asset) == twin.selection.selected;
            let mut offered: Vec<_> = scene.signal_ids().filter(has).collect();
            offered.sort_by_key(|id| !own(id));
            let height = ui.spacing().interact_size.y;
            let rows = offered.len();
            egui::ScrollArea::vertical().max_height(300.0).show_rows(
                ui,
                height,
                rows,
                |ui, range| {
                    for id in &offered[range] {
                        let name = &scene.signal(*id).full_name;
                        let is_it = state.signal == Some(*id);
                        if ui.selectable_label(is_it, name).clicked() {
                            chosen = Some(*id);
                        }
                    }
                },
            );
        })
        .response
        .on_hover_text("The signal whose limits are tried");
    if let Some(id) = chosen {
        state.choose(id);
    }
}

/// One limit as it is tried, beside the scene's own.
fn limit_ui(ui: &mut Ui, signal: &Signal, limit: &mut Limit, own: &Limit) {
    let name = limit_name(own.kind);
    let look = AlarmLook::steady(own.priority, true);
    marks::alarm_mark_ui(ui, look, marks::priority_name(own.priority));
    let unit = signal.unit;
    let (low, high) = (unit.from_si(signal.range.0), unit.from_si(signal.range.1));
    let speed = ((high - low).abs() / 400.0).max(1e-6);
    let suffix = format!(" {}", unit.symbol());
    let decimals = signal.decimals.max(1);
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).strong());
        let mut at = unit.from_si(limit.at);
        let field = DragValue::new(&mut at)
            .speed(speed)
            .max_decimals(decimals + 1)
            .suffix(&suffix);
        let response = ui.add(field).on_hover_text(&own.message);
        response.widget_info(|| {
            WidgetInfo::labeled(WidgetType::DragValue, true, format!("Limit {name}"))
        });
        if response.changed() {
            limit.at = unit.to_si(at);
        }
    });
    // A distance has a scale and no zero point.
    let scale = unit.to_si(1.0) - unit.to_si(0.0);
    let mut deadband = limit.deadband / scale;
    let field = DragValue::new(&mut deadband)
        .speed(speed / 4.0)
        .range(0.0..=(high - low).abs().max(1e-6))
        .suffix(&suffix);
    let response = ui.add(field);
    if response.changed() {
        limit.deadband = deadband * scale;
    }
    let mut secs = limit.on_delay.as_secs_f64();
    let field = DragValue::new(&mut secs)
        .speed(1.0)
        .range(0.0..=86_400.0)
        .suffix(" s");
    let response = ui.add(field);
    if response.changed() {
        limit.on_delay = std::time::Duration::from_secs_f64(secs);
    }
    ui.label(theme::note(signal.value_with_unit(own.at)));
}

fn result_ui(ui: &mut Ui, signal: &Signal, done: &TrialResult, actions: &mut Vec<Action>) {
    let Some((from, to)) = done.span else {
        ui.label("Nothing was recorded of it in this time, so nothing can be tried");
        return;
    };
    let hours = (to.secs_since(from) / 3_600.0).max(1e-9);
    let count = done.raised.len();
    let text = match count {
        1 => "1 alarm".to_owned(),
        _ => format!("{count} alarms"),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::heading(text));
        ui.label(format!(
            "in {}, {:.2} an hour; the scene's limits: {}",
            duration_text(to.secs_since(from)),
            count as f64 / hours,
            done.own
        ));
    });
    ui.label(theme::note(format!(
        "{} samples from {} to {} UTC",
        done.samples,
        from.to_clock_text(),
        to.to_clock_text()
    )));
    TableBuilder::new(ui)
        .id_salt("what would have been raised")
        .striped(true)
        .sense(Sense::click())
        .auto_shrink([false, false])
        .column(Column::exact(22.0))
        .column(Column::initial(150.0).clip(true))
        .column(Column::initial(78.0).clip(true))
        .column(Column::initial(66.0).clip(true))
        .column(Column::remainder().clip(true))
        .body(|body| {
            body.rows(ROW, count, |mut row| {
                let raised = &done.raised[row.index()];
                let Some(limit) = done.trial.limits.get(raised.limit) else {
                    return;
                };
                row.col(|ui| {
                    let look = AlarmLook::expected(limit.priority);
                    marks::alarm_mark_ui(ui, look, "Would have been raised");
                });
                row.col(|ui| {
                    ui.label(raised.raised.to_clock_text())
                        .on_hover_text("Click goes there");
                });
                row.col(|ui| {
                    let at = signal.value_with_unit(limit.at);
                    ui.label(format!("{} {at}", limit_name(limit.kind)));
                });
                row.col(|ui| {
                    ui.label(signal.value_with_unit(raised.value));
                });
                row.col(|ui| {
                    let lasted = raised.cleared.map_or_else(
                        || "not cleared".to_owned(),
                        |at| format!("for {}", duration_text(at.secs_since(raised.raised))),
                    );
                    ui.label(theme::note(lasted));
                });
                if row.response().clicked() {
                    let seek = TimelineCommand::Seek(raised.raised);
                    actions.push(Action::Timeline(seek));
                }
            });
        });
}

//! Sweeps, sensitivity studies and searches: what is asked on the left, what came of it on the right.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Align, Layout, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::controls::{empty_ui, icon_button, text_button, text_button_if, text_field};
use super::explore_draft::{Choice, DraftConstraint, DraftParameter, ExploreDraft, Kind};
use super::explore_results::{ResultsState, results_ui};
use super::scenario_draft::Change;
use super::signal_picker::signal_picker_ui;
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::scene::{Better, LimitKind, Scene, Signal};
use crate::session::campaign::{Campaign, Row};

/// Runs of a search unless somebody says otherwise.
const BUDGET: u32 = 60;
/// Values of a sweep's parameter at most.
const MAX_VALUES: u32 = 50;
/// Fewer runs are no search.
const MIN_BUDGET: u32 = 10;
/// Runs of a search at most.
const MAX_BUDGET: u32 = 2_000;
/// The width of what is asked, points.
const ASKED: f32 = 372.0;

/// What is explored, for the screen.
#[derive(Clone, Default)]
pub struct ExploreView {
    /// What was asked; `None` before the first question.
    pub campaign: Option<Arc<Campaign>>,
    /// Where its tables are.
    pub folder: PathBuf,
    /// The runs that are done, in order.
    pub rows: Vec<Row>,
    /// How many are known to be wanted.
    pub wanted: usize,
    /// True while some are computed.
    pub running: bool,
    /// Why it could not begin or go on.
    pub problem: Option<String>,
}

impl ExploreView {
    /// Of a campaign that has just begun.
    pub fn of(campaign: Arc<Campaign>, folder: PathBuf) -> Self {
        Self {
            campaign: Some(campaign),
            folder,
            running: true,
            ..Self::default()
        }
    }

    /// Takes in runs; one that is known already stays as it was.
    pub fn take(&mut self, rows: Vec<Row>, wanted: Option<usize>) {
        for row in rows {
            if let Err(place) = self.rows.binary_search_by_key(&row.run, |known| known.run) {
                self.rows.insert(place, row);
            }
        }
        self.wanted = wanted.unwrap_or(self.wanted).max(self.rows.len());
    }
}

/// What is asked and looked at.
#[derive(Debug, Default)]
pub struct ExploreState {
    draft: ExploreDraft,
    /// The scenario that is explored.
    picked: usize,
    scene: String,
    results: ResultsState,
}

/// The tab.
pub fn explore_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ExploreState,
    actions: &mut Vec<Action>,
) {
    if twin.plant.is_empty() {
        let hint = "A scene's file lists them under `models`";
        empty_ui(ui, icon::FLASK, "The scene has no models to explore", hint);
        return;
    }
    state.follow_scene(twin.scene);
    let height = ui.available_height();
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(
            egui::vec2(ASKED, height),
            Layout::top_down(Align::Min),
            |ui| {
                egui::ScrollArea::vertical()
                    .id_salt("asked")
                    .auto_shrink([false, false])
                    .show(ui, |ui| asked_ui(ui, twin, state, actions));
            },
        );
        ui.separator();
        ui.vertical(|ui| results_ui(ui, twin, &mut state.results, actions));
    });
}

impl ExploreState {
    /// Signals are not the same in another scene, so neither is a question.
    fn follow_scene(&mut self, scene: &Scene) {
        if self.scene != scene.name || self.picked >= scene.scenarios.len().max(1) {
            *self = Self {
                scene: scene.name.clone(),
                draft: ExploreDraft {
                    budget: BUDGET,
                    ..ExploreDraft::default()
                },
                ..Self::default()
            };
        }
    }
}

fn asked_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut ExploreState, actions: &mut Vec<Action>) {
    let scene = twin.scene;
    ui.horizontal(|ui| {
        for kind in Kind::ALL {
            ui.selectable_value(&mut state.draft.kind, kind, kind.text())
                .on_hover_text(kind.story());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let scenarios = &scene.scenarios;
            let name = scenarios.get(state.picked).map_or("As is", |one| &one.name);
            egui::ComboBox::from_id_salt("explored scenario")
                .width(130.0)
                .selected_text(name)
                .show_ui(ui, |ui| {
                    for (place, scenario) in scenarios.iter().enumerate() {
                        ui.selectable_value(&mut state.picked, place, &scenario.name);
                    }
                });
        });
    });
    ui.label(theme::note(state.draft.kind.story()));
    parameters_ui(ui, twin, &mut state.draft);
    if state.draft.kind == Kind::Search {
        search_ui(ui, scene, &mut state.draft);
    }
    ui.add_space(6.0);
    start_ui(ui, twin, state, actions);
}

fn parameters_ui(ui: &mut Ui, twin: &Twin<'_>, draft: &mut ExploreDraft) {
    let scene = twin.scene;
    ui.horizontal(|ui| {
        ui.label(theme::caption("What is changed"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let title = format!("{}  Add a signal", icon::PLUS);
            let takes = |id, _: &Signal| twin.plant.takes(id);
            if let Some(signal) = signal_picker_ui(ui, scene, &title, takes)
                && !draft.parameters.iter().any(|one| one.signal == signal)
            {
                draft.parameters.push(DraftParameter::new(signal, scene));
            }
        });
    });
    let kind = draft.kind;
    let mut removed = None;
    for (place, one) in draft.parameters.iter_mut().enumerate() {
        ui.push_id(("explored", place), |ui| {
            if parameter_ui(ui, scene, kind, one) {
                removed = Some(place);
            }
        });
    }
    if let Some(place) = removed {
        draft.parameters.remove(place);
    }
    if draft.parameters.is_empty() {
        ui.label(theme::note("Nothing yet"));
    }
}

/// One signal and its values; true if it is to be removed.
fn parameter_ui(ui: &mut Ui, scene: &Scene, kind: Kind, one: &mut DraftParameter) -> bool {
    let signal = scene.signal(one.signal);
    let mut remove = false;
    ui.horizontal(|ui| {
        ui.label(RichText::new(&signal.full_name).strong())
            .on_hover_text(&signal.label);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            remove = icon_button(ui, icon::TRASH, "Remove").clicked();
        });
    });
    ui.horizontal(|ui| {
        let is_schedule = kind == Kind::Search && one.choice == Choice::Schedule;
        if !is_schedule {
            let mut change = one.change;
            egui::ComboBox::from_id_salt("change")
                .width(86.0)
                .selected_text(change.text())
                .show_ui(ui, |ui| {
                    for other in Change::OVERRIDES {
                        ui.selectable_value(&mut change, other, other.text());
                    }
                });
            one.set_change(change, scene);
        }
        let (low, high) = match is_schedule {
            true => ("Off value of", "On value of"),
            false => ("Lowest of", "Highest of"),
        };
        number_ui(ui, &mut one.low, low, signal);
        ui.label(if is_schedule { "or" } else { "to" });
        number_ui(ui, &mut one.high, high, signal);
        if one.change != Change::Multiply {
            ui.label(theme::note(signal.unit.symbol()));
        }
        match kind {
            Kind::Sweep => {
                let count = egui::DragValue::new(&mut one.count).range(2..=MAX_VALUES);
                ui.add(count.speed(0.1).suffix(" values"));
            }
            Kind::Search => choice_ui(ui, one),
            Kind::Tornado => {}
        }
    });
    remove
}

fn choice_ui(ui: &mut Ui, one: &mut DraftParameter) {
    egui::ComboBox::from_id_salt("choice")
        .width(76.0)
        .selected_text(one.choice.text())
        .show_ui(ui, |ui| {
            for other in Choice::ALL {
                ui.selectable_value(&mut one.choice, other, other.text());
            }
        });
    if one.choice == Choice::Schedule {
        let field = TextEdit::singleline(&mut one.block).desired_width(34.0);
        text_field(ui, field, "Block of the schedule");
    }
}

fn number_ui(ui: &mut Ui, text: &mut String, name: &str, signal: &Signal) {
    let field = TextEdit::singleline(text).desired_width(48.0);
    text_field(ui, field, &format!("{name} {}", signal.full_name));
}

fn search_ui(ui: &mut Ui, scene: &Scene, draft: &mut ExploreDraft) {
    ui.add_space(4.0);
    ui.label(theme::caption("What is best"));
    if scene.kpis.is_empty() {
        ui.label(theme::note(
            "The scene has no KPI: its file lists them under `kpis`",
        ));
        return;
    }
    draft.kpi = draft.kpi.min(scene.kpis.len() - 1);
    ui.horizontal(|ui| {
        match scene.kpis[draft.kpi].better {
            Better::Lower => _ = ui.label("The lowest"),
            Better::Higher => _ = ui.label("The highest"),
            Better::Neither => {
                let text = if draft.greatest {
                    "The highest"
                } else {
                    "The lowest"
                };
                if ui.button(text).clicked() {
                    draft.greatest = !draft.greatest;
                }
            }
        }
        kpi_ui(ui, scene, "objective", &mut draft.kpi);
        let budget = egui::DragValue::new(&mut draft.budget).range(MIN_BUDGET..=MAX_BUDGET);
        ui.add(budget.suffix(" runs"))
            .on_hover_text("How many runs it may take");
    });
    constraints_ui(ui, scene, draft);
}

fn kpi_ui(ui: &mut Ui, scene: &Scene, id: &str, kpi: &mut usize) {
    egui::ComboBox::from_id_salt(id)
        .width(150.0)
        .selected_text(scene.kpis.get(*kpi).map_or("?", |one| one.name.as_str()))
        .show_ui(ui, |ui| {
            for (place, one) in scene.kpis.iter().enumerate() {
                ui.selectable_value(kpi, place, &one.name);
            }
        });
}

fn constraints_ui(ui: &mut Ui, scene: &Scene, draft: &mut ExploreDraft) {
    ui.horizontal(|ui| {
        ui.label(theme::caption("Under the condition that"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let limited = |_, signal: &Signal| !signal.limits.is_empty();
            let title = format!("{}  Limit", icon::PLUS);
            if let Some(signal) = signal_picker_ui(ui, scene, &title, limited) {
                let limits = &scene.signal(signal).limits;
                let limit = limits.first().map_or(LimitKind::Low, |limit| limit.kind);
                draft.constraints.push(DraftConstraint::Breach {
                    signal,
                    limit,
                    at_most: "0.1".to_owned(),
                });
            }
            if ui.button(format!("{}  KPI", icon::PLUS)).clicked() {
                draft.constraints.push(DraftConstraint::Kpi {
                    kpi: 0,
                    at_most: scene.kpis[0].better != Better::Higher,
                    bound: "0".to_owned(),
                });
            }
        });
    });
    let mut removed = None;
    for (place, one) in draft.constraints.iter_mut().enumerate() {
        ui.push_id(("constraint", place), |ui| {
            ui.horizontal(|ui| {
                constraint_ui(ui, scene, one);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if icon_button(ui, icon::TRASH, "Remove").clicked() {
                        removed = Some(place);
                    }
                });
            });
        });
    }
    if let Some(place) = removed {
        draft.constraints.remove(place);
    }
}

fn constraint_ui(ui: &mut Ui, scene: &Scene, one: &mut DraftConstraint) {
    match one {
        DraftConstraint::Kpi {
            kpi,
            at_most,
            bound,
        } => {
            kpi_ui(ui, scene, "bounded", kpi);
            let text = if *at_most { "at most" } else { "at least" };
            if ui.button(text).clicked() {
                *at_most = !*at_most;
            }
            let field = TextEdit::singleline(bound).desired_width(48.0);
            text_field(ui, field, "Bound of the KPI");
            let unit = scene.kpis.get(*kpi).map_or("", |one| one.unit.symbol());
            ui.label(theme::note(unit));
        }
        DraftConstraint::Breach {
            signal,
            limit,
            at_most,
        } => {
            let known = scene.signal(*signal);
            ui.label(&known.full_name);
            egui::ComboBox::from_id_salt("limit")
                .width(70.0)
                .selected_text(limit_text(*limit))
                .show_ui(ui, |ui| {
                    for one in &known.limits {
                        ui.selectable_value(limit, one.kind, limit_text(one.kind));
                    }
                });
            ui.label("passed with at most");
            let field = TextEdit::singleline(at_most).desired_width(36.0);
            text_field(ui, field, "Probability");
        }
    }
}

fn limit_text(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::HighHigh => "high-high",
        LimitKind::High => "high",
        LimitKind::Low => "low",
        LimitKind::LowLow => "low-low",
    }
}

fn start_ui(ui: &mut Ui, twin: &Twin<'_>, state: &ExploreState, actions: &mut Vec<Action>) {
    let scene = twin.scene;
    if let Some(problem) = &twin.exploration.problem {
        let text = format!("{}  {problem}", icon::WARNING);
        ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
    }
    if twin.exploration.running {
        let (done, wanted) = (twin.exploration.rows.len(), twin.exploration.wanted);
        ui.horizontal(|ui| {
            if text_button(ui, icon::STOP, "Cancel").clicked() {
                actions.push(Action::CancelExplore);
            }
            let share = done as f32 / wanted.max(1) as f32;
            let text = format!("{done} of {wanted} runs");
            ui.add(
                egui::ProgressBar::new(share)
                    .text(text)
                    .desired_height(14.0),
            );
        });
        return;
    }
    let text = state.draft.text(scene);
    let allowed = match &text {
        Ok(_) => Ok(()),
        Err(why) => Err(why.as_str()),
    };
    let allowed = twin.may(Right::Simulate).and(allowed);
    ui.horizontal(|ui| {
        let start = text_button_if(ui, allowed, icon::FLASK, "Explore");
        if start.clicked()
            && let Ok(design) = &text
        {
            let scenario = scene.scenarios.get(state.picked).cloned();
            let scenario = scenario.unwrap_or_else(|| crate::session::baseline(scene));
            actions.push(Action::Explore(Box::new(scenario), design.clone()));
        }
        let note = match &text {
            Ok(_) => format!("{} runs from the playhead or from now", state.draft.runs()),
            Err(why) => why.clone(),
        };
        ui.label(theme::note(note));
    });
}

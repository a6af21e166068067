//! Futures: pick a scenario, change it, run it, compare what came out.

use egui::{Align, Layout, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::comparison::{ComparisonState, comparison_ui};
use super::controls::{empty_ui, icon_button, text_button_if, text_field};
use super::draft_uncertain::{DraftUncertain, Kind};
use super::estimate::estimate_ui;
use super::kpis::kpis_ui;
use super::runs::runs_ui;
use super::scenario_draft::{Change, Draft, DraftOverride, MAX_MEMBERS};
use super::scenario_library::Library;
use super::signal_picker::signal_picker_ui;
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::scene::{ForcingSource, Scenario, Scene, Signal};
use crate::signal::SignalId;
use crate::time::duration_text;
use crate::timeline::{Mode, TimelineCommand};

/// What is being edited.
#[derive(Debug, Default)]
pub struct ScenariosState {
    draft: Option<Draft>,
    /// The scene's scenario that the draft began as.
    picked: usize,
    scene: String,
    comparison: ComparisonState,
    library: Library,
    /// The scenario that is picked once the scene has it.
    awaited: Option<String>,
}

/// The scenarios.
pub fn scenarios_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ScenariosState,
    actions: &mut Vec<Action>,
) {
    let scene = twin.scene;
    if scene.scenarios.is_empty() {
        let hint = "A scene's file lists them under `scenarios`";
        empty_ui(ui, icon::GIT_BRANCH, "The scene has no scenario", hint);
        return;
    }
    state.follow_scene(scene);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            pick_ui(ui, scene, state);
            let picked = &scene.scenarios[state.picked];
            let draft = state.draft.get_or_insert_with(|| Draft::of(picked, scene));
            ui.add_space(6.0);
            basics_ui(ui, draft);
            overrides_ui(ui, twin, "Overrides", &mut draft.overrides);
            overrides_ui(ui, twin, "Faults", &mut draft.faults);
            uncertain_ui(ui, scene, draft);
            forcing_ui(ui, scene, draft);
            ui.add_space(8.0);
            let edited = *draft != Draft::of(picked, scene);
            run_ui(ui, twin, draft, edited, actions);
            state.library.follow(ui, draft);
            let asked = state.library.show(ui, twin, picked, draft, actions);
            if let Some(asked) = asked {
                state.draft = Some(asked);
            }
            let known = state
                .draft
                .as_ref()
                .and_then(|draft| draft.read(scene).ok());
            estimate_ui(ui, twin, known.as_ref(), actions);
            match actions.last() {
                Some(Action::KeepScenario(kept)) => state.awaited = Some(kept.name.clone()),
                Some(Action::RemoveScenario(_)) => (state.picked, state.draft) = (0, None),
                _ => {}
            }
            ui.add_space(8.0);
            ui.separator();
            runs_ui(ui, twin, actions);
            kpis_ui(ui, twin);
            comparison_ui(ui, twin, &mut state.comparison, actions);
        });
}

impl ScenariosState {
    /// Adds an override of `signal` to what is edited; one that is there already stays.
    pub fn add_override(&mut self, signal: SignalId, scene: &Scene) {
        self.follow_scene(scene);
        let Some(picked) = scene.scenarios.get(self.picked) else {
            return;
        };
        let draft = self.draft.get_or_insert_with(|| Draft::of(picked, scene));
        if !draft.overrides.iter().any(|known| known.signal == signal) {
            draft.overrides.push(DraftOverride::new(signal, scene));
        }
    }

    /// Signals are not the same in another scene, so neither is a draft.
    fn follow_scene(&mut self, scene: &Scene) {
        if self.scene != scene.name || self.picked >= scene.scenarios.len() {
            *self = Self {
                scene: scene.name.clone(),
                ..Self::default()
            };
        }
        let named = |name: &String| scene.scenarios.iter().position(|one| one.name == *name);
        if let Some(place) = self.awaited.as_ref().and_then(named) {
            (self.picked, self.awaited, self.draft) = (place, None, None);
        }
    }
}

fn pick_ui(ui: &mut Ui, scene: &Scene, state: &mut ScenariosState) {
    let picked = &scene.scenarios[state.picked];
    egui::ComboBox::from_id_salt("scenario")
        .width(ui.available_width() - 8.0)
        .selected_text(RichText::new(&picked.name).strong())
        .show_ui(ui, |ui| {
            for (place, scenario) in scene.scenarios.iter().enumerate() {
                let row = ui.selectable_label(place == state.picked, &scenario.name);
                if row.on_hover_text(&scenario.description).clicked() {
                    state.picked = place;
                    state.draft = None;
                    state.library = Library::default();
                }
            }
        });
    if !picked.description.is_empty() {
        ui.add(egui::Label::new(theme::note(&picked.description)).wrap());
    }
}

fn basics_ui(ui: &mut Ui, draft: &mut Draft) {
    egui::Grid::new("basics")
        .num_columns(2)
        .spacing([12.0, 6.0])
        .show(ui, |ui| {
            let label = ui.label("Name");
            let field = TextEdit::singleline(&mut draft.name).desired_width(f32::INFINITY);
            ui.add(field).labelled_by(label.id);
            ui.end_row();
            field_ui(ui, "Horizon", &mut draft.horizon, "24h");
            ui.end_row();
            field_ui(ui, "Step", &mut draft.step, "5min");
            ui.end_row();
            let label = ui.label("Members");
            let members = egui::DragValue::new(&mut draft.members)
                .range(1..=MAX_MEMBERS)
                .speed(0.2);
            ui.add(members)
                .labelled_by(label.id)
                .on_hover_text("One member gives a line, more give a band from P10 to P90");
            ui.end_row();
        });
}

fn field_ui(ui: &mut Ui, name: &str, text: &mut String, hint: &str) {
    let label = ui.label(name);
    let field = TextEdit::singleline(text)
        .hint_text(hint)
        .desired_width(92.0);
    ui.add(field).labelled_by(label.id);
}

fn overrides_ui(ui: &mut Ui, twin: &Twin<'_>, title: &str, drafts: &mut Vec<DraftOverride>) {
    let scene = twin.scene;
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        ui.label(theme::caption(title));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let title = format!("{}  Add to {}", icon::PLUS, title.to_lowercase());
            // Where nothing is computed, every signal may be held.
            let takes = |id, _: &Signal| twin.plant.is_empty() || twin.plant.takes(id);
            if let Some(signal) = signal_picker_ui(ui, scene, &title, takes) {
                drafts.push(DraftOverride::new(signal, scene));
            }
        });
    });
    if drafts.is_empty() {
        ui.label(theme::note("None"));
    }
    let mut removed = None;
    for (place, draft) in drafts.iter_mut().enumerate() {
        ui.push_id((title, place), |ui| {
            if override_ui(ui, scene, draft) {
                removed = Some(place);
            }
        });
        ui.add_space(4.0);
    }
    if let Some(place) = removed {
        drafts.remove(place);
    }
}

/// One override; true if it is to be removed.
fn override_ui(ui: &mut Ui, scene: &Scene, draft: &mut DraftOverride) -> bool {
    let signal = scene.signal(draft.signal);
    let mut remove = false;
    egui::Frame::new()
        .fill(theme::raised())
        .corner_radius(4.0)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.label(RichText::new(&signal.full_name).strong())
                    .on_hover_text(&signal.label);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    remove = icon_button(ui, icon::TRASH, "Remove").clicked();
                });
            });
            ui.horizontal(|ui| {
                effect_ui(ui, draft);
                let name = format!("Amount of {}", signal.full_name);
                let field = TextEdit::singleline(&mut draft.amount).desired_width(70.0);
                text_field(ui, field, &name);
                if draft.change != Change::Multiply {
                    ui.label(signal.unit.symbol());
                }
                if draft.change == Change::Hold {
                    states_ui(ui, &signal.states, &mut draft.amount);
                }
            });
            egui::Grid::new("times")
                .num_columns(4)
                .spacing([8.0, 4.0])
                .show(ui, |ui| {
                    short_field_ui(ui, "From", &mut draft.from, "0s");
                    short_field_ui(ui, "until", &mut draft.until, "the end");
                    ui.end_row();
                    short_field_ui(ui, "Ramp", &mut draft.ramp, "0s");
                    ui.end_row();
                });
        });
    remove
}

fn short_field_ui(ui: &mut Ui, name: &str, text: &mut String, hint: &str) {
    let label = ui.label(theme::note(name));
    let field = TextEdit::singleline(text)
        .hint_text(hint)
        .desired_width(64.0);
    ui.add_sized([64.0, 18.0], field).labelled_by(label.id);
}

fn effect_ui(ui: &mut Ui, draft: &mut DraftOverride) {
    let before = draft.change;
    change_ui(ui, "effect", &Change::OVERRIDES, &mut draft.change);
    if draft.change != before {
        // A value says nothing as a factor.
        draft.amount = draft.change.neutral().to_owned();
    }
}

fn change_ui(ui: &mut Ui, id: &str, all: &[Change], change: &mut Change) {
    egui::ComboBox::from_id_salt(id)
        .width(92.0)
        .selected_text(change.text())
        .show_ui(ui, |ui| {
            for other in all {
                ui.selectable_value(change, *other, other.text());
            }
        });
}

/// A state is picked by its name, not by its number.
fn states_ui(ui: &mut Ui, states: &[String], amount: &mut String) {
    if states.is_empty() {
        return;
    }
    let place = amount.trim().parse::<usize>().ok();
    let named = place.and_then(|place| states.get(place));
    egui::ComboBox::from_id_salt("state")
        .width(90.0)
        .selected_text(named.map_or("?", String::as_str))
        .show_ui(ui, |ui| {
            for (place, name) in states.iter().enumerate() {
                if ui.selectable_label(named == Some(name), name).clicked() {
                    *amount = place.to_string();
                }
            }
        });
}

fn uncertain_ui(ui: &mut Ui, scene: &Scene, draft: &mut Draft) {
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        ui.label(theme::caption("Uncertain"))
            .on_hover_text("Differs from member to member");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let title = format!("{}  Add to uncertain", icon::PLUS);
            let fresh = |_, signal: &Signal| signal.states.is_empty();
            if let Some(signal) = signal_picker_ui(ui, scene, &title, fresh) {
                draft.uncertain.push(DraftUncertain::new(signal));
            }
        });
    });
    let mut removed = None;
    for (place, one) in draft.uncertain.iter_mut().enumerate() {
        ui.push_id(("uncertain", place), |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(&scene.signal(one.signal).full_name).strong());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if icon_button(ui, icon::TRASH, "Remove").clicked() {
                        removed = Some(place);
                    }
                });
            });
            ui.horizontal(|ui| {
                change_ui(ui, "change", &Change::DRAWN, &mut one.change);
                egui::ComboBox::from_id_salt("kind")
                    .width(88.0)
                    .selected_text(one.kind.text())
                    .show_ui(ui, |ui| {
                        for other in Kind::ALL {
                            ui.selectable_value(&mut one.kind, other, other.text());
                        }
                    });
                let name = format!("Numbers of {}", scene.signal(one.signal).full_name);
                let field = TextEdit::singleline(&mut one.numbers)
                    .hint_text(one.kind.numbers())
                    .desired_width(ui.available_width().max(40.0) - 4.0);
                text_field(ui, field, &name).on_hover_text(one.kind.numbers());
            });
            ui.add_space(4.0);
        });
    }
    if let Some(place) = removed {
        draft.uncertain.remove(place);
    }
    if draft.uncertain.is_empty() {
        ui.label(theme::note("None"));
    } else {
        ui.checkbox(&mut draft.is_even, "Spread members evenly")
            .on_hover_text("Latin hypercube: fewer members tell as much");
    }
}

/// What is prescribed over time: told, and taken away.
fn forcing_ui(ui: &mut Ui, scene: &Scene, draft: &mut Draft) {
    if draft.forcing.is_empty() {
        return;
    }
    ui.add_space(10.0);
    ui.label(theme::caption("Prescribed"));
    let mut removed = None;
    for (place, one) in draft.forcing.iter().enumerate() {
        ui.horizontal(|ui| {
            let name = &scene.signal(one.signal).full_name;
            let source = match &one.source {
                ForcingSource::File { file, column } => format!("{column} of {file}"),
                ForcingSource::Points(points) => format!("{} points", points.len()),
                ForcingSource::Repeat(span) => {
                    format!("as {} before", duration_text(span.as_secs_f64()))
                }
            };
            ui.label(RichText::new(name).strong());
            ui.label(source);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon_button(ui, icon::TRASH, "Remove").clicked() {
                    removed = Some(place);
                }
            });
        });
    }
    if let Some(place) = removed {
        draft.forcing.remove(place);
    }
}

/// What is wrong, or the buttons that start the run.
fn run_ui(ui: &mut Ui, twin: &Twin<'_>, draft: &Draft, edited: bool, actions: &mut Vec<Action>) {
    let read = draft.read(twin.scene);
    if let Err(problems) = &read {
        for problem in problems {
            let text = format!("{}  {problem}", icon::WARNING);
            ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
        }
    }
    let valid = match &read {
        Ok(_) => Ok(()),
        Err(_) => Err("Mend what is said above first"),
    };
    let valid = twin.may(Right::Simulate).and(valid);
    let start = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        if edited && scenario.name == draft.base_name() {
            scenario.name = format!("{} (edited)", scenario.name);
        }
        Action::StartRun(Box::new(scenario))
    };
    ui.horizontal_wrapped(|ui| {
        let now = text_button_if(ui, valid, icon::PLAY, "Run from now");
        if now.clicked()
            && let Ok(scenario) = &read
        {
            if twin.timeline.mode() == Mode::History {
                // A run branches from the playhead where that lies in the past.
                actions.push(Action::Timeline(TimelineCommand::GoLive));
            }
            actions.push(start(scenario));
        }
        let in_past = match twin.timeline.mode() {
            Mode::History => valid,
            _ => Err("The playhead is not in the past"),
        };
        let playhead = text_button_if(ui, in_past, icon::GIT_BRANCH, "Run from the playhead");
        if playhead.clicked()
            && let Ok(scenario) = &read
        {
            actions.push(start(scenario));
        }
    });
}

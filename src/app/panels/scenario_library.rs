//! Scenarios as things to keep: undo and redo, duplicates, and what changed as text.

use egui::{Key, KeyboardShortcut, Modifiers, RichText, Ui};
use egui_phosphor::regular as icon;
use similar::{ChangeTag, TextDiff};

use super::controls::{icon_button_if, text_button_if};
use super::scenario_draft::Draft;
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::scene::{self, Scenario, Scene};

/// How many steps can be taken back.
const STEPS: usize = 100;
const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
const REDO: KeyboardShortcut =
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);

/// The steps of an edit, and what is compared with it.
#[derive(Debug, Default)]
pub struct Library {
    /// As it was before each step, the oldest first.
    done: Vec<Draft>,
    /// Steps that were taken back, the last first.
    undone: Vec<Draft>,
    /// As it was when nobody was typing last.
    settled: Option<Draft>,
    /// The scenario that it is compared with as text; the one it began as if absent.
    compared: Option<String>,
}

impl Library {
    /// Takes note of a step once nobody types any more.
    pub(super) fn follow(&mut self, ui: &Ui, draft: &Draft) {
        let busy = ui.memory(|memory| memory.focused().is_some())
            || ui.input(|input| input.pointer.any_down());
        let Some(settled) = &self.settled else {
            self.settled = Some(draft.clone());
            return;
        };
        if busy || settled == draft {
            return;
        }
        self.done.push(settled.clone());
        if self.done.len() > STEPS {
            self.done.remove(0);
        }
        self.undone.clear();
        self.settled = Some(draft.clone());
    }

    /// What can be done with the scenario; the draft that takes its place if a step is taken.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        twin: &Twin<'_>,
        picked: &Scenario,
        draft: &Draft,
        actions: &mut Vec<Action>,
    ) -> Option<Draft> {
        let scene = twin.scene;
        let mut asked = None;
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            asked = self.steps_ui(ui, draft);
            keep_ui(ui, twin, picked, draft, actions);
        });
        egui::CollapsingHeader::new("As text")
            .id_salt("as text")
            .show(ui, |ui| self.text_ui(ui, scene, picked, draft));
        asked
    }

    fn steps_ui(&mut self, ui: &mut Ui, draft: &Draft) -> Option<Draft> {
        let typing = ui.memory(|memory| memory.focused().is_some());
        let pressed =
            |keys: &KeyboardShortcut| !typing && ui.input_mut(|input| input.consume_shortcut(keys));
        let (redo, undo) = (pressed(&REDO), pressed(&UNDO));
        let can = |steps: &[Draft]| match steps.is_empty() {
            true => Err("There is no step to take"),
            false => Ok(()),
        };
        let (can_undo, can_redo) = (can(&self.done), can(&self.undone));
        let undo_name = format!("Undo ({})", ui.ctx().format_shortcut(&UNDO));
        let redo_name = format!("Redo ({})", ui.ctx().format_shortcut(&REDO));
        let undo =
            icon_button_if(ui, can_undo, icon::ARROW_U_UP_LEFT, &undo_name).clicked() || undo;
        let redo =
            icon_button_if(ui, can_redo, icon::ARROW_U_UP_RIGHT, &redo_name).clicked() || redo;
        let (from, to) = match (undo, redo) {
            (true, _) => (&mut self.done, &mut self.undone),
            (_, true) => (&mut self.undone, &mut self.done),
            _ => return None,
        };
        let next = from.pop()?;
        to.push(draft.clone());
        self.settled = Some(next.clone());
        Some(next)
    }

    /// The scenario as the file would say it, and what differs from another.
    fn text_ui(&mut self, ui: &mut Ui, scene: &Scene, picked: &Scenario, draft: &Draft) {
        let Ok(edited) = draft.read(scene) else {
            ui.label(theme::note("Mend what is said above first"));
            return;
        };
        let other = self.compared.as_deref();
        let other = other.and_then(|name| scene.find_scenario(name));
        let other = other.unwrap_or(picked);
        egui::ComboBox::from_id_salt("compared text")
            .width(ui.available_width() - 8.0)
            .selected_text(format!("Beside {}", other.name))
            .show_ui(ui, |ui| {
                for scenario in &scene.scenarios {
                    let chosen = other.name == scenario.name;
                    if ui.selectable_label(chosen, &scenario.name).clicked() {
                        self.compared = Some(scenario.name.clone());
                    }
                }
            });
        let (before, after) = (
            scene::scenario_text(&whole(other), scene),
            scene::scenario_text(&whole(&edited), scene),
        );
        for change in TextDiff::from_lines(&before, &after).iter_all_changes() {
            let (sign, colour) = match change.tag() {
                ChangeTag::Delete => ("−", theme::warning()),
                ChangeTag::Insert => ("+", theme::strong()),
                ChangeTag::Equal => (" ", theme::weak()),
            };
            let line = format!("{sign} {}", change.value().trim_end());
            ui.add(egui::Label::new(RichText::new(line).monospace().color(colour)).wrap());
        }
    }
}

/// A scenario that says all itself: only so can two be compared.
fn whole(scenario: &Scenario) -> Scenario {
    Scenario {
        based_on: None,
        ..scenario.clone()
    }
}

fn keep_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    picked: &Scenario,
    draft: &Draft,
    actions: &mut Vec<Action>,
) {
    let (scene, may) = (twin.scene, twin.may(Right::EditScenarios));
    let read = draft.read(scene);
    let changed = *draft != Draft::of(picked, scene);
    let can_keep = match (&read, changed) {
        (Err(_), _) => Err("Mend what is said above first"),
        (Ok(_), false) => Err("Nothing is changed"),
        (Ok(_), true) => Ok(()),
    };
    let keep = text_button_if(ui, may.and(can_keep), icon::FLOPPY_DISK, "Keep");
    let keep = keep.on_hover_text("Beside the scene, under this name");
    if keep.clicked()
        && let Ok(scenario) = &read
    {
        let mut scenario = scenario.clone();
        if scenario.name != picked.name && scene.find_scenario(&scenario.name).is_none() {
            // What is not changed goes on to be as it is there.
            scenario.based_on = Some(picked.name.clone());
        }
        actions.push(Action::KeepScenario(Box::new(scenario)));
    }
    if text_button_if(ui, may, icon::COPY, "Duplicate").clicked()
        && let Ok(scenario) = &read
    {
        let mut scenario = scenario.clone();
        scenario.based_on = Some(picked.name.clone());
        scenario.name = free_name(scene, &picked.name);
        actions.push(Action::KeepScenario(Box::new(scenario)));
    }
    if picked.kept {
        let remove = text_button_if(ui, may, icon::TRASH, "Remove");
        if remove
            .on_hover_text("From the file beside the scene")
            .clicked()
        {
            actions.push(Action::RemoveScenario(picked.name.clone()));
        }
    }
}

/// A name that no scenario has.
fn free_name(scene: &Scene, name: &str) -> String {
    let numbered = |number: u32| match number {
        1 => format!("{name} (copy)"),
        _ => format!("{name} (copy {number})"),
    };
    let mut names = (1..).map(numbered);
    let free = |name: &String| scene.find_scenario(name).is_none();
    names.find(free).unwrap_or_else(|| name.to_owned())
}

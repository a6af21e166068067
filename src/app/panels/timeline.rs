//! The time control below everything: transport, speed, runs, Live, and the time bar.

use egui::{RichText, Ui};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::controls::{icon_button, lit_button, text_button_if, title_with_shortcut};
use super::runs::{run_buttons_ui, run_story, state_suffix};
use super::timebar::{TimeBar, timebar_ui};
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::{Action, Named};
use crate::app::palette;
use crate::simulation::{Against, RunRecord};
use crate::timeline::{Mode, PlayState, TimelineCommand};

/// Speeds to choose from, seconds of plant time per second.
const SPEEDS: [f64; 10] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0, 100.0, 600.0, 1_000.0];

/// What the time control remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TimelineState {
    #[serde(skip)]
    bar: TimeBar,
}

/// The time control.
pub fn timeline_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TimelineState,
    actions: &mut Vec<Action>,
) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        transport_ui(ui, twin, actions);
        speed_ui(ui, twin, actions);
        live_ui(ui, twin, actions);
        loop_ui(ui, twin, actions);
        ui.separator();
        egui::ScrollArea::horizontal()
            .id_salt("runs")
            .auto_shrink([false, true])
            .show(ui, |ui| ui.horizontal(|ui| runs_ui(ui, twin, actions)));
    });
    ui.add_space(4.0);
    timebar_ui(ui, twin, &mut state.bar, actions);
}

fn transport_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = 2.0;
    let playing = !matches!(twin.timeline.play_state(), PlayState::Paused);
    let (play_icon, play_name) = if playing {
        (icon::PAUSE, "Pause")
    } else {
        (icon::PLAY, "Play")
    };
    let buttons = [
        (icon::SKIP_BACK, "Start", Named::GoToStart),
        (icon::REWIND, "Leap back", Named::LeapBack),
        (icon::CARET_LEFT, "Step back", Named::StepBack),
        (play_icon, play_name, Named::TogglePlay),
        (icon::CARET_RIGHT, "Step forward", Named::StepForward),
        (icon::FAST_FORWARD, "Leap forward", Named::LeapForward),
    ];
    for (icon, name, named) in buttons {
        let hint = title_with_shortcut(ui.ctx(), named);
        if icon_button(ui, icon, name).on_hover_text(hint).clicked() {
            actions.push(Action::Named(named));
        }
    }
    ui.spacing_mut().item_spacing.x = 8.0;
}

fn speed_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let speed = twin.timeline.speed();
    egui::ComboBox::from_id_salt("speed")
        .width(64.0)
        .selected_text(format!("×{speed}"))
        .show_ui(ui, |ui| {
            for choice in SPEEDS {
                let chosen = (choice - speed).abs() < 1e-9;
                if ui.selectable_label(chosen, format!("×{choice}")).clicked() {
                    actions.push(Action::Timeline(TimelineCommand::SetSpeed(choice)));
                }
            }
        })
        .response
        .on_hover_text("Speed of play: seconds of plant time per second");
}

fn live_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let live = twin.timeline.play_state() == PlayState::Live;
    let colour = theme::ink(palette::mode_colour(Mode::Live));
    let hint = title_with_shortcut(ui.ctx(), Named::GoLive);
    let button = lit_button(ui, live, colour, icon::BROADCAST, "Live");
    if button.on_hover_text(hint).clicked() {
        actions.push(Action::Named(Named::GoLive));
    }
}

fn loop_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let Some((from, to)) = twin.timeline.looped() else {
        return;
    };
    let text = format!("{} to {}", from.format("%H:%M:%S"), to.format("%H:%M:%S"));
    ui.label(RichText::new(format!("{}  {text}", icon::REPEAT)).color(theme::selection()));
    if icon_button(ui, icon::X, "End the loop").clicked() {
        actions.push(Action::Timeline(TimelineCommand::Loop(None)));
    }
}

fn runs_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if twin.runs.is_empty() {
        ui.label(theme::note("No simulated future yet."));
        let hint = title_with_shortcut(ui.ctx(), Named::RunBaseline);
        let may = twin.may(Right::Simulate);
        let button = text_button_if(ui, may, icon::GIT_BRANCH, "Simulate");
        if button.on_hover_text(hint).clicked() {
            actions.push(Action::Named(Named::RunBaseline));
        }
    }
    for run in twin.runs.iter().rev() {
        ui.push_id(run.id, |ui| run_chip_ui(ui, twin, run, actions));
    }
}

/// One run: click to select it, with its progress and what can be done to it.
fn run_chip_ui(ui: &mut Ui, twin: &Twin<'_>, run: &RunRecord, actions: &mut Vec<Action>) {
    let selected = twin.timeline.selected_run() == Some(run.id);
    let compared = twin.compared == Some(Against::Run(run.id));
    let colour = theme::ink(palette::mode_colour(Mode::Simulated));
    let line = if selected { colour } else { theme::line() };
    egui::Frame::new()
        .fill(if selected {
            colour.gamma_multiply(0.25)
        } else {
            theme::raised()
        })
        .stroke(egui::Stroke::new(1.0, line))
        .corner_radius(3.0)
        .inner_margin(egui::Margin::symmetric(4, 0))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let text = format!("{} {}{}", run.id, run.scenario.name, state_suffix(run));
            let name = ui.selectable_label(selected, text);
            if name.on_hover_text(run_story(run)).clicked() {
                let choice = (!selected).then_some(run.id);
                actions.push(Action::Timeline(TimelineCommand::SelectRun(choice)));
            }
            let compare = icon_button(ui, icon::ARROWS_LEFT_RIGHT, "Compare");
            let compare = if compared {
                compare.highlight()
            } else {
                compare
            };
            if compare.clicked() {
                let against = (!compared).then_some(Against::Run(run.id));
                actions.push(Action::Compare(against));
            }
            run_buttons_ui(ui, twin, run, actions);
        });
}

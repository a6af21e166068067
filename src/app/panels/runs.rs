//! Runs: which there are, how far they have come, and what can be asked of them.

use egui::{Align, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::controls::icon_button_if;
use super::permits::rightful_ui;
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::app::palette;
use crate::simulation::{Against, RunRecord, RunState};
use crate::timeline::{Mode, TimelineCommand};

/// Members that one click adds.
const MORE_MEMBERS: [u32; 3] = [10, 100, 1_000];

/// Every run, the newest first.
pub fn runs_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    ui.label(theme::caption("Runs"));
    if twin.runs.is_empty() {
        ui.label(theme::note("None yet"));
    }
    for run in twin.runs.iter().rev() {
        ui.push_id(run.id, |ui| run_row_ui(ui, twin, run, actions));
    }
}

fn run_row_ui(ui: &mut Ui, twin: &Twin<'_>, run: &RunRecord, actions: &mut Vec<Action>) {
    let selected = twin.timeline.selected_run() == Some(run.id);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            run_buttons_ui(ui, twin, run, actions);
            let compared = twin.compared == Some(Against::Run(run.id));
            let text = if compared { "Compared" } else { "Compare" };
            if ui.selectable_label(compared, text).clicked() {
                let against = (!compared).then_some(Against::Run(run.id));
                actions.push(Action::Compare(against));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = format!("{} {}{}", run.id, run.scenario.name, state_suffix(run));
                let row = ui.add(egui::Button::selectable(selected, text).truncate());
                if row.on_hover_text(run_story(run)).clicked() {
                    let choice = (!selected).then_some(run.id);
                    actions.push(Action::Timeline(TimelineCommand::SelectRun(choice)));
                }
            });
        });
    });
    match &run.state {
        RunState::Running | RunState::Paused => {
            let colour = theme::ink(palette::mode_colour(Mode::Simulated));
            let faded = run.state == RunState::Paused;
            let bar = egui::ProgressBar::new(run.progress())
                .desired_height(4.0)
                .fill(if faded {
                    colour.gamma_multiply(0.5)
                } else {
                    colour
                });
            ui.add(bar);
        }
        RunState::Failed(reason) => {
            let text = format!("{}  {reason}", icon::WARNING);
            ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
        }
        RunState::Finished | RunState::Cancelled => {}
    }
}

/// What can be asked of a run: to rest, to end, to go; and a menu of the rest.
pub fn run_buttons_ui(ui: &mut Ui, twin: &Twin<'_>, run: &RunRecord, actions: &mut Vec<Action>) {
    let allowed = twin.may(Right::Simulate);
    rightful_ui(ui, allowed, |ui| more_ui(ui, run, actions));
    match run.state {
        RunState::Running => {
            if icon_button_if(ui, allowed, icon::STOP, "Cancel the run").clicked() {
                actions.push(Action::CancelRun(run.id));
            }
            if icon_button_if(ui, allowed, icon::PAUSE, "Pause the run").clicked() {
                actions.push(Action::PauseRun(run.id, true));
            }
        }
        RunState::Paused => {
            if icon_button_if(ui, allowed, icon::STOP, "Cancel the run").clicked() {
                actions.push(Action::CancelRun(run.id));
            }
            if icon_button_if(ui, allowed, icon::PLAY, "Go on with the run").clicked() {
                actions.push(Action::PauseRun(run.id, false));
            }
        }
        RunState::Finished | RunState::Cancelled | RunState::Failed(_) => {
            if icon_button_if(ui, allowed, icon::TRASH, "Discard the run").clicked() {
                actions.push(Action::DiscardRun(run.id));
            }
        }
    }
}

fn more_ui(ui: &mut Ui, run: &RunRecord, actions: &mut Vec<Action>) {
    let menu = ui.menu_button(icon::DOTS_THREE_VERTICAL, |ui| {
        let again = ui.button("Run again");
        let again = again.on_hover_text("The same start, scenario and seed: the same values");
        if again.clicked() {
            actions.push(Action::RunAgain(run.id));
        }
        let otherwise = ui.button("Run with other random numbers");
        let hint = "The same start and scenario, another seed: how much is chance";
        if otherwise.on_hover_text(hint).clicked() {
            actions.push(Action::RunOtherwise(run.id));
        }
        ui.separator();
        for more in MORE_MEMBERS {
            if ui.button(format!("Add {more} members")).clicked() {
                actions.push(Action::AddMembers(run.id, more));
            }
        }
        ui.separator();
        let twice = run.scenario.horizon.saturating_mul(2);
        for (text, horizon) in [
            ("Look twice as far", twice),
            (
                "Look a week ahead",
                std::time::Duration::from_secs(7 * 86_400),
            ),
        ] {
            let further = horizon > run.scenario.horizon;
            if ui.add_enabled(further, egui::Button::new(text)).clicked() {
                actions.push(Action::ExtendRun(run.id, horizon));
            }
        }
    });
    let name = format!("More about run {}", run.id);
    menu.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name));
    menu.response
        .on_hover_text("Run again, add members, look further");
}

/// What a run's state adds to its name: ` 45 %`, ` failed`.
pub fn state_suffix(run: &RunRecord) -> String {
    match &run.state {
        RunState::Running => format!(" {:.0} %", run.progress() * 100.0),
        RunState::Paused => format!(" paused at {:.0} %", run.progress() * 100.0),
        RunState::Finished => String::new(),
        RunState::Cancelled => " cancelled".to_owned(),
        RunState::Failed(_) => " failed".to_owned(),
    }
}

/// A run in a few lines.
pub fn run_story(run: &RunRecord) -> String {
    let mut lines = vec![
        run.scenario.description.clone(),
        format!("From {} UTC", run.start.to_clock_text()),
        format!("To {} UTC", run.horizon_end().to_clock_text()),
        format!(
            "{} members of seed {}, {} samples, {:.1} CPU s",
            run.scenario.members, run.seed, run.totals.samples, run.cpu_secs
        ),
    ];
    if run.totals.failed_members > 0 {
        lines.push(format!("{} members failed", run.totals.failed_members));
    }
    if let RunState::Failed(reason) = &run.state {
        lines.push(format!("Failed: {reason}"));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

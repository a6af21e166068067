//! What the selected run expects to become an alarm.

use egui::{RichText, Ui};
use egui_extras::{Column, TableRow};

use super::super::frame::offset_text;
use super::super::inspector::limit_name;
use super::super::marks::{self, AlarmLook};
use super::super::predictions::{Known, Outlook};
use super::super::{Twin, theme};
use super::rows::{self, ROW};
use crate::app::action::Action;
use crate::simulation::{LimitBreach, RunRecord};

/// Predicted alarms of the selected run, the soonest first.
pub fn predicted_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
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
    let outlook = Outlook::of(&run.breaches, twin.timeline.now(), |breach| {
        Known::of(breach, twin)
    });
    if let Some(left_out) = outlook.left_out() {
        ui.label(theme::note(left_out));
    }
    let breaches = outlook.to_come;
    if breaches.is_empty() {
        let until = run.reached.format("%d %b %H:%M");
        let more = if run.breaches.is_empty() {
            ""
        } else {
            "other "
        };
        ui.label(format!(
            "No {more}limit is expected to be passed until {until} UTC"
        ));
        return;
    }
    ui.add_space(4.0);
    rows::table(ui, "predicted alarms")
        .column(Column::exact(22.0))
        .column(Column::initial(150.0).clip(true))
        .column(Column::initial(158.0).clip(true))
        .column(Column::initial(86.0).clip(true))
        .column(Column::remainder().at_least(120.0).clip(true))
        .body(|body| {
            body.rows(ROW, breaches.len(), |mut row| {
                let breach = breaches[row.index()];
                breach_row_ui(&mut row, twin, run, breach);
                if row.response().clicked() {
                    rows::go_to(twin.scene.signal(breach.signal).asset, actions);
                }
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
            let look = AlarmLook::expected(limit.priority);
            marks::alarm_mark_ui(ui, look, "Predicted");
        }
    });
    row.col(|ui| {
        let lead = breach.median_first.secs_since(twin.timeline.now());
        ui.label(RichText::new(offset_text(lead.max(1.0))).strong())
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

//! What nobody measures: when it was estimated, what was found, and a run that knows it.

use std::sync::Arc;

use egui::{Align, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::controls::text_button_if;
use super::frame::offset_text;
use super::kpis::number_text;
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::scene::{Scenario, Scene, Signal, UncertainEffect};
use crate::simulation::estimate::{Estimate, Parameter, SignalResidual};
use crate::units::Unit;

/// An instrument whose residuals are so many times what its noise explains is told.
const ODD: f64 = 2.0;
/// Odd instruments that are told at most.
const ODD_ROWS: usize = 4;

/// What is known of what nobody measures, for the screen.
#[derive(Clone, Debug, Default)]
pub struct EstimateView {
    /// True while it is being fitted.
    pub running: bool,
    /// The last that was found.
    pub found: Option<Arc<Estimate>>,
    /// Why there is none, or no newer one.
    pub problem: Option<String>,
}

/// The section of the scenarios tab; `scenario` is what a run from the estimate would do, if the
/// fields are in order.
pub fn estimate_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    scenario: Option<&Scenario>,
    actions: &mut Vec<Action>,
) {
    if twin.scene.estimate.is_empty() || twin.plant.is_empty() {
        return;
    }
    ui.add_space(10.0);
    ui.label(theme::caption("What nobody measures"))
        .on_hover_text("States and slow parameters, fitted to the last hours of measurements");
    let view = twin.estimate;
    ui.horizontal_wrapped(|ui| {
        let idle = match view.running {
            true => Err("An estimate is at work"),
            false => Ok(()),
        };
        let may = twin.may(Right::Simulate);
        if text_button_if(ui, may.and(idle), icon::MAGNIFYING_GLASS, "Estimate").clicked() {
            actions.push(Action::Estimate);
        }
        let ready = match (&view.found, scenario) {
            (None, _) => Err("Estimate first"),
            (_, None) => Err("Mend what is said above first"),
            (Some(_), Some(_)) => Ok(()),
        };
        let run = text_button_if(ui, may.and(ready), icon::PLAY, "Run from the estimate");
        if run.clicked()
            && let Some(scenario) = scenario
        {
            actions.push(Action::StartEstimated(Box::new(scenario.clone())));
        }
        if view.running {
            ui.spinner();
        }
    });
    if let Some(problem) = &view.problem {
        let text = format!("{}  {problem}", icon::WARNING);
        ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
    }
    if let Some(found) = &view.found {
        found_ui(ui, twin, found);
    }
}

fn found_ui(ui: &mut Ui, twin: &Twin<'_>, found: &Estimate) {
    let at = found.window.end();
    let age = offset_text(at.secs_since(twin.timeline.now()));
    ui.label(theme::note(format!(
        "For {} UTC ({age}), from {:.0} min and {} runs",
        at.to_clock_text(),
        found.window.length.as_secs_f64() / 60.0,
        found.runs
    )));
    let scene = twin.scene;
    TableBuilder::new(ui)
        .id_salt("estimate")
        .striped(true)
        .vscroll(false)
        .cell_layout(Layout::right_to_left(Align::Center))
        .column(Column::remainder().at_least(90.0).clip(true))
        .column(Column::exact(76.0))
        .column(Column::exact(112.0).clip(true))
        .header(18.0, |mut row| {
            row.col(|ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(theme::caption("Signal"));
                });
            });
            for text in ["Estimate", "95 % interval"] {
                row.col(|ui| {
                    ui.label(theme::caption(text));
                });
            }
        })
        .body(|mut body| {
            for one in &found.parameters {
                body.row(20.0, |mut row| parameter_row(&mut row, scene, one));
            }
            // Whether a pump runs is measured, and no number to be fitted.
            let hidden = found.states.iter().filter(|state| {
                let signal = scene.signal(state.signal);
                signal.states.is_empty() && !signal.measured
            });
            for state in hidden {
                body.row(20.0, |mut row| {
                    let signal = scene.signal(state.signal);
                    let value = signal.unit.from_si(state.value);
                    let reach = 1.96 * signal.unit.span_from_si(state.sd).abs();
                    let (low, high) = (value - reach, value + reach);
                    let text = |value| number_text(value, (high - low).max(1e-9));
                    let unit = signal.unit.symbol();
                    cells(
                        &mut row,
                        &signal.full_name,
                        "A state that no instrument tells",
                        [
                            format!("{} {unit}", text(value)),
                            format!("{} to {}", text(low), text(high)),
                        ],
                    );
                });
            }
        });
    odd_ui(ui, scene, &found.residuals);
}

fn parameter_row(row: &mut egui_extras::TableRow<'_, '_>, scene: &Scene, one: &Parameter) {
    let signal = scene.signal(one.prior.signal);
    let (shown, unit) = shown(signal, one.prior.effect);
    let (low, high) = (shown(one.interval.0), shown(one.interval.1));
    let text = |value| number_text(value, high - low);
    let interval = match one.is_uninformed() {
        true => "not told by the data".to_owned(),
        false => format!("{} to {}", text(low), text(high)),
    };
    let story = format!(
        "{}: {:.0} % of what was unknown before is left",
        signal.label,
        100.0 * one.left
    );
    let value = format!("{} {unit}", text(shown(one.value)));
    cells(row, &signal.full_name, &story, [value, interval]);
}

/// How numbers of an effect are told, and their unit.
fn shown(signal: &Signal, effect: UncertainEffect) -> (impl Fn(f64) -> f64 + use<>, &'static str) {
    let unit: Unit = signal.unit;
    let tell = move |si: f64| match effect {
        UncertainEffect::Times => si,
        UncertainEffect::Plus => unit.span_from_si(si),
        UncertainEffect::Set | UncertainEffect::Start => unit.from_si(si),
    };
    let symbol = match effect {
        UncertainEffect::Times => "×",
        _ => signal.unit.symbol(),
    };
    (tell, symbol)
}

fn cells(row: &mut egui_extras::TableRow<'_, '_>, name: &str, story: &str, rest: [String; 2]) {
    row.col(|ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(egui::Label::new(name).truncate())
                .on_hover_text(story);
        });
    });
    let [value, interval] = rest;
    row.col(|ui| {
        ui.label(RichText::new(value).strong());
    });
    row.col(|ui| {
        ui.label(theme::note(interval));
    });
}

/// Instruments that the fit cannot explain: they, or the models, are wrong.
fn odd_ui(ui: &mut Ui, scene: &Scene, residuals: &[SignalResidual]) {
    let mut odd: Vec<_> = residuals.iter().filter(|one| one.rms > ODD).collect();
    if odd.is_empty() {
        ui.label(theme::note(
            "Every instrument is explained to within its noise",
        ));
        return;
    }
    odd.sort_by(|one, other| other.rms.total_cmp(&one.rms));
    let names = odd.iter().take(ODD_ROWS).map(|one| {
        let name = &scene.signal(one.signal).full_name;
        format!("{name} ({:.1} sd)", one.rms)
    });
    let names: Vec<_> = names.collect();
    let more = odd.len().saturating_sub(ODD_ROWS);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let text = format!(
        "{}  Not explained: {}{more}",
        icon::WARNING,
        names.join(", ")
    );
    ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
}

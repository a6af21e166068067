//! Skill: how the twin's forecasts did, by lead time, beside forecasts that need no model.

use std::time::Duration;

use egui::{Align, Color32, Layout, RichText, Sense, Ui};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::controls::{empty_ui, text_button, text_button_if};
use super::expected::residuals_ui;
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::forecast::{Lead, SignalSkill, SkillTable, Verdict};
use crate::scene::Signal;
use crate::time::duration_text;

/// What is known of skill, for the screen.
#[derive(Debug, Default)]
pub struct SkillView {
    /// By signal and lead time.
    pub table: SkillTable,
    /// Hindcasts that are to be made.
    pub planned: usize,
    /// Those that are done.
    pub done: usize,
    /// Those that gave a score.
    pub scored: usize,
    /// Signals that were at times not fit to start from.
    pub unfit: usize,
    /// Why one could not be made.
    pub failure: Option<String>,
    /// True while some are made.
    pub running: bool,
    /// By signal and lead time: the runs of this session, held against what then happened.
    pub of_runs: SkillTable,
    /// How many runs those are.
    pub runs: usize,
}

/// Whose forecasts are looked at.
#[derive(Debug, Default)]
pub struct SkillState {
    /// True for the runs of this session instead of hindcasts.
    of_runs: bool,
}

/// The tab.
pub fn skill_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut SkillState, actions: &mut Vec<Action>) {
    head_ui(ui, twin, actions);
    residuals_ui(ui, twin, actions);
    if twin.skill.runs > 0 {
        ui.horizontal(|ui| {
            ui.selectable_value(&mut state.of_runs, false, "Hindcasts");
            let text = format!("Runs of this session ({})", twin.skill.runs);
            ui.selectable_value(&mut state.of_runs, true, text)
                .on_hover_text(
                    "Runs in which nothing is done to the plant, as their future passes",
                );
        });
    }
    let table = match state.of_runs && twin.skill.runs > 0 {
        true => &twin.skill.of_runs,
        false => &twin.skill.table,
    };
    if table.is_empty() {
        let hint = "Runs from the recorded past are held against what then happened";
        empty_ui(ui, icon::TARGET, "No forecast is judged yet", hint);
        return;
    }
    let leads: Vec<Lead> = Lead::all()
        .filter(|lead| {
            table
                .rows()
                .any(|row| row.lead == *lead && row.score.count > 0)
        })
        .collect();
    legend_ui(ui);
    let signals: Vec<(&Signal, &SignalSkill)> = twin
        .scene
        .signals
        .iter()
        .filter_map(|signal| Some((signal, table.signal(&signal.full_name)?)))
        .collect();
    TableBuilder::new(ui)
        .id_salt("skill")
        .striped(true)
        .sense(Sense::click())
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(96.0).clip(true))
        .columns(Column::exact(24.0), leads.len())
        .header(18.0, |mut row| {
            row.col(|ui| {
                ui.label(theme::caption("Signal, hours ahead"));
            });
            for lead in &leads {
                row.col(|ui| {
                    ui.label(theme::caption(&short(lead.until())))
                        .on_hover_text(format!(
                            "Up to {} ahead",
                            duration_text(lead.until().as_secs_f64())
                        ));
                });
            }
        })
        .body(|body| {
            body.rows(20.0, signals.len(), |mut row| {
                let (signal, skill) = signals[row.index()];
                row.col(|ui| {
                    ui.add(egui::Label::new(&signal.full_name).truncate())
                        .on_hover_text(&signal.label);
                });
                for lead in &leads {
                    row.col(|ui| cell_ui(ui, signal, skill, *lead));
                }
                if row.response().clicked() {
                    actions.push(Action::Select(Some(signal.asset)));
                    actions.push(Action::FlyTo(signal.asset));
                }
            });
        });
}

fn head_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let progress = twin.skill;
    ui.horizontal(|ui| {
        if twin.skill.running {
            let text = format!("{} of {} hindcasts", progress.done, progress.planned);
            ui.label(theme::note(text));
            if text_button(ui, icon::STOP, "Cancel").clicked() {
                actions.push(Action::CancelHindcasts);
            }
            return;
        }
        let has_models = match twin.plant.is_empty() {
            true => Err("The scene has no models"),
            false => Ok(()),
        };
        let allowed = twin.may(Right::Simulate).and(has_models);
        if text_button_if(ui, allowed, icon::TARGET, "Judge forecasts").clicked() {
            actions.push(Action::StartHindcasts);
        }
        if progress.done > 0 {
            let text = format!("{} hindcasts, {} scored", progress.done, progress.scored);
            ui.label(theme::note(text));
        }
    });
    if let Some(reason) = &progress.failure {
        let text = format!("{}  {reason}", icon::WARNING);
        ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
    }
    if progress.unfit > 0 {
        ui.label(theme::note(format!(
            "{} signals were at times bad, stale or lost: what depends on them is left out",
            progress.unfit
        )));
    }
    ui.add_space(4.0);
}

fn legend_ui(ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        for verdict in [
            Verdict::Skilful,
            Verdict::NoBetter,
            Verdict::Worse,
            Verdict::Unknown,
        ] {
            let (mark, colour) = look(verdict);
            ui.label(RichText::new(mark).color(colour).strong());
            ui.label(theme::note(match verdict {
                Verdict::Skilful => "better than no model",
                Verdict::NoBetter => "no better",
                Verdict::Worse => "worse",
                Verdict::Unknown => "too few runs to tell",
            }));
        }
    });
    ui.add_space(4.0);
}

fn cell_ui(ui: &mut Ui, signal: &Signal, skill: &SignalSkill, lead: Lead) {
    let Some(row) = skill.row(lead) else {
        return;
    };
    let (score, judgement) = (row.score, row.judgement);
    if score.count == 0 {
        return;
    }
    let (mark, colour) = look(judgement.verdict);
    let cell = ui.label(RichText::new(mark).color(colour).strong());
    cell.on_hover_ui(|ui| {
        ui.label(RichText::new(judgement.verdict.text()).strong());
        let span = |si: Option<f64>| {
            let text = |si: f64| {
                let digits = signal.decimals + 1;
                let value = signal.unit.span_from_si(si);
                format!("{value:.digits$} {}", signal.unit.symbol())
            };
            si.map_or_else(|| "unknown".to_owned(), text)
        };
        if signal.states.is_empty() {
            ui.label(format!("RMSE {}", span(score.rmse())));
            ui.label(format!("of persistence {}", span(row.persistence_rmse())));
            ui.label(format!("Bias {}", span(score.bias())));
            ui.label(format!("CRPS {}", span(score.loss())));
        }
        if let (Some(share), Some((low, high))) = (score.coverage(), score.coverage_interval()) {
            ui.label(format!(
                "80 % band holds {:.0} % ({:.0} to {:.0} %)",
                share * 100.0,
                low * 100.0,
                high * 100.0
            ));
        }
        ui.label(theme::note(format!(
            "{} values of {} runs, {} left out",
            score.count, judgement.runs, score.left_out
        )));
    });
}

/// How a verdict is marked: by shape and colour.
pub fn look(verdict: Verdict) -> (&'static str, Color32) {
    match verdict {
        Verdict::Skilful => (icon::CHECK, theme::strong()),
        Verdict::NoBetter => (icon::MINUS, theme::weak()),
        Verdict::Worse => (icon::X, theme::warning()),
        Verdict::Unknown => (icon::DOT_OUTLINE, theme::weak()),
    }
}

/// From how far ahead on forecasts of a signal are worth no more than none; `None` if they are
/// good as far as is known.
pub fn worthless_from(table: &SkillTable, signal: &Signal) -> Option<Duration> {
    let skill = table.signal(&signal.full_name)?;
    let worse = |lead: &Lead| {
        let judged = skill.judge(*lead);
        judged.is_some_and(|judged| judged.verdict == Verdict::Worse)
    };
    Lead::all().find(worse).map(Lead::from)
}

/// A lead time in few letters: `5m`, `3h`, `2d`.
fn short(span: Duration) -> String {
    match span.as_secs() {
        secs if secs < 3_600 => format!("{}m", secs / 60),
        secs if secs <= 86_400 => format!("{}h", secs / 3_600),
        secs => format!("{}d", secs / 86_400),
    }
}

//! What a detector found: its method, the score at the playhead, flagged stretches, changes.

use egui::{Align, Button, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::super::controls::empty_ui;
use super::super::{Twin, theme};
use super::plot::{estimate_ink, plot_ui};
use crate::app::action::Action;
use crate::forecast::anomaly::MonitorKind;
use crate::scene::Scene;
use crate::session::{Anomalies, Excursion, SignalChange};
use crate::time::{Timestamp, duration_text};
use crate::timeline::{Mode, TimelineCommand};

/// Signals that are told of an anomaly.
const LEADING: usize = 3;
/// The height of the plot, points: no less, and this share of the room.
const PLOT: (f32, f32) = (90.0, 0.42);

/// The method, the score now, and the score over time.
pub(super) fn score_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if let Some(trouble) = &twin.anomalies.trouble {
        let text = format!("{}  {trouble}", icon::WARNING);
        ui.add(egui::Label::new(RichText::new(text).color(theme::warning())).wrap());
    }
    let Some(found) = &twin.anomalies.found else {
        if twin.anomalies.trouble.is_none() {
            let hint = "A detector learns what is ordinary from a stretch of the past, and scores \
                        what follows";
            empty_ui(ui, icon::PULSE, "No detector is trained yet", hint);
        }
        return;
    };
    head_ui(ui, twin, found);
    let height = (ui.available_height() * PLOT.1).clamp(PLOT.0, 2.0 * PLOT.0);
    plot_ui(ui, twin, found, height, actions);
}

fn head_ui(ui: &mut Ui, twin: &Twin<'_>, found: &Anomalies) {
    let detector = found.detector();
    let method = match found.plan.against {
        None => "Signals as measured: level, correlation, scatter".to_owned(),
        Some(run) => {
            let run = twin.runs.iter().find(|record| record.id == run);
            let name = run.map_or("a run that is gone", |run| &run.scenario.name);
            format!("Residual: measured less {name}")
        }
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(icon::PULSE).color(estimate_ink()));
        ui.label(RichText::new(method).color(theme::strong()));
        let step = duration_text(found.plan.step.as_secs_f64());
        let budget = detector.settings.budget;
        ui.label(theme::note(format!(
            "{} signals, {} rows of {step} learned, {budget} false alarms accepted",
            detector.signals.len(),
            detector.trained.rows,
        )));
        if !detector.ignored.is_empty() {
            let text = format!("{} not watched", detector.ignored.len());
            let ignored = detector.ignored.iter();
            let reasons: Vec<_> = ignored
                .map(|one| format!("{} {}", one.signal, one.reason))
                .collect();
            ui.label(RichText::new(text).small().color(theme::warning()))
                .on_hover_text(reasons.join("\n"));
        }
    });
    let (when, at) = match twin.timeline.mode() {
        Mode::Live => ("Now", twin.timeline.now()),
        _ => ("At the playhead", twin.timeline.playhead()),
    };
    ui.horizontal_wrapped(|ui| match found.at(at) {
        Some(verdict) => {
            ui.label(theme::note(when));
            let text = format!("{} × the limit", score_text(verdict.score));
            ui.label(RichText::new(text).color(estimate_ink()).strong());
            let state = match (verdict.flagged, verdict.score > 1.0) {
                (true, _) => "anomaly",
                (false, true) => "fading after a higher peak",
                (false, false) => "ordinary",
            };
            ui.label(RichText::new(state).color(theme::strong()));
            if verdict.score > 0.0 {
                let leading = leading(&verdict.contributions, &detector.signals);
                ui.label(theme::note(leading));
            }
            let age = duration_text(at.secs_since(verdict.at).max(0.0));
            ui.label(theme::note(format!("{age} old, an estimate and no alarm")));
        }
        None => {
            let text = format!("{when}: no row is scored here");
            ui.label(theme::note(text));
        }
    });
}

/// The signals that count most, with their share.
fn leading(shares: &[f64], signals: &[String]) -> String {
    let mut shares: Vec<_> = signals.iter().zip(shares).collect();
    shares.sort_by(|one, other| other.1.total_cmp(one.1));
    let shares = shares.iter().take(LEADING);
    let shares = shares.filter(|(_, share)| **share >= 0.005);
    let texts: Vec<_> = shares
        .map(|(name, share)| format!("{name} {:.0} %", **share * 100.0))
        .collect();
    texts.join(", ")
}

/// A score, as a multiple of the limit, in three digits.
fn score_text(score: f64) -> String {
    match score {
        100.0.. => format!("{score:.0}"),
        10.0..100.0 => format!("{score:.1}"),
        _ => format!("{score:.2}"),
    }
}

/// A line of the list.
enum Line<'a> {
    Excursion(&'a Excursion),
    Change(&'a SignalChange),
}

impl Line<'_> {
    /// True for what goes on.
    fn lasts(&self) -> bool {
        matches!(self, Self::Excursion(one) if one.lasts)
    }

    fn from(&self) -> Timestamp {
        match self {
            Self::Excursion(one) => one.from,
            Self::Change(one) => one.change.since,
        }
    }
}

/// Flagged stretches and changes: those that go on, then the newest first.
pub(super) fn list_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let Some(found) = &twin.anomalies.found else {
        return;
    };
    ui.add_space(4.0);
    let excursions = twin.anomalies.excursions.iter().map(Line::Excursion);
    let mut lines: Vec<_> = excursions
        .chain(found.changes.iter().map(Line::Change))
        .collect();
    // What goes on is not buried below what came of it; else the newest first, as alarms are.
    lines.sort_by_key(|line| (!line.lasts(), std::cmp::Reverse(line.from())));
    if lines.is_empty() {
        let rows = found.verdicts.len();
        ui.label(theme::note(format!(
            "Nothing is flagged in {rows} rows, and no level changed"
        )));
        return;
    }
    TableBuilder::new(ui)
        .id_salt("anomalies found")
        .striped(true)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(126.0))
        .column(Column::exact(72.0))
        .column(Column::exact(92.0))
        .column(Column::remainder().at_least(120.0).clip(true))
        .header(18.0, |mut row| {
            for text in ["From", "Until", "Score", "What contributed"] {
                row.col(|ui| {
                    if text == "From" {
                        // Above the text of the buttons below.
                        ui.add_space(ui.spacing().button_padding.x);
                    }
                    ui.label(theme::caption(text));
                });
            }
        })
        .body(|body| {
            body.rows(22.0, lines.len(), |mut row| {
                let line = &lines[row.index()];
                let from = line.from();
                row.col(|ui| {
                    let text = from.format("%d %b %H:%M:%S");
                    let button = ui.add(Button::new(text).frame_when_inactive(false));
                    if button.on_hover_text("Go there").clicked() {
                        actions.push(Action::Timeline(TimelineCommand::Seek(from)));
                    }
                });
                let [until, score, what] = texts(line, found, twin.scene);
                for text in [until, score] {
                    row.col(|ui| {
                        ui.label(text);
                    });
                }
                row.col(|ui| {
                    ui.add(egui::Label::new(&what).truncate())
                        .on_hover_text(&what);
                });
            });
        });
}

/// What stands in the columns after the first.
fn texts(line: &Line<'_>, found: &Anomalies, scene: &Scene) -> [String; 3] {
    match line {
        Line::Excursion(one) => {
            let until = match one.lasts {
                true => "lasts".to_owned(),
                false => one.to.format("%H:%M:%S"),
            };
            let monitor = match one.monitor {
                MonitorKind::Level => "level",
                MonitorKind::Correlation => "correlation",
                MonitorKind::Spread => "scatter",
            };
            let leading = leading(&one.shares, &found.detector().signals);
            [
                until,
                format!("peak {}", score_text(one.peak)),
                format!("{monitor}: {leading}"),
            ]
        }
        Line::Change(one) => [
            one.change.at.format("%H:%M:%S"),
            "change".to_owned(),
            change_text(one, found.plan.against.is_some(), scene),
        ],
    }
}

/// From which level to which, in the signal's unit.
fn change_text(one: &SignalChange, is_residual: bool, scene: &Scene) -> String {
    let Some(id) = scene.find_signal(&one.signal) else {
        return one.signal.clone();
    };
    let signal = scene.signal(id);
    let value = |si: f64| match is_residual {
        true => signal.unit.span_from_si(si),
        false => signal.unit.from_si(si),
    };
    let (before, after) = (value(one.change.before), value(one.change.after));
    let digits = signal.decimals + 1;
    let unit = signal.unit.symbol();
    let off = if is_residual { "off the twin by " } else { "" };
    format!(
        "{} went from {off}{before:.digits$} to {after:.digits$} {unit}",
        one.signal
    )
}

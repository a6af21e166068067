//! What an exploration found: a picture of one KPI, and every run to be opened.

use std::cmp::Ordering;

use egui::{Align, Align2, Color32, Layout, Pos2, Rect, RichText, Sense, Stroke, Ui, vec2};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::controls::empty_ui;
use super::kpis::number_text;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::scene::Kpi;
use crate::session::campaign::{Campaign, Design, KpiValue, Merit, Row};

/// The height of the picture, points.
const PICTURE: f32 = 132.0;
/// Room for what stands beside the picture, points.
const MARGIN: f32 = 64.0;

/// Which KPI is looked at.
#[derive(Debug, Default)]
pub struct ResultsState {
    kpi: usize,
}

/// The results.
pub fn results_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ResultsState,
    actions: &mut Vec<Action>,
) {
    let view = twin.exploration;
    let Some(campaign) = &view.campaign else {
        let hint = "Every run can be opened on the timeline";
        empty_ui(ui, icon::FLASK, "Nothing is explored yet", hint);
        return;
    };
    let kpis = &campaign.opened.scene.kpis;
    if kpis.is_empty() {
        let hint = "A scene's file lists them under `kpis`";
        empty_ui(
            ui,
            icon::FLASK,
            "The scene has no KPI to judge runs by",
            hint,
        );
        return;
    }
    state.kpi = match &campaign.design {
        Design::Search(search) if view.running => search.kpi,
        _ => state.kpi.min(kpis.len() - 1),
    };
    head_ui(ui, twin, kpis, state);
    let kpi = &kpis[state.kpi];
    if view.rows.is_empty() {
        ui.label(theme::note("The first run is at work"));
        return;
    }
    egui::ScrollArea::vertical()
        .id_salt("results")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            match &campaign.design {
                Design::Sweep(swept) if swept.len() == 1 => line_ui(ui, &view.rows, state.kpi, kpi),
                Design::Sweep(swept) => {
                    let values: [&[f64]; 2] = [&swept[0].1, &swept[1].1];
                    grid_ui(ui, &view.rows, state.kpi, values);
                }
                Design::Tornado(_) => tornado_ui(ui, campaign, &view.rows, state.kpi, kpi),
                Design::Search(_) => progress_ui(ui, campaign, &view.rows),
                Design::Replications => {}
            }
            ui.add_space(4.0);
            table_ui(ui, campaign, &view.rows, state.kpi, actions);
        });
}

fn head_ui(ui: &mut Ui, twin: &Twin<'_>, kpis: &[Kpi], state: &mut ResultsState) {
    let view = twin.exploration;
    ui.horizontal(|ui| {
        let text = format!(
            "{} ({})",
            kpis[state.kpi].name,
            kpis[state.kpi].unit.symbol()
        );
        egui::ComboBox::from_id_salt("shown KPI")
            .width(220.0)
            .selected_text(RichText::new(text).strong())
            .show_ui(ui, |ui| {
                for (place, kpi) in kpis.iter().enumerate() {
                    ui.selectable_value(&mut state.kpi, place, &kpi.name);
                }
            });
        let failed = view.rows.iter().filter(|row| row.outcome.failure.is_some());
        let text = match failed.count() {
            0 => format!("{} runs", view.rows.len()),
            failed => format!("{} runs, {failed} failed", view.rows.len()),
        };
        ui.label(theme::note(text));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = format!("{}  Tables", icon::FOLDER_OPEN);
            ui.label(theme::note(text)).on_hover_text(format!(
                "plan.ron, runs.csv and runs.parquet are in\n{}",
                view.folder.display()
            ));
        });
    });
}

/// The KPI of a run, if it has one.
fn told(row: &Row, kpi: usize) -> Option<KpiValue> {
    row.outcome.kpis.get(kpi).copied().flatten()
}

/// The least and the greatest value, with the intervals, a little apart.
fn span(rows: &[Row], kpi: usize) -> Option<(f64, f64)> {
    let ends = rows.iter().filter_map(|row| told(row, kpi)).map(|value| {
        let (low, high) = value.interval.unwrap_or((value.mean, value.mean));
        (low, high)
    });
    let (low, high) = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))?;
    let least = high.abs().max(low.abs()) * 1e-6 + f64::MIN_POSITIVE;
    let room = ((high - low) * 0.08).max(least);
    Some((low - room, high + room))
}

/// A frame with a value axis at its left: the picture's rectangle.
fn frame_ui(ui: &mut Ui, (low, high): (f64, f64), kpi: &Kpi) -> Rect {
    let size = vec2(ui.available_width().max(160.0), PICTURE);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let rect = Rect::from_min_max(whole.min + vec2(MARGIN, 6.0), whole.max - vec2(12.0, 20.0));
    let painter = ui.painter();
    painter.rect_filled(rect, 2.0, theme::sunk());
    for share in [0.0, 0.5, 1.0] {
        let y = rect.bottom() - share * rect.height();
        let value = low + f64::from(share) * (high - low);
        painter.hline(rect.x_range(), y, Stroke::new(1.0, theme::line()));
        painter.text(
            Pos2::new(rect.left() - 6.0, y),
            Align2::RIGHT_CENTER,
            number_text(value, high - low),
            theme::small_font(),
            theme::weak(),
        );
    }
    let name = format!("Picture of {}", kpi.name);
    let response = ui.interact(rect, ui.id().with("picture"), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &name));
    rect
}

/// One parameter: the KPI over its values, with 95 % intervals.
fn line_ui(ui: &mut Ui, rows: &[Row], place: usize, kpi: &Kpi) {
    let Some((low, high)) = span(rows, place) else {
        return;
    };
    let points: Vec<(f64, KpiValue)> = rows
        .iter()
        .filter_map(|row| Some((row.parameters.first().copied()??, told(row, place)?)))
        .collect();
    let ends = points.iter().map(|(x, _)| (*x, *x));
    let Some((first, last)) = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1))) else {
        return;
    };
    let rect = frame_ui(ui, (low, high), kpi);
    let x = |value: f64| {
        let share = (value - first) / (last - first).max(f64::MIN_POSITIVE);
        rect.left() + 16.0 + share as f32 * (rect.width() - 32.0)
    };
    let y = |value: f64| {
        let share = (value - low) / (high - low);
        rect.bottom() - share as f32 * rect.height()
    };
    let ink = theme::selection();
    let painter = ui.painter();
    let mut sorted = points;
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let line = sorted
        .iter()
        .map(|(at, value)| Pos2::new(x(*at), y(value.mean)));
    painter.line(line.collect(), Stroke::new(1.5, ink));
    for (at, value) in &sorted {
        if let Some((low, high)) = value.interval {
            painter.vline(x(*at), y(high)..=y(low), Stroke::new(1.0, ink));
        }
        painter.circle_filled(Pos2::new(x(*at), y(value.mean)), 2.5, ink);
        painter.text(
            Pos2::new(x(*at), rect.bottom() + 4.0),
            Align2::CENTER_TOP,
            number_text(*at, last - first),
            theme::small_font(),
            theme::weak(),
        );
    }
}

/// Two parameters: a field of colours, with the number in each.
fn grid_ui(ui: &mut Ui, rows: &[Row], place: usize, [across, up]: [&[f64]; 2]) {
    let means = rows
        .iter()
        .filter_map(|row| told(row, place))
        .map(|value| value.mean);
    let ends = means.map(|mean| (mean, mean));
    let Some((low, high)) = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1))) else {
        return;
    };
    let width = ((ui.available_width() - MARGIN) / across.len().max(1) as f32).clamp(18.0, 96.0);
    let height = 20.0;
    let size = vec2(
        MARGIN + width * across.len() as f32,
        height * (up.len() as f32 + 1.0),
    );
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter();
    let small = theme::small_font();
    for (row, value) in up.iter().rev().enumerate() {
        let y = whole.top() + height * (row as f32 + 0.5);
        let text = number_text(*value, up.last().unwrap_or(value) - up[0]);
        let at = Pos2::new(whole.left() + MARGIN - 6.0, y);
        painter.text(at, Align2::RIGHT_CENTER, text, small.clone(), theme::weak());
    }
    for (column, value) in across.iter().enumerate() {
        let x = whole.left() + MARGIN + width * (column as f32 + 0.5);
        let text = number_text(*value, across.last().unwrap_or(value) - across[0]);
        let at = Pos2::new(x, whole.bottom() - height * 0.5);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            text,
            small.clone(),
            theme::weak(),
        );
    }
    for row in rows {
        let axes = [across, up];
        let found = axes.iter().zip(&row.parameters);
        let places = found.map(|(values, own)| values.iter().position(|v| Some(*v) == *own));
        let places: Vec<_> = places.collect();
        let (&[Some(column), Some(line)], Some(value)) = (places.as_slice(), told(row, place))
        else {
            continue;
        };
        let corner = Pos2::new(
            whole.left() + MARGIN + width * column as f32,
            whole.top() + height * (up.len() - 1 - line) as f32,
        );
        let cell = Rect::from_min_size(corner, vec2(width, height)).shrink(1.0);
        let share = match high > low {
            true => ((value.mean - low) / (high - low)) as f32,
            false => 0.5,
        };
        painter.rect_filled(cell, 1.0, theme::colour(palette::heat_colour(share)));
        if width >= 44.0 {
            let ink = if share > 0.55 {
                Color32::BLACK
            } else {
                Color32::WHITE
            };
            let text = number_text(value.mean, high - low);
            painter.text(
                cell.center(),
                Align2::CENTER_CENTER,
                text,
                small.clone(),
                ink,
            );
        }
    }
}

/// Many parameters: a bar for each, from its low to its high end, the widest first.
fn tornado_ui(ui: &mut Ui, campaign: &Campaign, rows: &[Row], place: usize, kpi: &Kpi) {
    let is_base = |row: &&Row| row.parameters.iter().all(Option::is_none);
    let Some(base) = rows.iter().find(is_base).and_then(|row| told(row, place)) else {
        return;
    };
    let parameters = campaign.design.parameters();
    let mut bars: Vec<(usize, f64, f64)> = (0..parameters.len())
        .filter_map(|at| {
            let own = rows
                .iter()
                .filter(|row| row.parameters.get(at).copied().flatten().is_some());
            let mut ends: Vec<_> = own
                .filter_map(|row| Some((row.parameters[at]?, told(row, place)?.mean)))
                .collect();
            ends.sort_by(|one, other| one.0.total_cmp(&other.0));
            let &[(_, low), (_, high)] = ends.as_slice() else {
                return None;
            };
            Some((at, low, high))
        })
        .collect();
    bars.sort_by(|one, other| (other.2 - other.1).abs().total_cmp(&(one.2 - one.1).abs()));
    let reach = bars
        .iter()
        .flat_map(|(_, low, high)| [low - base.mean, high - base.mean]);
    let reach = reach
        .fold(0.0_f64, |most, one| most.max(one.abs()))
        .max(f64::MIN_POSITIVE);
    let line = 20.0;
    let size = vec2(
        ui.available_width().max(240.0),
        line * (bars.len() as f32 + 1.0),
    );
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let names = 170.0_f32.min(whole.width() * 0.4);
    let middle = whole.left() + names + (whole.width() - names) * 0.5;
    let half = (whole.width() - names) * 0.5 - 64.0;
    let painter = ui.painter();
    let small = theme::small_font();
    for (row, (at, low, high)) in bars.iter().enumerate() {
        let y = whole.top() + line * (row as f32 + 0.5);
        let name = &parameters[*at].name;
        let left = Pos2::new(whole.left(), y);
        painter.text(
            left,
            Align2::LEFT_CENTER,
            name,
            small.clone(),
            theme::text(),
        );
        for (value, colour) in [(*low, theme::weak()), (*high, theme::selection())] {
            let away = ((value - base.mean) / reach) as f32 * half;
            let bar = Rect::from_two_pos(
                Pos2::new(middle, y - 6.0),
                Pos2::new(middle + away, y + 6.0),
            );
            painter.rect_filled(bar, 1.0, colour);
            let (anchor, gap) = match away < 0.0 {
                true => (Align2::RIGHT_CENTER, -4.0),
                false => (Align2::LEFT_CENTER, 4.0),
            };
            if away.abs() > 2.0 {
                let text = number_text(value, reach);
                let end = Pos2::new(middle + away + gap, y);
                painter.text(end, anchor, text, small.clone(), theme::text());
            }
        }
    }
    let foot = whole.bottom() - line * 0.5;
    painter.vline(
        middle,
        whole.top()..=whole.bottom() - line,
        Stroke::new(1.0, theme::line()),
    );
    let text = format!(
        "{} {} as it is",
        number_text(base.mean, reach),
        kpi.unit.symbol()
    );
    painter.text(
        Pos2::new(middle, foot),
        Align2::CENTER_CENTER,
        text,
        small.clone(),
        theme::weak(),
    );
    let legend = Pos2::new(whole.left(), foot);
    let legend = painter.text(
        legend,
        Align2::LEFT_CENTER,
        "low",
        small.clone(),
        theme::weak(),
    );
    let next = legend.right_center() + vec2(8.0, 0.0);
    painter.text(next, Align2::LEFT_CENTER, "high", small, theme::selection());
}

/// A search: every run's objective, and the best that kept to all constraints so far.
fn progress_ui(ui: &mut Ui, campaign: &Campaign, rows: &[Row]) {
    let Design::Search(search) = &campaign.design else {
        return;
    };
    let objective = &campaign.opened.scene.kpis[search.kpi];
    let Some((low, high)) = span(rows, search.kpi) else {
        return;
    };
    let rect = frame_ui(ui, (low, high), objective);
    let painter = ui.painter();
    let count = rows.len().max(2) as f32 - 1.0;
    let mut best: Option<Merit> = None;
    let mut stairs: Vec<Pos2> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let Some(value) = told(row, search.kpi) else {
            continue;
        };
        let merit = Merit::of(search, &campaign.opened.scene, &row.outcome);
        let x = rect.left() + 6.0 + place as f32 / count * (rect.width() - 12.0);
        let y = rect.bottom() - ((value.mean - low) / (high - low)) as f32 * rect.height();
        let keeps = merit.violation <= 0.0;
        if keeps && best.is_none_or(|best| merit < best) {
            best = Some(merit);
            if let Some(last) = stairs.last() {
                stairs.push(Pos2::new(x, last.y));
            }
            stairs.push(Pos2::new(x, y));
        }
        match keeps {
            true => painter.circle_filled(Pos2::new(x, y), 2.0, theme::text()),
            false => painter.circle_stroke(Pos2::new(x, y), 2.0, Stroke::new(1.0, theme::weak())),
        };
    }
    if let Some(last) = stairs.last().copied() {
        stairs.push(Pos2::new(rect.right() - 6.0, last.y));
        painter.line(stairs, Stroke::new(1.5, theme::selection()));
    }
    let text = "run by run; hollow ones miss a condition; the line is the best so far";
    let at = Pos2::new(rect.left(), rect.bottom() + 4.0);
    painter.text(
        at,
        Align2::LEFT_TOP,
        text,
        theme::small_font(),
        theme::weak(),
    );
}

/// The runs: of a search the best first, else in order.
fn table_ui(ui: &mut Ui, campaign: &Campaign, rows: &[Row], kpi: usize, actions: &mut Vec<Action>) {
    let scene = &campaign.opened.scene;
    let parameters = campaign.design.parameters();
    let mut sorted: Vec<(&Row, Option<Merit>)> = rows.iter().map(|row| (row, None)).collect();
    if let Design::Search(search) = &campaign.design {
        for (row, merit) in &mut sorted {
            *merit = Some(Merit::of(search, scene, &row.outcome));
        }
        sorted.sort_by(|one, other| one.1.partial_cmp(&other.1).unwrap_or(Ordering::Equal));
    }
    // Many blocks of a schedule would fill the table.
    let shown = parameters.len().min(4);
    let spread = span(rows, kpi).map_or(1.0, |(low, high)| high - low);
    TableBuilder::new(ui)
        .id_salt("trials")
        .striped(true)
        .vscroll(false)
        .sense(Sense::click())
        .cell_layout(Layout::right_to_left(Align::Center))
        .column(Column::exact(36.0))
        .columns(Column::remainder().at_least(70.0).clip(true), shown)
        .column(Column::exact(82.0).clip(true))
        .column(Column::exact(130.0).clip(true))
        .column(Column::exact(150.0).clip(true))
        .header(18.0, |mut row| {
            // Names and units keep their letters.
            let names = parameters.iter().take(shown).map(|one| one.name.as_str());
            let unit = scene.kpis[kpi].unit.symbol();
            let head = ["Run"].into_iter().chain(names);
            for text in head.chain([unit, "95 % interval", "Worst limit"]) {
                row.col(|ui| {
                    ui.label(theme::note(text));
                });
            }
        })
        .body(|body| {
            body.rows(20.0, sorted.len(), |mut line| {
                let (row, merit) = &sorted[line.index()];
                line.col(|ui| {
                    ui.label(row.run.to_string());
                });
                for value in row.parameters.iter().take(shown) {
                    line.col(|ui| {
                        ui.label(value.map_or_else(|| "as is".to_owned(), |v| number_text(v, v)));
                    });
                }
                let value = told(row, kpi);
                line.col(|ui| {
                    let text = match (&row.outcome.failure, value) {
                        (Some(_), _) | (None, None) => "failed".to_owned(),
                        (None, Some(value)) => number_text(value.mean, spread),
                    };
                    ui.label(RichText::new(text).strong());
                });
                line.col(|ui| {
                    if let Some((low, high)) = value.and_then(|value| value.interval) {
                        let text = format!(
                            "{} to {}",
                            number_text(low, spread),
                            number_text(high, spread)
                        );
                        ui.label(theme::note(text));
                    }
                });
                line.col(|ui| limit_ui(ui, row, *merit));
                let hint = match &row.outcome.failure {
                    Some(reason) => format!("Failed: {reason}"),
                    None => "Open this run on the timeline".to_owned(),
                };
                if line.response().on_hover_text(hint).clicked() {
                    actions.push(Action::OpenTrial(row.run));
                }
            });
        });
}

/// The limit that is passed with the greatest probability, and whether a condition is missed.
fn limit_ui(ui: &mut Ui, row: &Row, merit: Option<Merit>) {
    let worst = row.outcome.breaches.iter();
    let worst = worst.max_by(|one, other| one.1.total_cmp(other.1));
    if merit.is_some_and(|merit| merit.violation > 0.0) {
        ui.label(RichText::new(icon::WARNING).color(theme::warning()))
            .on_hover_text("Misses a condition of the search");
    }
    match worst {
        Some((name, probability)) => {
            let text = format!("{name} {probability:.2}");
            ui.add(egui::Label::new(theme::note(text)).truncate())
        }
        None => ui.label(theme::note("none passed")),
    };
}

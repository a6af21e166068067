//! The score over time with its limit, flagged stretches and changes of a level.

use egui::{Align2, Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, WidgetType};

use super::super::axis::{TimeAxis, time_ticks};
use super::super::{Twin, cursor, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::session::Anomalies;
use crate::timeline::{Mode, TimelineCommand};

/// Room for the times below the plot, points.
const TIMES: f32 = 16.0;
/// The highest score that is drawn, whatever was reached.
const CEILING: f64 = 5.0;
/// The lowest top of the axis.
const FLOOR: f64 = 1.6;

/// What a detector says is drawn in the colour of what is not measured.
pub(in super::super) fn estimate_ink() -> Color32 {
    theme::ink(palette::mode_colour(Mode::Simulated))
}

/// The plot; a click goes there.
pub(super) fn plot_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    found: &Anomalies,
    height: f32,
    actions: &mut Vec<Action>,
) {
    let size = Vec2::new(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "Score over time"));
    let (Some(first), Some(last)) = (found.verdicts.front(), found.verdicts.back()) else {
        return;
    };
    let plot = Rect::from_min_max(rect.min, Pos2::new(rect.right(), rect.bottom() - TIMES));
    let axis = TimeAxis::across(plot, (first.at, last.at));
    let highest = found.verdicts.iter().map(|one| one.score);
    let highest = highest.fold(0.0, f64::max);
    let top = (highest * 1.1).clamp(FLOOR, CEILING);
    let y = |score: f64| plot.bottom() - (score.min(top) / top) as f32 * plot.height();
    let painter = ui.painter_at(rect);
    painter.rect_filled(plot, 2.0, theme::sunk());
    let trained = found.detector().trained;
    if let Some(learned) = axis.slice(plot, trained.from, trained.to) {
        painter.rect_filled(learned, 0.0, theme::raised());
        painter.text(
            learned.left_top() + Vec2::new(4.0, 2.0),
            Align2::LEFT_TOP,
            "learned from",
            theme::small_font(),
            theme::weak(),
        );
    }
    for one in &twin.anomalies.excursions {
        let to = one.to + found.plan.step;
        if let Some(band) = axis.slice(plot, one.from, to) {
            painter.rect_filled(band, 0.0, estimate_ink().gamma_multiply(0.25));
        }
    }
    let limit = [
        Pos2::new(plot.left(), y(1.0)),
        Pos2::new(plot.right(), y(1.0)),
    ];
    let dashes = Stroke::new(1.0, theme::text());
    painter.extend(Shape::dashed_line(&limit, dashes, 4.0, 4.0));
    painter.text(
        limit[1] - Vec2::new(4.0, 2.0),
        Align2::RIGHT_BOTTOM,
        "limit",
        theme::small_font(),
        theme::text(),
    );
    painter.line(line(found, &axis, y), Stroke::new(1.3, estimate_ink()));
    for one in &found.changes {
        if axis.slice(plot, one.change.since, last.at).is_some() {
            diamond(
                &painter,
                Pos2::new(axis.x(one.change.since), plot.top() + 6.0),
            );
        }
    }
    for tick in time_ticks(first.at, last.at, (plot.width() / 90.0) as usize) {
        let x = axis.x(tick.at);
        painter.vline(x, plot.y_range(), Stroke::new(0.5, theme::line()));
        let at = Pos2::new(x, rect.bottom());
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            tick.label,
            theme::small_font(),
            theme::weak(),
        );
    }
    let playhead = axis.x(twin.timeline.playhead());
    if plot.x_range().contains(playhead) {
        painter.vline(playhead, plot.y_range(), Stroke::new(1.0, theme::strong()));
    }
    if highest > top {
        let text = format!("cut at {top:.0}, highest {highest:.1}");
        let ink = theme::text();
        let text = painter.layout_no_wrap(text, theme::small_font(), ink);
        let at = plot.right_top() + Vec2::new(-6.0 - text.size().x, 14.0);
        // The line runs behind it.
        let ground = Rect::from_min_size(at, text.size()).expand(2.0);
        painter.rect_filled(ground, 2.0, theme::sunk().gamma_multiply(0.85));
        painter.galley(at, text, ink);
    }
    if let Some(pointer) = response.hover_pos() {
        cursor::point(ui.ctx(), axis.at(pointer.x));
    }
    cursor::paint_line(&painter, plot, &axis);
    let Some(pointed) = response.hover_pos().map(|at| axis.at(at.x)) else {
        return;
    };
    if response.clicked() {
        actions.push(Action::Timeline(TimelineCommand::Seek(pointed)));
    }
    if let Some(verdict) = found.at(pointed) {
        let text = format!(
            "{}  score {:.2}",
            verdict.at.format("%d %b %H:%M:%S"),
            verdict.score
        );
        response.on_hover_text_at_pointer(text);
    }
}

/// The lowest and the highest score of each point of the screen.
fn line(found: &Anomalies, axis: &TimeAxis, y: impl Fn(f64) -> f32) -> Vec<Pos2> {
    let mut columns: Vec<(f32, f64, f64)> = Vec::new();
    for verdict in &found.verdicts {
        let x = axis.x(verdict.at).floor();
        match columns.last_mut() {
            Some((column, low, high)) if *column == x => {
                *low = low.min(verdict.score);
                *high = high.max(verdict.score);
            }
            _ => columns.push((x, verdict.score, verdict.score)),
        }
    }
    let ends = columns.iter().flat_map(|(x, low, high)| {
        let low = Pos2::new(*x, y(*low));
        [low, Pos2::new(*x, y(*high))]
    });
    ends.collect()
}

fn diamond(painter: &egui::Painter, at: Pos2) {
    let corners = [(0.0, -4.5), (4.5, 0.0), (0.0, 4.5), (-4.5, 0.0)];
    let corners = corners.map(|(x, y)| at + Vec2::new(x, y));
    let line = Stroke::new(1.3, theme::strong());
    painter.add(Shape::convex_polygon(corners.to_vec(), theme::sunk(), line));
}

//! The painted time bar: recorded past, present, and each run as far as it reaches.
//!
//! The ruler at its top takes a drag as the range of a loop; the bar takes clicks and
//! drags as the playhead. The wheel zooms at the pointer, with Shift it shifts.

use egui::{
    Align2, CursorIcon, FontId, Painter, PointerButton, Pos2, Rect, Response, Sense, Shape, Stroke,
    Ui, Vec2,
};

use super::axis::{TimeAxis, TimeWindow, time_ticks};
use super::marks::{self, AlarmLook};
use super::{Twin, cursor, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::signal::{Origin, SignalId};
use crate::simulation::{Against, RunRecord, RunState};
use crate::time::Timestamp;
use crate::timeline::{Mode, TimelineCommand};

const RULER: f32 = 20.0;
const ALARMS: f32 = 14.0;
/// How many signals stand for all when the density of the recording is drawn.
const DENSITY_SIGNALS: usize = 12;
/// How often the density is looked up anew, s.
const DENSITY_SECS: f64 = 0.5;
/// At most this many runs have a lane.
const LANES: usize = 4;

/// What the bar remembers from frame to frame.
#[derive(Debug, Default)]
pub struct TimeBar {
    window: TimeWindow,
    loop_from: Option<Timestamp>,
    density: Option<Density>,
}

/// How much of the plant was heard of, per column of the past.
#[derive(Debug)]
struct Density {
    made_at_secs: f64,
    axis: TimeAxis,
    shares: Vec<f32>,
}

/// The bar, over the whole width that is left.
pub fn timebar_ui(ui: &mut Ui, twin: &Twin<'_>, bar: &mut TimeBar, actions: &mut Vec<Action>) {
    let size = Vec2::new(ui.available_width(), ui.available_height().max(44.0));
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let ruler = Rect::from_min_size(rect.min, Vec2::new(rect.width(), RULER));
    let body = Rect::from_min_max(Pos2::new(rect.left(), ruler.bottom()), rect.max);
    let now = twin.timeline.now();
    let axis = TimeAxis::across(rect, bar.window.range(now, automatic_range(twin)));

    let ruler_response = ui.interact(ruler, ui.id().with("ruler"), Sense::click_and_drag());
    let body_response = ui.interact(body, ui.id().with("time bar"), Sense::click_and_drag());
    body_response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Slider, true, "Time bar"));

    bar.refresh_density(ui, twin, &axis);
    let painter = ui.painter_at(rect);
    paint_zones(&painter, body, &axis, twin);
    bar.paint_density(&painter, lanes_rect(body), &axis, twin);
    paint_recorded(&painter, body, &axis, twin);
    paint_runs(&painter, lanes_rect(body), &axis, twin);
    paint_alarms(ui, &painter, body, &axis, twin);
    paint_notes(ui, &painter, body, &axis, twin);
    paint_ruler(&painter, ruler, body, &axis);
    bar.paint_loop(&painter, ruler, &axis, twin, &ruler_response);
    paint_present(&painter, body, &axis, now);
    paint_playhead(&painter, rect, &axis, twin);

    scrub(&body_response, &axis, actions);
    bar.choose_loop(&ruler_response, &axis, actions);
    bar.move_window(ui, rect, &axis, now, [&ruler_response, &body_response]);
    let hovered = body_response.hovered() || ruler_response.hovered();
    if let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|_| hovered) {
        cursor::point(ui.ctx(), axis.at(pointer.x));
    }
    if let Some(at) = cursor::pointed_on(ui.ctx(), &axis) {
        paint_pointed(&painter, rect, &axis, at, now);
    }
    body_response.on_hover_cursor(CursorIcon::ResizeHorizontal);
}

/// The recorded past with some room, and the runs as far as they were asked for.
fn automatic_range(twin: &Twin<'_>) -> (Timestamp, Timestamp) {
    const MIN_PAST_SECS: f64 = 120.0;
    const MAX_PAST_SECS: f64 = 86_400.0;
    let (now, oldest, playhead) = (
        twin.timeline.now(),
        twin.timeline.oldest(),
        twin.timeline.playhead(),
    );
    let recorded = now.secs_since(oldest).clamp(MIN_PAST_SECS, MAX_PAST_SECS);
    let ends = twin.runs.iter().map(RunRecord::horizon_end);
    let asked = ends.max().map_or(0.0, |end| end.secs_since(now).max(0.0));
    // The present stands between a fifth and four fifths of the bar.
    let past = recorded.max(asked / 4.0) * 1.04;
    let future = asked.max(past / 4.0) * 1.04;
    let from = now.plus_secs(-past).min(playhead);
    let to = now.plus_secs(future).max(playhead);
    (from, to)
}

fn lanes_rect(body: Rect) -> Rect {
    Rect::from_min_max(Pos2::new(body.left(), body.top() + ALARMS), body.max)
        .shrink2(Vec2::new(0.0, 2.0))
}

fn paint_zones(painter: &Painter, body: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
    let now = twin.timeline.now();
    painter.rect_filled(body, 0.0, theme::sunk());
    if let Some(future) = axis.slice(body, now, axis.to) {
        painter.rect_filled(future, 0.0, theme::beyond());
    }
    // Where no run answers there is nothing to see.
    let end = twin.timeline.end();
    if let Some(unknown) = axis.slice(body, end, axis.to) {
        marks::paint_hatch(painter, unknown, theme::line().gamma_multiply(0.55));
    }
    if let Some(before) = axis.slice(body, axis.from, twin.timeline.oldest()) {
        marks::paint_hatch(painter, before, theme::line().gamma_multiply(0.55));
    }
}

/// Where the store has something: a line at the foot, known before anything is loaded.
fn paint_recorded(painter: &Painter, body: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
    let colour = theme::ink(palette::mode_colour(Mode::History));
    let foot = Rect::from_min_max(Pos2::new(body.left(), body.bottom() - 3.0), body.max);
    for &(from, to) in twin.history.recorded() {
        if let Some(mut stretch) = axis.slice(foot, from, to) {
            // A minute in a year is still there.
            stretch.set_width(stretch.width().max(1.0));
            painter.rect_filled(stretch, 0.0, colour);
        }
    }
}

fn paint_runs(painter: &Painter, lanes: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
    let selected = twin.timeline.selected_run();
    let mut shown: Vec<&RunRecord> = twin.runs.iter().rev().collect();
    shown.sort_by_key(|run| {
        (
            Some(run.id) != selected,
            Some(Against::Run(run.id)) != twin.compared,
        )
    });
    shown.truncate(LANES);
    if shown.is_empty() {
        return;
    }
    let height = (lanes.height() / shown.len() as f32).clamp(6.0, 18.0);
    for (lane, run) in shown.into_iter().enumerate() {
        let top = lanes.top() + lane as f32 * height;
        let row = Rect::from_min_max(
            Pos2::new(lanes.left(), top),
            Pos2::new(lanes.right(), (top + height - 2.0).min(lanes.bottom())),
        );
        paint_run(painter, row, axis, run, Some(run.id) == selected);
    }
}

fn paint_run(painter: &Painter, row: Rect, axis: &TimeAxis, run: &RunRecord, selected: bool) {
    let colour = if selected {
        theme::ink(palette::mode_colour(Mode::Simulated))
    } else {
        theme::weak()
    };
    if let Some(asked) = axis.slice(row, run.reached, run.horizon_end()) {
        marks::paint_hatch(painter, asked, colour.gamma_multiply(0.5));
        let outline = Stroke::new(1.0, colour.gamma_multiply(0.5));
        painter.rect_stroke(asked, 0.0, outline, egui::StrokeKind::Inside);
    }
    let Some(done) = axis.slice(row, run.start, run.reached) else {
        return;
    };
    painter.rect_filled(done, 2.0, colour.gamma_multiply(0.55));
    painter.rect_stroke(
        done,
        2.0,
        Stroke::new(1.0, colour),
        egui::StrokeKind::Inside,
    );
    if row.height() >= 10.0 {
        let failed = matches!(run.state, RunState::Failed(_));
        let text = format!(
            "{} {}{}",
            run.id,
            run.scenario.name,
            if failed { ", failed" } else { "" }
        );
        painter
            .with_clip_rect(done.intersect(painter.clip_rect()))
            .text(
                Pos2::new(done.left().max(row.left()) + 5.0, done.center().y),
                Align2::LEFT_CENTER,
                text,
                FontId::proportional((row.height() - 2.0).min(11.0)),
                theme::strong(),
            );
    }
}

/// Marks where alarms were raised, and hollow ones where the selected run expects them.
fn paint_alarms(ui: &Ui, painter: &Painter, body: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
    let y = body.top() + ALARMS / 2.0 + 1.0;
    for alarm in twin.alarms.iter().rev() {
        let look = AlarmLook::of(ui, alarm);
        marks::paint_alarm(painter, Pos2::new(axis.x(alarm.raised), y), 11.0, look);
    }
    let selected = twin.timeline.selected_run();
    let Some(run) = twin.runs.iter().find(|run| Some(run.id) == selected) else {
        return;
    };
    for breach in &run.breaches {
        let limits = &twin.scene.signal(breach.signal).limits;
        if let Some(limit) = limits.get(breach.limit) {
            let look = AlarmLook::expected(limit.priority);
            let x = axis.x(breach.median_first);
            marks::paint_alarm(painter, Pos2::new(x, y), 11.0, look);
        }
    }
}

/// A flag for each note; its text stands beside the pointer.
fn paint_notes(ui: &Ui, painter: &Painter, body: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
    const REACH: f32 = 6.0;
    let first = twin.notes.partition_point(|note| note.at < axis.from);
    let past = twin.notes.partition_point(|note| note.at <= axis.to);
    // A comment is of the instant of its alarm, whose mark stands at the top.
    let y = body.bottom() - 9.0;
    let pointer = ui.ctx().pointer_hover_pos();
    let mut told = None;
    for note in &twin.notes[first..past] {
        let at = Pos2::new(axis.x(note.at), y);
        let glyph = egui_phosphor::regular::NOTE;
        painter.text(
            at,
            Align2::CENTER_CENTER,
            glyph,
            FontId::proportional(12.0),
            theme::text(),
        );
        if pointer.is_some_and(|pointer| pointer.distance(at) <= REACH) {
            told = Some((at, note));
        }
    }
    let Some((at, note)) = told else { return };
    let about = note.tag.as_deref().unwrap_or("plant");
    let text = format!("{about}: {}  ({})", note.text, note.by);
    let galley = painter.layout(text, theme::small_font(), theme::strong(), 320.0);
    let left = at.x.min(body.right() - galley.size().x - 8.0);
    let ground = Rect::from_min_size(
        Pos2::new(left, at.y - 16.0 - galley.size().y),
        galley.size(),
    )
    .expand(4.0);
    painter.rect_filled(ground, 3.0, theme::plate(220));
    painter.galley(ground.min + Vec2::splat(4.0), galley, theme::strong());
}

fn paint_ruler(painter: &Painter, ruler: Rect, body: Rect, axis: &TimeAxis) {
    painter.rect_filled(ruler, 0.0, theme::raised());
    let most = (ruler.width() / 84.0).max(2.0) as usize;
    for tick in time_ticks(axis.from, axis.to, most) {
        let x = axis.x(tick.at);
        let ink = if tick.date {
            theme::text()
        } else {
            theme::weak()
        };
        painter.vline(
            x,
            body.y_range(),
            Stroke::new(1.0, theme::line().gamma_multiply(0.5)),
        );
        painter.vline(
            x,
            ruler.bottom() - 5.0..=ruler.bottom(),
            Stroke::new(1.0, theme::weak()),
        );
        painter.text(
            Pos2::new(x + 4.0, ruler.center().y),
            Align2::LEFT_CENTER,
            tick.label,
            theme::small_font(),
            ink,
        );
    }
}

fn paint_present(painter: &Painter, body: Rect, axis: &TimeAxis, now: Timestamp) {
    let x = axis.x(now);
    let colour = theme::ink(palette::mode_colour(Mode::Live));
    painter.vline(x, body.y_range(), Stroke::new(2.0, colour));
    painter.text(
        Pos2::new(x - 5.0, body.bottom() - 2.0),
        Align2::RIGHT_BOTTOM,
        "now",
        theme::small_font(),
        colour,
    );
}

fn paint_playhead(painter: &Painter, rect: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
    let x = axis.x(twin.timeline.playhead());
    let colour = theme::ink(palette::mode_colour(twin.timeline.mode()));
    painter.vline(x, rect.y_range(), Stroke::new(1.5, theme::strong()));
    let top = rect.top() + 1.0;
    let handle = vec![
        Pos2::new(x - 6.0, top),
        Pos2::new(x + 6.0, top),
        Pos2::new(x + 6.0, top + 9.0),
        Pos2::new(x, top + 16.0),
        Pos2::new(x - 6.0, top + 9.0),
    ];
    let outline = Stroke::new(1.0, theme::strong());
    painter.add(Shape::convex_polygon(handle, colour, outline));
}

/// The instant under the pointer, here or in a plot.
fn paint_pointed(painter: &Painter, rect: Rect, axis: &TimeAxis, at: Timestamp, now: Timestamp) {
    let x = axis.x(at);
    painter.vline(x, rect.y_range(), Stroke::new(1.0, theme::weak()));
    let text = format!(
        "{}  {}",
        at.to_clock_text(),
        super::frame::offset_text(at.secs_since(now))
    );
    let galley = painter.layout_no_wrap(text, theme::small_font(), theme::strong());
    let width = galley.size().x;
    let left = (x + 10.0).min(rect.right() - width - 8.0);
    let at = Pos2::new(left, rect.bottom() - galley.size().y - 6.0);
    let ground = Rect::from_min_size(at, galley.size()).expand(3.0);
    painter.rect_filled(ground, 3.0, theme::plate(210));
    painter.galley(at, galley, theme::strong());
}

/// A click or drag on the bar moves the playhead.
fn scrub(response: &Response, axis: &TimeAxis, actions: &mut Vec<Action>) {
    let pressed = response.clicked_by(PointerButton::Primary)
        || response.drag_started_by(PointerButton::Primary)
        || (response.dragged_by(PointerButton::Primary) && response.drag_delta().x != 0.0);
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| pressed) {
        let at = axis.at(pointer.x.clamp(axis.left, axis.right));
        actions.push(Action::Timeline(TimelineCommand::Seek(at)));
    }
}

impl TimeBar {
    /// A drag on the ruler plays that stretch over and over; a click goes there.
    fn choose_loop(&mut self, ruler: &Response, axis: &TimeAxis, actions: &mut Vec<Action>) {
        let Some(pointer) = ruler.interact_pointer_pos() else {
            return;
        };
        let at = axis.at(pointer.x.clamp(axis.left, axis.right));
        if ruler.drag_started_by(PointerButton::Primary) {
            self.loop_from = Some(at);
        }
        if ruler.drag_stopped_by(PointerButton::Primary)
            && let Some(from) = self.loop_from.take()
        {
            let range = (from.min(at), from.max(at));
            actions.push(Action::Timeline(TimelineCommand::Loop(Some(range))));
        }
        if ruler.clicked() {
            actions.push(Action::Timeline(TimelineCommand::Seek(at)));
        }
    }

    /// Wheel, Shift + wheel, middle drag and double click on the bar.
    fn move_window(
        &mut self,
        ui: &Ui,
        rect: Rect,
        axis: &TimeAxis,
        now: Timestamp,
        responses: [&Response; 2],
    ) {
        for response in responses {
            if response.dragged_by(PointerButton::Middle) {
                let secs = f64::from(-response.drag_delta().x) * axis.secs_per_point();
                self.window.pan(axis, secs, now);
            }
            if response.double_clicked() {
                self.window.reset();
            }
        }
        if !responses.iter().any(|response| response.contains_pointer()) {
            return;
        }
        let (wheel, shift, pinch, pointer) = ui.input(|input| {
            (
                input.smooth_scroll_delta(),
                input.modifiers.shift,
                input.zoom_delta(),
                input.pointer.hover_pos(),
            )
        });
        let Some(pointer) = pointer.filter(|pointer| rect.contains(*pointer)) else {
            return;
        };
        // egui turns Shift + wheel into a horizontal scroll by itself.
        let sideways = if shift { wheel.x + wheel.y } else { wheel.x };
        if sideways != 0.0 {
            self.window
                .pan(axis, f64::from(-sideways) * axis.secs_per_point(), now);
        } else if wheel.y != 0.0 || pinch != 1.0 {
            let factor = f64::from(-wheel.y / 200.0).exp() / f64::from(pinch);
            self.window.zoom(axis, axis.at(pointer.x), factor, now);
        }
    }

    fn paint_loop(
        &self,
        painter: &Painter,
        ruler: Rect,
        axis: &TimeAxis,
        twin: &Twin<'_>,
        response: &Response,
    ) {
        let chosen = self.loop_from.zip(response.interact_pointer_pos());
        let range = chosen.map_or(twin.timeline.looped(), |(from, pointer)| {
            let at = axis.at(pointer.x);
            Some((from.min(at), from.max(at)))
        });
        let Some((from, to)) = range else { return };
        if let Some(slice) = axis.slice(ruler, from, to) {
            painter.rect_filled(slice, 0.0, theme::selection().gamma_multiply(0.3));
            for x in [slice.left(), slice.right()] {
                painter.vline(x, ruler.y_range(), Stroke::new(2.0, theme::selection()));
            }
        }
    }

    /// Looks up what was recorded, now and then: it is the background, not the news.
    fn refresh_density(&mut self, ui: &Ui, twin: &Twin<'_>, axis: &TimeAxis) {
        let time = ui.input(|input| input.time);
        let fresh = self.density.as_ref().is_some_and(|density| {
            let scaled = (density.axis.span_secs() / axis.span_secs() - 1.0).abs() > 1e-3;
            let moved = axis.from.secs_since(density.axis.from).abs() > axis.span_secs() * 0.05;
            time - density.made_at_secs < DENSITY_SECS && !scaled && !moved
        });
        if !fresh {
            self.density = Some(Density {
                made_at_secs: time,
                axis: *axis,
                shares: density_shares(twin, axis),
            });
        }
    }

    fn paint_density(&self, painter: &Painter, lanes: Rect, axis: &TimeAxis, twin: &Twin<'_>) {
        let Some(density) = &self.density else { return };
        let colour = theme::ink(palette::mode_colour(Mode::History));
        let now = twin.timeline.now();
        let width = density.axis.span_secs() / density.shares.len().max(1) as f64;
        let band = Rect::from_min_max(
            Pos2::new(lanes.left(), lanes.bottom() - lanes.height().min(22.0)),
            lanes.max,
        );
        for (place, &share) in density.shares.iter().enumerate().filter(|(_, s)| **s > 0.0) {
            let from = density.axis.from.plus_secs(place as f64 * width);
            let to = from.plus_secs(width).min(now);
            if let Some(slice) = axis.slice(band, from, to) {
                let top = band.bottom() - band.height() * (0.25 + 0.75 * share);
                let filled = Rect::from_min_max(Pos2::new(slice.left(), top), slice.max);
                painter.rect_filled(filled, 0.0, colour.gamma_multiply(0.42));
            }
        }
    }
}

/// The share of some signals that were known, per column of the axis.
fn density_shares(twin: &Twin<'_>, axis: &TimeAxis) -> Vec<f32> {
    let count = (((axis.right - axis.left) / 2.0) as usize).clamp(1, 2_048);
    let width = axis.span_secs() / count as f64;
    let scene = twin.scene;
    let measured: Vec<SignalId> = scene
        .signal_ids()
        .filter(|id| scene.signal(*id).measured)
        .collect();
    let stride = measured.len().div_ceil(DENSITY_SIGNALS).max(1);
    let sample: Vec<SignalId> = measured.into_iter().step_by(stride).collect();
    let mut shares = vec![0.0; count];
    for &id in &sample {
        let hold = scene.signal(id).max_age.as_secs_f64();
        let columns = twin
            .history
            .columns(Origin::Measured, id, axis.from, axis.to, count);
        let mut known_until = f64::NEG_INFINITY;
        for (place, column) in columns.iter().enumerate().take(count) {
            let start = place as f64 * width;
            if column.is_some() {
                known_until = start + width + hold;
            }
            if start < known_until {
                shares[place] += 1.0 / sample.len() as f32;
            }
        }
    }
    shares
}

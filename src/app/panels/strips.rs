//! The drawing of the trends: strips below each other over one axis of time.

use std::time::Duration;

use egui::{Align2, Color32, PointerButton, Pos2, Rect, Response, Sense, Stroke, Ui, Vec2};

use super::axis::{TimeAxis, time_ticks, value_ticks};
use super::curve::{self, CurveQuery, Piece, ValueAxis};
use super::inspector::limit_name;
use super::marks;
use super::reading::NO_VALUE;
use super::skill::worthless_from;
use super::trends::TrendState;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::scene::{Scene, Signal};
use crate::signal::{Origin, RunId, SignalId};
use crate::simulation::Against;
use crate::time::{Timestamp, duration_text};
use crate::timeline::{Mode, TimelineCommand};
use crate::units::Unit;

/// Room for the numbers left of the plots.
const NUMBERS: f32 = 52.0;
/// Room for names and values right of the plots.
const LEGEND: f32 = 230.0;
/// Room for the times below the plots.
const TIMES: f32 = 18.0;
/// At most this many strips; beyond, each is too low to read.
const MAX_STRIPS: usize = 4;

/// Signals of one unit, drawn over one axis of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The unit they share.
    unit: Unit,
    /// True if they are states, drawn as steps.
    states: bool,
    /// The signals, each with its place in the trends, which gives its colour.
    signals: Vec<(usize, SignalId)>,
}

impl Strip {
    /// One strip per unit, in the order of the signals.
    pub fn by_unit(scene: &Scene, signals: &[SignalId]) -> Vec<Self> {
        let mut strips: Vec<Self> = Vec::new();
        for (place, &id) in signals.iter().enumerate() {
            let signal = scene.signal(id);
            let (unit, states) = (signal.unit, !signal.states.is_empty());
            let mut known = strips.iter_mut();
            match known.find(|strip| strip.unit == unit && strip.states == states) {
                Some(strip) => strip.signals.push((place, id)),
                None => strips.push(Self {
                    unit,
                    states,
                    signals: vec![(place, id)],
                }),
            }
        }
        strips
    }

    /// How high it is beside others: states need less room than numbers.
    fn weight(&self) -> f32 {
        if self.states { 0.5 } else { 1.0 }
    }
}

/// One signal with all that is drawn of it.
struct Curves<'a> {
    signal: &'a Signal,
    colour: Color32,
    measured: Vec<Piece>,
    run: Vec<Piece>,
    band: (Vec<Piece>, Vec<Piece>),
    compared: Vec<Piece>,
    /// From how far ahead its forecasts are worth no more than none.
    worthless: Option<Duration>,
}

impl<'a> Curves<'a> {
    fn look_up(twin: &Twin<'a>, id: SignalId, place: usize, axis: &TimeAxis) -> Self {
        let signal = twin.scene.signal(id);
        let steps = !signal.states.is_empty();
        let of_run = |run: Option<RunId>, origin: fn(RunId) -> Origin| {
            let record = run.and_then(|run| twin.runs.iter().find(|known| known.id == run));
            record.map_or_else(Vec::new, |record| {
                let query = CurveQuery {
                    origin: origin(record.id),
                    signal: id,
                    join_secs: record.scenario.step.as_secs_f64() * 1.5,
                };
                curve::pieces(twin.history, query, axis, steps)
            })
        };
        let selected = twin.timeline.selected_run();
        let measured = CurveQuery::measured(id, signal);
        Self {
            signal,
            colour: theme::colour(palette::SERIES[place % palette::SERIES.len()]),
            measured: curve::pieces(twin.history, measured, axis, steps),
            worthless: worthless_from(&twin.skill.table, signal),
            run: of_run(selected, Origin::Simulated),
            band: (
                of_run(selected, Origin::BandLow),
                of_run(selected, Origin::BandHigh),
            ),
            compared: of_run(
                twin.compared
                    .and_then(Against::run)
                    .filter(|run| Some(*run) != selected),
                Origin::Simulated,
            ),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Piece> {
        let lines = self.measured.iter().chain(&self.run).chain(&self.compared);
        lines.chain(&self.band.0).chain(&self.band.1)
    }
}

/// All strips, their legends and the axis of time.
pub fn strips_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    strips: &[Strip],
    range: (Timestamp, Timestamp),
    actions: &mut Vec<Action>,
) {
    if let Some(more) = strips.len().checked_sub(MAX_STRIPS + 1) {
        ui.label(theme::note(format!(
            "{} more units are not drawn: at most {MAX_STRIPS} strips fit",
            more + 1
        )));
    }
    let strips = &strips[..strips.len().min(MAX_STRIPS)];
    let (whole, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let legend = LEGEND.min(whole.width() * 0.4);
    let plot = Rect::from_min_max(
        whole.min + Vec2::new(NUMBERS, 0.0),
        whole.max - Vec2::new(legend, TIMES),
    );
    if plot.width() < 40.0 || plot.height() < 30.0 {
        return;
    }
    let axis = TimeAxis::across(plot, range);
    let response = ui.interact(plot, ui.id().with("plot"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, "Trend plot"));
    let hovered_at = response.hover_pos().map(|pointer| axis.at(pointer.x));

    let whole_weight: f32 = strips.iter().map(Strip::weight).sum();
    let mut top = plot.top();
    for strip in strips {
        let height = plot.height() * strip.weight() / whole_weight;
        let rect = Rect::from_x_y_ranges(plot.x_range(), top..=top + height - 6.0);
        top += height;
        let visible = strip.signals.iter();
        let curves: Vec<Curves<'_>> = visible
            .filter(|(_, id)| !state.hidden.contains(id))
            .map(|&(place, id)| Curves::look_up(twin, id, place, &axis))
            .collect();
        paint_strip(ui, twin, strip, &curves, rect, &axis);
        let beside = Rect::from_min_max(
            Pos2::new(plot.right() + 8.0, rect.top()),
            Pos2::new(whole.right(), rect.bottom()),
        );
        legend_ui(ui, twin, state, strip, beside, hovered_at, actions);
    }
    paint_times(ui, plot, whole.bottom(), &axis);
    paint_instants(ui, twin, state, plot, &axis, &response);
    listen(ui, twin, state, &axis, &response, actions);
}

fn paint_strip(
    ui: &Ui,
    twin: &Twin<'_>,
    strip: &Strip,
    curves: &[Curves<'_>],
    rect: Rect,
    axis: &TimeAxis,
) {
    let painter = ui.painter_at(rect.expand2(Vec2::new(NUMBERS, 0.0)));
    painter.rect_filled(rect, 2.0, theme::SUNK);
    if let Some(future) = axis.slice(rect, twin.timeline.now(), axis.to) {
        painter.rect_filled(future, 0.0, Color32::from_rgb(26, 25, 31));
    }
    let values = value_axis(strip, curves, rect);
    paint_numbers(&painter, strip, curves, &values);

    let painter = painter.with_clip_rect(rect);
    for curve in curves {
        paint_limits(&painter, curve, &values, curves.len());
    }
    for curve in curves {
        let trust = if curve.worthless.is_some() { 0.4 } else { 1.0 };
        let fill = curve.colour.gamma_multiply(0.22 * trust);
        let (low, high) = (&curve.band.0, &curve.band.1);
        curve::paint_band(&painter, (low, high), strip.unit, &values, fill);
    }
    for curve in curves {
        let thin = Stroke::new(1.2, curve.colour.gamma_multiply(0.85));
        // Dashed, as what it says is worth no more than the last value.
        let doubted = curve.worthless.is_some();
        let thick = Stroke::new(1.6, curve.colour);
        curve::paint_pieces(&painter, &curve.compared, strip.unit, &values, thin, true);
        curve::paint_pieces(&painter, &curve.run, strip.unit, &values, thin, doubted);
        curve::paint_pieces(&painter, &curve.measured, strip.unit, &values, thick, false);
    }
}

/// What the strip spans: what is drawn, with limits that are not far off.
fn value_axis(strip: &Strip, curves: &[Curves<'_>], rect: Rect) -> ValueAxis {
    let ranges = curves.iter().map(|curve| curve.signal.range);
    let ordinary = ranges
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((0.0, 1.0));
    let whole = (ordinary.1 - ordinary.0).abs().max(1e-9);
    let (mut low, mut high) =
        curve::extent(curves.iter().flat_map(Curves::all)).unwrap_or(ordinary);
    let limits = curves.iter().flat_map(|curve| &curve.signal.limits);
    for limit in limits {
        let (near_low, near_high) = (low - 0.25 * whole, high + 0.25 * whole);
        if (near_low..=near_high).contains(&limit.at) {
            low = low.min(limit.at);
            high = high.max(limit.at);
        }
    }
    if strip.states {
        let states = curves.iter().map(|curve| curve.signal.states.len());
        (low, high) = (0.0, states.max().unwrap_or(2).max(2) as f64 - 1.0);
    }
    // The names of the outermost states need room as well.
    let (least, room) = if strip.states {
        (0.0, 1.6)
    } else {
        (0.02 * whole, 1.12)
    };
    let middle = f64::midpoint(low, high);
    let half = ((high - low) / 2.0).max(least) * room;
    ValueAxis {
        low: strip.unit.from_si(middle - half),
        high: strip.unit.from_si(middle + half),
        rect,
    }
}

fn paint_numbers(
    painter: &egui::Painter,
    strip: &Strip,
    curves: &[Curves<'_>],
    values: &ValueAxis,
) {
    let rect = values.rect;
    let font = theme::small_font();
    let faint = Stroke::new(1.0, theme::LINE.gamma_multiply(0.45));
    let row = |value: f64, text: String| {
        let y = values.y(value);
        painter.hline(rect.x_range(), y, faint);
        let inside = (y - 6.0).max(rect.top())..=(y + 6.0).min(rect.bottom());
        if *inside.end() - *inside.start() > 11.0 {
            let at = Pos2::new(rect.left() - 6.0, y);
            painter.text(at, Align2::RIGHT_CENTER, text, font.clone(), theme::WEAK);
        }
    };
    if strip.states {
        let names = curves.first().map_or(&[][..], |curve| &curve.signal.states);
        for (place, name) in names.iter().enumerate() {
            row(place as f64, name.chars().take(9).collect());
        }
        return;
    }
    let most = (rect.height() / 20.0).max(3.0) as usize;
    let (ticks, decimals) = value_ticks(values.low, values.high, most);
    for tick in ticks {
        row(tick, format!("{tick:.decimals$}"));
    }
    let corner = rect.left_top() + Vec2::new(4.0, 2.0);
    let symbol = strip.unit.symbol().to_owned();
    let galley = painter.layout_no_wrap(symbol, font, theme::TEXT);
    let ground = Rect::from_min_size(corner, galley.size()).expand2(Vec2::new(3.0, 0.0));
    painter.rect_filled(ground, 2.0, Color32::from_black_alpha(150));
    painter.galley(corner, galley, theme::TEXT);
}

fn paint_limits(painter: &egui::Painter, curve: &Curves<'_>, values: &ValueAxis, beside: usize) {
    // With many curves, nobody could tell whose limit it is.
    if beside > 2 {
        return;
    }
    for limit in &curve.signal.limits {
        let y = values.y(curve.signal.unit.from_si(limit.at));
        let rect = values.rect;
        if !rect.y_range().contains(y) {
            continue;
        }
        let colour = marks::priority_colour(limit.priority).gamma_multiply(0.7);
        let ends = [Pos2::new(rect.left(), y), Pos2::new(rect.right(), y)];
        let stroke = Stroke::new(1.0, colour);
        painter.extend(egui::Shape::dashed_line(&ends, stroke, 8.0, 4.0));
        painter.text(
            Pos2::new(rect.left() + 4.0, y - 1.0),
            Align2::LEFT_BOTTOM,
            limit_name(limit.kind),
            theme::small_font(),
            colour,
        );
    }
}

fn paint_times(ui: &Ui, plot: Rect, bottom: f32, axis: &TimeAxis) {
    let painter = ui.painter();
    let most = (plot.width() / 80.0).max(2.0) as usize;
    for tick in time_ticks(axis.from, axis.to, most) {
        let x = axis.x(tick.at);
        let faint = Stroke::new(1.0, theme::LINE.gamma_multiply(0.4));
        painter.vline(x, plot.y_range(), faint);
        let ink = if tick.date { theme::TEXT } else { theme::WEAK };
        let at = Pos2::new(x, bottom - 1.0);
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            tick.label,
            theme::small_font(),
            ink,
        );
    }
}

/// Present, playhead, what is under the pointer, and the stretch of a zoom in the making.
fn paint_instants(
    ui: &Ui,
    twin: &Twin<'_>,
    state: &TrendState,
    plot: Rect,
    axis: &TimeAxis,
    response: &Response,
) {
    let painter = ui.painter_at(plot);
    let live = theme::colour(palette::mode_colour(Mode::Live));
    let present = axis.x(twin.timeline.now());
    painter.vline(present, plot.y_range(), Stroke::new(1.0, live));
    let playhead = axis.x(twin.timeline.playhead());
    painter.vline(playhead, plot.y_range(), Stroke::new(1.5, theme::STRONG));
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    if let Some(from) = state.zoom_from {
        let chosen = Rect::from_two_pos(
            Pos2::new(axis.x(from), plot.top()),
            Pos2::new(pointer.x, plot.bottom()),
        );
        painter.rect_filled(chosen, 0.0, theme::SELECTION.gamma_multiply(0.15));
    }
    let line = Stroke::new(1.0, theme::WEAK);
    marks::paint_dashed_vline(&painter, pointer.x, plot, line);
    let at = axis.at(pointer.x);
    let right = pointer.x > plot.center().x;
    painter.text(
        Pos2::new(pointer.x + if right { -6.0 } else { 6.0 }, plot.top() + 2.0),
        if right {
            Align2::RIGHT_TOP
        } else {
            Align2::LEFT_TOP
        },
        at.format("%H:%M:%S"),
        theme::small_font(),
        theme::STRONG,
    );
}

/// Names and values: at the pointer while it hovers, else at the playhead.
fn legend_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    strip: &Strip,
    rect: Rect,
    hovered_at: Option<Timestamp>,
    actions: &mut Vec<Action>,
) {
    let builder = egui::UiBuilder::new().max_rect(rect);
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        let at = hovered_at.unwrap_or(twin.timeline.playhead());
        for &(place, id) in &strip.signals {
            let signal = twin.scene.signal(id);
            let hidden = state.hidden.contains(&id);
            let colour = theme::colour(palette::SERIES[place % palette::SERIES.len()]);
            let row = legend_row_ui(ui, signal, colour, hidden, &value_at(twin, id, at));
            let mut hint = "Click hides, Alt-click shows only this one".to_owned();
            if let Some(from) = worthless_from(&twin.skill.table, signal) {
                let from = duration_text(from.as_secs_f64());
                hint = format!("Forecasts are worse than no model from {from} ahead\n{hint}");
            }
            let row = row.on_hover_text(hint);
            if row.clicked() {
                if ui.input(|input| input.modifiers.alt) {
                    let others = strip.signals.iter().map(|(_, other)| *other);
                    state.hidden.extend(others);
                    state.hidden.remove(&id);
                } else if !state.hidden.remove(&id) {
                    state.hidden.insert(id);
                }
            }
            row.context_menu(|ui| {
                if state.has_chosen(signal) && ui.button("Remove from the trends").clicked() {
                    actions.push(Action::ToggleTrend(id));
                }
                super::tree::menu_ui(ui, twin, signal.asset, actions);
            });
        }
    });
}

fn legend_row_ui(
    ui: &mut Ui,
    signal: &Signal,
    colour: Color32,
    hidden: bool,
    value: &str,
) -> Response {
    let size = Vec2::new(ui.available_width(), 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let name = format!("{} {value}", signal.full_name);
        egui::WidgetInfo::selected(egui::WidgetType::Checkbox, true, !hidden, name)
    });
    let painter = ui.painter_at(rect);
    let middle = rect.center().y;
    let swatch = Rect::from_center_size(Pos2::new(rect.left() + 6.0, middle), Vec2::new(12.0, 3.0));
    let ink = if hidden { theme::LINE } else { theme::TEXT };
    painter.rect_filled(swatch, 1.0, if hidden { theme::LINE } else { colour });
    let font = egui::FontId::proportional(12.0);
    let value = painter.text(
        Pos2::new(rect.right() - 4.0, middle),
        Align2::RIGHT_CENTER,
        value,
        font.clone(),
        if hidden { theme::LINE } else { theme::STRONG },
    );
    let room = Rect::from_min_max(rect.min, Pos2::new(value.left() - 6.0, rect.bottom()));
    painter.with_clip_rect(room).text(
        Pos2::new(rect.left() + 18.0, middle),
        Align2::LEFT_CENTER,
        &signal.full_name,
        font,
        ink,
    );
    response
}

/// What a signal shows at `at`, with its unit; a dash where nothing is known, dated if stale.
fn value_at(twin: &Twin<'_>, id: SignalId, at: Timestamp) -> String {
    let signal = twin.scene.signal(id);
    let Some(origin) = twin.timeline.origin_at(at) else {
        return NO_VALUE.to_owned();
    };
    let Some(seen) = twin.history.latest_at(origin, id, at) else {
        return NO_VALUE.to_owned();
    };
    let text = signal.value_with_unit(seen.sample.value);
    let measured = matches!(origin, Origin::Measured);
    if measured && seen.is_stale(at, signal.max_age) {
        format!("{text} (stale)")
    } else {
        text
    }
}

/// Click goes there, drag zooms, double click resets, wheel zooms, Shift + wheel shifts.
fn listen(
    ui: &Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    axis: &TimeAxis,
    response: &Response,
    actions: &mut Vec<Action>,
) {
    let now = twin.timeline.now();
    if let Some(pointer) = response.interact_pointer_pos() {
        let at = axis.at(pointer.x.clamp(axis.left, axis.right));
        if response.drag_started_by(PointerButton::Primary) {
            state.zoom_from = Some(at);
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            state.zoom_to(axis, at, now);
        }
        if response.double_clicked() {
            state.window.reset();
        } else if response.clicked() {
            actions.push(Action::Timeline(TimelineCommand::Seek(at)));
        }
        if response.dragged_by(PointerButton::Middle) {
            let secs = f64::from(-response.drag_delta().x) * axis.secs_per_point();
            state.window.pan(axis, secs, now);
        }
    }
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let (wheel, shift) = ui.input(|input| (input.smooth_scroll_delta(), input.modifiers.shift));
    let sideways = if shift { wheel.x + wheel.y } else { wheel.x };
    if sideways != 0.0 {
        let secs = f64::from(-sideways) * axis.secs_per_point();
        state.window.pan(axis, secs, now);
    } else if wheel.y != 0.0 {
        let factor = f64::from(-wheel.y / 200.0).exp();
        state.window.zoom(axis, axis.at(pointer.x), factor, now);
    }
}

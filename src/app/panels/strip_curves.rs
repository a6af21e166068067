//! What is drawn inside a strip: its curves, bands and limits, and the numbers beside it.

use std::time::Duration;

use egui::{Align2, Color32, Painter, Pos2, Rect, Stroke, Ui, Vec2};

use super::axis::{TimeAxis, value_ticks};
use super::curve::{CurveQuery, Detail, ValueAxis};
use super::curve_cache::{CurveCache, CurveKey, Look};
use super::inspector::limit_name;
use super::skill::worthless_from;
use super::strips::Strip;
use super::trend_marks::paint_troubles;
use super::{Twin, marks, theme};
use crate::app::palette;
use crate::scene::{Scene, Signal};
use crate::signal::{Origin, RunId, SignalId};
use crate::simulation::Against;

/// Room for the numbers left of the plots, at least, and at most for the names of states.
const NUMBERS: (f32, f32) = (52.0, 132.0);
/// With more curves than this, each is drawn by its extremes alone.
pub(super) const MANY: usize = 12;
/// With more curves than this on a strip, nobody could tell whose limits and gaps are drawn.
const FEW: usize = 2;

/// The steps in which the value axis grows with what is drawn, of the range that is common.
const AXIS_STEPS: f64 = 100.0;

/// One signal with all that is drawn of it.
pub(super) struct Curves<'a> {
    signal: &'a Signal,
    colour: Color32,
    /// True if its name is under the pointer.
    pointed: bool,
    measured: CurveKey,
    run: Option<CurveKey>,
    band: Option<(CurveKey, CurveKey)>,
    compared: Option<CurveKey>,
    /// Lowest and highest value of all that, SI.
    extent: Option<(f64, f64)>,
    /// From how far ahead its forecasts are worth no more than none.
    worthless: Option<Duration>,
}

impl<'a> Curves<'a> {
    /// Brings up all that is drawn of a signal, which has its place in the trends.
    pub(super) fn look_up(
        twin: &Twin<'a>,
        (place, id): (usize, SignalId),
        pointed: bool,
        axis: &TimeAxis,
        (cache, detail): (&mut CurveCache, Detail),
    ) -> Self {
        let signal = twin.scene.signal(id);
        let steps = !signal.states.is_empty();
        let mut extent: Option<(f64, f64)> = None;
        let mut bring_up = |query: CurveQuery, detail| {
            let own = cache.bring_up(twin.history, query, axis, steps, detail);
            if let Some((low, high)) = own {
                let all = extent.unwrap_or((low, high));
                extent = Some((all.0.min(low), all.1.max(high)));
            }
            (query.origin, query.signal)
        };
        let mut of_run = |run: Option<RunId>, origin: fn(RunId) -> Origin, detail| {
            let record = run.and_then(|run| twin.runs.iter().find(|known| known.id == run));
            record.map(|record| {
                let query = CurveQuery {
                    origin: origin(record.id),
                    signal: id,
                    join_secs: record.scenario.step.as_secs_f64() * 1.5,
                };
                bring_up(query, detail)
            })
        };
        let selected = twin.timeline.selected_run();
        let compared = twin.compared.and_then(Against::run);
        let compared = compared.filter(|run| Some(*run) != selected);
        // The edges of a band have their points at the same places only in full.
        let run = of_run(selected, Origin::Simulated, detail);
        let low = of_run(selected, Origin::BandLow, Detail::Full);
        let high = of_run(selected, Origin::BandHigh, Detail::Full);
        let compared = of_run(compared, Origin::Simulated, detail);
        let measured = bring_up(CurveQuery::measured(id, signal), detail);
        Self {
            signal,
            colour: theme::ink(palette::SERIES[place % palette::SERIES.len()]),
            pointed,
            measured,
            run,
            band: low.zip(high),
            compared,
            extent,
            worthless: worthless_from(&twin.skill.table, signal),
        }
    }
}

/// Paints a strip with its curves.
pub(super) fn paint_strip(
    ui: &Ui,
    twin: &Twin<'_>,
    strip: &Strip,
    (curves, cache): (&[Curves<'_>], &mut CurveCache),
    rect: Rect,
    axis: &TimeAxis,
) {
    let painter = ui.painter_at(rect.expand2(Vec2::new(NUMBERS.1, 0.0)));
    painter.rect_filled(rect, 2.0, theme::sunk());
    if let Some(future) = axis.slice(rect, twin.timeline.now(), axis.to) {
        painter.rect_filled(future, 0.0, theme::beyond());
    }
    let values = value_axis(strip, curves, rect);
    paint_numbers(&painter, strip, curves, &values);

    let painter = painter.with_clip_rect(rect);
    if curves.len() <= FEW {
        for curve in curves {
            paint_troubles(&painter, rect, axis, cache.troubles(curve.measured));
            paint_limits(&painter, curve, &values);
        }
    }
    for curve in curves {
        let trust = if curve.worthless.is_some() { 0.4 } else { 1.0 };
        let fill = curve.colour.gamma_multiply(0.22 * trust);
        if let Some(band) = curve.band {
            cache.paint_band(&painter, band, axis, (strip.unit, values), fill);
        }
    }
    for curve in curves {
        let thin = Stroke::new(1.2, curve.colour.gamma_multiply(0.85));
        // Dashed, as what it says is worth no more than the last value.
        let doubted = curve.worthless.is_some();
        let width = match (curve.pointed, curves.len() > MANY) {
            (true, _) => 3.0,
            // As wide as egui draws with the fewest triangles.
            (false, true) => 0.9,
            (false, false) => 1.6,
        };
        let thick = Stroke::new(width, curve.colour);
        let lines = [
            (curve.compared, thin, true),
            (curve.run, thin, doubted),
            (Some(curve.measured), thick, false),
        ];
        for (key, stroke, dashed) in lines {
            let Some(key) = key else { continue };
            let look = Look {
                unit: strip.unit,
                values,
                stroke,
                dashed,
            };
            cache.paint(&painter, key, axis, look);
        }
    }
    if !strip.states {
        paint_unit(&painter, strip, rect);
    }
}

/// What the strip spans: what is drawn, with limits that are not far off.
fn value_axis(strip: &Strip, curves: &[Curves<'_>], rect: Rect) -> ValueAxis {
    let ranges = curves.iter().map(|curve| curve.signal.range);
    let ordinary = ranges
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((0.0, 1.0));
    let whole = (ordinary.1 - ordinary.0).abs().max(1e-9);
    let extents = curves.iter().filter_map(|curve| curve.extent);
    let drawn = extents.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let (mut low, mut high) = drawn.unwrap_or(ordinary);
    let limits = curves.iter().flat_map(|curve| &curve.signal.limits);
    for limit in limits {
        let (near_low, near_high) = (low - 0.25 * whole, high + 0.25 * whole);
        if (near_low..=near_high).contains(&limit.at) {
            low = low.min(limit.at);
            high = high.max(limit.at);
        }
    }
    // In steps: a value that rises would move all curves in every frame.
    let step = (high - low).max(0.02 * whole).log2().floor().exp2() / AXIS_STEPS;
    low = (low / step).floor() * step;
    high = (high / step).ceil() * step;
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

fn paint_numbers(painter: &Painter, strip: &Strip, curves: &[Curves<'_>], values: &ValueAxis) {
    let rect = values.rect;
    let font = theme::small_font();
    let faint = Stroke::new(1.0, theme::line().gamma_multiply(0.45));
    let row = |value: f64, text: String| {
        let y = values.y(value);
        painter.hline(rect.x_range(), y, faint);
        let inside = (y - 6.0).max(rect.top())..=(y + 6.0).min(rect.bottom());
        if *inside.end() - *inside.start() > 11.0 {
            let at = Pos2::new(rect.left() - 6.0, y);
            painter.text(at, Align2::RIGHT_CENTER, text, font.clone(), theme::weak());
        }
    };
    if strip.states {
        let names = curves.first().map_or(&[][..], |curve| &curve.signal.states);
        // Where they would lie over each other, every second one is left out, or more.
        let apart = (values.y(0.0) - values.y(1.0)).abs().max(0.1);
        let every = (11.0 / apart).ceil().max(1.0) as usize;
        for (place, name) in names.iter().enumerate().step_by(every) {
            row(place as f64, fitting(painter, name, NUMBERS.1 - 10.0));
        }
        return;
    }
    let most = (rect.height() / 20.0).max(3.0) as usize;
    let (ticks, decimals) = value_ticks(values.low, values.high, most);
    for tick in ticks {
        row(tick, format!("{tick:.decimals$}"));
    }
}

/// The unit of the values, over the curves: it is small, and tells what all of them are.
fn paint_unit(painter: &Painter, strip: &Strip, rect: Rect) {
    let corner = rect.left_top() + Vec2::new(4.0, 2.0);
    let symbol = strip.unit.symbol().to_owned();
    let galley = painter.layout_no_wrap(symbol, theme::small_font(), theme::text());
    let ground = Rect::from_min_size(corner, galley.size()).expand2(Vec2::new(3.0, 0.0));
    painter.rect_filled(ground, 2.0, theme::plate(190));
    painter.galley(corner, galley, theme::text());
}

fn paint_limits(painter: &Painter, curve: &Curves<'_>, values: &ValueAxis) {
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

/// What the numbers and the longest name of a state need.
pub(super) fn room_for_numbers(painter: &Painter, scene: &Scene, strips: &[Strip]) -> f32 {
    let states = strips.iter().filter(|strip| strip.states);
    let names = states
        .flat_map(|strip| &strip.signals)
        .flat_map(|(_, id)| &scene.signal(*id).states);
    let widest = names
        .map(|name| text_width(painter, name))
        .fold(0.0, f32::max);
    (widest + 12.0).clamp(NUMBERS.0, NUMBERS.1)
}

fn text_width(painter: &Painter, text: &str) -> f32 {
    let galley = painter.layout_no_wrap(text.to_owned(), theme::small_font(), theme::weak());
    galley.size().x
}

/// The text, or as much of its beginning as fits, with an ellipsis.
fn fitting(painter: &Painter, text: &str, width: f32) -> String {
    let mut shown = text.to_owned();
    let mut letters = text.chars().count();
    while text_width(painter, &shown) > width && letters > 1 {
        letters -= 1;
        shown = text.chars().take(letters).chain(['…']).collect();
    }
    shown
}

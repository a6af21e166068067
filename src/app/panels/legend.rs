//! What colours, shapes and patterns mean: the scale over the view, and a sheet that stands alone.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2};

use super::frame::{mode_meaning, mode_text, paint_border};
use super::inspector::limit_name;
use super::marks::{self, AlarmLook, Body};
use super::theme;
use crate::app::palette;
use crate::app::settings::Theme;
use crate::app::viewport::{HeatLegend, Look};
use crate::scene::{LimitKind, Priority, Scene};
use crate::timeline::Mode;

/// Size of the scale over the view.
pub const SCALE: Vec2 = Vec2::new(204.0, 60.0);
/// Width of the sheet.
const WIDTH: f32 = 440.0;
/// Room around all of it.
const MARGIN: f32 = 20.0;
/// Height of a row that says what a mark means.
const ROW: f32 = 24.0;
/// Height of a section's headline, with the room above it.
const HEAD: f32 = 38.0;
/// Size of a swatch.
const SWATCH: Vec2 = Vec2::new(40.0, 16.0);
/// Where the words of a row begin.
const WORDS: f32 = SWATCH.x + 14.0;

/// All that a legend of a picture says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// What the scene is called.
    title: String,
    /// The scale of the colours that are shown.
    scale: Option<HeatLegend>,
    limits: Vec<LimitRow>,
}

/// A limit of the signals of one name.
#[derive(Clone, Debug, PartialEq)]
struct LimitRow {
    kind: LimitKind,
    priority: Priority,
    /// The lowest and the highest of all assets, in the unit of the scale.
    span: (f64, f64),
}

impl Sheet {
    /// The legend of a scene whose view has these colours.
    pub fn of(scene: &Scene, scale: Option<&HeatLegend>) -> Self {
        Self {
            title: scene.name.clone(),
            scale: scale.cloned(),
            limits: scale.map_or_else(Vec::new, |scale| limits_of(scene, scale)),
        }
    }

    /// How large it is, points.
    pub fn size(&self) -> Vec2 {
        let scales = if self.scale.is_some() { 2.0 } else { 1.0 };
        let scale = HEAD + SCALE.y;
        let rows = self.limits.len() + SIGNS.len() + STATES.len() + MODES.len();
        let heads = 4.0 * HEAD - 14.0;
        let height = 2.0 * MARGIN + heads + scales * scale + rows as f32 * ROW - HEAD;
        Vec2::new(WIDTH, height.ceil())
    }
}

/// The limits of the signals that a scale colours, those of one kind and priority together.
fn limits_of(scene: &Scene, scale: &HeatLegend) -> Vec<LimitRow> {
    let mut rows: Vec<LimitRow> = Vec::new();
    let own = scene.signals.iter();
    let own =
        own.filter(|signal| signal.name == scale.signal && signal.unit.symbol() == scale.unit);
    for signal in own {
        for limit in &signal.limits {
            let at = signal.unit.from_si(limit.at);
            let known =
                |row: &&mut LimitRow| (row.kind, row.priority) == (limit.kind, limit.priority);
            match rows.iter_mut().find(known) {
                Some(row) => row.span = (row.span.0.min(at), row.span.1.max(at)),
                None => rows.push(LimitRow {
                    kind: limit.kind,
                    priority: limit.priority,
                    span: (at, at),
                }),
            }
        }
    }
    rows.sort_by(|one, two| two.span.1.total_cmp(&one.span.1));
    rows
}

/// The scale of colours as it stands over the view and on the sheet, within `ground`.
pub fn paint_scale(painter: &Painter, ground: Rect, legend: &HeatLegend) {
    painter.rect_filled(ground, 4.0, theme::plate(150));
    let bar = bar_of(ground);
    let columns = 60;
    for column in 0..columns {
        let share = |place: usize| place as f32 / columns as f32;
        let left = bar.left() + share(column) * bar.width();
        // A little under the next one: no seam shows, whoever draws it.
        let right = bar.left() + share(column + 1) * bar.width() + 0.5;
        let right = right.min(bar.right());
        let slice = Rect::from_x_y_ranges(left..=right, bar.y_range());
        let colour = theme::colour(palette::heat_colour(share(column)));
        painter.rect_filled(slice, 0.0, colour);
    }
    let title = match legend.unit.as_str() {
        "" => legend.label.clone(),
        unit => format!("{}, {unit}", legend.label),
    };
    let font = FontId::proportional(12.0);
    let above = bar.left_top() - Vec2::new(0.0, 5.0);
    painter.text(above, Align2::LEFT_BOTTOM, title, font, theme::strong());
    let (low, high) = legend.range;
    for (at, align, value) in [
        (bar.left_bottom(), Align2::LEFT_TOP, low),
        (bar.right_bottom(), Align2::RIGHT_TOP, high),
    ] {
        let text = number(value, legend.range);
        let below = at + Vec2::new(0.0, 3.0);
        painter.text(below, align, text, theme::small_font(), theme::text());
    }
}

/// Where the colours lie within the ground of a scale.
fn bar_of(ground: Rect) -> Rect {
    Rect::from_min_max(
        ground.min + Vec2::new(12.0, 26.0),
        ground.max - Vec2::new(12.0, 24.0),
    )
}

/// A value with as many digits as tell the colours of a scale apart.
fn number(value: f64, (low, high): (f64, f64)) -> String {
    let decimals = (2.0 - (high - low).abs().max(1e-6).log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

/// Alarms by their mark.
const SIGNS: [(AlarmLook, &str); 6] = [
    (
        AlarmLook::steady(Priority::Urgent, true),
        "Priority 1, urgent: act now",
    ),
    (
        AlarmLook::steady(Priority::High, true),
        "Priority 2, high: act soon",
    ),
    (
        AlarmLook::steady(Priority::Low, true),
        "Priority 3, low: act when there is time",
    ),
    (
        AlarmLook::steady(Priority::High, false),
        "Outline: within its limit again",
    ),
    (
        AlarmLook {
            priority: Priority::High,
            body: Body::Filled,
            ringed: true,
        },
        "Flashing, in a picture with a ring: not acknowledged",
    ),
    (
        AlarmLook::expected(Priority::High),
        "Broken outline: expected, not there yet",
    ),
];

/// How an asset may look.
#[derive(Clone, Copy)]
enum State {
    Hatched,
    Dimmed,
    Selected,
    Ghost,
    Emulated,
}

const STATES: [(State, &str); 5] = [
    (State::Hatched, "Hatched: the value is old, bad or unknown"),
    (State::Dimmed, "Dim: it has no value of these colours"),
    (State::Selected, "Selected"),
    (
        State::Ghost,
        "Ghost: what a run says, where it looks different",
    ),
    (State::Emulated, "DEMO: the plant is emulated, not real"),
];

const MODES: [Mode; 4] = [Mode::Live, Mode::History, Mode::Simulated, Mode::Beyond];

/// The sheet, at the upper left of what there is.
pub fn sheet_ui(ui: &mut Ui, sheet: &Sheet) {
    theme::apply(ui.ctx(), Theme::Dark, Look::Operate, true);
    let whole = Rect::from_min_size(ui.max_rect().min, sheet.size());
    let painter = ui.painter().clone();
    painter.rect_filled(whole, 0.0, theme::panel());
    let mut at = whole.min + Vec2::splat(MARGIN);
    let head = |at: &mut Pos2, text: &str| {
        let font = FontId::proportional(13.0);
        painter.text(*at, Align2::LEFT_TOP, text, font, theme::strong());
        at.y += HEAD - 14.0;
    };
    let words = |at: Pos2, text: &str, ink: Color32| {
        let place = at + Vec2::new(WORDS, ROW / 2.0 - 2.0);
        let font = FontId::proportional(12.0);
        painter.text(place, Align2::LEFT_CENTER, text, font, ink);
    };
    let scale_rect = |at: Pos2| Rect::from_min_size(at, Vec2::new(WIDTH - 2.0 * MARGIN, SCALE.y));
    if let Some(scale) = &sheet.scale {
        head(&mut at, &format!("{}: colours", sheet.title));
        let ground = scale_rect(at);
        paint_scale(&painter, ground, scale);
        paint_limits(&painter, bar_of(ground), scale, &sheet.limits);
        at.y += SCALE.y + 6.0;
        for row in &sheet.limits {
            let mark = at + Vec2::new(SWATCH.x / 2.0, ROW / 2.0 - 2.0);
            let look = AlarmLook::steady(row.priority, true);
            marks::paint_alarm(&painter, mark, 14.0, look);
            words(at, &limit_text(row, scale), theme::text());
            at.y += ROW;
        }
        at.y += 8.0;
    }
    if sheet
        .scale
        .as_ref()
        .is_none_or(|scale| !scale.signal.is_empty())
    {
        head(&mut at, "Differences, where two tellings are compared");
        let differences = HeatLegend::of_differences("the other telling");
        paint_scale(&painter, scale_rect(at), &differences);
        at.y += SCALE.y + 14.0;
    }
    head(&mut at, "Alarms");
    for (look, text) in SIGNS {
        let mark = at + Vec2::new(SWATCH.x / 2.0, ROW / 2.0 - 2.0);
        marks::paint_alarm(&painter, mark, 15.0, look);
        words(at, text, theme::text());
        at.y += ROW;
    }
    at.y += 14.0;
    head(&mut at, "Assets");
    for (state, text) in STATES {
        let swatch = Rect::from_min_size(at + Vec2::new(0.0, ROW / 2.0 - 10.0), SWATCH);
        paint_state(&painter, swatch, state);
        words(at, text, theme::text());
        at.y += ROW;
    }
    at.y += 14.0;
    head(&mut at, "Frame of the picture");
    for mode in MODES {
        let swatch = Rect::from_min_size(at + Vec2::new(0.0, ROW / 2.0 - 10.0), SWATCH);
        painter.rect_filled(swatch, 0.0, theme::window());
        paint_border(ui, swatch, mode);
        let name = mode_text(mode);
        let ink = theme::ink(palette::mode_colour(mode));
        words(at, name, ink);
        let meaning = mode_meaning(mode).split(". ").next().unwrap_or_default();
        words(at + Vec2::new(86.0, 0.0), meaning, theme::text());
        at.y += ROW;
    }
}

/// Marks limits under the bar of a scale.
fn paint_limits(painter: &Painter, bar: Rect, scale: &HeatLegend, limits: &[LimitRow]) {
    let (low, high) = scale.range;
    let along = |value: f64| {
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0) as f32;
        bar.left() + share * bar.width()
    };
    for row in limits {
        let colour = marks::priority_colour(row.priority);
        let inside = row.span.1 >= low && row.span.0 <= high;
        if !inside {
            continue;
        }
        let (from, to) = (along(row.span.0), along(row.span.1));
        let below = bar.bottom() + 1.5;
        if to - from > 3.0 {
            let span = Rect::from_x_y_ranges(from..=to, below..=below + 3.0);
            painter.rect_filled(span, 0.0, colour);
        } else {
            let tip = Pos2::new((from + to) / 2.0, bar.bottom() - 3.0);
            let foot = [Vec2::new(4.5, 8.0), Vec2::new(-4.5, 8.0)];
            let points = vec![tip, tip + foot[0], tip + foot[1]];
            let line = Stroke::new(1.0, theme::sunk());
            painter.add(Shape::convex_polygon(points, colour, line));
        }
    }
}

/// A limit in words.
fn limit_text(row: &LimitRow, scale: &HeatLegend) -> String {
    let side = if row.kind.is_upper() {
        "above"
    } else {
        "below"
    };
    let number = |value| number(value, scale.range);
    let (from, to) = (number(row.span.0), number(row.span.1));
    let name = limit_name(row.kind);
    let unit = &scale.unit;
    if from == to {
        format!("{name}, alarm {side} {from} {unit}")
    } else {
        format!("{name}, alarm {side} {from} to {to} {unit}, by asset")
    }
}

fn paint_state(painter: &Painter, swatch: Rect, state: State) {
    let matter = Color32::from_gray(128);
    match state {
        State::Hatched => {
            painter.rect_filled(swatch, 1.0, Color32::from_gray(100));
            marks::paint_hatch(painter, swatch, Color32::from_gray(30));
        }
        State::Dimmed => {
            painter.rect_filled(swatch, 1.0, Color32::from_gray(58));
        }
        State::Selected => {
            painter.rect_filled(swatch, 1.0, matter);
            let line = Stroke::new(2.0, theme::selection());
            painter.rect_stroke(swatch, 1.0, line, egui::StrokeKind::Inside);
        }
        State::Ghost => {
            let colour = theme::colour(palette::mode_colour(Mode::Simulated));
            painter.rect_filled(swatch, 1.0, colour.gamma_multiply(0.45));
        }
        State::Emulated => {
            painter.rect_filled(swatch, 3.0, theme::colour(palette::DEMO));
        }
    }
}

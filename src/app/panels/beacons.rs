//! The alarms over the 3D view: badges with a line to their asset, clusters with their counts,
//! arrows at the edge to what is out of sight, outlines for what is expected.

use std::collections::BTreeMap;

use egui::{
    Align2, FontId, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, WidgetType,
};

use super::alarms::rows::go_to;
use super::marks::{self, AlarmLook};
use super::{Twin, predictions, theme};
use crate::app::action::Action;
use crate::app::beacons::{self, Alarmed, Bounds, Mark, MarkKind};
use crate::scene::{AssetIndex, Priority};
use crate::timeline::Mode;

/// From an asset to its badge, points.
const BESIDE: Vec2 = Vec2::new(15.0, -12.0);
/// Side of a badge.
const SIDE: f32 = 17.0;
/// Half of the plate behind it.
const PLATE: f32 = 11.0;

/// What is known of the alarms of an asset.
#[derive(Clone, Copy)]
struct Tally {
    active: usize,
    expected: usize,
    priority: Priority,
    waits: bool,
}

/// The marks of the shown alarms, points from the upper left corner of `view`.
pub fn marks_of(twin: &Twin<'_>, view: Rect) -> Vec<Mark> {
    let tallies = tallies(twin);
    let sights = twin.picture.sights.iter();
    let alarmed = sights.filter_map(|sight| {
        let tally = tallies.get(&sight.asset)?;
        Some(Alarmed {
            asset: sight.asset,
            sight: sight.sight,
            active: tally.active,
            expected: tally.expected,
            priority: tally.priority,
            waits: tally.waits,
        })
    });
    let alarmed: Vec<_> = alarmed.collect();
    let (seen, edge) = bounds(view);
    beacons::marks(&alarmed, seen, edge)
}

/// What is seen, and where arrows stand: clear of tools and bookmarks.
fn bounds(view: Rect) -> (Bounds, Bounds) {
    let (width, height) = (view.width(), view.height());
    let side = 28.0_f32.min(width / 2.0);
    let (top, bottom) = (66.0_f32.min(height / 2.0), 64.0_f32.min(height / 2.0));
    let seen = [0.0, 0.0, width, height];
    (seen, [side, top, width - side, height - bottom])
}

fn tallies(twin: &Twin<'_>) -> BTreeMap<AssetIndex, Tally> {
    let mut tallies: BTreeMap<AssetIndex, Tally> = BTreeMap::new();
    for alarm in twin.alarms.iter().filter(|alarm| alarm.state.is_active()) {
        let tally = tallies
            .entry(twin.scene.signal(alarm.signal).asset)
            .or_insert(Tally {
                active: 0,
                expected: 0,
                priority: alarm.priority,
                waits: false,
            });
        tally.active += 1;
        tally.priority = tally.priority.min(alarm.priority);
        tally.waits |= !alarm.state.is_acknowledged();
    }
    let selected = twin.timeline.selected_run();
    let run = twin.runs.iter().find(|run| Some(run.id) == selected);
    if let Some(run) = run.filter(|_| twin.timeline.mode() != Mode::History) {
        for breach in predictions::marked(run, twin) {
            let signal = twin.scene.signal(breach.signal);
            let Some(limit) = signal.limits.get(breach.limit) else {
                continue;
            };
            let tally = tallies.entry(signal.asset).or_insert(Tally {
                active: 0,
                expected: 0,
                priority: limit.priority,
                waits: false,
            });
            tally.expected += 1;
            if tally.active == 0 {
                tally.priority = tally.priority.min(limit.priority);
            }
        }
    }
    tallies
}

/// Where the marks stand, for what must not lie over them.
pub fn covered(view: Rect, marks: &[Mark]) -> impl Iterator<Item = Rect> {
    marks.iter().map(move |mark| place(view, mark))
}

/// Where a mark is painted.
fn centre(view: Rect, mark: &Mark) -> Pos2 {
    let at = view.min + Vec2::from(mark.at);
    match mark.kind {
        MarkKind::Arrow(_) => at,
        MarkKind::Badge | MarkKind::Cluster => {
            let inside = view.shrink(PLATE + 1.0);
            (at + BESIDE).clamp(inside.min.min(inside.max), inside.max)
        }
    }
}

/// What a mark takes of the view.
fn place(view: Rect, mark: &Mark) -> Rect {
    let plate = Rect::from_center_size(centre(view, mark), Vec2::splat(2.0 * PLATE));
    let Some(text) = count_text(mark) else {
        return plate;
    };
    let width = 7.0 * text.chars().count() as f32 + 5.0;
    if counts_left(mark) {
        plate.with_min_x(plate.left() - width)
    } else {
        plate.with_max_x(plate.right() + width)
    }
}

/// True for arrows to the right, whose tip stands where the count of others does.
fn counts_left(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::Arrow([right, _]) if right > 0.1)
}

/// How many there are, where it is not one.
fn count_text(mark: &Mark) -> Option<String> {
    match (mark.active, mark.expected) {
        (0 | 1, 0) | (0, 1) => None,
        (active, 0) => Some(active.to_string()),
        (0, expected) => Some(expected.to_string()),
        (active, expected) => Some(format!("{active}+{expected}")),
    }
}

/// Paints the marks, the most urgent on top.
pub fn paint(ui: &Ui, painter: &Painter, view: Rect, marks: &[Mark]) {
    for mark in marks.iter().rev() {
        paint_mark(ui, painter, view, mark);
    }
}

fn paint_mark(ui: &Ui, painter: &Painter, view: Rect, mark: &Mark) {
    let colour = marks::priority_colour(mark.priority);
    let centre = centre(view, mark);
    let at = view.min + Vec2::from(mark.at);
    let ground = theme::plate(190);
    match mark.kind {
        MarkKind::Arrow(towards) => {
            let towards = Vec2::from(towards);
            let across = Vec2::new(-towards.y, towards.x);
            let foot = centre + towards * (PLATE + 1.0);
            let points = vec![
                foot + towards * 9.0,
                foot + across * 7.0,
                foot - across * 7.0,
            ];
            let stroke = Stroke::new(1.0, ground);
            painter.add(Shape::convex_polygon(points, colour, stroke));
        }
        MarkKind::Badge | MarkKind::Cluster => {
            painter.line_segment([at, centre], Stroke::new(3.0, ground));
            painter.line_segment([at, centre], Stroke::new(1.0, colour));
            painter.circle_filled(at, 2.5, colour);
        }
    }
    painter.rect_filled(place(view, mark), PLATE, ground);
    let look = match mark.active {
        0 => AlarmLook::expected(mark.priority),
        _ => AlarmLook::of_mark(ui, mark.priority, mark.waits, true),
    };
    marks::paint_alarm(painter, centre, SIDE, look);
    if let Some(text) = count_text(mark) {
        let font = FontId::proportional(12.5);
        // A ring is wider than the mark that it stands around, and comes and goes.
        let may_have_ring = mark.waits && mark.active > 0;
        let side = PLATE + if may_have_ring { 5.0 } else { 0.0 };
        let (side, align) = if counts_left(mark) {
            (-side, Align2::RIGHT_CENTER)
        } else {
            (side, Align2::LEFT_CENTER)
        };
        let at = centre + Vec2::new(side, 0.0);
        painter.text(at, align, text, font, theme::strong());
    }
}

/// Takes the clicks on the marks: each goes to the most urgent asset it stands for.
pub fn press(ui: &Ui, view: Rect, twin: &Twin<'_>, marks: &[Mark], actions: &mut Vec<Action>) {
    for mark in marks {
        let Some(asset) = mark.assets.first().copied() else {
            continue;
        };
        let is_arrow = matches!(mark.kind, MarkKind::Arrow(_));
        let id = ui.id().with(("beacon", asset, is_arrow));
        let rect = place(view, mark).intersect(view);
        let response = ui.interact(rect, id, Sense::click());
        let name = words(mark, twin);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
        let response = response.on_hover_ui(|ui| {
            ui.label(&name);
            for asset in mark.assets.iter().take(6) {
                ui.label(theme::note(&twin.scene.asset(*asset).tag));
            }
            if mark.assets.len() > 6 {
                ui.label(theme::note(format!("and {} more", mark.assets.len() - 6)));
            }
        });
        if response.clicked() {
            go_to(asset, actions);
        }
    }
}

/// A mark in words, for those who do not see it.
fn words(mark: &Mark, twin: &Twin<'_>) -> String {
    let alarms = match (mark.active, mark.expected) {
        (1, 0) => "1 alarm".to_owned(),
        (active, 0) => format!("{active} alarms"),
        (0, expected) => format!("{expected} expected"),
        (1, expected) => format!("1 alarm and {expected} expected"),
        (active, expected) => format!("{active} alarms and {expected} expected"),
    };
    let place = match mark.kind {
        MarkKind::Badge => {
            let tag = mark
                .assets
                .first()
                .map(|asset| &twin.scene.asset(*asset).tag);
            format!("at {}", tag.map_or("", String::as_str))
        }
        MarkKind::Cluster => format!("at {} assets", mark.assets.len()),
        MarkKind::Arrow(towards) => format!("out of sight {}", direction_text(towards)),
    };
    let number = marks::priority_number(mark.priority);
    format!("{alarms} {place}, priority {number}")
}

fn direction_text([right, down]: [f32; 2]) -> &'static str {
    let part = |share: f32| (share * 1.3).round() as i32;
    match (part(right), part(down)) {
        (1, 0) => "to the right",
        (-1, 0) => "to the left",
        (0, -1) => "above",
        (1, 1) => "below right",
        (-1, 1) => "below left",
        (1, -1) => "above right",
        (-1, -1) => "above left",
        _ => "below",
    }
}

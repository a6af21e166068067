//! Labels over the plant: tag and values on a pill, with a line to its asset.
//!
//! Labels never lie over each other: the more important one stays. Those of what is
//! selected or hovered are always drawn.

use std::sync::Arc;

use egui::{FontId, Galley, Painter, Pos2, Rect, Stroke, Vec2};
use egui_phosphor::regular as icon;

use super::marks;
use super::predictions;
use super::reading::{Reading, Trust};
use super::{Twin, theme};
use crate::app::viewport::{ViewLabel, ViewPicture};
use crate::time::duration_text;
use crate::timeline::Mode;

/// How high a label floats over its foot, points.
const LIFT: f32 = 26.0;
const PAD: Vec2 = Vec2::new(6.0, 3.0);
const LINE: f32 = 15.0;
/// At most this many values on a label that is not strong.
const VALUES: usize = 2;

/// A label that is laid out.
struct Pill {
    rect: Rect,
    foot: Pos2,
    tag: Arc<Galley>,
    values: Vec<(Arc<Galley>, Trust)>,
    /// What is expected of it.
    ahead: Option<Arc<Galley>>,
    strong: bool,
}

/// Paints what fits, the most important on top, and nothing where it is `covered`.
pub fn paint_labels(painter: &Painter, view: Rect, twin: &Twin<'_>, covered: Vec<Rect>) {
    let covered_at_top = covered.clone();
    let mut taken = covered;
    let mut pills: Vec<Pill> = Vec::new();
    let labels = &twin.picture.labels;
    let strong = labels.iter().rev().filter(|label| label.strong);
    let others = labels.iter().rev().filter(|label| !label.strong);
    for label in strong.chain(others) {
        let Some(mut pill) = lay_out(painter, view, twin, label) else {
            continue;
        };
        if label.strong && covered_at_top.iter().any(|top| top.intersects(pill.rect)) {
            // It is always drawn, and must be read.
            let below = 2.0 * (pill.foot.y - pill.rect.center().y);
            pill.rect = pill.rect.translate(Vec2::new(0.0, below));
        }
        let free = !taken.iter().any(|other| other.intersects(pill.rect));
        if label.strong || free {
            taken.push(pill.rect.expand(2.0));
            pills.push(pill);
        }
    }
    for pill in pills.iter().rev() {
        paint(painter, pill);
    }
}

/// Writes the values of contour lines on them, unless something lies there.
pub fn paint_levels(painter: &Painter, view: Rect, picture: &ViewPicture, covered: Option<Rect>) {
    for level in &picture.levels {
        let at = view.min + Vec2::from(level.at);
        let font = FontId::proportional(10.5);
        let galley = painter.layout_no_wrap(level.text.clone(), font, theme::strong());
        let plate = Rect::from_center_size(at, galley.size() + Vec2::new(6.0, 0.0));
        let is_free = covered.is_none_or(|covered| !covered.intersects(plate));
        if is_free && view.contains_rect(plate) {
            painter.rect_filled(plate, 3.0, theme::plate(150));
            painter.galley(plate.min + Vec2::new(3.0, 0.0), galley, theme::strong());
        }
    }
}

fn lay_out(painter: &Painter, view: Rect, twin: &Twin<'_>, label: &ViewLabel) -> Option<Pill> {
    let asset = twin.scene.assets.get(label.asset.index())?;
    let ink = if label.strong {
        theme::strong()
    } else {
        theme::text()
    };
    let own = twin.notes.iter();
    let own = own.filter(|note| note.tag.as_deref() == Some(&asset.tag));
    let name = match own.count() {
        0 => asset.tag.clone(),
        notes => format!("{}  {} {notes}", asset.tag, icon::NOTE),
    };
    let tag = painter.layout_no_wrap(name, FontId::proportional(11.5), ink);
    let shown = asset
        .signal_ids()
        .filter(|id| twin.scene.signal(*id).shown)
        .take(if label.strong { usize::MAX } else { VALUES });
    let values: Vec<_> = shown
        .map(|id| {
            let reading = Reading::of(twin, id);
            let mut text = reading.value_with_unit(twin.scene.signal(id));
            if matches!(reading.trust, Trust::Stale | Trust::Unlinked) {
                text = format!("{text}  {}", duration_text(reading.age_secs));
            }
            if let Some(band) = reading.band_text(twin, id) {
                text = format!("{text}  ({band})");
            }
            let ink = marks::trust_colour(reading.trust);
            let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), ink);
            (galley, reading.trust)
        })
        .collect();
    // Elsewhere on the time bar the plant itself shows what comes.
    let is_live = twin.timeline.mode() == Mode::Live;
    let ahead = is_live.then(|| predictions::of_asset(twin, label.asset));
    let ahead = ahead.iter().flatten().next().map(|prediction| {
        let text = format!("{}  {}", icon::CLOCK_COUNTDOWN, prediction.brief(twin));
        let ink = marks::priority_colour(prediction.limit.priority);
        painter.layout_no_wrap(text, FontId::proportional(11.5), ink)
    });
    let widest = values
        .iter()
        .map(|(galley, _)| galley.size().x)
        .chain(ahead.iter().map(|galley| galley.size().x))
        .fold(tag.size().x, f32::max);
    let lines = 1 + values.len() + usize::from(ahead.is_some());
    let size = Vec2::new(widest, lines as f32 * LINE) + 2.0 * PAD;
    let foot = view.min + Vec2::from(label.at);
    // What is at the edge of the view is read as well.
    let most = (view.right() - size.x).max(view.left());
    let left = (foot.x - size.x / 2.0).clamp(view.left(), most);
    let rect = Rect::from_min_size(Pos2::new(left, foot.y - LIFT - size.y), size);
    view.intersects(rect).then_some(Pill {
        rect,
        foot,
        tag,
        values,
        ahead,
        strong: label.strong,
    })
}

fn paint(painter: &Painter, pill: &Pill) {
    let line = if pill.strong {
        theme::selection()
    } else {
        theme::weak().gamma_multiply(0.6)
    };
    let neck = if pill.rect.top() > pill.foot.y {
        pill.rect.top()
    } else {
        pill.rect.bottom()
    };
    let (left, right) = (pill.rect.left() + 4.0, pill.rect.right() - 4.0);
    let neck = Pos2::new(pill.foot.x.clamp(left, right), neck);
    painter.line_segment([neck, pill.foot], Stroke::new(1.0, line));
    painter.circle_filled(pill.foot, 2.0, line);
    painter.rect_filled(
        pill.rect,
        4.0,
        theme::plate(if pill.strong { 230 } else { 205 }),
    );
    if pill.strong {
        let outline = Stroke::new(1.0, theme::selection());
        painter.rect_stroke(pill.rect, 4.0, outline, egui::StrokeKind::Inside);
    }
    let mut at = pill.rect.min + PAD;
    painter.galley(at, Arc::clone(&pill.tag), theme::text());
    for (galley, trust) in &pill.values {
        at.y += LINE;
        let row = Rect::from_min_size(at, Vec2::new(pill.rect.width() - 2.0 * PAD.x, LINE));
        if !matches!(trust, Trust::Good | Trust::Uncertain(_)) {
            marks::paint_hatch(painter, row, theme::line());
        }
        painter.galley(at, Arc::clone(galley), theme::text());
    }
    if let Some(galley) = &pill.ahead {
        at.y += LINE;
        painter.galley(at, Arc::clone(galley), theme::text());
    }
}

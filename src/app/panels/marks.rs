//! Marks that carry meaning by shape before colour: alarms, quality, missing data.

use egui::epaint::{CircleShape, RectShape};
use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2,
};

use super::reading::Trust;
use super::theme;
use crate::alarm::{Alarm, AlarmState, Standing};
use crate::app::palette;
use crate::scene::Priority;

/// Seconds of one half of a flash: slow, about one flash a second.
const FLASH_SECS: f64 = 0.6;

/// The number an operator knows a priority by.
pub const fn priority_number(priority: Priority) -> u8 {
    match priority {
        Priority::Urgent => 1,
        Priority::High => 2,
        Priority::Low => 3,
    }
}

/// A priority in a word.
pub const fn priority_name(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "urgent",
        Priority::High => "high",
        Priority::Low => "low",
    }
}

/// A priority's colour as lines and letters.
pub fn priority_colour(priority: Priority) -> Color32 {
    theme::priority_ink(priority)
}

/// A state of ISA-18.2 in words.
pub const fn state_text(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Normal => "Normal",
        AlarmState::Unacknowledged => "Unacknowledged",
        AlarmState::Acknowledged => "Acknowledged",
        AlarmState::ReturnedUnacknowledged => "Returned, unacknowledged",
    }
}

/// Where an alarm stands, in words.
pub fn standing_text(standing: Standing) -> &'static str {
    match standing {
        Standing::Latched => "Latched",
        Standing::Shelved => "Shelved",
        Standing::Suppressed => "Suppressed by design",
        Standing::OutOfService => "Out of service",
        other => state_text(other.state()),
    }
}

/// The alarms that a list shows: all but those that are over.
pub fn listed(alarms: &[Alarm]) -> impl Iterator<Item = &Alarm> {
    let listed = |alarm: &&Alarm| alarm.state != AlarmState::Normal;
    alarms.iter().filter(listed)
}

/// How an alarm's mark is to be drawn at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlarmLook {
    /// How urgent.
    pub priority: Priority,
    /// What is within its outline, and how that is drawn.
    pub body: Body,
    /// With a ring: it waits to be acknowledged, and does not show so by its body now.
    pub ringed: bool,
}

/// How the shape of a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Filled: past its limit.
    Filled,
    /// An outline: within its limit again, or the dark half of a flash, which has a ring.
    Outline,
    /// A broken outline: expected, not there yet.
    Broken,
}

impl AlarmLook {
    /// The look of `alarm` now: only unacknowledged alarms flash, and none with reduced motion.
    pub fn of(ui: &Ui, alarm: &Alarm) -> Self {
        let flashes = alarm.state == AlarmState::Unacknowledged;
        Self::of_mark(ui, alarm.priority, flashes, alarm.state.is_active())
    }

    /// The look of a mark that `flashes` now, unless motion is reduced, or is `filled`.
    pub fn of_mark(ui: &Ui, priority: Priority, flashes: bool, filled: bool) -> Self {
        if !flashes {
            return Self::steady(priority, filled);
        }
        if theme::motion_is_reduced(ui) {
            return Self::flashing(priority, None);
        }
        let time = ui.input(|input| input.time);
        ui.ctx().request_repaint_after_secs(FLASH_SECS as f32);
        Self::flashing(priority, Some(time))
    }

    /// A mark that flashes, at `time` in s, or stands still. At every instant it differs from all
    /// marks that do not wait by its shape: it has a ring, or it is filled and about to have one.
    pub fn flashing(priority: Priority, time: Option<f64>) -> Self {
        let is_dark = time.is_some_and(|time| !((time / FLASH_SECS) as u64).is_multiple_of(2));
        Self {
            priority,
            body: if is_dark { Body::Outline } else { Body::Filled },
            ringed: is_dark || time.is_none(),
        }
    }

    /// A mark that does not flash.
    pub const fn steady(priority: Priority, filled: bool) -> Self {
        Self {
            priority,
            body: if filled { Body::Filled } else { Body::Outline },
            ringed: false,
        }
    }

    /// The mark of what is expected and not there yet.
    pub const fn expected(priority: Priority) -> Self {
        Self {
            priority,
            body: Body::Broken,
            ringed: false,
        }
    }
}

/// The most urgent of some alarms, those past their limit before those that returned.
pub fn most_urgent<'a>(alarms: impl Iterator<Item = &'a Alarm>) -> Option<&'a Alarm> {
    alarms
        .filter(|alarm| alarm.state != AlarmState::Normal)
        .min_by_key(|alarm| {
            (
                !alarm.state.is_active(),
                alarm.priority,
                alarm.state.is_acknowledged(),
            )
        })
}

/// Paints an alarm: square, triangle or circle by priority, with its number.
pub fn paint_alarm(painter: &Painter, centre: Pos2, size: f32, look: AlarmLook) {
    painter.extend(alarm_shapes(centre, size, look));
    let ink = match look.body {
        Body::Filled => Color32::from_rgb(16, 16, 16),
        Body::Outline | Body::Broken => priority_colour(look.priority),
    };
    // The number stands in the wide part of a triangle.
    let shift = match look.priority {
        Priority::High => size * 0.1,
        Priority::Urgent | Priority::Low => 0.0,
    };
    painter.text(
        centre + Vec2::new(0.0, shift),
        Align2::CENTER_CENTER,
        priority_number(look.priority),
        FontId::proportional(size * 0.66),
        ink,
    );
}

/// What an alarm's mark is made of, without its number.
fn alarm_shapes(centre: Pos2, size: f32, look: AlarmLook) -> Vec<Shape> {
    let colour = priority_colour(look.priority);
    let fill = match look.body {
        Body::Filled => theme::colour(palette::priority_colour(look.priority)),
        Body::Outline | Body::Broken => theme::sunk(),
    };
    let stroke = Stroke::new(1.5, colour);
    let mut shapes = Vec::new();
    if look.ringed {
        let ring = Stroke::new(1.5, theme::strong());
        shapes.push(Shape::circle_stroke(centre, size * 0.75, ring));
    }
    if look.body != Body::Broken {
        shapes.push(whole(look.priority, centre, size, fill, stroke));
        return shapes;
    }
    shapes.push(whole(look.priority, centre, size, fill, Stroke::NONE));
    let mut outline = outline(look.priority, centre, size);
    outline.push(outline[0]);
    let dash = size * 0.22;
    shapes.extend(Shape::dashed_line(&outline, stroke, dash, dash * 0.8));
    shapes
}

/// A priority's shape in one piece.
fn whole(priority: Priority, centre: Pos2, size: f32, fill: Color32, stroke: Stroke) -> Shape {
    match priority {
        Priority::Urgent => {
            let rect = Rect::from_center_size(centre, Vec2::splat(size - 1.5));
            RectShape::new(rect, 1.0, fill, stroke, egui::StrokeKind::Middle).into()
        }
        Priority::High => Shape::convex_polygon(outline(priority, centre, size), fill, stroke),
        Priority::Low => CircleShape {
            center: centre,
            radius: size / 2.0 - 0.75,
            fill,
            stroke,
        }
        .into(),
    }
}

/// The corners of a priority's shape.
fn outline(priority: Priority, centre: Pos2, size: f32) -> Vec<Pos2> {
    let half = size / 2.0;
    match priority {
        Priority::Urgent => {
            let rect = Rect::from_center_size(centre, Vec2::splat(size - 1.5));
            vec![
                rect.left_top(),
                rect.right_top(),
                rect.right_bottom(),
                rect.left_bottom(),
            ]
        }
        Priority::High => vec![
            centre + Vec2::new(0.0, -half),
            centre + Vec2::new(half, half * 0.85),
            centre + Vec2::new(-half, half * 0.85),
        ],
        Priority::Low => {
            const CORNERS: usize = 24;
            let corner = |place: usize| {
                let turn = std::f32::consts::TAU * place as f32 / CORNERS as f32;
                centre + (half - 0.75) * Vec2::angled(turn)
            };
            (0..CORNERS).map(corner).collect()
        }
    }
}

/// An alarm's mark as a widget in a row.
pub fn alarm_mark_ui(ui: &mut Ui, look: AlarmLook, description: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
    paint_alarm(ui.painter(), rect.center(), 14.0, look);
    response.on_hover_text(description)
}

/// A phosphor icon for a trust that is not good.
pub const fn trust_icon(trust: Trust) -> Option<&'static str> {
    use egui_phosphor::regular as icon;
    match trust {
        Trust::Good => None,
        Trust::Uncertain(_) => Some(icon::QUESTION),
        Trust::Bad(_) => Some(icon::X_CIRCLE),
        Trust::Stale => Some(icon::CLOCK_COUNTDOWN),
        Trust::Unlinked => Some(icon::PLUGS),
        Trust::Missing => Some(icon::MINUS_CIRCLE),
    }
}

/// The colour of a value: bright only if it may be used.
pub fn trust_colour(trust: Trust) -> Color32 {
    match trust {
        Trust::Good => theme::strong(),
        Trust::Uncertain(_) => theme::text(),
        Trust::Bad(_) | Trust::Stale | Trust::Unlinked | Trust::Missing => theme::weak(),
    }
}

/// Diagonal lines over `rect`: what is here is old, unknown or not computed.
pub fn paint_hatch(painter: &Painter, rect: Rect, colour: Color32) {
    const STEP: f32 = 6.0;
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let stroke = Stroke::new(1.0, colour);
    // Anchored to the screen, so that neighbouring areas join without a seam.
    let first = ((rect.left() - rect.height()) / STEP).floor() as i32;
    let last = (rect.right() / STEP).ceil() as i32;
    for place in first..=last {
        let x = place as f32 * STEP;
        let foot = Pos2::new(x, rect.bottom());
        painter.line_segment(
            [foot, foot + Vec2::new(rect.height(), -rect.height())],
            stroke,
        );
    }
}

/// A vertical dashed line.
pub fn paint_dashed_vline(painter: &Painter, x: f32, rect: Rect, stroke: Stroke) {
    let ends = [Pos2::new(x, rect.top()), Pos2::new(x, rect.bottom())];
    painter.extend(Shape::dashed_line(&ends, stroke, 4.0, 3.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_every_instant_an_alarm_looks_other_than_what_is_expected() {
        let shapes = |look| alarm_shapes(Pos2::new(20.0, 20.0), 14.0, look);
        for priority in [Priority::Urgent, Priority::High, Priority::Low] {
            let expected = shapes(AlarmLook::expected(priority));
            assert!(expected.len() > 5, "its outline is broken into dashes");
            let mut dark = 0;
            for tenth in 0..40 {
                let look = AlarmLook::flashing(priority, Some(f64::from(tenth) * 0.1));
                // Told by shape alone: one whole outline, and filled or with a ring.
                let shown = shapes(look);
                assert!(shown.len() < expected.len(), "{look:?}");
                assert!(look.body == Body::Filled || look.ringed, "{look:?}");
                assert_ne!(look, AlarmLook::steady(priority, false));
                dark += usize::from(look.ringed);
            }
            assert!((10..30).contains(&dark), "it flashes: {dark} of 40");
            let still = AlarmLook::flashing(priority, None);
            assert_eq!((still.body, still.ringed), (Body::Filled, true));
        }
    }
}

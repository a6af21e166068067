//! Marks that carry meaning by shape before colour: alarms, quality, missing data.

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

/// A priority's colour.
pub const fn priority_colour(priority: Priority) -> Color32 {
    theme::colour(palette::priority_colour(priority))
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
    /// Filled, or an outline.
    pub filled: bool,
    /// With a ring: it waits to be acknowledged, and must not flash.
    pub ringed: bool,
}

impl AlarmLook {
    /// The look of `alarm` now: only unacknowledged alarms flash, and none with reduced motion.
    pub fn of(ui: &Ui, alarm: &Alarm) -> Self {
        let flashes = alarm.state == AlarmState::Unacknowledged;
        Self::of_mark(ui, alarm.priority, flashes, alarm.state.is_active())
    }

    /// The look of a mark that `flashes` now, unless motion is reduced, or is `filled`.
    pub fn of_mark(ui: &Ui, priority: Priority, flashes: bool, filled: bool) -> Self {
        let is_still = theme::motion_is_reduced(ui);
        let filled = if flashes && !is_still {
            let time = ui.input(|input| input.time);
            ui.ctx().request_repaint_after_secs(FLASH_SECS as f32);
            ((time / FLASH_SECS) as u64).is_multiple_of(2)
        } else {
            filled
        };
        Self {
            priority,
            filled,
            ringed: is_still && flashes,
        }
    }

    /// A mark that does not flash.
    pub const fn steady(priority: Priority, filled: bool) -> Self {
        Self {
            priority,
            filled,
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
    let colour = priority_colour(look.priority);
    let half = size / 2.0;
    let (fill, ink) = if look.filled {
        (colour, Color32::from_rgb(16, 16, 16))
    } else {
        (theme::SUNK, colour)
    };
    let stroke = Stroke::new(1.5, colour);
    if look.ringed {
        painter.circle_stroke(centre, size * 0.75, Stroke::new(1.5, theme::STRONG));
    }
    match look.priority {
        Priority::Urgent => {
            let rect = Rect::from_center_size(centre, Vec2::splat(size - 1.5));
            painter.rect(rect, 1.0, fill, stroke, egui::StrokeKind::Middle);
        }
        Priority::High => {
            let points = vec![
                centre + Vec2::new(0.0, -half),
                centre + Vec2::new(half, half * 0.85),
                centre + Vec2::new(-half, half * 0.85),
            ];
            painter.add(Shape::convex_polygon(points, fill, stroke));
        }
        Priority::Low => {
            painter.circle(centre, half - 0.75, fill, stroke);
        }
    }
    let shift = if look.priority == Priority::High {
        size * 0.1
    } else {
        0.0
    };
    painter.text(
        centre + Vec2::new(0.0, shift),
        Align2::CENTER_CENTER,
        priority_number(look.priority),
        FontId::proportional(size * 0.66),
        ink,
    );
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
pub const fn trust_colour(trust: Trust) -> Color32 {
    match trust {
        Trust::Good => theme::STRONG,
        Trust::Uncertain(_) => theme::TEXT,
        Trust::Bad(_) | Trust::Stale | Trust::Unlinked | Trust::Missing => theme::WEAK,
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

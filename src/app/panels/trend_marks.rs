//! What is drawn into the trends besides curves: alarms that stand, stretches that tell nothing,
//! and notes.

use egui::{Align2, Painter, Pos2, Rect, Sense, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::axis::TimeAxis;
use super::curve::Trouble;
use super::{Twin, marks, theme};
use crate::app::action::Action;
use crate::signal::SignalId;
use crate::timeline::TimelineCommand;

/// How high the bar of an alarm is, points.
const ALARM: f32 = 3.0;
/// How wide and high a note is, points.
const NOTE: f32 = 16.0;

/// Paints stale stretches hatched from top to bottom, and bad ones hatched at the foot.
pub(super) fn paint_troubles<'a>(
    painter: &Painter,
    rect: Rect,
    axis: &TimeAxis,
    troubles: impl Iterator<Item = &'a Trouble>,
) {
    for trouble in troubles {
        let part = match trouble.bad {
            true => Rect::from_x_y_ranges(rect.x_range(), rect.bottom() - 8.0..=rect.bottom()),
            false => rect,
        };
        let ink = match trouble.bad {
            true => theme::warning().gamma_multiply(0.8),
            false => theme::line().gamma_multiply(0.7),
        };
        if let Some(part) = axis.slice(part, trouble.from, trouble.to) {
            marks::paint_hatch(painter, part, ink);
        }
    }
}

/// Paints a bar along the top for each alarm of some signals, from when it was raised.
pub(super) fn paint_alarm_spans(
    painter: &Painter,
    twin: &Twin<'_>,
    rect: Rect,
    axis: &TimeAxis,
    signals: impl Iterator<Item = SignalId> + Clone,
) {
    let until = twin.timeline.playhead().min(twin.timeline.now());
    let own = marks::listed(twin.alarms);
    let own = own.filter(|alarm| signals.clone().any(|signal| signal == alarm.signal));
    for (place, alarm) in own.take(3).enumerate() {
        let top = rect.top() + place as f32 * (ALARM + 1.0);
        let bar = Rect::from_x_y_ranges(rect.x_range(), top..=top + ALARM);
        if let Some(bar) = axis.slice(bar, alarm.raised, until) {
            painter.rect_filled(bar, 0.0, marks::priority_colour(alarm.priority));
        }
    }
}

/// The notes within the axis, along the top of the plots: hover reads, a click goes there.
pub(super) fn notes_ui(
    ui: &Ui,
    twin: &Twin<'_>,
    plot: Rect,
    axis: &TimeAxis,
    actions: &mut Vec<Action>,
) {
    let first = twin.notes.partition_point(|note| note.at < axis.from);
    let past = twin.notes.partition_point(|note| note.at <= axis.to);
    for (place, note) in twin.notes[first..past].iter().enumerate() {
        let at = Pos2::new(axis.x(note.at), plot.top() + NOTE / 2.0);
        let rect = Rect::from_center_size(at, Vec2::splat(NOTE));
        let response = ui.interact(rect, ui.id().with(("note", first + place)), Sense::click());
        let about = note.tag.as_deref().unwrap_or("Plant");
        let told = format!("{about}: {}", note.text);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::WidgetType::Button, true, format!("Note, {told}"))
        });
        let ink = match response.hovered() || response.has_focus() {
            true => theme::strong(),
            false => theme::text(),
        };
        let font = egui::FontId::proportional(13.0);
        let painter = ui.painter();
        painter.text(at, Align2::CENTER_CENTER, icon::NOTE, font, ink);
        let asset = note
            .tag
            .as_deref()
            .and_then(|tag| twin.scene.find_asset(tag));
        let story = format!("{told}\n{} UTC, {}", note.at.to_clock_text(), note.by);
        if response.on_hover_text(story).clicked() {
            actions.push(Action::Timeline(TimelineCommand::Seek(note.at)));
            if asset.is_some() {
                actions.push(Action::Select(asset));
            }
        }
    }
}

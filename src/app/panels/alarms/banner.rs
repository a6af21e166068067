//! The banner: the most pressing alarm of the present, always on screen, in any mode.

use std::sync::Arc;

use egui::{
    Align, Color32, FontId, Galley, Layout, Pos2, Rect, RichText, Sense, Ui, Vec2, WidgetInfo,
    WidgetType,
};
use egui_phosphor::regular as icon;

use super::super::controls::{icon_button_if, title_with_shortcut};
use super::super::desk::waits;
use super::super::frame::offset_text;
use super::super::inspector::limit_name;
use super::super::marks::{self, AlarmLook};
use super::super::{Twin, theme};
use super::filter::{message_of, tag_of};
use super::{may_act_on, rows};
use crate::access::Right;
use crate::alarm::Alarm;
use crate::app::action::{Action, Named};
use crate::signal::{Origin, QualityClass};
use crate::timeline::Mode;

/// Height of the banner, points.
pub const HEIGHT: f32 = 30.0;

/// The banner.
pub fn banner_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let first = twin.desk.first();
    let narrow = ui.available_width() < 800.0;
    ui.horizontal_centered(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            aside_ui(ui, twin, actions);
            horn_ui(ui, twin, actions);
            if let Some(alarm) = first {
                answers_ui(ui, twin, alarm, narrow, actions);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| match first {
                Some(alarm) => alarm_ui(ui, twin, alarm, actions),
                None => calm_ui(ui, twin),
            });
        });
    });
}

/// How many alarms are kept off the list: always told, also if there are none.
fn aside_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let counts = twin.live_alarms;
    let mut text = format!("{} shelved", counts.shelved);
    for (count, what) in [
        (counts.suppressed, "suppressed"),
        (counts.out_of_service, "out of service"),
    ] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    let any = counts.shelved + counts.suppressed + counts.out_of_service > 0;
    let ink = if any { theme::text() } else { theme::weak() };
    let button = egui::Button::new(RichText::new(&text).size(12.0).color(ink)).frame(false);
    let hint = title_with_shortcut(ui.ctx(), Named::ShowAlarms);
    if ui.add(button).on_hover_text(hint).clicked() {
        actions.push(Action::Named(Named::ShowAlarms));
    }
}

fn horn_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if twin.desk.horn.sounding.is_none() {
        return;
    }
    let name = Named::SilenceHorn.title();
    let glyph = icon::SPEAKER_SLASH;
    if icon_button_if(ui, Named::SilenceHorn.allowed(twin), glyph, name).clicked() {
        actions.push(Action::Named(Named::SilenceHorn));
    }
}

fn answers_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    alarm: &Alarm,
    narrow: bool,
    actions: &mut Vec<Action>,
) {
    let allowed = Named::CommentAlarm.allowed(twin);
    let name = Named::CommentAlarm.title();
    if !narrow && icon_button_if(ui, allowed, icon::CHAT_TEXT, name).clicked() {
        actions.push(Action::Named(Named::CommentAlarm));
    }
    let allowed = may_act_on(twin, Right::Acknowledge, alarm);
    let text = if narrow { "" } else { "  Acknowledge" };
    let button = egui::Button::new(format!("{}{text}", icon::CHECK));
    let button = ui.add_enabled(allowed.is_ok(), button);
    let name = format!("Acknowledge {}", words(alarm, twin));
    let enabled = button.enabled();
    button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, &name));
    let hint = title_with_shortcut(ui.ctx(), Named::AcknowledgeFirst);
    let button = button.on_hover_text(hint);
    let button = match allowed {
        Ok(()) => button,
        Err(why) => button.on_disabled_hover_text(why),
    };
    if button.clicked() {
        // This one, whatever is raised in the meantime.
        actions.push(Action::Acknowledge(alarm.id));
    }
    let others = twin.desk.live.iter().filter(|alarm| waits(alarm)).count() - 1;
    if others > 0 {
        let text = format!("and {others} more");
        ui.label(RichText::new(text).color(theme::strong()).strong())
            .on_hover_text("Other alarms that nobody has acknowledged");
    }
}

fn calm_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let counts = twin.live_alarms;
    let active: usize = counts.active_by_priority.iter().sum();
    let text = match (active, counts.latched) {
        (0, 0) => "No alarm".to_owned(),
        (0, latched) => format!("{latched} latched, to be reset"),
        (active, _) => format!("{active} active, all acknowledged"),
    };
    ui.label(RichText::new(icon::CHECK_CIRCLE).color(theme::weak()));
    ui.label(RichText::new(text).color(theme::weak()));
}

/// Which alarm it is, in a few words.
fn words(alarm: &Alarm, twin: &Twin<'_>) -> String {
    let (tag, message) = (tag_of(alarm, twin.scene), message_of(alarm, twin.scene));
    format!("{tag} {message}")
}

/// The alarm itself: a click goes there. What matters most comes first and is never left out.
fn alarm_ui(ui: &mut Ui, twin: &Twin<'_>, alarm: &Alarm, actions: &mut Vec<Action>) {
    let size = Vec2::new(ui.available_width(), HEIGHT - 6.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let number = marks::priority_number(alarm.priority);
    let name = format!("Alarm {}, priority {number}", words(alarm, twin));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    let painter = ui.painter_at(rect);
    let colour = marks::priority_colour(alarm.priority);
    let fill = if response.hovered() { 0.22 } else { 0.14 };
    painter.rect_filled(rect, 3.0, colour.gamma_multiply(fill));
    let band = Rect::from_min_size(rect.min, Vec2::new(4.0, rect.height()));
    painter.rect_filled(band, 0.0, colour);
    let mark = rect.left_center() + Vec2::new(19.0, 0.0);
    marks::paint_alarm(&painter, mark, 15.0, AlarmLook::of(ui, alarm));
    let mut at = rect.left() + 34.0;
    for (text, ink) in pieces(twin, alarm) {
        let galley: Arc<Galley> = painter.layout_no_wrap(text, FontId::proportional(13.0), ink);
        let place = Pos2::new(at, rect.center().y - galley.size().y / 2.0);
        at += galley.size().x + 12.0;
        if at > rect.right() && place.x > rect.left() + 34.0 {
            break;
        }
        painter.galley(place, galley, ink);
    }
    let hint = format!(
        "{name}. {}",
        title_with_shortcut(ui.ctx(), Named::GoToAlarm)
    );
    if response.on_hover_text(hint).clicked() {
        rows::go_to_alarm(alarm, twin, actions);
    }
}

/// What stands in the banner, the most important first.
fn pieces(twin: &Twin<'_>, alarm: &Alarm) -> Vec<(String, Color32)> {
    let signal = twin.scene.signal(alarm.signal);
    let now = twin.timeline.now();
    let mut pieces = Vec::new();
    if twin.timeline.mode() != Mode::Live {
        pieces.push(("Present:".to_owned(), theme::text()));
    }
    pieces.push((tag_of(alarm, twin.scene).to_owned(), theme::strong()));
    pieces.push((message_of(alarm, twin.scene).to_owned(), theme::strong()));
    let age = offset_text(alarm.raised.secs_since(now).min(0.0));
    pieces.push((age, theme::text()));
    let latest = twin.history.latest_at(Origin::Measured, alarm.signal, now);
    let usable = latest.filter(|latest| {
        latest.sample.quality.class() != QualityClass::Bad && !latest.is_stale(now, signal.max_age)
    });
    pieces.push(match usable {
        Some(latest) => {
            let value = signal.value_with_unit(latest.sample.value);
            (format!("{value} now"), theme::text())
        }
        None => {
            let value = signal.value_with_unit(alarm.value);
            (format!("{value} when raised"), theme::weak())
        }
    });
    // The limit of a state says nothing that its name does not.
    let limit = alarm.limit.filter(|_| signal.states.is_empty());
    let limit = limit.and_then(|limit| signal.limits.get(limit));
    if let Some(limit) = limit {
        let at = signal.value_with_unit(limit.at);
        pieces.push((format!("{} {at}", limit_name(limit.kind)), theme::weak()));
    }
    pieces.push((twin.scene.asset(signal.asset).label.clone(), theme::weak()));
    pieces
}

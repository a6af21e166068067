//! The mode, unmistakable from every view: border, badge, and the bar at the top.

use std::time::Duration;

use egui::{
    Align2, Color32, FontId, Rect, Response, RichText, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
    WidgetType,
};
use egui_phosphor::regular as icon;

use super::controls::title_with_shortcut;
use super::layout::Tab;
use super::marks::{self, AlarmLook};
use super::menus::menus_ui;
use super::sign_in::who_ui;
use super::{PanelState, Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::palette;
use crate::app::viewport::Look;
use crate::scene::Priority;
use crate::time::duration_text;
use crate::timeline::Mode;

/// Width of the border, points.
pub const BORDER: f32 = 4.0;

/// How a mode is named on its badge.
pub const fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "LIVE",
        Mode::History => "HISTORY",
        Mode::Simulated => "SIMULATED",
        Mode::Beyond => "NO DATA",
    }
}

const fn mode_icon(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => icon::BROADCAST,
        Mode::History => icon::CLOCK_COUNTER_CLOCKWISE,
        Mode::Simulated => icon::GIT_BRANCH,
        Mode::Beyond => icon::PROHIBIT,
    }
}

/// What a mode says of the values on screen.
pub const fn mode_meaning(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "The present, as measured",
        Mode::History => "The past, as measured. End goes back to live",
        Mode::Simulated => "The future, as the selected run computed it",
        Mode::Beyond => "The future where no run reaches. Run a scenario to see it",
    }
}

/// Paints the border of `mode` around `rect`: solid when measured, broken when not.
pub fn paint_border(ui: &Ui, rect: Rect, mode: Mode) {
    let colour = theme::colour(palette::mode_colour(mode));
    let painter = ui.painter();
    let middle = rect.shrink(BORDER / 2.0);
    let stroke = Stroke::new(BORDER, colour);
    match mode {
        Mode::Live | Mode::History => {
            painter.rect_stroke(middle, 0.0, stroke, egui::StrokeKind::Middle);
        }
        Mode::Simulated | Mode::Beyond => {
            let corners = [
                middle.left_top(),
                middle.right_top(),
                middle.right_bottom(),
                middle.left_bottom(),
                middle.left_top(),
            ];
            let (dash, gap) = match mode {
                Mode::Simulated => (24.0, 8.0),
                _ => (6.0, 10.0),
            };
            painter.extend(Shape::dashed_line(&corners, stroke, dash, gap));
        }
    }
}

/// A narrower picture has no room for a date and long words beside its mode, points.
const CAPTION_WIDTH: f32 = 640.0;

/// How much of the top bar there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    /// Mode, instant, alarms.
    Little,
    /// All but the scene's name and long words.
    Some,
    /// All of it.
    Ample,
}

impl Room {
    fn of(width: f32) -> Self {
        match width {
            width if width < 1_060.0 => Self::Little,
            width if width < 1_360.0 => Self::Some,
            _ => Self::Ample,
        }
    }
}

/// The bar at the top: menus, scene, mode, instant, alarms and the view's switches.
pub fn top_bar_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut PanelState, actions: &mut Vec<Action>) {
    let room = Room::of(ui.available_width());
    ui.horizontal_centered(|ui| {
        if room > Room::Little {
            menus_ui(ui, twin, state, actions);
            ui.separator();
        } else {
            ui.menu_button(icon::LIST, |ui| menus_ui(ui, twin, state, actions));
        }
        if room == Room::Ample {
            let name = RichText::new(&twin.scene.name)
                .color(theme::STRONG)
                .size(14.0);
            ui.label(name).on_hover_text(&twin.scene.description);
            ui.add_space(4.0);
        }
        mode_badge_ui(ui, twin.timeline.mode());
        provenance_badge_ui(ui, twin, room);
        coming_ui(ui, twin);
        ui.add_space(4.0);
        instant_ui(ui, twin, room);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            who_ui(ui, twin, state, room == Room::Some, actions);
            look_ui(ui, twin, actions);
            if room > Room::Little {
                heat_ui(ui, twin, actions);
            }
            alarm_counts_ui(ui, twin, state, room);
        });
    });
}

/// Says that the plant at the playhead is being loaded: nothing is shown for it until then.
fn coming_ui(ui: &mut Ui, twin: &Twin<'_>) {
    if !twin.coming {
        return;
    }
    let text = format!("{}  loading", icon::HOURGLASS);
    ui.label(RichText::new(text).color(theme::STRONG))
        .on_hover_text("The recorded past at the playhead is being read from the store");
    ui.ctx().request_repaint();
}

/// What a picture without a top bar must still say: mode, demo, instant.
pub fn caption_ui(ui: &mut Ui, twin: &Twin<'_>, picture: Rect) {
    let place = egui::UiBuilder::new().max_rect(picture.shrink(12.0));
    let room = match picture.width() {
        width if width < CAPTION_WIDTH => Room::Little,
        _ => Room::Ample,
    };
    ui.scope_builder(place, |ui| {
        let plate = egui::Frame::new()
            .fill(theme::WINDOW.gamma_multiply(0.8))
            .corner_radius(4.0)
            .inner_margin(6.0);
        plate.show(ui, |ui| {
            ui.horizontal(|ui| {
                mode_badge_ui(ui, twin.timeline.mode());
                provenance_badge_ui(ui, twin, room);
                instant_ui(ui, twin, room);
            });
        });
    });
}

fn mode_badge_ui(ui: &mut Ui, mode: Mode) {
    let colour = theme::colour(palette::mode_colour(mode));
    badge_ui(ui, colour, mode_icon(mode), mode_text(mode)).on_hover_text(mode_meaning(mode));
}

/// Says so where the data are not those of a real plant right now.
fn provenance_badge_ui(ui: &mut Ui, twin: &Twin<'_>, room: Room) {
    let (word, what, meaning) = if twin.demo {
        (
            "DEMO",
            "emulated plant",
            "Emulated plant: the data come from an emulator in this program, not from a real plant",
        )
    } else if twin.replayed {
        (
            "REPLAY",
            "recorded data",
            "Recorded data: files are being played, and the present is the newest row played",
        )
    } else if twin.planned {
        (
            "PLAN",
            "no plant connected",
            "No plant is connected: the present stands still, and what is seen is computed",
        )
    } else {
        return;
    };
    let text = if room == Room::Ample {
        format!("{word}: {what}")
    } else {
        word.to_owned()
    };
    badge_ui(ui, theme::colour(palette::DEMO), icon::FLASK, &text).on_hover_text(meaning);
}

/// A filled plate with an icon and a word.
fn badge_ui(ui: &mut Ui, fill: Color32, icon: &str, text: &str) -> Response {
    let ink = Color32::from_rgb(14, 15, 16);
    let font = FontId::proportional(13.5);
    let galley = ui
        .painter()
        .layout_no_wrap(format!("{icon}  {text}"), font, ink);
    let size = Vec2::new(galley.size().x + 16.0, 24.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    ui.painter().rect_filled(rect, 3.0, fill);
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, ink);
    response
}

/// The playhead's instant and how far it is from the present.
fn instant_ui(ui: &mut Ui, twin: &Twin<'_>, room: Room) {
    let (playhead, now) = (twin.timeline.playhead(), twin.timeline.now());
    let text = match room {
        Room::Little => playhead.format("%H:%M:%S UTC"),
        Room::Some => playhead.format("%d %b %H:%M:%S UTC"),
        Room::Ample => format!("{} UTC", playhead.to_clock_text()),
    };
    let clock = RichText::new(text)
        .color(theme::STRONG)
        .monospace()
        .size(14.0);
    ui.label(clock).on_hover_text(format!(
        "The instant shown is {} UTC. The present is {} UTC",
        playhead.to_clock_text(),
        now.to_clock_text()
    ));
    let offset = offset_text(playhead.secs_since(now));
    ui.label(RichText::new(offset).color(theme::WEAK));
}

/// How far an instant is from the present: `12 min ago`, `in 1 h 50 min`.
pub fn offset_text(secs: f64) -> String {
    match secs {
        secs if secs.abs() < 1.0 => "now".to_owned(),
        secs if secs < 0.0 => format!("{} ago", duration_text(-secs)),
        secs => format!("in {}", duration_text(secs)),
    }
}

/// The alarms of the present, whatever instant is looked at; a click shows the list.
fn alarm_counts_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut PanelState, room: Room) {
    let counts = twin.live_alarms;
    let mut asked = false;
    // Drawn from right to left, so the most urgent comes last.
    let priorities = [Priority::Urgent, Priority::High, Priority::Low];
    for (priority, active) in priorities.into_iter().zip(counts.active_by_priority).rev() {
        asked |= alarm_count_ui(ui, priority, active).clicked();
    }
    // The banner tells them as well.
    if counts.unacknowledged > 0 && room == Room::Ample {
        let text = format!("{} new", counts.unacknowledged);
        let text = RichText::new(text).color(theme::STRONG).strong();
        ui.label(text)
            .on_hover_text("Alarms that nobody has acknowledged yet");
    }
    ui.label(RichText::new(icon::BELL).color(theme::WEAK).size(15.0));
    if asked {
        state.show(Tab::Alarms);
    }
}

fn alarm_count_ui(ui: &mut Ui, priority: Priority, active: usize) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(40.0, 24.0), Sense::click());
    let (number, name) = (
        marks::priority_number(priority),
        marks::priority_name(priority),
    );
    let words = format!("{active} active now, priority {number} ({name})");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
    let painter = ui.painter();
    let mark = rect.left_center() + Vec2::new(10.0, 0.0);
    let ink = if active > 0 {
        marks::paint_alarm(painter, mark, 14.0, AlarmLook::steady(priority, true));
        theme::STRONG
    } else {
        painter.circle_stroke(mark, 3.0, Stroke::new(1.0, theme::LINE));
        theme::WEAK
    };
    let at = rect.left_center() + Vec2::new(22.0, 0.0);
    let font = FontId::proportional(13.5);
    painter.text(at, Align2::LEFT_CENTER, active, font, ink);
    response.on_hover_text(words)
}

fn look_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let hint = title_with_shortcut(ui.ctx(), Named::SwitchLook);
    for (look, text) in [(Look::Present, "Present"), (Look::Operate, "Operate")] {
        let chosen = twin.settings.look == look;
        if ui
            .selectable_label(chosen, text)
            .on_hover_text(&hint)
            .clicked()
            && !chosen
        {
            actions.push(Action::Named(Named::SwitchLook));
        }
    }
    ui.separator();
}

fn heat_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let shown = twin.settings.heat.as_deref();
    let text = shown.map_or("No heat colours", |name| heat_label(twin, name));
    let combo = egui::ComboBox::from_id_salt("heat")
        .width(120.0)
        .selected_text(format!("{}  {text}", icon::THERMOMETER));
    combo
        .show_ui(ui, |ui| {
            if ui
                .selectable_label(shown.is_none(), "No heat colours")
                .clicked()
            {
                actions.push(Action::SetHeat(None));
            }
            for name in heat_names(twin) {
                let label = heat_label(twin, name);
                if ui.selectable_label(shown == Some(name), label).clicked() {
                    actions.push(Action::SetHeat(Some(name.to_owned())));
                }
            }
        })
        .response
        .on_hover_text("Colour the plant by a signal");
}

/// The names of numeric signals, each once, in order.
fn heat_names<'a>(twin: &Twin<'a>) -> std::collections::BTreeSet<&'a str> {
    let signals = twin.scene.signals.iter();
    signals
        .filter(|signal| signal.states.is_empty())
        .map(|signal| signal.name.as_str())
        .collect()
}

fn heat_label<'a>(twin: &Twin<'a>, name: &'a str) -> &'a str {
    let mut signals = twin.scene.signals.iter();
    let known = signals.find(|signal| signal.name == name);
    known.map_or(name, |signal| signal.label.as_str())
}

/// How long until the frame must be drawn again so that ages stay right while nothing else moves.
pub const AGE_REFRESH: Duration = Duration::from_secs(1);

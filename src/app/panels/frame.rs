//! The mode, unmistakable from every view: the border, and badges that name mode, origin and instant.

use std::time::Duration;

use egui::{
    Color32, FontId, Rect, Response, RichText, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo,
    WidgetType,
};
use egui_phosphor::regular as icon;

use super::{Twin, theme};
use crate::app::palette;
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

/// In how many words something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// What must be said.
    Short,
    /// A little more.
    Middle,
    /// All of it.
    Long,
}

/// What a picture without a top bar must still say: mode, demo, instant.
pub fn caption_ui(ui: &mut Ui, twin: &Twin<'_>, picture: Rect) {
    let place = egui::UiBuilder::new().max_rect(picture.shrink(12.0));
    let length = match picture.width() {
        width if width < CAPTION_WIDTH => Length::Short,
        _ => Length::Long,
    };
    ui.scope_builder(place, |ui| {
        let plate = egui::Frame::new()
            .fill(theme::window().gamma_multiply(0.8))
            .corner_radius(4.0)
            .inner_margin(6.0);
        plate.show(ui, |ui| {
            ui.horizontal(|ui| {
                mode_badge_ui(ui, twin.timeline.mode());
                provenance_badge_ui(ui, twin, length);
                clock_ui(ui, twin, length);
                offset_ui(ui, twin);
            });
        });
    });
}

/// The badge of the mode.
pub fn mode_badge_ui(ui: &mut Ui, mode: Mode) {
    let colour = theme::colour(palette::mode_colour(mode));
    badge_ui(ui, colour, mode_icon(mode), mode_text(mode)).on_hover_text(mode_meaning(mode));
}

/// How wide the badge of the mode is, points.
pub fn mode_badge_width(ui: &Ui, mode: Mode) -> f32 {
    badge_width(ui, mode_icon(mode), mode_text(mode))
}

/// Says so where the data are not those of a real plant right now.
pub fn provenance_badge_ui(ui: &mut Ui, twin: &Twin<'_>, length: Length) {
    if let Some((text, meaning)) = provenance(twin, length) {
        badge_ui(ui, theme::colour(palette::DEMO), icon::FLASK, &text).on_hover_text(meaning);
    }
}

/// How wide that badge is, points; nothing where there is none.
pub fn provenance_badge_width(ui: &Ui, twin: &Twin<'_>, length: Length) -> f32 {
    provenance(twin, length).map_or(0.0, |(text, _)| badge_width(ui, icon::FLASK, &text))
}

/// Whose the data are, if not those of a real plant right now, and what that means.
fn provenance(twin: &Twin<'_>, length: Length) -> Option<(String, &'static str)> {
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
        return None;
    };
    let text = match length {
        Length::Long => format!("{word}: {what}"),
        Length::Middle | Length::Short => word.to_owned(),
    };
    Some((text, meaning))
}

const BADGE_FONT: FontId = FontId::proportional(13.5);

/// How wide a badge is, points.
fn badge_width(ui: &Ui, icon: &str, text: &str) -> f32 {
    text_width(ui, format!("{icon}  {text}"), BADGE_FONT) + 16.0
}

/// A filled plate with an icon and a word.
fn badge_ui(ui: &mut Ui, fill: Color32, icon: &str, text: &str) -> Response {
    let ink = Color32::from_rgb(14, 15, 16);
    let galley = ui
        .painter()
        .layout_no_wrap(format!("{icon}  {text}"), BADGE_FONT, ink);
    let size = Vec2::new(galley.size().x + 16.0, 24.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    ui.painter().rect_filled(rect, 3.0, fill);
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, ink);
    response
}

/// How wide a line of text is, points.
pub fn text_width(ui: &Ui, text: String, font: FontId) -> f32 {
    let galley = ui.painter().layout_no_wrap(text, font, theme::text());
    galley.size().x
}

const CLOCK_FONT: FontId = FontId::monospace(14.0);

/// The instant that is looked at.
pub fn clock_ui(ui: &mut Ui, twin: &Twin<'_>, length: Length) {
    let text = RichText::new(clock_text(twin, length)).color(theme::strong());
    ui.label(text.font(CLOCK_FONT)).on_hover_text(format!(
        "The instant shown is {} UTC. The present is {} UTC",
        twin.timeline.playhead().to_clock_text(),
        twin.timeline.now().to_clock_text()
    ));
}

/// How wide the clock is, points.
pub fn clock_width(ui: &Ui, twin: &Twin<'_>, length: Length) -> f32 {
    text_width(ui, clock_text(twin, length), CLOCK_FONT)
}

fn clock_text(twin: &Twin<'_>, length: Length) -> String {
    let playhead = twin.timeline.playhead();
    match length {
        Length::Short => playhead.format("%H:%M:%S UTC"),
        Length::Middle => playhead.format("%d %b %H:%M:%S UTC"),
        Length::Long => format!("{} UTC", playhead.to_clock_text()),
    }
}

/// How far the instant is from the present.
pub fn offset_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let secs = twin.timeline.playhead().secs_since(twin.timeline.now());
    ui.label(RichText::new(offset_text(secs)).color(theme::weak()));
}

/// How far an instant is from the present: `12 min ago`, `in 1 h 50 min`.
pub fn offset_text(secs: f64) -> String {
    match secs {
        secs if secs.abs() < 1.0 => "now".to_owned(),
        secs if secs < 0.0 => format!("{} ago", duration_text(-secs)),
        secs => format!("in {}", duration_text(secs)),
    }
}

/// How long until the frame must be drawn again so that ages stay right while nothing else moves.
pub const AGE_REFRESH: Duration = Duration::from_secs(1);

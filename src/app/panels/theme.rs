//! Fonts, greys and spacing of all panels: dark or light, matte, calm.
//!
//! Colour is kept for modes, alarms, selection and data (ISA-101), so the rest is
//! near-neutral grey. Distances are multiples of 4 points, most of them 8.

use std::cell::Cell;

use egui::epaint::Shadow;
use egui::style::WidgetVisuals;
use egui::{
    Color32, Context, CornerRadius, FontDefinitions, FontFamily, FontId, Id, Margin, Rgba,
    RichText, Stroke, Style, TextStyle, ThemePreference, Ui, Visuals,
};
use egui_phosphor::Variant;

use crate::app::palette::{self, Rgb};
use crate::app::settings::Theme;
use crate::app::viewport::Look;
use crate::scene::Priority;

/// The greys of a theme, and the colours that are read on them.
#[derive(Debug)]
struct Greys {
    window: Color32,
    panel: Color32,
    raised: Color32,
    button: Color32,
    hovered: Color32,
    pressed: Color32,
    faint: Color32,
    sunk: Color32,
    beyond: Color32,
    line: Color32,
    text: Color32,
    strong: Color32,
    weak: Color32,
    warning: Color32,
    selection: Color32,
    /// What a plate over the picture of the plant is made of, 0 or 255.
    plate: u8,
}

const DARK: Greys = Greys {
    window: Color32::from_rgb(22, 23, 25),
    panel: Color32::from_rgb(30, 31, 34),
    raised: Color32::from_rgb(40, 42, 45),
    button: Color32::from_rgb(52, 54, 58),
    hovered: Color32::from_rgb(66, 69, 74),
    pressed: Color32::from_rgb(78, 82, 88),
    faint: Color32::from_rgb(34, 36, 39),
    sunk: Color32::from_rgb(20, 21, 23),
    beyond: Color32::from_rgb(26, 25, 31),
    line: Color32::from_rgb(58, 60, 64),
    text: Color32::from_rgb(208, 210, 213),
    strong: Color32::from_rgb(242, 243, 244),
    weak: Color32::from_rgb(146, 149, 154),
    warning: Color32::from_rgb(222, 184, 110),
    selection: colour(palette::SELECTION),
    plate: 0,
};

const LIGHT: Greys = Greys {
    window: Color32::from_rgb(206, 208, 211),
    panel: Color32::from_rgb(226, 228, 230),
    raised: Color32::from_rgb(238, 239, 240),
    button: Color32::from_rgb(208, 211, 214),
    hovered: Color32::from_rgb(194, 198, 202),
    pressed: Color32::from_rgb(178, 183, 188),
    faint: Color32::from_rgb(220, 222, 224),
    sunk: Color32::from_rgb(246, 247, 248),
    beyond: Color32::from_rgb(236, 234, 243),
    line: Color32::from_rgb(180, 183, 187),
    text: Color32::from_rgb(44, 47, 51),
    strong: Color32::from_rgb(12, 13, 15),
    weak: Color32::from_rgb(78, 82, 88),
    warning: Color32::from_rgb(132, 82, 0),
    selection: Color32::from_rgb(0, 98, 168),
    plate: 255,
};

thread_local! {
    /// The theme of the panels that this thread draws, as [`apply`] set it.
    static THEME: Cell<Theme> = const { Cell::new(Theme::Dark) };
}

fn greys() -> &'static Greys {
    match THEME.get() {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// Behind everything.
pub fn window() -> Color32 {
    greys().window
}

/// The ground of a panel.
pub fn panel() -> Color32 {
    greys().panel
}

/// A card, a field or a bar on a panel.
pub fn raised() -> Color32 {
    greys().raised
}

/// A button.
pub fn button() -> Color32 {
    greys().button
}

/// The ground of a chart or a text field.
pub fn sunk() -> Color32 {
    greys().sunk
}

/// The ground of a chart where it shows what is to come.
pub fn beyond() -> Color32 {
    greys().beyond
}

/// Separators and frames.
pub fn line() -> Color32 {
    greys().line
}

/// What is read.
pub fn text() -> Color32 {
    greys().text
}

/// What is read first.
pub fn strong() -> Color32 {
    greys().strong
}

/// What explains.
pub fn weak() -> Color32 {
    greys().weak
}

/// What was refused or went wrong, without being an alarm.
pub fn warning() -> Color32 {
    greys().warning
}

/// What is selected.
pub fn selection() -> Color32 {
    greys().selection
}

/// A plate over the picture of the plant, on which [`text`] is read; the plant shines through.
pub fn plate(alpha: u8) -> Color32 {
    let grey = greys().plate;
    Color32::from_rgba_unmultiplied(grey, grey, grey, alpha)
}

/// A face of something solid that is lit so much, on which [`strong`] is read.
pub fn facet(light: u8) -> Color32 {
    let light = match THEME.get() {
        Theme::Dark => light,
        Theme::Light => light.saturating_add(104),
    };
    Color32::from_rgb(light, light, light.saturating_add(4))
}

/// A shared colour as lines and letters of a chart or panel. On light ground it is darker by the
/// same share for all, so that colours told apart by their lightness still are.
pub fn ink(rgb: Rgb) -> Color32 {
    match THEME.get() {
        Theme::Dark => colour(rgb),
        Theme::Light => {
            let linear = Rgba::from(colour(rgb)) * ON_LIGHT;
            Rgba::from_rgb(linear.r(), linear.g(), linear.b()).into()
        }
    }
}

/// The colour of a priority as lines and letters; [`marks`](super::marks) are filled with the
/// bright one in both themes.
pub fn priority_ink(priority: Priority) -> Color32 {
    match THEME.get() {
        Theme::Dark => colour(palette::priority_colour(priority)),
        Theme::Light => colour(palette::priority_ink(priority)),
    }
}

/// How much light of a shared colour is left on light ground.
const ON_LIGHT: f32 = 0.29;

/// The largest and smallest scale of text and panels.
pub const SCALES: (f32, f32) = (0.8, 2.0);

/// A shared colour as egui wants it.
pub const fn colour(rgb: Rgb) -> Color32 {
    Color32::from_rgb(rgb[0], rgb[1], rgb[2])
}

/// A headline within a panel.
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).size(14.0).color(strong())
}

/// Small text that explains.
pub fn note(text: impl Into<String>) -> RichText {
    RichText::new(text).size(11.5).color(weak())
}

/// Small capitals above a group.
pub fn caption(text: &str) -> RichText {
    RichText::new(text.to_uppercase())
        .size(10.5)
        .extra_letter_spacing(0.6)
        .color(weak())
}

/// The font of labels that a panel paints itself.
pub fn small_font() -> FontId {
    FontId::proportional(11.0)
}

/// True if nothing is to flash or glide.
pub fn motion_is_reduced(ui: &Ui) -> bool {
    ui.style().animation_time == 0.0
}

/// Installs fonts, once per context. [`apply`] does so too where nobody else did.
pub fn install(ctx: &Context) {
    let key = Id::new("parallax fonts");
    if ctx.data(|data| data.get_temp::<bool>(key)).is_some() {
        return;
    }
    let mut fonts = FontDefinitions::default();
    egui_phosphor::add_to_fonts(&mut fonts, Variant::Regular);
    // Icons must be found in monospace text as well.
    if let Some(names) = fonts.families.get_mut(&FontFamily::Monospace) {
        names.push("phosphor".to_owned());
    }
    ctx.set_fonts(fonts);
    ctx.set_theme(ThemePreference::Dark);
    // The scale is an action with its own limits, remembered with the layout.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.data_mut(|data| data.insert_temp(key, true));
}

/// Styles all panels, where theme, look or motion have changed.
pub fn apply(ctx: &Context, theme: Theme, look: Look, reduced_motion: bool) {
    THEME.set(theme);
    install(ctx);
    let key = Id::new("parallax style");
    let choice = (theme, look, reduced_motion);
    if ctx.data(|data| data.get_temp::<(Theme, Look, bool)>(key)) == Some(choice) {
        return;
    }
    ctx.all_styles_mut(|target| {
        *target = style(look);
        if reduced_motion {
            target.animation_time = 0.0;
        }
    });
    ctx.data_mut(|data| data.insert_temp(key, choice));
}

fn style(look: Look) -> Style {
    let mut style = Style::default();
    // A presenter's audience sits further away than an operator.
    let size = match look {
        Look::Operate => 13.0,
        Look::Present => 14.0,
    };
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(size - 2.0)),
        (TextStyle::Body, FontId::proportional(size)),
        (TextStyle::Button, FontId::proportional(size)),
        (TextStyle::Heading, FontId::proportional(size + 4.0)),
        (TextStyle::Monospace, FontId::monospace(size - 1.0)),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(8.0, 4.0);
    style.spacing.button_padding = egui::vec2(8.0, 3.0);
    style.spacing.interact_size = egui::vec2(32.0, 22.0);
    style.spacing.window_margin = Margin::same(12);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.indent = 16.0;
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    style.visuals = visuals(THEME.get());
    style
}

fn visuals(theme: Theme) -> Visuals {
    let mut visuals = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    let radius = CornerRadius::same(3);
    visuals.panel_fill = panel();
    visuals.window_fill = panel();
    visuals.window_stroke = Stroke::new(1.0, line());
    visuals.window_corner_radius = CornerRadius::same(6);
    visuals.menu_corner_radius = CornerRadius::same(4);
    visuals.window_shadow = shadow(24, 90);
    visuals.popup_shadow = shadow(10, 70);
    visuals.extreme_bg_color = sunk();
    visuals.faint_bg_color = greys().faint;
    visuals.code_bg_color = raised();
    visuals.weak_text_color = Some(weak());
    visuals.warn_fg_color = warning();
    visuals.error_fg_color = warning();
    visuals.hyperlink_color = selection();
    visuals.selection.bg_fill = selection().gamma_multiply(0.28);
    visuals.selection.stroke = Stroke::new(1.0, strong());
    visuals.slider_trailing_fill = true;
    visuals.indent_has_left_vline = false;

    let widget = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(panel(), line(), text());
    visuals.widgets.inactive = widget(button(), button(), text());
    visuals.widgets.hovered = widget(greys().hovered, line(), strong());
    visuals.widgets.active = widget(greys().pressed, selection(), strong());
    visuals.widgets.open = widget(raised(), line(), strong());
    visuals
}

fn shadow(blur: u8, alpha: u8) -> Shadow {
    Shadow {
        offset: [0, 4],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(alpha),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours (WCAG 2.1): 4.5 for text, 3 for lines and large letters.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let light = |colour: Color32| {
            let linear = Rgba::from(colour);
            0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b() + 0.05
        };
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn everything_can_be_read_in_both_themes() {
        for theme in [Theme::Dark, Theme::Light] {
            THEME.set(theme);
            for ground in [window(), panel(), raised(), sunk(), beyond()] {
                for ink in [text(), strong(), weak(), warning(), selection()] {
                    let reads = contrast(ink, ground);
                    assert!(reads >= 4.0, "{theme:?}: {ink:?} on {ground:?}: {reads}");
                }
            }
            for ground in [button(), greys().hovered] {
                assert!(contrast(text(), ground) >= 4.5);
            }
            for ground in [panel(), sunk(), beyond()] {
                let series = palette::SERIES.into_iter().map(ink);
                let priorities = [Priority::Urgent, Priority::High, Priority::Low];
                for ink in series.chain(priorities.map(priority_ink)) {
                    let reads = contrast(ink, ground);
                    assert!(reads >= 3.0, "{theme:?}: {ink:?} on {ground:?}: {reads}");
                }
            }
        }
    }
}

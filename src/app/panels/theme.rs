//! Fonts, greys and spacing of all panels: dark, matte, calm.
//!
//! Colour is kept for modes, alarms, selection and data (ISA-101), so the rest is
//! near-neutral grey. Distances are multiples of 4 points, most of them 8.

use egui::epaint::Shadow;
use egui::style::WidgetVisuals;
use egui::{
    Color32, Context, CornerRadius, FontDefinitions, FontFamily, FontId, Id, Margin, RichText,
    Stroke, Style, TextStyle, ThemePreference, Ui, Visuals,
};
use egui_phosphor::Variant;

use crate::app::palette::{self, Rgb};
use crate::app::viewport::Look;

/// Behind everything.
pub const WINDOW: Color32 = Color32::from_rgb(22, 23, 25);
/// The ground of a panel.
pub const PANEL: Color32 = Color32::from_rgb(30, 31, 34);
/// A card, a field or a bar on a panel.
pub const RAISED: Color32 = Color32::from_rgb(40, 42, 45);
/// A button.
pub const BUTTON: Color32 = Color32::from_rgb(52, 54, 58);
/// The ground of a chart or a text field.
pub const SUNK: Color32 = Color32::from_rgb(20, 21, 23);
/// Separators and frames.
pub const LINE: Color32 = Color32::from_rgb(58, 60, 64);
/// What is read.
pub const TEXT: Color32 = Color32::from_rgb(208, 210, 213);
/// What is read first.
pub const STRONG: Color32 = Color32::from_rgb(242, 243, 244);
/// What explains.
pub const WEAK: Color32 = Color32::from_rgb(146, 149, 154);
/// What was refused or went wrong, without being an alarm.
pub const WARNING: Color32 = Color32::from_rgb(222, 184, 110);

/// The largest and smallest scale of text and panels.
pub const SCALES: (f32, f32) = (0.8, 2.0);

/// A shared colour as egui wants it.
pub const fn colour(rgb: Rgb) -> Color32 {
    Color32::from_rgb(rgb[0], rgb[1], rgb[2])
}

/// What is selected.
pub const SELECTION: Color32 = colour(palette::SELECTION);

/// A headline within a panel.
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).size(14.0).color(STRONG)
}

/// Small text that explains.
pub fn note(text: impl Into<String>) -> RichText {
    RichText::new(text).size(11.5).color(WEAK)
}

/// Small capitals above a group.
pub fn caption(text: &str) -> RichText {
    RichText::new(text.to_uppercase())
        .size(10.5)
        .extra_letter_spacing(0.6)
        .color(WEAK)
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

/// Styles all panels, where look or motion have changed.
pub fn apply(ctx: &Context, look: Look, reduced_motion: bool) {
    install(ctx);
    let key = Id::new("parallax style");
    let choice = (look, reduced_motion);
    if ctx.data(|data| data.get_temp::<(Look, bool)>(key)) == Some(choice) {
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
    style.visuals = visuals();
    style
}

fn visuals() -> Visuals {
    let mut visuals = Visuals::dark();
    let radius = CornerRadius::same(3);
    visuals.panel_fill = PANEL;
    visuals.window_fill = PANEL;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.window_corner_radius = CornerRadius::same(6);
    visuals.menu_corner_radius = CornerRadius::same(4);
    visuals.window_shadow = shadow(24, 90);
    visuals.popup_shadow = shadow(10, 70);
    visuals.extreme_bg_color = SUNK;
    visuals.faint_bg_color = Color32::from_rgb(34, 36, 39);
    visuals.code_bg_color = RAISED;
    visuals.weak_text_color = Some(WEAK);
    visuals.warn_fg_color = WARNING;
    visuals.error_fg_color = WARNING;
    visuals.hyperlink_color = SELECTION;
    visuals.selection.bg_fill = SELECTION.gamma_multiply(0.28);
    visuals.selection.stroke = Stroke::new(1.0, STRONG);
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
    visuals.widgets.noninteractive = widget(PANEL, LINE, TEXT);
    visuals.widgets.inactive = widget(BUTTON, BUTTON, TEXT);
    visuals.widgets.hovered = widget(Color32::from_rgb(66, 69, 74), LINE, STRONG);
    visuals.widgets.active = widget(Color32::from_rgb(78, 82, 88), SELECTION, STRONG);
    visuals.widgets.open = widget(RAISED, LINE, STRONG);
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

//! Buttons and lines that several panels share: each has a name for screen readers and tests.

use egui::{
    Button, Color32, Context, Response, RichText, Stroke, TextEdit, Ui, Vec2, WidgetInfo,
    WidgetType,
};

use super::theme;
use crate::app::action::Named;

/// The first shortcut of an action as text, or nothing.
pub fn shortcut_text(ctx: &Context, named: Named) -> String {
    named
        .shortcuts()
        .first()
        .map_or_else(String::new, |keys| ctx.format_shortcut(keys))
}

/// A title with its shortcut, for a tooltip.
pub fn title_with_shortcut(ctx: &Context, named: Named) -> String {
    match shortcut_text(ctx, named) {
        keys if keys.is_empty() => named.title().to_owned(),
        keys => format!("{} ({keys})", named.title()),
    }
}

/// A button that is only an icon; `name` is read out and shown on hover.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str) -> Response {
    let button = Button::new(RichText::new(icon).size(15.0))
        .frame_when_inactive(false)
        .min_size(Vec2::splat(24.0));
    named(ui.add(button), name).on_hover_text(name)
}

/// An icon button that may be refused, with the reason.
pub fn icon_button_if(ui: &mut Ui, allowed: Result<(), &str>, icon: &str, name: &str) -> Response {
    let button = Button::new(RichText::new(icon).size(15.0))
        .frame_when_inactive(false)
        .min_size(Vec2::splat(24.0));
    let response = named(ui.add_enabled(allowed.is_ok(), button), name).on_hover_text(name);
    match allowed {
        Ok(()) => response,
        Err(reason) => response.on_disabled_hover_text(reason),
    }
}

/// A button with an icon before its text.
pub fn text_button(ui: &mut Ui, icon: &str, text: &str) -> Response {
    named(ui.button(format!("{icon}  {text}")), text)
}

/// A button with an icon before its text that may be refused, with the reason.
pub fn text_button_if(ui: &mut Ui, allowed: Result<(), &str>, icon: &str, text: &str) -> Response {
    let button = Button::new(format!("{icon}  {text}"));
    let response = named(ui.add_enabled(allowed.is_ok(), button), text);
    match allowed {
        Ok(()) => response,
        Err(reason) => response.on_disabled_hover_text(reason),
    }
}

/// A button that is lit while what it stands for is true.
pub fn lit_button(ui: &mut Ui, lit: bool, colour: Color32, icon: &str, text: &str) -> Response {
    let (fill, ink, line) = if lit {
        (colour.gamma_multiply(0.35), theme::strong(), colour)
    } else {
        (theme::button(), theme::text(), colour.gamma_multiply(0.6))
    };
    let label = RichText::new(format!("{icon}  {text}")).color(ink).strong();
    let button = Button::new(label).fill(fill).stroke(Stroke::new(1.0, line));
    let response = ui.add(button);
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, enabled, lit, text));
    response
}

/// A line that says why there is nothing, and what to do about it.
pub fn empty_ui(ui: &mut Ui, icon: &str, text: &str, hint: &str) {
    ui.add_space(24.0);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(icon).size(28.0).color(theme::line()));
        ui.add_space(4.0);
        ui.label(RichText::new(text).color(theme::text()));
        if !hint.is_empty() {
            ui.label(theme::note(hint));
        }
    });
}

/// A line of text with a name for those who do not see what stands beside it.
pub fn text_field(ui: &mut Ui, field: TextEdit<'_>, name: &str) -> Response {
    let response = ui.add(field);
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, enabled, name));
    response
}

/// Gives a widget a name that holds no icon.
fn named(response: Response, name: &str) -> Response {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, name));
    response
}

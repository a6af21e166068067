//! Over the lower left corner of the view: the scene's bookmarks, and a hint for newcomers.

use egui::containers::menu::MenuButton;
use egui::{
    Button, FontId, Frame, Margin, Rect, RichText, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType,
};
use egui_phosphor::regular as icon;

use super::controls::icon_button;
use super::frame::text_width;
use super::{Twin, theme};
use crate::app::action::{Action, Named};

/// Where the bookmarks stand.
pub(super) fn bookmarks_strip(view: Rect) -> Rect {
    Rect::from_min_max(
        view.left_bottom() + Vec2::new(12.0, -38.0),
        view.right_bottom() + Vec2::new(-232.0, -8.0),
    )
}

/// The scene's bookmarks, over the lower left corner.
pub(super) fn bookmarks_ui(ui: &mut Ui, rect: Rect, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let strip = bookmarks_strip(rect);
    if !strip.is_positive() {
        return;
    }
    ui.scope_builder(UiBuilder::new().max_rect(strip), |ui| {
        ui.set_clip_rect(strip.intersect(ui.clip_rect()));
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let fill = theme::plate(150);
            let home = Button::new(icon::HOUSE).fill(fill);
            if ui
                .add(home)
                .on_hover_text(Named::FrameAll.title())
                .clicked()
            {
                actions.push(Action::Named(Named::FrameAll));
            }
            let names = twin.scene.bookmarks.iter().take(9).enumerate();
            let names = names.map(|(place, bookmark)| format!("{}  {}", place + 1, bookmark.name));
            let names: Vec<_> = names.collect();
            let fitting = fitting(ui, &names);
            for (place, name) in names.iter().enumerate().take(fitting) {
                let button = Button::new(RichText::new(name).size(12.0)).fill(fill);
                if ui.add(button).clicked() {
                    actions.push(Action::GoToBookmark(place));
                }
            }
            if fitting < names.len() {
                let more = MenuButton::from_button(Button::new(icon::DOTS_THREE).fill(fill));
                let (response, _) = more.ui(ui, |ui| {
                    for (place, name) in names.iter().enumerate().skip(fitting) {
                        if ui.button(name).clicked() {
                            actions.push(Action::GoToBookmark(place));
                        }
                    }
                });
                response.widget_info(|| {
                    WidgetInfo::labeled(WidgetType::Button, true, "More bookmarks")
                });
            }
        });
    });
}

/// How many of these buttons have room, from the first on, beside one for the others.
fn fitting(ui: &Ui, names: &[String]) -> usize {
    const MORE: f32 = 36.0;
    let around = 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x;
    let mut left = ui.available_width();
    let widths = names.iter().map(|name| {
        let font = FontId::proportional(12.0);
        text_width(ui, name.clone(), font) + around
    });
    let widths: Vec<_> = widths.collect();
    if widths.iter().sum::<f32>() <= left {
        return names.len();
    }
    left -= MORE;
    let fits = |width: &&f32| {
        left -= **width;
        left >= 0.0
    };
    widths.iter().take_while(fits).count()
}

/// One line for those who see this for the first time, in so many words as there is room for.
pub(super) fn hint_ui(ui: &mut Ui, rect: Rect, closed: &mut bool) {
    if *closed {
        return;
    }
    let strip = bookmarks_strip(rect).translate(Vec2::new(0.0, -30.0));
    const HINTS: [&str; 3] = [
        "Drag turns, right drag shifts, wheel zooms, double click flies there",
        "Drag turns, wheel zooms, double click flies there",
        "Drag turns, wheel zooms",
    ];
    // With the margins and the button that closes it.
    let room = strip.width() - 60.0;
    let font = FontId::proportional(12.0);
    let fits = |hint: &&str| text_width(ui, (*hint).to_owned(), font.clone()) <= room;
    let Some(text) = HINTS.into_iter().find(fits) else {
        return;
    };
    ui.scope_builder(UiBuilder::new().max_rect(strip), |ui| {
        ui.set_clip_rect(strip.intersect(ui.clip_rect()));
        ui.horizontal_centered(|ui| {
            Frame::new()
                .fill(theme::plate(190))
                .corner_radius(4.0)
                .inner_margin(Margin::symmetric(8, 0))
                .show(ui, |ui| {
                    ui.label(RichText::new(text).size(12.0).color(theme::text()));
                    *closed = icon_button(ui, icon::X, "Close the hint").clicked();
                });
        });
    });
}

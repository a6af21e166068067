//! What is written below a picture, for those who are shown it: captions of stories.

use egui::{Align, Align2, Color32, FontId, Pos2, Rect, Ui, Vec2};

use super::{Twin, theme};
use crate::app::story::Telling;

/// Of the picture's height a caption's text takes this share, within what is read well.
const SHARE: f32 = 0.032;

/// How high what is written of one line below a picture is, points.
pub fn room(picture: Rect) -> f32 {
    size_in(picture) * 2.6
}

fn size_in(picture: Rect) -> f32 {
    (picture.height() * SHARE).clamp(13.0, 30.0)
}

/// Paints `text` over the lower edge of the picture, in the middle, in several lines if need be.
pub fn paint_caption(ui: &Ui, picture: Rect, text: &str) {
    let size = size_in(picture);
    let mut job = egui::text::LayoutJob::simple(
        text.to_owned(),
        FontId::proportional(size),
        theme::strong(),
        picture.width() * 0.86,
    );
    job.halign = Align::Center;
    let painter = ui.painter_at(picture);
    let galley = painter.layout_job(job);
    let room = Vec2::new(size, size * 0.5);
    let height = galley.size().y;
    let middle = picture.center_bottom() - Vec2::new(0.0, height / 2.0 + room.y + size * 0.3);
    let ground = Rect::from_center_size(middle, galley.size() + 2.0 * room);
    painter.rect_filled(ground, 6.0, theme::plate(190));
    // The galley is centred about its own origin.
    let at = Pos2::new(middle.x, middle.y - height / 2.0);
    painter.galley(at, galley, theme::strong());
}

/// The caption of the step that is told, with how far the story has come; with the keys where
/// somebody presents.
pub fn story_ui(ui: &Ui, picture: Rect, twin: &Twin<'_>, presents: bool) {
    let Some(now) = twin.story else { return };
    let Some(story) = twin.scene.stories.get(now.story) else {
        return;
    };
    let Some(step) = story.steps.get(now.step) else {
        return;
    };
    // Bookmarks and legend stand at the lower edge.
    let raised = if presents { 52.0 } else { 0.0 };
    let aside: f32 = twin.picture.legend.as_ref().map_or(0.0, |_| 224.0);
    let room = Rect::from_min_max(picture.min, picture.max - Vec2::new(0.0, raised));
    let room = room.shrink2(Vec2::new(aside.min(picture.width() * 0.25), 0.0));
    if now.is_taken_over {
        paint_caption(
            ui,
            room,
            "The story rests: Esc goes on, Page Down goes to the next step",
        );
        return;
    }
    paint_caption(ui, room, &step.caption);
    paint_progress(ui, picture, now, story.steps.len());
    if presents {
        let keys = "Page Down, Page Up    .  black    Esc  end";
        let at = Pos2::new(picture.center().x, picture.bottom() - 50.0);
        let painter = ui.painter_at(picture);
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            keys,
            theme::small_font(),
            theme::weak(),
        );
    }
}

/// A dot per step at the upper edge, the present one filled.
fn paint_progress(ui: &Ui, picture: Rect, now: Telling, steps: usize) {
    const GAP: f32 = 16.0;
    let painter = ui.painter_at(picture);
    let left = picture.center().x - GAP * (steps as f32 - 1.0) / 2.0;
    for step in 0..steps {
        let at = Pos2::new(left + GAP * step as f32, picture.top() + 54.0);
        let ink = if step == now.step {
            theme::strong()
        } else {
            theme::weak()
        };
        let radius = if step == now.step { 4.0 } else { 2.5 };
        painter.circle_filled(at, radius + 1.5, theme::plate(120));
        painter.circle_filled(at, radius, ink);
    }
}

/// Nothing but black, if the presenter wants it.
pub fn blank_ui(ui: &Ui, whole: Rect, twin: &Twin<'_>) {
    if twin.story.is_some_and(|now| now.is_blank) {
        let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::new("black screen"));
        let painter = ui.ctx().layer_painter(layer);
        painter.rect_filled(whole, 0.0, Color32::BLACK);
    }
}

//! A slider with two handles: from a lowest to a highest value.

use egui::{Align2, Key, Modifiers, Pos2, Rect, Sense, Stroke, Ui, Vec2};

use super::theme;

const HEIGHT: f32 = 34.0;
const HANDLE: f32 = 14.0;
/// The ends stay this share of the whole apart.
const LEAST: f64 = 0.01;
/// An arrow key moves a handle by this share of the whole.
const STEP: f64 = 0.01;

/// Draws `now` within `ends`; gives what a person makes of it.
pub fn range_slider(
    ui: &mut Ui,
    name: &str,
    ends: (f64, f64),
    now: (f64, f64),
) -> Option<(f64, f64)> {
    let whole = (ends.1 - ends.0).max(1e-9);
    let size = Vec2::new(ui.available_width(), HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let track = Rect::from_min_max(
        rect.left_bottom() + Vec2::new(HANDLE / 2.0, -12.0),
        rect.right_bottom() + Vec2::new(-HANDLE / 2.0, -8.0),
    );
    let place = |value: f64| {
        let share = ((value - ends.0) / whole).clamp(0.0, 1.0) as f32;
        track.left() + share * track.width()
    };
    let value = |x: f32| {
        let share = ((x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0);
        ends.0 + f64::from(share) * whole
    };
    let mut next = now;
    let mut lit = [false; 2];
    for (side, word) in [(0, "from"), (1, "to")] {
        let current = if side == 0 { now.0 } else { now.1 };
        let centre = Pos2::new(place(current), track.center().y);
        let grip = Rect::from_center_size(centre, Vec2::new(HANDLE, HANDLE + 6.0));
        let id = ui.id().with((name, side));
        let response = ui.interact(grip, id, Sense::drag() | Sense::focusable_noninteractive());
        let label = format!("{name} {word}, m");
        response.widget_info(|| egui::WidgetInfo::slider(true, current, &label));
        let mut wanted = current;
        if let Some(at) = response
            .interact_pointer_pos()
            .filter(|_| response.dragged())
        {
            wanted = value(at.x);
        }
        if response.has_focus() {
            let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
            let left = f64::from(u8::from(pressed(Key::ArrowLeft)));
            let right = f64::from(u8::from(pressed(Key::ArrowRight)));
            wanted += (right - left) * whole * STEP;
        }
        if wanted != current {
            let apart = whole * LEAST;
            if side == 0 {
                next.0 = wanted.clamp(ends.0, (now.1 - apart).max(ends.0));
            } else {
                next.1 = wanted.clamp((now.0 + apart).min(ends.1), ends.1);
            }
        }
        lit[side] = response.hovered() || response.dragged() || response.has_focus();
    }
    let painter = ui.painter();
    let between = Rect::from_x_y_ranges(place(now.0)..=place(now.1), track.y_range());
    painter.rect_filled(track, 2.0, theme::line());
    painter.rect_filled(between, 2.0, theme::selection().gamma_multiply(0.7));
    for (value, lit) in [now.0, now.1].into_iter().zip(lit) {
        paint_handle(ui, Pos2::new(place(value), track.center().y), lit);
    }
    let top = rect.top() + 8.0;
    let font = theme::small_font();
    let painter = ui.painter();
    painter.text(
        Pos2::new(rect.left(), top),
        Align2::LEFT_CENTER,
        name,
        font.clone(),
        theme::text(),
    );
    painter.text(
        Pos2::new(rect.right(), top),
        Align2::RIGHT_CENTER,
        format!("{:.1} to {:.1} m", now.0, now.1),
        font,
        theme::weak(),
    );
    (next != now).then_some(next)
}

fn paint_handle(ui: &Ui, centre: Pos2, lit: bool) {
    let line = if lit {
        theme::strong()
    } else {
        theme::selection()
    };
    let painter = ui.painter();
    painter.circle(
        centre,
        HANDLE / 2.0 - 1.0,
        if lit { theme::line() } else { theme::raised() },
        Stroke::new(1.5, line),
    );
}

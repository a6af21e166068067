//! The trends alone, as they stand, for a picture: no buttons, all strips on one page.

use egui::{Align2, Context, FontId, FullOutput, Pos2, RawInput, Rect, Ui, Vec2};

use super::frame::mode_text;
use super::strips::{Strip, strips_ui};
use super::trends::{MAX_SIGNALS, TrendState};
use super::{Twin, theme};

/// Room around all of it, points.
const MARGIN: f32 = 12.0;
/// Height of the headline.
const HEAD: f32 = 30.0;
/// A strip is at least so high.
const STRIP: f32 = 110.0;
/// Height of a row of the legend, and what a strip has besides.
const ROW: f32 = 18.0;
/// The smallest and the largest picture, points.
const SIZES: (Vec2, Vec2) = (Vec2::new(640.0, 240.0), Vec2::new(4_000.0, 6_000.0));

/// The trends on a sheet of their own.
pub struct Drawn {
    /// Whose fonts they are.
    pub ctx: Context,
    /// What egui painted, and the textures that it needs.
    pub passes: Vec<FullOutput>,
    /// How large it is, points.
    pub size: Vec2,
}

/// Draws the trends with `scale` pixels to a point; as lines instead of triangles if asked.
///
/// `None` if they show no signal.
pub(super) fn drawn(
    twin: &Twin<'_>,
    state: &mut TrendState,
    scale: f32,
    as_lines: bool,
) -> Option<Drawn> {
    let mut signals = state.signals(twin.scene, twin.selection);
    signals.truncate(MAX_SIGNALS);
    if signals.is_empty() {
        return None;
    }
    let strips = Strip::by_unit(twin.scene, &signals, |signal| state.group(signal));
    // Every strip and its whole legend.
    let rows = strips.iter().map(|strip| strip.signals.len()).max();
    let lowest = STRIP.max(rows.unwrap_or(0) as f32 * ROW + ROW) * strips.len() as f32;
    let room = Vec2::new(2.0 * MARGIN, 2.0 * MARGIN + HEAD);
    let size = Vec2::new(state.size.x, state.size.y.max(lowest)) + room;
    let size = size.clamp(SIZES.0, SIZES.1).round();

    let ctx = Context::default();
    theme::install(&ctx);
    theme::apply(&ctx, twin.settings.theme, twin.settings.look, true);
    ctx.set_pixels_per_point(scale);
    let page = std::mem::take(&mut state.first_strip);
    state.curves.draw_as_lines(as_lines);
    // Fonts and sizes are there from the second pass on.
    let passes = (0..3).map(|_| {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            ..RawInput::default()
        };
        ctx.run_ui(input, |ui| sheet_ui(ui, twin, state, &strips))
    });
    let passes = passes.collect();
    state.curves.draw_as_lines(false);
    state.first_strip = page;
    Some(Drawn { ctx, passes, size })
}

fn sheet_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut TrendState, strips: &[Strip]) {
    let whole = ui.max_rect();
    let painter = ui.painter();
    painter.rect_filled(whole, 0.0, theme::panel());
    let inner = whole.shrink(MARGIN);
    let range = state
        .window
        .range(twin.timeline.now(), state.automatic_range(twin));
    let font = FontId::proportional(15.0);
    let title = &twin.scene.name;
    painter.text(inner.min, Align2::LEFT_TOP, title, font, theme::strong());
    let mode = match twin.demo {
        true => format!("DEMO  {}", mode_text(twin.timeline.mode())),
        false => mode_text(twin.timeline.mode()).to_owned(),
    };
    let (from, to) = (range.0.to_clock_text(), range.1.to_clock_text());
    let at = twin.timeline.playhead().to_clock_text();
    let told = format!("{from} to {to} UTC   {mode}, values at {at}");
    let font = FontId::proportional(12.0);
    painter.text(
        inner.right_top(),
        Align2::RIGHT_TOP,
        told,
        font,
        theme::text(),
    );
    let below = inner.with_min_y(inner.top() + HEAD);
    ui.scope_builder(egui::UiBuilder::new().max_rect(below), |ui| {
        strips_ui(ui, twin, state, strips, range, &mut Vec::new());
    });
}

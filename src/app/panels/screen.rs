//! The screen as a whole: what lies over everything, the border, the bars and the dock.

use super::layout;
use super::{
    PanelState, Twin, alarms, caption, cursor, frame, kiosk, legend, note, order, palette,
    shortcuts, sign_in, signal_drag, status, story_draft, theme, timeline, top_bar, viewport,
};
use crate::app::action::Action;
use crate::app::viewport::ViewInput;

/// Height of the time control on a small screen, points.
const SMALL_TIMELINE: f32 = 90.0;

/// Draws everything that is on screen, into the root `Ui`.
///
/// Reads `twin`, writes what the pointer did in the 3D tab to `input`, and pushes what a
/// person asks for to `actions`.
pub fn app_ui(
    root: &mut egui::Ui,
    twin: &Twin<'_>,
    state: &mut PanelState,
    input: &mut ViewInput,
    actions: &mut Vec<Action>,
) {
    let ctx = root.ctx().clone();
    theme::apply(
        &ctx,
        twin.settings.theme,
        twin.settings.look,
        state.reduced_motion,
    );
    ctx.set_zoom_factor(state.ui_scale);
    // The 3D tab says so if it is on screen.
    *input = ViewInput::default();

    if let Some(sheet) = &state.legend {
        legend::sheet_ui(root, sheet);
        return;
    }
    state.sources.begin_frame();
    state.flows.begin_frame();
    state.chosen_in = None;
    let popup_was_open = egui::Popup::is_any_open(&ctx);
    let window_was_open = state.has_window();
    palette::palette_ui(&ctx, twin, &mut state.palette, actions);
    shortcuts::shortcuts_ui(&ctx, state);
    note::note_ui(&ctx, twin, &mut state.note, actions);
    alarms::comment_ui(&ctx, twin, &mut state.alarms, actions);
    story_draft::story_draft_ui(&ctx, twin, &mut state.story, actions);
    order::order_ui(&ctx, twin, &mut state.order, actions);
    sign_in::sign_in_ui(&ctx, twin, &mut state.sign_in, actions);

    let whole = root.max_rect();
    let is_clear = state.view_only && !twin.settings.backdrop;
    if !is_clear {
        root.painter().rect_filled(whole, 0.0, theme::window());
    }
    let border = if state.view_only && state.bare {
        0.0
    } else {
        frame::BORDER
    };
    let inner = egui::UiBuilder::new().max_rect(whole.shrink(border));
    root.scope_builder(inner, |ui| {
        if state.view_only {
            let part = match state.bare {
                true => viewport::PictureOf::Nothing,
                false => viewport::PictureOf::View,
            };
            let whole = ui.max_rect();
            let foot = match (&state.caption, state.bare) {
                (Some(_), true) => caption::room(whole),
                _ => 0.0,
            };
            let place = whole.with_max_y(whole.bottom() - foot);
            let place = egui::UiBuilder::new().max_rect(place);
            let picture = ui
                .scope_builder(place, |ui| viewport::picture_ui(ui, twin, input, part))
                .inner;
            if !state.bare {
                frame::caption_ui(ui, twin, picture.rect);
            }
            if let Some(caption) = &state.caption {
                caption::paint_caption(ui, whole, caption);
            }
            caption::story_ui(ui, picture.rect, twin, false);
        } else if twin.who.kiosk {
            kiosk::kiosk_ui(ui, twin, state, input, actions);
        } else {
            panels_ui(ui, twin, state, input, actions);
        }
    });
    caption::blank_ui(root, whole, twin);
    if border > 0.0 {
        frame::paint_border(root, whole, twin.timeline.mode());
    }

    let keyboard = shortcuts::Keyboard {
        typing: state.was_typing,
        popup_open: popup_was_open,
        window_open: window_was_open,
    };
    shortcuts::dispatch(&ctx, keyboard, twin, actions);
    state.was_typing = ctx.text_edit_focused();
    signal_drag::paint_carried(&ctx, twin);
    cursor::end_frame(&ctx);
    ctx.request_repaint_after(frame::AGE_REFRESH);
}

fn panels_ui(
    ui: &mut egui::Ui,
    twin: &Twin<'_>,
    state: &mut PanelState,
    input: &mut ViewInput,
    actions: &mut Vec<Action>,
) {
    let size = ui.max_rect().size();
    state.is_small = layout::is_small(size);
    state.is_narrow = layout::is_narrow(size);
    let bar = |vertical| {
        egui::Frame::new()
            .fill(theme::panel())
            .inner_margin(egui::Margin::symmetric(8, vertical))
    };
    egui::Panel::top("top bar")
        .exact_size(38.0)
        .frame(bar(2))
        .show_separator_line(false)
        .show(ui, |ui| top_bar::top_bar_ui(ui, twin, state, actions));
    egui::Panel::top("alarm banner")
        .exact_size(alarms::banner::HEIGHT)
        .frame(bar(0))
        .show_separator_line(false)
        .show(ui, |ui| alarms::banner::banner_ui(ui, twin, actions));
    egui::Panel::bottom("status line")
        .exact_size(24.0)
        .frame(bar(0))
        .show_separator_line(false)
        .show(ui, |ui| status::status_ui(ui, twin));
    // What a hand has set is kept for each of the two.
    let timeline = if state.is_small {
        egui::Panel::bottom("small timeline").exact_size(SMALL_TIMELINE)
    } else {
        egui::Panel::bottom("timeline")
            .resizable(true)
            .default_size(122.0)
            .size_range(104.0..=260.0)
    };
    timeline.frame(bar(4)).show(ui, |ui| {
        timeline::timeline_ui(ui, twin, &mut state.timeline, actions);
    });
    egui::CentralPanel::default()
        .frame(egui::Frame::new().fill(theme::window()))
        .show(ui, |ui| layout::dock_ui(ui, twin, state, input, actions));
}

//! The plant for whoever passes by: the view, the alarms, the time; nothing to change.

use egui::{Frame, Margin, Panel, Ui};

use super::alarms::banner;
use super::{PanelState, Twin, caption, frame, theme, timeline, viewport};
use crate::app::action::Action;
use crate::app::viewport::ViewInput;

/// Lays out the kiosk.
pub fn kiosk_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut PanelState,
    input: &mut ViewInput,
    actions: &mut Vec<Action>,
) {
    let bar = |vertical| {
        Frame::new()
            .fill(theme::panel())
            .inner_margin(Margin::symmetric(8, vertical))
    };
    Panel::top("kiosk banner")
        .exact_size(banner::HEIGHT)
        .frame(bar(0))
        .show_separator_line(false)
        .show(ui, |ui| banner::banner_ui(ui, twin, actions));
    Panel::bottom("kiosk time")
        .exact_size(122.0)
        .frame(bar(4))
        .show(ui, |ui| {
            timeline::timeline_ui(ui, twin, &mut state.timeline, actions);
        });
    egui::CentralPanel::default()
        .frame(Frame::new().fill(theme::window()))
        .show(ui, |ui| {
            let part = viewport::PictureOf::View;
            let picture = viewport::picture_ui(ui, twin, input, part);
            frame::caption_ui(ui, twin, picture.rect);
            caption::story_ui(ui, picture.rect, twin, false);
        });
}

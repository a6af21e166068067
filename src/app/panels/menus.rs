//! The menus at the top: every named action that is worth a place, greyed out with the reason
//! where it cannot be done.

use egui::Ui;

use super::controls::shortcut_text;
use super::heat_choice::heat_menu_ui;
use super::{PanelState, Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::settings::Quality;
use crate::timeline::TimelineCommand;

/// The menus.
pub fn menus_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut PanelState, actions: &mut Vec<Action>) {
    ui.spacing_mut().button_padding.x = 8.0;
    ui.menu_button("File", |ui| {
        named_items_ui(
            ui,
            twin,
            &[
                Named::ChooseScene,
                Named::ChoosePicture,
                Named::ChooseTrendExport,
                Named::ChooseTrendPicture,
            ],
            actions,
        );
        ui.separator();
        named_items_ui(
            ui,
            twin,
            &[
                Named::ShowTopics,
                Named::ShowWithoutData,
                Named::TakeMappingBack,
            ],
            actions,
        );
        ui.separator();
        named_items_ui(ui, twin, &[Named::Quit], actions);
    });
    ui.menu_button("Edit", |ui| {
        named_items_ui(
            ui,
            twin,
            &[
                Named::Undo,
                Named::Redo,
                Named::SelectSameKind,
                Named::BoxTool,
                Named::OpenDocument,
            ],
            actions,
        );
    });
    ui.menu_button("View", |ui| {
        named_items_ui(
            ui,
            twin,
            &[
                Named::FrameAll,
                Named::FrameSelection,
                Named::TopView,
                Named::IsoView,
                Named::SwitchLook,
                Named::SwitchTheme,
                Named::ToggleLabels,
                Named::ToggleHeat,
                Named::ToggleResiduals,
                Named::ToggleMinimap,
                Named::ToggleSecondView,
                Named::ToggleDaylight,
            ],
            actions,
        );
        ui.separator();
        named_items_ui(
            ui,
            twin,
            &[
                Named::IsolateSelection,
                Named::HideSelection,
                Named::ShowEverything,
                Named::ToggleXRay,
                Named::ToggleSection,
                Named::MeasureTool,
            ],
            actions,
        );
        ui.separator();
        heat_menu_ui(ui, twin, actions);
        bookmarks_menu_ui(ui, twin, actions);
        stories_menu_ui(ui, twin, actions);
        ui.separator();
        named_items_ui(
            ui,
            twin,
            &[
                Named::ZoomIn,
                Named::ZoomOut,
                Named::ToggleFullScreen,
                Named::ResetLayout,
            ],
            actions,
        );
        quality_menu_ui(ui, twin, actions);
        ui.checkbox(&mut state.reduced_motion, "Reduced motion")
            .on_hover_text("Nothing flashes or glides");
    });
    ui.menu_button("Time", |ui| {
        named_items_ui(
            ui,
            twin,
            &[
                Named::GoLive,
                Named::TogglePlay,
                Named::GoToStart,
                Named::StepBack,
                Named::StepForward,
                Named::LeapBack,
                Named::LeapForward,
            ],
            actions,
        );
        ui.separator();
        for (text, secs) in [("Back 1 h", -3_600.0), ("Forward 1 h", 3_600.0)] {
            if ui.button(text).clicked() {
                actions.push(Action::Timeline(TimelineCommand::SeekBy(secs)));
            }
        }
        ui.separator();
        named_items_ui(ui, twin, &[Named::RunBaseline], actions);
    });
    ui.menu_button("Alarms", |ui| {
        named_items_ui(
            ui,
            twin,
            &[
                Named::ShowAlarms,
                Named::GoToAlarm,
                Named::AcknowledgeFirst,
                Named::CommentAlarm,
                Named::AcknowledgeAll,
                Named::SilenceHorn,
            ],
            actions,
        );
        ui.separator();
        named_items_ui(
            ui,
            twin,
            &[
                Named::ShowAnomalies,
                Named::ShowHealth,
                Named::ShowFlows,
                Named::ShowAlarmReview,
                Named::TryLimitsOfSelection,
                Named::ChooseAlarmExport,
                Named::ChooseReviewExport,
                Named::ChooseShiftReport,
            ],
            actions,
        );
        ui.separator();
        sound_ui(ui, twin, state, actions);
    });
    ui.menu_button("Help", |ui| {
        named_items_ui(
            ui,
            twin,
            &[Named::ShowPalette, Named::ShowShortcuts],
            actions,
        );
        ui.separator();
        ui.label(theme::note(concat!("Parallax ", env!("CARGO_PKG_VERSION"))));
    });
}

/// Whether alarms are heard, and by whom; plainly, if by nobody.
fn sound_ui(ui: &mut Ui, twin: &Twin<'_>, state: &PanelState, actions: &mut Vec<Action>) {
    let allowed = Named::ToggleHorn.allowed(twin);
    let mut heard = !state.muted && allowed.is_ok();
    let switch = egui::Checkbox::new(&mut heard, "Alarm sound");
    let switch = ui.add_enabled(allowed.is_ok(), switch);
    if switch.on_hover_text(Named::ToggleHorn.help()).clicked() {
        actions.push(Action::Named(Named::ToggleHorn));
    }
    ui.label(theme::note(match twin.desk.horn.player {
        Some(player) => format!("Played by {player}"),
        None => "No player was found: alarms are not heard".to_owned(),
    }));
}

/// How finely the view is drawn.
fn quality_menu_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let now = twin.settings.quality;
    ui.menu_button("Quality", |ui| {
        let chosen = twin.settings.chosen_quality.title();
        let choices = Quality::ALL.map(|quality| (Some(quality), quality.title().to_owned()));
        let first = (None, format!("Automatic (now {chosen})"));
        for (quality, title) in [first].into_iter().chain(choices) {
            if ui.radio(now == quality, title).clicked() {
                actions.push(Action::SetQuality(quality));
                ui.close();
            }
        }
    });
}

fn stories_menu_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    ui.menu_button("Stories", |ui| {
        for (place, story) in twin.scene.stories.iter().enumerate() {
            if ui.button(&story.name).clicked() {
                actions.push(Action::StartStory(place));
            }
        }
        if !twin.scene.stories.is_empty() {
            ui.separator();
            named_items_ui(ui, twin, &[Named::StoryLoop], actions);
            ui.separator();
        }
        named_items_ui(
            ui,
            twin,
            &[Named::RecordStory, Named::KeepStoryStep],
            actions,
        );
    });
}

fn bookmarks_menu_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if twin.scene.bookmarks.is_empty() {
        return;
    }
    ui.menu_button("Bookmarks", |ui| {
        for (place, bookmark) in twin.scene.bookmarks.iter().enumerate() {
            let mut button = egui::Button::new(&bookmark.name);
            if place < 9 {
                button = button.shortcut_text((place + 1).to_string());
            }
            if ui.add(button).clicked() {
                actions.push(Action::GoToBookmark(place));
            }
        }
    });
}

/// Named actions as items of a menu.
pub(super) fn named_items_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    items: &[Named],
    actions: &mut Vec<Action>,
) {
    for &named in items {
        let keys = shortcut_text(ui.ctx(), named);
        let button = egui::Button::new(named.title()).shortcut_text(keys);
        let allowed = named.allowed(twin);
        let response = ui.add_enabled(allowed.is_ok(), button);
        let response = response.on_hover_text(named.help());
        let response = match allowed {
            Ok(()) => response,
            Err(why) => response.on_disabled_hover_text(why),
        };
        if response.clicked() {
            actions.push(Action::Named(named));
        }
    }
}

//! Writing a note about the instant under the playhead, and about the selected asset.

use egui::{Align2, Key, Ui};

use super::{Twin, theme};
use crate::app::action::{Action, Note};
use crate::scene::AssetIndex;
use crate::time::Timestamp;

/// The longest note, characters.
const LONGEST: usize = 2_000;

/// The note that is being written, if one is.
#[derive(Debug, Default)]
pub struct NoteState(Option<Draft>);

#[derive(Debug)]
struct Draft {
    at: Timestamp,
    asset: Option<AssetIndex>,
    text: String,
}

impl NoteState {
    /// Begins a note about what is looked at now.
    pub fn begin(&mut self, at: Timestamp, asset: Option<AssetIndex>) {
        self.0 = Some(Draft {
            at,
            asset,
            text: String::new(),
        });
    }

    /// True while one is written.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Throws the note away.
    pub fn close(&mut self) {
        self.0 = None;
    }
}

/// The window of the note, while one is written.
pub fn note_ui(
    ctx: &egui::Context,
    twin: &Twin<'_>,
    state: &mut NoteState,
    actions: &mut Vec<Action>,
) {
    let Some(draft) = &mut state.0 else { return };
    let mut done = false;
    let mut cancelled = false;
    egui::Window::new("Note")
        .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
        .collapsible(false)
        .resizable(false)
        .default_width(420.0)
        .show(ctx, |ui| {
            let about = match draft.asset {
                Some(asset) => twin.scene.asset(asset).tag.as_str(),
                None => "the whole plant",
            };
            let text = format!("About {about} at {} UTC", draft.at.to_clock_text());
            ui.label(theme::note(text));
            ui.add_space(4.0);
            let edit = egui::TextEdit::singleline(&mut draft.text)
                .char_limit(LONGEST)
                .desired_width(f32::INFINITY)
                .hint_text("What happened, what was done");
            let edit = ui.add(edit);
            let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            edit.request_focus();
            ui.add_space(4.0);
            let can_keep = !draft.text.trim().is_empty();
            (done, cancelled) = buttons_ui(ui, can_keep);
            done |= entered && can_keep;
        });
    if done && let Some(draft) = state.0.take() {
        actions.push(Action::Note(Note {
            at: draft.at,
            asset: draft.asset,
            text: draft.text.trim().to_owned(),
        }));
    }
    if cancelled {
        state.close();
    }
}

/// `(keep, cancel)`
fn buttons_ui(ui: &mut Ui, can_keep: bool) -> (bool, bool) {
    let escaped = ui.input(|input| input.key_pressed(Key::Escape));
    ui.horizontal(|ui| {
        let keep = ui.add_enabled(can_keep, egui::Button::new("Record note"));
        let keep = keep.on_hover_text("Enter");
        let cancel = ui.button("Cancel");
        (keep.clicked(), cancel.clicked() || escaped)
    })
    .inner
}

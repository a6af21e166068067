//! What a person says of an alarm: written down in the journal of notes, at the instant at
//! which the alarm was raised.

use egui::{Align2, Context, Key, TextEdit};

use super::super::controls::text_field;
use super::super::{Twin, theme};
use super::filter::{message_of, tag_of};
use crate::alarm::{Alarm, AlarmId};
use crate::app::action::Action;
use crate::recording::NoteRecord;
use crate::scene::Scene;

/// The longest comment, characters.
const LONGEST: usize = 2_000;

/// The comment that is being written, if one is.
#[derive(Debug, Default)]
pub struct CommentState(Option<Draft>);

#[derive(Debug)]
struct Draft {
    /// Of which alarms; empty until it is known which is meant.
    of: Vec<AlarmId>,
    title: String,
    text: String,
    is_new: bool,
}

impl CommentState {
    /// Begins a comment: of these alarms, or of that which a person dealt with last.
    pub fn begin(&mut self, of: Vec<AlarmId>) {
        self.0 = Some(Draft {
            of,
            title: String::new(),
            text: String::new(),
            is_new: true,
        });
    }

    /// True while one is written.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Throws the comment away.
    pub fn close(&mut self) {
        self.0 = None;
    }
}

/// The window of the comment, while one is written.
pub fn comment_ui(
    ctx: &Context,
    twin: &Twin<'_>,
    state: &mut CommentState,
    actions: &mut Vec<Action>,
) {
    let Some(draft) = &mut state.0 else { return };
    if draft.is_new && !draft.settle(twin) {
        state.close();
        return;
    }
    let (mut done, mut cancelled) = (false, false);
    egui::Window::new("Comment")
        .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
        .collapsible(false)
        .resizable(false)
        .default_width(420.0)
        .show(ctx, |ui| {
            ui.label(theme::note(&draft.title));
            ui.add_space(4.0);
            let edit = TextEdit::singleline(&mut draft.text)
                .char_limit(LONGEST)
                .desired_width(f32::INFINITY)
                .hint_text("What is known, what was done");
            let edit = text_field(ui, edit, "Comment on the alarm");
            let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            edit.request_focus();
            ui.add_space(4.0);
            let can_keep = !draft.text.trim().is_empty() && twin.recording.is_some();
            let refusal = match twin.recording {
                None => "Nothing is recorded: open the scene with --store",
                Some(_) => "Say something first",
            };
            cancelled = ui.input(|input| input.key_pressed(Key::Escape));
            ui.horizontal(|ui| {
                let keep = ui.add_enabled(can_keep, egui::Button::new("Record comment"));
                let keep = keep.on_hover_text("Enter").on_disabled_hover_text(refusal);
                done = keep.clicked() || (entered && can_keep);
                cancelled |= ui.button("Cancel").clicked();
                if twin.recording.is_none() {
                    ui.label(theme::note(refusal));
                }
            });
        });
    if done && let Some(draft) = state.0.take() {
        let text = draft.text.trim().to_owned();
        actions.push(Action::CommentAlarms(draft.of, text));
    }
    if cancelled {
        state.close();
    }
}

impl Draft {
    /// Finds out what it is about; false if there is no such alarm.
    fn settle(&mut self, twin: &Twin<'_>) -> bool {
        self.is_new = false;
        if self.of.is_empty() {
            self.of.extend(twin.desk.subject().map(|alarm| alarm.id));
        }
        let mut known = twin.alarms.iter().chain(twin.desk.live);
        let mut known = known.by_ref().chain(twin.desk.addressed);
        let Some(first) = known.find(|alarm| self.of.contains(&alarm.id)) else {
            return false;
        };
        let (tag, message) = (tag_of(first, twin.scene), message_of(first, twin.scene));
        self.title = match self.of.len() {
            1 => format!("About {tag}: {message}"),
            more => format!("About {tag}: {message}, and {} more", more - 1),
        };
        true
    }
}

/// The text that is recorded of an alarm.
pub fn comment_text(alarm: &Alarm, scene: &Scene, comment: &str) -> String {
    format!("{}{comment}", beginning(alarm, scene))
}

/// The comments on an alarm since it was raised, the newest last.
pub fn comments_on<'a>(
    alarm: &Alarm,
    scene: &'a Scene,
    notes: &'a [NoteRecord],
) -> impl Iterator<Item = (&'a NoteRecord, &'a str)> + use<'a> {
    let (begin, tag) = (beginning(alarm, scene), tag_of(alarm, scene));
    let raised = alarm.raised;
    // Notes are in order of the instants that they are about.
    let first = notes.partition_point(|note| note.at < raised);
    let same = notes[first..]
        .iter()
        .take_while(move |note| note.at == raised);
    same.filter_map(move |note| {
        let text = note.text.strip_prefix(&begin)?;
        (note.tag.as_deref() == Some(tag)).then_some((note, text))
    })
}

fn beginning(alarm: &Alarm, scene: &Scene) -> String {
    format!("Alarm {}: ", message_of(alarm, scene))
}

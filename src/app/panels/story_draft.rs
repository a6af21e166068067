//! Recording a story: how far it is, the caption of a step, and the name at the end.

use egui::{Align2, Context, Frame, Key, Pos2, Rect, RichText, TextEdit, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::controls::{shortcut_text, text_button_if, text_field};
use super::view_tools::STRIP;
use super::{Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::story_recorder::{Recorded, StoryEdit};
use crate::scene::{StoryStep, StoryTime};
use crate::time::duration_text;

/// The longest caption, characters: what is read while somebody speaks.
const LONGEST: usize = 280;
/// The longest name.
const LONGEST_NAME: usize = 80;
/// Size of what says that a story is recorded.
const SIZE: Vec2 = Vec2::new(470.0, 32.0);

/// What is typed.
#[derive(Debug, Default)]
pub struct StoryDraft {
    text: String,
    /// True if the window was there in the frame before.
    was_open: bool,
}

/// Where it stands that a story is recorded.
pub fn strip_rect(view: Rect) -> Rect {
    let width = SIZE.x.min(view.width() - 16.0).max(0.0);
    let corner = Pos2::new(view.center().x - width / 2.0, view.top() + STRIP + 14.0);
    Rect::from_min_size(corner, Vec2::new(width, SIZE.y))
}

/// Says over the picture that a story is recorded, and what can be done with it.
pub fn recording_ui(ui: &mut Ui, view: Rect, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let Some(story) = twin.recorded else { return };
    let strip = strip_rect(view);
    if strip.width() < 240.0 || view.height() < 220.0 {
        return;
    }
    let area = egui::Area::new(ui.id().with("story recording"))
        .order(egui::Order::Middle)
        .fixed_pos(strip.min)
        .constrain_to(view);
    area.show(ui.ctx(), |ui| {
        let ground = Frame::new()
            .fill(theme::plate(200))
            .corner_radius(5.0)
            .inner_margin(egui::Margin::symmetric(8, 3));
        ground.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(
                    RichText::new(icon::RECORD)
                        .color(theme::warning())
                        .size(15.0),
                );
                let text = format!("Recording a story, {}", counted(story.steps.len()));
                ui.label(RichText::new(text).color(theme::strong()));
                for (named, text) in [
                    (Named::KeepStoryStep, "Keep this step"),
                    (Named::RecordStory, "End..."),
                ] {
                    let button = ui.button(text);
                    let keys = shortcut_text(ui.ctx(), named);
                    if button.on_hover_text(keys).clicked() {
                        actions.push(Action::Named(named));
                    }
                }
                let any = match story.steps.last() {
                    Some(_) => Ok(()),
                    None => Err("Nothing is kept yet"),
                };
                let last = story.steps.last().map(|step| step.caption.as_str());
                let undo = text_button_if(ui, any, icon::ARROW_U_UP_LEFT, "Remove the last");
                if undo.on_hover_text(last.unwrap_or_default()).clicked() {
                    actions.push(Action::Story(StoryEdit::RemoveLast));
                }
            });
        });
    });
}

fn counted(steps: usize) -> String {
    match steps {
        0 => "no step yet".to_owned(),
        1 => "1 step".to_owned(),
        many => format!("{many} steps"),
    }
}

/// The window that asks for a caption, or for the name at the end.
pub fn story_draft_ui(
    ctx: &Context,
    twin: &Twin<'_>,
    draft: &mut StoryDraft,
    actions: &mut Vec<Action>,
) {
    let asked = twin.recorded.and_then(|story| match &story.waiting {
        Some(step) => Some(Asked::Caption(step)),
        None => story.is_ending.then_some(Asked::Name(story)),
    });
    let Some(asked) = asked else {
        draft.was_open = false;
        return;
    };
    if !std::mem::replace(&mut draft.was_open, true) {
        draft.text.clear();
    }
    let (title, name, hint, longest) = match asked {
        Asked::Caption(_) => (
            "Caption of the step",
            "Caption",
            "What is seen, in a sentence",
            LONGEST,
        ),
        Asked::Name(_) => (
            "End of the story",
            "Name",
            "What the story is called",
            LONGEST_NAME,
        ),
    };
    let mut edit = None;
    egui::Window::new(title)
        .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
        .collapsible(false)
        .resizable(false)
        .default_width(460.0)
        .show(ctx, |ui| {
            ui.label(theme::note(asked.told(twin)));
            ui.add_space(4.0);
            let field = TextEdit::singleline(&mut draft.text)
                .char_limit(longest)
                .desired_width(f32::INFINITY)
                .hint_text(hint);
            let field = text_field(ui, field, name);
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            field.request_focus();
            ui.add_space(6.0);
            edit = asked.buttons_ui(ui, draft.text.trim(), entered);
        });
    if let Some(edit) = edit {
        actions.push(Action::Story(edit));
        draft.was_open = false;
    }
}

/// What the window asks for.
enum Asked<'a> {
    Caption(&'a StoryStep),
    Name(&'a Recorded),
}

impl Asked<'_> {
    /// What the answer is about.
    fn told(&self, twin: &Twin<'_>) -> String {
        match self {
            Self::Caption(step) => format!("Kept: {}", parts(step, twin).join(", ")),
            Self::Name(story) if story.steps.is_empty() => {
                "Nothing is kept yet; a story has at least one step".to_owned()
            }
            Self::Name(story) => {
                let steps = counted(story.steps.len());
                format!("{steps}. It is written beside the scene, and told from View, Stories")
            }
        }
    }

    fn buttons_ui(&self, ui: &mut Ui, text: &str, entered: bool) -> Option<StoryEdit> {
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        let mut answer = None;
        ui.horizontal(|ui| match self {
            Self::Caption(_) => {
                let can_keep = !text.is_empty();
                let keep = ui.add_enabled(can_keep, egui::Button::new("Keep the step"));
                if keep.on_hover_text("Enter").clicked() || (entered && can_keep) {
                    answer = Some(StoryEdit::Caption(text.to_owned()));
                }
                if ui.button("Cancel").clicked() || escaped {
                    answer = Some(StoryEdit::DropStep);
                }
            }
            Self::Name(story) => {
                let can_keep = !text.is_empty() && !story.steps.is_empty();
                let keep = ui.add_enabled(can_keep, egui::Button::new("Keep the story"));
                if keep.on_hover_text("Enter").clicked() || (entered && can_keep) {
                    answer = Some(StoryEdit::Keep(text.to_owned()));
                }
                if ui.button("Go on recording").clicked() || escaped {
                    answer = Some(StoryEdit::GoOn);
                }
                if ui.button("Throw away").clicked() {
                    answer = Some(StoryEdit::Discard);
                }
            }
        });
        answer
    }
}

/// What a step keeps, for a person to check.
fn parts(step: &StoryStep, twin: &Twin<'_>) -> Vec<String> {
    let mut parts = vec![match &step.time {
        StoryTime::Live => "the view as it is live".to_owned(),
        StoryTime::Back(back) => format!("the view {} ago", duration_text(back.as_secs_f64())),
        StoryTime::Ahead { scenario, ahead } => format!(
            "the view {} into \"{scenario}\"",
            duration_text(ahead.as_secs_f64())
        ),
    }];
    let chosen = step.select.map(|asset| &twin.scene.asset(asset).tag);
    parts.extend(chosen.map(|tag| format!("{tag} highlighted")));
    parts.extend(step.heat.as_ref().map(|heat| format!("colours of {heat}")));
    parts.extend(step.xray.then(|| "x-ray".to_owned()));
    parts.extend(step.section.map(|_| "the section".to_owned()));
    let shown = &step.shown;
    let some = |count: usize, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {more}")),
    };
    let alone = some(shown.alone.len(), "asset alone", "assets alone");
    let hidden = some(shown.hidden.len(), "asset hidden", "assets hidden");
    let layers = some(shown.layers_off.len(), "layer off", "layers off");
    let storeys = some(shown.storeys_off.len(), "storey off", "storeys off");
    parts.extend([alone, hidden, layers, storeys].into_iter().flatten());
    parts.extend(shown.ground_off.then(|| "no ground".to_owned()));
    parts.extend((shown.spread > 0.0).then(|| "storeys apart".to_owned()));
    parts
}

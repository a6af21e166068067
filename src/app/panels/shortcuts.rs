//! The keyboard: from keys to actions, and the window that lists them.

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Ui};

use super::controls::shortcut_text;
use super::{PanelState, Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::viewport::ViewInput;

/// The keys that lead to bookmarks, in order.
const BOOKMARKS: [Key; 9] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// Keys that walk, and where to: right, up, forward.
const WALKING: [(Key, usize, f32); 6] = [
    (Key::D, 0, 1.0),
    (Key::A, 0, -1.0),
    (Key::E, 1, 1.0),
    (Key::Q, 1, -1.0),
    (Key::W, 2, 1.0),
    (Key::S, 2, -1.0),
];

/// Width of a column of the list.
const COLUMN: f32 = 220.0;

/// What a mouse does, for the list.
const HABITS: [(&str, &str); 11] = [
    ("Left drag", "Turn the view"),
    ("Right or middle drag", "Shift the view"),
    (
        "Alt + drag an asset",
        "Carry its signals onto the trends, or onto a strip of them",
    ),
    ("Wheel", "Come closer, at the pointer"),
    ("Click", "Select an asset"),
    ("Ctrl + click", "Select it besides, or no more"),
    (
        "Ctrl + drag",
        "Select in a box; with Shift, besides what is selected",
    ),
    (
        "Double click",
        "Fly to an asset; on nothing, show the whole plant",
    ),
    (
        "W A S D, Q E",
        "Walk, down and up, while the pointer is over the plant",
    ),
    ("1 to 9", "Go to a bookmark"),
    (
        "Wheel, Shift + wheel on the time bar",
        "Zoom and shift in time",
    ),
];

/// Who else listens to the keys of this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyboard {
    /// A text field had the keyboard when the frame began.
    pub typing: bool,
    /// A menu or list was open when the frame began.
    pub popup_open: bool,
    /// A window lay over the panels when the frame began: Escape closes it and nothing else.
    pub window_open: bool,
}

/// Turns this frame's keys into actions.
///
/// While a text field has the keyboard, only chords with Ctrl and function keys act.
/// Another widget that has it, such as a button reached by Tab, keeps the keys that move
/// between widgets and press them.
pub fn dispatch(ctx: &Context, keyboard: Keyboard, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let typing = keyboard.typing || ctx.text_edit_focused();
    let focused = ctx.memory(egui::Memory::focused);
    let events = ctx.input(|input| input.events.clone());
    for event in &events {
        let &Event::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } = event
        else {
            continue;
        };
        let kept_by_text = typing && !modifiers.command && !is_function_key(key);
        let kept_by_focus = focused.is_some_and(|id| {
            matches!(key, Key::Enter)
                || is_arrow(key)
                || (key == Key::Space && id != super::tree::keyboard_id())
        });
        let kept_by_popup = keyboard.popup_open && key == Key::Escape;
        if kept_by_text || kept_by_popup || (kept_by_focus && !modifiers.command) {
            continue;
        }
        if keyboard.window_open && key == Key::Escape {
            actions.push(Action::CloseWindows);
        } else if let Some(named) = named_by(key, modifiers) {
            actions.push(Action::Named(named));
        } else if let Some(place) = BOOKMARKS.iter().position(|digit| *digit == key)
            && place < twin.scene.bookmarks.len()
            && modifiers.is_none()
        {
            actions.push(Action::GoToBookmark(place));
        }
    }
}

/// The action that these keys stand for.
fn named_by(key: Key, modifiers: Modifiers) -> Option<Named> {
    let fits = |keys: &KeyboardShortcut| {
        // Where a symbol sits decides whether Shift is needed for it, so Shift does not count.
        let symbol = matches!(
            key,
            Key::Questionmark | Key::Plus | Key::Equals | Key::Minus
        );
        let held = if symbol {
            Modifiers {
                shift: keys.modifiers.shift,
                ..modifiers
            }
        } else {
            modifiers
        };
        keys.logical_key == key && held.matches_exact(keys.modifiers)
    };
    let mut all = Named::ALL.iter().copied();
    all.find(|named| named.shortcuts().iter().any(fits))
}

fn is_function_key(key: Key) -> bool {
    matches!(
        key,
        Key::F1 | Key::F2 | Key::F3 | Key::F4 | Key::F6 | Key::F7 | Key::F11
    )
}

fn is_arrow(key: Key) -> bool {
    matches!(
        key,
        Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown
    )
}

/// Walks with W A S D, Q and E while the pointer is over the view.
pub fn walk(ctx: &Context, input: &mut ViewInput) {
    input.fly = [0.0; 3];
    if ctx.egui_wants_keyboard_input() {
        return;
    }
    ctx.input(|keys| {
        if keys.modifiers.command || keys.modifiers.alt {
            return;
        }
        for (key, axis, direction) in WALKING {
            if keys.key_down(key) {
                input.fly[axis] += direction;
            }
        }
    });
    if input.fly != [0.0; 3] {
        ctx.request_repaint();
    }
}

/// The window with the list, if it is open.
pub fn shortcuts_ui(ctx: &Context, state: &mut PanelState) {
    let escape = |input: &mut egui::InputState| input.consume_key(Modifiers::NONE, Key::Escape);
    if state.shortcuts_shown && ctx.input_mut(escape) {
        state.shortcuts_shown = false;
    }
    let mut open = state.shortcuts_shown;
    egui::Window::new("Shortcuts")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(ctx, |ui| {
            egui::ScrollArea::vertical()
                .max_height(ctx.content_rect().height() * 0.7)
                .show(ui, list_ui);
        });
    state.shortcuts_shown = open;
}

fn list_ui(ui: &mut Ui) {
    ui.label(theme::caption("Keyboard"));
    egui::Grid::new("keys")
        .num_columns(2)
        .min_col_width(COLUMN)
        .striped(true)
        .show(ui, |ui| {
            for &named in Named::ALL {
                let keys: Vec<_> = named
                    .shortcuts()
                    .iter()
                    .map(|keys| ui.ctx().format_shortcut(keys))
                    .collect();
                if !keys.is_empty() {
                    ui.monospace(keys.join("  "));
                    ui.label(named.title());
                    ui.end_row();
                }
            }
        });
    ui.add_space(8.0);
    ui.label(theme::caption("Mouse"));
    egui::Grid::new("mouse")
        .num_columns(2)
        .min_col_width(COLUMN)
        .striped(true)
        .show(ui, |ui| {
            for (hand, meaning) in HABITS {
                ui.monospace(hand);
                ui.label(meaning);
                ui.end_row();
            }
        });
    ui.add_space(8.0);
    let palette = shortcut_text(ui.ctx(), Named::ShowPalette);
    ui.label(theme::note(format!(
        "Every action is in the command palette as well: {palette}"
    )));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_find_their_action_and_no_other() {
        for &named in Named::ALL {
            for keys in named.shortcuts() {
                assert_eq!(
                    named_by(keys.logical_key, keys.modifiers),
                    Some(named),
                    "{keys:?}"
                );
            }
        }
    }

    #[test]
    fn shift_makes_a_larger_step() {
        assert_eq!(
            named_by(Key::ArrowLeft, Modifiers::SHIFT),
            Some(Named::LeapBack)
        );
        assert_eq!(
            named_by(Key::ArrowLeft, Modifiers::NONE),
            Some(Named::StepBack)
        );
        assert_eq!(
            named_by(Key::Questionmark, Modifiers::SHIFT),
            Some(Named::ShowShortcuts)
        );
    }
}

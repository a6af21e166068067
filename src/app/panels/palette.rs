//! The command palette: every action, asset, bookmark, scenario and signal by a few letters.

use egui::{Align2, Context, Id, Key, Modifiers, Sense, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::controls::{shortcut_text, text_field};
use super::{Twin, theme};
use crate::app::action::{Action, Named};
use crate::scene::DocumentIndex;

/// How many results are listed.
const RESULTS: usize = 40;
const ROW: f32 = 28.0;

/// Whether the palette is open, and what is typed.
#[derive(Debug, Default)]
pub struct PaletteState {
    open: bool,
    fresh: bool,
    query: String,
    place: usize,
    /// True in the frame in which the arrow keys moved the choice.
    moved: bool,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    icon: &'static str,
    title: String,
    detail: String,
    action: Action,
}

impl PaletteState {
    /// Opens it with nothing typed, or closes it.
    pub fn toggle(&mut self) {
        *self = Self {
            open: !self.open,
            fresh: !self.open,
            ..Self::default()
        };
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// True while it is on screen.
    pub fn is_open(&self) -> bool {
        self.open
    }
}

/// The palette, if it is open.
pub fn palette_ui(
    ctx: &Context,
    twin: &Twin<'_>,
    state: &mut PaletteState,
    actions: &mut Vec<Action>,
) {
    if !state.open {
        return;
    }
    let entries = find(twin, &state.query);
    // The field would take these keys for itself.
    let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (down, up) = (pressed(Key::ArrowDown), pressed(Key::ArrowUp));
    state.moved = down || up;
    state.place += usize::from(down);
    state.place = state.place.saturating_sub(usize::from(up));
    state.place = state.place.min(entries.len().saturating_sub(1));
    let mut chosen = pressed(Key::Enter).then_some(state.place);
    if pressed(Key::Escape) {
        state.close();
        return;
    }

    let id = Id::new("command palette");
    let area = egui::Modal::default_area(id).anchor(Align2::CENTER_TOP, Vec2::new(0.0, 96.0));
    let modal = egui::Modal::new(id).area(area).show(ctx, |ui| {
        ui.set_width(520.0);
        let field = egui::TextEdit::singleline(&mut state.query)
            .hint_text("Type an action, asset, signal, bookmark or scenario")
            .desired_width(f32::INFINITY)
            .margin(egui::Margin::symmetric(8, 6))
            .font(egui::FontId::proportional(15.0));
        let response = text_field(ui, field, "Command palette");
        if state.fresh {
            response.request_focus();
            state.fresh = false;
        }
        if response.changed() {
            state.place = 0;
        }
        ui.add_space(6.0);
        if let Some(clicked) = results_ui(ui, twin, &entries, state) {
            chosen = Some(clicked);
        }
    });
    let chosen = chosen.and_then(|place| entries.into_iter().nth(place));
    if let Some(entry) = chosen.filter(|entry| refusal(twin, entry).is_none()) {
        actions.push(entry.action);
        state.close();
    } else if modal.should_close() {
        state.close();
    }
}

fn results_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    entries: &[Entry],
    state: &PaletteState,
) -> Option<usize> {
    if entries.is_empty() {
        ui.label(theme::note("Nothing fits"));
    }
    let mut clicked = None;
    egui::ScrollArea::vertical()
        .max_height(360.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (row, entry) in entries.iter().enumerate() {
                let (rect, response) =
                    ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
                response.widget_info(|| {
                    egui::WidgetInfo::selected(
                        egui::WidgetType::SelectableLabel,
                        true,
                        row == state.place,
                        &entry.title,
                    )
                });
                if row == state.place {
                    ui.painter()
                        .rect_filled(rect, 3.0, theme::selection().gamma_multiply(0.25));
                    if state.moved {
                        response.scroll_to_me(None);
                    }
                } else if response.hovered() {
                    ui.painter().rect_filled(rect, 3.0, theme::raised());
                }
                entry_ui(ui, rect, entry, refusal(twin, entry));
                if let Action::Named(named) = &entry.action {
                    response.clone().on_hover_text(named.help());
                }
                if response.clicked() {
                    clicked = Some(row);
                }
            }
        });
    clicked
}

/// Why what an entry stands for cannot be done now, if so.
fn refusal(twin: &Twin<'_>, entry: &Entry) -> Option<&'static str> {
    match &entry.action {
        Action::Named(named) => named.allowed(twin).err(),
        Action::OpenDocument(place) if !twin.scene.documents[place.index()].is_there() => {
            Some("It is not in the scene's folder")
        }
        other => twin.permits(&other.need()).err(),
    }
}

fn entry_ui(ui: &mut Ui, rect: egui::Rect, entry: &Entry, refusal: Option<&str>) {
    let painter = ui.painter_at(rect);
    let middle = rect.center().y;
    let at = |x: f32| egui::Pos2::new(x, middle);
    let font = egui::FontId::proportional(13.0);
    let (left, right) = (rect.left() + 10.0, rect.right() - 10.0);
    painter.text(
        at(left),
        Align2::LEFT_CENTER,
        entry.icon,
        font.clone(),
        theme::weak(),
    );
    painter.text(
        at(left + 24.0),
        Align2::LEFT_CENTER,
        &entry.title,
        font,
        if refusal.is_some() {
            theme::weak()
        } else {
            theme::strong()
        },
    );
    let font = egui::FontId::proportional(12.0);
    let detail = match (&entry.action, refusal) {
        (_, Some(why)) => why.to_owned(),
        (Action::Named(named), None) => shortcut_text(ui.ctx(), *named),
        _ => entry.detail.clone(),
    };
    painter.text(at(right), Align2::RIGHT_CENTER, detail, font, theme::weak());
}

/// What fits `query`, the best first.
fn find(twin: &Twin<'_>, query: &str) -> Vec<Entry> {
    let query: Vec<char> = query
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let mut found: Vec<(i32, Entry)> = Vec::new();
    let mut offer = |title: &str, extra: &str, entry: &dyn Fn() -> Entry| {
        let score = [(title, 4), (extra, 0)]
            .into_iter()
            .filter_map(|(text, bonus)| Some(score(&query, text)? + bonus))
            .max();
        if let Some(score) = score {
            found.push((score, entry()));
        }
    };
    for &named in Named::ALL {
        // The palette does not offer to open or close itself.
        if !matches!(named, Named::ShowPalette | Named::Escape) {
            offer(named.title(), "", &|| Entry {
                icon: icon::COMMAND,
                title: named.title().to_owned(),
                detail: String::new(),
                action: Action::Named(named),
            });
        }
    }
    let scene = twin.scene;
    for (place, bookmark) in scene.bookmarks.iter().enumerate() {
        let title = format!("Go to {}", bookmark.name);
        offer(&title, "bookmark", &|| Entry {
            icon: icon::BOOKMARK_SIMPLE,
            title: title.clone(),
            detail: "bookmark".to_owned(),
            action: Action::GoToBookmark(place),
        });
    }
    for (place, story) in scene.stories.iter().enumerate() {
        let title = format!("Tell {}", story.name);
        offer(&title, "story", &|| Entry {
            icon: icon::PRESENTATION,
            title: title.clone(),
            detail: "story".to_owned(),
            action: Action::StartStory(place),
        });
    }
    for scenario in &scene.scenarios {
        let title = format!("Run {}", scenario.name);
        offer(&title, "scenario", &|| Entry {
            icon: icon::GIT_BRANCH,
            title: title.clone(),
            detail: "scenario".to_owned(),
            action: Action::StartRun(Box::new(scenario.clone())),
        });
    }
    let selected = twin.selection.selected;
    let own = selected.and_then(|asset| scene.assets.get(asset.index()));
    for (place, document) in (0..).map(DocumentIndex).zip(&scene.documents) {
        let owner = own.filter(|asset| asset.documents.contains(&place));
        if owner.is_some() || !query.is_empty() {
            let title = format!("Read {}", document.title);
            let tag = owner.map(|asset| format!("{}: ", asset.tag));
            offer(&title, "document", &|| Entry {
                icon: icon::FILE_TEXT,
                title: title.clone(),
                detail: tag.clone().unwrap_or_default() + &document.story(),
                action: Action::OpenDocument(place),
            });
        }
    }
    // Thousands of them only help once something is typed.
    if !query.is_empty() {
        for index in scene.asset_indices() {
            let asset = scene.asset(index);
            offer(&asset.tag, &asset.label, &|| Entry {
                icon: icon::CROSSHAIR,
                title: asset.tag.clone(),
                detail: asset.label.clone(),
                action: Action::FlyTo(index),
            });
        }
        for id in scene.signal_ids() {
            let signal = scene.signal(id);
            offer(&signal.full_name, &signal.label, &|| Entry {
                icon: icon::CHART_LINE_UP,
                title: signal.full_name.clone(),
                detail: format!("trend of {}", signal.label),
                action: Action::ToggleTrend(id),
            });
        }
    }
    // Stable, so that equal scores stay in the order of the lists.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.truncate(RESULTS);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// How well the letters of `query` stand in `text`, in order; `None` if they do not.
///
/// Letters side by side and at the beginnings of words count more; long texts less.
fn score(query: &[char], text: &str) -> Option<i32> {
    if query.is_empty() {
        return Some(0);
    }
    let mut wanted = query.iter().copied().peekable();
    let mut score = 0;
    let mut run = 0;
    let mut before = ' ';
    let mut length = 0;
    for letter in text.chars().flat_map(char::to_lowercase) {
        length += 1;
        if wanted.peek() == Some(&letter) {
            wanted.next();
            run += 1;
            score += 4 * run + if before.is_alphanumeric() { 0 } else { 12 };
        } else {
            run = 0;
        }
        before = letter;
    }
    wanted.peek().is_none().then_some(score - length / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str, text: &str) -> Option<i32> {
        score(&query.chars().collect::<Vec<_>>(), text)
    }

    #[test]
    fn letters_must_stand_in_order() {
        assert!(of("gl", "Go live").is_some());
        assert!(of("lg", "Go live").is_none());
        assert!(of("", "anything").is_some());
    }

    #[test]
    fn beginnings_of_words_win() {
        assert!(of("gl", "Go live") > of("gl", "Larger glyphs of all"));
        assert!(of("p-101", "P-101") > of("p-101", "P-1001"));
    }
}

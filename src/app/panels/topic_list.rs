//! The topics of a broker as a list with search: each with its rate, its age and what came last.

use egui::{Align2, FontId, Rect, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use egui_phosphor::regular as icon;

use super::controls::{empty_ui, text_field};
use super::theme;
use super::topic_draft::DraggedTopic;
use super::topics::{Look, TopicRow};
use crate::time::duration_text;

/// Height of a topic, points.
const ROW: f32 = 36.0;

/// What is searched for and chosen.
#[derive(Debug, Default)]
pub struct TopicListState {
    search: String,
    /// True if only topics are listed that lead nowhere.
    unmapped: bool,
    chosen: Option<String>,
}

/// The list; gives the topic that is chosen.
pub fn topic_list_ui<'l>(
    ui: &mut Ui,
    look: &'l Look,
    state: &mut TopicListState,
) -> Option<&'l TopicRow> {
    ui.horizontal_wrapped(|ui| {
        let width = (ui.available_width() - 170.0).max(80.0);
        let field = egui::TextEdit::singleline(&mut state.search).hint_text("Search topics");
        text_field(ui, field.desired_width(width), "Search topics");
        ui.checkbox(&mut state.unmapped, "Without a signal");
    });
    let words = state.search.to_lowercase();
    let fits = |row: &&TopicRow| {
        let topic = row.seen.topic.to_lowercase();
        let hidden = state.unmapped && row.leads_to.is_ok();
        !hidden && words.split_whitespace().all(|word| topic.contains(word))
    };
    let rows: Vec<&TopicRow> = look.topics.iter().filter(fits).collect();
    let height = (ui.available_height() * 0.5).max(3.0 * ROW);
    let mut chosen = None;
    egui::ScrollArea::vertical()
        .id_salt("topics")
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink([false, false])
        .show_rows(ui, ROW, rows.len().max(1), |ui, range| {
            if rows.is_empty() {
                let text = match look.topics.is_empty() {
                    true => "Nothing came yet",
                    false => "No topic fits",
                };
                empty_ui(ui, icon::MAGNIFYING_GLASS, text, "");
                return;
            }
            for row in rows.get(range).unwrap_or_default() {
                let is_chosen = state.chosen.as_deref() == Some(&*row.seen.topic);
                let response = row_ui(ui, look, row, is_chosen);
                if response.clicked() {
                    chosen = Some(row.seen.topic.to_string());
                }
                response.dnd_set_drag_payload(DraggedTopic(look.choice(row, None)));
            }
        });
    if chosen.is_some() {
        state.chosen = chosen;
    }
    let chosen = state.chosen.as_deref()?;
    look.topics.iter().find(|row| &*row.seen.topic == chosen)
}

fn row_ui(ui: &mut Ui, look: &Look, row: &TopicRow, is_chosen: bool) -> egui::Response {
    let size = Vec2::new(ui.available_width(), ROW);
    let (place, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let enabled = response.enabled();
    response.widget_info(|| {
        WidgetInfo::selected(
            WidgetType::SelectableLabel,
            enabled,
            is_chosen,
            &*row.seen.topic,
        )
    });
    if !ui.is_rect_visible(place) {
        return response;
    }
    let style = ui.style().interact_selectable(&response, is_chosen);
    if is_chosen || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(place, 3.0, style.bg_fill);
    }
    let inner = place.shrink2(Vec2::new(6.0, 3.0));
    let rate = rate_text(row.seen.rate_hz);
    let age = duration_text(look.at.secs_since(row.seen.last_seen).max(0.0));
    let kept = if row.seen.retained { ", kept" } else { "" };
    let right = ui.painter().text(
        inner.right_top(),
        Align2::RIGHT_TOP,
        format!("{rate}  {age} ago{kept}"),
        theme::small_font(),
        theme::weak(),
    );
    let font = FontId::proportional(12.5);
    let room = Rect::from_min_max(inner.min, egui::pos2(right.left() - 8.0, inner.bottom()));
    line_ui(ui, room, &row.seen.topic, font, theme::text());
    let (leads, ink) = match &row.leads_to {
        Ok(to) => (format!("{}  {to}", icon::ARROW_RIGHT), theme::weak()),
        Err(why) => (format!("{}  {why}", icon::WARNING), theme::warning()),
    };
    let half = inner.width() * 0.45;
    let below = inner.with_min_y(inner.top() + 16.0);
    let small = theme::small_font();
    line_ui(
        ui,
        below.with_max_x(inner.left() + half),
        &leads,
        small.clone(),
        ink,
    );
    let payload = row.seen.payload.replace(['\n', '\r', '\t'], " ");
    let beside = below.with_min_x(inner.left() + half + 8.0);
    line_ui(ui, beside, &payload, small, theme::weak());
    response
}

/// A line of text that is cut at the end of its place.
fn line_ui(ui: &Ui, place: Rect, text: &str, font: FontId, ink: egui::Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, ink);
    job.wrap = egui::text::TextWrapping::truncate_at_width(place.width().max(1.0));
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(place.min, galley, ink);
}

/// `12/s`, or how many a minute where they are few.
fn rate_text(rate_hz: f64) -> String {
    match rate_hz {
        rate if rate <= 0.0 => "silent".to_owned(),
        rate if rate >= 9.95 => format!("{rate:.0}/s"),
        rate => format!("{rate:.1}/s"),
    }
}

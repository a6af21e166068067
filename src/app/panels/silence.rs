//! What lacks its other half: signals that nothing comes for, and topics that lead to no signal.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{RichText, Sense, Ui, WidgetInfo, WidgetType};
use egui_phosphor::regular as icon;

use super::controls::{icon_button, text_field};
use super::topic_draft::{DraggedTopic, TopicChoice, dropped_topic, topic_draft_ui};
use super::{Twin, theme};
use crate::app::action::Action;
use crate::signal::{Origin, SignalId};
use crate::telemetry::mapping;
use crate::telemetry::status::MAX_KEPT_PAYLOAD;
use crate::telemetry::topic::Unmapped;
use crate::time::{Timestamp, duration_text};

/// Height of a topic, points.
const ROW: f32 = 24.0;
/// How often the signals are gone through, s.
const EVERY_SECS: f64 = 1.0;

/// What is searched for, and what was found last.
#[derive(Debug, Default)]
pub struct SilenceState {
    search: String,
    /// Signals without data, and when they were heard of last.
    silent: Vec<(SignalId, Option<Timestamp>)>,
    /// When that was found out, by egui's clock, and of how many signals.
    found: Option<(f64, usize)>,
}

/// A topic that leads nowhere.
struct Homeless {
    why: Unmapped,
    count: u64,
    choice: TopicChoice,
}

/// Both lists.
pub fn silence_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut SilenceState,
    draft: &mut Option<TopicChoice>,
    actions: &mut Vec<Action>,
) {
    find_silent(ui, twin, state);
    topic_draft_ui(ui, twin, draft, actions);
    let field = egui::TextEdit::singleline(&mut state.search).hint_text("Search both lists");
    text_field(ui, field.desired_width(f32::INFINITY), "Search both lists");
    let words = state.search.to_lowercase();
    let fits = |text: &str| {
        let text = text.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    };
    let half = (ui.available_height() * 0.5 - 40.0).max(3.0 * ROW);
    signals_ui(ui, twin, &state.silent, &fits, half, actions);
    ui.add_space(6.0);
    topics_ui(ui, twin, &fits, actions);
}

/// Goes through the signals once a second.
fn find_silent(ui: &Ui, twin: &Twin<'_>, state: &mut SilenceState) {
    let (time, signals) = (ui.input(|input| input.time), twin.scene.signals.len());
    let is_known = state
        .found
        .is_some_and(|(at, of)| time - at < EVERY_SECS && of == signals);
    if is_known {
        return;
    }
    state.found = Some((time, signals));
    let now = twin.timeline.now();
    state.silent = mapping::silent_signals(twin.scene, now, |id| {
        let seen = twin.history.latest_at(Origin::Measured, id, now);
        seen.map(|seen| seen.sample.at)
    });
}

fn signals_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    silent: &[(SignalId, Option<Timestamp>)],
    fits: &dyn Fn(&str) -> bool,
    height: f32,
    actions: &mut Vec<Action>,
) {
    ui.label(theme::heading(format!(
        "Signals without data: {}",
        silent.len()
    )));
    let hint = "Drop a topic on one of them to read it from there";
    ui.add(egui::Label::new(theme::note(hint)).wrap());
    let known = silent
        .iter()
        .filter(|(id, _)| id.index() < twin.scene.signals.len());
    let rows: Vec<_> = known
        .filter(|(id, _)| fits(&twin.scene.signal(*id).full_name))
        .collect();
    let now = twin.timeline.now();
    let line = ui.text_style_height(&egui::TextStyle::Body);
    egui::ScrollArea::vertical()
        .id_salt("silent signals")
        .max_height(height)
        .auto_shrink([false, true])
        .show_rows(ui, line, rows.len(), |ui, range| {
            for (id, heard) in rows.get(range).unwrap_or_default() {
                let signal = twin.scene.signal(*id);
                let told = match heard {
                    None => "never heard of".to_owned(),
                    Some(at) => format!("silent for {}", duration_text(now.secs_since(*at))),
                };
                let text = format!("{}   {told}", signal.full_name);
                let row = line_ui(ui, &text, &signal.full_name, Sense::click());
                if row.clicked() {
                    actions.push(Action::Select(Some(signal.asset)));
                }
                if row.dnd_hover_payload::<DraggedTopic>().is_some() {
                    let line = egui::Stroke::new(1.0, theme::selection());
                    let kind = egui::StrokeKind::Inside;
                    ui.painter().rect_stroke(row.rect, 3.0, line, kind);
                }
                actions.extend(dropped_topic(&row, |topic| topic.onto(*id)));
            }
        });
}

fn topics_ui(ui: &mut Ui, twin: &Twin<'_>, fits: &dyn Fn(&str) -> bool, actions: &mut Vec<Action>) {
    let all = homeless(twin);
    ui.label(theme::heading(format!(
        "Data without a signal: {}",
        all.len()
    )));
    let rows: Vec<_> = all.iter().filter(|one| fits(&one.choice.topic)).collect();
    if all.is_empty() {
        let hint = "Only what the sources listen to is listed; browse the topics for the rest";
        ui.add(egui::Label::new(theme::note(hint)).wrap());
    }
    egui::ScrollArea::vertical()
        .id_salt("homeless topics")
        .auto_shrink([false, false])
        .show_rows(ui, ROW, rows.len(), |ui, range| {
            for one in rows.get(range).unwrap_or_default() {
                ui.horizontal(|ui| {
                    let name = format!("Map {}...", one.choice.topic);
                    if icon_button(ui, icon::LINK, &name).clicked() {
                        actions.push(Action::DraftMapping(Box::new(one.choice.clone())));
                    }
                    let payload = &one.choice.payload;
                    let text = format!("{}  ×{}  {payload}", one.choice.topic, one.count);
                    let row = line_ui(ui, &text, &one.choice.topic, Sense::click_and_drag());
                    let row = row.on_hover_text(format!("{}: {payload}", one.why));
                    row.dnd_set_drag_payload(DraggedTopic(one.choice.clone()));
                });
            }
        });
}

/// The topics that lead nowhere: what the sources hear, and what somebody sees at a broker.
fn homeless(twin: &Twin<'_>) -> Vec<Homeless> {
    let mut found = BTreeMap::new();
    for source in twin.sources {
        for (topic, known) in &source.unmapped {
            let choice = TopicChoice {
                source: source.name.clone(),
                topic: topic.clone(),
                field: None,
                payload: Arc::from(known.last_payload.as_str()),
                is_cut: known.last_payload.len() >= MAX_KEPT_PAYLOAD,
                retained: false,
                asset: None,
                signal: None,
            };
            let key = (source.name.as_str(), topic.as_str());
            found.insert(
                key,
                Homeless {
                    why: known.why,
                    count: known.count,
                    choice,
                },
            );
        }
    }
    let seen = twin.topics.look.iter();
    for (look, row) in seen.flat_map(|look| look.topics.iter().map(move |row| (look, row))) {
        if let Err(why) = row.leads_to {
            let key = (look.name.as_str(), &*row.seen.topic);
            let (count, choice) = (row.seen.count, look.choice(row, None));
            found.insert(key, Homeless { why, count, choice });
        }
    }
    found.into_values().collect()
}

/// A line that can be clicked or dragged, with a name for those who do not see it.
fn line_ui(ui: &mut Ui, text: &str, name: &str, sense: Sense) -> egui::Response {
    let label = egui::Label::new(RichText::new(text))
        .truncate()
        .sense(sense);
    let response = ui.add(label);
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, name));
    response
}

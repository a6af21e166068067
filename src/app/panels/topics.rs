//! What a broker publishes: by topic, with rates and the last payload, and where it leads.

use std::sync::Arc;

use egui::{RichText, Ui};
use egui_phosphor::regular as icon;

use super::controls::{empty_ui, icon_button_if, text_button, text_button_if, text_field};
use super::topic_draft::{DraggedTopic, TopicChoice, topic_draft_ui};
use super::topic_list::{TopicListState, topic_list_ui};
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::{Action, Named};
use crate::app::topics::TopicEdit;
use crate::telemetry::mapping;
use crate::telemetry::topic::Unmapped;
use crate::telemetry::{BrowsedTopic, Diagnosis, SourceStatus, TopicMap};
use crate::time::Timestamp;

/// What is known of a broker's topics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicsView {
    /// The look at a broker, if somebody looks.
    pub look: Option<Look>,
}

/// A look at what a broker publishes.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The source's place in the scene.
    pub source: usize,
    /// The source's name.
    pub name: String,
    /// What is subscribed to.
    pub filter: String,
    /// How the look's own link is.
    pub link: Diagnosis,
    /// How many messages came.
    pub messages: u64,
    /// How many topics are not listed.
    pub left_out: usize,
    /// When it was told.
    pub at: Timestamp,
    /// The topics by name.
    pub topics: Vec<TopicRow>,
}

/// A topic, and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRow {
    /// What came by it.
    pub seen: BrowsedTopic,
    /// The signal, or what else; or why nowhere.
    pub leads_to: Result<String, Unmapped>,
}

impl Look {
    /// A look that has just begun.
    pub fn of(source: usize, status: &SourceStatus, at: Timestamp) -> Self {
        Self {
            source,
            name: status.name.clone(),
            filter: String::new(),
            link: Diagnosis {
                trouble: None,
                sentence: format!("Looking for {}", status.broker),
                fix: String::new(),
            },
            messages: 0,
            left_out: 0,
            at,
            topics: Vec::new(),
        }
    }

    /// Takes over what was seen; `map` says where it leads.
    pub fn set_topics(&mut self, topics: Vec<BrowsedTopic>, map: Option<&Arc<TopicMap>>) {
        let row = |seen: BrowsedTopic| TopicRow {
            leads_to: map.map_or(Err(Unmapped::NoPattern), |map| {
                mapping::route_text(map, &seen.topic)
            }),
            seen,
        };
        self.topics = topics.into_iter().map(row).collect();
    }

    /// A topic of it, to be given to a signal.
    pub fn choice(&self, row: &TopicRow, field: Option<&str>) -> TopicChoice {
        TopicChoice {
            source: self.name.clone(),
            topic: row.seen.topic.to_string(),
            field: field.map(str::to_owned),
            payload: Arc::clone(&row.seen.payload),
            is_cut: row.seen.is_cut(),
            retained: row.seen.retained,
            asset: None,
            signal: None,
        }
    }
}

/// What is typed and chosen.
#[derive(Debug, Default)]
pub struct TopicsState {
    source: usize,
    filter: String,
    list: TopicListState,
}

/// The broker's topics.
pub fn topics_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TopicsState,
    draft: &mut Option<TopicChoice>,
    actions: &mut Vec<Action>,
) {
    if twin.sources.is_empty() {
        let hint = "Open it with --broker mqtt://host:1883";
        empty_ui(ui, icon::PLUGS, "The scene names no broker", hint);
        return;
    }
    start_ui(ui, twin, state, actions);
    let Some(look) = &twin.topics.look else {
        topic_draft_ui(ui, twin, draft, actions);
        mapped_ui(ui, twin, actions);
        let hint = "It opens a connection of its own, and ends it when nobody looks";
        empty_ui(
            ui,
            icon::MAGNIFYING_GLASS,
            "Browse what the broker publishes",
            hint,
        );
        return;
    };
    let ink = match look.link.trouble {
        Some(_) => theme::warning(),
        None => theme::text(),
    };
    ui.add(egui::Label::new(RichText::new(&look.link.sentence).color(ink)).wrap());
    if !look.link.fix.is_empty() {
        ui.add(egui::Label::new(theme::note(&look.link.fix)).wrap());
    }
    let mut counted = format!("{} topics, {} messages", look.topics.len(), look.messages);
    if look.left_out > 0 {
        counted.push_str(&format!(
            "; {} more topics are not listed: narrow the filter",
            look.left_out
        ));
    }
    ui.add(egui::Label::new(theme::note(counted)).wrap());
    ui.add_space(4.0);
    topic_draft_ui(ui, twin, draft, actions);
    let detail = topic_list_ui(ui, look, &mut state.list);
    ui.separator();
    let shown = egui::ScrollArea::vertical()
        .id_salt("topic detail")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let focused = detail.and_then(|row| detail_ui(ui, look, row, actions));
            mapped_ui(ui, twin, actions);
            focused
        });
    // What scrolls around it follows the keyboard too.
    if let Some(place) = shown.inner {
        ui.scroll_to_rect(place, None);
    }
}

/// Which broker, which filter, and the button that begins or ends the look.
fn start_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut TopicsState, actions: &mut Vec<Action>) {
    state.source = state.source.min(twin.sources.len() - 1);
    if twin.sources.len() > 1 {
        let label = ui.label(RichText::new("Source").color(theme::weak()));
        egui::ComboBox::from_id_salt("source")
            .selected_text(&twin.sources[state.source].name)
            .show_ui(ui, |ui| {
                for (place, source) in twin.sources.iter().enumerate() {
                    ui.selectable_value(&mut state.source, place, &source.name);
                }
            })
            .response
            .labelled_by(label.id);
    }
    ui.horizontal_wrapped(|ui| {
        let width = (ui.available_width() - 190.0).max(80.0);
        let hint = match &twin.topics.look {
            Some(look) => look.filter.as_str(),
            None => "Filter, such as plant/#",
        };
        let field = egui::TextEdit::singleline(&mut state.filter).hint_text(hint);
        let field = text_field(ui, field.desired_width(width), "Topic filter");
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if text_button(ui, icon::MAGNIFYING_GLASS, "Browse").clicked() || entered {
            actions.push(Action::Topics(TopicEdit::Look {
                source: state.source,
                filter: state.filter.clone(),
            }));
        }
        let allowed = Named::StopTopics.allowed(twin);
        if text_button_if(ui, allowed, icon::STOP, "Stop").clicked() {
            actions.push(Action::Named(Named::StopTopics));
        }
    });
    ui.add_space(4.0);
}

/// One topic: where it leads, its values one by one, and the payload as it came. Gives the place
/// that the keyboard has just come to.
fn detail_ui(
    ui: &mut Ui,
    look: &Look,
    row: &TopicRow,
    actions: &mut Vec<Action>,
) -> Option<egui::Rect> {
    let mut focused = None;
    ui.add(egui::Label::new(RichText::new(&*row.seen.topic).monospace()).wrap());
    let leads = match &row.leads_to {
        Ok(to) => format!("Leads to {to}"),
        Err(why) => format!("Leads nowhere: {why}"),
    };
    ui.add(egui::Label::new(theme::note(leads)).wrap());
    let fields = mapping::fields(&row.seen.payload);
    for one in &fields {
        let name = one.field.as_deref().unwrap_or("value");
        let choice = look.choice(row, one.field.as_deref());
        ui.horizontal_wrapped(|ui| {
            let map = text_button(ui, icon::LINK, &format!("Map {name}..."));
            if map.gained_focus() {
                map.scroll_to_me(None);
                focused = Some(map.rect);
            }
            if map.clicked() {
                actions.push(Action::DraftMapping(Box::new(choice.clone())));
            }
            let text = RichText::new(format!("{name}  {}", one.value));
            let value = egui::Label::new(text).sense(egui::Sense::drag()).truncate();
            ui.add(value)
                .on_hover_text("Drag it onto an asset in the tree, or a signal in the inspector")
                .dnd_set_drag_payload(DraggedTopic(choice));
        });
    }
    if fields.is_empty() && text_button(ui, icon::LINK, "Map this topic...").clicked() {
        let choice = look.choice(row, None);
        actions.push(Action::DraftMapping(Box::new(choice)));
    }
    ui.add_space(4.0);
    let payload = pretty(&row.seen);
    ui.add(egui::Label::new(theme::note(payload).monospace()).wrap());
    ui.add_space(8.0);
    focused
}

/// The payload with JSON laid out, and its length if it is cut.
fn pretty(seen: &BrowsedTopic) -> String {
    if seen.is_cut() {
        return format!("{}... ({} bytes)", seen.payload, seen.payload_bytes);
    }
    let json: Option<serde_json::Value> = serde_json::from_str(&seen.payload).ok();
    let laid_out = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    match laid_out {
        Some(text) => text,
        None if seen.payload.is_empty() => "(empty)".to_owned(),
        None => seen.payload.to_string(),
    }
}

/// The topics that were given to signals, each with the way back.
fn mapped_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if twin.scene.mappings.is_empty() {
        return;
    }
    ui.label(theme::caption("Mapped here"));
    let allowed = twin.may(Right::EditScene);
    for mapping in &twin.scene.mappings {
        ui.horizontal_wrapped(|ui| {
            let name = format!("Take back {}", mapping.signal);
            if icon_button_if(ui, allowed, icon::ARROW_U_UP_LEFT, &name).clicked() {
                actions.push(Action::Topics(TopicEdit::TakeBack(mapping.clone())));
            }
            let field = mapping.field.as_ref();
            let field = field.map_or_else(String::new, |field| format!(", {field}"));
            let text = format!("{} from {}{field}", mapping.signal, mapping.topic);
            ui.add(egui::Label::new(text).wrap());
        });
    }
    ui.add_space(8.0);
}

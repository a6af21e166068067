//! A topic on its way to a signal: what it would mean is shown before it does.

use egui::{Pos2, RichText, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::controls::{text_button, text_button_if};
use super::signal_picker::signal_picker_ui;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::topics::TopicEdit;
use crate::scene::{AssetIndex, Mapping, Scene};
use crate::signal::{QualityClass, SignalId};
use crate::telemetry::mapping::{self, PayloadField};
use crate::telemetry::payload::Arrival;
use std::sync::Arc;

/// A topic, or a field of its payload, that somebody took into his hand.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicChoice {
    /// The source's name.
    pub source: String,
    /// The topic.
    pub topic: String,
    /// The field of the payload; the whole of it if not given.
    pub field: Option<String>,
    /// The last payload.
    pub payload: Arc<str>,
    /// True if only the beginning of the payload is known.
    pub is_cut: bool,
    /// True if the broker had kept it.
    pub retained: bool,
    /// What it is dropped on: signals of this asset are offered.
    pub asset: Option<AssetIndex>,
    /// What it is dropped on.
    pub signal: Option<SignalId>,
}

/// A topic under the pointer, on its way to a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct DraggedTopic(pub TopicChoice);

impl TopicChoice {
    /// The same, dropped on a signal.
    pub fn onto(&self, signal: SignalId) -> Self {
        Self {
            signal: Some(signal),
            ..self.clone()
        }
    }

    /// The same, dropped on an asset.
    pub fn onto_asset(&self, asset: AssetIndex) -> Self {
        Self {
            asset: Some(asset),
            signal: None,
            ..self.clone()
        }
    }

    fn mapping(&self, signal: SignalId, scene: &Scene) -> Mapping {
        Mapping {
            source: self.source.clone(),
            topic: self.topic.clone(),
            field: self.field.clone(),
            signal: scene.signal(signal).full_name.clone(),
        }
    }
}

/// What is asked when a dragged topic is dropped here; `to` says what becomes of it.
pub fn dropped_topic(
    response: &egui::Response,
    to: impl FnOnce(&TopicChoice) -> TopicChoice,
) -> Option<Action> {
    // What else is dragged here is not taken out of the hand.
    response.dnd_hover_payload::<DraggedTopic>()?;
    let dropped = response.dnd_release_payload::<DraggedTopic>()?;
    Some(Action::DraftMapping(Box::new(to(&dropped.0))))
}

/// Writes beside the pointer what it carries.
pub fn carried_ui(ui: &Ui) {
    let carried = egui::DragAndDrop::payload::<DraggedTopic>(ui.ctx());
    let (Some(carried), Some(at)) = (carried, ui.ctx().pointer_interact_pos()) else {
        return;
    };
    let text = match &carried.0.field {
        Some(field) => format!("{}  {field}", carried.0.topic),
        None => carried.0.topic.clone(),
    };
    let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::new("carried topic"));
    let painter = ui.ctx().layer_painter(layer);
    let galley = painter.layout_no_wrap(text, theme::small_font(), theme::strong());
    let place = egui::Rect::from_min_size(at + Vec2::new(14.0, 10.0), galley.size());
    painter.rect_filled(place.expand(4.0), 3.0, theme::raised());
    painter.galley(
        Pos2::new(place.left(), place.top()),
        galley,
        theme::strong(),
    );
}

/// The card with what the topic would mean, and the button that lets it.
pub fn topic_draft_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    draft: &mut Option<TopicChoice>,
    actions: &mut Vec<Action>,
) {
    let Some(choice) = draft else { return };
    let mut is_done = false;
    egui::Frame::new()
        .fill(theme::raised())
        .stroke(egui::Stroke::new(1.0, theme::selection()))
        .corner_radius(4.0)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(theme::heading("Map a topic to a signal"));
            ui.add_space(2.0);
            ui.add(egui::Label::new(RichText::new(&choice.topic).monospace()).wrap());
            field_ui(ui, choice);
            signal_ui(ui, twin, choice);
            let allowed = meaning_ui(ui, twin, choice);
            ui.add_space(4.0);
            ui.horizontal_wrapped(|ui| {
                let allowed = allowed.as_ref().map(|_| ()).map_err(String::as_str);
                if text_button_if(ui, allowed, icon::LINK, "Map it").clicked()
                    && let Some(signal) = choice.signal
                {
                    let mapping = choice.mapping(signal, twin.scene);
                    actions.push(Action::Topics(TopicEdit::Map(mapping)));
                }
                is_done = text_button(ui, icon::X, "Cancel mapping").clicked();
            });
        });
    ui.add_space(8.0);
    if is_done {
        *draft = None;
    }
}

/// Which of the payload's values is meant.
fn field_ui(ui: &mut Ui, choice: &mut TopicChoice) {
    let fields = mapping::fields(&choice.payload);
    let has_names = fields.iter().any(|one| one.field.is_some());
    if !has_names && choice.field.is_none() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(RichText::new("Field").color(theme::weak()));
        let shown = choice
            .field
            .clone()
            .unwrap_or_else(|| "as it is".to_owned());
        egui::ComboBox::from_id_salt("field")
            .selected_text(shown)
            .show_ui(ui, |ui| {
                let whole = PayloadField {
                    field: None,
                    value: "the source's own format".to_owned(),
                };
                for one in std::iter::once(&whole).chain(&fields) {
                    let name = one.field.as_deref().unwrap_or("as it is");
                    let text = format!("{name}   {}", one.value);
                    ui.selectable_value(&mut choice.field, one.field.clone(), text);
                }
            })
            .response
            .labelled_by(label.id);
    });
}

fn signal_ui(ui: &mut Ui, twin: &Twin<'_>, choice: &mut TopicChoice) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Signal").color(theme::weak()));
        let title = match choice
            .signal
            .and_then(|id| twin.scene.signals.get(id.index()))
        {
            Some(signal) => signal.full_name.clone(),
            None => "Choose a signal...".to_owned(),
        };
        let of_asset = choice.asset;
        let picked = signal_picker_ui(ui, twin.scene, &title, |_, signal| {
            signal.measured && of_asset.is_none_or(|asset| signal.asset == asset)
        });
        if let Some(picked) = picked {
            choice.signal = Some(picked);
        }
    });
}

/// What would be read now, with its unit; or why nothing can be mapped.
fn meaning_ui(ui: &mut Ui, twin: &Twin<'_>, choice: &TopicChoice) -> Result<(), String> {
    let found = meaning(twin, choice);
    let (text, ink) = match &found {
        Ok((text, true)) => (text, theme::text()),
        Ok((text, false)) | Err(text) => (text, theme::warning()),
    };
    ui.add(egui::Label::new(RichText::new(text).color(ink)).wrap());
    found.map(|_| ())
}

/// What would be read, and whether it can be read at all now.
fn meaning(twin: &Twin<'_>, choice: &TopicChoice) -> Result<(String, bool), String> {
    twin.permits(&crate::app::rights::Need::Right(
        crate::access::Right::EditScene,
        crate::app::rights::At::Plant,
    ))?;
    let known = choice
        .signal
        .filter(|id| id.index() < twin.scene.signals.len());
    let id = known.ok_or("Choose the signal that this is")?;
    let signal = twin.scene.signal(id);
    let mapping = choice.mapping(id, twin.scene);
    mapping::check(&mapping, twin.scene)
        .map_err(|error| format!("It cannot be mapped: {error}"))?;
    let unit = match signal.unit.symbol() {
        "" => "without unit".to_owned(),
        symbol => format!("in {symbol}"),
    };
    if choice.is_cut {
        let text = format!("Read {unit}; the payload is too long to be tried here");
        return Ok((text, true));
    }
    let arrival = Arrival {
        at: twin.timeline.now(),
        retained: choice.retained,
    };
    let read = mapping::preview(&mapping, twin.scene, choice.payload.as_bytes(), arrival);
    Ok(match read {
        Ok(sample) => {
            let quality = match sample.quality.class() {
                QualityClass::Good => "good".to_owned(),
                _ => sample.quality.name().to_owned(),
            };
            let value = signal.value_with_unit(sample.value);
            (format!("Read {unit}: {value} now, {quality}"), true)
        }
        Err(why) => (
            format!("Read {unit}; the last payload gives nothing: {why}"),
            false,
        ),
    })
}

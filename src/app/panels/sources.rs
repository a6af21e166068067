//! How the sources are: link, traffic, what was refused, what nobody knows; what became of
//! imported files; and the ways to the broker's topics and to what has no data.

use std::collections::HashMap;

use egui::{Align, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::controls::empty_ui;
use super::silence::{SilenceState, silence_ui};
use super::store::store_ui;
use super::topic_draft::{TopicChoice, carried_ui};
use super::topics::{TopicsState, topics_ui};
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::topics::TopicEdit;
use crate::problem::Problem;
use crate::scene::ImportReport;
use crate::telemetry::{SourceStatus, diagnose};
use crate::time::duration_text;

/// How long the window is over which a rate is counted, s.
const RATE_SECS: f64 = 2.0;

/// A panel that is lower than this scrolls as a whole, points.
const LOW: f32 = 420.0;
/// How high its contents are then, points.
const TALL: f32 = 560.0;

/// How to let measured values in where a scene names no source.
const PLUG_IN: &str = "Open it with --broker mqtt://host:1883 to let measured values in: \
    every signal has the topic tag/signal";

/// What is shown, and what the panel needs to tell rates from counters.
#[derive(Debug, Default)]
pub struct SourcesState {
    rates: HashMap<String, Rate>,
    shown: Part,
    topics: TopicsState,
    silence: SilenceState,
    /// The topic that is to be given to a signal.
    draft: Option<TopicChoice>,
    /// True if the topics were drawn in this frame.
    topics_drawn: bool,
}

/// What the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Links,
    Topics,
    WithoutData,
}

impl SourcesState {
    /// Before everything is drawn anew.
    pub fn begin_frame(&mut self) {
        self.topics_drawn = false;
    }

    /// True if the broker's topics are on screen.
    pub fn shows_topics(&self) -> bool {
        self.topics_drawn
    }

    /// Shows what the broker publishes.
    pub fn show_topics(&mut self) {
        self.shown = Part::Topics;
    }

    /// Shows signals without data, and data without signals.
    pub fn show_without_data(&mut self) {
        self.shown = Part::WithoutData;
    }

    /// Shows what a topic would mean.
    pub fn draft(&mut self, choice: &TopicChoice) {
        self.draft = Some(choice.clone());
        if self.shown == Part::Links {
            self.shown = Part::Topics;
        }
    }

    /// A topic that was mapped is out of the hand.
    pub fn follow(&mut self, edit: &TopicEdit) {
        if matches!(edit, TopicEdit::Map(_)) {
            self.draft = None;
        }
    }
}

#[derive(Debug)]
struct Rate {
    since_secs: f64,
    messages: u64,
    samples: u64,
    messages_per_sec: f64,
    samples_per_sec: f64,
}

/// All sources.
pub fn sources_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut SourcesState,
    actions: &mut Vec<Action>,
) {
    ui.horizontal_wrapped(|ui| {
        for (part, title) in [
            (Part::Links, "Links"),
            (Part::Topics, "Topics"),
            (Part::WithoutData, "Without data"),
        ] {
            ui.selectable_value(&mut state.shown, part, title);
        }
    });
    ui.add_space(4.0);
    carried_ui(ui);
    match state.shown {
        Part::Links => links_ui(ui, twin, state),
        Part::Topics => {
            state.topics_drawn = true;
            whole_ui(ui, |ui| {
                topics_ui(ui, twin, &mut state.topics, &mut state.draft, actions);
            });
        }
        Part::WithoutData => {
            state.topics_drawn = true;
            whole_ui(ui, |ui| {
                silence_ui(ui, twin, &mut state.silence, &mut state.draft, actions);
            });
        }
    }
}

/// Lays out lists one below the other; where the panel is too low for them, all of it scrolls.
fn whole_ui(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    if ui.available_height() >= LOW {
        add(ui);
        return;
    }
    egui::ScrollArea::vertical()
        .id_salt("whole")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let size = egui::vec2(ui.available_width(), TALL);
            ui.allocate_ui(size, add);
        });
}

/// How each link is.
fn links_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut SourcesState) {
    let hint = "The scene names no source; values can come from a replay only";
    let nothing = twin.sources.is_empty() && twin.scene.imports.is_empty();
    if nothing && twin.recording.is_none() {
        empty_ui(ui, icon::PLUGS, "No source", hint);
        return;
    }
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if twin.sources.is_empty() {
                ui.label(theme::heading("No source"));
                ui.add(egui::Label::new(theme::note(PLUG_IN)).wrap());
                ui.add_space(8.0);
            }
            for source in twin.sources {
                let time = ui.input(|input| input.time);
                let rate = state.rate(source, time);
                source_ui(ui, twin, source, rate);
                ui.add_space(8.0);
            }
            store_ui(ui, twin);
            ui.add_space(8.0);
            for report in &twin.scene.imports {
                import_ui(ui, report);
                ui.add_space(8.0);
            }
        });
}

/// What was matched, guessed and ignored of an imported file.
fn import_ui(ui: &mut Ui, report: &ImportReport) {
    egui::Frame::new()
        .fill(theme::raised())
        .corner_radius(4.0)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(theme::heading("Imported"));
            ui.add(egui::Label::new(theme::note(&report.file)).wrap());
            ui.add_space(4.0);
            egui::Grid::new(("matched", &report.file))
                .num_columns(2)
                .spacing([16.0, 2.0])
                .show(ui, |ui| {
                    for (what, count) in report.matched.iter().filter(|(_, count)| *count > 0) {
                        ui.label(RichText::new(what).color(theme::weak()));
                        ui.label(count.to_string());
                        ui.end_row();
                    }
                });
            notes_ui(ui, "Guessed", &report.guessed);
            notes_ui(ui, "Ignored", &report.ignored);
        });
}

fn notes_ui(ui: &mut Ui, title: &str, notes: &[Problem]) {
    if notes.is_empty() {
        return;
    }
    ui.add_space(4.0);
    egui::CollapsingHeader::new(format!("{title}: {}", notes.len()))
        .id_salt(title)
        .default_open(title == "Guessed")
        .show(ui, |ui| {
            for note in notes {
                let line = note.line.map(|line| format!("Line {line}: "));
                let text = format!("{}{}", line.unwrap_or_default(), note.message);
                ui.add(egui::Label::new(text).wrap());
                if !note.hint.is_empty() {
                    ui.add(egui::Label::new(theme::note(&note.hint)).wrap());
                }
                ui.add_space(2.0);
            }
        });
}

impl SourcesState {
    /// Messages and samples per second.
    fn rate(&mut self, source: &SourceStatus, time_secs: f64) -> (f64, f64) {
        let rate = self.rates.entry(source.name.clone()).or_insert(Rate {
            since_secs: time_secs,
            messages: source.messages,
            samples: source.samples,
            messages_per_sec: 0.0,
            samples_per_sec: 0.0,
        });
        let elapsed = time_secs - rate.since_secs;
        if elapsed >= RATE_SECS {
            let per_sec = |now: u64, then: u64| now.saturating_sub(then) as f64 / elapsed;
            *rate = Rate {
                since_secs: time_secs,
                messages: source.messages,
                samples: source.samples,
                messages_per_sec: per_sec(source.messages, rate.messages),
                samples_per_sec: per_sec(source.samples, rate.samples),
            };
        }
        (rate.messages_per_sec, rate.samples_per_sec)
    }
}

fn source_ui(ui: &mut Ui, twin: &Twin<'_>, source: &SourceStatus, (messages, samples): (f64, f64)) {
    egui::Frame::new()
        .fill(theme::raised())
        .corner_radius(4.0)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            head_ui(ui, twin, source);
            ui.add_space(4.0);
            egui::Grid::new(("counters", &source.name))
                .num_columns(2)
                .spacing([16.0, 4.0])
                .show(ui, |ui| {
                    let lag = source.lag.map_or_else(
                        || "unknown".to_owned(),
                        |lag| {
                            let (mean, worst) = (duration_text(lag.mean), duration_text(lag.worst));
                            format!("{mean}, at worst {worst}")
                        },
                    );
                    for (name, text) in [
                        (
                            "Messages",
                            format!("{}  ({messages:.0}/s)", source.messages),
                        ),
                        ("Samples", format!("{}  ({samples:.0}/s)", source.samples)),
                        ("Lag", lag),
                        ("Reconnects", source.reconnects.to_string()),
                    ] {
                        ui.label(RichText::new(name).color(theme::weak()));
                        ui.label(text);
                        ui.end_row();
                    }
                });
            rejected_ui(ui, source);
            unmapped_ui(ui, source);
        });
}

fn head_ui(ui: &mut Ui, twin: &Twin<'_>, source: &SourceStatus) {
    ui.horizontal(|ui| {
        ui.label(theme::heading(&source.name));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (glyph, ink) = if source.connected() {
                (icon::PLUGS_CONNECTED, theme::text())
            } else {
                (icon::PLUGS, theme::warning())
            };
            let text = source.state_text(twin.timeline.now());
            ui.label(RichText::new(text).color(ink));
            ui.label(RichText::new(glyph).size(15.0).color(ink));
        });
    });
    ui.label(theme::note(&source.broker));
    let found = diagnose(source, twin.timeline.now());
    ui.add_space(2.0);
    let (glyph, ink) = match found.trouble {
        Some(_) => (format!("{}  ", icon::WARNING), theme::warning()),
        None => (String::new(), theme::text()),
    };
    let text = RichText::new(format!("{glyph}{}", found.sentence)).color(ink);
    ui.add(egui::Label::new(text).wrap());
    if !found.fix.is_empty() {
        ui.add(egui::Label::new(theme::note(&found.fix)).wrap());
    }
}

fn rejected_ui(ui: &mut Ui, source: &SourceStatus) {
    if source.rejected.total() == 0 {
        return;
    }
    ui.add_space(6.0);
    ui.label(theme::caption("Rejected"));
    egui::Grid::new(("rejected", &source.name))
        .num_columns(2)
        .spacing([16.0, 2.0])
        .show(ui, |ui| {
            for (reason, count) in source.rejected.iter().filter(|(_, count)| *count > 0) {
                ui.label(count.to_string());
                ui.label(reason.to_string());
                ui.end_row();
            }
        });
    // Which entry of the topics, and what its last such message was.
    for route in &source.routes {
        let Some(last) = &route.last else { continue };
        let text = format!("{}: {} of {}", route.pattern, route.refused, route.messages);
        ui.add(egui::Label::new(text).wrap());
        let told = format!("{}, last on {}: {}", last.why, last.topic, last.payload);
        ui.add(egui::Label::new(theme::note(told).monospace()).wrap());
    }
}

fn unmapped_ui(ui: &mut Ui, source: &SourceStatus) {
    if source.unmapped.is_empty() {
        return;
    }
    ui.add_space(6.0);
    let title = format!(
        "Topics without a signal: {} ({} messages)",
        source.unmapped.len(),
        source.unmapped_messages
    );
    // By name, since a list that jumps cannot be read.
    let mut topics: Vec<_> = source.unmapped.iter().collect();
    topics.sort_by_key(|(topic, _)| topic.as_str());
    egui::CollapsingHeader::new(title)
        .id_salt(("unmapped", &source.name))
        .show(ui, |ui| {
            ui.label(theme::note("The scene's topic map fits none of these"));
            for (name, topic) in topics {
                ui.label(format!("{name}  ×{}", topic.count));
                let payload = format!("{}: {}", topic.why, topic.last_payload);
                ui.add(egui::Label::new(theme::note(payload).monospace()).truncate());
            }
        });
}

//! How good the alarm system is: rates, floods, worst alarms, against their targets.

use egui::{Align, Color32, Layout, Rect, RichText, Sense, Stroke, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::super::controls::{empty_ui, icon_button_if, text_button};
use super::super::{Twin, marks, theme};
use crate::alarm::{AlarmReport, Target};
use crate::app::action::{Action, Named};
use crate::scene::Priority;
use crate::session::Watch;
use crate::time::duration_text;

/// Over which time a report can be asked for, h.
const SPANS: [(&str, u32); 5] = [
    ("1 h", 1),
    ("8 h", 8),
    ("Day", 24),
    ("Week", 168),
    ("Month", 720),
];

/// What is known, for the screen. Written by [`crate::app::alarm_review`].
#[derive(Debug, Default)]
pub struct ReviewView {
    /// The last report.
    pub report: Option<AlarmReport>,
    /// Over which time, and what of it nobody watched.
    pub watch: Option<Watch>,
    /// From where: the store, or this session alone.
    pub told_by: &'static str,
    /// What was asked last, h.
    pub asked: Option<u32>,
    /// True while a report is made.
    pub running: bool,
    /// Why there is none.
    pub trouble: Option<String>,
}

/// What is asked for.
#[derive(Debug)]
pub struct ReviewState {
    hours: u32,
}

impl Default for ReviewState {
    fn default() -> Self {
        Self { hours: 24 }
    }
}

fn ask(state: &ReviewState, actions: &mut Vec<Action>) {
    actions.push(Action::ReviewAlarms(state.hours));
}

/// The panel.
pub fn review_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut ReviewState, actions: &mut Vec<Action>) {
    let view = twin.desk.review;
    if view.asked != Some(state.hours) && !view.running {
        ask(state, actions);
    }
    ui.horizontal_wrapped(|ui| {
        for (text, hours) in SPANS {
            ui.selectable_value(&mut state.hours, hours, text);
        }
        ui.separator();
        if text_button(ui, icon::ARROWS_CLOCKWISE, "Judge anew").clicked() {
            ask(state, actions);
        }
        let export = Named::ChooseReviewExport;
        let allowed = export.allowed(twin);
        if icon_button_if(ui, allowed, icon::DOWNLOAD_SIMPLE, export.title()).clicked() {
            actions.push(Action::Named(export));
        }
        if view.running {
            ui.spinner();
        }
    });
    if let Some(trouble) = &view.trouble {
        ui.label(RichText::new(trouble).color(theme::warning()));
    }
    let (Some(report), Some(watch)) = (&view.report, &view.watch) else {
        if !view.running {
            empty_ui(ui, icon::CHART_BAR, "Nothing was judged yet", "");
        }
        return;
    };
    let text = format!(
        "{} {} from {} to {} UTC, told by {}",
        report.told,
        if report.told == 1 { "alarm" } else { "alarms" },
        watch.from.format("%d %b %H:%M"),
        watch.to.format("%d %b %H:%M"),
        view.told_by
    );
    ui.label(theme::note(text));
    watch_ui(ui, watch, view.asked);
    ui.add_space(4.0);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if ui.available_width() < 640.0 {
                targets_ui(ui, report);
                ui.add_space(12.0);
                actors_ui(ui, report);
            } else {
                ui.horizontal_top(|ui| {
                    ui.vertical(|ui| targets_ui(ui, report));
                    ui.add_space(24.0);
                    ui.vertical(|ui| actors_ui(ui, report));
                });
            }
        });
}

/// Says what of the time that was asked for nobody watched.
fn watch_ui(ui: &mut Ui, watch: &Watch, hours: Option<u32>) {
    let asked = hours.map_or(0.0, |hours| 3_600.0 * f64::from(hours));
    let watched = watch.to.secs_since(watch.from);
    // A minute at its beginning is not worth a line.
    if watched + 60.0 < asked {
        let text = format!(
            "Watching began then: {} of {} are judged",
            duration_text(watched),
            duration_text(asked)
        );
        ui.label(theme::note(text));
    }
    let longest = watch.gaps.iter().max_by(|one, other| {
        one.1
            .secs_since(one.0)
            .total_cmp(&other.1.secs_since(other.0))
    });
    if let Some((from, to)) = longest {
        let count = watch.gaps.len();
        let text = format!(
            "Nothing was recorded for {} of it, in {count} gap{}, the longest from {} to {} UTC: rates are over the rest",
            duration_text(watch.gap_secs()),
            if count == 1 { "" } else { "s" },
            from.format("%d %b %H:%M"),
            to.format("%d %b %H:%M"),
        );
        let text = RichText::new(text).size(11.5).color(theme::warning());
        ui.add(egui::Label::new(text).wrap());
    }
}

fn targets_ui(ui: &mut Ui, report: &AlarmReport) {
    let missed = report.targets.iter().filter(|target| !target.met).count();
    let text = match missed {
        0 => "All targets are met".to_owned(),
        1 => "1 target is missed".to_owned(),
        some => format!("{some} targets are missed"),
    };
    ui.label(theme::heading(text));
    egui::Grid::new("alarm targets")
        .num_columns(4)
        .striped(true)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            for text in ["", "Measure", "Is", "At most"] {
                ui.label(theme::caption(text));
            }
            ui.end_row();
            // What is missed is what a person looks for.
            let mut targets: Vec<_> = report.targets.iter().collect();
            targets.sort_by_key(|target| target.met);
            for target in targets {
                target_ui(ui, target);
                ui.end_row();
            }
        });
}

fn target_ui(ui: &mut Ui, target: &Target) {
    let (glyph, ink, word) = if target.met {
        (icon::CHECK_CIRCLE, theme::weak(), "met")
    } else {
        (icon::WARNING, theme::warning(), "missed")
    };
    ui.label(RichText::new(glyph).color(ink))
        .on_hover_text(word);
    ui.label(target.measure);
    let value = RichText::new(number(target.value)).monospace();
    ui.label(if target.met {
        value
    } else {
        value.color(theme::warning()).strong()
    });
    ui.label(RichText::new(number(target.at_most)).monospace().weak());
}

/// Worst, chattering and stale alarms, and the mix of priorities.
fn actors_ui(ui: &mut Ui, report: &AlarmReport) {
    mix_ui(ui, report);
    if let Some(secs) = report.median_secs_to_acknowledge {
        let text = format!("Half are acknowledged within {}", duration_text(secs));
        ui.label(theme::note(text));
    }
    let floods = match report.floods {
        0 => "No flood".to_owned(),
        1 => format!("1 flood of {} alarms", report.largest_flood),
        some => format!(
            "{some} floods, {} alarms in the largest",
            report.largest_flood
        ),
    };
    let text = format!("{floods}; shelved {} times", report.shelvings);
    ui.label(theme::note(text));
    if !report.worst.is_empty() {
        ui.add_space(8.0);
        ui.label(theme::heading("Told most often"));
        let most = report.worst.iter().map(|worst| worst.told).max();
        let most = most.unwrap_or(1).max(1) as f32;
        egui::Grid::new("worst alarms")
            .num_columns(3)
            .spacing([10.0, 3.0])
            .show(ui, |ui| {
                for worst in &report.worst {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        ui.label(RichText::new(worst.told.to_string()).monospace());
                    });
                    let (rect, _) = ui.allocate_exact_size(Vec2::new(72.0, 8.0), Sense::hover());
                    let width = rect.width() * worst.told as f32 / most;
                    let bar = Rect::from_min_size(rect.min, Vec2::new(width, rect.height()));
                    ui.painter().rect_filled(bar, 1.0, Color32::from_gray(140));
                    ui.label(&worst.alarm);
                    ui.end_row();
                }
            });
    }
    for (title, names) in [("Chattering", &report.chattering), ("Stale", &report.stale)] {
        if names.is_empty() {
            continue;
        }
        ui.add_space(8.0);
        ui.label(theme::heading(format!("{title}: {}", names.len())));
        for name in names.iter().take(20) {
            ui.label(name);
        }
        if names.len() > 20 {
            ui.label(theme::note(format!("and {} more", names.len() - 20)));
        }
    }
}

/// The share of each priority as a bar, with its numbers.
fn mix_ui(ui: &mut Ui, report: &AlarmReport) {
    ui.label(theme::heading("Priorities"));
    let all: usize = report.by_priority.iter().sum();
    let size = Vec2::new(ui.available_width().min(260.0), 12.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect_filled(rect, 2.0, theme::sunk());
    let stroke = Stroke::new(1.0, theme::sunk());
    let mut left = rect.left();
    let priorities = [Priority::Urgent, Priority::High, Priority::Low];
    for (priority, count) in priorities.into_iter().zip(report.by_priority) {
        let width = rect.width() * count as f32 / all.max(1) as f32;
        let part = Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(width, 12.0));
        let colour = marks::priority_colour(priority);
        let inside = egui::StrokeKind::Inside;
        ui.painter().rect(part, 0.0, colour, stroke, inside);
        left += width;
    }
    ui.horizontal(|ui| {
        for (priority, count) in priorities.into_iter().zip(report.by_priority) {
            let share = 100.0 * count as f32 / all.max(1) as f32;
            let name = marks::priority_name(priority);
            let number = marks::priority_number(priority);
            ui.label(theme::note(format!(
                "{number} {name} {count} ({share:.0} %)"
            )));
        }
    });
}

/// Whole numbers whole, others with two decimals.
fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

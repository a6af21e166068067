//! The faceplate of the selected asset: its facts, its alarms and each of its signals.

use std::collections::BTreeMap;

use egui::{Align, Color32, Label, Layout, Pos2, Rect, RichText, Sense, Stroke, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::axis::TimeAxis;
use super::controls::{empty_ui, icon_button, icon_button_if};
use super::curve::{self, CurveQuery, ValueAxis};
use super::documents::documents_ui;
use super::expected::Expected;
use super::faceplate_facts::{degrees_text, links_ui, notes_ui, parameters_ui};
use super::marks::{self, AlarmLook};
use super::predictions;
use super::reading::{Reading, Trust};
use super::signal_drag::DraggedSignals;
use super::topic_draft::dropped_topic;
use super::trends::TrendState;
use super::{Twin, cursor, health, order, theme};
use crate::access::Right;
use crate::app::action::{Action, LimitTrial, Named};
use crate::app::palette;
use crate::scene::{Asset, AssetIndex, LimitKind, Signal};
use crate::signal::{Origin, SignalId};
use crate::simulation::BreachTimes;
use crate::timeline::Mode;

/// How much of the past a sparkline shows, s.
const SPARKLINE_SECS: f64 = 600.0;

/// The faceplate.
pub fn inspector_ui(ui: &mut Ui, twin: &Twin<'_>, trends: &TrendState, actions: &mut Vec<Action>) {
    let Some(index) = twin.selection.selected else {
        let hint = "Click it in the plant or in the tree";
        empty_ui(ui, icon::CURSOR_CLICK, "No asset is selected", hint);
        return;
    };
    let Some(asset) = twin.scene.assets.get(index.index()) else {
        return;
    };
    // Another asset begins at its top.
    egui::ScrollArea::vertical()
        .id_salt(index.0)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            together_ui(ui, twin, actions);
            head_ui(ui, twin, index, asset, actions);
            alarms_ui(ui, twin, index);
            predictions_ui(ui, twin, index);
            documents_ui(ui, twin, asset, actions);
            for id in asset.signal_ids() {
                ui.push_id(id, |ui| signal_ui(ui, twin, id, trends, actions));
                ui.add_space(4.0);
            }
            if asset.signals.is_empty() {
                ui.label(theme::note("It has no signals"));
            }
            parameters_ui(ui, asset);
            links_ui(ui, twin, index, asset, actions);
            notes_ui(ui, twin, asset, actions);
        });
}

/// How many are selected together, of which kinds, and what can be done with them.
fn together_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let chosen = &twin.selection.chosen;
    if chosen.len() < 2 {
        return;
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for asset in chosen {
        let kind = &twin.scene.asset(*asset).kind_label;
        *kinds.entry(kind).or_default() += 1;
    }
    let kinds = kinds.iter().map(|(kind, count)| format!("{count} {kind}"));
    egui::Frame::new()
        .fill(theme::raised())
        .corner_radius(3.0)
        .inner_margin(6)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(theme::heading(format!("{} selected", chosen.len())));
            ui.label(theme::note(kinds.collect::<Vec<_>>().join(", ")));
            ui.horizontal(|ui| {
                for (text, named) in [
                    ("Isolate", Named::IsolateSelection),
                    ("Hide", Named::HideSelection),
                    ("Frame", Named::FrameSelection),
                ] {
                    if ui.button(text).on_hover_text(named.title()).clicked() {
                        actions.push(Action::Named(named));
                    }
                }
            });
        });
    ui.add_space(8.0);
}

fn head_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    index: AssetIndex,
    asset: &Asset,
    actions: &mut Vec<Action>,
) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(&asset.tag).size(20.0).color(theme::strong()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, icon::FRAME_CORNERS, "Fly to").clicked() {
                actions.push(Action::FlyTo(index));
            }
        });
    });
    if !asset.label.is_empty() {
        ui.label(&asset.label);
    }
    let parent = asset.parent.map(|parent| &twin.scene.asset(parent).tag);
    let kind = match parent {
        Some(parent) => format!("{}, part of {parent}", asset.kind_label),
        None => asset.kind_label.clone(),
    };
    ui.label(theme::note(kind));
    if let Some(site) = &twin.scene.site {
        let [east, north, _] = asset.position;
        let [latitude, longitude] = site.degrees([east, north]);
        ui.label(theme::note(degrees_text(latitude, longitude)));
    }
    ui.add_space(8.0);
}

fn alarms_ui(ui: &mut Ui, twin: &Twin<'_>, index: AssetIndex) {
    let own = twin
        .alarms
        .iter()
        .filter(|alarm| twin.scene.signal(alarm.signal).asset == index);
    for alarm in own {
        let Some(source) = alarm.source(twin.scene) else {
            continue;
        };
        egui::Frame::new()
            .fill(theme::raised())
            .stroke(Stroke::new(1.0, marks::priority_colour(alarm.priority)))
            .corner_radius(3.0)
            .inner_margin(6)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.horizontal(|ui| {
                    let state = marks::state_text(alarm.state);
                    marks::alarm_mark_ui(ui, AlarmLook::of(ui, alarm), state);
                    ui.add(Label::new(RichText::new(source.message()).strong()).wrap());
                });
                let age = twin.timeline.playhead().secs_since(alarm.raised);
                let story = super::frame::offset_text(-age);
                let state = marks::state_text(alarm.state);
                ui.label(theme::note(format!("{state}, raised {story}")));
                if !source.advice().is_empty() {
                    ui.add(Label::new(theme::note(source.advice())).wrap());
                }
            });
        ui.add_space(4.0);
    }
}

/// Limits that the selected run expects the asset to pass.
fn predictions_ui(ui: &mut Ui, twin: &Twin<'_>, index: AssetIndex) {
    for prediction in predictions::of_asset(twin, index) {
        let colour = marks::priority_colour(prediction.limit.priority);
        egui::Frame::new()
            .stroke(Stroke::new(1.0, colour.gamma_multiply(0.6)))
            .corner_radius(3.0)
            .inner_margin(6)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                let text = RichText::new(&prediction.limit.message).strong();
                ui.add(Label::new(text).wrap());
                ui.add(Label::new(theme::note(prediction.story(twin))).wrap());
                when_ui(ui, &prediction.breach.when, colour);
            });
        ui.add_space(4.0);
    }
}

/// When members first pass the limit: a bar for each stretch of the horizon.
fn when_ui(ui: &mut Ui, when: &BreachTimes, colour: Color32) {
    let most = when.counts.iter().max().copied().unwrap_or(0);
    if when.members() < 2 || most == 0 {
        return;
    }
    let size = Vec2::new(ui.available_width(), 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let width = rect.width() / when.counts.len() as f32;
    for (place, count) in when.counts.iter().enumerate() {
        let height = rect.height() * *count as f32 / most as f32;
        let left = rect.left() + width * place as f32;
        let bar = Rect::from_min_max(
            Pos2::new(left, rect.bottom() - height),
            Pos2::new(left + width - 0.5, rect.bottom()),
        );
        ui.painter().rect_filled(bar, 0.0, colour);
    }
    let stroke = Stroke::new(1.0, theme::line());
    ui.painter().hline(rect.x_range(), rect.bottom(), stroke);
    response.on_hover_ui(|ui| {
        ui.label("Members by when they first pass it, from the start to the horizon");
        let end = when.cumulative().last();
        for share in [0.1, 0.25, 0.5, 0.75, 0.9] {
            if let Some((at, _)) = when.cumulative().find(|(_, passed)| *passed >= share) {
                let text = format!("{:.0} % by {} UTC", 100.0 * share, at.to_clock_text());
                ui.label(theme::note(text));
            }
        }
        if let Some((at, passed)) = end {
            let never = 100.0 * (1.0 - passed);
            ui.label(theme::note(format!(
                "{never:.0} % not by {} UTC",
                at.to_clock_text()
            )));
        }
    });
}

/// One signal: label, value, unit, age, quality, origin, bar and sparkline.
fn signal_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    id: SignalId,
    trends: &TrendState,
    actions: &mut Vec<Action>,
) {
    let signal = twin.scene.signal(id);
    let reading = Reading::of(twin, id);
    let card = egui::Frame::new()
        .fill(theme::raised())
        .corner_radius(4.0)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                let name = RichText::new(&signal.label).color(theme::text());
                ui.add(Label::new(name).sense(Sense::drag()))
                    .on_hover_text(format!("{}: drag it onto the trends", signal.full_name))
                    .dnd_set_drag_payload(DraggedSignals(vec![id]));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    trend_button_ui(ui, id, signal, trends, actions);
                    if !signal.limits.is_empty()
                        && icon_button(ui, icon::SLIDERS_HORIZONTAL, "Try limits").clicked()
                    {
                        actions.push(Action::TryLimits(Box::new(LimitTrial {
                            signal: id,
                            limits: signal.limits.clone(),
                            hours: 24,
                        })));
                    }
                    if twin.plant.is_settable(id)
                        && icon_button_if(
                            ui,
                            twin.may(Right::Simulate),
                            icon::GIT_BRANCH,
                            "Set in a scenario",
                        )
                        .clicked()
                    {
                        actions.push(Action::Override(id));
                    }
                    if signal.write.is_some() {
                        let allowed = order::may_write(twin, signal);
                        let pen = icon_button_if(
                            ui,
                            allowed,
                            icon::PENCIL_SIMPLE,
                            "Write a value to the plant",
                        );
                        if pen.clicked() {
                            actions.push(Action::ShowOrder(id));
                        }
                    }
                });
            });
            ui.horizontal(|ui| {
                value_ui(ui, signal, &reading);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    sparkline_ui(ui, twin, id, signal);
                });
            });
            if let Some(expected) = Expected::of(twin, id) {
                ui.add(Label::new(theme::note(expected.story(twin, id))).wrap());
            }
            health::life_ui(ui, twin, id, actions);
            if let Some(band) = reading.band_text(twin, id) {
                ui.label(theme::note(format!("{band}  P10 to P90")));
            }
            if signal.states.is_empty() {
                bar_ui(ui, signal, &reading);
            }
            story_ui(ui, twin, signal, &reading);
        });
    actions.extend(dropped_topic(&card.response, |topic| topic.onto(id)));
}

fn trend_button_ui(
    ui: &mut Ui,
    id: SignalId,
    signal: &Signal,
    trends: &TrendState,
    actions: &mut Vec<Action>,
) {
    let chosen = trends.has_chosen(signal);
    let name = if chosen {
        "Remove from the trends"
    } else {
        "Add to the trends"
    };
    let button = icon_button(ui, icon::CHART_LINE_UP, name);
    if chosen {
        let below = button.rect.shrink2(Vec2::new(5.0, 1.0));
        let stroke = Stroke::new(2.0, theme::selection());
        ui.painter().hline(below.x_range(), below.bottom(), stroke);
    }
    if button.clicked() {
        actions.push(Action::ToggleTrend(id));
    }
}

fn value_ui(ui: &mut Ui, signal: &Signal, reading: &Reading) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let ink = marks::trust_colour(reading.trust);
    let value = RichText::new(reading.value_text(signal))
        .size(21.0)
        .color(ink);
    ui.label(value);
    let has_unit = signal.states.is_empty() && !signal.unit.symbol().is_empty();
    if has_unit && reading.value.is_some() {
        ui.label(
            RichText::new(signal.unit.symbol())
                .size(14.0)
                .color(theme::weak()),
        );
    }
}

/// Age, quality and origin below the value.
fn story_ui(ui: &mut Ui, twin: &Twin<'_>, signal: &Signal, reading: &Reading) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let ink = match reading.trust {
            Trust::Good => theme::weak(),
            _ => theme::text(),
        };
        if let Some(glyph) = marks::trust_icon(reading.trust) {
            ui.label(RichText::new(glyph).size(13.0).color(ink));
        }
        ui.label(RichText::new(reading.story()).size(12.0).color(ink));
        let beyond = twin.timeline.mode() == Mode::Beyond;
        let origin = if !signal.measured && reading.value.is_none() && !beyond {
            "computed by models only, not measured".to_owned()
        } else {
            reading.origin_text()
        };
        ui.label(theme::note("·"));
        ui.label(theme::note(origin));
    });
}

/// The value within its ordinary range, with the limits that raise alarms.
fn bar_ui(ui: &mut Ui, signal: &Signal, reading: &Reading) {
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), 14.0), Sense::hover());
    let bar = Rect::from_center_size(rect.center(), Vec2::new(rect.width(), 6.0));
    let painter = ui.painter();
    painter.rect_filled(bar, 2.0, theme::sunk());
    let x = |si: f64| {
        let share = signal.fraction(si).clamp(0.0, 1.0) as f32;
        bar.left() + share * bar.width()
    };
    // What lies past a limit is marked on the bar's ground.
    for limit in &signal.limits {
        let (from, to) = if limit.kind.is_upper() {
            (x(limit.at), bar.right())
        } else {
            (bar.left(), x(limit.at))
        };
        let past = Rect::from_x_y_ranges(from..=to, bar.y_range());
        let colour = marks::priority_colour(limit.priority).gamma_multiply(0.25);
        painter.rect_filled(past, 0.0, colour);
    }
    if let Some(value) = reading.value {
        let filled = Rect::from_min_max(bar.min, Pos2::new(x(value), bar.bottom()));
        if reading.is_usable() {
            painter.rect_filled(filled, 2.0, theme::weak());
        } else {
            marks::paint_hatch(painter, filled, theme::line());
        }
        let end = x(value);
        painter.vline(
            end,
            rect.y_range(),
            Stroke::new(2.0, marks::trust_colour(reading.trust)),
        );
    } else {
        marks::paint_hatch(painter, bar, theme::line());
    }
    for limit in &signal.limits {
        let at = x(limit.at);
        let colour = marks::priority_colour(limit.priority);
        painter.vline(at, rect.shrink(1.0).y_range(), Stroke::new(1.5, colour));
    }
    response.on_hover_text(range_story(signal));
}

/// The range and the limits in words.
fn range_story(signal: &Signal) -> String {
    let mut lines = vec![format!(
        "Ordinarily {} to {}",
        signal.value_text(signal.range.0),
        signal.value_with_unit(signal.range.1)
    )];
    for limit in &signal.limits {
        lines.push(format!(
            "{} {}, priority {}: {}",
            limit_name(limit.kind),
            signal.value_with_unit(limit.at),
            marks::priority_number(limit.priority),
            limit.message
        ));
    }
    lines.join("\n")
}

/// A limit's side in two letters at most, as on a control-room screen.
pub const fn limit_name(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::HighHigh => "HH",
        LimitKind::High => "H",
        LimitKind::Low => "L",
        LimitKind::LowLow => "LL",
    }
}

/// The last minutes before the playhead, from whoever answers there.
fn sparkline_ui(ui: &mut Ui, twin: &Twin<'_>, id: SignalId, signal: &Signal) {
    let width = ui.available_width().min(150.0) - 4.0;
    if width < 40.0 {
        return;
    }
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 30.0), Sense::hover());
    let (playhead, now) = (twin.timeline.playhead(), twin.timeline.now());
    let axis = TimeAxis::across(rect, (playhead.plus_secs(-SPARKLINE_SECS), playhead));
    let steps = !signal.states.is_empty();
    let mut pieces = curve::pieces(twin.history, CurveQuery::measured(id, signal), &axis, steps);
    if playhead > now
        && let Some(Origin::Simulated(run)) = twin.timeline.origin_at(playhead)
        && let Some(record) = twin.runs.iter().find(|record| record.id == run)
    {
        let query = CurveQuery {
            origin: Origin::Simulated(run),
            signal: id,
            join_secs: record.scenario.step.as_secs_f64() * 1.5,
        };
        let future = TimeAxis::across(rect, (axis.from, axis.to));
        pieces.extend(curve::pieces(twin.history, query, &future, steps));
    }
    let painter = ui.painter_at(rect);
    painter.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, theme::line()),
    );
    let Some((low, high)) = curve::extent(&pieces) else {
        return;
    };
    // A steady signal is a steady line in the middle, not its noise writ large.
    let least = (signal.range.1 - signal.range.0) * 0.02;
    let spread = ((high - low) / 2.0).max(least) * 1.15;
    let middle = f64::midpoint(low, high);
    let values = ValueAxis {
        low: signal.unit.from_si(middle - spread),
        high: signal.unit.from_si(middle + spread),
        rect,
    };
    let stroke = Stroke::new(1.5, theme::ink(palette::SERIES[0]));
    curve::paint_pieces(&painter, &pieces, signal.unit, &values, stroke, false);
    if let Some(pointer) = response.hover_pos() {
        cursor::point(ui.ctx(), axis.at(pointer.x));
    }
    cursor::paint_line(&painter, rect, &axis);
    response.on_hover_text("The last 10 minutes before the playhead");
}

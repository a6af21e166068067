//! The drawing of the trends: strips below each other over one axis of time.

use egui::{Align2, PointerButton, Pos2, Rect, Response, Sense, Stroke, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::axis::{TimeAxis, time_ticks};
use super::controls::icon_button_if;
use super::curve::Detail;
use super::strip_curves::{Curves, MANY, paint_strip, room_for_numbers};
use super::strip_legend::legend_ui;
use super::trend_marks::{notes_ui, paint_alarm_spans};
use super::trends::TrendState;
use super::{Twin, cursor, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::scene::{Scene, Signal};
use crate::signal::SignalId;
use crate::time::Timestamp;
use crate::timeline::{Mode, TimelineCommand};
use crate::units::Unit;

/// Room for names and values right of the plots.
const LEGEND: f32 = 230.0;
/// Room for the times below the plots.
const TIMES: f32 = 18.0;
/// A strip that is lower than this cannot be read; those that do not fit are on other pages.
const LOWEST: f32 = 52.0;

/// Signals of one unit, drawn over one axis of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The unit they share.
    pub(super) unit: Unit,
    /// True if they are states, drawn as steps.
    pub(super) states: bool,
    /// Signals of one unit are on one strip if this is the same.
    pub(super) group: u32,
    /// The signals, each with its place in the trends, which gives its colour.
    pub(super) signals: Vec<(usize, SignalId)>,
}

impl Strip {
    /// One strip per unit and group, in the order of the signals.
    pub fn by_unit(
        scene: &Scene,
        signals: &[SignalId],
        group_of: impl Fn(&Signal) -> u32,
    ) -> Vec<Self> {
        let mut strips: Vec<Self> = Vec::new();
        for (place, &id) in signals.iter().enumerate() {
            let signal = scene.signal(id);
            let (unit, states) = (signal.unit, !signal.states.is_empty());
            let group = group_of(signal);
            let fits = |strip: &&mut Self| strip.group == group && strip.takes(signal);
            match strips.iter_mut().find(fits) {
                Some(strip) => strip.signals.push((place, id)),
                None => strips.push(Self {
                    unit,
                    states,
                    group,
                    signals: vec![(place, id)],
                }),
            }
        }
        strips
    }

    /// True if a signal can be drawn over its axis of values.
    pub(super) fn takes(&self, signal: &Signal) -> bool {
        self.unit == signal.unit && self.states != signal.states.is_empty()
    }

    /// How high it is beside others: states need less room than numbers.
    fn weight(&self) -> f32 {
        if self.states { 0.5 } else { 1.0 }
    }
}

/// All strips, their legends and the axis of time; where each is, with its legend.
pub(super) fn strips_ui<'a>(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    strips: &'a [Strip],
    range: (Timestamp, Timestamp),
    actions: &mut Vec<Action>,
) -> Vec<(Rect, &'a Strip)> {
    let strips = page_ui(ui, state, strips);
    let (whole, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let legend = LEGEND.min(whole.width() * 0.4);
    let numbers = room_for_numbers(ui.painter(), twin.scene, strips);
    let plot = Rect::from_min_max(
        whole.min + Vec2::new(numbers, 0.0),
        whole.max - Vec2::new(legend, TIMES),
    );
    let mut places = Vec::new();
    if plot.width() < 40.0 || plot.height() < 30.0 {
        return places;
    }
    let exact = TimeAxis::across(plot, range);
    let axis = TimeAxis::across_in_pixels(plot, range, ui.pixels_per_point());
    let response = ui.interact(plot, ui.id().with("plot"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, "Trend plot"));
    if let Some(pointer) = response.hover_pos() {
        cursor::point(ui.ctx(), axis.at(pointer.x));
    }
    let pointed_at = cursor::pointed_on(ui.ctx(), &axis);

    let drawn = |(_, id): &&(usize, SignalId)| !state.hidden.contains(id);
    let all = strips.iter().flat_map(|strip| &strip.signals);
    let detail = match all.filter(drawn).count() > MANY {
        true => Detail::Coarse,
        false => Detail::Full,
    };
    // The names were under the pointer when they were last drawn.
    let pointed = state.pointed.take();
    state.curves.begin_frame();

    let whole_weight: f32 = strips.iter().map(Strip::weight).sum();
    let mut top = plot.top();
    for strip in strips {
        let height = plot.height() * strip.weight() / whole_weight;
        let rect = Rect::from_x_y_ranges(plot.x_range(), top..=top + height - 6.0);
        top += height;
        let TrendState {
            hidden,
            curves: cache,
            ..
        } = &mut *state;
        let visible = strip.signals.iter();
        let curves: Vec<Curves<'_>> = visible
            .filter(|(_, id)| !hidden.contains(id))
            .map(|&(place, id)| {
                let is_pointed = pointed == Some(id);
                Curves::look_up(twin, (place, id), is_pointed, &axis, (&mut *cache, detail))
            })
            .collect();
        paint_strip(ui, twin, strip, (&curves, cache), rect, &axis);
        let ids = strip.signals.iter().map(|(_, id)| *id);
        paint_alarm_spans(&ui.painter_at(rect), twin, rect, &axis, ids);
        let beside = Rect::from_min_max(
            Pos2::new(plot.right() + 8.0, rect.top()),
            Pos2::new(whole.right(), rect.bottom()),
        );
        legend_ui(ui, twin, state, strip, beside, pointed_at, actions);
        places.push((rect.with_max_x(whole.right()), strip));
    }
    paint_times(ui, plot, whole.bottom(), &axis);
    paint_instants(ui, twin, state, plot, &axis);
    notes_ui(ui, twin, plot, &axis, actions);
    listen(ui, twin, state, &exact, &response, actions);
    places
}

/// The strips that fit, and buttons for those above and below if there are more.
fn page_ui<'a>(ui: &mut Ui, state: &mut TrendState, strips: &'a [Strip]) -> &'a [Strip] {
    let fit = ((ui.available_height() - TIMES - 24.0) / LOWEST).max(1.0) as usize;
    if strips.len() <= fit {
        state.first_strip = 0;
        return strips;
    }
    let last_page = strips.len() - fit;
    let first = state.first_strip.min(last_page);
    state.first_strip = first;
    ui.horizontal(|ui| {
        let (from, to, all) = (first + 1, first + fit, strips.len());
        ui.label(theme::note(format!("Strips {from} to {to} of {all}")));
        let above = if first > 0 {
            Ok(())
        } else {
            Err("These are the first")
        };
        if icon_button_if(ui, above, icon::CARET_UP, "Strips above").clicked() {
            state.first_strip = first.saturating_sub(fit);
        }
        let below = if first < last_page {
            Ok(())
        } else {
            Err("These are the last")
        };
        if icon_button_if(ui, below, icon::CARET_DOWN, "Strips below").clicked() {
            state.first_strip = (first + fit).min(last_page);
        }
    });
    &strips[first..first + fit]
}

fn paint_times(ui: &Ui, plot: Rect, bottom: f32, axis: &TimeAxis) {
    let painter = ui.painter();
    let most = (plot.width() / 80.0).max(2.0) as usize;
    for tick in time_ticks(axis.from, axis.to, most) {
        let x = axis.x(tick.at);
        let faint = Stroke::new(1.0, theme::line().gamma_multiply(0.4));
        painter.vline(x, plot.y_range(), faint);
        let ink = if tick.date {
            theme::text()
        } else {
            theme::weak()
        };
        let at = Pos2::new(x, bottom - 1.0);
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            tick.label,
            theme::small_font(),
            ink,
        );
    }
}

/// Present, playhead, what is under the pointer, and the stretch of a zoom in the making.
fn paint_instants(ui: &Ui, twin: &Twin<'_>, state: &TrendState, plot: Rect, axis: &TimeAxis) {
    let painter = ui.painter_at(plot);
    let live = theme::ink(palette::mode_colour(Mode::Live));
    let present = axis.x(twin.timeline.now());
    painter.vline(present, plot.y_range(), Stroke::new(1.0, live));
    let playhead = axis.x(twin.timeline.playhead());
    painter.vline(playhead, plot.y_range(), Stroke::new(1.5, theme::strong()));
    let Some(at) = cursor::pointed_on(ui.ctx(), axis) else {
        return;
    };
    let x = axis.x(at);
    if let Some(from) = state.zoom_from {
        let chosen = Rect::from_two_pos(
            Pos2::new(axis.x(from), plot.top()),
            Pos2::new(x, plot.bottom()),
        );
        painter.rect_filled(chosen, 0.0, theme::selection().gamma_multiply(0.15));
    }
    cursor::paint_line(&painter, plot, axis);
    let right = x > plot.center().x;
    painter.text(
        Pos2::new(x + if right { -6.0 } else { 6.0 }, plot.top() + 2.0),
        if right {
            Align2::RIGHT_TOP
        } else {
            Align2::LEFT_TOP
        },
        at.format("%H:%M:%S"),
        theme::small_font(),
        theme::strong(),
    );
}

/// Click goes there, drag zooms, double click resets, wheel zooms, Shift + wheel shifts.
fn listen(
    ui: &Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    axis: &TimeAxis,
    response: &Response,
    actions: &mut Vec<Action>,
) {
    let now = twin.timeline.now();
    if let Some(pointer) = response.interact_pointer_pos() {
        let at = axis.at(pointer.x.clamp(axis.left, axis.right));
        if response.drag_started_by(PointerButton::Primary) {
            state.zoom_from = Some(at);
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            state.zoom_to(axis, at, now);
        }
        if response.double_clicked() {
            state.window.reset();
        } else if response.clicked() {
            actions.push(Action::Timeline(TimelineCommand::Seek(at)));
        }
        if response.dragged_by(PointerButton::Middle) {
            let secs = f64::from(-response.drag_delta().x) * axis.secs_per_point();
            state.window.pan(axis, secs, now);
        }
    }
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let (wheel, shift) = ui.input(|input| (input.smooth_scroll_delta(), input.modifiers.shift));
    let sideways = if shift { wheel.x + wheel.y } else { wheel.x };
    if sideways != 0.0 {
        let secs = f64::from(-sideways) * axis.secs_per_point();
        state.window.pan(axis, secs, now);
    } else if wheel.y != 0.0 {
        let factor = f64::from(-wheel.y / 200.0).exp();
        state.window.zoom(axis, axis.at(pointer.x), factor, now);
    }
}

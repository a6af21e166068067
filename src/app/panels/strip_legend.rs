//! The legend beside a strip: what each curve is called and what it shows under the pointer.

use egui::{Align2, Color32, Pos2, Rect, Response, Sense, Ui, Vec2};

use super::reading::NO_VALUE;
use super::signal_drag::DraggedSignals;
use super::skill::worthless_from;
use super::strips::Strip;
use super::trends::TrendState;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::scene::Signal;
use crate::signal::{Origin, SignalId};
use crate::time::{Timestamp, duration_text};

/// Names and values: at the instant under the pointer in any chart, else at the playhead.
pub(super) fn legend_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    strip: &Strip,
    rect: Rect,
    pointed_at: Option<Timestamp>,
    actions: &mut Vec<Action>,
) {
    let builder = egui::UiBuilder::new().max_rect(rect);
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical()
            .id_salt(("legend", strip.signals.first()))
            .auto_shrink([false, false])
            .show(ui, |ui| {
                rows_ui(ui, twin, state, strip, pointed_at, actions);
            });
    });
}

fn rows_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut TrendState,
    strip: &Strip,
    pointed_at: Option<Timestamp>,
    actions: &mut Vec<Action>,
) {
    let at = pointed_at.unwrap_or(twin.timeline.playhead());
    for &(place, id) in &strip.signals {
        let signal = twin.scene.signal(id);
        let hidden = state.hidden.contains(&id);
        let colour = theme::ink(palette::SERIES[place % palette::SERIES.len()]);
        let row = legend_row_ui(ui, signal, colour, hidden, &value_at(twin, id, at));
        let mut hint =
            "Click hides, Alt-click shows only this one, a drag brings it to another strip"
                .to_owned();
        if let Some(from) = worthless_from(&twin.skill.table, signal) {
            let from = duration_text(from.as_secs_f64());
            hint = format!("Forecasts are worse than no model from {from} ahead\n{hint}");
        }
        let row = row.on_hover_text(hint);
        row.dnd_set_drag_payload(DraggedSignals(vec![id]));
        if row.hovered() {
            state.pointed = Some(id);
        }
        if row.clicked() {
            let alone = ui.input(|input| input.modifiers.alt);
            state.hide_or_solo(id, alone, &strip.signals);
        }
        row.context_menu(|ui| {
            if state.has_chosen(signal) && ui.button("Remove from the trends").clicked() {
                actions.push(Action::ToggleTrend(id));
            }
            let text = match state.group(signal) > 0 {
                true => "Draw with others of its unit",
                false => "Draw on a strip of its own",
            };
            if ui.button(text).clicked() {
                state.toggle_apart(signal);
            }
            super::tree::menu_ui(ui, twin, signal.asset, actions);
        });
    }
}

fn legend_row_ui(
    ui: &mut Ui,
    signal: &Signal,
    colour: Color32,
    hidden: bool,
    value: &str,
) -> Response {
    let size = Vec2::new(ui.available_width(), 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    response.widget_info(|| {
        let name = format!("{} {value}", signal.full_name);
        egui::WidgetInfo::selected(egui::WidgetType::Checkbox, true, !hidden, name)
    });
    let painter = ui.painter_at(rect);
    let middle = rect.center().y;
    let swatch = Rect::from_center_size(Pos2::new(rect.left() + 6.0, middle), Vec2::new(12.0, 3.0));
    let ink = if hidden { theme::line() } else { theme::text() };
    painter.rect_filled(swatch, 1.0, if hidden { theme::line() } else { colour });
    let font = egui::FontId::proportional(12.0);
    let value = painter.text(
        Pos2::new(rect.right() - 4.0, middle),
        Align2::RIGHT_CENTER,
        value,
        font.clone(),
        if hidden {
            theme::line()
        } else {
            theme::strong()
        },
    );
    let room = Rect::from_min_max(rect.min, Pos2::new(value.left() - 6.0, rect.bottom()));
    painter.with_clip_rect(room).text(
        Pos2::new(rect.left() + 18.0, middle),
        Align2::LEFT_CENTER,
        &signal.full_name,
        font,
        ink,
    );
    response
}

/// What a signal shows at `at`, with its unit; a dash where nothing is known, dated if stale.
fn value_at(twin: &Twin<'_>, id: SignalId, at: Timestamp) -> String {
    let signal = twin.scene.signal(id);
    let Some(origin) = twin.timeline.origin_at(at) else {
        return NO_VALUE.to_owned();
    };
    let Some(seen) = twin.history.latest_at(origin, id, at) else {
        return NO_VALUE.to_owned();
    };
    let text = signal.value_with_unit(seen.sample.value);
    let measured = matches!(origin, Origin::Measured);
    if measured && seen.is_stale(at, signal.max_age) {
        format!("{text} (stale)")
    } else {
        text
    }
}

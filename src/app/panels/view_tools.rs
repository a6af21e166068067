//! The tools over the 3D view: what is selected together, what is drawn, what is measured.
//!
//! A strip of buttons at the top left, and a card below it for each tool that is in use.

use egui::{Align2, Area, Color32, Frame, Id, Order, Pos2, Rect, RichText, Ui, Vec2};
use egui_phosphor::regular as icon;

use super::controls::{icon_button, title_with_shortcut};
use super::range_slider::range_slider;
use super::{Twin, member, theme};
use crate::alarm::Alarm;
use crate::app::action::{Action, Named};
use crate::app::measure::{Measurement, Tool};
use crate::app::reveal::{MOST_SPREAD, RevealEdit, Section};
use crate::scene::Shape;

/// Side of a button.
const SIDE: f32 = 28.0;
/// From the upper left corner of the view.
const INSET: f32 = 10.0;
/// Height of the strip with its margin: what else stands at the top left stands below.
pub const STRIP: f32 = 50.0;
/// A lower view has its cards side by side.
const LOW: f32 = 620.0;
/// Width of what stands in a card.
const CARD: f32 = 232.0;
/// Names of the axes of a section.
const AXES: [&str; 3] = ["East", "North", "Height"];

/// What the tools remember.
#[derive(Debug, Default)]
pub struct ViewToolsState {
    layers_open: bool,
}

/// The strip, and the cards of tools in use.
pub fn view_tools_ui(
    ui: &Ui,
    view: Rect,
    twin: &Twin<'_>,
    state: &mut ViewToolsState,
    actions: &mut Vec<Action>,
) {
    // Too small a view has no room for them; the palette has them all.
    if !has_room(view) {
        return;
    }
    let ground = Frame::new()
        .fill(theme::plate(190))
        .corner_radius(5.0)
        .inner_margin(3);
    let corner = view.left_top() + Vec2::splat(INSET);
    area(ui, "view tools", corner, view).show(ui.ctx(), |ui| {
        ground.show(ui, |ui| {
            ui.horizontal(|ui| strip_ui(ui, twin, state, actions));
        });
    });
    let below = telling_below(view, twin);
    let corner = view.left_top() + Vec2::new(INSET, STRIP + below);
    area(ui, "view tool cards", corner, view).show(ui.ctx(), |ui| {
        let room = (view.bottom() - corner.y - 64.0).max(120.0);
        if view.height() < LOW {
            ui.horizontal_top(|ui| cards_ui(ui, twin, state, room, actions));
        } else {
            ui.set_max_width(CARD + 24.0);
            cards_ui(ui, twin, state, room, actions);
        }
    });
    hidden_alarms_ui(ui, view, twin, actions);
}

/// Where the strip stands.
pub fn strip_rect(view: Rect) -> Rect {
    Rect::from_min_size(view.left_top(), Vec2::new(360.0, STRIP))
}

/// True if the view is large enough for the strip.
pub fn has_room(view: Rect) -> bool {
    view.height() > 180.0 && view.width() > 560.0
}

/// How much of the left side is taken by who says what is seen.
fn telling_below(view: Rect, twin: &Twin<'_>) -> f32 {
    if twin.other.is_some() && has_room(view) {
        36.0
    } else {
        0.0
    }
}

/// A place over the view that takes the pointer and the wheel from it.
fn area(ui: &Ui, name: &str, at: Pos2, view: Rect) -> Area {
    Area::new(ui.id().with(name))
        .order(Order::Middle)
        .fixed_pos(at)
        .constrain_to(view)
}

fn strip_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut ViewToolsState, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing = Vec2::splat(2.0);
    let now = &twin.revealed.now;
    let chosen = !twin.selection.chosen.is_empty();
    let mut tool = |ui: &mut Ui, named: Named, glyph: &str, lit: bool, allowed: bool| {
        let title = title_with_shortcut(ui.ctx(), named);
        let pressed = tool_button(ui, glyph, &title, lit, allowed);
        actions.extend(pressed.then_some(Action::Named(named)));
    };
    let boxes = twin.tool == Tool::Box;
    tool(ui, Named::BoxTool, icon::SELECTION, boxes, true);
    let alone = now.alone.is_some();
    tool(
        ui,
        Named::IsolateSelection,
        icon::CUBE_FOCUS,
        alone,
        alone || chosen,
    );
    let hidden = !now.hidden.is_empty();
    tool(ui, Named::HideSelection, icon::EYE_SLASH, hidden, chosen);
    tool(
        ui,
        Named::ToggleXRay,
        icon::CUBE_TRANSPARENT,
        now.xray,
        true,
    );
    let cut = now.section.is_some();
    tool(ui, Named::ToggleSection, icon::SCISSORS, cut, true);
    if twin.scene.storeys.count() > 1 {
        let apart = now.spread > 0.0;
        tool(ui, Named::ToggleSpread, icon::STAIRS, apart, true);
    }
    let off = !now.layers_off.is_empty() || !now.storeys_off.is_empty() || now.ground_off;
    let lit = off || state.layers_open;
    if tool_button(ui, icon::STACK, "Layers", lit, true) {
        state.layers_open = !state.layers_open;
    }
    let measures = twin.tool == Tool::Measure;
    tool(ui, Named::MeasureTool, icon::RULER, measures, true);
    ui.add_space(4.0);
    tool(ui, Named::Undo, icon::ARROW_U_UP_LEFT, false, twin.undo.0);
    tool(ui, Named::Redo, icon::ARROW_U_UP_RIGHT, false, twin.undo.1);
    let edited = twin.revealed.is_edited();
    tool(ui, Named::ShowEverything, icon::EYE, false, edited);
}

/// A button of the strip; true if it is pressed.
fn tool_button(ui: &mut Ui, glyph: &str, name: &str, lit: bool, allowed: bool) -> bool {
    let ink = match (allowed, lit) {
        (false, _) => theme::weak().gamma_multiply(0.6),
        (true, true) => theme::strong(),
        (true, false) => theme::text(),
    };
    let fill = if lit {
        theme::selection().gamma_multiply(0.35)
    } else {
        Color32::TRANSPARENT
    };
    let button = egui::Button::new(RichText::new(glyph).size(17.0).color(ink))
        .fill(fill)
        .frame_when_inactive(lit)
        .min_size(Vec2::splat(SIDE));
    let response = ui.add_enabled(allowed, button);
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Button, allowed, lit, name));
    response
        .on_hover_text(name)
        .on_disabled_hover_text(name)
        .clicked()
}

fn cards_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ViewToolsState,
    room: f32,
    actions: &mut Vec<Action>,
) {
    ui.spacing_mut().item_spacing = Vec2::splat(6.0);
    let chosen = twin.selection.chosen.len();
    if twin.tool == Tool::Box {
        card(ui, |ui| {
            ui.label(theme::note(
                "Drag to the right for what lies in the box, to the left also for what it touches",
            ));
            if chosen > 0 {
                ui.label(format!("{chosen} selected"));
            }
        });
    }
    if let (Some(section), Some(bounds)) = (twin.revealed.now.section, twin.picture.bounds) {
        card(ui, |ui| {
            section_ui(ui, section, bounds, twin.scene.origin, actions);
        });
    }
    if twin.revealed.now.spread > 0.0 {
        card(ui, |ui| spread_ui(ui, twin.revealed.now.spread, actions));
    }
    if state.layers_open {
        card(ui, |ui| layers_ui(ui, twin, state, room, actions));
    }
    if twin.movement.chosen().is_some() {
        card(ui, |ui| member::member_ui(ui, twin, actions));
    }
    if twin.tool == Tool::Measure || !twin.ruler.measurements.is_empty() {
        card(ui, |ui| measurements_ui(ui, twin, actions));
    }
}

fn card(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(theme::plate(235))
        .corner_radius(5.0)
        .inner_margin(egui::Margin::symmetric(10, 8))
        .show(ui, |ui| {
            ui.set_width(CARD);
            ui.vertical(content);
        });
}

/// The head of a card, with a button that closes it; true if it is pressed.
pub(super) fn head_ui(ui: &mut Ui, title: &str, close: &str) -> bool {
    ui.horizontal(|ui| {
        ui.label(theme::heading(title));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            icon_button(ui, icon::X, close).clicked()
        })
        .inner
    })
    .inner
}

fn section_ui(
    ui: &mut Ui,
    section: Section,
    bounds: Section,
    origin: [f64; 2],
    actions: &mut Vec<Action>,
) {
    if head_ui(ui, "Section", "Close the section") {
        actions.push(Action::Named(Named::ToggleSection));
    }
    let mut next = section;
    for (axis, name) in AXES.into_iter().enumerate() {
        // In the coordinates of the scene's file.
        let off = origin.get(axis).copied().unwrap_or(0.0);
        let ends = (bounds.low[axis] + off, bounds.high[axis] + off);
        let now = (section.low[axis] + off, section.high[axis] + off);
        if let Some((low, high)) = range_slider(ui, name, ends, now) {
            (next.low[axis], next.high[axis]) = (low - off, high - off);
        }
    }
    if next != section {
        actions.push(Action::Reveal(RevealEdit::Section(Some(next))));
    }
}

fn spread_ui(ui: &mut Ui, spread: f64, actions: &mut Vec<Action>) {
    if head_ui(ui, "Storeys apart", "Put the storeys together") {
        actions.push(Action::Named(Named::ToggleSpread));
    }
    let mut next = spread;
    let slider = egui::Slider::new(&mut next, 0.5..=MOST_SPREAD)
        .suffix(" m")
        .fixed_decimals(1);
    let response = ui.add(slider);
    response.widget_info(|| egui::WidgetInfo::slider(true, spread, "Distance of storeys"));
    if next != spread {
        actions.push(Action::Reveal(RevealEdit::Spread(next)));
    }
}

fn layers_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ViewToolsState,
    room: f32,
    actions: &mut Vec<Action>,
) {
    if head_ui(ui, "Layers", "Close the layers") {
        state.layers_open = false;
    }
    let layers = &twin.scene.layers;
    let now = &twin.revealed.now;
    let mut seen = vec![0_usize; layers.names().len()];
    let drawn = twin.scene.asset_indices();
    for asset in drawn.filter(|asset| twin.scene.asset(*asset).shape != Shape::Unseen) {
        if let Some(count) = layers.of(asset).and_then(|layer| seen.get_mut(layer)) {
            *count += 1;
        }
    }
    let mut switch = |ui: &mut Ui, on: bool, name: &str, count: Option<usize>, edit: RevealEdit| {
        ui.horizontal(|ui| {
            let mut next = on;
            ui.checkbox(&mut next, name);
            if let Some(count) = count {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(theme::note(count.to_string()));
                });
            }
            if next != on {
                actions.push(Action::Reveal(edit));
            }
        });
    };
    egui::ScrollArea::vertical()
        .max_height(room)
        .show(ui, |ui| {
            for (layer, (name, count)) in layers.names().iter().zip(&seen).enumerate() {
                if *count > 0 {
                    let on = !now.layers_off.contains(&layer);
                    let edit = RevealEdit::Layer(layer, !on);
                    switch(ui, on, name, Some(*count), edit);
                }
            }
            let ground = RevealEdit::Ground(now.ground_off);
            switch(ui, !now.ground_off, "Ground", None, ground);
            if twin.scene.storeys.count() > 1 {
                ui.add_space(4.0);
                ui.label(theme::caption("Storeys"));
                // As they stand: the highest above.
                let names: Vec<_> = twin.scene.storeys.names().enumerate().collect();
                for (storey, name) in names.into_iter().rev() {
                    let on = !now.storeys_off.contains(&storey);
                    switch(ui, on, name, None, RevealEdit::Storey(storey, !on));
                }
            }
        });
}

fn measurements_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    if head_ui(ui, "Distances", "Clear all measurements") {
        actions.push(Action::Named(Named::ClearMeasurements));
        if twin.tool == Tool::Measure {
            actions.push(Action::Named(Named::MeasureTool));
        }
    }
    if twin.tool == Tool::Measure {
        let hint = match twin.ruler.begun {
            None => "Click where to begin; corners attract the pointer",
            Some(_) => "Click where to end",
        };
        ui.label(theme::note(hint));
    }
    let last = twin.ruler.measurements.iter().rev().take(6);
    for measurement in last {
        ui.label(RichText::new(length_text(measurement.length())).color(theme::strong()));
        ui.label(theme::note(parts_text(measurement)));
    }
}

/// A length as it is read, m; as many decimals as the view can tell apart.
pub fn length_text(metres: f64) -> String {
    let decimals = match metres.abs() {
        ..100.0 => 2,
        ..10_000.0 => 1,
        _ => 0,
    };
    format!("{metres:.decimals$} m")
}

/// On the map, and up or down.
fn parts_text(measurement: &Measurement) -> String {
    let rise = measurement.rise();
    let way = if rise < 0.0 { "down" } else { "up" };
    format!(
        "{} level, {} {way}",
        length_text(measurement.run()),
        length_text(rise.abs())
    )
}

/// Paints what was measured over the picture.
pub fn paint_tools(painter: &egui::Painter, view: Rect, twin: &Twin<'_>) {
    for rule in &twin.picture.rules {
        let [from, to] = rule.ends.map(|end| view.min + Vec2::from(end));
        let ink = theme::strong();
        painter.line_segment([from, to], egui::Stroke::new(3.5, theme::plate(150)));
        painter.line_segment([from, to], egui::Stroke::new(1.5, ink));
        for end in [from, to] {
            painter.circle_filled(end, 3.0, ink);
        }
        let text = length_text(rule.measurement.length());
        let galley = painter.layout_no_wrap(text, egui::FontId::proportional(12.5), ink);
        let at = from.lerp(to, 0.5) - galley.size() / 2.0 - Vec2::new(0.0, 14.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(Vec2::new(6.0, 3.0));
        painter.rect_filled(ground, 3.0, theme::plate(210));
        painter.galley(at, galley, ink);
    }
    if let Some((at, is_corner)) = twin.picture.ruler_tip {
        let at = view.min + Vec2::from(at);
        let line = egui::Stroke::new(1.5, theme::selection());
        if is_corner {
            let square = Rect::from_center_size(at, Vec2::splat(10.0));
            painter.rect_stroke(square, 0.0, line, egui::StrokeKind::Middle);
        } else {
            painter.circle_stroke(at, 5.0, line);
        }
    }
}

/// Paints the box that is dragged.
pub fn paint_box(painter: &egui::Painter, [from, to]: [Pos2; 2]) {
    let frame = Rect::from_two_pos(from, to);
    painter.rect_filled(frame, 0.0, theme::selection().gamma_multiply(0.12));
    let line = egui::Stroke::new(1.0, theme::selection());
    if to.x < from.x {
        // What it touches is taken too: a broken frame.
        let corners = [
            frame.left_top(),
            frame.right_top(),
            frame.right_bottom(),
            frame.left_bottom(),
            frame.left_top(),
        ];
        painter.extend(egui::Shape::dashed_line(&corners, line, 6.0, 4.0));
    } else {
        painter.rect_stroke(frame, 0.0, line, egui::StrokeKind::Middle);
    }
}

/// An alarm is never out of sight without a word.
fn hidden_alarms_ui(ui: &Ui, view: Rect, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let unseen = |alarm: &&Alarm| {
        let asset = twin.scene.signal(alarm.signal).asset;
        !twin.revealed.draws(asset) || is_cut_away(twin, asset)
    };
    let count = twin.alarms.iter().filter(unseen).count();
    if count == 0 {
        return;
    }
    let text = match count {
        1 => "1 alarm on what is not drawn".to_owned(),
        _ => format!("{count} alarms on what is not drawn"),
    };
    let at = view.center_top() + Vec2::new(0.0, 46.0);
    Area::new(ui.id().with("hidden alarms"))
        .order(Order::Middle)
        .pivot(Align2::CENTER_TOP)
        .fixed_pos(at)
        .show(ui.ctx(), |ui| {
            Frame::new()
                .fill(theme::plate(215))
                .stroke(egui::Stroke::new(1.0, theme::warning()))
                .corner_radius(4.0)
                .inner_margin(egui::Margin::symmetric(10, 4))
                .show(ui, |ui| {
                    ui.horizontal(|ui| {
                        ui.label(RichText::new(icon::WARNING).color(theme::warning()));
                        ui.label(RichText::new(text).color(theme::strong()));
                        if ui.button("Show everything").clicked() {
                            actions.push(Action::Named(Named::ShowEverything));
                        }
                    });
                });
        });
}

/// True if the middle of its foot lies outside of the section.
fn is_cut_away(twin: &Twin<'_>, asset: crate::scene::AssetIndex) -> bool {
    let section = twin.revealed.now.section;
    section.is_some_and(|section| !section.holds(twin.scene.asset(asset).position))
}

/// Who remembers where a box began.
pub fn box_id() -> Id {
    Id::new("box over the view")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_the_decimals_that_can_be_told_apart() {
        for (metres, text) in [
            (0.0, "0.00 m"),
            (4.567, "4.57 m"),
            (99.994, "99.99 m"),
            (1_234.56, "1234.6 m"),
            (25_000.4, "25000 m"),
        ] {
            assert_eq!(length_text(metres), text);
        }
        let down = Measurement {
            from: [0.0, 0.0, 5.0],
            to: [3.0, 4.0, 0.0],
        };
        assert_eq!(parts_text(&down), "5.00 m level, 5.00 m down");
    }
}

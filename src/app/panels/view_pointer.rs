//! What the pointer does over the picture, as the view wants it.

use egui::{PointerButton, Pos2, Rect, Response, Ui, Vec2};

use super::{Twin, shortcuts, signal_drag, view_tools};
use crate::app::measure::Tool;
use crate::app::viewport::{BoxDrag, Pane, ViewInput};

/// What the pointer did in the picture, or in one of its two halves.
pub fn read_input(
    ui: &Ui,
    (rect, right): (Rect, Option<Rect>),
    response: &Response,
    twin: &Twin<'_>,
) -> ViewInput {
    let right_of = |at: Pos2| right.filter(|right| at.x >= right.left());
    let is_second = twin.picture.beside.is_some();
    let pane_of = |at: Pos2| match right_of(at) {
        Some(_) if is_second => Pane::Second,
        _ => Pane::First,
    };
    // What began in a view stays in it, wherever the pointer goes.
    let pressed = ui.input(|input| input.pointer.press_origin());
    let begun = pressed.filter(|at| response.rect.contains(*at));
    let held_in = response.dragged() || response.drag_stopped();
    let leads = begun.filter(|_| held_in);
    let local = |at: Pos2| {
        // The halves of a split view show the same places.
        let half = right_of(leads.unwrap_or(at)).unwrap_or(rect);
        [at.x - half.left(), at.y - half.top()]
    };
    let pointer = leads.or(response.hover_pos());
    let pane = pointer.map_or(Pane::First, pane_of);
    let scrolls = response.contains_pointer()
        && ui.input(|input| input.smooth_scroll_delta() != Vec2::ZERO || input.zoom_delta() != 1.0);
    let mut input = ViewInput {
        size: [rect.width(), rect.height()],
        pixels_per_point: ui.pixels_per_point(),
        visible: true,
        pane,
        touched: begun.map(pane_of).or(scrolls.then_some(pane)),
        pointer: response.hover_pos().map(local),
        ..ViewInput::default()
    };
    let at = response.interact_pointer_pos().map(local);
    if response.double_clicked() {
        input.double_clicked = at;
    } else if response.clicked() {
        input.clicked = at;
    }
    let moved = response.drag_delta();
    let held = ui.input(|input| input.modifiers);
    input.also = held.command || held.shift;
    input.boxed = read_box(ui, response, twin.tool, local);
    let picks_up = held.alt && twin.picture.hovered.is_some();
    let carries = picks_up || signal_drag::is_under_way(ui.ctx());
    if input.boxed.is_some() || carries && response.dragged_by(PointerButton::Primary) {
        // A box moves nothing, nor does what is carried to the trends.
    } else if response.dragged_by(PointerButton::Primary) && !held.shift {
        input.orbit = moved.into();
    } else if response.dragged() {
        input.pan = moved.into();
    }
    if response.contains_pointer() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        // A pinch by a tenth comes as near as a notch of the wheel.
        input.zoom = wheel.y + wheel.x + pinch.ln() * 500.0;
        shortcuts::walk(ui.ctx(), &mut input);
    }
    input
}

/// The box that is dragged: with the box tool, or with Ctrl held when the drag began.
fn read_box(
    ui: &Ui,
    response: &Response,
    tool: Tool,
    local: impl Fn(Pos2) -> [f32; 2],
) -> Option<BoxDrag> {
    let id = view_tools::box_id();
    let held = ui.input(|input| input.modifiers);
    let begins =
        response.drag_started_by(PointerButton::Primary) && (tool == Tool::Box || held.command);
    if begins && let Some(from) = ui.input(|input| input.pointer.press_origin()) {
        ui.data_mut(|data| data.insert_temp(id, from));
    }
    let from: Pos2 = ui.data(|data| data.get_temp(id))?;
    let to = ui.input(|input| input.pointer.latest_pos())?;
    let is_done = response.drag_stopped();
    if is_done || !response.dragged() {
        ui.data_mut(|data| data.remove::<Pos2>(id));
    }
    (is_done || response.dragged()).then(|| BoxDrag {
        from: local(from),
        to: local(to),
        is_done,
        also: held.shift,
    })
}

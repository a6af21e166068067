//! The instant under the pointer, in whichever chart it is: all charts and the time bar show it.

use egui::{Context, Id, Painter, Rect, Stroke, Vec2};

use super::axis::TimeAxis;
use super::{marks, theme};
use crate::time::Timestamp;

/// What a chart said last, and in which of egui's passes.
#[derive(Clone, Copy, Debug)]
struct Pointed {
    at: Timestamp,
    pass: u64,
}

fn id() -> Id {
    Id::new("instant under the pointer")
}

/// Says that the pointer stands over this instant of a chart.
pub(super) fn point(ctx: &Context, at: Timestamp) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(id(), Pointed { at, pass }));
}

/// The instant under the pointer. Charts that are drawn before the one which is pointed at learn
/// of it a frame later.
pub(super) fn pointed(ctx: &Context) -> Option<Timestamp> {
    let last: Pointed = ctx.data(|data| data.get_temp(id()))?;
    (ctx.cumulative_pass_nr() <= last.pass + 1).then_some(last.at)
}

/// The same, if it lies on the axis.
pub(super) fn pointed_on(ctx: &Context, axis: &TimeAxis) -> Option<Timestamp> {
    pointed(ctx).filter(|at| (axis.from..=axis.to).contains(at))
}

/// Has everything drawn once more where a chart does not know yet where the pointer is, or that
/// it has left.
pub(super) fn end_frame(ctx: &Context) {
    let last: Option<Pointed> = ctx.data(|data| data.get_temp(id()));
    let Some(last) = last else { return };
    let has_left = last.pass < ctx.cumulative_pass_nr();
    if has_left {
        ctx.data_mut(|data| data.remove::<Pointed>(id()));
    }
    if has_left || ctx.input(|input| input.pointer.delta() != Vec2::ZERO) {
        ctx.request_repaint();
    }
}

/// Paints a line where the instant stands in a plot.
pub(super) fn paint_line(painter: &Painter, plot: Rect, axis: &TimeAxis) {
    if let Some(at) = pointed_on(painter.ctx(), axis) {
        let line = Stroke::new(1.0, theme::weak());
        marks::paint_dashed_vline(painter, axis.x(at), plot, line);
    }
}

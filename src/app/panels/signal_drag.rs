//! Signals on their way to the trends under the pointer: from the tree, the inspector, a legend
//! or the 3D view.

use egui::{Align2, DragAndDrop, PointerButton, Response, Ui, Vec2};

use super::{Twin, theme};
use crate::scene::AssetIndex;
use crate::signal::SignalId;

/// What is carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraggedSignals(pub Vec<SignalId>);

/// What a drag of an asset brings to the trends: what stands on its label, or all it has.
pub(super) fn of_asset(twin: &Twin<'_>, asset: AssetIndex) -> DraggedSignals {
    let own: Vec<_> = twin.scene.asset(asset).signal_ids().collect();
    let shown = own
        .iter()
        .copied()
        .filter(|id| twin.scene.signal(*id).shown);
    match shown.collect::<Vec<_>>() {
        shown if shown.is_empty() => DraggedSignals(own),
        shown => DraggedSignals(shown),
    }
}

/// Picks up the signals of the asset under the pointer where a drag begins in the 3D view with
/// Alt held; without it, a drag turns the view.
pub(super) fn pick_up(ui: &Ui, twin: &Twin<'_>, view: &Response) {
    let begins = view.drag_started_by(PointerButton::Primary) && ui.input(|i| i.modifiers.alt);
    let Some(asset) = twin.picture.hovered.filter(|_| begins) else {
        return;
    };
    if twin.scene.assets.get(asset.index()).is_some() {
        let carried = of_asset(twin, asset);
        if !carried.0.is_empty() {
            DragAndDrop::set_payload(ui.ctx(), carried);
        }
    }
}

/// True while signals are carried.
pub(super) fn is_under_way(ctx: &egui::Context) -> bool {
    DragAndDrop::has_payload_of_type::<DraggedSignals>(ctx)
}

/// Paints what is carried beside the pointer.
pub(super) fn paint_carried(ctx: &egui::Context, twin: &Twin<'_>) {
    let Some(carried) = DragAndDrop::payload::<DraggedSignals>(ctx) else {
        return;
    };
    let Some(pointer) = ctx.pointer_interact_pos() else {
        return;
    };
    let Some(first) = carried
        .0
        .first()
        .and_then(|id| twin.scene.signals.get(id.index()))
    else {
        return;
    };
    let text = match carried.0.len() {
        1 => first.full_name.clone(),
        count => format!("{} and {} more", first.full_name, count - 1),
    };
    let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::new("carried signals"));
    let painter = ctx.layer_painter(layer);
    let galley = painter.layout_no_wrap(text, theme::small_font(), theme::strong());
    let size = galley.size() + Vec2::new(12.0, 8.0);
    let corner = pointer + Vec2::new(12.0, 10.0);
    let ground = Align2::LEFT_TOP.anchor_size(corner, size);
    painter.rect_filled(ground, 3.0, theme::plate(220));
    painter.galley(ground.min + Vec2::new(6.0, 4.0), galley, theme::strong());
}

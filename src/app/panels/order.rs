//! Writing a value to the plant: what, from, to; then once more, and what came of it.

use egui::{Align2, Button, DragValue, RichText, Ui};
use egui_phosphor::regular as icon;

use super::reading::{Reading, Trust};
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::{Action, OrderStep};
use crate::app::rights::{At, Need};
use crate::command::{Order, OrderState};
use crate::scene::{Signal, Write};
use crate::signal::SignalId;
use crate::timeline::Mode;

/// The value that is being written, if one is.
#[derive(Debug, Default)]
pub struct OrderDraft(Option<Draft>);

#[derive(Debug)]
struct Draft {
    signal: SignalId,
    /// In the signal's unit; `None` until its reading was looked at.
    value: Option<f64>,
    /// Orders that were there before are not this one.
    after: u64,
}

impl OrderDraft {
    /// Begins to write a signal.
    pub fn begin(&mut self, signal: SignalId) {
        self.0 = Some(Draft {
            signal,
            value: None,
            after: 0,
        });
    }

    /// True while one is given.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Throws it away.
    pub fn close(&mut self) {
        self.0 = None;
    }
}

/// Whether a signal can be written now, or why not.
pub fn may_write(twin: &Twin<'_>, signal: &Signal) -> Result<(), &'static str> {
    if signal.write.is_none() {
        return Err("The scene does not write to it");
    }
    twin.permits(&Need::Right(Right::Write, At::Asset(Some(signal.asset))))?;
    if twin.timeline.mode() != Mode::Live {
        return Err("The plant is written to live only: press End to go live");
    }
    if !twin.takes_orders {
        return Err("No connected source of the scene takes commands");
    }
    Ok(())
}

/// Whether this value, SI, is another than the plant shows: one that reads the same would change
/// nothing that anybody could see.
pub fn is_news(twin: &Twin<'_>, id: SignalId, wanted: f64) -> Result<(), &'static str> {
    let signal = twin.scene.signal(id);
    let reading = Reading::of(twin, id);
    let shown = reading.value.filter(|_| reading.trust == Trust::Good);
    // While the plant follows another order, this one takes it back.
    let was_sent = |order: &&Order| {
        let state = &order.state;
        let went = matches!(
            state,
            OrderState::Sent { .. } | OrderState::Obeyed { .. } | OrderState::NotObeyed { .. }
        );
        order.signal == id && went
    };
    let ordered = twin.orders.iter().rev().find(was_sent);
    let says = |value: f64| signal.value_text(value) == signal.value_text(wanted);
    if shown.is_some_and(says) && ordered.is_none_or(|order| says(order.value)) {
        return Err("The plant shows this value already: choose another one");
    }
    Ok(())
}

/// The window of the order, while one is given.
pub fn order_ui(
    ctx: &egui::Context,
    twin: &Twin<'_>,
    state: &mut OrderDraft,
    actions: &mut Vec<Action>,
) {
    let Some(draft) = &mut state.0 else { return };
    let signal = twin.scene.signal(draft.signal);
    let Some(write) = signal.write.as_deref() else {
        state.close();
        return;
    };
    if draft.value.is_none() {
        // What was ordered before this window opened is another story.
        draft.after = twin
            .orders
            .iter()
            .map(|order| order.id.0)
            .max()
            .unwrap_or(0);
        let reading = Reading::of(twin, draft.signal);
        let shown = reading.value.unwrap_or(write.range.0);
        let within = shown.clamp(write.range.0, write.range.1);
        draft.value = Some(signal.unit.from_si(within));
    }
    let own = twin.orders.iter().rev().find(|order| {
        order.signal == draft.signal && (order.id.0 > draft.after || order.is_open())
    });
    let mut close = false;
    egui::Window::new(format!("Write {}", signal.full_name))
        .id(egui::Id::new("order"))
        .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
        .collapsible(false)
        .resizable(false)
        .default_width(400.0)
        .show(ctx, |ui| {
            let asset = twin.scene.asset(signal.asset);
            let about = format!("{} of {} {}", signal.label, asset.kind_label, asset.tag);
            ui.label(theme::note(about));
            ui.add_space(6.0);
            close = match own {
                Some(order) => order_step_ui(ui, twin, order, signal, actions),
                None => value_step_ui(ui, twin, draft, signal, write, actions),
            };
        });
    if close {
        state.close();
    }
}

/// The first step; true if the window is to be closed.
fn value_step_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    draft: &mut Draft,
    signal: &Signal,
    write: &Write,
    actions: &mut Vec<Action>,
) -> bool {
    let Some(value) = &mut draft.value else {
        return true;
    };
    let reading = Reading::of(twin, draft.signal);
    ui.horizontal(|ui| {
        ui.label("It shows");
        let shown = RichText::new(reading.value_with_unit(signal));
        ui.label(shown.strong().color(theme::strong()));
        ui.label(theme::note(reading.story()));
    });
    ui.horizontal(|ui| {
        let label = ui.label("It shall be");
        value_field_ui(ui, value, signal, write).labelled_by(label.id);
        if signal.states.is_empty() {
            let (low, high) = write.range;
            let ends = format!(
                "{} to {}",
                signal.value_text(low),
                signal.value_with_unit(high)
            );
            ui.label(theme::note(ends));
        }
    });
    ui.add_space(8.0);
    let wanted = signal.unit.to_si(*value);
    let allowed = may_write(twin, signal).and_then(|()| is_news(twin, draft.signal, wanted));
    let mut close = false;
    ui.horizontal(|ui| {
        let next = ui.add_enabled(allowed.is_ok(), Button::new("Next: look at it once more"));
        let next = match allowed {
            Err(why) => next.on_disabled_hover_text(why),
            Ok(()) => next,
        };
        if next.clicked() {
            actions.push(Action::Order(OrderStep::Arm(draft.signal, wanted)));
        }
        close = ui.button("Cancel").clicked();
    });
    if let Err(why) = allowed {
        ui.label(theme::note(why));
    }
    close
}

fn value_field_ui(ui: &mut Ui, value: &mut f64, signal: &Signal, write: &Write) -> egui::Response {
    if signal.states.is_empty() {
        let (low, high) = (
            signal.unit.from_si(write.range.0),
            signal.unit.from_si(write.range.1),
        );
        let suffix = format!(" {}", signal.unit.symbol());
        let field = DragValue::new(value)
            .range(low..=high)
            .speed((high - low) / 400.0)
            .max_decimals(signal.decimals + 1)
            .suffix(suffix);
        return ui.add(field);
    }
    let states = signal.states.iter().enumerate();
    ui.horizontal(|ui| {
        for (place, name) in states {
            let place = place as f64;
            if (write.range.0..=write.range.1).contains(&place) {
                ui.selectable_value(value, place, name);
            }
        }
    })
    .response
}

/// The second step and what came of it; true if the window is to be closed.
fn order_step_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    order: &Order,
    signal: &Signal,
    actions: &mut Vec<Action>,
) -> bool {
    let what = RichText::new(order.text(twin.scene)).size(16.0);
    ui.label(what.strong().color(theme::strong()));
    ui.add_space(6.0);
    let mut close = false;
    if let OrderState::Armed { until } = order.state {
        let left = until.since(twin.timeline.now()).as_secs();
        let text = format!("This changes the real plant. It lapses in {left} s.");
        ui.label(if twin.demo {
            theme::note(format!("The plant is emulated. It lapses in {left} s."))
        } else {
            RichText::new(text).color(theme::warning())
        });
        ui.add_space(6.0);
        let allowed = may_write(twin, signal);
        ui.horizontal(|ui| {
            let confirm = ui.add_enabled(allowed.is_ok(), Button::new("Write to the plant"));
            let confirm = match allowed {
                Err(why) => confirm.on_disabled_hover_text(why),
                Ok(()) => confirm,
            };
            if confirm.clicked() {
                actions.push(Action::Order(OrderStep::Confirm(order.id)));
            }
            if ui.button("Cancel").clicked() {
                actions.push(Action::Order(OrderStep::Withdraw(order.id)));
                close = true;
            }
        });
        return close;
    }
    let (glyph, ink) = match order.state {
        OrderState::Sent { .. } => (icon::HOURGLASS, theme::text()),
        OrderState::Obeyed { .. } => (icon::CHECK_CIRCLE, theme::strong()),
        _ => (icon::WARNING, theme::warning()),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(glyph).size(16.0).color(ink));
        ui.label(RichText::new(order.state.text(signal)).color(ink));
    });
    if let OrderState::Sent { until, .. } = order.state {
        let left = until.since(twin.timeline.now()).as_secs();
        let text = format!("The plant has {left} s more to show it");
        ui.label(theme::note(text));
    }
    ui.add_space(6.0);
    ui.button("Close").clicked()
}

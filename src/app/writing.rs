//! Orders to the plant: armed and confirmed by a person, carried by the feed, read back.

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, OrderStep};
use super::deeds::Deed;
use super::notices::Tell;
use super::scene::OpenScene;
use super::telemetry::{Historian, Inbox};
use super::timeline::Playback;
use super::who::{Identity, Who};
use crate::access::Right;
use crate::command::{Order, OrderState, Orders, Permit, Refusal};
use crate::scene::Scene;
use crate::signal::{Origin, Sample, SignalId};
use crate::telemetry::now;
use crate::timeline::Mode;

/// The orders to the open plant. Written by the systems of this file, and shown what the plant
/// says by [`super::telemetry::ingest`].
#[derive(Resource, Default, Deref, DerefMut)]
pub struct OrderBook(pub Orders);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<OrderBook>().add_systems(
        PreUpdate,
        (
            begin_anew.run_if(resource_exists_and_changed::<OpenScene>),
            withdraw_of_others.run_if(resource_changed::<Who>),
            follow_actions.run_if(on_message::<Action>),
            follow_time,
        )
            .chain()
            .after(super::timeline::follow_actions)
            .run_if(resource_exists::<OpenScene>.and_then(resource_exists::<Inbox>))
            .in_set(TwinSystems::Steer),
    );
}

/// Orders are to another plant.
fn begin_anew(mut book: ResMut<OrderBook>) {
    *book = OrderBook::default();
}

/// What somebody armed, nobody else confirms.
fn withdraw_of_others(
    who: Res<Who>,
    mut last: Local<Option<Identity>>,
    mut book: ResMut<OrderBook>,
) {
    if last.as_ref() == Some(&who.identity) {
        return;
    }
    *last = Some(who.identity.clone());
    let armed = book.all().iter().filter(|order| {
        let is_armed = matches!(order.state, OrderState::Armed { .. });
        is_armed && order.by != who.name()
    });
    for id in armed.map(|order| order.id).collect::<Vec<_>>() {
        // It was armed a moment ago, so it is.
        book.withdraw(id).ok();
    }
}

/// Whether `signal` may be written to now.
fn permit(
    signal: SignalId,
    (scene, who): (&Scene, &Who),
    playback: &Playback,
    inbox: &Inbox,
) -> Permit {
    let asset = Some(scene.signal(signal).asset);
    Permit {
        live: playback.mode() == Mode::Live,
        allowed: who.may(Right::Write, scene, asset),
        carried: inbox.0.order_link(signal).is_some(),
    }
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    playback: Res<Playback>,
    history: Res<Historian>,
    inbox: Res<Inbox>,
    who: Res<Who>,
    mut book: ResMut<OrderBook>,
    mut tell: MessageWriter<Tell>,
) {
    let scene = &open.scene;
    let permit = |signal| permit(signal, (scene, &who), &playback, &inbox);
    for action in actions.read() {
        let Action::Order(step) = action else {
            continue;
        };
        let is_withdrawn = matches!(step, OrderStep::Withdraw(_));
        let told = match *step {
            _ if playback.mode() != Mode::Live && !is_withdrawn => Err(Refusal::NotLive),
            OrderStep::Arm(signal, value) => {
                let (measured, at) = (Origin::Measured, playback.now());
                let before = history.latest_at(measured, signal, at);
                let before = before.map(|row| row.sample.value);
                let by = (who.name(), permit(signal));
                let armed = book.arm(scene, (signal, value), before, by, now());
                armed.map(|_| ())
            }
            OrderStep::Confirm(id) => {
                let signal = book.get(id).map(|order| order.signal);
                let permit = signal.map(permit);
                let nobody = Permit {
                    live: false,
                    allowed: false,
                    carried: false,
                };
                let send = |order: &Order| send(&inbox, order);
                book.confirm(id, scene, permit.unwrap_or(nobody), now(), send)
            }
            OrderStep::Withdraw(id) => book.withdraw(id),
        };
        if let Err(refused) = told {
            tell.write(Tell::warning(refused.to_string()));
        }
    }
}

fn send(inbox: &Inbox, order: &Order) -> Result<(), String> {
    let link = inbox.0.order_link(order.signal);
    let link = link.ok_or("no source takes commands to it")?;
    let sent = link.send(order.signal, Sample::good(now(), order.value));
    sent.map_err(|error| error.to_string())
}

/// Lets orders run out, and tells and records every step.
fn follow_time(
    open: Res<OpenScene>,
    mut inbox: ResMut<Inbox>,
    mut book: ResMut<OrderBook>,
    mut deeds: MessageWriter<Deed>,
    mut tell: MessageWriter<Tell>,
) {
    let orders = &mut book.bypass_change_detection().0;
    if orders.tick(now()) {
        inbox.0.forget_orders();
    }
    let news = orders.take_news();
    if news.is_empty() {
        return;
    }
    book.set_changed();
    for order in news {
        let what = order.text(&open.scene);
        let state = order.state.text(open.scene.signal(order.signal));
        let text = format!("{what}: {state}");
        match order.state {
            OrderState::Armed { .. } | OrderState::Withdrawn => {}
            OrderState::Sent { .. } | OrderState::Obeyed { .. } => {
                tell.write(Tell::done(text));
            }
            _ => {
                tell.write(Tell::warning(text));
            }
        }
        let subject = open.scene.signal(order.signal).full_name.clone();
        let detail = format!("order {}: {what}: {state}", order.id.0);
        deeds.write(Deed::new("write", subject, detail).by(&order.by));
    }
}

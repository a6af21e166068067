//! The gate: what somebody asks for without the right to is refused here, once for all, before
//! any system follows it.
//!
//! A refused action becomes [`Action::Refused`] where it stands, so that nobody who reads it
//! later can do it by mistake.

use bevy::ecs::message::MessageMutator;
use bevy::prelude::*;

use super::TwinSystems;
use super::action::Action;
use super::alarms::AlarmOrder;
use super::notices::Tell;
use super::panels::desk::most_pressing;
use super::rights::Around;
use super::scene::OpenScene;
use super::who::Who;
use super::writing::OrderBook;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Who>().add_systems(
        PreUpdate,
        refuse
            .run_if(on_message::<Action>.and_then(resource_exists::<OpenScene>))
            .after(super::sign_in::follow_actions)
            .in_set(TwinSystems::Admit),
    );
}

fn refuse(
    mut actions: MessageMutator<Action>,
    who: Res<Who>,
    open: Res<OpenScene>,
    orders: Res<OrderBook>,
    alarms: Res<AlarmOrder>,
    mut tell: MessageWriter<Tell>,
) {
    let scene = &open.scene;
    let first = most_pressing(&alarms.live);
    let around = Around {
        scene,
        orders: orders.all(),
        first_alarm: first.map(|alarm| scene.signal(alarm.signal).asset),
    };
    // Of many that are refused for one reason, one is told.
    let mut told = Vec::new();
    for action in actions.read() {
        if let Err(denied) = who.permits(&action.need(), around) {
            *action = Action::Refused;
            if !told.contains(&denied) {
                tell.write(Tell::warning(denied.sentence(&who, scene)));
                told.push(denied);
            }
        }
    }
}

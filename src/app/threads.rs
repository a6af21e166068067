//! One thread per world.
//!
//! Nearly all systems here take microseconds: handing each to another thread, and waiting for
//! it, costs more than the work. Loops over many entities are still split among all threads, and
//! the next frame is thought of while the last one is drawn.

use bevy::app::{App, Plugin};
use bevy::ecs::schedule::{Schedules, SingleThreadedExecutor};

/// Has the systems of each world run one after the other.
pub(super) struct OneThreadPerWorld;

impl Plugin for OneThreadPerWorld {
    fn build(&self, _app: &mut App) {}

    /// All plugins have named their schedules by now.
    fn finish(&self, app: &mut App) {
        for part in app.sub_apps_mut().iter_mut() {
            let Some(mut schedules) = part.world_mut().get_resource_mut::<Schedules>() else {
                continue;
            };
            for (_, schedule) in schedules.iter_mut() {
                schedule.set_executor(SingleThreadedExecutor::new());
            }
        }
    }
}

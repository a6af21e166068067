//! Work that takes longer than a frame: threads of their own, and what they are told of the plant.

use std::thread;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use crossbeam_channel::Sender;

use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::simulation::Models;
use super::telemetry::{Historian, Waker};
use super::timeline::Playback;

/// The plant as it is, for questions that are answered by many runs.
#[derive(SystemParam)]
pub(super) struct Asked<'w> {
    pub(super) open: Res<'w, OpenScene>,
    pub(super) models: Res<'w, Models>,
    pub(super) file: Res<'w, SceneFile>,
    pub(super) history: Res<'w, Historian>,
    pub(super) playback: Res<'w, Playback>,
    pub(super) waker: Res<'w, Waker>,
}

/// How many threads may compute: one of the machine's stays with the picture.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Does `work` on a thread called `name`, hands on what comes of it, and wakes the loop.
///
/// Whoever has gone wants no result.
pub(super) fn begin<T: Send + 'static>(
    name: &str,
    waker: &Waker,
    out: Sender<T>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(), String> {
    let wake = waker.clone();
    let begun = thread::Builder::new().name(name.to_owned()).spawn(move || {
        out.send(work()).ok();
        wake.wake();
    });
    begun
        .map(drop)
        .map_err(|error| format!("No thread for it: {error}"))
}

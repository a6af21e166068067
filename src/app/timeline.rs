//! Steers the playhead and shows the world what lies under it.

use std::time::Duration;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;
use super::telemetry::{Historian, PlantClock};
use crate::history::{FrameCursor, History};
use crate::signal::Origin;
use crate::time::Timestamp;
use crate::timeline::{Timeline, TimelineCommand};

/// A small and a large step of the playhead, s.
const STEP_SECS: f64 = 10.0;
const LEAP_SECS: f64 = 600.0;

/// The one [`Timeline`]. Written in [`TwinSystems::Steer`] and nowhere else.
#[derive(Resource, Deref, DerefMut)]
pub struct Playback(pub Timeline);

/// The plant at the playhead, every signal: what all that is seen is made of.
///
/// Written by [`sample_history`] alone, and told as changed only where a row did.
#[derive(Resource, Default)]
pub struct Frame {
    /// The rows, which of them changed in this frame, and how they change with the playhead.
    pub cursor: FrameCursor,
    max_ages: Vec<Duration>,
}

impl Frame {
    /// Moves to `at`, as `origin` tells it; true if a row changed.
    pub(super) fn advance(
        &mut self,
        history: &History,
        origin: Option<Origin>,
        at: Timestamp,
    ) -> bool {
        let changed = self.cursor.advance(history, origin, at, &self.max_ages);
        !changed.is_empty()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Frame>().add_systems(
        PreUpdate,
        (
            (
                follow_actions.run_if(on_message::<Action>),
                advance_playhead,
            )
                .chain()
                .in_set(TwinSystems::Steer),
            (
                start_frame.run_if(resource_exists_and_changed::<OpenScene>),
                sample_history,
            )
                .chain()
                .run_if(resource_exists::<OpenScene>)
                .in_set(TwinSystems::Sample),
        ),
    );
}

/// Does what actions ask of the timeline.
pub(super) fn follow_actions(mut actions: MessageReader<Action>, mut playback: ResMut<Playback>) {
    for action in actions.read() {
        let command = match action {
            Action::Timeline(command) => *command,
            Action::Named(Named::GoLive) => TimelineCommand::GoLive,
            Action::Named(Named::TogglePlay) => TimelineCommand::Toggle,
            Action::Named(Named::GoToStart) => TimelineCommand::Home,
            Action::Named(Named::StepBack) => TimelineCommand::SeekBy(-STEP_SECS),
            Action::Named(Named::StepForward) => TimelineCommand::SeekBy(STEP_SECS),
            Action::Named(Named::LeapBack) => TimelineCommand::SeekBy(-LEAP_SECS),
            Action::Named(Named::LeapForward) => TimelineCommand::SeekBy(LEAP_SECS),
            _ => continue,
        };
        playback.apply(command);
    }
}

fn advance_playhead(
    time: Res<Time>,
    clock: Res<PlantClock>,
    history: Res<Historian>,
    mut playback: ResMut<Playback>,
) {
    if let Some((oldest, _)) = history.span(Origin::Measured) {
        playback.set_oldest(oldest);
    }
    playback.advance(clock.now(&history), time.delta());
}

/// Begins anew for another scene.
fn start_frame(open: Res<OpenScene>, mut frame: ResMut<Frame>) {
    *frame = Frame {
        cursor: FrameCursor::default(),
        max_ages: open
            .scene
            .signals
            .iter()
            .map(|signal| signal.max_age)
            .collect(),
    };
}

/// Brings the [`Frame`] to the playhead.
pub(super) fn sample_history(
    history: Res<Historian>,
    playback: Res<Playback>,
    mut frame: ResMut<Frame>,
) {
    let at = playback.playhead();
    // Told as changed only where a row did: a still plant wakes nobody.
    let seen = frame.bypass_change_detection();
    if seen.advance(&history, playback.origin_at(at), at) {
        frame.set_changed();
    }
}

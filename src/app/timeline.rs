//! Steers the playhead and shows the world what lies under it.

use std::time::Duration;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::{OpenScene, PhysicalAsset, Readings};
use super::telemetry::{Historian, PlantClock};
use crate::history::FrameCursor;
use crate::signal::Origin;
use crate::timeline::{Timeline, TimelineCommand};

/// A small and a large step of the playhead, s.
const STEP_SECS: f64 = 10.0;
const LEAP_SECS: f64 = 600.0;

/// The one [`Timeline`]. Written in [`TwinSystems::Steer`] and nowhere else.
#[derive(Resource, Deref, DerefMut)]
pub struct Playback(pub Timeline);

/// The plant at the playhead, every signal. Written by [`sample_history`] alone.
#[derive(Resource, Default)]
pub struct Frame {
    /// The rows and how they change with the playhead.
    pub cursor: FrameCursor,
    max_ages: Vec<Duration>,
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

/// Writes each asset's [`Readings`] from the history at the playhead, where they changed.
pub(super) fn sample_history(
    open: Res<OpenScene>,
    history: Res<Historian>,
    playback: Res<Playback>,
    mut frame: ResMut<Frame>,
    mut assets: Query<&mut Readings, With<PhysicalAsset>>,
) {
    let at = playback.playhead();
    // Told as changed only where a row did: a still plant wakes nobody.
    let seen = frame.bypass_change_detection();
    let changed = seen
        .cursor
        .advance(&history, playback.origin_at(at), at, &seen.max_ages)
        .to_vec();
    if !changed.is_empty() {
        frame.set_changed();
    }
    for signal in changed {
        let asset = open.scene.signal(signal).asset;
        let first = open.scene.asset(asset).signals.start;
        let Some(mut readings) = open
            .entity(asset)
            .and_then(|entity| assets.get_mut(entity).ok())
        else {
            continue;
        };
        let row = frame.cursor.rows()[signal.index()];
        if let Some(place) = readings.0.get_mut((signal.0 - first) as usize) {
            *place = row;
        }
    }
}

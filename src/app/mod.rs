//! The Bevy application. The only module that knows Bevy.

pub mod action;
pub mod coords;
pub mod palette;
pub mod panels;
pub mod scene;
pub mod selection;
pub mod settings;
pub mod view3d;
pub mod viewport;

use bevy::prelude::*;

/// The order of one frame of the twin, in `PreUpdate`.
///
/// All of `Update`, and every panel, then sees one instant.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TwinSystems {
    /// Moves samples from the inbox into the history and the alarm engine.
    Ingest,
    /// Applies actions and advances the playhead.
    Steer,
    /// Copies the history at the playhead into readings.
    Sample,
}

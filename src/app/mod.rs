//! The Bevy application. The only module that knows Bevy.
//!
//! [`twin`] is the twin without any picture: what logic tests run. [`picture`] adds the
//! 3D view and the panels; [`window`] shows them to a person, [`headless`] writes them
//! to files.

pub mod action;
pub mod alarm_review;
pub mod alarms;
pub mod anomalies;
pub mod beacons;
pub mod bench;
pub mod coords;
pub mod deeds;
pub mod dialogs;
pub mod differences;
pub mod documents;
pub mod estimation;
pub mod exploration;
pub mod export;
pub mod gate;
pub mod headless;
pub mod health;
pub mod horn;
pub mod launch;
pub mod measure;
pub mod movement;
pub mod notices;
pub mod pace;
pub mod palette;
pub mod panels;
pub mod picture;
pub mod plant_acts;
pub mod recording;
pub mod reload;
mod remembered;
pub mod residuals;
pub mod reveal;
pub mod rights;
pub mod scenarios;
pub mod scene;
pub mod selection;
pub mod settings;
mod shift_report;
pub mod sign_in;
pub mod simulation;
pub mod skill;
pub mod soak;
pub mod story;
pub mod story_recorder;
pub mod telemetry;
mod threads;
pub mod timeline;
pub mod topics;
pub mod trend_picture;
pub mod ui;
pub mod undo;
pub mod view3d;
pub mod view_memory;
pub mod viewport;
pub mod who;
pub mod window;
pub mod window_place;
mod worker;
pub mod writing;

use bevy::prelude::*;

use action::Action;

/// The order of one frame of the twin, in `PreUpdate`.
///
/// All of `Update`, and every panel, then sees one instant.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TwinSystems {
    /// Moves samples from the inbox into the history and the alarm engine.
    Ingest,
    /// Knows who sits at the desk, and refuses what he may not do.
    Admit,
    /// Applies actions and advances the playhead.
    Steer,
    /// Copies the history at the playhead into readings.
    Sample,
}

/// The twin without a picture: entities, telemetry, timeline, runs, alarms.
pub fn twin(app: &mut App) {
    app.add_message::<Action>()
        .configure_sets(
            PreUpdate,
            (
                TwinSystems::Ingest,
                TwinSystems::Admit,
                TwinSystems::Steer,
                TwinSystems::Sample,
            )
                .chain(),
        )
        .add_plugins((
            telemetry::plugin,
            recording::plugin,
            timeline::plugin,
            simulation::plugin,
            scenarios::plugin,
            differences::plugin,
            skill::plugin,
            exploration::plugin,
            estimation::plugin,
            alarms::plugin,
            selection::plugin,
            settings::plugin,
            notices::plugin,
            pace::plugin,
            launch::plugin,
        ))
        .add_plugins((reveal::plugin, measure::plugin, undo::plugin, story::plugin))
        .add_plugins((reload::plugin, story_recorder::plugin, movement::plugin))
        .add_plugins((alarm_review::plugin, horn::plugin, writing::plugin))
        .add_plugins((
            shift_report::plugin,
            anomalies::plugin,
            health::plugin,
            topics::plugin,
        ))
        .add_plugins((documents::plugin, residuals::plugin))
        .add_plugins((sign_in::plugin, gate::plugin, deeds::plugin));
}

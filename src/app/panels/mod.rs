//! Everything on screen that is not the 3D view: core state in, actions out.
//!
//! One system owns egui's root `Ui` and lays out all panels. A panel is a function of
//! a [`Twin`] and pushes [`Action`]s; egui may run it twice in a frame, so it changes
//! nothing but its own [`PanelState`].

use super::action::Action;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::viewport::{ViewInput, ViewPicture};
use crate::alarm::Alarm;
use crate::history::{History, Row};
use crate::scene::{AssetIndex, Scene};
use crate::signal::{RunId, SignalId};
use crate::simulation::RunRecord;
use crate::telemetry::SourceStatus;
use crate::timeline::Timeline;

/// All that a panel may read.
#[derive(Clone, Copy)]
pub struct Twin<'a> {
    /// What exists.
    pub scene: &'a Scene,
    /// What was seen.
    pub history: &'a History,
    /// Which instant is looked at.
    pub timeline: &'a Timeline,
    /// What every signal shows at the playhead, by [`SignalId`].
    pub rows: &'a [Option<Row>],
    /// The alarms at the playhead, the most urgent first.
    pub alarms: &'a [Alarm],
    /// The runs, oldest first.
    pub runs: &'a [RunRecord],
    /// The run drawn beside the selected one.
    pub compared: Option<RunId>,
    /// How the sources are.
    pub sources: &'a [SourceStatus],
    /// What is selected and hovered.
    pub selection: Selection,
    /// How the plant is shown.
    pub settings: &'a ViewSettings,
    /// What the 3D tab shows.
    pub picture: &'a ViewPicture,
    /// True if the data come from an emulated plant.
    pub demo: bool,
    /// What the program has to say: the last notices, newest last.
    pub notices: &'a [Notice],
    /// Frames per second and the main world's work, ms, as measured.
    pub pace: Pace,
}

/// Something that was done or refused, for the status line.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What happened.
    pub text: String,
    /// True if it was refused or went wrong.
    pub warning: bool,
    /// Seconds since the program's start.
    pub at_secs: f64,
}

/// How fast the program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// Frames per second.
    pub frames_per_sec: f32,
    /// Work of one frame in the main world, ms.
    pub frame_ms: f32,
}

//! The program without a window: pictures as a person would see them, and a summary.
//!
//! Needs no display and no graphics card; a software Vulkan driver will do.

mod legend;
pub(super) mod raster;
mod sequence;
mod sheet;
pub(super) mod stage;
mod studio;
pub(super) mod svg;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

pub use sequence::Sequence;
pub use sheet::{contact_sheet, sheet_of_shapes};
use stage::Stage;
pub use studio::Studio;

use super::action::{Action, Named};
use super::launch::{Launch, LaunchError};
use super::pace::FramePace;
use super::settings::ViewSettings;
use super::simulation::Runs;
use super::viewport::Look;
use crate::session::Summary;
use crate::time::Timestamp;
use crate::timeline::TimelineCommand;

/// A run of the program without a window.
#[derive(Clone, Debug)]
pub struct Headless {
    /// How long it watches the plant.
    pub duration: Duration,
    /// Where pictures and summary go.
    pub out: PathBuf,
    /// The size of the pictures, pixels.
    pub size: (u32, u32),
}

/// One picture of a scene.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The instant; the present if absent.
    pub at: Option<Timestamp>,
    /// How far into a future it looks, if it does.
    pub ahead: Option<Duration>,
    /// The scenario of that future; the scene's first if absent.
    pub scenario: Option<String>,
    /// The bookmark's name.
    pub bookmark: Option<String>,
    /// The tag of the asset that is selected.
    pub select: Option<String>,
    /// The size of the picture, pixels.
    pub size: (u32, u32),
    /// The look.
    pub look: Look,
    /// Only the 3D view, without panels.
    pub view_only: bool,
    /// What is done before the picture is taken: names of [`Named`] actions.
    pub actions: Vec<String>,
    /// The story whose steps are drawn, one picture each.
    pub story: Option<String>,
    /// Nothing is drawn behind the plant: neither ground nor sky.
    pub transparent: bool,
    /// Several pictures instead of one.
    pub sequence: Option<Sequence>,
    /// The signal that colours the view.
    pub heat: Option<String>,
    /// Where it is written what colours, shapes and patterns mean.
    pub legend: Option<PathBuf>,
    /// The file; of several pictures a folder, or a video.
    pub out: Option<PathBuf>,
}

/// Watches the plant for a while, looks back, computes a future and looks into it; writes
/// `live.png`, `history.png`, `simulated.png` and `summary.json`.
pub fn run(launch: Launch, plan: &Headless) -> Result<Summary, LaunchError> {
    fs::create_dir_all(&plan.out)
        .map_err(|error| LaunchError::Picture(format!("{error}: {}", plan.out.display())))?;
    let mut stage = Stage::new(launch, plan.size)?;
    stage.watch(plan.duration);
    stage.select_something();
    stage.write_picture(&plan.out.join("live.png"))?;
    let mut summary = stage.summary();

    let (oldest, now) = stage.recorded();
    // Far enough back to show that it is the past, within what is recorded.
    let back = now.plus_secs(-(now.secs_since(oldest) * 0.25).max(1.0));
    stage.act(Action::Timeline(TimelineCommand::Seek(back)));
    stage.write_picture(&plan.out.join("history.png"))?;

    stage.act(Action::Named(Named::GoLive));
    stage.settle(1);
    stage.act(Action::Named(Named::RunBaseline));
    if stage.finish_run() {
        let record = stage.app.world().resource::<Runs>().records.last().cloned();
        if let Some(record) = record {
            let ahead = record.reached.secs_since(record.start) * 0.25;
            stage.act(Action::Timeline(TimelineCommand::Seek(
                record.start.plus_secs(ahead),
            )));
            stage.write_picture(&plan.out.join("simulated.png"))?;
            summary.run = Some((&record).into());
        }
    }
    summary.frames = stage.app.world().resource::<FramePace>().frames;
    let file = plan.out.join("summary.json");
    summary
        .write(&file)
        .map_err(|error| LaunchError::Picture(format!("{error}: {}", file.display())))?;
    Ok(summary)
}

/// Writes one picture, or a sequence of them.
pub fn snapshot(launch: Launch, plan: &Snapshot) -> Result<(), LaunchError> {
    let mut stage = Stage::new(launch, plan.size)?;
    stage.app.world_mut().resource_mut::<ViewSettings>().look = plan.look;
    stage.panels().view_only = plan.view_only;
    stage.panels().bare = plan.transparent;
    stage.wait_for_values(Duration::from_secs(20));
    if let Some(name) = &plan.bookmark {
        stage.go_to_bookmark(name)?;
    }
    if let Some(tag) = &plan.select {
        stage.select(tag)?;
    }
    if let Some(at) = plan.at {
        stage.act(Action::Timeline(TimelineCommand::Seek(at)));
    }
    if let Some(ahead) = plan.ahead {
        stage.look_ahead(plan.scenario.as_deref(), ahead)?;
    }
    if let Some(name) = &plan.heat {
        stage.colour_by(name)?;
    }
    for name in &plan.actions {
        stage.act_named(name)?;
    }
    if plan.transparent {
        stage.clear_background();
    }
    if let Some(out) = &plan.out {
        match (&plan.story, &plan.sequence) {
            (Some(name), _) => stage.write_story(name, out)?,
            (None, Some(sequence)) => sequence.write(&mut stage, out)?,
            (None, None) => stage.write_picture(out)?,
        }
    }
    match &plan.legend {
        Some(file) => legend::write(&mut stage, file),
        None => Ok(()),
    }
}

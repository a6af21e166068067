//! The program without a window: pictures as a person would see them, and a summary.
//!
//! Needs no display and no graphics card; a software Vulkan driver will do.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::render_resource::PollType;
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::Screenshot;
use bevy::time::TimeUpdateStrategy;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::action::{Action, Named};
use super::alarms::ShownAlarms;
use super::launch::{Launch, LaunchError, bevy_plugins, check_graphics};
use super::notices::Notices;
use super::pace::FramePace;
use super::picture::{self, WindowImage};
use super::scene::OpenScene;
use super::settings::ViewSettings;
use super::simulation::Runs;
use super::telemetry::Inbox;
use super::timeline::{Frame, Playback};
use super::ui::PanelMemory;
use super::view3d::StillView;
use super::viewport::Look;
use crate::problem::did_you_mean;
use crate::session::{self, Summary};
use crate::simulation::RunState;
use crate::time::Timestamp;
use crate::timeline::TimelineCommand;

/// The time that each frame of the program takes in its own eyes, so that pictures do not
/// depend on how fast this machine draws.
const FRAME: Duration = Duration::from_millis(50);
/// Frames that settle a picture: layout, camera, labels, and the picture's way back.
const SETTLE_FRAMES: usize = 8;
/// How long a future may take.
const RUN_PATIENCE: Duration = Duration::from_secs(120);

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
    /// The file.
    pub out: PathBuf,
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

/// Writes one picture.
pub fn snapshot(launch: Launch, plan: &Snapshot) -> Result<(), LaunchError> {
    let mut stage = Stage::new(launch, plan.size)?;
    stage.app.world_mut().resource_mut::<ViewSettings>().look = plan.look;
    if plan.view_only {
        stage
            .app
            .world_mut()
            .resource_mut::<PanelMemory>()
            .state
            .view_only = true;
    }
    stage.wait_for_values(Duration::from_secs(20));
    if let Some(name) = &plan.bookmark {
        let open = stage.app.world().resource::<OpenScene>();
        let place = open
            .scene
            .bookmarks
            .iter()
            .position(|bookmark| bookmark.name == *name);
        let names: Vec<_> = open
            .scene
            .bookmarks
            .iter()
            .map(|bookmark| bookmark.name.clone())
            .collect();
        let Some(place) = place else {
            return Err(LaunchError::Picture(format!(
                "the scene has no bookmark `{name}`; it has {}",
                names.join(", ")
            )));
        };
        stage.act(Action::GoToBookmark(place));
    }
    if let Some(tag) = &plan.select {
        let scene = Arc::clone(&stage.app.world().resource::<OpenScene>().scene);
        let asset = scene.find_asset(tag).ok_or_else(|| {
            let hint = did_you_mean(tag, scene.assets.iter().map(|asset| asset.tag.as_str()));
            LaunchError::Picture(format!("the scene has no asset `{tag}`; {hint}"))
        })?;
        stage.act(Action::Select(Some(asset)));
    }
    if let Some(at) = plan.at {
        stage.act(Action::Timeline(TimelineCommand::Seek(at)));
    }
    if let Some(ahead) = plan.ahead {
        stage.look_ahead(plan.scenario.as_deref(), ahead)?;
    }
    stage.write_picture(&plan.out)
}

/// The program on an image instead of a window, driven from here.
struct Stage {
    app: App,
    image: WindowImage,
    began: Instant,
}

impl Stage {
    fn new(launch: Launch, size: (u32, u32)) -> Result<Self, LaunchError> {
        check_graphics()?;
        let mut app = App::new();
        app.add_plugins(
            bevy_plugins()
                .set(WindowPlugin {
                    primary_window: None,
                    exit_condition: ExitCondition::DontExit,
                    ..default()
                })
                // Pictures wait for their shaders.
                .set(RenderPlugin {
                    synchronous_pipeline_compilation: true,
                    ..default()
                })
                .disable::<WinitPlugin>(),
        )
        .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME))
        .insert_resource(StillView(true));
        let image = app
            .world_mut()
            .resource_mut::<Assets<Image>>()
            .add(picture::target_image(size));
        let image = WindowImage(image);
        app.insert_resource(image.clone())
            .add_plugins((super::twin, picture::plugin));
        launch.enter(app.world_mut())?;
        app.finish();
        app.cleanup();
        Ok(Self {
            app,
            image,
            began: Instant::now(),
        })
    }

    /// One frame, drawn to its end.
    fn frame(&mut self) {
        self.app.update();
        if let Some(device) = self.app.world().get_resource::<RenderDevice>() {
            // A device that is lost shows itself in the picture that is missing.
            device
                .wgpu_device()
                .poll(PollType::Wait {
                    submission_index: None,
                    timeout: None,
                })
                .ok();
        }
    }

    fn settle(&mut self, frames: usize) {
        for _ in 0..frames {
            self.frame();
        }
    }

    fn act(&mut self, action: Action) {
        self.app.world_mut().write_message(action);
        self.settle(2);
    }

    /// Follows the plant for `duration` of real time.
    fn watch(&mut self, duration: Duration) {
        while self.began.elapsed() < duration {
            let began = Instant::now();
            self.frame();
            thread::sleep(FRAME.saturating_sub(began.elapsed()));
        }
    }

    /// Follows the plant until most of its signals have values and the backlog is taken in.
    fn wait_for_values(&mut self, patience: Duration) {
        let began = Instant::now();
        let mut last = 0;
        while began.elapsed() < patience {
            self.settle(4);
            thread::sleep(Duration::from_millis(250));
            let summary = self.summary();
            let complete = summary.signals_good * 10 >= summary.signals_total * 9;
            let quiet = summary.samples_received - last < summary.signals_total as u64 * 4;
            last = summary.samples_received;
            if complete && quiet {
                break;
            }
        }
    }

    /// Shows what a person would look at: the asset with the most urgent alarm, else the
    /// first that a bookmark selects.
    fn select_something(&mut self) {
        let world = self.app.world();
        let scene = &world.resource::<OpenScene>().scene;
        let alarmed = world.resource::<ShownAlarms>().0.first();
        let choice = alarmed.map(|alarm| scene.signal(alarm.signal).asset);
        let marked = scene.bookmarks.iter().find_map(|bookmark| bookmark.select);
        self.act(Action::Select(choice.or(marked)));
    }

    /// Computes a future and looks `ahead` into it.
    fn look_ahead(&mut self, scenario: Option<&str>, ahead: Duration) -> Result<(), LaunchError> {
        let scene = Arc::clone(&self.app.world().resource::<OpenScene>().scene);
        let scenario = match scenario {
            None => session::baseline(&scene),
            Some(name) => scene.find_scenario(name).cloned().ok_or_else(|| {
                let known = scene.scenarios.iter().map(|known| known.name.as_str());
                let hint = did_you_mean(name, known);
                LaunchError::Picture(format!("the scene has no scenario `{name}`; {hint}"))
            })?,
        };
        self.act(Action::Named(Named::GoLive));
        self.settle(1);
        self.act(Action::StartRun(Box::new(scenario)));
        if !self.finish_run() {
            let runs = &self.app.world().resource::<Runs>().records;
            let reason = match runs.last().map(|record| &record.state) {
                Some(RunState::Failed(reason)) => reason.clone(),
                Some(_) => "it took too long".to_owned(),
                None => "the scene has no models".to_owned(),
            };
            return Err(LaunchError::Picture(format!(
                "no future was computed: {reason}"
            )));
        }
        let started = self
            .app
            .world()
            .resource::<Runs>()
            .records
            .last()
            .map(|run| run.start);
        if let Some(start) = started {
            let at = start.plus_secs(ahead.as_secs_f64());
            self.act(Action::Timeline(TimelineCommand::Seek(at)));
        }
        Ok(())
    }

    /// True if a future was computed.
    fn finish_run(&mut self) -> bool {
        let began = Instant::now();
        loop {
            self.frame();
            let runs = self.app.world().resource::<Runs>();
            match runs.records.last().map(|record| &record.state) {
                None => return false,
                Some(RunState::Running) if began.elapsed() < RUN_PATIENCE => {}
                Some(state) => return *state == RunState::Finished,
            }
        }
    }

    fn recorded(&self) -> (Timestamp, Timestamp) {
        let playback = self.app.world().resource::<Playback>();
        (playback.oldest(), playback.now())
    }

    fn summary(&self) -> Summary {
        let world = self.app.world();
        let mut summary = Summary::default();
        let scene = &world.resource::<OpenScene>().scene;
        summary.count_signals(scene, world.resource::<Frame>().cursor.rows());
        // Straight from the sources: what is on screen may be a moment older.
        summary.count_messages(&world.resource::<Inbox>().0.statuses());
        let alarms = &world.resource::<ShownAlarms>().0;
        summary.alarms_active = alarms
            .iter()
            .filter(|alarm| alarm.state.is_active())
            .count();
        summary.frames = world.resource::<FramePace>().frames;
        summary
    }

    fn write_picture(&mut self, path: &Path) -> Result<(), LaunchError> {
        self.settle(SETTLE_FRAMES);
        fs::remove_file(path).ok(); // none there is as good as gone
        let screenshot = Screenshot::image(self.image.0.clone());
        self.app
            .world_mut()
            .spawn(screenshot)
            .observe(picture::write_png(path.to_owned()));
        self.settle(SETTLE_FRAMES);
        if path.is_file() {
            return Ok(());
        }
        let notices = &self.app.world().resource::<Notices>().0;
        let reason = notices.iter().rev().find(|notice| notice.warning);
        Err(LaunchError::Picture(reason.map_or_else(
            || {
                format!(
                    "nothing came back from the graphics driver: {}",
                    path.display()
                )
            },
            |notice| notice.text.clone(),
        )))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The feed ends before the program does, so that threads are joined in order.
        self.app.world_mut().remove_resource::<Inbox>();
    }
}

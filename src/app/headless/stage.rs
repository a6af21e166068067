//! The program on an image instead of a window, driven by code.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, PollType};
use bevy::render::renderer::RenderDevice;
use bevy::render::settings::RenderCreation;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::time::TimeUpdateStrategy;
use image::{DynamicImage, RgbaImage};

use super::super::action::{Action, Named};
use super::super::alarms::ShownAlarms;
use super::super::health::HealthWatch;
use super::super::launch::{Launch, LaunchError, check_graphics, windowless_plugins};
use super::super::movement::Movement;
use super::super::pace::FramePace;
use super::super::panels::PanelState;
use super::super::picture::{self, WindowImage};
use super::super::scene::OpenScene;
use super::super::settings::ViewSettings;
use super::super::simulation::Runs;
use super::super::story::StoryTeller;
use super::super::telemetry::Inbox;
use super::super::timeline::{Frame, Playback};
use super::super::ui::PanelMemory;
use super::super::view3d::StillView;
use crate::files;
use crate::problem::did_you_mean;
use crate::scene::Scene;
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

/// The program on an image instead of a window, driven from here.
pub(in crate::app) struct Stage {
    pub(in crate::app) app: App,
    image: WindowImage,
    began: Instant,
}

impl Stage {
    pub(in crate::app) fn new(launch: Launch, size: (u32, u32)) -> Result<Self, LaunchError> {
        check_graphics()?;
        let mut app = App::new();
        app.add_plugins(windowless_plugins(RenderCreation::default()))
            .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME))
            .insert_resource(StillView(true));
        let image = app
            .world_mut()
            .resource_mut::<Assets<Image>>()
            .add(picture::target_image(size));
        let image = WindowImage(image);
        app.insert_resource(image.clone())
            .add_plugins((crate::app::twin, picture::plugin));
        launch.enter(app.world_mut())?;
        app.finish();
        app.cleanup();
        // A picture shows one instant: nothing is to flash or glide in it.
        app.world_mut()
            .resource_mut::<PanelMemory>()
            .state
            .reduced_motion = true;
        Ok(Self {
            app,
            image,
            began: Instant::now(),
        })
    }

    /// One frame, drawn to its end.
    pub(super) fn frame(&mut self) {
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

    pub(in crate::app) fn settle(&mut self, frames: usize) {
        for _ in 0..frames {
            self.frame();
        }
    }

    pub(in crate::app) fn act(&mut self, action: Action) {
        self.app.world_mut().write_message(action);
        self.settle(2);
    }

    /// Follows the plant for `duration` of real time.
    pub(super) fn watch(&mut self, duration: Duration) {
        while self.began.elapsed() < duration {
            let began = Instant::now();
            self.frame();
            thread::sleep(FRAME.saturating_sub(began.elapsed()));
        }
    }

    /// Follows the plant until most of its signals have values and the backlog is taken in.
    pub(super) fn wait_for_values(&mut self, patience: Duration) {
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
    pub(super) fn select_something(&mut self) {
        let world = self.app.world();
        let scene = &world.resource::<OpenScene>().scene;
        let alarmed = world.resource::<ShownAlarms>().0.first();
        let choice = alarmed.map(|alarm| scene.signal(alarm.signal).asset);
        let marked = scene.bookmarks.iter().find_map(|bookmark| bookmark.select);
        self.act(Action::Select(choice.or(marked)));
    }

    /// Computes a future and looks `ahead` into it.
    pub(super) fn look_ahead(
        &mut self,
        scenario: Option<&str>,
        ahead: Duration,
    ) -> Result<(), LaunchError> {
        let scene = self.scene();
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
    pub(in crate::app) fn finish_run(&mut self) -> bool {
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

    pub(super) fn recorded(&self) -> (Timestamp, Timestamp) {
        let playback = self.app.world().resource::<Playback>();
        (playback.oldest(), playback.now())
    }

    pub(super) fn summary(&self) -> Summary {
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

    /// Draws on an image of this size from now on.
    pub(super) fn resize(&mut self, (width, height): (u32, u32)) {
        let mut images = self.app.world_mut().resource_mut::<Assets<Image>>();
        if let Some(mut image) = images.get_mut(&self.image.0) {
            image.resize(Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            });
        }
        self.settle(2);
    }

    /// What the panels remember.
    pub(super) fn panels(&mut self) -> &mut PanelState {
        &mut self
            .app
            .world_mut()
            .resource_mut::<PanelMemory>()
            .into_inner()
            .state
    }

    /// The scene that is open.
    pub(super) fn scene(&self) -> Arc<Scene> {
        Arc::clone(&self.app.world().resource::<OpenScene>().scene)
    }

    /// Goes to the bookmark of this name.
    pub(super) fn go_to_bookmark(&mut self, name: &str) -> Result<(), LaunchError> {
        let scene = self.scene();
        let mut names = scene.bookmarks.iter().map(|bookmark| &bookmark.name);
        let Some(place) = names.position(|known| known == name) else {
            let names: Vec<_> = scene.bookmarks.iter().map(|one| one.name.clone()).collect();
            return Err(LaunchError::Picture(format!(
                "the scene has no bookmark `{name}`; it has {}",
                names.join(", ")
            )));
        };
        self.act(Action::GoToBookmark(place));
        Ok(())
    }

    /// Colours the view by the signals of this name.
    pub(super) fn colour_by(&mut self, name: &str) -> Result<(), LaunchError> {
        let scene = self.scene();
        let mut names = scene.signals.iter().map(|signal| signal.name.as_str());
        if !names.any(|known| known == name) {
            let known = scene.signals.iter().map(|signal| signal.name.as_str());
            let hint = did_you_mean(name, known);
            let message = format!("no asset of the scene has a signal `{name}`; {hint}");
            return Err(LaunchError::Picture(message));
        }
        self.act(Action::SetHeat(Some(name.to_owned())));
        self.settle(4);
        Ok(())
    }

    /// Selects the asset of this tag.
    pub(super) fn select(&mut self, tag: &str) -> Result<(), LaunchError> {
        let scene = self.scene();
        let asset = scene.find_asset(tag).ok_or_else(|| {
            let hint = did_you_mean(tag, scene.assets.iter().map(|asset| asset.tag.as_str()));
            LaunchError::Picture(format!("the scene has no asset `{tag}`; {hint}"))
        })?;
        self.act(Action::Select(Some(asset)));
        Ok(())
    }

    /// Writes every step of the story of this name, or of the first in this file, into the
    /// folder `out`.
    pub(super) fn write_story(&mut self, name: &str, out: &Path) -> Result<(), LaunchError> {
        let place = self.find_story(name)?;
        let scene = self.scene();
        std::fs::create_dir_all(out)
            .map_err(|error| LaunchError::Picture(format!("{error}: {}", out.display())))?;
        self.act(Action::StartStory(place));
        for step in 1..=scene.stories[place].steps.len() {
            self.await_story()?;
            self.write_picture(&out.join(format!("step-{step:02}.png")))?;
            self.act(Action::Named(Named::StoryNext));
        }
        Ok(())
    }

    /// The place of the story of this name, or of the first in this file.
    fn find_story(&mut self, name: &str) -> Result<usize, LaunchError> {
        let mut wanted = name.to_owned();
        if name.ends_with(".ron") {
            let file = Path::new(name);
            let read =
                files::read_stories(file, &self.scene()).map_err(session::OpenError::from)?;
            let Some(first) = read.first() else {
                let message = format!("there is no story in the file: {name}");
                return Err(LaunchError::Picture(message));
            };
            wanted.clone_from(&first.name);
            let mut open = self.app.world_mut().resource_mut::<OpenScene>();
            // Assets and signals are the same: nothing that follows the scene begins anew.
            Arc::make_mut(&mut open.bypass_change_detection().scene).keep_stories(read);
        }
        let scene = self.scene();
        let mut stories = scene.stories.iter();
        stories
            .position(|story| story.name == wanted)
            .ok_or_else(|| {
                let known = scene.stories.iter().map(|story| story.name.as_str());
                let hint = did_you_mean(name, known);
                LaunchError::Picture(format!("the scene has no story `{name}`; {hint}"))
            })
    }

    /// Waits for the future that a step of a story looks into.
    fn await_story(&mut self) -> Result<(), LaunchError> {
        let began = Instant::now();
        self.settle(4);
        while self.app.world().resource::<StoryTeller>().is_waiting() {
            if began.elapsed() > RUN_PATIENCE {
                let message = "the future of a step of the story took too long";
                return Err(LaunchError::Picture(message.to_owned()));
            }
            self.frame();
        }
        self.settle(4);
        Ok(())
    }

    /// Does what this name of a [`Named`] action says.
    pub(super) fn act_named(&mut self, name: &str) -> Result<(), LaunchError> {
        let named = Named::find(name).ok_or_else(|| {
            let known: Vec<_> = Named::ALL.iter().map(|named| named.name()).collect();
            let hint = did_you_mean(name, known.iter().map(String::as_str));
            LaunchError::Picture(format!("there is no action `{name}`; {hint}"))
        })?;
        self.act(Action::Named(named));
        if named == Named::RunBaseline {
            self.finish_run();
        }
        Ok(())
    }

    /// Draws nothing behind the plant.
    pub(super) fn clear_background(&mut self) {
        self.app.world_mut().resource_mut::<ViewSettings>().backdrop = false;
        self.settle(2);
    }

    /// True while threads look for what belongs into the picture.
    fn is_behind(&self) -> bool {
        let world = self.app.world();
        let moves = world.get_resource::<Movement>();
        let health = world.get_resource::<HealthWatch>();
        moves.is_some_and(Movement::is_seeking) || health.is_some_and(HealthWatch::is_behind)
    }

    /// The picture as it is now, with what is transparent in it.
    pub(super) fn picture(&mut self) -> Result<RgbaImage, LaunchError> {
        let began = Instant::now();
        self.settle(2);
        while self.is_behind() && began.elapsed() < RUN_PATIENCE {
            self.frame();
        }
        self.settle(SETTLE_FRAMES);
        let taken = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&taken);
        self.app
            .world_mut()
            .spawn(Screenshot::image(self.image.0.clone()))
            .observe(move |captured: On<ScreenshotCaptured>| {
                let image = captured.image.clone().try_into_dynamic();
                if let Ok(mut kept) = kept.lock() {
                    *kept = Some(image.map(|image| image.to_rgba8()));
                }
            });
        for _ in 0..SETTLE_FRAMES {
            self.frame();
            let image = taken.lock().ok().and_then(|mut taken| taken.take());
            match image {
                Some(Ok(image)) => return Ok(image),
                Some(Err(error)) => return Err(LaunchError::Picture(error.to_string())),
                None => {}
            }
        }
        Err(LaunchError::Picture(
            "nothing came back from the graphics driver".to_owned(),
        ))
    }

    /// Writes the picture as it is now.
    pub(super) fn write_picture(&mut self, path: &Path) -> Result<(), LaunchError> {
        let image = self.picture()?;
        let opaque = image.pixels().all(|pixel| pixel.0[3] == 255);
        let image = DynamicImage::ImageRgba8(image);
        let image = match opaque || self.app.world().resource::<ViewSettings>().backdrop {
            true => DynamicImage::ImageRgb8(image.to_rgb8()),
            false => image,
        };
        image
            .save(path)
            .map_err(|error| LaunchError::Picture(format!("{error}: {}", path.display())))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The feed ends before the program does, so that threads are joined in order.
        self.app.world_mut().remove_resource::<Inbox>();
    }
}

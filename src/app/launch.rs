//! From a scene file to a running twin; the same way for the first scene and the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::asset::AssetPlugin;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use thiserror::Error;

use super::action::{Action, Named};
use super::alarms::{AlarmBook, ShownAlarms};
use super::notices::Tell;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::simulation::{Models, Runs};
use super::telemetry::{Historian, Inbox, Instruments, PlantClock, Sources, Waker};
use super::timeline::Playback;
use crate::alarm::Engine;
use crate::history::{History, HistoryConfig};
use crate::session::{self, Feed, FeedError, FeedPlan, Opened, Relay};
use crate::telemetry::now;
use crate::time::Timestamp;
use crate::timeline::{Timeline, TimelineCommand};

/// Why a twin could not start.
#[derive(Debug, Error)]
pub enum LaunchError {
    /// The scene cannot be used.
    #[error(transparent)]
    Scene(#[from] session::OpenError),
    /// The plant's data cannot be had.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// No picture could be drawn.
    #[error("no picture could be drawn: {0}")]
    Picture(String),
}

/// A scene that is ready to run, and where its data come from.
pub struct Launch {
    /// The scene and its models.
    pub opened: Opened,
    /// Where its data come from.
    pub feed: FeedPlan,
}

impl Launch {
    /// Opens the scene at `path`, or the shipped scene of that name.
    pub fn prepare(path: &Path, feed: FeedPlan) -> Result<Self, LaunchError> {
        Ok(Self {
            opened: session::open(path)?,
            feed,
        })
    }

    /// Lets `world` be the twin of this scene. What was there before is gone afterwards.
    pub fn enter(self, world: &mut World) -> Result<(), LaunchError> {
        let wake = world.get_resource::<Waker>().cloned().unwrap_or_default();
        // The old feed ends first, so that two never write one history.
        world.remove_resource::<Inbox>();
        let feed = Feed::start(&self.opened, self.feed, &wake.callback())?;
        let (scene, plant) = (
            Arc::clone(&self.opened.scene),
            Arc::clone(&self.opened.plant),
        );
        let history = History::new(scene.signals.len(), HistoryConfig::default());
        if let Some(mut runs) = world.get_resource_mut::<Runs>() {
            runs.clear();
        }
        world.insert_resource(Historian(history));
        world.insert_resource(AlarmBook(Engine::new(&scene)));
        world.insert_resource(ShownAlarms::default());
        world.insert_resource(Models(plant));
        // An imported plant that nothing is connected to is there to be planned with.
        let planned = feed.silent && !scene.imports.is_empty() && !self.opened.plant.is_empty();
        // The present of a recording begins with its first sample, whenever that was.
        let present = if feed.replayed { Timestamp::MIN } else { now() };
        world.insert_resource(match (feed.replayed, planned) {
            (true, _) => PlantClock::Replayed,
            (false, true) => PlantClock::Standing(present),
            (false, false) => PlantClock::Wall,
        });
        world.insert_resource(Sources {
            statuses: feed.statuses(),
            demo: feed.demo,
            replayed: feed.replayed,
            planned,
        });
        world.insert_resource(Instruments(Relay::new(&scene)));
        world.insert_resource(Playback(Timeline::new(present)));
        world.insert_resource(Inbox(feed));
        world.insert_resource(Selection::default());
        let has_home = !scene.bookmarks.is_empty();
        let reports: Vec<String> = scene
            .imports
            .iter()
            .map(|report| format!("Imported {}: {}", report.file, report.summary()))
            .collect();
        super::scene::open(world, scene);
        if has_home {
            // The first bookmark is the view that the scene's author wants seen first.
            world.write_message(Action::GoToBookmark(0));
        }
        for report in reports {
            world.write_message(Tell::done(report));
        }
        if planned {
            // There is nothing to see but the future.
            world.write_message(Action::Named(Named::RunBaseline));
            let soon = present.plus_secs(1.0);
            world.write_message(Action::Timeline(TimelineCommand::Seek(soon)));
        }
        if let Some(mut settings) = world.get_resource_mut::<ViewSettings>() {
            // Another scene's signal; and a plant that is well has no colours.
            settings.heat = None;
        }
        Ok(())
    }
}

/// Finds out whether anything here can draw, before Bevy would panic.
pub fn check_graphics() -> Result<(), LaunchError> {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    let backends = descriptor.backends;
    let instance = wgpu::Instance::new(descriptor);
    let adapters = bevy::tasks::block_on(instance.enumerate_adapters(backends));
    if adapters.is_empty() {
        return Err(LaunchError::Picture(
            "there is no Vulkan driver; without a graphics card install a software one: \
             apt-get install libvulkan1 mesa-vulkan-drivers"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Bevy's plugins as every form of the program uses them.
pub fn bevy_plugins() -> bevy::app::PluginGroupBuilder {
    // Logging is set up once for the whole program; shaders are built in, so there is no
    // asset folder to look for.
    DefaultPlugins
        .build()
        .disable::<LogPlugin>()
        .set(AssetPlugin {
            file_path: String::new(),
            ..default()
        })
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Last, open_asked.run_if(on_message::<Action>));
}

/// Opens another scene, or says why not and keeps the one that is open.
fn open_asked(world: &mut World, mut last: Local<bevy::ecs::message::MessageCursor<Action>>) {
    let asked: Option<PathBuf> = {
        let actions = world.resource::<Messages<Action>>();
        let opened = last.read(actions).filter_map(|action| match action {
            Action::OpenScene(path) => Some(path.clone()),
            _ => None,
        });
        opened.last()
    };
    let Some(path) = asked else { return };
    let entered = Launch::prepare(&path, FeedPlan::Sources { broker: None })
        .and_then(|launch| launch.enter(world));
    let tell = match entered {
        Ok(()) => Tell::done(format!("Opened {}", path.display())),
        Err(error) => Tell::warning(error.to_string()),
    };
    world.write_message(tell);
}

//! From a scene file to a running twin; the same way for the first scene and the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::asset::AssetPlugin;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::RenderCreation;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use thiserror::Error;

use super::action::{Action, Named};
use super::alarms::{Addressed, AlarmBook, ShownAlarms};
use super::notices::Tell;
use super::recording::{NoteBook, Store};
use super::scenarios::SceneFile;
use super::scene::SceneDrawings;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::simulation::{Models, Runs};
use super::telemetry::{Historian, Inbox, Instruments, MemberWords, PlantClock, Sources, Waker};
use super::threads::OneThreadPerWorld;
use super::timeline::Playback;
use crate::alarm::Engine;
use crate::history::{History, HistoryConfig};
use crate::scene::Scene;
use crate::session::{
    self, Feed, FeedError, FeedPlan, MemberBook, Opened, Recording, RecordingError, Relay,
    StorePlan,
};
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
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] RecordingError),
    /// No picture could be drawn.
    #[error("no picture could be drawn: {0}")]
    Picture(String),
    /// There is no desktop.
    #[error("there is no display to open a window on; use --headless, or set DISPLAY")]
    NoDisplay,
}

/// A scene that is ready to run, and where its data come from.
pub struct Launch {
    /// The scene and its models.
    pub opened: Opened,
    /// Where its data come from.
    pub feed: FeedPlan,
    /// Where they are kept.
    pub store: StoreChoice,
}

/// Where the samples of a scene are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StoreChoice {
    /// Nowhere: the past is what is in memory.
    #[default]
    None,
    /// Where the scene's samples are kept if nobody says otherwise.
    Usual,
    /// In this folder, or at this URL.
    At(String),
}

impl Launch {
    /// Opens the scene at `path`, or the shipped scene of that name.
    pub fn prepare(path: &Path, feed: FeedPlan) -> Result<Self, LaunchError> {
        Ok(Self {
            opened: session::open(path)?,
            feed,
            store: StoreChoice::None,
        })
    }

    /// The same with a store.
    pub fn with_store(mut self, store: StoreChoice) -> Self {
        self.store = store;
        self
    }

    /// Lets `world` be the twin of this scene. What was there before is gone afterwards.
    pub fn enter(self, world: &mut World) -> Result<(), LaunchError> {
        let wake = world.get_resource::<Waker>().cloned().unwrap_or_default();
        // The old feed ends first, so that two never write one history; then the old store, so
        // that the new scene may use the same.
        world.remove_resource::<Inbox>();
        world.insert_resource(Store::default());
        let feed = Feed::start(&self.opened, self.feed, &wake.callback())?;
        let (scene, plant) = (
            Arc::clone(&self.opened.scene),
            Arc::clone(&self.opened.plant),
        );
        let mut history = History::new(scene.signals.len(), HistoryConfig::default());
        for (population, reach) in feed.reaches() {
            history.set_reach_of_fixes(population, reach);
        }
        let words = MemberBook::new(&plant);
        let mut book = Engine::new(&scene);
        let (recording, troubles) = self.store.open(&scene, !feed.silent, &wake);
        if let Some(recording) = &recording {
            recording.restore(&mut history, &mut book)?;
            recording.restore_members(&words, &mut history, now())?;
        }
        let notes = recording
            .as_ref()
            .map_or(Ok(Vec::new()), Recording::notes)?;
        if let Some(mut runs) = world.get_resource_mut::<Runs>() {
            runs.clear();
        }
        world.insert_resource(MemberWords(words));
        world.insert_resource(Historian(history));
        world.insert_resource(AlarmBook(book));
        world.insert_resource(Store(recording));
        world.insert_resource(NoteBook(notes));
        world.insert_resource(ShownAlarms::default());
        world.insert_resource(Addressed::default());
        world.insert_resource(Models(plant));
        world.insert_resource(SceneDrawings(self.opened.drawings));
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
            takes_orders: feed.takes_orders(),
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
        world.insert_resource(SceneFile(self.opened.file.clone()));
        super::scene::open(world, scene);
        if has_home {
            // The first bookmark is the view that the scene's author wants seen first.
            world.write_message(Action::GoToBookmark(0));
        }
        for report in reports {
            world.write_message(Tell::done(report));
        }
        for trouble in troubles {
            world.write_message(Tell::warning(trouble));
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

impl StoreChoice {
    /// Opens the store; what another program records is only read. Says what went otherwise.
    ///
    /// A store that nobody asked for by name must not keep a person from seeing his plant.
    fn open(
        &self,
        scene: &Arc<Scene>,
        record: bool,
        wake: &Waker,
    ) -> (Option<Recording>, Vec<String>) {
        let place = match self {
            Self::None => return (None, Vec::new()),
            Self::Usual => session::default_store(scene).display().to_string(),
            Self::At(place) => place.clone(),
        };
        let mut troubles = Vec::new();
        for record in [record, false] {
            let plan = StorePlan {
                place: place.clone(),
                record,
            };
            match Recording::start(scene, &plan, wake.callback()) {
                Ok(recording) => return (Some(recording), troubles),
                // Where nothing was ever recorded there is nothing to read.
                Err(_) if !record && *self == Self::Usual => break,
                Err(error) if record => troubles.push(format!("Nothing is recorded: {error}")),
                Err(error) => troubles.push(error.to_string()),
            }
        }
        (None, troubles)
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
        .add(OneThreadPerWorld)
}

/// Bevy without a window and its event loop, on what `creation` says. Pictures wait for their
/// shaders.
pub fn windowless_plugins(creation: RenderCreation) -> bevy::app::PluginGroupBuilder {
    bevy_plugins()
        .set(WindowPlugin {
            primary_window: None,
            exit_condition: ExitCondition::DontExit,
            ..default()
        })
        .set(RenderPlugin {
            synchronous_pipeline_compilation: true,
            render_creation: creation,
            ..default()
        })
        .disable::<WinitPlugin>()
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
        .map(|launch| launch.with_store(StoreChoice::Usual))
        .and_then(|launch| launch.enter(world));
    let tell = match entered {
        Ok(()) => Tell::done(format!("Opened {}", path.display())),
        Err(error) => Tell::warning(error.to_string()),
    };
    world.write_message(tell);
}

//! The program on an image, at an instant that stands still: pictures that are the same each
//! time, to be held against others.

use bevy::prelude::*;
use image::RgbaImage;

use super::super::action::Action;
use super::super::alarms::AlarmBook;
use super::super::differences::Differences;
use super::super::launch::{Launch, LaunchError, StoreChoice};
use super::super::measure::{Ruler, Tool};
use super::super::panels::PanelState;
use super::super::reveal::Revealed;
use super::super::settings::ViewSettings;
use super::super::telemetry::{Historian, PlantClock, Sources};
use super::super::timeline::Playback;
use super::stage::Stage;
use crate::session::{FeedPlan, Opened};
use crate::signal::SampleBatch;
use crate::time::Timestamp;
use crate::timeline::Timeline;

/// A plant whose present stands still, and a camera before it.
pub struct Studio {
    stage: Stage,
}

impl Studio {
    /// Opens a scene at `present`, for pictures of this size, pixels.
    pub fn new(opened: Opened, present: Timestamp, size: (u32, u32)) -> Result<Self, LaunchError> {
        let mut studio = Self {
            stage: Stage::new(launch(opened), size)?,
        };
        studio.begin_at(present);
        Ok(studio)
    }

    /// Opens another scene; nothing of the last one is left, neither in how it was shown.
    pub fn open(&mut self, opened: Opened, present: Timestamp) -> Result<(), LaunchError> {
        launch(opened).enter(self.world())?;
        self.begin_at(present);
        Ok(())
    }

    /// Lets the plant say this, as a source would.
    pub fn tell(&mut self, batch: &SampleBatch) {
        let world = self.world();
        world.resource_mut::<Historian>().insert(batch);
        world.resource_mut::<AlarmBook>().observe(batch);
    }

    /// Lets a run that reaches so far say this.
    pub fn tell_future(&mut self, batch: &SampleBatch, reached: Timestamp) {
        let mut history = self.world().resource_mut::<Historian>();
        history.insert(batch);
        history.set_reach(batch.origin, reached);
    }

    /// Does what a person asks for.
    pub fn act(&mut self, action: Action) {
        self.stage.act(action);
    }

    /// True if the future that was asked for last has been computed.
    pub fn finish_run(&mut self) -> bool {
        self.stage.finish_run()
    }

    /// All that the program knows.
    pub fn world(&mut self) -> &mut World {
        self.stage.app.world_mut()
    }

    /// What the panels remember.
    pub fn panels(&mut self) -> &mut PanelState {
        self.stage.panels()
    }

    /// Draws pictures of this size from now on, pixels.
    pub fn resize(&mut self, size: (u32, u32)) {
        self.stage.resize(size);
    }

    /// The picture as it is now.
    pub fn picture(&mut self) -> Result<RgbaImage, LaunchError> {
        self.stage.picture()
    }

    fn begin_at(&mut self, present: Timestamp) {
        let panels = self.panels();
        *panels = PanelState::default();
        (panels.view_only, panels.reduced_motion) = (true, true);
        let world = self.world();
        world.insert_resource(PlantClock::Standing(present));
        world.insert_resource(Playback(Timeline::new(present)));
        world.insert_resource(Differences::default());
        world.insert_resource(Revealed::default());
        world.insert_resource(Tool::default());
        world.insert_resource(Ruler::default());
        let software = world.resource::<ViewSettings>().software;
        world.insert_resource(ViewSettings {
            software,
            ..ViewSettings::default()
        });
        world.resource_mut::<Sources>().planned = false;
    }
}

fn launch(opened: Opened) -> Launch {
    Launch {
        opened,
        feed: FeedPlan::Sources { broker: None },
        store: StoreChoice::None,
    }
}

//! A twin without a picture, for tests: what a person does goes in, readings come out.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use parallax::app::action::Action;
use parallax::app::alarms::{AlarmBook, ShownAlarms};
use parallax::app::launch::{Launch, StoreChoice};
use parallax::app::notices::Notices;
use parallax::app::scene::OpenScene;
use parallax::app::telemetry::{Historian, PlantClock};
use parallax::app::timeline::{Frame, Playback};
use parallax::history::Row;
use parallax::scene::{self, Scene};
use parallax::session::{FeedPlan, Opened};
use parallax::signal::{Origin, Sample, SampleBatch, SignalId};
use parallax::simulation::Plant;
use parallax::time::Timestamp;
use parallax::timeline::{Timeline, TimelineCommand};

/// One frame in the eyes of the twin.
pub(crate) const FRAME: Duration = Duration::from_millis(100);

pub(crate) struct Twin {
    pub(crate) app: App,
}

impl Twin {
    /// A twin of `scene`, whose present is the newest sample it was sent.
    pub(crate) fn of(scene: Scene) -> Self {
        let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
        Self::opened(Opened {
            scene: Arc::new(scene),
            plant: Arc::new(plant),
            file: "test.ron".into(),
            folder: ".".into(),
            drawings: Vec::new(),
        })
    }

    pub(crate) fn opened(opened: Opened) -> Self {
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, parallax::app::twin))
            .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME));
        let launch = Launch {
            opened,
            feed: FeedPlan::Sources { broker: None },
            store: StoreChoice::None,
        };
        launch
            .enter(app.world_mut())
            .unwrap_or_else(|error| panic!("{error}"));
        app.insert_resource(PlantClock::Replayed)
            .insert_resource(Playback(Timeline::new(Timestamp::MIN)));
        app.update(); // The first frame has no length.
        Self { app }
    }

    /// Lets samples arrive, as a source would.
    pub(crate) fn send(&mut self, samples: &[(SignalId, Sample)]) {
        let batch = SampleBatch {
            origin: Origin::Measured,
            samples: samples.to_vec(),
        };
        let world = self.app.world_mut();
        world.resource_mut::<Historian>().insert(&batch);
        world.resource_mut::<AlarmBook>().observe(&batch);
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.app.world_mut().write_message(action);
        self.app.update();
    }

    pub(crate) fn steer(&mut self, command: TimelineCommand) {
        self.act(Action::Timeline(command));
    }

    pub(crate) fn update(&mut self) {
        self.app.update();
    }

    pub(crate) fn scene(&self) -> Arc<Scene> {
        Arc::clone(&self.app.world().resource::<OpenScene>().scene)
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        &self.app.world().resource::<Playback>().0
    }

    pub(crate) fn reading(&self, name: &str) -> Option<Row> {
        let open = self.app.world().resource::<OpenScene>();
        let id = open
            .scene
            .find_signal(name)
            .unwrap_or_else(|| panic!("no signal `{name}`"));
        self.readings()[id.index()]
    }

    /// What every signal shows: the plant as drivers and panels see it.
    pub(crate) fn readings(&self) -> Vec<Option<Row>> {
        self.app.world().resource::<Frame>().cursor.rows().to_vec()
    }

    pub(crate) fn alarms(&self) -> &[parallax::alarm::Alarm] {
        &self.app.world().resource::<ShownAlarms>().0
    }

    pub(crate) fn last_notice(&self) -> String {
        let notices = &self.app.world().resource::<Notices>().0;
        notices
            .last()
            .map(|notice| notice.text.clone())
            .unwrap_or_default()
    }
}

/// A scene of `count` tanks with a level of 0 to 10 m that is stale after 60 s, with a high
/// limit at 9 m.
pub(crate) fn tanks(count: usize) -> Scene {
    let mut text = String::from(
        "(format: 1, name: \"Tanks\", types: {\"tank\": (shape: Tank, signals: [\
         (name: \"level\", unit: \"m\", range: (0, 10), max_age: \"60s\", \
          limits: [(kind: High, at: 9, deadband: 0.5, priority: High)]),\
         (name: \"inflow\", unit: \"m3/h\", range: (0, 100), max_age: \"1h\")])}, assets: [",
    );
    for place in 1..=count {
        write!(
            text,
            "(tag: \"TK-{place}\", type: \"tank\", at: ({place}, 0, 0)),"
        )
        .expect("text");
    }
    text.push_str("])");
    scene::parse(&text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub(crate) fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

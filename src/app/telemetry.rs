//! From the sources into the history and the alarm engine.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::time::common_conditions::on_real_timer;

use super::TwinSystems;
use super::alarms::AlarmBook;
use super::notices::Tell;
use super::recording::Store;
use super::scene::OpenScene;
use super::writing::OrderBook;
use crate::history::History;
use crate::session::{Feed, MemberBook, Relay};
use crate::signal::Origin;
use crate::telemetry::{SourceChange, SourceStatus, now};
use crate::time::Timestamp;

/// Samples taken in per frame at most; the rest waits in the bounded inbox.
const MAX_SAMPLES_PER_FRAME: usize = 100_000;

/// How often the sources' health is looked at: people read no faster.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// Everything that was seen. Samples are inserted by [`ingest`] and by
/// [`super::simulation`], through the one door.
#[derive(Resource, Deref, DerefMut)]
pub struct Historian(pub History);

/// Where the plant's data arrive.
#[derive(Resource)]
pub struct Inbox(pub Feed);

/// What instruments say of the pipes they sit on. Written when a scene is opened.
#[derive(Resource)]
pub struct Instruments(pub Relay);

/// The plant's words for those who move in it. Written when a scene is opened.
#[derive(Resource)]
pub struct MemberWords(pub MemberBook);

/// How the sources are. Written by [`look_at_sources`] alone.
#[derive(Resource, Default)]
pub struct Sources {
    /// One per source, as the scene lists them.
    pub statuses: Vec<SourceStatus>,
    /// True if the plant is emulated.
    pub demo: bool,
    /// True if a recording is played.
    pub replayed: bool,
    /// True if no plant is connected, and the present stands still.
    pub planned: bool,
    /// True if a connected source takes commands.
    pub takes_orders: bool,
}

/// The plant's present.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantClock {
    /// Our own clock.
    Wall,
    /// The newest recorded instant that was played.
    Replayed,
    /// The instant at which planning began: without a plant, nothing goes on by itself.
    Standing(Timestamp),
}

impl PlantClock {
    /// The plant's present.
    pub fn now(self, history: &History) -> Timestamp {
        match self {
            Self::Wall => now(),
            Self::Replayed => history
                .span(Origin::Measured)
                .map_or(Timestamp::MIN, |(_, newest)| newest),
            Self::Standing(at) => at,
        }
    }
}

/// Wakes the event loop when something arrives.
#[derive(Resource, Clone, Default)]
pub struct Waker(Option<Arc<dyn Fn() + Send + Sync>>);

impl Waker {
    /// A waker that calls `wake`.
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self(Some(wake))
    }

    /// Wakes the loop.
    pub fn wake(&self) {
        if let Some(wake) = &self.0 {
            wake();
        }
    }

    /// What floors below may call.
    pub fn callback(&self) -> Option<Arc<dyn Fn() + Send + Sync>> {
        self.0.clone()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Waker>().add_systems(
        PreUpdate,
        (ingest, look_at_sources.run_if(on_real_timer(STATUS_EVERY)))
            .chain()
            .run_if(resource_exists::<Inbox>)
            .in_set(TwinSystems::Ingest),
    );
}

/// Moves what the sources sent into the history and the store, and lets the alarm engine judge it.
///
/// What the recorder cannot take yet stays where it is, and the brokers hold it back.
pub(super) fn ingest(
    inbox: Res<Inbox>,
    clock: Res<PlantClock>,
    instruments: Res<Instruments>,
    words: Res<MemberWords>,
    mut history: ResMut<Historian>,
    mut book: ResMut<AlarmBook>,
    mut store: ResMut<Store>,
    (open, mut orders): (Res<OpenScene>, ResMut<OrderBook>),
) {
    let orders = orders.bypass_change_detection();
    let mut recording = store.bypass_change_detection().0.as_mut();
    let replayed = *clock == PlantClock::Replayed;
    let mut taken = 0;
    while taken < MAX_SAMPLES_PER_FRAME
        && recording
            .as_ref()
            .is_none_or(|recording| recording.has_room())
        && let Some(event) = inbox.0.next()
    {
        match event.change {
            SourceChange::Samples(mut batch) => {
                instruments.0.extend(&mut batch);
                if replayed {
                    // A recording is heard when it happened, so that a link lost on the
                    // way lies on the same clock.
                    for (_, sample) in &mut batch.samples {
                        sample.received = sample.at;
                    }
                }
                taken += batch.samples.len();
                history.insert(&batch);
                book.observe(&batch);
                orders.observe(&batch, &open.scene);
                if let Some(recording) = &mut recording {
                    recording.record(&batch);
                }
            }
            SourceChange::Fixes(fixes) => {
                for fixes in &fixes {
                    taken += fixes.report.rows.len();
                    history.insert_fixes(fixes.population, &fixes.report);
                }
                if let Some(recording) = &mut recording {
                    recording.note(words.0.rows(&fixes));
                }
            }
            SourceChange::Disconnected { .. } => {
                let at = if replayed {
                    clock.now(&history)
                } else {
                    event.at
                };
                let carried = inbox.0.signals_of(event.source);
                let lost = instruments.0.with_listeners(carried);
                history.lose_link(lost.iter().copied(), at);
                if let Some(recording) = &mut recording {
                    recording.lose_link(&lost, at);
                }
                book.lose_link(lost, at);
            }
            SourceChange::Connected => {}
        }
    }
    book.tick(clock.now(&history));
}

/// Copies how the sources are, and tells once if whoever plays the plant gave up.
fn look_at_sources(
    inbox: Res<Inbox>,
    mut sources: ResMut<Sources>,
    mut told: Local<Option<String>>,
    mut tell: MessageWriter<Tell>,
) {
    sources.statuses = inbox.0.statuses();
    sources.takes_orders = inbox.0.takes_orders();
    let trouble = inbox.0.trouble();
    if *told != trouble {
        told.clone_from(&trouble);
        if let Some(trouble) = trouble {
            tell.write(Tell::warning(trouble));
        }
    }
}

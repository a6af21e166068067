//! Where a plant's data come from: its own brokers, an emulated plant, or a recording.
//!
//! All three arrive the same way, over MQTT. A demo and a replay bring an embedded
//! broker on the loopback interface along, unless another is named.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use thiserror::Error;

use super::obedience::ObedientPlant;
use super::{Opened, emulated_plant};
use crate::population::{PopulationId, Reach};
use crate::problem::Problem;
use crate::scene::Scene;
use crate::scene::spec::{MqttSpec, TrackSpec};
use crate::signal::SignalId;
use crate::simulation::RunError;
use crate::telemetry::broker::BrokerError;
use crate::telemetry::csv::{CsvError, CsvFile};
use crate::telemetry::emulator::{Backfill, Emulator, EmulatorError};
use crate::telemetry::mqtt::EndpointError;
use crate::telemetry::replay::{self, ReplayReport, Speed};
use crate::telemetry::topic::PatternError;
use crate::telemetry::{
    Browser, EmbeddedBroker, Endpoint, OrderLink, Publisher, SourceEvent, SourceHandle,
    SourceSettings, SourceStatus, TopicMap, TrackError, TrackMap, Wake, browse, listen, now,
};

/// Events that may wait for the frame; then sources wait, and brokers queue.
const EVENTS_WAITING: usize = 4_096;
/// How long a broker of our own may take to take the subscriptions.
const SUBSCRIBE_PATIENCE: Duration = Duration::from_secs(5);
/// The distance of the samples that an emulated plant remembers.
const PAST_STEP: Duration = Duration::from_secs(10);

/// Where a plant's data shall come from.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedPlan {
    /// The scene's own sources.
    Sources {
        /// Another broker than the scene's; for a scene without sources, one on which every
        /// signal has the topic `tag/signal`.
        broker: Option<String>,
    },
    /// The scene's models, emulated behind a broker of our own.
    Demo {
        /// How much past the plant has when it begins.
        past: Duration,
        /// Where random numbers come from.
        seed: u64,
    },
    /// Recorded files.
    Replay {
        /// CSV files, played one after another.
        files: Vec<PathBuf>,
        /// How fast.
        speed: Speed,
        /// A broker instead of our own.
        broker: Option<String>,
    },
}

/// Why there are no data.
#[derive(Debug, Error)]
pub enum FeedError {
    /// A source cannot be set up.
    #[error("source `{name}`: {cause}")]
    Endpoint {
        /// The source.
        name: String,
        /// Why.
        cause: EndpointError,
    },
    /// A source's topics are no patterns.
    #[error("source `{name}`: {cause}")]
    Topics {
        /// The source.
        name: String,
        /// Why.
        cause: PatternError,
    },
    /// A source's tracks are none of the plant's.
    #[error("source `{name}`: {cause}")]
    Tracks {
        /// The source.
        name: String,
        /// Why.
        cause: TrackError,
    },
    /// No broker of our own.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The emulated plant cannot start.
    #[error("the emulated plant cannot start: {0}")]
    Plant(#[from] RunError),
    /// The emulator cannot start.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// A recorded file cannot be used.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The scene has nothing that could be emulated.
    #[error("the scene has no models, so its plant cannot be emulated: use `open` or `replay`")]
    NoModels,
    /// Our own broker did not take the subscriptions.
    #[error("no connection to {broker} within {} s", SUBSCRIBE_PATIENCE.as_secs())]
    NotConnected {
        /// The broker.
        broker: String,
    },
    /// A thread could not be started.
    #[error("no thread for the replay: {0}")]
    Thread(#[from] std::io::Error),
}

/// Running sources, and who plays the plant. Dropping it ends all of them.
pub struct Feed {
    /// True if the plant is emulated.
    pub demo: bool,
    /// True if the data are a recording, so that the present is the newest of them.
    pub replayed: bool,
    /// True if nothing will ever come: there is no source.
    pub silent: bool,
    // Ends before the sources, so that they hear its last words.
    player: Option<Player>,
    sources: Vec<SourceHandle>,
    /// Where the scene's sources take commands.
    orders: Vec<OrderLink>,
    tracks: Vec<Arc<TrackMap>>,
    /// What each source was started by, without the topics that people gave to signals.
    specs: Vec<MqttSpec>,
    topics: Vec<Arc<TopicMap>>,
    folder: PathBuf,
    events: Receiver<SourceEvent>,
}

enum Player {
    Emulator(Emulator),
    Replay(Replay),
}

/// Files being played.
struct Replay {
    state: Arc<Mutex<ReplayState>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How far a replay is.
#[derive(Clone, Debug, Default)]
pub struct ReplayState {
    /// One report per file that has been played.
    pub reports: Vec<ReplayReport>,
    /// What was odd about the files, with the file.
    pub problems: Vec<(PathBuf, Problem)>,
    /// Why it ended early.
    pub error: Option<String>,
    /// True once nothing more comes.
    pub ended: bool,
}

impl Feed {
    /// Starts whatever `plan` says; `wake` is called when something arrives.
    pub fn start(opened: &Opened, plan: FeedPlan, wake: &Option<Wake>) -> Result<Self, FeedError> {
        let (out, events) = bounded(EVENTS_WAITING);
        let mut feed = Self {
            demo: matches!(plan, FeedPlan::Demo { .. }),
            replayed: matches!(plan, FeedPlan::Replay { .. }),
            silent: false,
            player: None,
            sources: Vec::new(),
            orders: Vec::new(),
            tracks: Vec::new(),
            specs: Vec::new(),
            topics: Vec::new(),
            folder: opened.folder.clone(),
            events,
        };
        match plan {
            FeedPlan::Sources { broker } => feed.connect(opened, broker.as_deref(), &out, wake)?,
            FeedPlan::Demo { past, seed } => {
                if opened.plant.is_empty() {
                    return Err(FeedError::NoModels);
                }
                let broker = own_broker(&opened.scene)?;
                feed.connect(opened, Some(&broker), &out, wake)?;
                feed.await_subscriptions(&broker)?;
                let emulator = emulate(opened, &broker, past, seed)?;
                feed.player = Some(Player::Emulator(emulator));
            }
            FeedPlan::Replay {
                files,
                speed,
                broker,
            } => {
                let broker = broker.map_or_else(|| own_broker(&opened.scene), Ok)?;
                feed.connect(opened, Some(&broker), &out, wake)?;
                feed.await_subscriptions(&broker)?;
                let replay = Replay::start(opened, &broker, files, speed)?;
                feed.player = Some(Player::Replay(replay));
            }
        }
        feed.silent = feed.sources.is_empty();
        Ok(feed)
    }

    /// The next event, if one waits.
    pub fn next(&self) -> Option<SourceEvent> {
        self.events.try_recv().ok()
    }

    /// The next event, waiting up to `patience` for it.
    pub fn next_within(&self, patience: Duration) -> Option<SourceEvent> {
        self.events.recv_timeout(patience).ok()
    }

    /// How the sources are, as the scene lists them.
    pub fn statuses(&self) -> Vec<SourceStatus> {
        self.sources.iter().map(SourceHandle::status).collect()
    }

    /// The signals that a source carries: its lost link makes them stale.
    pub fn signals_of(&self, source: usize) -> impl Iterator<Item = SignalId> + '_ {
        self.sources
            .get(source)
            .into_iter()
            .flat_map(|source| source.signals())
            .copied()
    }

    /// The way of commands to a signal, if a source of the scene takes them.
    pub fn order_link(&self, signal: SignalId) -> Option<&OrderLink> {
        self.orders.iter().find(|link| link.carries(signal))
    }

    /// True if there is a link on which the plant takes commands.
    pub fn takes_orders(&self) -> bool {
        self.orders.iter().any(OrderLink::connected)
    }

    /// Drops every command that has not left.
    pub fn forget_orders(&mut self) {
        self.orders.iter_mut().for_each(OrderLink::forget);
    }

    /// How far what is told of those who move speaks for the time around it.
    pub fn reaches(&self) -> impl Iterator<Item = (PopulationId, Reach)> {
        let tracks = self.tracks.iter().flat_map(|tracks| tracks.iter());
        tracks.map(|track| (track.population, track.reach))
    }

    /// Reads the sources' topics as the mappings of `scene` have them from now on; its signals
    /// must be those of the scene that is open. Links stand, and nothing is lost.
    pub fn remap(&mut self, scene: &Arc<Scene>) -> Result<(), FeedError> {
        let maps = self
            .specs
            .iter()
            .map(|spec| topics(&scene.mapped(spec), scene));
        let maps = maps.collect::<Result<Vec<_>, _>>()?;
        for (source, map) in self.sources.iter_mut().zip(&maps) {
            source.remap(Arc::clone(map));
        }
        self.topics = maps;
        Ok(())
    }

    /// What the topics of a source mean.
    pub fn topics(&self, source: usize) -> Option<&Arc<TopicMap>> {
        self.topics.get(source)
    }

    /// Looks at what the broker of a source publishes, on a connection of its own; without a
    /// filter, at the branch that the source's first pattern lies in.
    pub fn browse(&self, source: usize, filter: &str) -> Option<Result<Browser, FeedError>> {
        let mut spec = self.specs.get(source)?.clone();
        let branch = spec
            .topics
            .first()
            .map_or("#".to_owned(), |entry| branch_of(&entry.pattern));
        let filter = if filter.is_empty() { &branch } else { filter };
        spec.client_id.push_str("-topics");
        let browser = endpoint(&spec, &self.folder).and_then(|endpoint| {
            browse(&endpoint, &spec.name, filter).map_err(|cause| FeedError::Endpoint {
                name: spec.name.clone(),
                cause,
            })
        });
        Some(browser)
    }

    /// How far the replay is, if there is one.
    pub fn replay_state(&self) -> Option<ReplayState> {
        match &self.player {
            Some(Player::Replay(replay)) => Some(lock(&replay.state).clone()),
            _ => None,
        }
    }

    /// Why nothing more comes from whoever plays the plant, if that was not meant.
    pub fn trouble(&self) -> Option<String> {
        match &self.player {
            Some(Player::Emulator(emulator)) => {
                emulator.progress().error.map(|error| error.to_string())
            }
            Some(Player::Replay(replay)) => lock(&replay.state).error.clone(),
            None => None,
        }
    }

    fn connect(
        &mut self,
        opened: &Opened,
        broker: Option<&str>,
        out: &Sender<SourceEvent>,
        wake: &Option<Wake>,
    ) -> Result<(), FeedError> {
        for (source, spec) in sources_at(opened, broker).into_iter().enumerate() {
            let tracks = tracks(&spec, opened)?;
            let topics_now = topics(&opened.scene.mapped(&spec), &opened.scene)?;
            let settings = SourceSettings {
                source,
                name: spec.name.clone(),
                endpoint: endpoint(&spec, &opened.folder)?,
                topics: Arc::clone(&topics_now),
                tracks: Arc::clone(&tracks),
                qos: spec.qos,
                wake: wake.clone(),
            };
            let handle = listen(settings, out.clone()).map_err(|cause| FeedError::Endpoint {
                name: spec.name.clone(),
                cause,
            })?;
            self.sources.push(handle);
            self.tracks.push(tracks);
            self.topics.push(topics_now);
            self.specs.push(spec.clone());
            // A recording takes no orders.
            if !self.replayed
                && let Some(mut spec) = spec.of_commands()
            {
                spec.client_id.push_str("-orders");
                let endpoint = endpoint(&spec, &opened.folder)?;
                let topics = topics(&spec, &opened.scene)?;
                let link = OrderLink::open(endpoint, topics);
                let link = link.map_err(|cause| FeedError::Endpoint {
                    name: spec.name.clone(),
                    cause,
                })?;
                self.orders.push(link);
            }
        }
        Ok(())
    }

    /// Waits until the sources would hear what is published now.
    fn await_subscriptions(&self, broker: &str) -> Result<(), FeedError> {
        let began = Instant::now();
        while !self
            .sources
            .iter()
            .all(|source| source.with_status(|status| status.subscribed))
        {
            if began.elapsed() > SUBSCRIBE_PATIENCE {
                return Err(FeedError::NotConnected {
                    broker: broker.to_owned(),
                });
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Replay {
    fn start(
        opened: &Opened,
        broker: &str,
        files: Vec<PathBuf>,
        speed: Speed,
    ) -> Result<Self, FeedError> {
        let scene = Arc::clone(&opened.scene);
        // All files are opened once before the first row goes out: a missing one is told at once.
        let mut problems = Vec::new();
        for file in &files {
            let opened = CsvFile::open(file, &scene)?;
            problems.extend(
                opened
                    .problems()
                    .iter()
                    .map(|found| (file.clone(), found.clone())),
            );
        }
        let publisher = publisher(opened, broker)?;
        let state = Arc::new(Mutex::new(ReplayState {
            problems,
            ..ReplayState::default()
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let (told, stopped) = (Arc::clone(&state), Arc::clone(&stop));
        let thread = thread::Builder::new()
            .name("replay".to_owned())
            .spawn(move || {
                for file in files {
                    let played =
                        CsvFile::open(&file, &scene)
                            .map_err(Into::into)
                            .and_then(|mut file| {
                                replay::replay(
                                    &mut file,
                                    &scene,
                                    &publisher,
                                    speed,
                                    &stopped,
                                    |_| {},
                                )
                            });
                    match played {
                        Ok(report) => lock(&told).reports.push(report),
                        Err(error) => {
                            lock(&told).error = Some(error.to_string());
                            break;
                        }
                    }
                    if stopped.load(Ordering::Relaxed) {
                        break;
                    }
                }
                lock(&told).ended = true;
            })?;
        Ok(Self {
            state,
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic there was already told by its own message.
            thread.join().ok();
        }
    }
}

/// Emulates the scene's plant behind `broker`, with a past of `past`.
pub fn emulate(
    opened: &Opened,
    broker: &str,
    past: Duration,
    seed: u64,
) -> Result<Emulator, FeedError> {
    if opened.plant.is_empty() {
        return Err(FeedError::NoModels);
    }
    let start = now() - past;
    let truth = ObedientPlant::new(
        emulated_plant(&opened.plant, &opened.scene, start, seed)?,
        opened,
        broker,
    )?;
    let backfill = (!past.is_zero()).then_some(Backfill {
        span: past,
        step: PAST_STEP,
    });
    let publisher = publisher(opened, broker)?;
    Ok(Emulator::start(
        Arc::clone(&opened.scene),
        truth,
        publisher,
        seed,
        backfill,
    )?)
}

/// A publisher on the scene's first source, at `broker`.
pub fn publisher(opened: &Opened, broker: &str) -> Result<Publisher, FeedError> {
    let mut specs = sources_at(opened, Some(broker)).into_iter();
    let mut spec = specs.next().unwrap_or_else(|| MqttSpec::plain(broker));
    spec.client_id.push_str("-plant");
    let endpoint = endpoint(&spec, &opened.folder)?;
    let topics = topics(&spec, &opened.scene)?;
    let tracks = tracks(&spec, opened)?;
    let publisher = Publisher::open(&endpoint, topics);
    let publisher = publisher.map_err(|cause| FeedError::Endpoint {
        name: spec.name,
        cause,
    })?;
    Ok(publisher.with_tracks(tracks))
}

/// The filter of all that begins as `pattern` does before its first wildcard or placeholder.
fn branch_of(pattern: &str) -> String {
    let levels = pattern.split('/');
    let mut fixed: Vec<&str> = levels
        .take_while(|level| !level.contains(['+', '#', '{']))
        .collect();
    if fixed.len() == pattern.split('/').count() {
        fixed.pop();
    }
    fixed.push("#");
    fixed.join("/")
}

/// The URL of a broker of our own that speaks what the scene's sources speak.
fn own_broker(scene: &Scene) -> Result<String, FeedError> {
    let version = scene.sources.first().map(|source| source.version);
    Ok(EmbeddedBroker::start(None)?.url(version.unwrap_or_default()))
}

/// The scene's sources, or their like at another broker; never none if there is a broker.
pub(super) fn sources_at(opened: &Opened, broker: Option<&str>) -> Vec<MqttSpec> {
    let scene = &opened.scene;
    match broker {
        Some(broker) if scene.sources.is_empty() => {
            let populations = opened.plant.populations();
            vec![MqttSpec {
                tracks: populations.map(|one| TrackSpec::plain(&one.name)).collect(),
                ..MqttSpec::plain(broker)
            }]
        }
        _ => scene
            .sources
            .iter()
            .map(|spec| at_broker(spec, broker))
            .collect(),
    }
}

/// The source as the scene has it, or at another broker; there without its secrets and
/// certificates, which are for its own.
fn at_broker(spec: &MqttSpec, broker: Option<&str>) -> MqttSpec {
    let mut spec = spec.clone();
    if let Some(broker) = broker {
        if !broker.starts_with("mqtts:") {
            (spec.ca_file, spec.client_cert, spec.client_key) = (None, None, None);
        }
        spec.broker = broker.to_owned();
        (spec.username, spec.password) = (None, None);
    }
    spec
}

pub(super) fn endpoint(spec: &MqttSpec, folder: &Path) -> Result<Endpoint, FeedError> {
    Endpoint::from_environment(spec, folder).map_err(|cause| FeedError::Endpoint {
        name: spec.name.clone(),
        cause,
    })
}

pub(super) fn topics(spec: &MqttSpec, scene: &Arc<Scene>) -> Result<Arc<TopicMap>, FeedError> {
    TopicMap::new(spec, Arc::clone(scene))
        .map(Arc::new)
        .map_err(|cause| FeedError::Topics {
            name: spec.name.clone(),
            cause,
        })
}

pub(super) fn tracks(spec: &MqttSpec, opened: &Opened) -> Result<Arc<TrackMap>, FeedError> {
    let populations: Vec<_> = opened.plant.populations().collect();
    let tracks = TrackMap::new(&spec.tracks, &populations);
    tracks.map(Arc::new).map_err(|cause| FeedError::Tracks {
        name: spec.name.clone(),
        cause,
    })
}

fn lock(state: &Mutex<ReplayState>) -> std::sync::MutexGuard<'_, ReplayState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::branch_of;

    #[test]
    fn the_branch_of_a_pattern_ends_before_its_first_wildcard() {
        for (pattern, branch) in [
            ("plant/{asset}/{signal}", "plant/#"),
            ("{asset}/{signal}", "#"),
            ("a/b/+", "a/b/#"),
            ("a/b/c", "a/b/#"),
            ("a", "#"),
            ("a/#", "a/#"),
        ] {
            assert_eq!(branch_of(pattern), branch, "{pattern}");
        }
    }
}

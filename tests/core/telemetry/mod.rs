//! Telemetry: topics, payloads, files, the emulated plant and the embedded broker.

mod csv;
mod emulator;
mod endpoint;
mod loopback;
mod past_members;
mod payload;
mod topic;
mod track;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use parallax::scene::spec::MqttSpec;
use parallax::scene::{Asset, AssetIndex, Scene, Shape, Signal};
use parallax::signal::{Sample, SignalId};
use parallax::telemetry::mqtt::EndpointError;
use parallax::telemetry::{
    Endpoint, Publisher, SourceChange, SourceEvent, SourceHandle, SourceSettings, TopicMap,
    TrackedFixes, listen,
};
use parallax::time::Timestamp;
use ron::extensions::Extensions;

/// 2026-03-01T06:00:00Z: the present, wherever a test needs one that stands still.
pub(crate) const PRESENT: Timestamp = Timestamp::from_secs(1_772_344_800);

/// A pump with flow, pressure and state, and a tank with a level.
pub(crate) fn small_plant() -> Scene {
    plant(&[
        ("P-101", "flow", "m3/h", &[]),
        ("P-101", "pressure", "bar", &[]),
        ("P-101", "state", "", &["stopped", "running"]),
        ("TK-1", "level", "m", &[]),
        ("TK-1", "hidden", "m", &[]),
    ])
}

/// The SKAB test bed: the shipped pump rig.
pub(crate) fn rig() -> Scene {
    let text = include_str!("../../../scenes/pump-rig/scene.ron");
    parallax::scene::parse(text).expect("a valid scene")
}

/// A scene of `(tag, signal, unit, states)`, the signals of an asset together. Signals
/// called `hidden` are not measured.
pub(crate) fn plant(rows: &[(&str, &str, &str, &[&str])]) -> Scene {
    let mut assets: Vec<Asset> = Vec::new();
    let mut signals = Vec::new();
    for (tag, name, unit, states) in rows {
        let place = signals.len() as u32;
        if assets.last().is_none_or(|asset| asset.tag != *tag) {
            assets.push(block(tag, place));
        }
        let asset = assets.last_mut().expect("pushed above");
        asset.signals.end = place + 1;
        signals.push(Signal {
            asset: AssetIndex(assets.len() as u32 - 1),
            name: (*name).to_owned(),
            full_name: format!("{tag}.{name}"),
            label: (*name).to_owned(),
            unit: unit.parse().expect("a known unit"),
            range: (0.0, 1.0),
            decimals: 1,
            max_age: Duration::from_secs(10),
            measured: *name != "hidden",
            shown: true,
            states: states.iter().map(|state| (*state).to_owned()).collect(),
            limits: Vec::new(),
            write: None,
            prognosis: None,
        });
    }
    Scene::from_parts(assets, signals)
}

fn block(tag: &str, first_signal: u32) -> Asset {
    Asset {
        tag: tag.to_owned(),
        kind: "block".to_owned(),
        kind_label: "Block".to_owned(),
        drawing: None,
        moves: Arc::default(),
        label: String::new(),
        shape: Shape::Block,
        position: [0.0; 3],
        heading: 0.0,
        size: [1.0; 3],
        symbol: 0.0,
        route: Vec::new(),
        parent: None,
        links: Vec::new(),
        parameters: BTreeMap::new(),
        documents: Arc::default(),
        signals: first_signal..first_signal,
        drives: Vec::new(),
    }
}

/// The signal `tag.name`.
#[track_caller]
pub(crate) fn id(scene: &Scene, full_name: &str) -> SignalId {
    scene.find_signal(full_name).expect("a signal of the scene")
}

/// A source as a scene writes it; `rest` stands inside its brackets.
#[track_caller]
pub(crate) fn source(rest: &str) -> MqttSpec {
    let text = format!("(name: \"plant\", {rest})");
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .from_str(&text)
        .expect("a source")
}

/// A source that reaches `broker` and has one pattern, `prefix/{asset}/{signal}`.
pub(crate) fn plain_source(broker: &str, prefix: &str) -> MqttSpec {
    source(&format!(
        r#"broker: "{broker}", topics: [(pattern: "{prefix}/{{asset}}/{{signal}}")]"#
    ))
}

/// A running source and everything that it told.
pub(crate) struct Listening {
    pub(crate) handle: SourceHandle,
    pub(crate) events: Receiver<SourceEvent>,
    pub(crate) told: Told,
}

/// What a source told, sorted.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) connected: usize,
    pub(crate) disconnected: Vec<String>,
    /// By signal, in order of arrival; a second sample of an instant is left out, as
    /// the history does.
    pub(crate) samples: BTreeMap<SignalId, Vec<Sample>>,
    pub(crate) repeated: usize,
    /// Where members were, in order of arrival.
    pub(crate) fixes: Vec<TrackedFixes>,
}

impl Listening {
    /// Listens by `spec` into a channel of `capacity`.
    pub(crate) fn start(spec: &MqttSpec, scene: &Arc<Scene>, capacity: usize) -> Self {
        Self::start_with(spec, scene, capacity, |_| {})
    }

    /// As [`start`](Self::start), with settings changed by `change`.
    pub(crate) fn start_with(
        spec: &MqttSpec,
        scene: &Arc<Scene>,
        capacity: usize,
        change: impl FnOnce(&mut SourceSettings),
    ) -> Self {
        let (out, events) = bounded(capacity);
        let topics = TopicMap::new(spec, Arc::clone(scene)).expect("good patterns");
        let mut settings = SourceSettings {
            source: 0,
            name: spec.name.clone(),
            endpoint: Endpoint::resolve(spec, Path::new(""), &environment).expect("an endpoint"),
            topics: Arc::new(topics),
            tracks: Arc::default(),
            qos: spec.qos,
            wake: None,
        };
        change(&mut settings);
        Self {
            handle: listen(settings, out).expect("a thread"),
            events,
            told: Told::default(),
        }
    }

    /// Takes events in until `enough`, for half a minute at most.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut enough: impl FnMut(&Told) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !enough(&self.told) {
            let Ok(event) = self.events.recv_deadline(deadline) else {
                panic!("waited in vain: {what}; {:?}", self.handle.status());
            };
            self.told.take(event);
        }
    }

    /// Takes events in until the broker has taken the subscription on the first link: what
    /// another publishes from now on arrives.
    #[track_caller]
    pub(crate) fn until_subscribed(&mut self) {
        self.until("the link", |told| told.connected == 1);
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.handle.status().subscribed {
            assert!(Instant::now() < deadline, "never subscribed");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Takes in what comes until nothing has come for `quiet`.
    pub(crate) fn until_quiet(&mut self, quiet: Duration) {
        while let Ok(event) = self.events.recv_timeout(quiet) {
            self.told.take(event);
        }
    }
}

impl Told {
    fn take(&mut self, event: SourceEvent) {
        match event.change {
            SourceChange::Connected => self.connected += 1,
            SourceChange::Disconnected { reason } => self.disconnected.push(reason),
            SourceChange::Fixes(fixes) => self.fixes.extend(fixes),
            SourceChange::Samples(batch) => {
                for (signal, sample) in batch.samples {
                    let known = self.samples.entry(signal).or_default();
                    // Newest first: a repetition is a recent one.
                    if known.iter().rev().any(|other| other.at == sample.at) {
                        self.repeated += 1;
                    } else {
                        known.push(sample);
                    }
                }
            }
        }
    }

    /// How many samples there are.
    pub(crate) fn count(&self) -> usize {
        self.samples.values().map(Vec::len).sum()
    }
}

/// The secrets that tests know: a test cannot set variables of its own process.
pub(crate) fn environment(name: &str) -> Option<String> {
    match name {
        "PLANT_USER" => Some("operator".to_owned()),
        "PLANT_PASSWORD" => Some("open sesame".to_owned()),
        "WRONG_PASSWORD" => Some("open barley".to_owned()),
        _ => None,
    }
}

/// A publisher by `spec`.
pub(crate) fn publisher(spec: &MqttSpec, scene: &Arc<Scene>) -> Result<Publisher, EndpointError> {
    let topics = TopicMap::new(spec, Arc::clone(scene)).expect("good patterns");
    let endpoint = Endpoint::resolve(spec, Path::new(""), &environment)?;
    Publisher::open(&endpoint, Arc::new(topics))
}

/// Waits until `holds`, for half a minute at most.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The folder of third-party data, or `None` after saying so. With
/// `PARALLAX_REQUIRE_DATA=1` it must be there.
pub(crate) fn data(test: &str, inside: &str) -> Option<PathBuf> {
    let named = std::env::var_os("PARALLAX_DATA").map(PathBuf::from);
    let beside = ["../shared/data", "../../shared/data"].map(PathBuf::from);
    let found = named
        .into_iter()
        .chain(beside)
        .map(|folder| folder.join(inside))
        .find(|path| path.exists());
    if found.is_none() {
        skip(
            test,
            &format!("no {inside} in $PARALLAX_DATA or ../shared/data"),
        );
    }
    found
}

/// Says that a test is skipped; fails where nothing may be.
pub(crate) fn skip(test: &str, why: &str) {
    assert!(
        std::env::var("PARALLAX_REQUIRE_DATA").as_deref() != Ok("1"),
        "{test} must not be skipped: {why}"
    );
    eprintln!("skipped: {test}: {why}");
}

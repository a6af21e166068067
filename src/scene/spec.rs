//! The scene file as it is written: plain data, nothing checked, units still as text.
//!
//! [`super::compile`](mod@super::compile) turns it into a [`Scene`](super::Scene). The file
//! is RON with two habits of its own: `Some(..)` is never written, and an enum that
//! holds a struct has one pair of brackets: `Mqtt(name: "plant", ..)`.

use std::collections::BTreeMap;

use ron::value::RawValue;
use serde::Deserialize;

pub use super::alarm_spec::{AlarmSpec, SuppressionSpec, WhenSpec};
pub use super::document::DocumentSpec;
pub use super::prognosis::{IndicatorSpec, LawSpec, PrognosisSpec};
use super::scenario_spec::no_time;
pub use super::scenario_spec::{
    CorrelationSpec, DistributionSpec, ForcingSpec, KpiSpec, OverrideSpec, ScenarioSpec,
    ScenariosSpec, UncertainSpec,
};
pub use super::shape::Shape;
pub use super::story_spec::{
    StoriesSpec, StorySectionSpec, StorySpec, StoryStepSpec, StoryViewSpec,
};
use super::unique::unique_keys;
pub use super::write_spec::WriteSpec;

/// A whole scene file.
#[derive(Debug, Deserialize)]
#[serde(rename = "Scene", deny_unknown_fields)]
pub struct SceneSpec<'a> {
    /// The version of this format; 1.
    pub format: u32,
    /// What the scene is called on screen.
    pub name: String,
    /// One or two sentences for the person who opens it.
    #[serde(default)]
    pub description: String,
    /// Files of other programs that become part of the scene.
    #[serde(default)]
    pub imports: Vec<ImportSpec>,
    /// Storeys, from the lowest up: where each asset stands follows from its height.
    #[serde(default)]
    pub storeys: Vec<StoreySpec>,
    /// Kinds of assets by name.
    #[serde(deserialize_with = "unique_keys")]
    pub types: BTreeMap<String, TypeSpec>,
    /// What exists.
    pub assets: Vec<AssetSpec>,
    /// Signals that carry the value of another signal.
    #[serde(default)]
    pub connections: Vec<ConnectionSpec>,
    /// Where telemetry comes from.
    #[serde(default)]
    pub sources: Vec<SourceSpec>,
    /// How CSV files with recorded data map onto signals.
    #[serde(default)]
    pub replay: Option<ReplaySpec>,
    /// What computes the futures, in the order in which it is stepped.
    #[serde(default, borrow)]
    pub models: Vec<ModelSpec<'a>>,
    /// The futures that can be asked for.
    #[serde(default)]
    pub scenarios: Vec<ScenarioSpec>,
    /// Scenarios of the file beside the scene. They take the place of those of the same name.
    #[serde(skip)]
    pub kept: Vec<ScenarioSpec>,
    /// What is fitted to measurements: what nobody measures, and what is known of it before.
    #[serde(default)]
    pub estimate: Vec<UncertainSpec>,
    /// What runs are judged by.
    #[serde(default)]
    pub kpis: Vec<KpiSpec>,
    /// Views worth coming back to.
    #[serde(default)]
    pub bookmarks: Vec<BookmarkSpec>,
    /// glTF drawings whose nodes are assets, by name.
    #[serde(default)]
    pub drawings: Vec<DrawingSpec>,
    /// What is shown to visitors, step by step.
    #[serde(default)]
    pub stories: Vec<StorySpec>,
    /// Areas over which a signal is shown between its sensors.
    #[serde(default)]
    pub fields: Vec<FieldSpec>,
    /// Where on the earth the plant lies.
    #[serde(default)]
    pub site: Option<SiteSpec>,
    /// Rules that raise alarms, beyond the limits of signals.
    #[serde(default)]
    pub alarms: Vec<AlarmSpec>,
    /// What keeps alarms off the list while they mean nothing.
    #[serde(default)]
    pub suppressions: Vec<SuppressionSpec>,
    /// How the emulator disturbs what the models say.
    #[serde(default)]
    pub emulator: EmulatorSpec,
    /// The asset signal that colours the view when heat is first switched on, such as `pressure`.
    #[serde(default)]
    pub heat: Option<String>,
}

/// Where on the earth the plant lies.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename = "Site", deny_unknown_fields)]
pub struct SiteSpec {
    /// Of the point `at`, degrees; the southern half is negative.
    pub latitude: f64,
    /// Of the point `at`, degrees; the western half is negative.
    pub longitude: f64,
    /// The point that is told: east and north, m.
    #[serde(default)]
    pub at: [f64; 2],
    /// The plant's axes are turned so far counter-clockwise from true east and north, degrees.
    #[serde(default)]
    pub turn: f64,
}

/// A file of another program that becomes part of the scene.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum ImportSpec {
    /// A water network.
    Epanet(EpanetSpec),
}

/// A water network of EPANET (`.inp`): assets, model, scenarios and views.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename = "Epanet", deny_unknown_fields)]
pub struct EpanetSpec {
    /// The file, from the scene's folder.
    pub file: String,
    /// What every tag of it begins with, so that two networks can share a scene.
    #[serde(default)]
    pub prefix: String,
    /// Where the middle of its map lies, and its lowest ground: east, north, up, m.
    #[serde(default)]
    pub origin: [f64; 3],
    /// Metres of the scene per metre of the map.
    #[serde(default = "no_scaling")]
    pub scale: f64,
    /// Metres of the scene per metre of height; above 1 exaggerates hills.
    #[serde(default = "no_scaling")]
    pub vertical: f64,
}

/// A storey of the scene's buildings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename = "Storey", deny_unknown_fields)]
pub struct StoreySpec {
    /// What it is called, such as `Ground floor`.
    pub name: String,
    /// The height of its floor, m; the one nearest to 0 lies at the ground.
    pub at: f64,
}

/// An area over which a signal is shown between its sensors, while it colours the view.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Field", deny_unknown_fields)]
pub struct FieldSpec {
    /// What it is called on screen.
    pub name: String,
    /// The name of the signal, of any asset: `temperature`.
    pub signal: String,
    /// A place farther than this from every sensor is left empty, m.
    pub radius: f64,
    /// The south-west corner: east and north, m; around the sensors if not given.
    #[serde(default)]
    pub low: Option<[f64; 2]>,
    /// The north-east corner.
    #[serde(default)]
    pub high: Option<[f64; 2]>,
    /// How far above the ground it is drawn, m.
    #[serde(default = "over_the_ground")]
    pub height: f64,
}

fn over_the_ground() -> f64 {
    0.05
}

/// A kind of asset: its shape, its signals and what they drive.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Type", deny_unknown_fields)]
pub struct TypeSpec {
    /// What it is called on screen; the type's name with a capital if empty.
    #[serde(default)]
    pub label: String,
    /// What it is shown and hidden with, such as `Buildings`; its label if empty.
    #[serde(default)]
    pub layer: String,
    /// How it looks.
    pub shape: Shape,
    /// A glTF file that is drawn instead of the shape, true to size, its origin at the asset's
    /// place: `pump.glb`.
    #[serde(default)]
    pub drawing: String,
    /// Width (x), depth (y), height (z), m. A pipe's first number is its diameter.
    #[serde(default = "unit_size")]
    pub size: [f64; 3],
    /// Seen from afar it is drawn this large all the same, points; 0 for true to scale. Of a
    /// pipe, this wide.
    #[serde(default)]
    pub symbol: f64,
    /// What is known of it.
    #[serde(default)]
    pub signals: Vec<SignalSpec>,
    /// Which signal drives which part of the shape.
    #[serde(default)]
    pub drives: Vec<Drive>,
    /// How nodes of its drawing move.
    #[serde(default)]
    pub moves: Vec<MoveSpec>,
    /// What there is to read of every asset of this type.
    #[serde(default)]
    pub documents: Vec<DocumentSpec>,
}

/// How a node of a drawing moves, with all that lies in it: along or about the axes of the asset,
/// (width, depth, height), from where the drawing has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum MoveSpec {
    /// Turns about an axis through the node's origin as fast as `Spin` says.
    Spins(String, [f64; 3]),
    /// Turns about such an axis as far as `Position` says: by these degrees when it is open.
    Turns(String, [f64; 3], f64),
    /// Is shifted as far as `Position` says: by this much when it is open, m.
    Slides(String, [f64; 3]),
    /// Is shifted as far as `Fill` says: by this much when it is full, m.
    Rises(String, [f64; 3]),
}

/// A link from one signal (by name, within the asset) to what it moves in the view.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Drive {
    /// Fill height between the range's ends.
    Fill(String),
    /// Turning, full speed at the range's upper end.
    Spin(String),
    /// Flow along the route, signed.
    Flow(String),
    /// Open fraction of a valve.
    Position(String),
    /// Running or stopped: filled or hollow.
    Running(String),
}

/// A quantity of an asset.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Signal", deny_unknown_fields)]
pub struct SignalSpec {
    /// Its name within the asset, such as `level`.
    pub name: String,
    /// What it is called on screen; the name with a capital if empty.
    #[serde(default)]
    pub label: String,
    /// The engineering unit of the file, the telemetry and the screen.
    #[serde(default)]
    pub unit: String,
    /// Ordinary lowest and highest value, in the unit: axes, bars and heat.
    pub range: (f64, f64),
    /// Decimals on screen.
    #[serde(default)]
    pub decimals: Option<u8>,
    /// A sample older than this reads as stale.
    #[serde(default = "default_max_age")]
    pub max_age: String,
    /// False for what only models know: never expected from telemetry.
    #[serde(default = "yes")]
    pub measured: bool,
    /// Shown on the label beside the asset.
    #[serde(default)]
    pub shown: bool,
    /// Names of the values of a state signal, from 0 up: `["stopped", "running"]`.
    #[serde(default)]
    pub states: Vec<String>,
    /// Limits that raise alarms.
    #[serde(default)]
    pub limits: Vec<LimitSpec>,
    /// How it is written to the plant; `None` if it is not.
    #[serde(default)]
    pub write: Option<WriteSpec>,
    /// How it foretells that its asset fails; `None` if it does not.
    #[serde(default)]
    pub prognosis: Option<PrognosisSpec>,
}

/// A limit that raises an alarm.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Limit", deny_unknown_fields)]
pub struct LimitSpec {
    /// Which side.
    pub kind: LimitKind,
    /// The limit, in the signal's unit.
    pub at: f64,
    /// How far it must come back to clear, in the signal's unit.
    #[serde(default)]
    pub deadband: f64,
    /// How long it must be past the limit to raise.
    #[serde(default = "no_time")]
    pub on_delay: String,
    /// How long it must be back to clear.
    #[serde(default = "no_time")]
    pub off_delay: String,
    /// How urgent.
    #[serde(default)]
    pub priority: Priority,
    /// What the operator reads; made up from signal and kind if empty.
    #[serde(default)]
    pub message: String,
    /// What the operator should do.
    #[serde(default)]
    pub advice: String,
}

/// Which side of a limit is abnormal, and how far out it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum LimitKind {
    /// Above, far out.
    HighHigh,
    /// Above.
    High,
    /// Below.
    Low,
    /// Below, far out.
    LowLow,
}

impl LimitKind {
    /// True if values above the limit are abnormal.
    pub fn is_upper(self) -> bool {
        matches!(self, Self::High | Self::HighHigh)
    }
}

/// How urgent an alarm is; 1 is the most urgent on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Priority {
    /// Act now.
    Urgent,
    /// Act soon.
    High,
    /// Act when there is time.
    #[default]
    Low,
}

/// A piece of plant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Asset", deny_unknown_fields)]
pub struct AssetSpec {
    /// The name on the plate, unique in the scene.
    pub tag: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in words.
    #[serde(default)]
    pub label: String,
    /// Where the middle of its foot stands: east, north, up, m.
    #[serde(default)]
    pub at: [f64; 3],
    /// Turned counter-clockwise seen from above, degrees.
    #[serde(default)]
    pub heading: f64,
    /// Its own size instead of the type's.
    #[serde(default)]
    pub size: Option<[f64; 3]>,
    /// Its own symbol size instead of the type's, points.
    #[serde(default)]
    pub symbol: Option<f64>,
    /// What it is shown and hidden with, instead of the type's layer.
    #[serde(default)]
    pub layer: Option<String>,
    /// The asset it belongs to.
    #[serde(default)]
    pub parent: Option<String>,
    /// The course of a pipe, m, in the world.
    #[serde(default)]
    pub route: Vec<[f64; 3]>,
    /// Facts with units, such as `{"diameter": "600 mm"}`.
    #[serde(default, deserialize_with = "unique_keys")]
    pub parameters: BTreeMap<String, String>,
    /// The assets it is physically joined to, downstream first.
    #[serde(default)]
    pub links: Vec<String>,
    /// What there is to read of it, besides what there is of its type.
    #[serde(default)]
    pub documents: Vec<DocumentSpec>,
    /// Where its signals differ from the type's: `{"level": (range: (0, 4.5))}`.
    #[serde(default, deserialize_with = "unique_keys")]
    pub signals: BTreeMap<String, OwnSignalSpec>,
}

/// Where the signal of one asset differs from that of its type.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "OwnSignal", default, deny_unknown_fields)]
pub struct OwnSignalSpec {
    /// Its own range, in the type's unit.
    pub range: Option<(f64, f64)>,
    /// Its own limits instead of the type's.
    pub limits: Option<Vec<LimitSpec>>,
}

/// `to` carries the value of `from`: an instrument reads a pipe.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Connection", deny_unknown_fields)]
pub struct ConnectionSpec {
    /// The signal that knows, `tag.signal`.
    pub from: String,
    /// The signal that shows it.
    pub to: String,
}

/// Where telemetry comes from.
#[derive(Clone, Debug, Deserialize)]
pub enum SourceSpec {
    /// An MQTT broker.
    Mqtt(MqttSpec),
}

/// An MQTT broker and what its topics mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Mqtt", deny_unknown_fields)]
pub struct MqttSpec {
    /// What the source is called on screen.
    pub name: String,
    /// `mqtt://host:port`, or `mqtts://host:port` for TLS; the usual port if none is given.
    pub broker: String,
    /// The protocol.
    #[serde(default)]
    pub version: MqttVersion,
    /// A prefix of the client identifier; a random tail is added.
    #[serde(default = "default_client_id")]
    pub client_id: String,
    /// The user, from the environment.
    #[serde(default)]
    pub username: Option<Secret>,
    /// The password, from the environment.
    #[serde(default)]
    pub password: Option<Secret>,
    /// PEM file with the authorities to trust instead of the system's.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// PEM file with our certificate.
    #[serde(default)]
    pub client_cert: Option<String>,
    /// PEM file with the key of our certificate.
    #[serde(default)]
    pub client_key: Option<String>,
    /// How often the link is proved alive.
    #[serde(default = "default_keep_alive")]
    pub keep_alive: String,
    /// Quality of service of the subscriptions: 0, 1 or 2.
    #[serde(default = "default_qos")]
    pub qos: u8,
    /// What the topics mean; the first that fits counts.
    pub topics: Vec<TopicSpec>,
    /// Where the plant takes commands, such as `plant/{asset}/{signal}/set`; `None` if it is
    /// not written to.
    #[serde(default)]
    pub commands: Option<String>,
    /// Topics that tell where vehicles, pallets or people are.
    #[serde(default)]
    pub tracks: Vec<TrackSpec>,
}

/// A topic on which a tracking system tells where the members of a population are.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Track", deny_unknown_fields)]
pub struct TrackSpec {
    /// The topic, without wildcards.
    pub topic: String,
    /// The population, such as `PLANT.vehicles`.
    pub population: String,
    /// Between two fixes that lie further apart a member is not on its way.
    #[serde(default = "default_track_span")]
    pub max_gap: String,
    /// A member that was not seen for longer is lost.
    #[serde(default = "default_track_span")]
    pub max_age: String,
}

impl TrackSpec {
    /// The topic `tracks/POPULATION`, where a scene without sources is told who is where.
    pub fn plain(population: &str) -> Self {
        Self {
            topic: format!("tracks/{population}"),
            population: population.to_owned(),
            max_gap: default_track_span(),
            max_age: default_track_span(),
        }
    }
}

fn default_track_span() -> String {
    "15s".to_owned()
}

impl MqttSpec {
    /// A source at `broker` on which every signal has the topic `tag/signal`: what a scene
    /// without sources is fed by.
    pub fn plain(broker: &str) -> Self {
        Self {
            name: "plant".to_owned(),
            broker: broker.to_owned(),
            version: MqttVersion::V311,
            client_id: default_client_id(),
            username: None,
            password: None,
            ca_file: None,
            client_cert: None,
            client_key: None,
            keep_alive: default_keep_alive(),
            qos: default_qos(),
            topics: vec![TopicSpec::plain("{asset}/{signal}")],
            commands: None,
            tracks: Vec::new(),
        }
    }

    /// The same broker with no topics but those of its commands; `None` if it takes none.
    pub fn of_commands(&self) -> Option<Self> {
        let pattern = self.commands.clone()?;
        let plain = Self::plain(&self.broker);
        let topics = plain.topics.into_iter().map(|topic| TopicSpec {
            pattern: pattern.clone(),
            ..topic
        });
        Some(Self {
            topics: topics.collect(),
            tracks: Vec::new(),
            commands: None,
            ..self.clone()
        })
    }
}

/// The MQTT protocol version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum MqttVersion {
    /// 3.1.1.
    #[default]
    V311,
    /// 5.0.
    V5,
}

/// A secret is named in a scene, never written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub enum Secret {
    /// The environment variable that holds it.
    #[serde(rename = "env")]
    Env(String),
}

/// Topics and what their payloads mean.
///
/// A pattern has levels of text, `+`, a last `#`, and at most once each `{asset}`
/// and `{signal}`. Payloads of all shapes are understood: a bare number; an object
/// with a value; an object of several signals; an array of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Topic", deny_unknown_fields)]
pub struct TopicSpec {
    /// Such as `plant/{asset}/{signal}`.
    pub pattern: String,
    /// The signal, `tag.signal` or `signal`, where the topic does not tell it.
    #[serde(default)]
    pub signal: Option<String>,
    /// The asset where the topic does not tell it.
    #[serde(default)]
    pub asset: Option<String>,
    /// The field, or JSON pointer, of the value.
    #[serde(default = "field_value")]
    pub value: String,
    /// The field, or JSON pointer, of the source time.
    #[serde(default = "field_time")]
    pub time: String,
    /// The field, or JSON pointer, of the quality.
    #[serde(default = "field_quality")]
    pub quality: String,
    /// How times are written.
    #[serde(default)]
    pub time_format: TimeFormat,
    /// Fields of an object of several signals that are called otherwise: `{"lvl": "level"}`.
    #[serde(default, deserialize_with = "unique_keys")]
    pub fields: BTreeMap<String, String>,
}

impl TopicSpec {
    /// An entry that says nothing but its pattern.
    pub fn plain(pattern: &str) -> Self {
        Self {
            pattern: pattern.to_owned(),
            signal: None,
            asset: None,
            value: field_value(),
            time: field_time(),
            quality: field_quality(),
            time_format: TimeFormat::Auto,
            fields: BTreeMap::new(),
        }
    }
}

/// How a source writes times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum TimeFormat {
    /// Text is RFC 3339; a number is s, ms, µs or ns by its size.
    #[default]
    Auto,
    /// RFC 3339 text.
    Rfc3339,
    /// Epoch seconds.
    Secs,
    /// Epoch milliseconds.
    Millis,
    /// Epoch microseconds.
    Micros,
    /// Epoch nanoseconds.
    Nanos,
}

/// How the columns of CSV files map onto signals.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Replay", deny_unknown_fields)]
pub struct ReplaySpec {
    /// The column of the time.
    #[serde(default)]
    pub time: Option<String>,
    /// What separates columns; guessed if absent.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// Column to `tag.signal`. Columns of the same name as a signal need no entry.
    #[serde(default, deserialize_with = "unique_keys")]
    pub columns: BTreeMap<String, String>,
    /// Columns that are known and not wanted.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// A model of the plant. Its configuration is the model's own affair.
#[derive(Debug, Deserialize)]
#[serde(rename = "Model", deny_unknown_fields)]
pub struct ModelSpec<'a> {
    /// What messages call it.
    pub name: String,
    /// Which model: `hydraulics`, `treatment`, `controls`.
    pub kind: String,
    /// The configuration, in the model's own terms.
    #[serde(borrow)]
    pub config: &'a RawValue,
}

/// A view worth coming back to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Bookmark", deny_unknown_fields)]
pub struct BookmarkSpec {
    /// What it is called.
    pub name: String,
    /// Where the camera stands, m.
    pub eye: [f64; 3],
    /// What it looks at, m.
    pub focus: [f64; 3],
    /// The whole plant fills the picture, seen from where the eye stands to the focus.
    #[serde(default)]
    pub whole: bool,
    /// The asset that is selected.
    #[serde(default)]
    pub select: Option<String>,
    /// The signal that colours the view.
    #[serde(default)]
    pub heat: Option<String>,
}

/// A glTF file of which each node that is called like an asset, or names it in its extra
/// `asset`, is that asset; the rest is scenery.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Drawing", deny_unknown_fields)]
pub struct DrawingSpec {
    /// The file, from the scene's folder.
    pub file: String,
    /// Where its origin lies: east, north, up, m.
    #[serde(default)]
    pub at: [f64; 3],
    /// Turned counter-clockwise seen from above, degrees.
    #[serde(default)]
    pub heading: f64,
}

/// How the emulator disturbs what the models say.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Emulator", default, deny_unknown_fields)]
pub struct EmulatorSpec {
    /// How often each signal is published.
    pub period: String,
    /// Noise by signal pattern: `*.flow`, `TK-1.*`; the first that fits counts.
    pub noise: Vec<NoiseSpec>,
    /// Instruments that fall silent at times.
    pub drop_outs: Vec<DropOutSpec>,
    /// Sensors that creep away from the truth.
    pub drifts: Vec<DriftSpec>,
    /// What breaks in the plant, unknown to the models; times count from the emulator's start.
    pub faults: Vec<OverrideSpec>,
}

/// Gaussian noise.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Noise", deny_unknown_fields)]
pub struct NoiseSpec {
    /// Which signals, with `*` for any text.
    pub signals: String,
    /// Standard deviation, in the signal's unit.
    pub sd: f64,
}

/// An instrument that falls silent at times.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "DropOut", deny_unknown_fields)]
pub struct DropOutSpec {
    /// Which signals, with `*` for any text.
    pub signals: String,
    /// How often it happens, per hour.
    pub per_hour: f64,
    /// How long it lasts.
    pub lasts: String,
}

/// A sensor that creeps away from the truth.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Drift", deny_unknown_fields)]
pub struct DriftSpec {
    /// The signal, `tag.signal`.
    pub signal: String,
    /// How fast, in the signal's unit per hour.
    pub per_hour: f64,
    /// When it begins, after the emulator's start.
    #[serde(default = "no_time")]
    pub from: String,
}

impl Default for EmulatorSpec {
    fn default() -> Self {
        Self {
            period: "1s".to_owned(),
            noise: Vec::new(),
            drop_outs: Vec::new(),
            drifts: Vec::new(),
            faults: Vec::new(),
        }
    }
}

fn unit_size() -> [f64; 3] {
    [1.0; 3]
}

fn no_scaling() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn default_max_age() -> String {
    "30s".to_owned()
}

fn default_keep_alive() -> String {
    "10s".to_owned()
}

fn default_client_id() -> String {
    "parallax".to_owned()
}

fn default_qos() -> u8 {
    1
}

fn field_value() -> String {
    "v".to_owned()
}

fn field_time() -> String {
    "t".to_owned()
}

fn field_quality() -> String {
    "q".to_owned()
}

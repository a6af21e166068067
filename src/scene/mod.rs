//! What exists: the scene file, checked as a whole, as plain data with dense indices.
//!
//! [`parse`] reads a scene and everything that is wrong with it. Floor 2: a scene
//! knows neither history nor models; a model's configuration stays raw text here, and the
//! files that a scene imports are turned into [`Fragment`]s by whoever opens it.

mod alarm_rule;
mod alarm_spec;
mod breach;
mod broker;
pub mod compile;
mod document;
mod drawing;
mod expression;
mod field;
mod fragment;
mod kpi;
mod layers;
mod limit_watch;
mod mapping;
pub mod pattern;
mod prognosis;
mod scenario;
mod scenario_spec;
mod scenario_text;
mod shape;
mod site;
pub mod spec;
mod story;
mod story_spec;
mod story_text;
mod unique;
mod write_spec;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

pub use alarm_rule::{AlarmRule, AlarmSource, Measure, Suppression};
pub use breach::{BreachCounter, BreachStatistics, FirstBreach};
pub use broker::{BrokerUrl, BrokerUrlError};
pub(crate) use compile::read_as;
pub use compile::{
    Importer, MAX_BYTES, parse, parse_with, parse_with_kept, read_mappings, read_stories,
};
pub use document::{Document, DocumentIndex, DocumentKind, DocumentPlace};
pub use drawing::{DrawingFile, DrawingPlace, NodeMotion, NodeMove};
pub use expression::{Expression, ExpressionError};
pub use field::Field;
pub use fragment::{Fragment, ImportReport};
pub use kpi::{Better, Kpi, KpiMeasure};
pub use layers::{Layers, Storeys};
pub use limit_watch::{Crossing, LimitWatch, Threshold};
pub use mapping::{Mapping, MappingError, mapped, mappings_text};
pub use prognosis::{CrackSpec, DegradationLaw, Indicator, Prognosis, StretchMeasure};
pub use scenario::{
    Correlation, Distribution, Effect, Forcing, ForcingSource, Override, Sampling, Scenario,
    Uncertain, UncertainEffect,
};
pub use scenario_text::{scenario_text, scenarios_text};
pub use spec::{Drive, ImportSpec, LimitKind, MqttVersion, Priority, Secret, Shape, TimeFormat};

pub use site::Site;
pub use story::{Story, StoryShown, StoryStep, StoryTime, StoryView};
pub use story_text::stories_text;
pub use write_spec::Write;

use crate::signal::SignalId;
use crate::units::Unit;

/// The version of the scene format that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// An asset of the open scene: its place in [`Scene::assets`]. Not stable across scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetIndex(pub u32);

impl AssetIndex {
    /// This asset's place in a dense array.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A checked scene. Every name in it is resolved and every value is SI.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// What the scene is called on screen.
    pub name: String,
    /// One or two sentences about it.
    pub description: String,
    /// What exists, parents before children not guaranteed.
    pub assets: Vec<Asset>,
    /// Every signal, by [`SignalId`]; the signals of an asset lie together.
    pub signals: Vec<Signal>,
    /// `(from, to)`: the second carries the value of the first.
    pub connections: Vec<(SignalId, SignalId)>,
    /// MQTT sources, as written; durations and patterns are checked.
    pub sources: Vec<spec::MqttSpec>,
    /// Topics that people gave to signals, kept beside the scene.
    pub mappings: Vec<Mapping>,
    /// How CSV columns map onto signals.
    pub replay: Option<spec::ReplaySpec>,
    /// Models in stepping order.
    pub models: Vec<ModelText>,
    /// The futures that can be asked for.
    pub scenarios: Vec<Scenario>,
    /// What is fitted to measurements, with what is known of it before.
    pub estimate: Vec<Uncertain>,
    /// What runs are judged by.
    pub kpis: Vec<Kpi>,
    /// Views worth coming back to.
    pub bookmarks: Vec<Bookmark>,
    /// Files that draw assets.
    pub drawings: Vec<DrawingFile>,
    /// What there is to read of its assets; how long files are is told by whoever opened them.
    pub documents: Vec<Document>,
    /// What is shown to visitors, step by step.
    pub stories: Vec<Story>,
    /// What is shown and hidden together.
    pub layers: Layers,
    /// The storeys of its buildings.
    pub storeys: Storeys,
    /// How the emulator disturbs the truth.
    pub emulator: Emulation,
    /// The signal name that colours the view first.
    pub heat: Option<String>,
    /// What became of each file that it imports.
    pub imports: Vec<ImportReport>,
    /// Areas over which a signal is shown between its sensors.
    pub fields: Vec<Field>,
    /// What moving things of this name look like: the types whose shape stands by itself, and how
    /// large they are, m.
    pub looks: BTreeMap<String, (Shape, [f64; 3])>,
    /// Where on the earth it lies, if that is told.
    pub site: Option<Site>,
    /// East and north of the scene's origin in the coordinates of its file, m; zero unless the
    /// plant lies far from theirs.
    pub origin: [f64; 2],
    /// Rules that raise alarms, beyond the limits of signals.
    pub alarms: Vec<AlarmRule>,
    /// What keeps alarms off the list while they mean nothing.
    pub suppressions: Vec<Suppression>,
    asset_by_tag: HashMap<String, AssetIndex>,
    signal_by_name: HashMap<String, SignalId>,
}

/// A piece of plant, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// The name on the plate.
    pub tag: String,
    /// The type's name, such as `raw_pump`.
    pub kind: String,
    /// The type in words.
    pub kind_label: String,
    /// What it is, in words; may be empty.
    pub label: String,
    /// How it looks.
    pub shape: Shape,
    /// The file that draws it instead: a place in [`Scene::drawings`].
    pub drawing: Option<usize>,
    /// How nodes of what draws it move; shared by those of its type.
    pub moves: Arc<[NodeMove]>,
    /// Middle of the foot: east, north, up, m.
    pub position: [f64; 3],
    /// Counter-clockwise seen from above, rad.
    pub heading: f64,
    /// Width, depth, height, m.
    pub size: [f64; 3],
    /// Its size on screen when it is far away, points; 0 for true to scale. Of a pipe, its width.
    pub symbol: f64,
    /// The course of a pipe, m.
    pub route: Vec<[f64; 3]>,
    /// The asset it belongs to.
    pub parent: Option<AssetIndex>,
    /// The assets it is joined to, downstream first.
    pub links: Vec<AssetIndex>,
    /// Facts, SI, with the unit in which they are written.
    pub parameters: BTreeMap<String, (f64, Unit)>,
    /// What there is to read of it: its own first, then that of its type.
    pub documents: Arc<[DocumentIndex]>,
    /// Its signals: a range of [`Scene::signals`].
    pub signals: Range<u32>,
    /// What drives which part of the shape.
    pub drives: Vec<(DrivenPart, SignalId)>,
}

impl Asset {
    /// True if it runs along its route instead of standing at its place.
    pub fn runs_along(&self) -> bool {
        self.shape == Shape::Pipe || (self.shape.follows_route() && self.route.len() > 1)
    }

    /// Its signals' identifiers.
    pub fn signal_ids(&self) -> impl Iterator<Item = SignalId> + use<> {
        self.signals.clone().map(SignalId)
    }

    /// The length of the route, m.
    pub fn route_length(&self) -> f64 {
        self.route
            .windows(2)
            .map(|ends| {
                let squares = (0..3).map(|axis| (ends[1][axis] - ends[0][axis]).powi(2));
                squares.sum::<f64>().sqrt()
            })
            .sum()
    }
}

/// The part of a shape that a signal moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DrivenPart {
    /// Fill height.
    Fill,
    /// Turning.
    Spin,
    /// Flow along the route.
    Flow,
    /// Open fraction.
    Position,
    /// Running or stopped.
    Running,
}

/// A quantity of an asset, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Whose it is.
    pub asset: AssetIndex,
    /// Its name within the asset.
    pub name: String,
    /// `tag.name`, unique in the scene.
    pub full_name: String,
    /// What it is called on screen.
    pub label: String,
    /// The unit of telemetry and screen.
    pub unit: Unit,
    /// Ordinary lowest and highest value, SI.
    pub range: (f64, f64),
    /// Decimals on screen.
    pub decimals: usize,
    /// Older samples read as stale.
    pub max_age: Duration,
    /// False for what only models know.
    pub measured: bool,
    /// Shown on the label beside the asset.
    pub shown: bool,
    /// Names of the values of a state signal, from 0 up.
    pub states: Vec<String>,
    /// Limits that raise alarms.
    pub limits: Vec<Limit>,
    /// How it is written to the plant; `None` if it is not.
    pub write: Option<Arc<Write>>,
    /// How it foretells that its asset fails; `None` if it does not.
    pub prognosis: Option<Arc<Prognosis>>,
}

impl Signal {
    /// The value as a screen shows it, without unit: `12.4`, or `running` for a state.
    pub fn value_text(&self, si: f64) -> String {
        if !self.states.is_empty() {
            let place = si.round();
            let known = (place >= 0.0)
                .then(|| self.states.get(place as usize))
                .flatten();
            return known.cloned().unwrap_or_else(|| format!("{si:.0}"));
        }
        let text = format!("{:.*}", self.decimals, self.unit.from_si(si));
        // Rounding must not make a minus out of nothing.
        match text.strip_prefix('-') {
            Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
            _ => text,
        }
    }

    /// The value with its unit: `12.4 m³/h`.
    pub fn value_with_unit(&self, si: f64) -> String {
        let text = self.value_text(si);
        if self.states.is_empty() && !self.unit.symbol().is_empty() {
            format!("{text} {}", self.unit.symbol())
        } else {
            text
        }
    }

    /// Where `si` lies in the range: 0 at its lower end, 1 at its upper end, not clamped.
    pub fn fraction(&self, si: f64) -> f64 {
        (si - self.range.0) / (self.range.1 - self.range.0)
    }
}

/// A limit that raises an alarm, SI.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Which side.
    pub kind: LimitKind,
    /// The limit, SI.
    pub at: f64,
    /// How far back it must come to clear, SI.
    pub deadband: f64,
    /// How long past the limit before it raises.
    pub on_delay: Duration,
    /// How long back before it clears.
    pub off_delay: Duration,
    /// How urgent.
    pub priority: Priority,
    /// What the operator reads.
    pub message: String,
    /// What the operator should do; may be empty.
    pub advice: String,
}

/// A model's configuration as text, and where it stands in the scene file.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelText {
    /// What messages call it.
    pub name: String,
    /// Which model.
    pub kind: String,
    /// Its configuration: RON, or the text of an imported file.
    pub text: String,
    /// What the tags of its assets begin with in the scene; empty but for imported files.
    pub prefix: String,
    /// The imported file that holds `text`; `None` for the scene file.
    pub file: Option<String>,
    /// The line of the file on which `text` begins.
    pub first_line: u32,
}

/// A view worth coming back to, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Bookmark {
    /// What it is called.
    pub name: String,
    /// Where the camera stands, m.
    pub eye: [f64; 3],
    /// What it looks at, m.
    pub focus: [f64; 3],
    /// Eye and focus tell the direction only: the whole plant fills the picture.
    pub whole: bool,
    /// The asset that is selected.
    pub select: Option<AssetIndex>,
    /// The signal name that colours the view.
    pub heat: Option<String>,
}

/// How the emulator disturbs the truth, resolved; per signal, by [`SignalId`].
#[derive(Clone, Debug, PartialEq)]
pub struct Emulation {
    /// How often each signal is published.
    pub period: Duration,
    /// Standard deviation of noise, SI, of every signal.
    pub noise: Vec<f64>,
    /// `(signal, how often per hour, how long)`.
    pub drop_outs: Vec<(SignalId, f64, Duration)>,
    /// `(signal, SI per second, from)`.
    pub drifts: Vec<(SignalId, f64, Duration)>,
    /// What breaks, unknown to the models.
    pub faults: Vec<Override>,
}

impl Default for Emulation {
    fn default() -> Self {
        Self {
            period: Duration::from_secs(1),
            noise: Vec::new(),
            drop_outs: Vec::new(),
            drifts: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl Scene {
    /// A scene of these assets and signals, for scenes that a program makes.
    pub fn from_parts(assets: Vec<Asset>, signals: Vec<Signal>) -> Self {
        let mut scene = Self {
            assets,
            signals,
            ..Self::default()
        };
        scene.index_names();
        scene
    }

    /// Makes every asset and signal findable by name; the first of two equal names counts.
    fn index_names(&mut self) {
        self.asset_by_tag = HashMap::with_capacity(self.assets.len());
        for (index, asset) in (0..).zip(&self.assets) {
            self.asset_by_tag
                .entry(asset.tag.clone())
                .or_insert(AssetIndex(index));
        }
        self.signal_by_name = HashMap::with_capacity(self.signals.len());
        for (id, signal) in (0..).zip(&self.signals) {
            self.signal_by_name
                .entry(signal.full_name.clone())
                .or_insert(SignalId(id));
        }
    }

    /// The asset with this tag.
    pub fn find_asset(&self, tag: &str) -> Option<AssetIndex> {
        self.asset_by_tag.get(tag).copied()
    }

    /// The signal `tag.signal`.
    pub fn find_signal(&self, full_name: &str) -> Option<SignalId> {
        self.signal_by_name.get(full_name).copied()
    }

    /// The asset at `index`.
    ///
    /// # Panics
    /// If the index is of another scene.
    pub fn asset(&self, index: AssetIndex) -> &Asset {
        &self.assets[index.index()]
    }

    /// The signal at `id`.
    ///
    /// # Panics
    /// If the identifier is of another scene.
    pub fn signal(&self, id: SignalId) -> &Signal {
        &self.signals[id.index()]
    }

    /// Every signal with its identifier.
    pub fn signal_ids(&self) -> impl Iterator<Item = SignalId> + use<> {
        (0..self.signals.len() as u32).map(SignalId)
    }

    /// Every asset's index.
    pub fn asset_indices(&self) -> impl Iterator<Item = AssetIndex> + use<> {
        (0..self.assets.len() as u32).map(AssetIndex)
    }

    /// The scenario with this name.
    pub fn find_scenario(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }
}

//! The configuration of a line as it is written in a scene.
//!
//! ```text
//! (
//!     tag: "LINE-1",
//!     sources: [(tag: "SRC-1", arrivals: Every(Exponential("10s")), to: "B-1")],
//!     buffers: [(tag: "B-1", capacity: 5, to: "M-1")],
//!     stations: [(tag: "M-1", cycle: LogNormal("8s", 0.2), bad_share: 0.02, bad_to: "SCRAP",
//!                 failures: [(every: Weibull("9h", 1.5), repair: Exponential("12min"))],
//!                 power: (idle: "1 kW", working: "6 kW"), to: "OUT")],
//!     sinks: [(tag: "OUT"), (tag: "SCRAP")],
//! )
//! ```
//!
//! Parts go from node to node by `to`. Nothing is pushed where there is no room: a station keeps
//! what it has made until it is taken (blocking after service).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

pub use super::spec_transport::{CarrierSpec, FleetSpec, LaneSpec, StopSpec};

/// A production line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSpec {
    /// The asset that stands for the whole line. Ports: `wip`, `mean_wip`, `rate`, `lead_time`,
    /// `count`, `orders_done`, `late_orders`, `on_shift` and the input `shift` (0 stops its
    /// stations); `bottleneck`, `turning_point` and `momentary_bottleneck` tell the station that
    /// limits it, counted from 1 as they are listed, since the start by its active periods and by
    /// blocking and starving, and at this instant; 0 for none. `cost` is that of all repairs and
    /// maintenance since the start.
    pub tag: String,
    /// The kinds of parts, if there is more than one.
    #[serde(default)]
    pub products: Vec<String>,
    /// Where parts come from.
    pub sources: Vec<SourceSpec>,
    /// Machines, work places, inspection.
    #[serde(default)]
    pub stations: Vec<StationSpec>,
    /// Places where parts wait.
    #[serde(default)]
    pub buffers: Vec<BufferSpec>,
    /// Belts and roller tracks.
    #[serde(default)]
    pub conveyors: Vec<ConveyorSpec>,
    /// Where parts leave.
    pub sinks: Vec<SinkSpec>,
    /// Ways on which vehicles carry parts.
    #[serde(default)]
    pub carriers: Vec<CarrierSpec>,
    /// Vehicles.
    #[serde(default)]
    pub fleets: Vec<FleetSpec>,
    /// Places on the lanes.
    #[serde(default)]
    pub stops: Vec<StopSpec>,
    /// Lanes from place to place.
    #[serde(default)]
    pub lanes: Vec<LaneSpec>,
    /// People.
    #[serde(default)]
    pub operators: Vec<OperatorsSpec>,
    /// When the stations work; always if there are none.
    #[serde(default)]
    pub shifts: Vec<ShiftSpec>,
}

/// Where parts go next: one node, or several and how to choose.
#[derive(Clone, Debug, Default)]
pub struct To(pub Vec<String>);

/// How to choose among several nodes.
#[derive(Clone, Debug, Default, Deserialize)]
pub enum ChooseSpec {
    /// The first that has room.
    #[default]
    First,
    /// In turns; one that has no room is passed over.
    Turns,
    /// The one with room that holds the fewest parts.
    Fewest,
    /// By chance, in these shares; a part waits for its own.
    Shares(Vec<f64>),
}

/// A random span of time.
#[derive(Clone, Debug, Deserialize)]
pub enum SpreadSpec {
    /// Always the same.
    Constant(String),
    /// By its mean.
    Exponential(String),
    /// Mean and standard deviation; what is not above zero is drawn again.
    Normal(String, String),
    /// Median and standard deviation of its logarithm.
    LogNormal(String, f64),
    /// Least and most.
    Uniform(String, String),
    /// Least, likeliest and most.
    Triangular(String, String, String),
    /// Mean and shape.
    Gamma(String, f64),
    /// Mean and number of phases.
    Erlang(String, u32),
    /// Scale and shape.
    Weibull(String, f64),
    /// One of the measured ones.
    Empirical(Vec<String>),
}

/// Where parts come from. Ports: `count`, `waiting` and the input `rate_factor`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The asset.
    pub tag: String,
    /// When parts come.
    pub arrivals: ArrivalsSpec,
    /// Which: `(product, share)` by chance or `(product, count)` in turns; the first product if
    /// neither is given.
    #[serde(default)]
    pub mix: Vec<(String, f64)>,
    /// Campaigns, one after another and again.
    #[serde(default)]
    pub campaigns: Vec<(String, u32)>,
    /// Where they go.
    pub to: To,
    /// How to choose where.
    #[serde(default)]
    pub choose: ChooseSpec,
    /// Where each product goes, if not to `to`.
    #[serde(default)]
    pub by_product: BTreeMap<String, String>,
    /// Where it stands: east, north, up, m; the asset's place if absent.
    #[serde(default)]
    pub at: Option<(f64, f64, f64)>,
}

/// When parts come.
#[derive(Clone, Debug, Deserialize)]
pub enum ArrivalsSpec {
    /// Whenever there is room.
    Unlimited,
    /// One after another, with these spans between; they wait in front of the line.
    Every(SpreadSpec),
    /// Lots that are released on a day, and due.
    Orders(Vec<OrderSpec>),
}

/// A lot of one product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderSpec {
    /// Its name in messages.
    pub name: String,
    /// What is made; the first product if absent.
    #[serde(default)]
    pub product: Option<String>,
    /// How many.
    pub count: u32,
    /// When it may begin: an instant, or a span after the start of the run.
    #[serde(default = "at_once")]
    pub release: String,
    /// When it must be done: an instant, or a span after the start of the run.
    pub due: String,
}

/// A machine or work place.
///
/// Ports: `state`, `up`, `count`, `bad_count`, `rate`, `utilisation`, `availability`,
/// `performance`, `quality`, `oee`, `blocked`, `starved`, `active`, `power`, `energy`, `wear`,
/// `failures`, `maintenances`, `cost` and the inputs `available`, `speed_factor`, `mtbf_factor`,
/// `repair_factor`, `maintain` (1 asks once for the maintenance that the station has).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationSpec {
    /// The asset.
    pub tag: String,
    /// How long it works on a part, or on a batch.
    pub cycle: SpreadSpec,
    /// How long for some products.
    #[serde(default)]
    pub cycles: BTreeMap<String, SpreadSpec>,
    /// The planned time of a part, for the performance; the mean of `cycle` if absent.
    #[serde(default)]
    pub ideal: Option<String>,
    /// How many parts of any kind it works on together.
    #[serde(default = "one")]
    pub batch: u32,
    /// What it puts together: `(product, count)`; instead of `batch`.
    #[serde(default)]
    pub takes: Vec<(String, u32)>,
    /// What comes of it: `(product, count)`; the parts themselves if empty.
    #[serde(default)]
    pub makes: Vec<(String, u32)>,
    /// How long it takes to change to another product.
    #[serde(default)]
    pub setup: Option<SpreadSpec>,
    /// How long from one product to another, where it differs: `(from, to, span)`.
    #[serde(default)]
    pub setups: Vec<(String, String, SpreadSpec)>,
    /// The share of bad parts.
    #[serde(default)]
    pub bad_share: f64,
    /// Where bad parts go; without, they go on as bad parts.
    #[serde(default)]
    pub bad_to: Option<String>,
    /// Where parts go.
    pub to: To,
    /// How to choose where.
    #[serde(default)]
    pub choose: ChooseSpec,
    /// Where each product goes, if not to `to`.
    #[serde(default)]
    pub by_product: BTreeMap<String, String>,
    /// The skill of the operator without whom it does not work.
    #[serde(default)]
    pub operator: Option<String>,
    /// How it breaks down.
    #[serde(default)]
    pub failures: Vec<FailureSpec>,
    /// How that is prevented.
    #[serde(default)]
    pub maintenance: Option<MaintenanceSpec>,
    /// What it draws.
    #[serde(default)]
    pub power: PowerSpec,
    /// Where it stands: east, north, up, m; the asset's place if absent.
    #[serde(default)]
    pub at: Option<(f64, f64, f64)>,
}

/// One way in which a station breaks down.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureSpec {
    /// Time between failures.
    pub every: SpreadSpec,
    /// Time to repair.
    pub repair: SpreadSpec,
    /// What time counts.
    #[serde(default)]
    pub clock: FailureClock,
    /// The skill of who repairs it; nobody is waited for if absent.
    #[serde(default)]
    pub repairer: Option<String>,
    /// What a repair costs, in any money.
    #[serde(default)]
    pub cost: f64,
}

/// The time that wears a station down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum FailureClock {
    /// Time at work.
    #[default]
    Usage,
    /// All time but that under repair.
    Time,
}

/// When a station is maintained; afterwards it is as good as new.
///
/// It finishes its part first. Without a policy it runs to failure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceSpec {
    /// What asks for it.
    pub when: MaintenanceRule,
    /// How long it takes.
    pub takes: SpreadSpec,
    /// The skill of who does it.
    #[serde(default)]
    pub repairer: Option<String>,
    /// What it costs, in the same money as repairs.
    #[serde(default)]
    pub cost: f64,
}

/// What asks for maintenance.
#[derive(Clone, Debug, Deserialize)]
pub enum MaintenanceRule {
    /// So long after the last one.
    Every(String),
    /// So much time at work after the last one.
    Used(String),
    /// This share of the life of what wears is used up, as a perfect monitor shows it.
    Worn(f64),
    /// The station's signal `maintain` alone, which moves it in the plan; besides the other rules
    /// that is heeded too.
    Asked,
}

/// What a station draws, by state.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PowerSpec {
    /// Waiting, blocked or without an operator.
    pub idle: Option<String>,
    /// At work.
    pub working: Option<String>,
    /// Being set up; as idle if absent.
    pub setup: Option<String>,
    /// Broken down or maintained.
    pub down: Option<String>,
    /// Off shift or switched off.
    pub off: Option<String>,
}

/// A place where parts wait. Ports: `level` and the input `capacity`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BufferSpec {
    /// The asset.
    pub tag: String,
    /// How many parts it holds; no limit if absent.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// How many it holds at the start when nothing was measured.
    #[serde(default)]
    pub start: u32,
    /// Where they go.
    pub to: To,
    /// How to choose where.
    #[serde(default)]
    pub choose: ChooseSpec,
    /// Where each product goes, if not to `to`.
    #[serde(default)]
    pub by_product: BTreeMap<String, String>,
    /// Where it stands: east, north, up, m; the asset's place if absent.
    #[serde(default)]
    pub at: Option<(f64, f64, f64)>,
}

/// A belt or roller track. Ports: `level`, `count` and the input `running`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConveyorSpec {
    /// The asset.
    pub tag: String,
    /// Its length; that of the asset's course if absent.
    #[serde(default)]
    pub length: Option<String>,
    /// Its speed.
    pub speed: String,
    /// The length of a part, and the least distance from one to the next.
    pub pitch: String,
    /// Parts close up behind one that waits; without, the whole belt stops.
    #[serde(default = "yes")]
    pub accumulating: bool,
    /// Where parts go.
    pub to: To,
    /// How to choose where.
    #[serde(default)]
    pub choose: ChooseSpec,
    /// Where each product goes, if not to `to`.
    #[serde(default)]
    pub by_product: BTreeMap<String, String>,
    /// Its course: east, north, up, m; that of the asset if empty.
    #[serde(default)]
    pub path: Vec<(f64, f64, f64)>,
}

/// Where parts leave. Ports: `count`, `bad_count`, `rate`, `lead_time`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinkSpec {
    /// The asset.
    pub tag: String,
    /// Where it stands: east, north, up, m; the asset's place if absent.
    #[serde(default)]
    pub at: Option<(f64, f64, f64)>,
}

/// People with the same skills. Ports: `busy` and the input `count`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorsSpec {
    /// The asset, such as the crew's desk.
    pub tag: String,
    /// What they can do.
    pub skills: Vec<String>,
    /// How many they are.
    pub count: u32,
}

/// A shift, in UTC.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftSpec {
    /// The days on which it begins, `Mon` to `Sun`; all if empty.
    #[serde(default)]
    pub days: Vec<Day>,
    /// When it begins, `hh:mm`.
    pub from: String,
    /// When it ends, `hh:mm`; at or before `from` on the next day.
    pub to: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the days of the week say what they are")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl<'de> Deserialize<'de> for To {
    /// Reads `"X"` and `["X", "Y"]` alike.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany).map(Self)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tag or a list of tags")
    }

    fn visit_str<E>(self, tag: &str) -> Result<Self::Value, E> {
        Ok(vec![tag.to_owned()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while let Some(tag) = items.next_element()? {
            tags.push(tag);
        }
        Ok(tags)
    }
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn at_once() -> String {
    "0s".to_owned()
}

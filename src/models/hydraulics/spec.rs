//! The configuration of a network as it is written in a scene. What it can say is a part of what
//! an EPANET file can ([`inp`](super::inp)); links are switched by other models through ports.
//!
//! ```text
//! (
//!     step: "1min",
//!     patterns: { "homes": (step: "1h", factors: [0.6, 1.4], smooth: true) },
//!     reservoirs: [(tag: "R-1", bottom: "98 m", level: "2 m")],
//!     tanks: [(tag: "TK-1", bottom: "140 m", diameter: "30 m", max: "5 m", level: "3 m")],
//!     junctions: [(tag: "D-1", elevation: "95 m", demand: "120 m3/h", pattern: "homes")],
//!     pipes: [(tag: "PL-1", from: "D-1", to: "TK-1", length: "800 m", diameter: "400 mm")],
//!     pumps: [(tag: "P-1", from: "R-1", to: "D-1", curve: [("200 m3/h", "50 m")])],
//!     valves: [(tag: "V-1", from: "D-1", to: "D-2", diameter: "300 mm")],
//! )
//! ```
//!
//! What an entry leaves out is looked up in the asset of the same tag: its parameters
//! of the same name, and for the length of a pipe its course.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A whole network.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSpec {
    /// The longest internal step.
    pub step: String,
    /// How demands go with the time of day, by name.
    pub patterns: BTreeMap<String, PatternSpec>,
    /// Where water is drawn and pipes meet.
    pub junctions: Vec<JunctionSpec>,
    /// Bodies of water whose level the network does not change.
    pub reservoirs: Vec<ReservoirSpec>,
    /// Bodies of water whose level it does.
    pub tanks: Vec<TankSpec>,
    /// Pipes.
    pub pipes: Vec<PipeSpec>,
    /// Pumps.
    pub pumps: Vec<PumpSpec>,
    /// Valves.
    pub valves: Vec<ValveSpec>,
}

impl Default for NetworkSpec {
    fn default() -> Self {
        Self {
            step: "1min".to_owned(),
            patterns: BTreeMap::new(),
            junctions: Vec::new(),
            reservoirs: Vec::new(),
            tanks: Vec::new(),
            pipes: Vec::new(),
            pumps: Vec::new(),
            valves: Vec::new(),
        }
    }
}

/// Factors on a demand, in equal steps from midnight UTC, over and over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternSpec {
    /// The length of a step.
    #[serde(default = "one_hour")]
    pub step: String,
    /// One factor per step.
    pub factors: Vec<f64>,
    /// Straight lines from one factor to the next instead of stairs.
    #[serde(default)]
    pub smooth: bool,
}

/// A junction. Ports: see [`ports`](super::ports).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JunctionSpec {
    /// Its name.
    pub tag: String,
    /// Height above datum.
    #[serde(default)]
    pub elevation: Option<String>,
    /// Demand at pattern factor 1.
    #[serde(default)]
    pub demand: Option<String>,
    /// How the demand goes with the time of day.
    #[serde(default)]
    pub pattern: Option<String>,
}

/// A reservoir.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReservoirSpec {
    /// Its name.
    pub tag: String,
    /// Height of its bottom above datum.
    #[serde(default)]
    pub bottom: Option<String>,
    /// Level above the bottom when nobody says otherwise.
    #[serde(default)]
    pub level: Option<String>,
}

/// A cylindrical tank.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TankSpec {
    /// Its name.
    pub tag: String,
    /// Height of its bottom above datum.
    #[serde(default)]
    pub bottom: Option<String>,
    /// Inner diameter. Either this or `area`.
    #[serde(default)]
    pub diameter: Option<String>,
    /// Plan area, for what is not round.
    #[serde(default)]
    pub area: Option<String>,
    /// Level at which nothing more can be drawn.
    #[serde(default)]
    pub min: Option<String>,
    /// Level at which it is full.
    #[serde(default)]
    pub max: Option<String>,
    /// Level at the start when no measured one is known.
    #[serde(default)]
    pub level: Option<String>,
    /// A full tank spills; one without overflow takes nothing more.
    #[serde(default = "yes")]
    pub overflow: bool,
}

/// A pipe.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipeSpec {
    /// Its name.
    pub tag: String,
    /// The node where it begins.
    pub from: String,
    /// The node where it ends.
    pub to: String,
    /// Length.
    #[serde(default)]
    pub length: Option<String>,
    /// Bore.
    #[serde(default)]
    pub diameter: Option<String>,
    /// Hazen–Williams coefficient C.
    #[serde(default = "lined_iron")]
    pub roughness: f64,
    /// Loss coefficient of its fittings.
    #[serde(default)]
    pub minor: f64,
    /// Water flows from `from` to `to` only.
    #[serde(default)]
    pub check_valve: bool,
    /// Open when nobody says otherwise.
    #[serde(default = "yes")]
    pub open: bool,
}

/// A pump.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PumpSpec {
    /// Its name.
    pub tag: String,
    /// The node it draws from.
    pub from: String,
    /// The node it delivers to.
    pub to: String,
    /// `(flow, head)` at full speed: the best point, three points from no flow up, or any number
    /// of points that straight lines join.
    pub curve: Vec<(String, String)>,
    /// Efficiency at the best point, water power over electrical power.
    #[serde(default = "good_pump")]
    pub efficiency: String,
}

/// A valve.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValveSpec {
    /// Its name.
    pub tag: String,
    /// The node where it begins.
    pub from: String,
    /// The node where it ends.
    pub to: String,
    /// Bore.
    #[serde(default)]
    pub diameter: Option<String>,
    /// Loss coefficient fully open; it grows with the inverse square of the opening.
    #[serde(default = "butterfly")]
    pub loss: f64,
    /// Opening when nobody says otherwise, 0 to 1.
    #[serde(default = "fully")]
    pub position: f64,
}

fn one_hour() -> String {
    "1h".to_owned()
}

fn yes() -> bool {
    true
}

fn lined_iron() -> f64 {
    130.0
}

fn good_pump() -> String {
    "80 %".to_owned()
}

fn butterfly() -> f64 {
    0.3
}

fn fully() -> f64 {
    1.0
}

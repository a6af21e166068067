//! The configuration of a treatment works as it is written in a scene.
//!
//! ```text
//! (
//!     step: "1min",
//!     wanders: [(signal: "AT-101.turbidity", mean: "6 NTU", spread: 0.3, memory: "8h")],
//!     filters: (
//!         source: "AT-101.turbidity", settled: 0.2,
//!         beds: [(tag: "F-301", valve: "V-301"), (tag: "F-302", valve: "V-302")],
//!         area: "45 m2", design_flow: "250 m3/h", clean_headloss: "0.4 m",
//!         storage: 220, clogged_headloss: "1.6 m",
//!         limits: (headloss: "1.9 m", turbidity: "0.3 NTU", age: "48h"),
//!         wash: (drain: Triangular("3min", "4min", "6min"), air: Fixed("4min"),
//!                rinse: Triangular("6min", "8min", "11min"), ripen: LogNormal("15min", 0.2)),
//!     ),
//! )
//! ```

use serde::Deserialize;

/// A treatment works.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreatmentSpec {
    /// How often limits are looked at and random processes move on.
    #[serde(default = "one_minute")]
    pub step: String,
    /// Qualities that come from outside and wander.
    #[serde(default)]
    pub wanders: Vec<WanderSpec>,
    /// Rapid gravity filters with one backwash line.
    #[serde(default)]
    pub filters: Option<FiltersSpec>,
    /// Chlorine from the dosing pump to the service reservoir.
    #[serde(default)]
    pub chlorine: Option<ChlorineSpec>,
}

/// A signal that wanders around its mean and comes back, with a daily swing.
///
/// A port `<signal>_factor` multiplies it: a flood in the river, a hot week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WanderSpec {
    /// The signal.
    pub signal: String,
    /// Its mean; of a `skewed` one the median.
    pub mean: String,
    /// Standard deviation, in the unit of the mean; of a `skewed` one as a share of it.
    pub spread: f64,
    /// The time after which a deviation has faded to a third.
    pub memory: String,
    /// Log-normal: never negative, now and then far up.
    #[serde(default)]
    pub skewed: bool,
    /// Half the daily swing, in the unit of the mean.
    #[serde(default)]
    pub daily: f64,
    /// The hour of the day, UTC, at which the swing is highest.
    #[serde(default = "afternoon")]
    pub peak: f64,
}

/// Rapid gravity filters of one design, with one backwash line.
///
/// Ports of each bed: `state`, `headloss`, `turbidity`, `run_time`, `service` (0 takes it out),
/// and the position and flow of its valve.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiltersSpec {
    /// The signal of the turbidity that comes in.
    pub source: String,
    /// The share of it that settling leaves for the filters.
    #[serde(default = "whole")]
    pub settled: f64,
    /// The beds.
    pub beds: Vec<BedSpec>,
    /// Plan area of a bed.
    pub area: String,
    /// The flow of a bed at which the head losses below are meant.
    pub design_flow: String,
    /// Head loss of a clean bed.
    pub clean_headloss: String,
    /// What a bed holds when it is clogged: turbidity times height of water filtered, NTU·m.
    pub storage: f64,
    /// Further head loss of a clogged bed.
    pub clogged_headloss: String,
    /// The share of the incoming turbidity that a ripe bed lets through.
    #[serde(default = "one_in_thirty")]
    pub passing: f64,
    /// Turbidity of the first water after a wash.
    #[serde(default = "remnants")]
    pub remnants: String,
    /// When a bed asks for a wash.
    pub limits: WashLimitsSpec,
    /// The phases of a wash.
    pub wash: WashSpec,
    /// A signal that is 1 while wash water is drawn, such as `P-311.demand_factor`.
    #[serde(default)]
    pub wash_water: Option<String>,
    /// The signal of the turbidity of all filtered water together.
    #[serde(default)]
    pub combined: Option<String>,
}

/// A filter bed and the valve through which it is fed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BedSpec {
    /// The bed.
    pub tag: String,
    /// Its inlet valve.
    pub valve: String,
}

/// When a bed asks for a wash: whichever comes first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WashLimitsSpec {
    /// Head loss.
    pub headloss: String,
    /// Turbidity of its filtrate.
    pub turbidity: String,
    /// Time since its last wash.
    pub age: String,
}

/// The phases of a wash. Drain, air and rinse need the line; ripening does not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WashSpec {
    /// Draining down.
    pub drain: SpreadSpec,
    /// Air scour.
    pub air: SpreadSpec,
    /// Rinsing with filtered water.
    pub rinse: SpreadSpec,
    /// Filtering to waste until the bed is ripe.
    pub ripen: SpreadSpec,
}

/// A random span of time.
#[derive(Clone, Debug, Deserialize)]
pub enum SpreadSpec {
    /// Always the same.
    Fixed(String),
    /// `(least, likeliest, most)`.
    Triangular(String, String, String),
    /// `(median, standard deviation of its logarithm)`.
    LogNormal(String, f64),
}

/// Chlorine from the dosing pump through the clearwell and the main to the service reservoir.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChlorineSpec {
    /// The dosing pump. Ports: `stroke` (0 to 1), `flow`.
    pub pump: String,
    /// What it delivers at full stroke.
    pub capacity: String,
    /// Chlorine in the solution.
    pub strength: String,
    /// The signal of the flow that is dosed.
    pub flow: String,
    /// What the water uses up at once.
    #[serde(default = "no_chlorine")]
    pub demand: String,
    /// Time in which half of it decays.
    pub half_life: String,
    /// The signal of the clearwell's volume.
    pub clearwell: String,
    /// The signal of the chlorine at the clearwell's outlet.
    pub outlet: String,
    /// The solution's day tank.
    #[serde(default)]
    pub day_tank: Option<DayTankSpec>,
    /// The main to the service reservoir, and that.
    #[serde(default)]
    pub main: Option<MainSpec>,
}

/// A tank of solution that a truck refills. Port: `level`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayTankSpec {
    /// The tank.
    pub tag: String,
    /// Plan area.
    pub area: String,
    /// Level when full.
    pub full: String,
    /// Level at which a delivery is ordered.
    pub reorder: String,
    /// Time from the order to the truck.
    pub delivery: SpreadSpec,
    /// Time in which the truck fills the tank.
    pub filling: String,
}

/// A main in plug flow, and the well mixed reservoir at its end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainSpec {
    /// The signal of its flow.
    pub flow: String,
    /// Its volume.
    pub volume: String,
    /// The signal of the reservoir's volume.
    pub reservoir: String,
    /// The signal of the chlorine in the reservoir.
    pub outlet: String,
}

fn one_minute() -> String {
    "1min".to_owned()
}

fn afternoon() -> f64 {
    15.0
}

fn whole() -> f64 {
    1.0
}

fn one_in_thirty() -> f64 {
    1.0 / 30.0
}

fn remnants() -> String {
    "0.6 NTU".to_owned()
}

fn no_chlorine() -> String {
    "0 mg/L".to_owned()
}

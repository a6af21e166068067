//! The configuration of a plant's control loops as it is written in a scene.
//!
//! ```text
//! (loops: [
//!     OnOff(measure: "TK-1.level", low: "3 m", high: "4 m", output: "P-1.running"),
//!     Staging(measure: "TK-2.level", pumps: ["P-2", "P-3"],
//!             start: ["3.5 m", "3 m"], stop: ["4.5 m", "4.2 m"]),
//!     Pid(measure: "LT-1.level", setpoint: "3 m", band: "1 m", integral: "10min",
//!         outputs: ["P-4.speed"], low: "60 %", high: "100 %"),
//!     Ratio(input: "FT-1.flow", at: "1000 m3/h", gives: "50 %", output: "DP-1.stroke"),
//!     Schedule(output: "V-1.position", values: [("06:00", "100 %"), ("22:00", "40 %")]),
//! ])
//! ```

use serde::Deserialize;

/// All loops, in the order in which they are worked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlsSpec {
    /// The loops.
    pub loops: Vec<LoopSpec>,
}

/// One loop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum LoopSpec {
    /// Switches at two limits.
    OnOff(OnOffSpec),
    /// Runs more or fewer pumps.
    Staging(StagingSpec),
    /// Holds a measurement at a setpoint.
    Pid(PidSpec),
    /// Follows another signal in proportion.
    Ratio(RatioSpec),
    /// Follows the time of day.
    Schedule(ScheduleSpec),
}

/// Switches an output at two limits of a measurement, and leaves it between them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnOffSpec {
    /// The signal that is looked at.
    pub measure: String,
    /// Below this the output is `below`.
    pub low: String,
    /// Above this the output is `above`.
    pub high: String,
    /// The signal that is switched.
    pub output: String,
    /// The output below `low`.
    #[serde(default = "one")]
    pub below: f64,
    /// The output above `high`.
    #[serde(default)]
    pub above: f64,
}

/// Runs as many of a group of pumps as a level asks for.
///
/// The pump of step k starts at `start[k]` and the step ends at `stop[k]`: below and
/// above for pumps that fill, above and below for pumps that drain. A pump whose
/// `available` reads 0 is replaced by the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagingSpec {
    /// The level.
    pub measure: String,
    /// The tags of the pumps.
    pub pumps: Vec<String>,
    /// The level at which each step begins.
    pub start: Vec<String>,
    /// The level at which each step ends.
    pub stop: Vec<String>,
    /// The least time from one start or stop to the next.
    #[serde(default = "two_minutes")]
    pub delay: String,
    /// How many of them run at the start when nothing was measured.
    #[serde(default)]
    pub at_start: usize,
    /// Turns: the pump that has rested longest starts first and the one that has run longest
    /// stops first. Without, pumps start in their order and stop in the reverse order.
    #[serde(default = "yes")]
    pub alternate: bool,
}

/// Proportional, integral and derivative action.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PidSpec {
    /// The signal that is held.
    pub measure: String,
    /// Where it is held.
    pub setpoint: String,
    /// A signal that may say otherwise, such as `LIC-1.setpoint`.
    #[serde(default)]
    pub setpoint_signal: Option<String>,
    /// Proportional band: the deviation that alone moves the outputs from `low` to `high`.
    pub band: String,
    /// Integral time.
    pub integral: String,
    /// Derivative time.
    #[serde(default = "no_time")]
    pub derivative: String,
    /// Time from one look to the next.
    #[serde(default = "ten_seconds")]
    pub sample: String,
    /// More output lowers the measurement, as for a pump that empties.
    #[serde(default)]
    pub lowers: bool,
    /// The signals that are moved, all alike.
    pub outputs: Vec<String>,
    /// The least output.
    pub low: String,
    /// The greatest output.
    pub high: String,
}

/// An output in proportion to an input.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioSpec {
    /// The signal that leads.
    pub input: String,
    /// At this input ...
    pub at: String,
    /// ... the output is this.
    pub gives: String,
    /// The signal that follows.
    pub output: String,
    /// The greatest output; `gives` if absent.
    #[serde(default)]
    pub most: Option<String>,
}

/// An output by the time of day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSpec {
    /// The signal that is set.
    pub output: String,
    /// `(time of day in UTC, value)` from then on.
    pub values: Vec<(String, String)>,
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn no_time() -> String {
    "0s".to_owned()
}

fn ten_seconds() -> String {
    "10s".to_owned()
}

fn two_minutes() -> String {
    "2min".to_owned()
}

//! Rules of alarms as they are written in the scene file.

use serde::Deserialize;

use super::scenario_spec::no_time;
use super::spec::Priority;

/// A rule that raises an alarm.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Alarm", deny_unknown_fields)]
pub struct AlarmSpec {
    /// What it is called, unique in the scene.
    pub name: String,
    /// The signal that it is about, `tag.signal`.
    pub signal: String,
    /// When it is raised.
    pub when: WhenSpec,
    /// How long that must hold to raise.
    #[serde(default = "no_time")]
    pub on_delay: String,
    /// How long it must be over to clear.
    #[serde(default = "no_time")]
    pub off_delay: String,
    /// How urgent.
    #[serde(default)]
    pub priority: Priority,
    /// True if it stays on the list until somebody resets it.
    #[serde(default)]
    pub latching: bool,
    /// What the operator reads; the name if empty.
    #[serde(default)]
    pub message: String,
    /// What the operator should do.
    #[serde(default)]
    pub advice: String,
}

/// When an alarm is raised. Values are in the signal's unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum WhenSpec {
    /// The value is above `at`.
    Above {
        /// The limit.
        at: f64,
        /// How far it must come back to clear.
        #[serde(default)]
        deadband: f64,
    },
    /// The value is below `at`.
    Below {
        /// The limit.
        at: f64,
        /// How far it must come back to clear.
        #[serde(default)]
        deadband: f64,
    },
    /// The value is further than `by` from that of another signal.
    Deviation {
        /// The other signal, `tag.signal`.
        from: String,
        /// The distance.
        by: f64,
        /// How far it must come back to clear.
        #[serde(default)]
        deadband: f64,
    },
    /// The value changes by more than `by` within a time.
    Rate {
        /// The change, up or down.
        by: f64,
        /// The time.
        within: String,
        /// How far it must come back to clear.
        #[serde(default)]
        deadband: f64,
    },
    /// The state is not that of another signal: a command and what was done.
    Discrepancy {
        /// The other signal, `tag.signal`.
        with: String,
    },
    /// The value stays where it is, within a tolerance.
    Frozen {
        /// How long.
        lasting: String,
        /// How much it may move.
        #[serde(default)]
        tolerance: f64,
    },
    /// No sample comes.
    Silent {
        /// How long.
        lasting: String,
    },
    /// Samples are bad, or the link is lost.
    BadQuality,
    /// A condition over several signals holds: `[P-1.flow] < 3 and [P-1.running] > 0.5`.
    Holds(String),
}

/// Alarms that mean nothing while the plant is in some state.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Suppression", deny_unknown_fields)]
pub struct SuppressionSpec {
    /// Signals, with `*` for any text, whose alarms these are; or names of rules.
    pub alarms: Vec<String>,
    /// A condition over signals.
    pub when: String,
    /// How long it must not hold before the alarms come back.
    #[serde(default = "no_time")]
    pub off_delay: String,
}

//! Scenarios and KPIs as a scene file writes them: plain data, nothing checked.

use serde::{Deserialize, Serialize};

use super::{Better, KpiMeasure, Sampling};

/// The file of scenarios that the program keeps beside a scene.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename = "Scenarios", deny_unknown_fields)]
pub struct ScenariosSpec {
    /// The version of this format; 1.
    pub format: u32,
    /// The scenarios.
    pub scenarios: Vec<ScenarioSpec>,
}

/// A future that can be asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename = "Scenario", deny_unknown_fields)]
pub struct ScenarioSpec {
    /// What it is called.
    pub name: String,
    /// What it asks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The scenario that it changes. What is said here of a signal takes the place of what that
    /// one says of it in the same list; all else is as there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_on: Option<String>,
    /// Signals of which nothing is taken over from that scenario.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// How far it looks; 24 h if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<String>,
    /// The distance of its outputs; 5 min if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How many members its ensemble has; 1 if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<u32>,
    /// What is done to the plant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<OverrideSpec>,
    /// What breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<OverrideSpec>,
    /// What is prescribed over time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forcing: Vec<ForcingSpec>,
    /// What is not known exactly: drawn anew for each member.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncertain: Vec<UncertainSpec>,
    /// Which of these depend on each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correlations: Vec<CorrelationSpec>,
    /// How members are spread over what is uncertain; each for itself if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
}

/// A signal that is prescribed over time: by one of the three.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename = "Forcing", deny_unknown_fields)]
pub struct ForcingSpec {
    /// The signal, `tag.signal`.
    pub signal: String,
    /// A CSV file, from the scene's folder. Its column `time` holds instants or durations after
    /// the start, such as `90min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The column of the file, in the signal's unit; the signal's name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// `(after the start, value in the signal's unit)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<(String, f64)>,
    /// As it was measured this long before, such as `7d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
}

/// Two uncertain signals that depend on each other.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename = "Correlation", deny_unknown_fields)]
pub struct CorrelationSpec {
    /// The two signals, `tag.signal`.
    pub between: (String, String),
    /// −1 to 1.
    pub by: f64,
}

/// A number that runs are judged by.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename = "Kpi", deny_unknown_fields)]
pub struct KpiSpec {
    /// What it is called.
    pub name: String,
    /// Signals, with `*` for any text, added up: `P-*.power`.
    pub signals: String,
    /// What is made of them over time. Values of `TimeAbove` and `TimeBelow` are in the signals'
    /// unit.
    pub measure: KpiMeasure,
    /// In which unit it is told; that of the signals, or what their total is measured in.
    #[serde(default)]
    pub unit: Option<String>,
    /// Which way is better.
    #[serde(default)]
    pub better: Better,
}

/// A signal held at a value, or changed, for a time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename = "Override", deny_unknown_fields)]
pub struct OverrideSpec {
    /// The signal, `tag.signal`.
    pub signal: String,
    /// The value in the signal's unit. Either this, `times` or `plus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The factor on what it would have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
    /// What is added to what it would have been, in the signal's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus: Option<f64>,
    /// When it begins, after the start.
    #[serde(default = "no_time", skip_serializing_if = "is_no_time")]
    pub from: String,
    /// When it ends, after the start; `None` for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How long it takes to come into full effect.
    #[serde(default = "no_time", skip_serializing_if = "is_no_time")]
    pub ramp: String,
}

/// A signal that differs from member to member: by one of the five.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename = "Uncertain", deny_unknown_fields)]
pub struct UncertainSpec {
    /// The signal, `tag.signal`.
    pub signal: String,
    /// Standard deviation of a log-normal factor of mean 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
    /// A factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<DistributionSpec>,
    /// What is added, in the signal's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus: Option<DistributionSpec>,
    /// The value itself, in the signal's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<DistributionSpec>,
    /// Where a state starts, in the signal's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<DistributionSpec>,
}

/// From what a number is drawn.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub enum DistributionSpec {
    /// Mean and standard deviation.
    Normal(f64, f64),
    /// Mean and standard deviation of the numbers themselves.
    LogNormal(f64, f64),
    /// Least and greatest.
    Uniform(f64, f64),
    /// Least, likeliest and greatest.
    Triangular(f64, f64, f64),
    /// Numbers that were seen.
    Empirical(Vec<f64>),
}

fn is_no_time(text: &str) -> bool {
    text == no_time()
}

pub(super) fn no_time() -> String {
    "0s".to_owned()
}

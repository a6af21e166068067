//! A campaign as `PLAN.ron` writes it.

use serde::Deserialize;

/// The plan format that this program reads.
pub(super) const FORMAT: u32 = 1;

/// `Campaign(...)`: many runs of one scene.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Campaign", deny_unknown_fields)]
pub(super) struct CampaignSpec {
    /// The format of the plan: 1.
    pub(super) format: u32,
    /// A scene by its path, from the plan's folder, or the name of one that ships.
    pub(super) scene: String,
    /// One of the scene's scenarios; its first if absent.
    #[serde(default)]
    pub(super) scenario: Option<String>,
    /// The analysis time, RFC 3339.
    #[serde(default)]
    pub(super) start: Option<String>,
    #[serde(default)]
    pub(super) horizon: Option<String>,
    #[serde(default)]
    pub(super) step: Option<String>,
    #[serde(default)]
    pub(super) members: Option<u32>,
    /// The first seed; each replication has the next one.
    #[serde(default = "one")]
    pub(super) seed: u64,
    /// How often each point is run, each time with another seed.
    #[serde(default = "once")]
    pub(super) replications: u32,
    /// What differs from run to run.
    #[serde(default)]
    pub(super) design: DesignSpec,
}

fn one() -> u64 {
    1
}

fn once() -> u32 {
    1
}

/// What differs from run to run.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) enum DesignSpec {
    /// The seeds alone.
    #[default]
    Replications,
    /// Every value of one parameter with every value of the other.
    Sweep(SweepSpec),
    /// One parameter after another, low and high.
    Tornado(TornadoSpec),
    /// What is best.
    Search(SearchSpec),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SweepSpec {
    pub(super) parameters: Vec<SweptSpec>,
}

/// A parameter and its values: a list, or a range with a count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SweptSpec {
    /// What it is called; the signal if absent.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// Signals, with `*` for any text.
    pub(super) signal: String,
    #[serde(default)]
    pub(super) effect: EffectSpec,
    #[serde(default)]
    pub(super) values: Vec<f64>,
    #[serde(default)]
    pub(super) range: Option<(f64, f64)>,
    #[serde(default)]
    pub(super) count: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TornadoSpec {
    pub(super) parameters: Vec<BoundedSpec>,
}

/// A parameter between two values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundedSpec {
    #[serde(default)]
    pub(super) name: Option<String>,
    pub(super) signal: String,
    #[serde(default)]
    pub(super) effect: EffectSpec,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// What a value does to its signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum EffectSpec {
    /// Holds it there, in its unit.
    #[default]
    Set,
    /// Multiplies it.
    Times,
    /// Is added to it, in its unit.
    Plus,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchSpec {
    pub(super) variables: Vec<VariableSpec>,
    pub(super) objective: ObjectiveSpec,
    #[serde(default)]
    pub(super) constraints: Vec<ConstraintSpec>,
    /// How many runs it may take.
    pub(super) budget: u32,
}

/// What a search may choose.
#[derive(Clone, Debug, Deserialize)]
pub(super) enum VariableSpec {
    /// Any value between two.
    Continuous(BoundedSpec),
    /// Any whole number between two.
    Integer(BoundedSpec),
    /// One of these.
    Choice(ChoiceSpec),
    /// On or off, block by block of time.
    Schedule(ScheduleSpec),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceSpec {
    #[serde(default)]
    pub(super) name: Option<String>,
    pub(super) signal: String,
    #[serde(default)]
    pub(super) effect: EffectSpec,
    pub(super) values: Vec<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleSpec {
    #[serde(default)]
    pub(super) name: Option<String>,
    pub(super) signal: String,
    /// How long a block is.
    pub(super) block: String,
    /// The value that is on, in the signal's unit.
    #[serde(default = "on")]
    pub(super) on: f64,
    /// The value that is off.
    #[serde(default)]
    pub(super) off: f64,
}

fn on() -> f64 {
    1.0
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectiveSpec {
    pub(super) kpi: String,
    /// Overrules what the KPI says is better.
    #[serde(default)]
    pub(super) goal: Option<Goal>,
}

/// Which way a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Goal {
    /// The less, the better.
    Min,
    /// The more, the better.
    Max,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) enum ConstraintSpec {
    /// The mean of a KPI, in its unit.
    Kpi(KpiBoundSpec),
    /// The probability that a limit is breached.
    Breach(BreachBoundSpec),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KpiBoundSpec {
    pub(super) kpi: String,
    #[serde(default)]
    pub(super) at_most: Option<f64>,
    #[serde(default)]
    pub(super) at_least: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BreachBoundSpec {
    pub(super) signal: String,
    pub(super) limit: crate::scene::LimitKind,
    /// 0 to 1.
    pub(super) at_most: f64,
}

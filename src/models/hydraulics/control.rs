//! What switches links by itself: simple controls and rules, as EPANET has them.

use super::network::Status;

/// A link switched by one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The link.
    pub link: usize,
    /// What becomes of it.
    pub status: Status,
    /// Its new speed or setting; `None` leaves a pipe as it is and fixes a valve.
    pub setting: Option<f64>,
    /// When.
    pub trigger: Trigger,
    /// The control in words, as the file has it.
    pub text: String,
}

/// When a control acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trigger {
    /// The head of a node is at or below this one, m.
    Below {
        /// The node.
        node: usize,
        /// m above datum.
        head: f64,
    },
    /// The head of a node is at or above this one, m.
    Above {
        /// The node.
        node: usize,
        /// m above datum.
        head: f64,
    },
    /// So long after the start, s.
    Time(i64),
    /// At this time of every day, s after midnight.
    Clock(i64),
}

/// Links switched by several conditions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// What the file calls it.
    pub name: String,
    /// What must hold, in order: the first one's [`Joint`] means nothing.
    pub premises: Vec<Premise>,
    /// What is done when it holds.
    pub then: Vec<RuleAction>,
    /// What is done when it does not.
    pub otherwise: Vec<RuleAction>,
    /// Of two rules that act on one link the higher one wins.
    pub priority: f64,
}

/// One condition of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Premise {
    /// How it joins what was said before it.
    pub joint: Joint,
    /// What is compared.
    pub quantity: Quantity,
    /// How.
    pub relation: Relation,
    /// With what: SI, or seconds.
    pub value: f64,
    /// Values this close are equal: a thousandth of the file's unit, SI.
    pub tolerance: f64,
}

/// How a premise joins what was said before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// Both must hold.
    #[default]
    And,
    /// One must hold.
    Or,
}

/// What a premise compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Demand of all junctions, m³/s.
    SystemDemand,
    /// Seconds since the start.
    Time,
    /// Seconds since midnight.
    Clock,
    /// Demand of a junction, inflow of a tank, m³/s.
    Demand(usize),
    /// Head of a node, m above datum.
    Head(usize),
    /// Head of a node above its elevation or bottom, m.
    Level(usize),
    /// Time until a tank is full, s.
    FillTime(usize),
    /// Time until a tank is empty, s.
    DrainTime(usize),
    /// Flow through a link whichever way, m³/s.
    Flow(usize),
    /// Speed or setting of a link, SI.
    Setting(usize),
    /// Whether a link is open, closed or active; the premise's value is not used.
    Status(usize, Status),
}

/// How a premise compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=` or `IS`.
    Equal,
    /// `<>` or `NOT`.
    NotEqual,
    /// `<` or `BELOW`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>` or `ABOVE`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// What a rule does to a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleAction {
    /// The link.
    pub link: usize,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// It is opened.
    Open,
    /// It is closed.
    Close,
    /// It gets this speed or setting, SI.
    Set(f64),
}

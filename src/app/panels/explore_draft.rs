//! A sweep, a sensitivity study or a search while it is put together: what stands behind `design:`
//! in a plan.

use std::fmt::Write;

use super::scenario_draft::{Change, number_field};
use crate::scene::{LimitKind, Scene};
use crate::signal::SignalId;

/// Which kind of question is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Every value of one parameter with every value of another.
    #[default]
    Sweep,
    /// One parameter after another, low and high.
    Tornado,
    /// What is best under constraints.
    Search,
}

/// From what a search chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Any value between two.
    #[default]
    Any,
    /// Whole numbers between two.
    Whole,
    /// On or off, block by block of time.
    Schedule,
}

/// The question as it stands in the fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExploreDraft {
    /// Of which kind.
    pub kind: Kind,
    /// What is changed.
    pub parameters: Vec<DraftParameter>,
    /// The KPI that a search makes best.
    pub kpi: usize,
    /// Of a KPI that says neither: true to make it greatest.
    pub greatest: bool,
    /// What a search must keep to.
    pub constraints: Vec<DraftConstraint>,
    /// How many runs a search may take.
    pub budget: u32,
}

/// A signal and the values that are tried.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftParameter {
    /// The signal.
    pub signal: SignalId,
    /// What a value does to it.
    pub change: Change,
    /// The lowest value, in the signal's unit or a factor.
    pub low: String,
    /// The highest.
    pub high: String,
    /// How many values of a sweep.
    pub count: u32,
    /// From what a search chooses.
    pub choice: Choice,
    /// How long a block of a schedule is.
    pub block: String,
}

/// What a search must keep to.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftConstraint {
    /// The mean of a KPI on one side of a bound, in its unit.
    Kpi {
        /// Which KPI.
        kpi: usize,
        /// True if it may not be above.
        at_most: bool,
        /// The bound.
        bound: String,
    },
    /// A limit is breached with no more than a probability.
    Breach {
        /// The signal.
        signal: SignalId,
        /// Which of its limits.
        limit: LimitKind,
        /// The probability, 0 to 1.
        at_most: String,
    },
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sweep, Self::Tornado, Self::Search];

    /// What it is called.
    pub fn text(self) -> &'static str {
        match self {
            Self::Sweep => "Sweep",
            Self::Tornado => "Sensitivity",
            Self::Search => "Search",
        }
    }

    /// What it answers.
    pub fn story(self) -> &'static str {
        match self {
            Self::Sweep => "Every value of one signal, or of two with each other",
            Self::Tornado => "Which signal matters most: each low and high, alone",
            Self::Search => "What makes one KPI best and keeps to the rest",
        }
    }
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Any, Self::Whole, Self::Schedule];

    /// What it is called.
    pub fn text(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Whole => "whole numbers",
            Self::Schedule => "off or on by",
        }
    }
}

impl DraftParameter {
    /// A signal over its ordinary range.
    pub fn new(signal: SignalId, scene: &Scene) -> Self {
        let known = scene.signal(signal);
        let (low, high) = known.range;
        Self {
            signal,
            change: Change::Hold,
            low: number_field(known.unit.from_si(low)),
            high: number_field(known.unit.from_si(high)),
            count: 5,
            choice: Choice::Any,
            block: "1h".to_owned(),
        }
    }

    /// Values that fit what is done: factors around 1, values over the range.
    pub fn set_change(&mut self, change: Change, scene: &Scene) {
        if change == self.change {
            return;
        }
        (self.low, self.high) = match change {
            Change::Multiply => ("0.8".to_owned(), "1.2".to_owned()),
            Change::Add => ("-1".to_owned(), "1".to_owned()),
            Change::Hold | Change::Start => {
                let fresh = Self::new(self.signal, scene);
                (fresh.low, fresh.high)
            }
        };
        self.change = change;
    }
}

impl ExploreDraft {
    /// How many runs it will take.
    pub fn runs(&self) -> u64 {
        match self.kind {
            Kind::Sweep => self
                .parameters
                .iter()
                .map(|one| u64::from(one.count))
                .product(),
            Kind::Tornado => 1 + 2 * self.parameters.len() as u64,
            Kind::Search => u64::from(self.budget),
        }
    }

    /// What stands behind `design:` in a plan, or what is wrong with the fields.
    pub fn text(&self, scene: &Scene) -> Result<String, String> {
        if self.parameters.is_empty() {
            return Err("Choose what is changed first".to_owned());
        }
        let mut texts = Vec::new();
        for one in &self.parameters {
            texts.push(self.parameter(one, scene)?);
        }
        let list = texts.join(", ");
        match self.kind {
            Kind::Sweep if self.parameters.len() > 2 => {
                Err("A sweep has one signal or two; ask for sensitivity instead".to_owned())
            }
            Kind::Sweep => Ok(format!("Sweep(parameters: [{list}])")),
            Kind::Tornado => Ok(format!("Tornado(parameters: [{list}])")),
            Kind::Search => self.search(&list, scene),
        }
    }

    fn parameter(&self, one: &DraftParameter, scene: &Scene) -> Result<String, String> {
        let name = &scene.signal(one.signal).full_name;
        let effect = match one.change {
            Change::Hold | Change::Start => "Set",
            Change::Multiply => "Times",
            Change::Add => "Plus",
        };
        let head = format!("signal: {name:?}, effect: {effect}");
        let ends = || -> Result<(f64, f64), String> {
            let low = number(name, &one.low)?;
            let high = number(name, &one.high)?;
            match low < high {
                true => Ok((low, high)),
                false => Err(format!("{name}: the lower value must be below the higher")),
            }
        };
        Ok(match (self.kind, one.choice) {
            (Kind::Sweep, _) => {
                let (low, high) = ends()?;
                format!("({head}, range: ({low:?}, {high:?}), count: {})", one.count)
            }
            (Kind::Tornado, _) => {
                let (low, high) = ends()?;
                format!("({head}, low: {low:?}, high: {high:?})")
            }
            (Kind::Search, Choice::Any) => {
                let (low, high) = ends()?;
                format!("Continuous({head}, low: {low:?}, high: {high:?})")
            }
            (Kind::Search, Choice::Whole) => {
                let (low, high) = ends()?;
                format!("Integer({head}, low: {low:?}, high: {high:?})")
            }
            (Kind::Search, Choice::Schedule) => {
                let (off, on) = ends()?;
                let block = one.block.trim();
                format!("Schedule(signal: {name:?}, block: {block:?}, on: {on:?}, off: {off:?})")
            }
        })
    }

    fn search(&self, variables: &str, scene: &Scene) -> Result<String, String> {
        let kpi = |place: usize| scene.kpis.get(place).map(|kpi| kpi.name.as_str());
        let objective = kpi(self.kpi).ok_or("The scene has no KPI to make best: list `kpis`")?;
        let goal = match scene.kpis[self.kpi].better {
            crate::scene::Better::Neither if self.greatest => ", goal: Max",
            crate::scene::Better::Neither => ", goal: Min",
            _ => "",
        };
        let mut constraints = String::new();
        for one in &self.constraints {
            match one {
                DraftConstraint::Kpi {
                    kpi: place,
                    at_most,
                    bound,
                } => {
                    let name = kpi(*place).ok_or("A constraint names a KPI that is gone")?;
                    let bound = number(name, bound)?;
                    let side = if *at_most { "at_most" } else { "at_least" };
                    // Writing to a string cannot fail.
                    write!(constraints, "Kpi(kpi: {name:?}, {side}: {bound:?}), ").ok();
                }
                DraftConstraint::Breach {
                    signal,
                    limit,
                    at_most,
                } => {
                    let name = &scene.signal(*signal).full_name;
                    let most = number(name, at_most)?;
                    write!(
                        constraints,
                        "Breach(signal: {name:?}, limit: {limit:?}, at_most: {most:?}), "
                    )
                    .ok();
                }
            }
        }
        Ok(format!(
            "Search(variables: [{variables}], objective: (kpi: {objective:?}{goal}), \
             constraints: [{constraints}], budget: {})",
            self.budget
        ))
    }
}

fn number(name: &str, text: &str) -> Result<f64, String> {
    let found = text.trim().parse::<f64>().ok();
    found
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("{name}: `{text}` is not a number"))
}

//! What differs from run to run of a campaign.

use std::time::Duration;

use super::spec::Goal;
use crate::scene::{Effect, LimitKind, Override, Scenario};
use crate::signal::SignalId;
use crate::units::Unit;

/// What differs from run to run.
#[derive(Clone, Debug)]
pub enum Design {
    /// The seeds alone.
    Replications,
    /// Every value of one parameter with every value of the other.
    Sweep(Vec<(Parameter, Vec<f64>)>),
    /// One parameter after another, low and high, around the scenario as it is.
    Tornado(Vec<(Parameter, [f64; 2])>),
    /// What is best.
    Search(Search),
}

/// Signals that are changed together by one number.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The head of its column.
    pub name: String,
    /// The signals.
    pub signals: Vec<SignalId>,
    /// Their unit.
    pub unit: Unit,
    /// What a value does to them.
    pub effect: ParameterEffect,
    /// From when to when after the start; `None` for always.
    pub span: Option<(Duration, Duration)>,
}

/// What a value does to the signals of its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterEffect {
    /// Holds them there.
    Set,
    /// Multiplies them.
    Times,
    /// Is added to them.
    Plus,
}

/// A constrained search by differential evolution.
#[derive(Clone, Debug)]
pub struct Search {
    /// What may be chosen.
    pub variables: Vec<Variable>,
    /// The KPI that is made best.
    pub kpi: usize,
    /// Which way.
    pub goal: Goal,
    /// What must hold.
    pub constraints: Vec<Constraint>,
    /// How many runs it may take.
    pub budget: u32,
}

/// One number that a search chooses.
#[derive(Clone, Debug)]
pub struct Variable {
    /// What it changes.
    pub parameter: Parameter,
    /// From what it is chosen.
    pub choice: Choice,
}

/// From what a number is chosen.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Anything between two values.
    Between(f64, f64),
    /// Whole numbers between two.
    Whole(f64, f64),
    /// One of these.
    Of(Vec<f64>),
}

/// What a search must keep to.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// The mean of a KPI, in its unit, lies between these.
    Kpi {
        /// Which KPI.
        kpi: usize,
        /// Not below.
        least: f64,
        /// Not above.
        most: f64,
    },
    /// A limit is breached with no more than this probability.
    Breach {
        /// The signal.
        signal: SignalId,
        /// Which kind of limit.
        limit: LimitKind,
        /// 0 to 1.
        most: f64,
    },
}

impl Parameter {
    /// Changes `scenario` by a value in the parameter's unit.
    pub fn apply(&self, value: f64, scenario: &mut Scenario) {
        let effect = match self.effect {
            ParameterEffect::Set => Effect::Set(self.unit.to_si(value)),
            ParameterEffect::Times => Effect::Times(value),
            ParameterEffect::Plus => Effect::Plus(self.unit.span_to_si(value)),
        };
        scenario.overrides.extend(self.signals.iter().map(|signal| {
            let change = Override::always(*signal, effect.clone());
            match self.span {
                None => change,
                Some((from, until)) => Override {
                    from,
                    until: Some(until),
                    ..change
                },
            }
        }));
    }
}

impl Choice {
    /// The bounds of the number that the optimiser moves.
    pub(super) fn bounds(&self) -> [f64; 2] {
        match self {
            Self::Between(low, high) => [*low, *high],
            Self::Whole(low, high) => [*low, *high + 1.0],
            Self::Of(values) => [0.0, values.len() as f64],
        }
    }

    /// The value that such a number stands for.
    pub(super) fn value(&self, number: f64) -> f64 {
        match self {
            Self::Between(low, high) => number.clamp(*low, *high),
            Self::Whole(low, high) => number.floor().clamp(*low, *high),
            Self::Of(values) => {
                let place = (number.max(0.0) as usize).min(values.len().saturating_sub(1));
                values.get(place).copied().unwrap_or(number)
            }
        }
    }
}

impl Design {
    /// The parameters, in the order of their columns.
    pub fn parameters(&self) -> Vec<&Parameter> {
        match self {
            Self::Replications => Vec::new(),
            Self::Sweep(swept) => swept.iter().map(|(parameter, _)| parameter).collect(),
            Self::Tornado(bounded) => bounded.iter().map(|(parameter, _)| parameter).collect(),
            Self::Search(search) => {
                let variables = search.variables.iter();
                variables.map(|variable| &variable.parameter).collect()
            }
        }
    }

    /// The points that are known beforehand: one value for each parameter, `None` for as it is.
    pub fn points(&self) -> Vec<Vec<Option<f64>>> {
        match self {
            Self::Replications => vec![Vec::new()],
            Self::Search(_) => Vec::new(),
            Self::Sweep(swept) => swept.iter().fold(vec![Vec::new()], |points, (_, values)| {
                let longer = points.iter().flat_map(|point: &Vec<Option<f64>>| {
                    values.iter().map(move |value| {
                        let mut longer = point.clone();
                        longer.push(Some(*value));
                        longer
                    })
                });
                longer.collect()
            }),
            Self::Tornado(bounded) => {
                let base = vec![None; bounded.len()];
                let mut points = vec![base.clone()];
                for (place, (_, ends)) in bounded.iter().enumerate() {
                    points.extend(ends.iter().map(|end| {
                        let mut point = base.clone();
                        point[place] = Some(*end);
                        point
                    }));
                }
                points
            }
        }
    }
}

//! Checks the parts of a plan against the scene, and turns them into a design.

use std::fmt::Display;
use std::time::Duration;

use super::design::{Choice, Constraint, Design, Parameter, ParameterEffect, Search, Variable};
use super::spec::{
    BoundedSpec, ConstraintSpec, DesignSpec, EffectSpec, Goal, SearchSpec, SweptSpec, VariableSpec,
};
use crate::problem::{Outline, Problem, Step, did_you_mean};
use crate::scene::{Better, pattern};
use crate::session::Opened;
use crate::signal::SignalId;
use crate::time::parse_duration;

/// More decision variables than this are beyond differential evolution.
const MAX_VARIABLES: usize = 200;
/// More values of one parameter are refused.
const MAX_VALUES: u32 = 10_000;

/// What is wrong with a plan, collected.
pub(super) struct Checks<'a> {
    outline: Outline,
    opened: &'a Opened,
    problems: Vec<Problem>,
}

type Path<'p> = &'p [Step];

impl<'a> Checks<'a> {
    pub(super) fn new(text: &str, opened: &'a Opened) -> Self {
        Self {
            outline: Outline::of(text),
            opened,
            problems: Vec::new(),
        }
    }

    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }

    pub(super) fn add(
        &mut self,
        path: Path<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let line = self.outline.line(path);
        self.problems.push(Problem::new(line, message, hint));
    }

    /// Notes an error whose text says after a semicolon how to mend it.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        path: Path<'_>,
        found: Result<T, E>,
    ) -> Option<T> {
        let error = match found {
            Ok(value) => return Some(value),
            Err(error) => error.to_string(),
        };
        let (message, hint) = error.split_once("; ").unwrap_or((&error, ""));
        self.add(path, message, hint);
        None
    }

    pub(super) fn duration(&mut self, path: Path<'_>, text: &str) -> Option<Duration> {
        let span = self.parsed(path, parse_duration(text))?;
        if span.is_zero() {
            self.add(path, "this time is zero", "write a time such as 6h");
            return None;
        }
        Some(span)
    }

    pub(super) fn design(&mut self, spec: &DesignSpec, horizon: Duration) -> Design {
        let list = [Step::from("design"), "parameters".into()];
        match spec {
            DesignSpec::Replications => Design::Replications,
            DesignSpec::Sweep(sweep) => {
                if !(1..=2).contains(&sweep.parameters.len()) {
                    let message = format!("a sweep of {} parameters", sweep.parameters.len());
                    self.add(
                        &list,
                        message,
                        "a sweep has one parameter or two; a tornado any number",
                    );
                }
                let found = sweep.parameters.iter().enumerate();
                Design::Sweep(self.distinct(
                    &list,
                    found.map(|(place, one)| (place, one.clone())),
                    Self::swept,
                ))
            }
            DesignSpec::Tornado(tornado) => {
                if tornado.parameters.is_empty() {
                    self.add(&list, "a tornado of no parameters", "write at least one");
                }
                let found = tornado.parameters.iter().enumerate();
                Design::Tornado(self.distinct(
                    &list,
                    found.map(|(place, one)| (place, one.clone())),
                    |checks, path, one| {
                        let parameter =
                            checks.parameter(path, one.name.as_ref(), &one.signal, one.effect)?;
                        checks.ends(path, one.low, one.high)?;
                        Some((parameter, [one.low, one.high]))
                    },
                ))
            }
            DesignSpec::Search(search) => Design::Search(self.search(search, horizon)),
        }
    }

    /// Each of a list, but for those that are wrong.
    fn distinct<S, T>(
        &mut self,
        list: Path<'_>,
        specs: impl Iterator<Item = (usize, S)>,
        one: impl Fn(&mut Self, Path<'_>, &S) -> Option<(Parameter, T)>,
    ) -> Vec<(Parameter, T)> {
        let mut found: Vec<(Parameter, T)> = Vec::new();
        for (place, spec) in specs {
            let mut path = list.to_vec();
            path.push(place.into());
            let Some((parameter, rest)) = one(self, &path, &spec) else {
                continue;
            };
            if found.iter().any(|(known, _)| known.name == parameter.name) {
                let message = format!("the parameter `{}` stands twice", parameter.name);
                self.add(&path, message, "give each a `name` of its own");
            }
            found.push((parameter, rest));
        }
        found
    }

    fn swept(&mut self, path: Path<'_>, spec: &SweptSpec) -> Option<(Parameter, Vec<f64>)> {
        let parameter = self.parameter(path, spec.name.as_ref(), &spec.signal, spec.effect);
        let values = match (spec.range, spec.count) {
            (None, None) if !spec.values.is_empty() => spec.values.clone(),
            (Some((low, high)), Some(count @ 2..=MAX_VALUES)) if spec.values.is_empty() => {
                let share = |place: u32| f64::from(place) / f64::from(count - 1);
                (0..count)
                    .map(|place| low + (high - low) * share(place))
                    .collect()
            }
            _ => {
                let message = "the values of this parameter are not clear";
                let hint = "write either `values: [...]` or `range: (low, high), count: 2 or more`";
                self.add(path, message, hint);
                return None;
            }
        };
        if values.iter().any(|value| !value.is_finite()) || values.len() > MAX_VALUES as usize {
            self.add(
                path,
                "these are no ordinary values",
                "write ordinary numbers",
            );
            return None;
        }
        Some((parameter?, values))
    }

    fn ends(&mut self, path: Path<'_>, low: f64, high: f64) -> Option<()> {
        if low < high && low.is_finite() && high.is_finite() {
            return Some(());
        }
        let message = format!("nothing lies between {low} and {high}");
        self.add(path, message, "write `low` below `high`");
        None
    }

    fn parameter(
        &mut self,
        path: Path<'_>,
        name: Option<&String>,
        signal: &str,
        effect: EffectSpec,
    ) -> Option<Parameter> {
        let scene = &self.opened.scene;
        let signals: Vec<SignalId> = scene
            .signal_ids()
            .filter(|id| pattern::matches(signal, &scene.signal(*id).full_name))
            .collect();
        let Some(first) = signals.first() else {
            let known = scene.signals.iter().map(|one| one.full_name.as_str());
            let hint = did_you_mean(signal, known);
            self.add(path, format!("no signal is called `{signal}`"), hint);
            return None;
        };
        let unit = scene.signal(*first).unit;
        for id in &signals {
            let other = scene.signal(*id);
            if other.unit != unit {
                let (one, two) = (&scene.signal(*first).full_name, &other.full_name);
                let message = format!("`{one}` and `{two}` have other units");
                self.add(path, message, "what one number changes must be alike");
                return None;
            }
            if !self.opened.plant.takes(*id) {
                let message = format!("no model reads `{}`", other.full_name);
                self.add(path, message, "`parallax check` lists what models read");
                return None;
            }
        }
        Some(Parameter {
            name: name.cloned().unwrap_or_else(|| signal.to_owned()),
            signals,
            unit,
            effect: match effect {
                EffectSpec::Set => ParameterEffect::Set,
                EffectSpec::Times => ParameterEffect::Times,
                EffectSpec::Plus => ParameterEffect::Plus,
            },
            span: None,
        })
    }

    fn search(&mut self, spec: &SearchSpec, horizon: Duration) -> Search {
        let root = Step::from("design");
        let list = [root.clone(), "variables".into()];
        let mut variables = Vec::new();
        for (place, variable) in spec.variables.iter().enumerate() {
            let path = [&list[..], &[place.into()]].concat();
            variables.extend(self.variable(&path, variable, horizon));
        }
        if !(1..=MAX_VARIABLES).contains(&variables.len()) && self.problems.is_empty() {
            let message = format!("{} numbers are to be chosen", variables.len());
            self.add(&list, message, format!("a search has 1 to {MAX_VARIABLES}"));
        }
        if spec.budget < 10 {
            let message = format!("{} runs are too few for a search", spec.budget);
            self.add(
                &[root.clone(), "budget".into()],
                message,
                "write 10 or more",
            );
        }
        let path = [root.clone(), "objective".into()];
        let kpi = self.kpi(&path, &spec.objective.kpi);
        let better = kpi.map(|kpi| self.opened.scene.kpis[kpi].better);
        let goal = spec.objective.goal.or(match better {
            Some(Better::Lower) => Some(Goal::Min),
            Some(Better::Higher) => Some(Goal::Max),
            Some(Better::Neither) | None => None,
        });
        if kpi.is_some() && goal.is_none() {
            let message = "which way is better is not said";
            self.add(&path, message, "write `goal: Min` or `goal: Max`");
        }
        let mut constraints = Vec::new();
        for (place, constraint) in spec.constraints.iter().enumerate() {
            let path = [root.clone(), "constraints".into(), place.into()];
            constraints.extend(self.constraint(&path, constraint));
        }
        Search {
            variables,
            kpi: kpi.unwrap_or(0),
            goal: goal.unwrap_or(Goal::Min),
            constraints,
            budget: spec.budget,
        }
    }

    fn variable(
        &mut self,
        path: Path<'_>,
        spec: &VariableSpec,
        horizon: Duration,
    ) -> Vec<Variable> {
        let bounded = |checks: &mut Self, one: &BoundedSpec| {
            let parameter = checks.parameter(path, one.name.as_ref(), &one.signal, one.effect)?;
            checks.ends(path, one.low, one.high)?;
            Some(parameter)
        };
        let one = |parameter: Option<Parameter>, choice| {
            let variable = parameter.map(|parameter| Variable { parameter, choice });
            variable.into_iter().collect()
        };
        match spec {
            VariableSpec::Continuous(spec) => {
                one(bounded(self, spec), Choice::Between(spec.low, spec.high))
            }
            VariableSpec::Integer(spec) => {
                let choice = Choice::Whole(spec.low.ceil(), spec.high.floor());
                one(bounded(self, spec), choice)
            }
            VariableSpec::Choice(spec) => {
                if spec.values.is_empty() || spec.values.iter().any(|value| !value.is_finite()) {
                    self.add(
                        path,
                        "there is nothing to choose from",
                        "write `values: [...]`",
                    );
                }
                let parameter = self.parameter(path, spec.name.as_ref(), &spec.signal, spec.effect);
                one(parameter, Choice::Of(spec.values.clone()))
            }
            VariableSpec::Schedule(spec) => {
                let set = EffectSpec::Set;
                let parameter = self.parameter(path, spec.name.as_ref(), &spec.signal, set);
                let (Some(parameter), Some(block)) = (parameter, self.duration(path, &spec.block))
                else {
                    return Vec::new();
                };
                let blocks = horizon.as_nanos().div_ceil(block.as_nanos());
                if blocks > MAX_VARIABLES as u128 {
                    let message = format!("{blocks} blocks fill the horizon");
                    self.add(path, message, format!("{MAX_VARIABLES} are the most"));
                    return Vec::new();
                }
                let blocks = 0..blocks as u32;
                let variable = |place| Variable {
                    parameter: Parameter {
                        name: format!("{} block {place}", parameter.name),
                        span: Some((block * place, block * (place + 1))),
                        ..parameter.clone()
                    },
                    choice: Choice::Of(vec![spec.off, spec.on]),
                };
                blocks.map(variable).collect()
            }
        }
    }

    fn constraint(&mut self, path: Path<'_>, spec: &ConstraintSpec) -> Option<Constraint> {
        match spec {
            ConstraintSpec::Kpi(spec) => {
                let (least, most) = (spec.at_least, spec.at_most);
                if least.or(most).is_none() {
                    self.add(path, "this bounds nothing", "write `at_most` or `at_least`");
                }
                Some(Constraint::Kpi {
                    kpi: self.kpi(path, &spec.kpi)?,
                    least: least.unwrap_or(f64::NEG_INFINITY),
                    most: most.unwrap_or(f64::INFINITY),
                })
            }
            ConstraintSpec::Breach(spec) => {
                if !(0.0..=1.0).contains(&spec.at_most) {
                    let message = format!("{} is no probability", spec.at_most);
                    self.add(path, message, "write a number from 0 to 1");
                }
                let scene = &self.opened.scene;
                let Some(signal) = scene.find_signal(&spec.signal) else {
                    let known = scene.signals.iter().map(|one| one.full_name.as_str());
                    let hint = did_you_mean(&spec.signal, known);
                    self.add(path, format!("no signal is called `{}`", spec.signal), hint);
                    return None;
                };
                let kinds = scene.signal(signal).limits.iter().map(|limit| limit.kind);
                let kinds: Vec<_> = kinds.collect();
                if !kinds.contains(&spec.limit) {
                    let message = format!("`{}` has no limit {:?}", spec.signal, spec.limit);
                    self.add(path, message, format!("it has {kinds:?}"));
                }
                Some(Constraint::Breach {
                    signal,
                    limit: spec.limit,
                    most: spec.at_most,
                })
            }
        }
    }

    fn kpi(&mut self, path: Path<'_>, name: &str) -> Option<usize> {
        let kpis = &self.opened.scene.kpis;
        let found = kpis.iter().position(|kpi| kpi.name == name);
        if found.is_none() {
            let hint = did_you_mean(name, kpis.iter().map(|kpi| kpi.name.as_str()));
            self.add(path, format!("the scene has no KPI `{name}`"), hint);
        }
        found
    }
}

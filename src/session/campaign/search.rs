//! Constrained search by differential evolution.
//!
//! R. Storn, K. Price: Differential evolution, J. Global Optimization 11 (1997), strategy
//! rand/1/bin. Constraints follow K. Deb: An efficient constraint handling method for genetic
//! algorithms, CMAME 186 (2000): what is feasible beats what is not, of two that are not the
//! one that is less far off, of two that are the one with the better objective.
//!
//! The optimiser is asked again from its start after every generation, with all that is known
//! by then: it asks the same points again and one generation more. So a search has no state to
//! keep, can be gone on with from its runs alone, and its runs of one generation can be
//! computed together.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use metaheuristics_nature::{Bounded, De, ObjFunc, Solver, Strategy};

use super::design::{Constraint, Search};
use super::run::Outcome;
use super::spec::Goal;
use crate::scene::Scene;

/// Individuals for each number that is chosen, at most this many in all.
const PER_VARIABLE: usize = 5;
const MAX_POPULATION: usize = 40;
/// Differential evolution mixes three others.
const MIN_POPULATION: usize = 5;
/// A search ends when so many generations ask nothing new.
const MAX_IDLE_GENERATIONS: u32 = 20;

/// How good a point is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merit {
    /// By how much constraints are missed, each relative to its bound; 0 if all are kept.
    pub violation: f64,
    /// The objective, less is better.
    pub objective: f64,
}

impl PartialOrd for Merit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let violation = self.violation.total_cmp(&other.violation);
        Some(violation.then(self.objective.total_cmp(&other.objective)))
    }
}

impl Merit {
    /// A point whose run failed: worse than all others.
    const FAILED: Self = Self {
        violation: f64::INFINITY,
        objective: f64::INFINITY,
    };

    /// How good a run is.
    pub fn of(search: &Search, scene: &Scene, outcome: &Outcome) -> Self {
        let kpi = |place: usize| outcome.kpis.get(place).copied().flatten();
        if outcome.failure.is_some() {
            return Self::FAILED;
        }
        let Some(objective) = kpi(search.kpi) else {
            return Self::FAILED;
        };
        // Members that could not go on say nothing good of a point.
        let mut violation = f64::from(outcome.failed_members) / f64::from(outcome.members.max(1));
        for constraint in &search.constraints {
            violation += match constraint {
                Constraint::Kpi {
                    kpi: place,
                    least,
                    most,
                } => match kpi(*place) {
                    Some(told) => missed(told.mean, *least, *most),
                    None => return Self::FAILED,
                },
                Constraint::Breach {
                    signal,
                    limit,
                    most,
                } => {
                    let limits = scene.signal(*signal).limits.iter().enumerate();
                    let same = limits.filter(|(_, rule)| rule.kind == *limit);
                    let names =
                        same.map(|(place, _)| super::run::breach_name(scene, *signal, place));
                    let told = names.filter_map(|name| outcome.breaches.get(&name).copied());
                    missed(told.fold(0.0, f64::max), f64::NEG_INFINITY, *most)
                }
            };
        }
        Self {
            violation,
            objective: match search.goal {
                Goal::Min => objective.mean,
                Goal::Max => -objective.mean,
            },
        }
    }
}

/// How far a value lies outside its bounds, relative to them.
fn missed(value: f64, least: f64, most: f64) -> f64 {
    let past = |distance: f64, bound: f64| distance.max(0.0) / bound.abs().max(1e-3);
    past(least - value, least).max(past(value - most, most))
}

/// The key of a point: the bits of its values.
pub(super) type Point = Vec<u64>;

pub(super) fn key(values: &[Option<f64>]) -> Point {
    values
        .iter()
        .map(|value| value.unwrap_or(f64::NAN).to_bits())
        .collect()
}

/// The points that the search asks next, given the merit of those that are known; none if it
/// is at its end.
pub(super) fn ask(
    search: &Search,
    known: &BTreeMap<Point, Merit>,
    seed: u64,
) -> Vec<Vec<Option<f64>>> {
    let budget = search.budget as usize;
    let left = budget.saturating_sub(known.len());
    if left == 0 || search.variables.is_empty() {
        return Vec::new();
    }
    let choices = search.variables.iter();
    let bounds: Vec<_> = choices.map(|one| one.choice.bounds()).collect();
    let population = (PER_VARIABLE * bounds.len()).min(budget / 4);
    let population = population.clamp(MIN_POPULATION, MAX_POPULATION);
    let asked = Mutex::new(Asked::default());
    let question = Question {
        search,
        known,
        bounds,
        asked: &asked,
    };
    let solver = Solver::build(De::new().strategy(Strategy::C2F2), question)
        .seed(seed)
        .pop_num(population)
        .task(|_| asked.lock().is_ok_and(|mut asked| asked.ends_generation()))
        .solve();
    drop(solver); // what it asked is what we want
    let mut wanted = asked.into_inner().unwrap_or_default().wanted;
    wanted.truncate(left);
    wanted
}

/// What the optimiser asked since its start.
#[derive(Default)]
struct Asked {
    /// Every point so far.
    seen: BTreeSet<Point>,
    /// How many there were a generation ago.
    seen_before: usize,
    idle_generations: u32,
    /// Points whose merit is not known, in the order in which they were asked.
    wanted: Vec<Vec<Option<f64>>>,
}

impl Asked {
    /// True if the optimiser cannot go on, or has nothing new to ask.
    fn ends_generation(&mut self) -> bool {
        let idle = self.seen.len() == self.seen_before;
        self.seen_before = self.seen.len();
        self.idle_generations = if idle { self.idle_generations + 1 } else { 0 };
        !self.wanted.is_empty() || self.idle_generations >= MAX_IDLE_GENERATIONS
    }
}

/// What the optimiser is to make small.
struct Question<'a> {
    search: &'a Search,
    known: &'a BTreeMap<Point, Merit>,
    bounds: Vec<[f64; 2]>,
    asked: &'a Mutex<Asked>,
}

impl Bounded for Question<'_> {
    fn bound(&self) -> &[[f64; 2]] {
        &self.bounds
    }
}

impl ObjFunc for Question<'_> {
    type Ys = Merit;

    fn fitness(&self, numbers: &[f64]) -> Merit {
        let variables = self.search.variables.iter().zip(numbers);
        let point: Vec<_> = variables
            .map(|(variable, number)| Some(variable.choice.value(*number)))
            .collect();
        let key = key(&point);
        let merit = self.known.get(&key).copied();
        if let Ok(mut asked) = self.asked.lock()
            && asked.seen.insert(key)
            && merit.is_none()
        {
            asked.wanted.push(point);
        }
        merit.unwrap_or(Merit::FAILED)
    }
}

#[cfg(test)]
mod tests {
    use super::super::design::{Choice, Parameter, ParameterEffect, Variable};
    use super::*;

    fn search(choices: Vec<Choice>, budget: u32) -> Search {
        let variable = |(place, choice): (usize, Choice)| Variable {
            parameter: Parameter {
                name: format!("x{place}"),
                signals: Vec::new(),
                unit: "m".parse().expect("a unit"),
                effect: ParameterEffect::Set,
                span: None,
            },
            choice,
        };
        Search {
            variables: choices.into_iter().enumerate().map(variable).collect(),
            kpi: 0,
            goal: Goal::Min,
            constraints: Vec::new(),
            budget,
        }
    }

    /// Asks until the end; the best point and its merit, and how many runs it took.
    fn solve(
        search: &Search,
        seed: u64,
        merit: impl Fn(&[f64]) -> Merit,
    ) -> (Vec<f64>, Merit, usize) {
        let mut known = BTreeMap::new();
        let mut best: Option<(Vec<f64>, Merit)> = None;
        loop {
            let points = ask(search, &known, seed);
            if points.is_empty() {
                let (values, merit) = best.expect("at least one point");
                return (values, merit, known.len());
            }
            for point in points {
                let values: Vec<f64> = point.iter().flatten().copied().collect();
                let merit = merit(&values);
                assert_eq!(
                    known.insert(key(&point), merit),
                    None,
                    "asked twice: {values:?}"
                );
                if best.as_ref().is_none_or(|(_, known)| merit < *known) {
                    best = Some((values, merit));
                }
            }
        }
    }

    #[test]
    fn the_optimum_under_a_constraint_is_found_within_the_budget() {
        // Least x² + y² with x + y >= 2: at (1, 1), 2.
        let search = search(
            vec![Choice::Between(-5.0, 5.0), Choice::Between(-5.0, 5.0)],
            600,
        );
        for seed in [1, 2, 3] {
            let (values, merit, runs) = solve(&search, seed, |x| Merit {
                violation: missed(x[0] + x[1], 2.0, f64::INFINITY),
                objective: x[0] * x[0] + x[1] * x[1],
            });
            assert!(runs <= 600, "seed {seed}: {runs} runs");
            assert_eq!(merit.violation, 0.0, "seed {seed}");
            assert!(
                (merit.objective - 2.0).abs() < 0.02,
                "seed {seed}: {values:?} {merit:?}"
            );
        }
    }

    #[test]
    fn whole_numbers_and_choices_end_when_nothing_new_is_left() {
        let search = search(
            vec![Choice::Whole(0.0, 3.0), Choice::Of(vec![7.0, 9.0])],
            1_000,
        );
        let (values, merit, runs) = solve(&search, 5, |x| Merit {
            violation: 0.0,
            objective: (x[0] - 2.0).abs() + x[1],
        });
        assert_eq!((values, merit.objective), (vec![2.0, 7.0], 7.0));
        assert!(runs <= 8, "there are only 8 points: {runs}");
    }

    #[test]
    fn what_is_feasible_beats_what_is_not() {
        let of = |violation, objective| Merit {
            violation,
            objective,
        };
        assert!(of(0.0, 9.0) < of(0.1, 1.0));
        assert!(of(0.1, 9.0) < of(0.2, 1.0));
        assert!(of(0.0, 1.0) < of(0.0, 2.0));
        assert!(of(5.0, 1.0) < Merit::FAILED);
    }
}

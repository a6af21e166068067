//! What the models say of a window, for several sets of unknowns side by side.

use std::sync::Arc;

use nalgebra::DVector;
use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

use super::least_squares::Prediction;
use super::observations::Observations;
use crate::models;
use crate::scene::{Distribution, Scenario, Uncertain, UncertainEffect};
use crate::signal::SignalId;
use crate::simulation::squad::{Member, MemberChange, Squad};
use crate::simulation::{Plant, RunPlan, draws};

/// Scores beyond this have no share that could be told from 0 or 1.
const FARTHEST: f64 = 8.0;

/// Runs over a window.
pub(super) struct Forward<'a> {
    plan: Arc<RunPlan>,
    free: &'a [Uncertain],
    observations: &'a Observations,
    derived: &'a [SignalId],
}

impl<'a> Forward<'a> {
    /// Runs of `plant` over the window of `observations`; the values of `derived` at its end
    /// belong to the answer.
    pub(super) fn new(
        plant: &Arc<Plant>,
        observations: &'a Observations,
        free: &'a [Uncertain],
        derived: &'a [SignalId],
        seed: u64,
    ) -> Self {
        let window = &observations.window;
        let scenario = Scenario {
            forcing: observations.followed.clone(),
            ..Scenario::plain("What was measured", window.length, window.step)
        };
        let plan = RunPlan {
            plant: Arc::clone(plant),
            initial: observations.initial.clone(),
            scenario,
            seed,
        };
        Self {
            plan: Arc::new(plan),
            free,
            observations,
            derived,
        }
    }

    /// The answers for sets of scores; `None` where a run could not go on.
    ///
    /// With `parallel`, sets are shared out over rayon's current pool. The answers are the same
    /// either way, bit for bit.
    pub(super) fn evaluate(
        &self,
        points: &[DVector<f64>],
        parallel: bool,
    ) -> Vec<Option<Prediction>> {
        let changes: Vec<_> = points.iter().map(|point| self.change(point)).collect();
        let groups = changes.chunks(models::GROUP);
        let answers: Vec<Vec<_>> = if parallel {
            changes
                .par_chunks(models::GROUP)
                .map(|group| self.run(group))
                .collect()
        } else {
            groups.map(|group| self.run(group)).collect()
        };
        answers.into_iter().flatten().collect()
    }

    fn change(&self, scores: &DVector<f64>) -> MemberChange {
        let mut change = MemberChange::default();
        for (free, score) in self.free.iter().zip(scores.iter()) {
            let number = number(&free.distribution, *score);
            match draws::change(free, number) {
                Some(effect) => change.effects.push(effect),
                None => change.starts.push((free.signal, number)),
            }
        }
        change
    }

    fn run(&self, changes: &[MemberChange]) -> Vec<Option<Prediction>> {
        let mut squad = Squad::start_changed(Arc::clone(&self.plan), changes);
        let signals = &self.observations.signals;
        let mut next = vec![0; signals.len()];
        // By member and signal.
        let mut seen: Vec<Vec<Vec<f64>>> = vec![vec![Vec::new(); signals.len()]; changes.len()];
        loop {
            for (index, signal) in signals.iter().enumerate() {
                let place = signal.values.get(next[index]).map(|(place, _)| *place);
                if place != Some(squad.place()) {
                    continue;
                }
                next[index] += 1;
                for (member, seen) in squad.members().iter().zip(&mut seen) {
                    seen[index].push(member.value(signal.signal));
                }
            }
            if !squad.step() {
                break;
            }
        }
        let answer = |(member, seen): (&Member, Vec<Vec<f64>>)| {
            let ends = self.derived.iter().map(|signal| member.value(*signal));
            member.failure().is_none().then(|| Prediction {
                observed: seen.into_iter().flatten().collect(),
                derived: ends.collect(),
            })
        };
        squad.members().iter().zip(seen).map(answer).collect()
    }
}

/// The number whose normal score is `score`.
pub(super) fn number(distribution: &Distribution, score: f64) -> f64 {
    match distribution {
        // Exact, and open to both ends.
        Distribution::Normal(mean, sd) => mean + sd * score,
        Distribution::LogNormal(mean, sd) => {
            let variance = (1.0 + (sd / mean).powi(2)).ln();
            (mean.ln() - 0.5 * variance + variance.sqrt() * score).exp()
        }
        other => {
            let share = Normal::standard().cdf(score.clamp(-FARTHEST, FARTHEST));
            draws::quantile(other, share.clamp(f64::EPSILON, 1.0 - f64::EPSILON))
        }
    }
}

/// What is left of a distribution once its score is known to be normal with this mean and
/// standard deviation.
pub(super) fn narrowed(prior: &Distribution, mean: f64, sd: f64) -> Distribution {
    /// Numbers that stand for a distribution without a formula.
    const STRIPES: u32 = 65;
    match prior {
        Distribution::Normal(..) => {
            let middle = number(prior, mean);
            Distribution::Normal(middle, (number(prior, mean + sd) - middle).abs())
        }
        Distribution::LogNormal(..) => {
            let middle = number(prior, mean).ln();
            let variance = (number(prior, mean + sd).ln() - middle).powi(2);
            let expected = (middle + 0.5 * variance).exp();
            Distribution::LogNormal(expected, expected * variance.exp_m1().sqrt())
        }
        _ => {
            let normal = Normal::standard();
            let stripes = (0..STRIPES).map(|stripe| {
                let share = (f64::from(stripe) + 0.5) / f64::from(STRIPES);
                number(prior, mean + sd * normal.inverse_cdf(share))
            });
            Distribution::Empirical(stripes.collect())
        }
    }
}

/// True if `effect` says where a state starts.
pub(super) fn is_start(free: &Uncertain) -> bool {
    free.effect == UncertainEffect::Start
}

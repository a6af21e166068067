//! From an estimate to a run that begins where it ends, and does not know more than it does.

use super::{Estimate, Parameter};
use crate::scene::{Correlation, Distribution, Uncertain, UncertainEffect};
use crate::signal::SignalId;
use crate::simulation::RunPlan;

/// States that are surer than this share of their size are known.
const SURE: f64 = 1e-9;
/// Correlations nearer to 0 are left out.
const UNRELATED: f64 = 1e-3;

/// One thing that the run does not know exactly.
struct Carried {
    uncertain: Uncertain,
    /// Its place in the estimate's covariance.
    place: usize,
    /// The share of its spread that comes from the estimate.
    share: f64,
}

impl Estimate {
    /// Makes `plan`, which starts at the window's end, start from this estimate: states that
    /// nobody measured get their value, and what is uncertain is drawn from the posterior.
    ///
    /// Where the scenario says itself that a factor is uncertain, that is a spread around the
    /// estimate.
    pub fn carry_into(&self, plan: &mut RunPlan) {
        let free = self.parameters.len();
        let mut carried = Vec::new();
        for (place, parameter) in self.parameters.iter().enumerate() {
            if parameter.prior.effect == UncertainEffect::Start {
                continue; // where it began is past
            }
            let signal = parameter.prior.signal;
            let own = plan
                .scenario
                .uncertain
                .iter()
                .position(|one| one.signal == signal);
            let own = own.map(|index| plan.scenario.uncertain.remove(index));
            let (uncertain, share) = joined(parameter, own);
            carried.push(Carried {
                uncertain,
                place,
                share,
            });
        }
        for (place, state) in self.states.iter().enumerate() {
            if plan.initial.value(state.signal).is_some() {
                continue;
            }
            plan.initial.set(state.signal, state.value);
            let drawn = plan.scenario.uncertain.iter();
            let drawn = drawn.map(|one| one.signal).any(|id| id == state.signal);
            if drawn || state.sd <= SURE * state.value.abs().max(1.0) {
                continue;
            }
            carried.push(Carried {
                uncertain: Uncertain {
                    signal: state.signal,
                    effect: UncertainEffect::Start,
                    distribution: Distribution::Normal(state.value, state.sd),
                },
                place: free + place,
                share: 1.0,
            });
        }
        let correlations = self.correlations(&carried);
        let uncertain = &mut plan.scenario.uncertain;
        uncertain.extend(carried.into_iter().map(|one| one.uncertain));
        // What the scenario relates, it relates still.
        for one in correlations {
            let known = |other: &Correlation| same_pair(other.between, one.between);
            if !plan.scenario.correlations.iter().any(known) {
                plan.scenario.correlations.push(one);
            }
        }
    }

    /// The correlation of two places of the covariance, −1 to 1.
    pub fn correlation(&self, one: usize, other: usize) -> f64 {
        let variances = self.covariance[(one, one)] * self.covariance[(other, other)];
        if variances <= 0.0 {
            return f64::from(u8::from(one == other));
        }
        (self.covariance[(one, other)] / variances.sqrt()).clamp(-1.0, 1.0)
    }

    fn correlations(&self, carried: &[Carried]) -> Vec<Correlation> {
        let mut found = Vec::new();
        for (index, one) in carried.iter().enumerate() {
            for other in &carried[index + 1..] {
                let by = self.correlation(one.place, other.place) * one.share * other.share;
                if by.abs() > UNRELATED {
                    found.push(Correlation {
                        between: (one.uncertain.signal, other.uncertain.signal),
                        by,
                    });
                }
            }
        }
        found
    }
}

/// The posterior of a parameter with the scenario's own spread of the same signal around it, and
/// the share of the spread that is the posterior's.
fn joined(parameter: &Parameter, own: Option<Uncertain>) -> (Uncertain, f64) {
    let alone = Uncertain {
        distribution: parameter.posterior.clone(),
        ..parameter.prior.clone()
    };
    let Some(own) = own.filter(|own| {
        own.effect == UncertainEffect::Times && parameter.prior.effect == UncertainEffect::Times
    }) else {
        return (alone, 1.0);
    };
    let (Distribution::LogNormal(mean, sd) | Distribution::Normal(mean, sd)) = own.distribution
    else {
        return (alone, 1.0);
    };
    if mean <= 0.0 || parameter.value <= 0.0 {
        return (alone, 1.0);
    }
    // Of a product of independent factors, the variances of the logarithms add up.
    let log_variance = |mean: f64, sd: f64| (1.0 + (sd / mean).powi(2)).ln();
    let (ours, theirs) = (
        log_variance(parameter.value, parameter.sd),
        log_variance(mean, sd),
    );
    let middle = parameter.value * mean;
    let distribution = Distribution::LogNormal(middle, middle * (ours + theirs).exp_m1().sqrt());
    let share = if ours > 0.0 {
        (ours / (ours + theirs)).sqrt()
    } else {
        0.0
    };
    let joined = Uncertain {
        distribution,
        ..parameter.prior.clone()
    };
    (joined, share)
}

fn same_pair(one: (SignalId, SignalId), other: (SignalId, SignalId)) -> bool {
    one == other || one == (other.1, other.0)
}

//! What one member draws of what is uncertain.
//!
//! The number of a signal depends on the run's seed, the member and the signal alone: two
//! scenarios of one seed draw the same for what they share (common random numbers), whatever
//! else is uncertain in one of them. Correlated signals share their normal scores by the
//! Cholesky factor of the correlation matrix (a Gaussian copula).

use nalgebra::{Cholesky, DMatrix, DVector};
use rand::RngExt;
use rand::seq::SliceRandom;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::models::Seed;
use crate::scene::{
    Distribution, Effect, Override, Sampling, Scenario, Uncertain, UncertainEffect,
};
use crate::signal::SignalId;

/// The place of the scenario's own draws among the models' seeds.
const SCENARIO_DRAWS: u32 = u32::MAX;
/// The place of the shuffling of stripes.
const STRIPES: u32 = u32::MAX - 1;
/// Added to a correlation matrix that is only just one, until it can be factored.
const RIDGE: f64 = 1e-9;

/// What happens to the plant in this member: its own draws first, so that a value that a
/// person sets is the value that holds.
pub(super) fn effects(scenario: &Scenario, run: u64, member: u32) -> Vec<Override> {
    let shares = shares(scenario, run, member);
    let drawn = scenario.uncertain.iter().zip(shares);
    drawn
        .filter_map(|(uncertain, share)| {
            change(uncertain, quantile(&uncertain.distribution, share))
        })
        .collect()
}

/// The states that start elsewhere in this member, SI.
pub(super) fn starts(scenario: &Scenario, run: u64, member: u32) -> Vec<(SignalId, f64)> {
    let starts = |uncertain: &Uncertain| uncertain.effect == UncertainEffect::Start;
    if !scenario.uncertain.iter().any(starts) {
        return Vec::new();
    }
    let drawn = scenario.uncertain.iter();
    drawn
        .zip(shares(scenario, run, member))
        .filter(|(uncertain, _)| starts(uncertain))
        .map(|(uncertain, share)| {
            let number = quantile(&uncertain.distribution, share);
            (uncertain.signal, number)
        })
        .collect()
}

/// What `number` does to its signal; `None` if it is where a state starts.
pub(super) fn change(uncertain: &Uncertain, number: f64) -> Option<Override> {
    let effect = match uncertain.effect {
        UncertainEffect::Set => Effect::Set(number),
        UncertainEffect::Times => Effect::Times(number),
        UncertainEffect::Plus => Effect::Plus(number),
        UncertainEffect::Start => return None,
    };
    Some(Override::always(uncertain.signal, effect))
}

/// The share of each distribution that lies below this member's number.
fn shares(scenario: &Scenario, run: u64, member: u32) -> Vec<f64> {
    let uncertain = &scenario.uncertain;
    let shares: Vec<f64> = uncertain
        .iter()
        .map(|one| share(scenario, run, member, one.signal.0))
        .collect();
    if scenario.correlations.is_empty() {
        return shares;
    }
    let Some(factor) = factor(scenario) else {
        return shares;
    };
    let normal = Normal::standard();
    let scores = shares.iter().map(|share| normal.inverse_cdf(*share));
    let scores = factor * DVector::from_iterator(uncertain.len(), scores);
    scores.iter().map(|score| normal.cdf(*score)).collect()
}

/// One signal's share, open to both ends.
fn share(scenario: &Scenario, run: u64, member: u32, signal: u32) -> f64 {
    let seed = Seed {
        run,
        member,
        model: SCENARIO_DRAWS,
    };
    let share: f64 = seed.generator(u64::from(signal)).random();
    // Both ends have no normal score.
    let share = share.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    match scenario.sampling {
        Sampling::Random => share,
        Sampling::LatinHypercube => {
            // Members that are added later fill the stripes anew.
            let count = scenario.members.max(1);
            let (block, place) = (member / count, member % count);
            let stripe = stripes(run, block, signal, count)[place as usize];
            (f64::from(stripe) + share) / f64::from(count)
        }
    }
}

/// Which stripe of a signal each member of a block has.
fn stripes(run: u64, block: u32, signal: u32, count: u32) -> Vec<u32> {
    let seed = Seed {
        run,
        member: block,
        model: STRIPES,
    };
    let mut stripes: Vec<u32> = (0..count).collect();
    stripes.shuffle(&mut seed.generator(u64::from(signal)));
    stripes
}

/// The lower factor of the correlation matrix.
fn factor(scenario: &Scenario) -> Option<DMatrix<f64>> {
    let uncertain = &scenario.uncertain;
    let place = |id| uncertain.iter().position(|entry| entry.signal == id);
    let mut matrix = DMatrix::<f64>::identity(uncertain.len(), uncertain.len());
    for correlation in &scenario.correlations {
        let (one, other) = correlation.between;
        let (one, other) = (place(one)?, place(other)?);
        matrix[(one, other)] = correlation.by;
        matrix[(other, one)] = correlation.by;
    }
    // Of signals that go together exactly, the matrix is singular.
    (0..4).find_map(|power| {
        let mut ridged = matrix.clone();
        if power > 0 {
            let ridge = RIDGE * 100_f64.powi(power);
            ridged = (ridged + DMatrix::identity(uncertain.len(), uncertain.len()) * ridge)
                / (1.0 + ridge);
        }
        Cholesky::new(ridged).map(|factor| factor.l())
    })
}

/// The number that `share` of the distribution lies below.
pub(super) fn quantile(distribution: &Distribution, share: f64) -> f64 {
    let score = || Normal::standard().inverse_cdf(share);
    match distribution {
        Distribution::Normal(mean, sd) => mean + sd * score(),
        Distribution::LogNormal(mean, sd) => {
            let variance = (1.0 + (sd / mean).powi(2)).ln();
            (mean.ln() - 0.5 * variance + variance.sqrt() * score()).exp()
        }
        Distribution::Uniform(low, high) => low + (high - low) * share,
        Distribution::Triangular(low, mode, high) => {
            let whole = high - low;
            if whole <= 0.0 {
                return *low;
            }
            let turn = (mode - low) / whole;
            if share < turn {
                low + (share * whole * (mode - low)).sqrt()
            } else {
                high - ((1.0 - share) * whole * (high - mode)).sqrt()
            }
        }
        Distribution::Empirical(all) => {
            let place = share * all.len().saturating_sub(1) as f64;
            let low = place.floor() as usize;
            let high = (low + 1).min(all.len() - 1);
            all[low] + (place - low as f64) * (all[high] - all[low])
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scene::Correlation;

    const DAY: Duration = Duration::from_secs(86_400);

    fn scenario(distributions: &[Distribution], members: u32) -> Scenario {
        let uncertain = (0..)
            .zip(distributions)
            .map(|(id, distribution)| Uncertain {
                signal: SignalId(id),
                effect: UncertainEffect::Set,
                distribution: distribution.clone(),
            });
        Scenario {
            members,
            uncertain: uncertain.collect(),
            ..Scenario::plain("drawn", DAY, DAY)
        }
    }

    fn numbers(scenario: &Scenario, signal: usize) -> Vec<f64> {
        let member = |member| match effects(scenario, 7, member)[signal].effect {
            Effect::Set(number) => number,
            ref other => panic!("{other:?}"),
        };
        (0..scenario.members).map(member).collect()
    }

    fn moments(numbers: &[f64]) -> (f64, f64) {
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let squares = numbers.iter().map(|number| (number - mean).powi(2));
        (mean, (squares.sum::<f64>() / count).sqrt())
    }

    #[test]
    fn numbers_have_the_moments_of_their_distribution() {
        let thirds = Distribution::Triangular(1.0, 2.0, 6.0);
        for (distribution, mean, sd) in [
            (Distribution::Normal(3.0, 2.0), 3.0, 2.0),
            (Distribution::LogNormal(1.0, 0.3), 1.0, 0.3),
            (
                Distribution::Uniform(2.0, 4.0),
                3.0,
                (4.0_f64 / 12.0).sqrt(),
            ),
            (thirds, 3.0, (42.0_f64 / 36.0).sqrt()),
            (
                Distribution::Empirical([0.0, 1.0].into()),
                0.5,
                (1.0_f64 / 12.0).sqrt(),
            ),
        ] {
            let drawn = numbers(&scenario(std::slice::from_ref(&distribution), 20_000), 0);
            let (found, spread) = moments(&drawn);
            assert!(
                (found - mean).abs() < 4.0 * sd / 141.0,
                "{distribution:?}: {found}"
            );
            assert!(
                (spread - sd).abs() < 0.04 * sd,
                "{distribution:?}: {spread}"
            );
        }
    }

    #[test]
    fn each_stripe_of_a_latin_hypercube_has_one_member() {
        let mut plan = scenario(
            &[
                Distribution::Uniform(0.0, 50.0),
                Distribution::Uniform(0.0, 50.0),
            ],
            50,
        );
        plan.sampling = Sampling::LatinHypercube;
        for signal in 0..2 {
            let mut stripes: Vec<_> = numbers(&plan, signal).iter().map(|n| *n as u32).collect();
            stripes.sort_unstable();
            assert_eq!(stripes, (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn draws_are_correlated_as_asked() {
        let mut plan = scenario(
            &[
                Distribution::Normal(0.0, 1.0),
                Distribution::Normal(5.0, 2.0),
            ],
            20_000,
        );
        for by in [-1.0, -0.6, 0.0, 0.8, 1.0] {
            plan.correlations = vec![Correlation {
                between: (SignalId(0), SignalId(1)),
                by,
            }];
            let (one, other) = (numbers(&plan, 0), numbers(&plan, 1));
            let ((a, sa), (b, sb)) = (moments(&one), moments(&other));
            let products = one.iter().zip(&other).map(|(x, y)| (x - a) * (y - b));
            let found = products.sum::<f64>() / (one.len() as f64 * sa * sb);
            assert!((found - by).abs() < 0.02, "{found} for {by}");
        }
    }

    #[test]
    fn what_two_scenarios_share_is_drawn_alike() {
        let short = scenario(&[Distribution::Normal(0.0, 1.0)], 20);
        let long = scenario(
            &[
                Distribution::Normal(0.0, 1.0),
                Distribution::Uniform(0.0, 1.0),
            ],
            20,
        );
        assert_eq!(numbers(&short, 0), numbers(&long, 0));
    }
}

//! The fit alone, on models with a formula.

use nalgebra::DVector;
use parallax::simulation::estimate::least_squares::{Datum, Fit, FitError, Prediction, fit};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Instants of each of two instruments.
const INSTANTS: usize = 20;
/// The error of both.
const ERROR: f64 = 0.2;

/// What two instruments show of two numbers: a slope and its square, an offset.
fn predicted(scores: &DVector<f64>) -> Vec<f64> {
    let shown = |place: usize| {
        let after = place as f64 / INSTANTS as f64;
        let one = scores[0] * after + 0.05 * scores[0] * scores[0];
        (one, scores[1] + 0.5 * one)
    };
    let first = (0..INSTANTS).map(|place| shown(place).0);
    first
        .chain((0..INSTANTS).map(|place| shown(place).1))
        .collect()
}

fn solve(data: &[Datum], unknowns: usize) -> Result<Fit, FitError> {
    fit(unknowns, data, &mut |points| {
        let answer = |point: &DVector<f64>| {
            Some(Prediction {
                observed: predicted(point),
                derived: vec![2.0 * point[1]],
            })
        };
        points.iter().map(answer).collect()
    })
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

/// Data of these numbers, with errors as expected.
fn data(truth: &DVector<f64>, random: &mut ChaCha8Rng) -> Vec<Datum> {
    let exact = predicted(truth).into_iter().enumerate();
    exact
        .map(|(place, value)| Datum {
            value: value + ERROR * normal(random),
            sd: ERROR,
            group: place / INSTANTS,
        })
        .collect()
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let (mut covered, mut derived, trials) = (0, 0, 400);
    for seed in 0..trials {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let truth = DVector::from_fn(2, |_, _| normal(&mut random));
        let found = solve(&data(&truth, &mut random), 2).expect("there is data");
        for unknown in 0..2 {
            let sd = found.covariance[(unknown, unknown)].sqrt();
            covered += u64::from((found.scores[unknown] - truth[unknown]).abs() < 1.96 * sd);
        }
        let sd = found.covariance[(2, 2)].sqrt();
        derived += u64::from((found.derived[0] - 2.0 * truth[1]).abs() < 1.96 * sd);
    }
    let share = covered as f64 / (2 * trials) as f64;
    let derived = derived as f64 / trials as f64;
    println!("95 % intervals hold the truth in {share:.3}, of what is derived in {derived:.3}");
    assert!((0.92..0.99).contains(&share), "{share}");
    assert!((0.92..0.99).contains(&derived), "{derived}");
}

#[test]
fn a_linear_fit_is_that_of_the_textbook() {
    // y = u, n times, error s: the posterior mean is Σy / (n + s²), its variance s² / (n + s²).
    let values = [1.3, 0.9, 1.1];
    let data: Vec<_> = values
        .iter()
        .map(|value| Datum {
            value: *value,
            sd: 0.5,
            group: 0,
        })
        .collect();
    let found = fit(1, &data, &mut |points| {
        let answer = |point: &DVector<f64>| {
            let observed = vec![point[0]; 3];
            Some(Prediction {
                observed,
                derived: Vec::new(),
            })
        };
        points.iter().map(answer).collect()
    });
    let found = found.expect("there is data");
    assert!(
        (found.scores[0] - 3.3 / 3.25).abs() < 1e-6,
        "{}",
        found.scores[0]
    );
    assert!((found.covariance[(0, 0)] - 0.25 / 3.25).abs() < 1e-9);
}

#[test]
fn a_broken_instrument_loses_its_say() {
    for seed in 0..20 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let truth = DVector::from_fn(2, |_, _| random.random_range(-1.0..1.0));
        // Two instruments of each kind; the last one is stuck far off.
        let mut shown = data(&truth, &mut random);
        let again = data(&truth, &mut random).into_iter();
        shown.extend(again.map(|datum| Datum {
            group: datum.group + 2,
            ..datum
        }));
        let solve = |shown: &[Datum]| {
            let found = fit(2, shown, &mut |points| {
                let answer = |point: &DVector<f64>| {
                    let mut observed = predicted(point).repeat(2);
                    observed.truncate(shown.len());
                    Some(Prediction {
                        observed,
                        derived: Vec::new(),
                    })
                };
                points.iter().map(answer).collect()
            });
            found.expect("there is data")
        };
        let whole = solve(&shown);
        for datum in shown.iter_mut().filter(|datum| datum.group == 3) {
            datum.value = 30.0;
        }
        let spoilt = solve(&shown);
        assert!(spoilt.scales[3] > 20.0, "seed {seed}: {:?}", spoilt.scales);
        for unknown in 0..2 {
            let moved = (spoilt.scores[unknown] - whole.scores[unknown]).abs();
            let sd = whole.covariance[(unknown, unknown)].sqrt();
            assert!(moved < 4.0 * sd, "seed {seed}: {moved} with {sd}");
        }
    }
}

#[test]
fn what_data_do_not_tell_stays_as_it_was_known() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let truth = DVector::from_vec(vec![0.5, -0.5, 0.0]);
    let found = solve(&data(&truth, &mut random), 3).expect("there is data");
    assert!(found.scores[2].abs() < 1e-9);
    assert!((found.covariance[(2, 2)] - 1.0).abs() < 1e-9);
    assert!(found.covariance[(0, 0)] < 0.2);
}

#[test]
fn nothing_to_fit_to_is_told() {
    assert_eq!(solve(&[], 2).err(), Some(FitError::NoData));
    let datum = Datum {
        value: 1.0,
        sd: 1.0,
        group: 0,
    };
    let silent = fit(1, &[datum], &mut |points| vec![None; points.len()]);
    assert_eq!(silent.err(), Some(FitError::NoStart));
}

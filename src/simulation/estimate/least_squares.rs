//! Unknown numbers from data: Bayesian least squares that a broken instrument does not bend.
//!
//! ```text
//! minimise  Σ ρ((yᵢ − fᵢ(u)) / (σᵢ s))  +  ½ Σ uⱼ²
//! ```
//!
//! Every unknown is a *score* u with the prior N(0, 1). ρ is Huber's loss (Huber 1964), minimised
//! by Levenberg and Marquardt's steps (Marquardt 1963) with the derivatives of central
//! differences; all the points that one step needs are asked for at once, so that whoever
//! evaluates them can do so side by side. Each group of data (an instrument) has a scale s of at
//! least 1: how much wider than its σ its residuals spread, and how much less they tell for
//! being alike from one instant to the next. The posterior is the normal one at the minimum.

use nalgebra::{Cholesky, DMatrix, DVector};
use thiserror::Error;

/// Steps of one descent.
const MAX_STEPS: u32 = 30;
/// Descents; the scales of the groups are taken anew after each.
const ROUNDS: u32 = 5;
/// A step shorter than this many posterior standard deviations is the last.
const SHORT_STEP: f64 = 0.01;
/// Scales that change by less are settled.
const SETTLED: f64 = 0.05;
/// Normalised residuals beyond this count less than their square.
const HUBER: f64 = 2.0;
/// Damping at which a descent is given up.
const MOST_DAMPED: f64 = 1e10;
/// Groups of fewer data have no scale of their own.
const FEWEST: usize = 8;
/// The median of |N(0, 1)| is its inverse.
const MEDIAN_TO_SD: f64 = 1.4826;
/// Bounds of the distance of a difference, in prior standard deviations.
const DIFFERENCES: (f64, f64) = (1e-3, 0.1);
/// A group tells something if a prior standard deviation moves one of its data by so many σ.
const TELLS: f64 = 0.05;

/// One number that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum {
    /// What was measured.
    pub value: f64,
    /// The standard deviation of its error, above 0.
    pub sd: f64,
    /// Its instrument, counted from 0. Data of one instrument are in order of time.
    pub group: usize,
}

/// What a model says for one set of unknowns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Of each datum, in their order.
    pub observed: Vec<f64>,
    /// Of whatever else is asked for, with its uncertainty.
    pub derived: Vec<f64>,
}

/// What data say about the unknowns.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The likeliest scores.
    pub scores: DVector<f64>,
    /// What is derived from them.
    pub derived: Vec<f64>,
    /// The posterior covariance of scores, then of what is derived.
    pub covariance: DMatrix<f64>,
    /// (measured − predicted) / σ, by datum.
    pub residuals: Vec<f64>,
    /// How many times its σ each group is off, at least 1.
    pub scales: Vec<f64>,
    /// Whether a group says anything about any unknown.
    pub tells: Vec<bool>,
    /// Steps that were tried.
    pub iterations: u32,
    /// The sum at the start and after each step that was taken. Scales change between descents.
    pub costs: Vec<f64>,
    /// Sets of unknowns that were evaluated.
    pub evaluations: usize,
}

/// Why there is no fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FitError {
    /// Nothing was measured.
    #[error("there is no measurement to fit to")]
    NoData,
    /// The model has no answer at the prior.
    #[error("the model has no answer for what is known before")]
    NoStart,
}

/// Evaluates sets of scores; `None` where the model has no answer.
pub type Evaluate<'a> = dyn FnMut(&[DVector<f64>]) -> Vec<Option<Prediction>> + 'a;

/// Fits `unknowns` scores to `data`.
pub fn fit(unknowns: usize, data: &[Datum], evaluate: &mut Evaluate<'_>) -> Result<Fit, FitError> {
    if data.is_empty() {
        return Err(FitError::NoData);
    }
    let groups = data.iter().map(|datum| datum.group + 1).max().unwrap_or(0);
    let mut search = Search {
        data,
        scales: vec![1.0; groups],
        distances: DVector::from_element(unknowns, DIFFERENCES.1),
        evaluate,
        iterations: 0,
        costs: Vec::new(),
        evaluations: 0,
    };
    let start = search
        .look(&DVector::zeros(unknowns))
        .ok_or(FitError::NoStart)?;
    let mut here = search.descend(start);
    for _ in 1..ROUNDS {
        if search.rescale(&here) {
            break;
        }
        here = search.descend(here);
    }
    Ok(search.finish(here))
}

/// A descent at work.
struct Search<'a, 'b> {
    data: &'a [Datum],
    scales: Vec<f64>,
    distances: DVector<f64>,
    evaluate: &'a mut Evaluate<'b>,
    iterations: u32,
    costs: Vec<f64>,
    evaluations: usize,
}

/// A set of scores and what lies around it.
struct Point {
    scores: DVector<f64>,
    derived: Vec<f64>,
    /// (measured − predicted) / σ.
    residuals: Vec<f64>,
    /// Derivatives of predicted / σ.
    slopes: DMatrix<f64>,
    derived_slopes: DMatrix<f64>,
}

impl Search<'_, '_> {
    /// What lies at and around `scores`; `None` if the model has no answer there.
    fn look(&mut self, scores: &DVector<f64>) -> Option<Point> {
        let unknowns = scores.len();
        let mut asked = vec![scores.clone()];
        for unknown in 0..unknowns {
            for sign in [1.0, -1.0] {
                let mut beside = scores.clone();
                beside[unknown] += sign * self.distances[unknown];
                asked.push(beside);
            }
        }
        self.evaluations += asked.len();
        let mut answers = (self.evaluate)(&asked).into_iter();
        let here = answers.next().flatten()?;
        let data = self.data;
        let residuals = data.iter().zip(&here.observed);
        let residuals: Vec<f64> = residuals
            .map(|(datum, predicted)| (datum.value - predicted) / datum.sd)
            .collect();
        if residuals.iter().any(|residual| !residual.is_finite()) {
            return None;
        }
        let mut slopes = DMatrix::zeros(data.len(), unknowns);
        let mut derived_slopes = DMatrix::zeros(here.derived.len(), unknowns);
        for unknown in 0..unknowns {
            let (above, below) = (answers.next().flatten(), answers.next().flatten());
            // Where the model has an answer on one side only, that side must do.
            let sides = f64::from(u8::from(above.is_some()) + u8::from(below.is_some()));
            let span = self.distances[unknown] * sides;
            if span <= 0.0 {
                continue;
            }
            let above = above.as_ref().unwrap_or(&here);
            let below = below.as_ref().unwrap_or(&here);
            for (row, datum) in data.iter().enumerate() {
                let slope = (above.observed[row] - below.observed[row]) / (span * datum.sd);
                slopes[(row, unknown)] = if slope.is_finite() { slope } else { 0.0 };
            }
            for row in 0..here.derived.len() {
                let slope = (above.derived[row] - below.derived[row]) / span;
                derived_slopes[(row, unknown)] = if slope.is_finite() { slope } else { 0.0 };
            }
        }
        Some(Point {
            scores: scores.clone(),
            derived: here.derived,
            residuals,
            slopes,
            derived_slopes,
        })
    }

    /// Goes down from `here` as far as it goes.
    fn descend(&mut self, mut here: Point) -> Point {
        let mut cost = self.cost(&here);
        self.costs.push(cost);
        let mut damping = 1e-3;
        for _ in 0..MAX_STEPS {
            let (normal, gradient) = self.normal(&here);
            let mut damped = normal.clone();
            for place in 0..damped.nrows() {
                damped[(place, place)] *= 1.0 + damping;
            }
            let Some(factor) = Cholesky::new(damped) else {
                damping = (damping * 10.0).max(1e-6);
                if damping > MOST_DAMPED {
                    break;
                }
                continue;
            };
            let step = factor.solve(&gradient);
            let spread = spread(&normal);
            let length = step.zip_map(&spread, |step, sd| (step / sd).abs()).max();
            self.iterations += 1;
            self.distances = spread.map(|sd| (0.5 * sd).clamp(DIFFERENCES.0, DIFFERENCES.1));
            let next = self.look(&(&here.scores + step));
            let next_cost = next.as_ref().map_or(f64::INFINITY, |next| self.cost(next));
            match next {
                Some(next) if next_cost <= cost => {
                    here = next;
                    cost = next_cost;
                    self.costs.push(cost);
                    damping = (damping * 0.1).max(1e-9);
                }
                _ => damping *= 10.0,
            }
            if length < SHORT_STEP || damping > MOST_DAMPED {
                break;
            }
        }
        here
    }

    fn cost(&self, point: &Point) -> f64 {
        let losses = self.data.iter().zip(&point.residuals);
        let losses = losses.map(|(datum, residual)| huber(residual / self.scales[datum.group]));
        losses.sum::<f64>() + 0.5 * point.scores.norm_squared()
    }

    /// The normal equations, priors included: their matrix and right-hand side.
    fn normal(&self, point: &Point) -> (DMatrix<f64>, DVector<f64>) {
        let weights = self.data.iter().zip(&point.residuals);
        let weights: Vec<f64> = weights
            .map(|(datum, residual)| {
                let scale = self.scales[datum.group];
                let far = (residual / scale).abs();
                (HUBER / far.max(HUBER)) / (scale * scale)
            })
            .collect();
        let mut weighted = point.slopes.clone();
        for (mut row, weight) in weighted.row_iter_mut().zip(&weights) {
            row *= *weight;
        }
        let residuals = DVector::from_column_slice(&point.residuals);
        let unknowns = point.scores.len();
        let normal = point.slopes.tr_mul(&weighted) + DMatrix::identity(unknowns, unknowns);
        let gradient = weighted.tr_mul(&residuals) - &point.scores;
        (normal, gradient)
    }

    /// Takes the scale of each group from its residuals. True if none changed much.
    fn rescale(&mut self, here: &Point) -> bool {
        let mut settled = true;
        for group in 0..self.scales.len() {
            let own = self.data.iter().zip(&here.residuals);
            let own: Vec<f64> = own
                .filter(|(datum, _)| datum.group == group)
                .map(|(_, residual)| *residual)
                .collect();
            let scale = scale(&own);
            settled &= (scale / self.scales[group] - 1.0).abs() < SETTLED;
            self.scales[group] = scale;
        }
        settled
    }

    fn finish(self, here: Point) -> Fit {
        let (normal, _) = self.normal(&here);
        let unknowns = here.scores.len();
        let own = Cholesky::new(normal).map_or_else(
            || DMatrix::identity(unknowns, unknowns),
            |factor| factor.inverse(),
        );
        let derived = here.derived.len();
        let mut lift = DMatrix::identity(unknowns + derived, unknowns);
        lift.rows_mut(unknowns, derived)
            .copy_from(&here.derived_slopes);
        let covariance = &lift * own * lift.transpose();
        let mut tells = vec![false; self.scales.len()];
        for (row, datum) in self.data.iter().enumerate() {
            tells[datum.group] |= here.slopes.row(row).amax() > TELLS;
        }
        Fit {
            scores: here.scores,
            derived: here.derived,
            covariance,
            residuals: here.residuals,
            scales: self.scales,
            tells,
            iterations: self.iterations,
            costs: self.costs,
            evaluations: self.evaluations,
        }
    }
}

/// The posterior standard deviations that a normal matrix stands for.
fn spread(normal: &DMatrix<f64>) -> DVector<f64> {
    let ones = || DVector::from_element(normal.nrows(), 1.0);
    Cholesky::new(normal.clone()).map_or_else(ones, |factor| {
        factor.inverse().diagonal().map(|v| v.max(1e-18).sqrt())
    })
}

fn huber(residual: f64) -> f64 {
    let far = residual.abs();
    if far <= HUBER {
        0.5 * far * far
    } else {
        HUBER * (far - 0.5 * HUBER)
    }
}

/// How much less residuals tell than as many independent ones of standard deviation 1.
fn scale(residuals: &[f64]) -> f64 {
    if residuals.len() < FEWEST {
        return 1.0;
    }
    let mut sizes: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let wide = (MEDIAN_TO_SD * sizes[sizes.len() / 2]).max(1.0);
    // Of a first-order process, n values tell as much as n (1 − r) / (1 + r) independent ones.
    let bounded: Vec<f64> = residuals
        .iter()
        .map(|residual| residual.clamp(-4.0 * wide, 4.0 * wide))
        .collect();
    let squares: f64 = bounded.iter().map(|residual| residual * residual).sum();
    let products: f64 = bounded.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let alike = if squares > 0.0 {
        products / squares
    } else {
        0.0
    };
    if alike < 2.0 / (residuals.len() as f64).sqrt() {
        return wide;
    }
    let alike = alike.min(0.98);
    wide * ((1.0 + alike) / (1.0 - alike)).sqrt()
}

//! What nobody measures, from what was measured: states and slow parameters with their
//! uncertainty.
//!
//! [`Observations`] are what a window of the past shows; [`estimate`] fits runs of the plant over
//! that window to them by [`least_squares`], many runs side by side, and gives an [`Estimate`]:
//! numbers, their covariance, what each instrument has against them, and what the data do
//! not tell. [`Estimate::carry_into`] takes all that into a run from the window's end. [`leak`]
//! finds leaks in a water network.
//!
//! Limitations: the posterior is normal in the scores of the priors; what is free is held
//! constant over the window.

mod forward;
pub mod leak;
pub mod least_squares;
mod observations;
mod posterior;

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use thiserror::Error;

use self::forward::{Forward, is_start, narrowed, number};
use self::least_squares::{Datum, Fit, FitError};
pub use self::observations::{Observations, ObservedSignal, Window, instrument_error};
use super::Plant;
use crate::models::Causality;
use crate::scene::{Distribution, Scene, Uncertain};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// Data that leave more than this share of the prior's standard deviation say nothing.
const UNINFORMED: f64 = 0.9;
/// Half the width of the 95 % interval of a normal distribution, in standard deviations.
const NORMAL_95: f64 = 1.959_964;

/// What is fitted, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What is free, with what is known of it before.
    pub free: Vec<Uncertain>,
    /// Where the models' random numbers come from.
    pub seed: u64,
    /// Whether runs are shared out over rayon's current pool. The answer is the same.
    pub parallel: bool,
}

/// What the data say.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The window that was fitted; the estimate holds at its end.
    pub window: Window,
    /// What was free.
    pub parameters: Vec<Parameter>,
    /// States that nobody measures, at the window's end.
    pub states: Vec<EstimatedState>,
    /// The posterior covariance of the parameters' normal scores, then of the states, SI.
    pub covariance: DMatrix<f64>,
    /// What each instrument has against the estimate.
    pub residuals: Vec<SignalResidual>,
    /// What the runs were told.
    pub followed: Vec<SignalId>,
    /// Steps of the fit that were tried.
    pub iterations: u32,
    /// Its cost, at the start and after each step that was taken.
    pub costs: Vec<f64>,
    /// Runs over the window.
    pub runs: usize,
}

/// One free number after the fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What was known before.
    pub prior: Uncertain,
    /// The likeliest number: SI, or a factor.
    pub value: f64,
    /// Its standard deviation.
    pub sd: f64,
    /// Between these it lies with a probability of 95 %.
    pub interval: (f64, f64),
    /// What is left of the prior.
    pub posterior: Distribution,
    /// The posterior standard deviation over that of the prior; 1 if the data say nothing.
    pub left: f64,
}

/// A state that nobody measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EstimatedState {
    /// The signal.
    pub signal: SignalId,
    /// Its value, SI.
    pub value: f64,
    /// Its standard deviation, SI, as far as it comes from what was free.
    pub sd: f64,
}

/// What an instrument has against the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignalResidual {
    /// The signal.
    pub signal: SignalId,
    /// How many values were compared.
    pub count: usize,
    /// The standard deviation of its error that was expected, SI.
    pub sd: f64,
    /// The mean of (measured − fitted) / sd.
    pub mean: f64,
    /// Their root mean square; about 1 if all is well.
    pub rms: f64,
    /// How many times its `sd` it was taken to be off, at least 1.
    pub scale: f64,
    /// Whether it says anything about what is free.
    pub tells: bool,
}

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EstimateError {
    /// Nobody said what is sought.
    #[error("nothing is free to be estimated; name it in the scene's `estimate` list")]
    NothingFree,
    /// A signal that no model takes from outside.
    #[error("`{signal}` cannot be estimated: {why}")]
    NotFree {
        /// Its name.
        signal: String,
        /// What is in the way, and the way out.
        why: &'static str,
    },
    /// The window holds no two instants.
    #[error("the window must be at least as long as its step, and the step longer than 0")]
    Window,
    /// No usable value.
    #[error(
        "no instrument has a good and fresh value from {from} to {to}; choose a window in which the plant was recorded"
    )]
    NoData {
        /// The first instant of the window.
        from: Timestamp,
        /// Its last.
        to: Timestamp,
    },
    /// The models cannot start.
    #[error("the models have no answer for the window with what is known before; check the priors")]
    NoStart,
}

impl Parameter {
    /// True if the data say next to nothing about it.
    pub fn is_uninformed(&self) -> bool {
        self.left > UNINFORMED
    }
}

/// Fits what is free to `observations`.
pub fn estimate(
    scene: &Scene,
    plant: &Arc<Plant>,
    observations: &Observations,
    question: &Question,
) -> Result<Estimate, EstimateError> {
    check_free(scene, plant, &question.free)?;
    let hidden: Vec<_> = plant
        .outputs()
        .iter()
        .copied()
        .filter(|id| plant.role(*id) == Some(Causality::State))
        .filter(|id| !observations.signals.iter().any(|seen| seen.signal == *id))
        .collect();
    let forward = Forward::new(plant, observations, &question.free, &hidden, question.seed);
    let data = data(observations);
    let mut evaluate = |points: &[DVector<f64>]| forward.evaluate(points, question.parallel);
    let fit = least_squares::fit(question.free.len(), &data, &mut evaluate);
    let fit = fit.map_err(|error| match error {
        FitError::NoData => EstimateError::NoData {
            from: observations.window.from,
            to: observations.window.end(),
        },
        FitError::NoStart => EstimateError::NoStart,
    })?;
    Ok(tell(observations, question, &hidden, fit))
}

/// The observations as the fit takes them: instrument after instrument.
fn data(observations: &Observations) -> Vec<Datum> {
    let signals = observations.signals.iter().enumerate();
    let data = signals.flat_map(|(group, signal)| {
        let values = signal.values.iter();
        values.map(move |(_, value)| Datum {
            value: *value,
            sd: signal.sd,
            group,
        })
    });
    data.collect()
}

/// Everything that is free must be something that a model takes.
fn check_free(scene: &Scene, plant: &Plant, free: &[Uncertain]) -> Result<(), EstimateError> {
    if free.is_empty() {
        return Err(EstimateError::NothingFree);
    }
    for (place, one) in free.iter().enumerate() {
        let role = plant.role(one.signal);
        let why = match (is_start(one), role) {
            _ if free[..place].iter().any(|other| other.signal == one.signal) => {
                "it is free twice; remove one of the two"
            }
            (_, None) => "no model knows it",
            (true, Some(Causality::State)) | (false, Some(Causality::Input)) => continue,
            (false, Some(Causality::Output)) if plant.is_shared(one.signal) => continue,
            (true, Some(_)) => "it is no state that a model starts from; use `times` or `plus`",
            (false, Some(Causality::State)) => "it is a state; estimate where it starts: `start`",
            (false, Some(Causality::Output)) => "a model computes it",
        };
        return Err(EstimateError::NotFree {
            signal: scene.signal(one.signal).full_name.clone(),
            why,
        });
    }
    Ok(())
}

fn tell(
    observations: &Observations,
    question: &Question,
    hidden: &[SignalId],
    fit: Fit,
) -> Estimate {
    let sds = fit.covariance.diagonal().map(|v| v.max(0.0).sqrt());
    let parameters = question.free.iter().enumerate().map(|(place, prior)| {
        let (score, left) = (fit.scores[place], sds[place]);
        let at = |score| number(&prior.distribution, score);
        Parameter {
            prior: prior.clone(),
            value: at(score),
            sd: 0.5 * (at(score + left) - at(score - left)).abs(),
            interval: (at(score - NORMAL_95 * left), at(score + NORMAL_95 * left)),
            posterior: narrowed(&prior.distribution, score, left),
            left,
        }
    });
    let states = hidden.iter().zip(&fit.derived).enumerate();
    let states = states.map(|(place, (signal, value))| EstimatedState {
        signal: *signal,
        value: *value,
        sd: sds[question.free.len() + place],
    });
    let mut residuals = Vec::new();
    let mut rest = fit.residuals.as_slice();
    for (group, signal) in observations.signals.iter().enumerate() {
        let (own, others) = rest.split_at(signal.values.len().min(rest.len()));
        rest = others;
        let count = own.len() as f64;
        residuals.push(SignalResidual {
            signal: signal.signal,
            count: own.len(),
            sd: signal.sd,
            mean: own.iter().sum::<f64>() / count,
            rms: (own.iter().map(|residual| residual * residual).sum::<f64>() / count).sqrt(),
            scale: fit.scales[group],
            tells: fit.tells[group],
        });
    }
    Estimate {
        window: observations.window,
        parameters: parameters.collect(),
        states: states.collect(),
        covariance: fit.covariance,
        residuals,
        followed: observations.followed.iter().map(|one| one.signal).collect(),
        iterations: fit.iterations,
        costs: fit.costs,
        runs: fit.evaluations,
    }
}

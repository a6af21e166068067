//! Where a water network leaks, from pressures and flows that differ from those expected.
//!
//! ```text
//! d = s(c) q + e        e ~ N(0, R)
//! R = instruments + (demand in common) g gᵀ + Σ (demand of a junction)² s(c) s(c)ᵀ
//! ```
//!
//! A [`LeakFinder`] computes once what a leak at each candidate junction would change at each
//! sensor, s(c) for a unit of flow. Readings then give for each candidate the flow q that fits
//! them best and how much likelier they are with it than without: a generalised likelihood
//! ratio. Consumers who draw more than expected look like small leaks everywhere, so R knows
//! them by the same sensitivities. The best candidates are computed again at their own size,
//! as pressures do not go in a straight line with it.
//!
//! Limitations: one leak; readings are means over a span in which demand is low and even, as at
//! night.

use std::sync::Arc;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use rayon::prelude::*;
use thiserror::Error;

use crate::models;
use crate::scene::{Effect, Override, Scene};
use crate::signal::SignalId;
use crate::simulation::squad::{MemberChange, Squad};
use crate::simulation::{RunError, RunPlan};

/// How many candidates are computed again, each at the size that fits it, time after time.
const REFINED: [usize; 3] = [400, 150, 60];
/// Leaks that nothing speaks for are too small for that to matter.
const WORTH_REFINING: f64 = 16.0;
/// Places that are weighed against each other.
const CENTRED: usize = 200;
/// A leak smaller than this moves nothing that could be told from rounding, m³/s.
const LEAST_FLOW: f64 = 1e-9;
/// Euler's constant, the mean of the standard Gumbel distribution.
const EULER: f64 = 0.577_215_664_9;

/// An instrument that is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakSensor {
    /// Its signal: a pressure, or a flow into the network.
    pub signal: SignalId,
    /// The standard deviation of the error of a mean reading, SI.
    pub sd: f64,
}

/// A junction that may leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeakCandidate {
    /// Its `leak`.
    pub leak: SignalId,
    /// Its `demand`, leaks included.
    pub demand: SignalId,
}

/// What is known of leaks and consumers before anything is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakSettings {
    /// The leak, in SI of the `leak` signals, for which sensitivities are computed.
    pub trial_leak: f64,
    /// By which share the demand of all consumers together may differ from the expected one.
    pub common_demand_sd: f64,
    /// By which share that of one junction may differ besides.
    pub junction_demand_sd: f64,
    /// Whether runs are shared out over rayon's current pool. The answer is the same.
    pub parallel: bool,
}

/// Finds leaks in one network, by one set of sensors.
pub struct LeakFinder {
    plans: Vec<Arc<RunPlan>>,
    sensors: Vec<LeakSensor>,
    candidates: Vec<LeakCandidate>,
    settings: LeakSettings,
    /// The mean readings that are expected without a leak.
    expected: DVector<f64>,
    /// By candidate: what a unit of flow changes at each sensor.
    sensitivities: Vec<DVector<f64>>,
    /// By candidate: the flow through an opening of 1, m³/s.
    yields: Vec<f64>,
    /// By candidate: what is drawn there without a leak, m³/s.
    demands: Vec<f64>,
    /// The factor of R.
    noise: Cholesky<f64, Dyn>,
}

/// What readings say of a leak.
#[derive(Clone, Debug, PartialEq)]
pub struct LeakReport {
    /// Twice the logarithm of the likelihood ratio of the best leak against none.
    pub statistic: f64,
    /// The candidates that could explain something, the likeliest first; of a clear leak, the best
    /// few hundred.
    pub ranked: Vec<RankedLeak>,
}

/// One candidate as readings show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankedLeak {
    /// The place.
    pub candidate: LeakCandidate,
    /// The flow that fits best, m³/s.
    pub flow: f64,
    /// Its standard deviation, if the place is right, m³/s.
    pub flow_sd: f64,
    /// Its share of the likelihood of all candidates: how probable the place is, given that
    /// something leaks.
    pub probability: f64,
    /// Twice its log-likelihood ratio.
    pub statistic: f64,
}

impl LeakReport {
    /// The place from which the leak is least far away, as far as is known: where to begin to
    /// dig. Many neighbours may each be nearly as likely as the likeliest.
    pub fn centre(&self, scene: &Scene) -> Option<&RankedLeak> {
        let likely = &self.ranked[..self.ranked.len().min(CENTRED)];
        let position = |leak: &RankedLeak| {
            let asset = scene.signal(leak.candidate.leak).asset;
            scene.asset(asset).position
        };
        let expected = |from: &RankedLeak| {
            let from = position(from);
            let ways = likely.iter().map(|to| {
                let to = position(to);
                let squares = (0..2).map(|axis| (to[axis] - from[axis]).powi(2));
                squares.sum::<f64>().sqrt()
            });
            let weighted = ways.zip(likely).map(|(way, to)| way * to.probability);
            weighted.sum::<f64>()
        };
        let far = likely.iter().map(|leak| (expected(leak), leak));
        far.min_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, leak)| leak)
    }
}

/// Why leaks cannot be looked for.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LeakError {
    /// Nothing could be compared.
    #[error("leaks need at least one sensor and one junction with `leak` and `demand`")]
    Nothing,
    /// The network without a leak has no answer.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Errors of the sensors must be positive.
    #[error("the errors of the sensors are not all above 0, or not finite")]
    Errors,
    /// As many readings as sensors are needed.
    #[error("{given} readings for {wanted} sensors")]
    Readings {
        /// How many there are.
        given: usize,
        /// How many there should be.
        wanted: usize,
    },
}

/// The junctions of `scene` that may leak: those that have both a `leak` and a `demand`.
pub fn candidates(scene: &Scene) -> Vec<LeakCandidate> {
    let assets = scene.assets.iter();
    let found = assets.filter_map(|asset| {
        let named = |name| asset.signal_ids().find(|id| scene.signal(*id).name == name);
        Some(LeakCandidate {
            leak: named("leak")?,
            demand: named("demand")?,
        })
    });
    found.collect()
}

/// The statistic that clean days exceed at this rate, 0 to 1: of the extreme-value distribution
/// (Gumbel 1958) with the moments of those that were seen. `None` without at least two.
pub fn threshold(clean: &[f64], rate: f64) -> Option<f64> {
    if clean.len() < 2 || !(rate > 0.0 && rate < 1.0) {
        return None;
    }
    let count = clean.len() as f64;
    let mean = clean.iter().sum::<f64>() / count;
    let squares = clean.iter().map(|value| (value - mean).powi(2));
    let sd = (squares.sum::<f64>() / (count - 1.0)).sqrt();
    let width = sd * 6.0_f64.sqrt() / std::f64::consts::PI;
    let mode = mean - EULER * width;
    Some(mode - width * (-(1.0 - rate).ln()).ln())
}

impl LeakFinder {
    /// Computes what leaks would do at the first instants of `plans`; readings are means over
    /// these instants.
    pub fn new(
        plans: Vec<RunPlan>,
        sensors: Vec<LeakSensor>,
        candidates: Vec<LeakCandidate>,
        settings: LeakSettings,
    ) -> Result<Self, LeakError> {
        if plans.is_empty() || sensors.is_empty() || candidates.is_empty() {
            return Err(LeakError::Nothing);
        }
        let plans: Vec<_> = plans.into_iter().map(Arc::new).collect();
        let mut expected = DVector::zeros(sensors.len());
        let mut demands = vec![0.0; candidates.len()];
        let share = 1.0 / plans.len() as f64;
        for plan in &plans {
            let base = Squad::start_changed(Arc::clone(plan), &[MemberChange::default()]);
            if let Some(failure) = base.member(0).failure() {
                return Err(failure.clone().into());
            }
            expected += reading(&base, 0, &sensors) * share;
            for (demand, candidate) in demands.iter_mut().zip(&candidates) {
                *demand += base.member(0).value(candidate.demand) * share;
            }
        }
        let mut finder = Self {
            expected,
            noise: Cholesky::new(DMatrix::identity(1, 1)).ok_or(LeakError::Errors)?,
            sensitivities: Vec::new(),
            yields: Vec::new(),
            plans,
            sensors,
            candidates,
            settings,
            demands,
        };
        let places: Vec<_> = (0..finder.candidates.len())
            .map(|place| (place, settings.trial_leak))
            .collect();
        let effects = finder.effects(&places);
        let flow = |effect: &Option<(DVector<f64>, f64)>| {
            effect
                .as_ref()
                .map_or(1.0, |(_, flow)| flow / settings.trial_leak)
        };
        finder.yields = effects.iter().map(flow).collect();
        let nothing = || DVector::zeros(finder.sensors.len());
        finder.sensitivities = effects
            .into_iter()
            .map(|effect| effect.map_or_else(nothing, |(change, flow)| change / flow))
            .collect();
        finder.noise = finder.covariance()?;
        Ok(finder)
    }

    /// The mean readings that are expected without a leak, by sensor.
    pub fn expected(&self) -> &[f64] {
        self.expected.as_slice()
    }

    /// What mean readings, by sensor, say of a leak.
    pub fn find(&self, readings: &[f64]) -> Result<LeakReport, LeakError> {
        if readings.len() != self.sensors.len() {
            return Err(LeakError::Readings {
                given: readings.len(),
                wanted: self.sensors.len(),
            });
        }
        let surplus = self.whiten(&(DVector::from_column_slice(readings) - &self.expected));
        let judge = |(place, sensitivity): (usize, &DVector<f64>)| {
            self.judge(place, &surplus, &self.whiten(sensitivity))
        };
        let sensitivities = self.sensitivities.iter().enumerate();
        let mut ranked: Vec<(usize, RankedLeak)> = sensitivities.filter_map(judge).collect();
        sort(&mut ranked);
        let is_worth = |(_, leak): &(usize, RankedLeak)| leak.statistic > WORTH_REFINING;
        if ranked.first().is_some_and(is_worth) {
            self.refine(&mut ranked, &surplus);
        }
        let best = ranked.first().map_or(0.0, |(_, leak)| leak.statistic);
        let likelihood = |leak: &RankedLeak| (0.5 * (leak.statistic - best)).exp();
        let sum: f64 = ranked.iter().map(|(_, leak)| likelihood(leak)).sum();
        let ranked = ranked.into_iter().map(|(_, leak)| RankedLeak {
            probability: likelihood(&leak) / sum,
            ..leak
        });
        Ok(LeakReport {
            statistic: best,
            ranked: ranked.collect(),
        })
    }

    /// Fits the flow at one candidate; `None` if water would have to come in there.
    fn judge(
        &self,
        place: usize,
        surplus: &DVector<f64>,
        sensitivity: &DVector<f64>,
    ) -> Option<(usize, RankedLeak)> {
        let (along, square) = (sensitivity.dot(surplus), sensitivity.norm_squared());
        (along > 0.0 && square > 0.0).then(|| {
            let leak = RankedLeak {
                candidate: self.candidates[place],
                flow: along / square,
                flow_sd: square.sqrt().recip(),
                probability: 0.0,
                statistic: along * along / square,
            };
            (place, leak)
        })
    }

    /// Computes the best candidates again, each at the size that fits it.
    fn refine(&self, ranked: &mut Vec<(usize, RankedLeak)>, surplus: &DVector<f64>) {
        ranked.truncate(REFINED[0]);
        for count in REFINED {
            let count = count.min(ranked.len());
            let best = &mut ranked[..count];
            // The flow goes nearly in a straight line with the opening.
            let places: Vec<_> = best
                .iter()
                .map(|(place, leak)| (*place, leak.flow / self.yields[*place]))
                .collect();
            let effects = self.effects(&places);
            for (own, effect) in best.iter_mut().zip(effects) {
                let again = effect.and_then(|(change, flow)| {
                    self.judge(own.0, surplus, &self.whiten(&(change / flow)))
                });
                if let Some(again) = again {
                    *own = again;
                }
            }
            sort(ranked);
        }
    }

    /// What openings at candidates change at each sensor, and the flow through them; `None` where
    /// the network has no answer or nothing flows.
    fn effects(&self, places: &[(usize, f64)]) -> Vec<Option<(DVector<f64>, f64)>> {
        let share = 1.0 / self.plans.len() as f64;
        let run = |group: &[(usize, f64)]| {
            let change = |(place, size): &(usize, f64)| MemberChange {
                effects: vec![Override::always(
                    self.candidates[*place].leak,
                    Effect::Set(*size),
                )],
                starts: Vec::new(),
            };
            let changes: Vec<_> = group.iter().map(change).collect();
            let nothing =
                |(place, _): &(usize, f64)| Some((-&self.expected, -self.demands[*place]));
            let mut effects: Vec<_> = group.iter().map(nothing).collect();
            for plan in &self.plans {
                let squad = Squad::start_changed(Arc::clone(plan), &changes);
                for (index, (place, _)) in group.iter().enumerate() {
                    let member = squad.member(index);
                    if member.failure().is_some() {
                        effects[index] = None;
                    }
                    if let Some((change, flow)) = &mut effects[index] {
                        *change += reading(&squad, index, &self.sensors) * share;
                        *flow += member.value(self.candidates[*place].demand) * share;
                    }
                }
            }
            effects
                .into_iter()
                .map(|effect| effect.filter(|(_, flow)| *flow > LEAST_FLOW))
                .collect::<Vec<_>>()
        };
        let effects: Vec<Vec<_>> = if self.settings.parallel {
            places.par_chunks(models::GROUP).map(run).collect()
        } else {
            places.chunks(models::GROUP).map(run).collect()
        };
        effects.into_iter().flatten().collect()
    }

    /// The factor of R.
    fn covariance(&self) -> Result<Cholesky<f64, Dyn>, LeakError> {
        if self
            .sensors
            .iter()
            .any(|sensor| sensor.sd.is_nan() || sensor.sd <= 0.0)
        {
            return Err(LeakError::Errors);
        }
        let variances = self.sensors.iter().map(|sensor| sensor.sd * sensor.sd);
        let variances = DVector::from_iterator(self.sensors.len(), variances);
        let mut covariance = DMatrix::from_diagonal(&variances);
        let mut common = DVector::zeros(self.sensors.len());
        for (sensitivity, demand) in self.sensitivities.iter().zip(&self.demands) {
            let own = sensitivity * *demand;
            covariance.ger(self.settings.junction_demand_sd.powi(2), &own, &own, 1.0);
            common += own;
        }
        covariance.ger(
            self.settings.common_demand_sd.powi(2),
            &common,
            &common,
            1.0,
        );
        Cholesky::new(covariance).ok_or(LeakError::Errors)
    }

    fn whiten(&self, vector: &DVector<f64>) -> DVector<f64> {
        // The factor of a positive definite matrix has no zero on its diagonal.
        let solved = self.noise.l_dirty().solve_lower_triangular(vector);
        solved.unwrap_or_else(|| DVector::zeros(vector.len()))
    }
}

/// What the sensors show of one member.
fn reading(squad: &Squad, member: usize, sensors: &[LeakSensor]) -> DVector<f64> {
    let member = squad.member(member);
    let values = sensors.iter().map(|sensor| member.value(sensor.signal));
    DVector::from_iterator(sensors.len(), values)
}

fn sort(ranked: &mut [(usize, RankedLeak)]) {
    ranked.sort_by(|(_, one), (_, other)| other.statistic.total_cmp(&one.statistic));
}

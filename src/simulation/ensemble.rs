//! Many members of one future, advanced together and reduced chunk by chunk.

use std::sync::Arc;

use rayon::prelude::*;
use thiserror::Error;

use super::{LimitBreach, Run, RunError, RunPlan, RunTotals};
use crate::scene::{BreachCounter, Scene, Threshold};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// What the members say of one signal at one instant, SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// A tenth of the members lie below.
    pub p10: f64,
    /// Half of the members lie below.
    pub p50: f64,
    /// A tenth of the members lie above.
    pub p90: f64,
}

/// A stretch of outputs, reduced.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// The instants.
    pub times: Vec<Timestamp>,
    /// The bands: one row of [`Plant::outputs`](super::Plant::outputs) per instant.
    pub bands: Vec<Band>,
}

/// Why an ensemble ended before its horizon.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EnsembleError {
    /// Not one member could go on; the first one's reason.
    #[error("no member could go on; {first}")]
    AllFailed {
        /// Why the first member stopped.
        first: RunError,
    },
}

/// Many members of one plan.
///
/// Memory is bounded by members × (state + chunk), whatever the horizon.
pub struct Ensemble {
    plan: Arc<RunPlan>,
    members: Vec<Member>,
    watches: Vec<WatchedLimit>,
    place: u64,
}

struct Member {
    run: Result<Run, RunError>,
    /// Values of the chunk at work: instants × outputs.
    values: Vec<f64>,
    /// Outputs of the chunk that this member reached.
    reached: usize,
}

/// A limit on one of the outputs, and who breached it.
struct WatchedLimit {
    signal: SignalId,
    limit: usize,
    output: usize,
    counter: BreachCounter,
}

impl Ensemble {
    /// Starts all members of `plan`; limits are those of `scene`.
    ///
    /// With `parallel`, members are shared out over rayon's current pool. The values are
    /// the same either way, bit for bit.
    pub fn start(plan: RunPlan, scene: &Scene, parallel: bool) -> Self {
        let plan = Arc::new(plan);
        let count = plan.scenario.members.max(1);
        let watched = |(output, &signal): (usize, &SignalId)| {
            let limits = scene.signal(signal).limits.iter().enumerate();
            let watches = limits.map(|(limit, rule)| WatchedLimit {
                signal,
                limit,
                output,
                counter: BreachCounter::new(Threshold::of(rule), count as usize),
            });
            watches.collect::<Vec<_>>()
        };
        let watches = plan
            .plant
            .outputs()
            .iter()
            .enumerate()
            .flat_map(watched)
            .collect();
        let start = |member: u32| Member {
            run: Run::start(Arc::clone(&plan), member),
            values: Vec::new(),
            reached: 0,
        };
        let members = if parallel {
            (0..count).into_par_iter().map(start).collect()
        } else {
            (0..count).map(start).collect()
        };
        Self {
            plan,
            members,
            watches,
            place: 0,
        }
    }

    /// Goes on by up to `count` outputs. An empty chunk means that the horizon is reached.
    ///
    /// The first chunk begins with the analysis time itself.
    pub fn advance(&mut self, count: usize, parallel: bool) -> Result<Chunk, EnsembleError> {
        let left = self.plan.outputs() - self.place;
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(count);
        let first = self.place == 0;
        let outputs = self.plan.plant.outputs();
        let advance = |member: &mut Member| member.advance(outputs, count, first);
        if parallel {
            self.members.par_iter_mut().for_each(advance);
        } else {
            self.members.iter_mut().for_each(advance);
        }
        if let Some(Err(cause)) = self.members.first().map(|member| member.run.as_ref())
            && self.members.iter().all(|member| member.run.is_err())
        {
            return Err(EnsembleError::AllFailed {
                first: cause.clone(),
            });
        }
        let chunk = self.reduce(count);
        self.judge(&chunk.times);
        self.place += count as u64;
        Ok(chunk)
    }

    /// The plan that all members follow.
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// The values of one member in the last chunk: instants × outputs, as far as it came.
    pub fn member_values(&self, member: usize) -> &[f64] {
        let width = self.plan.plant.outputs().len();
        self.members
            .get(member)
            .map_or(&[], |member| &member.values[..member.reached * width])
    }

    /// What all members did so far.
    pub fn totals(&self) -> RunTotals {
        let width = self.plan.plant.outputs().len() as u64;
        let mut totals = RunTotals {
            members: self.members.len() as u32,
            ..RunTotals::default()
        };
        for member in &self.members {
            match &member.run {
                Ok(run) => totals.merge(run.totals()),
                Err(_) => totals.failed_members += 1,
            }
        }
        totals.samples = self.place * width * u64::from(totals.members - totals.failed_members);
        totals
    }

    /// Why members failed, with how many members each reason stopped.
    pub fn failures(&self) -> impl Iterator<Item = &RunError> {
        self.members
            .iter()
            .filter_map(|member| member.run.as_ref().err())
    }

    /// The limits that members breached so far, the most probable first.
    pub fn breaches(&self) -> Vec<LimitBreach> {
        let breach = |watched: &WatchedLimit| {
            let statistics = watched.counter.statistics();
            let first = statistics.first?;
            Some(LimitBreach {
                signal: watched.signal,
                limit: watched.limit,
                probability: statistics.probability(),
                earliest: first.p10,
                median_first: first.p50,
            })
        };
        let mut breaches: Vec<_> = self.watches.iter().filter_map(breach).collect();
        breaches.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then(a.median_first.cmp(&b.median_first))
        });
        breaches
    }

    /// Holds every member's chunk against the limits; members that failed are left out.
    fn judge(&mut self, times: &[Timestamp]) {
        let width = self.plan.plant.outputs().len();
        for watched in &mut self.watches {
            for (place, member) in self.members.iter().enumerate() {
                if member.run.is_err() {
                    watched.counter.leave_out(place);
                    continue;
                }
                let values = member
                    .values
                    .iter()
                    .skip(watched.output)
                    .step_by(width.max(1));
                for (at, value) in times.iter().zip(values) {
                    watched.counter.observe(place, *at, *value);
                }
            }
        }
    }

    fn reduce(&self, count: usize) -> Chunk {
        let outputs = self.plan.plant.outputs();
        let times: Vec<_> = (0..count)
            .map(|step| self.plan.output_at(self.place + step as u64))
            .collect();
        let alive: Vec<&Member> = self
            .members
            .iter()
            .filter(|member| member.run.is_ok())
            .collect();
        let mut bands = Vec::with_capacity(count * outputs.len());
        let mut sorted = Vec::with_capacity(alive.len());
        for step in 0..count {
            for (output, signal) in outputs.iter().enumerate() {
                let place = step * outputs.len() + output;
                sorted.clear();
                sorted.extend(alive.iter().map(|member| member.values[place]));
                sorted.sort_unstable_by(f64::total_cmp);
                let whole = self.plan.plant.is_state(*signal);
                bands.push(Band {
                    p10: quantile(&sorted, 0.1, whole),
                    p50: quantile(&sorted, 0.5, whole),
                    p90: quantile(&sorted, 0.9, whole),
                });
            }
        }
        Chunk { times, bands }
    }
}

impl Member {
    /// Computes the next `count` outputs.
    fn advance(&mut self, outputs: &[SignalId], count: usize, first: bool) {
        self.values.clear();
        self.reached = 0;
        for step in 0..count {
            let Ok(run) = &mut self.run else { return };
            if !(first && step == 0)
                && let Err(error) = run.step()
            {
                self.run = Err(error);
                return;
            }
            self.values
                .extend(outputs.iter().map(|signal| run.value(*signal)));
            self.reached += 1;
        }
    }
}

/// The `share` quantile of sorted values (Hyndman and Fan 1996, type 7; type 1 for states,
/// which have no value between two of them).
fn quantile(sorted: &[f64], share: f64, whole: bool) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    if whole {
        let place = (share * sorted.len() as f64).ceil() as usize;
        return sorted[place.saturating_sub(1).min(last)];
    }
    let place = share * last as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (place - low as f64) * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_textbook() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quantile(&values, 0.5, false), 3.0);
        assert!((quantile(&values, 0.1, false) - 1.4).abs() < 1e-12);
        assert_eq!(quantile(&[2.0], 0.9, false), 2.0);
        assert_eq!(
            quantile(&[0.0, 0.0, 1.0, 1.0], 0.5, true),
            0.0,
            "a state is never half"
        );
    }
}

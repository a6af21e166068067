//! Many members of one future, advanced together and reduced chunk by chunk.

use std::sync::Arc;

use rayon::prelude::*;
use thiserror::Error;

use super::apart::{MEMBERS_TOGETHER, MemberRecord};
use super::kpi::KpiCounter;
use super::squad::Squad;
use super::{BreachTimes, Fingerprint, KpiResult, LimitBreach, RunError, RunPlan, RunTotals};
use crate::quantile::quantile;
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
    squads: Vec<Team>,
    watches: Vec<WatchedLimit>,
    /// By KPI of the scene; `None` if the models do not compute it.
    kpis: Vec<Option<KpiCounter>>,
    place: u64,
}

/// Members that are computed together, and what they say in the chunk at work.
struct Team {
    source: Source,
    /// By member: values of the chunk, instants × outputs, as far as it came.
    values: Vec<Vec<f64>>,
    /// By member: a hash of all its outputs so far.
    prints: Vec<Fingerprint>,
}

/// Where the values of a team come from.
enum Source {
    /// They are computed here.
    Squad(Squad),
    /// They were computed apart.
    Records {
        members: Vec<MemberRecord>,
        /// By member: why it could not go on, from where it could not.
        failures: Vec<Option<RunError>>,
        /// Values of each member that were taken.
        taken: usize,
    },
}

/// One member's part in the chunk at work.
struct MemberChunk<'a> {
    values: &'a [f64],
    failure: Option<&'a RunError>,
    totals: &'a RunTotals,
    print: Fingerprint,
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
        let start = |first: u32| {
            let first = first * MEMBERS_TOGETHER;
            let numbers = first..count.min(first + MEMBERS_TOGETHER);
            let width = numbers.len();
            Team::of(
                Source::Squad(Squad::start(Arc::clone(&plan), numbers)),
                width,
            )
        };
        let teams = count.div_ceil(MEMBERS_TOGETHER);
        let squads = if parallel {
            (0..teams).into_par_iter().map(start).collect()
        } else {
            (0..teams).map(start).collect()
        };
        Self::of(plan, scene, squads)
    }

    /// All members of `plan`, computed apart, in order. What it says is the same, bit for bit,
    /// but that [`totals`](Self::totals) are those of the end from the start.
    pub fn gather(plan: RunPlan, scene: &Scene, members: Vec<MemberRecord>) -> Self {
        let width = members.len();
        let source = Source::Records {
            failures: vec![None; width],
            members,
            taken: 0,
        };
        Self::of(Arc::new(plan), scene, vec![Team::of(source, width)])
    }

    fn of(plan: Arc<RunPlan>, scene: &Scene, squads: Vec<Team>) -> Self {
        let count = plan.scenario.members.max(1) as usize;
        let watched = |(output, &signal): (usize, &SignalId)| {
            let limits = scene.signal(signal).limits.iter().enumerate();
            let watches = limits.map(|(limit, rule)| WatchedLimit {
                signal,
                limit,
                output,
                counter: BreachCounter::new(Threshold::of(rule), count),
            });
            watches.collect::<Vec<_>>()
        };
        let outputs = plan.plant.outputs();
        let watches = outputs.iter().enumerate().flat_map(watched).collect();
        let kpis = scene.kpis.iter();
        let kpis = kpis.map(|kpi| KpiCounter::new(kpi, outputs, count));
        let kpis = kpis.collect();
        Self {
            plan,
            squads,
            watches,
            kpis,
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
        let advance = |team: &mut Team| team.advance(outputs, count, first);
        if parallel {
            self.squads.par_iter_mut().for_each(advance);
        } else {
            self.squads.iter_mut().for_each(advance);
        }
        if let Some(cause) = self.members().next().and_then(|member| member.failure)
            && self.members().all(|member| member.failure.is_some())
        {
            return Err(EnsembleError::AllFailed {
                first: cause.clone(),
            });
        }
        let chunk = self.reduce(count);
        self.judge(&chunk.times);
        self.count(&chunk.times);
        self.place += count as u64;
        Ok(chunk)
    }

    /// The plan that all members follow.
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// The values of one member in the last chunk: instants × outputs, as far as it came.
    pub fn member_values(&self, member: usize) -> &[f64] {
        self.members()
            .nth(member)
            .map_or(&[], |member| member.values)
    }

    /// What all members did so far.
    pub fn totals(&self) -> RunTotals {
        let width = self.plan.plant.outputs().len() as u64;
        let mut totals = RunTotals::default();
        for member in self.members() {
            totals.members += 1;
            match member.failure {
                None => totals.merge(member.totals),
                Some(_) => totals.failed_members += 1,
            }
        }
        totals.samples = self.place * width * u64::from(totals.members - totals.failed_members);
        totals
    }

    /// Why members failed, with how many members each reason stopped.
    pub fn failures(&self) -> impl Iterator<Item = &RunError> {
        self.members().filter_map(|member| member.failure)
    }

    /// Every member, in order.
    fn members(&self) -> impl Iterator<Item = MemberChunk<'_>> {
        self.squads.iter().flat_map(Team::members)
    }

    /// The limits that members breached so far, the most probable first.
    pub fn breaches(&self) -> Vec<LimitBreach> {
        let breach = |watched: &WatchedLimit| {
            let statistics = watched.counter.statistics();
            let first = statistics.first?;
            let never = statistics.members - statistics.breached;
            let when = BreachTimes::of(
                self.plan.initial.at(),
                self.plan.scenario.horizon,
                watched.counter.firsts(),
                u32::try_from(never).unwrap_or(u32::MAX),
            );
            Some(LimitBreach {
                signal: watched.signal,
                limit: watched.limit,
                probability: statistics.probability(),
                earliest: first.p10,
                median_first: first.p50,
                when,
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

    /// The scene's KPIs so far, but for those that the models do not compute.
    pub fn kpis(&self) -> Vec<KpiResult> {
        let counted = self.kpis.iter().enumerate();
        let result =
            |(kpi, counter): (usize, &Option<KpiCounter>)| Some(counter.as_ref()?.result(kpi));
        counted.filter_map(result).collect()
    }

    /// A number that is equal for equal outputs of all members so far, bit for bit. It depends
    /// neither on the size of chunks nor on threads.
    pub fn result_hash(&self) -> u64 {
        let mut all = Fingerprint::default();
        for member in self.members() {
            all.word(u64::from(member.failure.is_some()));
            all.word(member.print.value());
        }
        all.value()
    }

    /// Brings every member's chunk into the KPIs; members that failed are left out.
    fn count(&mut self, times: &[Timestamp]) {
        let width = self.plan.plant.outputs().len();
        let mut kpis = std::mem::take(&mut self.kpis);
        for (place, member) in self.members().enumerate() {
            for counter in kpis.iter_mut().flatten() {
                match member.failure {
                    Some(_) => counter.leave_out(place),
                    None => counter.observe(place, times, member.values, width),
                }
            }
        }
        self.kpis = kpis;
    }

    /// Holds every member's chunk against the limits; members that failed are left out.
    fn judge(&mut self, times: &[Timestamp]) {
        let width = self.plan.plant.outputs().len();
        let mut watches = std::mem::take(&mut self.watches);
        for watched in &mut watches {
            for (place, member) in self.members().enumerate() {
                if member.failure.is_some() {
                    watched.counter.leave_out(place);
                    continue;
                }
                let values = member.values.iter().skip(watched.output);
                for (at, value) in times.iter().zip(values.step_by(width.max(1))) {
                    watched.counter.observe(place, *at, *value);
                }
            }
        }
        self.watches = watches;
    }

    fn reduce(&self, count: usize) -> Chunk {
        let outputs = self.plan.plant.outputs();
        let times: Vec<_> = (0..count)
            .map(|step| self.plan.output_at(self.place + step as u64))
            .collect();
        let alive: Vec<_> = self
            .members()
            .filter(|member| member.failure.is_none())
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

impl Team {
    fn of(source: Source, members: usize) -> Self {
        Self {
            source,
            values: vec![Vec::new(); members],
            prints: vec![Fingerprint::default(); members],
        }
    }

    fn members(&self) -> impl Iterator<Item = MemberChunk<'_>> {
        let members = self.values.iter().zip(&self.prints).enumerate();
        members.map(|(place, (values, print))| {
            let (failure, totals) = match &self.source {
                Source::Squad(squad) => {
                    let member = squad.member(place);
                    (member.failure(), member.totals())
                }
                Source::Records {
                    members, failures, ..
                } => (failures[place].as_ref(), &members[place].totals),
            };
            MemberChunk {
                values,
                failure,
                totals,
                print: *print,
            }
        })
    }

    /// Computes or takes the next `count` outputs.
    fn advance(&mut self, outputs: &[SignalId], count: usize, first: bool) {
        self.values.iter_mut().for_each(Vec::clear);
        match &mut self.source {
            Source::Squad(squad) => {
                for step in 0..count {
                    if !(first && step == 0) {
                        squad.step();
                    }
                    for (member, values) in squad.members().iter().zip(&mut self.values) {
                        if member.failure().is_none() {
                            values.extend(outputs.iter().map(|signal| member.value(*signal)));
                        }
                    }
                }
            }
            Source::Records {
                members,
                failures,
                taken,
            } => {
                let end = *taken + count * outputs.len();
                let parts = self.values.iter_mut().zip(members).zip(failures);
                for ((values, member), failure) in parts {
                    let have = member.values.len();
                    values.extend(&member.values[(*taken).min(have)..end.min(have)]);
                    if have < end {
                        let why = member.failure.clone();
                        let why = why.unwrap_or_else(|| "a member ends too early".to_owned());
                        *failure = Some(RunError::Apart(why));
                    }
                }
                *taken = end;
            }
        }
        for (values, print) in self.values.iter().zip(&mut self.prints) {
            values.iter().for_each(|value| print.word(value.to_bits()));
        }
    }
}

//! One member of a future: the models under a scenario, step after step.

use std::sync::Arc;
use std::time::Duration;

use rand_distr::{Distribution, LogNormal};
use thiserror::Error;

use super::{InitialState, Plant};
use crate::models::{Causality, Model, ModelError, ModelState, Seed, Start, StepReport, StepSpan};
use crate::scene::{Effect, Override, Scenario};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// The longest communication step: how often models exchange values.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(60);

/// The place of the scenario's own draws among the models' seeds.
const SCENARIO_DRAWS: u32 = u32::MAX;

/// What a run is asked: all that its samples depend on.
#[derive(Clone)]
pub struct RunPlan {
    /// The wired models.
    pub plant: Arc<Plant>,
    /// The plant at the analysis time.
    pub initial: InitialState,
    /// What is done to it, how far and how finely.
    pub scenario: Scenario,
    /// Where random numbers come from.
    pub seed: u64,
}

impl RunPlan {
    /// How many outputs a whole run has, the one at the start included.
    pub fn outputs(&self) -> u64 {
        let (horizon, step) = (
            self.scenario.horizon.as_nanos(),
            self.scenario.step.as_nanos(),
        );
        u64::try_from(horizon / step.max(1))
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }

    /// The instant of output `place`, counted from 0 at the start.
    pub fn output_at(&self, place: u64) -> Timestamp {
        let step = i64::try_from(self.scenario.step.as_nanos()).unwrap_or(i64::MAX);
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        Timestamp::from_nanos(
            self.initial
                .at()
                .nanos()
                .saturating_add(step.saturating_mul(place)),
        )
    }
}

/// Why a run could not go on.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RunError {
    /// A model failed.
    #[error("member {member}, {secs:.0} s after the start: {cause}")]
    Model {
        /// The member, counted from 0.
        member: u32,
        /// Seconds after the analysis time.
        secs: f64,
        /// What the model said.
        cause: ModelError,
    },
    /// A model gave a value that is no number.
    #[error("member {member}, {secs:.0} s after the start: model `{model}` gave no finite value")]
    NotFinite {
        /// The member, counted from 0.
        member: u32,
        /// Seconds after the analysis time.
        secs: f64,
        /// The model.
        model: String,
    },
}

/// What runs did, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunTotals {
    /// Members that were asked for.
    pub members: u32,
    /// Members that could not go on; they are left out of every band.
    pub failed_members: u32,
    /// Values computed.
    pub samples: u64,
    /// Equation solves and events.
    pub solves: u64,
    /// Iterations inside the solves.
    pub iterations: u64,
    /// Things that the models found odd, such as negative pressures.
    pub warnings: u64,
    /// The largest relative residual left by any solve.
    pub residual: f64,
}

impl RunTotals {
    pub(super) fn add(&mut self, report: StepReport) {
        self.solves += u64::from(report.solves);
        self.iterations += u64::from(report.iterations);
        self.warnings += u64::from(report.warnings);
        self.residual = self.residual.max(report.residual);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.solves += other.solves;
        self.iterations += other.iterations;
        self.warnings += other.warnings;
        self.residual = self.residual.max(other.residual);
    }
}

/// One future of the plant.
///
/// Reads no clock and draws random numbers only from its own seed, so equal plans give
/// equal samples, bit for bit, in any order, on any thread.
pub struct Run {
    plan: Arc<RunPlan>,
    member: u32,
    models: Vec<Box<dyn Model>>,
    /// What models wrote, before overrides; by slot.
    raw: Vec<f64>,
    /// What the plant shows, after overrides; by slot.
    board: Vec<f64>,
    /// Overrides, faults and this member's uncertain factors.
    effects: Vec<Override>,
    /// The slots that have effects.
    affected: Vec<usize>,
    /// One model's ports, reused.
    ports: Vec<f64>,
    now: Timestamp,
    place: u64,
    totals: RunTotals,
}

impl Run {
    /// Starts `member` of `plan`: afterwards the values are those of the analysis time.
    pub fn start(plan: Arc<RunPlan>, member: u32) -> Result<Self, RunError> {
        let plant = &plan.plant;
        let effects = member_effects(&plan, member);
        let mut affected: Vec<_> = effects.iter().map(|effect| effect.signal.index()).collect();
        affected.sort_unstable();
        affected.dedup();
        let mut run = Self {
            models: plant
                .placed
                .iter()
                .map(|placed| placed.prototype.boxed_clone())
                .collect(),
            raw: vec![0.0; plant.slots],
            board: vec![0.0; plant.slots],
            effects,
            affected,
            ports: Vec::new(),
            now: plan.initial.at(),
            place: 0,
            totals: RunTotals::default(),
            plan,
            member,
        };
        run.lay_out();
        run.initialise()?;
        Ok(run)
    }

    /// Goes on to the next output. False if the horizon was reached before.
    pub fn step(&mut self) -> Result<bool, RunError> {
        if self.place + 1 >= self.plan.outputs() {
            return Ok(false);
        }
        self.advance_to(self.plan.output_at(self.place + 1))?;
        self.place += 1;
        Ok(true)
    }

    /// Goes on to any later instant, past the horizon as well, in exchanges of a minute at most.
    pub fn advance_to(&mut self, to: Timestamp) -> Result<(), RunError> {
        let from = self.now;
        let span = to.since(from);
        let exchanges = span.as_nanos().div_ceil(LONGEST_EXCHANGE.as_nanos());
        let exchanges = u32::try_from(exchanges).unwrap_or(u32::MAX);
        for exchange in 0..exchanges {
            let (begin, end) = (
                span * exchange / exchanges,
                span * (exchange + 1) / exchanges,
            );
            self.exchange(StepSpan {
                at: from + begin,
                dt: end - begin,
            })?;
            self.now = from + end;
        }
        Ok(())
    }

    /// The instant of the present values.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The present value of a signal, SI.
    pub fn value(&self, signal: SignalId) -> f64 {
        self.board[signal.index()]
    }

    /// What this member did so far.
    pub fn totals(&self) -> &RunTotals {
        &self.totals
    }

    /// The whole state: enough to go on from, bit for bit.
    pub fn save(&self) -> SavedRun {
        SavedRun {
            models: self.models.iter().map(|model| model.save()).collect(),
            raw: self.raw.clone(),
            board: self.board.clone(),
            now: self.now,
            place: self.place,
        }
    }

    /// Goes back to a state that was saved from a run of the same plan and member.
    pub fn restore(&mut self, saved: &SavedRun) -> Result<(), RunError> {
        for (model, state) in self.models.iter_mut().zip(&saved.models) {
            model.restore(state).map_err(|cause| RunError::Model {
                member: self.member,
                secs: 0.0,
                cause,
            })?;
        }
        self.raw.clone_from(&saved.raw);
        self.board.clone_from(&saved.board);
        (self.now, self.place) = (saved.now, saved.place);
        Ok(())
    }

    /// Puts on the blackboard what is known at the start, and defaults for the rest.
    fn lay_out(&mut self) {
        for placed in &self.plan.plant.placed {
            for wire in &placed.wires {
                let known = known(&self.plan, wire.slot);
                if let Some(value) = known.or(wire.default) {
                    self.raw[wire.slot] = value;
                }
            }
        }
        for (from, to) in &self.plan.plant.connections {
            self.raw[*to] = known(&self.plan, *to).unwrap_or(self.raw[*from]);
        }
        for slot in 0..self.raw.len() {
            self.show(slot, 0.0);
        }
    }

    fn initialise(&mut self) -> Result<(), RunError> {
        let plan = Arc::clone(&self.plan);
        for (index, placed) in plan.plant.placed.iter().enumerate() {
            let known: Vec<_> = placed
                .wires
                .iter()
                .map(|wire| known(&plan, wire.slot))
                .collect();
            let start = Start {
                at: plan.initial.at(),
                known: &known,
                seed: Seed {
                    run: plan.seed,
                    member: self.member,
                    model: index as u32,
                },
            };
            self.gather(index);
            let mut ports = std::mem::take(&mut self.ports);
            let done = self.models[index].initialise(&start, &mut ports);
            self.ports = ports;
            self.finish(index, done, 0.0)?;
        }
        Ok(())
    }

    /// Steps every model once, in order, and copies connections.
    fn exchange(&mut self, span: StepSpan) -> Result<(), RunError> {
        let start = self.plan.initial.at();
        let (begin, end) = (span.at.secs_since(start), span.end().secs_since(start));
        for place in 0..self.affected.len() {
            self.show(self.affected[place], begin);
        }
        for index in 0..self.models.len() {
            self.gather(index);
            let mut ports = std::mem::take(&mut self.ports);
            let done = self.models[index].step(span, &mut ports);
            self.ports = ports;
            self.finish(index, done, end)?;
        }
        Ok(())
    }

    fn gather(&mut self, index: usize) {
        self.ports.clear();
        let wires = &self.plan.plant.placed[index].wires;
        self.ports
            .extend(wires.iter().map(|wire| self.board[wire.slot]));
    }

    /// Takes over what model `index` wrote, `secs` after the start.
    fn finish(
        &mut self,
        index: usize,
        done: Result<StepReport, ModelError>,
        secs: f64,
    ) -> Result<(), RunError> {
        let member = self.member;
        self.totals.add(done.map_err(|cause| RunError::Model {
            member,
            secs,
            cause,
        })?);
        let plan = Arc::clone(&self.plan);
        for (place, wire) in plan.plant.placed[index].wires.iter().enumerate() {
            if wire.causality == Causality::Input {
                continue;
            }
            let value = self.ports[place];
            if !value.is_finite() {
                let model = self.models[index].name().to_owned();
                return Err(RunError::NotFinite {
                    member,
                    secs,
                    model,
                });
            }
            self.raw[wire.slot] = value;
            self.show(wire.slot, secs);
        }
        for (from, to) in &plan.plant.connections {
            self.raw[*to] = self.board[*from];
            self.show(*to, secs);
        }
        Ok(())
    }

    /// Shows a slot's raw value under the scenario, `secs` after the start.
    fn show(&mut self, slot: usize, secs: f64) {
        if self.affected.binary_search(&slot).is_err() {
            self.board[slot] = self.raw[slot];
            return;
        }
        let effects = self
            .effects
            .iter()
            .filter(|effect| effect.signal.index() == slot);
        self.board[slot] = effects.fold(self.raw[slot], |value, effect| effect.apply(value, secs));
    }
}

/// The whole state of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRun {
    models: Vec<ModelState>,
    raw: Vec<f64>,
    board: Vec<f64>,
    now: Timestamp,
    place: u64,
}

fn known(plan: &RunPlan, slot: usize) -> Option<f64> {
    u32::try_from(slot)
        .ok()
        .and_then(|slot| plan.initial.value(SignalId(slot)))
}

/// What happens to the plant in this member: the same for all, and its own draws.
fn member_effects(plan: &RunPlan, member: u32) -> Vec<Override> {
    let scenario = &plan.scenario;
    let seed = Seed {
        run: plan.seed,
        member,
        model: SCENARIO_DRAWS,
    };
    let mut generator = seed.generator(0);
    let drawn = scenario.uncertain.iter().filter_map(|(signal, spread)| {
        // A log-normal factor of mean 1: spread is its standard deviation.
        let variance = (1.0 + spread * spread).ln();
        let factor = LogNormal::new(-0.5 * variance, variance.sqrt())
            .ok()?
            .sample(&mut generator);
        Some(Override {
            signal: *signal,
            effect: Effect::Times(factor),
            from: Duration::ZERO,
            until: None,
            ramp: Duration::ZERO,
        })
    });
    let drawn: Vec<_> = drawn.collect();
    // Draws first, so that a value that a person sets is the value that holds.
    drawn
        .into_iter()
        .chain(scenario.overrides.clone())
        .chain(scenario.faults.clone())
        .collect()
}

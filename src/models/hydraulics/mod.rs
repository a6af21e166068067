//! Pressurised water networks, with the answers of EPANET 2.2.
//!
//! ```text
//! scene text ─► spec ─► compile ─┐
//!                                ├─► network ─► solver: heads and flows of an instant
//! EPANET file ───────────► inp ──┘              simulation: events, controls, tanks over time
//!                                               quality: what the water carries
//!                                               ports, desk, view: all that as a model of the plant
//! ```
//!
//! Flows hold from one event to the next, so communication steps cost nothing between
//! events and change nothing: a run that is cut into steps, saved, restored or branched gives
//! the numbers of one that is not. An input that changes is an event of its own.
//!
//! Several members of one network are stepped together, in lanes; see [`solver`].
//!
//! Limitations: whole seconds between events; a control on the level of a reservoir compares
//! heads, where EPANET always acts.

mod compile;
pub mod control;
pub mod curve;
mod desk;
pub mod inp;
pub mod network;
pub mod pattern;
pub mod ports;
pub mod pump;
pub mod quality;
pub mod simulation;
pub mod solver;
pub mod sparse;
pub mod spec;
mod view;

use std::sync::Arc;

use desk::{Desk, Shape};
use network::{CutOff, Network};
use simulation::{Simulation, SolveFailure};
use solver::Plan;

use super::config::{self, Reader};
use super::saved::Saved;
use super::{Facts, Model, ModelError, ModelGroup, ModelState, Port, Start, StepReport, StepSpan};
use crate::problem::Problem;
use crate::time::Timestamp;

/// Members that are computed together where there are many.
pub const LANES: usize = 8;

/// `L` members of a water network as models of the plant.
#[derive(Clone, Debug)]
pub struct Hydraulics<const L: usize = 1> {
    shape: Arc<Shape>,
    simulation: Simulation<L>,
    desks: Vec<Desk>,
}

/// Builds the model `name` from its configuration; see [`spec`].
pub fn build(name: &str, text: &str, facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    let spec: spec::NetworkSpec = config::read(text)?;
    let mut reader = Reader::new(text, facts);
    let network = compile::network(&spec, &mut reader);
    if !reader.is_clean() {
        return Err(reader.into_problems());
    }
    Ok(Box::new(Hydraulics::new(name, network)))
}

/// Builds the model `name` from the text of an EPANET file; the tags of its parts begin with
/// `prefix` in the scene, and `name` is the tag of the whole.
pub fn build_epanet(name: &str, text: &str, prefix: &str) -> Result<Box<dyn Model>, Vec<Problem>> {
    let mut network = inp::read(text.as_bytes())?.network;
    prefix.clone_into(&mut network.prefix);
    Ok(Box::new(Hydraulics::new(name, network)))
}

impl Hydraulics<1> {
    /// A model of `network`.
    ///
    /// Consumers without a way to any source get nothing here, and their pressure reads zero;
    /// EPANET lets them draw through closed links at pressures without meaning.
    pub fn new(name: &str, mut network: Network) -> Self {
        network.options.cut_off = CutOff::GetNothing;
        let shape = Arc::new(Shape::new(name, &network));
        Self::with_plan(&shape, &Arc::new(Plan::new(Arc::new(network))))
    }
}

impl<const L: usize> Hydraulics<L> {
    fn with_plan(shape: &Arc<Shape>, plan: &Arc<Plan>) -> Self {
        let desk = |lane| Desk::new(Arc::clone(shape), &plan.network, lane);
        Self {
            simulation: Simulation::with_plan(plan),
            desks: (0..L).map(desk).collect(),
            shape: Arc::clone(shape),
        }
    }

    fn start_members(
        &mut self,
        starts: &[Start<'_>],
        values: &mut [&mut [f64]],
    ) -> Vec<Result<StepReport, ModelError>> {
        let before: Vec<_> = (0..L).map(|_| simulation::Effort::default()).collect();
        let mut targets = [i64::MIN; L];
        for (lane, (start, values)) in starts.iter().zip(values.iter()).enumerate() {
            let desk = &mut self.desks[lane];
            desk.start(&mut self.simulation, start);
            targets[lane] = desk.whole_secs(start.at);
            desk.take(&mut self.simulation, values, targets[lane]);
        }
        self.simulation.advance(&targets);
        let ends: Vec<_> = starts.iter().map(|start| start.at).collect();
        self.give(&before, &ends, values)
    }

    fn step_members(
        &mut self,
        span: StepSpan,
        values: &mut [&mut [f64]],
        alive: &[bool],
    ) -> Vec<Result<StepReport, ModelError>> {
        let before: Vec<_> = (0..L)
            .map(|lane| self.simulation.member(lane).effort())
            .collect();
        let (mut begin, mut end) = ([i64::MIN; L], [i64::MIN; L]);
        for (lane, values) in values.iter().enumerate().filter(|(lane, _)| alive[*lane]) {
            let desk = &mut self.desks[lane];
            begin[lane] = desk.whole_secs(span.at);
            desk.take(&mut self.simulation, values, begin[lane]);
            end[lane] = desk.whole_secs(span.end());
        }
        // What is new holds from the beginning of the step.
        self.simulation.advance(&begin);
        self.advance(begin, &end);
        let ends = vec![span.end(); values.len()];
        self.give(&before, &ends, values)
    }

    /// Brings members from `now` to `end`, quality from period to period.
    fn advance(&mut self, mut now: [i64; L], end: &[i64; L]) {
        if self.simulation.network().quality.is_none() {
            return self.simulation.advance(end);
        }
        while now != *end {
            let mut next = now;
            for lane in (0..L).filter(|&lane| now[lane] < end[lane]) {
                let until = self.simulation.holds_until(lane).max(now[lane] + 1);
                next[lane] = until.min(end[lane]);
                let dt = next[lane] - now[lane];
                self.desks[lane].carry(&self.simulation, now[lane], dt);
            }
            self.simulation.advance(&next);
            now = next;
        }
    }

    /// Writes the outputs of every member, and tells what it did since `before`.
    fn give(
        &mut self,
        before: &[simulation::Effort],
        ends: &[Timestamp],
        values: &mut [&mut [f64]],
    ) -> Vec<Result<StepReport, ModelError>> {
        let write = |(lane, values): (usize, &mut &mut [f64])| {
            let member = self.simulation.member(lane);
            if let Some(failure) = member.failure() {
                return Err(self.error(failure, lane));
            }
            let effort = member.effort();
            let mut report = StepReport {
                solves: (effort.solves - before[lane].solves) as u32,
                iterations: (effort.trials - before[lane].trials) as u32,
                residual: member.report().change,
                warnings: (effort.unbalanced - before[lane].unbalanced) as u32,
            };
            self.desks[lane].give(&self.simulation, ends[lane], values, &mut report);
            Ok(report)
        };
        values.iter_mut().enumerate().map(write).collect()
    }

    fn error(&self, failure: SolveFailure, lane: usize) -> ModelError {
        let model = self.shape.name.clone();
        let report = self.simulation.member(lane).report();
        match failure {
            SolveFailure::Singular { node } => ModelError::Singular {
                model,
                element: self.simulation.network().node_tag(node).to_owned(),
            },
            SolveFailure::Unbalanced { .. } => ModelError::NotConverged {
                model,
                iterations: report.trials,
                residual: report.change,
            },
        }
    }

    fn save_member(&self, lane: usize) -> ModelState {
        let mut state = ModelState::default();
        self.simulation.save(lane, &mut state);
        self.desks[lane].save(&mut state);
        state
    }

    fn restore_member(&mut self, lane: usize, state: &ModelState) -> Result<(), ModelError> {
        let mut saved = Saved::of(state);
        let whole = self
            .simulation
            .restore(lane, &mut saved)
            .and_then(|()| self.desks[lane].restore(&self.simulation, &mut saved));
        saved.finish(&self.shape.name, whole)
    }
}

impl Model for Hydraulics<1> {
    fn name(&self) -> &str {
        &self.shape.name
    }

    fn ports(&self) -> &[Port] {
        &self.shape.ports
    }

    fn own_start(&self, after: Timestamp) -> Timestamp {
        desk::own_start(self.simulation.network(), after)
    }

    fn initialise(
        &mut self,
        start: &Start<'_>,
        values: &mut [f64],
    ) -> Result<StepReport, ModelError> {
        let mut done = self.start_members(std::slice::from_ref(start), &mut [values]);
        done.remove(0)
    }

    fn step(&mut self, span: StepSpan, values: &mut [f64]) -> Result<StepReport, ModelError> {
        let mut done = self.step_members(span, &mut [values], &[true]);
        done.remove(0)
    }

    fn save(&self) -> ModelState {
        self.save_member(0)
    }

    fn restore(&mut self, state: &ModelState) -> Result<(), ModelError> {
        self.restore_member(0, state)
    }

    fn boxed_clone(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }

    fn group(&self, members: usize) -> Box<dyn ModelGroup> {
        let plan = self.simulation.plan();
        match members {
            0..=1 => Box::new(self.clone()),
            2..=4 => Box::new(Hydraulics::<4>::with_plan(&self.shape, plan)),
            _ => Box::new(Hydraulics::<LANES>::with_plan(&self.shape, plan)),
        }
    }
}

impl<const L: usize> ModelGroup for Hydraulics<L> {
    fn initialise(
        &mut self,
        starts: &[Start<'_>],
        values: &mut [&mut [f64]],
    ) -> Vec<Result<StepReport, ModelError>> {
        self.start_members(starts, values)
    }

    fn step(
        &mut self,
        span: StepSpan,
        values: &mut [&mut [f64]],
        alive: &[bool],
    ) -> Vec<Result<StepReport, ModelError>> {
        self.step_members(span, values, alive)
    }

    fn save(&self, member: usize) -> ModelState {
        self.save_member(member)
    }

    fn restore(&mut self, member: usize, state: &ModelState) -> Result<(), ModelError> {
        self.restore_member(member, state)
    }
}

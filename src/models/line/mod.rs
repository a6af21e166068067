//! A production line as discrete events: parts that move, stations that work, wait and fail.
//!
//! What happens is decided by one [`calendar`] of events, by parts that move as soon as there is
//! room for them, and by chance from [`stream`]s of the seed alone. The configuration is that of
//! [`spec`]; the signals are listed there too. Between events nothing is computed, so a quiet
//! line costs nothing, whatever the step.
//!
//! Limitations: a life that was measured only as worn is continued, everything else that was
//! under way at the start begins anew; operators and vehicles start at home.

mod books;
mod buffer;
pub mod calendar;
mod compile;
mod conveyor;
mod crew;
mod deadlock;
mod items;
pub mod kpi;
mod ledger;
mod lives;
mod moving;
mod plan;
mod ports;
mod queue;
mod roads;
mod shift;
mod sink;
mod slim;
mod source;
pub mod spec;
mod spec_transport;
mod spread;
mod start;
mod state;
mod station;
pub mod stream;
mod tape;
mod trace;
mod transport;
mod wear;
mod world;

use std::sync::Arc;

use plan::{Plan, nanos};
use ports::{Ports, Totals};
use spec::LineSpec;
pub use station::State;
use tape::Tape;
use trace::Trace;
use world::World;

use super::config::{self, Reader};
use super::saved::Saved;
use super::{Facts, Model, ModelError, ModelState, Port, Seed, Start, StepReport, StepSpan};
use crate::population::{Population, PopulationMove, PopulationRow};
use crate::problem::Problem;
use crate::time::Timestamp;

/// A production line as a model of the plant.
#[derive(Clone, Debug)]
pub struct Line {
    name: Arc<str>,
    plan: Arc<Plan>,
    ports: Arc<Ports>,
    /// Parts, and vehicles if there are any.
    populations: Arc<Vec<Population>>,
    // The state.
    world: World,
    totals: Totals,
}

/// Builds the model `name` from its configuration; see [`spec`].
pub fn build(name: &str, text: &str, facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    let spec: LineSpec = config::read(text)?;
    let mut reader = Reader::new(text, facts);
    let plan = compile::compile(&spec, &mut reader, facts);
    if !reader.is_clean() {
        return Err(reader.into_problems());
    }
    let seed = Seed {
        run: 0,
        member: 0,
        model: 0,
    };
    let ports = Ports::new(&plan);
    let world = World::new(&plan, Timestamp::default(), seed);
    Ok(Box::new(Line {
        name: name.into(),
        totals: Totals::new(&ports),
        populations: Arc::new(moving::populations(&plan)),
        world,
        ports: Arc::new(ports),
        plan: Arc::new(plan),
    }))
}

impl Model for Line {
    fn name(&self) -> &str {
        &self.name
    }

    fn ports(&self) -> &[Port] {
        self.ports.list()
    }

    fn initialise(
        &mut self,
        start: &Start<'_>,
        values: &mut [f64],
    ) -> Result<StepReport, ModelError> {
        let (plan, ports) = (Arc::clone(&self.plan), Arc::clone(&self.ports));
        let trace = self.world.trace.as_ref().map(|_| Trace::default());
        self.world = World::new(&plan, start.at, start.seed);
        self.world.trace = trace;
        self.totals = Totals::new(&ports);
        ports.start(
            &plan,
            &mut self.world,
            &mut self.totals,
            start.known,
            values,
        );
        ports.write(&plan, &self.world, &mut self.totals, values);
        Ok(StepReport::default())
    }

    fn step(&mut self, span: StepSpan, values: &mut [f64]) -> Result<StepReport, ModelError> {
        let (plan, ports) = (Arc::clone(&self.plan), Arc::clone(&self.ports));
        ports.read(&plan, &mut self.world, values);
        let until = nanos_between(self.world.start, span.end()).max(self.world.now);
        let events = self.world.advance(&plan, until);
        if let Some(chain) = self.world.deadlock(&plan) {
            return Err(ModelError::Deadlock {
                model: self.name.to_string(),
                chain: chain.join("` waits for `"),
            });
        }
        ports.write(&plan, &self.world, &mut self.totals, values);
        Ok(StepReport {
            solves: u32::try_from(events).unwrap_or(u32::MAX),
            ..StepReport::default()
        })
    }

    fn populations(&self) -> &[Population] {
        &self.populations
    }

    fn population(&self, place: usize) -> Vec<PopulationRow> {
        match place {
            0 => self.world.parts(&self.plan),
            1 => self.world.vehicles(&self.plan),
            _ => Vec::new(),
        }
    }

    fn note_moves(&mut self) {
        self.world.trace.get_or_insert_default();
    }

    fn take_moves(&mut self, place: usize) -> Vec<PopulationMove> {
        let trace = self.world.trace.as_mut();
        trace.map(|trace| trace.take(place)).unwrap_or_default()
    }

    fn save(&self) -> ModelState {
        let mut state = ModelState::default();
        let mut copy = self.clone();
        copy.world.trace = None;
        copy.tape(&mut Tape::Write(&mut state));
        state
    }

    fn restore(&mut self, state: &ModelState) -> Result<(), ModelError> {
        let mut next = self.clone();
        let mut tape = Tape::Read(Saved::of(state), true);
        next.tape(&mut tape);
        if let Tape::Read(saved, fine) = tape {
            saved.finish(&self.name, fine.then_some(()))?;
        }
        // What was noted belongs to a time that is gone.
        next.world.trace = self.world.trace.as_ref().map(|_| Trace::default());
        *self = next;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }
}

impl Line {
    fn tape(&mut self, tape: &mut Tape<'_>) {
        self.world.tape(&self.plan, tape);
        self.totals.tape(tape);
    }
}

fn nanos_between(from: Timestamp, to: Timestamp) -> u64 {
    let span = to.nanos().saturating_sub(from.nanos());
    u64::try_from(span).unwrap_or(0).min(nanos(f64::INFINITY))
}

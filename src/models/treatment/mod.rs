//! A treatment works as discrete events: washes in a queue, deliveries, wandering water.
//!
//! Between events everything continuous (deposits, chlorine, levels) goes on under the
//! inputs of the step. Events happen at their own instants, in the order of the
//! [`agenda`]; limits are looked at and random processes move on at every tick. All
//! chance comes from the [`dice`], so equal seeds give equal days.

mod agenda;
mod bed;
mod chlorine;
mod day_tank;
mod dice;
mod filters;
pub mod spec;
mod wander;

use std::sync::Arc;

use agenda::{Agenda, Event};
use chlorine::Chlorine;
use dice::Dice;
use filters::Filters;
use spec::TreatmentSpec;
use wander::Wander;

use super::config::{self, Entry, Reader};
use super::saved::Saved;
use super::wiring::Wiring;
use super::{Facts, Model, ModelError, ModelState, Port, Seed, Start, StepReport, StepSpan};
use crate::problem::Problem;
use crate::time::Timestamp;

/// A treatment works as a model of the plant.
#[derive(Clone, Debug)]
pub struct Treatment {
    name: Arc<str>,
    ports: Arc<Vec<Port>>,
    tick: f64,
    // The state.
    next_tick: Timestamp,
    dice: Dice,
    agenda: Agenda,
    wanders: Vec<Wander>,
    filters: Option<Filters>,
    chlorine: Option<Chlorine>,
}

/// Builds the model `name` from its configuration; see [`spec`].
pub fn build(name: &str, text: &str, facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    let spec: TreatmentSpec = config::read(text)?;
    let mut reader = Reader::new(text, facts);
    let mut wiring = Wiring::default();
    let whole = Entry::new([], "the treatment works");
    let tick = reader.step(&whole, &spec.step);
    let mut wanders = Vec::new();
    for (index, item) in spec.wanders.iter().enumerate() {
        let entry = Entry::item("wanders", index, &item.signal);
        wanders.push(Wander::compile(item, &entry, &mut wiring, &mut reader));
    }
    let filters = spec.filters.as_ref();
    let filters = filters.map(|spec| Filters::compile(spec, &mut wiring, &mut reader));
    let chlorine = spec.chlorine.as_ref();
    let chlorine = chlorine.map(|spec| Chlorine::compile(spec, &mut wiring, &mut reader));
    if !reader.is_clean() {
        return Err(reader.into_problems());
    }
    Ok(Box::new(Treatment {
        name: name.into(),
        ports: Arc::new(wiring.into_ports()),
        tick,
        next_tick: Timestamp::default(),
        dice: Dice::new(Seed {
            run: 0,
            member: 0,
            model: 0,
        }),
        agenda: Agenda::default(),
        wanders,
        filters,
        chlorine,
    }))
}

impl Treatment {
    /// Lets what is continuous go on from `from` to `to`.
    fn advance(&mut self, from: Timestamp, to: Timestamp, values: &[f64]) {
        let secs = to.secs_since(from);
        if secs <= 0.0 {
            return;
        }
        if let Some(filters) = &mut self.filters {
            filters.advance(secs, values);
        }
        if let Some(chlorine) = &mut self.chlorine {
            chlorine.advance(to, secs, values, &mut self.agenda, &mut self.dice);
        }
    }

    fn happen(&mut self, event: Event, at: Timestamp) {
        match event {
            Event::PhaseEnds { bed } => {
                if let Some(filters) = &mut self.filters {
                    filters.end_phase(bed, at, &mut self.agenda, &mut self.dice);
                }
            }
            Event::TruckArrives | Event::TankFilled => {
                if let Some(chlorine) = &mut self.chlorine {
                    chlorine.happen(event, at, &mut self.agenda);
                }
            }
        }
    }

    /// Moves random processes on and looks at limits.
    fn tick(&mut self, at: Timestamp, values: &mut [f64]) {
        for wander in &mut self.wanders {
            wander.wander(self.tick, &mut self.dice);
            wander.write(at, values);
        }
        if let Some(filters) = &mut self.filters {
            filters.look(at, values, &mut self.agenda, &mut self.dice);
        }
        self.next_tick = at.plus_secs(self.tick);
    }

    fn write(&self, at: Timestamp, values: &mut [f64]) {
        for wander in &self.wanders {
            wander.write(at, values);
        }
        if let Some(filters) = &self.filters {
            filters.write(values);
        }
        if let Some(chlorine) = &self.chlorine {
            chlorine.write(values);
        }
    }
}

impl Model for Treatment {
    fn name(&self) -> &str {
        &self.name
    }

    fn ports(&self) -> &[Port] {
        &self.ports
    }

    fn initialise(
        &mut self,
        start: &Start<'_>,
        values: &mut [f64],
    ) -> Result<StepReport, ModelError> {
        self.dice = Dice::new(start.seed);
        self.agenda = Agenda::default();
        self.next_tick = start.at.plus_secs(self.tick);
        let (at, known) = (start.at, start.known);
        for wander in &mut self.wanders {
            wander.initialise(at, known[wander.port()], values, &mut self.dice);
        }
        if let Some(filters) = &mut self.filters {
            filters.initialise(at, known, values, &mut self.agenda, &mut self.dice);
        }
        if let Some(chlorine) = &mut self.chlorine {
            chlorine.initialise(known, values, &mut self.agenda, &mut self.dice);
        }
        Ok(StepReport::default())
    }

    fn step(&mut self, span: StepSpan, values: &mut [f64]) -> Result<StepReport, ModelError> {
        let (mut now, end) = (span.at, span.end());
        let mut report = StepReport::default();
        if let Some(filters) = &mut self.filters {
            filters.take_inputs(values);
        }
        loop {
            while let Some(event) = self.agenda.take_due(now) {
                self.happen(event, now);
                report.solves += 1;
            }
            if now >= self.next_tick {
                self.tick(now, values);
                continue; // a wash may have begun, and taken no time
            }
            if now >= end {
                break;
            }
            let due = self.agenda.next_at().unwrap_or(Timestamp::MAX);
            let next = end.min(self.next_tick).min(due);
            self.advance(now, next, values);
            now = next;
        }
        self.write(end, values);
        Ok(report)
    }

    fn save(&self) -> ModelState {
        let mut state = ModelState::default();
        state.integers.push(self.next_tick.nanos());
        self.dice.save(&mut state);
        self.agenda.save(&mut state);
        for wander in &self.wanders {
            wander.save(&mut state);
        }
        if let Some(filters) = &self.filters {
            filters.save(&mut state);
        }
        if let Some(chlorine) = &self.chlorine {
            chlorine.save(&mut state);
        }
        state
    }

    fn restore(&mut self, state: &ModelState) -> Result<(), ModelError> {
        let mut next = self.clone();
        let mut saved = Saved::of(state);
        let whole = next.read_back(&mut saved);
        saved.finish(&self.name, whole)?;
        *self = next;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }
}

impl Treatment {
    fn read_back(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.next_tick = Timestamp::from_nanos(saved.integer()?);
        self.dice.restore(saved)?;
        let beds = self.filters.as_ref().map_or(0, Filters::count);
        self.agenda.restore(saved, beds)?;
        for wander in &mut self.wanders {
            wander.restore(saved)?;
        }
        if let Some(filters) = &mut self.filters {
            filters.restore(saved)?;
        }
        if let Some(chlorine) = &mut self.chlorine {
            chlorine.restore(saved)?;
        }
        Some(())
    }
}

//! What the plant's controllers do: loops that read measurements and set outputs.
//!
//! Each step works every loop once, in order, on the measurements of the step's
//! beginning; what it sets holds for the step. A communication step should therefore
//! be no longer than the plant takes to answer: a minute, not an hour.
//!
//! Outputs that a running plant also reports (a pump's `running`, a drive's `speed`)
//! are states: a future begins from what was measured, without a bump.

mod on_off;
mod pid;
mod ratio;
mod schedule;
pub mod spec;
mod staging;

use std::sync::Arc;

use on_off::OnOff;
use pid::Pid;
use ratio::Ratio;
use schedule::Schedule;
use spec::{ControlsSpec, LoopSpec};
use staging::Staging;

use super::config::{self, Entry, Reader};
use super::saved::Saved;
use super::wiring::Wiring;
use super::{Causality, Facts, Model, ModelError, ModelState, Port, Start, StepReport, StepSpan};
use crate::problem::Problem;

/// The control loops of a plant as a model.
#[derive(Clone, Debug)]
pub struct Controls {
    name: Arc<str>,
    ports: Arc<Vec<Port>>,
    loops: Vec<Loop>,
}

#[derive(Clone, Debug)]
enum Loop {
    OnOff(OnOff),
    Staging(Staging),
    Pid(Pid),
    Ratio(Ratio),
    Schedule(Schedule),
}

/// Builds the model `name` from its configuration; see [`spec`].
pub fn build(name: &str, text: &str, facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    let spec: ControlsSpec = config::read(text)?;
    let mut reader = Reader::new(text, facts);
    let mut wiring = Wiring::default();
    let loops = (spec.loops.iter().enumerate())
        .map(|(index, spec)| Loop::compile(spec, index, &mut wiring, &mut reader))
        .collect();
    if !reader.is_clean() {
        return Err(reader.into_problems());
    }
    Ok(Box::new(Controls {
        name: name.into(),
        ports: Arc::new(wiring.into_ports()),
        loops,
    }))
}

impl Loop {
    fn compile(
        spec: &LoopSpec,
        index: usize,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let name = match spec {
            LoopSpec::OnOff(spec) => &spec.output,
            LoopSpec::Staging(spec) => &spec.measure,
            LoopSpec::Pid(spec) => &spec.measure,
            LoopSpec::Ratio(spec) => &spec.output,
            LoopSpec::Schedule(spec) => &spec.output,
        };
        let entry = Entry::new(
            ["loops".into(), index.into()],
            format!("the loop of `{name}`"),
        );
        match spec {
            LoopSpec::OnOff(spec) => Self::OnOff(OnOff::compile(spec, &entry, wiring, reader)),
            LoopSpec::Staging(spec) => {
                Self::Staging(Staging::compile(spec, &entry, wiring, reader))
            }
            LoopSpec::Pid(spec) => Self::Pid(Pid::compile(spec, &entry, wiring, reader)),
            LoopSpec::Ratio(spec) => Self::Ratio(Ratio::compile(spec, &entry, wiring, reader)),
            LoopSpec::Schedule(spec) => {
                Self::Schedule(Schedule::compile(spec, &entry, wiring, reader))
            }
        }
    }

    fn initialise(&mut self, values: &[f64]) {
        match self {
            Self::OnOff(found) => found.initialise(values),
            Self::Staging(found) => found.initialise(values),
            Self::Pid(found) => found.initialise(values),
            Self::Ratio(_) | Self::Schedule(_) => {}
        }
    }

    fn work(&mut self, span: StepSpan, values: &mut [f64]) {
        match self {
            Self::OnOff(found) => found.work(span, values),
            Self::Staging(found) => found.work(span, values),
            Self::Pid(found) => found.work(span, values),
            Self::Ratio(found) => found.work(values),
            Self::Schedule(found) => found.work(span, values),
        }
    }

    fn save(&self, state: &mut ModelState) {
        match self {
            Self::OnOff(found) => found.save(state),
            Self::Staging(found) => found.save(state),
            Self::Pid(found) => found.save(state),
            Self::Ratio(_) | Self::Schedule(_) => {}
        }
    }

    fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        match self {
            Self::OnOff(found) => found.restore(saved),
            Self::Staging(found) => found.restore(saved),
            Self::Pid(found) => found.restore(saved),
            Self::Ratio(_) | Self::Schedule(_) => Some(()),
        }
    }
}

impl Model for Controls {
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
        for ((value, port), known) in values.iter_mut().zip(self.ports.iter()).zip(start.known) {
            if port.causality == Causality::State {
                let known = known.filter(|known| known.is_finite());
                *value = known.or(port.default).unwrap_or(0.0);
            }
        }
        for found in &mut self.loops {
            found.initialise(values);
        }
        // Followers have no memory: they are right from the first instant.
        let span = StepSpan {
            at: start.at,
            dt: std::time::Duration::ZERO,
        };
        for found in &mut self.loops {
            if matches!(found, Loop::Ratio(_) | Loop::Schedule(_)) {
                found.work(span, values);
            }
        }
        Ok(StepReport::default())
    }

    fn step(&mut self, span: StepSpan, values: &mut [f64]) -> Result<StepReport, ModelError> {
        for found in &mut self.loops {
            found.work(span, values);
        }
        Ok(StepReport::default())
    }

    fn save(&self) -> ModelState {
        let mut state = ModelState::default();
        for found in &self.loops {
            found.save(&mut state);
        }
        state
    }

    fn restore(&mut self, state: &ModelState) -> Result<(), ModelError> {
        let mut loops = self.loops.clone();
        let mut saved = Saved::of(state);
        let whole = loops
            .iter_mut()
            .try_for_each(|found| found.restore(&mut saved));
        saved.finish(&self.name, whole)?;
        self.loops = loops;
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }
}

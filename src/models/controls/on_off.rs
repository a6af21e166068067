//! Two-point control: switches at two limits, holds between them.

use super::spec::OnOffSpec;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::models::{ModelState, StepSpan};
use crate::units::Quantity;

/// Switches an output at two limits of a measurement.
#[derive(Clone, Debug)]
pub(super) struct OnOff {
    measure: usize,
    output: usize,
    low: f64,
    high: f64,
    below: f64,
    above: f64,
    held: f64,
}

impl OnOff {
    pub(super) fn compile(
        spec: &OnOffSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let (low, quantity) = reader.any_value(entry, "low", &spec.low);
        let high = reader.value(entry, "high", &spec.high, quantity);
        if high <= low {
            let message = format!("`low` of {} is not below `high`", entry.name());
            reader.problem(entry, "low", message, "leave a gap between the two");
        }
        let measure = (entry, "measure");
        let (start, output) = (Some(spec.below), (entry, "output"));
        Self {
            measure: wiring.read(measure, &spec.measure, quantity, None, reader),
            output: wiring.write(output, &spec.output, Quantity::Number, start, reader),
            low,
            high,
            below: spec.below,
            above: spec.above,
            held: spec.below,
        }
    }

    pub(super) fn initialise(&mut self, values: &[f64]) {
        self.held = values[self.output];
    }

    pub(super) fn work(&mut self, _span: StepSpan, values: &mut [f64]) {
        let measured = values[self.measure];
        if measured < self.low {
            self.held = self.below;
        } else if measured > self.high {
            self.held = self.above;
        }
        values[self.output] = self.held;
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        state.reals.push(self.held);
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.held = saved.real()?;
        Some(())
    }
}

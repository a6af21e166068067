//! An output in proportion to an input: dosing by flow.

use super::spec::RatioSpec;
use crate::models::config::{Entry, Reader};
use crate::models::wiring::Wiring;

/// Follows another signal in proportion, from zero up to a greatest output.
#[derive(Clone, Debug)]
pub(super) struct Ratio {
    input: usize,
    output: usize,
    factor: f64,
    most: f64,
}

impl Ratio {
    pub(super) fn compile(
        spec: &RatioSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let (at, quantity) = reader.any_value(entry, "at", &spec.at);
        let at = reader.checked(entry, "at", at, at > 0.0, "above zero");
        let (gives, output_quantity) = reader.any_value(entry, "gives", &spec.gives);
        let most = spec.most.as_ref().map_or(gives, |most| {
            reader.value(entry, "most", most, output_quantity)
        });
        let (input, output) = ((entry, "input"), (entry, "output"));
        Self {
            input: wiring.read(input, &spec.input, quantity, None, reader),
            output: wiring.write(output, &spec.output, output_quantity, None, reader),
            factor: gives / at,
            most,
        }
    }

    pub(super) fn work(&self, values: &mut [f64]) {
        let wanted = self.factor * values[self.input];
        if wanted.is_finite() {
            values[self.output] = wanted.clamp(0.0, self.most.max(0.0));
        }
    }
}

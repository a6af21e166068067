//! Members of a model that is best stepped alone.

use super::{Model, ModelError, ModelGroup, ModelState, Start, StepReport, StepSpan};
use crate::population::{PopulationMove, PopulationRow};

/// Members stepped one after another.
pub(super) struct OneByOne(Vec<Box<dyn Model>>);

impl OneByOne {
    /// A group of these members.
    pub(super) fn new(members: Vec<Box<dyn Model>>) -> Self {
        Self(members)
    }
}

impl ModelGroup for OneByOne {
    fn initialise(
        &mut self,
        starts: &[Start<'_>],
        values: &mut [&mut [f64]],
    ) -> Vec<Result<StepReport, ModelError>> {
        let members = self.0.iter_mut().zip(starts).zip(values);
        members
            .map(|((member, start), values)| member.initialise(start, values))
            .collect()
    }

    fn step(
        &mut self,
        span: StepSpan,
        values: &mut [&mut [f64]],
        alive: &[bool],
    ) -> Vec<Result<StepReport, ModelError>> {
        let members = self.0.iter_mut().zip(values).zip(alive);
        members
            .map(|((member, values), alive)| {
                if *alive {
                    member.step(span, values)
                } else {
                    Ok(StepReport::default())
                }
            })
            .collect()
    }

    fn population(&self, member: usize, place: usize) -> Vec<PopulationRow> {
        self.0[member].population(place)
    }

    fn note_moves(&mut self, member: usize) {
        self.0[member].note_moves();
    }

    fn take_moves(&mut self, member: usize, place: usize) -> Vec<PopulationMove> {
        self.0[member].take_moves(place)
    }

    fn save(&self, member: usize) -> ModelState {
        self.0[member].save()
    }

    fn restore(&mut self, member: usize, state: &ModelState) -> Result<(), ModelError> {
        self.0[member].restore(state)
    }
}

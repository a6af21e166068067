//! What a simulated signal stands on: the model that computes it, and what that starts from.

use std::collections::BTreeSet;

use super::Plant;
use crate::models::Causality;
use crate::signal::SignalId;

impl Plant {
    /// The model that computes `signal`, or what a connection copies to it; `None` for one that
    /// models only read, or do not know.
    pub fn model_of(&self, signal: SignalId) -> Option<&str> {
        let mut slot = signal.index();
        // A chain of connections is no longer than all of them.
        for _ in 0..=self.connections.len() {
            if let Some(model) = self.writer(slot) {
                return Some(self.placed[model].prototype.name());
            }
            let (from, _) = self.connections.iter().find(|(_, to)| *to == slot)?;
            slot = *from;
        }
        None
    }

    /// The signals whose values at the analysis time `signal` depends on: the states of the
    /// model that computes it and of all models before that one, and inputs that nobody computes.
    pub fn starts_from(&self, signal: SignalId) -> Vec<SignalId> {
        let mut found = BTreeSet::new();
        let mut seen_slots = BTreeSet::from([signal.index()]);
        let mut seen_models = BTreeSet::new();
        let mut open = vec![signal.index()];
        let mut starts = |slot: usize| {
            if slot < self.roles.len() {
                found.extend(u32::try_from(slot).map(SignalId));
            }
        };
        while let Some(slot) = open.pop() {
            let copied = self.connections.iter().filter(|(_, to)| *to == slot);
            let mut before: Vec<usize> = copied.map(|(from, _)| *from).collect();
            match self.writer(slot) {
                Some(model) if seen_models.insert(model) => {
                    for wire in &self.placed[model].wires {
                        match wire.causality {
                            Causality::Input => before.push(wire.slot),
                            Causality::State => starts(wire.slot),
                            Causality::Output => {}
                        }
                    }
                }
                Some(_) => {}
                None if before.is_empty() => starts(slot),
                None => {}
            }
            open.extend(before.into_iter().filter(|slot| seen_slots.insert(*slot)));
        }
        found.into_iter().collect()
    }

    /// The model that writes a slot, counted in stepping order.
    fn writer(&self, slot: usize) -> Option<usize> {
        let writes = |model: &super::plant::PlacedModel| {
            let mut wires = model.wires.iter();
            wires.any(|wire| wire.slot == slot && wire.causality != Causality::Input)
        };
        self.placed.iter().position(writes)
    }
}

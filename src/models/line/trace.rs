//! Notes who moves where while a line runs, for those who want to follow one part.

use super::items::ItemIndex;
use super::plan::NodeIndex;
use super::world::World;
use crate::population::PopulationMove;

/// What moved since it was asked last. Never saved: it says what happened, not how things stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    parts: Vec<PopulationMove>,
    vehicles: Vec<PopulationMove>,
}

impl Trace {
    /// The moves of the parts (0) or the vehicles (1); they are forgotten here.
    pub(super) fn take(&mut self, population: usize) -> Vec<PopulationMove> {
        match population {
            0 => std::mem::take(&mut self.parts),
            1 => std::mem::take(&mut self.vehicles),
            _ => Vec::new(),
        }
    }
}

impl World {
    /// Notes that a part goes from node to node, comes into being or ceases to be.
    #[inline]
    pub(super) fn note_part(
        &mut self,
        item: ItemIndex,
        from: Option<NodeIndex>,
        to: Option<NodeIndex>,
    ) {
        if self.trace.is_some() {
            let part = self.items.get(item);
            let (id, kind) = (part.id, part.product);
            let at = self.instant();
            if let Some(trace) = &mut self.trace {
                trace.parts.push(PopulationMove {
                    at,
                    id,
                    kind,
                    from,
                    to,
                });
            }
        }
    }

    /// Notes that a vehicle goes from a stop to a lane, or from a lane to a stop; places are
    /// those of [`Roads::places`](super::plan::Roads::places).
    pub(super) fn note_vehicle(&mut self, vehicle: usize, fleet: usize, from: u32, to: u32) {
        let at = self.instant();
        if let Some(trace) = &mut self.trace {
            trace.vehicles.push(PopulationMove {
                at,
                id: vehicle as u64,
                kind: fleet as u16,
                from: Some(from),
                to: Some(to),
            });
        }
    }
}

//! Finds parts that can never move again, and tells who waits for whom.
//!
//! A node is *alive* if something will happen to it of itself (it works, is repaired, moves, is
//! switched off and may be switched on), if it has room, or if one of the nodes that it waits for
//! is alive. What is left when no more nodes can be found alive is deadlocked: nothing that can
//! ever happen frees it (Coffman, Elphick and Shoshani, *System deadlocks*, 1971).

use super::items::ItemIndex;
use super::plan::{Kind, Needs, NodeIndex, Plan};
use super::station::Job;
use super::transport::Errand;
use super::world::World;

impl World {
    /// The tags of nodes that wait for each other for ever, each for the next and the last for one
    /// of those before it; `None` if there are none.
    pub(super) fn deadlock(&self, plan: &Plan) -> Option<Vec<String>> {
        let count = plan.nodes.len();
        let mut alive: Vec<_> = (0..count)
            .map(|node| self.moves_of_itself(plan, node))
            .collect();
        let waits: Vec<_> = (0..count).map(|node| self.awaited(plan, node)).collect();
        loop {
            let mut found = false;
            for node in 0..count {
                let freed = |other: &NodeIndex| alive[*other as usize];
                if !alive[node] && waits[node].iter().any(freed) {
                    alive[node] = true;
                    found = true;
                }
            }
            if !found {
                break;
            }
        }
        // A starved station alone waits for parts that may never come, and holds up nobody.
        let stuck = |node: usize| !alive[node] && self.gates[node].waiting.is_some();
        let first = (0..count).find(|node| stuck(*node))?;
        let mut chain = vec![first];
        while let Some(next) = chain.last().and_then(|last| waits[*last].first()) {
            let next = *next as usize;
            let known = chain.contains(&next);
            chain.push(next);
            if known {
                break;
            }
        }
        Some(
            chain
                .iter()
                .map(|node| plan.nodes[*node].tag.clone())
                .collect(),
        )
    }

    /// True if something will happen to a node without any other, or it can take parts now.
    fn moves_of_itself(&self, plan: &Plan, node: usize) -> bool {
        let layout = &plan.nodes[node];
        match layout.kind {
            Kind::Sink => true,
            Kind::Source => self.gates[node].waiting.is_none(),
            Kind::Buffer => self.buffers[layout.place].has_room(),
            Kind::Station => {
                let station = &self.stations[layout.place];
                let called = station.job == Job::Called || !station.is_up();
                let takes_any = matches!(plan.stations[layout.place].needs, Needs::Any(_));
                station.running || called || (station.job == Job::Empty && takes_any)
            }
            Kind::Conveyor => {
                let conveyor = &self.conveyors[layout.place];
                let full = conveyor.level() >= plan.conveyors[layout.place].capacity;
                let held = self.gates[node].waiting.is_some();
                !held || (!full && plan.conveyors[layout.place].accumulating)
            }
            Kind::Carrier => {
                let carrier = &self.carriers[layout.place];
                let under_way = self
                    .traffic
                    .vehicles
                    .iter()
                    .any(|vehicle| !matches!(vehicle.task, Errand::Idle | Errand::Give));
                under_way || carrier.waiting.len() < plan.carriers[layout.place].capacity
            }
        }
    }

    /// The nodes of which one must move before `node` can.
    fn awaited(&self, plan: &Plan, node: usize) -> Vec<NodeIndex> {
        let layout = &plan.nodes[node];
        if layout.kind == Kind::Station && self.stations[layout.place].job == Job::Empty {
            // It waits for the parts that are missing.
            return layout.feeders.clone();
        }
        if self.gates[node].waiting.is_none() {
            return Vec::new();
        }
        let front = self.front(plan, node);
        let part = front.map(|item| *self.items.get(item));
        if let Some(bound) = part.and_then(|part| part.bound) {
            return vec![bound];
        }
        let product = part.map_or(0, |part| usize::from(part.product));
        if let Some(Some(own)) = layout.route.by_product.get(product) {
            return vec![*own];
        }
        layout.route.to.clone()
    }

    /// The part that waits at the way out of a node.
    fn front(&self, plan: &Plan, node: usize) -> Option<ItemIndex> {
        let place = plan.nodes[node].place;
        match plan.nodes[node].kind {
            Kind::Source => {
                let source = &self.sources[place];
                source.backlog.front().copied().or(source.next)
            }
            Kind::Station => self.stations[place].ready(),
            Kind::Buffer => self.buffers[place].queue.front().copied(),
            Kind::Conveyor => self.conveyors[place].parts.front().copied(),
            Kind::Carrier => self.carrier_ready(place),
            Kind::Sink => None,
        }
    }
}

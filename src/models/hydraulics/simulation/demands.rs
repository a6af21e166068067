//! What the network is asked for at an instant: demands, reservoir heads, pump speeds.

use std::sync::Arc;

use super::Simulation;
use crate::models::hydraulics::network::LinkKind;

impl<const L: usize> Simulation<L> {
    /// Demands of the present instant of `lane`, and what else follows a pattern.
    pub(super) fn set_demands(&mut self, lane: usize) {
        let plan = Arc::clone(self.plan());
        let network = &*plan.network;
        let member = &mut self.members[lane];
        let secs = (member.time + network.times.pattern_start) as f64;
        let factors: Vec<f64> = network
            .patterns
            .iter()
            .map(|pattern| pattern.factor(secs))
            .collect();
        let multiplier = network.options.demand_multiplier;
        let mut whole = 0.0;
        for (node, junction) in network.junctions.iter().enumerate() {
            let mut sum = 0.0;
            for demand in &junction.demands {
                let factor = demand.pattern.map_or(1.0, |pattern| factors[pattern]);
                let part = demand.base * factor * multiplier * member.inputs.demand_factors[node];
                whole += part.max(0.0);
                sum += part;
            }
            let added = member.inputs.added_demands[node];
            whole += added.max(0.0);
            sum += added;
            let row = plan.rows[node] as usize;
            self.state.demands[row][lane] = sum;
            self.state.delivered[row][lane] = sum;
        }
        member.system_demand = whole;
        self.leave_out_cut_off(lane);
        for (index, reservoir) in network.reservoirs.iter().enumerate() {
            let factor = reservoir.pattern.map_or(1.0, |pattern| factors[pattern]);
            let level = self.members[lane].inputs.reservoir_levels[index];
            let head = reservoir.bottom + level * factor;
            self.state.heads[network.reservoir_node(index)][lane] = head;
        }
        for &link in &plan.pumps {
            let link = link as usize;
            let LinkKind::Pump(pump) = &network.links[link].kind else {
                continue;
            };
            if let Some(pattern) = pump.speed_pattern {
                self.set_by_rule(lane, link, factors[pattern]);
            }
        }
    }
}

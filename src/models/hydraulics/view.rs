//! A member at an instant, as the ports show it: what the network answers.

use super::desk::Desk;
use super::network::{Network, bore};
use super::ports::{LinkResult, NodeResult, WholeResult};
use super::simulation::{PumpDuty, Simulation};
use crate::units::{GRAVITY, WATER_DENSITY};

/// A tank this close to its end is full, m.
const LEVEL_TOLERANCE: f64 = 1e-6;

/// A member at an instant, as the ports show it.
pub(super) struct View<'a, const L: usize> {
    pub(super) desk: &'a Desk,
    pub(super) simulation: &'a Simulation<L>,
    pub(super) network: &'a Network,
    pub(super) secs: f64,
}

impl<const L: usize> View<'_, L> {
    /// Head of `node`, m above datum; its elevation where no water comes.
    fn head(&self, node: usize) -> f64 {
        if let Some(tank) = self.network.tank_at(node) {
            return self.network.tanks[tank].bottom + self.level(tank);
        }
        if self.is_cut_off(node) {
            return self.network.elevation(node);
        }
        self.simulation.head_in(node, self.desk.lane)
    }

    fn is_cut_off(&self, node: usize) -> bool {
        self.simulation.is_cut_off_in(node, self.desk.lane)
    }

    fn level(&self, tank: usize) -> f64 {
        level(
            self.simulation,
            self.network,
            self.desk.lane,
            tank,
            self.secs,
        )
    }

    /// Pressure at `node`, Pa.
    fn pressure(&self, node: usize) -> f64 {
        let weight = WATER_DENSITY * GRAVITY * self.network.options.specific_gravity;
        weight * (self.head(node) - self.network.elevation(node))
    }

    /// What junction `node` takes, m³/s.
    fn demand(&self, node: usize) -> f64 {
        if self.is_cut_off(node) {
            0.0
        } else {
            self.simulation.demand_in(node, self.desk.lane) / self.network.flow_scale.0
        }
    }

    fn flow(&self, link: usize) -> f64 {
        let ends = &self.network.links[link];
        if self.is_cut_off(ends.from) || self.is_cut_off(ends.to) {
            return 0.0;
        }
        self.simulation.flow_in(link, self.desk.lane) / self.network.flow_scale.0
    }

    fn duty(&self, link: usize) -> PumpDuty {
        self.simulation.pump_duty(link, self.desk.lane)
    }

    pub(super) fn node(&self, node: usize, result: NodeResult) -> f64 {
        let network = self.network;
        let scale = network.flow_scale.0;
        let lane = self.desk.lane;
        match result {
            NodeResult::Pressure => self.pressure(node),
            NodeResult::Head => self.head(node),
            NodeResult::Demand => self.demand(node),
            NodeResult::Outflow => -self.simulation.demand_in(node, lane) / scale,
            NodeResult::Quality => {
                let quality = self.desk.quality.as_ref();
                quality.map_or(0.0, |quality| quality.node(node))
            }
            NodeResult::Volume | NodeResult::Inflow | NodeResult::Overflow => {
                let Some(index) = network.tank_at(node) else {
                    return 0.0;
                };
                let inflow = self.simulation.inflow_in(index, lane) / scale;
                let tank = &network.tanks[index];
                match result {
                    NodeResult::Volume => tank.volume(self.level(index), &network.curves),
                    NodeResult::Inflow => inflow,
                    _ if tank.overflow && self.level(index) >= tank.max - LEVEL_TOLERANCE => {
                        inflow.max(0.0)
                    }
                    _ => 0.0,
                }
            }
        }
    }

    pub(super) fn link(&self, link: usize, result: LinkResult) -> f64 {
        let ends = &self.network.links[link];
        let drop = || self.head(ends.from) - self.head(ends.to);
        match result {
            LinkResult::Flow => self.flow(link),
            LinkResult::Headloss => drop(),
            LinkResult::Velocity => ends
                .diameter()
                .map_or(0.0, |diameter| self.flow(link).abs() / bore(diameter)),
            LinkResult::Pressure => 0.5 * (self.pressure(ends.from) + self.pressure(ends.to)),
            LinkResult::Suction => self.pressure(ends.from),
            LinkResult::Discharge => self.pressure(ends.to),
            LinkResult::Head => self.duty(link).head,
            LinkResult::Power => self.duty(link).power,
            LinkResult::Efficiency => self.duty(link).efficiency,
            LinkResult::Energy => {
                self.simulation
                    .energy_at(link, self.desk.lane, self.secs)
                    .energy
            }
            LinkResult::Cost => {
                self.simulation
                    .energy_at(link, self.desk.lane, self.secs)
                    .cost
            }
            LinkResult::Quality => {
                let quality = self.desk.quality.as_ref();
                quality.map_or(0.0, |quality| quality.link(link))
            }
        }
    }

    pub(super) fn whole(&self, result: WholeResult) -> f64 {
        let junctions = 0..self.network.junctions.len();
        let pumps = self
            .simulation
            .plan()
            .pumps
            .iter()
            .map(|pump| *pump as usize);
        let (simulation, lane, secs) = (self.simulation, self.desk.lane, self.secs);
        match result {
            WholeResult::Demand => junctions.map(|node| self.demand(node)).sum(),
            WholeResult::Deficit => junctions.map(|node| self.deficit(node)).sum(),
            WholeResult::LowestPressure => {
                let pressures = junctions
                    .filter(|node| simulation.asked_in(*node, lane) > 0.0)
                    .map(|node| self.pressure(node));
                let lowest = pressures.fold(f64::INFINITY, f64::min);
                if lowest.is_finite() { lowest } else { 0.0 }
            }
            WholeResult::Power => pumps.map(|pump| self.duty(pump).power).sum(),
            WholeResult::Energy => pumps
                .map(|pump| simulation.energy_at(pump, lane, secs).energy)
                .sum(),
            WholeResult::Cost => pumps
                .map(|pump| simulation.energy_at(pump, lane, secs).cost)
                .sum(),
        }
    }

    /// What consumers at junction `node` ask for and do not get, m³/s.
    fn deficit(&self, node: usize) -> f64 {
        let asked = self.simulation.asked_in(node, self.desk.lane);
        let got = if self.is_cut_off(node) {
            0.0
        } else {
            self.simulation.demand_in(node, self.desk.lane)
                - self.simulation.leakage_in(node, self.desk.lane)
        };
        (asked - got).max(0.0) / self.network.flow_scale.0
    }

    /// How many consumers ask for water where there is no pressure.
    pub(super) fn strained(&self) -> u32 {
        let junctions = 0..self.network.junctions.len();
        let strained = junctions.filter(|&node| {
            self.simulation.asked_in(node, self.desk.lane) > 0.0
                && (self.is_cut_off(node) || self.pressure(node) < 0.0)
        });
        strained.count() as u32
    }
}

/// Level of tank `index`, m above its bottom, `secs` after simulation time 0.
pub(super) fn level<const L: usize>(
    simulation: &Simulation<L>,
    network: &Network,
    lane: usize,
    index: usize,
    secs: f64,
) -> f64 {
    let volume = simulation.volume_at(lane, index, secs);
    network.tanks[index].level_of(volume, &network.curves)
}

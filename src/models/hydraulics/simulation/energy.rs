//! What pumps use: power, energy and cost.

use super::Simulation;
use crate::models::hydraulics::network::{LinkKind, Network};
use crate::models::hydraulics::pump::{Efficiency, Pump};
use crate::models::hydraulics::solver::NO_FLOW;
use crate::units::{GRAVITY, WATER_DENSITY};

/// Joules of a kilowatt-hour.
const KILOWATT_HOUR: f64 = 3.6e6;
/// Beyond this multiple of the best flow the parabola of efficiency means nothing.
const FURTHEST: f64 = 1.6;
/// No pump counts as worse than this.
const WORST: f64 = 0.01;

/// What a pump does at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PumpDuty {
    /// Flow, m³/s.
    pub flow: f64,
    /// Head added, m.
    pub head: f64,
    /// Electrical power, W.
    pub power: f64,
    /// Water power over electrical power.
    pub efficiency: f64,
    /// It turns.
    pub running: bool,
}

/// What a pump has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PumpEnergy {
    /// Time in use, s.
    pub running: f64,
    /// J.
    pub energy: f64,
    /// In the network's currency.
    pub cost: f64,
    /// The highest power, W.
    pub peak: f64,
}

impl PumpEnergy {
    /// Adds `secs` of `duty` at `price` per kilowatt-hour.
    pub fn book(&mut self, duty: &PumpDuty, price: f64, secs: f64) {
        if duty.running {
            self.running += secs;
            self.energy += duty.power * secs;
            self.cost += duty.power * secs / KILOWATT_HOUR * price;
            self.peak = self.peak.max(duty.power);
        }
    }
}

impl<const L: usize> Simulation<L> {
    /// What the pump `link` does since the last solve.
    pub fn pump_duty(&self, link: usize, lane: usize) -> PumpDuty {
        let place = self.plan().pumps.binary_search(&(link as u32));
        place.map_or_else(
            |_| PumpDuty::default(),
            |place| self.members[lane].duties[place],
        )
    }

    /// What the pump `link` does under the flows that were just found.
    pub(super) fn find_duty(&self, link: usize, lane: usize) -> PumpDuty {
        let network = self.network();
        let LinkKind::Pump(pump) = &network.links[link].kind else {
            return PumpDuty::default();
        };
        let speed = self.setting_in(link, lane).unwrap_or(1.0);
        if self.status_in(link, lane).is_shut() || speed <= 0.0 {
            return PumpDuty::default();
        }
        let ends = &network.links[link];
        let head = self.head_in(ends.to, lane) - self.head_in(ends.from, lane);
        let flow = self.flow_in(link, lane);
        let sound = self.state.sound[link][lane];
        let weight = WATER_DENSITY * GRAVITY * network.options.specific_gravity;
        let (efficiency, power) = match pump.efficiency {
            Efficiency::Parabola { best_flow, best } => {
                let share = (flow / (speed * best_flow)).clamp(0.0, FURTHEST);
                let efficiency = best * sound * share * (2.0 - share);
                // q / η with the flow cancelled, so that a pump against a shut valve still
                // draws power.
                let flow_by_efficiency = best_flow * speed / (best * sound * (2.0 - share));
                (efficiency, weight * head.max(0.0) * flow_by_efficiency)
            }
            Efficiency::Constant(_) | Efficiency::Table(_) => {
                let efficiency =
                    (sound * plain_efficiency(network, pump, flow, speed)).clamp(WORST, 1.0);
                (efficiency, weight * head.abs() * flow.abs() / efficiency)
            }
        };
        PumpDuty {
            flow,
            head,
            power,
            efficiency,
            running: true,
        }
    }
}

/// The efficiency of a new pump at `flow`, m³/s; at other speeds by Sarbu and Borza (1998).
fn plain_efficiency(network: &Network, pump: &Pump, flow: f64, speed: f64) -> f64 {
    match pump.efficiency {
        Efficiency::Constant(share) | Efficiency::Parabola { best: share, .. } => share,
        Efficiency::Table(curve) => {
            let share = network.curves[curve].value(flow.abs().max(NO_FLOW) / speed);
            1.0 - (1.0 - share) * speed.powf(-0.1)
        }
    }
}

/// The price of a kilowatt-hour for the pump `link` at `time`, s.
pub(super) fn price(network: &Network, link: usize, time: i64) -> f64 {
    let LinkKind::Pump(pump) = &network.links[link].kind else {
        return 0.0;
    };
    let energy = &network.energy;
    let secs = (time + network.times.pattern_start) as f64;
    let base = pump
        .price
        .filter(|price| *price > 0.0)
        .unwrap_or(energy.price);
    let pattern = pump.price_pattern.or(energy.pattern);
    base * pattern.map_or(1.0, |pattern| network.patterns[pattern].factor(secs))
}

//! Junctions, reservoirs and tanks; districts of junctions, and the network as a whole.

use std::collections::BTreeMap;

use super::pressure::limit;
use super::symbol;
use super::units::{fact, plain, round_up, unit};
use super::{Import, asset};
use crate::models::hydraulics::network::{Junction, Tank};
use crate::scene::spec::{AssetSpec, LimitKind, LimitSpec, OwnSignalSpec, Priority};

/// A tank whose lowest level lies above this share of its highest is a bowl on a tower.
const TOWER: f64 = 0.4;
/// Junctions are drawn this much wider than the widest pipe that they join.
const WIDER: f64 = 1.6;
/// The mean pressure that a burst is thought to have, m.
const BURST_PRESSURE: f64 = 40.0;

impl Import<'_> {
    /// The network as a whole.
    pub(super) fn whole(&self) -> AssetSpec {
        let middle =
            std::array::from_fn(|axis| f64::midpoint(self.plan.low[axis], self.plan.high[axis]));
        let title = self.reading.map.title.iter().find(|line| !line.is_empty());
        AssetSpec {
            label: title.cloned().unwrap_or_default(),
            at: middle,
            ..asset(self.root.clone(), self.kind("network"))
        }
    }

    pub(super) fn reservoirs(&self) -> Vec<AssetSpec> {
        let network = self.network();
        let each = network
            .reservoirs
            .iter()
            .enumerate()
            .map(|(index, reservoir)| {
                let node = network.reservoir_node(index);
                let head = fact(reservoir.bottom + reservoir.level, self.units.length);
                AssetSpec {
                    at: self.plan.nodes[node],
                    parameters: BTreeMap::from([("head".to_owned(), head)]),
                    ..self.node(node, "reservoir")
                }
            });
        each.collect()
    }

    pub(super) fn tanks(&self) -> Vec<AssetSpec> {
        let network = self.network();
        let each = network.tanks.iter().enumerate().map(|(index, tank)| {
            let node = network.tank_node(index);
            let [east, north, _] = self.plan.nodes[node];
            let (low, high) = bowl(tank);
            let up = self.plan.height(tank.bottom + low);
            let wide = self.plan.scale * (tank.area / std::f64::consts::FRAC_PI_4).sqrt();
            let wide = if wide.is_finite() { wide.max(0.5) } else { 1.0 };
            let tall = self.plan.tall(high - low).max(0.5);
            AssetSpec {
                at: [east, north, up],
                size: Some([wide, wide, tall]),
                parameters: self.tank_facts(tank),
                signals: self.tank_signals(tank),
                ..self.node(node, "tank")
            }
        });
        each.collect()
    }

    fn tank_facts(&self, tank: &Tank) -> BTreeMap<String, String> {
        let (length, volume) = (self.units.length, self.units.volume);
        let diameter = (tank.area / std::f64::consts::FRAC_PI_4).sqrt();
        let capacity = tank.volume(tank.max, &self.network().curves);
        BTreeMap::from([
            ("bottom".to_owned(), fact(tank.bottom, length)),
            ("diameter".to_owned(), fact(diameter, length)),
            ("lowest_level".to_owned(), fact(tank.min, length)),
            ("highest_level".to_owned(), fact(tank.max, length)),
            ("capacity".to_owned(), fact(capacity, volume)),
        ])
    }

    fn tank_signals(&self, tank: &Tank) -> BTreeMap<String, OwnSignalSpec> {
        let (length, volume) = (self.units.length, self.units.volume);
        let (low, high) = bowl(tank);
        let capacity = tank.volume(tank.max, &self.network().curves);
        let level = OwnSignalSpec {
            range: Some((length.from_si(low), length.from_si(high))),
            limits: Some(tank_limits(
                length.from_si(tank.min),
                length.from_si(tank.max),
            )),
        };
        let volume = own_range((0.0, round_up(volume.from_si(capacity))));
        BTreeMap::from([("level".to_owned(), level), ("volume".to_owned(), volume)])
    }

    pub(super) fn junctions(&self) -> Vec<AssetSpec> {
        let network = self.network();
        let mut widest = vec![0.0_f64; network.node_count()];
        for link in &network.links {
            let diameter = link
                .diameter()
                .filter(|diameter| diameter.is_finite())
                .unwrap_or(0.0);
            for node in [link.from, link.to] {
                widest[node] = widest[node].max(diameter);
            }
        }
        let base = |junction: &Junction| self.base_demand(junction);
        let largest = network.junctions.iter().map(base).fold(0.0, f64::max);
        let fineness = symbol::fineness(network.node_count());
        let (small, large) = symbol::JUNCTION;
        let (small, large) = (small * fineness, large * fineness);
        let each = network
            .junctions
            .iter()
            .enumerate()
            .map(|(node, junction)| {
                let side = self.plan.scale * (widest[node] * WIDER).clamp(0.3, 20.0);
                let demand = base(junction);
                let draws = demand > 0.0;
                let kind = if draws { "demand junction" } else { "junction" };
                // The area of the ball is as the demand.
                let share = if draws {
                    (demand / largest).sqrt()
                } else {
                    0.0
                };
                let mut parameters = BTreeMap::from([(
                    "elevation".to_owned(),
                    fact(junction.elevation, self.units.length),
                )]);
                if draws {
                    parameters.insert("base_demand".to_owned(), fact(demand, self.units.flow));
                }
                let flow = round_up(self.units.flow.from_si(demand) * 2.0);
                let signals = draws.then(|| ("demand".to_owned(), own_range((0.0, flow))));
                AssetSpec {
                    at: self.plan.nodes[node],
                    size: Some([side; 3]),
                    symbol: Some(small + (large - small) * share),
                    parameters,
                    signals: signals.into_iter().collect(),
                    ..self.node(node, kind)
                }
            });
        each.collect()
    }

    /// An asset for `node`: its name and what joins it.
    fn node(&self, node: usize, kind: &str) -> AssetSpec {
        let network = self.network();
        let tag = &self.reading.map.node_tags.get(node);
        let links = self.plan.links_of(node).iter();
        let mut joined: Vec<String> = links
            .map(|&link| self.tag(&network.links[link].tag))
            .collect();
        joined.dedup();
        AssetSpec {
            label: tag.cloned().unwrap_or_default(),
            links: joined,
            ..self.part(self.node_tag(node), kind)
        }
    }

    pub(super) fn districts(&self) -> Vec<AssetSpec> {
        let network = self.network();
        let mut members = vec![(0_usize, 0.0, [0.0; 3]); network.districts.len()];
        for (node, junction) in network.junctions.iter().enumerate() {
            if let Some(district) = junction.district.and_then(|place| members.get_mut(place)) {
                district.0 += 1;
                district.1 += self.base_demand(junction);
                for (sum, axis) in district.2.iter_mut().zip(self.plan.nodes[node]) {
                    *sum += axis;
                }
            }
        }
        let each = network.districts.iter().zip(members);
        let each = each.map(|(district, (count, demand, sum))| AssetSpec {
            label: match count {
                1 => "1 junction".to_owned(),
                many => format!("{many} junctions"),
            },
            at: sum.map(|axis| axis / count.max(1) as f64),
            parameters: BTreeMap::from([("base_demand".to_owned(), fact(demand, self.units.flow))]),
            ..self.part(self.tag(&district.tag), "district")
        });
        each.collect()
    }

    /// What a junction draws at pattern factor 1, m³/s.
    pub(super) fn base_demand(&self, junction: &Junction) -> f64 {
        let bases = junction.demands.iter().map(|demand| demand.base);
        bases.sum::<f64>() * self.network().options.demand_multiplier
    }

    /// The largest demand of the whole network in any step of its patterns, m³/s.
    pub(super) fn largest_demand(&self) -> f64 {
        /// A week in hours: the longest cycle that demands ordinarily have.
        const STEPS: usize = 168;
        let network = self.network();
        let mut by_pattern = vec![0.0; network.patterns.len() + 1];
        let steady = network.patterns.len();
        for demand in network
            .junctions
            .iter()
            .flat_map(|junction| &junction.demands)
        {
            by_pattern[demand.pattern.unwrap_or(steady).min(steady)] += demand.base;
        }
        let longest = network
            .patterns
            .iter()
            .map(|pattern| pattern.factors.len())
            .max();
        let total = |step: usize| {
            let patterns = network.patterns.iter().zip(&by_pattern);
            let drawn: f64 = patterns
                .map(|(pattern, base)| {
                    let factor = pattern.factors.get(step % pattern.factors.len().max(1));
                    base * factor.copied().unwrap_or(1.0)
                })
                .sum();
            drawn + by_pattern[steady]
        };
        let steps = 0..longest.unwrap_or(1).clamp(1, STEPS);
        let most = steps.map(total).fold(0.0, f64::max);
        (most * network.options.demand_multiplier).max(1e-6)
    }

    /// The flow of a burst worth looking at, m³/s at 1 m of pressure.
    pub(super) fn leak(&self) -> f64 {
        let power = self.network().options.emitter_power;
        let root = if power > 0.0 { power.recip() } else { 0.5 };
        let burst = (self.largest_demand() * 0.1).clamp(1e-3, 0.02);
        plain(burst / BURST_PRESSURE.powf(root))
    }
}

/// The part of a tank that is drawn: levels above the bottom, m.
///
/// Files often give the ground as the bottom of a tower's bowl; the lowest level tells.
fn bowl(tank: &Tank) -> (f64, f64) {
    let high = if tank.max > 0.0 { tank.max } else { 1.0 };
    let on_tower = tank.min > high * TOWER && tank.min < high;
    (if on_tower { tank.min } else { 0.0 }, high)
}

/// Nearly dry, low, and full, of a tank between these levels, in the file's unit.
fn tank_limits(low: f64, high: f64) -> Vec<LimitSpec> {
    let span = high - low;
    if span <= 0.0 {
        return Vec::new();
    }
    let rows = [
        (LimitKind::High, 0.99, Priority::Low, "Tank nearly full"),
        (LimitKind::Low, 0.15, Priority::Low, "Tank low"),
        (LimitKind::LowLow, 0.02, Priority::High, "Tank runs dry"),
    ];
    rows.map(|(kind, share, priority, message)| LimitSpec {
        deadband: plain(span * 0.01),
        ..limit(kind, plain(low + span * share), priority, message)
    })
    .to_vec()
}

/// A signal's own range.
pub(super) fn own_range(range: (f64, f64)) -> OwnSignalSpec {
    OwnSignalSpec {
        range: Some(range),
        limits: None,
    }
}

/// Electrical power, in kW, of W.
pub(super) fn kilowatts(watts: f64) -> f64 {
    unit("kW").from_si(watts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_lowest_level_means_a_tower() {
        let tank = |min: f64, max: f64| Tank {
            min,
            max,
            ..Tank::default()
        };
        assert_eq!(bowl(&tank(0.1, 9.8)), (0.0, 9.8));
        assert_eq!(bowl(&tank(30.0, 45.0)), (30.0, 45.0));
        assert_eq!(bowl(&tank(0.0, 0.0)), (0.0, 1.0));
    }

    #[test]
    fn a_tank_runs_dry_before_it_is_empty() {
        let limits = tank_limits(2.0, 12.0);
        let at: Vec<_> = limits.iter().map(|limit| limit.at).collect();
        assert_eq!(at, [11.9, 3.5, 2.2]);
        assert!(tank_limits(3.0, 3.0).is_empty());
    }
}

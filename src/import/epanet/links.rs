//! Pipes, pumps and valves, each with its course over the map.

use std::collections::BTreeMap;

use super::Import;
use super::nodes::{kilowatts, own_range};
use super::symbol;
use super::types::valve_key;
use super::units::{fact, plain, round_up, unit};
use crate::models::hydraulics::network::{Headloss, Link, LinkKind, Pipe, bore};
use crate::models::hydraulics::pump::{Efficiency, HeadCurve, Pump};
use crate::scene::spec::AssetSpec;
use crate::units::{GRAVITY, WATER_DENSITY};

/// Water this fast fills the scale of a main, m/s.
const FAST: f64 = 1.5;
/// A pump's efficiency where nothing is said (EPANET 2.2 user manual, [ENERGY]).
const EFFICIENCY: f64 = 0.75;

impl Import<'_> {
    pub(super) fn pipes(&self) -> Vec<AssetSpec> {
        let diameters = || {
            let links = self.network().links.iter();
            let pipes = links.filter(|link| matches!(link.kind, LinkKind::Pipe(_)));
            pipes
                .filter_map(Link::diameter)
                .filter(|diameter| diameter.is_finite())
        };
        let (narrow, wide) = (
            diameters().fold(f64::INFINITY, f64::min),
            diameters().fold(0.0, f64::max),
        );
        self.links(|index, link| {
            let LinkKind::Pipe(pipe) = &link.kind else {
                return None;
            };
            let fineness = symbol::softer(self.network().node_count());
            let (thin, thick) = symbol::PIPE;
            let (thin, thick) = (thin * fineness, thick * fineness);
            let share = (pipe.diameter - narrow) / (wide - narrow);
            let share = if share.is_finite() { share } else { 0.3 };
            let flow = self.units.flow.from_si(bore(pipe.diameter) * FAST);
            let flow = round_up(flow);
            let side = (pipe.diameter * self.plan.scale).clamp(0.01, 1e4);
            Some(AssetSpec {
                size: Some([side; 3]),
                symbol: Some(thin + (thick - thin) * share),
                parameters: self.pipe_facts(pipe),
                signals: BTreeMap::from([("flow".to_owned(), own_range((-flow, flow)))]),
                ..self.link(index, "pipe")
            })
        })
    }

    fn pipe_facts(&self, pipe: &Pipe) -> BTreeMap<String, String> {
        let units = &self.units;
        let roughness = match self.network().options.headloss {
            Headloss::DarcyWeisbach => fact(pipe.roughness, unit("mm")),
            Headloss::HazenWilliams | Headloss::ChezyManning => plain(pipe.roughness).to_string(),
        };
        let mut facts = BTreeMap::from([
            ("length".to_owned(), fact(pipe.length, units.length)),
            ("diameter".to_owned(), fact(pipe.diameter, units.diameter)),
            ("roughness".to_owned(), roughness),
        ]);
        if pipe.minor > 0.0 {
            facts.insert("fittings_loss".to_owned(), plain(pipe.minor).to_string());
        }
        if pipe.one_way {
            facts.insert("check_valves".to_owned(), "1".to_owned());
        }
        facts
    }

    pub(super) fn pumps(&self) -> Vec<AssetSpec> {
        self.links(|index, link| {
            let LinkKind::Pump(pump) = &link.kind else {
                return None;
            };
            let units = &self.units;
            let duty = self.duty(pump);
            let flow = duty.flow * 1.5;
            let most = if pump.max_flow.is_finite() {
                flow.min(pump.max_flow)
            } else {
                flow
            };
            let power = kilowatts(duty.power);
            let ranges = [
                ("flow", units.flow.from_si(most)),
                ("head", units.length.from_si(duty.shutoff)),
                ("power", power * 1.5),
                ("energy", power * 24.0),
                ("cost", power * 2.4),
            ];
            let ranges =
                ranges.map(|(name, top)| (name.to_owned(), own_range((0.0, round_up(top)))));
            Some(AssetSpec {
                parameters: BTreeMap::from([
                    ("duty_flow".to_owned(), fact(duty.flow, units.flow)),
                    ("duty_head".to_owned(), fact(duty.head, units.length)),
                ]),
                signals: BTreeMap::from(ranges),
                ..self.link(index, "pump")
            })
        })
    }

    pub(super) fn valves(&self) -> Vec<AssetSpec> {
        self.links(|index, link| {
            let LinkKind::Valve(valve) = &link.kind else {
                return None;
            };
            let flow = round_up(self.units.flow.from_si(bore(valve.diameter) * FAST));
            let diameter = fact(valve.diameter, self.units.diameter);
            Some(AssetSpec {
                parameters: BTreeMap::from([("diameter".to_owned(), diameter)]),
                signals: BTreeMap::from([("flow".to_owned(), own_range((-flow, flow)))]),
                ..self.link(index, valve_key(valve.kind))
            })
        })
    }

    fn links(&self, asset: impl Fn(usize, &Link) -> Option<AssetSpec>) -> Vec<AssetSpec> {
        let links = self.network().links.iter().enumerate();
        links
            .filter_map(|(index, link)| asset(index, link))
            .collect()
    }

    /// An asset for `link`: its name, its course and the nodes that it joins.
    fn link(&self, link: usize, kind: &str) -> AssetSpec {
        let (at, heading) = self.plan.middle(link);
        let ends = &self.network().links[link];
        let tag = self.reading.map.link_tags.get(link);
        let mut joined = vec![self.node_tag(ends.to), self.node_tag(ends.from)];
        joined.dedup();
        AssetSpec {
            label: tag.cloned().unwrap_or_default(),
            at,
            heading,
            route: self.plan.routes[link].clone(),
            links: joined,
            ..self.part(self.link_tag(link), kind)
        }
    }

    pub(super) fn has_pumps(&self) -> bool {
        let mut links = self.network().links.iter();
        links.any(|link| matches!(link.kind, LinkKind::Pump(_)))
    }

    /// The power of all pumps at their duty points, W.
    pub(super) fn pumping_power(&self) -> f64 {
        let links = self.network().links.iter();
        let powers = links.filter_map(|link| match &link.kind {
            LinkKind::Pump(pump) => Some(self.duty(pump).power),
            LinkKind::Pipe(_) | LinkKind::Valve(_) => None,
        });
        powers.sum()
    }

    /// What a pump is made for.
    pub(super) fn duty(&self, pump: &Pump) -> Duty {
        let curves = &self.network().curves;
        let sound = |value: f64| {
            if value.is_finite() {
                value.max(0.0)
            } else {
                0.0
            }
        };
        let flow = sound(pump.design_flow);
        let (head, shutoff) = match pump.head {
            HeadCurve::Power {
                shutoff,
                slope,
                exponent,
            } => (shutoff - slope * flow.powf(exponent), shutoff),
            HeadCurve::Table(curve) => {
                let curve = curves.get(curve);
                let at = |flow| curve.map_or(0.0, |curve| curve.value(flow));
                (at(flow), at(0.0))
            }
            HeadCurve::ConstantPower { head_times_flow } => {
                let head = head_times_flow / flow.max(1e-6);
                (head, head * 2.0)
            }
            HeadCurve::Unknown => (0.0, 10.0),
        };
        let efficiency = match pump.efficiency {
            Efficiency::Constant(share) => share,
            Efficiency::Table(curve) => curves.get(curve).map_or(EFFICIENCY, |c| c.value(flow)),
            Efficiency::Parabola { best, .. } => best,
        };
        let efficiency = if efficiency > 0.01 {
            efficiency
        } else {
            EFFICIENCY
        };
        Duty {
            flow,
            head: sound(head),
            shutoff: sound(shutoff),
            power: sound(WATER_DENSITY * GRAVITY * flow * head / efficiency),
        }
    }
}

/// The point that a pump is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Duty {
    /// m³/s.
    pub(super) flow: f64,
    /// m.
    pub(super) head: f64,
    /// Head at no flow, m.
    pub(super) shutoff: f64,
    /// Electrical, W.
    pub(super) power: f64,
}

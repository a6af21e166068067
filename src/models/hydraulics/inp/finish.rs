//! From a draft in the file's units to a network in SI.

use std::collections::HashMap;

use super::curves::{CurveDraft, Use};
use super::draft::Draft;
use super::links::{LinkBody, LinkDraft, ValveDraft, ValveName};
use super::mistake::{Mistake, quoted};
use super::nodes::{JunctionDraft, NodeBody, NodeDraft, TankDraft};
use super::units::Units;
use super::{Map, Reading, districts, quality_finish, tags};
use crate::models::hydraulics::curve::Curve;
use crate::models::hydraulics::network::{
    Demand, EnergySpec, FlowScale, Headloss, Junction, Link, LinkKind, Network, Pipe, Reservoir,
    Tank, Valve, ValveKind,
};
use crate::models::hydraulics::pattern::Pattern;

/// What the parts of a network need while they are finished.
pub(super) struct Finish<'d, 'a> {
    pub(super) draft: &'d Draft<'a>,
    pub(super) units: Units,
    /// The place in the network of each node of the draft.
    pub(super) node_places: Vec<usize>,
    curves: Vec<Curve>,
    places_of_curves: HashMap<(usize, Use), usize>,
}

/// Checks what only a whole file shows.
pub(super) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    let mut joined = vec![false; draft.nodes.len()];
    for link in &draft.links {
        joined[link.from] = true;
        joined[link.to] = true;
    }
    for (place, node) in draft.nodes.iter().enumerate() {
        match &node.body {
            NodeBody::Junction(_) if !joined[place] => {
                let message = format!("no link reaches the junction {}", quoted(node.id));
                let hint = "join it with a pipe, or remove it";
                found.push((node.line, Mistake::new(233, message, hint)));
            }
            NodeBody::Junction(_) => {}
            NodeBody::Tank(tank) => {
                let checked = check_tank(node.id, tank, &draft.curves);
                found.extend(checked.err().map(|mistake| (node.line, mistake)));
            }
        }
    }
    for link in &draft.links {
        let checked = check_link(draft, link);
        found.extend(checked.err().map(|mistake| (link.line, mistake)));
    }
    for (line, mistake) in found {
        draft.mistake(line, mistake);
    }
}

/// Checks that there is something to solve.
pub(super) fn check_size(draft: &mut Draft<'_>) {
    let junctions = (0..draft.nodes.len()).filter(|node| draft.is_junction(*node));
    let junctions = junctions.count();
    if junctions == 0 {
        let hint = "list at least one below [JUNCTIONS]";
        draft.mistake(
            None,
            Mistake::new(223, "the network has no junctions", hint),
        );
    } else if junctions == draft.nodes.len() {
        let hint = "list at least one below [RESERVOIRS] or [TANKS]";
        let message = "the network has neither tank nor reservoir";
        draft.mistake(None, Mistake::new(224, message, hint));
    }
}

fn check_tank(id: &str, tank: &TankDraft, curves: &[CurveDraft<'_>]) -> Result<(), Mistake> {
    if tank.is_reservoir() {
        return Ok(());
    }
    let TankDraft {
        level, min, max, ..
    } = *tank;
    if !(min <= level && level <= max) {
        let message = format!(
            "the level {level} of the tank {} is not between {min} and {max}",
            quoted(id)
        );
        let hint = "order lowest, initial and highest level";
        return Err(Mistake::new(225, message, hint));
    }
    let Some(curve) = tank.curve.map(|curve| &curves[curve]) else {
        return Ok(());
    };
    curve.check(Use::Volume)?;
    let (first, last) = (curve.points.first(), curve.points.last());
    let reaches =
        first.is_some_and(|point| point.0 <= min) && last.is_some_and(|point| max <= point.0);
    if !reaches {
        let message = format!(
            "the volume curve {} does not reach from {min} to {max}, the levels of {}",
            quoted(curve.id),
            quoted(id)
        );
        return Err(Mistake::new(225, message, "add points at its ends"));
    }
    Ok(())
}

fn check_link(draft: &Draft<'_>, link: &LinkDraft<'_>) -> Result<(), Mistake> {
    match &link.body {
        LinkBody::Pump(pump) => pump.check(&draft.curves),
        LinkBody::Valve(valve) if valve.kind == ValveName::General => {
            draft.curves[valve.curve].check(Use::HeadLoss)
        }
        LinkBody::Valve(_) => Ok(()),
        LinkBody::Pipe(pipe) => {
            // EPANET opens such files, and then finds no heads.
            let least = match draft.options.fixed.headloss {
                Headloss::HazenWilliams => f64::MIN_POSITIVE,
                Headloss::DarcyWeisbach => 0.0,
                Headloss::ChezyManning => f64::NEG_INFINITY,
            };
            if pipe.roughness < least {
                let message = format!(
                    "the roughness {} of {} is too small",
                    pipe.roughness,
                    quoted(link.id)
                );
                return Err(Mistake::new(211, message, "write a number above 0"));
            }
            Ok(())
        }
    }
}

/// The network of a draft without problems.
pub(super) fn finish(mut draft: Draft<'_>) -> Reading {
    let mut findings = std::mem::take(&mut draft.findings);
    let mut map = std::mem::take(&mut draft.map);
    let draft = &draft;
    let units = Units::new(
        draft.options.flow,
        draft.options.pressure,
        draft.options.fixed.specific_gravity,
    );
    let mut finish = Finish {
        draft,
        units,
        node_places: node_places(draft),
        curves: Vec::new(),
        places_of_curves: HashMap::new(),
    };
    let tags = tags::tags(draft, &mut findings);
    let mut network = Network {
        times: draft.times.finish(&mut findings),
        options: draft.options.finish(&units),
        flow_scale: FlowScale(units.flow_scale),
        ..Network::default()
    };
    network.patterns = patterns(draft, network.times.pattern_step);
    finish.nodes(&mut network, &tags);
    network.links = finish.links(&tags);
    network.energy = EnergySpec {
        price: draft.energy.price,
        pattern: draft.energy.pattern,
        demand_charge: draft.energy.demand_charge,
    };
    network.controls = draft
        .controls
        .iter()
        .map(|one| one.finish(&finish))
        .collect();
    network.rules = draft.rules.finish(&finish);
    network.quality = quality_finish::quality(&mut finish);
    if network.times.duration == 0 && network.quality.take().is_some() {
        findings.note("quality", None, || {
            "as in EPANET, there is no water quality where the duration is 0".to_owned()
        });
    }
    districts::divide(draft, &finish.node_places, &mut network, &mut findings);
    finish.fill(&mut map, &mut findings);
    finish.note_unused(&mut findings);
    network.curves = finish.curves;
    Reading {
        network,
        map,
        notes: findings.into_notes(),
    }
}

/// The place in the network of each node: junctions, then reservoirs, then tanks.
fn node_places(draft: &Draft<'_>) -> Vec<usize> {
    let rank = |node: &NodeDraft<'_>| match &node.body {
        NodeBody::Junction(_) => 0,
        NodeBody::Tank(tank) if tank.is_reservoir() => 1,
        NodeBody::Tank(_) => 2,
    };
    let mut counts = [0; 3];
    for node in &draft.nodes {
        counts[rank(node)] += 1;
    }
    let mut next = [0, counts[0], counts[0] + counts[1]];
    let place = |node: &NodeDraft<'_>| {
        let next = &mut next[rank(node)];
        *next += 1;
        *next - 1
    };
    draft.nodes.iter().map(place).collect()
}

fn patterns(draft: &Draft<'_>, step: i64) -> Vec<Pattern> {
    let pattern = |pattern: &super::patterns::PatternDraft<'_>| Pattern {
        name: pattern.id.to_owned(),
        step: step as f64,
        factors: pattern.factors.clone(),
        smooth: false,
    };
    draft.patterns.iter().map(pattern).collect()
}

impl Finish<'_, '_> {
    /// The place in the network of curve `curve` of the draft, put to this `purpose`.
    pub(super) fn curve(&mut self, curve: usize, purpose: Use) -> usize {
        let next = self.curves.len();
        let place = *self
            .places_of_curves
            .entry((curve, purpose))
            .or_insert(next);
        if place == next {
            let draft = &self.draft.curves[curve];
            self.curves.push(draft.finish(purpose, &self.units));
        }
        place
    }

    /// The points of curve `place` of the network, SI.
    pub(super) fn points(&self, place: usize) -> &[(f64, f64)] {
        &self.curves[place].points
    }

    /// What one of the file's units is in SI in which the setting of `link` is.
    pub(super) fn setting_scale(&self, link: usize) -> f64 {
        let LinkBody::Valve(valve) = &self.draft.links[link].body else {
            return 1.0;
        };
        match valve.kind {
            ValveName::Reducing | ValveName::Sustaining | ValveName::Breaker => self.units.pressure,
            ValveName::Flow => self.units.flow,
            ValveName::Throttle | ValveName::General => 1.0,
        }
    }

    fn nodes(&mut self, network: &mut Network, tags: &tags::Tags) {
        let default = self
            .draft
            .pattern(self.draft.options.pattern)
            .ok()
            .flatten();
        for (place, node) in self.draft.nodes.iter().enumerate() {
            let tag = tags.nodes[place].clone();
            let elevation = node.elevation * self.units.length;
            match &node.body {
                NodeBody::Junction(junction) => network.junctions.push(Junction {
                    tag,
                    elevation,
                    demands: self.demands(junction, default),
                    emitter: self.emitter(junction.emitter),
                    district: None,
                }),
                NodeBody::Tank(tank) if tank.is_reservoir() => {
                    network.reservoirs.push(Reservoir {
                        tag,
                        // A reservoir is known by its head, not by a depth of water.
                        bottom: 0.0,
                        level: elevation + tank.level * self.units.length,
                        pattern: tank.pattern,
                    });
                }
                NodeBody::Tank(tank) => {
                    let tank = self.tank(tag, elevation, tank);
                    network.tanks.push(tank);
                }
            }
        }
    }

    fn demands(&self, junction: &JunctionDraft<'_>, default: Option<usize>) -> Vec<Demand> {
        let demand = |demand: &super::nodes::DemandDraft<'_>| Demand {
            base: demand.base * self.units.flow,
            pattern: demand.pattern.or(default),
            category: demand.category.to_owned(),
        };
        junction.demands.iter().map(demand).collect()
    }

    /// m³/s at a pressure head of 1 m.
    fn emitter(&self, coefficient: f64) -> f64 {
        let power = self.draft.options.fixed.emitter_power;
        coefficient * self.units.flow * (1.0 / self.units.pressure).powf(1.0 / power)
    }

    fn tank(&mut self, tag: String, bottom: f64, tank: &TankDraft) -> Tank {
        let length = self.units.length;
        let mut area = Tank::area_of(tank.diameter * length);
        let mut min_volume = if tank.min_volume > 0.0 {
            tank.min_volume * length.powi(3)
        } else {
            area * tank.min * length
        };
        let volume_curve = tank.curve.map(|curve| self.curve(curve, Use::Volume));
        if let Some(curve) = volume_curve.map(|curve| &self.curves[curve]) {
            min_volume = curve.value(tank.min * length);
            if let [first, .., last] = curve.points[..] {
                area = (last.1 - first.1) / (last.0 - first.0);
            }
        }
        Tank {
            tag,
            bottom,
            area,
            min: tank.min * length,
            max: tank.max * length,
            level: tank.level * length,
            min_volume,
            volume_curve,
            overflow: tank.overflow,
        }
    }

    fn links(&mut self, tags: &tags::Tags) -> Vec<Link> {
        let mut links = Vec::with_capacity(self.draft.links.len());
        for (place, link) in self.draft.links.iter().enumerate() {
            let kind = match &link.body {
                LinkBody::Pipe(pipe) => LinkKind::Pipe(self.pipe(pipe)),
                LinkBody::Pump(pump) => LinkKind::Pump(pump.finish(self)),
                LinkBody::Valve(valve) => LinkKind::Valve(self.valve(valve)),
            };
            links.push(Link {
                tag: tags.links[place].clone(),
                from: self.node_places[link.from],
                to: self.node_places[link.to],
                kind,
                status: link.status,
                setting: link.setting.map(|value| value * self.setting_scale(place)),
            });
        }
        links
    }

    fn pipe(&self, pipe: &super::links::PipeDraft) -> Pipe {
        let roughness_scale = match self.draft.options.fixed.headloss {
            // Thousandths of a foot, or millimetres.
            Headloss::DarcyWeisbach => self.units.length / 1_000.0,
            Headloss::HazenWilliams | Headloss::ChezyManning => 1.0,
        };
        Pipe {
            length: pipe.length * self.units.length,
            diameter: pipe.diameter * self.units.diameter,
            roughness: pipe.roughness * roughness_scale,
            minor: pipe.minor,
            one_way: pipe.one_way,
        }
    }

    fn valve(&mut self, valve: &ValveDraft) -> Valve {
        let kind = match valve.kind {
            ValveName::Reducing => ValveKind::PressureReducing,
            ValveName::Sustaining => ValveKind::PressureSustaining,
            ValveName::Breaker => ValveKind::PressureBreaker,
            ValveName::Flow => ValveKind::FlowControl,
            ValveName::Throttle => ValveKind::Throttle,
            ValveName::General => ValveKind::General(self.curve(valve.curve, Use::HeadLoss)),
        };
        Valve {
            kind,
            diameter: valve.diameter * self.units.diameter,
            minor: valve.minor,
        }
    }

    /// Puts what the nodes and links know of the map into it.
    fn fill(&self, map: &mut Map, findings: &mut super::findings::Findings) {
        let draft = self.draft;
        map.flow_units = draft.options.flow.name.to_owned();
        let mut order: Vec<usize> = (0..draft.nodes.len()).collect();
        order.sort_unstable_by_key(|node| self.node_places[*node]);
        let nodes = order.iter().map(|node| &draft.nodes[*node]);
        map.node_ids = nodes.clone().map(|node| node.id.to_owned()).collect();
        map.node_tags = nodes.clone().map(|node| node.tag.to_owned()).collect();
        map.coordinates = nodes.map(|node| node.at).collect();
        let links = draft.links.iter();
        map.link_ids = links.clone().map(|link| link.id.to_owned()).collect();
        map.link_tags = links.clone().map(|link| link.tag.to_owned()).collect();
        map.vertices = links.map(|link| link.vertices.clone()).collect();
        let missing = map.coordinates.iter().filter(|at| at.is_none()).count();
        if missing > 0 {
            let count = draft.nodes.len();
            findings.note("coordinates", None, || {
                format!("{missing} of {count} nodes have no coordinates")
            });
        }
    }

    fn note_unused(&self, findings: &mut super::findings::Findings) {
        let mut is_used = vec![false; self.draft.curves.len()];
        for (curve, _) in self.places_of_curves.keys() {
            is_used[*curve] = true;
        }
        for link in &self.draft.links {
            // A curve of one or three points is in the pump itself.
            if let LinkBody::Pump(pump) = &link.body {
                pump.curves().for_each(|curve| is_used[curve] = true);
            }
        }
        let unused = is_used
            .iter()
            .zip(&self.draft.curves)
            .filter(|(used, _)| !**used);
        for (_, curve) in unused {
            findings.note("unused curves", curve.line, || {
                format!("nothing uses the curve {}", quoted(curve.id))
            });
        }
    }
}

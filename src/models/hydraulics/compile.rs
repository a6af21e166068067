//! From a [`NetworkSpec`] to a [`Network`]: names resolved, values SI, all mistakes at once.

use std::collections::{HashMap, HashSet};

use super::curve::Curve;
use super::network::{
    Demand, Junction, Link, LinkKind, Network, Options, Pipe, Reservoir, Status, Tank, Times,
    Unbalanced, Valve, ValveKind,
};
use super::pattern::Pattern;
use super::pump::{Efficiency, HeadCurve, Pump};
use super::spec::{
    JunctionSpec, NetworkSpec, PatternSpec, PipeSpec, PumpSpec, ReservoirSpec, TankSpec, ValveSpec,
};
use crate::models::config::{Entry, Reader};
use crate::problem::did_you_mean;
use crate::units::Quantity;

/// Flows have settled when their total change is below this share of their total.
const ACCURACY: f64 = 1e-6;
/// A network that does not settle gets this many trials more, and goes on.
const EXTRA_TRIALS: u32 = 50;
/// Later than any simulation ends, s.
const NEVER: i64 = i64::MAX / 4;

/// The network of `spec`; what is wrong with it goes to `reader`.
pub(super) fn network(spec: &NetworkSpec, reader: &mut Reader<'_>) -> Network {
    let whole = Entry::new([], "the network");
    let step = reader.step(&whole, &spec.step);
    let patterns = spec.patterns.iter();
    let mut network = Network {
        driven: true,
        times: times(step),
        options: Options {
            accuracy: ACCURACY,
            unbalanced: Unbalanced::Continue(EXTRA_TRIALS),
            ..Options::default()
        },
        patterns: patterns
            .map(|(name, spec)| pattern(name, spec, reader))
            .collect(),
        ..Network::default()
    };
    let names: Vec<&str> = spec.patterns.keys().map(String::as_str).collect();
    for (index, item) in spec.junctions.iter().enumerate() {
        let entry = Entry::item("junctions", index, &item.tag);
        network
            .junctions
            .push(junction(item, &entry, &names, reader));
    }
    for (index, item) in spec.reservoirs.iter().enumerate() {
        let entry = Entry::item("reservoirs", index, &item.tag);
        network.reservoirs.push(reservoir(item, &entry, reader));
    }
    for (index, item) in spec.tanks.iter().enumerate() {
        let entry = Entry::item("tanks", index, &item.tag);
        network.tanks.push(tank(item, &entry, reader));
    }
    let nodes = Nodes::of(spec, &network, reader);
    for (index, item) in spec.pipes.iter().enumerate() {
        let entry = Entry::item("pipes", index, &item.tag);
        let kind = LinkKind::Pipe(pipe(item, &entry, reader));
        let link = nodes.link(&entry, &item.from, &item.to, kind, reader);
        network.links.extend(link.map(|link| Link {
            status: if item.open {
                Status::Open
            } else {
                Status::Closed
            },
            ..link
        }));
    }
    for (index, item) in spec.pumps.iter().enumerate() {
        let entry = Entry::item("pumps", index, &item.tag);
        let kind = pump(item, &entry, &mut network.curves, reader).map(LinkKind::Pump);
        let link = kind.and_then(|kind| nodes.link(&entry, &item.from, &item.to, kind, reader));
        network.links.extend(link.map(|link| Link {
            setting: Some(1.0),
            ..link
        }));
    }
    for (index, item) in spec.valves.iter().enumerate() {
        let entry = Entry::item("valves", index, &item.tag);
        let (valve, position) = valve(item, &entry, reader);
        let kind = LinkKind::Valve(valve);
        let link = nodes.link(&entry, &item.from, &item.to, kind, reader);
        network.links.extend(link.map(|link| Link {
            status: Valve::status_at(position),
            setting: Some(position),
            ..link
        }));
    }
    check_link_tags(spec, &nodes, reader);
    check_sources(&network, &whole, reader);
    network
}

/// Time as scenes have it: simulation time is Unix time, so that patterns begin at midnight UTC.
fn times(step: f64) -> Times {
    let step = (step.round() as i64).max(1);
    Times {
        duration: NEVER,
        hydraulic_step: step,
        // Solves fall on multiples of the step, whatever happens between them.
        report_step: step,
        // Patterns bring their own steps along.
        pattern_step: NEVER,
        ..Times::default()
    }
}

fn pattern(name: &str, spec: &PatternSpec, reader: &mut Reader<'_>) -> Pattern {
    let entry = Entry::new(
        ["patterns".into(), name.into()],
        format!("pattern `{name}`"),
    );
    let step = reader.step(&entry, &spec.step);
    let fine = !spec.factors.is_empty()
        && spec
            .factors
            .iter()
            .all(|factor| factor.is_finite() && *factor >= 0.0);
    if !fine {
        reader.problem(
            &entry,
            "factors",
            format!("pattern `{name}` needs at least one factor, and none below zero"),
            "",
        );
    }
    Pattern {
        name: name.to_owned(),
        step,
        factors: spec.factors.clone(),
        smooth: spec.smooth,
    }
}

fn junction(
    spec: &JunctionSpec,
    entry: &Entry,
    patterns: &[&str],
    reader: &mut Reader<'_>,
) -> Junction {
    let demand = spec.demand.as_deref().unwrap_or("0 m3/h");
    let pattern = spec.pattern.as_deref().and_then(|name| {
        let found = patterns.iter().position(|known| *known == name);
        if found.is_none() {
            let message = format!("`{}` follows the unknown pattern `{name}`", spec.tag);
            let hint = did_you_mean(name, patterns.iter().copied());
            reader.problem(entry, "pattern", message, hint);
        }
        found
    });
    let elevation = spec.elevation.as_deref();
    Junction {
        tag: spec.tag.clone(),
        elevation: reader.known(entry, "elevation", elevation, Quantity::Length),
        demands: vec![Demand {
            base: reader.value(entry, "demand", demand, Quantity::VolumeFlow),
            pattern,
            category: String::new(),
        }],
        ..Junction::default()
    }
}

fn reservoir(spec: &ReservoirSpec, entry: &Entry, reader: &mut Reader<'_>) -> Reservoir {
    let level = spec.level.as_deref().unwrap_or("0 m");
    Reservoir {
        tag: spec.tag.clone(),
        bottom: reader.known(entry, "bottom", spec.bottom.as_deref(), Quantity::Length),
        level: reader.value(entry, "level", level, Quantity::Length),
        pattern: None,
    }
}

fn tank(spec: &TankSpec, entry: &Entry, reader: &mut Reader<'_>) -> Tank {
    let area = match &spec.area {
        Some(area) => reader.positive(entry, "area", area, Quantity::Area),
        None => {
            let diameter = spec.diameter.as_deref();
            Tank::area_of(reader.known_positive(entry, "diameter", diameter, Quantity::Length))
        }
    };
    let bottom = reader.known(entry, "bottom", spec.bottom.as_deref(), Quantity::Length);
    let min = spec.min.as_deref().unwrap_or("0 m");
    let min = reader.value(entry, "min", min, Quantity::Length);
    let max = reader.known(entry, "max", spec.max.as_deref(), Quantity::Length);
    let level = match &spec.level {
        Some(level) => reader.value(entry, "level", level, Quantity::Length),
        None => 0.5 * (min + max),
    };
    if reader.is_clean() {
        reader.checked(entry, "max", max, max > min, "above `min`");
        let inside = (min..=max).contains(&level);
        reader.checked(entry, "level", level, inside, "between `min` and `max`");
    }
    Tank {
        tag: spec.tag.clone(),
        bottom,
        area,
        min,
        max,
        level,
        min_volume: area * min,
        volume_curve: None,
        overflow: spec.overflow,
    }
}

fn pipe(spec: &PipeSpec, entry: &Entry, reader: &mut Reader<'_>) -> Pipe {
    let length = reader.pipe_length(entry, spec.length.as_deref());
    let diameter = spec.diameter.as_deref();
    let diameter = reader.known_positive(entry, "diameter", diameter, Quantity::Length);
    let c = spec.roughness;
    let c = reader.checked(
        entry,
        "roughness",
        c,
        (10.0..=200.0).contains(&c),
        "10 to 200",
    );
    let minor = reader.checked(entry, "minor", spec.minor, spec.minor >= 0.0, "0 or more");
    Pipe {
        length,
        diameter,
        roughness: c,
        minor,
        one_way: spec.check_valve,
    }
}

fn pump(
    spec: &PumpSpec,
    entry: &Entry,
    curves: &mut Vec<Curve>,
    reader: &mut Reader<'_>,
) -> Option<Pump> {
    let curve = entry.part("curve");
    let mut points = Vec::new();
    for (index, (flow, head)) in spec.curve.iter().enumerate() {
        let point = curve.part(index);
        points.push((
            reader.value(&point, "flow", flow, Quantity::VolumeFlow),
            reader.value(&point, "head", head, Quantity::Length),
        ));
    }
    let efficiency = reader.value(entry, "efficiency", &spec.efficiency, Quantity::Number);
    let sane = efficiency > 0.0 && efficiency <= 1.0;
    let best_efficiency = reader.checked(
        entry,
        "efficiency",
        efficiency,
        sane,
        "above 0 % and at most 100 %",
    );
    let Some(head) = HeadCurve::through(&points, curves) else {
        reader.problem(
            entry,
            "curve",
            format!("no head curve goes through the points of `{}`", spec.tag),
            "give the best point alone, or points of rising flow and falling head",
        );
        return None;
    };
    let best_flow = points[points.len() / 2].0;
    Some(Pump {
        head,
        design_flow: best_flow,
        max_head: match head {
            HeadCurve::Power { shutoff, .. } => shutoff,
            _ => points[0].1,
        },
        max_flow: f64::INFINITY,
        efficiency: Efficiency::Parabola {
            best_flow,
            best: best_efficiency,
        },
        speed_pattern: None,
        price: None,
        price_pattern: None,
    })
}

/// The valve and its opening.
fn valve(spec: &ValveSpec, entry: &Entry, reader: &mut Reader<'_>) -> (Valve, f64) {
    let diameter = spec.diameter.as_deref();
    let diameter = reader.known_positive(entry, "diameter", diameter, Quantity::Length);
    let loss = reader.checked(entry, "loss", spec.loss, spec.loss > 0.0, "above zero");
    let position = spec.position;
    let inside = (0.0..=1.0).contains(&position);
    let valve = Valve {
        kind: ValveKind::Position,
        diameter,
        minor: loss,
    };
    let position = reader.checked(entry, "position", position, inside, "0 to 1");
    (valve, position)
}

/// The nodes by name.
struct Nodes<'a> {
    by_tag: HashMap<&'a str, usize>,
}

impl<'a> Nodes<'a> {
    /// The nodes of `spec`, which stand in `network` in the same order.
    fn of(spec: &'a NetworkSpec, network: &Network, reader: &mut Reader<'_>) -> Self {
        let junctions = spec.junctions.iter().map(|item| item.tag.as_str());
        let reservoirs = spec.reservoirs.iter().map(|item| item.tag.as_str());
        let tanks = spec.tanks.iter().map(|item| item.tag.as_str());
        let lists = [
            ("junctions", junctions.collect::<Vec<_>>(), 0),
            (
                "reservoirs",
                reservoirs.collect(),
                network.reservoir_node(0),
            ),
            ("tanks", tanks.collect(), network.tank_node(0)),
        ];
        let mut by_tag = HashMap::new();
        for (list, tags, first) in lists {
            for (index, tag) in tags.into_iter().enumerate() {
                if by_tag.insert(tag, first + index).is_some() {
                    let entry = Entry::item(list, index, tag);
                    let message = format!("two nodes are called `{tag}`");
                    reader.problem(&entry, "tag", message, "give each its own tag");
                }
            }
        }
        Self { by_tag }
    }

    fn find(&self, entry: &Entry, end: &str, tag: &str, reader: &mut Reader<'_>) -> Option<usize> {
        let node = self.by_tag.get(tag).copied();
        if node.is_none() {
            let message = format!("`{}` goes {end} `{tag}`, which is no node", entry.name());
            let hint = did_you_mean(tag, self.by_tag.keys().copied());
            reader.problem(entry, end, message, hint);
        }
        node
    }

    fn link(
        &self,
        entry: &Entry,
        from: &str,
        to: &str,
        kind: LinkKind,
        reader: &mut Reader<'_>,
    ) -> Option<Link> {
        let start = self.find(entry, "from", from, reader);
        let end = self.find(entry, "to", to, reader);
        let (start, end) = (start?, end?);
        if start == end {
            let message = format!("`{}` joins `{from}` with itself", entry.name());
            reader.problem(entry, "to", message, "name another node");
            return None;
        }
        Some(Link {
            tag: entry.name().to_owned(),
            from: start,
            to: end,
            kind,
            status: Status::Open,
            setting: None,
        })
    }
}

/// Nodes and links share the names of signals, so each needs a tag of its own.
fn check_link_tags(spec: &NetworkSpec, nodes: &Nodes<'_>, reader: &mut Reader<'_>) {
    let pipes = spec.pipes.iter().map(|item| &item.tag).enumerate();
    let pumps = spec.pumps.iter().map(|item| &item.tag).enumerate();
    let valves = spec.valves.iter().map(|item| &item.tag).enumerate();
    let all = pipes
        .map(|item| ("pipes", item))
        .chain(pumps.map(|item| ("pumps", item)))
        .chain(valves.map(|item| ("valves", item)));
    let mut seen = HashSet::new();
    for (list, (index, tag)) in all {
        let message = if nodes.by_tag.contains_key(tag.as_str()) {
            format!("a node and a link are called `{tag}`")
        } else if !seen.insert(tag) {
            format!("two links are called `{tag}`")
        } else {
            continue;
        };
        let entry = Entry::item(list, index, tag);
        reader.problem(&entry, "tag", message, "give each its own tag");
    }
}

fn check_sources(network: &Network, whole: &Entry, reader: &mut Reader<'_>) {
    if network.reservoirs.is_empty() && network.tanks.is_empty() {
        reader.problem(
            whole,
            "reservoirs",
            "the network has no source of water",
            "add a reservoir or a tank",
        );
    }
}

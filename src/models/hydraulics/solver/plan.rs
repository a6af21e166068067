//! What the solver needs of a network, laid out for speed: rows instead of nodes, one
//! array per coefficient.

use std::sync::Arc;

use super::constants::{CFS, FOOT};
use crate::models::hydraulics::network::{Headloss, LinkKind, Network, Status, ValveKind, bore};
use crate::models::hydraulics::pump::HeadCurve;
use crate::models::hydraulics::sparse::Structure;

/// The exponent of flow by Hazen and Williams.
const HAZEN_WILLIAMS: f64 = 1.852;

/// The part of a solver that never changes; shared by all members.
#[derive(Debug)]
pub struct Plan {
    /// What it is the plan of.
    pub network: Arc<Network>,
    /// The pattern of the equations for the heads of junctions.
    pub structure: Structure,
    /// The row of each node: junctions in order of elimination, then reservoirs, then tanks.
    pub rows: Vec<u32>,
    /// The elevation of each junction's row, m.
    pub elevations: Vec<f64>,
    /// The row where each link begins.
    pub from: Vec<u32>,
    /// The row where each link ends.
    pub to: Vec<u32>,
    /// Links between two junctions, with their place in the factors.
    pub inner: Vec<(u32, u32)>,
    /// Links with an end in a reservoir or tank.
    pub outer: Vec<u32>,
    /// h = r qⁿ: r of each pipe, zero of other links, m per (m³/s)ⁿ.
    pub friction: Vec<f64>,
    /// h = m q²: m of each pipe and valve, m per (m³/s)².
    pub minor: Vec<f64>,
    /// n.
    pub exponent: f64,
    /// Pumps.
    pub pumps: Vec<u32>,
    /// Valves.
    pub valves: Vec<u32>,
    /// Links whose status depends on heads and flows: check valves, pumps, flow control
    /// valves, and whatever leads to a tank.
    pub watched: Vec<u32>,
    /// The links at each junction's row: where they begin in `incident`; one more at the end.
    first_incident: Vec<u32>,
    incident: Vec<u32>,
    /// Tanks by the row of their head, `None` for reservoirs; from the first fixed row on.
    pub tank_at: Vec<Option<u32>>,
}

impl Plan {
    /// The plan of `network`.
    pub fn new(network: Arc<Network>) -> Self {
        let junctions = network.junctions.len();
        let is_inner = |link: usize| {
            let link = &network.links[link];
            link.from < junctions && link.to < junctions && link.from != link.to
        };
        let (inner, outer): (Vec<usize>, Vec<usize>) =
            (0..network.links.len()).partition(|&link| is_inner(link));
        let pairs: Vec<_> = inner
            .iter()
            .map(|&link| (network.links[link].from, network.links[link].to))
            .collect();
        let structure = Structure::new(junctions, &pairs);
        let rows: Vec<u32> = (0..network.node_count())
            .map(|node| {
                if node < junctions {
                    structure.row_of(node) as u32
                } else {
                    node as u32
                }
            })
            .collect();
        let mut elevations = vec![0.0; junctions];
        for (node, junction) in network.junctions.iter().enumerate() {
            elevations[rows[node] as usize] = junction.elevation;
        }
        let exponent = match network.options.headloss {
            Headloss::HazenWilliams => HAZEN_WILLIAMS,
            Headloss::DarcyWeisbach | Headloss::ChezyManning => 2.0,
        };
        let select = |wanted: &dyn Fn(usize) -> bool| -> Vec<u32> {
            let links = 0..network.links.len();
            links
                .filter(|&link| wanted(link))
                .map(|link| link as u32)
                .collect()
        };
        let reservoirs_end = junctions + network.reservoirs.len();
        let kind = |link: usize| &network.links[link].kind;
        let watched = select(&|link| {
            let ends = [network.links[link].from, network.links[link].to];
            ends.iter().any(|&node| node >= reservoirs_end)
                || match kind(link) {
                    LinkKind::Pipe(pipe) => pipe.one_way,
                    LinkKind::Pump(_) => true,
                    LinkKind::Valve(valve) => valve.kind == ValveKind::FlowControl,
                }
        });
        let (first_incident, incident) = incidence(&network, &rows);
        Self {
            first_incident,
            incident,
            inner: inner
                .iter()
                .enumerate()
                .map(|(edge, &link)| (link as u32, structure.slot_of(edge) as u32))
                .collect(),
            outer: outer.iter().map(|&link| link as u32).collect(),
            from: network.links.iter().map(|link| rows[link.from]).collect(),
            to: network.links.iter().map(|link| rows[link.to]).collect(),
            friction: (0..network.links.len())
                .map(|link| friction(kind(link), network.options.headloss))
                .collect(),
            minor: (0..network.links.len())
                .map(|link| minor(kind(link)))
                .collect(),
            pumps: select(&|link| matches!(kind(link), LinkKind::Pump(_))),
            valves: select(&|link| matches!(kind(link), LinkKind::Valve(_))),
            watched,
            tank_at: (junctions..network.node_count())
                .map(|node| network.tank_at(node).map(|tank| tank as u32))
                .collect(),
            exponent,
            rows,
            elevations,
            structure,
            network,
        }
    }

    /// How many unknown heads there are.
    pub fn unknowns(&self) -> usize {
        self.structure.order()
    }

    /// The links at the junction in `row`.
    pub fn around(&self, row: usize) -> &[u32] {
        let range = self.first_incident[row] as usize..self.first_incident[row + 1] as usize;
        &self.incident[range]
    }

    /// The tank whose head stands in `row`.
    pub fn tank_in(&self, row: usize) -> Option<usize> {
        let fixed = row.checked_sub(self.unknowns())?;
        self.tank_at[fixed].map(|tank| tank as usize)
    }

    /// Closed or open when nothing else is known, with its setting.
    pub fn initial(&self, link: usize) -> (Status, Option<f64>) {
        let link = &self.network.links[link];
        let regulates = match &link.kind {
            LinkKind::Valve(valve) => matches!(
                valve.kind,
                ValveKind::PressureReducing
                    | ValveKind::PressureSustaining
                    | ValveKind::FlowControl
            ),
            LinkKind::Pipe(_) | LinkKind::Pump(_) => false,
        };
        let status = if regulates && link.setting.is_some() {
            Status::Active
        } else {
            link.status
        };
        (status, link.setting)
    }

    /// A flow to begin the search with, m³/s: a foot per second in pipes and valves.
    pub fn first_flow(&self, link: usize, speed: f64) -> f64 {
        match &self.network.links[link].kind {
            LinkKind::Pipe(pipe) => velocity_flow(pipe.diameter),
            LinkKind::Valve(valve) => velocity_flow(valve.diameter),
            LinkKind::Pump(pump) => speed * pump.design_flow,
        }
    }

    /// True of a pump of constant power.
    pub fn has_constant_power(&self, link: usize) -> bool {
        match &self.network.links[link].kind {
            LinkKind::Pump(pump) => matches!(pump.head, HeadCurve::ConstantPower { .. }),
            LinkKind::Pipe(_) | LinkKind::Valve(_) => false,
        }
    }
}

/// The links at each row, row after row, in the links' own order.
fn incidence(network: &Network, rows: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut around = vec![Vec::new(); network.node_count()];
    for (index, link) in network.links.iter().enumerate() {
        for node in [link.from, link.to] {
            around[rows[node] as usize].push(index as u32);
        }
    }
    let mut first = vec![0];
    first.extend(around.iter().scan(0, |count, links| {
        *count += links.len() as u32;
        Some(*count)
    }));
    (first, around.concat())
}

fn velocity_flow(diameter: f64) -> f64 {
    FOOT * bore(diameter)
}

/// The friction coefficient of a link, m per (m³/s)ⁿ, by the formulas of EPANET 2.2 in feet
/// (user manual, table 3.1, with the digits of `hydcoeffs.c`); zero of pumps and valves.
fn friction(kind: &LinkKind, law: Headloss) -> f64 {
    let LinkKind::Pipe(pipe) = kind else {
        return 0.0;
    };
    let (length, diameter) = (pipe.length / FOOT, pipe.diameter / FOOT);
    match law {
        Headloss::HazenWilliams => {
            let feet = 4.727 * length / pipe.roughness.powf(HAZEN_WILLIAMS) / diameter.powf(4.871);
            feet * FOOT / CFS.powf(HAZEN_WILLIAMS)
        }
        Headloss::DarcyWeisbach => {
            let area = bore(diameter);
            length / 2.0 / 32.2 / diameter / (area * area) * FOOT / (CFS * CFS)
        }
        Headloss::ChezyManning => {
            let area = 1.49 * std::f64::consts::PI * diameter * diameter;
            let feet =
                (4.0 * pipe.roughness / area).powi(2) * (diameter / 4.0).powf(-1.333) * length;
            feet * FOOT / (CFS * CFS)
        }
    }
}

/// The coefficient of minor losses, m per (m³/s)².
fn minor(kind: &LinkKind) -> f64 {
    match kind {
        LinkKind::Pipe(pipe) => super::fitting(pipe.minor, pipe.diameter),
        LinkKind::Valve(valve) => super::fitting(valve.minor, valve.diameter),
        LinkKind::Pump(_) => 0.0,
    }
}

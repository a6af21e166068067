//! The compiled network: plain arrays, SI, every name resolved.
//!
//! Nodes are numbered junctions first, then reservoirs, then tanks, so that the
//! unknown heads of the equations are the nodes below [`Network::junctions`]`.len()`.

use std::f64::consts::PI;

use super::headloss::{Law, Resistance};
use super::pattern::Pattern;
use super::pump::{Duty, Pump};

/// A valve opened less than this is shut.
const SHUT: f64 = 0.01;

/// Everything about a network that never changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Where water is drawn and pipes meet.
    pub junctions: Vec<Junction>,
    /// Bodies of water whose level the network does not change.
    pub reservoirs: Vec<Reservoir>,
    /// Bodies of water whose level it does.
    pub tanks: Vec<Tank>,
    /// What joins the nodes.
    pub links: Vec<Link>,
    /// How demands go with the time of day.
    pub patterns: Vec<Pattern>,
    /// The longest internal step, s.
    pub step: f64,
}

/// Where water is drawn and pipes meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// Its name.
    pub tag: String,
    /// m above datum.
    pub elevation: f64,
    /// Demand at pattern factor 1, m³/s.
    pub demand: f64,
    /// Place in [`Network::patterns`].
    pub pattern: Option<usize>,
}

/// A body of water whose level the network does not change.
#[derive(Clone, Debug, PartialEq)]
pub struct Reservoir {
    /// Its name.
    pub tag: String,
    /// m above datum.
    pub bottom: f64,
    /// Level above the bottom unless an input says otherwise, m.
    pub level: f64,
}

/// A cylinder of water, filled and emptied by the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Tank {
    /// Its name.
    pub tag: String,
    /// m above datum.
    pub bottom: f64,
    /// Plan area, m².
    pub area: f64,
    /// Level at which nothing more can be drawn, m above the bottom.
    pub min: f64,
    /// Level at which it is full, m.
    pub max: f64,
    /// Level at the start unless a measured one is known, m.
    pub level: f64,
    /// A full tank spills what still comes in; one without takes nothing more.
    pub overflow: bool,
}

/// What joins two nodes. Flow from `from` to `to` is positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Its name.
    pub tag: String,
    /// The node where it begins.
    pub from: usize,
    /// The node where it ends.
    pub to: usize,
    /// What it is.
    pub kind: LinkKind,
}

/// What a link is.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkKind {
    /// A pipe.
    Pipe(Pipe),
    /// A pump; never flows backwards.
    Pump(Pump),
    /// A valve that throttles.
    Valve(Valve),
}

/// A pipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe {
    /// Friction and fittings.
    pub resistance: Resistance,
    /// Bore, m.
    pub diameter: f64,
    /// It holds a check valve.
    pub one_way: bool,
    /// Open unless an input says otherwise.
    pub open: bool,
}

/// A valve whose loss coefficient grows with the inverse square of its opening.
#[derive(Clone, Debug, PartialEq)]
pub struct Valve {
    /// Fully open.
    pub resistance: Resistance,
    /// Bore, m.
    pub diameter: f64,
    /// Opening unless an input says otherwise, 0 to 1.
    pub position: f64,
}

impl Network {
    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.junctions.len() + self.reservoirs.len() + self.tanks.len()
    }

    /// The node of reservoir `index`.
    pub fn reservoir_node(&self, index: usize) -> usize {
        self.junctions.len() + index
    }

    /// The node of tank `index`.
    pub fn tank_node(&self, index: usize) -> usize {
        self.junctions.len() + self.reservoirs.len() + index
    }

    /// The tank at `node`, if it is one.
    pub fn tank_at(&self, node: usize) -> Option<usize> {
        node.checked_sub(self.junctions.len() + self.reservoirs.len())
    }

    /// The name of `node`.
    pub fn node_tag(&self, node: usize) -> &str {
        let (junctions, reservoirs) = (self.junctions.len(), self.reservoirs.len());
        match node {
            _ if node < junctions => &self.junctions[node].tag,
            _ if node < junctions + reservoirs => &self.reservoirs[node - junctions].tag,
            _ => &self.tanks[node - junctions - reservoirs].tag,
        }
    }

    /// The elevation of `node`, m above datum; a tank's and a reservoir's is their bottom.
    pub fn elevation(&self, node: usize) -> f64 {
        let (junctions, reservoirs) = (self.junctions.len(), self.reservoirs.len());
        match node {
            _ if node < junctions => self.junctions[node].elevation,
            _ if node < junctions + reservoirs => self.reservoirs[node - junctions].bottom,
            _ => self.tanks[node - junctions - reservoirs].bottom,
        }
    }
}

impl Tank {
    /// Plan area of a cylinder of `diameter`, m.
    pub fn area_of(diameter: f64) -> f64 {
        PI / 4.0 * diameter * diameter
    }
}

impl Link {
    /// It lets nothing flow backwards.
    pub fn is_one_way(&self) -> bool {
        match &self.kind {
            LinkKind::Pipe(pipe) => pipe.one_way,
            LinkKind::Pump(_) => true,
            LinkKind::Valve(_) => false,
        }
    }

    /// A flow to begin the search with, m³/s: 0.3 m/s in a pipe, the best flow of a pump.
    pub fn first_guess(&self) -> f64 {
        match &self.kind {
            LinkKind::Pipe(pipe) => 0.3 * bore(pipe.diameter),
            LinkKind::Pump(pump) => pump.best_flow,
            LinkKind::Valve(valve) => 0.3 * bore(valve.diameter),
        }
    }
}

impl Pipe {
    /// Open or closed.
    pub fn law(&self, open: bool) -> Law {
        if open {
            Law::Resists(self.resistance)
        } else {
            Law::Closed
        }
    }

    /// The mean velocity, m/s, at `flow`, m³/s.
    pub fn velocity(&self, flow: f64) -> f64 {
        flow.abs() / bore(self.diameter)
    }
}

impl Pump {
    /// Running or at rest.
    pub fn law(&self, duty: Duty) -> Law {
        self.lift(duty).map_or(Law::Closed, Law::Lifts)
    }
}

impl Valve {
    /// At `position`, from 0 shut to 1 open.
    pub fn law(&self, position: f64) -> Law {
        if position < SHUT {
            return Law::Closed;
        }
        let position = position.min(1.0);
        Law::Resists(Resistance {
            friction: 0.0,
            minor: self.resistance.minor / (position * position),
        })
    }
}

/// The cross-section of a bore of `diameter`, m².
fn bore(diameter: f64) -> f64 {
    PI / 4.0 * diameter * diameter
}

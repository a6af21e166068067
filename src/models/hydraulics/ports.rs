//! Which port stands for what in the network.

use super::network::{LinkKind, Network};
use crate::models::Port;
use crate::units::Quantity;

/// What a port reads or writes; the number is the element's place in its array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Factor on the demand of a junction, read.
    DemandFactor(usize),
    /// Leak of a junction, m³/s per √m, read.
    Leak(usize),
    /// Level of a reservoir, read.
    ReservoirLevel(usize),
    /// A setting of a link, read.
    Setting(usize, Setting),
    /// Level of a tank, kept.
    TankLevel(usize),
    /// A result at a node, written.
    Node(usize, NodeResult),
    /// A result of a link, written.
    Link(usize, LinkResult),
}

/// What can be set on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Pipe: open (1) or closed (0). Pump: running. Valve: position.
    Main,
    /// Pump: share of full speed.
    Speed,
    /// Pump: wear.
    Wear,
}

/// What is told about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeResult {
    /// Pressure, Pa.
    Pressure,
    /// Water taken by consumers and leaks, m³/s.
    Demand,
    /// Volume in a tank, m³.
    Volume,
    /// Net flow into a tank, m³/s.
    Inflow,
    /// What a full tank spills, m³/s.
    Overflow,
}

/// What is told about a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkResult {
    /// Flow, m³/s.
    Flow,
    /// Mean velocity, m/s.
    Velocity,
    /// Mean pressure between its ends, Pa.
    Pressure,
    /// Head lost from its start to its end, m.
    Headloss,
    /// Head added by a pump, m.
    Head,
    /// Electrical power, W.
    Power,
    /// Water power over electrical power.
    Efficiency,
    /// Pressure at its start, Pa.
    Suction,
    /// Pressure at its end, Pa.
    Discharge,
}

/// Every port of `network`, with its role.
pub(super) fn of(network: &Network) -> (Vec<Port>, Vec<Role>) {
    let mut ports = Vec::new();
    let mut add = |port, role| ports.push((port, role));
    for (index, junction) in network.junctions.iter().enumerate() {
        let name = |signal: &str| format!("{}.{signal}", junction.tag);
        add(
            Port::input(name("demand_factor"), Quantity::Number, Some(1.0)),
            Role::DemandFactor(index),
        );
        add(
            Port::input(name("leak"), Quantity::Number, Some(0.0)),
            Role::Leak(index),
        );
        for (signal, quantity, result) in [
            ("pressure", Quantity::Pressure, NodeResult::Pressure),
            ("demand", Quantity::VolumeFlow, NodeResult::Demand),
        ] {
            add(
                Port::output(name(signal), quantity),
                Role::Node(index, result),
            );
        }
    }
    for (index, reservoir) in network.reservoirs.iter().enumerate() {
        let name = format!("{}.level", reservoir.tag);
        add(
            Port::input(name, Quantity::Length, Some(reservoir.level)),
            Role::ReservoirLevel(index),
        );
    }
    for (index, tank) in network.tanks.iter().enumerate() {
        let name = |signal: &str| format!("{}.{signal}", tank.tag);
        add(
            Port::state(name("level"), Quantity::Length, tank.level),
            Role::TankLevel(index),
        );
        for (signal, quantity, result) in [
            ("volume", Quantity::Volume, NodeResult::Volume),
            ("inflow", Quantity::VolumeFlow, NodeResult::Inflow),
            ("overflow", Quantity::VolumeFlow, NodeResult::Overflow),
        ] {
            let role = Role::Node(network.tank_node(index), result);
            add(Port::output(name(signal), quantity), role);
        }
    }
    for (index, link) in network.links.iter().enumerate() {
        let name = |signal: &str| format!("{}.{signal}", link.tag);
        let (settings, results) = tables(&link.kind);
        for &(signal, setting) in settings {
            let default = link.kind.default_setting(setting);
            add(
                Port::input(name(signal), Quantity::Number, Some(default)),
                Role::Setting(index, setting),
            );
        }
        for &(signal, quantity, result) in results {
            add(
                Port::output(name(signal), quantity),
                Role::Link(index, result),
            );
        }
    }
    ports.into_iter().unzip()
}

type Settings = &'static [(&'static str, Setting)];
type Results = &'static [(&'static str, Quantity, LinkResult)];

/// The names of what can be set on a link, and of what is told about it.
fn tables(kind: &LinkKind) -> (Settings, Results) {
    const FLOW: (&str, Quantity, LinkResult) = ("flow", Quantity::VolumeFlow, LinkResult::Flow);
    const LOSS: (&str, Quantity, LinkResult) = ("headloss", Quantity::Length, LinkResult::Headloss);
    match kind {
        LinkKind::Pipe(_) => (
            &[("open", Setting::Main)],
            &[
                FLOW,
                LOSS,
                ("velocity", Quantity::Speed, LinkResult::Velocity),
                ("pressure", Quantity::Pressure, LinkResult::Pressure),
            ],
        ),
        LinkKind::Pump(_) => (
            &[
                ("running", Setting::Main),
                ("speed", Setting::Speed),
                ("wear", Setting::Wear),
            ],
            &[
                FLOW,
                ("head", Quantity::Length, LinkResult::Head),
                ("power", Quantity::Power, LinkResult::Power),
                ("efficiency", Quantity::Number, LinkResult::Efficiency),
                ("suction", Quantity::Pressure, LinkResult::Suction),
                ("discharge", Quantity::Pressure, LinkResult::Discharge),
            ],
        ),
        LinkKind::Valve(_) => (&[("position", Setting::Main)], &[FLOW, LOSS]),
    }
}

impl LinkKind {
    /// What `setting` is when nobody says otherwise.
    pub fn default_setting(&self, setting: Setting) -> f64 {
        match (self, setting) {
            (_, Setting::Wear) => 0.0,
            (Self::Pipe(pipe), Setting::Main) => f64::from(u8::from(pipe.open)),
            (Self::Valve(valve), Setting::Main) => valve.position,
            (_, Setting::Main | Setting::Speed) => 1.0,
        }
    }
}

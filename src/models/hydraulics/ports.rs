//! Which port stands for what in the network.
//!
//! | element | read | kept | written |
//! | --- | --- | --- | --- |
//! | junction | `demand_factor`, `fire_flow`, `leak` | | `pressure`, `head`, `demand` |
//! | district | `demand_factor` | | |
//! | reservoir | `level` | | `head`, `outflow` |
//! | tank | | `level` | `head`, `volume`, `inflow`, `overflow` |
//! | pipe | | `open` | `flow`, `velocity`, `headloss`, `pressure` |
//! | pump | `wear` | `running`, `speed` | `flow`, `head`, `power`, `efficiency`, `suction`, `discharge`, `energy`, `cost` |
//! | valve | | `open`, `setting` | `flow`, `velocity`, `headloss` |
//! | control | `enabled`, `level` | | |
//! | rule | `enabled` | | |
//! | the network | | | `demand`, `power`, `energy`, `cost`, `deficit`, `lowest_pressure` |
//!
//! With water quality every node and link also writes `age`, `trace` or `concentration`.
//! What is kept is written, starts from the measured plant, and is held when the plant shows
//! another value than was written: that closes a pipe or trips a pump.
//! Where other models switch the links, their `open`, `running`, `speed` and `position` are
//! read instead.

use super::control::Trigger;
use super::network::{Link, LinkKind, Network, Valve, ValveKind};
use super::quality::Analysis;
use crate::models::Port;
use crate::units::Quantity;

/// What a port reads or writes; the number is the element's place in its array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Factor on the demand of a junction, read.
    DemandFactor(usize),
    /// Factor on the demand of a district, read.
    DistrictFactor(usize),
    /// Demand added to a junction, m³/s, read.
    AddedDemand(usize),
    /// Flow through a leak at a junction at a pressure head of 1 m, m³/s, read.
    Leak(usize),
    /// Level of a reservoir, read.
    ReservoirLevel(usize),
    /// A control acts, read.
    ControlEnabled(usize),
    /// Level that triggers a control, read.
    ControlLevel(usize),
    /// A rule acts, read.
    RuleEnabled(usize),
    /// Wear of a pump, read.
    Wear(usize),
    /// Whether a link is open or runs; read or kept.
    Open(usize),
    /// Speed of a pump, setting or position of a valve; read or kept.
    Setting(usize),
    /// Level of a tank, kept.
    TankLevel(usize),
    /// A result at a node, written.
    Node(usize, NodeResult),
    /// A result of a link, written.
    Link(usize, LinkResult),
    /// A result of the network, written.
    Whole(WholeResult),
}

/// What is told about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeResult {
    /// Pressure, Pa.
    Pressure,
    /// Head, m above datum.
    Head,
    /// Water taken by consumers and leaks, m³/s.
    Demand,
    /// Volume in a tank, m³.
    Volume,
    /// Net flow into a tank, m³/s.
    Inflow,
    /// Net flow out of a reservoir, m³/s.
    Outflow,
    /// What a full tank spills, m³/s.
    Overflow,
    /// What the water carries.
    Quality,
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
    /// Energy used since the start, J.
    Energy,
    /// Its cost, in the network's currency.
    Cost,
    /// What the water carries.
    Quality,
}

/// What is told about the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WholeResult {
    /// Water that consumers get, m³/s.
    Demand,
    /// Water that they ask for and do not get, m³/s.
    Deficit,
    /// The lowest pressure of a junction with a demand, Pa.
    LowestPressure,
    /// Electrical power of all pumps, W.
    Power,
    /// Energy used by all pumps since the start, J.
    Energy,
    /// Its cost, in the network's currency.
    Cost,
}

/// Every port of `network`, with its role; the network itself is called `name`.
pub(super) fn of(name: &str, network: &Network) -> (Vec<Port>, Vec<Role>) {
    let mut list = List {
        prefix: network.prefix.clone(),
        ..List::default()
    };
    let quality = quality_port(network);
    for (index, junction) in network.junctions.iter().enumerate() {
        let tag = &junction.tag;
        list.input(
            tag,
            "demand_factor",
            Quantity::Number,
            1.0,
            Role::DemandFactor(index),
        );
        list.input(
            tag,
            "fire_flow",
            Quantity::VolumeFlow,
            0.0,
            Role::AddedDemand(index),
        );
        list.input(tag, "leak", leak_quantity(network), 0.0, Role::Leak(index));
        let results = [
            ("pressure", Quantity::Pressure, NodeResult::Pressure),
            ("head", Quantity::Length, NodeResult::Head),
            ("demand", Quantity::VolumeFlow, NodeResult::Demand),
        ];
        list.node(tag, index, &results, quality);
    }
    for (index, district) in network.districts.iter().enumerate() {
        let role = Role::DistrictFactor(index);
        list.input(&district.tag, "demand_factor", Quantity::Number, 1.0, role);
    }
    for (index, reservoir) in network.reservoirs.iter().enumerate() {
        let (tag, level) = (&reservoir.tag, reservoir.level);
        list.input(
            tag,
            "level",
            Quantity::Length,
            level,
            Role::ReservoirLevel(index),
        );
        let results = [
            ("head", Quantity::Length, NodeResult::Head),
            ("outflow", Quantity::VolumeFlow, NodeResult::Outflow),
        ];
        list.node(tag, network.reservoir_node(index), &results, quality);
    }
    for (index, tank) in network.tanks.iter().enumerate() {
        list.state(
            &tank.tag,
            "level",
            Quantity::Length,
            tank.level,
            Role::TankLevel(index),
        );
        let results = [
            ("head", Quantity::Length, NodeResult::Head),
            ("volume", Quantity::Volume, NodeResult::Volume),
            ("inflow", Quantity::VolumeFlow, NodeResult::Inflow),
            ("overflow", Quantity::VolumeFlow, NodeResult::Overflow),
        ];
        list.node(&tank.tag, network.tank_node(index), &results, quality);
    }
    for (index, link) in network.links.iter().enumerate() {
        list.link(network, index, link, quality);
    }
    for (index, control) in network.controls.iter().enumerate() {
        let tag = format!("CTRL-{}", index + 1);
        list.input(
            &tag,
            "enabled",
            Quantity::Number,
            1.0,
            Role::ControlEnabled(index),
        );
        if let Trigger::Below { node, head } | Trigger::Above { node, head } = control.trigger {
            let level = head - network.elevation(node);
            list.input(
                &tag,
                "level",
                Quantity::Length,
                level,
                Role::ControlLevel(index),
            );
        }
    }
    for (index, rule) in network.rules.iter().enumerate() {
        let tag = format!("RULE-{}", rule.name);
        list.input(
            &tag,
            "enabled",
            Quantity::Number,
            1.0,
            Role::RuleEnabled(index),
        );
    }
    // The name of the whole is complete as it is.
    list.prefix.clear();
    for (signal, quantity, result) in [
        ("demand", Quantity::VolumeFlow, WholeResult::Demand),
        ("deficit", Quantity::VolumeFlow, WholeResult::Deficit),
        (
            "lowest_pressure",
            Quantity::Pressure,
            WholeResult::LowestPressure,
        ),
        ("power", Quantity::Power, WholeResult::Power),
        ("energy", Quantity::Energy, WholeResult::Energy),
        ("cost", Quantity::Number, WholeResult::Cost),
    ] {
        list.output(name, signal, quantity, Role::Whole(result));
    }
    (list.ports, list.roles)
}

/// A leak is a flow in files of EPANET; scenes give it as a coefficient, m³/s per √m.
fn leak_quantity(network: &Network) -> Quantity {
    if network.driven {
        Quantity::Number
    } else {
        Quantity::VolumeFlow
    }
}

/// The name and quantity of what the water carries.
fn quality_port(network: &Network) -> Option<(&'static str, Quantity)> {
    let spec = network.quality.as_ref()?;
    Some(match spec.analysis {
        Analysis::Chemical { .. } => ("concentration", Quantity::Concentration),
        Analysis::Age => ("age", Quantity::Time),
        Analysis::Trace { .. } => ("trace", Quantity::Number),
    })
}

/// What the setting of a valve measures, and what its port is called.
fn setting_port(valve: &Valve) -> Option<(&'static str, Quantity)> {
    match valve.kind {
        ValveKind::PressureReducing
        | ValveKind::PressureSustaining
        | ValveKind::PressureBreaker => Some(("setting", Quantity::Length)),
        ValveKind::FlowControl => Some(("setting", Quantity::VolumeFlow)),
        ValveKind::Throttle => Some(("setting", Quantity::Number)),
        ValveKind::Position => Some(("position", Quantity::Number)),
        ValveKind::General(_) => None,
    }
}

/// Ports while they are being collected.
#[derive(Default)]
struct List {
    prefix: String,
    ports: Vec<Port>,
    roles: Vec<Role>,
}

impl List {
    fn add(&mut self, port: Port, role: Role) {
        self.ports.push(port);
        self.roles.push(role);
    }

    fn input(&mut self, tag: &str, signal: &str, quantity: Quantity, default: f64, role: Role) {
        let signal = format!("{}{tag}.{signal}", self.prefix);
        self.add(Port::input(signal, quantity, Some(default)), role);
    }

    fn state(&mut self, tag: &str, signal: &str, quantity: Quantity, start: f64, role: Role) {
        let signal = format!("{}{tag}.{signal}", self.prefix);
        self.add(Port::state(signal, quantity, start), role);
    }

    fn output(&mut self, tag: &str, signal: &str, quantity: Quantity, role: Role) {
        let signal = format!("{}{tag}.{signal}", self.prefix);
        self.add(Port::output(signal, quantity), role);
    }

    fn node(
        &mut self,
        tag: &str,
        node: usize,
        results: &[(&str, Quantity, NodeResult)],
        quality: Option<(&str, Quantity)>,
    ) {
        let carried = quality.map(|(signal, quantity)| (signal, quantity, NodeResult::Quality));
        for (signal, quantity, result) in results.iter().copied().chain(carried) {
            self.output(tag, signal, quantity, Role::Node(node, result));
        }
    }

    fn link(
        &mut self,
        network: &Network,
        index: usize,
        link: &Link,
        quality: Option<(&'static str, Quantity)>,
    ) {
        let tag = &link.tag;
        let open = f64::from(u8::from(!link.status.is_shut()));
        let switch = if network.driven {
            Self::input
        } else {
            Self::state
        };
        match &link.kind {
            LinkKind::Pipe(_) => {
                switch(self, tag, "open", Quantity::Number, open, Role::Open(index));
            }
            LinkKind::Pump(_) => {
                switch(
                    self,
                    tag,
                    "running",
                    Quantity::Number,
                    open,
                    Role::Open(index),
                );
                let speed = link.setting.unwrap_or(1.0);
                switch(
                    self,
                    tag,
                    "speed",
                    Quantity::Number,
                    speed,
                    Role::Setting(index),
                );
                self.input(tag, "wear", Quantity::Number, 0.0, Role::Wear(index));
            }
            LinkKind::Valve(valve) => {
                if valve.kind != ValveKind::Position {
                    switch(self, tag, "open", Quantity::Number, open, Role::Open(index));
                }
                if let Some((signal, quantity)) = setting_port(valve) {
                    let scale = match quantity {
                        Quantity::VolumeFlow => network.flow_scale.0,
                        _ => 1.0,
                    };
                    let setting = link.setting.unwrap_or(0.0) / scale;
                    switch(self, tag, signal, quantity, setting, Role::Setting(index));
                }
            }
        }
        let carried = quality.map(|(signal, quantity)| (signal, quantity, LinkResult::Quality));
        for (signal, quantity, result) in results(&link.kind).iter().copied().chain(carried) {
            self.output(tag, signal, quantity, Role::Link(index, result));
        }
    }
}

/// The names of what is told about a link.
fn results(kind: &LinkKind) -> &'static [(&'static str, Quantity, LinkResult)] {
    const FLOW: (&str, Quantity, LinkResult) = ("flow", Quantity::VolumeFlow, LinkResult::Flow);
    const LOSS: (&str, Quantity, LinkResult) = ("headloss", Quantity::Length, LinkResult::Headloss);
    const SPEED: (&str, Quantity, LinkResult) = ("velocity", Quantity::Speed, LinkResult::Velocity);
    match kind {
        LinkKind::Pipe(_) => &[
            FLOW,
            LOSS,
            SPEED,
            ("pressure", Quantity::Pressure, LinkResult::Pressure),
        ],
        LinkKind::Pump(_) => &[
            FLOW,
            ("head", Quantity::Length, LinkResult::Head),
            ("power", Quantity::Power, LinkResult::Power),
            ("efficiency", Quantity::Number, LinkResult::Efficiency),
            ("suction", Quantity::Pressure, LinkResult::Suction),
            ("discharge", Quantity::Pressure, LinkResult::Discharge),
            ("energy", Quantity::Energy, LinkResult::Energy),
            ("cost", Quantity::Number, LinkResult::Cost),
        ],
        LinkKind::Valve(_) => &[FLOW, LOSS, SPEED],
    }
}

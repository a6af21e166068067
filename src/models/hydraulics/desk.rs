//! Between the ports of the model and one member of the simulation: what the plant asks for on
//! the way in, what the network answers on the way out.

use std::sync::Arc;

use super::network::{LinkKind, Network, Status, Valve, ValveKind};
use super::ports::{self, Role};
use super::quality::{Flows, Quality};
use super::simulation::{Inputs, Simulation};
use super::view::{View, level};
use crate::models::saved::Saved;
use crate::models::{Causality, ModelState, Port, Start, StepReport};
use crate::time::Timestamp;

/// A pump below this share of its speed delivers nothing.
const SLOWEST: f64 = 0.01;
/// No drive goes beyond this share of full speed.
const FASTEST: f64 = 1.5;
/// A pump never loses more of its head than this.
const MOST_WORN: f64 = 0.95;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// Monday, 5 January 1970.
const FIRST_MONDAY: i64 = 4 * DAY;

/// What all members share.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) ports: Vec<Port>,
    roles: Vec<Role>,
    /// By link: the places of the ports that switch and set it.
    switches: Vec<(Option<usize>, Option<usize>)>,
}

/// One member's dealings with the plant.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    shape: Arc<Shape>,
    pub(super) lane: usize,
    inputs: Inputs,
    /// What each port showed when it was last looked at.
    seen: Vec<f64>,
    /// What was last written to each kept port; a plant that shows something else holds it.
    written: Vec<f64>,
    /// The instant of simulation time 0.
    pub(super) base: Timestamp,
    /// The instant that the last outputs were of.
    pub(super) now: Timestamp,
    pub(super) quality: Option<Quality>,
}

impl Shape {
    pub(super) fn new(name: &str, network: &Network) -> Self {
        let (ports, roles) = ports::of(name, network);
        let mut switches = vec![(None, None); network.links.len()];
        for (place, role) in roles.iter().enumerate() {
            match *role {
                Role::Open(link) => switches[link].0 = Some(place),
                Role::Setting(link) => switches[link].1 = Some(place),
                _ => {}
            }
        }
        Self {
            name: name.to_owned(),
            ports,
            roles,
            switches,
        }
    }
}

impl Desk {
    pub(super) fn new(shape: Arc<Shape>, network: &Arc<Network>, lane: usize) -> Self {
        let count = shape.ports.len();
        Self {
            lane,
            inputs: Inputs::of(network),
            seen: vec![f64::NAN; count],
            written: vec![f64::NAN; count],
            base: Timestamp::from_secs(0),
            now: Timestamp::from_secs(0),
            quality: Quality::new(Arc::clone(network)),
            shape,
        }
    }

    /// Seconds of simulation at `at`.
    pub(super) fn secs(&self, at: Timestamp) -> f64 {
        at.secs_since(self.base)
    }

    /// The last whole second of simulation not after `at`.
    pub(super) fn whole_secs(&self, at: Timestamp) -> i64 {
        self.secs(at).floor() as i64
    }

    /// Puts the member at the start of a run, from what is known of the plant there.
    pub(super) fn start<const L: usize>(
        &mut self,
        simulation: &mut Simulation<L>,
        start: &Start<'_>,
    ) {
        let network = Arc::clone(simulation.network());
        let lane = self.lane;
        *self = Self::new(Arc::clone(&self.shape), &network, lane);
        self.base = base(&network, start.at);
        self.now = start.at;
        simulation.reset(lane);
        simulation.start_at(lane, self.whole_secs(start.at));
        let shape = Arc::clone(&self.shape);
        for (place, role) in shape.roles.iter().enumerate() {
            let known = start.known.get(place).copied().flatten();
            let Some(known) = known.filter(|value| value.is_finite()) else {
                continue;
            };
            match *role {
                Role::TankLevel(index) => {
                    simulation.set_level(lane, index, known, self.whole_secs(start.at));
                }
                Role::Open(link) if !network.driven => {
                    simulation.start_open(lane, link, known >= 0.5);
                }
                Role::Setting(link) if !network.driven => {
                    let setting = known * setting_scale(&network, link);
                    simulation.start_setting(lane, link, setting);
                }
                _ => {}
            }
        }
        self.note_kept(simulation);
    }

    /// Takes what the plant asks for from the instant `at`, s; a solve is due if any of it is new.
    pub(super) fn take<const L: usize>(
        &mut self,
        simulation: &mut Simulation<L>,
        values: &[f64],
        at: i64,
    ) {
        let network = Arc::clone(simulation.network());
        let shape = Arc::clone(&self.shape);
        let mut told = false;
        let mut links = Vec::new();
        for (place, role) in shape.roles.iter().enumerate() {
            if !role.is_read() {
                continue;
            }
            let value = self.asked(place, values[place]);
            let same = self.seen[place].to_bits() == value.to_bits();
            self.seen[place] = value;
            match *role {
                // A level that is held is set again and again.
                Role::TankLevel(index) if !value.is_nan() => {
                    simulation.set_level(self.lane, index, value, at);
                    if let Some(quality) = &mut self.quality {
                        let tank = &network.tanks[index];
                        quality.set_tank_volume(index, tank.volume(value, &network.curves));
                    }
                }
                _ if same => {}
                Role::Open(link) | Role::Setting(link) => links.push(link),
                role => {
                    told = true;
                    self.note(&network, role, value);
                }
            }
        }
        if told {
            self.spread_districts(&network);
            simulation.tell(self.lane, &self.inputs);
        }
        links.dedup();
        for link in links {
            self.switch(simulation, &network, link);
        }
    }

    /// What a port asks for: its value, or of a kept port the value that it is held at; NaN where
    /// it is not held.
    ///
    /// A port that is held stays so while it shows the same value, even if the network would
    /// come to that value by itself.
    fn asked(&self, place: usize, given: f64) -> f64 {
        let port = &self.shape.ports[place];
        let value = if given.is_finite() {
            given
        } else {
            port.default.unwrap_or(0.0)
        };
        let is_kept = port.causality == Causality::State;
        let was_held = self.seen[place].to_bits() == value.to_bits();
        if is_kept && !was_held && self.written[place].to_bits() == value.to_bits() {
            f64::NAN
        } else {
            value
        }
    }

    /// Notes an input.
    fn note(&mut self, network: &Network, role: Role, value: f64) {
        let scale = network.flow_scale.0;
        let inputs = &mut self.inputs;
        match role {
            Role::AddedDemand(node) => inputs.added_demands[node] = value * scale,
            Role::Leak(node) => inputs.leaks[node] = value.max(0.0) * scale,
            Role::ReservoirLevel(index) => inputs.reservoir_levels[index] = value,
            Role::ControlEnabled(index) => inputs.controls[index].0 = value >= 0.5,
            Role::ControlLevel(index) => {
                use super::control::Trigger;
                if let Trigger::Below { node, .. } | Trigger::Above { node, .. } =
                    network.controls[index].trigger
                {
                    inputs.controls[index].1 = network.elevation(node) + value;
                }
            }
            Role::RuleEnabled(index) => inputs.rules[index] = value >= 0.5,
            Role::Wear(link) => inputs.sound[link] = 1.0 - value.clamp(0.0, MOST_WORN),
            // Both are multiplied out by `spread_districts`.
            Role::DemandFactor(_) | Role::DistrictFactor(_) => {}
            Role::Open(_) | Role::Setting(_) | Role::TankLevel(_) => {}
            Role::Node(..) | Role::Link(..) | Role::Whole(_) => {}
        }
    }

    /// The factor on each junction's demand: its own times its district's.
    fn spread_districts(&mut self, network: &Network) {
        let mut districts = vec![1.0; network.districts.len()];
        for (place, role) in self.shape.roles.iter().enumerate() {
            match *role {
                Role::DemandFactor(node) => self.inputs.demand_factors[node] = self.seen[place],
                Role::DistrictFactor(index) => districts[index] = self.seen[place],
                _ => {}
            }
        }
        for (node, junction) in network.junctions.iter().enumerate() {
            if let Some(district) = junction.district {
                self.inputs.demand_factors[node] *= districts[district];
            }
        }
    }

    /// Brings a link to what the plant asks for.
    fn switch<const L: usize>(
        &self,
        simulation: &mut Simulation<L>,
        network: &Network,
        link: usize,
    ) {
        let (open, setting) = self.shape.switches[link];
        let value = |place: Option<usize>| place.map(|place| self.seen[place]);
        let setting_value = value(setting).map(|value| value * setting_scale(network, link));
        if network.driven {
            let (status, setting) = driven(network, link, value(open), setting_value);
            simulation.drive(self.lane, link, status, setting);
            return;
        }
        let is_held = |place: Option<usize>| place.is_some_and(|place| !self.seen[place].is_nan());
        if !is_held(open) && !is_held(setting) {
            simulation.let_go(self.lane, link);
            return;
        }
        let (own_status, own_setting) = simulation.by_itself(self.lane, link);
        let mut wanted = own_setting;
        let mut status = own_status;
        if is_held(setting) {
            wanted = setting_value;
            status = match &network.links[link].kind {
                LinkKind::Pump(_) if setting_value.unwrap_or(0.0) < SLOWEST => Status::Closed,
                LinkKind::Pump(_) => Status::Open,
                LinkKind::Pipe(_) | LinkKind::Valve(_) => Status::Active,
            };
        }
        if is_held(open) {
            let opens = value(open).unwrap_or(1.0) >= 0.5;
            status = if opens { Status::Open } else { Status::Closed };
            wanted = match &network.links[link].kind {
                LinkKind::Pipe(_) => None,
                // A pump that stood still runs at full speed.
                LinkKind::Pump(_) if opens => {
                    Some(wanted.filter(|speed| *speed >= SLOWEST).unwrap_or(1.0))
                }
                LinkKind::Pump(_) => wanted,
                LinkKind::Valve(_) => None,
            };
        }
        simulation.hold(self.lane, link, status, wanted);
    }

    /// Writes what the network looks like at `at`.
    pub(super) fn give<const L: usize>(
        &mut self,
        simulation: &Simulation<L>,
        at: Timestamp,
        values: &mut [f64],
        report: &mut StepReport,
    ) {
        self.now = at;
        self.note_kept(simulation);
        let network = Arc::clone(simulation.network());
        let shape = Arc::clone(&self.shape);
        let view = View {
            desk: self,
            simulation,
            network: &network,
            secs: self.secs(at),
        };
        for (value, role) in values.iter_mut().zip(&shape.roles) {
            match *role {
                Role::Node(node, result) => *value = view.node(node, result),
                Role::Link(link, result) => *value = view.link(link, result),
                Role::Whole(result) => *value = view.whole(result),
                _ => {}
            }
        }
        report.warnings += view.strained();
        for (place, written) in self.written.iter().enumerate() {
            if written.is_finite() {
                values[place] = *written;
            }
        }
    }

    /// Notes the values of the ports that are kept.
    fn note_kept<const L: usize>(&mut self, simulation: &Simulation<L>) {
        let network = Arc::clone(simulation.network());
        let secs = self.secs(self.now);
        let shape = Arc::clone(&self.shape);
        for (place, role) in shape.roles.iter().enumerate() {
            let value = match *role {
                Role::TankLevel(index) => level(simulation, &network, self.lane, index, secs),
                Role::Open(link) if !network.driven => {
                    f64::from(u8::from(!simulation.by_itself(self.lane, link).0.is_shut()))
                }
                Role::Setting(link) if !network.driven => {
                    let setting = simulation.by_itself(self.lane, link).1.unwrap_or(0.0);
                    setting / setting_scale(&network, link)
                }
                _ => continue,
            };
            self.written[place] = value;
        }
    }

    /// Goes on with water quality by `dt` seconds from simulation time `from`, under the
    /// present flows.
    pub(super) fn carry<const L: usize>(&mut self, simulation: &Simulation<L>, from: i64, dt: i64) {
        let Some(quality) = &mut self.quality else {
            return;
        };
        let network = simulation.network();
        let lane = self.lane;
        let flows: Vec<f64> = (0..network.links.len())
            .map(|link| simulation.flow_in(link, lane))
            .collect();
        let demands: Vec<f64> = (0..network.node_count())
            .map(|node| simulation.demand_in(node, lane))
            .collect();
        quality.advance(
            from,
            dt,
            &Flows {
                flows: &flows,
                demands: &demands,
            },
        );
    }

    /// Appends what is kept besides the simulation's own state.
    pub(super) fn save(&self, out: &mut ModelState) {
        out.reals.extend(&self.seen);
        out.reals.extend(&self.written);
        out.integers.extend([self.base.nanos(), self.now.nanos()]);
        if let Some(quality) = &self.quality {
            quality.save(out);
        }
    }

    /// Reads back what [`save`](Self::save) wrote, after the simulation has read its part.
    pub(super) fn restore<const L: usize>(
        &mut self,
        simulation: &Simulation<L>,
        saved: &mut Saved<'_>,
    ) -> Option<()> {
        for place in self.seen.iter_mut().chain(&mut self.written) {
            *place = saved.real()?;
        }
        self.base = Timestamp::from_nanos(saved.integer()?);
        self.now = Timestamp::from_nanos(saved.integer()?);
        if let Some(quality) = &mut self.quality {
            quality.restore(saved)?;
        }
        self.inputs
            .clone_from(simulation.member(self.lane).inputs());
        Some(())
    }
}

impl Role {
    /// True of what is taken from the plant.
    fn is_read(self) -> bool {
        !matches!(self, Self::Node(..) | Self::Link(..) | Self::Whole(_))
    }
}

/// The status and setting of a link that other models switch.
fn driven(
    network: &Network,
    link: usize,
    open: Option<f64>,
    setting: Option<f64>,
) -> (Status, Option<f64>) {
    let opens = |value: Option<f64>| value.is_none_or(|value| value >= 0.5);
    match &network.links[link].kind {
        LinkKind::Pipe(_) if opens(open) => (Status::Open, None),
        LinkKind::Pipe(_) => (Status::Closed, None),
        LinkKind::Pump(_) => {
            let speed = setting.unwrap_or(1.0).clamp(0.0, FASTEST);
            let runs = opens(open) && speed > SLOWEST;
            let status = if runs { Status::Open } else { Status::Closed };
            (status, Some(speed))
        }
        LinkKind::Valve(valve) if valve.kind == ValveKind::Position => {
            let position = setting.unwrap_or(1.0).clamp(0.0, 1.0);
            (Valve::status_at(position), Some(position))
        }
        LinkKind::Valve(_) if opens(open) => (Status::Open, setting),
        LinkKind::Valve(_) => (Status::Closed, setting),
    }
}

/// Setting of the equations over setting of the port.
fn setting_scale(network: &Network, link: usize) -> f64 {
    match &network.links[link].kind {
        LinkKind::Valve(valve) if valve.kind == ValveKind::FlowControl => network.flow_scale.0,
        LinkKind::Pipe(_) | LinkKind::Pump(_) | LinkKind::Valve(_) => 1.0,
    }
}

/// The instant of simulation time 0 of a run that starts at `at`.
///
/// Where other models switch the links it is the Unix epoch. An EPANET file of a day or less
/// begins anew every day at its clock start, a longer one every Monday; so a run that starts
/// there is the file's own run.
fn base(network: &Network, at: Timestamp) -> Timestamp {
    let epoch = Timestamp::from_secs(0);
    if network.driven {
        return epoch;
    }
    let secs = at.secs_since(epoch).floor() as i64;
    let (period, first) = period(network);
    Timestamp::from_secs(secs - (secs - first).rem_euclid(period))
}

/// The first instant not before `after` at which simulation time is 0.
pub(super) fn own_start(network: &Network, after: Timestamp) -> Timestamp {
    let base = base(network, after);
    if network.driven || base == after {
        return after;
    }
    base.plus_secs(period(network).0 as f64)
}

/// How often an EPANET file begins anew, and the first time that it did, s.
fn period(network: &Network) -> (i64, i64) {
    let (period, first) = if network.times.duration <= DAY {
        (DAY, 0)
    } else {
        (7 * DAY, FIRST_MONDAY)
    };
    (period, first + network.times.clock_start)
}

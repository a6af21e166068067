//! The compiled network: plain arrays, SI, every name resolved.
//!
//! Nodes are numbered junctions first, then reservoirs, then tanks, so that the
//! unknown heads of the equations are the nodes below [`Network::junctions`]`.len()`.
//! Both ways to write a network down end here: the configuration in a scene
//! ([`spec`](super::spec)) and a file of EPANET ([`inp`](super::inp)).

use std::f64::consts::PI;

use super::control::{Control, Rule};
use super::curve::Curve;
use super::pattern::Pattern;
use super::pump::Pump;
use super::quality::QualitySpec;
use super::solver::{CFS, FOOT};

/// A valve opened less than this is shut.
const SHUT: f64 = 0.01;

/// Everything about a network that never changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// What the tags of its parts begin with in the scene; empty if they stand there as here.
    pub prefix: String,
    /// Where water is drawn and pipes meet.
    pub junctions: Vec<Junction>,
    /// Bodies of water whose level the network does not change.
    pub reservoirs: Vec<Reservoir>,
    /// Bodies of water whose level it does.
    pub tanks: Vec<Tank>,
    /// What joins the nodes.
    pub links: Vec<Link>,
    /// Groups of junctions whose demand can be raised together.
    pub districts: Vec<District>,
    /// How demands, prices and speeds go with time.
    pub patterns: Vec<Pattern>,
    /// Tables of one quantity over another.
    pub curves: Vec<Curve>,
    /// What is switched by one condition.
    pub controls: Vec<Control>,
    /// What is switched by several.
    pub rules: Vec<Rule>,
    /// How time goes.
    pub times: Times,
    /// How the equations are solved.
    pub options: Options,
    /// What pumping costs.
    pub energy: EnergySpec,
    /// What the water carries; `None` if nobody asks.
    pub quality: Option<QualitySpec>,
    /// Links are switched by other models through ports; otherwise by controls and rules here.
    pub driven: bool,
    /// Flows inside the equations are this share of true ones.
    pub flow_scale: FlowScale,
}

/// True flow times this is the flow of the equations.
///
/// EPANET rounds its unit factors (28.317 L/s for a cubic foot per second); a file in
/// litres is solved with flows that much too small, and answers with the same factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowScale(pub f64);

impl Default for FlowScale {
    fn default() -> Self {
        Self(1.0)
    }
}

/// Where water is drawn and pipes meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Junction {
    /// Its name.
    pub tag: String,
    /// m above datum.
    pub elevation: f64,
    /// What is drawn, by category.
    pub demands: Vec<Demand>,
    /// Flow through its emitter at a pressure head of 1 m, m³/s; 0 for none.
    pub emitter: f64,
    /// Place in [`Network::districts`].
    pub district: Option<usize>,
}

/// One category of demand at a junction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// At pattern factor 1, m³/s.
    pub base: f64,
    /// Place in [`Network::patterns`].
    pub pattern: Option<usize>,
    /// What it is called; may be empty.
    pub category: String,
}

/// A group of junctions whose demand can be raised together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct District {
    /// Its name.
    pub tag: String,
}

/// A body of water whose level the network does not change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reservoir {
    /// Its name.
    pub tag: String,
    /// m above datum; 0 where the level is the head.
    pub bottom: f64,
    /// Level above the bottom unless an input says otherwise, m.
    pub level: f64,
    /// Factors on the head: place in [`Network::patterns`].
    pub pattern: Option<usize>,
}

/// A body of water, filled and emptied by the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tank {
    /// Its name.
    pub tag: String,
    /// m above datum.
    pub bottom: f64,
    /// Plan area, m²; of a tank with a volume curve the nominal one.
    pub area: f64,
    /// Level at which nothing more can be drawn, m above the bottom.
    pub min: f64,
    /// Level at which it is full, m.
    pub max: f64,
    /// Level at the start unless a measured one is known, m.
    pub level: f64,
    /// Volume at the lowest level, m³.
    pub min_volume: f64,
    /// Volume over level, m³ over m: place in [`Network::curves`].
    pub volume_curve: Option<usize>,
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
    /// Open, closed or active at the start.
    pub status: Status,
    /// Speed of a pump, setting of a valve (SI: m, m³/s or a loss coefficient); `None` for a
    /// pipe, and for a valve that is fixed open or closed.
    pub setting: Option<f64>,
}

/// What a link is.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkKind {
    /// A pipe.
    Pipe(Pipe),
    /// A pump; never flows backwards.
    Pump(Pump),
    /// A valve.
    Valve(Valve),
}

/// A pipe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipe {
    /// m.
    pub length: f64,
    /// Bore, m.
    pub diameter: f64,
    /// Hazen–Williams C, Darcy–Weisbach roughness height in m, or Chezy–Manning n.
    pub roughness: f64,
    /// Loss coefficient of its fittings K, h = K v²/2g.
    pub minor: f64,
    /// It holds a check valve.
    pub one_way: bool,
}

/// A valve.
#[derive(Clone, Debug, PartialEq)]
pub struct Valve {
    /// What it holds steady.
    pub kind: ValveKind,
    /// Bore, m.
    pub diameter: f64,
    /// Loss coefficient K when fully open.
    pub minor: f64,
}

/// What a valve holds steady.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValveKind {
    /// The pressure behind it, at most the setting (PRV).
    PressureReducing,
    /// The pressure before it, at least the setting (PSV).
    PressureSustaining,
    /// A pressure drop (PBV).
    PressureBreaker,
    /// A flow, at most the setting (FCV).
    FlowControl,
    /// Its loss coefficient, which is the setting (TCV).
    Throttle,
    /// Head loss over flow from a table (GPV): place in [`Network::curves`].
    General(usize),
    /// Its opening, 0 to 1, which is the setting; the loss coefficient is that of the open
    /// valve over the square of the opening.
    Position,
}

/// Whether water passes a link, and why not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// A pump that cannot deliver the head.
    CannotDeliver,
    /// Held shut before a full or behind an empty tank.
    TemporarilyClosed,
    /// Closed.
    Closed,
    /// Open.
    #[default]
    Open,
    /// A valve that regulates.
    Active,
    /// A flow control valve that cannot supply its flow.
    CannotSupplyFlow,
    /// A pressure valve that cannot hold its pressure.
    CannotSupplyPressure,
}

impl Status {
    /// Nothing passes, for whatever reason.
    pub fn is_shut(self) -> bool {
        self <= Self::Closed
    }
}

/// How time goes, s. Instants count from the start of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// How long the file asks to simulate.
    pub duration: i64,
    /// The longest step between two solves.
    pub hydraulic_step: i64,
    /// The step of water quality.
    pub quality_step: i64,
    /// The period of all patterns.
    pub pattern_step: i64,
    /// The instant in the patterns at which the simulation starts.
    pub pattern_start: i64,
    /// The distance of reported results; solves happen at these instants too.
    pub report_step: i64,
    /// The first reported instant.
    pub report_start: i64,
    /// The time of day at the start.
    pub clock_start: i64,
    /// How often rules are looked at inside a step.
    pub rule_step: i64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            duration: 0,
            hydraulic_step: 3_600,
            quality_step: 360,
            pattern_step: 3_600,
            pattern_start: 0,
            report_step: 3_600,
            report_start: 0,
            clock_start: 0,
            rule_step: 360,
        }
    }
}

/// How the equations are solved. Defaults are EPANET's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The law of friction.
    pub headloss: Headloss,
    /// What consumers get.
    pub demand_model: DemandModel,
    /// Factor on all demands.
    pub demand_multiplier: f64,
    /// Head loss through an emitter goes with flow to this power; 2 for an orifice.
    pub emitter_power: f64,
    /// The flow changes of the last trial may be this share of all flow.
    pub accuracy: f64,
    /// Trials before the network counts as unbalanced.
    pub trials: u32,
    /// What to do then.
    pub unbalanced: Unbalanced,
    /// Among the first trials, every how many the status of links is looked at.
    pub check_frequency: u32,
    /// After this many trials it is looked at only when flows have settled.
    pub max_check: u32,
    /// The change below which steps are shortened and valves are looked at; 0 for never.
    pub damp_limit: f64,
    /// The largest head loss error, m; 0 for any.
    pub head_error: f64,
    /// The largest flow change, m³/s; 0 for any.
    pub flow_change: f64,
    /// Heads closer than this are equal, m.
    pub head_tolerance: f64,
    /// Flows below this do not count as backward, m³/s.
    pub flow_tolerance: f64,
    /// Below this slope, m per m³/s, a head loss curve becomes a straight line.
    pub slope_tolerance: f64,
    /// What consumers draw to whom no way leads from a source.
    pub cut_off: CutOff,
    /// Kinematic viscosity, m²/s.
    pub viscosity: f64,
    /// Density over that of water.
    pub specific_gravity: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            headloss: Headloss::HazenWilliams,
            demand_model: DemandModel::Fixed,
            demand_multiplier: 1.0,
            emitter_power: 2.0,
            accuracy: 0.001,
            trials: 200,
            unbalanced: Unbalanced::Stop,
            check_frequency: 2,
            max_check: 10,
            damp_limit: 0.0,
            head_error: 0.0,
            flow_change: 0.0,
            head_tolerance: 5e-4 * FOOT,
            flow_tolerance: 1e-4 * CFS,
            slope_tolerance: 1e-7 * FOOT / CFS,
            cut_off: CutOff::default(),
            viscosity: 1.1e-5 * FOOT * FOOT,
            specific_gravity: 1.0,
        }
    }
}

/// The law of friction in pipes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Headloss {
    /// Empirical, for water in pipes of some size.
    #[default]
    HazenWilliams,
    /// From the Reynolds number and the roughness height.
    DarcyWeisbach,
    /// Empirical, for open channels.
    ChezyManning,
}

/// What consumers get.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum DemandModel {
    /// What they ask for, whatever the pressure.
    #[default]
    Fixed,
    /// A share that grows with the pressure (Wagner et al. 1988).
    PressureDriven {
        /// Pressure head below which they get nothing, m.
        minimum: f64,
        /// Pressure head from which they get everything, m.
        required: f64,
        /// The share goes with the pressure to this power.
        exponent: f64,
    },
}

/// What consumers draw to whom no way of open links leads from a reservoir or tank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CutOff {
    /// What they ask for, through the closed links, as in EPANET, which warns of it.
    #[default]
    DrawAnyway,
    /// Nothing.
    GetNothing,
}

/// What to do when trials run out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unbalanced {
    /// End the simulation.
    #[default]
    Stop,
    /// Try this many times more with every status held, then go on.
    Continue(u32),
}

/// What pumping costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnergySpec {
    /// Price of a kilowatt-hour, in the file's currency.
    pub price: f64,
    /// Factors on the price.
    pub pattern: Option<usize>,
    /// Charge per kilowatt of the highest power.
    pub demand_charge: f64,
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

    /// The volume, m³, at `level`, m above the bottom.
    pub fn volume(&self, level: f64, curves: &[Curve]) -> f64 {
        match self.volume_curve {
            Some(curve) => curves[curve].value(level),
            None => self.min_volume + (level - self.min) * self.area,
        }
    }

    /// The level, m above the bottom, at `volume`, m³.
    pub fn level_of(&self, volume: f64, curves: &[Curve]) -> f64 {
        match self.volume_curve {
            Some(curve) => curves[curve].inverse(volume),
            None => self.min + (volume - self.min_volume) / self.area,
        }
    }
}

impl Valve {
    /// Shut or open at `position`, 0 to 1.
    pub fn status_at(position: f64) -> Status {
        if position < SHUT {
            Status::Closed
        } else {
            Status::Open
        }
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

    /// The bore, m; `None` for a pump.
    pub fn diameter(&self) -> Option<f64> {
        match &self.kind {
            LinkKind::Pipe(pipe) => Some(pipe.diameter),
            LinkKind::Valve(valve) => Some(valve.diameter),
            LinkKind::Pump(_) => None,
        }
    }
}

/// The cross-section of a bore of `diameter`, m².
pub fn bore(diameter: f64) -> f64 {
    PI / 4.0 * diameter * diameter
}

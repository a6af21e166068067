//! A line as it is laid out: what never changes while it runs.
//!
//! Nodes are numbered together; each kind of node has its own list as well. Every thing that can
//! wait for an instant has a [`Slot`] of the calendar, and all that happens by chance a stream.

use super::slim::Slim;
use super::spread::Spread;
use crate::time::Timestamp;

/// A node's place in [`Plan::nodes`].
pub(super) type NodeIndex = u32;

/// The layout of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) tag: String,
    pub(super) products: Vec<String>,
    pub(super) nodes: Vec<NodePlan>,
    /// What moving parts asks of each node most.
    pub(super) hops: Vec<Hop>,
    pub(super) sources: Vec<SourcePlan>,
    pub(super) stations: Vec<StationPlan>,
    /// The stations that come next after each station.
    pub(super) after: Vec<Vec<usize>>,
    pub(super) buffers: Vec<BufferPlan>,
    pub(super) conveyors: Vec<ConveyorPlan>,
    pub(super) carriers: Vec<CarrierPlan>,
    /// The nodes that are sinks.
    pub(super) sinks: Vec<NodeIndex>,
    pub(super) fleets: Vec<FleetPlan>,
    pub(super) vehicles: Vec<VehiclePlan>,
    pub(super) roads: Roads,
    pub(super) crews: Vec<CrewPlan>,
    pub(super) shifts: Vec<ShiftPlan>,
    pub(super) orders: Vec<OrderPlan>,
    /// What each slot of the calendar is for.
    pub(super) slots: Vec<Slot>,
    /// How many streams of random numbers there are.
    pub(super) streams: u32,
}

/// A place where parts are.
#[derive(Clone, Debug)]
pub(super) struct NodePlan {
    pub(super) tag: String,
    pub(super) kind: Kind,
    /// Its place in the list of its kind.
    pub(super) place: usize,
    pub(super) route: Route,
    /// The nodes that may send parts here.
    pub(super) feeders: Vec<NodeIndex>,
    /// Where its parts stand or move, m; one point at least.
    pub(super) path: Vec<[f64; 3]>,
}

/// A node in short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    pub(super) kind: Kind,
    pub(super) place: u32,
    /// The node after it, if that is the same for all parts.
    pub(super) next: Slim<NodeIndex>,
    /// The node before it, if there is only one.
    pub(super) feeder: Slim<NodeIndex>,
}

/// The kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Source,
    Station,
    Buffer,
    Conveyor,
    Carrier,
    Sink,
}

/// Where parts go next.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    pub(super) to: Vec<NodeIndex>,
    pub(super) choose: Choose,
    /// The node of each product that goes elsewhere; empty if all go alike.
    pub(super) by_product: Vec<Option<NodeIndex>>,
    /// The stream of shares.
    pub(super) stream: u32,
}

/// How to choose among several nodes.
#[derive(Clone, Debug, Default)]
pub(super) enum Choose {
    #[default]
    First,
    Turns,
    Fewest,
    /// Sums of shares up to each node; the last is 1.
    Shares(Vec<f64>),
}

/// Something that can wait for an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The next part of a source, or its next order.
    Arrival(u32),
    /// A station's setup or work ends.
    Work(u32),
    /// A station breaks down in this way, or is repaired.
    Trouble(u32, u32),
    /// A station's maintenance falls due, or ends.
    Maintenance(u32),
    /// The first part of a conveyor is at its end.
    Exit(u32),
    /// A conveyor has room at its beginning again.
    Entry(u32),
    /// A vehicle is at the end of its lane, or has loaded or unloaded.
    Vehicle(u32),
    /// A shift begins or ends.
    Shift,
}

#[derive(Clone, Debug)]
pub(super) struct SourcePlan {
    pub(super) node: NodeIndex,
    pub(super) arrivals: Arrivals,
    pub(super) pick: Pick,
    pub(super) slot: u32,
    pub(super) stream: u32,
}

/// When parts come.
#[derive(Clone, Debug)]
pub(super) enum Arrivals {
    Unlimited,
    Every(Spread),
    /// Places in [`Plan::orders`].
    Orders(Vec<u32>),
}

/// Which product comes next.
#[derive(Clone, Debug)]
pub(super) enum Pick {
    Only(u16),
    /// Sums of shares up to each product; the last is 1.
    Mix(Vec<(u16, f64)>),
    Campaigns(Vec<(u16, u32)>),
}

/// The layout of a station; what every part asks of it comes first, so that it lies together.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct StationPlan {
    pub(super) node: NodeIndex,
    pub(super) work_slot: u32,
    /// The stream of its cycle; that of its quality follows.
    pub(super) stream: u32,
    /// The skill that work needs.
    pub(super) operator: Option<u16>,
    pub(super) cycle: Spread,
    pub(super) needs: Needs,
    /// The planned time of a part or batch, s, where it is the same for all products.
    pub(super) even_ideal: Option<f64>,
    /// `(product, count)`; the parts themselves if empty.
    pub(super) makes: Vec<(u16, u32)>,
    /// The cycle of each product; empty if it is the same for all.
    pub(super) cycles: Vec<Option<Spread>>,
    pub(super) bad_share: f64,
    pub(super) maintenance: Option<MaintenancePlan>,
    pub(super) setup: Option<Spread>,
    pub(super) setups: Vec<(u16, u16, Spread)>,
    pub(super) bad_to: Option<NodeIndex>,
    /// The planned time of a part or batch, s, by product.
    pub(super) ideals: Vec<f64>,
    pub(super) failures: Vec<FailurePlan>,
    /// Power, W, by [`State`](super::station::State).
    pub(super) power: [f64; super::station::STATES],
}

impl StationPlan {
    /// The planned time of a part or batch of `product`, s.
    #[inline]
    pub(super) fn ideal(&self, product: usize) -> f64 {
        self.even_ideal.unwrap_or_else(|| self.ideals[product])
    }
}

/// What a station works on together.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Needs {
    /// So many parts of any kind.
    Any(u32),
    /// So many of each of these products.
    Kinds(Vec<(u16, u32)>),
}

#[derive(Clone, Debug)]
pub(super) struct FailurePlan {
    pub(super) every: Spread,
    pub(super) repair: Spread,
    /// Counts time at work only.
    pub(super) by_usage: bool,
    pub(super) repairer: Option<u16>,
    /// What a repair costs.
    pub(super) cost: f64,
    pub(super) slot: u32,
    pub(super) stream: u32,
}

#[derive(Clone, Debug)]
pub(super) struct MaintenancePlan {
    pub(super) rule: Rule,
    pub(super) takes: Spread,
    pub(super) repairer: Option<u16>,
    /// What one maintenance costs.
    pub(super) cost: f64,
    pub(super) slot: u32,
    pub(super) stream: u32,
}

/// What asks for maintenance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    /// Time since the last one, ns.
    Every(u64),
    /// Time at work since the last one, ns.
    Used(u64),
    /// The share of a life used up.
    Worn(f64),
    /// The station's signal alone.
    Asked,
}

#[derive(Clone, Debug)]
pub(super) struct BufferPlan {
    pub(super) node: NodeIndex,
    pub(super) capacity: Option<u32>,
    pub(super) start: u32,
}

#[derive(Clone, Debug)]
pub(super) struct ConveyorPlan {
    pub(super) node: NodeIndex,
    /// From end to end, ns.
    pub(super) transit: u64,
    /// From one part to the next, ns.
    pub(super) pitch: u64,
    pub(super) capacity: usize,
    pub(super) accumulating: bool,
    pub(super) exit_slot: u32,
    pub(super) entry_slot: u32,
}

#[derive(Clone, Debug)]
pub(super) struct CarrierPlan {
    pub(super) node: NodeIndex,
    pub(super) fleet: usize,
    pub(super) pick_up: u32,
    pub(super) drop: u32,
    pub(super) capacity: usize,
    pub(super) load: usize,
}

#[derive(Clone, Debug)]
pub(super) struct FleetPlan {
    pub(super) tag: String,
    /// Its vehicles' places in [`Plan::vehicles`].
    pub(super) vehicles: std::ops::Range<usize>,
    /// m/s.
    pub(super) speed: f64,
    /// Loading or unloading, ns.
    pub(super) handling: u64,
}

#[derive(Clone, Debug)]
pub(super) struct VehiclePlan {
    pub(super) fleet: usize,
    pub(super) home: u32,
    pub(super) slot: u32,
}

/// Stops, lanes and the shortest ways.
#[derive(Clone, Debug, Default)]
pub(super) struct Roads {
    /// Names and places, m.
    pub(super) stops: Vec<(String, [f64; 3])>,
    pub(super) lanes: Vec<LanePlan>,
    /// The first lane on the shortest way, by stop and goal; `None` if there is none.
    pub(super) first_lane: Vec<Option<u32>>,
    /// The length of the shortest way, m, by stop and goal.
    pub(super) distance: Vec<f64>,
}

#[derive(Clone, Debug)]
pub(super) struct LanePlan {
    pub(super) ends: [u32; 2],
    /// m.
    pub(super) length: f64,
    pub(super) two_way: bool,
}

/// People with the same skills.
#[derive(Clone, Debug)]
pub(super) struct CrewPlan {
    pub(super) tag: String,
    pub(super) skills: Vec<u16>,
    pub(super) count: u32,
}

/// A shift, in seconds of the week in UTC from Monday 00:00; it may run into the next week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ShiftPlan {
    pub(super) from: i64,
    pub(super) length: i64,
}

#[derive(Clone, Debug)]
pub(super) struct OrderPlan {
    pub(super) product: u16,
    pub(super) count: u32,
    pub(super) release: When,
    pub(super) due: When,
}

/// An instant, or a span after the start of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    After(f64),
    At(Timestamp),
}

impl When {
    /// Seconds after `start`; negative before it.
    pub(super) fn secs_after(self, start: Timestamp) -> f64 {
        match self {
            Self::After(secs) => secs,
            Self::At(at) => at.secs_since(start),
        }
    }
}

impl Plan {
    /// A new slot of the calendar.
    pub(super) fn add_slot(&mut self, slot: Slot) -> u32 {
        self.slots.push(slot);
        (self.slots.len() - 1) as u32
    }

    /// `count` new streams; the first of them.
    pub(super) fn add_streams(&mut self, count: u32) -> u32 {
        self.streams += count;
        self.streams - count
    }
}

/// Nanoseconds of `secs`, at most a hundred years.
#[inline]
pub(super) fn nanos(secs: f64) -> u64 {
    const MOST: f64 = 3.2e18;
    // Through a signed number, for which the processor has an instruction.
    (secs * 1e9).clamp(0.0, MOST) as i64 as u64
}

/// Seconds of `nanos`.
#[inline]
pub(super) fn secs(nanos: u64) -> f64 {
    nanos as f64 * 1e-9
}

//! The whole state of a running line, and how parts go from node to node.
//!
//! A part moves when the node it leaves has it ready and the node it goes to has room. After each
//! event two kinds of tasks are worked off until nothing moves any more: a node that has
//! something *sends* it, and a node that has got room is *opened* to those that wait for it,
//! longest waiting first.

use std::collections::VecDeque;

use super::books::Books;
use super::buffer::Buffer;
use super::calendar::Calendar;
use super::conveyor::Conveyor;
use super::crew::Crews;
use super::items::{ItemIndex, Items};
use super::plan::{Choose, Kind, NodeIndex, Plan, Slot, nanos};
use super::sink::Sink;
use super::slim::Slim;
use super::source::Source;
use super::station::Station;
use super::stream::Stream;
use super::trace::Trace;
use super::transport::{Carrier, Traffic};
use crate::models::Seed;
use crate::time::Timestamp;

/// A running line. Instants are nanoseconds after the start of the run.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) now: u64,
    pub(super) calendar: Calendar,
    pub(super) streams: Vec<Stream>,
    pub(super) items: Items,
    pub(super) gates: Vec<Gate>,
    pub(super) sources: Vec<Source>,
    pub(super) stations: Vec<Station>,
    pub(super) buffers: Vec<Buffer>,
    pub(super) conveyors: Vec<Conveyor>,
    pub(super) carriers: Vec<Carrier>,
    pub(super) sinks: Vec<Sink>,
    pub(super) traffic: Traffic,
    pub(super) crews: Crews,
    pub(super) books: Books,
    /// The start of the run.
    pub(super) start: Timestamp,
    /// When each order is released, ns.
    pub(super) releases: Vec<u64>,
    /// Stopped by the line's own signal.
    pub(super) shift_off: bool,
    /// True while a shift is on.
    pub(super) on_shift: bool,
    /// Who moved where, if that is noted.
    pub(super) trace: Option<Trace>,
    /// Empty between events.
    tasks: VecDeque<Task>,
}

/// How a node stands to the nodes after it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Gate {
    /// Since when its ready part has found no room.
    pub(super) waiting: Slim<u64>,
    /// Whose turn it is.
    pub(super) turn: u32,
}

/// What is left to do at this instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    /// Send what is ready.
    Send(NodeIndex),
    /// Let in who waits.
    Open(NodeIndex),
}

impl World {
    /// An empty line at the start of a run.
    pub(super) fn new(plan: &Plan, start: Timestamp, seed: Seed) -> Self {
        Self {
            now: 0,
            calendar: Calendar::new(plan.slots.len()),
            streams: (0..plan.streams)
                .map(|place| Stream::new(seed, u64::from(place)))
                .collect(),
            items: Items::default(),
            gates: vec![Gate::default(); plan.nodes.len()],
            sources: plan.sources.iter().map(|_| Source::default()).collect(),
            stations: plan.stations.iter().map(Station::new).collect(),
            buffers: plan.buffers.iter().map(Buffer::new).collect(),
            conveyors: plan.conveyors.iter().map(|_| Conveyor::default()).collect(),
            carriers: plan.carriers.iter().map(|_| Carrier::default()).collect(),
            sinks: plan.sinks.iter().map(|_| Sink::default()).collect(),
            traffic: Traffic::new(plan),
            crews: Crews::new(plan),
            books: Books::new(plan),
            start,
            releases: plan
                .orders
                .iter()
                .map(|order| nanos(order.release.secs_after(start)))
                .collect(),
            shift_off: false,
            on_shift: true,
            trace: None,
            tasks: VecDeque::new(),
        }
    }

    /// Lets everything happen up to and at `until`; how many events there were.
    pub(super) fn advance(&mut self, plan: &Plan, until: u64) -> u64 {
        let mut events = 0;
        self.settle(plan);
        while let Some((at, slot)) = self.calendar.take(until) {
            self.now = at;
            self.happen(plan, plan.slots[slot as usize]);
            self.settle(plan);
            events += 1;
        }
        self.now = until;
        events
    }

    #[inline]
    fn happen(&mut self, plan: &Plan, slot: Slot) {
        // By far the most.
        if let Slot::Work(station) = slot {
            self.end_work(plan, station as usize);
        } else {
            self.happen_seldom(plan, slot);
        }
    }

    fn happen_seldom(&mut self, plan: &Plan, slot: Slot) {
        match slot {
            Slot::Work(_) => {}
            Slot::Arrival(source) => self.arrive(plan, source as usize),
            Slot::Trouble(station, mode) => self.trouble(plan, station as usize, mode as usize),
            Slot::Maintenance(station) => self.maintenance_event(plan, station as usize),
            Slot::Exit(conveyor) => {
                self.add_task(Task::Send(plan.conveyors[conveyor as usize].node));
            }
            Slot::Entry(conveyor) => {
                self.add_task(Task::Open(plan.conveyors[conveyor as usize].node));
            }
            Slot::Vehicle(vehicle) => self.vehicle_event(plan, vehicle as usize),
            Slot::Shift => self.change_shift(plan),
        }
    }

    #[inline]
    pub(super) fn add_task(&mut self, task: Task) {
        self.tasks.push_back(task);
    }

    /// Sends what `node` has, before anything else if nothing else is left to do.
    #[inline]
    pub(super) fn send_first(&mut self, plan: &Plan, node: NodeIndex) {
        if self.tasks.is_empty() {
            while self.send(plan, node) {}
        } else {
            self.add_task(Task::Send(node));
        }
    }

    /// Works off all tasks.
    #[inline]
    pub(super) fn settle(&mut self, plan: &Plan) {
        while let Some(task) = self.tasks.pop_front() {
            match task {
                Task::Send(node) => while self.send(plan, node) {},
                Task::Open(node) => {
                    self.open(plan, node);
                    let hop = &plan.hops[node as usize];
                    if hop.kind == Kind::Station && self.stations[hop.place as usize].is_empty() {
                        self.refresh(plan, hop.place as usize);
                    }
                }
            }
        }
    }

    /// Lets in those that wait for `node`, longest waiting first, as far as there is room.
    fn open(&mut self, plan: &Plan, node: NodeIndex) {
        if let Some(only) = plan.hops[node as usize].feeder.get() {
            if self.gates[only as usize].waiting.is_some() {
                while self.send(plan, only) {}
            }
            return;
        }
        let feeders = &plan.nodes[node as usize].feeders;
        let mut passed = None;
        loop {
            let waiting = feeders.iter().filter_map(|&feeder| {
                let since = self.gates[feeder as usize].waiting.get()?;
                Some((since, feeder)).filter(|place| passed.is_none_or(|passed| *place > passed))
            });
            let Some(next) = waiting.min() else {
                return;
            };
            passed = Some(next);
            if self.send(plan, next.1) {
                // Its next part queues up behind those that wait already.
                self.add_task(Task::Send(next.1));
            }
        }
    }

    /// Sends the ready part of `node` on. False if there is none, no room for it, or no other
    /// behind it.
    #[inline]
    pub(super) fn send(&mut self, plan: &Plan, node: NodeIndex) -> bool {
        // Compiled once for each of the two kinds that nearly all nodes are of.
        let NodePlace { kind, place } = node_place(plan, node);
        match kind {
            Kind::Buffer => self.send_from(plan, node, Kind::Buffer, place),
            Kind::Station => self.send_from(plan, node, Kind::Station, place),
            kind => self.send_from(plan, node, kind, place),
        }
    }

    #[inline(always)]
    fn send_from(&mut self, plan: &Plan, node: NodeIndex, kind: Kind, place: usize) -> bool {
        let Some(item) = self.ready(plan, kind, place) else {
            self.gates[node as usize].waiting = Slim::NONE;
            return false;
        };
        let Some(next) = self.choose(plan, node, item) else {
            let now = self.now;
            let waiting = &mut self.gates[node as usize].waiting;
            if !waiting.is_some() {
                *waiting = Some(now).into();
            }
            self.stay(plan, kind, place);
            return false;
        };
        self.gates[node as usize].waiting = Slim::NONE;
        let part = self.items.get_mut(item);
        if part.bound.is_some() {
            part.bound = Slim::NONE;
        }
        self.leave(plan, node, kind, place);
        self.note_part(item, Some(node), Some(next));
        self.enter(plan, next, item);
        match kind {
            Kind::Buffer if self.buffers[place].queue.is_empty() => false,
            Kind::Buffer if self.is_busy(plan, plan.hops[node as usize].next.get()) => {
                self.gates[node as usize].waiting = Some(self.now).into();
                false
            }
            Kind::Station => self.stations[place].ready().is_some(),
            _ => true,
        }
    }

    /// The part that could leave this node now.
    #[inline(always)]
    fn ready(&mut self, plan: &Plan, kind: Kind, place: usize) -> Option<ItemIndex> {
        match kind {
            Kind::Buffer => self.buffers[place].queue.front(),
            Kind::Station => self.stations[place].ready(),
            Kind::Conveyor => self.conveyors[place].ready(&plan.conveyors[place], self.now),
            Kind::Source => self.source_ready(plan, place),
            Kind::Carrier => self.carrier_ready(place),
            Kind::Sink => None,
        }
    }

    /// The node to which `item` goes from `node`, if one has room.
    #[inline(always)]
    fn choose(&mut self, plan: &Plan, node: NodeIndex, item: ItemIndex) -> Option<NodeIndex> {
        let part = self.items.get(item);
        if let Some(only) = part.bound.get().or(plan.hops[node as usize].next.get()) {
            return self.accepts(plan, only, item).then_some(only);
        }
        self.choose_among(plan, node, item)
    }

    /// The same where several come into question.
    fn choose_among(&mut self, plan: &Plan, node: NodeIndex, item: ItemIndex) -> Option<NodeIndex> {
        let part = self.items.get(item);
        let product = usize::from(part.product);
        let route = &plan.nodes[node as usize].route;
        if let Some(Some(own)) = route.by_product.get(product) {
            return self.accepts(plan, *own, item).then_some(*own);
        }
        match &route.choose {
            Choose::First => {
                let mut all = route.to.iter().copied();
                all.find(|next| self.accepts(plan, *next, item))
            }
            Choose::Turns => {
                let turn = self.gates[node as usize].turn as usize;
                let count = route.to.len();
                let mut order = (0..count).map(|step| (turn + step) % count);
                let found = order.find(|place| self.accepts(plan, route.to[*place], item))?;
                self.gates[node as usize].turn = ((found + 1) % count) as u32;
                Some(route.to[found])
            }
            Choose::Fewest => {
                let mut best = None;
                for &next in &route.to {
                    let level = self.level(plan, next);
                    let fewer = best.is_none_or(|(fewest, _)| level < fewest);
                    if fewer && self.accepts(plan, next, item) {
                        best = Some((level, next));
                    }
                }
                best.map(|(_, next)| next)
            }
            Choose::Shares(sums) => {
                let share = self.streams[route.stream as usize].share();
                let place = sums.partition_point(|sum| *sum <= share);
                let bound = route.to[place.min(route.to.len() - 1)];
                self.items.get_mut(item).bound = Some(bound).into();
                self.accepts(plan, bound, item).then_some(bound)
            }
        }
    }

    /// True if `node` has room for `item` now.
    #[inline(always)]
    fn accepts(&mut self, plan: &Plan, node: NodeIndex, item: ItemIndex) -> bool {
        let NodePlace { kind, place } = node_place(plan, node);
        match kind {
            Kind::Buffer => self.buffers[place].has_room(),
            Kind::Station => self.station_accepts(plan, place, item),
            kind => self.carrying_accepts(plan, kind, place),
        }
    }

    fn carrying_accepts(&mut self, plan: &Plan, kind: Kind, place: usize) -> bool {
        match kind {
            Kind::Buffer | Kind::Station => false,
            Kind::Conveyor => self.conveyor_accepts(plan, place),
            Kind::Carrier => self.carriers[place].waiting.len() < plan.carriers[place].capacity,
            Kind::Sink => true,
            Kind::Source => false,
        }
    }

    /// Takes the ready part of `node` out of it.
    #[inline(always)]
    fn leave(&mut self, plan: &Plan, node: NodeIndex, kind: Kind, place: usize) {
        match kind {
            Kind::Buffer => {
                self.buffers[place].queue.pop_front();
                if self.may_be_awaited(plan, node) {
                    self.add_task(Task::Open(node));
                }
            }
            Kind::Station => self.leave_station(plan, place),
            Kind::Conveyor => self.leave_conveyor(plan, place),
            Kind::Source => self.leave_source(plan, place),
            Kind::Carrier => self.leave_carrier(plan, place),
            Kind::Sink => {}
        }
    }

    /// Puts `item` into `node`, which has room for it.
    #[inline(always)]
    fn enter(&mut self, plan: &Plan, node: NodeIndex, item: ItemIndex) {
        let NodePlace { kind, place } = node_place(plan, node);
        match kind {
            Kind::Buffer => {
                let queue = &mut self.buffers[place].queue;
                queue.push_back(item);
                if queue.len() > 1 {
                    return;
                }
                if self.is_busy(plan, plan.hops[node as usize].next.get()) {
                    self.gates[node as usize].waiting = Some(self.now).into();
                } else {
                    self.add_task(Task::Send(node));
                }
            }
            Kind::Station => self.enter_station(plan, place, item),
            kind => self.enter_carrying(plan, kind, place, item),
        }
    }

    fn enter_carrying(&mut self, plan: &Plan, kind: Kind, place: usize, item: ItemIndex) {
        match kind {
            Kind::Buffer | Kind::Station => {}
            Kind::Conveyor => self.enter_conveyor(plan, place, item),
            Kind::Carrier => self.enter_carrier(plan, place, item),
            Kind::Sink => self.enter_sink(place, item),
            Kind::Source => {}
        }
    }

    /// False if nobody waits for `node` to have room.
    #[inline]
    pub(super) fn may_be_awaited(&self, plan: &Plan, node: NodeIndex) -> bool {
        let feeder = plan.hops[node as usize].feeder.get();
        feeder.is_none_or(|feeder| self.gates[feeder as usize].waiting.is_some())
    }

    /// True if `node` is a station that has all the parts that it works on.
    #[inline]
    fn is_busy(&self, plan: &Plan, node: Option<NodeIndex>) -> bool {
        let hop = node.map(|node| plan.hops[node as usize]);
        hop.is_some_and(|hop| {
            hop.kind == Kind::Station && !self.stations[hop.place as usize].is_empty()
        })
    }

    /// What becomes of a node whose ready part finds no room.
    #[inline(always)]
    fn stay(&mut self, plan: &Plan, kind: Kind, place: usize) {
        match kind {
            Kind::Station => self.refresh(plan, place),
            Kind::Conveyor => self.stop_behind(plan, place),
            _ => {}
        }
    }

    /// How many parts are in `node`.
    pub(super) fn level(&self, plan: &Plan, node: NodeIndex) -> usize {
        let NodePlace { kind, place } = node_place(plan, node);
        match kind {
            Kind::Source => self.sources[place].waiting(),
            Kind::Station => self.stations[place].level(),
            Kind::Buffer => self.buffers[place].queue.len(),
            Kind::Conveyor => self.conveyors[place].level(),
            Kind::Carrier => self.carriers[place].waiting.len(),
            Kind::Sink => 0,
        }
    }
}

#[derive(Clone, Copy)]
struct NodePlace {
    kind: Kind,
    place: usize,
}

#[inline]
fn node_place(plan: &Plan, node: NodeIndex) -> NodePlace {
    let hop = &plan.hops[node as usize];
    NodePlace {
        kind: hop.kind,
        place: hop.place as usize,
    }
}

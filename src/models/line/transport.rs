//! Vehicles on lanes: called, sent by the shortest way, one on a lane at a time.
//!
//! A vehicle that waits for a lane stands in a bay at the stop, off the lanes, so that vehicles
//! never stand in each other's way for ever. Calls are served first come first served, by the
//! nearest idle vehicle.

use std::collections::VecDeque;

use super::items::ItemIndex;
use super::plan::{Plan, nanos};
use super::world::{Task, World};

/// The state of a way on which vehicles carry parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Carrier {
    /// Parts that wait to be picked up.
    pub(super) waiting: VecDeque<ItemIndex>,
    /// Vehicles that were called and have not loaded yet, those in the list of calls included.
    pub(super) called: u32,
    /// Vehicles at the drop that have parts to give, first come first.
    pub(super) arrived: VecDeque<u32>,
    /// Parts that were brought.
    pub(super) count: u64,
}

/// All vehicles and lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Traffic {
    pub(super) vehicles: Vec<Vehicle>,
    /// The vehicle on each lane.
    pub(super) on_lane: Vec<Option<u32>>,
    /// The vehicles that wait for each lane, first come first.
    pub(super) for_lane: Vec<VecDeque<u32>>,
    /// The carriers that wait for a vehicle, by fleet.
    pub(super) calls: Vec<VecDeque<u32>>,
}

/// The state of a vehicle.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Vehicle {
    /// The stop where it is, or that it left last.
    pub(super) at: u32,
    pub(super) task: Errand,
    /// The carrier that it works for.
    pub(super) carrier: u32,
    /// The lane that it is on.
    pub(super) lane: Option<u32>,
    /// When it went onto the lane, ns.
    pub(super) since: u64,
    pub(super) load: VecDeque<ItemIndex>,
    /// Time with an errand, up to `busy_since`, ns.
    pub(super) busy: u64,
    pub(super) busy_since: Option<u64>,
}

/// What a vehicle is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Errand {
    #[default]
    Idle,
    /// On the way to where parts wait.
    Fetch,
    Load,
    /// On the way to where they are brought.
    Bring,
    Unload,
    /// At the drop, with parts to give.
    Give,
}

pub(super) const ERRANDS: [Errand; 6] = [
    Errand::Idle,
    Errand::Fetch,
    Errand::Load,
    Errand::Bring,
    Errand::Unload,
    Errand::Give,
];

impl Traffic {
    pub(super) fn new(plan: &Plan) -> Self {
        let vehicle = |vehicle: &super::plan::VehiclePlan| Vehicle {
            at: vehicle.home,
            ..Vehicle::default()
        };
        Self {
            vehicles: plan.vehicles.iter().map(vehicle).collect(),
            on_lane: vec![None; plan.roads.lanes.len()],
            for_lane: vec![VecDeque::new(); plan.roads.lanes.len()],
            calls: vec![VecDeque::new(); plan.fleets.len()],
        }
    }
}

impl World {
    /// The part that the first vehicle at the drop has to give.
    pub(super) fn carrier_ready(&self, place: usize) -> Option<ItemIndex> {
        let vehicle = self.carriers[place].arrived.front()?;
        let load = &self.traffic.vehicles[*vehicle as usize].load;
        load.front().copied()
    }

    pub(super) fn enter_carrier(&mut self, plan: &Plan, place: usize, item: ItemIndex) {
        self.carriers[place].waiting.push_back(item);
        self.call_vehicles(plan, place);
    }

    /// The vehicle at the drop has given a part.
    pub(super) fn leave_carrier(&mut self, plan: &Plan, place: usize) {
        let carrier = &mut self.carriers[place];
        carrier.count += 1;
        let Some(vehicle) = carrier.arrived.front().copied() else {
            return;
        };
        let load = &mut self.traffic.vehicles[vehicle as usize].load;
        load.pop_front();
        if load.is_empty() {
            carrier.arrived.pop_front();
            self.become_idle(plan, vehicle as usize);
        }
    }

    /// Calls vehicles until there are enough for all that waits.
    pub(super) fn call_vehicles(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.carriers[place];
        loop {
            let carrier = &mut self.carriers[place];
            if carrier.called as usize * layout.load >= carrier.waiting.len() {
                return;
            }
            carrier.called += 1;
            match self.nearest_idle(plan, place) {
                Some(vehicle) => self.send_vehicle(plan, vehicle, place),
                None => self.traffic.calls[layout.fleet].push_back(place as u32),
            }
        }
    }

    fn nearest_idle(&self, plan: &Plan, place: usize) -> Option<usize> {
        let carrier = &plan.carriers[place];
        let idle = plan.fleets[carrier.fleet]
            .vehicles
            .clone()
            .filter(|vehicle| self.traffic.vehicles[*vehicle].task == Errand::Idle);
        let away = |vehicle: &usize| {
            let at = self.traffic.vehicles[*vehicle].at;
            plan.roads.distance(at, carrier.pick_up)
        };
        idle.min_by(|one, other| away(one).total_cmp(&away(other)))
    }

    fn send_vehicle(&mut self, plan: &Plan, vehicle: usize, carrier: usize) {
        let state = &mut self.traffic.vehicles[vehicle];
        state.task = Errand::Fetch;
        state.carrier = carrier as u32;
        state.busy_since = Some(self.now);
        self.drive(plan, vehicle);
    }

    fn become_idle(&mut self, plan: &Plan, vehicle: usize) {
        let state = &mut self.traffic.vehicles[vehicle];
        state.task = Errand::Idle;
        if let Some(since) = state.busy_since.take() {
            state.busy += self.now - since;
        }
        let fleet = plan.vehicles[vehicle].fleet;
        if let Some(carrier) = self.traffic.calls[fleet].pop_front() {
            self.send_vehicle(plan, vehicle, carrier as usize);
        }
    }

    /// Goes on towards the goal of its errand: onto the next lane, or to work at the goal.
    fn drive(&mut self, plan: &Plan, vehicle: usize) {
        let state = &self.traffic.vehicles[vehicle];
        let carrier = &plan.carriers[state.carrier as usize];
        let goal = match state.task {
            Errand::Bring => carrier.drop,
            _ => carrier.pick_up,
        };
        if let Some(lane) = plan.roads.first_lane(state.at, goal) {
            if self.traffic.on_lane[lane as usize].is_some() {
                self.traffic.for_lane[lane as usize].push_back(vehicle as u32);
            } else {
                self.take_lane(plan, vehicle, lane);
            }
            return;
        }
        // It is there: the layout has a way to every goal.
        if self.traffic.vehicles[vehicle].task == Errand::Fetch {
            self.load(plan, vehicle);
        } else {
            self.traffic.vehicles[vehicle].task = Errand::Unload;
        }
        let handling = plan.fleets[plan.vehicles[vehicle].fleet].handling;
        if self.traffic.vehicles[vehicle].task != Errand::Idle {
            let slot = plan.vehicles[vehicle].slot;
            self.calendar.plan(slot, self.now + handling);
        }
    }

    fn take_lane(&mut self, plan: &Plan, vehicle: usize, lane: u32) {
        self.traffic.on_lane[lane as usize] = Some(vehicle as u32);
        let state = &mut self.traffic.vehicles[vehicle];
        state.lane = Some(lane);
        state.since = self.now;
        let stop = state.at;
        let layout = &plan.vehicles[vehicle];
        self.note_vehicle(vehicle, layout.fleet, stop, plan.roads.lane_place(lane));
        let length = plan.roads.lanes[lane as usize].length;
        let span = nanos(length / plan.fleets[layout.fleet].speed);
        self.calendar.plan(layout.slot, self.now + span);
    }

    /// Takes what waits onto a vehicle; it is idle again if others have taken it all.
    fn load(&mut self, plan: &Plan, vehicle: usize) {
        let state = &mut self.traffic.vehicles[vehicle];
        let place = state.carrier as usize;
        let carrier = &mut self.carriers[place];
        carrier.called = carrier.called.saturating_sub(1);
        let count = plan.carriers[place].load.min(carrier.waiting.len());
        state.load.extend(carrier.waiting.drain(..count));
        if count == 0 {
            self.become_idle(plan, vehicle);
            return;
        }
        state.task = Errand::Load;
        self.add_task(Task::Open(plan.carriers[place].node));
        self.call_vehicles(plan, place);
    }

    /// A vehicle is at the end of its lane, or has loaded or unloaded.
    pub(super) fn vehicle_event(&mut self, plan: &Plan, vehicle: usize) {
        let state = &mut self.traffic.vehicles[vehicle];
        if let Some(lane) = state.lane.take() {
            let [from, to] = plan.roads.lanes[lane as usize].ends;
            state.at = if state.at == from { to } else { from };
            let (stop, fleet) = (state.at, plan.vehicles[vehicle].fleet);
            self.note_vehicle(vehicle, fleet, plan.roads.lane_place(lane), stop);
            self.traffic.on_lane[lane as usize] = None;
            if let Some(next) = self.traffic.for_lane[lane as usize].pop_front() {
                self.take_lane(plan, next as usize, lane);
            }
            self.drive(plan, vehicle);
            return;
        }
        match state.task {
            Errand::Load => {
                state.task = Errand::Bring;
                self.drive(plan, vehicle);
            }
            Errand::Unload => {
                state.task = Errand::Give;
                let carrier = state.carrier as usize;
                self.carriers[carrier].arrived.push_back(vehicle as u32);
                self.add_task(Task::Send(plan.carriers[carrier].node));
            }
            Errand::Idle | Errand::Fetch | Errand::Bring | Errand::Give => {}
        }
    }
}

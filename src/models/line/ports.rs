//! The signals of a line: what is read before a step and written after it.

use super::kpi::{
    Activity, Effectiveness, active_period_bottleneck, momentary_bottleneck, turning_point,
};
use super::plan::{Plan, secs};
use super::station::{State, Station};
use super::tape::Tape;
use super::world::World;
use crate::models::Port;
use crate::units::Quantity;

/// Where each part of a line has its first port. Ports of one part follow each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    list: Vec<Port>,
    pub(super) line: usize,
    pub(super) sources: Vec<usize>,
    pub(super) stations: Vec<usize>,
    /// Whether the buffer has a port for its capacity comes with it.
    pub(super) buffers: Vec<usize>,
    pub(super) conveyors: Vec<usize>,
    pub(super) carriers: Vec<usize>,
    pub(super) sinks: Vec<usize>,
    fleets: Vec<usize>,
    crews: Vec<usize>,
}

/// Places of a station's ports after its first.
pub(super) mod station_port {
    pub(in super::super) const AVAILABLE: usize = 0;
    pub(in super::super) const SPEED_FACTOR: usize = 1;
    pub(in super::super) const MTBF_FACTOR: usize = 2;
    pub(in super::super) const REPAIR_FACTOR: usize = 3;
    pub(in super::super) const MAINTAIN: usize = 4;
    pub(in super::super) const STATE: usize = 5;
    pub(in super::super) const COUNT: usize = 6;
    pub(in super::super) const BAD_COUNT: usize = 7;
    pub(in super::super) const ENERGY: usize = 8;
    pub(in super::super) const WEAR: usize = 9;
    pub(in super::super) const UP: usize = 10;
    pub(in super::super) const RATE: usize = 11;
    pub(in super::super) const POWER: usize = 12;
    pub(in super::super) const UTILISATION: usize = 13;
    pub(in super::super) const AVAILABILITY: usize = 14;
    pub(in super::super) const PERFORMANCE: usize = 15;
    pub(in super::super) const QUALITY: usize = 16;
    pub(in super::super) const OEE: usize = 17;
    pub(in super::super) const BLOCKED: usize = 18;
    pub(in super::super) const STARVED: usize = 19;
    pub(in super::super) const ACTIVE: usize = 20;
    pub(in super::super) const FAILURES: usize = 21;
    pub(in super::super) const MAINTENANCES: usize = 22;
    pub(in super::super) const COST: usize = 23;
}

/// What counters started from, and where they stood when they were written last.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Totals {
    /// What a counter showed at the start, by port.
    pub(super) base: Vec<f64>,
    /// A counter when it was written last, by the port of its rate.
    last: Vec<f64>,
    /// When that was, ns.
    at: u64,
}

impl Totals {
    pub(super) fn new(ports: &Ports) -> Self {
        Self {
            base: vec![0.0; ports.list.len()],
            last: vec![0.0; ports.list.len()],
            at: 0,
        }
    }

    pub(super) fn tape(&mut self, tape: &mut Tape<'_>) {
        for real in self.base.iter_mut().chain(&mut self.last) {
            tape.real(real);
        }
        tape.word(&mut self.at);
    }
}

impl Ports {
    /// The ports of a line.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut ports = Self::default();
        ports.line = ports.part(
            &plan.tag,
            &[("shift", 1.0)],
            &[("count", Quantity::Number)],
            &[
                ("wip", Quantity::Number),
                ("rate", Quantity::Frequency),
                ("lead_time", Quantity::Time),
                ("bottleneck", Quantity::Number),
                ("on_shift", Quantity::Number),
                ("orders_done", Quantity::Number),
                ("late_orders", Quantity::Number),
                ("mean_wip", Quantity::Number),
                ("turning_point", Quantity::Number),
                ("momentary_bottleneck", Quantity::Number),
                ("cost", Quantity::Number),
            ],
        );
        let tag = |node: u32| plan.nodes[node as usize].tag.as_str();
        let number = Quantity::Number;
        for source in &plan.sources {
            let states = [("count", number), ("waiting", number)];
            let part = ports.part(tag(source.node), &[("rate_factor", 1.0)], &states, &[]);
            ports.sources.push(part);
        }
        for station in &plan.stations {
            let part = ports.station(tag(station.node));
            ports.stations.push(part);
        }
        for buffer in &plan.buffers {
            let capacity = buffer.capacity.map(|most| ("capacity", f64::from(most)));
            let part = ports.part(
                tag(buffer.node),
                capacity.as_slice(),
                &[("level", number)],
                &[],
            );
            ports.buffers.push(part + capacity.as_slice().len());
        }
        for conveyor in &plan.conveyors {
            let states = [("level", number), ("count", number)];
            let part = ports.part(tag(conveyor.node), &[("running", 1.0)], &states, &[]);
            ports.conveyors.push(part);
        }
        for carrier in &plan.carriers {
            let states = [("waiting", number), ("count", number)];
            let part = ports.part(tag(carrier.node), &[], &states, &[]);
            ports.carriers.push(part);
        }
        for sink in &plan.sinks {
            let states = [("count", number), ("bad_count", number)];
            let outputs = [("rate", Quantity::Frequency), ("lead_time", Quantity::Time)];
            let part = ports.part(tag(*sink), &[], &states, &outputs);
            ports.sinks.push(part);
        }
        for fleet in &plan.fleets {
            let outputs = [("busy", number), ("utilisation", number)];
            let part = ports.part(&fleet.tag, &[], &[], &outputs);
            ports.fleets.push(part);
        }
        for crew in &plan.crews {
            let count = [("count", f64::from(crew.count))];
            let part = ports.part(&crew.tag, &count, &[], &[("busy", number)]);
            ports.crews.push(part);
        }
        ports
    }

    fn station(&mut self, tag: &str) -> usize {
        let number = Quantity::Number;
        self.part(
            tag,
            &[
                ("available", 1.0),
                ("speed_factor", 1.0),
                ("mtbf_factor", 1.0),
                ("repair_factor", 1.0),
                ("maintain", 0.0),
            ],
            &[
                ("state", number),
                ("count", number),
                ("bad_count", number),
                ("energy", Quantity::Energy),
                ("wear", number),
            ],
            &[
                ("up", number),
                ("rate", Quantity::Frequency),
                ("power", Quantity::Power),
                ("utilisation", number),
                ("availability", number),
                ("performance", number),
                ("quality", number),
                ("oee", number),
                ("blocked", number),
                ("starved", number),
                ("active", Quantity::Time),
                ("failures", number),
                ("maintenances", number),
                ("cost", number),
            ],
        )
    }

    /// Adds the ports of the part `tag`; the first of them.
    fn part(
        &mut self,
        tag: &str,
        inputs: &[(&str, f64)],
        states: &[(&str, Quantity)],
        outputs: &[(&str, Quantity)],
    ) -> usize {
        let first = self.list.len();
        for (name, default) in inputs {
            let signal = format!("{tag}.{name}");
            self.list
                .push(Port::input(signal, Quantity::Number, Some(*default)));
        }
        for (name, quantity) in states {
            self.list
                .push(Port::state(format!("{tag}.{name}"), *quantity, 0.0));
        }
        for (name, quantity) in outputs {
            self.list
                .push(Port::output(format!("{tag}.{name}"), *quantity));
        }
        first
    }

    /// All ports, in the order of the values.
    pub(super) fn list(&self) -> &[Port] {
        &self.list
    }

    /// Takes the inputs.
    pub(super) fn read(&self, plan: &Plan, world: &mut World, values: &[f64]) {
        let factor = |value: f64| {
            if value.is_finite() {
                value.max(0.0)
            } else {
                1.0
            }
        };
        let shift_off = values[self.line] < 0.5;
        if world.shift_off != shift_off {
            world.shift_off = shift_off;
            world.look_at_shift(plan);
        }
        for (place, first) in self.sources.iter().enumerate() {
            world.set_rate(plan, place, factor(values[*first]));
        }
        for (place, first) in self.stations.iter().enumerate() {
            let input = |port: usize| factor(values[first + port]);
            let speed = input(station_port::SPEED_FACTOR);
            let off = values[first + station_port::AVAILABLE] < 0.5 || speed <= 0.0;
            world.stations[place].speed = if speed > 0.0 { speed } else { 1.0 };
            let mtbf = input(station_port::MTBF_FACTOR).max(1e-6);
            world.set_wear(plan, place, mtbf, input(station_port::REPAIR_FACTOR));
            let off_shift = world.stations[place].off_shift;
            world.switch(plan, place, off_shift, off);
            let maintain = values[first + station_port::MAINTAIN] >= 0.5;
            world.ask_for_maintenance(plan, place, maintain);
        }
        for (place, level) in self.buffers.iter().enumerate() {
            if plan.buffers[place].capacity.is_some() {
                let capacity = values[level - 1].clamp(1.0, 1e6) as usize;
                world.set_capacity(plan, place, capacity);
            }
        }
        for (place, first) in self.conveyors.iter().enumerate() {
            world.switch_conveyor(plan, place, values[*first] < 0.5);
        }
        for (place, first) in self.crews.iter().enumerate() {
            world.set_crew(plan, place, values[*first].clamp(0.0, 1e6) as u32);
        }
    }

    /// Writes states and outputs.
    pub(super) fn write(
        &self,
        plan: &Plan,
        world: &World,
        totals: &mut Totals,
        values: &mut [f64],
    ) {
        let now = world.now;
        let span = secs(now - totals.at);
        totals.at = now;
        let mut writer = Writer {
            totals,
            values,
            span,
        };
        self.write_line(plan, world, &mut writer);
        for (source, first) in world.sources.iter().zip(&self.sources) {
            writer.count(first + 1, source.count as f64);
            writer.values[first + 2] = source.waiting() as f64;
        }
        for (place, first) in self.stations.iter().enumerate() {
            write_station(plan, world, place, *first, &mut writer);
        }
        for (buffer, level) in world.buffers.iter().zip(&self.buffers) {
            writer.values[*level] = buffer.queue.len() as f64;
        }
        for (conveyor, first) in world.conveyors.iter().zip(&self.conveyors) {
            writer.values[first + 1] = conveyor.level() as f64;
            writer.count(first + 2, conveyor.count as f64);
        }
        for (carrier, first) in world.carriers.iter().zip(&self.carriers) {
            writer.values[*first] = carrier.waiting.len() as f64;
            writer.count(first + 1, carrier.count as f64);
        }
        for (sink, first) in world.sinks.iter().zip(&self.sinks) {
            writer.count(*first, sink.count as f64);
            writer.count(first + 1, sink.bad as f64);
            writer.rate(first + 2, sink.count as f64);
            writer.values[first + 3] = mean(sink.lead_sum, sink.lead_count);
        }
        for (fleet, first) in plan.fleets.iter().zip(&self.fleets) {
            let vehicles = &world.traffic.vehicles[fleet.vehicles.clone()];
            let busy = vehicles.iter().filter_map(|vehicle| vehicle.busy_since);
            writer.values[*first] = busy.clone().count() as f64;
            let at_hand: u64 = busy.map(|since| now - since).sum();
            let before: u64 = vehicles.iter().map(|vehicle| vehicle.busy).sum();
            let all = secs(now) * vehicles.len() as f64;
            writer.values[first + 1] = share(secs(at_hand + before), all);
        }
        for (busy, first) in world.crews.busy.iter().zip(&self.crews) {
            writer.values[first + 1] = f64::from(*busy);
        }
    }

    fn write_line(&self, plan: &Plan, world: &World, writer: &mut Writer<'_>) {
        let (books, now, first) = (&world.books, world.now, self.line);
        writer.count(first + 1, books.left as f64);
        writer.values[first + 2] = books.inside as f64;
        writer.rate(first + 3, books.left as f64);
        writer.values[first + 4] = mean(books.lead_sum, books.lead_count);
        let activity = activities(world);
        let number = |place: Option<usize>| place.map_or(0, |place| place + 1) as f64;
        writer.values[first + 5] = number(active_period_bottleneck(&activity));
        writer.values[first + 6] = f64::from(u8::from(world.on_shift));
        let (mut done, mut late) = (0, 0);
        for (order, at) in plan.orders.iter().zip(&books.order_at) {
            let due = order.due.secs_after(world.start);
            done += u32::from(at.is_some());
            late += u32::from(secs(at.unwrap_or(now)) > due);
        }
        writer.values[first + 7] = f64::from(done);
        writer.values[first + 8] = f64::from(late);
        writer.values[first + 9] = share(books.area(now), secs(now));
        writer.values[first + 10] = number(turning_point(&activity, &plan.after));
        let active_for = |station: &Station| station.ledger.active_for(now);
        let active: Vec<_> = world.stations.iter().map(active_for).collect();
        writer.values[first + 11] = number(momentary_bottleneck(&active));
        let stations = world.stations.iter().zip(&plan.stations);
        let costs = stations.map(|(station, layout)| station.cost(layout));
        writer.values[first + 12] = costs.sum();
    }
}

/// How every station spent its time.
fn activities(world: &World) -> Vec<Activity> {
    let now = world.now;
    let stations = world.stations.iter().map(|station| Activity {
        blocked: share(station.ledger.time_in(State::Blocked, now), secs(now)),
        starved: share(station.ledger.time_in(State::Waiting, now), secs(now)),
        mean_active: station.ledger.mean_active(now),
    });
    stations.collect()
}

fn write_station(plan: &Plan, world: &World, place: usize, first: usize, writer: &mut Writer<'_>) {
    let (layout, station, now) = (&plan.stations[place], &world.stations[place], world.now);
    let ledger = &station.ledger;
    let effectiveness = Effectiveness::of(ledger, now);
    let spent = |state: State| ledger.time_in(state, now);
    let energy: f64 = State::all()
        .map(|state| spent(state) * layout.power[state as usize])
        .sum();
    writer.count(first + station_port::COUNT, ledger.made as f64);
    writer.count(first + station_port::BAD_COUNT, ledger.bad as f64);
    writer.count(first + station_port::ENERGY, energy);
    writer.rate(first + station_port::RATE, ledger.made as f64);
    if writer.span > 0.0 {
        writer.rate(first + station_port::POWER, energy);
    } else {
        writer.values[first + station_port::POWER] = layout.power[ledger.state() as usize];
    }
    for (port, value) in [
        (station_port::STATE, ledger.state() as usize as f64),
        (station_port::WEAR, station.lives.wear(now)),
        (station_port::UP, f64::from(u8::from(station.is_up()))),
        (
            station_port::UTILISATION,
            share(spent(State::Working), secs(now)),
        ),
        (station_port::AVAILABILITY, effectiveness.availability),
        (station_port::PERFORMANCE, effectiveness.performance),
        (station_port::QUALITY, effectiveness.quality),
        (station_port::OEE, effectiveness.overall()),
        (
            station_port::BLOCKED,
            share(spent(State::Blocked), secs(now)),
        ),
        (
            station_port::STARVED,
            share(spent(State::Waiting), secs(now)),
        ),
        (station_port::ACTIVE, ledger.active_for(now)),
        (station_port::FAILURES, f64::from(station.failures)),
        (station_port::MAINTENANCES, f64::from(station.maintenances)),
        (station_port::COST, station.cost(layout)),
    ] {
        writer.values[first + port] = value;
    }
}

/// Writes counters and their rates.
struct Writer<'a> {
    totals: &'a mut Totals,
    values: &'a mut [f64],
    /// Since the last time, s.
    span: f64,
}

impl Writer<'_> {
    /// A counter goes on from what it showed at the start.
    fn count(&mut self, port: usize, count: f64) {
        self.values[port] = self.totals.base[port] + count;
    }

    /// The mean rate of a counter since the last time.
    fn rate(&mut self, port: usize, count: f64) {
        let last = std::mem::replace(&mut self.totals.last[port], count);
        self.values[port] = share(count - last, self.span);
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn mean(sum: f64, count: u64) -> f64 {
    share(sum, count as f64)
}

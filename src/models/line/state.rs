//! The whole state of a running line on a tape, for saving and restoring it.

use super::plan::Plan;
use super::station::{Job, Station};
use super::tape::Tape;
use super::transport::{ERRANDS, Errand};
use super::world::World;

const JOBS: [Job; 5] = [Job::Empty, Job::Called, Job::Setup, Job::Work, Job::Done];

impl World {
    /// Walks over the state: writes it, or overwrites it with what was written.
    pub(super) fn tape(&mut self, plan: &Plan, tape: &mut Tape<'_>) {
        tape.word(&mut self.now);
        self.tape_calendar(tape);
        for word in self.streams.iter_mut().flat_map(|stream| stream.words()) {
            tape.word(word);
        }
        self.items.tape(tape, plan.nodes.len(), plan.orders.len());
        let items = self.items.places();
        for gate in &mut self.gates {
            tape.slim_word(&mut gate.waiting);
            tape.small(&mut gate.turn);
        }
        for source in &mut self.sources {
            tape.queue(&mut source.backlog, items);
            tape.optional_below(&mut source.next, items);
            tape.queue(&mut source.released, plan.orders.len());
            tape.small(&mut source.begun);
            tape.small(&mut source.orders_out);
            tape.small(&mut source.campaign.0);
            tape.small(&mut source.campaign.1);
            tape.word(&mut source.count);
            tape.real(&mut source.rate_factor);
        }
        for station in &mut self.stations {
            tape_station(station, plan, items, tape);
        }
        for buffer in &mut self.buffers {
            buffer.queue.tape(tape, items);
            let mut capacity = buffer.capacity.map(|capacity| capacity as u64);
            tape.optional_word(&mut capacity);
            buffer.capacity = capacity.map(|capacity| capacity as usize);
        }
        for conveyor in &mut self.conveyors {
            conveyor.tape(tape, items);
        }
        for sink in &mut self.sinks {
            tape.word(&mut sink.count);
            tape.word(&mut sink.bad);
            tape.real(&mut sink.lead_sum);
            tape.word(&mut sink.lead_count);
        }
        self.tape_traffic(plan, items, tape);
        self.crews.tape(tape, plan.stations.len());
        self.books.tape(tape);
        let mut start = self.start.nanos();
        tape.integer(&mut start);
        self.start = crate::time::Timestamp::from_nanos(start);
        for release in &mut self.releases {
            tape.word(release);
        }
        tape.flag(&mut self.shift_off);
        tape.flag(&mut self.on_shift);
    }

    fn tape_calendar(&mut self, tape: &mut Tape<'_>) {
        let (mut planned, keys) = self.calendar.parts();
        let mut keys = keys.to_vec();
        tape.word(&mut planned);
        for key in &mut keys {
            let (mut high, mut low) = ((*key >> 64) as u64, *key as u64);
            tape.word(&mut high);
            tape.word(&mut low);
            *key = u128::from(high) << 64 | u128::from(low);
        }
        if tape.is_reading() && !self.calendar.set_parts(planned, &keys) {
            tape.refuse();
        }
    }

    fn tape_traffic(&mut self, plan: &Plan, items: usize, tape: &mut Tape<'_>) {
        let vehicles = plan.vehicles.len();
        for carrier in &mut self.carriers {
            tape.queue(&mut carrier.waiting, items);
            tape.small(&mut carrier.called);
            tape.queue(&mut carrier.arrived, vehicles);
            tape.word(&mut carrier.count);
        }
        for vehicle in &mut self.traffic.vehicles {
            tape.below(&mut vehicle.at, plan.roads.stops.len());
            let mut task = ERRANDS
                .iter()
                .position(|task| *task == vehicle.task)
                .unwrap_or(0) as u32;
            tape.small(&mut task);
            match ERRANDS.get(task as usize) {
                Some(task) => vehicle.task = *task,
                None => tape.refuse(),
            }
            if vehicle.task == Errand::Idle {
                tape.small(&mut vehicle.carrier);
            } else {
                tape.below(&mut vehicle.carrier, plan.carriers.len());
            }
            tape.optional_below(&mut vehicle.lane, plan.roads.lanes.len());
            tape.word(&mut vehicle.since);
            tape.queue(&mut vehicle.load, items);
            tape.word(&mut vehicle.busy);
            tape.optional_word(&mut vehicle.busy_since);
        }
        for lane in &mut self.traffic.on_lane {
            tape.optional_below(lane, vehicles);
        }
        for queue in &mut self.traffic.for_lane {
            tape.queue(queue, vehicles);
        }
        for queue in &mut self.traffic.calls {
            tape.queue(queue, plan.carriers.len());
        }
    }
}

fn tape_station(station: &mut Station, plan: &Plan, items: usize, tape: &mut Tape<'_>) {
    station.tray.tape(tape, items);
    station.out.tape(tape, items);
    let mut job = JOBS.iter().position(|job| *job == station.job).unwrap_or(0) as u32;
    tape.small(&mut job);
    match JOBS.get(job as usize) {
        Some(job) => station.job = *job,
        None => tape.refuse(),
    }
    tape.word(&mut station.left);
    tape.flag(&mut station.running);
    let mut product = station.last_product.map(u32::from);
    tape.optional_below(&mut product, plan.products.len());
    station.last_product = product.map(|product| product as u16);
    tape.optional_below(&mut station.operator, plan.crews.len());
    tape.optional_below(&mut station.repairer, plan.crews.len());
    tape.optional_below(&mut station.failed, station.lives.count());
    for flag in [
        &mut station.maintained,
        &mut station.maintenance_due,
        &mut station.asked,
        &mut station.off_shift,
        &mut station.switched_off,
    ] {
        tape.flag(flag);
    }
    station.lives.tape(tape);
    tape.word(&mut station.used);
    tape.small(&mut station.failures);
    tape.small(&mut station.maintenances);
    tape.real(&mut station.repair_cost);
    for real in [
        &mut station.speed,
        &mut station.mtbf_factor,
        &mut station.repair_factor,
    ] {
        tape.real(real);
    }
    station.ledger.tape(tape);
}

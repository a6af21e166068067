//! How a line begins: from the measured states, as far as they are known.

use super::plan::{Needs, Plan, nanos};
use super::ports::{Ports, Totals, station_port};
use super::station::{Job, State};
use super::world::World;
use crate::models::line::plan::Slot;
use crate::models::line::world::Task;

impl Ports {
    /// Puts the line into the state that is `known`, by port, and lets it begin.
    pub(super) fn start(
        &self,
        plan: &Plan,
        world: &mut World,
        totals: &mut Totals,
        known: &[Option<f64>],
        values: &[f64],
    ) {
        let count = |port: usize| known[port].map(|level| level.round().clamp(0.0, 1e6) as usize);
        let counters = |first: usize, ports: &[usize], totals: &mut Totals| {
            for port in ports {
                totals.base[first + port] = known[first + port].unwrap_or(0.0);
            }
        };
        counters(self.line, &[1], totals);
        for (place, level) in self.buffers.iter().enumerate() {
            let parts = count(*level).unwrap_or(plan.buffers[place].start as usize);
            let most = plan.buffers[place].capacity.unwrap_or(u32::MAX) as usize;
            for _ in 0..parts.min(most) {
                let item = world.find_part();
                world.buffers[place].queue.push_back(item);
            }
            world.add_task(Task::Send(plan.buffers[place].node));
        }
        for (place, first) in self.conveyors.iter().enumerate() {
            let layout = &plan.conveyors[place];
            let parts = count(first + 1).unwrap_or(0).min(layout.capacity);
            let parts: Vec<_> = (0..parts).map(|_| world.find_part()).collect();
            world.conveyors[place].fill(layout, parts);
            world.plan_exit(plan, place);
            counters(*first, &[2], totals);
        }
        for (place, first) in self.stations.iter().enumerate() {
            world.renew(plan, place);
            if let Some(wear) = known[first + station_port::WEAR] {
                world.stations[place].lives.wear_down(wear, world.now);
            }
            let counts = [
                station_port::COUNT,
                station_port::BAD_COUNT,
                station_port::ENERGY,
            ];
            counters(*first, &counts, totals);
            world.plan_maintenance(plan, place);
            let state = known[first + station_port::STATE].and_then(State::of_value);
            world.start_station(plan, place, state.unwrap_or_default());
        }
        for (place, first) in self.carriers.iter().enumerate() {
            let parts = count(*first)
                .unwrap_or(0)
                .min(plan.carriers[place].capacity);
            for _ in 0..parts {
                let item = world.find_part();
                world.enter_carrier(plan, place, item);
            }
            counters(*first, &[1], totals);
        }
        for (place, first) in self.sources.iter().enumerate() {
            for _ in 0..count(first + 2).unwrap_or(0) {
                let item = world.find_part();
                world.sources[place].backlog.push_back(item);
            }
            counters(*first, &[1], totals);
        }
        for first in &self.sinks {
            counters(*first, &[0, 1], totals);
        }
        if plan.slots.contains(&Slot::Shift) {
            world.plan_shift(plan);
        }
        world.look_at_shift(plan);
        self.read(plan, world, values);
        for place in 0..plan.sources.len() {
            world.start_source(plan, place);
        }
        world.advance(plan, 0);
    }
}

impl World {
    /// A part that was there at the start: of the first product, as nobody measured which.
    fn find_part(&mut self) -> u32 {
        self.books.note_found();
        self.items.add(0, None, None)
    }

    /// Puts a station into a measured state; what was under way begins anew.
    fn start_station(&mut self, plan: &Plan, place: usize, state: State) {
        let layout = &plan.stations[place];
        match state {
            State::Working | State::Setup | State::Unattended => {
                for product in products(&layout.needs) {
                    let item = self.find_part();
                    self.items.get_mut(item).product = product;
                    self.stations[place].tray.push_back(item);
                }
                self.begin_job(plan, place);
            }
            State::Blocked => {
                let made: Vec<_> = if layout.makes.is_empty() {
                    products(&layout.needs)
                } else {
                    spelled_out(&layout.makes)
                };
                for product in made {
                    let item = self.find_part();
                    self.items.get_mut(item).product = product;
                    self.stations[place].out.push_back(item);
                }
                self.stations[place].job = Job::Done;
                self.add_task(Task::Send(layout.node));
            }
            State::Failed if !layout.failures.is_empty() => {
                // Of several ways to fail, the one that happens most.
                let means = layout
                    .failures
                    .iter()
                    .map(|failure| nanos(failure.every.mean()));
                let mode = means.enumerate().min_by_key(|(_, mean)| *mean);
                self.fail(plan, place, mode.map_or(0, |(mode, _)| mode));
            }
            State::Maintained if layout.maintenance.is_some() => {
                self.stations[place].maintenance_due = true;
                self.become_free(plan, place);
            }
            State::Waiting | State::Failed | State::Maintained | State::Off => {}
        }
        // What had happened before the start was counted then.
        let station = &mut self.stations[place];
        (station.failures, station.maintenances, station.repair_cost) = (0, 0, 0.0);
        self.refresh(plan, place);
    }
}

/// The products that a station works on together, one by one.
fn products(needs: &Needs) -> Vec<u16> {
    match needs {
        Needs::Any(count) => vec![0; *count as usize],
        Needs::Kinds(kinds) => spelled_out(kinds),
    }
}

fn spelled_out(counts: &[(u16, u32)]) -> Vec<u16> {
    let each = counts
        .iter()
        .flat_map(|(product, count)| std::iter::repeat_n(*product, *count as usize));
    each.collect()
}

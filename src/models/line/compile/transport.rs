//! Lays out stops, lanes, fleets and what they carry.

use super::Compiler;
use crate::models::config::Entry;
use crate::models::line::plan::{
    CarrierPlan, FleetPlan, LanePlan, Roads, Slot, VehiclePlan, nanos,
};
use crate::models::line::spec::ChooseSpec;
use crate::problem::did_you_mean;
use crate::units::Quantity;

/// Most stops of a line, as the ways between all pairs are kept.
const MOST_STOPS: usize = 3_000;
/// Most vehicles of a fleet.
const MOST_VEHICLES: u32 = 10_000;

impl Compiler<'_, '_, '_> {
    pub(super) fn transport(&mut self) {
        let whole = Entry::new([], "the line");
        if self.spec.stops.len() > MOST_STOPS {
            let message = format!("there are {} stops", self.spec.stops.len());
            self.reader
                .problem(&whole, "stops", message, "3000 at most");
            return;
        }
        self.roads();
        self.fleets();
        self.carriers();
    }

    fn roads(&mut self) {
        let mut stops: Vec<(String, [f64; 3])> = Vec::new();
        for (index, stop) in self.spec.stops.iter().enumerate() {
            let entry = Entry::item("stops", index, &stop.name);
            if stops.iter().any(|(name, _)| *name == stop.name) {
                let message = format!("stop `{}` is there twice", stop.name);
                self.reader
                    .problem(&entry, "name", message, "give each stop a name of its own");
            }
            let (x, y, z) = stop.at;
            if ![x, y, z].iter().all(|number| number.is_finite()) {
                let message = format!("stop `{}` is at no place", stop.name);
                self.reader
                    .problem(&entry, "at", message, "write finite numbers, m");
            }
            stops.push((stop.name.clone(), [x, y, z]));
        }
        self.plan.roads.stops = stops.clone();
        let mut lanes = Vec::new();
        for (index, lane) in self.spec.lanes.iter().enumerate() {
            let name = format!("the lane from `{}` to `{}`", lane.from, lane.to);
            let entry = Entry::new(["lanes".into(), index.into()], name);
            let from = self.stop(&entry, "from", &lane.from);
            let to = self.stop(&entry, "to", &lane.to);
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            let (start, end) = (stops[from as usize].1, stops[to as usize].1);
            let squares = (0..3).map(|axis| (end[axis] - start[axis]).powi(2));
            let length = squares.sum::<f64>().sqrt();
            if length <= 0.0 || from == to {
                let message = format!("{} has no length", entry.called());
                self.reader
                    .problem(&entry, "to", message, "join two stops at different places");
            }
            lanes.push(LanePlan {
                ends: [from, to],
                length,
                two_way: lane.two_way,
            });
        }
        self.plan.roads = Roads::new(stops, lanes);
    }

    fn fleets(&mut self) {
        for (index, fleet) in self.spec.fleets.iter().enumerate() {
            let entry = Entry::item("fleets", index, &fleet.tag);
            if fleet.count == 0 || fleet.count > MOST_VEHICLES {
                let message = format!("fleet `{}` has {} vehicles", fleet.tag, fleet.count);
                self.reader
                    .problem(&entry, "count", message, "count from 1 to 10000");
                continue;
            }
            let speed = self
                .reader
                .positive(&entry, "speed", &fleet.speed, Quantity::Speed);
            let handling = self.reader.span(&entry, "handling", &fleet.handling);
            let home = self.stop(&entry, "home", &fleet.home).unwrap_or(0);
            let first = self.plan.vehicles.len();
            for _ in 0..fleet.count {
                let slot = self
                    .plan
                    .add_slot(Slot::Vehicle(self.plan.vehicles.len() as u32));
                self.plan.vehicles.push(VehiclePlan {
                    fleet: self.plan.fleets.len(),
                    home,
                    slot,
                });
            }
            self.plan.fleets.push(FleetPlan {
                tag: fleet.tag.clone(),
                vehicles: first..self.plan.vehicles.len(),
                speed,
                handling: nanos(handling),
            });
        }
    }

    fn carriers(&mut self) {
        for (index, carrier) in self.spec.carriers.iter().enumerate() {
            let entry = Entry::item("carriers", index, &carrier.tag);
            let node = self.nodes[&carrier.tag];
            let fleets = &self.plan.fleets;
            let fleet = fleets.iter().position(|fleet| fleet.tag == carrier.fleet);
            if fleet.is_none() {
                let message = format!("there is no fleet `{}`", carrier.fleet);
                let known = self.spec.fleets.iter().map(|fleet| fleet.tag.as_str());
                let hint = did_you_mean(&carrier.fleet, known);
                self.reader.problem(&entry, "fleet", message, hint);
            }
            for (field, count) in [("capacity", carrier.capacity), ("load", carrier.load)] {
                if count == 0 {
                    let message = format!("`{field}` of `{}` is 0", carrier.tag);
                    self.reader.problem(&entry, field, message, "count from 1");
                }
            }
            let pick_up = self.stop(&entry, "pick_up", &carrier.pick_up);
            let drop = self.stop(&entry, "drop", &carrier.drop);
            self.route(
                node,
                &entry,
                &carrier.to,
                &ChooseSpec::First,
                &Default::default(),
            );
            let (Some(fleet), Some(pick_up), Some(drop)) = (fleet, pick_up, drop) else {
                continue;
            };
            let vehicles = self.plan.fleets[fleet].vehicles.clone();
            let home = self.plan.vehicles[vehicles.start].home;
            // From the home to the load, to the drop, and from every drop to every load.
            for (from, to) in [(home, pick_up), (pick_up, drop), (drop, home)] {
                if self.plan.roads.distance(from, to).is_infinite() {
                    let names = [from, to].map(|stop| &self.plan.roads.stops[stop as usize].0);
                    let message =
                        format!("no lanes lead from stop `{}` to `{}`", names[0], names[1]);
                    let hint =
                        "a fleet must come from its home to each load, to its drop, and home";
                    self.reader.problem(&entry, "drop", message, hint);
                }
            }
            self.plan.carriers.push(CarrierPlan {
                node,
                fleet,
                pick_up,
                drop,
                capacity: carrier.capacity as usize,
                load: carrier.load as usize,
            });
        }
    }

    fn stop(&mut self, entry: &Entry, field: &str, name: &str) -> Option<u32> {
        let stops = &self.plan.roads.stops;
        if let Some(place) = stops.iter().position(|(known, _)| known == name) {
            return Some(place as u32);
        }
        let message = format!("there is no stop `{name}`");
        let hint = did_you_mean(name, stops.iter().map(|(name, _)| name.as_str()));
        self.reader.problem(entry, field, message, hint);
        None
    }
}

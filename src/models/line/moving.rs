//! Where the parts and the vehicles of a line are: its populations.

use super::items::ItemIndex;
use super::plan::{Kind, Plan, nanos, secs};
use super::world::World;
use crate::population::PopulationRow;

/// The distance of parts that stand beside each other where only one place is known, m.
const PLACE: f64 = 0.4;
/// How many stand in a row there.
const ROW: usize = 10;
/// How high parts lie on a vehicle, m.
const DECK: f64 = 0.5;

impl World {
    /// Every part in the line, coloured by the time that it has been in it, s.
    pub(super) fn parts(&self, plan: &Plan) -> Vec<PopulationRow> {
        let mut rows = Vec::new();
        for node in &plan.nodes {
            let place = node.place;
            match node.kind {
                Kind::Source => self.stand(&node.path, &self.sources[place].backlog, &mut rows),
                Kind::Buffer => self.stand(&node.path, &self.buffers[place].queue, &mut rows),
                Kind::Station => {
                    let station = &self.stations[place];
                    self.stand(
                        &node.path,
                        station.tray.iter().chain(&station.out),
                        &mut rows,
                    );
                }
                Kind::Conveyor => {
                    let (conveyor, layout) = (&self.conveyors[place], &plan.conveyors[place]);
                    for (rank, item) in conveyor.parts.iter().enumerate() {
                        let share = conveyor.share(layout, rank, self.now);
                        let (position, heading) = along(&node.path, share);
                        rows.push(self.row(*item, position, heading));
                    }
                }
                Kind::Carrier => {
                    let stop = plan.roads.stops[plan.carriers[place].pick_up as usize].1;
                    self.stand(&[stop], &self.carriers[place].waiting, &mut rows);
                }
                Kind::Sink => {}
            }
        }
        for vehicle in 0..plan.vehicles.len() {
            let (mut position, heading) = self.vehicle_place(plan, vehicle);
            for item in &self.traffic.vehicles[vehicle].load {
                position[2] += DECK;
                rows.push(self.row(*item, position, heading));
            }
        }
        rows
    }

    /// Every vehicle, coloured by the number of parts on it; its kind is its fleet.
    pub(super) fn vehicles(&self, plan: &Plan) -> Vec<PopulationRow> {
        let rows = plan.vehicles.iter().enumerate().map(|(place, layout)| {
            let (position, heading) = self.vehicle_place(plan, place);
            PopulationRow {
                id: place as u64,
                kind: layout.fleet as u16,
                position,
                heading,
                value: self.traffic.vehicles[place].load.len() as f64,
            }
        });
        rows.collect()
    }

    fn vehicle_place(&self, plan: &Plan, place: usize) -> ([f64; 3], f64) {
        let vehicle = &self.traffic.vehicles[place];
        let stop = |stop: u32| plan.roads.stops[stop as usize].1;
        let Some(lane) = vehicle.lane else {
            return (stop(vehicle.at), 0.0);
        };
        let lane = &plan.roads.lanes[lane as usize];
        let [from, to] = lane.ends;
        let other = if vehicle.at == from { to } else { from };
        let speed = plan.fleets[plan.vehicles[place].fleet].speed;
        let span = nanos(lane.length / speed).max(1);
        let share = (self.now - vehicle.since) as f64 / span as f64;
        along(&[stop(vehicle.at), stop(other)], share)
    }

    /// Adds parts that wait: along a course from its end, or in rows beside one place.
    fn stand<'a>(
        &self,
        path: &[[f64; 3]],
        items: impl IntoIterator<Item = &'a ItemIndex>,
        rows: &mut Vec<PopulationRow>,
    ) {
        let items: Vec<_> = items.into_iter().collect();
        for (rank, item) in items.iter().enumerate() {
            let (position, heading) = if let [[x, y, z]] = path {
                let (row, place) = (rank / ROW, rank % ROW);
                let position = [x + PLACE * place as f64, y + PLACE * row as f64, *z];
                (position, 0.0)
            } else {
                along(path, 1.0 - rank as f64 / items.len() as f64)
            };
            rows.push(self.row(**item, position, heading));
        }
    }

    fn row(&self, item: ItemIndex, position: [f64; 3], heading: f64) -> PopulationRow {
        let part = self.items.get(item);
        PopulationRow {
            id: part.id,
            kind: part.product,
            position,
            heading,
            value: secs(self.now - part.born.unwrap_or(0)),
        }
    }
}

/// The point at `share` of the length of a path, and the heading there.
fn along(path: &[[f64; 3]], share: f64) -> ([f64; 3], f64) {
    let length = |ends: &[[f64; 3]]| {
        let squares = (0..3).map(|axis| (ends[1][axis] - ends[0][axis]).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let whole: f64 = path.windows(2).map(length).sum();
    let mut left = share.clamp(0.0, 1.0) * whole;
    let mut heading = 0.0;
    for ends in path.windows(2) {
        let piece = length(ends);
        heading = (ends[1][1] - ends[0][1]).atan2(ends[1][0] - ends[0][0]);
        if left <= piece && piece > 0.0 {
            let share = left / piece;
            let point = |axis: usize| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]);
            return ([point(0), point(1), point(2)], heading);
        }
        left -= piece;
    }
    (path.last().copied().unwrap_or_default(), heading)
}

//! Where the parts and the vehicles of a line are: its populations.

use super::items::ItemIndex;
use super::plan::{Kind, NodeIndex, Plan, nanos, secs};
use super::world::World;
use crate::population::{Population, PopulationRow};
use crate::units::Quantity;

/// The distance of parts that stand beside each other where only one place is known, m.
const PLACE: f64 = 0.4;
/// How many stand in a row there.
const ROW: usize = 10;
/// How high parts lie on a vehicle, m.
const DECK: f64 = 0.5;

/// What moves in a line: parts, and vehicles if there are any.
pub(super) fn populations(plan: &Plan) -> Vec<Population> {
    let parts = Population {
        name: format!("{}.parts", plan.tag),
        kinds: plan.products.clone(),
        places: plan.nodes.iter().map(|node| node.tag.clone()).collect(),
        value: "time in the line".to_owned(),
        quantity: Quantity::Time,
    };
    let vehicles = (!plan.vehicles.is_empty()).then(|| Population {
        name: format!("{}.vehicles", plan.tag),
        kinds: plan.fleets.iter().map(|fleet| fleet.tag.clone()).collect(),
        places: plan.roads.places(),
        value: "parts on board".to_owned(),
        quantity: Quantity::Number,
    });
    [parts].into_iter().chain(vehicles).collect()
}

impl World {
    /// Every part in the line, coloured by the time that it has been in it, s.
    pub(super) fn parts(&self, plan: &Plan) -> Vec<PopulationRow> {
        let mut rows = Vec::with_capacity(self.items.places());
        for (node, layout) in (0..).zip(&plan.nodes) {
            let (place, course) = (layout.place, Course::new(&layout.path));
            match layout.kind {
                Kind::Source => {
                    let parts = self.sources[place].backlog.iter().copied();
                    self.stand(node, &course, parts, &mut rows);
                }
                Kind::Buffer => {
                    let parts = self.buffers[place].queue.iter();
                    self.stand(node, &course, parts, &mut rows);
                }
                Kind::Station => {
                    let station = &self.stations[place];
                    let parts = station.tray.iter().chain(station.out.iter());
                    self.stand(node, &course, parts, &mut rows);
                }
                Kind::Conveyor => {
                    let (conveyor, layout) = (&self.conveyors[place], &plan.conveyors[place]);
                    for (rank, item) in conveyor.parts.iter().enumerate() {
                        let share = conveyor.share(layout, rank, self.now);
                        let (position, heading) = course.at(share);
                        rows.push(self.row(*item, node, position, heading));
                    }
                }
                Kind::Carrier => {
                    let stop = [plan.roads.stops[plan.carriers[place].pick_up as usize].1];
                    let parts = self.carriers[place].waiting.iter().copied();
                    self.stand(node, &Course::new(&stop), parts, &mut rows);
                }
                Kind::Sink => {}
            }
        }
        for (vehicle, state) in self.traffic.vehicles.iter().enumerate() {
            if state.load.is_empty() {
                continue;
            }
            let node = plan.carriers[state.carrier as usize].node;
            let (mut position, heading) = self.vehicle_place(plan, vehicle);
            for item in &state.load {
                position[2] += DECK;
                rows.push(self.row(*item, node, position, heading));
            }
        }
        rows
    }

    /// Every vehicle, coloured by the number of parts on it; its kind is its fleet.
    pub(super) fn vehicles(&self, plan: &Plan) -> Vec<PopulationRow> {
        let rows = plan.vehicles.iter().enumerate().map(|(place, layout)| {
            let (position, heading) = self.vehicle_place(plan, place);
            let state = &self.traffic.vehicles[place];
            let lane = state.lane.map(|lane| plan.roads.lane_place(lane));
            PopulationRow {
                id: place as u64,
                kind: layout.fleet as u16,
                place: Some(lane.unwrap_or(state.at)),
                position,
                heading,
                value: state.load.len() as f64,
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
        Course::new(&[stop(vehicle.at), stop(other)]).at(share)
    }

    /// Adds parts that wait: along a course from its end, or in rows beside one place.
    fn stand(
        &self,
        node: NodeIndex,
        course: &Course<'_>,
        items: impl Iterator<Item = ItemIndex> + Clone,
        rows: &mut Vec<PopulationRow>,
    ) {
        let count = items.clone().count();
        for (rank, item) in items.enumerate() {
            let (position, heading) = if let [[x, y, z]] = course.path {
                let (row, place) = (rank / ROW, rank % ROW);
                let position = [x + PLACE * place as f64, y + PLACE * row as f64, *z];
                (position, 0.0)
            } else {
                course.at(1.0 - rank as f64 / count as f64)
            };
            rows.push(self.row(item, node, position, heading));
        }
    }

    fn row(
        &self,
        item: ItemIndex,
        node: NodeIndex,
        position: [f64; 3],
        heading: f64,
    ) -> PopulationRow {
        let part = self.items.get(item);
        PopulationRow {
            id: part.id,
            kind: part.product,
            place: Some(node),
            position,
            heading,
            value: secs(self.now - part.born.get().unwrap_or(0)),
        }
    }
}

/// A way from point to point.
struct Course<'a> {
    path: &'a [[f64; 3]],
    /// m.
    length: f64,
}

impl<'a> Course<'a> {
    fn new(path: &'a [[f64; 3]]) -> Self {
        let length = path.windows(2).map(piece_length).sum();
        Self { path, length }
    }

    /// The point at `share` of the length, and the heading there.
    fn at(&self, share: f64) -> ([f64; 3], f64) {
        let mut left = share.clamp(0.0, 1.0) * self.length;
        let mut last = None;
        for ends in self.path.windows(2) {
            let piece = piece_length(ends);
            last = Some(ends);
            if left <= piece && piece > 0.0 {
                let share = left / piece;
                let point = |axis: usize| ends[0][axis] + share * (ends[1][axis] - ends[0][axis]);
                return ([point(0), point(1), point(2)], heading(ends));
            }
            left -= piece;
        }
        let end = self.path.last().copied().unwrap_or_default();
        (end, last.map_or(0.0, heading))
    }
}

fn piece_length(ends: &[[f64; 3]]) -> f64 {
    let squares = (0..3).map(|axis| (ends[1][axis] - ends[0][axis]).powi(2));
    squares.sum::<f64>().sqrt()
}

fn heading(ends: &[[f64; 3]]) -> f64 {
    (ends[1][1] - ends[0][1]).atan2(ends[1][0] - ends[0][0])
}

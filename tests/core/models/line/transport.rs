//! Vehicles on lanes: one at a time, by the shortest way, and nothing is left lying.

use std::collections::BTreeMap;

use super::super::Plant;
use super::started;

const HALL: &str = r#"(tag: "L",
    sources: [(tag: "IN", arrivals: Every(Exponential("25s")), to: "T-1")],
    carriers: [
        (tag: "T-1", fleet: "AGV", pick_up: "in", drop: "cell", capacity: 6, load: 2, to: "B-1"),
        (tag: "T-2", fleet: "AGV", pick_up: "cell", drop: "out", capacity: 6, to: "OUT"),
    ],
    buffers: [(tag: "B-1", capacity: 4, to: "M-1", at: (20, 10, 0))],
    stations: [(tag: "M-1", cycle: LogNormal("8s", 0.3), to: "T-2", at: (22, 10, 0))],
    sinks: [(tag: "OUT")],
    fleets: [(tag: "AGV", count: 4, speed: "1.5 m/s", handling: "3s", home: "park")],
    stops: [
        (name: "in", at: (0, 0, 0)), (name: "park", at: (10, 0, 0)), (name: "cell", at: (20, 10, 0)),
        (name: "out", at: (30, 0, 0)), (name: "far", at: (10, 40, 0)),
    ],
    lanes: [
        (from: "in", to: "park", two_way: true), (from: "park", to: "cell", two_way: true),
        (from: "cell", to: "out"), (from: "out", to: "park"),
        (from: "in", to: "far", two_way: true), (from: "far", to: "cell", two_way: true),
    ])"#;

/// The lanes, as pairs of places.
const LANES: [([f64; 2], [f64; 2]); 6] = [
    ([0.0, 0.0], [10.0, 0.0]),
    ([10.0, 0.0], [20.0, 10.0]),
    ([20.0, 10.0], [30.0, 0.0]),
    ([30.0, 0.0], [10.0, 0.0]),
    ([0.0, 0.0], [10.0, 40.0]),
    ([10.0, 40.0], [20.0, 10.0]),
];

/// The lane within which a vehicle is; `None` at its ends.
fn lane(position: [f64; 3]) -> Option<usize> {
    let [x, y, _] = position;
    LANES.iter().position(|([x0, y0], [x1, y1])| {
        let (dx, dy) = (x1 - x0, y1 - y0);
        let across = (x - x0) * dy - (y - y0) * dx;
        let share = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy);
        across.abs() < 1e-6 && share > 1e-9 && share < 1.0 - 1e-9
    })
}

fn vehicles(plant: &Plant) -> Vec<parallax::population::PopulationRow> {
    let names: Vec<_> = plant.models[0]
        .populations()
        .iter()
        .map(|population| population.name.as_str())
        .collect();
    assert_eq!(names, ["L.parts", "L.vehicles"]);
    plant.models[0].population(1)
}

#[test]
fn a_lane_never_holds_two_vehicles() {
    let mut plant = started(HALL, 7);
    let mut driving = 0;
    let mut last: BTreeMap<u64, [f64; 3]> = BTreeMap::new();
    for _ in 0..20_000 {
        plant.step(0.25);
        let mut held = BTreeMap::new();
        for vehicle in vehicles(&plant) {
            if let Some(before) = last.insert(vehicle.id, vehicle.position) {
                let moved =
                    (vehicle.position[0] - before[0]).hypot(vehicle.position[1] - before[1]);
                assert!(
                    moved <= 1.5 * 0.25 + 1e-6,
                    "vehicle {} leapt {moved} m",
                    vehicle.id
                );
            }
            if let Some(lane) = lane(vehicle.position) {
                driving += 1;
                let other = held.insert(lane, vehicle.id);
                assert_eq!(other, None, "lane {lane} holds {} as well", vehicle.id);
            }
            assert!(vehicle.value <= 2.0);
        }
        let parts = plant.models[0].population(0);
        assert_eq!(parts.len() as f64, plant.read("L.wip"));
    }
    assert!(driving > 5_000, "{driving} sightings say little");
    assert!(plant.read("OUT.count") > 150.0);
}

#[test]
fn everything_that_is_fetched_is_brought() {
    let mut plant = started(HALL, 9);
    plant.step(5_000.0);
    plant.hold("IN.rate_factor", 0.0);
    plant.step(5_000.0);
    assert_eq!(plant.read("OUT.count"), plant.read("IN.count"));
    assert_eq!(plant.read("T-1.count"), plant.read("IN.count"));
    assert_eq!(plant.read("AGV.busy"), 0.0);
    let share = plant.read("AGV.utilisation");
    assert!(share > 0.1 && share < 0.6, "{share}");
}

#[test]
fn a_trip_takes_driving_and_handling() {
    // One part at a time, one vehicle that starts at the load: load 10 s, 30 m at 3 m/s, unload
    // 10 s; then the way back.
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "T-1")],
        carriers: [(tag: "T-1", fleet: "F", pick_up: "a", drop: "b", to: "OUT")],
        sinks: [(tag: "OUT")], fleets: [(tag: "F", count: 1, speed: "3 m/s", home: "a")],
        stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (0, 30, 0))],
        lanes: [(from: "a", to: "b", two_way: true)])"#;
    let mut plant = started(text, 1);
    plant.step(29.9);
    assert_eq!(plant.read("OUT.count"), 0.0);
    let vehicle = vehicles(&plant)[0];
    assert_eq!((vehicle.position, vehicle.value), ([0.0, 30.0, 0.0], 1.0));
    plant.step(0.2);
    assert_eq!(plant.read("OUT.count"), 1.0);
    plant.step(400.0);
    assert_eq!(plant.read("OUT.count"), 11.0);
}

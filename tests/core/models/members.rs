//! Members of a water network: alone or in lanes, straight on or restored, in long steps or in
//! short ones, the numbers are the same; and no water is made or lost.

use std::sync::Arc;

use parallax::models::ModelState;
use parallax::models::hydraulics::inp;
use parallax::models::hydraulics::network::{CutOff, LinkKind, Network, ValveKind};
use parallax::models::hydraulics::simulation::Simulation;
use parallax::models::hydraulics::solver::Plan;
use parallax::time::Timestamp;

use super::epanet::random::town;
use super::{Plant, shared_data};

const LANES: usize = 8;
const HOUR: i64 = 3_600;
/// Networks of pipes, pumps and valves of all kinds, controls, rules, tanks.
const SEEDS: std::ops::Range<u64> = 100..140;

fn network(text: &str) -> Option<Arc<Network>> {
    inp::read(text.as_bytes())
        .ok()
        .map(|reading| Arc::new(reading.network))
}

/// Every head and flow of a lane.
fn numbers<const L: usize>(simulation: &Simulation<L>, lane: usize) -> Vec<f64> {
    let network = simulation.network();
    let heads = (0..network.node_count()).map(|node| simulation.head_in(node, lane));
    let flows = (0..network.links.len()).map(|link| simulation.flow_in(link, lane));
    heads.chain(flows).collect()
}

/// Asks for `factor` times the demand in a lane.
fn tell<const L: usize>(simulation: &mut Simulation<L>, lane: usize, factor: f64) {
    let mut inputs = simulation.member(lane).inputs().clone();
    inputs.demand_factors.fill(factor);
    simulation.tell(lane, &inputs);
}

/// Compares lanes with members alone, hour by hour.
#[track_caller]
fn check_lanes(name: &str, network: &Arc<Network>, hours: i64) {
    let plan = Arc::new(Plan::new(Arc::clone(network)));
    let factors: [f64; LANES] = std::array::from_fn(|lane| 0.7 + 0.1 * lane as f64);
    let mut together = Simulation::<LANES>::with_plan(&plan);
    let mut alone: Vec<_> = factors
        .iter()
        .map(|_| Simulation::<1>::with_plan(&plan))
        .collect();
    for (lane, factor) in factors.into_iter().enumerate() {
        tell(&mut together, lane, factor);
        tell(&mut alone[lane], 0, factor);
    }
    for hour in 0..=hours {
        together.advance(&[hour * HOUR; LANES]);
        for (lane, alone) in alone.iter_mut().enumerate() {
            alone.advance(&[hour * HOUR]);
            let same = together.member(lane).failure() == alone.member(0).failure();
            assert!(same, "{name}, lane {lane}: one fails");
            for (a, b) in numbers(&together, lane).iter().zip(numbers(alone, 0)) {
                let off = (a - b).abs() / b.abs().max(1.0);
                assert!(
                    off <= 1e-9,
                    "{name}, lane {lane}, hour {hour}: {a}, alone {b}"
                );
            }
        }
    }
}

#[test]
fn members_in_lanes_equal_members_alone() {
    let mut compared = 0;
    for seed in SEEDS {
        if let Some(network) = network(&town::text(seed)) {
            check_lanes(&format!("seed {seed}"), &network, 12);
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared} networks");
}

#[test]
fn members_of_net3_in_lanes_equal_members_alone() {
    let test = "members::members_of_net3_in_lanes_equal_members_alone";
    let Some(folder) = shared_data(test, "epanet_networks") else {
        return;
    };
    let bytes = std::fs::read(folder.join("Net3.inp")).expect("a network");
    let network = inp::read(&bytes).expect("a network").network;
    check_lanes("Net3", &Arc::new(network), 48);
}

/// Every number that the model writes, as bits.
fn bits(plant: &Plant) -> Vec<(String, u64)> {
    let numbers = plant.board.iter();
    numbers
        .map(|(name, value)| (name.clone(), value.to_bits()))
        .collect()
}

/// The model of a text, started at midnight; `None` where it cannot start.
fn plant(text: &str) -> Option<Plant> {
    network(text)?;
    let mut plant = Plant::new(&[("epanet", text)]);
    plant.start(Timestamp::from_secs(4 * 86_400), 1);
    Some(plant)
}

/// Networks whose solves all settle, so that their models go on; with water age.
fn sound_texts() -> Vec<(u64, String)> {
    let mut texts = Vec::new();
    for seed in SEEDS {
        let text = town::text(seed).replace(
            "[END]",
            "[OPTIONS]\n UNBALANCED CONTINUE 50\n ACCURACY 0.00001\n QUALITY AGE\n[END]",
        );
        let starts = network(&text).is_some_and(|network| {
            let mut simulation = Simulation::new(network);
            simulation.advance(&[24 * HOUR]);
            simulation.member(0).failure().is_none()
        });
        if starts {
            texts.push((seed, text));
        }
    }
    assert!(texts.len() > 25, "{} networks", texts.len());
    texts
}

#[test]
fn a_restored_network_goes_on_bit_for_bit() {
    for (seed, text) in sound_texts() {
        let (Some(mut straight), Some(mut other)) = (plant(&text), plant(&text)) else {
            continue;
        };
        for _ in 0..7 {
            straight.step(1_000.0);
        }
        let saved: Vec<ModelState> = straight.save();
        let (board, at) = (straight.board.clone(), straight.at);
        // Another copy that has been elsewhere in between.
        other.step(40_000.0);
        other.restore(&saved);
        (other.board, other.at) = (board, at);
        for step in 0..9 {
            straight.step(1_700.0);
            other.step(1_700.0);
            assert_eq!(bits(&straight), bits(&other), "seed {seed}, step {step}");
        }
    }
}

#[test]
fn communication_steps_change_nothing() {
    for (seed, text) in sound_texts() {
        let (Some(mut long), Some(mut short)) = (plant(&text), plant(&text)) else {
            continue;
        };
        for hour in 1..=6 {
            long.step(3_600.0);
            for _ in 0..10 {
                short.step(360.0);
            }
            // Transport is cut at the ends of steps: its own step is a tenth of an hour or so.
            let exact = long
                .board
                .iter()
                .filter(|(name, _)| !name.ends_with(".age"));
            for (name, value) in exact {
                let other = short.board[name];
                let off = (value - other).abs() / value.abs().max(1.0);
                assert!(
                    off < 1e-9,
                    "seed {seed}, hour {hour}, {name}: {value} and {other}"
                );
            }
        }
    }
}

/// True at a pressure breaker: its flow is a small difference of numbers 10⁸ times as large, as
/// in EPANET.
fn at_breaker(network: &Network, node: usize) -> bool {
    network.links.iter().any(|link| {
        let breaks = matches!(&link.kind, LinkKind::Valve(valve) if valve.kind == ValveKind::PressureBreaker);
        breaks && (link.from == node || link.to == node)
    })
}

/// To 1e-5 with valves of every kind; networks of pipes and pumps close to 1e-6, see
/// `hydraulics::water_is_neither_made_nor_lost`.
#[test]
fn water_is_neither_made_nor_lost() {
    let mut instants = 0;
    for (seed, text) in sound_texts() {
        let Some(network) = network(&text) else {
            continue;
        };
        // As the model has it: nobody draws water through closed links.
        let mut network = Arc::unwrap_or_clone(network);
        network.options.cut_off = CutOff::GetNothing;
        network.options.accuracy = 1e-8;
        let network = Arc::new(network);
        let mut simulation = Simulation::new(Arc::clone(&network));
        for hour in 0..=24 {
            simulation.advance(&[hour * HOUR]);
            // Where a zone hangs on a closed link alone, heads of millions of metres leave no
            // digits for its flows.
            let deep = (0..network.junctions.len()).any(|node| simulation.head(node) < -1e4);
            if deep || !simulation.member(0).report().balanced {
                continue;
            }
            instants += 1;
            let mut net = vec![0.0; network.node_count()];
            let mut whole = 0.0;
            for (index, link) in network.links.iter().enumerate() {
                let flow = simulation.raw_flow(index);
                net[link.from] -= flow;
                net[link.to] += flow;
                whole += flow.abs();
            }
            for (node, junction) in network.junctions.iter().enumerate() {
                if at_breaker(&network, node) {
                    continue;
                }
                let off = (net[node] - simulation.demand(node)).abs() / whole;
                assert!(
                    off < 1e-5,
                    "seed {seed}, hour {hour}, {}: off by {off:e}",
                    junction.tag
                );
            }
        }
    }
    assert!(instants > 500, "{instants} instants");
}

/// A file's own run begins at its clock start, and a model that is started there computes it.
#[test]
fn a_run_that_starts_at_the_files_own_time_is_the_files_own_run() {
    for (seed, text) in sound_texts().into_iter().take(8) {
        let text = text.replace("[END]", "[TIMES]\n START CLOCKTIME 6 AM\n[END]");
        let Some(network) = network(&text) else {
            continue;
        };
        let mut plant = Plant::new(&[("epanet", &text)]);
        let noon = Timestamp::from_secs(1_767_225_600 + 43_200);
        let start = plant.models[0].own_start(noon);
        assert_eq!(
            start
                .secs_since(Timestamp::from_secs(0))
                .rem_euclid(86_400.0),
            21_600.0
        );
        assert!(start >= noon);
        plant.start(start, 1);
        plant.step(18_000.0);
        let mut bare = Arc::unwrap_or_clone(Arc::clone(&network));
        bare.options.cut_off = CutOff::GetNothing;
        let mut simulation = Simulation::new(Arc::new(bare));
        simulation.advance(&[18_000]);
        for (index, link) in network.links.iter().enumerate() {
            let ours = plant.read(&format!("{}.flow", link.tag)) * network.flow_scale.0;
            let exact = simulation.flow(index);
            // A consumer who is cut off draws in one and not in the other.
            let off = (ours - exact).abs() / exact.abs().max(1e-3);
            assert!(
                off < 1e-6 || ours == 0.0,
                "seed {seed}, {}: {ours}, {exact}",
                link.tag
            );
        }
    }
}

/// A level that is held is the level that each step begins with.
#[test]
fn a_held_level_is_where_every_step_begins() {
    let text = "[JUNCTIONS]\n J 0 10\n[RESERVOIRS]\n R 60\n[TANKS]\n T 50 4 0 8 20 0\n\
        [PIPES]\n a R J 500 200 110\n b J T 500 200 110\n\
        [OPTIONS]\n UNITS LPS\n[TIMES]\n DURATION 24:00\n[END]";
    let mut plant = plant(text).expect("a network");
    plant.hold("T.level", 3.0);
    for _ in 0..5 {
        plant.step(600.0);
        // Flows hold for the step: it begins at 3 m and rises by what flows in.
        let area = std::f64::consts::PI / 4.0 * 20.0 * 20.0;
        let end = 3.0 + plant.read("T.inflow") * 600.0 / area;
        let head = plant.read("T.head") - 50.0;
        assert!((head - end).abs() < 1e-4, "{head} m, expected {end} m");
    }
}

//! Leaks in L-TOWN, found at night by as many pressure sensors as the town has.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parallax::models::hydraulics::inp;
use parallax::models::hydraulics::network::{LinkKind, Network};
use parallax::scene::{Effect, Override, Scenario};
use parallax::session::{self, Opened};
use parallax::signal::SignalId;
use parallax::simulation::estimate::leak::{
    self, LeakCandidate, LeakError, LeakFinder, LeakSensor, LeakSettings,
};
use parallax::simulation::{InitialState, Run, RunPlan};
use parallax::time::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::telemetry::data;

/// The pressure sensors of L-TOWN in the Battle of the Leakage Detection and Isolation Methods
/// (Vrachimis et al. 2022).
const SENSORS: [&str; 33] = [
    "n1", "n4", "n31", "n54", "n105", "n114", "n163", "n188", "n215", "n229", "n288", "n296",
    "n332", "n342", "n410", "n415", "n429", "n458", "n469", "n495", "n506", "n516", "n519", "n549",
    "n613", "n636", "n644", "n679", "n722", "n726", "n740", "n752", "n769",
];
/// Meters of what comes in, and the tank's rise as its level shows it.
const METERS: [&str; 3] = ["R1.outflow", "R2.outflow", "T1.inflow"];
/// Pascal of a metre of water.
const METRE: f64 = 9_806.65;
/// The error of one pressure reading, m, and of one flow reading, m³/h; one each minute.
const PRESSURE_NOISE: f64 = 0.1;
const FLOW_NOISE: f64 = 1.0;
/// By how much consumers together, and each for itself, differ from what is expected.
const COMMON_DEMAND: f64 = 0.03;
const JUNCTION_DEMAND: f64 = 0.05;
/// Runs are started only.
const STEP: Duration = Duration::from_secs(600);
/// Half past one, half past two, half past three and half past four at night.
const INSTANTS: [u64; 4] = [5_400, 9_000, 12_600, 16_200];
/// Each instant stands for so many readings, one a minute.
const MINUTES: f64 = 45.0;
/// Clean days from which the threshold comes, and others on which it is tried.
const DAYS: u64 = 20;
/// How many of them may alarm.
const FALSE_ALARM_RATE: f64 = 0.05;

/// The town, and what is expected of it at night.
struct Town {
    opened: Opened,
    network: Network,
    /// The plant at each instant, as its level and its pump show.
    instants: Vec<InitialState>,
    sensors: Vec<LeakSensor>,
    candidates: Vec<LeakCandidate>,
    factors: Vec<SignalId>,
}

/// One night as the sensors show it.
struct Night {
    readings: Vec<f64>,
    /// What flows out of the leak, m³/s.
    leak: f64,
}

impl Town {
    fn open(file: &Path) -> Self {
        let opened = session::open(file).unwrap_or_else(|error| panic!("{error}"));
        let scene = &opened.scene;
        let signal = |name: &str| {
            let found = scene.find_signal(name);
            found.unwrap_or_else(|| panic!("the town has `{name}`"))
        };
        let bytes = std::fs::read(file).expect("the file is there");
        let network = inp::read(&bytes).expect("a network").network;
        let own_start = opened.plant.own_start(Timestamp::from_secs(1_767_225_600));
        let mean = (INSTANTS.len() as f64 * MINUTES).sqrt();
        let pressures = SENSORS.iter().map(|tag| LeakSensor {
            signal: signal(&format!("{tag}.pressure")),
            sd: PRESSURE_NOISE * METRE / mean,
        });
        let meters = METERS.iter().map(|name| LeakSensor {
            signal: signal(name),
            sd: FLOW_NOISE / 3_600.0 / mean,
        });
        let factors = network.junctions.iter();
        let factors = factors.map(|junction| signal(&format!("{}.demand_factor", junction.tag)));
        Self {
            instants: instants(&opened, own_start),
            sensors: pressures.chain(meters).collect(),
            candidates: leak::candidates(scene),
            factors: factors.collect(),
            network,
            opened,
        }
    }

    fn plans(&self, overrides: &[Override]) -> Vec<RunPlan> {
        let plan = |initial: &InitialState| RunPlan {
            plant: Arc::clone(&self.opened.plant),
            initial: initial.clone(),
            scenario: Scenario {
                overrides: overrides.to_vec(),
                ..Scenario::plain("Night", STEP, STEP)
            },
            seed: 1,
        };
        self.instants.iter().map(plan).collect()
    }

    fn finder(&self) -> LeakFinder {
        let settings = LeakSettings {
            trial_leak: opening(2.0),
            common_demand_sd: COMMON_DEMAND,
            junction_demand_sd: JUNCTION_DEMAND,
            parallel: false,
        };
        let finder = LeakFinder::new(
            self.plans(&[]),
            self.sensors.clone(),
            self.candidates.clone(),
            settings,
        );
        finder.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the sensors show in a night in which nobody draws exactly what is expected.
    fn night(&self, leak: Option<(LeakCandidate, f64)>, seed: u64) -> Night {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = |sd: f64| -> f64 {
            let deviate: f64 = StandardNormal.sample(&mut random);
            sd * deviate
        };
        let common = 1.0 + normal(COMMON_DEMAND);
        let mut effects: Vec<_> = self
            .factors
            .iter()
            .map(|factor| {
                let own = (1.0 + normal(JUNCTION_DEMAND)).max(0.0);
                Override::always(*factor, Effect::Times(common * own))
            })
            .collect();
        let start = |effects: &[Override]| -> Vec<Run> {
            let plans = self.plans(effects).into_iter();
            let runs = plans.map(|plan| Run::start(Arc::new(plan), 0));
            runs.map(|run| run.expect("the town runs")).collect()
        };
        let mean = |runs: &[Run], signal| {
            runs.iter().map(|run| run.value(signal)).sum::<f64>() / runs.len() as f64
        };
        let mut flow = 0.0;
        if let Some((place, opening)) = leak {
            flow -= mean(&start(&effects), place.demand);
            effects.push(Override::always(place.leak, Effect::Set(opening)));
        }
        let runs = start(&effects);
        let sensors = self.sensors.iter();
        let readings = sensors.map(|sensor| mean(&runs, sensor.signal) + normal(sensor.sd));
        Night {
            readings: readings.collect(),
            leak: leak.map_or(0.0, |(place, _)| flow + mean(&runs, place.demand)),
        }
    }

    /// The way along pipes between two junctions, m.
    fn distance(&self, from: usize, to: usize) -> f64 {
        let network = &self.network;
        let mut far = vec![u64::MAX; network.node_count()];
        let mut open = BinaryHeap::from([(Reverse(0), from)]);
        while let Some((Reverse(millimetres), node)) = open.pop() {
            if millimetres >= far[node] {
                continue;
            }
            far[node] = millimetres;
            for link in &network.links {
                let length = match &link.kind {
                    LinkKind::Pipe(pipe) => pipe.length,
                    LinkKind::Pump(_) | LinkKind::Valve(_) => 0.0,
                };
                let next = millimetres + (length * 1e3) as u64;
                if link.from == node {
                    open.push((Reverse(next), link.to));
                } else if link.to == node {
                    open.push((Reverse(next), link.from));
                }
            }
        }
        far[to] as f64 / 1e3
    }

    fn junction(&self, place: LeakCandidate) -> usize {
        let scene = &self.opened.scene;
        let tag = &scene.asset(scene.signal(place.leak).asset).tag;
        let junctions = &self.network.junctions;
        let found = junctions.iter().position(|junction| junction.tag == *tag);
        found.unwrap_or_else(|| panic!("the file has `{tag}`"))
    }
}

/// What is measured of the town's state on a dry night: its tank's level, and whether the pump runs.
fn instants(opened: &Opened, own_start: Timestamp) -> Vec<InitialState> {
    let scene = &opened.scene;
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(scene, own_start),
        scenario: Scenario::plain("Night", STEP, STEP),
        seed: 1,
    };
    let mut run = Run::start(Arc::new(plan), 0).expect("the town runs");
    let known = ["T1.level", "PUMP_1.running"].map(|name| scene.find_signal(name).expect("known"));
    let instant = |secs: u64| {
        let at = own_start + Duration::from_secs(secs);
        run.advance_to(at).expect("the town goes on");
        let mut initial = InitialState::unknown(scene, at);
        for id in known {
            initial.set(id, run.value(id));
        }
        initial
    };
    INSTANTS.into_iter().map(instant).collect()
}

/// The opening through which about so many m³/h leave at 40 m.
fn opening(flow: f64) -> f64 {
    flow / 3_600.0 / 40.0_f64.sqrt()
}

#[test]
fn leaks_of_l_town_are_found_within_300_m_of_pipe() {
    let test = "leaks_of_l_town_are_found_within_300_m_of_pipe";
    let Some(file) = data(test, "epanet_networks/L-TOWN.inp") else {
        return;
    };
    let town = Town::open(&file);
    assert_eq!(town.candidates.len(), 782);
    let finder = town.finder();
    let statistic = |night: &Night| finder.find(&night.readings).expect("readings").statistic;
    let clean: Vec<f64> = (0..2 * DAYS)
        .map(|day| statistic(&town.night(None, 1_000 + day)))
        .collect();
    let (known, fresh) = clean.split_at(DAYS as usize);
    let threshold = leak::threshold(known, FALSE_ALARM_RATE).expect("many days");
    let alarms = fresh
        .iter()
        .filter(|statistic| **statistic > threshold)
        .count();
    println!("threshold {threshold:.1}, clean days {clean:.1?}");

    let (mut near, mut seen) = (0, 0);
    for seed in 0..10 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let place = town.candidates[random.random_range(0..town.candidates.len())];
        let size = random.random_range(5.0..15.0);
        let night = town.night(Some((place, opening(size))), seed);
        let report = finder.find(&night.readings).expect("readings");
        let best = report
            .centre(&town.opened.scene)
            .expect("some candidate fits");
        let to = |other: LeakCandidate| town.distance(town.junction(place), town.junction(other));
        let (distance, likeliest) = (to(best.candidate), to(report.ranked[0].candidate));
        println!(
            "seed {seed}: {} leaks {:.1} m3/h; found {} ({:.1} ± {:.1} m3/h, p {:.2}), {distance:.0} m off (the likeliest {likeliest:.0} m), statistic {:.0}",
            town.opened.scene.signal(place.leak).full_name,
            night.leak * 3_600.0,
            town.opened.scene.signal(best.candidate.leak).full_name,
            best.flow * 3_600.0,
            best.flow_sd * 3_600.0,
            best.probability,
            report.statistic,
        );
        near += usize::from(distance <= 300.0);
        seen += usize::from(report.statistic > threshold);
    }
    println!("{near} of 10 within 300 m, {seen} of 10 seen, {alarms} of {DAYS} clean days alarm");
    assert!(near >= 8, "{near} of 10 within 300 m");
    assert!(seen >= 8, "{seen} of 10 seen");
    assert!(alarms <= 3, "{alarms} of {DAYS} clean days alarm");

    let short = finder.find(&[0.0]);
    let wanted = town.sensors.len();
    assert_eq!(short, Err(LeakError::Readings { given: 1, wanted }));
}

#[test]
fn a_threshold_is_that_of_the_extreme_value_distribution() {
    // Quantiles of the standard Gumbel distribution, at the middles of 1,000 stripes.
    let clean: Vec<f64> = (0..1_000)
        .map(|stripe| -(-((f64::from(stripe) + 0.5) / 1_000.0).ln()).ln())
        .collect();
    for rate in [0.5, 0.05, 0.01] {
        let exact = -(-(1.0_f64 - rate).ln()).ln();
        let found = leak::threshold(&clean, rate).expect("many days");
        assert!(
            (found - exact).abs() < 0.02 * exact.max(1.0),
            "{rate}: {found}, exact {exact}"
        );
    }
    assert_eq!(leak::threshold(&[1.0], 0.05), None);
    assert_eq!(leak::threshold(&clean, 0.0), None);
}

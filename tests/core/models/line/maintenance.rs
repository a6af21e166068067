//! Maintenance that is asked for: when it is done, what it costs, and what it is worth.

use std::sync::Arc;

use super::factory::{opened, plan};
use super::{interval, started};
use parallax::session::Opened;
use parallax::simulation::{InitialState, Run};
use parallax::time::Timestamp;

const PRESS: &str = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
    stations: [(tag: "M-1", cycle: Constant("10s"), to: "OUT",
        failures: [(every: Weibull("10h", 3), repair: Constant("1s"), clock: Time, cost: 1000)],
        maintenance: (when: Asked, takes: Constant("10min"), cost: 200))],
    sinks: [(tag: "OUT")])"#;

#[test]
fn maintenance_is_done_once_when_it_is_asked_for_and_after_the_part() {
    let calm = PRESS.replace(r#"Weibull("10h", 3)"#, r#"Constant("90h")"#);
    let mut plant = started(&calm, 1);
    plant.step(95.0);
    plant.hold("M-1.maintain", 1.0);
    plant.step(4.0);
    assert_eq!(plant.read("M-1.state"), 1.0, "the part is finished first");
    plant.step(2.0);
    assert_eq!(plant.read("M-1.state"), 5.0);
    assert!(plant.read("M-1.wear") > 0.0);
    plant.step(600.0);
    // As good as new, and not asked for again.
    assert_eq!(plant.read("M-1.state"), 1.0);
    assert!(plant.read("M-1.wear") < 1e-5);
    plant.step(1_299.0);
    assert_eq!(plant.read("OUT.count"), 10.0 + 130.0);
    assert_eq!(plant.read("M-1.maintenances"), 1.0);
    plant.hold("M-1.maintain", 0.0);
    plant.step(1.0);
    plant.hold("M-1.maintain", 1.0);
    plant.step(50.0);
    assert_eq!(plant.read("M-1.maintenances"), 2.0);
    assert_eq!(plant.read("L.cost"), 400.0);
    assert_eq!(plant.read("M-1.failures"), 0.0);
}

/// What it costs when maintenance is done after so many hours: `c_m + c_f P(fails before)`, with
/// P of the Weibull law; after it, ten hours on, hardly anything fails within the hour.
#[test]
fn the_cost_of_waiting_is_that_of_the_law_of_failures() {
    let mean_cost = |hours: f64| {
        let costs: Vec<_> = (0..20)
            .map(|block| {
                let costs = (0..50).map(|seed| {
                    let mut plant = started(PRESS, 1_000 * block + seed);
                    plant.step(3_600.0 * hours);
                    let failed = plant.read("M-1.failures").min(1.0);
                    plant.hold("M-1.maintain", 1.0);
                    plant.step(3_600.0);
                    assert_eq!(plant.read("M-1.maintenances"), 1.0);
                    1_000.0 * failed + 200.0
                });
                costs.sum::<f64>() / 50.0
            })
            .collect();
        interval(&costs)
    };
    for hours in [2.0_f64, 6.0, 12.0] {
        let exact = 200.0 + 1_000.0 * (1.0 - (-(hours / 10.0).powi(3)).exp());
        let (mean, half) = mean_cost(hours);
        // Three intervals in one test: a little wider than 95 % each.
        let off = (mean - exact).abs();
        assert!(
            off < 1.4 * half,
            "after {hours} h: {mean} ± {half}, exact {exact}"
        );
    }
}

/// Pallets stored and money spent in eight hours, in twenty members of a scenario.
fn worth(opened: &Opened, scenario: &str, wear: f64) -> [Vec<f64>; 2] {
    let signal = |name: &str| opened.scene.find_signal(name).expect("a signal");
    let mut plan = plan(opened, 77);
    let mut initial = InitialState::unknown(&opened.scene, Timestamp::from_secs(0));
    initial.set(signal("CP-104.wear"), wear);
    plan.initial = initial;
    plan.scenario = opened
        .scene
        .find_scenario(scenario)
        .expect("a scenario")
        .clone();
    let plan = Arc::new(plan);
    let (mut pallets, mut costs) = (Vec::new(), Vec::new());
    for member in 0..20 {
        let mut run = Run::start(Arc::clone(&plan), member).expect("a start");
        while run.step().expect("a step") {}
        pallets.push(run.value(signal("WH-01.count")));
        costs.push(run.value(signal("PLANT.cost")));
    }
    [pallets, costs]
}

/// By how much `one` is above `other`, member by member: the mean and half its interval.
fn gain(one: &[f64], other: &[f64]) -> (f64, f64) {
    let differences: Vec<_> = one
        .iter()
        .zip(other)
        .map(|(one, other)| one - other)
        .collect();
    interval(&differences)
}

#[test]
fn a_worn_capper_is_better_maintained_now_than_later_or_never() {
    let opened = opened();
    let [_, never] = worth(&opened, "Live", 0.9);
    let [pallets_now, now] = worth(&opened, "Capper 1 maintained now", 0.9);
    let [pallets_later, later] = worth(&opened, "Capper 1 maintained after four hours", 0.9);
    // With a tenth of its life of some seven hours left it fails within the first hours, whatever
    // is planned for later: then both are paid for.
    let (saved, half) = gain(&later, &now);
    assert!(saved > half, "later costs {saved} ± {half} more");
    let (saved, half) = gain(&never, &now);
    assert!(saved > half, "never costs {saved} ± {half} more");
    // And the line stands twice.
    let (more, half) = gain(&pallets_now, &pallets_later);
    assert!(more > -half, "now stores {more} ± {half} more");
}

#[test]
fn a_new_capper_is_not_worth_maintaining() {
    let opened = opened();
    let [pallets, never] = worth(&opened, "Live", 0.0);
    let [fewer, now] = worth(&opened, "Capper 1 maintained now", 0.0);
    let (spent, half) = gain(&now, &never);
    assert!(
        spent + half > 0.0,
        "maintenance of a new machine saves {spent} ± {half}"
    );
    let (lost, half) = gain(&pallets, &fewer);
    assert!(lost + half > 0.0, "and stores {lost} ± {half} fewer");
}

//! The shipped waterworks: an ordinary day is ordinary, and its scenarios do what they say.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::scenes;
use parallax::scene::{Asset, Effect, Override, Scenario, Shape};
use parallax::session::Opened;
use parallax::simulation::{InitialState, Run, RunPlan};
use parallax::time::Timestamp;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);

/// Every output of one member of a scenario, by signal, in the scene's units.
type Course = BTreeMap<String, Vec<f64>>;

#[track_caller]
fn run(opened: &Opened, scenario: &str, seed: u64) -> Course {
    let scenario = opened
        .scene
        .find_scenario(scenario)
        .expect("a scenario of the scene");
    run_of(opened, scenario.clone(), seed)
}

fn run_of(opened: &Opened, scenario: Scenario, seed: u64) -> Course {
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, START),
        scenario,
        seed,
    };
    let mut run = Run::start(Arc::new(plan), 0).expect("the plant starts");
    let mut course = Course::new();
    loop {
        for id in opened.plant.outputs() {
            let signal = opened.scene.signal(*id);
            let value = signal.unit.from_si(run.value(*id));
            course
                .entry(signal.full_name.clone())
                .or_default()
                .push(value);
        }
        if !run.step().expect("the plant goes on") {
            return course;
        }
    }
}

fn least(course: &Course, signal: &str) -> f64 {
    course[signal].iter().copied().fold(f64::INFINITY, f64::min)
}

fn most(course: &Course, signal: &str) -> f64 {
    course[signal]
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max)
}

/// How often a signal passes `level` upwards.
fn rises(course: &Course, signal: &str, level: f64) -> usize {
    let values = &course[signal];
    values
        .windows(2)
        .filter(|pair| pair[0] < level && pair[1] >= level)
        .count()
}

#[track_caller]
fn check_within(course: &Course, signal: &str, low: f64, high: f64) {
    let (least, most) = (least(course, signal), most(course, signal));
    println!("{signal}: {least:.3} to {most:.3}");
    assert!(
        low <= least && most <= high,
        "{signal} goes from {least:.3} to {most:.3}, and should stay within {low} to {high}"
    );
}

#[test]
fn an_ordinary_day_is_ordinary() {
    let opened = scenes::waterworks();
    let pumps = ["P-101", "P-102", "P-103", "P-301", "P-302", "P-303"];
    let mut starts_in_all = [0; 6];
    for seed in 0..5 {
        let day = run(&opened, "Live", seed);
        // No tank runs dry or over, and each is used.
        check_within(&day, "TK-201.level", 0.8, 3.6);
        check_within(&day, "TK-301.level", 1.2, 3.8);
        check_within(&day, "TK-401.level", 2.5, 5.7);
        for (tank, swing) in [("TK-301", 0.8), ("TK-401", 0.8)] {
            let level = format!("{tank}.level");
            assert!(
                most(&day, &level) - least(&day, &level) > swing,
                "{level} hardly moves"
            );
            assert_eq!(most(&day, &format!("{tank}.overflow")), 0.0);
        }
        for district in ["D-411", "D-412", "D-413"] {
            check_within(&day, &format!("{district}.pressure"), 2.0, 6.0);
        }
        check_within(&day, "PT-301.pressure", 5.5, 7.0);
        check_within(&day, "AT-301.chlorine", 0.3, 1.0);
        check_within(&day, "AT-401.chlorine", 0.3, 1.0);
        check_within(&day, "AT-201.turbidity", 0.0, 0.4);
        for (pump, in_all) in pumps.into_iter().zip(&mut starts_in_all) {
            let starts = rises(&day, &format!("{pump}.running"), 0.5);
            assert!(starts <= 12, "{pump} starts {starts} times");
            *in_all += starts;
        }
        let beds = (1..=6).map(|bed| rises(&day, &format!("F-20{bed}.state"), 2.0));
        assert!(beds.sum::<usize>() >= 2, "filters are washed");
    }
    // Only the stand-by pump may rest on all of these days.
    for (pump, starts) in pumps.into_iter().zip(starts_in_all) {
        assert!(starts >= 1 || pump == "P-303", "{pump} never starts");
    }
}

#[test]
fn water_that_goes_in_comes_out_or_stays() {
    let opened = scenes::waterworks();
    let day = run(&opened, "Live", 7);
    // By output every five minutes, so the sums are as good as their steps.
    let sum = |signal: &str| day[signal].iter().sum::<f64>() * 300.0 / 3_600.0;
    let stored = |signal: &str, area: f64| {
        let values = &day[signal];
        (values[values.len() - 1] - values[0]) * area
    };
    let delivered: f64 = ["D-411", "D-412", "D-413"]
        .iter()
        .map(|tag| sum(&format!("{tag}.demand")))
        .sum();
    let kept = stored("TK-201.level", 290.0)
        + stored("TK-301.level", 800.0)
        + stored("TK-401.level", std::f64::consts::PI / 4.0 * 34.0 * 34.0);
    let (pumped, washed) = (sum("PL-102.flow"), sum("BW-201.demand"));
    let error = pumped - washed - delivered - kept;
    assert!(delivered > 15_000.0, "{delivered} m³ in a day");
    assert!(
        error.abs() < 0.02 * pumped,
        "{error:.0} m³ of {pumped:.0} m³ are missing"
    );
}

#[test]
fn a_tripped_pump_is_replaced() {
    let opened = scenes::waterworks();
    let day = run(&opened, "P-301 trips at +1 h", 1);
    let after = 13; // outputs every five minutes
    assert!(
        day["P-301.running"][after..]
            .iter()
            .all(|running| *running == 0.0)
    );
    for pump in ["P-302", "P-303"] {
        assert!(
            day[&format!("{pump}.running")][after..].contains(&1.0),
            "{pump} never runs"
        );
    }
    check_within(&day, "TK-401.level", 1.5, 6.0);
}

#[test]
fn a_shut_inlet_drains_the_reservoir_and_the_bypass_helps() {
    let opened = scenes::waterworks();
    let name = "Reservoir inlet valve shut for repair";
    let shut = run(&opened, name, 1);
    let lowest = least(&shut, "TK-401.level");
    assert!(lowest < 2.0, "{lowest} m");
    assert!(
        most(&shut, "P-301.discharge") > 8.0,
        "pumps work against the shut valve"
    );
    let inflow = &shut["PL-402.flow"][15..80];
    assert!(inflow.iter().all(|flow| flow.abs() < 1e-3), "{inflow:?}");

    let scenario = opened.scene.find_scenario(name).expect("a scenario");
    let mut bypassed = scenario.clone();
    bypassed.overrides.push(Override {
        signal: (opened.scene.find_signal("V-402.position")).expect("the bypass"),
        effect: Effect::Set(1.0),
        ..scenario.overrides[0].clone()
    });
    let bypassed = run_of(&opened, bypassed, 1);
    let helped = least(&bypassed, "TK-401.level");
    assert!(
        helped > lowest + 1.0,
        "{helped} m with the bypass, {lowest} m without"
    );
}

#[test]
fn five_filters_carry_the_load_of_six() {
    let opened = scenes::waterworks();
    let day = run(&opened, "Filter 3 out of service", 1);
    assert!(day["F-203.state"][1..].iter().all(|state| *state == 6.0));
    assert_eq!(
        most(&day, "V-203.position"),
        100.0,
        "it was open at the start"
    );
    assert_eq!(day["V-203.flow"][2], 0.0);
    check_within(&day, "TK-201.level", 0.8, 4.0);
    check_within(&day, "TK-401.level", 2.0, 5.8);
}

#[test]
fn a_flood_keeps_the_wash_line_busy() {
    let opened = scenes::waterworks();
    let washes = |scenario: &str| -> usize {
        let day = run(&opened, scenario, 3);
        (1..=6)
            .map(|bed| rises(&day, &format!("F-20{bed}.state"), 2.0))
            .sum()
    };
    let (ordinary, flood) = (washes("Live"), washes("Flood in the river"));
    assert!(
        flood > 2 * ordinary,
        "{flood} washes in a flood, {ordinary} on an ordinary day"
    );
}

#[test]
fn more_demand_lowers_the_reservoir() {
    let opened = scenes::waterworks();
    let lowest = |scenario: &str| least(&run(&opened, scenario, 2), "TK-401.level");
    assert!(lowest("Demand +30 %") < lowest("Live") - 0.2);
}

#[test]
fn pipes_end_where_their_neighbours_stand() {
    let opened = scenes::waterworks();
    let scene = &opened.scene;
    let reach = |asset: &Asset| {
        // Half the diagonal of the foot, and something for a bend.
        if asset.shape == Shape::Pipe {
            return 1.0;
        }
        0.5 * asset.size[0].hypot(asset.size[1]) + 1.0
    };
    for pipe in scene
        .assets
        .iter()
        .filter(|asset| asset.shape == Shape::Pipe)
    {
        let last = pipe.route[pipe.route.len() - 1];
        for link in &pipe.links {
            let next = scene.asset(*link);
            // To a place: its foot. To a pipe: any point of its course.
            let gap = match next.route.as_slice() {
                [] => distance(last, next.position),
                route => route
                    .windows(2)
                    .map(|leg| distance_to_leg(last, leg[0], leg[1]))
                    .fold(f64::INFINITY, f64::min),
            };
            let header = pipe.links.len() > 1;
            let gap = if header {
                // A header passes its neighbours on its way.
                let legs = pipe.route.windows(2);
                let begin = next.route.first().copied().unwrap_or(next.position);
                legs.map(|leg| distance_to_leg(begin, leg[0], leg[1]))
                    .fold(gap, f64::min)
            } else {
                gap
            };
            assert!(
                gap <= reach(next),
                "{} ends {gap:.1} m from {}",
                pipe.tag,
                next.tag
            );
        }
    }
}

/// Seen from above, m.
fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn distance_to_leg(point: [f64; 3], from: [f64; 3], to: [f64; 3]) -> f64 {
    let (along, off) = (
        [to[0] - from[0], to[1] - from[1]],
        [point[0] - from[0], point[1] - from[1]],
    );
    let length = along[0] * along[0] + along[1] * along[1];
    let share = if length > 0.0 {
        ((along[0] * off[0] + along[1] * off[1]) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    distance(
        point,
        [from[0] + share * along[0], from[1] + share * along[1], 0.0],
    )
}

//! Queues and lines of which the answer is known, and a line beside simpy.

use std::path::Path;
use std::process::Command;

use super::super::Plant;
use super::{interval, row, started};

const SEEDS: std::ops::Range<u64> = 0..20;

/// What happens to `count` and a mean over it between two instants.
fn mean_between(plant: &mut Plant, from: f64, to: f64, count: &str, mean: &str) -> (f64, f64) {
    plant.step(from);
    let (n0, sum0) = (plant.read(count), plant.read(count) * plant.read(mean));
    plant.step(to - from);
    let (n1, sum1) = (plant.read(count), plant.read(count) * plant.read(mean));
    (n1 - n0, (sum1 - sum0) / (n1 - n0))
}

#[test]
fn a_single_queue_waits_as_long_as_the_closed_form_says() {
    // M/M/1 with utilisation 0.9: W = 1 / (μ − λ) = 10 s.
    let text = r#"(tag: "L",
        sources: [(tag: "IN", arrivals: Every(Exponential("1111111us")), to: "M-1")],
        stations: [(tag: "M-1", cycle: Exponential("1s"), to: "OUT")],
        sinks: [(tag: "OUT")])"#;
    let runs = SEEDS.map(|seed| {
        let mut plant = started(text, seed);
        mean_between(&mut plant, 5e3, 1.5e5, "OUT.count", "OUT.lead_time").1
    });
    let (mean, half) = interval(&runs.collect::<Vec<_>>());
    println!("M/M/1: W = {mean:.3} ± {half:.3} s");
    assert!((mean - 10.0).abs() <= half, "W = {mean} ± {half} s");
    assert!(half < 0.5, "± {half} s tells little");
}

#[test]
fn two_stations_with_a_buffer_of_five_make_seven_eighths() {
    // States 0 to 7 of parts past the first station are equally likely; in one of them the second
    // station starves.
    let runs = SEEDS.map(|seed| {
        let mut plant = started(&row(2, 5), seed);
        plant.step(1e3);
        let before = plant.read("OUT.count");
        plant.step(5e4);
        (plant.read("OUT.count") - before) / 5e4
    });
    let (mean, half) = interval(&runs.collect::<Vec<_>>());
    println!("two stations: {mean:.4} ± {half:.4} /s");
    assert!((mean - 0.875).abs() <= half, "{mean} ± {half}");
    assert!(half < 0.005, "± {half} tells little");
}

#[test]
fn deterministic_and_erlang_service_wait_as_pollaczek_and_khinchine_say() {
    // W = 1/μ + λ (1 + c²) / (2 μ² (1 − ρ)), ρ = 0.8.
    for (cycle, squared_variation) in [
        (r#"Constant("1s")"#, 0.0),
        (r#"Erlang("1s", 4)"#, 0.25),
        (r#"Uniform("500ms", "1500ms")"#, 1.0 / 12.0),
    ] {
        let text = format!(
            r#"(tag: "L", sources: [(tag: "IN", arrivals: Every(Exponential("1250ms")), to: "B")],
                buffers: [(tag: "B", to: "M-1")],
                stations: [(tag: "M-1", cycle: {cycle}, to: "OUT")], sinks: [(tag: "OUT")])"#
        );
        let exact = 1.0 + 0.8 * (1.0 + squared_variation) / (2.0 * 0.2);
        let runs = SEEDS.map(|seed| {
            let mut plant = started(&text, seed);
            mean_between(&mut plant, 1e3, 3e4, "OUT.count", "OUT.lead_time").1
        });
        let (mean, half) = interval(&runs.collect::<Vec<_>>());
        println!("{cycle}: W = {mean:.3} ± {half:.3} s, exact {exact:.3} s");
        assert!(
            (mean - exact).abs() <= half,
            "{cycle}: {mean} ± {half}, exact {exact}"
        );
    }
}

#[test]
fn a_machine_that_fails_is_up_for_its_share_of_time() {
    // Saturated: up for MTBF / (MTBF + MTTR) of the time, whatever the distributions.
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("1s"), to: "OUT",
            failures: [(every: Exponential("90s"), repair: LogNormal("10s", 0.3))])],
        sinks: [(tag: "OUT")])"#;
    let repair = 10.0 * (0.3f64 * 0.3 / 2.0).exp();
    let exact = 90.0 / (90.0 + repair);
    let runs = SEEDS.map(|seed| {
        let mut plant = started(text, seed);
        plant.step(5e4);
        let availability = plant.read("M-1.availability");
        let made = plant.read("OUT.count") / 5e4;
        assert!(
            (availability - made).abs() < 1e-3,
            "{availability}, made {made}"
        );
        availability
    });
    let (mean, half) = interval(&runs.collect::<Vec<_>>());
    assert!(
        (mean - exact).abs() <= half,
        "{mean} ± {half}, exact {exact}"
    );
}

/// Rates of ten stations in twenty runs of simpy; `None`, loudly, without it.
fn simpy_rates(test: &str) -> Option<Vec<f64>> {
    let required = std::env::var_os("PARALLAX_REQUIRE_DATA").is_some_and(|flag| flag == "1");
    let python = std::env::var_os("PARALLAX_PEERS");
    let Some(python) = python.filter(|python| Path::new(python).exists()) else {
        assert!(!required, "{test}: no $PARALLAX_PEERS");
        eprintln!("skipped: {test}: $PARALLAX_PEERS names no Python with simpy");
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/line.py");
    let output = Command::new(python)
        .args([script, "row", "--stations", "10", "--buffer", "5"])
        .args(["--warm-up", "300", "--span", "1500", "--runs", "20"])
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("No module named 'simpy'") {
        assert!(!required, "{test}: {said}");
        eprintln!("skipped: {test}: simpy is not installed");
        return None;
    }
    assert!(output.status.success(), "{said}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rates = told["rates"].as_array().expect("rates");
    Some(
        rates
            .iter()
            .map(|rate| rate.as_f64().expect("a rate"))
            .collect(),
    )
}

#[test]
fn ten_stations_make_as_much_as_in_simpy() {
    let Some(theirs) = simpy_rates("ten_stations_make_as_much_as_in_simpy") else {
        return;
    };
    let ours = SEEDS.map(|seed| {
        let mut plant = started(&row(10, 5), seed);
        plant.step(300.0);
        let before = plant.read("OUT.count");
        plant.step(1_500.0);
        (plant.read("OUT.count") - before) / 1_500.0
    });
    let (theirs, their_half) = interval(&theirs);
    let (ours, our_half) = interval(&ours.collect::<Vec<_>>());
    println!("ten stations: {ours:.4} ± {our_half:.4} /s, simpy {theirs:.4} ± {their_half:.4} /s");
    let half = our_half.hypot(their_half);
    assert!(
        (ours - theirs).abs() <= half,
        "{ours} ± {our_half}, simpy {theirs} ± {their_half}"
    );
}

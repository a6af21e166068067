//! Control loops at their border: measurements in, outputs out.

use super::{Plant, problems};
use parallax::time::Timestamp;

fn started(configuration: &str, board: &[(&str, f64)]) -> Plant {
    let mut plant = Plant::new(&[("controls", configuration)]);
    for (signal, value) in board {
        plant.set(signal, *value);
    }
    plant.start(Timestamp::from_secs(0), 0);
    plant
}

/// Steps a minute under each level and compares what runs, in the order of the pumps.
#[track_caller]
fn check(plant: &mut Plant, pumps: &[&str], rows: &[(f64, &str)]) {
    for (index, (level, expected)) in rows.iter().enumerate() {
        plant.set("TK.level", *level);
        plant.step(60.0);
        let running = pumps
            .iter()
            .map(|tag| plant.read(&format!("{tag}.running")));
        let running: String = running
            .map(|value| if value > 0.5 { '1' } else { '0' })
            .collect();
        assert_eq!(&running, expected, "row {index}, level {level}");
    }
}

const ON_OFF: &str = r#"(loops: [
    OnOff(measure: "TK.level", low: "2 m", high: "4 m", output: "P-1.running"),
])"#;

#[test]
fn two_point_control_holds_between_its_limits() {
    let mut plant = started(ON_OFF, &[("P-1.running", 0.0)]);
    let rows = [
        (3.0, "0"),
        (1.9, "1"),
        (3.9, "1"),
        (4.1, "0"),
        (2.1, "0"),
        (1.9, "1"),
    ];
    check(&mut plant, &["P-1"], &rows);
}

const STAGING: &str = r#"(loops: [
    Staging(measure: "TK.level", pumps: ["A", "B", "C"], delay: "0s",
            start: ["3 m", "2 m"], stop: ["4 m", "3.5 m"]),
])"#;

#[test]
fn pumps_take_turns() {
    let mut plant = started(STAGING, &[]);
    check(
        &mut plant,
        &["A", "B", "C"],
        &[
            (3.2, "000"),
            (2.9, "100"),
            (1.9, "110"),
            (3.6, "010"), // the one that ran longest stops first
            (4.1, "000"),
            (2.9, "001"), // the one that rested longest starts first
            (4.1, "000"),
            (2.9, "100"),
        ],
    );
}

#[test]
fn a_pump_that_trips_is_replaced_and_comes_back_in_its_turn() {
    let mut plant = started(STAGING, &[("TK.level", 2.5), ("A.running", 1.0)]);
    check(&mut plant, &["A", "B", "C"], &[(2.5, "100")]);
    plant.hold("A.available", 0.0);
    check(
        &mut plant,
        &["A", "B", "C"],
        &[(2.5, "010"), (1.9, "011"), (1.5, "011")],
    );
    plant.hold("A.available", 1.0);
    check(
        &mut plant,
        &["A", "B", "C"],
        &[(3.6, "001"), (4.1, "000"), (2.9, "100")],
    );
}

#[test]
fn pumps_that_drain_start_above() {
    let mut plant = started(
        r#"(loops: [
            Staging(measure: "TK.level", pumps: ["A", "B"], delay: "0s", alternate: false,
                    start: ["3 m", "4 m"], stop: ["1 m", "2 m"]),
        ])"#,
        &[],
    );
    let rows = [
        (2.5, "00"),
        (3.1, "10"),
        (4.1, "11"),
        (2.5, "11"),
        (1.9, "10"),
        (0.9, "00"),
    ];
    check(&mut plant, &["A", "B"], &rows);
}

#[test]
fn starts_wait_for_their_delay() {
    let delayed = STAGING.replace("0s", "3min");
    let mut plant = started(&delayed, &[]);
    let rows = [
        (1.0, "100"),
        (1.0, "100"),
        (1.0, "100"),
        (1.0, "110"),
        (1.0, "110"),
    ];
    check(&mut plant, &["A", "B", "C"], &rows);
}

#[test]
fn a_controller_takes_over_without_a_bump_and_moves_all_its_outputs() {
    let mut plant = started(
        r#"(loops: [
            Pid(measure: "TK.level", setpoint: "3 m", setpoint_signal: "LIC.setpoint", band: "2 m",
                integral: "10min", outputs: ["A.speed", "B.speed"], low: "50 %", high: "100 %"),
        ])"#,
        &[("TK.level", 3.0), ("A.speed", 0.8)],
    );
    plant.step(60.0);
    assert_eq!((plant.read("A.speed"), plant.read("B.speed")), (0.8, 0.8));
    plant.set("TK.level", 2.8);
    plant.step(60.0);
    let after = plant.read("A.speed");
    // K Δe + K e Δt/Ti = 0.25 (0.2 + 0.2 · 60/600)
    assert!((after - (0.8 + 0.25 * 0.22)).abs() < 1e-12, "{after}");
    plant.set("LIC.setpoint", 1.0);
    for _ in 0..200 {
        plant.step(60.0);
    }
    assert_eq!(plant.read("B.speed"), 0.5);
}

#[test]
fn a_ratio_follows_up_to_its_most() {
    let mut plant = started(
        r#"(loops: [
            Ratio(input: "FT.flow", at: "1000 m3/h", gives: "50 %", most: "80 %", output: "DP.stroke"),
        ])"#,
        &[("FT.flow", 0.0)],
    );
    for (flow, stroke) in [(500.0, 0.25), (1_500.0, 0.75), (9_000.0, 0.8), (-10.0, 0.0)] {
        plant.set("FT.flow", flow / 3_600.0);
        plant.step(60.0);
        assert!(
            (plant.read("DP.stroke") - stroke).abs() < 1e-12,
            "{flow} m³/h"
        );
    }
}

#[test]
fn a_restored_state_goes_on_as_the_straight_run() {
    let text = format!(
        "(loops: [{}, Pid(measure: \"TK.level\", setpoint: \"3 m\", band: \"2 m\", integral: \"9min\", \
         derivative: \"30s\", outputs: [\"D.speed\"], low: \"0 %\", high: \"100 %\")])",
        STAGING
            .trim_start_matches("(loops: [")
            .trim_end()
            .trim_end_matches("])")
            .trim_end()
            .trim_end_matches(',')
    );
    let level = |minute: i32| 3.0 + 1.3 * (f64::from(minute) * 0.21).sin();
    let run = |plant: &mut Plant, minutes: std::ops::Range<i32>| {
        for minute in minutes {
            plant.set("TK.level", level(minute));
            plant.step(60.0);
        }
    };
    let mut plant = started(&text, &[("TK.level", level(0))]);
    run(&mut plant, 0..40);
    let (saved, board, at) = (plant.save(), plant.board.clone(), plant.at);
    run(&mut plant, 40..90);
    let straight = plant.board.clone();
    let mut other = started(&text, &[("TK.level", 0.5)]);
    run(&mut other, 7..11);
    other.restore(&saved);
    (other.board, other.at) = (board, at);
    run(&mut other, 40..90);
    assert_eq!(straight, other.board);
    let short = parallax::models::ModelState::default();
    assert!(other.models[0].restore(&short).is_err());
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    let told = problems(
        "controls",
        r#"(loops: [
    OnOff(measure: "TK-level", low: "4 m", high: "3 m", output: "P.running"),
    OnOff(measure: "TK.level", low: "1 m", high: "3 bar", output: "P.running"),
    Staging(measure: "TK.level", pumps: ["A"], start: ["3 m", "2 m"], stop: ["4 m"]),
    Pid(measure: "TK.level", setpoint: "3 m", band: "0 m", integral: "soon",
        outputs: [], low: "0 %", high: "100 %"),
    Schedule(output: "V.position", values: [("25:00", "1")]),
    Ratio(input: "TK.level", at: "0 m", gives: "1", output: "D.stroke"),
])"#,
    );
    for part in [
        "config:2: `TK-level` is not the name of a signal",
        "config:2: `low` of the loop of `P.running` is not below `high`",
        "config:3: `high` of the loop of `P.running` is `3 bar`: Pressure, not Length",
        "config:3: `P.running` is written twice",
        "config:4: the loop of `TK.level` has 1 pumps, 2 `start` levels and 1 `stop` levels",
        "config:5: `band` of the loop of `TK.level` must be above zero",
        "config:5: `integral` of the loop of `TK.level`: `soon` is not a duration",
        "config:6: the loop of `TK.level` has nothing to move",
        "config:7: `25:00` is not a time of day",
        "config:8: `at` of the loop of `D.stroke` must be above zero",
    ] {
        assert!(told.contains(part), "`{part}` is not in\n{told}");
    }
}

//! Lines that cannot be: every mistake is told with its line and a way out.

use super::super::{Plant, problems};
use super::started;
use parallax::models::ModelError;
use parallax::models::StepSpan;
use parallax::time::Timestamp;
use std::time::Duration;

#[track_caller]
fn check(text: &str, wanted: &[&str]) {
    let told = problems("line", text);
    for wanted in wanted {
        assert!(told.contains(wanted), "no `{wanted}` in:\n{told}");
    }
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    check(
        r#"(
    tag: "L",
    products: ["A"],
    sources: [(tag: "IN", arrivals: Every(Exponential("0s")), mix: [("C", 1)], to: "B-1")],
    buffers: [
        (tag: "B-1", capacity: 0, to: "M-9"),
        (tag: "B-2", to: []),
    ],
    stations: [
        (tag: "M-1", cycle: Triangular("3s", "9s", "5s"), bad_share: 1.5, operator: "weld",
         to: "B-2"),
        (tag: "M-1", cycle: Constant("-3s"), to: "IN"),
    ],
    conveyors: [(tag: "C-1", length: "1 m", speed: "0 m/s", pitch: "2 m", to: "OUT")],
    carriers: [(tag: "T-1", fleet: "AVG", pick_up: "a", drop: "b", to: "OUT")],
    fleets: [(tag: "AGV", count: 2, speed: "1 m/s", home: "a")],
    stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (9, 0, 0))],
    sinks: [(tag: "OUT")],
    shifts: [(from: "25:00", to: "14:00")],
)"#,
        &[
            "config:4: `arrivals` of `IN` must be above zero",
            "config:4: `mix` of `IN`: there is no product `C`",
            "config:6: `B-1` has a capacity of 0",
            "config:6: `B-1` sends parts to `M-9`, which is not there",
            "did you mean `M-1`?",
            "config:7: parts of `B-2` go nowhere",
            "`cycle` of `M-1` must be the least, the likeliest and the most",
            "`bad_share` of `M-1` is 1.5",
            "nobody has the skill `weld` that `M-1` needs",
            "config:12: `M-1` is there twice",
            "config:12: `M-1` sends parts to the source `IN`",
            "config:14: `speed` of `C-1` must be above zero",
            "config:14: `C-1` has room for 0 parts",
            "config:15: there is no fleet `AVG`",
            "did you mean `AGV`?",
            "config:19: `25:00` is not a time of day",
        ],
    );
}

#[test]
fn times_of_zero_or_less_and_missing_routes_are_told_with_a_way_out() {
    let station = |fields: &str| {
        format!(
            r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
stations: [(tag: "M-1", to: "OUT",
{fields})],
sinks: [(tag: "OUT")])"#
        )
    };
    for (fields, wanted) in [
        (
            r#"cycle: Constant("0s")"#,
            "config:3: `cycle` of `M-1` must be above zero",
        ),
        (r#"cycle: Exponential("-2s")"#, "config:3: `cycle` of `M-1`"),
        (r#"cycle: Constant("2 bar")"#, "config:3: `cycle` of `M-1`"),
        (
            r#"cycle: Constant("2s"), setup: Constant("-1s")"#,
            "config:3: `setup` of `M-1`",
        ),
        (
            r#"cycle: Constant("2s"), failures: [(every: Exponential("0s"), repair: Constant("1s"))]"#,
            "config:3: `every` of",
        ),
        (
            r#"cycle: Constant("2s"), failures: [(every: Exponential("9s"), repair: Constant("-1s"))]"#,
            "config:3: `repair` of",
        ),
        (
            r#"cycle: Constant("2s"), maintenance: (when: Every("0s"), takes: Constant("1s"))"#,
            "config:3: `when` of",
        ),
        (
            r#"cycle: Constant("2s"), maintenance: (when: Every("9s"), takes: Constant("-1s"))"#,
            "config:3: `takes` of",
        ),
        (
            r#"cycle: Constant("2s"), ideal: "0s""#,
            "config:3: `ideal` of `M-1`",
        ),
        (
            r#"cycle: Constant("2s"), bad_share: 0.1, bad_to: "SCRAP""#,
            "config:3: `M-1` sends parts to `SCRAP`, which is not there",
        ),
        (
            r#"cycle: Constant("2s"), by_product: {"part": "NOWHERE"}"#,
            "config:3: `M-1` sends parts to `NOWHERE`, which is not there",
        ),
    ] {
        check(&station(fields), &[wanted]);
    }
    check(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "T-1")],
carriers: [(tag: "T-1", fleet: "F", pick_up: "a", drop: "b",
    to: "NOWHERE")],
fleets: [(tag: "F", count: 1,
    speed: "-1 m/s", handling: "-3s", home: "a")],
stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (9, 0, 0))],
lanes: [(from: "a", to: "b", two_way: true)], sinks: [(tag: "OUT")])"#,
        &[
            "config:3: `T-1` sends parts to `NOWHERE`, which is not there",
            "config:5: `speed` of `F` must be above zero",
            "config:5: `handling` of `F`",
        ],
    );
}

#[test]
fn a_way_that_never_ends_is_found() {
    check(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
            stations: [
                (tag: "M-1", cycle: Constant("1s"), to: "M-2"),
                (tag: "M-2", cycle: Constant("1s"), to: "M-1"),
            ], sinks: [(tag: "OUT")])"#,
        &[
            "config:3: parts of `M-1` never reach a sink",
            "parts of `IN` never",
        ],
    );
    check(
        r#"(tag: "L", sources: [], sinks: [])"#,
        &["the line has no sources", "the line has no sinks"],
    );
}

#[test]
fn lanes_must_lead_where_vehicles_are_sent() {
    check(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "T-1")],
            carriers: [(tag: "T-1", fleet: "F", pick_up: "a", drop: "b", load: 0, to: "OUT")],
            fleets: [(tag: "F", count: 0, speed: "1 m/s", home: "c"),
                     (tag: "G", count: 1, speed: "1 bar", home: "c")],
            stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (0, 0, 0))],
            lanes: [(from: "a", to: "b")], sinks: [(tag: "OUT")])"#,
        &[
            "`load` of `T-1` is 0",
            "fleet `F` has 0 vehicles",
            "there is no stop `c`",
            "the lane from `a` to `b` has no length",
            "Pressure, not Speed",
        ],
    );
    check(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "T-1")],
            carriers: [(tag: "T-1", fleet: "F", pick_up: "a", drop: "b", to: "OUT")],
            fleets: [(tag: "F", count: 1, speed: "1 m/s", home: "a")],
            stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (9, 0, 0))],
            lanes: [(from: "a", to: "b")], sinks: [(tag: "OUT")])"#,
        &["config:2: no lanes lead from stop `b` to `a`"],
    );
}

#[test]
fn a_text_of_another_shape_is_one_problem() {
    check("(tag: \"L\", machines: [])", &["machines"]);
    check("(tag: \"L\",", &["config:1"]);
}

/// The error of a line that gets stuck.
#[track_caller]
fn failure(text: &str, secs: u64) -> ModelError {
    let mut plant: Plant = started(text, 1);
    let model = &mut plant.models[0];
    let defaults = model.ports().iter().map(|port| port.default.unwrap_or(0.0));
    let mut values: Vec<_> = defaults.collect();
    let span = StepSpan {
        at: Timestamp::from_secs(0),
        dt: Duration::from_secs(secs),
    };
    let Err(error) = model.step(span, &mut values) else {
        panic!("it goes on")
    };
    error
}

#[test]
fn a_deadlock_is_named_who_waits_for_whom() {
    // Every part is bad at first and goes back; the ring of two stations and a buffer fills up.
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "B-1")],
        buffers: [(tag: "B-1", capacity: 2, to: "M-1")],
        stations: [
            (tag: "M-1", cycle: Constant("2s"), to: "M-2"),
            (tag: "M-2", cycle: Constant("1s"), bad_share: 1, bad_to: "B-1", to: "OUT"),
        ], sinks: [(tag: "OUT")])"#;
    let error = failure(text, 100).to_string();
    assert!(error.contains("nothing can move any more"), "{error}");
    for link in [
        "`B-1` waits for `M-1`",
        "`M-1` waits for `M-2`",
        "`M-2` waits for `B-1`",
    ] {
        assert!(error.contains(link), "no {link} in: {error}");
    }
}

#[test]
fn a_wrong_part_in_front_of_an_assembly_is_a_deadlock() {
    let text = r#"(tag: "L", products: ["A", "B"],
        sources: [(tag: "IN", arrivals: Unlimited, campaigns: [("A", 5), ("B", 5)], to: "B-1")],
        buffers: [(tag: "B-1", capacity: 3, to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("2s"), takes: [("A", 1), ("B", 1)], to: "OUT")],
        sinks: [(tag: "OUT")])"#;
    let error = failure(text, 100).to_string();
    assert!(error.contains("`B-1` waits for `M-1`"), "{error}");
}

#[test]
fn vehicles_that_all_stand_loaded_before_a_full_cell_are_a_deadlock() {
    // The cell cannot unload, as both vehicles wait to give it more.
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "T-1")],
        carriers: [(tag: "T-1", fleet: "F", pick_up: "a", drop: "b", to: "M-1"),
                   (tag: "T-2", fleet: "F", pick_up: "b", drop: "a", to: "OUT")],
        stations: [(tag: "M-1", cycle: Constant("30s"), to: "T-2")], sinks: [(tag: "OUT")],
        fleets: [(tag: "F", count: 2, speed: "3 m/s", home: "a")],
        stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (0, 30, 0))],
        lanes: [(from: "a", to: "b", two_way: true)])"#;
    let error = failure(text, 10_000).to_string();
    assert!(
        error.contains(
            "any more: `F` waits for `T-1` waits for `M-1` waits for `T-2` waits for `F`"
        ),
        "{error}"
    );
}

#[test]
fn a_man_beside_his_broken_machine_who_waits_for_himself_is_a_deadlock() {
    // The only one who can repair it is kept by the part that he was working on.
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("2s"), operator: "weld", to: "OUT",
            failures: [(every: Constant("100s"), repair: Constant("9s"), repairer: "mend")])],
        sinks: [(tag: "OUT")],
        operators: [(tag: "CREW", skills: ["weld", "mend"], count: 1)])"#;
    let error = failure(&text.replace("100s", "101s"), 1_000).to_string();
    assert!(
        error.contains("`M-1` waits for `CREW` waits for `M-1`"),
        "{error}"
    );
    // A second one mends it.
    let mut plant = started(&text.replace("count: 1", "count: 2"), 1);
    plant.step(1_000.0);
    assert!(plant.read("OUT.count") > 400.0);
    // So does somebody who comes later: nobody is there, so nobody is waited for in vain.
    let apart = text.replace(
        r#"(tag: "CREW", skills: ["weld", "mend"], count: 1)"#,
        r#"(tag: "CREW", skills: ["weld"], count: 1), (tag: "FIT", skills: ["mend"], count: 0)"#,
    );
    let mut plant = started(&apart, 1);
    plant.step(1_000.0);
    assert_eq!(plant.read("OUT.count"), 50.0);
}

#[test]
fn two_machines_that_keep_all_people_wait_for_each_other() {
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, choose: Turns,
            to: ["M-1", "M-2"])],
        stations: [
            (tag: "M-1", cycle: Constant("40s"), operator: "weld", to: "OUT",
             failures: [(every: Constant("33s"), repair: Constant("9s"), repairer: "mend")]),
            (tag: "M-2", cycle: Constant("40s"), operator: "weld", to: "OUT",
             failures: [(every: Constant("35s"), repair: Constant("9s"), repairer: "mend")]),
        ], sinks: [(tag: "OUT")],
        operators: [(tag: "CREW", skills: ["weld", "mend"], count: 2)])"#;
    let error = failure(text, 1_000).to_string();
    assert!(
        error.contains("`M-1` waits for `CREW` waits for `M-1`"),
        "{error}"
    );
}

#[test]
fn a_line_that_stands_for_a_reason_is_no_deadlock() {
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "B-1")],
        buffers: [(tag: "B-1", capacity: 2, to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("2s"), operator: "any", to: "OUT")],
        sinks: [(tag: "OUT")], operators: [(tag: "CREW", skills: ["any"], count: 0)])"#;
    let mut plant = started(text, 1);
    plant.step(1_000.0);
    assert_eq!(plant.read("OUT.count"), 0.0);
    assert_eq!(plant.read("M-1.state"), 7.0);
    plant.hold("CREW.count", 1.0);
    plant.hold("M-1.available", 0.0);
    plant.step(1_000.0);
    plant.hold("M-1.available", 1.0);
    plant.step(1_000.0);
    assert_eq!(plant.read("OUT.count"), 500.0);
}

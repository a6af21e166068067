//! What a line does: setups, assembly, rework, conveyors, shifts, people, upkeep, orders, energy.

use super::super::Plant;
use super::{row, started, started_at};
use parallax::time::Timestamp;

/// A line of one station that is fed without end; `more` are fields of the station.
fn one_station(more: &str, rest: &str) -> String {
    format!(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
            stations: [(tag: "M-1", to: "OUT", {more})], sinks: [(tag: "OUT")], {rest})"#
    )
}

#[track_caller]
fn check(plant: &Plant, signal: &str, wanted: f64) {
    let found = plant.read(signal);
    let near = (found - wanted).abs() <= 1e-6 * wanted.abs().max(1.0);
    assert!(near, "{signal} is {found}, not {wanted}");
}

#[test]
fn a_station_makes_a_part_a_cycle_and_tells_its_energy() {
    let text = one_station(
        r#"cycle: Constant("10s"), power: (idle: "1 kW", working: "5 kW", off: "100 W")"#,
        "",
    );
    let mut plant = started(&text, 1);
    plant.step(100.0);
    check(&plant, "OUT.count", 10.0);
    check(&plant, "OUT.rate", 0.1);
    check(&plant, "OUT.lead_time", 10.0);
    check(&plant, "M-1.utilisation", 1.0);
    check(&plant, "M-1.power", 5e3);
    check(&plant, "M-1.energy", 5e5);
    plant.hold("M-1.available", 0.0);
    plant.step(100.0);
    check(&plant, "OUT.count", 10.0);
    check(&plant, "M-1.state", 6.0);
    check(&plant, "M-1.up", 0.0);
    check(&plant, "M-1.energy", 5e5 + 1e4);
    plant.hold("M-1.available", 1.0);
    plant.hold("M-1.speed_factor", 2.0);
    plant.step(100.0);
    // The part at hand keeps the speed with which it began.
    check(&plant, "OUT.count", 10.0 + 1.0 + 18.0);
}

#[test]
fn a_change_of_product_takes_its_setup() {
    let text = r#"(tag: "L", products: ["A", "B"],
        sources: [(tag: "IN", arrivals: Unlimited, campaigns: [("A", 2), ("B", 1)], to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("10s"), cycles: {"B": Constant("20s")},
            setup: Constant("5s"), setups: [("B", "A", Constant("15s"))], to: "OUT")],
        sinks: [(tag: "OUT")])"#;
    let mut plant = started(text, 1);
    // 10 + 10 + (5 + 20) + (15 + 10 + 10) + (5 + 20) + ...: 60 s from the second A to the next.
    plant.step(45.0);
    check(&plant, "OUT.count", 3.0);
    plant.step(10.0);
    check(&plant, "M-1.state", 3.0);
    plant.step(45.0 + 600.0 - 55.0);
    check(&plant, "OUT.count", 3.0 + 30.0);
    check(&plant, "M-1.utilisation", (40.0 + 400.0) / 645.0);
    check(&plant, "M-1.performance", 1.0);
}

#[test]
fn what_is_put_together_takes_all_its_parts_and_comes_apart_again() {
    let text = r#"(tag: "L", products: ["body", "wheel", "car"],
        sources: [
            (tag: "BODIES", arrivals: Unlimited, mix: [("body", 1)], to: "B-1"),
            (tag: "WHEELS", arrivals: Every(Constant("1s")), mix: [("wheel", 1)], to: "B-2"),
        ],
        buffers: [(tag: "B-1", capacity: 3, to: "M-1"), (tag: "B-2", capacity: 9, to: "M-1"),
                  (tag: "B-3", to: "M-2")],
        stations: [
            (tag: "M-1", cycle: Constant("2s"), takes: [("body", 1), ("wheel", 4)],
             makes: [("car", 1)], to: "B-3"),
            (tag: "M-2", cycle: Constant("1s"), takes: [("car", 1)],
             makes: [("body", 1), ("wheel", 4)], to: ["OUT"], by_product: {"wheel": "BIN"}),
        ],
        sinks: [(tag: "OUT"), (tag: "BIN")])"#;
    let mut plant = started(text, 1);
    plant.step(400.5);
    // Four wheels come every 4 s: the first set is complete at 4 s and a car at 6 s, apart at 7 s.
    check(&plant, "OUT.count", 99.0);
    check(&plant, "BIN.count", 4.0 * 99.0);
    check(&plant, "M-1.utilisation", (99.0 * 2.0 + 0.5) / 400.5);
}

#[test]
fn bad_parts_go_round_until_they_are_good() {
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
        buffers: [(tag: "REWORK", to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("1s"), bad_share: 0.25, bad_to: "REWORK",
                    to: "OUT")],
        sinks: [(tag: "OUT")])"#;
    let mut plant = started(text, 4);
    plant.step(40_000.0);
    let good = plant.read("OUT.count") / 40_000.0;
    // Three of four attempts; the standard error is 0.0022.
    assert!((good - 0.75).abs() < 0.0065, "{good}");
    check(&plant, "OUT.bad_count", 0.0);
    let quality = plant.read("M-1.quality");
    assert!((quality - good).abs() < 1e-3, "{quality}");
}

#[test]
fn a_conveyor_takes_its_time_and_fills_up_behind_a_machine_that_stands() {
    let text = |accumulating: bool| {
        format!(
            r#"(tag: "L", sources: [(tag: "IN", arrivals: Every(Constant("2s")), to: "C-1")],
            conveyors: [(tag: "C-1", length: "10 m", speed: "1 m/s", pitch: "1 m",
                         accumulating: {accumulating}, to: "M-1")],
            stations: [(tag: "M-1", cycle: Constant("1s"), to: "OUT")], sinks: [(tag: "OUT")])"#
        )
    };
    for (accumulating, most) in [(true, 10.0), (false, 6.0)] {
        let mut plant = started(&text(accumulating), 1);
        plant.step(13.5);
        // On at 2 s, off at 12 s, made at 13 s.
        check(&plant, "OUT.count", 1.0);
        check(&plant, "OUT.lead_time", 11.0);
        plant.hold("M-1.available", 0.0);
        plant.step(100.0);
        // A belt that stops keeps the distances of 2 m; the others close up.
        check(&plant, "C-1.level", most);
        assert!(plant.read("IN.waiting") > 40.0);
        plant.hold("M-1.available", 1.0);
        plant.hold("IN.rate_factor", 0.0);
        plant.step(1_000.0);
        check(&plant, "L.wip", 0.0);
        check(&plant, "OUT.count", plant.read("IN.count"));
        // A saturated belt gives a part a second: all were through well before.
    }
}

#[test]
fn a_conveyor_that_is_switched_off_keeps_what_is_on_it() {
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Every(Constant("2s")), to: "C-1")],
        conveyors: [(tag: "C-1", length: "10 m", speed: "1 m/s", pitch: "1 m", to: "OUT")],
        sinks: [(tag: "OUT")])"#;
    let mut plant = started(text, 1);
    plant.step(11.0);
    plant.hold("C-1.running", 0.0);
    plant.step(50.0);
    check(&plant, "C-1.level", 5.0);
    check(&plant, "OUT.count", 0.0);
    plant.hold("C-1.running", 1.0);
    plant.step(1.5);
    check(&plant, "OUT.count", 1.0);
}

#[test]
fn stations_rest_between_shifts_and_go_on_where_they_stopped() {
    let text = one_station(
        r#"cycle: Constant("7min")"#,
        r#"shifts: [(days: [Mon, Tue, Wed, Thu, Fri], from: "06:00", to: "14:00")]"#,
    );
    // 2 March 2026 is a Monday.
    let mut plant = started_at(&text, "2026-03-02T00:00:00Z", 1);
    plant.step(3_600.0);
    check(&plant, "L.on_shift", 0.0);
    check(&plant, "M-1.state", 6.0);
    plant.step(7.0 * 86_400.0 - 3_600.0);
    check(&plant, "OUT.count", (5.0f64 * 8.0 * 60.0 / 7.0).floor());
    check(&plant, "M-1.availability", 1.0);
    check(&plant, "M-1.utilisation", 40.0 / 168.0);
    plant.hold("L.shift", 0.0);
    plant.step(86_400.0);
    check(&plant, "OUT.count", (5.0f64 * 8.0 * 60.0 / 7.0).floor());
}

#[test]
fn one_operator_works_at_one_machine_at_a_time() {
    let station = |name: &str| {
        format!(r#"(tag: "{name}", cycle: Constant("10s"), operator: "weld", to: "OUT"),"#)
    };
    let text = format!(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: ["M-1", "M-2", "M-3"])],
        stations: [{}{}{}], sinks: [(tag: "OUT")],
        operators: [(tag: "CREW", skills: ["weld"], count: 1)])"#,
        station("M-1"),
        station("M-2"),
        station("M-3")
    );
    let mut plant = started(&text, 1);
    plant.step(305.0);
    check(&plant, "OUT.count", 30.0);
    check(&plant, "CREW.busy", 1.0);
    // First come first served: all three get their turn.
    for station in ["M-1", "M-2", "M-3"] {
        assert!((plant.read(&format!("{station}.count")) - 10.0).abs() <= 1.0);
    }
    plant.hold("CREW.count", 3.0);
    plant.step(100.0);
    let made = plant.read("OUT.count");
    assert!((59.0..=60.0).contains(&made), "{made}");
    plant.hold("CREW.count", 0.0);
    plant.step(100.0);
    check(&plant, "M-2.state", 7.0);
}

#[test]
fn maintenance_in_time_prevents_failures() {
    let machine = |maintenance: &str| {
        one_station(
            &format!(
                r#"cycle: Constant("1min"), {maintenance}
                failures: [(every: Weibull("100h", 8), repair: Constant("20h"))],"#
            ),
            "",
        )
    };
    let availability = |maintenance: &str| {
        let mut plant = started(&machine(maintenance), 3);
        plant.step(3e7);
        plant.read("OUT.count") / 5e5
    };
    let to_failure = availability("");
    // Mean life 94.2 h, repair 20 h.
    assert!((to_failure - 94.2 / 114.2).abs() < 0.01, "{to_failure}");
    for rule in [r#"Used("60h")"#, r#"Every("61h")"#, "Worn(0.75)"] {
        let kept = availability(&format!(
            r#"maintenance: (when: {rule}, takes: Constant("1h")),"#
        ));
        assert!(
            kept > to_failure + 0.1,
            "{rule}: {kept}, to failure {to_failure}"
        );
        assert!(kept < 0.99, "{rule}: {kept}");
    }
}

#[test]
fn a_repair_waits_for_who_can_do_it() {
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: ["M-1", "M-2"])],
        stations: [
            (tag: "M-1", cycle: Constant("1s"), to: "OUT", failures: [(every: Constant("100s"),
             repair: Constant("50s"), repairer: "mend", clock: Time)]),
            (tag: "M-2", cycle: Constant("1s"), to: "OUT", failures: [(every: Constant("110s"),
             repair: Constant("50s"), repairer: "mend", clock: Time)]),
        ],
        sinks: [(tag: "OUT")], operators: [(tag: "CREW", skills: ["mend"], count: 1)])"#;
    let mut plant = started(text, 1);
    plant.step(155.0);
    check(&plant, "M-1.state", 1.0);
    check(&plant, "M-2.state", 4.0);
    plant.step(44.0);
    // Failed at 110 s, the repairer came at 150 s and left at 200 s.
    check(&plant, "M-2.state", 4.0);
    plant.step(2.0);
    check(&plant, "M-2.state", 1.0);
}

#[test]
fn orders_are_done_when_their_last_good_part_leaves() {
    let text = r#"(tag: "L", products: ["A", "B"], sources: [(tag: "IN", to: "M-1",
            arrivals: Orders([
                (name: "second", product: "B", count: 3, release: "100s", due: "200s"),
                (name: "first", product: "A", count: 5, due: "40s"),
            ]))],
        stations: [(tag: "M-1", cycle: Constant("10s"), to: "OUT")], sinks: [(tag: "OUT")])"#;
    let mut plant = started(text, 1);
    plant.step(39.0);
    check(&plant, "L.late_orders", 0.0);
    plant.step(12.0);
    check(&plant, "L.orders_done", 1.0);
    check(&plant, "L.late_orders", 1.0);
    check(&plant, "M-1.state", 0.0);
    plant.step(100.0);
    check(&plant, "L.orders_done", 2.0);
    check(&plant, "L.late_orders", 1.0);
    check(&plant, "OUT.count", 8.0);
}

#[test]
fn a_line_begins_where_it_was_measured() {
    let mut plant = Plant::new(&[("line", &row(3, 5))]);
    for (signal, value) in [
        ("B-1.level", 4.0),
        ("B-2.level", 3.0),
        ("M-2.state", 2.0),
        ("M-3.state", 1.0),
        ("OUT.count", 1_000.0),
        ("M-3.count", 1_010.0),
    ] {
        plant.set(signal, value);
    }
    plant.start(Timestamp::from_secs(0), 1);
    check(&plant, "B-1.level", 3.0); // one went into the second station, which could unload
    check(&plant, "B-2.level", 4.0);
    check(&plant, "M-2.state", 1.0);
    check(&plant, "OUT.count", 1_000.0);
    // Found: 4 + 3 + 1 + 1; the first station has taken one more.
    check(&plant, "L.wip", 10.0);
    plant.step(100.0);
    let made = plant.read("OUT.count") - 1_000.0;
    check(&plant, "M-3.count", 1_010.0 + made);
    assert!(made > 50.0, "{made}");
}

#[test]
fn the_slow_station_is_the_bottleneck() {
    let text = row(5, 3).replace(
        r#"(tag: "M-4", cycle: Exponential("1s")"#,
        r#"(tag: "M-4", cycle: Exponential("1500ms")"#,
    );
    let mut plant = started(&text, 2);
    plant.step(5_000.0);
    check(&plant, "L.bottleneck", 4.0);
    check(&plant, "L.turning_point", 4.0);
    assert!(plant.read("M-2.blocked") > plant.read("M-2.starved"));
    assert!(plant.read("M-5.blocked") < plant.read("M-5.starved"));
}

#[test]
fn what_limits_a_line_now_moves_with_a_breakdown() {
    // The second station limits this line, until the third stands still.
    let text = r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
        stations: [(tag: "M-1", cycle: Constant("2s"), to: "B-1"),
                   (tag: "M-2", cycle: Constant("3s"), to: "B-2"),
                   (tag: "M-3", cycle: Constant("1s"), to: "OUT",
                    failures: [(every: Constant("100s"), repair: Constant("200s"))])],
        buffers: [(tag: "B-1", capacity: 2, to: "M-2"), (tag: "B-2", capacity: 2, to: "M-3")],
        sinks: [(tag: "OUT")])"#;
    let mut plant = started(text, 1);
    plant.step(250.0);
    check(&plant, "L.momentary_bottleneck", 2.0);
    check(&plant, "L.turning_point", 2.0);
    // After 100 s at work, some 300 s after the start, it breaks down.
    plant.step(200.0);
    check(&plant, "M-3.state", 4.0);
    check(&plant, "L.momentary_bottleneck", 3.0);
    // Over the whole time it is still the second that is active longest.
    check(&plant, "L.bottleneck", 2.0);
}

#[test]
fn parts_choose_among_nodes_as_they_are_told() {
    let text = |choose: &str| {
        format!(
            r#"(tag: "L", sources: [(tag: "IN", arrivals: Every(Constant("1s")), choose: {choose},
                to: ["B-1", "B-2"])],
            buffers: [(tag: "B-1", to: "M-1"), (tag: "B-2", to: "M-2")],
            stations: [(tag: "M-1", cycle: Constant("1500ms"), to: "OUT"),
                       (tag: "M-2", cycle: Constant("100s"), to: "OUT")],
            sinks: [(tag: "OUT")])"#
        )
    };
    let through = |choose: &str| {
        let mut plant = started(&text(choose), 5);
        plant.step(1_000.2);
        let first = plant.read("B-1.level") + plant.read("M-1.count") + 1.0;
        first / 1_000.0
    };
    assert!((through("First") - 1.0).abs() < 0.002);
    assert!((through("Turns") - 0.5).abs() < 0.002);
    assert!((through("Shares([3, 1])") - 0.75).abs() < 0.05);
    let fewest = through("Fewest");
    assert!(fewest > 0.75 && fewest < 0.9, "{fewest}");
}

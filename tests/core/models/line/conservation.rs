//! Nothing is made or lost: parts, time, and the state of a line that is saved and restored.

use std::fmt::Write;

use proptest::prelude::*;

use super::super::Plant;
use super::started;

/// A random line: stations of many kinds in a row, with what stands between them.
#[derive(Clone, Debug)]
struct RandomLine {
    stations: Vec<(u8, u8, bool)>,
    between: Vec<u8>,
    arrivals: u8,
}

fn random_line() -> impl Strategy<Value = RandomLine> {
    let station = (0..5u8, 0..4u8, any::<bool>());
    (
        prop::collection::vec(station, 1..6),
        prop::collection::vec(0..5u8, 6),
        0..3u8,
    )
        .prop_map(|(stations, between, arrivals)| RandomLine {
            stations,
            between,
            arrivals,
        })
}

impl RandomLine {
    fn text(&self) -> String {
        let arrivals = [
            "Exponential(\"12s\")",
            "Constant(\"8s\")",
            "Erlang(\"15s\", 3)",
        ];
        let arrivals = arrivals[usize::from(self.arrivals)];
        let (mut stations, mut buffers, mut conveyors) =
            (String::new(), String::new(), String::new());
        let (mut carriers, mut fleets) = (String::new(), String::new());
        let count = self.stations.len();
        let mut to = "OUT".to_owned();
        for place in (0..count).rev() {
            let (cycle, extra, operator) = self.stations[place];
            let cycle = [
                "Constant(\"7s\")",
                "Exponential(\"9s\")",
                "LogNormal(\"8s\", 0.5)",
                "Triangular(\"3s\", \"8s\", \"11s\")",
                "Weibull(\"9s\", 1.5)",
            ][usize::from(cycle)];
            let extra = [
                "",
                "bad_share: 0.2, bad_to: \"SCRAP\",",
                "failures: [(every: Exponential(\"200s\"), repair: Exponential(\"20s\"))],",
                "failures: [(every: Weibull(\"300s\", 2), repair: Constant(\"9s\"), clock: Time,
                    repairer: \"fitter\")],
                 maintenance: (when: Used(\"100s\"), takes: Constant(\"5s\")),",
            ][usize::from(extra)];
            // A crew that tends and repairs may wait for itself: those who tend stay at what failed.
            let operator = if operator { "operator: \"any\"," } else { "" };
            writeln!(
                stations,
                r#"(tag: "M-{place}", cycle: {cycle}, {extra} {operator} to: "{to}"),"#
            )
            .expect("text");
            let next = format!("M-{place}");
            to = match self.between[place] {
                0 => next,
                1 => {
                    write!(buffers, r#"(tag: "B-{place}", capacity: 2, to: "{next}"),"#)
                        .expect("text");
                    format!("B-{place}")
                }
                kind @ (2 | 3) => {
                    write!(
                        conveyors,
                        r#"(tag: "C-{place}", length: "6 m", speed: "500 mm/s", pitch: "1 m",
                            accumulating: {}, to: "{next}"),"#,
                        kind == 2
                    )
                    .expect("text");
                    format!("C-{place}")
                }
                _ => {
                    write!(
                        carriers,
                        r#"(tag: "T-{place}", fleet: "AGV-{place}", pick_up: "a", drop: "c", capacity: 2,
                            load: 2, to: "{next}"),"#
                    )
                    .expect("text");
                    // Each with vehicles of its own: shared ones may lock each other up.
                    write!(
                        fleets,
                        r#"(tag: "AGV-{place}", count: 2, speed: "2 m/s", handling: "1s",
                            home: "b"),"#
                    )
                    .expect("text");
                    format!("T-{place}")
                }
            };
        }
        format!(
            r#"(tag: "L", sources: [(tag: "IN", arrivals: Every({arrivals}), to: "{to}")],
                stations: [{stations}], buffers: [{buffers}], conveyors: [{conveyors}],
                carriers: [{carriers}], sinks: [(tag: "OUT"), (tag: "SCRAP")],
                fleets: [{fleets}],
                stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (5, 0, 0)),
                        (name: "c", at: (5, 5, 0))],
                lanes: [(from: "a", to: "b", two_way: true), (from: "b", to: "c", two_way: true)],
                operators: [(tag: "CREW", skills: ["any"], count: 2),
                            (tag: "FITTERS", skills: ["fitter"], count: 1)])"#
        )
    }
}

/// Everything that can be seen of a line.
fn board(plant: &Plant) -> Vec<(String, u64)> {
    let board = plant.board.iter();
    board
        .map(|(name, value)| (name.clone(), value.to_bits()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_comes_in_is_inside_or_has_left_and_littles_law_holds(
        line in random_line(), seed in 0..1_000u64,
    ) {
        let text = line.text();
        let mut plant = started(&text, seed);
        for _ in 0..20 {
            plant.step(97.0);
            let out = plant.read("OUT.count") + plant.read("SCRAP.count");
            prop_assert_eq!(plant.read("IN.count"), out + plant.read("L.wip"));
        }
        // No more arrivals: all leave, and then the mean number inside times the time is the sum
        // of all lead times.
        plant.hold("IN.rate_factor", 0.0);
        plant.step(2e4);
        plant.step(1.0);
        prop_assert_eq!(plant.read("L.wip"), 0.0);
        let inside = plant.read("L.mean_wip") * (20.0 * 97.0 + 2e4 + 1.0);
        let stayed = plant.read("L.lead_time") * plant.read("L.count");
        prop_assert!((inside - stayed).abs() <= 1e-6 * stayed.max(1.0), "{} and {}", inside, stayed);
    }

    #[test]
    fn a_restored_line_goes_on_as_if_nothing_had_been(
        line in random_line(), seed in 0..1_000u64,
    ) {
        let text = line.text();
        let mut straight = started(&text, seed);
        straight.step(501.25);
        let (saved, at) = (straight.save(), straight.at);
        let mut other = started(&text, seed + 1);
        other.step(77.0);
        other.restore(&saved);
        other.at = at;
        prop_assert_eq!(&other.save(), &saved);
        for _ in 0..5 {
            straight.step(311.0);
            other.step(311.0);
            prop_assert_eq!(board(&straight), board(&other));
            prop_assert_eq!(straight.save(), other.save());
        }
    }

    #[test]
    fn short_steps_lead_where_long_ones_do(line in random_line(), seed in 0..1_000u64) {
        let text = line.text();
        let (mut long, mut short) = (started(&text, seed), started(&text, seed));
        long.step(1_000.0);
        for _ in 0..500 {
            short.step(2.0);
        }
        // Rates and powers are means over a step; counts, levels and times are not.
        let steady = |plant: &Plant| {
            let mut board = board(plant);
            board.retain(|(name, _)| !name.ends_with(".rate") && !name.ends_with(".power"));
            board
        };
        prop_assert_eq!(steady(&long), steady(&short));
    }
}

#[test]
fn equal_seeds_give_equal_days_and_others_do_not() {
    let text = super::row(4, 2);
    let day = |seed| {
        let mut plant = started(&text, seed);
        plant.step(1_000.0);
        board(&plant)
    };
    assert_eq!(day(1), day(1));
    assert_ne!(day(1), day(2));
}

#[test]
fn a_damaged_state_is_refused() {
    let text = super::row(3, 2);
    let mut plant = started(&text, 1);
    plant.step(100.0);
    let saved = plant.models[0].save();
    let mut short = saved.clone();
    short.integers.pop();
    assert!(plant.models[0].restore(&short).is_err());
    for place in 0..saved.integers.len() {
        let mut wrong = saved.clone();
        wrong.integers[place] = i64::from(u32::MAX);
        // Refused, or taken for another state that is one; never a panic.
        let _ = plant.models[0].restore(&wrong);
    }
    assert!(plant.models[0].restore(&saved).is_ok());
    assert_eq!(plant.models[0].save(), saved);
}

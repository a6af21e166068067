//! The treatment works: washes in a queue, chance from the seed, nothing lost on restore.

use super::{Plant, problems};
use parallax::time::Timestamp;

const WORKS: &str = r#"(
    wanders: [
        (signal: "AT-101.turbidity", mean: "6 NTU", spread: 0.3, memory: "8h", skewed: true),
        (signal: "TT-101.temperature", mean: "12 degC", spread: 0.4, memory: "1d", daily: 1.5),
    ],
    filters: (
        source: "AT-101.turbidity", settled: 0.2,
        beds: [
            (tag: "F-1", valve: "V-1"), (tag: "F-2", valve: "V-2"), (tag: "F-3", valve: "V-3"),
        ],
        area: "40 m2", design_flow: "240 m3/h", clean_headloss: "0.4 m",
        storage: 150, clogged_headloss: "1.6 m",
        limits: (headloss: "1.9 m", turbidity: "0.5 NTU", age: "48h"),
        wash: (drain: Triangular("3min", "4min", "6min"), air: Fixed("4min"),
               rinse: Triangular("6min", "8min", "11min"), ripen: LogNormal("15min", 0.2)),
        wash_water: "P-9.demand_factor", combined: "AT-301.turbidity",
    ),
    chlorine: (
        pump: "DP-1", capacity: "12 L/h", strength: "120 g/L", flow: "FT-1.flow",
        demand: "0.2 mg/L", half_life: "36h", clearwell: "TK-1.volume", outlet: "AT-401.chlorine",
        day_tank: (tag: "DT-1", area: "0.5 m2", full: "1.2 m", reorder: "0.5 m",
                   delivery: LogNormal("6h", 0.3), filling: "20min"),
        main: (flow: "FT-2.flow", volume: "150 m3", reservoir: "TK-2.volume", outlet: "AT-501.chlorine"),
    ),
)"#;

/// The works under a steady 700 m³/h.
fn started(seed: u64) -> Plant {
    let mut plant = Plant::new(&[("treatment", WORKS)]);
    for valve in ["V-1", "V-2", "V-3"] {
        plant.set(&format!("{valve}.flow"), 700.0 / 3.0 / 3_600.0);
    }
    for (signal, value) in [
        ("FT-1.flow", 700.0 / 3_600.0),
        ("FT-2.flow", 700.0 / 3_600.0),
        ("TK-1.volume", 1_500.0),
        ("TK-2.volume", 4_000.0),
        ("DP-1.stroke", 0.6),
    ] {
        plant.set(signal, value);
    }
    plant.start(Timestamp::from_secs(0), seed);
    plant
}

fn states(plant: &Plant) -> [i64; 3] {
    ["F-1", "F-2", "F-3"].map(|bed| plant.read(&format!("{bed}.state")) as i64)
}

#[test]
fn a_bed_that_clogs_is_washed_and_comes_back_clean() {
    let mut plant = started(1);
    let mut seen = vec![plant.read("F-3.state") as i64];
    let mut clean = None;
    for _ in 0..3 * 24 * 60 {
        plant.step(60.0);
        let state = plant.read("F-3.state") as i64;
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        let open = plant.read("V-3.position");
        assert_eq!(open, if state <= 1 { 1.0 } else { 0.0 }, "state {state}");
        if state == 5 && clean.is_none() {
            clean = Some(plant.read("F-3.turbidity"));
            assert!(plant.read("F-3.run_time") < 60.0);
        }
    }
    // Filtering, waiting (the line may be free at once), draining, air, rinse, ripening.
    seen.retain(|state| *state != 1);
    assert_eq!(seen[..6], [0, 2, 3, 4, 5, 0], "{seen:?}");
    assert!(
        seen.len() > 10,
        "more than one wash in three days: {seen:?}"
    );
    assert!(
        clean.expect("a wash") > 0.2,
        "the first filtrate after a wash is turbid"
    );
}

#[test]
fn the_line_washes_one_bed_at_a_time_and_the_first_to_ask_first() {
    let mut plant = started(2);
    plant.hold("AT-101.turbidity", 200.0); // all break through together
    let mut asked = Vec::new();
    let mut washed = Vec::new();
    for _ in 0..4 * 60 {
        plant.step(10.0);
        let states = states(&plant);
        let holds_line = states
            .iter()
            .filter(|state| (2..=4).contains(*state))
            .count();
        assert!(holds_line <= 1, "{states:?}");
        assert_eq!(plant.read("P-9.demand_factor") > 0.5, states.contains(&4));
        for (bed, state) in states.iter().enumerate() {
            if (1..=2).contains(state) && !asked.contains(&bed) {
                asked.push(bed);
            }
            if *state == 2 && !washed.contains(&bed) {
                washed.push(bed);
            }
        }
        if washed.len() == 3 {
            break;
        }
    }
    assert_eq!(asked, washed);
    assert_eq!(washed.len(), 3);
}

#[test]
fn a_bed_out_of_service_leaves_the_queue_and_frees_the_line() {
    let mut plant = started(3);
    plant.hold("AT-101.turbidity", 200.0);
    while !states(&plant).contains(&2) {
        plant.step(10.0);
        assert!(plant.at < Timestamp::from_secs(7_200), "no wash began");
    }
    let bed = states(&plant)
        .iter()
        .position(|state| *state == 2)
        .expect("a wash")
        + 1;
    plant.hold(&format!("F-{bed}.service"), 0.0);
    plant.step(120.0);
    assert_eq!(plant.read(&format!("F-{bed}.state")), 6.0);
    assert_eq!(plant.read(&format!("V-{bed}.position")), 0.0);
    let others = states(&plant)
        .iter()
        .filter(|state| (2..=4).contains(*state))
        .count();
    assert_eq!(others, 1, "the next in the queue has the line");
    plant.hold(&format!("F-{bed}.service"), 1.0);
    plant.step(120.0);
    assert!(plant.read(&format!("F-{bed}.state")) < 6.0);
}

#[test]
fn measured_head_losses_and_states_are_where_a_future_begins() {
    let mut plant = started(4);
    for (signal, value) in [
        ("F-1.headloss", 1.2),
        ("F-1.run_time", 36_000.0),
        ("F-2.state", 4.0),
        ("AT-101.turbidity", 11.0),
        ("AT-401.chlorine", 0.61e-3),
        ("DT-1.level", 0.8),
    ] {
        plant.set(signal, value);
    }
    plant.start(Timestamp::from_secs(0), 4);
    assert!((plant.read("F-1.headloss") - 1.2).abs() < 1e-9);
    assert_eq!(plant.read("F-1.run_time"), 36_000.0);
    assert_eq!(plant.read("V-2.position"), 0.0);
    assert!((plant.read("AT-101.turbidity") - 11.0).abs() < 1e-9);
    assert_eq!(plant.read("AT-401.chlorine"), 0.61e-3);
    assert_eq!(plant.read("DT-1.level"), 0.8);
    for _ in 0..12 {
        plant.step(60.0);
    }
    assert_ne!(
        plant.read("F-2.state"),
        4.0,
        "a rinse takes 11 minutes at most"
    );
}

#[test]
fn chlorine_settles_where_dose_demand_and_decay_say() {
    let mut plant = started(5);
    plant.hold("DT-1.level", 1.0);
    for _ in 0..48 * 60 {
        plant.step(60.0);
    }
    let (flow, volume, decay) = (
        700.0 / 3_600.0,
        1_500.0,
        std::f64::consts::LN_2 / (36.0 * 3_600.0),
    );
    let dose = 0.6 * 0.012 / 3_600.0 * 120.0 / flow - 0.2e-3;
    let clearwell = dose / (1.0 + decay * volume / flow);
    let found = plant.read("AT-401.chlorine");
    assert!(
        (found / clearwell - 1.0).abs() < 1e-3,
        "{found}, exact {clearwell}"
    );
    // The reservoir: what is left after the main, thinned by its own decay.
    let arriving = clearwell * (-decay * 150.0 / flow).exp();
    let reservoir = arriving / (1.0 + decay * 4_000.0 / flow);
    let found = plant.read("AT-501.chlorine");
    assert!(
        (found / reservoir - 1.0).abs() < 1e-2,
        "{found}, exact {reservoir}"
    );
}

#[test]
fn the_day_tank_runs_down_and_is_refilled() {
    let mut plant = started(6);
    let (mut lowest, mut refills, mut before) = (f64::INFINITY, 0, plant.read("DT-1.level"));
    for _ in 0..10 * 24 * 60 {
        plant.step(60.0);
        let level = plant.read("DT-1.level");
        if level - before > 0.02 {
            refills += 1;
        }
        lowest = lowest.min(level);
        before = level;
        assert!((0.0..=1.2).contains(&level));
    }
    // 7.2 L/h from 0.5 m²: 0.35 m a day, one delivery of about 0.7 m every two days.
    assert!(lowest < 0.5 && lowest > 0.0, "{lowest}");
    assert!(refills >= 4 * 5, "{refills} minutes of filling");
}

#[test]
fn equal_seeds_give_equal_days_and_others_do_not() {
    let day = |seed: u64| {
        let mut plant = started(seed);
        for _ in 0..24 * 60 {
            plant.step(60.0);
        }
        plant.board
    };
    assert_eq!(day(11), day(11));
    assert_ne!(day(11), day(12));
}

#[test]
fn a_restored_state_goes_on_bit_for_bit_through_washes_and_deliveries() {
    let run = |plant: &mut Plant, minutes: usize| {
        for _ in 0..minutes {
            plant.step(60.0);
        }
    };
    // The moment of saving falls into a wash, so that the agenda is not empty.
    let mut plant = started(13);
    while plant.read("F-3.state") != 3.0 {
        run(&mut plant, 1);
    }
    let (saved, board, at) = (plant.save(), plant.board.clone(), plant.at);
    run(&mut plant, 3_000);
    let straight = (plant.save(), plant.board.clone());
    let mut other = started(99);
    run(&mut other, 500);
    other.restore(&saved);
    (other.board, other.at) = (board, at);
    run(&mut other, 3_000);
    assert_eq!(straight, (other.save(), other.board));
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    let broken = WORKS
        .replace("mean: \"6 NTU\"", "mean: \"6 mg/L\"")
        .replace("settled: 0.2", "settled: 1.2")
        .replace(
            "(tag: \"F-2\", valve: \"V-2\")",
            "(tag: \"F-2\", valve: \"V-1\")",
        )
        .replace(
            "\"3min\", \"4min\", \"6min\"",
            "\"6min\", \"4min\", \"3min\"",
        )
        .replace("reorder: \"0.5 m\"", "reorder: \"2 m\"");
    let told = problems("treatment", &broken);
    for part in [
        "config:7: `AT-101.turbidity` is Turbidity here and Concentration elsewhere",
        "config:7: `settled` of the filters must be 0 to 1",
        "config:9: `V-1.position` is written twice",
        "`drain` of the filters' wash must be the least, the likeliest and the most",
        "`reorder` of the chlorine dosing must be below `full`",
    ] {
        assert!(told.contains(part), "`{part}` is not in\n{told}");
    }
}

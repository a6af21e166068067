//! Intervals and bands cover the truth as often as they say; limits are breached as often, and
//! when, as plain arithmetic over draws of its own says.
//!
//! The plant is a chain of dosing ratios, so that every value is the inlet's and its truth known.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use parallax::scene::{Distribution, Forcing, ForcingSource, Scenario, Uncertain, UncertainEffect};
use parallax::session::{self, Computation, Control, Opened};
use parallax::signal::SignalId;
use parallax::simulation::{Band, InitialState, RunPlan, RunState};
use parallax::time::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const MINUTE: Duration = Duration::from_secs(60);
/// Of each member's factor.
const SPREAD: f64 = 0.3;

/// The chain: `A-1.inlet` leads `A-1.outlet` leads `B-1.outlet`; `C-1` stands apart.
pub(super) mod chain {
    use parallax::scene::Scene;
    use parallax::simulation::InitialState;

    pub(super) const SCENE: &str = r#"Scene(
    format: 1,
    name: "Chain",
    types: {
        "doser": (label: "Doser", shape: Tank, size: (1, 1, 1), signals: [
            (name: "inlet", unit: "m", range: (0, 10)),
            (name: "outlet", unit: "m", range: (0, 10), limits: [
                (kind: High, at: 2.0, deadband: 0.1),
                (kind: HighHigh, at: 3.0, deadband: 0.1),
            ]),
        ]),
        "last": (label: "Last doser", shape: Tank, size: (1, 1, 1), signals: [
            (name: "outlet", unit: "m", range: (0, 10), limits: [
                (kind: High, at: 2.5, deadband: 0.1, on_delay: "5min"),
                (kind: HighHigh, at: 4.5, deadband: 0.1),
            ]),
        ]),
    },
    assets: [(tag: "A-1", type: "doser"), (tag: "B-1", type: "last"), (tag: "C-1", type: "doser")],
    models: [
        (name: "One", kind: "controls", config: (loops: [
            Ratio(input: "A-1.inlet", at: "1 m", gives: "1 m", most: "100 m", output: "A-1.outlet"),
        ])),
        (name: "Two", kind: "controls", config: (loops: [
            Ratio(input: "A-1.outlet", at: "1 m", gives: "1 m", most: "100 m", output: "B-1.outlet"),
        ])),
        (name: "Apart", kind: "controls", config: (loops: [
            Ratio(input: "C-1.inlet", at: "1 m", gives: "1 m", most: "100 m", output: "C-1.outlet"),
        ])),
    ],
    kpis: [(name: "At the end", signals: "A-1.outlet", measure: Last)],
)"#;

    /// Both inlets stand at 1 m, where the scene has them.
    pub(in crate::evidence) fn start(scene: &Scene, initial: &mut InitialState) {
        for inlet in ["A-1.inlet", "C-1.inlet"] {
            if let Some(signal) = scene.find_signal(inlet) {
                initial.set(signal, 1.0);
            }
        }
    }
}

pub(super) fn opened_chain() -> Opened {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("scene.ron"), chain::SCENE).expect("written");
    session::open(folder.path()).unwrap_or_else(|error| panic!("{error}"))
}

fn signal(opened: &Opened, name: &str) -> SignalId {
    opened.scene.find_signal(name).expect("a signal")
}

/// The inlet times a factor of mean 1, for each member its own.
fn scenario(opened: &Opened, distribution: Distribution, members: u32, minutes: u32) -> Scenario {
    Scenario {
        members,
        uncertain: vec![Uncertain {
            signal: signal(opened, "A-1.inlet"),
            effect: UncertainEffect::Times,
            distribution,
        }],
        ..Scenario::plain("Uncertain", MINUTE * minutes, MINUTE)
    }
}

/// A computation, and the last band of `A-1.outlet`.
fn computed(opened: &Opened, scenario: &Scenario, seed: u64) -> (Computation, Band) {
    let mut initial = InitialState::unknown(&opened.scene, START);
    chain::start(&opened.scene, &mut initial);
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial,
        scenario: scenario.clone(),
        seed,
    };
    let outlet = signal(opened, "A-1.outlet");
    let outputs = opened.plant.outputs();
    let column = outputs
        .iter()
        .position(|output| *output == outlet)
        .expect("an output");
    let mut last = None;
    let width = outputs.len();
    let each = |chunk: &parallax::simulation::Chunk, _: &_, _: &_| {
        last = chunk.bands.chunks(width).last().map(|row| row[column]);
        true
    };
    let done = session::compute(plan, &opened.scene, 1, &Control::default(), each);
    assert_eq!(done.state, RunState::Finished, "{:?}", done.failures);
    (done, last.expect("a band"))
}

fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A draw of the test's own, by the inverse of the normal distribution.
fn deviate(generator: &mut ChaCha8Rng) -> f64 {
    let share: f64 = generator.random();
    Normal::standard().inverse_cdf(share.clamp(1e-12, 1.0 - 1e-12))
}

/// In how many of 1,000 trials the KPI's 95 % interval holds the true mean, 1.
fn covering(opened: &Opened, distribution: &Distribution, members: u32) -> u32 {
    let scenario = scenario(opened, distribution.clone(), members, 2);
    let covers = |seed: &u64| {
        let (done, _) = computed(opened, &scenario, 40_000 + *seed);
        let statistics = done.progress.kpis[0].statistics.expect("members went on");
        let (low, high) = statistics.interval.expect("more than one member");
        low <= 1.0 && 1.0 <= high
    };
    let count = (0..1_000).filter(covers).count();
    u32::try_from(count).expect("a thousand at most")
}

#[test]
fn the_interval_of_a_kpi_holds_the_truth_in_95_of_100_trials() {
    let opened = opened_chain();
    for (distribution, members) in [
        (Distribution::Normal(1.0, SPREAD), 8),
        (Distribution::Normal(1.0, SPREAD), 30),
        (Distribution::LogNormal(1.0, SPREAD), 60),
    ] {
        let count = covering(&opened, &distribution, members);
        println!("{distribution:?}, {members} members: {count} of 1000 intervals hold the truth");
        assert!(
            (930..=970).contains(&count),
            "{distribution:?}, {members} members: {count}"
        );
    }
}

#[test]
fn the_band_holds_the_next_value_as_often_as_its_quantiles_say() {
    let opened = opened_chain();
    let members = 100;
    let scenario = scenario(&opened, Distribution::Normal(1.0, SPREAD), members, 2);
    let mut generator = generator(90_210);
    let mut holds = 0;
    for seed in 0..1_000 {
        let (_, band) = computed(&opened, &scenario, 70_000 + seed);
        let truth = 1.0 + SPREAD * deviate(&mut generator);
        holds += u32::from(band.p10 <= truth && truth <= band.p90);
    }
    // Between the type 7 quantiles of n values lies the next with 0.8 (n − 1) / (n + 1).
    let n = f64::from(members);
    let expected = 0.8 * (n - 1.0) / (n + 1.0);
    let share = f64::from(holds) / 1_000.0;
    println!("{holds} of 1000 bands hold the next value, {expected:.3} expected");
    let sigma = (expected * (1.0 - expected) / 1_000.0).sqrt();
    assert!(
        (share - expected).abs() < 4.0 * sigma,
        "{share} for {expected}"
    );
}

/// When the inlet, times a factor, is first past `at` for `delay` minutes; `None` if never.
///
/// The inlet triples within the hour; a controller answers to what it read a minute before.
fn first_minute(factor: f64, at: f64, delay: u32) -> Option<u32> {
    let past = (1..=60_u32).find(|minute| factor * (1.0 + f64::from(minute - 1) / 30.0) > at)?;
    Some(past + delay).filter(|raised| *raised <= 60)
}

#[test]
fn limits_are_breached_as_often_and_as_soon_as_brute_force_says() {
    let opened = opened_chain();
    let members = 4_000;
    let mut scenario = scenario(&opened, Distribution::LogNormal(1.0, SPREAD), members, 60);
    scenario.forcing.push(Forcing {
        signal: signal(&opened, "A-1.inlet"),
        source: ForcingSource::Points([(0.0, 1.0), (3_600.0, 3.0)].into()),
    });
    let (done, _) = computed(&opened, &scenario, 8);
    let mut generator = generator(555);
    let variance = (1.0 + SPREAD * SPREAD).ln();
    let mut draw = || (variance.sqrt() * deviate(&mut generator) - 0.5 * variance).exp();
    let factors: Vec<f64> = (0..200_000).map(|_| draw()).collect();
    for (name, limit, at, delay) in [
        ("A-1.outlet", 0, 2.0, 0),
        ("A-1.outlet", 1, 3.0, 0),
        ("B-1.outlet", 0, 2.5, 5),
        ("B-1.outlet", 1, 4.5, 0),
    ] {
        let firsts = factors
            .iter()
            .filter_map(|factor| first_minute(*factor, at, delay));
        let mut firsts: Vec<u32> = firsts.collect();
        firsts.sort_unstable();
        let wanted = firsts.len() as f64 / factors.len() as f64;
        let own = signal(&opened, name);
        let mut breaches = done.progress.breaches.iter();
        let breach = breaches.find(|one| (one.signal, one.limit) == (own, limit));
        let breach = breach.unwrap_or_else(|| panic!("{name} limit {limit} is breached"));
        let sigma = |share: f64| (share * (1.0 - share) / f64::from(members)).sqrt();
        let by = (breach.probability - wanted).abs();
        println!(
            "{name} at {at}: {} of members, {wanted:.4} by brute force",
            breach.probability
        );
        assert!(
            by < 4.0 * sigma(wanted),
            "{name} at {at}: {} for {wanted}",
            breach.probability
        );
        assert!(
            0.01 < wanted && wanted < 0.999,
            "{name} at {at} says something: {wanted}"
        );

        // The distribution of when, by the end of each stretch but the last, and never.
        let when = &breach.when;
        assert_eq!(when.members(), members);
        let breach_in_all = f64::from(members - when.never) / f64::from(members);
        assert_eq!(breach_in_all, breach.probability);
        for (end, share) in when.cumulative().take(when.counts.len() - 1) {
            let before = firsts
                .partition_point(|first| f64::from(60 * *first) < end.secs_since(START) - 1e-6);
            let wanted = before as f64 / factors.len() as f64;
            // One member in a thousand is allowed for where next to nobody is expected.
            let error = 4.0 * sigma(wanted) + 1e-3;
            let by = (share - wanted).abs();
            assert!(by < error, "{name} at {at} by {end}: {share} for {wanted}");
        }

        // The quantiles of when: as many of the true instants lie before, within the binomial
        // error of the members that breach.
        let breached = f64::from(members) * breach.probability;
        for (quantile, share) in [(breach.earliest, 0.1), (breach.median_first, 0.5)] {
            let minute = (quantile.secs_since(START) / 60.0).round() as u32;
            let before = firsts.partition_point(|first| *first < minute) as f64;
            let until = firsts.partition_point(|first| *first <= minute) as f64;
            let (before, until) = (before / firsts.len() as f64, until / firsts.len() as f64);
            let error = 4.0 * (share * (1.0 - share) / breached).sqrt();
            assert!(
                before - error <= share && share <= until + error,
                "{name} at {at}: {share} by minute {minute}, where {before} to {until} are true"
            );
        }
    }
}

//! Scenarios: what they inherit, and what is kept of them beside a scene.

use std::fs;
use std::time::Duration;

use parallax::files::{keep_scenarios, kept_scenarios};
use parallax::problem::Problem;
use parallax::scene::{
    self, Distribution, Effect, Forcing, ForcingSource, Override, Sampling, Scenario, Scene,
    Uncertain, UncertainEffect,
};
use parallax::session;
use proptest::prelude::*;

const HEAD: &str = "(format: 1, name: \"Plant\", types: {\"tank\": (shape: Tank, signals: [\
    (name: \"level\", unit: \"m\", range: (0, 5)), (name: \"inflow\", unit: \"m3/h\", range: (0, 90)), \
    (name: \"heat\", unit: \"degC\", range: (0, 90))])}, \
    assets: [(tag: \"TK-1\", type: \"tank\"), (tag: \"TK-2\", type: \"tank\")], scenarios: ";

fn parse(scenarios: &str) -> Result<Scene, Vec<Problem>> {
    scene::parse(&format!("{HEAD}{scenarios})"))
}

fn plant(scenarios: &str) -> Scene {
    parse(scenarios).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[track_caller]
fn check_problem(scenarios: &str, words: &str) {
    let problems = parse(scenarios).expect_err("something is wrong");
    let texts: Vec<_> = problems
        .iter()
        .map(|problem| problem.message.clone())
        .collect();
    assert!(texts.iter().any(|text| text.contains(words)), "{texts:?}");
    assert!(
        problems.iter().all(|problem| problem.line.is_some()),
        "{texts:?}"
    );
}

#[test]
fn what_a_scenario_says_of_a_signal_takes_the_place_of_what_its_base_says() {
    let scene = plant(
        "[(name: \"Child\", based_on: \"Base\", without: [\"TK-2.level\"], members: 3,
            overrides: [(signal: \"TK-1.inflow\", times: 2)]),
          (name: \"Base\", horizon: \"2h\", sampling: LatinHypercube,
            overrides: [(signal: \"TK-1.inflow\", value: 36), (signal: \"TK-1.inflow\", value: 72, from: \"1h\"),
                        (signal: \"TK-2.inflow\", plus: 3.6)],
            faults: [(signal: \"TK-2.level\", value: 1)],
            uncertain: [(signal: \"TK-2.level\", spread: 0.1), (signal: \"TK-1.level\", plus: Normal(0, 0.2))])]",
    );
    let child = scene.find_scenario("Child").expect("it is there");
    let signal = |name: &str| scene.find_signal(name).expect("a signal");
    assert_eq!(child.horizon, Duration::from_secs(7_200));
    assert_eq!(
        (child.members, child.sampling),
        (3, Sampling::LatinHypercube)
    );
    assert_eq!(
        child.overrides,
        [
            Override::always(signal("TK-2.inflow"), Effect::Plus(0.001)),
            Override::always(signal("TK-1.inflow"), Effect::Times(2.0)),
        ]
    );
    assert_eq!(child.faults, []);
    assert_eq!(
        child.uncertain,
        [Uncertain {
            signal: signal("TK-1.level"),
            effect: UncertainEffect::Plus,
            distribution: Distribution::Normal(0.0, 0.2),
        }]
    );
    assert_eq!(scene.scenarios[0].name, "Child", "in the order of the file");
}

#[test]
fn what_cannot_be_is_told_with_its_line() {
    check_problem(
        "[(name: \"A\", based_on: \"Bass\"), (name: \"Base\")]",
        "there is no scenario `Bass`",
    );
    check_problem(
        "[(name: \"A\", based_on: \"B\"), (name: \"B\", based_on: \"A\")]",
        "is based on itself",
    );
    check_problem(
        "[(name: \"A\", uncertain: [(signal: \"TK-1.level\", times: Uniform(2, 1))])]",
        "there is no such distribution",
    );
    check_problem(
        "[(name: \"A\", uncertain: [(signal: \"TK-1.level\")])]",
        "exactly one of",
    );
    check_problem(
        "[(name: \"A\", forcing: [(signal: \"TK-1.level\")])]",
        "exactly one of",
    );
    check_problem(
        "[(name: \"A\", overrides: [(signal: \"TK-1.level\", value: 1, times: 2)])]",
        "more than one of",
    );
    check_problem(
        "[(name: \"A\", without: [\"TK-1.level\"])]",
        "nothing is inherited",
    );
    check_problem(
        "[(name: \"A\", uncertain: [(signal: \"TK-1.level\", spread: 0.1)],
           correlations: [(between: (\"TK-1.level\", \"TK-2.level\"), by: 0.5)])]",
        "is not uncertain in this scenario",
    );
    check_problem(
        "[(name: \"A\", uncertain: [(signal: \"TK-1.level\", spread: 0.1), (signal: \"TK-2.level\", spread: 0.1),
             (signal: \"TK-1.inflow\", spread: 0.1)],
           correlations: [(between: (\"TK-1.level\", \"TK-2.level\"), by: 0.9),
             (between: (\"TK-1.level\", \"TK-1.inflow\"), by: 0.9),
             (between: (\"TK-2.level\", \"TK-1.inflow\"), by: -0.9)])]",
        "contradict each other",
    );
}

#[test]
fn kpis_are_checked() {
    let kpi = |text: &str| parse(&format!("[], kpis: [{text}]"));
    let scene = kpi(
        "(name: \"Water\", signals: \"TK-*.inflow\", measure: Total, unit: \"L\", better: Lower)",
    )
    .unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(scene.kpis[0].signals.len(), 2);
    assert_eq!(scene.kpis[0].unit.name(), "L");
    for (text, words) in [
        (
            "(name: \"A\", signals: \"TK-*.power\", measure: Mean)",
            "no signal is called",
        ),
        (
            "(name: \"A\", signals: \"TK-*\", measure: Mean)",
            "do not measure the same",
        ),
        (
            "(name: \"A\", signals: \"*.heat\", measure: Total)",
            "has no total",
        ),
        (
            "(name: \"A\", signals: \"*.level\", measure: Max, unit: \"bar\")",
            "is no unit of",
        ),
    ] {
        let problems = kpi(text).expect_err(words);
        assert!(problems[0].message.contains(words), "{problems:?}");
    }
}

#[test]
fn every_shipped_scenario_survives_its_text() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/waterworks");
    let opened = session::open(folder.as_ref()).expect("the waterworks");
    let scene = &opened.scene;
    for scenario in &scene.scenarios {
        let text = scene::scenario_text(scenario, scene);
        let copy = read_back(scene, scenario);
        assert_eq!(copy, *scenario, "{text}");
    }
}

/// What a scenario is after it was written into a file of scenarios and read.
fn read_back(scene: &Scene, scenario: &Scenario) -> Scenario {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/waterworks/scene.ron");
    let text = fs::read_to_string(folder).expect("the scene");
    let kept = scene::scenarios_text([scenario], scene);
    let read = scene::parse_with_kept(&text, Some(("kept", &kept)), &mut |_| Err(Vec::new()));
    let read = read.unwrap_or_else(|problems| panic!("{problems:?}\n{kept}"));
    let copy = read.find_scenario(&scenario.name).expect("it is there");
    assert!(copy.kept);
    Scenario {
        kept: scenario.kept,
        ..copy.clone()
    }
}

fn distribution() -> impl Strategy<Value = Distribution> {
    let number = -1e3..1e3_f64;
    prop_oneof![
        (number.clone(), 0.0..9.0_f64).prop_map(|(mean, sd)| Distribution::Normal(mean, sd)),
        (0.1..9.0_f64, 0.0..9.0_f64).prop_map(|(mean, sd)| Distribution::LogNormal(mean, sd)),
        (number.clone(), 0.0..9.0_f64)
            .prop_map(|(low, more)| Distribution::Uniform(low, low + more)),
        (number.clone(), 0.0..9.0_f64, 0.0..9.0_f64)
            .prop_map(|(low, a, b)| Distribution::Triangular(low, low + a, low + a + b)),
        proptest::collection::vec(number, 1..5).prop_map(|mut all| {
            all.sort_by(f64::total_cmp);
            Distribution::Empirical(all.into())
        }),
    ]
}

fn change() -> impl Strategy<Value = (u8, f64, u32, Option<u32>, u32)> {
    (
        0..3_u8,
        -1e4..1e4_f64,
        0..9_000_u32,
        proptest::option::of(1..900_u32),
        0..600_u32,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_scenario_survives_its_text_bit_for_bit(
        changes in proptest::collection::vec((0..40_u32, change()), 0..6),
        drawn in proptest::collection::btree_map(0..40_u32, distribution(), 0..4),
        points in proptest::collection::btree_map(0..9_000_u32, -1e3..1e3_f64, 1..5),
        (base, horizon) in (0..3_usize, 1..99_u64),
    ) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/waterworks");
        let opened = session::open(folder.as_ref()).expect("the waterworks");
        let scene = &opened.scene;
        let signal = |place: u32| scene.signal_ids().nth(place as usize).expect("enough signals");
        let unit = |place: u32| scene.signal(signal(place)).unit;
        let mut overrides: Vec<Override> = changes.iter().map(|&(place, (kind, value, from, long, ramp))| {
            let secs = |secs: u32| Duration::from_secs(secs.into());
            Override {
                signal: signal(place),
                // As a person writes it: in the signal's unit.
                effect: match kind {
                    0 => Effect::Set(unit(place).to_si(value)),
                    1 => Effect::Times(value),
                    _ => Effect::Plus(unit(place).span_to_si(value)),
                },
                from: secs(from),
                until: long.map(|long| secs(from + long)),
                ramp: secs(ramp),
            }
        }).collect();
        overrides.sort_by_key(|one| one.signal);
        let uncertain = drawn.into_iter().map(|(place, distribution)| Uncertain {
            signal: signal(place),
            effect: UncertainEffect::Times,
            distribution,
        });
        let points: Vec<_> = points.into_iter().map(|(at, value)| (f64::from(at), unit(3).to_si(value))).collect();
        let based_on = base.checked_sub(1).map(|place| scene.scenarios[place].name.clone());
        let scenario = Scenario {
            based_on,
            overrides,
            uncertain: uncertain.collect(),
            forcing: vec![Forcing { signal: signal(3), source: ForcingSource::Points(points.into()) }],
            sampling: Sampling::LatinHypercube,
            ..Scenario::plain("mine", Duration::from_secs(3_600 * horizon), Duration::from_secs(60))
        };
        // What is inherited comes before what is changed.
        let mut copy = read_back(scene, &scenario);
        copy.overrides.sort_by_key(|one| one.signal);
        copy.uncertain.sort_by_key(|one| one.signal);
        let mut scenario = scenario;
        scenario.uncertain.sort_by_key(|one| one.signal);
        prop_assert_eq!(copy, scenario);
    }
}

#[test]
fn kept_scenarios_lie_beside_the_scene_and_take_the_place_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    let text = format!("{HEAD}[(name: \"Live\", members: 5), (name: \"Other\")])");
    fs::write(&file, text).expect("written");
    let open = || session::open(folder.path()).expect("a scene").scene;
    let scene = open();
    let changed = Scenario {
        members: 50,
        ..scene.scenarios[0].clone()
    };
    let fresh = Scenario {
        name: "Mine".to_owned(),
        based_on: Some("Other".to_owned()),
        ..scene.scenarios[1].clone()
    };
    keep_scenarios(&file, &scene, &[&changed, &fresh]).expect("kept");
    let again = open();
    let names: Vec<_> = again
        .scenarios
        .iter()
        .map(|one| (one.name.as_str(), one.kept))
        .collect();
    assert_eq!(names, [("Live", true), ("Other", false), ("Mine", true)]);
    assert_eq!(again.scenarios[0].members, 50);

    fs::write(
        kept_scenarios(&file),
        "(format: 1, scenarios: [(name: \"X\", hurizon: \"1h\")])",
    )
    .expect("written");
    let error = session::open(folder.path())
        .err()
        .expect("a wrong file")
        .to_string();
    assert!(error.contains("scenarios.ron:1"), "{error}");
    fs::write(
        kept_scenarios(&file),
        "(format: 1, scenarios: [(name: \"X\", overrides: [(signal: \"TK-9.level\", value: 1)])])",
    )
    .expect("written");
    let error = session::open(folder.path())
        .err()
        .expect("a wrong file")
        .to_string();
    assert!(
        error.contains("scenarios.ron") && error.contains("TK-9"),
        "{error}"
    );

    fs::remove_file(kept_scenarios(&file)).expect("it is there");
    let restored = open();
    keep_scenarios(&file, &restored, &[]).expect("nothing to remove");
    assert_eq!(
        restored.scenarios[0].members, 5,
        "the scene's own is there again"
    );
}

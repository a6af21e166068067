//! Rules of alarms beyond limits: from scene text and samples to what stands on the list.

use std::collections::BTreeMap;

use parallax::alarm::{AlarmId, Engine, Happening, Refusal, Shelf, Standing};
use parallax::scene::{self, Scene};
use parallax::signal::{Origin, Quality, Sample, SampleBatch};
use parallax::time::Timestamp;
use proptest::prelude::*;

const HEAD: &str = r#"Scene(
    format: 1,
    name: "Rules",
    types: {
        "pump": (label: "Pump", shape: Pump, size: (1, 1, 1), signals: [
            (name: "flow", unit: "m³/h", range: (0, 100), max_age: "60s", limits: [
                (kind: Low, at: 10, message: "Flow low"),
            ]),
            (name: "running", range: (0, 1), max_age: "60s"),
            (name: "wanted", range: (0, 1), max_age: "60s"),
        ]),
    },
    assets: [(tag: "P-1", type: "pump"), (tag: "P-2", type: "pump")],
"#;

fn text(rest: &str) -> String {
    format!("{HEAD}{rest}\n)")
}

fn plant(rest: &str) -> Scene {
    scene::parse(&text(rest)).unwrap_or_else(|problems| {
        let told: Vec<_> = problems
            .iter()
            .map(|p| format!("{:?}: {}", p.line, p.message))
            .collect();
        panic!("{}", told.join("\n"))
    })
}

/// The alarm of the first rule: P-1 and P-2 have a limit each.
const RULE: AlarmId = AlarmId(2);

fn secs(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

/// Shows `(second, signal, value)` to an engine; NaN stands for a bad sample.
fn show(engine: &mut Engine, scene: &Scene, samples: &[(i64, &str, f64)]) {
    for &(at, name, value) in samples {
        let id = scene.find_signal(name).expect("a signal");
        let si = scene.signal(id).unit.to_si(value);
        let mut batch = SampleBatch::new(Origin::Measured);
        let quality = if value.is_nan() {
            Quality::Bad
        } else {
            Quality::Good
        };
        batch.push(
            id,
            Sample {
                quality,
                ..Sample::good(secs(at), si)
            },
        );
        engine.observe(&batch);
    }
}

/// Shows samples to a rule and compares the seconds of its changes: positive when raised,
/// negative when cleared.
#[track_caller]
fn check(when: &str, samples: &[(i64, &str, f64)], until: i64, expected: &[i64]) {
    check_of("P-1.flow", when, samples, until, expected);
}

/// The same of another signal than the flow.
#[track_caller]
fn check_of(signal: &str, when: &str, samples: &[(i64, &str, f64)], until: i64, expected: &[i64]) {
    let rule = format!(r#"alarms: [(name: "Rule", signal: "{signal}", {when})]"#);
    let scene = plant(&rule);
    let mut engine = Engine::new(&scene);
    show(&mut engine, &scene, samples);
    engine.tick(secs(until));
    let changes = engine
        .journal()
        .changes()
        .filter(|change| change.id == RULE);
    let told: Vec<i64> = changes
        .map(|change| {
            let at = change.at.nanos() / 1_000_000_000;
            if change.to.is_active() { at } else { -at }
        })
        .collect();
    assert_eq!(told, expected, "{when}");
}

#[test]
fn each_rule_raises_and_clears_by_what_it_measures() {
    let flow = "P-1.flow";
    check(
        "when: Above(at: 50, deadband: 5)",
        &[(1, flow, 51.0), (2, flow, 46.0), (3, flow, 45.0)],
        9,
        &[1, -3],
    );
    check(
        "when: Below(at: 50), on_delay: \"5s\"",
        &[(1, flow, 49.0)],
        9,
        &[6],
    );
    check(
        "when: Deviation(from: \"P-2.flow\", by: 10)",
        &[
            (1, flow, 50.0),
            (2, "P-2.flow", 45.0),
            (3, "P-2.flow", 61.0),
            (4, flow, 55.0),
        ],
        9,
        &[3, -4],
    );
    // Up by 30 within 10 s, but not when it takes 20 s; and down as well.
    check(
        "when: Rate(by: 25, within: \"10s\")",
        &[
            (0, flow, 10.0),
            (10, flow, 25.0),
            (20, flow, 40.0),
            (25, flow, 70.0),
            (40, flow, 70.0),
            (45, flow, 30.0),
        ],
        50,
        &[25, -40, 45],
    );
    let running = "P-1.running";
    check_of(
        running,
        "when: Discrepancy(with: \"P-1.wanted\"), on_delay: \"3s\"",
        &[
            (1, running, 1.0),
            (1, "P-1.wanted", 0.0),
            (3, running, 0.0),
            (4, running, 1.0),
            (8, running, 0.0),
        ],
        9,
        &[7, -8],
    );
    check(
        "when: Frozen(lasting: \"30s\", tolerance: 0.5)",
        &[
            (0, flow, 5.0),
            (10, flow, 5.4),
            (20, flow, 6.0),
            (40, flow, 6.1),
            (51, flow, 6.1),
            (55, flow, 9.0),
        ],
        60,
        &[50, -55],
    );
    check(
        "when: Silent(lasting: \"5min\")",
        &[(0, flow, 5.0), (299, flow, 5.0), (700, flow, 5.0)],
        900,
        &[599, -700],
    );
    check(
        "when: BadQuality, on_delay: \"2s\"",
        &[
            (0, flow, 5.0),
            (1, flow, f64::NAN),
            (2, flow, 5.0),
            (3, flow, f64::NAN),
            (8, flow, 5.0),
        ],
        9,
        &[5, -8],
    );
    check(
        "when: Holds(\"[P-1.flow] < 5 and [P-1.running] > 0.5\")",
        &[
            (1, flow, 3.0),
            (2, "P-1.running", 0.0),
            (3, "P-1.running", 1.0),
            (4, flow, 6.0),
        ],
        9,
        &[3, -4],
    );
}

#[test]
fn a_rule_over_a_stale_value_waits() {
    let when = "when: Holds(\"[P-1.flow] < 5 and [P-1.running] > 0.5\"), on_delay: \"20s\"";
    // The flow is stale from 60 s on, so what begins at 50 s cannot last until 70 s.
    check(
        when,
        &[(0, "P-1.flow", 3.0), (50, "P-1.running", 1.0)],
        200,
        &[],
    );
    check(
        when,
        &[
            (0, "P-1.flow", 3.0),
            (50, "P-1.running", 1.0),
            (59, "P-1.flow", 3.0),
        ],
        200,
        &[70],
    );
}

#[test]
fn a_lost_link_is_bad_quality() {
    let scene = plant(r#"alarms: [(name: "Bad", signal: "P-1.flow", when: BadQuality)]"#);
    let mut engine = Engine::new(&scene);
    show(&mut engine, &scene, &[(1, "P-1.flow", 50.0)]);
    engine.lose_link(scene.find_signal("P-1.flow"), secs(5));
    assert_eq!(engine.standing(RULE), Standing::Unacknowledged);
    show(&mut engine, &scene, &[(9, "P-1.flow", 50.0)]);
    assert_eq!(engine.standing(RULE), Standing::ReturnedUnacknowledged);
}

#[test]
fn mistakes_in_rules_are_told_with_their_lines() {
    let first = HEAD.lines().count() + 1;
    let told = |rest: &str| -> Vec<(usize, String)> {
        let problems = scene::parse(&text(rest)).expect_err("a broken scene");
        problems
            .into_iter()
            .map(|p| (p.line.map_or(0, |line| line as usize), p.message))
            .collect()
    };
    let one = |rest: &str, line: usize, says: &str| {
        let problems = told(rest);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].0, first + line, "{problems:?}");
        assert!(problems[0].1.contains(says), "{problems:?}");
    };
    one(
        "alarms: [(name: \"A\", signal: \"P-1.flo\", when: BadQuality)]",
        0,
        "no signal `flo`",
    );
    one(
        "alarms: [\n(name: \"A\", signal: \"P-1.flow\", when: Holds(\"[P-1.flow] <\"))]",
        1,
        "the end stands where",
    );
    one(
        "alarms: [\n(name: \"A\", signal: \"P-1.flow\", when: Deviation(from: \"P-1.running\", by: 1))]",
        1,
        "do not measure the same",
    );
    one(
        "alarms: [\n(name: \"A\", signal: \"P-1.flow\", when: Frozen(lasting: \"0s\"))]",
        1,
        "zero",
    );
    one(
        "alarms: [\n(name: \"A\", signal: \"P-1.flow\",\non_delay: \"3s\", when: Silent(lasting: \"9s\"))]",
        2,
        "no on_delay",
    );
    one(
        "suppressions: [\n(alarms: [\"P-9.*\"], when: \"[P-1.flow] < 1\")]",
        1,
        "names no alarm",
    );
    one(
        "alarms: [(name: \"A\", signal: \"P-1.flow\", when: BadQuality),\n(name: \"A\", signal: \"P-1.flow\", when: BadQuality)]",
        1,
        "stands twice",
    );
}

const SUPPRESSED: &str =
    r#"suppressions: [(alarms: ["P-1.*"], when: "[P-1.running] < 0.5", off_delay: "10s")]"#;

#[test]
fn the_state_of_the_plant_keeps_alarms_off_the_list() {
    let scene = plant(SUPPRESSED);
    let mut engine = Engine::new(&scene);
    show(
        &mut engine,
        &scene,
        &[
            (1, "P-1.running", 0.0),
            (2, "P-1.flow", 0.0),
            (3, "P-2.flow", 0.0),
        ],
    );
    let on_list: Vec<_> = engine.list().iter().map(|alarm| alarm.id).collect();
    assert_eq!(on_list, [AlarmId(1)], "the other pump's");
    assert_eq!(engine.standing(AlarmId(0)), Standing::Suppressed);
    assert_eq!(engine.counts().suppressed, 1);
    // It runs, and 10 s later the alarm that still holds is told anew.
    show(&mut engine, &scene, &[(20, "P-1.running", 1.0)]);
    engine.tick(secs(29));
    assert_eq!(engine.standing(AlarmId(0)), Standing::Suppressed);
    engine.tick(secs(30));
    assert_eq!(engine.standing(AlarmId(0)), Standing::Unacknowledged);
    assert_eq!(engine.at(secs(25)).map(|list| list.len()), Some(1));
}

#[test]
fn a_latched_alarm_stays_until_somebody_resets_it() {
    let scene = plant(
        r#"alarms: [(name: "Trip", signal: "P-1.flow", latching: true, when: Below(at: 5))]"#,
    );
    let mut engine = Engine::new(&scene);
    show(
        &mut engine,
        &scene,
        &[(1, "P-1.flow", 3.0), (2, "P-1.flow", 50.0)],
    );
    assert_eq!(engine.acknowledge(RULE, secs(3), "Ada"), Ok(()));
    assert_eq!(engine.standing(RULE), Standing::Latched);
    assert!(engine.acknowledge(RULE, secs(4), "Ada").is_err());
    assert_eq!(engine.counts().latched, 1);
    assert_eq!(
        engine.act(RULE, Happening::Reset, secs(5), "Ada"),
        Ok(Standing::Normal)
    );
}

#[test]
fn a_shelved_alarm_comes_back_at_its_time_also_after_a_restart() {
    let scene = plant("");
    let shelf = Shelf {
        until: secs(100),
        reason: "the probe is cleaned".into(),
    };
    let low = AlarmId(0);
    let mut engine = Engine::new(&scene);
    show(&mut engine, &scene, &[(1, "P-1.flow", 3.0)]);
    let shelve = |until| {
        Happening::Shelve(Shelf {
            until,
            ..shelf.clone()
        })
    };
    assert_eq!(
        engine.act(low, shelve(secs(2)), secs(2), "Ada"),
        Err(Refusal::EndsBeforeItBegins)
    );
    assert_eq!(
        engine.act(low, shelve(secs(100)), secs(2), "Ada"),
        Ok(Standing::Shelved)
    );
    assert_eq!((engine.list().len(), engine.counts().shelved), (0, 1));
    let aside = engine.aside().next().cloned();
    assert_eq!(aside.and_then(|aside| aside.shelf), Some(shelf.clone()));

    let news = engine.take_news();
    let mut restarted = Engine::new(&scene);
    restarted.restore(news);
    assert_eq!(restarted.standing(low), Standing::Shelved);
    show(&mut restarted, &scene, &[(50, "P-1.flow", 3.0)]);
    for engine in [&mut engine, &mut restarted] {
        engine.tick(secs(99));
        assert_eq!(engine.standing(low), Standing::Shelved);
        engine.tick(secs(130));
        assert_eq!(engine.standing(low), Standing::Unacknowledged);
        assert_eq!(engine.list()[0].raised, secs(100));
    }
    // Down over the end of its shelf: it is back at once.
    let mut late = Engine::new(&scene);
    late.restore(engine.journal().changes().take(2).cloned());
    late.tick(secs(500));
    assert_eq!(late.standing(low), Standing::Normal);
    show(&mut late, &scene, &[(501, "P-1.flow", 3.0)]);
    assert_eq!(late.standing(low), Standing::Unacknowledged);
}

#[test]
fn acknowledging_never_takes_what_was_raised_in_the_same_instant() {
    let scene = plant("");
    let mut engine = Engine::new(&scene);
    show(
        &mut engine,
        &scene,
        &[(1, "P-1.flow", 3.0), (5, "P-2.flow", 3.0)],
    );
    assert_eq!(engine.acknowledge_all(secs(5), "Ada"), 1);
    assert_eq!(engine.standing(AlarmId(1)), Standing::Unacknowledged);
    assert_eq!(engine.acknowledge_all(secs(6), "Ada"), 1);
}

#[test]
fn nobody_but_the_plant_raises_and_clears() {
    let mut engine = Engine::new(&plant(""));
    for happening in [
        Happening::Raised,
        Happening::Cleared,
        Happening::Suppress,
        Happening::Unsuppress,
    ] {
        assert_eq!(
            engine.act(AlarmId(0), happening, secs(1), "Ada"),
            Err(Refusal::OnlyThePlant)
        );
    }
    assert_eq!(
        engine.act(AlarmId(9), Happening::Reset, secs(1), "Ada"),
        Err(Refusal::Unknown)
    );
}

fn what() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => Just(Happening::Acknowledge),
        1 => Just(Happening::Reset),
        2 => (1..80_i64).prop_map(|until| Happening::Shelve(Shelf { until: secs(until), reason: "test".into() })),
        1 => Just(Happening::Unshelve),
        1 => Just(Happening::TakeOutOfService),
        1 => Just(Happening::ReturnToService),
    ]
}

proptest! {
    /// Each alarm stands in one place; the counts add up; and what the journal leads to is
    /// where the alarms stand.
    #[test]
    fn counts_are_conserved(acts in prop::collection::vec(
        (0..4_i64, 0..3_usize, 0.0..20.0_f64, prop::option::weighted(0.4, what()), 0..3_u32), 1..80)) {
        let rest = format!(r#"alarms: [(name: "Trip", signal: "P-1.flow", latching: true, when: Below(at: 5))], {SUPPRESSED}"#);
        let scene = plant(&rest);
        let mut engine = Engine::new(&scene);
        let mut now = 0;
        for (pause, signal, value, act, alarm) in acts {
            now += pause;
            match act {
                Some(act) => { let _ = engine.act(AlarmId(alarm), act, secs(now), "Ada"); }
                None => {
                    let name = ["P-1.flow", "P-2.flow", "P-1.running"][signal];
                    let value = if signal == 2 { (value / 20.0).round() } else { value };
                    show(&mut engine, &scene, &[(now, name, value)]);
                }
            }
            engine.tick(secs(now));
            let counts = engine.counts();
            let listed = counts.unacknowledged + counts.acknowledged + counts.returned;
            prop_assert_eq!(listed, engine.list().len());
            prop_assert_eq!(counts.shelved + counts.suppressed + counts.out_of_service, engine.aside().len());
            prop_assert_eq!(counts.active_by_priority.iter().sum::<usize>(), counts.unacknowledged + counts.acknowledged);
            let standings: Vec<_> = (0..3).map(|id| engine.standing(AlarmId(id))).collect();
            let normal = standings.iter().filter(|standing| **standing == Standing::Normal).count();
            prop_assert_eq!(listed + engine.aside().len() + normal, 3);
            let mut last = BTreeMap::new();
            for change in engine.journal().changes() {
                last.insert(change.id.0, change.to);
            }
            for (id, standing) in (0..3).zip(standings) {
                prop_assert_eq!(last.get(&id).copied().unwrap_or_default(), standing);
            }
        }
    }
}

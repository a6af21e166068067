//! A line in a scene: wired like any other model, branched from what was measured, and with
//! parts that stand where the scene's assets do.

use std::fs;
use std::sync::Arc;

use parallax::population::PopulationId;
use parallax::session;
use parallax::simulation::{InitialState, Run, RunPlan};
use parallax::time::Timestamp;

const HALL: &str = r#"Scene(
    format: 1,
    name: "Hall",
    types: {
        "machine": (label: "Machine", shape: Block, size: (1, 1, 1),
            signals: [(name: "state", range: (0, 7)), (name: "count", range: (0, 1000))]),
        "rack": (label: "Rack", shape: Block, size: (1, 1, 1),
            signals: [(name: "level", range: (0, 9))]),
    },
    assets: [
        (tag: "M-1", type: "machine", at: (10, 0, 0)),
        (tag: "B-1", type: "rack", at: (20, 0, 0)),
        (tag: "M-2", type: "machine", at: (30, 0, 0)),
    ],
    models: [(name: "Hall", kind: "line", config: (
        tag: "L",
        sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
        stations: [(tag: "M-1", cycle: Exponential("10s"), to: "B-1"),
                   (tag: "M-2", cycle: Exponential("20s"), to: "OUT")],
        buffers: [(tag: "B-1", capacity: 9, to: "M-2")],
        sinks: [(tag: "OUT")],
    ))],
)"#;

#[test]
fn a_line_in_a_scene_is_branched_from_its_measured_levels() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    fs::write(&file, HALL).expect("a scene");
    let opened = session::open(&file).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<_> = opened
        .plant
        .populations()
        .map(|population| population.name.as_str())
        .collect();
    assert_eq!(names, ["L.parts"]);
    let signal = |name| opened.scene.find_signal(name).expect("a signal");
    let mut initial = InitialState::unknown(&opened.scene, Timestamp::from_secs(0));
    initial.set(signal("B-1.level"), 7.0);
    initial.set(signal("M-2.state"), 1.0);
    initial.set(signal("M-2.count"), 500.0);
    let plan = Arc::new(RunPlan {
        plant: Arc::clone(&opened.plant),
        initial,
        scenario: session::baseline(&opened.scene),
        seed: 1,
    });
    let mut run = Run::start(plan, 0).expect("a start");
    assert_eq!(run.value(signal("B-1.level")), 7.0);
    let parts = run.population(PopulationId(0));
    // Seven in the rack, one in each machine.
    assert_eq!(parts.rows().len(), 9);
    let east = |row: &parallax::population::PopulationRow| row.position[0];
    let first = |place: f64| parts.rows().iter().filter(|row| east(row) == place).count();
    assert_eq!((first(10.0), first(20.0), first(30.0)), (1, 1, 1));
    run.advance_to(Timestamp::from_secs(3_600))
        .expect("an hour");
    assert!(run.value(signal("M-2.count")) > 550.0);
    assert!(run.population(PopulationId(1)).rows().is_empty());
}

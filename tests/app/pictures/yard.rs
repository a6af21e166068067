//! The plants in the pictures: small, and always at the same instant.

use std::sync::Arc;

use parallax::app::action::Action;
use parallax::app::alarms::AlarmBook;
use parallax::app::headless::Studio;
use parallax::app::simulation::Runs;
use parallax::app::timeline::Playback;
use parallax::scene::{self, Scenario, Scene};
use parallax::session::{self, Opened};
use parallax::signal::{Origin, RunId, Sample, SampleBatch, SignalId};
use parallax::simulation::{Plant, RunRecord, RunState, RunTotals};
use parallax::time::Timestamp;
use parallax::timeline::{RunSpan, TimelineCommand};

/// The present of all pictures: a day in spring, shortly after noon where the plants stand.
pub(super) const NOW: Timestamp = Timestamp::from_secs(1_772_365_500);

/// Six tanks, two pumps and what is around them: one of everything that shows a value.
const YARD: &str = r#"Scene(
    format: 1,
    name: "Yard",
    site: (latitude: 51.98, longitude: 5.9),
    types: {
        "tank": (label: "Tank", shape: Tank, size: (5, 5, 6), drives: [Fill("level")], signals: [
            (name: "level", unit: "m", range: (0, 6), decimals: 2, max_age: "1min", shown: true, limits: [
                (kind: HighHigh, at: 5.6, priority: Urgent, message: "About to overflow"),
                (kind: High, at: 4.8, priority: High, message: "High level"),
                (kind: Low, at: 1, priority: Low, message: "Low level"),
            ]),
        ]),
        "pump": (label: "Pump", shape: Pump, size: (2.5, 1.2, 1.6), drives: [Running("running"), Spin("speed")], signals: [
            (name: "running", range: (0, 1), states: ["stopped", "running"], shown: true, max_age: "1min"),
            (name: "speed", unit: "%", range: (0, 100), decimals: 0, max_age: "1min"),
        ]),
        "pipe": (shape: Pipe, size: (0.5, 0.5, 0.5), drives: [Flow("flow")], signals: [
            (name: "flow", unit: "m3/h", range: (-300, 300), decimals: 0, max_age: "1min"),
        ]),
        "valve": (label: "Valve", shape: ControlValve, size: (1, 1, 1.6), drives: [Position("open")], signals: [
            (name: "open", unit: "%", range: (0, 100), decimals: 0, max_age: "1min"),
        ]),
        "gauge": (label: "Pressure", shape: Instrument, size: (0.6, 0.6, 1.6), signals: [
            (name: "pressure", unit: "bar", range: (0, 8), decimals: 2, shown: true, max_age: "1min"),
        ]),
        "house": (label: "Pump house", shape: Building, size: (9, 7, 4)),
        "tree": (shape: Tree, size: (3, 3, 5)),
    },
    assets: [
        (tag: "TK-1", type: "tank", at: (-9, 8, 0)), (tag: "TK-2", type: "tank", at: (0, 8, 0)),
        (tag: "TK-3", type: "tank", at: (9, 8, 0)),
        (tag: "TK-4", type: "tank", at: (-9, 17, 0)), (tag: "TK-5", type: "tank", at: (0, 17, 0)),
        (tag: "TK-6", type: "tank", at: (9, 17, 0)),
        (tag: "PH", type: "house", at: (0, -3, 0)),
        (tag: "P-1", type: "pump", at: (-2, -3, 0), parent: Some("PH")),
        (tag: "P-2", type: "pump", at: (2, -3, 0), parent: Some("PH")),
        (tag: "L-1", type: "pipe", route: [(-9, 5.4, 0.6), (-9, 1.5, 0.6), (-2, 1.5, 0.6), (-2, -2.2, 0.6)]),
        (tag: "L-2", type: "pipe", route: [(2, -3.6, 0.6), (2, -9, 0.6), (14, -9, 0.6)]),
        (tag: "V-1", type: "valve", at: (8, -9, 0)),
        (tag: "PT-1", type: "gauge", at: (11, -7.6, 0)),
        (tag: "T-1", type: "tree", at: (-12, -6, 0)), (tag: "T-2", type: "tree", at: (-14, -2, 0)),
    ],
    bookmarks: [
        (name: "Yard", eye: (24, -34, 22), focus: (0, 4, 1)),
        (name: "Tanks", eye: (0, -5, 30), focus: (0, 18, 3)),
    ],
    scenarios: [(name: "Baseline", horizon: "2h", step: "5min"), (name: "Valve shut", horizon: "2h", step: "5min")],
)"#;

/// What the yard's instruments said last, as they say it.
const QUIET: &[(&str, f64)] = &[
    ("TK-1.level", 4.1),
    ("TK-2.level", 3.2),
    ("TK-3.level", 2.4),
    ("TK-4.level", 3.7),
    ("TK-5.level", 2.9),
    ("TK-6.level", 1.8),
    ("P-1.running", 1.0),
    ("P-1.speed", 82.0),
    ("P-2.running", 0.0),
    ("P-2.speed", 0.0),
    ("L-1.flow", 210.0),
    ("L-2.flow", 210.0),
    ("V-1.open", 60.0),
    ("PT-1.pressure", 4.25),
];

/// A tank with an alarm of each priority, twice.
const TROUBLED: &[(&str, f64)] = &[
    ("TK-1.level", 5.8),
    ("TK-2.level", 5.1),
    ("TK-3.level", 0.6),
    ("TK-4.level", 5.7),
    ("TK-5.level", 5.0),
    ("TK-6.level", 0.7),
];

/// A floor with sensors of temperature, some of them far apart.
const FLOOR: &str = r#"Scene(
    format: 1,
    name: "Floor",
    types: {"sensor": (label: "Sensor", shape: Instrument, size: (0.5, 0.5, 1.5), signals: [
        (name: "temperature", unit: "degC", range: (16, 28), decimals: 1, max_age: "1min", shown: true)])},
    assets: [
        (tag: "T-1", type: "sensor", at: (-9, -6, 0)), (tag: "T-2", type: "sensor", at: (0, -7, 0)),
        (tag: "T-3", type: "sensor", at: (9, -5, 0)), (tag: "T-4", type: "sensor", at: (-8, 4, 0)),
        (tag: "T-5", type: "sensor", at: (1, 3, 0)), (tag: "T-6", type: "sensor", at: (8, 6, 0)),
    ],
    fields: [(name: "Floor", signal: "temperature", radius: 9)],
    bookmarks: [(name: "Floor", eye: (8, -26, 22), focus: (0, -1, 0))],
)"#;

const WARM: &[(&str, f64)] = &[
    ("T-1.temperature", 18.2),
    ("T-2.temperature", 21.0),
    ("T-3.temperature", 25.6),
    ("T-4.temperature", 19.1),
    ("T-5.temperature", 22.4),
    ("T-6.temperature", 26.8),
];

/// Two of each thing that something moves along.
const LANES: &str = r#"Scene(
    format: 1,
    name: "Lanes",
    types: {
        "road": (shape: Road, size: (1, 5, 0.1), drives: [Flow("traffic")], signals: [
            (name: "traffic", unit: "m3/h", range: (0, 100), max_age: "1min")]),
        "belt": (shape: Conveyor, size: (1, 1.2, 0.9), drives: [Flow("traffic")], signals: [
            (name: "traffic", unit: "m3/h", range: (0, 100), max_age: "1min")]),
        "pipe": (shape: Pipe, size: (0.6, 0.6, 0.6), drives: [Flow("traffic")], signals: [
            (name: "traffic", unit: "m3/h", range: (0, 100), max_age: "1min")]),
    },
    assets: [
        (tag: "R-1", type: "road", route: [(-14, 8, 0), (14, 8, 0)]),
        (tag: "R-2", type: "road", route: [(-14, 2, 0), (14, 2, 0)]),
        (tag: "C-1", type: "belt", route: [(-14, -3, 0.9), (14, -3, 0.9)]),
        (tag: "C-2", type: "belt", route: [(-14, -5, 0.9), (14, -5, 0.9)]),
        (tag: "L-1", type: "pipe", route: [(-14, -8, 0.6), (14, -8, 0.6)]),
        (tag: "L-2", type: "pipe", route: [(-14, -10, 0.6), (14, -10, 0.6)]),
    ],
    bookmarks: [(name: "Lanes", eye: (4, -24, 17), focus: (0, -1, 0))],
)"#;

fn opened(text: &str) -> Opened {
    let scene = scene::parse(text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    Opened {
        scene: Arc::new(scene),
        plant: Arc::new(plant),
        file: "pictures.ron".into(),
        folder: ".".into(),
        drawings: Vec::new(),
    }
}

pub(super) fn yard() -> Opened {
    opened(YARD)
}

pub(super) fn lanes() -> Opened {
    opened(LANES)
}

/// Lets something move along each first one, and have moved an hour ago along the others.
pub(super) fn be_moving(studio: &mut Studio, scene: &Scene) {
    for tag in ["R", "C", "L"] {
        for (place, secs) in [(1, -2.0), (2, -3_600.0)] {
            let name = format!("{tag}-{place}.traffic");
            studio.tell(&batch(scene, Origin::Measured, secs, &[(&name, 80.0)]));
        }
    }
}

pub(super) fn floor() -> Opened {
    opened(FLOOR)
}

/// A scene that ships, which nothing is connected to.
pub(super) fn shipped(name: &str) -> Opened {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenes")
        .join(name);
    let mut opened = session::open(&path).unwrap_or_else(|error| panic!("{error}"));
    Arc::make_mut(&mut opened.scene).sources.clear();
    opened
}

/// These values from this origin, `secs` after the present.
fn batch(scene: &Scene, origin: Origin, secs: f64, values: &[(&str, f64)]) -> SampleBatch {
    let mut batch = SampleBatch::new(origin);
    for (name, value) in values {
        let signal = scene
            .find_signal(name)
            .unwrap_or_else(|| panic!("no signal {name}"));
        let value = scene.signal(signal).unit.to_si(*value);
        batch.push(signal, Sample::good(NOW.plus_secs(secs), value));
    }
    batch
}

/// Lets the yard be well: half a day ago, ten minutes ago, and now.
pub(super) fn be_quiet(studio: &mut Studio, scene: &Scene) {
    for secs in [-43_200.0, -600.0, -2.0] {
        studio.tell(&batch(scene, Origin::Measured, secs, QUIET));
    }
}

/// Lets six tanks have alarms, of which the first three are acknowledged.
pub(super) fn be_troubled(studio: &mut Studio, scene: &Scene) {
    be_quiet(studio, scene);
    studio.tell(&batch(scene, Origin::Measured, -1.0, TROUBLED));
    studio.act(Action::Hover(None));
    let seen = ["TK-1", "TK-2", "TK-3"].map(|tag| scene.find_asset(tag));
    let alarms = studio.world().resource::<AlarmBook>().list();
    assert!(alarms.len() >= 6, "{alarms:?}");
    for alarm in alarms {
        if seen.contains(&Some(scene.signal(alarm.signal).asset)) {
            studio.act(Action::Acknowledge(alarm.id));
        }
    }
}

/// Lets one value be old, one bad, and one never heard of.
pub(super) fn be_doubtful(studio: &mut Studio, scene: &Scene) {
    let known = |name: &str| !["TK-2.level", "TK-3.level", "P-2.running"].contains(&name);
    let fresh: Vec<_> = QUIET
        .iter()
        .copied()
        .filter(|(name, _)| known(name))
        .collect();
    studio.tell(&batch(
        scene,
        Origin::Measured,
        -900.0,
        &[("TK-2.level", 3.2)],
    ));
    let mut broken = batch(scene, Origin::Measured, -2.0, &[("TK-3.level", 2.4)]);
    for (_, sample) in &mut broken.samples {
        sample.quality = parallax::signal::Quality::BadSensorFailure;
    }
    studio.tell(&broken);
    studio.tell(&batch(scene, Origin::Measured, -2.0, &fresh));
}

pub(super) fn be_warm(studio: &mut Studio, scene: &Scene) {
    studio.tell(&batch(scene, Origin::Measured, -2.0, WARM));
}

/// Lets every signal of a scene be in the middle of where it raises no alarm.
pub(super) fn be_ordinary(studio: &mut Studio, scene: &Scene) {
    let mut batch = SampleBatch::new(Origin::Measured);
    for (id, signal) in (0..).map(SignalId).zip(&scene.signals) {
        let (mut low, mut high) = signal.range;
        for limit in &signal.limits {
            match limit.kind.is_upper() {
                true => high = high.min(limit.at - limit.deadband),
                false => low = low.max(limit.at + limit.deadband),
            }
        }
        batch.push(id, Sample::good(NOW.plus_secs(-2.0), (low + high) / 2.0));
    }
    studio.tell(&batch);
    assert!(studio.world().resource::<AlarmBook>().list().is_empty());
}

/// A future of two hours in which the tanks run to these levels; it is the one that is looked at.
pub(super) fn foresee(studio: &mut Studio, scene: &Scene, id: u32, scenario: usize, level: f64) {
    let (run, scenario) = (RunId(id), scene.scenarios[scenario].clone());
    let origin = Origin::Simulated(run);
    let reached = NOW + scenario.horizon;
    for step in 0..=24 {
        let share = f64::from(step) / 24.0;
        let values: Vec<_> = QUIET
            .iter()
            .map(|(name, value)| match name.ends_with("level") {
                true => (*name, value + (level - value) * share),
                false => (*name, *value),
            })
            .collect();
        studio.tell_future(&batch(scene, origin, share * 7_200.0, &values), reached);
    }
    add_run(studio, run, scenario, NOW);
}

/// A run that was computed from `start` on; it is the one that is looked at.
fn add_run(studio: &mut Studio, run: RunId, scenario: Scenario, start: Timestamp) {
    let reached = start + scenario.horizon;
    let world = studio.world();
    world.resource_mut::<Runs>().records.push(RunRecord {
        id: run,
        start,
        seed: 1,
        reached,
        state: RunState::Finished,
        totals: RunTotals::default(),
        cpu_secs: 1.5,
        kpis: Vec::new(),
        breaches: Vec::new(),
        scenario,
    });
    let mut playback = world.resource_mut::<Playback>();
    playback.apply(TimelineCommand::SelectRun(Some(run)));
    playback.set_run_span(RunSpan {
        run,
        start,
        reached,
    });
}

/// Lets a run that began ten minutes ago have expected the quiet plant, each value within a tenth
/// of its range in four of five cases, while the tanks are ever further from it; one is silent,
/// and one is broken.
pub(super) fn be_off(studio: &mut Studio, scene: &Scene) {
    be_doubtful(studio, scene);
    let off = [
        ("TK-1.level", 4.1),
        ("TK-4.level", 4.1),
        ("TK-5.level", 3.5),
        ("TK-6.level", 2.9),
    ];
    studio.tell(&batch(scene, Origin::Measured, -1.0, &off));
    let began = NOW.plus_secs(-600.0);
    let run = RunId(1);
    let scenario = scene.scenarios[0].clone();
    let reached = began + scenario.horizon;
    for (origin, share) in [
        (Origin::Simulated(run), 0.0),
        (Origin::BandLow(run), -0.05),
        (Origin::BandHigh(run), 0.05),
    ] {
        for secs in [-600.0, 6_600.0] {
            let mut said = batch(scene, origin, secs, QUIET);
            for (id, sample) in &mut said.samples {
                let (low, high) = scene.signal(*id).range;
                sample.value += share * (high - low);
            }
            studio.tell_future(&said, reached);
        }
    }
    add_run(studio, run, scenario, began);
}

//! Anomalies in a history: of what was measured, and of its residual against a run.

use std::time::Duration;

use parallax::forecast::anomaly::DetectorSettings;
use parallax::history::{History, HistoryConfig};
use parallax::scene::{self, Scene};
use parallax::session::{self, DetectPlan, Detection};
use parallax::signal::{Origin, RunId, Sample, SampleBatch};
use parallax::time::Timestamp;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const ROWS: u32 = 2_400;
const LEAK_AT: u32 = 1_800;
const RUN: RunId = RunId(7);

const PLANT: &str = r#"Scene(
    format: 1,
    name: "Plant",
    types: {
        "hall": (label: "Hall", shape: Block, size: (9, 9, 9)),
        "tank": (label: "Tank", shape: Tank, size: (2, 2, 2), signals: [
            (name: "level", unit: "m", range: (0, 10), decimals: 2, max_age: "30s"),
        ]),
    },
    assets: [
        (tag: "H-1", type: "hall"),
        (tag: "T-1", type: "tank", parent: "H-1"),
        (tag: "T-2", type: "tank"),
    ],
)"#;

fn at(row: u32) -> Timestamp {
    Timestamp::from_secs(1_767_225_600 + i64::from(row))
}

/// A level that rises and falls as the twin knows; a leak lowers it by a little.
fn history(scene: &Scene) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        ..HistoryConfig::default()
    };
    let mut history = History::new(scene.signals.len(), config);
    let level = scene.find_signal("T-1.level").expect("a signal");
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut insert = |origin, samples: Vec<Sample>| {
        history.insert(&SampleBatch {
            origin,
            samples: samples.into_iter().map(|sample| (level, sample)).collect(),
        });
    };
    let expected = |row: u32| 5.0 + 3.0 * (f64::from(row) / 60.0).sin();
    let sample = |row: u32, value: f64| Sample::good(at(row), value);
    let measured = (0..ROWS).map(|row| {
        let noise: f64 = StandardNormal.sample(&mut random);
        let leak = if row >= LEAK_AT { 0.1 } else { 0.0 };
        sample(row, expected(row) - leak + 0.05 * noise)
    });
    insert(Origin::Measured, measured.collect());
    let simulated = (0..=ROWS / 10).map(|row| sample(10 * row, expected(10 * row)));
    insert(Origin::Simulated(RUN), simulated.collect());
    history.set_reach(Origin::Simulated(RUN), at(ROWS));
    history
}

fn detect(against: Option<RunId>) -> Detection {
    let scene = scene::parse(PLANT).expect("a valid scene");
    let history = history(&scene);
    let plan = DetectPlan {
        signals: session::signals_of(&scene, "H-1").expect("an asset"),
        train: (at(0), at(1_000)),
        until: at(ROWS - 1),
        step: Duration::from_secs(1),
        against,
        settings: DetectorSettings::default(),
    };
    assert_eq!(plan.signals.len(), 1, "the tank in the hall, not the other");
    session::detect(&history, &scene, &plan).expect("enough to learn from")
}

#[test]
fn the_residual_shows_a_leak_that_the_level_hides() {
    let flagged = |detection: &Detection, rows: std::ops::Range<usize>| {
        let verdicts = &detection.verdicts[rows.clone()];
        let count = verdicts.iter().filter(|verdict| verdict.flagged).count();
        count as f64 / rows.len() as f64
    };
    let leak = LEAK_AT as usize;
    let residual = detect(Some(RUN));
    assert_eq!(residual.verdicts.len(), ROWS as usize);
    assert!(flagged(&residual, 1_001..leak) < 0.05);
    assert!(flagged(&residual, leak + 60..ROWS as usize) > 0.9);
    let level = detect(None);
    assert!(flagged(&level, leak + 60..ROWS as usize) < 0.2);
}

#[test]
fn an_asset_that_is_not_there_has_no_signals() {
    let scene = scene::parse(PLANT).expect("a valid scene");
    assert_eq!(session::signals_of(&scene, "T-9"), None);
}

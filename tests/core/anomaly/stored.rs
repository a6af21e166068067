//! Anomalies in a past that lies partly in a store: the same as if all of it were in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parallax::forecast::anomaly::DetectorSettings;
use parallax::history::{History, HistoryConfig};
use parallax::scene::{self, Scene};
use parallax::session::{
    Anomalies, DetectPlan, Recording, StorePlan, history_of, row_step, samples_since,
};
use parallax::signal::{Origin, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Rows two seconds apart, of which so many are learned from, and so many are in the store.
const ROWS: u32 = 1_500;
const LEARNED: u32 = 600;
const STORED: u32 = 1_100;
const AGE: Duration = Duration::from_secs(30);

const PLANT: &str = r#"Scene(
    format: 1,
    name: "Plant",
    types: {"tank": (shape: Tank, size: (2, 2, 2), signals: [
        (name: "level", unit: "m", range: (0, 10), max_age: "30s"),
        (name: "pressure", unit: "bar", range: (0, 10), max_age: "30s"),
    ])},
    assets: [(tag: "T-1", type: "tank")],
)"#;

const SIGNALS: [SignalId; 2] = [SignalId(0), SignalId(1)];

fn at(row: u32) -> Timestamp {
    Timestamp::from_secs(1_767_225_600 + 2 * i64::from(row))
}

fn batch(rows: std::ops::Range<u32>) -> SampleBatch {
    let mut batch = SampleBatch::new(Origin::Measured);
    for row in rows {
        let mut random = ChaCha8Rng::seed_from_u64(u64::from(row));
        let step = if row > 1_300 { 0.5 } else { 0.0 };
        for signal in SIGNALS {
            let noise: f64 = StandardNormal.sample(&mut random);
            batch.push(signal, Sample::good(at(row), 5.0 + step + 0.1 * noise));
        }
    }
    batch
}

fn empty() -> History {
    History::new(SIGNALS.len(), HistoryConfig::default())
}

fn find(history: &History, scene: &Scene) -> Anomalies {
    let train = (at(0), at(LEARNED));
    let plan = DetectPlan {
        signals: SIGNALS.to_vec(),
        train,
        until: at(ROWS - 1),
        step: row_step(history, &SIGNALS, train, at(ROWS - 1)),
        against: None,
        settings: DetectorSettings::default(),
    };
    assert_eq!(plan.step, Duration::from_secs(2), "that of the samples");
    Anomalies::find(history, scene, plan).expect("enough to learn from")
}

#[test]
fn what_a_store_keeps_is_learned_from_as_if_it_were_in_memory() {
    let scene = Arc::new(scene::parse(PLANT).expect("a valid scene"));
    let folder = tempfile::tempdir().expect("a folder");
    let plan = StorePlan {
        place: folder.path().join("store").display().to_string(),
        record: true,
    };
    let open = || Recording::start(&scene, &plan, None).expect("it starts");
    let mut recording = open();
    recording.record(&batch(0..STORED));
    recording.close().expect("closed");
    let recording = open();
    let deadline = Instant::now() + Duration::from_secs(60);
    while recording
        .status()
        .is_some_and(|status| status.logs_waiting > 0)
    {
        assert!(Instant::now() < deadline, "sealed");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut history = empty();
    recording.attach(&mut history).expect("attached");
    history.insert(&batch(STORED..ROWS));
    let memory = samples_since(&history, &SIGNALS, at(0) - AGE);
    let span = (at(0), at(ROWS - 1));
    let library = recording.library();
    let both = history_of(&scene, Some(library), &memory, AGE, span).expect("read");
    let half = history_of(&scene, None, &memory, AGE, span).expect("nothing to read");
    assert_eq!(both.len(Origin::Measured), 2 * ROWS as usize);
    assert!(half.len(Origin::Measured) < 2 * (ROWS - LEARNED) as usize);

    let mut whole = empty();
    whole.insert(&batch(0..ROWS));
    let (found, expected) = (find(&both, &scene), find(&whole, &scene));
    assert_eq!(found.verdicts, expected.verdicts);
    assert_eq!(found.changes, expected.changes);
    assert!(found.verdicts.back().is_some_and(|last| last.flagged));
    recording.close().expect("closed");
}

#[test]
fn rows_are_as_far_apart_as_samples_but_never_too_many() {
    let mut history = empty();
    history.insert(&batch(0..ROWS));
    let step = |to: Timestamp, until: Timestamp| {
        row_step(&history, &SIGNALS, (at(0), to), until).as_secs()
    };
    assert_eq!(step(at(LEARNED), at(ROWS)), 2);
    // A day to learn from in at most 4 000 rows; a month to score in at most 10 000.
    let day = at(0) + Duration::from_hours(24);
    assert_eq!(step(day, day), 30);
    let month = at(0) + Duration::from_hours(720);
    assert_eq!(step(at(LEARNED), month), 300);
}

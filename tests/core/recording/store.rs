//! A store from one end to the other: recorded, sealed, merged, reopened, and asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parallax::alarm::{AlarmId, AlarmState, Engine};
use parallax::history::{FrameCursor, History, HistoryConfig};
use parallax::recording::exchange::{FileFormat, ReadSettings};
use parallax::recording::{Intake, Library, Names, Row, Sealer, Store, Table, seal_logs, verify};
use parallax::scene::{self, Scene};
use parallax::session::{Recording, StorePlan, alarm_rows};
use parallax::signal::{Origin, Quality, Sample, SampleBatch, SignalId};
use parallax::telemetry::now;
use parallax::time::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Three signals that speak often, seldom and in states, and one that is measured never.
const PLANT: &str = r#"Scene(
    format: 1,
    name: "Small plant",
    types: {
        "pump": (label: "Pump", shape: Pump, size: (2, 1, 1), signals: [
            (name: "flow", unit: "m3/h", range: (0, 30), max_age: "20s"),
            (name: "running", unit: "", range: (0, 1), max_age: "1h", states: ["stopped", "running"]),
            (name: "hours", unit: "", range: (0, 9), max_age: "2 days"),
            (name: "spare", unit: "m", range: (0, 9), max_age: "20s"),
        ]),
    },
    assets: [(tag: "P-1", type: "pump"), (tag: "P-2", type: "pump")],
)"#;

/// Small logs and quick sealing, so that a test has many segments.
const SETTINGS: &str = r#"(seal_rows: 2000, seal_after: "1s", sync: "50ms")"#;

fn plant() -> Arc<Scene> {
    Arc::new(scene::parse(PLANT).expect("a valid scene"))
}

fn plan(folder: &Path) -> StorePlan {
    StorePlan {
        place: folder.display().to_string(),
        record: true,
    }
}

fn make_store(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(folder.join("store.ron"), SETTINGS).expect("settings");
}

/// 09:30 on some day, so that the rows lie in several hours and cross midnight never.
const START: i64 = 1_772_357_400;

/// What a plant says over `secs`: often, seldom, late, twice, and with a link that is lost.
enum Event {
    Batch(SampleBatch),
    Lost(Vec<SignalId>, Timestamp),
}

fn events(scene: &Scene, seed: u64, secs: i64) -> Vec<Event> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let signals: Vec<_> = scene.signal_ids().collect();
    let mut events = Vec::new();
    let mut late: Vec<(SignalId, Sample)> = Vec::new();
    for second in (0..secs).step_by(2) {
        let at = Timestamp::from_secs(START + second);
        let mut batch = SampleBatch::new(Origin::Measured);
        for (place, &signal) in signals.iter().enumerate() {
            let speaks = match place % 4 {
                0 => true,
                1 => random.random_bool(0.01),
                2 => second == 0,
                _ => false,
            };
            if !speaks {
                continue;
            }
            let quality = match random.random_range(0..50) {
                0 => Quality::BadSensorFailure,
                1 => Quality::Uncertain,
                _ => Quality::Good,
            };
            let sample = Sample {
                value: match place % 4 {
                    1 => f64::from(random.random_range(0..2)),
                    _ => (random.random_range(0..3_000) as f64) / 100.0 / 3_600.0,
                },
                quality,
                received: at.plus_secs(random.random_range(0.0..0.4)),
                ..Sample::good(at.plus_secs(random.random_range(-0.4..0.4)), 0.0)
            };
            match random.random_range(0..100) {
                0..=2 => late.push((signal, sample)),
                3 => {
                    // Delivered twice.
                    batch.push(signal, sample);
                    late.push((signal, sample));
                }
                _ => batch.push(signal, sample),
            }
        }
        events.push(Event::Batch(batch));
        if random.random_range(0..300) == 0 {
            let mut held = std::mem::take(&mut late);
            for (_, sample) in &mut held {
                sample.received = at;
            }
            events.push(Event::Batch(SampleBatch {
                origin: Origin::Measured,
                samples: held,
            }));
        }
        if random.random_range(0..500) == 0 {
            events.push(Event::Lost(signals[..4].to_vec(), at.plus_secs(0.5)));
        }
    }
    events
}

/// All of it in memory.
fn reference(scene: &Scene, events: &[Event]) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        ..HistoryConfig::default()
    };
    let mut history = History::new(scene.signals.len(), config);
    for event in events {
        match event {
            Event::Batch(batch) => {
                history.insert(batch);
            }
            Event::Lost(signals, at) => history.lose_link(signals.iter().copied(), *at),
        }
    }
    history
}

fn record(recording: &mut Recording, events: &[Event]) {
    for event in events {
        while !recording.has_room() {
            std::thread::sleep(Duration::from_millis(1));
        }
        match event {
            Event::Batch(batch) => recording.record(batch),
            Event::Lost(signals, at) => recording.lose_link(signals, *at),
        }
    }
}

/// A log file without a row has no more bytes.
const EMPTY_LOG: u64 = 64;

/// Waits until every row is in a segment.
fn await_sealed(recording: &Recording) {
    for _ in 0..600 {
        let status = recording.status().expect("it records");
        if status.rows_waiting == 0 && status.log_bytes <= EMPTY_LOG {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("not sealed after 30 s: {:?}", recording.status());
}

/// Every row of the store, by name and instant; no row may be there twice.
fn rows_of(library: &Library) -> BTreeMap<(String, i64, bool), (u64, u32)> {
    let mut rows = BTreeMap::new();
    library
        .for_each_block::<parallax::recording::LibraryError>(
            Timestamp::MIN,
            Timestamp::MAX,
            |block| {
                for (place, series) in block.series.iter().enumerate() {
                    for row in block.rows_of(place) {
                        let name = format!("{}.{}", series.name.tag, series.name.signal);
                        let (value, code) = match block.columns.sample(row) {
                            Some(sample) => (sample.value.to_bits(), sample.quality.code()),
                            None => (0, 0),
                        };
                        let lost = block.columns.mark[row].is_lost();
                        let key = (name, block.columns.at[row].nanos(), lost);
                        let before = rows.insert(key.clone(), (value, code));
                        assert_eq!(before, None, "twice: {key:?}");
                    }
                }
                Ok(())
            },
        )
        .expect("a store that can be read");
    rows
}

/// Asks both histories the same, at random.
fn compare(
    scene: &Scene,
    recording: &mut Recording,
    history: &mut History,
    full: &History,
    seed: u64,
    secs: i64,
) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let max_ages: Vec<_> = scene.signals.iter().map(|signal| signal.max_age).collect();
    let patience = Duration::from_secs(20);
    for question in 0..60 {
        let at =
            Timestamp::from_secs(START).plus_secs(random.random_range(-20.0..secs as f64 + 20.0));
        let mut cursor = FrameCursor::new();
        cursor.advance(history, Some(Origin::Measured), at, &max_ages);
        assert!(
            recording.serve_all(history, patience),
            "seed {seed}: loaded"
        );
        cursor.advance(history, Some(Origin::Measured), at, &max_ages);
        assert!(
            !cursor.is_coming(),
            "seed {seed}, question {question} at {at}"
        );
        let mut expected = FrameCursor::new();
        expected.advance(full, Some(Origin::Measured), at, &max_ages);
        assert_eq!(
            cursor.rows(),
            expected.rows(),
            "seed {seed}, question {question} at {at}"
        );

        let signal = SignalId(random.random_range(0..scene.signals.len() as u32));
        let to = at.plus_secs(random.random_range(0.0..900.0));
        let ask = |history: &History| {
            history
                .range(Origin::Measured, signal, at, to)
                .copied()
                .collect::<Vec<_>>()
        };
        ask(history);
        assert!(
            recording.serve_all(history, patience),
            "seed {seed}: loaded"
        );
        assert_eq!(
            ask(history),
            ask(full),
            "seed {seed}, question {question}: {at} to {to}"
        );
        let columns = |history: &History| history.columns(Origin::Measured, signal, at, to, 97);
        assert_eq!(
            columns(history),
            columns(full),
            "seed {seed}, question {question}"
        );
    }
}

#[test]
fn what_was_recorded_answers_after_a_restart_as_if_it_were_in_memory() {
    for seed in 0..3 {
        let scene = plant();
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store");
        make_store(&store);
        let secs = 3 * 3_600;
        let events = events(&scene, seed, secs);
        let full = reference(&scene, &events);

        let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts");
        record(&mut recording, &events);
        await_sealed(&recording);
        recording.close().expect("closed");

        let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts again");
        assert!(
            recording.library().catalogue().slices().len() > 3,
            "several slices"
        );
        let mut history = History::new(scene.signals.len(), HistoryConfig::default());
        recording.attach(&mut history).expect("attached");
        compare(&scene, &mut recording, &mut history, &full, seed, secs);
        recording.close().expect("closed");

        // Merged, the same rows give the same answers.
        let before = {
            let opened = Store::open(&store.display().to_string()).expect("a store");
            let library = Arc::new(Library::open(opened.depot()).expect("readable"));
            let before = rows_of(&library);
            let mut sealer = Sealer::new(Arc::clone(&library), opened.settings().clone(), || {
                Timestamp::from_secs(START)
            });
            let mut merged = 0;
            while sealer.merge_one(Timestamp::MAX).expect("merged") {
                merged += 1;
            }
            assert!(merged >= 1, "seed {seed}: {merged} hours merged");
            assert_eq!(
                rows_of(&library),
                before,
                "seed {seed}: merging changes no row"
            );
            let check = verify(&opened, &library).expect("verified");
            assert_eq!(check.problems, [], "seed {seed}");
            before
        };
        let samples = scene.signal_ids().map(|signal| {
            full.range(Origin::Measured, signal, Timestamp::MIN, Timestamp::MAX)
                .count()
        });
        let kept = before.keys().filter(|(_, _, lost)| !lost).count();
        assert_eq!(
            kept,
            samples.sum::<usize>(),
            "seed {seed}: every sample once"
        );

        let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts again");
        let mut history = History::new(scene.signals.len(), HistoryConfig::default());
        recording.attach(&mut history).expect("attached");
        compare(
            &scene,
            &mut recording,
            &mut history,
            &full,
            seed + 100,
            secs,
        );
    }
}

#[test]
fn the_last_values_of_a_store_are_there_at_once_however_old() {
    let scene = plant();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    make_store(&store);
    let running = scene.find_signal("P-1.running").expect("a signal");
    let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts");
    let mut batch = SampleBatch::new(Origin::Measured);
    batch.push(running, Sample::good(Timestamp::from_secs(START), 1.0));
    recording.record(&batch);
    recording.close().expect("closed");

    let recording = Recording::start(&scene, &plan(&store), None).expect("it starts again");
    await_sealed(&recording);
    recording.close().expect("closed");
    let recording = Recording::start(&scene, &plan(&store), None).expect("and again");
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    recording.attach(&mut history).expect("attached");
    let days_later = Timestamp::from_secs(START + 40 * 86_400);
    let seen = history.latest_at(Origin::Measured, running, days_later);
    assert_eq!(seen.map(|seen| seen.sample.value), Some(1.0));
}

/// The name and the rows of a file of samples, taken into a store; then how many rows it has.
fn import(file: &Path, store: &Path) -> u64 {
    let opened = Store::open_or_create(&store.display().to_string()).expect("a store");
    let library = Arc::new(Library::open(opened.depot()).expect("readable"));
    let mut intake = Intake::begin(&opened, &library, now).expect("nobody records");
    let format = FileFormat::of(file).expect("a known form");
    let imported = format.read(file, ReadSettings::default(), &mut intake);
    assert_eq!(imported.expect("read").faults.count, 0);
    intake.finish().expect("written");
    seal_logs(&opened, &library, now).expect("sealed");
    let check = verify(&opened, &library).expect("verified");
    assert_eq!(check.problems, []);
    check.rows
}

/// A plant with a limit, for alarms.
const ALARMED: &str = r#"Scene(
    format: 1,
    name: "Alarmed plant",
    types: {
        "tank": (label: "Tank", shape: Tank, size: (2, 2, 2), signals: [
            (name: "level", unit: "m", range: (0, 5), max_age: "60s", limits: [
                (kind: High, at: 4.5, deadband: 0.1, priority: High, message: "High level"),
            ]),
        ]),
    },
    assets: [(tag: "TK-1", type: "tank")],
)"#;

#[test]
fn alarms_are_after_a_restart_as_they_were_before_and_go_on() {
    let scene = Arc::new(scene::parse(ALARMED).expect("a valid scene"));
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    make_store(&store);
    let level = scene.find_signal("TK-1.level").expect("a signal");
    let at = |secs: i64| Timestamp::from_secs(START + secs);
    let sample = |secs: i64, value: f64| SampleBatch {
        origin: Origin::Measured,
        samples: vec![(level, Sample::good(at(secs), value))],
    };
    let mut alarms = Engine::new(&scene);
    let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts");
    alarms.observe(&sample(0, 4.8));
    alarms
        .acknowledge(AlarmId(0), at(5), "operator")
        .expect("it waits");
    recording.note(alarm_rows(&scene, &alarms.take_news()));
    assert!(alarms.take_news().is_empty(), "told once");
    // Its row lets the log be closed and sealed.
    recording.record(&sample(0, 4.8));
    await_sealed(&recording);
    recording.close().expect("closed");

    let recording = Recording::start(&scene, &plan(&store), None).expect("it starts again");
    let mut restored = Engine::new(&scene);
    recording.restore_alarms(&mut restored).expect("restored");
    assert_eq!(restored.list(), alarms.list());
    assert_eq!(restored.at(at(3)), alarms.at(at(3)), "the past too");
    assert!(restored.take_news().is_empty(), "what was kept is no news");
    // Back in range, the alarm that nobody saw rise here clears.
    restored.observe(&sample(20, 3.0));
    assert_eq!(restored.state(AlarmId(0)), AlarmState::Normal);
    assert_eq!(restored.take_news().len(), 1);
}

#[test]
fn what_is_imported_twice_is_there_once() {
    let scene = plant();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    make_store(&store);
    let events = events(&scene, 5, 3_600);
    let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts");
    record(&mut recording, &events);
    await_sealed(&recording);
    recording.close().expect("closed");
    let opened = Store::open(&store.display().to_string()).expect("a store");
    let library = Library::open(opened.depot()).expect("readable");
    let rows = rows_of(&library);

    let copy = folder.path().join("copy");
    for name in ["rows.csv", "rows.parquet"] {
        let file = folder.path().join(name);
        let mut writer = FileFormat::of(&file)
            .expect("a form")
            .create(&file)
            .expect("made");
        let wrote =
            library.for_each_block::<parallax::recording::LibraryError>(
                Timestamp::MIN,
                Timestamp::MAX,
                |block| {
                    let mut names = Names::default();
                    let mut rows = Vec::new();
                    for (place, series) in block.series.iter().enumerate() {
                        let index = names.add(series.clone());
                        rows.extend(block.rows_of(place).map(
                            |row| match block.columns.sample(row) {
                                Some(sample) => Row::new(index, sample),
                                None => Row::lost(index, block.columns.at[row]),
                            },
                        ));
                    }
                    writer.rows(&names, &rows).expect("written");
                    Ok(())
                },
            );
        wrote.expect("readable");
        assert_eq!(writer.finish().expect("whole"), rows.len() as u64);
        // From one form, and then the same from the other: nothing is new.
        assert_eq!(import(&file, &copy), rows.len() as u64, "{name}");
    }
    let copied = Store::open(&copy.display().to_string()).expect("a store");
    let copied = Library::open(copied.depot()).expect("readable");
    assert_eq!(rows_of(&copied), rows);
}

#[test]
fn what_is_older_than_wanted_goes_and_its_sums_stay() {
    let scene = plant();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    std::fs::create_dir_all(&store).expect("a folder");
    // While it records everything is kept: these rows are old by the clock that the recorder reads.
    let keeping = r#"(seal_rows: 2000, seal_after: "1s")"#;
    std::fs::write(store.join("store.ron"), keeping).expect("settings");
    let events = events(&scene, 7, 4 * 3_600);
    let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts");
    record(&mut recording, &events);
    await_sealed(&recording);
    recording.close().expect("closed");

    let settings = r#"(seal_rows: 2000, seal_after: "1s", retention: (samples: "2h"))"#;
    std::fs::write(store.join("store.ron"), settings).expect("settings");
    let opened = Store::open(&store.display().to_string()).expect("a store");
    let library = Arc::new(Library::open(opened.depot()).expect("readable"));
    let end = library.catalogue().span().expect("rows").1;
    let minutes_before = library.catalogue().of(Table::Minutes).count();
    let mut sealer = Sealer::new(Arc::clone(&library), opened.settings().clone(), || {
        Timestamp::from_secs(START)
    });
    let gone = sealer.let_go(end).expect("removed");
    assert!(gone > 0, "old samples went");
    let (from, _) = library.catalogue().span().expect("rows");
    assert!(
        end.secs_since(from) < 3.1 * 3_600.0,
        "only whole hours go: {from} to {end}"
    );
    assert_eq!(
        library.catalogue().of(Table::Minutes).count(),
        minutes_before
    );
    // What is left still tells the plant, by the frame at its start.
    let frame = library.frame_at(from, None).expect("a frame");
    let hours = frame
        .rows
        .iter()
        .find(|(series, ..)| &*series.name.signal == "hours");
    assert!(hours.is_some_and(|(_, sample, _)| sample.at < Timestamp::from_secs(START + 10)));
}

#[test]
fn a_row_of_the_future_or_of_long_ago_disturbs_nothing() {
    let scene = plant();
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    make_store(&store);
    let flow = scene.find_signal("P-1.flow").expect("a signal");
    let mut events = events(&scene, 11, 3_600);
    for (place, days) in [(100, 400), (200, -400), (300, 1), (400, -1)] {
        let at = Timestamp::from_secs(START + days * 86_400);
        let batch = SampleBatch {
            origin: Origin::Measured,
            samples: vec![(flow, Sample::good(at, 0.004))],
        };
        events.insert(place, Event::Batch(batch));
    }
    let full = reference(&scene, &events);
    let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts");
    record(&mut recording, &events);
    await_sealed(&recording);
    recording.close().expect("closed");
    let mut recording = Recording::start(&scene, &plan(&store), None).expect("it starts again");
    let mut history = History::new(scene.signals.len(), HistoryConfig::default());
    recording.attach(&mut history).expect("attached");
    compare(&scene, &mut recording, &mut history, &full, 11, 3_600);
    drop(recording);
    let opened = Store::open(&store.display().to_string()).expect("a store");
    let library = Library::open(opened.depot()).expect("readable");
    assert_eq!(verify(&opened, &library).expect("verified").problems, []);
}

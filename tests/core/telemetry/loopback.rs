//! The whole way over the embedded broker: publish, listen, replay, emulate.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parallax::scene::{MqttVersion, Scene};
use parallax::signal::{Clock, Quality, Sample, SignalId};
use parallax::telemetry::clock::now;
use parallax::telemetry::csv::CsvFile;
use parallax::telemetry::emulator::{Backfill, Emulator, EmulatorError};
use parallax::telemetry::mqtt::PublishError;
use parallax::telemetry::replay::{ReplayError, Speed, replay};
use parallax::telemetry::{EmbeddedBroker, Publisher, SourceHandle};
use parallax::time::Timestamp;
use tempfile::TempDir;

use super::{Listening, PRESENT, eventually, id, plain_source, publisher, small_plant, source};

static NEVER: AtomicBool = AtomicBool::new(false);

/// rumqttd cannot be stopped, so all tests share one.
fn broker(version: MqttVersion) -> String {
    static BROKER: OnceLock<EmbeddedBroker> = OnceLock::new();
    let start = || EmbeddedBroker::start(None).expect("a free port");
    BROKER.get_or_init(start).url(version)
}

fn published_samples_arrive(version: MqttVersion, prefix: &str) {
    let scene = Arc::new(small_plant());
    let mut spec = plain_source(&broker(version), prefix);
    spec.version = version;
    let mut listening = Listening::start(&spec, &scene, 64);
    listening.until_subscribed();
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let level = id(&scene, "TK-1.level");
    let sent: Vec<Sample> = (0..1_000)
        .map(|second| Sample {
            quality: Quality::Uncertain,
            ..Sample::good(PRESENT + Duration::from_secs(second), second as f64 / 8.0)
        })
        .collect();
    // The first half one by one, the second in arrays.
    for sample in &sent[..500] {
        publisher.send(level, &[*sample], &NEVER).expect("room");
    }
    for samples in sent[500..].chunks(100) {
        publisher.send(level, samples, &NEVER).expect("room");
    }
    publisher.flush(Duration::from_secs(30)).expect("accepted");
    assert_eq!(publisher.outbox().accepted(), 505);
    listening.until("all samples", |told| told.count() == sent.len());
    let arrived = &listening.told.samples[&level];
    for (arrived, sent) in arrived.iter().zip(&sent) {
        assert_eq!(
            (arrived.at, arrived.value, arrived.quality, arrived.clock),
            (sent.at, sent.value, sent.quality, Clock::Source)
        );
    }
    let status = listening.handle.status();
    assert!(status.connected());
    assert_eq!((status.messages, status.samples), (505, 1_000));
    assert_eq!((status.rejected.total(), status.unmapped_messages), (0, 0));
    assert!(status.lag.is_some());
}

#[test]
fn published_samples_arrive_over_mqtt_3() {
    published_samples_arrive(MqttVersion::V311, "embedded3");
}

#[test]
fn published_samples_arrive_over_mqtt_5() {
    published_samples_arrive(MqttVersion::V5, "embedded5");
}

#[test]
fn the_same_port_cannot_be_had_twice() {
    let url = broker(MqttVersion::V311);
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
    let error = EmbeddedBroker::start(port).expect_err("the port is taken");
    assert!(error.to_string().starts_with("cannot listen on 127.0.0.1:"));
}

#[test]
fn a_replay_keeps_its_pace_and_its_times() {
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker(MqttVersion::V311), "replay");
    let mut listening = Listening::start(&spec, &scene, 64);
    listening.until_subscribed();
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("ten seconds.csv");
    let rows = (0..=10).map(|second| format!("2026-03-01 06:00:{second:02},{second}\n"));
    fs::write(&path, format!("time,level\n{}", rows.collect::<String>())).expect("written");
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let mut file = CsvFile::open(&path, &scene).expect("usable");
    let began = Instant::now();
    let speed = Speed::Times(20.0);
    let report = replay(&mut file, &scene, &publisher, speed, &NEVER, |_| {}).expect("a replay");
    assert!(
        began.elapsed() >= Duration::from_millis(500),
        "20 times as fast, not more"
    );
    assert_eq!((report.progress.rows, report.progress.samples), (11, 11));
    assert!(!report.stopped);
    listening.until("all rows", |told| told.count() == 11);
    let level = &listening.told.samples[&id(&scene, "TK-1.level")];
    for (second, sample) in level.iter().enumerate() {
        assert_eq!(sample.at, PRESENT + Duration::from_secs(second as u64));
        assert_eq!(sample.value, second as f64);
    }
}

#[test]
fn a_replay_stops_when_told_and_refuses_senseless_speeds() {
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker(MqttVersion::V311), "stopped");
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a day apart.csv");
    fs::write(&path, "time,level\n2026-03-01,1\n2026-03-02,2\n").expect("written");
    let mut file = CsvFile::open(&path, &scene).expect("usable");
    let stop = AtomicBool::new(false);
    let speed = Speed::Times(1.0);
    let report = replay(&mut file, &scene, &publisher, speed, &stop, |done| {
        assert_eq!(done.rows, 1);
        stop.store(true, Ordering::Release);
    });
    assert!(report.expect("stopped in good order").stopped);
    for speed in [0.0, -1.0, f64::NAN, 20_000.0] {
        let outcome = replay(
            &mut file,
            &scene,
            &publisher,
            Speed::Times(speed),
            &NEVER,
            |_| {},
        );
        assert!(matches!(outcome, Err(ReplayError::BadSpeed(_))), "{speed}");
    }
}

/// A plant whose every signal is the number of times it was asked.
fn counting(
    scene: &Scene,
) -> impl FnMut(Timestamp, &mut Vec<(SignalId, f64)>) -> Result<(), String> + use<> {
    let signals: Vec<_> = scene.signal_ids().collect();
    let mut count = 0.0;
    move |_, values| {
        count += 1.0;
        values.extend(signals.iter().map(|signal| (*signal, count)));
        Ok(())
    }
}

#[test]
fn an_emulator_publishes_the_past_first_and_then_lives() {
    let mut scene = small_plant();
    scene.emulator.period = Duration::from_millis(50);
    let scene = Arc::new(scene);
    let spec = plain_source(&broker(MqttVersion::V311), "emulated");
    let mut listening = Listening::start(&spec, &scene, 64);
    listening.until_subscribed();
    let began = now();
    let backfill = Backfill {
        span: Duration::from_secs(3_600),
        step: Duration::from_secs(10),
    };
    let emulator = Emulator::start(
        Arc::clone(&scene),
        counting(&scene),
        publisher(&spec, &scene).expect("an endpoint"),
        1,
        Some(backfill),
    )
    .expect("an emulator");
    let level = id(&scene, "TK-1.level");
    listening.until("the past and a second of life", |told| {
        told.samples
            .get(&level)
            .is_some_and(|samples| samples.len() > 360 + 20)
    });
    let progress = emulator.progress();
    assert!(progress.live && progress.error.is_none());
    drop(emulator);
    let samples = &listening.told.samples[&level];
    assert!(
        samples.windows(2).all(|pair| pair[0].at < pair[1].at),
        "in order of time"
    );
    let counts: Vec<_> = samples.iter().map(|sample| sample.value as usize).collect();
    assert_eq!(
        counts,
        (1..=samples.len()).collect::<Vec<_>>(),
        "none left out"
    );
    assert!(samples[0].at <= began - Duration::from_secs(3_599));
    assert!(samples.iter().all(|sample| sample.clock == Clock::Source));
    let hidden = id(&scene, "TK-1.hidden");
    assert!(
        !listening.told.samples.contains_key(&hidden),
        "not measured"
    );
}

#[test]
fn an_emulated_plant_that_fails_says_why() {
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker(MqttVersion::V311), "failing");
    let emulator = Emulator::start(
        Arc::clone(&scene),
        |_: Timestamp, _: &mut Vec<(SignalId, f64)>| Err("no water".to_owned()),
        publisher(&spec, &scene).expect("an endpoint"),
        1,
        None,
    )
    .expect("an emulator");
    eventually("the failure", || emulator.progress().error.is_some());
    let expected = EmulatorError::Truth("no water".to_owned());
    assert_eq!(emulator.progress().error, Some(expected));
}

#[test]
fn a_signal_without_a_topic_cannot_be_published() {
    let scene = Arc::new(small_plant());
    let broker = broker(MqttVersion::V311);
    let spec = source(&format!(
        r#"broker: "{broker}", topics: [(pattern: "x", signal: "TK-1.level")]"#
    ));
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let flow = id(&scene, "P-101.flow");
    let outcome = publisher.send(flow, &[Sample::good(PRESENT, 1.0)], &NEVER);
    let signal = "P-101.flow".to_owned();
    assert_eq!(outcome, Err(PublishError::NoTopic { signal }));
}

#[test]
fn every_event_wakes_its_reader() {
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker(MqttVersion::V311), "woken");
    let woken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&woken);
    let mut listening = Listening::start_with(&spec, &scene, 64, move |settings| {
        settings.wake = Some(Arc::new(move || {
            counter.fetch_add(1, Ordering::AcqRel);
        }));
    });
    listening.until_subscribed();
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let level = id(&scene, "TK-1.level");
    publisher
        .send(level, &[Sample::good(PRESENT, 1.0)], &NEVER)
        .expect("room");
    listening.until("a sample", |told| told.count() == 1);
    eventually("both wakes", || woken.load(Ordering::Acquire) == 2);
}

#[test]
fn handles_can_be_kept_where_many_threads_look() {
    fn check<T: Send + Sync>() {}
    check::<SourceHandle>();
    check::<Publisher>();
    check::<Emulator>();
    check::<EmbeddedBroker>();
}

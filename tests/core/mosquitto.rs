//! Telemetry against a real broker: mosquitto, on a free port of the loopback interface.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use parallax::scene::spec::MqttSpec;
use parallax::scene::{MqttVersion, Scene};
use parallax::signal::{Clock, Sample, SignalId};
use parallax::telemetry::Publisher;
use parallax::telemetry::csv::{CsvFile, Row};
use parallax::telemetry::payload::Rejection;
use parallax::telemetry::replay::{Speed, replay};
use parallax::telemetry::status::{LinkState, MAX_KEPT_PAYLOAD, MAX_UNMAPPED_TOPICS};
use parallax::time::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use tempfile::TempDir;

use crate::telemetry::{
    Listening, PRESENT, data, eventually, id, plain_source, publisher, rig, skip, small_plant,
};

static NEVER: AtomicBool = AtomicBool::new(false);
const PROGRAM: &str = "/usr/sbin/mosquitto";

/// By itself mosquitto drops what a subscriber leaves waiting beyond a thousand messages.
pub(crate) const QUEUEING: &str = "allow_anonymous true\nmax_queued_messages 0";

/// A running mosquitto in a folder of its own.
pub(crate) struct Mosquitto {
    folder: TempDir,
    port: u16,
    child: Child,
}

impl Mosquitto {
    /// Starts one with these further lines of configuration, or skips `test`.
    pub(crate) fn start(test: &str, configuration: &str) -> Option<Self> {
        Self::start_in(test, TempDir::new().expect("a folder"), configuration)
    }

    fn start_in(test: &str, folder: TempDir, configuration: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            skip(test, "mosquitto is not installed");
            return None;
        }
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        let text = format!("listener {port} 127.0.0.1\nuser root\n{configuration}\n");
        fs::write(folder.path().join("mosquitto.conf"), text).expect("written");
        let child = run(folder.path(), port);
        Some(Self {
            folder,
            port,
            child,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// `kill -9`, as a power cut would.
    fn kill(&mut self) {
        self.child.kill().expect("running");
        self.child.wait().expect("killed");
    }

    /// Starts again where it was killed.
    fn revive(&mut self) {
        self.child = run(self.folder.path(), self.port);
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn run(folder: &Path, port: u16) -> Child {
    let child = Command::new(PROGRAM)
        .args(["-c", "mosquitto.conf"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto starts");
    let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    eventually("mosquitto answers", answers);
    child
}

/// A client that does what a plant should not: sends any bytes on any topic.
pub(crate) fn send_raw(broker: &Mosquitto, messages: impl IntoIterator<Item = (String, Vec<u8>)>) {
    let mut options = MqttOptions::new("raw", "127.0.0.1", broker.port);
    options.set_max_packet_size(64 << 20, 64 << 20);
    let messages: Vec<_> = messages.into_iter().collect();
    let (client, mut connection) = Client::new(options, messages.len().max(1));
    let count = messages.len();
    for (topic, payload) in messages {
        client
            .publish(topic, QoS::AtLeastOnce, false, payload)
            .expect("room for all");
    }
    let accepted = connection
        .iter()
        .map(|event| event.expect("a link"))
        .filter(|event| matches!(event, Event::Incoming(Packet::PubAck(_))));
    assert_eq!(accepted.take(count).count(), count);
}

/// All rows of a file.
fn rows(path: &Path, scene: &Scene) -> Vec<Row> {
    let mut file = CsvFile::open(path, scene).expect("a usable file");
    let mut rows = Vec::new();
    let mut row = Row::default();
    while file.read(scene, &mut row).expect("readable") {
        rows.push(row.clone());
    }
    rows
}

/// `(time, value)` of every sample by signal, in order.
type Series = BTreeMap<SignalId, Vec<(Timestamp, f64)>>;

fn series_of_rows(rows: &[Row]) -> Series {
    let mut series = Series::new();
    for row in rows {
        for (signal, value) in &row.values {
            series.entry(*signal).or_default().push((row.at, *value));
        }
    }
    series
}

fn series_of_samples(samples: &BTreeMap<SignalId, Vec<Sample>>) -> Series {
    let pairs = |samples: &Vec<Sample>| samples.iter().map(|s| (s.at, s.value)).collect();
    samples
        .iter()
        .map(|(id, samples)| (*id, pairs(samples)))
        .collect()
}

fn a_recorded_file_arrives_whole(test: &str, file: &str, version: MqttVersion) {
    let Some(path) = data(test, file) else { return };
    let Some(broker) = Mosquitto::start(test, QUEUEING) else {
        return;
    };
    let scene = Arc::new(rig());
    let mut spec = plain_source(&broker.url(), "rig");
    spec.version = version;
    let mut listening = Listening::start(&spec, &scene, 16);
    listening.until_subscribed();
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let mut file = CsvFile::open(&path, &scene).expect("a usable file");
    let report = replay(&mut file, &scene, &publisher, Speed::Max, &NEVER, |_| {});
    let report = report.expect("a replay");
    let rows = rows(&path, &scene);
    assert!(rows.len() > 500 && rows.iter().all(|row| row.values.len() == 8));
    assert_eq!(report.progress.samples, 8 * rows.len() as u64);
    listening.until("every value", |told| told.count() == 8 * rows.len());
    listening.until_quiet(Duration::from_millis(300));
    let arrived = series_of_samples(&listening.told.samples);
    assert_eq!(
        arrived,
        series_of_rows(&rows),
        "each value, in order, none extra"
    );
    let mut samples = listening.told.samples.values().flatten();
    assert!(samples.all(|sample| sample.clock == Clock::Source));
    // The file has gaps; they are still gaps.
    let gaps = |series: &[(Timestamp, f64)]| {
        let pairs = series.windows(2);
        let far = pairs.filter(|pair| pair[1].0.secs_since(pair[0].0) > 1.5);
        far.map(|pair| (pair[0].0, pair[1].0)).collect::<Vec<_>>()
    };
    let flow = id(&scene, "FT-1.flow");
    let found = gaps(&arrived[&flow]);
    assert!(!found.is_empty());
    assert_eq!(found, gaps(&series_of_rows(&rows)[&flow]));
    let status = listening.handle.status();
    assert_eq!((status.rejected.total(), status.unmapped_messages), (0, 0));
}

#[test]
fn a_recorded_file_arrives_whole_over_mqtt_3() {
    let test = "a_recorded_file_arrives_whole_over_mqtt_3";
    a_recorded_file_arrives_whole(test, "skab/data/valve1/1.csv", MqttVersion::V311);
}

#[test]
fn a_recorded_file_arrives_whole_over_mqtt_5() {
    let test = "a_recorded_file_arrives_whole_over_mqtt_5";
    a_recorded_file_arrives_whole(test, "skab/data/other/9.csv", MqttVersion::V5);
}

/// Sets a flag when it goes, so that a failed assertion does not wait for a replay.
struct StopAtEnd<'f>(&'f AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn a_killed_broker_loses_nothing(test: &str, version: MqttVersion) {
    let Some(path) = data(test, "skab/data/valve2/1.csv") else {
        return;
    };
    // Saves after every change, so that what it accepted survives.
    let lasting = "allow_anonymous true\nmax_queued_messages 0\npersistence true\npersistence_location ./\n\
        autosave_interval 1\nautosave_on_changes true";
    let Some(mut broker) = Mosquitto::start(test, lasting) else {
        return;
    };
    let scene = Arc::new(rig());
    let mut spec = plain_source(&broker.url(), "rig");
    spec.version = version;
    let mut listening = Listening::start(&spec, &scene, 16);
    listening.until_subscribed();
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let rows = rows(&path, &scene);
    let stop = AtomicBool::new(false);
    let file = thread::scope(|scope| {
        let _stopping = StopAtEnd(&stop);
        let replaying = scope.spawn(|| {
            let mut file = CsvFile::open(&path, &scene).expect("a usable file");
            // A thousand seconds in two: the cut comes amid them.
            let speed = Speed::Times(500.0);
            replay(&mut file, &scene, &publisher, speed, &stop, |_| {})
        });
        listening.until("a third", |told| told.count() > 8 * rows.len() / 3);
        assert!(listening.told.count() < 8 * rows.len(), "still amid it");
        broker.kill();
        listening.until("word of the cut", |told| told.disconnected.len() == 1);
        assert!(matches!(
            listening.handle.status().link,
            LinkState::Waiting { .. }
        ));
        broker.revive();
        listening.until("the link again", |told| told.connected == 2);
        listening.until("every value", |told| told.count() == 8 * rows.len());
        replaying.join().expect("no panic")
    });
    assert!(!file.expect("a replay").stopped);
    listening.until_quiet(Duration::from_millis(300));
    let mut arrived = series_of_samples(&listening.told.samples);
    // After a cut old messages come again behind newer ones: late data is normal.
    for series in arrived.values_mut() {
        series.sort_by_key(|(at, _)| *at);
    }
    assert_eq!(arrived, series_of_rows(&rows), "none lost, none twice");
    let status = listening.handle.status();
    assert_eq!(status.reconnects, 1);
    assert!(status.last_error.is_some());
}

#[test]
fn a_killed_broker_loses_nothing_over_mqtt_3() {
    let test = "a_killed_broker_loses_nothing_over_mqtt_3";
    a_killed_broker_loses_nothing(test, MqttVersion::V311);
}

#[test]
fn a_killed_broker_loses_nothing_over_mqtt_5() {
    let test = "a_killed_broker_loses_nothing_over_mqtt_5";
    a_killed_broker_loses_nothing(test, MqttVersion::V5);
}

#[test]
fn a_stalled_reader_loses_nothing() {
    let test = "a_stalled_reader_loses_nothing";
    let Some(broker) = Mosquitto::start(test, QUEUEING) else {
        return;
    };
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker.url(), "plant");
    let mut listening = Listening::start(&spec, &scene, 1);
    listening.until_subscribed();
    let publisher = publisher(&spec, &scene).expect("an endpoint");
    let level = id(&scene, "TK-1.level");
    for second in 0..5_000 {
        let sample = Sample::good(PRESENT + Duration::from_secs(second), second as f64);
        publisher.send(level, &[sample], &NEVER).expect("room");
    }
    publisher.flush(Duration::from_secs(30)).expect("accepted");
    // All of it is at the broker, and next to none of it was taken from us.
    assert!(listening.handle.status().samples < 1_000);
    listening.until("every value", |told| told.count() == 5_000);
    let mut values = listening.told.samples[&level].iter().zip(0..);
    assert!(values.all(|(sample, second)| sample.value == f64::from(second)));
}

#[test]
fn bad_payloads_are_counted_and_the_link_stays() {
    let test = "bad_payloads_are_counted_and_the_link_stays";
    for version in [MqttVersion::V311, MqttVersion::V5] {
        let Some(broker) = Mosquitto::start(test, "allow_anonymous true") else {
            return;
        };
        let scene = Arc::new(small_plant());
        let mut spec = plain_source(&broker.url(), "plant");
        spec.version = version;
        let mut listening = Listening::start(&spec, &scene, 64);
        listening.until_subscribed();
        eventually("the subscription", || {
            send_raw(&broker, [("plant/TK-1/level".to_owned(), b"1".to_vec())]);
            listening.handle.status().messages > 0
        });
        let topic = || "plant/TK-1/level".to_owned();
        let huge = vec![b'1'; 10 << 20];
        send_raw(
            &broker,
            [
                (topic(), b"wet".to_vec()),
                (topic(), b"NaN".to_vec()),
                (topic(), huge),
                (topic(), vec![0xFF]),
                (
                    topic(),
                    b"{\"v\": 1, \"t\": \"2199-01-01T00:00:00Z\"}".to_vec(),
                ),
                (
                    topic(),
                    b"{\"v\": 1, \"t\": \"1970-01-01T00:00:00Z\"}".to_vec(),
                ),
                (topic(), b"1e200".to_vec()),
                ("plant/TK-9/level".to_owned(), b"1".to_vec()),
                (
                    topic(),
                    b"{\"v\": 7, \"t\": \"2026-03-01T06:00:00Z\"}".to_vec(),
                ),
            ],
        );
        let level = id(&scene, "TK-1.level");
        let last = |samples: &Vec<Sample>| samples.last().is_some_and(|sample| sample.value == 7.0);
        listening.until("the good one", |told| {
            told.samples.get(&level).is_some_and(last)
        });
        let status = listening.handle.status();
        for reason in [
            Rejection::NotJson,
            Rejection::NotFinite,
            Rejection::TooLarge,
            Rejection::NotUtf8,
            Rejection::TooFarInFuture,
            Rejection::TooOld,
            Rejection::Implausible,
            Rejection::UnknownAsset,
        ] {
            assert_eq!(status.rejected.of(reason), 1, "{reason}");
        }
        assert_eq!(status.reconnects, 0);
        assert!(listening.told.disconnected.is_empty());
    }
}

#[test]
fn a_storm_of_unmapped_topics_stays_bounded() {
    let test = "a_storm_of_unmapped_topics_stays_bounded";
    let Some(broker) = Mosquitto::start(test, QUEUEING) else {
        return;
    };
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker.url(), "plant");
    let mut listening = Listening::start(&spec, &scene, 64);
    listening.until_subscribed();
    eventually("the subscription", || {
        send_raw(&broker, [("plant/TK-1/level".to_owned(), b"1".to_vec())]);
        listening.handle.status().messages > 0
    });
    let payload = "strange ".repeat(1_000).into_bytes();
    let storm = (0..2_000).map(|number| (format!("plant/storm/{number}"), payload.clone()));
    send_raw(&broker, storm);
    eventually("all of it", || {
        listening.handle.status().unmapped_messages == 2_000
    });
    let status = listening.handle.status();
    assert_eq!(status.unmapped.len(), MAX_UNMAPPED_TOPICS);
    assert_eq!(status.rejected.of(Rejection::UnknownAsset), 2_000);
    let mut payloads = status
        .unmapped
        .values()
        .map(|topic| topic.last_payload.len());
    assert!(payloads.all(|length| length == MAX_KEPT_PAYLOAD));
    assert!(status.connected());
}

#[test]
fn an_absent_broker_is_explained_and_found_when_it_comes() {
    let test = "an_absent_broker_is_explained_and_found_when_it_comes";
    let Some(mut broker) = Mosquitto::start(test, "allow_anonymous true") else {
        return;
    };
    broker.kill();
    let scene = Arc::new(small_plant());
    let spec = plain_source(&broker.url(), "plant");
    let mut listening = Listening::start(&spec, &scene, 64);
    eventually("an explanation", || {
        listening.handle.status().last_error.is_some()
    });
    let error = listening.handle.status().last_error.expect("seen above");
    assert!(error.contains("refused"), "{error}");
    broker.revive();
    listening.until_subscribed();
    assert!(
        listening.told.disconnected.is_empty(),
        "there was no link to lose"
    );
    assert_eq!(listening.handle.status().reconnects, 0);
}

/// What a watcher of `parallax/+/status` sees, until `enough`.
fn watch_status(
    broker: &Mosquitto,
    enough: impl Fn(&[String]) -> bool + Send + 'static,
) -> thread::JoinHandle<Vec<String>> {
    let options = MqttOptions::new("watcher", "127.0.0.1", broker.port);
    let (client, mut connection) = Client::new(options, 8);
    client
        .subscribe("parallax/+/status", QoS::AtLeastOnce)
        .expect("room");
    let (ready, subscribed) = std::sync::mpsc::channel();
    let watching = thread::spawn(move || {
        let _client = client;
        let mut seen = Vec::new();
        for event in connection.iter() {
            match event.expect("a link") {
                Event::Incoming(Packet::SubAck(_)) => ready.send(()).expect("awaited"),
                Event::Incoming(Packet::Publish(publish)) => {
                    seen.push(String::from_utf8_lossy(&publish.payload).into_owned());
                    if enough(&seen) {
                        break;
                    }
                }
                _ => {}
            }
        }
        seen
    });
    subscribed.recv().expect("subscribed");
    watching
}

#[test]
fn a_source_says_when_it_comes_and_leaves_nothing_behind() {
    let test = "a_source_says_when_it_comes_and_leaves_nothing_behind";
    for version in [MqttVersion::V311, MqttVersion::V5] {
        let counted = "allow_anonymous true\nsys_interval 1";
        let Some(broker) = Mosquitto::start(test, counted) else {
            return;
        };
        let scene = Arc::new(small_plant());
        let mut spec = plain_source(&broker.url(), "plant");
        spec.version = version;
        let watching = watch_status(&broker, |seen| seen.len() == 2);
        let mut listening = Listening::start(&spec, &scene, 64);
        listening.until_subscribed();
        eventually("a message of its own", || {
            send_raw(&broker, [("plant/TK-1/level".to_owned(), b"1".to_vec())]);
            listening.handle.status().messages > 0
        });
        drop(listening);
        assert_eq!(watching.join().expect("no panic"), ["online", ""]);
        assert_eq!(sessions_left(&broker), "0", "no session waits for us");
    }
}

/// How many sessions the broker keeps for clients that are away.
fn sessions_left(broker: &Mosquitto) -> String {
    let options = MqttOptions::new("counter", "127.0.0.1", broker.port);
    let (client, mut connection) = Client::new(options, 8);
    let topic = "$SYS/broker/clients/disconnected";
    client.subscribe(topic, QoS::AtMostOnce).expect("room");
    let fresh = connection
        .iter()
        .find_map(|event| match event.expect("a link") {
            // What was kept may be from before; what comes now is from now.
            Event::Incoming(Packet::Publish(publish)) => {
                Some(String::from_utf8_lossy(&publish.payload).into_owned())
            }
            _ => None,
        });
    fresh.expect("told every second")
}

/// An authority, and files of certificates that it signed.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("signed").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Writes `name.pem` and `name.key` for `host`.
    fn sign(&self, folder: &Path, name: &str, host: &str) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, host);
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        fs::write(folder.join(name).with_extension("pem"), certificate.pem()).expect("written");
        fs::write(folder.join(name).with_extension("key"), key.serialize_pem()).expect("written");
    }
}

/// A broker that wants a certificate, a user and a password.
pub(crate) fn strict_broker(test: &str) -> Option<(Mosquitto, PathBuf)> {
    let folder = TempDir::new().expect("a folder");
    let at = folder.path().to_owned();
    let authority = Authority::new("ours");
    fs::write(at.join("ca.pem"), &authority.pem).expect("written");
    fs::write(at.join("other_ca.pem"), Authority::new("others").pem).expect("written");
    authority.sign(&at, "broker", "127.0.0.1");
    authority.sign(&at, "twin", "twin");
    fs::write(at.join("users"), "operator:open sesame\n").expect("written");
    let hashed = Command::new("mosquitto_passwd")
        .args(["-U", "users"])
        .current_dir(&at)
        .status();
    if !hashed.is_ok_and(|status| status.success()) {
        skip(test, "mosquitto_passwd is not installed");
        return None;
    }
    let strict = "cafile ca.pem\ncertfile broker.pem\nkeyfile broker.key\n\
        require_certificate true\npassword_file users\nallow_anonymous false";
    Mosquitto::start_in(test, folder, strict).map(|broker| (broker, at))
}

/// A source of the strict broker with all that it wants.
pub(crate) fn trusted_source(broker: &Mosquitto, folder: &Path) -> MqttSpec {
    use parallax::scene::Secret;
    let url = format!("mqtts://127.0.0.1:{}", broker.port);
    let file = |name: &str| Some(folder.join(name).display().to_string());
    MqttSpec {
        ca_file: file("ca.pem"),
        client_cert: file("twin.pem"),
        client_key: file("twin.key"),
        username: Some(Secret::Env("PLANT_USER".to_owned())),
        password: Some(Secret::Env("PLANT_PASSWORD".to_owned())),
        ..plain_source(&url, "plant")
    }
}

#[test]
fn certificates_and_passwords_open_a_strict_broker() {
    let test = "certificates_and_passwords_open_a_strict_broker";
    let Some((broker, folder)) = strict_broker(test) else {
        return;
    };
    let scene = Arc::new(small_plant());
    for version in [MqttVersion::V311, MqttVersion::V5] {
        let mut spec = trusted_source(&broker, &folder);
        spec.version = version;
        let mut listening = Listening::start(&spec, &scene, 64);
        listening.until_subscribed();
        let publisher: Publisher = publisher(&spec, &scene).expect("an endpoint");
        let sample = Sample::good(PRESENT, 1.0);
        let level = id(&scene, "TK-1.level");
        publisher.send(level, &[sample], &NEVER).expect("room");
        publisher.flush(Duration::from_secs(30)).expect("accepted");
        listening.until("the sample", |told| told.count() == 1);
    }
}

#[test]
fn a_refusal_by_either_side_is_told_in_words() {
    let test = "a_refusal_by_either_side_is_told_in_words";
    let Some((broker, folder)) = strict_broker(test) else {
        return;
    };
    let good = trusted_source(&broker, &folder);
    let wrong_ca = MqttSpec {
        ca_file: Some(folder.join("other_ca.pem").display().to_string()),
        ..good.clone()
    };
    let no_certificate = MqttSpec {
        client_cert: None,
        client_key: None,
        ..good.clone()
    };
    let wrong_password = MqttSpec {
        password: Some(parallax::scene::Secret::Env("WRONG_PASSWORD".to_owned())),
        ..good.clone()
    };
    let plain = plain_source(&format!("mqtt://127.0.0.1:{}", broker.port), "plant");
    let plain = MqttSpec {
        name: "plain".to_owned(),
        ..plain
    };
    let scene = Arc::new(small_plant());
    for (spec, words) in [
        (wrong_ca, "signed by no authority that we trust"),
        (no_certificate, "refused our certificate"),
        (wrong_password, "refused the user or the password"),
    ] {
        for version in [MqttVersion::V311, MqttVersion::V5] {
            let spec = MqttSpec {
                version,
                ..spec.clone()
            };
            let listening = Listening::start(&spec, &scene, 64);
            eventually("an explanation", || {
                listening.handle.status().last_error.is_some()
            });
            let error = listening.handle.status().last_error.expect("seen above");
            assert!(error.contains(words), "{error}");
            assert!(!listening.handle.status().connected());
        }
    }
    let listening = Listening::start(&plain, &scene, 64);
    eventually("an explanation", || {
        listening.handle.status().last_error.is_some()
    });
}

//! From a broker's socket to the frame: samples per second and CPU per sample.
//!
//! A second process publishes on the waterworks' topics through a real mosquitto, and through
//! the embedded broker; beside it, a bare MQTT client that only counts what mosquitto passes.
//!
//! `cargo bench --bench ingest`

#[path = "stand/mosquitto.rs"]
mod mosquitto;

use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use parallax::history::{FrameCursor, History, HistoryConfig};
use parallax::scene::MqttVersion;
use parallax::session::{self, Feed, FeedPlan, Opened};
use parallax::signal::Origin;
use parallax::telemetry::{EmbeddedBroker, SourceChange, now};
use rumqttc::{Client, Connection, Event, MqttOptions, NetworkOptions, Packet, QoS};

use mosquitto::Mosquitto;

/// Messages of one run.
const SINGLES: usize = 300_000;
const ARRAYS: usize = 20_000;
/// Samples in one array message.
const ARRAY: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, url, messages, samples] = arguments.as_slice()
        && word == "publish"
    {
        return publish(url, number(messages), number(samples));
    }
    let opened = opened();
    println!(
        "{:<34} {:>12} {:>12} {:>14}",
        "", "messages/s", "samples/s", "CPU µs/sample"
    );
    match Mosquitto::start() {
        Some(broker) => {
            for (name, messages, samples) in [
                ("single values", SINGLES, 1),
                ("arrays of 100", ARRAYS, ARRAY),
            ] {
                bare(
                    &format!("mosquitto, {name}, bare client"),
                    &broker.url,
                    messages,
                    samples,
                );
                ours(
                    &format!("mosquitto, {name}, parallax"),
                    &opened,
                    &broker.url,
                    messages,
                    samples,
                );
            }
        }
        None => println!("mosquitto is not installed: apt-get install mosquitto"),
    }
    let embedded = EmbeddedBroker::start(None).unwrap_or_else(|error| panic!("{error}"));
    let url = embedded.url(MqttVersion::V311);
    for (name, messages, samples) in [
        ("single values", SINGLES, 1),
        ("arrays of 100", ARRAYS, ARRAY),
    ] {
        ours(
            &format!("embedded, {name}, parallax"),
            &opened,
            &url,
            messages,
            samples,
        );
    }
}

/// Broker to readings: decode, history, and a frame of all signals now and then.
fn ours(name: &str, opened: &Opened, url: &str, messages: usize, samples: usize) {
    let plan = FeedPlan::Sources {
        broker: Some(url.to_owned()),
    };
    let feed = Feed::start(opened, plan, &None).unwrap_or_else(|error| panic!("{error}"));
    while !feed.statuses().iter().all(|status| status.subscribed) {
        thread::sleep(Duration::from_millis(5));
    }
    let max_ages: Vec<_> = opened
        .scene
        .signals
        .iter()
        .map(|signal| signal.max_age)
        .collect();
    let mut history = History::new(opened.scene.signals.len(), HistoryConfig::default());
    let mut cursor = FrameCursor::default();
    let mut publisher = publisher(url, messages, samples);
    let (mut taken, mut first, mut cpu) = (0, None, ProcessTime::now());
    let began = Instant::now();
    while taken < messages * samples && began.elapsed() < PATIENCE {
        let Some(event) = feed.next_within(Duration::from_millis(20)) else {
            continue;
        };
        if let SourceChange::Samples(batch) = event.change {
            if first.is_none() {
                (first, cpu) = (Some(Instant::now()), ProcessTime::now());
            }
            taken += batch.samples.len();
            history.insert(&batch);
            cursor.advance(&history, Some(Origin::Measured), now(), &max_ages);
        }
    }
    report(name, taken / samples, taken, first, cpu.elapsed());
    let rejected: u64 = feed
        .statuses()
        .iter()
        .map(|status| status.rejected.total())
        .sum();
    if rejected > 0 || taken < messages * samples {
        println!(
            "    {rejected} rejected, {} missing",
            messages * samples - taken
        );
    }
    publisher.wait().ok();
}

/// What the broker passes to a client that only counts.
fn bare(name: &str, url: &str, messages: usize, samples: usize) {
    let (client, mut connection) = Client::new(options("count", url), 1_024);
    client
        .subscribe("waterworks/#", QoS::AtMostOnce)
        .unwrap_or_else(|error| panic!("{error}"));
    let mut publisher = None;
    let (mut taken, mut first, mut cpu) = (0, None, ProcessTime::now());
    for event in connection.iter() {
        match event.unwrap_or_else(|error| panic!("{error}")) {
            Event::Incoming(Packet::SubAck(_)) => {
                publisher = Some(self::publisher(url, messages, samples));
            }
            Event::Incoming(Packet::Publish(_)) => {
                if first.is_none() {
                    (first, cpu) = (Some(Instant::now()), ProcessTime::now());
                }
                taken += 1;
            }
            _ => {}
        }
        if taken == messages {
            break;
        }
    }
    report(name, taken, taken * samples, first, cpu.elapsed());
    if let Some(mut publisher) = publisher {
        publisher.wait().ok();
    }
}

fn report(name: &str, messages: usize, samples: usize, first: Option<Instant>, cpu: Duration) {
    let secs = first.map_or(f64::NAN, |first| first.elapsed().as_secs_f64());
    println!(
        "{name:<34} {:>12.0} {:>12.0} {:>14.3}",
        messages as f64 / secs,
        samples as f64 / secs,
        cpu.as_secs_f64() * 1e6 / samples.max(1) as f64
    );
}

/// This program again, as the plant: so that its CPU is not counted as ours.
fn publisher(url: &str, messages: usize, samples: usize) -> Child {
    let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    Command::new(program)
        .args(["publish", url, &messages.to_string(), &samples.to_string()])
        .spawn()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Publishes with quality of service 1, so that nothing is lost on the way to the broker.
fn publish(url: &str, messages: usize, samples: usize) {
    let opened = opened();
    let topics: Vec<String> = opened
        .scene
        .signals
        .iter()
        .filter(|signal| signal.measured && signal.states.is_empty())
        .map(|signal| format!("waterworks/{}", signal.full_name.replace('.', "/")))
        .collect();
    let mut options = options("plant", url);
    options.set_inflight(100);
    let (client, mut connection) = Client::new(options, 4_096);
    send_at_once(&mut connection);
    let start = now();
    let sender = thread::spawn(move || {
        for message in 0..messages {
            // Every sample has an instant of its own, or it would be a duplicate.
            let sample = |place: usize| {
                let at = start.nanos() + (message * samples + place) as i64 * 1_000;
                format!("{{\"v\":{}.{},\"t\":{at}}}", place % 10, message % 1_000)
            };
            let payload = if samples == 1 {
                sample(0)
            } else {
                let all: Vec<String> = (0..samples).map(sample).collect();
                format!("[{}]", all.join(","))
            };
            let topic = &topics[message % topics.len()];
            if client
                .publish(topic, QoS::AtLeastOnce, false, payload)
                .is_err()
            {
                return;
            }
        }
    });
    let mut acknowledged = 0;
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::PubAck(_))) => acknowledged += 1,
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
        if acknowledged == messages {
            break;
        }
    }
    sender.join().ok();
}

/// As a plant's gateway does: no packet waits for more to come.
fn send_at_once(connection: &mut Connection) {
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    connection.eventloop.set_network_options(network);
}

fn options(id: &str, url: &str) -> MqttOptions {
    let port = url
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap_or(1_883);
    let mut options = MqttOptions::new(
        format!("bench-{id}-{}", std::process::id()),
        "127.0.0.1",
        port,
    );
    options.set_max_packet_size(1 << 20, 1 << 20);
    options
}

fn opened() -> Opened {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/waterworks");
    session::open(&folder).unwrap_or_else(|error| panic!("{error}"))
}

fn number(text: &str) -> usize {
    text.parse()
        .unwrap_or_else(|_| panic!("`{text}` is no number"))
}

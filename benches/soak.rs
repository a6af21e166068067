//! Ten minutes of a busy plant through MQTT, with the whole product but its picture, recording.
//!
//! A second process publishes arrays of samples through a real mosquitto, evenly; the application
//! takes them in sixty times a second, judges alarms, updates readings and records to a store.
//! Told every ten seconds: resident memory, what waits, and the main thread's work per frame.
//! At the end every sample that the broker took must be in the store.
//!
//! ```text
//! cargo bench --bench soak [-- --minutes 10 --rate 100000 --signals 1000 --work DIR]
//! ```

#[path = "stand/mosquitto.rs"]
mod mosquitto;
#[path = "stand/twin.rs"]
mod twin;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::{ProcessTime, ThreadTime};
use parallax::app::launch::StoreChoice;
use parallax::app::recording::Store as OpenStore;
use parallax::app::telemetry::{Historian, Inbox};
use parallax::recording::{Library, RecorderStatus, Store, seal_logs};
use parallax::signal::Origin;
use parallax::telemetry::now;
use rumqttc::{Client, Event, MqttOptions, NetworkOptions, Packet, QoS};

use mosquitto::Mosquitto;
use twin::twin_of;

/// Samples in one message.
const ARRAY: usize = 100;
/// How often the publisher sends what is due.
const BEAT: Duration = Duration::from_millis(10);
/// Sixty frames a second.
const FRAME: Duration = Duration::from_nanos(16_666_667);
const TELL_EVERY: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(60);

struct Plan {
    minutes: f64,
    rate: usize,
    signals: usize,
    work: PathBuf,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, url, rate, signals, seconds] = arguments.as_slice()
        && word == "publish"
    {
        return publish(url, number(rate), number(signals), number(seconds));
    }
    let plan = Plan::from_arguments();
    let Some(broker) = Mosquitto::start() else {
        return println!("mosquitto is not installed: apt-get install mosquitto");
    };
    let folder = tempfile::tempdir_in(&plan.work).unwrap_or_else(|error| panic!("{error}"));
    let store = folder.path().join("store").display().to_string();
    let source = format!(
        "sources: [Mqtt(name: \"Plant\", broker: \"{}\", client_id: \"soak\", \
         topics: [(pattern: \"plant/{{asset}}/{{signal}}\")])]",
        broker.url
    );
    let choice = StoreChoice::At(store.clone());
    let mut app = twin_of(plan.signals as u32, &source, choice);
    let seconds = (plan.minutes * 60.0) as usize;
    println!(
        "{} samples/s of {} signals in arrays of {ARRAY}, {seconds} s, recorded at 60 frames a second",
        plan.rate, plan.signals
    );
    println!(
        "{:>6} {:>12} {:>9} {:>8} {:>9} {:>8} {:>9} {:>8} {:>8} {:>8} {:>8}",
        "s",
        "taken",
        "behind",
        "memory",
        "in RAM",
        "waiting",
        "sealed",
        "median",
        "p95",
        "most",
        "cores"
    );
    println!(
        "{:>6} {:>12} {:>9} {:>8} {:>9} {:>8} {:>9} {:>8} {:>8} {:>8} {:>8}",
        "", "samples", "s", "MiB", "samples", "rows", "logs", "ms", "ms", "ms", "busy"
    );
    while !connected(&app) {
        app.update();
        thread::sleep(FRAME);
    }
    let mut publisher = publisher(&broker.url, plan.rate, plan.signals, seconds);
    let (began, mut told) = (Instant::now(), Instant::now());
    let mut cpu = ProcessTime::now();
    let mut frames = Vec::new();
    let mut published = None;
    let mut memory = Vec::new();
    loop {
        let start = Instant::now();
        let work = ThreadTime::now();
        app.update();
        frames.push(work.elapsed().as_secs_f64() * 1e3);
        if told.elapsed() >= TELL_EVERY {
            let cores = cpu.elapsed().as_secs_f64() / told.elapsed().as_secs_f64();
            let resident = resident();
            memory.push((began.elapsed().as_secs_f64(), resident));
            tell(&app, began.elapsed(), &mut frames, cores, resident);
            (told, cpu) = (Instant::now(), ProcessTime::now());
        }
        if published.is_none() && publisher.try_wait().is_ok_and(|ended| ended.is_some()) {
            let mut text = String::new();
            let out = publisher.stdout.take().expect("piped");
            BufReader::new(out).read_line(&mut text).expect("a line");
            published = Some((number(text.trim()), Instant::now()));
        }
        if let Some((published, ended)) = published
            && (taken(&app) >= published as u64 || ended.elapsed() > PATIENCE)
        {
            break;
        }
        thread::sleep(FRAME.saturating_sub(start.elapsed()));
    }
    let (published, _) = published.expect("it has ended");
    conclude(app, &store, published as u64, &memory);
}

impl Plan {
    fn from_arguments() -> Self {
        let mut plan = Self {
            minutes: 10.0,
            rate: 100_000,
            signals: 1_000,
            work: std::env::temp_dir(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut next = || {
                words
                    .next()
                    .unwrap_or_else(|| panic!("{word} takes a value"))
            };
            match word.as_str() {
                "--minutes" => plan.minutes = next().parse().expect("a number"),
                "--rate" => plan.rate = number(&next()),
                "--signals" => plan.signals = number(&next()),
                "--work" => plan.work = next().into(),
                _ => {} // what cargo adds
            }
        }
        plan
    }
}

fn connected(app: &bevy::app::App) -> bool {
    let statuses = app.world().resource::<Inbox>().0.statuses();
    statuses.iter().all(|status| status.subscribed)
}

/// Samples that came out of the broker.
fn taken(app: &bevy::app::App) -> u64 {
    let status = recorder(app);
    status.rows_written + status.rows_waiting
}

fn recorder(app: &bevy::app::App) -> RecorderStatus {
    let store = app.world().resource::<OpenStore>();
    let status = store.0.as_ref().and_then(|recording| recording.status());
    status.expect("the twin records")
}

fn tell(app: &bevy::app::App, elapsed: Duration, frames: &mut Vec<f64>, cores: f64, resident: u64) {
    frames.sort_by(f64::total_cmp);
    let part = |part: f64| frames[((frames.len() - 1) as f64 * part) as usize];
    let history = &app.world().resource::<Historian>().0;
    let newest = history.span(Origin::Measured).map(|(_, newest)| newest);
    let status = recorder(app);
    println!(
        "{:>6.0} {:>12} {:>9.2} {:>8} {:>9} {:>8} {:>9} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
        elapsed.as_secs_f64(),
        taken(app),
        newest.map_or(f64::NAN, |newest| now().secs_since(newest)),
        resident,
        history.len(Origin::Measured),
        status.rows_waiting,
        status.logs_sealed,
        part(0.5),
        part(0.95),
        part(1.0),
        cores
    );
    frames.clear();
}

/// Resident memory of this program, MiB.
fn resident() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}

/// Closes the store, and counts what is in it.
fn conclude(mut app: bevy::app::App, place: &str, published: u64, memory: &[(f64, u64)]) {
    let statuses = app.world().resource::<Inbox>().0.statuses();
    let rejected: u64 = statuses.iter().map(|status| status.rejected.total()).sum();
    let unmapped: u64 = statuses.iter().map(|status| status.unmapped_messages).sum();
    let reconnects: u64 = statuses.iter().map(|status| status.reconnects).sum();
    let recording = app.world_mut().resource_mut::<OpenStore>().0.take();
    let closed = recording.map(|recording| recording.close());
    let status = closed.and_then(|closed| closed.unwrap_or_else(|error| panic!("{error}")));
    let lost = status.map_or(0, |status| status.rows_lost);
    drop(app);
    let kept = rows_of(place);
    println!(
        "published {published}, kept {kept}; rejected {rejected}, unmapped {unmapped}, lost {lost}, reconnects {reconnects}"
    );
    let after_first: Vec<_> = memory.iter().filter(|(at, _)| *at > 60.0).collect();
    if let (Some(first), Some(last)) = (after_first.first(), after_first.last()) {
        let most = after_first.iter().map(|(_, mib)| *mib).max();
        println!(
            "memory after the first minute {} MiB, at most {} MiB, at the end {} MiB",
            first.1,
            most.unwrap_or(0),
            last.1
        );
    }
    assert_eq!(kept, published, "every sample is kept");
}

/// Rows of a store, its log sealed.
fn rows_of(place: &str) -> u64 {
    let store = Store::open(place).unwrap_or_else(|error| panic!("{error}"));
    let open = || Library::open(store.depot()).unwrap_or_else(|error| panic!("{error}"));
    let library = Arc::new(open());
    seal_logs(&store, &library, now).unwrap_or_else(|error| panic!("{error}"));
    let catalogue = library.catalogue();
    catalogue.slices().iter().map(|slice| slice.rows).sum()
}

/// This program again, as the plant: so that its CPU and memory are not counted as ours.
fn publisher(url: &str, rate: usize, signals: usize, seconds: usize) -> Child {
    let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    Command::new(program)
        .arg("publish")
        .arg(url)
        .args([rate, signals, seconds].map(|number| number.to_string()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Publishes evenly, with quality of service 1; prints how many samples the broker took.
fn publish(url: &str, rate: usize, signals: usize, seconds: usize) {
    let port = url.rsplit(':').next().map_or(1_883, number) as u16;
    let mut options = MqttOptions::new("plant", "127.0.0.1", port);
    options.set_max_packet_size(1 << 20, 1 << 20);
    options.set_inflight(200);
    let (client, mut connection) = Client::new(options, 4_096);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    connection.eventloop.set_network_options(network);
    let total = rate * seconds / ARRAY;
    let sender = thread::spawn(move || {
        let (start, began) = (now(), Instant::now());
        // How long one message of a signal spans.
        let span = signals as f64 * ARRAY as f64 / rate as f64;
        let mut sent = 0;
        while sent < total {
            let due = (began.elapsed().as_secs_f64() * rate as f64 / ARRAY as f64) as usize;
            while sent < due.min(total) {
                let (signal, round) = (sent % signals, sent / signals);
                let place = signal as f64 / signals as f64;
                let mut text = String::with_capacity(ARRAY * 40);
                text.push('[');
                for sample in 0..ARRAY {
                    let part = sample as f64 / ARRAY as f64;
                    // What was scanned since the last message of this signal.
                    let seconds = (round as f64 + place + part - 1.0) * span;
                    let at = start.plus_secs(seconds).nanos();
                    let value = 0.5 + 0.4 * ((seconds / 60.0 + place * 6.0).sin());
                    let comma = if sample == 0 { "" } else { "," };
                    use std::fmt::Write;
                    write!(text, "{comma}{{\"v\":{value:.4},\"t\":{at}}}").expect("a String");
                }
                text.push(']');
                let topic = format!("plant/T-{signal}/level");
                if client
                    .publish(topic, QoS::AtLeastOnce, false, text)
                    .is_err()
                {
                    return;
                }
                sent += 1;
            }
            thread::sleep(BEAT);
        }
    });
    let mut acknowledged = 0;
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::PubAck(_))) => acknowledged += 1,
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
        if acknowledged == total {
            break;
        }
    }
    sender.join().ok();
    println!("{}", acknowledged * ARRAY);
}

fn number(text: &str) -> usize {
    text.parse()
        .unwrap_or_else(|_| panic!("`{text}` is no number"))
}

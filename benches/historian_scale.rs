//! A billion samples through the recorder, in compressed time, and the store opened after `kill -9`.
//!
//! A second process records a plant of 10,000 signals at one sample a second for 28 hours: log,
//! segments, merged hours, minutes and hours, all as in the product, by a clock that the samples
//! drive. Told every 50 million: resident memory of that process, what is on disk, CPU. When all
//! is recorded it is killed, and the store is opened as the application opens it, with the
//! system's cache of files dropped where this is root; frames and trends are asked for.
//!
//! ```text
//! cargo bench --no-default-features --bench historian_scale [-- --rows 1000000000 --signals 10000 --work DIR]
//! ```

#[path = "../tests/peers/plant.rs"]
mod plant;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use parallax::history::{FrameCursor, History, HistoryConfig};
use parallax::recording::{Library, Recorder, Sealer, Store};
use parallax::scene;
use parallax::session::{Recording, StorePlan};
use parallax::signal::{Origin, SignalId};
use parallax::time::Timestamp;

use plant::{Plant, START};

/// Bytes of logs that may wait to be sealed: so much is soon done.
const LOG_BYTES: u64 = 32 << 20;
/// Rows between two lines of the report.
const TELL_EVERY: u64 = 50_000_000;
/// Older values are stale.
const MAX_AGE: Duration = Duration::from_secs(10);
/// Instants and signals that are asked for.
const ASKS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// The clock of the plant, ns.
static CLOCK: AtomicI64 = AtomicI64::new(START.nanos());

fn plant_now() -> Timestamp {
    Timestamp::from_nanos(CLOCK.load(Ordering::Acquire))
}

fn main() {
    let (mut rows, mut signals, mut work) = (1_000_000_000, 10_000, std::env::temp_dir());
    let mut writing = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || {
            words
                .next()
                .unwrap_or_else(|| panic!("{word} takes a value"))
        };
        match word.as_str() {
            "--rows" => rows = next().parse().expect("a number"),
            "--signals" => signals = next().parse().expect("a number"),
            "--work" => work = next().into(),
            "--write" => writing = Some(PathBuf::from(next())),
            _ => {} // what cargo adds
        }
    }
    match writing {
        Some(store) => write(&store, rows, signals),
        None => {
            let folder = tempfile::tempdir_in(work).unwrap_or_else(|error| panic!("{error}"));
            let store = folder.path().join("store");
            let seconds = grow(&store, rows, signals);
            reopen(&store, rows, signals, seconds);
        }
    }
}

/// Records in a process of its own and kills it; returns how long the plant ran, s.
fn grow(store: &Path, rows: u64, signals: usize) -> f64 {
    println!("{rows} samples of {signals} signals, one a second each");
    println!(
        "{:>8} {:>7} {:>8} {:>8} {:>8} {:>9} {:>11}",
        "million", "s", "memory", "peak", "log", "segments", "CPU"
    );
    println!(
        "{:>8} {:>7} {:>8} {:>8} {:>8} {:>9} {:>11}",
        "samples", "", "MiB", "MiB", "MiB", "MiB", "ns/sample"
    );
    let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    let mut writer = Command::new(program)
        .args(["--rows", &rows.to_string()])
        .args(["--signals", &signals.to_string(), "--write"])
        .arg(store)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{error}"));
    let began = Instant::now();
    let out = BufReader::new(writer.stdout.take().expect("piped"));
    for line in out.lines().map_while(Result::ok) {
        // How many, and the nanoseconds of CPU.
        let mut words = line.split(' ');
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        let (Some(count), Some(cpu)) = (number(), number()) else {
            break; // all is recorded
        };
        let [resident, peak] = ["VmRSS:", "VmHWM:"].map(|what| memory(writer.id(), what));
        println!(
            "{:>8} {:>7.0} {:>8} {:>8} {:>8} {:>9} {:>11.0}",
            count / 1_000_000,
            began.elapsed().as_secs_f64(),
            resident,
            peak,
            size(&store.join("log")) >> 20,
            (size(store) - size(&store.join("log"))) >> 20,
            cpu as f64 / count as f64
        );
    }
    writer.kill().unwrap_or_else(|error| panic!("{error}"));
    writer.wait().unwrap_or_else(|error| panic!("{error}"));
    rows as f64 / signals as f64
}

/// What the writing process does.
fn write(folder: &Path, rows: u64, signals: usize) {
    let place = folder.display().to_string();
    let store = Store::open_or_create(&place).unwrap_or_else(|error| panic!("{error}"));
    let library = Library::open(store.depot()).unwrap_or_else(|error| panic!("{error}"));
    let mut plant = Plant::new(signals, 7);
    let settings = store.settings().clone();
    let sealer = Sealer::new(Arc::new(library), settings, plant_now);
    let recorder = Recorder::start(
        store.folder(),
        plant.names().clone(),
        Box::new(sealer),
        plant_now,
        Arc::new(|| {}),
    );
    let recorder = recorder.unwrap_or_else(|error| panic!("{error}"));
    let (mut count, mut told, mut making) = (0, 0, Duration::ZERO);
    let mut batch = Vec::new();
    while count < rows {
        let began = cpu_time::ThreadTime::now();
        plant.report(&mut batch);
        making += began.elapsed();
        count += batch.len() as u64;
        let newest = batch.last().map_or(START, |row| row.at);
        // Compressed time goes no faster than the store can follow: a plant of this size, live,
        // leaves a second for what takes milliseconds here.
        while !recorder.has_room() || recorder.status().log_bytes > LOG_BYTES {
            thread::sleep(Duration::from_millis(1));
        }
        CLOCK.store(newest.nanos(), Ordering::Release);
        assert!(recorder.record(std::mem::take(&mut batch)), "rows are lost");
        if count / TELL_EVERY > told {
            told = count / TELL_EVERY;
            let cpu = ProcessTime::now().as_duration().saturating_sub(making);
            println!("{count} {}", cpu.as_nanos());
        }
    }
    // What is older than the interval of synchronising is safe.
    while recorder.status().rows_synced < count {
        thread::sleep(Duration::from_millis(10));
    }
    println!("recorded");
    thread::sleep(PATIENCE);
}

/// Opens the store as the application does, and asks.
fn reopen(store: &Path, rows: u64, signals: usize, seconds: f64) {
    let scene = scene_of(signals);
    let scene = Arc::new(scene::parse(&scene).unwrap_or_else(|problems| panic!("{problems:?}")));
    let plan = StorePlan {
        place: store.display().to_string(),
        record: true,
    };
    let cold = drop_caches();
    let (began, cpu) = (Instant::now(), ProcessTime::now());
    let recording = Recording::start(&scene, &plan, None).unwrap_or_else(|error| panic!("{error}"));
    let mut history = History::new(signals, HistoryConfig::default());
    recording
        .attach(&mut history)
        .unwrap_or_else(|error| panic!("{error}"));
    println!(
        "reopened after kill -9, {}: {:.3} s, {:.3} s of CPU, {} MiB resident",
        if cold { "cold" } else { "warm" },
        began.elapsed().as_secs_f64(),
        cpu.elapsed().as_secs_f64(),
        memory(std::process::id(), "VmRSS:")
    );
    let mut recording = recording;
    let ages = vec![MAX_AGE; signals];
    let (mut frames, mut trends) = (Vec::new(), Vec::new());
    for ask in 0..ASKS {
        drop_caches();
        let at = START.plus_secs(seconds * (ask as f64 + 0.5) / ASKS as f64);
        let began = Instant::now();
        let mut cursor = FrameCursor::new();
        loop {
            cursor.advance(&history, Some(Origin::Measured), at, &ages);
            if !cursor.is_coming() {
                break;
            }
            assert!(recording.serve_all(&mut history, PATIENCE), "a frame");
        }
        frames.push(began.elapsed().as_secs_f64() * 1e3);
        let known = cursor.rows().iter().flatten().count();
        assert!(known * 10 > signals * 9, "{known} values at {at}");
    }
    for ask in 0..ASKS {
        drop_caches();
        let signal = SignalId((ask * signals / ASKS) as u32);
        let (from, to) = (START, START.plus_secs(seconds));
        let began = Instant::now();
        let columns = loop {
            let columns = history.columns(Origin::Measured, signal, from, to, 1_000);
            if !history.is_coming() {
                break columns;
            }
            assert!(recording.serve_all(&mut history, PATIENCE), "a trend");
        };
        trends.push(began.elapsed().as_secs_f64() * 1e3);
        let known = columns.iter().flatten().count();
        assert!(known > 500, "{known} columns; {:?}", recording.wrong());
    }
    for (what, mut all) in [("frame", frames), ("trend of all hours", trends)] {
        all.sort_by(f64::total_cmp);
        println!(
            "{what}, {}: {:.1} ms median, {:.1} ms at most",
            if cold { "cold" } else { "warm" },
            all[all.len() / 2],
            all[all.len() - 1]
        );
    }
    println!(
        "{} MiB resident after {} questions",
        memory(std::process::id(), "VmRSS:"),
        2 * ASKS
    );
    recording.close().unwrap_or_else(|error| panic!("{error}"));
    let store = Store::open(&plan.place).unwrap_or_else(|error| panic!("{error}"));
    let library = Arc::new(Library::open(store.depot()).unwrap_or_else(|error| panic!("{error}")));
    parallax::recording::seal_logs(&store, &library, plant_now)
        .unwrap_or_else(|error| panic!("{error}"));
    let catalogue = library.catalogue();
    let kept: u64 = catalogue.slices().iter().map(|slice| slice.rows).sum();
    println!("{kept} rows are in the store's segments, of {rows}");
    assert!(kept >= rows, "every row is kept");
}

/// A scene with the signals of the plant, in their order.
fn scene_of(signals: usize) -> String {
    use std::fmt::Write;
    let plant = Plant::new(signals, 7);
    let (mut types, mut assets) = (String::new(), String::new());
    let mut open: Option<String> = None;
    for series in plant.names().series() {
        let tag = series.name.tag.to_string();
        if open.as_ref() != Some(&tag) {
            if open.is_some() {
                types.push_str("]),");
            }
            write!(types, "\"{tag}\": (shape: Tank, signals: [").expect("a String");
            write!(assets, "(tag: \"{tag}\", type: \"{tag}\"),").expect("a String");
            open = Some(tag);
        }
        write!(
            types,
            "(name: \"{}\", unit: \"%\", range: (0, 1)),",
            series.name.signal
        )
        .expect("a String");
    }
    types.push_str("])");
    format!("(format: 1, name: \"Scale\", types: {{{types}}}, assets: [{assets}])")
}

/// Lets the system forget what it has read of all files; false if it may not be asked.
fn drop_caches() -> bool {
    let synced = Command::new("sync").status().is_ok();
    synced && fs::write("/proc/sys/vm/drop_caches", "3\n").is_ok()
}

/// Memory of a process, MiB.
fn memory(process: u32, what: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(what));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        _ => entry.metadata().map_or(0, |about| about.len()),
    });
    sizes.sum()
}

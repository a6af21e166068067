//! A recorder that is killed keeps all but the last moment.
//!
//! This binary runs itself: a child records, is killed without a word, and what it left is
//! compared with what it had said that it took.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use parallax::recording::depot::Folder;
use parallax::recording::{Library, LogFile, Names, Recorder, Row, Sealer, StoreSettings};

use super::shelf::{Kept, Shelf, check_rows, names, now, row, rows, settle, start, stock};

/// Rows per second.
const PACE: u64 = 20_000;
/// What is older than this must be kept.
/// When the first row speaks of, ns.
const FIRST_NANOS: i64 = 1_800_000_000_000_000_000;
const SYNC: Duration = Duration::from_millis(250);
/// After how many rows a log is closed: in some stores sealing goes on all the time, in
/// others logs are so long that only writing and syncing keep the rows.
const SEAL_ROWS: [u64; 3] = [1_000, 4_000, 30_000];
/// How often it is killed in all.
const KILLS: u64 = 50;
/// Kills of one store, one after another.
const KILLS_OF_A_STORE: u64 = 10;

/// Where the child records to, the number of its first row, and whether into segments.
const STORE: &str = "PARALLAX_TEST_RECORD_TO";
const FIRST: &str = "PARALLAX_TEST_RECORD_FROM";
const SEGMENTS: &str = "PARALLAX_TEST_RECORD_SEGMENTS";

/// The child's work: not a test, but it has to be one to be found.
#[test]
#[ignore = "run by the test that kills it"]
fn child_that_records_until_it_is_killed() {
    let (Ok(store), Ok(first)) = (std::env::var(STORE), std::env::var(FIRST)) else {
        return; // someone asked for all tests that are ignored
    };
    let store = Path::new(&store);
    let first: u64 = first.parse().expect("a number");
    let segments = std::env::var_os(SEGMENTS).is_some();
    let recorder = match segments {
        true => start_with_segments(store),
        false => start(store, &Shelf::new(store)),
    };
    let began = Instant::now();
    let mut next = first;
    let mut out = std::io::stdout();
    // Ends by itself if it is forgotten.
    while began.elapsed() < Duration::from_secs(60) {
        let due = first + began.elapsed().as_micros() as u64 * PACE / 1_000_000;
        assert!(recorder.record(rows(next..due)), "no room");
        next = due;
        writeln!(out, "taken {next}")
            .and_then(|()| out.flush())
            .expect("someone listens");
        thread::sleep(Duration::from_millis(4));
    }
}

/// What the child said, and when that was heard.
struct Said {
    taken: u64,
    at: Instant,
}

/// A recorder that seals as the program does.
fn start_with_segments(store: &Path) -> Recorder {
    let library = Arc::new(Library::open(Arc::new(Folder::new(store))).expect("a store"));
    let settings = StoreSettings::read(store).expect("settings");
    let sealer = Box::new(Sealer::new(library, settings, now));
    Recorder::start(store, names(), sealer, now, Arc::new(|| ())).expect("a recorder")
}

/// How many rows a store of segments holds, each once and as it was sent; and how many of
/// them are sealed. While a log is there, what was sealed of it does not count.
fn check_segments(store: &Path, what: &str) -> (u64, u64) {
    let library = Library::open(Arc::new(Folder::new(store))).expect("a store");
    assert_eq!(library.broken(), [], "{what}");
    let names = names();
    let mut held: BTreeMap<u64, Kept> = BTreeMap::new();
    let mut take = |row: &Row, names: &Names| {
        let number = (row.at.nanos() - FIRST_NANOS) / 50_000;
        let before = held.insert(number as u64, Kept::of(names, row));
        assert!(before.is_none(), "{what}: row {number} is there twice");
    };
    let logs = LogFile::list(store).expect("listed");
    for segment in library.catalogue().slices() {
        if logs.iter().any(|log| log.order == segment.segment.order) {
            continue;
        }
        let (_, block) = library.slice(segment).expect("a slice");
        for (place, series) in block.series.iter().enumerate() {
            let series = names.find(&series.name, series.who).expect("a tank");
            for row in block.rows_of(place) {
                let row = match block.columns.sample(row) {
                    Some(sample) => Row::new(series, sample),
                    None => Row::lost(series, block.columns.at[row]),
                };
                take(&row, &names);
            }
        }
    }
    let sealed = held.len() as u64;
    let mut take = |row: &Row, names: &Names| {
        let number = (row.at.nanos() - FIRST_NANOS) / 50_000;
        let before = held.insert(number as u64, Kept::of(names, row));
        assert!(before.is_none(), "{what}: row {number} is there twice");
    };
    for log in logs {
        let log = log.read().expect("a log");
        for row in &log.rows {
            take(row, &log.names);
        }
    }
    for (place, (number, kept)) in held.iter().enumerate() {
        assert_eq!(*number, place as u64, "{what}: a row is missing");
        assert_eq!(
            *kept,
            Kept::of(&names, &row(*number)),
            "{what}: row {number}"
        );
    }
    (held.len() as u64, sealed)
}

/// Lets a child record for a while, and kills it; what it had said by then.
fn record_and_kill(
    store: &Path,
    first: u64,
    after: Duration,
    segments: bool,
) -> (Vec<Said>, Instant) {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    if segments {
        command.env(SEGMENTS, "yes");
    }
    let mut child: Child = command
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg("recording::kill::child_that_records_until_it_is_killed")
        .env(STORE, store)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let listener = thread::spawn(move || {
        let mut said = Vec::new();
        for line in lines {
            let Ok(line) = line else { break };
            // The first line shares its own with the name of the test.
            let Some((_, taken)) = line.split_once("taken ") else {
                continue;
            };
            if let Ok(taken) = taken.parse() {
                let at = Instant::now();
                said.push(Said { taken, at });
            }
        }
        said
    });
    thread::sleep(after);
    let killed = Instant::now();
    child.kill().expect("killed"); // SIGKILL
    child.wait().expect("gone");
    (listener.join().expect("heard"), killed)
}

/// The settings of a store that is to be killed.
fn settings_of(seed: u64) -> String {
    let seal_rows = SEAL_ROWS[seed as usize % SEAL_ROWS.len()];
    format!("(sync: \"250ms\", seal_rows: {seal_rows}, min_free: \"1 MB\")")
}

fn kill_one_store(seed: u64) -> (u64, usize, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path();
    settle(store, &settings_of(seed));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut kept, mut torn, mut amid) = (0, 0, 0);
    for kill in 0..KILLS_OF_A_STORE {
        let what = format!("seed {seed}, kill {kill}");
        let after = Duration::from_micros(random.random_range(300_000..1_200_000));
        let (said, killed) = record_and_kill(store, kept, after, false);
        let stock = stock(store);
        let held = check_rows(&stock, &what);
        let mut old = said.iter().filter(|said| killed - said.at > SYNC);
        let safe = old.next_back().map_or(0, |said| said.taken).max(kept);
        assert!(held >= safe, "{what}: {held} rows are kept of {safe}");
        let last = said.last().map_or(kept, |said| said.taken);
        // The child may have taken more than it came to say, but not rows that nobody sent.
        assert!(
            held <= last + PACE,
            "{what}: {held} rows are kept of {last}"
        );
        torn += stock.torn.len();
        amid += usize::from(stock.sealed > 0 && (stock.sealed as u64) < held);
        kept = held;
    }
    // Reopened, all of it is sealed, and still there once.
    let status = start(store, &Shelf::new(store)).finish();
    assert_eq!(status.rows_lost, 0, "seed {seed}: {status:?}");
    let stock = stock(store);
    assert_eq!(
        check_rows(&stock, &format!("seed {seed}, in the end")),
        kept
    );
    assert_eq!(
        (stock.sealed as u64, stock.torn.len()),
        (kept, 0),
        "seed {seed}"
    );
    (kept, torn, amid)
}

#[test]
fn killed_at_any_moment_it_keeps_all_that_is_older_than_the_sync_interval() {
    let stores: Vec<_> = (1..=KILLS / KILLS_OF_A_STORE)
        .map(|seed| thread::spawn(move || kill_one_store(seed)))
        .collect();
    let (mut rows, mut amid) = (0, 0);
    for store in stores {
        let (kept, _, sealed) = store.join().expect("a store that is whole");
        rows += kept;
        amid += sealed;
    }
    // Else it was killed before it had begun, and nothing is shown.
    assert!(rows > KILLS * PACE / 10, "only {rows} rows in all");
    assert!(amid > KILLS as usize / 4, "only {amid} kills amid sealing");
}

fn kill_one_store_of_segments(seed: u64) -> (u64, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path();
    settle(store, &settings_of(seed));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut kept, mut amid) = (0, 0);
    for kill in 0..KILLS_OF_A_STORE {
        let what = format!("seed {seed}, kill {kill}");
        let after = Duration::from_micros(random.random_range(300_000..1_200_000));
        let (said, killed) = record_and_kill(store, kept, after, true);
        let (held, sealed) = check_segments(store, &what);
        let mut old = said.iter().filter(|said| killed - said.at > SYNC);
        let safe = old.next_back().map_or(0, |said| said.taken).max(kept);
        assert!(held >= safe, "{what}: {held} rows are kept of {safe}");
        amid += usize::from(sealed > 0 && sealed < held);
        kept = held;
    }
    let status = start_with_segments(store).finish();
    assert_eq!(status.rows_lost, 0, "seed {seed}: {status:?}");
    let (held, sealed) = check_segments(store, &format!("seed {seed}, in the end"));
    assert_eq!((held, sealed), (kept, kept), "seed {seed}");
    (kept, amid)
}

#[test]
fn killed_while_it_seals_a_store_of_segments_has_every_row_once() {
    let stores: Vec<_> = (1..=KILLS / KILLS_OF_A_STORE)
        .map(|seed| thread::spawn(move || kill_one_store_of_segments(seed)))
        .collect();
    let (mut rows, mut amid) = (0, 0);
    for store in stores {
        let (kept, sealed) = store.join().expect("a store that is whole");
        rows += kept;
        amid += sealed;
    }
    // Else it was killed before it had begun, and nothing is shown.
    assert!(rows > KILLS * PACE / 10, "only {rows} rows in all");
    assert!(amid > KILLS as usize / 4, "only {amid} kills amid sealing");
}

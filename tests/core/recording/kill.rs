//! A recorder that is killed keeps all but the last moment.
//!
//! This binary runs itself: a child records, is killed without a word, and what it left is
//! compared with what it had said that it took.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::shelf::{Shelf, check_rows, rows, settle, start, stock};

/// Rows per second.
const PACE: u64 = 20_000;
/// What is older than this must be kept.
const SYNC: Duration = Duration::from_millis(250);
/// After how many rows a log is closed: in some stores sealing goes on all the time, in
/// others logs are so long that only writing and syncing keep the rows.
const SEAL_ROWS: [u64; 3] = [1_000, 4_000, 30_000];
/// How often it is killed in all.
const KILLS: u64 = 50;
/// Kills of one store, one after another.
const KILLS_OF_A_STORE: u64 = 10;

/// Where the child records to, and the number of its first row.
const STORE: &str = "PARALLAX_TEST_RECORD_TO";
const FIRST: &str = "PARALLAX_TEST_RECORD_FROM";

/// The child's work: not a test, but it has to be one to be found.
#[test]
#[ignore = "run by the test that kills it"]
fn child_that_records_until_it_is_killed() {
    let (Ok(store), Ok(first)) = (std::env::var(STORE), std::env::var(FIRST)) else {
        return; // someone asked for all tests that are ignored
    };
    let store = Path::new(&store);
    let first: u64 = first.parse().expect("a number");
    let recorder = start(store, &Shelf::new(store));
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

/// Lets a child record for a while, and kills it; what it had said by then.
fn record_and_kill(store: &Path, first: u64, after: Duration) -> (Vec<Said>, Instant) {
    let mut child: Child = Command::new(std::env::current_exe().expect("this binary"))
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

fn kill_one_store(seed: u64) -> (u64, usize, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path();
    let seal_rows = SEAL_ROWS[seed as usize % SEAL_ROWS.len()];
    let settings = format!("(sync: \"250ms\", seal_rows: {seal_rows}, min_free: \"1 MB\")");
    settle(store, &settings);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut kept, mut torn, mut amid) = (0, 0, 0);
    for kill in 0..KILLS_OF_A_STORE {
        let what = format!("seed {seed}, kill {kill}");
        let after = Duration::from_micros(random.random_range(300_000..1_200_000));
        let (said, killed) = record_and_kill(store, kept, after);
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

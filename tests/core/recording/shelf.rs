//! A plain store for tests: logs are sealed into one file each, and all of it is read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parallax::recording::log::{JournalRow, LogEncoder, LogEnd, LogFile, read_log};
use parallax::recording::recorder::{Recorder, RecorderStatus, Seal, SealError, SealedLog};
use parallax::recording::{Name, Names, Row, Series, SeriesIndex, Who};
use parallax::signal::{Clock, Quality};
use parallax::time::Timestamp;

/// Longer than anything here takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seals each log into `STORE/sealed/<order>.bin`, whole or not at all.
#[derive(Clone)]
pub(super) struct Shelf {
    folder: PathBuf,
    /// While it is set nothing can be sealed.
    pub(super) broken: Arc<AtomicBool>,
    /// How often a log came.
    pub(super) asked: Arc<AtomicU64>,
}

/// A row and its series, so that logs with other indices compare.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) tag: Arc<str>,
    pub(super) at: Timestamp,
    pub(super) received: Timestamp,
    pub(super) value: Option<u64>,
    pub(super) quality: Quality,
    pub(super) clock: Clock,
}

/// All that a store holds.
#[derive(Default)]
pub(super) struct Stock {
    /// In the order of writing.
    pub(super) rows: Vec<Kept>,
    pub(super) journal: Vec<JournalRow>,
    /// Ends of logs that are not whole.
    pub(super) torn: Vec<LogEnd>,
    /// How many rows are in sealed files.
    pub(super) sealed: usize,
}

impl Shelf {
    pub(super) fn new(store: &Path) -> Self {
        Self {
            folder: store.join("sealed"),
            broken: Arc::default(),
            asked: Arc::default(),
        }
    }
}

impl Seal for Shelf {
    fn seal(&mut self, log: SealedLog) -> Result<(), SealError> {
        self.asked.fetch_add(1, Ordering::AcqRel);
        if self.broken.load(Ordering::Acquire) {
            return Err(SealError::new("the shelf is broken"));
        }
        let mut encoder = LogEncoder::new(log.order, &log.recorder, log.began);
        encoder.rows(&log.names, &log.rows);
        for note in &log.journal {
            encoder.note(note);
        }
        let path = self.folder.join(format!("{:016x}.bin", log.order));
        let draft = path.with_extension("part");
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&draft, encoder.bytes()))
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(SealError::new)
    }
}

impl Kept {
    pub(super) fn of(names: &Names, row: &Row) -> Self {
        Self {
            tag: Arc::clone(&names.get(row.series).name.tag),
            at: row.at,
            received: row.received,
            value: row.value.map(f64::to_bits),
            quality: row.quality,
            clock: row.clock,
        }
    }
}

/// Reads all of a store, while nobody writes it. Of a log and what it was sealed into, the
/// log is the truth.
pub(super) fn stock(store: &Path) -> Stock {
    let mut files: Vec<(u64, PathBuf, bool)> = Vec::new();
    for log in LogFile::list(store).expect("listed") {
        files.push((log.order, log.path, false));
    }
    for entry in fs::read_dir(store.join("sealed")).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            let stem = path.file_stem().expect("a name").to_string_lossy();
            let order = u64::from_str_radix(&stem, 16).expect("an order");
            if !files.iter().any(|(log, ..)| *log == order) {
                files.push((order, path, true));
            }
        }
    }
    files.sort();
    let mut stock = Stock::default();
    for (order, path, sealed) in files {
        let bytes = fs::read(&path).expect("read");
        let log = read_log(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(log.order, order, "{}", path.display());
        if log.end != LogEnd::Clean {
            assert!(!sealed, "{}: {:?}", path.display(), log.end);
            stock.torn.push(log.end);
        }
        let rows = log.rows.iter().map(|row| Kept::of(&log.names, row));
        stock.rows.extend(rows);
        if sealed {
            stock.sealed = stock.rows.len();
        }
        stock.journal.extend(log.journal);
    }
    stock
}

/// Fifty tanks.
pub(super) fn names() -> Names {
    let mut names = Names::default();
    for place in 0..50 {
        names.add(Series {
            name: Name::new(&format!("T-{place}"), "level"),
            who: Who::Measured,
            unit: "m".into(),
            states: [].into(),
        });
    }
    names
}

/// Row `number` of a plant that sends 20,000 of them a second: no two are equal.
pub(super) fn row(number: u64) -> Row {
    let start = Timestamp::from_secs(1_800_000_000);
    let at = start + Duration::from_micros(number * 50);
    let series = SeriesIndex((number % 50) as u32);
    if number % 997 == 996 {
        return Row::lost(series, at);
    }
    Row {
        series,
        at,
        received: at + Duration::from_micros(1_000 + number % 7),
        value: Some(number as f64 * 0.1),
        quality: Quality::ALL[number as usize % Quality::ALL.len()],
        clock: if number.is_multiple_of(3) {
            Clock::Receiver
        } else {
            Clock::Source
        },
    }
}

pub(super) fn rows(numbers: std::ops::Range<u64>) -> Vec<Row> {
    numbers.map(row).collect()
}

/// Holds that a store has rows `0..n`, each once, in order and as they were; returns n.
#[track_caller]
pub(super) fn check_rows(stock: &Stock, what: &str) -> u64 {
    let names = names();
    for (number, kept) in stock.rows.iter().enumerate() {
        let expected = Kept::of(&names, &row(number as u64));
        assert_eq!(
            *kept,
            expected,
            "{what}: row {number} of {}",
            stock.rows.len()
        );
    }
    stock.rows.len() as u64
}

/// The wall clock, which nothing should depend on.
pub(super) fn now() -> Timestamp {
    parallax::telemetry::now()
}

/// A recorder of the fifty tanks.
#[track_caller]
pub(super) fn start(store: &Path, shelf: &Shelf) -> Recorder {
    let sealer = Box::new(shelf.clone());
    Recorder::start(store, names(), sealer, now, Arc::new(|| ())).expect("a recorder")
}

/// Makes a store with these settings.
pub(super) fn settle(store: &Path, settings: &str) {
    fs::create_dir_all(store).expect("made");
    fs::write(store.join("store.ron"), settings).expect("written");
}

/// Waits until the status is as asked for.
#[track_caller]
pub(super) fn wait(
    recorder: &Recorder,
    what: &str,
    reached: impl Fn(&RecorderStatus) -> bool,
) -> RecorderStatus {
    let began = Instant::now();
    loop {
        let status = recorder.status();
        if reached(&status) {
            return status;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{what}: not reached: {status:#?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

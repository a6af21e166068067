//! The historian beside DuckDB, pyarrow and SQLite, on the same rows of the same plant.
//!
//! ```text
//! cargo bench --no-default-features --bench historian [-- --signals 10000 --secs 3600 --slice 2000000]
//! ```
//!
//! `PARALLAX_PEERS` names a Python with duckdb and pyarrow, which `scripts/test` installs; without
//! it our own figures are printed. CPU is that of all threads of a process; the rows are made
//! before the clock starts, and the peers find them as Arrow tables in memory.

#[path = "../tests/peers/plant.rs"]
mod plant;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cpu_time::ProcessTime;
use parallax::recording::depot::{Depot, DepotError, Folder, Piece};
use parallax::recording::segment::{
    Effort, Rollup, RollupWriter, Segment, SegmentHeader, SegmentWriter,
};
use parallax::recording::{Block, Names, Row, SeriesIndex, StartFrame, Who};
use parallax::signal::Sample;
use parallax::time::Timestamp;

use plant::{Plant, START};

/// What is measured, by the arguments.
struct Plan {
    signals: usize,
    secs: usize,
    slice: usize,
    effort: Effort,
    /// Only ours, for tuning.
    alone: bool,
    /// Where to leave our files, to be looked at.
    keep: Option<PathBuf>,
}

fn main() {
    let plan = Plan::from_arguments();
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    println!(
        "{} signals, {} s, {} rows; slices of {} rows",
        plan.signals,
        plan.secs,
        plan.signals * plan.secs,
        plan.slice
    );
    let ours = seal(&plan, folder.path());
    read(&plan, folder.path());
    if let Some(keep) = &plan.keep {
        for name in ["part.parquet", "minutes.parquet"] {
            fs::copy(folder.path().join(name), keep.join(name)).unwrap_or_else(|e| panic!("{e}"));
        }
    }
    if plan.alone {
        return;
    }
    match std::env::var_os("PARALLAX_PEERS") {
        Some(python) => peers(&plan, &PathBuf::from(python), folder.path(), ours),
        None => println!("PARALLAX_PEERS names no Python with duckdb and pyarrow"),
    }
}

impl Plan {
    fn from_arguments() -> Self {
        let mut plan = Self {
            signals: 10_000,
            secs: 3_600,
            slice: 2_000_000,
            effort: Effort::Live,
            alone: false,
            keep: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut number = || {
                let number = words.next().and_then(|text| text.parse().ok());
                number.unwrap_or_else(|| panic!("{word} takes a number"))
            };
            match word.as_str() {
                "--signals" => plan.signals = number(),
                "--secs" => plan.secs = number(),
                "--slice" => plan.slice = number(),
                "--archive" => plan.effort = Effort::Archive,
                "--alone" => plan.alone = true,
                "--keep" => plan.keep = words.next().map(PathBuf::from),
                _ => {} // what cargo adds
            }
        }
        plan
    }

    fn secs_of_slice(&self) -> usize {
        (self.slice / self.signals).max(1)
    }
}

/// Our figures, in the order of the table.
struct Figures {
    bytes: u64,
    cpu: Duration,
}

/// Writes all rows as a segment; tells what it took.
fn seal(plan: &Plan, folder: &Path) -> Figures {
    let mut plant = Plant::new(plan.signals, 7);
    let path = folder.join("part.parquet");
    let file = File::create(&path).unwrap_or_else(|error| panic!("{error}"));
    let header = || SegmentHeader {
        recorder: "bench".to_owned(),
        order: 1,
        written: START,
        replaces: Vec::new(),
    };
    let (mut sort, mut write, mut sum_up) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut writer = SegmentWriter::new(BufWriter::new(file), header(), plan.effort)
        .unwrap_or_else(|error| panic!("{error}"));
    let mut frame = Frame::default();
    let mut rollups = Vec::new();
    for start in (0..plan.secs).step_by(plan.secs_of_slice()) {
        let mut rows = Vec::with_capacity(plan.slice);
        for _ in start..(start + plan.secs_of_slice()).min(plan.secs) {
            plant.report(&mut rows);
        }
        let start = frame.at(plant.names());
        frame.take(&rows);
        let began = ProcessTime::now();
        let block = Block::new(plant.names(), rows);
        sort += began.elapsed();
        let began = ProcessTime::now();
        writer
            .write_slice(&start, &block)
            .unwrap_or_else(|error| panic!("{error}"));
        write += began.elapsed();
        let began = ProcessTime::now();
        rollups.push(Rollup::of(&block, Duration::from_secs(60)));
        sum_up += began.elapsed();
    }
    let began = ProcessTime::now();
    let (mut out, info) = writer.finish().unwrap_or_else(|error| panic!("{error}"));
    out.flush().unwrap_or_else(|error| panic!("{error}"));
    write += began.elapsed();
    let began = ProcessTime::now();
    let minutes = Rollup::merged(&rollups);
    let mut rollup = RollupWriter::new(Vec::new(), header(), plan.effort)
        .unwrap_or_else(|error| panic!("{error}"));
    rollup
        .write(&minutes)
        .unwrap_or_else(|error| panic!("{error}"));
    let (rollup, _) = rollup.finish().unwrap_or_else(|error| panic!("{error}"));
    sum_up += began.elapsed();
    let bytes = fs::metadata(&path).map_or(0, |about| about.len());
    let rows = info.rows();
    let each = |cpu: Duration| cpu.as_secs_f64() * 1e9 / rows as f64;
    println!(
        "sealing, ns of CPU a sample: sort {:.1}, write {:.1}",
        each(sort),
        each(write)
    );
    println!(
        "minutes: {:.1} ns a sample, {} buckets, {:.2} bytes each, {:.4} bytes a sample",
        each(sum_up),
        minutes.buckets.len(),
        rollup.len() as f64 / minutes.buckets.len() as f64,
        rollup.len() as f64 / rows as f64,
    );
    println!(
        "segment: {bytes} bytes, {:.4} bytes a sample",
        bytes as f64 / rows as f64
    );
    fs::write(folder.join("minutes.parquet"), rollup).unwrap_or_else(|error| panic!("{error}"));
    Figures {
        bytes,
        cpu: sort + write,
    }
}

/// The newest sample of every series.
#[derive(Default)]
struct Frame {
    newest: Vec<Option<Sample>>,
}

impl Frame {
    fn take(&mut self, rows: &[Row]) {
        for row in rows {
            let place = row.series.index();
            if self.newest.len() <= place {
                self.newest.resize(place + 1, None);
            }
            self.newest[place] = row.sample().or(self.newest[place]);
        }
    }

    fn at(&self, names: &Names) -> StartFrame {
        let known = self.newest.iter().enumerate();
        let known = known.filter_map(|(place, sample)| Some((place, (*sample)?)));
        let mut rows: Vec<_> = known
            .map(|(place, sample)| (names.get(SeriesIndex(place as u32)).clone(), sample))
            .collect();
        rows.sort_by_key(|(series, _)| (series.name.clone(), series.who));
        let rows = rows
            .into_iter()
            .map(|(series, sample)| (series, sample, None));
        StartFrame {
            rows: rows.collect(),
        }
    }
}

/// A file of which every read is counted.
struct Counted {
    piece: Arc<dyn Piece>,
    reads: std::sync::atomic::AtomicU64,
    bytes: std::sync::atomic::AtomicU64,
}

impl Piece for Counted {
    fn len(&self) -> u64 {
        self.piece.len()
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes, DepotError> {
        use std::sync::atomic::Ordering::Relaxed;
        self.reads.fetch_add(1, Relaxed);
        self.bytes.fetch_add(range.end - range.start, Relaxed);
        self.piece.read(range)
    }
}

/// How long slices and signals take to load, of a file that the system has in memory.
fn read(plan: &Plan, folder: &Path) {
    use std::sync::atomic::Ordering::Relaxed;
    let depot = Folder::new(folder);
    let piece = depot
        .open("part.parquet")
        .unwrap_or_else(|error| panic!("{error}"));
    let piece = Arc::new(Counted {
        piece,
        reads: 0.into(),
        bytes: 0.into(),
    });
    let began = Instant::now();
    let open = || Segment::open(piece.clone(), "part").unwrap_or_else(|error| panic!("{error}"));
    let segment = open();
    println!("open: {:.2} ms", began.elapsed().as_secs_f64() * 1e3);
    let mut times = Vec::new();
    let mut rows = 0;
    for slice in 0..segment.info().slices.len() {
        let began = Instant::now();
        let read = segment
            .read_slice(slice)
            .unwrap_or_else(|error| panic!("{error}"));
        times.push(began.elapsed().as_secs_f64() * 1e3);
        rows += read.1.len();
    }
    let total: f64 = times.iter().sum();
    times.sort_by(f64::total_cmp);
    println!(
        "slice: median {:.1} ms, worst {:.1} ms, {:.2} ns a row",
        times[times.len() / 2],
        times[times.len() - 1],
        total * 1e6 / rows as f64
    );
    let plant = Plant::new(plan.signals, 7);
    let mut times = Vec::new();
    for pick in 0..20 {
        let segment = open();
        let series = plant
            .names()
            .get(SeriesIndex((pick * 487 % plan.signals) as u32));
        let (reads, bytes) = (piece.reads.load(Relaxed), piece.bytes.load(Relaxed));
        let began = Instant::now();
        let found = segment
            .read_series(&series.name, Who::Measured, Timestamp::MIN, Timestamp::MAX)
            .unwrap_or_else(|error| panic!("{error}"));
        times.push(began.elapsed().as_secs_f64() * 1e3);
        if pick == 0 {
            println!(
                "one signal: {} rows, {} reads, {} bytes",
                found.1.len(),
                piece.reads.load(Relaxed) - reads,
                piece.bytes.load(Relaxed) - bytes
            );
        }
    }
    times.sort_by(f64::total_cmp);
    println!("one signal: median {:.1} ms", times[times.len() / 2]);
}

/// Gives the peers the same rows, and prints what they took beside ours.
fn peers(plan: &Plan, python: &Path, folder: &Path, ours: Figures) {
    let raw = folder.join("rows");
    dump(plan, &raw);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/ingest.py");
    let status = Command::new(python)
        .arg(script)
        .arg(&raw)
        .arg(folder.join("peers"))
        .arg(ours.bytes.to_string())
        .arg(ours.cpu.as_nanos().to_string())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => println!("{script}: {status}"),
        Err(error) => println!("{}: {error}", python.display()),
    }
}

/// Seconds of rows in one file of raw columns.
const DUMPED: usize = 300;

/// Writes the rows in the order of their arrival, column by column as plain little-endian
/// numbers, which numpy maps as they are.
fn dump(plan: &Plan, folder: &Path) {
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{error}"));
    let mut plant = Plant::new(plan.signals, 7);
    let names = plant.names().series().iter().map(|series| {
        let name = &series.name;
        serde_json::json!([
            &*name.tag,
            &*name.signal,
            series.who.text(),
            &*series.unit,
            &*series.states
        ])
    });
    let names = serde_json::Value::Array(names.collect()).to_string();
    fs::write(folder.join("series.json"), names).unwrap_or_else(|error| panic!("{error}"));
    for (part, start) in (0..plan.secs).step_by(DUMPED).enumerate() {
        let mut rows = Vec::new();
        for _ in start..(start + DUMPED).min(plan.secs) {
            plant.report(&mut rows);
        }
        let column = |name: &str, bytes: &dyn Fn(&Row) -> Vec<u8>| {
            let path = folder.join(format!("{part:04}.{name}"));
            let mut file = BufWriter::new(File::create(path).unwrap_or_else(|e| panic!("{e}")));
            for row in &rows {
                file.write_all(&bytes(row))
                    .unwrap_or_else(|error| panic!("{error}"));
            }
            file.flush().unwrap_or_else(|error| panic!("{error}"));
        };
        column("series", &|row| row.series.0.to_le_bytes().to_vec());
        column("source_time", &|row| row.at.nanos().to_le_bytes().to_vec());
        column("receive_time", &|row| {
            row.received.nanos().to_le_bytes().to_vec()
        });
        column("value", &|row| {
            row.value.unwrap_or_default().to_le_bytes().to_vec()
        });
        column("lost", &|row| vec![row.value.is_none().into()]);
        column("quality", &|row| row.quality.code().to_le_bytes().to_vec());
        column("clock", &|row| vec![row.clock as u8]);
    }
}

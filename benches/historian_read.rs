//! Questions to the historian beside DuckDB on the same rows: the plant at an instant, and a day
//! of one signal.
//!
//! ```text
//! cargo bench --no-default-features --bench historian_read
//!     [-- --signals 10000 --secs 3600 --trend-signals 400 --trend-secs 86400 --asks 100 --work DIR]
//! ```
//!
//! Two stores are sealed and merged as a recorder does it: many signals for an hour, which are
//! asked for frames, and some signals for a day, which are asked for trends. All is measured from
//! the question to the rows, by the wall clock. Cold: the system's cache of files is dropped,
//! which needs root, and the store is opened anew. Warm: what is asked for has been asked for
//! before. Scrubbing: the cache is dropped once, then one jumps about until a hundred jumps had to
//! load. `PARALLAX_PEERS` names a Python with duckdb and pyarrow; without it our own figures are
//! printed. The stores go below `--work`, by default a folder for temporary files: it must be on a
//! disk for cold figures to mean anything.

#[path = "../tests/peers/plant.rs"]
mod plant;

use std::collections::HashSet;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parallax::history::{Column, FrameCursor, History, HistoryConfig};
use parallax::recording::depot::Folder;
use parallax::recording::recorder::{Seal, SealedLog};
use parallax::recording::{Library, Loaded, Loader, Names, Sealer, SignalNames, StoreSettings};
use parallax::signal::{Origin, SignalId};
use parallax::time::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use plant::{Plant, START};

/// Rows of a log, as a recorder closes it by default.
const LOG_ROWS: usize = 1_000_000;
/// Columns of a trend.
const PIXELS: usize = 1_000;
/// Answers that DuckDB must give too, of each kind.
const CHECKED: usize = 5;
/// Older values are stale.
const MAX_AGE: Duration = Duration::from_secs(10);
/// What is loaded comes within this, or the bench gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is measured, by the arguments.
struct Plan {
    signals: usize,
    secs: usize,
    trend_signals: usize,
    trend_secs: usize,
    asks: usize,
    work: PathBuf,
}

fn main() {
    let plan = Plan::from_arguments();
    let folder = ok(tempfile::tempdir_in(&plan.work));
    let is_cold = drop_caches().is_ok();
    if !is_cold {
        println!("the system's cache of files cannot be dropped (needs root): nothing is cold");
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load of the machine: {}", load.trim());
    let frames = Stand::make(folder.path().join("frames"), plan.signals, plan.secs, 7);
    let trends = Stand::make(
        folder.path().join("trends"),
        plan.trend_signals,
        plan.trend_secs,
        11,
    );
    let mut figures = Vec::new();
    let frame_questions = ask_frames(&plan, &frames, is_cold, &mut figures);
    let trend_questions = ask_trends(&plan, &trends, is_cold, &mut figures);
    let questions = json!({
        "asks": plan.asks,
        "cold": is_cold,
        "work": folder.path().join("peers"),
        "frames": frame_questions,
        "trends": trend_questions,
    });
    let theirs = match std::env::var_os("PARALLAX_PEERS") {
        Some(python) => ask_duckdb(&PathBuf::from(python), folder.path(), &questions),
        None => {
            println!("PARALLAX_PEERS names no Python with duckdb and pyarrow");
            Vec::new()
        }
    };
    print_table(&figures, &theirs);
}

impl Plan {
    fn from_arguments() -> Self {
        let mut plan = Self {
            signals: 10_000,
            secs: 3_600,
            trend_signals: 400,
            trend_secs: 86_400,
            asks: 100,
            work: std::env::temp_dir(),
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
                "--trend-signals" => plan.trend_signals = number(),
                "--trend-secs" => plan.trend_secs = number(),
                "--asks" => plan.asks = number(),
                "--work" => {
                    let work = words
                        .next()
                        .unwrap_or_else(|| panic!("{word} takes a folder"));
                    plan.work = work.into();
                }
                _ => {} // what cargo adds
            }
        }
        plan
    }
}

/// A store and the signals that it is asked for.
struct Stand {
    folder: PathBuf,
    names: Names,
    signals: Arc<SignalNames>,
    secs: usize,
}

impl Stand {
    /// Seals and merges a plant of so many signals, for so long, as a recorder does it.
    fn make(folder: PathBuf, signals: usize, secs: usize, seed: u64) -> Self {
        ok(fs::create_dir_all(&folder));
        let began = Instant::now();
        let mut plant = Plant::new(signals, seed);
        let library = Arc::new(ok(Library::open(Arc::new(Folder::new(&folder)))));
        let settings = StoreSettings::default();
        let mut sealer = Sealer::new(Arc::clone(&library), settings.clone(), || START);
        let (mut order, mut count, mut rows) = (0, 0, Vec::with_capacity(LOG_ROWS));
        for second in 1..=secs {
            plant.report(&mut rows);
            if rows.len() >= LOG_ROWS || second == secs {
                order += 1;
                count += rows.len();
                ok(sealer.seal(SealedLog {
                    order,
                    recorder: settings.recorder.clone(),
                    began: START,
                    names: plant.names().clone(),
                    rows: std::mem::take(&mut rows),
                    journal: Vec::new(),
                }));
            }
        }
        // A day later every hour and every day is over.
        let until = START.plus_secs(secs as f64 + 86_400.0);
        while ok(sealer.merge_one(until)) {}
        println!(
            "store: {signals} signals, {secs} s, {count} rows, {} slices, sealed and merged in {:.0} s",
            library.catalogue().slices().len(),
            began.elapsed().as_secs_f64()
        );
        let names = plant.names().clone();
        let known = names.series().iter().map(|series| series.name.clone());
        Self {
            folder,
            signals: Arc::new(SignalNames::new(known.collect())),
            names,
            secs,
        }
    }

    fn open(&self) -> Reader {
        let library = Arc::new(ok(Library::open(Arc::new(Folder::new(&self.folder)))));
        let mut history = History::new(self.signals.len(), HistoryConfig::default());
        {
            let catalogue = library.catalogue();
            let (_, end) = catalogue.span().expect("the store has rows");
            history.attach(Timestamp::from_nanos(end.nanos() + 1));
            history.set_catalogue(catalogue.entries(), catalogue.stretches());
        }
        let loader = ok(Loader::start(
            library,
            Arc::clone(&self.signals),
            false,
            None,
        ));
        Reader {
            history,
            loader,
            ages: vec![MAX_AGE; self.signals.len()],
        }
    }

    /// Tag and name of a signal.
    fn name(&self, signal: usize) -> [&str; 2] {
        let name = &self.names.series()[signal].name;
        [&name.tag, &name.signal]
    }
}

/// A store that is open, as a session reads it.
struct Reader {
    history: History,
    loader: Loader,
    ages: Vec<Duration>,
}

impl Reader {
    /// Moves `cursor` to `at`, loading what that needs. Returns how much was loaded.
    fn frame(&mut self, cursor: &mut FrameCursor, at: Timestamp) -> usize {
        let mut loaded = 0;
        loop {
            cursor.advance(&self.history, Some(Origin::Measured), at, &self.ages);
            if !cursor.is_coming() {
                return loaded;
            }
            loaded += self.load();
        }
    }

    /// A signal from `from` to `to`, column by column.
    fn trend(&mut self, signal: SignalId, from: Timestamp, to: Timestamp) -> Vec<Option<Column>> {
        loop {
            let columns = self
                .history
                .columns(Origin::Measured, signal, from, to, PIXELS);
            if !self.history.is_coming() {
                return columns;
            }
            self.load();
        }
    }

    /// Loads what the history was asked for and lacks, as a session does that draws no frames.
    fn load(&mut self) -> usize {
        let wants = self.history.wants();
        let mut missing: HashSet<_> = wants.iter().copied().collect();
        let count = missing.len();
        self.loader.ask(wants, self.history.archive_revision());
        while !missing.is_empty() {
            let loaded = self.loader.take_within(PATIENCE);
            let loaded = loaded.unwrap_or_else(|| panic!("nothing was loaded in {PATIENCE:?}"));
            if let Some(want) = loaded.want() {
                missing.remove(&want);
            }
            match loaded {
                Loaded::Catalogue(entries, spans) => self.history.set_catalogue(entries, spans),
                Loaded::Slice(id, slice) => self.history.load_slice(id, slice),
                Loaded::Strand(key, strand, as_of) => {
                    self.history.load_strand(key, strand, as_of);
                }
                Loaded::Failed(want, why) => panic!("{want:?}: {why}"),
            }
        }
        count
    }
}

/// How long one way of asking took, s.
struct Figures {
    /// What was asked, and how warm: lines with the same are compared.
    question: String,
    /// By what.
    who: String,
    /// True if the answer is right whatever the rows are and nothing was summed up before.
    general: bool,
    opening: Vec<f64>,
    answering: Vec<f64>,
}

/// Asks for the plant at random instants; returns the questions and some answers.
fn ask_frames(plan: &Plan, stand: &Stand, is_cold: bool, figures: &mut Vec<Figures>) -> Value {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let last = stand.secs as i64 * 1_000_000_000;
    // The whole plant has reported by then.
    let mut instant = || {
        let nanos = random.random_range(last.min(10_000_000_000)..=last);
        Timestamp::from_nanos(START.nanos() + nanos)
    };
    let instants: Vec<_> = (0..plan.asks).map(|_| instant()).collect();

    if is_cold {
        let mut cold = Figures::ours("frame, cold");
        for &at in &instants {
            ok(drop_caches());
            let began = Instant::now();
            let mut reader = stand.open();
            cold.opening.push(began.elapsed().as_secs_f64());
            let began = Instant::now();
            reader.frame(&mut FrameCursor::new(), at);
            cold.answering.push(began.elapsed().as_secs_f64());
        }
        figures.push(cold);

        let mut jumps = Figures::ours("frame, scrubbing from disk, jumps that load");
        let mut all = Vec::new();
        while jumps.answering.len() < plan.asks {
            ok(drop_caches());
            let (mut reader, mut cursor) = (stand.open(), FrameCursor::new());
            for _ in 0..plan.asks {
                let at = instant();
                let began = Instant::now();
                let loaded = reader.frame(&mut cursor, at);
                all.push(began.elapsed().as_secs_f64());
                if loaded > 0 {
                    jumps.answering.push(began.elapsed().as_secs_f64());
                }
            }
        }
        figures.push(jumps);
        figures.push(Figures {
            answering: all,
            ..Figures::ours("frame, scrubbing from disk, all jumps")
        });
    }

    let (mut reader, mut cursor) = (stand.open(), FrameCursor::new());
    for &at in &instants {
        reader.frame(&mut cursor, at);
    }
    let mut warm = Figures::ours("frame, warm");
    let mut reloads = 0;
    for &at in &instants {
        let began = Instant::now();
        reloads += usize::from(reader.frame(&mut cursor, at) > 0);
        warm.answering.push(began.elapsed().as_secs_f64());
    }
    figures.push(warm);
    println!(
        "slices hold {} MiB of memory; {reloads} of {} warm questions had to load again",
        reader.history.archive_bytes() >> 20,
        instants.len()
    );

    let answers = instants.iter().take(CHECKED).map(|&at| {
        reader.frame(&mut cursor, at);
        let rows = cursor.rows().iter().enumerate();
        let rows = rows.filter_map(|(signal, row)| {
            let [tag, name] = stand.name(signal);
            Some(json!([tag, name, bits(row.as_ref()?.sample.value)]))
        });
        json!({"at": at.nanos(), "rows": rows.collect::<Vec<_>>()})
    });
    let answers: Vec<_> = answers.collect();
    let instants: Vec<_> = instants.iter().map(|at| at.nanos()).collect();
    json!({"store": stand.folder, "instants": instants, "answers": answers})
}

/// Asks for all of random signals; returns the questions and some answers.
fn ask_trends(plan: &Plan, stand: &Stand, is_cold: bool, figures: &mut Vec<Figures>) -> Value {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let signals: Vec<_> = (0..plan.asks)
        .map(|_| random.random_range(0..stand.signals.len()))
        .collect();
    let (from, to) = (START, START.plus_secs(stand.secs as f64));
    let id = |signal: usize| SignalId(signal as u32);

    if is_cold {
        let mut cold = Figures::ours("trend, cold");
        for &signal in &signals {
            ok(drop_caches());
            let began = Instant::now();
            let mut reader = stand.open();
            cold.opening.push(began.elapsed().as_secs_f64());
            let began = Instant::now();
            reader.trend(id(signal), from, to);
            cold.answering.push(began.elapsed().as_secs_f64());
        }
        figures.push(cold);
    }

    let mut reader = stand.open();
    for &signal in &signals {
        reader.trend(id(signal), from, to);
    }
    let mut warm = Figures::ours("trend, warm");
    for &signal in &signals {
        let began = Instant::now();
        reader.trend(id(signal), from, to);
        warm.answering.push(began.elapsed().as_secs_f64());
    }
    figures.push(warm);

    let answers = signals.iter().take(CHECKED).map(|&signal| {
        let [tag, name] = stand.name(signal);
        let columns = reader.trend(id(signal), from, to);
        let columns = columns.iter().flatten().map(|column| {
            json!([
                column.first.at.nanos(),
                column.last.at.nanos(),
                bits(column.min),
                bits(column.max),
                column.count
            ])
        });
        json!({"tag": tag, "signal": name, "columns": columns.collect::<Vec<_>>()})
    });
    let answers: Vec<_> = answers.collect();
    let signals: Vec<_> = signals.iter().map(|&signal| stand.name(signal)).collect();
    json!({
        "store": stand.folder,
        "from": from.nanos(),
        "to": to.nanos(),
        "columns": PIXELS,
        "signals": signals,
        "answers": answers,
    })
}

/// Lets DuckDB answer the same questions.
fn ask_duckdb(python: &Path, folder: &Path, questions: &Value) -> Vec<Figures> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/read.py");
    let path = folder.join("questions.json");
    ok(fs::write(&path, questions.to_string()));
    let mut command = Command::new(python);
    let told = ok(command
        .arg(script)
        .arg(path)
        .stderr(Stdio::inherit())
        .output());
    assert!(told.status.success(), "{script}: {}", told.status);
    let mut figures = Vec::new();
    for line in String::from_utf8_lossy(&told.stdout).lines() {
        let line: Value = ok(serde_json::from_str(line));
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let seconds = |name: &str| {
            let all = line[name].as_array().into_iter().flatten();
            all.filter_map(Value::as_f64).collect()
        };
        if line["note"].is_string() {
            println!("{}", text("note"));
        } else {
            figures.push(Figures {
                question: text("question"),
                who: text("who"),
                general: line["general"] == true,
                opening: seconds("opening"),
                answering: seconds("answering"),
            });
        }
    }
    figures
}

/// One line for each way of asking, and how often faster we are: by what the answer takes, and
/// by opening and answering together.
fn print_table(ours: &[Figures], theirs: &[Figures]) {
    println!();
    println!(
        "{:<45} {:>5} {:>9} {:>9} {:>9} {:>6} {:>6} {:>9} {:>9} {:>6} {:>6}",
        "ms", "n", "opening", "answer", "p95", "times", "p95", "both", "p95", "times", "p95"
    );
    for us in ours {
        println!("{}", us.question);
        us.print(None);
        let same = || theirs.iter().filter(|they| they.question == us.question);
        for they in same() {
            they.print(Some(us));
        }
        let median = |figures: &Figures| part_of(&figures.both(), 0.5);
        let general = same().filter(|they| they.general);
        if let Some(best) = general.min_by(|one, two| median(one).total_cmp(&median(two))) {
            println!(
                "  {:.1} times as fast as the best SQL for any rows: {}",
                median(best) / median(us),
                best.who
            );
        }
    }
}

impl Figures {
    fn ours(question: &str) -> Self {
        Self {
            question: question.to_owned(),
            who: "parallax".to_owned(),
            general: true,
            opening: Vec::new(),
            answering: Vec::new(),
        }
    }

    /// What opening and answering took together.
    fn both(&self) -> Vec<f64> {
        let opening = self.opening.iter().copied().chain(std::iter::repeat(0.0));
        let both = self.answering.iter().zip(opening);
        both.map(|(answering, opening)| answering + opening)
            .collect()
    }

    fn print(&self, ours: Option<&Self>) {
        let ms = |all: &[f64], part: f64| format!("{:.3}", part_of(all, part) * 1e3);
        let times = |all: &[f64], ours: Option<Vec<f64>>, part: f64| {
            ours.map_or_else(String::new, |ours| {
                format!("{:.1}", part_of(all, part) / part_of(&ours, part))
            })
        };
        let (answer, both) = (&self.answering, self.both());
        let our_answer = || ours.map(|ours| ours.answering.clone());
        let our_both = || ours.map(Self::both);
        println!(
            "  {:<43} {:>5} {:>9} {:>9} {:>9} {:>6} {:>6} {:>9} {:>9} {:>6} {:>6}",
            self.who,
            both.len(),
            ms(&self.opening, 0.5),
            ms(answer, 0.5),
            ms(answer, 0.95),
            times(answer, our_answer(), 0.5),
            times(answer, our_answer(), 0.95),
            ms(&both, 0.5),
            ms(&both, 0.95),
            times(&both, our_both(), 0.5),
            times(&both, our_both(), 0.95),
        );
    }
}

/// The least of `all` that so large a part of them does not exceed; 0 if there is none.
fn part_of(all: &[f64], part: f64) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    let place = (part * all.len() as f64).ceil() as usize;
    all.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Lets the system forget what it has read of all files.
fn drop_caches() -> std::io::Result<()> {
    Command::new("sync").status()?;
    fs::write("/proc/sys/vm/drop_caches", "3\n")
}

fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn ok<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

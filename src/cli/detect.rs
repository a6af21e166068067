//! `parallax detect --scene SCENE FILE…`: what is not as it was, row by row.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use thiserror::Error;

use super::output::talk;
use super::{PROBLEMS_FOUND, could_not, print_json};
use crate::files::{Cells, ExportError, TableColumn, write_table_csv};
use crate::forecast::anomaly::{
    Detector, DetectorError, DetectorSettings, FalseAlarms, IgnoredSignal, Verdict, residuals,
};
use crate::problem::Problem;
use crate::session::{self, OpenError, SignalChange};
use crate::signal::SignalId;
use crate::telemetry::csv::CsvError;

/// `parallax detect`
#[derive(Clone, Debug, Args)]
pub struct DetectArgs {
    /// CSV files of recorded data, each with a header.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The scene whose signals the columns are.
    #[arg(long)]
    pub scene: PathBuf,
    /// Watch only the signals of this asset and of what belongs to it.
    #[arg(long, value_name = "TAG")]
    pub asset: Option<String>,
    /// Learn from so many first rows of each file.
    #[arg(
        long,
        value_name = "ROWS",
        default_value_t = 400,
        conflicts_with = "model"
    )]
    pub train: usize,
    /// Use what was learned before: a FILE.detector.json.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// The false alarms that are accepted.
    #[arg(
        long,
        value_name = "COUNT/TIME",
        default_value = "1/day",
        conflicts_with = "model"
    )]
    pub budget: FalseAlarms,
    /// Watch the residual against what a twin computed, a CSV with the same columns.
    #[arg(long, value_name = "FILE")]
    pub twin: Option<PathBuf>,
    /// The folder for scores, changes and detectors, a file of each for every FILE, and
    /// detect.json.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Why nothing was detected.
#[derive(Debug, Error)]
enum DetectFailure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the scene has no asset `{0}`")]
    NoAsset(String),
    #[error("cannot read the detector: {source}: {}", path.display())]
    Model {
        source: std::io::Error,
        path: PathBuf,
    },
    #[error(transparent)]
    Read(#[from] CsvError),
    #[error(transparent)]
    Detector(#[from] DetectorError),
    #[error(transparent)]
    Write(#[from] ExportError),
    #[error("the result cannot be written: {0}")]
    Out(#[from] std::io::Error),
}

/// What `detect.json` says.
#[derive(Serialize)]
struct Report<'a> {
    scene: &'a str,
    budget: String,
    files: Vec<FileReport>,
    version: &'static str,
}

#[derive(Serialize)]
struct FileReport {
    file: String,
    /// The names of what was written: NAME.csv, NAME.changes.csv and NAME.detector.json.
    name: String,
    rows: usize,
    trained_rows: usize,
    flagged_rows: usize,
    /// Excursions: flagged rows without a gap.
    excursions: usize,
    changes: usize,
    ignored: Vec<IgnoredSignal>,
    cells_without_value: u64,
}

/// Scores the files and writes what was found.
pub fn detect(args: &DetectArgs) -> ExitCode {
    match try_detect(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(PROBLEMS_FOUND),
        Err(error) => could_not(error),
    }
}

/// False if a file could not be used.
fn try_detect(args: &DetectArgs) -> Result<bool, DetectFailure> {
    let opened = session::open(&args.scene)?;
    let scene = &opened.scene;
    let signals = match &args.asset {
        None => None,
        Some(tag) => {
            let found = session::signals_of(scene, tag);
            Some(found.ok_or_else(|| DetectFailure::NoAsset(tag.clone()))?)
        }
    };
    let known = args.model.as_deref().map(read_detector).transpose()?;
    fs::create_dir_all(&args.out)?;
    let names = names_of(&args.files);
    let job = Job {
        args,
        scene,
        signals: signals.as_deref(),
        known: known.as_ref(),
    };
    let mut files = Vec::new();
    for (file, name) in args.files.iter().zip(names) {
        match job.score(file, name) {
            Ok(report) => files.push(report),
            Err(DetectFailure::Read(error)) => {
                if let CsvError::Unusable { problems, .. } = &error {
                    tell(file, problems);
                }
                talk!("error: {error}");
            }
            Err(error) => talk!("error: {error}: {}", file.display()),
        }
    }
    let all = files.len() == args.files.len();
    let budget = known.map_or(args.budget, |detector| detector.settings.budget);
    let report = Report {
        scene: &scene.name,
        budget: budget.to_string(),
        files,
        version: env!("CARGO_PKG_VERSION"),
    };
    let text = serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?;
    fs::write(args.out.join("detect.json"), text)?;
    print_json(&report);
    Ok(all)
}

fn read_detector(path: &Path) -> Result<Detector, DetectFailure> {
    let text = fs::read_to_string(path).map_err(|source| DetectFailure::Model {
        source,
        path: path.to_owned(),
    })?;
    Ok(Detector::from_json(&text)?)
}

/// What is the same for all files.
struct Job<'a> {
    args: &'a DetectArgs,
    scene: &'a crate::scene::Scene,
    signals: Option<&'a [SignalId]>,
    known: Option<&'a Detector>,
}

impl Job<'_> {
    fn score(&self, file: &Path, name: String) -> Result<FileReport, DetectFailure> {
        let recorded = session::recorded_table(file, self.scene, self.signals)?;
        tell(file, &recorded.problems);
        let mut table = recorded.table;
        if let Some(twin) = &self.args.twin {
            let simulated = session::recorded_table(twin, self.scene, self.signals)?;
            table = residuals(&table, &simulated.table);
        }
        let settings = DetectorSettings {
            budget: self.args.budget,
            ..DetectorSettings::default()
        };
        let trained;
        let detector = match self.known {
            Some(detector) => detector,
            None => {
                trained = Detector::train(&table, 0..self.args.train, &settings)?;
                let path = self.args.out.join(format!("{name}.detector.json"));
                fs::write(path, trained.to_json()?)?;
                &trained
            }
        };
        for one in &detector.ignored {
            talk!(
                "{}: {} {}: it is not watched",
                file.display(),
                one.signal,
                one.reason
            );
        }
        let verdicts = detector.score(&table)?;
        let path = self.args.out.join(format!("{name}.csv"));
        write_table_csv(&path, &columns(detector, &verdicts))?;
        let changes = session::changes(detector, &table);
        let path = self.args.out.join(format!("{name}.changes.csv"));
        write_table_csv(&path, &change_columns(&changes))?;
        Ok(FileReport {
            file: file.display().to_string(),
            name,
            rows: verdicts.len(),
            trained_rows: detector.trained.rows,
            flagged_rows: verdicts.iter().filter(|verdict| verdict.flagged).count(),
            excursions: session::excursions(&verdicts).len(),
            changes: changes.len(),
            ignored: detector.ignored.clone(),
            cells_without_value: recorded.faults.count,
        })
    }
}

fn tell(file: &Path, problems: &[Problem]) {
    for problem in problems {
        talk!("{}: {}; {}", file.display(), problem.message, problem.hint);
    }
}

/// A name for what is written of each file: its own, with the folder's where two are alike.
fn names_of(files: &[PathBuf]) -> Vec<String> {
    let part = |part: Option<&std::ffi::OsStr>| {
        part.map(|part| part.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let own: Vec<String> = files.iter().map(|file| part(file.file_stem())).collect();
    let longer: Vec<String> = files
        .iter()
        .zip(&own)
        .map(
            |(file, name)| match own.iter().filter(|other| *other == name).count() {
                1 => name.clone(),
                _ => format!("{}-{name}", part(file.parent().and_then(Path::file_name))),
            },
        )
        .collect();
    let numbered = longer.iter().enumerate().map(|(place, name)| {
        match longer[..place]
            .iter()
            .filter(|other| *other == name)
            .count()
        {
            0 => name.clone(),
            earlier => format!("{name}-{}", earlier + 1),
        }
    });
    numbered.collect()
}

/// A row for each verdict.
fn columns(detector: &Detector, verdicts: &[Verdict]) -> Vec<TableColumn> {
    let texts = |name: &str, text: &dyn Fn(&Verdict) -> String| TableColumn {
        name: name.to_owned(),
        cells: Cells::Texts(verdicts.iter().map(text).collect()),
    };
    let numbers = |name: &str, number: &dyn Fn(&Verdict) -> f64| TableColumn {
        name: name.to_owned(),
        cells: Cells::Numbers(verdicts.iter().map(|one| Some(number(one))).collect()),
    };
    let leading = |verdict: &Verdict| {
        let shares = verdict.contributions.iter().enumerate();
        let most = shares.max_by(|one, other| one.1.total_cmp(other.1));
        most.and_then(|(place, _)| detector.signals.get(place).cloned())
            .unwrap_or_default()
    };
    let mut columns = vec![
        texts("time", &|one| one.at.to_string()),
        numbers("training", &|one| f64::from(u8::from(one.training))),
        numbers("score", &|one| one.score),
        numbers("flag", &|one| f64::from(u8::from(one.flagged))),
        texts("monitor", &|one| {
            format!("{:?}", one.monitor).to_lowercase()
        }),
        texts("leading_signal", &leading),
    ];
    for (place, signal) in detector.signals.iter().enumerate() {
        let share = move |one: &Verdict| one.contributions.get(place).copied().unwrap_or(0.0);
        columns.push(numbers(&format!("contribution {signal}"), &share));
    }
    columns
}

fn change_columns(changes: &[SignalChange]) -> Vec<TableColumn> {
    let texts = |name: &str, text: &dyn Fn(&SignalChange) -> String| TableColumn {
        name: name.to_owned(),
        cells: Cells::Texts(changes.iter().map(text).collect()),
    };
    let numbers = |name: &str, number: &dyn Fn(&SignalChange) -> f64| TableColumn {
        name: name.to_owned(),
        cells: Cells::Numbers(changes.iter().map(|one| Some(number(one))).collect()),
    };
    vec![
        texts("found", &|one| one.change.at.to_string()),
        texts("since", &|one| one.change.since.to_string()),
        texts("signal", &|one| one.signal.clone()),
        numbers("before_si", &|one| one.change.before),
        numbers("after_si", &|one| one.change.after),
    ]
}

//! `parallax health`: remaining useful life, learned from a fleet or foretold of one plant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use thiserror::Error;

use super::foresee::{ForeseeArgs, foresee};
use super::output::talk;
use super::{could_not, print_json};
use crate::files::{Cells, ExportError, TableColumn, write_table_csv};
use crate::forecast::health::{
    Fleet, FleetError, FleetModel, FleetSettings, FleetSkill, ModelError, TrainedOn, train,
};

/// `parallax health`
#[derive(Clone, Debug, Args)]
pub struct HealthArgs {
    /// What is done.
    #[command(subcommand)]
    pub action: HealthAction,
}

/// What can be done with a fleet.
#[derive(Clone, Debug, Subcommand)]
pub enum HealthAction {
    /// Learn remaining life from machines that are known to the end.
    Train(HealthTrainArgs),
    /// Tell the remaining life of machines, and how good that is where the truth is known.
    Score(HealthScoreArgs),
    /// Tell how long each machine of a scene will last, by what a store recorded of it.
    Foresee(ForeseeArgs),
}

/// `parallax health train`
#[derive(Clone, Debug, Args)]
pub struct HealthTrainArgs {
    /// Fleets: CSV with the columns unit, time and rul, or bare rows as C-MAPSS has them.
    #[arg(required = true, value_name = "FLEET")]
    pub fleets: Vec<PathBuf>,
    /// Every unit ran until it failed at its last row; so it is for files without a header.
    #[arg(long)]
    pub run_to_failure: bool,
    /// Cap remaining lives here, in the unit of time of the fleet.
    #[arg(long, value_name = "TIME", default_value_t = 125.0)]
    pub cap: f64,
    /// Rows that each member of the ensemble is fitted to.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub points: usize,
    /// Members of the ensemble.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub members: usize,
    /// Where random numbers come from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The model to write.
    #[arg(long, value_name = "FILE.json")]
    pub out: PathBuf,
}

/// `parallax health score`
#[derive(Clone, Debug, Args)]
pub struct HealthScoreArgs {
    /// A model that was trained.
    pub model: PathBuf,
    /// Fleets of the same kind.
    #[arg(required = true, value_name = "FLEET")]
    pub fleets: Vec<PathBuf>,
    /// The true remaining lives at the last row of each unit, one a line; for scores only.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// Every row of each unit instead of the last.
    #[arg(long)]
    pub every_row: bool,
    /// The folder for rul.csv and score.json.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Why nothing was trained or scored.
#[derive(Debug, Error)]
enum HealthFailure {
    #[error("cannot read: {source}: {}", path.display())]
    Read {
        source: std::io::Error,
        path: PathBuf,
    },
    #[error("{source}: {}", path.display())]
    Fleet { source: FleetError, path: PathBuf },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Write(#[from] ExportError),
    #[error("the result cannot be written: {0}")]
    Out(#[from] std::io::Error),
}

/// What is told of a model.
#[derive(Serialize)]
struct ModelReport<'a> {
    version: &'a str,
    settings: &'a FleetSettings,
    trained: &'a TrainedOn,
    signals: &'a [String],
    ignored: &'a [String],
    features: usize,
    held_out: FleetSkill,
}

#[derive(Serialize)]
struct ScoreReport<'a> {
    units: usize,
    estimates: usize,
    cap: f64,
    /// `null` where no truth is known.
    skill: Option<FleetSkill>,
    notes: &'a [String],
    version: &'static str,
}

/// Trains a model, or scores a fleet.
pub fn health(args: &HealthArgs) -> ExitCode {
    let done = match &args.action {
        HealthAction::Train(args) => train_model(args),
        HealthAction::Score(args) => score(args),
        HealthAction::Foresee(args) => return foresee(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => could_not(error),
    }
}

fn train_model(args: &HealthTrainArgs) -> Result<(), HealthFailure> {
    let fleet = read_fleets(&args.fleets, |fleet| {
        if args.run_to_failure || !fleet.has_header {
            fleet.label_run_to_failure();
        }
    })?;
    talk(&fleet);
    let settings = FleetSettings {
        cap: args.cap,
        points: args.points,
        members: args.members,
        seed: args.seed,
        ..FleetSettings::default()
    };
    let model = train(&fleet, &settings)?;
    for one in &model.ignored {
        talk!("{one}: it is not used");
    }
    fs::write(&args.out, model.to_json()?)?;
    print_json(&ModelReport {
        version: &model.version,
        settings: &model.settings,
        trained: &model.trained,
        signals: &model.signals,
        ignored: &model.ignored,
        features: model.features.len(),
        held_out: model.held_out,
    });
    Ok(())
}

fn score(args: &HealthScoreArgs) -> Result<(), HealthFailure> {
    let model = FleetModel::from_json(&read(&args.model)?)?;
    let mut fleet = read_fleets(&args.fleets, |_| ())?;
    talk(&fleet);
    if let Some(path) = &args.truth {
        let labelled = fleet.label_last(&read(path)?);
        labelled.map_err(|source| HealthFailure::Fleet {
            source,
            path: path.clone(),
        })?;
    }
    let estimates = match args.every_row {
        true => model.estimate_all(&fleet)?,
        false => {
            let last = model.estimate_last(&fleet)?;
            last.into_iter()
                .map(|one| one.into_iter().collect())
                .collect()
        }
    };
    let skill = model.skill(&fleet, args.every_row)?;
    let rows = || {
        let units = fleet.units.iter().zip(&estimates);
        units.flat_map(|(unit, estimates)| estimates.iter().map(move |one| (unit, one)))
    };
    let numbers = |name: &str, numbers: Vec<Option<f64>>| TableColumn {
        name: name.to_owned(),
        cells: Cells::Numbers(numbers),
    };
    let columns = [
        TableColumn {
            name: "unit".to_owned(),
            cells: Cells::Texts(rows().map(|(unit, _)| unit.name.clone()).collect()),
        },
        numbers("time", rows().map(|(_, one)| Some(one.time)).collect()),
        numbers("rul", rows().map(|(_, one)| Some(one.rul)).collect()),
        numbers("low_80", rows().map(|(_, one)| Some(one.low)).collect()),
        numbers("high_80", rows().map(|(_, one)| Some(one.high)).collect()),
    ];
    fs::create_dir_all(&args.out)?;
    write_table_csv(&args.out.join("rul.csv"), &columns)?;
    let report = ScoreReport {
        units: fleet.units.len(),
        estimates: rows().count(),
        cap: model.settings.cap,
        skill,
        notes: &fleet.notes,
        version: env!("CARGO_PKG_VERSION"),
    };
    let text = serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?;
    fs::write(args.out.join("score.json"), text)?;
    print_json(&report);
    Ok(())
}

fn read(path: &Path) -> Result<String, HealthFailure> {
    fs::read_to_string(path).map_err(|source| HealthFailure::Read {
        source,
        path: path.to_owned(),
    })
}

/// Reads fleets of one kind; `each` is done to each of them.
fn read_fleets(paths: &[PathBuf], each: impl Fn(&mut Fleet)) -> Result<Fleet, HealthFailure> {
    let mut all = Fleet::default();
    for path in paths {
        let wrong = |source| HealthFailure::Fleet {
            source,
            path: path.clone(),
        };
        let mut fleet = Fleet::parse(&read(path)?).map_err(wrong)?;
        each(&mut fleet);
        all.join(fleet).map_err(wrong)?;
    }
    Ok(all)
}

fn talk(fleet: &Fleet) {
    for note in &fleet.notes {
        talk!("{note}");
    }
}

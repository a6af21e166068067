//! `parallax hindcast SCENE --store DIR`: how good forecasts of the recorded past would have been.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread;

use serde::Serialize;
use thiserror::Error;

use super::output::talk;
use super::{HindcastArgs, PROBLEMS_FOUND, could_not, print_json};
use crate::forecast::{Basis, SkillRow, SkillTable, Verdict};
use crate::problem::did_you_mean;
use crate::recording::{Store, StoreError};
use crate::scene::{Scenario, Scene};
use crate::session::{
    self, HindcastError, HindcastPlan, HindcastProgress, OpenError, RecordingError, StorePast,
};

/// Members of one ensemble at most.
const MAX_MEMBERS: u32 = 10_000;

/// Why nothing was forecast.
#[derive(Debug, Error)]
enum HindcastFailure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Recording(#[from] RecordingError),
    #[error(transparent)]
    Hindcast(#[from] HindcastError),
    #[error("the scene has no scenario `{name}`; {hint}")]
    NoScenario { name: String, hint: String },
    #[error("the store has no sample: {0}")]
    Nothing(String),
    #[error("members must be from 1 to {MAX_MEMBERS}")]
    Members,
    #[error("the result cannot be written: {0}")]
    Out(#[from] std::io::Error),
    #[error("the result cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

/// What stands on stdout, and at the head of `skill.json`.
#[derive(Clone, Serialize)]
struct Summary<'a> {
    scene: &'a str,
    scenario: &'a str,
    from: String,
    to: String,
    every_s: f64,
    lead_s: f64,
    members: u32,
    seed: u64,
    hindcasts: usize,
    scored: usize,
    failed: usize,
    failures: &'a [String],
    /// Signals that runs could not start from, and how often.
    unfit: Vec<Unfit<'a>>,
    /// Rows of the table by verdict.
    skilful: usize,
    no_better: usize,
    worse: usize,
    unknown: usize,
    models: Vec<ModelRow>,
    cpu_s: f64,
    version: &'static str,
}

#[derive(Clone, Serialize)]
struct Unfit<'a> {
    signal: &'a str,
    hindcasts: usize,
}

/// A model at a lead time.
#[derive(Clone, Serialize)]
struct ModelRow {
    model: String,
    lead_until_s: u64,
    /// 1 less its loss over that of persistence, each signal measured by its range.
    skill: Option<f64>,
    skilful: usize,
    no_better: usize,
    worse: usize,
    unknown: usize,
}

/// A signal at a lead time, in its unit. Of a state, `crps` is its Brier score.
#[derive(Serialize)]
struct Row<'a> {
    signal: &'a str,
    model: &'a str,
    unit: &'a str,
    lead_from_s: u64,
    lead_until_s: u64,
    count: u64,
    runs: u64,
    left_out: u64,
    bias: Option<f64>,
    rmse: Option<f64>,
    mae: Option<f64>,
    crps: Option<f64>,
    crps_of: Basis,
    coverage: Option<f64>,
    coverage_low: Option<f64>,
    coverage_high: Option<f64>,
    coverage_expected: Option<f64>,
    persistence_rmse: Option<f64>,
    persistence_crps: Option<f64>,
    skill: Option<f64>,
    day_before_crps: Option<f64>,
    day_before_skill: Option<f64>,
    verdict: &'static str,
    verdict_runs: u64,
}

/// What `skill.json` says.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    rows: Vec<Row<'a>>,
}

/// Makes the hindcasts and writes how good they were.
pub fn hindcast(args: &HindcastArgs) -> ExitCode {
    match try_hindcast(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(PROBLEMS_FOUND),
        Err(error) => could_not(error),
    }
}

/// True if all hindcasts could be made, and something could be scored.
fn try_hindcast(args: &HindcastArgs) -> Result<bool, HindcastFailure> {
    let opened = session::open(&args.scene)?;
    let scene = &opened.scene;
    let scenario = scenario(args, scene)?;
    // A store that is not there is told as such, before anything is opened.
    Store::open(&args.store)?;
    let mut past = StorePast::open(scene, &args.store)?;
    let nothing = || HindcastFailure::Nothing(args.store.clone());
    let (first, last) = past.span().ok_or_else(nothing)?;
    let plan = HindcastPlan {
        scene: scene.clone(),
        plant: opened.plant.clone(),
        folder: opened.folder.clone(),
        scenario,
        from: args.from.unwrap_or(first),
        to: args.to.unwrap_or(last),
        every: args.every,
        seed: args.seed,
    };
    plan.starts()?;
    fs::create_dir_all(&args.out)?;
    let threads = args
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 256);
    let cancel = AtomicBool::new(false);
    let (progress, table) =
        session::hindcast(&plan, &mut past, threads, &cancel, |progress, _| {
            tracing::info!("{} of {} hindcasts", progress.done, progress.planned);
            true
        })?;
    for failure in &progress.failures {
        talk!("left out: {failure}");
    }
    if progress.scored == 0 {
        talk!("nothing could be scored: was anything good measured then?");
    }
    let summary = summary(&plan, &progress, &table);
    print_json(&summary);
    let rows: Vec<_> = table.rows().map(|row| row_of(scene, &row)).collect();
    write_csv(&args.out, &rows)?;
    let report = Report { summary, rows };
    let mut text = serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?;
    text.push('\n');
    fs::write(args.out.join("skill.json"), text)?;
    Ok(progress.failed == 0 && progress.scored > 0)
}

fn scenario(args: &HindcastArgs, scene: &Scene) -> Result<Scenario, HindcastFailure> {
    let mut scenario = match &args.scenario {
        None => session::baseline(scene),
        Some(name) => scene.find_scenario(name).cloned().ok_or_else(|| {
            let known = scene.scenarios.iter().map(|known| known.name.as_str());
            HindcastFailure::NoScenario {
                name: name.clone(),
                hint: did_you_mean(name, known),
            }
        })?,
    };
    scenario.horizon = args.lead.unwrap_or(scenario.horizon);
    scenario.members = args.members.unwrap_or(scenario.members);
    match (1..=MAX_MEMBERS).contains(&scenario.members) {
        true => Ok(scenario),
        false => Err(HindcastFailure::Members),
    }
}

fn summary<'a>(
    plan: &'a HindcastPlan,
    progress: &'a HindcastProgress,
    table: &SkillTable,
) -> Summary<'a> {
    let unfit = progress.unfit.iter().map(|(signal, count)| Unfit {
        signal: &plan.scene.signal(*signal).full_name,
        hindcasts: *count,
    });
    let models = table.models().into_iter().map(|skill| {
        let [skilful, no_better, worse, unknown] = skill.verdicts;
        ModelRow {
            model: skill.model,
            lead_until_s: skill.lead.until().as_secs(),
            skill: skill.skill,
            skilful,
            no_better,
            worse,
            unknown,
        }
    });
    Summary {
        scene: &plan.scene.name,
        scenario: &plan.scenario.name,
        from: plan.from.to_string(),
        to: plan.to.to_string(),
        every_s: plan.every.as_secs_f64(),
        lead_s: plan.scenario.horizon.as_secs_f64(),
        members: plan.scenario.members,
        seed: plan.seed,
        hindcasts: progress.planned,
        scored: progress.scored,
        failed: progress.failed,
        failures: &progress.failures,
        unfit: unfit.collect(),
        skilful: table.count(Verdict::Skilful),
        no_better: table.count(Verdict::NoBetter),
        worse: table.count(Verdict::Worse),
        unknown: table.count(Verdict::Unknown),
        models: models.collect(),
        cpu_s: progress.cpu_secs,
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// A row of the table, from SI to the signal's unit.
fn row_of<'a>(scene: &'a Scene, row: &SkillRow<'a>) -> Row<'a> {
    let (subject, score) = (row.subject, row.score);
    let about = scene.find_signal(&subject.signal);
    let unit = about.map(|signal| scene.signal(signal).unit);
    let in_unit = |si: Option<f64>| {
        let si = si?;
        Some(unit.map_or(si, |unit| unit.span_from_si(si)))
    };
    // The Brier score of a state has no unit.
    let loss = |si: Option<f64>| match subject.is_state {
        true => si,
        false => in_unit(si),
    };
    let interval = score.coverage_interval();
    Row {
        signal: &subject.signal,
        model: subject.model.as_deref().unwrap_or(""),
        unit: unit.map_or("", |unit| unit.name()),
        lead_from_s: row.lead.from().as_secs(),
        lead_until_s: row.lead.until().as_secs(),
        count: score.count,
        runs: score.runs,
        left_out: score.left_out,
        bias: in_unit(score.bias()),
        rmse: in_unit(score.rmse()),
        mae: in_unit(score.mae()),
        crps: loss(score.loss()),
        crps_of: score.basis,
        coverage: score.coverage(),
        coverage_low: interval.map(|(low, _)| low),
        coverage_high: interval.map(|(_, high)| high),
        coverage_expected: score.expected_coverage(),
        persistence_rmse: in_unit(row.persistence_rmse()),
        persistence_crps: loss(row.persistence_loss()),
        skill: row.skill(),
        day_before_crps: loss(row.day_before_loss()),
        day_before_skill: row.day_before_skill(),
        verdict: row.judgement.verdict.text(),
        verdict_runs: row.judgement.runs,
    }
}

fn write_csv(out: &Path, rows: &[Row<'_>]) -> Result<(), HindcastFailure> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.serialize(row)?;
    }
    let bytes = csv.into_inner().map_err(|error| error.into_error())?;
    Ok(fs::write(out.join("skill.csv"), bytes)?)
}

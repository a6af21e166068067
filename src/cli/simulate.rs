//! `parallax simulate SCENE`: a future as a file.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use serde::Serialize;
use thiserror::Error;

use super::kpi_report::KpiReport;
use super::output::talk;
use super::{PROBLEMS_FOUND, SimulateArgs, could_not, print_json};
use crate::files::{self, ExportError, Member, RunRow, RunWriter};
use crate::history::{History, HistoryConfig};
use crate::models::Causality;
use crate::problem::did_you_mean;
use crate::scene::{Scenario, Scene};
#[cfg(feature = "cluster")]
use crate::session::campaign;
use crate::session::{
    self, Answer, Computation, Control, ForcingError, OpenError, Opened, Past, PastError, Progress,
    Question, RecordingError, StorePast,
};
use crate::simulation::{Chunk, Ensemble, InitialState, RunPlan, RunState};
use crate::time::Timestamp;

/// The analysis time when none is given: fixed, so that a run can be repeated.
/// 2026-01-01T00:00:00Z
const DEFAULT_START: Timestamp = Timestamp::from_secs(1_767_225_600);
/// Members of one ensemble at most.
const MAX_MEMBERS: u32 = 10_000;

/// Why nothing was simulated.
#[derive(Debug, Error)]
pub(super) enum SimulateError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Forcing(#[from] ForcingError),
    #[error(transparent)]
    Store(#[from] RecordingError),
    #[error(transparent)]
    Past(#[from] PastError),
    #[error("the store holds nothing of this scene: {0}")]
    EmptyStore(String),
    #[error(transparent)]
    Write(#[from] ExportError),
    #[error("the scene has no scenario `{name}`; {hint}")]
    NoScenario { name: String, hint: String },
    #[error("the scene has no models, so there is nothing to simulate")]
    NoModels,
    #[error("--set `{text}`: {why}")]
    Set { text: String, why: String },
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(#[from] campaign::CampaignError),
    #[cfg(not(feature = "cluster"))]
    #[error("this program was built without clusters (feature `cluster`): leave out --nats")]
    NoCluster,
    #[error("{0}")]
    Arguments(&'static str),
    #[error("the result cannot be written: {0}")]
    Out(#[from] std::io::Error),
}

/// What `run.json` says.
#[derive(Serialize)]
struct RunReport<'a> {
    scene: &'a str,
    scenario: &'a str,
    state: String,
    start: String,
    horizon_s: f64,
    step_s: f64,
    seed: u64,
    members: u32,
    failed_members: u32,
    failures: &'a [String],
    plan_fingerprint: String,
    result_hash: String,
    initial_fingerprint: String,
    models_fingerprint: String,
    models: Vec<&'a str>,
    signals: usize,
    samples: u64,
    solves: u64,
    iterations: u64,
    model_warnings: u64,
    residual_max: f64,
    breaches: Vec<BreachReport>,
    kpis: Vec<KpiReport>,
    threads: usize,
    wall_s: f64,
    cpu_s: f64,
    version: &'static str,
}

#[derive(Serialize)]
struct BreachReport {
    signal: String,
    limit: String,
    probability: f64,
    median_first_s: f64,
    when: WhenReport,
}

/// When members first breach a limit, by stretch of the horizon.
#[derive(Serialize)]
struct WhenReport {
    bin_s: f64,
    /// Members by stretch.
    first_breaches: Vec<u32>,
    never: u32,
}

/// Computes a future, writes it and its report.
pub fn simulate(args: &SimulateArgs) -> ExitCode {
    match try_simulate(args) {
        Ok(RunState::Finished) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(PROBLEMS_FOUND),
        Err(error) => could_not(error),
    }
}

fn try_simulate(args: &SimulateArgs) -> Result<RunState, SimulateError> {
    let (opened, spread) = open(args)?;
    if opened.plant.is_empty() {
        return Err(SimulateError::NoModels);
    }
    let plan = plan(args, &opened)?;
    let threads = args
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 256);
    fs::create_dir_all(&args.out)?;
    let format = files::RunFormat::from(args.format);
    let mut writer = files::write_run(format, &args.out.join(format.file_name()))?;
    let (scene, written) = (opened.scene.as_ref(), plan.clone());
    let mut failed = None;
    let began = Instant::now();
    let each = |chunk: &Chunk, _: &Ensemble, progress: &Progress| {
        failed = write_chunk(writer.as_mut(), scene, &written, chunk).err();
        let share = progress.reached.secs_since(written.initial.at())
            / written.scenario.horizon.as_secs_f64();
        tracing::info!(
            "{:3.0} % after {:.1} s of CPU",
            share * 100.0,
            progress.cpu_secs
        );
        failed.is_none()
    };
    let control = Control::default();
    let done = match spread {
        None => session::compute(plan.clone(), scene, threads, &control, each),
        Some(spread) => spread.compute(&opened, plan.clone(), &control, each)?,
    };
    if let Some(error) = failed {
        return Err(error.into());
    }
    writer.finish()?;
    let wall_secs = began.elapsed().as_secs_f64();
    report(&args.out, &opened, &plan, &done, threads, wall_secs)?;
    for failure in &done.failures {
        talk!("left out: {failure}");
    }
    if let RunState::Failed(reason) = &done.state {
        talk!("error: {reason}");
    }
    Ok(done.state)
}

/// Members that workers compute.
#[cfg(feature = "cluster")]
struct Spread {
    urls: String,
    bundle: campaign::Bundle,
}

/// Without clusters there are none.
#[cfg(not(feature = "cluster"))]
enum Spread {}

#[cfg(feature = "cluster")]
impl Spread {
    fn compute(
        self,
        opened: &Opened,
        plan: RunPlan,
        control: &Control,
        each: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool,
    ) -> Result<Computation, SimulateError> {
        let (urls, bundle) = (&self.urls, &self.bundle);
        Ok(campaign::compute_spread(
            urls, bundle, opened, plan, control, each,
        )?)
    }
}

#[cfg(not(feature = "cluster"))]
impl Spread {
    fn compute(
        self,
        _: &Opened,
        _: RunPlan,
        _: &Control,
        _: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool,
    ) -> Result<Computation, SimulateError> {
        match self {}
    }
}

/// The scene, and what is sent where workers compute.
fn open(args: &SimulateArgs) -> Result<(Opened, Option<Spread>), SimulateError> {
    let Some(_urls) = &args.nats else {
        return Ok((session::open(&args.scene)?, None));
    };
    #[cfg(feature = "cluster")]
    {
        let (opened, bundle) = campaign::open_bundled(&args.scene)?;
        let urls = _urls.clone();
        Ok((opened, Some(Spread { urls, bundle })))
    }
    #[cfg(not(feature = "cluster"))]
    Err(SimulateError::NoCluster)
}

/// What is asked of the models.
pub(super) fn plan(args: &SimulateArgs, opened: &Opened) -> Result<RunPlan, SimulateError> {
    let scene = &opened.scene;
    let mut scenario = match &args.scenario {
        None => session::baseline(scene),
        Some(name) => scene.find_scenario(name).cloned().ok_or_else(|| {
            let known = scene
                .scenarios
                .iter()
                .map(|scenario| scenario.name.as_str());
            SimulateError::NoScenario {
                name: name.clone(),
                hint: did_you_mean(name, known),
            }
        })?,
    };
    scenario.horizon = args.horizon.unwrap_or(scenario.horizon);
    scenario.step = args.step.unwrap_or(scenario.step);
    scenario.members = args.members.unwrap_or(scenario.members);
    check_extent(&scenario)?;
    let (mut initial, scenario) = match &args.store {
        Some(place) => start_in_store(args, place, opened, scenario)?,
        None => {
            let start = args
                .start
                .unwrap_or_else(|| opened.plant.own_start(DEFAULT_START));
            // Without a past, so that what repeats it says that there is none.
            let past = History::new(scene.signals.len(), HistoryConfig::default());
            let scenario = session::resolve(scenario, scene, &opened.folder, &past, start)?;
            (InitialState::unknown(scene, start), scenario)
        }
    };
    for text in &args.set {
        let refuse = |why: String| SimulateError::Set {
            text: text.clone(),
            why,
        };
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| refuse("write TAG.SIGNAL=VALUE".to_owned()))?;
        let signal = scene.find_signal(name.trim()).ok_or_else(|| {
            let known = scene.signals.iter().map(|signal| signal.full_name.as_str());
            refuse(format!(
                "no such signal; {}",
                did_you_mean(name.trim(), known)
            ))
        })?;
        let value: f64 = value
            .trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| {
                refuse(format!(
                    "the value is no number in {}",
                    scene.signal(signal).unit.name()
                ))
            })?;
        match opened.plant.role(signal) {
            Some(Causality::Input | Causality::State) => {
                initial.set(signal, scene.signal(signal).unit.to_si(value));
            }
            Some(Causality::Output) => {
                return Err(refuse(
                    "a model computes it; override it in a scenario".to_owned(),
                ));
            }
            None => return Err(refuse("no model reads it".to_owned())),
        }
    }
    Ok(RunPlan {
        plant: opened.plant.clone(),
        initial,
        scenario,
        seed: args.seed,
    })
}

/// The plant as it was recorded, at the instant that is asked for or the last one.
fn start_in_store(
    args: &SimulateArgs,
    place: &str,
    opened: &Opened,
    scenario: Scenario,
) -> Result<(InitialState, Scenario), SimulateError> {
    let mut past = StorePast::open(&opened.scene, place)?;
    let (_, last) = past
        .span()
        .ok_or_else(|| SimulateError::EmptyStore(place.to_owned()))?;
    let start = args.start.unwrap_or(last);
    let scenario = session::resolve_files(scenario, &opened.scene, &opened.folder, start)?;
    match past.ask(Question::Start(start, Box::new(scenario)))? {
        Answer::Start(start) => Ok((start.initial, start.scenario?)),
        Answer::Measured(_) => Err(PastError::Gone.into()),
    }
}

fn check_extent(scenario: &Scenario) -> Result<(), SimulateError> {
    if scenario.step.is_zero() || scenario.step > scenario.horizon {
        return Err(SimulateError::Arguments(
            "the step must be longer than 0 and within the horizon",
        ));
    }
    if !(1..=MAX_MEMBERS).contains(&scenario.members) {
        return Err(SimulateError::Arguments("members must be from 1 to 10000"));
    }
    Ok(())
}

fn write_chunk(
    writer: &mut dyn RunWriter,
    scene: &Scene,
    plan: &RunPlan,
    chunk: &Chunk,
) -> Result<(), ExportError> {
    let outputs = plan.plant.outputs();
    let start = plan.initial.at();
    let single = plan.scenario.members == 1;
    for (at, bands) in chunk
        .times
        .iter()
        .zip(chunk.bands.chunks(outputs.len().max(1)))
    {
        for (id, band) in outputs.iter().zip(bands) {
            let signal = scene.signal(*id);
            let members: &[(Member, f64)] = if single {
                &[(Member::Number(0), band.p50)]
            } else {
                &[
                    (Member::P10, band.p10),
                    (Member::P50, band.p50),
                    (Member::P90, band.p90),
                ]
            };
            for (member, value) in members {
                writer.write(&RunRow {
                    time_s: at.secs_since(start),
                    tag: &scene.asset(signal.asset).tag,
                    signal: &signal.name,
                    unit: signal.unit.name(),
                    member: *member,
                    value: signal.unit.from_si(*value),
                })?;
            }
        }
    }
    Ok(())
}

fn report(
    out: &Path,
    opened: &Opened,
    plan: &RunPlan,
    done: &Computation,
    threads: usize,
    wall_secs: f64,
) -> Result<(), SimulateError> {
    let scene = &opened.scene;
    let (start, totals) = (plan.initial.at(), &done.progress.totals);
    let breaches = done.progress.breaches.iter().map(|breach| {
        let signal = scene.signal(breach.signal);
        BreachReport {
            signal: signal.full_name.clone(),
            limit: signal.limits[breach.limit].message.clone(),
            probability: breach.probability,
            median_first_s: breach.median_first.secs_since(start),
            when: WhenReport {
                bin_s: breach.when.bin.as_secs_f64(),
                first_breaches: breach.when.counts.clone(),
                never: breach.when.never,
            },
        }
    });
    let report = RunReport {
        scene: &scene.name,
        scenario: &plan.scenario.name,
        state: match &done.state {
            RunState::Finished => "finished".to_owned(),
            RunState::Failed(reason) => format!("failed: {reason}"),
            RunState::Running | RunState::Paused | RunState::Cancelled => "cancelled".to_owned(),
        },
        start: start.to_string(),
        horizon_s: done.progress.reached.secs_since(start),
        step_s: plan.scenario.step.as_secs_f64(),
        seed: plan.seed,
        members: totals.members,
        failed_members: totals.failed_members,
        failures: &done.failures,
        plan_fingerprint: format!("{:016x}", plan.fingerprint()),
        result_hash: format!("{:016x}", done.result_hash),
        initial_fingerprint: format!("{:016x}", plan.initial.fingerprint()),
        models_fingerprint: format!("{:016x}", opened.plant.fingerprint()),
        models: opened.plant.model_names().collect(),
        signals: opened.plant.outputs().len(),
        samples: totals.samples,
        solves: totals.solves,
        iterations: totals.iterations,
        model_warnings: totals.warnings,
        residual_max: totals.residual,
        breaches: breaches.collect(),
        kpis: KpiReport::all(scene, &done.progress.kpis),
        threads,
        wall_s: wall_secs,
        cpu_s: done.progress.cpu_secs,
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut text = serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?;
    text.push('\n');
    fs::write(out.join("run.json"), text)?;
    print_json(&report);
    Ok(())
}

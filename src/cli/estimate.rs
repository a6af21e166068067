//! `parallax estimate SCENE --store DIR`: what nobody measures, from what was recorded.

use std::fs;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use super::export::{ExportFailure, for_each_batch};
use super::{EstimateArgs, could_not, print_json};
use crate::history::{History, HistoryConfig};
use crate::recording::exchange::Selection;
use crate::recording::log::LogFile;
use crate::recording::{Library, LibraryError, Store, StoreError, Who};
use crate::scene::{Scene, UncertainEffect};
use crate::session::{self, EstimatePlan, OpenError};
use crate::signal::{Origin, Sample, SampleBatch, SignalId};
use crate::simulation::estimate::{Estimate, EstimateError, Parameter};
use crate::time::Timestamp;
use crate::units::Unit;

/// What signals last showed before the window is looked for so far back.
const BEFORE: Duration = Duration::from_secs(3_600);

/// Why nothing was estimated.
#[derive(Debug, Error)]
enum EstimateFailure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Read(#[from] ExportFailure),
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    #[error("the store holds nothing; record something with `parallax record`")]
    Empty,
    #[error("the result cannot be written: {0}")]
    Out(#[from] std::io::Error),
}

/// What `estimate.json` says.
#[derive(Serialize)]
struct Report<'a> {
    scene: &'a str,
    from: String,
    at: String,
    step_s: f64,
    parameters: Vec<ParameterReport<'a>>,
    /// Signals that nobody measures, at the end of the window.
    states: Vec<StateReport<'a>>,
    /// Of the parameters, in their order.
    correlation: Vec<Vec<f64>>,
    residuals: Vec<ResidualReport<'a>>,
    /// Signals that the models were told as they were measured.
    followed: Vec<&'a str>,
    iterations: u32,
    runs: usize,
    cost: &'a [f64],
    seed: u64,
    version: &'static str,
}

#[derive(Serialize)]
struct ParameterReport<'a> {
    signal: &'a str,
    /// `times` is a factor; all else is in the unit.
    effect: &'static str,
    unit: &'static str,
    value: f64,
    sd: f64,
    low_95: f64,
    high_95: f64,
    /// The posterior standard deviation over that of the prior.
    share_of_prior_sd: f64,
    uninformed: bool,
}

#[derive(Serialize)]
struct StateReport<'a> {
    signal: &'a str,
    unit: &'static str,
    value: f64,
    sd: f64,
}

#[derive(Serialize)]
struct ResidualReport<'a> {
    signal: &'a str,
    unit: &'static str,
    count: usize,
    instrument_sd: f64,
    /// Of (measured − fitted) / sd.
    mean: f64,
    rms: f64,
    scale: f64,
    tells: bool,
}

/// Estimates what the scene says is free, and writes it.
pub fn estimate(args: &EstimateArgs) -> ExitCode {
    match try_estimate(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => could_not(error),
    }
}

fn try_estimate(args: &EstimateArgs) -> Result<(), EstimateFailure> {
    let opened = session::open(&args.scene)?;
    let scene = &opened.scene;
    let store = Store::open(&args.store)?;
    let library = Library::open(store.depot())?;
    let at = match args.at {
        Some(at) => at,
        None => last_instant(&store, &library)?.ok_or(EstimateFailure::Empty)?,
    };
    let history = read(&store, &library, scene, at, args.window)?;
    let plan = EstimatePlan {
        window: args.window,
        step: args.step,
        seed: args.seed,
        threads: thread::available_parallelism().map_or(1, usize::from),
    };
    let found = session::estimate(&opened.plant, scene, &history, at, &plan)?;
    let report = report(scene, &found, args.seed);
    fs::create_dir_all(&args.out)?;
    let mut text = serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?;
    text.push('\n');
    fs::write(args.out.join("estimate.json"), text)?;
    print_json(&report);
    Ok(())
}

/// The newest recorded instant.
fn last_instant(store: &Store, library: &Library) -> Result<Option<Timestamp>, EstimateFailure> {
    let sealed = library.catalogue().span().map(|(_, to)| to);
    let logs = LogFile::list(store.folder()).map_err(ExportFailure::from)?;
    // Sealed and taken away since it was listed.
    let logs = logs.iter().filter_map(|file| file.read().ok());
    let unsealed = logs.flat_map(|log| log.rows.into_iter().map(|row| row.at));
    Ok(unsealed.chain(sealed).max())
}

/// What the store holds of the window.
fn read(
    store: &Store,
    library: &Library,
    scene: &Scene,
    at: Timestamp,
    window: Duration,
) -> Result<History, EstimateFailure> {
    let config = HistoryConfig {
        window: window + 2 * BEFORE,
        max_samples_per_series: usize::MAX,
        ..HistoryConfig::default()
    };
    let mut history = History::new(scene.signals.len(), config);
    let selection = Selection {
        from: at - window - BEFORE,
        to: at,
        signals: Vec::new(),
    };
    for_each_batch(store, library, &selection, |names, rows| {
        let mut batch = SampleBatch::new(Origin::Measured);
        let mut lost: Vec<(Timestamp, SignalId)> = Vec::new();
        for row in rows {
            let series = names.get(row.series);
            let name = format!("{}.{}", series.name.tag, series.name.signal);
            let Some(id) = scene.find_signal(&name) else {
                continue;
            };
            if series.who != Who::Measured {
                continue;
            }
            match row.value {
                Some(value) => batch.push(
                    id,
                    Sample {
                        quality: row.quality,
                        ..Sample::good(row.at, value)
                    },
                ),
                None => lost.push((row.at, id)),
            }
        }
        history.insert(&batch);
        for (at, id) in lost {
            history.lose_link([id], at);
        }
        Ok(())
    })?;
    Ok(history)
}

fn report<'a>(scene: &'a Scene, found: &'a Estimate, seed: u64) -> Report<'a> {
    let name = |id: SignalId| scene.signal(id).full_name.as_str();
    let unit = |id: SignalId| scene.signal(id).unit;
    let states = found.states.iter().map(|state| StateReport {
        signal: name(state.signal),
        unit: unit(state.signal).name(),
        value: unit(state.signal).from_si(state.value),
        sd: unit(state.signal).span_from_si(state.sd),
    });
    let residuals = found.residuals.iter().map(|one| ResidualReport {
        signal: name(one.signal),
        unit: unit(one.signal).name(),
        count: one.count,
        instrument_sd: unit(one.signal).span_from_si(one.sd),
        mean: one.mean,
        rms: one.rms,
        scale: one.scale,
        tells: one.tells,
    });
    let places = 0..found.parameters.len();
    let row = |one| {
        places
            .clone()
            .map(move |other| found.correlation(one, other))
    };
    Report {
        scene: &scene.name,
        from: found.window.from.to_string(),
        at: found.window.end().to_string(),
        step_s: found.window.step.as_secs_f64(),
        parameters: found
            .parameters
            .iter()
            .map(|one| parameter(scene, one))
            .collect(),
        states: states.collect(),
        correlation: places.clone().map(|one| row(one).collect()).collect(),
        residuals: residuals.collect(),
        followed: found.followed.iter().map(|id| name(*id)).collect(),
        iterations: found.iterations,
        runs: found.runs,
        cost: &found.costs,
        seed,
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn parameter<'a>(scene: &'a Scene, one: &Parameter) -> ParameterReport<'a> {
    let signal = scene.signal(one.prior.signal);
    let unit = signal.unit;
    let (effect, name) = match one.prior.effect {
        UncertainEffect::Times => ("times", Unit::NUMBER.name()),
        UncertainEffect::Plus => ("plus", unit.name()),
        UncertainEffect::Set => ("value", unit.name()),
        UncertainEffect::Start => ("start", unit.name()),
    };
    let shown = |si: f64| match one.prior.effect {
        UncertainEffect::Times => si,
        UncertainEffect::Plus => unit.span_from_si(si),
        UncertainEffect::Set | UncertainEffect::Start => unit.from_si(si),
    };
    ParameterReport {
        signal: &signal.full_name,
        effect,
        unit: name,
        value: shown(one.value),
        sd: match one.prior.effect {
            UncertainEffect::Times => one.sd,
            _ => unit.span_from_si(one.sd),
        },
        low_95: shown(one.interval.0),
        high_95: shown(one.interval.1),
        share_of_prior_sd: one.left,
        uninformed: one.is_uninformed(),
    }
}

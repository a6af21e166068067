//! `parallax maintain SCENE TAG`: what comes of a machine's maintenance now, later and never.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::args::{RunFormat, SimulateArgs, duration};
use super::kpi_report::{GainReport, KpiReport};
use super::{could_not, print_json, simulate};
use crate::forecast::health::RemainingLife;
use crate::scene::Scene;
use crate::session::{self, MaintenanceOption};
use crate::time::Timestamp;

/// `parallax maintain`
#[derive(Clone, Debug, Args)]
pub struct MaintainArgs {
    /// A scene folder, or a .ron file.
    pub scene: PathBuf,
    /// The machine: an asset with a signal `maintain`.
    pub asset: String,
    /// When it is maintained, after the start; once for each time that is weighed.
    #[arg(long, value_name = "TIME", value_parser = duration, default_values = ["0s", "4h"])]
    pub at: Vec<Duration>,
    /// The scenario; the scene's first if not given.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// The analysis time; the store's last instant, or midnight UTC of 2026-01-01.
    #[arg(long, value_name = "TIME")]
    pub start: Option<Timestamp>,
    /// Start from what this store recorded, and foresee the failure from the wear in it.
    #[arg(long, value_name = "DIR")]
    pub store: Option<String>,
    /// How far to look; the scenario's if not given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub horizon: Option<Duration>,
    /// Members of each ensemble; the scenario's if not given.
    #[arg(long, value_name = "N")]
    pub members: Option<u32>,
    /// Where random numbers come from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Threads; all cores if not given. Values do not depend on it.
    #[arg(long, value_name = "T")]
    pub threads: Option<usize>,
    /// Hold a signal at a value in its unit, or start a level there.
    #[arg(long, value_name = "TAG.SIGNAL=VALUE")]
    pub set: Vec<String>,
}

impl MaintainArgs {
    /// The same question without the maintenance.
    fn as_simulation(&self) -> SimulateArgs {
        SimulateArgs {
            scene: self.scene.clone(),
            scenario: self.scenario.clone(),
            start: self.start,
            store: self.store.clone(),
            horizon: self.horizon,
            step: None,
            members: self.members,
            seed: self.seed,
            threads: self.threads,
            nats: None,
            set: self.set.clone(),
            format: RunFormat::Csv,
            out: PathBuf::new(),
        }
    }
}

/// What is told.
#[derive(Serialize)]
struct Report<'a> {
    scene: &'a str,
    scenario: &'a str,
    asset: &'a str,
    start: String,
    horizon_s: f64,
    members: u32,
    seed: u64,
    /// By the wear that the store holds; `null` without a store, or with too little in it.
    remaining_life: Option<LifeReport>,
    options: Vec<OptionReport>,
}

/// How long the machine lasts from its last sample on.
#[derive(Serialize)]
struct LifeReport {
    p10_s: Option<f64>,
    p50_s: Option<f64>,
    p90_s: Option<f64>,
}

#[derive(Serialize)]
struct OptionReport {
    /// Maintained so long after the start; `null` for never.
    after_s: Option<f64>,
    kpis: Vec<KpiReport>,
    /// More than without maintenance.
    gains: Vec<GainReport>,
}

/// Weighs the times that are asked for.
pub fn maintain(args: &MaintainArgs) -> ExitCode {
    let opened = match session::open(&args.scene) {
        Ok(opened) => opened,
        Err(error) => return could_not(error),
    };
    let plan = match simulate::plan(&args.as_simulation(), &opened) {
        Ok(plan) => plan,
        Err(error) => return could_not(error),
    };
    let scene = &opened.scene;
    let maintain = match session::machine_signal(scene, &args.asset, "maintain") {
        Ok(signal) => signal,
        Err(error) => return could_not(error),
    };
    let foreseen = args.store.as_deref().map_or(Ok(None), |store| {
        let wear = session::machine_signal(scene, &args.asset, "wear")?;
        session::foresee_failure(scene, store, wear)
    });
    let foreseen = match foreseen {
        Ok(foreseen) => foreseen,
        Err(error) => return could_not(error),
    };
    let threads = args
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 256);
    let weighed = session::weigh_maintenance(&plan, scene, maintain, &args.at, threads);
    let options = match weighed {
        Ok(options) => options,
        Err(error) => return could_not(error),
    };
    print_json(&Report {
        scene: &scene.name,
        scenario: &plan.scenario.name,
        asset: &args.asset,
        start: plan.initial.at().to_string(),
        horizon_s: plan.scenario.horizon.as_secs_f64(),
        members: plan.scenario.members,
        seed: plan.seed,
        remaining_life: foreseen.map(LifeReport::from),
        options: options
            .iter()
            .map(|option| OptionReport::of(scene, option))
            .collect(),
    });
    ExitCode::SUCCESS
}

impl From<RemainingLife> for LifeReport {
    fn from(life: RemainingLife) -> Self {
        Self {
            p10_s: life.p10,
            p50_s: life.p50,
            p90_s: life.p90,
        }
    }
}

impl OptionReport {
    fn of(scene: &Scene, option: &MaintenanceOption) -> Self {
        Self {
            after_s: option.after.map(|after| after.as_secs_f64()),
            kpis: KpiReport::all(scene, &option.kpis),
            gains: match option.after {
                Some(_) => GainReport::all(scene, &option.kpis, &option.gains),
                None => Vec::new(),
            },
        }
    }
}

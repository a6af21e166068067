//! The commands that need no window. Floor 6.
//!
//! Results go to stdout, talk to stderr. Exit codes: 0 done, 1 problems found, 2 could
//! not run.

mod accounts;
mod alarms;
mod args;
mod audit;
mod bench;
mod campaign;
mod check;
mod detect;
mod emulate;
mod estimate;
mod export;
mod foresee;
mod health;
mod hindcast;
mod import;
mod kpi_report;
mod maintain;
mod output;
mod password;
mod record;
mod replay;
mod report;
mod simulate;
mod store;
mod worker;

use std::fmt;
use std::process::ExitCode;

use self::output::{talk, tell};

pub use accounts::{AccountsArgs, accounts};
pub use alarms::{AlarmsArgs, alarms};
pub use args::{
    BenchArgs, BenchBackend, BenchSubject, CampaignArgs, CheckArgs, Cli, Command, DemoArgs,
    EmulateArgs, EstimateArgs, ExportArgs, HeadlessArgs, HindcastArgs, HydraulicsBenchArgs,
    ImportArgs, OpenArgs, RecordArgs, ReplayArgs, RunFormat, SampleFormat, SimulateArgs,
    SnapshotArgs, SoakBenchArgs, StoreAction, StoreArgs, StorePlaceArgs, ViewBenchArgs, WorkerArgs,
};
pub use audit::{AuditArgs, audit};
pub use bench::{BenchError, HydraulicsBench, bench, measure_hydraulics, multipliers};
pub use campaign::campaign;
pub use check::check;
pub use detect::{DetectArgs, detect};
pub use emulate::emulate;
pub use estimate::estimate;
pub use export::export;
pub use health::{HealthArgs, health};
pub use hindcast::hindcast;
pub use import::import;
pub use maintain::{MaintainArgs, maintain};
pub use record::record;
pub use replay::replay;
pub use report::{ShiftReportArgs, report};
pub use simulate::simulate;
pub use store::store;
pub use worker::worker;

/// Something was found to be wrong; what, stands on stdout.
const PROBLEMS_FOUND: u8 = 1;
/// The command could not do its work; why, stands on stderr.
const COULD_NOT_RUN: u8 = 2;

/// Says on stderr why nothing could be done.
pub fn could_not(error: impl fmt::Display) -> ExitCode {
    talk!("error: {error}");
    ExitCode::from(COULD_NOT_RUN)
}

/// Writes data to stdout as JSON.
pub fn print_json(data: &impl serde::Serialize) {
    match serde_json::to_string_pretty(data) {
        Ok(text) => tell!("{text}"),
        Err(error) => talk!("error: {error}"),
    }
}

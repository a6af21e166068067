//! `parallax campaign PLAN.ron`: many runs as tables.

use std::process::ExitCode;
use std::thread;

use serde::Serialize;
use thiserror::Error;

use super::output::{talk, tell};
use super::{CampaignArgs, PROBLEMS_FOUND, could_not, print_json};
use crate::session::campaign::{
    self, Campaign, CampaignError, CampaignReport, Executor, LocalExecutor, PlanError, Row,
};

/// Why there is no campaign.
#[derive(Debug, Error)]
enum CommandError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    #[cfg(not(feature = "cluster"))]
    #[error("this program was built without clusters (feature `cluster`): leave out --nats")]
    NoCluster,
}

/// What stands on stdout at the end.
#[derive(Serialize)]
struct Told {
    runs: usize,
    computed: usize,
    resumed: usize,
    failed_runs: usize,
    cpu_s: f64,
    best_run: Option<u32>,
}

/// Computes a campaign, or what is left of it.
pub fn campaign(args: &CampaignArgs) -> ExitCode {
    match try_campaign(args) {
        Ok(report) => {
            print_json(&Told {
                runs: report.rows.len(),
                computed: report.rows.len() - report.resumed,
                resumed: report.resumed,
                failed_runs: report.failed,
                cpu_s: report.rows.iter().map(|row| row.effort.cpu_secs).sum(),
                best_run: report.best.map(|(run, _)| run),
            });
            for row in &report.rows {
                if let Some(reason) = &row.outcome.failure {
                    talk!("run {} failed: {reason}", row.run);
                }
            }
            match report.failed {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(PROBLEMS_FOUND),
            }
        }
        Err(CommandError::Plan(error @ PlanError::Invalid { .. })) => {
            tell!("{error}");
            ExitCode::from(PROBLEMS_FOUND)
        }
        Err(error) => could_not(error),
    }
}

fn try_campaign(args: &CampaignArgs) -> Result<CampaignReport, CommandError> {
    let campaign = campaign::open_plan(&args.plan)?;
    let threads = args
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 256);
    let mut executor = executor(args, &campaign, threads)?;
    let mut count = 0;
    let mut tell = |row: &Row, total: usize| {
        count += 1;
        let worker = &row.effort.worker;
        tracing::info!("run {} of {total} done by {worker} ({count} now)", row.run);
    };
    let report = campaign::run(&campaign, &args.out, executor.as_mut(), &mut tell)?;
    Ok(report)
}

#[cfg(not(feature = "cluster"))]
fn executor(
    args: &CampaignArgs,
    _: &Campaign,
    threads: usize,
) -> Result<Box<dyn Executor>, CommandError> {
    match args.nats {
        None => Ok(Box::new(LocalExecutor { threads })),
        Some(_) => Err(CommandError::NoCluster),
    }
}

#[cfg(feature = "cluster")]
fn executor(
    args: &CampaignArgs,
    campaign: &Campaign,
    threads: usize,
) -> Result<Box<dyn Executor>, CommandError> {
    Ok(match &args.nats {
        None => Box::new(LocalExecutor { threads }),
        Some(urls) => Box::new(campaign::ClusterExecutor::new(urls, campaign)?),
    })
}

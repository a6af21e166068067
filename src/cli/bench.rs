//! `parallax bench`: how fast something is computed on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use std::{fs, io};

use cpu_time::ThreadTime;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;
use thiserror::Error;

use super::args::{BenchArgs, BenchSubject, HydraulicsBenchArgs};
use super::output::tell;
use super::{PROBLEMS_FOUND, could_not, print_json};
use crate::models::hydraulics::inp;
use crate::models::hydraulics::network::Network;
use crate::models::hydraulics::simulation::{Effort, Inputs, Simulation};
use crate::models::hydraulics::solver::Plan;

/// Members of an ensemble differ by a factor on all demands within these.
const MULTIPLIERS: (f64, f64) = (0.8, 1.2);

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The file cannot be read.
    #[error("{error}: {path}")]
    Read {
        /// Why.
        error: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// The file holds no network.
    #[error("{0}")]
    Content(String),
    /// No lane group has that width.
    #[error("lanes must be 1, 2, 4 or 8, not {0}")]
    Lanes(usize),
    /// Nothing was asked for.
    #[error("members and repeats must be 1 or more")]
    Nothing,
}

/// What `parallax bench hydraulics` says.
#[derive(Clone, Debug, Serialize)]
pub struct HydraulicsBench {
    /// The network.
    pub file: PathBuf,
    /// Junctions, reservoirs and tanks.
    pub nodes: usize,
    /// Pipes, pumps and valves.
    pub links: usize,
    /// From the file's bytes to a network that can be solved, ms.
    pub load_ms: f64,
    /// CPU seconds to lay out the equations, once for all members: the median of the repeats.
    pub plan_cpu_s: f64,
    /// Members of the ensemble.
    pub members: usize,
    /// Members that are computed side by side.
    pub lanes: usize,
    /// How often all of it was computed.
    pub repeats: usize,
    /// Instants solved for, of all members together.
    pub solves: u64,
    /// Instants solved for, per member.
    pub steps: f64,
    /// Linear systems solved, of all members together.
    pub trials: u64,
    /// Solves that did not settle.
    pub unbalanced: u64,
    /// CPU seconds of the solve loop for all members, without the layout: the median of the
    /// repeats.
    pub cpu_s: f64,
    /// The shortest repeat.
    pub cpu_s_min: f64,
    /// Members per CPU second, by the median.
    pub runs_per_cpu_s: f64,
}

/// Measures what the arguments say, and prints it as JSON.
pub fn bench(args: &BenchArgs) -> ExitCode {
    let args = match &args.subject {
        BenchSubject::Hydraulics(args) => args,
        BenchSubject::View(_) | BenchSubject::Soak(_) => {
            return could_not("this program was built without its window (feature `app`)");
        }
    };
    match measure_hydraulics(args) {
        Ok(measured) => {
            print_json(&measured);
            ExitCode::SUCCESS
        }
        Err(BenchError::Content(problems)) => {
            tell!("{problems}");
            ExitCode::from(PROBLEMS_FOUND)
        }
        Err(error) => could_not(error),
    }
}

/// The demand multipliers of `members`, the same ones at every call: the first is 1.
pub fn multipliers(members: usize) -> Vec<f64> {
    let mut dice = ChaCha8Rng::seed_from_u64(1);
    let others = (1..members).map(|_| dice.random_range(MULTIPLIERS.0..MULTIPLIERS.1));
    std::iter::once(1.0).chain(others).take(members).collect()
}

/// Simulates the network for its whole duration, as often as the arguments say.
pub fn measure_hydraulics(args: &HydraulicsBenchArgs) -> Result<HydraulicsBench, BenchError> {
    if args.members == 0 || args.repeat == 0 {
        return Err(BenchError::Nothing);
    }
    let bytes = fs::read(&args.file).map_err(|error| BenchError::Read {
        error,
        path: args.file.clone(),
    })?;
    let began = Instant::now();
    let network = Arc::new(read(&bytes, &args.file)?);
    let plan = Arc::new(Plan::new(network));
    let load_ms = began.elapsed().as_secs_f64() * 1e3;
    let multipliers = multipliers(args.members);
    let lanes = args.lanes.unwrap_or(if args.members == 1 { 1 } else { 8 });
    let run = match lanes {
        1 => simulate::<1>,
        2 => simulate::<2>,
        4 => simulate::<4>,
        8 => simulate::<8>,
        _ => return Err(BenchError::Lanes(lanes)),
    };
    let mut effort = Effort::default();
    let (mut planning, mut secs) = (Vec::new(), Vec::new());
    for _ in 0..args.repeat {
        let began = ThreadTime::now();
        drop(Plan::new(Arc::clone(&plan.network)));
        planning.push(began.elapsed().as_secs_f64());
        let began = ThreadTime::now();
        effort = run(&plan, &multipliers);
        secs.push(began.elapsed().as_secs_f64());
    }
    planning.sort_by(f64::total_cmp);
    secs.sort_by(f64::total_cmp);
    let cpu_s = secs[secs.len() / 2];
    Ok(HydraulicsBench {
        file: args.file.clone(),
        nodes: plan.network.node_count(),
        links: plan.network.links.len(),
        load_ms,
        plan_cpu_s: planning[planning.len() / 2],
        members: args.members,
        lanes,
        repeats: args.repeat,
        solves: effort.solves,
        steps: effort.solves as f64 / args.members as f64,
        trials: effort.trials,
        unbalanced: effort.unbalanced,
        cpu_s,
        cpu_s_min: secs[0],
        runs_per_cpu_s: args.members as f64 / cpu_s,
    })
}

fn read(bytes: &[u8], file: &Path) -> Result<Network, BenchError> {
    let name = file.display().to_string();
    let reading = inp::read(bytes).map_err(|problems| {
        let texts = problems
            .iter()
            .map(|problem| problem.located(&name).to_string());
        BenchError::Content(texts.collect::<Vec<_>>().join("\n"))
    })?;
    Ok(reading.network)
}

/// Every member from its start to its end, `L` side by side.
fn simulate<const L: usize>(plan: &Arc<Plan>, multipliers: &[f64]) -> Effort {
    let duration = plan.network.times.duration;
    let mut simulation = Simulation::<L>::with_plan(plan);
    let mut inputs = Inputs::of(&plan.network);
    let mut sum = Effort::default();
    for group in multipliers.chunks(L) {
        for lane in 0..L {
            // Where members run out the last one goes on beside itself; it counts once.
            let multiplier = group.get(lane).or(group.last());
            inputs.demand_factors.fill(*multiplier.unwrap_or(&1.0));
            simulation.tell(lane, &inputs);
            simulation.reset(lane);
        }
        simulation.advance(&[duration; L]);
        for lane in 0..group.len() {
            let effort = simulation.member(lane).effort();
            sum.solves += effort.solves;
            sum.trials += effort.trials;
            sum.unbalanced += effort.unbalanced;
        }
    }
    sum
}

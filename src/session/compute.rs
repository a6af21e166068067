//! Brings an ensemble to its horizon, chunk by chunk, on as many threads as given.

use std::sync::atomic::{AtomicBool, Ordering};

use cpu_time::ThreadTime;

use crate::scene::Scene;
use crate::signal::{Origin, RunId, Sample, SampleBatch};
use crate::simulation::{Chunk, Ensemble, LimitBreach, RunPlan, RunState, RunTotals};
use crate::time::Timestamp;

/// Outputs in the first chunks: few, so that the first band shows soon.
const FIRST_CHUNKS: [usize; 3] = [1, 4, 8];
/// Outputs in every later chunk.
const CHUNK: usize = 16;

/// How far a computation has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The last instant computed.
    pub reached: Timestamp,
    /// What was done so far.
    pub totals: RunTotals,
    /// CPU seconds so far, of all threads.
    pub cpu_secs: f64,
    /// Limits that members breach so far.
    pub breaches: Vec<LimitBreach>,
}

/// How a computation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Computation {
    /// How far it came.
    pub progress: Progress,
    /// Finished, cancelled or failed.
    pub state: RunState,
    /// One reason for each member that could not go on.
    pub failures: Vec<String>,
}

/// Computes `plan` to its horizon with `threads` threads, or until `cancel` is set.
///
/// `each` gets every chunk as it is done, with the ensemble for the members' own values;
/// if it returns false, the computation is cancelled. Values do not depend on `threads`.
pub fn compute(
    plan: RunPlan,
    scene: &Scene,
    threads: usize,
    cancel: &AtomicBool,
    mut each: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool + Send,
) -> Computation {
    let start = plan.initial.at();
    let pool = if threads > 1 {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("run-{index}"))
            .build()
            .ok() // No threads to be had: one will do.
    } else {
        None
    };
    let parallel = pool.is_some();
    let within = |work: &mut (dyn FnMut() + Send)| match &pool {
        Some(pool) => pool.install(work),
        None => work(),
    };
    let cpu_clock = || match &pool {
        // Each pool thread tells its own time; idle ones add nothing.
        Some(pool) => pool.broadcast(|_| ThreadTime::now()),
        None => vec![ThreadTime::now()],
    };
    let began = cpu_clock();
    let cpu_secs = || match &pool {
        Some(pool) => pool
            .broadcast(|context| began[context.index()].elapsed().as_secs_f64())
            .iter()
            .sum(),
        None => began[0].elapsed().as_secs_f64(),
    };

    let mut ensemble = None;
    let mut plan = Some(plan);
    within(&mut || {
        ensemble = plan
            .take()
            .map(|plan| Ensemble::start(plan, scene, parallel));
    });
    let Some(mut ensemble) = ensemble else {
        // `within` runs its work exactly once.
        return Computation {
            progress: Progress {
                reached: start,
                totals: RunTotals::default(),
                cpu_secs: 0.0,
                breaches: Vec::new(),
            },
            state: RunState::Failed("the run did not start".to_owned()),
            failures: Vec::new(),
        };
    };
    let mut reached = start;
    let mut sizes = FIRST_CHUNKS.into_iter().chain(std::iter::repeat(CHUNK));
    let state = loop {
        if cancel.load(Ordering::Relaxed) {
            break RunState::Cancelled;
        }
        let size = sizes.next().unwrap_or(CHUNK);
        let mut advanced = Ok(Chunk::default());
        within(&mut || advanced = ensemble.advance(size, parallel));
        let chunk = match advanced {
            Ok(chunk) => chunk,
            Err(error) => break RunState::Failed(error.to_string()),
        };
        let Some(last) = chunk.times.last() else {
            break RunState::Finished;
        };
        reached = *last;
        let progress = progress(&ensemble, reached, cpu_secs());
        if !each(&chunk, &ensemble, &progress) {
            break RunState::Cancelled;
        }
    };
    Computation {
        progress: progress(&ensemble, reached, cpu_secs()),
        state,
        failures: ensemble.failures().map(ToString::to_string).collect(),
    }
}

/// The samples of a chunk as the history takes them: medians, and the band's edges if there
/// is more than one member.
pub fn sample_batches(run: RunId, plan: &RunPlan, chunk: &Chunk) -> Vec<SampleBatch> {
    let outputs = plan.plant.outputs();
    let origins = [
        (
            Origin::Simulated(run),
            (|band| band.p50) as fn(&crate::simulation::Band) -> f64,
        ),
        (Origin::BandLow(run), |band| band.p10),
        (Origin::BandHigh(run), |band| band.p90),
    ];
    let wanted = if plan.scenario.members > 1 { 3 } else { 1 };
    let batch = |(origin, value): &(Origin, fn(&crate::simulation::Band) -> f64)| {
        let samples = chunk
            .times
            .iter()
            .zip(chunk.bands.chunks(outputs.len().max(1)))
            .flat_map(|(at, bands)| {
                outputs
                    .iter()
                    .zip(bands)
                    .map(|(signal, band)| (*signal, Sample::good(*at, value(band))))
            });
        SampleBatch {
            origin: *origin,
            samples: samples.collect(),
        }
    };
    origins[..wanted].iter().map(batch).collect()
}

fn progress(ensemble: &Ensemble, reached: Timestamp, cpu_secs: f64) -> Progress {
    Progress {
        reached,
        totals: ensemble.totals(),
        cpu_secs,
        breaches: ensemble.breaches(),
    }
}

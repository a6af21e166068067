//! Brings an ensemble to its horizon, chunk by chunk, on as many threads as given.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use cpu_time::ThreadTime;

use crate::scene::Scene;
use crate::signal::{Origin, RunId, Sample, SampleBatch};
use crate::simulation::{Chunk, Ensemble, KpiResult, LimitBreach, RunPlan, RunState, RunTotals};
use crate::time::Timestamp;

/// Outputs in the first chunks: few, so that the first band shows soon.
const FIRST_CHUNKS: [usize; 3] = [1, 4, 8];
/// Outputs in every later chunk.
const CHUNK: usize = 16;

/// What a person asks of a computation while it goes on. Shared with its thread.
#[derive(Debug, Default)]
pub struct Control {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Wishes {
    is_paused: bool,
    is_cancelled: bool,
}

impl Control {
    /// Ends the computation after the chunk at work.
    pub fn cancel(&self) {
        self.wishes().is_cancelled = true;
        self.changed.notify_all();
    }

    /// Lets it rest after the chunk at work, or go on.
    pub fn pause(&self, is_paused: bool) {
        self.wishes().is_paused = is_paused;
        self.changed.notify_all();
    }

    /// True while it is to rest.
    pub fn is_paused(&self) -> bool {
        self.wishes().is_paused
    }

    /// True if it is to end.
    pub fn is_cancelled(&self) -> bool {
        self.wishes().is_cancelled
    }

    /// Waits while it is to rest; true if it is to end.
    fn wait(&self) -> bool {
        let wishes = self.wishes();
        let rests = |wishes: &mut Wishes| wishes.is_paused && !wishes.is_cancelled;
        let wishes = self.changed.wait_while(wishes, rests);
        wishes.unwrap_or_else(PoisonError::into_inner).is_cancelled
    }

    fn wishes(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
    /// What the members are worth so far.
    pub kpis: Vec<KpiResult>,
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
    /// A number that is equal for equal outputs of all members, bit for bit.
    pub result_hash: u64,
}

/// Computes `plan` to its horizon with `threads` threads, or until `control` cancels it.
///
/// `each` gets every chunk as it is done, with the ensemble for the members' own values;
/// if it returns false, the computation is cancelled. Values do not depend on `threads`.
pub fn compute(
    plan: RunPlan,
    scene: &Scene,
    threads: usize,
    control: &Control,
    each: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool,
) -> Computation {
    let threads = Threads::new(threads);
    let parallel = threads.pool.is_some();
    let began = threads.cpu_secs();
    let ensemble = threads.run(|| Ensemble::start(plan, scene, parallel));
    advance(ensemble, &threads, began, control, each)
}

/// Brings an ensemble whose members were computed apart to its horizon, as [`compute`] does.
#[cfg(feature = "cluster")]
pub(super) fn reduce(
    ensemble: Ensemble,
    control: &Control,
    each: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool,
) -> Computation {
    let threads = Threads::new(1);
    let began = threads.cpu_secs();
    advance(ensemble, &threads, began, control, each)
}

fn advance(
    mut ensemble: Ensemble,
    threads: &Threads,
    began: f64,
    control: &Control,
    mut each: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool,
) -> Computation {
    let parallel = threads.pool.is_some();
    let mut reached = ensemble.plan().initial.at();
    let mut sizes = FIRST_CHUNKS.into_iter().chain(std::iter::repeat(CHUNK));
    let state = loop {
        if control.wait() {
            break RunState::Cancelled;
        }
        let size = sizes.next().unwrap_or(CHUNK);
        let chunk = match threads.run(|| ensemble.advance(size, parallel)) {
            Ok(chunk) => chunk,
            Err(error) => break RunState::Failed(error.to_string()),
        };
        let Some(last) = chunk.times.last() else {
            break RunState::Finished;
        };
        reached = *last;
        let progress = progress(&ensemble, reached, threads.cpu_secs() - began);
        if !each(&chunk, &ensemble, &progress) {
            break RunState::Cancelled;
        }
    };
    Computation {
        progress: progress(&ensemble, reached, threads.cpu_secs() - began),
        state,
        failures: ensemble.failures().map(ToString::to_string).collect(),
        result_hash: ensemble.result_hash(),
    }
}

/// The threads that a computation may use.
struct Threads {
    /// None: the calling thread does it all.
    pool: Option<rayon::ThreadPool>,
}

impl Threads {
    fn new(count: usize) -> Self {
        let build = || {
            let builder = rayon::ThreadPoolBuilder::new().num_threads(count);
            builder.thread_name(|index| format!("run-{index}")).build()
        };
        // Where no threads can be had, the calling one will do.
        Self {
            pool: (count > 1).then(build).and_then(Result::ok),
        }
    }

    fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// CPU seconds that these threads have used in their lives.
    fn cpu_secs(&self) -> f64 {
        let own = || ThreadTime::now().as_duration().as_secs_f64();
        match &self.pool {
            Some(pool) => pool.broadcast(|_| own()).iter().sum(),
            None => own(),
        }
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
        kpis: ensemble.kpis(),
    }
}

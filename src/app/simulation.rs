//! Starts, follows and stops runs on worker threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::TwinSystems;
use super::action::{Action, Named};
use super::notices::Tell;
use super::scene::OpenScene;
use super::telemetry::{Historian, Waker};
use super::timeline::Playback;
use crate::scene::Scenario;
use crate::session::{self, Computation, Progress};
use crate::signal::{Origin, RunId, SampleBatch};
use crate::simulation::{Plant, RunRecord, RunState, RunTotals};
use crate::time::duration_text;
use crate::timeline::{RunSpan, TimelineCommand};

/// Chunks that may wait for the frame; a worker that is faster waits.
const CHUNKS_WAITING: usize = 8;
/// How long a frame may be busy with the results of runs.
const RESULTS_BUDGET: Duration = Duration::from_millis(3);
/// Runs that may be computed at once.
const MAX_RUNNING: usize = 4;

/// The scene's models, wired. Written when a scene is opened.
#[derive(Resource, Clone)]
pub struct Models(pub Arc<Plant>);

/// The runs, oldest first. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct Runs {
    /// What is known of each.
    pub records: Vec<RunRecord>,
    /// The run drawn beside the selected one.
    pub compared: Option<RunId>,
    workers: Vec<Worker>,
    started: u32,
}

/// A run that is being computed.
struct Worker {
    run: RunId,
    cancel: Arc<AtomicBool>,
    from_worker: Receiver<FromWorker>,
}

enum FromWorker {
    Chunk(Vec<SampleBatch>, Progress),
    Ended(Computation),
}

/// Dropping a worker asks its thread to end.
impl Drop for Worker {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Runs {
    /// What is known of a run.
    pub fn record(&self, run: RunId) -> Option<&RunRecord> {
        self.records.iter().find(|record| record.id == run)
    }

    /// Stops and forgets all of them: another scene is opened.
    pub fn clear(&mut self) {
        self.workers.clear();
        self.records.clear();
        self.compared = None;
    }

    fn record_mut(&mut self, run: RunId) -> Option<&mut RunRecord> {
        self.records.iter_mut().find(|record| record.id == run)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Runs>().add_systems(
        PreUpdate,
        (
            collect_results.in_set(TwinSystems::Ingest),
            // "Go live and run" in one frame must branch from the present.
            follow_actions
                .run_if(on_message::<Action>)
                .after(super::timeline::follow_actions)
                .in_set(TwinSystems::Steer),
        )
            .run_if(resource_exists::<OpenScene>),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    models: Res<Models>,
    waker: Res<Waker>,
    mut history: ResMut<Historian>,
    mut playback: ResMut<Playback>,
    mut runs: ResMut<Runs>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        match action {
            Action::StartRun(scenario) => {
                let scenario = Scenario::clone(scenario);
                start(
                    scenario,
                    &open,
                    &models,
                    &waker,
                    &history,
                    &mut playback,
                    &mut runs,
                    &mut tell,
                );
            }
            Action::Named(Named::RunBaseline) => {
                let scenario = session::baseline(&open.scene);
                start(
                    scenario,
                    &open,
                    &models,
                    &waker,
                    &history,
                    &mut playback,
                    &mut runs,
                    &mut tell,
                );
            }
            Action::CancelRun(run) => runs.workers.retain(|worker| worker.run != *run),
            Action::DiscardRun(run) => discard(*run, &mut history, &mut playback, &mut runs),
            Action::Compare(run) => runs.compared = *run,
            Action::Timeline(TimelineCommand::SelectRun(Some(run))) => {
                if let Some(record) = runs.record(*run) {
                    playback.set_run_span(span(record));
                }
            }
            _ => {}
        }
        // A run whose worker is gone is not running, whoever stopped it.
        let running: Vec<RunId> = runs.workers.iter().map(|worker| worker.run).collect();
        for record in &mut runs.records {
            if record.state == RunState::Running && !running.contains(&record.id) {
                record.state = RunState::Cancelled;
            }
        }
    }
}

fn start(
    scenario: Scenario,
    open: &OpenScene,
    models: &Models,
    waker: &Waker,
    history: &Historian,
    playback: &mut Playback,
    runs: &mut Runs,
    tell: &mut MessageWriter<Tell>,
) {
    if models.0.is_empty() {
        tell.write(Tell::warning(
            "This scene has no models, so there is no future to compute",
        ));
        return;
    }
    if runs.workers.len() >= MAX_RUNNING {
        tell.write(Tell::warning(format!(
            "{MAX_RUNNING} runs are being computed: wait or cancel one"
        )));
        return;
    }
    let from = playback.playhead().min(playback.now());
    if history.is_coming_at(Origin::Measured, from) {
        tell.write(Tell::warning(
            "The plant at the playhead is still being loaded: try again in a moment",
        ));
        return;
    }
    runs.started += 1;
    let run = RunId(runs.started);
    let start = playback.playhead().min(playback.now());
    let seed = u64::from(run.0);
    let name = scenario.name.clone();
    let plan = session::branch(&models.0, &open.scene, history, scenario, start, seed);
    let known = plan.initial.known();
    let record = RunRecord {
        id: run,
        scenario: plan.scenario.clone(),
        start,
        seed,
        reached: start,
        state: RunState::Running,
        totals: RunTotals {
            members: plan.scenario.members,
            ..RunTotals::default()
        },
        cpu_secs: 0.0,
        breaches: Vec::new(),
        kpis: Vec::new(),
    };
    let cancel = Arc::new(AtomicBool::new(false));
    let (to_frame, from_worker) = bounded(CHUNKS_WAITING);
    let (scene, stop, wake) = (Arc::clone(&open.scene), Arc::clone(&cancel), waker.clone());
    // One thread of the machine stays with the picture.
    let threads =
        thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let spawned = thread::Builder::new()
        .name(format!("run-{}", run.0))
        .spawn(move || {
            let chunk_plan = plan.clone();
            let ended = session::compute(plan, &scene, threads, &stop, |chunk, _, progress| {
                let batches = session::sample_batches(run, &chunk_plan, chunk);
                let sent = to_frame.send(FromWorker::Chunk(batches, progress.clone()));
                wake.wake();
                sent.is_ok()
            });
            // A frame that is gone wants no result.
            to_frame.send(FromWorker::Ended(ended)).ok();
            wake.wake();
        });
    if let Err(error) = spawned {
        tell.write(Tell::warning(format!("Run {run} could not start: {error}")));
        return;
    }
    tell.write(Tell::done(format!(
        "Run {run} \"{name}\" branched from {} with {known} measured values",
        start.to_clock_text()
    )));
    playback.apply(TimelineCommand::SelectRun(Some(run)));
    playback.set_run_span(span(&record));
    runs.records.push(record);
    runs.workers.push(Worker {
        run,
        cancel,
        from_worker,
    });
}

fn discard(run: RunId, history: &mut Historian, playback: &mut Playback, runs: &mut Runs) {
    runs.workers.retain(|worker| worker.run != run);
    runs.records.retain(|record| record.id != run);
    for origin in origins(run) {
        history.forget(origin);
    }
    if runs.compared == Some(run) {
        runs.compared = None;
    }
    if playback.selected_run() == Some(run) {
        let other = runs.records.last().map(span);
        playback.apply(TimelineCommand::SelectRun(other.map(|span| span.run)));
        if let Some(span) = other {
            playback.set_run_span(span);
        }
    }
}

/// Moves what workers computed into the history, and follows their progress.
fn collect_results(
    mut history: ResMut<Historian>,
    mut playback: ResMut<Playback>,
    mut runs: ResMut<Runs>,
    mut tell: MessageWriter<Tell>,
) {
    if runs.workers.is_empty() {
        return;
    }
    let runs = &mut *runs;
    let mut ended = Vec::new();
    let began = Instant::now();
    for place in 0..runs.workers.len() {
        let run = runs.workers[place].run;
        // At least one chunk of each run, so that none starves.
        loop {
            match runs.workers[place].from_worker.try_recv() {
                Ok(FromWorker::Chunk(batches, progress)) => {
                    for batch in &batches {
                        history.insert(batch);
                    }
                    follow(run, progress, &mut history, &mut playback, runs);
                    if began.elapsed() < RESULTS_BUDGET {
                        continue;
                    }
                }
                Ok(FromWorker::Ended(computation)) => {
                    tell.write(told(run, &computation));
                    follow(run, computation.progress, &mut history, &mut playback, runs);
                    if let Some(record) = runs.record_mut(run) {
                        record.state = computation.state;
                    }
                    ended.push(run);
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => {
                    if let Some(record) = runs.record_mut(run) {
                        record.state =
                            RunState::Failed("the worker ended without a word".to_owned());
                    }
                    ended.push(run);
                }
            }
            break;
        }
    }
    runs.workers.retain(|worker| !ended.contains(&worker.run));
}

fn follow(
    run: RunId,
    progress: Progress,
    history: &mut Historian,
    playback: &mut Playback,
    runs: &mut Runs,
) {
    for origin in origins(run) {
        history.set_reach(origin, progress.reached);
    }
    if let Some(record) = runs.record_mut(run) {
        record.reached = progress.reached;
        record.totals = progress.totals;
        record.cpu_secs = progress.cpu_secs;
        record.breaches = progress.breaches;
        record.kpis = progress.kpis;
        playback.set_run_span(span(record));
    }
}

fn told(run: RunId, computation: &Computation) -> Tell {
    let totals = &computation.progress.totals;
    match &computation.state {
        RunState::Failed(reason) => Tell::warning(format!("Run {run} failed: {reason}")),
        RunState::Cancelled => Tell::done(format!("Run {run} cancelled")),
        RunState::Running | RunState::Finished if totals.failed_members > 0 => {
            Tell::warning(format!(
                "Run {run} finished; {} of {} members could not go on and are left out: {}",
                totals.failed_members,
                totals.members,
                computation.failures.first().map_or("", String::as_str)
            ))
        }
        RunState::Running | RunState::Finished => Tell::done(format!(
            "Run {run} finished: {} members in {} of CPU",
            totals.members,
            duration_text(computation.progress.cpu_secs)
        )),
    }
}

fn span(record: &RunRecord) -> RunSpan {
    RunSpan {
        run: record.id,
        start: record.start,
        reached: record.reached,
    }
}

fn origins(run: RunId) -> [Origin; 3] {
    [
        Origin::Simulated(run),
        Origin::BandLow(run),
        Origin::BandHigh(run),
    ]
}

//! Starts, follows and stops runs on worker threads.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::TwinSystems;
use super::action::{Action, Named};
use super::deeds::Deed;
use super::notices::Tell;
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::telemetry::{Historian, Waker};
use super::timeline::Playback;
use crate::scene::{AssetIndex, Scenario};
use crate::session::{self, Computation, Control, Progress};
use crate::signal::{Origin, RunId, SampleBatch};
use crate::simulation::{Against, Plant, RunPlan, RunRecord, RunState};
use crate::time::duration_text;
use crate::timeline::{RunSpan, TimelineCommand};

/// Chunks that may wait for the frame; a worker that is faster waits.
const CHUNKS_WAITING: usize = 8;
/// How long a frame may be busy with the results of runs.
const RESULTS_BUDGET: Duration = Duration::from_millis(3);
/// Runs that may be computed at once.
const MAX_RUNNING: usize = 4;
/// The seed of every run unless somebody asks for other random numbers: runs that are compared
/// share theirs, so that chance is no difference between them.
pub(super) const SEED: u64 = 1;
/// Members of a run at most.
const MAX_MEMBERS: u32 = 10_000;

/// The scene's models, wired. Written when a scene is opened.
#[derive(Resource, Clone)]
pub struct Models(pub Arc<Plant>);

/// The runs, oldest first. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct Runs {
    /// What is known of each.
    pub records: Vec<RunRecord>,
    /// What the selected run is held against.
    pub compared: Option<Against>,
    /// All that each was asked, so that it can be computed again bit for bit.
    plans: HashMap<RunId, RunPlan>,
    workers: Vec<Worker>,
    started: u32,
}

/// A run that another system has planned. It branches nothing anew: its state is in the plan.
#[derive(Message, Clone)]
pub(super) struct StartPlan(pub(super) Box<RunPlan>);

/// A run that is being computed.
struct Worker {
    run: RunId,
    control: Arc<Control>,
    from_worker: Receiver<FromWorker>,
}

enum FromWorker {
    Chunk(Vec<SampleBatch>, Progress),
    Ended(Computation),
}

/// Dropping a worker asks its thread to end.
impl Drop for Worker {
    fn drop(&mut self) {
        self.control.cancel();
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
        self.plans.clear();
        self.compared = None;
    }

    /// All that a run was asked.
    pub fn plan(&self, run: RunId) -> Option<&RunPlan> {
        self.plans.get(&run)
    }

    fn record_mut(&mut self, run: RunId) -> Option<&mut RunRecord> {
        self.records.iter_mut().find(|record| record.id == run)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Runs>()
        .add_message::<StartPlan>()
        .add_systems(
            PreUpdate,
            (
                collect_results.in_set(TwinSystems::Ingest),
                // "Go live and run" in one frame must branch from the present.
                follow_actions
                    .run_if(on_message::<Action>)
                    .after(super::timeline::follow_actions)
                    .in_set(TwinSystems::Steer),
                start_plans
                    .run_if(on_message::<StartPlan>)
                    .after(follow_actions)
                    .in_set(TwinSystems::Steer),
            )
                .run_if(resource_exists::<OpenScene>),
        );
}

/// What starting and stopping runs needs.
#[derive(SystemParam)]
struct Bench<'w> {
    open: Res<'w, OpenScene>,
    models: Res<'w, Models>,
    file: Res<'w, SceneFile>,
    waker: Res<'w, Waker>,
    history: ResMut<'w, Historian>,
    playback: ResMut<'w, Playback>,
    runs: ResMut<'w, Runs>,
    deeds: MessageWriter<'w, Deed>,
    tell: MessageWriter<'w, Tell>,
}

fn follow_actions(mut actions: MessageReader<Action>, mut bench: Bench) {
    for action in actions.read() {
        match action {
            Action::StartRun(scenario) => bench.branch(Scenario::clone(scenario)),
            Action::Named(Named::RunBaseline) => {
                let scenario = session::baseline(&bench.open.scene);
                bench.branch(scenario);
            }
            Action::WeighMaintenance(asset, later) => bench.weigh(*asset, *later),
            Action::CancelRun(run) => bench.runs.workers.retain(|worker| worker.run != *run),
            Action::PauseRun(run, is_paused) => bench.pause(*run, *is_paused),
            Action::ExtendRun(run, horizon) => bench.change(*run, |scenario| {
                scenario.horizon = scenario.horizon.max(*horizon);
            }),
            Action::AddMembers(run, more) => bench.change(*run, |scenario| {
                scenario.members = scenario.members.saturating_add(*more).min(MAX_MEMBERS);
            }),
            Action::RunAgain(run) => bench.run_again(*run, false),
            Action::RunOtherwise(run) => bench.run_again(*run, true),
            Action::DiscardRun(run) => bench.discard(*run),
            Action::Compare(against) => bench.runs.compared = *against,
            Action::Timeline(TimelineCommand::SelectRun(Some(run))) => {
                if let Some(record) = bench.runs.record(*run) {
                    let span = span(record);
                    bench.playback.set_run_span(span);
                }
            }
            _ => {}
        }
        bench.settle();
    }
}

fn start_plans(mut plans: MessageReader<StartPlan>, mut bench: Bench) {
    for StartPlan(plan) in plans.read() {
        bench.start_planned(RunPlan::clone(plan));
    }
    bench.settle();
}

impl Bench<'_> {
    /// Starts a run from the playhead if it lies in the past, else from the present.
    fn branch(&mut self, scenario: Scenario) {
        if self.models.0.is_empty() {
            self.warn("This scene has no models, so there is no future to compute");
            return;
        }
        let start = self.playback.playhead().min(self.playback.now());
        if self.history.is_coming_at(Origin::Measured, start) {
            self.warn("The plant at the playhead is still being loaded: try again in a moment");
            return;
        }
        let run = RunId(self.runs.started + 1);
        let folder = self.file.0.parent().unwrap_or(Path::new(""));
        let (scene, history) = (&self.open.scene, &self.history);
        let plan = session::branch(
            &self.models.0,
            scene,
            folder,
            history,
            scenario,
            start,
            SEED,
        );
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => return self.warn(error.to_string()),
        };
        let (name, known) = (plan.scenario.name.clone(), plan.initial.known());
        if self.start(run, plan) {
            self.count(run, &name);
            self.tell.write(Tell::done(format!(
                "Run {run} \"{name}\" branched from {} with {known} measured values",
                start.to_clock_text()
            )));
        }
    }

    /// Starts runs with an asset maintained never, so much later and now, and holds the last
    /// against the first.
    fn weigh(&mut self, asset: AssetIndex, later: Duration) {
        let scene = Arc::clone(&self.open.scene);
        let Some(spec) = scene.assets.get(asset.index()) else {
            return;
        };
        let maintain = match session::machine_signal(&scene, &spec.tag, "maintain") {
            Ok(maintain) => maintain,
            Err(error) => return self.warn(error.to_string()),
        };
        if self.runs.workers.len() + 3 > MAX_RUNNING {
            return self.warn("Three runs are needed: wait for those that are computed, or cancel");
        }
        let first = scene.scenarios.first().cloned();
        let base = first.unwrap_or_else(|| session::baseline(&scene));
        let first = self.runs.started + 1;
        for (after, when) in [
            (None, "never".to_owned()),
            (
                Some(later),
                format!("in {}", duration_text(later.as_secs_f64())),
            ),
            (Some(Duration::ZERO), "now".to_owned()),
        ] {
            let before = self.runs.started;
            let mut scenario = session::maintained(&base, maintain, after);
            scenario.name = format!("Maintain {} {when}", spec.tag);
            self.branch(scenario);
            if self.runs.started == before {
                // Why is told already.
                return;
            }
        }
        self.runs.compared = Some(Against::Run(RunId(first)));
    }

    /// Starts a run that somebody else has planned.
    fn start_planned(&mut self, plan: RunPlan) {
        let run = RunId(self.runs.started + 1);
        let (name, at) = (plan.scenario.name.clone(), plan.initial.at());
        if self.start(run, plan) {
            self.count(run, &name);
            self.tell.write(Tell::done(format!(
                "Run {run} \"{name}\" branched from {}",
                at.to_clock_text()
            )));
        }
    }

    /// Computes the same again, as a run of its own: its values are the same, bit for bit, unless
    /// it is to draw `other` random numbers.
    fn run_again(&mut self, first: RunId, other: bool) {
        let Some(mut plan) = self.runs.plans.get(&first).cloned() else {
            return;
        };
        if other {
            let known = self.runs.plans.values().map(|plan| plan.seed);
            plan.seed = known.max().unwrap_or(SEED).wrapping_add(1);
        }
        let run = RunId(self.runs.started + 1);
        let name = plan.scenario.name.clone();
        if self.start(run, plan) {
            self.count(run, &name);
            let how = if other {
                " with other random numbers"
            } else {
                ""
            };
            self.tell
                .write(Tell::done(format!("Run {run} repeats run {first}{how}")));
        }
    }

    /// Counts a run that was started, and writes it down.
    fn count(&mut self, run: RunId, name: &str) {
        self.runs.started += 1;
        let deed = Deed::new("start run", name, format!("run {run}"));
        self.deeds.write(deed);
    }

    /// Computes a run anew with more members or a later horizon. Members that it had are the
    /// same, bit for bit, as they were.
    fn change(&mut self, run: RunId, change: impl FnOnce(&mut Scenario)) {
        let Some(mut plan) = self.runs.plans.get(&run).cloned() else {
            return;
        };
        change(&mut plan.scenario);
        if self.runs.plans.get(&run).map(|known| &known.scenario) == Some(&plan.scenario) {
            return;
        }
        self.runs.workers.retain(|worker| worker.run != run);
        for origin in origins(run) {
            self.history.forget(origin);
        }
        self.start(run, plan);
    }

    fn pause(&mut self, run: RunId, is_paused: bool) {
        let worker = self.runs.workers.iter().find(|worker| worker.run == run);
        if let Some(worker) = worker {
            worker.control.pause(is_paused);
        }
        if let Some(record) = self.runs.record_mut(run)
            && record.state.goes_on()
        {
            record.state = match is_paused {
                true => RunState::Paused,
                false => RunState::Running,
            };
        }
    }

    /// Starts a thread that computes `plan` as `run`; false if it cannot.
    fn start(&mut self, run: RunId, plan: RunPlan) -> bool {
        if self.runs.workers.len() >= MAX_RUNNING {
            self.warn(format!(
                "{MAX_RUNNING} runs are being computed: wait or cancel one"
            ));
            return false;
        }
        let record = RunRecord::of(run, &plan);
        let control = Arc::new(Control::default());
        let (to_frame, from_worker) = bounded(CHUNKS_WAITING);
        let scene = Arc::clone(&self.open.scene);
        let (stop, wake) = (Arc::clone(&control), self.waker.clone());
        let asked = plan.clone();
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
            self.warn(format!("Run {run} could not start: {error}"));
            return false;
        }
        self.playback.apply(TimelineCommand::SelectRun(Some(run)));
        self.playback.set_run_span(span(&record));
        match self.runs.record_mut(run) {
            Some(known) => *known = record,
            None => self.runs.records.push(record),
        }
        self.runs.plans.insert(run, asked);
        self.runs.workers.push(Worker {
            run,
            control,
            from_worker,
        });
        true
    }

    fn discard(&mut self, run: RunId) {
        discard(run, &mut self.history, &mut self.playback, &mut self.runs);
    }

    /// A run whose worker is gone does not go on, whoever stopped it.
    fn settle(&mut self) {
        let runs = &mut *self.runs;
        for record in &mut runs.records {
            let works = runs.workers.iter().any(|worker| worker.run == record.id);
            if record.state.goes_on() && !works {
                record.state = RunState::Cancelled;
            }
        }
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.tell.write(Tell::warning(text.into()));
    }
}

fn discard(run: RunId, history: &mut Historian, playback: &mut Playback, runs: &mut Runs) {
    runs.workers.retain(|worker| worker.run != run);
    runs.records.retain(|record| record.id != run);
    runs.plans.remove(&run);
    for origin in origins(run) {
        history.forget(origin);
    }
    if runs.compared == Some(Against::Run(run)) {
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
        RunState::Running | RunState::Paused | RunState::Finished if totals.failed_members > 0 => {
            Tell::warning(format!(
                "Run {run} finished; {} of {} members could not go on and are left out: {}",
                totals.failed_members,
                totals.members,
                computation.failures.first().map_or("", String::as_str)
            ))
        }
        RunState::Running | RunState::Paused | RunState::Finished => Tell::done(format!(
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

//! How far the twin's own forecasts can be trusted: hindcasts in the background, and the runs of
//! this session held against what then happened.

use std::time::Duration;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::Action;
use super::notices::Tell;
use super::panels::SkillView;
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::simulation::{Models, Runs};
use super::telemetry::{Historian, PlantClock, Waker};
use crate::forecast::{PastForecast, SkillTable};
use crate::scene::Scenario;
use crate::session::{self, HindcastJob, HindcastPlan, PastSource, past_forecast};
use crate::signal::{Origin, RunId};
use crate::simulation::{RunRecord, RunState};
use crate::time::Timestamp;

/// How long after a scene is opened the first hindcasts begin by themselves.
const FIRST_AFTER: Duration = Duration::from_secs(60);
/// How long after the last ones they begin again.
const AGAIN_AFTER: Duration = Duration::from_secs(3_600);
/// Of a shorter past nothing is said.
const SHORTEST: Duration = Duration::from_secs(3_600);
/// Hindcasts look back so far at most.
const LONGEST: Duration = Duration::from_secs(3 * 86_400);
/// How far ahead hindcasts look at most.
const LEAD: Duration = Duration::from_secs(86_400);
/// Hindcasts of one round.
const ROUNDS: u32 = 16;
/// Members of each: enough for the coverage of a band.
const MEMBERS: u32 = 10;
/// Samples come no later than this: what is older can be scored.
const LATE: Duration = Duration::from_secs(60);
/// Instants of past runs that are scored in a frame.
const SCORED_AT_ONCE: usize = 2;
/// How often the table of past runs is made anew.
const TABLE_EVERY: Duration = Duration::from_secs(5);
/// Where their random numbers come from.
const SEED: u64 = 1;

/// What is known of skill. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct Skill {
    /// For the screen.
    pub view: SkillView,
    job: Option<HindcastJob>,
    /// Seconds of the program since the scene was opened, or the last job ended.
    since: Duration,
    has_run: bool,
    past_runs: PastRuns,
}

/// Runs of this session whose future becomes the past.
#[derive(Default)]
struct PastRuns {
    forecasts: Vec<PastForecast>,
    /// True if something was scored since the table was made.
    is_news: bool,
    since: Duration,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Skill>().add_systems(
        PreUpdate,
        (
            begin_anew.run_if(resource_exists_and_changed::<OpenScene>),
            follow_actions.run_if(on_message::<Action>),
            work,
            score_runs,
        )
            .chain()
            .run_if(resource_exists::<SceneFile>)
            .after(TwinSystems::Ingest)
            .before(TwinSystems::Sample),
    );
}

/// What is known is of another scene.
fn begin_anew(mut skill: ResMut<Skill>) {
    *skill = Skill::default();
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    mut skill: ResMut<Skill>,
    mut tell: MessageWriter<Tell>,
    asked: Asked,
) {
    for action in actions.read() {
        match action {
            Action::StartHindcasts => match start(&asked) {
                Ok(job) => skill.take_up(job),
                Err(why) => {
                    tell.write(Tell::warning(why));
                }
            },
            Action::CancelHindcasts => {
                if let Some(job) = &skill.job {
                    job.cancel();
                }
            }
            _ => {}
        }
    }
}

/// What hindcasts start from.
#[derive(bevy::ecs::system::SystemParam)]
struct Asked<'w> {
    open: Res<'w, OpenScene>,
    models: Res<'w, Models>,
    file: Res<'w, SceneFile>,
    clock: Res<'w, PlantClock>,
    history: Res<'w, Historian>,
    runs: Res<'w, Runs>,
    waker: Res<'w, Waker>,
}

/// Answers the job, takes what it found, and starts the next when it is time.
fn work(time: Res<Time<Real>>, asked: Asked, mut skill: ResMut<Skill>) {
    let quiet = skill.bypass_change_detection();
    let Some(job) = &mut quiet.job else {
        quiet.since += time.delta();
        let wait = if quiet.has_run {
            AGAIN_AFTER
        } else {
            FIRST_AFTER
        };
        // What a person asked for goes first.
        let busy = asked.runs.records.iter().any(|run| run.state.goes_on());
        if quiet.since > wait && !busy {
            quiet.since = Duration::ZERO;
            if let Ok(job) = start(&asked) {
                skill.take_up(job);
            }
        }
        return;
    };
    job.serve(&asked.history);
    let table = job.take();
    let progress = job.progress().clone();
    let view = &mut quiet.view;
    if view.done == progress.done && !progress.finished && table.is_none() {
        return;
    }
    view.running = !progress.finished;
    (view.planned, view.done, view.scored) = (progress.planned, progress.done, progress.scored);
    (view.unfit, view.failure) = (progress.unfit.len(), progress.failures.first().cloned());
    if let Some(table) = table {
        view.table = table;
    }
    if progress.finished {
        (quiet.job, quiet.since) = (None, Duration::ZERO);
    }
    skill.set_changed();
}

/// Scores what the runs of this session said of instants that have become the past.
fn score_runs(time: Res<Time<Real>>, asked: Asked, mut skill: ResMut<Skill>) {
    let known = asked.clock.now(&asked.history) - LATE;
    let quiet = skill.bypass_change_detection();
    let past = &mut quiet.past_runs;
    past.since += time.delta();
    let records = &asked.runs.records;
    past.forecasts
        .retain(|forecast| records.iter().any(|record| record.id == forecast.run()));
    let (scene, plant, history) = (&asked.open.scene, &asked.models.0, &asked.history);
    let is_new = |record: &&RunRecord| {
        let scored = |run: RunId| past.forecasts.iter().any(|one| one.run() == run);
        is_forecast(record) && record.start + record.scenario.step <= known && !scored(record.id)
    };
    let new = records.iter().find(is_new);
    let new = new.and_then(|record| past_forecast(record, scene, plant, history));
    past.forecasts.extend(new);
    for forecast in &mut past.forecasts {
        let record = records.iter().find(|record| record.id == forecast.run());
        let reached = record.map_or(Timestamp::MIN, |record| record.reached);
        let looked = forecast.score(scene, history, known, reached, SCORED_AT_ONCE);
        past.is_news |= looked > 0;
    }
    if !past.is_news || past.since < TABLE_EVERY {
        return;
    }
    (past.is_news, past.since) = (false, Duration::ZERO);
    let mut table = SkillTable::default();
    for forecast in &past.forecasts {
        forecast.add_to(&mut table);
    }
    quiet.view.runs = past.forecasts.len();
    quiet.view.of_runs = table;
    skill.set_changed();
}

/// A run in which something is done to the plant says what would be, not what will be.
fn is_forecast(record: &RunRecord) -> bool {
    let scenario = &record.scenario;
    record.state == RunState::Finished
        && scenario.overrides.is_empty()
        && scenario.faults.is_empty()
}

impl Skill {
    fn take_up(&mut self, job: HindcastJob) {
        self.view.running = true;
        self.job = Some(job);
        self.has_run = true;
    }
}

/// Starts hindcasts over the recorded past, or says why there are none.
fn start(asked: &Asked) -> Result<HindcastJob, String> {
    let now = asked.clock.now(&asked.history);
    let oldest = asked
        .history
        .span(Origin::Measured)
        .map(|(oldest, _)| oldest);
    let recorded = asked.history.recorded().first().map(|(from, _)| *from);
    let oldest = recorded.into_iter().chain(oldest).min();
    let oldest = oldest.ok_or("Nothing is recorded yet")?;
    let plan = plan(asked, oldest, now).ok_or_else(|| {
        "Less than an hour is recorded: there is too little to judge forecasts by".to_owned()
    })?;
    HindcastJob::start(plan, PastSource::Memory, asked.waker.callback())
        .map_err(|error| error.to_string())
}

/// Hindcasts of the scene's first scenario, spread over what is recorded.
fn plan(asked: &Asked, oldest: Timestamp, now: Timestamp) -> Option<HindcastPlan> {
    let from = oldest.max(now - LONGEST);
    let span = (from < now).then(|| now.since(from))?;
    if span < SHORTEST {
        return None;
    }
    let baseline = session::baseline(&asked.open.scene);
    let lead = baseline.horizon.min(LEAD).min(span / 2);
    let scenario = Scenario {
        horizon: lead,
        step: baseline.step.min(lead),
        members: baseline.members.clamp(1, MEMBERS),
        ..baseline
    };
    let every = ((span - lead) / ROUNDS).max(Duration::from_secs(60));
    Some(HindcastPlan {
        scene: asked.open.scene.clone(),
        plant: asked.models.0.clone(),
        folder: asked.file.0.parent().unwrap_or(&asked.file.0).to_owned(),
        scenario,
        from,
        to: now,
        every,
        seed: SEED,
    })
}

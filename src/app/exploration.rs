//! Sweeps, sensitivity studies and searches around the plant as it is: many runs in the background.

use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::Action;
use super::notices::Tell;
use super::panels::ExploreView;
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::simulation::StartPlan;
use super::worker::{self, Asked};
use crate::scene::Scenario;
use crate::session::campaign::{Campaign, CampaignJob, JobState, PlanError};
use crate::session::{self, Opened};
use crate::signal::Origin;

/// The seed of explorations, so that runs which are opened can be compared with other runs.
const SEED: u64 = super::simulation::SEED;

/// What is being explored. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct Exploration {
    /// For the screen.
    pub view: ExploreView,
    job: Option<CampaignJob>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Exploration>().add_systems(
        PreUpdate,
        (
            begin_anew.run_if(resource_exists_and_changed::<OpenScene>),
            collect.in_set(TwinSystems::Ingest),
            follow_actions
                .run_if(on_message::<Action>)
                .after(super::timeline::follow_actions)
                .in_set(TwinSystems::Steer),
        )
            .chain()
            .run_if(resource_exists::<SceneFile>),
    );
}

/// What is known is of another scene.
fn begin_anew(mut exploration: ResMut<Exploration>) {
    *exploration = Exploration::default();
}

/// Takes what the job has done.
fn collect(mut exploration: ResMut<Exploration>, mut tell: MessageWriter<Tell>) {
    let quiet = exploration.bypass_change_detection();
    let Some(job) = &mut quiet.job else { return };
    let (rows, wanted) = job.take();
    let ended = *job.state() != JobState::Running;
    if rows.is_empty() && !ended {
        return;
    }
    let view = &mut quiet.view;
    view.take(rows, wanted);
    if ended {
        view.running = false;
        let done = view.rows.len();
        tell.write(match job.state() {
            JobState::Failed(why) => {
                view.problem = Some(why.clone());
                Tell::warning(format!("The exploration stopped after {done} runs: {why}"))
            }
            JobState::Cancelled => Tell::done(format!("Exploration cancelled after {done} runs")),
            JobState::Finished | JobState::Running => Tell::done(format!("Explored: {done} runs")),
        });
        quiet.job = None;
    }
    exploration.set_changed();
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    mut exploration: ResMut<Exploration>,
    mut start: MessageWriter<StartPlan>,
    asked: Asked,
) {
    for action in actions.read() {
        match action {
            Action::Explore(scenario, design) => {
                if exploration.job.is_some() {
                    exploration.view.problem = Some("Cancel the one at work first".to_owned());
                    continue;
                }
                match begin(&asked, scenario, design) {
                    Ok(job) => {
                        exploration.view =
                            ExploreView::of(Arc::clone(job.campaign()), job.folder().to_owned());
                        exploration.job = Some(job);
                    }
                    Err(why) => exploration.view.problem = Some(why),
                }
            }
            Action::CancelExplore => {
                if let Some(job) = &exploration.job {
                    job.cancel();
                }
            }
            Action::OpenTrial(run) => {
                let view = &exploration.view;
                let row = view.rows.iter().find(|row| row.run == *run);
                if let (Some(campaign), Some(row)) = (&view.campaign, row) {
                    start.write(StartPlan(Box::new(campaign.plan_of(row))));
                }
            }
            _ => {}
        }
    }
}

/// Starts an exploration from the playhead if it lies in the past, else from the present.
fn begin(asked: &Asked, scenario: &Scenario, design: &str) -> Result<CampaignJob, String> {
    let at = asked.playback.playhead().min(asked.playback.now());
    if asked.history.is_coming_at(Origin::Measured, at) {
        return Err("The plant at the playhead is still being loaded: try again".to_owned());
    }
    let folder = asked.file.0.parent().map(PathBuf::from).unwrap_or_default();
    let opened = Opened {
        scene: Arc::clone(&asked.open.scene),
        plant: Arc::clone(&asked.models.0),
        file: asked.file.0.clone(),
        folder,
        drawings: Vec::new(),
    };
    let plan = session::branch(
        &opened.plant,
        &opened.scene,
        &opened.folder,
        &asked.history,
        scenario.clone(),
        at,
        SEED,
    )
    .map_err(|error| error.to_string())?;
    let campaign = Campaign::around(&opened, &plan, design).map_err(told)?;
    let place = place(&campaign);
    CampaignJob::start(campaign, place, worker::threads(), asked.waker.callback())
        .map_err(|error| format!("No thread for it: {error}"))
}

/// What is wrong, without the lines of a text that nobody has seen.
fn told(error: PlanError) -> String {
    match error {
        PlanError::Invalid { problems, .. } => {
            let texts = problems.iter().map(|problem| match problem.hint.as_str() {
                "" => problem.message.clone(),
                hint => format!("{}: {hint}", problem.message),
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// Where the tables of a campaign are kept: the same question from the same state goes on where
/// it was.
fn place(campaign: &Campaign) -> PathBuf {
    let place = session::data_place(&campaign.opened.scene, "campaigns");
    place.join(format!("{:016x}", campaign.fingerprint()))
}

//! The state estimate: what nobody measures, fitted to the last hours in the background.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::TwinSystems;
use super::action::Action;
use super::notices::Tell;
use super::panels::EstimateView;
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::simulation::{SEED, StartPlan};
use super::worker::{self, Asked};
use crate::history::History;
use crate::scene::Scenario;
use crate::session::{self, EstimatePlan};
use crate::signal::Origin;
use crate::simulation::estimate::{Estimate, EstimateError, Window};
use crate::time::Timestamp;

/// The distance of the instants that are compared.
const STEP: Duration = Duration::from_secs(300);
/// How far back is looked at most.
const LONGEST: Duration = Duration::from_secs(6 * 3_600);
/// Less than this says too little.
const SHORTEST: Duration = Duration::from_secs(3_600);
/// Frames that a past which is being loaded is waited for.
const PATIENCE: u32 = 600;

/// What is known of what nobody measures. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct Estimation {
    /// For the screen.
    pub view: EstimateView,
    /// The window that is waited for, and how many frames more.
    waiting: Option<(Window, u32)>,
    worker: Option<Receiver<Result<Estimate, EstimateError>>>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Estimation>().add_systems(
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
fn begin_anew(mut estimation: ResMut<Estimation>) {
    *estimation = Estimation::default();
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    mut estimation: ResMut<Estimation>,
    mut start: MessageWriter<StartPlan>,
    mut tell: MessageWriter<Tell>,
    asked: Asked,
) {
    for action in actions.read() {
        match action {
            Action::Estimate => match window(&asked) {
                Ok(window) => {
                    estimation.worker = None;
                    estimation.waiting = Some((window, PATIENCE));
                    estimation.view.running = true;
                    estimation.view.problem = None;
                }
                Err(why) => estimation.view.problem = Some(why),
            },
            Action::StartEstimated(scenario) => {
                let Some(found) = &estimation.view.found else {
                    continue;
                };
                match plan(&asked, scenario, found) {
                    Ok(plan) => _ = start.write(StartPlan(Box::new(plan))),
                    Err(why) => _ = tell.write(Tell::warning(why)),
                }
            }
            _ => {}
        }
    }
}

/// The last hours before the playhead or the present.
fn window(asked: &Asked) -> Result<Window, String> {
    if asked.open.scene.estimate.is_empty() {
        return Err("The scene does not say what to estimate: list it under `estimate`".to_owned());
    }
    let at = asked.playback.playhead().min(asked.playback.now());
    let memory = asked.history.span(Origin::Measured).map(|(from, _)| from);
    let recorded = asked.history.recorded().first().map(|(from, _)| *from);
    let oldest = memory.into_iter().chain(recorded).min();
    let oldest = oldest.filter(|oldest| *oldest < at);
    let known = oldest.map_or(Duration::ZERO, |oldest| at.since(oldest));
    if known < SHORTEST {
        return Err("Less than an hour is recorded: too little to estimate from".to_owned());
    }
    let steps = known.min(LONGEST).as_secs() / STEP.as_secs();
    Ok(Window::before(at, STEP * steps as u32, STEP))
}

/// Starts the fit once the past is loaded, and takes what it found.
fn collect(asked: Asked, mut estimation: ResMut<Estimation>, mut tell: MessageWriter<Tell>) {
    let quiet = estimation.bypass_change_detection();
    if let Some((window, patience)) = quiet.waiting {
        if patience > 0 && is_coming(&asked.history, &window) {
            quiet.waiting = Some((window, patience - 1));
            return;
        }
        quiet.waiting = None;
        match begin(&asked, window) {
            Ok(worker) => quiet.worker = Some(worker),
            Err(why) => {
                quiet.view.running = false;
                quiet.view.problem = Some(why);
            }
        }
        estimation.set_changed();
        return;
    }
    let Some(worker) = &quiet.worker else { return };
    let found = match worker.try_recv() {
        Err(TryRecvError::Empty) => return,
        Err(TryRecvError::Disconnected) => Err("its thread ended without a word".to_owned()),
        Ok(found) => found.map_err(|error| error.to_string()),
    };
    quiet.worker = None;
    quiet.view.running = false;
    match found {
        Ok(found) => {
            let (count, at) = (found.parameters.len(), found.window.end());
            tell.write(Tell::done(format!(
                "{count} parameters estimated for {} UTC",
                at.to_clock_text()
            )));
            quiet.view.found = Some(Arc::new(found));
        }
        Err(why) => {
            tell.write(Tell::warning(format!("No estimate: {why}")));
            quiet.view.problem = Some(why);
        }
    }
    estimation.set_changed();
}

/// True while something of the window is being loaded.
fn is_coming(history: &History, window: &Window) -> bool {
    let instants: Vec<Timestamp> = (0..window.instants())
        .map(|place| window.instant(place))
        .collect();
    // All are asked for, so that they are loaded together.
    let coming = instants
        .iter()
        .filter(|at| history.is_coming_at(Origin::Measured, **at));
    coming.count() > 0
}

fn begin(
    asked: &Asked,
    window: Window,
) -> Result<Receiver<Result<Estimate, EstimateError>>, String> {
    let (scene, plant) = (Arc::clone(&asked.open.scene), Arc::clone(&asked.models.0));
    let observations = session::observe(&plant, &scene, &asked.history, window)
        .map_err(|error| error.to_string())?;
    let (sender, receiver) = bounded(1);
    let fit = move || {
        let plan = EstimatePlan {
            seed: SEED,
            threads: worker::threads(),
            ..EstimatePlan::default()
        };
        session::fit(&plant, &scene, &observations, &plan)
    };
    worker::begin("estimate", &asked.waker, sender, fit)?;
    Ok(receiver)
}

/// The plan of a run from the estimate's instant.
fn plan(
    asked: &Asked,
    scenario: &Scenario,
    found: &Estimate,
) -> Result<crate::simulation::RunPlan, String> {
    if asked
        .history
        .is_coming_at(Origin::Measured, found.window.end())
    {
        return Err("The plant at that instant is still being loaded: try again".to_owned());
    }
    let folder = asked.file.0.parent().unwrap_or(&asked.file.0);
    session::branch_estimated(
        &asked.models.0,
        &asked.open.scene,
        folder,
        &asked.history,
        scenario.clone(),
        found,
        SEED,
    )
    .map_err(|error| error.to_string())
}

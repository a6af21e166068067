//! How the alarm system does, and limits tried on the recorded past: both on threads of their
//! own, because both read files.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::TwinSystems;
use super::action::{Action, LimitTrial};
use super::alarms::AlarmBook;
use super::notices::Tell;
use super::panels::alarms::review::ReviewView;
use super::panels::alarms::trial::{TrialResult, TrialView};
use super::recording::Store;
use super::scene::OpenScene;
use super::telemetry::{Historian, Waker};
use super::timeline::Playback;
use super::worker;
use crate::alarm::AlarmReport;
use crate::history::History;
use crate::recording::Library;
use crate::scene::Scene;
use crate::session::{AlarmLog, MemorySamples, Watch, alarm_rows, samples_in_memory, try_recorded};
use crate::signal::Origin;
use crate::time::Timestamp;

/// What is known. Written by the systems of this file alone.
#[derive(Resource)]
pub struct AlarmReview {
    /// The report, for the screen.
    pub review: ReviewView,
    /// The trial, for the screen.
    pub trial: TrialView,
    send: Sender<Found>,
    found: Receiver<Found>,
    /// How many scenes were open before: what was asked of another one counts no more.
    scene: u64,
}

/// A report, and when the plant was watched.
type SpannedReport = (AlarmReport, Watch);

/// What a thread found.
enum Found {
    Report(u64, Box<Result<SpannedReport, String>>),
    Trial(u64, Box<Result<TrialResult, String>>),
}

impl Default for AlarmReview {
    fn default() -> Self {
        let (send, found) = unbounded();
        Self {
            review: ReviewView::default(),
            trial: TrialView::default(),
            send,
            found,
            scene: 0,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<AlarmReview>().add_systems(
        PreUpdate,
        (
            begin_anew.run_if(resource_exists_and_changed::<OpenScene>),
            follow_actions.run_if(on_message::<Action>),
            take_found,
        )
            .chain()
            .run_if(resource_exists::<OpenScene>.and_then(resource_exists::<AlarmBook>))
            .after(TwinSystems::Ingest)
            .before(TwinSystems::Sample),
    );
}

/// What is known is of another scene.
fn begin_anew(mut review: ResMut<AlarmReview>) {
    review.review = ReviewView::default();
    review.trial = TrialView::default();
    review.scene += 1;
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    playback: Res<Playback>,
    history: Res<Historian>,
    book: Res<AlarmBook>,
    store: Res<Store>,
    waker: Res<Waker>,
    mut review: ResMut<AlarmReview>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let library = store.0.as_ref().map(|store| Arc::clone(store.library()));
        let now = playback.now();
        let back = |hours: u32| now.plus_secs(-3_600.0 * f64::from(hours));
        let (send, scene) = (review.send.clone(), review.scene);
        let job: Box<dyn FnOnce() -> Found + Send> = match action {
            Action::ReviewAlarms(hours) if !review.review.running => {
                let place = store.0.as_ref().map(|store| store.place().to_owned());
                review.review.told_by = match place {
                    Some(_) => "the store",
                    None => "this session alone, which keeps no store",
                };
                review.review.asked = Some(*hours);
                review.review.running = true;
                let own = place.is_none().then(|| {
                    let changes: Vec<_> = book.journal().changes().cloned().collect();
                    AlarmLog::of(&alarm_rows(&open.scene, &changes))
                });
                // The present counts as well.
                let span = (back(*hours), now.plus_secs(1e-6));
                let stretches = recorded(&history);
                Box::new(move || {
                    let log = match (own, place) {
                        (Some(log), _) => Ok(log),
                        (None, Some(place)) => AlarmLog::read(&place),
                        (None, None) => Ok(AlarmLog::default()),
                    };
                    let report = log.map_err(|error| error.to_string());
                    let report = report.and_then(|log| judge(&log, stretches, span));
                    Found::Report(scene, Box::new(report))
                })
            }
            Action::TryLimits(trial) if !review.trial.running => {
                review.trial.asked = Some((**trial).clone());
                if open.scene.signals.len() <= trial.signal.index() {
                    continue;
                }
                review.trial.running = true;
                let memory = samples_in_memory(&history, &[trial.signal]);
                let (open, trial) = (Arc::clone(&open.scene), (**trial).clone());
                let span = (back(trial.hours), now);
                Box::new(move || {
                    let found = try_them(&open, library.as_deref(), &memory, trial, span);
                    Found::Trial(scene, Box::new(found))
                })
            }
            _ => continue,
        };
        if let Err(trouble) = worker::begin("alarm review", &waker, send, job) {
            review.review.running = false;
            review.trial.running = false;
            tell.write(Tell::warning(trouble));
        }
    }
}

/// The stretches of which the store has samples, and that in memory.
fn recorded(history: &History) -> Vec<(Timestamp, Timestamp)> {
    let memory = history.span(Origin::Measured);
    // What lies before the edge is the store's.
    let memory = memory.map(|(from, to)| (history.edge().map_or(from, |edge| edge.max(from)), to));
    history.recorded().iter().copied().chain(memory).collect()
}

/// The report on what was watched within `span`.
fn judge(
    log: &AlarmLog,
    stretches: Vec<(Timestamp, Timestamp)>,
    span: (Timestamp, Timestamp),
) -> Result<SpannedReport, String> {
    let watch = Watch::with_alarms(log, stretches, span)
        .ok_or("Nothing was recorded in this time: no sample and no alarm")?;
    Ok((watch.report(log), watch))
}

/// What the limits, and the scene's own, would have raised.
fn try_them(
    scene: &Scene,
    library: Option<&Library>,
    memory: &MemorySamples,
    trial: LimitTrial,
    span: (Timestamp, Timestamp),
) -> Result<TrialResult, String> {
    let run = |limits: &[_]| {
        let tried = BTreeMap::from([(trial.signal, limits.to_vec())]);
        try_recorded(scene, &tried, library, memory, span).map_err(|error| error.to_string())
    };
    let tried = run(&trial.limits)?;
    let own = run(&scene.signal(trial.signal).limits)?;
    Ok(TrialResult {
        raised: tried.raised,
        own: own.raised.len(),
        span: tried.span,
        samples: tried.samples,
        trial,
    })
}

/// Takes what the threads found.
fn take_found(mut review: ResMut<AlarmReview>) {
    if review.found.is_empty() {
        return;
    }
    let found: Vec<_> = review.found.try_iter().collect();
    for found in found {
        match found {
            Found::Report(scene, report) if scene == review.scene => {
                let view = &mut review.review;
                view.running = false;
                match *report {
                    Ok((report, watch)) => {
                        view.report = Some(report);
                        view.watch = Some(watch);
                        view.trouble = None;
                    }
                    Err(trouble) => view.trouble = Some(trouble),
                }
            }
            Found::Trial(scene, trial) if scene == review.scene => {
                let view = &mut review.trial;
                view.running = false;
                match *trial {
                    Ok(done) => {
                        view.done = Some(done);
                        view.trouble = None;
                    }
                    Err(trouble) => view.trouble = Some(trouble),
                }
            }
            Found::Report(..) | Found::Trial(..) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calm_plant_is_judged_from_when_watching_began() {
        let at = |hour: f64| Timestamp::from_secs(0).plus_secs(hour * 3_600.0);
        let day = (at(0.0), at(24.0));
        let none = judge(&AlarmLog::default(), Vec::new(), day);
        assert!(none.is_err_and(|why| why.starts_with("Nothing was recorded")));
        let recorded = vec![(at(18.0), at(20.0)), (at(21.0), at(24.0))];
        let (report, watch) = judge(&AlarmLog::default(), recorded, day).expect("a report");
        assert_eq!((report.told, report.hours), (0, 6.0));
        assert_eq!((report.known_hours, report.windows), (5.0, 30));
        assert_eq!(watch.gaps, [(at(20.0), at(21.0))]);
    }
}

//! Anomalies in what was measured: a detector is trained on a thread of its own, and then goes on
//! with what comes in.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::TwinSystems;
use super::action::Action;
use super::notices::Tell;
use super::recording::Store;
use super::scene::OpenScene;
use super::telemetry::{Historian, Waker};
use super::timeline::Playback;
use super::worker;
use crate::forecast::anomaly::{DetectorError, DetectorSettings, FalseAlarms};
use crate::history::History;
use crate::recording::Library;
use crate::scene::Scene;
use crate::session::{
    Anomalies, DetectPlan, Excursion, MemorySamples, excursions, history_of, row_step,
    samples_since,
};
use crate::signal::{Origin, RunId, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Signals that are watched together at most.
pub const MOST_SIGNALS: usize = 64;
/// Rows that are scored in a frame at most.
const ROWS_IN_A_FRAME: u32 = 64;
/// Samples may be good for ever; no older ones are read for where a stretch begins.
const LONGEST_LEAD: Duration = Duration::from_hours(24);

/// What is to be looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct AnomalyAsk {
    /// The signals that are watched together.
    pub signals: Vec<SignalId>,
    /// The stretch to learn from.
    pub train: (Timestamp, Timestamp),
    /// The false alarms a day that are accepted.
    pub per_day: f64,
    /// The run whose residual is watched; the signals as measured without it.
    pub against: Option<RunId>,
}

/// What is known of anomalies, for the screen.
#[derive(Debug, Default)]
pub struct AnomalyView {
    /// What was asked last.
    pub asked: Option<AnomalyAsk>,
    /// True while a detector is trained.
    pub running: bool,
    /// Why there is none, and what to do.
    pub trouble: Option<String>,
    /// What was found.
    pub found: Option<Anomalies>,
    /// The flagged stretches of it, in order of time.
    pub excursions: Vec<Excursion>,
}

impl AnomalyView {
    /// Takes in what was found.
    pub fn take(&mut self, found: Result<Anomalies, String>) {
        self.running = false;
        match found {
            Ok(found) => {
                self.excursions = excursions(&found.verdicts);
                self.found = Some(found);
                self.trouble = None;
            }
            Err(trouble) => {
                self.excursions.clear();
                self.found = None;
                self.trouble = Some(trouble);
            }
        }
    }
}

/// The detector of this session. Written by the systems of this file alone.
#[derive(Resource)]
pub struct AnomalyWatch {
    /// For the screen.
    pub view: AnomalyView,
    send: Sender<Found>,
    found: Receiver<Found>,
    /// How many questions were asked, scenes opened included: an older answer counts no more.
    question: u64,
}

/// What a thread found, and for which question.
type Found = (u64, Box<Result<Anomalies, String>>);

impl Default for AnomalyWatch {
    fn default() -> Self {
        let (send, found) = unbounded();
        Self {
            view: AnomalyView::default(),
            send,
            found,
            question: 0,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<AnomalyWatch>().add_systems(
        PreUpdate,
        (
            begin_anew.run_if(resource_exists_and_changed::<OpenScene>),
            follow_actions.run_if(on_message::<Action>),
            take_found,
            go_on,
        )
            .chain()
            .run_if(resource_exists::<OpenScene>)
            .after(TwinSystems::Ingest)
            .before(TwinSystems::Sample),
    );
}

/// What is known is of another scene.
fn begin_anew(mut watch: ResMut<AnomalyWatch>) {
    watch.view = AnomalyView::default();
    watch.question += 1;
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    playback: Res<Playback>,
    history: Res<Historian>,
    store: Res<Store>,
    waker: Res<Waker>,
    mut watch: ResMut<AnomalyWatch>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let Action::FindAnomalies(ask) = action else {
            continue;
        };
        let ask = (**ask).clone();
        let is_known = |id: &SignalId| id.index() < open.scene.signals.len();
        if watch.view.running || !ask.signals.iter().all(is_known) {
            continue;
        }
        watch.question += 1;
        watch.view.asked = Some(ask.clone());
        if let Err(trouble) = check(&ask, playback.oldest()) {
            watch.view.take(Err(trouble));
            continue;
        }
        watch.view.running = true;
        let library = store.0.as_ref().map(|store| Arc::clone(store.library()));
        let from = ask.train.0 - lead(&open.scene, &ask);
        let memory = samples_since(&history, &ask.signals, from);
        let expected = expected(&history, &ask, playback.now());
        let (question, send) = (watch.question, watch.send.clone());
        let (scene, now) = (Arc::clone(&open.scene), playback.now());
        let job = move || {
            let found = find(&scene, library.as_deref(), &memory, &expected, &ask, now);
            (question, Box::new(found))
        };
        if let Err(trouble) = worker::begin("anomalies", &waker, send, job) {
            watch.view.running = false;
            tell.write(Tell::warning(trouble));
        }
    }
}

/// What can be told without looking at any sample.
fn check(ask: &AnomalyAsk, oldest: Timestamp) -> Result<(), String> {
    let (from, to) = ask.train;
    if ask.signals.is_empty() {
        return Err("No signal is chosen: tick those to watch".to_owned());
    }
    if ask.signals.len() > MOST_SIGNALS {
        return Err(format!(
            "{} signals are too many to watch together: choose at most {MOST_SIGNALS}",
            ask.signals.len()
        ));
    }
    if to <= from || to < oldest {
        return Err(format!(
            "Nothing was recorded in the stretch to learn from: it ends {}, and records begin {}. \
             Choose a later one",
            to.format("%d %b %H:%M:%S"),
            oldest.format("%d %b %H:%M:%S"),
        ));
    }
    Ok(())
}

/// What the run says that is held against, as far as it is wanted.
fn expected(history: &History, ask: &AnomalyAsk, now: Timestamp) -> Option<SampleBatch> {
    let origin = Origin::Simulated(ask.against?);
    let mut batch = SampleBatch::new(origin);
    for signal in &ask.signals {
        for sample in history.around(origin, *signal, ask.train.0, now) {
            batch.push(*signal, sample);
        }
    }
    Some(batch)
}

/// How long before a stretch a sample may lie that is still good where it begins.
fn lead(scene: &Scene, ask: &AnomalyAsk) -> Duration {
    let ages = ask.signals.iter().map(|id| scene.signal(*id).max_age);
    ages.max().unwrap_or_default().min(LONGEST_LEAD)
}

/// Trains and scores, on a thread of its own.
fn find(
    scene: &Scene,
    library: Option<&Library>,
    memory: &MemorySamples,
    expected: &Option<SampleBatch>,
    ask: &AnomalyAsk,
    now: Timestamp,
) -> Result<Anomalies, String> {
    let span = (ask.train.0, now);
    let history = history_of(scene, library, memory, lead(scene, ask), span);
    let mut history = history.map_err(|error| error.to_string())?;
    let mut until = now;
    if let Some(batch) = expected {
        history.insert(batch);
        let end = history.span(batch.origin).map(|(_, end)| end);
        until = until.min(end.unwrap_or(ask.train.1)).max(ask.train.1);
    }
    let settings = DetectorSettings {
        budget: FalseAlarms::per_day(ask.per_day).unwrap_or_default(),
        ..DetectorSettings::default()
    };
    let plan = DetectPlan {
        signals: ask.signals.clone(),
        train: ask.train,
        until,
        step: row_step(&history, &ask.signals, ask.train, until),
        against: ask.against,
        settings,
    };
    let step = plan.step;
    Anomalies::find(&history, scene, plan).map_err(|error| advice(&error, step))
}

/// What is wrong, and what to do about it.
fn advice(error: &DetectorError, step: Duration) -> String {
    let secs = step.as_secs();
    let advice = match error {
        DetectorError::TooFewRows { .. } => {
            format!("Rows are {secs} s apart here: choose a longer stretch to learn from")
        }
        DetectorError::NoSignals { .. } => {
            "Choose a stretch in which they were recorded and moved, or other signals".to_owned()
        }
        DetectorError::MissingSignals { .. }
        | DetectorError::Unreadable { .. }
        | DetectorError::TooNew { .. } => "Look for anomalies anew".to_owned(),
    };
    format!("{error}. {advice}")
}

/// Takes what the threads found.
fn take_found(mut watch: ResMut<AnomalyWatch>) {
    if watch.found.is_empty() {
        return;
    }
    let found: Vec<_> = watch.found.try_iter().collect();
    for (question, found) in found {
        if question == watch.question {
            watch.view.take(*found);
        }
    }
}

/// Scores what came in.
fn go_on(
    open: Res<OpenScene>,
    playback: Res<Playback>,
    history: Res<Historian>,
    mut watch: ResMut<AnomalyWatch>,
) {
    // Told as changed only where a row came.
    let quiet = watch.bypass_change_detection();
    let Some(found) = &mut quiet.view.found else {
        return;
    };
    let (scene, now) = (&open.scene, playback.now());
    if found.go_on(&history, scene, now, ROWS_IN_A_FRAME) > 0 {
        quiet.view.excursions = excursions(&found.verdicts);
        watch.set_changed();
    }
}

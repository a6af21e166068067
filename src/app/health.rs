//! Failures foretold: every machine that a scene asks for is followed, by what was recorded of it
//! and by what comes in, as seen from the playhead.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::TwinSystems;
use super::notices::Tell;
use super::recording::Store;
use super::scene::OpenScene;
use super::telemetry::{Historian, Waker};
use super::timeline::Playback;
use super::worker;
use crate::forecast::health::Outlook;
use crate::session::{Prognoses, prognosed, samples_in_memory};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// Where memory does not reach back, a playhead that is farther ahead is not followed sample by
/// sample, s.
const LEAP: f64 = 600.0;
/// How long a frame may be busy with laws of machines.
const BUDGET: Duration = Duration::from_millis(2);
/// An outlook is computed anew when its indicator is so much newer, s of the plant.
const REFRESH: f64 = 5.0;
/// And is not shown when its indicator is so much newer, s of the plant.
const WRONG: f64 = 60.0;

/// What is foretold, for the screen.
#[derive(Debug, Default)]
pub struct HealthView {
    /// True while the past is read.
    pub running: bool,
    /// Why nothing is foretold.
    pub trouble: Option<String>,
    /// The instant that it is seen from; `None` before the past was read.
    pub at: Option<Timestamp>,
    /// Signals whose outlook is older than what was seen, by so much that it may be wrong.
    pub pending: BTreeSet<SignalId>,
    /// Every signal that foretells a failure; `None` where nothing was seen of it.
    pub outlooks: BTreeMap<SignalId, Option<Outlook>>,
}

/// The machines that are followed. Written by the systems of this file alone.
#[derive(Resource)]
pub struct HealthWatch {
    /// For the screen.
    pub view: HealthView,
    prognoses: Option<Prognoses>,
    /// Whose outlooks are older than what was seen.
    due: BTreeSet<SignalId>,
    send: Sender<Found>,
    found: Receiver<Found>,
    /// How many questions were asked, scenes opened included: an older answer counts no more.
    question: u64,
}

/// What a thread found, and for which question.
type Found = (u64, Result<Foresight, String>);

struct Foresight {
    at: Timestamp,
    prognoses: Prognoses,
    outlooks: BTreeMap<SignalId, Option<Outlook>>,
}

impl Default for HealthWatch {
    fn default() -> Self {
        let (send, found) = unbounded();
        Self {
            view: HealthView::default(),
            prognoses: None,
            due: BTreeSet::new(),
            send,
            found,
            question: 0,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<HealthWatch>().add_systems(
        PreUpdate,
        (
            begin_anew.run_if(resource_exists_and_changed::<OpenScene>),
            follow,
        )
            .chain()
            .run_if(resource_exists::<OpenScene>)
            .after(TwinSystems::Ingest)
            .before(TwinSystems::Sample),
    );
}

/// What is known is of another scene.
fn begin_anew(mut watch: ResMut<HealthWatch>, open: Res<OpenScene>) {
    let signals = prognosed(&open.scene).into_iter();
    watch.view = HealthView {
        outlooks: signals.map(|id| (id, None)).collect(),
        ..HealthView::default()
    };
    watch.prognoses = None;
    watch.due.clear();
    watch.question += 1;
}

/// Brings what is foretold to the playhead, or to the present where that lies ahead.
fn follow(
    open: Res<OpenScene>,
    playback: Res<Playback>,
    history: Res<Historian>,
    store: Res<Store>,
    waker: Res<Waker>,
    mut watch: ResMut<HealthWatch>,
    mut tell: MessageWriter<Tell>,
) {
    if watch.view.outlooks.is_empty() {
        return;
    }
    // Told as changed only where something is told anew.
    let quiet = watch.bypass_change_detection();
    let mut changed = quiet.take_found();
    let at = playback.playhead().min(playback.now());
    let reached = quiet.view.at;
    let follows = reached.is_some_and(|reached| {
        let is_in_memory = history.edge().is_none_or(|edge| edge <= reached);
        let ahead = at.secs_since(reached);
        ahead >= 0.0 && (is_in_memory || ahead < LEAP)
    });
    if follows {
        changed |= quiet.go_on(&history, at);
    } else if !quiet.view.running && quiet.view.trouble.is_none() {
        // Of another instant nothing of this is true.
        quiet.forget();
        changed = true;
        let signals: Vec<_> = quiet.view.outlooks.keys().copied().collect();
        let memory = samples_in_memory(&history, &signals);
        let library = store.0.as_ref().map(|store| Arc::clone(store.library()));
        let scene = Arc::clone(&open.scene);
        let (question, send) = (quiet.question, quiet.send.clone());
        let job = move || {
            let found = Prognoses::recorded(&scene, library.as_deref(), &memory, at);
            let found = found.map_err(|error| error.to_string());
            (question, found.map(|prognoses| foresight(at, prognoses)))
        };
        match worker::begin("health", &waker, send, job) {
            Ok(()) => quiet.view.running = true,
            Err(trouble) => {
                quiet.view.trouble = Some(trouble.clone());
                tell.write(Tell::warning(trouble));
            }
        }
    }
    if changed {
        watch.set_changed();
    }
}

fn foresight(at: Timestamp, prognoses: Prognoses) -> Foresight {
    let signals = prognoses.signals();
    let outlooks = signals.map(|id| (id, prognoses.outlook(id))).collect();
    Foresight {
        at,
        prognoses,
        outlooks,
    }
}

impl HealthWatch {
    /// True while something is known that is not told yet.
    pub fn is_behind(&self) -> bool {
        self.view.running || !self.view.pending.is_empty()
    }

    fn forget(&mut self) {
        self.view.at = None;
        self.view.pending.clear();
        self.prognoses = None;
        self.due.clear();
        for outlook in self.view.outlooks.values_mut() {
            *outlook = None;
        }
    }

    /// Takes what the thread found; true if there was something.
    fn take_found(&mut self) -> bool {
        let Some((_, found)) = self
            .found
            .try_iter()
            .filter(|(question, _)| *question == self.question)
            .last()
        else {
            return false;
        };
        self.view.running = false;
        match found {
            Ok(found) => {
                self.view.at = Some(found.at);
                self.view.outlooks = found.outlooks;
                self.prognoses = Some(found.prognoses);
            }
            Err(trouble) => self.view.trouble = Some(trouble),
        }
        true
    }

    /// Takes in what came, and tells of some machines anew, as many as a frame has time for; true
    /// if of any.
    fn go_on(&mut self, history: &Historian, at: Timestamp) -> bool {
        let Some(prognoses) = &mut self.prognoses else {
            return false;
        };
        let told = prognoses.go_on(history, at);
        self.due.extend(told);
        self.view.at = Some(at);
        let began = Instant::now();
        let mut changed = false;
        while began.elapsed() < BUDGET || !changed {
            let is_old = |id: &&SignalId| {
                let known = self.view.outlooks.get(id).and_then(Option::as_ref);
                known.is_none_or(|known| at.secs_since(known.at) >= REFRESH)
            };
            let Some(id) = self.due.iter().find(is_old).copied() else {
                break;
            };
            self.due.remove(&id);
            self.view.outlooks.insert(id, prognoses.outlook(id));
            changed = true;
        }
        let outlooks = &self.view.outlooks;
        let is_wrong = |id: &SignalId| {
            let known = outlooks.get(id).and_then(Option::as_ref);
            known.is_none_or(|known| at.secs_since(known.at) >= WRONG)
        };
        let pending = self.due.iter().copied().filter(is_wrong).collect();
        changed |= self.view.pending != pending;
        self.view.pending = pending;
        changed
    }
}

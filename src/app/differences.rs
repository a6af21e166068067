//! How the plant that is shown differs from its other telling, asset by asset.
//!
//! In a simulated future that is the compared run; in the present and the past it is what the
//! run that judges them says of the same instant.

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;
use super::simulation::Runs;
use super::telemetry::Historian;
use super::timeline::{Frame, Playback};
use crate::history::{FrameCursor, Row};
use crate::scene::Scene;
use crate::signal::Origin;
use crate::simulation::{Against, is_usable, judging_run};
use crate::timeline::Mode;

/// The differences at the playhead. Written by [`compare`] alone, but for the switch.
#[derive(Resource, Default)]
pub struct Differences {
    /// True if the view is coloured by them.
    pub shown: bool,
    /// How the other telling is shown besides.
    pub beside: Option<Beside>,
    /// By asset: the largest difference of its signals as a share of their ordinary ranges;
    /// `None` where one of the two says nothing. Empty while there is nothing to compare with.
    pub shares: Vec<Option<f32>>,
    /// What is held against what is shown.
    pub against: Option<Origin>,
    other: FrameCursor,
}

/// How another telling of the plant is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// In the same view, where the two differ.
    Ghost,
    /// In a view of its own, by the same camera.
    Split,
}

impl Differences {
    /// What the other telling says at the playhead, by signal.
    pub fn rows(&self) -> &[Option<Row>] {
        self.other.rows()
    }

    /// What the colours of the view are held against, if they tell differences.
    pub fn coloured(&self) -> Option<Origin> {
        self.against.filter(|_| self.shown)
    }

    fn is_wanted(&self) -> bool {
        self.shown || self.beside.is_some()
    }

    /// Shows the other telling so, or not if it is shown so already.
    fn toggle(&mut self, how: Beside) {
        self.beside = (self.beside != Some(how)).then_some(how);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Differences>().add_systems(
        PreUpdate,
        (
            switch
                .run_if(on_message::<Action>)
                .in_set(TwinSystems::Steer),
            compare
                .run_if(resource_exists::<OpenScene>)
                .after(super::timeline::sample_history)
                .in_set(TwinSystems::Sample),
        ),
    );
}

fn switch(mut actions: MessageReader<Action>, mut differences: ResMut<Differences>) {
    for action in actions.read() {
        match action {
            Action::Named(Named::ToggleDifferences) => differences.shown = !differences.shown,
            // They colour the view as well.
            Action::Named(Named::ToggleResiduals) => differences.shown = false,
            Action::Named(Named::ToggleGhost) => differences.toggle(Beside::Ghost),
            Action::Named(Named::ToggleSplit) => differences.toggle(Beside::Split),
            Action::Named(Named::ToggleSecondView) if differences.beside == Some(Beside::Split) => {
                // Both are shown in the right half.
                differences.beside = None;
            }
            Action::SecondView(Some(_)) if differences.beside == Some(Beside::Split) => {
                differences.beside = None;
            }
            _ => {}
        }
    }
}

/// Whose telling is held against what is shown.
fn counterpart(runs: &Runs, playback: &Playback) -> Option<Origin> {
    let selected = playback.selected_run();
    match playback.mode() {
        Mode::Simulated => match runs.compared? {
            Against::Run(other) if Some(other) == selected => None,
            against => selected.map(|_| against.origin()),
        },
        Mode::Live | Mode::History => {
            let run = judging_run(&runs.records, selected, playback.playhead())?;
            Some(Origin::Simulated(run.id))
        }
        Mode::Beyond => None,
    }
}

fn compare(
    open: Res<OpenScene>,
    history: Res<Historian>,
    playback: Res<Playback>,
    runs: Res<Runs>,
    frame: Res<Frame>,
    mut differences: ResMut<Differences>,
) {
    let turned = differences.is_changed();
    let quiet = differences.bypass_change_detection();
    let wanted = quiet.is_wanted();
    let against = wanted.then(|| counterpart(&runs, &playback)).flatten();
    let Some(origin) = against else {
        if quiet.against.is_some() || !quiet.shares.is_empty() {
            (quiet.against, quiet.shares) = (None, Vec::new());
            differences.set_changed();
        }
        return;
    };
    let at = playback.playhead();
    let ages: Vec<_> = open
        .scene
        .signals
        .iter()
        .map(|signal| signal.max_age)
        .collect();
    let moved = !quiet
        .other
        .advance(&history, Some(origin), at, &ages)
        .is_empty();
    if !(moved || turned || frame.is_changed() || quiet.against != against) {
        return;
    }
    let shares = shares(&open.scene, frame.cursor.rows(), quiet.other.rows());
    if moved || quiet.against != against || quiet.shares != shares {
        (quiet.against, quiet.shares) = (against, shares);
        differences.set_changed();
    }
}

/// The largest difference of each asset's signals, as a share of their ordinary ranges.
fn shares(scene: &Scene, shown: &[Option<Row>], other: &[Option<Row>]) -> Vec<Option<f32>> {
    let mut shares = vec![None; scene.assets.len()];
    let rows = scene.signals.iter().zip(shown.iter().zip(other));
    for (signal, (shown, other)) in rows {
        let (Some(shown), Some(other)) = (usable(shown), usable(other)) else {
            continue;
        };
        let (low, high) = signal.range;
        let share = (shown - other).abs() / (high - low).abs().max(f64::MIN_POSITIVE);
        if let Some(known) = shares.get_mut(signal.asset.index()) {
            let known: &mut Option<f32> = known;
            *known = Some(known.unwrap_or(0.0).max(share as f32));
        }
    }
    shares
}

/// The value of a row that can be held against another.
fn usable(row: &Option<Row>) -> Option<f64> {
    let row = row.as_ref().filter(|row| is_usable(row))?;
    Some(row.sample.value)
}

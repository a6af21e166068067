//! Undo and redo of what a person did to the view: what is drawn, what is chosen, what was
//! measured.
//!
//! Nothing of the plant is ever undone here: an acknowledged alarm stays acknowledged.

use std::time::Duration;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::measure::{Measurement, Ruler};
use super::reveal::{Reveal, Revealed};
use super::scene::OpenScene;
use super::selection::Selection;
use crate::scene::AssetIndex;

/// So many steps are kept.
const MOST: usize = 100;
/// Changes of one kind that follow each other this soon are one step: a slider is dragged.
const ONE_STEP: Duration = Duration::from_millis(600);

/// What can be undone, as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// What is drawn.
    pub reveal: Reveal,
    /// What was chosen last.
    pub selected: Option<AssetIndex>,
    /// All that is chosen.
    pub chosen: Vec<AssetIndex>,
    /// What was measured.
    pub measurements: Vec<Measurement>,
}

/// The way back and forth. Written by [`remember`] alone.
#[derive(Resource, Debug, Default)]
pub struct UndoStack {
    past: Vec<Edits>,
    future: Vec<Edits>,
    now: Edits,
    /// When the last step was taken, and of what kind.
    last: Option<(Duration, Kind)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Section,
    Spread,
    Other,
}

impl Kind {
    fn of(before: &Edits, after: &Edits) -> Self {
        let like = |change: &dyn Fn(&mut Edits)| {
            let mut same = before.clone();
            change(&mut same);
            same == *after
        };
        if like(&|same| same.reveal.section = after.reveal.section) {
            Self::Section
        } else if like(&|same| same.reveal.spread = after.reveal.spread) {
            Self::Spread
        } else {
            Self::Other
        }
    }
}

impl UndoStack {
    /// True if there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// True if there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes note of how things are now; what went before can be had again.
    fn note(&mut self, now: Edits, at: Duration) {
        if now == self.now {
            return;
        }
        let before = std::mem::replace(&mut self.now, now);
        // A single click is done again as quickly as undone; a laborious choice is not.
        let chosen = |edits: &Edits| edits.chosen.len() > 1;
        let matters = before.reveal != self.now.reveal
            || before.measurements != self.now.measurements
            || (before.chosen != self.now.chosen && (chosen(&before) || chosen(&self.now)));
        if !matters {
            return;
        }
        let kind = Kind::of(&before, &self.now);
        let goes_on = kind != Kind::Other
            && self
                .last
                .is_some_and(|(last, of)| of == kind && at.saturating_sub(last) < ONE_STEP);
        self.last = Some((at, kind));
        self.future.clear();
        if goes_on {
            return;
        }
        self.past.push(before);
        if self.past.len() > MOST {
            self.past.remove(0);
        }
    }

    fn undo(&mut self) -> Option<Edits> {
        let before = self.past.pop()?;
        self.future.push(std::mem::replace(&mut self.now, before));
        self.last = None;
        Some(self.now.clone())
    }

    fn redo(&mut self) -> Option<Edits> {
        let after = self.future.pop()?;
        self.past.push(std::mem::replace(&mut self.now, after));
        self.last = None;
        Some(self.now.clone())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<UndoStack>().add_systems(
        PreUpdate,
        remember
            .run_if(resource_exists::<OpenScene>)
            .after(TwinSystems::Steer),
    );
}

fn remember(
    time: Res<Time<Real>>,
    open: Res<OpenScene>,
    revealed: Res<Revealed>,
    selection: Res<Selection>,
    ruler: Res<Ruler>,
    mut actions: ResMut<Messages<Action>>,
    mut reader: Local<bevy::ecs::message::MessageCursor<Action>>,
    mut stack: ResMut<UndoStack>,
) {
    if open.is_changed() {
        *stack = UndoStack::default();
    }
    if revealed.is_changed() || selection.is_changed() || ruler.is_changed() {
        let now = Edits {
            reveal: revealed.now.clone(),
            selected: selection.selected,
            chosen: selection.chosen.clone(),
            measurements: ruler.measurements.clone(),
        };
        stack.note(now, time.elapsed());
    }
    let mut wanted = Vec::new();
    for action in reader.read(&actions) {
        let edits = match action {
            Action::Named(Named::Undo) => stack.undo(),
            Action::Named(Named::Redo) => stack.redo(),
            _ => None,
        };
        wanted.extend(edits.map(|edits| Action::Restore(Box::new(edits))));
    }
    actions.write_batch(wanted);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(spread: f64) -> Edits {
        Edits {
            reveal: Reveal {
                spread,
                ..Reveal::default()
            },
            ..Edits::default()
        }
    }

    fn chosen(assets: &[u32]) -> Edits {
        Edits {
            selected: assets.first().map(|&asset| AssetIndex(asset)),
            chosen: assets.iter().map(|&asset| AssetIndex(asset)).collect(),
            ..Edits::default()
        }
    }

    const LATER: Duration = Duration::from_secs(10);

    #[test]
    fn what_was_undone_can_be_done_again_until_something_new_is_done() {
        let mut stack = UndoStack::default();
        let xray = Edits {
            reveal: Reveal {
                xray: true,
                ..Reveal::default()
            },
            ..Edits::default()
        };
        stack.note(xray.clone(), Duration::ZERO);
        assert_eq!(stack.undo(), Some(Edits::default()));
        assert_eq!(stack.undo(), None);
        assert_eq!(stack.redo(), Some(xray.clone()));
        assert_eq!(stack.redo(), None);
        stack.undo();
        stack.note(chosen(&[1, 2]), LATER);
        assert!(!stack.can_redo());
        assert_eq!(stack.undo(), Some(Edits::default()));
    }

    #[test]
    fn a_slider_that_is_dragged_is_one_step() {
        let mut stack = UndoStack::default();
        for step in 1..=20 {
            stack.note(
                spread(f64::from(step)),
                Duration::from_millis(50 * step as u64),
            );
        }
        stack.note(spread(3.0), LATER);
        assert_eq!(stack.undo(), Some(spread(20.0)));
        assert_eq!(stack.undo(), Some(spread(0.0)));
        assert!(!stack.can_undo());
    }

    #[test]
    fn single_clicks_are_no_steps_but_a_set_is_not_lost() {
        let mut stack = UndoStack::default();
        stack.note(chosen(&[1]), Duration::ZERO);
        stack.note(chosen(&[2]), LATER);
        assert!(!stack.can_undo());
        stack.note(chosen(&[2, 3]), LATER);
        stack.note(chosen(&[5]), LATER);
        assert_eq!(stack.undo(), Some(chosen(&[2, 3])));
        assert_eq!(stack.undo(), Some(chosen(&[2])));
    }

    #[test]
    fn the_way_back_has_an_end() {
        let mut stack = UndoStack::default();
        for step in 0..500_u32 {
            stack.note(chosen(&[step, step + 1]), LATER);
        }
        assert_eq!(stack.past.len(), MOST);
    }
}

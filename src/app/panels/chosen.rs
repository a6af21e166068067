//! When choosing an asset brings its faceplate to the front.
//!
//! Whoever chooses an asset wants to see what it is, so the inspector comes forward, unless the
//! choice was made in a list that stands in its place: who goes down a list there would lose it
//! with the first line.

use egui_dock::DockState;

use super::PanelState;
use super::layout::Tab;
use crate::app::action::{Action, Named};

/// True for what chooses an asset to be looked at.
pub(super) fn chooses(action: &Action) -> bool {
    match action {
        Action::Select(asset) => asset.is_some(),
        Action::SelectAll(assets) => !assets.is_empty(),
        Action::SelectAlso(_) | Action::FlyTo(_) | Action::Named(Named::GoToAlarm) => true,
        _ => false,
    }
}

impl PanelState {
    /// Shows the inspector if this action chooses an asset and was not asked for in its place.
    pub fn follow_choice(&mut self, action: &Action) {
        if !chooses(action) {
            return;
        }
        let chosen_in = self.chosen_in;
        let dock = self.shown_dock();
        if !chosen_in.is_some_and(|tab| stand_together(dock, tab, Tab::Inspector)) {
            self.show(Tab::Inspector);
        }
    }
}

/// True if only one of two tabs can be in front.
fn stand_together(dock: &DockState<Tab>, one: Tab, other: Tab) -> bool {
    let leaf = |tab| {
        let path = dock.find_tab(&tab)?;
        Some((path.surface, path.node))
    };
    leaf(one).is_some_and(|place| Some(place) == leaf(other))
}

#[cfg(test)]
mod tests {
    use super::super::layout::{first_layout, small_layout};
    use super::*;

    #[test]
    fn tabs_of_one_place_stand_together() {
        let dock = first_layout();
        assert!(stand_together(&dock, Tab::Skill, Tab::Inspector));
        assert!(!stand_together(&dock, Tab::Alarms, Tab::Inspector));
        let small = small_layout();
        assert!(stand_together(&small, Tab::Assets, Tab::Inspector));
        assert!(!stand_together(&small, Tab::Plant, Tab::Inspector));
    }
}

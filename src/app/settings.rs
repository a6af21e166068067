//! How the plant is shown: look, heat and labels.

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;
use super::viewport::Look;

/// How the plant is shown. Written by [`follow_actions`] alone, after its start value.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct ViewSettings {
    /// Operate or Present.
    pub look: Look,
    /// The signal name that colours the assets, or none.
    pub heat: Option<String>,
    /// Whether labels are drawn.
    pub labels: bool,
    /// True if a processor draws instead of a graphics card: light shading, no shadows.
    pub software: bool,
}

impl Default for ViewSettings {
    fn default() -> Self {
        Self {
            look: Look::Operate,
            heat: None,
            labels: true,
            software: false,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ViewSettings>().add_systems(
        PreUpdate,
        follow_actions
            .run_if(on_message::<Action>)
            .in_set(TwinSystems::Steer),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Option<Res<OpenScene>>,
    mut settings: ResMut<ViewSettings>,
) {
    let scene = open.as_ref().map(|open| &open.scene);
    let mut next = settings.clone();
    for action in actions.read() {
        match action {
            Action::SetHeat(signal) => next.heat.clone_from(signal),
            Action::GoToBookmark(place) => {
                if let Some(bookmark) = scene.and_then(|scene| scene.bookmarks.get(*place)) {
                    next.heat.clone_from(&bookmark.heat);
                }
            }
            Action::Named(Named::SwitchLook) => {
                next.look = match next.look {
                    Look::Operate => Look::Present,
                    Look::Present => Look::Operate,
                };
            }
            Action::Named(Named::ToggleLabels) => next.labels = !next.labels,
            Action::Named(Named::ToggleHeat) => {
                next.heat = match next.heat {
                    Some(_) => None,
                    None => scene.and_then(|scene| scene.heat.clone()),
                };
            }
            _ => {}
        }
    }
    settings.set_if_neq(next);
}

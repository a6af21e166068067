//! What is selected and hovered, in every view alike.

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;
use crate::scene::AssetIndex;

/// What a person points at. Written by [`follow_actions`] alone.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The asset that was chosen.
    pub selected: Option<AssetIndex>,
    /// The asset under the pointer.
    pub hovered: Option<AssetIndex>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Selection>().add_systems(
        PreUpdate,
        follow_actions
            .run_if(on_message::<Action>)
            .in_set(TwinSystems::Steer),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Option<Res<OpenScene>>,
    mut selection: ResMut<Selection>,
) {
    let mut next = *selection;
    for action in actions.read() {
        match action {
            Action::Select(asset) => next.selected = *asset,
            Action::Hover(asset) => next.hovered = *asset,
            Action::FlyTo(asset) => next.selected = Some(*asset),
            Action::GoToBookmark(place) => {
                let bookmarks = open.as_ref().map(|open| &open.scene.bookmarks);
                let bookmark = bookmarks.and_then(|bookmarks| bookmarks.get(*place));
                // A view of nothing in particular leaves the choice as it is.
                if let Some(asset) = bookmark.and_then(|bookmark| bookmark.select) {
                    next.selected = Some(asset);
                }
            }
            Action::Named(Named::Escape) => next.selected = None,
            _ => {}
        }
    }
    selection.set_if_neq(next);
}

//! What is selected and hovered, in every view alike.

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::measure::Tool;
use super::scene::OpenScene;
use crate::scene::{AssetIndex, Scene};

/// What a person points at. Written by [`follow_actions`] alone.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The asset that was chosen last: what panels tell of.
    pub selected: Option<AssetIndex>,
    /// All that is chosen, that one among them; sorted.
    pub chosen: Vec<AssetIndex>,
    /// The asset under the pointer.
    pub hovered: Option<AssetIndex>,
}

impl Selection {
    /// One asset, or nothing.
    pub fn one(asset: Option<AssetIndex>) -> Self {
        Self {
            selected: asset,
            chosen: asset.into_iter().collect(),
            hovered: None,
        }
    }

    /// True if the asset is among what is chosen.
    pub fn holds(&self, asset: AssetIndex) -> bool {
        self.chosen.binary_search(&asset).is_ok()
    }

    fn choose(&mut self, asset: Option<AssetIndex>) {
        self.selected = asset;
        self.chosen = asset.into_iter().collect();
    }

    fn choose_all(&mut self, mut assets: Vec<AssetIndex>) {
        assets.sort_unstable();
        assets.dedup();
        if !self.selected.is_some_and(|one| assets.contains(&one)) {
            self.selected = assets.first().copied();
        }
        self.chosen = assets;
    }

    fn toggle(&mut self, asset: AssetIndex) {
        match self.chosen.binary_search(&asset) {
            Ok(place) => {
                self.chosen.remove(place);
                if self.selected == Some(asset) {
                    self.selected = self.chosen.last().copied();
                }
            }
            Err(place) => {
                self.chosen.insert(place, asset);
                self.selected = Some(asset);
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Selection>().add_systems(
        PreUpdate,
        follow_actions
            .run_if(on_message::<Action>)
            // Escape puts the tool away first.
            .before(super::measure::follow_actions)
            .in_set(TwinSystems::Steer),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Option<Res<OpenScene>>,
    tool: Option<Res<Tool>>,
    mut selection: ResMut<Selection>,
) {
    let mut next = selection.clone();
    let scene = open.as_ref().map(|open| &*open.scene);
    let holds_tool = tool.is_some_and(|tool| *tool != Tool::Point);
    for action in actions.read() {
        if !(holds_tool && *action == Action::Named(Named::Escape)) {
            follow(&mut next, action, scene);
        }
    }
    selection.set_if_neq(next);
}

fn follow(next: &mut Selection, action: &Action, scene: Option<&Scene>) {
    match action {
        Action::Select(asset) => next.choose(*asset),
        Action::SelectAlso(asset) => next.toggle(*asset),
        Action::SelectAll(assets) => next.choose_all(assets.clone()),
        Action::Restore(edits) => {
            next.selected = edits.selected;
            next.chosen.clone_from(&edits.chosen);
        }
        Action::Hover(asset) => next.hovered = *asset,
        // Of several, one is flown to; they stay chosen.
        Action::FlyTo(asset) if next.holds(*asset) => next.selected = Some(*asset),
        Action::FlyTo(asset) => next.choose(Some(*asset)),
        Action::GoToBookmark(place) => {
            let bookmark = scene.and_then(|scene| scene.bookmarks.get(*place));
            // A view of nothing in particular leaves the choice as it is.
            if let Some(asset) = bookmark.and_then(|bookmark| bookmark.select) {
                next.choose(Some(asset));
            }
        }
        Action::Named(Named::SelectSameKind) => {
            if let (Some(scene), Some(one)) = (scene, next.selected) {
                let kind = &scene.asset(one).kind;
                let alike = scene.asset_indices();
                next.choose_all(
                    alike
                        .filter(|asset| scene.asset(*asset).kind == *kind)
                        .collect(),
                );
            }
        }
        Action::Named(Named::Escape) => next.choose(None),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: AssetIndex = AssetIndex(1);
    const B: AssetIndex = AssetIndex(2);
    const C: AssetIndex = AssetIndex(3);

    #[track_caller]
    fn check(actions: &[Action], selected: Option<AssetIndex>, chosen: &[AssetIndex]) {
        let mut selection = Selection::default();
        for action in actions {
            follow(&mut selection, action, None);
        }
        assert_eq!(selection.selected, selected);
        assert_eq!(selection.chosen, chosen);
        assert!(selected.is_none_or(|asset| selection.holds(asset)));
    }

    #[test]
    fn one_more_is_added_and_taken_away_again() {
        let also = Action::SelectAlso;
        check(&[Action::Select(Some(B)), also(A)], Some(A), &[A, B]);
        check(&[also(B), also(A), also(A)], Some(B), &[B]);
        check(&[also(B), also(B)], None, &[]);
        check(&[also(A), also(B), Action::Select(Some(C))], Some(C), &[C]);
        check(&[also(A), also(B), Action::Select(None)], None, &[]);
    }

    #[test]
    fn of_several_the_one_told_of_stays_if_it_is_among_them() {
        let all = |assets: &[AssetIndex]| Action::SelectAll(assets.to_vec());
        check(
            &[Action::Select(Some(B)), all(&[C, B, B])],
            Some(B),
            &[B, C],
        );
        check(&[Action::Select(Some(A)), all(&[C, B])], Some(B), &[B, C]);
        check(&[all(&[A, C]), Action::FlyTo(C)], Some(C), &[A, C]);
        check(&[all(&[A, C]), Action::FlyTo(B)], Some(B), &[B]);
    }
}

//! The second view: the same plant at the same instant, by a camera of its own.
//!
//! It is drawn into the picture that the other telling has when the view is split; never both.
//! One of the two views is the one that actions go to: the one that was touched last.

use bevy::prelude::*;

use super::super::action::Action;
use super::super::settings::ViewSettings;
use super::super::viewport::{Pane, ViewInput};
use super::camera::{Eye, put};
use super::counterpart::{Counterpart, SecondScreen};
use super::plant::Plant;
use super::redraw::Wake;
use super::steering::pose_at;

/// The eye of the second view; there while the view is. Made by [`arrange`], and written by
/// [`super::steering::steer`] alone after that.
#[derive(Resource)]
pub(super) struct SecondEye {
    /// Where it is and where it goes.
    pub eye: Eye,
    /// True if actions go to it.
    pub is_active: bool,
}

/// Opens the second view where it is asked for, or else where the first is; or closes it.
pub(super) fn arrange(
    mut commands: Commands,
    mut actions: MessageReader<Action>,
    settings: Res<ViewSettings>,
    first: Res<Eye>,
    second: Option<Res<SecondEye>>,
    mut wake: ResMut<Wake>,
) {
    let views = actions.read().filter_map(|action| match action {
        Action::SecondView(view) => *view,
        _ => None,
    });
    let asked = views.last();
    if settings.second_view == second.is_some() {
        return;
    }
    if settings.second_view {
        let mut eye = *first;
        if let Some(view) = asked {
            eye.orbit.fly_to(pose_at(&view));
            eye.orbit.settle();
            (eye.framing, eye.follows) = (None, false);
        }
        commands.insert_resource(SecondEye {
            eye,
            // Whoever opens it by hand wants to look elsewhere with it.
            is_active: asked.is_none(),
        });
    } else {
        commands.remove_resource::<SecondEye>();
    }
    wake.redraw();
}

/// Forgets where the second view looked, and begins where the first does: another scene is open.
pub(super) fn look_at_plant(first: Res<Eye>, second: Option<ResMut<SecondEye>>) {
    if let Some(mut second) = second {
        second.eye = *first;
    }
}

/// Puts its camera where its eye is.
pub(super) fn place(
    second: Option<Res<SecondEye>>,
    screen: Option<Res<SecondScreen>>,
    counterpart: Res<Counterpart>,
    plant: Res<Plant>,
    mut cameras: Query<(&mut Transform, &mut Projection)>,
) {
    let (Some(second), Some(screen)) = (second, screen) else {
        return;
    };
    if counterpart.is_split() {
        return;
    }
    if let Ok((mut transform, mut projection)) = cameras.get_mut(screen.camera) {
        put(&second.eye, &plant, &mut transform, &mut projection);
    }
}

/// The eye that the pointer looks with.
pub(super) fn eye_of<'a>(
    input: &ViewInput,
    first: &'a Eye,
    second: Option<&'a SecondEye>,
) -> &'a Eye {
    match (input.pane, second) {
        (Pane::Second, Some(second)) => &second.eye,
        _ => first,
    }
}

//! Steering: what the hand and actions ask of the eyes of the two views.

use std::f32::consts::FRAC_PI_2;
use std::time::Duration;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::super::action::{Action, Named};
use super::super::coords;
use super::super::reveal::Revealed;
use super::super::scene::OpenScene;
use super::super::selection::Selection;
use super::super::viewport::{Pane, ViewInput};
use super::camera::{Eye, Outlook, STEEPEST, aspect_of, overview};
use super::framing::{Extent, fitted};
use super::members::Members;
use super::orbit::Pose;
use super::plant::Plant;
use super::redraw::Wake;
use super::second_view::SecondEye;
use super::{StillView, picking};
use crate::scene::{Bookmark, StoryView};

/// Who moves is followed from no farther than this, m.
const MEMBER_DISTANCE: f32 = 18.0;
/// A notch of the wheel, points.
const NOTCH: f32 = 50.0;

/// What eyes look at, and what they are told by.
#[derive(SystemParam)]
pub(super) struct Sights<'w> {
    input: Res<'w, ViewInput>,
    open: Res<'w, OpenScene>,
    plant: Res<'w, Plant>,
    selection: Res<'w, Selection>,
    revealed: Res<'w, Revealed>,
    members: Res<'w, Members>,
}

/// Moves the eyes as the tab and actions ask, and the cameras with them. The hand and actions go
/// to the view that was touched last.
pub(super) fn steer(
    time: Res<Time>,
    still: Res<StillView>,
    sights: Sights,
    mut actions: MessageReader<Action>,
    mut first: ResMut<Eye>,
    mut second: Option<ResMut<SecondEye>>,
    mut wake: ResMut<Wake>,
) {
    let asked: Vec<&Action> = actions.read().collect();
    let first = first.bypass_change_detection();
    let second = second
        .as_mut()
        .map(|second| second.bypass_change_detection());
    let (first, second, is_second) = match second {
        None => (first, None, false),
        Some(second) => {
            if let Some(pane) = sights.input.touched {
                if second.is_active != (pane == Pane::Second) {
                    wake.moved();
                }
                second.is_active = pane == Pane::Second;
            }
            for action in &asked {
                if let Action::SecondView(Some(view)) = action {
                    second.eye.orbit.fly_to(pose_at(view));
                    (second.eye.framing, second.eye.follows) = (None, false);
                    second.is_active = false;
                }
            }
            (first, Some(&mut second.eye), second.is_active)
        }
    };
    let (active, other) = match (second, is_second) {
        (Some(second), true) => (second, Some(first)),
        (second, _) => (first, second),
    };
    fit(active, &sights, &mut wake);
    for action in asked {
        obey(active, action, &sights);
    }
    if follow_hand(
        active,
        &sights.input,
        &sights.plant,
        &sights.revealed,
        time.delta(),
    ) {
        active.framing = None;
        // Who shifts the view looks at something else.
        let input = &sights.input;
        active.follows &= input.pan == [0.0; 2] && input.fly == [0.0; 3];
    }
    let mut moved = go_on(active, &sights, *still, &time);
    if let Some(other) = other {
        fit(other, &sights, &mut wake);
        moved |= go_on(other, &sights, *still, &time);
    }
    if moved {
        wake.moved();
    }
}

/// Keeps the whole plant in a view that got another form, if that is what it shows.
fn fit(eye: &mut Eye, sights: &Sights, wake: &mut Wake) {
    let aspect = aspect_of(&sights.input);
    if (aspect - eye.aspect).abs() > 1e-3 {
        eye.aspect = aspect;
        wake.redraw();
        if let Some(outlook) = eye.framing {
            eye.orbit.fly_to(overview(&sights.plant, outlook, aspect));
            eye.orbit.settle();
        }
    }
}

/// Does what an action asks of an eye.
fn obey(eye: &mut Eye, action: &Action, sights: &Sights) {
    let Sights {
        open,
        plant,
        selection,
        members,
        ..
    } = sights;
    if let Some(pose) = asked_for(action, eye, open, plant, selection) {
        eye.orbit.fly_to(pose);
        eye.framing = outlook_of(action, open);
        eye.follows = false;
    } else if matches!(action, Action::Named(Named::FollowMember)) {
        eye.follows = !eye.follows && members.chosen_at().is_some();
        if eye.follows {
            eye.come_near(MEMBER_DISTANCE);
        }
    } else if let Action::Turn(angle) = action {
        eye.orbit.turn_by(*angle);
        eye.framing = None;
    } else if let Action::LookFrom(yaw, pitch) = action {
        eye.orbit.look_from(*yaw, *pitch);
        eye.framing = None;
    } else if let Action::LookThere([east, north]) = action {
        let mut goal = eye.orbit.goal();
        let at = coords::point([*east, *north, 0.0]);
        let height = plant.terrain.height(at.x, at.z);
        goal.focus = Vec3::new(at.x, height, at.z);
        eye.orbit.fly_to(goal);
        eye.framing = None;
    } else if matches!(action, Action::Named(Named::IsoView)) {
        eye.orbit.toggle_isometric();
        eye.framing = None;
    } else if matches!(action, Action::Named(Named::TopView)) {
        eye.orbit.toggle_plan();
        eye.framing = None;
    }
}

/// Glides on, after whom it follows; true if it moved.
fn go_on(eye: &mut Eye, sights: &Sights, still: StillView, time: &Time) -> bool {
    if eye.follows {
        match sights.members.chosen_at() {
            Some(at) => eye.orbit.keep_at(at),
            None => eye.follows = false,
        }
    }
    if still.0 {
        let before = eye.orbit.now;
        eye.orbit.settle();
        before != eye.orbit.now
    } else {
        eye.orbit.glide(time.delta_secs().min(0.25))
    }
}

/// The direction from which an action asks to see the whole plant, if it does.
fn outlook_of(action: &Action, open: &OpenScene) -> Option<Outlook> {
    match action {
        Action::Named(Named::FrameAll) => {
            let home = open.scene.bookmarks.first().filter(|first| first.whole);
            let home = home.map(|bookmark| Outlook::of(&pose_of(bookmark)));
            Some(home.unwrap_or_else(|| Outlook::of(&Pose::default())))
        }
        Action::GoToBookmark(place) => {
            let bookmark = open.scene.bookmarks.get(*place).filter(|found| found.whole);
            bookmark.map(|bookmark| Outlook::of(&pose_of(bookmark)))
        }
        _ => None,
    }
}

fn pose_of(bookmark: &Bookmark) -> Pose {
    let (from, to) = (coords::point(bookmark.eye), coords::point(bookmark.focus));
    Pose::looking(from, to)
}

/// The pose of a camera that stands there.
pub(super) fn pose_at(view: &StoryView) -> Pose {
    let pose = Pose::looking(coords::point(view.eye), coords::point(view.focus));
    if !view.plan {
        return pose;
    }
    let straight = pose.pitch > STEEPEST - 0.01;
    Pose {
        pitch: if straight { FRAC_PI_2 } else { pose.pitch },
        plan: 1.0,
        ..pose
    }
}

/// The pose that an action asks for.
fn asked_for(
    action: &Action,
    eye: &Eye,
    open: &OpenScene,
    plant: &Plant,
    selection: &Selection,
) -> Option<Pose> {
    let framing = |extent: &Extent| {
        let from = eye.orbit.goal();
        let pitch = if from.plan > 0.0 {
            Pose::default().pitch
        } else {
            from.pitch
        };
        // Room around a single thing tells where it stands.
        let reach = ((extent.high - extent.low).length() * 0.35).max(0.4);
        let room = Extent {
            low: extent.low - Vec3::new(reach, 0.0, reach),
            high: extent.high + Vec3::splat(reach),
        };
        fitted(&[room], from.yaw, pitch.clamp(0.25, 1.2), eye.aspect)
    };
    match action {
        Action::FlyTo(asset) => plant.extent(*asset).map(framing),
        Action::LookAt(view) => Some(pose_at(view)),
        Action::Named(Named::FrameSelection) => {
            let chosen = selection.chosen.iter();
            let chosen: Vec<Extent> = chosen
                .filter_map(|asset| plant.extent(*asset).copied())
                .collect();
            Extent::around(chosen).as_ref().map(framing)
        }
        Action::GoToBookmark(place) if outlook_of(action, open).is_none() => {
            open.scene.bookmarks.get(*place).map(pose_of)
        }
        _ => outlook_of(action, open).map(|outlook| overview(plant, outlook, eye.aspect)),
    }
}

/// Turns, shifts, zooms and walks as the hand does in the tab; true if it does.
fn follow_hand(
    eye: &mut Eye,
    input: &ViewInput,
    plant: &Plant,
    revealed: &Revealed,
    elapsed: Duration,
) -> bool {
    let height = input.size[1].max(1.0);
    let mut touched = false;
    if input.orbit != [0.0; 2] {
        eye.orbit.turn(Vec2::from(input.orbit) / height);
        touched = true;
    }
    if input.pan != [0.0; 2] {
        eye.orbit.shift(Vec2::from(input.pan) / height);
        touched = true;
    }
    if input.zoom != 0.0 {
        let under = input.pointer.unwrap_or(input.size.map(|side| side * 0.5));
        let point = picking::point_under(under, input, eye, plant, revealed);
        eye.orbit.zoom(point, input.zoom / NOTCH);
        touched = true;
    }
    if input.fly != [0.0; 3] {
        eye.orbit
            .walk(Vec3::from(input.fly), elapsed.as_secs_f32().min(0.1));
        touched = true;
    }
    touched
}

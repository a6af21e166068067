//! What lies under the pointer: hover, click, double click.

use bevy::math::Ray3d;
use bevy::math::primitives::InfinitePlane3d;
use bevy::prelude::*;

use super::super::action::{Action, Named};
use super::super::viewport::ViewInput;
use super::bvh::Spread;
use super::camera::Eye;
use super::plant::Plant;
use crate::scene::AssetIndex;

/// The asset under the pointer in the view. Written by [`point`] alone.
#[derive(Resource, Default, PartialEq)]
pub(super) struct Pointed(pub Option<AssetIndex>);

/// Tells what the pointer is over and what was clicked.
pub(super) fn point(
    input: Res<ViewInput>,
    eye: Res<Eye>,
    plant: Res<Plant>,
    mut pointed: ResMut<Pointed>,
    mut actions: MessageWriter<Action>,
) {
    let hit = |at: [f32; 2]| {
        let ray = ray_at(at, &input, &eye);
        plant
            .targets
            .first_hit(ray, spread(&input, &eye))
            .map(|hit| hit.0)
    };
    let dragging = input.orbit != [0.0; 2] || input.pan != [0.0; 2];
    let hovered = input.pointer.filter(|_| !dragging).and_then(hit);
    if pointed.set_if_neq(Pointed(hovered)) {
        actions.write(Action::Hover(hovered));
    }
    if let Some(at) = input.double_clicked {
        actions.write(match hit(at) {
            Some(asset) => Action::FlyTo(asset),
            None => Action::Named(Named::FrameAll),
        });
    } else if let Some(at) = input.clicked {
        actions.write(Action::Select(hit(at)));
    }
}

/// The point of the world under a point of the tab: the asset's there, else the ground's,
/// else as far away as the focus.
pub(super) fn point_under(at: [f32; 2], input: &ViewInput, eye: &Eye, plant: &Plant) -> Vec3 {
    let ray = ray_at(at, input, eye);
    let away = eye.orbit.now.eye_distance();
    if let Some((_, distance)) = plant.targets.first_hit(ray, Spread::default()) {
        return ray.get_point(distance);
    }
    let ground = Vec3::Y * plant.ground;
    let plane = InfinitePlane3d::new(Vec3::Y);
    let reach = ray.intersect_plane(ground, plane);
    // Near the horizon the ground is too far away to zoom at.
    ray.get_point(reach.filter(|&far| far < away * 4.0).unwrap_or(away))
}

/// How wide a point of the tab is along its rays.
fn spread(input: &ViewInput, eye: &Eye) -> Spread {
    let pose = eye.orbit.now;
    let at_focus = pose.height() / input.size[1].max(1.0);
    if pose.is_plan() {
        Spread {
            at_eye: at_focus,
            per_metre: 0.0,
        }
    } else {
        Spread {
            at_eye: 0.0,
            per_metre: at_focus / pose.eye_distance().max(1e-3),
        }
    }
}

fn ray_at(at: [f32; 2], input: &ViewInput, eye: &Eye) -> Ray3d {
    let size = Vec2::from(input.size).max(Vec2::ONE);
    let share = Vec2::from(at) / size * 2.0 - 1.0;
    eye.orbit.now.ray(Vec2::new(share.x, -share.y), eye.aspect)
}

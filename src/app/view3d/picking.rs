//! What lies under the pointer or in a box: hover, click, double click, ruler.

use std::time::Instant;

use bevy::ecs::system::SystemParam;
use bevy::math::Ray3d;
use bevy::math::primitives::InfinitePlane3d;
use bevy::prelude::*;

use super::super::action::{Action, Named};
use super::super::coords;
use super::super::measure::Tool;
use super::super::reveal::Revealed;
use super::super::scene::OpenScene;
use super::super::selection::Selection;
use super::super::viewport::{BoxDrag, ViewInput};
use super::boxed;
use super::bvh::{Sight, Spread};
use super::camera::Eye;
use super::members::Members;
use super::plant::Plant;
use super::second_view::{self, SecondEye};
use super::surface;
use crate::scene::AssetIndex;

/// The asset under the pointer in the view. Written by [`point`] alone.
#[derive(Resource, Default, PartialEq)]
pub(super) struct Pointed(pub Option<AssetIndex>);

/// Where the ruler would be put. Written by [`point`] alone.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RulerTip(pub Option<surface::Met>);

/// What the pointer is held against.
#[derive(SystemParam)]
pub(super) struct Aim<'w> {
    input: Res<'w, ViewInput>,
    eye: Res<'w, Eye>,
    second: Option<Res<'w, SecondEye>>,
    plant: Res<'w, Plant>,
    open: Res<'w, OpenScene>,
    revealed: Res<'w, Revealed>,
    selection: Res<'w, Selection>,
    tool: Res<'w, Tool>,
    members: Res<'w, Members>,
}

/// Tells what the pointer is over and what was clicked.
pub(super) fn point(
    aim: Aim,
    mut pointed: ResMut<Pointed>,
    mut tip: ResMut<RulerTip>,
    mut actions: MessageWriter<Action>,
) {
    let input = &*aim.input;
    let eye = second_view::eye_of(input, &aim.eye, aim.second.as_deref());
    let drawn = |asset| aim.revealed.draws(asset);
    let sight = sight(&aim.revealed, &drawn);
    let hit = |at: [f32; 2]| {
        let ray = ray_at(at, input, eye);
        let spread = spread(input, eye);
        aim.plant.targets.first_hit(ray, spread, &sight)
    };
    let dragging = input.orbit != [0.0; 2] || input.pan != [0.0; 2] || input.boxed.is_some();
    let pointer = input.pointer.filter(|_| !dragging);
    let hovered = pointer.and_then(hit).map(|hit| hit.0);
    if pointed.set_if_neq(Pointed(hovered)) {
        actions.write(Action::Hover(hovered));
    }
    let measures = *aim.tool == Tool::Measure;
    let met = |at: [f32; 2]| {
        let lens = eye.orbit.now.lens(eye.aspect);
        let pick = surface::Pick {
            ray: ray_at(at, input, eye),
            at: Vec2::from(at),
            size: Vec2::from(input.size),
            lens: &lens,
        };
        surface::first_met(&pick, &aim.open.scene, &aim.plant, &aim.revealed, &sight)
    };
    tip.set_if_neq(RulerTip(pointer.filter(|_| measures).and_then(met)));
    if let Some(drag) = input.boxed
        && drag.is_done
    {
        let lens = eye.orbit.now.lens(eye.aspect);
        let mut within = boxed::within(
            &drag,
            input.size,
            &lens,
            &aim.open.scene,
            &aim.plant,
            &sight,
        );
        if drag.also {
            within.extend(&aim.selection.chosen);
        }
        actions.write(Action::SelectAll(within));
    } else if let Some(at) = input.double_clicked.filter(|_| !measures) {
        actions.write(match hit(at) {
            Some((asset, _)) => Action::FlyTo(asset),
            None => Action::Named(Named::FrameAll),
        });
    } else if let Some(at) = input.clicked.or(input.double_clicked) {
        if measures {
            let point = met(at).map(|met| coords::plant_point(met.point));
            actions.write_batch(point.map(Action::MeasureAt));
        } else if input.also {
            actions.write_batch(hit(at).map(|(asset, _)| Action::SelectAlso(asset)));
        } else {
            let met = hit(at);
            let member = aim.members.first_hit(ray_at(at, input, eye));
            let nearer = member.filter(|(_, away)| met.is_none_or(|(_, far)| *away < far));
            if let Some((member, _)) = nearer {
                actions.write(Action::Select(None));
                actions.write(Action::SelectMember(Some(member)));
            } else {
                actions.write(Action::SelectMember(None));
                actions.write(Action::Select(met.map(|hit| hit.0)));
            }
        }
    }
}

/// What can be met of what is drawn.
pub(super) fn sight<'a>(revealed: &Revealed, drawn: &'a dyn Fn(AssetIndex) -> bool) -> Sight<'a> {
    let section = revealed.now.section.map(|section| {
        let (one, two) = (coords::point(section.low), coords::point(section.high));
        (one.min(two), one.max(two))
    });
    Sight {
        drawn,
        section: section.unwrap_or(Sight::WHOLE.section),
    }
}

/// The point of the world under a point of the tab: the asset's there, else the ground's,
/// else as far away as the focus.
pub(super) fn point_under(
    at: [f32; 2],
    input: &ViewInput,
    eye: &Eye,
    plant: &Plant,
    revealed: &Revealed,
) -> Vec3 {
    let ray = ray_at(at, input, eye);
    let away = eye.orbit.now.eye_distance();
    let drawn = |asset| revealed.draws(asset);
    let sight = sight(revealed, &drawn);
    if let Some((_, distance)) = plant.targets.first_hit(ray, Spread::default(), &sight) {
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

/// How long it takes to find what is under a point of the picture, and what lies in a box over
/// all of it, so many times each, ms.
pub(in super::super) fn time_picks(world: &World, rounds: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let (input, eye) = (
        world.get_resource::<ViewInput>()?,
        world.get_resource::<Eye>()?,
    );
    let (plant, open) = (
        world.get_resource::<Plant>()?,
        world.get_resource::<OpenScene>()?,
    );
    let revealed = world.get_resource::<Revealed>()?;
    let drawn = |asset| revealed.draws(asset);
    let sight = sight(revealed, &drawn);
    let timed = |work: &dyn Fn(usize) -> usize| {
        let times = (0..rounds).map(|round| {
            let began = Instant::now();
            std::hint::black_box(work(round));
            began.elapsed().as_secs_f64() * 1e3
        });
        times.collect()
    };
    let [width, height] = input.size;
    let points = timed(&|round| {
        // Evenly strewn over the picture: multiples of the golden ratio's powers (Roberts 2018).
        let share = |step: f64| (0.5 + step * round as f64).fract() as f32;
        let at = [width * share(0.754_877_666), height * share(0.569_840_291)];
        let ray = ray_at(at, input, eye);
        let hit = plant.targets.first_hit(ray, spread(input, eye), &sight);
        hit.map_or(0, |(asset, _)| asset.index())
    });
    let lens = eye.orbit.now.lens(eye.aspect);
    let boxes = timed(&|round| {
        let drag = BoxDrag {
            from: [0.0, 0.0],
            to: [width, height - (round % 2) as f32],
            is_done: true,
            also: false,
        };
        boxed::within(&drag, input.size, &lens, &open.scene, plant, &sight).len()
    });
    Some((points, boxes))
}

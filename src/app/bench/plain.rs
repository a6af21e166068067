//! The same number of entities in Bevy's plain way: a mesh, a material, a place.

use bevy::camera::RenderTarget;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;

use super::super::launch::LaunchError;
use super::super::picture::target_image;
use super::field::{STEP, side};
use super::stage::{frames, program};
use super::twin::PICTURE;
use super::{Measured, ViewBench};

/// Measures the plain way: nothing changes but the eye, unless that rests too.
pub(super) fn measure(plan: &ViewBench) -> Result<Measured, LaunchError> {
    let mut app = program(plan.backend, true)?;
    let (assets, rests) = (plan.assets, plan.rests);
    app.add_systems(Startup, move |world: &mut World| fill(world, assets));
    if !rests {
        app.add_systems(Update, turn);
    }
    app.finish();
    app.cleanup();
    Ok(frames(&mut app, plan, |_, _| {}))
}

fn fill(world: &mut World, assets: u32) {
    let image = world
        .resource_mut::<Assets<Image>>()
        .add(target_image(PICTURE));
    let width = f64::from(side(assets)) * STEP;
    let (middle, away) = ((width * 0.5) as f32, width as f32);
    world.spawn((
        Camera3d::default(),
        Tonemapping::None,
        RenderTarget::Image(image.into()),
        Projection::from(PerspectiveProjection {
            far: 20_000.0,
            ..default()
        }),
        Transform::from_xyz(middle, away * 0.8, middle + away)
            .looking_at(Vec3::new(middle, 0.0, middle), Vec3::Y),
    ));
    world.spawn((
        DirectionalLight::default(),
        Transform::from_xyz(3.0, 8.0, 5.0).looking_at(Vec3::ZERO, Vec3::Y),
    ));
    let mut meshes = world.resource_mut::<Assets<Mesh>>();
    let shapes = [
        meshes.add(Cuboid::new(1.4, 1.0, 1.4)),
        meshes.add(Cylinder::new(1.0, 2.4)),
        meshes.add(Sphere::new(0.8)),
        meshes.add(Torus::new(0.3, 0.7)),
    ];
    let material = world
        .resource_mut::<Assets<StandardMaterial>>()
        .add(StandardMaterial::default());
    let side = side(assets);
    let placed: Vec<_> = (0..assets)
        .map(|place| {
            let (east, north) = (place % side, place / side);
            let at = Vec3::new(east as f32, 0.0, north as f32) * STEP as f32;
            (
                Mesh3d(shapes[place as usize % shapes.len()].clone()),
                MeshMaterial3d(material.clone()),
                Transform::from_translation(at),
            )
        })
        .collect();
    world.spawn_batch(placed);
}

fn turn(mut cameras: Query<&mut Transform, With<Camera3d>>) {
    for mut place in &mut cameras {
        place.rotate_y(0.002);
    }
}

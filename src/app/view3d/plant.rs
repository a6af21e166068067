//! The open scene as meshes: built when a scene is opened, gone with it.
//!
//! Everything hangs under the scene's root entity, and what is shared is held by
//! resources that the next scene replaces: nothing of an old scene stays behind.

use std::collections::HashMap;

use bevy::asset::Assets;
use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::{NoAutoAabb, NoCpuCulling, RenderLayers};
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::math::{Affine3A, Vec2};
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;

use super::super::coords;
use super::super::scene::OpenScene;
use super::super::settings::ViewSettings;
use super::bvh::{Bvh, Target};
use super::counterpart::SHARED;
use super::detail::Detail;
use super::drivers::Drivings;
use super::framing::{Extent, main_cluster};
use super::material::{Pass, SharedCanvas, TwinMaterial};
use super::mesh::Sketch;
use super::part::Part;
use super::record::{Record, Records, WORLD_SLOT, slot};
use super::shade;
use super::shapes::{self, PickBox};
use super::terrain::Terrain;
use crate::scene::{Asset, AssetIndex, Scene, Shape};

/// Ground is drawn this far beyond the plant, m, and further for large plants.
const HORIZON: f32 = 1_500.0;
/// The pipe through a network's pump or valve, points wide.
const MACHINE_PIPE: f32 = 2.0;
/// Above this many assets no shadows are laid on the ground without a graphics card.
const SHADOWS: usize = 2_500;

/// What the view knows of the open scene besides its entities. Written by [`build`] alone.
#[derive(Resource)]
pub(super) struct Plant {
    /// Where each asset is, by [`AssetIndex`].
    pub extents: Vec<Extent>,
    /// Where the label of each asset points.
    pub anchors: Vec<Vec3>,
    /// The assets that have a value to tell where there is something to see, and where their
    /// labels point; sorted.
    pub labelled: Vec<(AssetIndex, Vec3)>,
    /// What the pointer can hit.
    pub targets: Bvh,
    /// What a first picture frames: the plant without what lies far away.
    pub cluster: Vec<Extent>,
    /// All of the plant.
    pub whole: Extent,
    /// The height of the plant's ground, m.
    pub ground: f32,
    /// The distance in height of contour lines, m; 0 for none.
    pub contours: f32,
    /// How far shadows and shades are lifted off the ground, m.
    pub lift: f32,
    /// Draws the hull around what is selected.
    pub outline: Entity,
}

/// The materials of the open scene, one per pass.
struct Materials {
    solid: Handle<TwinMaterial>,
    land: Handle<TwinMaterial>,
    sky: Handle<TwinMaterial>,
    shade: Handle<TwinMaterial>,
    shadow: Handle<TwinMaterial>,
    outline: Handle<TwinMaterial>,
}

/// Gives every asset its mesh, and the scene its ground and sky.
pub(super) fn build(
    mut commands: Commands,
    open: Res<OpenScene>,
    settings: Res<ViewSettings>,
    canvas: Res<SharedCanvas>,
    mut buffers: ResMut<Assets<ShaderBuffer>>,
    mut materials: ResMut<Assets<TwinMaterial>>,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    let scene = &open.scene;
    let terrain = Terrain::of(scene);
    let mut records = Records::new(scene.assets.len(), &mut buffers);
    let mut material = |pass| {
        materials.add(TwinMaterial {
            records: records.buffer.clone(),
            canvas: canvas.buffer.clone(),
            pass,
            lit: !settings.software,
        })
    };
    let looks = Materials {
        solid: material(Pass::Solid),
        land: material(Pass::Land),
        sky: material(Pass::Sky),
        shade: material(Pass::Shade),
        shadow: material(Pass::Shadow),
        outline: material(Pass::Outline),
    };
    let shadows = settings.software && scene.assets.len() <= SHADOWS;
    let mut shared: HashMap<(Shape, [u32; 3]), (Handle<Mesh>, Aabb)> = HashMap::new();
    let detail = Detail::of(scene);
    let mut looking = Vec::with_capacity(scene.assets.len());
    for index in scene.asset_indices() {
        let asset = scene.asset(index);
        if asset.shape == Shape::Unseen {
            continue;
        }
        let size = coords::size(asset.size);
        // The box is told once: Bevy would look for it in every vertex of every asset.
        let mut finish = |sketch: Sketch| {
            let bounds = sketch.bounds();
            (meshes.add(sketch.finish()), bounds)
        };
        let (mesh, bounds) = if asset.shape == Shape::Pipe || is_single(asset, &terrain) {
            finish(own_sketch(asset, &terrain, detail))
        } else {
            let key = (asset.shape, size.to_array().map(f32::to_bits));
            let draw = || finish(shapes::shape(asset.shape, size));
            shared.entry(key).or_insert_with(draw).clone()
        };
        let foot = coords::point(asset.position);
        let ground = ground_under(asset, &terrain, foot);
        records.set(
            slot(index),
            Record {
                ground,
                grow: growth(asset),
                ..Record::default()
            },
        );
        let tag = MeshTag(slot(index));
        let entity = open.entities[index.index()];
        let look = (
            Mesh3d(mesh.clone()),
            MeshMaterial3d(looks.solid.clone()),
            tag.clone(),
            (bounds, NoAutoAabb),
        );
        looking.push((entity, look));
        if shadows && casts(asset) {
            let extent = extent_of(asset);
            let place = coords::transform(asset.position, asset.heading);
            commands.spawn((
                Name::new(format!("shadow of {}", asset.tag)),
                ChildOf(entity),
                Mesh3d(mesh),
                MeshMaterial3d(looks.shadow.clone()),
                tag,
                (shadow_box(&extent, place), NoAutoAabb),
                RenderLayers::from_layers(SHARED),
            ));
        }
    }
    if !settings.software {
        // The graphics card leaves out what is not in the picture; asking for each of a hundred
        // thousand here would cost more than all else together.
        let entities = looking.iter().map(|(entity, _)| (*entity, NoCpuCulling));
        commands.insert_batch(entities.collect::<Vec<_>>());
    }
    commands.insert_batch(looking);
    let extents: Vec<Extent> = scene.assets.iter().map(extent_of).collect();
    let here = Extent {
        low: Vec3::splat(-5.0),
        high: Vec3::splat(5.0),
    };
    let whole = Extent::around(extents.iter().copied()).unwrap_or(here);
    // Pipes lead away from the plant; what they join shows where it is.
    let upright = scene.assets.iter().zip(&extents);
    let upright = upright.filter(|(asset, _)| asset.shape != Shape::Pipe);
    let standing: Vec<Extent> = upright.map(|(_, extent)| *extent).collect();
    // Of a network, all is shown: what lies far out is as much a part of it.
    let is_network = scene.assets.iter().any(|asset| asset.symbol > 0.0);
    let cluster = if is_network {
        let seen = scene.assets.iter().zip(&extents);
        let seen = seen.filter(|(asset, _)| asset.shape != Shape::Unseen);
        seen.map(|(_, extent)| *extent).collect()
    } else {
        main_cluster(&standing)
    };
    // Little for a rig on a table, more for a plant that is seen from far away.
    let lift = ((whole.high - whole.low).length() * 4e-4).clamp(1e-4, 0.05);
    let outline = land(
        &mut commands,
        &mut meshes,
        &open,
        &terrain,
        (&whole, lift),
        &looks,
    );
    let anchors: Vec<Vec3> = scene.assets.iter().map(anchor).collect();
    let told = scene.asset_indices().filter(|&asset| tells(scene, asset));
    commands.insert_resource(Plant {
        labelled: told.map(|asset| (asset, anchors[asset.index()])).collect(),
        anchors,
        targets: Bvh::new(targets(scene)),
        cluster,
        lift,
        contours: terrain.contours(),
        ground: terrain.base,
        whole,
        extents,
        outline,
    });
    commands.insert_resource(records);
    commands.insert_resource(Drivings::of(scene));
}

/// True if it has a value to tell, and something to see.
fn tells(scene: &Scene, asset: AssetIndex) -> bool {
    let asset = scene.asset(asset);
    let mut signals = asset.signal_ids();
    asset.shape != Shape::Unseen && signals.any(|id| scene.signal(id).shown)
}

/// Ground, river, sky, the dark at the foot of things, and the outline of the selection.
fn land(
    commands: &mut Commands,
    meshes: &mut Assets<Mesh>,
    open: &OpenScene,
    terrain: &Terrain,
    (whole, lift): (&Extent, f32),
    looks: &Materials,
) -> Entity {
    let (low, high) = (
        Vec2::new(whole.low.x, whole.low.z),
        Vec2::new(whole.high.x, whole.high.z),
    );
    let reach = HORIZON.max((high - low).length() * 3.0);
    let mut ground = Sketch::default();
    terrain.draw(&mut ground, low, high, reach);
    let mut river = Sketch::default();
    terrain.draw_river(&mut river, reach);
    let mut dark = Sketch::default();
    shade::draw(
        &open.scene,
        terrain,
        lift,
        Detail::of(&open.scene),
        &mut dark,
    );
    let root = ChildOf(open.root);
    for (name, sketch, look) in [
        ("ground", ground, &looks.land),
        ("river", river, &looks.land),
        ("shade", dark, &looks.shade),
        ("sky", sky(reach * 6.0), &looks.sky),
    ] {
        if sketch.is_empty() {
            continue;
        }
        let mut entity = commands.spawn((
            Name::new(name),
            root.clone(),
            Mesh3d(meshes.add(sketch.finish())),
            MeshMaterial3d(look.clone()),
            MeshTag(WORLD_SLOT),
            NotShadowCaster,
            RenderLayers::from_layers(SHARED),
        ));
        if name == "sky" {
            entity.insert(NotShadowReceiver);
        }
    }
    commands
        .spawn((
            Name::new("outline of the selection"),
            root,
            RenderLayers::from_layers(SHARED),
            MeshMaterial3d(looks.outline.clone()),
            Transform::default(),
            Visibility::Hidden,
            NotShadowCaster,
            NotShadowReceiver,
        ))
        .id()
}

/// The inside of a large ball.
fn sky(radius: f32) -> Sketch {
    let mut sketch = Sketch::default();
    let rings = 12;
    let profile: Vec<_> = (0..=rings)
        .rev()
        .map(|ring| {
            let angle = std::f32::consts::PI * (ring as f32 / rings as f32 - 0.5);
            let (height, out) = angle.sin_cos();
            super::mesh::rim(radius * out.max(0.0), radius * height, -out, -height)
        })
        .collect();
    sketch.of(Part::Sky).turned(&profile, 32);
    sketch
}

/// True if no other asset looks the same: something leads from it to somewhere.
fn is_single(asset: &Asset, terrain: &Terrain) -> bool {
    asset.symbol > 0.0 && (!asset.route.is_empty() || tower(asset, terrain) > 0.0)
}

/// How high above the ground a network's tank stands, m; 0 on the ground.
fn tower(asset: &Asset, terrain: &Terrain) -> f32 {
    if asset.shape != Shape::Tank || asset.symbol == 0.0 {
        return 0.0;
    }
    let foot = coords::point(asset.position);
    let gap = foot.y - terrain.height(foot.x, foot.z);
    if gap > 1.5 { gap } else { 0.0 }
}

/// Points of the screen that a metre of it takes at least; pipes swell by themselves.
fn growth(asset: &Asset) -> f32 {
    let size = coords::size(asset.size).max_element();
    if asset.shape == Shape::Pipe || asset.symbol == 0.0 {
        return 0.0;
    }
    asset.symbol as f32 / size
}

/// What is drawn for one asset alone: a pipe, a pump with its pipes, a tank on its tower.
fn own_sketch(asset: &Asset, terrain: &Terrain, detail: Detail) -> Sketch {
    if asset.symbol == 0.0 {
        return pipe_sketch(asset, terrain, detail);
    }
    let place = coords::transform(asset.position, asset.heading).compute_affine();
    let back = place.inverse();
    let route = asset
        .route
        .iter()
        .map(|&at| back.transform_point3(coords::point(at)));
    let route: Vec<Vec3> = route.collect();
    if asset.shape == Shape::Pipe {
        let mut sketch = Sketch::default();
        shapes::main(
            &mut sketch,
            &route,
            asset.size[0] as f32,
            asset.symbol as f32,
        );
        return sketch;
    }
    let size = coords::size(asset.size);
    let mut sketch = shapes::shape(asset.shape, size);
    shapes::main(&mut sketch, &route, size.min_element() * 0.15, MACHINE_PIPE);
    let tall = tower(asset, terrain);
    if tall > 0.0 {
        // A little into the ground, which may slope.
        shapes::tower(&mut sketch, size, tall + size.max_element() * 0.4);
    }
    sketch
}

fn pipe_sketch(asset: &Asset, terrain: &Terrain, detail: Detail) -> Sketch {
    let place = coords::transform(asset.position, asset.heading).compute_affine();
    let back = place.inverse();
    let route: Vec<Vec3> = asset
        .route
        .iter()
        .map(|&at| back.transform_point3(coords::point(at)))
        .collect();
    shapes::pipe(&route, asset.size[0] as f32, detail, |at| {
        let world = place.transform_point3(at);
        at.y - world.y + terrain.height(world.x, world.z)
    })
}

/// The height of the ground that an asset throws its shadow on, m.
fn ground_under(asset: &Asset, terrain: &Terrain, foot: Vec3) -> f32 {
    let bends = asset.route.iter().map(|&at| coords::point(at));
    bends
        .map(|at| terrain.height(at.x, at.z))
        .reduce(f32::max)
        .unwrap_or_else(|| terrain.height(foot.x, foot.z))
}

/// True if the asset stands on level ground, so that its shadow is flat.
fn casts(asset: &Asset) -> bool {
    if asset.symbol > 0.0 {
        return false;
    }
    let heights = asset.route.iter().map(|at| at[2]);
    let (low, high) = heights.fold((f64::MAX, f64::MIN), |(low, high), height| {
        (low.min(height), high.max(height))
    });
    asset.route.is_empty() || high - low < 6.0
}

/// Where the shadow of an asset may fall, in its own space, so that it is not left out
/// when the asset itself is out of the picture.
fn shadow_box(extent: &Extent, place: Transform) -> Aabb {
    let rise = extent.high.y - extent.low.y;
    let wide = Vec3::new(rise, 1.0, rise);
    let reach = (extent.high - extent.low).length() * 0.5 + wide.length();
    let back = place.compute_affine().inverse();
    Aabb {
        center: back.transform_point3a(extent.middle().into()),
        half_extents: Vec3::splat(reach).into(),
    }
}

/// The boxes of an asset in its own space, each with its place in the world.
fn boxes(asset: &Asset) -> Vec<(Affine3A, PickBox)> {
    let mut boxes = Vec::new();
    if asset.shape == Shape::Pipe || asset.symbol > 0.0 {
        // One box per leg, a little wider than the pipe: pipes are thin to aim at.
        let wide = if asset.shape == Shape::Pipe {
            asset.size[0] as f32
        } else {
            0.1
        };
        let half = (wide * 0.6).max(0.02);
        boxes = asset
            .route
            .windows(2)
            .map(|leg| {
                let (from, to) = (coords::point(leg[0]), coords::point(leg[1]));
                let length = from.distance(to);
                let along = (to - from).normalize_or(Vec3::X);
                let turn = Quat::from_rotation_arc(Vec3::X, along);
                let local = PickBox {
                    low: Vec3::new(-half * 0.5, -half, -half),
                    high: Vec3::new(length + half * 0.5, half, half),
                };
                (Affine3A::from_rotation_translation(turn, from), local)
            })
            .collect();
    }
    if asset.shape != Shape::Pipe {
        let place = coords::transform(asset.position, asset.heading).compute_affine();
        let own = shapes::pick_boxes(asset.shape, coords::size(asset.size));
        boxes.extend(own.into_iter().map(|local| (place, local)));
    }
    boxes
}

fn targets(scene: &Scene) -> Vec<Target> {
    scene
        .asset_indices()
        .flat_map(|index| {
            let asset = scene.asset(index);
            let points = asset.symbol as f32 * 0.5;
            let boxes = boxes(asset).into_iter();
            boxes.map(move |(place, local)| Target::new(index, place, local, points))
        })
        .collect()
}

/// The box around an asset, upright in the world.
fn extent_of(asset: &Asset) -> Extent {
    let corners = if asset.shape == Shape::Pipe {
        let half = Vec3::splat(asset.size[0] as f32 * 0.5);
        let ends = asset.route.iter().map(|&at| coords::point(at));
        ends.map(|at| Extent {
            low: at - half,
            high: at + half,
        })
        .collect::<Vec<_>>()
    } else {
        let place = coords::transform(asset.position, asset.heading);
        let size = coords::size(asset.size);
        let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
        let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let foot = signs.map(|(x, z)| place * Vec3::new(half.x * x, 0.0, half.z * z));
        foot.map(|at| Extent {
            low: at,
            high: at + Vec3::Y * size.y,
        })
        .to_vec()
    };
    let foot = coords::point(asset.position);
    Extent::around(corners).unwrap_or(Extent {
        low: foot,
        high: foot,
    })
}

/// Where the label of an asset points: its top, or the middle of a pipe.
fn anchor(asset: &Asset) -> Vec3 {
    if asset.shape != Shape::Pipe {
        let height = shapes::label_height(asset.shape, coords::size(asset.size));
        return coords::point(asset.position) + Vec3::Y * height;
    }
    let mut left = asset.route_length() * 0.5;
    for leg in asset.route.windows(2) {
        let (from, to) = (coords::point(leg[0]), coords::point(leg[1]));
        let length = f64::from(from.distance(to));
        if left <= length && length > 0.0 {
            let top = Vec3::Y * asset.size[0] as f32 * 0.5;
            return from.lerp(to, (left / length) as f32) + top;
        }
        left -= length;
    }
    coords::point(asset.route.last().copied().unwrap_or(asset.position))
}

impl Plant {
    /// The distance of minor grid lines, m: a power of ten that suits the plant's size.
    pub(super) fn grid_step(&self) -> f32 {
        match (self.whole.high - self.whole.low).length() {
            ..6.0 => 0.1,
            ..60.0 => 1.0,
            ..4_000.0 => 10.0,
            _ => 100.0,
        }
    }

    /// Where an asset is.
    pub(super) fn extent(&self, asset: AssetIndex) -> Option<&Extent> {
        self.extents.get(asset.index())
    }
}

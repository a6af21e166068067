//! The open scene as meshes: built when a scene is opened, gone with it.
//!
//! Everything hangs under the scene's root entity, and what is shared is held by
//! resources that the next scene replaces: nothing of an old scene stays behind.

use std::collections::HashMap;

use bevy::asset::Assets;
use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::{NoAutoAabb, NoCpuCulling, RenderLayers};
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::math::Vec2;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;

use super::super::coords;
use super::super::scene::{OpenScene, SceneDrawings};
use super::super::settings::ViewSettings;
use super::bvh::Bvh;
use super::counterpart::SHARED;
use super::detail::Detail;
use super::drivers::Drivings;
use super::framing::{Extent, main_cluster};
use super::levels::Levels;
use super::looks::Looks;
use super::material::{Pass, SharedCanvas, TwinMaterial};
use super::mesh::Sketch;
use super::part::Part;
use super::places::{Places, extent_of};
use super::rebuild::Built;
use super::record::{Record, Records, WORLD_SLOT, slot};
use super::shade;
use super::shapes;
use super::terrain::Terrain;
use crate::scene::{Asset, AssetIndex, Scene, Shape};

/// Ground is drawn this far beyond the plant, m, and further for large plants.
const HORIZON: f32 = 1_500.0;
/// The pipe through a network's pump or valve, points wide.
const MACHINE_PIPE: f32 = 2.0;
/// The ground lies this far below the floor of a drawing, m.
const BELOW_FLOORS: f32 = 0.02;
/// Scenery that is this many times larger than the plant does not make the plant small.
const LARGE_SCENERY: f32 = 4.0;
/// Above this many assets no shadows are laid on the ground without a graphics card.
const SHADOWS: usize = 2_500;

/// What the view knows of the open scene besides its entities. Written by [`build`], and
/// by [`super::conceal`] where storeys are pulled apart.
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
    /// What drawings make assets look like.
    pub looks: Looks,
    /// The lie of the land.
    pub terrain: Terrain,
    /// How finely single things are drawn.
    pub detail: Detail,
    /// The distance in height of contour lines, m; 0 for none.
    pub contours: f32,
    /// How far shadows and shades are lifted off the ground, m.
    pub lift: f32,
    /// Paints equipment.
    pub solid: Handle<TwinMaterial>,
    /// Paints equipment that is seen through.
    pub through: Handle<TwinMaterial>,
    /// Paints the hull around what is selected.
    pub outline: Handle<TwinMaterial>,
    /// Ground and river.
    pub land: Vec<Entity>,
    /// The dark at the foot of things.
    pub shade: Vec<Entity>,
    /// The sky.
    pub sky: Vec<Entity>,
    /// Shadows on the ground, where nothing else casts them.
    pub shadows: Vec<Entity>,
}

/// A mesh that assets share, its box, and its number among the levels of detail.
type Worn = (Handle<Mesh>, Aabb, Option<u32>);

/// The materials of the open scene, one per pass.
struct Materials {
    solid: Handle<TwinMaterial>,
    through: Handle<TwinMaterial>,
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
    drawn: Option<Res<SceneDrawings>>,
) {
    let scene = &open.scene;
    let mut terrain = Terrain::of(scene);
    let own = Looks::of(scene, drawn.as_deref());
    let scenery = own.scenery_extent();
    if let Some(scenery) = &scenery {
        terrain.stay_below(scenery.low.y - BELOW_FLOORS);
    }
    let mut records = Records::new(scene.assets.len(), &mut buffers);
    let mut material = |pass| {
        materials.add(TwinMaterial {
            records: records.buffer.clone(),
            canvas: canvas.buffer.clone(),
            pass,
            lit: !settings.software,
            cut: false,
        })
    };
    let looks = Materials {
        solid: material(Pass::Solid),
        through: material(Pass::Through),
        land: material(Pass::Land),
        sky: material(Pass::Sky),
        shade: material(Pass::Shade),
        shadow: material(Pass::Shadow),
        outline: material(Pass::Outline),
    };
    let shadows = settings.software && scene.assets.len() <= SHADOWS;
    let mut shared: HashMap<(Shape, [u32; 3]), Worn> = HashMap::new();
    let mut drawings: HashMap<usize, Worn> = HashMap::new();
    let mut levels = Levels::default();
    let detail = Detail::of(scene);
    let mut looking = Vec::with_capacity(scene.assets.len());
    let mut cast = Vec::new();
    for index in scene.asset_indices() {
        let asset = scene.asset(index);
        if asset.shape == Shape::Unseen && own.of_asset(index).is_none() {
            continue;
        }
        let size = coords::size(asset.size);
        // The box is told once: Bevy would look for it in every vertex of every asset.
        let mut worn = |sketch: &Sketch| {
            let mesh = meshes.add(sketch.to_mesh());
            let family = levels.family(&mesh, sketch, &mut meshes);
            (mesh, sketch.bounds(), family)
        };
        let (mesh, bounds, family) = if let Some((id, sketch)) = own.shared(index) {
            drawings.entry(id).or_insert_with(|| worn(sketch)).clone()
        } else if let Some(own) = sketch_of(asset, &terrain, detail) {
            let bounds = own.bounds();
            (meshes.add(own.finish()), bounds, None)
        } else {
            let key = (asset.shape, size.to_array().map(f32::to_bits));
            let draw = || worn(&shapes::shape(asset.shape, size));
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
        if let Some(family) = family {
            let place = coords::transform(asset.position, asset.heading);
            let middle = place.transform_point(bounds.center.into());
            let span = bounds.half_extents.length() * 2.0;
            levels.wear(family, entity, (middle, span), asset.symbol as f32);
        }
        let look = (
            Mesh3d(mesh.clone()),
            MeshMaterial3d(looks.solid.clone()),
            tag.clone(),
            (bounds, NoAutoAabb),
        );
        looking.push((entity, look));
        if shadows && casts(asset) {
            let extent = extent_of(asset, own.of_asset(index));
            let place = coords::transform(asset.position, asset.heading);
            let shadow = commands.spawn((
                Name::new(format!("shadow of {}", asset.tag)),
                (ChildOf(entity), Built),
                Mesh3d(mesh),
                MeshMaterial3d(looks.shadow.clone()),
                tag,
                (shadow_box(&extent, place), NoAutoAabb),
                RenderLayers::from_layers(SHARED),
            ));
            cast.push(shadow.id());
        }
    }
    if !settings.software {
        // The graphics card leaves out what is not in the picture; asking for each of a hundred
        // thousand here would cost more than all else together.
        let entities = looking.iter().map(|(entity, _)| (*entity, NoCpuCulling));
        commands.insert_batch(entities.collect::<Vec<_>>());
    }
    commands.insert_batch(looking);
    let places = Places::of(scene, &own, |_| 0.0);
    let extents = &places.extents;
    let here = Extent {
        low: Vec3::splat(-5.0),
        high: Vec3::splat(5.0),
    };
    let whole = Extent::around(extents.iter().copied()).unwrap_or(here);
    let span = |extent: &Extent| (extent.high - extent.low).length();
    let scenery = scenery.filter(|own| span(own) < span(&whole) * LARGE_SCENERY);
    // Pipes lead away from the plant; what they join shows where it is.
    let upright = scene.assets.iter().zip(extents);
    let upright = upright.filter(|(asset, _)| !asset.runs_along());
    let standing: Vec<Extent> = upright.map(|(_, extent)| *extent).collect();
    // Of a network, all is shown: what lies far out is as much a part of it.
    let is_network = scene.assets.iter().any(|asset| asset.symbol > 0.0);
    let mut cluster = if is_network {
        let seen = scene.assets.iter().zip(extents);
        let seen = seen.filter(|(asset, _)| asset.shape != Shape::Unseen);
        seen.map(|(_, extent)| *extent).collect()
    } else if standing.is_empty() {
        extents.clone()
    } else {
        main_cluster(&standing)
    };
    cluster.extend(scenery);
    let whole = Extent::around([whole].into_iter().chain(scenery)).unwrap_or(whole);
    // Little for a rig on a table, more for a plant that is seen from far away.
    let lift = ((whole.high - whole.low).length() * 4e-4).clamp(1e-4, 0.05);
    let Land { land, shade, sky } = land(
        &mut commands,
        &mut meshes,
        &open,
        &terrain,
        (&whole, lift),
        (&looks, &own),
    );
    commands.insert_resource(Plant {
        extents: places.extents,
        anchors: places.anchors,
        labelled: places.labelled,
        targets: places.targets,
        cluster,
        lift,
        looks: own,
        contours: terrain.contours(),
        ground: terrain.base,
        terrain,
        detail,
        whole,
        solid: looks.solid,
        through: looks.through,
        outline: looks.outline,
        land,
        shade,
        sky,
        shadows: cast,
    });
    commands.insert_resource(records);
    commands.insert_resource(levels);
    commands.insert_resource(Drivings::of(scene));
}

/// What belongs to no asset.
#[derive(Default)]
struct Land {
    land: Vec<Entity>,
    shade: Vec<Entity>,
    sky: Vec<Entity>,
}

/// Ground, river, sky and the dark at the foot of things.
fn land(
    commands: &mut Commands,
    meshes: &mut Assets<Mesh>,
    open: &OpenScene,
    terrain: &Terrain,
    (whole, lift): (&Extent, f32),
    (looks, own): (&Materials, &Looks),
) -> Land {
    let (low, high) = (
        Vec2::new(whole.low.x, whole.low.z),
        Vec2::new(whole.high.x, whole.high.z),
    );
    let reach = HORIZON.max((high - low).length() * 3.0);
    let mut ground = Sketch::default();
    terrain.draw(&mut ground, low, high, reach);
    let mut river = Sketch::default();
    terrain.draw_river(&mut river, reach);
    let scenery = own.scenery();
    let mut feet = Sketch::default();
    shade::draw(
        &open.scene,
        terrain,
        lift,
        Detail::of(&open.scene),
        &mut feet,
    );
    let root = ChildOf(open.root);
    let mut drawn = Land::default();
    for (name, sketch, look) in [
        ("ground", ground, &looks.land),
        ("river", river, &looks.land),
        ("scenery", scenery, &looks.solid),
        ("shade", feet, &looks.shade),
        ("sky", sky(reach * 6.0), &looks.sky),
    ] {
        if sketch.is_empty() {
            continue;
        }
        let mut entity = commands.spawn((
            Name::new(name),
            (root.clone(), Built),
            Mesh3d(meshes.add(sketch.finish())),
            MeshMaterial3d(look.clone()),
            MeshTag(WORLD_SLOT),
            NotShadowCaster,
            RenderLayers::from_layers(SHARED),
        ));
        match name {
            "sky" => {
                entity.insert(NotShadowReceiver);
                drawn.sky.push(entity.id());
            }
            "shade" => drawn.shade.push(entity.id()),
            "scenery" => {}
            _ => drawn.land.push(entity.id()),
        }
    }
    drawn
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

/// What is drawn for this asset alone; `None` if it looks like others of its shape and size.
pub(super) fn sketch_of(asset: &Asset, terrain: &Terrain, detail: Detail) -> Option<Sketch> {
    let single = asset.runs_along() || is_single(asset, terrain);
    single.then(|| own_sketch(asset, terrain, detail))
}

/// What is drawn for one asset alone: a pipe, a pump with its pipes, a tank on its tower.
fn own_sketch(asset: &Asset, terrain: &Terrain, detail: Detail) -> Sketch {
    let place = coords::transform(asset.position, asset.heading).compute_affine();
    let back = place.inverse();
    let route = asset
        .route
        .iter()
        .map(|&at| back.transform_point3(coords::point(at)));
    let route: Vec<Vec3> = route.collect();
    if asset.runs_along() && asset.shape != Shape::Pipe {
        let mut sketch = Sketch::default();
        shapes::run(&mut sketch, asset.shape, &route, coords::size(asset.size));
        return sketch;
    }
    if asset.symbol == 0.0 {
        return pipe_sketch(asset, terrain, detail);
    }
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

    /// Puts each asset so much higher than it stands, m.
    pub(super) fn pull_apart(&mut self, scene: &Scene, lift: impl Fn(AssetIndex) -> f64) {
        let places = Places::of(scene, &self.looks, lift);
        self.extents = places.extents;
        self.anchors = places.anchors;
        self.labelled = places.labelled;
        self.targets = places.targets;
    }

    /// Where an asset is.
    pub(super) fn extent(&self, asset: AssetIndex) -> Option<&Extent> {
        self.extents.get(asset.index())
    }
}

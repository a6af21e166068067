//! Fields: what lies between the sensors of the signal that colours the view, over the ground.
//!
//! Method and limits are those of [`crate::models::field`]. A sensor whose value is old, bad or
//! missing is left out, and told; where no sensor is near, the ground stays as it is.

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::RenderLayers;
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::super::coords;
use super::super::differences::Differences;
use super::super::notices::Tell;
use super::super::palette::heat_colour;
use super::super::residuals::Residuals;
use super::super::scene::OpenScene;
use super::super::timeline::Frame;
use super::counterpart::SHARED;
use super::drive::Heat;
use super::drivers::Reading;
use super::paint::linear;
use super::plant::Plant;
use super::record::Records;
use super::redraw::Wake;
use super::terrain::Terrain;
use crate::models::field::{Grid, Station, levels, nearest};
use crate::scene::Field;

/// Corners along the longer side of a field.
const CORNERS: usize = 120;
/// Contour lines at most.
const LINES: usize = 8;
/// How much of the ground a field covers.
const COVER: f32 = 0.72;
/// Over this share of the radius a field fades out at its rim.
const RIM: f64 = 0.15;
/// How dark contour lines are.
const INK: f32 = 0.55;
/// The width of a contour line, shares of a cell.
const WIDTH: f64 = 0.16;

/// The fields of the open scene that are shown. Written by [`follow`] alone.
#[derive(Resource, Default)]
pub(super) struct ShownFields {
    shown: Vec<Shown>,
    /// How many sensors each field of the scene was drawn without.
    left_out: Vec<usize>,
    /// True while other colours than those of the signal are shown.
    hidden: bool,
}

struct Shown {
    entity: Entity,
    mesh: Handle<Mesh>,
    stations: Vec<Station>,
    /// Where the value of each contour line is written.
    marks: Vec<(Vec3, String)>,
}

impl ShownFields {
    /// The values of the contour lines, and where they are written.
    pub(super) fn marks(&self) -> impl Iterator<Item = &(Vec3, String)> {
        self.shown.iter().flat_map(|shown| &shown.marks)
    }
}

/// Draws the fields of the signal that colours the view, anew where a value changed.
pub(super) fn follow(
    open: Res<OpenScene>,
    heat: Res<Heat>,
    frame: Res<Frame>,
    plant: Res<Plant>,
    records: Res<Records>,
    mut fields: ResMut<ShownFields>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<StandardMaterial>>,
    (differences, residuals): (Res<Differences>, Res<Residuals>),
    mut commands: Commands,
    mut tell: MessageWriter<Tell>,
    mut wake: ResMut<Wake>,
) {
    let fields = fields.bypass_change_detection();
    let another = open.is_changed();
    // Two scales at once would be read as one.
    let hidden = differences.coloured().is_some() || residuals.run.is_some();
    let turned = std::mem::replace(&mut fields.hidden, hidden) != hidden;
    // Where the plant was built anew, its ground may lie elsewhere.
    if another || turned || heat.is_changed() || records.is_changed() {
        for shown in fields.shown.drain(..) {
            if !another {
                commands.entity(shown.entity).despawn();
            }
            wake.redraw();
        }
        fields.left_out.resize(open.scene.fields.len(), 0);
    }
    let Some(scale) = heat.scale().filter(|_| !hidden) else {
        return;
    };
    let wanted = open.scene.fields.iter().zip(&mut fields.left_out);
    let wanted = wanted.filter(|(field, _)| field.signal == scale.name());
    for (place, (field, left_out)) in wanted.enumerate() {
        let stations = stations(field, &frame);
        let missing = field.stations.len() - stations.len();
        // Where nothing is known at all, there is nothing to draw and to be mistaken.
        if missing > *left_out && !stations.is_empty() {
            tell.write(Tell::warning(format!(
                "{}: {missing} of {} sensors are left out, their values are old or bad",
                field.name,
                field.stations.len(),
            )));
        }
        *left_out = missing;
        let known = fields.shown.get(place);
        if known.is_some_and(|shown| shown.stations == stations) {
            continue;
        }
        let grid = Grid::of(&stations, field.radius, field.low, field.high, CORNERS);
        let colour = |value| heat_colour(scale.fraction(value) as f32);
        let mesh = drawn(
            &grid,
            &stations,
            field,
            scale.range(),
            colour,
            &plant.terrain,
        );
        let marks = marks(&grid, &stations, field, scale.range(), &plant.terrain);
        wake.redraw();
        match fields.shown.get_mut(place) {
            Some(shown) => {
                (shown.stations, shown.marks) = (stations, marks);
                if let Err(error) = meshes.insert(&shown.mesh, mesh) {
                    warn!("a field is not redrawn: {error}");
                }
            }
            None => {
                let mesh = meshes.add(mesh);
                let look = StandardMaterial {
                    unlit: true,
                    alpha_mode: AlphaMode::Blend,
                    cull_mode: None,
                    ..default()
                };
                let entity = commands.spawn((
                    Name::new(format!("field {}", field.name)),
                    ChildOf(open.root),
                    Mesh3d(mesh.clone()),
                    MeshMaterial3d(materials.add(look)),
                    Transform::default(),
                    NotShadowCaster,
                    NotShadowReceiver,
                    RenderLayers::from_layers(SHARED),
                ));
                fields.shown.push(Shown {
                    entity: entity.id(),
                    mesh,
                    stations,
                    marks,
                });
            }
        }
    }
}

/// The sensors that have something to say.
fn stations(field: &Field, frame: &Frame) -> Vec<Station> {
    let rows = frame.cursor.rows();
    let known = field.stations.iter().filter_map(|&(id, at)| {
        match Reading::of(rows.get(id.index()).and_then(Option::as_ref)) {
            Reading::Fresh(value) => Some(Station { at, value }),
            Reading::Old(_) | Reading::Unknown => None,
        }
    });
    known.collect()
}

/// The value of each contour line, and where it is written: half a radius from the sensors, which
/// have words of their own, and from the rim, where the line ends.
fn marks(
    grid: &Grid,
    stations: &[Station],
    field: &Field,
    range: (f64, f64),
    terrain: &Terrain,
) -> Vec<(Vec3, String)> {
    let [low, high] = [range.0, range.1].map(|value| field.unit.from_si(value));
    let (rounds, step) = levels(low, high, LINES);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let marks = rounds.into_iter().filter_map(|level| {
        let lines = grid.contour(field.unit.to_si(level)).into_iter();
        let middles = lines.map(|[from, to]| [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0]);
        let off = |at: &[f64; 2]| (nearest(stations, *at) - field.radius * 0.5).abs();
        let at = middles.min_by(|one, two| off(one).total_cmp(&off(two)))?;
        let mut place = coords::point([at[0], at[1], 0.0]);
        place.y = terrain.height(place.x, place.z) + field.height as f32;
        Some((place, format!("{level:.decimals$}")))
    });
    marks.collect()
}

/// The field as a mesh on the ground, with its contour lines.
fn drawn(
    grid: &Grid,
    stations: &[Station],
    field: &Field,
    range: (f64, f64),
    colour: impl Fn(f64) -> [u8; 3],
    terrain: &Terrain,
) -> Mesh {
    let place = |[east, north]: [f64; 2], lift: f64| {
        let at = coords::point([east, north, 0.0]);
        let height = terrain.height(at.x, at.z) + (field.height + lift) as f32;
        [at.x, height, at.z]
    };
    let (mut positions, mut colours) = (Vec::new(), Vec::new());
    let mut indices = Vec::new();
    for row in 0..grid.rows {
        for column in 0..grid.columns {
            let value = grid.value(column, row);
            let [r, g, b] = linear(value.map_or([0; 3], &colour));
            let at = grid.corner(column, row);
            let inwards = 1.0 - nearest(stations, at) / field.radius;
            let cover = COVER * (inwards / RIM).clamp(0.0, 1.0) as f32;
            positions.push(place(at, 0.0));
            colours.push([r, g, b, value.map_or(0.0, |_| cover)]);
        }
    }
    for row in 1..grid.rows {
        for column in 1..grid.columns {
            let corner = |right: usize, up: usize| {
                let (column, row) = (column - 1 + right, row - 1 + up);
                grid.value(column, row)?;
                Some((row * grid.columns + column) as u32)
            };
            let corners = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
            if let [Some(a), Some(b), Some(c), Some(d)] = corners {
                indices.extend([a, b, c, a, c, d]);
            }
        }
    }
    let [low, high] = [range.0, range.1].map(|value| field.unit.from_si(value));
    let (rounds, _) = levels(low, high, LINES);
    let lift = grid.step * 0.02;
    for level in rounds {
        for [from, to] in grid.contour(field.unit.to_si(level)) {
            let along = [to[0] - from[0], to[1] - from[1]];
            let length = along[0].hypot(along[1]);
            if length < grid.step * 1e-3 {
                continue;
            }
            let side = [-along[1], along[0]].map(|axis| axis / length * grid.step * WIDTH);
            let first = positions.len() as u32;
            for (end, sign) in [(from, 1.0), (to, 1.0), (to, -1.0), (from, -1.0)] {
                let at = [end[0] + side[0] * sign, end[1] + side[1] * sign];
                positions.push(place(at, lift));
                colours.push([0.01, 0.01, 0.012, INK]);
            }
            indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
        }
    }
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(
        Mesh::ATTRIBUTE_NORMAL,
        vec![[0.0_f32, 1.0, 0.0]; positions.len()],
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colours)
    .with_inserted_indices(Indices::U32(indices))
}

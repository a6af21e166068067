//! The soft dark at the foot of things, which makes them stand on the ground.
//!
//! One mesh for the whole plant: a skirt around every footprint that fades outwards.

use bevy::math::{Affine3A, Vec2, Vec3};

use super::super::coords;
use super::detail::Detail;
use super::mesh::Sketch;
use super::part::Part;
use super::terrain::Terrain;
use crate::scene::{Asset, Scene, Shape};

/// Draws the dark of all assets that stand on the ground, `lift` m above it.
pub(super) fn draw(
    scene: &Scene,
    terrain: &Terrain,
    lift: f32,
    detail: Detail,
    sketch: &mut Sketch,
) {
    let (pieces, corner) = if detail.round_feet { (24, 4) } else { (10, 1) };
    sketch.of(Part::Shade);
    // Symbols change their size with the distance; a dark foot would not.
    for asset in scene.assets.iter().filter(|asset| asset.symbol == 0.0) {
        if asset.shape == Shape::Unseen {
            continue;
        }
        if asset.shape == Shape::Pipe {
            along_pipe(asset, terrain, lift, sketch);
            continue;
        }
        // A road lies flat, and what runs along a route stands on legs.
        if asset.runs_along() || asset.shape == Shape::Road {
            continue;
        }
        let place = coords::transform(asset.position, asset.heading).compute_affine();
        let size = coords::size(asset.size);
        let foot = Vec3::from(place.translation);
        let gap = foot.y - terrain.height(foot.x, foot.z);
        if gap.abs() > size.y.min(1.0) {
            continue;
        }
        let half = Vec2::new(size.x, size.z) * 0.5;
        let soft = (size.y * 0.5).min(2.2).min(half.max_element());
        let down = Affine3A::from_translation(Vec3::Y * (lift - gap)) * place;
        match asset.shape {
            Shape::Tank | Shape::Reservoir | Shape::Instrument => {
                round(half.min_element(), soft, pieces, down, sketch);
            }
            // One looks down onto the floor of a building, and it is not dark there.
            Shape::Building => square(half, soft, corner, down, sketch, false),
            _ => square(half, soft, corner, down, sketch, true),
        }
    }
}

/// A ring around a round foot, and a disc below it.
fn round(radius: f32, soft: f32, pieces: usize, place: Affine3A, sketch: &mut Sketch) {
    let at = |angle: f32, radius: f32| {
        let out = Vec3::new(angle.cos(), 0.0, angle.sin()) * radius;
        place.transform_point3(out)
    };
    let mut rows = Vec::with_capacity(pieces + 1);
    for piece in 0..=pieces {
        let angle = piece as f32 / pieces as f32 * std::f32::consts::TAU;
        let inner = sketch.vertex(at(angle, radius * 0.98), Vec3::Y, [1.0, 0.0]);
        let outer = sketch.vertex(at(angle, radius + soft), Vec3::Y, [0.0, 0.0]);
        rows.push([inner, outer]);
    }
    let middle = sketch.vertex(at(0.0, 0.0), Vec3::Y, [1.0, 0.0]);
    for pair in rows.windows(2) {
        sketch.quad(pair[0][0], pair[1][0], pair[1][1], pair[0][1]);
        sketch.triangle(middle, pair[1][0], pair[0][0]);
    }
}

/// A soft frame around a rectangle, which may be filled.
fn square(
    half: Vec2,
    soft: f32,
    pieces: usize,
    place: Affine3A,
    sketch: &mut Sketch,
    filled: bool,
) {
    let inset = half * 0.96;
    let mut rows = Vec::with_capacity(4 * (pieces + 1) + 1);
    for corner in 0..4 {
        let quarter = std::f32::consts::FRAC_PI_2;
        let sign = [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)][corner];
        let middle = Vec2::new(inset.x * sign.0, inset.y * sign.1);
        for step in 0..=pieces {
            let angle = quarter * (corner as f32 + step as f32 / pieces as f32);
            let outer = middle + Vec2::from_angle(angle) * soft;
            rows.push([middle, outer]);
        }
    }
    rows.push(rows[0]);
    let drawn: Vec<_> = rows
        .iter()
        .map(|[inner, outer]| {
            let point = |at: &Vec2| place.transform_point3(Vec3::new(at.x, 0.0, at.y));
            [
                sketch.vertex(point(inner), Vec3::Y, [1.0, 0.0]),
                sketch.vertex(point(outer), Vec3::Y, [0.0, 0.0]),
            ]
        })
        .collect();
    for pair in drawn.windows(2) {
        sketch.quad(pair[0][0], pair[1][0], pair[1][1], pair[0][1]);
    }
    if filled {
        let corner = |place: usize| drawn[place * (pieces + 1)][0];
        sketch.quad(corner(0), corner(3), corner(2), corner(1));
    }
}

/// A band under the legs of a pipe that run close above the ground.
fn along_pipe(asset: &Asset, terrain: &Terrain, lift: f32, sketch: &mut Sketch) {
    let diameter = asset.size[0] as f32;
    for leg in asset.route.windows(2) {
        let (from, to) = (coords::point(leg[0]), coords::point(leg[1]));
        let along = (to - from).normalize_or_zero();
        if along.y.abs() > 0.3 || !terrain.is_flat() && from.distance(to) > 400.0 {
            continue;
        }
        let side = Vec3::new(-along.z, 0.0, along.x).normalize_or(Vec3::Z);
        let ground = |at: Vec3| terrain.height(at.x, at.z);
        let gap = (from.y - ground(from)).max(to.y - ground(to)) - diameter * 0.5;
        if !(-diameter * 0.6..diameter * 2.0).contains(&gap) {
            continue;
        }
        let soft = diameter * 0.5 + gap.max(0.0) * 0.5;
        let strength = 0.9 - 0.3 * (gap / diameter).clamp(0.0, 1.0);
        let lay = |at: Vec3, off: f32| {
            let at = at + side * off;
            Vec3::new(at.x, ground(at) + lift, at.z)
        };
        let pieces = ((from.distance(to) / 20.0) as usize).clamp(1, 60);
        let mut before: Option<[u32; 3]> = None;
        for piece in 0..=pieces {
            let at = from.lerp(to, piece as f32 / pieces as f32);
            let row = [
                sketch.vertex(lay(at, -diameter * 0.5 - soft), Vec3::Y, [0.0, 0.0]),
                sketch.vertex(lay(at, 0.0), Vec3::Y, [strength, 0.0]),
                sketch.vertex(lay(at, diameter * 0.5 + soft), Vec3::Y, [0.0, 0.0]),
            ];
            if let Some(last) = before {
                for place in 0..2 {
                    sketch.quad(last[place], row[place], row[place + 1], last[place + 1]);
                }
            }
            before = Some(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drivers::testing::{asset, scene};
    use super::*;

    #[test]
    fn what_stands_on_the_ground_is_dark_at_its_foot_and_what_floats_is_not() {
        let mut floating = asset(Shape::Block, 0..0, Vec::new());
        floating.position = [0.0, 0.0, 30.0];
        let standing = asset(Shape::Tank, 0..0, Vec::new());
        let count = |assets: Vec<Asset>| {
            let mut sketch = Sketch::default();
            draw(
                &scene(assets, Vec::new()),
                &Terrain::default(),
                0.05,
                Detail {
                    fittings: true,
                    round_feet: true,
                },
                &mut sketch,
            );
            for (_, normal) in sketch.vertices() {
                assert_eq!(normal, Vec3::Y);
            }
            sketch.triangles().count()
        };
        assert!(count(vec![standing]) > 20);
        assert_eq!(count(vec![floating]), 0);
    }
}

//! The very point of a surface that a ray meets, for the ruler: boxes will do to select by, but
//! not to measure by.

use bevy::math::{Ray3d, Vec2, Vec3};

use super::super::coords;
use super::super::reveal::Revealed;
use super::bvh::Sight;
use super::orbit::Lens;
use super::plant::{Plant, sketch_of};
use super::shapes;
use crate::scene::{AssetIndex, Scene};

/// A corner this near to the pointer is meant, points.
const SNAP: f32 = 10.0;

/// The point of a surface that the pointer is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Met {
    /// Where.
    pub point: Vec3,
    /// True at a corner.
    pub is_corner: bool,
}

/// Where the pointer is, and how the picture is seen.
pub(super) struct Pick<'a> {
    /// The ray under the pointer.
    pub ray: Ray3d,
    /// The pointer, points from the upper left corner.
    pub at: Vec2,
    /// The picture's size, points.
    pub size: Vec2,
    /// What projects the world into the picture.
    pub lens: &'a Lens,
}

/// The nearest surface that is drawn under the pointer: an asset's, else the ground's.
pub(super) fn first_met(
    pick: &Pick<'_>,
    scene: &Scene,
    plant: &Plant,
    revealed: &Revealed,
    sight: &Sight<'_>,
) -> Option<Met> {
    let inside = |at: Vec3| at.cmpge(sight.section.0).all() && at.cmple(sight.section.1).all();
    let mut best: Option<(f32, Met)> = None;
    for (asset, enters) in plant.targets.all_hits(pick.ray, sight) {
        if best.is_some_and(|(distance, _)| distance < enters) {
            break;
        }
        let lift = revealed.lift(scene, asset);
        for [a, b, c] in triangles(scene, plant, asset, lift) {
            let Some(distance) = meets(pick.ray, [a, b, c]) else {
                continue;
            };
            let point = pick.ray.get_point(distance);
            if !inside(point) || best.is_some_and(|(nearest, _)| nearest <= distance) {
                continue;
            }
            let corner = [a, b, c].into_iter().filter(|corner| inside(*corner));
            let corner = corner.filter_map(|corner| Some((pick.gap(corner)?, corner)));
            let corner = corner
                .filter(|(gap, _)| *gap <= SNAP)
                .min_by(|one, two| one.0.total_cmp(&two.0));
            let met = Met {
                point: corner.map_or(point, |(_, corner)| corner),
                is_corner: corner.is_some(),
            };
            best = Some((distance, met));
        }
    }
    if revealed.now.ground_off {
        return best.map(|(_, met)| met);
    }
    let nearest = best.map_or(f32::INFINITY, |(distance, _)| distance);
    let ground = plant
        .terrain
        .first_met(pick.ray)
        .filter(|far| *far < nearest);
    let ground = ground.map(|far| Met {
        point: pick.ray.get_point(far),
        is_corner: false,
    });
    ground.or(best.map(|(_, met)| met))
}

impl Pick<'_> {
    /// How far from the pointer a point of the world is seen, points.
    fn gap(&self, world: Vec3) -> Option<f32> {
        let (at, _) = self.lens.project(world)?;
        let half = self.size * 0.5;
        Some((half + Vec2::new(at.x, -at.y) * half).distance(self.at))
    }
}

/// The triangles of an asset in the world, at rest: what spins or rises is measured where it is
/// drawn first.
fn triangles(
    scene: &Scene,
    plant: &Plant,
    asset: AssetIndex,
    lift: f64,
) -> impl Iterator<Item = [Vec3; 3]> {
    let own = scene.asset(asset);
    let drawn = plant.looks.of_asset(asset).cloned();
    let sketch = drawn
        .or_else(|| sketch_of(own, &plant.terrain, plant.detail))
        .unwrap_or_else(|| shapes::shape(own.shape, coords::size(own.size)));
    let [east, north, up] = own.position;
    let place = coords::transform([east, north, up + lift], own.heading).compute_affine();
    let corners: Vec<Vec3> = sketch.positions().collect();
    let three: Vec<_> = sketch.triangles().collect();
    three
        .into_iter()
        .map(move |three| three.map(|corner| place.transform_point3(corners[corner])))
}

/// How far along the ray a triangle is met, from either side (Möller and Trumbore 1997).
fn meets(ray: Ray3d, [a, b, c]: [Vec3; 3]) -> Option<f32> {
    let (one, two) = (b - a, c - a);
    let across = ray.direction.cross(two);
    let scale = one.dot(across);
    if scale.abs() < 1e-12 {
        return None;
    }
    let from = ray.origin - a;
    let u = from.dot(across) / scale;
    let along = from.cross(one);
    let v = ray.direction.dot(along) / scale;
    let distance = two.dot(along) / scale;
    (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && distance > 0.0).then_some(distance)
}

#[cfg(test)]
mod tests {
    use bevy::math::Dir3;

    use super::*;

    #[test]
    fn a_triangle_is_met_where_it_is_and_from_both_sides() {
        let corners = [Vec3::ZERO, Vec3::X * 4.0, Vec3::Z * 4.0];
        let down = |x: f32, z: f32| {
            let ray = Ray3d {
                origin: Vec3::new(x, 7.0, z),
                direction: Dir3::NEG_Y,
            };
            meets(ray, corners)
        };
        assert_eq!(down(1.0, 1.0), Some(7.0));
        assert_eq!(down(3.0, 3.0), None);
        assert_eq!(down(-0.1, 1.0), None);
        let up = Ray3d {
            origin: Vec3::new(1.0, -2.0, 1.0),
            direction: Dir3::Y,
        };
        assert_eq!(meets(up, corners), Some(2.0));
        let away = Ray3d {
            origin: Vec3::new(1.0, 2.0, 1.0),
            direction: Dir3::Y,
        };
        assert_eq!(meets(away, corners), None);
    }
}

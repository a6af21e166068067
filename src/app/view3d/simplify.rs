//! Coarser copies of a sketch, for what is seen from afar.
//!
//! Vertices that lie in one cell of a grid become one (Rossignac and Borrel, *Multi-resolution 3D
//! approximations*, 1993), if they are of the same part, move alike and look the same way: so
//! edges stay edges, and every paint and gauge stays what it is. Triangles that lose a corner
//! are gone.

use std::collections::HashMap;

use bevy::math::Vec3;

use super::mesh::{Corner, Sketch};
use super::part::Part;

/// What vertices must share to become one: the cell, the side they look to, part, motion and paint.
type Key = ([i32; 3], u8, [u32; 4], u32);

/// A copy that has lost more of its surface shows something else.
const SURFACE: f32 = 0.6;

/// Cells along the longest side of the two copies.
const CELLS: [u32; 2] = [20, 6];

/// Two coarser copies, for what is farther away and for what is far away.
pub(super) fn copies(sketch: &Sketch) -> [Sketch; 2] {
    let near = simplified(sketch, CELLS[0]);
    let far = simplified(sketch, CELLS[1]);
    if far.corners().count() < near.corners().count() {
        [near, far]
    } else {
        [near.clone(), near]
    }
}

/// A copy whose longest side is about `cells` cells long: more, where thin parts would be gone.
fn simplified(sketch: &Sketch, cells: u32) -> Sketch {
    let enough = surface(sketch) * SURFACE;
    let finer = [cells, cells * 2, cells * 4].into_iter();
    let mut copies = finer.map(|cells| clustered(sketch, cells));
    copies
        .find(|copy| surface(copy) >= enough)
        .unwrap_or_else(|| sketch.clone())
}

/// The area of all triangles, m².
fn surface(sketch: &Sketch) -> f32 {
    let at: Vec<Vec3> = sketch.positions().collect();
    let area = |[a, b, c]: [usize; 3]| (at[b] - at[a]).cross(at[c] - at[a]).length() * 0.5;
    sketch.triangles().map(area).sum()
}

fn clustered(sketch: &Sketch, cells: u32) -> Sketch {
    let bounds = sketch.bounds();
    let (low, span) = (bounds.min(), bounds.half_extents.max_element() * 2.0);
    let step = (span / cells as f32).max(1e-6);
    let mut clusters: HashMap<Key, usize> = HashMap::new();
    let mut sums: Vec<(Corner, f32)> = Vec::new();
    let of: Vec<usize> = sketch
        .corners()
        .map(|corner| {
            let cell = ((corner.position - Vec3::from(low)) / step)
                .floor()
                .as_ivec3();
            let key = (
                cell.to_array(),
                side(corner.normal),
                corner.part.map(f32::to_bits),
                paint(&corner),
            );
            let place = *clusters.entry(key).or_insert(sums.len());
            if place == sums.len() {
                sums.push((corner, 1.0));
            } else {
                let (sum, count) = &mut sums[place];
                sum.position += corner.position;
                sum.normal += corner.normal;
                sum.uv += corner.uv;
                *count += 1.0;
            }
            place
        })
        .collect();
    let corners = sums.into_iter().map(|(sum, count)| Corner {
        position: sum.position / count,
        normal: sum.normal.normalize_or(Vec3::Y),
        uv: sum.uv / count,
        part: sum.part,
    });
    let triangles = sketch
        .triangles()
        .map(|corners| corners.map(|at| of[at] as u32));
    Sketch::of_corners(corners, triangles)
}

/// The colour of what other programs drew: colours that are numbers have no mean.
fn paint(corner: &Corner) -> u32 {
    let is_model = corner.part[0] == f32::from(Part::Model as u8);
    if is_model { corner.uv.x.to_bits() } else { 0 }
}

/// Which of six sides a normal looks to.
fn side(normal: Vec3) -> u8 {
    let size = normal.abs();
    let axis = if size.x >= size.y && size.x >= size.z {
        0
    } else if size.y >= size.z {
        1
    } else {
        2
    };
    axis * 2 + u8::from(normal[usize::from(axis)] < 0.0)
}

#[cfg(test)]
mod tests {
    use bevy::math::Vec2;

    use super::super::shapes;
    use super::*;
    use crate::scene::Shape;

    #[test]
    fn every_shape_gets_lighter_and_stays_as_large() {
        for &shape in Shape::ALL {
            let size = shape.usual_size().map(|side| side as f32);
            let size = Vec3::new(size[0], size[2], size[1]);
            let whole = shapes::shape(shape, size);
            if whole.is_empty() {
                continue;
            }
            let count = |sketch: &Sketch| sketch.corners().count();
            let [near, far] = copies(&whole);
            assert!(!far.is_empty(), "{shape:?} is gone");
            assert!(
                count(&near) <= count(&whole) && count(&far) <= count(&near),
                "{shape:?}: {} {} {}",
                count(&whole),
                count(&near),
                count(&far)
            );
            let (own, coarse) = (whole.bounds(), far.bounds());
            assert!(
                surface(&far) >= surface(&whole) * SURFACE,
                "{shape:?} is thin"
            );
            let lost = (own.half_extents - coarse.half_extents).max_element();
            let cell = own.half_extents.max_element() * 2.0 / CELLS[1] as f32;
            assert!(lost <= cell, "{shape:?} lost {lost} m of {own:?}");
        }
    }

    fn plain(position: Vec3, normal: Vec3) -> Corner {
        Corner {
            position,
            normal,
            uv: Vec2::ZERO,
            part: [0.0; 4],
        }
    }

    #[test]
    fn what_looks_elsewhere_or_is_another_part_stays_apart() {
        let up = plain(Vec3::ZERO, Vec3::Y);
        let out = plain(Vec3::ZERO, Vec3::X);
        let other = Corner {
            part: [3.0, 0.0, 0.0, 0.0],
            ..up
        };
        let far = plain(Vec3::new(9.0, 0.0, 4.0), Vec3::Y);
        let sketch = Sketch::of_corners([up, out, other, far].into_iter(), [[0, 1, 3]].into_iter());
        assert_eq!(simplified(&sketch, 2).corners().count(), 4);
    }
}

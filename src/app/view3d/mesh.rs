//! A pen that draws solids: blocks, turned bodies, tubes, each vertex with its part and motion.
//!
//! Neighbouring faces share their vertices where an edge is rounded, so that rims look
//! soft under light and the outline of a selection has no gaps. Lengths are metres.

use std::f32::consts::TAU;

use bevy::asset::RenderAssetUsages;
use bevy::camera::primitives::Aabb;
use bevy::math::{Affine3A, Mat3A, Quat, Vec2, Vec3, Vec3A};
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};

use super::part::{Motion, Part};
use super::path::{bend_width, frames};
use crate::import::gltf::Piece;

/// A mesh that is being drawn.
#[derive(Clone)]
pub(super) struct Sketch {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    uvs: Vec<[f32; 2]>,
    parts: Vec<[f32; 4]>,
    indices: Vec<u32>,
    /// Where moving parts come, besides where they stand.
    reach: Vec<Vec3>,
    part: Part,
    motion: Motion,
    place: Affine3A,
}

/// A vertex as it is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corner {
    /// Where it stands.
    pub position: Vec3,
    /// Which way it looks.
    pub normal: Vec3,
    /// Where it lies on its face.
    pub uv: Vec2,
    /// Its part, and how it moves.
    pub part: [f32; 4],
}

/// A point of a turned profile: distance from the axis, height, and the normal there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rim {
    radius: f32,
    height: f32,
    normal: Vec2,
}

/// A rim at `radius` and `height` whose normal is `(out, up)`.
pub(super) fn rim(radius: f32, height: f32, out: f32, up: f32) -> Rim {
    Rim {
        radius,
        height,
        normal: Vec2::new(out, up).normalize_or(Vec2::Y),
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            positions: Vec::new(),
            normals: Vec::new(),
            uvs: Vec::new(),
            parts: Vec::new(),
            indices: Vec::new(),
            reach: Vec::new(),
            part: Part::Body,
            motion: Motion::Still,
            place: Affine3A::IDENTITY,
        }
    }
}

impl Sketch {
    /// Draws the next solids of this part.
    pub(super) fn of(&mut self, part: Part) -> &mut Self {
        self.part = part;
        self
    }

    /// Draws what `draw` draws moving like this.
    pub(super) fn moving(&mut self, motion: Motion, draw: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.motion, motion);
        draw(self);
        self.motion = before;
    }

    /// Draws what `draw` draws shifted by `shift` and turned by `turn`.
    pub(super) fn placed(&mut self, shift: Vec3, turn: Quat, draw: impl FnOnce(&mut Self)) {
        let before = self.place;
        self.place = before * Affine3A::from_rotation_translation(turn, shift);
        draw(self);
        self.place = before;
    }

    /// Draws what `draw` draws where `place` puts it: a turn and a shift.
    pub(super) fn within(&mut self, place: Affine3A, draw: impl FnOnce(&mut Self)) {
        let before = self.place;
        self.place = before * place;
        draw(self);
        self.place = before;
    }

    /// Draws what `draw` draws shifted by `shift`.
    pub(super) fn at(&mut self, shift: Vec3, draw: impl FnOnce(&mut Self)) {
        self.placed(shift, Quat::IDENTITY, draw);
    }

    /// Draws what `draw` draws with its upright axis laid along x, at `shift`.
    pub(super) fn along_x(&mut self, shift: Vec3, draw: impl FnOnce(&mut Self)) {
        let lay = Quat::from_rotation_z(-std::f32::consts::FRAC_PI_2);
        self.placed(shift, lay, draw);
    }

    /// Adds one vertex and tells its index.
    pub(super) fn vertex(&mut self, position: Vec3, normal: Vec3, uv: [f32; 2]) -> u32 {
        let rotation: Mat3A = self.place.matrix3;
        let index = self.positions.len() as u32;
        let [code, a, b] = self.motion.code();
        self.positions
            .push(self.place.transform_point3(position).to_array());
        self.normals
            .push((rotation * Vec3A::from(normal)).normalize().to_array());
        self.uvs
            .push(self.motion.direction().map_or(uv, |way| [uv[0], way]));
        self.parts.push([f32::from(self.part as u8), code, a, b]);
        index
    }

    /// Adds a triangle, counter-clockwise from outside; one without area is left out.
    pub(super) fn triangle(&mut self, a: u32, b: u32, c: u32) {
        let [p, q, r] = [a, b, c].map(|index| Vec3::from(self.positions[index as usize]));
        if (q - p).cross(r - p).length_squared() > 1e-14 {
            self.indices.extend([a, b, c]);
        }
    }

    /// Adds a quadrilateral, counter-clockwise from outside.
    pub(super) fn quad(&mut self, a: u32, b: u32, c: u32, d: u32) {
        self.triangle(a, b, c);
        self.triangle(a, c, d);
    }

    /// A flat face through four corners, counter-clockwise from outside.
    pub(super) fn face(&mut self, corners: [Vec3; 4]) {
        let normal = (corners[1] - corners[0])
            .cross(corners[3] - corners[0])
            .normalize_or(Vec3::Y);
        let uvs = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let mut place = 0;
        let [a, b, c, d] = corners.map(|corner| {
            place += 1;
            self.vertex(corner, normal, uvs[place - 1])
        });
        self.quad(a, b, c, d);
    }

    /// A block between two corners, its edges rounded by `bevel`.
    pub(super) fn block(&mut self, low: Vec3, high: Vec3, bevel: f32) {
        let bevel = bevel.min((high - low).min_element() * 0.49).max(0.0);
        let (middle, half) = ((low + high) * 0.5, (high - low) * 0.5);
        let inner = half - Vec3::splat(bevel);
        // Each of the 8 corners has one vertex per face that meets there.
        let mut corner = [[0; 3]; 8];
        for (place, vertices) in corner.iter_mut().enumerate() {
            let sign = Vec3::new(
                if place & 1 == 0 { -1.0 } else { 1.0 },
                if place & 2 == 0 { -1.0 } else { 1.0 },
                if place & 4 == 0 { -1.0 } else { 1.0 },
            );
            for (axis, vertex) in vertices.iter_mut().enumerate() {
                let mut at = sign * inner;
                at[axis] = sign[axis] * half[axis];
                let mut normal = Vec3::ZERO;
                normal[axis] = sign[axis];
                let uv = [0.0, (sign.y + 1.0) * 0.5];
                *vertex = self.vertex(middle + at, normal, uv);
            }
        }
        for (axis, me) in [1, 2, 4].into_iter().enumerate() {
            let (one, two) = (1 << ((axis + 1) % 3), 1 << ((axis + 2) % 3));
            for (base, order) in [
                (0, [0, two, one | two, one]),
                (me, [0, one, one | two, two]),
            ] {
                let [a, b, c, d] = order.map(|bits| corner[base | bits][axis]);
                self.quad(a, b, c, d);
            }
        }
        if bevel > 0.0 {
            self.bevels(&corner);
        }
    }

    /// A block that stands between two heights about a middle, `wide` along x and z.
    pub(super) fn slab(&mut self, middle: Vec2, wide: Vec2, heights: (f32, f32), bevel: f32) {
        let half = wide * 0.5;
        self.block(
            Vec3::new(middle.x - half.x, heights.0, middle.y - half.y),
            Vec3::new(middle.x + half.x, heights.1, middle.y + half.y),
            bevel,
        );
    }

    /// Draws what `draw` draws with its upright axis laid along z, at `shift`.
    pub(super) fn along_z(&mut self, shift: Vec3, draw: impl FnOnce(&mut Self)) {
        let lay = Quat::from_rotation_x(std::f32::consts::FRAC_PI_2);
        self.placed(shift, lay, draw);
    }

    /// The rounded edges and corners between the faces of a block.
    fn bevels(&mut self, corner: &[[u32; 3]; 8]) {
        for axis in 0..3 {
            let (next, last) = ((axis + 1) % 3, (axis + 2) % 3);
            for place in 0..4 {
                let near = ((place & 1) << next) | ((place >> 1) << last);
                let far = near | (1 << axis);
                let (a, b) = (corner[near], corner[far]);
                if (place & 1) == (place >> 1) {
                    self.quad(a[last], b[last], b[next], a[next]);
                } else {
                    self.quad(a[next], b[next], b[last], a[last]);
                }
            }
        }
        for (place, [x, y, z]) in corner.iter().copied().enumerate() {
            if place.count_ones() % 2 == 1 {
                self.triangle(x, y, z);
            } else {
                self.triangle(x, z, y);
            }
        }
    }

    /// A body turned about the upright axis; the profile runs from the bottom up.
    pub(super) fn turned(&mut self, profile: &[Rim], segments: usize) {
        self.swept(profile, segments, 0.0, TAU);
    }

    /// Part of a turned body: from angle `from` through `sweep`, rad, counter-clockwise from above.
    ///
    /// `uv.x` runs along the sweep, `uv.y` along the profile's height.
    pub(super) fn swept(&mut self, profile: &[Rim], segments: usize, from: f32, sweep: f32) {
        let low = profile
            .iter()
            .map(|rim| rim.height)
            .fold(f32::MAX, f32::min);
        let high = profile
            .iter()
            .map(|rim| rim.height)
            .fold(f32::MIN, f32::max);
        let span = (high - low).max(1e-6);
        let first = self.positions.len() as u32;
        for step in 0..=segments {
            let share = step as f32 / segments as f32;
            // A whole turn ends on exactly the point where it began.
            let whole = step == segments && (sweep - TAU).abs() < 1e-6;
            let angle = if whole { from } else { from + sweep * share };
            let out = Vec3::new(angle.cos(), 0.0, -angle.sin());
            for rim in profile {
                self.vertex(
                    out * rim.radius + Vec3::Y * rim.height,
                    out * rim.normal.x + Vec3::Y * rim.normal.y,
                    [share, (rim.height - low) / span],
                );
            }
        }
        let count = profile.len() as u32;
        for step in 0..segments as u32 {
            for place in 0..count - 1 {
                let a = first + step * count + place;
                let b = a + count;
                self.quad(a, b, b + 1, a + 1);
            }
        }
    }

    /// An upright cylinder on `low`, its rims rounded by `bevel`.
    pub(super) fn cylinder(&mut self, radius: f32, low: f32, high: f32, bevel: f32) {
        let bevel = bevel.min(radius * 0.49).min((high - low) * 0.49);
        let profile = [
            rim(0.0, low, 0.0, -1.0),
            rim(radius - bevel, low, 0.0, -1.0),
            rim(radius, low + bevel, 1.0, 0.0),
            rim(radius, high - bevel, 1.0, 0.0),
            rim(radius - bevel, high, 0.0, 1.0),
            rim(0.0, high, 0.0, 1.0),
        ];
        self.turned(&profile, round_segments(radius));
    }

    /// A flat ring with rounded rims: flanges, stiffeners, wheels.
    pub(super) fn ring(&mut self, inner: f32, outer: f32, low: f32, high: f32) {
        let bevel = ((outer - inner).min(high - low) * 0.25).max(1e-4);
        let profile = [
            rim(inner, high - bevel, -1.0, 0.0),
            rim(inner, low + bevel, -1.0, 0.0),
            rim(inner + bevel, low, 0.0, -1.0),
            rim(outer - bevel, low, 0.0, -1.0),
            rim(outer, low + bevel, 1.0, 0.0),
            rim(outer, high - bevel, 1.0, 0.0),
            rim(outer - bevel, high, 0.0, 1.0),
            rim(inner + bevel, high, 0.0, 1.0),
            rim(inner, high - bevel, -1.0, 0.0),
        ];
        self.turned(&profile, round_segments(outer));
    }

    /// A round bar through `path`; it has caps at both ends.
    ///
    /// `uv.x` is the distance along the path, m; `uv.y` the share of a turn around it.
    pub(super) fn tube(&mut self, path: &[Vec3], radius: f32, sides: usize) {
        self.marked_tube(path, radius, sides, 1.0);
    }

    /// A round bar whose `uv.x` counts lengths of `mark` along the path, m.
    pub(super) fn marked_tube(&mut self, path: &[Vec3], radius: f32, sides: usize, mark: f32) {
        let Some((directions, ups)) = frames(path) else {
            return;
        };
        let mut along = 0.0;
        let mut before = None;
        let last = path.len() - 1;
        for (place, at) in path.iter().enumerate() {
            if place > 0 {
                along += at.distance(path[place - 1]) / mark;
            }
            let (direction, up) = (directions[place], ups[place]);
            let side = direction.cross(up);
            // A mitre is wider than the bar, so that the bar keeps its width round a bend.
            let widen = bend_width(path, place);
            let start = self.positions.len() as u32;
            for step in 0..=sides {
                let share = step as f32 / sides as f32;
                let angle = if step == sides { 0.0 } else { share * TAU };
                let out = up * angle.cos() + side * angle.sin();
                let offset = out * radius;
                let stretched = match widen {
                    Some((axis, factor)) => offset + axis * offset.dot(axis) * (factor - 1.0),
                    None => offset,
                };
                self.vertex(*at + stretched, out, [along, share]);
            }
            if let Some(before) = before {
                for step in 0..sides as u32 {
                    let (a, b) = (before + step, start + step);
                    self.quad(a, a + 1, b + 1, b);
                }
            }
            before = Some(start);
            if place == 0 || place == last {
                let outward = if place == 0 { -direction } else { direction };
                self.cap(*at, outward, up, radius, sides, along);
            }
        }
    }

    fn cap(&mut self, at: Vec3, outward: Vec3, up: Vec3, radius: f32, sides: usize, along: f32) {
        let side = outward.cross(up);
        let middle = self.vertex(at, outward, [along, 0.0]);
        let first = self.positions.len() as u32;
        for step in 0..=sides {
            let angle = if step == sides {
                0.0
            } else {
                step as f32 / sides as f32 * TAU
            };
            let out = up * angle.cos() + side * angle.sin();
            self.vertex(at + out * radius, outward, [along, 0.0]);
        }
        for step in 0..sides as u32 {
            self.triangle(middle, first + step, first + step + 1);
        }
    }

    /// A rectangular wall around an open middle: outer width and depth, thickness, heights.
    pub(super) fn wall_ring(&mut self, outer: Vec2, thickness: f32, low: f32, high: f32) {
        let bevel = (thickness * 0.15).min((high - low) * 0.2);
        // Distance inwards from the outer face, height, normal (outwards, up).
        let profile = [
            (thickness, low, 0.0, -1.0),
            (0.0, low, 0.0, -1.0),
            (0.0, low, 1.0, 0.0),
            (0.0, high - bevel, 1.0, 0.0),
            (bevel, high, 0.0, 1.0),
            (thickness - bevel, high, 0.0, 1.0),
            (thickness, high - bevel, -1.0, 0.0),
            (thickness, low, -1.0, 0.0),
        ];
        let corners = [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (-1.0, 1.0)];
        for side in 0..4 {
            let (from, to) = (corners[side], corners[(side + 1) % 4]);
            let out = Vec3::new(from.0 + to.0, 0.0, from.1 + to.1) * 0.5;
            let first = self.positions.len() as u32;
            for (inwards, height, outwards, up) in profile {
                let normal = (out * outwards + Vec3::Y * up).normalize();
                for corner in [from, to] {
                    let at = Vec3::new(
                        corner.0 * (outer.x * 0.5 - inwards),
                        height,
                        corner.1 * (outer.y * 0.5 - inwards),
                    );
                    self.vertex(at, normal, [0.0, (height - low) / (high - low)]);
                }
            }
            for place in 0..profile.len() as u32 - 1 {
                let a = first + place * 2;
                self.quad(a, a + 1, a + 3, a + 2);
            }
        }
    }

    /// Draws triangles of another program in their colours.
    pub(super) fn drawn(&mut self, piece: &Piece) {
        let packed = |[red, green, blue]: [u8; 3]| {
            let [red, green, blue] = [red >> 3, green >> 2, blue >> 3].map(u32::from);
            ((red << 11) | (green << 5) | blue) as f32
        };
        self.of(Part::Model);
        let first = self.positions.len() as u32;
        for (place, (at, normal)) in piece.positions.iter().zip(&piece.normals).enumerate() {
            let colour = piece.colours.get(place).unwrap_or(&piece.colour);
            let uv = [packed(*colour), 0.0];
            self.vertex(Vec3::from(*at), Vec3::from(*normal), uv);
        }
        let drawn = self.positions[first as usize..].iter();
        let ways = drawn.flat_map(|at| self.motion.ways(Vec3::from(*at)));
        if let Some(around) = Aabb::enclosing(ways) {
            self.reach
                .extend([around.min(), around.max()].map(Vec3::from));
        }
        for &[a, b, c] in &piece.triangles {
            self.triangle(first + a, first + b, first + c);
        }
    }

    /// True if nothing is drawn.
    pub(super) fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// The triangles drawn so far, by vertex.
    pub(super) fn triangles(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        self.indices
            .chunks(3)
            .map(|three| [three[0], three[1], three[2]].map(|index| index as usize))
    }

    /// The vertices drawn so far.
    pub(super) fn corners(&self) -> impl Iterator<Item = Corner> + '_ {
        let looks = self.normals.iter().zip(&self.uvs).zip(&self.parts);
        self.positions
            .iter()
            .zip(looks)
            .map(|(&position, ((&normal, &uv), &part))| Corner {
                position: position.into(),
                normal: normal.into(),
                uv: uv.into(),
                part,
            })
    }

    /// A sketch of these vertices and triangles; those without area are left out.
    pub(super) fn of_corners(
        corners: impl Iterator<Item = Corner>,
        triangles: impl Iterator<Item = [u32; 3]>,
    ) -> Self {
        let mut sketch = Self::default();
        for corner in corners {
            sketch.positions.push(corner.position.to_array());
            sketch.normals.push(corner.normal.to_array());
            sketch.uvs.push(corner.uv.to_array());
            sketch.parts.push(corner.part);
        }
        for [a, b, c] in triangles {
            sketch.triangle(a, b, c);
        }
        sketch
    }

    /// Where the vertices stand.
    pub(super) fn positions(&self) -> impl Iterator<Item = Vec3> + '_ {
        self.positions.iter().copied().map(Vec3::from)
    }

    /// Where the vertices stand and which way they look.
    #[cfg(test)]
    pub(super) fn vertices(&self) -> impl Iterator<Item = (Vec3, Vec3)> + '_ {
        self.positions
            .iter()
            .zip(&self.normals)
            .map(|(at, normal)| (Vec3::from(*at), Vec3::from(*normal)))
    }

    /// The box around it.
    pub(super) fn bounds(&self) -> Aabb {
        let corners = self.positions.iter().copied().map(Vec3::from);
        let corners = corners.chain(self.reach.iter().copied());
        Aabb::enclosing(corners).unwrap_or_default()
    }

    /// The mesh, so that the sketch can be kept.
    pub(super) fn to_mesh(&self) -> Mesh {
        self.clone().finish()
    }

    /// The finished mesh.
    pub(super) fn finish(self) -> Mesh {
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, self.uvs)
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.parts)
        .with_inserted_indices(Indices::U32(self.indices))
    }
}

/// How many flat pieces a round of this radius, m, is made of.
pub(super) fn round_segments(radius: f32) -> usize {
    match radius {
        ..0.06 => 8,
        ..0.3 => 14,
        ..1.5 => 20,
        ..6.0 => 36,
        _ => 56,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Every edge must be met by the same edge the other way round, by place.
    fn assert_closed(name: &str, sketch: &Sketch) {
        let at: Vec<[i64; 3]> = sketch
            .vertices()
            .map(|(at, _)| at.to_array().map(|x| (x * 1e4).round() as i64))
            .collect();
        let mut edges: HashMap<([i64; 3], [i64; 3]), i32> = HashMap::new();
        for three in sketch.triangles() {
            for side in 0..3 {
                let (from, to) = (at[three[side]], at[three[(side + 1) % 3]]);
                if from != to {
                    *edges.entry((from, to)).or_default() += 1;
                    *edges.entry((to, from)).or_default() -= 1;
                }
            }
        }
        let open: Vec<_> = edges.iter().filter(|(_, count)| **count != 0).collect();
        assert!(open.is_empty(), "{name} is open at {open:?}");
    }

    /// Faces must look the way their normals do, or light falls on the wrong side.
    fn assert_outward(name: &str, sketch: &Sketch) {
        let vertices: Vec<_> = sketch.vertices().collect();
        for three in sketch.triangles() {
            let [a, b, c] = three.map(|index| vertices[index].0);
            let face = (b - a).cross(c - a);
            let mean: Vec3 = three.iter().map(|&index| vertices[index].1).sum();
            assert!(
                face.dot(mean) > 0.0,
                "{name}: a face at {a} looks inwards, {face} against {mean}"
            );
        }
    }

    fn check(name: &str, draw: impl FnOnce(&mut Sketch)) {
        let mut sketch = Sketch::default();
        draw(&mut sketch);
        assert!(sketch.triangles().count() > 0, "{name} is empty");
        assert_closed(name, &sketch);
        assert_outward(name, &sketch);
        for (at, normal) in sketch.vertices() {
            assert!(at.is_finite(), "{name}");
            assert!((normal.length() - 1.0).abs() < 1e-4, "{name}");
        }
    }

    #[test]
    fn solids_are_closed_and_look_outwards() {
        let (low, high) = (Vec3::new(-1.0, 0.0, -2.0), Vec3::new(3.0, 1.5, 2.0));
        check("a sharp block", |s| s.block(low, high, 0.0));
        check("a rounded block", |s| s.block(low, high, 0.1));
        check("a cylinder", |s| s.cylinder(1.0, 0.0, 2.0, 0.1));
        check("a ring", |s| s.ring(0.8, 1.0, 0.0, 0.1));
        check("a wall", |s| {
            s.wall_ring(Vec2::new(4.0, 3.0), 0.3, -1.0, 2.0);
        });
        check("a straight bar", |s| s.tube(&[Vec3::ZERO, Vec3::X], 0.1, 8));
        check("a bent bar", |s| {
            let path = [Vec3::ZERO, Vec3::X, Vec3::X + Vec3::Z, Vec3::ONE];
            s.tube(&path, 0.1, 8);
        });
        check("a turned and shifted block", |s| {
            s.along_x(Vec3::Y, |s| s.block(low, high, 0.1));
        });
    }

    #[test]
    fn a_bar_through_one_point_is_nothing() {
        let mut sketch = Sketch::default();
        sketch.tube(&[Vec3::ZERO], 1.0, 8);
        assert_eq!(sketch.triangles().count(), 0);
    }
}

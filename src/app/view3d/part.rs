//! What the surface of a shape is made of, and how it moves: what a vertex tells the shader.
//!
//! The numbers are those of `twin.wgsl`; a test holds the two together.

use std::f32::consts::TAU;

use bevy::math::{Quat, Vec2, Vec3};

/// What a surface is made of. The shader paints it by look, record and light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Part {
    /// Painted equipment: takes the colour of the asset's record.
    Body = 0,
    /// Walls, plinths and slabs.
    Concrete = 1,
    /// Bare or galvanised steel.
    Metal = 2,
    /// Rubber, grilles, openings.
    Dark = 3,
    /// Motors and actuators.
    Accent = 4,
    /// A water surface.
    Water = 5,
    /// A glass strip that shows a fraction: `uv.y` runs from 0 to 1.
    Gauge = 6,
    /// Filter sand.
    Sand = 7,
    /// The face of a dial.
    Dial = 8,
    /// Brick and plaster.
    Wall = 9,
    /// Roofs.
    Roof = 10,
    /// A pipe: `uv.x` is the distance along it, in lengths of the pattern that flows.
    Pipe = 11,
    /// Hand wheels and other bright small things.
    Handle = 12,
    /// Grass on a bank.
    Grass = 13,
    /// The ground, with its grid.
    Ground = 14,
    /// The sky.
    Sky = 15,
    /// The soft dark at the foot of things: `uv.x` is its strength.
    Shade = 16,
    /// Open water: rivers.
    River = 17,
    /// A belt: `uv.x` is the distance along it, in lengths of the pattern that moves.
    Belt = 18,
    /// Windows, screens, bottles.
    Glass = 19,
    /// Roads.
    Asphalt = 20,
    /// Cardboard and goods.
    Carton = 21,
    /// Timber.
    Wood = 22,
    /// What a drawing is made of: `uv.x` is its colour, 5, 6 and 5 bits.
    Model = 23,
}

/// How many parts there are.
pub(super) const PARTS: usize = 24;

/// How a vertex moves, in the space of its asset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Motion {
    /// Not at all.
    Still,
    /// Spins about an axis along x through this height and depth.
    Shaft {
        /// Height of the axis, m.
        y: f32,
        /// Depth of the axis, m.
        z: f32,
    },
    /// Stands between two heights by the fill fraction.
    Rise {
        /// Height when empty, m.
        empty: f32,
        /// Height when full, m.
        full: f32,
    },
    /// Moves out along its normal, so that what it covers is never narrower than this on screen.
    Swell {
        /// Half of the true width, m.
        half: f32,
        /// Half of the width on screen at least, points.
        points: f32,
    },
    /// Turns about the upright axis through the asset's middle, and rises, as a valve opens.
    Wheel {
        /// How far it rises, m.
        lift: f32,
    },
    /// Spins about a line.
    Spin(Line),
    /// Turns about a line as a valve opens, by so many turns.
    Turn(Line, f32),
    /// Is shifted as a valve opens, by so much, m.
    Slide(Vec3),
    /// Is shifted by the fill fraction, by so much, m.
    Float(Vec3),
}

/// A line in the space of the asset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    /// Its direction, of length 1, as exact as the shader knows it.
    pub axis: Vec3,
    /// The point of it that is nearest to the origin, across the axis.
    across: Vec2,
}

impl Line {
    /// The line along `axis` through a point.
    pub(super) fn through(point: Vec3, axis: Vec3) -> Self {
        let axis = unpacked(packed(axis));
        let [one, two] = beside(axis);
        Self {
            axis,
            across: Vec2::new(point.dot(one), point.dot(two)),
        }
    }

    /// The point of it that is nearest to the origin.
    pub(super) fn foot(&self) -> Vec3 {
        let [one, two] = beside(self.axis);
        one * self.across.x + two * self.across.y
    }
}

/// Steps of each half of a direction in a number: the middle is exact, so axes are.
const STEPS: f32 = 4_094.0;

/// A direction as one number, on the faces of an octahedron (Meyer et al., 2010).
fn packed(axis: Vec3) -> f32 {
    let sign = |side: f32| if side >= 0.0 { 1.0 } else { -1.0 };
    let flat = axis / axis.abs().element_sum().max(1e-12);
    let (u, v) = if flat.z >= 0.0 {
        (flat.x, flat.y)
    } else {
        (
            (1.0 - flat.y.abs()) * sign(flat.x),
            (1.0 - flat.x.abs()) * sign(flat.y),
        )
    };
    let step = |side: f32| ((side * 0.5 + 0.5) * STEPS).round();
    step(u) * 4_096.0 + step(v)
}

/// The direction that a number stands for, as the shader reads it.
fn unpacked(number: f32) -> Vec3 {
    let sign = |side: f32| if side >= 0.0 { 1.0 } else { -1.0 };
    let (first, second) = ((number / 4_096.0).floor(), number % 4_096.0);
    let (u, v) = (first / STEPS * 2.0 - 1.0, second / STEPS * 2.0 - 1.0);
    let z = 1.0 - u.abs() - v.abs();
    let (x, y) = if z >= 0.0 {
        (u, v)
    } else {
        ((1.0 - v.abs()) * sign(u), (1.0 - u.abs()) * sign(v))
    };
    Vec3::new(x, y, z).normalize()
}

/// Two directions at right angles to an axis and to each other (Duff et al., 2017).
fn beside(axis: Vec3) -> [Vec3; 2] {
    let sign = if axis.z >= 0.0 { 1.0 } else { -1.0 };
    let a = -1.0 / (sign + axis.z);
    let b = axis.x * axis.y * a;
    [
        Vec3::new(1.0 + sign * axis.x * axis.x * a, sign * b, -sign * axis.x),
        Vec3::new(b, sign + axis.y * axis.y * a, -axis.y),
    ]
}

impl Motion {
    /// `(code, a, b)` as the shader reads them.
    pub(super) fn code(self) -> [f32; 3] {
        match self {
            Self::Still => [0.0, 0.0, 0.0],
            Self::Shaft { y, z } => [1.0, y, z],
            Self::Rise { empty, full } => [2.0, empty, full],
            Self::Wheel { lift } => [3.0, lift, 0.0],
            Self::Swell { half, points } => [4.0, half, points],
            Self::Spin(line) => [5.0, line.across.x, line.across.y],
            // What lies behind the comma is a tenth of the turns.
            Self::Turn(line, turns) => {
                let turns = turns.clamp(-4.0, 4.0) * 0.1;
                [6.0 + turns, line.across.x, line.across.y]
            }
            Self::Slide(by) => [7.0, by.length(), 0.0],
            Self::Float(by) => [8.0, by.length(), 0.0],
        }
    }

    /// Its direction as the shader reads it, in the place of the second texture coordinate.
    pub(super) fn direction(self) -> Option<f32> {
        match self {
            Self::Spin(line) | Self::Turn(line, _) => Some(packed(line.axis)),
            Self::Slide(by) | Self::Float(by) => Some(packed(by)),
            _ => None,
        }
    }

    /// Where it may bring a point, by some places on its way.
    pub(super) fn ways(self, at: Vec3) -> impl Iterator<Item = Vec3> {
        const ON_THE_WAY: usize = 24;
        let turned = move |line: Line, turns: f32, step: usize| {
            let angle = TAU * turns * step as f32 / ON_THE_WAY as f32;
            line.foot() + Quat::from_axis_angle(line.axis, angle) * (at - line.foot())
        };
        (0..=ON_THE_WAY).map_while(move |step| match self {
            Self::Spin(line) => Some(turned(line, 1.0, step)),
            Self::Turn(line, turns) => Some(turned(line, turns, step)),
            Self::Slide(by) | Self::Float(by) if step < 2 => Some(at + by * step as f32),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_survive_their_number_and_axes_exactly() {
        for axis in [
            Vec3::X,
            Vec3::Y,
            Vec3::Z,
            Vec3::NEG_X,
            Vec3::NEG_Y,
            Vec3::NEG_Z,
        ] {
            assert_eq!(unpacked(packed(axis)), axis);
        }
        for step in 0..500 {
            let (a, b) = (step as f32 * 0.37, step as f32 * 0.11);
            let axis = Vec3::new(a.cos() * b.cos(), b.sin(), a.sin() * b.cos());
            let read = unpacked(packed(axis));
            assert!(read.distance(axis) < 2e-3, "{axis} {read}");
            let [one, two] = beside(read);
            let all = [one.dot(two), one.dot(read), two.dot(read)];
            assert!(all.iter().all(|share| share.abs() < 1e-5), "{axis}");
            assert!((one.length() - 1.0).abs() < 1e-5, "{axis}");
        }
    }

    #[test]
    fn what_turns_about_a_line_stays_as_far_from_it_and_the_line_where_it_is() {
        let point = Vec3::new(3.0, -2.0, 7.0);
        for axis in [Vec3::X, Vec3::Y, Vec3::new(1.0, 2.0, -0.5)] {
            let line = Line::through(point, axis);
            let on_line = point + line.axis * 4.0;
            let reach = Motion::Spin(line).ways(on_line);
            assert!(reach.into_iter().all(|at| at.distance(on_line) < 1e-3));
            let beside = point + line.axis.any_orthonormal_vector() * 2.0;
            let mut ways = Motion::Spin(line).ways(beside);
            assert!(ways.all(|at| (at.distance(point) - 2.0).abs() < 1e-3));
        }
        let up = Motion::Slide(Vec3::Y * 2.0).ways(point);
        assert_eq!(up.last(), Some(point + Vec3::Y * 2.0));
        assert_eq!(Motion::Still.ways(point).count(), 0);
        let line = Line::through(Vec3::X, Vec3::Y);
        let quarter = Motion::Turn(line, 0.25).ways(Vec3::X * 2.0).last();
        let expected = Vec3::new(1.0, 0.0, -1.0);
        assert!(
            quarter.is_some_and(|at| at.distance(expected) < 1e-5),
            "{quarter:?}"
        );
    }

    #[test]
    fn the_shader_counts_as_we_do() {
        let shader = include_str!("twin.wgsl");
        let parts = [
            ("BODY", Part::Body),
            ("CONCRETE", Part::Concrete),
            ("METAL", Part::Metal),
            ("DARK", Part::Dark),
            ("ACCENT", Part::Accent),
            ("WATER", Part::Water),
            ("GAUGE", Part::Gauge),
            ("SAND", Part::Sand),
            ("DIAL", Part::Dial),
            ("WALL", Part::Wall),
            ("ROOF", Part::Roof),
            ("PIPE", Part::Pipe),
            ("HANDLE", Part::Handle),
            ("GRASS", Part::Grass),
            ("GROUND", Part::Ground),
            ("SKY", Part::Sky),
            ("SHADE", Part::Shade),
            ("RIVER", Part::River),
            ("BELT", Part::Belt),
            ("GLASS", Part::Glass),
            ("ASPHALT", Part::Asphalt),
            ("CARTON", Part::Carton),
            ("WOOD", Part::Wood),
            ("MODEL", Part::Model),
        ];
        assert_eq!(parts.len(), PARTS);
        for (name, part) in parts {
            let line = format!("const {name}: u32 = {}u;", part as u8);
            assert!(shader.contains(&line), "twin.wgsl lacks `{line}`");
        }
        let count = format!("const PARTS: u32 = {PARTS}u;");
        assert!(shader.contains(&count), "twin.wgsl lacks `{count}`");
    }
}

//! What the surface of a shape is made of, and how it moves: what a vertex tells the shader.
//!
//! The numbers are those of `twin.wgsl`; a test holds the two together.

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
}

/// How many parts there are.
pub(super) const PARTS: usize = 18;

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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! The lie of the land: flat where the plant stands, hills under what stands higher, a
//! river bed where water is taken in.
//!
//! Nothing of it is surveyed: it is read off the feet of the assets, so that a reservoir
//! 60 m up stands on a hill and not in the air. A network lies on a [`Relief`].

use bevy::math::{Ray3d, Vec2, Vec3};

use super::super::coords;
use super::cells::Cells;
use super::mesh::Sketch;
use super::part::Part;
use super::relief::Relief;
use crate::scene::{Asset, Scene, Shape};

/// What stands less than this above or below the plant's ground is built up or dug in, m.
const BUILT: f32 = 5.0;
/// How far a hill reaches, m.
const SLOPE: f32 = 170.0;
/// The ground is read off at most this many feet, and as many legs of pipes.
const MOST_HOLDS: usize = 300;
/// No ray is followed further, m.
const FARTHEST: f32 = 60_000.0;
/// Width of the squares by which neighbours are found, m.
const SQUARE: f32 = 24.0;
/// The river: half its width, how deep it is, its bank, its surface below ground, m.
const RIVER: (f32, f32, f32, f32) = (34.0, 4.5, 16.0, 1.6);

/// Where the ground lies.
#[derive(Clone, Debug, Default)]
pub(super) struct Terrain {
    /// The ground of the plant, m.
    pub base: f32,
    /// What the ground is read off. Empty where all of it lies at the base.
    holds: Vec<Hold>,
    river: Option<River>,
    /// The land under a network; all else then stands on it.
    relief: Option<Relief>,
}

/// Something that holds the ground at its height: the footprint of an asset, or a pipe's
/// leg; a rectangle on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hold {
    middle: Vec2,
    /// The direction of its length.
    along: Vec2,
    /// Half its length and half its width, m.
    half: Vec2,
    /// Level this far around it, m.
    margin: f32,
    /// Above the base at the beginning and at the end of its length, m.
    rise: (f32, f32),
}

/// A straight river: a point of its middle line and the direction across it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct River {
    middle: Vec2,
    across: Vec2,
}

/// The foot of an asset.
#[derive(Clone, Copy, Debug)]
struct Foot {
    at: Vec2,
    along: Vec2,
    half: Vec2,
    height: f32,
    shape: Shape,
}

impl Foot {
    fn of(asset: &Asset) -> Self {
        let at = coords::point(asset.position);
        let size = coords::size(asset.size);
        let (sin, cos) = (asset.heading as f32).sin_cos();
        Self {
            at: Vec2::new(at.x, at.z),
            along: Vec2::new(cos, -sin),
            half: Vec2::new(size.x, size.z) * 0.5,
            height: at.y,
            shape: asset.shape,
        }
    }

    /// True if it stands on the plant's ground, or is built up or dug in there.
    fn is_level(&self, base: f32) -> bool {
        (self.height - base).abs() < BUILT
    }
}

impl Terrain {
    /// How far along the ray the ground is met, to a millimetre; `None` if it is not.
    pub(super) fn first_met(&self, ray: Ray3d) -> Option<f32> {
        let above = |far: f32| {
            let at = ray.get_point(far);
            at.y - self.height(at.x, at.z)
        };
        if above(0.0) <= 0.0 {
            return None;
        }
        // Steps grow with the distance, as what a person can tell apart does.
        let step = |near: f32| near + (near * 0.01).max(above(near) * 0.2).max(0.25);
        let (mut near, mut far) = (0.0, step(0.0));
        while above(far) > 0.0 {
            (near, far) = (far, step(far));
            if far > FARTHEST {
                return None;
            }
        }
        while far - near > 1e-3_f32.max(far * 1e-6) {
            let middle = f32::midpoint(near, far);
            if above(middle) <= 0.0 {
                far = middle;
            } else {
                near = middle;
            }
        }
        Some(far)
    }

    /// The land of a scene.
    pub(super) fn of(scene: &Scene) -> Self {
        if let Some(relief) = Relief::of(scene) {
            return Self {
                base: relief.base,
                relief: Some(relief),
                ..Self::default()
            };
        }
        let mut stages = Cells::new(SQUARE);
        for asset in scene.assets.iter().filter(|asset| is_stage(asset)) {
            let foot = Foot::of(asset);
            stages.add(foot.at, foot.half.length(), asset);
        }
        let on_stage = |asset: &Asset| {
            let at = coords::point(asset.position);
            let mut near = stages.near(Vec2::new(at.x, at.z));
            near.any(|stage| carries(stage, asset))
        };
        let standing = scene
            .assets
            .iter()
            .filter(|asset| is_founded(asset) && is_on_ground(scene, asset) && !on_stage(asset));
        let feet: Vec<Foot> = standing.map(Foot::of).collect();
        let mut heights: Vec<f32> = feet.iter().map(|foot| foot.height).collect();
        heights.sort_by(f32::total_cmp);
        let Some(&base) = heights.get(heights.len() / 2) else {
            return Self::default();
        };
        let river = River::of(&feet, base);
        let mut holds = holds(&feet, base);
        holds.extend(pipes(scene, &feet, base));
        if holds.iter().all(|hold| hold.rise == (0.0, 0.0)) {
            holds.clear();
        }
        Self {
            base,
            holds,
            river,
            relief: None,
        }
    }

    /// Lies no higher than this, m, if it is level: a floor that a drawing brings is seen.
    pub(super) fn stay_below(&mut self, height: f32) {
        if self.is_flat() {
            self.base = self.base.min(height);
        }
    }

    /// The height of the ground, m.
    pub(super) fn height(&self, x: f32, z: f32) -> f32 {
        let at = Vec2::new(x, z);
        if let Some(relief) = &self.relief {
            return relief.height(at);
        }
        let mut rise = 0.0;
        if !self.holds.is_empty() {
            let (mut sum, mut weights) = (0.0, weight(SLOPE));
            for hold in &self.holds {
                let (distance, height) = hold.seen_from(at);
                let weight = weight(distance);
                sum += weight * height;
                weights += weight;
            }
            rise = sum / weights;
        }
        match &self.river {
            // The bed is cut through whatever rises there, or the river would run dry.
            Some(river) => {
                let depth = river.depth(at);
                self.base + rise * (1.0 - depth / RIVER.1) - depth
            }
            None => self.base + rise,
        }
    }

    /// True if the ground is one plane.
    pub(super) fn is_flat(&self) -> bool {
        self.holds.is_empty() && self.river.is_none() && self.relief.is_none()
    }

    /// The distance in height of contour lines, m; 0 for none.
    pub(super) fn contours(&self) -> f32 {
        let Some(relief) = &self.relief else {
            return 0.0;
        };
        // Some ten lines tell the shape; more are a carpet.
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];
        let fits = |step: &f32| relief.rise() / step <= 14.0;
        steps.into_iter().find(fits).unwrap_or(0.0)
    }

    /// Draws the ground around the box from `low` to `high`, out to `reach`, m.
    pub(super) fn draw(&self, sketch: &mut Sketch, low: Vec2, high: Vec2, reach: f32) {
        sketch.of(Part::Ground);
        if self.is_flat() {
            let (low, high) = (low - Vec2::splat(reach), high + Vec2::splat(reach));
            let corner = |x, z| Vec3::new(x, self.base, z);
            sketch.face([
                corner(low.x, high.y),
                corner(high.x, high.y),
                corner(high.x, low.y),
                corner(low.x, low.y),
            ]);
            return;
        }
        let (xs, zs) = match &self.relief {
            Some(relief) => {
                let (xs, zs) = relief.ticks();
                (outwards(xs, reach), outwards(zs, reach))
            }
            None => (ticks(low.x, high.x, reach), ticks(low.y, high.y, reach)),
        };
        let mut rows: Vec<Vec<u32>> = Vec::with_capacity(zs.len());
        for &z in &zs {
            let row = xs.iter().map(|&x| {
                let at = Vec3::new(x, self.height(x, z), z);
                let known = self
                    .relief
                    .as_ref()
                    .map_or(0.0, |relief| relief.known(at.x, at.z));
                sketch.vertex(at, self.normal(x, z), [known, 0.0])
            });
            rows.push(row.collect());
        }
        for pair in rows.windows(2) {
            for place in 0..xs.len() - 1 {
                let (near, far) = (&pair[1], &pair[0]);
                sketch.quad(near[place], near[place + 1], far[place + 1], far[place]);
            }
        }
    }

    /// Draws the river's surface, `reach` m to both sides.
    pub(super) fn draw_river(&self, sketch: &mut Sketch, reach: f32) {
        let Some(river) = self.river else { return };
        let (half, _, bank, below) = RIVER;
        let along = river.across.perp() * reach;
        let across = river.across * (half + bank * 0.5);
        let corner = |at: Vec2| Vec3::new(at.x, self.base - below, at.y);
        let mut corners = [
            corner(river.middle - along - across),
            corner(river.middle - along + across),
            corner(river.middle + along + across),
            corner(river.middle + along - across),
        ];
        if (corners[1] - corners[0]).cross(corners[3] - corners[0]).y < 0.0 {
            corners.reverse();
        }
        sketch.of(Part::River).face(corners);
    }

    fn normal(&self, x: f32, z: f32) -> Vec3 {
        if let Some(relief) = &self.relief {
            return relief.normal(Vec2::new(x, z));
        }
        let step = 1.5;
        let east = self.height(x + step, z) - self.height(x - step, z);
        let south = self.height(x, z + step) - self.height(x, z - step);
        Vec3::new(-east, step * 2.0, -south).normalize()
    }
}

impl River {
    /// A river past the first intake, on the side away from the plant, if that side is free.
    fn of(feet: &[Foot], base: f32) -> Option<Self> {
        let intake = feet.iter().find(|foot| foot.shape == Shape::Intake)?;
        let level: Vec<Vec2> = feet
            .iter()
            .filter(|foot| foot.is_level(base))
            .map(|foot| foot.at)
            .collect();
        let middle = level.iter().sum::<Vec2>() / level.len().max(1) as f32;
        let away = (intake.at - middle).try_normalize()?;
        // Rivers of plans run along an axis: the picture is calmer for it.
        let across = if away.x.abs() > away.y.abs() {
            Vec2::new(away.x.signum(), 0.0)
        } else {
            Vec2::new(0.0, away.y.signum())
        };
        let river = Self {
            middle: intake.at + across * (RIVER.0 * 0.55),
            across,
        };
        let dry = |foot: &Foot| foot.shape == Shape::Intake || river.depth(foot.at) < 0.6;
        feet.iter().all(dry).then_some(river)
    }

    /// How far the bed lies below the ground, m.
    fn depth(&self, at: Vec2) -> f32 {
        let (half, deep, bank, _) = RIVER;
        let off = (at - self.middle).dot(self.across).abs();
        let share = ((half + bank - off) / bank).clamp(0.0, 1.0);
        deep * share * share * (3.0 - 2.0 * share)
    }
}

impl Hold {
    /// How far `at` lies beyond its level ground, and how high it holds it there, m.
    fn seen_from(&self, at: Vec2) -> (f32, f32) {
        let off = at - self.middle;
        let (ahead, aside) = (off.dot(self.along), off.perp_dot(self.along));
        let beyond = Vec2::new(ahead, aside).abs() - self.half;
        let share = if self.half.x > 0.0 {
            (ahead / self.half.x).clamp(-1.0, 1.0) * 0.5 + 0.5
        } else {
            0.5
        };
        let height = self.rise.0 + (self.rise.1 - self.rise.0) * share;
        (beyond.max(Vec2::ZERO).length() - self.margin, height)
    }
}

/// True if it stands on the ground or on another thing; not in a pipe.
fn is_founded(asset: &Asset) -> bool {
    let hangs = matches!(
        asset.shape,
        Shape::Pipe
            | Shape::Valve
            | Shape::GateValve
            | Shape::ButterflyValve
            | Shape::ControlValve
            | Shape::CableTray
            | Shape::Instrument
    );
    !hangs && !asset.runs_along()
}

/// True if other things may stand on it.
fn is_stage(asset: &Asset) -> bool {
    use Shape::{Basin, Block, Building, FilterBed, Reservoir};
    matches!(
        asset.shape,
        Basin | Block | Building | FilterBed | Reservoir
    )
}

/// True if it stands on no other storey than the one at the ground.
fn is_on_ground(scene: &Scene, asset: &Asset) -> bool {
    scene.storeys.at(asset.position[2]) == scene.storeys.at_ground()
}

/// True if `asset` stands on `stage`, and so tells nothing about the ground.
fn carries(stage: &Asset, asset: &Asset) -> bool {
    let place = coords::transform(stage.position, stage.heading).compute_affine();
    let foot = place
        .inverse()
        .transform_point3(coords::point(asset.position));
    let size = coords::size(stage.size);
    let within = foot.x.abs() <= size.x * 0.5 && foot.z.abs() <= size.z * 0.5;
    within && foot.y > size.y * 0.01 && foot.y <= size.y * 1.05
}

/// What stands holds the ground at its foot; thinned, so that a large plant costs no more
/// than a small one.
fn holds(feet: &[Foot], base: f32) -> Vec<Hold> {
    let mut level = Cells::new(SQUARE);
    for foot in feet.iter().filter(|foot| foot.is_level(base)) {
        level.add(foot.at, 20.0, foot.at);
    }
    let mut kept: Vec<Hold> = Vec::new();
    for foot in feet {
        if kept.len() >= MOST_HOLDS {
            break;
        }
        let is_level = foot.is_level(base);
        // What is raised amid level plant stands on a structure, not on a hill.
        let mut amid = level
            .near(foot.at)
            .map(|other| !apart(other, foot.at, 20.0));
        if !is_level && amid.any(|amid| amid) {
            continue;
        }
        let rise = if is_level { 0.0 } else { foot.height - base };
        let hold = Hold {
            middle: foot.at,
            along: foot.along,
            half: foot.half,
            margin: 6.0,
            rise: (rise, rise),
        };
        let within = kept
            .iter()
            .any(|other| other.rise == hold.rise && other.seen_from(hold.middle).0 <= 0.0);
        if !within {
            kept.push(hold);
        }
    }
    kept
}

/// Pipes away from the plant carry the ground below them, so that they neither float nor
/// drown on a slope.
fn pipes(scene: &Scene, feet: &[Foot], base: f32) -> Vec<Hold> {
    let mut kept = Vec::new();
    let mut level = Cells::new(SQUARE);
    for foot in feet.iter().filter(|foot| foot.is_level(base)) {
        let reach = foot.half.length() + 10.0;
        level.add(foot.at, reach, (foot.at, reach));
    }
    let amid = |at: Vec2| {
        let mut near = level.near(at);
        near.any(|(foot, reach)| !apart(foot, at, reach))
    };
    for pipe in scene
        .assets
        .iter()
        .filter(|asset| asset.shape == Shape::Pipe)
    {
        let below = pipe.size[0] as f32 * 0.5 + 0.35;
        for leg in pipe.route.windows(2) {
            if kept.len() >= MOST_HOLDS {
                return kept;
            }
            let ends = [coords::point(leg[0]), coords::point(leg[1])];
            let rises = ends.map(|end| end.y - below - base);
            let [from, to] = ends.map(|end| Vec2::new(end.x, end.z));
            let free = !amid(from) && !amid(to) || from.distance(to) > 60.0;
            if free {
                kept.push(Hold {
                    middle: (from + to) * 0.5,
                    along: (to - from).normalize_or(Vec2::X),
                    half: Vec2::new(from.distance(to) * 0.5, 0.0),
                    margin: 3.0,
                    rise: (rises[0].max(0.0), rises[1].max(0.0)),
                });
            }
        }
    }
    kept
}

/// How much a hold counts at this distance beyond its flat, m.
fn weight(distance: f32) -> f32 {
    (distance.max(0.0).powi(2) + 1.0).powf(-1.5)
}

fn apart(a: Vec2, b: Vec2, distance: f32) -> bool {
    a.distance_squared(b) > distance * distance
}

/// Grid coordinates: even within the plant, ever wider towards the horizon.
fn ticks(low: f32, high: f32, reach: f32) -> Vec<f32> {
    let (low, high) = (low - 60.0, high + 60.0);
    let pieces = (((high - low) / 8.0) as usize).clamp(8, 160);
    let step = (high - low) / pieces as f32;
    let ticks = (0..=pieces).map(|place| low + step * place as f32);
    outwards(ticks.collect(), reach)
}

/// Even coordinates, and beyond them ever wider ones, up to `reach`.
fn outwards(even: Vec<f32>, reach: f32) -> Vec<f32> {
    let (Some(&low), Some(&high)) = (even.first(), even.last()) else {
        return even;
    };
    let step = (high - low) / (even.len() - 1).max(1) as f32;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut stride, mut out) = (step, 0.0);
    while out < reach {
        stride *= 1.22;
        out += stride;
        before.push(low - out);
        after.push(high + out);
    }
    before.reverse();
    before.extend(even);
    before.extend(after);
    before
}

#[cfg(test)]
mod tests {
    use super::super::drivers::testing::{asset, scene};
    use super::*;

    fn standing(shape: Shape, at: [f64; 3]) -> Asset {
        let mut asset = asset(shape, 0..0, Vec::new());
        asset.position = at;
        asset
    }

    #[test]
    fn a_plant_on_one_level_stands_on_a_plane() {
        let assets = (0..9).map(|x| standing(Shape::Tank, [f64::from(x) * 10.0, 0.0, 0.5]));
        let terrain = Terrain::of(&scene(assets.collect(), Vec::new()));
        assert!(terrain.is_flat());
        assert_eq!(terrain.height(500.0, 500.0), 0.5);
    }

    #[test]
    fn a_far_and_high_reservoir_stands_on_a_hill() {
        let mut assets: Vec<_> = (0..20)
            .map(|x| standing(Shape::Tank, [f64::from(x) * 8.0, 0.0, 0.0]))
            .collect();
        assets.push(standing(Shape::Reservoir, [600.0, 100.0, 60.0]));
        let terrain = Terrain::of(&scene(assets, Vec::new()));
        let top = terrain.height(600.0, -100.0);
        assert!((top - 60.0).abs() < 0.5, "it stands on the hill: {top}");
        let plant = terrain.height(80.0, 0.0);
        assert!(plant.abs() < 0.5, "the plant stays flat: {plant}");
        let far = terrain.height(5_000.0, 0.0);
        assert!(far.abs() < 2.0, "the hill ends: {far}");
    }

    #[test]
    fn a_tank_on_a_roof_makes_no_hill() {
        let mut assets: Vec<_> = (0..9)
            .map(|x| standing(Shape::Tank, [f64::from(x) * 10.0, 0.0, 0.0]))
            .collect();
        assets.push(standing(Shape::Tank, [15.0, 2.0, 9.0]));
        assert!(Terrain::of(&scene(assets, Vec::new())).is_flat());
    }

    #[test]
    fn a_skid_carries_what_stands_on_it() {
        let mut skid = standing(Shape::Block, [0.0; 3]);
        skid.size = [2.0, 1.2, 0.1];
        let mut assets = vec![skid];
        assets.extend((0..5).map(|x| standing(Shape::Motor, [f64::from(x) * 0.1, 0.0, 0.1])));
        let terrain = Terrain::of(&scene(assets, Vec::new()));
        assert_eq!(
            terrain.base, 0.0,
            "the ground lies below the skid, not on it"
        );
    }

    #[test]
    fn the_river_runs_past_the_intake_and_not_through_the_plant() {
        let mut assets: Vec<_> = (0..9)
            .map(|x| standing(Shape::Tank, [f64::from(x) * 10.0, 0.0, 0.0]))
            .collect();
        assets.push(standing(Shape::Intake, [-80.0, 0.0, -2.0]));
        let terrain = Terrain::of(&scene(assets, Vec::new()));
        assert!(terrain.height(-90.0, 0.0) < -2.0, "the bed");
        assert_eq!(terrain.height(0.0, 0.0), 0.0, "the plant");
    }
}

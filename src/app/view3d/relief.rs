//! The land under a network, which may be a whole city: a grid of heights through its
//! junctions and mains.
//!
//! What lies between them is filled in from coarse to fine (pull-push, Gortler et al. 1996).
//! The land never rises above a main, so that none is hidden; beyond the network it goes
//! over into a plane.

use bevy::math::{Vec2, Vec3};

use super::super::coords;
use crate::scene::{Scene, Shape};

/// Cells across the network.
const CELLS: f32 = 180.0;
/// The land goes over into the plane within this share of the network's size.
const FADE: f32 = 0.22;
/// The land lies this far below what it carries, as a share of a cell, m per m.
const BELOW: f32 = 0.02;
/// So many cells away from the network nothing is known of the land.
const SURE_CELLS: f32 = 14.0;
/// Rounds of drawing the grid through its samples.
const ROUNDS: usize = 4;
/// Slopes are lit as if they were this steep on average: a city's land is nearly flat.
const LIT_SLOPE: f32 = 0.3;
/// No slope is lit as if it were steeper than this.
const STEEPEST_LIT: f32 = 0.9;
/// But never as if they were more than this many times as steep.
const STEEPER: f32 = 30.0;

/// Heights on a grid, m.
#[derive(Clone, Debug)]
pub(super) struct Relief {
    low: Vec2,
    step: f32,
    columns: usize,
    rows: usize,
    heights: Vec<f32>,
    /// How sure each height is, 0 to 1: 1 near the network, 0 far from it.
    sureness: Vec<f32>,
    /// The plane around it.
    pub(super) base: f32,
    /// How much steeper slopes are lit than they are.
    steeper: f32,
}

impl Relief {
    /// The land under the networks of a scene; `None` if it has none.
    pub(super) fn of(scene: &Scene) -> Option<Self> {
        let marks = marks(scene);
        let (low, high) = marks.iter().fold(
            (Vec2::INFINITY, Vec2::NEG_INFINITY),
            |(low, high), (at, _)| (low.min(*at), high.max(*at)),
        );
        let size = (high - low).length();
        if !size.is_finite() {
            return None;
        }
        let mut heights: Vec<f32> = marks.iter().map(|mark| mark.1).collect();
        heights.sort_by(f32::total_cmp);
        let base = heights[heights.len() / 2];
        let step = (size / CELLS).max(1.0);
        let fade = (size * FADE).max(step * 4.0);
        let cells = ((high - low + Vec2::splat(fade * 2.0)) / step).ceil();
        let (columns, rows) = (cells.x as usize + 2, cells.y as usize + 2);
        let mut relief = Self {
            low: low - Vec2::splat(fade),
            step,
            columns,
            rows,
            heights: vec![base; columns * rows],
            sureness: Vec::new(),
            base,
            steeper: 1.0,
        };
        relief.heights = filled(&relief, &marks, base);
        relief.sureness = relief.nearness(&marks);
        for _ in 0..ROUNDS {
            relief.draw_through(&marks);
        }
        relief.fade(low, high, fade);
        relief.sink_below(&marks, step * BELOW);
        relief.steeper = relief.lit_slope();
        Some(relief)
    }

    /// The height at a place, m.
    pub(super) fn height(&self, at: Vec2) -> f32 {
        let Some(corners) = self.corners(at) else {
            return self.base;
        };
        corners
            .iter()
            .map(|(place, share)| self.heights[*place] * share)
            .sum()
    }

    /// How sure the height is, 0 to 1.
    pub(super) fn known(&self, x: f32, z: f32) -> f32 {
        let corners = self.corners(Vec2::new(x, z)).into_iter().flatten();
        corners
            .map(|(place, share)| self.sureness[place] * share)
            .sum()
    }

    /// The upright there, as light should see it.
    pub(super) fn normal(&self, at: Vec2) -> Vec3 {
        let off = self.step;
        let east = self.height(at + Vec2::X * off) - self.height(at - Vec2::X * off);
        let south = self.height(at + Vec2::Y * off) - self.height(at - Vec2::Y * off);
        let slope = Vec2::new(east, south) / (off * 2.0) * self.steeper;
        // What is steep anyway is not made a wall.
        let lit = slope / (1.0 + slope.length() / STEEPEST_LIT);
        Vec3::new(-lit.x, 1.0, -lit.y).normalize()
    }

    /// Where its columns and rows of points lie.
    pub(super) fn ticks(&self) -> (Vec<f32>, Vec<f32>) {
        let along = |low: f32, count: usize| {
            (0..count)
                .map(|place| low + self.step * place as f32)
                .collect()
        };
        (
            along(self.low.x, self.columns),
            along(self.low.y, self.rows),
        )
    }

    /// From the lowest to the highest point, m.
    pub(super) fn rise(&self) -> f32 {
        let (low, high) = self
            .heights
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), height| {
                (low.min(*height), high.max(*height))
            });
        high - low
    }

    /// The three points around a place, and the share of each; `None` outside the grid.
    ///
    /// A cell is two triangles, as it is drawn: nothing that lies on them is hidden.
    fn corners(&self, at: Vec2) -> Option<[(usize, f32); 3]> {
        let cell = (at - self.low) / self.step;
        let last = Vec2::new((self.columns - 1) as f32, (self.rows - 1) as f32);
        if !(cell.cmpge(Vec2::ZERO).all() && cell.cmplt(last).all()) {
            return None;
        }
        let (corner, share) = (cell.floor(), cell.fract());
        let place = corner.y as usize * self.columns + corner.x as usize;
        let (x, y) = (share.x, share.y);
        let (right, below) = (place + 1, place + self.columns);
        Some(if x + y <= 1.0 {
            [(place, 1.0 - x - y), (right, x), (below, y)]
        } else {
            [(below + 1, x + y - 1.0), (below, 1.0 - x), (right, 1.0 - y)]
        })
    }

    /// 1 at marks, falling to 0 a few cells away.
    fn nearness(&self, marks: &[(Vec2, f32)]) -> Vec<f32> {
        let mut near = vec![0.0_f32; self.heights.len()];
        for (at, _) in marks {
            for (place, _) in self.corners(*at).into_iter().flatten() {
                near[place] = 1.0;
            }
        }
        // Forth and back along rows and columns: each point hears of the nearest mark.
        let (columns, rows) = (self.columns, self.rows);
        let spread = |near: &mut [f32], to: usize, from: usize| {
            near[to] = near[to].max(near[from] - 1.0 / SURE_CELLS);
        };
        for row in 0..rows {
            let first = row * columns;
            (1..columns).for_each(|place| spread(&mut near, first + place, first + place - 1));
            let back = (1..columns).rev();
            back.for_each(|place| spread(&mut near, first + place - 1, first + place));
        }
        for column in 0..columns {
            let at = |row: usize| row * columns + column;
            (1..rows).for_each(|row| spread(&mut near, at(row), at(row - 1)));
            (1..rows)
                .rev()
                .for_each(|row| spread(&mut near, at(row - 1), at(row)));
        }
        near
    }

    /// Moves the grid towards its marks, each by what it misses them.
    fn draw_through(&mut self, marks: &[(Vec2, f32)]) {
        let mut missing = vec![(0.0, 0.0); self.heights.len()];
        for (at, height) in marks {
            let Some(corners) = self.corners(*at) else {
                continue;
            };
            let miss = height - self.height(*at);
            for (place, share) in corners {
                let (sum, weight): &mut (f32, f32) = &mut missing[place];
                *sum += miss * share;
                *weight += share;
            }
        }
        for (height, (sum, weight)) in self.heights.iter_mut().zip(missing) {
            if weight > 1e-3 {
                *height += sum / weight;
            }
        }
    }

    /// Lets the land go over into the plane outside the box of the network.
    fn fade(&mut self, low: Vec2, high: Vec2, reach: f32) {
        for place in 0..self.heights.len() {
            let column = (place % self.columns) as f32;
            let row = (place / self.columns) as f32;
            let at = self.low + Vec2::new(column, row) * self.step;
            let out = at.distance(at.clamp(low, high)) / reach;
            let share = (1.0 - out).clamp(0.0, 1.0);
            let share = share * share * (3.0 - 2.0 * share);
            self.heights[place] = self.base + (self.heights[place] - self.base) * share;
        }
    }

    /// Lowers the land wherever it would cover a mark.
    fn sink_below(&mut self, marks: &[(Vec2, f32)], below: f32) {
        let mut sink = vec![0.0_f32; self.heights.len()];
        for (at, height) in marks {
            let over = self.height(*at) - (height - below);
            let Some(corners) = self.corners(*at).filter(|_| over > 0.0) else {
                continue;
            };
            for (place, _) in corners {
                sink[place] = sink[place].max(over);
            }
        }
        for (height, sink) in self.heights.iter_mut().zip(sink) {
            *height -= sink;
        }
    }

    fn lit_slope(&self) -> f32 {
        let mut squares = 0.0;
        let mut count = 0.0_f32;
        for row in self.heights.chunks(self.columns) {
            for pair in row.windows(2) {
                squares += ((pair[1] - pair[0]) / self.step).powi(2);
                count += 1.0;
            }
        }
        let slope = (squares / count.max(1.0)).sqrt();
        (LIT_SLOPE / slope.max(1e-6)).clamp(1.0, STEEPER)
    }
}

/// Points that the land should go through: junctions, and mains at every few metres.
fn marks(scene: &Scene) -> Vec<(Vec2, f32)> {
    let mut marks = Vec::new();
    let network = || scene.assets.iter().filter(|asset| asset.symbol > 0.0);
    for asset in network().filter(|asset| asset.shape == Shape::Junction) {
        let at = coords::point(asset.position);
        marks.push((Vec2::new(at.x, at.z), at.y));
    }
    let (low, high) = marks.iter().fold(
        (Vec2::INFINITY, Vec2::NEG_INFINITY),
        |(low, high), (at, _): &(Vec2, f32)| (low.min(*at), high.max(*at)),
    );
    // Some marks in every cell that a main crosses, or the land would rise between two.
    let apart = ((high - low).length() / CELLS).max(1.0) * 0.25;
    for asset in network() {
        for leg in asset.route.windows(2) {
            let (from, to) = (coords::point(leg[0]), coords::point(leg[1]));
            let pieces = ((from.distance(to) / apart).ceil() as usize).clamp(1, 4 * CELLS as usize);
            for piece in 0..=pieces {
                let at = from.lerp(to, piece as f32 / pieces as f32);
                marks.push((Vec2::new(at.x, at.z), at.y));
            }
        }
    }
    marks
}

/// One level of the pyramid: heights, and how sure each is.
struct Level {
    columns: usize,
    rows: usize,
    points: Vec<(f32, f32)>,
}

/// Heights at all points of the grid: means where there are marks, smooth between them.
fn filled(grid: &Relief, marks: &[(Vec2, f32)], base: f32) -> Vec<f32> {
    let mut points = vec![(0.0, 0.0); grid.heights.len()];
    for (at, height) in marks {
        for (place, share) in grid.corners(*at).into_iter().flatten() {
            let (sum, weight): &mut (f32, f32) = &mut points[place];
            *sum += height * share;
            *weight += share;
        }
    }
    for (sum, weight) in &mut points {
        if *weight > 0.0 {
            *sum /= *weight;
        }
        *weight = weight.min(1.0);
    }
    let mut pyramid = vec![Level {
        columns: grid.columns,
        rows: grid.rows,
        points,
    }];
    while let Some(finest) = pyramid.last()
        && finest.points.len() > 1
    {
        let coarser = pulled(finest);
        pyramid.push(coarser);
    }
    let mut heights = vec![base];
    let mut shape = (1, 1);
    for level in pyramid.iter().rev() {
        heights = pushed(level, &heights, shape);
        shape = (level.columns, level.rows);
    }
    heights
}

/// The level of half as many points each way.
fn pulled(fine: &Level) -> Level {
    let (columns, rows) = (fine.columns.div_ceil(2), fine.rows.div_ceil(2));
    let mut sums = vec![(0.0_f32, 0.0_f32); columns * rows];
    for (place, (height, weight)) in fine.points.iter().enumerate() {
        let (column, row) = (place % fine.columns / 2, place / fine.columns / 2);
        let sum = &mut sums[row * columns + column];
        sum.0 += height * weight;
        sum.1 += weight;
    }
    let mean = |(sum, weight): (f32, f32)| {
        let height = if weight > 0.0 { sum / weight } else { 0.0 };
        (height, weight.min(1.0))
    };
    Level {
        columns,
        rows,
        points: sums.into_iter().map(mean).collect(),
    }
}

/// The heights of a level, with those of the coarser one where it is not sure.
fn pushed(level: &Level, coarse: &[f32], (columns, rows): (usize, usize)) -> Vec<f32> {
    let from_coarse = |column: usize, row: usize| {
        let x = ((column as f32 - 0.5) * 0.5).clamp(0.0, (columns - 1) as f32);
        let y = ((row as f32 - 0.5) * 0.5).clamp(0.0, (rows - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, low) = ((left + 1).min(columns - 1), (top + 1).min(rows - 1));
        let (x, y) = (x.fract(), y.fract());
        let at = |column: usize, row: usize| coarse[row * columns + column];
        let upper = at(left, top) * (1.0 - x) + at(right, top) * x;
        let lower = at(left, low) * (1.0 - x) + at(right, low) * x;
        upper * (1.0 - y) + lower * y
    };
    let points = level.points.iter().enumerate();
    points
        .map(|(place, (height, weight))| {
            if *weight >= 1.0 {
                return *height;
            }
            let guess = from_coarse(place % level.columns, place / level.columns);
            height * weight + guess * (1.0 - weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::drivers::testing::{asset, scene};
    use super::*;

    /// Junctions on a slope: 20 m higher every kilometre to the east.
    fn network() -> Scene {
        let mut assets = Vec::new();
        for place in 0..100_u32 {
            let (east, north) = (f64::from(place % 10) * 300.0, f64::from(place / 10) * 300.0);
            let mut junction = asset(Shape::Junction, 0..0, Vec::new());
            junction.symbol = 4.0;
            junction.position = [east, north, east * 0.02 + 100.0];
            assets.push(junction);
        }
        let mut main = asset(Shape::Pipe, 0..0, Vec::new());
        main.symbol = 2.0;
        main.route = vec![[0.0, 0.0, 100.0], [2_700.0, 2_700.0, 154.0]];
        assets.push(main);
        scene(assets, Vec::new())
    }

    #[test]
    fn the_land_carries_the_network_and_hides_none_of_it() {
        let scene = network();
        let relief = Relief::of(&scene).expect("there is a network");
        for (at, height) in marks(&scene) {
            let ground = relief.height(at);
            assert!(ground <= height + 1e-3, "{at}: {ground} hides {height}");
            assert!(
                ground > height - 3.0,
                "{at}: {ground} lies far below {height}"
            );
        }
        let between = relief.height(Vec2::new(1_350.0, -1_050.0));
        assert!((between - 127.0).abs() < 3.0, "{between}");
    }

    #[test]
    fn far_away_the_land_is_a_plane() {
        let relief = Relief::of(&network()).expect("there is a network");
        assert_eq!(relief.height(Vec2::new(90_000.0, 0.0)), relief.base);
        assert!(relief.rise() > 40.0);
    }

    #[test]
    fn a_plant_without_a_network_has_none() {
        let tank = asset(Shape::Tank, 0..0, Vec::new());
        assert!(Relief::of(&scene(vec![tank], Vec::new())).is_none());
    }
}

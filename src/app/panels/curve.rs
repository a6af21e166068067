//! A signal over time as lines on the screen: decimated per point, with its gaps as gaps.

use egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke};

use super::axis::TimeAxis;
use super::curve_cache::CurveCache;
use crate::history::{Column, ColumnGrid, History};
use crate::scene::Signal;
use crate::signal::{Origin, QualityClass, SignalId};
use crate::time::Timestamp;
use crate::units::Unit;

/// Values from bottom to top of a strip, in the signal's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueAxis {
    /// The value at the bottom.
    pub low: f64,
    /// The value at the top.
    pub high: f64,
    /// The strip.
    pub rect: Rect,
}

impl ValueAxis {
    /// Where `value` stands, points.
    pub fn y(&self, value: f64) -> f32 {
        let share = (value - self.low) / (self.high - self.low).max(f64::MIN_POSITIVE);
        self.rect.bottom() - share.clamp(-10.0, 10.0) as f32 * self.rect.height()
    }
}

/// What is asked of the history for one curve.
#[derive(Clone, Copy, Debug)]
pub struct CurveQuery {
    /// Whose samples.
    pub origin: Origin,
    /// Of which signal.
    pub signal: SignalId,
    /// Samples further apart than this are not joined, s.
    pub join_secs: f64,
}

impl CurveQuery {
    /// What was measured: samples are joined for as long as they do not read as stale.
    pub fn measured(id: SignalId, signal: &Signal) -> Self {
        Self {
            origin: Origin::Measured,
            signal: id,
            join_secs: signal.max_age.as_secs_f64(),
        }
    }
}

/// A stretch without gap and of one trust.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Instants as points of the axis, values in SI.
    pub points: Vec<(f32, f64)>,
    /// False if a sample of it is uncertain or bad.
    pub good: bool,
}

/// A curve as it is drawn, and where there is something wrong with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// What is drawn.
    pub pieces: Vec<Piece>,
    /// Stretches without usable data between its samples, in order of time.
    pub troubles: Vec<Trouble>,
}

/// A stretch of a curve in which it tells nothing that could be used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trouble {
    /// Its first instant.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// True if samples came that say themselves that they are bad; else none came in time.
    pub bad: bool,
}

/// How finely a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A column for each point of the screen, with its first and its last value.
    Full,
    /// A column for each two points, with its extremes alone: for many curves at once.
    Coarse,
}

/// What a curve last said before a stretch of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Before {
    at: Timestamp,
    value: f64,
    /// True if a sample beside it says itself that it is bad.
    bad: bool,
    /// True if all samples beside it are good.
    good: bool,
    /// The first instant beside it, and the lowest and the highest value.
    began: Timestamp,
    extremes: (f64, f64),
}

impl Before {
    /// The last sample before an instant.
    pub(super) fn of(history: &History, query: CurveQuery, start: Timestamp) -> Option<Self> {
        let earlier = Timestamp::from_nanos(start.nanos().checked_sub(1)?);
        let sample = history
            .latest_at(query.origin, query.signal, earlier)?
            .sample;
        let class = sample.quality.class();
        Some(Self {
            at: sample.at,
            value: sample.value,
            bad: class == QualityClass::Bad,
            good: class == QualityClass::Good,
            began: sample.at,
            extremes: (sample.value, sample.value),
        })
    }

    /// The points that lead a piece in: all that its column spans where only the stretch is
    /// another, so that the two meet without a seam.
    fn lead(&self, good: bool, axis: &TimeAxis, detail: Detail) -> Vec<(f32, f64)> {
        let end = (axis.x(self.at), self.value);
        let (low, high) = self.extremes;
        if detail == Detail::Full || self.good != good || low == high {
            return vec![end];
        }
        let rises = high - self.value < self.value - low;
        let (first, last) = if rises { (low, high) } else { (high, low) };
        vec![(axis.x(self.began), first), (end.0, last)]
    }
}

impl Detail {
    /// How wide a column is, points.
    fn column_points(self) -> usize {
        match self {
            Self::Full => 1,
            Self::Coarse => 2,
        }
    }

    /// Columns keep their places while the window slides, or the curve would shimmer. One
    /// more on each side leads the line in and out.
    pub(super) fn grid(self, axis: &TimeAxis) -> ColumnGrid {
        let points = self.column_points();
        let count = ((axis.right - axis.left) as usize / points).clamp(1, 4_096);
        ColumnGrid::around(axis.from, axis.to, count)
    }
}

/// The pieces of a curve on an axis, left to right; with `steps`, a value holds until the next.
pub fn pieces(history: &History, query: CurveQuery, axis: &TimeAxis, steps: bool) -> Vec<Piece> {
    CurveCache::default()
        .curve(history, query, axis, steps, Detail::Full)
        .pieces
}

/// The lines of some columns of a grid, left to right, and how they end.
pub(super) fn lines<'a>(
    columns: impl Iterator<Item = Option<&'a Column>>,
    before: Option<Before>,
    query: CurveQuery,
    axis: &TimeAxis,
    grid: ColumnGrid,
    (steps, detail): (bool, Detail),
) -> (Curve, Option<Before>) {
    // Half a column of grace: a regular sample is never exactly on time.
    let grace = grid.width as f64 * 0.5e-9;
    let mut curve = Curve::default();
    let pieces = &mut curve.pieces;
    let mut last = before;
    for column in columns.flatten() {
        let good = column.worst.class() == QualityClass::Good;
        let bad = column.worst.class() == QualityClass::Bad;
        let joined =
            last.filter(|last| column.first.at.secs_since(last.at) <= query.join_secs + grace);
        if let Some(last) = last.filter(|_| joined.is_none()) {
            curve.troubles.push(Trouble {
                from: last.at.plus_secs(query.join_secs),
                to: column.first.at,
                bad: false,
            });
        }
        if bad {
            let goes_on = joined.filter(|last| last.bad);
            match curve.troubles.last_mut() {
                Some(before) if before.bad && goes_on.is_some() => before.to = column.last.at,
                _ => curve.troubles.push(Trouble {
                    from: goes_on.map_or(column.first.at, |last| last.at),
                    to: column.last.at,
                    bad: true,
                }),
            }
        }
        let goes_on = joined.is_some() && pieces.last().is_some_and(|piece| piece.good == good);
        if !goes_on {
            let lead = joined.map(|last| last.lead(good, axis, detail));
            pieces.push(Piece {
                points: lead.unwrap_or_default(),
                good,
            });
        }
        if let Some(piece) = pieces.last_mut() {
            if let Some(last) = joined.filter(|_| steps) {
                piece.points.push((axis.x(column.first.at), last.value));
            }
            match detail {
                Detail::Full => piece.add(column, axis),
                Detail::Coarse => piece.add_extremes(column, axis),
            }
        }
        last = Some(Before {
            at: column.last.at,
            value: column.last.value,
            bad,
            good,
            began: column.first.at,
            extremes: (column.min, column.max),
        });
    }
    (curve, last)
}

impl Piece {
    fn add(&mut self, column: &Column, axis: &TimeAxis) {
        let (left, right) = (axis.x(column.first.at), axis.x(column.last.at));
        self.points.push((left, column.first.value));
        if column.count > 2 {
            let middle = (left + right) / 2.0;
            self.points.push((middle, column.min));
            self.points.push((middle, column.max));
        }
        if column.count > 1 {
            self.points.push((right, column.last.value));
        }
    }

    /// The lowest and the highest value, the one nearer to where the line comes from first.
    fn add_extremes(&mut self, column: &Column, axis: &TimeAxis) {
        let (left, right) = (axis.x(column.first.at), axis.x(column.last.at));
        let falls = column.first.value > column.last.value;
        let ends = match falls {
            true => [column.max, column.min],
            false => [column.min, column.max],
        };
        self.points.push((left, ends[0]));
        if column.count > 1 {
            self.points.push((right, ends[1]));
        }
    }
}

/// Paints pieces as lines: solid where good, dashed where not, a dot where alone.
pub fn paint_pieces(
    painter: &Painter,
    pieces: &[Piece],
    unit: Unit,
    axis: &ValueAxis,
    stroke: Stroke,
    dashed: bool,
) {
    painter.extend(piece_shapes(pieces, unit, axis, stroke, dashed));
}

/// What [`paint_pieces`] paints.
pub(super) fn piece_shapes(
    pieces: &[Piece],
    unit: Unit,
    axis: &ValueAxis,
    stroke: Stroke,
    dashed: bool,
) -> Vec<Shape> {
    let faint = Stroke::new(stroke.width, stroke.color.gamma_multiply(0.75));
    let mut shapes = Vec::new();
    for piece in pieces {
        let points: Vec<Pos2> = piece
            .points
            .iter()
            .map(|&(x, si)| Pos2::new(x, axis.y(unit.from_si(si))))
            .collect();
        match points.as_slice() {
            [] => {}
            [alone] => {
                let radius = stroke.width.max(1.5);
                shapes.push(Shape::circle_filled(*alone, radius, stroke.color));
            }
            _ if !piece.good => shapes.extend(Shape::dashed_line(&points, faint, 2.0, 3.0)),
            _ if dashed => shapes.extend(Shape::dashed_line(&points, stroke, 6.0, 4.0)),
            _ => shapes.push(Shape::line(points, stroke)),
        }
    }
    shapes
}

/// What fills between two curves of a run's ensemble.
pub(super) fn band_mesh(
    (low, high): (&[Piece], &[Piece]),
    unit: Unit,
    axis: &ValueAxis,
    fill: Color32,
) -> Mesh {
    let mut mesh = Mesh::default();
    for (below, above) in low.iter().zip(high) {
        let first = mesh.vertices.len() as u32;
        for (&(x, low), &(_, high)) in below.points.iter().zip(&above.points) {
            mesh.colored_vertex(Pos2::new(x, axis.y(unit.from_si(low))), fill);
            mesh.colored_vertex(Pos2::new(x, axis.y(unit.from_si(high))), fill);
        }
        for corner in (first + 2..mesh.vertices.len() as u32).step_by(2) {
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
    }
    mesh
}

/// The same as one outline for each stretch without gap.
pub(super) fn band_outlines(
    (low, high): (&[Piece], &[Piece]),
    unit: Unit,
    axis: &ValueAxis,
    fill: Color32,
) -> Vec<Shape> {
    let at = |&(x, si): &(f32, f64)| Pos2::new(x, axis.y(unit.from_si(si)));
    let outlines = low.iter().zip(high).map(|(below, above)| {
        let count = below.points.len().min(above.points.len());
        let there = below.points[..count].iter().map(at);
        let back = above.points[..count].iter().rev().map(at);
        egui::epaint::PathShape {
            points: there.chain(back).collect(),
            closed: true,
            fill,
            stroke: Stroke::NONE.into(),
        }
        .into()
    });
    outlines.collect()
}

/// Lowest and highest value, SI, of some curves.
pub fn extent<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Option<(f64, f64)> {
    pieces
        .into_iter()
        .flat_map(|piece| piece.points.iter().map(|point| point.1))
        .fold(None, |found, value| {
            let (low, high) = found.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        })
}

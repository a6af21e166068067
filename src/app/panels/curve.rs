//! A signal over time as lines on the screen: decimated per point, with its gaps as gaps.

use std::collections::BTreeMap;

use egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke};

use super::axis::TimeAxis;
use crate::history::{Column, ColumnGrid, History, SlidingColumns};
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

/// The columns of curves that are drawn frame after frame, so that a frame costs what is new.
#[derive(Debug, Default)]
pub struct CurveCache {
    kept: BTreeMap<(Origin, SignalId), (SlidingColumns, u64)>,
    frame: u64,
}

impl CurveCache {
    /// Forgets what was not drawn in the last frame.
    pub fn begin_frame(&mut self) {
        let last = self.frame;
        self.kept.retain(|_, (_, used)| *used == last);
        self.frame += 1;
    }

    /// The curve on an axis, as [`pieces`] would make it anew.
    pub fn curve(
        &mut self,
        history: &History,
        query: CurveQuery,
        axis: &TimeAxis,
        steps: bool,
        detail: Detail,
    ) -> Curve {
        let (columns, used) = self.kept.entry((query.origin, query.signal)).or_default();
        *used = self.frame;
        let grid = detail.grid(axis);
        let columns = columns.update(history, query.origin, query.signal, grid);
        lines(columns, query, axis, steps, detail)
    }
}

impl Detail {
    /// Columns keep their places while the window slides, or the curve would shimmer. One
    /// more on each side leads the line in and out.
    fn grid(self, axis: &TimeAxis) -> ColumnGrid {
        let points = match self {
            Self::Full => 1,
            Self::Coarse => 2,
        };
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

fn lines<'a>(
    columns: impl Iterator<Item = Option<&'a Column>>,
    query: CurveQuery,
    axis: &TimeAxis,
    steps: bool,
    detail: Detail,
) -> Curve {
    // Half a column of grace: a regular sample is never exactly on time.
    let grace = detail.grid(axis).width as f64 * 0.5e-9;
    let mut curve = Curve::default();
    let pieces = &mut curve.pieces;
    let mut last: Option<(Timestamp, f64)> = None;
    for column in columns.flatten() {
        let good = column.worst.class() == QualityClass::Good;
        let joined =
            last.filter(|(at, _)| column.first.at.secs_since(*at) <= query.join_secs + grace);
        if let Some((at, _)) = last.filter(|_| joined.is_none()) {
            curve.troubles.push(Trouble {
                from: at.plus_secs(query.join_secs),
                to: column.first.at,
                bad: false,
            });
        }
        if column.worst.class() == QualityClass::Bad {
            let from = column.first.at;
            match curve.troubles.last_mut() {
                Some(before) if before.bad && joined.is_some_and(|(at, _)| at == before.to) => {
                    before.to = column.last.at;
                }
                _ => curve.troubles.push(Trouble {
                    from,
                    to: column.last.at,
                    bad: true,
                }),
            }
        }
        let goes_on = joined.is_some() && pieces.last().is_some_and(|piece| piece.good == good);
        if !goes_on {
            let lead = joined.map(|(at, value)| (axis.x(at), value));
            pieces.push(Piece {
                points: lead.into_iter().collect(),
                good,
            });
        }
        if let Some(piece) = pieces.last_mut() {
            if let Some((_, value)) = joined.filter(|_| steps) {
                piece.points.push((axis.x(column.first.at), value));
            }
            match detail {
                Detail::Full => piece.add(column, axis),
                Detail::Coarse => piece.add_extremes(column, axis),
            }
        }
        last = Some((column.last.at, column.last.value));
    }
    curve
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
    for piece in pieces {
        let points: Vec<Pos2> = piece
            .points
            .iter()
            .map(|&(x, si)| Pos2::new(x, axis.y(unit.from_si(si))))
            .collect();
        let faint = Stroke::new(stroke.width, stroke.color.gamma_multiply(0.75));
        match points.as_slice() {
            [] => {}
            [alone] => {
                painter.circle_filled(*alone, stroke.width.max(1.5), stroke.color);
            }
            _ if !piece.good => painter.extend(Shape::dashed_line(&points, faint, 2.0, 3.0)),
            _ if dashed => painter.extend(Shape::dashed_line(&points, stroke, 6.0, 4.0)),
            _ => {
                painter.line(points, stroke);
            }
        }
    }
}

/// Fills between two curves of a run's ensemble.
pub fn paint_band(
    painter: &Painter,
    (low, high): (&[Piece], &[Piece]),
    unit: Unit,
    axis: &ValueAxis,
    fill: Color32,
) {
    for (below, above) in low.iter().zip(high) {
        let mut mesh = Mesh::default();
        for (&(x, low), &(_, high)) in below.points.iter().zip(&above.points) {
            mesh.colored_vertex(Pos2::new(x, axis.y(unit.from_si(low))), fill);
            mesh.colored_vertex(Pos2::new(x, axis.y(unit.from_si(high))), fill);
        }
        for corner in (2..mesh.vertices.len() as u32).step_by(2) {
            mesh.add_triangle(corner - 2, corner - 1, corner);
            mesh.add_triangle(corner - 1, corner, corner + 1);
        }
        painter.add(mesh);
    }
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

//! Curves that are drawn frame after frame, so that a frame costs what is new.
//!
//! A curve is cut into stretches of [`STRETCH`] columns that stand at fixed instants. A stretch
//! keeps its columns, its lines and its triangles until a sample comes into it; while the plot
//! slides, the triangles are shifted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use egui::epaint::Tessellator;
use egui::{Color32, Context, Mesh, Painter, Pos2, Shape, Stroke};

use super::axis::TimeAxis;
use super::curve::{
    self, Before, Curve, CurveQuery, Detail, Piece, ValueAxis, band_mesh, band_outlines, lines,
};
use super::ribbon::{Pen, ribbon_mesh};
use crate::history::{ColumnGrid, History, SlidingColumns};
use crate::signal::{Origin, SignalId};
use crate::units::Unit;

/// Columns in a stretch.
const STRETCH: i64 = 64;

/// Whose curve of which signal.
pub type CurveKey = (Origin, SignalId);

/// The curves that were drawn last.
#[derive(Debug, Default)]
pub struct CurveCache {
    kept: BTreeMap<CurveKey, KeptCurve>,
    frame: u64,
    /// Counts the stretches that were ever made.
    made: u64,
    inked: usize,
    /// True to paint lines, as a file of lines needs them.
    as_lines: bool,
}

/// How a curve is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The unit of the values.
    pub unit: Unit,
    /// Where values stand.
    pub values: ValueAxis,
    /// With what.
    pub stroke: Stroke,
    /// True for a line of dashes.
    pub dashed: bool,
}

#[derive(Debug, Default)]
struct KeptCurve {
    columns: SlidingColumns,
    ruling: Option<Ruling>,
    stretches: BTreeMap<i64, Stretch>,
    /// The frame in which it was asked for last.
    used: u64,
}

/// All that lines depend on besides samples.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ruling {
    column_nanos: i64,
    secs_per_point: f64,
    join_secs: f64,
    steps: bool,
    detail: Detail,
}

#[derive(Debug)]
struct Stretch {
    /// The numbers of its columns.
    columns: Range<i64>,
    before: Option<Before>,
    after: Option<Before>,
    /// Lines in points from its first instant on, and what is wrong.
    curve: Curve,
    /// Lowest and highest value, SI.
    extent: Option<(f64, f64)>,
    /// Another number whenever its lines are others.
    made: u64,
    ink: Option<Ink>,
}

/// The triangles of a stretch.
#[derive(Debug)]
struct Ink {
    look: InkLook,
    /// Where the stretch begins in the mesh, points.
    left: f32,
    mesh: Arc<Mesh>,
}

/// All that triangles depend on besides lines.
#[derive(Clone, Copy, Debug, PartialEq)]
struct InkLook {
    look: Look,
    pixels_per_point: f32,
    /// The number of the upper edge, if it is a band.
    above: Option<u64>,
}

impl CurveCache {
    /// Forgets what was not drawn in the last frame.
    pub fn begin_frame(&mut self) {
        let last = self.frame;
        self.kept.retain(|_, kept| kept.used == last);
        self.frame += 1;
        self.inked = 0;
    }

    /// How many stretches were made into triangles in this frame.
    pub fn inked(&self) -> usize {
        self.inked
    }

    /// Paints curves as lines and bands as outlines from now on, or as kept triangles again.
    pub fn draw_as_lines(&mut self, as_lines: bool) {
        self.as_lines = as_lines;
    }

    /// Makes a curve what it is on this axis; its lowest and highest value there, SI.
    pub fn bring_up(
        &mut self,
        history: &History,
        query: CurveQuery,
        axis: &TimeAxis,
        steps: bool,
        detail: Detail,
    ) -> Option<(f64, f64)> {
        let kept = self.kept.entry((query.origin, query.signal)).or_default();
        kept.used = self.frame;
        let grid = detail.grid(axis);
        let ruling = Ruling {
            column_nanos: grid.width,
            secs_per_point: axis.secs_per_point(),
            join_secs: query.join_secs,
            steps,
            detail,
        };
        let same = kept
            .columns
            .bring_up(history, query.origin, query.signal, grid);
        if kept.ruling.replace(ruling) != Some(ruling) {
            kept.stretches.clear();
        }
        kept.cut(history, query, (grid, &same), axis, &mut self.made);
        kept.extent(grid)
    }

    /// The curve on an axis, exactly as if nothing had been kept.
    pub fn curve(
        &mut self,
        history: &History,
        query: CurveQuery,
        axis: &TimeAxis,
        steps: bool,
        detail: Detail,
    ) -> Curve {
        self.bring_up(history, query, axis, steps, detail);
        let mut whole = Curve::default();
        let kept = self.kept.get(&(query.origin, query.signal));
        let width = detail.grid(axis).width;
        let stretches = kept.into_iter().flat_map(|kept| kept.stretches.values());
        for stretch in stretches {
            let left = axis.x(stretch.start(width));
            whole.pieces.extend(shifted(&stretch.curve.pieces, left));
            whole.troubles.extend(&stretch.curve.troubles);
        }
        whole
    }

    /// The stretches without usable data of a curve that was brought up.
    pub fn troubles(&self, key: CurveKey) -> impl Iterator<Item = &curve::Trouble> {
        let kept = self.kept.get(&key).into_iter();
        let stretches = kept.flat_map(|kept| kept.stretches.values());
        stretches.flat_map(|stretch| &stretch.curve.troubles)
    }

    /// Paints a curve that was brought up on this axis.
    pub fn paint(&mut self, painter: &Painter, key: CurveKey, axis: &TimeAxis, look: Look) {
        let Some(kept) = self.kept.get_mut(&key) else {
            return;
        };
        let Some(ruling) = kept.ruling else {
            return;
        };
        let width = ruling.column_nanos;
        let coarse = ruling.detail == Detail::Coarse;
        let column = (width as f64 * 1e-9 / ruling.secs_per_point) as f32;
        for stretch in kept.stretches.values_mut() {
            let left = axis.x(stretch.start(width));
            if self.as_lines {
                let pieces = shifted(&stretch.curve.pieces, left);
                let Look {
                    unit,
                    values,
                    stroke,
                    dashed,
                } = look;
                curve::paint_pieces(painter, &pieces, unit, &values, stroke, dashed);
                continue;
            }
            let Stretch { curve, ink, .. } = stretch;
            let look = InkLook::of(painter.ctx(), look, None);
            self.inked += usize::from(ink_at(ink, look, left, || {
                let Look {
                    unit,
                    values,
                    stroke,
                    dashed,
                } = look.look;
                if coarse && !dashed {
                    return ribbons(painter.ctx(), &curve.pieces, look.look, column);
                }
                let shapes = curve::piece_shapes(&curve.pieces, unit, &values, stroke, dashed);
                tessellated(painter.ctx(), shapes)
            }));
            add(painter, ink.as_ref());
        }
    }

    /// Fills between two curves that were brought up in full detail on this axis.
    pub fn paint_band(
        &mut self,
        painter: &Painter,
        (low, high): (CurveKey, CurveKey),
        axis: &TimeAxis,
        (unit, values): (Unit, ValueAxis),
        fill: Color32,
    ) {
        let Some(mut below) = self.kept.remove(&low) else {
            return;
        };
        let width = below.ruling.map(|ruling| ruling.column_nanos);
        if let (Some(above), Some(width)) = (self.kept.get(&high), width) {
            let look = Look {
                unit,
                values,
                stroke: Stroke::new(0.0, fill),
                dashed: false,
            };
            for (number, stretch) in &mut below.stretches {
                let Some(other) = above.stretches.get(number) else {
                    continue;
                };
                let left = axis.x(stretch.start(width));
                if self.as_lines {
                    let edges = [&stretch.curve, &other.curve];
                    let [low, high] = edges.map(|curve| shifted(&curve.pieces, left));
                    let outlines = band_outlines((&low, &high), unit, &values, fill);
                    painter.extend(outlines);
                    continue;
                }
                let look = InkLook::of(painter.ctx(), look, Some(other.made));
                let Stretch { curve, ink, .. } = stretch;
                self.inked += usize::from(ink_at(ink, look, left, || {
                    let edges = (&curve.pieces[..], &other.curve.pieces[..]);
                    band_mesh(edges, unit, &values, fill)
                }));
                add(painter, ink.as_ref());
            }
        }
        self.kept.insert(low, below);
    }
}

impl KeptCurve {
    /// Cuts the columns of a grid into stretches, of which those stay that are `same`.
    fn cut(
        &mut self,
        history: &History,
        query: CurveQuery,
        (grid, same): (ColumnGrid, &Range<i64>),
        axis: &TimeAxis,
        made: &mut u64,
    ) {
        let first = grid.first.div_euclid(STRETCH);
        let last = (grid.end() - 1).div_euclid(STRETCH);
        self.stretches
            .retain(|number, _| (first..=last).contains(number));
        let mut before = None;
        for number in first..=last {
            let start = (number * STRETCH).max(grid.first);
            let columns = start..((number + 1) * STRETCH).min(grid.end());
            let old = self.stretches.get(&number);
            let stays = old.is_some_and(|old| {
                let is_led_in = number == first || old.before == before;
                is_led_in
                    && same.start <= columns.start
                    && columns.end <= same.end
                    && old.columns.start <= columns.start
                    && old.columns.end == columns.end
            });
            if !stays {
                if number == first {
                    before = Before::of(history, query, grid.start(columns.start));
                }
                let stretch = self.made_anew(query, (grid, columns), before, axis, made);
                self.stretches.insert(number, stretch);
            }
            before = self.stretches.get(&number).and_then(|new| new.after);
        }
    }

    /// A stretch, with the triangles of the one in its place if its lines are the same.
    fn made_anew(
        &mut self,
        query: CurveQuery,
        (grid, columns): (ColumnGrid, Range<i64>),
        before: Option<Before>,
        axis: &TimeAxis,
        made: &mut u64,
    ) -> Stretch {
        let Some(ruling) = self.ruling else {
            unreachable!("the ruling is set before")
        };
        let number = columns.start.div_euclid(STRETCH);
        let from = grid.start(number * STRETCH);
        let own = TimeAxis {
            from,
            to: from.plus_secs(axis.span_secs()),
            left: 0.0,
            right: axis.right - axis.left,
        };
        let part = self.columns.part(grid, &columns);
        let (curve, after) = lines(
            part,
            before,
            query,
            &own,
            grid,
            (ruling.steps, ruling.detail),
        );
        let extent = extent_of(&self.columns, grid, &columns);
        let old = self.stretches.remove(&number);
        let unchanged = old.filter(|old| old.curve == curve);
        let (number, ink) = unchanged.map_or_else(
            || {
                *made += 1;
                (*made, None)
            },
            |old| (old.made, old.ink),
        );
        Stretch {
            columns,
            before,
            after,
            curve,
            extent,
            made: number,
            ink,
        }
    }

    /// Lowest and highest value, SI, in the columns of a grid.
    fn extent(&self, grid: ColumnGrid) -> Option<(f64, f64)> {
        let whole = self.stretches.values().filter_map(|stretch| {
            // What has slid out of the grid counts no more.
            match stretch.columns.start < grid.first {
                true => extent_of(&self.columns, grid, &(grid.first..stretch.columns.end)),
                false => stretch.extent,
            }
        });
        whole.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }
}

impl Stretch {
    /// The instant from which its points count.
    fn start(&self, column_nanos: i64) -> crate::time::Timestamp {
        let first = self.columns.start.div_euclid(STRETCH) * STRETCH;
        crate::time::Timestamp::from_nanos(first.saturating_mul(column_nanos))
    }
}

impl InkLook {
    fn of(ctx: &Context, look: Look, above: Option<u64>) -> Self {
        Self {
            look,
            pixels_per_point: ctx.pixels_per_point(),
            above,
        }
    }
}

/// Pieces of a stretch that begins at `left`.
fn shifted(pieces: &[Piece], left: f32) -> Vec<Piece> {
    let mut pieces = pieces.to_vec();
    for piece in &mut pieces {
        piece.points.iter_mut().for_each(|point| point.0 += left);
    }
    pieces
}

fn extent_of(
    columns: &SlidingColumns,
    grid: ColumnGrid,
    numbers: &Range<i64>,
) -> Option<(f64, f64)> {
    let extents = columns.part(grid, numbers).flatten();
    let extents = extents.map(|column| (column.min, column.max));
    extents.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// Makes the ink what it is with this look from `left` on; true if it had to be made.
fn ink_at(ink: &mut Option<Ink>, look: InkLook, left: f32, make: impl FnOnce() -> Mesh) -> bool {
    let fits = ink.as_ref().is_some_and(|ink| ink.look == look);
    if !fits {
        *ink = Some(Ink {
            look,
            left: 0.0,
            mesh: Arc::new(make()),
        });
    }
    if let Some(ink) = ink {
        // The axis moves by whole pixels; what is less is rounding.
        let pixels = (left - ink.left) * look.pixels_per_point;
        let shift = match fits {
            true => pixels.round() / look.pixels_per_point,
            false => left,
        };
        if shift != 0.0 {
            let mesh = Arc::make_mut(&mut ink.mesh);
            mesh.vertices
                .iter_mut()
                .for_each(|vertex| vertex.pos.x += shift);
            ink.left += shift;
        }
    }
    !fits
}

fn add(painter: &Painter, ink: Option<&Ink>) {
    let mesh = ink.filter(|ink| !ink.mesh.is_empty());
    if let Some(ink) = mesh {
        painter.add(Shape::Mesh(ink.mesh.clone()));
    }
}

/// Pieces of columns as ribbons; those that are not good, or one sample alone, as ever.
fn ribbons(ctx: &Context, pieces: &[Piece], look: Look, column: f32) -> Mesh {
    let Look {
        unit,
        values,
        stroke,
        dashed,
    } = look;
    let pen = Pen {
        column,
        stroke,
        pixel: 1.0 / ctx.pixels_per_point(),
    };
    let mut mesh = Mesh::default();
    for piece in pieces {
        mesh.append(match piece.good && piece.points.len() > 1 {
            true => {
                let points = piece.points.iter();
                let points = points.map(|&(x, si)| Pos2::new(x, values.y(unit.from_si(si))));
                ribbon_mesh(points, pen)
            }
            false => {
                let piece = std::slice::from_ref(piece);
                tessellated(
                    ctx,
                    curve::piece_shapes(piece, unit, &values, stroke, dashed),
                )
            }
        });
    }
    mesh
}

/// Shapes without words as triangles.
fn tessellated(ctx: &Context, shapes: Vec<Shape>) -> Mesh {
    let options = ctx.tessellation_options(|options| *options);
    let mut tessellator = Tessellator::new(ctx.pixels_per_point(), options, [1, 1], Vec::new());
    let mut mesh = Mesh::default();
    for shape in shapes {
        tessellator.tessellate_shape(shape, &mut mesh);
    }
    mesh
}

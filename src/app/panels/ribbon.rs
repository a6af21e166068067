//! A line through far more samples than points, as a ribbon: as high at each column as its
//! samples reach. It has a fraction of the triangles of a line that goes up and down in each.

use egui::{Color32, Mesh, Pos2, Stroke};

/// Where the ribbon is higher than this, softened edges could not be seen: they change with
/// every column. Pixels.
const RAGGED: f32 = 12.0;
/// A part of a pixel that nobody sees.
const UNSEEN: f32 = 0.05;

/// At most so many columns are left out in a row.
const LONGEST: usize = 16;

/// How a ribbon is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    /// Points that are as near to each other, left to right, are at one column.
    pub(super) column: f32,
    /// The line that the ribbon stands for.
    pub(super) stroke: Stroke,
    /// How large a pixel is, points.
    pub(super) pixel: f32,
}

/// What a line covers at a column.
#[derive(Clone, Copy, Debug)]
struct Section {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
}

/// A section as corners of triangles, from top to bottom.
#[derive(Clone, Copy, Debug)]
struct Corners {
    first: u32,
    count: u32,
}

/// The triangles of a line through points that go from left to right, at columns that stand at
/// whole multiples of their width.
pub(super) fn ribbon_mesh(points: impl Iterator<Item = Pos2>, pen: Pen) -> Mesh {
    let sections = straightened(sections(points, pen.column), pen.pixel);
    let mut mesh = Mesh::default();
    let mut last: Option<Corners> = None;
    for place in 0..sections.len() {
        let before = place.checked_sub(1).map(|before| sections[before]);
        let after = sections.get(place + 1).copied();
        let section = sections[place];
        let alone = before.is_none() && after.is_none();
        let half = pen.stroke.width / 2.0;
        let xs = match alone {
            true => [section.middle() - half, section.middle() + half].to_vec(),
            false => vec![section.middle()],
        };
        for x in xs {
            let corners = section.corners(&mut mesh, x, (before, after), pen);
            if let Some(last) = last.replace(corners) {
                join(&mut mesh, last, corners);
            }
        }
    }
    mesh
}

/// What the line covers at each column.
fn sections(points: impl Iterator<Item = Pos2>, column: f32) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut number = i64::MIN;
    for point in points {
        // A sample at the border of two is in the later one, whatever was rounded.
        let own = (point.x / column + 0.01).floor() as i64;
        match sections.last_mut().filter(|_| own == number) {
            Some(section) => section.take_in(point),
            None => sections.push(Section::at(point)),
        }
        number = own;
    }
    sections
}

/// Without those that lie where the ribbon between their neighbours is anyway.
fn straightened(sections: Vec<Section>, pixel: f32) -> Vec<Section> {
    let mut kept: Vec<Section> = Vec::with_capacity(sections.len());
    // What was left out since the last one kept.
    let mut left_out: Vec<Section> = Vec::new();
    for section in sections {
        if let Some(&from) = kept.last()
            && let Some(&before) = left_out.last()
        {
            let on_the_way = |between: &Section| between.is_between(&from, &section, pixel);
            if left_out.len() == LONGEST || !left_out.iter().all(on_the_way) {
                kept.push(before);
                left_out.clear();
            }
        }
        match kept.is_empty() {
            true => kept.push(section),
            false => left_out.push(section),
        }
    }
    kept.extend(left_out.last());
    kept
}

impl Section {
    fn at(point: Pos2) -> Self {
        Self {
            left: point.x,
            right: point.x,
            top: point.y,
            bottom: point.y,
        }
    }

    fn take_in(&mut self, point: Pos2) {
        self.left = self.left.min(point.x);
        self.right = self.right.max(point.x);
        self.top = self.top.min(point.y);
        self.bottom = self.bottom.max(point.y);
    }

    fn middle(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }

    /// True if nobody sees a difference when the ribbon goes straight from one to the other.
    fn is_between(&self, from: &Self, to: &Self, pixel: f32) -> bool {
        let share = (self.middle() - from.middle()) / (to.middle() - from.middle()).max(1e-6);
        let off = |own: f32, from: f32, to: f32| (own - (from + (to - from) * share)).abs();
        off(self.top, from.top, to.top) < UNSEEN * pixel
            && off(self.bottom, from.bottom, to.bottom) < UNSEEN * pixel
    }

    /// How steep the line is that leads to a neighbour which lies wholly above, or below.
    fn climbs_to(&self, other: Option<Self>) -> (f32, f32) {
        other.map_or((0.0, 0.0), |other| {
            let across = (other.middle() - self.middle()).abs().max(1e-3);
            let up = (self.top - other.bottom).max(0.0) / across;
            let down = (other.top - self.bottom).max(0.0) / across;
            (up, down)
        })
    }

    /// Adds its corners at `x`. A line that climbs is as thick across as one that does not, and
    /// no column reaches further than its samples where no line leads on.
    fn corners(
        &self,
        mesh: &mut Mesh,
        x: f32,
        (before, after): (Option<Self>, Option<Self>),
        pen: Pen,
    ) -> Corners {
        let (one, other) = (self.climbs_to(before), self.climbs_to(after));
        let thicker = |climb: f32| (1.0 + climb * climb).sqrt();
        let (up, down) = (thicker(one.0.max(other.0)), thicker(one.1.max(other.1)));
        let half = pen.stroke.width / 2.0;
        let soft = pen.pixel / 2.0;
        let inner = (half - soft).max(0.0);
        let (top, bottom) = (self.top - inner * up, self.bottom + inner * down);
        let (above, below) = (
            self.top - (half + soft) * up,
            self.bottom + (half + soft) * down,
        );
        let first = mesh.vertices.len() as u32;
        let mut corner = |y: f32, colour: Color32| mesh.colored_vertex(Pos2::new(x, y), colour);
        let (ink, clear) = (pen.stroke.color, Color32::TRANSPARENT);
        if bottom - top > RAGGED * pen.pixel {
            corner(self.top - half * up, ink);
            corner(self.bottom + half * down, ink);
        } else if bottom - top > UNSEEN * pen.pixel {
            corner(above, clear);
            corner(top, ink);
            corner(bottom, ink);
            corner(below, clear);
        } else {
            corner(above, clear);
            corner(f32::midpoint(top, bottom), ink);
            corner(below, clear);
        }
        let count = mesh.vertices.len() as u32 - first;
        Corners { first, count }
    }
}

/// Fills between two sections, which may have different numbers of corners.
fn join(mesh: &mut Mesh, from: Corners, to: Corners) {
    let (mut left, mut right) = (0, 0);
    while left + 1 < from.count || right + 1 < to.count {
        let (a, b) = (from.first + left, to.first + right);
        if (left + 1) * (to.count - 1) <= (right + 1) * (from.count - 1) && left + 1 < from.count {
            mesh.add_triangle(a, a + 1, b);
            left += 1;
        } else {
            mesh.add_triangle(a, b, b + 1);
            right += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEN: Pen = Pen {
        column: 2.0,
        stroke: Stroke {
            width: 1.0,
            color: Color32::WHITE,
        },
        pixel: 1.0,
    };

    fn ribbon(points: &[(f32, f32)]) -> Mesh {
        let mesh = ribbon_mesh(points.iter().map(|&(x, y)| Pos2::new(x, y)), PEN);
        assert!(mesh.is_valid());
        mesh
    }

    fn inked(mesh: &Mesh) -> impl Iterator<Item = Pos2> {
        let inked = mesh.vertices.iter();
        let inked = inked.filter(|vertex| vertex.color == Color32::WHITE);
        inked.map(|vertex| vertex.pos)
    }

    #[test]
    fn a_spike_reaches_as_far_as_its_sample_and_no_further() {
        for tip in [10.0, 49.0, 49.9, 95.0] {
            let points: Vec<_> = (0..200)
                .map(|place| (place as f32, if place == 101 { tip } else { 50.0 }))
                .collect();
            let mesh = ribbon(&points);
            let off = inked(&mesh).map(|at| at.y).fold(50.0, |far: f32, y| {
                if (y - 50.0).abs() > (far - 50.0).abs() {
                    y
                } else {
                    far
                }
            });
            // As thick as the line, no more.
            assert!((off - tip).abs() <= 0.5, "{off}, not {tip}");
            let there = inked(&mesh).filter(|at| (at.y - off).abs() < 0.02);
            assert!(there.map(|at| at.x).all(|x| (x - 101.0).abs() <= 2.0));
        }
    }

    #[test]
    fn what_goes_straight_has_few_triangles_and_noise_two_for_each_column() {
        let straight: Vec<_> = (0..600).map(|x| (x as f32, x as f32 * 0.3)).collect();
        let triangles = ribbon(&straight).indices.len() / 3;
        assert!((100..220).contains(&triangles), "{triangles}");
        let noise: Vec<_> = (0..600)
            .map(|x| {
                (
                    x as f32,
                    50.0 + if x % 2 == 0 { 20.0 } else { -20.0 } * (x % 7) as f32,
                )
            })
            .collect();
        let triangles = ribbon(&noise).indices.len() / 3;
        assert!(triangles <= 2 * 300 + 20, "{triangles}");
    }

    #[test]
    fn a_line_that_climbs_is_as_thick_as_one_that_does_not() {
        let climbing: Vec<_> = (0..100)
            .map(|x| (2.0 * x as f32, 200.0 - 2.0 * x as f32))
            .collect();
        let mesh = ribbon(&climbing);
        // Clear, inked and clear again, at an instant within.
        let section = mesh.vertices.iter().map(|vertex| vertex.pos);
        let section: Vec<_> = section.filter(|at| (at.x - 32.0).abs() < 0.1).collect();
        let (high, low) = (section[0].y, section[section.len() - 1].y);
        let across = (low - high) / 2.0_f32.sqrt();
        assert!((across - 2.0).abs() < 0.05, "{across}");
    }

    #[test]
    fn samples_of_one_column_alone_are_seen() {
        let mesh = ribbon(&[(10.0, 20.0), (11.0, 40.0)]);
        assert!(!mesh.is_empty());
        let width = mesh.calc_bounds().width();
        assert!((width - 1.0).abs() < 1e-3, "{width}");
    }
}

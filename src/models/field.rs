//! A quantity over an area, from its values at points: inverse distance within a radius.
//!
//! ```text
//! w_k = ((R − d_k) / (R d_k))²   for d_k < R, else 0      Franke and Little
//! f   = Σ w_k f_k / Σ w_k
//! ```
//!
//! The field meets every sensor's value, stays between the lowest and the highest of those it
//! is made of, and fades over to the next sensor without a jump. Farther than `R` from every
//! sensor nothing is known, and nothing is said.
//!
//! Limitation: walls and flow are not known; a value says nothing about how sure it is.

/// A value at a place of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// East and north, m.
    pub at: [f64; 2],
    /// What is measured there.
    pub value: f64,
}

/// The value at `at`; `None` farther than `radius`, m, from every station.
pub fn value_at(stations: &[Station], radius: f64, at: [f64; 2]) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for station in stations {
        let distance = (station.at[0] - at[0]).hypot(station.at[1] - at[1]);
        if distance < 1e-9 * radius {
            return Some(station.value);
        }
        if distance < radius {
            let weight = ((radius - distance) / (radius * distance)).powi(2);
            sum += weight * station.value;
            weights += weight;
        }
    }
    (weights > 0.0).then(|| sum / weights)
}

/// How far it is to the nearest station, m; infinite if there is none.
pub fn nearest(stations: &[Station], at: [f64; 2]) -> f64 {
    let distances = stations
        .iter()
        .map(|station| (station.at[0] - at[0]).hypot(station.at[1] - at[1]));
    distances.fold(f64::INFINITY, f64::min)
}

/// A rectangle of the map in equal cells; values stand at their corners.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The south-west corner: east and north, m.
    pub low: [f64; 2],
    /// From corner to corner, m.
    pub step: f64,
    /// Corners to the east.
    pub columns: usize,
    /// Corners to the north.
    pub rows: usize,
    /// By row from the south, then by column from the west; `None` where nothing is known.
    pub values: Vec<Option<f64>>,
}

impl Grid {
    /// The field of `stations` over the rectangle from `low` to `high`, at most `most` corners
    /// along its longer side.
    pub fn of(
        stations: &[Station],
        radius: f64,
        low: [f64; 2],
        high: [f64; 2],
        most: usize,
    ) -> Self {
        let sides = [0, 1].map(|axis| (high[axis] - low[axis]).max(0.0));
        let step = (sides[0].max(sides[1]) / (most.max(2) - 1) as f64).max(1e-6);
        let [columns, rows] = sides.map(|side| (side / step).round() as usize + 1);
        let mut grid = Self {
            low,
            step,
            columns,
            rows,
            values: Vec::with_capacity(columns * rows),
        };
        for row in 0..rows {
            for column in 0..columns {
                let at = grid.corner(column, row);
                grid.values.push(value_at(stations, radius, at));
            }
        }
        grid
    }

    /// Where a corner is: east and north, m.
    pub fn corner(&self, column: usize, row: usize) -> [f64; 2] {
        [
            self.low[0] + column as f64 * self.step,
            self.low[1] + row as f64 * self.step,
        ]
    }

    /// The value at a corner.
    pub fn value(&self, column: usize, row: usize) -> Option<f64> {
        self.values.get(row * self.columns + column).copied()?
    }

    /// The line along which the field has the value `level`: pieces from point to point.
    ///
    /// Each cell is cut along the diagonal into two triangles, in which the field is flat, so
    /// that there are no doubtful cases. Cells with an unknown corner have no line.
    pub fn contour(&self, level: f64) -> Vec<[[f64; 2]; 2]> {
        let mut pieces = Vec::new();
        // Near a lone station the field is flat but for the grain of its numbers: a plain at the
        // level counts as above it.
        let sizes = self.values.iter().flatten().map(|value| value.abs());
        let level = level - 1e-12 * sizes.fold(level.abs(), f64::max);
        for row in 1..self.rows {
            for column in 1..self.columns {
                let corner = |right: usize, up: usize| {
                    let (column, row) = (column - 1 + right, row - 1 + up);
                    Some((self.corner(column, row), self.value(column, row)?))
                };
                let corners = [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
                let [Some(a), Some(b), Some(c), Some(d)] = corners else {
                    continue;
                };
                pieces.extend(crossing([a, b, c], level));
                pieces.extend(crossing([a, c, d], level));
            }
        }
        pieces
    }
}

/// Where `level` crosses a triangle, if it does.
fn crossing(corners: [([f64; 2], f64); 3], level: f64) -> Option<[[f64; 2]; 2]> {
    let mut ends = (0..3).filter_map(|side| {
        let ((from, low), (to, high)) = (corners[side], corners[(side + 1) % 3]);
        // A corner on the level counts as above it: two sides are crossed, or none.
        ((low < level) != (high < level)).then(|| {
            let share = (level - low) / (high - low);
            [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * share)
        })
    });
    let (first, last) = (ends.next()?, ends.next()?);
    (first != last).then_some([first, last])
}

/// Round levels within a range, at most `most` of them, and the distance between two.
pub fn levels(low: f64, high: f64, most: usize) -> (Vec<f64>, f64) {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) || most == 0 {
        return (Vec::new(), 0.0);
    }
    let rough = span / most as f64;
    let decade = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * decade >= rough);
    let step = step.unwrap_or(10.0) * decade;
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first).max(-1.0) as i64 + 1;
    let level = |place: i64| (first + place as f64) * step;
    ((0..count).map(level).collect(), step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn station(east: f64, north: f64, value: f64) -> Station {
        Station {
            at: [east, north],
            value,
        }
    }

    #[test]
    fn two_stations_share_what_lies_between_them() {
        let stations = [station(0.0, 0.0, 1.0), station(4.0, 0.0, 5.0)];
        let value = |east| value_at(&stations, 10.0, [east, 0.0]);
        assert_eq!(value(0.0), Some(1.0));
        assert_eq!(value(4.0), Some(5.0));
        let middle = value(2.0).expect("near");
        assert!((middle - 3.0).abs() < 1e-12);
        // By hand: w = (9/10)² = 0.81 at 1 m and (7/30)² at 3 m.
        let (near, far) = (0.81, 49.0 / 900.0);
        let expected = (near * 1.0 + far * 5.0) / (near + far);
        assert!((value(1.0).expect("near") - expected).abs() < 1e-12);
    }

    #[test]
    fn too_far_from_every_station_nothing_is_said() {
        assert_eq!(nearest(&[], [0.0, 0.0]), f64::INFINITY);
        let two = [station(0.0, 0.0, 1.0), station(9.0, 0.0, 1.0)];
        assert_eq!(nearest(&two, [6.0, 4.0]), 5.0);
        let stations = [station(0.0, 0.0, 1.0)];
        assert_eq!(value_at(&stations, 3.0, [2.999, 0.0]), Some(1.0));
        assert_eq!(value_at(&stations, 3.0, [3.0, 0.0]), None);
        assert_eq!(value_at(&[], 3.0, [0.0, 0.0]), None);
    }

    proptest! {
        #[test]
        fn the_field_stays_within_its_stations_and_does_not_jump(
            stations in prop::collection::vec((-50.0..50.0, -50.0..50.0, -5.0..5.0), 1..12),
            east in -60.0..60.0,
            north in -60.0..60.0,
        ) {
            let stations: Vec<_> = stations.into_iter().map(|(e, n, v)| station(e, n, v)).collect();
            let radius = 40.0;
            if let Some(value) = value_at(&stations, radius, [east, north]) {
                let low = stations.iter().map(|s| s.value).fold(f64::MAX, f64::min);
                let high = stations.iter().map(|s| s.value).fold(f64::MIN, f64::max);
                prop_assert!((low - 1e-9..=high + 1e-9).contains(&value));
                let nearest = stations.iter().map(|s| (s.at[0] - east).hypot(s.at[1] - north));
                let nearest = nearest.fold(f64::MAX, f64::min);
                // Near a rim of reach with nothing else about, weights are tiny and change fast.
                if nearest < 30.0 && nearest > 0.5 {
                    let beside = value_at(&stations, radius, [east + 1e-6, north]);
                    prop_assert!((beside.expect("as near") - value).abs() < 1e-3);
                }
            }
        }
    }

    /// A field that is known everywhere.
    fn grid(of: impl Fn([f64; 2]) -> f64) -> Grid {
        let mut grid = Grid::of(&[], 1.0, [-2.0, -2.0], [2.0, 2.0], 81);
        let corners = (0..grid.rows).flat_map(|row| (0..grid.columns).map(move |at| (at, row)));
        let corners: Vec<_> = corners.map(|(at, row)| grid.corner(at, row)).collect();
        grid.values = corners.into_iter().map(|at| Some(of(at))).collect();
        grid
    }

    #[test]
    fn the_contour_of_a_slope_is_a_straight_line() {
        let pieces = grid(|[east, north]| 2.0 * east + north).contour(0.513);
        let off = |[east, north]: [f64; 2]| (2.0 * east + north - 0.513).abs();
        assert!(pieces.iter().flatten().all(|&at| off(at) < 1e-9));
        // From south to north through the square: the length of the slanted line.
        let length: f64 = pieces
            .iter()
            .map(|[a, b]| (a[0] - b[0]).hypot(a[1] - b[1]))
            .sum();
        assert!((length - 4.0 * 1.25_f64.sqrt()).abs() < 1e-6, "{length}");
    }

    #[test]
    fn the_contour_of_a_cone_is_a_circle() {
        let pieces = grid(|[east, north]| east.hypot(north)).contour(1.5);
        let off = |[east, north]: [f64; 2]| (east.hypot(north) - 1.5).abs();
        assert!(pieces.iter().flatten().all(|&at| off(at) < 1e-3));
        let length: f64 = pieces
            .iter()
            .map(|[a, b]| (a[0] - b[0]).hypot(a[1] - b[1]))
            .sum();
        assert!(
            (length - 3.0 * std::f64::consts::PI).abs() < 0.01,
            "{length}"
        );
    }

    #[test]
    fn a_plain_at_a_level_has_no_line_through_its_grain() {
        let mut turn = 0_u32;
        let mut plain = grid(|_| 20.0);
        for value in plain.values.iter_mut().flatten() {
            turn = turn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *value += f64::from(turn >> 30) * 4e-15 - 6e-15;
        }
        assert!(plain.contour(20.0).is_empty());
    }

    #[test]
    fn a_cell_with_an_unknown_corner_has_no_line() {
        let mut grid = grid(|[east, _]| east);
        grid.values.fill(None);
        assert!(grid.contour(0.0).is_empty());
    }

    #[test]
    fn levels_are_round_and_within_the_range() {
        assert_eq!(levels(0.3, 4.2, 5), (vec![1.0, 2.0, 3.0, 4.0], 1.0));
        assert_eq!(levels(-1.0, 1.0, 4), (vec![-1.0, -0.5, 0.0, 0.5, 1.0], 0.5));
        assert_eq!(levels(2.0, 2.0, 4).0, Vec::<f64>::new());
    }
}

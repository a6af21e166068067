//! Tables of one quantity over another: pump heads, efficiencies, head losses, volumes.

/// Straight lines between points of rising `x`. At least one point; SI.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// What the file calls it.
    pub name: String,
    /// `(x, y)`, `x` rising.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// `y` at `x`; beyond the ends it stays what it is there.
    pub fn value(&self, x: f64) -> f64 {
        interpolate(&self.points, x, |point| point)
    }

    /// `x` at `y`, of a curve whose `y` rises too.
    pub fn inverse(&self, y: f64) -> f64 {
        interpolate(&self.points, y, |(x, y)| (y, x))
    }

    /// `(intercept, slope)` of the piece that holds `x`; of the first or last one beyond them.
    pub fn piece(&self, x: f64) -> (f64, f64) {
        let last = self.points.len().saturating_sub(1);
        let end = self
            .points
            .partition_point(|point| point.0 < x)
            .clamp(1, last.max(1));
        match (self.points.get(end - 1), self.points.get(end)) {
            (Some(a), Some(b)) => {
                let slope = (b.1 - a.1) / (b.0 - a.0);
                (a.1 - slope * a.0, slope)
            }
            (Some(only), None) => (only.1, 0.0),
            (None, _) => (0.0, 0.0),
        }
    }
}

fn interpolate(points: &[(f64, f64)], at: f64, view: impl Fn((f64, f64)) -> (f64, f64)) -> f64 {
    let after = points.partition_point(|&point| view(point).0 < at);
    match (
        after.checked_sub(1).map(|place| points[place]),
        points.get(after),
    ) {
        (None, Some(&first)) => view(first).1,
        (Some(last), None) => view(last).1,
        (Some(before), Some(&next)) => {
            let ((x0, y0), (x1, y1)) = (view(before), view(next));
            if x1 - x0 == 0.0 {
                return y1;
            }
            y0 + (at - x0) * (y1 - y0) / (x1 - x0)
        }
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lead_from_point_to_point_and_stay_beyond() {
        let curve = Curve {
            name: String::new(),
            points: vec![(0.0, 1.0), (2.0, 5.0), (3.0, 5.5)],
        };
        for (x, y) in [(-1.0, 1.0), (0.0, 1.0), (1.0, 3.0), (2.5, 5.25), (9.0, 5.5)] {
            assert_eq!(curve.value(x), y, "at {x}");
        }
        assert_eq!(curve.inverse(3.0), 1.0);
        assert_eq!(curve.piece(0.5), (1.0, 2.0));
        assert_eq!(curve.piece(7.0), (4.0, 0.5));
    }
}

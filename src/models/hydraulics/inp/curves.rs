//! Curves, and what they become in each use.

use super::draft::Draft;
use super::line::Line;
use super::mistake::{Mistake, quoted};
use super::units::Units;
use crate::models::hydraulics::curve::Curve;

/// Points `(x, y)`, in whatever units their use means.
pub(super) struct CurveDraft<'a> {
    pub(super) id: &'a str,
    pub(super) line: u32,
    pub(super) points: Vec<(f64, f64)>,
}

/// What a curve is used for, which gives its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// A pump's head over flow.
    Head,
    /// A pump's efficiency in percent over flow.
    Efficiency,
    /// A valve's head loss over flow.
    HeadLoss,
    /// A tank's volume over level.
    Volume,
}

impl<'a> CurveDraft<'a> {
    /// A curve without any point.
    pub(super) fn new(id: &'a str, line: u32) -> Self {
        Self {
            id,
            line,
            points: Vec::new(),
        }
    }

    /// What is wrong with the curve if it is put to this `purpose`.
    ///
    /// EPANET lets all of it pass and computes nonsense.
    pub(super) fn check(&self, purpose: Use) -> Result<(), Mistake> {
        let rises = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0;
        let stays = |pair: &[(f64, f64)]| pair[0].0 <= pair[1].0;
        let points = &self.points;
        // A step is passed over, but nothing can be drawn beyond a curve that ends in one.
        let ends = [points.get(..2), points.get(points.len().wrapping_sub(2)..)];
        let is_rising = points.windows(2).all(stays) && ends.into_iter().flatten().all(rises);
        if !is_rising {
            let message = format!("x does not rise along the curve {}", quoted(self.id));
            return Err(Mistake::new(230, message, "order its points by x"));
        }
        let volumes_fall = points.windows(2).any(|pair| pair[1].1 < pair[0].1);
        if purpose == Use::Volume && volumes_fall {
            let message = format!("the volume falls along the curve {}", quoted(self.id));
            return Err(Mistake::new(
                225,
                message,
                "a higher level holds more water",
            ));
        }
        if points.len() < 2 && matches!(purpose, Use::Volume | Use::HeadLoss) {
            let message = format!("the curve {} has one point", quoted(self.id));
            return Err(Mistake::new(230, message, "give it two points or more"));
        }
        Ok(())
    }

    /// The curve, SI.
    pub(super) fn finish(&self, purpose: Use, units: &Units) -> Curve {
        let (x, y) = match purpose {
            Use::Head | Use::HeadLoss => (units.flow, units.length),
            Use::Efficiency => (units.flow, 0.01),
            Use::Volume => (units.length, units.length.powi(3)),
        };
        Curve {
            name: self.id.to_owned(),
            points: self
                .points
                .iter()
                .map(|point| (point.0 * x, point.1 * y))
                .collect(),
        }
    }
}

/// A line of [CURVES]: one more point of one.
pub(super) fn curve<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(3, "id, x, y")?;
    let point = (line.number(1, "x")?, line.number(2, "y")?);
    let curve = draft.curve(line.word(0))?;
    draft.findings.extra(line, 3);
    draft.curves[curve].points.push(point);
    Ok(())
}

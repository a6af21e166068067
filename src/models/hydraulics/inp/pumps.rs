//! Pumps and their head curves.

use super::curves::{CurveDraft, Use};
use super::draft::Draft;
use super::finish::Finish;
use super::line::{Line, leading_number, number};
use super::links::{LinkBody, ends};
use super::mistake::{Mistake, quoted};
use super::nodes::below_zero;
use super::units::{CUBIC_FOOT, FOOT};
use crate::models::hydraulics::pump::{Efficiency, HeadCurve, Pump};

/// Differences below this do not shape a curve, file units.
const SMALLEST: f64 = 1e-6;
/// Shutoff head over design head of a curve of one point.
const SHUTOFF_SHARE: f64 = 1.33334;
/// ft·ft³/s of a horsepower.
const HEAD_FLOW_PER_HP: f64 = 8.814;
/// kW of a horsepower.
const KW_PER_HP: f64 = 0.7457;

/// A pump, in the file's units.
#[derive(Clone, Default)]
pub(super) struct PumpDraft {
    /// Constant power, hp or kW; it wins over any curve.
    power: Option<f64>,
    /// Head over flow.
    curve: Option<usize>,
    /// A curve that stands in the pump's own line.
    law: Option<PowerLaw>,
    /// Factors on the speed.
    pattern: Option<usize>,
    pub(super) price: Option<f64>,
    pub(super) price_pattern: Option<usize>,
    /// Percent over flow.
    pub(super) efficiency: Option<usize>,
}

/// `shutoff − slope qⁿ`, in the file's units.
#[derive(Clone, Copy)]
struct PowerLaw {
    shutoff: f64,
    slope: f64,
    exponent: f64,
    design_flow: f64,
}

impl PowerLaw {
    /// The law that meets `h0` at no flow and the points `(q, h)`.
    fn through(h0: f64, (q1, h1): (f64, f64), (q2, h2): (f64, f64)) -> Option<Self> {
        let steps = [h0, h0 - h1, h1 - h2, q1, q2 - q1];
        if steps.iter().any(|step| *step < SMALLEST) {
            return None;
        }
        let exponent = ((h0 - h2) / (h0 - h1)).ln() / (q2 / q1).ln();
        let slope = (h0 - h1) / q1.powf(exponent);
        let has_shape = exponent > 0.0 && exponent <= 20.0 && slope > 0.0 && slope.is_finite();
        has_shape.then_some(Self {
            shutoff: h0,
            slope,
            exponent,
            design_flow: q1,
        })
    }

    /// The law of a pump that is known by one point.
    fn of_point(flow: f64, head: f64) -> Option<Self> {
        Self::through(SHUTOFF_SHARE * head, (flow, head), (2.0 * flow, 0.0))
    }
}

/// A line of [PUMPS].
pub(super) fn pump<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let body = LinkBody::Pump(PumpDraft::default());
    let link = draft.add_link(line.word(0), line.number, body)?;
    draft.links[link].setting = Some(1.0);
    line.need(3, "id, from, to, and HEAD curve or POWER value")?;
    let ends = ends(draft, line)?;
    (draft.links[link].from, draft.links[link].to) = ends;
    if line.len() == 3 {
        return Ok(());
    }
    let (pump, speed) = if number(line.word(3)).is_some() {
        (by_numbers(line)?, 1.0)
    } else {
        by_keywords(draft, line)?
    };
    let drafted = &mut draft.links[link];
    drafted.setting = Some(speed);
    drafted.body = LinkBody::Pump(pump);
    Ok(())
}

/// The way of EPANET 1: power, or one point, or shutoff head and two points.
fn by_numbers(line: &Line<'_>) -> Result<PumpDraft, Mistake> {
    let mut values = Vec::with_capacity(5);
    for index in 3..line.len() {
        values.push(line.number(index, "pump's value")?);
    }
    let law = match values[..] {
        [power] if power > 0.0 => {
            return Ok(PumpDraft {
                power: Some(power),
                ..PumpDraft::default()
            });
        }
        [h1, q1] => PowerLaw::of_point(q1, h1),
        [h0, h1, q1, h2, q2, ..] => PowerLaw::through(h0, (q1, h1), (q2, h2)),
        _ => {
            let message = "these numbers do not make a pump";
            let hint = "write power; or head, flow; or shutoff head, head, flow, head, flow";
            return Err(Mistake::new(202, message, hint));
        }
    };
    let Some(law) = law else {
        return Err(no_shape(206));
    };
    Ok(PumpDraft {
        law: Some(law),
        ..PumpDraft::default()
    })
}

fn by_keywords<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(PumpDraft, f64), Mistake> {
    let mut pump = PumpDraft::default();
    let mut speed = 1.0;
    for index in (3..line.len().saturating_sub(1)).step_by(2) {
        let value = line.word(index + 1);
        if line.is(index, "POWER") {
            let power = leading_number(value);
            if power <= 0.0 {
                return Err(Mistake::not_a_number("power above zero", value));
            }
            if number(value).is_none() {
                draft.findings.note("power", line.number, || {
                    format!("the power {} counts as {power}", quoted(value))
                });
            }
            pump.power = Some(power);
        } else if line.is(index, "HEAD") {
            pump.curve = Some(draft.curve(value)?);
        } else if line.is(index, "PATT") {
            pump.pattern = draft.pattern(value)?;
        } else if line.is(index, "SPEE") {
            speed = line.number(index + 1, "speed")?;
            if speed < 0.0 {
                return Err(below_zero("speed", speed, 211));
            }
        } else {
            let word = quoted(line.word(index));
            let message = format!("{word} is no property of a pump");
            return Err(Mistake::new(
                201,
                message,
                "known are HEAD, POWER, SPEED, PATTERN",
            ));
        }
    }
    // A keyword without a value is not looked at.
    if line.len().is_multiple_of(2) {
        draft.findings.extra(line, line.len() - 1);
    }
    Ok((pump, speed))
}

fn no_shape(code: u16) -> Mistake {
    let hint = "heads must fall and flows must rise from point to point";
    Mistake::new(code, "the pump's head curve has no usable shape", hint)
}

impl PumpDraft {
    /// The curves that its line and those of [ENERGY] name.
    pub(super) fn curves(&self) -> impl Iterator<Item = usize> {
        self.curve.into_iter().chain(self.efficiency)
    }

    /// What is wrong with the pump, now that all `curves` are known.
    pub(super) fn check(&self, curves: &[CurveDraft<'_>]) -> Result<(), Mistake> {
        if let Some(curve) = self.efficiency {
            curves[curve].check(Use::Efficiency)?;
        }
        if self.power.is_some() || self.law.is_some() {
            return Ok(());
        }
        let Some(curve) = self.curve else {
            let message = "the pump has neither head curve nor power";
            return Err(Mistake::new(
                226,
                message,
                "write HEAD and a curve, or POWER",
            ));
        };
        let points = &curves[curve].points;
        let has_shape = match power_law(points) {
            Some(law) => law.is_some(),
            None => {
                curves[curve].check(Use::Head)?;
                points.windows(2).all(|pair| pair[1].1 < pair[0].1)
            }
        };
        if has_shape {
            return Ok(());
        }
        let mut mistake = no_shape(227);
        mistake.message = format!("{} ({})", mistake.message, quoted(curves[curve].id));
        Err(mistake)
    }

    /// The pump, SI.
    pub(super) fn finish(&self, finish: &mut Finish<'_, '_>) -> Pump {
        let units = finish.units;
        let law = match (self.law, self.curve) {
            (Some(law), _) => Some(law),
            (None, Some(curve)) => power_law(&finish.draft.curves[curve].points).flatten(),
            (None, None) => None,
        };
        let (head, design_flow, max_head, max_flow) = match (self.power, law, self.curve) {
            (Some(power), ..) => {
                let horsepower = if units.is_metric {
                    power / KW_PER_HP
                } else {
                    power
                };
                let head_times_flow = HEAD_FLOW_PER_HP * horsepower * FOOT * CUBIC_FOOT;
                let head = HeadCurve::ConstantPower { head_times_flow };
                (head, CUBIC_FOOT, f64::INFINITY, f64::INFINITY)
            }
            (None, Some(law), _) => {
                let head = HeadCurve::Power {
                    shutoff: law.shutoff * units.length,
                    slope: law.slope * units.length / units.flow.powf(law.exponent),
                    exponent: law.exponent,
                };
                let max_flow = (law.shutoff / law.slope).powf(1.0 / law.exponent);
                let (design_flow, max_flow) = (law.design_flow * units.flow, max_flow * units.flow);
                (head, design_flow, law.shutoff * units.length, max_flow)
            }
            (None, None, Some(curve)) => {
                let table = finish.curve(curve, Use::Head);
                let points = finish.points(table);
                let first = points.first().copied().unwrap_or_default();
                let last = points.last().copied().unwrap_or_default();
                let design_flow = (first.0 + last.0) / 2.0;
                (HeadCurve::Table(table), design_flow, first.1, last.0)
            }
            (None, None, None) => (HeadCurve::Unknown, 0.0, f64::INFINITY, f64::INFINITY),
        };
        let efficiency = match self.efficiency {
            Some(curve) => Efficiency::Table(finish.curve(curve, Use::Efficiency)),
            None => Efficiency::Constant(finish.draft.energy.efficiency / 100.0),
        };
        Pump {
            head,
            design_flow,
            max_head,
            max_flow,
            efficiency,
            speed_pattern: self.pattern,
            price: self.price.filter(|price| *price > 0.0),
            price_pattern: self.price_pattern,
        }
    }
}

/// The law that a curve of one point, or of three from no flow on, stands for: `None` for
/// any other curve, `Some(None)` if the points have no such shape.
fn power_law(points: &[(f64, f64)]) -> Option<Option<PowerLaw>> {
    match *points {
        [(flow, head)] => Some(PowerLaw::of_point(flow, head)),
        [(0.0, shutoff), middle, last] => Some(PowerLaw::through(shutoff, middle, last)),
        _ => None,
    }
}

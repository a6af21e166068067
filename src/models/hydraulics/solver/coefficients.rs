//! Head loss over flow, link by link, as Newton's method needs it.
//!
//! ```text
//! p = 1 / h'(q)        conductance
//! y = h(q) / h'(q)     flow correction
//! q' = q − (y − p ΔH)  the next flow under the head difference ΔH
//! ```
//!
//! Near zero flow, where a power law is flat, it becomes a line of the slope `straight_below`.
//! The laws and their treatment near zero flow are EPANET 2.2's (user manual, 12.1;
//! `hydcoeffs.c`).

use std::f64::consts::PI;

use super::constants::{NO_FLOW, SHALLOWEST, STEEPEST};
use super::power::power;
use crate::models::hydraulics::curve::Curve;
use crate::models::hydraulics::pump::HeadCurve;

/// Conductance and flow correction of one link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coefficients {
    /// m³/s per m.
    pub(super) p: f64,
    /// m³/s.
    pub(super) y: f64,
}

impl Coefficients {
    /// Of a head loss, m, and its slope, m per m³/s.
    fn of(loss: f64, slope: f64) -> Self {
        Self {
            p: 1.0 / slope,
            y: loss / slope,
        }
    }

    /// A straight line through zero.
    fn line(slope: f64, flow: f64) -> Self {
        Self {
            p: 1.0 / slope,
            y: flow,
        }
    }

    /// Of a closed link: a very steep line.
    pub(super) fn closed(flow: f64) -> Self {
        Self::line(STEEPEST, flow)
    }
}

/// Of open pipes by a power law, `r qⁿ + m q²`; `n` is 1.852 or 2.
///
/// The slices have one place per pipe and lane.
#[inline(always)]
pub(super) fn power_law(
    flows: &[f64],
    (friction, minor): (&[f64], &[f64]),
    n: f64,
    straight_below: f64,
    (p, y): (&mut [f64], &mut [f64]),
) {
    let count = flows.len();
    // One length for all, so that no index is checked inside the loop.
    let (friction, minor) = (&friction[..count], &minor[..count]);
    let (p, y) = (&mut p[..count], &mut y[..count]);
    for place in 0..count {
        let (r, m) = (n * friction[place], minor[place]);
        let flow = flows[place];
        let q = flow.abs();
        let raised = if n == 2.0 { q } else { power(q, n - 1.0) };
        let curved = r * raised;
        let straight = curved < straight_below;
        let slope = if straight { straight_below } else { curved };
        let share = if straight { 1.0 } else { 1.0 / n };
        let loss = slope * q * share + m * q * q;
        let slope = slope + 2.0 * m * q;
        let inverse = 1.0 / slope;
        p[place] = inverse;
        y[place] = (loss * inverse).copysign(flow);
    }
}

/// Of an open pipe by Darcy and Weisbach.
///
/// Laminar flow by Hagen and Poiseuille, turbulent flow by Swamee and Jain (1976), and
/// Dunlop's cubic (1991) between them.
pub(super) fn darcy_weisbach(
    flow: f64,
    r: f64,
    m: f64,
    diameter: f64,
    roughness: f64,
    nu: f64,
) -> Coefficients {
    let q = flow.abs();
    // Flow over this is a quarter of π times the Reynolds number.
    let s = nu * diameter;
    if q <= 500.0 * PI * s {
        let laminar = 16.0 * PI * s * r;
        return Coefficients::of(flow * (laminar + m * q), laminar + 2.0 * m * q);
    }
    let (f, slope) = friction_factor(q, roughness / diameter, s);
    let whole = f * r + m;
    Coefficients::of(whole * q * flow, 2.0 * whole * q + slope * r * q * q)
}

/// The friction factor and its derivative by flow, beyond laminar flow.
fn friction_factor(q: f64, relative_roughness: f64, s: f64) -> (f64, f64) {
    // −2 log₁₀ x = −0.8686 ln x; 5.74 / Re^0.9 with Re = 4 w / π.
    const LOG: f64 = -0.868_588_963_806_503_7;
    let w = q / s;
    let e = relative_roughness / 3.7;
    if w >= 1_000.0 * PI {
        let y1 = 5.74 * (PI / 4.0).powf(0.9) / w.powf(0.9);
        let y2 = e + y1;
        let y3 = LOG * y2.ln();
        let f = 1.0 / (y3 * y3);
        (f, 1.8 * f * y1 * LOG / y2 / y3 / q)
    } else {
        let edge = 5.74 / 4_000_f64.powf(0.9);
        let y2 = e + edge;
        let y3 = LOG * y2.ln();
        let fa = 1.0 / (y3 * y3);
        let fb = (2.0 + 1.8 * LOG * edge / (y2 * y3)) * fa;
        let r = w / (500.0 * PI);
        let (x1, x2) = (7.0 * fa - fb, 0.128 - 17.0 * fa + 2.5 * fb);
        let (x3, x4) = (-0.128 + 13.0 * fa - 2.0 * fb, 0.032 - 3.0 * fa + 0.5 * fb);
        (
            x1 + r * (x2 + r * (x3 + r * x4)),
            (x2 + r * (2.0 * x3 + r * 3.0 * x4)) / s / (500.0 * PI),
        )
    }
}

/// Of an open valve that loses `m q²`.
pub(super) fn valve(flow: f64, m: f64, straight_below: f64) -> Coefficients {
    if m <= 0.0 {
        return Coefficients::line(SHALLOWEST, flow);
    }
    let slope = 2.0 * m * flow.abs();
    if slope < straight_below {
        Coefficients::line(straight_below, flow)
    } else {
        Coefficients::of(0.5 * flow * slope, slope)
    }
}

/// Of a valve whose head loss is a table over flow.
pub(super) fn table_valve(flow: f64, curve: &Curve) -> Coefficients {
    let q = flow.abs().max(NO_FLOW);
    let (intercept, slope) = curve.piece(q);
    let slope = slope.max(SHALLOWEST);
    Coefficients {
        p: 1.0 / slope,
        y: (intercept / slope + q) * if flow < 0.0 { -1.0 } else { 1.0 },
    }
}

/// Of a running pump at relative `speed`, of which `sound` is the share of the head that wear
/// has left.
pub(super) fn pump(
    flow: f64,
    head: &HeadCurve,
    curves: &[Curve],
    speed: f64,
    sound: f64,
    straight_below: f64,
) -> Coefficients {
    let q = flow.abs();
    match *head {
        HeadCurve::Unknown => Coefficients::line(SHALLOWEST, flow),
        HeadCurve::Table(curve) => {
            let (intercept, slope) = curves[curve].piece(q / speed);
            let slope = -slope * speed * sound;
            Coefficients::of(-intercept * speed * speed * sound + slope * flow, slope)
        }
        HeadCurve::ConstantPower { head_times_flow } => {
            let r = head_times_flow * speed.powi(3) * sound;
            let slope = r / q / q;
            if slope > STEEPEST {
                Coefficients::of(-STEEPEST * flow, STEEPEST)
            } else if slope < straight_below {
                Coefficients::of(-straight_below * flow, straight_below)
            } else {
                Coefficients::of(-r / flow, slope)
            }
        }
        HeadCurve::Power {
            shutoff,
            slope,
            exponent: n,
        } => {
            let h0 = -shutoff * speed * speed * sound;
            let r = slope * speed.powf(2.0 - n) * sound;
            if (n - 1.0).abs() < 1e-6 {
                return Coefficients::of(h0 + r * flow, r);
            }
            let slope = n * r * q.powf(n - 1.0);
            if slope < straight_below {
                Coefficients::of(h0 + straight_below * flow, straight_below)
            } else {
                Coefficients::of(h0 + slope * flow / n, slope)
            }
        }
    }
}

/// Head loss, m, and its slope of an opening to the air, `k qⁿ`.
pub(super) fn emitter(flow: f64, k: f64, n: f64, straight_below: f64) -> (f64, f64) {
    // The smallest coefficient counts as in EPANET: a millionth in its units.
    let k = k.max(SHALLOWEST);
    let raised = if n == 2.0 {
        flow.abs()
    } else {
        power(flow.abs(), n - 1.0)
    };
    let slope = n * k * raised;
    if slope < straight_below {
        (straight_below * flow, straight_below)
    } else {
        (slope * flow / n, slope)
    }
}

/// Head, m, above the lowest pressure, that delivers `flow` of a `full` demand, and its slope:
/// `range (flow / full)ⁿ`, between two steep barriers.
pub(super) fn demand(flow: f64, full: f64, range: f64, n: f64, straight_below: f64) -> (f64, f64) {
    let share = flow / full;
    if share <= 0.0 {
        (STEEPEST * flow, STEEPEST)
    } else if share < 1.0 {
        let raised = if n == 2.0 {
            share
        } else {
            power(share, n - 1.0)
        };
        let slope = n * range * raised / full;
        if slope < straight_below {
            (straight_below * flow, straight_below)
        } else {
            (slope * flow / n, slope)
        }
    } else {
        (range + STEEPEST * (flow - full), STEEPEST)
    }
}

//! What a link does to the head of the water that flows through it.
//!
//! ```text
//! h = 10.667 L / (C^1.852 d^4.871) q^1.852     Hazen–Williams, SI
//! h = K v² / 2g = 8 K / (π² g d⁴) q²           minor loss
//! h = −(s² h₀ − s^(2−n) r qⁿ)                  pump at relative speed s
//! ```
//!
//! All are odd in the flow `q`, and all grow with it. Near zero flow a power law is
//! flat and Newton's method would divide by nothing, so there it becomes a straight
//! line of the smallest slope, as in EPANET 2.2 (user manual, 12.1; `hydcoeffs.c`).

use std::f64::consts::PI;

use crate::units::GRAVITY;

/// The Hazen–Williams exponent of flow.
const HAZEN_WILLIAMS_EXPONENT: f64 = 1.852;
/// EPANET's 4.727 for feet and seconds, in SI.
const HAZEN_WILLIAMS_FACTOR: f64 = 10.666_829;
/// The smallest slope of a loss curve, m per m³/s.
const FLATTEST: f64 = 1e-5;

/// Head lost at some flow, and how fast it grows with the flow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Head at the start minus head at the end, m.
    pub head: f64,
    /// d(head)/d(flow), m per m³/s; above zero.
    pub gradient: f64,
}

/// How a link answers to flow, at the settings of one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Nothing passes.
    Closed,
    /// Friction and fittings.
    Resists(Resistance),
    /// A running pump.
    Lifts(Lift),
}

/// Friction by Hazen–Williams plus minor losses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resistance {
    /// m per (m³/s)^1.852.
    pub friction: f64,
    /// m per (m³/s)².
    pub minor: f64,
}

/// A pump's head curve at its present speed: `shutoff − slope qⁿ`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lift {
    /// Head at no flow, m.
    pub shutoff: f64,
    /// m per (m³/s)ⁿ.
    pub slope: f64,
    /// n.
    pub exponent: f64,
}

impl Law {
    /// The loss at `flow`, m³/s; `None` where nothing passes.
    pub fn loss(&self, flow: f64) -> Option<Loss> {
        match self {
            Self::Closed => None,
            Self::Resists(resistance) => Some(resistance.loss(flow)),
            Self::Lifts(lift) => {
                let spent = power_law(lift.slope, lift.exponent, flow);
                Some(Loss {
                    head: spent.head - lift.shutoff,
                    ..spent
                })
            }
        }
    }

    /// The head that the link adds when nothing flows, m.
    pub fn lift_at_rest(&self) -> f64 {
        match self {
            Self::Lifts(lift) => lift.shutoff,
            Self::Closed | Self::Resists(_) => 0.0,
        }
    }
}

impl Resistance {
    /// Of a pipe of `length` and `diameter`, m, with roughness coefficient `c`.
    pub fn hazen_williams(length: f64, diameter: f64, c: f64) -> Self {
        let friction = HAZEN_WILLIAMS_FACTOR * length
            / (c.powf(HAZEN_WILLIAMS_EXPONENT) * diameter.powf(4.871));
        Self {
            friction,
            minor: 0.0,
        }
    }

    /// Of a fitting with loss coefficient `k` in a bore of `diameter`, m.
    pub fn fitting(k: f64, diameter: f64) -> Self {
        Self {
            friction: 0.0,
            minor: 8.0 * k / (PI * PI * GRAVITY * diameter.powi(4)),
        }
    }

    /// Both, one after the other.
    pub fn and(self, next: Self) -> Self {
        Self {
            friction: self.friction + next.friction,
            minor: self.minor + next.minor,
        }
    }

    fn loss(&self, flow: f64) -> Loss {
        let friction = power_law(self.friction, HAZEN_WILLIAMS_EXPONENT, flow);
        if self.minor == 0.0 {
            return friction;
        }
        let minor = power_law(self.minor, 2.0, flow);
        if self.friction == 0.0 {
            return minor;
        }
        Loss {
            head: friction.head + minor.head,
            gradient: friction.gradient + minor.gradient,
        }
    }
}

/// `coefficient · |flow|^exponent`, with the sign of the flow.
fn power_law(coefficient: f64, exponent: f64, flow: f64) -> Loss {
    let slope = if exponent == 2.0 {
        coefficient * flow.abs()
    } else {
        coefficient * flow.abs().powf(exponent - 1.0)
    };
    let gradient = exponent * slope;
    // Also where an exponent below 1 makes the slope at rest infinite.
    if gradient < FLATTEST || !gradient.is_finite() {
        let line = FLATTEST / exponent; // meets the curve where its slope is `FLATTEST`
        return Loss {
            head: line * flow,
            gradient: line,
        };
    }
    Loss {
        head: slope * flow,
        gradient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textbook_pipe_loses_its_textbook_head() {
        // 1000 m of 300 mm at C 130 and 100 L/s: 10.667 · 1000 · 0.1^1.852 / (130^1.852 · 0.3^4.871).
        let pipe = Resistance::hazen_williams(1_000.0, 0.3, 130.0);
        let loss = Law::Resists(pipe).loss(0.1).expect("an open pipe");
        assert!((loss.head - 6.426).abs() < 0.001, "{} m", loss.head);
    }

    #[test]
    fn a_fitting_loses_velocity_heads() {
        let loss = Law::Resists(Resistance::fitting(2.5, 0.2)).loss(0.05);
        let velocity = 0.05 / (PI * 0.01);
        let exact = 2.5 * velocity * velocity / (2.0 * GRAVITY);
        let head = loss.expect("open").head;
        assert!((head - exact).abs() < 1e-12, "{head} m, exact {exact} m");
    }

    #[test]
    fn gradients_are_the_slopes_of_the_heads() {
        let laws = [
            Law::Resists(Resistance::hazen_williams(100.0, 0.2, 100.0)),
            Law::Resists(Resistance::fitting(10.0, 0.2)),
            Law::Lifts(Lift {
                shutoff: 50.0,
                slope: 300.0,
                exponent: 1.7,
            }),
        ];
        for law in laws {
            for flow in [-0.2, -0.01, 0.003, 0.05, 0.4] {
                let at = |q: f64| law.loss(q).expect("open");
                let slope = (at(flow + 1e-7).head - at(flow - 1e-7).head) / 2e-7;
                let gradient = at(flow).gradient;
                assert!(
                    (slope - gradient).abs() < 1e-4 * gradient,
                    "{law:?} at {flow}: {slope} and {gradient}"
                );
            }
        }
    }

    #[test]
    fn heads_grow_with_flow_through_zero() {
        let law = Law::Resists(Resistance::hazen_williams(10.0, 1.0, 140.0));
        let heads: Vec<f64> = (-50..=50)
            .map(|step| law.loss(f64::from(step) * 1e-5).expect("open").head)
            .collect();
        assert!(heads.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(heads[50], 0.0);
    }
}

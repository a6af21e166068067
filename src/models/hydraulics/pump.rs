//! Centrifugal pumps: head curve, speed, wear and power.
//!
//! ```text
//! h = s² h₀ − s^(2−n) r qⁿ              head curve with the affinity laws
//! η = η_b x (2 − x),  x = q / (s q_b)   efficiency, a parabola through zero and its best point
//! P = ρ g q h / η
//! ```
//!
//! One point `(q₁, h₁)` stands for the curve with h₀ = 4/3 h₁ and q_max = 2 q₁; three
//! points, the first at no flow, are met exactly; any other number is joined by straight
//! lines (EPANET 2.2 user manual, section 3.1). Wear `w` from 0 to 1 takes that share of
//! the head and of the efficiency.

use super::curve::Curve;

/// A pump at full speed, as new.
#[derive(Clone, Debug, PartialEq)]
pub struct Pump {
    /// What it lifts, and how high.
    pub head: HeadCurve,
    /// The flow that a search begins with, m³/s.
    pub design_flow: f64,
    /// Head at no flow, m, beyond which it delivers nothing; infinite for constant power.
    pub max_head: f64,
    /// The largest flow its curve knows, m³/s; infinite for a curve without end.
    pub max_flow: f64,
    /// Water power over electrical power.
    pub efficiency: Efficiency,
    /// Speed over time: place in [`Network::patterns`](super::network::Network::patterns).
    pub speed_pattern: Option<usize>,
    /// Price of a kilowatt-hour; `None` for the network's.
    pub price: Option<f64>,
    /// Factors on the price; `None` for the network's.
    pub price_pattern: Option<usize>,
}

/// Head over flow at full speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeadCurve {
    /// `shutoff − slope qⁿ`.
    Power {
        /// Head at no flow h₀, m.
        shutoff: f64,
        /// r, m per (m³/s)ⁿ.
        slope: f64,
        /// n.
        exponent: f64,
    },
    /// Straight lines: place in [`Network::curves`](super::network::Network::curves), m over m³/s.
    Table(usize),
    /// The same water power at any flow.
    ConstantPower {
        /// Head times flow, m·m³/s.
        head_times_flow: f64,
    },
    /// Nothing is known: it passes water like an open valve.
    Unknown,
}

/// Water power over electrical power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Efficiency {
    /// The same at any flow, 0 to 1.
    Constant(f64),
    /// Share over flow in m³/s at full speed: place in
    /// [`Network::curves`](super::network::Network::curves). At other speeds by Sarbu and Borza
    /// (1998).
    Table(usize),
    /// A parabola through zero and its best point.
    Parabola {
        /// The flow of best efficiency q_b, m³/s.
        best_flow: f64,
        /// Efficiency there η_b.
        best: f64,
    },
}

impl HeadCurve {
    /// The curve through `(flow, head)` points, m³/s and m; one that needs a table adds it to
    /// `curves`. `None` if there is none.
    pub fn through(points: &[(f64, f64)], curves: &mut Vec<Curve>) -> Option<Self> {
        match *points {
            [(flow, head)] if flow > 0.0 && head > 0.0 => Some(Self::Power {
                shutoff: 4.0 / 3.0 * head,
                slope: head / 3.0 / (flow * flow),
                exponent: 2.0,
            }),
            [(0.0, shutoff), first, second] => Self::power(shutoff, first, second),
            [_, _, ..] => {
                let falls = points
                    .windows(2)
                    .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1);
                let sound = falls && points.iter().all(|point| point.0 >= 0.0 && point.1 >= 0.0);
                sound.then(|| {
                    curves.push(Curve {
                        name: String::new(),
                        points: points.to_vec(),
                    });
                    Self::Table(curves.len() - 1)
                })
            }
            _ => None,
        }
    }

    /// `shutoff − slope qⁿ` through two more points.
    fn power(shutoff: f64, (q1, h1): (f64, f64), (q2, h2): (f64, f64)) -> Option<Self> {
        let falls = shutoff > h1 && h1 > h2 && h2 >= 0.0 && 0.0 < q1 && q1 < q2;
        let exponent = ((shutoff - h2) / (shutoff - h1)).ln() / (q2 / q1).ln();
        let fits = falls && exponent > 0.0 && exponent <= 20.0;
        fits.then(|| Self::Power {
            shutoff,
            slope: (shutoff - h1) / q1.powf(exponent),
            exponent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(points: &[(f64, f64)]) -> Option<HeadCurve> {
        HeadCurve::through(points, &mut Vec::new())
    }

    #[test]
    fn a_curve_meets_its_points() {
        let points = [(0.0, 50.0), (0.06, 44.0), (0.12, 30.0)];
        let Some(HeadCurve::Power {
            shutoff,
            slope,
            exponent,
        }) = power(&points)
        else {
            panic!("three points make a power curve");
        };
        for (flow, exact) in points {
            let head = shutoff - slope * f64::powf(flow, exponent);
            assert!((head - exact).abs() < 1e-9, "{head} m at {flow} m³/s");
        }
    }

    #[test]
    fn many_points_make_a_table() {
        let mut curves = Vec::new();
        let points = [(0.0, 50.0), (0.06, 44.0), (0.12, 30.0), (0.15, 20.0)];
        assert_eq!(
            HeadCurve::through(&points, &mut curves),
            Some(HeadCurve::Table(0))
        );
        assert_eq!(curves[0].points, points);
    }

    #[test]
    fn a_rising_curve_is_no_pump() {
        assert_eq!(power(&[(0.0, 30.0), (0.1, 40.0), (0.2, 20.0)]), None);
        assert_eq!(power(&[(0.1, 30.0), (0.2, 40.0)]), None);
        assert_eq!(power(&[]), None);
    }
}

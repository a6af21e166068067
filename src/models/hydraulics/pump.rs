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

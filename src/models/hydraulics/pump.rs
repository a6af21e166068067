//! Centrifugal pumps: head curve, speed, wear and power.
//!
//! ```text
//! h = s² h₀ − s^(2−n) r qⁿ          head curve with the affinity laws
//! η = η_b x (2 − x),  x = q / (s q_b)   efficiency, a parabola through zero and its best point
//! P = ρ g q h / η
//! ```
//!
//! One point `(q₁, h₁)` stands for the curve with h₀ = 4/3 h₁ and q_max = 2 q₁; three
//! points, the first at no flow, are met exactly (EPANET 2.2 user manual, section 3.1).
//! Wear `w` from 0 to 1 takes that share of the head and of the efficiency.
//!
//! Limitations: curves of other numbers of points are not read; the affinity laws leave
//! the efficiency of a pump at other speeds as it is.

use super::headloss::Lift;
use crate::units::{GRAVITY, WATER_DENSITY};

/// A pump below this share of its speed delivers nothing.
const SLOWEST: f64 = 0.01;
/// Beyond this multiple of the best flow the parabola means nothing.
const FURTHEST: f64 = 1.6;

/// A pump at full speed, as new.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pump {
    /// Head at no flow h₀, m.
    pub shutoff: f64,
    /// r, m per (m³/s)ⁿ.
    pub slope: f64,
    /// n.
    pub exponent: f64,
    /// The flow of best efficiency q_b, m³/s.
    pub best_flow: f64,
    /// Efficiency there η_b, water power over electrical power.
    pub best_efficiency: f64,
}

/// What a pump is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duty {
    /// Switched on.
    pub running: bool,
    /// Share of full speed.
    pub speed: f64,
    /// 0 as new, 1 worn out.
    pub wear: f64,
}

impl Duty {
    /// Full speed, as new.
    pub const FULL: Self = Self {
        running: true,
        speed: 1.0,
        wear: 0.0,
    };

    /// Takes the value of a port `running`.
    pub fn set_running(&mut self, value: f64) {
        self.running = value >= 0.5;
    }

    /// Takes the value of a port `speed`; no drive goes beyond half as much again.
    pub fn set_speed(&mut self, value: f64) {
        self.speed = value.clamp(0.0, 1.5);
    }

    /// Takes the value of a port `wear`; a pump never loses all of its head.
    pub fn set_wear(&mut self, value: f64) {
        self.wear = value.clamp(0.0, 0.95);
    }
}

impl Pump {
    /// The curve `(shutoff, slope, exponent)` through one point or three; `None` if there is none.
    pub fn fit(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
        match *points {
            [(flow, head)] if flow > 0.0 && head > 0.0 => {
                Some((4.0 / 3.0 * head, head / 3.0 / (flow * flow), 2.0))
            }
            [(0.0, shutoff), (q1, h1), (q2, h2)] => {
                let falls = shutoff > h1 && h1 > h2 && h2 >= 0.0 && 0.0 < q1 && q1 < q2;
                let exponent = ((shutoff - h2) / (shutoff - h1)).ln() / (q2 / q1).ln();
                let fits = falls && exponent > 0.0 && exponent <= 20.0;
                fits.then(|| (shutoff, (shutoff - h1) / q1.powf(exponent), exponent))
            }
            _ => None,
        }
    }

    /// Its head curve under `duty`; `None` if it stands still.
    pub fn lift(&self, duty: Duty) -> Option<Lift> {
        let turns = duty.running && duty.speed > SLOWEST;
        turns.then(|| {
            let sound = 1.0 - duty.wear;
            Lift {
                shutoff: sound * self.shutoff * duty.speed * duty.speed,
                slope: sound * self.slope * duty.speed.powf(2.0 - self.exponent),
                exponent: self.exponent,
            }
        })
    }

    /// Efficiency under `duty` at `flow`, m³/s.
    pub fn efficiency(&self, duty: Duty, flow: f64) -> f64 {
        let share = self.share_of_best(duty, flow);
        self.best_efficiency * (1.0 - duty.wear) * share * (2.0 - share)
    }

    /// Head, m, under `duty` at `flow`, m³/s; zero at rest.
    pub fn head(&self, duty: Duty, flow: f64) -> f64 {
        self.lift(duty).map_or(0.0, |lift| {
            lift.shutoff - lift.slope * flow.max(0.0).powf(lift.exponent)
        })
    }

    /// Electrical power, W, under `duty` at `flow`, m³/s.
    pub fn power(&self, duty: Duty, flow: f64) -> f64 {
        if self.lift(duty).is_none() {
            return 0.0;
        }
        // q / η with the flow cancelled, so that a pump against a shut valve still draws power.
        let share = self.share_of_best(duty, flow);
        let flow_by_efficiency = self.best_flow * duty.speed
            / (self.best_efficiency * (1.0 - duty.wear) * (2.0 - share));
        WATER_DENSITY * GRAVITY * self.head(duty, flow).max(0.0) * flow_by_efficiency
    }

    fn share_of_best(&self, duty: Duty, flow: f64) -> f64 {
        if self.lift(duty).is_none() {
            return 0.0;
        }
        (flow / (duty.speed * self.best_flow)).clamp(0.0, FURTHEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pump() -> Pump {
        let (shutoff, slope, exponent) = Pump::fit(&[(0.1, 40.0)]).expect("one point");
        Pump {
            shutoff,
            slope,
            exponent,
            best_flow: 0.1,
            best_efficiency: 0.8,
        }
    }

    #[test]
    fn a_curve_meets_its_points() {
        let points = [(0.0, 50.0), (0.06, 44.0), (0.12, 30.0)];
        let (shutoff, slope, exponent) = Pump::fit(&points).expect("three points");
        for (flow, exact) in points {
            let head = shutoff - slope * f64::powf(flow, exponent);
            assert!((head - exact).abs() < 1e-9, "{head} m at {flow} m³/s");
        }
        assert!((pump().head(Duty::FULL, 0.1) - 40.0).abs() < 1e-9);
    }

    #[test]
    fn a_rising_curve_is_no_pump() {
        assert_eq!(Pump::fit(&[(0.0, 30.0), (0.1, 40.0), (0.2, 20.0)]), None);
        assert_eq!(Pump::fit(&[(0.1, 30.0), (0.2, 20.0)]), None);
        assert_eq!(Pump::fit(&[]), None);
    }

    #[test]
    fn speed_follows_the_affinity_laws() {
        // q ~ s, h ~ s², P ~ s³ at similar points.
        let (pump, full, slow) = (
            pump(),
            Duty::FULL,
            Duty {
                speed: 0.7,
                ..Duty::FULL
            },
        );
        let ratio = pump.head(slow, 0.07) / pump.head(full, 0.1);
        assert!((ratio - 0.49).abs() < 1e-12, "{ratio}");
        let ratio = pump.power(slow, 0.07) / pump.power(full, 0.1);
        assert!((ratio - 0.343).abs() < 1e-12, "{ratio}");
    }

    #[test]
    fn power_is_water_power_over_efficiency() {
        let (pump, duty) = (
            pump(),
            Duty {
                wear: 0.1,
                ..Duty::FULL
            },
        );
        for flow in [0.02, 0.1, 0.15] {
            let water = WATER_DENSITY * GRAVITY * flow * pump.head(duty, flow);
            let exact = water / pump.efficiency(duty, flow);
            assert!((pump.power(duty, flow) - exact).abs() < 1e-6);
        }
        assert_eq!(
            pump.power(
                Duty {
                    running: false,
                    ..Duty::FULL
                },
                0.0
            ),
            0.0
        );
    }
}

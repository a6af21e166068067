//! How fast a chemical grows or decays, in the bulk of the water and at pipe walls.
//!
//! ```text
//! bulk, order n > 0    k C^n;  with a limit L:  k (L − C) C^(n−1) growing, k (C − L) C^(n−1) decaying
//! bulk, order 0        k
//! bulk, order n < 0    k C / (L + C) growing, k C / (L − C) decaying   (Michaelis–Menten)
//! wall, order 1        (4/d) k_w k_f / (k_f + |k_w|) C
//! wall, order 0        (4/d) k_w, at most what reaches the wall: (4/d) k_f C
//! mass transfer        k_f = Sh D / d;  Sh = 2 below Re = 1, Graetz in laminar flow,
//!                      0.0149 Re^0.88 Sc^(1/3) in turbulent flow (Notter and Sleicher, 1971)
//! ```
//!
//! Rossman, L. A., Clark, R. M. and Grayman, W. M. (1994), "Modeling chlorine residuals in
//! drinking-water distribution systems", J. Environ. Eng. 120(4); EPANET 2.2 user manual,
//! section 12.2.

use super::spec::{Analysis, QualitySpec};
use crate::models::hydraulics::network::bore;

/// EPANET's floor under the denominator of Michaelis–Menten: 1e-6 mg or µg per cubic foot.
const FLOOR_PER_UNIT: f64 = 1e-6 / (0.3048 * 0.3048 * 0.3048);
/// Mass transfer where nothing limits it, m/s.
const UNLIMITED: f64 = 1e10 * 0.3048;

/// A reaction in the bulk of the water.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bulk {
    order: f64,
    limit: f64,
    floor: f64,
}

impl Bulk {
    /// In pipes.
    pub(super) fn in_pipes(spec: &QualitySpec) -> Self {
        Self::of_order(spec.bulk_order, spec)
    }

    /// In tanks.
    pub(super) fn in_tanks(spec: &QualitySpec) -> Self {
        Self::of_order(spec.tank_order, spec)
    }

    fn of_order(order: f64, spec: &QualitySpec) -> Self {
        let micrograms = matches!(
            spec.analysis,
            Analysis::Chemical {
                micrograms: true,
                ..
            }
        );
        Self {
            order,
            limit: spec.limit,
            floor: FLOOR_PER_UNIT * if micrograms { 1e-9 } else { 1e-6 },
        }
    }

    /// kg/(m³ s) at `concentration`, kg/m³; `coefficient` as in [`QualitySpec::bulk`].
    pub(super) fn rate(&self, coefficient: f64, concentration: f64) -> f64 {
        let sign = sign(coefficient);
        let potential = if self.order == 0.0 {
            1.0
        } else if self.order < 0.0 {
            let denominator = self.limit + sign * concentration;
            concentration / denominator.abs().max(self.floor).copysign(denominator)
        } else {
            let distance = if self.limit == 0.0 {
                concentration
            } else {
                (sign * (self.limit - concentration)).max(0.0)
            };
            if self.order == 1.0 {
                distance
            } else if self.order == 2.0 {
                distance * concentration
            } else {
                distance * concentration.max(0.0).powf(self.order - 1.0)
            }
        };
        // Of an order below one the potential has no bound where there is nothing to react.
        let reacts = potential > 0.0 && potential.is_finite();
        if reacts { coefficient * potential } else { 0.0 }
    }
}

/// What mass transfer to a pipe's wall depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    /// m²/s.
    pub(super) diffusivity: f64,
    /// m²/s.
    pub(super) viscosity: f64,
}

impl Transfer {
    /// k_f in a pipe of `diameter` and `length`, m, that carries `flow`, m³/s; m/s.
    fn speed(&self, diameter: f64, length: f64, flow: f64) -> f64 {
        let schmidt = self.viscosity / self.diffusivity;
        let reynolds = flow / bore(diameter) * diameter / self.viscosity;
        let sherwood = if reynolds < 1.0 {
            2.0
        } else if reynolds < 2_300.0 {
            let entrance = diameter / length * reynolds * schmidt;
            3.65 + 0.0668 * entrance / (1.0 + 0.04 * entrance.powf(0.667))
        } else {
            0.0149 * reynolds.powf(0.88) * schmidt.powf(0.333)
        };
        sherwood * self.diffusivity / diameter
    }
}

/// A reaction at the wall of one pipe under one flow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Wall {
    /// None.
    #[default]
    None,
    /// Of order one: 1/s.
    First(f64),
    /// Of order zero.
    Zero {
        /// kg/(m² s).
        coefficient: f64,
        /// Mass transfer, m/s.
        transfer: f64,
        /// Wall over volume, 1/m.
        surface: f64,
    },
}

impl Wall {
    /// In a pipe of `diameter` and `length`, m, that carries `flow`, m³/s, above or at zero;
    /// `coefficient` as in [`QualitySpec::wall`].
    pub(super) fn new(
        coefficient: f64,
        first_order: bool,
        diameter: f64,
        length: f64,
        flow: f64,
        transfer: Transfer,
    ) -> Self {
        if coefficient == 0.0 || diameter <= 0.0 {
            return Self::None;
        }
        let surface = 4.0 / diameter;
        let limited = transfer.diffusivity > 0.0 && transfer.viscosity > 0.0;
        let speed = limited.then(|| transfer.speed(diameter, length, flow));
        match (first_order, speed) {
            (true, Some(speed)) => {
                Self::First(surface * coefficient * speed / (speed + coefficient.abs()))
            }
            (true, None) => Self::First(surface * coefficient),
            (false, speed) => Self::Zero {
                coefficient,
                transfer: speed.unwrap_or(UNLIMITED),
                surface,
            },
        }
    }

    /// kg/(m³ s) at `concentration`, kg/m³.
    pub(super) fn rate(&self, concentration: f64) -> f64 {
        match *self {
            Self::None => 0.0,
            Self::First(coefficient) => coefficient * concentration,
            Self::Zero {
                coefficient,
                transfer,
                surface,
            } => {
                let reaching = sign(coefficient) * concentration * transfer;
                let rate = if reaching.abs() < coefficient.abs() {
                    reaching
                } else {
                    coefficient
                };
                surface * rate
            }
        }
    }
}

/// -1 below zero, else 1.
fn sign(value: f64) -> f64 {
    if value < 0.0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(order: f64, limit: f64, coefficient: f64, concentration: f64, rate: f64) {
        let bulk = Bulk {
            order,
            limit,
            floor: 1e-12,
        };
        let found = bulk.rate(coefficient, concentration);
        assert!((found - rate).abs() < 1e-12, "{found} instead of {rate}");
    }

    #[test]
    fn bulk_rates_follow_the_manual() {
        check(1.0, 0.0, -0.5, 2.0, -1.0);
        check(2.0, 0.0, -0.5, 2.0, -2.0);
        check(0.5, 0.0, -0.5, 4.0, -1.0);
        check(0.0, 0.0, -0.5, 4.0, -0.5);
        check(1.0, 3.0, 0.5, 1.0, 1.0);
        check(1.0, 3.0, 0.5, 4.0, 0.0);
        check(1.0, 3.0, -0.5, 4.0, -0.5);
        check(1.0, 3.0, -0.5, 1.0, 0.0);
        check(-1.0, 2.0, 0.5, 3.0, 0.3);
        check(-1.0, 4.0, -0.5, 3.0, -1.5);
        check(0.5, 3.0, 0.5, 0.0, 0.0);
    }

    #[test]
    fn what_reaches_the_wall_limits_the_reaction() {
        let slow = Transfer {
            diffusivity: 1e-9,
            viscosity: 1e-6,
        };
        let wall = |first_order, transfer| Wall::new(-1e-6, first_order, 0.1, 100.0, 0.0, transfer);
        // Still water: k_f = 2 D / d = 2e-8 m/s.
        let expected = -40.0 * 1e-6 * 2e-8 / (2e-8 + 1e-6);
        assert!((wall(true, slow).rate(1.0) / expected - 1.0).abs() < 1e-12);
        assert!((wall(false, slow).rate(2.0) / (-40.0 * 4e-8) - 1.0).abs() < 1e-12);
        let still = Transfer {
            diffusivity: 0.0,
            ..slow
        };
        assert!((wall(true, still).rate(2.0) / (-40.0 * 2e-6) - 1.0).abs() < 1e-12);
        assert!((wall(false, still).rate(2.0) / (-40.0 * 1e-6) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn stirred_water_reacts_faster_at_the_wall() {
        let transfer = Transfer {
            diffusivity: 1.2e-9,
            viscosity: 1e-6,
        };
        let mut last = 0.0;
        for flow in [0.0, 1e-5, 1e-4, 1e-3, 1e-2] {
            let Wall::First(rate) = Wall::new(1e-5, true, 0.1, 100.0, flow, transfer) else {
                panic!("of order one")
            };
            assert!(rate > last, "{flow} m³/s: {rate}");
            last = rate;
        }
    }
}

//! The units of a file, and what they are in SI.
//!
//! EPANET solves in feet and ft³/s, which it gets from the file's units with factors
//! rounded to four to six digits. To give its answers, flows are rounded as it rounds them;
//! lengths, and volumes with them, come out exact.

/// m.
pub(super) const FOOT: f64 = 0.3048;
/// m³.
pub(super) const CUBIC_FOOT: f64 = FOOT * FOOT * FOOT;
/// Litres of a cubic foot, as EPANET rounds them.
const LITRES_PER_CUBIC_FOOT: f64 = 28.317;
/// psi of a foot of water, as EPANET rounds it.
const PSI_PER_FOOT: f64 = 0.4333;
/// kPa of a psi, as EPANET rounds it.
const KPA_PER_PSI: f64 = 6.895;
/// s.
const DAY: f64 = 86_400.0;

/// A unit of flow that a file may be in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FlowUnit {
    /// As in the file.
    pub(super) name: &'static str,
    /// EPANET's number of them in a cubic foot per second.
    per_cfs: f64,
    /// m³/s, truly.
    exact: f64,
    /// Lengths are metres, else feet.
    is_metric: bool,
}

const fn flow(name: &'static str, per_cfs: f64, exact: f64, is_metric: bool) -> FlowUnit {
    FlowUnit {
        name,
        per_cfs,
        exact,
        is_metric,
    }
}

const US_GALLON: f64 = 3.785_411_784e-3;
const IMPERIAL_GALLON: f64 = 4.546_09e-3;
const ACRE: f64 = 43_560.0;

/// US gallons per minute, unless a file says otherwise.
pub(super) const GPM: FlowUnit = flow("GPM", 448.831, US_GALLON / 60.0, false);

/// Every unit of flow, in the order in which names are compared.
pub(super) const FLOWS: [FlowUnit; 11] = [
    flow("CFS", 1.0, CUBIC_FOOT, false),
    GPM,
    flow("AFD", 1.9837, ACRE * CUBIC_FOOT / DAY, false),
    flow("MGD", 0.64632, 1e6 * US_GALLON / DAY, false),
    flow("IMGD", 0.5382, 1e6 * IMPERIAL_GALLON / DAY, false),
    flow("LPS", LITRES_PER_CUBIC_FOOT, 1e-3, true),
    flow("LPM", 1_699.0, 1e-3 / 60.0, true),
    flow("CMH", 101.94, 1.0 / 3_600.0, true),
    flow("CMD", 2_446.6, 1.0 / DAY, true),
    flow("MLD", 2.4466, 1e3 / DAY, true),
    // An old word for litres per second.
    flow("SI", LITRES_PER_CUBIC_FOOT, 1e-3, true),
];

/// A unit of pressure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PressureUnit {
    #[default]
    Psi,
    Kilopascal,
    Metre,
}

/// What one of the file's units is in SI.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units {
    /// Lengths are metres, diameters millimetres and powers kilowatts; else ft, in and hp.
    pub(super) is_metric: bool,
    /// m³/s inside the equations.
    pub(super) flow: f64,
    /// Flow inside the equations over true flow.
    pub(super) flow_scale: f64,
    /// m, of lengths, levels, heads.
    pub(super) length: f64,
    /// m, of diameters.
    pub(super) diameter: f64,
    /// m of head, of pressures.
    pub(super) pressure: f64,
}

impl Units {
    /// The units of a file of water of this specific `gravity`.
    pub(super) fn new(flow: FlowUnit, pressure: PressureUnit, gravity: f64) -> Self {
        let equation_flow = CUBIC_FOOT / flow.per_cfs;
        let per_foot = match (flow.is_metric, pressure) {
            (false, _) => PSI_PER_FOOT,
            (true, PressureUnit::Kilopascal) => KPA_PER_PSI * PSI_PER_FOOT,
            (true, _) => FOOT,
        };
        Self {
            is_metric: flow.is_metric,
            flow: equation_flow,
            flow_scale: equation_flow / flow.exact,
            length: if flow.is_metric { 1.0 } else { FOOT },
            diameter: if flow.is_metric { 1e-3 } else { FOOT / 12.0 },
            pressure: FOOT / (per_foot * gravity),
        }
    }

    /// m³/s of equations over m³/s where EPANET counts litres.
    pub(super) fn litre_scale() -> f64 {
        1e3 * CUBIC_FOOT / LITRES_PER_CUBIC_FOOT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_factors_are_near_the_truth() {
        for unit in FLOWS {
            let units = Units::new(unit, PressureUnit::Psi, 1.0);
            let error = (units.flow_scale - 1.0).abs();
            assert!(error < 5e-5, "{}: {error}", unit.name);
        }
        let metric = Units::new(FLOWS[5], PressureUnit::Psi, 1.0);
        assert_eq!((metric.length, metric.pressure), (1.0, 1.0));
        let kilopascals = Units::new(FLOWS[5], PressureUnit::Kilopascal, 1.0);
        assert!((kilopascals.pressure - 0.102).abs() < 1e-4);
    }
}

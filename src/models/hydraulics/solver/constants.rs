//! The numbers by which EPANET 2.2 decides, in SI.
//!
//! Its equations are in feet and cubic feet per second; a threshold counts as it does there.

/// A foot, m.
pub const FOOT: f64 = 0.3048;
/// A cubic foot per second, m³/s.
pub const CFS: f64 = FOOT * FOOT * FOOT;
/// A foot of head loss per cubic foot per second, m per m³/s.
const GRADIENT: f64 = FOOT / CFS;

/// The slope of head loss in a closed link, m per m³/s.
pub(super) const STEEPEST: f64 = 1e8 * GRADIENT;
/// The slope of head loss in an open valve without loss, m per m³/s.
pub(super) const SHALLOWEST: f64 = 1e-6 * GRADIENT;
/// Weight that forces a head in the equations, m³/s per m.
pub(super) const FORCING: f64 = 1e8 / GRADIENT;
/// What counts as no flow, m³/s.
pub const NO_FLOW: f64 = 1e-6 * CFS;

//! Sizes on screen from afar, points: a map of a city must stay readable.

/// Tanks and reservoirs.
pub(super) const STORE: f64 = 26.0;
/// Pumps.
pub(super) const PUMP: f64 = 18.0;
/// Valves.
pub(super) const VALVE: f64 = 12.0;
/// The thinnest and the widest pipe.
pub(super) const PIPE: (f64, f64) = (1.8, 5.0);
/// A junction without demand, and the one with the largest.
pub(super) const JUNCTION: (f64, f64) = (3.4, 11.0);

/// Networks of more nodes than this are drawn finer, or they would be one blot.
const FEW: f64 = 120.0;

/// The share of its symbol size that a junction has among so many nodes.
pub(super) fn fineness(nodes: usize) -> f64 {
    (FEW / nodes.max(1) as f64).sqrt().clamp(0.28, 1.0)
}

/// The same for pipes, tanks and pumps, which are wider or fewer.
pub(super) fn softer(nodes: usize) -> f64 {
    fineness(nodes).sqrt().max(0.8)
}

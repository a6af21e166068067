//! What sources add to the water that leaves a node.

use super::plan::Plan;
use super::route;
use super::spec::{Analysis, SourceKind};
use crate::models::hydraulics::network::Network;

/// What a node is to its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Water is drawn, or comes in from outside as a demand below zero.
    Junction,
    /// The network does not change its quality.
    Reservoir,
    /// Its quality is that of what it holds.
    Tank,
}

/// The flows at a node, m³/s.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outflow {
    /// Into links, and to consumers.
    pub(super) leaving: f64,
    /// To consumers; what comes in from outside is below zero.
    pub(super) demand: f64,
}

/// What is added to `quality` in the water that leaves `node` at `secs` since the start,
/// in the unit of quality.
pub(super) fn added(
    plan: &Plan,
    network: &Network,
    node: usize,
    place: Place,
    quality: f64,
    outflow: Outflow,
    secs: i64,
) -> f64 {
    match plan.spec.analysis {
        Analysis::Age => return 0.0,
        Analysis::Trace { node: traced } if traced != node => return 0.0,
        Analysis::Trace { .. } if place == Place::Reservoir => return 1.0,
        Analysis::Trace { .. } => return (1.0 - quality).max(0.0),
        Analysis::Chemical { .. } => {}
    }
    let Some(source) = plan.source(node) else {
        return 0.0;
    };
    if !route::flows(outflow.leaving) {
        return 0.0;
    }
    let pattern = source
        .pattern
        .and_then(|pattern| network.patterns.get(pattern));
    let since_pattern_start = secs.saturating_add(network.times.pattern_start);
    let factor = pattern.map_or(1.0, |pattern| pattern.factor(since_pattern_start as f64));
    let strength = source.strength * factor;
    match source.kind {
        SourceKind::Concentration if place != Place::Junction => strength,
        SourceKind::Concentration => strength * (-outflow.demand).max(0.0) / outflow.leaving,
        SourceKind::Mass => strength / outflow.leaving,
        SourceKind::Setpoint => (strength - quality).max(0.0),
        SourceKind::FlowPaced => strength,
    }
}

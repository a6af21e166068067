//! From a draft to what is asked of water quality, SI.

use super::finish::Finish;
use super::links::{LinkBody, PipeDraft};
use super::nodes::{NodeBody, NodeDraft};
use super::options::QualityChoice;
use super::units::Units;
use crate::models::hydraulics::network::Headloss;
use crate::models::hydraulics::quality::{Analysis, QualitySpec, Source, SourceKind};

/// s.
const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;
const MINUTE: f64 = 60.0;
/// m³.
const LITRE: f64 = 1e-3;

/// What is asked, if anything is.
pub(super) fn quality(finish: &mut Finish<'_, '_>) -> Option<QualitySpec> {
    // kg of a unit of mass; other analyses have sources and reactions of no meaning.
    let (analysis, unit, mass) = match finish.draft.options.quality {
        QualityChoice::None => return None,
        QualityChoice::Chemical { name, unit } => {
            let micrograms = unit.starts_with(['u', 'U', 'µ', 'μ']);
            let mass = if micrograms { 1e-9 } else { 1e-6 };
            let analysis = Analysis::Chemical {
                name: name.to_owned(),
                micrograms,
            };
            (analysis, mass / LITRE, mass)
        }
        QualityChoice::Age => (Analysis::Age, HOUR, 0.0),
        QualityChoice::Trace(node) => {
            let node = finish.node_places[node];
            (Analysis::Trace { node }, 0.01, 0.0)
        }
    };
    let units = finish.units;
    let draft = &finish.draft;
    let reactions = &draft.reactions;
    // dC/dt = k Cⁿ in the file's unit of C; below zero stands for Michaelis–Menten, whose k
    // is that of order zero.
    let bulk_scale = |order: f64| unit.powf(1.0 - order.max(0.0)) / DAY;
    let wall_scale = if reactions.wall_first_order {
        units.length / DAY
    } else {
        mass * Units::litre_scale() / (units.length * units.length) / DAY
    };
    let tolerance = draft.options.tolerance.unwrap_or(0.01);
    let mut spec = QualitySpec {
        tolerance: tolerance * unit,
        diffusivity: draft.options.diffusivity(&units),
        bulk_order: reactions.bulk_order,
        tank_order: reactions.tank_order,
        wall_first_order: reactions.wall_first_order,
        limit: reactions.limit * unit,
        initial: vec![0.0; draft.nodes.len()],
        bulk: Vec::with_capacity(draft.links.len()),
        wall: Vec::with_capacity(draft.links.len()),
        tank_bulk: Vec::new(),
        mixing: Vec::new(),
        sources: Vec::new(),
        analysis,
    };
    for link in &draft.links {
        let (bulk, wall) = match &link.body {
            LinkBody::Pipe(pipe) => (
                link.bulk.unwrap_or(reactions.bulk),
                link.wall.unwrap_or_else(|| wall(finish, pipe)),
            ),
            LinkBody::Pump(_) | LinkBody::Valve(_) => (0.0, 0.0),
        };
        spec.bulk.push(bulk * bulk_scale(reactions.bulk_order));
        spec.wall.push(wall * wall_scale);
    }
    for (node, place) in draft.nodes.iter().zip(&finish.node_places) {
        spec.initial[*place] = node.quality * unit;
        if let NodeBody::Tank(tank) = &node.body
            && !tank.is_reservoir()
        {
            let bulk = tank.bulk.unwrap_or(reactions.bulk);
            spec.tank_bulk.push(bulk * bulk_scale(reactions.tank_order));
            spec.mixing.push(tank.mixing);
        }
    }
    if mass > 0.0 {
        let sources = draft.nodes.iter().zip(&finish.node_places);
        let of_node = |(node, place): (&NodeDraft<'_>, &usize)| source(node, *place, unit, mass);
        spec.sources = sources.filter_map(of_node).collect();
        spec.sources.sort_by_key(|source| source.node);
    }
    Some(spec)
}

/// The wall's coefficient of a pipe without one of its own, in the file's units.
fn wall(finish: &Finish<'_, '_>, pipe: &PipeDraft) -> f64 {
    let reactions = &finish.draft.reactions;
    let factor = reactions.roughness_factor;
    if factor == 0.0 {
        return reactions.wall;
    }
    if pipe.roughness <= 0.0 {
        return 0.0;
    }
    match finish.draft.options.fixed.headloss {
        Headloss::HazenWilliams => factor / pipe.roughness,
        // EPANET divides the roughness in thousandths by the diameter in inches or millimetres.
        Headloss::DarcyWeisbach => factor / (pipe.roughness / pipe.diameter).ln().abs(),
        Headloss::ChezyManning => factor * pipe.roughness,
    }
}

fn source(node: &NodeDraft<'_>, place: usize, unit: f64, mass: f64) -> Option<Source> {
    let source = node.source.as_ref()?;
    let scale = match source.kind {
        SourceKind::Mass => mass * Units::litre_scale() / MINUTE,
        SourceKind::Concentration | SourceKind::Setpoint | SourceKind::FlowPaced => unit,
    };
    Some(Source {
        node: place,
        kind: source.kind,
        strength: source.strength * scale,
        pattern: source.pattern,
    })
}

//! Connections: a signal that carries the value of another.

use std::collections::HashMap;

use super::check::quoted;
use super::cycle::cycles;
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::spec::ConnectionSpec;
use crate::signal::SignalId;
use crate::units::Unit;

pub(super) fn compile(
    specs: &[ConnectionSpec],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<(SignalId, SignalId)> {
    let root = Place::Scene;
    let list = root.key("connections");
    let mut connections = Vec::with_capacity(specs.len());
    let mut taken: HashMap<SignalId, usize> = HashMap::new();
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let from = names.signal(findings, &place.key("from"), &spec.from);
        let to = names.signal(findings, &place.key("to"), &spec.to);
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        if from == to {
            let message = format!("{} is connected to itself", quoted(&spec.from));
            findings.add(&place, message, "name the signal that knows in `from`");
            continue;
        }
        check_quantities(from, to, names, &place, findings);
        let first = *taken.entry(to).or_insert(index);
        if first != index {
            let message = format!("a second connection leads to {}", quoted(&spec.to));
            findings.add_second(&place.key("to"), &list.item(first).key("to"), message);
            continue;
        }
        connections.push((from, to));
    }
    check_circles(&taken, &connections, names, &list, findings);
    connections
}

fn check_quantities(
    from: SignalId,
    to: SignalId,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let (knows, shows) = (names.get(from), names.get(to));
    let differ = knows.unit.quantity() != shows.unit.quantity();
    if differ && !names.is_doubtful(from) && !names.is_doubtful(to) {
        findings.add(
            place,
            format!(
                "{} is {}, but {} is {}",
                quoted(&knows.full_name),
                in_unit(knows.unit),
                quoted(&shows.full_name),
                in_unit(shows.unit)
            ),
            "both ends of a connection measure the same quantity, in whatever unit",
        );
    }
}

fn in_unit(unit: Unit) -> String {
    match unit.name() {
        "" => "a plain number".to_owned(),
        name => format!("in {name}"),
    }
}

fn check_circles(
    taken: &HashMap<SignalId, usize>,
    connections: &[(SignalId, SignalId)],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) {
    let mut source = vec![None; names.signals().count()];
    for (from, to) in connections {
        source[to.index()] = Some(from.0);
    }
    for circle in cycles(&source) {
        // `source` points upstream; people read downstream.
        let downstream = circle.iter().rev().cycle().take(circle.len() + 1);
        let path: Vec<&str> = downstream
            .map(|id| names.get(SignalId(*id)).full_name.as_str())
            .collect();
        let first = circle.iter().filter_map(|id| taken.get(&SignalId(*id)));
        let index = first.min().copied().unwrap_or(0);
        findings.add(
            &list.item(index),
            format!("connections go round in a circle: {}", path.join(" to ")),
            "remove one of them",
        );
    }
}

//! What runs are judged by.

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::spec::KpiSpec;
use crate::scene::{Kpi, KpiMeasure, pattern};
use crate::signal::SignalId;
use crate::units::{Quantity, Unit};

pub(super) fn compile(specs: &[KpiSpec], names: &Names<'_>, findings: &mut Findings) -> Vec<Kpi> {
    let root = Place::Scene;
    let list = root.key("kpis");
    check::unique(
        findings,
        &list,
        "name",
        "KPI",
        specs.iter().map(|spec| spec.name.as_str()),
    );
    specs
        .iter()
        .enumerate()
        .filter_map(|(index, spec)| one(spec, names, &list.item(index), findings))
        .collect()
}

fn one(
    spec: &KpiSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Kpi> {
    check::title(findings, &place.key("name"), "name of the KPI", &spec.name);
    let fits = |(_, signal): &(SignalId, &crate::scene::Signal)| {
        pattern::matches(&spec.signals, &signal.full_name)
    };
    let found: Vec<_> = names.signals().filter(fits).collect();
    let signals_place = place.key("signals");
    let Some((_, first)) = found.first() else {
        if !names.any_doubtful() {
            let message = format!("no signal is called {}", quoted(&spec.signals));
            let hint = "write `tag.signal`, with `*` for any text, such as `P-*.power`";
            findings.add(&signals_place, message, hint);
        }
        return None;
    };
    let (quantity, signal_unit) = (first.unit.quantity(), first.unit);
    if let Some((_, other)) = found.iter().find(|(_, s)| s.unit.quantity() != quantity) {
        let message = format!(
            "{} and {} do not measure the same",
            quoted(&first.full_name),
            quoted(&other.full_name)
        );
        findings.add(&signals_place, message, "what is added up must be alike");
        return None;
    }
    let (measured, usual) = match spec.measure {
        KpiMeasure::Total => match total_of(quantity) {
            Some(total) => (total, total.si_unit()),
            None => {
                let message = format!("{quantity:?} has no total over time");
                let hint = "flows, powers and plain numbers have one; take `Mean` or `Max`";
                findings.add(&place.key("measure"), message, hint);
                return None;
            }
        },
        KpiMeasure::TimeAbove(_) | KpiMeasure::TimeBelow(_) => {
            (Quantity::Time, Quantity::Time.si_unit())
        }
        KpiMeasure::Mean | KpiMeasure::Min | KpiMeasure::Max | KpiMeasure::Last => {
            (quantity, signal_unit)
        }
    };
    let unit_place = place.key("unit");
    let unit = match spec.unit.as_deref().map(str::parse::<Unit>) {
        None => usual,
        Some(Ok(unit)) if unit.quantity() == measured => unit,
        Some(Ok(unit)) => {
            let message = format!("{} is no unit of {measured:?}", quoted(unit.name()));
            let hint = format!("its SI unit is {}", measured.si_unit().name());
            findings.add(&unit_place, message, hint);
            return None;
        }
        Some(Err(error)) => {
            findings.add_error(&unit_place, &error);
            return None;
        }
    };
    Some(Kpi {
        name: spec.name.clone(),
        signals: found.iter().map(|(id, _)| *id).collect(),
        measure: match spec.measure {
            KpiMeasure::TimeAbove(value) => KpiMeasure::TimeAbove(signal_unit.to_si(value)),
            KpiMeasure::TimeBelow(value) => KpiMeasure::TimeBelow(signal_unit.to_si(value)),
            other => other,
        },
        unit,
        better: spec.better,
    })
}

/// What an integral over time of this is.
fn total_of(quantity: Quantity) -> Option<Quantity> {
    match quantity {
        Quantity::Power => Some(Quantity::Energy),
        Quantity::VolumeFlow => Some(Quantity::Volume),
        Quantity::MassFlow => Some(Quantity::Mass),
        Quantity::Speed => Some(Quantity::Length),
        // A state or a share that is 1 for an hour gives an hour.
        Quantity::Number => Some(Quantity::Time),
        _ => None,
    }
}

//! Scenarios: futures that can be asked for, of a size that can be computed.

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use super::overrides;
use crate::scene::Scenario;
use crate::scene::spec::{ScenarioSpec, UncertainSpec};
use crate::signal::SignalId;

/// More members say nothing new about P10 to P90.
const MAX_MEMBERS: u32 = 10_000;
/// More outputs than this are not looked at by anybody.
const MAX_OUTPUTS: u128 = 100_000;

pub(super) fn compile(
    specs: &[ScenarioSpec],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Scenario> {
    let root = Place::Scene;
    let list = root.key("scenarios");
    let titles = specs.iter().map(|spec| spec.name.as_str());
    check::unique(findings, &list, "name", "scenario", titles);
    specs
        .iter()
        .enumerate()
        .map(|(index, spec)| scenario(spec, names, &list.item(index), findings))
        .collect()
}

fn scenario(
    spec: &ScenarioSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Scenario {
    check::title(
        findings,
        &place.key("name"),
        "name of the scenario",
        &spec.name,
    );
    if !(1..=MAX_MEMBERS).contains(&spec.members) {
        let message = format!("an ensemble cannot have {} members", spec.members);
        let hint = format!("write a number from 1 to {MAX_MEMBERS}");
        findings.add(&place.key("members"), message, hint);
    }
    let (horizon_place, step_place) = (place.key("horizon"), place.key("step"));
    let horizon = check::positive_duration(findings, &horizon_place, &spec.horizon);
    let step = check::positive_duration(findings, &step_place, &spec.step);
    if !horizon.is_zero() && !step.is_zero() {
        let outputs = horizon.as_nanos() / step.as_nanos();
        let (horizon, step) = (quoted(&spec.horizon), quoted(&spec.step));
        if outputs == 0 {
            let message = format!("the step {step} is longer than the horizon {horizon}");
            findings.add(&step_place, message, "write a shorter step");
        } else if outputs > MAX_OUTPUTS {
            let message = format!("{outputs} steps of {step} fill the horizon {horizon}");
            let hint = format!("write a longer step: {MAX_OUTPUTS} outputs are the most");
            findings.add(&step_place, message, hint);
        }
    }
    Scenario {
        name: spec.name.clone(),
        description: spec.description.clone(),
        horizon,
        step,
        members: spec.members,
        overrides: overrides::compile(&spec.overrides, names, &place.key("overrides"), findings),
        faults: overrides::compile(&spec.faults, names, &place.key("faults"), findings),
        uncertain: uncertain(&spec.uncertain, names, &place.key("uncertain"), findings),
    }
}

fn uncertain(
    specs: &[UncertainSpec],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<(SignalId, f64)> {
    let signals = specs.iter().map(|spec| spec.signal.as_str());
    check::unique(findings, list, "signal", "uncertain signal", signals);
    let mut uncertain = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        if !(0.0..=1.0).contains(&spec.spread) {
            findings.add(
                &place.key("spread"),
                format!("the spread {} is not from 0 to 1", spec.spread),
                "0.1 lets the factor differ by about 10 % from member to member",
            );
        }
        if let Some(signal) = names.signal(findings, &place.key("signal"), &spec.signal) {
            uncertain.push((signal, spec.spread));
        }
    }
    uncertain
}

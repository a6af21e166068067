//! Scenarios: futures that can be asked for, of a size that can be computed.

use std::collections::HashMap;
use std::time::Duration;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use super::{overrides, uncertain};
use crate::problem::did_you_mean;
use crate::scene::spec::{ForcingSpec, ScenarioSpec};
use crate::scene::{Correlation, Forcing, ForcingSource, Override, Scenario};
use crate::signal::SignalId;
use crate::time::parse_duration;

/// More members say nothing new about P10 to P90.
const MAX_MEMBERS: u32 = 10_000;
/// More outputs than this are not looked at by anybody.
const MAX_OUTPUTS: u128 = 100_000;
/// Where nobody says otherwise.
const HORIZON: Duration = Duration::from_secs(86_400);
const STEP: Duration = Duration::from_secs(300);

/// The scenarios of the scene, and those that the program keeps beside it, in the place of those
/// of the same name.
pub(super) fn compile(
    own: &[ScenarioSpec],
    kept: &[ScenarioSpec],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Scenario> {
    let root = Place::Scene;
    let list = root.key("scenarios");
    for (specs, first) in [(own, 0), (kept, own.len())] {
        let titles = specs.iter().map(|spec| spec.name.as_str());
        check::unique_from(findings, &list, "name", "scenario", titles, first);
    }
    let specs: Vec<&ScenarioSpec> = own.iter().chain(kept).collect();
    let counts = places(&specs, own.len());
    let mut done: HashMap<&str, Scenario> = HashMap::new();
    for index in in_order(&specs, &counts, &list, findings) {
        let spec = specs[index];
        let base = spec.based_on.as_deref().and_then(|name| done.get(name));
        let base = base
            .cloned()
            .unwrap_or_else(|| Scenario::plain("", HORIZON, STEP));
        let mut scenario = scenario(spec, base, names, &list.item(index), findings);
        scenario.kept = index >= own.len();
        if counts.get(spec.name.as_str()) == Some(&index) {
            done.insert(&spec.name, scenario);
        }
    }
    let all = specs
        .iter()
        .filter_map(|spec| done.remove(spec.name.as_str()));
    all.collect()
}

/// Where the scenario of each name stands.
fn places<'s>(specs: &[&'s ScenarioSpec], own: usize) -> HashMap<&'s str, usize> {
    let place = |(place, spec): (usize, &&'s ScenarioSpec)| (spec.name.as_str(), place);
    let mut places: HashMap<&str, usize> =
        specs[..own].iter().enumerate().rev().map(place).collect();
    places.extend(specs.iter().enumerate().skip(own).rev().map(place));
    places
}

/// The scenarios, each after the one that it is based on.
fn in_order(
    specs: &[&ScenarioSpec],
    places: &HashMap<&str, usize>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<usize> {
    let mut depth = vec![0; specs.len()];
    for (index, depth) in depth.iter_mut().enumerate() {
        let mut at = index;
        while let Some(name) = specs[at].based_on.as_deref() {
            let place = list.item(at);
            let place = place.key("based_on");
            let Some(&base) = places.get(name) else {
                if at == index {
                    let message = format!("there is no scenario {}", quoted(name));
                    findings.add(&place, message, did_you_mean(name, places.keys().copied()));
                }
                break;
            };
            *depth += 1;
            if *depth > specs.len() {
                let message = format!("{} is based on itself", quoted(&specs[index].name));
                let hint = "a chain of scenarios must begin with one that is based on none";
                findings.add(&list.item(index).key("based_on"), message, hint);
                break;
            }
            at = base;
        }
    }
    let mut order: Vec<usize> = (0..specs.len()).collect();
    order.sort_by_key(|place| depth[*place]);
    order
}

fn scenario(
    spec: &ScenarioSpec,
    base: Scenario,
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
    let members = spec.members.unwrap_or(base.members);
    if !(1..=MAX_MEMBERS).contains(&members) {
        let message = format!("an ensemble cannot have {members} members");
        let hint = format!("write a number from 1 to {MAX_MEMBERS}");
        findings.add(&place.key("members"), message, hint);
    }
    let (horizon_place, step_place) = (place.key("horizon"), place.key("step"));
    let mut span = |place: &Place<'_>, text: &Option<String>, inherited| match text {
        Some(text) => check::positive_duration(findings, place, text),
        None => inherited,
    };
    let horizon = span(&horizon_place, &spec.horizon, base.horizon);
    let step = span(&step_place, &spec.step, base.step);
    if !horizon.is_zero() && !step.is_zero() {
        let outputs = horizon.as_nanos() / step.as_nanos();
        if outputs == 0 {
            let message = format!("the step {step:?} is longer than the horizon {horizon:?}");
            findings.add(&step_place, message, "write a shorter step");
        } else if outputs > MAX_OUTPUTS {
            let message = format!("{outputs} steps of {step:?} fill the horizon {horizon:?}");
            let hint = format!("write a longer step: {MAX_OUTPUTS} outputs are the most");
            findings.add(&step_place, message, hint);
        }
    }
    let without = dropped(&spec.without, &base, names, &place.key("without"), findings);
    let overrides = overrides::compile(&spec.overrides, names, &place.key("overrides"), findings);
    let faults = overrides::compile(&spec.faults, names, &place.key("faults"), findings);
    let forcing = forcing(&spec.forcing, names, &place.key("forcing"), findings);
    let drawn = uncertain::compile(&spec.uncertain, names, &place.key("uncertain"), findings);
    let drawn = changed(base.uncertain, drawn, &without, |one| one.signal);
    let correlations = place.key("correlations");
    let mut related =
        uncertain::correlations(&spec.correlations, &drawn, names, &correlations, findings);
    let kept = base.correlations.into_iter().filter(|known| {
        let same = |other: &Correlation| pair(other) == pair(known);
        let (one, other) = known.between;
        let both = [one, other].map(|id| drawn.iter().any(|entry| entry.signal == id));
        both == [true, true] && !related.iter().any(same)
    });
    related = kept.chain(related.clone()).collect();
    Scenario {
        name: spec.name.clone(),
        description: spec.description.clone(),
        based_on: spec.based_on.clone(),
        kept: false,
        horizon,
        step,
        members,
        overrides: changed(base.overrides, overrides, &without, |one: &Override| {
            one.signal
        }),
        faults: changed(base.faults, faults, &without, |one: &Override| one.signal),
        forcing: changed(base.forcing, forcing, &without, |one| one.signal),
        uncertain: drawn,
        correlations: related,
        sampling: spec.sampling.unwrap_or(base.sampling),
    }
}

/// What a scenario inherits, but for what it drops and what it says itself.
fn changed<T>(
    base: Vec<T>,
    own: Vec<T>,
    without: &[SignalId],
    signal: impl Fn(&T) -> SignalId,
) -> Vec<T> {
    let said = |id: SignalId| own.iter().any(|one| signal(one) == id);
    let kept = base
        .into_iter()
        .filter(|one| !without.contains(&signal(one)) && !said(signal(one)));
    kept.collect::<Vec<_>>().into_iter().chain(own).collect()
}

/// Both names of a correlation, in one order.
fn pair(correlation: &Correlation) -> (SignalId, SignalId) {
    let (one, other) = correlation.between;
    (one.min(other), one.max(other))
}

/// The signals of which nothing is inherited.
fn dropped(
    texts: &[String],
    base: &Scenario,
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<SignalId> {
    let inherited = |id: SignalId| {
        let changes = base.overrides.iter().chain(&base.faults);
        changes.map(|one| one.signal).any(|known| known == id)
            || base.forcing.iter().any(|one| one.signal == id)
            || base.uncertain.iter().any(|one| one.signal == id)
    };
    let mut found = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let place = list.item(index);
        let Some(id) = names.signal(findings, &place, text) else {
            continue;
        };
        if !inherited(id) {
            let message = format!("nothing is inherited of {}", quoted(text));
            findings.add(&place, message, "remove it from `without`");
        }
        found.push(id);
    }
    found
}

fn forcing(
    specs: &[ForcingSpec],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Forcing> {
    let signals = specs.iter().map(|spec| spec.signal.as_str());
    check::unique(findings, list, "signal", "prescribed signal", signals);
    let mut all = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let signal = names.signal(findings, &place.key("signal"), &spec.signal);
        let given = [
            spec.file.is_some(),
            !spec.points.is_empty(),
            spec.repeat.is_some(),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            findings.add(
                &place,
                "exactly one of `file`, `points` and `repeat` must be given",
                "`repeat: \"24h\"` takes what was measured a day before",
            );
            continue;
        }
        let Some(signal) = signal else { continue };
        let source = if let Some(file) = &spec.file {
            let column = spec.column.clone();
            ForcingSource::File {
                file: file.clone(),
                column: column.unwrap_or_else(|| spec.signal.clone()),
            }
        } else if let Some(repeat) = &spec.repeat {
            let place = place.key("repeat");
            let span = check::positive_duration(findings, &place, repeat);
            if !names.get(signal).measured {
                let name = quoted(&spec.signal);
                let message = format!("{name} is not measured, so there is no past to repeat");
                findings.add(
                    &place,
                    message,
                    "repeat a measured signal, or give `points`",
                );
            }
            ForcingSource::Repeat(span)
        } else {
            ForcingSource::Points(points(spec, signal, names, &place, findings).into())
        };
        all.push(Forcing { signal, source });
    }
    all
}

fn points(
    spec: &ForcingSpec,
    signal: SignalId,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<(f64, f64)> {
    let list = place.key("points");
    let unit = names.get(signal).unit;
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (index, (after, value)) in spec.points.iter().enumerate() {
        let place = list.item(index);
        check::finite(findings, &place, "value", *value);
        match parse_duration(after) {
            Ok(after) => {
                let secs = after.as_secs_f64();
                if points.last().is_some_and(|(last, _)| *last > secs) {
                    let message = format!(
                        "{} comes after a later point",
                        quoted(after_text(spec, index))
                    );
                    findings.add(&place, message, "write points in order of time");
                }
                points.push((secs, unit.to_si(*value)));
            }
            Err(error) => findings.add_error(&place, &error),
        }
    }
    points
}

fn after_text(spec: &ForcingSpec, index: usize) -> &str {
    spec.points.get(index).map_or("", |(after, _)| after)
}

//! Rules of alarms and suppressions, with every name resolved.

use std::collections::BTreeSet;
use std::time::Duration;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::alarm_spec::{AlarmSpec, SuppressionSpec, WhenSpec};
use crate::scene::{AlarmRule, Expression, Measure, Suppression, Threshold, pattern};
use crate::units::Unit;

/// A condition is 1 where it holds, so this is past it.
const HOLDS: f64 = 0.5;

pub(super) fn compile(
    specs: &[AlarmSpec],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<AlarmRule> {
    let root = Place::Scene;
    let list = root.key("alarms");
    let titles = specs.iter().map(|spec| spec.name.as_str());
    check::unique(findings, &list, "name", "alarm", titles);
    let rules = specs.iter().enumerate();
    let rules = rules.filter_map(|(index, spec)| rule(spec, names, &list.item(index), findings));
    rules.collect()
}

pub(super) fn suppressions(
    specs: &[SuppressionSpec],
    rules: &[AlarmRule],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Suppression> {
    let root = Place::Scene;
    let list = root.key("suppressions");
    let mut compiled = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let mut alarms = BTreeSet::new();
        for (item, wanted) in spec.alarms.iter().enumerate() {
            let before = alarms.len();
            alarms.extend(alarms_called(wanted, rules, names));
            if alarms.len() == before && !names.any_doubtful() {
                let message = format!("{} names no alarm", quoted(wanted));
                let hint =
                    "write a signal with limits, with `*` for any text, or the name of a rule";
                findings.add(&place.key("alarms").item(item), message, hint);
            }
        }
        let off_delay = check::duration(findings, &place.key("off_delay"), &spec.off_delay);
        if let Some(when) = expression(&spec.when, names, &place.key("when"), findings) {
            compiled.push(Suppression {
                alarms,
                when,
                off_delay,
            });
        }
    }
    compiled
}

/// The places of the alarms of a pattern.
fn alarms_called(wanted: &str, rules: &[AlarmRule], names: &Names<'_>) -> Vec<u32> {
    let limits = names.signals().flat_map(|(_, signal)| {
        let fits = pattern::matches(wanted, &signal.full_name);
        signal.limits.iter().map(move |_| fits)
    });
    let rules = rules.iter().map(|rule| {
        rule.name == wanted || pattern::matches(wanted, &names.get(rule.signal).full_name)
    });
    let places = (0..).zip(limits.chain(rules));
    let fitting = places.filter(|(_, fits)| *fits);
    fitting.map(|(place, _)| place).collect()
}

fn rule(
    spec: &AlarmSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<AlarmRule> {
    check::title(
        findings,
        &place.key("name"),
        "name of the alarm",
        &spec.name,
    );
    let signal = names.signal(findings, &place.key("signal"), &spec.signal);
    let on_delay = check::duration(findings, &place.key("on_delay"), &spec.on_delay);
    let off_delay = check::duration(findings, &place.key("off_delay"), &spec.off_delay);
    let signal = signal?;
    let unit = names.get(signal).unit;
    let when = place.key("when");
    let limit = |is_upper: bool, at: f64, deadband: f64| Threshold {
        is_upper,
        at,
        clear: Threshold::clears_at(is_upper, at, deadband),
        on_delay,
        off_delay,
    };
    let condition = limit(true, HOLDS, 0.0);
    let lasting = |span: Duration| Threshold {
        on_delay: span,
        ..condition
    };
    let other = |name: &str, key: &str, findings: &mut Findings| {
        let other = names.signal(findings, &when.key(key), name)?;
        let alike = names.get(other).unit.quantity() == unit.quantity();
        let doubtful = names.is_doubtful(other) || names.is_doubtful(signal);
        if !alike && !doubtful {
            let message = format!(
                "{} and {} do not measure the same",
                quoted(&spec.signal),
                quoted(name)
            );
            findings.add(&when.key(key), message, "what is compared must be alike");
        }
        Some(other)
    };
    let (measure, threshold) = match &spec.when {
        WhenSpec::Above { at, deadband } | WhenSpec::Below { at, deadband } => {
            check::finite(findings, &when.key("at"), "limit", *at);
            let is_upper = matches!(spec.when, WhenSpec::Above { .. });
            let deadband = span(*deadband, "deadband", unit, &when, findings);
            (Measure::Value, limit(is_upper, unit.to_si(*at), deadband))
        }
        WhenSpec::Deviation { from, by, deadband } => {
            let from = other(from, "from", findings);
            let by = span(*by, "by", unit, &when, findings);
            let deadband = span(*deadband, "deadband", unit, &when, findings);
            (
                Measure::Deviation { from: from? },
                limit(true, by, deadband),
            )
        }
        WhenSpec::Rate {
            by,
            within,
            deadband,
        } => {
            let within = check::positive_duration(findings, &when.key("within"), within);
            let by = span(*by, "by", unit, &when, findings);
            let deadband = span(*deadband, "deadband", unit, &when, findings);
            (Measure::Rate { within }, limit(true, by, deadband))
        }
        WhenSpec::Discrepancy { with } => {
            let with = other(with, "with", findings)?;
            (Measure::Discrepancy { with }, condition)
        }
        WhenSpec::Frozen {
            lasting: time,
            tolerance,
        } => {
            refuse_delays(spec, place, findings);
            let time = check::positive_duration(findings, &when.key("lasting"), time);
            let tolerance = span(*tolerance, "tolerance", unit, &when, findings);
            (Measure::Frozen { tolerance }, lasting(time))
        }
        WhenSpec::Silent { lasting: time } => {
            refuse_delays(spec, place, findings);
            let time = check::positive_duration(findings, &when.key("lasting"), time);
            (Measure::Silent, lasting(time))
        }
        WhenSpec::BadQuality => (Measure::BadQuality, condition),
        WhenSpec::Holds(text) => {
            let expression = expression(text, names, &when, findings)?;
            (Measure::Expression(expression), condition)
        }
    };
    Some(AlarmRule {
        name: spec.name.clone(),
        signal,
        measure,
        threshold,
        priority: spec.priority,
        latching: spec.latching,
        message: match spec.message.is_empty() {
            true => spec.name.clone(),
            false => spec.message.clone(),
        },
        advice: spec.advice.clone(),
    })
}

/// A distance of values, SI.
fn span(value: f64, key: &str, unit: Unit, when: &Place<'_>, findings: &mut Findings) -> f64 {
    check::not_negative(findings, &when.key(key), key, value);
    unit.span_to_si(value)
}

/// `lasting` is the delay of what waits for something to happen, and it is over at once.
fn refuse_delays(spec: &AlarmSpec, place: &Place<'_>, findings: &mut Findings) {
    for (key, text) in [("on_delay", &spec.on_delay), ("off_delay", &spec.off_delay)] {
        if crate::time::parse_duration(text).is_ok_and(|delay| !delay.is_zero()) {
            let message = format!("a rule with `lasting` has no {key}");
            findings.add(
                &place.key(key),
                message,
                "remove it, or make `lasting` longer",
            );
        }
    }
}

fn expression(
    text: &str,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Expression> {
    let find = |name: &str| names.find(name).map(|id| (id, names.get(id).unit));
    match Expression::parse(text, find) {
        Ok(expression) => Some(expression),
        Err(_) if names.any_doubtful() => None,
        Err(error) => {
            findings.add_error(place, &error);
            None
        }
    }
}

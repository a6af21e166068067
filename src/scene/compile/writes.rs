//! What may be written to the plant, and on which topics.

use std::sync::Arc;
use std::time::Duration;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use crate::problem::did_you_mean;
use crate::scene::spec::{MqttSpec, SignalSpec};
use crate::scene::{Signal, Write};

/// How long the plant may take where the scene does not say.
const WITHIN: Duration = Duration::from_secs(10);
/// Nobody waits longer for an answer.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Gives `signals` of one type the ways in which they are written.
pub(super) fn compile(
    specs: &[SignalSpec],
    signals: &mut [Signal],
    list: &Place<'_>,
    findings: &mut Findings,
) {
    for (index, spec) in specs.iter().enumerate() {
        if spec.write.is_some() {
            let item = list.item(index);
            let write = write(spec, index, signals, &item.key("write"), findings);
            signals[index].write = write.map(Arc::new);
        }
    }
}

fn write(
    spec: &SignalSpec,
    index: usize,
    signals: &[Signal],
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Write> {
    let wanted = spec.write.as_ref()?;
    let before = findings.count();
    let signal = &signals[index];
    let (low, high) = wanted.range.unwrap_or(spec.range);
    check::range(findings, &place.key("range"), (low, high));
    check::not_negative(
        findings,
        &place.key("tolerance"),
        "tolerance",
        wanted.tolerance,
    );
    let name = if wanted.reads_back.is_empty() {
        &spec.name
    } else {
        &wanted.reads_back
    };
    let reads_back = signals.iter().position(|signal| signal.name == *name);
    match reads_back.map(|place| &signals[place]) {
        None => {
            let known: Vec<&str> = signals.iter().map(|signal| signal.name.as_str()).collect();
            let message = format!("this type has no signal {}", quoted(name));
            let hint = did_you_mean(name, known);
            findings.add(&place.key("reads_back"), message, hint);
        }
        Some(back) if !back.measured => {
            let message = format!("{} is not measured", quoted(name));
            let hint = "name a measured signal in `reads_back`: without it nobody knows \
                        whether the plant obeyed";
            findings.add(&place.key("reads_back"), message, hint);
        }
        Some(back) if back.unit.quantity() != signal.unit.quantity() => {
            let message = format!("{} is another quantity", quoted(name));
            let hint = "what is read back is compared with what was written";
            findings.add(&place.key("reads_back"), message, hint);
        }
        Some(_) => {}
    }
    let within = if wanted.within.is_empty() {
        WITHIN
    } else {
        check::positive_duration(findings, &place.key("within"), &wanted.within)
    };
    if within > LONGEST {
        let message = format!("{} is longer than an hour", quoted(&wanted.within));
        findings.add(&place.key("within"), message, "write a shorter time");
    }
    (findings.count() == before).then(|| Write {
        range: (signal.unit.to_si(low), signal.unit.to_si(high)),
        reads_back: reads_back.unwrap_or(index) as u32,
        tolerance: tolerance(signal, wanted.tolerance, (low, high)),
        within,
    })
}

/// SI; never so small that the dust of a conversion counts, and half a state for states.
fn tolerance(signal: &Signal, given: f64, (low, high): (f64, f64)) -> f64 {
    if !signal.states.is_empty() {
        return 0.5;
    }
    let unit = signal.unit;
    let of = |span: f64| (unit.to_si(span) - unit.to_si(0.0)).abs();
    of(given).max(of(high - low) * 1e-6)
}

/// Checks the topics on which a source takes commands.
pub(super) fn check_topic(source: &MqttSpec, place: &Place<'_>, findings: &mut Findings) {
    let Some(pattern) = &source.commands else {
        return;
    };
    let levels: Vec<&str> = pattern.split('/').collect();
    let count = |level: &str| levels.iter().filter(|known| **known == level).count();
    let odd = |level: &&str| {
        let named = ["{asset}", "{signal}"].contains(level);
        !named && (level.is_empty() || level.contains(['+', '#', '{', '}', '\0']))
    };
    if levels.iter().any(odd) || count("{signal}") != 1 || count("{asset}") > 1 {
        let message = format!("{} is no topic of commands", quoted(pattern));
        let hint = "write levels of text with {asset} and {signal}, such as \
                    plant/{asset}/{signal}/set";
        findings.add(place, message, hint);
        return;
    }
    // What we write must not come back as if the plant had measured it.
    let heard = source.topics.iter().find(|topic| {
        let other: Vec<&str> = topic.pattern.split('/').collect();
        meets(&levels, &other)
    });
    if let Some(topic) = heard {
        let message = format!(
            "{} would be heard as telemetry by {}",
            quoted(pattern),
            quoted(&topic.pattern)
        );
        findings.add(place, message, "add a last level, such as /set");
    }
}

/// True if some topic fits both patterns.
fn meets(one: &[&str], other: &[&str]) -> bool {
    let free = |level: &str| matches!(level, "+" | "{asset}" | "{signal}");
    match (one, other) {
        (_, ["#", ..]) => true,
        ([], []) => true,
        ([a, one @ ..], [b, other @ ..]) => (free(a) || free(b) || a == b) && meets(one, other),
        _ => false,
    }
}

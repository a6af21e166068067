//! Limits that raise alarms: each in its sense, all of a signal in their order.

use std::cmp::Reverse;

use super::check;
use super::findings::{Findings, Place};
use crate::scene::spec::LimitSpec;
use crate::scene::{Limit, LimitKind};
use crate::units::Unit;

/// The limits of a signal of this range, both in its unit.
pub(super) fn compile(
    (specs, range): (&[LimitSpec], (f64, f64)),
    label: &str,
    unit: Unit,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Limit> {
    let span = range.1 - range.0;
    let limits = specs
        .iter()
        .enumerate()
        .map(|(index, spec)| limit(spec, label, unit, span, &place.item(index), findings))
        .collect();
    check_order(specs, place, findings);
    limits
}

fn limit(
    spec: &LimitSpec,
    label: &str,
    unit: Unit,
    span: f64,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Limit {
    check::finite(findings, &place.key("at"), "limit", spec.at);
    let deadband = place.key("deadband");
    check::not_negative(findings, &deadband, "deadband", spec.deadband);
    if spec.deadband > span && span > 0.0 {
        findings.add(
            &deadband,
            format!("the deadband {} is wider than the range", spec.deadband),
            "such an alarm would not clear",
        );
    }
    let message = if spec.message.is_empty() {
        format!("{label} {}", in_words(spec.kind))
    } else {
        spec.message.clone()
    };
    Limit {
        kind: spec.kind,
        at: unit.to_si(spec.at),
        deadband: unit.span_to_si(spec.deadband),
        on_delay: check::duration(findings, &place.key("on_delay"), &spec.on_delay),
        off_delay: check::duration(findings, &place.key("off_delay"), &spec.off_delay),
        priority: spec.priority,
        message,
        advice: spec.advice.clone(),
    }
}

/// LowLow < Low < High < HighHigh, each at most once.
fn check_order(specs: &[LimitSpec], place: &Place<'_>, findings: &mut Findings) {
    let mut ordered: Vec<(usize, &LimitSpec)> = specs.iter().enumerate().collect();
    // The kinds are declared from the highest down.
    ordered.sort_by_key(|(_, spec)| Reverse(spec.kind));
    for pair in ordered.windows(2) {
        let [(first, below), (index, above)] = pair else {
            continue;
        };
        if below.kind == above.kind {
            let message = format!("the signal has two limits {:?}", above.kind);
            findings.add_second(&place.item(*index), &place.item(*first), message);
        } else if below.at >= above.at {
            findings.add(
                &place.item(*index).key("at"),
                format!(
                    "{:?} at {} is not above {:?} at {}",
                    above.kind, above.at, below.kind, below.at
                ),
                "limits rise from LowLow over Low and High to HighHigh",
            );
        }
    }
}

fn in_words(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::HighHigh => "high-high",
        LimitKind::High => "high",
        LimitKind::Low => "low",
        LimitKind::LowLow => "low-low",
    }
}

//! Overrides and faults: what is done to a signal, and when.

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::spec::OverrideSpec;
use crate::scene::{Effect, Override};

pub(super) fn compile(
    specs: &[OverrideSpec],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Override> {
    specs
        .iter()
        .enumerate()
        .filter_map(|(index, spec)| one(spec, names, &list.item(index), findings))
        .collect()
}

fn one(
    spec: &OverrideSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Override> {
    let from = check::duration(findings, &place.key("from"), &spec.from);
    let until = place.key("until");
    let until = spec.until.as_ref().map(|text| {
        let span = check::positive_duration(findings, &until, text);
        if span <= from && !span.is_zero() {
            let message = format!(
                "this ends at {} but begins at {}",
                quoted(text),
                quoted(&spec.from)
            );
            findings.add(&until, message, "both count from the start");
        }
        span
    });
    let ramp = check::duration(findings, &place.key("ramp"), &spec.ramp);
    if let Some(value) = spec.value {
        check::finite(findings, &place.key("value"), "value", value);
    }
    if let Some(times) = spec.times {
        check::finite(findings, &place.key("times"), "factor", times);
    }
    let both = matches!((spec.value, spec.times), (Some(_), Some(_)));
    let neither = matches!((spec.value, spec.times), (None, None));
    if both || neither {
        let message = if both {
            "both `value` and `times` are given"
        } else {
            "neither `value` nor `times` is given"
        };
        findings.add(
            place,
            message,
            "`value` holds the signal, `times` multiplies it",
        );
    }
    let signal = names.signal(findings, &place.key("signal"), &spec.signal)?;
    let unit = names.get(signal).unit;
    let effect = match (spec.value, spec.times) {
        (Some(value), None) => Effect::Set(unit.to_si(value)),
        (None, Some(times)) => Effect::Times(times),
        _ => return None,
    };
    Some(Override {
        signal,
        effect,
        from,
        until,
        ramp,
    })
}

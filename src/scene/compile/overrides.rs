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
    if let Some(plus) = spec.plus {
        check::finite(findings, &place.key("plus"), "difference", plus);
    }
    let given = [spec.value, spec.times, spec.plus];
    if given.iter().flatten().count() != 1 {
        let message = if given.iter().flatten().next().is_some() {
            "more than one of `value`, `times` and `plus` is given"
        } else {
            "none of `value`, `times` and `plus` is given"
        };
        findings.add(
            place,
            message,
            "`value` holds the signal, `times` multiplies it, `plus` adds to it",
        );
    }
    let signal = names.signal(findings, &place.key("signal"), &spec.signal)?;
    let unit = names.get(signal).unit;
    let effect = match given {
        [Some(value), None, None] => Effect::Set(unit.to_si(value)),
        [None, Some(times), None] => Effect::Times(times),
        [None, None, Some(plus)] => Effect::Plus(unit.span_to_si(plus)),
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

//! How the emulator disturbs the truth: noise, drop-outs, drift and hidden faults.

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use super::overrides;
use crate::scene::Emulation;
use crate::scene::pattern::matches;
use crate::scene::spec::{EmulatorSpec, NoiseSpec};
use crate::signal::SignalId;

const SECS_PER_HOUR: f64 = 3_600.0;

pub(super) fn compile(
    spec: &EmulatorSpec,
    names: &Names<'_>,
    findings: &mut Findings,
) -> Emulation {
    let root = Place::Scene;
    let place = root.key("emulator");
    let mut emulation = Emulation {
        period: check::positive_duration(findings, &place.key("period"), &spec.period),
        noise: noise(&spec.noise, names, &place.key("noise"), findings),
        faults: overrides::compile(&spec.faults, names, &place.key("faults"), findings),
        ..Emulation::default()
    };
    let list = place.key("drop_outs");
    for (index, drop_out) in spec.drop_outs.iter().enumerate() {
        let place = list.item(index);
        let per_hour = place.key("per_hour");
        check::not_negative(findings, &per_hour, "rate", drop_out.per_hour);
        let lasts = check::positive_duration(findings, &place.key("lasts"), &drop_out.lasts);
        let signals = fitting(&drop_out.signals, names, &place.key("signals"), findings);
        let silent = signals.iter().map(|id| (*id, drop_out.per_hour, lasts));
        emulation.drop_outs.extend(silent);
    }
    let list = place.key("drifts");
    for (index, drift) in spec.drifts.iter().enumerate() {
        let place = list.item(index);
        check::finite(findings, &place.key("per_hour"), "rate", drift.per_hour);
        let from = check::duration(findings, &place.key("from"), &drift.from);
        if let Some(id) = names.signal(findings, &place.key("signal"), &drift.signal) {
            let per_hour = names.get(id).unit.span_to_si(drift.per_hour);
            emulation.drifts.push((id, per_hour / SECS_PER_HOUR, from));
        }
    }
    emulation
}

/// The standard deviation of every signal, SI: of the first pattern that fits, else zero.
fn noise(
    specs: &[NoiseSpec],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<f64> {
    let mut noise = vec![None; names.signals().count()];
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        check::not_negative(findings, &place.key("sd"), "standard deviation", spec.sd);
        let signals = fitting(&spec.signals, names, &place.key("signals"), findings);
        let mut counts = signals.is_empty();
        for id in signals {
            if noise[id.index()].is_none() {
                noise[id.index()] = Some(names.get(id).unit.span_to_si(spec.sd));
                counts = true;
            }
        }
        if !counts {
            findings.add(
                &place.key("signals"),
                format!(
                    "all that {} fits has its noise already",
                    quoted(&spec.signals)
                ),
                "the first pattern that fits counts: put the special ones first",
            );
        }
    }
    noise.into_iter().map(Option::unwrap_or_default).collect()
}

/// The signals that fit `pattern`; a problem if there are none.
fn fitting(
    pattern: &str,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<SignalId> {
    let signals: Vec<SignalId> = names
        .signals()
        .filter(|(_, signal)| matches(pattern, &signal.full_name))
        .map(|(id, _)| id)
        .collect();
    if signals.is_empty() && !names.any_doubtful() {
        findings.add(
            place,
            format!("no signal fits {}", quoted(pattern)),
            "write `tag.signal` with `*` for any text, such as `*.flow`",
        );
    }
    signals
}

//! What foretells failures: thresholds that can be reached, of what is measured.

use std::sync::Arc;
use std::time::Duration;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use crate::scene::spec::{IndicatorSpec, LawSpec, PrognosisSpec, SignalSpec};
use crate::scene::{DegradationLaw, Indicator, Prognosis, StretchMeasure};
use crate::units::{Quantity, Unit};

/// The prognosis by a signal of this unit.
pub(super) fn compile(
    spec: &SignalSpec,
    unit: Unit,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Arc<Prognosis>> {
    let wanted = spec.prognosis.as_ref()?;
    let before = findings.count();
    if !spec.measured {
        let message = format!("{} is not measured", quoted(&spec.name));
        let hint = "a failure is foretold by what was measured: remove `prognosis`, or \
                    `measured: false`";
        findings.add(place, message, hint);
    }
    if !spec.states.is_empty() {
        let message = format!("{} has states", quoted(&spec.name));
        findings.add(
            place,
            message,
            "name a signal that worsens little by little",
        );
    }
    let prognosis = prognosis(wanted, unit, place, findings);
    (findings.count() == before).then(|| Arc::new(prognosis))
}

fn prognosis(
    spec: &PrognosisSpec,
    unit: Unit,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Prognosis {
    check::finite(
        findings,
        &place.key("threshold"),
        "threshold",
        spec.threshold,
    );
    let indicator = indicator(&spec.indicator, &place.key("indicator"), findings);
    let si = |value: f64| match indicator {
        Indicator::Value | Indicator::Over(StretchMeasure::Mean, _) => unit.to_si(value),
        Indicator::Over(StretchMeasure::Rms | StretchMeasure::Slope, _) => unit.span_to_si(value),
        Indicator::Over(StretchMeasure::Kurtosis | StretchMeasure::Crest, _) => value,
    };
    let law_place = place.key("law");
    let law = match &spec.law {
        LawSpec::Drift => DegradationLaw::Drift,
        LawSpec::Exponential(floor) => {
            check::finite(findings, &law_place, "floor", *floor);
            if *floor >= spec.threshold {
                let message = format!("the floor {floor} is not below the threshold");
                let hint = "the floor is what the indicator is without wear";
                findings.add(&law_place, message, hint);
            }
            DegradationLaw::Exponential(si(*floor))
        }
        LawSpec::Crack(crack) => {
            for (key, value) in [
                ("exponent", crack.exponent),
                ("coefficient", crack.coefficient),
                ("spread", crack.spread),
                ("stress_range", crack.stress_range),
                ("cycles_per_hour", crack.cycles_per_hour),
                ("noise", crack.noise),
            ] {
                check::scale(findings, &law_place.key(key), key, value);
            }
            let is_length = matches!(
                indicator,
                Indicator::Value | Indicator::Over(StretchMeasure::Mean, _)
            );
            if unit.quantity() != Quantity::Length || !is_length {
                let message = "the length of a crack is a length";
                findings.add(
                    &law_place,
                    message,
                    "measure it in mm, by its value or mean",
                );
            }
            check::scale(
                findings,
                &place.key("threshold"),
                "critical length",
                spec.threshold,
            );
            DegradationLaw::Crack(crack.clone())
        }
    };
    Prognosis {
        threshold: si(spec.threshold),
        indicator,
        law,
    }
}

fn indicator(spec: &IndicatorSpec, place: &Place<'_>, findings: &mut Findings) -> Indicator {
    let (measure, over) = match spec {
        IndicatorSpec::Value => return Indicator::Value,
        IndicatorSpec::Mean(over) => (StretchMeasure::Mean, over),
        IndicatorSpec::Rms(over) => (StretchMeasure::Rms, over),
        IndicatorSpec::Kurtosis(over) => (StretchMeasure::Kurtosis, over),
        IndicatorSpec::Crest(over) => (StretchMeasure::Crest, over),
        IndicatorSpec::Slope(over) => (StretchMeasure::Slope, over),
    };
    let over: Duration = check::positive_duration(findings, place, over);
    Indicator::Over(measure, over)
}

//! What differs from member to member: distributions, and how they depend on each other.

use nalgebra::{DMatrix, SymmetricEigen};

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::spec::{CorrelationSpec, DistributionSpec, UncertainSpec};
use crate::scene::{Correlation, Distribution, Uncertain, UncertainEffect};
use crate::units::Unit;

/// A correlation matrix may be this far from one that can be.
const ROUNDING: f64 = 1e-9;

pub(super) fn compile(
    specs: &[UncertainSpec],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Uncertain> {
    let signals = specs.iter().map(|spec| spec.signal.as_str());
    check::unique(findings, list, "signal", "uncertain signal", signals);
    specs
        .iter()
        .enumerate()
        .filter_map(|(index, spec)| one(spec, names, &list.item(index), findings))
        .collect()
}

fn one(
    spec: &UncertainSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Uncertain> {
    let signal = names.signal(findings, &place.key("signal"), &spec.signal);
    if let Some(spread) = spec.spread
        && !(0.0..=1.0).contains(&spread)
    {
        findings.add(
            &place.key("spread"),
            format!("the spread {spread} is not from 0 to 1"),
            "0.1 lets the factor differ by about 10 % from member to member",
        );
        return None;
    }
    let given = [
        ("times", UncertainEffect::Times, spec.times.as_ref()),
        ("plus", UncertainEffect::Plus, spec.plus.as_ref()),
        ("value", UncertainEffect::Set, spec.value.as_ref()),
        ("start", UncertainEffect::Start, spec.start.as_ref()),
    ];
    let mut given = given
        .into_iter()
        .filter_map(|(key, effect, spec)| Some((key, effect, spec?)));
    let (first, more) = (given.next(), given.next());
    if usize::from(spec.spread.is_some()) + usize::from(first.is_some()) != 1 || more.is_some() {
        findings.add(
            place,
            "exactly one of `spread`, `times`, `plus`, `value` and `start` must be given",
            "`spread: 0.1` is a factor of 1 that differs by about 10 %",
        );
        return None;
    }
    let Some((key, effect, distribution)) = first else {
        return Some(Uncertain {
            signal: signal?,
            effect: UncertainEffect::Times,
            distribution: Distribution::LogNormal(1.0, spec.spread?),
        });
    };
    let checked = read(distribution, &place.key(key), findings);
    let (signal, distribution) = (signal?, checked?);
    let unit = names.get(signal).unit;
    Some(Uncertain {
        signal,
        effect,
        distribution: match effect {
            UncertainEffect::Times => distribution,
            UncertainEffect::Plus => scaled(distribution, |value| unit.span_to_si(value), unit),
            UncertainEffect::Set | UncertainEffect::Start => {
                scaled(distribution, |value| unit.to_si(value), unit)
            }
        },
    })
}

/// The distribution, if there is one of these numbers.
fn read(
    spec: &DistributionSpec,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<Distribution> {
    let numbers: Vec<f64> = match spec {
        DistributionSpec::Normal(a, b)
        | DistributionSpec::LogNormal(a, b)
        | DistributionSpec::Uniform(a, b) => vec![*a, *b],
        DistributionSpec::Triangular(a, b, c) => vec![*a, *b, *c],
        DistributionSpec::Empirical(all) => all.clone(),
    };
    let finite = numbers.iter().all(|number| number.is_finite());
    let (fits, rule) = match spec {
        DistributionSpec::Normal(_, sd) => (*sd >= 0.0, "Normal(mean, standard deviation)"),
        DistributionSpec::LogNormal(mean, sd) => (
            *mean > 0.0 && *sd >= 0.0,
            "LogNormal(mean above 0, standard deviation)",
        ),
        DistributionSpec::Uniform(low, high) => (low <= high, "Uniform(least, greatest)"),
        DistributionSpec::Triangular(low, mode, high) => (
            low <= mode && mode <= high,
            "Triangular(least, likeliest, greatest)",
        ),
        DistributionSpec::Empirical(all) => {
            (!all.is_empty(), "Empirical([numbers that were seen])")
        }
    };
    if !finite || !fits {
        let message = "there is no such distribution".to_owned();
        findings.add(place, message, format!("write {rule}"));
        return None;
    }
    Some(match spec {
        DistributionSpec::Normal(mean, sd) => Distribution::Normal(*mean, *sd),
        DistributionSpec::LogNormal(mean, sd) => Distribution::LogNormal(*mean, *sd),
        DistributionSpec::Uniform(low, high) => Distribution::Uniform(*low, *high),
        DistributionSpec::Triangular(low, mode, high) => {
            Distribution::Triangular(*low, *mode, *high)
        }
        DistributionSpec::Empirical(_) => {
            let mut sorted = numbers;
            sorted.sort_by(f64::total_cmp);
            Distribution::Empirical(sorted.into())
        }
    })
}

/// The same distribution in SI; standard deviations are spans.
fn scaled(distribution: Distribution, si: impl Fn(f64) -> f64, unit: Unit) -> Distribution {
    match distribution {
        Distribution::Normal(mean, sd) => Distribution::Normal(si(mean), unit.span_to_si(sd)),
        Distribution::LogNormal(mean, sd) => Distribution::LogNormal(si(mean), unit.span_to_si(sd)),
        Distribution::Uniform(low, high) => Distribution::Uniform(si(low), si(high)),
        Distribution::Triangular(low, mode, high) => {
            Distribution::Triangular(si(low), si(mode), si(high))
        }
        Distribution::Empirical(all) => {
            Distribution::Empirical(all.iter().map(|v| si(*v)).collect())
        }
    }
}

/// Correlations among `uncertain`, if they can all be at once.
pub(super) fn correlations(
    specs: &[CorrelationSpec],
    uncertain: &[Uncertain],
    names: &Names<'_>,
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Correlation> {
    let mut found = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let between = place.key("between");
        if !(-1.0..=1.0).contains(&spec.by) {
            let message = format!("the correlation {} is not from -1 to 1", spec.by);
            findings.add(
                &place.key("by"),
                message,
                "0.8 makes two signals go mostly together",
            );
            continue;
        }
        let (one, other) = &spec.between;
        let (Some(one_id), Some(other_id)) = (
            names.signal(findings, &between, one),
            names.signal(findings, &between, other),
        ) else {
            continue;
        };
        let known = |id| uncertain.iter().any(|entry: &Uncertain| entry.signal == id);
        if let Some(name) = [(one, one_id), (other, other_id)]
            .into_iter()
            .find_map(|(name, id)| (!known(id)).then_some(name))
        {
            let message = format!("{} is not uncertain in this scenario", quoted(name));
            findings.add(
                &between,
                message,
                "correlations are between uncertain signals",
            );
            continue;
        }
        if one_id == other_id {
            let message = format!("{} is correlated with itself", quoted(one));
            findings.add(&between, message, "name two signals");
            continue;
        }
        found.push(Correlation {
            between: (one_id, other_id),
            by: spec.by,
        });
    }
    if !can_be(&found, uncertain) {
        findings.add(
            list,
            "these correlations contradict each other",
            "if two signals go with a third, they go with each other; bring them nearer to 0",
        );
    }
    found
}

/// True if there are draws that are correlated so.
fn can_be(correlations: &[Correlation], uncertain: &[Uncertain]) -> bool {
    let matrix = correlation_matrix(correlations, uncertain);
    matrix.is_empty()
        || SymmetricEigen::new(matrix)
            .eigenvalues
            .iter()
            .all(|value| *value >= -ROUNDING)
}

/// The correlations as a matrix, in the order of `uncertain`.
fn correlation_matrix(correlations: &[Correlation], uncertain: &[Uncertain]) -> DMatrix<f64> {
    let place = |id| uncertain.iter().position(|entry| entry.signal == id);
    let mut matrix = DMatrix::identity(uncertain.len(), uncertain.len());
    for correlation in correlations {
        let (one, other) = correlation.between;
        if let (Some(one), Some(other)) = (place(one), place(other)) {
            matrix[(one, other)] = correlation.by;
            matrix[(other, one)] = correlation.by;
        }
    }
    matrix
}

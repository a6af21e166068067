//! Scenarios as a scene file writes them: to be kept, compared and carried elsewhere.

use std::time::Duration;

use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::Serialize;

use super::spec::{
    CorrelationSpec, DistributionSpec, ForcingSpec, OverrideSpec, ScenarioSpec, ScenariosSpec,
    UncertainSpec,
};
use super::{
    Distribution, Effect, FORMAT_VERSION, Forcing, ForcingSource, Override, Scenario, Scene,
    Uncertain, UncertainEffect,
};
use crate::signal::SignalId;
use crate::time::exact_duration_text;
use crate::units::Unit;

/// A scenario as a scene file would say it: what it changes if it is based on one of the scene,
/// else all of it. Values have their signals' units.
pub fn scenario_text(scenario: &Scenario, scene: &Scene) -> String {
    text_of(&spec_of(scenario, scene), 2)
}

/// The file of scenarios that is kept beside a scene.
pub fn scenarios_text<'s>(
    scenarios: impl IntoIterator<Item = &'s Scenario>,
    scene: &Scene,
) -> String {
    let spec = ScenariosSpec {
        format: FORMAT_VERSION,
        scenarios: scenarios
            .into_iter()
            .map(|scenario| spec_of(scenario, scene))
            .collect(),
    };
    text_of(&spec, 4)
}

/// Text of which structures deeper than `lines` stand on one line.
pub(super) fn text_of(value: &impl Serialize, lines: usize) -> String {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    let config = PrettyConfig::new()
        .depth_limit(lines)
        .indentor("    ")
        .extensions(extensions);
    let text = ron::ser::to_string_pretty(value, config).unwrap_or_default();
    // A scene file needs no header to be read so.
    let lines = text.split_inclusive('\n');
    let mut text: String = lines.skip_while(|line| line.starts_with("#![")).collect();
    text.push('\n');
    text
}

fn spec_of(scenario: &Scenario, scene: &Scene) -> ScenarioSpec {
    let base = scenario.based_on.as_deref();
    let base = base.and_then(|name| scene.find_scenario(name));
    let base = base.filter(|base| base.name != scenario.name);
    let inherits =
        |same: fn(&Scenario, &Scenario) -> bool| base.is_some_and(|base| same(base, scenario));
    let none = Vec::new();
    let name = |id: SignalId| scene.signal(id).full_name.clone();
    let unit = |id: SignalId| scene.signal(id).unit;
    let overrides = own(
        base.map_or(&none, |b| &b.overrides),
        &scenario.overrides,
        |o| o.signal,
    );
    let none = Vec::new();
    let faults = own(base.map_or(&none, |b| &b.faults), &scenario.faults, |o| {
        o.signal
    });
    let none = Vec::new();
    let forcing = own(base.map_or(&none, |b| &b.forcing), &scenario.forcing, |f| {
        f.signal
    });
    let none = Vec::new();
    let uncertain = own(
        base.map_or(&none, |b| &b.uncertain),
        &scenario.uncertain,
        |u| u.signal,
    );
    let told = |id: SignalId| {
        scenario.overrides.iter().any(|one| one.signal == id)
            || scenario.faults.iter().any(|one| one.signal == id)
            || scenario.forcing.iter().any(|one| one.signal == id)
            || scenario.uncertain.iter().any(|one| one.signal == id)
    };
    let mut gone: Vec<SignalId> = base.map_or_else(Vec::new, |base| {
        let changes = base
            .overrides
            .iter()
            .chain(&base.faults)
            .map(|one| one.signal);
        let prescribed = base.forcing.iter().map(|one| one.signal);
        let drawn = base.uncertain.iter().map(|one| one.signal);
        let all = changes.chain(prescribed).chain(drawn);
        all.filter(|id| !told(*id)).collect()
    });
    gone.sort_unstable();
    gone.dedup();
    let known =
        |one: &&super::Correlation| !base.is_some_and(|base| base.correlations.contains(one));
    ScenarioSpec {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        based_on: base.map(|base| base.name.clone()),
        without: gone.into_iter().map(name).collect(),
        horizon: (!inherits(|a, b| a.horizon == b.horizon))
            .then(|| exact_duration_text(scenario.horizon)),
        step: (!inherits(|a, b| a.step == b.step)).then(|| exact_duration_text(scenario.step)),
        members: (!inherits(|a, b| a.members == b.members)).then_some(scenario.members),
        overrides: overrides.map(|one| override_spec(one, scene)).collect(),
        faults: faults.map(|one| override_spec(one, scene)).collect(),
        forcing: forcing
            .map(|one| forcing_spec(one, name(one.signal), unit(one.signal)))
            .collect(),
        uncertain: uncertain
            .map(|one| uncertain_spec(one, name(one.signal), unit(one.signal)))
            .collect(),
        correlations: (scenario.correlations.iter().filter(known))
            .map(|one| CorrelationSpec {
                between: (name(one.between.0), name(one.between.1)),
                by: one.by,
            })
            .collect(),
        sampling: (!inherits(|a, b| a.sampling == b.sampling)).then_some(scenario.sampling),
    }
}

/// What a scenario says of a signal otherwise than its base does.
fn own<'s, T: PartialEq>(
    base: &'s [T],
    all: &'s [T],
    signal: impl Fn(&T) -> SignalId + Copy + 's,
) -> impl Iterator<Item = &'s T> {
    all.iter().filter(move |one| {
        let of = |list: &'s [T]| {
            list.iter()
                .filter(|other| signal(other) == signal(one))
                .collect::<Vec<_>>()
        };
        of(base) != of(all)
    })
}

fn override_spec(one: &Override, scene: &Scene) -> OverrideSpec {
    let signal = scene.signal(one.signal);
    let mut spec = OverrideSpec {
        signal: signal.full_name.clone(),
        value: None,
        times: None,
        plus: None,
        from: exact_duration_text(one.from),
        until: one.until.map(exact_duration_text),
        ramp: exact_duration_text(one.ramp),
    };
    match &one.effect {
        Effect::Set(value) => spec.value = Some(value_in(signal.unit, *value)),
        Effect::Times(factor) => spec.times = Some(*factor),
        Effect::Plus(more) => spec.plus = Some(span_in(signal.unit, *more)),
        // What follows points is forcing, and is written there.
        Effect::Follow(_) => {}
    }
    spec
}

fn forcing_spec(one: &Forcing, signal: String, unit: Unit) -> ForcingSpec {
    let mut spec = ForcingSpec {
        signal,
        ..ForcingSpec::default()
    };
    match &one.source {
        ForcingSource::File { file, column } => {
            spec.file = Some(file.clone());
            spec.column = Some(column.clone());
        }
        ForcingSource::Points(points) => {
            let point = |(secs, value): &(f64, f64)| {
                let after = Duration::try_from_secs_f64(*secs).unwrap_or_default();
                (exact_duration_text(after), value_in(unit, *value))
            };
            spec.points = points.iter().map(point).collect();
        }
        ForcingSource::Repeat(span) => spec.repeat = Some(exact_duration_text(*span)),
    }
    spec
}

fn uncertain_spec(one: &Uncertain, signal: String, unit: Unit) -> UncertainSpec {
    let mut spec = UncertainSpec {
        signal,
        ..UncertainSpec::default()
    };
    match (one.effect, &one.distribution) {
        (UncertainEffect::Times, Distribution::LogNormal(1.0, spread)) => {
            spec.spread = Some(*spread);
        }
        (UncertainEffect::Times, distribution) => {
            spec.times = Some(distribution_spec(distribution, |v| v, |v| v));
        }
        (UncertainEffect::Plus, distribution) => {
            let span = |value| span_in(unit, value);
            spec.plus = Some(distribution_spec(distribution, span, span));
        }
        (UncertainEffect::Start, distribution) => {
            let value = |value| value_in(unit, value);
            let span = |value| span_in(unit, value);
            spec.start = Some(distribution_spec(distribution, value, span));
        }
        (UncertainEffect::Set, distribution) => {
            let value = |value| value_in(unit, value);
            let span = |value| span_in(unit, value);
            spec.value = Some(distribution_spec(distribution, value, span));
        }
    }
    spec
}

fn distribution_spec(
    distribution: &Distribution,
    value: impl Fn(f64) -> f64,
    span: impl Fn(f64) -> f64,
) -> DistributionSpec {
    match distribution {
        Distribution::Normal(mean, sd) => DistributionSpec::Normal(value(*mean), span(*sd)),
        Distribution::LogNormal(mean, sd) => DistributionSpec::LogNormal(value(*mean), span(*sd)),
        Distribution::Uniform(low, high) => DistributionSpec::Uniform(value(*low), value(*high)),
        Distribution::Triangular(low, mode, high) => {
            DistributionSpec::Triangular(value(*low), value(*mode), value(*high))
        }
        Distribution::Empirical(all) => {
            DistributionSpec::Empirical(all.iter().map(|one| value(*one)).collect())
        }
    }
}

/// The shortest number that stands for the very same value in SI: 0.62, not 0.6200000000000001.
fn told(si: f64, from_si: impl Fn(f64) -> f64, to_si: impl Fn(f64) -> f64) -> f64 {
    let value = from_si(si);
    let rounded = |digits: usize| format!("{value:.digits$e}").parse::<f64>().ok();
    let exact = |value: &f64| to_si(*value) == si;
    let candidates = (6..=17).filter_map(rounded);
    candidates.into_iter().find(exact).unwrap_or(value)
}

/// A value in its unit.
fn value_in(unit: Unit, si: f64) -> f64 {
    told(si, |si| unit.from_si(si), |value| unit.to_si(value))
}

/// A difference of values in their unit.
fn span_in(unit: Unit, si: f64) -> f64 {
    told(
        si,
        |si| unit.span_from_si(si),
        |value| unit.span_to_si(value),
    )
}

//! A scenario while it is edited: text as it is typed, checked as a whole.

use std::time::Duration;

use crate::scene::{Distribution, Effect, Override, Scenario, Scene, Uncertain, UncertainEffect};
use crate::signal::SignalId;
use crate::time::{exact_duration_text, parse_duration};

/// The most members that can be asked for.
pub const MAX_MEMBERS: u32 = 1_000;
/// The most outputs that a run may have.
const MAX_OUTPUTS: f64 = 1e6;

/// A scenario as it stands in the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its name in the scene.
    pub name: String,
    /// What it asks.
    pub description: String,
    /// How far it looks, as text.
    pub horizon: String,
    /// The distance of outputs, as text.
    pub step: String,
    /// How many members.
    pub members: u32,
    /// What is done to the plant.
    pub overrides: Vec<DraftOverride>,
    /// What breaks.
    pub faults: Vec<DraftOverride>,
    /// What differs from member to member: a signal and the spread as text.
    pub uncertain: Vec<(SignalId, String)>,
    /// What has no fields is as it is here.
    rest: Scenario,
}

/// An override as it stands in the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftOverride {
    /// The signal.
    pub signal: SignalId,
    /// True if it is multiplied, false if it is held.
    pub multiplies: bool,
    /// The value in the signal's unit, or the factor, as text.
    pub amount: String,
    /// When it begins after the start, as text.
    pub from: String,
    /// When it ends after the start, as text; empty for never.
    pub until: String,
    /// How long it takes to come into full effect, as text.
    pub ramp: String,
}

impl Draft {
    /// The fields of a scenario.
    pub fn of(scenario: &Scenario, scene: &Scene) -> Self {
        let overrides = |list: &[Override]| {
            let drafts = list.iter().map(|entry| DraftOverride::of(entry, scene));
            drafts.collect()
        };
        Self {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            horizon: exact_duration_text(scenario.horizon),
            step: exact_duration_text(scenario.step),
            members: scenario.members,
            overrides: overrides(&scenario.overrides),
            faults: overrides(&scenario.faults),
            uncertain: scenario
                .uncertain
                .iter()
                .filter_map(|one| Some((one.signal, number_field(spread_of(one)?))))
                .collect(),
            rest: scenario.clone(),
        }
    }

    /// The scenario that the fields say, or all that is wrong with them.
    pub fn read(&self, scene: &Scene) -> Result<Scenario, Vec<String>> {
        let mut problems = Vec::new();
        let horizon = read_duration("Horizon", &self.horizon, &mut problems);
        let step = read_duration("Step", &self.step, &mut problems);
        if problems.is_empty() {
            if step.is_zero() {
                problems.push("Step must be longer than nothing".to_owned());
            } else if horizon < step {
                problems.push("Horizon must be at least one step".to_owned());
            } else if horizon.as_secs_f64() / step.as_secs_f64() > MAX_OUTPUTS {
                problems
                    .push("Horizon has more than a million steps: lengthen the step".to_owned());
            }
        }
        if !(1..=MAX_MEMBERS).contains(&self.members) {
            problems.push(format!("Members must be 1 to {MAX_MEMBERS}"));
        }
        let mut read_all = |drafts: &[DraftOverride]| -> Vec<Override> {
            let read = drafts.iter().map(|draft| draft.read(scene, &mut problems));
            read.collect()
        };
        let overrides = read_all(&self.overrides);
        let faults = read_all(&self.faults);
        let others = self.rest.uncertain.iter();
        let others = others.filter(|one| spread_of(one).is_none());
        let mut uncertain: Vec<_> = others.cloned().collect();
        for (signal, spread) in &self.uncertain {
            match spread.trim().parse::<f64>() {
                Ok(spread) if (0.0..=2.0).contains(&spread) => uncertain.push(Uncertain {
                    signal: *signal,
                    effect: UncertainEffect::Times,
                    distribution: Distribution::LogNormal(1.0, spread),
                }),
                _ => problems.push(format!(
                    "{}: the spread must be a number from 0 to 2",
                    scene.signal(*signal).full_name
                )),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Scenario {
            name: self.name.clone(),
            description: self.description.clone(),
            horizon,
            step,
            members: self.members,
            overrides,
            faults,
            uncertain,
            ..self.rest.clone()
        })
    }
}

impl DraftOverride {
    /// A new override that holds `signal` where it is ordinarily highest; a state in its first:
    /// stopped, closed, off.
    pub fn new(signal: SignalId, scene: &Scene) -> Self {
        let spec = scene.signal(signal);
        let amount = if spec.states.is_empty() {
            spec.unit.from_si(spec.range.1)
        } else {
            0.0
        };
        Self {
            signal,
            multiplies: false,
            amount: number_field(amount),
            from: "0s".to_owned(),
            until: String::new(),
            ramp: "0s".to_owned(),
        }
    }

    fn of(entry: &Override, scene: &Scene) -> Self {
        let unit = scene.signal(entry.signal).unit;
        let (multiplies, amount) = match &entry.effect {
            Effect::Set(si) => (false, unit.from_si(*si)),
            Effect::Times(factor) => (true, *factor),
            Effect::Plus(_) | Effect::Follow(_) => (false, 0.0),
        };
        Self {
            signal: entry.signal,
            multiplies,
            amount: number_field(amount),
            from: exact_duration_text(entry.from),
            until: entry.until.map_or_else(String::new, exact_duration_text),
            ramp: exact_duration_text(entry.ramp),
        }
    }

    fn read(&self, scene: &Scene, problems: &mut Vec<String>) -> Override {
        let signal = scene.signal(self.signal);
        let name = &signal.full_name;
        let amount = self.amount.trim().parse::<f64>().ok();
        let amount = amount
            .filter(|amount| amount.is_finite())
            .unwrap_or_else(|| {
                problems.push(format!("{name}: `{}` is not a number", self.amount));
                0.0
            });
        let mut time =
            |what: &str, text: &str| read_duration(&format!("{name}, {what}"), text, problems);
        let from = time("from", &self.from);
        let ramp = time("ramp", &self.ramp);
        let until = (!self.until.trim().is_empty()).then(|| time("until", &self.until));
        if until.is_some_and(|until| until <= from) {
            problems.push(format!("{name}: it must end after it begins"));
        }
        Override {
            signal: self.signal,
            effect: if self.multiplies {
                Effect::Times(amount)
            } else {
                Effect::Set(signal.unit.to_si(amount))
            },
            from,
            until,
            ramp,
        }
    }
}

/// The spread of a log-normal factor of mean 1; `None` if it is something else that is drawn.
fn spread_of(uncertain: &Uncertain) -> Option<f64> {
    match (uncertain.effect, &uncertain.distribution) {
        (UncertainEffect::Times, Distribution::LogNormal(1.0, spread)) => Some(*spread),
        _ => None,
    }
}

fn read_duration(what: &str, text: &str, problems: &mut Vec<String>) -> Duration {
    parse_duration(text).unwrap_or_else(|error| {
        problems.push(format!("{what}: {error}"));
        Duration::ZERO
    })
}

/// A number with as many digits as it needs and no noise of conversion: `0.62`.
fn number_field(value: f64) -> String {
    let rounded: f64 = format!("{value:.9e}").parse().unwrap_or(value);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_survives_its_field_without_noise() {
        assert_eq!(number_field(0.1 + 0.2), "0.3");
        assert_eq!(number_field(360.0), "360");
        assert_eq!(number_field(-2.5), "-2.5");
    }
}

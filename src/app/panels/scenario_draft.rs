//! A scenario while it is edited: text as it is typed, checked as a whole.

use std::time::Duration;

use super::draft_uncertain::DraftUncertain;
use crate::scene::{Effect, Forcing, Override, Sampling, Scenario, Scene};
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
    /// What differs from member to member.
    pub uncertain: Vec<DraftUncertain>,
    /// True if members are spread evenly over what is uncertain.
    pub is_even: bool,
    /// What is prescribed over time; it can be taken away here.
    pub forcing: Vec<Forcing>,
    /// What has no fields is as it is here.
    rest: Scenario,
}

/// What is done to a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is held at a value.
    Hold,
    /// It is multiplied.
    Multiply,
    /// Something is added to it.
    Add,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hold, Self::Multiply, Self::Add];

    /// What it is called.
    pub fn text(self) -> &'static str {
        match self {
            Self::Hold => "Hold at",
            Self::Multiply => "Multiply by",
            Self::Add => "Add",
        }
    }

    /// The amount that changes nothing, or the signal's own.
    pub fn neutral(self) -> &'static str {
        match self {
            Self::Hold | Self::Add => "0",
            Self::Multiply => "1",
        }
    }
}

/// An override as it stands in the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftOverride {
    /// The signal.
    pub signal: SignalId,
    /// What is done to it.
    pub change: Change,
    /// The value or difference in the signal's unit, or the factor, as text.
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
                .map(|one| DraftUncertain::of(one, scene))
                .collect(),
            is_even: scenario.sampling == Sampling::LatinHypercube,
            forcing: scenario.forcing.clone(),
            rest: scenario.clone(),
        }
    }

    /// The name of the scenario that it began as.
    pub fn base_name(&self) -> &str {
        &self.rest.name
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
        let drawn = self.uncertain.iter();
        let drawn = drawn.filter_map(|draft| draft.read(scene, &mut problems));
        let uncertain: Vec<_> = drawn.collect();
        if self.name.trim().is_empty() {
            problems.push("The scenario needs a name".to_owned());
        }
        let correlations = self.rest.correlations.iter().filter(|one| {
            let known = |id| self.uncertain.iter().any(|draft| draft.signal == id);
            known(one.between.0) && known(one.between.1)
        });
        let correlations = correlations.cloned().collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Scenario {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            horizon,
            step,
            members: self.members,
            overrides,
            faults,
            forcing: self.forcing.clone(),
            uncertain,
            correlations,
            sampling: match self.is_even {
                true => Sampling::LatinHypercube,
                false => Sampling::Random,
            },
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
            change: Change::Hold,
            amount: number_field(amount),
            from: "0s".to_owned(),
            until: String::new(),
            ramp: "0s".to_owned(),
        }
    }

    fn of(entry: &Override, scene: &Scene) -> Self {
        let unit = scene.signal(entry.signal).unit;
        let (change, amount) = match &entry.effect {
            Effect::Set(si) => (Change::Hold, unit.from_si(*si)),
            Effect::Times(factor) => (Change::Multiply, *factor),
            Effect::Plus(more) => (Change::Add, unit.span_from_si(*more)),
            // Points are forcing, and never stand among overrides.
            Effect::Follow(_) => (Change::Add, 0.0),
        };
        Self {
            signal: entry.signal,
            change,
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
            effect: match self.change {
                Change::Hold => Effect::Set(signal.unit.to_si(amount)),
                Change::Multiply => Effect::Times(amount),
                Change::Add => Effect::Plus(signal.unit.span_to_si(amount)),
            },
            from,
            until,
            ramp,
        }
    }
}

fn read_duration(what: &str, text: &str, problems: &mut Vec<String>) -> Duration {
    parse_duration(text).unwrap_or_else(|error| {
        problems.push(format!("{what}: {error}"));
        Duration::ZERO
    })
}

/// A number with as many digits as it needs and no noise of conversion: `0.62`.
pub(super) fn number_field(value: f64) -> String {
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

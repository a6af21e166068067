//! Scenarios: what is asked of the future, resolved against one scene.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::signal::SignalId;

/// A future that can be asked for, SI and resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What it asks.
    pub description: String,
    /// The scenario that it changes, whose content is part of this one already.
    pub based_on: Option<String>,
    /// True if the program keeps it in the file of scenarios beside the scene.
    pub kept: bool,
    /// How far it looks.
    pub horizon: Duration,
    /// The distance of its outputs.
    pub step: Duration,
    /// How many members its ensemble has; at least 1.
    pub members: u32,
    /// What is done to the plant.
    pub overrides: Vec<Override>,
    /// What breaks.
    pub faults: Vec<Override>,
    /// What is prescribed over time.
    pub forcing: Vec<Forcing>,
    /// What is not known exactly: drawn anew for each member. One entry for each signal.
    pub uncertain: Vec<Uncertain>,
    /// Which of these depend on each other.
    pub correlations: Vec<Correlation>,
    /// How members are spread over what is uncertain.
    pub sampling: Sampling,
}

impl Scenario {
    /// The plant goes on as it is.
    pub fn plain(name: impl Into<String>, horizon: Duration, step: Duration) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            based_on: None,
            kept: false,
            horizon,
            step,
            members: 1,
            overrides: Vec::new(),
            faults: Vec::new(),
            forcing: Vec::new(),
            uncertain: Vec::new(),
            correlations: Vec::new(),
            sampling: Sampling::default(),
        }
    }
}

/// A signal held at a value, or multiplied, for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// The signal.
    pub signal: SignalId,
    /// What is done to it.
    pub effect: Effect,
    /// When it begins, after the start.
    pub from: Duration,
    /// When it ends, after the start; `None` for never.
    pub until: Option<Duration>,
    /// How long it takes to come into full effect.
    pub ramp: Duration,
}

/// What an override does to its signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Holds it at this value, SI.
    Set(f64),
    /// Multiplies what it would have been.
    Times(f64),
    /// Adds to what it would have been, SI.
    Plus(f64),
    /// Holds it at what these points say, straight lines between them: s after the start, SI.
    /// Before the first and after the last it is as theirs.
    Follow(Arc<[(f64, f64)]>),
}

impl Override {
    /// From the start to the end, at once.
    pub fn always(signal: SignalId, effect: Effect) -> Self {
        Self {
            signal,
            effect,
            from: Duration::ZERO,
            until: None,
            ramp: Duration::ZERO,
        }
    }

    /// The value, SI, `secs` after the start, of a signal that would be `value`.
    pub fn apply(&self, value: f64, secs: f64) -> f64 {
        let since = secs - self.from.as_secs_f64();
        let over = self.until.is_some_and(|until| secs >= until.as_secs_f64());
        if since < 0.0 || over {
            return value;
        }
        let ramp = self.ramp.as_secs_f64();
        let share = if ramp > 0.0 {
            (since / ramp).min(1.0)
        } else {
            1.0
        };
        match &self.effect {
            Effect::Set(to) => value + share * (to - value),
            Effect::Times(factor) => value * (1.0 + share * (factor - 1.0)),
            Effect::Plus(more) => value + share * more,
            Effect::Follow(points) => match follow(points, secs) {
                Some(to) => value + share * (to - value),
                None => value,
            },
        }
    }

    /// The seconds after the start at which it begins, ends or bends.
    pub fn edges(&self) -> impl Iterator<Item = Duration> {
        let bends: &[(f64, f64)] = match &self.effect {
            Effect::Follow(points) => points,
            Effect::Set(_) | Effect::Times(_) | Effect::Plus(_) => &[],
        };
        let bends = bends
            .iter()
            .filter_map(|(secs, _)| Duration::try_from_secs_f64(*secs).ok());
        [Some(self.from), self.until, Some(self.from + self.ramp)]
            .into_iter()
            .flatten()
            .chain(bends)
    }
}

/// What points say at `secs`; `None` if there are none.
fn follow(points: &[(f64, f64)], secs: f64) -> Option<f64> {
    let after = points.partition_point(|(at, _)| *at <= secs);
    let next = points.get(after);
    let last = after.checked_sub(1).map(|place| points[place]);
    match (last, next) {
        (Some((from, low)), Some((to, high))) => {
            Some(low + (high - low) * (secs - from) / (to - from))
        }
        (Some((_, value)), None) | (None, Some(&(_, value))) => Some(value),
        (None, None) => None,
    }
}

/// A signal that is prescribed over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forcing {
    /// The signal.
    pub signal: SignalId,
    /// Who says what it is.
    pub source: ForcingSource,
}

/// Who says what a prescribed signal is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ForcingSource {
    /// A column of a CSV file beside the scene. Whoever opens the scene reads it.
    File {
        /// The file, from the scene's folder.
        file: String,
        /// Its column, in the signal's unit.
        column: String,
    },
    /// These: s after the start, SI, in order of time.
    Points(Arc<[(f64, f64)]>),
    /// What was measured this long before: a day or a week, as a rule. Taken from the history
    /// when the run begins.
    Repeat(Duration),
}

/// A signal that differs from member to member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Uncertain {
    /// The signal.
    pub signal: SignalId,
    /// What a number that is drawn does to it.
    pub effect: UncertainEffect,
    /// What is drawn.
    pub distribution: Distribution,
}

/// What a number that is drawn does to its signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UncertainEffect {
    /// Holds it at the number, SI.
    Set,
    /// Multiplies it.
    Times,
    /// Is added to it, SI.
    Plus,
}

/// From what a number is drawn, once for each member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Distribution {
    /// Mean and standard deviation.
    Normal(f64, f64),
    /// Mean and standard deviation of the numbers themselves, not of their logarithms.
    LogNormal(f64, f64),
    /// Least and greatest.
    Uniform(f64, f64),
    /// Least, likeliest and greatest.
    Triangular(f64, f64, f64),
    /// One of these, or between two neighbours of them; in ascending order.
    Empirical(Arc<[f64]>),
}

/// Two uncertain signals that depend on each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// The two signals; each is in the scenario's list of uncertain ones.
    pub between: (SignalId, SignalId),
    /// The correlation of the normal scores of their draws, −1 to 1.
    pub by: f64,
}

/// How members are spread over what is uncertain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampling {
    /// Each member for itself.
    #[default]
    Random,
    /// Latin hypercube: of as many members as the scenario has, one in each of as many equally
    /// likely stripes of every uncertain signal.
    LatinHypercube,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_joined_by_straight_lines() {
        let points = [(0.0, 1.0), (10.0, 3.0), (10.0, 5.0)];
        for (secs, value) in [
            (-1.0, 1.0),
            (0.0, 1.0),
            (5.0, 2.0),
            (10.0, 5.0),
            (99.0, 5.0),
        ] {
            assert_eq!(follow(&points, secs), Some(value), "{secs}");
        }
        assert_eq!(follow(&[], 0.0), None);
    }
}

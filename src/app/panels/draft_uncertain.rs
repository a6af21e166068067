//! What is uncertain in a scenario while it is edited: a kind of distribution and its numbers.

use super::scenario_draft::{Change, number_field};
use crate::scene::{Distribution, Scene, Uncertain, UncertainEffect};
use crate::signal::SignalId;

/// An uncertain signal as it stands in the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftUncertain {
    /// The signal.
    pub signal: SignalId,
    /// What a number that is drawn does to it.
    pub change: Change,
    /// From what it is drawn.
    pub kind: Kind,
    /// The distribution's numbers as text, with commas; in the signal's unit but for factors.
    pub numbers: String,
}

/// Kinds of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mean and standard deviation.
    Normal,
    /// Mean and standard deviation of the numbers themselves.
    LogNormal,
    /// Least and greatest.
    Uniform,
    /// Least, likeliest and greatest.
    Triangular,
    /// Numbers that were seen.
    Empirical,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Normal,
        Self::LogNormal,
        Self::Uniform,
        Self::Triangular,
        Self::Empirical,
    ];

    /// What it is called.
    pub fn text(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::LogNormal => "Log-normal",
            Self::Uniform => "Uniform",
            Self::Triangular => "Triangular",
            Self::Empirical => "Empirical",
        }
    }

    /// What its numbers are.
    pub fn numbers(self) -> &'static str {
        match self {
            Self::Normal | Self::LogNormal => "mean, standard deviation",
            Self::Uniform => "least, greatest",
            Self::Triangular => "least, likeliest, greatest",
            Self::Empirical => "numbers that were seen",
        }
    }
}

impl DraftUncertain {
    /// A new one: a factor that differs by about 10 %.
    pub fn new(signal: SignalId) -> Self {
        Self {
            signal,
            change: Change::Multiply,
            kind: Kind::LogNormal,
            numbers: "1, 0.1".to_owned(),
        }
    }

    /// The fields of what is uncertain.
    pub(super) fn of(one: &Uncertain, scene: &Scene) -> Self {
        let unit = scene.signal(one.signal).unit;
        let change = match one.effect {
            UncertainEffect::Set => Change::Hold,
            UncertainEffect::Times => Change::Multiply,
            UncertainEffect::Plus => Change::Add,
        };
        let span = |si: f64| match change {
            Change::Multiply => si,
            Change::Hold | Change::Add => unit.span_from_si(si),
        };
        let value = |si: f64| match change {
            Change::Hold => unit.from_si(si),
            Change::Multiply | Change::Add => span(si),
        };
        let (kind, numbers) = match &one.distribution {
            Distribution::Normal(mean, sd) => (Kind::Normal, vec![value(*mean), span(*sd)]),
            Distribution::LogNormal(mean, sd) => (Kind::LogNormal, vec![value(*mean), span(*sd)]),
            Distribution::Uniform(low, high) => (Kind::Uniform, vec![value(*low), value(*high)]),
            Distribution::Triangular(low, mode, high) => (
                Kind::Triangular,
                vec![value(*low), value(*mode), value(*high)],
            ),
            Distribution::Empirical(all) => {
                (Kind::Empirical, all.iter().map(|one| value(*one)).collect())
            }
        };
        let numbers: Vec<_> = numbers.into_iter().map(number_field).collect();
        Self {
            signal: one.signal,
            change,
            kind,
            numbers: numbers.join(", "),
        }
    }

    /// What the fields say; else adds what is wrong with them.
    pub(super) fn read(&self, scene: &Scene, problems: &mut Vec<String>) -> Option<Uncertain> {
        let signal = scene.signal(self.signal);
        let parts = self
            .numbers
            .split(',')
            .map(|part| part.trim().parse::<f64>());
        let numbers: Result<Vec<f64>, _> = parts.collect();
        let numbers = numbers.ok().filter(|all| all.iter().all(|n| n.is_finite()));
        let span = |number: f64| match self.change {
            Change::Multiply => number,
            Change::Hold | Change::Add => signal.unit.span_to_si(number),
        };
        let value = |number: f64| match self.change {
            Change::Hold => signal.unit.to_si(number),
            Change::Multiply | Change::Add => span(number),
        };
        let distribution = match (self.kind, numbers.as_deref()) {
            (Kind::Normal, Some(&[mean, sd])) if sd >= 0.0 => {
                Some(Distribution::Normal(value(mean), span(sd)))
            }
            (Kind::LogNormal, Some(&[mean, sd])) if mean > 0.0 && sd >= 0.0 => {
                Some(Distribution::LogNormal(value(mean), span(sd)))
            }
            (Kind::Uniform, Some(&[low, high])) if low <= high => {
                Some(Distribution::Uniform(value(low), value(high)))
            }
            (Kind::Triangular, Some(&[low, mode, high])) if low <= mode && mode <= high => Some(
                Distribution::Triangular(value(low), value(mode), value(high)),
            ),
            (Kind::Empirical, Some(all)) if !all.is_empty() => {
                let mut all: Vec<f64> = all.iter().map(|one| value(*one)).collect();
                all.sort_by(f64::total_cmp);
                Some(Distribution::Empirical(all.into()))
            }
            _ => None,
        };
        if distribution.is_none() {
            problems.push(format!(
                "{}: `{}` is not {} of a {} distribution",
                signal.full_name,
                self.numbers,
                self.kind.numbers(),
                self.kind.text().to_lowercase()
            ));
        }
        Some(Uncertain {
            signal: self.signal,
            effect: match self.change {
                Change::Hold => UncertainEffect::Set,
                Change::Multiply => UncertainEffect::Times,
                Change::Add => UncertainEffect::Plus,
            },
            distribution: distribution?,
        })
    }
}

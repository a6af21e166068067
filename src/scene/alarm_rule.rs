//! Alarms beyond the limits of one signal, and what keeps alarms off the list by design.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{AssetIndex, Expression, Limit, Priority, Scene, Threshold};
use crate::signal::SignalId;

/// A rule that raises an alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRule {
    /// What it is called, unique in the scene.
    pub name: String,
    /// The signal whose value is told with it.
    pub signal: SignalId,
    /// What is watched.
    pub measure: Measure,
    /// When that is abnormal: of values SI, of expressions as they are written.
    pub threshold: Threshold,
    /// How urgent.
    pub priority: Priority,
    /// True if it stays on the list until somebody resets it.
    pub latching: bool,
    /// What the operator reads.
    pub message: String,
    /// What the operator should do; may be empty.
    pub advice: String,
}

/// The number that a rule watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// The value of the signal, SI.
    Value,
    /// How far the signal is from another, SI.
    Deviation {
        /// The other.
        from: SignalId,
    },
    /// How much the signal changed within this time, SI.
    Rate {
        /// The time.
        within: Duration,
    },
    /// 1 while the states of the signal and another differ.
    Discrepancy {
        /// The other.
        with: SignalId,
    },
    /// 1 while the value does not leave this distance of where it was, SI.
    Frozen {
        /// The distance.
        tolerance: f64,
    },
    /// 1 while no sample comes.
    Silent,
    /// 1 while samples are bad or the link is lost.
    BadQuality,
    /// The value of an expression.
    Expression(Expression),
}

/// Alarms that mean nothing while the plant is in some state.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppression {
    /// The alarms: places in all alarms of the scene, limits first.
    pub alarms: BTreeSet<u32>,
    /// While this holds, they are kept off the list.
    pub when: Expression,
    /// How long it must not hold before they come back.
    pub off_delay: Duration,
}

/// What an alarm is about: a limit of a signal, or a rule of the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AlarmSource<'a> {
    /// The signal's limit.
    Limit(SignalId, &'a Limit),
    /// The rule.
    Rule(&'a AlarmRule),
}

impl Scene {
    /// Every alarm: the [`limits`](Self::limits), then the rules. The place in this list is the
    /// place of the alarm in all dense arrays.
    pub fn alarm_sources(&self) -> impl Iterator<Item = AlarmSource<'_>> {
        let limits = self.limits();
        let limits = limits.map(|(signal, limit)| AlarmSource::Limit(signal, limit));
        limits.chain(self.alarms.iter().map(AlarmSource::Rule))
    }
}

impl<'a> AlarmSource<'a> {
    /// The signal whose value is told with it.
    pub fn signal(self) -> SignalId {
        match self {
            Self::Limit(signal, _) => signal,
            Self::Rule(rule) => rule.signal,
        }
    }

    /// The asset whose alarm it is.
    pub fn asset(self, scene: &Scene) -> AssetIndex {
        scene.signal(self.signal()).asset
    }

    /// How urgent.
    pub fn priority(self) -> Priority {
        match self {
            Self::Limit(_, limit) => limit.priority,
            Self::Rule(rule) => rule.priority,
        }
    }

    /// What the operator should do; may be empty.
    pub fn advice(self) -> &'a str {
        match self {
            Self::Limit(_, limit) => &limit.advice,
            Self::Rule(rule) => &rule.advice,
        }
    }

    /// What the operator reads.
    pub fn message(self) -> &'a str {
        match self {
            Self::Limit(_, limit) => &limit.message,
            Self::Rule(rule) => &rule.message,
        }
    }
}

impl Measure {
    /// The signals that it reads; `own` is that of its rule.
    pub fn inputs(&self, own: SignalId) -> Vec<SignalId> {
        match self {
            Self::Deviation { from: other } | Self::Discrepancy { with: other } => {
                vec![own, *other]
            }
            Self::Expression(expression) => expression.inputs().to_vec(),
            Self::Value
            | Self::Rate { .. }
            | Self::Frozen { .. }
            | Self::Silent
            | Self::BadQuality => {
                vec![own]
            }
        }
    }
}

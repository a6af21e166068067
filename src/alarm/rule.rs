//! What the engine judges: limits, rules and suppressions in one row, and what a rule measures.

use std::collections::VecDeque;
use std::sync::Arc;

use super::state::AlarmId;
use crate::scene::{LimitKind, Measure, Priority, Scene, Threshold};
use crate::signal::{Sample, SignalId};
use crate::time::Timestamp;

/// A limit, a rule or a suppression as the engine needs it.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) signal: SignalId,
    /// The place among the signal's limits, of a limit.
    pub(super) limit: Option<usize>,
    /// The place among the scene's rules, of a rule.
    pub(super) rule: Option<usize>,
    pub(super) kind: LimitKind,
    pub(super) priority: Priority,
    pub(super) latching: bool,
    pub(super) threshold: Threshold,
    pub(super) measure: Measure,
    /// The signals that it reads; empty for a limit, which reads its own.
    pub(super) inputs: Vec<SignalId>,
    /// The alarms that it keeps off the list, of a suppression.
    pub(super) suppresses: Arc<[AlarmId]>,
}

/// All that a scene wants judged: limits in order of signals, then rules, then suppressions.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) all: Vec<Rule>,
    /// By signal, where its limits begin; one more entry at the end.
    pub(super) first_limit: Vec<u32>,
    /// How many are limits.
    pub(super) limits: usize,
    /// How many are alarms: limits and rules.
    pub(super) alarms: usize,
}

impl Rules {
    pub(super) fn of(scene: &Scene) -> Self {
        let mut all: Vec<Rule> = Vec::new();
        let mut first_limit = vec![0];
        for signal in scene.signal_ids() {
            for (limit, spec) in scene.signal(signal).limits.iter().enumerate() {
                all.push(Rule {
                    signal,
                    limit: Some(limit),
                    rule: None,
                    kind: spec.kind,
                    priority: spec.priority,
                    latching: false,
                    threshold: Threshold::of(spec),
                    measure: Measure::Value,
                    inputs: Vec::new(),
                    suppresses: Arc::default(),
                });
            }
            first_limit.push(all.len() as u32);
        }
        let limits = all.len();
        for (place, rule) in scene.alarms.iter().enumerate() {
            let side = match rule.threshold.is_upper {
                true => LimitKind::High,
                false => LimitKind::Low,
            };
            all.push(Rule {
                signal: rule.signal,
                limit: None,
                rule: Some(place),
                kind: side,
                priority: rule.priority,
                latching: rule.latching,
                threshold: rule.threshold,
                measure: rule.measure.clone(),
                inputs: rule.measure.inputs(rule.signal),
                suppresses: Arc::default(),
            });
        }
        let alarms = all.len();
        for suppression in &scene.suppressions {
            let measure = Measure::Expression(suppression.when.clone());
            let inputs = suppression.when.inputs().to_vec();
            let Some(&signal) = inputs.first() else {
                continue; // an expression reads at least one signal
            };
            all.push(Rule {
                signal,
                limit: None,
                rule: None,
                kind: LimitKind::High,
                priority: Priority::Low,
                latching: false,
                threshold: Threshold {
                    is_upper: true,
                    at: 0.5,
                    clear: 0.5,
                    on_delay: std::time::Duration::ZERO,
                    off_delay: suppression.off_delay,
                },
                measure,
                inputs,
                suppresses: suppression.alarms.iter().copied().map(AlarmId).collect(),
            });
        }
        Self {
            all,
            first_limit,
            limits,
            alarms,
        }
    }
}

/// What a rule remembers between samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauge {
    /// Up to when it was judged.
    pub(super) judged: Option<Timestamp>,
    /// The newest values, of a rate: the first holds at the beginning of its time.
    window: VecDeque<(Timestamp, f64)>,
    /// Where the value has been since, of what may be frozen.
    reference: Option<f64>,
}

/// What a sample means to a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// Nothing is known any more.
    Unknown,
    /// The measure is this.
    Is(f64),
    /// What is waited for has happened, and is waited for anew.
    Anew,
}

impl Gauge {
    /// What a sample of one of the inputs means; `usable` if its value counts, and `value`
    /// tells those of the inputs, SI.
    pub(super) fn read(
        &mut self,
        rule: &Rule,
        sample: &Sample,
        usable: bool,
        value: &impl Fn(SignalId) -> Option<f64>,
    ) -> Reading {
        let own = || value(rule.signal);
        let measured = match &rule.measure {
            Measure::Value => own(),
            Measure::Deviation { from } => own()
                .zip(value(*from))
                .map(|(one, other)| (one - other).abs()),
            Measure::Discrepancy { with } => own()
                .zip(value(*with))
                .map(|(one, other)| f64::from(one.round() != other.round())),
            Measure::Expression(expression) => expression.value(value),
            Measure::Rate { within } => own().map(|own| {
                self.window.push_back((sample.at, own));
                while self
                    .window
                    .get(1)
                    .is_some_and(|next| next.0 + *within <= sample.at)
                {
                    self.window.pop_front();
                }
                self.window
                    .front()
                    .map_or(0.0, |first| (own - first.1).abs())
            }),
            Measure::Frozen { tolerance } => {
                let Some(own) = own() else {
                    self.forget();
                    return Reading::Unknown;
                };
                let moved = |from: f64| (own - from).abs() > *tolerance;
                if self.reference.is_none_or(moved) {
                    self.reference = Some(own);
                    return Reading::Anew;
                }
                Some(1.0)
            }
            Measure::Silent => return Reading::Anew,
            Measure::BadQuality => Some(f64::from(!usable)),
        };
        match measured {
            Some(measured) => Reading::Is(measured),
            None => {
                self.forget();
                Reading::Unknown
            }
        }
    }

    /// What was seen does not count any more.
    pub(super) fn forget(&mut self) {
        self.window.clear();
        self.reference = None;
    }
}

impl Rule {
    /// True if it can be judged while no sample comes.
    pub(super) fn outlasts_silence(&self) -> bool {
        matches!(self.measure, Measure::Silent | Measure::BadQuality)
    }

    /// True if the value of its signal is what is judged.
    pub(super) fn judges_value(&self) -> bool {
        self.measure == Measure::Value
    }
}

//! Judges measured samples by the limits of a scene and keeps the alarm list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::journal::{AlarmMap, Change, Journal, apply};
use super::state::{Alarm, AlarmId, AlarmState};
use crate::scene::{Crossing, LimitKind, LimitWatch, Priority, Scene, Threshold};
use crate::signal::{Origin, QualityClass, Sample, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Changes that a journal tells.
const JOURNAL_CAPACITY: usize = 100_000;

/// A limit as the engine needs it.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) signal: SignalId,
    pub(super) limit: usize,
    pub(super) kind: LimitKind,
    pub(super) priority: Priority,
    pub(super) threshold: Threshold,
}

/// What is known of a signal.
#[derive(Clone, Copy, Debug)]
struct Judged {
    /// Its newest sample.
    at: Timestamp,
    /// The value that holds since; `None` if the sample was bad or its link was lost.
    value: Option<f64>,
}

/// How many alarms there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Active and not acknowledged.
    pub unacknowledged: usize,
    /// Active and acknowledged.
    pub acknowledged: usize,
    /// Returned to normal before anybody acknowledged.
    pub returned: usize,
    /// Active ones by priority, the most urgent first.
    pub active_by_priority: [usize; 3],
}

/// Why an alarm was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AcknowledgeError {
    /// There is nothing to acknowledge.
    #[error("the alarm needs no acknowledgement: it is {state}")]
    NothingToAcknowledge {
        /// Its state.
        state: AlarmState,
    },
    /// The scene has no such limit.
    #[error("the scene has no such alarm")]
    Unknown,
}

/// The alarms of a plant.
///
/// A sample that is older than the newest of its signal comes too late to be judged.
/// A bad sample neither raises nor clears, and delays start anew after it. Without a
/// sample for longer than the signal's maximal age, delays stop.
#[derive(Clone, Debug)]
pub struct Engine {
    rules: Vec<Rule>,
    watches: Vec<LimitWatch>,
    /// By signal, where its rules begin; one more entry at the end.
    first_rule: Vec<u32>,
    max_age: Vec<Duration>,
    judged: Vec<Option<Judged>>,
    /// Delays that are running, by the instant at which they run out.
    due: BTreeSet<(Timestamp, AlarmId)>,
    alarms: AlarmMap,
    /// By alarm, its last change.
    changed: Vec<Timestamp>,
    /// The most abnormal value of each active alarm.
    peaks: BTreeMap<AlarmId, f64>,
    journal: Journal,
    revision: u64,
    late: u64,
}

impl Engine {
    /// The alarms of `scene`, all normal.
    pub fn new(scene: &Scene) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        let mut first_rule = vec![0];
        for signal in scene.signal_ids() {
            for (limit, spec) in scene.signal(signal).limits.iter().enumerate() {
                rules.push(Rule {
                    signal,
                    limit,
                    kind: spec.kind,
                    priority: spec.priority,
                    threshold: Threshold::of(spec),
                });
            }
            first_rule.push(rules.len() as u32);
        }
        Self {
            watches: vec![LimitWatch::default(); rules.len()],
            changed: vec![Timestamp::MIN; rules.len()],
            rules,
            first_rule,
            max_age: scene.signals.iter().map(|signal| signal.max_age).collect(),
            judged: vec![None; scene.signals.len()],
            due: BTreeSet::new(),
            alarms: AlarmMap::new(),
            peaks: BTreeMap::new(),
            journal: Journal::new(JOURNAL_CAPACITY),
            revision: 0,
            late: 0,
        }
    }

    /// The same with a journal of at most this many changes.
    pub fn with_journal_capacity(mut self, changes: usize) -> Self {
        self.journal = Journal::new(changes);
        self
    }

    /// Takes up where a recorded journal ends: its alarms are as they were, and go on from there.
    ///
    /// Changes must come in order of time, before any sample is judged. Those that lead from
    /// another state than the one before led to are still told, but not a change of state that
    /// the machine does not have.
    pub fn restore(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            let Some(changed) = self.changed.get_mut(change.id.index()) else {
                continue; // a limit of another scene
            };
            *changed = change.at.max(*changed);
            apply(&mut self.alarms, &change, &self.rules);
            self.journal.push(change, &self.rules);
        }
        for (id, alarm) in &self.alarms {
            if alarm.state.is_active() {
                self.watches[id.index()] = LimitWatch::already_raised();
                self.peaks.insert(*id, alarm.value);
            }
        }
        self.journal.forget_news();
        self.revision += 1;
    }

    /// The changes since this was asked last, in the order in which they happened.
    pub fn take_news(&mut self) -> Vec<Change> {
        self.journal.take_news()
    }

    /// Judges a batch of measured samples in order of source time; others are passed over.
    pub fn observe(&mut self, batch: &SampleBatch) {
        if batch.origin != Origin::Measured {
            return;
        }
        if batch.samples.is_sorted_by_key(|(_, sample)| sample.at) {
            for (signal, sample) in &batch.samples {
                self.judge(*signal, sample);
            }
        } else {
            let mut sorted: Vec<_> = batch.samples.iter().collect();
            sorted.sort_by_key(|(_, sample)| sample.at);
            for (signal, sample) in sorted {
                self.judge(*signal, sample);
            }
        }
    }

    /// Lets delays run out up to `now`, with the values that hold and are not stale.
    pub fn tick(&mut self, now: Timestamp) {
        while let Some(&(due, id)) = self.due.first()
            && due <= now
        {
            self.due.pop_first();
            let rule = &self.rules[id.index()];
            let crossing = self.watches[id.index()].elapse(&rule.threshold, due);
            let value = self.judged[rule.signal.index()].and_then(|judged| judged.value);
            if let (Some(crossing), Some(value)) = (crossing, value) {
                self.cross(id, crossing, value);
            }
        }
    }

    /// Takes the values of these signals for unknown from now on: their link was lost.
    pub fn lose_link(&mut self, signals: impl IntoIterator<Item = SignalId>, at: Timestamp) {
        self.tick(at);
        for signal in signals {
            if let Some(Some(judged)) = self.judged.get_mut(signal.index()) {
                judged.value = None;
                self.interrupt(signal);
            }
        }
    }

    /// Notes that `by` knows of an alarm.
    pub fn acknowledge(
        &mut self,
        id: AlarmId,
        at: Timestamp,
        by: &str,
    ) -> Result<(), AcknowledgeError> {
        let Some(rule) = self.rules.get(id.index()) else {
            return Err(AcknowledgeError::Unknown);
        };
        let state = self.state(id);
        let (Some(to), Some(alarm)) = (state.acknowledged(), self.alarms.get(&id)) else {
            return Err(AcknowledgeError::NothingToAcknowledge { state });
        };
        let held = self.judged[rule.signal.index()].and_then(|judged| judged.value);
        let value = held.unwrap_or(alarm.value);
        self.change(id, at, to, value, Some(by.into()));
        Ok(())
    }

    /// Notes that `by` knows of every alarm there is. Returns how many were news.
    pub fn acknowledge_all(&mut self, at: Timestamp, by: &str) -> usize {
        let ids: Vec<_> = self.alarms.keys().copied().collect();
        ids.into_iter()
            .filter(|&id| self.acknowledge(id, at, by).is_ok())
            .count()
    }

    /// Changes whenever an alarm does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The state of an alarm.
    pub fn state(&self, id: AlarmId) -> AlarmState {
        self.alarms
            .get(&id)
            .map_or(AlarmState::Normal, |alarm| alarm.state)
    }

    /// The alarm list: all that are not normal, the most urgent and then the newest first.
    pub fn list(&self) -> Vec<Alarm> {
        in_order(self.alarms.clone())
    }

    /// The alarm list as it was at `at`; `None` if the journal does not tell it any more.
    ///
    /// Goes through every change up to then, so ask again only when `at` or the
    /// [`revision`](Self::revision) has changed.
    pub fn at(&self, at: Timestamp) -> Option<Vec<Alarm>> {
        self.journal.at(at, &self.rules).map(in_order)
    }

    /// How many alarms there are.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for alarm in self.alarms.values() {
            match alarm.state {
                AlarmState::Unacknowledged => counts.unacknowledged += 1,
                AlarmState::Acknowledged => counts.acknowledged += 1,
                AlarmState::ReturnedUnacknowledged => counts.returned += 1,
                AlarmState::Normal => {}
            }
            if alarm.state.is_active() {
                counts.active_by_priority[alarm.priority as usize] += 1;
            }
        }
        counts
    }

    /// The most abnormal value, SI, since an active alarm was raised.
    pub fn peak(&self, id: AlarmId) -> Option<f64> {
        self.peaks.get(&id).copied()
    }

    /// Every change so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Samples that came too late to be judged.
    pub fn late(&self) -> u64 {
        self.late
    }

    fn judge(&mut self, signal: SignalId, sample: &Sample) {
        let Some(before) = self.judged.get(signal.index()).copied() else {
            return;
        };
        if before.is_some_and(|before| sample.at <= before.at) {
            self.late += u64::from(before.is_some_and(|before| sample.at < before.at));
            return;
        }
        let usable = sample.value.is_finite() && sample.quality.class() != QualityClass::Bad;
        self.judged[signal.index()] = Some(Judged {
            at: sample.at,
            value: usable.then_some(sample.value),
        });
        let fresh_until =
            before.map_or(sample.at, |before| before.at + self.max_age[signal.index()]);
        let held = before.and_then(|before| before.value);
        for rule in self.rules_of(signal) {
            let watch = &mut self.watches[rule];
            let threshold = &self.rules[rule].threshold;
            let due_before = watch.due(threshold);
            let on_the_way = watch.elapse(threshold, sample.at.min(fresh_until));
            if !usable || fresh_until < sample.at {
                watch.interrupt();
            }
            let [_, at_once] = if usable {
                watch.observe(threshold, sample.at, sample.value)
            } else {
                [None, None]
            };
            let due = watch.due(threshold);
            let id = AlarmId(rule as u32);
            self.reschedule(id, due_before, due);
            if let (Some(crossing), Some(held)) = (on_the_way, held) {
                self.cross(id, crossing, held);
            }
            if let Some(crossing) = at_once {
                self.cross(id, crossing, sample.value);
            }
            if usable && let Some(peak) = self.peaks.get_mut(&id) {
                *peak = self.rules[rule].threshold.worse(*peak, sample.value);
            }
        }
    }

    fn rules_of(&self, signal: SignalId) -> Range<usize> {
        let index = signal.index();
        self.first_rule[index] as usize..self.first_rule[index + 1] as usize
    }

    fn interrupt(&mut self, signal: SignalId) {
        for rule in self.rules_of(signal) {
            let due = self.watches[rule].due(&self.rules[rule].threshold);
            self.watches[rule].interrupt();
            self.reschedule(AlarmId(rule as u32), due, None);
        }
    }

    /// Follows a delay that was started, stopped or moved. One that would run out only
    /// after its value is stale is not waited for.
    fn reschedule(&mut self, id: AlarmId, before: Option<Timestamp>, after: Option<Timestamp>) {
        if before != after
            && let Some(before) = before
        {
            self.due.remove(&(before, id));
        }
        let signal = self.rules[id.index()].signal.index();
        if let (Some(after), Some(judged)) = (after, self.judged[signal])
            && after <= judged.at + self.max_age[signal]
        {
            self.due.insert((after, id));
        }
    }

    fn cross(&mut self, id: AlarmId, crossing: Crossing, value: f64) {
        let state = self.state(id);
        if crossing.raised {
            self.peaks.insert(id, value);
            self.change(id, crossing.at, state.raised(), value, None);
        } else {
            self.peaks.remove(&id);
            self.change(id, crossing.at, state.cleared(), value, None);
        }
    }

    /// Brings an alarm into another state, here and in the journal.
    fn change(
        &mut self,
        id: AlarmId,
        at: Timestamp,
        to: AlarmState,
        value: f64,
        by: Option<Arc<str>>,
    ) {
        // A person's clock and an instrument's may differ; what happened later stays later.
        let at = at.max(self.changed[id.index()]);
        self.changed[id.index()] = at;
        let change = Change {
            at,
            id,
            from: self.state(id),
            to,
            value,
            by,
        };
        apply(&mut self.alarms, &change, &self.rules);
        self.journal.push(change, &self.rules);
        self.revision += 1;
    }
}

fn in_order(alarms: AlarmMap) -> Vec<Alarm> {
    let mut list: Vec<_> = alarms.into_values().collect();
    list.sort_by_key(|alarm| (alarm.priority, Reverse(alarm.raised), alarm.id));
    list
}

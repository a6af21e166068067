//! Judges measured samples by the limits of a scene and keeps the alarm list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::journal::{AlarmMap, Change, Journal, apply};
use super::judging::readers_of;
use super::lifecycle::{Happening, Lifecycle, Refusal, Shelf, Standing};
use super::rule::{Gauge, Rules};
use super::state::{Alarm, AlarmId, AlarmState};
use crate::scene::{LimitWatch, Scene};
use crate::signal::{Origin, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Changes that a journal tells.
const JOURNAL_CAPACITY: usize = 100_000;

/// What is known of a signal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    /// Its newest sample.
    pub(super) at: Timestamp,
    /// The value that holds since; `None` if the sample was bad or its link was lost.
    pub(super) value: Option<f64>,
    /// The last usable value; 0 if there never was one.
    pub(super) last: f64,
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
    /// Of those that returned, the ones that stay until somebody resets them.
    pub latched: usize,
    /// Put aside by people for a limited time.
    pub shelved: usize,
    /// Put aside by the state of the plant.
    pub suppressed: usize,
    /// Put aside for maintenance.
    pub out_of_service: usize,
}

/// An alarm that is kept off the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Which alarm.
    pub id: AlarmId,
    /// Whose alarm.
    pub signal: SignalId,
    /// Shelved, suppressed or out of service.
    pub standing: Standing,
    /// Since when.
    pub since: Timestamp,
    /// How long it is shelved and why, also while something stronger keeps it off the list.
    pub shelf: Option<Shelf>,
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
    /// It is raised at or after the instant of the acknowledgement, so nobody can have seen it.
    #[error("the alarm was raised in the same instant: look at it and acknowledge it again")]
    JustRaised,
    /// It stays until somebody resets it.
    #[error("the alarm is latched: reset it")]
    Latched,
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
    pub(super) rules: Rules,
    pub(super) watches: Vec<LimitWatch>,
    /// What rules and suppressions remember, from the first one after the limits on.
    pub(super) gauges: Vec<Gauge>,
    /// By signal, the rules that read it.
    pub(super) readers: BTreeMap<SignalId, Vec<usize>>,
    pub(super) lives: Vec<Lifecycle>,
    /// How many suppressions hold, by alarm.
    pub(super) suppressed: BTreeMap<AlarmId, usize>,
    /// When shelved alarms come back.
    shelved: BTreeSet<(Timestamp, AlarmId)>,
    aside: BTreeMap<AlarmId, Aside>,
    pub(super) max_age: Vec<Duration>,
    pub(super) judged: Vec<Option<Judged>>,
    /// Delays that are running, by the instant at which they run out.
    pub(super) due: BTreeSet<(Timestamp, AlarmId)>,
    alarms: AlarmMap,
    /// By alarm, its last change.
    changed: Vec<Timestamp>,
    /// The most abnormal value of each active alarm.
    pub(super) peaks: BTreeMap<AlarmId, f64>,
    journal: Journal,
    revision: u64,
    pub(super) late: u64,
}

impl Engine {
    /// The alarms of `scene`, all normal.
    pub fn new(scene: &Scene) -> Self {
        let rules = Rules::of(scene);
        let lives = rules.all[..rules.alarms].iter();
        Self {
            lives: lives.map(|rule| Lifecycle::new(rule.latching)).collect(),
            watches: vec![LimitWatch::default(); rules.all.len()],
            gauges: vec![Gauge::default(); rules.all.len() - rules.limits],
            changed: vec![Timestamp::MIN; rules.alarms],
            readers: readers_of(&rules),
            rules,
            suppressed: BTreeMap::new(),
            shelved: BTreeSet::new(),
            aside: BTreeMap::new(),
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
            // The plant tells anew whether it suppresses an alarm.
            let standing = match change.to {
                Standing::Suppressed if change.shelf.is_some() => Standing::Shelved,
                Standing::Suppressed => Standing::Normal,
                other => other,
            };
            self.lives[change.id.index()].resume(standing, change.at, change.shelf.clone());
            self.put_aside(change.id, standing, change.at, change.shelf.clone());
            apply(&mut self.alarms, &change, &self.rules.all);
            self.journal.push(change, &self.rules.all);
        }
        for (id, alarm) in &self.alarms {
            if alarm.standing.is_active() {
                self.watches[id.index()] = LimitWatch::already_raised();
                if self.rules.all[id.index()].judges_value() {
                    self.peaks.insert(*id, alarm.value);
                }
            }
        }
        let shelves = self
            .aside
            .values()
            .filter_map(|aside| Some((aside.shelf.as_ref()?.until, aside.id)));
        self.shelved = shelves.collect();
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

    /// Lets delays and shelves run out up to `now`, with the values that hold and are not stale.
    pub fn tick(&mut self, now: Timestamp) {
        loop {
            let delay = self.due.first().copied().filter(|(due, _)| *due <= now);
            let shelf = self
                .shelved
                .first()
                .copied()
                .filter(|(until, _)| *until <= now);
            match (delay, shelf) {
                (Some((due, id)), shelf) if shelf.is_none_or(|(until, _)| due <= until) => {
                    self.due.pop_first();
                    self.run_out(id.index(), due);
                }
                (_, Some((until, id))) => {
                    self.shelved.pop_first();
                    self.come_off_shelf(id, until);
                }
                _ => return,
            }
        }
    }

    /// Takes the values of these signals for unknown from now on: their link was lost.
    pub fn lose_link(&mut self, signals: impl IntoIterator<Item = SignalId>, at: Timestamp) {
        self.tick(at);
        for signal in signals {
            if let Some(Some(judged)) = self.judged.get_mut(signal.index()) {
                judged.value = None;
                self.lose(signal, at);
            }
        }
    }

    /// Notes that `by` knows of an alarm.
    ///
    /// An alarm that was raised at `at` or later is not taken: nobody can have seen it.
    pub fn acknowledge(
        &mut self,
        id: AlarmId,
        at: Timestamp,
        by: &str,
    ) -> Result<(), AcknowledgeError> {
        let state = self.state(id);
        let done = self.act(id, Happening::Acknowledge, at, by);
        done.map(|_| ()).map_err(|refused| match refused {
            Refusal::Unknown => AcknowledgeError::Unknown,
            Refusal::JustRaised => AcknowledgeError::JustRaised,
            Refusal::WrongStanding(Standing::Latched) => AcknowledgeError::Latched,
            _ => AcknowledgeError::NothingToAcknowledge { state },
        })
    }

    /// Lets `by` do something to an alarm: acknowledge, reset or shelve it, take it out of
    /// service, or take any of that back. What only the plant does is refused.
    pub fn act(
        &mut self,
        id: AlarmId,
        happening: Happening,
        at: Timestamp,
        by: &str,
    ) -> Result<Standing, Refusal> {
        if id.index() >= self.rules.alarms {
            return Err(Refusal::Unknown);
        }
        if happening.is_of_the_plant() {
            return Err(Refusal::OnlyThePlant);
        }
        let signal = self.rules.all[id.index()].signal;
        let held = self.judged[signal.index()].and_then(|judged| judged.value);
        let told = self.alarms.get(&id).map(|alarm| alarm.value);
        let value = held.or(told).unwrap_or_else(|| self.last_value(signal));
        self.happen(id, happening, at, value, Some(by.into()))
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

    /// Where an alarm stands.
    pub fn standing(&self, id: AlarmId) -> Standing {
        let life = self.lives.get(id.index());
        life.map_or(Standing::Normal, Lifecycle::standing)
    }

    /// The alarms that are kept off the list, in order of alarms.
    pub fn aside(&self) -> impl ExactSizeIterator<Item = &Aside> {
        self.aside.values()
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
        self.journal.at(at, &self.rules.all).map(in_order)
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
            counts.latched += usize::from(alarm.standing == Standing::Latched);
        }
        for aside in self.aside.values() {
            match aside.standing {
                Standing::Shelved => counts.shelved += 1,
                Standing::Suppressed => counts.suppressed += 1,
                _ => counts.out_of_service += 1,
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

    /// Lets something happen to an alarm, and notes what came of it.
    pub(super) fn happen(
        &mut self,
        id: AlarmId,
        happening: Happening,
        at: Timestamp,
        value: f64,
        by: Option<Arc<str>>,
    ) -> Result<Standing, Refusal> {
        // Its shelf may be over before this.
        self.come_off_shelf(id, at);
        // A person's clock and an instrument's may differ; what happened later stays later.
        let stamp = at.max(self.changed[id.index()]);
        let is_personal = matches!(happening, Happening::Acknowledge | Happening::Shelve(_));
        let life = &mut self.lives[id.index()];
        let before = (life.standing(), life.shelf().cloned());
        life.apply(happening, if is_personal { at } else { stamp })?;
        self.note(id, before, stamp, value, by);
        Ok(self.standing(id))
    }

    /// Lets a shelved alarm come back if its time is over.
    fn come_off_shelf(&mut self, id: AlarmId, now: Timestamp) {
        let life = &mut self.lives[id.index()];
        let before = (life.standing(), life.shelf().cloned());
        if let Some(until) = before.1.as_ref().map(|shelf| shelf.until)
            && life.tick(now)
        {
            let stamp = until.max(self.changed[id.index()]);
            let value = self.last_value(self.rules.all[id.index()].signal);
            self.note(id, before, stamp, value, None);
        }
    }

    /// Notes where an alarm stands now, here and in the journal, if it stood elsewhere before.
    fn note(
        &mut self,
        id: AlarmId,
        (from, shelf_before): (Standing, Option<Shelf>),
        at: Timestamp,
        value: f64,
        by: Option<Arc<str>>,
    ) {
        let life = &self.lives[id.index()];
        let (to, shelf) = (life.standing(), life.shelf().cloned());
        if let Some(before) = &shelf_before
            && shelf.is_none()
        {
            self.shelved.remove(&(before.until, id));
        }
        if let Some(shelf) = &shelf {
            self.shelved.insert((shelf.until, id));
        }
        if from == to && shelf == shelf_before {
            return;
        }
        self.changed[id.index()] = at;
        self.put_aside(id, to, at, shelf.clone());
        let change = Change {
            at,
            id,
            from,
            to,
            value,
            by,
            shelf,
        };
        apply(&mut self.alarms, &change, &self.rules.all);
        self.journal.push(change, &self.rules.all);
        self.revision += 1;
    }

    fn put_aside(
        &mut self,
        id: AlarmId,
        standing: Standing,
        since: Timestamp,
        shelf: Option<Shelf>,
    ) {
        if standing.is_listed() {
            self.aside.remove(&id);
        } else {
            let aside = Aside {
                id,
                signal: self.rules.all[id.index()].signal,
                standing,
                since,
                shelf,
            };
            self.aside.insert(id, aside);
        }
    }
}

fn in_order(alarms: AlarmMap) -> Vec<Alarm> {
    let mut list: Vec<_> = alarms.into_values().collect();
    list.sort_by_key(|alarm| (alarm.priority, Reverse(alarm.raised), alarm.id));
    list
}

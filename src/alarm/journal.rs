//! Every change of every alarm, and the alarm list as it was at any instant.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::lifecycle::{Shelf, Standing};
use super::rule::Rule;
use super::state::{Acknowledgement, Alarm, AlarmId};
use crate::time::Timestamp;

/// The alarms that are not normal.
pub(super) type AlarmMap = BTreeMap<AlarmId, Alarm>;

/// One alarm went from where it stood to somewhere else.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Which alarm.
    pub id: AlarmId,
    /// Where it stood.
    pub from: Standing,
    /// Where it stands.
    pub to: Standing,
    /// The value of its signal then, SI.
    pub value: f64,
    /// Who did it, if somebody did.
    pub by: Option<Arc<str>>,
    /// How long it is shelved then, and why.
    pub shelf: Option<Shelf>,
}

/// The changes of all alarms in order of time.
///
/// Bounded: the oldest changes are folded into the list that they led to, so what is
/// still told stays right.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The list before the first change.
    base: AlarmMap,
    /// By time, then alarm, then as they happened.
    changes: VecDeque<Change>,
    capacity: usize,
    /// The last change that is told no more.
    folded: Option<Timestamp>,
    /// Changes that nobody has taken yet to keep them; bounded as the journal is.
    news: VecDeque<Change>,
}

impl Journal {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            base: AlarmMap::new(),
            changes: VecDeque::new(),
            capacity,
            folded: None,
            news: VecDeque::new(),
        }
    }

    /// The changes, oldest first.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &Change> + ExactSizeIterator {
        self.changes.iter()
    }

    /// The first instant from which on everything is told; `None` if nothing is left out.
    pub fn known_from(&self) -> Option<Timestamp> {
        self.folded
    }

    /// The changes since this was asked last, in the order in which they happened.
    pub(super) fn take_news(&mut self) -> Vec<Change> {
        self.news.drain(..).collect()
    }

    /// What there is was kept already.
    pub(super) fn forget_news(&mut self) {
        self.news.clear();
    }

    /// Notes a change. Changes of one alarm must come in order of time.
    pub(super) fn push(&mut self, change: Change, rules: &[Rule]) {
        self.news.push_back(change.clone());
        if self.news.len() > self.capacity {
            self.news.pop_front();
        }
        let key = (change.at, change.id);
        let place = self
            .changes
            .partition_point(|held| (held.at, held.id) <= key);
        self.changes.insert(place, change);
        if self.changes.len() > self.capacity
            && let Some(oldest) = self.changes.pop_front()
        {
            self.folded = self.folded.max(Some(oldest.at));
            apply(&mut self.base, &oldest, rules);
        }
    }

    /// The alarms that were not normal at `at`; `None` if that is not told any more.
    pub(super) fn at(&self, at: Timestamp, rules: &[Rule]) -> Option<AlarmMap> {
        if self.folded.is_some_and(|folded| at < folded) {
            return None;
        }
        let count = self.changes.partition_point(|change| change.at <= at);
        let mut alarms = self.base.clone();
        for change in self.changes.iter().take(count) {
            apply(&mut alarms, change, rules);
        }
        Some(alarms)
    }
}

/// Makes `change` happen in `alarms`: the only way in which an alarm changes, live or told.
pub(super) fn apply(alarms: &mut AlarmMap, change: &Change, rules: &[Rule]) {
    if change.to == Standing::Normal || !change.to.is_listed() {
        alarms.remove(&change.id);
        return;
    }
    let rule = &rules[change.id.index()];
    let alarm = alarms.entry(change.id).or_insert_with(|| Alarm {
        id: change.id,
        signal: rule.signal,
        limit: rule.limit,
        rule: rule.rule,
        kind: rule.kind,
        priority: rule.priority,
        standing: change.to,
        state: change.to.state(),
        since: change.at,
        raised: change.at,
        value: change.value,
        acknowledged: None,
    });
    alarm.standing = change.to;
    alarm.state = change.to.state();
    alarm.since = change.at;
    if change.to == Standing::Unacknowledged {
        alarm.raised = change.at;
        alarm.value = change.value;
    }
    alarm.acknowledged = change
        .by
        .clone()
        .map(|by| Acknowledgement { at: change.at, by });
}

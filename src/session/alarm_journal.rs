//! Changes of alarms as a store keeps them, by name, and back.

use std::collections::HashMap;

use crate::alarm::{AlarmId, AlarmState, Change};
use crate::recording::{AlarmRecord, JournalEntry};
use crate::scene::{Limit, LimitKind, Priority, Scene, Signal};

/// What keeps the states' names in a store; never changed, or old journals are not understood.
const STATES: [(AlarmState, &str); 4] = [
    (AlarmState::Normal, "normal"),
    (AlarmState::Unacknowledged, "unacknowledged"),
    (AlarmState::Acknowledged, "acknowledged"),
    (AlarmState::ReturnedUnacknowledged, "returned"),
];

/// The rows of changes.
pub fn alarm_rows(scene: &Scene, changes: &[Change]) -> Vec<JournalEntry> {
    let limits: Vec<_> = scene.limits().collect();
    let rows = changes.iter().filter_map(|change| {
        let (id, limit) = *limits.get(change.id.index())?;
        let signal = scene.signal(id);
        Some(AlarmRecord {
            at: change.at,
            tag: scene.asset(signal.asset).tag.clone(),
            signal: signal.name.clone(),
            limit: limit_text(signal, limit),
            priority: priority_text(limit.priority).to_owned(),
            from: state_text(change.from).to_owned(),
            to: state_text(change.to).to_owned(),
            value: change.value,
            by: change.by.as_ref().map(ToString::to_string),
        })
    });
    rows.map(JournalEntry::from).collect()
}

/// The changes that rows tell of, in order of time; those of limits that the scene does not
/// have any more are left out.
pub fn alarm_changes(scene: &Scene, rows: &[JournalEntry]) -> Vec<Change> {
    let limits = scene.limits().enumerate().map(|(place, (id, limit))| {
        let signal = scene.signal(id);
        let tag = scene.asset(signal.asset).tag.clone();
        let key = (tag, signal.name.clone(), limit_text(signal, limit));
        (key, AlarmId(place as u32))
    });
    let places: HashMap<_, _> = limits.collect();
    let changes = rows.iter().filter_map(|row| {
        let record = AlarmRecord::from_entry(row)?;
        let key = (record.tag, record.signal, record.limit);
        Some(Change {
            at: record.at,
            id: *places.get(&key)?,
            from: state_of(&record.from)?,
            to: state_of(&record.to)?,
            value: record.value,
            by: record.by.map(Into::into),
        })
    });
    let mut changes: Vec<_> = changes.collect();
    // Stable: changes of one instant stay as they happened.
    changes.sort_by_key(|change| change.at);
    changes
}

/// The limit as people know it: `high 4.5 bar`.
fn limit_text(signal: &Signal, limit: &Limit) -> String {
    let kind = match limit.kind {
        LimitKind::HighHigh => "high-high",
        LimitKind::High => "high",
        LimitKind::Low => "low",
        LimitKind::LowLow => "low-low",
    };
    // Rounded far beyond what anybody sets, so that a unit's factor leaves no trace.
    let at = format!("{:.9}", signal.unit.from_si(limit.at));
    let at = at.trim_end_matches('0').trim_end_matches('.');
    format!("{kind} {at} {}", signal.unit.name())
        .trim_end()
        .to_owned()
}

const fn priority_text(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "urgent",
        Priority::High => "high",
        Priority::Low => "low",
    }
}

fn state_text(state: AlarmState) -> &'static str {
    let known = STATES.iter().find(|(known, _)| *known == state);
    known.map_or("normal", |(_, text)| text)
}

fn state_of(text: &str) -> Option<AlarmState> {
    let known = STATES.iter().find(|(_, known)| *known == text);
    known.map(|(state, _)| *state)
}

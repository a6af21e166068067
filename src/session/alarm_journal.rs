//! Changes of alarms as a store keeps them, by name, and back.

use std::collections::HashMap;

use crate::alarm::{AlarmId, Change, Shelf, Standing};
use crate::recording::{AlarmRecord, JournalEntry};
use crate::scene::{AlarmSource, Limit, LimitKind, Priority, Scene, Signal};

/// What keeps the states' names in a store; never changed, or old journals are not understood.
const STATES: [(Standing, &str); 8] = [
    (Standing::Normal, "normal"),
    (Standing::Unacknowledged, "unacknowledged"),
    (Standing::Acknowledged, "acknowledged"),
    (Standing::ReturnedUnacknowledged, "returned"),
    (Standing::Latched, "latched"),
    (Standing::Shelved, "shelved"),
    (Standing::Suppressed, "suppressed"),
    (Standing::OutOfService, "out of service"),
];

/// The rows of changes.
pub fn alarm_rows(scene: &Scene, changes: &[Change]) -> Vec<JournalEntry> {
    let sources: Vec<_> = scene.alarm_sources().collect();
    let rows = changes.iter().filter_map(|change| {
        let source = *sources.get(change.id.index())?;
        let signal = scene.signal(source.signal());
        Some(AlarmRecord {
            at: change.at,
            tag: scene.asset(signal.asset).tag.clone(),
            signal: signal.name.clone(),
            limit: source_text(signal, source),
            priority: priority_text(source.priority()).to_owned(),
            from: state_text(change.from).to_owned(),
            to: state_text(change.to).to_owned(),
            value: change.value,
            by: change.by.as_ref().map(ToString::to_string),
            shelved_until: change.shelf.as_ref().map(|shelf| shelf.until),
            reason: change.shelf.as_ref().map(|shelf| shelf.reason.to_string()),
        })
    });
    rows.map(JournalEntry::from).collect()
}

/// The changes that rows tell of, in order of time; those of limits that the scene does not
/// have any more are left out.
pub fn alarm_changes(scene: &Scene, rows: &[JournalEntry]) -> Vec<Change> {
    let places = alarm_ids(scene);
    let changes = rows.iter().filter_map(|row| {
        let record = AlarmRecord::from_entry(row)?;
        let key = (record.tag, record.signal, record.limit);
        Some(Change {
            at: record.at,
            id: *places.get(&key)?,
            from: standing_of(&record.from)?,
            to: standing_of(&record.to)?,
            value: record.value,
            by: record.by.map(Into::into),
            shelf: record.shelved_until.map(|until| Shelf {
                until,
                reason: record.reason.unwrap_or_default().into(),
            }),
        })
    });
    let mut changes: Vec<_> = changes.collect();
    // Stable: changes of one instant stay as they happened.
    changes.sort_by_key(|change| change.at);
    changes
}

/// The alarms of a scene by what a store calls them: tag, signal, limit.
pub(super) fn alarm_ids(scene: &Scene) -> HashMap<(String, String, String), AlarmId> {
    let sources = scene.alarm_sources().enumerate().map(|(place, source)| {
        let signal = scene.signal(source.signal());
        let tag = scene.asset(signal.asset).tag.clone();
        let key = (tag, signal.name.clone(), source_text(signal, source));
        (key, AlarmId(place as u32))
    });
    sources.collect()
}

/// The limit as people know it, or the name of the rule.
fn source_text(signal: &Signal, source: AlarmSource<'_>) -> String {
    match source {
        AlarmSource::Limit(_, limit) => limit_text(signal, limit),
        AlarmSource::Rule(rule) => rule.name.clone(),
    }
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

/// The priority of a name.
pub(super) fn priority_of(text: &str) -> Option<Priority> {
    let all = [Priority::Urgent, Priority::High, Priority::Low];
    all.into_iter()
        .find(|priority| priority_text(*priority) == text)
}

fn state_text(state: Standing) -> &'static str {
    let known = STATES.iter().find(|(known, _)| *known == state);
    known.map_or("normal", |(_, text)| text)
}

pub(super) fn standing_of(text: &str) -> Option<Standing> {
    let known = STATES.iter().find(|(_, known)| *known == text);
    known.map(|(state, _)| *state)
}

//! Alarms from when they were raised until they were over and known, and those put aside.

use std::collections::BTreeMap;

use super::super::alarm_journal::{priority_of, standing_of};
use crate::alarm::Standing;
use crate::recording::{AlarmRecord, JournalEntry};
use crate::scene::Priority;
use crate::time::Timestamp;

/// An alarm as its plate and its limit name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlarmName {
    /// The tag of its asset.
    pub tag: String,
    /// The signal.
    pub signal: String,
    /// The limit or the rule.
    pub limit: String,
}

/// One time that an alarm was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// Which alarm.
    pub name: AlarmName,
    /// How urgent.
    pub priority: Priority,
    /// When it was raised.
    pub raised: Timestamp,
    /// The value then, SI.
    pub value: f64,
    /// When somebody said that he knows, and who.
    pub acknowledged: Option<(Timestamp, String)>,
    /// When its condition was over, or it was put aside.
    pub over: Option<Timestamp>,
}

/// An alarm that is kept off the list.
#[derive(Clone, Debug, PartialEq)]
pub struct PutAside {
    /// Which alarm.
    pub name: AlarmName,
    /// How.
    pub standing: Standing,
    /// Since when.
    pub since: Timestamp,
    /// Who did it; nobody if the plant's state did.
    pub by: Option<String>,
    /// When it comes back by itself.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// What happened to alarms until the end of a stretch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Episodes {
    /// Those that had anything to do with the stretch, in order of time.
    pub told: Vec<Episode>,
    /// What is off the list at its end.
    pub aside: Vec<PutAside>,
}

/// The episodes between `from` and `to`; `rows` are all that is known, in order of time.
pub(super) fn episodes(rows: &[JournalEntry], (from, to): (Timestamp, Timestamp)) -> Episodes {
    let mut told: Vec<Episode> = Vec::new();
    let mut open: BTreeMap<AlarmName, usize> = BTreeMap::new();
    let mut aside: BTreeMap<AlarmName, PutAside> = BTreeMap::new();
    let before_end = rows.iter().filter(|row| row.at() < to);
    for record in before_end.filter_map(AlarmRecord::from_entry) {
        let states = standing_of(&record.from).zip(standing_of(&record.to));
        let (Some((left, entered)), Some(priority)) = (states, priority_of(&record.priority))
        else {
            continue;
        };
        let name = AlarmName {
            tag: record.tag,
            signal: record.signal,
            limit: record.limit,
        };
        if entered.is_listed() {
            aside.remove(&name);
        } else {
            let put = PutAside {
                name: name.clone(),
                standing: entered,
                since: record.at,
                by: record.by.clone(),
                until: record.shelved_until,
                reason: record.reason.clone(),
            };
            aside.insert(name.clone(), put);
        }
        let known = |by: Option<String>| (record.at, by.unwrap_or_default());
        let running = open.get(&name).and_then(|&place| told.get_mut(place));
        match entered {
            Standing::Unacknowledged if left != Standing::Unacknowledged => {
                if let Some(before) = running {
                    before.over.get_or_insert(record.at);
                }
                open.insert(name.clone(), told.len());
                told.push(Episode {
                    name,
                    priority,
                    raised: record.at,
                    value: record.value,
                    acknowledged: None,
                    over: None,
                });
            }
            Standing::Unacknowledged => {}
            Standing::Acknowledged => {
                if let Some(running) = running {
                    running.acknowledged.get_or_insert_with(|| known(record.by));
                }
            }
            Standing::ReturnedUnacknowledged => {
                if let Some(running) = running {
                    running.over.get_or_insert(record.at);
                }
            }
            Standing::Normal
            | Standing::Latched
            | Standing::Shelved
            | Standing::Suppressed
            | Standing::OutOfService => {
                if let Some(running) = running {
                    running.over.get_or_insert(record.at);
                    if left == Standing::ReturnedUnacknowledged && record.by.is_some() {
                        running.acknowledged.get_or_insert_with(|| known(record.by));
                    }
                }
                open.remove(&name);
            }
        }
    }
    told.retain(|episode| episode.over.is_none_or(|over| over >= from));
    Episodes {
        told,
        aside: aside.into_values().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn change(secs: i64, tag: &str, from: &str, to: &str, by: Option<&str>) -> JournalEntry {
        AlarmRecord {
            at: at(secs),
            tag: tag.to_owned(),
            signal: "level".to_owned(),
            limit: "high 4 m".to_owned(),
            priority: "high".to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            value: 4.5,
            by: by.map(str::to_owned),
            shelved_until: (to == "shelved").then(|| at(9_000)),
            reason: (to == "shelved").then(|| "sensor drifts".to_owned()),
        }
        .into()
    }

    #[test]
    fn an_alarm_is_told_once_for_each_time_that_it_was_raised() {
        let rows = [
            change(10, "TK-1", "normal", "unacknowledged", None),
            change(20, "TK-1", "unacknowledged", "returned", None),
            change(25, "TK-1", "returned", "normal", Some("ann")),
            change(110, "TK-1", "normal", "unacknowledged", None),
            change(120, "TK-2", "normal", "unacknowledged", None),
            change(130, "TK-1", "unacknowledged", "acknowledged", Some("ben")),
            change(140, "TK-1", "acknowledged", "normal", None),
            change(150, "TK-2", "unacknowledged", "shelved", Some("ben")),
            change(250, "TK-3", "normal", "unacknowledged", None),
        ];
        let Episodes { told, aside } = episodes(&rows, (at(100), at(200)));
        let seen: Vec<_> = told
            .iter()
            .map(|one| (one.name.tag.as_str(), one.raised, one.over))
            .collect();
        assert_eq!(
            seen,
            [
                ("TK-1", at(110), Some(at(140))),
                ("TK-2", at(120), Some(at(150))),
            ],
            "what was over before and what comes after is left out"
        );
        assert_eq!(told[0].acknowledged, Some((at(130), "ben".to_owned())));
        assert_eq!(aside.len(), 1);
        assert_eq!(aside[0].reason.as_deref(), Some("sensor drifts"));
        assert_eq!(
            (aside[0].standing, aside[0].until),
            (Standing::Shelved, Some(at(9_000)))
        );
    }

    #[test]
    fn what_was_never_over_is_still_there() {
        let rows = [change(10, "TK-1", "normal", "unacknowledged", None)];
        let told = episodes(&rows, (at(100), at(200))).told;
        assert_eq!((told.len(), told[0].over), (1, None));
    }
}

//! How good an alarm system is: rates, floods, bad actors, chattering, stale alarms and the mix
//! of priorities, against the targets of EEMUA 191 and ISA-18.2.
//!
//! Windows of ten minutes are counted from the beginning of the report on. A flood begins
//! with a window of more than ten alarms and ends before the first one with fewer than five.
//! An alarm chatters if it is told three times within a minute. It is fleeting if its
//! condition is over within a minute.
//!
//! Rates are over the time that was recorded: a window that lies in a gap altogether is none, and
//! the hours of gaps are not counted, so that a plant nobody watched is not taken for a calm one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::lifecycle::Standing;
use crate::scene::Priority;
use crate::time::Timestamp;

/// A window of a rate, ns.
const WINDOW: i64 = 600 * 1_000_000_000;
/// More alarms in a window are too many, and begin a flood.
const FLOOD_BEGINS: usize = 10;
/// Fewer alarms in a window end it.
const FLOOD_ENDS: usize = 5;
/// Told so often within a minute, an alarm chatters.
const CHATTERS: usize = 3;
/// A minute, ns.
const MINUTE: i64 = 60 * 1_000_000_000;
/// A day, ns: an alarm that is active for longer is stale.
const DAY: i64 = 24 * 60 * MINUTE;
/// How many of the worst are told.
const WORST: usize = 10;

/// One alarm went from where it stood to somewhere else, as a report needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlarmEvent {
    /// When.
    pub at: Timestamp,
    /// Which alarm: a place in a list of names.
    pub alarm: u32,
    /// How urgent.
    pub priority: Priority,
    /// Where it stood.
    pub from: Standing,
    /// Where it stands.
    pub to: Standing,
}

/// What a log of alarms says about the alarm system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlarmReport {
    /// How long it covers, hours.
    pub hours: f64,
    /// How much of that was recorded, hours: what rates are over.
    pub known_hours: f64,
    /// How often an alarm was told.
    pub told: usize,
    /// The same per recorded hour.
    pub per_hour: f64,
    /// Windows of ten minutes of which something was recorded.
    pub windows: usize,
    /// Windows with more than ten alarms.
    pub windows_over_ten: usize,
    /// Most alarms in a window.
    pub most_in_window: usize,
    /// Floods.
    pub floods: usize,
    /// Windows in floods.
    pub flood_windows: usize,
    /// Alarms in the largest flood.
    pub largest_flood: usize,
    /// The alarms told most often, with how often.
    pub worst: Vec<Worst>,
    /// The share of the ten worst in all, 0 to 1.
    pub worst_share: f64,
    /// Alarms that chattered at least once.
    pub chattering: Vec<String>,
    /// How often a condition was over within a minute.
    pub fleeting: usize,
    /// Alarms active at the end for more than a day.
    pub stale: Vec<String>,
    /// Alarms told by priority, the most urgent first.
    pub by_priority: [usize; 3],
    /// Alarms that people put aside.
    pub shelvings: usize,
    /// Half of the acknowledgements of active alarms came within this, s.
    pub median_secs_to_acknowledge: Option<f64>,
    /// The targets, and whether they are met.
    pub targets: Vec<Target>,
}

/// An alarm that is told often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Worst {
    /// Its name.
    pub alarm: String,
    /// How often it was told.
    pub told: usize,
}

/// A measure with its target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// What is measured.
    pub measure: &'static str,
    /// What it is.
    pub value: f64,
    /// What it should not exceed.
    pub at_most: f64,
    /// True if it does not.
    pub met: bool,
}

/// What is known of one alarm on the way through the log.
#[derive(Clone, Debug, Default)]
struct Followed {
    told: Vec<i64>,
    /// Told and neither over nor put aside.
    active_since: Option<i64>,
    /// Told and not acknowledged.
    waits_since: Option<i64>,
}

impl AlarmReport {
    /// The report of the events from `from` up to `to`; those before tell only what was active.
    ///
    /// Events must be in order of time.
    pub fn of(events: &[AlarmEvent], names: &[String], from: Timestamp, to: Timestamp) -> Self {
        Self::with_gaps(events, names, (from, to), &[])
    }

    /// As [`of`](Self::of) where nothing was recorded during `gaps`, which are in order and apart.
    pub fn with_gaps(
        events: &[AlarmEvent],
        names: &[String],
        (from, to): (Timestamp, Timestamp),
        gaps: &[(Timestamp, Timestamp)],
    ) -> Self {
        let (begin, end) = (from.nanos(), to.nanos().max(from.nanos()));
        let span = end - begin;
        let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
        let mut followed: BTreeMap<u32, Followed> = BTreeMap::new();
        let mut by_priority = [0; 3];
        let (mut fleeting, mut shelvings) = (0, 0);
        let mut waits = Vec::new();
        for event in events.iter().filter(|event| event.at.nanos() < end) {
            let at = event.at.nanos();
            let inside = at >= begin;
            let alarm = followed.entry(event.alarm).or_default();
            if event.to == Standing::Unacknowledged {
                alarm.active_since = Some(at);
                alarm.waits_since = Some(at);
                if inside {
                    alarm.told.push(at);
                    by_priority[event.priority as usize] += 1;
                    *counts.entry((at - begin) / WINDOW).or_default() += 1;
                }
            }
            if event.to == Standing::Acknowledged
                && let Some(since) = alarm.waits_since.take()
                && inside
            {
                waits.push(at - since);
            }
            if !event.to.is_active()
                && let Some(since) = alarm.active_since.take()
            {
                let is_over = event.to.is_listed();
                fleeting += usize::from(inside && is_over && at - since <= MINUTE);
                alarm.waits_since = None;
            }
            shelvings += usize::from(
                inside && event.to == Standing::Shelved && event.from != Standing::Shelved,
            );
        }
        let told: usize = by_priority.iter().sum();
        let gaps = Gaps::of(gaps, (begin, end));
        let windows = (span as u64).div_ceil(WINDOW as u64) as usize;
        let windows = windows - gaps.windows_within(|window| counts.contains_key(&window));
        let known_hours = (span - gaps.nanos()) as f64 / (60 * MINUTE) as f64;
        let flood = Floods::of(&counts);
        let name = |alarm: u32| names.get(alarm as usize).cloned().unwrap_or_default();
        let named = |fits: &dyn Fn(&Followed) -> bool| -> Vec<String> {
            let found = followed.iter().filter(|(_, alarm)| fits(alarm));
            let found: BTreeSet<String> = found.map(|(id, _)| name(*id)).collect();
            found.into_iter().collect()
        };
        let chattering = named(&|alarm| {
            let mut runs = alarm.told.windows(CHATTERS);
            runs.any(|run| run[CHATTERS - 1] - run[0] <= MINUTE)
        });
        let stale = named(&|alarm| alarm.active_since.is_some_and(|since| end - since > DAY));
        let mut worst: Vec<Worst> = followed
            .iter()
            .filter(|(_, alarm)| !alarm.told.is_empty())
            .map(|(id, alarm)| Worst {
                alarm: name(*id),
                told: alarm.told.len(),
            })
            .collect();
        worst.sort_by(|one, other| {
            other
                .told
                .cmp(&one.told)
                .then_with(|| one.alarm.cmp(&other.alarm))
        });
        worst.truncate(WORST);
        let of_worst: usize = worst.iter().map(|worst| worst.told).sum();
        let mut report = Self {
            hours: span as f64 / (60 * MINUTE) as f64,
            known_hours,
            told,
            per_hour: share(told as f64, known_hours),
            windows,
            windows_over_ten: counts
                .values()
                .filter(|count| **count > FLOOD_BEGINS)
                .count(),
            most_in_window: counts.values().copied().max().unwrap_or(0),
            floods: flood.floods,
            flood_windows: flood.windows,
            largest_flood: flood.largest,
            worst,
            worst_share: share(of_worst as f64, told as f64),
            chattering,
            fleeting,
            stale,
            by_priority,
            shelvings,
            median_secs_to_acknowledge: median(&mut waits).map(|nanos| nanos * 1e-9),
            targets: Vec::new(),
        };
        report.targets = report.against_targets();
        report
    }

    fn against_targets(&self) -> Vec<Target> {
        let told = self.told as f64;
        let [urgent, high, _] = self.by_priority.map(|count| count as f64);
        let percent = |part: f64, whole: f64| 100.0 * share(part, whole);
        let windows = self.windows as f64;
        [
            ("alarms an hour", self.per_hour, 6.0),
            (
                "windows of 10 min with over 10 alarms, %",
                percent(self.windows_over_ten as f64, windows),
                1.0,
            ),
            (
                "windows of 10 min in floods, %",
                percent(self.flood_windows as f64, windows),
                1.0,
            ),
            ("most alarms in 10 min", self.most_in_window as f64, 10.0),
            (
                "share of the ten worst alarms, %",
                100.0 * self.worst_share,
                5.0,
            ),
            ("chattering alarms", self.chattering.len() as f64, 0.0),
            ("fleeting alarms", self.fleeting as f64, 0.0),
            ("stale alarms", self.stale.len() as f64, 4.0),
            ("urgent alarms, %", percent(urgent, told), 5.0),
            (
                "urgent and high alarms, %",
                percent(urgent + high, told),
                20.0,
            ),
        ]
        .into_iter()
        .map(|(measure, value, at_most)| Target {
            measure,
            value,
            at_most,
            met: value <= at_most,
        })
        .collect()
    }
}

/// Stretches of a report in which nothing was recorded, ns from its beginning.
struct Gaps {
    gaps: Vec<(i64, i64)>,
    /// Its length, ns.
    span: i64,
}

impl Gaps {
    fn of(gaps: &[(Timestamp, Timestamp)], (begin, end): (i64, i64)) -> Self {
        let clipped = gaps.iter().map(|(from, to)| {
            let inside = |at: &Timestamp| at.nanos().clamp(begin, end) - begin;
            (inside(from), inside(to))
        });
        Self {
            gaps: clipped.filter(|(from, to)| from < to).collect(),
            span: end - begin,
        }
    }

    /// How long they are together.
    fn nanos(&self) -> i64 {
        self.gaps.iter().map(|(from, to)| to - from).sum()
    }

    /// How many windows lie within one; those of which `is_told` something was told do not.
    fn windows_within(&self, is_told: impl Fn(i64) -> bool) -> usize {
        let within = self.gaps.iter().flat_map(|(from, to)| {
            let first = from.div_euclid(WINDOW) + i64::from(from % WINDOW > 0);
            // The last window may be cut off by the end of the report.
            let rest = *to == self.span && to % WINDOW > 0;
            first..to / WINDOW + i64::from(rest)
        });
        within.filter(|window| !is_told(*window)).count()
    }
}

/// The floods of a count by window; windows without alarms are left out of the map.
#[derive(Default)]
struct Floods {
    floods: usize,
    windows: usize,
    largest: usize,
}

impl Floods {
    fn of(counts: &BTreeMap<i64, usize>) -> Self {
        let mut found = Self::default();
        // The window after the last one of the flood, and its alarms so far.
        let mut flood: Option<(i64, usize)> = None;
        for (&window, &count) in counts {
            let goes_on = flood.filter(|(next, _)| *next == window && count >= FLOOD_ENDS);
            flood = match goes_on {
                Some((_, alarms)) => Some((window + 1, alarms + count)),
                None if count > FLOOD_BEGINS => {
                    found.floods += 1;
                    Some((window + 1, count))
                }
                None => None,
            };
            if let Some((_, alarms)) = flood {
                found.windows += 1;
                found.largest = found.largest.max(alarms);
            }
        }
        found
    }
}

/// A part of a whole; 0 of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn median(values: &mut [i64]) -> Option<f64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = *values.get(middle)? as f64;
    match values.len() % 2 {
        1 => Some(upper),
        _ => Some((values[middle - 1] as f64 + upper) / 2.0),
    }
}

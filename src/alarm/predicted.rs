//! The limits that a simulated future passes, and how soon.

use super::engine::{Engine, Rule};
use super::state::AlarmId;
use crate::history::History;
use crate::scene::{BreachStatistics, LimitKind, LimitWatch, Priority, Threshold};
use crate::signal::{Origin, RunId, SignalId};
use crate::time::Timestamp;

/// An alarm that a run expects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedAlarm {
    /// Which alarm.
    pub id: AlarmId,
    /// Whose limit will be passed.
    pub signal: SignalId,
    /// The limit: its place among the signal's limits.
    pub limit: usize,
    /// Which side of the limit.
    pub kind: LimitKind,
    /// How urgent.
    pub priority: Priority,
    /// When, in the middle of what the run holds possible.
    pub at: Timestamp,
    /// When, if it comes early (P10).
    pub earliest: Timestamp,
    /// How long until [`at`](Self::at), s.
    pub lead_secs: f64,
    /// How likely it is, 0 to 1.
    pub probability: f64,
}

/// When a limit is passed, and how likely.
struct Outlook {
    at: Timestamp,
    earliest: Timestamp,
    probability: f64,
}

/// The alarms that a run in the history expects from `now` on, the most urgent and then
/// the soonest first.
///
/// They are read off the run's median and band. Of an ensemble the probability is
/// therefore the least that the passing of P10, P50 or P90 proves: 0.1, 0.5 or 0.9. Of
/// a single member it is 1. Alarms that are active already are left out. This reads the
/// whole run, so ask again only when the run has changed.
pub fn predict(
    engine: &Engine,
    history: &History,
    run: RunId,
    now: Timestamp,
) -> Vec<PredictedAlarm> {
    expect(engine, now, |_, rule| {
        let (likely, unlikely) = if rule.threshold.is_upper {
            (Origin::BandHigh(run), Origin::BandLow(run))
        } else {
            (Origin::BandLow(run), Origin::BandHigh(run))
        };
        let first = |origin| first_breach(history, origin, rule.signal, &rule.threshold, now);
        let median = first(Origin::Simulated(run));
        if history.len(likely) == 0 {
            return median.map(|at| Outlook {
                at,
                earliest: at,
                probability: 1.0,
            });
        }
        let edge = first(likely);
        let at = median.or(edge)?;
        Some(Outlook {
            at,
            earliest: edge.map_or(at, |edge| edge.min(at)),
            probability: match (first(unlikely), median) {
                (Some(_), _) => 0.9,
                (None, Some(_)) => 0.5,
                (None, None) => 0.1,
            },
        })
    })
}

/// The alarms that an ensemble expects from `now` on, as [`predict`] but counted member by member.
///
/// `statistics` has one entry for each alarm, by [`AlarmId`].
pub fn predict_from_statistics(
    engine: &Engine,
    statistics: &[BreachStatistics],
    now: Timestamp,
) -> Vec<PredictedAlarm> {
    expect(engine, now, |id, _| {
        let statistics = statistics.get(id.index())?;
        let first = statistics.first.filter(|first| first.p50 >= now)?;
        Some(Outlook {
            at: first.p50,
            earliest: first.p10.max(now),
            probability: statistics.probability(),
        })
    })
}

/// The alarms with an outlook that are not active yet, in order.
fn expect(
    engine: &Engine,
    now: Timestamp,
    outlook_of: impl Fn(AlarmId, &Rule) -> Option<Outlook>,
) -> Vec<PredictedAlarm> {
    let rules = (0..).map(AlarmId).zip(engine.rules());
    let mut alarms: Vec<_> = rules
        .filter(|(id, _)| !engine.state(*id).is_active())
        .filter_map(|(id, rule)| {
            let outlook = outlook_of(id, rule)?;
            Some(PredictedAlarm {
                id,
                signal: rule.signal,
                limit: rule.limit,
                kind: rule.kind,
                priority: rule.priority,
                at: outlook.at,
                earliest: outlook.earliest,
                lead_secs: outlook.at.secs_since(now),
                probability: outlook.probability,
            })
        })
        .collect();
    alarms.sort_by_key(|alarm| (alarm.priority, alarm.at, alarm.id));
    alarms
}

/// When `origin` first passes the limit at or after `now`.
fn first_breach(
    history: &History,
    origin: Origin,
    signal: SignalId,
    threshold: &Threshold,
    now: Timestamp,
) -> Option<Timestamp> {
    let mut watch = LimitWatch::default();
    history
        .range(origin, signal, Timestamp::MIN, Timestamp::MAX)
        .flat_map(|sample| watch.observe(threshold, sample.at, sample.value))
        .flatten()
        .find(|crossing| crossing.raised && crossing.at >= now)
        .map(|crossing| crossing.at)
}

//! Predicted alarms: limits that the selected run expects to be passed.

use super::Twin;
use super::frame::offset_text;
use crate::alarm::Alarm;
use crate::scene::{AlarmSource, AssetIndex, Limit};
use crate::simulation::{LimitBreach, RunRecord};
use crate::time::Timestamp;
use crate::timeline::{Mode, Timeline};

/// Less probable ones are in the list of alarms only.
const LIKELY: f64 = 0.3;

/// One limit that is expected to be passed.
pub struct Prediction<'a> {
    /// By which run.
    pub run: &'a RunRecord,
    /// How probably, and when.
    pub breach: &'a LimitBreach,
    /// The limit.
    pub limit: &'a Limit,
}

/// What a run expects, by what has become of it at the present.
#[derive(Debug, Default)]
pub struct Outlook<'a> {
    /// Yet to come, the soonest first.
    pub to_come: Vec<&'a LimitBreach>,
    /// How many are alarms already.
    pub active: usize,
    /// How many are alarms that are kept off the list.
    pub kept_off: usize,
    /// How many others should have come by now.
    pub past: usize,
}

/// What an expected alarm is at the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is there.
    Active,
    /// It is shelved, suppressed or out of service.
    KeptOff,
}

impl Known {
    /// What is known of it live; `None` if there is no such alarm.
    pub fn of(breach: &LimitBreach, twin: &Twin<'_>) -> Option<Self> {
        if is_active(breach, twin.desk.live) {
            return Some(Self::Active);
        }
        let mut own = twin
            .aside
            .iter()
            .filter(|aside| aside.signal == breach.signal);
        let limit = twin.scene.signal(breach.signal).limits.get(breach.limit)?;
        let is_same = own.any(|aside| {
            let source = twin.scene.alarm_sources().nth(aside.id.0 as usize);
            matches!(source, Some(AlarmSource::Limit(_, other)) if std::ptr::eq(other, limit))
        });
        is_same.then_some(Self::KeptOff)
    }
}

impl<'a> Outlook<'a> {
    /// Of a run's `breaches` at the present `now`, of which this is `known`.
    pub fn of(
        breaches: &'a [LimitBreach],
        now: Timestamp,
        known: impl Fn(&LimitBreach) -> Option<Known>,
    ) -> Self {
        let mut outlook = Self::default();
        for breach in breaches {
            match known(breach) {
                Some(Known::Active) => outlook.active += 1,
                Some(Known::KeptOff) => outlook.kept_off += 1,
                None if breach.median_first <= now => outlook.past += 1,
                None => outlook.to_come.push(breach),
            }
        }
        outlook.to_come.sort_by_key(|breach| breach.median_first);
        outlook
    }

    /// What is not listed, and why; nothing if all is.
    pub fn left_out(&self) -> Option<String> {
        let told = [
            (self.active, "an alarm already", "alarms already"),
            (self.kept_off, "kept off the list", "kept off the list"),
            (self.past, "expected before now", "expected before now"),
        ];
        let told = told.into_iter().filter(|(count, ..)| *count > 0);
        let told = told.map(|(count, one, more)| match count {
            1 => format!("1 {one}"),
            some => format!("{some} {more}"),
        });
        let told: Vec<_> = told.collect();
        (!told.is_empty()).then(|| format!("Not listed: {}", told.join(", ")))
    }
}

/// True if the limit is passed already.
fn is_active(breach: &LimitBreach, live: &[Alarm]) -> bool {
    let same = |alarm: &&Alarm| alarm.signal == breach.signal && alarm.limit == Some(breach.limit);
    live.iter()
        .filter(same)
        .any(|alarm| alarm.state.is_active())
}

/// What the selected run expects of an asset in the future, the soonest first.
pub fn of_asset<'a>(twin: &Twin<'a>, asset: AssetIndex) -> Vec<Prediction<'a>> {
    let selected = twin.timeline.selected_run();
    let Some(run) = twin.runs.iter().find(|run| Some(run.id) == selected) else {
        return Vec::new();
    };
    let own = likely(run, twin.timeline.now())
        .filter(|breach| twin.scene.signal(breach.signal).asset == asset)
        .filter(|breach| !is_active(breach, twin.desk.live));
    let found = own.filter_map(|breach| {
        let limit = twin.scene.signal(breach.signal).limits.get(breach.limit)?;
        Some(Prediction { run, breach, limit })
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|prediction| prediction.breach.median_first);
    found
}

/// What the view marks as expected: not what is an alarm already, unless a future is looked at.
pub fn marked<'a>(run: &'a RunRecord, twin: &Twin<'a>) -> impl Iterator<Item = &'a LimitBreach> {
    let live = match twin.timeline.mode() {
        Mode::Simulated => &[],
        _ => twin.desk.live,
    };
    likely(run, from(twin.timeline)).filter(|breach| !is_active(breach, live))
}

/// What a run expects after `now` with some probability.
pub fn likely(run: &RunRecord, now: Timestamp) -> impl Iterator<Item = &LimitBreach> {
    let breaches = run.breaches.iter();
    breaches.filter(move |breach| breach.probability >= LIKELY && breach.median_first > now)
}

/// From when on the view marks what is expected: in a future all of it, elsewhere what is to come.
pub fn from(timeline: &Timeline) -> Timestamp {
    match timeline.mode() {
        Mode::Simulated => Timestamp::MIN,
        _ => timeline.now(),
    }
}

impl Prediction<'_> {
    /// When, how probably, by which scenario: `Expected in 1 h 50 min, probability 0.70, scenario Live`.
    pub fn story(&self, twin: &Twin<'_>) -> String {
        let lead = self.breach.median_first.secs_since(twin.timeline.now());
        let probability = match self.run.scenario.members {
            1 => String::new(),
            _ => format!(", probability {:.2}", self.breach.probability),
        };
        let scenario = &self.run.scenario.name;
        format!(
            "Expected {}{probability}, scenario {scenario}",
            offset_text(lead)
        )
    }

    /// The same in a few words, for a label: `Low level in 1 h 50 min`.
    pub fn brief(&self, twin: &Twin<'_>) -> String {
        let lead = self.breach.median_first.secs_since(twin.timeline.now());
        format!("{} {}", self.limit.message, offset_text(lead))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::alarm::{AlarmId, AlarmState, Standing};
    use crate::scene::{LimitKind, Priority};
    use crate::signal::SignalId;
    use crate::simulation::BreachTimes;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn breach(limit: usize, secs_from_now: f64) -> LimitBreach {
        let at = NOW.plus_secs(secs_from_now);
        LimitBreach {
            signal: SignalId(7),
            limit,
            probability: 1.0,
            median_first: at,
            earliest: at,
            when: BreachTimes::of(at, Duration::from_secs(60), [at], 0),
        }
    }

    fn alarm(limit: usize, state: AlarmState) -> Alarm {
        Alarm {
            id: AlarmId(limit as u32),
            signal: SignalId(7),
            limit: Some(limit),
            rule: None,
            kind: LimitKind::High,
            priority: Priority::High,
            standing: Standing::Unacknowledged,
            state,
            since: NOW,
            raised: NOW,
            value: 1.0,
            acknowledged: None,
        }
    }

    #[test]
    fn what_is_an_alarm_already_is_not_expected() {
        let breaches = [
            breach(0, -22.0),
            breach(1, 600.0),
            breach(2, 60.0),
            breach(3, -22.0),
            breach(4, -22.0),
        ];
        let live = [
            alarm(0, AlarmState::Unacknowledged),
            alarm(2, AlarmState::ReturnedUnacknowledged),
        ];
        let outlook = Outlook::of(&breaches, NOW, |breach| match breach.limit {
            4 => Some(Known::KeptOff),
            _ => is_active(breach, &live).then_some(Known::Active),
        });
        let limits: Vec<_> = outlook.to_come.iter().map(|breach| breach.limit).collect();
        assert_eq!(
            limits,
            [2, 1],
            "the soonest first; what returned may come again"
        );
        assert_eq!((outlook.active, outlook.kept_off, outlook.past), (1, 1, 1));
        assert_eq!(
            outlook.left_out().as_deref(),
            Some("Not listed: 1 an alarm already, 1 kept off the list, 1 expected before now")
        );
    }
}

//! Predicted alarms: limits that the selected run expects to be passed.

use super::Twin;
use super::frame::offset_text;
use crate::scene::{AssetIndex, Limit};
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

/// What the selected run expects of an asset in the future, the soonest first.
pub fn of_asset<'a>(twin: &Twin<'a>, asset: AssetIndex) -> Vec<Prediction<'a>> {
    let selected = twin.timeline.selected_run();
    let Some(run) = twin.runs.iter().find(|run| Some(run.id) == selected) else {
        return Vec::new();
    };
    let own = likely(run, twin.timeline.now())
        .filter(|breach| twin.scene.signal(breach.signal).asset == asset);
    let found = own.filter_map(|breach| {
        let limit = twin.scene.signal(breach.signal).limits.get(breach.limit)?;
        Some(Prediction { run, breach, limit })
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|prediction| prediction.breach.median_first);
    found
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
    /// When, how probably, by which scenario: `in 1 h 50 min, probability 0.70, scenario Live`.
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

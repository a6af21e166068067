//! What a signal shows at the playhead, with its story: never a number alone.

use super::Twin;
use crate::scene::Signal;
use crate::signal::{Origin, QualityClass, SignalId};
use crate::time::duration_text;

/// What stands where no value is known.
pub const NO_VALUE: &str = "—";

/// How far a reading can be trusted, in the words of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As it should be.
    Good,
    /// To be used with care, and OPC UA's name for why.
    Uncertain(&'static str),
    /// Not to be used, and OPC UA's name for why.
    Bad(&'static str),
    /// Too old.
    Stale,
    /// Too old because the link that carried it is lost.
    Unlinked,
    /// Nothing is known.
    Missing,
}

/// A value at the playhead with all that must be shown beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The value, SI.
    pub value: Option<f64>,
    /// How far to trust it.
    pub trust: Trust,
    /// How old it is at the playhead, s.
    pub age_secs: f64,
    /// Who says so.
    pub origin: Option<Origin>,
}

impl Reading {
    /// What `signal` shows at the playhead.
    pub fn of(twin: &Twin<'_>, signal: SignalId) -> Self {
        let playhead = twin.timeline.playhead();
        let origin = twin.origin;
        let Some(row) = twin.rows.get(signal.index()).copied().flatten() else {
            return Self {
                value: None,
                trust: Trust::Missing,
                age_secs: 0.0,
                origin,
            };
        };
        let quality = row.sample.quality;
        let trust = match quality.class() {
            _ if row.lost => Trust::Unlinked,
            _ if row.stale => Trust::Stale,
            QualityClass::Bad => Trust::Bad(quality.name()),
            QualityClass::Uncertain => Trust::Uncertain(quality.name()),
            QualityClass::Good => Trust::Good,
        };
        Self {
            value: Some(row.sample.value),
            trust,
            age_secs: playhead.secs_since(row.sample.at).max(0.0),
            origin,
        }
    }

    /// The edges of the band at the playhead, P10 and P90, as text without unit; `None` where
    /// there is none, or none that digits would show.
    pub fn band_text(&self, twin: &Twin<'_>, signal: SignalId) -> Option<String> {
        let Some(Origin::Simulated(run)) = self.origin else {
            return None;
        };
        let about = twin.scene.signal(signal);
        if !about.states.is_empty() {
            return None;
        }
        let playhead = twin.timeline.playhead();
        let edge = |origin| {
            let seen = twin.history.latest_at(origin, signal, playhead)?;
            Some(about.value_text(seen.sample.value))
        };
        let (low, high) = (edge(Origin::BandLow(run))?, edge(Origin::BandHigh(run))?);
        (low != high).then(|| format!("{low} to {high}"))
    }

    /// True if the value may be read as the plant's present.
    pub fn is_usable(&self) -> bool {
        matches!(self.trust, Trust::Good | Trust::Uncertain(_))
    }

    /// The value without its unit, or a dash.
    pub fn value_text(&self, signal: &Signal) -> String {
        self.value
            .map_or_else(|| NO_VALUE.to_owned(), |value| signal.value_text(value))
    }

    /// The value with its unit, or a dash.
    pub fn value_with_unit(&self, signal: &Signal) -> String {
        self.value.map_or_else(
            || NO_VALUE.to_owned(),
            |value| signal.value_with_unit(value),
        )
    }

    /// Age and quality in words: `3 s`, `stale, 12 min old`, `bad: BadSensorFailure`.
    pub fn story(&self) -> String {
        let age = duration_text(self.age_secs);
        match self.trust {
            Trust::Missing => "no data".to_owned(),
            Trust::Unlinked => format!("no link, {age} old"),
            Trust::Stale => format!("stale, {age} old"),
            Trust::Bad(name) => format!("bad: {name}, {age}"),
            Trust::Uncertain(name) => format!("uncertain: {name}, {age}"),
            Trust::Good if self.is_simulated() => "good".to_owned(),
            Trust::Good => age,
        }
    }

    /// Who says so, in words.
    pub fn origin_text(&self) -> String {
        match self.origin {
            Some(Origin::Measured) if self.value.is_none() => "nothing was received".to_owned(),
            Some(Origin::Simulated(run)) if self.value.is_none() => {
                format!("run {run} does not compute it")
            }
            Some(Origin::Measured) => "measured".to_owned(),
            Some(Origin::Estimated) => "estimated".to_owned(),
            Some(Origin::Simulated(run)) => format!("simulated, run {run}"),
            Some(Origin::BandLow(run)) => format!("P10 of run {run}"),
            Some(Origin::BandHigh(run)) => format!("P90 of run {run}"),
            None => "no run reaches this far".to_owned(),
        }
    }

    fn is_simulated(&self) -> bool {
        matches!(self.origin, Some(Origin::Simulated(_)))
    }
}

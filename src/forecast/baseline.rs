//! Forecasts that need no model: what was measured a day or a week before.

use std::time::Duration;

use thiserror::Error;

use crate::history::{History, Resolution};
use crate::scene::Scene;
use crate::signal::{Origin, QualityClass, SignalId};
use crate::time::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// Points of one repeated span at most; more samples are averaged.
const POINTS: u32 = 1_440;
/// Points of all its repetitions together, about.
const ALL_POINTS: u32 = 20_000;

/// Why nothing can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RepeatError {
    /// It has yet to be loaded.
    #[error("what was measured then is still being loaded: try again in a moment")]
    Coming,
    /// There is nothing to repeat.
    #[error("nothing usable was measured from {from} to {to}")]
    Nothing {
        /// The first instant that was looked at.
        from: Timestamp,
        /// The last one.
        to: Timestamp,
    },
}

/// The instant whose value "as a day before" says for `ahead` after `start`: the same time of
/// the last day that was known at `start`.
pub fn day_before(start: Timestamp, ahead: Duration) -> Timestamp {
    let days = ahead.as_nanos().div_ceil(DAY.as_nanos()).max(1);
    let days = u32::try_from(days).unwrap_or(u32::MAX);
    start + ahead - DAY.saturating_mul(days)
}

/// What was measured from `span` before `start` on, as points of a forcing up to `horizon`:
/// s after `start`, SI. Where the horizon is longer than the span, it begins anew.
///
/// Bad values are left out. Many samples are averaged into a point; of a state, the last counts
/// and holds to the next.
pub fn repeat(
    scene: &Scene,
    history: &History,
    signal: SignalId,
    start: Timestamp,
    span: Duration,
    horizon: Duration,
) -> Result<Vec<(f64, f64)>, RepeatError> {
    let (from, to) = (start - span, start);
    let nothing = RepeatError::Nothing { from, to };
    let coming = history.coming(Origin::Measured, signal, from, to, Resolution::Samples);
    if !coming.is_empty() || history.is_coming_at(Origin::Measured, from) {
        return Err(RepeatError::Coming);
    }
    let nanos = span.as_nanos();
    if nanos == 0 {
        return Err(nothing);
    }
    let rounds = horizon.as_nanos().div_ceil(nanos).max(1);
    let rounds = u32::try_from(rounds).unwrap_or(u32::MAX).min(ALL_POINTS);
    let wanted = (ALL_POINTS / rounds).clamp(1, POINTS);
    let is_state = !scene.signal(signal).states.is_empty();
    let width = span.as_secs_f64() / f64::from(wanted);
    let mut once: Vec<Bucket> = Vec::new();
    let before = history.latest_at(Origin::Measured, signal, from);
    let held = before.filter(|seen| !seen.is_stale(from, scene.signal(signal).max_age));
    let first = held.map(|seen| crate::signal::Sample {
        at: from,
        ..seen.sample
    });
    let samples = history.range(Origin::Measured, signal, from, to);
    for sample in first.iter().chain(samples) {
        let secs = sample.at.secs_since(from);
        if sample.quality.class() == QualityClass::Bad || secs >= span.as_secs_f64() {
            continue;
        }
        let place = (secs / width) as u32;
        match once.last_mut().filter(|bucket| bucket.place == place) {
            Some(bucket) => bucket.add(secs, sample.value),
            None => once.push(Bucket::of(place, secs, sample.value)),
        }
    }
    if once.is_empty() {
        return Err(nothing);
    }
    let mut points = Vec::with_capacity(once.len() * rounds as usize);
    for round in 0..rounds {
        let offset = f64::from(round) * span.as_secs_f64();
        for bucket in &once {
            let (secs, value) = bucket.point(is_state);
            if let Some(&(_, held)) = points.last().filter(|(_, held)| is_state && *held != value) {
                points.push((offset + secs, held)); // a state jumps
            }
            points.push((offset + secs, value));
        }
    }
    Ok(points)
}

/// The samples of a short stretch.
struct Bucket {
    place: u32,
    count: f64,
    secs: f64,
    value: f64,
    first_secs: f64,
    last: f64,
}

impl Bucket {
    fn of(place: u32, secs: f64, value: f64) -> Self {
        Self {
            place,
            count: 1.0,
            secs,
            value,
            first_secs: secs,
            last: value,
        }
    }

    fn add(&mut self, secs: f64, value: f64) {
        self.count += 1.0;
        self.secs += (secs - self.secs) / self.count;
        self.value += (value - self.value) / self.count;
        self.last = value;
    }

    fn point(&self, is_state: bool) -> (f64, f64) {
        match is_state {
            true => (self.first_secs, self.last),
            false => (self.secs, self.value),
        }
    }
}

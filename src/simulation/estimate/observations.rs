//! What the plant showed over a window, as an estimate takes it: data to fit to, and what
//! the plant was told meanwhile.
//!
//! Signals that other models or people decide (a pump's speed, a valve's position, the level of a
//! river) are *followed*: the run that is fitted gets them as they were measured. Everything else
//! that is measured and computed is data.

use std::sync::Arc;
use std::time::Duration;

use super::EstimateError;
use crate::history::History;
use crate::models::Causality;
use crate::scene::{Forcing, ForcingSource, Scene};
use crate::signal::{Origin, Quality, QualityClass, Sample, SignalId};
use crate::simulation::{InitialState, Plant};
use crate::time::Timestamp;

/// The share of its range that an instrument is off where nobody says more.
const DEFAULT_ERROR: f64 = 0.005;
/// No instrument is better than this share of its range.
const LEAST_ERROR: f64 = 0.000_1;
/// How often followed signals are looked at.
const FOLLOW_STEP: Duration = Duration::from_secs(60);

/// A stretch of the past that is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first instant, where the run that is fitted begins.
    pub from: Timestamp,
    /// Its length; it ends at the analysis time.
    pub length: Duration,
    /// The distance of the instants that are compared.
    pub step: Duration,
}

/// What was measured of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedSignal {
    /// The signal.
    pub signal: SignalId,
    /// The standard deviation of its instrument's error, SI.
    pub sd: f64,
    /// `(place, value)`: steps after the window's first instant, and SI, in order.
    pub values: Vec<(u64, f64)>,
}

/// All that is known of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Observations {
    /// When.
    pub window: Window,
    /// What was measured at its first instant.
    pub initial: InitialState,
    /// What is fitted to.
    pub signals: Vec<ObservedSignal>,
    /// What the run is told.
    pub followed: Vec<Forcing>,
}

impl Window {
    /// The window of `length` that ends at `at`.
    pub fn before(at: Timestamp, length: Duration, step: Duration) -> Self {
        Self {
            from: at - length,
            length,
            step,
        }
    }

    /// The analysis time, at its end.
    pub fn end(&self) -> Timestamp {
        self.from + self.length
    }

    /// How many instants are compared.
    pub fn instants(&self) -> u64 {
        let steps = self.length.as_nanos() / self.step.as_nanos().max(1);
        u64::try_from(steps).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// The instant `place` steps after the first.
    pub fn instant(&self, place: u64) -> Timestamp {
        self.from.plus_secs(self.step.as_secs_f64() * place as f64)
    }
}

impl Observations {
    /// Takes from `history` what it says of `window`; signals in `free` are no data.
    ///
    /// Bad, uncertain, stale and missing values are left out.
    pub fn from_history(
        scene: &Scene,
        plant: &Plant,
        history: &History,
        window: Window,
        free: &[SignalId],
    ) -> Result<Self, EstimateError> {
        if window.step.is_zero() || window.length < window.step {
            return Err(EstimateError::Window);
        }
        let mut signals = Vec::new();
        let mut followed = Vec::new();
        for &id in plant.outputs() {
            let signal = scene.signal(id);
            if !signal.measured || free.contains(&id) {
                continue;
            }
            if is_followed(scene, plant, id) {
                followed.extend(follow(scene, history, id, &window));
                continue;
            }
            if !signal.states.is_empty() {
                continue; // half a state is nothing to fit to
            }
            let good = |place| Some((place, good_at(scene, history, id, window.instant(place))?));
            let values: Vec<_> = (0..window.instants()).filter_map(good).collect();
            if !values.is_empty() {
                let sd = instrument_error(scene, id);
                signals.push(ObservedSignal {
                    signal: id,
                    sd,
                    values,
                });
            }
        }
        if signals.is_empty() {
            return Err(EstimateError::NoData {
                from: window.from,
                to: window.end(),
            });
        }
        Ok(Self {
            initial: InitialState::from_history(scene, history, window.from),
            window,
            signals,
            followed,
        })
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.signals.iter().map(|signal| signal.values.len()).sum()
    }
}

/// The standard deviation of an instrument's error, SI: what the emulator puts on it, or a share
/// of its range.
pub fn instrument_error(scene: &Scene, signal: SignalId) -> f64 {
    let (low, high) = scene.signal(signal).range;
    let span = (high - low).abs().max(f64::MIN_POSITIVE);
    let noise = scene.emulator.noise.get(signal.index()).copied();
    let error = noise.filter(|sd| *sd > 0.0 && sd.is_finite());
    error
        .unwrap_or(DEFAULT_ERROR * span)
        .max(LEAST_ERROR * span)
}

/// True if the run is told what the signal was.
fn is_followed(scene: &Scene, plant: &Plant, id: SignalId) -> bool {
    match plant.role(id) {
        Some(Causality::Input) => true,
        Some(Causality::Output) => plant.is_shared(id),
        Some(Causality::State) => !scene.signal(id).states.is_empty(),
        None => false,
    }
}

/// A good and fresh value at an instant.
fn good_at(scene: &Scene, history: &History, id: SignalId, at: Timestamp) -> Option<f64> {
    let seen = history.latest_at(Origin::Measured, id, at)?;
    let usable = is_good(seen.sample.quality) && !seen.is_stale(at, scene.signal(id).max_age);
    (usable && seen.sample.value.is_finite()).then_some(seen.sample.value)
}

fn is_good(quality: Quality) -> bool {
    quality.class() == QualityClass::Good
}

/// What was measured of a signal, as a run can be told it.
fn follow(scene: &Scene, history: &History, id: SignalId, window: &Window) -> Option<Forcing> {
    let stepped = !scene.signal(id).states.is_empty();
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut add = |secs: f64, value: f64| {
        match points.as_slice() {
            // Of three equal values in a row, the middle one says nothing.
            [.., (_, one), (_, other)] if *one == value && *other == value => {
                points.pop();
            }
            // A state changes at once.
            [.., (_, last)] if stepped && *last != value => {
                let last = *last;
                points.push((secs, last));
            }
            _ => {}
        }
        points.push((secs, value));
    };
    if stepped {
        let before = history.latest_at(Origin::Measured, id, window.from);
        let within = history.range(Origin::Measured, id, window.from, window.end());
        let samples: Vec<Sample> = before
            .map(|seen| Sample {
                at: window.from,
                ..seen.sample
            })
            .into_iter()
            .chain(within.copied())
            .collect();
        for sample in samples.iter().filter(|sample| is_good(sample.quality)) {
            add(sample.at.secs_since(window.from), sample.value);
        }
    } else {
        let mut after = Duration::ZERO;
        while after <= window.length {
            if let Some(value) = good_at(scene, history, id, window.from + after) {
                add(after.as_secs_f64(), value);
            }
            after += FOLLOW_STEP;
        }
    }
    let points: Arc<[(f64, f64)]> = points.into();
    (!points.is_empty()).then_some(Forcing {
        signal: id,
        source: ForcingSource::Points(points),
    })
}

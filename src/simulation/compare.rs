//! Two tellings of the same time held against each other: two runs, or a run and the plant.

use crate::history::History;
use crate::scene::Scene;
use crate::signal::{Origin, QualityClass, Sample, SignalId};
use crate::time::Timestamp;

/// How one signal differs between two tellings of the same time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The signal.
    pub signal: SignalId,
    /// The instant at which they differ most.
    pub at: Timestamp,
    /// What the first says then, SI.
    pub one: f64,
    /// What the second says then, SI.
    pub other: f64,
    /// The root of the mean square difference over all instants that were held against each
    /// other, SI.
    pub rms: f64,
    /// The mean of what the first has more than the second, SI.
    pub mean: f64,
    /// Instants that were held against each other.
    pub count: usize,
}

impl Difference {
    /// The largest difference as a share of the signal's ordinary range.
    pub fn share(&self, scene: &Scene) -> f64 {
        let (low, high) = scene.signal(self.signal).range;
        (self.one - self.other).abs() / (high - low).abs().max(f64::MIN_POSITIVE)
    }
}

/// Holds two tellings of a signal against each other at every sample of the first between
/// `from` and `to`, both included.
///
/// `None` if there is no instant at which both say something: bad and stale values say nothing.
pub fn difference(
    scene: &Scene,
    history: &History,
    signal: SignalId,
    [one, other]: [Origin; 2],
    from: Timestamp,
    to: Timestamp,
) -> Option<Difference> {
    let max_age = scene.signal(signal).max_age;
    let usable =
        |sample: &Sample| sample.quality.class() != QualityClass::Bad && sample.value.is_finite();
    let mut found: Option<Difference> = None;
    let (mut squares, mut sum) = (0.0, 0.0);
    let samples = history.range(one, signal, from, to);
    for sample in samples.filter(|sample| usable(sample)) {
        let Some(seen) = history.latest_at(other, signal, sample.at) else {
            continue;
        };
        if !usable(&seen.sample) || (other == Origin::Measured && seen.is_stale(sample.at, max_age))
        {
            continue;
        }
        let by = sample.value - seen.sample.value;
        squares += by * by;
        sum += by;
        let known = found.get_or_insert(Difference {
            signal,
            at: sample.at,
            one: sample.value,
            other: seen.sample.value,
            rms: 0.0,
            mean: 0.0,
            count: 0,
        });
        known.count += 1;
        if by.abs() > (known.one - known.other).abs() {
            known.at = sample.at;
            known.one = sample.value;
            known.other = seen.sample.value;
        }
    }
    found.map(|found| Difference {
        rms: (squares / found.count as f64).sqrt(),
        mean: sum / found.count as f64,
        ..found
    })
}

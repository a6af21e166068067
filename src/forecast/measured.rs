//! What was measured, where it may judge: good, fresh, over a link that held.

use crate::history::History;
use crate::scene::Scene;
use crate::signal::{Origin, QualityClass, SignalId};
use crate::time::Timestamp;

/// What `signal` was at `at`, SI; `None` if that is not known for good: missing, stale, of a lost
/// link, uncertain or bad.
pub fn usable_value(
    scene: &Scene,
    history: &History,
    signal: SignalId,
    at: Timestamp,
) -> Option<f64> {
    let seen = history.latest_at(Origin::Measured, signal, at)?;
    let good = seen.sample.quality.class() == QualityClass::Good;
    let fresh = !seen.is_stale(at, scene.signal(signal).max_age);
    (good && fresh).then_some(seen.sample.value)
}

/// What these signals were at `at`, SI; `None` while that is being loaded.
pub fn measured_at(
    scene: &Scene,
    history: &History,
    signals: &[SignalId],
    at: Timestamp,
) -> Option<Vec<Option<f64>>> {
    if history.is_coming_at(Origin::Measured, at) {
        return None;
    }
    let value = |signal: &SignalId| usable_value(scene, history, *signal, at);
    Some(signals.iter().map(value).collect())
}

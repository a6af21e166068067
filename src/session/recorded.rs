//! From the history to the rows of a recording.

use crate::files::RecordedRow;
use crate::history::History;
use crate::scene::Scene;
use crate::signal::{Origin, SignalId};
use crate::time::Timestamp;

/// Everything measured of `signals`, signal by signal, in order of time, in their units.
pub fn recorded_rows<'a>(
    scene: &'a Scene,
    history: &'a History,
    signals: impl IntoIterator<Item = SignalId>,
) -> impl Iterator<Item = RecordedRow<'a>> {
    signals.into_iter().flat_map(move |id| {
        let signal = scene.signal(id);
        let samples = history.range(Origin::Measured, id, Timestamp::MIN, Timestamp::MAX);
        samples.map(move |sample| RecordedRow {
            at: sample.at,
            tag: &scene.asset(signal.asset).tag,
            signal: &signal.name,
            unit: signal.unit.name(),
            value: signal.unit.from_si(sample.value),
            quality: sample.quality,
        })
    })
}

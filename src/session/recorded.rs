//! From memory and store to the rows of a recording.

use crate::files::RecordedRow;
use crate::history::History;
use crate::recording::{Library, LibraryError, Name, Who};
use crate::scene::Scene;
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

/// The samples of some signals that are in memory, signal by signal.
pub struct MemorySamples {
    signals: Vec<(SignalId, Vec<Sample>)>,
    /// Where memory begins, if a store answers for what lies before.
    edge: Option<Timestamp>,
}

/// Everything measured of `signals` that is in memory, in order of time.
pub fn samples_in_memory(history: &History, signals: &[SignalId]) -> MemorySamples {
    let edge = history.edge();
    let from = edge.unwrap_or(Timestamp::MIN);
    let signals = signals.iter().map(|&signal| {
        let samples = history.range(Origin::Measured, signal, from, Timestamp::MAX);
        (signal, samples.copied().collect())
    });
    MemorySamples {
        signals: signals.collect(),
        edge,
    }
}

/// Everything measured, signal by signal, in order of time, in their units: of the store what
/// lies before memory, then memory.
///
/// Reads files: not for the thread that draws.
pub fn recorded_rows<'a>(
    scene: &'a Scene,
    library: Option<&Library>,
    memory: &MemorySamples,
) -> Result<Vec<RecordedRow<'a>>, LibraryError> {
    let mut rows = Vec::new();
    for (id, samples) in &memory.signals {
        let signal = scene.signal(*id);
        let tag = &scene.asset(signal.asset).tag;
        let mut push = |sample: &Sample| {
            rows.push(RecordedRow {
                at: sample.at,
                tag,
                signal: &signal.name,
                unit: signal.unit.name(),
                value: signal.unit.from_si(sample.value),
                quality: sample.quality,
            });
        };
        if let (Some(library), Some(edge)) = (library, memory.edge) {
            let name = Name::new(tag, &signal.name);
            let before = Timestamp::from_nanos(edge.nanos().saturating_sub(1));
            let stored = library.series(&name, Who::Measured, Timestamp::MIN, before)?;
            let samples = (0..stored.len()).filter_map(|row| stored.sample(row));
            samples.for_each(|sample| push(&sample));
        }
        samples.iter().for_each(&mut push);
    }
    Ok(rows)
}

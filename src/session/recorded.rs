//! From memory and store to the rows of a recording.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::alarm::{Raised, Trial};
use crate::files::RecordedRow;
use crate::history::{History, HistoryConfig};
use crate::recording::{Library, LibraryError, Name, Who};
use crate::scene::{Limit, Scene};
use crate::signal::{Origin, Sample, SampleBatch, SignalId};
use crate::time::Timestamp;

/// The samples of some signals that are in memory, signal by signal.
pub struct MemorySamples {
    signals: Vec<(SignalId, Vec<Sample>)>,
    /// Where memory begins, if a store answers for what lies before.
    edge: Option<Timestamp>,
}

impl MemorySamples {
    /// The samples of each signal, in order of time.
    pub fn signals(&self) -> &[(SignalId, Vec<Sample>)] {
        &self.signals
    }

    /// Where memory begins, if a store answers for what lies before.
    pub fn edge(&self) -> Option<Timestamp> {
        self.edge
    }
}

/// Everything measured of `signals` that is in memory, in order of time.
pub fn samples_in_memory(history: &History, signals: &[SignalId]) -> MemorySamples {
    samples_since(history, signals, Timestamp::MIN)
}

/// Everything measured of `signals` from `from` on that is in memory, in order of time.
pub fn samples_since(history: &History, signals: &[SignalId], from: Timestamp) -> MemorySamples {
    let edge = history.edge();
    let from = edge.unwrap_or(Timestamp::MIN).max(from);
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

/// A history of these samples alone, of what lies within `from` and `to` and of `before` that:
/// of the store what lies before memory, then memory.
///
/// Reads files: not for the thread that draws. A link that was lost is seen where the store tells
/// of it; in memory, as values that grow stale.
pub fn history_of(
    scene: &Scene,
    library: Option<&Library>,
    memory: &MemorySamples,
    before: Duration,
    (from, to): (Timestamp, Timestamp),
) -> Result<History, LibraryError> {
    let mut history = History::new(
        scene.signals.len(),
        HistoryConfig {
            // All that is handed in is kept.
            window: Duration::from_secs(400 * 86_400),
            max_samples_per_series: usize::MAX,
            max_samples: usize::MAX,
            ..HistoryConfig::default()
        },
    );
    let from = from - before;
    let mut batch = SampleBatch::new(Origin::Measured);
    let mut lost = Vec::new();
    for (id, samples) in &memory.signals {
        if let (Some(library), Some(edge)) = (library, memory.edge)
            && from < edge
        {
            let signal = scene.signal(*id);
            let name = Name::new(&scene.asset(signal.asset).tag, &signal.name);
            let until = Timestamp::from_nanos(edge.nanos().saturating_sub(1)).min(to);
            let stored = library.series(&name, Who::Measured, from, until)?;
            for row in 0..stored.len() {
                match stored.sample(row) {
                    Some(sample) => batch.push(*id, sample),
                    None => lost.push((*id, stored.at[row])),
                }
            }
        }
        let held = samples
            .iter()
            .filter(|sample| (from..=to).contains(&sample.at));
        held.for_each(|sample| batch.push(*id, *sample));
    }
    history.insert(&batch);
    for (id, at) in lost {
        history.lose_link([id], at);
    }
    Ok(history)
}

/// What limits would have raised in what was recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TriedLimits {
    /// In order of time.
    pub raised: Vec<Raised>,
    /// How many samples were judged.
    pub samples: usize,
    /// The first and the last of them.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// What limits would have raised from `from` to `to`, both included, in the samples of store and
/// memory, judged in order of time as if all had come in time.
///
/// Reads files: not for the thread that draws. A link that was lost is seen where the store
/// tells of it.
pub fn try_recorded(
    scene: &Scene,
    tried: &BTreeMap<SignalId, Vec<Limit>>,
    library: Option<&Library>,
    memory: &MemorySamples,
    (from, to): (Timestamp, Timestamp),
) -> Result<TriedLimits, LibraryError> {
    let mut rows: Vec<(Timestamp, SignalId, Option<Sample>)> = Vec::new();
    for (id, samples) in &memory.signals {
        if let (Some(library), Some(edge)) = (library, memory.edge) {
            let signal = scene.signal(*id);
            let name = Name::new(&scene.asset(signal.asset).tag, &signal.name);
            let before = Timestamp::from_nanos(edge.nanos().saturating_sub(1)).min(to);
            if from <= before {
                let stored = library.series(&name, Who::Measured, from, before)?;
                let stored = (0..stored.len()).map(|row| (stored.at[row], *id, stored.sample(row)));
                rows.extend(stored);
            }
        }
        let held = samples
            .iter()
            .filter(|sample| (from..=to).contains(&sample.at));
        rows.extend(held.map(|sample| (sample.at, *id, Some(*sample))));
    }
    // Stable: what a signal said in one instant stays in order.
    rows.sort_by_key(|(at, id, _)| (*at, *id));
    let mut trial = Trial::new(scene, tried);
    let mut batch = SampleBatch::new(Origin::Measured);
    for (at, id, sample) in &rows {
        match sample {
            Some(sample) => batch.push(*id, *sample),
            None => {
                trial.observe(&batch);
                batch = SampleBatch::new(Origin::Measured);
                trial.lose_link([*id], *at);
            }
        }
    }
    trial.observe(&batch);
    let ends = rows.first().zip(rows.last());
    Ok(TriedLimits {
        samples: rows.iter().filter(|(.., sample)| sample.is_some()).count(),
        span: ends.map(|(first, last)| (first.0, last.0)),
        raised: trial.finish(to),
    })
}

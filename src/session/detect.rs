//! Anomalies in what was measured: from a file or the history to verdicts.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::anomalies::Anomalies;
use crate::forecast::anomaly::{
    Detector, DetectorError, DetectorSettings, SignalTable, Verdict, residuals,
};
use crate::history::History;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::signal::{Origin, QualityClass, RunId, SignalId};
use crate::telemetry::csv::{CsvError, CsvFile, Faults, Row};
use crate::time::Timestamp;

/// A file of recorded data as rows, values SI.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedTable {
    /// The rows that have a time, in the order of the file.
    pub table: SignalTable,
    /// What is odd about its columns.
    pub problems: Vec<Problem>,
    /// Cells that gave no value.
    pub faults: Faults,
}

/// What is looked for in the history.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectPlan {
    /// The signals that are watched together: those of an asset and of what belongs to it.
    pub signals: Vec<SignalId>,
    /// The stretch to learn from, both ends included.
    pub train: (Timestamp, Timestamp),
    /// The last instant that is scored; scores begin with the stretch.
    pub until: Timestamp,
    /// The distance of rows.
    pub step: Duration,
    /// The run whose residual is watched; the signals themselves without it.
    pub against: Option<RunId>,
    /// How the detector is trained.
    pub settings: DetectorSettings,
}

/// What was found in the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The detector, for a file or for what comes in next.
    pub detector: Detector,
    /// A verdict for each row.
    pub verdicts: Vec<Verdict>,
}

/// The signals of an asset and of all that belongs to it; `None` if there is no such asset.
pub fn signals_of(scene: &Scene, tag: &str) -> Option<Vec<SignalId>> {
    let top = scene.assets.iter().position(|asset| asset.tag == tag)?;
    let belongs = |place: usize| {
        let mut above = Some(place);
        // No asset has more ancestors than there are assets.
        for _ in 0..scene.assets.len() {
            match above {
                Some(one) if one == top => return true,
                Some(one) => above = scene.assets[one].parent.map(|parent| parent.0 as usize),
                None => return false,
            }
        }
        false
    };
    let assets = (0..scene.assets.len()).filter(|place| belongs(*place));
    Some(
        assets
            .flat_map(|place| scene.assets[place].signal_ids())
            .collect(),
    )
}

/// Reads a file of recorded data; of its signals only `signals`, if they are given.
pub fn recorded_table(
    path: &Path,
    scene: &Scene,
    signals: Option<&[SignalId]>,
) -> Result<RecordedTable, CsvError> {
    let mut file = CsvFile::open(path, scene)?;
    let wanted = |id: &SignalId| signals.is_none_or(|signals| signals.contains(id));
    let ids: Vec<SignalId> = file.signals().filter(wanted).collect();
    let mut table = SignalTable::new(names(scene, &ids));
    let mut row = Row::default();
    while file.read(scene, &mut row)? {
        let value = |id: &SignalId| row.values.iter().find(|(other, _)| other == id);
        let values: Vec<_> = ids
            .iter()
            .map(|id| value(id).map(|(_, value)| *value))
            .collect();
        table.push(row.at, &values);
    }
    Ok(RecordedTable {
        table,
        problems: file.problems().to_vec(),
        faults: file.faults().clone(),
    })
}

/// What `origin` says in the history, `step` apart. A stale or bad value is missing.
pub fn history_table(
    history: &History,
    scene: &Scene,
    origin: Origin,
    signals: &[SignalId],
    (from, to): (Timestamp, Timestamp),
    step: Duration,
) -> SignalTable {
    let mut table = SignalTable::new(names(scene, signals));
    let step_secs = step.as_secs_f64().max(1e-3);
    for row in 0_u32.. {
        let at = from.plus_secs(f64::from(row) * step_secs);
        if at > to {
            break;
        }
        let value = |id: &SignalId| {
            let seen = history.latest_at(origin, *id, at)?;
            let usable = seen.sample.quality.class() != QualityClass::Bad;
            let fresh = !seen.is_stale(at, scene.signal(*id).max_age);
            (usable && fresh).then_some(seen.sample.value)
        };
        let values: Vec<_> = signals.iter().map(value).collect();
        table.push(at, &values);
    }
    table
}

/// Learns from a stretch of the history and scores what follows.
pub fn detect(
    history: &History,
    scene: &Scene,
    plan: &DetectPlan,
) -> Result<Detection, DetectorError> {
    let found = Anomalies::find(history, scene, plan.clone())?;
    Ok(Detection {
        detector: found.detector().clone(),
        verdicts: found.verdicts.into(),
    })
}

/// What is watched from `from` to `to`: the signals as measured, or less what the run says.
pub(super) fn watched_table(
    history: &History,
    scene: &Scene,
    plan: &DetectPlan,
    span: (Timestamp, Timestamp),
) -> SignalTable {
    let signals = &plan.signals;
    let measured = history_table(history, scene, Origin::Measured, signals, span, plan.step);
    match plan.against {
        None => measured,
        Some(run) => residuals(&measured, &run_table(history, scene, run, signals, span)),
    }
}

/// What a run says, at its own outputs: between them it is no stairs.
fn run_table(
    history: &History,
    scene: &Scene,
    run: RunId,
    signals: &[SignalId],
    (from, to): (Timestamp, Timestamp),
) -> SignalTable {
    let mut rows: BTreeMap<Timestamp, Vec<Option<f64>>> = BTreeMap::new();
    for (place, id) in signals.iter().enumerate() {
        for sample in history.around(Origin::Simulated(run), *id, from, to) {
            let row = rows.entry(sample.at);
            row.or_insert_with(|| vec![None; signals.len()])[place] = Some(sample.value);
        }
    }
    let mut table = SignalTable::new(names(scene, signals));
    for (at, values) in &rows {
        table.push(*at, values);
    }
    table
}

fn names(scene: &Scene, signals: &[SignalId]) -> Vec<String> {
    let names = signals.iter().map(|id| scene.signal(*id).full_name.clone());
    names.collect()
}

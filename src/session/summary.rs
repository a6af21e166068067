//! What a run without a window tells about itself: `summary.json`.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::history::Row;
use crate::scene::Scene;
use crate::signal::QualityClass;
use crate::simulation::RunRecord;
use crate::telemetry::SourceStatus;

/// The fields of `summary.json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// The scene's name.
    pub scene: String,
    /// Frames drawn.
    pub frames: u64,
    /// Signals that the scene expects from telemetry.
    pub signals_total: usize,
    /// Of these, good and fresh at the end.
    pub signals_good: usize,
    /// Of these, stale at the end.
    pub signals_stale: usize,
    /// MQTT messages received.
    pub messages_received: u64,
    /// Samples that they gave.
    pub samples_received: u64,
    /// What gave none, whatever the reason.
    pub samples_rejected: u64,
    /// Alarms that are active at the end.
    pub alarms_active: usize,
    /// The future that was computed; `null` if the scene has no models.
    pub run: Option<RunSummary>,
}

/// The part of the summary about a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunSummary {
    /// The scenario's name.
    pub scenario: String,
    /// Members of the ensemble.
    pub members: u32,
    /// How far it came, s.
    pub horizon_s: f64,
    /// Values computed.
    pub samples: u64,
    /// CPU seconds.
    pub cpu_s: f64,
}

impl Summary {
    /// Counts what the scene's measured signals show in `rows`.
    pub fn count_signals(&mut self, scene: &Scene, rows: &[Option<Row>]) {
        self.scene.clone_from(&scene.name);
        for (signal, row) in scene.signals.iter().zip(rows) {
            if !signal.measured {
                continue;
            }
            self.signals_total += 1;
            let Some(row) = row else { continue };
            let good = row.sample.quality.class() == QualityClass::Good;
            self.signals_good += usize::from(good && !row.stale);
            self.signals_stale += usize::from(row.stale);
        }
    }

    /// Adds up what the sources received.
    pub fn count_messages(&mut self, statuses: &[SourceStatus]) {
        for status in statuses {
            self.messages_received += status.messages;
            self.samples_received += status.samples;
            self.samples_rejected += status.rejected.total();
        }
    }

    /// Writes it as JSON.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(path, text)
    }
}

impl From<&RunRecord> for RunSummary {
    fn from(record: &RunRecord) -> Self {
        Self {
            scenario: record.scenario.name.clone(),
            members: record.totals.members,
            horizon_s: record.reached.secs_since(record.start),
            samples: record.totals.samples,
            cpu_s: record.cpu_secs,
        }
    }
}

//! What a shift was like, for those who take over and for the file: alarms, what is put aside,
//! indicators, notes, what people did, and trends, from what a store has recorded.
//!
//! The page is one HTML file without scripts and without anything from elsewhere, laid out for A4.
//! The same store and the same plan give the same bytes.

mod by_cause;
mod episodes;
mod first_out;
mod held;
mod page;
mod plot;

use std::collections::{BTreeMap, BTreeSet};

use self::episodes::Episodes;
use self::held::{RecordedRow, held_spans, measured_kpi};
use super::alarm_log::{AlarmLog, journal_rows};
use super::recording::{RecordingError, logs_of};
use super::watch::{Watch, recorded_stretches};
use crate::alarm::AlarmReport;
use crate::recording::log::LogContents;
use crate::recording::{AuditRecord, Journal, JournalEntry, Library, Name, NoteRecord, Store, Who};
use crate::scene::Scene;
use crate::signal::{Sample, SignalId};
use crate::time::Timestamp;

pub use episodes::{AlarmName, Episode, PutAside};
pub use first_out::Cascade;
pub use held::{Held, HeldSpan, MeasuredKpi};

/// Trends that are drawn if none are named.
const TRENDS: usize = 8;

/// What is reported.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftPlan {
    /// The first instant.
    pub from: Timestamp,
    /// The end, which belongs to the next shift.
    pub to: Timestamp,
    /// The signals that are drawn; without one, those of the indicators and those that raised the
    /// most alarms.
    pub trends: Vec<SignalId>,
    /// PNG pictures, with what stands under each.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// Who reports.
    pub by: String,
    /// When.
    pub made: Timestamp,
}

/// What a shift was like.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftReport {
    /// What was asked.
    pub plan: ShiftPlan,
    /// Where it was recorded.
    pub store: String,
    /// How the alarm system did.
    pub alarms: AlarmReport,
    /// The alarms of the shift in order of time.
    pub told: Vec<Episode>,
    /// Which of them go back to one cause.
    pub cascades: Vec<Cascade>,
    /// What is off the list at its end.
    pub aside: Vec<PutAside>,
    /// By KPI of the scene.
    pub kpis: Vec<MeasuredKpi>,
    /// What was noted, by the instant that it is about.
    pub notes: Vec<NoteRecord>,
    /// What people did.
    pub deeds: Vec<AuditRecord>,
    /// The signals that are drawn, span by span.
    pub trends: Vec<(SignalId, Vec<HeldSpan>)>,
}

impl ShiftReport {
    /// Reads what the store at `place` tells of a shift of the plant in `scene`.
    ///
    /// Reads files: not for the thread that draws.
    pub fn read(scene: &Scene, place: &str, plan: ShiftPlan) -> Result<Self, RecordingError> {
        let store = Store::open(place)?;
        let library = Library::open(store.depot())?;
        let logs = logs_of(store.folder())?;
        let span = (plan.from, plan.to);
        let alarms = journal_rows(&library, &logs, Journal::Alarms)?;
        let log = AlarmLog::of(&alarms);
        let Episodes { told, aside } = episodes::episodes(&alarms, span);
        let watch = Watch::with_alarms(&log, recorded_stretches(&library, &logs), span);
        let gaps = watch.map_or_else(|| vec![span], |watch| watch.gaps_since(plan.from));
        let inside = |row: &JournalEntry| plan.from <= row.at() && row.at() < plan.to;
        let mut notes = journal_rows(&library, &logs, Journal::Notes)?;
        notes.retain(inside);
        let mut deeds = journal_rows(&library, &logs, Journal::Audit)?;
        deeds.retain(inside);
        let drawn = if plan.trends.is_empty() {
            chosen(scene, &told)
        } else {
            plan.trends.clone()
        };
        let of_kpis = scene
            .kpis
            .iter()
            .flat_map(|kpi| kpi.signals.iter().copied());
        let wanted: BTreeSet<SignalId> = of_kpis.chain(drawn.iter().copied()).collect();
        let rows = recorded(scene, &library, &logs, &wanted, span)?;
        let spans: BTreeMap<SignalId, Vec<HeldSpan>> = rows
            .iter()
            .map(|(&id, rows)| (id, held_spans(rows, span, scene.signal(id).max_age)))
            .collect();
        let spans_of = |id: SignalId| spans.get(&id).map_or(&[][..], Vec::as_slice);
        let kpis = scene
            .kpis
            .iter()
            .map(|kpi| measured_kpi(kpi, spans_of, span));
        Ok(Self {
            store: store.place(),
            alarms: AlarmReport::with_gaps(&log.events, &log.names, span, &gaps),
            cascades: first_out::cascades(&told, scene),
            told,
            aside,
            kpis: kpis.collect(),
            notes: notes.iter().filter_map(NoteRecord::from_entry).collect(),
            deeds: deeds.iter().filter_map(AuditRecord::from_entry).collect(),
            trends: drawn
                .iter()
                .map(|&id| (id, spans_of(id).to_vec()))
                .collect(),
            plan,
        })
    }

    /// The report as one HTML file.
    pub fn to_html(&self, scene: &Scene) -> String {
        page::html(self, scene)
    }
}

/// The signals of the indicators, then those that raised the most alarms.
fn chosen(scene: &Scene, told: &[Episode]) -> Vec<SignalId> {
    let mut counts: BTreeMap<SignalId, usize> = BTreeMap::new();
    for episode in told {
        if let Some(id) = signal_of(scene, &episode.name) {
            *counts.entry(id).or_default() += 1;
        }
    }
    let mut busy: Vec<(SignalId, usize)> = counts.into_iter().collect();
    busy.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
    let alone = scene.kpis.iter().filter(|kpi| kpi.signals.len() == 1);
    let of_kpis = alone.flat_map(|kpi| kpi.signals.iter().copied());
    let mut chosen: Vec<SignalId> = Vec::new();
    for id in of_kpis.chain(busy.into_iter().map(|(id, _)| id)) {
        if chosen.len() < TRENDS && !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    chosen
}

/// The signal of an alarm, if the scene still has it.
fn signal_of(scene: &Scene, name: &AlarmName) -> Option<SignalId> {
    scene.find_signal(&format!("{}.{}", name.tag, name.signal))
}

/// What was recorded of signals, in order of time: the newest row before the span, and those in it.
fn recorded(
    scene: &Scene,
    library: &Library,
    logs: &[LogContents],
    wanted: &BTreeSet<SignalId>,
    (from, to): (Timestamp, Timestamp),
) -> Result<BTreeMap<SignalId, Vec<RecordedRow>>, RecordingError> {
    let names: BTreeMap<Name, SignalId> = wanted
        .iter()
        .map(|&id| {
            let signal = scene.signal(id);
            (Name::new(&scene.asset(signal.asset).tag, &signal.name), id)
        })
        .collect();
    let mut rows: BTreeMap<SignalId, Vec<RecordedRow>> = BTreeMap::new();
    for (series, sample, lost) in library.frame_at(from, None)?.rows {
        let id = names
            .get(&series.name)
            .filter(|_| series.who == Who::Measured);
        if let Some(&id) = id {
            let rows = rows.entry(id).or_default();
            rows.push((sample.at, Some(sample)));
            rows.extend(lost.map(|lost| (lost, None)));
        }
    }
    for (name, &id) in &names {
        let stored = library.series(name, Who::Measured, from, to)?;
        let stored = (0..stored.len()).map(|row| (stored.at[row], stored.sample(row)));
        rows.entry(id).or_default().extend(stored);
    }
    for log in logs {
        let series = log.names.series().iter();
        let ids = series.map(|series| {
            let measured = series.who == Who::Measured;
            names.get(&series.name).copied().filter(|_| measured)
        });
        let ids: Vec<Option<SignalId>> = ids.collect();
        for row in log.rows.iter().filter(|row| row.at <= to) {
            let Some(Some(id)) = ids.get(row.series.index()) else {
                continue;
            };
            let sample = row.value.map(|value| Sample {
                at: row.at,
                received: row.received,
                value,
                quality: row.quality,
                clock: row.clock,
            });
            rows.entry(*id).or_default().push((row.at, sample));
        }
    }
    for rows in rows.values_mut() {
        // Stable: of one instant, what was written first counts.
        rows.sort_by_key(|(at, _)| *at);
        rows.dedup_by_key(|(at, _)| *at);
        let before = rows.partition_point(|(at, _)| *at <= from);
        rows.drain(..before.saturating_sub(1));
    }
    Ok(rows)
}

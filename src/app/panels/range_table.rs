//! The signals of the trends over the range that is shown, in numbers.
//!
//! The range is rounded to a five-hundredth of its length, so that a plot which follows the
//! present is summed up now and then and not in every frame; and then a few signals a frame. What
//! is shown is of one range always.

use egui::{Align, Layout, Ui};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::controls::text_button;
use super::reading::NO_VALUE;
use super::{Twin, theme};
use crate::history::RangeStatistics;
use crate::scene::{Scene, Signal};
use crate::signal::{Origin, RunId, SignalId};
use crate::time::Timestamp;
use crate::units::Unit;

/// The steps in which the range moves.
const STEPS: i64 = 500;

/// After so many samples the next signal waits for the next frame.
const SAMPLES_PER_FRAME: usize = 200_000;

const TITLES: [&str; 9] = [
    "Signal", "Origin", "Samples", "Mean", "Min", "Max", "Std dev", "Integral", "Unusable",
];

/// The numbers that were summed up last.
#[derive(Debug, Default)]
pub struct RangeTable {
    asked: Option<Asked>,
    rows: Vec<(SignalId, Origin, RangeStatistics)>,
    next: Option<Summing>,
}

/// Numbers that are being summed up.
#[derive(Debug)]
struct Summing {
    asked: Asked,
    rows: Vec<(SignalId, Origin, RangeStatistics)>,
    /// How many signals are done.
    done: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Asked {
    signals: Vec<SignalId>,
    from: Timestamp,
    to: Timestamp,
    /// The present, in the same steps: measured values are counted up to it.
    now: Timestamp,
    /// The selected run, and how far it was simulated.
    run: Option<(RunId, Timestamp)>,
}

impl Asked {
    fn of(twin: &Twin<'_>, signals: &[SignalId], range: (Timestamp, Timestamp)) -> Self {
        let span = range.1.nanos().saturating_sub(range.0.nanos());
        let step = (span / STEPS).max(1);
        let rounded =
            |at: Timestamp| Timestamp::from_nanos(at.nanos().div_euclid(step).saturating_mul(step));
        let selected = twin.timeline.selected_run();
        let record = twin.runs.iter().find(|run| Some(run.id) == selected);
        Self {
            signals: signals.to_vec(),
            from: rounded(range.0),
            to: rounded(range.1),
            now: rounded(twin.timeline.now()),
            run: record.map(|run| (run.id, run.reached)),
        }
    }

    /// True if another range of the same is asked for.
    fn is_of_same(&self, other: &Self) -> bool {
        let run = |asked: &Self| asked.run.map(|(run, _)| run);
        self.signals == other.signals && run(self) == run(other)
    }

    /// Up to where samples of an origin are counted: the present, or the end of the run.
    fn end_of(&self, origin: Origin) -> Timestamp {
        match (origin, self.run) {
            (Origin::Simulated(_), Some((_, reached))) => self.to.min(reached),
            _ => self.to.min(self.now),
        }
    }
}

impl RangeTable {
    /// Sums up some more of what is asked for; true if not all is done.
    fn bring_up(&mut self, twin: &Twin<'_>, asked: Asked) -> bool {
        if self.asked.as_ref() == Some(&asked) {
            self.next = None;
            return false;
        }
        // What was begun is ended first, or a range that moves fast would never be told.
        let begun = self
            .next
            .take()
            .filter(|next| next.asked.is_of_same(&asked));
        let mut next = begun.unwrap_or_else(|| Summing {
            asked,
            rows: Vec::new(),
            done: 0,
        });
        let mut counted = 0;
        while let Some(&id) = next.asked.signals.get(next.done)
            && counted < SAMPLES_PER_FRAME
        {
            next.done += 1;
            let max_age = twin.scene.signal(id).max_age;
            let origins = [Origin::Measured].into_iter();
            let run = next.asked.run.map(|(run, _)| Origin::Simulated(run));
            for origin in origins.chain(run) {
                let (from, to) = (next.asked.from, next.asked.end_of(origin));
                let told = twin.history.statistics(origin, id, from, to, max_age);
                counted += told.count;
                if told.count > 0 || told.held.is_some() {
                    next.rows.push((id, origin, told));
                }
            }
        }
        let is_done = next.done == next.asked.signals.len();
        if is_done {
            self.rows = next.rows;
            self.asked = Some(next.asked);
        } else {
            if self
                .asked
                .as_ref()
                .is_some_and(|old| !old.is_of_same(&next.asked))
            {
                self.asked = None;
                self.rows.clear();
            }
            self.next = Some(next);
        }
        !is_done
    }

    /// The rows as CSV, numbers in the signals' units.
    fn to_csv(&self, scene: &Scene) -> String {
        let mut csv = String::from(
            "signal,origin,unit,from,to,samples,mean,min,max,std_dev,integral_unit_hours,unusable_share\n",
        );
        let Some(asked) = &self.asked else {
            return csv;
        };
        for (id, origin, told) in &self.rows {
            let signal = scene.signal(*id);
            let unit = signal.unit;
            let numbers = told.held.map_or_else(
                || ",,,,".to_owned(),
                |held| {
                    format!(
                        "{},{},{},{},{}",
                        unit.from_si(held.mean),
                        unit.from_si(held.min),
                        unit.from_si(held.max),
                        unit.span_from_si(held.deviation),
                        unit.from_si(held.mean) * held.secs / 3_600.0
                    )
                },
            );
            csv.push_str(&format!(
                "{},{},{},{},{},{},{numbers},{}\n",
                quoted(&signal.full_name),
                origin_text(*origin),
                quoted(unit.symbol()),
                asked.from,
                asked.end_of(*origin),
                told.count,
                told.unusable_share()
            ));
        }
        csv
    }
}

/// The table, and a button that copies it.
pub(super) fn range_table_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    table: &mut RangeTable,
    signals: &[SignalId],
    range: (Timestamp, Timestamp),
) {
    if table.bring_up(twin, Asked::of(twin, signals, range)) {
        ui.ctx().request_repaint();
    }
    ui.horizontal(|ui| {
        if let Some(asked) = &table.asked {
            let ends = table.rows.iter().map(|row| asked.end_of(row.1));
            let to = ends.max().unwrap_or(asked.to);
            let (from, to) = (asked.from.to_clock_text(), to.to_clock_text());
            ui.label(theme::note(format!(
                "{from} to {to} UTC, each value weighs as long as it held"
            )));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if text_button(ui, icon::COPY, "Copy as CSV").clicked() {
                ui.ctx().copy_text(table.to_csv(twin.scene));
            }
        });
    });
    if table.asked.is_none() {
        ui.label(theme::note("Summing up"));
        return;
    }
    if table.rows.is_empty() {
        ui.label(theme::note("No sample lies in this range"));
        return;
    }
    TableBuilder::new(ui)
        .id_salt("range statistics")
        .striped(true)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(110.0).clip(true))
        .columns(Column::auto().at_least(58.0), TITLES.len() - 1)
        .header(18.0, |mut row| {
            for title in TITLES {
                row.col(|ui| {
                    ui.label(theme::caption(title));
                });
            }
        })
        .body(|body| {
            body.rows(18.0, table.rows.len(), |mut row| {
                let (id, origin, told) = &table.rows[row.index()];
                for text in cells(twin.scene.signal(*id), *origin, told) {
                    row.col(|ui| {
                        ui.label(text);
                    });
                }
            });
        });
}

fn cells(signal: &Signal, origin: Origin, told: &RangeStatistics) -> [String; 9] {
    let none = || NO_VALUE.to_owned();
    let numbers = told.held.map_or_else(
        || std::array::from_fn(|_| none()),
        |held| {
            if !signal.states.is_empty() {
                let [min, max] = [held.min, held.max].map(|state| signal.value_text(state));
                return [format!("{:.3}", held.mean), min, max, none(), none()];
            }
            [
                signal.value_with_unit(held.mean),
                signal.value_text(held.min),
                signal.value_text(held.max),
                format!(
                    "{:.*}",
                    signal.decimals + 1,
                    signal.unit.span_from_si(held.deviation)
                ),
                integral_text(signal.unit, held.mean, held.secs),
            ]
        },
    );
    let [mean, min, max, deviation, integral] = numbers;
    [
        signal.full_name.clone(),
        origin_text(origin),
        told.count.to_string(),
        mean,
        min,
        max,
        deviation,
        integral,
        format!("{:.1} %", 100.0 * told.unusable_share()),
    ]
}

fn origin_text(origin: Origin) -> String {
    match origin {
        Origin::Simulated(run) => format!("run {run}"),
        _ => "measured".to_owned(),
    }
}

/// The integral of a value that was `mean`, SI, for `secs`: what flowed by, where the unit is
/// one of something an hour or a second; else in hours of the unit.
pub fn integral_text(unit: Unit, mean: f64, secs: f64) -> String {
    let mean = unit.from_si(mean);
    let symbol = unit.symbol();
    let (value, symbol) = if let Some(amount) = symbol.strip_suffix("/h") {
        (mean * secs / 3_600.0, amount.to_owned())
    } else if let Some(amount) = symbol.strip_suffix("/s") {
        (mean * secs, amount.to_owned())
    } else {
        (mean * secs / 3_600.0, format!("{symbol}·h"))
    };
    format!("{value:.1} {}", symbol.trim_start_matches('·'))
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

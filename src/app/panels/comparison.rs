//! Two runs side by side at one instant: where they differ most comes first.

use egui::{Align, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder};

use super::{Twin, theme};
use crate::scene::Signal;
use crate::signal::{Origin, RunId, SignalId};
use crate::time::Timestamp;

/// How many rows are listed.
const ROWS: usize = 12;

/// What one signal shows in both runs.
struct Difference<'a> {
    signal: &'a Signal,
    selected: f64,
    compared: f64,
}

impl Difference<'_> {
    /// The size of the difference as a share of the signal's ordinary range.
    fn share(&self) -> f64 {
        let range = (self.signal.range.1 - self.signal.range.0).abs();
        (self.selected - self.compared).abs() / range.max(f64::MIN_POSITIVE)
    }

    fn text(&self) -> String {
        if !self.signal.states.is_empty() {
            return if self.share() > 0.0 { "differs" } else { "" }.to_owned();
        }
        let difference = self.signal.unit.span_from_si(self.selected - self.compared);
        let sign = if difference < 0.0 { "−" } else { "+" };
        let digits = self.signal.decimals;
        format!("{sign}{:.digits$}", difference.abs())
    }
}

/// The table, if a second run is compared.
pub fn comparison_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let (Some(selected), Some(compared)) = (twin.timeline.selected_run(), twin.compared) else {
        ui.add_space(8.0);
        ui.label(theme::note("Compare a second run to see where they differ"));
        return;
    };
    if selected == compared {
        ui.add_space(8.0);
        ui.label(theme::note(
            "The compared run is the selected one: select another",
        ));
        return;
    }
    let Some(at) = instant(twin, selected, compared) else {
        return;
    };
    ui.add_space(8.0);
    ui.label(theme::caption(&format!(
        "Run {selected} against {compared}"
    )));
    ui.label(theme::note(format!("at {} UTC", at.to_clock_text())));
    let differences = differences(twin, selected, compared, at);
    if differences.is_empty() {
        ui.label("No shown signal differs");
        return;
    }
    table_ui(ui, &differences, [selected, compared]);
}

/// The playhead where both runs answer, else the last instant of both.
fn instant(twin: &Twin<'_>, selected: RunId, compared: RunId) -> Option<Timestamp> {
    let find = |id| twin.runs.iter().find(|run| run.id == id);
    let (selected, compared) = (find(selected)?, find(compared)?);
    let from = selected.start.max(compared.start);
    let to = selected.reached.min(compared.reached);
    let playhead = twin.timeline.playhead();
    (from < to).then(|| {
        if (from..=to).contains(&playhead) {
            playhead
        } else {
            to
        }
    })
}

/// Differences of the signals that are on labels or have limits, the largest first.
fn differences<'a>(
    twin: &Twin<'a>,
    selected: RunId,
    compared: RunId,
    at: Timestamp,
) -> Vec<Difference<'a>> {
    let scene = twin.scene;
    let value = |run, id| {
        let seen = twin.history.latest_at(Origin::Simulated(run), id, at)?;
        Some(seen.sample.value)
    };
    let counts = |id: &SignalId| {
        let signal = scene.signal(*id);
        signal.shown || !signal.limits.is_empty()
    };
    let shown = scene.signal_ids().filter(counts);
    let mut found: Vec<_> = shown
        .filter_map(|id| {
            Some(Difference {
                signal: scene.signal(id),
                selected: value(selected, id)?,
                compared: value(compared, id)?,
            })
        })
        .filter(|difference| difference.share() > 1e-6)
        .collect();
    found.sort_by(|a, b| b.share().total_cmp(&a.share()));
    found.truncate(ROWS);
    found
}

fn table_ui(ui: &mut Ui, differences: &[Difference<'_>], runs: [RunId; 2]) {
    let headers = [
        runs[0].to_string(),
        runs[1].to_string(),
        "Difference".to_owned(),
    ];
    TableBuilder::new(ui)
        .id_salt("comparison")
        .striped(true)
        .vscroll(false)
        .cell_layout(Layout::right_to_left(Align::Center))
        .column(Column::remainder().clip(true))
        .columns(Column::exact(62.0).clip(true), 2)
        .column(Column::exact(92.0).clip(true))
        .header(18.0, |mut row| {
            row.col(|ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(theme::caption("Signal"));
                });
            });
            for text in &headers {
                row.col(|ui| {
                    ui.label(theme::caption(text));
                });
            }
        })
        .body(|body| {
            body.rows(20.0, differences.len(), |mut row| {
                let difference = &differences[row.index()];
                let signal = difference.signal;
                row.col(|ui| {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.label(&signal.full_name);
                    });
                });
                for value in [difference.selected, difference.compared] {
                    row.col(|ui| {
                        ui.label(signal.value_text(value));
                    });
                }
                row.col(|ui| {
                    let unit = if signal.states.is_empty() {
                        signal.unit.symbol()
                    } else {
                        ""
                    };
                    ui.label(theme::note(unit));
                    ui.label(RichText::new(difference.text()).strong());
                });
            });
        });
}

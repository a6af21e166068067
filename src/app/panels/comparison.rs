//! A run held against another, or against what was measured: where they differ most comes first.

use egui::{Align, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::controls::{text_button_if, title_with_shortcut};
use super::{Twin, theme};
use crate::app::action::{Action, Named};
use crate::scene::Signal;
use crate::signal::{Origin, RunId, SignalId};
use crate::simulation::{Against, Difference, RunRecord, difference};
use crate::time::{Timestamp, duration_text};
use crate::timeline::TimelineCommand;

/// How many rows are listed.
const ROWS: usize = 24;
/// Signals held against each other in one frame.
const AT_ONCE: usize = 24;
/// A share of the ordinary range that nobody would call a difference.
const NOTHING: f64 = 1e-6;

/// What has been found so far, and which instant is told.
#[derive(Debug, Default)]
pub struct ComparisonState {
    at_playhead: bool,
    ranking: Option<Ranking>,
}

/// The signals by how much they differ, as far as they have been looked at.
#[derive(Debug)]
struct Ranking {
    asked: Asked,
    /// How many signals have been looked at.
    done: usize,
    /// Those that differ, the most first.
    found: Vec<Difference>,
}

/// What is held against what, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Asked {
    run: RunId,
    against: Against,
    from: Timestamp,
    to: Timestamp,
}

/// The table, if something is compared.
pub fn comparison_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ComparisonState,
    actions: &mut Vec<Action>,
) {
    let selected = twin.timeline.selected_run();
    let Some(run) = twin.runs.iter().find(|run| Some(run.id) == selected) else {
        return;
    };
    ui.add_space(8.0);
    let Some(against) = twin.compared else {
        ui.label(theme::note(
            "Compare a second run to see where they differ, or",
        ));
        let passed = match run.start < twin.timeline.now() {
            true => Ok(()),
            false => Err("Nothing of it has become the past yet"),
        };
        let text = "Hold against what was measured";
        if text_button_if(ui, passed, icon::ARROWS_LEFT_RIGHT, text).clicked() {
            actions.push(Action::Compare(Some(Against::Measured)));
        }
        return;
    };
    let Some(asked) = asked(twin, run, against) else {
        ui.label(theme::note(match against {
            Against::Run(_) => "The compared run is the selected one: select another",
            Against::Measured => "Nothing of the run has become the past yet",
        }));
        return;
    };
    head_ui(ui, asked, state, actions);
    if state.at_playhead {
        at_playhead_ui(ui, twin, asked, actions);
    } else {
        ranking_ui(ui, twin, asked, state, actions);
    }
}

/// The stretch of which both tell something.
fn asked(twin: &Twin<'_>, run: &RunRecord, against: Against) -> Option<Asked> {
    let (from, to) = match against {
        Against::Measured => {
            // By the minute: what arrives every second changes no ranking.
            let now = twin.timeline.now().nanos();
            let now = Timestamp::from_nanos(now - now.rem_euclid(60_000_000_000));
            (run.start, now.min(run.reached))
        }
        Against::Run(id) => {
            let other = twin.runs.iter().find(|other| other.id == id);
            let other = other.filter(|other| other.id != run.id)?;
            (run.start.max(other.start), run.reached.min(other.reached))
        }
    };
    (from < to).then_some(Asked {
        run: run.id,
        against,
        from,
        to,
    })
}

fn head_ui(ui: &mut Ui, asked: Asked, state: &mut ComparisonState, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(theme::caption(&match asked.against {
            Against::Run(other) => format!("Run {} against {other}", asked.run),
            Against::Measured => format!("Run {} against what was measured", asked.run),
        }));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("End").clicked() {
                actions.push(Action::Compare(None));
            }
            for (text, named) in [
                ("Colour", Named::ToggleDifferences),
                ("Ghost", Named::ToggleGhost),
                ("Split", Named::ToggleSplit),
            ] {
                let hint = title_with_shortcut(ui.ctx(), named);
                if ui.button(text).on_hover_text(hint).clicked() {
                    actions.push(Action::Named(named));
                }
            }
        });
    });
    ui.horizontal(|ui| {
        ui.selectable_value(&mut state.at_playhead, false, "Over all time");
        ui.selectable_value(&mut state.at_playhead, true, "At the playhead");
    });
}

/// Differences over the whole stretch, found a few signals a frame.
fn ranking_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    asked: Asked,
    state: &mut ComparisonState,
    actions: &mut Vec<Action>,
) {
    let outputs = signals(twin);
    if state.ranking.as_ref().map(|ranking| ranking.asked) != Some(asked) {
        state.ranking = Some(Ranking {
            asked,
            done: 0,
            found: Vec::new(),
        });
    }
    let Some(ranking) = &mut state.ranking else {
        return;
    };
    let origins = [Origin::Simulated(asked.run), asked.against.origin()];
    let next = outputs.iter().skip(ranking.done).take(AT_ONCE);
    let found = next.filter_map(|signal| {
        let history = twin.history;
        let found = difference(twin.scene, history, *signal, origins, asked.from, asked.to);
        found.filter(|found| found.share(twin.scene) > NOTHING)
    });
    let before = ranking.found.len();
    ranking.found.extend(found);
    ranking.done = (ranking.done + AT_ONCE).min(outputs.len());
    if ranking.found.len() > before {
        let share = |found: &Difference| found.share(twin.scene);
        ranking
            .found
            .sort_by(|a, b| share(b).total_cmp(&share(a)).then(a.signal.cmp(&b.signal)));
    }
    if ranking.done < outputs.len() {
        ui.ctx().request_repaint();
        let share = 100 * ranking.done / outputs.len().max(1);
        ui.label(theme::note(format!("Looking: {share} %")));
    } else if ranking.found.is_empty() {
        ui.label("Nothing differs");
        return;
    } else {
        let text = format!(
            "{} of {} signals differ; each where it differs most",
            ranking.found.len(),
            outputs.len()
        );
        ui.label(theme::note(text));
    }
    let rows = &ranking.found[..ranking.found.len().min(ROWS)];
    table_ui(ui, twin, rows, asked, true, actions);
}

/// What runs tell of the plant.
fn signals(twin: &Twin<'_>) -> Vec<SignalId> {
    match twin.plant.outputs() {
        [] => twin.scene.signal_ids().collect(),
        outputs => outputs.to_vec(),
    }
}

/// Differences at the playhead, or at the last instant of both.
fn at_playhead_ui(ui: &mut Ui, twin: &Twin<'_>, asked: Asked, actions: &mut Vec<Action>) {
    let playhead = twin.timeline.playhead();
    let inside = (asked.from..=asked.to).contains(&playhead);
    let at = if inside { playhead } else { asked.to };
    ui.label(theme::note(format!("at {} UTC", at.to_clock_text())));
    let origins = [Origin::Simulated(asked.run), asked.against.origin()];
    let scene = twin.scene;
    let counts = |signal: &Signal| signal.shown || !signal.limits.is_empty();
    let outputs = signals(twin);
    let outputs = outputs.iter();
    let found = outputs
        .filter(|id| counts(scene.signal(**id)))
        .filter_map(|id| {
            let [one, other] = origins.map(|origin| twin.history.latest_at(origin, *id, at));
            let (one, other) = (one?.sample, other?.sample);
            Some(Difference {
                signal: *id,
                at,
                one: one.value,
                other: other.value,
                rms: 0.0,
                mean: 0.0,
                count: 1,
            })
        });
    let mut found: Vec<_> = found.filter(|one| one.share(scene) > NOTHING).collect();
    found.sort_by(|a, b| b.share(scene).total_cmp(&a.share(scene)));
    found.truncate(ROWS);
    if found.is_empty() {
        ui.label("No shown signal differs");
        return;
    }
    table_ui(ui, twin, &found, asked, false, actions);
}

/// The difference in the signal's unit, signed; of states that they differ.
fn difference_text(signal: &Signal, found: &Difference) -> String {
    if !signal.states.is_empty() {
        return "differs".to_owned();
    }
    let difference = signal.unit.span_from_si(found.one - found.other);
    let sign = if difference < 0.0 { "−" } else { "+" };
    let digits = signal.decimals;
    format!("{sign}{:.digits$}", difference.abs())
}

fn table_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    rows: &[Difference],
    asked: Asked,
    timed: bool,
    actions: &mut Vec<Action>,
) {
    let other = match asked.against {
        Against::Run(run) => run.to_string(),
        Against::Measured => "Measured".to_owned(),
    };
    let mut headers = vec![asked.run.to_string(), other, "Difference".to_owned()];
    if timed {
        headers.push("After".to_owned());
    }
    let mut table = TableBuilder::new(ui)
        .id_salt("comparison")
        .striped(true)
        .vscroll(false)
        .sense(egui::Sense::click())
        .cell_layout(Layout::right_to_left(Align::Center))
        .column(Column::remainder().at_least(76.0).clip(true))
        .columns(Column::exact(52.0).clip(true), 2)
        .column(Column::exact(84.0).clip(true));
    if timed {
        table = table.column(Column::exact(62.0).clip(true));
    }
    table
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
            body.rows(20.0, rows.len(), |mut row| {
                let found = &rows[row.index()];
                let signal = twin.scene.signal(found.signal);
                row.col(|ui| {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(egui::Label::new(&signal.full_name).truncate())
                            .on_hover_text(&signal.label);
                    });
                });
                for value in [found.one, found.other] {
                    row.col(|ui| {
                        ui.label(signal.value_text(value));
                    });
                }
                row.col(|ui| {
                    let unit = match signal.states.is_empty() {
                        true => signal.unit.symbol(),
                        false => "",
                    };
                    ui.label(theme::note(unit));
                    ui.label(RichText::new(difference_text(signal, found)).strong());
                });
                if timed {
                    row.col(|ui| {
                        let after = found.at.secs_since(asked.from);
                        ui.label(theme::note(duration_text(after)));
                    });
                }
                let hint = format!("{}, {}. A click goes there", signal.full_name, signal.label);
                let clicked = row.response().on_hover_text(hint);
                if clicked.clicked() {
                    actions.push(Action::Timeline(TimelineCommand::Seek(found.at)));
                    actions.push(Action::Select(Some(signal.asset)));
                    actions.push(Action::FlyTo(signal.asset));
                }
            });
        });
}

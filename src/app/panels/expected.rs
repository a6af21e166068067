//! What the model expects of the present and the past, beside what was measured: the residual,
//! in standard deviations where the run's band tells how sure it is.

use egui::Ui;

use super::reading::Reading;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::signal::{RunId, SignalId};
use crate::simulation::{Residual, RunRecord, judging_run};
use crate::timeline::Mode;

/// At most so many residuals are listed.
const LISTED: usize = 20;

/// What a run says of a signal at the playhead, and how what was measured compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Who says so.
    pub run: RunId,
    /// How the two compare; never [`Residual::None`].
    pub residual: Residual,
}

impl Expected {
    /// What is expected of a signal at the playhead, by the run that [`judge`] names.
    pub fn of(twin: &Twin<'_>, id: SignalId) -> Option<Self> {
        let run = judge(twin)?.id;
        let at = twin.timeline.playhead();
        let measured = twin.rows.get(id.index()).and_then(Option::as_ref);
        let residual = Residual::of(twin.scene.signal(id), run, measured, |origin| {
            Some(twin.history.latest_at(origin, id, at)?.sample)
        });
        (residual != Residual::None).then_some(Self { run, residual })
    }

    /// As in `Expected 2.40 m by run 1, measured 1.3 σ above`.
    pub fn story(&self, twin: &Twin<'_>, id: SignalId) -> String {
        let signal = twin.scene.signal(id);
        let said = |value| {
            let value = signal.value_with_unit(value);
            format!("Expected {value} by run {}", self.run)
        };
        let (expected, off, sigmas) = match self.residual {
            Residual::None => return String::new(),
            Residual::Doubtful { expected } => {
                let story = Reading::of(twin, id).story();
                return format!("{}, not compared: {story}", said(expected));
            }
            Residual::Known { expected, off, .. } => (expected, off, self.residual.sigmas()),
        };
        let side = if off < 0.0 { "below" } else { "above" };
        let off = match sigmas {
            Some(sigmas) => format!("measured {:.1} σ {side}", sigmas.abs()),
            None => {
                let off = signal.unit.span_from_si(off.abs());
                let off = format!("{off:.*}", signal.decimals);
                if off.chars().all(|digit| matches!(digit, '0' | '.')) {
                    return format!("{}, as measured", said(expected));
                }
                format!("measured {off} {side}; how much members differ is not known")
            }
        };
        format!("{}, {off}", said(expected))
    }
}

/// The run against which the plant is held at the playhead; nobody in a simulated future.
pub fn judge<'a>(twin: &Twin<'a>) -> Option<&'a RunRecord> {
    if !matches!(twin.timeline.mode(), Mode::Live | Mode::History) {
        return None;
    }
    let selected = twin.timeline.selected_run();
    judging_run(twin.runs, selected, twin.timeline.playhead())
}

/// Whether residuals can colour the view at the playhead, or why not.
pub(super) fn residuals_allowed(twin: &Twin<'_>) -> Result<(), &'static str> {
    if !matches!(twin.timeline.mode(), Mode::Live | Mode::History) {
        return Err("In the future nothing was measured");
    }
    match judge(twin) {
        None => Err("No run tells of this instant: start one, and look again once it has passed"),
        Some(run) if run.totals.members < 2 => {
            Err("The run has one member: how sure it is is not known")
        }
        Some(_) => Ok(()),
    }
}

/// The largest residuals at the playhead, those in standard deviations alone; a click selects.
pub(super) fn residuals_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    egui::CollapsingHeader::new("Residuals at the playhead")
        .default_open(false)
        .show(ui, |ui| {
            if let Err(why) = residuals_allowed(twin) {
                ui.label(theme::note(why));
                return;
            }
            let Some(run) = judge(twin) else { return };
            let found = largest(twin);
            if found.is_empty() {
                let why = format!("Run {} has no band here that tells how sure it is", run.id);
                ui.label(theme::note(why));
                return;
            }
            ui.label(theme::note(format!(
                "Measured less expected, by run {}, in standard deviations σ",
                run.id
            )));
            for (id, sigmas) in found.into_iter().take(LISTED) {
                let signal = twin.scene.signal(id);
                let text = format!("{sigmas:+.1} σ   {}", signal.full_name);
                if ui.selectable_label(false, text).clicked() {
                    actions.push(Action::Select(Some(signal.asset)));
                }
            }
        });
}

/// Every signal with its residual in standard deviations, the largest first.
fn largest(twin: &Twin<'_>) -> Vec<(SignalId, f64)> {
    let ids = twin.scene.signal_ids();
    let mut found: Vec<_> = ids
        .filter_map(|id| Some((id, Expected::of(twin, id)?.residual.sigmas()?)))
        .collect();
    found.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    found
}

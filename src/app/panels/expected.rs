//! What the model expects of the present and the past, beside what was measured: the residual,
//! in standard deviations where the run's band tells how sure it is.

use egui::Ui;

use super::reading::Reading;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::signal::{Origin, RunId, SignalId};
use crate::simulation::RunRecord;
use crate::timeline::Mode;

/// P10 and P90 of a normal distribution lie so many standard deviations apart.
const P10_TO_P90: f64 = 2.563_103;
/// A band narrower than this part of the signal's range says nothing: its members are alike.
const NARROWEST: f64 = 1e-4;
/// At most so many residuals are listed.
const LISTED: usize = 20;

/// What a run says of a signal at the playhead, where it was also measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Who says so.
    pub run: RunId,
    /// The value, SI.
    pub value: f64,
    /// Measured less expected, SI.
    pub residual: f64,
    /// The standard deviation of what the run expects, SI; `None` without a band.
    pub sigma: Option<f64>,
}

impl Expected {
    /// What is expected of a signal at the playhead, by the run that [`judge`] names.
    pub fn of(twin: &Twin<'_>, id: SignalId) -> Option<Self> {
        let reading = Reading::of(twin, id);
        let measured = reading.value.filter(|_| reading.is_usable())?;
        let signal = twin.scene.signal(id);
        let run = judge(twin).filter(|_| signal.states.is_empty())?.id;
        let at = twin.timeline.playhead();
        let said = |origin| {
            let seen = twin.history.latest_at(origin, id, at)?;
            Some(seen.sample.value)
        };
        let value = said(Origin::Simulated(run))?;
        let edges = said(Origin::BandLow(run)).zip(said(Origin::BandHigh(run)));
        let width = edges.map(|(low, high)| high - low);
        let least = NARROWEST * (signal.range.1 - signal.range.0).abs();
        Some(Self {
            run,
            value,
            residual: measured - value,
            sigma: width
                .filter(|width| *width > least)
                .map(|width| width / P10_TO_P90),
        })
    }

    /// How many standard deviations the measurement is off, with its sign.
    pub fn sigmas(&self) -> Option<f64> {
        self.sigma.map(|sigma| self.residual / sigma)
    }

    /// As in `Expected 2.40 m by run 1, measured 1.3 σ above`.
    pub fn story(&self, twin: &Twin<'_>, id: SignalId) -> String {
        let signal = twin.scene.signal(id);
        let value = signal.value_with_unit(self.value);
        let side = if self.residual < 0.0 {
            "below"
        } else {
            "above"
        };
        let off = match self.sigmas() {
            Some(sigmas) => format!("measured {:.1} σ {side}", sigmas.abs()),
            None => {
                let off = signal.unit.span_from_si(self.residual.abs());
                let off = format!("{off:.*}", signal.decimals);
                if off.chars().all(|digit| matches!(digit, '0' | '.')) {
                    return format!("Expected {value} by run {}, as measured", self.run);
                }
                format!("measured {off} {side}; how much members differ is not known")
            }
        };
        format!("Expected {value} by run {}, {off}", self.run)
    }
}

/// The run against which the plant is held at the playhead: the selected one if it tells of that
/// instant, else the one that started last; nobody in a simulated future.
pub fn judge<'a>(twin: &Twin<'a>) -> Option<&'a RunRecord> {
    if !matches!(twin.timeline.mode(), Mode::Live | Mode::History) {
        return None;
    }
    let at = twin.timeline.playhead();
    let tells = |run: &&RunRecord| (run.start..=run.reached).contains(&at);
    let selected = twin.timeline.selected_run();
    let chosen = twin.runs.iter().find(|run| Some(run.id) == selected);
    let newest = || twin.runs.iter().filter(tells).max_by_key(|run| run.id);
    chosen.filter(tells).or_else(newest)
}

/// The largest residuals at the playhead, those in standard deviations alone; a click selects.
pub(super) fn residuals_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    egui::CollapsingHeader::new("Residuals at the playhead")
        .default_open(false)
        .show(ui, |ui| {
            let Some(run) = judge(twin) else {
                let why =
                    "No run tells of this instant: start one, and look again once it has passed";
                ui.label(theme::note(why));
                return;
            };
            let found = largest(twin);
            if found.is_empty() {
                let why = format!("Run {} has no band here that tells how sure it is", run.id);
                ui.label(theme::note(why));
                return;
            }
            ui.label(theme::note(format!(
                "Measured less expected, by run {}",
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
        .filter_map(|id| Some((id, Expected::of(twin, id)?.sigmas()?)))
        .collect();
    found.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    found
}

//! Which machine fails when: a line for each that is followed, who fails first on top.

use std::time::Duration;

use egui::{Align, Button, Label, Layout, Pos2, Rect, RichText, Sense, Stroke, Ui, Vec2};
use egui_extras::{Column, TableBuilder};
use egui_phosphor::regular as icon;

use super::anomalies::estimate_ink;
use super::controls::{empty_ui, icon_button_if};
use super::{Twin, theme};
use crate::access::Right;
use crate::app::action::Action;
use crate::forecast::health::{Outlook, RemainingLife};
use crate::scene::{AssetIndex, Indicator, Signal};
use crate::signal::SignalId;
use crate::time::duration_text;
use crate::timeline::Mode;

/// The signal of a machine that asks for its maintenance.
const MAINTAIN: &str = "maintain";
/// Maintenance is weighed now and so much later where nothing is foretold.
const LATER: Duration = Duration::from_hours(4);
/// Longer lives are drawn as if they went on for ever, s.
const LONGEST: f64 = 90.0 * 86_400.0;

/// What is foretold by a signal as it is now, or at the playhead.
fn life_now(twin: &Twin<'_>, id: SignalId) -> Option<(Outlook, Option<RemainingLife>)> {
    if twin.health.pending.contains(&id) {
        return None;
    }
    let outlook = twin.health.outlooks.get(&id).copied().flatten()?;
    let at = twin.health.at?;
    let age = at.secs_since(outlook.at).max(0.0);
    Some((outlook, outlook.life.map(|life| life.after(age))))
}

/// How long it lasts, in words.
fn life_text(life: Option<RemainingLife>) -> String {
    let Some(life) = life else {
        return "too little was seen".to_owned();
    };
    match (life.p10, life.p50, life.p90) {
        (_, Some(median), _) if median <= 0.0 => "used up".to_owned(),
        (_, Some(median), _) if median < LONGEST => format!("about {}", duration_text(median)),
        (Some(early), _, _) if early < LONGEST => {
            format!("longer than {}", duration_text(early))
        }
        _ => "no end in sight".to_owned(),
    }
}

/// Between which lives it lies in eight of ten cases.
fn range_text(life: RemainingLife) -> Option<String> {
    let early = duration_text(life.p10?);
    Some(match life.p90.filter(|late| *late < LONGEST) {
        Some(late) => format!("{early} to {}", duration_text(late)),
        None => format!("{early} or more"),
    })
}

/// The line of the faceplate: how long the machine lasts by this signal.
pub fn life_ui(ui: &mut Ui, twin: &Twin<'_>, id: SignalId, actions: &mut Vec<Action>) {
    let signal = twin.scene.signal(id);
    let Some(prognosis) = &signal.prognosis else {
        return;
    };
    let known = life_now(twin, id);
    let life = known.and_then(|(_, life)| life);
    let text = match known {
        None if is_read(twin, id) => "reading its past".to_owned(),
        None => "nothing was seen of it".to_owned(),
        Some(_) => life_text(life),
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(RichText::new(icon::HOURGLASS_MEDIUM).color(estimate_ink()));
        ui.label(theme::note("Lasts"));
        ui.label(RichText::new(text).color(estimate_ink()).strong())
            .on_hover_ui(|ui| method_ui(ui, signal, known.map(|(outlook, _)| outlook)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            weigh_ui(ui, twin, signal.asset, life, actions);
        });
    });
    if let Some(range) = life.and_then(range_text) {
        ui.label(theme::note(format!("{range} in 8 of 10 cases")));
    }
    let limit = prognosis.from_si(signal.unit, prognosis.threshold);
    let hint = format!(
        "until {} {limit} {}",
        indicator_text(signal),
        signal.unit.symbol()
    );
    ui.add(Label::new(theme::note(hint.trim_end())).wrap());
}

/// True while what is known of a signal is not told yet.
fn is_read(twin: &Twin<'_>, id: SignalId) -> bool {
    twin.health.running || twin.health.pending.contains(&id)
}

fn indicator_text(signal: &Signal) -> String {
    match signal.prognosis.as_ref().map(|one| one.indicator) {
        Some(Indicator::Over(measure, over)) => {
            let over = duration_text(over.as_secs_f64());
            format!("its {} over {over} reaches", measure.text())
        }
        _ => "it reaches".to_owned(),
    }
}

fn method_ui(ui: &mut Ui, signal: &Signal, outlook: Option<Outlook>) {
    let Some(prognosis) = &signal.prognosis else {
        return;
    };
    ui.label(format!("Foretold as {}", prognosis.law.text()));
    if let Some(outlook) = outlook {
        ui.label(theme::note(format!(
            "{} values since {}",
            outlook.seen,
            outlook.since.format("%d %b %H:%M:%S")
        )));
        if let Some(life) = outlook.life {
            let share = 100.0 * life.reached;
            ui.label(theme::note(format!("{share:.0} % that it ever fails so")));
        }
    }
    ui.label(theme::note("An estimate and no alarm"));
}

/// The button that weighs its maintenance: now, later, never.
fn weigh_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    asset: AssetIndex,
    life: Option<RemainingLife>,
    actions: &mut Vec<Action>,
) {
    let spec = twin.scene.asset(asset);
    let mut own = spec.signal_ids();
    let is_known =
        own.any(|id| twin.scene.signal(id).name == MAINTAIN && twin.plant.is_settable(id));
    if !is_known {
        return;
    }
    let name = "Weigh its maintenance: now, later, never";
    let button = icon_button_if(ui, twin.may(Right::Simulate), icon::WRENCH, name);
    if button.clicked() {
        actions.push(Action::WeighMaintenance(asset, later(life)));
    }
}

/// When maintenance is still in time in nine of ten cases, with some to spare.
fn later(life: Option<RemainingLife>) -> Duration {
    let early = life.and_then(|life| life.p10).filter(|early| *early > 0.0);
    let quarters = early.map(|early| (0.8 * early / 900.0).floor() * 900.0);
    match quarters.filter(|secs| *secs > 0.0 && *secs <= LONGEST) {
        Some(secs) => Duration::from_secs_f64(secs),
        None => LATER,
    }
}

/// The tab.
pub fn health_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let view = twin.health;
    if view.outlooks.is_empty() {
        let hint = "Give a signal of the scene a `prognosis`, such as (threshold: 100)";
        empty_ui(
            ui,
            icon::HOURGLASS_MEDIUM,
            "No signal foretells a failure",
            hint,
        );
        return;
    }
    if let Some(trouble) = &view.trouble {
        let text = format!("{}  {trouble}", icon::WARNING);
        ui.add(Label::new(RichText::new(text).color(theme::warning())).wrap());
    }
    head_ui(ui, twin);
    let mut lines: Vec<_> = view
        .outlooks
        .keys()
        .map(|id| (*id, life_now(twin, *id)))
        .collect();
    let rank = |line: &(SignalId, Option<(Outlook, Option<RemainingLife>)>)| {
        let life = line.1.and_then(|(_, life)| life);
        life.and_then(|life| life.p50).unwrap_or(f64::INFINITY)
    };
    lines.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
    let soonest = lines.iter().filter_map(|line| line.1?.1?.p10);
    let soonest = soonest.fold(f64::INFINITY, f64::min);
    let (span, span_text) = ahead(soonest);
    TableBuilder::new(ui)
        .id_salt("machines by how long they last")
        .striped(true)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::auto().at_least(120.0).clip(true))
        .column(Column::exact(150.0).clip(true))
        .column(Column::exact(84.0).clip(true))
        .column(Column::exact(128.0).clip(true))
        .column(Column::remainder().at_least(120.0).clip(true))
        .column(Column::exact(28.0))
        .header(18.0, |mut row| {
            for text in ["Machine", "Stands at", "An hour", "Lasts", span_text, ""] {
                row.col(|ui| {
                    ui.label(theme::caption(text));
                });
            }
        })
        .body(|body| {
            body.rows(24.0, lines.len(), |mut row| {
                let (id, known) = lines[row.index()];
                let signal = twin.scene.signal(id);
                let life = known.and_then(|(_, life)| life);
                row.col(|ui| machine_ui(ui, twin, signal, actions));
                row.col(|ui| stand_ui(ui, twin, signal, known.map(|(outlook, _)| outlook)));
                row.col(|ui| {
                    ui.label(theme::note(hourly_text(signal, known.map(|one| one.0))));
                });
                row.col(|ui| {
                    let text = match known {
                        Some(_) => life_text(life),
                        None if is_read(twin, id) => "reading its past".to_owned(),
                        None => "nothing was seen".to_owned(),
                    };
                    let ink = if life.is_some() {
                        estimate_ink()
                    } else {
                        theme::weak()
                    };
                    ui.label(RichText::new(text).color(ink));
                });
                row.col(|ui| life_bar_ui(ui, life, span));
                row.col(|ui| weigh_ui(ui, twin, signal.asset, life, actions));
            });
        });
}

/// How far the bars reach, s, so that what fails first is on them, and what that is called.
fn ahead(soonest: f64) -> (f64, &'static str) {
    const AHEAD: [(f64, &str); 3] = [
        (86_400.0, "Next 24 h"),
        (7.0 * 86_400.0, "Next 7 days"),
        (LONGEST, "Next 90 days"),
    ];
    let near = AHEAD.into_iter().find(|(span, _)| soonest < 0.8 * span);
    near.unwrap_or(AHEAD[2])
}

fn head_ui(ui: &mut Ui, twin: &Twin<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(icon::HOURGLASS_MEDIUM).color(estimate_ink()));
        let text = match twin.health.at {
            None => "Reading what was recorded".to_owned(),
            Some(at) if twin.timeline.mode() == Mode::History => {
                format!("As seen from {} UTC", at.format("%d %b %H:%M:%S"))
            }
            Some(_) => "As seen from now".to_owned(),
        };
        ui.label(RichText::new(text).color(theme::strong()));
        ui.label(theme::note(
            "each machine by its own wear since it was renewed; bars hold 8 of 10 cases. Estimates \
             and no alarms",
        ));
    });
}

fn machine_ui(ui: &mut Ui, twin: &Twin<'_>, signal: &Signal, actions: &mut Vec<Action>) {
    let asset = twin.scene.asset(signal.asset);
    let text = RichText::new(&asset.tag).color(theme::strong());
    let button = ui.add(Button::new(text).frame_when_inactive(false));
    let hint = format!("{} by its {}: go there", asset.kind_label, signal.name);
    if button.on_hover_text(hint).clicked() {
        actions.push(Action::Select(Some(signal.asset)));
        actions.push(Action::FlyTo(signal.asset));
    }
}

/// The indicator as it is, of where the machine fails.
fn stand_ui(ui: &mut Ui, twin: &Twin<'_>, signal: &Signal, outlook: Option<Outlook>) {
    let (Some(outlook), Some(prognosis)) = (outlook, &signal.prognosis) else {
        ui.label(theme::note("—"));
        return;
    };
    let decimals = signal.decimals;
    let value = prognosis.from_si(signal.unit, outlook.indicator);
    let threshold = prognosis.from_si(signal.unit, prognosis.threshold);
    let unit = signal.unit.symbol();
    ui.label(format!(
        "{value:.decimals$} of {threshold:.decimals$} {unit}"
    ));
    let age = twin.health.at.map_or(0.0, |at| at.secs_since(outlook.at));
    let over = match prognosis.indicator {
        Indicator::Value => Duration::ZERO,
        Indicator::Over(_, over) => over,
    };
    if age > (signal.max_age + over).as_secs_f64() {
        let text = format!("{} ago", duration_text(age));
        ui.label(RichText::new(text).small().color(theme::warning()))
            .on_hover_text("Nothing newer was seen of it");
    }
}

fn hourly_text(signal: &Signal, outlook: Option<Outlook>) -> String {
    let rate = outlook.and_then(|outlook| outlook.hourly);
    let (Some(rate), Some(prognosis)) = (rate, &signal.prognosis) else {
        return "—".to_owned();
    };
    // A difference of indicators: where the unit has an offset, that cancels.
    let nothing = prognosis.from_si(signal.unit, 0.0);
    let rate = prognosis.from_si(signal.unit, rate) - nothing;
    let decimals = signal.decimals + 2;
    format!("{rate:+.decimals$} {}", signal.unit.symbol())
}

/// P10 to P90 as a bar with the median as a line, from now on to the right.
fn life_bar_ui(ui: &mut Ui, life: Option<RemainingLife>, span: f64) {
    let size = Vec2::new(ui.available_width() - 4.0, 14.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let Some((life, early)) = life.and_then(|life| Some((life, life.p10?))) else {
        return;
    };
    let painter = ui.painter();
    painter.hline(
        rect.x_range(),
        rect.center().y,
        Stroke::new(1.0, theme::line()),
    );
    let x = |secs: f64| rect.left() + (secs / span).min(1.0) as f32 * rect.width();
    if early >= span {
        return;
    }
    let late = life.p90.map_or(rect.right(), x);
    let bar = Rect::from_min_max(
        Pos2::new(x(early), rect.top() + 3.0),
        Pos2::new(late.max(x(early) + 1.0), rect.bottom() - 3.0),
    );
    painter.rect_filled(bar, 1.0, estimate_ink().gamma_multiply(0.45));
    if let Some(median) = life.p50.filter(|median| *median <= span) {
        painter.vline(x(median), rect.y_range(), Stroke::new(2.0, estimate_ink()));
    }
    if let Some(text) = range_text(life) {
        response.on_hover_text(format!("{text}, in 8 of 10 cases"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(p10: Option<f64>, p50: Option<f64>, p90: Option<f64>) -> RemainingLife {
        RemainingLife {
            p10,
            p50,
            p90,
            reached: 1.0,
        }
    }

    #[test]
    fn a_life_is_told_as_far_as_it_is_known() {
        let hours = |hours: f64| Some(hours * 3_600.0);
        assert_eq!(life_text(None), "too little was seen");
        assert_eq!(
            life_text(Some(life(hours(1.0), hours(2.0), hours(4.0)))),
            "about 2 h 0 min"
        );
        assert_eq!(
            life_text(Some(life(hours(1.0), None, None))),
            "longer than 1 h 0 min"
        );
        assert_eq!(life_text(Some(life(None, None, None))), "no end in sight");
        assert_eq!(
            life_text(Some(life(Some(0.0), Some(0.0), hours(1.0)))),
            "used up"
        );
        let range = range_text(life(hours(1.0), hours(2.0), None));
        assert_eq!(range.as_deref(), Some("1 h 0 min or more"));
    }

    #[test]
    fn maintenance_is_weighed_before_the_early_failures() {
        let hours = |hours: f64| Some(life(Some(hours * 3_600.0), None, None));
        assert_eq!(later(None), LATER);
        assert_eq!(later(hours(10.0)), Duration::from_hours(8));
        // In a quarter of an hour nothing can be planned.
        assert_eq!(later(hours(0.2)), LATER);
    }
}

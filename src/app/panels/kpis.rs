//! KPIs of the selected run, beside those of the run that it is held against.

use egui::{Align, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::{Twin, theme};
use crate::scene::{Better, Kpi};
use crate::simulation::{KpiDifference, KpiStatistics, RunRecord};

/// The table, if the selected run has KPIs.
pub fn kpis_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let find = |id| twin.runs.iter().find(|run| run.id == id);
    let Some(run) = twin.timeline.selected_run().and_then(find) else {
        return;
    };
    if run.kpis.iter().all(|kpi| kpi.statistics.is_none()) {
        return;
    }
    let other = twin
        .compared
        .and_then(|against| against.run())
        .and_then(find);
    let other = other.filter(|other| other.id != run.id);
    ui.add_space(8.0);
    let title = match other {
        Some(other) => format!("KPIs of {} against {}", run.id, other.id),
        None => format!("KPIs of {}", run.id),
    };
    ui.label(theme::caption(&title)).on_hover_text(
        "Mean over members with its 95 % interval.\n\
         Between runs of one seed, member is held against member, so chance drops out.",
    );
    if let Some(other) = other
        && !covers_the_same(run, other)
    {
        let text = "The runs do not cover the same time, so totals differ for that alone";
        ui.label(theme::note(text));
    }
    for own in &run.kpis {
        let Some(kpi) = twin.scene.kpis.get(own.kpi) else {
            continue;
        };
        let against = other.and_then(|other| {
            let theirs = other.kpis.iter().find(|one| one.kpi == own.kpi)?;
            let found = KpiDifference::between(own, theirs, run.seed == other.seed)?;
            Some((other, found))
        });
        match (against, own.statistics) {
            (Some((other, found)), _) => difference_ui(ui, kpi, run, other, &found),
            (None, Some(told)) => alone_ui(ui, kpi, &told),
            (None, None) => {}
        }
    }
}

/// True if totals of the two mean the same: they begin within a step of each other.
fn covers_the_same(run: &RunRecord, other: &RunRecord) -> bool {
    let apart = run.start.secs_since(other.start).abs();
    apart <= run.scenario.step.as_secs_f64() && run.scenario.horizon == other.scenario.horizon
}

fn alone_ui(ui: &mut Ui, kpi: &Kpi, told: &KpiStatistics) {
    let value = |si: f64| kpi.unit.from_si(si);
    row_ui(
        ui,
        &kpi.name,
        &format!(
            "{} {}",
            number_text(value(told.mean), spread(kpi, told)),
            kpi.unit.symbol()
        ),
        theme::strong(),
    );
    if told.members > 1 {
        let scale = spread(kpi, told);
        let text = |si: f64| number_text(value(si), scale);
        let interval = told.interval.map_or(String::new(), |(low, high)| {
            format!("{} to {}", text(low), text(high))
        });
        ui.label(theme::note(format!(
            "{interval} · members {} to {}",
            text(told.p10),
            text(told.p90)
        )));
    }
}

fn difference_ui(
    ui: &mut Ui,
    kpi: &Kpi,
    run: &RunRecord,
    other: &RunRecord,
    found: &KpiDifference,
) {
    let value = |si: f64| kpi.unit.from_si(si);
    let change = |si: f64| kpi.unit.span_from_si(si);
    let is_better = match kpi.better {
        Better::Neither => None,
        Better::Lower => Some(found.mean < 0.0),
        Better::Higher => Some(found.mean > 0.0),
    };
    let sure = found.is_sure() || (found.interval.is_none() && found.mean != 0.0);
    let (word, colour) = match (sure, is_better) {
        (false, _) => ("", theme::weak()),
        (true, None) => ("", theme::strong()),
        (true, Some(true)) => ("better ", theme::strong()),
        (true, Some(false)) => ("worse ", theme::warning()),
    };
    let mark = match (sure, is_better) {
        (true, Some(true)) => icon::CHECK,
        (true, Some(false)) => icon::WARNING,
        _ => "",
    };
    let scale = match found.interval {
        Some((low, high)) if high > low => change(high - low),
        _ => change(found.mean.abs().max(f64::MIN_POSITIVE)),
    };
    let signed = |si: f64| {
        let text = number_text(change(si), scale);
        match si > 0.0 && !is_zero(&text) {
            true => format!("+{text}"),
            false => text,
        }
    };
    let text = match found.mean == 0.0 && !sure {
        true => "the same".to_owned(),
        false => format!("{mark} {word}{} {}", signed(found.mean), kpi.unit.symbol()),
    };
    row_ui(ui, &kpi.name, text.trim(), colour);
    let told = |statistics: &KpiStatistics| {
        number_text(value(statistics.mean), spread(kpi, statistics).max(scale))
    };
    let both = format!(
        "{} {} · {} {}",
        run.id,
        told(&found.one),
        other.id,
        told(&found.other)
    );
    let interval = match found.interval {
        Some((low, high)) if low != high => {
            let sure = if sure { "" } else { ", may be chance" };
            format!(" · {} to {}{sure}", signed(low), signed(high))
        }
        _ => String::new(),
    };
    ui.label(theme::note(format!("{both}{interval}")));
}

fn row_ui(ui: &mut Ui, name: &str, text: &str, colour: egui::Color32) {
    ui.horizontal(|ui| {
        ui.label(name);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(text).strong().color(colour));
        });
    });
}

/// The width that digits are worth telling by, in the KPI's unit.
fn spread(kpi: &Kpi, told: &KpiStatistics) -> f64 {
    let width = told.interval.map_or(0.0, |(low, high)| high - low);
    let width = if width > 0.0 { width } else { told.mean.abs() };
    kpi.unit.span_from_si(width)
}

/// A number with the digits that a spread of `scale` leaves worth reading, thousands apart.
pub fn number_text(value: f64, scale: f64) -> String {
    let scale = scale.abs();
    let digits = if value != 0.0 && scale > 0.0 && scale.is_finite() {
        (1.0 - scale.log10().floor()).clamp(0.0, 6.0) as usize
    } else {
        0
    };
    let text = format!("{:.digits$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        // A thin space that does not break.
        if place > 0 && (whole.len() - place).is_multiple_of(3) && whole.len() > 4 {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 && !is_zero(&text) {
        "−"
    } else {
        ""
    };
    format!("{sign}{grouped}{rest}")
}

/// True if no digit of it is another than 0.
fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!(number_text(12_345.678, 30.0), "12\u{202f}346");
        assert_eq!(number_text(-2.345_67, 0.02), "−2.346");
        assert_eq!(number_text(-0.001, 10.0), "0");
        assert_eq!(number_text(1_234.5, 5.0), "1234.5");
        assert_eq!(number_text(7.0, 0.0), "7");
        assert_eq!(number_text(0.0, 1e-9), "0");
    }
}

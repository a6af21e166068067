//! The alarm list and the alarm system's performance as CSV, for spreadsheets.

use crate::alarm::{Alarm, AlarmReport};
use crate::scene::Scene;
use crate::session::Watch;

use super::super::inspector::limit_name;
use super::super::marks;
use super::filter::{message_of, tag_of};

/// The alarms, one a line, under a line of headers. Values stand in the units of their signals.
pub fn alarm_sheet(scene: &Scene, alarms: &[&Alarm]) -> String {
    let mut text = line(&[
        "priority", "state", "raised", "since", "tag", "signal", "message", "value", "unit",
        "limit", "by",
    ]);
    for alarm in alarms {
        let signal = scene.signal(alarm.signal);
        let limit = alarm.limit.and_then(|limit| signal.limits.get(limit));
        let limit = limit.map(|limit| {
            let at = signal.unit.from_si(limit.at);
            format!("{} {at}", limit_name(limit.kind))
        });
        let by = alarm.acknowledged.as_ref().map(|known| &*known.by);
        text += &line(&[
            &marks::priority_number(alarm.priority).to_string(),
            marks::standing_text(alarm.standing),
            &alarm.raised.to_string(),
            &alarm.since.to_string(),
            tag_of(alarm, scene),
            &signal.name,
            message_of(alarm, scene),
            &signal.unit.from_si(alarm.value).to_string(),
            signal.unit.name(),
            limit.as_deref().unwrap_or_default(),
            by.unwrap_or_default(),
        ]);
    }
    text
}

/// The measures of a report with their targets, then the worst, chattering and stale alarms.
pub fn review_sheet(report: &AlarmReport, watch: &Watch) -> String {
    let mut text = line(&["part", "what", "value", "at most", "met"]);
    let mut row = |part: &str, what: &str, value: &str, at_most: &str, met: &str| {
        text += &line(&[part, what, value, at_most, met]);
    };
    row("span", "from", &watch.from.to_string(), "", "");
    row("span", "to", &watch.to.to_string(), "", "");
    let gaps = watch.gap_secs().to_string();
    row("span", "not recorded, s", &gaps, "", "");
    row("span", "alarms told", &report.told.to_string(), "", "");
    for target in &report.targets {
        let met = if target.met { "yes" } else { "no" };
        let at_most = target.at_most.to_string();
        row(
            "target",
            target.measure,
            &target.value.to_string(),
            &at_most,
            met,
        );
    }
    for (name, count) in ["urgent", "high", "low"].iter().zip(report.by_priority) {
        row("priority", name, &count.to_string(), "", "");
    }
    if let Some(secs) = report.median_secs_to_acknowledge {
        let what = "half acknowledged within, s";
        row("answer", what, &secs.to_string(), "", "");
    }
    for worst in &report.worst {
        row("worst", &worst.alarm, &worst.told.to_string(), "", "");
    }
    for (part, names) in [("chattering", &report.chattering), ("stale", &report.stale)] {
        for name in names {
            row(part, name, "", "", "");
        }
    }
    text
}

/// One line; what a spreadsheet would take for a formula is told as a text.
fn line(cells: &[&str]) -> String {
    let cell = |cell: &&str| {
        let is_number = cell.parse::<f64>().is_ok();
        let is_formula = !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guarded = if is_formula {
            format!("'{cell}")
        } else {
            (*cell).to_owned()
        };
        match guarded.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", guarded.replace('"', "\"\"")),
            false => guarded,
        }
    };
    let cells: Vec<_> = cells.iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_keeps_its_text_and_runs_nothing() {
        #[track_caller]
        fn check(cells: &[&str], expected: &str) {
            assert_eq!(line(cells), format!("{expected}\r\n"));
        }
        check(&["P-1", "high, 4 bar"], "P-1,\"high, 4 bar\"");
        check(&["say \"so\""], "\"say \"\"so\"\"\"");
        check(&["-3.5", "=1+1", "@sum"], "-3.5,'=1+1,'@sum");
    }
}

//! Steps and instants.

use super::draft::Draft;
use super::findings::Findings;
use super::line::{Line, begins, hours, number, which};
use super::mistake::{Mistake, quoted};
use crate::models::hydraulics::network::Times;

/// s of a day.
pub(super) const DAY: i64 = 86_400;
/// Longer times are mistakes: a hundred thousand years.
const LONGEST_HOURS: f64 = 1e9;

/// Times as the file gives them, s; 0 for a step that it does not give.
#[derive(Default)]
pub(super) struct TimesDraft {
    duration: i64,
    hydraulic_step: i64,
    quality_step: i64,
    rule_step: i64,
    pattern_step: i64,
    pattern_start: i64,
    report_step: Option<i64>,
    report_start: i64,
    clock_start: i64,
}

/// What the first word of a line can be.
const NAMES: [&str; 9] = [
    "STAT", "DURA", "HYDR", "QUAL", "RULE", "MINI", "PATT", "REPO", "STAR",
];

/// A line of [TIMES].
pub(super) fn time<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(2, "what, time, unit")?;
    if line.is(0, "STAT") {
        return statistic(draft, line);
    }
    let last = line.len() - 1;
    let read = number(line.last())
        .or_else(|| hours(line.last(), "").filter(|hours| *hours >= 0.0))
        .or_else(|| hours(line.word(last - 1), line.last()).filter(|hours| *hours >= 0.0));
    let Some(value) = read.filter(|hours| hours.abs() < LONGEST_HOURS) else {
        let message = format!("{} is not a time", quoted(line.last()));
        return Err(Mistake::new(
            213,
            message,
            "write a time such as 1:30, 1.5 or 90 MIN",
        ));
    };
    let secs = (3_600.0 * value + 0.5) as i64;
    let times = &mut draft.times;
    let what = line.word(1);
    let known = || Mistake::no_choice("time", what, &["TIMESTEP", "START"]);
    match which(line.word(0), &NAMES) {
        Some(1) => times.duration = secs,
        Some(2) => times.hydraulic_step = secs,
        Some(3) => times.quality_step = secs,
        Some(4) => times.rule_step = secs,
        Some(5) => draft.findings.note("travel time", line.number, || {
            "the minimum travel time is not used any more; the line is ignored".to_owned()
        }),
        Some(6) if begins(what, "TIME") => times.pattern_step = secs,
        Some(6) if begins(what, "STAR") => times.pattern_start = secs,
        Some(7) if begins(what, "TIME") => times.report_step = Some(secs),
        Some(7) if begins(what, "STAR") => times.report_start = secs,
        Some(6 | 7) => return Err(known()),
        Some(8) => times.clock_start = secs % DAY,
        _ => {
            let known = [
                "DURATION",
                "HYDRAULIC",
                "QUALITY",
                "RULE",
                "PATTERN",
                "REPORT",
                "START",
            ];
            return Err(Mistake::no_choice("time", line.word(0), &known));
        }
    }
    let may_be_below = line.is(0, "DURA") || line.is(0, "HYDR") || line.is(0, "MINI");
    if secs < 0 && !may_be_below && !(line.is(0, "PATT") && begins(what, "TIME")) {
        // EPANET takes such times and then hangs, or reads beyond its patterns.
        let message = format!("the time {} is below zero", quoted(line.last()));
        return Err(Mistake::new(213, message, "write a time from 0 up"));
    }
    Ok(())
}

fn statistic(draft: &mut Draft<'_>, line: &Line<'_>) -> Result<(), Mistake> {
    let known = ["NONE", "NO", "AVERAGE", "MINIMUM", "MAXIMUM", "RANGE"];
    match which(line.last(), &known) {
        Some(0 | 1) => {}
        Some(_) => draft.findings.note("statistic", line.number, || {
            "results are not summed up over time; STATISTIC is ignored".to_owned()
        }),
        None => return Err(Mistake::no_choice("statistic", line.last(), &known)),
    }
    Ok(())
}

impl TimesDraft {
    /// The times, with what EPANET puts for those that are missing or too long.
    pub(super) fn finish(&self, findings: &mut Findings) -> Times {
        const HOUR: i64 = 3_600;
        let above_zero = |secs: i64| if secs > 0 { secs } else { HOUR };
        let pattern_step = above_zero(self.pattern_step);
        let report_step = match self.report_step.unwrap_or(HOUR) {
            0 => pattern_step,
            secs => secs,
        };
        let wanted = above_zero(self.hydraulic_step);
        let hydraulic_step = wanted.min(pattern_step).min(report_step);
        if hydraulic_step < wanted && self.hydraulic_step > 0 {
            findings.note("steps", None, || {
                format!("the hydraulic step is shortened from {wanted} s to {hydraulic_step} s, the step of patterns or reports")
            });
        }
        if self.duration < 0 {
            findings.note("steps", None, || {
                "a duration below zero counts as 0".to_owned()
            });
        }
        // A tenth of a hydraulic step; no step is shorter than the second that time goes by.
        let part_of_step = |secs: i64| match secs {
            0 => (hydraulic_step / 10).max(1),
            secs => secs.min(hydraulic_step),
        };
        let duration = self.duration.max(0);
        Times {
            duration,
            hydraulic_step,
            quality_step: part_of_step(self.quality_step),
            pattern_step,
            pattern_start: self.pattern_start,
            report_step,
            report_start: if self.report_start > duration {
                0
            } else {
                self.report_start
            },
            clock_start: self.clock_start,
            rule_step: part_of_step(self.rule_step),
        }
    }
}

//! Simple controls.

use super::draft::Draft;
use super::finish::Finish;
use super::line::{Line, hours, which};
use super::links::{LinkBody, open_or_closed};
use super::mistake::{Mistake, quoted};
use super::nodes::below_zero;
use super::times::DAY;
use crate::models::hydraulics::control::{Control, Trigger};
use crate::models::hydraulics::network::Status;

/// A control, in the file's units and places.
pub(super) struct ControlDraft<'a> {
    link: usize,
    status: Status,
    setting: Option<f64>,
    trigger: TriggerDraft,
    text: &'a str,
}

/// When a control acts.
enum TriggerDraft {
    /// At or below a level of a tank or a pressure of a junction.
    Below(usize, f64),
    /// At or above it.
    Above(usize, f64),
    /// s after the start.
    Time(i64),
    /// s after midnight.
    Clock(i64),
}

/// A line of [CONTROLS].
///
/// EPANET does not look at the words LINK, IF, AT and NODE, which may be any.
pub(super) fn control<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(
        6,
        "LINK link status IF NODE node BELOW level, or LINK link status AT TIME time",
    )?;
    let link = draft.link(line.word(1))?;
    let (status, setting) = action(draft, line, link)?;
    let trigger = match which(line.word(4), &["TIME", "CLOCKTIME"]) {
        Some(0) => TriggerDraft::Time(instant(draft, line)?),
        Some(_) => TriggerDraft::Clock(instant(draft, line)? % DAY),
        None => {
            line.need(8, "LINK link status IF NODE node BELOW level")?;
            let node = draft.node(line.word(5))?;
            let is_below = match which(line.word(6), &["BELOW", "ABOVE"]) {
                Some(place) => place == 0,
                None => {
                    let known = ["BELOW", "ABOVE"];
                    return Err(Mistake::no_choice("comparison", line.word(6), &known));
                }
            };
            let level = line.number(7, "level")?;
            draft.findings.extra(line, 8);
            if is_below {
                TriggerDraft::Below(node, level)
            } else {
                TriggerDraft::Above(node, level)
            }
        }
    };
    draft.controls.push(ControlDraft {
        link,
        status,
        setting,
        trigger,
        text: line.raw.split(';').next().unwrap_or_default().trim(),
    });
    Ok(())
}

/// What becomes of the link.
fn action(
    draft: &Draft<'_>,
    line: &Line<'_>,
    link: usize,
) -> Result<(Status, Option<f64>), Mistake> {
    let id = quoted(line.word(1));
    let link = &draft.links[link];
    if link.is_one_way() {
        let message = format!("{id} has a check valve, which nobody controls");
        return Err(Mistake::new(207, message, "remove the control"));
    }
    let is_pump = matches!(link.body, LinkBody::Pump(_));
    if let Some(status) = open_or_closed(line.word(2)) {
        let speed = if status == Status::Open { 1.0 } else { 0.0 };
        return Ok((status, is_pump.then_some(speed)));
    }
    if link.is_general() {
        let message = format!("{id} is a GPV, which has no setting");
        return Err(Mistake::new(207, message, "write OPEN or CLOSED"));
    }
    let setting = line.number(2, "setting")?;
    if matches!(link.body, LinkBody::Valve(_)) {
        return Ok((Status::Active, Some(setting)));
    }
    if setting < 0.0 {
        return Err(below_zero("setting", setting, 211));
    }
    let status = if setting == 0.0 {
        Status::Closed
    } else {
        Status::Open
    };
    Ok((status, is_pump.then_some(setting)))
}

/// s, of the sixth word and the unit behind it.
fn instant(draft: &mut Draft<'_>, line: &Line<'_>) -> Result<i64, Mistake> {
    if line.len() > 7 {
        draft.findings.note("times of controls", line.number, || {
            "as in EPANET, a time followed by more than its unit counts as 0".to_owned()
        });
        return Ok(0);
    }
    let hours = hours(line.word(5), line.word(6)).filter(|hours| (0.0..1e9).contains(hours));
    let Some(hours) = hours else {
        let message = format!("{} is not a time", quoted(line.word(5)));
        return Err(Mistake::new(
            213,
            message,
            "write a time such as 1:30, 1.5 or 6 AM",
        ));
    };
    Ok((3_600.0 * hours) as i64)
}

impl ControlDraft<'_> {
    /// The control, SI.
    pub(super) fn finish(&self, finish: &Finish<'_, '_>) -> Control {
        let head = |node: usize, level: f64| {
            let scale = if finish.draft.is_junction(node) {
                finish.units.pressure
            } else {
                finish.units.length
            };
            let elevation = finish.draft.nodes[node].elevation * finish.units.length;
            (finish.node_places[node], elevation + level * scale)
        };
        let trigger = match self.trigger {
            TriggerDraft::Below(node, level) => {
                let (node, head) = head(node, level);
                Trigger::Below { node, head }
            }
            TriggerDraft::Above(node, level) => {
                let (node, head) = head(node, level);
                Trigger::Above { node, head }
            }
            TriggerDraft::Time(secs) => Trigger::Time(secs),
            TriggerDraft::Clock(secs) => Trigger::Clock(secs),
        };
        let scale = finish.setting_scale(self.link);
        Control {
            link: self.link,
            status: self.status,
            setting: self.setting.map(|setting| setting * scale),
            trigger,
            text: self.text.to_owned(),
        }
    }
}

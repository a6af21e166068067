//! Status and settings at the start.

use std::ops::RangeInclusive;

use super::draft::Draft;
use super::line::{Line, leading_integer};
use super::links::{LinkBody, LinkDraft, open_or_closed};
use super::mistake::{Mistake, quoted};
use super::nodes::below_zero;
use crate::models::hydraulics::network::Status;

/// Names from one to another: by number if both begin with one above zero, else by letters.
pub(super) enum Names<'a> {
    Numbers(RangeInclusive<i64>),
    Letters(&'a str, &'a str),
}

impl<'a> Names<'a> {
    /// The names from `first` to `last`.
    pub(super) fn between(first: &'a str, last: &'a str) -> Self {
        match (leading_integer(first), leading_integer(last)) {
            (from @ 1.., to @ 1..) => Self::Numbers(from..=to),
            _ => Self::Letters(first, last),
        }
    }

    /// `id` is among them.
    pub(super) fn contain(&self, id: &str) -> bool {
        match self {
            Self::Numbers(range) => range.contains(&leading_integer(id)),
            Self::Letters(first, last) => *first <= id && id <= *last,
        }
    }
}

/// A line of [STATUS]: a link, or all from one to another.
pub(super) fn status<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    if draft.links.is_empty() {
        return Err(Mistake::new(
            204,
            "there are no links yet",
            "put [STATUS] behind [PIPES]",
        ));
    }
    line.need(2, "link, status or setting")?;
    let place = line.len() - 1;
    let (status, setting) = match open_or_closed(line.word(place)) {
        Some(status) => (status, None),
        None => (
            Status::Active,
            Some(line.number(place, "status or setting")?),
        ),
    };
    if let Some(value) = setting.filter(|value| *value < 0.0) {
        return Err(below_zero("setting", value, 211));
    }
    if place > 1 {
        let names = Names::between(line.word(0), line.word(1));
        let mut count = 0;
        for link in &mut draft.links {
            if names.contain(link.id) {
                count += 1;
                change(link, status, setting);
            }
        }
        draft.findings.note("ranges of links", line.number, || {
            let (first, last) = (quoted(line.word(0)), quoted(line.word(1)));
            format!("from {first} to {last} there are {count} links")
        });
        return Ok(());
    }
    let id = line.word(0);
    let link = draft.link(id)?;
    let link = &mut draft.links[link];
    if link.is_one_way() {
        let message = format!("{} has a check valve, whose status is its own", quoted(id));
        return Err(Mistake::new(207, message, "remove the line"));
    }
    if link.is_general() && setting.is_some() {
        let message = format!("{} is a GPV, which has no setting", quoted(id));
        return Err(Mistake::new(207, message, "write OPEN or CLOSED"));
    }
    if setting.is_some() && matches!(link.body, LinkBody::Pipe(_)) {
        draft.findings.note("status of pipes", line.number, || {
            format!(
                "the pipe {} has no setting; the line is ignored",
                quoted(id)
            )
        });
        return Ok(());
    }
    change(link, status, setting);
    Ok(())
}

fn change(link: &mut LinkDraft<'_>, status: Status, setting: Option<f64>) {
    let is_general = link.is_general();
    match &link.body {
        LinkBody::Pipe(pipe) => {
            if setting.is_none() && !pipe.one_way {
                link.status = status;
            }
        }
        LinkBody::Valve(_) if is_general => {
            if setting.is_none() {
                link.status = status;
            }
        }
        LinkBody::Valve(_) => {
            link.status = status;
            link.setting = setting;
        }
        LinkBody::Pump(_) => match setting {
            Some(speed) => {
                link.setting = setting;
                link.status = if speed == 0.0 {
                    Status::Closed
                } else {
                    Status::Open
                };
            }
            None => {
                link.status = status;
                if status == Status::Open {
                    link.setting = Some(1.0);
                }
            }
        },
    }
}

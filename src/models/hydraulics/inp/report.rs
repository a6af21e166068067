//! What EPANET is to print: checked as EPANET does, and not used.

use super::draft::Draft;
use super::line::{Line, which};
use super::mistake::{Mistake, quoted};

const KEYWORDS: [&str; 8] = [
    "PAGE", "STATUS", "SUMM", "MESS", "ENER", "NODE", "LINK", "FILE",
];
const FIELDS: [&str; 14] = [
    "ELEVATION",
    "DEMAND",
    "HEAD",
    "PRESSURE",
    "QUALITY",
    "LENGTH",
    "DIAMETER",
    "FLOW",
    "VELOCITY",
    "HEADLOSS",
    "STATE",
    "SETTING",
    "REACTION",
    "F-FACTOR",
];

/// A line of [REPORT].
pub(super) fn report<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(2, "what and how")?;
    check(draft, line)?;
    draft.findings.note("reports", line.number, || {
        format!(
            "{} tells how EPANET prints; it is not used",
            quoted(line.word(0))
        )
    });
    Ok(())
}

fn check(draft: &Draft<'_>, line: &Line<'_>) -> Result<(), Mistake> {
    let is_all_or_none = which(line.last(), &["NONE", "ALL"]).is_some();
    match which(line.word(0), &KEYWORDS) {
        Some(0) => {
            let size = line.number(line.len() - 1, "page size")?;
            if !(0.0..=255.0).contains(&size) {
                let message = format!("the page size {size} is not between 0 and 255");
                return Err(Mistake::new(213, message, "write a number of lines"));
            }
        }
        Some(5) if !is_all_or_none => {
            for &id in &line.words[1..] {
                draft.node(id)?;
            }
        }
        Some(6) if !is_all_or_none => {
            for &id in &line.words[1..] {
                draft.link(id)?;
            }
        }
        Some(_) => {}
        None if which(line.word(0), &FIELDS).is_none() => {
            let known = KEYWORDS.iter().chain(&FIELDS).copied();
            let hint = crate::problem::did_you_mean(line.word(0), known);
            let message = format!("{} cannot be reported", quoted(line.word(0)));
            return Err(Mistake::new(201, message, hint));
        }
        None => field(line)?,
    }
    Ok(())
}

fn field(line: &Line<'_>) -> Result<(), Mistake> {
    if which(line.word(1), &["YES", "NO"]).is_some() {
        return Ok(());
    }
    line.need(3, "quantity, BELOW, ABOVE or PRECISION, number")?;
    if which(line.word(1), &["BELOW", "ABOVE", "PREC"]).is_none() {
        let known = ["YES", "NO", "BELOW", "ABOVE", "PRECISION"];
        return Err(Mistake::no_choice("choice", line.word(1), &known));
    }
    line.number(2, "limit").map(|_| ())
}

//! The part of the page that tells alarms by their cause.

use super::page::{Page, clock, escaped};
use super::{Episode, ShiftReport};

/// Causes that are listed.
const CASCADES: usize = 50;
/// Alarms that are named as following from one cause.
const NAMED: usize = 8;

impl Page {
    /// What came first, and what followed.
    pub(super) fn cascades(&mut self, report: &ShiftReport) {
        if report.cascades.is_empty() {
            return;
        }
        self.heading("By cause");
        self.weak(
            "What came first, and what followed from it along the links of the plant. Where the \
             order misleads, the cause stands beside it.",
        );
        let told = |place: &usize| report.told.get(*place);
        let names = |places: &[usize]| names_text(places.iter().filter_map(told));
        let rows = report.cascades.iter().take(CASCADES).filter_map(|one| {
            let first = told(&one.first)?;
            Some(vec![
                clock(first.raised),
                escaped(&name_text(first)),
                names(&one.beside),
                names(&one.folded),
            ])
        });
        let columns = &["Raised", "First", "Beside it", "Followed by"];
        self.table(columns, rows.collect::<Vec<_>>());
        self.left_out(report.cascades.len(), CASCADES);
    }
}

fn name_text(one: &Episode) -> String {
    let name = &one.name;
    format!("{} {} {}", name.tag, name.signal, name.limit)
}

/// Alarms by name, each once with how often, as HTML.
fn names_text<'a>(alarms: impl Iterator<Item = &'a Episode>) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for one in alarms {
        let name = name_text(one);
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let shown = counts.iter().take(NAMED).map(|(name, count)| match count {
        1 => escaped(name),
        count => escaped(&format!("{name} ({count} times)")),
    });
    let mut text = shown.collect::<Vec<_>>().join("<br>");
    if counts.len() > NAMED {
        text += &format!("<br>and {} more", counts.len() - NAMED);
    }
    text
}

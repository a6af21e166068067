//! What became of the file: matched, guessed, ignored.

use super::Import;
use crate::models::hydraulics::network::{LinkKind, Network, ValveKind};
use crate::problem::Problem;
use crate::scene::ImportReport;

/// What is found out on the way.
#[derive(Debug, Default)]
pub(super) struct Notes {
    guessed: Vec<Problem>,
}

impl Notes {
    /// Something that the file does not say, and how to say it.
    pub(super) fn guess(&mut self, what: impl Into<String>, hint: impl Into<String>) {
        self.guessed.push(Problem::new(None, what, hint));
    }
}

impl Import<'_> {
    pub(super) fn report(&self, file: &str, notes: Notes) -> ImportReport {
        let own = |problem: Problem| problem.in_file(file);
        // The reader's notes on a line tell what is not used; the others what it made of it all.
        let read = self.reading.notes.iter().cloned();
        let (mut ignored, made): (Vec<_>, Vec<_>) = read.partition(|note| note.line.is_some());
        let labels = self.reading.map.labels.len();
        if labels > 0 {
            let message = format!("{labels} labels on the map are not shown");
            ignored.push(Problem::new(None, message, ""));
        }
        ImportReport {
            file: file.to_owned(),
            matched: matched(self.network()),
            guessed: made.into_iter().chain(notes.guessed).map(own).collect(),
            ignored: ignored.into_iter().map(own).collect(),
        }
    }
}

fn matched(network: &Network) -> Vec<(String, usize)> {
    let count = |fits: fn(&LinkKind) -> bool| {
        let links = network.links.iter();
        links.filter(|link| fits(&link.kind)).count()
    };
    let rows = [
        ("junctions", network.junctions.len()),
        ("reservoirs", network.reservoirs.len()),
        ("tanks", network.tanks.len()),
        ("pipes", count(|kind| matches!(kind, LinkKind::Pipe(_)))),
        ("pumps", count(|kind| matches!(kind, LinkKind::Pump(_)))),
        ("valves", count(|kind| matches!(kind, LinkKind::Valve(_)))),
        ("districts", network.districts.len()),
        ("patterns", network.patterns.len()),
        ("curves", network.curves.len()),
        ("controls", network.controls.len()),
        ("rules", network.rules.len()),
        (
            "quality sources",
            network
                .quality
                .as_ref()
                .map_or(0, |quality| quality.sources.len()),
        ),
    ];
    rows.map(|(what, count)| (what.to_owned(), count)).to_vec()
}

/// A valve as the field calls it.
pub(super) fn valve_name(kind: ValveKind) -> &'static str {
    match kind {
        ValveKind::PressureReducing => "Pressure reducing valve",
        ValveKind::PressureSustaining => "Pressure sustaining valve",
        ValveKind::PressureBreaker => "Pressure breaker valve",
        ValveKind::FlowControl => "Flow control valve",
        ValveKind::Throttle => "Throttle valve",
        ValveKind::General(_) => "General purpose valve",
        ValveKind::Position => "Control valve",
    }
}

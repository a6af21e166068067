//! Pipes and valves.

use super::draft::Draft;
use super::line::{Line, begins, which};
use super::mistake::{Mistake, quoted};
use super::nodes::below_zero;
use super::pumps::PumpDraft;
use crate::models::hydraulics::network::Status;

/// A link, in the file's units.
pub(super) struct LinkDraft<'a> {
    pub(super) id: &'a str,
    pub(super) line: u32,
    /// Place in the draft's nodes.
    pub(super) from: usize,
    /// Place in the draft's nodes.
    pub(super) to: usize,
    pub(super) body: LinkBody,
    pub(super) status: Status,
    /// Speed of a pump, setting of a valve; `None` if that is fixed.
    pub(super) setting: Option<f64>,
    /// Bulk reaction coefficient.
    pub(super) bulk: Option<f64>,
    /// Wall reaction coefficient.
    pub(super) wall: Option<f64>,
    pub(super) vertices: Vec<[f64; 2]>,
    pub(super) tag: &'a str,
}

/// What a link is.
pub(super) enum LinkBody {
    Pipe(PipeDraft),
    Pump(PumpDraft),
    Valve(ValveDraft),
}

/// A pipe.
#[derive(Clone, Copy, Default)]
pub(super) struct PipeDraft {
    pub(super) length: f64,
    pub(super) diameter: f64,
    pub(super) roughness: f64,
    pub(super) minor: f64,
    pub(super) one_way: bool,
}

/// A valve.
#[derive(Clone, Copy)]
pub(super) struct ValveDraft {
    pub(super) kind: ValveName,
    pub(super) diameter: f64,
    pub(super) minor: f64,
    /// Head loss over flow; of a general valve only.
    pub(super) curve: usize,
}

/// The kinds of valves, in the order of [`VALVES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValveName {
    Reducing,
    Sustaining,
    Breaker,
    Flow,
    Throttle,
    General,
}

const VALVES: [&str; 6] = ["PRV", "PSV", "PBV", "FCV", "TCV", "GPV"];

impl<'a> LinkDraft<'a> {
    /// A link of which only name and kind are known.
    pub(super) fn new(id: &'a str, line: u32, body: LinkBody) -> Self {
        Self {
            id,
            line,
            from: 0,
            to: 0,
            body,
            status: Status::Open,
            setting: None,
            bulk: None,
            wall: None,
            vertices: Vec::new(),
            tag: "",
        }
    }

    /// A pipe with a check valve, which nobody may control.
    pub(super) fn is_one_way(&self) -> bool {
        matches!(self.body, LinkBody::Pipe(pipe) if pipe.one_way)
    }

    /// A general valve, which has a curve instead of a setting.
    pub(super) fn is_general(&self) -> bool {
        matches!(self.body, LinkBody::Valve(valve) if valve.kind == ValveName::General)
    }
}

impl ValveName {
    fn of(word: &str) -> Result<Self, Mistake> {
        const NAMES: [ValveName; 6] = [
            ValveName::Reducing,
            ValveName::Sustaining,
            ValveName::Breaker,
            ValveName::Flow,
            ValveName::Throttle,
            ValveName::General,
        ];
        let found = which(word, &VALVES);
        found
            .map(|place| NAMES[place])
            .ok_or_else(|| Mistake::no_choice("kind of valve", word, &VALVES))
    }
}

/// A line of [PIPES].
pub(super) fn pipe<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let body = LinkBody::Pipe(PipeDraft::default());
    let link = draft.add_link(line.word(0), line.number, body)?;
    line.need(
        6,
        "id, from, to, length, diameter, roughness, minor loss, status",
    )?;
    let ends = ends(draft, line)?;
    let mut pipe = PipeDraft {
        length: above_zero(line, 3, "length")?,
        diameter: above_zero(line, 4, "diameter")?,
        roughness: line.number(5, "roughness")?,
        ..PipeDraft::default()
    };
    let mut status = Status::Open;
    let mut take = |word: &str, pipe: &mut PipeDraft| {
        let place = which(word, &["CV", "CLOSED", "OPEN"]);
        pipe.one_way = place == Some(0);
        if place == Some(1) {
            status = Status::Closed;
        }
        place.is_some()
    };
    match line.len() {
        7 if take(line.word(6), &mut pipe) => {}
        7 => pipe.minor = line.number(6, "minor loss")?,
        8 => {
            pipe.minor = line.number(6, "minor loss")?;
            if !take(line.word(7), &mut pipe) {
                let known = ["OPEN", "CLOSED", "CV"];
                return Err(Mistake::no_choice("status", line.word(7), &known));
            }
        }
        // EPANET then looks at neither minor loss nor status.
        _ => draft.findings.extra(line, 6),
    }
    if pipe.minor < 0.0 {
        return Err(below_zero("minor loss", pipe.minor, 211));
    }
    let drafted = &mut draft.links[link];
    (drafted.from, drafted.to) = ends;
    drafted.status = status;
    drafted.body = LinkBody::Pipe(pipe);
    Ok(())
}

/// A line of [VALVES].
pub(super) fn valve<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let stand_in = ValveDraft {
        kind: ValveName::Throttle,
        diameter: 0.0,
        minor: 0.0,
        curve: 0,
    };
    let link = draft.add_link(line.word(0), line.number, LinkBody::Valve(stand_in))?;
    line.need(6, "id, from, to, diameter, kind, setting, minor loss")?;
    let (from, to) = ends(draft, line)?;
    let kind = ValveName::of(line.word(4))?;
    let diameter = above_zero(line, 3, "diameter")?;
    let (setting, curve) = if kind == ValveName::General {
        (None, draft.curve(line.word(5))?)
    } else {
        (Some(line.number(5, "setting")?), 0)
    };
    let minor = line.number_or(6, 0.0, "minor loss")?;
    draft.findings.extra(line, 7);
    check_neighbours(draft, link, kind, (from, to))?;
    let drafted = &mut draft.links[link];
    (drafted.from, drafted.to) = (from, to);
    drafted.setting = setting;
    drafted.status = match setting {
        Some(_) => Status::Active,
        None => Status::Open,
    };
    drafted.body = LinkBody::Valve(ValveDraft {
        kind,
        diameter,
        minor,
        curve,
    });
    draft.valves_at.entry(from).or_default().push(link);
    draft.valves_at.entry(to).or_default().push(link);
    Ok(())
}

/// The ends of a link, which must differ.
pub(super) fn ends(draft: &Draft<'_>, line: &Line<'_>) -> Result<(usize, usize), Mistake> {
    let from = draft.node(line.word(1))?;
    let to = draft.node(line.word(2))?;
    if from == to {
        let id = quoted(line.word(0));
        let message = format!("{id} begins and ends at {}", quoted(line.word(1)));
        return Err(Mistake::new(222, message, "let it end at another node"));
    }
    Ok((from, to))
}

fn above_zero(line: &Line<'_>, index: usize, what: &str) -> Result<f64, Mistake> {
    let value = line.number(index, what)?;
    if value <= 0.0 {
        let message = format!("the {what} {value} is not above zero");
        return Err(Mistake::new(211, message, "write a number above 0"));
    }
    Ok(value)
}

/// Pressure and flow valves must not meet tanks, nor each other in ways that leave the
/// pressure between them undetermined.
fn check_neighbours(
    draft: &Draft<'_>,
    link: usize,
    kind: ValveName,
    (from, to): (usize, usize),
) -> Result<(), Mistake> {
    use ValveName::{Flow, Reducing, Sustaining};
    if !matches!(kind, Reducing | Sustaining | Flow) {
        return Ok(());
    }
    if let Some(tank) = [from, to].into_iter().find(|end| !draft.is_junction(*end)) {
        let message = format!(
            "a pressure or flow valve cannot end at {}, a tank or reservoir",
            quoted(draft.nodes[tank].id)
        );
        return Err(Mistake::new(
            219,
            message,
            "put a junction and a pipe between",
        ));
    }
    let near = [from, to]
        .into_iter()
        .filter_map(|end| draft.valves_at.get(&end));
    for &other in near.flatten() {
        let LinkBody::Valve(valve) = draft.links[other].body else {
            continue;
        };
        let (other_from, other_to) = (draft.links[other].from, draft.links[other].to);
        let clash = match (valve.kind, kind) {
            (Reducing, Reducing) => other_to == to || other_to == from || other_from == to,
            (Sustaining, Sustaining) => other_from == from || other_from == to || other_to == from,
            (Sustaining | Flow, Reducing) | (Sustaining, Flow) => other_from == to,
            (Reducing | Flow, Sustaining) | (Reducing, Flow) => other_to == from,
            _ => false,
        };
        if clash && other != link {
            let message = format!("the valve meets {}", quoted(draft.links[other].id));
            let hint = "put a junction and a pipe between the valves";
            return Err(Mistake::new(220, message, hint));
        }
    }
    Ok(())
}

/// A status or setting in words or numbers: `OPEN`, `CLOSED`, or what `line` has at `index`.
pub(super) fn open_or_closed(word: &str) -> Option<Status> {
    if begins(word, "OPEN") {
        Some(Status::Open)
    } else if begins(word, "CLOSED") {
        Some(Status::Closed)
    } else {
        None
    }
}

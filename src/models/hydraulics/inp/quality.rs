//! What the water carries: where it starts, enters, reacts and mixes.

use super::draft::Draft;
use super::line::{Line, which};
use super::mistake::{Mistake, quoted};
use super::nodes::{SourceDraft, below_zero};
use super::status::Names;
use crate::models::hydraulics::quality::{Mixing, SourceKind};

/// How the water reacts, in the file's units.
pub(super) struct ReactionsDraft {
    pub(super) bulk_order: f64,
    pub(super) tank_order: f64,
    pub(super) wall_first_order: bool,
    /// Coefficient of pipes and tanks without their own, 1/day.
    pub(super) bulk: f64,
    /// Coefficient of pipes without their own.
    pub(super) wall: f64,
    pub(super) limit: f64,
    /// Relates the wall's coefficient to its roughness; 0 for not at all.
    pub(super) roughness_factor: f64,
}

impl Default for ReactionsDraft {
    fn default() -> Self {
        Self {
            bulk_order: 1.0,
            tank_order: 1.0,
            wall_first_order: true,
            bulk: 0.0,
            wall: 0.0,
            limit: 0.0,
            roughness_factor: 0.0,
        }
    }
}

/// A line of [QUALITY]: a node, or all from one to another.
pub(super) fn initial<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    if draft.nodes.is_empty() {
        return Err(Mistake::new(
            203,
            "there are no nodes yet",
            "put [QUALITY] behind them",
        ));
    }
    if line.len() < 2 {
        return too_short(draft, line);
    }
    let place = line.len().min(3) - 1;
    let single = (place == 1).then(|| draft.node(line.word(0))).transpose()?;
    let value = line.number(place, "quality")?;
    if value < 0.0 {
        return Err(below_zero("quality", value, 209));
    }
    match single {
        Some(node) => draft.nodes[node].quality = value,
        None => {
            draft.findings.extra(line, 3);
            let names = Names::between(line.word(0), line.word(1));
            for node in draft.nodes.iter_mut().filter(|node| names.contain(node.id)) {
                node.quality = value;
            }
        }
    }
    Ok(())
}

/// A line of [SOURCES].
pub(super) fn source<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    const KINDS: [&str; 4] = ["CONCEN", "MASS", "SETPOINT", "FLOWPACED"];
    line.need(2, "node, kind, strength, pattern")?;
    let node = draft.node(line.word(0))?;
    let (kind, place) = match which(line.word(1), &KINDS) {
        Some(0) => (SourceKind::Concentration, 2),
        Some(1) => (SourceKind::Mass, 2),
        Some(2) => (SourceKind::Setpoint, 2),
        Some(_) => (SourceKind::FlowPaced, 2),
        // The way of EPANET 1, which knew one kind.
        None => (SourceKind::Concentration, 1),
    };
    line.need(place + 1, "node, kind, strength, pattern")?;
    let strength = line.number(place, "strength")?;
    let pattern = match line.word(place + 1) {
        "*" => None,
        id => draft.pattern(id)?,
    };
    draft.findings.extra(line, place + 2);
    draft.nodes[node].source = Some(SourceDraft {
        kind,
        strength,
        pattern,
    });
    Ok(())
}

/// A line of [REACTIONS].
pub(super) fn reaction<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    const KEYWORDS: [&str; 7] = ["ORDER", "ROUG", "LIMIT", "GLOB", "BULK", "WALL", "TANK"];
    if line.len() < 3 {
        return too_short(draft, line);
    }
    let keyword = which(line.word(0), &KEYWORDS).map(|place| KEYWORDS[place]);
    let Some(keyword) = keyword else {
        let known = [
            "ORDER",
            "GLOBAL",
            "BULK",
            "WALL",
            "TANK",
            "LIMITING",
            "ROUGHNESS",
        ];
        return Err(Mistake::no_choice("reaction", line.word(0), &known));
    };
    let value = line.number(line.len() - 1, "coefficient")?;
    let of = which(line.word(1), &["BULK", "WALL", "TANK"]);
    let reactions = &mut draft.reactions;
    match (keyword, of) {
        ("ORDER", Some(0)) => reactions.bulk_order = value,
        ("ORDER", Some(2)) => reactions.tank_order = value,
        ("ORDER", Some(_)) if value == 0.0 || value == 1.0 => {
            reactions.wall_first_order = value == 1.0;
        }
        ("ORDER", Some(_)) => {
            let message = format!("the order {value} of wall reactions is neither 0 nor 1");
            return Err(Mistake::new(213, message, "write 0 or 1"));
        }
        ("ORDER", None) => {
            let known = ["BULK", "WALL", "TANK"];
            return Err(Mistake::no_choice(
                "place of a reaction",
                line.word(1),
                &known,
            ));
        }
        ("ROUG", _) => reactions.roughness_factor = value,
        ("LIMIT", _) => reactions.limit = value,
        ("GLOB", Some(0)) => reactions.bulk = value,
        ("GLOB", Some(1)) => reactions.wall = value,
        ("GLOB", _) => {
            let known = ["BULK", "WALL"];
            return Err(Mistake::no_choice(
                "place of a reaction",
                line.word(1),
                &known,
            ));
        }
        ("TANK", _) => tank_coefficient(draft, line, value),
        _ => pipe_coefficient(draft, line, keyword == "BULK", value),
    }
    Ok(())
}

fn tank_coefficient(draft: &mut Draft<'_>, line: &Line<'_>, value: f64) {
    if line.len() > 3 {
        let names = Names::between(line.word(1), line.word(2));
        for node in 0..draft.nodes.len() {
            if names.contain(draft.nodes[node].id)
                && let Some(tank) = draft.tank_mut(node)
            {
                tank.bulk = Some(value);
            }
        }
        return;
    }
    let node = draft.node(line.word(1)).ok();
    match node.and_then(|node| draft.tank_mut(node)) {
        Some(tank) => tank.bulk = Some(value),
        None => nothing_reacts(draft, line, "tank"),
    }
}

fn pipe_coefficient(draft: &mut Draft<'_>, line: &Line<'_>, is_bulk: bool, value: f64) {
    let set = |link: &mut super::links::LinkDraft<'_>| {
        if is_bulk {
            link.bulk = Some(value);
        } else {
            link.wall = Some(value);
        }
    };
    if line.len() > 3 {
        let names = Names::between(line.word(1), line.word(2));
        let links = draft.links.iter_mut();
        links.filter(|link| names.contain(link.id)).for_each(set);
        return;
    }
    match draft.link(line.word(1)) {
        Ok(link) => set(&mut draft.links[link]),
        Err(_) => nothing_reacts(draft, line, "link"),
    }
}

fn nothing_reacts(draft: &mut Draft<'_>, line: &Line<'_>, what: &str) {
    draft.findings.note("reactions", line.number, || {
        format!(
            "there is no {what} {}; the line is ignored",
            quoted(line.word(1))
        )
    });
}

/// A line of [MIXING].
pub(super) fn mixing<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    const MODELS: [&str; 4] = ["MIXED", "2COMP", "FIFO", "LIFO"];
    if draft.nodes.is_empty() {
        return Err(Mistake::new(
            203,
            "there are no nodes yet",
            "put [MIXING] behind [TANKS]",
        ));
    }
    if line.len() < 2 {
        return too_short(draft, line);
    }
    let node = draft.node(line.word(0))?;
    if draft.is_junction(node) {
        draft.findings.note("mixing", line.number, || {
            format!("{} is no tank; its mixing is ignored", quoted(line.word(0)))
        });
        return Ok(());
    }
    let mixing = match which(line.word(1), &MODELS) {
        Some(0) => Mixing::Complete,
        Some(1) => {
            let share = if line.len() == 3 {
                line.number(2, "share")?
            } else {
                1.0
            };
            Mixing::TwoCompartments {
                share: if share == 0.0 { 1.0 } else { share },
            }
        }
        Some(2) => Mixing::FirstInFirstOut,
        Some(_) => Mixing::LastInFirstOut,
        None => return Err(Mistake::no_choice("way of mixing", line.word(1), &MODELS)),
    };
    if let Some(tank) = draft.tank_mut(node) {
        tank.mixing = mixing;
    }
    Ok(())
}

fn too_short(draft: &mut Draft<'_>, line: &Line<'_>) -> Result<(), Mistake> {
    draft.findings.note("short lines", line.number, || {
        "the line is too short and ignored, as in EPANET".to_owned()
    });
    Ok(())
}

//! Junctions, reservoirs and tanks, demands and emitters.

use super::draft::Draft;
use super::line::Line;
use super::mistake::{Mistake, quoted};
use crate::models::hydraulics::quality::Mixing;

/// A node, in the file's units.
pub(super) struct NodeDraft<'a> {
    pub(super) id: &'a str,
    pub(super) line: u32,
    pub(super) elevation: f64,
    pub(super) body: NodeBody<'a>,
    /// What the water carries at the start.
    pub(super) quality: f64,
    pub(super) source: Option<SourceDraft>,
    pub(super) at: Option<[f64; 2]>,
    pub(super) tag: &'a str,
}

/// What a node is.
pub(super) enum NodeBody<'a> {
    Junction(JunctionDraft<'a>),
    Tank(TankDraft),
}

/// A junction.
#[derive(Default)]
pub(super) struct JunctionDraft<'a> {
    pub(super) demands: Vec<DemandDraft<'a>>,
    /// [DEMANDS] has replaced what [JUNCTIONS] says.
    is_replaced: bool,
    pub(super) emitter: f64,
}

/// A category of demand.
pub(super) struct DemandDraft<'a> {
    pub(super) base: f64,
    pub(super) pattern: Option<usize>,
    pub(super) category: &'a str,
}

/// A tank, or a reservoir: a tank without area.
#[derive(Default)]
pub(super) struct TankDraft {
    pub(super) level: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) diameter: f64,
    pub(super) min_volume: f64,
    pub(super) curve: Option<usize>,
    pub(super) overflow: bool,
    pub(super) pattern: Option<usize>,
    pub(super) bulk: Option<f64>,
    pub(super) mixing: Mixing,
}

/// A source of what the water carries.
pub(super) struct SourceDraft {
    pub(super) kind: crate::models::hydraulics::quality::SourceKind,
    pub(super) strength: f64,
    pub(super) pattern: Option<usize>,
}

impl<'a> NodeDraft<'a> {
    /// A node of which only the name is known.
    pub(super) fn new(id: &'a str, line: u32, body: NodeBody<'a>) -> Self {
        Self {
            id,
            line,
            elevation: 0.0,
            body,
            quality: 0.0,
            source: None,
            at: None,
            tag: "",
        }
    }
}

impl TankDraft {
    /// It has no area, so that its level never changes.
    pub(super) fn is_reservoir(&self) -> bool {
        self.diameter == 0.0
    }
}

/// A line of [JUNCTIONS].
pub(super) fn junction<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let body = NodeBody::Junction(JunctionDraft::default());
    let node = draft.add_node(line.word(0), line.number, body)?;
    line.need(2, "id, elevation, demand, pattern")?;
    let elevation = line.number(1, "elevation")?;
    let base = line.number_or(2, 0.0, "demand")?;
    let pattern = draft.pattern(line.word(3))?;
    draft.findings.extra(line, 4);
    let demand = DemandDraft {
        base,
        pattern,
        category: "",
    };
    let node = &mut draft.nodes[node];
    node.elevation = elevation;
    node.body = NodeBody::Junction(JunctionDraft {
        demands: vec![demand],
        ..JunctionDraft::default()
    });
    Ok(())
}

/// A line of [RESERVOIRS] or [TANKS]: which of them it describes is told by its length.
pub(super) fn tank<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    const TANK: &str = "id, elevation, initial, lowest and highest level, diameter, lowest volume";
    let body = NodeBody::Tank(TankDraft::default());
    let node = draft.add_node(line.word(0), line.number, body)?;
    line.need(2, "id, head, pattern")?;
    draft.nodes[node].elevation = line.number(1, "elevation")?;
    let tank = if line.len() <= 3 {
        TankDraft {
            pattern: draft.pattern(line.word(2))?,
            ..TankDraft::default()
        }
    } else {
        line.need(6, TANK)?;
        storage_tank(draft, line)?
    };
    draft.nodes[node].body = NodeBody::Tank(tank);
    Ok(())
}

fn storage_tank<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<TankDraft, Mistake> {
    const NAMES: [&str; 5] = [
        "initial level",
        "lowest level",
        "highest level",
        "diameter",
        "lowest volume",
    ];
    let mut values = [0.0; 5];
    for (index, (value, name)) in values.iter_mut().zip(NAMES).enumerate() {
        *value = line.number_or(2 + index, 0.0, name)?;
    }
    let curve = match line.word(7) {
        "" => None,
        star if star.starts_with('*') => None,
        id => Some(draft.curve(id)?),
    };
    let overflow = match line.word(8) {
        _ if line.len() < 9 || line.is(8, "NO") => false,
        _ if line.is(8, "YES") => true,
        word => return Err(Mistake::no_choice("overflow choice", word, &["YES", "NO"])),
    };
    draft.findings.extra(line, 9);
    if let Some(wrong) = values.iter().position(|value| *value < 0.0) {
        return Err(below_zero(NAMES[wrong], values[wrong], 209));
    }
    let [level, min, max, diameter, min_volume] = values;
    Ok(TankDraft {
        level,
        min,
        max,
        diameter,
        min_volume,
        curve,
        overflow,
        ..TankDraft::default()
    })
}

/// A line of [DEMANDS]: the first for a junction replaces what [JUNCTIONS] says.
pub(super) fn demand<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(2, "junction, demand, pattern")?;
    let base = line.number(1, "demand")?;
    if line.is(0, "MULT") {
        if base <= 0.0 {
            let message = format!("the demand multiplier {base} is not above zero");
            return Err(Mistake::new(213, message, "write a number such as 1.2"));
        }
        draft.options.fixed.demand_multiplier = base;
        return Ok(());
    }
    let node = draft.node(line.word(0))?;
    if !draft.is_junction(node) {
        return not_a_junction(draft, line, "demand");
    }
    let pattern = draft.pattern(line.word(2))?;
    draft.findings.extra(line, 3);
    if let NodeBody::Junction(junction) = &mut draft.nodes[node].body {
        let demand = DemandDraft {
            base,
            pattern,
            category: line.comment,
        };
        if !junction.is_replaced {
            junction.is_replaced = true;
            junction.demands.clear();
        }
        junction.demands.push(demand);
    }
    Ok(())
}

/// A line of [EMITTERS].
pub(super) fn emitter<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(2, "junction, coefficient")?;
    let node = draft.node(line.word(0))?;
    if !draft.is_junction(node) {
        return not_a_junction(draft, line, "emitter");
    }
    let coefficient = line.number(1, "coefficient")?;
    if coefficient < 0.0 {
        return Err(below_zero("coefficient", coefficient, 209));
    }
    draft.findings.extra(line, 2);
    if let NodeBody::Junction(junction) = &mut draft.nodes[node].body {
        junction.emitter = coefficient;
    }
    Ok(())
}

fn not_a_junction(draft: &mut Draft<'_>, line: &Line<'_>, what: &str) -> Result<(), Mistake> {
    let id = line.word(0);
    draft.findings.note("not a junction", line.number, || {
        format!("{} is no junction; its {what} is ignored", quoted(id))
    });
    Ok(())
}

/// A `value` called `what` that must not be below zero.
pub(super) fn below_zero(what: &str, value: f64, code: u16) -> Mistake {
    let message = format!("the {what} {value} is below zero");
    Mistake::new(code, message, "write a number from 0 up")
}

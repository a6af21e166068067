//! What pumping costs.

use super::draft::Draft;
use super::line::Line;
use super::links::LinkBody;
use super::mistake::{Mistake, quoted};
use super::nodes::below_zero;

/// What pumping costs, for all pumps.
pub(super) struct EnergyDraft {
    pub(super) price: f64,
    pub(super) pattern: Option<usize>,
    pub(super) demand_charge: f64,
    /// Of pumps without a curve for it, percent.
    pub(super) efficiency: f64,
}

impl Default for EnergyDraft {
    fn default() -> Self {
        Self {
            price: 0.0,
            pattern: None,
            demand_charge: 0.0,
            efficiency: 75.0,
        }
    }
}

/// A line of [ENERGY].
pub(super) fn energy<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(
        3,
        "GLOBAL or PUMP id, then PRICE, PATTERN or EFFIC and a value",
    )?;
    if line.is(0, "DEMAN") {
        let charge = line.number(2, "demand charge")?;
        if charge < 0.0 {
            return Err(below_zero("demand charge", charge, 213));
        }
        draft.energy.demand_charge = charge;
        draft.findings.extra(line, 3);
        return Ok(());
    }
    let link = if line.is(0, "GLOB") {
        None
    } else if line.is(0, "PUMP") {
        line.need(4, "PUMP id, then PRICE, PATTERN or EFFIC and a value")?;
        Some(pump(draft, line.word(1))?)
    } else {
        let known = ["GLOBAL", "PUMP", "DEMAND"];
        return Err(Mistake::no_choice("part of energy", line.word(0), &known));
    };
    // EPANET looks at the last two words only.
    let (key, place) = (line.len() - 2, line.len() - 1);
    if line.is(key, "PRICE") {
        let price = line.number(place, "price")?;
        if price < 0.0 {
            return Err(below_zero("price", price, 217));
        }
        match link.map(|link| &mut draft.links[link].body) {
            Some(LinkBody::Pump(pump)) => pump.price = Some(price),
            _ => draft.energy.price = price,
        }
    } else if line.is(key, "PATT") {
        let pattern = draft.pattern(line.last())?;
        match link.map(|link| &mut draft.links[link].body) {
            Some(LinkBody::Pump(pump)) => pump.price_pattern = pattern,
            _ => draft.energy.pattern = pattern,
        }
    } else if line.is(key, "EFFI") {
        match link {
            Some(link) => {
                let curve = draft.curve(line.last())?;
                if let LinkBody::Pump(pump) = &mut draft.links[link].body {
                    pump.efficiency = Some(curve);
                }
            }
            None => {
                let percent = line.number(place, "efficiency")?;
                if percent <= 0.0 {
                    let message = format!("the efficiency {percent} is not above zero");
                    return Err(Mistake::new(217, message, "write percent, such as 75"));
                }
                draft.energy.efficiency = percent;
            }
        }
    } else {
        let message = format!("{} is no property of energy", quoted(line.word(key)));
        return Err(Mistake::new(
            201,
            message,
            "known are PRICE, PATTERN, EFFIC",
        ));
    }
    Ok(())
}

fn pump(draft: &Draft<'_>, id: &str) -> Result<usize, Mistake> {
    let is_pump = |link: &usize| matches!(draft.links[*link].body, LinkBody::Pump(_));
    draft.link(id).ok().filter(is_pump).ok_or_else(|| {
        let message = format!("there is no pump {}", quoted(id));
        Mistake::new(216, message, "name a pump of [PUMPS]")
    })
}

//! Links switched by rules, as EPANET 2.2 does it (`rules.c`).

use std::sync::Arc;

use super::Simulation;
use super::controls::DAY;
use crate::models::hydraulics::control::{Change, Joint, Premise, Quantity, Relation, Rule};
use crate::models::hydraulics::network::{Link, LinkKind, Status, ValveKind};
use crate::models::hydraulics::solver::{CFS, FOOT};

/// Settings closer than this, in EPANET's own units, are equal.
const SETTING_TOLERANCE: f64 = 1e-3;

impl<const L: usize> Simulation<L> {
    /// Does what rules ask for at the cursor, `since` s after they were last looked at; true if
    /// anything changed.
    pub(super) fn act_on_rules(&mut self, lane: usize, since: i64) -> bool {
        let plan = Arc::clone(self.plan());
        let rules = &plan.network.rules;
        // Links that rules want to change, each with the rule that wants it.
        let mut wanted: Vec<(usize, Change, usize)> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            if !self.members[lane].inputs.rules[index] {
                continue;
            }
            let actions = if self.holds(lane, rule, since) {
                &rule.then
            } else {
                &rule.otherwise
            };
            for action in actions {
                match wanted.iter_mut().find(|(link, ..)| *link == action.link) {
                    Some((_, change, by)) => {
                        if rule.priority > rules[*by].priority {
                            (*change, *by) = (action.change, index);
                        }
                    }
                    None => wanted.push((action.link, action.change, index)),
                }
            }
        }
        // The list is worked off from its newest entry; links are all different.
        let mut changed = false;
        for (link, change, _) in wanted.into_iter().rev() {
            changed |= self.obey(lane, link, change);
        }
        changed
    }

    fn obey(&mut self, lane: usize, link: usize, change: Change) -> bool {
        let (status, setting) = self.by_itself(lane, link);
        match change {
            Change::Open if status.is_shut() => self.open_by_rule(lane, link, true),
            Change::Close if !status.is_shut() => self.open_by_rule(lane, link, false),
            Change::Open | Change::Close => return false,
            Change::Set(value) => {
                let link_ = &self.network().links[link];
                let same = setting.is_some_and(|setting| {
                    (setting - value).abs() <= SETTING_TOLERANCE * setting_unit(link_)
                });
                if same {
                    return false;
                }
                self.set_by_rule(lane, link, value);
            }
        }
        true
    }

    /// True if the premises hold: each is joined to all that was said before it.
    fn holds(&self, lane: usize, rule: &Rule, since: i64) -> bool {
        let mut result = true;
        for premise in &rule.premises {
            match premise.joint {
                Joint::Or if result => {}
                Joint::Or => result = self.premise_holds(lane, premise, since),
                Joint::And if result => result = self.premise_holds(lane, premise, since),
                Joint::And => return false,
            }
        }
        result
    }

    fn premise_holds(&self, lane: usize, premise: &Premise, since: i64) -> bool {
        let member = &self.members[lane];
        let (first, last) = (member.cursor - since + 1, member.cursor);
        match premise.quantity {
            Quantity::Time => time_holds(premise, first, last),
            Quantity::Clock => {
                let start = self.network().times.clock_start;
                let clock = |at: i64| (at + start).rem_euclid(DAY);
                time_holds(premise, clock(first), clock(last))
            }
            Quantity::Status(link, wanted) => {
                let status = self.status_in(link, lane);
                let plain = match status {
                    status if status.is_shut() => Status::Closed,
                    Status::Active => Status::Active,
                    _ => Status::Open,
                };
                match premise.relation {
                    Relation::Equal => plain == wanted,
                    Relation::NotEqual => plain != wanted,
                    _ => false,
                }
            }
            quantity => self
                .quantity(lane, quantity)
                .is_some_and(|value| compare(premise, value)),
        }
    }

    /// The present value of a quantity, SI; `None` where it means nothing.
    fn quantity(&self, lane: usize, quantity: Quantity) -> Option<f64> {
        let network = self.network();
        let time_to = |node: usize, full: bool| {
            let index = network.tank_at(node)?;
            let tank = &network.tanks[index];
            let inflow = self.inflow_in(index, lane);
            let end = if full { tank.max } else { tank.min };
            // Slower than a millionth of a cubic foot per second is never.
            let moves = if full {
                inflow > 1e-6 * CFS
            } else {
                inflow < -1e-6 * CFS
            };
            let room = tank.volume(end, &network.curves) - self.members[lane].volumes[index];
            moves.then_some(room / inflow)
        };
        match quantity {
            Quantity::SystemDemand => Some(self.members[lane].system_demand),
            Quantity::Demand(node) => Some(self.demand_in(node, lane)),
            Quantity::Head(node) => Some(self.head_in(node, lane)),
            Quantity::Level(node) => {
                // A reservoir stands at its own elevation in EPANET.
                let base = match network.tank_at(node) {
                    None if node >= network.junctions.len() => {
                        let index = node - network.junctions.len();
                        network.reservoirs[index].bottom + network.reservoirs[index].level
                    }
                    _ => network.elevation(node),
                };
                Some(self.head_in(node, lane) - base)
            }
            Quantity::Flow(link) => Some(self.state.flows[link][lane].abs()),
            Quantity::Setting(link) => self.setting_in(link, lane),
            Quantity::FillTime(node) => time_to(node, true),
            Quantity::DrainTime(node) => time_to(node, false),
            Quantity::Time | Quantity::Clock | Quantity::Status(..) => None,
        }
    }
}

/// What one of EPANET's own units is in SI, for the setting of `link`.
fn setting_unit(link: &Link) -> f64 {
    match &link.kind {
        LinkKind::Valve(valve) => match valve.kind {
            ValveKind::PressureReducing
            | ValveKind::PressureSustaining
            | ValveKind::PressureBreaker => FOOT,
            ValveKind::FlowControl => CFS,
            ValveKind::Throttle | ValveKind::General(_) | ValveKind::Position => 1.0,
        },
        LinkKind::Pipe(_) | LinkKind::Pump(_) => 1.0,
    }
}

/// A premise about the time, looked at over the seconds from `first` to `last`.
fn time_holds(premise: &Premise, first: i64, last: i64) -> bool {
    let at = premise.value as i64;
    let inside = if last < first {
        // Over midnight.
        at >= first || at <= last
    } else {
        at >= first && at <= last
    };
    match premise.relation {
        Relation::Less => last < at,
        Relation::LessOrEqual => last <= at,
        Relation::Greater => last > at,
        Relation::GreaterOrEqual => last >= at,
        Relation::Equal => inside,
        Relation::NotEqual => !inside,
    }
}

/// A premise about a value; the tolerance counts as it does in EPANET.
fn compare(premise: &Premise, value: f64) -> bool {
    let (limit, tolerance) = (premise.value, premise.tolerance);
    match premise.relation {
        Relation::Equal => (value - limit).abs() <= tolerance,
        Relation::NotEqual => (value - limit).abs() >= tolerance,
        Relation::Less => value <= limit + tolerance,
        Relation::LessOrEqual => value <= limit - tolerance,
        Relation::Greater => value >= limit - tolerance,
        Relation::GreaterOrEqual => value >= limit + tolerance,
    }
}

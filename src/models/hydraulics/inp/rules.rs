//! Rules: links switched by several conditions.

use super::draft::Draft;
use super::finish::Finish;
use super::line::{Line, hours, number, which};
use super::links::LinkBody;
use super::mistake::{Mistake, quoted};
use crate::models::hydraulics::control::{
    Change, Joint, Premise, Quantity, Relation, Rule, RuleAction,
};
use crate::models::hydraulics::network::Status;

/// EPANET compares with this tolerance, in the file's units.
const TOLERANCE: f64 = 1e-3;
/// s.
const HOUR: f64 = 3_600.0;
const CLAUSES: [&str; 7] = ["RULE", "IF", "AND", "OR", "THEN", "ELSE", "PRIO"];
const VALUES: [&str; 3] = ["OPEN", "CLOSED", "ACTIVE"];

/// The rules read so far, in the file's units and places.
#[derive(Default)]
pub(super) struct RulesDraft<'a> {
    rules: Vec<RuleDraft<'a>>,
    state: State,
}

/// What the last clause was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Priority,
    Rule,
    If,
    Then,
    Else,
    /// Something was wrong; clauses are skipped until the next rule.
    Wrong,
}

#[derive(Default)]
struct RuleDraft<'a> {
    name: &'a str,
    premises: Vec<PremiseDraft>,
    then: Vec<ActionDraft>,
    otherwise: Vec<ActionDraft>,
    priority: f64,
}

struct PremiseDraft {
    premise: Premise,
    unit: Unit,
}

/// What a premise's value is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    None,
    Flow,
    Length,
    Pressure,
    /// The setting of this link.
    Setting(usize),
}

#[derive(Clone, Copy)]
struct ActionDraft {
    link: usize,
    change: Change,
}

/// A line of [RULES].
pub(super) fn clause<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    let clause = which(line.word(0), &CLAUSES);
    // EPANET gives up all rules after a mistake; the others may hold mistakes too.
    if draft.rules.state == State::Wrong && clause != Some(0) {
        return Ok(());
    }
    let read = read(draft, line, clause);
    if read.is_err() {
        draft.rules.state = State::Wrong;
    }
    read.map_err(|mistake| {
        let rule = draft.rules.rules.last().map_or("", |rule| rule.name);
        Mistake {
            message: format!("rule {}: {}", quoted(rule), mistake.message),
            ..mistake
        }
    })
}

fn read<'a>(draft: &mut Draft<'a>, line: &Line<'a>, clause: Option<usize>) -> Result<(), Mistake> {
    let Some(clause) = clause else {
        let known = ["RULE", "IF", "AND", "OR", "THEN", "ELSE", "PRIORITY"];
        return Err(syntax(Mistake::no_choice("clause", line.word(0), &known)));
    };
    let state = draft.rules.state;
    let next = match (CLAUSES[clause], state) {
        ("RULE", _) => {
            if line.len() != 2 {
                return Err(Mistake::new(201, "a rule has one name", "write RULE name"));
            }
            let name = line.word(1);
            draft.rules.rules.push(RuleDraft {
                name,
                ..RuleDraft::default()
            });
            State::Rule
        }
        ("IF", State::Rule) | ("AND" | "OR", State::If) => State::If,
        ("THEN", State::If) | ("AND", State::Then) => State::Then,
        ("ELSE", State::Then) | ("AND", State::Else) => State::Else,
        ("PRIO", State::Then | State::Else) => State::Priority,
        _ => {
            let message = format!("{} does not belong here", quoted(line.word(0)));
            let hint = "the order is RULE, IF, AND, OR, THEN, AND, ELSE, AND, PRIORITY";
            return Err(Mistake::new(221, message, hint));
        }
    };
    draft.rules.state = next;
    match next {
        State::If => {
            let joint = if CLAUSES[clause] == "OR" {
                Joint::Or
            } else {
                Joint::And
            };
            let premise = premise(draft, line, joint)?;
            if let Some(rule) = draft.rules.rules.last_mut() {
                rule.premises.push(premise);
            }
        }
        State::Then | State::Else => {
            let action = action(draft, line)?;
            if let Some(rule) = draft.rules.rules.last_mut() {
                let actions = if next == State::Then {
                    &mut rule.then
                } else {
                    &mut rule.otherwise
                };
                actions.extend(action);
            }
        }
        State::Priority => {
            line.need(2, "PRIORITY number")?;
            let priority = line.number(1, "priority")?;
            if let Some(rule) = draft.rules.rules.last_mut() {
                rule.priority = priority;
            }
        }
        State::Rule | State::Wrong => {}
    }
    Ok(())
}

fn syntax(mistake: Mistake) -> Mistake {
    Mistake {
        message: mistake.message.replace("error 213", "error 201"),
        ..mistake
    }
}

/// A condition: `IF object id variable relation value`, or `IF SYSTEM variable relation value`.
fn premise<'a>(
    draft: &mut Draft<'a>,
    line: &Line<'a>,
    joint: Joint,
) -> Result<PremiseDraft, Mistake> {
    const SHAPE: &str = "IF TANK id LEVEL BELOW 3, or IF SYSTEM CLOCKTIME >= 6 AM";
    if !matches!(line.len(), 5 | 6) {
        return Err(Mistake::new(
            201,
            "a condition has 5 or 6 words",
            format!("write {SHAPE}"),
        ));
    }
    let is_system = which(line.word(1), &OBJECTS) == Some(SYSTEM);
    let (quantity, unit) = if is_system {
        of_system(line)?
    } else {
        of_object(draft, line)?
    };
    let relation = relation(line.word(if is_system { 3 } else { 4 }))?;
    let mut premise = Premise {
        joint,
        quantity,
        relation,
        value: 0.0,
        tolerance: 0.0,
    };
    if matches!(quantity, Quantity::Time | Quantity::Clock) {
        let unit = if line.len() == 6 { line.word(5) } else { "" };
        let time = hours(line.word(4), unit).filter(|hours| (0.0..1e9).contains(hours));
        let Some(time) = time else {
            let message = format!("{} is not a time", quoted(line.word(4)));
            return Err(Mistake::new(
                202,
                message,
                "write a time such as 1:30, 1.5 or 6 AM",
            ));
        };
        // EPANET compares whole seconds.
        premise.value = (time * HOUR).trunc();
        return Ok(PremiseDraft {
            premise,
            unit: Unit::None,
        });
    }
    let status = which(line.last(), &VALUES);
    if status.is_none() {
        premise.value = line.number(line.len() - 1, "value")?;
        premise.tolerance = TOLERANCE;
    }
    let link = match quantity {
        Quantity::Flow(link) | Quantity::Setting(link) | Quantity::Status(link, _) => Some(link),
        _ => None,
    };
    match (status, quantity) {
        (Some(status), _) => {
            let status = [Status::Open, Status::Closed, Status::Active][status];
            match (link, relation) {
                (Some(link), Relation::Equal | Relation::NotEqual) => {
                    premise.quantity = Quantity::Status(link, status);
                }
                _ => never(draft, line, &mut premise),
            }
        }
        (None, Quantity::Status(..)) => never(draft, line, &mut premise),
        (None, Quantity::Setting(link)) if !has_setting(draft, link) => {
            never(draft, line, &mut premise);
        }
        (None, Quantity::FillTime(node) | Quantity::DrainTime(node)) => {
            premise.value *= HOUR;
            if draft.is_reservoir(node) {
                never(draft, line, &mut premise);
            }
        }
        _ => {}
    }
    let unit = match premise.quantity {
        Quantity::Time | Quantity::Status(..) => Unit::None,
        _ => unit,
    };
    Ok(PremiseDraft { premise, unit })
}

/// Turns a condition that EPANET accepts and never finds true into one that never is.
fn never(draft: &mut Draft<'_>, line: &Line<'_>, premise: &mut Premise) {
    draft.findings.note("conditions", line.number, || {
        "as in EPANET, this condition never holds".to_owned()
    });
    premise.quantity = Quantity::Time;
    premise.relation = Relation::Less;
    premise.value = -1.0;
    premise.tolerance = 0.0;
}

fn has_setting(draft: &Draft<'_>, link: usize) -> bool {
    let link = &draft.links[link];
    !matches!(link.body, LinkBody::Pipe(_)) && !link.is_general()
}

const OBJECTS: [&str; 9] = [
    "JUNC", "RESER", "TANK", "PIPE", "PUMP", "VALVE", "NODE", "LINK", "SYSTEM",
];
const SYSTEM: usize = 8;
/// The order matters: a word is the first of these that it begins with.
const VARIABLES: [&str; 13] = [
    "DEMAND",
    "HEAD",
    "GRADE",
    "LEVEL",
    "PRESSURE",
    "FLOW",
    "STATUS",
    "SETTING",
    "POWER",
    "TIME",
    "CLOCKTIME",
    "FILLTIME",
    "DRAINTIME",
];

fn no_variable(word: &str, known: &[&str]) -> Mistake {
    syntax(Mistake::no_choice("variable of a condition", word, known))
}

fn of_system(line: &Line<'_>) -> Result<(Quantity, Unit), Mistake> {
    let word = line.word(2);
    match which(word, &VARIABLES).map(|place| VARIABLES[place]) {
        Some("DEMAND") => Ok((Quantity::SystemDemand, Unit::Flow)),
        Some("TIME") => Ok((Quantity::Time, Unit::None)),
        Some("CLOCKTIME") => Ok((Quantity::Clock, Unit::None)),
        _ => Err(no_variable(word, &["DEMAND", "TIME", "CLOCKTIME"])),
    }
}

fn of_object<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(Quantity, Unit), Mistake> {
    let word = line.word(3);
    let variable = which(word, &VARIABLES).map(|place| VARIABLES[place]);
    let object = which(line.word(1), &OBJECTS).map(|place| OBJECTS[place]);
    match object {
        Some("NODE" | "JUNC" | "RESER" | "TANK") => {
            let node = draft.node(line.word(2))?;
            match variable {
                Some("DEMAND") => Ok((Quantity::Demand(node), Unit::Flow)),
                Some("HEAD" | "GRADE") => Ok((Quantity::Head(node), Unit::Length)),
                Some("LEVEL") => Ok((Quantity::Level(node), Unit::Length)),
                Some("PRESSURE") => Ok((Quantity::Level(node), Unit::Pressure)),
                Some("FILLTIME") if !draft.is_junction(node) => {
                    Ok((Quantity::FillTime(node), Unit::None))
                }
                Some("DRAINTIME") if !draft.is_junction(node) => {
                    Ok((Quantity::DrainTime(node), Unit::None))
                }
                _ => {
                    let known = [
                        "DEMAND",
                        "HEAD",
                        "LEVEL",
                        "PRESSURE",
                        "FILLTIME",
                        "DRAINTIME",
                    ];
                    Err(no_variable(word, &known))
                }
            }
        }
        Some("LINK" | "PIPE" | "PUMP" | "VALVE") => {
            let link = draft.link(line.word(2))?;
            match variable {
                Some("FLOW") => Ok((Quantity::Flow(link), Unit::Flow)),
                Some("STATUS") => Ok((Quantity::Status(link, Status::Open), Unit::None)),
                Some("SETTING") => Ok((Quantity::Setting(link), Unit::Setting(link))),
                _ => Err(no_variable(word, &["FLOW", "STATUS", "SETTING"])),
            }
        }
        _ => {
            let known = [
                "JUNCTION",
                "RESERVOIR",
                "TANK",
                "PIPE",
                "PUMP",
                "VALVE",
                "SYSTEM",
            ];
            Err(syntax(Mistake::no_choice(
                "object of a condition",
                line.word(1),
                &known,
            )))
        }
    }
}

fn relation(word: &str) -> Result<Relation, Mistake> {
    // Two signs stand before one: a word is the first of these that it begins with.
    const RELATIONS: [(&str, Relation); 10] = [
        ("=", Relation::Equal),
        ("<>", Relation::NotEqual),
        ("<=", Relation::LessOrEqual),
        (">=", Relation::GreaterOrEqual),
        ("<", Relation::Less),
        (">", Relation::Greater),
        ("IS", Relation::Equal),
        ("NOT", Relation::NotEqual),
        ("BELOW", Relation::Less),
        ("ABOVE", Relation::Greater),
    ];
    let names = RELATIONS.map(|(name, _)| name);
    let found = which(word, &names).map(|place| RELATIONS[place].1);
    found.ok_or_else(|| syntax(Mistake::no_choice("comparison", word, &names)))
}

/// What a rule does: `THEN LINK id STATUS IS value`; `None` for what EPANET accepts and does
/// not do. It looks at the link and the value only.
fn action<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<Option<ActionDraft>, Mistake> {
    if line.len() != 6 {
        let hint = "write THEN PUMP id STATUS IS OPEN";
        return Err(Mistake::new(201, "an action has 6 words", hint));
    }
    let id = line.word(2);
    let link = draft.link(id)?;
    if draft.links[link].is_one_way() {
        let message = format!("{} has a check valve, which nobody controls", quoted(id));
        return Err(Mistake::new(207, message, "remove the action"));
    }
    let is_pipe = matches!(draft.links[link].body, LinkBody::Pipe(_));
    let change = match which(line.word(5), &VALUES) {
        Some(0) => Change::Open,
        Some(1) => Change::Close,
        Some(_) => {
            draft.findings.note("actions", line.number, || {
                "as in EPANET, ACTIVE is no action and nothing is done".to_owned()
            });
            return Ok(None);
        }
        None => match number(line.word(5)).filter(|setting| *setting >= 0.0) {
            None => return Err(Mistake::not_a_number("setting", line.word(5))),
            Some(_) if draft.links[link].is_general() => {
                let message = format!("{} is a GPV, which has no setting", quoted(id));
                return Err(Mistake::new(202, message, "write OPEN or CLOSED"));
            }
            Some(0.0) if is_pipe => Change::Close,
            Some(_) if is_pipe => Change::Open,
            Some(setting) => Change::Set(setting),
        },
    };
    Ok(Some(ActionDraft { link, change }))
}

impl RulesDraft<'_> {
    /// The rules, SI.
    pub(super) fn finish(&self, finish: &Finish<'_, '_>) -> Vec<Rule> {
        let actions = |actions: &[ActionDraft]| {
            let action = |action: &ActionDraft| RuleAction {
                link: action.link,
                change: match action.change {
                    Change::Set(setting) => {
                        Change::Set(setting * finish.setting_scale(action.link))
                    }
                    other => other,
                },
            };
            actions.iter().map(action).collect()
        };
        let rule = |rule: &RuleDraft<'_>| Rule {
            name: rule.name.to_owned(),
            premises: rule.premises.iter().map(|one| one.finish(finish)).collect(),
            then: actions(&rule.then),
            otherwise: actions(&rule.otherwise),
            priority: rule.priority,
        };
        self.rules.iter().map(rule).collect()
    }
}

impl PremiseDraft {
    fn finish(&self, finish: &Finish<'_, '_>) -> Premise {
        let units = finish.units;
        let scale = match self.unit {
            Unit::None => 1.0,
            Unit::Flow => units.flow,
            Unit::Length => units.length,
            Unit::Pressure => units.pressure,
            Unit::Setting(link) => finish.setting_scale(link),
        };
        let place = |node: usize| finish.node_places[node];
        let mut offset = 0.0;
        let quantity = match self.premise.quantity {
            Quantity::Demand(node) => Quantity::Demand(place(node)),
            Quantity::Head(node) => Quantity::Head(place(node)),
            // The bottom of a reservoir is at 0: its level is its head.
            Quantity::Level(node) if finish.draft.is_reservoir(node) => {
                offset = finish.draft.nodes[node].elevation * units.length;
                Quantity::Head(place(node))
            }
            Quantity::Level(node) => Quantity::Level(place(node)),
            Quantity::FillTime(node) => Quantity::FillTime(place(node)),
            Quantity::DrainTime(node) => Quantity::DrainTime(place(node)),
            other => other,
        };
        Premise {
            quantity,
            value: self.premise.value * scale + offset,
            tolerance: self.premise.tolerance * scale,
            ..self.premise
        }
    }
}

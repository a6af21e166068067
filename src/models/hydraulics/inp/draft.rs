//! A network while its file is read: in the file's units and order.

use std::collections::HashMap;

use super::Map;
use super::controls::ControlDraft;
use super::curves::CurveDraft;
use super::energy::EnergyDraft;
use super::findings::Findings;
use super::links::{LinkBody, LinkDraft};
use super::mistake::{Kind, Mistake, proposal, quoted};
use super::nodes::{NodeBody, NodeDraft, TankDraft};
use super::options::OptionsDraft;
use super::patterns::PatternDraft;
use super::quality::ReactionsDraft;
use super::rules::RulesDraft;
use super::text::Text;
use super::times::TimesDraft;
use crate::problem::Problem;

/// Longer names are refused, bytes.
const LONGEST_ID: usize = 31;
/// More nodes or links are not read.
const MOST_PARTS: usize = 2_000_000;

/// A network while its file is read.
///
/// After a mistake parts of it are stand-ins, so that reading can go on; nothing is made
/// of a draft with problems.
#[derive(Default)]
pub(super) struct Draft<'a> {
    /// In the order of the file.
    pub(super) nodes: Vec<NodeDraft<'a>>,
    /// In the order of the file.
    pub(super) links: Vec<LinkDraft<'a>>,
    pub(super) patterns: Vec<PatternDraft<'a>>,
    pub(super) curves: Vec<CurveDraft<'a>>,
    pub(super) controls: Vec<ControlDraft<'a>>,
    pub(super) rules: RulesDraft<'a>,
    pub(super) times: TimesDraft,
    pub(super) options: OptionsDraft<'a>,
    pub(super) energy: EnergyDraft,
    pub(super) reactions: ReactionsDraft,
    /// Title, labels, units and picture; the rest is in nodes and links.
    pub(super) map: Map,
    pub(super) findings: Findings,
    node_names: HashMap<&'a str, usize>,
    link_names: HashMap<&'a str, usize>,
    pattern_names: HashMap<&'a str, usize>,
    curve_names: HashMap<&'a str, usize>,
    /// The valves that end at a node.
    pub(super) valves_at: HashMap<usize, Vec<usize>>,
    /// Names that name nothing, by the problem they are in.
    unknown: Vec<(Problem, Kind, String)>,
    is_latin1: bool,
}

impl<'a> Draft<'a> {
    /// The empty draft of the file with `text`.
    pub(super) fn new(text: &Text<'_>) -> Self {
        let mut draft = Self {
            is_latin1: text.is_latin1,
            ..Self::default()
        };
        if text.has_mark {
            draft.findings.note("byte order mark", 1, || {
                "the file begins with a byte order mark, which EPANET does not read".to_owned()
            });
        }
        draft
    }

    /// Notes that line `number`, or the whole file, is wrong.
    pub(super) fn mistake(&mut self, number: impl Into<Option<u32>>, mistake: Mistake) {
        let problem = Problem::new(number.into(), mistake.message, mistake.hint);
        match mistake.unknown {
            // What is defined below is known only at the end.
            Some((kind, name)) if self.unknown.len() < 20 => {
                self.findings.problem(problem.clone());
                self.unknown.push((problem, kind, name));
            }
            _ => self.findings.problem(problem),
        }
    }

    /// What is wrong with the file, in the order of its lines.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        let unknown = std::mem::take(&mut self.unknown);
        let mut problems = std::mem::take(&mut self.findings).into_problems();
        for (problem, kind, name) in unknown {
            let hint = match kind {
                Kind::Node => {
                    let later = self.node_names.get(&*name).map(|&at| self.nodes[at].line);
                    proposal(&name, later, self.nodes.iter().map(|node| node.id))
                }
                Kind::Link => {
                    let later = self.link_names.get(&*name).map(|&at| self.links[at].line);
                    proposal(&name, later, self.links.iter().map(|link| link.id))
                }
                Kind::Pattern => proposal(&name, None, self.patterns.iter().map(|one| one.id)),
                Kind::Curve => proposal(&name, None, self.curves.iter().map(|one| one.id)),
            };
            if let Some(found) = problems.iter_mut().find(|other| **other == problem) {
                found.hint = hint;
            }
        }
        problems
    }

    /// Makes the pattern `id` known, without any factor.
    pub(super) fn declare_pattern(&mut self, id: &'a str, line: u32) {
        if self.pattern_names.contains_key(id) {
            return;
        }
        if let Err(mistake) = self.check_id(id) {
            self.mistake(line, mistake);
        }
        self.pattern_names.insert(id, self.patterns.len());
        self.patterns.push(PatternDraft::new(id));
    }

    /// Makes the curve `id` known, without any point.
    pub(super) fn declare_curve(&mut self, id: &'a str, line: u32) {
        if self.curve_names.contains_key(id) {
            return;
        }
        if let Err(mistake) = self.check_id(id) {
            self.mistake(line, mistake);
        }
        self.curve_names.insert(id, self.curves.len());
        self.curves.push(CurveDraft::new(id, line));
    }

    /// Adds a node and tells its place.
    pub(super) fn add_node(
        &mut self,
        id: &'a str,
        line: u32,
        body: NodeBody<'a>,
    ) -> Result<usize, Mistake> {
        let place = self.nodes.len();
        check_room(place, "nodes")?;
        if let Some(&other) = self.node_names.get(id) {
            return Err(duplicate("node", id, self.nodes[other].line));
        }
        self.node_names.insert(id, place);
        self.nodes.push(NodeDraft::new(id, line, body));
        self.check_id(id)?;
        Ok(place)
    }

    /// Adds a link and tells its place.
    pub(super) fn add_link(
        &mut self,
        id: &'a str,
        line: u32,
        body: LinkBody,
    ) -> Result<usize, Mistake> {
        let place = self.links.len();
        check_room(place, "links")?;
        if let Some(&other) = self.link_names.get(id) {
            return Err(duplicate("link", id, self.links[other].line));
        }
        self.link_names.insert(id, place);
        self.links.push(LinkDraft::new(id, line, body));
        self.check_id(id)?;
        Ok(place)
    }

    /// The place of the node `id`.
    pub(super) fn node(&self, id: &str) -> Result<usize, Mistake> {
        let found = self.node_names.get(id).copied();
        found.ok_or_else(|| Mistake::unknown(Kind::Node, id))
    }

    /// The place of the link `id`.
    pub(super) fn link(&self, id: &str) -> Result<usize, Mistake> {
        let found = self.link_names.get(id).copied();
        found.ok_or_else(|| Mistake::unknown(Kind::Link, id))
    }

    /// The place of the pattern `id`; an empty one means none.
    pub(super) fn pattern(&self, id: &str) -> Result<Option<usize>, Mistake> {
        match self.pattern_names.get(id) {
            Some(&place) => Ok(Some(place)),
            None if id.is_empty() => Ok(None),
            None => Err(Mistake::unknown(Kind::Pattern, id)),
        }
    }

    /// The place of the curve `id`.
    pub(super) fn curve(&self, id: &str) -> Result<usize, Mistake> {
        let found = self.curve_names.get(id).copied();
        found.ok_or_else(|| Mistake::unknown(Kind::Curve, id))
    }

    /// The node is a junction, not a tank or reservoir.
    pub(super) fn is_junction(&self, node: usize) -> bool {
        matches!(self.nodes[node].body, NodeBody::Junction(_))
    }

    /// The node is a reservoir, whose level never changes.
    pub(super) fn is_reservoir(&self, node: usize) -> bool {
        matches!(&self.nodes[node].body, NodeBody::Tank(tank) if tank.is_reservoir())
    }

    /// The tank or reservoir at `node`.
    pub(super) fn tank_mut(&mut self, node: usize) -> Option<&mut TankDraft> {
        match &mut self.nodes[node].body {
            NodeBody::Tank(tank) => Some(tank),
            NodeBody::Junction(_) => None,
        }
    }

    fn check_id(&self, id: &str) -> Result<(), Mistake> {
        let bytes = if self.is_latin1 {
            id.chars().count()
        } else {
            id.len()
        };
        if bytes > LONGEST_ID {
            let message = format!("the name {} is too long", quoted(id));
            let hint = format!("use at most {LONGEST_ID} characters");
            return Err(Mistake::new(252, message, hint));
        }
        Ok(())
    }
}

fn check_room(count: usize, what: &str) -> Result<(), Mistake> {
    if count >= MOST_PARTS {
        let message = format!("there are more than {MOST_PARTS} {what}");
        return Err(Mistake::new(101, message, "split the network"));
    }
    Ok(())
}

fn duplicate(what: &str, id: &str, line: u32) -> Mistake {
    let message = format!("there is a {what} {} already", quoted(id));
    let hint = format!("it stands on line {line}; give one of them another name");
    Mistake::new(215, message, hint)
}

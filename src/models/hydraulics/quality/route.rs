//! The order in which water passes the nodes, upstream first.
//!
//! Kahn's topological sort over the links that flow (Kahn, A. B., 1962, "Topological
//! sorting of large networks", Comm. ACM 5). Negligible flows do not order nodes, since
//! they make cycles that are not there. Where a cycle remains (through pumps, say), it is
//! cut at a neighbour of the node that was sorted last, which is also what EPANET 2.2 does.

use crate::models::hydraulics::network::Network;

/// Below this a flow has no direction, m³/s (0.005 gallons per minute, as in EPANET).
const STAGNANT: f64 = 0.005 / 448.831 * 0.3048 * 0.3048 * 0.3048;

/// Which way a link flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Direction {
    /// From its end to its start.
    Backward,
    /// Hardly at all.
    #[default]
    Still,
    /// From its start to its end.
    Forward,
}

impl Direction {
    /// Of `flow`, m³/s.
    pub(super) fn of(flow: f64) -> Self {
        match flow {
            _ if flow.abs() < STAGNANT => Self::Still,
            _ if flow < 0.0 => Self::Backward,
            _ => Self::Forward,
        }
    }

    /// Both flow, and against each other.
    pub(super) fn opposes(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Forward, Self::Backward) | (Self::Backward, Self::Forward)
        )
    }

    /// -1, 0 or 1.
    pub(super) fn sign(self) -> i64 {
        match self {
            Self::Backward => -1,
            Self::Still => 0,
            Self::Forward => 1,
        }
    }

    /// The direction with this sign.
    pub(super) fn from_sign(sign: i64) -> Option<Self> {
        match sign {
            -1 => Some(Self::Backward),
            0 => Some(Self::Still),
            1 => Some(Self::Forward),
            _ => None,
        }
    }
}

/// A flow that is large enough to bring what a source adds, m³/s.
pub(super) fn flows(flow: f64) -> bool {
    flow > STAGNANT
}

/// The links at every node; never changes.
#[derive(Clone, Debug)]
pub(super) struct Adjacency {
    /// `(from, to)` by link.
    ends: Vec<[usize; 2]>,
    /// Where the links of each node begin in `links`, and where the last one's end.
    begins: Vec<usize>,
    links: Vec<usize>,
}

impl Adjacency {
    /// Of `network`.
    pub(super) fn new(network: &Network) -> Self {
        let ends: Vec<_> = network
            .links
            .iter()
            .map(|link| [link.from, link.to])
            .collect();
        let mut begins = vec![0; network.node_count() + 1];
        for &node in ends.iter().flatten() {
            begins[node + 1] += 1;
        }
        for node in 1..begins.len() {
            begins[node] += begins[node - 1];
        }
        let mut links = vec![0; 2 * ends.len()];
        let mut next = begins.clone();
        // The last link first: where a cycle must be cut, the order decides, and this is EPANET's.
        for (link, nodes) in ends.iter().enumerate().rev() {
            for &node in nodes {
                links[next[node]] = link;
                next[node] += 1;
            }
        }
        Self {
            ends,
            begins,
            links,
        }
    }

    /// The links at `node`.
    pub(super) fn at(&self, node: usize) -> &[usize] {
        &self.links[self.begins[node]..self.begins[node + 1]]
    }

    /// The node to which `link` flows; still water counts as flowing forward.
    pub(super) fn downstream(&self, link: usize, direction: Direction) -> usize {
        self.ends[link][usize::from(direction != Direction::Backward)]
    }

    /// `(from, to)` of `link`.
    pub(super) fn ends(&self, link: usize) -> [usize; 2] {
        self.ends[link]
    }

    fn opposite(&self, link: usize, node: usize) -> usize {
        let [from, to] = self.ends[link];
        if from == node { to } else { from }
    }

    fn node_count(&self) -> usize {
        self.begins.len() - 1
    }
}

/// Every node with the links that bring it water and those that take it, upstream first.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    stops: Vec<Stop>,
    links: Vec<usize>,
}

/// Places in [`Route::links`] of the links of one node.
#[derive(Clone, Copy, Debug)]
struct Stop {
    node: usize,
    inflows: usize,
    outflows: usize,
    end: usize,
}

impl Route {
    /// Under flows in `directions`.
    pub(super) fn new(adjacency: &Adjacency, directions: &[Direction]) -> Self {
        let mut route = Self::default();
        for node in sorted(adjacency, directions) {
            let arrives = |link: &usize| adjacency.downstream(*link, directions[*link]) == node;
            let at = adjacency.at(node).iter().copied();
            let inflows = route.links.len();
            route.links.extend(at.clone().filter(arrives));
            let outflows = route.links.len();
            route.links.extend(at.filter(|link| !arrives(link)));
            route.stops.push(Stop {
                node,
                inflows,
                outflows,
                end: route.links.len(),
            });
        }
        route
    }

    /// `(node, links that flow in, links that flow out)`, upstream first.
    pub(super) fn stops(&self) -> impl Iterator<Item = (usize, &[usize], &[usize])> {
        self.stops.iter().map(|stop| {
            (
                stop.node,
                &self.links[stop.inflows..stop.outflows],
                &self.links[stop.outflows..stop.end],
            )
        })
    }
}

/// The nodes, upstream first.
fn sorted(adjacency: &Adjacency, directions: &[Direction]) -> Vec<usize> {
    let count = adjacency.node_count();
    // By node, the links that flow to it from nodes not yet sorted.
    let mut awaited = vec![0_usize; count];
    for (link, &direction) in directions.iter().enumerate() {
        if direction != Direction::Still {
            awaited[adjacency.downstream(link, direction)] += 1;
        }
    }
    let mut ready: Vec<usize> = (0..count).filter(|&node| awaited[node] == 0).collect();
    let mut order = Vec::with_capacity(count);
    // Sorted nodes, the last on top, less those at the top that no longer await a neighbour.
    let mut passed = Vec::new();
    let mut first_waiting = 0;
    while order.len() < count {
        let Some(node) = ready
            .pop()
            .or_else(|| cut(adjacency, &mut awaited, &mut passed, &mut first_waiting))
        else {
            break;
        };
        order.push(node);
        passed.push(node);
        for &link in adjacency.at(node) {
            let next = adjacency.downstream(link, directions[link]);
            if directions[link] != Direction::Still && next != node && awaited[next] > 0 {
                awaited[next] -= 1;
                if awaited[next] == 0 {
                    ready.push(next);
                }
            }
        }
    }
    order
}

/// The node at which to cut a cycle; it waits no longer.
fn cut(
    adjacency: &Adjacency,
    awaited: &mut [usize],
    passed: &mut Vec<usize>,
    first_waiting: &mut usize,
) -> Option<usize> {
    let mut found = None;
    while let Some(&node) = passed.last() {
        found = adjacency
            .at(node)
            .iter()
            .map(|&link| adjacency.opposite(link, node))
            .find(|&other| awaited[other] > 0);
        if found.is_some() {
            break;
        }
        // Nobody starts to wait later, so this node need not be looked at again.
        passed.pop();
    }
    if found.is_none() {
        while awaited.get(*first_waiting) == Some(&0) {
            *first_waiting += 1;
        }
        found = (*first_waiting < awaited.len()).then_some(*first_waiting);
    }
    if let Some(node) = found {
        awaited[node] = 0;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::hydraulics::network::{Junction, Link, LinkKind, Pipe, Status};

    fn adjacency(nodes: usize, ends: &[[usize; 2]]) -> Adjacency {
        let link = |&[from, to]: &[usize; 2]| Link {
            tag: String::new(),
            from,
            to,
            kind: LinkKind::Pipe(Pipe::default()),
            status: Status::Open,
            setting: None,
        };
        Adjacency::new(&Network {
            junctions: vec![Junction::default(); nodes],
            links: ends.iter().map(link).collect(),
            ..Network::default()
        })
    }

    #[test]
    fn every_node_comes_after_those_that_feed_it() {
        use Direction::{Backward, Forward, Still};
        let graph = adjacency(5, &[[0, 1], [2, 1], [1, 3], [3, 0], [3, 4]]);
        let directions = [Forward, Backward, Forward, Still, Forward];
        let order = sorted(&graph, &directions);
        let place = |node| order.iter().position(|&other| other == node);
        for (link, &direction) in directions.iter().enumerate() {
            let [from, to] = graph.ends(link);
            match direction {
                Forward => assert!(place(from) < place(to), "{order:?}"),
                Backward => assert!(place(to) < place(from), "{order:?}"),
                Still => {}
            }
        }
    }

    #[test]
    fn a_cycle_is_cut_and_every_node_visited_once() {
        let graph = adjacency(6, &[[0, 1], [1, 2], [2, 0], [3, 4], [4, 3], [5, 5]]);
        let mut order = sorted(&graph, &[Direction::Forward; 6]);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_trickle_has_no_direction() {
        assert_eq!(Direction::of(1e-8), Direction::Still);
        assert_eq!(Direction::of(-1e-6), Direction::Backward);
        assert_eq!(Direction::of(1e-6), Direction::Forward);
    }
}

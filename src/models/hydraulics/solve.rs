//! Heads and flows of one instant: the global gradient algorithm.
//!
//! ```text
//! Σ q_in − Σ q_out = D_i                      at every junction
//! H_a − H_b = h(q)                            along every link a → b
//! q' = q − (h(q) − (H_a − H_b)) / h'(q)       Newton's step
//! ```
//!
//! Putting the last into the first leaves one symmetric, positive definite system for
//! the heads (Todini & Pilati 1988; EPANET 2.2 user manual, chapter 12). Every iterate
//! meets the mass balance; iterations end when flows no longer change.
//!
//! What a flow may not do (backwards through a check valve or pump, out of an empty
//! tank, into a full one) is settled between iterations, as in EPANET's `hydstatus.c`:
//! such a link is *held shut* until the heads would drive it the allowed way again.
//! Junctions with no open way to a source are *cut off*: they get no water, and their
//! pressure reads zero.

use std::sync::Arc;

use super::headloss::Law;
use super::network::Network;
use super::sparse::{Factor, Structure};

/// Flows have settled when their total change is below this share of their total.
const ACCURACY: f64 = 1e-6;
/// Flows below this are none, m³/s.
const FLOW_TOLERANCE: f64 = 1e-6;
/// Heads closer than this are equal, m.
const HEAD_TOLERANCE: f64 = 1e-4;
/// Among the first iterations, every how many the held links are looked at.
const CHECK_EVERY: u32 = 2;
/// After this many iterations they are looked at only when flows have settled.
const CHECK_UNTIL: u32 = 10;
/// After this many, held links stay as they are and steps are shortened.
const PATIENCE: u32 = 60;
/// After this many the solve has failed.
const MOST_ITERATIONS: u32 = 200;

/// What one instant asks of the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// How each link answers.
    pub laws: Vec<Law>,
    /// Demand of each junction, m³/s.
    pub demands: Vec<f64>,
    /// Leak of each junction, m³/s per √m of pressure head.
    pub leaks: Vec<f64>,
    /// Head of each reservoir, then of each tank, m.
    pub fixed_heads: Vec<f64>,
    /// Tanks that nothing can be drawn from.
    pub empty: Vec<bool>,
    /// Tanks that take nothing more.
    pub full: Vec<bool>,
}

/// Heads and flows. Those of one instant are where the search for the next begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Solution {
    /// Head of each node, m.
    pub heads: Vec<f64>,
    /// Flow of each link, m³/s.
    pub flows: Vec<f64>,
    /// Leakage of each junction, m³/s.
    pub leakage: Vec<f64>,
    /// Links held shut by what a flow may not do.
    pub held: Vec<bool>,
    /// Nodes with no open way to a source.
    pub cut_off: Vec<bool>,
}

/// How a solve went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SolveReport {
    /// Linear systems solved.
    pub iterations: u32,
    /// Largest imbalance of a junction, as a share of the largest flow.
    pub residual: f64,
}

/// Why a solve failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SolveFailure {
    /// The flows did not settle.
    NotSettled {
        /// Linear systems solved.
        iterations: u32,
        /// Total change of the flows in the last one, as a share of their total.
        change: f64,
    },
    /// The equations have no single answer at this node.
    Singular {
        /// The node.
        node: usize,
    },
}

/// The network with room to compute in. Clones share what never changes.
#[derive(Clone, Debug)]
pub struct Solver {
    network: Arc<Network>,
    structure: Arc<Structure>,
    /// The edge of the structure of each link between two junctions.
    edges: Arc<Vec<Option<usize>>>,
    factor: Factor,
    unknowns: Vec<f64>,
    /// The Newton step of each link, then of each leak: `flow = constant + conductance · drop`.
    conductance: Vec<f64>,
    constant: Vec<f64>,
}

impl Solver {
    /// A solver for `network`.
    pub fn new(network: Arc<Network>) -> Self {
        let unknowns = network.junctions.len();
        let mut edges = Vec::with_capacity(network.links.len());
        let mut pairs = Vec::new();
        for link in &network.links {
            let inner = link.from < unknowns && link.to < unknowns;
            edges.push(inner.then_some(pairs.len()));
            if inner {
                pairs.push((link.from, link.to));
            }
        }
        Self {
            structure: Arc::new(Structure::new(unknowns, &pairs)),
            edges: Arc::new(edges),
            factor: Factor::default(),
            unknowns: vec![0.0; unknowns],
            conductance: vec![0.0; network.links.len() + unknowns],
            constant: vec![0.0; network.links.len() + unknowns],
            network,
        }
    }

    /// What it solves for.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// A first guess, with nothing held.
    pub fn first_guess(&self) -> Solution {
        let (nodes, links) = (self.network.node_count(), &self.network.links);
        Solution {
            heads: (0..nodes)
                .map(|node| self.network.elevation(node))
                .collect(),
            flows: links.iter().map(|link| link.first_guess()).collect(),
            leakage: vec![0.0; self.network.junctions.len()],
            held: vec![false; links.len()],
            cut_off: vec![false; nodes],
        }
    }

    /// Solves for the instant of `conditions`, beginning from what `solution` holds.
    pub fn solve(
        &mut self,
        conditions: &Conditions,
        solution: &mut Solution,
    ) -> Result<SolveReport, SolveFailure> {
        let junctions = self.network.junctions.len();
        solution.heads[junctions..].copy_from_slice(&conditions.fixed_heads);
        self.release(conditions, solution);
        self.find_cut_off(conditions, solution);
        for iterations in 1..=MOST_ITERATIONS {
            self.assemble(conditions, solution);
            self.factor
                .factorise(&self.structure)
                .map_err(|node| SolveFailure::Singular { node })?;
            self.factor.solve(&self.structure, &mut self.unknowns);
            solution.heads[..junctions].copy_from_slice(&self.unknowns);
            let change = self.update_flows(solution, iterations > PATIENCE);
            if !change.is_finite() {
                return Err(SolveFailure::NotSettled { iterations, change });
            }
            let settled = change < ACCURACY;
            let early = iterations <= CHECK_UNTIL && iterations % CHECK_EVERY == 0;
            if iterations <= PATIENCE
                && (settled || early)
                && self.update_held(conditions, solution)
            {
                self.find_cut_off(conditions, solution);
            } else if settled {
                let residual = self.imbalance(conditions, solution);
                return Ok(SolveReport {
                    iterations,
                    residual,
                });
            } else if iterations == MOST_ITERATIONS {
                return Err(SolveFailure::NotSettled { iterations, change });
            }
        }
        unreachable!("the last iteration returns")
    }

    /// Links that the conditions close flow nothing; those held for no more reason are let go.
    fn release(&self, conditions: &Conditions, solution: &mut Solution) {
        for (index, law) in conditions.laws.iter().enumerate() {
            let (forward, backward) = self.allowed(conditions, index);
            if *law == Law::Closed || forward && backward {
                solution.held[index] = false;
            }
            let stopped = *law == Law::Closed || solution.held[index];
            if stopped {
                solution.flows[index] = 0.0;
            } else if solution.flows[index] == 0.0 {
                solution.flows[index] = self.network.links[index].first_guess();
            }
        }
    }

    /// The linear system of one Newton step: the matrix, and the right-hand side in `unknowns`.
    fn assemble(&mut self, conditions: &Conditions, solution: &Solution) {
        let junctions = self.network.junctions.len();
        let structure = &self.structure;
        self.factor.clear(structure);
        for (node, demand) in conditions.demands.iter().enumerate() {
            if solution.cut_off[node] {
                self.factor.add_diagonal(structure, node, 1.0);
                self.unknowns[node] = self.network.junctions[node].elevation;
            } else {
                self.unknowns[node] = -demand;
            }
        }
        for (index, link) in self.network.links.iter().enumerate() {
            let (from, to) = (link.from, link.to);
            let loss = conditions.laws[index].loss(solution.flows[index]);
            let dry = solution.cut_off[from] || solution.cut_off[to];
            let Some(loss) = loss.filter(|_| !solution.held[index] && !dry) else {
                self.conductance[index] = 0.0;
                self.constant[index] = 0.0;
                continue;
            };
            let conductance = 1.0 / loss.gradient;
            let constant = solution.flows[index] - conductance * loss.head;
            self.conductance[index] = conductance;
            self.constant[index] = constant;
            for (node, other, inflow) in [(from, to, -constant), (to, from, constant)] {
                if node >= junctions {
                    continue;
                }
                self.factor.add_diagonal(structure, node, conductance);
                self.unknowns[node] += inflow;
                if other >= junctions {
                    self.unknowns[node] += conductance * solution.heads[other];
                }
            }
            if let Some(edge) = self.edges[index] {
                self.factor.add_edge(structure, edge, -conductance);
            }
        }
        let links = self.network.links.len();
        for node in 0..junctions {
            let leak = leak_step(&self.network, conditions, solution, node);
            let (conductance, constant) = leak.unwrap_or_default();
            self.conductance[links + node] = conductance;
            self.constant[links + node] = constant;
            if leak.is_some() {
                let elevation = self.network.junctions[node].elevation;
                self.factor.add_diagonal(structure, node, conductance);
                self.unknowns[node] += conductance * elevation - constant;
            }
        }
    }

    /// Flows under the new heads; the total change as a share of the total flow.
    fn update_flows(&self, solution: &mut Solution, shortened: bool) -> f64 {
        let share = if shortened { 0.5 } else { 1.0 };
        let (mut change, mut total) = (0.0, 0.0);
        let mut update = |flow: &mut f64, index: usize, drop: f64| {
            let next = self.constant[index] + self.conductance[index] * drop;
            let step = share * (next - *flow);
            *flow += step;
            change += step.abs();
            total += flow.abs();
        };
        let links = &self.network.links;
        for (index, link) in links.iter().enumerate() {
            let drop = solution.heads[link.from] - solution.heads[link.to];
            update(&mut solution.flows[index], index, drop);
        }
        for (node, junction) in self.network.junctions.iter().enumerate() {
            let pressure = solution.heads[node] - junction.elevation;
            update(&mut solution.leakage[node], links.len() + node, pressure);
        }
        if total > FLOW_TOLERANCE {
            change / total
        } else {
            change
        }
    }

    /// Which ways a flow may take through a link: `(forward, backward)`.
    fn allowed(&self, conditions: &Conditions, index: usize) -> (bool, bool) {
        let link = &self.network.links[index];
        let is = |which: &[bool], node| self.network.tank_at(node).is_some_and(|tank| which[tank]);
        let forward = !is(&conditions.empty, link.from) && !is(&conditions.full, link.to);
        let backward = !link.is_one_way()
            && !is(&conditions.empty, link.to)
            && !is(&conditions.full, link.from);
        (forward, backward)
    }

    /// Holds links whose flow goes where it may not, and lets others go; true if any changed.
    fn update_held(&self, conditions: &Conditions, solution: &mut Solution) -> bool {
        let mut changed = false;
        for (index, link) in self.network.links.iter().enumerate() {
            let law = &conditions.laws[index];
            let (forward, backward) = self.allowed(conditions, index);
            if *law == Law::Closed || forward && backward {
                continue;
            }
            let drop = solution.heads[link.from] - solution.heads[link.to];
            let drive = drop + law.lift_at_rest();
            let flow = solution.flows[index];
            let held = if solution.held[index] {
                // A junction that is itself cut off drives nothing.
                let opens_forward =
                    forward && drive > HEAD_TOLERANCE && !solution.cut_off[link.from];
                let opens_backward =
                    backward && drive < -HEAD_TOLERANCE && !solution.cut_off[link.to];
                !(opens_forward || opens_backward)
            } else {
                let (wrong, back) = (flow > FLOW_TOLERANCE, flow < -FLOW_TOLERANCE);
                wrong && !forward || back && !backward || !forward && !backward
            };
            if held != solution.held[index] {
                solution.held[index] = held;
                solution.flows[index] = if held { 0.0 } else { link.first_guess() };
                changed = true;
            }
        }
        changed
    }

    /// Marks the nodes that no open link joins, directly or not, to a reservoir or tank.
    fn find_cut_off(&self, conditions: &Conditions, solution: &mut Solution) {
        let junctions = self.network.junctions.len();
        let cut_off = &mut solution.cut_off;
        cut_off[..junctions].fill(true);
        cut_off[junctions..].fill(false);
        // Each round carries the water at least one link further. Rounds alternate in
        // direction, and real networks are numbered along their pipes: few are needed.
        let mut spreads = true;
        while spreads {
            spreads = false;
            let mut visit = |index: usize| {
                let link = &self.network.links[index];
                let open = conditions.laws[index] != Law::Closed && !solution.held[index];
                if open && cut_off[link.from] != cut_off[link.to] {
                    cut_off[link.from] = false;
                    cut_off[link.to] = false;
                    spreads = true;
                }
            };
            (0..self.network.links.len()).for_each(&mut visit);
            (0..self.network.links.len()).rev().for_each(&mut visit);
        }
        for node in (0..junctions).filter(|&node| cut_off[node]) {
            solution.heads[node] = self.network.junctions[node].elevation;
            solution.leakage[node] = 0.0;
        }
    }

    /// The largest imbalance of a junction, as a share of the largest flow.
    fn imbalance(&mut self, conditions: &Conditions, solution: &Solution) -> f64 {
        let junctions = self.network.junctions.len();
        let balance = &mut self.unknowns;
        let taken = conditions.demands.iter().zip(&solution.leakage);
        for (place, (demand, leakage)) in balance.iter_mut().zip(taken) {
            *place = -demand - leakage;
        }
        let mut largest = FLOW_TOLERANCE;
        for (link, &flow) in self.network.links.iter().zip(&solution.flows) {
            largest = largest.max(flow.abs());
            if link.from < junctions {
                balance[link.from] -= flow;
            }
            if link.to < junctions {
                balance[link.to] += flow;
            }
        }
        let supplied = (0..junctions).filter(|&node| !solution.cut_off[node]);
        supplied
            .map(|node| balance[node].abs() / largest)
            .fold(0.0, f64::max)
    }
}

/// The leak of a junction around its present head: `(conductance, constant)` such that the
/// leakage under another head is `constant + conductance (H − elevation)`; `None` without one.
///
/// `q = c √p`, a straight line for the last centimetre, and nothing under a vacuum.
fn leak_step(
    network: &Network,
    conditions: &Conditions,
    solution: &Solution,
    node: usize,
) -> Option<(f64, f64)> {
    const LINE_BELOW: f64 = 0.01; // m
    let coefficient = conditions.leaks[node];
    if coefficient <= 0.0 || solution.cut_off[node] {
        return None;
    }
    let pressure = solution.heads[node] - network.junctions[node].elevation;
    if pressure <= 0.0 {
        return Some((coefficient * 1e-6, 0.0));
    }
    if pressure < LINE_BELOW {
        return Some((coefficient / LINE_BELOW.sqrt(), 0.0));
    }
    let conductance = coefficient / (2.0 * pressure.sqrt());
    Some((conductance, conductance * pressure))
}

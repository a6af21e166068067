//! Pressurised water networks: an algebraic solve, with the tanks as state.
//!
//! ```text
//! A dh/dt = Σ q_in − Σ q_out        each tank, forward Euler
//! ```
//!
//! A communication step is cut into internal steps no longer than the network's own,
//! and at the instants when a tank fills up or runs empty or a demand changes, as
//! EPANET does. Each internal step solves for heads and flows ([`solve`]) under the
//! levels, demands and settings of its beginning.
//!
//! Read [`network`] first, then [`headloss`] and [`pump`], then [`solve`].
//!
//! Limitations: demands are met whatever the pressure; tanks are cylinders; no
//! pressure-reducing and similar automatic valves; Hazen–Williams friction only.

mod compile;
pub mod headloss;
pub mod network;
pub mod pattern;
pub mod ports;
pub mod pump;
pub mod solve;
pub mod sparse;
pub mod spec;

use std::sync::Arc;

use headloss::Law;
use network::{LinkKind, Network};
use ports::{LinkResult, NodeResult, Role, Setting};
use pump::Duty;
use solve::{Conditions, Solution, SolveFailure, Solver};

use super::config::{self, Reader};
use super::{Facts, Model, ModelError, ModelState, Port, Start, StepReport, StepSpan};
use crate::problem::Problem;
use crate::time::Timestamp;
use crate::units::{GRAVITY, WATER_DENSITY};

/// An internal step is never cut shorter than this, s, however soon something happens.
const SHORTEST_STEP: f64 = 1.0;
/// A tank this close to its end is empty or full, m.
const LEVEL_TOLERANCE: f64 = 1e-6;

/// A water network as a model of the plant.
#[derive(Clone, Debug)]
pub struct Hydraulics {
    name: Arc<str>,
    ports: Arc<Vec<Port>>,
    roles: Arc<Vec<Role>>,
    solver: Solver,
    /// What the inputs of this step ask for.
    settings: Settings,
    conditions: Conditions,
    // The state.
    levels: Vec<f64>,
    solution: Solution,
}

/// The inputs of one step, by element.
#[derive(Clone, Debug, Default)]
struct Settings {
    demand_factors: Vec<f64>,
    reservoir_levels: Vec<f64>,
    duties: Vec<Duty>,
}

/// Builds the model `name` from its configuration; see [`spec`].
pub fn build(name: &str, text: &str, facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    let spec: spec::NetworkSpec = config::read(text)?;
    let mut reader = Reader::new(text, facts);
    let network = compile::network(&spec, &mut reader);
    if !reader.is_clean() {
        return Err(reader.into_problems());
    }
    Ok(Box::new(Hydraulics::new(name, network)))
}

impl Hydraulics {
    /// A model of `network`.
    pub fn new(name: &str, network: Network) -> Self {
        let (ports, roles) = ports::of(&network);
        let junctions = network.junctions.len();
        let settings = Settings {
            demand_factors: vec![1.0; junctions],
            reservoir_levels: network.reservoirs.iter().map(|found| found.level).collect(),
            duties: vec![Duty::FULL; network.links.len()],
        };
        let conditions = Conditions {
            laws: vec![Law::Closed; network.links.len()],
            demands: vec![0.0; junctions],
            leaks: vec![0.0; junctions],
            fixed_heads: vec![0.0; network.node_count() - junctions],
            empty: vec![false; network.tanks.len()],
            full: vec![false; network.tanks.len()],
        };
        let levels = network.tanks.iter().map(|tank| tank.level).collect();
        let solver = Solver::new(Arc::new(network));
        Self {
            name: name.into(),
            ports: Arc::new(ports),
            roles: Arc::new(roles),
            solution: solver.first_guess(),
            solver,
            settings,
            conditions,
            levels,
        }
    }

    /// Takes the inputs of this step; a value that is none counts as the default.
    fn read_inputs(&mut self, values: &[f64]) {
        let network = self.solver.network();
        for (place, (port, role)) in self.ports.iter().zip(self.roles.iter()).enumerate() {
            let (given, default) = (values[place], port.default.unwrap_or(0.0));
            let value = if given.is_finite() { given } else { default };
            match *role {
                Role::DemandFactor(index) => self.settings.demand_factors[index] = value,
                Role::Leak(index) => self.conditions.leaks[index] = value.max(0.0),
                Role::ReservoirLevel(index) => self.settings.reservoir_levels[index] = value,
                Role::Setting(index, setting) => {
                    let duty = &mut self.settings.duties[index];
                    match setting {
                        Setting::Main => duty.set_running(value),
                        Setting::Speed => duty.set_speed(value),
                        Setting::Wear => duty.set_wear(value),
                    }
                    self.conditions.laws[index] = match &network.links[index].kind {
                        LinkKind::Pipe(pipe) => pipe.law(value >= 0.5),
                        LinkKind::Pump(pump) => pump.law(*duty),
                        LinkKind::Valve(valve) => valve.law(value),
                    };
                }
                Role::TankLevel(_) | Role::Node(..) | Role::Link(..) => {}
            }
        }
    }

    /// Solves for the instant `at` under the present levels and settings.
    fn solve(&mut self, at: Timestamp, report: &mut StepReport) -> Result<(), ModelError> {
        let network = self.solver.network();
        let conditions = &mut self.conditions;
        for (index, junction) in network.junctions.iter().enumerate() {
            let factor = junction
                .pattern
                .map_or(1.0, |place| network.patterns[place].factor(at));
            conditions.demands[index] =
                junction.demand * factor * self.settings.demand_factors[index];
        }
        for (index, reservoir) in network.reservoirs.iter().enumerate() {
            conditions.fixed_heads[index] =
                reservoir.bottom + self.settings.reservoir_levels[index];
        }
        let reservoirs = network.reservoirs.len();
        for (index, (tank, &level)) in network.tanks.iter().zip(&self.levels).enumerate() {
            conditions.fixed_heads[reservoirs + index] = tank.bottom + level;
            conditions.empty[index] = level <= tank.min + LEVEL_TOLERANCE;
            conditions.full[index] = !tank.overflow && level >= tank.max - LEVEL_TOLERANCE;
        }
        let solved = self.solver.solve(conditions, &mut self.solution);
        let found = solved.map_err(|failure| self.error(failure))?;
        report.solves += 1;
        report.iterations += found.iterations;
        report.residual = report.residual.max(found.residual);
        Ok(())
    }

    fn error(&self, failure: SolveFailure) -> ModelError {
        let model = self.name.to_string();
        match failure {
            SolveFailure::NotSettled { iterations, change } => ModelError::NotConverged {
                model,
                iterations,
                residual: change,
            },
            SolveFailure::Singular { node } => ModelError::Singular {
                model,
                element: self.solver.network().node_tag(node).to_owned(),
            },
        }
    }

    /// Net flow into tank `index`, m³/s.
    fn inflow(&self, index: usize) -> f64 {
        let network = self.solver.network();
        let node = network.tank_node(index);
        let flows = network.links.iter().zip(&self.solution.flows);
        flows
            .map(|(link, flow)| match (link.from == node, link.to == node) {
                (true, _) => -flow,
                (_, true) => *flow,
                _ => 0.0,
            })
            .sum()
    }

    /// What tank `index` spills: all that still comes in when it is full, m³/s.
    fn overflow(&self, index: usize) -> f64 {
        let tank = &self.solver.network().tanks[index];
        let full = tank.overflow && self.levels[index] >= tank.max - LEVEL_TOLERANCE;
        if full {
            self.inflow(index).max(0.0)
        } else {
            0.0
        }
    }

    /// The next internal step from `at`, at most `longest`, s, under these `inflows`.
    fn internal_step(&self, at: Timestamp, longest: f64, inflows: &[f64]) -> f64 {
        let network = self.solver.network();
        let mut step = longest.min(network.step);
        for pattern in &network.patterns {
            step = step.min(pattern.secs_to_next(at));
        }
        for (index, tank) in network.tanks.iter().enumerate() {
            let (level, rate) = (self.levels[index], inflows[index] / tank.area);
            let room = if rate > 0.0 {
                tank.max - level
            } else {
                tank.min - level
            };
            if room.abs() > LEVEL_TOLERANCE && rate != 0.0 {
                step = step.min(room / rate);
            }
        }
        step.max(SHORTEST_STEP).min(longest)
    }

    /// Moves the tanks on by `step`, s.
    fn advance_tanks(&mut self, step: f64, inflows: &[f64]) {
        for (index, tank) in self.solver.network().tanks.iter().enumerate() {
            let level = self.levels[index] + inflows[index] * step / tank.area;
            self.levels[index] = level.clamp(tank.min, tank.max);
        }
    }

    /// Writes what the instant of the last solve looks like.
    fn write_outputs(&self, values: &mut [f64], report: &mut StepReport) {
        for (value, role) in values.iter_mut().zip(self.roles.iter()) {
            match *role {
                Role::TankLevel(index) => *value = self.levels[index],
                Role::Node(node, result) => *value = self.node_result(node, result),
                Role::Link(index, result) => *value = self.link_result(index, result),
                Role::DemandFactor(_) | Role::Leak(_) => {}
                Role::ReservoirLevel(_) | Role::Setting(..) => {}
            }
        }
        let junctions = 0..self.conditions.demands.len();
        let strained = junctions.filter(|&node| {
            self.conditions.demands[node] > 0.0
                && (self.solution.cut_off[node] || self.pressure(node) < 0.0)
        });
        report.warnings += strained.count() as u32;
    }

    /// Pressure at `node`, Pa.
    fn pressure(&self, node: usize) -> f64 {
        let head = self.solution.heads[node] - self.solver.network().elevation(node);
        WATER_DENSITY * GRAVITY * head
    }

    fn node_result(&self, node: usize, result: NodeResult) -> f64 {
        let network = self.solver.network();
        let tank = network.tank_at(node).unwrap_or_default();
        match result {
            NodeResult::Pressure => self.pressure(node),
            NodeResult::Demand if self.solution.cut_off[node] => 0.0,
            NodeResult::Demand => self.conditions.demands[node] + self.solution.leakage[node],
            NodeResult::Volume => self.levels[tank] * network.tanks[tank].area,
            NodeResult::Inflow => self.inflow(tank),
            NodeResult::Overflow => self.overflow(tank),
        }
    }

    fn link_result(&self, index: usize, result: LinkResult) -> f64 {
        let link = &self.solver.network().links[index];
        let (flow, duty) = (self.solution.flows[index], self.settings.duties[index]);
        let drop = self.solution.heads[link.from] - self.solution.heads[link.to];
        match (result, &link.kind) {
            (LinkResult::Flow, _) => flow,
            (LinkResult::Headloss, _) => drop,
            (LinkResult::Pressure, _) => 0.5 * (self.pressure(link.from) + self.pressure(link.to)),
            (LinkResult::Suction, _) => self.pressure(link.from),
            (LinkResult::Discharge, _) => self.pressure(link.to),
            (LinkResult::Velocity, LinkKind::Pipe(pipe)) => pipe.velocity(flow),
            (LinkResult::Head, LinkKind::Pump(pump)) => pump.head(duty, flow),
            (LinkResult::Power, LinkKind::Pump(pump)) => pump.power(duty, flow),
            (LinkResult::Efficiency, LinkKind::Pump(pump)) => pump.efficiency(duty, flow),
            (_, LinkKind::Pipe(_) | LinkKind::Pump(_) | LinkKind::Valve(_)) => 0.0,
        }
    }
}

impl Model for Hydraulics {
    fn name(&self) -> &str {
        &self.name
    }

    fn ports(&self) -> &[Port] {
        &self.ports
    }

    fn initialise(
        &mut self,
        start: &Start<'_>,
        values: &mut [f64],
    ) -> Result<StepReport, ModelError> {
        self.solution = self.solver.first_guess();
        let network = self.solver.network();
        for (known, role) in start.known.iter().zip(self.roles.iter()) {
            if let Role::TankLevel(index) = *role {
                let tank = &network.tanks[index];
                let level = known
                    .filter(|level| level.is_finite())
                    .unwrap_or(tank.level);
                self.levels[index] = level.clamp(tank.min, tank.max);
            }
        }
        let mut report = StepReport::default();
        self.read_inputs(values);
        self.solve(start.at, &mut report)?;
        self.write_outputs(values, &mut report);
        Ok(report)
    }

    fn step(&mut self, span: StepSpan, values: &mut [f64]) -> Result<StepReport, ModelError> {
        let mut report = StepReport::default();
        self.read_inputs(values);
        let (mut done, length) = (0.0, span.dt_secs());
        let tanks = 0..self.levels.len();
        while done < length {
            let at = span.at.plus_secs(done);
            self.solve(at, &mut report)?;
            let inflows: Vec<f64> = tanks.clone().map(|index| self.inflow(index)).collect();
            let step = self.internal_step(at, length - done, &inflows);
            self.advance_tanks(step, &inflows);
            done += step;
        }
        self.solve(span.end(), &mut report)?;
        self.write_outputs(values, &mut report);
        Ok(report)
    }

    fn save(&self) -> ModelState {
        let Solution {
            heads,
            flows,
            leakage,
            held,
            cut_off,
        } = &self.solution;
        let flags = held.iter().chain(cut_off);
        ModelState {
            reals: [&self.levels, heads, flows, leakage]
                .into_iter()
                .flatten()
                .copied()
                .collect(),
            integers: flags.map(|&flag| i64::from(flag)).collect(),
        }
    }

    fn restore(&mut self, state: &ModelState) -> Result<(), ModelError> {
        let solution = &mut self.solution;
        let reals = [
            &mut self.levels,
            &mut solution.heads,
            &mut solution.flows,
            &mut solution.leakage,
        ];
        let flags = [&mut solution.held, &mut solution.cut_off];
        let real_count: usize = reals.iter().map(|part| part.len()).sum();
        let flag_count: usize = flags.iter().map(|part| part.len()).sum();
        if (state.reals.len(), state.integers.len()) != (real_count, flag_count) {
            return Err(ModelError::ForeignState {
                model: self.name.to_string(),
            });
        }
        let places = reals.into_iter().flatten();
        places
            .zip(&state.reals)
            .for_each(|(place, &real)| *place = real);
        let places = flags.into_iter().flatten();
        places
            .zip(&state.integers)
            .for_each(|(place, &flag)| *place = flag != 0);
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }
}

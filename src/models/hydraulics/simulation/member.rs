//! One member: where it is in time, what it has been told, what it remembers.

use super::{Effort, PumpDuty, PumpEnergy, SolveFailure, SolveReport};
use crate::models::hydraulics::control::Trigger;
use crate::models::hydraulics::network::{Network, Status};
use crate::models::hydraulics::solver::{CFS, Plan, TankEnds};

/// An opening that lets less pass at a pressure head of 1 m is none, m³/s.
const TIGHT: f64 = 1e-12;

/// What is told to one member from outside; all of it may change at any instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// Factor on the demand of each junction.
    pub demand_factors: Vec<f64>,
    /// Demand added to each junction, m³/s.
    pub added_demands: Vec<f64>,
    /// Flow through a leak at each junction at a pressure head of 1 m, m³/s.
    pub leaks: Vec<f64>,
    /// Level of each reservoir above its bottom, m.
    pub reservoir_levels: Vec<f64>,
    /// Share of each pump's head that wear has left, by link.
    pub sound: Vec<f64>,
    /// Each control: whether it acts, and the head of its trigger, m.
    pub controls: Vec<(bool, f64)>,
    /// Each rule: whether it acts.
    pub rules: Vec<bool>,
}

/// One member of a simulation.
#[derive(Clone, Debug)]
pub struct Member {
    pub(super) inputs: Inputs,
    /// The instant of the last solve, s, or of the one that is due.
    pub(super) time: i64,
    /// How far tanks and rules have come since, s.
    pub(super) cursor: i64,
    /// When the flows of the last solve end to hold, s.
    pub(super) period_end: i64,
    /// The next instant of a report, s.
    pub(super) report_at: i64,
    /// A solve is due before anything else.
    pub(super) due: bool,
    /// Trials of the solve at work.
    pub(super) trial: u32,
    /// The trial after which status is looked at next.
    pub(super) next_check: u32,
    /// Volume of each tank at the cursor, m³.
    pub(super) volumes: Vec<f64>,
    /// Demand of all junctions at the last solve, m³/s.
    pub(super) system_demand: f64,
    /// Nodes that no open link joins to a source, by row.
    pub(super) cut_off: Vec<bool>,
    /// Links held by hand, and what they would be otherwise.
    pub(super) held: Vec<Held>,
    /// By pump.
    pub(super) energy: Vec<PumpEnergy>,
    /// What each pump does since the last solve.
    pub(super) duties: Vec<PumpDuty>,
    /// The highest power of all pumps together, W.
    pub(super) peak_power: f64,
    pub(super) report: SolveReport,
    pub(super) failure: Option<SolveFailure>,
    pub(super) effort: Effort,
    /// Tanks' ends; the same in all members.
    pub(super) tanks: Vec<TankEnds>,
}

/// A link held by hand, and what controls would make of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) link: usize,
    pub(super) status: Status,
    pub(super) setting: Option<f64>,
}

impl Inputs {
    /// What holds when nobody says otherwise.
    pub fn of(network: &Network) -> Self {
        let junctions = network.junctions.len();
        let trigger = |trigger: &Trigger| match *trigger {
            Trigger::Below { head, .. } | Trigger::Above { head, .. } => head,
            Trigger::Time(_) | Trigger::Clock(_) => 0.0,
        };
        Self {
            demand_factors: vec![1.0; junctions],
            added_demands: vec![0.0; junctions],
            leaks: vec![0.0; junctions],
            reservoir_levels: network.reservoirs.iter().map(|found| found.level).collect(),
            sound: vec![1.0; network.links.len()],
            controls: network
                .controls
                .iter()
                .map(|control| (true, trigger(&control.trigger)))
                .collect(),
            rules: vec![true; network.rules.len()],
        }
    }
}

impl Member {
    pub(super) fn new(plan: &Plan) -> Self {
        let network = &plan.network;
        let tanks = network.tanks.iter().map(|tank| TankEnds {
            empty: tank.bottom + tank.min,
            full: tank.bottom + tank.max,
            spills: tank.overflow,
        });
        Self {
            inputs: Inputs::of(network),
            time: 0,
            cursor: 0,
            period_end: 0,
            report_at: 0,
            due: true,
            trial: 0,
            next_check: 0,
            volumes: Vec::new(),
            system_demand: 0.0,
            cut_off: vec![false; plan.rows.len()],
            held: Vec::new(),
            energy: Vec::new(),
            duties: Vec::new(),
            peak_power: 0.0,
            report: SolveReport::default(),
            failure: None,
            effort: Effort::default(),
            tanks: tanks.collect(),
        }
    }

    /// Back to time 0 and the initial levels.
    pub(super) fn reset(&mut self, plan: &Plan) {
        let network = &plan.network;
        let volume = |tank: &super::super::network::Tank| tank.volume(tank.level, &network.curves);
        *self = Self {
            volumes: network.tanks.iter().map(volume).collect(),
            energy: vec![PumpEnergy::default(); plan.pumps.len()],
            duties: vec![PumpDuty::default(); plan.pumps.len()],
            report_at: network.times.report_step,
            inputs: std::mem::replace(&mut self.inputs, Inputs::of(network)),
            ..Self::new(plan)
        };
    }

    /// Starts at `time`, s, instead of 0.
    pub(super) fn start_at(&mut self, time: i64, report_step: i64) {
        self.time = time;
        self.cursor = time;
        self.period_end = time;
        let periods = time.div_euclid(report_step.max(1)) + 1;
        self.report_at = periods.saturating_mul(report_step.max(1));
        self.due = true;
    }

    /// The instant of the last solve, s, or of the one that is due.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// What it has been told.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Why it cannot go on.
    pub fn failure(&self) -> Option<SolveFailure> {
        self.failure
    }

    /// How the last solve went.
    pub fn report(&self) -> SolveReport {
        self.report
    }

    /// What it did so far.
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// What each pump has used so far, in the order of links.
    pub fn energy(&self) -> &[PumpEnergy] {
        &self.energy
    }

    /// Demand of all junctions at the last solve, m³/s.
    pub fn system_demand(&self) -> f64 {
        self.system_demand
    }

    /// The head loss coefficient of the emitter and the leak at junction `node`; 0 for none.
    pub(super) fn emitter(&self, network: &Network, node: usize, emitter: f64) -> f64 {
        let coefficient = emitter + self.inputs.leaks[node];
        if coefficient > TIGHT {
            coefficient.powf(-network.options.emitter_power)
        } else {
            0.0
        }
    }
}

/// The flow that the search begins with at an emitter, m³/s.
pub(super) fn first_leakage(coefficient: f64) -> f64 {
    if coefficient > 0.0 { CFS } else { 0.0 }
}

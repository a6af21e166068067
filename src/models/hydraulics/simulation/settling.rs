//! One solve of one member, trial after trial: when it is done, and what is settled on the way.
//!
//! The order of checks is that of EPANET 2.2 (`hydsolver.c`), on which statuses depend.

use std::sync::Arc;

use super::member::first_leakage;
use super::{Simulation, SolveFailure, SolveReport};
use crate::models::hydraulics::network::{CutOff, DemandModel, Unbalanced};
use crate::models::hydraulics::solver::{CFS, FOOT, Trial};

/// Steps are shortened to this share once a solve is nearly done, where damping is asked for.
const DAMPED: f64 = 0.6;
/// Pressure-driven demands: what counts as backward, in EPANET's feet and cubic feet per second.
const DEFICIT_TOLERANCE: f64 = 1e-3;

/// Flow through an emitter at 1 m where no water comes, m³/s: nothing, but the equations keep
/// the hold that they have on the head there.
const SEALED: f64 = 1e-9;

impl<const L: usize> Simulation<L> {
    /// Begins the solve for the present instant of `lane`.
    pub(super) fn begin(&mut self, lane: usize) {
        self.set_demands(lane);
        self.act_on_controls(lane);
        let frequency = self.network().options.check_frequency;
        let member = &mut self.members[lane];
        member.trial = 1;
        member.next_check = frequency;
        member.due = false;
        self.state.relaxation[lane] = 1.0;
        self.state.active[lane] = true;
    }

    /// Goes by what a trial did to `lane`: another one, or the end of the solve.
    pub(super) fn judge(&mut self, lane: usize, trial: &Trial<L>) {
        let options = self.network().options;
        if let Some(row) = trial.failed[lane] {
            if !self.solver.give_up_valve(&mut self.state, lane, row) {
                let rows = &self.plan().rows;
                let node = rows.iter().position(|&found| found as usize == row);
                self.members[lane].failure = Some(SolveFailure::Singular {
                    node: node.unwrap_or(row),
                });
                self.state.active[lane] = false;
            }
            return;
        }
        let change = trial.change[lane];
        let near = options.damp_limit <= 0.0 || change <= options.damp_limit;
        self.state.relaxation[lane] = if options.damp_limit > 0.0 && near {
            DAMPED
        } else {
            1.0
        };
        let mut changed = near && self.solver.settle_valves(&mut self.state, lane);
        let count = self.members[lane].trial;
        if self.has_settled(lane, change, trial.largest[lane]) {
            if count > options.trials {
                return self.end(lane, count, change);
            }
            changed |= self.settle_links(lane);
            changed |= self.act_on_pressures(lane);
            changed |= !changed && self.find_cut_off(lane);
            if !changed {
                return self.end(lane, count, change);
            }
            self.members[lane].next_check = count + options.check_frequency;
        } else if count <= options.max_check && count == self.members[lane].next_check {
            self.settle_links(lane);
            self.members[lane].next_check += options.check_frequency;
        }
        let extra = match options.unbalanced {
            Unbalanced::Stop => 0,
            Unbalanced::Continue(trials) => trials,
        };
        if count < options.trials.saturating_add(extra) {
            self.members[lane].trial = count + 1;
        } else {
            self.end(lane, count, change);
        }
    }

    /// Finds the junctions to which no way of open links leads from a source, and takes away what
    /// they draw, where the options say so; true if they are others than before.
    fn find_cut_off(&mut self, lane: usize) -> bool {
        let plan = Arc::clone(self.plan());
        if plan.network.options.cut_off == CutOff::DrawAnyway || !self.state.switched[lane] {
            return false;
        }
        self.state.switched[lane] = false;
        let mut cut_off = vec![true; plan.rows.len()];
        let mut reached: Vec<usize> = (plan.unknowns()..plan.rows.len()).collect();
        while let Some(row) = reached.pop() {
            if !std::mem::replace(&mut cut_off[row], false) {
                continue;
            }
            for &link in plan.around(row) {
                let link = link as usize;
                if self.state.status[link][lane].is_shut() {
                    continue;
                }
                let (from, to) = (plan.from[link] as usize, plan.to[link] as usize);
                if from == row {
                    reached.push(to);
                } else if !plan.network.links[link].is_one_way() {
                    reached.push(from);
                }
            }
        }
        let changed = self.members[lane].cut_off != cut_off;
        self.members[lane].cut_off = cut_off;
        self.leave_out_cut_off(lane);
        changed
    }

    /// Nobody draws where no water comes, and nothing leaks there.
    pub(super) fn leave_out_cut_off(&mut self, lane: usize) {
        let plan = Arc::clone(self.plan());
        if plan.network.options.cut_off == CutOff::DrawAnyway {
            return;
        }
        let delivered = self.state.delivered.iter_mut().zip(&self.state.demands);
        for ((delivered, asked), cut_off) in delivered.zip(&self.members[lane].cut_off) {
            if *cut_off {
                delivered[lane] = 0.0;
            } else if delivered[lane] == 0.0 {
                delivered[lane] = asked[lane];
            }
        }
        for (node, junction) in plan.network.junctions.iter().enumerate() {
            let member = &self.members[lane];
            if junction.emitter + member.inputs.leaks[node] <= 0.0 {
                continue;
            }
            let row = plan.rows[node] as usize;
            let (wanted, flow) = if member.cut_off[row] {
                (SEALED.powf(-plan.network.options.emitter_power), SEALED)
            } else {
                let wanted = member.emitter(&plan.network, node, junction.emitter);
                (wanted, first_leakage(wanted))
            };
            if self.state.emitters[row][lane] != wanted {
                self.state.emitters[row][lane] = wanted;
                self.state.leakage[row][lane] = flow;
                self.solver.forget();
            }
        }
    }

    fn settle_links(&mut self, lane: usize) -> bool {
        let tanks = &self.members[lane].tanks;
        self.solver.settle_links(&mut self.state, lane, tanks)
    }

    /// True if flows change no more than the options allow.
    fn has_settled(&mut self, lane: usize, change: f64, largest: f64) -> bool {
        let options = self.network().options;
        // Written so that NaN has not settled.
        let settled = change <= options.accuracy
            && (options.flow_change <= 0.0 || largest <= options.flow_change)
            && (options.head_error <= 0.0
                || self.solver.head_error(&self.state, lane) <= options.head_error);
        match options.demand_model {
            DemandModel::PressureDriven { minimum, .. } if settled => {
                self.demands_make_sense(lane, minimum)
            }
            DemandModel::Fixed | DemandModel::PressureDriven { .. } => settled,
        }
    }

    /// True unless a consumer gives water back, or draws it without pressure.
    fn demands_make_sense(&self, lane: usize, minimum: f64) -> bool {
        let state = &self.state;
        let rows = self.plan().elevations.iter().enumerate();
        let mut consumers = rows.filter(|(row, _)| state.demands[*row][lane] > 0.0);
        consumers.all(|(row, elevation)| {
            let delivered = state.delivered[row][lane] / CFS;
            let pressure = (state.heads[row][lane] - elevation - minimum) / FOOT;
            delivered >= -DEFICIT_TOLERANCE
                && !(delivered > DEFICIT_TOLERANCE && pressure < -DEFICIT_TOLERANCE)
        })
    }

    fn end(&mut self, lane: usize, trials: u32, change: f64) {
        let options = self.network().options;
        let balanced = change <= options.accuracy;
        let member = &mut self.members[lane];
        member.report = SolveReport {
            trials,
            change,
            balanced,
        };
        member.effort.solves += 1;
        member.effort.trials += u64::from(trials);
        member.effort.unbalanced += u64::from(!balanced);
        if !balanced && options.unbalanced == Unbalanced::Stop || !change.is_finite() {
            member.failure = Some(SolveFailure::Unbalanced { time: member.time });
        }
        self.state.active[lane] = false;
        self.open_period(lane);
    }
}

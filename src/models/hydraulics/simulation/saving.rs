//! The whole state of a member as numbers, and back, bit for bit.

use super::member::Held;
use super::{Effort, Member, PumpDuty, PumpEnergy, Simulation, SolveFailure, SolveReport};
use crate::models::ModelState;
use crate::models::hydraulics::network::Status;
use crate::models::saved::Saved;

/// Every status, in the order of its number.
const STATUSES: [Status; 7] = [
    Status::CannotDeliver,
    Status::TemporarilyClosed,
    Status::Closed,
    Status::Open,
    Status::Active,
    Status::CannotSupplyFlow,
    Status::CannotSupplyPressure,
];

impl<const L: usize> Simulation<L> {
    /// Appends the whole state of `lane` to `out`.
    pub(in crate::models) fn save(&self, lane: usize, out: &mut ModelState) {
        let state = &self.state;
        let by_place = [
            &state.heads,
            &state.flows,
            &state.setting,
            &state.sound,
            &state.demands,
            &state.delivered,
            &state.emitters,
            &state.leakage,
            &state.inflows,
        ];
        for list in by_place {
            out.reals.extend(list.iter().map(|value| value[lane]));
        }
        let flags = state.status.iter().zip(&state.fixed);
        for (status, fixed) in flags {
            let fixed = i64::from(fixed[lane]);
            out.integers.push(2 * status[lane] as i64 + fixed);
        }
        self.members[lane].save(out);
    }

    /// Reads back what [`save`](Self::save) wrote.
    pub(in crate::models) fn restore(&mut self, lane: usize, saved: &mut Saved<'_>) -> Option<()> {
        let state = &mut self.state;
        let by_place = [
            &mut state.heads,
            &mut state.flows,
            &mut state.setting,
            &mut state.sound,
            &mut state.demands,
            &mut state.delivered,
            &mut state.emitters,
            &mut state.leakage,
            &mut state.inflows,
        ];
        for list in by_place {
            for value in list {
                value[lane] = saved.real()?;
            }
        }
        for (status, fixed) in state.status.iter_mut().zip(&mut state.fixed) {
            let packed = saved.count(2 * STATUSES.len())?;
            status[lane] = *STATUSES.get(packed / 2)?;
            fixed[lane] = packed % 2 == 1;
        }
        state.active[lane] = false;
        state.switched[lane] = true;
        state.relaxation[lane] = 1.0;
        self.solver.forget();
        self.members[lane].restore(saved)
    }
}

impl Member {
    fn save(&self, out: &mut ModelState) {
        let inputs = &self.inputs;
        for list in [
            &inputs.demand_factors,
            &inputs.added_demands,
            &inputs.leaks,
            &inputs.reservoir_levels,
            &inputs.sound,
            &self.volumes,
        ] {
            out.reals.extend(list);
        }
        for (enabled, head) in &inputs.controls {
            out.integers.push(i64::from(*enabled));
            out.reals.push(*head);
        }
        out.integers
            .extend(self.cut_off.iter().map(|cut_off| i64::from(*cut_off)));
        out.integers
            .extend(inputs.rules.iter().map(|enabled| i64::from(*enabled)));
        for energy in &self.energy {
            out.reals
                .extend([energy.running, energy.energy, energy.cost, energy.peak]);
        }
        for duty in &self.duties {
            out.reals
                .extend([duty.flow, duty.head, duty.power, duty.efficiency]);
            out.integers.push(i64::from(duty.running));
        }
        out.reals
            .extend([self.system_demand, self.peak_power, self.report.change]);
        let (failed, what) = match self.failure {
            None => (0, 0),
            Some(SolveFailure::Singular { node }) => (1, node as i64),
            Some(SolveFailure::Unbalanced { time }) => (2, time),
        };
        out.integers.extend([
            self.time,
            self.cursor,
            self.period_end,
            self.report_at,
            i64::from(self.due),
            i64::from(self.report.trials),
            i64::from(self.report.balanced),
            failed,
            what,
            self.effort.solves as i64,
            self.effort.trials as i64,
            self.effort.unbalanced as i64,
            self.held.len() as i64,
        ]);
        for held in &self.held {
            let has_setting = i64::from(held.setting.is_some());
            out.integers
                .extend([held.link as i64, held.status as i64, has_setting]);
            out.reals.push(held.setting.unwrap_or(0.0));
        }
    }

    fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        let inputs = &mut self.inputs;
        let links = inputs.sound.len();
        for list in [
            &mut inputs.demand_factors,
            &mut inputs.added_demands,
            &mut inputs.leaks,
            &mut inputs.reservoir_levels,
            &mut inputs.sound,
            &mut self.volumes,
        ] {
            for value in list {
                *value = saved.real()?;
            }
        }
        for (enabled, head) in &mut inputs.controls {
            (*enabled, *head) = (saved.flag()?, saved.real()?);
        }
        for cut_off in &mut self.cut_off {
            *cut_off = saved.flag()?;
        }
        for enabled in &mut inputs.rules {
            *enabled = saved.flag()?;
        }
        for energy in &mut self.energy {
            *energy = PumpEnergy {
                running: saved.real()?,
                energy: saved.real()?,
                cost: saved.real()?,
                peak: saved.real()?,
            };
        }
        for duty in &mut self.duties {
            *duty = PumpDuty {
                flow: saved.real()?,
                head: saved.real()?,
                power: saved.real()?,
                efficiency: saved.real()?,
                running: saved.flag()?,
            };
        }
        self.system_demand = saved.real()?;
        self.peak_power = saved.real()?;
        let change = saved.real()?;
        self.time = saved.integer()?;
        self.cursor = saved.integer()?;
        self.period_end = saved.integer()?;
        self.report_at = saved.integer()?;
        self.due = saved.flag()?;
        self.report = SolveReport {
            trials: u32::try_from(saved.integer()?).ok()?,
            balanced: saved.flag()?,
            change,
        };
        let (failed, what) = (saved.integer()?, saved.integer()?);
        self.failure = match failed {
            0 => None,
            1 => Some(SolveFailure::Singular {
                node: usize::try_from(what).ok()?,
            }),
            _ => Some(SolveFailure::Unbalanced { time: what }),
        };
        self.effort = Effort {
            solves: u64::try_from(saved.integer()?).ok()?,
            trials: u64::try_from(saved.integer()?).ok()?,
            unbalanced: u64::try_from(saved.integer()?).ok()?,
        };
        let held = saved.count(links)?;
        self.held.clear();
        for _ in 0..held {
            let link = saved.count(links)?;
            let status = *STATUSES.get(saved.count(STATUSES.len())?)?;
            let has_setting = saved.flag()?;
            let setting = saved.real()?;
            self.held.push(Held {
                link,
                status,
                setting: has_setting.then_some(setting),
            });
        }
        Some(())
    }
}

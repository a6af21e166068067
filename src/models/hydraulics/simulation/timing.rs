//! When flows change next, and what tanks and rules do until then.
//!
//! Instants are those of EPANET 2.2 (`hydraul.c`), rounding included.

use std::sync::Arc;

use super::controls::DAY;
use super::{PumpEnergy, Simulation, energy};
use crate::models::hydraulics::control::Trigger;
use crate::models::hydraulics::network::LinkKind;
use crate::models::hydraulics::solver::NO_FLOW;

impl<const L: usize> Simulation<L> {
    /// Goes on until a solve is at work or nothing more is to be done up to `target`, s.
    pub(super) fn proceed(&mut self, lane: usize, target: i64) {
        while self.members[lane].failure.is_none() && !self.state.active[lane] {
            if self.members[lane].due {
                self.break_period(lane, target);
                self.begin(lane);
            } else if !self.finish_period(lane, target) {
                return;
            }
        }
    }

    /// After a solve: finds when its flows end to hold.
    pub(super) fn open_period(&mut self, lane: usize) {
        let step = self.time_step(lane);
        for place in 0..self.plan().pumps.len() {
            let link = self.plan().pumps[place] as usize;
            self.members[lane].duties[place] = self.find_duty(link, lane);
        }
        let member = &mut self.members[lane];
        member.cursor = member.time;
        member.period_end = member.time.saturating_add(step);
    }

    /// Takes tanks and rules to the end of the period, but not past `target`; true if the end was
    /// reached, and a solve is due.
    pub(super) fn finish_period(&mut self, lane: usize, target: i64) -> bool {
        let rules = !self.network().rules.is_empty();
        let rule_step = self.network().times.rule_step.max(1);
        while self.members[lane].cursor < self.members[lane].period_end {
            let member = &self.members[lane];
            let left = member.period_end - member.cursor;
            let next = if rules {
                left.min(rule_step - member.cursor.rem_euclid(rule_step))
            } else {
                left
            };
            if member.cursor.saturating_add(next) > target {
                return false;
            }
            self.fill_tanks(lane, next);
            self.members[lane].cursor += next;
            if rules && self.act_on_rules(lane, next) {
                self.members[lane].period_end = self.members[lane].cursor;
            }
        }
        self.close_period(lane);
        true
    }

    /// Ends the period early, at `at`, because something was told from outside.
    fn break_period(&mut self, lane: usize, at: i64) {
        let member = &self.members[lane];
        // Before the first solve there is no period, and the past is never changed.
        if member.period_end == member.time || at <= member.cursor {
            if member.period_end > member.time {
                self.members[lane].period_end = member.cursor;
                self.close_period(lane);
            }
            return;
        }
        let rest = at - member.cursor;
        self.fill_tanks(lane, rest);
        self.members[lane].cursor = at;
        self.members[lane].period_end = at;
        self.close_period(lane);
    }

    /// Books the energy of the period that ends at the cursor, and moves time there.
    fn close_period(&mut self, lane: usize) {
        let (from, to) = (self.members[lane].time, self.members[lane].cursor);
        self.book_energy(lane, from, to - from);
        let report_step = self.network().times.report_step.max(1);
        let member = &mut self.members[lane];
        member.time = to;
        while member.time >= member.report_at {
            member.report_at = member.report_at.saturating_add(report_step);
        }
        member.due = true;
    }

    /// The time to the next event, s; at least one.
    fn time_step(&self, lane: usize) -> i64 {
        let plan = self.plan();
        let network = &*plan.network;
        let (times, member) = (network.times, &self.members[lane]);
        let mut step = times.hydraulic_step.max(1);
        let mut at_most = |secs: i64| {
            if secs > 0 && secs < step {
                step = secs;
            }
        };
        // The start of the patterns counts in the number of the period but not in its end, as
        // it does in EPANET.
        let period = times.pattern_step;
        let next = (member.time + times.pattern_start).div_euclid(period) + 1;
        at_most(next.saturating_mul(period) - member.time);
        for pattern in &network.patterns {
            if pattern.step != period as f64 {
                let secs = (member.time + times.pattern_start) as f64;
                at_most(pattern.secs_to_next(secs).ceil() as i64);
            }
        }
        at_most(member.report_at - member.time);
        for (index, tank) in network.tanks.iter().enumerate() {
            let (inflow, volume) = (self.inflow_in(index, lane), member.volumes[index]);
            let head = self.head_in(network.tank_node(index), lane);
            let ends = member.tanks[index];
            let room = if inflow > NO_FLOW && head < ends.full {
                tank.volume(tank.max, &network.curves) - volume
            } else if inflow < -NO_FLOW && head > ends.empty {
                tank.volume(tank.min, &network.curves) - volume
            } else {
                continue;
            };
            at_most(whole(room / inflow));
        }
        for (index, control) in network.controls.iter().enumerate() {
            let secs = self.secs_to_control(lane, index);
            let (status, setting) = self.by_itself(lane, control.link);
            let has_setting = match &network.links[control.link].kind {
                LinkKind::Pipe(_) => false,
                LinkKind::Pump(_) => true,
                LinkKind::Valve(valve) => {
                    !matches!(valve.kind, super::super::network::ValveKind::General(_))
                }
            };
            if status != control.status || has_setting && setting != control.setting {
                at_most(secs);
            }
        }
        step
    }

    /// Seconds until a control acts, 0 if that cannot be told.
    fn secs_to_control(&self, lane: usize, index: usize) -> i64 {
        let network = self.network();
        let member = &self.members[lane];
        let (enabled, limit) = member.inputs.controls[index];
        if !enabled {
            return 0;
        }
        let (node, rising) = match network.controls[index].trigger {
            Trigger::Below { node, .. } => (node, false),
            Trigger::Above { node, .. } => (node, true),
            Trigger::Time(at) => return (at - member.time).max(0),
            Trigger::Clock(at) => {
                let clock = (member.time + network.times.clock_start).rem_euclid(DAY);
                return if at >= clock {
                    at - clock
                } else {
                    DAY - clock + at
                };
            }
        };
        let Some(tank) = network.tank_at(node) else {
            return 0;
        };
        let (head, inflow) = (self.head_in(node, lane), self.inflow_in(tank, lane));
        let comes = inflow.abs() > NO_FLOW
            && if rising {
                head < limit && inflow > 0.0
            } else {
                head > limit && inflow < 0.0
            };
        if !comes {
            return 0;
        }
        let level = limit - network.tanks[tank].bottom;
        let room = network.tanks[tank].volume(level, &network.curves) - member.volumes[tank];
        whole(room / inflow)
    }

    /// Moves tanks on by `secs` under the present flows.
    fn fill_tanks(&mut self, lane: usize, secs: i64) {
        let plan = Arc::clone(self.plan());
        let network = &*plan.network;
        for (index, tank) in network.tanks.iter().enumerate() {
            let inflow = self.inflow_in(index, lane);
            let volume = &mut self.members[lane].volumes[index];
            *volume += inflow * secs as f64;
            // Full or empty within the next second counts as full or empty.
            let (most, least) = (
                tank.volume(tank.max, &network.curves),
                tank.volume(tank.min, &network.curves),
            );
            if *volume + inflow >= most {
                *volume = most;
            } else if *volume - inflow <= least {
                *volume = least;
            }
        }
        self.place_tanks(lane);
    }

    /// Heads of tanks from their volumes.
    pub(super) fn place_tanks(&mut self, lane: usize) {
        let plan = Arc::clone(self.plan());
        let network = &*plan.network;
        for (index, tank) in network.tanks.iter().enumerate() {
            let level = tank.level_of(self.members[lane].volumes[index], &network.curves);
            self.state.heads[network.tank_node(index)][lane] = tank.bottom + level;
        }
    }

    /// Sets the level of tank `index`, m above its bottom, at the instant `at`, s; a solve is due
    /// there.
    pub fn set_level(&mut self, lane: usize, index: usize, level: f64, at: i64) {
        let plan = Arc::clone(self.plan());
        let network = &*plan.network;
        let tank = &network.tanks[index];
        let level = level.clamp(tank.min, tank.max);
        // What still flows in until then comes on top.
        let rest = (at - self.members[lane].cursor).max(0) as f64;
        let volume = tank.volume(level, &network.curves) - self.inflow_in(index, lane) * rest;
        self.members[lane].volumes[index] = volume;
        self.members[lane].due = true;
        self.place_tanks(lane);
    }

    /// Volume of tank `index`, m³, `secs` after the start; not before the last solve.
    pub fn volume_at(&self, lane: usize, index: usize, secs: f64) -> f64 {
        let network = self.network();
        let (tank, member) = (&network.tanks[index], &self.members[lane]);
        let since = (secs - member.cursor as f64).max(0.0);
        let volume = member.volumes[index] + self.inflow_in(index, lane) * since;
        let (least, most) = (
            tank.volume(tank.min, &network.curves),
            tank.volume(tank.max, &network.curves),
        );
        volume.clamp(least, most)
    }

    /// What the pump `link` has used up to `secs` after the start; not before the last solve.
    pub fn energy_at(&self, link: usize, lane: usize, secs: f64) -> PumpEnergy {
        let Ok(place) = self.plan().pumps.binary_search(&(link as u32)) else {
            return PumpEnergy::default();
        };
        let member = &self.members[lane];
        let mut energy = member.energy[place];
        let since = (secs - member.time as f64).max(0.0);
        let price = energy::price(self.network(), link, member.time);
        energy.book(&member.duties[place], price, since);
        energy
    }

    /// When the flows of the last solve end to hold, s, unless a rule or an input ends them
    /// before; looked at no further than the next rule step.
    pub fn holds_until(&self, lane: usize) -> i64 {
        let member = &self.members[lane];
        let rule_step = self.network().times.rule_step.max(1);
        let next_rules = member.cursor + rule_step - member.cursor.rem_euclid(rule_step);
        if self.network().rules.is_empty() {
            member.period_end
        } else {
            member.period_end.min(next_rules)
        }
    }

    /// Puts a member that was just reset at `time`, s.
    pub fn start_at(&mut self, lane: usize, time: i64) {
        let report_step = self.network().times.report_step;
        self.members[lane].start_at(time, report_step);
    }

    fn book_energy(&mut self, lane: usize, from: i64, secs: i64) {
        if secs <= 0 || self.plan().pumps.is_empty() {
            return;
        }
        let mut whole = 0.0;
        for place in 0..self.plan().pumps.len() {
            let link = self.plan().pumps[place] as usize;
            let duty = self.members[lane].duties[place];
            let price = energy::price(self.network(), link, from);
            self.members[lane].energy[place].book(&duty, price, secs as f64);
            whole += duty.power;
        }
        let member = &mut self.members[lane];
        member.peak_power = member.peak_power.max(whole);
    }
}

/// The nearest whole number of seconds; 0 for what is no time at all.
fn whole(secs: f64) -> i64 {
    if secs >= 0.0 {
        (secs + 0.5) as i64
    } else {
        (secs - 0.5) as i64
    }
}

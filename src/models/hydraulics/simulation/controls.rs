//! Links switched by controls, by pressures and by hand.

use std::sync::Arc;

use super::member::{Held, first_leakage};
use super::{Inputs, Simulation};
use crate::models::hydraulics::control::{Control, Trigger};
use crate::models::hydraulics::network::{LinkKind, Status, ValveKind};
use crate::models::hydraulics::solver::{NO_FLOW, Plan};

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

impl<const L: usize> Simulation<L> {
    /// Does what controls by time and by tank level ask for at the present instant.
    pub(super) fn act_on_controls(&mut self, lane: usize) {
        let plan = Arc::clone(self.plan());
        for (index, control) in plan.network.controls.iter().enumerate() {
            if self.control_holds(lane, &plan, index, control) {
                let (before, setting) = self.by_itself(lane, control.link);
                let before = if before.is_shut() {
                    Status::Closed
                } else {
                    Status::Open
                };
                let wanted = wanted_setting(&plan, control, setting);
                if before == Status::Closed && control.status == Status::Open {
                    self.restart(lane, control.link);
                }
                if before != control.status || setting != wanted {
                    self.switch(lane, control.link, control.status, wanted);
                }
            }
        }
    }

    fn control_holds(&self, lane: usize, plan: &Plan, index: usize, control: &Control) -> bool {
        let member = &self.members[lane];
        let (enabled, head) = member.inputs.controls[index];
        let clock = (member.time + plan.network.times.clock_start).rem_euclid(DAY);
        // Reached within the next second counts as reached.
        let volumes = |node: usize| {
            let network = &plan.network;
            let Some(tank) = network.tank_at(node) else {
                // To EPANET a reservoir has no volume, so both limits are always reached.
                let is_reservoir = node >= network.junctions.len();
                return is_reservoir.then_some((0.0, 0.0, 0.0));
            };
            let bottom = network.tanks[tank].bottom;
            let volume = |head: f64| network.tanks[tank].volume(head - bottom, &network.curves);
            let within = self.inflow_in(tank, lane).abs();
            Some((volume(self.head_in(node, lane)), volume(head), within))
        };
        enabled
            && match control.trigger {
                Trigger::Below { node, .. } => {
                    volumes(node).is_some_and(|(now, limit, within)| now <= limit + within)
                }
                Trigger::Above { node, .. } => {
                    volumes(node).is_some_and(|(now, limit, within)| now >= limit - within)
                }
                Trigger::Time(at) => at == member.time,
                Trigger::Clock(at) => at == clock,
            }
    }

    /// Does what controls by the pressure of a junction ask for after a solve; true if anything
    /// changed.
    pub(super) fn act_on_pressures(&mut self, lane: usize) -> bool {
        let plan = Arc::clone(self.plan());
        let tolerance = plan.network.options.head_tolerance;
        let mut changed = false;
        for (index, control) in plan.network.controls.iter().enumerate() {
            let (enabled, limit) = self.members[lane].inputs.controls[index];
            let (node, below) = match control.trigger {
                Trigger::Below { node, .. } => (node, true),
                Trigger::Above { node, .. } => (node, false),
                Trigger::Time(_) | Trigger::Clock(_) => continue,
            };
            if !enabled || node >= plan.network.junctions.len() {
                continue;
            }
            let head = self.head_in(node, lane);
            let holds = if below {
                head <= limit + tolerance
            } else {
                head >= limit - tolerance
            };
            if !holds {
                continue;
            }
            let (before, setting) = self.by_itself(lane, control.link);
            let wanted = wanted_setting(&plan, control, setting);
            let differs = match &plan.network.links[control.link].kind {
                LinkKind::Pipe(_) => before != control.status,
                LinkKind::Pump(_) => setting != wanted,
                // To EPANET the setting of such a valve is its curve, which never changes.
                LinkKind::Valve(valve) if matches!(valve.kind, ValveKind::General(_)) => false,
                LinkKind::Valve(_) => {
                    setting != wanted || setting.is_none() && before != control.status
                }
            };
            if differs {
                self.switch(lane, control.link, control.status, wanted);
                changed |= !self.is_held(lane, control.link);
            }
        }
        changed
    }

    /// Sets the speed of a pump or the setting of a valve, as a rule or a pattern does.
    pub(super) fn set_by_rule(&mut self, lane: usize, link: usize, value: f64) {
        let plan = Arc::clone(self.plan());
        let (mut status, setting) = self.by_itself(lane, link);
        match &plan.network.links[link].kind {
            LinkKind::Pump(_) => {
                if value > 0.0 && status.is_shut() {
                    self.restart(lane, link);
                    status = Status::Open;
                }
                if value == 0.0 && !status.is_shut() {
                    status = Status::Closed;
                }
            }
            LinkKind::Valve(valve) if valve.kind == ValveKind::FlowControl => {
                status = Status::Active;
            }
            LinkKind::Pipe(_) | LinkKind::Valve(_) => {
                if setting.is_none() && status.is_shut() {
                    status = Status::Open;
                }
            }
        }
        self.switch(lane, link, status, Some(value));
    }

    /// Opens or closes a link, as a rule does.
    pub(super) fn open_by_rule(&mut self, lane: usize, link: usize, open: bool) {
        let plan = Arc::clone(self.plan());
        let (before, setting) = self.by_itself(lane, link);
        let setting = match &plan.network.links[link].kind {
            LinkKind::Pump(_) => Some(f64::from(u8::from(open))),
            LinkKind::Valve(valve) if matches!(valve.kind, ValveKind::General(_)) => setting,
            LinkKind::Pipe(_) | LinkKind::Valve(_) => None,
        };
        if open && before == Status::Closed {
            self.restart(lane, link);
        }
        let status = if open { Status::Open } else { Status::Closed };
        self.switch(lane, link, status, setting);
    }

    /// What a link is, or would be if nobody held it.
    pub fn by_itself(&self, lane: usize, link: usize) -> (Status, Option<f64>) {
        let held = self.members[lane].held.iter();
        match held.clone().find(|held| held.link == link) {
            Some(held) => (held.status, held.setting),
            None => (self.status_in(link, lane), self.setting_in(link, lane)),
        }
    }

    /// Switches a link, or what it will be when it is let go.
    pub(super) fn switch(
        &mut self,
        lane: usize,
        link: usize,
        status: Status,
        setting: Option<f64>,
    ) {
        let held = &mut self.members[lane].held;
        if let Some(held) = held.iter_mut().find(|held| held.link == link) {
            (held.status, held.setting) = (status, setting);
        } else {
            self.put(lane, link, status, setting);
        }
    }

    fn put(&mut self, lane: usize, link: usize, status: Status, setting: Option<f64>) {
        self.solver.put(&mut self.state, link, lane, status);
        self.state.setting[link][lane] = setting.unwrap_or(0.0);
        self.state.fixed[link][lane] = setting.is_none();
    }

    fn is_held(&self, lane: usize, link: usize) -> bool {
        self.members[lane].held.iter().any(|held| held.link == link)
    }

    /// Holds a link at a status and setting, whatever controls say; a solve is due.
    pub fn hold(&mut self, lane: usize, link: usize, status: Status, setting: Option<f64>) {
        let now = (self.status_in(link, lane), self.setting_in(link, lane));
        if !self.is_held(lane, link) {
            self.members[lane].held.push(Held {
                link,
                status: now.0,
                setting: now.1,
            });
        }
        if now.0.is_shut() && !status.is_shut() {
            self.put(lane, link, status, setting);
            self.begin_flow(lane, link);
        }
        if now != (status, setting) {
            self.put(lane, link, status, setting);
            self.members[lane].due = true;
        }
    }

    /// Opens or closes a link before the first solve; controls may change it again.
    pub fn start_open(&mut self, lane: usize, link: usize, open: bool) {
        let (status, _) = self.by_itself(lane, link);
        if status.is_shut() == open {
            self.open_by_rule(lane, link, open);
            self.begin_flow(lane, link);
        }
    }

    /// Gives a link a speed or setting before the first solve; controls may change it again.
    pub fn start_setting(&mut self, lane: usize, link: usize, setting: f64) {
        let (_, present) = self.by_itself(lane, link);
        if present.is_some_and(|present| present != setting) {
            self.set_by_rule(lane, link, setting);
            self.begin_flow(lane, link);
        }
    }

    /// Switches a link that obeys other models alone; a solve is due if that is a change.
    pub fn drive(&mut self, lane: usize, link: usize, status: Status, setting: Option<f64>) {
        let (before, present) = (self.status_in(link, lane), self.setting_in(link, lane));
        if (before, present) == (status, setting) {
            return;
        }
        let opens = before.is_shut() && !status.is_shut();
        self.put(lane, link, status, setting);
        if opens {
            self.begin_flow(lane, link);
        }
        self.members[lane].due = true;
    }

    /// The flow that the search begins with in a link that was just opened.
    fn begin_flow(&mut self, lane: usize, link: usize) {
        let (status, setting) = (self.status_in(link, lane), self.setting_in(link, lane));
        self.state.flows[link][lane] = if status.is_shut() {
            NO_FLOW
        } else {
            self.plan().first_flow(link, setting.unwrap_or(1.0))
        };
    }

    /// Lets a link go to what controls made of it meanwhile; a solve is due.
    pub fn let_go(&mut self, lane: usize, link: usize) {
        let held = &mut self.members[lane].held;
        let Some(place) = held.iter().position(|held| held.link == link) else {
            return;
        };
        let held = held.swap_remove(place);
        self.put(lane, link, held.status, held.setting);
        self.members[lane].due = true;
    }

    /// A pump of constant power that starts again begins with its first flow.
    fn restart(&mut self, lane: usize, link: usize) {
        let plan = Arc::clone(self.plan());
        if plan.has_constant_power(link) {
            self.state.flows[link][lane] = plan.first_flow(link, 1.0);
        }
    }

    /// Tells a member something else from now on; a solve is due if it matters.
    pub fn tell(&mut self, lane: usize, inputs: &Inputs) {
        let plan = Arc::clone(self.plan());
        let member = &mut self.members[lane];
        if member.inputs == *inputs {
            return;
        }
        member.inputs.clone_from(inputs);
        member.due = true;
        for (node, junction) in plan.network.junctions.iter().enumerate() {
            let coefficient = self.members[lane].emitter(&plan.network, node, junction.emitter);
            let row = plan.rows[node] as usize;
            let before = std::mem::replace(&mut self.state.emitters[row][lane], coefficient);
            if (before > 0.0) != (coefficient > 0.0) {
                self.state.leakage[row][lane] = first_leakage(coefficient);
                self.solver.forget();
            }
        }
        for (link, sound) in inputs.sound.iter().enumerate() {
            self.state.sound[link][lane] = *sound;
        }
    }
}

/// The setting that `control` gives its link, which has `present`.
fn wanted_setting(plan: &Plan, control: &Control, present: Option<f64>) -> Option<f64> {
    match &plan.network.links[control.link].kind {
        LinkKind::Pipe(_) => present,
        LinkKind::Valve(valve) if matches!(valve.kind, ValveKind::General(_)) => present,
        LinkKind::Pump(_) | LinkKind::Valve(_) => control.setting,
    }
}

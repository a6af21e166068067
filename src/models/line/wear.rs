//! Breakdowns, repairs and maintenance.

use super::plan::{Plan, Rule, nanos};
use super::station::{Job, Life, Station};
use super::world::{Task, World};

impl Station {
    /// The share of life used up under the worst of the failures, from 0 to 1, at `now`.
    pub(super) fn wear(&self, now: u64) -> f64 {
        let worn = self
            .lives
            .iter()
            .map(|life| 1.0 - life.left(now) as f64 / life.whole.max(1) as f64);
        worn.fold(0.0, f64::max).clamp(0.0, 1.0)
    }
}

impl World {
    /// Gives a station new lives under all failures.
    pub(super) fn renew(&mut self, plan: &Plan, place: usize) {
        for mode in 0..plan.stations[place].failures.len() {
            if self.stations[place].failed != Some(mode as u32) {
                self.renew_life(plan, place, mode);
            }
        }
        self.stations[place].used = 0;
    }

    fn renew_life(&mut self, plan: &Plan, place: usize, mode: usize) {
        let failure = &plan.stations[place].failures[mode];
        let span = failure
            .every
            .draw(&mut self.streams[failure.stream as usize]);
        let station = &mut self.stations[place];
        let whole = nanos(span * station.mtbf_factor).max(1);
        station.lives[mode] = Life {
            whole,
            left: whole,
            since: None,
        };
    }

    /// Starts and stops the clocks of a station's lives.
    ///
    /// A life that is counted in time at work needs its slot of the calendar only if it ends
    /// before the work at hand does.
    pub(super) fn refresh_lives(&mut self, plan: &Plan, place: usize) {
        let station = &mut self.stations[place];
        let at_work = station.running && station.job == Job::Work;
        let ages = station.failed.is_none() && !station.maintained;
        for (life, failure) in station.lives.iter_mut().zip(&plan.stations[place].failures) {
            let runs = if failure.by_usage { at_work } else { ages };
            if runs == life.since.is_some() {
                continue;
            }
            if runs {
                life.since = Some(self.now);
                // `left` of the work was just planned.
                if !failure.by_usage || life.left <= station.left {
                    self.calendar.plan(failure.slot, self.now + life.left);
                }
            } else {
                life.left = life.left(self.now);
                life.since = None;
                self.calendar.cancel(failure.slot);
            }
        }
    }

    /// A station breaks down in the way `mode`, or is repaired.
    pub(super) fn trouble(&mut self, plan: &Plan, place: usize, mode: usize) {
        if self.stations[place].failed == Some(mode as u32) {
            self.end_repair(plan, place, mode);
        } else {
            self.fail(plan, place, mode);
        }
    }

    /// Breaks a station down.
    pub(super) fn fail(&mut self, plan: &Plan, place: usize, mode: usize) {
        let station = &mut self.stations[place];
        station.failed = Some(mode as u32);
        station.failures += 1;
        station.repair_cost += plan.stations[place].failures[mode].cost;
        let life = &mut station.lives[mode];
        life.since = None;
        life.left = 0;
        self.calendar
            .cancel(plan.stations[place].failures[mode].slot);
        self.refresh(plan, place);
        self.find_repairer(plan, place);
    }

    /// Begins the repair or the maintenance, once there is somebody to do it.
    fn find_repairer(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.stations[place];
        let skill = match self.stations[place].failed {
            Some(mode) => layout.failures[mode as usize].repairer,
            None => layout.maintenance.as_ref().and_then(|plan| plan.repairer),
        };
        if let Some(skill) = skill {
            let crew = self.call(plan, place, skill, true);
            self.stations[place].repairer = crew;
            if crew.is_none() {
                return;
            }
        }
        self.begin_repair(plan, place);
    }

    /// The repairer is there.
    pub(super) fn begin_repair(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.stations[place];
        if let Some(mode) = self.stations[place].failed {
            let failure = &layout.failures[mode as usize];
            let span = failure
                .repair
                .draw(&mut self.streams[failure.stream as usize]);
            let span = nanos(span * self.stations[place].repair_factor);
            self.calendar.plan(failure.slot, self.now + span);
        } else if let Some(maintenance) = &layout.maintenance {
            let stream = &mut self.streams[maintenance.stream as usize];
            let span = nanos(maintenance.takes.draw(stream));
            self.calendar.plan(maintenance.slot, self.now + span);
        }
    }

    fn end_repair(&mut self, plan: &Plan, place: usize, mode: usize) {
        self.stations[place].failed = None;
        self.renew_life(plan, place, mode);
        self.dismiss_repairer(plan, place);
        self.become_free(plan, place);
    }

    fn dismiss_repairer(&mut self, plan: &Plan, place: usize) {
        if let Some(crew) = self.stations[place].repairer.take() {
            self.release(plan, crew);
        }
    }

    /// Plans the next maintenance by time.
    pub(super) fn plan_maintenance(&mut self, plan: &Plan, place: usize) {
        if let Some(maintenance) = &plan.stations[place].maintenance
            && let Rule::Every(span) = maintenance.rule
        {
            self.calendar.plan(maintenance.slot, self.now + span);
        }
    }

    /// A station's maintenance falls due, or ends.
    pub(super) fn maintenance_event(&mut self, plan: &Plan, place: usize) {
        let station = &mut self.stations[place];
        if !station.maintained {
            self.make_maintenance_due(plan, place);
            return;
        }
        station.maintained = false;
        station.maintenance_due = false;
        self.renew(plan, place);
        self.dismiss_repairer(plan, place);
        self.plan_maintenance(plan, place);
        self.become_free(plan, place);
    }

    fn make_maintenance_due(&mut self, plan: &Plan, place: usize) {
        let station = &mut self.stations[place];
        station.maintenance_due = true;
        if station.job == Job::Empty && station.failed.is_none() {
            self.become_free(plan, place);
        }
    }

    /// Takes the signal that asks for maintenance: it is due when the signal begins to.
    pub(super) fn ask_for_maintenance(&mut self, plan: &Plan, place: usize, asked: bool) {
        let before = std::mem::replace(&mut self.stations[place].asked, asked);
        let begins = asked && !before;
        if begins && plan.stations[place].maintenance.is_some() && !self.stations[place].maintained
        {
            self.make_maintenance_due(plan, place);
        }
    }

    /// Begins the maintenance of a station without parts, if it is due.
    pub(super) fn look_at_maintenance(&mut self, plan: &Plan, place: usize) {
        let Some(maintenance) = &plan.stations[place].maintenance else {
            return;
        };
        let station = &self.stations[place];
        if station.failed.is_some() || station.maintained {
            return;
        }
        let due = station.maintenance_due
            || match maintenance.rule {
                Rule::Every(_) | Rule::Asked => false,
                Rule::Used(span) => station.used >= span,
                Rule::Worn(share) => station.wear(self.now) >= share,
            };
        if due {
            // One that is planned for later is done with as well.
            self.calendar.cancel(maintenance.slot);
            self.stations[place].maintained = true;
            self.stations[place].maintenances += 1;
            self.refresh(plan, place);
            self.find_repairer(plan, place);
        }
    }

    /// Failures come so much later, and repairs take so much longer, from now on.
    pub(super) fn set_wear(&mut self, plan: &Plan, place: usize, mtbf: f64, repair: f64) {
        self.stations[place].repair_factor = repair;
        let old = std::mem::replace(&mut self.stations[place].mtbf_factor, mtbf);
        if old == mtbf {
            return;
        }
        let scaled = |span: u64| ((span as f64) * (mtbf / old)).min(3.2e18) as u64;
        let station = &mut self.stations[place];
        for (mode, life) in station.lives.iter_mut().enumerate() {
            let left = scaled(life.left(self.now));
            life.whole = scaled(life.whole).max(1);
            life.left = left;
            if life.since.is_some() {
                life.since = Some(self.now);
                let failure = &plan.stations[place].failures[mode];
                let work_ends = self.calendar.due(plan.stations[place].work_slot);
                let ends = self.now + left;
                if !failure.by_usage || work_ends.is_some_and(|work_ends| ends <= work_ends) {
                    self.calendar.plan(failure.slot, ends);
                } else {
                    self.calendar.cancel(failure.slot);
                }
            }
        }
    }

    /// Switches a station on or off from outside, by the shift or by its signal.
    pub(super) fn switch(&mut self, plan: &Plan, place: usize, off_shift: bool, off: bool) {
        let station = &mut self.stations[place];
        if (station.off_shift, station.switched_off) == (off_shift, off) {
            return;
        }
        (station.off_shift, station.switched_off) = (off_shift, off);
        self.become_free(plan, place);
        self.add_task(Task::Send(plan.stations[place].node));
    }
}

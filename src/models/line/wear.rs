//! Breakdowns, repairs and maintenance.

use super::plan::{Plan, Rule, nanos};
use super::station::Job;
use super::world::{Task, World};

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
        station.lives.renew(mode, whole, self.now);
    }

    /// Starts and stops the clocks of a station's lives.
    #[inline]
    pub(super) fn refresh_lives(&mut self, place: usize) {
        let (now, calendar) = (self.now, &mut self.calendar);
        let station = &mut self.stations[place];
        if station.running && station.job == Job::Work {
            // `left` of the work was just planned.
            station.lives.start_work(now, station.left, calendar);
        } else {
            station.lives.stop_work(now, calendar);
        }
        let ages = station.failed.is_none() && !station.maintained;
        station.lives.set_aging(ages, now, calendar);
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
        station.lives.end(mode, self.now, &mut self.calendar);
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
                Rule::Worn(share) => station.lives.wear(self.now) >= share,
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
        let work_ends = self.calendar.due(plan.stations[place].work_slot);
        self.stations[place]
            .lives
            .stretch(mtbf / old, self.now, work_ends, &mut self.calendar);
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

//! People: who is free, and who is waited for.

use std::collections::VecDeque;

use super::plan::Plan;
use super::station::Job;
use super::tape::Tape;
use super::world::World;

/// All crews, and the stations that wait for somebody.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Crews {
    /// People at a station, by crew.
    pub(super) busy: Vec<u32>,
    /// People there are, by crew.
    pub(super) count: Vec<u32>,
    /// Stations that wait, first come first served: twice the station, and 1 more for a repair.
    waiting: VecDeque<u32>,
}

impl Crews {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            busy: vec![0; plan.crews.len()],
            count: plan.crews.iter().map(|crew| crew.count).collect(),
            waiting: VecDeque::new(),
        }
    }

    /// A free crew with `skill`: the one with the fewest skills, that others stay free for more.
    fn free(&self, plan: &Plan, skill: u16) -> Option<usize> {
        let able = plan.crews.iter().enumerate().filter(|(place, crew)| {
            crew.skills.contains(&skill) && self.busy[*place] < self.count[*place]
        });
        able.min_by_key(|(_, crew)| crew.skills.len())
            .map(|(place, _)| place)
    }

    pub(super) fn tape(&mut self, tape: &mut Tape<'_>, stations: usize) {
        for number in self.busy.iter_mut().chain(&mut self.count) {
            tape.small(number);
        }
        tape.queue(&mut self.waiting, 2 * stations);
    }
}

impl World {
    /// The crew whose man or woman comes to a station; else the station is put on the list.
    pub(super) fn call(
        &mut self,
        plan: &Plan,
        station: usize,
        skill: u16,
        repair: bool,
    ) -> Option<u32> {
        let Some(crew) = self.crews.free(plan, skill) else {
            let call = 2 * station as u32 + u32::from(repair);
            self.crews.waiting.push_back(call);
            return None;
        };
        self.crews.busy[crew] += 1;
        Some(crew as u32)
    }

    /// Somebody of `crew` is free again.
    pub(super) fn release(&mut self, plan: &Plan, crew: u32) {
        let busy = &mut self.crews.busy[crew as usize];
        *busy = busy.saturating_sub(1);
        self.serve_calls(plan);
    }

    /// A crew counts so many from now on; who is at work stays.
    pub(super) fn set_crew(&mut self, plan: &Plan, crew: usize, count: u32) {
        let old = std::mem::replace(&mut self.crews.count[crew], count);
        if count > old {
            self.serve_calls(plan);
        }
    }

    /// Sends who is free to the stations that wait, longest waiting first.
    pub(super) fn serve_calls(&mut self, plan: &Plan) {
        let mut place = 0;
        while let Some(&call) = self.crews.waiting.get(place) {
            let (station, repair) = (call as usize / 2, call % 2 == 1);
            let layout = &plan.stations[station];
            let skill = match (repair, self.stations[station].failed) {
                (false, _) => layout.operator,
                (true, Some(mode)) => layout.failures[mode as usize].repairer,
                (true, None) => layout.maintenance.as_ref().and_then(|plan| plan.repairer),
            };
            let Some(crew) = skill.and_then(|skill| self.crews.free(plan, skill)) else {
                place += 1;
                continue;
            };
            self.crews.waiting.remove(place);
            self.crews.busy[crew] += 1;
            if repair {
                self.stations[station].repairer = Some(crew as u32);
                self.begin_repair(plan, station);
            } else {
                self.stations[station].operator = Some(crew as u32);
                if self.stations[station].job == Job::Called {
                    self.prepare(plan, station);
                }
            }
        }
    }
}

//! A belt or roller track.
//!
//! Parts need not be moved one by one: where each of them is follows from when it was put on,
//! from how many are in front of it and from when the last one left. Instants are kept in *belt
//! time*, nanoseconds for which the belt has run, so that a stop costs nothing.
//!
//! With T the time from end to end and P that of one pitch, the part that was put on at e and has
//! r parts in front of it has come, at belt time b, so far (in time of travel):
//! `min(b − e, T − r P − max(0, P − (b − x)))`, where x is when the last part left: those that
//! stand behind each other move up together. On a belt that does not accumulate it is `b − e`.

use std::collections::VecDeque;

use super::items::ItemIndex;
use super::plan::{ConveyorPlan, Plan};
use super::tape::Tape;
use super::world::{Task, World};

/// The state of a conveyor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conveyor {
    /// Parts on it, first the one in front.
    pub(super) parts: VecDeque<ItemIndex>,
    /// When each was put on, belt time.
    entries: VecDeque<u64>,
    /// When the last part left, belt time.
    last_exit: Option<u64>,
    /// Belt time up to `since`.
    belt: u64,
    since: u64,
    /// Stopped by a part at its end.
    held: bool,
    /// Stopped from outside.
    switched_off: bool,
    /// Parts that left it.
    pub(super) count: u64,
}

impl Conveyor {
    /// How many parts are on it.
    pub(super) fn level(&self) -> usize {
        self.parts.len()
    }

    /// True while it moves.
    pub(super) fn moves(&self) -> bool {
        !self.held && !self.switched_off
    }

    fn belt_time(&self, now: u64) -> u64 {
        self.belt + if self.moves() { now - self.since } else { 0 }
    }

    /// When the part in front is at the end, belt time.
    fn exit_at(&self, plan: &ConveyorPlan) -> Option<u64> {
        let arrival = self.entries.front()? + plan.transit;
        let behind = self.last_exit.map_or(0, |exit| exit + plan.pitch);
        Some(if plan.accumulating {
            arrival.max(behind)
        } else {
            arrival
        })
    }

    /// The part that is at the end.
    pub(super) fn ready(&self, plan: &ConveyorPlan, now: u64) -> Option<ItemIndex> {
        let exit = self.exit_at(plan)?;
        let front = self.parts.front().copied();
        front.filter(|_| self.belt_time(now) >= exit)
    }

    /// How far the part with `rank` parts in front of it has come, as a share of the length.
    pub(super) fn share(&self, plan: &ConveyorPlan, rank: usize, now: u64) -> f64 {
        let belt = self.belt_time(now);
        let Some(entry) = self.entries.get(rank) else {
            return 0.0;
        };
        let mut travelled = belt.saturating_sub(*entry).min(plan.transit);
        if plan.accumulating {
            let since_exit = self.last_exit.map_or(u64::MAX, |exit| belt - exit);
            let moving_up = plan.pitch.saturating_sub(since_exit);
            let queue = rank as u64 * plan.pitch + moving_up;
            travelled = travelled.min(plan.transit.saturating_sub(queue));
        }
        travelled as f64 / plan.transit.max(1) as f64
    }

    /// Puts parts on it as they would lie after having waited: close behind the end.
    pub(super) fn fill(&mut self, plan: &ConveyorPlan, parts: impl IntoIterator<Item = ItemIndex>) {
        self.parts.extend(parts);
        let count = self.parts.len() as u64;
        self.belt = plan.transit;
        self.entries = (0..count).map(|rank| rank * plan.pitch).collect();
    }

    pub(super) fn tape(&mut self, tape: &mut Tape<'_>, items: usize) {
        tape.queue(&mut self.parts, items);
        let mut entries: Vec<_> = self.entries.iter().copied().collect();
        tape.list(&mut entries, 0, |entry, tape| tape.word(entry));
        if entries.len() != self.parts.len() {
            tape.refuse();
        }
        self.entries = entries.into();
        tape.optional_word(&mut self.last_exit);
        tape.word(&mut self.belt);
        tape.word(&mut self.since);
        tape.flag(&mut self.held);
        tape.flag(&mut self.switched_off);
        tape.word(&mut self.count);
    }
}

impl World {
    /// True if there is room at the beginning; else it is looked at again when there is.
    pub(super) fn conveyor_accepts(&mut self, plan: &Plan, place: usize) -> bool {
        let layout = &plan.conveyors[place];
        let conveyor = &self.conveyors[place];
        if conveyor.switched_off || conveyor.level() >= layout.capacity {
            return false;
        }
        let Some(last) = conveyor.entries.back() else {
            return true;
        };
        let (belt, open) = (conveyor.belt_time(self.now), last + layout.pitch);
        if belt >= open {
            return true;
        }
        if conveyor.moves() {
            self.calendar
                .plan(layout.entry_slot, self.now + (open - belt));
        }
        false
    }

    pub(super) fn enter_conveyor(&mut self, plan: &Plan, place: usize, item: ItemIndex) {
        let conveyor = &mut self.conveyors[place];
        let belt = conveyor.belt_time(self.now);
        conveyor.parts.push_back(item);
        conveyor.entries.push_back(belt);
        if conveyor.level() == 1 {
            self.plan_exit(plan, place);
        }
    }

    /// The part at the end is gone.
    pub(super) fn leave_conveyor(&mut self, plan: &Plan, place: usize) {
        let conveyor = &mut self.conveyors[place];
        let belt = conveyor.belt_time(self.now);
        conveyor.parts.pop_front();
        conveyor.entries.pop_front();
        conveyor.last_exit = Some(belt);
        conveyor.count += 1;
        self.move_belt(plan, place, false, self.conveyors[place].switched_off);
        self.plan_exit(plan, place);
        self.add_task(Task::Open(plan.conveyors[place].node));
    }

    /// The part at the end finds no room: a belt that does not accumulate stops.
    pub(super) fn stop_behind(&mut self, plan: &Plan, place: usize) {
        if !plan.conveyors[place].accumulating {
            self.move_belt(plan, place, true, self.conveyors[place].switched_off);
        }
    }

    /// Switches a conveyor on or off.
    pub(super) fn switch_conveyor(&mut self, plan: &Plan, place: usize, off: bool) {
        self.move_belt(plan, place, self.conveyors[place].held, off);
    }

    fn move_belt(&mut self, plan: &Plan, place: usize, held: bool, switched_off: bool) {
        let conveyor = &mut self.conveyors[place];
        if (conveyor.held, conveyor.switched_off) == (held, switched_off) {
            return;
        }
        conveyor.belt = conveyor.belt_time(self.now);
        conveyor.since = self.now;
        (conveyor.held, conveyor.switched_off) = (held, switched_off);
        self.plan_exit(plan, place);
        let layout = &plan.conveyors[place];
        if self.conveyors[place].moves() {
            self.add_task(Task::Open(layout.node));
        } else {
            self.calendar.cancel(layout.entry_slot);
        }
    }

    /// Plans when the part in front is at the end.
    pub(super) fn plan_exit(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.conveyors[place];
        let conveyor = &self.conveyors[place];
        match conveyor.exit_at(layout) {
            Some(exit) if conveyor.moves() => {
                let left = exit.saturating_sub(conveyor.belt_time(self.now));
                self.calendar.plan(layout.exit_slot, self.now + left);
            }
            _ => self.calendar.cancel(layout.exit_slot),
        }
    }
}

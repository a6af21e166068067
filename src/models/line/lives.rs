//! How long a station lives until each of its failures.
//!
//! A life is counted on one of two clocks: the time that the station is at work, or all time that
//! it is neither down nor maintained. It is kept as the reading of its clock at which it ends, so
//! that starting and stopping a clock touches no life.

use super::calendar::Calendar;
use super::plan::FailurePlan;
use super::tape::Tape;

/// The lives of a station under each kind of failure.
#[derive(Clone, Debug, PartialEq)]
#[repr(C)]
pub(super) struct Lives {
    work: Clock,
    /// The reading of the work's clock at which the first life counted on it ends, ns.
    first_end: u64,
    /// True while a life that is counted in time at work has an event in the calendar.
    planned: bool,
    /// True if a life is counted in all time.
    ages: bool,
    list: Vec<Life>,
    age: Clock,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Life {
    /// The whole, ns.
    whole: u64,
    /// What its clock reads when it ends, ns.
    end: u64,
    /// Counted in time at work.
    by_usage: bool,
    slot: u32,
}

/// Counts time while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Clock {
    /// What it read when it was started or stopped last, ns.
    read: u64,
    /// Since when it runs.
    since: Option<u64>,
}

impl Clock {
    #[inline]
    fn read(&self, now: u64) -> u64 {
        self.read + self.since.map_or(0, |since| now - since)
    }

    #[inline]
    fn stop(&mut self, now: u64) {
        self.read = self.read(now);
        self.since = None;
    }

    fn tape(&mut self, tape: &mut Tape<'_>) {
        tape.word(&mut self.read);
        tape.optional_word(&mut self.since);
    }
}

impl Default for Lives {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Lives {
    pub(super) fn new(failures: &[FailurePlan]) -> Self {
        let life = |failure: &FailurePlan| Life {
            whole: 0,
            end: 0,
            by_usage: failure.by_usage,
            slot: failure.slot,
        };
        let mut lives = Self {
            work: Clock::default(),
            first_end: 0,
            planned: false,
            ages: failures.iter().any(|failure| !failure.by_usage),
            list: failures.iter().map(life).collect(),
            age: Clock::default(),
        };
        lives.find_first_end();
        lives
    }

    /// False of a station that never fails.
    #[inline]
    pub(super) fn are_any(&self) -> bool {
        !self.list.is_empty()
    }

    /// How many kinds of failure there are.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    /// The share of life used up under the worst of the failures, from 0 to 1, at `now`.
    pub(super) fn wear(&self, now: u64) -> f64 {
        let worn = self
            .list
            .iter()
            .map(|life| 1.0 - self.left(life, now) as f64 / life.whole.max(1) as f64);
        worn.fold(0.0, f64::max).clamp(0.0, 1.0)
    }

    /// A new life of `whole` ns under the failure `mode`, whose clock stands still.
    pub(super) fn renew(&mut self, mode: usize, whole: u64, now: u64) {
        self.list[mode].whole = whole;
        self.set_left(mode, whole, now);
    }

    /// The life under the failure `mode` is at its end.
    pub(super) fn end(&mut self, mode: usize, now: u64, calendar: &mut Calendar) {
        self.set_left(mode, 0, now);
        calendar.cancel(self.list[mode].slot);
    }

    /// So much of every life is used up, from 0 to 1.
    pub(super) fn wear_down(&mut self, wear: f64, now: u64) {
        for mode in 0..self.list.len() {
            let left = (self.list[mode].whole as f64 * (1.0 - wear.clamp(0.0, 1.0))) as u64;
            self.set_left(mode, left, now);
        }
    }

    /// Every life lasts `factor` times as long from now on; work ends at `work_ends`.
    pub(super) fn stretch(
        &mut self,
        factor: f64,
        now: u64,
        work_ends: Option<u64>,
        calendar: &mut Calendar,
    ) {
        let scaled = |span: u64| ((span as f64) * factor).min(3.2e18) as u64;
        for mode in 0..self.list.len() {
            let life = self.list[mode];
            let left = scaled(self.left(&life, now));
            self.list[mode].whole = scaled(life.whole).max(1);
            self.set_left(mode, left, now);
            if self.clock(&life).since.is_some() {
                let ends = now + left;
                if !life.by_usage || work_ends.is_some_and(|work_ends| ends <= work_ends) {
                    self.planned |= life.by_usage;
                    calendar.plan(life.slot, ends);
                } else {
                    calendar.cancel(life.slot);
                }
            }
        }
    }

    /// Lets the clock of the work run, which has `left` ns to go.
    ///
    /// A life that is counted in time at work needs its slot of the calendar only if it ends
    /// before the work at hand does.
    #[inline]
    pub(super) fn start_work(&mut self, now: u64, left: u64, calendar: &mut Calendar) {
        if self.work.since.is_none() {
            self.work.since = Some(now);
            if self.first_end <= self.work.read.saturating_add(left) {
                self.plan_ends(now, left, calendar);
            }
        }
    }

    #[cold]
    fn plan_ends(&mut self, now: u64, left: u64, calendar: &mut Calendar) {
        for life in self.list.iter().filter(|life| life.by_usage) {
            let to_go = life.end.saturating_sub(self.work.read);
            if to_go <= left {
                calendar.plan(life.slot, now + to_go);
                self.planned = true;
            }
        }
    }

    /// Stops the clock of the work.
    #[inline]
    pub(super) fn stop_work(&mut self, now: u64, calendar: &mut Calendar) {
        if self.work.since.is_some() {
            self.work.stop(now);
            if self.planned {
                self.take_back(true, calendar);
                self.planned = false;
            }
        }
    }

    /// Starts or stops the clock of all time.
    #[inline]
    pub(super) fn set_aging(&mut self, runs: bool, now: u64, calendar: &mut Calendar) {
        if self.ages && runs != self.age.since.is_some() {
            self.turn_age(runs, now, calendar);
        }
    }

    #[cold]
    fn turn_age(&mut self, runs: bool, now: u64, calendar: &mut Calendar) {
        if !runs {
            self.age.stop(now);
            self.take_back(false, calendar);
            return;
        }
        self.age.since = Some(now);
        for life in self.list.iter().filter(|life| !life.by_usage) {
            calendar.plan(life.slot, now + life.end.saturating_sub(self.age.read));
        }
    }

    #[cold]
    fn take_back(&self, by_usage: bool, calendar: &mut Calendar) {
        for life in self.list.iter().filter(|life| life.by_usage == by_usage) {
            calendar.cancel(life.slot);
        }
    }

    fn clock(&self, life: &Life) -> &Clock {
        if life.by_usage { &self.work } else { &self.age }
    }

    /// What is left of a life, ns.
    fn left(&self, life: &Life, now: u64) -> u64 {
        life.end.saturating_sub(self.clock(life).read(now))
    }

    fn set_left(&mut self, mode: usize, left: u64, now: u64) {
        let read = self.clock(&self.list[mode]).read(now);
        self.list[mode].end = read.saturating_add(left);
        self.find_first_end();
    }

    fn find_first_end(&mut self) {
        let by_usage = self.list.iter().filter(|life| life.by_usage);
        let first = by_usage.map(|life| life.end).min();
        self.first_end = first.unwrap_or(u64::MAX);
    }

    pub(super) fn tape(&mut self, tape: &mut Tape<'_>) {
        for life in &mut self.list {
            tape.word(&mut life.whole);
            tape.word(&mut life.end);
        }
        self.work.tape(tape);
        self.age.tape(tape);
        tape.flag(&mut self.planned);
        self.find_first_end();
    }
}

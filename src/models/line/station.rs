//! A machine or work place: what it holds, what it does, and how its time is spent.
//!
//! A station has a *job* (waiting for parts, being set up, working, done) and may at the same
//! time be kept from it: broken down, maintained, off shift, switched off from outside. What its
//! [`State`] reads follows from both.

use super::items::ItemIndex;
use super::ledger::Ledger;
use super::lives::Lives;
use super::plan::{Needs, Plan, StationPlan, nanos};
use super::queue::Queue;
use super::world::{Task, World};

/// What a station does, as its signal `state` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Waits for parts (starved).
    #[default]
    Waiting = 0,
    /// Works.
    Working = 1,
    /// Cannot get rid of what it has made.
    Blocked = 2,
    /// Is set up for another product.
    Setup = 3,
    /// Has broken down.
    Failed = 4,
    /// Is maintained.
    Maintained = 5,
    /// Off shift, or switched off.
    Off = 6,
    /// Waits for an operator.
    Unattended = 7,
}

/// How many states there are.
pub(super) const STATES: usize = 8;

const ALL: [State; STATES] = [
    State::Waiting,
    State::Working,
    State::Blocked,
    State::Setup,
    State::Failed,
    State::Maintained,
    State::Off,
    State::Unattended,
];

impl State {
    /// Every state, in the order of their numbers.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter()
    }

    /// The state that a signal's value tells, if any.
    pub(super) fn of_value(value: f64) -> Option<Self> {
        let place = value.round();
        (0.0..STATES as f64)
            .contains(&place)
            .then(|| ALL[place as usize])
    }

    /// True while it is not waiting for others: at work, set up, down or maintained.
    pub(super) fn is_active(self) -> bool {
        matches!(
            self,
            Self::Working | Self::Setup | Self::Failed | Self::Maintained
        )
    }
}

/// How far a station is with the parts in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Job {
    /// Parts are missing.
    #[default]
    Empty,
    /// Everything is there but the operator.
    Called,
    /// Being set up.
    Setup,
    /// At work.
    Work,
    /// Done; something waits to be taken.
    Done,
}

/// The state of a station; what every part asks of it comes first, so that it lies together.
#[derive(Clone, Debug, Default, PartialEq)]
#[repr(C)]
pub(super) struct Station {
    /// Parts that it works on or will.
    pub(super) tray: Queue<2>,
    /// Parts that wait to be taken.
    pub(super) out: Queue<2>,
    /// What is left of the setup or work while its clock stands still, ns.
    pub(super) left: u64,
    pub(super) job: Job,
    /// True while the clock of the setup or work runs.
    pub(super) running: bool,
    pub(super) maintained: bool,
    pub(super) off_shift: bool,
    pub(super) switched_off: bool,
    pub(super) maintenance_due: bool,
    /// Its signal asks for maintenance; that counts once, when it begins to.
    pub(super) asked: bool,
    /// The failure it suffers from.
    pub(super) failed: Option<u32>,
    /// The crew whose operator is here.
    pub(super) operator: Option<u32>,
    pub(super) last_product: Option<u16>,
    /// Time at work since it was maintained, that of the part at hand included, ns.
    pub(super) used: u64,
    pub(super) speed: f64,
    pub(super) lives: Lives,
    pub(super) ledger: Ledger,
    /// The crew whose repairer is here.
    pub(super) repairer: Option<u32>,
    /// Breakdowns so far.
    pub(super) failures: u32,
    /// What repairs cost so far.
    pub(super) repair_cost: f64,
    /// Times that it was maintained.
    pub(super) maintenances: u32,
    pub(super) mtbf_factor: f64,
    pub(super) repair_factor: f64,
}

impl Station {
    pub(super) fn new(plan: &StationPlan) -> Self {
        Self {
            lives: Lives::new(&plan.failures),
            speed: 1.0,
            mtbf_factor: 1.0,
            repair_factor: 1.0,
            ..Self::default()
        }
    }

    /// The part that waits to be taken.
    #[inline]
    pub(super) fn ready(&self) -> Option<ItemIndex> {
        self.out.front()
    }

    /// True while parts are missing.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.job == Job::Empty
    }

    /// How many parts are in it.
    pub(super) fn level(&self) -> usize {
        self.tray.len() + self.out.len()
    }

    /// True unless something keeps it from its job.
    #[inline]
    pub(super) fn is_up(&self) -> bool {
        self.failed.is_none() && !self.maintained && !self.off_shift && !self.switched_off
    }

    /// What repairs and maintenance cost so far.
    pub(super) fn cost(&self, plan: &StationPlan) -> f64 {
        let each = plan.maintenance.as_ref().map_or(0.0, |plan| plan.cost);
        self.repair_cost + each * f64::from(self.maintenances)
    }

    /// What it does.
    #[inline]
    pub(super) fn state(&self) -> State {
        if self.failed.is_some() {
            State::Failed
        } else if self.maintained {
            State::Maintained
        } else if self.off_shift || self.switched_off {
            State::Off
        } else {
            match self.job {
                Job::Empty => State::Waiting,
                Job::Called => State::Unattended,
                Job::Setup => State::Setup,
                Job::Work => State::Working,
                Job::Done => State::Blocked,
            }
        }
    }
}

impl World {
    /// True if a station takes this part now.
    #[inline]
    pub(super) fn station_accepts(&self, plan: &Plan, place: usize, item: ItemIndex) -> bool {
        let station = &self.stations[place];
        if station.job != Job::Empty || !station.is_up() {
            return false;
        }
        match &plan.stations[place].needs {
            // A complete tray is not empty-handed any more.
            Needs::Any(_) => true,
            Needs::Kinds(kinds) => {
                let product = self.items.get(item).product;
                let held = |kind| {
                    let same = |other: &ItemIndex| self.items.get(*other).product == kind;
                    station.tray.iter().filter(same).count()
                };
                kinds
                    .iter()
                    .any(|(kind, count)| *kind == product && held(*kind) < *count as usize)
            }
        }
    }

    /// Puts a part into a station.
    #[inline]
    pub(super) fn enter_station(&mut self, plan: &Plan, place: usize, item: ItemIndex) {
        let station = &mut self.stations[place];
        station.tray.push_back(item);
        let needed = match &plan.stations[place].needs {
            Needs::Any(count) => *count as usize,
            Needs::Kinds(kinds) => kinds.iter().map(|(_, count)| *count as usize).sum(),
        };
        if station.tray.len() >= needed {
            self.begin_job(plan, place);
        }
    }

    /// Everything is there: work begins, with an operator if it needs one.
    #[inline]
    pub(super) fn begin_job(&mut self, plan: &Plan, place: usize) {
        self.stations[place].job = Job::Called;
        if let Some(skill) = plan.stations[place].operator
            && self.stations[place].operator.is_none()
        {
            let crew = self.call(plan, place, skill, false);
            self.stations[place].operator = crew;
            if crew.is_none() {
                self.refresh(plan, place);
                return;
            }
        }
        self.prepare(plan, place);
    }

    /// Sets the station up if it must be, or lets it work.
    #[inline]
    pub(super) fn prepare(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.stations[place];
        let product = self.tray_product(place);
        let last = self.stations[place].last_product.replace(product);
        let spread = match last {
            Some(last) if last != product => {
                let own = |(from, to, _): &&(u16, u16, _)| (*from, *to) == (last, product);
                let own = layout.setups.iter().find(own).map(|(_, _, spread)| spread);
                own.or(layout.setup.as_ref())
            }
            _ => None,
        };
        match spread {
            Some(spread) => {
                let span = spread.draw(&mut self.streams[layout.stream as usize]);
                let station = &mut self.stations[place];
                station.job = Job::Setup;
                station.left = nanos(span);
            }
            None => self.begin_work(plan, place, product),
        }
        self.refresh(plan, place);
    }

    fn tray_product(&self, place: usize) -> u16 {
        let first = self.stations[place].tray.front();
        first.map_or(0, |item| self.items.get(item).product)
    }

    #[inline]
    fn begin_work(&mut self, plan: &Plan, place: usize, product: u16) {
        let layout = &plan.stations[place];
        let own = layout.cycles.get(usize::from(product));
        let cycle = own.and_then(Option::as_ref).unwrap_or(&layout.cycle);
        let span = cycle.draw(&mut self.streams[layout.stream as usize]);
        let station = &mut self.stations[place];
        station.job = Job::Work;
        // A division takes its time, and one by 1 changes nothing.
        let span = if station.speed == 1.0 {
            span
        } else {
            span / station.speed
        };
        station.left = nanos(span);
        station.used += station.left;
    }

    /// A station's setup or work has come to its end.
    pub(super) fn end_work(&mut self, plan: &Plan, place: usize) {
        let station = &mut self.stations[place];
        station.running = false;
        station.left = 0;
        station.lives.stop_work(self.now, &mut self.calendar);
        if station.job == Job::Setup {
            let product = self.tray_product(place);
            self.begin_work(plan, place, product);
            self.refresh(plan, place);
            return;
        }
        let product = usize::from(self.tray_product(place));
        self.make(plan, place);
        let station = &mut self.stations[place];
        station.ledger.planned += plan.stations[place].ideal(product);
        station.job = Job::Done;
        if let Some(crew) = station.operator.take() {
            self.release(plan, crew);
        }
        // Only if it fails to send is it blocked; then `stay` tells so.
        self.send_first(plan, plan.stations[place].node);
    }

    /// What comes of the parts in the tray, good or bad.
    #[inline]
    fn make(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.stations[place];
        let station = &mut self.stations[place];
        if layout.makes.is_empty() {
            while let Some(item) = station.tray.pop_front() {
                station.out.push_back(item);
            }
        } else {
            let tray = std::mem::take(&mut station.tray);
            for item in tray.iter() {
                self.note_part(item, Some(layout.node), None);
            }
            let used: Vec<_> = tray.iter().map(|item| self.items.remove(item)).collect();
            let born = used.iter().filter_map(|item| item.born.get()).min();
            let order = used.iter().find_map(|item| item.order.get());
            let mut made = 0;
            for (product, count) in &layout.makes {
                for _ in 0..*count {
                    let item = self.items.add(*product, born, order);
                    self.stations[place].out.push_back(item);
                    self.note_part(item, None, Some(layout.node));
                    made += 1;
                }
            }
            self.books.note_made(self.now, used.len(), made);
        }
        let station = &mut self.stations[place];
        station.ledger.made += station.out.len() as u64;
        if layout.bad_share > 0.0 {
            for item in station.out.iter() {
                let bad = self.streams[layout.stream as usize + 1].share() < layout.bad_share;
                let part = self.items.get_mut(item);
                part.bad = bad;
                part.bound = layout.bad_to.filter(|_| bad).into();
                station.ledger.bad += u64::from(bad);
            }
        }
    }

    /// The first of what a station has made is gone.
    #[inline]
    pub(super) fn leave_station(&mut self, plan: &Plan, place: usize) {
        let station = &mut self.stations[place];
        station.out.pop_front();
        if station.out.is_empty() {
            station.job = Job::Empty;
            let layout = &plan.stations[place];
            if layout.maintenance.is_some() {
                self.become_free(plan, place);
            } else if self.may_be_awaited(plan, layout.node) {
                // Opening it books its state, mostly with the next part at work already.
                self.add_task(Task::Open(layout.node));
            } else {
                self.refresh(plan, place);
            }
        }
    }

    /// A station without parts is maintained if it is time, or asks for parts.
    pub(super) fn become_free(&mut self, plan: &Plan, place: usize) {
        if self.stations[place].job == Job::Empty {
            self.look_at_maintenance(plan, place);
        }
        self.refresh(plan, place);
        self.add_task(Task::Open(plan.stations[place].node));
    }

    /// Starts and stops a station's clocks, and books its state, after anything has changed.
    #[inline]
    pub(super) fn refresh(&mut self, plan: &Plan, place: usize) {
        let layout = &plan.stations[place];
        let station = &mut self.stations[place];
        let up = station.is_up();
        let runs = up && matches!(station.job, Job::Setup | Job::Work);
        if runs != station.running {
            station.running = runs;
            if runs {
                self.calendar
                    .plan(layout.work_slot, self.now + station.left);
            } else {
                let due = self.calendar.due(layout.work_slot).unwrap_or(self.now);
                station.left = due - self.now;
                self.calendar.cancel(layout.work_slot);
            }
        }
        let state = station.state();
        station.ledger.enter(self.now, state);
        if station.lives.are_any() {
            self.refresh_lives(place);
        }
    }
}

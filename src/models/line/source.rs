//! Where parts come from: whenever there is room, by chance, or by orders.

use std::collections::VecDeque;

use super::items::ItemIndex;
use super::plan::{Arrivals, Pick, Plan, nanos};
use super::world::{Task, World};

/// The state of a source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    /// Parts that have come and wait in front of the line.
    pub(super) backlog: VecDeque<ItemIndex>,
    /// A part that comes in as soon as there is room, and is not in the line yet.
    pub(super) next: Option<ItemIndex>,
    /// Released orders of which parts are still to come in, the one at hand first.
    pub(super) released: VecDeque<u32>,
    /// Parts of the order at hand that have come in.
    pub(super) begun: u32,
    /// How many of the source's orders were released.
    pub(super) orders_out: u32,
    /// The campaign at hand, and its parts so far.
    pub(super) campaign: (u32, u32),
    /// Parts that came in.
    pub(super) count: u64,
    /// How much faster than planned parts come.
    pub(super) rate_factor: f64,
}

impl Default for Source {
    fn default() -> Self {
        Self {
            backlog: VecDeque::new(),
            next: None,
            released: VecDeque::new(),
            begun: 0,
            orders_out: 0,
            campaign: (0, 0),
            count: 0,
            rate_factor: 1.0,
        }
    }
}

impl Source {
    /// Parts that wait in front of the line.
    pub(super) fn waiting(&self) -> usize {
        self.backlog.len()
    }
}

impl World {
    /// Plans a source's first part or order.
    pub(super) fn start_source(&mut self, plan: &Plan, place: usize) {
        match &plan.sources[place].arrivals {
            Arrivals::Unlimited => {}
            Arrivals::Every(_) => self.plan_arrival(plan, place),
            Arrivals::Orders(_) => self.plan_order(plan, place),
        }
        self.add_task(Task::Send(plan.sources[place].node));
    }

    /// A source's slot has come: a part arrives, or orders are released.
    pub(super) fn arrive(&mut self, plan: &Plan, place: usize) {
        let source = &plan.sources[place];
        match &source.arrivals {
            Arrivals::Unlimited => {}
            Arrivals::Every(_) => {
                let product = self.pick(plan, place);
                let item = self.items.add(product, Some(self.now), None);
                self.books.note_entered(self.now);
                self.sources[place].backlog.push_back(item);
                self.sources[place].count += 1;
                self.note_part(item, None, Some(source.node));
                self.plan_arrival(plan, place);
            }
            Arrivals::Orders(orders) => {
                let state = &mut self.sources[place];
                if let Some(order) = orders.get(state.orders_out as usize) {
                    state.released.push_back(*order);
                    state.orders_out += 1;
                }
                self.plan_order(plan, place);
            }
        }
        self.add_task(Task::Send(source.node));
    }

    /// Parts come so much faster from now on.
    pub(super) fn set_rate(&mut self, plan: &Plan, place: usize, factor: f64) {
        let old = std::mem::replace(&mut self.sources[place].rate_factor, factor);
        if old == factor || !matches!(plan.sources[place].arrivals, Arrivals::Every(_)) {
            return;
        }
        let slot = plan.sources[place].slot;
        if factor <= 0.0 {
            self.calendar.cancel(slot);
        } else if let Some(due) = self.calendar.due(slot) {
            let left = (due - self.now) as f64 * (old / factor);
            self.calendar.plan(slot, self.now + left as u64);
        } else {
            self.plan_arrival(plan, place);
        }
    }

    fn plan_arrival(&mut self, plan: &Plan, place: usize) {
        let source = &plan.sources[place];
        let factor = self.sources[place].rate_factor;
        if let Arrivals::Every(spread) = &source.arrivals
            && factor > 0.0
        {
            let span = spread.draw(&mut self.streams[source.stream as usize]) / factor;
            self.calendar.plan(source.slot, self.now + nanos(span));
        }
    }

    fn plan_order(&mut self, plan: &Plan, place: usize) {
        let source = &plan.sources[place];
        if let Arrivals::Orders(orders) = &source.arrivals
            && let Some(order) = orders.get(self.sources[place].orders_out as usize)
        {
            let release = self.releases[*order as usize];
            self.calendar.plan(source.slot, release.max(self.now));
        }
    }

    /// The part that a source could send now.
    pub(super) fn source_ready(&mut self, plan: &Plan, place: usize) -> Option<ItemIndex> {
        let state = &self.sources[place];
        if let Some(item) = state.backlog.front().copied().or(state.next) {
            return Some(item);
        }
        let (product, order) = match &plan.sources[place].arrivals {
            Arrivals::Every(_) => return None,
            Arrivals::Unlimited => (self.pick(plan, place), None),
            Arrivals::Orders(_) => {
                let order = state.released.front().copied()?;
                (plan.orders[order as usize].product, Some(order))
            }
        };
        let item = self.items.add(product, None, order);
        self.sources[place].next = Some(item);
        Some(item)
    }

    pub(super) fn leave_source(&mut self, plan: &Plan, place: usize) {
        let state = &mut self.sources[place];
        if state.backlog.pop_front().is_some() {
            return;
        }
        let Some(item) = state.next.take() else {
            return;
        };
        state.count += 1;
        if let Some(order) = state.released.front() {
            state.begun += 1;
            if state.begun >= plan.orders[*order as usize].count {
                state.begun = 0;
                state.released.pop_front();
            }
        }
        self.items.get_mut(item).born = Some(self.now).into();
        self.books.note_entered(self.now);
        self.note_part(item, None, Some(plan.sources[place].node));
    }

    /// Which product comes next.
    fn pick(&mut self, plan: &Plan, place: usize) -> u16 {
        let source = &plan.sources[place];
        match &source.pick {
            Pick::Only(product) => *product,
            Pick::Mix(sums) => {
                let share = self.streams[source.stream as usize].share();
                let found = sums.partition_point(|(_, sum)| *sum <= share);
                sums[found.min(sums.len() - 1)].0
            }
            Pick::Campaigns(campaigns) => {
                let (at, done) = &mut self.sources[place].campaign;
                let (product, count) = campaigns[*at as usize];
                *done += 1;
                if *done >= count {
                    (*at, *done) = ((*at + 1) % campaigns.len() as u32, 0);
                }
                product
            }
        }
    }
}

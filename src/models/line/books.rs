//! What the line as a whole has done: parts in and out, work in process, lead times, orders.

use super::plan::{Plan, secs};
use super::tape::Tape;

/// The accounts of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Books {
    /// Parts in the line now.
    pub(super) inside: u64,
    /// Sum of parts times their time in the line up to `since`, part·s.
    area: f64,
    since: u64,
    /// Parts that came in from sources.
    pub(super) entered: u64,
    /// Parts that were there at the start.
    pub(super) found: u64,
    /// Parts that left through sinks.
    pub(super) left: u64,
    /// Parts that were used up by what was put together or taken apart.
    pub(super) consumed: u64,
    /// Parts that came of it.
    pub(super) made: u64,
    /// Sum of lead times, s.
    pub(super) lead_sum: f64,
    /// How many these are.
    pub(super) lead_count: u64,
    /// The longest, s.
    pub(super) lead_most: f64,
    /// Good parts of each order that have left.
    pub(super) order_done: Vec<u32>,
    /// When each order was complete, ns.
    pub(super) order_at: Vec<Option<u64>>,
    /// The parts of each order.
    order_counts: Vec<u32>,
}

impl Books {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            order_done: vec![0; plan.orders.len()],
            order_at: vec![None; plan.orders.len()],
            order_counts: plan.orders.iter().map(|order| order.count).collect(),
            ..Self::default()
        }
    }

    /// Work in process times time up to `now`, part·s.
    pub(super) fn area(&self, now: u64) -> f64 {
        self.area + self.inside as f64 * secs(now - self.since)
    }

    fn change(&mut self, now: u64, by: i64) {
        self.area = self.area(now);
        self.since = now;
        self.inside = self.inside.saturating_add_signed(by);
    }

    /// A part came in.
    pub(super) fn note_entered(&mut self, now: u64) {
        self.change(now, 1);
        self.entered += 1;
    }

    /// A part was there at the start.
    pub(super) fn note_found(&mut self) {
        self.inside += 1;
        self.found += 1;
    }

    /// A part left.
    pub(super) fn note_left(&mut self, now: u64) {
        self.change(now, -1);
        self.left += 1;
    }

    /// `consumed` parts became `made` others.
    pub(super) fn note_made(&mut self, now: u64, consumed: usize, made: usize) {
        self.change(now, made as i64 - consumed as i64);
        self.consumed += consumed as u64;
        self.made += made as u64;
    }

    pub(super) fn note_lead(&mut self, lead: f64) {
        self.lead_sum += lead;
        self.lead_count += 1;
        self.lead_most = self.lead_most.max(lead);
    }

    /// A good part of `order` left.
    pub(super) fn note_order(&mut self, now: u64, order: u32) {
        let place = order as usize;
        self.order_done[place] += 1;
        if self.order_done[place] >= self.order_counts[place] {
            self.order_at[place].get_or_insert(now);
        }
    }

    pub(super) fn tape(&mut self, tape: &mut Tape<'_>) {
        for word in [
            &mut self.inside,
            &mut self.since,
            &mut self.entered,
            &mut self.found,
            &mut self.left,
            &mut self.consumed,
            &mut self.made,
            &mut self.lead_count,
        ] {
            tape.word(word);
        }
        for real in [&mut self.area, &mut self.lead_sum, &mut self.lead_most] {
            tape.real(real);
        }
        for done in &mut self.order_done {
            tape.small(done);
        }
        for at in &mut self.order_at {
            tape.optional_word(at);
        }
    }
}

//! Where parts leave the line.

use super::items::ItemIndex;
use super::plan::secs;
use super::world::World;

/// The state of a sink.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sink {
    /// Parts that left here.
    pub(super) count: u64,
    /// Bad ones among them.
    pub(super) bad: u64,
    /// Sum of the lead times of the parts of which it is known, s.
    pub(super) lead_sum: f64,
    /// How many these are.
    pub(super) lead_count: u64,
}

impl World {
    /// Takes a part out of the line.
    pub(super) fn enter_sink(&mut self, place: usize, item: ItemIndex) {
        let item = self.items.remove(item);
        let sink = &mut self.sinks[place];
        sink.count += 1;
        sink.bad += u64::from(item.bad);
        if let Some(born) = item.born.get() {
            let lead = secs(self.now - born);
            sink.lead_sum += lead;
            sink.lead_count += 1;
            self.books.note_lead(lead);
        }
        self.books.note_left(self.now);
        if !item.bad
            && let Some(order) = item.order.get()
        {
            self.books.note_order(self.now, order);
        }
    }
}

//! When what happens next: one slot for each thing that can wait for an instant.
//!
//! The number of slots is known when a line is laid out: a station's work, its breakdowns, a
//! conveyor's exit, a vehicle. So the calendar is a winner tree over slots (Knuth, *The Art of
//! Computer Programming* 3, section 5.4.1): planning, moving and cancelling cost one path from
//! leaf to root, and nothing is allocated. At one instant what was planned first comes first.
//!
//! `benches/line` holds it against heaps: quicker than a heap of four or the standard one up to a
//! few dozen slots, level with the standard one at two hundred, and slower beyond some thousands.

/// The next event of every slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// Node k has the children 2k and 2k + 1 and holds the smaller key; leaves lie from `width` on.
    tree: Vec<u128>,
    width: usize,
    planned: u64,
    /// The slot whose event was taken out last: its key stays in the tree until something is
    /// planned in it, which is mostly at once, or until the next event is taken out.
    taken: Option<u32>,
}

/// The key of a slot that waits for nothing.
const NEVER: u128 = u128::MAX;
/// A key is the instant (64 bits), then the sequence number (40 bits), then the slot (24 bits).
const SLOT_BITS: u32 = 24;
const INSTANT_SHIFT: u32 = 64;
const SEQUENCE_MASK: u64 = (1 << (INSTANT_SHIFT - SLOT_BITS)) - 1;

impl Calendar {
    /// The most slots of a calendar.
    pub const MOST_SLOTS: usize = 1 << SLOT_BITS;

    /// A calendar with nothing planned in `slots` slots.
    pub fn new(slots: usize) -> Self {
        let width = slots.clamp(2, Self::MOST_SLOTS).next_power_of_two();
        Self {
            tree: vec![NEVER; 2 * width],
            width,
            planned: 0,
            taken: None,
        }
    }

    /// Plans the event of `slot` for `at`, ns, instead of what was planned in it.
    #[inline]
    pub fn plan(&mut self, slot: u32, at: u64) {
        self.planned += 1;
        let sequence = u128::from(self.planned & SEQUENCE_MASK) << SLOT_BITS;
        let key = u128::from(at) << INSTANT_SHIFT | sequence | u128::from(slot);
        self.set(slot as usize, key);
    }

    /// Takes back what is planned in `slot`.
    #[inline]
    pub fn cancel(&mut self, slot: u32) {
        if self.tree[self.width + slot as usize] != NEVER {
            self.set(slot as usize, NEVER);
        }
    }

    /// When the event of `slot` happens, ns.
    pub fn due(&self, slot: u32) -> Option<u64> {
        let key = self.tree[self.width + slot as usize];
        instant(key).filter(|_| self.taken != Some(slot))
    }

    /// When the next event of all happens, ns.
    pub fn next_at(&mut self) -> Option<u64> {
        self.clear_taken();
        instant(self.tree[1])
    }

    /// Takes out the next event that happens at `until` or before: its instant and slot.
    #[inline]
    pub fn take(&mut self, until: u64) -> Option<(u64, u32)> {
        self.clear_taken();
        let first = self.tree[1];
        let at = instant(first).filter(|at| *at <= until)?;
        let slot = first as u32 & ((1 << SLOT_BITS) - 1);
        self.taken = Some(slot);
        Some((at, slot))
    }

    #[inline]
    fn clear_taken(&mut self) {
        if let Some(slot) = self.taken {
            self.set(slot as usize, NEVER);
        }
    }

    /// How many events were planned so far.
    pub fn planned(&self) -> u64 {
        self.planned
    }

    /// The sequence number and the key of every slot, for a saved state.
    pub(super) fn parts(&mut self) -> (u64, &[u128]) {
        self.clear_taken();
        (self.planned, &self.tree[self.width..])
    }

    /// Brings back what [`parts`](Self::parts) told; false if the keys are not of this calendar.
    pub(super) fn set_parts(&mut self, planned: u64, keys: &[u128]) -> bool {
        let own = |(slot, key): (usize, &u128)| {
            *key == NEVER || *key as usize & ((1 << SLOT_BITS) - 1) == slot
        };
        if keys.len() != self.width || !keys.iter().enumerate().all(own) {
            return false;
        }
        self.planned = planned;
        self.taken = None;
        self.tree[self.width..].copy_from_slice(keys);
        for node in (1..self.width).rev() {
            self.tree[node] = self.tree[2 * node].min(self.tree[2 * node + 1]);
        }
        true
    }

    #[inline]
    fn set(&mut self, slot: usize, key: u128) {
        if self.taken == Some(slot as u32) {
            self.taken = None;
        }
        let mut node = self.width + slot;
        self.tree[node] = key;
        let mut smallest = key;
        while node > 1 {
            smallest = smallest.min(self.tree[node ^ 1]);
            node /= 2;
            if self.tree[node] == smallest {
                // Nothing changes from here up.
                return;
            }
            self.tree[node] = smallest;
        }
    }
}

/// The instant of a key; `None` of a slot that waits for nothing.
#[inline]
fn instant(key: u128) -> Option<u64> {
    (key != NEVER).then_some((key >> INSTANT_SHIFT) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_of_time_and_then_of_planning() {
        let mut calendar = Calendar::new(5);
        for (slot, at) in [(4, 20), (3, 10), (0, 10), (1, 5), (2, 7)] {
            calendar.plan(slot, at);
        }
        calendar.cancel(1);
        calendar.plan(2, 30); // moved
        assert_eq!(calendar.next_at(), Some(10));
        assert_eq!(calendar.take(9), None);
        assert_eq!(calendar.take(15), Some((10, 3)));
        assert_eq!(calendar.take(15), Some((10, 0)));
        assert_eq!(calendar.take(15), None);
        assert_eq!(calendar.take(99), Some((20, 4)));
        assert_eq!(calendar.take(99), Some((30, 2)));
        assert_eq!(calendar.next_at(), None);
    }

    #[test]
    fn keys_of_another_calendar_are_refused() {
        let mut calendar = Calendar::new(4);
        calendar.plan(2, 10);
        let (planned, keys) = calendar.parts();
        let (keys, mut exchanged) = (keys.to_vec(), keys.to_vec());
        exchanged.swap(1, 2);
        let mut other = Calendar::new(4);
        assert!(!other.set_parts(planned, &exchanged));
        assert!(!other.set_parts(planned, &keys[..2]));
        assert!(other.set_parts(planned, &keys));
        assert_eq!(other, calendar);
    }
}

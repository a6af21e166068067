//! Parts in a row, first in, first out; the first few lie where the queue itself does.

use std::collections::VecDeque;

use super::items::ItemIndex;
use super::tape::Tape;

/// A queue of parts, `NEAR` of which need no memory elsewhere.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Queue<const NEAR: usize> {
    /// A ring.
    near: [ItemIndex; NEAR],
    first: u32,
    count: u32,
    /// Those behind; empty unless the ring is full.
    far: VecDeque<ItemIndex>,
}

impl<const NEAR: usize> Default for Queue<NEAR> {
    fn default() -> Self {
        Self {
            near: [0; NEAR],
            first: 0,
            count: 0,
            far: VecDeque::new(),
        }
    }
}

impl<const NEAR: usize> PartialEq for Queue<NEAR> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<const NEAR: usize> Queue<NEAR> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        let near = self.count as usize;
        // Only of a full ring does anything lie elsewhere.
        if near < NEAR {
            near
        } else {
            near + self.far.len()
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline]
    pub(super) fn front(&self) -> Option<ItemIndex> {
        (self.count > 0).then(|| self.near[self.first as usize])
    }

    #[inline]
    pub(super) fn push_back(&mut self, item: ItemIndex) {
        if (self.count as usize) < NEAR {
            let place = self.place(self.count);
            self.near[place] = item;
            self.count += 1;
        } else {
            self.far.push_back(item);
        }
    }

    #[inline]
    pub(super) fn pop_front(&mut self) -> Option<ItemIndex> {
        let item = self.front()?;
        self.first = self.place(1) as u32;
        let was_full = self.count as usize == NEAR;
        self.count -= 1;
        if was_full && let Some(next) = self.far.pop_front() {
            self.push_back(next);
        }
        Some(item)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ItemIndex> + Clone + '_ {
        let near = (0..self.count).map(|rank| self.near[self.place(rank)]);
        near.chain(self.far.iter().copied())
    }

    /// The place in the ring of the part of this rank.
    #[inline]
    fn place(&self, rank: u32) -> usize {
        let place = (self.first + rank) as usize;
        if place < NEAR { place } else { place - NEAR }
    }

    /// Walks over the parts, whose indices are below `most`.
    pub(super) fn tape(&mut self, tape: &mut Tape<'_>, most: usize) {
        let mut list: Vec<_> = self.iter().collect();
        tape.indices(&mut list, most);
        if tape.is_reading() {
            *self = list.into_iter().collect();
        }
    }
}

impl<const NEAR: usize> Extend<ItemIndex> for Queue<NEAR> {
    fn extend<T: IntoIterator<Item = ItemIndex>>(&mut self, items: T) {
        for item in items {
            self.push_back(item);
        }
    }
}

impl<const NEAR: usize> FromIterator<ItemIndex> for Queue<NEAR> {
    fn from_iter<T: IntoIterator<Item = ItemIndex>>(items: T) -> Self {
        let mut queue = Self::default();
        queue.extend(items);
        queue
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_leave_in_the_order_in_which_they_came(
            steps in prop::collection::vec(any::<bool>(), 0..200),
        ) {
            let mut queue = Queue::<3>::default();
            let mut peer = VecDeque::new();
            for (item, comes) in (0..).zip(steps) {
                if comes {
                    queue.push_back(item);
                    peer.push_back(item);
                } else {
                    prop_assert_eq!(queue.pop_front(), peer.pop_front());
                }
                prop_assert_eq!(queue.front(), peer.front().copied());
                prop_assert_eq!(queue.len(), peer.len());
                prop_assert_eq!(queue.is_empty(), peer.is_empty());
                prop_assert!(queue.iter().eq(peer.iter().copied()));
            }
        }
    }
}

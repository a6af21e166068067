//! The parts that are in the line.

use super::slim::Slim;
use super::tape::Tape;

/// A part's place in [`Items`] while it is in the line.
pub(super) type ItemIndex = u32;

/// One part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Item {
    /// Who it is; no two parts of a run have the same.
    pub(super) id: u64,
    /// When it came in, ns; of what is put together, when the oldest of its parts came in. `None`
    /// if it was there at the start.
    pub(super) born: Slim<u64>,
    /// What it is.
    pub(super) product: u16,
    /// Found bad.
    pub(super) bad: bool,
    /// The node that it must go to next, decided by chance or inspection.
    pub(super) bound: Slim<u32>,
    /// The order it is made for.
    pub(super) order: Slim<u32>,
}

/// All parts, in places that are used again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Items {
    places: Vec<Item>,
    free: Vec<ItemIndex>,
    made: u64,
}

impl Items {
    /// Puts in a new part.
    #[inline]
    pub(super) fn add(&mut self, product: u16, born: Option<u64>, order: Option<u32>) -> ItemIndex {
        let item = Item {
            id: self.made,
            born: born.into(),
            product,
            bad: false,
            bound: Slim::NONE,
            order: order.into(),
        };
        self.made += 1;
        if let Some(place) = self.free.pop() {
            self.places[place as usize] = item;
            return place;
        }
        self.places.push(item);
        (self.places.len() - 1) as ItemIndex
    }

    /// Takes out a part.
    #[inline]
    pub(super) fn remove(&mut self, index: ItemIndex) -> Item {
        self.free.push(index);
        self.places[index as usize]
    }

    #[inline]
    pub(super) fn get(&self, index: ItemIndex) -> &Item {
        &self.places[index as usize]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, index: ItemIndex) -> &mut Item {
        &mut self.places[index as usize]
    }

    /// How many places there are; every index is below.
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    /// Walks over the parts of a line of so many nodes and orders.
    pub(super) fn tape(&mut self, tape: &mut Tape<'_>, nodes: usize, orders: usize) {
        tape.word(&mut self.made);
        let blank = Item {
            id: 0,
            born: Slim::NONE,
            product: 0,
            bad: false,
            bound: Slim::NONE,
            order: Slim::NONE,
        };
        tape.list(&mut self.places, blank, |item, tape| {
            tape.word(&mut item.id);
            tape.slim_word(&mut item.born);
            let mut product = u32::from(item.product);
            tape.small(&mut product);
            item.product = product as u16;
            tape.flag(&mut item.bad);
            tape.slim_below(&mut item.bound, nodes);
            tape.slim_below(&mut item.order, orders);
        });
        let places = self.places.len();
        tape.indices(&mut self.free, places);
    }
}

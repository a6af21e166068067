//! Which 64-bit numbers there are in a column, and which of them stands in each row.

/// Numbers that occur, and for each row the place of its number among them.
#[derive(Debug, Default)]
pub(in crate::recording::segment) struct Dictionary {
    /// Each number once.
    pub(in crate::recording::segment) entries: Vec<u64>,
    /// By row, the place of its number.
    pub(in crate::recording::segment) rows: Vec<u32>,
}

/// The most entries: 1 MiB, which other readers take as well.
pub(in crate::recording::segment) const MOST_ENTRIES: usize = 1 << 17;

/// Looks up numbers by their bits: open addressing, so that a look is one cache line.
struct Places {
    /// A number and its place plus one; zero where nothing is.
    slots: Vec<(u64, u32)>,
    shift: u32,
}

impl Dictionary {
    /// The dictionary in the order of first appearance; `None` if it would not pay.
    pub(in crate::recording::segment) fn of(numbers: &[u64]) -> Option<Self> {
        let most = MOST_ENTRIES.min(numbers.len() / 4 + 256);
        let mut entries: Vec<u64> = Vec::new();
        let mut rows = Vec::with_capacity(numbers.len());
        let mut places = Places::new(12);
        // What came after the number before, the last time: times repeat from signal to signal,
        // and so mostly the next entry is meant. A value mostly repeats the one before.
        let mut last = 0;
        for &number in numbers {
            let next = last as usize + 1;
            let place = if entries.get(last as usize) == Some(&number) {
                last
            } else if entries.get(next) == Some(&number) {
                next as u32
            } else {
                let place = places.find_or_add(number, entries.len() as u32);
                if place as usize == entries.len() {
                    if entries.len() == most {
                        return None;
                    }
                    entries.push(number);
                    if entries.len() * 2 > places.slots.len() {
                        places.grow();
                    }
                }
                place
            };
            rows.push(place);
            last = place;
        }
        Some(Self { entries, rows })
    }

    /// Puts the entries in the order of `key`, so that numbers of one signal lie together.
    pub(in crate::recording::segment) fn sort_by_key(&mut self, key: impl Fn(u64) -> i64) {
        let mut order: Vec<u32> = (0..self.entries.len() as u32).collect();
        order.sort_unstable_by_key(|&place| key(self.entries[place as usize]));
        let mut ranks = vec![0; order.len()];
        for (rank, &place) in order.iter().enumerate() {
            ranks[place as usize] = rank as u32;
        }
        self.entries = order
            .iter()
            .map(|&place| self.entries[place as usize])
            .collect();
        for row in &mut self.rows {
            *row = ranks[*row as usize];
        }
    }
}

impl Places {
    fn new(bits: u32) -> Self {
        Self {
            slots: vec![(0, 0); 1 << bits],
            shift: u64::BITS - bits,
        }
    }

    /// The place of a number; `next` if it was not known.
    fn find_or_add(&mut self, number: u64, next: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.home(number);
        loop {
            match self.slots[slot] {
                (_, 0) => {
                    self.slots[slot] = (number, next + 1);
                    return next;
                }
                (known, place) if known == number => return place - 1,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// Fibonacci hashing (Knuth, volume 3, 6.4), with the upper half folded in first.
    fn home(&self, number: u64) -> usize {
        let folded = number ^ (number >> 32);
        (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    fn grow(&mut self) {
        let bits = u64::BITS - self.shift + 1;
        let old = std::mem::replace(self, Self::new(bits));
        for (number, place) in old.slots {
            if place > 0 {
                self.find_or_add(number, place - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_row_finds_its_number_and_each_number_stands_once(
            numbers in prop::collection::vec(prop_oneof![0..9_000_u64, any::<u64>()], 0..12_000),
        ) {
            if let Some(mut dictionary) = Dictionary::of(&numbers) {
                for sorted in [false, true] {
                    if sorted {
                        dictionary.sort_by_key(|number| number as i64);
                        prop_assert!(dictionary.entries.is_sorted_by_key(|&number| number as i64));
                    }
                    let rows = dictionary.rows.iter();
                    let back: Vec<_> = rows.map(|&row| dictionary.entries[row as usize]).collect();
                    prop_assert_eq!(&back, &numbers);
                    let mut once = dictionary.entries.clone();
                    once.sort_unstable();
                    once.dedup();
                    prop_assert_eq!(once.len(), dictionary.entries.len());
                }
            } else {
                let mut once = numbers.clone();
                once.sort_unstable();
                once.dedup();
                prop_assert!(once.len() > numbers.len() / 4 + 256);
            }
        }
    }

    #[test]
    fn numbers_that_never_repeat_have_no_dictionary() {
        let numbers: Vec<u64> = (0..5_000).collect();
        assert!(Dictionary::of(&numbers).is_none());
    }
}

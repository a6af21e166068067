//! Samples column by column, as they are sealed, loaded and searched.

use crate::signal::{Clock, Quality, Sample};
use crate::time::Timestamp;

/// What a row says beside its numbers, in one byte: quality, clock, and whether it is no
/// sample at all but tells that the link was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(u8);

const RECEIVER: u8 = 0x40;
const LOST: u8 = 0x80;

/// Rows of samples, column by column. All columns have the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleColumns {
    /// The instants they speak of.
    pub at: Vec<Timestamp>,
    /// When they reached us.
    pub received: Vec<Timestamp>,
    /// The values, SI; of no meaning where the link was lost.
    pub value: Vec<f64>,
    /// The rest.
    pub mark: Vec<Mark>,
}

impl Mark {
    /// The mark of a sample.
    pub const fn of(quality: Quality, clock: Clock) -> Self {
        let clock = match clock {
            Clock::Source => 0,
            Clock::Receiver => RECEIVER,
        };
        Self(quality as u8 | clock)
    }

    /// The mark of a lost link.
    pub const fn lost() -> Self {
        Self(Quality::BadNotConnected as u8 | RECEIVER | LOST)
    }

    /// True where the link was lost.
    pub const fn is_lost(self) -> bool {
        self.0 & LOST != 0
    }

    /// The quality.
    pub fn quality(self) -> Quality {
        Quality::ALL[usize::from(self.0 & !(RECEIVER | LOST))]
    }

    /// Whose clock it was.
    pub const fn clock(self) -> Clock {
        if self.0 & RECEIVER == 0 {
            Clock::Source
        } else {
            Clock::Receiver
        }
    }
}

impl SampleColumns {
    /// No rows, with room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            at: Vec::with_capacity(rows),
            received: Vec::with_capacity(rows),
            value: Vec::with_capacity(rows),
            mark: Vec::with_capacity(rows),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Adds a sample.
    pub fn push(&mut self, sample: Sample) {
        self.at.push(sample.at);
        self.received.push(sample.received);
        self.value.push(sample.value);
        self.mark.push(Mark::of(sample.quality, sample.clock));
    }

    /// Adds that the link was lost.
    pub fn push_lost(&mut self, at: Timestamp) {
        self.at.push(at);
        self.received.push(at);
        self.value.push(0.0);
        self.mark.push(Mark::lost());
    }

    /// Adds a row of other columns.
    pub fn push_row(&mut self, other: &Self, row: usize) {
        self.at.push(other.at[row]);
        self.received.push(other.received[row]);
        self.value.push(other.value[row]);
        self.mark.push(other.mark[row]);
    }

    /// Rows that every column has: all of them, unless they were filled wrongly.
    pub(super) fn whole_rows(&self) -> usize {
        let others = self.received.len().min(self.value.len());
        self.at.len().min(others).min(self.mark.len())
    }

    /// The memory that they take.
    pub fn bytes(&self) -> usize {
        let times = self.at.capacity() + self.received.capacity();
        times * size_of::<Timestamp>()
            + self.value.capacity() * size_of::<f64>()
            + self.mark.capacity() * size_of::<Mark>()
    }

    /// Puts a sample in the place of a row.
    pub(super) fn set(&mut self, row: usize, sample: &Sample) {
        self.at[row] = sample.at;
        self.received[row] = sample.received;
        self.value[row] = sample.value;
        self.mark[row] = Mark::of(sample.quality, sample.clock);
    }

    /// The sample of a row; `None` where the link was lost.
    pub fn sample(&self, row: usize) -> Option<Sample> {
        let mark = self.mark[row];
        (!mark.is_lost()).then(|| Sample {
            at: self.at[row],
            value: self.value[row],
            quality: mark.quality(),
            clock: mark.clock(),
            received: self.received[row],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_back_the_sample_that_was_pushed() {
        let mut columns = SampleColumns::default();
        for (place, quality) in Quality::ALL.into_iter().enumerate() {
            for clock in [Clock::Source, Clock::Receiver] {
                let sample = Sample {
                    at: Timestamp::from_secs(place as i64),
                    value: 0.1 * place as f64,
                    quality,
                    clock,
                    received: Timestamp::from_secs(9),
                };
                columns.push(sample);
                assert_eq!(columns.sample(columns.len() - 1), Some(sample));
            }
        }
        columns.push_lost(Timestamp::from_secs(3));
        assert_eq!(columns.sample(columns.len() - 1), None);
        assert_eq!(columns.at.len(), columns.mark.len());
    }
}

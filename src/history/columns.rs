//! A signal over time, summed up column by column, so that a trend of any length costs
//! no more to draw than the plot is wide and still shows every peak.

use std::ops::Range;

use super::archive::Stretch;
use crate::signal::{Quality, Sample};
use crate::time::Timestamp;

/// All samples that fall into one column of a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// The first of them.
    pub first: Sample,
    /// The last of them.
    pub last: Sample,
    /// The lowest value, SI.
    pub min: f64,
    /// The highest value, SI.
    pub max: f64,
    /// The mean of the values, each weighing the same, SI.
    pub mean: f64,
    /// The worst quality.
    pub worst: Quality,
    /// How many there are.
    pub count: usize,
}

impl Column {
    /// Of one sample alone.
    pub fn of(sample: Sample) -> Self {
        Self {
            first: sample,
            last: sample,
            min: sample.value,
            max: sample.value,
            mean: sample.value,
            worst: sample.quality,
            count: 1,
        }
    }

    /// Takes in a sample no older than those before.
    pub fn add(&mut self, sample: Sample) {
        self.last = sample;
        self.min = self.min.min(sample.value);
        self.max = self.max.max(sample.value);
        self.worst = self.worst.max(sample.quality);
        self.count += 1;
        self.mean = mixed(self.mean, sample.value, 1.0 / self.count as f64);
    }

    /// Takes in samples summed up elsewhere, of any time.
    pub fn merge(&mut self, other: &Self) {
        if other.first.at < self.first.at {
            self.first = other.first;
        }
        if other.last.at > self.last.at {
            self.last = other.last;
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.worst = self.worst.max(other.worst);
        self.count += other.count;
        let share = other.count as f64 / self.count.max(1) as f64;
        self.mean = mixed(self.mean, other.mean, share);
    }
}

/// The mean of two values, the second of which has a share of the weight. Never overflows.
fn mixed(one: f64, other: f64, share: f64) -> f64 {
    one * (1.0 - share) + other * share
}

/// Columns that are being summed up, from the first sample to the last.
#[derive(Debug)]
pub(super) struct Sums {
    ruler: Ruler,
    columns: Vec<Option<Column>>,
    place: usize,
    span: Range<i128>,
}

/// Borders of columns, in whole nanoseconds.
#[derive(Debug)]
struct Ruler {
    from: i128,
    length: i128,
    count: i128,
    /// Borders lie on whole multiples of it.
    bucket: i128,
}

impl Sums {
    /// Empty columns, at least one, that part `asked` evenly; with a bucket of so many ns,
    /// borders lie at the start of one, and the first and the last bucket are whole.
    pub(super) fn new(asked: Stretch, count: usize, bucket: Option<i64>) -> Self {
        let ruler = Ruler {
            from: asked.from.nanos().into(),
            length: i128::from(asked.to.nanos()) - i128::from(asked.from.nanos()),
            count: count.max(1) as i128,
            bucket: bucket.unwrap_or(1).max(1).into(),
        };
        Self {
            columns: vec![None; count.max(1)],
            place: 0,
            span: ruler.span(0),
            ruler,
        }
    }

    /// The instants that all columns take in together.
    pub(super) fn stretch(&self) -> Stretch {
        let (start, end) = (self.ruler.start(0), self.ruler.start(self.ruler.count));
        Stretch::of_nanos(start, end - 1)
    }

    pub(super) fn add_samples(&mut self, samples: &[Sample]) {
        for sample in samples {
            match self.column_of(sample.at) {
                Some(column) => column.add(*sample),
                empty => *empty = Some(Column::of(*sample)),
            }
        }
    }

    /// Adds samples that were summed up, to the column of the first of them.
    pub(super) fn add_column(&mut self, part: &Column) {
        match self.column_of(part.first.at) {
            Some(column) => column.merge(part),
            empty => *empty = Some(*part),
        }
    }

    pub(super) fn finish(self) -> Vec<Option<Column>> {
        self.columns
    }

    fn column_of(&mut self, at: Timestamp) -> &mut Option<Column> {
        let at = i128::from(at.nanos());
        if !self.span.contains(&at) {
            self.place = self.ruler.place(at);
            self.span = self.ruler.span(self.place);
        }
        &mut self.columns[self.place]
    }
}

impl Ruler {
    /// The column of an instant.
    fn place(&self, at: i128) -> usize {
        let guess = (at - self.from) * self.count / self.length.max(1);
        let mut place = guess.clamp(0, self.count - 1);
        if self.bucket == 1 {
            return place as usize;
        }
        // A border that was moved to the start of a bucket has moved by less than a column.
        while place > 0 && at < self.start(place) {
            place -= 1;
        }
        while place < self.count - 1 && at >= self.start(place + 1) {
            place += 1;
        }
        place as usize
    }

    /// The instants of a column.
    fn span(&self, place: usize) -> Range<i128> {
        let place = place as i128;
        self.start(place)..self.start(place + 1)
    }

    /// The first instant of a column, or of what comes after the last.
    fn start(&self, place: i128) -> i128 {
        if place == self.count {
            let end = self.from + self.length;
            return end - end.rem_euclid(self.bucket) + self.bucket;
        }
        let even = self.from + (place * self.length + self.count - 1) / self.count;
        even - even.rem_euclid(self.bucket)
    }
}

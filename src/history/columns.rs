//! A signal over time, summed up column by column, so that a trend of any length costs
//! no more to draw than the plot is wide and still shows every peak.

use std::ops::Range;

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
    /// The worst quality.
    pub worst: Quality,
    /// How many there are.
    pub count: usize,
}

impl Column {
    fn of(sample: Sample) -> Self {
        Self {
            first: sample,
            last: sample,
            min: sample.value,
            max: sample.value,
            worst: sample.quality,
            count: 1,
        }
    }

    fn add(&mut self, sample: Sample) {
        self.last = sample;
        self.min = self.min.min(sample.value);
        self.max = self.max.max(sample.value);
        self.worst = self.worst.max(sample.quality);
        self.count += 1;
    }
}

/// Sums up samples between `from` and `to`, in order of time, in `count` columns.
pub(super) fn sum_up<'a>(
    slices: impl Iterator<Item = &'a [Sample]>,
    from: Timestamp,
    to: Timestamp,
    count: usize,
) -> Vec<Option<Column>> {
    let mut columns = vec![None; count];
    if count == 0 {
        return columns;
    }
    let ruler = Ruler {
        from: from.nanos().into(),
        length: i128::from(to.nanos()) - i128::from(from.nanos()),
        count: count as i128,
    };
    let mut place = 0;
    let mut span = ruler.span(place);
    for sample in slices.flatten() {
        let at = i128::from(sample.at.nanos());
        if !span.contains(&at) {
            place = ruler.place(at);
            span = ruler.span(place);
        }
        match &mut columns[place] {
            Some(column) => Column::add(column, *sample),
            empty => *empty = Some(Column::of(*sample)),
        }
    }
    columns
}

/// Equal columns over `from..=from + length`, in whole nanoseconds.
struct Ruler {
    from: i128,
    length: i128,
    count: i128,
}

impl Ruler {
    /// The column of an instant; the last one takes the very end.
    fn place(&self, at: i128) -> usize {
        let column = (at - self.from) * self.count / self.length.max(1);
        column.clamp(0, self.count - 1) as usize
    }

    /// The instants of a column.
    fn span(&self, place: usize) -> Range<i128> {
        let place = place as i128;
        let start = |place: i128| self.from + (place * self.length + self.count - 1) / self.count;
        let end = if place == self.count - 1 {
            self.from + self.length + 1
        } else {
            start(place + 1)
        };
        start(place)..end
    }
}

//! Indicators over a trailing window: the level and the spread of each signal.

use std::collections::VecDeque;

/// A mean square below this share of the training variance is as good as still.
const STILL: f64 = 0.01;

/// The last values of one signal, less its centre.
#[derive(Clone, Debug)]
pub(super) struct Window {
    length: usize,
    centre: f64,
    variance: f64,
    values: VecDeque<Option<f64>>,
    squares: VecDeque<Option<f64>>,
}

/// What a window shows. `None` where nothing in it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// The mean, less the centre.
    pub(super) level: Option<f64>,
    /// The logarithm of the mean square of the values about the mean of their own windows.
    pub(super) spread: Option<f64>,
    /// √(values in the window / its length): what a short window is worth.
    pub(super) weight: f64,
}

impl Window {
    /// `centre` and `variance` are those of the training rows.
    pub(super) fn new(length: usize, centre: f64, variance: f64) -> Self {
        Self {
            length,
            centre,
            variance,
            values: VecDeque::with_capacity(length),
            squares: VecDeque::with_capacity(length),
        }
    }

    /// Takes in the next value.
    pub(super) fn push(&mut self, value: Option<f64>) -> Shown {
        let value = value.map(|value| value - self.centre);
        let level = turn(&mut self.values, value, self.length);
        let square = value
            .zip(level)
            .map(|(value, level)| (value - level).powi(2));
        let mean_square = turn(&mut self.squares, square, self.length);
        let known = self.values.iter().flatten().count();
        Shown {
            level,
            spread: mean_square.map(|mean| (mean + STILL * self.variance).ln()),
            weight: (known as f64 / self.length as f64).sqrt(),
        }
    }
}

/// Puts a value in, and the oldest out of a full ring; the mean of what is known.
fn turn(ring: &mut VecDeque<Option<f64>>, value: Option<f64>, length: usize) -> Option<f64> {
    if ring.len() == length {
        ring.pop_front();
    }
    ring.push_back(value);
    let known = ring.iter().flatten().count();
    // Summed afresh each time, so that no rounding errors gather.
    (known > 0).then(|| ring.iter().flatten().sum::<f64>() / known as f64)
}

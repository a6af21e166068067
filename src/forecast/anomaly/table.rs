//! What some signals showed, row by row.

use std::ops::Range;

use crate::time::Timestamp;

/// Values of some signals at some instants; `None` is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignalTable {
    names: Vec<String>,
    times: Vec<Timestamp>,
    values: Vec<Option<f64>>,
}

impl SignalTable {
    /// An empty table of these signals.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            times: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds a row, its values in the order of the names. What is too many is left out, what is too
    /// few or no finite number is missing.
    pub fn push(&mut self, at: Timestamp, values: &[Option<f64>]) {
        self.times.push(at);
        for place in 0..self.names.len() {
            let value = values.get(place).copied().flatten();
            self.values.push(value.filter(|value| value.is_finite()));
        }
    }

    /// The names of the signals.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The instants of the rows.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// The values of a row.
    pub fn row(&self, row: usize) -> &[Option<f64>] {
        let width = self.names.len();
        &self.values[row * width..(row + 1) * width]
    }

    /// The values of a signal, by its place among the names.
    pub fn column(&self, place: usize) -> impl Iterator<Item = Option<f64>> {
        (0..self.len()).map(move |row| self.row(row)[place])
    }

    /// The median distance of two of these rows, s; `None` if fewer than two differ in time.
    pub fn step_secs(&self, rows: Range<usize>) -> Option<f64> {
        let mut steps: Vec<f64> = self.times[rows]
            .windows(2)
            .map(|pair| pair[1].secs_since(pair[0]))
            .filter(|step| *step > 0.0)
            .collect();
        steps.sort_by(f64::total_cmp);
        steps.get(steps.len() / 2).copied()
    }
}

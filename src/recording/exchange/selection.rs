//! Which rows are wanted: a stretch of time, and signals by pattern.

use super::{ExchangeError, RowSink};
use crate::recording::row::{Name, Names, Row};
use crate::scene::pattern::matches;
use crate::time::Timestamp;

/// Which rows are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The first instant.
    pub from: Timestamp,
    /// The last instant.
    pub to: Timestamp,
    /// Patterns of `tag.signal` with `*` for any text, such as `P-1*.flow`; none for all.
    pub signals: Vec<String>,
}

/// A sink that passes on what is wanted.
pub struct Selected<'s> {
    selection: &'s Selection,
    sink: &'s mut dyn RowSink,
    rows: Vec<Row>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            from: Timestamp::MIN,
            to: Timestamp::MAX,
            signals: Vec::new(),
        }
    }
}

impl Selection {
    /// True if rows of this signal are wanted.
    pub fn wants(&self, name: &Name) -> bool {
        let full = || format!("{}.{}", name.tag, name.signal);
        self.signals.is_empty() || self.signals.iter().any(|pattern| matches(pattern, &full()))
    }

    /// True if rows of this instant are wanted.
    pub fn covers(&self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

impl<'s> Selected<'s> {
    /// What of `selection` comes, goes to `sink`.
    pub fn new(selection: &'s Selection, sink: &'s mut dyn RowSink) -> Self {
        Self {
            selection,
            sink,
            rows: Vec::new(),
        }
    }
}

impl RowSink for Selected<'_> {
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError> {
        let series = names.series().iter();
        let wanted: Vec<_> = series
            .map(|series| self.selection.wants(&series.name))
            .collect();
        self.rows.clear();
        self.rows.extend(
            rows.iter()
                .filter(|row| wanted[row.series.index()] && self.selection.covers(row.at)),
        );
        if self.rows.is_empty() {
            return Ok(());
        }
        self.sink.rows(names, &self.rows)
    }
}

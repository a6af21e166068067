//! Rows put together from the cells of a file or of a table, checked, and passed on.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::short;
use super::{ExchangeError, Imported, RowSink};
use crate::problem::Problem;
use crate::recording::row::{Name, Names, Row, Series, SeriesIndex, Who};
use crate::signal::{Clock, Quality};
use crate::time::Timestamp;
use crate::units::Unit;

/// Rows given to a sink at once.
const BATCH: usize = 8_192;
/// A state with a higher number is not named: nothing that a plant has has as many states.
const MAX_STATES: usize = 1_024;

/// The cells of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::recording) struct Cells<'a> {
    pub(in crate::recording) tag: &'a str,
    pub(in crate::recording) signal: &'a str,
    /// Empty for measured.
    pub(in crate::recording) origin: &'a str,
    /// Any unit that we know; empty for SI.
    pub(in crate::recording) unit: &'a str,
    pub(in crate::recording) at: Timestamp,
    /// `None` for the time of the source.
    pub(in crate::recording) received: Option<Timestamp>,
    /// `None` where the link was lost, in `unit`.
    pub(in crate::recording) value: Option<f64>,
    /// The state's name, empty for none.
    pub(in crate::recording) text: &'a str,
    pub(in crate::recording) quality: Quality,
    pub(in crate::recording) clock: Clock,
}

/// Makes rows of cells, and gives them to a sink.
pub(in crate::recording) struct Intake<'s> {
    sink: &'s mut dyn RowSink,
    names: Names,
    states: States,
    foretold: HashMap<Name, Vec<String>>,
    known: HashMap<String, Known>,
    /// The key that is looked up, and the one before with what it meant: rows of one series
    /// often come together.
    key: String,
    last: Option<(String, Known)>,
    rows: Vec<Row>,
    imported: Imported,
}

/// What the texts of a row mean.
#[derive(Clone, Copy)]
struct Known {
    series: SeriesIndex,
    /// `None` if it is SI as it is.
    unit: Option<Unit>,
}

/// By series, the names of its states as far as they were told; empty where not.
#[derive(Default)]
struct States {
    names: Vec<Vec<String>>,
    /// True if some came that [`Names`] does not have yet.
    news: bool,
}

impl<'s> Intake<'s> {
    pub(in crate::recording) fn new(sink: &'s mut dyn RowSink) -> Self {
        Self {
            sink,
            names: Names::default(),
            states: States::default(),
            foretold: HashMap::new(),
            known: HashMap::new(),
            key: String::new(),
            last: None,
            rows: Vec::with_capacity(BATCH),
            imported: Imported::default(),
        }
    }

    /// Takes a row, or notes what is wrong with it as the fault of `line` of `place`.
    ///
    /// `place` is put before the message; empty where the line says it all.
    pub(in crate::recording) fn take(
        &mut self,
        line: Option<u32>,
        place: impl FnOnce() -> String,
        cells: &Cells<'_>,
    ) -> Result<(), ExchangeError> {
        match self.row(cells) {
            Ok(row) => {
                self.rows.push(row);
                if self.rows.len() >= BATCH {
                    self.flush()?;
                }
            }
            Err((message, hint)) => {
                self.fault(Problem::new(line, format!("{}{message}", place()), hint));
            }
        }
        Ok(())
    }

    /// Notes a row that could not even be read.
    pub(in crate::recording) fn fault(&mut self, problem: Problem) {
        self.imported.faults.push(problem);
    }

    /// Notes a column that means nothing to us.
    pub(in crate::recording) fn ignore(&mut self, column: &str) {
        self.imported.ignored.push(column.to_owned());
    }

    /// Tells the states of a signal before its rows come.
    pub(in crate::recording) fn name_states(&mut self, name: Name, states: Vec<String>) {
        self.foretold.insert(name, states);
    }

    /// Passes on the last rows.
    pub(in crate::recording) fn finish(mut self) -> Result<Imported, ExchangeError> {
        self.flush()?;
        Ok(self.imported)
    }

    fn flush(&mut self) -> Result<(), ExchangeError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if self.states.news {
            self.states.news = false;
            let mut names = Names::default();
            for (series, states) in self.names.series().iter().zip(&self.states.names) {
                names.add(Series {
                    states: states.as_slice().into(),
                    ..series.clone()
                });
            }
            self.names = names;
        }
        self.sink.rows(&self.names, &self.rows)?;
        self.imported.rows += self.rows.len() as u64;
        self.rows.clear();
        Ok(())
    }

    /// The row, or what is wrong and how to mend it.
    fn row(&mut self, cells: &Cells<'_>) -> Result<Row, (String, String)> {
        let known = self.known(cells)?;
        let Some(value) = cells.value else {
            if cells.quality != Quality::BadNotConnected {
                return Err(told(
                    "the value is missing",
                    "write a number, or the quality BadNotConnected where the link was lost",
                ));
            }
            return Ok(Row::lost(known.series, cells.at));
        };
        let value = known.unit.map_or(value, |unit| unit.to_si(value));
        if !value.is_finite() {
            return Err(told(
                "the value is not a finite number",
                "leave out rows without a value",
            ));
        }
        if !cells.text.is_empty() {
            self.states.tell(known.series, value, cells.text);
        }
        Ok(Row {
            series: known.series,
            at: cells.at,
            received: cells.received.unwrap_or(cells.at),
            value: Some(value),
            quality: cells.quality,
            clock: cells.clock,
        })
    }

    fn known(&mut self, cells: &Cells<'_>) -> Result<Known, (String, String)> {
        self.key.clear();
        for part in [cells.tag, cells.signal, cells.origin, cells.unit] {
            self.key.push_str(part);
            self.key.push('\0');
        }
        if let Some((key, known)) = &self.last
            && *key == self.key
        {
            return Ok(*known);
        }
        let known = match self.known.get(&self.key) {
            Some(known) => *known,
            None => {
                let known = self.meet(cells)?;
                self.known.insert(self.key.clone(), known);
                known
            }
        };
        self.last = Some((self.key.clone(), known));
        Ok(known)
    }

    /// A series, or a unit of it, that comes for the first time.
    fn meet(&mut self, cells: &Cells<'_>) -> Result<Known, (String, String)> {
        for (column, text) in [("tag", cells.tag), ("signal", cells.signal)] {
            if text.is_empty() {
                let mend = "every row names its asset's tag and its signal";
                return Err(told(&format!("the {column} is empty"), mend));
            }
            if text.contains(char::is_control) {
                let message = format!("the {column} {text:?} holds a control character");
                return Err(told(&message, "write plain text"));
            }
        }
        let who = match cells.origin {
            "" => Who::Measured,
            text => Who::from_text(text).ok_or_else(|| {
                let message = format!("the origin `{}` is not recorded", short(text));
                told(&message, "write `measured` or `estimated`")
            })?,
        };
        let unit: Unit = cells
            .unit
            .parse()
            .map_err(|error| told(&format!("{error}"), "or leave the unit empty for SI"))?;
        let si = si_of(unit);
        let name = Name::new(cells.tag, cells.signal);
        let states = self.foretold.get(&name).cloned().unwrap_or_default();
        let index = self.names.add(Series {
            name,
            who,
            unit: Arc::from(si.symbol()),
            states: states.as_slice().into(),
        });
        if self.states.names.len() < self.names.len() {
            self.states.names.push(states);
        }
        let before = &self.names.get(index).unit;
        if !cells.unit.is_empty() && !before.is_empty() && **before != *si.symbol() {
            let message = format!("the unit `{unit}` does not fit `{before}`, as rows before have");
            return Err(told(&message, "write one quantity per signal"));
        }
        Ok(Known {
            series: index,
            // Through the formula even an SI value may change: -0 + 0 is 0.
            unit: (unit != si).then_some(unit),
        })
    }
}

impl States {
    fn tell(&mut self, series: SeriesIndex, value: f64, text: &str) {
        // Not the number of a state: a remark, then, and no name.
        if value < 0.0 || value.fract() != 0.0 || value >= MAX_STATES as f64 {
            return;
        }
        let names = &mut self.names[series.index()];
        let place = value as usize;
        if names.len() <= place {
            names.resize(place + 1, String::new());
        }
        if names[place].is_empty() && !text.is_empty() {
            names[place] = text.to_owned();
            self.news = true;
        }
    }
}

/// The SI unit of what `unit` measures; itself where there is none.
fn si_of(unit: Unit) -> Unit {
    let is_si = |other: &Unit| {
        other.quantity() == unit.quantity() && other.to_si(0.0) == 0.0 && other.to_si(1.0) == 1.0
    };
    Unit::all().find(is_si).unwrap_or(unit)
}

fn told(message: &str, hint: &str) -> (String, String) {
    (message.to_owned(), hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_has_an_si_unit_that_is_read_by_its_symbol() {
        for unit in Unit::all() {
            let si = si_of(unit);
            assert_eq!(si.quantity(), unit.quantity());
            assert_eq!((si.to_si(0.0), si.to_si(1.0)), (0.0, 1.0), "{unit:?}");
            assert_eq!(si.symbol().parse(), Ok(si), "{unit:?}");
        }
    }
}

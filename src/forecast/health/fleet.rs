//! A fleet: machines of a kind, each with its signals over its own time.

use thiserror::Error;

use super::fleet_text;

/// A longer step than so many ordinary ones is a gap.
const GAP_STEPS: f64 = 3.0;

/// Why a text is no fleet.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FleetError {
    /// There is nothing in it.
    #[error("there are no rows")]
    Empty,
    /// A row is longer or shorter than the first.
    #[error("line {line}: {found} columns where the first row has {expected}")]
    Columns {
        /// The line, from 1.
        line: usize,
        /// Its columns.
        found: usize,
        /// Those of the first row.
        expected: usize,
    },
    /// A cell is no number.
    #[error("line {line}: `{cell}` in column `{column}` is no number")]
    NotANumber {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: String,
        /// What stands there.
        cell: String,
    },
    /// A column is missing.
    #[error("there is no column `{name}`; the columns are {}", .header.join(", "))]
    NoColumn {
        /// Its name.
        name: &'static str,
        /// The columns that there are.
        header: Vec<String>,
    },
    /// A unit goes back in time.
    #[error(
        "line {line}: unit {unit} goes back from time {before} to {time}; sort its rows by time"
    )]
    Backwards {
        /// The line, from 1.
        line: usize,
        /// The unit.
        unit: String,
        /// The time before.
        before: f64,
        /// The time of this row.
        time: f64,
    },
    /// Only unit, time and label are there.
    #[error("there are no signals beside unit, time and rul")]
    NoSignals,
    /// Two fleets have different signals.
    #[error("the fleets have different signals: {one} and {other}")]
    Different {
        /// Those of the first.
        one: String,
        /// Those of the other.
        other: String,
    },
    /// Labels do not fit the fleet.
    #[error("{found} labels for {expected} units; there must be one for the last row of each")]
    Labels {
        /// The labels that there are.
        found: usize,
        /// The units that there are.
        expected: usize,
    },
}

/// One machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetUnit {
    /// Its name.
    pub name: String,
    /// The times of its rows, rising.
    pub times: Vec<f64>,
    /// Its rows, a value for each signal of the fleet; `None` is missing.
    pub rows: Vec<Vec<Option<f64>>>,
    /// The remaining useful life at each row, where it is known.
    pub labels: Vec<Option<f64>>,
}

/// Machines of a kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// The names of the signals.
    pub signals: Vec<String>,
    /// The machines, in the order in which they first appear.
    pub units: Vec<FleetUnit>,
    /// True if remaining life stands in the data itself.
    pub labelled: bool,
    /// False for bare rows of numbers.
    pub has_header: bool,
    /// What is odd and can be borne.
    pub notes: Vec<String>,
}

impl Fleet {
    /// Reads a CSV with a header and the columns `unit`, `time` and, if known, `rul`; or rows of
    /// numbers without a header, unit and time first, as C-MAPSS has them.
    pub fn parse(text: &str) -> Result<Self, FleetError> {
        let mut fleet = fleet_text::parse(text)?;
        fleet.note_gaps();
        Ok(fleet)
    }

    /// Adds the units of another fleet of the same kind.
    pub fn join(&mut self, other: Self) -> Result<(), FleetError> {
        if self.units.is_empty() {
            *self = other;
            return Ok(());
        }
        if self.signals != other.signals {
            return Err(FleetError::Different {
                one: self.signals.join(", "),
                other: other.signals.join(", "),
            });
        }
        self.labelled &= other.labelled;
        self.units.extend(other.units);
        self.notes.extend(other.notes);
        Ok(())
    }

    /// Labels every row of units that ran until they failed at their last row.
    pub fn label_run_to_failure(&mut self) {
        for unit in &mut self.units {
            let end = unit.times.last().copied();
            let label = |time: &f64| end.map(|end| end - time);
            unit.labels = unit.times.iter().map(label).collect();
        }
        self.labelled = true;
    }

    /// Labels the last row of each unit, from a text with one number a line.
    pub fn label_last(&mut self, text: &str) -> Result<(), FleetError> {
        let lines = text.lines().enumerate();
        let cells = lines.filter(|(_, line)| !line.trim().is_empty());
        let labels = cells.map(|(place, line)| {
            let cell = line.trim();
            let number = cell.parse().ok().filter(|number: &f64| number.is_finite());
            number.ok_or_else(|| FleetError::NotANumber {
                line: place + 1,
                column: "rul".to_owned(),
                cell: cell.chars().take(40).collect(),
            })
        });
        let labels: Vec<f64> = labels.collect::<Result<_, _>>()?;
        if labels.len() != self.units.len() {
            return Err(FleetError::Labels {
                found: labels.len(),
                expected: self.units.len(),
            });
        }
        for (unit, label) in self.units.iter_mut().zip(labels) {
            unit.labels = vec![None; unit.times.len()];
            if let Some(last) = unit.labels.last_mut() {
                *last = Some(label);
            }
        }
        self.labelled = true;
        Ok(())
    }

    /// The median step in time; 1 where there is none.
    pub fn step(&self) -> f64 {
        let mut steps: Vec<f64> = self
            .units
            .iter()
            .flat_map(|unit| unit.times.windows(2).map(|pair| pair[1] - pair[0]))
            .filter(|step| *step > 0.0)
            .collect();
        steps.sort_by(f64::total_cmp);
        steps.get(steps.len() / 2).copied().unwrap_or(1.0)
    }

    fn note_gaps(&mut self) {
        let longest = GAP_STEPS * self.step();
        for unit in &self.units {
            for pair in unit.times.windows(2) {
                if pair[1] - pair[0] > longest {
                    self.notes.push(format!(
                        "unit {}: a gap from time {} to {}",
                        unit.name, pair[0], pair[1]
                    ));
                }
            }
        }
    }
}

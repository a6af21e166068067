//! The two texts that a fleet is read from: CSV with a header, and bare numbers.

use std::collections::BTreeMap;

use super::fleet::{Fleet, FleetError, FleetUnit};

/// Names of the columns that are no signals, in lower case.
const UNIT: &[&str] = &["unit", "unit_id", "unit_number", "engine", "id"];
const TIME: &[&str] = &["time", "cycle", "cycles", "time_cycles", "t"];
const LABEL: &[&str] = &["rul", "remaining_useful_life"];

/// What the columns of a text mean.
struct Columns {
    names: Vec<String>,
    unit: usize,
    time: usize,
    label: Option<usize>,
    has_header: bool,
}

/// Rows by unit.
struct Intake {
    columns: Columns,
    signals: Vec<usize>,
    fleet: Fleet,
    places: BTreeMap<String, usize>,
    missing: Vec<usize>,
}

pub(super) fn parse(text: &str) -> Result<Fleet, FleetError> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().enumerate();
    let mut lines = lines
        .map(|(place, line)| (place + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty());
    let first = lines.clone().next().ok_or(FleetError::Empty)?;
    let delimiter = [';', ',', '\t']
        .into_iter()
        .find(|one| first.1.contains(*one));
    let cells = |line: &'_ str| -> Vec<String> {
        match delimiter {
            Some(delimiter) => line
                .split(delimiter)
                .map(|cell| clean(cell).to_owned())
                .collect(),
            None => line.split_whitespace().map(str::to_owned).collect(),
        }
    };
    let head = cells(first.1);
    let has_header = head.iter().any(|cell| number(cell) == Err(()));
    let columns = if has_header {
        lines.next();
        Columns::named(head)?
    } else {
        Columns::bare(head.len())?
    };
    let mut intake = Intake::new(columns)?;
    for (line, text) in lines {
        intake.take(line, &cells(text))?;
    }
    intake.finish()
}

fn clean(cell: &str) -> &str {
    cell.trim().trim_matches('"')
}

/// A number, nothing, or neither.
fn number(cell: &str) -> Result<Option<f64>, ()> {
    if cell.is_empty() || ["nan", "na", "null", "none"].contains(&cell.to_lowercase().as_str()) {
        return Ok(None);
    }
    let number: f64 = cell.parse().map_err(|_| ())?;
    Ok(number.is_finite().then_some(number))
}

impl Columns {
    fn named(names: Vec<String>) -> Result<Self, FleetError> {
        let find = |known: &[&str]| {
            let is_known = |name: &String| known.contains(&name.to_lowercase().as_str());
            names.iter().position(is_known)
        };
        let missing = |name| FleetError::NoColumn {
            name,
            header: names.clone(),
        };
        Ok(Self {
            unit: find(UNIT).ok_or_else(|| missing("unit"))?,
            time: find(TIME).ok_or_else(|| missing("time"))?,
            label: find(LABEL),
            has_header: true,
            names,
        })
    }

    /// Unit, time, and of C-MAPSS three settings before the sensors.
    fn bare(width: usize) -> Result<Self, FleetError> {
        if width < 3 {
            return Err(FleetError::NoSignals);
        }
        let settings = if width == 26 { 3 } else { 0 };
        let name = |place: usize| match place {
            0 => "unit".to_owned(),
            1 => "time".to_owned(),
            place if place < 2 + settings => format!("setting_{}", place - 1),
            place => format!("sensor_{}", place - 1 - settings),
        };
        Ok(Self {
            names: (0..width).map(name).collect(),
            unit: 0,
            time: 1,
            label: None,
            has_header: false,
        })
    }
}

impl Intake {
    fn new(columns: Columns) -> Result<Self, FleetError> {
        let no_signal = [Some(columns.unit), Some(columns.time), columns.label];
        let signals: Vec<usize> = (0..columns.names.len())
            .filter(|place| !no_signal.contains(&Some(*place)))
            .collect();
        if signals.is_empty() {
            return Err(FleetError::NoSignals);
        }
        let names = signals.iter().map(|place| columns.names[*place].clone());
        Ok(Self {
            fleet: Fleet {
                signals: names.collect(),
                labelled: columns.label.is_some(),
                has_header: columns.has_header,
                ..Fleet::default()
            },
            places: BTreeMap::new(),
            missing: vec![0; signals.len()],
            signals,
            columns,
        })
    }

    fn take(&mut self, line: usize, cells: &[String]) -> Result<(), FleetError> {
        let columns = &self.columns;
        if cells.len() != columns.names.len() {
            return Err(FleetError::Columns {
                line,
                found: cells.len(),
                expected: columns.names.len(),
            });
        }
        let read = |place: usize| {
            number(&cells[place]).map_err(|()| FleetError::NotANumber {
                line,
                column: columns.names[place].clone(),
                cell: cells[place].chars().take(40).collect(),
            })
        };
        let time = read(columns.time)?.ok_or_else(|| FleetError::NotANumber {
            line,
            column: columns.names[columns.time].clone(),
            cell: cells[columns.time].clone(),
        })?;
        let label = columns.label.map(read).transpose()?.flatten();
        let mut row = Vec::with_capacity(self.signals.len());
        for (place, missing) in self.signals.iter().zip(&mut self.missing) {
            let value = read(*place)?;
            *missing += usize::from(value.is_none());
            row.push(value);
        }
        let name = &cells[columns.unit];
        let units = &mut self.fleet.units;
        let place = *self.places.entry(name.clone()).or_insert_with(|| {
            units.push(FleetUnit {
                name: name.clone(),
                ..FleetUnit::default()
            });
            units.len() - 1
        });
        let unit = &mut units[place];
        if let Some(before) = unit.times.last().filter(|before| **before >= time) {
            return Err(FleetError::Backwards {
                line,
                unit: name.clone(),
                before: *before,
                time,
            });
        }
        unit.times.push(time);
        unit.rows.push(row);
        unit.labels.push(label);
        Ok(())
    }

    fn finish(self) -> Result<Fleet, FleetError> {
        let Self {
            mut fleet, missing, ..
        } = self;
        if fleet.units.is_empty() {
            return Err(FleetError::Empty);
        }
        for (name, missing) in fleet.signals.iter().zip(missing) {
            if missing > 0 {
                fleet
                    .notes
                    .push(format!("{name}: {missing} values are missing"));
            }
        }
        Ok(fleet)
    }
}

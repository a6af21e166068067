//! Rows as CSV: times as RFC 3339, qualities by name, numbers in the shortest form that
//! reads back the same.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use super::cell::{clock_text, state_text};
use super::draft::Draft;
use super::{COLUMNS, ExchangeError, RowSink, RowWriter};
use crate::recording::row::{Names, Row};

/// Begins to write rows as CSV to `path`.
pub fn write_csv(path: &Path) -> Result<impl RowWriter + use<>, ExchangeError> {
    let (draft, file) = Draft::create(path)?;
    let mut writer = CsvWriter {
        csv: csv::Writer::from_writer(file),
        draft,
        cell: String::new(),
        rows: 0,
    };
    let header = writer.csv.write_record(COLUMNS);
    header.map_err(|error| writer.refused(error))?;
    Ok(writer)
}

struct CsvWriter {
    csv: csv::Writer<BufWriter<File>>,
    draft: Draft,
    cell: String,
    rows: u64,
}

impl CsvWriter {
    fn row(&mut self, names: &Names, row: &Row) -> Result<(), csv::Error> {
        let series = names.get(row.series);
        for text in [&*series.name.tag, &series.name.signal, series.who.text()] {
            self.csv.write_field(text)?;
        }
        self.csv.write_field(&*series.unit)?;
        for at in [row.at, row.received] {
            self.cell.clear();
            // Writing to a string cannot fail.
            write!(self.cell, "{at}").ok();
            self.csv.write_field(&self.cell)?;
        }
        self.cell.clear();
        row.value
            .inspect(|value| write_number(&mut self.cell, *value));
        self.csv.write_field(&self.cell)?;
        self.csv.write_field(state_text(series, row.value))?;
        self.csv.write_field(row.quality.name())?;
        self.csv.write_field(clock_text(row.clock))?;
        self.csv.write_record(None::<&[u8]>)
    }

    fn refused(&self, error: csv::Error) -> ExchangeError {
        self.draft.refused(match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}

impl RowSink for CsvWriter {
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError> {
        for row in rows {
            self.row(names, row).map_err(|error| self.refused(error))?;
        }
        self.rows += rows.len() as u64;
        Ok(())
    }
}

impl RowWriter for CsvWriter {
    fn finish(self: Box<Self>) -> Result<u64, ExchangeError> {
        let Self {
            csv, draft, rows, ..
        } = *self;
        let file = csv.into_inner().map_err(|error| {
            let kind = error.error().kind();
            draft.refused(io::Error::new(kind, error.error().to_string()))
        })?;
        draft.place(file)?;
        Ok(rows)
    }
}

/// Both forms read back the same; the second spares hundreds of zeros.
fn write_number(cell: &mut String, value: f64) {
    let plain = value == 0.0 || (1e-6..1e16).contains(&value.abs());
    // Writing to a string cannot fail.
    if plain {
        write!(cell, "{value}").ok();
    } else {
        write!(cell, "{value:e}").ok();
    }
}

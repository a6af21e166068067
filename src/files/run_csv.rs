//! A run as CSV: one row per value, numbers in the shortest form that reads back the same.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use super::ExportError;
use super::draft::Draft;
use super::run::{COLUMNS, RunRow, RunWriter};

/// Begins to write a run as CSV to `path`.
pub fn write_run_csv(path: &Path) -> Result<impl RunWriter + use<>, ExportError> {
    let (draft, file) = Draft::create(path)?;
    let mut run = RunCsv {
        csv: csv::Writer::from_writer(file),
        draft,
    };
    let header = run.csv.write_record(COLUMNS);
    header.map_err(|source| run.refused(source))?;
    Ok(run)
}

struct RunCsv {
    csv: csv::Writer<BufWriter<File>>,
    draft: Draft,
}

impl RunCsv {
    fn refused(&self, source: csv::Error) -> ExportError {
        ExportError::Csv {
            path: self.draft.target(),
            source,
        }
    }
}

impl RunWriter for RunCsv {
    fn write(&mut self, row: &RunRow<'_>) -> Result<(), ExportError> {
        let (time, value) = (row.time_s.to_string(), row.value.to_string());
        let member = row.member.to_string();
        self.csv
            .write_record([&time, row.tag, row.signal, row.unit, &member, &value])
            .map_err(|source| self.refused(source))
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        let Self { csv, draft } = *self;
        let file = csv.into_inner().map_err(|error| {
            let source = io::Error::from(error.error().kind());
            draft.refused(source)
        })?;
        draft.place(file)
    }
}

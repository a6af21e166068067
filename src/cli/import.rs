//! `parallax import FILE… --store DIR`: samples of other programs into a store.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

use super::output::talk;
use super::{ImportArgs, PROBLEMS_FOUND, could_not, print_json};
use crate::recording::exchange::{ExchangeError, FileFormat, Imported, ReadSettings, Selection};
use crate::recording::postgres::{PostgresError, PostgresTable};
use crate::recording::{Intake, IntakeError, Library, LibraryError, Store, StoreError, seal_logs};
use crate::telemetry::now;

/// Why nothing was imported.
#[derive(Debug, Error)]
enum ImportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    #[error("the form of a file is told by its name, which ends in .csv or .parquet: {}", .0.display())]
    Form(PathBuf),
}

#[derive(Debug, Default, Serialize)]
struct Report {
    rows: u64,
    /// Rows that could not be taken.
    faults: u64,
    sealed_logs: u64,
}

/// Imports all files, or a table of a database.
pub fn import(args: &ImportArgs) -> ExitCode {
    match try_import(args) {
        Ok(report) => {
            print_json(&report);
            match report.faults {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(PROBLEMS_FOUND),
            }
        }
        Err(error) => could_not(error),
    }
}

fn try_import(args: &ImportArgs) -> Result<Report, ImportError> {
    // Told before anything is made: which file is of no form that is known.
    let mut files = Vec::with_capacity(args.files.len());
    for file in &args.files {
        let format = FileFormat::of(file).ok_or_else(|| ImportError::Form(file.clone()))?;
        files.push((file, format));
    }
    let store = Store::open_or_create(&args.store)?;
    let library = Arc::new(Library::open(store.depot())?);
    let mut intake = Intake::begin(&store, &library, now)?;
    let mut report = Report::default();
    let mut note = |name: &str, imported: &Imported| {
        report.rows += imported.rows;
        report.faults += imported.faults.count;
        tell(name, imported);
    };
    for (file, format) in files {
        let imported = format.read(file, ReadSettings::default(), &mut intake)?;
        note(&file.display().to_string(), &imported);
        intake.next_reader();
    }
    if let Some(url) = &args.postgres {
        let mut table = PostgresTable::connect(url, &args.table)?;
        let imported = table.import(&Selection::default(), &mut intake)?;
        note(&args.table, &imported);
    }
    intake.finish()?;
    report.sealed_logs = seal_logs(&store, &library, now)?;
    Ok(report)
}

/// Says on stderr which rows could not be taken, and which columns mean nothing.
fn tell(name: &str, imported: &Imported) {
    for problem in &imported.faults.first {
        talk!("{}", problem.located(name));
    }
    let untold = imported.faults.count - imported.faults.first.len() as u64;
    if untold > 0 {
        talk!("{name}: and {untold} more rows");
    }
    if !imported.ignored.is_empty() {
        talk!("{name}: ignored columns: {}", imported.ignored.join(", "));
    }
}

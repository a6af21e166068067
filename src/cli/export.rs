//! `parallax export --store DIR`: recorded samples into a file, or into PostgreSQL.

use std::process::ExitCode;

use serde::Serialize;
use thiserror::Error;

use super::{ExportArgs, SampleFormat, could_not, print_json};
use crate::recording::exchange::{ExchangeError, FileFormat, Selection};
use crate::recording::log::{LogFile, LogFileError};
use crate::recording::postgres::{Partitions, PostgresError, PostgresTable};
use crate::recording::{Block, Library, LibraryError, Names, Row, SeriesIndex, Store, StoreError};
use crate::time::Timestamp;

/// Why nothing was exported.
#[derive(Debug, Error)]
pub(super) enum ExportFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Log(#[from] LogFileError),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error(transparent)]
    Postgres(#[from] PostgresError),
}

#[derive(Debug, Serialize)]
struct Report {
    rows: u64,
    /// Rows that the database did not have.
    added: Option<u64>,
    to: String,
}

/// Exports what is asked for.
pub fn export(args: &ExportArgs) -> ExitCode {
    match try_export(args) {
        Ok(report) => {
            print_json(&report);
            ExitCode::SUCCESS
        }
        Err(error) => could_not(error),
    }
}

fn try_export(args: &ExportArgs) -> Result<Report, ExportFailure> {
    let store = Store::open(&args.store)?;
    let library = Library::open(store.depot())?;
    let selection = Selection {
        from: args.from.unwrap_or(Timestamp::MIN),
        to: args.to.unwrap_or(Timestamp::MAX),
        signals: args.signals.clone(),
    };
    if let Some(url) = &args.postgres {
        let mut table = PostgresTable::connect(url, &args.table)?;
        table.create(Partitions::default())?;
        let mut export = table.export()?;
        for_each_batch(&store, &library, &selection, |names, rows| {
            Ok(export.push(names, rows)?)
        })?;
        let exported = export.finish()?;
        return Ok(Report {
            rows: exported.rows,
            added: Some(exported.added),
            to: args.table.clone(),
        });
    }
    let format = match args.format {
        SampleFormat::Csv => FileFormat::Csv,
        SampleFormat::Parquet => FileFormat::Parquet,
    };
    let out = args.out.clone().unwrap_or_default();
    let mut writer = format.create(&out)?;
    for_each_batch(&store, &library, &selection, |names, rows| {
        Ok(writer.rows(names, rows)?)
    })?;
    Ok(Report {
        rows: writer.finish()?,
        added: None,
        to: out.display().to_string(),
    })
}

/// Gives what is selected of the segments, block by block, and then of the logs that are not
/// sealed yet.
pub(super) fn for_each_batch(
    store: &Store,
    library: &Library,
    selection: &Selection,
    mut take: impl FnMut(&Names, &[Row]) -> Result<(), ExportFailure>,
) -> Result<(), ExportFailure> {
    library.for_each_block(selection.from, selection.to, |block: Block| {
        let mut names = Names::default();
        let mut rows = Vec::new();
        for (place, series) in block.series.iter().enumerate() {
            if !selection.wants(&series.name) {
                continue;
            }
            let index = names.add(series.clone());
            rows.extend(block.rows_of(place).map(|row| row_of(&block, row, index)));
        }
        take(&names, &rows)
    })?;
    for file in LogFile::list(store.folder())? {
        // Sealed and taken away since it was listed.
        let Ok(log) = file.read() else { continue };
        let wanted = |row: &&Row| {
            let name = &log.names.get(row.series).name;
            selection.covers(row.at) && selection.wants(name)
        };
        let rows: Vec<Row> = log.rows.iter().filter(wanted).copied().collect();
        take(&log.names, &rows)?;
    }
    Ok(())
}

fn row_of(block: &Block, row: usize, series: SeriesIndex) -> Row {
    match block.columns.sample(row) {
        Some(sample) => Row::new(series, sample),
        None => Row::lost(series, block.columns.at[row]),
    }
}

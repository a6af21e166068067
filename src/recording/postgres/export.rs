//! Rows into the table, exactly once.
//!
//! A batch of rows is one transaction: it is there whole or not at all. It is copied right into
//! the table; if one of its rows is there already, PostgreSQL takes back the copy, and the batch
//! goes through a staging table instead, from which only what is new is added. As long as
//! batches hold old rows, the next ones go that way at once.

use std::collections::BTreeSet;
use std::io::Write;

use postgres::Transaction;

use super::table::{KEY, KnownPartitions, TableName};
use super::tuple::{COLUMNS_WRITTEN, HEADER, TRAILER, push_row, series_fields};
use super::{PostgresError, PostgresTable, copy_refused, refused};
use crate::recording::exchange::{ExchangeError, RowSink};
use crate::recording::row::{Names, Row, SeriesIndex};

/// A batch is sent when it has as many bytes: some hundred thousand rows.
const BATCH_BYTES: usize = 16 << 20;
/// Pieces in which a batch is sent.
const PIECE_BYTES: usize = 64 << 10;
/// How often a batch is tried that another exporter got in the way of.
const TRIES: u32 = 5;

/// Rows on their way into a table. What was not flushed or finished is not there.
pub struct Export<'t> {
    table: &'t mut PostgresTable,
    partitions: KnownPartitions,
    batch: Vec<u8>,
    starts: BTreeSet<String>,
    /// The hour of the last row: the next one is mostly of the same, and so of its partition.
    last_hour: Option<i64>,
    through_staging: bool,
    batch_rows: u64,
    exported: Exported,
}

/// What was exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Rows that were given.
    pub rows: u64,
    /// Rows that are there now and were not before.
    pub added: u64,
}

impl PostgresTable {
    /// Begins to put rows into the table, which must be there.
    pub fn export(&mut self) -> Result<Export<'_>, PostgresError> {
        let partitions = self.check()?;
        Ok(Export {
            table: self,
            partitions,
            batch: HEADER.to_vec(),
            starts: BTreeSet::new(),
            last_hour: None,
            through_staging: false,
            batch_rows: 0,
            exported: Exported::default(),
        })
    }
}

impl RowSink for Export<'_> {
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError> {
        self.push(names, rows).map_err(ExchangeError::sink)
    }
}

impl Export<'_> {
    /// Adds rows; some of them are sent.
    pub fn push(&mut self, names: &Names, rows: &[Row]) -> Result<(), PostgresError> {
        let mut fields: Vec<Option<Vec<u8>>> = vec![None; names.len()];
        for row in rows {
            let series = names.get(row.series);
            let fields = fields_of(&mut fields, names, row.series)?;
            push_row(&mut self.batch, fields, series, row);
            self.batch_rows += 1;
            self.need_partition(row);
            if self.batch.len() >= BATCH_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Sends the last rows.
    pub fn finish(mut self) -> Result<Exported, PostgresError> {
        self.flush()?;
        Ok(self.exported)
    }

    fn need_partition(&mut self, row: &Row) {
        // Partitions begin and end at hours.
        let hour = row.at.nanos().div_euclid(3_600_000_000_000);
        if self.last_hour != Some(hour) {
            self.last_hour = Some(hour);
            self.starts.extend(self.partitions.start_of(row.at));
        }
    }

    fn flush(&mut self) -> Result<(), PostgresError> {
        if self.batch_rows == 0 {
            return Ok(());
        }
        self.batch.extend(TRAILER);
        let PostgresTable {
            client,
            name,
            server,
        } = &mut *self.table;
        self.partitions
            .provide(client, name, &self.starts)
            .map_err(|error| refused(name, server, &error))?;
        let mut tries = 0;
        let added = loop {
            tries += 1;
            match self.send() {
                Err(PostgresError::Refused { passing: true, .. }) if tries < TRIES => {}
                Err(PostgresError::Refused {
                    duplicate: true, ..
                }) if !self.through_staging => {
                    self.through_staging = true;
                }
                sent => break sent?,
            }
        };
        // Only new rows: those that follow will be new as well.
        self.through_staging &= added < self.batch_rows;
        self.exported.rows += self.batch_rows;
        self.exported.added += added;
        self.batch.truncate(HEADER.len());
        self.starts.clear();
        self.last_hour = None;
        self.batch_rows = 0;
        Ok(())
    }

    /// Sends the batch in a transaction; the number of rows that were not there before.
    fn send(&mut self) -> Result<u64, PostgresError> {
        let PostgresTable {
            client,
            name,
            server,
        } = &mut *self.table;
        let told = |error: postgres::Error| refused(name, server, &error);
        let mut transaction = client.transaction().map_err(told)?;
        let table = name.sql();
        let added = if self.through_staging {
            transaction
                .batch_execute(&format!(
                    "CREATE TEMPORARY TABLE parallax_staging (LIKE {table}) ON COMMIT DROP"
                ))
                .map_err(told)?;
            let staging = "pg_temp.parallax_staging";
            copy(&mut transaction, staging, &self.batch, name, server)?;
            let add = format!(
                "INSERT INTO {table} ({COLUMNS_WRITTEN}) SELECT {COLUMNS_WRITTEN} FROM {staging} \
                 ON CONFLICT ({KEY}) DO NOTHING"
            );
            transaction.execute(&add, &[]).map_err(told)?
        } else {
            copy(&mut transaction, &table, &self.batch, name, server)?
        };
        transaction.commit().map_err(told)?;
        Ok(added)
    }
}

/// The fields of a series, made when it comes for the first time.
fn fields_of<'f>(
    known: &'f mut [Option<Vec<u8>>],
    names: &Names,
    series: SeriesIndex,
) -> Result<&'f [u8], PostgresError> {
    let place = &mut known[series.index()];
    if place.is_none() {
        *place = Some(series_fields(names.get(series))?);
    }
    Ok(place.as_deref().unwrap_or_default())
}

fn copy(
    transaction: &mut Transaction<'_>,
    into: &str,
    batch: &[u8],
    name: &TableName,
    server: &str,
) -> Result<u64, PostgresError> {
    let told = |error: postgres::Error| refused(name, server, &error);
    let sql = format!("COPY {into} ({COLUMNS_WRITTEN}) FROM STDIN (FORMAT binary)");
    let mut writer = transaction.copy_in(&sql).map_err(told)?;
    for piece in batch.chunks(PIECE_BYTES) {
        writer
            .write_all(piece)
            .map_err(|error| copy_refused(name, server, &error))?;
    }
    writer.finish().map_err(told)
}

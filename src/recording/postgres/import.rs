//! Rows out of the table, as they come, none held.

use super::tuple::{COLUMNS_READ, Tuple, Tuples};
use super::{PostgresTable, copy_refused, refused};
use crate::problem::Problem;
use crate::recording::exchange::{
    Cells, ExchangeError, Imported, Intake, RowSink, Selection, read_clock,
};
use crate::signal::Quality;
use crate::time::Timestamp;

impl PostgresTable {
    /// Gives the rows of `selection` to `sink`, in the state of one instant, in any order.
    ///
    /// Rows with a mistake, which only others can have written, are left out and told.
    pub fn import(
        &mut self,
        selection: &Selection,
        sink: &mut dyn RowSink,
    ) -> Result<Imported, ExchangeError> {
        self.check().map_err(ExchangeError::sink)?;
        let wanted = self.wanted(selection)?;
        let Self {
            client,
            name,
            server,
        } = self;
        let table = name.sql();
        let sql = format!(
            "COPY (SELECT {COLUMNS_READ} FROM {table} WHERE {wanted}) TO STDOUT (FORMAT binary)"
        );
        let refuse = |error| ExchangeError::sink(copy_refused(name, server, &error));
        let reader = client
            .copy_out(&sql)
            .map_err(|error| ExchangeError::sink(refused(name, server, &error)))?;
        let mut tuples = Tuples::begin(reader).map_err(refuse)?;
        let mut intake = Intake::new(sink);
        let mut number = 0_u64;
        while let Some(tuple) = tuples.next().map_err(refuse)? {
            number += 1;
            let place = || format!("{name}, row {number}: ");
            match cells(&tuple) {
                Ok(cells) => intake.take(None, place, &cells)?,
                Err((message, hint)) => {
                    intake.fault(Problem::new(None, place() + &message, hint));
                }
            }
        }
        intake.finish()
    }

    /// The condition that rows of `selection` meet.
    fn wanted(&mut self, selection: &Selection) -> Result<String, ExchangeError> {
        let (from, to) = (selection.from, selection.to);
        // By time partitions are told apart; what falls into a microsecond, by nanosecond.
        let mut wanted = format!(
            "source_time BETWEEN '{}' AND '{}' AND source_ns BETWEEN {} AND {}",
            micros_text(from),
            micros_text(to),
            sql_number(from),
            sql_number(to)
        );
        let mut patterns = Vec::new();
        for pattern in &selection.signals {
            let like = like(pattern);
            // The server quotes as it reads, whatever its settings.
            let quoted = self
                .client
                .query_one("SELECT quote_literal($1)", &[&like])
                .map_err(|error| ExchangeError::sink(self.refused(&error)))?;
            let quoted: String = quoted.get(0);
            patterns.push(format!("tag || '.' || signal LIKE {quoted} ESCAPE '~'"));
        }
        if !patterns.is_empty() {
            wanted = format!("{wanted} AND ({})", patterns.join(" OR "));
        }
        Ok(wanted)
    }
}

/// A row, or what is wrong with one of its cells.
fn cells<'t>(tuple: &Tuple<'t>) -> Result<Cells<'t>, (String, String)> {
    let [tag, signal, origin, unit, text, clock] = tuple.texts;
    let code = u32::try_from(tuple.quality).map_err(|_| {
        (
            format!("{} in `quality` is no quality", tuple.quality),
            "write a status code of OPC UA, such as 0 or 2156527616".to_owned(),
        )
    })?;
    Ok(Cells {
        tag,
        signal,
        origin,
        unit,
        at: tuple.at,
        received: Some(tuple.received),
        value: tuple.value,
        text,
        quality: Quality::from_code(code),
        clock: read_clock(clock)?,
    })
}

fn micros_text(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.6f+00")
}

/// A number that SQL reads as a `bigint`, the lowest of them too.
fn sql_number(at: Timestamp) -> String {
    format!("'{}'::bigint", at.nanos())
}

/// A pattern with `*` as one of LIKE, with `~` before what LIKE would not take literally.
fn like(pattern: &str) -> String {
    let mut like = String::new();
    for letter in pattern.chars() {
        match letter {
            '*' => like.push('%'),
            '%' | '_' | '~' => like.extend(['~', letter]),
            other => like.push(other),
        }
    }
    like
}

//! Parquet files as rows: segments of a store, our own exports, and what others write.
//!
//! Columns are found by name, in any order and of any type that can be meant: timestamps of
//! any unit, whole or floating-point values, texts with or without a dictionary. A time without
//! a zone is taken as UTC. A tag, a signal, a time and a value are needed, the rest may be missing.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::str;

use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

use super::cell::{read_clock, read_quality, read_time, short};
use super::intake::{Cells, Intake};
use super::parquet_column::{Kind, Role, Values, kind_of, read_cells};
use super::parquet_schema::{NamedStates, SCHEMA_KEY, SCHEMA_VERSION, STATES_KEY};
use super::{ExchangeError, Imported, ReadSettings, RowSink, read_by};
use crate::problem::Problem;
use crate::recording::row::Name;
use crate::signal::Quality;
use crate::time::Timestamp;

/// Rows decoded at once.
const BATCH: usize = 8_192;

/// Gives the rows of a Parquet file to `sink`. Rows with a mistake are left out and told.
pub fn read_parquet(
    path: &Path,
    settings: ReadSettings,
    sink: &mut dyn RowSink,
) -> Result<Imported, ExchangeError> {
    read_by(path, settings, sink, |sink| read(path, sink))
}

fn read(path: &Path, sink: &mut dyn RowSink) -> Result<Imported, ExchangeError> {
    let file = File::open(path).map_err(|source| ExchangeError::Read {
        source,
        path: path.to_owned(),
    })?;
    let broken = |source| ExchangeError::Broken {
        source,
        path: path.to_owned(),
    };
    let unusable = |reason| ExchangeError::Unusable {
        reason,
        path: path.to_owned(),
    };
    let parquet = guarded(|| SerializedFileReader::new(file)).map_err(broken)?;
    let mut intake = Intake::new(sink);
    read_metadata(&parquet, &mut intake).map_err(unusable)?;
    let about = parquet.metadata();
    let columns = Columns::find(about.file_metadata().schema_descr()).map_err(unusable)?;
    for name in &columns.ignored {
        intake.ignore(name);
    }
    let mut row_number = 0;
    for place in 0..parquet.num_row_groups() {
        let group = guarded(|| parquet.get_row_group(place)).map_err(broken)?;
        let mut left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let mut readers = guarded(|| columns.readers(&*group)).map_err(broken)?;
        while left > 0 {
            let rows = left.min(BATCH);
            let batch = guarded(|| readers.read(rows)).map_err(broken)?;
            for row in 0..rows {
                row_number += 1;
                let place = || format!("row {row_number}: ");
                match batch.cells(row) {
                    Ok(cells) => intake.take(None, place, &cells)?,
                    Err((message, hint)) => {
                        intake.fault(Problem::new(None, place() + &message, hint));
                    }
                }
            }
            left -= rows;
        }
    }
    intake.finish()
}

/// Does what the library of Parquet may panic at: it trusts lengths that stand in a file.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    // What was being read is dropped with the error, so nobody sees it half done.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let text = "lengths in it contradict each other";
        Err(ParquetError::General(text.to_owned()))
    })
}

/// Takes what the metadata of our own files say; an error if it is too new for us.
fn read_metadata(
    parquet: &SerializedFileReader<File>,
    intake: &mut Intake<'_>,
) -> Result<(), String> {
    let about = parquet.metadata().file_metadata();
    let entries = about.key_value_metadata();
    let value_of = |key: &str| {
        let mut entries = entries.into_iter().flatten();
        entries.find(|entry| entry.key == key)?.value.as_deref()
    };
    if let Some(version) = value_of(SCHEMA_KEY)
        && !matches!(version.parse(), Ok(1..=SCHEMA_VERSION))
    {
        let version = short(version);
        return Err(format!(
            "its schema `{version}` is newer than {SCHEMA_VERSION}, which we know; read it with a newer Parallax"
        ));
    }
    // Names of states are a help, not the data: where they cannot be read, the rows tell them.
    let states = value_of(STATES_KEY).and_then(|json| serde_json::from_str(json).ok());
    for signal in states.into_iter().flat_map(Vec::<NamedStates>::into_iter) {
        let name = Name::new(&signal.tag, &signal.signal);
        intake.name_states(name, signal.states);
    }
    Ok(())
}

/// A column that we read.
#[derive(Clone)]
struct Column {
    place: usize,
    about: ColumnDescPtr,
    kind: Kind,
}

/// The columns that we read; of what stands in `T`, by their roles.
struct Roles<T> {
    tag: T,
    signal: T,
    origin: Option<T>,
    unit: Option<T>,
    source_time: T,
    receive_time: Option<T>,
    value: T,
    text: Option<T>,
    quality: Option<T>,
    clock: Option<T>,
}

struct Columns {
    roles: Roles<Column>,
    ignored: Vec<String>,
}

/// A column of a row group, being read.
struct Reading {
    reader: ColumnReader,
    column: Column,
}

impl<T> Roles<T> {
    fn try_map<U, E>(&self, of: &mut dyn FnMut(&T) -> Result<U, E>) -> Result<Roles<U>, E> {
        Ok(Roles {
            tag: of(&self.tag)?,
            signal: of(&self.signal)?,
            origin: self.origin.as_ref().map(&mut *of).transpose()?,
            unit: self.unit.as_ref().map(&mut *of).transpose()?,
            source_time: of(&self.source_time)?,
            receive_time: self.receive_time.as_ref().map(&mut *of).transpose()?,
            value: of(&self.value)?,
            text: self.text.as_ref().map(&mut *of).transpose()?,
            quality: self.quality.as_ref().map(&mut *of).transpose()?,
            clock: self.clock.as_ref().map(&mut *of).transpose()?,
        })
    }
}

impl Columns {
    /// Finds the columns, or says which is missing or of what type.
    fn find(schema: &SchemaDescriptor) -> Result<Self, String> {
        let mut used = Vec::new();
        let mut find = |names: &[&str], role| -> Result<Option<Column>, String> {
            let called = |name: &str| {
                let columns = schema.columns().iter();
                let of_name = |column: &&ColumnDescPtr| {
                    let parts = column.path().parts();
                    parts
                        .first()
                        .is_some_and(|part| part.eq_ignore_ascii_case(name))
                };
                columns.enumerate().find(|(_, column)| of_name(column))
            };
            let Some((place, about)) = names.iter().find_map(|name| called(name)) else {
                return Ok(None);
            };
            let kind = kind_of(about, role).map_err(|wanted| {
                let physical = about.physical_type();
                let logical = about.logical_type_ref();
                let logical = logical.map_or_else(String::new, |logical| format!(" ({logical:?})"));
                format!(
                    "the column `{}` is {physical}{logical} and must hold {wanted}",
                    about.path().string()
                )
            })?;
            used.push(place);
            Ok(Some(Column {
                place,
                about: about.clone(),
                kind,
            }))
        };
        let missing = |name: &str| {
            let there = schema.columns().iter().map(|column| column.path().string());
            let there = short(&there.collect::<Vec<_>>().join(", "));
            format!(
                "no column `{name}`; there must be tag, signal, source_time and value, and there are: {there}"
            )
        };
        let roles = Roles {
            tag: find(&["tag"], Role::Text)?.ok_or_else(|| missing("tag"))?,
            signal: find(&["signal"], Role::Text)?.ok_or_else(|| missing("signal"))?,
            origin: find(&["origin"], Role::Text)?,
            unit: find(&["unit"], Role::Text)?,
            source_time: find(&["source_time", "time", "timestamp"], Role::Time)?
                .ok_or_else(|| missing("source_time"))?,
            receive_time: find(&["receive_time"], Role::Time)?,
            value: find(&["value"], Role::Value)?.ok_or_else(|| missing("value"))?,
            text: find(&["text"], Role::Text)?,
            quality: find(&["quality"], Role::Quality)?,
            clock: find(&["clock"], Role::Text)?,
        };
        let columns = schema.columns().iter().enumerate();
        let ignored = columns
            .filter(|(place, _)| !used.contains(place))
            .map(|(_, column)| column.path().string());
        Ok(Self {
            ignored: ignored.collect(),
            roles,
        })
    }

    fn readers(&self, group: &dyn RowGroupReader) -> Result<Roles<Reading>, ParquetError> {
        self.roles.try_map(&mut |column| {
            Ok(Reading {
                reader: group.get_column_reader(column.place)?,
                column: column.clone(),
            })
        })
    }
}

impl Roles<Reading> {
    fn read(&mut self, rows: usize) -> Result<Roles<Values>, ParquetError> {
        let mut next = |one: &mut Reading| {
            read_cells(&mut one.reader, &one.column.about, one.column.kind, rows)
        };
        Ok(Roles {
            tag: next(&mut self.tag)?,
            signal: next(&mut self.signal)?,
            origin: self.origin.as_mut().map(&mut next).transpose()?,
            unit: self.unit.as_mut().map(&mut next).transpose()?,
            source_time: next(&mut self.source_time)?,
            receive_time: self.receive_time.as_mut().map(&mut next).transpose()?,
            value: next(&mut self.value)?,
            text: self.text.as_mut().map(&mut next).transpose()?,
            quality: self.quality.as_mut().map(&mut next).transpose()?,
            clock: self.clock.as_mut().map(&mut next).transpose()?,
        })
    }
}

impl Roles<Values> {
    /// The cells of a row, or what is wrong with one of them.
    fn cells(&self, row: usize) -> Result<Cells<'_>, (String, String)> {
        let text = |column, values| text_at(column, values, row);
        let at = time_at("source_time", &self.source_time, row)?.ok_or_else(|| {
            let hint = "every row tells the time that it speaks of";
            ("the source_time is missing".to_owned(), hint.to_owned())
        })?;
        let received = match &self.receive_time {
            Some(times) => time_at("receive_time", times, row)?,
            None => None,
        };
        let quality = match &self.quality {
            Some(Values::Whole(codes)) => codes[row].map_or(Quality::Good, |code| {
                // 32 bits, whatever the sign that they were written with.
                Quality::from_code(code as u32)
            }),
            other => read_quality(text("quality", other.as_ref())?)?,
        };
        Ok(Cells {
            tag: text("tag", Some(&self.tag))?,
            signal: text("signal", Some(&self.signal))?,
            origin: text("origin", self.origin.as_ref())?,
            unit: text("unit", self.unit.as_ref())?,
            at,
            received,
            value: match &self.value {
                Values::Float(values) => values[row],
                Values::Whole(values) => values[row].map(|value| value as f64),
                Values::Text(_) | Values::Nanos(_) => None,
            },
            text: text("text", self.text.as_ref())?,
            quality,
            clock: read_clock(text("clock", self.clock.as_ref())?)?,
        })
    }
}

fn text_at<'v>(
    column: &'static str,
    values: Option<&'v Values>,
    row: usize,
) -> Result<&'v str, (String, String)> {
    let Some(Values::Text(texts)) = values else {
        return Ok("");
    };
    let bytes = texts[row].as_ref().map_or(&[][..], ByteArray::data);
    str::from_utf8(bytes).map_err(|_| {
        let message = format!("the text in `{column}` is not UTF-8");
        (message, "write texts as UTF-8".to_owned())
    })
}

fn time_at(
    column: &'static str,
    values: &Values,
    row: usize,
) -> Result<Option<Timestamp>, (String, String)> {
    match values {
        Values::Nanos(times) => match times[row].map(i64::try_from) {
            Some(Ok(nanos)) => Ok(Some(Timestamp::from_nanos(nanos))),
            Some(Err(_)) => Err((
                format!("the {column} is too far away"),
                "write times between 1677 and 2262".to_owned(),
            )),
            None => Ok(None),
        },
        other => match text_at(column, Some(other), row)? {
            "" => Ok(None),
            text => read_time(column, text).map(Some),
        },
    }
}

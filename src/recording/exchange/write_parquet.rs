//! Rows as Parquet: texts by dictionary, times by difference, compressed with Zstandard.
//!
//! Rows are held until a row group is full, so memory does not grow with the file.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use super::cell::{clock_text, state_text};
use super::draft::Draft;
use super::parquet_schema::{samples_metadata, samples_properties, samples_schema};
use super::{ExchangeError, RowSink, RowWriter};
use crate::recording::row::{Names, Row, Series, SeriesIndex};
use crate::signal::Clock;

/// Rows of a row group: some ten MiB in memory, and enough for a column to compress well.
const ROWS_PER_GROUP: usize = 200_000;

/// Begins to write rows as Parquet to `path`.
pub fn write_parquet(path: &Path) -> Result<impl RowWriter + use<>, ExchangeError> {
    let (draft, file) = Draft::create(path)?;
    let begin = || SerializedFileWriter::new(file, samples_schema()?, samples_properties()?);
    let parquet = begin().map_err(|source| refused(&draft, source))?;
    Ok(ParquetWriter {
        parquet,
        draft,
        names: Names::default(),
        rows: Vec::with_capacity(ROWS_PER_GROUP),
        written: 0,
    })
}

struct ParquetWriter {
    parquet: SerializedFileWriter<BufWriter<File>>,
    draft: Draft,
    /// All series so far, whatever names they came with.
    names: Names,
    /// The rows of the group that is being filled, by [`names`](Self::names).
    rows: Vec<Row>,
    written: u64,
}

impl RowSink for ParquetWriter {
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError> {
        let mut places: Vec<Option<SeriesIndex>> = vec![None; names.len()];
        for row in rows {
            let place = &mut places[row.series.index()];
            let series =
                *place.get_or_insert_with(|| self.names.add(names.get(row.series).clone()));
            self.rows.push(Row { series, ..*row });
            if self.rows.len() >= ROWS_PER_GROUP {
                self.write_group()?;
            }
        }
        self.written += rows.len() as u64;
        self.learn_states(names, &places);
        Ok(())
    }
}

impl RowWriter for ParquetWriter {
    fn finish(mut self: Box<Self>) -> Result<u64, ExchangeError> {
        self.write_group()?;
        for entry in samples_metadata(&self.names) {
            self.parquet.append_key_value_metadata(entry);
        }
        let Self {
            parquet,
            draft,
            written,
            ..
        } = *self;
        let file = parquet
            .into_inner()
            .map_err(|source| refused(&draft, source))?;
        draft.place(file)?;
        Ok(written)
    }
}

impl ParquetWriter {
    /// Takes over what became known of the states of series that were known before.
    fn learn_states(&mut self, names: &Names, places: &[Option<SeriesIndex>]) {
        let told = names.series().iter().zip(places);
        let news: Vec<_> = told
            .filter_map(|(series, place)| {
                let known = self.names.get((*place)?);
                (known.states != series.states).then(|| (known.name.clone(), series))
            })
            .collect();
        if news.is_empty() {
            return;
        }
        let mut learnt = Names::default();
        for known in self.names.series() {
            let named =
                |(name, other): &&(_, &Series)| *name == known.name && other.who == known.who;
            let states = match news.iter().find(named) {
                Some((_, series)) => merged(&known.states, &series.states),
                None => Arc::clone(&known.states),
            };
            learnt.add(Series {
                states,
                ..known.clone()
            });
        }
        self.names = learnt;
    }

    /// Writes the rows held as a row group, column by column.
    fn write_group(&mut self) -> Result<(), ExchangeError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let Self { parquet, rows, .. } = self;
        let names = &self.names;
        let texts = |of: &dyn Fn(&Series) -> &str| -> Vec<ByteArray> {
            // Each text once; copies share its bytes.
            let by_series = names
                .series()
                .iter()
                .map(|series| ByteArray::from(of(series)));
            let by_series: Vec<_> = by_series.collect();
            rows.iter()
                .map(|row| by_series[row.series.index()].clone())
                .collect()
        };
        let mut write = || {
            let mut group = parquet.next_row_group()?;
            write::<ByteArrayType>(&mut group, &texts(&|one| &one.name.tag))?;
            write::<ByteArrayType>(&mut group, &texts(&|one| &one.name.signal))?;
            write::<ByteArrayType>(&mut group, &texts(&|one| one.who.text()))?;
            write::<ByteArrayType>(&mut group, &texts(&|one| &one.unit))?;
            let source: Vec<_> = rows.iter().map(|row| row.at.nanos()).collect();
            write::<Int64Type>(&mut group, &source)?;
            let receive: Vec<_> = rows.iter().map(|row| row.received.nanos()).collect();
            write::<Int64Type>(&mut group, &receive)?;
            write_some::<DoubleType>(&mut group, rows.iter().map(|row| row.value))?;
            let states = rows.iter().map(|row| {
                let text = state_text(names.get(row.series), row.value);
                (!text.is_empty()).then(|| ByteArray::from(text))
            });
            write_some::<ByteArrayType>(&mut group, states)?;
            // A status code is 32 bits; Parquet's INT32 takes them as they are.
            let codes: Vec<_> = rows.iter().map(|row| row.quality.code() as i32).collect();
            write::<Int32Type>(&mut group, &codes)?;
            let [source, receiver] =
                [Clock::Source, Clock::Receiver].map(|clock| ByteArray::from(clock_text(clock)));
            let clocks = rows.iter().map(|row| match row.clock {
                Clock::Source => source.clone(),
                Clock::Receiver => receiver.clone(),
            });
            write::<ByteArrayType>(&mut group, &clocks.collect::<Vec<_>>())?;
            group.close()
        };
        write().map_err(|source| refused(&self.draft, source))?;
        self.rows.clear();
        Ok(())
    }
}

/// What either knows of the names of states.
fn merged(known: &[String], told: &[String]) -> Arc<[String]> {
    let count = known.len().max(told.len());
    let at = |names: &[String], place: usize| names.get(place).cloned().unwrap_or_default();
    (0..count)
        .map(|place| match at(known, place) {
            unnamed if unnamed.is_empty() => at(told, place),
            name => name,
        })
        .collect()
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    write_column::<T>(group, values, None)
}

/// Writes a column that may lack values.
fn write_some<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let mut values = Vec::new();
    let mut levels = Vec::new();
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    write_column::<T>(group, &values, Some(&levels))
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("more columns than the schema has".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

fn refused(draft: &Draft, source: ParquetError) -> ExchangeError {
    ExchangeError::Parquet {
        source,
        path: draft.target().to_owned(),
    }
}

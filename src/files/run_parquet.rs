//! A run as Parquet: the columns of the CSV, texts by dictionary, compressed with Snappy.
//!
//! Rows are held until a row group is full, so memory does not grow with the run.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::ExportError;
use super::draft::Draft;
use super::run::{COLUMNS, Member, RunRow, RunWriter};

/// Rows of a row group: a few MiB, and enough for a column to compress well.
const ROWS_PER_GROUP: usize = 100_000;

/// Begins to write a run as Parquet to `path`.
pub fn write_run_parquet(path: &Path) -> Result<impl RunWriter + use<>, ExportError> {
    let (draft, file) = Draft::create(path)?;
    let refused = |source| ExportError::Parquet {
        path: draft.target(),
        source,
    };
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(true)
        .set_created_by(concat!("parallax ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let schema = schema().map_err(refused)?;
    let parquet = SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(refused)?;
    Ok(RunParquet {
        parquet,
        draft,
        rows: Columns::default(),
        texts: HashMap::new(),
    })
}

/// The columns of [`COLUMNS`]; none of them is ever missing.
fn schema() -> Result<TypePtr, ParquetError> {
    let number = |name| {
        Type::primitive_type_builder(name, PhysicalType::DOUBLE)
            .with_repetition(Repetition::REQUIRED)
            .build()
    };
    let text = |name| {
        Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String))
            .build()
    };
    let [time_s, tag, signal, unit, member, value] = COLUMNS;
    let columns = [
        number(time_s)?,
        text(tag)?,
        text(signal)?,
        text(unit)?,
        text(member)?,
        number(value)?,
    ];
    let columns = columns.into_iter().map(Arc::new).collect();
    let run = Type::group_type_builder("run")
        .with_fields(columns)
        .build()?;
    Ok(Arc::new(run))
}

struct RunParquet {
    parquet: SerializedFileWriter<BufWriter<File>>,
    draft: Draft,
    rows: Columns,
    /// Each text once; copies share its bytes.
    texts: HashMap<String, ByteArray>,
}

/// The rows of the group that is being filled.
#[derive(Default)]
struct Columns {
    time_s: Vec<f64>,
    tag: Vec<ByteArray>,
    signal: Vec<ByteArray>,
    unit: Vec<ByteArray>,
    member: Vec<ByteArray>,
    value: Vec<f64>,
}

impl Columns {
    fn clear(&mut self) {
        self.time_s.clear();
        self.tag.clear();
        self.signal.clear();
        self.unit.clear();
        self.member.clear();
        self.value.clear();
    }
}

impl RunParquet {
    fn shared(&mut self, text: &str) -> ByteArray {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let bytes = ByteArray::from(text.as_bytes().to_vec());
        self.texts.insert(text.to_owned(), bytes.clone());
        bytes
    }

    fn member(&mut self, member: Member) -> ByteArray {
        match member {
            Member::P10 => self.shared("p10"),
            Member::P50 => self.shared("p50"),
            Member::P90 => self.shared("p90"),
            Member::Number(_) => self.shared(&member.to_string()),
        }
    }

    /// Writes the rows held as a row group.
    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.parquet.next_row_group()?;
        let rows = &self.rows;
        write_column::<DoubleType>(&mut group, &rows.time_s)?;
        for texts in [&rows.tag, &rows.signal, &rows.unit, &rows.member] {
            write_column::<ByteArrayType>(&mut group, texts)?;
        }
        write_column::<DoubleType>(&mut group, &rows.value)?;
        group.close()?;
        self.rows.clear();
        Ok(())
    }

    fn refused(&self, source: ParquetError) -> ExportError {
        ExportError::Parquet {
            path: self.draft.target(),
            source,
        }
    }
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("more columns than the schema has".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

impl RunWriter for RunParquet {
    fn write(&mut self, row: &RunRow<'_>) -> Result<(), ExportError> {
        let (tag, signal) = (self.shared(row.tag), self.shared(row.signal));
        let (unit, member) = (self.shared(row.unit), self.member(row.member));
        self.rows.time_s.push(row.time_s);
        self.rows.tag.push(tag);
        self.rows.signal.push(signal);
        self.rows.unit.push(unit);
        self.rows.member.push(member);
        self.rows.value.push(row.value);
        if self.rows.value.len() >= ROWS_PER_GROUP {
            self.write_group().map_err(|source| self.refused(source))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        if !self.rows.value.is_empty() {
            self.write_group().map_err(|source| self.refused(source))?;
        }
        let Self { parquet, draft, .. } = *self;
        let file = parquet
            .into_inner()
            .map_err(|source| ExportError::Parquet {
                path: draft.target(),
                source,
            })?;
        draft.place(file)
    }
}

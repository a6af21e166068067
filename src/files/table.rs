//! A table of numbers and texts as CSV and as Parquet.

use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::ExportError;
use super::draft::Draft;

/// A column of a table; all of one table are equally long.
#[derive(Clone, Debug, PartialEq)]
pub struct TableColumn {
    /// Its head.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Numbers; `None` is an empty cell.
    Numbers(Vec<Option<f64>>),
    /// Texts.
    Texts(Vec<String>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts(texts) => texts.len(),
        }
    }

    fn text(&self, row: usize) -> String {
        match self {
            Self::Numbers(numbers) => {
                let number = numbers.get(row).copied().flatten();
                number.map_or_else(String::new, |number| number.to_string())
            }
            Self::Texts(texts) => texts.get(row).cloned().unwrap_or_default(),
        }
    }
}

/// Writes a table as CSV. Numbers have as many digits as tell them from all others.
pub fn write_table_csv(path: &Path, columns: &[TableColumn]) -> Result<(), ExportError> {
    let (draft, file) = Draft::create(path)?;
    let refused = |source| ExportError::Csv {
        path: path.to_owned(),
        source,
    };
    let mut writer = csv::Writer::from_writer(file);
    let heads = columns.iter().map(|column| &column.name);
    writer.write_record(heads).map_err(refused)?;
    let rows = columns.first().map_or(0, |column| column.cells.len());
    for row in 0..rows {
        let cells = columns.iter().map(|column| column.cells.text(row));
        writer.write_record(cells).map_err(refused)?;
    }
    let file = writer
        .into_inner()
        .map_err(|error| refused(error.into_error().into()))?;
    draft.place(file)
}

/// Writes a table as Parquet: one row group, compressed with Snappy.
pub fn write_table_parquet(path: &Path, columns: &[TableColumn]) -> Result<(), ExportError> {
    let (draft, file) = Draft::create(path)?;
    let write = || {
        let fields = columns.iter().map(|column| {
            let builder = match column.cells {
                Cells::Numbers(_) => {
                    Type::primitive_type_builder(&column.name, PhysicalType::DOUBLE)
                        .with_repetition(Repetition::OPTIONAL)
                }
                Cells::Texts(_) => {
                    Type::primitive_type_builder(&column.name, PhysicalType::BYTE_ARRAY)
                        .with_repetition(Repetition::REQUIRED)
                        .with_logical_type(Some(LogicalType::String))
                }
            };
            builder.build().map(Arc::new)
        });
        let fields = fields.collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("table")
            .with_fields(fields)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("parallax ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let mut parquet = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
        let mut group = parquet.next_row_group()?;
        for column in columns {
            write_column(&mut group, &column.cells)?;
        }
        group.close()?;
        parquet.into_inner()
    };
    let file = write().map_err(|source| ExportError::Parquet {
        path: path.to_owned(),
        source,
    })?;
    draft.place(file)
}

fn write_column<W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: &Cells,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("more columns than the schema has".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    match cells {
        Cells::Numbers(numbers) => {
            let levels: Vec<i16> = numbers.iter().map(|one| i16::from(one.is_some())).collect();
            let known: Vec<f64> = numbers.iter().flatten().copied().collect();
            let typed = column.typed::<DoubleType>();
            typed.write_batch(&known, Some(&levels), None)?;
        }
        Cells::Texts(texts) => {
            let texts: Vec<_> = texts
                .iter()
                .map(|text| ByteArray::from(text.as_bytes().to_vec()))
                .collect();
            column
                .typed::<ByteArrayType>()
                .write_batch(&texts, None, None)?;
        }
    }
    column.close()
}
